// Attention to PTX, and what each stage leaves.

// RUN: attn-opt %s --attn-lower-to-nvvm=stop-after=tiled | FileCheck %s --check-prefix=TILED
// RUN: attn-opt %s --attn-lower-to-nvvm=stop-after=folds | FileCheck %s --check-prefix=FOLDS
// RUN: attn-opt %s --attn-lower-to-nvvm=stop-after=wg | FileCheck %s --check-prefix=WG
// RUN: attn-opt %s --attn-lower-to-nvvm=stop-after=kernels | FileCheck %s --check-prefix=KERNELS
// RUN: attn-compile %s --entry=attention --target=cuda --emit=ptx -o - | FileCheck %s --check-prefix=PTX

// A block for each tile of queries; the schedule is one without a register tile.
// TILED: scf.forall
// TILED: attn.attention {{.*}} schedule(<rows = 128, cols = 128
// TILED: mapping = [#gpu.block<linear_dim_0>, #gpu.block<linear_dim_1>, #gpu.block<linear_dim_2>]

// Nothing of the tensor level is left, and contractions multiply 16-bit tiles.
// FOLDS-NOT: attn.attention
// FOLDS: tile.rows
// FOLDS: linalg.contract {{.*}} ins(%{{.*}}, %{{.*}} : tensor<128x128xbf16>, tensor<128x128xbf16>) outs(%{{.*}} : tensor<128x128xf32>)
// FOLDS-NOT: extf

// Full tiles know no mask, partial ones select.
// WG: wg.copy
// WG: scf.for {{.*}} -> (!wg.tile<128x128xf32>, !wg.tile<128xf32, rows>, !wg.tile<128xf32, rows>)
// WG-NOT: arith.select
// WG: scf.yield
// WG: scf.for
// WG: arith.select
// WG: scf.yield
// WG: wg.store
// WG-NOT: linalg.

// Keys and values run ahead in rings; a loop waits twice in an iteration.
// KERNELS: gpu.launch {{.*}} dynamic_shared_memory_size
// KERNELS-COUNT-2: wg.make_ring {{.*}} <2, 128x128xbf16>
// KERNELS: scf.for
// KERNELS: gpu.barrier
// KERNELS: wg.copy_async
// KERNELS: wg.copy_async
// KERNELS: wg.wait_copies 1
// KERNELS-NEXT: gpu.barrier
// KERNELS-NEXT: wg.mma
// KERNELS-NOT: gpu.barrier
// KERNELS: scf.yield

// 128 x 128 x 128 twice in 64 x 128 x 16 for each of two warpgroups: first from
// shared memory, then with the weights in registers.
// PTX: .target sm_90a
// PTX-NOT: .local
// PTX: .maxntid 256, 1, 1
// PTX: cp.async.cg.shared.global
// PTX: cp.async.wait_group 1;
// PTX: bar.sync 0;
// PTX-COUNT-8: wgmma.mma_async.sync.aligned.m64n128k16.f32.bf16.bf16
// PTX: wgmma.wait_group.sync.aligned 0;
// PTX: ex2.approx.ftz.f32
// PTX: cvt.rn.bf16x2.f32
// PTX-COUNT-8: wgmma.mma_async.sync.aligned.m64n128k16.f32.bf16.bf16 {{.*}}, {{.%r[0-9]+, %r[0-9]+, %r[0-9]+, %r[0-9]+.}}, %rd

func.func @attention(%q: tensor<?x16x?x128xbf16>, %k: tensor<?x4x?x128xbf16>, %v: tensor<?x4x?x128xbf16>) -> tensor<?x16x?x128xbf16> {
  %c0 = arith.constant 0 : index
  %c2 = arith.constant 2 : index
  %b = tensor.dim %q, %c0 : tensor<?x16x?x128xbf16>
  %s = tensor.dim %q, %c2 : tensor<?x16x?x128xbf16>
  %e = tensor.empty(%b, %s) : tensor<?x16x?x128xbf16>
  %o = attn.attention %q, %k, %v outs(%e) scale(0.08838834764) mask(causal)
    : tensor<?x16x?x128xbf16>, tensor<?x4x?x128xbf16>, tensor<?x4x?x128xbf16> -> tensor<?x16x?x128xbf16>
  return %o : tensor<?x16x?x128xbf16>
}
