// RUN: attn-opt %s %oracle | %run
// RUN: attn-opt %s %compiler | %run

// The scale is what the operation says, whatever the width of the queries. lse is
// a natural logarithm. Logits and sums are f32, or f64 for f64 operands.

func.func private @scale_one() {
  %q = arith.constant dense<[[[[0.25, 0.75], [0.25, -1.25]]]]> : tensor<1x1x2x2xf32>
  %k = arith.constant dense<[[[[0.25, -0.5], [-0.5, -2.5], [1.75, 1.25]]]]> : tensor<1x1x3x2xf32>
  %v = arith.constant dense<[[[[2.0, -2.5], [0.5, -0.5], [-0.5, -0.25]]]]> : tensor<1x1x3x2xf32>
  %e = tensor.empty() : tensor<1x1x2x2xf32>
  %l = tensor.empty() : tensor<1x1x2xf32>
  %r:2 = attn.attention %q, %k, %v outs(%e, %l) scale(1.0)
    : tensor<1x1x2x2xf32>, tensor<1x1x3x2xf32>, tensor<1x1x3x2xf32> -> tensor<1x1x2x2xf32>, tensor<1x1x2xf32>
  check.expect_close_const %r#0, dense<[[[[-0.09262482, -0.5983947], [0.6186867, -0.6739508]]]]> : tensor<1x1x2x2xf32> tolerance(1.0e-05) : tensor<1x1x2x2xf32>
  check.expect_close_const %r#1, dense<[[[1.573195, 3.109013]]]> : tensor<1x1x2xf32> tolerance(1.0e-05) : tensor<1x1x2xf32>
  return
}

// The order of logits is reversed: the maximum is not that of the products.
func.func private @negative_scale() {
  %q = arith.constant dense<[[[[1.0, 3.0], [1.0, -5.0]]]]> : tensor<1x1x2x2xf32>
  %k = arith.constant dense<[[[[1.0, -2.0], [-2.0, -10.0], [7.0, 5.0]]]]> : tensor<1x1x3x2xf32>
  %v = arith.constant dense<[[[[2.0, -2.5], [0.5, -0.5], [-0.5, -0.25]]]]> : tensor<1x1x3x2xf32>
  %e = tensor.empty() : tensor<1x1x2x2xf32>
  %l = tensor.empty() : tensor<1x1x2xf32>
  %r:2 = attn.attention %q, %k, %v outs(%e, %l) scale(-2.0)
    : tensor<1x1x2x2xf32>, tensor<1x1x3x2xf32>, tensor<1x1x3x2xf32> -> tensor<1x1x2x2xf32>, tensor<1x1x2xf32>
  check.expect_close_const %r#0, dense<[[[[0.5, -0.5], [-0.5, -0.25]]]]> : tensor<1x1x2x2xf32> tolerance(1.0e-05) : tensor<1x1x2x2xf32>
  check.expect_close_const %r#1, dense<[[[64.0, 36.0]]]> : tensor<1x1x2xf32> tolerance(1.0e-05) : tensor<1x1x2xf32>
  return
}

// All keys weigh the same; lse = ln 3.
func.func private @zero_scale() {
  %q = arith.constant dense<[[[[0.25, 0.75], [0.25, -1.25]]]]> : tensor<1x1x2x2xf32>
  %k = arith.constant dense<[[[[0.25, -0.5], [-0.5, -2.5], [1.75, 1.25]]]]> : tensor<1x1x3x2xf32>
  %v = arith.constant dense<[[[[2.0, -2.5], [0.5, -0.5], [-0.5, -0.25]]]]> : tensor<1x1x3x2xf32>
  %e = tensor.empty() : tensor<1x1x2x2xf32>
  %l = tensor.empty() : tensor<1x1x2xf32>
  %r:2 = attn.attention %q, %k, %v outs(%e, %l) scale(0.0)
    : tensor<1x1x2x2xf32>, tensor<1x1x3x2xf32>, tensor<1x1x3x2xf32> -> tensor<1x1x2x2xf32>, tensor<1x1x2xf32>
  check.expect_close_const %r#0, dense<[[[[0.6666667, -1.083333], [0.6666667, -1.083333]]]]> : tensor<1x1x2x2xf32> tolerance(1.0e-05) : tensor<1x1x2x2xf32>
  check.expect_close_const %r#1, dense<[[[1.098612, 1.098612]]]> : tensor<1x1x2xf32> tolerance(1.0e-05) : tensor<1x1x2xf32>
  return
}

