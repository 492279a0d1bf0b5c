// RUN: attn-opt %s --tile-parallel=to-blocks --canonicalize | FileCheck %s

// A loop that is a grid of blocks stays one where there is a single block.

// CHECK-LABEL: func @single
// CHECK: scf.forall (%{{.*}}, %{{.*}}, %{{.*}}) in (1, 1, 1)
// CHECK: {mapping = [#gpu.block<linear_dim_0>, #gpu.block<linear_dim_1>, #gpu.block<linear_dim_2>]}
func.func @single(%q: tensor<1x1x8x64xbf16>, %o: tensor<1x1x8x64xbf16>) -> tensor<1x1x8x64xbf16> {
  %r = attn.attention %q, %q, %q outs(%o) scale(0.125) schedule(#attn.schedule<rows = 64, cols = 64>)
    : tensor<1x1x8x64xbf16>, tensor<1x1x8x64xbf16>, tensor<1x1x8x64xbf16> -> tensor<1x1x8x64xbf16>
  return %r : tensor<1x1x8x64xbf16>
}

// How many blocks share a multiprocessor goes along.

// CHECK-LABEL: func @shared
// CHECK: scf.forall
// CHECK: tile.blocks = 2
func.func @shared(%q: tensor<1x4x512x64xbf16>, %o: tensor<1x4x512x64xbf16>) -> tensor<1x4x512x64xbf16> {
  %r = attn.attention %q, %q, %q outs(%o) scale(0.125) schedule(#attn.schedule<rows = 64, cols = 64, blocks = 2>)
    : tensor<1x4x512x64xbf16>, tensor<1x4x512x64xbf16>, tensor<1x4x512x64xbf16> -> tensor<1x4x512x64xbf16>
  return %r : tensor<1x4x512x64xbf16>
}
