// RUN: attn-opt %s --pass-pipeline='builtin.module(gpu.module(convert-wg-to-nvvm),canonicalize,cse)' | FileCheck %s

gpu.module @kernels {
  // Two places of 32768 bytes; behind them a barrier for the users of each, on
  // which the copy engine arrives, and one for who fills it, on which each of eight
  // warps does. One thread makes them, all see them.
  // CHECK-LABEL: gpu.func @roles
  // CHECK-SAME:    %[[D:[^:]*]]: !llvm.ptr, %{{[^:]*}}: index, %[[ROW:[^:]*]]: index
  // CHECK:         %[[C:.*]] = llvm.getelementptr %{{.*}}[1024]
  // CHECK:         %[[T:.*]] = arith.index_cast %thread_id_x : index to i32
  // CHECK:         %[[FIRST:.*]] = arith.cmpi eq, %[[T]], %c0_i32
  // CHECK:         scf.if %[[FIRST]] {
  // CHECK-NEXT:      %[[U0:.*]] = llvm.getelementptr %[[C]][65536]
  // CHECK-NEXT:      nvvm.mbarrier.init %[[U0]], %c1_i32
  // CHECK-NEXT:      %[[F0:.*]] = llvm.getelementptr %[[C]][65552]
  // CHECK-NEXT:      nvvm.mbarrier.init %[[F0]], %c8_i32
  // CHECK-NEXT:      %[[C1:.*]] = llvm.getelementptr %[[C]][8]
  // CHECK-NEXT:      %[[U1:.*]] = llvm.getelementptr %[[C1]][65536]
  // CHECK-NEXT:      nvvm.mbarrier.init %[[U1]], %c1_i32
  // CHECK-NEXT:      %[[F1:.*]] = llvm.getelementptr %[[C1]][65552]
  // CHECK-NEXT:      nvvm.mbarrier.init %[[F1]], %c8_i32
  // CHECK-NEXT:    }
  // CHECK-NEXT:    nvvm.fence.mbarrier.init
  // CHECK-NEXT:    gpu.barrier

  // Roles go by groups of four warps, a value that is the same in a warp. Of the
  // producers one thread goes on.
  // CHECK:         %[[GROUP:.*]] = nvvm.shfl.sync idx
  // CHECK-NEXT:    %[[CONSUMES:.*]] = arith.cmpi slt, %[[GROUP]], %c2_i32
  // CHECK-NEXT:    scf.if %[[CONSUMES]] {
  // CHECK-NEXT:      nvvm.setmaxregister increase 232

  // A user waits for the phase that the cursor names. One thread of each warp
  // arrives, by a predicate, when all of it are done.
  // CHECK:           scf.for {{.*}} iter_args(%[[AT:.*]] = %c0_i32)
  // CHECK-NEXT:        %[[PLACE:.*]] = arith.shrui %[[AT]], %c1_i32
  // CHECK-NEXT:        %[[BYTES:.*]] = arith.muli %[[PLACE]], %c8_i32
  // CHECK-NEXT:        %[[B:.*]] = llvm.getelementptr %[[C]][%[[BYTES]]]
  // CHECK-NEXT:        %[[U:.*]] = llvm.getelementptr %[[B]][65536]
  // CHECK-NEXT:        %[[PHASE:.*]] = arith.andi %[[AT]], %c1_i32
  // CHECK-NEXT:        nvvm.mbarrier.try_wait.parity %[[U]], %[[PHASE]]
  // CHECK-NEXT:        %[[BYTES:.*]] = arith.muli %[[PLACE]], %c32768_i32
  // CHECK-NEXT:        %[[TILE:.*]] = llvm.getelementptr %[[C]][%[[BYTES]]]
  // CHECK:             %[[LANE:.*]] = arith.remui %[[T]], %c32_i32
  // CHECK:             llvm.load
  // CHECK:             nvvm.bar.warp.sync %c-1_i32
  // CHECK-NEXT:        %[[SPEAKS:.*]] = arith.cmpi eq, %[[LANE]], %c0_i32
  // CHECK-NEXT:        %[[F:.*]] = llvm.getelementptr %[[B]][65552]
  // CHECK-NEXT:        %[[ADDRESS:.*]] = llvm.ptrtoint %[[F]]
  // CHECK-NEXT:        llvm.inline_asm has_side_effects {{.*}} "@$0 mbarrier.arrive.shared::cta.b64 _, [$1];", "b,r,~{memory}" %[[SPEAKS]], %[[ADDRESS]]

  // Behind the last place, the first with the other phase.
  // CHECK-NEXT:        %[[NEXT:.*]] = arith.addi %[[AT]], %c2_i32
  // CHECK-NEXT:        %[[OTHER:.*]] = arith.xori %[[PHASE]], %c1_i32
  // CHECK-NEXT:        %[[IN:.*]] = arith.cmpi slt, %[[NEXT]], %c4_i32
  // CHECK-NEXT:        %[[END:.*]] = arith.select %[[IN]], %[[NEXT]], %[[OTHER]]
  // CHECK:             scf.yield %[[END]]

  // Consumers have a barrier of their own.
  // CHECK:           nvvm.barrier id = %c1_i32 number_of_threads = %c256_i32

  // CHECK:         } else {
  // CHECK-NEXT:      nvvm.setmaxregister decrease 40
  // CHECK-NEXT:      %[[ONE:.*]] = arith.cmpi eq, %[[T]], %c256_i32
  // CHECK-NEXT:      scf.if %[[ONE]] {

  // Who fills a place waits for the phase before that of the cursor, which is over
  // the first time. The engine swizzles 64 columns at a time; innermost first.
  // CHECK-NEXT:        scf.for %[[I:.*]] = {{.*}} iter_args(%[[AT:.*]] = %c0_i32)
  // CHECK-NEXT:          %[[PLACE:.*]] = arith.shrui %[[AT]], %c1_i32
  // CHECK-NEXT:          %[[BYTES:.*]] = arith.muli %[[PLACE]], %c8_i32
  // CHECK-NEXT:          %[[B:.*]] = llvm.getelementptr %[[C]][%[[BYTES]]]
  // CHECK-NEXT:          %[[F:.*]] = llvm.getelementptr %[[B]][65552]
  // CHECK-NEXT:          %[[PHASE:.*]] = arith.andi %[[AT]], %c1_i32
  // CHECK-NEXT:          %[[BEFORE:.*]] = arith.xori %[[PHASE]], %c1_i32
  // CHECK-NEXT:          nvvm.mbarrier.try_wait.parity %[[F]], %[[BEFORE]]
  // CHECK-NEXT:          %[[U:.*]] = llvm.getelementptr %[[B]][65536]
  // CHECK-NEXT:          nvvm.mbarrier.arrive.expect_tx %[[U]], %c32768_i32
  // CHECK-DAG:           %[[I32:.*]] = arith.index_cast %[[I]]
  // CHECK-DAG:           %[[ROW32:.*]] = arith.index_cast %[[ROW]]
  // CHECK:               %[[TILE:.*]] = llvm.getelementptr %[[C]][%{{.*}}]
  // CHECK-NEXT:          nvvm.cp.async.bulk.tensor.shared.cluster.global %[[TILE]], %[[D]], %[[U]], box[%c0_i32, %[[ROW32]], %[[I32]]] {isCTAOnly = true}
  // CHECK-NEXT:          %[[RIGHT:.*]] = llvm.getelementptr %[[TILE]][16384]
  // CHECK-NEXT:          nvvm.cp.async.bulk.tensor.shared.cluster.global %[[RIGHT]], %[[D]], %[[U]], box[%c64_i32, %[[ROW32]], %[[I32]]] {isCTAOnly = true}
  // CHECK-NOT:           nvvm.cp.async
  // CHECK:               scf.yield
  gpu.func @roles(%d: !llvm.ptr, %n: index, %row: index, %o: memref<128x128xbf16>) kernel attributes {known_block_size = array<i32: 384, 1, 1>} {
    %c0 = arith.constant 0 : index
    %c1 = arith.constant 1 : index
    %first = arith.constant 0 : i32
    %c = wg.make_channel {wg.offset = 1024 : i64} : <2, 128x128xbf16>
    wg.roles producers 4 registers 40 {
      %end = scf.for %i = %c0 to %n step %c1 iter_args(%at = %first) -> i32 {
        wg.acquire %c[%at] : <2, 128x128xbf16>
        wg.copy_bulk %d[%i, %row, %c0] into %c[%at] : !llvm.ptr, <2, 128x128xbf16>
        %next = wg.advance %at in %c : <2, 128x128xbf16>
        scf.yield %next : i32
      }
    } consumers 8 registers 232 {
      %end = scf.for %i = %c0 to %n step %c1 iter_args(%at = %first) -> i32 {
        %t = wg.receive %c[%at] : <2, 128x128xbf16> -> <128x128xbf16>
        %r = wg.from_shared %t : <128x128xbf16> -> <128x128xbf16>
        wg.release %c[%at] : <2, 128x128xbf16>
        %next = wg.advance %at in %c : <2, 128x128xbf16>
        wg.store %r into %o[] from %c0 : !wg.tile<128x128xbf16> into memref<128x128xbf16>
        scf.yield %next : i32
      }
      wg.barrier
    }
    gpu.return
  }

  // One place: its tile and barriers are where the channel is, and the cursor is
  // the phase. Tiles are distributed among the consumers' warps alone: four.
  // CHECK-LABEL: gpu.func @one_place
  // CHECK-SAME:    %{{[^:]*}}: !llvm.ptr, %[[AT:[^:]*]]: i32
  // CHECK:         nvvm.mbarrier.init %{{.*}}, %c4_i32
  // CHECK:         arith.cmpi slt, %{{.*}}, %c1_i32
  // CHECK:         %[[PHASE:.*]] = arith.andi %[[AT]], %c1_i32
  // CHECK-NEXT:    nvvm.mbarrier.try_wait.parity %{{.*}}, %[[PHASE]]
  // CHECK-NOT:     arith.shrui
  // CHECK-COUNT-4: llvm.load %{{.*}} -> vector<2xf32>
  // CHECK-NOT:     llvm.load
  // What is computed from a number again is not what was computed from it before.
  // CHECK:         %[[HIDDEN:.*]] = llvm.inline_asm has_side_effects {{.*}} "", "=r,0,~{memory}" %[[AT]]
  // CHECK:         arith.index_cast %[[HIDDEN]] : i32 to index
  // A row of 32 bytes is copied at once.
  // CHECK-COUNT-1: nvvm.cp.async.bulk.tensor
  // CHECK-NOT:     nvvm.cp.async.bulk.tensor
  gpu.func @one_place(%d: !llvm.ptr, %at: i32, %o: memref<?x8xf32>) kernel attributes {known_block_size = array<i32: 256, 1, 1>} {
    %c0 = arith.constant 0 : index
    %c = wg.make_channel {wg.offset = 0 : i64} : <1, 128x8xf32>
    wg.roles producers 4 registers 24 {
      wg.copy_bulk %d[%c0, %c0] into %c[%at] : !llvm.ptr, <1, 128x8xf32>
    } consumers 4 registers 240 {
      %t = wg.receive %c[%at] : <1, 128x8xf32> -> <128x8xf32>
      %r = wg.from_shared %t : <128x8xf32> -> <128x8xf32>
      %again = wg.again %at : i32
      %row = arith.index_cast %again : i32 to index
      wg.store %r into %o[] from %row : !wg.tile<128x8xf32> into memref<?x8xf32>
    }
    gpu.return
  }

  // Roles that take half of the registers leave room for a second block.
  // CHECK-LABEL: gpu.func @half
  // CHECK-SAME:    nvvm.minctasm = 2 : i32
  // CHECK:         nvvm.setmaxregister increase 224
  // CHECK:         nvvm.setmaxregister decrease 32
  gpu.func @half(%a: memref<64xf32>) kernel attributes {known_block_size = array<i32: 256, 1, 1>} {
    %c0 = arith.constant 0 : index
    wg.roles producers 4 registers 32 {
      %p = arith.constant 0 : i32
    } consumers 4 registers 224 {
      %r = wg.load %a[] from %c0 : memref<64xf32> -> !wg.tile<64xf32, rows>
      wg.store %r into %a[] from %c0 : !wg.tile<64xf32, rows> into memref<64xf32>
    }
    gpu.return
  }

  // What works in shared memory waits for consumers only.
  // CHECK-LABEL: gpu.func @scratch
  // CHECK-NOT:     minctasm
  // CHECK:         nvvm.setmaxregister increase
  // CHECK-NOT:     gpu.barrier
  // CHECK-COUNT-3: nvvm.barrier id = %c1_i32 number_of_threads = %c128_i32
  // CHECK:         nvvm.setmaxregister decrease
  gpu.func @scratch(%a: memref<64xf32>) kernel attributes {known_block_size = array<i32: 256, 1, 1>} {
    %c0 = arith.constant 0 : index
    wg.roles producers 4 registers 24 {
      %p = arith.constant 0 : i32
    } consumers 4 registers 240 {
      %r = wg.load %a[] from %c0 : memref<64xf32> -> !wg.tile<64xf32, rows>
      %c = wg.relayout %r {wg.offset = 0 : i64} : !wg.tile<64xf32, rows> -> !wg.tile<64xf32, cols>
      wg.store %c into %a[] from %c0 : !wg.tile<64xf32, cols> into memref<64xf32>
    }
    gpu.return
  }
  // A turn is a named barrier of its group and the one before it: the first group
  // begins with one, the last passes it to the first.
  // CHECK-LABEL: gpu.func @turns
  // CHECK:         nvvm.setmaxregister increase 160
  // CHECK:         %[[GROUP:.*]] = nvvm.shfl.sync idx
  // CHECK:         %[[ISFIRST:.*]] = arith.cmpi slt, %[[GROUP]], %c1_i32
  // CHECK:         scf.if %[[ISFIRST]] {
  // CHECK:           %[[MINE:.*]] = arith.addi %{{.*}}, %c2_i32
  // CHECK-NEXT:      nvvm.barrier.arrive id = %[[MINE]] number_of_threads = %c256_i32
  // CHECK-NEXT:    }
  // CHECK:         %[[GROUP:.*]] = nvvm.shfl.sync idx
  // CHECK-NEXT:    %[[MINE:.*]] = arith.addi %[[GROUP]], %c2_i32
  // CHECK-NEXT:    nvvm.barrier id = %[[MINE]] number_of_threads = %c256_i32
  // CHECK:         %[[GROUP:.*]] = nvvm.shfl.sync idx
  // CHECK-NEXT:    %[[NEXT:.*]] = arith.addi %[[GROUP]], %c1_i32
  // CHECK-NEXT:    %[[ISLAST:.*]] = arith.cmpi eq, %[[NEXT]], %c3_i32
  // CHECK-NEXT:    %[[OTHER:.*]] = arith.select %[[ISLAST]], %c0_i32, %[[NEXT]]
  // CHECK-NEXT:    %[[THEIRS:.*]] = arith.addi %[[OTHER]], %c2_i32
  // CHECK-NEXT:    nvvm.barrier.arrive id = %[[THEIRS]] number_of_threads = %c256_i32
  gpu.func @turns() kernel attributes {known_block_size = array<i32: 512, 1, 1>} {
    wg.roles producers 4 registers 32 {
      %p = arith.constant 0 : i32
    } consumers 12 registers 160 {
      wg.take_turn
      wg.pass_turn
    }
    gpu.return
  }

  // One group has all turns; and both groups have all registers that a thread can
  // have from the start.
  // CHECK-LABEL: gpu.func @one_group
  // CHECK-NOT:     nvvm.barrier
  // CHECK-NOT:     nvvm.setmaxregister
  // CHECK:         gpu.return
  gpu.func @one_group() kernel attributes {known_block_size = array<i32: 256, 1, 1>} {
    wg.roles producers 4 registers 256 {
      %p = arith.constant 0 : i32
    } consumers 4 registers 256 {
      wg.take_turn
      wg.pass_turn
    }
    gpu.return
  }

  // Two of the producers go on, the first threads of two warps.
  // CHECK-LABEL: gpu.func @two_copiers
  // CHECK: %[[T:.*]] = arith.index_cast %thread_id_x
  // CHECK: } else {
  // CHECK: nvvm.setmaxregister decrease 24
  // CHECK-NEXT: %[[LANE:.*]] = arith.remui %[[T]], %c32_i32
  // CHECK-NEXT: %[[SPEAKS:.*]] = arith.cmpi eq, %[[LANE]], %c0_i32
  // CHECK-NEXT: %[[BEHIND:.*]] = arith.addi %[[T]], %c-128_i32
  // CHECK-NEXT: %[[COPIER:.*]] = arith.divui %[[BEHIND]], %c32_i32
  // CHECK-NEXT: %[[COPIES:.*]] = arith.cmpi slt, %[[COPIER]], %c2_i32
  // CHECK-NEXT: %[[IS:.*]] = arith.andi %[[SPEAKS]], %[[COPIES]]
  // CHECK-NEXT: scf.if %[[IS]] {
  // CHECK-NEXT: memref.store %[[COPIER]]
  gpu.func @two_copiers(%m: memref<i32>, %o: memref<64x64xbf16>) kernel attributes {known_block_size = array<i32: 256, 1, 1>} {
    %x = arith.constant 0.0 : bf16
    %c0 = arith.constant 0 : index
    wg.roles producers 4 copiers 2 registers 24 {
      %copier = wg.copier
      memref.store %copier, %m[] : memref<i32>
    } consumers 4 registers 240 {
      %t = wg.splat %x : bf16 -> !wg.tile<64x64xbf16>
      wg.store %t into %o[] from %c0 : !wg.tile<64x64xbf16> into memref<64x64xbf16>
    }
    gpu.return
  }
}