// exp of these overflows f32 by itself.
func.func private @large_logits() {
  %q = arith.constant dense<[[[[10.0, 30.0], [10.0, -50.0]]]]> : tensor<1x1x2x2xf32>
  %k = arith.constant dense<[[[[10.0, -20.0], [-20.0, -100.0], [70.0, 50.0]]]]> : tensor<1x1x3x2xf32>
  %v = arith.constant dense<[[[[2.0, -2.5], [0.5, -0.5], [-0.5, -0.25]]]]> : tensor<1x1x3x2xf32>
  %e = tensor.empty() : tensor<1x1x2x2xf32>
  %l = tensor.empty() : tensor<1x1x2xf32>
  %r:2 = attn.attention %q, %k, %v outs(%e, %l) scale(1.0)
    : tensor<1x1x2x2xf32>, tensor<1x1x3x2xf32>, tensor<1x1x3x2xf32> -> tensor<1x1x2x2xf32>, tensor<1x1x2xf32>
  check.expect_close_const %r#0, dense<[[[[-0.5, -0.25], [0.5, -0.5]]]]> : tensor<1x1x2x2xf32> tolerance(1.0e-05) : tensor<1x1x2x2xf32>
  check.expect_close_const %r#1, dense<[[[2200.0, 4800.0]]]> : tensor<1x1x2xf32> tolerance(1.0e-05) : tensor<1x1x2xf32>
  return
}

// q.k = 64 * 16 * 8 = 8192: products and sums of f16 operands are wider.
func.func private @half() {
  %q = arith.constant dense<[[[[64.0, 64.0, 64.0, 64.0, 64.0, 64.0, 64.0, 64.0, 64.0, 64.0, 64.0, 64.0, 64.0, 64.0, 64.0, 64.0, 64.0, 64.0, 64.0, 64.0, 64.0, 64.0, 64.0, 64.0, 64.0, 64.0, 64.0, 64.0, 64.0, 64.0, 64.0, 64.0, 64.0, 64.0, 64.0, 64.0, 64.0, 64.0, 64.0, 64.0, 64.0, 64.0, 64.0, 64.0, 64.0, 64.0, 64.0, 64.0, 64.0, 64.0, 64.0, 64.0, 64.0, 64.0, 64.0, 64.0, 64.0, 64.0, 64.0, 64.0, 64.0, 64.0, 64.0, 64.0]]]]> : tensor<1x1x1x64xf16>
  %k = arith.constant dense<[[[[32.0, 32.0, 32.0, 32.0, 32.0, 32.0, 32.0, 32.0, 32.0, 32.0, 32.0, 32.0, 32.0, 32.0, 32.0, 32.0, 32.0, 32.0, 32.0, 32.0, 32.0, 32.0, 32.0, 32.0, 32.0, 32.0, 32.0, 32.0, 32.0, 32.0, 32.0, 32.0, 32.0, 32.0, 32.0, 32.0, 32.0, 32.0, 32.0, 32.0, 32.0, 32.0, 32.0, 32.0, 32.0, 32.0, 32.0, 32.0, 32.0, 32.0, 32.0, 32.0, 32.0, 32.0, 32.0, 32.0, 32.0, 32.0, 32.0, 32.0, 32.0, 32.0, 32.0, 32.0], [-32.0, -32.0, -32.0, -32.0, -32.0, -32.0, -32.0, -32.0, -32.0, -32.0, -32.0, -32.0, -32.0, -32.0, -32.0, -32.0, -32.0, -32.0, -32.0, -32.0, -32.0, -32.0, -32.0, -32.0, -32.0, -32.0, -32.0, -32.0, -32.0, -32.0, -32.0, -32.0, -32.0, -32.0, -32.0, -32.0, -32.0, -32.0, -32.0, -32.0, -32.0, -32.0, -32.0, -32.0, -32.0, -32.0, -32.0, -32.0, -32.0, -32.0, -32.0, -32.0, -32.0, -32.0, -32.0, -32.0, -32.0, -32.0, -32.0, -32.0, -32.0, -32.0, -32.0, -32.0]]]]> : tensor<1x1x2x64xf16>
  %v = arith.constant dense<[[[[0.5], [1.0]]]]> : tensor<1x1x2x1xf16>
  %e = tensor.empty() : tensor<1x1x1x1xf16>
  %l = tensor.empty() : tensor<1x1x1xf32>
  %r:2 = attn.attention %q, %k, %v outs(%e, %l) scale(0.0001)
    : tensor<1x1x1x64xf16>, tensor<1x1x2x64xf16>, tensor<1x1x2x1xf16> -> tensor<1x1x1x1xf16>, tensor<1x1x1xf32>
  check.expect_close_const %r#0, dense<[[[[0.5]]]]> : tensor<1x1x1x1xf16> tolerance(1.0e-03) : tensor<1x1x1x1xf16>
  check.expect_close_const %r#1, dense<[[[13.1072]]]> : tensor<1x1x1xf32> tolerance(1.0e-03) : tensor<1x1x1xf32>
  return
}

