// RUN: attn-opt %s --attn-rank-sorts | FileCheck %s

// Five keys: runs of 1, 2 and 4 are merged, each pass from what the last has made.
// CHECK-LABEL: func @static
// CHECK-NOT: attn.sort
// CHECK: %[[NUMBERS:.*]] = scf.forall (%{{.*}}, %{{.*}}, %{{.*}}) in (2, 3, 5)
// CHECK: %[[ONE:.*]] = scf.forall
// CHECK: scf.for %{{.*}} = %{{.*}} to %{{.*}} step %{{.*}} iter_args
// CHECK: tensor.extract %[[NUMBERS]]
// CHECK: %[[TWO:.*]] = scf.forall
// CHECK: tensor.extract %[[ONE]]
// CHECK: %[[FOUR:.*]] = scf.forall
// CHECK: tensor.extract %[[TWO]]
// CHECK-NOT: scf.forall (
// CHECK: return %[[FOUR]]
func.func @static(%k: tensor<2x3x5xi32>, %e: tensor<2x3x5xi32>) -> tensor<2x3x5xi32> {
  %r = attn.sort %k outs(%e) : tensor<2x3x5xi32> -> tensor<2x3x5xi32>
  return %r : tensor<2x3x5xi32>
}

// As many passes as numbers of i32 can need, which do nothing in the end.
// CHECK-LABEL: func @dynamic
// CHECK: scf.for %{{.*}} = %c0{{[_0-9]*}} to %c16
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
// CHECK: %[[ORDER:.*]]:4 = scf.for
// CHECK: scf.yield {{.*}}tensor<2x3x?xi32>, tensor<2x3x?xi32>, index, index
// CHECK-NEXT: }
// CHECK: scf.forall (%[[B:.*]], %[[H:.*]], %[[I:.*]]) in (2, 3, %{{.*}}) shared_outs(%[[OUT:.*]] = %
// CHECK-NEXT: %[[ENTRY:.*]] = tensor.extract %[[ORDER]]#0[%[[B]], %[[H]], %[[I]]]
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
