// RUN: attn-opt %s %oracle | %run
// RUN: attn-opt %s %compiler | %run

// Query head h reads kv head h / (Hq / Hkv).

func.func private @two_groups() {
  %q = arith.constant dense<[[[[-0.5, -0.5], [0.0, 1.25]], [[-0.25, -1.0], [-0.75, 1.75]], [[-0.25, -1.25], [-0.25, 0.25]], [[0.25, 1.75], [-0.25, -1.5]]], [[[1.5, 0.25], [0.25, -0.75]], [[-1.0, 1.5], [-1.5, -0.5]], [[-1.25, 1.5], [0.25, -0.75]], [[0.75, 2.0], [-1.0, -1.0]]]]> : tensor<2x4x2x2xf32>
  %k = arith.constant dense<[[[[-0.75, 0.25], [-0.0, -0.0], [0.25, 0.75]], [[0.25, 0.25], [-1.25, 0.5], [-0.25, 1.0]]], [[[1.25, -1.75], [1.25, -0.75], [-1.0, -0.25]], [[0.25, 1.0], [2.75, -1.5], [-0.25, 0.5]]]]> : tensor<2x2x3x2xf32>
  %v = arith.constant dense<[[[[0.0], [-0.75], [1.0]], [[-1.0], [-1.25], [0.5]]], [[[1.25], [1.25], [1.25]], [[0.5], [-0.25], [0.5]]]]> : tensor<2x2x3x1xf32>
  %e = tensor.empty() : tensor<2x4x2x1xf32>
  %l = tensor.empty() : tensor<2x4x2xf32>
  %r:2 = attn.attention %q, %k, %v outs(%e, %l) scale(0.5)
    : tensor<2x4x2x2xf32>, tensor<2x2x3x2xf32>, tensor<2x2x3x1xf32> -> tensor<2x4x2x1xf32>, tensor<2x4x2xf32>
  check.expect_close_const %r#0, dense<[[[[0.009890551], [0.2251048]], [[-0.03181951], [0.2282257]], [[-0.725237], [-0.5774164]], [[-0.3602584], [-0.7468681]]], [[[1.25], [1.25]], [[1.25], [1.25]], [[0.4877717], [0.03449609]], [[0.4081963], [0.2944485]]]]> : tensor<2x4x2x1xf32> tolerance(1.0e-05) : tensor<2x4x2x1xf32>
  check.expect_close_const %r#1, dense<[[[1.068823, 1.326309], [0.9690262, 1.482462], [0.8049689, 1.227779], [1.596126, 0.7392701]], [[1.575834, 1.562681], [0.5965726, 1.203702], [1.272574, 1.383203], [1.631671, 0.6693768]]]> : tensor<2x4x2xf32> tolerance(1.0e-05) : tensor<2x4x2xf32>
  return
}

func.func private @one_kv_head() {
  %q = arith.constant dense<[[[[-0.5, -0.5], [0.0, 1.25]], [[-0.25, -1.0], [-0.75, 1.75]], [[-0.25, -1.25], [-0.25, 0.25]], [[0.25, 1.75], [-0.25, -1.5]]], [[[1.5, 0.25], [0.25, -0.75]], [[-1.0, 1.5], [-1.5, -0.5]], [[-1.25, 1.5], [0.25, -0.75]], [[0.75, 2.0], [-1.0, -1.0]]]]> : tensor<2x4x2x2xf32>
  %k = arith.constant dense<[[[[-0.75, 0.25], [-0.0, -0.0], [0.25, 0.75]]], [[[1.25, -1.75], [1.25, -0.75], [-1.0, -0.25]]]]> : tensor<2x1x3x2xf32>
  %v = arith.constant dense<[[[[0.0], [-0.75], [1.0]]], [[[1.25], [1.25], [1.25]]]]> : tensor<2x1x3x1xf32>
  %e = tensor.empty() : tensor<2x4x2x1xf32>
  %l = tensor.empty() : tensor<2x4x2xf32>
  %r:2 = attn.attention %q, %k, %v outs(%e, %l) scale(0.5)
    : tensor<2x4x2x2xf32>, tensor<2x1x3x2xf32>, tensor<2x1x3x1xf32> -> tensor<2x4x2x1xf32>, tensor<2x4x2xf32>
  check.expect_close_const %r#0, dense<[[[[0.009890551], [0.2251048]], [[-0.03181951], [0.2282257]], [[-0.05635213], [0.09835196]], [[0.3005269], [-0.080295]]], [[[1.25], [1.25]], [[1.25], [1.25]], [[1.25], [1.25]], [[1.25], [1.25]]]]> : tensor<2x4x2x1xf32> tolerance(1.0e-05) : tensor<2x4x2x1xf32>
  check.expect_close_const %r#1, dense<[[[1.068823, 1.326309], [0.9690262, 1.482462], [0.9345014, 1.162414], [1.416311, 0.9012838]], [[1.575834, 1.562681], [0.5965726, 1.203702], [0.6590318, 1.562681], [0.4496676, 1.368912]]]> : tensor<2x4x2xf32> tolerance(1.0e-05) : tensor<2x4x2xf32>
  return
}

