// RUN: attn-opt %s --wg-specialize-warps=persistent=false --canonicalize --cse | FileCheck %s
// RUN: attn-opt %s --wg-specialize-warps --canonicalize --cse | FileCheck %s --check-prefix=STAY
// RUN: attn-opt %s --wg-specialize-warps="persistent=false stages=4 limit=70000" | FileCheck %s --check-prefix=LIMIT

// Four warps more, which go through the same loops for the copies alone. A tile that
// stays while loops go on has one place, those of loops have two, and both loops
// use the same ones. In blocks that stay, the first tile is copied in a loop too, and
// has a second place for the next piece of work.
// CHECK-LABEL: func @loops
// CHECK-SAME: (%[[M:[^:]*]]: memref<4x?x64xbf16>, %[[V:[^:]*]]: memref<?x64xbf16>
// STAY-LABEL: func @loops
// STAY-SAME: , %[[N:[^:]*]]: index)
// LIMIT-LABEL: func @loops
func.func @loops(%m: memref<4x?x64xbf16>, %v: memref<?x64xbf16>, %acc: !wg.tile<128x64xf32>, %o: memref<?x64xf32>, %n: index) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c64 = arith.constant 64 : index
  %c128 = arith.constant 128 : index
  %c256 = arith.constant 256 : index
  // One descriptor for each buffer and kind of tile.
  // CHECK: %[[DQ:.*]] = wg.describe %[[M]] as !wg.shared<128x64xbf16>
  // CHECK-NEXT: %[[DK:.*]] = wg.describe %[[M]] as !wg.shared<64x64xbf16>
  // CHECK-NEXT: %[[DV:.*]] = wg.describe %[[V]] as !wg.shared<64x64xbf16>
  // CHECK-NEXT: gpu.launch blocks(%[[B:[^,]*]], {{.*}}) in (%{{.*}} = %{{.*}}, {{.*}}) threads({{.*}}) in (%{{.*}} = %c384,
  // CHECK-NEXT: %[[Q:.*]] = wg.make_channel : <1, 128x64xbf16>
  // CHECK-NEXT: %[[K:.*]] = wg.make_channel : <2, 64x64xbf16>
  // CHECK-NEXT: %[[W:.*]] = wg.make_channel : <2, 64x64xbf16>
  // CHECK-NEXT: wg.roles producers 4 registers 40 {
  // CHECK-NEXT: %[[ROW:.*]] = arith.muli %[[B]], %c128
  // CHECK-NEXT: wg.copy_bulk %[[DQ]][%c1, %[[ROW]], %c0] into %[[Q]][%c0_i32]
  // CHECK-NEXT: %[[ENDS:.*]]:2 = scf.for %[[I:.*]] = %c0 to %[[B]] step %c1 iter_args(%[[PK:.*]] = %c0_i32, %[[PW:.*]] = %c0_i32)
  // CHECK-NEXT: %[[AT:.*]] = arith.muli %[[I]], %c64
  // CHECK-NEXT: wg.acquire %[[K]][%[[PK]]]
  // CHECK-NEXT: wg.copy_bulk %[[DK]][%c1, %[[AT]], %c0] into %[[K]][%[[PK]]]
  // CHECK-NEXT: %[[NK:.*]] = wg.advance %[[PK]] in %[[K]]
  // CHECK-NEXT: wg.acquire %[[W]][%[[PW]]]
  // CHECK-NEXT: wg.copy_bulk %[[DV]][%[[AT]], %c0] into %[[W]][%[[PW]]]
  // CHECK-NEXT: %[[NW:.*]] = wg.advance %[[PW]] in %[[W]]
  // CHECK-NEXT: scf.yield %[[NK]], %[[NW]]
  // CHECK-NEXT: }
  // CHECK-NEXT: scf.for %{{.*}} iter_args(%[[PK2:.*]] = %[[ENDS]]#0) -> (i32)
  // CHECK-NEXT: arith.muli
  // CHECK-NEXT: wg.acquire %[[K]][%[[PK2]]]
  // CHECK-NEXT: wg.copy_bulk {{.*}} into %[[K]][%[[PK2]]]
  // CHECK-NEXT: wg.advance
  // CHECK-NEXT: scf.yield
  // CHECK-NEXT: }
  // A tile comes before its first use, and its place is free behind the last.
  // CHECK-NEXT: } consumers 8 registers 232 {
  // CHECK-NEXT: arith.muli
  // CHECK-NEXT: %[[QS:.*]] = wg.receive %[[Q]][%c0_i32]
  // CHECK-NEXT: %[[ENDS:.*]]:3 = scf.for {{.*}} iter_args(%{{.*}} = %{{.*}}, %[[CK:.*]] = %c0_i32, %[[CW:.*]] = %c0_i32)
  // CHECK-NEXT: %[[KS:.*]] = wg.receive %[[K]][%[[CK]]]
  // CHECK-NEXT: wg.mma %[[QS]], %[[KS]]
  // CHECK-NEXT: wg.release %[[K]][%[[CK]]]
  // CHECK-NEXT: %[[NK:.*]] = wg.advance %[[CK]] in %[[K]]
  // CHECK-NEXT: %[[WS:.*]] = wg.receive %[[W]][%[[CW]]]
  // CHECK-NEXT: %[[SUM:.*]] = wg.mma %[[QS]], %[[WS]]
  // CHECK-NEXT: wg.release %[[W]][%[[CW]]]
  // CHECK-NEXT: %[[NW:.*]] = wg.advance %[[CW]] in %[[W]]
  // CHECK-NEXT: scf.yield %[[SUM]], %[[NK]], %[[NW]]
  // CHECK-NEXT: }
  // CHECK-NEXT: scf.for {{.*}} iter_args(%{{.*}} = %[[ENDS]]#0, %{{.*}} = %[[ENDS]]#1)
  // CHECK-NOT: wg.release %[[Q]]
  // CHECK: wg.store
  // CHECK: gpu.terminator
  // CHECK: wg.forget %[[DQ]]
  // CHECK-NEXT: wg.forget %[[DK]]
  // CHECK-NEXT: wg.forget %[[DV]]

  // Of n blocks, block i does the pieces i, i + n, i + 2 n, ...; what is the same
  // for all blocks the host computes.
  // STAY: %[[MOST:.*]] = wg.multiprocessors
  // STAY: %[[BLOCKS:.*]] = arith.minsi %[[N]], %[[MOST]]
  // STAY: %[[COUNT:.*]] = arith.index_cast %[[N]]
  // STAY: %[[BLOCKS32:.*]] = arith.index_cast %[[BLOCKS]]
  // STAY: %[[OF:.*]] = arith.maxui %[[BLOCKS32]], %c1_i32
  // STAY: %[[ALL:.*]] = arith.divui %[[COUNT]], %[[OF]]
  // STAY: %[[REST:.*]] = arith.remui %[[COUNT]], %[[OF]]
  // STAY: gpu.launch blocks(%[[B:[^,]*]], {{.*}}) in (%{{[^ ]*}} = %[[BLOCKS]], {{.*}}) threads
  // STAY: wg.roles
  // STAY-NEXT: %[[ME:.*]] = arith.index_cast %[[B]]
  // STAY-NEXT: %[[HASMORE:.*]] = arith.cmpi ult, %[[ME]], %[[REST]]
  // STAY-NEXT: %[[MORE:.*]] = arith.extui %[[HASMORE]]
  // STAY-NEXT: %[[MINE:.*]] = arith.addi %[[ALL]], %[[MORE]]
  // STAY-NEXT: scf.for %[[ROUND:[a-z0-9]+]] = %c0_i32 to %[[MINE]] step %c1_i32 iter_args(%[[PQ:.*]] = %c0_i32, %{{.*}} = %c0_i32, %{{.*}} = %c0_i32)
  // STAY-NEXT: %[[DONE:.*]] = arith.muli %[[ROUND]], %[[OF]]
  // STAY-NEXT: %[[PIECE32:.*]] = arith.addi %[[DONE]], %[[ME]]
  // STAY-NEXT: %[[PIECE:.*]] = arith.index_cast %[[PIECE32]] : i32 to index
  // STAY-NEXT: %[[ROW:.*]] = arith.muli %[[PIECE]], %c128
  // STAY-NEXT: wg.acquire %[[Q:.*]][%[[PQ]]] : <2, 128x64xbf16>
  // STAY-NEXT: wg.copy_bulk %{{.*}}[%c1, %[[ROW]], %c0] into %[[Q]][%[[PQ]]]
  // STAY: consumers
  // STAY: scf.for %{{.*}} iter_args(%[[CQ:.*]] = %c0_i32, %{{.*}} = %c0_i32, %{{.*}} = %c0_i32)
  // STAY: wg.receive %[[Q]][%[[CQ]]]
  // STAY: scf.for
  // STAY: scf.for
  // STAY: }
  // STAY: wg.release %[[Q]][%[[CQ]]]
  // STAY: wg.store

  // Of four places three fit.
  // LIMIT: wg.make_channel : <1, 128x64xbf16>
  // LIMIT: wg.make_channel : <3, 64x64xbf16>
  // LIMIT: wg.make_channel : <3, 64x64xbf16>
  gpu.launch blocks(%b, %by, %bz) in (%gx = %n, %gy = %c1, %gz = %c1) threads(%tx, %ty, %tz) in (%nx = %c256, %ny = %c1, %nz = %c1) {
    %row = arith.muli %b, %c128 : index
    %q = wg.copy %m[%c1] from %row : memref<4x?x64xbf16> -> !wg.shared<128x64xbf16>
    %s = scf.for %i = %c0 to %b step %c1 iter_args(%a = %acc) -> (!wg.tile<128x64xf32>) {
      %at = arith.muli %i, %c64 : index
      %k = wg.copy %m[%c1] from %at : memref<4x?x64xbf16> -> !wg.shared<64x64xbf16>
      %w = wg.copy %v[] from %at : memref<?x64xbf16> -> !wg.shared<64x64xbf16>
      %x = wg.mma %q, %k, %a : !wg.shared<128x64xbf16>, !wg.shared<64x64xbf16>, !wg.tile<128x64xf32>
      %y = wg.mma %q, %w, %x : !wg.shared<128x64xbf16>, !wg.shared<64x64xbf16>, !wg.tile<128x64xf32>
      scf.yield %y : !wg.tile<128x64xf32>
    }
    %t = scf.for %i = %b to %n step %c1 iter_args(%a = %s) -> (!wg.tile<128x64xf32>) {
      %at = arith.muli %i, %c64 : index
      %k = wg.copy %m[%c1] from %at : memref<4x?x64xbf16> -> !wg.shared<64x64xbf16>
      %x = wg.mma %q, %k, %a : !wg.shared<128x64xbf16>, !wg.shared<64x64xbf16>, !wg.tile<128x64xf32>
      scf.yield %x : !wg.tile<128x64xf32>
    }
    wg.store %t into %o[] from %row : !wg.tile<128x64xf32> into memref<?x64xf32>
    gpu.terminator
  }
  return
}

