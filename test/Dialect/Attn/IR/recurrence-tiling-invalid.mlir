// RUN: split-file %s %t
// RUN: not attn-opt %t/heads.mlir --tile-parallel 2>&1 | FileCheck %s --check-prefix=HEADS
// RUN: not attn-opt %t/widths.mlir --tile-parallel --canonicalize --tile-form-folds 2>&1 | FileCheck %s --check-prefix=WIDTHS
// RUN: not attn-opt %t/states.mlir --tile-form-folds 2>&1 | FileCheck %s --check-prefix=STATES
// RUN: not attn-opt %t/norm.mlir --tile-parallel 2>&1 | FileCheck %s --check-prefix=NORM

// Where it is not known how many heads belong to a state.
// HEADS: heads.mlir:2:8: error: is cut along heads, whose numbers must be static or the same value
//--- heads.mlir
func.func @heads(%q: tensor<2x?x64x16xf32>, %v: tensor<2x4x64x12xf32>, %o: tensor<2x?x64x12xf32>) -> tensor<2x?x64x12xf32> {
  %r = attn.recurrence %q, %q, %v outs(%o) scale(0.25) schedule(<tokens = 1, columns = 12>)
    : tensor<2x?x64x16xf32>, tensor<2x?x64x16xf32>, tensor<2x4x64x12xf32> -> tensor<2x?x64x12xf32>
  return %r : tensor<2x?x64x12xf32>
}

// Columns that come in unequal parts.
// WIDTHS: error: expected static, positive widths, in equal parts, got key
//--- widths.mlir
func.func @widths(%q: tensor<2x4x64x16xf32>) -> tensor<2x4x64x16xf32> {
  %r = attn.recurrence %q, %q, %q outs(%q) scale(0.25) schedule(<tokens = 1, columns = 12>)
    : tensor<2x4x64x16xf32>, tensor<2x4x64x16xf32>, tensor<2x4x64x16xf32> -> tensor<2x4x64x16xf32>
  return %r : tensor<2x4x64x16xf32>
}

// A fold is over one state.
// STATES: states.mlir:2:8: error: expected a tile of one batch entry and one state head, got query
//--- states.mlir
func.func @states(%q: tensor<2x4x64x16xf32>) -> tensor<2x4x64x16xf32> {
  %r = attn.recurrence %q, %q, %q outs(%q) scale(0.25) schedule(<tokens = 1, columns = 16>)
    : tensor<2x4x64x16xf32>, tensor<2x4x64x16xf32>, tensor<2x4x64x16xf32> -> tensor<2x4x64x16xf32>
  return %r : tensor<2x4x64x16xf32>
}

// What is divided by is a recurrence of its own.
// NORM: norm.mlir:2:8: error: has a norm, which attn-expand-norms makes a recurrence of its own, before it is cut
//--- norm.mlir
func.func @norm(%q: tensor<2x4x64x16xf32>) -> tensor<2x4x64x16xf32> {
  %r = attn.recurrence %q, %q, %q outs(%q) scale(0.25) norm(sum) schedule(<tokens = 1, columns = 16>)
    : tensor<2x4x64x16xf32>, tensor<2x4x64x16xf32>, tensor<2x4x64x16xf32> -> tensor<2x4x64x16xf32>
  return %r : tensor<2x4x64x16xf32>
}
