// RUN: attn-opt %s --wg-merge-cursors | FileCheck %s
// RUN: attn-opt %s --wg-merge-cursors --canonicalize | FileCheck %s --check-prefix=CLEAN

// Cursors of channels with two places that begin at the same place and advance
// together become the first of them. Another start, another number of places, or
// another pace makes another cursor; those with the same other start are one, too.
// CHECK-LABEL: func @loop
// CHECK-SAME: %[[K:[^:]*]]: !wg.channel<2, 64x64xbf16>, %[[V:[^:]*]]: !wg.channel<2, 64x64xbf16>, %[[G:[^:]*]]: !wg.channel<2, 64xf32>,
// CHECK-SAME: %[[T:[^:]*]]: !wg.channel<3, 64x64xbf16>, %[[U:[^:]*]]: !wg.channel<2, 64x64xbf16>, %[[W:[^:]*]]: !wg.channel<2, 64x64xbf16>, %[[D:[^:]*]]: !wg.channel<2, 64x64xbf16>
// CHECK: consumers
// CHECK-NEXT: %[[R:.*]]:7 = scf.for {{.*}} iter_args(%[[KI:.*]] = %c0_i32, %{{.*}} = %c0_i32, %{{.*}} = %c0_i32, %[[TI:.*]] = %c0_i32, %[[UI:.*]] = %c1_i32, %{{.*}} = %c1_i32, %[[DI:.*]] = %c0_i32)
// CHECK-NEXT: wg.release %[[K]][%[[KI]]]
// CHECK-NEXT: wg.release %[[V]][%[[KI]]]
// CHECK-NEXT: wg.release %[[G]][%[[KI]]]
// CHECK-NEXT: wg.release %[[T]][%[[TI]]]
// CHECK-NEXT: wg.release %[[U]][%[[UI]]]
// CHECK-NEXT: wg.release %[[W]][%[[UI]]]
// CHECK-NEXT: wg.release %[[D]][%[[DI]]]
// CHECK: }
// CHECK-NEXT: wg.release %[[K]][%[[R]]#0]
// CHECK-NEXT: wg.release %[[V]][%[[R]]#0]
// CHECK-NEXT: wg.release %[[G]][%[[R]]#0]
// CHECK-NEXT: wg.release %[[T]][%[[R]]#3]
// CHECK-NEXT: wg.release %[[U]][%[[R]]#4]
// CHECK-NEXT: wg.release %[[W]][%[[R]]#4]
// CHECK-NEXT: wg.release %[[D]][%[[R]]#6]

