// RUN: attn-opt %s --attn-bufferize | FileCheck %s

// A transposed tensor is the same memory.
// CHECK-LABEL: func @read
// CHECK-SAME: %[[X:[^:]*]]: memref<2x?x4xf32, strided<[?, ?, 1], offset: ?>>
// CHECK-NOT: memref.alloc
// CHECK: %[[T:.*]] = memref.transpose %[[X]] (d0, d1, d2) -> (d2, d0, d1) : {{.*}} to memref<4x2x?xf32, strided<[1, ?, ?], offset: ?>>
// CHECK: memref.load %[[T]]
func.func @read(%x: tensor<2x?x4xf32>, %i: index) -> f32 {
  %t = tile.transpose %x [2, 0, 1] : tensor<2x?x4xf32> -> tensor<4x2x?xf32>
  %y = tensor.extract %t[%i, %i, %i] : tensor<4x2x?xf32>
  return %y : f32
}

// What is written through it changes it, so an argument that has to stay as it is is
// copied first.
// CHECK-LABEL: func @write
// CHECK-SAME: %[[X:[^:]*]]: memref<2x4xf32
// CHECK: %[[COPY:.*]] = memref.alloc
// CHECK: memref.copy %{{.*}}, %[[COPY]]
// CHECK: memref.store %{{.*}}, %[[COPY]]
func.func @write(%x: tensor<2x4xf32>, %y: f32, %i: index) -> tensor<4x2xf32> {
  %t = tile.transpose %x [1, 0] : tensor<2x4xf32> -> tensor<4x2xf32>
  %u = tensor.insert %y into %t[%i, %i] : tensor<4x2xf32>
  return %u : tensor<4x2xf32>
}
