// --check runs the oracle on the same inputs and compares.

// RUN: attn-run %s --entry=attention --random-inputs=5 --dims=37 --check | FileCheck %s --check-prefix=OK
// OK: check: result 0 f32[1, 4, 37, 16]: ok, max abs error {{[0-9.e+-]+}}, max rel error {{[0-9.e+-]+}}, non-finite 0 (expected 0)

// Strides and offsets of the tensors do not matter.
// RUN: attn-run %s --entry=attention --random-inputs=5 --dims=37 --check --padding=5 --threads=3 | FileCheck %s --check-prefix=OK

// Two orders of summation never agree to the last bit on so many elements.
// RUN: not attn-run %s --entry=attention --random-inputs=5 --dims=150 --check --check-tolerance=0 2>%t.err | FileCheck %s --check-prefix=MISMATCH
// RUN: FileCheck %s --check-prefix=ERROR < %t.err
// MISMATCH: check: result 0 f32[1, 4, 150, 16]: MISMATCH
// MISMATCH-NEXT: check: {{.*}} of 9600 elements exceed 0.0{{.*}} + 0.0{{.*}} * |expected|; the worst at position {{[0-9]+}}: got
// ERROR: error: the results of 'attention' differ from the oracle's

// A wrong result is not excused by being NaN on one side only, nor is a right
// one blamed for being infinite on both.
// RUN: attn-run %s --entry=dense --input=@const:1 --input=@const:1 --input=@const:inf --dims=9 --check | FileCheck %s --check-prefix=INF
// INF: check: result 0 f32[1, 1, 9, 16]: ok, {{.*}}, non-finite 144 (expected 144)

func.func @attention(%q: tensor<1x4x?x16xf32>, %k: tensor<1x2x?x16xf32>, %v: tensor<1x2x?x16xf32>) -> tensor<1x4x?x16xf32> {
  %c2 = arith.constant 2 : index
  %n = tensor.dim %q, %c2 : tensor<1x4x?x16xf32>
  %o = tensor.empty(%n) : tensor<1x4x?x16xf32>
  %r = attn.attention %q, %k, %v outs(%o) scale(0.25) mask(#attn.causal)
    : tensor<1x4x?x16xf32>, tensor<1x2x?x16xf32>, tensor<1x2x?x16xf32> -> tensor<1x4x?x16xf32>
  return %r : tensor<1x4x?x16xf32>
}

func.func @dense(%q: tensor<1x1x?x16xf32>, %k: tensor<1x1x?x16xf32>, %v: tensor<1x1x?x16xf32>) -> tensor<1x1x?x16xf32> {
  %c2 = arith.constant 2 : index
  %n = tensor.dim %q, %c2 : tensor<1x1x?x16xf32>
  %o = tensor.empty(%n) : tensor<1x1x?x16xf32>
  %r = attn.attention %q, %k, %v outs(%o) scale(0.25)
    : tensor<1x1x?x16xf32>, tensor<1x1x?x16xf32>, tensor<1x1x?x16xf32> -> tensor<1x1x?x16xf32>
  return %r : tensor<1x1x?x16xf32>
}

// The oracle is told from the compiler in the report, and its output is the
// reference that other programs may read.
// RUN: attn-run %s --entry=uniform --input=@const:0 --input=@const:0 --input=@iota --dims=1,4,4 --target=oracle --print --json=%t.json | FileCheck %s --check-prefix=UNIFORM
// RUN: FileCheck %s --check-prefix=TARGET < %t.json
// UNIFORM: result 0: f64[1, 1, 1, 2] = {{\[\[\[}}[3, 4]]]]
// TARGET: "target": "oracle"
func.func @uniform(%q: tensor<1x1x?x2xf64>, %k: tensor<1x1x?x2xf64>, %v: tensor<1x1x?x2xf64>) -> tensor<1x1x?x2xf64> {
  %c2 = arith.constant 2 : index
  %n = tensor.dim %q, %c2 : tensor<1x1x?x2xf64>
  %o = tensor.empty(%n) : tensor<1x1x?x2xf64>
  %r = attn.attention %q, %k, %v outs(%o) scale(1.0)
    : tensor<1x1x?x2xf64>, tensor<1x1x?x2xf64>, tensor<1x1x?x2xf64> -> tensor<1x1x?x2xf64>
  return %r : tensor<1x1x?x2xf64>
}

// Sizes that do not fit are refused by the operation's own constraint.
// RUN: not attn-run %s --entry=attention --random-inputs=1 --dims=4,6,7 2>&1 | FileCheck %s --check-prefix=SIZES
// SIZES: error: 'attn.attention' op C4: key and value agree in heads and length, got query 'tensor<1x4x4x16xf32>', key 'tensor<1x2x6x16xf32>' and value 'tensor<1x2x7x16xf32>'
// SIZES: error: the sizes of the inputs do not fit together

// The tolerance follows the type of the result.
// RUN: attn-run %s --entry=half --random-inputs=2 --dims=21 --check --json=- 2>%t.err | FileCheck %s --check-prefix=HALF
// HALF: "check_passed": true
// HALF: "tolerance_abs": 0.002
// RUN: FileCheck %s --check-prefix=HALF-TEXT < %t.err
// HALF-TEXT: check: result 0 bf16[1, 1, 21, 8]: ok
// HALF-TEXT: check: result 1 f16[1, 1, 21, 8]: ok
func.func @half(%x: tensor<1x1x?x8xbf16>, %y: tensor<1x1x?x8xf16>) -> (tensor<1x1x?x8xbf16>, tensor<1x1x?x8xf16>) {
  %c2 = arith.constant 2 : index
  %n = tensor.dim %x, %c2 : tensor<1x1x?x8xbf16>
  %m = tensor.dim %y, %c2 : tensor<1x1x?x8xf16>
  %o = tensor.empty(%n) : tensor<1x1x?x8xbf16>
  %p = tensor.empty(%m) : tensor<1x1x?x8xf16>
  %r = attn.attention %x, %x, %x outs(%o) scale(0.5) mask(#attn.causal)
    : tensor<1x1x?x8xbf16>, tensor<1x1x?x8xbf16>, tensor<1x1x?x8xbf16> -> tensor<1x1x?x8xbf16>
  %s = attn.attention %y, %y, %y outs(%p) scale(0.5) mask(#attn.window<4>)
    : tensor<1x1x?x8xf16>, tensor<1x1x?x8xf16>, tensor<1x1x?x8xf16> -> tensor<1x1x?x8xf16>
  return %r, %s : tensor<1x1x?x8xbf16>, tensor<1x1x?x8xf16>
}
