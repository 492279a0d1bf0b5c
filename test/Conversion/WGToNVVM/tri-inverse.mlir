// RUN: attn-opt %s --pass-pipeline='builtin.module(gpu.module(convert-wg-to-nvvm),canonicalize,cse)' | FileCheck %s

gpu.module @kernels {
  // Two blocks on the diagonal, a column of them for each of 32 threads, and one
  // merge. Rows are 40 elements apart.
  // CHECK-LABEL: gpu.func @two
  // CHECK:         gpu.barrier
  // CHECK-COUNT-8: llvm.store %{{.*}} {alignment = 8 : i64} : vector<2xf32>, !llvm.ptr<3>
  // CHECK:         gpu.barrier
  // CHECK:         %[[HAS:.*]] = arith.cmpi slt, %[[THREAD:.*]], %c32_i32
  // The first element of a column is that of the identity, the second has one
  // product.
  // CHECK:         %[[COLUMN:.*]]:16 = scf.if %[[HAS]]
  // CHECK:           %[[T0:.*]] = arith.select
  // CHECK:           %[[ONE:.*]] = arith.select
  // CHECK:           %[[ROW:.*]]:4 = vector.to_elements
  // CHECK:           %[[A10:.*]] = arith.negf %[[ROW]]#0
  // CHECK:           llvm.intr.fma(%[[A10]], %[[T0]], %[[ONE]])
  // CHECK:         gpu.barrier
  // CHECK:         scf.if %[[HAS]]
  // CHECK-COUNT-16:  llvm.store %{{.*}} {alignment = 4 : i64} : f32, !llvm.ptr<3>
  // CHECK:         gpu.barrier
  // 64 times four rows of a column for 128 threads: one product, then the other,
  // of which only the lower part is read.
  // CHECK:         scf.for %[[ITEM:.*]] = %[[THREAD]] to %c64_i32 step %c128_i32
  // CHECK:           %[[SUMS:.*]]:4 = scf.for %{{.*}} = %{{.*}} to %c16_i32 step %c4_i32
  // CHECK-COUNT-16:    llvm.intr.fma
  // CHECK-COUNT-4:   llvm.store
  // CHECK:         gpu.barrier
  // CHECK:         scf.for
  // CHECK:           %[[END:.*]] = arith.addi %{{.*}}, %c4_i32
  // CHECK:           scf.for %{{.*}} = %c0_i32 to %[[END]] step %c4_i32
  // CHECK-COUNT-4:   arith.negf
  // CHECK-COUNT-4:   llvm.store
  // CHECK:         gpu.barrier
  // CHECK-NOT:     scf.for
  // What is above the diagonal is not what shared memory has.
  // CHECK-COUNT-8: llvm.load {{.*}} -> vector<2xf32>
  // CHECK:         gpu.barrier
  gpu.func @two(%a: memref<32x32xf32>) kernel attributes {known_block_size = array<i32: 128, 1, 1>} {
    %c0 = arith.constant 0 : index
    %t = wg.load %a[] from %c0 : memref<32x32xf32> -> !wg.tile<32x32xf32>
    %x = wg.tri_inverse %t {wg.offset = 0 : i64} : !wg.tile<32x32xf32>
    wg.store %x into %a[] from %c0 : !wg.tile<32x32xf32> into memref<32x32xf32>
    gpu.return
  }

  // As many threads as columns: none is left out.
  // CHECK-LABEL: gpu.func @threads
  // CHECK-NOT:     scf.if
  // CHECK:         scf.for
  gpu.func @threads(%a: memref<64x64xf32>) kernel attributes {known_block_size = array<i32: 64, 1, 1>} {
    %c0 = arith.constant 0 : index
    %t = wg.load %a[] from %c0 : memref<64x64xf32> -> !wg.tile<64x64xf32>
    %x = wg.tri_inverse %t {wg.offset = 0 : i64} : !wg.tile<64x64xf32>
    wg.store %x into %a[] from %c0 : !wg.tile<64x64xf32> into memref<64x64xf32>
    gpu.return
  }
}
