// RUN: attn-opt %s --pass-pipeline='builtin.module(gpu.module(convert-wg-to-nvvm),canonicalize,cse)' | FileCheck %s

gpu.module @kernels {
  // One condition for a row, none for columns that exist; pairs together.
  // CHECK-LABEL: gpu.func @rows
  // CHECK:         %[[IN:.*]] = arith.cmpi slt, %{{.*}}, %[[N:.*]] : index
  // CHECK:         scf.if %[[IN]] -> (bf16, bf16, bf16, bf16)
  // CHECK-COUNT-2:   vector.load %{{.*}}{alignment = 4 : i64} : memref<4x?x16xbf16>, vector<2xbf16>
  // CHECK-NOT:       load
  // CHECK:           scf.yield
  // CHECK:         else
  // CHECK:           scf.yield %[[Z:.*]], %[[Z]], %[[Z]], %[[Z]]
  // CHECK:         scf.if
  // A store is never outside of the buffer, whatever the limit is.
  // CHECK:         %[[DIM:.*]] = memref.dim %{{.*}}, %c0
  // CHECK:         %[[BOUND:.*]] = arith.minsi %[[DIM]], %[[N]]
  // CHECK:         arith.cmpi slt, %{{.*}}, %[[BOUND]]
  // CHECK:         scf.if
  // CHECK-COUNT-2:   vector.store %{{.*}}{alignment = 4 : i64}
  gpu.func @rows(%a: memref<4x?x16xbf16>, %o: memref<?x16xbf16>, %h: index, %i: index, %n: index)
      kernel attributes {known_block_size = array<i32: 128, 1, 1>} {
    %t = wg.load %a[%h] from %i limit %n : memref<4x?x16xbf16> -> !wg.tile<64x16xbf16>
    wg.store %t into %o[] from %i limit %n : !wg.tile<64x16xbf16> into memref<?x16xbf16>
    gpu.return
  }

  // Nothing is known: elements one by one, each with its condition.
  // CHECK-LABEL: gpu.func @columns
  // CHECK:         scf.if %{{.*}} -> (f32)
  // CHECK:           memref.load
  // CHECK-NOT:       vector.load
  // CHECK-NOT:       vector.store
  // CHECK:         memref.dim %{{.*}}, %c1
  // CHECK:         scf.if
  // CHECK:           arith.cmpi
  // CHECK:           scf.if
  // CHECK:             memref.store
  gpu.func @columns(%a: memref<?x?xf32>, %o: memref<?x?xf32>, %i: index, %j: index, %n: index)
      kernel attributes {known_block_size = array<i32: 128, 1, 1>} {
    %t = wg.load %a[] from %i columns_from %j columns_limit %n : memref<?x?xf32> -> !wg.tile<64x8xf32>
    wg.store %t into %o[] from %i : !wg.tile<64x8xf32> into memref<?x?xf32>
    gpu.return
  }

  // A tile that fits needs no condition for its columns, an odd origin or an
  // odd stride no pairs.
  // CHECK-LABEL: gpu.func @alignment
  // CHECK:         vector.load
  // CHECK:         memref.load
  // CHECK-NOT:     vector.load
  gpu.func @alignment(%a: memref<64x64xf32>, %b: memref<64x16xf32, strided<[17, 1]>>, %o: memref<64x8xf32>)
      kernel attributes {known_block_size = array<i32: 128, 1, 1>} {
    %c0 = arith.constant 0 : index
    %c3 = arith.constant 3 : index
    %c40 = arith.constant 40 : index
    %s = wg.load %a[] from %c0 columns_from %c40 : memref<64x64xf32> -> !wg.tile<64x8xf32>
    %t = wg.load %a[] from %c0 columns_from %c3 : memref<64x64xf32> -> !wg.tile<64x8xf32>
    %u = wg.load %b[] from %c0 : memref<64x16xf32, strided<[17, 1]>> -> !wg.tile<64x8xf32>
    %m = wg.map ins(%s, %t, %u : !wg.tile<64x8xf32>, !wg.tile<64x8xf32>, !wg.tile<64x8xf32>) -> !wg.tile<64x8xf32> {
    ^bb0(%i: index, %j: index, %x: f32, %y: f32, %z: f32):
      %v = arith.addf %x, %y : f32
      %w = arith.addf %v, %z : f32
      wg.yield %w : f32
    }
    wg.store %m into %o[] from %c0 : !wg.tile<64x8xf32> into memref<64x8xf32>
    gpu.return
  }
}
