// RUN: split-file %s %t
// RUN: not attn-opt %t/heads.mlir --tile-parallel 2>&1 | FileCheck %s --check-prefix=HEADS
// RUN: not attn-opt %t/widths.mlir --tile-parallel --canonicalize --tile-form-folds 2>&1 | FileCheck %s --check-prefix=WIDTHS
// RUN: not attn-opt %t/states.mlir --tile-form-folds 2>&1 | FileCheck %s --check-prefix=STATES

// Where it is not known how many heads have the keys of a group.
// HEADS: heads.mlir:2:8: error: is cut along heads, whose numbers must be static or the same value
//--- heads.mlir
func.func @heads(%v: tensor<2x?x64x12xf32>, %k: tensor<2x2x64x3xf32>) -> tensor<2x?x64x12xf32> {
  %r = attn.scan %v outs(%v) key(%k : tensor<2x2x64x3xf32>) schedule(<tokens = 1, columns = 12>)
    : tensor<2x?x64x12xf32> -> tensor<2x?x64x12xf32>
  return %r : tensor<2x?x64x12xf32>
}

// Channels that come in unequal parts.
// WIDTHS: error: expected static, positive widths, in equal parts, got value 'tensor<1x1x64x?xf32>' and a state of 1 numbers for each channel
//--- widths.mlir
func.func @widths(%v: tensor<2x4x64x16xf32>) -> tensor<2x4x64x16xf32> {
  %r = attn.scan %v outs(%v) schedule(<tokens = 1, columns = 12>) : tensor<2x4x64x16xf32> -> tensor<2x4x64x16xf32>
  return %r : tensor<2x4x64x16xf32>
}

// A fold is over the tokens of one head.
// STATES: states.mlir:2:8: error: expected a tile of one batch entry and one head, got value 'tensor<2x4x64x16xf32>'
//--- states.mlir
func.func @states(%v: tensor<2x4x64x16xf32>) -> tensor<2x4x64x16xf32> {
  %r = attn.scan %v outs(%v) schedule(<tokens = 1, columns = 16>) : tensor<2x4x64x16xf32> -> tensor<2x4x64x16xf32>
  return %r : tensor<2x4x64x16xf32>
}
