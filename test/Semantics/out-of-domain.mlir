// RUN: attn-opt %s %oracle | %run
// RUN: attn-opt %s %compiler | %run

// Keys outside the domain are never read as values: nothing behind `kv_lengths`
// reaches a result, whatever it is. A non-finite key that the mask hides cannot
// leak; a non-finite value that it hides cannot, with `strict_values`.

// The second entry has no keys.
func.func private @kv_lengths() {
  %n = arith.constant dense<[2, 0]> : tensor<2xi32>
  %q = arith.constant dense<[[[[0.5, -0.5], [0.5, 0.0], [-1.5, 1.0]]], [[[-0.0, 0.5], [1.75, 0.25], [-1.0, -0.75]]]]> : tensor<2x1x3x2xf32>
  %k = arith.constant dense<[[[[-0.5, 0.25], [0.5, -1.0], [0x7FC00000, 0x7FC00000], [0x7FC00000, 0x7FC00000]]], [[[0x7F800000, 0x7F800000], [0x7F800000, 0x7F800000], [0x7F800000, 0x7F800000], [0x7F800000, 0x7F800000]]]]> : tensor<2x1x4x2xf32>
  %v = arith.constant dense<[[[[1.0, 0.75], [-0.0, 0.75], [0x7FC00000, 0x7FC00000], [0x7FC00000, 0x7FC00000]]], [[[0x7FC00000, 0x7FC00000], [0x7FC00000, 0x7FC00000], [0x7FC00000, 0x7FC00000], [0x7FC00000, 0x7FC00000]]]]> : tensor<2x1x4x2xf32>
  %e = tensor.empty() : tensor<2x1x3x2xf32>
  %l = tensor.empty() : tensor<2x1x3xf32>
  %r:2 = attn.attention %q, %k, %v outs(%e, %l) scale(0.5)
    kv_lengths(%n : tensor<2xi32>)
    : tensor<2x1x3x2xf32>, tensor<2x1x4x2xf32>, tensor<2x1x4x2xf32> -> tensor<2x1x3x2xf32>, tensor<2x1x3xf32>
  check.expect_close_const %r#0, dense<[[[[0.3629692, 0.75], [0.4378235, 0.75], [0.7981868, 0.75]]], [[[0.0, 0.0], [0.0, 0.0], [0.0, 0.0]]]]> : tensor<2x1x3x2xf32> tolerance(1.0e-05) : tensor<2x1x3x2xf32>
  check.expect_close_const %r#1, dense<[[[0.8259373, 0.7009394, 0.7254127]], [[0xFF800000, 0xFF800000, 0xFF800000]]]> : tensor<2x1x3xf32> tolerance(1.0e-05) : tensor<2x1x3xf32>
  return
}

// A negative length is 0; one beyond the keys is all of them.
func.func private @lengths_out_of_range() {
  %n = arith.constant dense<[-3, 9]> : tensor<2xi32>
  %q = arith.constant dense<[[[[0.5, -0.5], [0.5, 0.0], [-1.5, 1.0]]], [[[-0.0, 0.5], [1.75, 0.25], [-1.0, -0.75]]]]> : tensor<2x1x3x2xf32>
  %k = arith.constant dense<[[[[0x7F800000, 0x7F800000], [0x7F800000, 0x7F800000], [0x7F800000, 0x7F800000], [0x7F800000, 0x7F800000]]], [[[1.25, -1.0], [1.75, 1.25], [-0.5, 0.75], [0.5, -1.75]]]]> : tensor<2x1x4x2xf32>
  %v = arith.constant dense<[[[[0x7FC00000, 0x7FC00000], [0x7FC00000, 0x7FC00000], [0x7FC00000, 0x7FC00000], [0x7FC00000, 0x7FC00000]]], [[[-2.0, -1.0], [-0.5, 0.25], [1.25, 0.25], [-0.5, 0.5]]]]> : tensor<2x1x4x2xf32>
  %e = tensor.empty() : tensor<2x1x3x2xf32>
  %l = tensor.empty() : tensor<2x1x3xf32>
  %r:2 = attn.attention %q, %k, %v outs(%e, %l) scale(0.5)
    kv_lengths(%n : tensor<2xi32>)
    : tensor<2x1x3x2xf32>, tensor<2x1x4x2xf32>, tensor<2x1x4x2xf32> -> tensor<2x1x3x2xf32>, tensor<2x1x3xf32>
  check.expect_close_const %r#0, dense<[[[[0.0, 0.0], [0.0, 0.0], [0.0, 0.0]]], [[[-0.2641782, 0.04685171], [-0.7712605, -0.04839047], [-0.3495882, 0.07957455]]]]> : tensor<2x1x3x2xf32> tolerance(1.0e-05) : tensor<2x1x3x2xf32>
  check.expect_close_const %r#1, dense<[[[0xFF800000, 0xFF800000, 0xFF800000]], [[1.385674, 2.302007, 1.255638]]]> : tensor<2x1x3xf32> tolerance(1.0e-05) : tensor<2x1x3xf32>
  return
}