// Pieces that take less time the later they come: block i does those of i and of
// the end, in turn, unless there is not more than one for each block.
// STAY-LABEL: func @paired
// STAY-SAME: , %[[N:[^:]*]]: index)
func.func @paired(%m: memref<?x64xbf16>, %o: memref<?x64xbf16>, %n: index) {
  %c1 = arith.constant 1 : index
  %c256 = arith.constant 256 : index
  // STAY: %[[COUNT:.*]] = arith.index_cast %[[N]]
  // STAY: %[[OF:.*]] = arith.maxui
  // STAY: %[[HALF:.*]] = arith.divui %[[COUNT]], %c2_i32
  // STAY: %[[NEXT:.*]] = arith.remui %[[HALF]], %[[OF]]
  // STAY: %[[PAIRED:.*]] = arith.cmpi ugt, %[[COUNT]], %[[OF]]
  // STAY: %[[PAIRS:.*]] = arith.divui %[[HALF]], %[[OF]]
  // STAY: %[[BOTH:.*]] = arith.muli %[[PAIRS]], %c2_i32
  // STAY: %[[LEAST:.*]] = arith.select %[[PAIRED]], %[[BOTH]], %c1_i32
  // STAY: %[[WITHMORE:.*]] = arith.select %[[PAIRED]], %[[NEXT]], %c0_i32
  // STAY: %[[WITHMIDDLE:.*]] = arith.select %{{.*}}, %[[NEXT]], %[[OF]]
  // STAY: %[[LAST:.*]] = arith.subi %[[COUNT]], %c1_i32
  // STAY: gpu.launch blocks(%[[B:[^,]*]],
  // STAY: %[[ME:.*]] = arith.index_cast %[[B]]
  // STAY: %[[HASMORE:.*]] = arith.cmpi ult, %[[ME]], %[[WITHMORE]]
  // STAY: %[[HASMIDDLE:.*]] = arith.cmpi eq, %[[ME]], %[[WITHMIDDLE]]
  // STAY: %[[ONE:.*]] = arith.extui %[[HASMIDDLE]]
  // STAY: %[[MORE:.*]] = arith.select %[[HASMORE]], %c2_i32, %[[ONE]]
  // STAY: %[[MINE:.*]] = arith.addi %[[LEAST]], %[[MORE]]
  // STAY: scf.for %[[ROUND:[a-z0-9]+]] = %c0_i32 to %[[MINE]]
  // STAY-NEXT: %[[PAIR:.*]] = arith.shrui %[[ROUND]], %c1_i32
  // STAY-NEXT: %[[DONE:.*]] = arith.muli %[[PAIR]], %[[OF]]
  // STAY-NEXT: %[[PIECE:.*]] = arith.addi %[[DONE]], %[[ME]]
  // STAY-NEXT: %[[OTHER:.*]] = arith.subi %[[LAST]], %[[PIECE]]
  // STAY-NEXT: %[[ODD:.*]] = arith.andi %[[ROUND]], %c1_i32
  // STAY-NEXT: %[[ISOTHER:.*]] = arith.cmpi ne, %[[ODD]], %c0_i32
  // STAY-NEXT: arith.select %[[ISOTHER]], %[[OTHER]], %[[PIECE]]
  gpu.launch blocks(%b, %by, %bz) in (%gx = %n, %gy = %c1, %gz = %c1) threads(%tx, %ty, %tz) in (%nx = %c256, %ny = %c1, %nz = %c1) {
    %s = wg.copy %m[] from %b : memref<?x64xbf16> -> !wg.shared<64x64xbf16>
    %r = wg.from_shared %s : !wg.shared<64x64xbf16> -> !wg.tile<64x64xbf16>
    wg.store %r into %o[] from %b : !wg.tile<64x64xbf16> into memref<?x64xbf16>
    gpu.terminator
  } {tile.task_order = #tile.task_order<reversed>}
  return
}

// A limit that is where memory ends, or that no row of the tile reaches, is none:
// the copy engine knows the end of memory. Views in the kernel are places in the
// buffer.
// CHECK-LABEL: func @ends
// CHECK-SAME: (%[[M:[^:]*]]: memref<4x?x64xbf16>, %{{[^:]*}}: memref<4x?x64xbf16>, %[[H:[^:]*]]: index
func.func @ends(%m: memref<4x?x64xbf16>, %o: memref<4x?x64xbf16>, %h: index, %n: index) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c64 = arith.constant 64 : index
  %c128 = arith.constant 128 : index
  %rows = memref.dim %m, %c1 : memref<4x?x64xbf16>
  // CHECK: %[[D:.*]] = wg.describe %[[M]] as
  // CHECK-NOT: wg.describe
  // CHECK: producers 4 registers 256
  // CHECK: %[[ROW:.*]] = affine.apply #{{.*}}()[%{{.*}}]
  // CHECK-NEXT: wg.copy_bulk %[[D]][%[[H]], %[[ROW]], %c0] into
  // CHECK-NEXT: wg.copy_bulk %[[D]][%[[H]], %[[ROW]], %c0] into
  // CHECK-NEXT: wg.copy_bulk %[[D]][%[[H]], %[[ROW]], %c0] into
  // CHECK-NEXT: consumers 4 registers 256
  gpu.launch blocks(%b, %by, %bz) in (%gx = %n, %gy = %c1, %gz = %c1) threads(%tx, %ty, %tz) in (%nx = %c128, %ny = %c1, %nz = %c1) {
    %row = affine.apply affine_map<(d0) -> (d0 * 64)>(%b)
    %limit = affine.min affine_map<(d0)[s0] -> (s0, d0 + 64)>(%row)[%rows]
    %s = wg.copy %m[%h] from %row limit %limit columns_limit %c64 : memref<4x?x64xbf16> -> !wg.shared<64x64xbf16>
    %t = wg.copy %m[%h] from %row limit %rows : memref<4x?x64xbf16> -> !wg.shared<64x64xbf16>
    %rest = affine.min affine_map<(d0)[s0] -> (64, s0 - d0)>(%row)[%rows]
    %v = memref.subview %m[%h, %row, 0] [1, %rest, 64] [1, 1, 1] : memref<4x?x64xbf16> to memref<1x?x64xbf16, strided<[?, 64, 1], offset: ?>>
    %u = wg.copy %v[%c0] from %c0 limit %rest : memref<1x?x64xbf16, strided<[?, 64, 1], offset: ?>> -> !wg.shared<64x64xbf16>
    %x = wg.from_shared %s : !wg.shared<64x64xbf16> -> !wg.tile<64x64xbf16>
    %y = wg.from_shared %t : !wg.shared<64x64xbf16> -> !wg.tile<64x64xbf16>
    %z = wg.from_shared %u : !wg.shared<64x64xbf16> -> !wg.tile<64x64xbf16>
    wg.store %x into %o[%c0] from %row : !wg.tile<64x64xbf16> into memref<4x?x64xbf16>
    wg.store %y into %o[%c1] from %row : !wg.tile<64x64xbf16> into memref<4x?x64xbf16>
    wg.store %z into %o[%h] from %row : !wg.tile<64x64xbf16> into memref<4x?x64xbf16>
    gpu.terminator
  }
  return
}

