// RUN: attn-opt %s %oracle | %run
// RUN: attn-opt %s %compiler | %run

// Masks and regions see logical positions: row + offset, or the positions
// operands. A window of w keys counts the query itself. The where region and the
// mask attribute are ANDed.

func.func private @causal() {
  %qp = arith.constant dense<[[5, 3, 0, 9]]> : tensor<1x4xi32>
  %kp = arith.constant dense<[[3, 0, 5, 4]]> : tensor<1x4xi32>
  %q = arith.constant dense<[[[[0.25, 1.5], [-1.75, 1.75], [-0.0, -0.75], [-0.75, -1.0]]]]> : tensor<1x1x4x2xf32>
  %k = arith.constant dense<[[[[-1.5, -1.25], [-1.25, -0.5], [1.5, -1.5], [1.0, 1.25]]]]> : tensor<1x1x4x2xf32>
  %v = arith.constant dense<[[[[0.5, 0.25], [-0.0, -2.25], [0.5, -2.25], [1.0, 0.5]]]]> : tensor<1x1x4x2xf32>
  %e = tensor.empty() : tensor<1x1x4x2xf32>
  %l = tensor.empty() : tensor<1x1x4xf32>
  %r:2 = attn.attention %q, %k, %v outs(%e, %l) scale(0.5)
    mask(#attn.causal) positions(%qp, %kp : tensor<1x4xi32>, tensor<1x4xi32>)
    : tensor<1x1x4x2xf32>, tensor<1x1x4x2xf32>, tensor<1x1x4x2xf32> -> tensor<1x1x4x2xf32>, tensor<1x1x4xf32>
  check.expect_close_const %r#0, dense<[[[[0.7746401, -0.1610059], [0.1961684, -1.269158], [0.0, -2.25], [0.3780576, -0.9163211]]]]> : tensor<1x1x4x2xf32> tolerance(1.0e-05) : tensor<1x1x4x2xf32>
  check.expect_close_const %r#1, dense<[[[1.434542, 1.154385, 0.1875, 1.932224]]]> : tensor<1x1x4xf32> tolerance(1.0e-05) : tensor<1x1x4xf32>
  return
}

// 0 <= i - j < 3, so 5 sees 3, 4 and 5.
func.func private @window() {
  %qp = arith.constant dense<[[5, 3, 0, 9]]> : tensor<1x4xi32>
  %kp = arith.constant dense<[[3, 0, 5, 4]]> : tensor<1x4xi32>
  %q = arith.constant dense<[[[[0.25, 1.5], [-1.75, 1.75], [-0.0, -0.75], [-0.75, -1.0]]]]> : tensor<1x1x4x2xf32>
  %k = arith.constant dense<[[[[-1.5, -1.25], [-1.25, -0.5], [1.5, -1.5], [1.0, 1.25]]]]> : tensor<1x1x4x2xf32>
  %v = arith.constant dense<[[[[0.5, 0.25], [-0.0, -2.25], [0.5, -2.25], [1.0, 0.5]]]]> : tensor<1x1x4x2xf32>
  %e = tensor.empty() : tensor<1x1x4x2xf32>
  %l = tensor.empty() : tensor<1x1x4xf32>
  %r:2 = attn.attention %q, %k, %v outs(%e, %l) scale(0.5)
    mask(#attn.window<3>) positions(%qp, %kp : tensor<1x4xi32>, tensor<1x4xi32>)
    : tensor<1x1x4x2xf32>, tensor<1x1x4x2xf32>, tensor<1x1x4x2xf32> -> tensor<1x1x4x2xf32>, tensor<1x1x4xf32>
  check.expect_close_const %r#0, dense<[[[[0.9007913, 0.1791896], [0.5, 0.25], [0.0, -2.25], [0.0, 0.0]]]]> : tensor<1x1x4x2xf32> tolerance(1.0e-05) : tensor<1x1x4x2xf32>
  check.expect_close_const %r#1, dense<[[[1.283667, 0.21875, 0.1875, 0xFF800000]]]> : tensor<1x1x4xf32> tolerance(1.0e-05) : tensor<1x1x4xf32>
  return
}

// -1 <= i - j < 2.
func.func private @two_sided_window() {
  %qp = arith.constant dense<[[5, 3, 0, 9]]> : tensor<1x4xi32>
  %kp = arith.constant dense<[[3, 0, 5, 4]]> : tensor<1x4xi32>
  %q = arith.constant dense<[[[[0.25, 1.5], [-1.75, 1.75], [-0.0, -0.75], [-0.75, -1.0]]]]> : tensor<1x1x4x2xf32>
  %k = arith.constant dense<[[[[-1.5, -1.25], [-1.25, -0.5], [1.5, -1.5], [1.0, 1.25]]]]> : tensor<1x1x4x2xf32>
  %v = arith.constant dense<[[[[0.5, 0.25], [-0.0, -2.25], [0.5, -2.25], [1.0, 0.5]]]]> : tensor<1x1x4x2xf32>
  %e = tensor.empty() : tensor<1x1x4x2xf32>
  %l = tensor.empty() : tensor<1x1x4xf32>
  %r:2 = attn.attention %q, %k, %v outs(%e, %l) scale(0.5)
    mask(#attn.window<2, 1>) positions(%qp, %kp : tensor<1x4xi32>, tensor<1x4xi32>)
    : tensor<1x1x4x2xf32>, tensor<1x1x4x2xf32>, tensor<1x1x4x2xf32> -> tensor<1x1x4x2xf32>, tensor<1x1x4xf32>
  check.expect_close_const %r#0, dense<[[[[0.9403985, 0.172192], [0.75, 0.375], [0.0, -2.25], [0.0, 0.0]]]]> : tensor<1x1x4x2xf32> tolerance(1.0e-05) : tensor<1x1x4x2xf32>
  check.expect_close_const %r#1, dense<[[[1.189428, 0.9118972, 0.1875, 0xFF800000]]]> : tensor<1x1x4xf32> tolerance(1.0e-05) : tensor<1x1x4xf32>
  return
}

func.func private @where_and_mask() {
  %qp = arith.constant dense<[[5, 3, 0, 9]]> : tensor<1x4xi32>
  %kp = arith.constant dense<[[3, 0, 5, 4]]> : tensor<1x4xi32>
  %q = arith.constant dense<[[[[0.25, 1.5], [-1.75, 1.75], [-0.0, -0.75], [-0.75, -1.0]]]]> : tensor<1x1x4x2xf32>
  %k = arith.constant dense<[[[[-1.5, -1.25], [-1.25, -0.5], [1.5, -1.5], [1.0, 1.25]]]]> : tensor<1x1x4x2xf32>
  %v = arith.constant dense<[[[[0.5, 0.25], [-0.0, -2.25], [0.5, -2.25], [1.0, 0.5]]]]> : tensor<1x1x4x2xf32>
  %e = tensor.empty() : tensor<1x1x4x2xf32>
  %l = tensor.empty() : tensor<1x1x4xf32>
  %r:2 = attn.attention %q, %k, %v outs(%e, %l) scale(0.5)
    mask(#attn.causal) positions(%qp, %kp : tensor<1x4xi32>, tensor<1x4xi32>) where {
  ^bb0(%b: index, %h: index, %i: index, %j: index):
    %c4 = arith.constant 4 : index
    %p = arith.cmpi ne, %j, %c4 : index
    attn.yield %p : i1
  }
    : tensor<1x1x4x2xf32>, tensor<1x1x4x2xf32>, tensor<1x1x4x2xf32> -> tensor<1x1x4x2xf32>, tensor<1x1x4xf32>
  check.expect_close_const %r#0, dense<[[[[0.2746119, -1.627644], [0.1961684, -1.269158], [0.0, -2.25], [0.3430568, -0.9960271]]]]> : tensor<1x1x4x2xf32> tolerance(1.0e-05) : tensor<1x1x4x2xf32>
  check.expect_close_const %r#1, dense<[[[0.2655344, 1.154385, 0.1875, 1.877474]]]> : tensor<1x1x4xf32> tolerance(1.0e-05) : tensor<1x1x4xf32>
  return
}

func.func private @where_alone() {
  %qp = arith.constant dense<[[5, 3, 0, 9]]> : tensor<1x4xi32>
  %kp = arith.constant dense<[[3, 0, 5, 4]]> : tensor<1x4xi32>
  %q = arith.constant dense<[[[[0.25, 1.5], [-1.75, 1.75], [-0.0, -0.75], [-0.75, -1.0]]]]> : tensor<1x1x4x2xf32>
  %k = arith.constant dense<[[[[-1.5, -1.25], [-1.25, -0.5], [1.5, -1.5], [1.0, 1.25]]]]> : tensor<1x1x4x2xf32>
  %v = arith.constant dense<[[[[0.5, 0.25], [-0.0, -2.25], [0.5, -2.25], [1.0, 0.5]]]]> : tensor<1x1x4x2xf32>
  %e = tensor.empty() : tensor<1x1x4x2xf32>
  %l = tensor.empty() : tensor<1x1x4xf32>
  %r:2 = attn.attention %q, %k, %v outs(%e, %l) scale(0.5)
    positions(%qp, %kp : tensor<1x4xi32>, tensor<1x4xi32>) where {
  ^bb0(%b: index, %h: index, %i: index, %j: index):
    %c4 = arith.constant 4 : index
    %p = arith.cmpi ne, %j, %c4 : index
    attn.yield %p : i1
  }
    : tensor<1x1x4x2xf32>, tensor<1x1x4x2xf32>, tensor<1x1x4x2xf32> -> tensor<1x1x4x2xf32>, tensor<1x1x4xf32>
  check.expect_close_const %r#0, dense<[[[[0.2746119, -1.627644], [0.202952, -1.291057], [0.367717, -1.373768], [0.3430568, -0.9960271]]]]> : tensor<1x1x4x2xf32> tolerance(1.0e-05) : tensor<1x1x4x2xf32>
  check.expect_close_const %r#1, dense<[[[0.2655344, 1.176964, 1.517165, 1.877474]]]> : tensor<1x1x4xf32> tolerance(1.0e-05) : tensor<1x1x4xf32>
  return
}

func.func private @score_positions() {
  %qp = arith.constant dense<[[5, 3, 0, 9]]> : tensor<1x4xi32>
  %kp = arith.constant dense<[[3, 0, 5, 4]]> : tensor<1x4xi32>
  %q = arith.constant dense<[[[[0.25, 1.5], [-1.75, 1.75], [-0.0, -0.75], [-0.75, -1.0]]]]> : tensor<1x1x4x2xf32>
  %k = arith.constant dense<[[[[-1.5, -1.25], [-1.25, -0.5], [1.5, -1.5], [1.0, 1.25]]]]> : tensor<1x1x4x2xf32>
  %v = arith.constant dense<[[[[0.5, 0.25], [-0.0, -2.25], [0.5, -2.25], [1.0, 0.5]]]]> : tensor<1x1x4x2xf32>
  %e = tensor.empty() : tensor<1x1x4x2xf32>
  %l = tensor.empty() : tensor<1x1x4xf32>
  %r:2 = attn.attention %q, %k, %v outs(%e, %l) scale(0.5)
    positions(%qp, %kp : tensor<1x4xi32>, tensor<1x4xi32>) score {
  ^bb0(%s: f32, %b: index, %h: index, %i: index, %j: index):
    %d = arith.subi %i, %j : index
    %n = arith.index_cast %d : index to i32
    %f = arith.sitofp %n : i32 to f32
    %slope = arith.constant -0.25 : f32
    %x = arith.mulf %f, %slope : f32
    %y = arith.addf %s, %x : f32
    attn.yield %y : f32
  }
    : tensor<1x1x4x2xf32>, tensor<1x1x4x2xf32>, tensor<1x1x4x2xf32> -> tensor<1x1x4x2xf32>, tensor<1x1x4xf32>
  check.expect_close_const %r#0, dense<[[[[0.8463082, -0.02792883], [0.588766, -0.3117515], [0.519927, -1.192066], [0.4629713, -0.8346037]]]]> : tensor<1x1x4x2xf32> tolerance(1.0e-05) : tensor<1x1x4x2xf32>
  check.expect_close_const %r#1, dense<[[[1.102099, 1.35389, 2.518985, 0.4034814]]]> : tensor<1x1x4xf32> tolerance(1.0e-05) : tensor<1x1x4xf32>
  return
}

func.func private @score_offset() {
  %q = arith.constant dense<[[[[0.25, 1.5], [-1.75, 1.75], [-0.0, -0.75], [-0.75, -1.0]]]]> : tensor<1x1x4x2xf32>
  %k = arith.constant dense<[[[[-1.5, -1.25], [-1.25, -0.5], [1.5, -1.5], [1.0, 1.25]]]]> : tensor<1x1x4x2xf32>
  %v = arith.constant dense<[[[[0.5, 0.25], [-0.0, -2.25], [0.5, -2.25], [1.0, 0.5]]]]> : tensor<1x1x4x2xf32>
  %m3 = arith.constant -3 : index
  %e = tensor.empty() : tensor<1x1x4x2xf32>
  %l = tensor.empty() : tensor<1x1x4xf32>
  %r:2 = attn.attention %q, %k, %v outs(%e, %l) scale(0.5)
    offset(%m3 : index) score {
  ^bb0(%s: f32, %b: index, %h: index, %i: index, %j: index):
    %d = arith.subi %i, %j : index
    %n = arith.index_cast %d : index to i32
    %f = arith.sitofp %n : i32 to f32
    %slope = arith.constant -0.25 : f32
    %x = arith.mulf %f, %slope : f32
    %y = arith.addf %s, %x : f32
    attn.yield %y : f32
  }
    : tensor<1x1x4x2xf32>, tensor<1x1x4x2xf32>, tensor<1x1x4x2xf32> -> tensor<1x1x4x2xf32>, tensor<1x1x4xf32>
  check.expect_close_const %r#0, dense<[[[[0.8420572, -0.0008997511], [0.5123289, -0.6501879], [0.4847903, -1.212942], [0.3931094, -1.05903]]]]> : tensor<1x1x4x2xf32> tolerance(1.0e-05) : tensor<1x1x4x2xf32>
  check.expect_close_const %r#1, dense<[[[2.810626, 2.367736, 2.246767, 2.161144]]]> : tensor<1x1x4xf32> tolerance(1.0e-05) : tensor<1x1x4xf32>
  return
}

// A bias is indexed by rows, not by positions.
func.func private @bias_is_physical() {
  %qp = arith.constant dense<[[5, 3, 0, 9]]> : tensor<1x4xi32>
  %kp = arith.constant dense<[[3, 0, 5, 4]]> : tensor<1x4xi32>
  %bias = arith.constant dense<[[0.0, 1.0, 2.0, 3.0], [1.0, 0.0, -1.0, 2.0], [3.0, 1.0, 0.0, 2.0], [-2.0, 1.0, 0.0, 1.0]]> : tensor<4x4xf32>
  %q = arith.constant dense<[[[[0.25, 1.5], [-1.75, 1.75], [-0.0, -0.75], [-0.75, -1.0]]]]> : tensor<1x1x4x2xf32>
  %k = arith.constant dense<[[[[-1.5, -1.25], [-1.25, -0.5], [1.5, -1.5], [1.0, 1.25]]]]> : tensor<1x1x4x2xf32>
  %v = arith.constant dense<[[[[0.5, 0.25], [-0.0, -2.25], [0.5, -2.25], [1.0, 0.5]]]]> : tensor<1x1x4x2xf32>
  %e = tensor.empty() : tensor<1x1x4x2xf32>
  %l = tensor.empty() : tensor<1x1x4xf32>
  %r:2 = attn.attention %q, %k, %v outs(%e, %l) scale(0.5)
    bias(%bias : tensor<4x4xf32>) positions(%qp, %kp : tensor<1x4xi32>, tensor<1x4xi32>)
    : tensor<1x1x4x2xf32>, tensor<1x1x4x2xf32>, tensor<1x1x4x2xf32> -> tensor<1x1x4x2xf32>, tensor<1x1x4xf32>
  check.expect_close_const %r#0, dense<[[[[0.9490413, 0.3024485], [0.7500614, 0.07202268], [0.516107, -0.02371514], [0.2218149, -1.78092]]]]> : tensor<1x1x4x2xf32> tolerance(1.0e-05) : tensor<1x1x4x2xf32>
  check.expect_close_const %r#1, dense<[[[4.142113, 2.676421, 3.731807, 2.107486]]]> : tensor<1x1x4xf32> tolerance(1.0e-05) : tensor<1x1x4xf32>
  return
}

func.func @main() {
  call @causal() : () -> ()
  call @window() : () -> ()
  call @two_sided_window() : () -> ()
  call @where_and_mask() : () -> ()
  call @where_alone() : () -> ()
  call @score_positions() : () -> ()
  call @score_offset() : () -> ()
  call @bias_is_physical() : () -> ()
  return
}
