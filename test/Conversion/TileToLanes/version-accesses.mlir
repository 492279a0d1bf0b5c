// RUN: attn-opt %s --version-accesses | FileCheck %s

!m = memref<?x64xf32, strided<[?, 1], offset: ?>>

// The host looks where memory begins, and at its strides, once for all.
// CHECK-LABEL: func @aligned
// CHECK:       %{{.*}}, %[[OFFSET:.*]], %{{.*}}:2, %[[STRIDES:.*]]:2 = memref.extract_strided_metadata %arg0
// CHECK:       %[[POINTER:.*]] = memref.extract_aligned_pointer_as_index %arg0
// CHECK:       %[[BYTES:.*]] = arith.muli %[[OFFSET]], %c4
// CHECK:       %[[PLACE:.*]] = arith.ori %[[POINTER]], %[[BYTES]]
// CHECK:       %[[STRIDE:.*]] = arith.muli %[[STRIDES]]#0, %c4
// CHECK:       %[[BITS:.*]] = arith.ori %[[PLACE]], %[[STRIDE]]
// CHECK:       %[[REST:.*]] = arith.andi %[[BITS]], %c15
// CHECK:       arith.cmpi eq, %[[REST]], %c0
// CHECK:       scf.if
// CHECK:         gpu.launch
// CHECK:           vector.load %{{.*}} {alignment = 16 : i64} : {{.*}}, vector<4xf32>
// CHECK:           vector.store %{{.*}} {alignment = 16 : i64} : {{.*}}, vector<4xf32>
// CHECK:       } else {
// CHECK:         gpu.launch
// CHECK-COUNT-4:   memref.load
// CHECK:           vector.from_elements
// CHECK-COUNT-4:   memref.store
// CHECK-NOT:   gpu.launch
func.func @aligned(%x: !m, %y: memref<8x64xf32>, %i: index) {
  %c1 = arith.constant 1 : index
  %c4 = arith.constant 4 : index
  %c8 = arith.constant 8 : index
  %c16 = arith.constant 16 : index
  %zero = arith.constant 0.0 : f32
  gpu.launch blocks(%bx, %by, %bz) in (%gx = %c8, %gy = %c1, %gz = %c1)
      threads(%tx, %ty, %tz) in (%nx = %c16, %ny = %c1, %nz = %c1) {
    %at = arith.muli %tx, %c4 : index
    %v = vector.transfer_read %x[%bx, %at], %zero {in_bounds = [true]} : !m, vector<4xf32>
    vector.transfer_write %v, %y[%bx, %at] {in_bounds = [true]} : vector<4xf32>, memref<8x64xf32>
    gpu.terminator
  }
  return
}

// What begins anywhere is read element by element, and asks for nothing.
// CHECK-LABEL: func @anywhere
// CHECK-NOT:   scf.if
// CHECK:       gpu.launch
// CHECK-COUNT-4: memref.load
// CHECK-NOT:   vector.load
// CHECK-NOT:   gpu.launch
func.func @anywhere(%x: !m, %y: memref<8x16xf32>, %i: index) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c8 = arith.constant 8 : index
  %c16 = arith.constant 16 : index
  %zero = arith.constant 0.0 : f32
  gpu.launch blocks(%bx, %by, %bz) in (%gx = %c8, %gy = %c1, %gz = %c1)
      threads(%tx, %ty, %tz) in (%nx = %c16, %ny = %c1, %nz = %c1) {
    %at = arith.addi %tx, %i : index
    %v = vector.transfer_read %x[%bx, %at], %zero {in_bounds = [true]} : !m, vector<4xf32>
    %sum = vector.reduction <add>, %v : vector<4xf32> into f32
    memref.store %sum, %y[%bx, %tx] : memref<8x16xf32>
    gpu.terminator
  }
  return
}
