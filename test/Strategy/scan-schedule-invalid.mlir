// RUN: not attn-opt %s --attn-select-gpu-schedule 2>&1 | FileCheck %s --check-prefix=GPU
// RUN: not attn-opt %s --attn-select-schedule=cpu=x86-64-v3 2>&1 | FileCheck %s --check-prefix=CPU

// A GPU takes several tokens at a time, a scan does not; channels are counted.
// GPU: scan-schedule-invalid.mlir:[[#@LINE+3]]:8: error: 'attn.scan' op fits no schedule: its steps take one token each, or its state is too large
// CPU: scan-schedule-invalid.mlir:[[#@LINE+6]]:8: error: 'attn.scan' op the widths of rows and columns must be static to choose tiles
func.func @token(%v: tensor<1x4x?x32xbf16>) -> tensor<1x4x?x32xbf16> {
  %r = attn.scan %v outs(%v) : tensor<1x4x?x32xbf16> -> tensor<1x4x?x32xbf16>
  return %r : tensor<1x4x?x32xbf16>
}
func.func @width(%v: tensor<1x4x?x?xf32>) -> tensor<1x4x?x?xf32> {
  %r = attn.scan %v outs(%v) : tensor<1x4x?x?xf32> -> tensor<1x4x?x?xf32>
  return %r : tensor<1x4x?x?xf32>
}
