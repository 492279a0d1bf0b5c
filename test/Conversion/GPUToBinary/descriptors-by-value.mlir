// RUN: attn-opt %s --pass-pipeline='builtin.module(gpu.module(gpu-descriptors-by-value))' --split-input-file --verify-diagnostics | FileCheck %s

// A descriptor that copies use is passed by value, once; other pointers are not.
gpu.module @kernels {
  // CHECK-LABEL: llvm.func @copies
  // CHECK-SAME: (%{{.*}}: !llvm.ptr {llvm.align = 64 : i64, llvm.byval = !llvm.array<128 x i8>, nvvm.grid_constant}, %{{.*}}: !llvm.ptr, %{{.*}}: i32)
  llvm.func @copies(%map: !llvm.ptr, %other: !llvm.ptr, %i: i32) attributes {gpu.kernel, nvvm.kernel} {
    %tile = llvm.mlir.zero : !llvm.ptr<3>
    nvvm.cp.async.bulk.tensor.shared.cluster.global %tile, %map, %tile, box[%i, %i] {isCTAOnly = true} : !llvm.ptr<3>, !llvm.ptr
    nvvm.cp.async.bulk.tensor.shared.cluster.global %tile, %map, %tile, box[%i, %i] {isCTAOnly = true} : !llvm.ptr<3>, !llvm.ptr
    llvm.store %i, %other : i32, !llvm.ptr
    llvm.return
  }

  // CHECK-LABEL: llvm.func @none(%{{.*}}: !llvm.ptr)
  llvm.func @none(%p: !llvm.ptr) attributes {gpu.kernel, nvvm.kernel} {
    llvm.return
  }
}

// -----

// Elsewhere the copy engine would not find it.
gpu.module @kernels {
  llvm.func @loaded(%maps: !llvm.ptr, %i: i32) attributes {gpu.kernel, nvvm.kernel} {
    %map = llvm.load %maps : !llvm.ptr -> !llvm.ptr
    %tile = llvm.mlir.zero : !llvm.ptr<3>
    // expected-error @below {{expected a descriptor that is an argument of the kernel}}
    nvvm.cp.async.bulk.tensor.shared.cluster.global %tile, %map, %tile, box[%i, %i] {isCTAOnly = true} : !llvm.ptr<3>, !llvm.ptr
    llvm.return
  }
}

// -----

gpu.module @kernels {
  llvm.func @argument_of_a_block(%map: !llvm.ptr, %i: i32) attributes {gpu.kernel, nvvm.kernel} {
    %tile = llvm.mlir.zero : !llvm.ptr<3>
    llvm.br ^bb1(%map : !llvm.ptr)
  ^bb1(%handed: !llvm.ptr):
    // expected-error @below {{expected a descriptor that is an argument of the kernel}}
    nvvm.cp.async.bulk.tensor.shared.cluster.global %tile, %handed, %tile, box[%i, %i] {isCTAOnly = true} : !llvm.ptr<3>, !llvm.ptr
    llvm.return
  }
}
