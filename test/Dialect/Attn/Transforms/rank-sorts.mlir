// RUN: attn-opt %s --attn-rank-sorts | FileCheck %s

// A run of 32, compared with itself, and runs of 32 and 64 that are merged, each pass
// from what the last has made. Words become numbers in the end.
// CHECK-LABEL: func @static
// CHECK-NOT: attn.sort
// CHECK: %[[RUNS:.*]] = scf.forall (%{{.*}}, %{{.*}}, %{{.*}}) in (2, 3, 70) shared_outs(%{{.*}} = %{{.*}}) -> (tensor<2x3x70xi64>)
// CHECK-COUNT-33: arith.shli
// CHECK-NOT: arith.shli
// CHECK: %[[TWO:.*]] = scf.forall
// CHECK: tensor.extract %[[RUNS]]
// CHECK: scf.for %{{.*}} = %c0{{[_0-9]*}} to %c6
// CHECK: %[[FOUR:.*]] = scf.forall
// CHECK: tensor.extract %[[TWO]]
// CHECK: scf.for %{{.*}} = %c0{{[_0-9]*}} to %c7
// CHECK: %[[NUMBERS:.*]] = scf.forall {{.*}} -> (tensor<2x3x70xi32>)
// CHECK: %[[WORD:.*]] = tensor.extract %[[FOUR]]
// CHECK: arith.trunci %[[WORD]] : i64 to i32
// CHECK-NOT: scf.forall (
// CHECK: return %[[NUMBERS]]
func.func @static(%k: tensor<2x3x70xi32>, %e: tensor<2x3x70xi32>) -> tensor<2x3x70xi32> {
  %r = attn.sort %k outs(%e) : tensor<2x3x70xi32> -> tensor<2x3x70xi32>
  return %r : tensor<2x3x70xi32>
}

// As many passes as numbers of i32 can need, which do nothing in the end.
// CHECK-LABEL: func @dynamic
// CHECK: scf.for %{{.*}} = %c0{{[_0-9]*}} to %c14
// CHECK: %[[MORE:.*]] = arith.cmpi slt, %{{.*}}, %[[SIZE:.*]] : index
// CHECK: %[[COUNT:.*]] = arith.select %[[MORE]], %[[SIZE]], %c0
// CHECK: scf.forall (%{{.*}}, %{{.*}}, %{{.*}}) in (2, 3, %[[COUNT]])
// CHECK: scf.forall (%{{.*}}, %{{.*}}, %{{.*}}) in (2, 3, %[[COUNT]])
func.func @dynamic(%k: tensor<2x3x?xi32>, %e: tensor<2x3x?xi32>) -> tensor<2x3x?xi32> {
  %r = attn.sort %k outs(%e) : tensor<2x3x?xi32> -> tensor<2x3x?xi32>
  return %r : tensor<2x3x?xi32>
}

// The order of an order: number i goes to the place that is at i.
// CHECK-LABEL: func @back
// CHECK: %[[ORDER:.*]] = scf.forall {{.*}} -> (tensor<2x3x?xi32>)
// CHECK: scf.forall (%[[B:.*]], %[[H:.*]], %[[I:.*]]) in (2, 3, %{{.*}}) shared_outs(%[[OUT:.*]] = %
// CHECK-NEXT: %[[ENTRY:.*]] = tensor.extract %[[ORDER]][%[[B]], %[[H]], %[[I]]]
// CHECK-NEXT: %[[PLACE:.*]] = arith.index_cast %[[ENTRY]] : i32 to index
// CHECK-NEXT: %[[NUMBER:.*]] = arith.index_cast %[[I]] : index to i32
// CHECK-NEXT: tensor.extract_slice %[[OUT]][%[[B]], %[[H]], %[[PLACE]]] [1, 1, 1]
// CHECK: tensor.insert %[[NUMBER]]
// CHECK-NOT: scf.for %
// CHECK: return
func.func @back(%k: tensor<2x3x?xi32>, %e: tensor<2x3x?xi32>) -> tensor<2x3x?xi32> {
  %r = attn.sort %k outs(%e) : tensor<2x3x?xi32> -> tensor<2x3x?xi32>
  %b = attn.sort %r outs(%e) : tensor<2x3x?xi32> -> tensor<2x3x?xi32>
  return %b : tensor<2x3x?xi32>
}

// Memory is left to others.
// CHECK-LABEL: func @memory
// CHECK: attn.sort
func.func @memory(%k: memref<2x3x5xi32>, %e: memref<2x3x5xi32>) {
  attn.sort %k outs(%e) : memref<2x3x5xi32> -> memref<2x3x5xi32>
  return
}
