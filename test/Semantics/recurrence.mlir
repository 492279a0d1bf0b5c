// RUN: attn-opt %s %oracle | %run
// RUN: attn-opt %s %compiler | %run

// What a token does to a state, one clause at a time, by numbers that can be
// followed by hand. exp(-0.6931472) is a half.

// Sums of values; the scale is on what is read, not on the state.
func.func private @additive() {
  %q = arith.constant dense<[[[[1.0], [1.0], [1.0]]]]> : tensor<1x1x3x1xf32>
  %k = arith.constant dense<[[[[1.0], [1.0], [1.0]]]]> : tensor<1x1x3x1xf32>
  %v = arith.constant dense<[[[[1.0], [2.0], [3.0]]]]> : tensor<1x1x3x1xf32>
  %o = tensor.empty() : tensor<1x1x3x1xf32>
  %s = tensor.empty() : tensor<1x1x1x1xf32>
  %r:2 = attn.recurrence %q, %k, %v outs(%o, %s) scale(0.5)
    : tensor<1x1x3x1xf32>, tensor<1x1x3x1xf32>, tensor<1x1x3x1xf32> -> tensor<1x1x3x1xf32>, tensor<1x1x1x1xf32>
  check.expect_close_const %r#0, dense<[[[[0.5], [1.5], [3.0]]]]> : tensor<1x1x3x1xf32> tolerance(1.0e-05) : tensor<1x1x3x1xf32>
  check.expect_close_const %r#1, dense<[[[[6.0]]]]> : tensor<1x1x1x1xf32> tolerance(1.0e-05) : tensor<1x1x1x1xf32>
  return
}

// Half of the state is left before a token is written.
func.func private @decay() {
  %q = arith.constant dense<[[[[1.0], [1.0], [1.0]]]]> : tensor<1x1x3x1xf32>
  %k = arith.constant dense<[[[[1.0], [1.0], [1.0]]]]> : tensor<1x1x3x1xf32>
  %v = arith.constant dense<[[[[1.0], [2.0], [3.0]]]]> : tensor<1x1x3x1xf32>
  %g = arith.constant dense<[[[-0.693147181, -0.693147181, -0.693147181]]]> : tensor<1x1x3xf32>
  %i = arith.constant dense<[[[[2.0]]]]> : tensor<1x1x1x1xf32>
  %o = tensor.empty() : tensor<1x1x3x1xf32>
  %s = tensor.empty() : tensor<1x1x1x1xf32>
  %r:2 = attn.recurrence %q, %k, %v outs(%o, %s) scale(1.0) decay(scalar %g : tensor<1x1x3xf32>) init(%i : tensor<1x1x1x1xf32>)
    : tensor<1x1x3x1xf32>, tensor<1x1x3x1xf32>, tensor<1x1x3x1xf32> -> tensor<1x1x3x1xf32>, tensor<1x1x1x1xf32>
  check.expect_close_const %r#0, dense<[[[[2.0], [3.0], [4.5]]]]> : tensor<1x1x3x1xf32> tolerance(1.0e-05) : tensor<1x1x3x1xf32>
  check.expect_close_const %r#1, dense<[[[[4.5]]]]> : tensor<1x1x1x1xf32> tolerance(1.0e-05) : tensor<1x1x1x1xf32>
  return
}

// The delta rule writes the difference to what the key finds.
func.func private @delta() {
  %q = arith.constant dense<[[[[1.0], [1.0], [1.0]]]]> : tensor<1x1x3x1xf32>
  %k = arith.constant dense<[[[[1.0], [1.0], [1.0]]]]> : tensor<1x1x3x1xf32>
  %v = arith.constant dense<[[[[1.0], [2.0], [3.0]]]]> : tensor<1x1x3x1xf32>
  %b = arith.constant dense<[[[1.0, 0.5, 1.0]]]> : tensor<1x1x3xf32>
  %o = tensor.empty() : tensor<1x1x3x1xf32>
  %s = tensor.empty() : tensor<1x1x1x1xf32>
  %r:2 = attn.recurrence %q, %k, %v outs(%o, %s) scale(1.0) update(delta %b : tensor<1x1x3xf32>)
    : tensor<1x1x3x1xf32>, tensor<1x1x3x1xf32>, tensor<1x1x3x1xf32> -> tensor<1x1x3x1xf32>, tensor<1x1x1x1xf32>
  check.expect_close_const %r#0, dense<[[[[1.0], [1.5], [3.0]]]]> : tensor<1x1x3x1xf32> tolerance(1.0e-05) : tensor<1x1x3x1xf32>
  check.expect_close_const %r#1, dense<[[[[3.0]]]]> : tensor<1x1x1x1xf32> tolerance(1.0e-05) : tensor<1x1x1x1xf32>
  return
}

