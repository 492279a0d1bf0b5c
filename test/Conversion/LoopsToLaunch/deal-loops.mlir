// RUN: attn-opt %s --deal-loops --remarks-filter=deal-loops 2>&1 | FileCheck %s
// RUN: attn-opt %s --deal-loops --convert-dealt-loops-to-launch | FileCheck %s --check-prefix=LAUNCH

// Remarks come first, in order.
// CHECK: an iteration needs what the one before it has made
// CHECK: 2 values are chosen by the order of 1
// CHECK: memory is written that may be read in other iterations

!m = memref<9x77xf32>
!v = memref<9xf32>

// A sum of a row: lanes read side by side.
// CHECK-LABEL: func @row_sum
// CHECK: wg.deal = #wg.deal<lanes>
// CHECK: wg.deal = #wg.deal<warps>
// LAUNCH-LABEL: func @row_sum
// LAUNCH: gpu.launch blocks({{.*}}) in (%{{.*}} = %c9{{[_0-9]*}},
// LAUNCH: %[[PART:.*]] = scf.for %{{.*}} = %{{.*}} to %c77 step %c32
// LAUNCH: nvvm.shfl.sync bfly
// LAUNCH-COUNT-4: nvvm.shfl.sync bfly
// LAUNCH-NOT: nvvm.shfl
// LAUNCH: scf.if %{{.*}} {
// LAUNCH-NEXT: memref.store
func.func @row_sum(%x: !m, %out: !v) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c9 = arith.constant 9 : index
  %c77 = arith.constant 77 : index
  %zero = arith.constant 0.0 : f32
  scf.parallel (%i) = (%c0) to (%c9) step (%c1) {
    %s = scf.for %k = %c0 to %c77 step %c1 iter_args(%acc = %zero) -> (f32) {
      %a = memref.load %x[%i, %k] : !m
      %t = arith.addf %acc, %a : f32
      scf.yield %t : f32
    }
    memref.store %s, %out[%i] : !v
  }
  return
}

// A sum of a column: threads of neighbouring columns do.
// CHECK-LABEL: func @column_sum
// CHECK-NOT: lanes
// CHECK: wg.deal = #wg.deal<threads>
// LAUNCH-LABEL: func @column_sum
// LAUNCH: gpu.launch
// LAUNCH-NOT: nvvm.shfl
func.func @column_sum(%x: !m, %out: memref<77xf32>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c9 = arith.constant 9 : index
  %c77 = arith.constant 77 : index
  %zero = arith.constant 0.0 : f32
  scf.parallel (%i) = (%c0) to (%c77) step (%c1) {
    %s = scf.for %k = %c0 to %c9 step %c1 iter_args(%acc = %zero) -> (f32) {
      %a = memref.load %x[%k, %i] : !m
      %t = arith.addf %acc, %a : f32
      scf.yield %t : f32
    }
    memref.store %s, %out[%i] : memref<77xf32>
  }
  return
}

// The largest of those below a bound, and of equal ones the first: an order.
// CHECK-LABEL: func @best
// CHECK: wg.deal = #wg.deal<lanes>
// CHECK: wg.deal = #wg.deal<warps>
// LAUNCH-LABEL: func @best
// LAUNCH: nvvm.redux.sync max
// LAUNCH: nvvm.redux.sync min
func.func @best(%x: memref<9x77xi32>, %bound: i32, %out: memref<9xi32>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c9 = arith.constant 9 : index
  %c77 = arith.constant 77 : index
  %low = arith.constant -1 : i32
  scf.parallel (%i) = (%c0) to (%c9) step (%c1) {
    %s:2 = scf.for %k = %c0 to %c77 step %c1 iter_args(%v = %low, %n = %low) -> (i32, i32) {
      %a = memref.load %x[%i, %k] : memref<9x77xi32>
      %number = arith.index_cast %k : index to i32
      %below = arith.cmpi slt, %a, %bound : i32
      %more = arith.cmpi sgt, %a, %v : i32
      %same = arith.cmpi eq, %a, %v : i32
      %earlier = arith.cmpi slt, %number, %n : i32
      %tie = arith.andi %same, %earlier : i1
      %better = arith.ori %more, %tie : i1
      %taken = arith.andi %below, %better : i1
      %v1 = arith.select %taken, %a, %v : i32
      %n1 = arith.select %taken, %number, %n : i32
      scf.yield %v1, %n1 : i32, i32
    }
    memref.store %s#1, %out[%i] : memref<9xi32>
  }
  return
}

// What each iteration makes of the one before is nobody else's.
// CHECK-LABEL: func @recurrence
// CHECK-NOT: lanes
// CHECK: wg.deal = #wg.deal<threads>
func.func @recurrence(%x: !m, %out: !v) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c9 = arith.constant 9 : index
  %c77 = arith.constant 77 : index
  %zero = arith.constant 0.0 : f32
  scf.parallel (%i) = (%c0) to (%c9) step (%c1) {
    %s = scf.for %k = %c0 to %c77 step %c1 iter_args(%acc = %zero) -> (f32) {
      %a = memref.load %x[%i, %k] : !m
      %d = arith.mulf %acc, %a : f32
      %t = arith.addf %d, %a : f32
      scf.yield %t : f32
    }
    memref.store %s, %out[%i] : !v
  }
  return
}

