// RUN: attn-opt %s %oracle | %run
// RUN: attn-opt %s %compiler | %run

// The order is fixed: scale, score region, bias, mask, normaliser. The expected
// numbers are those of this order only: a soft-cap behind the bias, or a scale
// behind the soft-cap, would give others.

func.func private @score_sees_scaled_logits() {
  %q = arith.constant dense<[[[[0.75, 2.25], [0.75, -3.75]]]]> : tensor<1x1x2x2xf32>
  %k = arith.constant dense<[[[[0.75, -1.5], [-1.5, -7.5], [5.25, 3.75]]]]> : tensor<1x1x3x2xf32>
  %v = arith.constant dense<[[[[2.0, -2.5], [0.5, -0.5], [-0.5, -0.25]]]]> : tensor<1x1x3x2xf32>
  %e = tensor.empty() : tensor<1x1x2x2xf32>
  %l = tensor.empty() : tensor<1x1x2xf32>
  %r:2 = attn.attention %q, %k, %v outs(%e, %l) scale(0.75) score {
  ^bb0(%s: f32, %b: index, %h: index, %i: index, %j: index):
    %half = arith.constant 0.5 : f32
    %two = arith.constant 2.0 : f32
    %x = arith.mulf %s, %half : f32
    %y = math.tanh %x : f32
    %z = arith.mulf %y, %two : f32
    attn.yield %z : f32
  }
    : tensor<1x1x2x2xf32>, tensor<1x1x3x2xf32>, tensor<1x1x3x2xf32> -> tensor<1x1x2x2xf32>, tensor<1x1x2xf32>
  check.expect_close_const %r#0, dense<[[[[-0.4150243, -0.3150984], [1.219582, -1.469479]]]]> : tensor<1x1x2x2xf32> tolerance(1.0e-05) : tensor<1x1x2x2xf32>
  check.expect_close_const %r#1, dense<[[[2.045142, 2.683519]]]> : tensor<1x1x2xf32> tolerance(1.0e-05) : tensor<1x1x2xf32>
  return
}

func.func private @bias_after_score() {
  %bias = arith.constant dense<[[3.0, -2.0, 0.5], [-1.0, 4.0, 2.0]]> : tensor<2x3xf32>
  %q = arith.constant dense<[[[[0.75, 2.25], [0.75, -3.75]]]]> : tensor<1x1x2x2xf32>
  %k = arith.constant dense<[[[[0.75, -1.5], [-1.5, -7.5], [5.25, 3.75]]]]> : tensor<1x1x3x2xf32>
  %v = arith.constant dense<[[[[2.0, -2.5], [0.5, -0.5], [-0.5, -0.25]]]]> : tensor<1x1x3x2xf32>
  %e = tensor.empty() : tensor<1x1x2x2xf32>
  %l = tensor.empty() : tensor<1x1x2xf32>
  %r:2 = attn.attention %q, %k, %v outs(%e, %l) scale(0.75)
    bias(%bias : tensor<2x3xf32>) score {
  ^bb0(%s: f32, %b: index, %h: index, %i: index, %j: index):
    %half = arith.constant 0.5 : f32
    %two = arith.constant 2.0 : f32
    %x = arith.mulf %s, %half : f32
    %y = math.tanh %x : f32
    %z = arith.mulf %y, %two : f32
    attn.yield %z : f32
  }
    : tensor<1x1x2x2xf32>, tensor<1x1x3x2xf32>, tensor<1x1x3x2xf32> -> tensor<1x1x2x2xf32>, tensor<1x1x2xf32>
  check.expect_close_const %r#0, dense<[[[[0.1403986, -0.8256322], [0.5071796, -0.5122396]]]]> : tensor<1x1x2x2xf32> tolerance(1.0e-05) : tensor<1x1x2x2xf32>
  check.expect_close_const %r#1, dense<[[[2.796458, 6.008929]]]> : tensor<1x1x2xf32> tolerance(1.0e-05) : tensor<1x1x2xf32>
  return
}

func.func private @mask_last() {
  %bias = arith.constant dense<[[3.0, -2.0, 0.5], [-1.0, 4.0, 2.0]]> : tensor<2x3xf32>
  %q = arith.constant dense<[[[[0.75, 2.25], [0.75, -3.75]]]]> : tensor<1x1x2x2xf32>
  %k = arith.constant dense<[[[[0.75, -1.5], [-1.5, -7.5], [5.25, 3.75]]]]> : tensor<1x1x3x2xf32>
  %v = arith.constant dense<[[[[2.0, -2.5], [0.5, -0.5], [-0.5, -0.25]]]]> : tensor<1x1x3x2xf32>
  %e = tensor.empty() : tensor<1x1x2x2xf32>
  %l = tensor.empty() : tensor<1x1x2xf32>
  %r:2 = attn.attention %q, %k, %v outs(%e, %l) scale(0.75)
    mask(#attn.causal) bias(%bias : tensor<2x3xf32>) score {
  ^bb0(%s: f32, %b: index, %h: index, %i: index, %j: index):
    %half = arith.constant 0.5 : f32
    %two = arith.constant 2.0 : f32
    %x = arith.mulf %s, %half : f32
    %y = math.tanh %x : f32
    %z = arith.mulf %y, %two : f32
    attn.yield %z : f32
  }
    : tensor<1x1x2x2xf32>, tensor<1x1x3x2xf32>, tensor<1x1x3x2xf32> -> tensor<1x1x2x2xf32>, tensor<1x1x2xf32>
  check.expect_close_const %r#0, dense<[[[[2.0, -2.5], [0.5096651, -0.5128868]]]]> : tensor<1x1x2x2xf32> tolerance(1.0e-05) : tensor<1x1x2x2xf32>
  check.expect_close_const %r#1, dense<[[[1.432756, 6.006464]]]> : tensor<1x1x2xf32> tolerance(1.0e-05) : tensor<1x1x2xf32>
  return
}

func.func @main() {
  call @score_sees_scaled_logits() : () -> ()
  call @bias_after_score() : () -> ()
  call @mask_last() : () -> ()
  return
}
