// RUN: attn-opt %s --attn-print-mask="rows=6 cols=8" -o /dev/null | FileCheck %s --strict-whitespace
// RUN: attn-opt %s --attn-print-mask="rows=2 cols=4 offset=5" -o /dev/null | FileCheck %s --check-prefix=OFFSET
// RUN: attn-opt %s --attn-print-mask="rows=256 cols=512 tile-rows=64 tile-cols=64" -o /dev/null | FileCheck %s --check-prefix=TILES
// RUN: attn-opt %s --attn-print-mask="rows=2 cols=4 head=1" -o /dev/null | FileCheck %s --check-prefix=HEAD
// RUN: attn-opt %s --attn-print-mask="rows=1048576 cols=1048576 tile-rows=262144 tile-cols=131072" -o /dev/null | FileCheck %s --check-prefix=LARGE
// RUN: not attn-opt %s --attn-print-mask="rows=0 cols=3" -o /dev/null 2>&1 | FileCheck %s --check-prefix=NONE
// RUN: not attn-opt %s --attn-print-mask="rows=1000000000 cols=999999999 tile-cols=77" -o /dev/null 2>&1 | FileCheck %s --check-prefix=MANY
// RUN: not attn-opt %s --attn-print-mask="rows=4097 cols=4096" -o /dev/null 2>&1 | FileCheck %s --check-prefix=MORE
// RUN: not attn-opt %s --attn-print-mask="rows=5 cols=3 tile-rows=-2" -o /dev/null 2>&1 | FileCheck %s --check-prefix=TILE

// NONE: error: expected a picture of 1 to 16777216 letters and tiles of at least 1, got 0 x 3 in tiles of 1 x 1{{$}}
// MANY: error: expected a picture of 1 to 16777216 letters and tiles of at least 1, got 1000000000 x 999999999 in tiles of 1 x 77{{$}}
// MORE: error: expected a picture of 1 to 16777216 letters and tiles of at least 1, got 4097 x 4096 in tiles of 1 x 1{{$}}
// TILE: error: expected a picture of 1 to 16777216 letters and tiles of at least 1, got 5 x 3 in tiles of -2 x 1{{$}}

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
// Only letters are counted, not what they stand for.
// LARGE: #attn.window<3>
// LARGE-NEXT: {{^}}++......
// LARGE-NEXT: {{^}}.+++....
// LARGE-NEXT: {{^}}...+++..
// LARGE-NEXT: {{^}}.....+++
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

// What repeats: the last 64 of every 256 keys.
// TILES: #attn.affine<
// TILES-NEXT: {{^}}...#...#
// TILES-NEXT: {{^}}...#...#
func.func @repeats(%q: tensor<1x2x8x4xf32>) -> tensor<1x2x8x4xf32> {
  %r = attn.attention %q, %q, %q outs(%q) scale(1.0) mask(affine<"(b, h, i, j) : (j mod 256 - 192 >= 0)">)
    : tensor<1x2x8x4xf32>, tensor<1x2x8x4xf32>, tensor<1x2x8x4xf32> -> tensor<1x2x8x4xf32>
  return %r : tensor<1x2x8x4xf32>
}

// Terms that hold for different queries of a tile, and for none together.
// TILES: #attn.and<causal, not<chunk<64>>>
// TILES-NEXT: {{^}}........
// TILES-NEXT: {{^}}#.......
// TILES-NEXT: {{^}}##......
func.func @crossing(%q: tensor<1x2x8x4xf32>) -> tensor<1x2x8x4xf32> {
  %r = attn.attention %q, %q, %q outs(%q) scale(1.0) mask(and<causal, not<chunk<64>>>)
    : tensor<1x2x8x4xf32>, tensor<1x2x8x4xf32>, tensor<1x2x8x4xf32> -> tensor<1x2x8x4xf32>
  return %r : tensor<1x2x8x4xf32>
}
