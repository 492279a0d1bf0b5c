// RUN: attn-opt %s %oracle | %run
// RUN: attn-opt %s %compiler | %run
// RUN: attn-opt %s --tile-decompose %oracle | %run

// Attention over a range of keys is a state. States continue and merge; their value
// is that of attention over all the keys. The identity has acc = 0, sum = 0 and the
// lowest finite reference.
// In the third run merges and finalisations are decomposed first.

// The second half of the keys continues the state of the first.
func.func private @continued() {
  %q = arith.constant dense<[[[[0.0, 0.5], [-0.0, -0.0], [0.5, 0.5]], [[0.25, -1.5], [-0.5, -0.25], [0.75, 0.0]]]]> : tensor<1x2x3x2xf32>
  %k0 = arith.constant dense<[[[[-1.0, -0.0], [0.5, -1.75], [-1.5, -1.0]]]]> : tensor<1x1x3x2xf32>
  %k1 = arith.constant dense<[[[[1.0, 1.0], [0.25, 0.5], [-0.5, -1.25]]]]> : tensor<1x1x3x2xf32>
  %v0 = arith.constant dense<[[[[-1.0, 0.75], [-0.5, 0.25], [0.25, -2.0]]]]> : tensor<1x1x3x2xf32>
  %v1 = arith.constant dense<[[[[0.5, -1.0], [-1.25, 1.0], [-1.5, -1.5]]]]> : tensor<1x1x3x2xf32>
  %c0 = arith.constant 0 : index
  %c3 = arith.constant 3 : index
  %acc = arith.constant dense<0.0> : tensor<1x2x3x2xf32>
  %ref = arith.constant dense<0xFF7FFFFF> : tensor<1x2x3xf32>
  %sum = arith.constant dense<0.0> : tensor<1x2x3xf32>
  %a:3 = attn.partial %q, %k0, %v0 outs(%acc, %ref, %sum) scale(0.5) mask(#attn.causal) offset(%c3 : index) origin(%c0, %c0, %c0, %c0)
    : tensor<1x2x3x2xf32>, tensor<1x1x3x2xf32>, tensor<1x1x3x2xf32> -> tensor<1x2x3x2xf32>, tensor<1x2x3xf32>, tensor<1x2x3xf32>
  %b:3 = attn.partial %q, %k1, %v1 outs(%a#0, %a#1, %a#2) scale(0.5) mask(#attn.causal) offset(%c3 : index) origin(%c0, %c0, %c0, %c3)
    : tensor<1x2x3x2xf32>, tensor<1x1x3x2xf32>, tensor<1x1x3x2xf32> -> tensor<1x2x3x2xf32>, tensor<1x2x3xf32>, tensor<1x2x3xf32>
  %e = tensor.empty() : tensor<1x2x3x2xf32>
  %l = tensor.empty() : tensor<1x2x3xf32>
  %r:2 = attn.finalize %b#0, %b#1, %b#2 outs(%e, %l) : tensor<1x2x3x2xf32>, tensor<1x2x3xf32>, tensor<1x2x3xf32> -> tensor<1x2x3x2xf32>, tensor<1x2x3xf32>
  check.expect_close_const %r#0, dense<[[[[-0.1310812, -0.5204875], [-0.4, -0.2], [-0.4800865, -0.309123]], [[-0.3021428, -0.335966], [-0.3893117, -0.3329236], [-0.5195119, -0.3289292]]]]> : tensor<1x2x3x2xf32> tolerance(1.0e-05) : tensor<1x2x3x2xf32>
  check.expect_close_const %r#1, dense<[[[1.310621, 1.609438, 1.713127], [1.964015, 1.722913, 1.765691]]]> : tensor<1x2x3xf32> tolerance(1.0e-05) : tensor<1x2x3xf32>
  return
}

// States over disjoint keys merge, in either order.
func.func private @merged() {
  %q = arith.constant dense<[[[[0.0, 0.5], [-0.0, -0.0], [0.5, 0.5]], [[0.25, -1.5], [-0.5, -0.25], [0.75, 0.0]]]]> : tensor<1x2x3x2xf32>
  %k0 = arith.constant dense<[[[[-1.0, -0.0], [0.5, -1.75], [-1.5, -1.0]]]]> : tensor<1x1x3x2xf32>
  %k1 = arith.constant dense<[[[[1.0, 1.0], [0.25, 0.5], [-0.5, -1.25]]]]> : tensor<1x1x3x2xf32>
  %v0 = arith.constant dense<[[[[-1.0, 0.75], [-0.5, 0.25], [0.25, -2.0]]]]> : tensor<1x1x3x2xf32>
  %v1 = arith.constant dense<[[[[0.5, -1.0], [-1.25, 1.0], [-1.5, -1.5]]]]> : tensor<1x1x3x2xf32>
  %c0 = arith.constant 0 : index
  %c3 = arith.constant 3 : index
  %acc = arith.constant dense<0.0> : tensor<1x2x3x2xf32>
  %ref = arith.constant dense<0xFF7FFFFF> : tensor<1x2x3xf32>
  %sum = arith.constant dense<0.0> : tensor<1x2x3xf32>
  %a:3 = attn.partial %q, %k0, %v0 outs(%acc, %ref, %sum) scale(0.5) mask(#attn.causal) offset(%c3 : index) origin(%c0, %c0, %c0, %c0)
    : tensor<1x2x3x2xf32>, tensor<1x1x3x2xf32>, tensor<1x1x3x2xf32> -> tensor<1x2x3x2xf32>, tensor<1x2x3xf32>, tensor<1x2x3xf32>
  %b:3 = attn.partial %q, %k1, %v1 outs(%acc, %ref, %sum) scale(0.5) mask(#attn.causal) offset(%c3 : index) origin(%c0, %c0, %c0, %c3)
    : tensor<1x2x3x2xf32>, tensor<1x1x3x2xf32>, tensor<1x1x3x2xf32> -> tensor<1x2x3x2xf32>, tensor<1x2x3xf32>, tensor<1x2x3xf32>
  %ea = tensor.empty() : tensor<1x2x3x2xf32>
  %er = tensor.empty() : tensor<1x2x3xf32>
  %es = tensor.empty() : tensor<1x2x3xf32>
  %m:3 = attn.merge %a#0, %a#1, %a#2, %b#0, %b#1, %b#2 outs(%ea, %er, %es)
    : tensor<1x2x3x2xf32>, tensor<1x2x3xf32>, tensor<1x2x3xf32>, tensor<1x2x3x2xf32>, tensor<1x2x3xf32>, tensor<1x2x3xf32> -> tensor<1x2x3x2xf32>, tensor<1x2x3xf32>, tensor<1x2x3xf32>
  %e = tensor.empty() : tensor<1x2x3x2xf32>
  %l = tensor.empty() : tensor<1x2x3xf32>
  %r:2 = attn.finalize %m#0, %m#1, %m#2 outs(%e, %l) : tensor<1x2x3x2xf32>, tensor<1x2x3xf32>, tensor<1x2x3xf32> -> tensor<1x2x3x2xf32>, tensor<1x2x3xf32>
  check.expect_close_const %r#0, dense<[[[[-0.1310812, -0.5204875], [-0.4, -0.2], [-0.4800865, -0.309123]], [[-0.3021428, -0.335966], [-0.3893117, -0.3329236], [-0.5195119, -0.3289292]]]]> : tensor<1x2x3x2xf32> tolerance(1.0e-05) : tensor<1x2x3x2xf32>
  check.expect_close_const %r#1, dense<[[[1.310621, 1.609438, 1.713127], [1.964015, 1.722913, 1.765691]]]> : tensor<1x2x3xf32> tolerance(1.0e-05) : tensor<1x2x3xf32>
  return
}

func.func private @merged_backwards() {
  %q = arith.constant dense<[[[[0.0, 0.5], [-0.0, -0.0], [0.5, 0.5]], [[0.25, -1.5], [-0.5, -0.25], [0.75, 0.0]]]]> : tensor<1x2x3x2xf32>
  %k0 = arith.constant dense<[[[[-1.0, -0.0], [0.5, -1.75], [-1.5, -1.0]]]]> : tensor<1x1x3x2xf32>
  %k1 = arith.constant dense<[[[[1.0, 1.0], [0.25, 0.5], [-0.5, -1.25]]]]> : tensor<1x1x3x2xf32>
  %v0 = arith.constant dense<[[[[-1.0, 0.75], [-0.5, 0.25], [0.25, -2.0]]]]> : tensor<1x1x3x2xf32>
  %v1 = arith.constant dense<[[[[0.5, -1.0], [-1.25, 1.0], [-1.5, -1.5]]]]> : tensor<1x1x3x2xf32>
  %c0 = arith.constant 0 : index
  %c3 = arith.constant 3 : index
  %acc = arith.constant dense<0.0> : tensor<1x2x3x2xf32>
  %ref = arith.constant dense<0xFF7FFFFF> : tensor<1x2x3xf32>
  %sum = arith.constant dense<0.0> : tensor<1x2x3xf32>
  %a:3 = attn.partial %q, %k0, %v0 outs(%acc, %ref, %sum) scale(0.5) mask(#attn.causal) offset(%c3 : index) origin(%c0, %c0, %c0, %c0)
    : tensor<1x2x3x2xf32>, tensor<1x1x3x2xf32>, tensor<1x1x3x2xf32> -> tensor<1x2x3x2xf32>, tensor<1x2x3xf32>, tensor<1x2x3xf32>
  %b:3 = attn.partial %q, %k1, %v1 outs(%acc, %ref, %sum) scale(0.5) mask(#attn.causal) offset(%c3 : index) origin(%c0, %c0, %c0, %c3)
    : tensor<1x2x3x2xf32>, tensor<1x1x3x2xf32>, tensor<1x1x3x2xf32> -> tensor<1x2x3x2xf32>, tensor<1x2x3xf32>, tensor<1x2x3xf32>
  %ea = tensor.empty() : tensor<1x2x3x2xf32>
  %er = tensor.empty() : tensor<1x2x3xf32>
  %es = tensor.empty() : tensor<1x2x3xf32>
  %m:3 = attn.merge %b#0, %b#1, %b#2, %a#0, %a#1, %a#2 outs(%ea, %er, %es)
    : tensor<1x2x3x2xf32>, tensor<1x2x3xf32>, tensor<1x2x3xf32>, tensor<1x2x3x2xf32>, tensor<1x2x3xf32>, tensor<1x2x3xf32> -> tensor<1x2x3x2xf32>, tensor<1x2x3xf32>, tensor<1x2x3xf32>
  %e = tensor.empty() : tensor<1x2x3x2xf32>
  %l = tensor.empty() : tensor<1x2x3xf32>
  %r:2 = attn.finalize %m#0, %m#1, %m#2 outs(%e, %l) : tensor<1x2x3x2xf32>, tensor<1x2x3xf32>, tensor<1x2x3xf32> -> tensor<1x2x3x2xf32>, tensor<1x2x3xf32>
  check.expect_close_const %r#0, dense<[[[[-0.1310812, -0.5204875], [-0.4, -0.2], [-0.4800865, -0.309123]], [[-0.3021428, -0.335966], [-0.3893117, -0.3329236], [-0.5195119, -0.3289292]]]]> : tensor<1x2x3x2xf32> tolerance(1.0e-05) : tensor<1x2x3x2xf32>
  check.expect_close_const %r#1, dense<[[[1.310621, 1.609438, 1.713127], [1.964015, 1.722913, 1.765691]]]> : tensor<1x2x3xf32> tolerance(1.0e-05) : tensor<1x2x3xf32>
  return
}

// Merging the identity changes nothing.
func.func private @identity() {
  %q = arith.constant dense<[[[[0.0, 0.5], [-0.0, -0.0], [0.5, 0.5]], [[0.25, -1.5], [-0.5, -0.25], [0.75, 0.0]]]]> : tensor<1x2x3x2xf32>
  %k0 = arith.constant dense<[[[[-1.0, -0.0], [0.5, -1.75], [-1.5, -1.0]]]]> : tensor<1x1x3x2xf32>
  %k1 = arith.constant dense<[[[[1.0, 1.0], [0.25, 0.5], [-0.5, -1.25]]]]> : tensor<1x1x3x2xf32>
  %v0 = arith.constant dense<[[[[-1.0, 0.75], [-0.5, 0.25], [0.25, -2.0]]]]> : tensor<1x1x3x2xf32>
  %v1 = arith.constant dense<[[[[0.5, -1.0], [-1.25, 1.0], [-1.5, -1.5]]]]> : tensor<1x1x3x2xf32>
  %c0 = arith.constant 0 : index
  %c3 = arith.constant 3 : index
  %acc = arith.constant dense<0.0> : tensor<1x2x3x2xf32>
  %ref = arith.constant dense<0xFF7FFFFF> : tensor<1x2x3xf32>
  %sum = arith.constant dense<0.0> : tensor<1x2x3xf32>
  %a:3 = attn.partial %q, %k0, %v0 outs(%acc, %ref, %sum) scale(0.5) mask(#attn.causal) offset(%c3 : index) origin(%c0, %c0, %c0, %c0)
    : tensor<1x2x3x2xf32>, tensor<1x1x3x2xf32>, tensor<1x1x3x2xf32> -> tensor<1x2x3x2xf32>, tensor<1x2x3xf32>, tensor<1x2x3xf32>
  %b:3 = attn.partial %q, %k1, %v1 outs(%a#0, %a#1, %a#2) scale(0.5) mask(#attn.causal) offset(%c3 : index) origin(%c0, %c0, %c0, %c3)
    : tensor<1x2x3x2xf32>, tensor<1x1x3x2xf32>, tensor<1x1x3x2xf32> -> tensor<1x2x3x2xf32>, tensor<1x2x3xf32>, tensor<1x2x3xf32>
  %ea = tensor.empty() : tensor<1x2x3x2xf32>
  %er = tensor.empty() : tensor<1x2x3xf32>
  %es = tensor.empty() : tensor<1x2x3xf32>
  %m:3 = attn.merge %acc, %ref, %sum, %b#0, %b#1, %b#2 outs(%ea, %er, %es)
    : tensor<1x2x3x2xf32>, tensor<1x2x3xf32>, tensor<1x2x3xf32>, tensor<1x2x3x2xf32>, tensor<1x2x3xf32>, tensor<1x2x3xf32> -> tensor<1x2x3x2xf32>, tensor<1x2x3xf32>, tensor<1x2x3xf32>
  %e = tensor.empty() : tensor<1x2x3x2xf32>
  %l = tensor.empty() : tensor<1x2x3xf32>
  %r:2 = attn.finalize %m#0, %m#1, %m#2 outs(%e, %l) : tensor<1x2x3x2xf32>, tensor<1x2x3xf32>, tensor<1x2x3xf32> -> tensor<1x2x3x2xf32>, tensor<1x2x3xf32>
  check.expect_close_const %r#0, dense<[[[[-0.1310812, -0.5204875], [-0.4, -0.2], [-0.4800865, -0.309123]], [[-0.3021428, -0.335966], [-0.3893117, -0.3329236], [-0.5195119, -0.3289292]]]]> : tensor<1x2x3x2xf32> tolerance(1.0e-05) : tensor<1x2x3x2xf32>
  check.expect_close_const %r#1, dense<[[[1.310621, 1.609438, 1.713127], [1.964015, 1.722913, 1.765691]]]> : tensor<1x2x3xf32> tolerance(1.0e-05) : tensor<1x2x3xf32>
  return
}

// The identity has value 0 and lse -inf.
func.func private @nothing_summed() {
  %q = arith.constant dense<[[[[0.0, 0.5], [-0.0, -0.0], [0.5, 0.5]], [[0.25, -1.5], [-0.5, -0.25], [0.75, 0.0]]]]> : tensor<1x2x3x2xf32>
  %k0 = arith.constant dense<[[[[-1.0, -0.0], [0.5, -1.75], [-1.5, -1.0]]]]> : tensor<1x1x3x2xf32>
  %k1 = arith.constant dense<[[[[1.0, 1.0], [0.25, 0.5], [-0.5, -1.25]]]]> : tensor<1x1x3x2xf32>
  %v0 = arith.constant dense<[[[[-1.0, 0.75], [-0.5, 0.25], [0.25, -2.0]]]]> : tensor<1x1x3x2xf32>
  %v1 = arith.constant dense<[[[[0.5, -1.0], [-1.25, 1.0], [-1.5, -1.5]]]]> : tensor<1x1x3x2xf32>
  %c0 = arith.constant 0 : index
  %c3 = arith.constant 3 : index
  %acc = arith.constant dense<0.0> : tensor<1x2x3x2xf32>
  %ref = arith.constant dense<0xFF7FFFFF> : tensor<1x2x3xf32>
  %sum = arith.constant dense<0.0> : tensor<1x2x3xf32>
  %e = tensor.empty() : tensor<1x2x3x2xf32>
  %l = tensor.empty() : tensor<1x2x3xf32>
  %r:2 = attn.finalize %acc, %ref, %sum outs(%e, %l) : tensor<1x2x3x2xf32>, tensor<1x2x3xf32>, tensor<1x2x3xf32> -> tensor<1x2x3x2xf32>, tensor<1x2x3xf32>
  check.expect_close_const %r#0, dense<[[[[0.0, 0.0], [0.0, 0.0], [0.0, 0.0]], [[0.0, 0.0], [0.0, 0.0], [0.0, 0.0]]]]> : tensor<1x2x3x2xf32> tolerance(1.0e-05) : tensor<1x2x3x2xf32>
  check.expect_close_const %r#1, dense<[[[0xFF800000, 0xFF800000, 0xFF800000], [0xFF800000, 0xFF800000, 0xFF800000]]]> : tensor<1x2x3xf32> tolerance(1.0e-05) : tensor<1x2x3xf32>
  return
}

func.func private @nothing_summed_but_sinks() {
  %q = arith.constant dense<[[[[0.0, 0.5], [-0.0, -0.0], [0.5, 0.5]], [[0.25, -1.5], [-0.5, -0.25], [0.75, 0.0]]]]> : tensor<1x2x3x2xf32>
  %k0 = arith.constant dense<[[[[-1.0, -0.0], [0.5, -1.75], [-1.5, -1.0]]]]> : tensor<1x1x3x2xf32>
  %k1 = arith.constant dense<[[[[1.0, 1.0], [0.25, 0.5], [-0.5, -1.25]]]]> : tensor<1x1x3x2xf32>
  %v0 = arith.constant dense<[[[[-1.0, 0.75], [-0.5, 0.25], [0.25, -2.0]]]]> : tensor<1x1x3x2xf32>
  %v1 = arith.constant dense<[[[[0.5, -1.0], [-1.25, 1.0], [-1.5, -1.5]]]]> : tensor<1x1x3x2xf32>
  %c0 = arith.constant 0 : index
  %c3 = arith.constant 3 : index
  %acc = arith.constant dense<0.0> : tensor<1x2x3x2xf32>
  %ref = arith.constant dense<0xFF7FFFFF> : tensor<1x2x3xf32>
  %sum = arith.constant dense<0.0> : tensor<1x2x3xf32>
  %sink = arith.constant dense<[0.5, -1.0]> : tensor<2xf32>
  %e = tensor.empty() : tensor<1x2x3x2xf32>
  %l = tensor.empty() : tensor<1x2x3xf32>
  %r:2 = attn.finalize %acc, %ref, %sum outs(%e, %l) sink(%sink : tensor<2xf32>) : tensor<1x2x3x2xf32>, tensor<1x2x3xf32>, tensor<1x2x3xf32> -> tensor<1x2x3x2xf32>, tensor<1x2x3xf32>
  check.expect_close_const %r#0, dense<[[[[0.0, 0.0], [0.0, 0.0], [0.0, 0.0]], [[0.0, 0.0], [0.0, 0.0], [0.0, 0.0]]]]> : tensor<1x2x3x2xf32> tolerance(1.0e-05) : tensor<1x2x3x2xf32>
  check.expect_close_const %r#1, dense<[[[0.5, 0.5, 0.5], [-1.0, -1.0, -1.0]]]> : tensor<1x2x3xf32> tolerance(1.0e-05) : tensor<1x2x3xf32>
  return
}

// Sinks join at the end.
func.func private @sinks() {
  %q = arith.constant dense<[[[[0.0, 0.5], [-0.0, -0.0], [0.5, 0.5]], [[0.25, -1.5], [-0.5, -0.25], [0.75, 0.0]]]]> : tensor<1x2x3x2xf32>
  %k0 = arith.constant dense<[[[[-1.0, -0.0], [0.5, -1.75], [-1.5, -1.0]]]]> : tensor<1x1x3x2xf32>
  %k1 = arith.constant dense<[[[[1.0, 1.0], [0.25, 0.5], [-0.5, -1.25]]]]> : tensor<1x1x3x2xf32>
  %v0 = arith.constant dense<[[[[-1.0, 0.75], [-0.5, 0.25], [0.25, -2.0]]]]> : tensor<1x1x3x2xf32>
  %v1 = arith.constant dense<[[[[0.5, -1.0], [-1.25, 1.0], [-1.5, -1.5]]]]> : tensor<1x1x3x2xf32>
  %c0 = arith.constant 0 : index
  %c3 = arith.constant 3 : index
  %acc = arith.constant dense<0.0> : tensor<1x2x3x2xf32>
  %ref = arith.constant dense<0xFF7FFFFF> : tensor<1x2x3xf32>
  %sum = arith.constant dense<0.0> : tensor<1x2x3xf32>
  %sink = arith.constant dense<[0.5, -1.0]> : tensor<2xf32>
  %a:3 = attn.partial %q, %k0, %v0 outs(%acc, %ref, %sum) scale(0.5) mask(#attn.causal) offset(%c3 : index) origin(%c0, %c0, %c0, %c0)
    : tensor<1x2x3x2xf32>, tensor<1x1x3x2xf32>, tensor<1x1x3x2xf32> -> tensor<1x2x3x2xf32>, tensor<1x2x3xf32>, tensor<1x2x3xf32>
  %b:3 = attn.partial %q, %k1, %v1 outs(%a#0, %a#1, %a#2) scale(0.5) mask(#attn.causal) offset(%c3 : index) origin(%c0, %c0, %c0, %c3)
    : tensor<1x2x3x2xf32>, tensor<1x1x3x2xf32>, tensor<1x1x3x2xf32> -> tensor<1x2x3x2xf32>, tensor<1x2x3xf32>, tensor<1x2x3xf32>
  %e = tensor.empty() : tensor<1x2x3x2xf32>
  %l = tensor.empty() : tensor<1x2x3xf32>
  %r:2 = attn.finalize %b#0, %b#1, %b#2 outs(%e, %l) sink(%sink : tensor<2xf32>) : tensor<1x2x3x2xf32>, tensor<1x2x3xf32>, tensor<1x2x3xf32> -> tensor<1x2x3x2xf32>, tensor<1x2x3xf32>
  check.expect_close_const %r#0, dense<[[[[-0.09073989, -0.3603032], [-0.3008097, -0.1504049], [-0.3700755, -0.238288]], [[-0.2873142, -0.3194774], [-0.3653166, -0.3124039], [-0.4887534, -0.3094544]]]]> : tensor<1x2x3x2xf32> tolerance(1.0e-05) : tensor<1x2x3x2xf32>
  check.expect_close_const %r#1, dense<[[[1.678441, 1.894425, 1.973386], [2.014339, 1.786529, 1.826722]]]> : tensor<1x2x3xf32> tolerance(1.0e-05) : tensor<1x2x3xf32>
  return
}

// The reference is any finite number: acc and sum are relative to it.
func.func private @any_reference() {
  %a = arith.constant dense<[[[[-0.02420206, -0.09609974], [-109.1963, -54.59815], [-1.615005, -1.039886]], [[-0.7922802, -0.8809715], [-16.11157, -13.77796], [-0.4109947, -0.2602215]]]]> : tensor<1x2x3x2xf32>
  %ref = arith.constant dense<[[[3.0, -4.0, 0.5], [1.0, -2.0, 2.0]]]> : tensor<1x2x3xf32>
  %sum = arith.constant dense<[[[0.1846341, 272.9908, 3.363988], [2.622204, 41.38476, 0.791117]]]> : tensor<1x2x3xf32>
  %e = tensor.empty() : tensor<1x2x3x2xf32>
  %l = tensor.empty() : tensor<1x2x3xf32>
  %r:2 = attn.finalize %a, %ref, %sum outs(%e, %l) : tensor<1x2x3x2xf32>, tensor<1x2x3xf32>, tensor<1x2x3xf32> -> tensor<1x2x3x2xf32>, tensor<1x2x3xf32>
  check.expect_close_const %r#0, dense<[[[[-0.1310812, -0.5204875], [-0.4, -0.2], [-0.4800865, -0.309123]], [[-0.3021428, -0.335966], [-0.3893117, -0.3329236], [-0.5195119, -0.3289292]]]]> : tensor<1x2x3x2xf32> tolerance(1.0e-05) : tensor<1x2x3x2xf32>
  check.expect_close_const %r#1, dense<[[[1.310621, 1.609438, 1.713127], [1.964015, 1.722913, 1.765691]]]> : tensor<1x2x3xf32> tolerance(1.0e-05) : tensor<1x2x3xf32>
  return
}

func.func @main() {
  call @continued() : () -> ()
  call @merged() : () -> ()
  call @merged_backwards() : () -> ()
  call @identity() : () -> ()
  call @nothing_summed() : () -> ()
  call @nothing_summed_but_sinks() : () -> ()
  call @sinks() : () -> ()
  call @any_reference() : () -> ()
  return
}
