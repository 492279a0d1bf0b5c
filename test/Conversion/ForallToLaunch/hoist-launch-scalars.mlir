// RUN: attn-opt %s --hoist-launch-scalars | FileCheck %s
// RUN: attn-opt %s --convert-forall-to-launch --hoist-launch-scalars --canonicalize | FileCheck %s --check-prefix=FORALL

// Integers that come from outside are computed in front of the launch, with the
// constants that they need, also those of a loop inside.
// CHECK-LABEL: func @same
// CHECK-SAME: (%[[N:.*]]: index, %[[M:.*]]: memref<?xindex>)
// CHECK: %[[C4:.*]] = arith.constant 4 : index
// CHECK: %[[A:.*]] = arith.muli %[[N]], %[[C4]]
// CHECK: %[[B:.*]] = arith.addi %[[A]], %[[C4]]
// CHECK: %[[D:.*]] = memref.dim %[[M]]
// CHECK: %[[C:.*]] = arith.subi %[[N]], %[[C4]]
// CHECK: gpu.launch
// CHECK-NOT: arith.subi
// CHECK: scf.for
// CHECK-NEXT: arith.addi %{{.*}}, %[[C]]
// CHECK: memref.store %[[B]], %[[M]][%[[D]]]
// FORALL-LABEL: func @same
func.func @same(%n: index, %m: memref<?xindex>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c128 = arith.constant 128 : index
  gpu.launch blocks(%b, %by, %bz) in (%gx = %n, %gy = %c1, %gz = %c1) threads(%tx, %ty, %tz) in (%nx = %c128, %ny = %c1, %nz = %c1) {
    %c4 = arith.constant 4 : index
    %x = arith.muli %n, %c4 : index
    %y = arith.addi %x, %c4 : index
    %d = memref.dim %m, %c0 : memref<?xindex>
    %p = scf.for %k = %c0 to %n step %c1 iter_args(%s = %c1) -> index {
      %w = arith.subi %n, %c4 : index
      %u = arith.addi %s, %w : index
      scf.yield %u : index
    }
    memref.store %y, %m[%d] : memref<?xindex>
    memref.store %p, %m[%c0] : memref<?xindex>
    gpu.terminator
  }
  return
}

// What differs between blocks and threads stays, and so does what is loaded, what
// may divide by zero, floats, loops and constants by themselves.
// CHECK-LABEL: func @others
// CHECK-NOT: arith.constant 7
// CHECK: gpu.launch
// CHECK: arith.constant 7
// CHECK: arith.addi
// CHECK: arith.muli
// CHECK: arith.divui
// CHECK: memref.load
// CHECK: arith.addf
// CHECK: scf.for
// CHECK: gpu.terminator
func.func @others(%n: index, %m: memref<?xindex>, %x: f32, %o: memref<?xf32>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c128 = arith.constant 128 : index
  gpu.launch blocks(%b, %by, %bz) in (%gx = %n, %gy = %c1, %gz = %c1) threads(%tx, %ty, %tz) in (%nx = %c128, %ny = %c1, %nz = %c1) {
    %c7 = arith.constant 7 : index
    %block = arith.addi %b, %n : index
    %thread = arith.muli %tx, %n : index
    %over = arith.divui %c7, %n : index
    %l = memref.load %m[%n] : memref<?xindex>
    %z = arith.addf %x, %x : f32
    scf.for %k = %c0 to %n step %c1 {
      memref.store %block, %m[%thread] : memref<?xindex>
    }
    memref.store %over, %m[%l] : memref<?xindex>
    memref.store %z, %o[%c7] : memref<?xf32>
    gpu.terminator
  }
  return
}

// Numbers of threads are different for each, though they are made of nothing.
// CHECK-LABEL: func @thread
// CHECK: gpu.launch
// CHECK: gpu.thread_id
func.func @thread(%m: memref<?xindex>) {
  %c1 = arith.constant 1 : index
  %c128 = arith.constant 128 : index
  gpu.launch blocks(%b, %by, %bz) in (%gx = %c1, %gy = %c1, %gz = %c1) threads(%tx, %ty, %tz) in (%nx = %c128, %ny = %c1, %nz = %c1) {
    %t = gpu.thread_id x
    memref.store %t, %m[%t] : memref<?xindex>
    gpu.terminator
  }
  return
}

// The numbers of tiles that a block's number is taken apart with are host work.
// FORALL-LABEL: func @grid
// FORALL-SAME: (%{{.*}}: memref<?x?xindex>, %{{.*}}: index, %{{.*}}: index)
// FORALL: %[[COUNT:.*]] = arith.ceildivsi
// FORALL: %[[TILES:.*]] = arith.maxsi %[[COUNT]]
// FORALL: %[[TILES32:.*]] = arith.index_cast %[[TILES]] : index to i32
// FORALL: gpu.launch blocks(%[[B:[^,]*]],
// FORALL: %[[B32:.*]] = arith.index_cast %[[B]] : index to i32
// FORALL-NOT: arith.index_cast
// FORALL: arith.remui %[[B32]], %[[TILES32]]
func.func @grid(%m: memref<?x?xindex>, %heads: index, %rows: index) {
  scf.forall (%h, %r) = (0, 0) to (%heads, %rows) step (1, 64) {
    memref.store %h, %m[%h, %r] : memref<?x?xindex>
  } {wg.warps = 4 : i32}
  return
}
