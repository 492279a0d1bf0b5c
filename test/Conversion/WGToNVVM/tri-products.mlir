// RUN: attn-opt %s --pass-pipeline='builtin.module(gpu.module(convert-wg-to-nvvm),canonicalize,cse)' | FileCheck %s

gpu.module @kernels {
  // Rows are 40 elements, 160 bytes, apart. The inverses of the blocks on the diagonal
  // are there as without products; then one warp merges the two of them.
  // CHECK-LABEL: gpu.func @rounded
  // CHECK:         %[[BASE:.*]] = llvm.mlir.addressof
  // CHECK-COUNT-8: llvm.store %{{.*}} {alignment = 8 : i64} : vector<2xf32>, !llvm.ptr<3>
  // CHECK:         gpu.barrier
  // CHECK:         llvm.intr.fma
  // CHECK:         gpu.barrier
  // CHECK-COUNT-16: llvm.store %{{.*}} {alignment = 4 : i64} : f32, !llvm.ptr<3>
  // CHECK:         gpu.barrier
  // CHECK-NOT:     scf.for
  // CHECK:         %[[MINE:.*]] = arith.cmpi eq, %{{.*}}, %c0_i32
  // CHECK-NEXT:    scf.if %[[MINE]] {

  // T_00^T, a left operand of two numbers of bf16: neighbours in a row of it are a
  // row apart in memory.
  // CHECK:           %[[P:.*]] = llvm.getelementptr %[[BASE]][%{{.*}}]
  // CHECK-NEXT:      %[[X:.*]] = llvm.load %[[P]] {alignment = 4 : i64}
  // CHECK-NEXT:      %[[NEXT:.*]] = llvm.getelementptr %[[P]][160]
  // CHECK-NEXT:      %[[Y:.*]] = llvm.load %[[NEXT]] {alignment = 4 : i64}
  // CHECK-NEXT:      %[[PAIR:.*]] = vector.from_elements %[[X]], %[[Y]] : vector<2xf32>
  // CHECK-NEXT:      %[[HIGH:.*]] = arith.truncf %[[PAIR]] : vector<2xf32> to vector<2xbf16>
  // CHECK-NEXT:      %[[A0:.*]] = llvm.bitcast %[[HIGH]] : vector<2xbf16> to i32
  // CHECK-NEXT:      %[[LOWER:.*]] = arith.shli %[[A0]], %c16_i32
  // CHECK-NEXT:      %[[UPPER:.*]] = arith.andi %[[A0]], %c-65536_i32
  // CHECK-NEXT:      %[[BACK0:.*]] = llvm.bitcast %[[LOWER]] : i32 to f32
  // CHECK-NEXT:      %[[REST0:.*]] = arith.subf %[[X]], %[[BACK0]]
  // CHECK-NEXT:      %[[BACK1:.*]] = llvm.bitcast %[[UPPER]] : i32 to f32
  // CHECK-NEXT:      %[[REST1:.*]] = arith.subf %[[Y]], %[[BACK1]]
  // CHECK-NEXT:      %[[RESTS:.*]] = vector.from_elements %[[REST0]], %[[REST1]]
  // CHECK-NEXT:      %[[LOW:.*]] = arith.truncf %[[RESTS]] : vector<2xf32> to vector<2xbf16>
  // CHECK-NEXT:      %[[L0:.*]] = llvm.bitcast %[[LOW]] : vector<2xbf16> to i32

  // T_00^T A_10^T, of eight columns: the smallest products first, and not that of
  // both rests. A_10 begins at row 16: 2560 bytes.
  // CHECK:           %[[A10:.*]] = llvm.getelementptr %{{.*}}[2560]
  // CHECK-NEXT:      llvm.load %[[A10]] {alignment = 8 : i64} : !llvm.ptr<3> -> vector<2xf32>
  // CHECK:           %[[S1:.*]] = nvvm.mma.sync A[%[[L0]], {{.*}}] B[%[[B0:.*]], %[[B1:.*]]] C[%[[Z:.*]], %[[Z]], %[[Z]], %[[Z]]] {{.*}}bf16{{.*}}shape = #nvvm.shape<m = 16, n = 8, k = 16>
  // CHECK:           %[[S2:.*]] = nvvm.mma.sync A[%[[A0]], {{.*}}] B[%[[BL0:.*]], %[[BL1:.*]]] C[
  // CHECK:           %[[S3:.*]] = nvvm.mma.sync A[%[[A0]], {{.*}}] B[%[[B0]], %[[B1]]] C[
  // CHECK-DAG:       %[[R0:.*]] = llvm.extractvalue %[[S3]][0]
  // CHECK-DAG:       %[[R1:.*]] = llvm.extractvalue %[[S3]][1]
  // CHECK-COUNT-3:   nvvm.mma.sync

  // Minus that times T_11^T: the registers of sums are those of a left operand.
  // CHECK-DAG:       %[[N0:.*]] = arith.negf %[[R0]]
  // CHECK-DAG:       %[[N1:.*]] = arith.negf %[[R1]]
  // CHECK:           vector.from_elements %[[N0]], %[[N1]] : vector<2xf32>
  // CHECK-COUNT-6:   nvvm.mma.sync
  // CHECK-NOT:       nvvm.mma.sync
  // T_10^T goes to block (0, 1).
  // CHECK-COUNT-4:   llvm.store %{{.*}} {alignment = 8 : i64} : vector<2xf32>, !llvm.ptr<3>
  // CHECK:         }
  // CHECK-NEXT:    gpu.barrier

  // Blocks below the diagonal are read from above it, transposed.
  // CHECK-NEXT:    %[[DIAGONAL:.*]] = arith.cmpi eq, %{{.*}}, %c0_i32
  // CHECK:         %[[PLACE:.*]] = arith.select %[[DIAGONAL]], %{{.*}}, %{{.*}} : i32
  // CHECK-NEXT:    %[[BYTES:.*]] = arith.muli %[[PLACE]], %c4_i32
  // CHECK-NEXT:    %[[P:.*]] = llvm.getelementptr %[[BASE]][%[[BYTES]]]
  // CHECK-NEXT:    %[[E:.*]] = llvm.load %[[P]] {alignment = 4 : i64} : !llvm.ptr<3> -> f32
  // CHECK-NEXT:    %[[ABOVE:.*]] = arith.cmpi slt
  // CHECK-NEXT:    arith.select %[[ABOVE]], %{{.*}}, %[[E]] : f32
  // CHECK:         gpu.barrier
  gpu.func @rounded(%a: memref<32x32xf32>, %o: memref<32x32xf16>) kernel attributes {known_block_size = array<i32: 128, 1, 1>} {
    %c0 = arith.constant 0 : index
    %t = wg.load %a[] from %c0 : memref<32x32xf32> -> !wg.tile<32x32xf32>
    %x = wg.tri_inverse %t {wg.offset = 0 : i64} : !wg.tile<32x32xf32>
    %y = wg.map ins(%x : !wg.tile<32x32xf32>) -> !wg.tile<32x32xf16> {
    ^bb0(%i: index, %j: index, %e: f32):
      %h = arith.truncf %e : f32 to f16
      wg.yield %h : f16
    }
    wg.store %y into %o[] from %c0 : !wg.tile<32x32xf16> into memref<32x32xf16>
    gpu.return
  }

  // For the 8 bits of bf16, operands are one number each of the 11 bits that are read
  // of an f32, rounded to these: half of the last one of them is added. Columns of the
  // left operand are multiplied in the order 0, 2, 4, 6, 1, 3, 5, 7.
  // CHECK-LABEL: gpu.func @narrow
  // CHECK:         scf.if
  // CHECK:           %[[X:.*]] = llvm.load %{{.*}} {alignment = 4 : i64} : !llvm.ptr<3> -> f32
  // CHECK:           %[[Y:.*]] = llvm.load %{{.*}} {alignment = 4 : i64} : !llvm.ptr<3> -> f32
  // CHECK-NEXT:      %[[XBITS:.*]] = llvm.bitcast %[[X]] : f32 to i32
  // CHECK-NEXT:      %[[A0:.*]] = arith.addi %[[XBITS]], %c4096_i32
  // CHECK-NEXT:      %[[YBITS:.*]] = llvm.bitcast %[[Y]] : f32 to i32
  // CHECK-NEXT:      %[[A2:.*]] = arith.addi %[[YBITS]], %c4096_i32
  // CHECK:           nvvm.mma.sync A[%[[A0]], %{{.*}}, %[[A2]], %{{.*}}] B[%{{.*}}, %{{.*}}] C[{{.*}}tf32{{.*}}shape = #nvvm.shape<m = 16, n = 8, k = 8>
  // CHECK-COUNT-7:   nvvm.mma.sync
  // CHECK-NOT:       nvvm.mma.sync
  // CHECK:         gpu.return
  gpu.func @narrow(%a: memref<32x32xf32>, %o: memref<32x32xbf16>) kernel attributes {known_block_size = array<i32: 128, 1, 1>} {
    %c0 = arith.constant 0 : index
    %t = wg.load %a[] from %c0 : memref<32x32xf32> -> !wg.tile<32x32xf32>
    %x = wg.tri_inverse %t {wg.offset = 0 : i64} : !wg.tile<32x32xf32>
    %y = wg.map ins(%x : !wg.tile<32x32xf32>) -> !wg.tile<32x32xbf16> {
    ^bb0(%i: index, %j: index, %e: f32):
      %h = arith.truncf %e : f32 to bf16
      wg.yield %h : bf16
    }
    wg.store %y into %o[] from %c0 : !wg.tile<32x32xbf16> into memref<32x32xbf16>
    gpu.return
  }

  // Of four columns of blocks three have something to merge, each by a warp of its
  // own: of six, three and one products with A, and three, two and one with T_ii, of
  // two halves each. The two warps of the second kernel take turns.
  // CHECK-LABEL: gpu.func @columns
  // CHECK:         %[[WARP:.*]] = arith.divui %{{.*}}, %c32_i32 : i32
  // CHECK:         %[[FIRST:.*]] = arith.cmpi eq, %[[WARP]], %c0_i32
  // CHECK-NEXT:    scf.if %[[FIRST]] {
  // CHECK-COUNT-54:  nvvm.mma.sync
  // CHECK-NOT:       nvvm.mma.sync
  // CHECK:         %[[SECOND:.*]] = arith.cmpi eq, %[[WARP]], %c1_i32
  // CHECK-NEXT:    scf.if %[[SECOND]] {
  // CHECK-COUNT-30:  nvvm.mma.sync
  // CHECK-NOT:       nvvm.mma.sync
  // CHECK:         %[[THIRD:.*]] = arith.cmpi eq, %[[WARP]], %c2_i32
  // CHECK-NEXT:    scf.if %[[THIRD]] {
  // CHECK-COUNT-12:  nvvm.mma.sync
  // CHECK-NOT:       nvvm.mma.sync
  // CHECK:         gpu.return
  gpu.func @columns(%a: memref<64x64xf32>, %o: memref<64x64xf16>) kernel attributes {known_block_size = array<i32: 128, 1, 1>} {
    %c0 = arith.constant 0 : index
    %t = wg.load %a[] from %c0 : memref<64x64xf32> -> !wg.tile<64x64xf32>
    %x = wg.tri_inverse %t {wg.offset = 0 : i64} : !wg.tile<64x64xf32>
    %y = wg.map ins(%x : !wg.tile<64x64xf32>) -> !wg.tile<64x64xf16> {
    ^bb0(%i: index, %j: index, %e: f32):
      %h = arith.truncf %e : f32 to f16
      wg.yield %h : f16
    }
    wg.store %y into %o[] from %c0 : !wg.tile<64x64xf16> into memref<64x64xf16>
    gpu.return
  }

  // Of two warps the first has the third column, too.
  // CHECK-LABEL: gpu.func @two_warps
  // CHECK:         %[[WARP:.*]] = arith.divui %{{.*}}, %c32_i32 : i32
  // CHECK:         %[[FIRST:.*]] = arith.cmpi eq, %[[WARP]], %c0_i32
  // CHECK-NEXT:    scf.if %[[FIRST]] {
  // CHECK-COUNT-36:  nvvm.mma.sync
  // CHECK:         scf.if
  // CHECK-COUNT-20:  nvvm.mma.sync
  // CHECK:         scf.if %[[FIRST]] {
  // CHECK-COUNT-8:  nvvm.mma.sync
  gpu.func @two_warps(%a: memref<64x64xf32>, %o: memref<64x64xbf16>) kernel attributes {known_block_size = array<i32: 64, 1, 1>} {
    %c0 = arith.constant 0 : index
    %t = wg.load %a[] from %c0 : memref<64x64xf32> -> !wg.tile<64x64xf32>
    %x = wg.tri_inverse %t {wg.offset = 0 : i64} : !wg.tile<64x64xf32>
    %y = wg.map ins(%x : !wg.tile<64x64xf32>) -> !wg.tile<64x64xbf16> {
    ^bb0(%i: index, %j: index, %e: f32):
      %h = arith.truncf %e : f32 to bf16
      wg.yield %h : bf16
    }
    wg.store %y into %o[] from %c0 : !wg.tile<64x64xbf16> into memref<64x64xbf16>
    gpu.return
  }

  // What is used as f32 too, anywhere or in the same map, is not of two numbers of
  // 16 bits.
  // CHECK-LABEL: gpu.func @stored
  // CHECK-NOT:     nvvm.mma.sync
  // CHECK:         scf.for
  // CHECK-NOT:     nvvm.mma.sync
  // CHECK-LABEL: gpu.func @scaled
  // CHECK-NOT:     nvvm.mma.sync
  // CHECK:         scf.for
  // CHECK-NOT:     nvvm.mma.sync
  // CHECK:         gpu.return
  gpu.func @stored(%a: memref<32x32xf32>, %o: memref<32x32xbf16>) kernel attributes {known_block_size = array<i32: 128, 1, 1>} {
    %c0 = arith.constant 0 : index
    %t = wg.load %a[] from %c0 : memref<32x32xf32> -> !wg.tile<32x32xf32>
    %x = wg.tri_inverse %t {wg.offset = 0 : i64} : !wg.tile<32x32xf32>
    %y = wg.map ins(%x : !wg.tile<32x32xf32>) -> !wg.tile<32x32xbf16> {
    ^bb0(%i: index, %j: index, %e: f32):
      %h = arith.truncf %e : f32 to bf16
      wg.yield %h : bf16
    }
    wg.store %y into %o[] from %c0 : !wg.tile<32x32xbf16> into memref<32x32xbf16>
    wg.store %x into %a[] from %c0 : !wg.tile<32x32xf32> into memref<32x32xf32>
    gpu.return
  }
  gpu.func @scaled(%a: memref<32x32xf32>, %o: memref<32x32xbf16>, %s: f32) kernel attributes {known_block_size = array<i32: 128, 1, 1>} {
    %c0 = arith.constant 0 : index
    %t = wg.load %a[] from %c0 : memref<32x32xf32> -> !wg.tile<32x32xf32>
    %x = wg.tri_inverse %t {wg.offset = 0 : i64} : !wg.tile<32x32xf32>
    %y = wg.map ins(%x : !wg.tile<32x32xf32>) -> !wg.tile<32x32xbf16> {
    ^bb0(%i: index, %j: index, %e: f32):
      %m = arith.mulf %e, %s : f32
      %h = arith.truncf %m : f32 to bf16
      wg.yield %h : bf16
    }
    wg.store %y into %o[] from %c0 : !wg.tile<32x32xbf16> into memref<32x32xbf16>
    gpu.return
  }
}
