// RUN: attn-opt %s --pass-pipeline='builtin.module(gpu.module(convert-wg-to-nvvm),canonicalize,cse)' | FileCheck %s

gpu.module @kernels {
  // Consumers, then producers, then helpers: groups 0 and 1, 2, 3. The first channel
  // is filled by the copy engine and released by the helpers, the second is filled by
  // them, each warp for its part, and released by all eight consumers.
  // CHECK-LABEL: gpu.func @three_roles
  // CHECK-NOT:     minctasm
  // CHECK:         %[[A:.*]] = llvm.getelementptr %{{.*}}[1024]
  // CHECK:         %[[T:.*]] = arith.index_cast %thread_id_x : index to i32
  // CHECK:         scf.if
  // CHECK-NEXT:      %[[U:.*]] = llvm.getelementptr %[[A]][8192]
  // CHECK-NEXT:      nvvm.mbarrier.init %[[U]], %c1_i32
  // CHECK-NEXT:      %[[F:.*]] = llvm.getelementptr %[[A]][8200]
  // CHECK-NEXT:      nvvm.mbarrier.init %[[F]], %c4_i32
  // CHECK-NEXT:    }
  // CHECK-NEXT:    %[[C:.*]] = llvm.getelementptr %{{.*}}[10240]
  // CHECK-NEXT:    scf.if
  // CHECK-NEXT:      %[[U:.*]] = llvm.getelementptr %[[C]][512]
  // CHECK-NEXT:      nvvm.mbarrier.init %[[U]], %c4_i32
  // CHECK-NEXT:      %[[F:.*]] = llvm.getelementptr %[[C]][528]
  // CHECK-NEXT:      nvvm.mbarrier.init %[[F]], %c8_i32
  // CHECK:         nvvm.fence.mbarrier.init
  // CHECK-NEXT:    gpu.barrier

  // CHECK:         %[[GROUP:.*]] = nvvm.shfl.sync idx
  // CHECK-NEXT:    %[[CONSUMES:.*]] = arith.cmpi slt, %[[GROUP]], %c2_i32
  // CHECK-NEXT:    scf.if %[[CONSUMES]] {
  // CHECK-NEXT:      nvvm.setmaxregister increase 240
  // A vector is in shared memory as it is: pairs of eight columns, 32 bytes apart.
  // CHECK:           nvvm.mbarrier.try_wait.parity
  // CHECK:           %[[Q:.*]] = arith.remui %{{.*}}, %c4_i32
  // CHECK-NEXT:      %[[BYTES:.*]] = arith.muli %[[Q]], %c8_i32
  // CHECK-NEXT:      %[[P:.*]] = llvm.getelementptr %[[C]][%[[BYTES]]]
  // CHECK-NEXT:      llvm.load %[[P]] {alignment = 8 : i64} : !llvm.ptr<3> -> vector<2xf32>
  // CHECK:           %[[P1:.*]] = llvm.getelementptr %[[P]][32]
  // CHECK-NEXT:      llvm.load %[[P1]] {alignment = 8 : i64} : !llvm.ptr<3> -> vector<2xf32>
  // CHECK:           nvvm.barrier id = %c1_i32 number_of_threads = %c256_i32
  // CHECK:         } else {
  // CHECK-NEXT:      %[[GROUP:.*]] = nvvm.shfl.sync idx
  // CHECK-NEXT:      %[[HELPS:.*]] = arith.cmpi sgt, %[[GROUP]], %c2_i32
  // CHECK-NEXT:      scf.if %[[HELPS]] {
  // CHECK-NEXT:        nvvm.setmaxregister decrease 104

  // Tiles of helpers are distributed among their own warps, of threads that count
  // from 0; they have a barrier of their own.
  // CHECK:             %[[USERS:.*]] = llvm.getelementptr %[[A]][8192]
  // CHECK-NEXT:        nvvm.mbarrier.try_wait.parity %[[USERS]], %c0_i32
  // CHECK-NEXT:        %[[H:.*]] = arith.addi %[[T]], %c-384_i32
  // CHECK:             %[[WARP:.*]] = arith.divui %[[H]], %c32_i32
  // CHECK-NEXT:        %[[BAND:.*]] = arith.muli %[[WARP]], %c16_i32
  // CHECK-NEXT:        %[[LANE:.*]] = arith.remui %[[H]], %c32_i32
  // CHECK-COUNT-16:    llvm.load %{{.*}} -> vector<2xbf16>
  // CHECK-NOT:         llvm.load
  // CHECK:             nvvm.bar.warp.sync %c-1_i32
  // CHECK-NEXT:        %[[SPEAKS:.*]] = arith.cmpi eq, %[[LANE]], %c0_i32
  // CHECK-NEXT:        %[[F:.*]] = llvm.getelementptr %[[A]][8200]
  // CHECK-NEXT:        %[[ADDRESS:.*]] = llvm.ptrtoint %[[F]]
  // CHECK-NEXT:        llvm.inline_asm has_side_effects {{.*}}mbarrier.arrive{{.*}} %[[SPEAKS]], %[[ADDRESS]]
  // CHECK-NEXT:        nvvm.barrier id = %c8_i32 number_of_threads = %c128_i32

  // What is sent: when the place is free, the first quad stores the vector; then each
  // warp arrives for its part. Tensor cores, which have to be told, read no vectors.
  // CHECK:             %[[FILLERS:.*]] = llvm.getelementptr %[[C]][528]
  // CHECK-NEXT:        nvvm.mbarrier.try_wait.parity %[[FILLERS]], %c1_i32
  // CHECK-NEXT:        %[[FIRST:.*]] = arith.cmpi slt, %[[S:.*]], %c4_i32
  // CHECK-NEXT:        scf.if %[[FIRST]] {
  // CHECK-COUNT-16:      llvm.store %{{.*}} {alignment = 4 : i64} : f32, !llvm.ptr<3>
  // CHECK-NOT:           llvm.store
  // CHECK:             }
  // CHECK-NEXT:        nvvm.bar.warp.sync %c-1_i32
  // CHECK-NEXT:        %[[LANE:.*]] = arith.remui %[[S]], %c32_i32
  // CHECK-NEXT:        %[[SPEAKS:.*]] = arith.cmpi eq, %[[LANE]], %c0_i32
  // CHECK-NEXT:        %[[U:.*]] = llvm.getelementptr %[[C]][512]
  // CHECK-NEXT:        %[[ADDRESS:.*]] = llvm.ptrtoint %[[U]]
  // CHECK-NEXT:        llvm.inline_asm has_side_effects {{.*}}mbarrier.arrive{{.*}} %[[SPEAKS]], %[[ADDRESS]]

  // CHECK-NEXT:      } else {
  // CHECK-NEXT:        nvvm.setmaxregister decrease 24
  // CHECK-NEXT:        %[[ONE:.*]] = arith.cmpi eq, %[[T]], %c256_i32
  // CHECK-NEXT:        scf.if %[[ONE]] {
  // CHECK:               nvvm.cp.async.bulk.tensor
  gpu.func @three_roles(%d: !llvm.ptr, %o: memref<64x64xbf16>, %v: memref<64xf32>, %p: memref<64xf32>) kernel attributes {known_block_size = array<i32: 512, 1, 1>} {
    %c0 = arith.constant 0 : index
    %at = arith.constant 0 : i32
    %a = wg.make_channel releases 4 {wg.offset = 1024 : i64} : <1, 64x64xbf16>
    %c = wg.make_channel fills 4 {wg.offset = 10240 : i64} : <2, 64xf32>
    wg.roles producers 4 registers 24 {
      wg.acquire %a[%at] : <1, 64x64xbf16>
      wg.copy_bulk %d[%c0, %c0] into %a[%at] : !llvm.ptr, <1, 64x64xbf16>
    } helpers 4 registers 104 {
      %t = wg.receive %a[%at] : <1, 64x64xbf16> -> <64x64xbf16>
      %r = wg.from_shared %t : <64x64xbf16> -> <64x64xbf16>
      wg.release %a[%at] : <1, 64x64xbf16>
      wg.barrier
      wg.store %r into %o[] from %c0 : !wg.tile<64x64xbf16> into memref<64x64xbf16>
      %w = wg.load %v[] from %c0 : memref<64xf32> -> !wg.tile<64xf32, cols>
      wg.send %w into %c[%at] : !wg.tile<64xf32, cols>, <2, 64xf32>
    } consumers 8 registers 240 {
      %t = wg.receive %c[%at] : <2, 64xf32> -> <64xf32>
      %r = wg.from_shared %t : <64xf32> -> <64xf32, cols>
      wg.release %c[%at] : <2, 64xf32>
      wg.barrier
      wg.store %r into %p[] from %c0 : !wg.tile<64xf32, cols> into memref<64xf32>
    }
    gpu.return
  }

  // A matrix is sent in parts: each of four warps stores a band, pairs of columns. A
  // vector is copied at once, without a swizzle. That there is one block tells ptxas
  // how many registers each of 384 threads begins with; of 512 it knows.
  // CHECK-LABEL: gpu.func @matrix
  // CHECK-SAME:    nvvm.minctasm = 1 : i32
  // CHECK:         nvvm.setmaxregister increase 232
  // CHECK-COUNT-4: llvm.load %{{.*}} -> vector<2xf32>
  // CHECK-NOT:     llvm.load
  // CHECK:         nvvm.setmaxregister decrease 56
  // CHECK:         nvvm.mbarrier.try_wait.parity
  // CHECK-COUNT-4: llvm.store %{{.*}} : vector<2xf32>, !llvm.ptr<3>
  // CHECK-NOT:     llvm.store
  // CHECK:         nvvm.fence.proxy
  // CHECK:         nvvm.mbarrier.arrive.expect_tx %{{.*}}, %c1024_i32
  // CHECK-COUNT-1: nvvm.cp.async.bulk.tensor
  // CHECK-NOT:     nvvm.cp.async.bulk.tensor
  gpu.func @matrix(%d: !llvm.ptr, %a: memref<64x16xf32>, %o: memref<64x16xf32>) kernel attributes {known_block_size = array<i32: 384, 1, 1>} {
    %c0 = arith.constant 0 : index
    %at = arith.constant 0 : i32
    %v = wg.make_channel releases 4 {wg.offset = 0 : i64} : <1, 256xf32>
    %c = wg.make_channel fills 4 {wg.offset = 2048 : i64} : <1, 64x16xf32>
    wg.roles producers 4 registers 24 {
      wg.copy_bulk %d[%c0, %c0] into %v[%at] : !llvm.ptr, <1, 256xf32>
    } helpers 4 registers 56 {
      %w = wg.load %a[] from %c0 : memref<64x16xf32> -> !wg.tile<64x16xf32>
      wg.send %w into %c[%at] : !wg.tile<64x16xf32>, <1, 64x16xf32>
    } consumers 4 registers 232 {
      %t = wg.receive %c[%at] : <1, 64x16xf32> -> <64x16xf32>
      %r = wg.from_shared %t : <64x16xf32> -> <64x16xf32>
      wg.store %r into %o[] from %c0 : !wg.tile<64x16xf32> into memref<64x16xf32>
    }
    gpu.return
  }

  // Consumers with fewer registers than helpers take a left operand in registers
  // in halves: the second one may have the registers of the first.
  // CHECK-LABEL: gpu.func @halves
  // CHECK:         nvvm.setmaxregister increase 144
  // CHECK:         wgmma.fence.sync.aligned
  // CHECK-COUNT-2: wgmma.mma_async
  // CHECK-NOT:     wgmma.mma_async
  // CHECK:         nvvm.wgmma.commit.group.sync.aligned
  // CHECK-NEXT:    llvm.inline_asm {{.*}}wgmma.wait_group.sync.aligned 0;
  // CHECK-NOT:     wgmma.mma_async
  // CHECK:         wgmma.fence.sync.aligned
  // CHECK-COUNT-2: wgmma.mma_async
  // CHECK-NOT:     wgmma.mma_async
  // CHECK:         nvvm.wgmma.commit.group.sync.aligned
  // CHECK:         nvvm.setmaxregister increase 200

  // Those with more do not.
  // CHECK-LABEL: gpu.func @whole
  // CHECK:         nvvm.setmaxregister increase 232
  // CHECK-COUNT-4: wgmma.mma_async
  gpu.func @halves(%d: !llvm.ptr, %x: memref<64x64xbf16>, %z: memref<64x8xf32>) kernel attributes {known_block_size = array<i32: 384, 1, 1>} {
    %c0 = arith.constant 0 : index
    %at = arith.constant 0 : i32
    %zero = arith.constant 0.0 : f32
    %c = wg.make_channel {wg.offset = 0 : i64} : <1, 8x64xbf16>
    wg.roles producers 4 registers 24 {
      wg.copy_bulk %d[%c0, %c0] into %c[%at] : !llvm.ptr, <1, 8x64xbf16>
    } helpers 4 registers 200 {
      wg.barrier
    } consumers 4 registers 144 {
      %a = wg.load %x[] from %c0 : memref<64x64xbf16> -> !wg.tile<64x64xbf16>
      %acc = wg.splat %zero : f32 -> !wg.tile<64x8xf32>
      %b = wg.receive %c[%at] : <1, 8x64xbf16> -> <8x64xbf16>
      %p = wg.mma %a, %b transposed, %acc : !wg.tile<64x64xbf16>, <8x64xbf16>, <64x8xf32>
      wg.release %c[%at] : <1, 8x64xbf16>
      wg.store %p into %z[] from %c0 : !wg.tile<64x8xf32> into memref<64x8xf32>
    }
    gpu.return
  }
  gpu.func @whole(%d: !llvm.ptr, %x: memref<64x64xbf16>, %z: memref<64x8xf32>) kernel attributes {known_block_size = array<i32: 384, 1, 1>} {
    %c0 = arith.constant 0 : index
    %at = arith.constant 0 : i32
    %zero = arith.constant 0.0 : f32
    %c = wg.make_channel {wg.offset = 0 : i64} : <1, 8x64xbf16>
    wg.roles producers 4 registers 24 {
      wg.copy_bulk %d[%c0, %c0] into %c[%at] : !llvm.ptr, <1, 8x64xbf16>
    } helpers 4 registers 104 {
      wg.barrier
    } consumers 4 registers 232 {
      %a = wg.load %x[] from %c0 : memref<64x64xbf16> -> !wg.tile<64x64xbf16>
      %acc = wg.splat %zero : f32 -> !wg.tile<64x8xf32>
      %b = wg.receive %c[%at] : <1, 8x64xbf16> -> <8x64xbf16>
      %p = wg.mma %a, %b transposed, %acc : !wg.tile<64x64xbf16>, <8x64xbf16>, <64x8xf32>
      wg.release %c[%at] : <1, 8x64xbf16>
      wg.store %p into %z[] from %c0 : !wg.tile<64x8xf32> into memref<64x8xf32>
    }
    gpu.return
  }
}
