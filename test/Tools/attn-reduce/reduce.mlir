// RUN: attn-reduce %s --reduction-tree="traversal-mode=0 test=%S/Inputs/has-attention.sh" | FileCheck %s
// RUN: attn-reduce --help | FileCheck %s --check-prefix=HELP

// Only the function with the attention is left.
// CHECK-NOT: @first
// CHECK:     func.func @second
// CHECK:     attn.attention
// CHECK-NOT: @third
// HELP:      --reduction-tree
func.func @first(%a: f32) -> f32 {
  %b = arith.addf %a, %a : f32
  return %b : f32
}
func.func @second(%q: tensor<1x1x4x8xf32>, %o: tensor<1x1x4x8xf32>) -> tensor<1x1x4x8xf32> {
  %r = attn.attention %q, %q, %q outs(%o) scale(1.0)
    : tensor<1x1x4x8xf32>, tensor<1x1x4x8xf32>, tensor<1x1x4x8xf32> -> tensor<1x1x4x8xf32>
  return %r : tensor<1x1x4x8xf32>
}
func.func @third(%a: i32) -> i32 {
  %b = arith.muli %a, %a : i32
  return %b : i32
}
