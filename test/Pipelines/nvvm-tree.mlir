// RUN: env PTXAS=/none attn-compile %s --entry=tree --target=cuda --chip=sm_90a --emit=ptx -o - | FileCheck %s --implicit-check-not=.local
// RUN: env PTXAS=/none attn-compile %s --entry=tree --target=cuda --chip=sm_80 --emit=ptx -o - | FileCheck %s --check-prefix=PORTABLE --implicit-check-not=.local

// A tree of 64 draft tokens behind what has been decoded, 32 heads of 128 that
// share 8 of keys and values: its tests read words of ancestors.

// CHECK: .visible .entry tree_kernel(
// CHECK: wgmma.mma_async.sync.aligned.m64n{{[0-9]+}}k16.f32.bf16.bf16
// CHECK: ld.global.{{[bu]}}32

// PORTABLE: .visible .entry tree_kernel(
// PORTABLE: mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32
func.func @tree(%q: tensor<?x32x64x128xbf16>, %k: tensor<?x8x?x128xbf16>, %v: tensor<?x8x?x128xbf16>,
    %starts: tensor<?x1x1xi32>, %ancestors: tensor<?x64x2xi32>, %lengths: tensor<?xi32>) -> tensor<?x32x64x128xbf16> {
  %c0 = arith.constant 0 : index
  %batch = tensor.dim %q, %c0 : tensor<?x32x64x128xbf16>
  %e = tensor.empty(%batch) : tensor<?x32x64x128xbf16>
  %r = attn.attention %q, %k, %v outs(%e) scale(0.08838834764831845) mask(tree)
    parameters(%starts : tensor<?x1x1xi32>) ancestors(%ancestors : tensor<?x64x2xi32>)
    kv_lengths(%lengths : tensor<?xi32>)
    : tensor<?x32x64x128xbf16>, tensor<?x8x?x128xbf16>, tensor<?x8x?x128xbf16> -> tensor<?x32x64x128xbf16>
  return %r : tensor<?x32x64x128xbf16>
}
