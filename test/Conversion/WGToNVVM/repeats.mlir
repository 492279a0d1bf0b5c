// RUN: attn-opt %s --pass-pipeline='builtin.module(gpu.module(convert-wg-to-nvvm{count-repeats}))' | FileCheck %s
// RUN: attn-opt %s --pass-pipeline='builtin.module(gpu.module(convert-wg-to-nvvm))' | FileCheck %s --check-prefix=OFF

// OFF-NOT: attn_repeats

// CHECK: gpu.module @kernels
// CHECK: llvm.mlir.global external @attn_repeats(0 : i64) {addr_space = 1 : i32, alignment = 8 : i64} : i64
gpu.module @kernels {
  // One thread counts where something was wrong, whatever else has to hold.
  // CHECK-LABEL: gpu.func @block
  // CHECK: %[[ALL:.*]] = nvvm.barrier #nvvm.reduction<or>
  // CHECK: %[[WRONG:.*]] = arith.cmpi ne, %[[ALL]]
  // CHECK: %[[BOTH:.*]] = arith.andi %[[WRONG]], %{{.*}} : i1
  // CHECK: scf.if %[[BOTH]] {
  // CHECK: %[[FIRST:.*]] = arith.cmpi eq, %{{.*}}, %{{.*}} : i32
  // CHECK: scf.if %[[FIRST]] {
  // CHECK: %[[COUNTER:.*]] = llvm.mlir.addressof @attn_repeats : !llvm.ptr<1>
  // CHECK: llvm.atomicrmw add %[[COUNTER]], %{{.*}} monotonic : !llvm.ptr<1>, i64
  // Other branches are not counted.
  // CHECK: scf.if
  // CHECK-NOT: attn_repeats
  // CHECK: gpu.return
  gpu.func @block(%v: f32, %held: i1, %o: memref<i32>) kernel attributes {known_block_size = array<i32: 128, 1, 1>} {
    %one = arith.constant 1 : i32
    %t = wg.splat %v : f32 -> <64xf32, rows>
    %any = wg.any %t : <64xf32, rows>
    %wrong = arith.andi %any, %held : i1
    scf.if %wrong {
      memref.store %one, %o[] : memref<i32>
    }
    scf.if %held {
      memref.store %one, %o[] : memref<i32>
    }
    gpu.return
  }
}
