// RUN: split-file %s %t
// RUN: attn-opt %t/reads.mlir %oracle | %run
// RUN: attn-opt %t/reads.mlir %compiler | %run
// RUN: attn-opt %t/stray.mlir %oracle -o %t/stray.ll.mlir
// RUN: not --crash %run %t/stray.ll.mlir

// A score region reads only where the mask holds, a where region only where the
// mask attribute holds and the key exists: elsewhere these would read 64 TB in
// front of their tables. That such a read does not go unnoticed is checked too.

//--- reads.mlir
func.func private @score() {
  %table = arith.constant dense<[1.0, -1.0, 0.5, 2.0]> : tensor<4xf32>
  %q = arith.constant dense<[[[[0.25, 1.5], [-1.75, 1.75], [-0.0, -0.75], [-0.75, -1.0]]]]> : tensor<1x1x4x2xf32>
  %k = arith.constant dense<[[[[-1.5, -1.25], [-1.25, -0.5], [1.5, -1.5], [1.0, 1.25]]]]> : tensor<1x1x4x2xf32>
  %v = arith.constant dense<[[[[0.5, 0.25], [-0.0, -2.25], [0.5, -2.25], [1.0, 0.5]]]]> : tensor<1x1x4x2xf32>
  %c0 = arith.constant 0 : index
  %stride = arith.constant 17592186044416 : index
  %e = tensor.empty() : tensor<1x1x4x2xf32>
  %r = attn.attention %q, %k, %v outs(%e) scale(0.5)
    mask(#attn.causal) score {
  ^bb0(%s: f32, %b: index, %h: index, %i: index, %j: index):
    %d = arith.subi %i, %j : index
    %far = arith.muli %d, %stride : index
    %before = arith.cmpi slt, %d, %c0 : index
    %at = arith.select %before, %far, %d : index
    %x = tensor.extract %table[%at] : tensor<4xf32>
    %y = arith.addf %s, %x : f32
    attn.yield %y : f32
  }
    : tensor<1x1x4x2xf32>, tensor<1x1x4x2xf32>, tensor<1x1x4x2xf32> -> tensor<1x1x4x2xf32>
  check.expect_close_const %r, dense<[[[[0.5, 0.25], [0.04017873, -2.049106], [0.4717327, -1.410847], [0.4589916, -0.07066509]]]]> : tensor<1x1x4x2xf32> tolerance(1.0e-05) : tensor<1x1x4x2xf32>
  return
}

func.func private @where() {
  %seen = arith.constant dense<[true, true, false, true]> : tensor<4xi1>
  %q = arith.constant dense<[[[[0.25, 1.5], [-1.75, 1.75], [-0.0, -0.75], [-0.75, -1.0]]]]> : tensor<1x1x4x2xf32>
  %k = arith.constant dense<[[[[-1.5, -1.25], [-1.25, -0.5], [1.5, -1.5], [1.0, 1.25]]]]> : tensor<1x1x4x2xf32>
  %v = arith.constant dense<[[[[0.5, 0.25], [-0.0, -2.25], [0.5, -2.25], [1.0, 0.5]]]]> : tensor<1x1x4x2xf32>
  %c0 = arith.constant 0 : index
  %stride = arith.constant 17592186044416 : index
  %e = tensor.empty() : tensor<1x1x4x2xf32>
  %r = attn.attention %q, %k, %v outs(%e) scale(0.5)
    mask(#attn.causal) where {
  ^bb0(%b: index, %h: index, %i: index, %j: index):
    %d = arith.subi %i, %j : index
    %far = arith.muli %d, %stride : index
    %before = arith.cmpi slt, %d, %c0 : index
    %at = arith.select %before, %far, %d : index
    %p = tensor.extract %seen[%at] : tensor<4xi1>
    attn.yield %p : i1
  }
    : tensor<1x1x4x2xf32>, tensor<1x1x4x2xf32>, tensor<1x1x4x2xf32> -> tensor<1x1x4x2xf32>
  check.expect_close_const %r, dense<[[[[0.5, 0.25], [0.1961684, -1.269158], [0.2963333, -2.25], [0.5379024, -0.3524347]]]]> : tensor<1x1x4x2xf32> tolerance(1.0e-05) : tensor<1x1x4x2xf32>
  return
}

