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
  // Elements of 16 bits are written 16 bytes at a time, if there are 32 columns for
  // the four threads of a row: each gives the others what they write. Of 40 columns
  // the last 8 are written in pairs.
  // CHECK-LABEL: gpu.func @wide
  // CHECK:         %[[T:.*]] = llvm.inline_asm
  // CHECK-COUNT-4: llvm.bitcast %{{.*}} : vector<2xbf16> to i32
  // CHECK:         arith.andi %[[T]], %c1_i32
  // CHECK-COUNT-2: gpu.shuffle xor %{{.*}}, %c1_i32
  // CHECK:         arith.andi %[[T]], %c2_i32
  // CHECK-COUNT-2: gpu.shuffle xor %{{.*}}, %c2_i32
  // CHECK:         scf.if
  // CHECK:           %[[QUAD:.*]] = arith.remui %{{.*}}, %c4
  // CHECK:           %[[COL:.*]] = arith.muli %[[QUAD]], %c8
  // CHECK:           %[[CHUNK:.*]] = vector.from_elements {{.*}} : vector<8xbf16>
  // CHECK-NEXT:      vector.store %[[CHUNK]], %{{.*}}[%{{.*}}, %[[COL]]] {alignment = 16 : i64}
  // CHECK-NOT:       vector.store
  // CHECK:           vector.store {{.*}} {alignment = 4 : i64}
  // CHECK-NOT:     vector.store
  // CHECK-COUNT-4: gpu.shuffle
  // CHECK:         vector.store {{.*}} {alignment = 16 : i64}
  // CHECK-NOT:     vector.store
  // CHECK:         vector.store {{.*}} {alignment = 4 : i64}
  // CHECK-NOT:     vector.store
  gpu.func @wide(%a: memref<64x40xbf16>, %o: memref<64x40xbf16>) kernel attributes {known_block_size = array<i32: 128, 1, 1>} {
    %c0 = arith.constant 0 : index
    %t = wg.load %a[] from %c0 : memref<64x40xbf16> -> !wg.tile<64x40xbf16>
    wg.store %t into %o[] from %c0 : !wg.tile<64x40xbf16> into memref<64x40xbf16>
    gpu.return
  }

  // A chunk that does not exist is not written: memory has 24 columns.
  // CHECK-LABEL: gpu.func @fewer_columns
  // CHECK-COUNT-4: gpu.shuffle
  // CHECK:         scf.if
  // CHECK:           %[[COL:.*]] = arith.muli %{{.*}}, %c8
  // CHECK:           %[[IN:.*]] = arith.cmpi slt, %[[COL]], %c24
  // CHECK:           scf.if %[[IN]]
  // CHECK:             vector.store {{.*}} {alignment = 16 : i64}
  gpu.func @fewer_columns(%a: memref<64x24xbf16>, %o: memref<64x24xbf16>) kernel attributes {known_block_size = array<i32: 128, 1, 1>} {
    %c0 = arith.constant 0 : index
    %t = wg.load %a[] from %c0 : memref<64x24xbf16> -> !wg.tile<64x32xbf16>
    wg.store %t into %o[] from %c0 : !wg.tile<64x32xbf16> into memref<64x24xbf16>
    gpu.return
  }

  // Whether rows begin at multiples of 16 bytes is found when the kernel runs.
  // CHECK-LABEL: gpu.func @strides
  // CHECK-SAME:    %[[O:[^:]*]]: memref<?x32xbf16, strided<[?, 1], offset: ?>>
  // CHECK:         %{{.*}}, %[[OFFSET:.*]], %{{.*}}:2, %[[STRIDES:.*]]:2 = memref.extract_strided_metadata %[[O]]
  // CHECK:         %[[BASE:.*]] = memref.extract_aligned_pointer_as_index %[[O]]
  // CHECK:         %[[OFFSETBYTES:.*]] = arith.muli %[[OFFSET]], %c2
  // CHECK:         %[[BEGIN:.*]] = arith.addi %[[BASE]], %[[OFFSETBYTES]]
  // CHECK:         %[[STRIDEBYTES:.*]] = arith.muli %[[STRIDES]]#0, %c2
  // CHECK:         %[[BITS:.*]] = arith.ori %[[BEGIN]], %[[STRIDEBYTES]]
  // CHECK:         %[[REST:.*]] = arith.andi %[[BITS]], %c15
  // CHECK:         %[[ALIGNED:.*]] = arith.cmpi eq, %[[REST]], %c0
  // CHECK:         scf.if %[[ALIGNED]] {
  // CHECK:           gpu.shuffle
  // CHECK:           vector.store {{.*}} {alignment = 16 : i64}
  // CHECK:         } else {
  // CHECK-NOT:       gpu.shuffle
  // CHECK-COUNT-16:  memref.store
  // CHECK-NOT:       store
  // CHECK:         gpu.return
  gpu.func @strides(%o: memref<?x32xbf16, strided<[?, 1], offset: ?>>, %a: memref<64x32xbf16>) kernel attributes {known_block_size = array<i32: 128, 1, 1>} {
    %c0 = arith.constant 0 : index
    %t = wg.load %a[] from %c0 : memref<64x32xbf16> -> !wg.tile<64x32xbf16>
    wg.store %t into %o[] from %c0 : !wg.tile<64x32xbf16> into memref<?x32xbf16, strided<[?, 1], offset: ?>>
    gpu.return
  }

  // Pairs of f32 are 8 bytes; columns that are apart are written one by one.
  // CHECK-LABEL: gpu.func @pairs
  // CHECK:         arith.andi %{{.*}}, %c7
  // CHECK:         scf.if
  // CHECK:           vector.store {{.*}} {alignment = 8 : i64} : {{.*}}, vector<2xf32>
  // CHECK:         } else {
  // CHECK:           memref.store
  // CHECK:         }
  // CHECK-NOT:     arith.andi
  // CHECK:         memref.store
  // CHECK-NOT:     vector.store
  // CHECK:         gpu.return
  gpu.func @pairs(%o: memref<?x32xf32, strided<[?, 1], offset: ?>>, %p: memref<?x32xf32, strided<[?, ?], offset: ?>>, %a: memref<64x32xf32>)
      kernel attributes {known_block_size = array<i32: 128, 1, 1>} {
    %c0 = arith.constant 0 : index
    %t = wg.load %a[] from %c0 : memref<64x32xf32> -> !wg.tile<64x32xf32>
    wg.store %t into %o[] from %c0 : !wg.tile<64x32xf32> into memref<?x32xf32, strided<[?, 1], offset: ?>>
    wg.store %t into %p[] from %c0 : !wg.tile<64x32xf32> into memref<?x32xf32, strided<[?, ?], offset: ?>>
    gpu.return
  }

  // As many columns as are left of a multiple of pairs, but not more than a tile
  // has, are pairs.
  // CHECK-LABEL: gpu.func @tail_of_pairs
  // CHECK:         vector.store {{.*}}, vector<2xf32>
  // CHECK-LABEL: gpu.func @tail_of_elements
  // CHECK-NOT:     vector.store
  // CHECK:         gpu.return
  gpu.func @tail_of_pairs(%o: memref<?x32768xf32>, %a: memref<64x32xf32>, %n: index)
      kernel attributes {known_block_size = array<i32: 128, 1, 1>} {
    %c0 = arith.constant 0 : index
    %c-512 = arith.constant -512 : index
    %c512 = arith.constant 512 : index
    %c64 = arith.constant 64 : index
    %c32768 = arith.constant 32768 : index
    %t = wg.load %a[] from %c0 : memref<64x32xf32> -> !wg.tile<64x32xf32>
    %at = arith.muli %n, %c512 : index
    %back = arith.muli %n, %c-512 : index
    %left = arith.addi %back, %c32768 : index
    %cols = arith.minsi %left, %c512 : index
    %v = memref.subview %o[0, %at] [64, %cols] [1, 1] : memref<?x32768xf32> to memref<64x?xf32, strided<[32768, 1], offset: ?>>
    wg.store %t into %v[] from %c0 : !wg.tile<64x32xf32> into memref<64x?xf32, strided<[32768, 1], offset: ?>>
    gpu.return
  }
  gpu.func @tail_of_elements(%o: memref<?x32768xf32>, %a: memref<64x32xf32>, %n: index)
      kernel attributes {known_block_size = array<i32: 128, 1, 1>} {
    %c0 = arith.constant 0 : index
    %c512 = arith.constant 512 : index
    %t = wg.load %a[] from %c0 : memref<64x32xf32> -> !wg.tile<64x32xf32>
    %cols = arith.minsi %n, %c512 : index
    %v = memref.subview %o[0, %n] [64, %cols] [1, 1] : memref<?x32768xf32> to memref<64x?xf32, strided<[32768, 1], offset: ?>>
    wg.store %t into %v[] from %c0 : !wg.tile<64x32xf32> into memref<64x?xf32, strided<[32768, 1], offset: ?>>
    gpu.return
  }
}
