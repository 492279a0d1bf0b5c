// RUN: attn-opt %s --pass-pipeline='builtin.module(gpu.module(convert-wg-to-nvvm),canonicalize,cse)' | FileCheck %s

gpu.module @kernels {
  // One thread of a quad writes a row, all read columns.
  // CHECK-LABEL: gpu.func @relayout
  // CHECK:         gpu.barrier
  // CHECK:         %[[LANE:.*]] = arith.remui %[[T:.*]], %c4_i32
  // CHECK:         %[[FIRST:.*]] = arith.cmpi slt, %[[LANE]], %c1_i32
  // CHECK:         scf.if %[[FIRST]]
  // CHECK-COUNT-2:   llvm.store %{{.*}} : f32, !llvm.ptr<3>
  // CHECK:         gpu.barrier
  // CHECK-COUNT-4: llvm.load %{{.*}} : !llvm.ptr<3> -> f32
  // CHECK:         gpu.barrier
  // Of columns the first quad of the block writes; bits take a byte.
  // CHECK:         %[[QUAD:.*]] = arith.cmpi slt, %[[T]], %c4_i32
  // CHECK:         scf.if %[[QUAD]]
  // CHECK:           arith.extui %{{.*}} : i1 to i8
  // CHECK:         arith.trunci %{{.*}} : i8 to i1
  gpu.func @relayout(%a: memref<16xf32>, %b: memref<16xi1>) kernel attributes {known_block_size = array<i32: 128, 1, 1>} {
    %c0 = arith.constant 0 : index
    %r = wg.load %a[] from %c0 : memref<16xf32> -> !wg.tile<16xf32, rows>
    %c = wg.relayout %r {wg.offset = 2048 : i64} : !wg.tile<16xf32, rows> -> !wg.tile<16xf32, cols>
    %p = wg.load %b[] from %c0 : memref<16xi1> -> !wg.tile<16xi1, cols>
    %q = wg.relayout %p {wg.offset = 2048 : i64} : !wg.tile<16xi1, cols> -> !wg.tile<16xi1, rows>
    wg.store %c into %a[] from %c0 : !wg.tile<16xf32, cols> into memref<16xf32>
    wg.store %q into %b[] from %c0 : !wg.tile<16xi1, rows> into memref<16xi1>
    gpu.return
  }

  // All threads read the element, at twice the index of bytes.
  // CHECK-LABEL: gpu.func @extract
  // CHECK-SAME:    %[[I:.*]]: index
  // CHECK:         gpu.barrier
  // CHECK:         scf.if
  // CHECK-COUNT-2:   llvm.store %{{.*}} : bf16, !llvm.ptr<3>
  // CHECK:         gpu.barrier
  // CHECK:         %[[I32:.*]] = arith.index_cast %[[I]] : index to i32
  // CHECK:         %[[BYTES:.*]] = arith.muli %[[I32]], %c2_i32
  // CHECK:         %[[AT:.*]] = llvm.getelementptr %{{.*}}[%[[BYTES]]]
  // CHECK:         llvm.load %[[AT]] {{.*}} -> bf16
  // CHECK:         gpu.barrier
  gpu.func @extract(%i: index, %a: memref<64xbf16>) kernel attributes {known_block_size = array<i32: 128, 1, 1>} {
    %c0 = arith.constant 0 : index
    %r = wg.load %a[] from %c0 : memref<64xbf16> -> !wg.tile<64xbf16, rows>
    %x = wg.extract %r[%i] {wg.offset = 0 : i64} : !wg.tile<64xbf16, rows> -> bf16
    %s = wg.splat %x : bf16 -> !wg.tile<64xbf16, rows>
    wg.store %s into %a[] from %c0 : !wg.tile<64xbf16, rows> into memref<64xbf16>
    gpu.return
  }
}
