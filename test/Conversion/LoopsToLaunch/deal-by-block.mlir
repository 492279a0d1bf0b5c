// RUN: attn-opt %s --deal-loops | FileCheck %s
// RUN: attn-opt %s --deal-loops --convert-dealt-loops-to-launch --canonicalize | FileCheck %s --check-prefix=LAUNCH

// What would keep a lane for long is shared by the threads of a block.

// A row of thousands: each warp sums up its part, and then all warps what all have.
// CHECK-LABEL: func @row
// CHECK: wg.deal = #wg.deal<lanes>
// CHECK: wg.deal = #wg.deal<blocks>
// LAUNCH-LABEL: func @row
// LAUNCH-SAME: %[[X:.*]]: memref<9x32768xi32>, %[[OUT:.*]]: memref<9xi32>
// LAUNCH: gpu.launch blocks(%[[B:[^,]*]], {{.*}}) in (%{{.*}} = %c9, {{.*}}) threads(%[[T:[^,]*]], {{.*}}) in (%{{.*}} = %c512,
// LAUNCH-SAME: workgroup(%[[WORDS:.*]] : memref<16x8xi64, #gpu.address_space<workgroup>>)
// LAUNCH: %[[PART:.*]] = scf.for %{{.*}} = %c0 to %c32768 step %c512
// LAUNCH: %[[SUM:.*]] = nvvm.redux.sync add %[[PART]]
// LAUNCH: %[[WARP:.*]] = arith.divui %[[T]], %c32
// LAUNCH: gpu.barrier
// LAUNCH: scf.if
// LAUNCH: memref.store %{{.*}}, %[[WORDS]][%[[WARP]], %c0]
// LAUNCH: gpu.barrier
// LAUNCH: %[[OTHER:.*]] = arith.remui %{{.*}}, %c16
// LAUNCH: memref.load %[[WORDS]][%[[OTHER]], %c0]
// LAUNCH: %[[MINE:.*]] = arith.select %{{.*}}, %{{.*}}, %c0_i32
// LAUNCH: %[[ALL:.*]] = nvvm.redux.sync add %[[MINE]]
// LAUNCH-NOT: gpu.barrier
// LAUNCH: scf.if
// LAUNCH-NEXT: memref.store %[[ALL]], %[[OUT]][%[[B]]]
// LAUNCH-NOT: gpu.barrier
// LAUNCH: return
func.func @row(%x: memref<9x32768xi32>, %out: memref<9xi32>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c9 = arith.constant 9 : index
  %n = arith.constant 32768 : index
  %zero = arith.constant 0 : i32
  scf.parallel (%i) = (%c0) to (%c9) step (%c1) {
    %s = scf.for %k = %c0 to %n step %c1 iter_args(%acc = %zero) -> (i32) {
      %a = memref.load %x[%i, %k] : memref<9x32768xi32>
      %t = arith.addi %acc, %a : i32
      scf.yield %t : i32
    }
    memref.store %s, %out[%i] : memref<9xi32>
  }
  return
}

// Half of it is a warp's.
// CHECK-LABEL: func @half
// CHECK: wg.deal = #wg.deal<warps>
func.func @half(%x: memref<9x16384xi32>, %out: memref<9xi32>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c9 = arith.constant 9 : index
  %n = arith.constant 16384 : index
  %zero = arith.constant 0 : i32
  scf.parallel (%i) = (%c0) to (%c9) step (%c1) {
    %s = scf.for %k = %c0 to %n step %c1 iter_args(%acc = %zero) -> (i32) {
      %a = memref.load %x[%i, %k] : memref<9x16384xi32>
      %t = arith.addi %acc, %a : i32
      scf.yield %t : i32
    }
    memref.store %s, %out[%i] : memref<9xi32>
  }
  return
}

