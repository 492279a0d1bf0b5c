// A matrix product through files of every kind: what goes in and what comes out
// is made and read by another implementation of the format.

// RUN: %npy make %t.a.npy f4 2,3 0:1
// RUN: %npy make %t.b.npy f4 3,2 1:1
// RUN: %npy make %t.bf.npy f4 3,2 1:1 --fortran --version=2
// RUN: attn-run %s --entry=product --input=%t.a.npy --input=%t.b.npy --output=%t.o.npy --print | FileCheck %s --check-prefix=PRINT
// RUN: %npy show %t.o.npy | FileCheck %s
// RUN: attn-run %s --entry=product --input=%t.a.npy --input=%t.bf.npy --output=%t.p.npy
// RUN: %npy same %t.o.npy %t.p.npy
// RUN: attn-run %s --entry=product --input=%t.a.npy --input=%t.b.npy --output=%t.q.npy --target=oracle
// RUN: %npy same %t.o.npy %t.q.npy
// RUN: attn-run %s --entry=product --input=%t.a.npy --input=%t.b.npy --output=%t.r.npy --opt-level=0 --padding=3
// RUN: %npy same %t.o.npy %t.r.npy

// PRINT: result 0: f32[2, 2] = {{\[}}[13, 16], [40, 52]]
// CHECK: <f4 (2, 2) [13.0, 16.0, 40.0, 52.0]
func.func @product(%a: tensor<2x3xf32>, %b: tensor<3x2xf32>) -> tensor<2x2xf32> {
  %zero = arith.constant 0.0 : f32
  %empty = tensor.empty() : tensor<2x2xf32>
  %init = linalg.fill ins(%zero : f32) outs(%empty : tensor<2x2xf32>) -> tensor<2x2xf32>
  %r = linalg.matmul ins(%a, %b : tensor<2x3xf32>, tensor<3x2xf32>) outs(%init : tensor<2x2xf32>) -> tensor<2x2xf32>
  return %r : tensor<2x2xf32>
}

// The module may come from the standard input.
// RUN: cat %s | attn-run - --entry=product --input=@iota --input=@const:1 --print | FileCheck %s --check-prefix=STDIN
// STDIN: result 0: f32[2, 2] = {{\[}}[3, 3], [12, 12]]

// Several results, one of which is dropped.
// RUN: attn-run %s --entry=both --input=@iota --output= --output=%t.i.npy --print | FileCheck %s --check-prefix=BOTH
// RUN: %npy show %t.i.npy | FileCheck %s --check-prefix=SECOND
// BOTH: result 0: f32[3] = [0, 2, 4]
// BOTH-NEXT: result 1: f32[3] = [-0, -1, -2]
// SECOND: <f4 (3,) [-0.0, -1.0, -2.0]
func.func @both(%x: tensor<3xf32>) -> (tensor<3xf32>, tensor<3xf32>) {
  %e = tensor.empty() : tensor<3xf32>
  %0 = linalg.add ins(%x, %x : tensor<3xf32>, tensor<3xf32>) outs(%e : tensor<3xf32>) -> tensor<3xf32>
  %1 = linalg.negf ins(%x : tensor<3xf32>) outs(%e : tensor<3xf32>) -> tensor<3xf32>
  return %0, %1 : tensor<3xf32>, tensor<3xf32>
}