// Another limit of the whole kernel is computed before it, and what is described
// is the memory in front of it, as far as there is some.
// CHECK-LABEL: func @limit
// CHECK-SAME: (%[[M:[^:]*]]: memref<4x?x64xbf16>, %{{[^:]*}}: memref<?x64xbf16>, %[[N:[^:]*]]: index)
func.func @limit(%m: memref<4x?x64xbf16>, %o: memref<?x64xbf16>, %n: index) {
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : index
  %c128 = arith.constant 128 : index
  // CHECK: %[[HALF:.*]] = arith.divui %[[N]], %c2
  // CHECK: %[[SOME:.*]] = arith.maxsi %[[HALF]], %c0
  // CHECK: %[[ROWS:.*]] = arith.minsi %[[SOME]], %{{.*}}
  // CHECK: %[[PART:.*]] = memref.subview %[[M]][0, 0, 0] [4, %[[ROWS]], 64] [1, 1, 1]
  // CHECK: %[[D:.*]] = wg.describe %[[PART]] as !wg.shared<64x64xbf16>
  // CHECK: gpu.launch
  // CHECK: wg.copy_bulk %[[D]]
  gpu.launch blocks(%b, %by, %bz) in (%gx = %n, %gy = %c1, %gz = %c1) threads(%tx, %ty, %tz) in (%nx = %c128, %ny = %c1, %nz = %c1) {
    %half = arith.divui %n, %c2 : index
    %s = wg.copy %m[%c1] from %b limit %half : memref<4x?x64xbf16> -> !wg.shared<64x64xbf16>
    %r = wg.from_shared %s : !wg.shared<64x64xbf16> -> !wg.tile<64x64xbf16>
    wg.store %r into %o[] from %b : !wg.tile<64x64xbf16> into memref<?x64xbf16>
    gpu.terminator
  }
  return
}

