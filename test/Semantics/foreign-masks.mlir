// RUN: split-file %s %t
// RUN: attn-opt %t/same.mlir %oracle | %run
// RUN: attn-opt %t/same.mlir %compiler | %run
// RUN: attn-opt %t/other.mlir %oracle | not %run | FileCheck %t/other.mlir
// RUN: attn-opt %t/other.mlir %compiler | not %run | FileCheck %t/other.mlir

// A mask of another dialect is what its formula says, by itself and in masks of
// attn: #check.band<w> is or<window<w>, segment>.

//--- same.mlir
func.func private @itself() {
  %q = arith.constant dense<[[[[-0.25, -1.0], [0.75, 1.75], [-1.5, -2.0], [1.75, 0.0], [-0.25, -0.5]], [[1.75, 1.75], [1.0, -1.0], [-0.25, -1.0], [2.0, 1.0], [-2.0, -1.5]]]]> : tensor<1x2x5x2xf32>
  %k = arith.constant dense<[[[[-0.75, -1.75], [0.25, -2.0], [0.0, 1.75], [1.0, 1.25], [1.0, 1.5], [-1.0, 0.75]], [[-1.25, -1.75], [-1.0, 1.75], [-0.5, 0.0], [1.25, 0.25], [1.25, 2.0], [1.0, 0.75]]]]> : tensor<1x2x6x2xf32>
  %v = arith.constant dense<[[[[1.25, -0.25, 0.5], [-2.0, 0.0, -0.75], [0.5, -1.25, -0.5], [0.0, 0.25, -1.25], [-1.5, 1.75, 1.75], [-1.5, 0.75, -1.5]], [[1.25, -1.0, -2.0], [0.25, 1.25, 1.25], [-1.25, -1.75, -1.75], [1.0, 0.5, 0.0], [2.0, -0.25, -1.75], [0.25, -2.0, -1.5]]]]> : tensor<1x2x6x3xf32>
  %qs = arith.constant dense<[[0, 1, 1, 2, 0]]> : tensor<1x5xi32>
  %ks = arith.constant dense<[[3, 0, 1, 2, 2, 0]]> : tensor<1x6xi32>
  %e = tensor.empty() : tensor<1x2x5x3xf32>
  %a = attn.attention %q, %k, %v outs(%e) scale(0.5) mask(#check.band<2>) segments(%qs, %ks : tensor<1x5xi32>, tensor<1x6xi32>)
    : tensor<1x2x5x2xf32>, tensor<1x2x6x2xf32>, tensor<1x2x6x3xf32> -> tensor<1x2x5x3xf32>
  %b = attn.attention %q, %k, %v outs(%e) scale(0.5) mask(#attn.or<window<2>, segment>) segments(%qs, %ks : tensor<1x5xi32>, tensor<1x6xi32>)
    : tensor<1x2x5x2xf32>, tensor<1x2x6x2xf32>, tensor<1x2x6x3xf32> -> tensor<1x2x5x3xf32>
  check.expect_close %a, %b tolerance(1.0e-06) : tensor<1x2x5x3xf32>, tensor<1x2x5x3xf32>
  return
}

func.func private @inside() {
  %q = arith.constant dense<[[[[-0.25, -1.0], [0.75, 1.75], [-1.5, -2.0], [1.75, 0.0], [-0.25, -0.5]], [[1.75, 1.75], [1.0, -1.0], [-0.25, -1.0], [2.0, 1.0], [-2.0, -1.5]]]]> : tensor<1x2x5x2xf32>
  %k = arith.constant dense<[[[[-0.75, -1.75], [0.25, -2.0], [0.0, 1.75], [1.0, 1.25], [1.0, 1.5], [-1.0, 0.75]], [[-1.25, -1.75], [-1.0, 1.75], [-0.5, 0.0], [1.25, 0.25], [1.25, 2.0], [1.0, 0.75]]]]> : tensor<1x2x6x2xf32>
  %v = arith.constant dense<[[[[1.25, -0.25, 0.5], [-2.0, 0.0, -0.75], [0.5, -1.25, -0.5], [0.0, 0.25, -1.25], [-1.5, 1.75, 1.75], [-1.5, 0.75, -1.5]], [[1.25, -1.0, -2.0], [0.25, 1.25, 1.25], [-1.25, -1.75, -1.75], [1.0, 0.5, 0.0], [2.0, -0.25, -1.75], [0.25, -2.0, -1.5]]]]> : tensor<1x2x6x3xf32>
  %qs = arith.constant dense<[[0, 1, 1, 2, 0]]> : tensor<1x5xi32>
  %ks = arith.constant dense<[[3, 0, 1, 2, 2, 0]]> : tensor<1x6xi32>
  %e = tensor.empty() : tensor<1x2x5x3xf32>
  %a = attn.attention %q, %k, %v outs(%e) scale(0.5) mask(#attn.and<causal, not<#check.band<2>>>) segments(%qs, %ks : tensor<1x5xi32>, tensor<1x6xi32>)
    : tensor<1x2x5x2xf32>, tensor<1x2x6x2xf32>, tensor<1x2x6x3xf32> -> tensor<1x2x5x3xf32>
  %b = attn.attention %q, %k, %v outs(%e) scale(0.5) mask(#attn.and<causal, not<window<2>>, not<segment>>) segments(%qs, %ks : tensor<1x5xi32>, tensor<1x6xi32>)
    : tensor<1x2x5x2xf32>, tensor<1x2x6x2xf32>, tensor<1x2x6x3xf32> -> tensor<1x2x5x3xf32>
  check.expect_close %a, %b tolerance(1.0e-06) : tensor<1x2x5x3xf32>, tensor<1x2x5x3xf32>
  return
}

func.func @main() {
  call @itself() : () -> ()
  call @inside() : () -> ()
  return
}

//--- other.mlir
// CHECK: elements differ
func.func @main() {
  %q = arith.constant dense<[[[[-0.25, -1.0], [0.75, 1.75], [-1.5, -2.0], [1.75, 0.0], [-0.25, -0.5]], [[1.75, 1.75], [1.0, -1.0], [-0.25, -1.0], [2.0, 1.0], [-2.0, -1.5]]]]> : tensor<1x2x5x2xf32>
  %k = arith.constant dense<[[[[-0.75, -1.75], [0.25, -2.0], [0.0, 1.75], [1.0, 1.25], [1.0, 1.5], [-1.0, 0.75]], [[-1.25, -1.75], [-1.0, 1.75], [-0.5, 0.0], [1.25, 0.25], [1.25, 2.0], [1.0, 0.75]]]]> : tensor<1x2x6x2xf32>
  %v = arith.constant dense<[[[[1.25, -0.25, 0.5], [-2.0, 0.0, -0.75], [0.5, -1.25, -0.5], [0.0, 0.25, -1.25], [-1.5, 1.75, 1.75], [-1.5, 0.75, -1.5]], [[1.25, -1.0, -2.0], [0.25, 1.25, 1.25], [-1.25, -1.75, -1.75], [1.0, 0.5, 0.0], [2.0, -0.25, -1.75], [0.25, -2.0, -1.5]]]]> : tensor<1x2x6x3xf32>
  %qs = arith.constant dense<[[0, 1, 1, 2, 0]]> : tensor<1x5xi32>
  %ks = arith.constant dense<[[3, 0, 1, 2, 2, 0]]> : tensor<1x6xi32>
  %e = tensor.empty() : tensor<1x2x5x3xf32>
  %a = attn.attention %q, %k, %v outs(%e) scale(0.5) mask(#check.band<3>) segments(%qs, %ks : tensor<1x5xi32>, tensor<1x6xi32>)
    : tensor<1x2x5x2xf32>, tensor<1x2x6x2xf32>, tensor<1x2x6x3xf32> -> tensor<1x2x5x3xf32>
  %b = attn.attention %q, %k, %v outs(%e) scale(0.5) mask(#attn.or<window<2>, segment>) segments(%qs, %ks : tensor<1x5xi32>, tensor<1x6xi32>)
    : tensor<1x2x5x2xf32>, tensor<1x2x6x2xf32>, tensor<1x2x6x3xf32> -> tensor<1x2x5x3xf32>
  check.expect_close %a, %b tolerance(1.0e-06) : tensor<1x2x5x3xf32>, tensor<1x2x5x3xf32>
  return
}
