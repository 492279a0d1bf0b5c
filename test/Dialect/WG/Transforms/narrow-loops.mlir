// RUN: attn-opt %s --wg-narrow-loops --canonicalize --cse | FileCheck %s

// Loops of both roles count in i32; what needs an index has the counter as one. A
// loop that counts in another type stays.
// CHECK-LABEL: func @roles
// CHECK-SAME: (%[[C:[a-z0-9]+]]: !wg.channel<2, 64x64xbf16>, %[[N:[a-z0-9]+]]: index
// CHECK: wg.roles
// CHECK-NEXT: %[[N32:.*]] = arith.index_cast %[[N]] : index to i32
// CHECK-NEXT: scf.for %{{.*}} = %c0_i32 to %[[N32]] step %c1_i32 : i32 {
// CHECK-NEXT: wg.acquire
// CHECK: consumers
// CHECK-NEXT: %[[N32:.*]] = arith.index_cast %[[N]] : index to i32
// CHECK-NEXT: scf.for %[[I:[a-z0-9]+]] = %c0_i32 to %[[N32]] step %c1_i32 : i32 {
// CHECK-NEXT: %[[AT:.*]] = arith.index_cast %[[I]] : i32 to index
// CHECK-NEXT: %{{.*}} = scf.for %[[J:[a-z0-9]+]] = %[[I]] to %[[N32]] step %c1_i32 iter_args(%[[S:.*]] = %[[AT]]) -> (index) : i32 {
// CHECK-NEXT: %[[TO:.*]] = arith.index_cast %[[J]] : i32 to index
// CHECK-NEXT: arith.addi %[[S]], %[[TO]] : index
// CHECK: scf.for %{{.*}} = %c0_i64 to %{{.*}} step %c1_i64 : i64
func.func @roles(%c: !wg.channel<2, 64x64xbf16>, %n: index, %m: i64, %o: memref<?xindex>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %zero = arith.constant 0 : i32
  %long = arith.constant 0 : i64
  %one = arith.constant 1 : i64
  wg.roles producers 4 registers 40 {
    scf.for %i = %c0 to %n step %c1 {
      wg.acquire %c[%zero] : <2, 64x64xbf16>
    }
  } consumers 4 registers 240 {
    scf.for %i = %c0 to %n step %c1 {
      %r = scf.for %j = %i to %n step %c1 iter_args(%s = %i) -> index {
        %t = arith.addi %s, %j : index
        scf.yield %t : index
      }
      memref.store %r, %o[%i] : memref<?xindex>
    }
    scf.for %i = %long to %m step %one : i64 {
      wg.barrier
    }
  }
  return
}

// Loops elsewhere may count more.
// CHECK-LABEL: func @outside
// CHECK-NOT: index_cast
// CHECK: scf.for %{{.*}} = %c0 to %{{.*}} step %c1 {
func.func @outside(%n: index) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  scf.for %i = %c0 to %n step %c1 {
    wg.barrier
  }
  return
}