// Without copies there is nothing to do for other warps.
// CHECK-LABEL: func @no_copies
// CHECK-NOT: wg.roles
func.func @no_copies(%t: !wg.tile<64x64xbf16>, %o: memref<?x64xbf16>) {
  %c1 = arith.constant 1 : index
  %c128 = arith.constant 128 : index
  gpu.launch blocks(%b, %by, %bz) in (%gx = %c1, %gy = %c1, %gz = %c1) threads(%tx, %ty, %tz) in (%nx = %c128, %ny = %c1, %nz = %c1) {
    wg.store %t into %o[] from %b : !wg.tile<64x64xbf16> into memref<?x64xbf16>
    gpu.terminator
  }
  return
}

// Both roles take a branch that depends on scalars. Its results are the consumers',
// and places go on from where either side of it ends.
// CHECK-LABEL: func @branch
// CHECK-SAME: %[[P:[^:]*]]: i1
// CHECK: %[[C:.*]] = wg.make_channel : <2, 64x64xbf16>
// CHECK: wg.roles
// CHECK: %[[FIRST:.*]] = wg.advance %{{.*}} in %[[C]]
// CHECK: %[[NEXT:.*]] = scf.if %[[P]] -> (i32) {
// CHECK-NEXT: wg.acquire %[[C]][%[[FIRST]]]
// CHECK-NEXT: wg.copy_bulk {{.*}} into %[[C]][%[[FIRST]]]
// CHECK-NEXT: %[[ONE:.*]] = wg.advance %[[FIRST]] in %[[C]]
// CHECK-NEXT: scf.yield %[[ONE]] : i32
// CHECK-NEXT: } else {
// CHECK-NEXT: scf.yield %[[FIRST]] : i32
// CHECK-NEXT: }
// CHECK-NEXT: scf.yield %[[NEXT]] : i32
// CHECK: consumers
// CHECK: %[[X:.*]] = wg.from_shared
// CHECK: %[[FIRST:.*]] = wg.advance %{{.*}} in %[[C]]
// CHECK: %[[BOTH:.*]]:2 = scf.if %[[P]] -> (!wg.tile<64x64xbf16>, i32) {
// CHECK-NEXT: wg.receive %[[C]][%[[FIRST]]]
// CHECK-NEXT: %[[T:.*]] = wg.from_shared
// CHECK-NEXT: wg.release %[[C]][%[[FIRST]]]
// CHECK-NEXT: %[[ONE:.*]] = wg.advance %[[FIRST]] in %[[C]]
// CHECK-NEXT: scf.yield %[[T]], %[[ONE]]
// CHECK-NEXT: } else {
// CHECK-NEXT: scf.yield %[[X]], %[[FIRST]]
// CHECK-NEXT: }
// CHECK-NEXT: wg.store %[[BOTH]]#0
// CHECK-NEXT: scf.yield %[[BOTH]]#1 : i32
func.func @branch(%m: memref<?x64xbf16>, %p: i1, %o: memref<?x64xbf16>, %n: index) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c128 = arith.constant 128 : index
  gpu.launch blocks(%b, %by, %bz) in (%gx = %c1, %gy = %c1, %gz = %c1) threads(%tx, %ty, %tz) in (%nx = %c128, %ny = %c1, %nz = %c1) {
    scf.for %i = %c0 to %n step %c1 {
      %s = wg.copy %m[] from %i : memref<?x64xbf16> -> !wg.shared<64x64xbf16>
      %x = wg.from_shared %s : !wg.shared<64x64xbf16> -> !wg.tile<64x64xbf16>
      %y = scf.if %p -> !wg.tile<64x64xbf16> {
        %t = wg.copy %m[] from %c0 : memref<?x64xbf16> -> !wg.shared<64x64xbf16>
        %r = wg.from_shared %t : !wg.shared<64x64xbf16> -> !wg.tile<64x64xbf16>
        scf.yield %r : !wg.tile<64x64xbf16>
      } else {
        scf.yield %x : !wg.tile<64x64xbf16>
      }
      wg.store %y into %o[] from %i : !wg.tile<64x64xbf16> into memref<?x64xbf16>
    }
    gpu.terminator
  }
  return
}

