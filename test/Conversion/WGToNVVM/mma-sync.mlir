// Products by single warps.

// RUN: attn-opt %s --pass-pipeline='builtin.module(gpu.module(convert-wg-to-nvvm{chip=sm_80}),canonicalize,cse)' | FileCheck %s
// RUN: attn-opt %s --pass-pipeline='builtin.module(gpu.module(convert-wg-to-nvvm{chip=sm_80}))' --remarks-filter=convert-wg-to-nvvm -o /dev/null 2>&1 | FileCheck %s --check-prefix=CHIP
// RUN: attn-opt %s --pass-pipeline='builtin.module(gpu.module(convert-wg-to-nvvm))' --remarks-filter=convert-wg-to-nvvm -o /dev/null 2>&1 | FileCheck %s --check-prefix=WHY

// CHIP-COUNT-6: remark: [Missed] warp-product | Category:convert-wg-to-nvvm | {{.*}}mma.sync instead of wgmma on sm_80: the chip has no wgmma
// WHY: mma.sync instead of wgmma on sm_90a: 32 threads are not groups of four warps
// WHY: mma.sync instead of wgmma on sm_90a: 16 rows are not a multiple of 64
// WHY-COUNT-3: mma.sync instead of wgmma on sm_90a: operands of f32 are neither bf16 nor f16
// WHY-NOT: warp-product

