// RUN: attn-opt %s --attn-lower-to-cpu="cpu=x86-64-v3 stop-after=folds" | FileCheck %s --check-prefix=FOLDS
// RUN: attn-opt %s --attn-lower-to-cpu="cpu=x86-64-v3 stop-after=packed" | FileCheck %s --check-prefix=PACKED
// RUN: attn-opt %s --attn-lower-to-cpu="cpu=x86-64-v3 stop-after=buffers" | FileCheck %s --check-prefix=BUFFERS
// RUN: attn-opt %s --attn-lower-to-cpu="cpu=x86-64-v3 stop-after=micro" | FileCheck %s --check-prefix=MICRO
// RUN: attn-opt %s --attn-lower-to-cpu="cpu=x86-64-v3" | FileCheck %s --check-prefix=LLVM
// RUN: not attn-opt %s --attn-lower-to-cpu="cpu=x86-64-v9" 2>&1 | FileCheck %s --check-prefix=CPU
// RUN: not attn-opt %s --attn-lower-to-cpu="stop-after=nowhere" 2>&1 | FileCheck %s --check-prefix=STAGE

// FOLDS: scf.forall
// FOLDS: tile.fold
// FOLDS-NOT: attn.attention

// PACKED: scf.forall
// PACKED: linalg.transpose
// PACKED-NOT: tile.fold
// PACKED: tile.contract

// No buffer has the extents of the queries and of the keys.
// BUFFERS-NOT: tensor<
// BUFFERS: memref.alloc(%{{.*}}) {{.*}} : memref<1x2x?x{{.*}}xf32>
// BUFFERS: memref.alloc(%{{.*}}) {{.*}} : memref<1x2x?x{{.*}}xf32>
// BUFFERS-NOT: memref.alloc(%
// BUFFERS: return

// MICRO: call @attn_parallel_for
// MICRO-NOT: linalg.
// MICRO: math.fma {{.*}} : vector<8xf32>

// LLVM: llvm.func @attn_parallel_for
// LLVM: llvm.func @_mlir_ciface_f

// CPU: x86-64-v9
// STAGE: unknown stage 'nowhere', expected one of attn, scheduled, tiled, folds, packed, buffers, micro, llvm
func.func @f(%q: tensor<1x4x?x64xf32>, %k: tensor<1x2x?x64xf32>, %v: tensor<1x2x?x64xf32>) -> tensor<1x4x?x64xf32> {
  %c2 = arith.constant 2 : index
  %n = tensor.dim %q, %c2 : tensor<1x4x?x64xf32>
  %o = tensor.empty(%n) : tensor<1x4x?x64xf32>
  %r = attn.attention %q, %k, %v outs(%o) scale(0.125) mask(#attn.causal)
    schedule(#attn.schedule<rows = 96, cols = 256, micro = #tile.micro_tile<rows = 6, cols = 16, lanes = 8>>)
    : tensor<1x4x?x64xf32>, tensor<1x2x?x64xf32>, tensor<1x2x?x64xf32> -> tensor<1x4x?x64xf32>
  return %r : tensor<1x4x?x64xf32>
}
