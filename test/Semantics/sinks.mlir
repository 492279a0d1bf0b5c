// RUN: attn-opt %s %oracle | %run
// RUN: attn-opt %s --transform-preload-library=transform-library-paths=%S/Inputs/decompose.mlir --transform-interpreter %oracle | %run

// A sink is one more term of the denominator of its head, with no value; lse
// includes it.

func.func private @sinks() {
  %q = arith.constant dense<[[[[-0.5, -0.5], [0.0, 1.25]], [[-0.25, -1.0], [-0.75, 1.75]], [[-0.25, -1.25], [-0.25, 0.25]], [[0.25, 1.75], [-0.25, -1.5]]], [[[1.5, 0.25], [0.25, -0.75]], [[-1.0, 1.5], [-1.5, -0.5]], [[-1.25, 1.5], [0.25, -0.75]], [[0.75, 2.0], [-1.0, -1.0]]]]> : tensor<2x4x2x2xf32>
  %k = arith.constant dense<[[[[-0.75, 0.25], [-0.0, -0.0], [0.25, 0.75]], [[0.25, 0.25], [-1.25, 0.5], [-0.25, 1.0]]], [[[1.25, -1.75], [1.25, -0.75], [-1.0, -0.25]], [[0.25, 1.0], [2.75, -1.5], [-0.25, 0.5]]]]> : tensor<2x2x3x2xf32>
  %v = arith.constant dense<[[[[0.0], [-0.75], [1.0]], [[-1.0], [-1.25], [0.5]]], [[[1.25], [1.25], [1.25]], [[0.5], [-0.25], [0.5]]]]> : tensor<2x2x3x1xf32>
  %sink = arith.constant dense<[0.5, -2.0, 6.0, 0xFF800000]> : tensor<4xf32>
  %e = tensor.empty() : tensor<2x4x2x1xf32>
  %l = tensor.empty() : tensor<2x4x2xf32>
  %r:2 = attn.attention %q, %k, %v outs(%e, %l) scale(0.5)
    sink(%sink : tensor<4xf32>)
    : tensor<2x4x2x2xf32>, tensor<2x2x3x2xf32>, tensor<2x2x3x1xf32> -> tensor<2x4x2x1xf32>, tensor<2x4x2xf32>
  check.expect_close_const %r#0, dense<[[[[0.006315033], [0.156577]], [[-0.03026528], [0.221421]], [[-0.003998577], [-0.004844851]], [[-0.3602584], [-0.7468681]]], [[[0.9321309], [0.9290033]], [[1.163301], [1.201217]], [[0.004278538], [0.0003376359]], [[0.4081963], [0.2944485]]]]> : tensor<2x4x2x1xf32> tolerance(1.0e-05) : tensor<2x4x2x1xf32>
  check.expect_close_const %r#1, dense<[[[1.51747, 1.689327], [1.019104, 1.512731], [6.005529, 6.008426], [1.596126, 0.7392701]], [[1.869259, 1.859468], [0.6684546, 1.243511], [6.00881, 6.009836], [1.631671, 0.6693768]]]> : tensor<2x4x2xf32> tolerance(1.0e-05) : tensor<2x4x2xf32>
  return
}

