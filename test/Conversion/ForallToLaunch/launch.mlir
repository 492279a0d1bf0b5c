// RUN: attn-opt %s --convert-forall-to-launch --split-input-file --verify-diagnostics | FileCheck %s

// The last dimension varies fastest; an iteration is a block. Its number is taken
// apart in i32.
// CHECK-LABEL: func @grid
// CHECK-SAME: (%[[M:.*]]: memref<?x?xindex>, %[[H:.*]]: index, %[[R:.*]]: index)
func.func @grid(%m: memref<?x?xindex>, %heads: index, %rows: index) {
  // CHECK: %[[COUNT:.*]] = arith.ceildivsi
  // CHECK: %[[TILES:.*]] = arith.maxsi %[[COUNT]]
  // CHECK: %[[BLOCKS:.*]] = arith.muli %{{.*}}, %[[TILES]]
  // CHECK: %[[SOME:.*]] = arith.cmpi ne, %[[BLOCKS]]
  // CHECK: scf.if %[[SOME]] {
  // CHECK: gpu.launch blocks(%[[B:[^,]*]], %{{.*}}) in (%{{.*}} = %[[BLOCKS]], {{.*}}) threads({{.*}}) in (%{{.*}} = %[[THREADS:.*]], %{{.*}} = %{{.*}}, %{{.*}} = %{{.*}}) {
  scf.forall (%h, %r) = (0, 0) to (%heads, %rows) step (1, 64) {
    // CHECK: %[[B32:.*]] = arith.index_cast %[[B]] : index to i32
    // CHECK: %[[TILES32:.*]] = arith.index_cast %[[TILES]] : index to i32
    // CHECK: %[[TILE32:.*]] = arith.remui %[[B32]], %[[TILES32]] : i32
    // CHECK: %[[HEAD32:.*]] = arith.divui %[[B32]], %[[TILES32]] : i32
    // CHECK: %[[HEAD:.*]] = arith.index_cast %[[HEAD32]] : i32 to index
    // CHECK: %[[TILE:.*]] = arith.index_cast %[[TILE32]] : i32 to index
    // CHECK: %[[ROW:.*]] = arith.muli %[[TILE]], %c64
    // CHECK: memref.store %{{.*}}, %[[M]][%[[HEAD]], %[[ROW]]]
    memref.store %h, %m[%h, %r] : memref<?x?xindex>
  } {wg.warps = 4 : i32}
  return
}

// -----

// The passes behind this one may want to know that later blocks do more, or less.
// CHECK-LABEL: func @reversed
func.func @reversed(%m: memref<16xindex>) {
  // CHECK: gpu.launch blocks(%[[B:[^,]*]], %{{.*}}) in (%[[GRID:[^ ,]*]] = %{{[^ ,]*}}, %{{[^)]*}}) threads
  scf.forall (%i) in (16) {
    // CHECK: %[[LAST:.*]] = arith.subi %[[GRID]]
    // CHECK: %[[N:.*]] = arith.subi %[[LAST]], %[[B]]
    // CHECK: %[[N32:.*]] = arith.index_cast %[[N]] : index to i32
    // CHECK: %[[I:.*]] = arith.index_cast %[[N32]] : i32 to index
    // CHECK: memref.store %{{.*}}, %{{.*}}[%[[I]]]
    // CHECK: gpu.terminator
    // CHECK-NEXT: } {tile.task_order = #tile.task_order<reversed>}
    memref.store %i, %m[%i] : memref<16xindex>
  } {wg.warps = 8 : i32, tile.task_order = #tile.task_order<reversed>}
  return
}

// -----

// So does how many of them share a multiprocessor.
// CHECK-LABEL: func @shared
func.func @shared(%m: memref<16xindex>) {
  scf.forall (%i) in (16) {
    // CHECK: gpu.terminator
    // CHECK-NEXT: } {tile.blocks = 2 : i64}
    memref.store %i, %m[%i] : memref<16xindex>
  } {wg.warps = 8 : i32, tile.blocks = 2 : i64}
  return
}

// -----

// A loop that nothing says of how many warps share a tile of it has none.
// CHECK-LABEL: func @scalars
// CHECK-NOT: gpu.launch
// CHECK: scf.forall
func.func @scalars(%m: memref<16xindex>) {
  scf.forall (%i) in (16) {
    memref.store %i, %m[%i] : memref<16xindex>
  }
  return
}

// -----

func.func @tensors(%t: tensor<16xf32>) -> tensor<16xf32> {
  // expected-error @below {{expected a loop on buffers, got results of 'tensor<16xf32>'}}
  %r = scf.forall (%i) in (16) shared_outs(%o = %t) -> (tensor<16xf32>) {
    %s = tensor.extract_slice %o[%i] [1] [1] : tensor<16xf32> to tensor<1xf32>
    scf.forall.in_parallel {
      tensor.parallel_insert_slice %s into %o[%i] [1] [1] : tensor<1xf32> into tensor<16xf32>
    }
  } {wg.warps = 4 : i32}
  return %r : tensor<16xf32>
}
