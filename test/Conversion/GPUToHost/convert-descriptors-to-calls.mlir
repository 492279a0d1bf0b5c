// RUN: attn-opt %s --convert-descriptors-to-calls --split-input-file --verify-diagnostics | FileCheck %s

// Sizes and strides go through arrays, outermost first; a descriptor is on the
// stack, once for all iterations. The type is the driver's number, and the tile is
// given by its rows and its swizzle.
// CHECK: llvm.func @attn_cuda_forget(!llvm.ptr)
// CHECK: llvm.func @attn_cuda_describe(!llvm.ptr, i32, i32, i32, !llvm.ptr, !llvm.ptr, !llvm.ptr, i32, i32) -> i32
// CHECK: llvm.func @attn_cuda_multiprocessors() -> i64
// CHECK-LABEL: func @loop
// CHECK-SAME: (%[[M:[^:]*]]: memref
func.func @loop(%m: memref<4x?x128xbf16, strided<[?, ?, 1], offset: ?>>, %n: index) -> index {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  // CHECK-DAG: %[[STRIDES:.*]] = llvm.alloca %{{.*}} x i64
  // CHECK-DAG: %[[SIZES:.*]] = llvm.alloca %{{.*}} x i64
  // CHECK-DAG: %[[BYTES:.*]] = llvm.mlir.constant(192 : i64)
  // CHECK-DAG: %[[D:.*]] = llvm.alloca %[[BYTES]] x i8 {alignment = 64 : i64}
  // CHECK: %[[MOST:.*]] = llvm.call @attn_cuda_multiprocessors()
  // CHECK: %[[COUNT:.*]] = arith.index_cast %[[MOST]] : i64 to index
  %most = wg.multiprocessors
  // CHECK: scf.for
  scf.for %i = %c0 to %n step %c1 {
    // CHECK: %{{.*}}, %[[OFFSET:.*]], %[[SIZE:.*]]:3, %[[STRIDE:.*]]:3 = memref.extract_strided_metadata %[[M]]
    // CHECK: memref.extract_aligned_pointer_as_index %[[M]]
    // CHECK: %[[ELEMENTS:.*]] = arith.index_cast %[[OFFSET]]
    // CHECK: %[[TWO:.*]] = llvm.mlir.constant(2 : i64)
    // CHECK: arith.muli %[[ELEMENTS]], %[[TWO]]
    // CHECK: %[[BF16:.*]] = llvm.mlir.constant(9 : i32)
    // CHECK: %[[WIDTH:.*]] = llvm.mlir.constant(2 : i32)
    // CHECK: %[[RANK:.*]] = llvm.mlir.constant(3 : i32)
    // CHECK: %[[BASE:.*]] = llvm.inttoptr
    // CHECK: %[[P:.*]] = llvm.getelementptr %[[SIZES]][0]
    // CHECK: %[[S:.*]] = arith.index_cast %[[SIZE]]#0
    // CHECK: llvm.store %[[S]], %[[P]]
    // CHECK: %[[P:.*]] = llvm.getelementptr %[[STRIDES]][2]
    // CHECK: %[[S:.*]] = arith.index_cast %[[STRIDE]]#2
    // CHECK: llvm.store %[[S]], %[[P]]
    // CHECK: %[[ROWS:.*]] = llvm.mlir.constant(64 : i32)
    // CHECK: %[[SWIZZLE:.*]] = llvm.mlir.constant(128 : i32)
    // CHECK: llvm.call @attn_cuda_describe(%[[D]], %[[BF16]], %[[WIDTH]], %[[RANK]], %[[BASE]], %[[SIZES]], %[[STRIDES]], %[[ROWS]], %[[SWIZZLE]])
    // CHECK-NEXT: call @launch(%[[D]])
    // CHECK-NEXT: llvm.call @attn_cuda_forget(%[[D]])
    %d = wg.describe %m as !wg.shared<64x128xbf16> : memref<4x?x128xbf16, strided<[?, ?, 1], offset: ?>> -> !llvm.ptr
    func.call @launch(%d) : (!llvm.ptr) -> ()
    wg.forget %d : !llvm.ptr
  }
  // CHECK: return %[[COUNT]]
  return %most : index
}
func.func private @launch(!llvm.ptr)

// -----

// Each has its own place. A row of 32 bytes has the smallest swizzle.
// CHECK-LABEL: func @types
// CHECK-COUNT-5: llvm.alloca %{{.*}} x i8
// CHECK: llvm.mlir.constant(6 : i32)
// CHECK: llvm.mlir.constant(32 : i32)
// CHECK: llvm.call @attn_cuda_describe
// CHECK: llvm.mlir.constant(7 : i32)
// CHECK: llvm.mlir.constant(64 : i32)
// CHECK: llvm.call @attn_cuda_describe
// CHECK: llvm.mlir.constant(0 : i32)
// CHECK: llvm.call @attn_cuda_describe
// CHECK: llvm.mlir.constant(1 : i32)
// CHECK: llvm.call @attn_cuda_describe
// CHECK: llvm.mlir.constant(2 : i32)
// CHECK: llvm.call @attn_cuda_describe
// CHECK-NOT: wg.
func.func @types(%a: memref<?x16xf16>, %b: memref<?x16xf32>, %c: memref<?x64xi8>, %d: memref<?x64xi16>, %e: memref<?x64xi32>) {
  %0 = wg.describe %a as !wg.shared<64x16xf16> : memref<?x16xf16> -> !llvm.ptr
  %1 = wg.describe %b as !wg.shared<64x16xf32> : memref<?x16xf32> -> !llvm.ptr
  %2 = wg.describe %c as !wg.shared<64x64xi8> : memref<?x64xi8> -> !llvm.ptr
  %3 = wg.describe %d as !wg.shared<64x64xi16> : memref<?x64xi16> -> !llvm.ptr
  %4 = wg.describe %e as !wg.shared<64x64xi32> : memref<?x64xi32> -> !llvm.ptr
  wg.forget %0 : !llvm.ptr
  wg.forget %1 : !llvm.ptr
  wg.forget %2 : !llvm.ptr
  wg.forget %3 : !llvm.ptr
  wg.forget %4 : !llvm.ptr
  return
}

// -----

func.func @f64(%m: memref<?x64xf64>) {
  // expected-error @below {{the copy engine has no elements of 'f64'}}
  %d = wg.describe %m as !wg.shared<64x64xf64> : memref<?x64xf64> -> !llvm.ptr
  return
}

// -----

// expected-error @below {{redefinition of function 'attn_cuda_forget' of different type}}
llvm.func @attn_cuda_forget(i32)
func.func @other(%d: !llvm.ptr) {
  // expected-error @below {{needs 'attn_cuda_forget', which is something else here}}
  wg.forget %d : !llvm.ptr
  return
}

// -----

// CHECK: llvm.func @attn_cuda_counter() -> !llvm.ptr
// CHECK-LABEL: func @counter
func.func @counter() -> !llvm.ptr {
  // CHECK: %[[C:.*]] = llvm.call @attn_cuda_counter()
  %c = wg.counter : !llvm.ptr
  // CHECK: return %[[C]]
  return %c : !llvm.ptr
}
