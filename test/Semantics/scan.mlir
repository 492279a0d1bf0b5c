// RUN: attn-opt %s %oracle | %run
// RUN: attn-opt %s %compiler | %run

// What a token does to a state, one clause at a time, by numbers that can be
// followed by hand. exp(-0.6931472) is a half.

!tokens = tensor<1x1x3x1xf32>
!state = tensor<1x1x1x1xf32>

// Without anything: prefix sums.
func.func private @sums() {
  %v = arith.constant dense<[[[[1.0], [2.0], [3.0]]]]> : !tokens
  %o = tensor.empty() : !tokens
  %s = tensor.empty() : !state
  %r:2 = attn.scan %v outs(%o, %s) : !tokens -> !tokens, !state
  check.expect_close_const %r#0, dense<[[[[1.0], [3.0], [6.0]]]]> : !tokens tolerance(1.0e-05) : !tokens
  check.expect_close_const %r#1, dense<[[[[6.0]]]]> : !state tolerance(1.0e-05) : !state
  return
}

// A decay is before what is written: halves of what was there.
func.func private @decay() {
  %v = arith.constant dense<[[[[1.0], [2.0], [3.0]]]]> : !tokens
  %g = arith.constant dense<-0.693147181> : !tokens
  %i = arith.constant dense<2.0> : !state
  %o = tensor.empty() : !tokens
  %r = attn.scan %v outs(%o) decay(%g : !tokens) init(%i : !state) : !tokens -> !tokens
  check.expect_close_const %r, dense<[[[[2.0], [3.0], [4.5]]]]> : !tokens tolerance(1.0e-05) : !tokens
  return
}

// Two numbers: one that keeps half, one that keeps all; written and read by
// their factors. After the tokens they are 1, 2.5, 4.25 and 2, 6, 12.
func.func private @selective() {
  %v = arith.constant dense<[[[[1.0], [2.0], [3.0]]]]> : !tokens
  %k = arith.constant dense<[[[[1.0, 2.0], [1.0, 2.0], [1.0, 2.0]]]]> : tensor<1x1x3x2xf32>
  %q = arith.constant dense<[[[[1.0, 0.0], [1.0, 1.0], [0.0, 1.0]]]]> : tensor<1x1x3x2xf32>
  %dt = arith.constant dense<1.0> : !tokens
  %a = arith.constant dense<[[[-0.693147181], [0.0]]]> : tensor<1x2x1xf32>
  %o = tensor.empty() : !tokens
  %s = tensor.empty() : tensor<1x1x2x1xf32>
  %r:2 = attn.scan %v outs(%o, %s) key(%k : tensor<1x1x3x2xf32>) query(%q : tensor<1x1x3x2xf32>)
      decay(%dt : !tokens) rate(%a : tensor<1x2x1xf32>) : !tokens -> !tokens, tensor<1x1x2x1xf32>
  check.expect_close_const %r#0, dense<[[[[1.0], [8.5], [12.0]]]]> : !tokens tolerance(1.0e-05) : !tokens
  check.expect_close_const %r#1, dense<[[[[4.25], [12.0]]]]> : tensor<1x1x2x1xf32> tolerance(1.0e-05) : tensor<1x1x2x1xf32>
  return
}

// The difference to what the key finds, in the state after the decay:
// 0 + 2 (1 - 0) / 4, then 0.25 + 2 (1 - 0.5) / 4 and so on, read once.
func.func private @delta() {
  %v = arith.constant dense<1.0> : !tokens
  %k = arith.constant dense<2.0> : !tokens
  %b = arith.constant dense<0.25> : !tokens
  %g = arith.constant dense<-0.693147181> : !tokens
  %o = tensor.empty() : !tokens
  %r = attn.scan %v outs(%o) key(%k : !tokens) delta(%b : !tokens) decay(%g : !tokens) : !tokens -> !tokens
  check.expect_close_const %r, dense<[[[[0.5], [0.5], [0.5]]]]> : !tokens tolerance(1.0e-05) : !tokens
  return
}

// The state before the token, and before its decay, and 10 times the token.
func.func private @bonus() {
  %v = arith.constant dense<[[[[1.0], [2.0], [3.0]]]]> : !tokens
  %g = arith.constant dense<-0.693147181> : !tokens
  %u = arith.constant dense<10.0> : tensor<1x1xf32>
  %o = tensor.empty() : !tokens
  %r = attn.scan %v outs(%o) decay(%g : !tokens) bonus(%u : tensor<1x1xf32>) : !tokens -> !tokens
  check.expect_close_const %r, dense<[[[[10.0], [21.0], [32.5]]]]> : !tokens tolerance(1.0e-05) : !tokens
  return
}

