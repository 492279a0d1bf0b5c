// Programs for test/Integration/GPU/kernels.py, which runs them on a GPU.

#vector = strided<[1], offset: ?>

module attributes {gpu.container_module} {

// y = a x + y, a kernel written by hand.
func.func @saxpy(%a: f32, %x: memref<?xf32, #vector>, %y: memref<?xf32, #vector>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c256 = arith.constant 256 : index
  %n = memref.dim %x, %c0 : memref<?xf32, #vector>
  %blocks = arith.ceildivui %n, %c256 : index
  gpu.launch blocks(%bx, %by, %bz) in (%gx = %blocks, %gy = %c1, %gz = %c1)
             threads(%tx, %ty, %tz) in (%sx = %c256, %sy = %c1, %sz = %c1) {
    %first = arith.muli %bx, %c256 : index
    %i = arith.addi %first, %tx : index
    %inside = arith.cmpi ult, %i, %n : index
    scf.if %inside {
      %xi = memref.load %x[%i] : memref<?xf32, #vector>
      %yi = memref.load %y[%i] : memref<?xf32, #vector>
      %product = arith.mulf %a, %xi : f32
      %sum = arith.addf %product, %yi : f32
      memref.store %sum, %y[%i] : memref<?xf32, #vector>
    }
    gpu.terminator
  }
  return
}

// 256 numbers in reverse, through more dynamic shared memory than a kernel has
// without asking.
func.func @reverse(%x: memref<256xf32, #vector>, %y: memref<256xf32, #vector>) {
  %c1 = arith.constant 1 : index
  %c255 = arith.constant 255 : index
  %c256 = arith.constant 256 : index
  %bytes = arith.constant 65536 : i32
  gpu.launch blocks(%bx, %by, %bz) in (%gx = %c1, %gy = %c1, %gz = %c1)
             threads(%tx, %ty, %tz) in (%sx = %c256, %sy = %c1, %sz = %c1)
             dynamic_shared_memory_size %bytes {
    %offset = arith.constant 64512 : index
    %shared = gpu.dynamic_shared_memory : memref<?xi8, #gpu.address_space<workgroup>>
    %row = memref.view %shared[%offset][] : memref<?xi8, #gpu.address_space<workgroup>> to memref<256xf32, #gpu.address_space<workgroup>>
    %xi = memref.load %x[%tx] : memref<256xf32, #vector>
    %mirror = arith.subi %c255, %tx : index
    memref.store %xi, %row[%mirror] : memref<256xf32, #gpu.address_space<workgroup>>
    gpu.barrier
    %yi = memref.load %row[%tx] : memref<256xf32, #gpu.address_space<workgroup>>
    memref.store %yi, %y[%tx] : memref<256xf32, #vector>
    gpu.terminator
  }
  return
}

// More threads than a block may have.
func.func @too_large(%y: memref<?xf32, #vector>) {
  %c1 = arith.constant 1 : index
  %c2048 = arith.constant 2048 : index
  gpu.launch blocks(%bx, %by, %bz) in (%gx = %c1, %gy = %c1, %gz = %c1)
             threads(%tx, %ty, %tz) in (%sx = %c2048, %sy = %c1, %sz = %c1) {
    %zero = arith.constant 0.0 : f32
    memref.store %zero, %y[%tx] : memref<?xf32, #vector>
    gpu.terminator
  }
  return
}

// Plain tensors: kernels of an element each, with a buffer between them.
func.func @products(%a: tensor<16x8xf32>, %b: tensor<8x4xf32>) -> tensor<16x4xf32> {
  %zero = arith.constant 0.0 : f32
  %empty = tensor.empty() : tensor<16x4xf32>
  %init = linalg.fill ins(%zero : f32) outs(%empty : tensor<16x4xf32>) -> tensor<16x4xf32>
  %once = linalg.matmul ins(%a, %b : tensor<16x8xf32>, tensor<8x4xf32>) outs(%init : tensor<16x4xf32>) -> tensor<16x4xf32>
  %twice = linalg.matmul ins(%a, %b : tensor<16x8xf32>, tensor<8x4xf32>) outs(%once : tensor<16x4xf32>) -> tensor<16x4xf32>
  %sum = linalg.mul ins(%once, %twice : tensor<16x4xf32>, tensor<16x4xf32>) outs(%empty : tensor<16x4xf32>) -> tensor<16x4xf32>
  return %sum : tensor<16x4xf32>
}

// A parameter by value that the host has in memory, as a tensor descriptor is
// passed: y = (40, 2).
gpu.module @by_value {
  llvm.func @copy(%from: !llvm.ptr {llvm.byval = !llvm.array<16 x i64>, llvm.align = 64 : i64, nvvm.grid_constant}, %to: !llvm.ptr) attributes {gpu.kernel, nvvm.kernel} {
    %i = nvvm.read.ptx.sreg.tid.x : i32
    %address = llvm.getelementptr %from[%i] : (!llvm.ptr, i32) -> !llvm.ptr, i64
    %value = llvm.load %address : !llvm.ptr -> i64
    %target = llvm.getelementptr %to[%i] : (!llvm.ptr, i32) -> !llvm.ptr, i64
    llvm.store %value, %target : i64, !llvm.ptr
    llvm.return
  }
}
func.func @by_value_call(%y: memref<2xi64, #vector>) {
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : index
  %one = llvm.mlir.constant(1 : i64) : i64
  %first = llvm.mlir.constant(40 : i64) : i64
  %second = llvm.mlir.constant(2 : i64) : i64
  %map = llvm.alloca %one x !llvm.array<16 x i64> {alignment = 64 : i64} : (i64) -> !llvm.ptr
  %next = llvm.getelementptr %map[1] : (!llvm.ptr) -> !llvm.ptr, i64
  llvm.store %first, %map : i64, !llvm.ptr
  llvm.store %second, %next : i64, !llvm.ptr
  %to_index = memref.extract_aligned_pointer_as_index %y : memref<2xi64, #vector> -> index
  %to_i64 = arith.index_cast %to_index : index to i64
  %to = llvm.inttoptr %to_i64 : i64 to !llvm.ptr
  gpu.launch_func @by_value::@copy blocks in (%c1, %c1, %c1) threads in (%c2, %c1, %c1)
      args(%map : !llvm.ptr, %to : !llvm.ptr)
  return
}

}