// It finds it in the state after the decay.
func.func private @gated_delta() {
  %q = arith.constant dense<[[[[1.0], [1.0], [1.0]]]]> : tensor<1x1x3x1xf32>
  %k = arith.constant dense<[[[[1.0], [1.0], [1.0]]]]> : tensor<1x1x3x1xf32>
  %v = arith.constant dense<[[[[1.0], [2.0], [3.0]]]]> : tensor<1x1x3x1xf32>
  %g = arith.constant dense<[[[-0.693147181, -0.693147181, -0.693147181]]]> : tensor<1x1x3xf32>
  %i = arith.constant dense<[[[[2.0]]]]> : tensor<1x1x1x1xf32>
  %b = arith.constant dense<[[[0.5, 0.5, 0.5]]]> : tensor<1x1x3xf32>
  %o = tensor.empty() : tensor<1x1x3x1xf32>
  %s = tensor.empty() : tensor<1x1x1x1xf32>
  %r:2 = attn.recurrence %q, %k, %v outs(%o, %s) scale(1.0) decay(scalar %g : tensor<1x1x3xf32>) update(delta %b : tensor<1x1x3xf32>) init(%i : tensor<1x1x1x1xf32>)
    : tensor<1x1x3x1xf32>, tensor<1x1x3x1xf32>, tensor<1x1x3x1xf32> -> tensor<1x1x3x1xf32>, tensor<1x1x1x1xf32>
  check.expect_close_const %r#0, dense<[[[[1.0], [1.25], [1.8125]]]]> : tensor<1x1x3x1xf32> tolerance(1.0e-05) : tensor<1x1x3x1xf32>
  check.expect_close_const %r#1, dense<[[[[1.8125]]]]> : tensor<1x1x1x1xf32> tolerance(1.0e-05) : tensor<1x1x1x1xf32>
  return
}

// Diagonal plus low rank: a reads the state before the decay.
func.func private @dplr() {
  %q = arith.constant dense<[[[[1.0], [1.0], [1.0]]]]> : tensor<1x1x3x1xf32>
  %k = arith.constant dense<[[[[1.0], [1.0], [1.0]]]]> : tensor<1x1x3x1xf32>
  %v = arith.constant dense<[[[[1.0], [2.0], [3.0]]]]> : tensor<1x1x3x1xf32>
  %g = arith.constant dense<[[[-0.693147181, -0.693147181, -0.693147181]]]> : tensor<1x1x3xf32>
  %i = arith.constant dense<[[[[2.0]]]]> : tensor<1x1x1x1xf32>
  %a = arith.constant dense<[[[[-0.5], [-0.5], [-0.5]]]]> : tensor<1x1x3x1xf32>
  %b = arith.constant dense<[[[[1.0], [1.0], [1.0]]]]> : tensor<1x1x3x1xf32>
  %o = tensor.empty() : tensor<1x1x3x1xf32>
  %s = tensor.empty() : tensor<1x1x1x1xf32>
  %r:2 = attn.recurrence %q, %k, %v outs(%o, %s) scale(1.0) decay(scalar %g : tensor<1x1x3xf32>) update(dplr %a, %b : tensor<1x1x3x1xf32>, tensor<1x1x3x1xf32>) init(%i : tensor<1x1x1x1xf32>)
    : tensor<1x1x3x1xf32>, tensor<1x1x3x1xf32>, tensor<1x1x3x1xf32> -> tensor<1x1x3x1xf32>, tensor<1x1x1x1xf32>
  check.expect_close_const %r#0, dense<[[[[1.0], [2.0], [3.0]]]]> : tensor<1x1x3x1xf32> tolerance(1.0e-05) : tensor<1x1x3x1xf32>
  check.expect_close_const %r#1, dense<[[[[3.0]]]]> : tensor<1x1x1x1xf32> tolerance(1.0e-05) : tensor<1x1x1x1xf32>
  return
}

