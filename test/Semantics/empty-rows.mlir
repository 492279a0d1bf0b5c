// RUN: attn-opt %s %oracle | %run
// RUN: attn-opt %s %compiler | %run
// RUN: attn-opt %s --tile-decompose %oracle | %run

// A row that sees no key has output 0 and lse -inf, never NaN. With sinks its
// output is 0 too, and its lse is the sink.

// Row 0 sits at position -1, before every key.
func.func private @masked() {
  %q = arith.constant dense<[[[[0.25, 0.75], [0.25, -1.25]]]]> : tensor<1x1x2x2xf32>
  %k = arith.constant dense<[[[[0.25, -0.5], [-0.5, -2.5], [1.75, 1.25]]]]> : tensor<1x1x3x2xf32>
  %v = arith.constant dense<[[[[2.0, -2.5], [0.5, -0.5], [-0.5, -0.25]]]]> : tensor<1x1x3x2xf32>
  %m1 = arith.constant -1 : index
  %e = tensor.empty() : tensor<1x1x2x2xf32>
  %l = tensor.empty() : tensor<1x1x2xf32>
  %r:2 = attn.attention %q, %k, %v outs(%e, %l) scale(0.5)
    mask(#attn.causal) offset(%m1 : index)
    : tensor<1x1x2x2xf32>, tensor<1x1x3x2xf32>, tensor<1x1x3x2xf32> -> tensor<1x1x2x2xf32>, tensor<1x1x2xf32>
  check.expect_close_const %r#0, dense<[[[[0.0, 0.0], [2.0, -2.5]]]]> : tensor<1x1x2x2xf32> tolerance(1.0e-05) : tensor<1x1x2x2xf32>
  check.expect_close_const %r#1, dense<[[[0xFF800000, 0.34375]]]> : tensor<1x1x2xf32> tolerance(1.0e-05) : tensor<1x1x2xf32>
  return
}

func.func private @masked_with_sink() {
  %q = arith.constant dense<[[[[0.25, 0.75], [0.25, -1.25]]]]> : tensor<1x1x2x2xf32>
  %k = arith.constant dense<[[[[0.25, -0.5], [-0.5, -2.5], [1.75, 1.25]]]]> : tensor<1x1x3x2xf32>
  %v = arith.constant dense<[[[[2.0, -2.5], [0.5, -0.5], [-0.5, -0.25]]]]> : tensor<1x1x3x2xf32>
  %sink = arith.constant dense<[1.25]> : tensor<1xf32>
  %m1 = arith.constant -1 : index
  %e = tensor.empty() : tensor<1x1x2x2xf32>
  %l = tensor.empty() : tensor<1x1x2xf32>
  %r:2 = attn.attention %q, %k, %v outs(%e, %l) scale(0.5)
    mask(#attn.causal) offset(%m1 : index) sink(%sink : tensor<1xf32>)
    : tensor<1x1x2x2xf32>, tensor<1x1x3x2xf32>, tensor<1x1x3x2xf32> -> tensor<1x1x2x2xf32>, tensor<1x1x2xf32>
  check.expect_close_const %r#0, dense<[[[[0.0, 0.0], [0.5755356, -0.7194195]]]]> : tensor<1x1x2x2xf32> tolerance(1.0e-05) : tensor<1x1x2x2xf32>
  check.expect_close_const %r#1, dense<[[[1.25, 1.589351]]]> : tensor<1x1x2xf32> tolerance(1.0e-05) : tensor<1x1x2xf32>
  return
}

func.func private @nothing_anywhere() {
  %q = arith.constant dense<[[[[0.25, 0.75], [0.25, -1.25]]]]> : tensor<1x1x2x2xf32>
  %k = arith.constant dense<[[[[0.25, -0.5], [-0.5, -2.5], [1.75, 1.25]]]]> : tensor<1x1x3x2xf32>
  %v = arith.constant dense<[[[[2.0, -2.5], [0.5, -0.5], [-0.5, -0.25]]]]> : tensor<1x1x3x2xf32>
  %e = tensor.empty() : tensor<1x1x2x2xf32>
  %l = tensor.empty() : tensor<1x1x2xf32>
  %r:2 = attn.attention %q, %k, %v outs(%e, %l) scale(0.5)
    mask(#attn.prefix<0>)
    : tensor<1x1x2x2xf32>, tensor<1x1x3x2xf32>, tensor<1x1x3x2xf32> -> tensor<1x1x2x2xf32>, tensor<1x1x2xf32>
  check.expect_close_const %r#0, dense<[[[[0.0, 0.0], [0.0, 0.0]]]]> : tensor<1x1x2x2xf32> tolerance(1.0e-05) : tensor<1x1x2x2xf32>
  check.expect_close_const %r#1, dense<[[[0xFF800000, 0xFF800000]]]> : tensor<1x1x2xf32> tolerance(1.0e-05) : tensor<1x1x2xf32>
  return
}

// A bias of -inf takes keys away just as well.
func.func private @infinite_bias() {
  %bias = arith.constant dense<[[0xFF800000, 0xFF800000, 0xFF800000], [0.5, 0xFF800000, -0.5]]> : tensor<2x3xf32>
  %q = arith.constant dense<[[[[0.25, 0.75], [0.25, -1.25]]]]> : tensor<1x1x2x2xf32>
  %k = arith.constant dense<[[[[0.25, -0.5], [-0.5, -2.5], [1.75, 1.25]]]]> : tensor<1x1x3x2xf32>
  %v = arith.constant dense<[[[[2.0, -2.5], [0.5, -0.5], [-0.5, -0.25]]]]> : tensor<1x1x3x2xf32>
  %e = tensor.empty() : tensor<1x1x2x2xf32>
  %l = tensor.empty() : tensor<1x1x2xf32>
  %r:2 = attn.attention %q, %k, %v outs(%e, %l) scale(0.5)
    bias(%bias : tensor<2x3xf32>)
    : tensor<1x1x2x2xf32>, tensor<1x1x3x2xf32>, tensor<1x1x3x2xf32> -> tensor<1x1x2x2xf32>, tensor<1x1x2xf32>
  check.expect_close_const %r#0, dense<[[[[0.0, 0.0], [1.676493, -2.208844]]]]> : tensor<1x1x2x2xf32> tolerance(1.0e-05) : tensor<1x1x2x2xf32>
  check.expect_close_const %r#1, dense<[[[0xFF800000, 0.9823258]]]> : tensor<1x1x2xf32> tolerance(1.0e-05) : tensor<1x1x2xf32>
  return
}

// A sink of -inf is no sink.
func.func private @infinite_sink() {
  %q = arith.constant dense<[[[[0.25, 0.75], [0.25, -1.25]]]]> : tensor<1x1x2x2xf32>
  %k = arith.constant dense<[[[[0.25, -0.5], [-0.5, -2.5], [1.75, 1.25]]]]> : tensor<1x1x3x2xf32>
  %v = arith.constant dense<[[[[2.0, -2.5], [0.5, -0.5], [-0.5, -0.25]]]]> : tensor<1x1x3x2xf32>
  %sink = arith.constant dense<[0xFF800000]> : tensor<1xf32>
  %m1 = arith.constant -1 : index
  %e = tensor.empty() : tensor<1x1x2x2xf32>
  %l = tensor.empty() : tensor<1x1x2xf32>
  %r:2 = attn.attention %q, %k, %v outs(%e, %l) scale(0.5)
    mask(#attn.causal) offset(%m1 : index) sink(%sink : tensor<1xf32>)
    : tensor<1x1x2x2xf32>, tensor<1x1x3x2xf32>, tensor<1x1x3x2xf32> -> tensor<1x1x2x2xf32>, tensor<1x1x2xf32>
  check.expect_close_const %r#0, dense<[[[[0.0, 0.0], [2.0, -2.5]]]]> : tensor<1x1x2x2xf32> tolerance(1.0e-05) : tensor<1x1x2x2xf32>
  check.expect_close_const %r#1, dense<[[[0xFF800000, 0.34375]]]> : tensor<1x1x2xf32> tolerance(1.0e-05) : tensor<1x1x2xf32>
  return
}

// There are no keys at all (an extent known at run time only).
func.func private @no_keys() {
  %q = arith.constant dense<1.0> : tensor<1x1x2x2xf32>
  %k = arith.constant dense<2.0> : tensor<1x1x3x2xf32>
  %zero = arith.constant dense<0> : tensor<1xindex>
  %c0 = arith.constant 0 : index
  %n = tensor.extract %zero[%c0] : tensor<1xindex>
  %none = tensor.extract_slice %k[0, 0, 0, 0] [1, 1, %n, 2] [1, 1, 1, 1] : tensor<1x1x3x2xf32> to tensor<1x1x?x2xf32>
  %e = tensor.empty() : tensor<1x1x2x2xf32>
  %l = tensor.empty() : tensor<1x1x2xf32>
  %r:2 = attn.attention %q, %none, %none outs(%e, %l) scale(1.0)
    : tensor<1x1x2x2xf32>, tensor<1x1x?x2xf32>, tensor<1x1x?x2xf32> -> tensor<1x1x2x2xf32>, tensor<1x1x2xf32>
  check.expect_eq_const %r#0, dense<0.0> : tensor<1x1x2x2xf32> : tensor<1x1x2x2xf32>
  check.expect_eq_const %r#1, dense<0xFF800000> : tensor<1x1x2xf32> : tensor<1x1x2xf32>
  return
}

// Nor are there when the types say so.
func.func private @no_keys_static() {
  %q = arith.constant dense<1.0> : tensor<1x1x2x2xf32>
  %none = tensor.empty() : tensor<1x1x0x2xf32>
  %e = tensor.empty() : tensor<1x1x2x2xf32>
  %l = tensor.empty() : tensor<1x1x2xf32>
  %r:2 = attn.attention %q, %none, %none outs(%e, %l) scale(1.0) mask(#attn.causal) align(bottom_right)
    : tensor<1x1x2x2xf32>, tensor<1x1x0x2xf32>, tensor<1x1x0x2xf32> -> tensor<1x1x2x2xf32>, tensor<1x1x2xf32>
  check.expect_eq_const %r#0, dense<0.0> : tensor<1x1x2x2xf32> : tensor<1x1x2x2xf32>
  check.expect_eq_const %r#1, dense<0xFF800000> : tensor<1x1x2xf32> : tensor<1x1x2xf32>
  return
}

func.func private @no_keys_with_sink() {
  %q = arith.constant dense<1.0> : tensor<1x2x2x2xf32>
  %none = tensor.empty() : tensor<1x1x0x2xf32>
  %sink = arith.constant dense<[1.25, -0.5]> : tensor<2xf32>
  %e = tensor.empty() : tensor<1x2x2x2xf32>
  %l = tensor.empty() : tensor<1x2x2xf32>
  %r:2 = attn.attention %q, %none, %none outs(%e, %l) scale(1.0) sink(%sink : tensor<2xf32>)
    : tensor<1x2x2x2xf32>, tensor<1x1x0x2xf32>, tensor<1x1x0x2xf32> -> tensor<1x2x2x2xf32>, tensor<1x2x2xf32>
  check.expect_eq_const %r#0, dense<0.0> : tensor<1x2x2x2xf32> : tensor<1x2x2x2xf32>
  check.expect_close_const %r#1, dense<[[[1.25, 1.25], [-0.5, -0.5]]]> : tensor<1x2x2xf32> tolerance(1.0e-06) : tensor<1x2x2xf32>
  return
}

// A state that continues over no keys stays what it was.
func.func private @no_keys_for_a_state() {
  %q = arith.constant dense<1.0> : tensor<1x1x2x2xf32>
  %none = tensor.empty() : tensor<1x1x0x2xf32>
  %acc = arith.constant dense<[[[[1.5, -2.0], [0.25, 3.0]]]]> : tensor<1x1x2x2xf32>
  %ref = arith.constant dense<[[[0.5, -1.0]]]> : tensor<1x1x2xf32>
  %sum = arith.constant dense<[[[2.0, 1.0]]]> : tensor<1x1x2xf32>
  %r:3 = attn.partial %q, %none, %none outs(%acc, %ref, %sum) scale(1.0)
    : tensor<1x1x2x2xf32>, tensor<1x1x0x2xf32>, tensor<1x1x0x2xf32> -> tensor<1x1x2x2xf32>, tensor<1x1x2xf32>, tensor<1x1x2xf32>
  check.expect_close_const %r#0, dense<[[[[1.5, -2.0], [0.25, 3.0]]]]> : tensor<1x1x2x2xf32> tolerance(1.0e-06) : tensor<1x1x2x2xf32>
  check.expect_close_const %r#1, dense<[[[0.5, -1.0]]]> : tensor<1x1x2xf32> tolerance(1.0e-06) : tensor<1x1x2xf32>
  check.expect_close_const %r#2, dense<[[[2.0, 1.0]]]> : tensor<1x1x2xf32> tolerance(1.0e-06) : tensor<1x1x2xf32>
  return
}

func.func @main() {
  call @masked() : () -> ()
  call @masked_with_sink() : () -> ()
  call @nothing_anywhere() : () -> ()
  call @infinite_bias() : () -> ()
  call @infinite_sink() : () -> ()
  call @no_keys() : () -> ()
  call @no_keys_static() : () -> ()
  call @no_keys_with_sink() : () -> ()
  call @no_keys_for_a_state() : () -> ()
  return
}