// The others are dead then.
// CLEAN-LABEL: func @loop
// CLEAN: consumers
// CLEAN-NEXT: scf.for {{.*}} -> (i32, i32, i32, i32) {
func.func @loop(%k: !wg.channel<2, 64x64xbf16>, %v: !wg.channel<2, 64x64xbf16>, %g: !wg.channel<2, 64xf32>, %t: !wg.channel<3, 64x64xbf16>,
    %u: !wg.channel<2, 64x64xbf16>, %w: !wg.channel<2, 64x64xbf16>, %d: !wg.channel<2, 64x64xbf16>, %n: index) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %first = arith.constant 0 : i32
  %second = arith.constant 1 : i32
  wg.roles producers 4 registers 24 {
    %p = arith.constant 0 : i32
  } helpers 4 registers 104 {
    %p = arith.constant 0 : i32
  } consumers 4 registers 240 {
    %r:7 = scf.for %i = %c0 to %n step %c1 iter_args(%ki = %first, %vi = %first, %gi = %first, %ti = %first, %ui = %second, %wi = %second, %di = %first)
        -> (i32, i32, i32, i32, i32, i32, i32) {
      wg.release %k[%ki] : <2, 64x64xbf16>
      wg.release %v[%vi] : <2, 64x64xbf16>
      wg.release %g[%gi] : <2, 64xf32>
      wg.release %t[%ti] : <3, 64x64xbf16>
      wg.release %u[%ui] : <2, 64x64xbf16>
      wg.release %w[%wi] : <2, 64x64xbf16>
      wg.release %d[%di] : <2, 64x64xbf16>
      %kn = wg.advance %ki in %k : <2, 64x64xbf16>
      %vn = wg.advance %vi in %v : <2, 64x64xbf16>
      %gn = wg.advance %gi in %g : <2, 64xf32>
      %tn = wg.advance %ti in %t : <3, 64x64xbf16>
      %un = wg.advance %ui in %u : <2, 64x64xbf16>
      %wn = wg.advance %wi in %w : <2, 64x64xbf16>
      %dm = wg.advance %di in %d : <2, 64x64xbf16>
      %dn = wg.advance %dm in %d : <2, 64x64xbf16>
      scf.yield %kn, %vn, %gn, %tn, %un, %wn, %dn : i32, i32, i32, i32, i32, i32, i32
    }
    wg.release %k[%r#0] : <2, 64x64xbf16>
    wg.release %v[%r#1] : <2, 64x64xbf16>
    wg.release %g[%r#2] : <2, 64xf32>
    wg.release %t[%r#3] : <3, 64x64xbf16>
    wg.release %u[%r#4] : <2, 64x64xbf16>
    wg.release %w[%r#5] : <2, 64x64xbf16>
    wg.release %d[%r#6] : <2, 64x64xbf16>
  }
  return
}

// All roles have their own. Through nested loops cursors are the same if they are in
// both: that of U, which the inner loop does not advance, is another one in the
// outer loop, and that of W, advanced again behind it.
// CHECK-LABEL: func @nested
// CHECK-SAME: %[[K:[^:]*]]: !wg.channel<2, 64x64xbf16>, %[[V:[^:]*]]: !wg.channel<2, 64x64xbf16>, %[[U:[^:]*]]: !wg.channel<2, 64x64xbf16>, %[[W:[^:]*]]: !wg.channel<2, 64x64xbf16>
// CHECK: producers
// CHECK-NEXT: scf.for {{.*}} iter_args(%[[KI:.*]] = %c0_i32, %{{.*}} = %c0_i32)
// CHECK-NEXT: wg.acquire %[[K]][%[[KI]]]
// CHECK-NEXT: wg.acquire %[[V]][%[[KI]]]
// CHECK: helpers
// CHECK-NEXT: scf.for {{.*}} iter_args(%[[KI:.*]] = %c0_i32, %{{.*}} = %c0_i32)
// CHECK-NEXT: wg.release %[[K]][%[[KI]]]
// CHECK-NEXT: wg.release %[[V]][%[[KI]]]
// CHECK: consumers
// CHECK-NEXT: scf.for {{.*}} iter_args(%[[KO:.*]] = %c0_i32, %{{.*}} = %c0_i32, %[[UO:.*]] = %c0_i32, %[[WO:.*]] = %c0_i32)
// CHECK-NEXT: wg.release %[[U]][%[[UO]]]
// CHECK-NEXT: %[[E:.*]]:3 = scf.for {{.*}} iter_args(%[[KI:.*]] = %[[KO]], %{{.*}} = %[[KO]], %[[WI:.*]] = %[[WO]])
// CHECK-NEXT: wg.release %[[K]][%[[KI]]]
// CHECK-NEXT: wg.release %[[V]][%[[KI]]]
// CHECK-NEXT: wg.release %[[W]][%[[WI]]]
// CHECK-NEXT: %[[KN:.*]] = wg.advance %[[KI]] in %[[K]]
// CHECK: scf.yield %[[KN]],
// CHECK: %[[UN:.*]] = wg.advance %[[UO]] in %[[U]]
// CHECK-NEXT: %[[WN:.*]] = wg.advance %[[E]]#2 in %[[W]]
// CHECK-NEXT: scf.yield %[[E]]#0, %[[E]]#0, %[[UN]], %[[WN]]
// CLEAN-LABEL: func @nested
// CLEAN: producers
// CLEAN-NEXT: scf.for {{.*}} -> (i32) {
// CLEAN: helpers
// CLEAN-NEXT: scf.for {{.*}} -> (i32) {
// CLEAN: consumers
// CLEAN-NEXT: scf.for {{.*}} -> (i32, i32, i32) {
// CLEAN: scf.for {{.*}} -> (i32, i32) {
func.func @nested(%k: !wg.channel<2, 64x64xbf16>, %v: !wg.channel<2, 64x64xbf16>, %u: !wg.channel<2, 64x64xbf16>, %w: !wg.channel<2, 64x64xbf16>, %n: index) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %first = arith.constant 0 : i32
  wg.roles producers 4 registers 24 {
    scf.for %i = %c0 to %n step %c1 iter_args(%ki = %first, %vi = %first) -> (i32, i32) {
      wg.acquire %k[%ki] : <2, 64x64xbf16>
      wg.acquire %v[%vi] : <2, 64x64xbf16>
      %kn = wg.advance %ki in %k : <2, 64x64xbf16>
      %vn = wg.advance %vi in %v : <2, 64x64xbf16>
      scf.yield %kn, %vn : i32, i32
    }
  } helpers 4 registers 104 {
    scf.for %i = %c0 to %n step %c1 iter_args(%ki = %first, %vi = %first) -> (i32, i32) {
      wg.release %k[%ki] : <2, 64x64xbf16>
      wg.release %v[%vi] : <2, 64x64xbf16>
      %kn = wg.advance %ki in %k : <2, 64x64xbf16>
      %vn = wg.advance %vi in %v : <2, 64x64xbf16>
      scf.yield %kn, %vn : i32, i32
    }
  } consumers 4 registers 240 {
    scf.for %j = %c0 to %n step %c1 iter_args(%ko = %first, %vo = %first, %uo = %first, %wo = %first) -> (i32, i32, i32, i32) {
      wg.release %u[%uo] : <2, 64x64xbf16>
      %e:3 = scf.for %i = %c0 to %j step %c1 iter_args(%ki = %ko, %vi = %vo, %wi = %wo) -> (i32, i32, i32) {
        wg.release %k[%ki] : <2, 64x64xbf16>
        wg.release %v[%vi] : <2, 64x64xbf16>
        wg.release %w[%wi] : <2, 64x64xbf16>
        %kn = wg.advance %ki in %k : <2, 64x64xbf16>
        %vn = wg.advance %vi in %v : <2, 64x64xbf16>
        %wn = wg.advance %wi in %w : <2, 64x64xbf16>
        scf.yield %kn, %vn, %wn : i32, i32, i32
      }
      %un = wg.advance %uo in %u : <2, 64x64xbf16>
      %wn = wg.advance %e#2 in %w : <2, 64x64xbf16>
      scf.yield %e#0, %e#1, %un, %wn : i32, i32, i32, i32
    }
  }
  return
}

// A cursor that a branch advances is another one.
// CHECK-LABEL: func @unknown
// CHECK-SAME: %[[K:[^:]*]]: !wg.channel<2, 64x64xbf16>, %[[V:[^:]*]]: !wg.channel<2, 64x64xbf16>
// CHECK: consumers
// CHECK-NEXT: scf.for {{.*}} iter_args(%[[KI:.*]] = %c0_i32, %[[VI:.*]] = %c0_i32)
// CHECK-NEXT: wg.release %[[K]][%[[KI]]]
// CHECK-NEXT: wg.release %[[V]][%[[VI]]]
func.func @unknown(%k: !wg.channel<2, 64x64xbf16>, %v: !wg.channel<2, 64x64xbf16>, %p: i1, %n: index) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %first = arith.constant 0 : i32
  wg.roles producers 4 registers 24 {
    %q = arith.constant 0 : i32
  } helpers 4 registers 104 {
    %q = arith.constant 0 : i32
  } consumers 4 registers 240 {
    scf.for %i = %c0 to %n step %c1 iter_args(%ki = %first, %vi = %first) -> (i32, i32) {
      wg.release %k[%ki] : <2, 64x64xbf16>
      wg.release %v[%vi] : <2, 64x64xbf16>
      %kn = wg.advance %ki in %k : <2, 64x64xbf16>
      %vn = scf.if %p -> i32 {
        %next = wg.advance %vi in %v : <2, 64x64xbf16>
        scf.yield %next : i32
      } else {
        scf.yield %vi : i32
      }
      scf.yield %kn, %vn : i32, i32
    }
  }
  return
}

// Without helpers consumers have the registers.
// CHECK-LABEL: func @no_helpers
// CHECK-SAME: %[[K:[^:]*]]: !wg.channel<2, 64x64xbf16>, %[[V:[^:]*]]: !wg.channel<2, 64x64xbf16>
// CHECK: consumers
// CHECK-NEXT: scf.for {{.*}} iter_args(%[[KI:.*]] = %c0_i32, %[[VI:.*]] = %c0_i32)
// CHECK-NEXT: wg.release %[[K]][%[[KI]]]
// CHECK-NEXT: wg.release %[[V]][%[[VI]]]
func.func @no_helpers(%k: !wg.channel<2, 64x64xbf16>, %v: !wg.channel<2, 64x64xbf16>, %n: index) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %first = arith.constant 0 : i32
  wg.roles producers 4 registers 40 {
    %q = arith.constant 0 : i32
  } consumers 4 registers 232 {
    scf.for %i = %c0 to %n step %c1 iter_args(%ki = %first, %vi = %first) -> (i32, i32) {
      wg.release %k[%ki] : <2, 64x64xbf16>
      wg.release %v[%vi] : <2, 64x64xbf16>
      %kn = wg.advance %ki in %k : <2, 64x64xbf16>
      %vn = wg.advance %vi in %v : <2, 64x64xbf16>
      scf.yield %kn, %vn : i32, i32
    }
  }
  return
}
