// REQUIRES: ptxas
// UNSUPPORTED: sanitizers
// Cubins and shared libraries for a GPU, made without one.

// RUN: rm -rf %t && mkdir %t
// RUN: attn-compile %s --entry=twice --target=cuda --emit=cubin -o %t/k.cubin
// RUN: llvm-readelf --file-header %t/k.cubin | FileCheck %s --check-prefix=CUBIN
// CUBIN: NVIDIA CUDA
// RUN: FileCheck %s --check-prefix=JSON < %t/k.cubin.json
// JSON: "registers": {{[1-9]}}
// JSON: "spill_bytes": 0

// RUN: attn-compile %s --entry=twice --target=cuda --emit=so -o %t/k.so
// RUN: llvm-readelf --dynamic %t/k.so | FileCheck %s --check-prefix=NEEDS --implicit-check-not=libcuda --implicit-check-not=libattn
// NEEDS: Dynamic section
// RUN: llvm-readelf --dyn-syms %t/k.so | FileCheck %s --check-prefix=SYMBOLS
// SYMBOLS-DAG: FUNC {{.*}} attn_cuda_last_error
// SYMBOLS-DAG: FUNC {{.*}} attn_cuda_set_stream
// SYMBOLS-DAG: FUNC {{.*}} _mlir_ciface_twice
// Nothing runs when it is loaded.
// RUN: llvm-readelf --sections %t/k.so | FileCheck %s --check-prefix=SECTIONS --implicit-check-not=.ctors
// SECTIONS: .text
// RUN: attn-compile %s --entry=twice --target=cuda --emit=so --runtime=shared -o %t/shared.so
// RUN: llvm-readelf --dynamic %t/shared.so | FileCheck %s --check-prefix=SHARED
// SHARED-DAG: [libattn_cuda_runtime.so]
// SHARED-DAG: [libattn_runtime.so]
// RUN: not attn-compile %s --entry=twice --target=cuda --emit=so --runtime-dir=%t -o %t/e 2>&1 | FileCheck %s --check-prefix=RUNTIME
// RUNTIME: error: {{.*}}libattn_runtime.a: no such file; say by --runtime-dir

// RUN: FileCheck %s --check-prefix=HEADER < %t/k.so.h
// HEADER: The compiled kernel 'twice' for sm_90a
// HEADER: Tensors are in memory of the GPU.
// HEADER: attn_cuda_kernel
// HEADER: const char *attn_cuda_last_error(void);
// HEADER: Returns 1 after an error of the
// HEADER: static inline int twice_launch(

// A machine without a GPU: the library loads, a call tells why it cannot run.
// RUN: %python %S/Inputs/call_twice.py %t/k.so 2>&1 | FileCheck %s --check-prefix=NOGPU
// NOGPU: loaded
// NOGPU: error: {{no CUDA driver: .*libcuda.so.1.*|no usable GPU: .*|None}}
// A driver of a machine with one.
// RUN: env LD_LIBRARY_PATH=%fake_cuda %python %S/Inputs/call_twice.py %t/k.so 2>&1 | FileCheck %s --check-prefix=FAKE
// FAKE: loaded
// FAKE-NEXT: cuda: init
// FAKE: cuda: launch twice_kernel (2, 1, 1) x (1, 1, 1), shared 0, stream 5
// FAKE-NOT: wait
// FAKE: error: None

func.func @twice(%x: tensor<8xf32>) -> tensor<8xf32> {
  %empty = tensor.empty() : tensor<8xf32>
  %sum = linalg.add ins(%x, %x : tensor<8xf32>, tensor<8xf32>) outs(%empty : tensor<8xf32>) -> tensor<8xf32>
  return %sum : tensor<8xf32>
}
