// RUN: attn-opt %s --pass-pipeline='builtin.module(gpu.module(convert-wg-to-nvvm,convert-math-to-nvvm-approx),canonicalize,cse,convert-scf-to-cf,expand-strided-metadata,lower-affine,gpu.module(convert-gpu-to-nvvm,convert-vector-to-llvm,canonicalize,cse,reconcile-unrealized-casts),convert-nvvm-to-llvm)' \
// RUN:   | %mlir_opt --gpu-module-to-binary=format=isa | sed 's/[\\]0A/\n/g; s/[\\]09/ /g' | FileCheck %s

// Scores, exponentials, products: pairs are narrowed together, and the packed
// registers are the left operand without a move. Constant distances are in the
// instructions.

// CHECK:     .extern .shared .align 1024 .b8 wg_shared_memory[];
// CHECK:     .visible .entry step(
// CHECK:     .maxntid 128, 1, 1
// CHECK:     cp.async.cg.shared.global
// CHECK:     cp.async.wait_group 0;
// CHECK:     fence.proxy.async.shared::cta;
// CHECK:     bar.sync 0;
// CHECK:     wgmma.fence.sync.aligned;
// CHECK-COUNT-4: wgmma.mma_async.sync.aligned.m64n32k16.f32.bf16.bf16 {
// CHECK:     wgmma.commit_group.sync.aligned;
// CHECK:     wgmma.wait_group.sync.aligned 0;
// CHECK:     max.f32
// CHECK:     shfl.sync.bfly.b32 %{{.*}}, 1, 31, -1;
// CHECK:     shfl.sync.bfly.b32 %{{.*}}, 2, 31, -1;
// CHECK:     ex2.approx.ftz.f32
// CHECK-COUNT-8: cvt.rn.bf16x2.f32
// CHECK-NOT: mov.b32
// CHECK:     wgmma.fence.sync.aligned;
// CHECK-NOT: mov.b32
// CHECK:     wgmma.mma_async.sync.aligned.m64n64k16.f32.bf16.bf16 {{.*}}, {{.%r[0-9]+, %r[0-9]+, %r[0-9]+, %r[0-9]+.}}, %rd{{[0-9]+}}, p, 1, 1, 1;
// CHECK:     wgmma.mma_async.sync.aligned.m64n64k16.f32.bf16.bf16 {{.*}}, {{.%r[0-9]+, %r[0-9]+, %r[0-9]+, %r[0-9]+.}}, %rd{{[0-9]+}}, 1, 1, 1, 1;
// CHECK-NOT: mov.b32
// CHECK:     wgmma.wait_group.sync.aligned 0;
// CHECK:     st.global.v2.b32
// CHECK:     ret;

module attributes {gpu.container_module} {
  gpu.module @kernels [#nvvm.target<chip = "sm_90a", features = "+ptx86", O = 3>] {
    gpu.func @step(%q: memref<64x64xbf16>, %k: memref<32x64xbf16>, %o: memref<64x64xf32>) kernel
        attributes {known_block_size = array<i32: 128, 1, 1>} {
      %c0 = arith.constant 0 : index
      %zero = arith.constant 0.0 : f32
      %low = arith.constant 0xFF800000 : f32
      %qs = wg.copy %q[] from %c0 {wg.offset = 0 : i64} : memref<64x64xbf16> -> !wg.shared<64x64xbf16>
      %ks = wg.copy %k[] from %c0 {wg.offset = 8192 : i64} : memref<32x64xbf16> -> !wg.shared<32x64xbf16>
      gpu.barrier
      %z = wg.splat %zero : f32 -> !wg.tile<64x32xf32>
      %s = wg.mma %qs, %ks transposed, %z : !wg.shared<64x64xbf16>, !wg.shared<32x64xbf16>, !wg.tile<64x32xf32>
      %i = wg.splat %low : f32 -> !wg.tile<64xf32, rows>
      %m = wg.reduce <maxnumf> %s, %i : !wg.tile<64x32xf32>, !wg.tile<64xf32, rows>
      %p = wg.map ins(%s, %m : !wg.tile<64x32xf32>, !wg.tile<64xf32, rows>) -> !wg.tile<64x32xbf16> {
      ^bb0(%r: index, %c: index, %x: f32, %y: f32):
        %a = arith.subf %x, %y : f32
        %b = math.exp2 %a : f32
        %h = arith.truncf %b : f32 to bf16
        wg.yield %h : bf16
      }
      %y = wg.splat %zero : f32 -> !wg.tile<64x64xf32>
      %d = wg.mma %p, %ks, %y : !wg.tile<64x32xbf16>, !wg.shared<32x64xbf16>, !wg.tile<64x64xf32>
      wg.store %d into %o[] from %c0 : !wg.tile<64x64xf32> into memref<64x64xf32>
      gpu.return
    }
  }
}
