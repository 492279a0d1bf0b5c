// PTX is kept by what it is made of, and is not made again.
// RUN: rm -rf %t && attn-opt %s --assemble-gpu-modules="format=isa cache=%t/kept" | FileCheck %s --check-prefix=MADE
// RUN: sed 's/$/ (kept)/' -i %t/kept/*.ptx
// RUN: attn-opt %s --assemble-gpu-modules="format=isa cache=%t/kept" | FileCheck %s --check-prefix=KEPT
// MADE-NOT: (kept)
// MADE: .visible .entry first({{.*}}st.global
// MADE-NOT: (kept)
// KEPT: .visible .entry first( (kept){{.*}}st.global

// Other code, another chip and another level are something else.
// RUN: sed 's/constant(1/constant(2/' %s | attn-opt --assemble-gpu-modules="format=isa cache=%t/kept" | FileCheck %s --check-prefix=MADE
// RUN: sed 's/sm_90a/sm_80/' %s | attn-opt --assemble-gpu-modules="format=isa cache=%t/kept" | FileCheck %s --check-prefix=MADE
// RUN: sed 's/nvvm.target</nvvm.target<O = 3, /' %s | attn-opt --assemble-gpu-modules="format=isa cache=%t/kept" | FileCheck %s --check-prefix=MADE
// RUN: ls %t/kept | wc -l | FileCheck %s --check-prefix=COUNT
// COUNT: 4

// Where nothing can be kept, it is made.
// RUN: attn-opt %s --assemble-gpu-modules="format=isa cache=%s/none" | FileCheck %s --check-prefix=MADE

gpu.module @kernels [#nvvm.target<chip = "sm_90a", features = "+ptx86">] {
  llvm.func @first(%out: !llvm.ptr<1>) attributes {gpu.kernel, nvvm.kernel} {
    %one = llvm.mlir.constant(1 : i32) : i32
    llvm.store %one, %out : i32, !llvm.ptr<1>
    llvm.return
  }
}
