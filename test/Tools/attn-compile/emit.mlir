// UNSUPPORTED: sanitizers
// What each --emit makes, and for whom.

// RUN: attn-compile %s --entry=f --target=x86-64-v3 --emit=asm -o - | FileCheck %s --check-prefix=V3
// V3-DAG: _mlir_ciface_f:
// V3-DAG: vfmadd{{.*}}ymm
// RUN: attn-compile %s --entry=f --target=x86-64-v4 --emit=asm -o - | FileCheck %s --check-prefix=V4
// V4-DAG: _mlir_ciface_f:
// V4-DAG: vfmadd{{.*}}zmm
// RUN: attn-compile %s --entry=f --target=x86-64-v3 --emit=llvm -o - | FileCheck %s --check-prefix=LLVM
// LLVM: target triple = "x86_64
// LLVM: define {{.*}}void @_mlir_ciface_f(
// RUN: attn-compile %s --entry=f --target=x86-64-v3 --emit=mlir -o - | FileCheck %s --check-prefix=MLIR
// MLIR: llvm.func @_mlir_ciface_f

// An object is the default; its companions carry its name.
// RUN: rm -rf %t && mkdir %t && attn-compile %s --entry=f -o %t/kernel
// RUN: ls %t | FileCheck %s --check-prefix=FILES
// FILES: {{^}}kernel{{$}}
// FILES-NEXT: {{^}}kernel.h{{$}}
// FILES-NEXT: {{^}}kernel.json{{$}}
// FILES-NOT: {{.}}
// RUN: llvm-objdump --syms %t/kernel | FileCheck %s --check-prefix=SYMBOLS
// SYMBOLS: file format elf64-x86-64
// SYMBOLS: _mlir_ciface_f

// A shared library has the runtime, unless it is to share one.
// RUN: attn-compile %s --entry=f --emit=so -o %t/static.so
// RUN: llvm-objdump --dynamic-syms %t/static.so | FileCheck %s --check-prefix=STATIC
// STATIC-DAG: .text {{.*}} attn_set_num_threads
// STATIC-DAG: .text {{.*}} attn_runtime_calls
// STATIC-DAG: .text {{.*}} _mlir_ciface_f
// RUN: attn-compile %s --entry=f --emit=so --runtime=shared -o %t/shared.so
// RUN: llvm-readelf --dynamic %t/shared.so | FileCheck %s --check-prefix=SHARED
// SHARED: Shared library: [libattn_runtime.so]
// SHARED: Library r{{(un)?}}path: [{{.*}}lib]

// A name that is none in C is replaced by one; the symbol stays.
// RUN: attn-compile %s --entry=a.b-c --emit=obj -o %t/odd.o
// RUN: FileCheck %s --check-prefix=ODD < %t/odd.o.h
// ODD: void _mlir_ciface_a_b_c(attn_memref_1 *arg0, attn_memref_1 *result0) __asm__("_mlir_ciface_a.b-c");
// ODD: static inline int a_b_c_launch(
// RUN: echo "#include \"odd.o.h\"" > %t/include.c
// RUN: %cc -I%t -std=gnu99 -Wall -Wextra -Werror -fsyntax-only %t/include.c

// The entry and what it calls are all there is.
// RUN: attn-compile %s --entry=caller --emit=llvm -o - | FileCheck %s --check-prefix=ONLY --implicit-check-not="@f(" --implicit-check-not=a.b
// ONLY: define {{.*}}@_mlir_ciface_caller(
func.func @caller(%x: tensor<4xf32>) -> tensor<4xf32> {
  %r = func.call @callee(%x) : (tensor<4xf32>) -> tensor<4xf32>
  return %r : tensor<4xf32>
}
func.func @callee(%x: tensor<4xf32>) -> tensor<4xf32> {
  %e = tensor.empty() : tensor<4xf32>
  %r = linalg.add ins(%x, %x : tensor<4xf32>, tensor<4xf32>) outs(%e : tensor<4xf32>) -> tensor<4xf32>
  return %r : tensor<4xf32>
}

func.func @f(%a: tensor<64x64xf32>, %b: tensor<64x64xf32>, %c: tensor<64x64xf32>) -> tensor<64x64xf32> {
  %r = linalg.matmul ins(%a, %b : tensor<64x64xf32>, tensor<64x64xf32>) outs(%c : tensor<64x64xf32>) -> tensor<64x64xf32>
  return %r : tensor<64x64xf32>
}

func.func @"a.b-c"(%x: tensor<4xf32>) -> tensor<4xf32> {
  %e = tensor.empty() : tensor<4xf32>
  %r = linalg.add ins(%x, %x : tensor<4xf32>, tensor<4xf32>) outs(%e : tensor<4xf32>) -> tensor<4xf32>
  return %r : tensor<4xf32>
}
