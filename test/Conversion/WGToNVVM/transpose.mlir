// RUN: attn-opt %s --pass-pipeline='builtin.module(gpu.module(convert-wg-to-nvvm),canonicalize,cse)' | FileCheck %s

gpu.module @kernels {
  // Each warp has a band of 16 rows, which are two chunks of 16 bytes in each row of
  // the source. Thread 8 m + i has the address of row i of matrix m: matrices 0 and 1
  // are the chunks of rows 0 to 7, matrices 2 and 3 those of rows 8 to 15. Sixteen
  // rows on, the swizzle is the same.
  // CHECK-LABEL: gpu.func @from_shared
  // CHECK:         gpu.barrier
  // CHECK:         %[[LANE:.*]] = arith.remui %[[THREAD:.*]], %c32_i32
  // CHECK-NEXT:    %[[Q:.*]] = arith.divui %[[LANE]], %c16_i32
  // CHECK-NEXT:    %[[ROWS:.*]] = arith.muli %[[Q]], %c8_i32
  // CHECK-NEXT:    %[[I:.*]] = arith.remui %[[LANE]], %c8_i32
  // CHECK-NEXT:    %[[ROW:.*]] = arith.addi %[[ROWS]], %[[I]]
  // CHECK-NEXT:    %[[M:.*]] = arith.divui %[[LANE]], %c8_i32
  // CHECK-NEXT:    %[[HALF:.*]] = arith.remui %[[M]], %c2_i32
  // CHECK-NEXT:    %[[WARP:.*]] = arith.divui %[[THREAD]], %c32_i32
  // CHECK-NEXT:    %[[CHUNKS:.*]] = arith.muli %[[WARP]], %c2_i32
  // CHECK-NEXT:    %[[CHUNK:.*]] = arith.addi %[[CHUNKS]], %[[HALF]]
  // CHECK:         %[[PLACE:.*]] = arith.xori %{{.*}}, %{{.*}} : i32
  // CHECK-NEXT:    %[[INROW:.*]] = arith.muli %[[ROW]], %c128_i32
  // CHECK-NEXT:    %[[INCHUNK:.*]] = arith.muli %[[PLACE]], %c16_i32
  // CHECK-NEXT:    %[[BYTES:.*]] = arith.addi %[[INROW]], %[[INCHUNK]]
  // CHECK-NEXT:    %[[P:.*]] = llvm.getelementptr %{{.*}}[%[[BYTES]]]
  // CHECK-NEXT:    %[[LEFT:.*]] = nvvm.ldmatrix %[[P]] {{{.*}}layout = #nvvm.mma_layout<col>, num = 4 : i32
  // CHECK-COUNT-4: llvm.extractvalue %[[LEFT]]
  // CHECK:         %[[PR:.*]] = llvm.getelementptr %[[P]][2048]
  // CHECK-NEXT:    nvvm.ldmatrix %[[PR]] {{{.*}}layout = #nvvm.mma_layout<col>, num = 4 : i32
  // CHECK-NOT:     nvvm.ldmatrix
  gpu.func @from_shared(%a: memref<32x64xbf16>, %o: memref<64x32xbf16>) kernel attributes {known_block_size = array<i32: 128, 1, 1>} {
    %c0 = arith.constant 0 : index
    %s = wg.copy %a[] from %c0 {wg.offset = 0 : i64} : memref<32x64xbf16> -> !wg.shared<32x64xbf16>
    gpu.barrier
    %x = wg.from_shared %s transposed : !wg.shared<32x64xbf16> -> !wg.tile<64x32xbf16>
    wg.store %x into %o[] from %c0 : !wg.tile<64x32xbf16> into memref<64x32xbf16>
    gpu.return
  }

  // Columns that are no pair of blocks, and elements that are no 16 bits.
  // CHECK-LABEL: gpu.func @elements_from_shared
  // CHECK-NOT:     nvvm.ldmatrix
  // CHECK:         gpu.barrier
  // CHECK-COUNT-4: llvm.load %{{.*}} {alignment = 2 : i64} : !llvm.ptr<3> -> bf16
  // CHECK-NOT:     llvm.load
  // CHECK:         gpu.barrier
  // CHECK-COUNT-8: llvm.load %{{.*}} {alignment = 4 : i64} : !llvm.ptr<3> -> f32
  // CHECK-NOT:     llvm.load
  // CHECK-NOT:     nvvm.ldmatrix
  gpu.func @elements_from_shared(%a: memref<8x16xbf16>, %b: memref<16x16xf32>, %o: memref<16x8xbf16>, %p: memref<16x16xf32>)
      kernel attributes {known_block_size = array<i32: 32, 1, 1>} {
    %c0 = arith.constant 0 : index
    %s = wg.copy %a[] from %c0 {wg.offset = 0 : i64} : memref<8x16xbf16> -> !wg.shared<8x16xbf16>
    gpu.barrier
    %x = wg.from_shared %s transposed : !wg.shared<8x16xbf16> -> !wg.tile<16x8xbf16>
    wg.store %x into %o[] from %c0 : !wg.tile<16x8xbf16> into memref<16x8xbf16>
    %t = wg.copy %b[] from %c0 {wg.offset = 1024 : i64} : memref<16x16xf32> -> !wg.shared<16x16xf32>
    gpu.barrier
    %y = wg.from_shared %t transposed : !wg.shared<16x16xf32> -> !wg.tile<16x16xf32>
    wg.store %y into %p[] from %c0 : !wg.tile<16x16xf32> into memref<16x16xf32>
    gpu.return
  }

  // On its way to memory a band is turned in 512 bytes that belong to its warp, so
  // only the warp waits: for what it read there before, and for what it stored. Then
  // pairs of threads write rows of 32 bytes; chunks of four rows, then of the next
  // four, are in one place or the other.
  // CHECK-LABEL: gpu.func @store
  // CHECK-SAME:    %[[O:[^:]*]]: memref<?x64xbf16>, %[[FROM:[^:]*]]: index
  // CHECK:         %[[X00:.*]] = vector.load
  // CHECK:         %[[X01:.*]] = vector.load
  // CHECK:         %[[X10:.*]] = vector.load
  // CHECK:         %[[X11:.*]] = vector.load
  // CHECK-NOT:     barrier
  // CHECK:         %[[ROWBOUND:.*]] = memref.dim %[[O]], %c0
  // CHECK:         %[[SCRATCH:.*]] = llvm.getelementptr %{{.*}}[2048]
  // CHECK-NEXT:    %[[WARP:.*]] = arith.divui %{{.*}}, %c32_i32 : i32
  // CHECK-NEXT:    %[[MINE:.*]] = arith.muli %[[WARP]], %c512_i32
  // CHECK-NEXT:    %[[BASE:.*]] = llvm.getelementptr %[[SCRATCH]][%[[MINE]]]
  // CHECK-NEXT:    nvvm.bar.warp.sync %c-1_i32
  // CHECK:         %[[INROW:.*]] = arith.muli %[[ROW:.*]], %c32_i32
  // CHECK-NEXT:    %[[FOURS:.*]] = arith.divui %[[ROW]], %c4_i32
  // CHECK-NEXT:    %[[TURN:.*]] = arith.remui %[[FOURS]], %c2_i32
  // CHECK-NEXT:    %[[CHUNK:.*]] = arith.xori %{{.*}}, %[[TURN]]
  // CHECK-NEXT:    %[[INCHUNK:.*]] = arith.muli %[[CHUNK]], %c16_i32
  // CHECK-NEXT:    %[[BYTES:.*]] = arith.addi %[[INROW]], %[[INCHUNK]]
  // CHECK-DAG:     %[[M0:.*]] = llvm.bitcast %[[X00]] : vector<2xbf16> to i32
  // CHECK-DAG:     %[[M1:.*]] = llvm.bitcast %[[X10]] : vector<2xbf16> to i32
  // CHECK-DAG:     %[[M2:.*]] = llvm.bitcast %[[X01]] : vector<2xbf16> to i32
  // CHECK-DAG:     %[[M3:.*]] = llvm.bitcast %[[X11]] : vector<2xbf16> to i32
  // CHECK:         %[[P:.*]] = llvm.getelementptr %[[BASE]][%[[BYTES]]]
  // CHECK-NEXT:    nvvm.stmatrix %[[P]], %[[M0]], %[[M1]], %[[M2]], %[[M3]] {{{.*}}layout = #nvvm.mma_layout<col>
  // CHECK-NEXT:    nvvm.bar.warp.sync %c-1_i32
  // CHECK-NEXT:    %[[ROW:.*]] = arith.divui %{{.*}}, %c2_i32
  // CHECK-NEXT:    %[[HALF:.*]] = arith.remui %{{.*}}, %c2_i32
  // CHECK:         %[[FIRST:.*]] = arith.muli %[[WARP]], %c16_i32
  // CHECK-NEXT:    %[[RIGHT:.*]] = arith.muli %[[HALF]], %c8_i32
  // CHECK-NEXT:    %[[COL:.*]] = arith.addi %[[FIRST]], %[[RIGHT]]
  // CHECK-DAG:     %[[TOCOL:.*]] = arith.index_cast %[[COL]]
  // CHECK-DAG:     %[[R:.*]] = arith.index_cast %[[ROW]]
  // CHECK:         %[[TOROW:.*]] = arith.addi %[[FROM]], %[[R]]
  // CHECK-NEXT:    %[[EXISTS:.*]] = arith.cmpi slt, %[[TOROW]], %[[ROWBOUND]]
  // CHECK-NEXT:    scf.if %[[EXISTS]] {
  // CHECK:           %[[V:.*]] = llvm.load %{{.*}} {alignment = 16 : i64} : !llvm.ptr<3> -> vector<8xbf16>
  // CHECK-NEXT:      vector.store %[[V]], %[[O]][%[[TOROW]], %[[TOCOL]]] {alignment = 16 : i64}
  // CHECK-NOT:     barrier
  // CHECK:         gpu.return
  gpu.func @store(%o: memref<?x64xbf16>, %i: index, %a: memref<64x16xbf16>) kernel attributes {known_block_size = array<i32: 128, 1, 1>} {
    %c0 = arith.constant 0 : index
    %x = wg.load %a[] from %c0 : memref<64x16xbf16> -> !wg.tile<64x16xbf16>
    wg.store %x transposed into %o[] from %i {wg.offset = 2048 : i64} : !wg.tile<64x16xbf16> into memref<?x64xbf16>
    gpu.return
  }

  // Two bands of a warp have places of their own.
  // CHECK-LABEL: gpu.func @two_bands
  // CHECK-COUNT-2: nvvm.stmatrix
  // CHECK:         %[[NEXT:.*]] = arith.addi %{{.*}}, %c2_i32
  // CHECK-NEXT:    arith.muli %[[NEXT]], %c1024_i32
  // CHECK-COUNT-2: nvvm.stmatrix
  // CHECK-NOT:     nvvm.stmatrix
  gpu.func @two_bands(%a: memref<64x32xf16>, %o: memref<32x64xf16>) kernel attributes {known_block_size = array<i32: 64, 1, 1>} {
    %c0 = arith.constant 0 : index
    %x = wg.load %a[] from %c0 : memref<64x32xf16> -> !wg.tile<64x32xf16>
    wg.store %x transposed into %o[] from %c0 {wg.offset = 0 : i64} : !wg.tile<64x32xf16> into memref<32x64xf16>
    gpu.return
  }

  // Rows of memory that may not begin at multiples of 16 bytes: if not, element by
  // element.
  // CHECK-LABEL: gpu.func @unaligned
  // CHECK:         %[[ALIGNED:.*]] = arith.cmpi eq, %{{.*}}, %c0
  // CHECK:         scf.if %[[ALIGNED]] {
  // CHECK:           nvvm.stmatrix
  // CHECK:         } else {
  // CHECK-NOT:       vector.store
  // CHECK-COUNT-8:   memref.store
  // CHECK-NOT:     memref.store
  gpu.func @unaligned(%a: memref<16x16xbf16>, %o: memref<16x16xbf16, strided<[?, 1], offset: ?>>) kernel attributes {known_block_size = array<i32: 32, 1, 1>} {
    %c0 = arith.constant 0 : index
    %x = wg.load %a[] from %c0 : memref<16x16xbf16> -> !wg.tile<16x16xbf16>
    wg.store %x transposed into %o[] from %c0 {wg.offset = 0 : i64} : !wg.tile<16x16xbf16> into memref<16x16xbf16, strided<[?, 1], offset: ?>>
    gpu.return
  }

  // Element by element: a row of the tile is a column of memory. No scratch is
  // needed for sizes that no matrices cover, nor a place for it.
  // CHECK-LABEL: gpu.func @odd_size
  // CHECK:         %[[ROW:.*]]:2 = vector.to_elements
  // CHECK:         %[[BELOW:.*]]:2 = vector.to_elements
  // CHECK-NOT:     nvvm.stmatrix
  // CHECK:         memref.store %[[ROW]]#0, %{{.*}}[%[[C:.*]], %[[R:.*]]]
  // CHECK:         %[[R8:.*]] = arith.addi %[[R]], %c8
  // CHECK-NEXT:    memref.store %[[BELOW]]#0, %{{.*}}[%[[C]], %[[R8]]]
  // CHECK:         %[[C1:.*]] = arith.addi %[[C]], %c1
  // CHECK:         memref.store %[[ROW]]#1, %{{.*}}[%[[C1]], %
  // CHECK:         memref.store %[[BELOW]]#1, %{{.*}}[%[[C1]], %
  // CHECK-NOT:     memref.store
  gpu.func @odd_size(%a: memref<64x8xbf16>, %o: memref<8x64xbf16>) kernel attributes {known_block_size = array<i32: 128, 1, 1>} {
    %c0 = arith.constant 0 : index
    %x = wg.load %a[] from %c0 : memref<64x8xbf16> -> !wg.tile<64x8xbf16>
    wg.store %x transposed into %o[] from %c0 : !wg.tile<64x8xbf16> into memref<8x64xbf16>
    gpu.return
  }

  // Neither where two warps have one band and would share its place, nor where
  // chunks may end outside of the memory.
  // CHECK-LABEL: gpu.func @shared_band
  // CHECK-NOT:     nvvm.stmatrix
  // CHECK-COUNT-8: memref.store
  // CHECK-LABEL: gpu.func @unknown_columns
  // CHECK-NOT:     nvvm.stmatrix
  // CHECK-COUNT-8: memref.store
  // CHECK-NOT:     nvvm.stmatrix
  // CHECK:         gpu.return
  gpu.func @shared_band(%a: memref<16x16xbf16>, %o: memref<16x16xbf16>) kernel attributes {known_block_size = array<i32: 64, 1, 1>} {
    %c0 = arith.constant 0 : index
    %x = wg.load %a[] from %c0 : memref<16x16xbf16> -> !wg.tile<16x16xbf16>
    wg.store %x transposed into %o[] from %c0 {wg.offset = 0 : i64} : !wg.tile<16x16xbf16> into memref<16x16xbf16>
    gpu.return
  }
  gpu.func @unknown_columns(%a: memref<16x16xbf16>, %o: memref<?x?xbf16>) kernel attributes {known_block_size = array<i32: 32, 1, 1>} {
    %c0 = arith.constant 0 : index
    %x = wg.load %a[] from %c0 : memref<16x16xbf16> -> !wg.tile<16x16xbf16>
    wg.store %x transposed into %o[] from %c0 {wg.offset = 0 : i64} : !wg.tile<16x16xbf16> into memref<?x?xbf16>
    gpu.return
  }

  // A column of the tile is a row of memory; the limits are those of memory.
  // CHECK-LABEL: gpu.func @load
  // CHECK-SAME:    %[[A:[^:]*]]: memref<?x?xf32>, %{{[^:]*}}: memref<16x8xf32>, %[[FROM:[^:]*]]: index, %[[ROWS:[^:]*]]: index, %[[COLFROM:[^:]*]]: index, %[[COLS:[^:]*]]: index
  // CHECK:         %[[PAIR:.*]] = arith.muli %{{.*}}, %c2
  // CHECK-NEXT:    %[[ROW:.*]] = arith.addi %[[FROM]], %[[PAIR]]
  // CHECK-NEXT:    %[[ROWEXISTS:.*]] = arith.cmpi slt, %[[ROW]], %[[ROWS]]
  // CHECK:         %[[COL:.*]] = arith.addi %[[COLFROM]], %{{.*}}
  // CHECK-NEXT:    %[[COLEXISTS:.*]] = arith.cmpi slt, %[[COL]], %[[COLS]]
  // CHECK-NEXT:    %[[EXISTS:.*]] = arith.andi %[[ROWEXISTS]], %[[COLEXISTS]]
  // CHECK-NEXT:    %[[X00:.*]] = scf.if %[[EXISTS]] -> (f32) {
  // CHECK-NEXT:      memref.load %[[A]][%[[ROW]], %[[COL]]]
  // CHECK:         } else {
  // CHECK-NEXT:      scf.yield %cst
  // CHECK:         scf.if
  // CHECK:         %[[NEXT:.*]] = arith.addi %[[PAIR]], %c1
  // CHECK-NEXT:    %[[ROW1:.*]] = arith.addi %[[FROM]], %[[NEXT]]
  // CHECK:         %[[X01:.*]] = scf.if
  // CHECK-NEXT:      memref.load %[[A]][%[[ROW1]], %[[COL]]]
  // CHECK:         vector.from_elements %[[X00]], %[[X01]] : vector<2xf32>
  gpu.func @load(%a: memref<?x?xf32>, %o: memref<16x8xf32>, %i: index, %n: index, %j: index, %m: index) kernel attributes {known_block_size = array<i32: 32, 1, 1>} {
    %c0 = arith.constant 0 : index
    %x = wg.load transposed %a[] from %i limit %n columns_from %j columns_limit %m : memref<?x?xf32> -> !wg.tile<16x8xf32>
    wg.store %x into %o[] from %c0 : !wg.tile<16x8xf32> into memref<16x8xf32>
    gpu.return
  }
}
