// A wrong call says what is wrong, names both values, and does not crash.

// RUN: %npy make %t.f8.npy f8 2,3 0
// RUN: %npy make %t.f4.npy f4 2,3 0
// RUN: %npy make %t.r1.npy f4 6 0
// RUN: %npy make %t.s.npy f4 3,2 0
// RUN: %npy make %t.u2.npy u2 2,3 0

// RUN: not attn-run %s --entry=f 2>&1 | FileCheck %s --check-prefix=COUNT
// COUNT: error: 'f' takes 1 arguments, got 0 inputs
// RUN: not attn-run %s --entry=f --input=%t.f8.npy 2>&1 | FileCheck %s --check-prefix=DTYPE
// DTYPE: error: argument 0 of 'f' is f32[2, ?]: elements must be f32, got f64[2, 3]
// RUN: not attn-run %s --entry=f --input=%t.r1.npy 2>&1 | FileCheck %s --check-prefix=RANK
// RANK: error: argument 0 of 'f' is f32[2, ?]: the rank must be 2, got f32[6] with rank 1
// RUN: not attn-run %s --entry=f --input=%t.s.npy 2>&1 | FileCheck %s --check-prefix=SHAPE
// SHAPE: error: argument 0 of 'f' is f32[2, ?]: dimension 0 must be 2, got f32[3, 2]
// RUN: not attn-run %s --entry=f --input=%t.f4.npy --output=a.npy --output=b.npy 2>&1 | FileCheck %s --check-prefix=OUTPUTS
// OUTPUTS: error: 'f' returns 1 results, got 2 outputs
// RUN: not attn-run %s --entry=f --input=%t.none.npy 2>&1 | FileCheck %s --check-prefix=MISSING
// MISSING: error: {{.*}}none.npy: cannot be read: No such file or directory
// RUN: echo hello > %t.txt
// RUN: not attn-run %s --entry=f --input=%t.txt 2>&1 | FileCheck %s --check-prefix=MAGIC
// MAGIC: error: {{.*}}.txt: not a .npy file
// RUN: %npy make %t.be.npy f4 2,3 0 '--raw=>f4'
// RUN: not attn-run %s --entry=f --input=%t.be.npy 2>&1 | FileCheck %s --check-prefix=ENDIAN
// ENDIAN: error: {{.*}}: dtype '>f4' is big-endian
// RUN: not attn-run %s --entry=f --input=%t.f4.npy --output=%t.none/o.npy 2>&1 | FileCheck %s --check-prefix=UNWRITABLE
// UNWRITABLE: error: {{.*}}o.npy: cannot be written: No such file or directory
// RUN: not attn-run %s --entry=f --input=%t.f4.npy --json=%t.none/o.json 2>&1 | FileCheck %s --check-prefix=NOJSON
// NOJSON: error: {{.*}}o.json: cannot be written: No such file or directory

// RUN: not attn-run %s --entry=g --input=%t.f4.npy 2>&1 | FileCheck %s --check-prefix=ENTRY
// ENTRY: error: no function 'g'; there is: f, scalar, brain, memory, half, hidden
// ENTRY: error: 'g' cannot be run
// RUN: not attn-run %s --entry=outside 2>&1 | FileCheck %s --check-prefix=BODY
// BODY: error: 'outside' has no body to compile
// RUN: not attn-run %s --entry=hidden 2>&1 | FileCheck %s --check-prefix=PRIVATE
// PRIVATE: error: 'hidden' is private; an entry has to be public
// RUN: not attn-run %s --entry=memory 2>&1 | FileCheck %s --check-prefix=MEMREF
// MEMREF: error: argument 0 of 'memory': a memref needs a layout with any offset and any strides but the last, which is 1, not 'memref<2xf32>'
// RUN: not attn-run %s --entry=half 2>&1 | FileCheck %s --check-prefix=RESULT
// RESULT: error: result 0 of 'half': only ranked tensors of numbers can be returned, not 'f16'
// RUN: not attn-run %s --entry=scalar --input=%t.f4.npy 2>&1 | FileCheck %s --check-prefix=SCALAR
// SCALAR: error: argument 0 of 'scalar' is f32: a scalar needs rank 0, got f32[2, 3]
// RUN: not attn-run %s --entry=brain --input=%t.f4.npy 2>&1 | FileCheck %s --check-prefix=BRAIN
// BRAIN: error: argument 0 of 'brain' is bf16[2, 3]: elements must be u16 (bit patterns), got f32[2, 3]

// RUN: not attn-run %t.none.mlir --entry=f 2>&1 | FileCheck %s --check-prefix=NOFILE
// NOFILE: error: cannot open input file '{{.*}}none.mlir': No such file or directory
// RUN: not attn-run %t.txt --entry=f 2>&1 | FileCheck %s --check-prefix=PARSE
// PARSE: error: '{{.*}}.txt' is not a valid module
// RUN: not attn-run %s --entry=f --target=tpu 2>&1 | FileCheck %s --check-prefix=TARGET
// TARGET: error: --target=tpu is unknown; there are cpu, cuda and oracle
// RUN: not attn-run %s --entry=f --target=oracle --check 2>&1 | FileCheck %s --check-prefix=ORACLE
// ORACLE: error: --check compares with the oracle, which --target=oracle is
// RUN: not attn-run %s --entry=f --input=%t.f4.npy --cpu=x86-65 2>&1 | FileCheck %s --check-prefix=CPU
// CPU: error: unknown CPU 'x86-65'{{.*}}; did you mean {{'?}}x86-64
// RUN: not attn-run %s --entry=f --time=0 2>&1 | FileCheck %s --check-prefix=TIME
// TIME: error: --time=0 is not a positive number
// RUN: not attn-run %s --entry=f --threads=0 2>&1 | FileCheck %s --check-prefix=THREADS
// THREADS: error: --threads=0 is not positive
// RUN: not attn-run %s --entry=f --check-tolerance=1 2>&1 | FileCheck %s --check-prefix=TOLERANCE
// TOLERANCE: error: --check-tolerance has no meaning without --check
// RUN: not attn-run %s --entry=f --opt-level=4 2>&1 | FileCheck %s --check-prefix=LEVEL
// LEVEL: error: --opt-level=4 is not one of 0 to 3
// RUN: not attn-run %s --input=%t.f4.npy 2>&1 | FileCheck %s --check-prefix=NOENTRY
// NOENTRY: --entry option: must be specified at least once

func.func @f(%x: tensor<2x?xf32>) -> tensor<2x?xf32> {
  return %x : tensor<2x?xf32>
}
func.func @scalar(%x: f32) -> tensor<2xf32> {
  %e = tensor.empty() : tensor<2xf32>
  %r = linalg.fill ins(%x : f32) outs(%e : tensor<2xf32>) -> tensor<2xf32>
  return %r : tensor<2xf32>
}
func.func @brain(%x: tensor<2x3xbf16>) -> tensor<2x3xbf16> {
  return %x : tensor<2x3xbf16>
}
func.func @memory(%x: memref<2xf32>) {
  return
}
func.func @half(%x: f16) -> f16 {
  return %x : f16
}
func.func private @hidden() {
  return
}
func.func private @outside(%x: tensor<2xf32>)