func.func private @brain() {
  %q = arith.constant dense<[[[[16.0, 16.0, 16.0, 16.0, 16.0, 16.0, 16.0, 16.0, 16.0, 16.0, 16.0, 16.0, 16.0, 16.0, 16.0, 16.0, 16.0, 16.0, 16.0, 16.0, 16.0, 16.0, 16.0, 16.0, 16.0, 16.0, 16.0, 16.0, 16.0, 16.0, 16.0, 16.0, 16.0, 16.0, 16.0, 16.0, 16.0, 16.0, 16.0, 16.0, 16.0, 16.0, 16.0, 16.0, 16.0, 16.0, 16.0, 16.0, 16.0, 16.0, 16.0, 16.0, 16.0, 16.0, 16.0, 16.0, 16.0, 16.0, 16.0, 16.0, 16.0, 16.0, 16.0, 16.0]]]]> : tensor<1x1x1x64xbf16>
  %k = arith.constant dense<[[[[8.0, 8.0, 8.0, 8.0, 8.0, 8.0, 8.0, 8.0, 8.0, 8.0, 8.0, 8.0, 8.0, 8.0, 8.0, 8.0, 8.0, 8.0, 8.0, 8.0, 8.0, 8.0, 8.0, 8.0, 8.0, 8.0, 8.0, 8.0, 8.0, 8.0, 8.0, 8.0, 8.0, 8.0, 8.0, 8.0, 8.0, 8.0, 8.0, 8.0, 8.0, 8.0, 8.0, 8.0, 8.0, 8.0, 8.0, 8.0, 8.0, 8.0, 8.0, 8.0, 8.0, 8.0, 8.0, 8.0, 8.0, 8.0, 8.0, 8.0, 8.0, 8.0, 8.0, 8.0], [-8.0, -8.0, -8.0, -8.0, -8.0, -8.0, -8.0, -8.0, -8.0, -8.0, -8.0, -8.0, -8.0, -8.0, -8.0, -8.0, -8.0, -8.0, -8.0, -8.0, -8.0, -8.0, -8.0, -8.0, -8.0, -8.0, -8.0, -8.0, -8.0, -8.0, -8.0, -8.0, -8.0, -8.0, -8.0, -8.0, -8.0, -8.0, -8.0, -8.0, -8.0, -8.0, -8.0, -8.0, -8.0, -8.0, -8.0, -8.0, -8.0, -8.0, -8.0, -8.0, -8.0, -8.0, -8.0, -8.0, -8.0, -8.0, -8.0, -8.0, -8.0, -8.0, -8.0, -8.0]]]]> : tensor<1x1x2x64xbf16>
  %v = arith.constant dense<[[[[0.5], [1.0]]]]> : tensor<1x1x2x1xbf16>
  %e = tensor.empty() : tensor<1x1x1x1xbf16>
  %l = tensor.empty() : tensor<1x1x1xf32>
  %r:2 = attn.attention %q, %k, %v outs(%e, %l) scale(0.001)
    : tensor<1x1x1x64xbf16>, tensor<1x1x2x64xbf16>, tensor<1x1x2x1xbf16> -> tensor<1x1x1x1xbf16>, tensor<1x1x1xf32>
  check.expect_close_const %r#0, dense<[[[[0.5]]]]> : tensor<1x1x1x1xbf16> tolerance(4.0e-03) : tensor<1x1x1x1xbf16>
  check.expect_close_const %r#1, dense<[[[8.192]]]> : tensor<1x1x1xf32> tolerance(4.0e-03) : tensor<1x1x1xf32>
  return
}

// The lse is f64, and f64 is what it is computed in.
func.func private @double() {
  %q = arith.constant dense<[[[[0.250000001, 0.750000001], [0.250000001, -1.249999999]]]]> : tensor<1x1x2x2xf64>
  %k = arith.constant dense<[[[[0.25, -0.5], [-0.5, -2.5], [1.75, 1.25]]]]> : tensor<1x1x3x2xf64>
  %v = arith.constant dense<[[[[2.0, -2.5], [0.5, -0.5], [-0.5, -0.25]]]]> : tensor<1x1x3x2xf64>
  %e = tensor.empty() : tensor<1x1x2x2xf64>
  %l = tensor.empty() : tensor<1x1x2xf64>
  %r:2 = attn.attention %q, %k, %v outs(%e, %l) scale(0.5)
    : tensor<1x1x2x2xf64>, tensor<1x1x3x2xf64>, tensor<1x1x3x2xf64> -> tensor<1x1x2x2xf64>, tensor<1x1x2xf64>
  check.expect_close_const %r#0, dense<[[[[0.280284004310108, -0.87780839108308], [0.739187322701961, -0.914443137797624]]]]> : tensor<1x1x2x2xf64> tolerance(1.0e-13) : tensor<1x1x2x2xf64>
  check.expect_close_const %r#1, dense<[[[1.16688204022012, 1.8658921197839]]]> : tensor<1x1x2xf64> tolerance(1.0e-13) : tensor<1x1x2xf64>
  return
}

func.func @main() {
  call @scale_one() : () -> ()
  call @negative_scale() : () -> ()
  call @zero_scale() : () -> ()
  call @large_logits() : () -> ()
  call @half() : () -> ()
  call @brain() : () -> ()
  call @double() : () -> ()
  return
}