gpu.module @kernels {
  // Both operands have k contiguous. Lanes give rows of 64 bytes: of the left
  // one 16 rows, then the second chunk; of the right one 8 rows of each chunk,
  // then the next 8. The next 16 of k are two chunks on, before the swizzle.
  // Nothing is fenced for the copy engine.
  // CHECK-LABEL: gpu.func @inner
  // CHECK-NOT:     fence
  // CHECK:         %[[LANE:.*]] = arith.remui %[[THREAD:.*]], %c32_i32
  // CHECK:         %[[MATRIX:.*]] = arith.divui %[[LANE]], %c8_i32
  // CHECK:         %[[FAST:.*]] = arith.remui %[[MATRIX]], %c2_i32
  // CHECK:         %[[SLOW:.*]] = arith.divui %[[LANE]], %c16_i32
  // CHECK:         %[[A_ROWS:.*]] = arith.muli %[[FAST]], %c8_i32
  // CHECK:         %[[A_HALF:.*]] = arith.muli %[[SLOW]], %c16_i32
  // CHECK:         %[[A_AT:.*]] = arith.xori %{{.*}}, %[[A_HALF]]
  // CHECK:         %[[A_ADDRESS:.*]] = llvm.getelementptr %{{.*}}[%[[A_AT]]]
  // CHECK:         %[[A:.*]] = nvvm.ldmatrix %[[A_ADDRESS]] {eltType = #nvvm.ld_st_matrix_elt_type<b16>, layout = #nvvm.mma_layout<row>, num = 4
  // CHECK:         %[[A0:.*]] = llvm.extractvalue %[[A]][0]
  // CHECK:         %[[A3:.*]] = llvm.extractvalue %[[A]][3]
  // CHECK:         %[[B_ROWS:.*]] = arith.muli %[[SLOW]], %c8_i32
  // CHECK:         %[[B_HALF:.*]] = arith.muli %[[FAST]], %c16_i32
  // CHECK:         arith.xori %{{.*}}, %[[B_HALF]]
  // CHECK:         %[[B:.*]] = nvvm.ldmatrix %{{.*}} layout = #nvvm.mma_layout<row>, num = 4
  // CHECK:         %[[B0:.*]] = llvm.extractvalue %[[B]][0]
  // CHECK:         %[[B1:.*]] = llvm.extractvalue %[[B]][1]
  // CHECK:         %[[B2:.*]] = llvm.extractvalue %[[B]][2]
  // CHECK:         %[[B3:.*]] = llvm.extractvalue %[[B]][3]
  // CHECK:         %[[D:.*]] = nvvm.mma.sync A[%[[A0]], %{{.*}}, %{{.*}}, %[[A3]]] B[%[[B0]], %[[B1]]] {{.*}}multiplicandAPtxType = #nvvm.mma_type<bf16>{{.*}} shape = #nvvm.shape<m = 16, n = 8, k = 16>
  // CHECK:         %[[D0:.*]] = llvm.extractvalue %[[D]][0]
  // CHECK:         nvvm.mma.sync A[%[[A0]], %{{.*}}, %{{.*}}, %[[A3]]] B[%[[B2]], %[[B3]]]
  // CHECK:         arith.xori %{{.*}}, %c32_i32
  // CHECK-COUNT-2: nvvm.ldmatrix
  // CHECK:         nvvm.mma.sync {{.*}} C[%[[D0]],
  // CHECK:         nvvm.mma.sync
  // CHECK-NOT:     nvvm.mma.sync
  gpu.func @inner(%x: memref<16x32xbf16>, %y: memref<16x32xbf16>, %z: memref<16x16xf32>)
      kernel attributes {known_block_size = array<i32: 32, 1, 1>} {
    %c0 = arith.constant 0 : index
    %zero = arith.constant 0.0 : f32
    %a = wg.copy %x[] from %c0 {wg.offset = 0 : i64} : memref<16x32xbf16> -> !wg.shared<16x32xbf16>
    %b = wg.copy %y[] from %c0 {wg.offset = 1024 : i64} : memref<16x32xbf16> -> !wg.shared<16x32xbf16>
    %acc = wg.splat %zero : f32 -> !wg.tile<16x16xf32>
    gpu.barrier
    %d = wg.mma %a, %b transposed, %acc : !wg.shared<16x32xbf16>, !wg.shared<16x32xbf16>, !wg.tile<16x16xf32>
    wg.store %d into %z[] from %c0 : !wg.tile<16x16xf32> into memref<16x16xf32>
    gpu.return
  }

  // A left operand in registers is one as it is; n contiguous is transposed on
  // the way. More warps than bands: a warp takes its band modulo them.
  // CHECK-LABEL: gpu.func @registers
  // CHECK:         %[[A0:.*]] = vector.load %arg0{{.*}} vector<2xf16>
  // CHECK:         %[[B:.*]] = nvvm.ldmatrix %{{.*}} layout = #nvvm.mma_layout<col>, num = 4
  // CHECK-NOT:     shfl
  // CHECK:         nvvm.mma.sync A[%[[A0]], %{{.*}}, %{{.*}}, %{{.*}}] B[%{{.*}}, %{{.*}}] C[%{{.*}}] {layoutA = #nvvm.mma_layout<row>, layoutB = #nvvm.mma_layout<col>, shape = #nvvm.shape<m = 16, n = 8, k = 16>} : (vector<2xf16>, vector<2xf16>, f32)
  // CHECK:         nvvm.mma.sync
  // CHECK-NOT:     nvvm.mma.sync
  gpu.func @registers(%x: memref<16x16xf16>, %y: memref<16x16xf16>, %z: memref<16x16xf32>)
      kernel attributes {known_block_size = array<i32: 128, 1, 1>} {
    %c0 = arith.constant 0 : index
    %a = wg.load %x[] from %c0 : memref<16x16xf16> -> !wg.tile<16x16xf16>
    %b = wg.copy %y[] from %c0 {wg.offset = 1024 : i64} : memref<16x16xf16> -> !wg.shared<16x16xf16>
    %acc = wg.load %z[] from %c0 : memref<16x16xf32> -> !wg.tile<16x16xf32>
    gpu.barrier
    %d = wg.mma %a, %b, %acc : !wg.tile<16x16xf16>, !wg.shared<16x16xf16>, !wg.tile<16x16xf32>
    wg.store %d into %z[] from %c0 : !wg.tile<16x16xf32> into memref<16x16xf32>
    gpu.return
  }

  // f32: columns 2 c and 2 c + 1 of a block are the operand's c and c + 4, so
  // rows 2 c and 2 c + 1 of the right one are. The left one is split in two parts
  // of 11 bits, the right one in three. High rest, low high, high low, high high, in
  // a sum of its own, which is added in f32.
  // CHECK-LABEL: gpu.func @wide
  // CHECK:         %[[R0:.*]]:2 = vector.to_elements
  // CHECK:         %[[R8:.*]]:2 = vector.to_elements
  // CHECK:         %[[H0:.*]] = nvvm.convert.float.to.tf32 %[[R0]]#0 {rnd = #nvvm.fp_rnd_mode<rna>}
  // CHECK:         %[[F0:.*]] = llvm.bitcast %[[H0]] : i32 to f32
  // CHECK:         %[[S0:.*]] = arith.subf %[[R0]]#0, %[[F0]]
  // CHECK:         %[[L0:.*]] = nvvm.convert.float.to.tf32 %[[S0]] {rnd = #nvvm.fp_rnd_mode<rna>}
  // CHECK:         %[[H1:.*]] = nvvm.convert.float.to.tf32 %[[R8]]#0
  // CHECK:         %[[H2:.*]] = nvvm.convert.float.to.tf32 %[[R0]]#1
  // CHECK:         %[[H3:.*]] = nvvm.convert.float.to.tf32 %[[R8]]#1
  // CHECK:         %[[QUAD:.*]] = arith.remui %{{.*}}, %c4_i32
  // CHECK:         %[[ROW:.*]] = arith.muli %[[QUAD]], %c2_i32
  // CHECK:         llvm.load {{.*}} -> i32
  // CHECK:         arith.addi %[[ROW]], %c1_i32
  // CHECK:         llvm.load {{.*}} -> i32
  // CHECK:         %[[B0:.*]] = nvvm.convert.float.to.tf32
  // CHECK:         %[[BL0:.*]] = nvvm.convert.float.to.tf32 %[[BS0:.*]] {
  // CHECK:         %[[BF0:.*]] = llvm.bitcast %[[BL0]] : i32 to f32
  // CHECK:         %[[BR0:.*]] = arith.subf %[[BS0]], %[[BF0]]
  // CHECK:         %[[REST0:.*]] = llvm.bitcast %[[BR0]] : f32 to i32
  // CHECK:         %[[B1:.*]] = nvvm.convert.float.to.tf32
  // CHECK:         %[[BL1:.*]] = nvvm.convert.float.to.tf32
  // CHECK:         %[[REST1:.*]] = llvm.bitcast %{{.*}} : f32 to i32
  // CHECK:         %[[D:.*]] = nvvm.mma.sync A[%[[H0]], %[[H1]], %[[H2]], %[[H3]]] B[%[[REST0]], %[[REST1]]] C[%cst, %cst, %cst, %cst] {{.*}}multiplicandAPtxType = #nvvm.mma_type<tf32>{{.*}} shape = #nvvm.shape<m = 16, n = 8, k = 8>
  // CHECK:         %[[E:.*]] = llvm.extractvalue %[[D]][0]
  // CHECK:         %[[D0:.*]] = nvvm.mma.sync A[%[[L0]], {{.*}} B[%[[B0]], %[[B1]]] C[%[[E]],
  // CHECK:         %[[E0:.*]] = llvm.extractvalue %[[D0]][0]
  // CHECK:         %[[D1:.*]] = nvvm.mma.sync A[%[[H0]], %[[H1]], %[[H2]], %[[H3]]] B[%[[BL0]], %[[BL1]]] C[%[[E0]],
  // CHECK:         %[[E1:.*]] = llvm.extractvalue %[[D1]][0]
  // CHECK:         %[[D2:.*]] = nvvm.mma.sync A[%[[H0]], %[[H1]], %[[H2]], %[[H3]]] B[%[[B0]], %[[B1]]] C[%[[E1]],
  // CHECK:         %[[E2:.*]] = llvm.extractvalue %[[D2]][0]
  // CHECK:         arith.addf %{{.*}}, %[[E2]] : f32
  // It is stored, and complete before a branch that does so.
  // CHECK:         llvm.inline_asm has_side_effects {{.*}}"", "=f,=f,=f,=f,0,1,2,3,~{memory}"
  // CHECK:         scf.if
  gpu.func @wide(%x: memref<64x8xf32>, %y: memref<8x8xf32>, %z: memref<64x8xf32>)
      kernel attributes {known_block_size = array<i32: 128, 1, 1>} {
    %c0 = arith.constant 0 : index
    %a = wg.load %x[] from %c0 : memref<64x8xf32> -> !wg.tile<64x8xf32>
    %b = wg.copy %y[] from %c0 {wg.offset = 1024 : i64} : memref<8x8xf32> -> !wg.shared<8x8xf32>
    %acc = wg.load %z[] from %c0 : memref<64x8xf32> -> !wg.tile<64x8xf32>
    gpu.barrier
    %d = wg.mma %a, %b, %acc : !wg.tile<64x8xf32>, !wg.shared<8x8xf32>, !wg.tile<64x8xf32>
    wg.store %d into %z[] from %c0 : !wg.tile<64x8xf32> into memref<64x8xf32>
    gpu.return
  }

  // What is not stored at once is left to LLVM.
  // CHECK-LABEL: gpu.func @reduced
  // CHECK:         arith.addf
  // CHECK-NOT:     "=f,
  // CHECK:         gpu.shuffle
  gpu.func @reduced(%x: memref<64x8xf32>, %y: memref<8x8xf32>, %z: memref<64xf32>)
      kernel attributes {known_block_size = array<i32: 128, 1, 1>} {
    %c0 = arith.constant 0 : index
    %zero = arith.constant 0.0 : f32
    %a = wg.load %x[] from %c0 : memref<64x8xf32> -> !wg.tile<64x8xf32>
    %b = wg.copy %y[] from %c0 {wg.offset = 1024 : i64} : memref<8x8xf32> -> !wg.shared<8x8xf32>
    %acc = wg.splat %zero : f32 -> !wg.tile<64x8xf32>
    %i = wg.load %z[] from %c0 : memref<64xf32> -> !wg.tile<64xf32, rows>
    gpu.barrier
    %d = wg.mma %a, %b, %acc : !wg.tile<64x8xf32>, !wg.shared<8x8xf32>, !wg.tile<64x8xf32>
    %r = wg.reduce <maxnumf> %d, %i : !wg.tile<64x8xf32>, !wg.tile<64xf32, rows>
    wg.store %r into %z[] from %c0 : !wg.tile<64xf32, rows> into memref<64xf32>
    gpu.return
  }

  // But sums that are half of a thread's registers are complete at once.
  // CHECK-LABEL: gpu.func @many
  // CHECK-COUNT-128: nvvm.mma.sync
  // CHECK:         llvm.inline_asm has_side_effects {{.*}}"=f,=f,
  // CHECK:         gpu.shuffle
  gpu.func @many(%x: memref<64x8xf32>, %y: memref<8x256xf32>, %z: memref<64xf32>)
      kernel attributes {known_block_size = array<i32: 128, 1, 1>} {
    %c0 = arith.constant 0 : index
    %zero = arith.constant 0.0 : f32
    %a = wg.load %x[] from %c0 : memref<64x8xf32> -> !wg.tile<64x8xf32>
    %b = wg.copy %y[] from %c0 {wg.offset = 1024 : i64} : memref<8x256xf32> -> !wg.shared<8x256xf32>
    %acc = wg.splat %zero : f32 -> !wg.tile<64x256xf32>
    %i = wg.load %z[] from %c0 : memref<64xf32> -> !wg.tile<64xf32, rows>
    gpu.barrier
    %d = wg.mma %a, %b, %acc : !wg.tile<64x8xf32>, !wg.shared<8x256xf32>, !wg.tile<64x256xf32>
    %r = wg.reduce <maxnumf> %d, %i : !wg.tile<64x256xf32>, !wg.tile<64xf32, rows>
    wg.store %r into %z[] from %c0 : !wg.tile<64xf32, rows> into memref<64xf32>
    gpu.return
  }

  // What is started is complete: there is nothing to wait for.
  // CHECK-LABEL: gpu.func @started
  // CHECK-COUNT-2: nvvm.mma.sync
  // CHECK-NOT:     wgmma
  gpu.func @started(%x: memref<64x16xbf16>, %y: memref<16x16xbf16>, %z: memref<64x16xf32>)
      kernel attributes {known_block_size = array<i32: 128, 1, 1>} {
    %c0 = arith.constant 0 : index
    %zero = arith.constant 0.0 : f32
    %a = wg.load %x[] from %c0 : memref<64x16xbf16> -> !wg.tile<64x16xbf16>
    %b = wg.copy %y[] from %c0 {wg.offset = 0 : i64} : memref<16x16xbf16> -> !wg.shared<16x16xbf16>
    %acc = wg.splat %zero : f32 -> !wg.tile<64x16xf32>
    gpu.barrier
    %s = wg.start_mma %a, %b, %acc : !wg.tile<64x16xbf16>, !wg.shared<16x16xbf16>, !wg.tile<64x16xf32>
    %d = wg.await_mma %s pending 0 : !wg.tile<64x16xf32>
    wg.store %d into %z[] from %c0 : !wg.tile<64x16xf32> into memref<64x16xf32>
    gpu.return
  }
}