// With a bonus the state before the token is read, undecayed, and the token itself with a weight of its own.
func.func private @bonus() {
  %q = arith.constant dense<[[[[1.0], [1.0], [1.0]]]]> : tensor<1x1x3x1xf32>
  %k = arith.constant dense<[[[[1.0], [1.0], [1.0]]]]> : tensor<1x1x3x1xf32>
  %v = arith.constant dense<[[[[1.0], [2.0], [3.0]]]]> : tensor<1x1x3x1xf32>
  %g = arith.constant dense<[[[-0.693147181, -0.693147181, -0.693147181]]]> : tensor<1x1x3xf32>
  %i = arith.constant dense<[[[[2.0]]]]> : tensor<1x1x1x1xf32>
  %u = arith.constant dense<[[2.0]]> : tensor<1x1xf32>
  %o = tensor.empty() : tensor<1x1x3x1xf32>
  %s = tensor.empty() : tensor<1x1x1x1xf32>
  %r:2 = attn.recurrence %q, %k, %v outs(%o, %s) scale(1.0) decay(scalar %g : tensor<1x1x3xf32>) bonus(%u : tensor<1x1xf32>) init(%i : tensor<1x1x1x1xf32>)
    : tensor<1x1x3x1xf32>, tensor<1x1x3x1xf32>, tensor<1x1x3x1xf32> -> tensor<1x1x3x1xf32>, tensor<1x1x1x1xf32>
  check.expect_close_const %r#0, dense<[[[[4.0], [6.0], [9.0]]]]> : tensor<1x1x3x1xf32> tolerance(1.0e-05) : tensor<1x1x3x1xf32>
  check.expect_close_const %r#1, dense<[[[[4.5]]]]> : tensor<1x1x1x1xf32> tolerance(1.0e-05) : tensor<1x1x1x1xf32>
  return
}

// A segment begins with a state of zero; the first one with the initial state.
func.func private @segments() {
  %q = arith.constant dense<[[[[1.0], [1.0], [1.0]]]]> : tensor<1x1x3x1xf32>
  %k = arith.constant dense<[[[[1.0], [1.0], [1.0]]]]> : tensor<1x1x3x1xf32>
  %v = arith.constant dense<[[[[1.0], [2.0], [3.0]]]]> : tensor<1x1x3x1xf32>
  %i = arith.constant dense<[[[[2.0]]]]> : tensor<1x1x1x1xf32>
  %n = arith.constant dense<[[4, 4, 1]]> : tensor<1x3xi32>
  %o = tensor.empty() : tensor<1x1x3x1xf32>
  %s = tensor.empty() : tensor<1x1x1x1xf32>
  %r:2 = attn.recurrence %q, %k, %v outs(%o, %s) scale(1.0) init(%i : tensor<1x1x1x1xf32>) segments(%n : tensor<1x3xi32>)
    : tensor<1x1x3x1xf32>, tensor<1x1x3x1xf32>, tensor<1x1x3x1xf32> -> tensor<1x1x3x1xf32>, tensor<1x1x1x1xf32>
  check.expect_close_const %r#0, dense<[[[[3.0], [5.0], [3.0]]]]> : tensor<1x1x3x1xf32> tolerance(1.0e-05) : tensor<1x1x3x1xf32>
  check.expect_close_const %r#1, dense<[[[[3.0]]]]> : tensor<1x1x1x1xf32> tolerance(1.0e-05) : tensor<1x1x1x1xf32>
  return
}

// A gate for each row of the state.
func.func private @key_decay() {
  %q = arith.constant dense<[[[[1.0, 1.0], [1.0, 1.0], [1.0, 1.0]]]]> : tensor<1x1x3x2xf32>
  %k = arith.constant dense<[[[[1.0, 1.0], [1.0, 1.0], [1.0, 1.0]]]]> : tensor<1x1x3x2xf32>
  %v = arith.constant dense<[[[[1.0], [2.0], [3.0]]]]> : tensor<1x1x3x1xf32>
  %g = arith.constant dense<[[[[-0.693147181, 0.0], [-0.693147181, 0.0], [-0.693147181, 0.0]]]]> : tensor<1x1x3x2xf32>
  %o = tensor.empty() : tensor<1x1x3x1xf32>
  %s = tensor.empty() : tensor<1x1x2x1xf32>
  %r:2 = attn.recurrence %q, %k, %v outs(%o, %s) scale(1.0) decay(key %g : tensor<1x1x3x2xf32>)
    : tensor<1x1x3x2xf32>, tensor<1x1x3x2xf32>, tensor<1x1x3x1xf32> -> tensor<1x1x3x1xf32>, tensor<1x1x2x1xf32>
  check.expect_close_const %r#0, dense<[[[[2.0], [5.5], [10.25]]]]> : tensor<1x1x3x1xf32> tolerance(1.0e-05) : tensor<1x1x3x1xf32>
  check.expect_close_const %r#1, dense<[[[[4.25], [6.0]]]]> : tensor<1x1x2x1xf32> tolerance(1.0e-05) : tensor<1x1x2x1xf32>
  return
}

