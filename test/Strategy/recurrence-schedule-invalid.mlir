// RUN: split-file %s %t
// RUN: not attn-opt %t/deep.mlir --attn-select-gpu-schedule 2>&1 | FileCheck %s --check-prefix=DEEP
// RUN: not attn-opt %t/micro.mlir --attn-select-schedule=cpu=x86-64-v3 2>&1 | FileCheck %s --check-prefix=MICRO
// RUN: not attn-opt %t/width.mlir --attn-select-schedule=cpu=x86-64-v3 2>&1 | FileCheck %s --check-prefix=WIDTH
// RUN: not attn-opt %t/width.mlir --attn-select-gpu-schedule 2>&1 | FileCheck %s --check-prefix=GPU
// RUN: not attn-opt %t/tokens.mlir --attn-lower-to-nvvm=chip=sm_90a 2>&1 | FileCheck %s --check-prefix=TOKENS

// On a GPU a warp holds at least a column of a state, of 4096 numbers.
// DEEP: deep.mlir:2:8: error: 'attn.recurrence' op fits no schedule: a warp does not hold a column of its state, of 4097 numbers
//--- deep.mlir
func.func @deep(%q: tensor<1x4x?x4097xbf16>, %v: tensor<1x4x?x32xbf16>) -> tensor<1x4x?x32xbf16> {
  %r = attn.recurrence %q, %q, %v outs(%v) scale(1.0)
    : tensor<1x4x?x4097xbf16>, tensor<1x4x?x4097xbf16>, tensor<1x4x?x32xbf16> -> tensor<1x4x?x32xbf16>
  return %r : tensor<1x4x?x32xbf16>
}

// On a CPU products need a register tile.
// MICRO: micro.mlir:2:8: error: 'attn.recurrence' op has a schedule without a register tile (micro), which x86-64-v3 needs
//--- micro.mlir
func.func @micro(%q: tensor<1x4x?x32xf32>) -> tensor<1x4x?x32xf32> {
  %r = attn.recurrence %q, %q, %q outs(%q) scale(1.0) schedule(<tokens = 64, columns = 32>)
    : tensor<1x4x?x32xf32>, tensor<1x4x?x32xf32>, tensor<1x4x?x32xf32> -> tensor<1x4x?x32xf32>
  return %r : tensor<1x4x?x32xf32>
}

// A state has a size.
// WIDTH: width.mlir:2:8: error: 'attn.recurrence' op the widths of rows and columns must be static to choose tiles
// GPU: width.mlir:2:8: error: 'attn.recurrence' op expected static widths, to keep rows in registers
//--- width.mlir
func.func @width(%q: tensor<1x4x?x?xf32>) -> tensor<1x4x?x?xf32> {
  %r = attn.recurrence %q, %q, %q outs(%q) scale(1.0)
    : tensor<1x4x?x?xf32>, tensor<1x4x?x?xf32>, tensor<1x4x?x?xf32> -> tensor<1x4x?x?xf32>
  return %r : tensor<1x4x?x?xf32>
}

// On a GPU matrices have rows in units of 16.
// TOKENS: tokens.mlir:2:8: error: cannot be in registers: a tile has a multiple of 16 rows, got 24
//--- tokens.mlir
func.func @tokens(%q: tensor<1x4x?x32xbf16>) -> tensor<1x4x?x32xbf16> {
  %r = attn.recurrence %q, %q, %q outs(%q) scale(1.0) schedule(<tokens = 24, columns = 32>)
    : tensor<1x4x?x32xbf16>, tensor<1x4x?x32xbf16>, tensor<1x4x?x32xbf16> -> tensor<1x4x?x32xbf16>
  return %r : tensor<1x4x?x32xbf16>
}
