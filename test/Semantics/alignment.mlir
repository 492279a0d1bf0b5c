// RUN: attn-opt %s %oracle | %run
// RUN: attn-opt %s %compiler | %run

// Query i sits at position i + offset: `top_left` is offset 0, `bottom_right` is
// offset Skv - Sq, and an offset can be given at run time, one for all or one for
// each batch entry.

func.func private @top_left() {
  %q = arith.constant dense<[[[[-0.75, -0.25], [1.75, 0.75]]], [[[-1.75, -0.0], [-0.5, 0.25]]]]> : tensor<2x1x2x2xf32>
  %k = arith.constant dense<[[[[-0.75, -1.25], [-0.25, 0.5], [1.25, 0.0], [-0.5, -0.75]]], [[[0.75, 1.75], [0.25, -1.25], [-1.0, 1.5], [0.25, -1.75]]]]> : tensor<2x1x4x2xf32>
  %v = arith.constant dense<[[[[1.0], [1.75], [-2.5], [-0.25]]], [[[1.0], [1.25], [0.75], [1.5]]]]> : tensor<2x1x4x1xf32>
  %e = tensor.empty() : tensor<2x1x2x1xf32>
  %l = tensor.empty() : tensor<2x1x2xf32>
  %r:2 = attn.attention %q, %k, %v outs(%e, %l) scale(0.5)
    mask(#attn.causal)
    : tensor<2x1x2x2xf32>, tensor<2x1x4x2xf32>, tensor<2x1x4x1xf32> -> tensor<2x1x2x1xf32>, tensor<2x1x2xf32>
  check.expect_close_const %r#0, dense<[[[[1.0], [1.561815]]], [[[1.0], [1.109456]]]]> : tensor<2x1x2x1xf32> tolerance(1.0e-05) : tensor<2x1x2x1xf32>
  check.expect_close_const %r#1, dense<[[[0.4375, 0.2576499]], [[-0.65625, 0.6071894]]]> : tensor<2x1x2xf32> tolerance(1.0e-05) : tensor<2x1x2xf32>
  return
}

func.func private @bottom_right() {
  %q = arith.constant dense<[[[[-0.75, -0.25], [1.75, 0.75]]], [[[-1.75, -0.0], [-0.5, 0.25]]]]> : tensor<2x1x2x2xf32>
  %k = arith.constant dense<[[[[-0.75, -1.25], [-0.25, 0.5], [1.25, 0.0], [-0.5, -0.75]]], [[[0.75, 1.75], [0.25, -1.25], [-1.0, 1.5], [0.25, -1.75]]]]> : tensor<2x1x4x2xf32>
  %v = arith.constant dense<[[[[1.0], [1.75], [-2.5], [-0.25]]], [[[1.0], [1.25], [0.75], [1.5]]]]> : tensor<2x1x4x1xf32>
  %e = tensor.empty() : tensor<2x1x2x1xf32>
  %l = tensor.empty() : tensor<2x1x2xf32>
  %r:2 = attn.attention %q, %k, %v outs(%e, %l) scale(0.5)
    mask(#attn.causal) align(bottom_right)
    : tensor<2x1x2x2xf32>, tensor<2x1x4x2xf32>, tensor<2x1x4x1xf32> -> tensor<2x1x2x1xf32>, tensor<2x1x2xf32>
  check.expect_close_const %r#0, dense<[[[[0.5582413], [-1.167402]]], [[[0.8928198], [1.04617]]]]> : tensor<2x1x2x1xf32> tolerance(1.0e-05) : tensor<2x1x2x1xf32>
  check.expect_close_const %r#1, dense<[[[1.165136, 1.561653]], [[1.314044, 1.420439]]]> : tensor<2x1x2xf32> tolerance(1.0e-05) : tensor<2x1x2xf32>
  return
}

// More queries than keys: the offset is negative, the first two rows are empty.
func.func private @fewer_keys() {
  %q = arith.constant dense<[[[[-0.75, -1.25], [-0.25, 0.5], [1.25, 0.0], [-0.5, -0.75]]], [[[0.75, 1.75], [0.25, -1.25], [-1.0, 1.5], [0.25, -1.75]]]]> : tensor<2x1x4x2xf32>
  %k = arith.constant dense<[[[[-0.75, -0.25], [1.75, 0.75]]], [[[-1.75, -0.0], [-0.5, 0.25]]]]> : tensor<2x1x2x2xf32>
  %v = arith.constant dense<[[[[1.0], [1.75]]], [[[1.0], [1.25]]]]> : tensor<2x1x2x1xf32>
  %e = tensor.empty() : tensor<2x1x4x1xf32>
  %l = tensor.empty() : tensor<2x1x4xf32>
  %r:2 = attn.attention %q, %k, %v outs(%e, %l) scale(0.5)
    mask(#attn.causal) align(bottom_right)
    : tensor<2x1x4x2xf32>, tensor<2x1x2x2xf32>, tensor<2x1x2x1xf32> -> tensor<2x1x4x1xf32>, tensor<2x1x4xf32>
  check.expect_close_const %r#0, dense<[[[[0.0], [0.0], [1.0], [1.201706]]], [[[0.0], [0.0], [1.0], [1.121095]]]]> : tensor<2x1x4x1xf32> tolerance(1.0e-05) : tensor<2x1x4x1xf32>
  check.expect_close_const %r#1, dense<[[[0xFF800000, 0xFF800000, -0.46875, 0.5945117]], [[0xFF800000, 0xFF800000, 0.875, 0.4436354]]]> : tensor<2x1x4xf32> tolerance(1.0e-05) : tensor<2x1x4xf32>
  return
}

func.func private @offset() {
  %q = arith.constant dense<[[[[-0.75, -0.25], [1.75, 0.75]]], [[[-1.75, -0.0], [-0.5, 0.25]]]]> : tensor<2x1x2x2xf32>
  %k = arith.constant dense<[[[[-0.75, -1.25], [-0.25, 0.5], [1.25, 0.0], [-0.5, -0.75]]], [[[0.75, 1.75], [0.25, -1.25], [-1.0, 1.5], [0.25, -1.75]]]]> : tensor<2x1x4x2xf32>
  %v = arith.constant dense<[[[[1.0], [1.75], [-2.5], [-0.25]]], [[[1.0], [1.25], [0.75], [1.5]]]]> : tensor<2x1x4x1xf32>
  %x = arith.constant 1 : index
  %e = tensor.empty() : tensor<2x1x2x1xf32>
  %l = tensor.empty() : tensor<2x1x2xf32>
  %r:2 = attn.attention %q, %k, %v outs(%e, %l) scale(0.5)
    mask(#attn.causal) offset(%x : index)
    : tensor<2x1x2x2xf32>, tensor<2x1x4x2xf32>, tensor<2x1x4x1xf32> -> tensor<2x1x2x1xf32>, tensor<2x1x2xf32>
  check.expect_close_const %r#0, dense<[[[[1.299859], [-1.271883]]], [[[1.151916], [0.9449404]]]]> : tensor<2x1x2x1xf32> tolerance(1.0e-05) : tensor<2x1x2x1xf32>
  check.expect_close_const %r#1, dense<[[[0.9480117, 1.453797]], [[0.2793845, 1.219087]]]> : tensor<2x1x2xf32> tolerance(1.0e-05) : tensor<2x1x2xf32>
  return
}

func.func private @offset_per_entry() {
  %x = arith.constant dense<[1, -1]> : tensor<2xi32>
  %q = arith.constant dense<[[[[-0.75, -0.25], [1.75, 0.75]]], [[[-1.75, -0.0], [-0.5, 0.25]]]]> : tensor<2x1x2x2xf32>
  %k = arith.constant dense<[[[[-0.75, -1.25], [-0.25, 0.5], [1.25, 0.0], [-0.5, -0.75]]], [[[0.75, 1.75], [0.25, -1.25], [-1.0, 1.5], [0.25, -1.75]]]]> : tensor<2x1x4x2xf32>
  %v = arith.constant dense<[[[[1.0], [1.75], [-2.5], [-0.25]]], [[[1.0], [1.25], [0.75], [1.5]]]]> : tensor<2x1x4x1xf32>
  %e = tensor.empty() : tensor<2x1x2x1xf32>
  %l = tensor.empty() : tensor<2x1x2xf32>
  %r:2 = attn.attention %q, %k, %v outs(%e, %l) scale(0.5)
    mask(#attn.causal) offset(%x : tensor<2xi32>)
    : tensor<2x1x2x2xf32>, tensor<2x1x4x2xf32>, tensor<2x1x4x1xf32> -> tensor<2x1x2x1xf32>, tensor<2x1x2xf32>
  check.expect_close_const %r#0, dense<[[[[1.299859], [-1.271883]]], [[[0.0], [1.0]]]]> : tensor<2x1x2x1xf32> tolerance(1.0e-05) : tensor<2x1x2x1xf32>
  check.expect_close_const %r#1, dense<[[[0.9480117, 1.453797]], [[0xFF800000, 0.03125]]]> : tensor<2x1x2xf32> tolerance(1.0e-05) : tensor<2x1x2xf32>
  return
}

// A window of two keys counts the query itself.
func.func private @aligned_window() {
  %q = arith.constant dense<[[[[-0.75, -0.25], [1.75, 0.75]]], [[[-1.75, -0.0], [-0.5, 0.25]]]]> : tensor<2x1x2x2xf32>
  %k = arith.constant dense<[[[[-0.75, -1.25], [-0.25, 0.5], [1.25, 0.0], [-0.5, -0.75]]], [[[0.75, 1.75], [0.25, -1.25], [-1.0, 1.5], [0.25, -1.75]]]]> : tensor<2x1x4x2xf32>
  %v = arith.constant dense<[[[[1.0], [1.75], [-2.5], [-0.25]]], [[[1.0], [1.25], [0.75], [1.5]]]]> : tensor<2x1x4x1xf32>
  %e = tensor.empty() : tensor<2x1x2x1xf32>
  %l = tensor.empty() : tensor<2x1x2xf32>
  %r:2 = attn.attention %q, %k, %v outs(%e, %l) scale(0.5)
    mask(#attn.window<2>) align(bottom_right)
    : tensor<2x1x2x2xf32>, tensor<2x1x4x2xf32>, tensor<2x1x4x1xf32> -> tensor<2x1x2x1xf32>, tensor<2x1x2xf32>
  check.expect_close_const %r#0, dense<[[[[0.1454522], [-2.184243]]], [[[0.8754564], [0.9957512]]]]> : tensor<2x1x2x1xf32> tolerance(1.0e-05) : tensor<2x1x2x1xf32>
  check.expect_close_const %r#1, dense<[[[0.505327, 1.244964]], [[1.1639, 0.8345035]]]> : tensor<2x1x2xf32> tolerance(1.0e-05) : tensor<2x1x2xf32>
  return
}

func.func @main() {
  call @top_left() : () -> ()
  call @bottom_right() : () -> ()
  call @fewer_keys() : () -> ()
  call @offset() : () -> ()
  call @offset_per_entry() : () -> ()
  call @aligned_window() : () -> ()
  return
}
