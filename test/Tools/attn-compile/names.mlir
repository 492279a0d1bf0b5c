// UNSUPPORTED: sanitizers
// A function may be called as one of libc, which is not called then.

// RUN: attn-compile %s --entry=step --target=x86-64-v3 --emit=so -o %t.so
// RUN: %python -c "import ctypes; x = (ctypes.c_float * 1)(1.5); d = (ctypes.c_int64 * 5)(ctypes.addressof(x), ctypes.addressof(x), 0, 1, 1); ctypes.CDLL('%t.so')._mlir_ciface_step(d); print(x[0])" | FileCheck %s

// CHECK: 3.0
!x = memref<1xf32, strided<[1], offset: ?>>
func.func @step(%x: !x) {
  %c0 = arith.constant 0 : index
  %a = memref.load %x[%c0] : !x
  %b = arith.addf %a, %a : f32
  memref.store %b, %x[%c0] : !x
  return
}
