// RUN: attn-opt %s --split-input-file --pass-pipeline="builtin.module(func.func(convert-host-memory-to-gpu))" --verify-diagnostics | FileCheck %s

// CHECK-LABEL: @buffers
// CHECK: %[[T0:.*]] = gpu.wait async
// CHECK: %[[BUFFER:.*]], %{{.*}} = gpu.alloc async [%[[T0]]] (%{{.*}}) : memref<?x4xf32>
// CHECK: gpu.memcpy async [%{{.*}}] %[[BUFFER]], %{{.*}} : memref<?x4xf32>, memref<?x4xf32>
// CHECK: memref.alloca
// CHECK: memref.store
// CHECK: gpu.launch
// CHECK: memref.store
// CHECK: gpu.dealloc async [%{{.*}}] %[[BUFFER]]
func.func @buffers(%n: index, %x: memref<?x4xf32>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %zero = arith.constant 0.0 : f32
  %buffer = memref.alloc(%n) : memref<?x4xf32>
  memref.copy %x, %buffer : memref<?x4xf32> to memref<?x4xf32>
  %host = memref.alloca() : memref<4xf32>
  memref.store %zero, %host[%c0] : memref<4xf32>
  gpu.launch blocks(%bx, %by, %bz) in (%gx = %c1, %gy = %c1, %gz = %c1)
             threads(%tx, %ty, %tz) in (%sx = %c1, %sy = %c1, %sz = %c1) {
    memref.store %zero, %buffer[%c0, %c0] : memref<?x4xf32>
    gpu.terminator
  }
  memref.dealloc %buffer : memref<?x4xf32>
  return
}

// -----

// What only host code looks at, to decide who frees a buffer, stays where it is.
// CHECK-LABEL: @ownership
// CHECK: %[[FLAGS:.*]] = memref.alloc() : memref<2xi1>
// CHECK: %[[BUFFER:.*]], %{{.*}} = gpu.alloc async
// CHECK: memref.store %{{.*}}, %[[FLAGS]]
// CHECK: call @decide
// CHECK: memref.load %[[FLAGS]]
// CHECK: gpu.dealloc async [%{{.*}}] %[[BUFFER]]
// CHECK: memref.dealloc %[[FLAGS]]
func.func @ownership(%given: i1) {
  %c0 = arith.constant 0 : index
  %flags = memref.alloc() : memref<2xi1>
  %buffer = memref.alloc() : memref<4xf32>
  gpu.launch blocks(%bx, %by, %bz) in (%gx = %c0, %gy = %c0, %gz = %c0)
             threads(%tx, %ty, %tz) in (%sx = %c0, %sy = %c0, %sz = %c0) {
    %value = memref.load %buffer[%c0] : memref<4xf32>
    gpu.terminator
  }
  memref.store %given, %flags[%c0] : memref<2xi1>
  %all = memref.cast %flags : memref<2xi1> to memref<?xi1>
  call @decide(%all) : (memref<?xi1>) -> ()
  %isOurs = memref.load %flags[%c0] : memref<2xi1>
  scf.if %isOurs {
    memref.dealloc %buffer : memref<4xf32>
  }
  memref.dealloc %flags : memref<2xi1>
  return
}

func.func private @decide(%flags: memref<?xi1>) {
  %c0 = arith.constant 0 : index
  %true = arith.constant true
  memref.store %true, %flags[%c0] : memref<?xi1>
  return
}

// -----

func.func @reads(%x: memref<4xf32>) -> f32 {
  %c0 = arith.constant 0 : index
  // expected-error @below {{would access memory of the GPU from the host: no kernel was made of it}}
  %value = memref.load %x[%c0] : memref<4xf32>
  return %value : f32
}

// -----

func.func @fills(%x: memref<4xf32>) {
  %zero = arith.constant 0.0 : f32
  // expected-error @below {{would access memory of the GPU from the host}}
  linalg.fill ins(%zero : f32) outs(%x : memref<4xf32>)
  return
}

// -----

func.func @strided(%x: memref<4x4xf32, strided<[8, 1]>>, %y: memref<4x4xf32>) {
  // expected-error @below {{of memory of the GPU is not contiguous, so it has to become a kernel}}
  memref.copy %x, %y : memref<4x4xf32, strided<[8, 1]>> to memref<4x4xf32>
  return
}

// -----

// A constant that a kernel reads is copied to where the kernel is; the host reads its
// own.
module attributes {gpu.container_module} {
  memref.global "private" constant @table : memref<4xf32> = dense<[1.0, 2.0, 3.0, 4.0]>
  gpu.module @kernels {
    gpu.func @kernel(%m: memref<4xf32>) kernel {
      gpu.return
    }
  }
  // CHECK-LABEL: func @constant
  func.func @constant() -> f32 {
    %c0 = arith.constant 0 : index
    %c1 = arith.constant 1 : index
    // CHECK: %[[T:.*]] = memref.get_global @table
    // CHECK: %[[M:.*]], %[[TOKEN:.*]] = gpu.alloc async [%{{.*}}] () : memref<4xf32>
    // CHECK: gpu.memcpy async [%[[TOKEN]]] %[[M]], %[[T]]
    // CHECK: gpu.launch_func @kernels::@kernel {{.*}} args(%[[M]] : memref<4xf32>)
    // CHECK: memref.load %[[T]]
    // CHECK: gpu.dealloc async [%{{.*}}] %[[M]]
    %t = memref.get_global @table : memref<4xf32>
    gpu.launch_func @kernels::@kernel blocks in (%c1, %c1, %c1) threads in (%c1, %c1, %c1) args(%t : memref<4xf32>)
    %x = memref.load %t[%c0] : memref<4xf32>
    return %x : f32
  }
}