// A where region does not run for a key that does not exist.
func.func private @missing_key() {
  %seen = arith.constant dense<[true, true, false, true]> : tensor<4xi1>
  %n = arith.constant dense<[2]> : tensor<1xi32>
  %q = arith.constant dense<[[[[0.25, 1.5], [-1.75, 1.75], [-0.0, -0.75], [-0.75, -1.0]]]]> : tensor<1x1x4x2xf32>
  %k = arith.constant dense<[[[[-1.5, -1.25], [-1.25, -0.5], [1.5, -1.5], [1.0, 1.25]]]]> : tensor<1x1x4x2xf32>
  %v = arith.constant dense<[[[[0.5, 0.25], [-0.0, -2.25], [0.5, -2.25], [1.0, 0.5]]]]> : tensor<1x1x4x2xf32>
  %c0 = arith.constant 0 : index
  %stride = arith.constant 17592186044416 : index
  %e = tensor.empty() : tensor<1x1x4x2xf32>
  %r = attn.attention %q, %k, %v outs(%e) scale(0.5)
    kv_lengths(%n : tensor<1xi32>) where {
  ^bb0(%b: index, %h: index, %i: index, %j: index):
    %c1 = arith.constant 1 : index
    %d = arith.subi %c1, %j : index
    %far = arith.muli %d, %stride : index
    %before = arith.cmpi slt, %d, %c0 : index
    %at = arith.select %before, %far, %d : index
    %p = tensor.extract %seen[%at] : tensor<4xi1>
    attn.yield %p : i1
  }
    : tensor<1x1x4x2xf32>, tensor<1x1x4x2xf32>, tensor<1x1x4x2xf32> -> tensor<1x1x4x2xf32>
  check.expect_close_const %r, dense<[[[[0.1778874, -1.360563], [0.1961684, -1.269158], [0.2849263, -0.8253684], [0.3075439, -0.7122804]]]]> : tensor<1x1x4x2xf32> tolerance(1.0e-05) : tensor<1x1x4x2xf32>
  return
}

// The where region is part of the mask: a score region runs behind it.
func.func private @score_behind_where() {
  %table = arith.constant dense<[1.0, -1.0, 0.5, 2.0]> : tensor<4xf32>
  %q = arith.constant dense<[[[[0.25, 1.5], [-1.75, 1.75], [-0.0, -0.75], [-0.75, -1.0]]]]> : tensor<1x1x4x2xf32>
  %k = arith.constant dense<[[[[-1.5, -1.25], [-1.25, -0.5], [1.5, -1.5], [1.0, 1.25]]]]> : tensor<1x1x4x2xf32>
  %v = arith.constant dense<[[[[0.5, 0.25], [-0.0, -2.25], [0.5, -2.25], [1.0, 0.5]]]]> : tensor<1x1x4x2xf32>
  %c0 = arith.constant 0 : index
  %stride = arith.constant 17592186044416 : index
  %e = tensor.empty() : tensor<1x1x4x2xf32>
  %r = attn.attention %q, %k, %v outs(%e) scale(0.5) score {
  ^bb0(%s: f32, %b: index, %h: index, %i: index, %j: index):
    %d = arith.subi %i, %j : index
    %far = arith.muli %d, %stride : index
    %before = arith.cmpi slt, %d, %c0 : index
    %at = arith.select %before, %far, %d : index
    %x = tensor.extract %table[%at] : tensor<4xf32>
    %y = arith.addf %s, %x : f32
    attn.yield %y : f32
  } where {
  ^bb0(%b: index, %h: index, %i: index, %j: index):
    %p = arith.cmpi sle, %j, %i : index
    attn.yield %p : i1
  }
    : tensor<1x1x4x2xf32>, tensor<1x1x4x2xf32>, tensor<1x1x4x2xf32> -> tensor<1x1x4x2xf32>
  check.expect_close_const %r, dense<[[[[0.5, 0.25], [0.04017873, -2.049106], [0.4717327, -1.410847], [0.4589916, -0.07066509]]]]> : tensor<1x1x4x2xf32> tolerance(1.0e-05) : tensor<1x1x4x2xf32>
  return
}

func.func @main() {
  call @score() : () -> ()
  call @where() : () -> ()
  call @missing_key() : () -> ()
  call @score_behind_where() : () -> ()
  return
}

//--- stray.mlir
func.func @main() {
  %table = arith.constant dense<[1.0, -1.0, 0.5, 2.0]> : tensor<4xf32>
  %q = arith.constant dense<[[[[0.25, 1.5], [-1.75, 1.75], [-0.0, -0.75], [-0.75, -1.0]]]]> : tensor<1x1x4x2xf32>
  %k = arith.constant dense<[[[[-1.5, -1.25], [-1.25, -0.5], [1.5, -1.5], [1.0, 1.25]]]]> : tensor<1x1x4x2xf32>
  %v = arith.constant dense<[[[[0.5, 0.25], [-0.0, -2.25], [0.5, -2.25], [1.0, 0.5]]]]> : tensor<1x1x4x2xf32>
  %c0 = arith.constant 0 : index
  %stride = arith.constant 17592186044416 : index
  %e = tensor.empty() : tensor<1x1x4x2xf32>
  %r = attn.attention %q, %k, %v outs(%e) scale(0.5) score {
  ^bb0(%s: f32, %b: index, %h: index, %i: index, %j: index):
    %d = arith.subi %i, %j : index
    %far = arith.muli %d, %stride : index
    %before = arith.cmpi slt, %d, %c0 : index
    %at = arith.select %before, %far, %d : index
    %x = tensor.extract %table[%at] : tensor<4xf32>
    %y = arith.addf %s, %x : f32
    attn.yield %y : f32
  }
    : tensor<1x1x4x2xf32>, tensor<1x1x4x2xf32>, tensor<1x1x4x2xf32> -> tensor<1x1x4x2xf32>
  check.expect_close_const %r, dense<[[[[0.7424238, -0.1127935], [0.2152219, -1.598911], [0.5107397, -1.269751], [0.4589916, -0.07066509]]]]> : tensor<1x1x4x2xf32> tolerance(1.0e-05) : tensor<1x1x4x2xf32>
  return
}
