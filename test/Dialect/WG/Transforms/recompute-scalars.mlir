// RUN: attn-opt %s --wg-recompute-scalars | FileCheck %s

// Behind each loop, what comes from the number of the piece of work is computed
// again, for operands of loops and in bodies too; what comes from elsewhere is not.
// CHECK-LABEL: func @work
// CHECK-SAME: %[[LENGTHS:[^:]*]]: memref<8xindex>
func.func @work(%lengths: memref<8xindex>, %o: memref<?x64xf32>, %acc: !wg.tile<64x64xf32>, %c: !wg.channel<2, 64x64xbf16>, %n: i32, %h: index) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c64 = arith.constant 64 : index
  %zero = arith.constant 0 : i32
  %one = arith.constant 1 : i32
  // What the producers compute takes no registers that anybody misses.
  // CHECK: wg.roles
  // CHECK-NOT: wg.again
  // CHECK: consumers
  wg.roles producers 4 registers 40 {
    scf.for %i = %zero to %n step %one : i32 {
      scf.for %j = %c0 to %h step %c1 {
        wg.acquire %c[%zero] : <2, 64x64xbf16>
      }
      wg.acquire %c[%i] : <2, 64x64xbf16>
    }
  } consumers 4 registers 240 {
    // CHECK: scf.for %[[I:[a-z0-9]+]] =
    scf.for %i = %zero to %n step %one : i32 {
      // CHECK-NEXT: %[[AT:.*]] = arith.index_cast %[[I]]
      // CHECK-NEXT: arith.muli %[[AT]], %c64
      // CHECK-NEXT: %[[LENGTH:.*]] = memref.load %[[LENGTHS]][%[[AT]]]
      // CHECK-NEXT: %[[LIMIT:.*]] = arith.muli %{{.*}}, %c64
      %at = arith.index_cast %i : i32 to index
      %row = arith.muli %at, %c64 : index
      %length = memref.load %lengths[%at] : memref<8xindex>
      %limit = arith.muli %h, %c64 : index
      // CHECK-NEXT: scf.for {{.*}} to %[[LENGTH]]
      // CHECK-NOT: wg.again
      // CHECK: }
      %s = scf.for %j = %c0 to %length step %c1 iter_args(%a = %acc) -> (!wg.tile<64x64xf32>) {
        %k = wg.receive %c[%zero] : <2, 64x64xbf16> -> <64x64xbf16>
        %b = wg.mma %k, %k, %a : !wg.shared<64x64xbf16>, !wg.shared<64x64xbf16>, !wg.tile<64x64xf32>
        scf.yield %b : !wg.tile<64x64xf32>
      }
      // CHECK-NEXT: %[[I2:.*]] = wg.again %[[I]] : i32
      // CHECK-NEXT: %[[AT2:.*]] = arith.index_cast %[[I2]]
      // CHECK-NEXT: %[[ROW2:.*]] = arith.muli %[[AT2]], %c64
      // CHECK-NEXT: scf.for {{.*}} = %[[LENGTH]] to %[[ROW2]]
      // CHECK: wg.map
      // CHECK: arith.cmpi slt, %{{.*}}, %[[LENGTH]]
      %t = scf.for %j = %length to %row step %c1 iter_args(%a = %s) -> (!wg.tile<64x64xf32>) {
        %k = wg.receive %c[%zero] : <2, 64x64xbf16> -> <64x64xbf16>
        %b = wg.mma %k, %k, %a : !wg.shared<64x64xbf16>, !wg.shared<64x64xbf16>, !wg.tile<64x64xf32>
        %m = wg.map ins(%b : !wg.tile<64x64xf32>) -> !wg.tile<64x64xf32> {
        ^bb0(%r: index, %q: index, %x: f32):
          %in = arith.cmpi slt, %q, %length : index
          %low = arith.constant 0xFF800000 : f32
          %y = arith.select %in, %x, %low : f32
          wg.yield %y : f32
        }
        scf.yield %m : !wg.tile<64x64xf32>
      }
      // Nothing of the first time is used, though it is the same, but what was loaded:
      // it may have been written since.
      // CHECK: }
      // CHECK: %[[I3:.*]] = wg.again %[[I]] : i32
      // CHECK-NEXT: %[[AT3:.*]] = arith.index_cast %[[I3]]
      // CHECK-NEXT: %[[ROW3:.*]] = arith.muli %[[AT3]], %c64
      // CHECK-NEXT: wg.store {{.*}} from %[[ROW3]] limit %[[LIMIT]]
      // CHECK-NEXT: wg.store {{.*}} from %[[ROW3]]
      wg.store %t into %o[] from %row limit %limit : !wg.tile<64x64xf32> into memref<?x64xf32>
      wg.store %t into %o[] from %row : !wg.tile<64x64xf32> into memref<?x64xf32>
    }
  }
  return
}

// Without a loop in the work, or without a loop over work, all stays.
// CHECK-LABEL: func @straight
// CHECK-NOT: wg.again
func.func @straight(%o: memref<?x64xf32>, %acc: !wg.tile<64x64xf32>, %n: i32) {
  %zero = arith.constant 0 : i32
  %one = arith.constant 1 : i32
  wg.roles producers 4 registers 40 {
    %p = arith.constant 0 : i32
  } consumers 4 registers 240 {
    scf.for %i = %zero to %n step %one : i32 {
      %at = arith.index_cast %i : i32 to index
      wg.store %acc into %o[] from %at : !wg.tile<64x64xf32> into memref<?x64xf32>
      wg.store %acc into %o[] from %at : !wg.tile<64x64xf32> into memref<?x64xf32>
    }
    %last = arith.index_cast %n : i32 to index
    wg.store %acc into %o[] from %last : !wg.tile<64x64xf32> into memref<?x64xf32>
  }
  return
}

// The number of the piece may be an index.
// CHECK-LABEL: func @index
// CHECK: wg.again %{{.*}} : index
func.func @index(%acc: !wg.tile<64x64xf32>, %o: memref<?x64xf32>, %n: index) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  wg.roles producers 4 registers 40 {
    %x = arith.constant 0 : i32
  } consumers 4 registers 240 {
    scf.for %i = %c0 to %n step %c1 {
      %row = arith.muli %i, %n : index
      scf.for %j = %c0 to %n step %c1 {
        wg.barrier
      }
      wg.store %acc into %o[] from %row : !wg.tile<64x64xf32> into memref<?x64xf32>
    }
  }
  return
}
