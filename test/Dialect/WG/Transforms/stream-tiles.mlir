// RUN: attn-opt %s --wg-schedule-products | FileCheck %s

// A helper that multiplies what it has scaled keeps nothing: each use of a tile
// receives and reads it anew, the product with a matrix made of positions is
// computed again for its second use, and the place is free behind the last one. What is
// multiplied from the left is read from shared memory, if it is there, too.

// CHECK-LABEL: func @streamed
// CHECK-SAME: %[[KC:[^:]*]]: !wg.channel<2, 64x64xbf16>
// CHECK: helpers
// CHECK: scf.for
// CHECK: %[[ONES:.*]] = wg.map -> !wg.tile<64x64xbf16>
// CHECK: %[[SUMS:.*]] = wg.mma %[[ONES]], %{{.*}} {wg.streamed}
// CHECK: %[[R0:.*]] = wg.receive %[[KC]]
// CHECK: %[[K0:.*]] = wg.from_shared %[[R0]] {wg.streamed}
// CHECK: %[[S0:.*]] = wg.map ins(%[[K0]], %[[SUMS]] :
// CHECK: %[[OWN:.*]] = wg.to_shared %[[S0]] {wg.streamed}
// CHECK: wg.mma %[[OWN]], %[[OWN]] transposed, %{{.*}} {wg.streamed}
// CHECK: %[[AGAIN:.*]] = wg.map -> {{.*}}wg.streamed = 1 : i32
// CHECK: %[[SUMS1:.*]] = wg.mma %[[AGAIN]], %{{.*}} {wg.streamed = 2 : i32}
// CHECK: %[[R1:.*]] = wg.receive %[[KC]]
// CHECK: %[[K1:.*]] = wg.from_shared %[[R1]] {wg.streamed}
// CHECK: wg.map ins(%[[K1]], %[[SUMS1]] :
// CHECK: wg.release %[[KC]]
// CHECK-NOT: wg.start_mma
// CHECK: consumers
func.func @streamed(%kc: !wg.channel<2, 64x64xbf16>, %pc: !wg.channel<2, 64x64xbf16>, %qc: !wg.channel<2, 64x64xbf16>, %g: !wg.shared<64x64xbf16>, %zero: !wg.tile<64x64xf32>, %n: index) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %first = arith.constant 0 : i32
  %one = arith.constant 1.0 : bf16
  %none = arith.constant 0.0 : bf16
  wg.roles producers 4 registers 24 {
    %p = arith.constant 0 : i32
  } helpers 4 registers 168 {
    scf.for %i = %c0 to %n step %c1 iter_args(%ki = %first, %pi = %first, %qi = %first) -> (i32, i32, i32) {
      %ks = wg.receive %kc[%ki] : <2, 64x64xbf16> -> <64x64xbf16>
      %k = wg.from_shared %ks : !wg.shared<64x64xbf16> -> !wg.tile<64x64xbf16>
      wg.release %kc[%ki] : <2, 64x64xbf16>
      %kn = wg.advance %ki in %kc : <2, 64x64xbf16>
      %ones = wg.map -> !wg.tile<64x64xbf16> {
      ^bb0(%row: index, %col: index):
        %is = arith.cmpi ule, %col, %row : index
        %x = arith.select %is, %one, %none : bf16
        wg.yield %x : bf16
      }
      %sums = wg.mma %ones, %g, %zero : !wg.tile<64x64xbf16>, !wg.shared<64x64xbf16>, !wg.tile<64x64xf32>
      %scaled = wg.map ins(%k, %sums : !wg.tile<64x64xbf16>, !wg.tile<64x64xf32>) -> !wg.tile<64x64xbf16> {
      ^bb0(%row: index, %col: index, %x: bf16, %s: f32):
        %t = arith.truncf %s : f32 to bf16
        %y = arith.mulf %x, %t : bf16
        wg.yield %y : bf16
      }
      %own = wg.to_shared %scaled : !wg.tile<64x64xbf16> -> !wg.shared<64x64xbf16>
      %products = wg.mma %scaled, %own transposed, %zero : !wg.tile<64x64xbf16>, !wg.shared<64x64xbf16>, !wg.tile<64x64xf32>
      %weights = wg.map ins(%products : !wg.tile<64x64xf32>) -> !wg.tile<64x64xbf16> {
      ^bb0(%row: index, %col: index, %x: f32):
        %y = arith.truncf %x : f32 to bf16
        wg.yield %y : bf16
      }
      wg.send %weights into %pc[%pi] : !wg.tile<64x64xbf16>, <2, 64x64xbf16>
      %pn = wg.advance %pi in %pc : <2, 64x64xbf16>
      %other = wg.map ins(%k, %sums : !wg.tile<64x64xbf16>, !wg.tile<64x64xf32>) -> !wg.tile<64x64xbf16> {
      ^bb0(%row: index, %col: index, %x: bf16, %s: f32):
        %t = arith.truncf %s : f32 to bf16
        %y = arith.addf %x, %t : bf16
        wg.yield %y : bf16
      }
      wg.send %other into %qc[%qi] : !wg.tile<64x64xbf16>, <2, 64x64xbf16>
      %qn = wg.advance %qi in %qc : <2, 64x64xbf16>
      scf.yield %kn, %pn, %qn : i32, i32, i32
    }
  } consumers 4 registers 240 {
    %p = arith.constant 0 : i32
  }
  return
}

