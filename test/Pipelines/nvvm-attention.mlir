// Attention to PTX, and what each stage leaves.

// RUN: attn-opt %s --attn-lower-to-nvvm=stop-after=tiled | FileCheck %s --check-prefix=TILED
// RUN: attn-opt %s --attn-lower-to-nvvm=stop-after=folds | FileCheck %s --check-prefix=FOLDS
// RUN: attn-opt %s --attn-lower-to-nvvm=stop-after=wg | FileCheck %s --check-prefix=WG
// RUN: attn-opt %s --attn-lower-to-nvvm=stop-after=kernels | FileCheck %s --check-prefix=KERNELS
// RUN: attn-opt %s --attn-lower-to-nvvm=format=isa | FileCheck %s --check-prefix=HOST
// RUN: attn-compile %s --entry=attention --target=cuda --emit=ptx -o - | FileCheck %s --check-prefix=PTX --implicit-check-not=.local

// A block for each tile of queries; the schedule is one without a register tile.
// TILED: scf.forall
// TILED: attn.attention {{.*}} schedule(<rows = 128, cols = 128, {{.*}} held = true>)
// TILED: mapping = [#gpu.block<linear_dim_0>, #gpu.block<linear_dim_1>, #gpu.block<linear_dim_2>]

// Nothing of the tensor level is left, and contractions multiply 16-bit tiles.
// FOLDS-NOT: attn.attention
// FOLDS: tile.rows
// FOLDS: linalg.contract {{.*}} ins(%{{.*}}, %{{.*}} : tensor<128x128xbf16>, tensor<128x128xbf16>) outs(%{{.*}} : tensor<128x128xf32>)
// FOLDS-NOT: extf

// Partial tiles come first and select, full ones know no mask.
// WG: wg.copy
// WG: scf.for {{.*}} -> (!wg.tile<128x128xf32>, !wg.tile<128xf32, rows>, !wg.tile<128xf32, rows>)
// WG: arith.select
// WG: scf.yield
// WG: scf.for
// WG-NOT: arith.select
// WG: scf.yield
// WG: wg.store
// WG-NOT: linalg.

// A block for each multiprocessor. Four of its warps copy: tiles of queries to
// one place, those of keys and values to several, for the loops of full and of
// partial tiles alike.
// KERNELS: %[[MOST:.*]] = wg.multiprocessors
// KERNELS: %[[BLOCKS:.*]] = arith.minsi %{{.*}}, %[[MOST]]
// KERNELS-COUNT-3: wg.describe
// KERNELS: gpu.launch {{.*}} in (%{{.*}} = %[[BLOCKS]], {{.*}} dynamic_shared_memory_size
// KERNELS: %[[Q:.*]] = wg.make_channel {{.*}} : <1, 128x128xbf16>
// KERNELS: %[[K:.*]] = wg.make_channel {{.*}} : <{{[2-9]}}, 128x128xbf16>
// KERNELS: %[[V:.*]] = wg.make_channel {{.*}} : <{{[2-9]}}, 128x128xbf16>
// KERNELS: %[[N:.*]] = wg.make_notes
// KERNELS: wg.roles producers 4 copiers 2 registers 40 {
// KERNELS: scf.if
// KERNELS: scf.for {{.*}} : i32 {
// KERNELS-NOT: %[[Q]]
// KERNELS: scf.for {{.*}} -> (i32, i32) : i32 {
// KERNELS: wg.acquire %[[K]]
// KERNELS-NEXT: wg.copy_bulk {{.*}} into %[[K]]
// KERNELS: wg.acquire %[[V]]
// KERNELS-NEXT: wg.copy_bulk {{.*}} into %[[V]]
// KERNELS: scf.for {{.*}} -> (i32, i32) : i32 {
// KERNELS: wg.acquire %[[K]]
// KERNELS: wg.acquire %[[V]]

// Pieces of work that were noted are copied once more.
// KERNELS: wg.await_notes %[[N]]
// KERNELS-NEXT: scf.for %[[ROUND:[a-z0-9]+]] = {{.*}} : i32 {
// KERNELS-NEXT: %[[AGAIN:.*]] = wg.noted %[[N]][%[[ROUND]]]
// KERNELS-NEXT: scf.if %[[AGAIN]]
// KERNELS-NOT: %[[Q]]
// KERNELS: wg.acquire %[[K]]
// KERNELS: wg.acquire %[[V]]
// KERNELS: wg.acquire %[[K]]
// KERNELS: wg.acquire %[[V]]

// Queries have one place, so another warp waits for it.
// KERNELS: } else {
// KERNELS: scf.for {{.*}} : i32 {
// KERNELS: wg.acquire %[[Q]]
// KERNELS-NEXT: wg.copy_bulk {{.*}} into %[[Q]]
// KERNELS-NOT: wg.acquire
// KERNELS: wg.await_notes %[[N]]
// KERNELS-NEXT: scf.for %[[ROUND:[a-z0-9]+]] = {{.*}} : i32 {
// KERNELS-NEXT: %[[AGAIN:.*]] = wg.noted %[[N]][%[[ROUND]]]
// KERNELS-NEXT: scf.if %[[AGAIN]]
// KERNELS: wg.acquire %[[Q]]
// KERNELS-NOT: wg.acquire

