// RUN: split-file %s %t
// RUN: not attn-opt %t/deep.mlir --attn-select-gpu-schedule 2>&1 | FileCheck %s --check-prefix=GPU
// RUN: not attn-opt %t/width.mlir --attn-select-schedule=cpu=x86-64-v3 2>&1 | FileCheck %s --check-prefix=CPU

// A warp holds at least one column of a state; channels are counted.
// GPU: deep.mlir:2:8: error: 'attn.scan' op fits no schedule: a warp does not hold a column of its state, of 5000 numbers
// CPU: width.mlir:2:8: error: 'attn.scan' op the widths of rows and columns must be static to choose tiles
//--- deep.mlir
func.func @deep(%v: tensor<1x4x?x32xbf16>, %k: tensor<1x4x?x5000xbf16>) -> tensor<1x4x?x32xbf16> {
  %r = attn.scan %v outs(%v) key(%k : tensor<1x4x?x5000xbf16>) : tensor<1x4x?x32xbf16> -> tensor<1x4x?x32xbf16>
  return %r : tensor<1x4x?x32xbf16>
}
//--- width.mlir
func.func @width(%v: tensor<1x4x?x?xf32>) -> tensor<1x4x?x?xf32> {
  %r = attn.scan %v outs(%v) : tensor<1x4x?x?xf32> -> tensor<1x4x?x?xf32>
  return %r : tensor<1x4x?x?xf32>
}
