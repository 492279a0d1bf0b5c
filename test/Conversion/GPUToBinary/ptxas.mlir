// What ptxas says decides; scripts in its place say it here.

// RUN: rm -rf %t && mkdir %t
// RUN: %python %S/Inputs/fake_ptxas.py --install %t
// RUN: attn-opt %s --assemble-gpu-modules=ptxas=%t/clean | FileCheck %s
// CHECK: metadata = {registers = 168 : i64, shared_bytes = 1024 : i64, spill_bytes = 0 : i64, stack_bytes = 0 : i64}
// CHECK: bin = "a cubin of -O3"

// Serialised wgmma, wherever the message comes.
// RUN: not attn-opt %s --assemble-gpu-modules=ptxas=%t/serialised 2>&1 | FileCheck %s --check-prefix=SERIAL
// SERIAL: ptxas.mlir:[[@LINE+50]]:{{.*}}: error: kernel 'k' would be slow, by what ptxas says
// SERIAL: note: ptxas info : (C7510) Potential Performance Loss: wgmma.mma_async instructions are serialized

// RUN: not attn-opt %s --assemble-gpu-modules=ptxas=%t/ignored 2>&1 | FileCheck %s --check-prefix=IGNORED
// IGNORED: error: kernel 'k' would be slow, by what ptxas says
// IGNORED: note: ptxas info : (C7508) Potential Performance Loss: 'setmaxnreg' ignored

// RUN: not attn-opt %s --assemble-gpu-modules=ptxas=%t/spills 2>&1 | FileCheck %s --check-prefix=SPILL
// SPILL: error: kernel 'k' spills registers: 24 bytes of stores and 32 of loads, with 168 registers, allowed are 0

// What spills may be assembled again, with less reordering. That must not spill,
// nor have other faults; else the error is about what was first.
// RUN: attn-opt %s --assemble-gpu-modules="retry ptxas=%t/relaxed" 2>&1 | FileCheck %s --check-prefix=RETRY
// RETRY: ptxas.mlir:{{.*}}: remark: kernel 'k' spills with -O3 of ptxas, and is assembled with -O1, which may be slower
// RETRY: spill_bytes = 0
// RETRY: bin = "a cubin of -O1"
// RUN: not attn-opt %s --assemble-gpu-modules=ptxas=%t/relaxed 2>&1 | FileCheck %s --check-prefix=SPILL
// First a kernel may have a multiprocessor for one of its blocks. If that helps, it is
// the result; if not, it is taken back. What is told already stays.
// RUN: attn-opt %s --assemble-gpu-modules="retry ptxas=%t/alone" 2>&1 | FileCheck %s --check-prefix=ALONE
// ALONE: ptxas.mlir:{{.*}}: remark: kernel 'k' spills where many of its blocks are to share a multiprocessor, and is assembled for one, which may be slower
// ALONE: spill_bytes = 0
// ALONE: bin = "a cubin of -O3, alone"
// RUN: attn-opt %s --assemble-gpu-modules="retry ptxas=%t/alone-serialised" 2>&1 | FileCheck %s --check-prefix=RETRY
// RUN: sed 's/nvvm.kernel}/nvvm.kernel, nvvm.minctasm = 2 : i32}/' %s > %t/told.mlir
// RUN: not attn-opt %t/told.mlir --assemble-gpu-modules="retry ptxas=%t/spills" 2>&1 | FileCheck %s --check-prefix=SPILL

// RUN: not attn-opt %s --assemble-gpu-modules="retry ptxas=%t/spills" 2>&1 | FileCheck %s --check-prefix=SPILL
// RUN: not attn-opt %s --assemble-gpu-modules="retry ptxas=%t/relaxed-serialised" 2>&1 | FileCheck %s --check-prefix=SPILL
// RUN: not attn-opt %s --assemble-gpu-modules="retry ptxas=%t/relaxed-fails" 2>&1 | FileCheck %s --check-prefix=SPILL
// RUN: attn-opt %s --assemble-gpu-modules="retry ptxas=%t/clean" 2>&1 | FileCheck %s --implicit-check-not=remark

// A kernel may be allowed some.
// RUN: sed 's/nvvm.kernel}/nvvm.kernel, attn.spill_allowance = 32 : i32}/' %s > %t/allowed.mlir
// RUN: attn-opt %t/allowed.mlir --assemble-gpu-modules=ptxas=%t/spills 2>&1 | FileCheck %s --check-prefix=ALLOWED
// RUN: attn-opt %t/allowed.mlir --assemble-gpu-modules="retry ptxas=%t/relaxed" 2>&1 | FileCheck %s --check-prefix=ALLOWED
// ALLOWED: remark: kernel 'k' spills 24 bytes of stores and 32 of loads, allowed are 32
// ALLOWED: spill_bytes = 32
// RUN: sed 's/nvvm.kernel}/nvvm.kernel, attn.spill_allowance = 161 : i32}/' %s > %t/too-much.mlir
// RUN: not attn-opt %t/too-much.mlir --assemble-gpu-modules=ptxas=%t/spills 2>&1 | FileCheck %s --check-prefix=TOOMUCH
// TOOMUCH: error: kernel 'k' allows itself 161 bytes of spills; it may be 0 to 160

// RUN: not attn-opt %s --assemble-gpu-modules=ptxas=%t/fails 2>&1 | FileCheck %s --check-prefix=FAILS
// FAILS: error: {{.*}}fails -arch=sm_90a -v -O3 {{.*}} failed: ptxas fatal : out of registers
// RUN: not attn-opt %s --assemble-gpu-modules=ptxas=%t/none 2>&1 | FileCheck %s --check-prefix=NONE
// NONE: error: no ptxas: '{{.*}}none' is no program that can be run
// RUN: not env PTXAS=%t/none %attn_opt %s --assemble-gpu-modules 2>&1 | FileCheck %s --check-prefix=NONE
// RUN: not attn-opt %s --assemble-gpu-modules=format=elf 2>&1 | FileCheck %s --check-prefix=FORMAT
// FORMAT: error: unknown format 'elf', expected one of isa, bin
gpu.module @kernels [#nvvm.target<chip = "sm_90a", features = "+ptx86">] {
  llvm.func @k(%out: !llvm.ptr) attributes {gpu.kernel, nvvm.kernel} {
    llvm.return
  }
}