// A branch without copies is none of the producers' business.
// CHECK-LABEL: func @branch_without_copies
// CHECK: wg.roles
// CHECK-NOT: scf.if
// CHECK: consumers
// CHECK: scf.if
// CHECK-NEXT: wg.store
func.func @branch_without_copies(%m: memref<?x64xbf16>, %p: i1, %o: memref<?x64xbf16>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c128 = arith.constant 128 : index
  gpu.launch blocks(%b, %by, %bz) in (%gx = %c1, %gy = %c1, %gz = %c1) threads(%tx, %ty, %tz) in (%nx = %c128, %ny = %c1, %nz = %c1) {
    %s = wg.copy %m[] from %b : memref<?x64xbf16> -> !wg.shared<64x64xbf16>
    %x = wg.from_shared %s : !wg.shared<64x64xbf16> -> !wg.tile<64x64xbf16>
    scf.if %p {
      wg.store %x into %o[] from %c0 : !wg.tile<64x64xbf16> into memref<?x64xbf16>
    }
    gpu.terminator
  }
  return
}

// A scalar that consumers carry through a loop is none of the producers'.
// CHECK-LABEL: func @carried_scalar
// CHECK: wg.roles producers
// CHECK-NOT: arith.addf
// CHECK: } consumers
// CHECK: scf.for {{.*}} iter_args(%[[SUM:.*]] = %{{.*}}, %{{.*}} = %{{.*}}) -> (f32, i32)
// CHECK: arith.addf %[[SUM]], %[[SUM]]
func.func @carried_scalar(%m: memref<?x64xbf16>, %x: f32, %o: memref<?x64xbf16>, %n: index) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c64 = arith.constant 64 : index
  %c256 = arith.constant 256 : index
  gpu.launch blocks(%b, %by, %bz) in (%gx = %n, %gy = %c1, %gz = %c1) threads(%tx, %ty, %tz) in (%nx = %c256, %ny = %c1, %nz = %c1) {
    %sum = scf.for %i = %c0 to %n step %c1 iter_args(%y = %x) -> (f32) {
      %row = arith.muli %i, %c64 : index
      %s = wg.copy %m[] from %row : memref<?x64xbf16> -> !wg.shared<64x64xbf16>
      %r = wg.from_shared %s : !wg.shared<64x64xbf16> -> !wg.tile<64x64xbf16>
      wg.store %r into %o[] from %row : !wg.tile<64x64xbf16> into memref<?x64xbf16>
      %z = arith.addf %y, %y : f32
      scf.yield %z : f32
    }
    %t = wg.splat %sum : f32 -> !wg.tile<64xf32, rows>
    %e = memref.alloc() : memref<64xf32>
    wg.store %t into %e[] from %c0 : !wg.tile<64xf32, rows> into memref<64xf32>
    gpu.terminator
  }
  return
}