// Rows of any length are a block's if they are gone through dozens of times.
// CHECK-LABEL: func @often
// CHECK: wg.deal = #wg.deal<lanes>
// CHECK: wg.deal = #wg.deal<blocks>
// CHECK-LABEL: func @seldom
// CHECK: wg.deal = #wg.deal<lanes>
// CHECK: wg.deal = #wg.deal<warps>
func.func @often(%x: memref<9x?xi32>, %out: memref<9x32xi32>, %n: index) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c9 = arith.constant 9 : index
  %c32 = arith.constant 32 : index
  %zero = arith.constant 0 : i32
  scf.parallel (%i) = (%c0) to (%c9) step (%c1) {
    %all = scf.for %p = %c0 to %c32 step %c1 iter_args(%before = %zero) -> (i32) {
      %s = scf.for %k = %c0 to %n step %c1 iter_args(%acc = %before) -> (i32) {
        %a = memref.load %x[%i, %k] : memref<9x?xi32>
        %b = arith.minsi %a, %before : i32
        %t = arith.addi %acc, %b : i32
        scf.yield %t : i32
      }
      memref.store %s, %out[%i, %p] : memref<9x32xi32>
      scf.yield %s : i32
    }
  }
  return
}
func.func @seldom(%x: memref<9x?xi32>, %out: memref<9x16xi32>, %n: index) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c9 = arith.constant 9 : index
  %c16 = arith.constant 16 : index
  %zero = arith.constant 0 : i32
  scf.parallel (%i) = (%c0) to (%c9) step (%c1) {
    %all = scf.for %p = %c0 to %c16 step %c1 iter_args(%before = %zero) -> (i32) {
      %s = scf.for %k = %c0 to %n step %c1 iter_args(%acc = %before) -> (i32) {
        %a = memref.load %x[%i, %k] : memref<9x?xi32>
        %b = arith.minsi %a, %before : i32
        %t = arith.addi %acc, %b : i32
        scf.yield %t : i32
      }
      memref.store %s, %out[%i, %p] : memref<9x16xi32>
      scf.yield %s : i32
    }
  }
  return
}

// Threads of a block count eight rounds between two meetings, in which all warps say
// how many each of the rounds has, two in a word.
// LAUNCH-LABEL: func @positive
// LAUNCH: threads(%{{[^,]*}}, {{.*}}) in (%{{.*}} = %c512,
// LAUNCH-SAME: workgroup(%[[WORDS:.*]] : memref<16x8xi64, #gpu.address_space<workgroup>>)
// LAUNCH: scf.for %[[FIRST:.*]] = %c0 to %c32768 step %c4096 iter_args(%[[FREE:.*]] = %c0)
// LAUNCH-COUNT-8: nvvm.vote.sync ballot
// LAUNCH: gpu.barrier
// LAUNCH: scf.if
// LAUNCH-COUNT-4: memref.store %{{.*}}, %[[WORDS]]
// LAUNCH: gpu.barrier
// LAUNCH-COUNT-4: memref.load %[[WORDS]]
// LAUNCH-NOT: gpu.barrier
// LAUNCH: %[[BELOW:.*]] = nvvm.redux.sync add
// LAUNCH: %[[ALL:.*]] = nvvm.redux.sync add
// LAUNCH-COUNT-8: memref.store {{.*}} : memref<9x32768xindex>
// LAUNCH: scf.yield
func.func @positive(%x: memref<9x32768xi32>, %out: memref<9x32768xindex>, %counts: memref<9xindex>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c9 = arith.constant 9 : index
  %n = arith.constant 32768 : index
  %zero = arith.constant 0 : i32
  scf.parallel (%i) = (%c0) to (%c9) step (%c1) {
    %count = scf.for %j = %c0 to %n step %c1 iter_args(%k = %c0) -> (index) {
      %a = memref.load %x[%i, %j] : memref<9x32768xi32>
      %is = arith.cmpi sgt, %a, %zero : i32
      scf.if %is {
        memref.store %j, %out[%i, %k] : memref<9x32768xindex>
      }
      %more = arith.addi %k, %c1 : index
      %next = arith.select %is, %more, %k : index
      scf.yield %next : index
    }
    memref.store %count, %counts[%i] : memref<9xindex>
  }
  return
}

// Very many warps come in large blocks.
// LAUNCH-LABEL: func @many
// LAUNCH: gpu.launch blocks({{.*}}) in (%{{.*}} = %c2048, {{.*}}) threads({{.*}}) in (%{{.*}} = %c512,
func.func @many(%x: memref<32768x256xi32>, %out: memref<32768xi32>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %rows = arith.constant 32768 : index
  %n = arith.constant 256 : index
  %zero = arith.constant 0 : i32
  scf.parallel (%i) = (%c0) to (%rows) step (%c1) {
    %s = scf.for %k = %c0 to %n step %c1 iter_args(%acc = %zero) -> (i32) {
      %a = memref.load %x[%i, %k] : memref<32768x256xi32>
      %t = arith.addi %acc, %a : i32
      scf.yield %t : i32
    }
    memref.store %s, %out[%i] : memref<32768xi32>
  }
  return
}