// Lengths count rows, also where positions are given.
func.func private @lengths_are_physical() {
  %n = arith.constant dense<[2, 3]> : tensor<2xi32>
  %qp = arith.constant dense<[[0, 1, 2], [0, 1, 2]]> : tensor<2x3xi32>
  %kp = arith.constant dense<[[1, 0, 0, 0], [3, 2, 1, 0]]> : tensor<2x4xi32>
  %q = arith.constant dense<[[[[0.5, -0.5], [0.5, 0.0], [-1.5, 1.0]]], [[[-0.0, 0.5], [1.75, 0.25], [-1.0, -0.75]]]]> : tensor<2x1x3x2xf32>
  %k = arith.constant dense<[[[[-0.5, 0.25], [0.5, -1.0], [0x7FC00000, 0x7FC00000], [0x7FC00000, 0x7FC00000]]], [[[1.25, -1.0], [1.75, 1.25], [-0.5, 0.75], [0.5, -1.75]]]]> : tensor<2x1x4x2xf32>
  %v = arith.constant dense<[[[[1.0, 0.75], [-0.0, 0.75], [0x7FC00000, 0x7FC00000], [0x7FC00000, 0x7FC00000]]], [[[-2.0, -1.0], [-0.5, 0.25], [1.25, 0.25], [-0.5, 0.5]]]]> : tensor<2x1x4x2xf32>
  %e = tensor.empty() : tensor<2x1x3x2xf32>
  %l = tensor.empty() : tensor<2x1x3xf32>
  %r:2 = attn.attention %q, %k, %v outs(%e, %l) scale(0.5)
    mask(#attn.causal) kv_lengths(%n : tensor<2xi32>) positions(%qp, %kp : tensor<2x3xi32>, tensor<2x4xi32>)
    : tensor<2x1x3x2xf32>, tensor<2x1x4x2xf32>, tensor<2x1x4x2xf32> -> tensor<2x1x3x2xf32>, tensor<2x1x3xf32>
  check.expect_close_const %r#0, dense<[[[[0.0, 0.75], [0.4378235, 0.75], [0.7981868, 0.75]]], [[[0.0, 0.0], [1.25, 0.25], [0.8788796, 0.25]]]]> : tensor<2x1x3x2xf32> tolerance(1.0e-05) : tensor<2x1x3x2xf32>
  check.expect_close_const %r#1, dense<[[[0.375, 0.7009394, 0.7254127]], [[0xFF800000, -0.34375, 0.2070945]]]> : tensor<2x1x3xf32> tolerance(1.0e-05) : tensor<2x1x3xf32>
  return
}

func.func private @masked_key() {
  %q = arith.constant dense<[[[[0.5, -0.5], [0.5, 0.0], [-1.5, 1.0]]], [[[-0.0, 0.5], [1.75, 0.25], [-1.0, -0.75]]]]> : tensor<2x1x3x2xf32>
  %k = arith.constant dense<[[[[-0.5, 0.25], [0.5, -1.0], [0.75, 0.25], [0x7FC00000, 0x7FC00000]]], [[[1.25, -1.0], [1.75, 1.25], [-0.5, 0.75], [0x7FC00000, 0x7FC00000]]]]> : tensor<2x1x4x2xf32>
  %v = arith.constant dense<[[[[1.0, 0.75], [-0.0, 0.75], [-0.75, -1.75], [1.75, 0.5]]], [[[-2.0, -1.0], [-0.5, 0.25], [1.25, 0.25], [-0.5, 0.5]]]]> : tensor<2x1x4x2xf32>
  %e = tensor.empty() : tensor<2x1x3x2xf32>
  %l = tensor.empty() : tensor<2x1x3xf32>
  %r:2 = attn.attention %q, %k, %v outs(%e, %l) scale(0.5)
    mask(#attn.causal)
    : tensor<2x1x3x2xf32>, tensor<2x1x4x2xf32>, tensor<2x1x4x2xf32> -> tensor<2x1x3x2xf32>, tensor<2x1x3xf32>
  check.expect_close_const %r#0, dense<[[[[1.0, 0.75], [0.4378235, 0.75], [0.429504, 0.1546539]]], [[[-2.0, -1.0], [-0.9915025, -0.1595854], [-0.237191, -0.2345941]]]]> : tensor<2x1x3x2xf32> tolerance(1.0e-05) : tensor<2x1x3x2xf32>
  check.expect_close_const %r#1, dense<[[[-0.1875, 0.7009394, 0.9974031]], [[-0.25, 2.084503, 0.6975871]]]> : tensor<2x1x3xf32> tolerance(1.0e-05) : tensor<2x1x3xf32>
  return
}

func.func private @masked_value() {
  %q = arith.constant dense<[[[[0.5, -0.5], [0.5, 0.0], [-1.5, 1.0]]], [[[-0.0, 0.5], [1.75, 0.25], [-1.0, -0.75]]]]> : tensor<2x1x3x2xf32>
  %k = arith.constant dense<[[[[-0.5, 0.25], [0.5, -1.0], [0.75, 0.25], [0x7FC00000, 0x7FC00000]]], [[[1.25, -1.0], [1.75, 1.25], [-0.5, 0.75], [0x7FC00000, 0x7FC00000]]]]> : tensor<2x1x4x2xf32>
  %v = arith.constant dense<[[[[1.0, 0.75], [-0.0, 0.75], [-0.75, -1.75], [0x7F800000, 0x7FC00000]]], [[[-2.0, -1.0], [-0.5, 0.25], [1.25, 0.25], [0x7F800000, 0x7FC00000]]]]> : tensor<2x1x4x2xf32>
  %e = tensor.empty() : tensor<2x1x3x2xf32>
  %l = tensor.empty() : tensor<2x1x3xf32>
  %r:2 = attn.attention %q, %k, %v outs(%e, %l) scale(0.5)
    mask(#attn.causal) strict_values
    : tensor<2x1x3x2xf32>, tensor<2x1x4x2xf32>, tensor<2x1x4x2xf32> -> tensor<2x1x3x2xf32>, tensor<2x1x3xf32>
  check.expect_close_const %r#0, dense<[[[[1.0, 0.75], [0.4378235, 0.75], [0.429504, 0.1546539]]], [[[-2.0, -1.0], [-0.9915025, -0.1595854], [-0.237191, -0.2345941]]]]> : tensor<2x1x3x2xf32> tolerance(1.0e-05) : tensor<2x1x3x2xf32>
  check.expect_close_const %r#1, dense<[[[-0.1875, 0.7009394, 0.9974031]], [[-0.25, 2.084503, 0.6975871]]]> : tensor<2x1x3xf32> tolerance(1.0e-05) : tensor<2x1x3xf32>
  return
}

// A value that is seen is not hidden: strict means no more than it says.
func.func private @visible_value() {
  %q = arith.constant dense<[[[[0.5, -0.5], [0.5, 0.0], [-1.5, 1.0]]], [[[-0.0, 0.5], [1.75, 0.25], [-1.0, -0.75]]]]> : tensor<2x1x3x2xf32>
  %k = arith.constant dense<[[[[-0.5, 0.25], [0.5, -1.0], [0.75, 0.25], [0.75, 0.25]]], [[[1.25, -1.0], [1.75, 1.25], [-0.5, 0.75], [0.5, -1.75]]]]> : tensor<2x1x4x2xf32>
  %v = arith.constant dense<[[[[1.0, 0.75], [-0.0, 0.75], [-0.75, -1.75], [0x7F800000, 0x7FC00000]]], [[[-2.0, -1.0], [-0.5, 0.25], [1.25, 0.25], [0x7F800000, 0x7FC00000]]]]> : tensor<2x1x4x2xf32>
  %e = tensor.empty() : tensor<2x1x3x2xf32>
  %l = tensor.empty() : tensor<2x1x3xf32>
  %r:2 = attn.attention %q, %k, %v outs(%e, %l) scale(0.5)
    mask(#attn.causal) align(bottom_right) strict_values
    : tensor<2x1x3x2xf32>, tensor<2x1x4x2xf32>, tensor<2x1x4x2xf32> -> tensor<2x1x3x2xf32>, tensor<2x1x3xf32>
  check.expect_close_const %r#0, dense<[[[[0.3629692, 0.75], [-0.00688288, -0.185969], [0x7F800000, 0x7FC00000]]], [[[-1.044454, -0.2037115], [-0.8098434, -0.1263912], [0x7F800000, 0x7FC00000]]]]> : tensor<2x1x3x2xf32> tolerance(1.0e-05) : tensor<2x1x3x2xf32>
  check.expect_close_const %r#1, dense<[[[0.8259373, 1.169964, 1.211012]], [[0.7634373, 2.16902, 1.255638]]]> : tensor<2x1x3xf32> tolerance(1.0e-05) : tensor<2x1x3xf32>
  return
}

func.func private @masked_by_where() {
  %q = arith.constant dense<[[[[0.5, -0.5], [0.5, 0.0], [-1.5, 1.0]]], [[[-0.0, 0.5], [1.75, 0.25], [-1.0, -0.75]]]]> : tensor<2x1x3x2xf32>
  %k = arith.constant dense<[[[[-0.5, 0.25], [0.5, -1.0], [0.75, 0.25], [0x7FC00000, 0x7FC00000]]], [[[1.25, -1.0], [1.75, 1.25], [-0.5, 0.75], [0x7FC00000, 0x7FC00000]]]]> : tensor<2x1x4x2xf32>
  %v = arith.constant dense<[[[[1.0, 0.75], [-0.0, 0.75], [-0.75, -1.75], [0x7F800000, 0x7FC00000]]], [[[-2.0, -1.0], [-0.5, 0.25], [1.25, 0.25], [0x7F800000, 0x7FC00000]]]]> : tensor<2x1x4x2xf32>
  %e = tensor.empty() : tensor<2x1x3x2xf32>
  %l = tensor.empty() : tensor<2x1x3xf32>
  %r:2 = attn.attention %q, %k, %v outs(%e, %l) scale(0.5)
    strict_values where {
  ^bb0(%b: index, %h: index, %i: index, %j: index):
    %c3 = arith.constant 3 : index
    %p = arith.cmpi ne, %j, %c3 : index
    attn.yield %p : i1
  }
    : tensor<2x1x3x2xf32>, tensor<2x1x4x2xf32>, tensor<2x1x4x2xf32> -> tensor<2x1x3x2xf32>, tensor<2x1x3xf32>
  check.expect_close_const %r#0, dense<[[[[-0.006096339, -0.07901113], [-0.00688288, -0.185969], [0.429504, 0.1546539]]], [[[-0.2187534, -0.04043527], [-0.8098434, -0.1263912], [-0.237191, -0.2345941]]]]> : tensor<2x1x3x2xf32> tolerance(1.0e-05) : tensor<2x1x3x2xf32>
  check.expect_close_const %r#1, dense<[[[1.228812, 1.169964, 0.9974031]], [[1.209518, 2.16902, 0.6975871]]]> : tensor<2x1x3xf32> tolerance(1.0e-05) : tensor<2x1x3xf32>
  return
}

func.func @main() {
  call @kv_lengths() : () -> ()
  call @lengths_out_of_range() : () -> ()
  call @lengths_are_physical() : () -> ()
  call @masked_key() : () -> ()
  call @masked_value() : () -> ()
  call @visible_value() : () -> ()
  call @masked_by_where() : () -> ()
  return
}
