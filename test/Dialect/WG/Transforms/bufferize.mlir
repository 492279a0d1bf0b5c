// RUN: attn-opt %s --attn-bufferize | FileCheck %s

// A load reads and a store writes the buffer in place.
// CHECK-LABEL: func @in_place
// CHECK-SAME: (%[[A:.*]]: memref<64x64xf32, strided<[?, 1], offset: ?>>, %[[B:.*]]: memref<64x64xf32, strided<[?, 1], offset: ?>>
func.func @in_place(%a: tensor<64x64xf32>, %b: tensor<64x64xf32> {bufferization.writable = true}, %i: index) -> tensor<64x64xf32> {
  // CHECK-NOT: memref.alloc
  // CHECK: %[[T:.*]] = wg.load %[[A]][] from %{{.*}} : memref<64x64xf32, strided<[?, 1], offset: ?>> -> <64x64xf32>
  // CHECK: wg.store %[[T]] into %[[B]][] from %{{.*}} : <64x64xf32> into memref<64x64xf32, strided<[?, 1], offset: ?>>
  // CHECK: return %[[B]]
  %t = wg.load %a[] from %i : tensor<64x64xf32> -> !wg.tile<64x64xf32>
  %r = wg.store %t into %b[] from %i : !wg.tile<64x64xf32> into tensor<64x64xf32> -> tensor<64x64xf32>
  return %r : tensor<64x64xf32>
}

// What is read afterwards is not overwritten.
// CHECK-LABEL: func @conflict
func.func @conflict(%b: tensor<64x64xbf16> {bufferization.writable = true}, %t: !wg.tile<64x64xbf16>, %i: index) -> (tensor<64x64xbf16>, !wg.shared<64x64xbf16>) {
  // CHECK: memref.alloc
  // CHECK: wg.store
  // CHECK: wg.copy %arg0
  %r = wg.store %t into %b[] from %i : !wg.tile<64x64xbf16> into tensor<64x64xbf16> -> tensor<64x64xbf16>
  %s = wg.copy %b[] from %i : tensor<64x64xbf16> -> !wg.shared<64x64xbf16>
  return %r, %s : tensor<64x64xbf16>, !wg.shared<64x64xbf16>
}
