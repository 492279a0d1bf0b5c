// RUN: attn-opt %s --pass-pipeline='builtin.module(gpu.module(convert-wg-to-nvvm),canonicalize,cse)' | FileCheck %s

gpu.module @kernels {
  // Constants among the registers of the left operand, as of a matrix of ones
  // and zeros, are hidden: they get a zero that is known only when it runs. What
  // has no constants but zeros, as a mask of what was loaded, is not touched.
  // CHECK-LABEL: gpu.func @known
  // CHECK:         %[[OWN:.*]] = nvvm.read.ptx.sreg.lanemask.eq
  // CHECK:         %[[BEFORE:.*]] = nvvm.read.ptx.sreg.lanemask.lt
  // CHECK:         %[[ZERO:.*]] = arith.andi %[[OWN]], %[[BEFORE]]
  // CHECK-COUNT-4: arith.ori %{{.*}}, %[[ZERO]]
  // CHECK-NOT:     arith.ori %{{.*}}, %[[ZERO]]
  // CHECK:         "wgmma.fence.sync.aligned;"
  // CHECK:         wgmma.mma_async
  // CHECK-COUNT-4: arith.ori %{{.*}}, %[[ZERO]]
  // CHECK-NOT:     arith.ori %{{.*}}, %[[ZERO]]
  // CHECK:         "wgmma.fence.sync.aligned;"
  // CHECK-NOT:     arith.ori %{{.*}}, %[[ZERO]]
  // CHECK-NOT:     lanemask
  // CHECK:         gpu.return
  gpu.func @known(%x: memref<64x16xbf16>, %y: memref<8x16xbf16>, %z: memref<64x8xf32>)
      kernel attributes {known_block_size = array<i32: 128, 1, 1>} {
    %c0 = arith.constant 0 : index
    %zero = arith.constant 0.0 : f32
    %none = arith.constant 0.0 : bf16
    %one = arith.constant 1.0 : bf16
    %b = wg.copy %y[] from %c0 {wg.offset = 0 : i64} : memref<8x16xbf16> -> !wg.shared<8x16xbf16>
    %acc = wg.splat %zero : f32 -> !wg.tile<64x8xf32>
    %ones = wg.splat %one : bf16 -> !wg.tile<64x16xbf16>
    %loaded = wg.load %x[] from %c0 : memref<64x16xbf16> -> !wg.tile<64x16xbf16>
    %below = wg.map -> !wg.tile<64x16xbf16> {
    ^bb0(%i: index, %j: index):
      %is = arith.cmpi ule, %j, %i : index
      %e = arith.select %is, %one, %none : bf16
      wg.yield %e : bf16
    }
    %either = wg.map ins(%ones, %loaded : !wg.tile<64x16xbf16>, !wg.tile<64x16xbf16>) -> !wg.tile<64x16xbf16> {
    ^bb0(%i: index, %j: index, %u: bf16, %v: bf16):
      %is = arith.cmpi ule, %j, %i : index
      %e = arith.select %is, %u, %v : bf16
      wg.yield %e : bf16
    }
    %masked = wg.map ins(%loaded : !wg.tile<64x16xbf16>) -> !wg.tile<64x16xbf16> {
    ^bb0(%i: index, %j: index, %v: bf16):
      %is = arith.cmpi ule, %j, %i : index
      %e = arith.select %is, %v, %none : bf16
      wg.yield %e : bf16
    }
    gpu.barrier
    %0 = wg.mma %below, %b transposed, %acc : !wg.tile<64x16xbf16>, !wg.shared<8x16xbf16>, !wg.tile<64x8xf32>
    %1 = wg.mma %either, %b transposed, %0 : !wg.tile<64x16xbf16>, !wg.shared<8x16xbf16>, !wg.tile<64x8xf32>
    %2 = wg.mma %masked, %b transposed, %1 : !wg.tile<64x16xbf16>, !wg.shared<8x16xbf16>, !wg.tile<64x8xf32>
    wg.store %2 into %z[] from %c0 : !wg.tile<64x8xf32> into memref<64x8xf32>
    gpu.return
  }
}
