// RUN: attn-opt %s --split-input-file --assemble-gpu-modules=format=isa --verify-diagnostics
// What is refused is not kept: it is refused again.
// RUN: rm -rf %t
// RUN: attn-opt %s --split-input-file --assemble-gpu-modules="format=isa cache=%t" --verify-diagnostics
// RUN: attn-opt %s --split-input-file --assemble-gpu-modules="format=isa cache=%t" --verify-diagnostics

// expected-error @below {{unknown GPU 'sm_99', expected one of sm_100, }}
gpu.module @chip [#nvvm.target<chip = "sm_99">] {
}

// -----

// expected-error @below {{'untargeted' has no target to assemble it for}}
gpu.module @untargeted {
}

// -----

// expected-error @below {{only #nvvm.target can be assembled, not #rocdl.target}}
gpu.module @amd [#rocdl.target] {
}

// -----

// expected-error @below {{the kernels of 'calls' call '__nv_fmaf', which no library here defines}}
gpu.module @calls [#nvvm.target<chip = "sm_90a">] {
  llvm.func @vprintf(!llvm.ptr, !llvm.ptr) -> i32
  llvm.func @__nv_fmaf(f32, f32, f32) -> f32
  llvm.func @k(%x: f32, %out: !llvm.ptr) attributes {gpu.kernel, nvvm.kernel} {
    %0 = llvm.call @vprintf(%out, %out) : (!llvm.ptr, !llvm.ptr) -> i32
    %1 = llvm.call @__nv_fmaf(%x, %x, %x) : (f32, f32, f32) -> f32
    llvm.store %1, %out : f32, !llvm.ptr
    llvm.return
  }
}
