// RUN: attn-opt %s --pass-pipeline='builtin.module(gpu.module(convert-wg-to-nvvm),canonicalize,cse)' | FileCheck %s --implicit-check-not=gpu.barrier --implicit-check-not=llvm.load --implicit-check-not=llvm.store

// Vectors by column are in every warp: shuffles are all it takes. Nobody waits and
// nothing is in shared memory (see RUN).

gpu.module @kernels {
  // Two blocks of eight columns, a pair of each for a thread. The sums of pairs are
  // summed over a quad; what is before a thread goes to its first element, and the
  // sum of a block, which the last thread of the quad has, to the next block.
  // CHECK-LABEL: gpu.func @scan
  // CHECK:         %[[P0:.*]] = arith.muli
  // CHECK:         %[[X0:.*]] = memref.load %{{.*}}[%[[P0]]]
  // CHECK:         %[[X1:.*]] = memref.load
  // CHECK:         %[[Y0:.*]] = memref.load
  // CHECK:         %[[Y1:.*]] = memref.load
  // CHECK:         %[[LANE:.*]] = arith.remui %{{.*}}, %c32_i32
  // CHECK-NEXT:    %[[QUAD:.*]] = arith.remui %[[LANE]], %c4_i32
  // CHECK-NEXT:    %[[END:.*]] = arith.ori %[[LANE]], %c3_i32
  // CHECK-NEXT:    %[[PAIR:.*]] = arith.addf %[[X0]], %[[X1]]
  // CHECK-NEXT:    %[[BEFORE1:.*]], %{{.*}} = gpu.shuffle up %[[PAIR]], %c1_i32, %c32_i32
  // CHECK-NEXT:    %[[HAS1:.*]] = arith.cmpi sgt, %[[QUAD]], %c0_i32
  // CHECK-NEXT:    %[[ADD1:.*]] = arith.select %[[HAS1]], %[[BEFORE1]], %[[ZERO:.*]] : f32
  // CHECK-NEXT:    %[[TWO:.*]] = arith.addf %[[PAIR]], %[[ADD1]]
  // CHECK-NEXT:    %[[BEFORE2:.*]], %{{.*}} = gpu.shuffle up %[[TWO]], %c2_i32, %c32_i32
  // CHECK-NEXT:    %[[HAS2:.*]] = arith.cmpi sgt, %[[QUAD]], %c1_i32
  // CHECK-NEXT:    %[[ADD2:.*]] = arith.select %[[HAS2]], %[[BEFORE2]], %[[ZERO]] : f32
  // CHECK-NEXT:    %[[ALL:.*]] = arith.addf %[[TWO]], %[[ADD2]]
  // CHECK-NEXT:    %[[EARLIER:.*]], %{{.*}} = gpu.shuffle up %[[ALL]], %c1_i32, %c32_i32
  // CHECK-NEXT:    %[[OFFSET:.*]] = arith.select %[[HAS1]], %[[EARLIER]], %[[ZERO]] : f32
  // CHECK-NEXT:    %[[BLOCK:.*]], %{{.*}} = gpu.shuffle idx %[[ALL]], %[[END]], %c32_i32
  // CHECK-NEXT:    %[[S0:.*]] = arith.addf %[[OFFSET]], %[[X0]]
  // CHECK-NEXT:    %[[PAIR:.*]] = arith.addf %[[Y0]], %[[Y1]]
  // CHECK:         gpu.shuffle up %[[PAIR]], %c1_i32
  // CHECK:         %[[MORE:.*]] = arith.addf %{{.*}}, %{{.*}}
  // CHECK:         %[[MORE:.*]] = arith.addf %{{.*}}, %{{.*}}
  // CHECK-NEXT:    %[[EARLIER:.*]], %{{.*}} = gpu.shuffle up %[[MORE]], %c1_i32
  // CHECK-NEXT:    %[[OFFSET:.*]] = arith.select %[[HAS1]], %[[EARLIER]], %[[ZERO]] : f32
  // The sum of the last block is nobody's.
  // CHECK-NOT:     gpu.shuffle
  // CHECK:         %[[OFFSET2:.*]] = arith.addf %[[BLOCK]], %[[OFFSET]]
  // CHECK-NEXT:    %[[S3:.*]] = arith.addf %[[BLOCK]], %[[MORE]]
  // CHECK-NEXT:    %[[S2:.*]] = arith.addf %[[OFFSET2]], %[[Y0]]
  // CHECK:         memref.store %[[S0]]
  // CHECK:         memref.store %[[ALL]]
  // CHECK:         memref.store %[[S2]]
  // CHECK:         memref.store %[[S3]]
  gpu.func @scan(%a: memref<16xf32>) kernel attributes {known_block_size = array<i32: 128, 1, 1>} {
    %c0 = arith.constant 0 : index
    %t = wg.load %a[] from %c0 : memref<16xf32> -> !wg.tile<16xf32, cols>
    %x = wg.scan %t : !wg.tile<16xf32, cols>
    wg.store %x into %a[] from %c0 : !wg.tile<16xf32, cols> into memref<16xf32>
    gpu.return
  }

  // Row r of half a band is in a block of columns of its own, with thread r / 2 of
  // the quad, as the first or the second of its pair. Two warps have a band each, so
  // each looks at its number for what it sends.
  // CHECK-LABEL: gpu.func @relayout
  // CHECK:         %[[X:.*]] = memref.load
  // CHECK:         %[[LANE:.*]] = arith.remui %{{.*}}, %c32_i32 : i32
  // CHECK-NEXT:    %[[ROW:.*]] = arith.divui %[[LANE]], %c4_i32
  // CHECK-NEXT:    %[[FIRST:.*]] = arith.muli %[[ROW]], %c4_i32
  // CHECK-NEXT:    %[[HALF:.*]] = arith.divui %[[ROW]], %c2_i32
  // CHECK-NEXT:    %[[SOURCE:.*]] = arith.addi %[[FIRST]], %[[HALF]]
  // CHECK-NEXT:    %[[REST:.*]] = arith.remui %[[ROW]], %c2_i32
  // CHECK-NEXT:    %[[ODD:.*]] = arith.cmpi ne, %[[REST]], %c0_i32
  // CHECK-NEXT:    %[[WARP:.*]] = arith.divui %{{.*}}, %c32_i32
  // CHECK-NEXT:    %[[BAND:.*]] = arith.remui %[[WARP]], %c2_i32
  // CHECK-NEXT:    %[[SECOND:.*]] = arith.cmpi eq, %[[BAND]], %c1_i32
  // CHECK-NEXT:    %[[MINE:.*]] = arith.select %[[SECOND]], %{{.*}}, %[[X]] : f32
  // CHECK-NEXT:    %[[EVEN:.*]], %{{.*}} = gpu.shuffle idx %[[MINE]], %[[SOURCE]], %c32_i32
  // CHECK-NEXT:    %[[MINE:.*]] = arith.select %[[SECOND]]
  // CHECK-NEXT:    %[[ODDS:.*]], %{{.*}} = gpu.shuffle idx %[[MINE]], %[[SOURCE]], %c32_i32
  // CHECK-NEXT:    %[[R0:.*]] = arith.select %[[ODD]], %[[ODDS]], %[[EVEN]] : f32
  // CHECK-COUNT-2: gpu.shuffle idx
  // CHECK-NOT:     gpu.shuffle
  // CHECK:         memref.store %[[R0]]
  gpu.func @relayout(%a: memref<32xf32>) kernel attributes {known_block_size = array<i32: 64, 1, 1>} {
    %c0 = arith.constant 0 : index
    %t = wg.load %a[] from %c0 : memref<32xf32> -> !wg.tile<32xf32, cols>
    %x = wg.relayout %t : !wg.tile<32xf32, cols> -> !wg.tile<32xf32, rows>
    wg.store %x into %a[] from %c0 : !wg.tile<32xf32, rows> into memref<32xf32>
    gpu.return
  }

  // One warp has both bands: two shuffles for each half of each.
  // CHECK-LABEL: gpu.func @one_warp
  // CHECK-COUNT-8: gpu.shuffle idx
  // CHECK-NOT:     gpu.shuffle
  gpu.func @one_warp(%a: memref<32xf32>) kernel attributes {known_block_size = array<i32: 32, 1, 1>} {
    %c0 = arith.constant 0 : index
    %t = wg.load %a[] from %c0 : memref<32xf32> -> !wg.tile<32xf32, cols>
    %x = wg.relayout %t : !wg.tile<32xf32, cols> -> !wg.tile<32xf32, rows>
    wg.store %x into %a[] from %c0 : !wg.tile<32xf32, rows> into memref<32xf32>
    gpu.return
  }

  // A register has 32 bits.
  // CHECK-LABEL: gpu.func @narrow
  // CHECK:         %[[WIDE:.*]] = arith.extf %{{.*}} : bf16 to f32
  // CHECK-NEXT:    %[[MOVED:.*]], %{{.*}} = gpu.shuffle idx %[[WIDE]]
  // CHECK-NEXT:    arith.truncf %[[MOVED]] : f32 to bf16
  gpu.func @narrow(%a: memref<16xbf16>) kernel attributes {known_block_size = array<i32: 32, 1, 1>} {
    %c0 = arith.constant 0 : index
    %t = wg.load %a[] from %c0 : memref<16xbf16> -> !wg.tile<16xbf16, cols>
    %x = wg.relayout %t : !wg.tile<16xbf16, cols> -> !wg.tile<16xbf16, rows>
    wg.store %x into %a[] from %c0 : !wg.tile<16xbf16, rows> into memref<16xbf16>
    gpu.return
  }

  // Element 61 = 7 * 8 + 2 * 2 + 1: the second of the last pair of thread 2.
  // CHECK-LABEL: gpu.func @extract
  // CHECK:         %[[AT:.*]] = arith.addi %{{.*}}, %c57
  // CHECK-NEXT:    %[[X:.*]] = memref.load %{{.*}}[%[[AT]]]
  // CHECK-NEXT:    %[[ALL:.*]], %{{.*}} = gpu.shuffle idx %[[X]], %c2_i32, %c32_i32
  // CHECK-NEXT:    memref.store %[[ALL]]
  gpu.func @extract(%a: memref<64xf32>, %o: memref<f32>) kernel attributes {known_block_size = array<i32: 128, 1, 1>} {
    %c0 = arith.constant 0 : index
    %c61 = arith.constant 61 : index
    %t = wg.load %a[] from %c0 : memref<64xf32> -> !wg.tile<64xf32, cols>
    %x = wg.extract %t[%c61] : !wg.tile<64xf32, cols> -> f32
    memref.store %x, %o[] : memref<f32>
    gpu.return
  }
}
