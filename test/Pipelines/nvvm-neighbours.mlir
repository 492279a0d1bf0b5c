// RUN: attn-opt %s --attn-lower-to-nvvm="chip=sm_90a stop-after=kernels" | FileCheck %s

// What makes queries and what gates the output are kernels of their own: one of tiles
// between two of neighbours, which have a version each for memory that vectors fit.

#all = affine_map<(b, h, i, d) -> (b, h, i, d)>
#row = affine_map<(b, h, i, d) -> (b, h, i)>

// CHECK-LABEL: func @neighbours
// CHECK-COUNT-5: gpu.launch
// CHECK-NOT: gpu.launch
func.func @neighbours(%q: tensor<1x4x1024x64xbf16>, %k: tensor<1x4x1024x64xbf16>, %g: tensor<1x4x1024xbf16>) -> tensor<1x4x1024x64xbf16> {
  %e = tensor.empty() : tensor<1x4x1024x64xbf16>
  %squares = linalg.generic {indexing_maps = [#all, #all], iterator_types = ["parallel", "parallel", "parallel", "parallel"]}
      ins(%q : tensor<1x4x1024x64xbf16>) outs(%e : tensor<1x4x1024x64xbf16>) {
  ^bb0(%x: bf16, %init: bf16):
    %y = arith.mulf %x, %x : bf16
    linalg.yield %y : bf16
  } -> tensor<1x4x1024x64xbf16>
  %o = attn.attention %squares, %k, %k outs(%e) scale(0.125)
    : tensor<1x4x1024x64xbf16>, tensor<1x4x1024x64xbf16>, tensor<1x4x1024x64xbf16> -> tensor<1x4x1024x64xbf16>
  %r = linalg.generic {indexing_maps = [#all, #row, #all], iterator_types = ["parallel", "parallel", "parallel", "parallel"]}
      ins(%o, %g : tensor<1x4x1024x64xbf16>, tensor<1x4x1024xbf16>) outs(%e : tensor<1x4x1024x64xbf16>) {
  ^bb0(%x: bf16, %gate: bf16, %init: bf16):
    %y = arith.mulf %x, %gate : bf16
    linalg.yield %y : bf16
  } -> tensor<1x4x1024x64xbf16>
  return %r : tensor<1x4x1024x64xbf16>
}