// An average: of weights 1 and 1, then 1, 1 and 2.
func.func private @average() {
  %v = arith.constant dense<[[[[1.0], [2.0], [3.0]]]]> : !tokens
  %w = arith.constant dense<[[[[0.0], [0.0], [0.693147181]]]]> : !tokens
  %o = tensor.empty() : !tokens
  %r = attn.scan %v outs(%o) weights(%w : !tokens) : !tokens -> !tokens
  check.expect_close_const %r, dense<[[[[1.0], [1.5], [2.25]]]]> : !tokens tolerance(1.0e-05) : !tokens
  return
}

// Weights that no float holds. The second is the only one that counts.
func.func private @large() {
  %v = arith.constant dense<[[[[1.0], [2.0], [3.0]]]]> : !tokens
  %w = arith.constant dense<[[[[500.0], [1000.0], [900.0]]]]> : !tokens
  %o = tensor.empty() : !tokens
  %r = attn.scan %v outs(%o) weights(%w : !tokens) : !tokens -> !tokens
  check.expect_close_const %r, dense<[[[[1.0], [2.0], [2.0]]]]> : !tokens tolerance(1.0e-05) : !tokens
  return
}

// No weight: 0 until there is one.
func.func private @weightless() {
  %v = arith.constant dense<[[[[1.0], [2.0], [3.0]]]]> : !tokens
  %w = arith.constant dense<[[[[0xFF800000], [0xFF800000], [-200.0]]]]> : !tokens
  %o = tensor.empty() : !tokens
  %r = attn.scan %v outs(%o) weights(%w : !tokens) : !tokens -> !tokens
  check.expect_close_const %r, dense<[[[[0.0], [0.0], [3.0]]]]> : !tokens tolerance(1.0e-05) : !tokens
  return
}

// The token itself with e^u times its weight, here three times: (1 + 3 * 2) / 4,
// then (0.5 * 1 + 2 + 3 * 3) / 4.5 with what was there decayed once.
func.func private @average_bonus() {
  %v = arith.constant dense<[[[[1.0], [2.0], [3.0]]]]> : !tokens
  %w = arith.constant dense<0.0> : !tokens
  %g = arith.constant dense<-0.693147181> : !tokens
  %u = arith.constant dense<1.0986123> : tensor<1x1xf32>
  %o = tensor.empty() : !tokens
  %r = attn.scan %v outs(%o) decay(%g : !tokens) weights(%w : !tokens) bonus(%u : tensor<1x1xf32>) : !tokens -> !tokens
  check.expect_close_const %r, dense<[[[[1.0], [1.75], [2.5555556]]]]> : !tokens tolerance(1.0e-05) : !tokens
  return
}

// A segment does not see the one before it, nor what was there before.
func.func private @segments() {
  %v = arith.constant dense<[[[[1.0], [2.0], [3.0]]]]> : !tokens
  %ids = arith.constant dense<[[4, 7, 7]]> : tensor<1x3xi32>
  %i = arith.constant dense<10.0> : !state
  %o = tensor.empty() : !tokens
  %r = attn.scan %v outs(%o) init(%i : !state) segments(%ids : tensor<1x3xi32>) : !tokens -> !tokens
  check.expect_close_const %r, dense<[[[[11.0], [2.0], [5.0]]]]> : !tokens tolerance(1.0e-05) : !tokens
  return
}

// Heads 0 and 1 have the keys and queries of group 0.
func.func private @groups() {
  %v = arith.constant dense<[[[[1.0]], [[10.0]], [[100.0]], [[1000.0]]]]> : tensor<1x4x1x1xf32>
  %k = arith.constant dense<[[[[1.0]], [[3.0]]]]> : tensor<1x2x1x1xf32>
  %q = arith.constant dense<[[[[1.0]], [[2.0]]]]> : tensor<1x2x1x1xf32>
  %o = tensor.empty() : tensor<1x4x1x1xf32>
  %r = attn.scan %v outs(%o) key(%k : tensor<1x2x1x1xf32>) query(%q : tensor<1x2x1x1xf32>)
    : tensor<1x4x1x1xf32> -> tensor<1x4x1x1xf32>
  check.expect_close_const %r, dense<[[[[1.0]], [[10.0]], [[600.0]], [[6000.0]]]]> : tensor<1x4x1x1xf32> tolerance(1.0e-05) : tensor<1x4x1x1xf32>
  return
}

func.func @main() {
  call @sums() : () -> ()
  call @decay() : () -> ()
  call @selective() : () -> ()
  call @delta() : () -> ()
  call @bonus() : () -> ()
  call @average() : () -> ()
  call @large() : () -> ()
  call @weightless() : () -> ()
  call @average_bonus() : () -> ()
  call @segments() : () -> ()
  call @groups() : () -> ()
  return
}