func.func private @masked() {
  %q = arith.constant dense<[[[[-0.5, -0.5], [0.0, 1.25]], [[-0.25, -1.0], [-0.75, 1.75]], [[-0.25, -1.25], [-0.25, 0.25]], [[0.25, 1.75], [-0.25, -1.5]]], [[[1.5, 0.25], [0.25, -0.75]], [[-1.0, 1.5], [-1.5, -0.5]], [[-1.25, 1.5], [0.25, -0.75]], [[0.75, 2.0], [-1.0, -1.0]]]]> : tensor<2x4x2x2xf32>
  %k = arith.constant dense<[[[[-0.75, 0.25], [-0.0, -0.0], [0.25, 0.75]], [[0.25, 0.25], [-1.25, 0.5], [-0.25, 1.0]]], [[[1.25, -1.75], [1.25, -0.75], [-1.0, -0.25]], [[0.25, 1.0], [2.75, -1.5], [-0.25, 0.5]]]]> : tensor<2x2x3x2xf32>
  %v = arith.constant dense<[[[[0.0], [-0.75], [1.0]], [[-1.0], [-1.25], [0.5]]], [[[1.25], [1.25], [1.25]], [[0.5], [-0.25], [0.5]]]]> : tensor<2x2x3x1xf32>
  %sink = arith.constant dense<[0.5, -2.0, 6.0, 0xFF800000]> : tensor<4xf32>
  %e = tensor.empty() : tensor<2x4x2x1xf32>
  %l = tensor.empty() : tensor<2x4x2xf32>
  %r:2 = attn.attention %q, %k, %v outs(%e, %l) scale(0.5)
    mask(#attn.causal) sink(%sink : tensor<4xf32>)
    : tensor<2x4x2x2xf32>, tensor<2x2x3x2xf32>, tensor<2x2x3x1xf32> -> tensor<2x4x2x1xf32>, tensor<2x4x2xf32>
  check.expect_close_const %r#0, dense<[[[[0.0], [-0.1964462]], [[0.0], [-0.2693911]], [[-0.002050744], [-0.006299774]], [[-1.0], [-1.125]]], [[[0.6930881], [0.8719283]], [[0.6445249], [1.110678]], [[0.002234192], [-0.000649765]], [[0.5], [0.125]]]]> : tensor<2x4x2x1xf32> tolerance(1.0e-05) : tensor<2x4x2x1xf32>
  check.expect_close_const %r#1, dense<[[[1.023123, 1.339685], [0.09945478, 1.023909], [6.002053, 6.005548], [0.25, 0.4743972]], [[1.308492, 1.695815], [-1.275115, 0.1941122], [6.004478, 6.007862], [1.09375, 0.06814718]]]> : tensor<2x4x2xf32> tolerance(1.0e-05) : tensor<2x4x2xf32>
  return
}

// A sink of the operands' type.
func.func private @half() {
  %q = arith.constant dense<[[[[-0.5, -0.5], [0.0, 1.25]], [[-0.25, -1.0], [-0.75, 1.75]], [[-0.25, -1.25], [-0.25, 0.25]], [[0.25, 1.75], [-0.25, -1.5]]], [[[1.5, 0.25], [0.25, -0.75]], [[-1.0, 1.5], [-1.5, -0.5]], [[-1.25, 1.5], [0.25, -0.75]], [[0.75, 2.0], [-1.0, -1.0]]]]> : tensor<2x4x2x2xf16>
  %k = arith.constant dense<[[[[-0.75, 0.25], [-0.0, -0.0], [0.25, 0.75]], [[0.25, 0.25], [-1.25, 0.5], [-0.25, 1.0]]], [[[1.25, -1.75], [1.25, -0.75], [-1.0, -0.25]], [[0.25, 1.0], [2.75, -1.5], [-0.25, 0.5]]]]> : tensor<2x2x3x2xf16>
  %v = arith.constant dense<[[[[0.0], [-0.75], [1.0]], [[-1.0], [-1.25], [0.5]]], [[[1.25], [1.25], [1.25]], [[0.5], [-0.25], [0.5]]]]> : tensor<2x2x3x1xf16>
  %sink = arith.constant dense<[0.5, -2.0, 6.0, 1.0]> : tensor<4xf16>
  %e = tensor.empty() : tensor<2x4x2x1xf16>
  %l = tensor.empty() : tensor<2x4x2xf32>
  %r:2 = attn.attention %q, %k, %v outs(%e, %l) scale(0.5)
    sink(%sink : tensor<4xf16>)
    : tensor<2x4x2x2xf16>, tensor<2x2x3x2xf16>, tensor<2x2x3x1xf16> -> tensor<2x4x2x1xf16>, tensor<2x4x2xf32>
  check.expect_close_const %r#0, dense<[[[[0.006315033], [0.156577]], [[-0.03026528], [0.221421]], [[-0.003998577], [-0.004844851]], [[-0.2322836], [-0.3250253]]], [[[0.9321309], [0.9290033]], [[1.163301], [1.201217]], [[0.004278538], [0.0003376359]], [[0.2664984], [0.1231057]]]]> : tensor<2x4x2x1xf16> tolerance(2.0e-03) : tensor<2x4x2x1xf16>
  check.expect_close_const %r#1, dense<[[[1.51747, 1.689327], [1.019104, 1.512731], [6.005529, 6.008426], [2.034988, 1.571256]], [[1.869259, 1.859468], [0.6684546, 1.243511], [6.00881, 6.009836], [2.058051, 1.541438]]]> : tensor<2x4x2xf32> tolerance(2.0e-03) : tensor<2x4x2xf32>
  return
}

func.func @main() {
  call @sinks() : () -> ()
  call @masked() : () -> ()
  call @half() : () -> ()
  return
}
