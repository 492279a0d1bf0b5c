// RUN: attn-opt %s --pass-pipeline='builtin.module(gpu.module(convert-wg-to-nvvm),canonicalize,cse)' | FileCheck %s

gpu.module @kernels {
  // A pair of 16 bits is part of chunk n of block n of 8 columns; row r is at
  // r * 64 and chunk n at place n xor (r / 2 mod 4).
  // CHECK-LABEL: gpu.func @halves
  // CHECK:         %[[PAIR:.*]] = arith.muli %{{.*}}, %c4_i32
  // CHECK:         %[[R2:.*]] = arith.divui %[[ROW:.*]], %c2_i32
  // CHECK:         %[[MASK:.*]] = arith.remui %[[R2]], %c4_i32
  // CHECK:         %[[MASK16:.*]] = arith.muli %[[MASK]], %c16_i32
  // CHECK:         %[[R64:.*]] = arith.muli %[[ROW]], %c64_i32
  // CHECK:         %[[B0:.*]] = arith.addi %[[R64]], %[[MASK16]]
  // CHECK:         %[[A0:.*]] = arith.addi %[[B0]], %[[PAIR]]
  // CHECK:         %[[P0:.*]] = llvm.getelementptr %[[BASE:.*]][%[[A0]]]
  // CHECK:         llvm.store %{{.*}}, %[[P0]] {alignment = 4 : i64} : vector<2xbf16>
  // CHECK:         %[[X1:.*]] = arith.xori %[[MASK16]], %c16_i32
  // CHECK:         %[[P8:.*]] = llvm.getelementptr %[[P0]][512]
  // CHECK:         llvm.store %{{.*}}, %[[P8]]
  // CHECK:         nvvm.fence.proxy
  // CHECK:         gpu.barrier
  // CHECK:         llvm.load %[[P0]] {alignment = 4 : i64} : !llvm.ptr<3> -> vector<2xbf16>
  // CHECK:         llvm.load %[[P8]]
  gpu.func @halves(%a: memref<64x32xbf16>) kernel attributes {known_block_size = array<i32: 128, 1, 1>} {
    %c0 = arith.constant 0 : index
    %t = wg.load %a[] from %c0 : memref<64x32xbf16> -> !wg.tile<64x32xbf16>
    %s = wg.to_shared %t {wg.offset = 0 : i64} : !wg.tile<64x32xbf16> -> !wg.shared<64x32xbf16>
    gpu.barrier
    %u = wg.from_shared %s : !wg.shared<64x32xbf16> -> !wg.tile<64x32xbf16>
    wg.store %u into %a[] from %c0 : !wg.tile<64x32xbf16> into memref<64x32xbf16>
    gpu.return
  }

  // A block of 8 columns of 32 bits is two chunks: the thread decides which.
  // CHECK-LABEL: gpu.func @words
  // CHECK:         %[[PAIR:.*]] = arith.muli %{{.*}}, %c8_i32
  // CHECK:         arith.divui %[[PAIR]], %c16_i32
  // CHECK:         arith.remui %[[PAIR]], %c16_i32
  // CHECK:         llvm.store %{{.*}} {alignment = 8 : i64} : vector<2xf32>
  gpu.func @words(%a: memref<64x8xf32>) kernel attributes {known_block_size = array<i32: 128, 1, 1>} {
    %c0 = arith.constant 0 : index
    %t = wg.load %a[] from %c0 : memref<64x8xf32> -> !wg.tile<64x8xf32>
    %s = wg.to_shared %t {wg.offset = 0 : i64} : !wg.tile<64x8xf32> -> !wg.shared<64x8xf32>
    gpu.return
  }
}
