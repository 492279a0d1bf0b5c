// RUN: attn-opt %s --promote-accumulators | FileCheck %s

// CHECK-LABEL: func @sum
// CHECK: %[[INIT:.*]] = memref.load %[[OUT:.*]][%[[I:.*]]]
// CHECK: %[[SUM:.*]] = scf.for {{.*}} iter_args(%[[ACC:.*]] = %[[INIT]]) -> (f32) {
// CHECK-NEXT: memref.load
// CHECK-NEXT: %[[NEXT:.*]] = arith.addf %[[ACC]]
// CHECK-NEXT: scf.yield %[[NEXT]]
// CHECK: memref.store %[[SUM]], %[[OUT]][%[[I]]]
func.func @sum(%x: memref<?xf32>, %out: memref<?xf32>, %n: index, %i: index) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  scf.for %k = %c0 to %n step %c1 {
    %a = memref.load %x[%k] : memref<?xf32>
    %s = memref.load %out[%i] : memref<?xf32>
    %t = arith.addf %s, %a : f32
    memref.store %t, %out[%i] : memref<?xf32>
  }
  return
}

// What is added may be what was written.
// CHECK-LABEL: func @same_memory
// CHECK-NOT: iter_args
func.func @same_memory(%out: memref<?xf32>, %n: index, %i: index) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  scf.for %k = %c0 to %n step %c1 {
    %a = memref.load %out[%k] : memref<?xf32>
    %s = memref.load %out[%i] : memref<?xf32>
    %t = arith.addf %s, %a : f32
    memref.store %t, %out[%i] : memref<?xf32>
  }
  return
}

// CHECK-LABEL: func @moving
// CHECK-NOT: iter_args
func.func @moving(%x: memref<?xf32>, %out: memref<?xf32>, %n: index) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  scf.for %k = %c0 to %n step %c1 {
    %a = memref.load %x[%k] : memref<?xf32>
    %s = memref.load %out[%k] : memref<?xf32>
    %t = arith.addf %s, %a : f32
    memref.store %t, %out[%k] : memref<?xf32>
  }
  return
}
