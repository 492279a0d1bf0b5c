// UNSUPPORTED: sanitizers
// A C program against the emitted header and object, and against the shared
// library in both its forms.

// RUN: mkdir -p %t
// RUN: attn-compile %s --entry=product --target=x86-64-v3 --emit=obj -o %t/product.o --header=%t/product.h
// RUN: %cc -std=c99 -pedantic -Wall -Wextra -Werror -I%t %S/Inputs/product.c %t/product.o %obj_root/lib/libattn_runtime.a -lm -lpthread -o %t/object
// RUN: %t/object | FileCheck %s
// RUN: attn-compile %s --entry=product --emit=so -o %t/product.so
// RUN: %cc -I%t %S/Inputs/product.c %t/product.so -Wl,-rpath,%t -o %t/library
// RUN: %t/library | FileCheck %s
// RUN: attn-compile %s --entry=product --emit=so --runtime=shared -o %t/shared.so
// RUN: %cc -I%t %S/Inputs/product.c %t/shared.so -Wl,-rpath,%t -o %t/shared
// RUN: %t/shared | FileCheck %s
// CHECK: all right

// Assembly is the same code in another form.
// RUN: attn-compile %s --entry=product --emit=asm -o %t/product.s
// RUN: %cc -I%t %S/Inputs/product.c %t/product.s %obj_root/lib/libattn_runtime.a -lm -lpthread -o %t/assembly
// RUN: %t/assembly | FileCheck %s

// The header is C++ as well.
// RUN: echo "#include \"product.h\"" > %t/include.cpp
// RUN: %cxx -I%t -Wall -Wextra -Werror -fsyntax-only %t/include.cpp

// RUN: FileCheck %s --check-prefix=HEADER < %t/product.h
// HEADER: The compiled kernel 'product' for x86-64-v3
// HEADER-NEXT: arg0: f32[?, 4]
// HEADER-NEXT: arg1: f32[4, 3]
// HEADER-NEXT: arg2: f32
// HEADER-NEXT: result0: f32[arg0_sizes[0], 3]
// HEADER: void _mlir_ciface_product(attn_memref_2 *arg0, attn_memref_2 *arg1,
// HEADER: static inline void product_result0_sizes(const int64_t *arg0_sizes, int64_t *sizes)
// HEADER: static inline int product_launch(

// RUN: %python -m json.tool %t/product.o.json | FileCheck %s --check-prefix=JSON
// JSON: "arguments": [
// JSON: "dtype": "f32",
// JSON: "kind": "tensor",
// JSON: "may_be_written": false,
// JSON: "shape": [
// JSON-NEXT: null,
// JSON-NEXT: 4
// JSON-NEXT: ],
// JSON: "kind": "scalar",
// JSON: "emit": "obj",
// JSON: "entry": "product",
// JSON: "launcher": "product_launch",
// JSON: "needs_symbols": [
// JSON: "results": [
// JSON: "arg0[0]",
// JSON-NEXT: 3
// JSON: "symbol": "_mlir_ciface_product",
// JSON: "cpu": "x86-64-v3",
// JSON: "features": [
// JSON: "avx2"
// JSON: "triple": "x86_64-

func.func @product(%a: tensor<?x4xf32>, %b: tensor<4x3xf32>, %scale: f32) -> tensor<?x3xf32> {
  %c0 = arith.constant 0 : index
  %zero = arith.constant 0.0 : f32
  %m = tensor.dim %a, %c0 : tensor<?x4xf32>
  %e = tensor.empty(%m) : tensor<?x3xf32>
  %init = linalg.fill ins(%zero : f32) outs(%e : tensor<?x3xf32>) -> tensor<?x3xf32>
  %p = linalg.matmul ins(%a, %b : tensor<?x4xf32>, tensor<4x3xf32>) outs(%init : tensor<?x3xf32>) -> tensor<?x3xf32>
  %s = linalg.fill ins(%scale : f32) outs(%e : tensor<?x3xf32>) -> tensor<?x3xf32>
  %r = linalg.mul ins(%p, %s : tensor<?x3xf32>, tensor<?x3xf32>) outs(%e : tensor<?x3xf32>) -> tensor<?x3xf32>
  return %r : tensor<?x3xf32>
}