func.func private @one_each() {
  %q = arith.constant dense<[[[[-0.5, -0.5], [0.0, 1.25]], [[-0.25, -1.0], [-0.75, 1.75]]], [[[1.5, 0.25], [0.25, -0.75]], [[-1.0, 1.5], [-1.5, -0.5]]]]> : tensor<2x2x2x2xf32>
  %k = arith.constant dense<[[[[-0.75, 0.25], [-0.0, -0.0], [0.25, 0.75]], [[0.25, 0.25], [-1.25, 0.5], [-0.25, 1.0]]], [[[1.25, -1.75], [1.25, -0.75], [-1.0, -0.25]], [[0.25, 1.0], [2.75, -1.5], [-0.25, 0.5]]]]> : tensor<2x2x3x2xf32>
  %v = arith.constant dense<[[[[0.0], [-0.75], [1.0]], [[-1.0], [-1.25], [0.5]]], [[[1.25], [1.25], [1.25]], [[0.5], [-0.25], [0.5]]]]> : tensor<2x2x3x1xf32>
  %e = tensor.empty() : tensor<2x2x2x1xf32>
  %l = tensor.empty() : tensor<2x2x2xf32>
  %r:2 = attn.attention %q, %k, %v outs(%e, %l) scale(0.5)
    : tensor<2x2x2x2xf32>, tensor<2x2x3x2xf32>, tensor<2x2x3x1xf32> -> tensor<2x2x2x1xf32>, tensor<2x2x2xf32>
  check.expect_close_const %r#0, dense<[[[[0.009890551], [0.2251048]], [[-0.7026942], [-0.4660719]]], [[[1.25], [1.25]], [[0.4828945], [0.4267932]]]]> : tensor<2x2x2x1xf32> tolerance(1.0e-05) : tensor<2x2x2x1xf32>
  check.expect_close_const %r#1, dense<[[[1.068823, 1.326309], [0.8719792, 1.831432]], [[1.575834, 1.562681], [1.280671, 0.6392845]]]> : tensor<2x2x2xf32> tolerance(1.0e-05) : tensor<2x2x2xf32>
  return
}

// Values may be wider than keys, and narrower.
func.func private @wide_values() {
  %q = arith.constant dense<[[[[-0.5, -0.5], [0.0, 1.25]], [[-0.25, -1.0], [-0.75, 1.75]]]]> : tensor<1x2x2x2xf32>
  %k = arith.constant dense<[[[[-0.75, 0.25], [-0.0, -0.0], [0.25, 0.75]]]]> : tensor<1x1x3x2xf32>
  %v = arith.constant dense<[[[[-1.0, -0.25, 1.25, 1.75, -0.5], [1.25, -0.5, 0.0, 1.0, -0.25], [2.25, -2.5, -0.25, -0.75, -0.25]]]]> : tensor<1x1x3x5xf32>
  %e = tensor.empty() : tensor<1x2x2x5xf32>
  %r = attn.attention %q, %k, %v outs(%e) scale(0.5)
    : tensor<1x2x2x2xf32>, tensor<1x1x3x2xf32>, tensor<1x1x3x5xf32> -> tensor<1x2x2x5xf32>
  check.expect_close_const %r, dense<[[[[0.6418908, -0.9376156, 0.4195593, 0.8238156, -0.3472844], [0.9759119, -1.270805, 0.2818867, 0.4904181, -0.3275871]], [[0.6752696, -0.9135951, 0.3965299, 0.8334863, -0.3419445], [0.8061608, -1.203471, 0.3683516, 0.5833565, -0.343597]]]]> : tensor<1x2x2x5xf32> tolerance(1.0e-05) : tensor<1x2x2x5xf32>
  return
}

func.func @main() {
  call @two_groups() : () -> ()
  call @one_kv_head() : () -> ()
  call @one_each() : () -> ()
  call @wide_values() : () -> ()
  return
}
