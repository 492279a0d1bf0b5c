// Where no warps only copy: the limits are those of the chip.

// RUN: attn-opt %s --attn-select-gpu-schedule="producers=false shared-bytes=166912" --split-input-file | FileCheck %s --check-prefixes=CHECK,LARGE
// RUN: attn-opt %s --attn-select-gpu-schedule="producers=false shared-bytes=101376" --split-input-file | FileCheck %s --check-prefixes=CHECK,SMALL
// RUN: attn-opt %s --attn-lower-to-nvvm="stop-after=tiled chip=sm_86 ptxas=none" --split-input-file | FileCheck %s --check-prefix=CHIP

// CHECK-LABEL: func @d128
// LARGE: schedule(<rows = 128, cols = 128, hoist_pack = false, partial_first = true>)
// SMALL: schedule(<rows = 128, cols = 64, hoist_pack = false, partial_first = true>)
// CHIP-LABEL: func.func @d128
// CHIP: schedule(<rows = 128, cols = 64, hoist_pack = false, partial_first = true>)
func.func @d128(%q: tensor<1x16x?x128xbf16>, %o: tensor<1x16x?x128xbf16>) -> tensor<1x16x?x128xbf16> {
  %r = attn.attention %q, %q, %q outs(%o) scale(0.125)
    : tensor<1x16x?x128xbf16>, tensor<1x16x?x128xbf16>, tensor<1x16x?x128xbf16> -> tensor<1x16x?x128xbf16>
  return %r : tensor<1x16x?x128xbf16>
}

// -----

// Elements of four bytes.
// CHECK-LABEL: func @wide
// LARGE: schedule(<rows = 128, cols = 128, hoist_pack = false, partial_first = true>)
// SMALL: schedule(<rows = 128, cols = 64, hoist_pack = false, partial_first = true>)
// CHIP-LABEL: func.func @wide
// CHIP: schedule(<rows = 128, cols = 64, hoist_pack = false, partial_first = true>)
func.func @wide(%q: tensor<1x16x?x64xf32>, %o: tensor<1x16x?x64xf32>) -> tensor<1x16x?x64xf32> {
  %r = attn.attention %q, %q, %q outs(%o) scale(0.125)
    : tensor<1x16x?x64xf32>, tensor<1x16x?x64xf32>, tensor<1x16x?x64xf32> -> tensor<1x16x?x64xf32>
  return %r : tensor<1x16x?x64xf32>
}