// The others multiply. The product with the values of one tile runs beside the
// scores of the next, partial tiles first; in the loop of full tiles the maximum is
// that of the partial tiles, so nothing is reduced to rows or rescaled. What behind a
// loop needs the number of the piece of work computes it again.
// KERNELS: } consumers 8 registers 232 {
// KERNELS: scf.for %[[PIECE:[a-z0-9]+]] = {{.*}} : i32 {
// KERNELS: %[[QS:.*]] = wg.receive %[[Q]]
// KERNELS: scf.if
// KERNELS: wg.mma %[[QS]]
// KERNELS: arith.select
// KERNELS: wg.reduce <maxnumf>
// KERNELS: } else {
// KERNELS: wg.mma %[[QS]]
// KERNELS-NOT: wg.reduce <maxnumf>
// KERNELS: scf.for
// KERNELS: wg.start_mma %[[QS]], %{{.*}} transposed
// KERNELS: wg.start_mma
// KERNELS: arith.select
// KERNELS: wg.reduce <maxnumf>
// KERNELS: scf.yield
// KERNELS: scf.for {{.*}} -> (!wg.tile<128x8xf32>, i32, i32, !wg.tile<128x128xbf16>, !wg.tile<128x128xf32>) : i32 {
// KERNELS: wg.receive %[[K]]
// KERNELS: wg.take_turn
// KERNELS: %[[S:.*]] = wg.start_mma %[[QS]], %{{.*}} transposed
// KERNELS: wg.receive %[[V]]
// KERNELS: %[[O:.*]] = wg.start_mma {{.*}} : !wg.tile<128x128xbf16>
// KERNELS: wg.pass_turn
// KERNELS: wg.await_mma %[[S]] pending 1
// KERNELS: wg.release %[[K]]
// KERNELS-NOT: wg.reduce
// KERNELS-NOT: arith.select
// KERNELS: wg.reduce_blocks <add>
// KERNELS-NEXT: %[[SUM:.*]] = wg.await_mma %[[O]] pending 0
// KERNELS: wg.release %[[V]]
// KERNELS-NOT: wg.map ins(%[[SUM]]
// KERNELS: scf.yield {{.*}}, %[[SUM]] :
// KERNELS: wg.reduce <add>
// KERNELS-NEXT: wg.release %[[Q]]
// KERNELS: wg.mma
// KERNELS: } else {
// KERNELS-NEXT: wg.release %[[Q]]
// KERNELS: %[[AT:.*]] = wg.again %[[PIECE]] : i32
// KERNELS: wg.store
// KERNELS: wg.note %{{.*}} in %[[N]][%[[AT]]]

// What was noted is done again with the maximum of all tiles.
// KERNELS: wg.share_notes %[[N]]
// KERNELS: scf.for %[[PIECE:[a-z0-9]+]] = {{.*}} : i32 {
// KERNELS-NEXT: %[[AGAIN:.*]] = wg.noted %[[N]][%[[PIECE]]]
// KERNELS-NEXT: scf.if %[[AGAIN]]
// KERNELS: %[[QS:.*]] = wg.receive %[[Q]]
// KERNELS: wg.take_turn
// KERNELS: wg.pass_turn
// KERNELS: wg.reduce <maxnumf>
// KERNELS: wg.await_mma
// KERNELS: wg.store
// KERNELS-COUNT-3: wg.forget

// 128 x 128 x 128 twice in 64 x 128 x 16 for each of two warpgroups: from shared
// memory, and with the weights in registers. Each warp releases places by one
// thread, without a branch.
// PTX: .target sm_90a
// PTX: .param .align 64 .b8 attention_kernel_param_{{[0-9]+}}[128]
// PTX: .maxntid 384, 1, 1
// PTX: mbarrier.init.shared.b64
// PTX: fence.mbarrier_init.release.cluster;
// PTX: bar.sync 0;
// PTX: setmaxnreg.inc.sync.aligned.u32 232;
// PTX: mbarrier.try_wait.parity.shared.b64
// PTX: wgmma.wait_group.sync.aligned 0;
// PTX: bar.sync %r{{[0-9]+}}, 256;
// PTX-COUNT-8: wgmma.mma_async.sync.aligned.m64n128k16.f32.bf16.bf16 {{.*}}, %rd{{[0-9]+}}, %rd
// PTX: wgmma.commit_group.sync.aligned;
// PTX-COUNT-8: wgmma.mma_async.sync.aligned.m64n128k16.f32.bf16.bf16 {{.*}}, {{.%r[0-9]+, %r[0-9]+, %r[0-9]+, %r[0-9]+.}}, %rd
// PTX: wgmma.commit_group.sync.aligned;
// PTX-NOT: wait_group
// PTX: wgmma.wait_group.sync.aligned 1;
// PTX: @%p{{[0-9]+}} mbarrier.arrive.shared::cta.b64
// PTX: ex2.approx.ftz.f32
// PTX: wgmma.wait_group.sync.aligned 0;
// PTX: @%p{{[0-9]+}} mbarrier.arrive.shared::cta.b64
// PTX: st.global.v4.b32
// PTX: setmaxnreg.dec.sync.aligned.u32 40;
// PTX: mbarrier.try_wait.parity.shared.b64
// PTX: mbarrier.arrive.expect_tx.shared.b64
// PTX-COUNT-2: cp.async.bulk.tensor.4d.shared::cta.global.tile.mbarrier::complete_tx::bytes

// A descriptor is made for a launch and passed by value: its place is that of the
// argument.
// HOST-LABEL: llvm.func @attention(
// HOST: llvm.call @attn_cuda_multiprocessors
// HOST: llvm.call @attn_cuda_describe(%[[D:[0-9]+]],
// HOST: llvm.store %[[D]], %{{[0-9]+}} : !llvm.ptr, !llvm.ptr
// HOST: llvm.call @mgpuLaunchKernel
// HOST: llvm.call @attn_cuda_forget(%[[D]])

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
