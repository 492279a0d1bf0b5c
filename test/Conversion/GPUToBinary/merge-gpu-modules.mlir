// RUN: attn-opt %s --split-input-file --merge-gpu-modules --verify-diagnostics | FileCheck %s

// One module per set of targets; colliding names are told apart, launches
// follow, what is declared twice is declared once.

// CHECK-LABEL: @launches
// CHECK: gpu.launch_func @a::@k
// CHECK: gpu.launch_func @a::@k_0
// CHECK: gpu.launch_func @other::@k
// CHECK: gpu.module @a {
// CHECK-COUNT-1: llvm.func @helper()
// CHECK-NOT: llvm.func @helper
// CHECK: gpu.func @k()
// CHECK: gpu.func @k_0()
// CHECK: gpu.module @other [#nvvm.target
// CHECK-NOT: gpu.module
module attributes {gpu.container_module} {
  func.func @launches() {
    %c = arith.constant 1 : index
    gpu.launch_func @a::@k blocks in (%c, %c, %c) threads in (%c, %c, %c)
    gpu.launch_func @b::@k blocks in (%c, %c, %c) threads in (%c, %c, %c)
    gpu.launch_func @other::@k blocks in (%c, %c, %c) threads in (%c, %c, %c)
    return
  }
  gpu.module @a {
    llvm.func @helper()
    gpu.func @k() kernel {
      gpu.return
    }
  }
  gpu.module @b {
    llvm.func @helper()
    gpu.func @k() kernel {
      gpu.return
    }
  }
  gpu.module @other [#nvvm.target<chip = "sm_80">] {
    gpu.func @k() kernel {
      gpu.return
    }
  }
}

// -----

module attributes {gpu.container_module} {
  gpu.module @a {
    llvm.func @helper()
  }
  gpu.module @b {
    // expected-error @below {{is declared in one GPU module and defined in another}}
    llvm.func @helper() {
      llvm.return
    }
  }
}

// -----

gpu.module @a {
  // expected-error @below {{takes argument 0 by value, which the lowering of gpu.func does not keep; make it an llvm.func}}
  gpu.func @k(%map: !llvm.ptr {llvm.byval = !llvm.array<16 x i64>}) kernel {
    gpu.return
  }
}
