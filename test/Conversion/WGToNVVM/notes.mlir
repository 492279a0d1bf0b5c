// RUN: attn-opt %s --pass-pipeline='builtin.module(gpu.module(convert-wg-to-nvvm),canonicalize,cse)' --split-input-file | FileCheck %s

gpu.module @kernels {
  // Words of zeros, and behind them a barrier on which all threads of the consumers
  // arrive. Producers begin when it is there.
  // CHECK-LABEL: gpu.func @notes
  // CHECK-SAME:    %{{[^:]*}}: memref<64xf32>, %[[I:[^:]*]]: i32
  // CHECK:         %[[N:.*]] = llvm.getelementptr %{{.*}}[1040]
  // CHECK:         scf.if %{{.*}} {
  // CHECK-NEXT:      llvm.store %c0_i32, %[[N]]
  // CHECK-NEXT:      %[[SECOND:.*]] = llvm.getelementptr %[[N]][4]
  // CHECK-NEXT:      llvm.store %c0_i32, %[[SECOND]]
  // CHECK-NEXT:      %[[B:.*]] = llvm.getelementptr %[[N]][8]
  // CHECK-NEXT:      nvvm.mbarrier.init %[[B]], %c256_i32
  // CHECK-NEXT:    }
  // CHECK-NEXT:    nvvm.fence.mbarrier.init
  // CHECK-NEXT:    gpu.barrier

  // A thread that has an element that is not zero, or NaN, sets the number's bit:
  // bit i mod 32 of word i mod 64 / 32. Nobody waits.
  // CHECK:         nvvm.setmaxregister increase
  // CHECK:           %[[P:.*]] = arith.cmpf une, %[[X:.*]], %cst
  // CHECK-NEXT:      %[[Q:.*]] = arith.cmpf une, %[[Y:.*]], %cst
  // CHECK-NEXT:      %[[SOME:.*]] = arith.ori %[[P]], %[[Q]]
  // CHECK-NEXT:      scf.if %[[SOME]] {
  // CHECK-NEXT:        %[[AT:.*]] = arith.remui %[[I]], %c64_i32
  // CHECK-NEXT:        %[[WORD:.*]] = arith.divui %[[AT]], %c32_i32
  // CHECK-NEXT:        %[[BITNUMBER:.*]] = arith.remui %[[I]], %c32_i32
  // CHECK-NEXT:        %[[BIT:.*]] = arith.shli %c1_i32, %[[BITNUMBER]]
  // CHECK-NEXT:        %[[BYTES:.*]] = arith.muli %[[WORD]], %c4_i32
  // CHECK-NEXT:        %[[PLACE:.*]] = llvm.getelementptr %[[N]][%[[BYTES]]]
  // CHECK-NEXT:        llvm.atomicrmw _or %[[PLACE]], %[[BIT]] monotonic
  // CHECK-NEXT:      }

  // Each thread arrives, and waits for the others; what is read then was written by
  // others.
  // CHECK-NEXT:      %[[B:.*]] = llvm.getelementptr %[[N]][8]
  // CHECK-NEXT:      nvvm.mbarrier.arrive %[[B]]
  // CHECK-NEXT:      nvvm.mbarrier.try_wait.parity %[[B]], %c0_i32,
  // CHECK:           %[[BIT:.*]] = arith.shli %c1_i32
  // CHECK:           %[[PLACE:.*]] = llvm.getelementptr %[[N]][%{{.*}}]
  // CHECK-NEXT:      %[[BITS:.*]] = llvm.load volatile %[[PLACE]]
  // CHECK-NEXT:      %[[FOUND:.*]] = arith.andi %[[BITS]], %[[BIT]]
  // CHECK-NEXT:      %[[NOTED:.*]] = arith.cmpi ne, %[[FOUND]], %c0_i32
  // CHECK-NEXT:      scf.if %[[NOTED]] {

  // The producers wait alone.
  // CHECK:         nvvm.setmaxregister decrease
  // CHECK-NOT:     nvvm.mbarrier.arrive
  // CHECK:         nvvm.mbarrier.try_wait.parity %{{.*}}, %c0_i32,
  // CHECK-NOT:     nvvm.mbarrier.arrive
  // CHECK:         llvm.load volatile
  gpu.func @notes(%a: memref<64xf32>, %i: i32, %j: index) kernel attributes {known_block_size = array<i32: 384, 1, 1>} {
    %c0 = arith.constant 0 : index
    %n = wg.make_notes {wg.offset = 1040 : i64} : <64>
    wg.roles producers 4 registers 40 {
      wg.await_notes %n : <64>
      %p = wg.noted %n[%i] : <64>
      scf.if %p {
        %x = memref.load %a[%j] : memref<64xf32>
        memref.store %x, %a[%c0] : memref<64xf32>
      }
    } consumers 8 registers 232 {
      %v = wg.load %a[] from %c0 : memref<64xf32> -> !wg.tile<64xf32, rows>
      wg.note %v in %n[%i] : !wg.tile<64xf32, rows>, <64>
      wg.share_notes %n : <64>
      %p = wg.noted %n[%i] : <64>
      scf.if %p {
        wg.store %v into %a[] from %j : !wg.tile<64xf32, rows> into memref<64xf32>
      }
    }
    gpu.return
  }
}

// -----

// All threads meet at the barrier of the block, which says whether any of them has
// something.
gpu.module @kernels {
  // CHECK-LABEL: gpu.func @any
  // CHECK:         %[[SOME:.*]] = arith.ori
  // CHECK-NEXT:    %[[MINE:.*]] = arith.extui %[[SOME]] : i1 to i32
  // CHECK-NEXT:    %[[ALL:.*]] = nvvm.barrier #nvvm.reduction<or> %[[MINE]] -> i32
  // CHECK-NEXT:    %[[ANY:.*]] = arith.cmpi ne, %[[ALL]], %c0_i32
  // CHECK-NEXT:    scf.if %[[ANY]]
  gpu.func @any(%a: memref<64xf32>) kernel attributes {known_block_size = array<i32: 128, 1, 1>} {
    %c0 = arith.constant 0 : index
    %v = wg.load %a[] from %c0 : memref<64xf32> -> !wg.tile<64xf32, rows>
    %p = wg.any %v : !wg.tile<64xf32, rows>
    %one = arith.constant 1.0 : f32
    scf.if %p {
      memref.store %one, %a[%c0] : memref<64xf32>
    }
    gpu.return
  }
}
