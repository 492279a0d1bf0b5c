// Inputs made up on the spot.

// RUN: attn-run %s --entry=f32 --input=@const:0.5 --dims=3 --print | FileCheck %s --check-prefix=CONST
// CONST: result 0: f32[3] = [0.5, 0.5, 0.5]
// RUN: attn-run %s --entry=f32 --input=@const:-inf --dims=1 --print | FileCheck %s --check-prefix=INF
// INF: result 0: f32[1] = [-inf]
// RUN: attn-run %s --entry=i32 --input=@iota --dims=4 --print | FileCheck %s --check-prefix=IOTA
// IOTA: result 0: i32[4] = [0, 1, 2, 3]

// The same seed gives the same numbers, another seed others.
// RUN: attn-run %s --entry=f32 --random-inputs=1 --dims=100 --output=%t.1.npy
// RUN: attn-run %s --entry=f32 --input=@random --random-inputs=1 --dims=100 --output=%t.2.npy
// RUN: attn-run %s --entry=f32 --random-inputs=2 --dims=100 --output=%t.3.npy
// RUN: %npy same %t.1.npy %t.2.npy
// RUN: not %npy same %t.1.npy %t.3.npy

// RUN: attn-run %s --entry=i32 --input=@random:5:7 --dims=12 --print | FileCheck %s --check-prefix=RANGE
// RANGE: result 0: i32[12] = [{{[56](, [56])+}}]
// RUN: attn-run %s --entry=f32 --input=@random:5:6 --dims=4 --print | FileCheck %s --check-prefix=FRANGE
// FRANGE: result 0: f32[4] = [{{5\.[0-9]+(, 5\.[0-9]+)+}}]

// RUN: not attn-run %s --entry=f32 --input=@random:6:5 --dims=4 2>&1 | FileCheck %s --check-prefix=EMPTY
// EMPTY: error: --input=@random:6:5: expected @random, @random:LO:HI with LO < HI, @const:V or @iota
// RUN: not attn-run %s --entry=f32 --input=@zeros --dims=4 2>&1 | FileCheck %s --check-prefix=UNKNOWN
// UNKNOWN: error: --input=@zeros: expected @random
// RUN: not attn-run %s --entry=i8 --input=@iota --dims=200 2>&1 | FileCheck %s --check-prefix=WIDE
// WIDE: error: argument 0: @iota: 199 is no i8
// RUN: not attn-run %s --entry=i8 --input=@const:1.5 --dims=2 2>&1 | FileCheck %s --check-prefix=FRACTION
// FRACTION: error: argument 0: 1.{{5.*}} is no i8
// RUN: not attn-run %s --entry=f32 --input=@iota 2>&1 | FileCheck %s --check-prefix=NODIMS
// NODIMS: error: argument 0 is made up and has dynamic sizes, but --dims has only 0 numbers
// RUN: not attn-run %s --entry=f32 --input=@iota --dims=2,3 2>&1 | FileCheck %s --check-prefix=MANYDIMS
// MANYDIMS: error: --dims has 2 numbers, the made-up arguments have 1 dynamic sizes
// RUN: not attn-run %s --entry=f32 --input=@iota --dims=4611686018427387904 2>&1 | FileCheck %s --check-prefix=HUGE
// HUGE: error: argument 0: f32[4611686018427387904] does not fit in memory
// RUN: not attn-run %s --entry=f32 --input=@iota --dims=9000000000000 2>&1 | FileCheck %s --check-prefix=LARGE
// LARGE: error: argument 0: f32[9000000000000] does not fit in memory
// RUN: not attn-run %s --entry=square --input=@iota --dims=3000000 2>&1 | FileCheck %s --check-prefix=SQUARE
// SQUARE: error: result 0 of 'square', f32[3000000, 3000000], does not fit in memory

func.func @f32(%x: tensor<?xf32>) -> tensor<?xf32> {
  return %x : tensor<?xf32>
}
func.func @i32(%x: tensor<?xi32>) -> tensor<?xi32> {
  return %x : tensor<?xi32>
}
func.func @i8(%x: tensor<?xi8>) -> tensor<?xi8> {
  return %x : tensor<?xi8>
}
func.func @square(%x: tensor<?xf32>) -> tensor<?x?xf32> {
  %c0 = arith.constant 0 : index
  %one = arith.constant 1.0 : f32
  %n = tensor.dim %x, %c0 : tensor<?xf32>
  %e = tensor.empty(%n, %n) : tensor<?x?xf32>
  %r = linalg.fill ins(%one : f32) outs(%e : tensor<?x?xf32>) -> tensor<?x?xf32>
  return %r : tensor<?x?xf32>
}
