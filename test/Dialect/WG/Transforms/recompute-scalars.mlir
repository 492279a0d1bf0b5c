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

// Without a loop in the work all of it stays. Behind the loop over work, what comes
// from outside of the role is computed again.
// CHECK-LABEL: func @straight
// CHECK-SAME: %[[N:[^:]*]]: i32
// CHECK: consumers
// CHECK-NOT: wg.again
// CHECK: scf.for
// CHECK-NOT: wg.again
// CHECK: }
// CHECK: %[[N2:.*]] = wg.again %[[N]] : i32
// CHECK-NEXT: %[[LAST:.*]] = arith.index_cast %[[N2]]
// CHECK-NEXT: wg.store {{.*}} from %[[LAST]]
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

// Behind the loop over work there may be another, of which the bounds are computed
// again; constants, tests and what does not come from integers are as they were.
// CHECK-LABEL: func @two_loops
// CHECK-SAME: %[[N:[^:]*]]: i32, %[[P:[^:]*]]: i1, %[[X:[^:]*]]: f32
// CHECK: consumers
// CHECK-NEXT: %[[COUNT:.*]] = arith.addi %[[N]], %c1_i32
// CHECK-NEXT: scf.for %{{.*}} = %c0_i32 to %[[COUNT]]
// CHECK-NOT: wg.again
// CHECK: }
// CHECK-NEXT: %[[N2:.*]] = wg.again %[[N]] : i32
// CHECK-NEXT: %[[COUNT2:.*]] = arith.addi %[[N2]], %c1_i32
// CHECK-NEXT: scf.for %{{.*}} = %c0_i32 to %[[COUNT2]]
// CHECK: }
// CHECK-NEXT: scf.if %[[P]]
// CHECK-NEXT: wg.splat %[[X]]
func.func @two_loops(%n: i32, %p: i1, %x: f32, %o: memref<64x64xf32>) {
  %c0 = arith.constant 0 : index
  %zero = arith.constant 0 : i32
  %one = arith.constant 1 : i32
  wg.roles producers 4 registers 40 {
    %q = arith.constant 0 : i32
  } consumers 4 registers 240 {
    %count = arith.addi %n, %one : i32
    scf.for %i = %zero to %count step %one : i32 {
      wg.barrier
    }
    scf.for %i = %zero to %count step %one : i32 {
      wg.barrier
    }
    scf.if %p {
      %t = wg.splat %x : f32 -> !wg.tile<64x64xf32>
      wg.store %t into %o[] from %c0 : !wg.tile<64x64xf32> into memref<64x64xf32>
    }
  }
  return
}

// Bounds of loops in the work that are the same for all of it are hidden, so that
// what is computed from them is not kept; constants and what the work computes are
// not.
// CHECK-LABEL: func @bounds
// CHECK-SAME: %[[N:[^:]*]]: i32, %[[H:[^:]*]]: index
// CHECK: consumers
// CHECK-NEXT: scf.for %[[I:[a-z0-9]+]] = %c0_i32 to %[[N]]
// CHECK-NEXT: %[[AT:.*]] = arith.index_cast %[[I]]
// CHECK-NEXT: %[[H1:.*]] = wg.again %[[H]] : index
// CHECK-NEXT: scf.for %{{.*}} = %c0 to %[[H1]] step %c1
// CHECK: }
// CHECK: %[[H2:.*]] = wg.again %[[H]] : index
// CHECK-NEXT: scf.for %{{.*}} = %{{.*}} to %[[H2]] step %c1
func.func @bounds(%n: i32, %h: index) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %zero = arith.constant 0 : i32
  %one = arith.constant 1 : i32
  wg.roles producers 4 registers 40 {
    %q = arith.constant 0 : i32
  } consumers 4 registers 240 {
    scf.for %i = %zero to %n step %one : i32 {
      %at = arith.index_cast %i : i32 to index
      scf.for %j = %c0 to %h step %c1 {
        wg.barrier
      }
      scf.for %j = %at to %h step %c1 {
        wg.barrier
      }
    }
  }
  return
}

// So it is in a branch of the work.
// CHECK-LABEL: func @branch
// CHECK: consumers
// CHECK: scf.for %[[I:[a-z0-9]+]] = %c0_i32
// CHECK: scf.if
// CHECK-NEXT: %[[AT:.*]] = arith.index_cast %[[I]]
// CHECK-NEXT: %[[H1:.*]] = wg.again %{{.*}} : index
// CHECK-NEXT: scf.for %{{.*}} = %[[AT]] to %[[H1]] step
// CHECK: }
// CHECK-NEXT: %[[I2:.*]] = wg.again %[[I]] : i32
// CHECK-NEXT: %[[AT2:.*]] = arith.index_cast %[[I2]]
// CHECK-NEXT: wg.store {{.*}} from %[[AT2]]
func.func @branch(%n: i32, %h: index, %p: i1, %acc: !wg.tile<64x64xf32>, %o: memref<?x64xf32>) {
  %c1 = arith.constant 1 : index
  %zero = arith.constant 0 : i32
  %one = arith.constant 1 : i32
  wg.roles producers 4 registers 40 {
    %q = arith.constant 0 : i32
  } consumers 4 registers 240 {
    scf.for %i = %zero to %n step %one : i32 {
      scf.if %p {
        %at = arith.index_cast %i : i32 to index
        scf.for %j = %at to %h step %c1 {
          wg.barrier
        }
        wg.store %acc into %o[] from %at : !wg.tile<64x64xf32> into memref<?x64xf32>
      }
    }
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
