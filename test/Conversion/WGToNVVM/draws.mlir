// RUN: attn-opt %s --pass-pipeline='builtin.module(gpu.module(convert-wg-to-nvvm),canonicalize,cse)' | FileCheck %s

gpu.module @kernels {
  // A barrier for each place, on which one thread arrives, and behind them the
  // numbers.
  // CHECK-LABEL: gpu.func @draws
  // CHECK-SAME:    %{{[^:]*}}: memref<64xi32>, %[[I:[^:]*]]: i32, %[[N:[^:]*]]: i32, %[[C:[^:]*]]: !llvm.ptr
  // CHECK:         %[[D:.*]] = llvm.getelementptr %{{.*}}[1040]
  // CHECK:         scf.if %{{.*}} {
  // CHECK-NEXT:      nvvm.mbarrier.init %[[D]], %c1_i32
  // CHECK-NEXT:      %[[SECOND:.*]] = llvm.getelementptr %[[D]][8]
  // CHECK-NEXT:      nvvm.mbarrier.init %[[SECOND]], %c1_i32
  // CHECK-NEXT:    }

  // Consumers wait for the first phase of a place, and of none, where it is
  // negative.
  // CHECK:         nvvm.setmaxregister increase
  // CHECK:           %[[IS:.*]] = arith.cmpi sgt, %[[I]], %c-1_i32
  // CHECK-NEXT:      %[[KEPT:.*]] = scf.if %[[IS]] -> (i32) {
  // CHECK:             nvvm.mbarrier.try_wait.parity %{{.*}}, %c0_i32,
  // CHECK:             %[[LOADED:.*]] = llvm.load volatile
  // CHECK:             scf.yield %[[LOADED]]
  // CHECK-NEXT:      } else {
  // CHECK-NEXT:        scf.yield %c0_i32
  // CHECK-NEXT:      }
  // CHECK-NEXT:      arith.addi %[[KEPT]], %c-1_i32

  // Nothing is drawn if nothing was for the place before, four bytes in front.
  // CHECK:         nvvm.setmaxregister decrease
  // CHECK:           scf.if %{{.*}} {
  // CHECK:             %[[BEFORE:.*]] = scf.if %{{.*}} -> (i32) {
  // CHECK:               llvm.getelementptr %[[D]][%{{.*}}]
  // CHECK:               llvm.load volatile
  // CHECK:             %[[WAS:.*]] = arith.cmpi sgt, %[[BEFORE]], %c0_i32
  // CHECK-NEXT:        %[[ISFIRST:.*]] = arith.cmpi eq, %[[I]], %c0_i32
  // CHECK-NEXT:        %[[MAYBE:.*]] = arith.ori %[[WAS]], %[[ISFIRST]]
  // CHECK-NEXT:        %[[NUMBER:.*]] = scf.if %[[MAYBE]] -> (i32) {
  // CHECK-NEXT:          %[[DRAWN:.*]] = llvm.atomicrmw add %[[C]], %c1_i32 monotonic
  // CHECK-NEXT:          %[[THERE:.*]] = arith.cmpi slt, %[[DRAWN]], %[[N]]
  // CHECK-NEXT:          %[[MORE:.*]] = arith.addi %[[DRAWN]], %c1_i32
  // CHECK-NEXT:          %[[POSTED:.*]] = arith.select %[[THERE]], %[[MORE]], %c0_i32
  // CHECK-NEXT:          scf.yield %[[POSTED]]
  // CHECK:             llvm.store %[[NUMBER]]
  // CHECK:             nvvm.mbarrier.arrive

  // The last block leaves zeros.
  // CHECK:           %[[ENDED:.*]] = llvm.getelementptr %[[C]][1]
  // CHECK-NEXT:      %[[LAST:.*]] = arith.addi %[[N]], %c-1_i32
  // CHECK-NEXT:      %[[HOW:.*]] = llvm.atomicrmw uinc_wrap %[[ENDED]], %[[LAST]] acq_rel
  // CHECK-NEXT:      %[[ISLAST:.*]] = arith.cmpi eq, %[[HOW]], %[[LAST]]
  // CHECK-NEXT:      scf.if %[[ISLAST]] {
  // CHECK-NEXT:        llvm.store %c0_i32, %[[C]]
  gpu.func @draws(%a: memref<64xi32>, %i: i32, %n: i32, %c: !llvm.ptr, %j: index) kernel attributes {known_block_size = array<i32: 384, 1, 1>} {
    %d = wg.make_draws {wg.offset = 1040 : i64} : <2>
    wg.roles producers 4 registers 40 {
      wg.draw %d[%i] below %n from %c : <2>, !llvm.ptr
      wg.end_draws %c of %n : !llvm.ptr
    } consumers 8 registers 232 {
      %0 = wg.drawn %d[%i] : <2>
      memref.store %0, %a[%j] : memref<64xi32>
    }
    gpu.return
  }
}
