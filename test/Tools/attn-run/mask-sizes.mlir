// What a mask and a region read has to fit the sizes of the call.

// RUN: not attn-run %s --entry=segments --input=@iota --input=@iota --input=@iota --dims=6,5,6 2>&1 | FileCheck %s --check-prefix=QUERIES
// QUERIES: mask-sizes.mlir:[[# @LINE + 7]]:8: error: 'attn.attention' op C10: expected query segments of shape 1 x 6 and type 'i32', got 'tensor<1x5xi32>'
// RUN: not attn-run %s --entry=segments --input=@iota --input=@iota --input=@iota --dims=6,6,7 2>&1 | FileCheck %s --check-prefix=KEYS
// KEYS: mask-sizes.mlir:[[# @LINE + 5]]:8: error: 'attn.attention' op C10: expected key segments of shape 1 x 6 and type 'i32', got 'tensor<1x7xi32>'
func.func @segments(%q: tensor<1x1x?x8xf32>, %s: tensor<1x?xi32>, %t: tensor<1x?xi32>) -> tensor<1x1x?x8xf32> {
  %c2 = arith.constant 2 : index
  %n = tensor.dim %q, %c2 : tensor<1x1x?x8xf32>
  %e = tensor.empty(%n) : tensor<1x1x?x8xf32>
  %r = attn.attention %q, %q, %q outs(%e) scale(1.0) mask(segment) segments(%s, %t : tensor<1x?xi32>, tensor<1x?xi32>)
    : tensor<1x1x?x8xf32>, tensor<1x1x?x8xf32>, tensor<1x1x?x8xf32> -> tensor<1x1x?x8xf32>
  return %r : tensor<1x1x?x8xf32>
}

// RUN: not attn-run %s --entry=tree --input=@iota --input=@iota --input=@iota --dims=40,3,1,40,2 2>&1 | FileCheck %s --check-prefix=HEADS
// HEADS: mask-sizes.mlir:[[# @LINE + 9]]:8: error: 'attn.attention' op C23: expected parameters of shape 1 or 1 x 1 or 2 x 1 or more and type i32, got 'tensor<1x3x1xi32>'
// RUN: not attn-run %s --entry=tree --input=@iota --input=@iota --input=@iota --dims=40,1,0,40,2 2>&1 | FileCheck %s --check-prefix=NONE
// NONE: mask-sizes.mlir:[[# @LINE + 7]]:8: error: 'attn.attention' op C23: expected parameters of shape 1 or 1 x 1 or 2 x 1 or more and type i32, got 'tensor<1x1x0xi32>'
// RUN: not attn-run %s --entry=tree --input=@iota --input=@iota --input=@iota --dims=40,1,1,40,1 2>&1 | FileCheck %s --check-prefix=WORDS
// WORDS: mask-sizes.mlir:[[# @LINE + 5]]:8: error: 'attn.attention' op C24: expected ancestors with a bit for each of 40 queries, got 1 words of 32
func.func @tree(%q: tensor<1x2x?x8xf32>, %p: tensor<1x?x?xi32>, %a: tensor<1x?x?xi32>) -> tensor<1x2x?x8xf32> {
  %c2 = arith.constant 2 : index
  %n = tensor.dim %q, %c2 : tensor<1x2x?x8xf32>
  %e = tensor.empty(%n) : tensor<1x2x?x8xf32>
  %r = attn.attention %q, %q, %q outs(%e) scale(1.0) mask(tree) parameters(%p : tensor<1x?x?xi32>) ancestors(%a : tensor<1x?x?xi32>)
    : tensor<1x2x?x8xf32>, tensor<1x2x?x8xf32>, tensor<1x2x?x8xf32> -> tensor<1x2x?x8xf32>
  return %r : tensor<1x2x?x8xf32>
}

// RUN: not attn-run %s --entry=table --input=@iota --input=@const:1 --dims=6,5 2>&1 | FileCheck %s --check-prefix=TABLE
// TABLE: mask-sizes.mlir:[[# @LINE + 7]]:10: error: C25: reads dimension 0 of 'tensor<5xi1>' at j = 5
func.func @table(%q: tensor<1x1x?x8xf32>, %t: tensor<?xi1>) -> tensor<1x1x?x8xf32> {
  %c2 = arith.constant 2 : index
  %n = tensor.dim %q, %c2 : tensor<1x1x?x8xf32>
  %e = tensor.empty(%n) : tensor<1x1x?x8xf32>
  %r = attn.attention %q, %q, %q outs(%e) scale(1.0) mask(causal) where {
  ^bb0(%b: index, %h: index, %i: index, %j: index):
    %y = tensor.extract %t[%j] : tensor<?xi1>
    attn.yield %y : i1
  }
    : tensor<1x1x?x8xf32>, tensor<1x1x?x8xf32>, tensor<1x1x?x8xf32> -> tensor<1x1x?x8xf32>
  return %r : tensor<1x1x?x8xf32>
}

// A mask that is never true is no error: nothing is seen.
// RUN: attn-run %s --entry=nothing --input=@iota --dims=2 --print --check | FileCheck %s --check-prefix=NOTHING
// NOTHING: [0, 0, 0, 0], [0, 0, 0, 0]
// NOTHING: ok
func.func @nothing(%q: tensor<1x1x?x4xf32>) -> tensor<1x1x?x4xf32> {
  %c2 = arith.constant 2 : index
  %n = tensor.dim %q, %c2 : tensor<1x1x?x4xf32>
  %e = tensor.empty(%n) : tensor<1x1x?x4xf32>
  %r = attn.attention %q, %q, %q outs(%e) scale(1.0) mask(and<causal, not<window<100>>, affine<"(b, h, i, j) : (j - i - 1 >= 0)">>)
    : tensor<1x1x?x4xf32>, tensor<1x1x?x4xf32>, tensor<1x1x?x4xf32> -> tensor<1x1x?x4xf32>
  return %r : tensor<1x1x?x4xf32>
}