// In a kernel without roles, a loop does the same: what is in shared memory is read in
// each iteration, and numbers tell reads of one tile from each other. Of what is made
// together both are stored, the one that is multiplied from the left alone, too.

// CHECK-LABEL: func @levels
// CHECK: gpu.launch
// CHECK: %[[KS:.*]] = wg.to_shared %{{.*}} {wg.streamed}
// CHECK-NOT: wg.from_shared
// CHECK: scf.for
// CHECK: %[[SUMS:.*]] = wg.mma
// CHECK: %[[K0:.*]] = wg.from_shared %[[KS]] {wg.streamed = 1 : i32}
// CHECK: %[[PAIR:.*]]:2 = wg.map ins(%[[K0]], %[[SUMS]] :
// CHECK: %[[REST:.*]] = wg.to_shared %[[PAIR]]#1 {wg.streamed}
// CHECK: %[[OWN:.*]] = wg.to_shared %[[PAIR]]#0 {wg.streamed}
// CHECK: wg.mma %[[OWN]], %[[OWN]] transposed
// CHECK: wg.mma %[[REST]], %[[OWN]] transposed
// CHECK: %[[K1:.*]] = wg.from_shared %[[KS]] {wg.streamed = 2 : i32}
// CHECK: wg.map ins(%[[K1]],
// CHECK: scf.yield
func.func @levels(%g: !wg.shared<64x64xbf16>, %made: !wg.tile<64x64xbf16>, %zero: !wg.tile<64x64xf32>, %o: memref<?x64xf32>, %n: index) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c128 = arith.constant 128 : index
  gpu.launch blocks(%bx, %by, %bz) in (%gx = %c1, %gy = %c1, %gz = %c1) threads(%tx, %ty, %tz) in (%sx = %c128, %sy = %c1, %sz = %c1) {
    %ks = wg.to_shared %made : !wg.tile<64x64xbf16> -> !wg.shared<64x64xbf16>
    %k = wg.from_shared %ks : !wg.shared<64x64xbf16> -> !wg.tile<64x64xbf16>
    %r = scf.for %i = %c0 to %n step %c1 iter_args(%before = %zero) -> (!wg.tile<64x64xf32>) {
      %ones = wg.map -> !wg.tile<64x64xbf16> {
      ^bb0(%row: index, %col: index):
        %x = arith.constant 1.0 : bf16
        wg.yield %x : bf16
      }
      %gs = wg.to_shared %ones : !wg.tile<64x64xbf16> -> !wg.shared<64x64xbf16>
      %sums = wg.mma %g, %gs, %zero : !wg.shared<64x64xbf16>, !wg.shared<64x64xbf16>, !wg.tile<64x64xf32>
      %pair:2 = wg.map ins(%k, %sums : !wg.tile<64x64xbf16>, !wg.tile<64x64xf32>) -> !wg.tile<64x64xbf16>, !wg.tile<64x64xbf16> {
      ^bb0(%row: index, %col: index, %x: bf16, %s: f32):
        %t = arith.truncf %s : f32 to bf16
        %y = arith.mulf %x, %t : bf16
        %z = arith.subf %x, %t : bf16
        wg.yield %y, %z : bf16, bf16
      }
      %own = wg.to_shared %pair#0 : !wg.tile<64x64xbf16> -> !wg.shared<64x64xbf16>
      %first = wg.mma %pair#0, %own transposed, %zero : !wg.tile<64x64xbf16>, !wg.shared<64x64xbf16>, !wg.tile<64x64xf32>
      %both = wg.mma %pair#1, %own transposed, %first : !wg.tile<64x64xbf16>, !wg.shared<64x64xbf16>, !wg.tile<64x64xf32>
      %next = wg.map ins(%k, %both, %before : !wg.tile<64x64xbf16>, !wg.tile<64x64xf32>, !wg.tile<64x64xf32>) -> !wg.tile<64x64xf32> {
      ^bb0(%row: index, %col: index, %x: bf16, %y: f32, %z: f32):
        %w = arith.extf %x : bf16 to f32
        %s = arith.addf %y, %z : f32
        %t = arith.mulf %s, %w : f32
        wg.yield %t : f32
      }
      scf.yield %next : !wg.tile<64x64xf32>
    }
    wg.store %r into %o[] from %c0 : !wg.tile<64x64xf32> into memref<?x64xf32>
    gpu.terminator
  }
  return
}
