// RUN: attn-opt %s --attn-bufferize --split-input-file --verify-diagnostics | FileCheck %s

// The caller does not expect that its inputs change, unless it says so.
// CHECK-LABEL: func @read_only
// CHECK-SAME: (%[[X:.*]]: memref<?x4xf32, strided<[?, 1], offset: ?>>{{.*}}) -> memref
// CHECK: %[[A:.*]] = memref.alloc
// CHECK: linalg.exp ins(%[[X]] : {{.*}}) outs(%[[A]] :
func.func @read_only(%x: tensor<?x4xf32>) -> tensor<?x4xf32> {
  %r = linalg.exp ins(%x : tensor<?x4xf32>) outs(%x : tensor<?x4xf32>) -> tensor<?x4xf32>
  return %r : tensor<?x4xf32>
}

// CHECK-LABEL: func @writable
// CHECK-SAME: (%[[X:.*]]: memref<?x4xf32, strided<[?, 1], offset: ?>>
// CHECK-NOT: memref.alloc
// CHECK: linalg.exp ins(%[[X]] : {{.*}}) outs(%[[X]] :
func.func @writable(%x: tensor<?x4xf32> {bufferization.writable = true}) -> tensor<?x4xf32> {
  %r = linalg.exp ins(%x : tensor<?x4xf32>) outs(%x : tensor<?x4xf32>) -> tensor<?x4xf32>
  return %r : tensor<?x4xf32>
}

// -----

func.func @unknown(%x: tensor<4xf32>) -> tensor<4xf32> {
  // expected-error @below {{op was not bufferized}}
  %r = tile.scan %x : tensor<4xf32>
  return %r : tensor<4xf32>
}
