// RUN: attn-opt %s --split-input-file --convert-gpu-launches-to-calls --verify-diagnostics

module attributes {gpu.container_module} {
  gpu.binary @kernels [#gpu.object<#nvvm.target, kernels = <[#gpu.kernel_metadata<"k", !llvm.func<void (f32)>>]>, bin = "x">]
  llvm.func @unknown(%n: i64) {
    // expected-error @below {{launches '"other"', which its binary does not have}}
    gpu.launch_func @kernels::@other blocks in (%n, %n, %n) threads in (%n, %n, %n) : i64
    llvm.return
  }
}

// -----

module attributes {gpu.container_module} {
  gpu.binary @kernels [#gpu.object<#nvvm.target, kernels = <[#gpu.kernel_metadata<"k", !llvm.func<void (f32)>>]>, bin = "x">]
  llvm.func @count(%n: i64) {
    // expected-error @below {{passes 0 values to 'k', which takes 1}}
    gpu.launch_func @kernels::@k blocks in (%n, %n, %n) threads in (%n, %n, %n) : i64
    llvm.return
  }
}

// -----

module attributes {gpu.container_module} {
  gpu.binary @kernels [#gpu.object<#nvvm.target, kernels = <[#gpu.kernel_metadata<"k", !llvm.func<void (f32)>>]>, bin = "x">]
  func.func @early(%n: index, %x: f32) {
    // expected-error @below {{is not lowered by gpu-to-llvm yet}}
    gpu.launch_func @kernels::@k blocks in (%n, %n, %n) threads in (%n, %n, %n) args(%x : f32)
    return
  }
}

// -----

module attributes {gpu.container_module} {
  // expected-error @below {{has to have one object with its kernels}}
  gpu.binary @kernels [#gpu.object<#nvvm.target, bin = "x">]
}

// -----

module attributes {gpu.container_module} {
  gpu.binary @kernels [#gpu.object<#nvvm.target, kernels = <[#gpu.kernel_metadata<"k", !llvm.func<void ()>>]>, bin = "x">]
  // expected-error @below {{redefinition of function 'attn_cuda_kernel' of different type}}
  llvm.func @attn_cuda_kernel()
  llvm.func @name_taken(%n: i64) {
    // expected-error @below {{needs 'attn_cuda_kernel', which is something else here}}
    gpu.launch_func @kernels::@k blocks in (%n, %n, %n) threads in (%n, %n, %n) : i64
    llvm.return
  }
}
