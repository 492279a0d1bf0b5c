// Every element type goes in and comes out as the array type it stands for.

// RUN: %npy make %t.npy f8 2 1.5 -2
// RUN: attn-run %s --entry=f64 --input=%t.npy --output=%t.o && %npy show %t.o | FileCheck %s --check-prefix=F64
// F64: <f8 (2,) [3.0, -4.0]
func.func @f64(%x: tensor<2xf64>) -> tensor<2xf64> {
  %e = tensor.empty() : tensor<2xf64>
  %r = linalg.add ins(%x, %x : tensor<2xf64>, tensor<2xf64>) outs(%e : tensor<2xf64>) -> tensor<2xf64>
  return %r : tensor<2xf64>
}

// RUN: %npy make %t.npy f2 2 1.5 -2
// RUN: attn-run %s --entry=f16 --input=%t.npy --output=%t.o --print | FileCheck %s --check-prefix=F16-PRINT
// RUN: %npy show %t.o | FileCheck %s --check-prefix=F16
// F16-PRINT: result 0: f16[2] = [3, -4]
// F16: <f2 (2,) [3.0, -4.0]
func.func @f16(%x: tensor<2xf16>) -> tensor<2xf16> {
  %e = tensor.empty() : tensor<2xf16>
  %r = linalg.add ins(%x, %x : tensor<2xf16>, tensor<2xf16>) outs(%e : tensor<2xf16>) -> tensor<2xf16>
  return %r : tensor<2xf16>
}

// bf16 is its bits: 0x3fc0 is 1.5, 0xc000 is -2; 3 is 0x4040, -4 is 0xc080.
// RUN: %npy make %t.npy u2 2 16320 49152
// RUN: attn-run %s --entry=bf16 --input=%t.npy --output=%t.o --print | FileCheck %s --check-prefix=BF16-PRINT
// RUN: %npy show %t.o | FileCheck %s --check-prefix=BF16
// BF16-PRINT: result 0: bf16[2] = [3, -4]
// BF16: <u2 (2,) [16448, 49280]
func.func @bf16(%x: tensor<2xbf16>) -> tensor<2xbf16> {
  %e = tensor.empty() : tensor<2xbf16>
  %r = linalg.add ins(%x, %x : tensor<2xbf16>, tensor<2xbf16>) outs(%e : tensor<2xbf16>) -> tensor<2xbf16>
  return %r : tensor<2xbf16>
}

// RUN: %npy make %t.npy b1 3 1 0 1
// RUN: attn-run %s --entry=bool --input=%t.npy --output=%t.o --print | FileCheck %s --check-prefix=BOOL-PRINT
// RUN: %npy show %t.o | FileCheck %s --check-prefix=BOOL
// BOOL-PRINT: result 0: i1[3] = [0, 1, 0]
// BOOL: |b1 (3,) [False, True, False]
#map = affine_map<(i) -> (i)>
func.func @bool(%x: tensor<3xi1>) -> tensor<3xi1> {
  %true = arith.constant true
  %e = tensor.empty() : tensor<3xi1>
  %r = linalg.generic {indexing_maps = [#map, #map], iterator_types = ["parallel"]}
      ins(%x : tensor<3xi1>) outs(%e : tensor<3xi1>) {
  ^bb0(%a: i1, %b: i1):
    %not = arith.xori %a, %true : i1
    linalg.yield %not : i1
  } -> tensor<3xi1>
  return %r : tensor<3xi1>
}

// Signless integers take both signs and come out signed.
// RUN: %npy make %t.s.npy i1 2 -3 100
// RUN: attn-run %s --entry=i8 --input=%t.s.npy --output=%t.o && %npy show %t.o | FileCheck %s --check-prefix=I8
// RUN: %npy make %t.u.npy u1 2 253 100
// RUN: attn-run %s --entry=i8 --input=%t.u.npy --output=%t.o && %npy show %t.o | FileCheck %s --check-prefix=I8
// I8: |i1 (2,) [-6, -56]
func.func @i8(%x: tensor<2xi8>) -> tensor<2xi8> {
  %e = tensor.empty() : tensor<2xi8>
  %r = linalg.add ins(%x, %x : tensor<2xi8>, tensor<2xi8>) outs(%e : tensor<2xi8>) -> tensor<2xi8>
  return %r : tensor<2xi8>
}

// RUN: %npy make %t.npy i4 2 -3 100
// RUN: attn-run %s --entry=i32 --input=%t.npy --output=%t.o && %npy show %t.o | FileCheck %s --check-prefix=I32
// I32: <i4 (2,) [-6, 200]
func.func @i32(%x: tensor<2xi32>) -> tensor<2xi32> {
  %e = tensor.empty() : tensor<2xi32>
  %r = linalg.add ins(%x, %x : tensor<2xi32>, tensor<2xi32>) outs(%e : tensor<2xi32>) -> tensor<2xi32>
  return %r : tensor<2xi32>
}

// RUN: attn-run %s --entry=index --input=@iota --output=%t.o && %npy show %t.o | FileCheck %s --check-prefix=INDEX
// INDEX: <i8 (2,) [0, 2]
func.func @index(%x: tensor<2xindex>) -> tensor<2xindex> {
  %e = tensor.empty() : tensor<2xindex>
  %r = linalg.generic {indexing_maps = [#map, #map], iterator_types = ["parallel"]}
      ins(%x : tensor<2xindex>) outs(%e : tensor<2xindex>) {
  ^bb0(%a: index, %b: index):
    %twice = arith.addi %a, %a : index
    linalg.yield %twice : index
  } -> tensor<2xindex>
  return %r : tensor<2xindex>
}

// Scalars are arrays of rank 0; so may tensors be.
// RUN: %npy make %t.f.npy f4 '()' 1.5
// RUN: %npy make %t.i.npy i4 '()' -7
// RUN: %npy make %t.n.npy i8 '()' 3
// RUN: %npy make %t.d.npy f8 '()' 0.25
// RUN: %npy make %t.t.npy f4 '()' 100
// RUN: attn-run %s --entry=scalars --input=%t.f.npy --input=%t.i.npy --input=%t.n.npy --input=%t.d.npy --input=%t.t.npy --print | FileCheck %s --check-prefix=SCALARS
// SCALARS: result 0: f32[3] = [94.75, 94.75, 94.75]
// SCALARS-NEXT: result 1: f32[] = 94.75
func.func @scalars(%f: f32, %i: i32, %n: index, %d: f64, %t: tensor<f32>) -> (tensor<?xf32>, tensor<f32>) {
  %fi = arith.sitofp %i : i32 to f32
  %fd = arith.truncf %d : f64 to f32
  %ft = tensor.extract %t[] : tensor<f32>
  %0 = arith.addf %f, %fi : f32
  %1 = arith.addf %0, %fd : f32
  %2 = arith.addf %1, %ft : f32
  %e = tensor.empty(%n) : tensor<?xf32>
  %r = linalg.fill ins(%2 : f32) outs(%e : tensor<?xf32>) -> tensor<?xf32>
  %e0 = tensor.empty() : tensor<f32>
  %r0 = linalg.fill ins(%2 : f32) outs(%e0 : tensor<f32>) -> tensor<f32>
  return %r, %r0 : tensor<?xf32>, tensor<f32>
}
