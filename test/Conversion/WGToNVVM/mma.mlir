// RUN: attn-opt %s --pass-pipeline='builtin.module(gpu.module(convert-wg-to-nvvm),canonicalize,cse)' | FileCheck %s

!a = !wg.shared<64x128xbf16>
!b = !wg.shared<32x128xbf16>
!acc = !wg.tile<64x32xf32>

gpu.module @kernels {
  // Both operands have k contiguous. A swizzle of 128 bytes: bit 62; groups of
  // 8 rows of 1024 bytes: 64 << 32; four steps of 32 bytes, then the next block
  // of columns, 64 and 32 rows on. What is added to zeros begins without them.
  // CHECK-LABEL: gpu.func @inner
  // CHECK-DAG:     %[[FIXED:.*]] = arith.constant 4611686293305360384 : i64
  // CHECK-DAG:     %[[UNDEF:.*]] = llvm.mlir.undef
  // CHECK:         nvvm.wgmma.fence.aligned
  // CHECK-DAG:     %[[A:.*]] = arith.ori %{{.*}}, %[[FIXED]]
  // CHECK-DAG:     %[[B:.*]] = arith.ori %{{.*}}, %[[FIXED]]
  // CHECK:         %[[D0:.*]] = nvvm.wgmma.mma_async %[[A]], %[[B]], %[[UNDEF]], <m = 64, n = 32, k = 16>, D[<f32>, <zero>], A[<bf16>, <one>, <row>], B[<bf16>, <one>, <col>]
  // CHECK-DAG:     %[[A1:.*]] = arith.addi %[[A]], %c2_i64
  // CHECK-DAG:     %[[B1:.*]] = arith.addi %[[B]], %c2_i64
  // CHECK:         nvvm.wgmma.mma_async %[[A1]], %[[B1]], {{.*}}D[<f32>, <one>]
  // CHECK-COUNT-2: nvvm.wgmma.mma_async
  // CHECK-DAG:     %[[A4:.*]] = arith.addi %[[A]], %c512_i64
  // CHECK-DAG:     %[[B4:.*]] = arith.addi %[[B]], %c256_i64
  // CHECK:         nvvm.wgmma.mma_async %[[A4]], %[[B4]]
  // CHECK-COUNT-3: nvvm.wgmma.mma_async
  // CHECK-NOT:     nvvm.wgmma.mma_async
  // CHECK:         nvvm.wgmma.commit.group.sync.aligned
  // CHECK-NEXT:    llvm.inline_asm has_side_effects asm_dialect = att "wgmma.wait_group.sync.aligned 0;", "=f,{{.*}},0,1,{{.*}},15,~{memory}"
  gpu.func @inner(%x: memref<64x128xbf16>, %y: memref<32x128xbf16>, %z: memref<64x32xf32>)
      kernel attributes {known_block_size = array<i32: 128, 1, 1>} {
    %c0 = arith.constant 0 : index
    %zero = arith.constant 0.0 : f32
    %a = wg.copy %x[] from %c0 {wg.offset = 0 : i64} : memref<64x128xbf16> -> !a
    %b = wg.copy %y[] from %c0 {wg.offset = 16384 : i64} : memref<32x128xbf16> -> !b
    %acc = wg.splat %zero : f32 -> !acc
    gpu.barrier
    %d = wg.mma %a, %b transposed, %acc : !a, !b, !acc
    wg.store %d into %z[] from %c0 : !acc into memref<64x32xf32>
    gpu.return
  }

  // m and n are contiguous. The right operand has rows of 64 bytes (mode 2):
  // its blocks of columns are 32 * 64 bytes apart, its groups of rows 512, and
  // 16 rows are 1024 bytes. The left one has two blocks of 64 columns, one for
  // each warpgroup: 4096 bytes apart.
  // CHECK-LABEL: gpu.func @outer
  // CHECK-DAG:     %[[A_FIXED:.*]] = arith.constant 4611686293322072064 : i64
  // CHECK-DAG:     %[[B_FIXED:.*]] = arith.constant -9223371899407433728 : i64
  // CHECK:         %[[FENCED:.*]] = llvm.inline_asm has_side_effects asm_dialect = att "wgmma.fence.sync.aligned;"
  // CHECK:         %[[GROUP:.*]] = nvvm.shfl.sync idx
  // CHECK:         %[[OFFSET:.*]] = arith.muli %[[GROUP]], %c4096_i32
  // CHECK:         arith.addi %{{.*}}, %[[OFFSET]]
  // CHECK:         %[[A:.*]] = arith.ori %{{.*}}, %[[A_FIXED]]
  // CHECK:         %[[B:.*]] = arith.ori %{{.*}}, %[[B_FIXED]]
  // CHECK:         nvvm.wgmma.mma_async %[[A]], %[[B]], {{.*}}<m = 64, n = 32, k = 16>, D[<f32>, <one>], A[<f16>, <one>, <col>], B[<f16>, <one>, <row>]
  // CHECK:         %[[A1:.*]] = arith.addi %[[A]], %c128_i64
  // CHECK:         %[[B1:.*]] = arith.addi %[[B]], %c64_i64
  // CHECK:         nvvm.wgmma.mma_async %[[A1]], %[[B1]]
  // CHECK-NOT:     nvvm.wgmma.mma_async
  gpu.func @outer(%x: memref<32x128xf16>, %y: memref<32x32xf16>, %z: memref<128x32xf32>)
      kernel attributes {known_block_size = array<i32: 256, 1, 1>} {
    %c0 = arith.constant 0 : index
    %a = wg.copy %x[] from %c0 {wg.offset = 0 : i64} : memref<32x128xf16> -> !wg.shared<32x128xf16>
    %b = wg.copy %y[] from %c0 {wg.offset = 8192 : i64} : memref<32x32xf16> -> !wg.shared<32x32xf16>
    %acc = wg.load %z[] from %c0 : memref<128x32xf32> -> !wg.tile<128x32xf32>
    gpu.barrier
    %d = wg.mma %a transposed, %b, %acc : !wg.shared<32x128xf16>, !wg.shared<32x32xf16>, !wg.tile<128x32xf32>
    wg.store %d into %z[] from %c0 : !wg.tile<128x32xf32> into memref<128x32xf32>
    gpu.return
  }

  // The left operand in registers; four of them for 16 of k.
  // CHECK-LABEL: gpu.func @registers
  // CHECK-COUNT-8: llvm.bitcast %{{.*}} : vector<2xbf16> to i32
  // CHECK:         llvm.inline_asm {{.*}} "wgmma.fence.sync.aligned;", "=r,
  // CHECK:         llvm.inline_asm {{.*}} "{ .reg .pred p; setp.ne.b32 p, 0, 0; wgmma.mma_async.sync.aligned.m64n8k16.f32.bf16.bf16 {$0, $1, $2, $3}, {$4, $5, $6, $7}, $8, p, 1, 1, 0; }", "=f,=f,=f,=f,r,r,r,r,l,~{memory}"
  // CHECK:         llvm.inline_asm {{.*}} "wgmma.mma_async.sync.aligned.m64n8k16.f32.bf16.bf16 {$0, $1, $2, $3}, {$8, $9, $10, $11}, $12, 1, 1, 1, 0;", "=f,=f,=f,=f,0,1,2,3,r,r,r,r,l,~{memory}"
  gpu.func @registers(%x: memref<64x32xbf16>, %y: memref<8x32xbf16>, %z: memref<64x8xf32>)
      kernel attributes {known_block_size = array<i32: 128, 1, 1>} {
    %c0 = arith.constant 0 : index
    %zero = arith.constant 0.0 : f32
    %a = wg.load %x[] from %c0 : memref<64x32xbf16> -> !wg.tile<64x32xbf16>
    %b = wg.copy %y[] from %c0 {wg.offset = 0 : i64} : memref<8x32xbf16> -> !wg.shared<8x32xbf16>
    %acc = wg.splat %zero : f32 -> !wg.tile<64x8xf32>
    gpu.barrier
    %d = wg.mma %a, %b transposed, %acc : !wg.tile<64x32xbf16>, !wg.shared<8x32xbf16>, !wg.tile<64x8xf32>
    wg.store %d into %z[] from %c0 : !wg.tile<64x8xf32> into memref<64x8xf32>
    gpu.return
  }

  // More columns than an instruction has; the registers are more than one piece
  // of inline PTX takes, and the wait is in the first.
  // CHECK-LABEL: gpu.func @split
  // CHECK:         nvvm.wgmma.mma_async {{.*}}<m = 64, n = 256, k = 16>
  // CHECK:         nvvm.wgmma.mma_async {{.*}}<m = 64, n = 64, k = 16>
  // CHECK:         llvm.inline_asm {{.*}} "wgmma.wait_group.sync.aligned 0;"
  // CHECK:         llvm.inline_asm {{.*}} "",
  gpu.func @split(%x: memref<64x16xbf16>, %y: memref<16x320xbf16>, %z: memref<64x320xf32>)
      kernel attributes {known_block_size = array<i32: 128, 1, 1>} {
    %c0 = arith.constant 0 : index
    %zero = arith.constant 0.0 : f32
    %a = wg.copy %x[] from %c0 {wg.offset = 0 : i64} : memref<64x16xbf16> -> !wg.shared<64x16xbf16>
    %b = wg.copy %y[] from %c0 {wg.offset = 2048 : i64} : memref<16x320xbf16> -> !wg.shared<16x320xbf16>
    %acc = wg.splat %zero : f32 -> !wg.tile<64x320xf32>
    gpu.barrier
    %d = wg.mma %a, %b, %acc : !wg.shared<64x16xbf16>, !wg.shared<16x320xbf16>, !wg.tile<64x320xf32>
    wg.store %d into %z[] from %c0 : !wg.tile<64x320xf32> into memref<64x320xf32>
    gpu.return
  }
  // Products in flight are groups of their own; a wait takes the registers of its
  // product, so that nothing that reads them comes before it.
  // CHECK-LABEL: gpu.func @in_flight
  // CHECK-COUNT-2: nvvm.wgmma.mma_async {{.*}}<m = 64, n = 16, k = 16>
  // CHECK:         nvvm.wgmma.commit.group.sync.aligned
  // CHECK-NOT:     wait_group
  // CHECK-COUNT-2: llvm.inline_asm {{.*}} "wgmma.mma_async.sync.aligned.m64n8k16.f32.bf16.bf16
  // CHECK:         nvvm.wgmma.commit.group.sync.aligned
  // CHECK-NEXT:    %[[S:.*]] = llvm.inline_asm has_side_effects asm_dialect = att "wgmma.wait_group.sync.aligned 1;", "=f,=f,=f,=f,=f,=f,=f,=f,0,1,2,3,4,5,6,7,~{memory}"
  // CHECK-NEXT:    llvm.extractvalue %[[S]][0]
  // CHECK:         %[[O:.*]] = llvm.inline_asm has_side_effects asm_dialect = att "wgmma.wait_group.sync.aligned 0;", "=f,=f,=f,=f,0,1,2,3,~{memory}"
  // CHECK-NEXT:    llvm.extractvalue %[[O]][0]
  gpu.func @in_flight(%x: memref<64x32xbf16>, %y: memref<16x32xbf16>, %w: memref<32x16xbf16>, %z: memref<64x16xf32>, %o: memref<64x8xf32>)
      kernel attributes {known_block_size = array<i32: 128, 1, 1>} {
    %c0 = arith.constant 0 : index
    %zero = arith.constant 0.0 : f32
    %a = wg.copy %x[] from %c0 {wg.offset = 0 : i64} : memref<64x32xbf16> -> !wg.shared<64x32xbf16>
    %b = wg.copy %y[] from %c0 {wg.offset = 4096 : i64} : memref<16x32xbf16> -> !wg.shared<16x32xbf16>
    %v = wg.copy %y[] from %c0 {wg.offset = 5120 : i64} : memref<16x32xbf16> -> !wg.shared<8x32xbf16>
    %p = wg.load %x[] from %c0 : memref<64x32xbf16> -> !wg.tile<64x32xbf16>
    %none = wg.splat %zero : f32 -> !wg.tile<64x16xf32>
    %sum = wg.load %o[] from %c0 : memref<64x8xf32> -> !wg.tile<64x8xf32>
    gpu.barrier
    %0 = wg.start_mma %a, %b transposed, %none : !wg.shared<64x32xbf16>, !wg.shared<16x32xbf16>, !wg.tile<64x16xf32>
    %1 = wg.start_mma %p, %v transposed, %sum : !wg.tile<64x32xbf16>, !wg.shared<8x32xbf16>, !wg.tile<64x8xf32>
    %s = wg.await_mma %0 pending 1 : <64x16xf32>
    wg.store %s into %z[] from %c0 : !wg.tile<64x16xf32> into memref<64x16xf32>
    %t = wg.await_mma %1 pending 0 : <64x8xf32>
    wg.store %t into %o[] from %c0 : !wg.tile<64x8xf32> into memref<64x8xf32>
    gpu.return
  }
}
