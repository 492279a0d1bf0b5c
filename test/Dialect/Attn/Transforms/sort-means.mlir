// RUN: attn-opt %s --attn-sort-means | FileCheck %s

// Numbers are sorted; where those of each place begin is searched for; a place sums up
// its rows, in this order.
// CHECK-LABEL: func @mean
// CHECK-SAME: %[[X:.*]]: tensor<1x2x?x4xbf16>, %[[N:.*]]: tensor<1x4x?xi32>
// CHECK: %[[ORDER:.*]] = attn.sort %[[N]]
// CHECK: %[[BEGINS:.*]] = linalg.generic {{.*}} outs(%{{.*}} : tensor<1x4x9xi32>)
// CHECK: scf.for %{{.*}} = %c0{{[_0-9]*}} to %c32
// CHECK: %[[OUT:.*]] = linalg.generic {{.*}} outs(%{{.*}} : tensor<1x4x8x4xbf16>)
// CHECK: %[[GROUP:.*]] = arith.divui
// CHECK: %[[HEAD:.*]] = arith.divui %{{.*}}, %[[GROUP]]
// CHECK: tensor.extract %[[BEGINS]]
// CHECK: tensor.extract %[[BEGINS]]
// CHECK: scf.for {{.*}} iter_args(%{{.*}} = %{{.*}}) -> (f32)
// CHECK: tensor.extract %[[ORDER]]
// CHECK: tensor.extract %[[X]][%{{.*}}, %[[HEAD]],
// CHECK: arith.extf %{{.*}} : bf16 to f32
// CHECK: return %[[OUT]]
func.func @mean(%x: tensor<1x2x?x4xbf16>, %n: tensor<1x4x?xi32>, %e: tensor<1x4x8x4xbf16>) -> tensor<1x4x8x4xbf16> {
  %r = attn.permute mean %x, %n outs(%e) : tensor<1x2x?x4xbf16>, tensor<1x4x?xi32> -> tensor<1x4x8x4xbf16>
  return %r : tensor<1x4x8x4xbf16>
}

// 60 numbers are halved 7 times at most.
// CHECK-LABEL: func @static
// CHECK: scf.for %{{.*}} = %c0{{[_0-9]*}} to %c7
func.func @static(%x: tensor<1x2x60xf64>, %n: tensor<1x2x60xi32>, %e: tensor<1x2x8xf64>) -> tensor<1x2x8xf64> {
  %r = attn.permute mean %x, %n outs(%e) : tensor<1x2x60xf64>, tensor<1x2x60xi32> -> tensor<1x2x8xf64>
  return %r : tensor<1x2x8xf64>
}

// Permutations, and memory, are left to others.
// CHECK-LABEL: func @others
// CHECK: attn.permute inverse
// CHECK: attn.permute mean
func.func @others(%x: tensor<1x2x8xf32>, %n: tensor<1x2x8xi32>, %m: memref<1x2x8xf32>, %o: memref<1x2x8xi32>) -> tensor<1x2x8xf32> {
  %r = attn.permute inverse %x, %n outs(%x) : tensor<1x2x8xf32>, tensor<1x2x8xi32> -> tensor<1x2x8xf32>
  attn.permute mean %m, %o outs(%m) : memref<1x2x8xf32>, memref<1x2x8xi32> -> memref<1x2x8xf32>
  return %r : tensor<1x2x8xf32>
}