// A gate for each column of the state.
func.func private @value_decay() {
  %q = arith.constant dense<[[[[1.0], [1.0], [1.0]]]]> : tensor<1x1x3x1xf32>
  %k = arith.constant dense<[[[[1.0], [1.0], [1.0]]]]> : tensor<1x1x3x1xf32>
  %v = arith.constant dense<[[[[1.0, 1.0], [2.0, 2.0], [3.0, 3.0]]]]> : tensor<1x1x3x2xf32>
  %g = arith.constant dense<[[[[-0.693147181, 0.0], [-0.693147181, 0.0], [-0.693147181, 0.0]]]]> : tensor<1x1x3x2xf32>
  %o = tensor.empty() : tensor<1x1x3x2xf32>
  %s = tensor.empty() : tensor<1x1x1x2xf32>
  %r:2 = attn.recurrence %q, %k, %v outs(%o, %s) scale(1.0) decay(value %g : tensor<1x1x3x2xf32>)
    : tensor<1x1x3x1xf32>, tensor<1x1x3x1xf32>, tensor<1x1x3x2xf32> -> tensor<1x1x3x2xf32>, tensor<1x1x1x2xf32>
  check.expect_close_const %r#0, dense<[[[[1.0, 1.0], [2.5, 3.0], [4.25, 6.0]]]]> : tensor<1x1x3x2xf32> tolerance(1.0e-05) : tensor<1x1x3x2xf32>
  check.expect_close_const %r#1, dense<[[[[4.25, 6.0]]]]> : tensor<1x1x1x2xf32> tolerance(1.0e-05) : tensor<1x1x1x2xf32>
  return
}

// Query heads 0 and 1 read state 0, heads 2 and 3 state 1.
func.func private @query_heads() {
  %q = arith.constant dense<[[[[1.0]], [[2.0]], [[3.0]], [[4.0]]]]> : tensor<1x4x1x1xf32>
  %k = arith.constant dense<[[[[1.0]]]]> : tensor<1x1x1x1xf32>
  %v = arith.constant dense<[[[[1.0]], [[10.0]]]]> : tensor<1x2x1x1xf32>
  %o = tensor.empty() : tensor<1x4x1x1xf32>
  %s = tensor.empty() : tensor<1x2x1x1xf32>
  %r:2 = attn.recurrence %q, %k, %v outs(%o, %s) scale(1.0)
    : tensor<1x4x1x1xf32>, tensor<1x1x1x1xf32>, tensor<1x2x1x1xf32> -> tensor<1x4x1x1xf32>, tensor<1x2x1x1xf32>
  check.expect_close_const %r#0, dense<[[[[1.0]], [[2.0]], [[30.0]], [[40.0]]]]> : tensor<1x4x1x1xf32> tolerance(1.0e-05) : tensor<1x4x1x1xf32>
  check.expect_close_const %r#1, dense<[[[[1.0]], [[10.0]]]]> : tensor<1x2x1x1xf32> tolerance(1.0e-05) : tensor<1x2x1x1xf32>
  return
}

// States 0 and 1 have key head 0 and query head 0.
func.func private @value_heads() {
  %q = arith.constant dense<[[[[1.0]], [[2.0]]]]> : tensor<1x2x1x1xf32>
  %k = arith.constant dense<[[[[1.0]], [[3.0]]]]> : tensor<1x2x1x1xf32>
  %v = arith.constant dense<[[[[1.0]], [[10.0]], [[100.0]], [[1000.0]]]]> : tensor<1x4x1x1xf32>
  %o = tensor.empty() : tensor<1x4x1x1xf32>
  %s = tensor.empty() : tensor<1x4x1x1xf32>
  %r:2 = attn.recurrence %q, %k, %v outs(%o, %s) scale(1.0)
    : tensor<1x2x1x1xf32>, tensor<1x2x1x1xf32>, tensor<1x4x1x1xf32> -> tensor<1x4x1x1xf32>, tensor<1x4x1x1xf32>
  check.expect_close_const %r#0, dense<[[[[1.0]], [[10.0]], [[600.0]], [[6000.0]]]]> : tensor<1x4x1x1xf32> tolerance(1.0e-05) : tensor<1x4x1x1xf32>
  check.expect_close_const %r#1, dense<[[[[1.0]], [[10.0]], [[300.0]], [[3000.0]]]]> : tensor<1x4x1x1xf32> tolerance(1.0e-05) : tensor<1x4x1x1xf32>
  return
}

