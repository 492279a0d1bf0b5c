// RUN: attn-opt %s --attn-print-mask="rows=3 cols=8 offset=4 parameters=4" -o /dev/null | FileCheck %s
// RUN: attn-opt %s --attn-print-mask="rows=64 cols=384 tile-rows=64 tile-cols=64 offset=200 parameters=200" -o /dev/null | FileCheck %s --check-prefix=TILES
// RUN: not attn-opt %s --attn-print-mask="rows=3 cols=6" -o /dev/null 2>&1 | FileCheck %s --check-prefix=FEW

// Everything before the tree is seen; in it, bits say.
// CHECK: #attn.tree
// CHECK-NEXT:{{^}}####????
// CHECK-NEXT:{{^}}####????
// CHECK-NEXT:{{^}}####????

// TILES: #attn.tree
// TILES-NEXT:{{^}}###+++

// FEW: error: expected 1 parameters of its mask, got 0
func.func @tree(%q: tensor<1x1x3x4xf32>, %n: tensor<1x1x1xi32>, %a: tensor<1x3x1xi32>) -> tensor<1x1x3x4xf32> {
  %r = attn.attention %q, %q, %q outs(%q) scale(1.0) mask(tree) parameters(%n : tensor<1x1x1xi32>) ancestors(%a : tensor<1x3x1xi32>)
    : tensor<1x1x3x4xf32>, tensor<1x1x3x4xf32>, tensor<1x1x3x4xf32> -> tensor<1x1x3x4xf32>
  return %r : tensor<1x1x3x4xf32>
}

// Not an ancestor: nothing before the tree.
// CHECK: #attn.and<not<tree>, causal>
// CHECK-NEXT:{{^}}....?...
// CHECK-NEXT:{{^}}....??..
// CHECK-NEXT:{{^}}....???.

// TILES: #attn.and<not<tree>, causal>
// TILES-NEXT:{{^}}...++.
func.func @others(%q: tensor<1x1x3x4xf32>, %n: tensor<1x1x1xi32>, %a: tensor<1x3x1xi32>) -> tensor<1x1x3x4xf32> {
  %r = attn.attention %q, %q, %q outs(%q) scale(1.0) mask(and<not<tree>, causal>) parameters(%n : tensor<1x1x1xi32>) ancestors(%a : tensor<1x3x1xi32>)
    : tensor<1x1x3x4xf32>, tensor<1x1x3x4xf32>, tensor<1x1x3x4xf32> -> tensor<1x1x3x4xf32>
  return %r : tensor<1x1x3x4xf32>
}
