// RUN: attn-opt %s --pass-pipeline='builtin.module(gpu.module(convert-wg-to-nvvm),canonicalize,cse)' | FileCheck %s
// RUN: attn-opt %s --pass-pipeline='builtin.module(gpu.module(convert-wg-to-nvvm{chip=sm_80},canonicalize,cse))' | FileCheck %s --check-prefix=PORTABLE

// A bound of the column is computed once for each of the two rows of a thread, and
// each element tests a bit of a word: column 8 k + c of 4 t is bit 2 k + c.

gpu.module @kernels {
  // CHECK-LABEL: gpu.func @below
  // CHECK-SAME:    %[[AT:[a-z0-9]+]]: i32, %[[FROM:[a-z0-9]+]]: i32
  // CHECK:         %[[ROW:.*]] = arith.index_cast %{{.*}} : index to i32
  // CHECK:         %[[I:.*]] = arith.addi %[[ROW]], %[[AT]] overflow<nsw> : i32
  // CHECK:         %[[SOME:.*]] = arith.cmpi sle, %[[FROM]], %[[I]] : i32
  // CHECK:         %[[LEAST:.*]] = arith.addi %[[I]], %c-128_i32 : i32
  // CHECK:         %[[FROM_HERE:.*]] = arith.maxsi %[[FROM]], %[[LEAST]] : i32
  // CHECK:         %[[END:.*]] = arith.subi %[[I]], %[[FROM_HERE]] : i32
  // CHECK:         %[[BEHIND:.*]] = arith.addi %[[END]], %c1_i32 : i32
  // CHECK:         %[[COLS:.*]] = arith.select %[[SOME]], %[[BEHIND]], %c0_i32 : i32
  // CHECK:         %[[NONE:.*]] = arith.minsi %[[COLS]], %{{.*}} : i32
  // CHECK:         %[[REST:.*]] = arith.subi %[[COLS]], %[[NONE]] : i32
  // CHECK:         %[[IN_BLOCK:.*]] = arith.remui %[[REST]], %c8_i32 : i32
  // CHECK:         %[[TWO:.*]] = arith.minui %[[IN_BLOCK]], %c2_i32 : i32
  // CHECK:         %[[BLOCKS:.*]] = arith.divui %[[REST]], %c8_i32 : i32
  // CHECK:         %[[BITS:.*]] = arith.muli %[[BLOCKS]], %c2_i32 : i32
  // CHECK:         %[[COUNT:.*]] = arith.addi %[[BITS]], %[[TWO]] : i32
  // CHECK:         %[[ONES:.*]] = arith.shrui %c-1_i32
  // CHECK:         %[[WORD:.*]] = arith.select %{{.*}}, %c0_i32, %[[ONES]] : i32
  // CHECK:         %[[BIT0:.*]] = arith.andi %[[WORD]], %c1_i32 : i32
  // CHECK-NEXT:    %[[P0:.*]] = arith.cmpi ne, %[[BIT0]], %c0_i32 : i32
  // CHECK-NEXT:    arith.select %[[P0]]
  // CHECK-NEXT:    %[[BIT1:.*]] = arith.andi %[[WORD]], %c2_i32 : i32
  // CHECK-NEXT:    %[[P1:.*]] = arith.cmpi ne, %[[BIT1]], %c0_i32 : i32
  // CHECK-NEXT:    arith.select %[[P1]]
  // The last of the row, the 32nd.
  // CHECK:         arith.andi %[[WORD]], %c-2147483648_i32 : i32
  // The row 8 below.
  // CHECK:         arith.addi %{{.*}}, %[[AT]] overflow<nsw> : i32
  // CHECK:         arith.subi
  // CHECK-COUNT-32: arith.cmpi ne
  // CHECK-NOT:     arith.cmpi ne
  // CHECK:         gpu.return

  // Warps that multiply on their own compare each column.
  // PORTABLE-LABEL: gpu.func @below
  // PORTABLE-NOT:  arith.andi
  // PORTABLE-COUNT-64: arith.cmpi sge
  // PORTABLE:      gpu.return
  gpu.func @below(%at: i32, %from: i32, %a: memref<64x128xf32>) kernel attributes {known_block_size = array<i32: 128, 1, 1>} {
    %c0 = arith.constant 0 : index
    %none = arith.constant 0xFF800000 : f32
    %x = wg.load %a[] from %c0 : memref<64x128xf32> -> !wg.tile<64x128xf32>
    %m = wg.map ins(%x : !wg.tile<64x128xf32>) -> !wg.tile<64x128xf32> {
    ^bb0(%r: index, %c: index, %e: f32):
      %r32 = arith.index_cast %r : index to i32
      %c32 = arith.index_cast %c : index to i32
      %i = arith.addi %r32, %at overflow<nsw> : i32
      %j = arith.addi %c32, %from overflow<nsw> : i32
      %p = arith.cmpi sge, %i, %j : i32
      %s = arith.select %p, %e, %none : f32
      wg.yield %s : f32
    }
    wg.store %m into %a[] from %c0 : !wg.tile<64x128xf32> into memref<64x128xf32>
    gpu.return
  }

  // Two bounds, a condition of the row, and their combination are one word; a row
  // of 256 columns has two words. A lower bound leaves what the first columns are
  // not.
  // CHECK-LABEL: gpu.func @joined
  // CHECK-SAME:    %[[AT:[a-z0-9]+]]: i32, %[[P:[a-z0-9]+]]: i1
  // CHECK:         %[[LOW0:.*]] = arith.xori %{{.*}}, %c-1_i32 : i32
  // CHECK:         %[[LOW1:.*]] = arith.xori %{{.*}}, %c-1_i32 : i32
  // CHECK:         %[[IN0:.*]] = arith.andi %[[LOW0]], %{{.*}} : i32
  // CHECK:         %[[IN1:.*]] = arith.andi %[[LOW1]], %{{.*}} : i32
  // CHECK:         %[[ALL:.*]] = arith.extsi %[[P]] : i1 to i32
  // CHECK:         %[[W0:.*]] = arith.ori %[[IN0]], %[[ALL]] : i32
  // CHECK:         %[[W1:.*]] = arith.ori %[[IN1]], %[[ALL]] : i32
  // CHECK:         arith.andi %[[W0]], %c1_i32 : i32
  // CHECK:         arith.andi %[[W0]], %c-2147483648_i32 : i32
  // CHECK:         arith.andi %[[W1]], %c1_i32 : i32
  // CHECK:         arith.andi %[[W1]], %c-2147483648_i32 : i32
  gpu.func @joined(%at: i32, %q: i1, %a: memref<64x256xf32>) kernel attributes {known_block_size = array<i32: 128, 1, 1>} {
    %c0 = arith.constant 0 : index
    %c9 = arith.constant 9 : i32
    %none = arith.constant 0xFF800000 : f32
    %x = wg.load %a[] from %c0 : memref<64x256xf32> -> !wg.tile<64x256xf32>
    %m = wg.map ins(%x : !wg.tile<64x256xf32>) -> !wg.tile<64x256xf32> {
    ^bb0(%r: index, %c: index, %e: f32):
      %r32 = arith.index_cast %r : index to i32
      %c32 = arith.index_cast %c : index to i32
      %j = arith.addi %c32, %at overflow<nsw> : i32
      %behind = arith.subi %r32, %j overflow<nsw> : i32
      %low = arith.cmpi sle, %behind, %c9 : i32
      %high = arith.cmpi sle, %j, %r32 : i32
      %in = arith.andi %low, %high : i1
      %p = arith.ori %in, %q : i1
      %s = arith.select %p, %e, %none : f32
      wg.yield %s : f32
    }
    wg.store %m into %a[] from %c0 : !wg.tile<64x256xf32> into memref<64x256xf32>
    gpu.return
  }

  // What may overflow, is no sum of the column, or is asked of few columns, is
  // compared for each element; both rows of a thread share these comparisons.
  // CHECK-LABEL: gpu.func @others
  // CHECK-COUNT-32: arith.cmpi slt, {{.*}} : i32
  // CHECK-LABEL: gpu.func @multiple
  // CHECK-COUNT-32: arith.cmpi slt, {{.*}} : i32
  // CHECK-LABEL: gpu.func @few
  // CHECK-COUNT-16: arith.cmpi slt, {{.*}} : i32
  gpu.func @others(%at: i32, %a: memref<64x128xf32>) kernel attributes {known_block_size = array<i32: 128, 1, 1>} {
    %c0 = arith.constant 0 : index
    %none = arith.constant 0xFF800000 : f32
    %x = wg.load %a[] from %c0 : memref<64x128xf32> -> !wg.tile<64x128xf32>
    %m = wg.map ins(%x : !wg.tile<64x128xf32>) -> !wg.tile<64x128xf32> {
    ^bb0(%r: index, %c: index, %e: f32):
      %c32 = arith.index_cast %c : index to i32
      %j = arith.addi %c32, %at : i32
      %p = arith.cmpi slt, %j, %at : i32
      %s = arith.select %p, %e, %none : f32
      wg.yield %s : f32
    }
    wg.store %m into %a[] from %c0 : !wg.tile<64x128xf32> into memref<64x128xf32>
    gpu.return
  }
  gpu.func @multiple(%at: i32, %a: memref<64x128xf32>) kernel attributes {known_block_size = array<i32: 128, 1, 1>} {
    %c0 = arith.constant 0 : index
    %c2 = arith.constant 2 : i32
    %none = arith.constant 0xFF800000 : f32
    %x = wg.load %a[] from %c0 : memref<64x128xf32> -> !wg.tile<64x128xf32>
    %m = wg.map ins(%x : !wg.tile<64x128xf32>) -> !wg.tile<64x128xf32> {
    ^bb0(%r: index, %c: index, %e: f32):
      %c32 = arith.index_cast %c : index to i32
      %j = arith.muli %c32, %c2 overflow<nsw> : i32
      %p = arith.cmpi slt, %j, %at : i32
      %s = arith.select %p, %e, %none : f32
      wg.yield %s : f32
    }
    wg.store %m into %a[] from %c0 : !wg.tile<64x128xf32> into memref<64x128xf32>
    gpu.return
  }
  gpu.func @few(%at: i32, %a: memref<64x64xf32>) kernel attributes {known_block_size = array<i32: 128, 1, 1>} {
    %c0 = arith.constant 0 : index
    %none = arith.constant 0xFF800000 : f32
    %x = wg.load %a[] from %c0 : memref<64x64xf32> -> !wg.tile<64x64xf32>
    %m = wg.map ins(%x : !wg.tile<64x64xf32>) -> !wg.tile<64x64xf32> {
    ^bb0(%r: index, %c: index, %e: f32):
      %c32 = arith.index_cast %c : index to i32
      %p = arith.cmpi slt, %c32, %at : i32
      %s = arith.select %p, %e, %none : f32
      wg.yield %s : f32
    }
    wg.store %m into %a[] from %c0 : !wg.tile<64x64xf32> into memref<64x64xf32>
    gpu.return
  }
}
