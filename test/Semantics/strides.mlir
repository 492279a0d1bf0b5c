// RUN: attn-opt %s %oracle | %run
// RUN: attn-opt %s %compiler | %run

// Any layout whose innermost dimension is contiguous gives the same result: slices
// with steps, of operands and of the destination.

// Every second row of a longer tensor, every second head of a wider one.
func.func private @operands() {
  %q = arith.constant dense<[[[[0.0, 0.25], [-0.25, -1.0]], [[-0.5, -1.0], [0.0, 1.25]]]]> : tensor<1x2x2x2xf32>
  %k = arith.constant dense<[[[[-1.75, -1.25], [-1.25, -0.25], [-2.25, -0.25], [-1.0, 1.0], [1.0, 1.5]], [[0.75, -0.0], [0.75, 1.5], [-0.75, 0.5], [-0.0, 1.5], [-0.75, -0.25]], [[0.25, 0.25], [-1.75, 0.25], [-0.0, -0.25], [-0.25, 0.25], [-1.75, 1.5]]]]> : tensor<1x3x5x2xf32>
  %v = arith.constant dense<[[[[1.0, 9.0], [2.0, 9.0], [4.0, 9.0]]], [[[9.0, 9.0], [9.0, 9.0], [9.0, 9.0]]]]> : tensor<2x1x3x2xf32>
  %qs = tensor.extract_slice %q[0, 1, 0, 0] [1, 1, 2, 2] [1, 1, 1, 1] : tensor<1x2x2x2xf32> to tensor<1x1x2x2xf32>
  %ks = tensor.extract_slice %k[0, 2, 0, 0] [1, 1, 3, 2] [1, 1, 2, 1] : tensor<1x3x5x2xf32> to tensor<1x1x3x2xf32>
  %vs = tensor.extract_slice %v[0, 0, 0, 0] [1, 1, 3, 1] [1, 1, 1, 1] : tensor<2x1x3x2xf32> to tensor<1x1x3x1xf32>
  %e = tensor.empty() : tensor<1x1x2x1xf32>
  %r = attn.attention %qs, %ks, %vs outs(%e) scale(0.5) mask(#attn.causal) align(bottom_right)
    : tensor<1x1x2x2xf32>, tensor<1x1x3x2xf32>, tensor<1x1x3x1xf32> -> tensor<1x1x2x1xf32>
  check.expect_close_const %r, dense<[[[[1.577495], [2.860204]]]]> : tensor<1x1x2x1xf32> tolerance(1.0e-05) : tensor<1x1x2x1xf32>
  return
}

// The result goes to every second row of the second head; what is around it stays.
func.func private @destination() {
  %q = arith.constant dense<[[[[0.25, 0.75], [0.25, -1.25]]]]> : tensor<1x1x2x2xf32>
  %k = arith.constant dense<[[[[0.25, -0.5], [-0.5, -2.5], [1.75, 1.25]]]]> : tensor<1x1x3x2xf32>
  %v = arith.constant dense<[[[[2.0, -2.5], [0.5, -0.5], [-0.5, -0.25]]]]> : tensor<1x1x3x2xf32>
  %o = arith.constant dense<7.0> : tensor<1x2x4x3xf32>
  %d = tensor.extract_slice %o[0, 1, 0, 0] [1, 1, 2, 2] [1, 1, 2, 1] : tensor<1x2x4x3xf32> to tensor<1x1x2x2xf32>
  %r = attn.attention %q, %k, %v outs(%d) scale(0.5)
    : tensor<1x1x2x2xf32>, tensor<1x1x3x2xf32>, tensor<1x1x3x2xf32> -> tensor<1x1x2x2xf32>
  %w = tensor.insert_slice %r into %o[0, 1, 0, 0] [1, 1, 2, 2] [1, 1, 2, 1] : tensor<1x1x2x2xf32> into tensor<1x2x4x3xf32>
  check.expect_close_const %w, dense<[[[[7.0, 7.0, 7.0], [7.0, 7.0, 7.0], [7.0, 7.0, 7.0], [7.0, 7.0, 7.0]], [[0.280284, -0.8778084, 7.0], [7.0, 7.0, 7.0], [0.7391873, -0.9144431, 7.0], [7.0, 7.0, 7.0]]]]> : tensor<1x2x4x3xf32> tolerance(1.0e-05) : tensor<1x2x4x3xf32>
  return
}

func.func @main() {
  call @operands() : () -> ()
  call @destination() : () -> ()
  return
}
