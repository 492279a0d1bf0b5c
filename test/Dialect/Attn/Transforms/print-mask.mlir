// RUN: attn-opt %s --attn-print-mask="rows=6 cols=8" -o /dev/null | FileCheck %s --strict-whitespace
// RUN: attn-opt %s --attn-print-mask="rows=2 cols=4 offset=5" -o /dev/null | FileCheck %s --check-prefix=OFFSET
// RUN: attn-opt %s --attn-print-mask="rows=256 cols=512 tile-rows=64 tile-cols=64" -o /dev/null | FileCheck %s --check-prefix=TILES
// RUN: attn-opt %s --attn-print-mask="rows=2 cols=4 head=1" -o /dev/null | FileCheck %s --check-prefix=HEAD
// RUN: not attn-opt %s --attn-print-mask="rows=0" -o /dev/null 2>&1 | FileCheck %s --check-prefix=BAD
// RUN: not attn-opt %s --attn-print-mask="rows=1000000000 cols=1000000000" -o /dev/null 2>&1 | FileCheck %s --check-prefix=BAD

// BAD: error: expected a picture of 1 to 16777216 positions

// CHECK: #attn.window<3>
// CHECK-NEXT:{{^}}#.......
// CHECK-NEXT:{{^}}##......
// CHECK-NEXT:{{^}}###.....
// CHECK-NEXT:{{^}}.###....
// CHECK-NEXT:{{^}}..###...
// CHECK-NEXT:{{^}}...###..

// OFFSET: #attn.window<3>
// OFFSET-NEXT: {{^}}...#
// OFFSET-NEXT: {{^}}....

// Letters are tiles; what is known of them does not depend on the length.
// TILES: #attn.window<3>
// TILES-NEXT: {{^}}+.......
// TILES-NEXT: {{^}}++......
// TILES-NEXT: {{^}}.++.....
// TILES-NEXT: {{^}}..++....
func.func @window(%q: tensor<1x2x8x4xf32>) -> tensor<1x2x8x4xf32> {
  %r = attn.attention %q, %q, %q outs(%q) scale(1.0) mask(window<3>)
    : tensor<1x2x8x4xf32>, tensor<1x2x8x4xf32>, tensor<1x2x8x4xf32> -> tensor<1x2x8x4xf32>
  return %r : tensor<1x2x8x4xf32>
}

// Run-time ids decide.
// CHECK: #attn.and<causal, segment>
// CHECK-NEXT:{{^}}?.......
// CHECK-NEXT:{{^}}??......
func.func @segments(%q: tensor<1x2x8x4xf32>, %s: tensor<1x8xi32>) -> tensor<1x2x8x4xf32> {
  %r = attn.attention %q, %q, %q outs(%q) scale(1.0) mask(and<causal, segment>)
    segments(%s, %s : tensor<1x8xi32>, tensor<1x8xi32>)
    : tensor<1x2x8x4xf32>, tensor<1x2x8x4xf32>, tensor<1x2x8x4xf32> -> tensor<1x2x8x4xf32>
  return %r : tensor<1x2x8x4xf32>
}

// TILES: #attn.per_head<causal, prefix<200>>
// TILES-NEXT: {{^}}+.......
// TILES-NEXT: {{^}}#+......
// TILES-NEXT: {{^}}##+.....
// HEAD: #attn.per_head<causal, prefix<200>>
// HEAD-NEXT: {{^}}####
// HEAD-NEXT: {{^}}####
func.func @heads(%q: tensor<1x2x8x4xf32>) -> tensor<1x2x8x4xf32> {
  %r = attn.attention %q, %q, %q outs(%q) scale(1.0) mask(per_head<causal, prefix<200>>)
    : tensor<1x2x8x4xf32>, tensor<1x2x8x4xf32>, tensor<1x2x8x4xf32> -> tensor<1x2x8x4xf32>
  return %r : tensor<1x2x8x4xf32>
}
