// A compilation that cannot be done says why and leaves no file behind.

// RUN: rm -rf %t && mkdir %t
// RUN: not attn-compile %s --entry=f --target=sm_90a -o %t/k 2>&1 | FileCheck %s --check-prefix=GPU
// GPU: error: --target=sm_90a is a GPU; name it by --target=cuda --chip=sm_90a
// RUN: not attn-compile %s --entry=f --target=x86-64-v33 -o %t/k 2>&1 | FileCheck %s --check-prefix=CPU
// CPU: error: --target: unknown CPU 'x86-64-v33' for x86_64; did you mean 'x86-64-v3'?
// RUN: not attn-compile %s --entry=g -o %t/k 2>&1 | FileCheck %s --check-prefix=ENTRY
// ENTRY: error: no function 'g'; there is: f, half, data
// RUN: not attn-compile %s --entry=half -o %t/k 2>&1 | FileCheck %s --check-prefix=HALF
// HALF: error: argument 0 of 'half': a scalar of type f16 cannot be passed from C; make it f32
// RUN: not attn-compile %s --entry=data -o %t/k 2>&1 | FileCheck %s --check-prefix=DATA
// DATA: error: size 0 of result 0 of 'data' depends on this
// RUN: not attn-compile %s --entry=f --emit=obj -o - 2>&1 | FileCheck %s --check-prefix=STDOUT
// STDOUT: error: --emit=obj is not text; -o needs the name of a file
// RUN: not attn-compile %s --entry=f --emit=ptx -o %t/k 2>&1 | FileCheck %s --check-prefix=EMIT
// EMIT: error: --emit=ptx needs --target=cuda
// RUN: not attn-compile %s --entry=f --ptx-cache=%t -o %t/k 2>&1 | FileCheck %s --check-prefix=CACHE
// CACHE: error: --ptx-cache has no meaning without --target=cuda
// RUN: not attn-compile %s --entry=f --emit=fatbin -o %t/k 2>&1 | FileCheck %s --check-prefix=KIND
// KIND: Cannot find option named 'fatbin'
// RUN: not attn-compile %s --entry=f -o %t/none/k 2>&1 | FileCheck %s --check-prefix=UNWRITABLE
// UNWRITABLE: error: {{.*}}none/k: cannot be written: No such file or directory
// RUN: not attn-compile %t/none.mlir --entry=f -o %t/k 2>&1 | FileCheck %s --check-prefix=NOFILE
// NOFILE: error: cannot open input file '{{.*}}none.mlir': No such file or directory
// RUN: not attn-compile %s --entry=f --opt-level=7 -o %t/k 2>&1 | FileCheck %s --check-prefix=LEVEL
// LEVEL: error: optimisation level 7 is not one of 0 to 3

// Linking: no driver, one that fails, no runtime.
// RUN: not attn-compile %s --entry=f --emit=so --linker=no-such-cc -o %t/k 2>&1 | FileCheck %s --check-prefix=DRIVER
// DRIVER: error: no program 'no-such-cc' to link with
// RUN: mkdir %t/empty && not env PATH=%t/empty attn-compile %s --entry=f --emit=so -o %t/k 2>&1 | FileCheck %s --check-prefix=NOCC
// RUN: rmdir %t/empty
// NOCC: error: no C compiler to link with (looked for cc, clang, clang-22 and gcc); name one by --linker
// RUN: not attn-compile %s --entry=f --emit=so --linker=false -o %t/k 2>&1 | FileCheck %s --check-prefix=FAILS
// FAILS: error: linking failed: {{.*}}false -shared -o
// RUN: not attn-compile %s --entry=f --emit=so --runtime-dir=%t -o %t/k 2>&1 | FileCheck %s --check-prefix=RUNTIME
// RUNTIME: error: {{.*}}libattn_runtime.a: no such file; say by --runtime-dir where the runtime is
// RUN: not attn-compile %s --entry=undefined --emit=so -o %t/k 2>&1 | FileCheck %s --check-prefix=UNDEFINED
// UNDEFINED: error: linking failed:
// UNDEFINED: elsewhere

// RUN: ls %t | count 0

func.func @f(%x: tensor<4xf32>) -> tensor<4xf32> {
  return %x : tensor<4xf32>
}
func.func @half(%x: f16) -> tensor<4xf16> {
  %e = tensor.empty() : tensor<4xf16>
  %r = linalg.fill ins(%x : f16) outs(%e : tensor<4xf16>) -> tensor<4xf16>
  return %r : tensor<4xf16>
}
func.func @data(%x: tensor<index>) -> tensor<?xf32> {
  %n = tensor.extract %x[] : tensor<index>
  %e = tensor.empty(%n) : tensor<?xf32>
  return %e : tensor<?xf32>
}
func.func private @elsewhere(%x: f32) -> f32
func.func @undefined(%x: f32) -> tensor<4xf32> {
  %y = func.call @elsewhere(%x) : (f32) -> f32
  %e = tensor.empty() : tensor<4xf32>
  %r = linalg.fill ins(%y : f32) outs(%e : tensor<4xf32>) -> tensor<4xf32>
  return %r : tensor<4xf32>
}
