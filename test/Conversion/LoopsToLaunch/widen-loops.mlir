// RUN: attn-opt %s --deal-loops --widen-loops | FileCheck %s
// RUN: attn-opt %s --deal-loops --widen-loops --remarks-filter=widen-loops -o /dev/null 2>&1 | FileCheck %s --check-prefix=REASON

// Rows by number, times one number of each: number and factor are read once for 8
// elements, in a branch too.
// CHECK-LABEL: func @gather
// CHECK: scf.parallel (%[[I:.*]], %[[J:.*]]) = (%c0, %c0) to (%{{.*}}, %c8{{[_0-9]*}})
// CHECK: %[[FIRST:.*]] = arith.muli %[[J]], %c8
// CHECK: memref.load %{{.*}}[%[[I]]] : memref<?xindex>
// CHECK-NOT: memref.load
// CHECK: %[[ROW:.*]] = scf.if %{{.*}} -> (vector<8xbf16>)
// CHECK: vector.transfer_read %{{.*}}[%{{.*}}, %[[FIRST]]], %{{.*}} {in_bounds = [true]} : memref<?x64xbf16, strided<[?, 1], offset: ?>>, vector<8xbf16>
// CHECK: } else {
// CHECK: vector.broadcast %{{.*}} : bf16 to vector<8xbf16>
// CHECK: %[[FACTOR:.*]] = memref.load %{{.*}}[%[[I]]] : memref<?xbf16>
// CHECK-COUNT-8: arith.mulf %{{.*}}, %[[FACTOR]] : bf16
// CHECK: %[[ALL:.*]] = vector.from_elements
// CHECK: vector.transfer_write %[[ALL]], %{{.*}}[%[[I]], %[[FIRST]]] {in_bounds = [true]}
// CHECK: } {wg.deal = #wg.deal<threads>}
func.func @gather(%x: memref<?x64xbf16, strided<[?, 1], offset: ?>>, %n: memref<?xindex>, %f: memref<?xbf16>, %o: memref<?x64xbf16>, %s: index, %r: index) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c64 = arith.constant 64 : index
  %zero = arith.constant 0.0 : bf16
  scf.parallel (%i, %j) = (%c0, %c0) to (%r, %c64) step (%c1, %c1) {
    %number = memref.load %n[%i] : memref<?xindex>
    %exists = arith.cmpi ult, %number, %s : index
    %a = scf.if %exists -> bf16 {
      %b = memref.load %x[%number, %j] : memref<?x64xbf16, strided<[?, 1], offset: ?>>
      scf.yield %b : bf16
    } else {
      scf.yield %zero : bf16
    }
    %factor = memref.load %f[%i] : memref<?xbf16>
    %y = arith.mulf %a, %factor : bf16
    memref.store %y, %o[%i, %j] : memref<?x64xbf16>
  }
  return
}

// What is as wide as a number of the wider type: 4 of f32.
// CHECK-LABEL: func @types
// CHECK: vector.transfer_read {{.*}} vector<4xbf16>
// CHECK: vector.transfer_write {{.*}} vector<4xf32>
func.func @types(%x: memref<?x64xbf16>, %o: memref<?x64xf32>, %r: index) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c64 = arith.constant 64 : index
  scf.parallel (%i, %j) = (%c0, %c0) to (%r, %c64) step (%c1, %c1) {
    %a = memref.load %x[%i, %j] : memref<?x64xbf16>
    %y = arith.extf %a : bf16 to f32
    memref.store %y, %o[%i, %j] : memref<?x64xf32>
  }
  return
}

// Sums over rows that are listed, from one bound to another: one loop for 8 of them.
// CHECK-LABEL: func @sums
func.func @sums(%x: memref<?x64xbf16>, %n: memref<?xindex>, %begin: memref<?xindex>, %o: memref<?x64xbf16>, %r: index) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c64 = arith.constant 64 : index
  %zero = arith.constant 0.0 : f32
  // CHECK: scf.parallel
  scf.parallel (%i, %j) = (%c0, %c0) to (%r, %c64) step (%c1, %c1) {
    %first = memref.load %begin[%i] : memref<?xindex>
    // CHECK: %[[SUMS:.*]]:8 = scf.for %[[K:.*]] = %{{.*}} to %{{.*}} step %{{.*}} iter_args({{.*}}) -> (f32, f32, f32, f32, f32, f32, f32, f32)
    %sum = scf.for %k = %first to %r step %c1 iter_args(%s = %zero) -> f32 {
      // CHECK: %[[ROW:.*]] = memref.load %{{.*}}[%[[K]]]
      // CHECK: vector.transfer_read %{{.*}}[%[[ROW]], %{{.*}}], {{.*}} vector<8xbf16>
      // CHECK-COUNT-8: arith.addf
      // CHECK-NOT: arith.addf
      %row = memref.load %n[%k] : memref<?xindex>
      %a = memref.load %x[%row, %j] : memref<?x64xbf16>
      %b = arith.extf %a : bf16 to f32
      %t = arith.addf %s, %b : f32
      scf.yield %t : f32
    }
    // CHECK: arith.truncf %[[SUMS]]#0
    // CHECK: arith.truncf %[[SUMS]]#7
    // CHECK: vector.transfer_write
    %y = arith.truncf %sum : f32 to bf16
    memref.store %y, %o[%i, %j] : memref<?x64xbf16>
  }
  return
}

// Neighbours that are read across rows, extents that no vectors fill, branches that
// neighbours take alone, and what warps do: left alone.
// CHECK-LABEL: func @others
// CHECK-NOT: vector.
// CHECK: return
// REASON: [[#@LINE+9]]:3: remark: {{.*}} single-elements {{.*}}a thread does one element: neighbours are not accessed side by side
// REASON: a thread does one element: its last extent is no multiple of a vector's
// REASON: a thread does one element: neighbours take different branches
// REASON-NOT: single-elements
func.func @others(%x: memref<64x64xf32>, %o: memref<64x64xf32>, %p: memref<64x7xf32>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c7 = arith.constant 7 : index
  %c64 = arith.constant 64 : index
  scf.parallel (%i, %j) = (%c0, %c0) to (%c64, %c64) step (%c1, %c1) {
    %a = memref.load %x[%j, %i] : memref<64x64xf32>
    memref.store %a, %o[%i, %j] : memref<64x64xf32>
  }
  scf.parallel (%i, %j) = (%c0, %c0) to (%c64, %c7) step (%c1, %c1) {
    %a = memref.load %x[%i, %j] : memref<64x64xf32>
    memref.store %a, %p[%i, %j] : memref<64x7xf32>
  }
  scf.parallel (%i, %j) = (%c0, %c0) to (%c64, %c64) step (%c1, %c1) {
    %a = memref.load %x[%i, %j] : memref<64x64xf32>
    %isBefore = arith.cmpi ult, %j, %i : index
    scf.if %isBefore {
      memref.store %a, %o[%i, %j] : memref<64x64xf32>
    }
  }
  scf.parallel (%i, %j) = (%c0, %c0) to (%c64, %c64) step (%c1, %c1) {
    %zero = arith.constant 0.0 : f32
    %sum = scf.for %k = %c0 to %c64 step %c1 iter_args(%s = %zero) -> f32 {
      %a = memref.load %x[%j, %k] : memref<64x64xf32>
      %t = arith.addf %s, %a : f32
      scf.yield %t : f32
    }
    memref.store %sum, %o[%i, %j] : memref<64x64xf32>
  }
  return
}