// Of equal numbers the first is taken, which lanes do not know.
// CHECK-LABEL: func @ties
// CHECK-NOT: lanes
// CHECK: wg.deal = #wg.deal<threads>
func.func @ties(%x: memref<9x77xi32>, %out: memref<9xi32>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c9 = arith.constant 9 : index
  %c77 = arith.constant 77 : index
  %low = arith.constant -1 : i32
  scf.parallel (%i) = (%c0) to (%c9) step (%c1) {
    %s:2 = scf.for %k = %c0 to %c77 step %c1 iter_args(%v = %low, %n = %low) -> (i32, i32) {
      %a = memref.load %x[%i, %k] : memref<9x77xi32>
      %number = arith.index_cast %k : index to i32
      %more = arith.cmpi sgt, %a, %v : i32
      %v1 = arith.select %more, %a, %v : i32
      %n1 = arith.select %more, %number, %n : i32
      scf.yield %v1, %n1 : i32, i32
    }
    memref.store %s#1, %out[%i] : memref<9xi32>
  }
  return
}

// CHECK-LABEL: func @in_place
// CHECK-NOT: lanes
// CHECK: wg.deal = #wg.deal<threads>
func.func @in_place(%x: !m) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c9 = arith.constant 9 : index
  %c76 = arith.constant 76 : index
  scf.parallel (%i) = (%c0) to (%c9) step (%c1) {
    scf.for %k = %c0 to %c76 step %c1 {
      %next = arith.addi %k, %c1 : index
      %a = memref.load %x[%i, %k] : !m
      memref.store %a, %x[%i, %next] : !m
    }
  }
  return
}

// Numbers of what is positive, behind each other: votes count them.
// CHECK-LABEL: func @compact
// CHECK: wg.deal = #wg.deal<lanes>
// CHECK: wg.deal = #wg.deal<warps>
// LAUNCH-LABEL: func @compact
// LAUNCH: nvvm.bar.warp.sync
// LAUNCH: scf.for
// LAUNCH: nvvm.vote.sync ballot
// LAUNCH: llvm.intr.ctpop
// LAUNCH: llvm.intr.ctpop
// LAUNCH: scf.if
// LAUNCH: memref.store
// LAUNCH: nvvm.bar.warp.sync
func.func @compact(%x: !m) -> memref<9x77xi32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c9 = arith.constant 9 : index
  %c77 = arith.constant 77 : index
  %zero = arith.constant 0.0 : f32
  %list = memref.alloc() : memref<9x77xi32>
  scf.parallel (%i) = (%c0) to (%c9) step (%c1) {
    %count = scf.for %j = %c0 to %c77 step %c1 iter_args(%k = %c0) -> (index) {
      %a = memref.load %x[%i, %j] : !m
      %taken = arith.cmpf ogt, %a, %zero : f32
      scf.if %taken {
        %number = arith.index_cast %j : index to i32
        memref.store %number, %list[%i, %k] : memref<9x77xi32>
      }
      %more = arith.addi %k, %c1 : index
      %next = arith.select %taken, %more, %k : index
      scf.yield %next : index
    }
  }
  return %list : memref<9x77xi32>
}

// A place may be a smaller number, that is made one of the other kind to write there.
// CHECK-LABEL: func @compact_i32
// CHECK: wg.deal = #wg.deal<lanes>
// CHECK: wg.deal = #wg.deal<warps>
// LAUNCH-LABEL: func @compact_i32
// LAUNCH: nvvm.bar.warp.sync
// LAUNCH: scf.for
// LAUNCH: nvvm.vote.sync ballot
// LAUNCH: llvm.intr.ctpop
// LAUNCH: llvm.intr.ctpop
// LAUNCH: scf.if
// LAUNCH: memref.store
// LAUNCH: nvvm.bar.warp.sync
func.func @compact_i32(%x: !m) -> memref<9x77xi32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c9 = arith.constant 9 : index
  %c77 = arith.constant 77 : index
  %zero = arith.constant 0.0 : f32
  %none = arith.constant 0 : i32
  %one = arith.constant 1 : i32
  %list = memref.alloc() : memref<9x77xi32>
  scf.parallel (%i) = (%c0) to (%c9) step (%c1) {
    %count = scf.for %j = %c0 to %c77 step %c1 iter_args(%k = %none) -> (i32) {
      %a = memref.load %x[%i, %j] : !m
      %taken = arith.cmpf ogt, %a, %zero : f32
      scf.if %taken {
        %number = arith.index_cast %j : index to i32
        %place = arith.index_cast %k : i32 to index
        memref.store %number, %list[%i, %place] : memref<9x77xi32>
      }
      %more = arith.addi %k, %one : i32
      %next = arith.select %taken, %more, %k : i32
      scf.yield %next : i32
    }
  }
  return %list : memref<9x77xi32>
}
