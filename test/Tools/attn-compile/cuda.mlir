// UNSUPPORTED: sanitizers
// Code for a GPU, made without one.

// RUN: rm -rf %t %t.kept && mkdir %t
// RUN: attn-compile %s --entry=scale --target=cuda --emit=ptx -o - | FileCheck %s --check-prefix=PTX
// PTX: .target sm_90a
// PTX: .visible .entry scale_kernel(
// RUN: attn-compile %s --entry=scale --target=cuda --chip=sm_80 --emit=ptx -o %t/k.ptx
// RUN: FileCheck %s --check-prefix=SM80 < %t/k.ptx
// SM80: .target sm_80
// RUN: FileCheck %s --check-prefix=PTXJSON < %t/k.ptx.json
// PTXJSON: "block": [
// PTXJSON-NEXT: 128,
// PTXJSON-NEXT: 1,
// PTXJSON-NEXT: 1
// PTXJSON: "dynamic_shared_bytes": 4096,
// PTXJSON-NEXT: "grid": [
// PTXJSON-NEXT: null,
// PTXJSON-NEXT: 1,
// PTXJSON-NEXT: 1
// PTXJSON: "name": "scale_kernel",
// PTXJSON: "registers": null,
// PTXJSON: "spill_bytes": null
// PTXJSON: "chip": "sm_80"
// What is kept, is not made again.
// RUN: attn-compile %s --entry=scale --target=cuda --emit=ptx --ptx-cache=%t.kept -o %t/k.ptx
// RUN: sed 's/$/ (kept)/' -i %t.kept/*.ptx
// RUN: attn-compile %s --entry=scale --target=cuda --emit=ptx --ptx-cache=%t.kept -o - | FileCheck %s --check-prefix=KEPT
// KEPT: .visible .entry scale_kernel( (kept)
// No header, as there is no host code.
// RUN: ls %t | FileCheck %s --check-prefix=FILES
// FILES: k.ptx
// FILES-NEXT: k.ptx.json
// FILES-NOT: {{.}}

// The host code, in IR.
// RUN: env PTXAS=/none attn-compile %s --entry=none --target=cuda --emit=mlir -o - | FileCheck %s --check-prefix=MLIR
// MLIR: llvm.func @_mlir_ciface_none
// RUN: not attn-compile %s --entry=none --target=cuda --emit=ptx -o - 2>&1 | FileCheck %s --check-prefix=NOKERNEL
// NOKERNEL: error: the program has no kernel

// RUN: not attn-compile %s --entry=scale --target=cuda --chip=sm_91 --emit=ptx -o %t/e 2>&1 | FileCheck %s --check-prefix=CHIP
// CHIP: error: unknown GPU 'sm_91', expected one of
// RUN: not attn-compile %s --entry=scale --target=cuda --emit=cubin -o - 2>&1 | FileCheck %s --check-prefix=STDOUT
// STDOUT: error: --emit=cubin is not text
// RUN: not attn-compile %s --entry=scale --chip=sm_90a -o %t/e 2>&1 | FileCheck %s --check-prefix=NOTCUDA
// NOTCUDA: error: --chip has no meaning without --target=cuda
// RUN: not env PTXAS=/none attn-compile %s --entry=scale --target=cuda --emit=cubin -o %t/e 2>&1 | FileCheck %s --check-prefix=NOPTXAS
// NOPTXAS: cuda.mlir:{{.*}}: error: no ptxas: '/none' is no program that can be run
// RUN: not ls %t/e

#vector = strided<[1], offset: ?>
func.func @scale(%a: f32, %x: memref<?xf32, #vector>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c128 = arith.constant 128 : index
  %bytes = arith.constant 4096 : i32
  %n = memref.dim %x, %c0 : memref<?xf32, #vector>
  %blocks = arith.ceildivui %n, %c128 : index
  gpu.launch blocks(%bx, %by, %bz) in (%gx = %blocks, %gy = %c1, %gz = %c1)
             threads(%tx, %ty, %tz) in (%sx = %c128, %sy = %c1, %sz = %c1)
             dynamic_shared_memory_size %bytes {
    %first = arith.muli %bx, %c128 : index
    %i = arith.addi %first, %tx : index
    %inside = arith.cmpi ult, %i, %n : index
    scf.if %inside {
      %xi = memref.load %x[%i] : memref<?xf32, #vector>
      %product = arith.mulf %a, %xi : f32
      memref.store %product, %x[%i] : memref<?xf32, #vector>
    }
    gpu.terminator
  }
  return
}
func.func @none(%x: memref<?xf32, #vector>) {
  return
}
