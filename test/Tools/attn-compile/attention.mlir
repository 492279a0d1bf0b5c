// Attention ahead of time: a program without MLIR calls the shared library, on
// threads of the runtime inside it, and compares with a loop in double.

// UNSUPPORTED: sanitizers
// RUN: rm -rf %t && mkdir %t
// RUN: attn-compile %s --entry=attention --emit=so -o %t/attention.so --header=%t/attention.h --metadata=%t/attention.json
// RUN: %cc -std=gnu99 -Wall -Wextra -Werror -I%t %S/Inputs/attention.c %t/attention.so -Wl,-rpath,%t -lm -o %t/program
// RUN: %t/program | FileCheck %s
// CHECK: all right, {{[1-9][0-9]*}} parallel loops

// RUN: ls %t | FileCheck %s --check-prefix=FILES
// FILES: attention.h
// FILES-NEXT: attention.json
// FILES-NEXT: attention.so
// FILES-NEXT: program

// RUN: %python -m json.tool %t/attention.json | FileCheck %s --check-prefix=JSON
// JSON: "needs_symbols": [
// JSON: "attn_parallel_for"
// JSON: "schedules": [
// JSON: "operation": "attn.attention",
// JSON: "schedule": "#attn.schedule<rows = {{[0-9]+}}, cols = {{[0-9]+}}

// RUN: attn-compile %s --entry=attention --target=x86-64-v4 --emit=asm -o - | FileCheck %s --check-prefix=ASM
// ASM: vfmadd{{.*}}zmm

func.func @attention(%q: tensor<?x4x?x32xf32>, %k: tensor<?x2x?x32xf32>, %v: tensor<?x2x?x32xf32>) -> (tensor<?x4x?x32xf32>, tensor<?x4x?xf32>) {
  %c0 = arith.constant 0 : index
  %c2 = arith.constant 2 : index
  %b = tensor.dim %q, %c0 : tensor<?x4x?x32xf32>
  %n = tensor.dim %q, %c2 : tensor<?x4x?x32xf32>
  %o = tensor.empty(%b, %n) : tensor<?x4x?x32xf32>
  %l = tensor.empty(%b, %n) : tensor<?x4x?xf32>
  %out, %lse = attn.attention %q, %k, %v outs(%o, %l) scale(0.2) mask(#attn.causal) align(bottom_right)
    : tensor<?x4x?x32xf32>, tensor<?x2x?x32xf32>, tensor<?x2x?x32xf32> -> tensor<?x4x?x32xf32>, tensor<?x4x?xf32>
  return %out, %lse : tensor<?x4x?x32xf32>, tensor<?x4x?xf32>
}