// Over the sum of the keys, 0 where that is 0: behind 1 and 2 the sum is 3, behind -3
// it is 0, behind another 4 it is 4. The scale is above and below.
func.func private @norm() {
  %q = arith.constant dense<[[[[1.0], [1.0], [1.0], [2.0]]]]> : tensor<1x1x4x1xf32>
  %k = arith.constant dense<[[[[1.0], [2.0], [-3.0], [4.0]]]]> : tensor<1x1x4x1xf32>
  %v = arith.constant dense<[[[[5.0], [2.0], [4.0], [1.5]]]]> : tensor<1x1x4x1xf32>
  %o = tensor.empty() : tensor<1x1x4x1xf32>
  %s = tensor.empty() : tensor<1x1x1x1xf32>
  %z = tensor.empty() : tensor<1x1x1xf32>
  %r:3 = attn.recurrence %q, %k, %v outs(%o, %s, %z) scale(0.5) norm(sum)
    : tensor<1x1x4x1xf32>, tensor<1x1x4x1xf32>, tensor<1x1x4x1xf32> -> tensor<1x1x4x1xf32>, tensor<1x1x1x1xf32>, tensor<1x1x1xf32>
  check.expect_close_const %r#0, dense<[[[[5.0], [3.0], [0.0], [0.75]]]]> : tensor<1x1x4x1xf32> tolerance(1.0e-05) : tensor<1x1x4x1xf32>
  check.expect_close_const %r#1, dense<[[[[3.0]]]]> : tensor<1x1x1x1xf32> tolerance(1.0e-05) : tensor<1x1x1x1xf32>
  check.expect_close_const %r#2, dense<[[[4.0]]]> : tensor<1x1x1xf32> tolerance(1.0e-05) : tensor<1x1x1xf32>
  return
}

// The sum decays with the state and begins with what is given; a bound is against the
// size of the scaled sum: 0.5 (2 / 2 + 1), 0.5 (2 / 2 - 3), of which the first counts.
func.func private @norm_bound() {
  %q = arith.constant dense<[[[[1.0], [1.0]]]]> : tensor<1x1x2x1xf32>
  %k = arith.constant dense<[[[[1.0], [-3.0]]]]> : tensor<1x1x2x1xf32>
  %v = arith.constant dense<[[[[4.0], [1.0]]]]> : tensor<1x1x2x1xf32>
  %g = arith.constant dense<[[[-0.693147181, -0.693147181]]]> : tensor<1x1x2xf32>
  %m = arith.constant dense<[[[0.75, 4.0]]]> : tensor<1x1x2xf32>
  %i = arith.constant dense<[[[[8.0]]]]> : tensor<1x1x1x1xf32>
  %j = arith.constant dense<[[[2.0]]]> : tensor<1x1x1xf32>
  %o = tensor.empty() : tensor<1x1x2x1xf32>
  %s = tensor.empty() : tensor<1x1x1x1xf32>
  %z = tensor.empty() : tensor<1x1x1xf32>
  %r:3 = attn.recurrence %q, %k, %v outs(%o, %s, %z) scale(0.5) decay(scalar %g : tensor<1x1x2xf32>) norm(sum)
      bound(%m : tensor<1x1x2xf32>) init(%i : tensor<1x1x1x1xf32>) init_sum(%j : tensor<1x1x1xf32>)
    : tensor<1x1x2x1xf32>, tensor<1x1x2x1xf32>, tensor<1x1x2x1xf32> -> tensor<1x1x2x1xf32>, tensor<1x1x1x1xf32>, tensor<1x1x1xf32>
  check.expect_close_const %r#0, dense<[[[[4.0], [0.125]]]]> : tensor<1x1x2x1xf32> tolerance(1.0e-05) : tensor<1x1x2x1xf32>
  check.expect_close_const %r#1, dense<[[[[1.0]]]]> : tensor<1x1x1x1xf32> tolerance(1.0e-05) : tensor<1x1x1x1xf32>
  check.expect_close_const %r#2, dense<[[[-2.0]]]> : tensor<1x1x1xf32> tolerance(1.0e-05) : tensor<1x1x1xf32>
  return
}

func.func @main() {
  call @norm() : () -> ()
  call @norm_bound() : () -> ()
  call @additive() : () -> ()
  call @decay() : () -> ()
  call @delta() : () -> ()
  call @gated_delta() : () -> ()
  call @dplr() : () -> ()
  call @bonus() : () -> ()
  call @segments() : () -> ()
  call @key_decay() : () -> ()
  call @value_decay() : () -> ()
  call @query_heads() : () -> ()
  call @value_heads() : () -> ()
  return
}
