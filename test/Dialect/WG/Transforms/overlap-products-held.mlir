// RUN: attn-opt %s --wg-overlap-products --remarks-filter-missed=wg-overlap-products --split-input-file --verify-diagnostics | FileCheck %s

// A sum that is not rescaled is carried as it is: what the product that was awaited
// gave is what the next one adds to.
// CHECK-LABEL: func @not_rescaled
// CHECK-SAME: %[[ZERO:[a-z0-9]+]]: !wg.tile<64x64xf32>, %{{.*}}: index)
// CHECK: %[[P0:.*]] = wg.map
// CHECK: %[[E:.*]]:4 = scf.for {{.*}} iter_args(%{{.*}} = %{{.*}}, %{{.*}} = %{{.*}}, %[[P:.*]] = %[[P0]], %[[A:[a-z0-9]+]] = %[[ZERO]])
// CHECK: wg.start_mma %{{.*}}, %{{.*}} transposed, %[[ZERO]]
// CHECK: %[[O:.*]] = wg.start_mma %[[P]], %{{.*}}, %[[A]]
// CHECK: %[[SUM:.*]] = wg.await_mma %[[O]] pending 0
// CHECK: %[[PNEXT:.*]] = wg.map
// CHECK: scf.yield %{{.*}}, %{{.*}}, %[[PNEXT]], %[[SUM]]
// CHECK: wg.mma %[[E]]#2, %{{.*}}, %[[E]]#3
func.func @not_rescaled(%kc: !wg.channel<2, 64x64xbf16>, %vc: !wg.channel<2, 64x64xbf16>, %q: !wg.shared<64x64xbf16>, %o: memref<64x64xf32>,
    %zero: !wg.tile<64x64xf32>, %n: index) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %first = arith.constant 0 : i32
  wg.roles producers 4 registers 40 {
    %p = arith.constant 0 : i32
  } consumers 4 registers 240 {
    %r:3 = scf.for %i = %c0 to %n step %c1 iter_args(%acc = %zero, %ki = %first, %vi = %first) -> (!wg.tile<64x64xf32>, i32, i32) {
      %k = wg.receive %kc[%ki] : <2, 64x64xbf16> -> <64x64xbf16>
      %s = wg.mma %q, %k transposed, %zero : !wg.shared<64x64xbf16>, !wg.shared<64x64xbf16>, !wg.tile<64x64xf32>
      wg.release %kc[%ki] : <2, 64x64xbf16>
      %kn = wg.advance %ki in %kc : <2, 64x64xbf16>
      %p = wg.map ins(%s : !wg.tile<64x64xf32>) -> !wg.tile<64x64xbf16> {
      ^bb0(%row: index, %col: index, %x: f32):
        %y = arith.truncf %x : f32 to bf16
        wg.yield %y : bf16
      }
      %v = wg.receive %vc[%vi] : <2, 64x64xbf16> -> <64x64xbf16>
      %a = wg.mma %p, %v, %acc : !wg.tile<64x64xbf16>, !wg.shared<64x64xbf16>, !wg.tile<64x64xf32>
      wg.release %vc[%vi] : <2, 64x64xbf16>
      %vn = wg.advance %vi in %vc : <2, 64x64xbf16>
      scf.yield %a, %kn, %vn : !wg.tile<64x64xf32>, i32, i32
    }
    wg.store %r#0 into %o[] from %c0 : !wg.tile<64x64xf32> into memref<64x64xf32>
  }
  return
}

// -----

// What a loop carries and does not change stays so.
// CHECK-LABEL: func @unchanged
// CHECK-SAME: %[[F:[a-z0-9]+]]: f32)
// CHECK: scf.for {{.*}} iter_args(%{{.*}} = %{{.*}}, %{{.*}} = %{{.*}}, %[[G:.*]] = %[[F]], %{{.*}} = %{{.*}}, %{{.*}} = %{{.*}})
// CHECK: wg.start_mma
// CHECK: scf.yield %{{.*}}, %{{.*}}, %[[G]], %{{.*}}, %{{.*}} :
func.func @unchanged(%kc: !wg.channel<2, 64x64xbf16>, %vc: !wg.channel<2, 64x64xbf16>, %q: !wg.shared<64x64xbf16>, %o: memref<64x64xf32>,
    %zero: !wg.tile<64x64xf32>, %n: index, %f: f32) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %first = arith.constant 0 : i32
  wg.roles producers 4 registers 40 {
    %p = arith.constant 0 : i32
  } consumers 4 registers 240 {
    %r:4 = scf.for %i = %c0 to %n step %c1 iter_args(%acc = %zero, %ki = %first, %vi = %first, %g = %f) -> (!wg.tile<64x64xf32>, i32, i32, f32) {
      %k = wg.receive %kc[%ki] : <2, 64x64xbf16> -> <64x64xbf16>
      %s = wg.mma %q, %k transposed, %zero : !wg.shared<64x64xbf16>, !wg.shared<64x64xbf16>, !wg.tile<64x64xf32>
      wg.release %kc[%ki] : <2, 64x64xbf16>
      %kn = wg.advance %ki in %kc : <2, 64x64xbf16>
      %p = wg.map ins(%s : !wg.tile<64x64xf32>) -> !wg.tile<64x64xbf16> {
      ^bb0(%row: index, %col: index, %x: f32):
        %y = arith.truncf %x : f32 to bf16
        wg.yield %y : bf16
      }
      %v = wg.receive %vc[%vi] : <2, 64x64xbf16> -> <64x64xbf16>
      %a = wg.mma %p, %v, %acc : !wg.tile<64x64xbf16>, !wg.shared<64x64xbf16>, !wg.tile<64x64xf32>
      wg.release %vc[%vi] : <2, 64x64xbf16>
      %vn = wg.advance %vi in %vc : <2, 64x64xbf16>
      scf.yield %a, %kn, %vn, %g : !wg.tile<64x64xf32>, i32, i32, f32
    }
    wg.store %r#0 into %o[] from %c0 : !wg.tile<64x64xf32> into memref<64x64xf32>
  }
  return
}

// -----

// The loop over full tiles changes less than the one over partial tiles in front of
// it: it carries the rest, too, so that the last partial tile is its first. A mask
// that only tells columns apart cuts one tile: the loop over these stays.
// CHECK-LABEL: func @changes_less
// CHECK-SAME: %[[N:[a-z0-9]+]]: index, %[[E:[a-z0-9]+]]: index)
// CHECK: %[[LAST:.*]] = arith.subi %[[N]], %c1
// CHECK: %[[CUT:.*]]:4 = scf.for %{{.*}} = %c0 to %[[LAST]] step %c1
// CHECK: %[[HAS:.*]] = arith.cmpi slt, %c0, %[[N]]
// CHECK: scf.if
// CHECK: %[[STATE:.*]]:5 = scf.if %[[HAS]]
// CHECK: %[[TOP:.*]] = wg.reduce <maxnumf>
// CHECK: scf.yield %[[TOP]],
// CHECK: } else {
// CHECK: wg.mma
// CHECK-NOT: wg.reduce
// CHECK: scf.yield %[[CUT]]#1,
// CHECK: scf.for {{.*}} iter_args(%[[REF:.*]] = %[[STATE]]#0,
// CHECK: wg.start_mma
// CHECK: wg.map ins(%{{.*}}, %[[REF]] :
// CHECK: scf.yield %[[REF]],
func.func @changes_less(%kc: !wg.channel<2, 64x64xbf16>, %vc: !wg.channel<2, 64x64xbf16>, %q: !wg.shared<64x64xbf16>, %o: memref<64x64xf32>,
    %zero: !wg.tile<64x64xf32>, %none: !wg.tile<64xf32, rows>, %n: index, %e: index) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %first = arith.constant 0 : i32
  wg.roles producers 4 registers 40 {
    %p = arith.constant 0 : i32
  } consumers 4 registers 240 {
    // expected-remark @below {{nothing is computed beside the loop's last product: it computes with positions}}
    %c:4 = scf.for %i = %c0 to %n step %c1 iter_args(%acc = %zero, %ref = %none, %ki = %first, %vi = %first)
        -> (!wg.tile<64x64xf32>, !wg.tile<64xf32, rows>, i32, i32) {
      %k = wg.receive %kc[%ki] : <2, 64x64xbf16> -> <64x64xbf16>
      %s = wg.mma %q, %k transposed, %zero : !wg.shared<64x64xbf16>, !wg.shared<64x64xbf16>, !wg.tile<64x64xf32>
      wg.release %kc[%ki] : <2, 64x64xbf16>
      %kn = wg.advance %ki in %kc : <2, 64x64xbf16>
      %m = wg.map ins(%s : !wg.tile<64x64xf32>) -> !wg.tile<64x64xf32> {
      ^bb0(%row: index, %col: index, %x: f32):
        %in = arith.cmpi slt, %col, %n : index
        %low = arith.constant 0xFF800000 : f32
        %y = arith.select %in, %x, %low : f32
        wg.yield %y : f32
      }
      %top = wg.reduce <maxnumf> %m, %ref : !wg.tile<64x64xf32>, !wg.tile<64xf32, rows>
      %p = wg.map ins(%m : !wg.tile<64x64xf32>) -> !wg.tile<64x64xbf16> {
      ^bb0(%row: index, %col: index, %x: f32):
        %y = arith.truncf %x : f32 to bf16
        wg.yield %y : bf16
      }
      %scaled = wg.map ins(%acc, %top : !wg.tile<64x64xf32>, !wg.tile<64xf32, rows>) -> !wg.tile<64x64xf32> {
      ^bb0(%row: index, %col: index, %x: f32, %y: f32):
        %z = arith.mulf %x, %y : f32
        wg.yield %z : f32
      }
      %v = wg.receive %vc[%vi] : <2, 64x64xbf16> -> <64x64xbf16>
      %a = wg.mma %p, %v, %scaled : !wg.tile<64x64xbf16>, !wg.shared<64x64xbf16>, !wg.tile<64x64xf32>
      wg.release %vc[%vi] : <2, 64x64xbf16>
      %vn = wg.advance %vi in %vc : <2, 64x64xbf16>
      scf.yield %a, %top, %kn, %vn : !wg.tile<64x64xf32>, !wg.tile<64xf32, rows>, i32, i32
    }
    %r:3 = scf.for %i = %n to %e step %c1 iter_args(%acc = %c#0, %ki = %c#2, %vi = %c#3) -> (!wg.tile<64x64xf32>, i32, i32) {
      %k = wg.receive %kc[%ki] : <2, 64x64xbf16> -> <64x64xbf16>
      %s = wg.mma %q, %k transposed, %zero : !wg.shared<64x64xbf16>, !wg.shared<64x64xbf16>, !wg.tile<64x64xf32>
      wg.release %kc[%ki] : <2, 64x64xbf16>
      %kn = wg.advance %ki in %kc : <2, 64x64xbf16>
      %w = wg.map ins(%s, %c#1 : !wg.tile<64x64xf32>, !wg.tile<64xf32, rows>) -> !wg.tile<64x64xf32> {
      ^bb0(%row: index, %col: index, %x: f32, %y: f32):
        %z = arith.subf %x, %y : f32
        wg.yield %z : f32
      }
      %p = wg.map ins(%w : !wg.tile<64x64xf32>) -> !wg.tile<64x64xbf16> {
      ^bb0(%row: index, %col: index, %x: f32):
        %y = arith.truncf %x : f32 to bf16
        wg.yield %y : bf16
      }
      %v = wg.receive %vc[%vi] : <2, 64x64xbf16> -> <64x64xbf16>
      %a = wg.mma %p, %v, %acc : !wg.tile<64x64xbf16>, !wg.shared<64x64xbf16>, !wg.tile<64x64xf32>
      wg.release %vc[%vi] : <2, 64x64xbf16>
      %vn = wg.advance %vi in %vc : <2, 64x64xbf16>
      scf.yield %a, %kn, %vn : !wg.tile<64x64xf32>, i32, i32
    }
    wg.store %r#0 into %o[] from %c0 : !wg.tile<64x64xf32> into memref<64x64xf32>
  }
  return
}

// -----

// A mask that tells rows apart may cut several tiles: what is late in one of these is
// so in the next, and in the first full tile.
// CHECK-LABEL: func @goes_on
// CHECK-SAME: %[[N:[a-z0-9]+]]: index, %[[E:[a-z0-9]+]]: index)
// CHECK: consumers
// CHECK-NOT: scf.for
// CHECK: %[[HAS:.*]] = arith.cmpi slt, %c0, %[[N]]
// CHECK: scf.if
// CHECK: %[[BEGIN:.*]] = arith.select %[[HAS]], %[[N]]
// CHECK: %[[STATE:.*]]:5 = scf.if %[[HAS]]
// CHECK: wg.reduce <maxnumf>
// CHECK: } else {
// CHECK: wg.mma
// CHECK-NOT: wg.reduce
// CHECK: %[[SECOND:.*]] = arith.addi %c0, %c1
// CHECK: %[[CUT:.*]]:5 = scf.for %{{.*}} = %[[SECOND]] to %[[N]] step %c1 iter_args(%{{.*}} = %[[STATE]]#0, %{{.*}} = %[[STATE]]#1, %{{.*}} = %[[STATE]]#2, %[[P:.*]] = %[[STATE]]#3, %[[A:.*]] = %[[STATE]]#4)
// CHECK: wg.start_mma %{{.*}}, %{{.*}} transposed
// CHECK: wg.start_mma %[[P]], %{{.*}}, %[[A]]
// CHECK: wg.await_mma {{.*}} pending 1
// CHECK: wg.reduce <maxnumf>
// CHECK: wg.await_mma {{.*}} pending 0
// CHECK: scf.yield
// CHECK: scf.for %{{.*}} = %[[BEGIN]] to %[[E]] step %c1 iter_args(%[[REF:.*]] = %[[CUT]]#0,
// CHECK: wg.start_mma
// CHECK-NOT: wg.reduce
// CHECK: scf.yield %[[REF]],
func.func @goes_on(%kc: !wg.channel<2, 64x64xbf16>, %vc: !wg.channel<2, 64x64xbf16>, %q: !wg.shared<64x64xbf16>, %o: memref<64x64xf32>,
    %zero: !wg.tile<64x64xf32>, %none: !wg.tile<64xf32, rows>, %n: index, %e: index) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %first = arith.constant 0 : i32
  wg.roles producers 4 registers 40 {
    %p = arith.constant 0 : i32
  } consumers 4 registers 240 {
    %c:4 = scf.for %i = %c0 to %n step %c1 iter_args(%acc = %zero, %ref = %none, %ki = %first, %vi = %first)
        -> (!wg.tile<64x64xf32>, !wg.tile<64xf32, rows>, i32, i32) {
      %k = wg.receive %kc[%ki] : <2, 64x64xbf16> -> <64x64xbf16>
      %s = wg.mma %q, %k transposed, %zero : !wg.shared<64x64xbf16>, !wg.shared<64x64xbf16>, !wg.tile<64x64xf32>
      wg.release %kc[%ki] : <2, 64x64xbf16>
      %kn = wg.advance %ki in %kc : <2, 64x64xbf16>
      %m = wg.map ins(%s : !wg.tile<64x64xf32>) -> !wg.tile<64x64xf32> {
      ^bb0(%row: index, %col: index, %x: f32):
        %in = arith.cmpi slt, %col, %row : index
        %low = arith.constant 0xFF800000 : f32
        %y = arith.select %in, %x, %low : f32
        wg.yield %y : f32
      }
      %top = wg.reduce <maxnumf> %m, %ref : !wg.tile<64x64xf32>, !wg.tile<64xf32, rows>
      %p = wg.map ins(%m : !wg.tile<64x64xf32>) -> !wg.tile<64x64xbf16> {
      ^bb0(%row: index, %col: index, %x: f32):
        %y = arith.truncf %x : f32 to bf16
        wg.yield %y : bf16
      }
      %scaled = wg.map ins(%acc, %top : !wg.tile<64x64xf32>, !wg.tile<64xf32, rows>) -> !wg.tile<64x64xf32> {
      ^bb0(%row: index, %col: index, %x: f32, %y: f32):
        %z = arith.mulf %x, %y : f32
        wg.yield %z : f32
      }
      %v = wg.receive %vc[%vi] : <2, 64x64xbf16> -> <64x64xbf16>
      %a = wg.mma %p, %v, %scaled : !wg.tile<64x64xbf16>, !wg.shared<64x64xbf16>, !wg.tile<64x64xf32>
      wg.release %vc[%vi] : <2, 64x64xbf16>
      %vn = wg.advance %vi in %vc : <2, 64x64xbf16>
      scf.yield %a, %top, %kn, %vn : !wg.tile<64x64xf32>, !wg.tile<64xf32, rows>, i32, i32
    }
    %r:3 = scf.for %i = %n to %e step %c1 iter_args(%acc = %c#0, %ki = %c#2, %vi = %c#3) -> (!wg.tile<64x64xf32>, i32, i32) {
      %k = wg.receive %kc[%ki] : <2, 64x64xbf16> -> <64x64xbf16>
      %s = wg.mma %q, %k transposed, %zero : !wg.shared<64x64xbf16>, !wg.shared<64x64xbf16>, !wg.tile<64x64xf32>
      wg.release %kc[%ki] : <2, 64x64xbf16>
      %kn = wg.advance %ki in %kc : <2, 64x64xbf16>
      %w = wg.map ins(%s, %c#1 : !wg.tile<64x64xf32>, !wg.tile<64xf32, rows>) -> !wg.tile<64x64xf32> {
      ^bb0(%row: index, %col: index, %x: f32, %y: f32):
        %z = arith.subf %x, %y : f32
        wg.yield %z : f32
      }
      %p = wg.map ins(%w : !wg.tile<64x64xf32>) -> !wg.tile<64x64xbf16> {
      ^bb0(%row: index, %col: index, %x: f32):
        %y = arith.truncf %x : f32 to bf16
        wg.yield %y : bf16
      }
      %v = wg.receive %vc[%vi] : <2, 64x64xbf16> -> <64x64xbf16>
      %a = wg.mma %p, %v, %acc : !wg.tile<64x64xbf16>, !wg.shared<64x64xbf16>, !wg.tile<64x64xf32>
      wg.release %vc[%vi] : <2, 64x64xbf16>
      %vn = wg.advance %vi in %vc : <2, 64x64xbf16>
      scf.yield %a, %kn, %vn : !wg.tile<64x64xf32>, i32, i32
    }
    wg.store %r#0 into %o[] from %c0 : !wg.tile<64x64xf32> into memref<64x64xf32>
  }
  return
}

// -----

// A loop that is known to have one iteration, though other passes do not know, is the
// start of the next one's pipeline: nothing of it stays behind, nothing is asked.
// CHECK-LABEL: func @one_iteration
// CHECK-SAME: %[[E:[a-z0-9]+]]: index)
// CHECK: wg.again %c1
// CHECK: %[[CUT:.*]]:4 = scf.for %{{.*}} = %c0 to %c0 step %c1
// CHECK: %[[BOTH:.*]] = arith.ori %true
// CHECK: scf.if
// CHECK: scf.if %true
// CHECK: wg.reduce <maxnumf>
// CHECK: scf.for %{{.*}} to %[[E]] step %c1
// CHECK: wg.start_mma
// CHECK-NOT: wg.reduce
// CHECK: scf.yield
func.func @one_iteration(%kc: !wg.channel<2, 64x64xbf16>, %vc: !wg.channel<2, 64x64xbf16>, %q: !wg.shared<64x64xbf16>, %o: memref<64x64xf32>,
    %zero: !wg.tile<64x64xf32>, %none: !wg.tile<64xf32, rows>, %n: index, %e: index) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %first = arith.constant 0 : i32
  wg.roles producers 4 registers 40 {
    %p = arith.constant 0 : i32
  } consumers 4 registers 240 {
    %end = wg.again %c1 : index
    // expected-remark @below {{nothing is computed beside the loop's last product: it has one iteration}}
    %c:4 = scf.for %i = %c0 to %end step %c1 iter_args(%acc = %zero, %ref = %none, %ki = %first, %vi = %first)
        -> (!wg.tile<64x64xf32>, !wg.tile<64xf32, rows>, i32, i32) {
      %k = wg.receive %kc[%ki] : <2, 64x64xbf16> -> <64x64xbf16>
      %s = wg.mma %q, %k transposed, %zero : !wg.shared<64x64xbf16>, !wg.shared<64x64xbf16>, !wg.tile<64x64xf32>
      wg.release %kc[%ki] : <2, 64x64xbf16>
      %kn = wg.advance %ki in %kc : <2, 64x64xbf16>
      %m = wg.map ins(%s : !wg.tile<64x64xf32>) -> !wg.tile<64x64xf32> {
      ^bb0(%row: index, %col: index, %x: f32):
        %in = arith.cmpf olt, %x, %x : f32
        %low = arith.constant 0xFF800000 : f32
        %y = arith.select %in, %x, %low : f32
        wg.yield %y : f32
      }
      %top = wg.reduce <maxnumf> %m, %ref : !wg.tile<64x64xf32>, !wg.tile<64xf32, rows>
      %p = wg.map ins(%m : !wg.tile<64x64xf32>) -> !wg.tile<64x64xbf16> {
      ^bb0(%row: index, %col: index, %x: f32):
        %y = arith.truncf %x : f32 to bf16
        wg.yield %y : bf16
      }
      %scaled = wg.map ins(%acc, %top : !wg.tile<64x64xf32>, !wg.tile<64xf32, rows>) -> !wg.tile<64x64xf32> {
      ^bb0(%row: index, %col: index, %x: f32, %y: f32):
        %z = arith.mulf %x, %y : f32
        wg.yield %z : f32
      }
      %v = wg.receive %vc[%vi] : <2, 64x64xbf16> -> <64x64xbf16>
      %a = wg.mma %p, %v, %scaled : !wg.tile<64x64xbf16>, !wg.shared<64x64xbf16>, !wg.tile<64x64xf32>
      wg.release %vc[%vi] : <2, 64x64xbf16>
      %vn = wg.advance %vi in %vc : <2, 64x64xbf16>
      scf.yield %a, %top, %kn, %vn : !wg.tile<64x64xf32>, !wg.tile<64xf32, rows>, i32, i32
    }
    %r:3 = scf.for %i = %c1 to %e step %c1 iter_args(%acc = %c#0, %ki = %c#2, %vi = %c#3) -> (!wg.tile<64x64xf32>, i32, i32) {
      %k = wg.receive %kc[%ki] : <2, 64x64xbf16> -> <64x64xbf16>
      %s = wg.mma %q, %k transposed, %zero : !wg.shared<64x64xbf16>, !wg.shared<64x64xbf16>, !wg.tile<64x64xf32>
      wg.release %kc[%ki] : <2, 64x64xbf16>
      %kn = wg.advance %ki in %kc : <2, 64x64xbf16>
      %w = wg.map ins(%s, %c#1 : !wg.tile<64x64xf32>, !wg.tile<64xf32, rows>) -> !wg.tile<64x64xf32> {
      ^bb0(%row: index, %col: index, %x: f32, %y: f32):
        %z = arith.subf %x, %y : f32
        wg.yield %z : f32
      }
      %p = wg.map ins(%w : !wg.tile<64x64xf32>) -> !wg.tile<64x64xbf16> {
      ^bb0(%row: index, %col: index, %x: f32):
        %y = arith.truncf %x : f32 to bf16
        wg.yield %y : bf16
      }
      %v = wg.receive %vc[%vi] : <2, 64x64xbf16> -> <64x64xbf16>
      %a = wg.mma %p, %v, %acc : !wg.tile<64x64xbf16>, !wg.shared<64x64xbf16>, !wg.tile<64x64xf32>
      wg.release %vc[%vi] : <2, 64x64xbf16>
      %vn = wg.advance %vi in %vc : <2, 64x64xbf16>
      scf.yield %a, %kn, %vn : !wg.tile<64x64xf32>, i32, i32
    }
    wg.store %r#0 into %o[] from %c0 : !wg.tile<64x64xf32> into memref<64x64xf32>
  }
  return
}

// -----

// The queries are released before the last product, which does not read them, also
// if there is no iteration.
// CHECK-LABEL: func @release
// CHECK-SAME: %[[QC:[a-z0-9]+]]: !wg.channel<1, 64x64xbf16>)
// CHECK: %[[Q:.*]] = wg.receive %[[QC]]
// CHECK: scf.if
// CHECK: scf.for
// CHECK: wg.start_mma %[[Q]]
// CHECK: scf.yield
// CHECK-NEXT: }
// CHECK-NEXT: wg.release %[[QC]]
// CHECK-NEXT: wg.receive
// CHECK-NEXT: wg.mma
// CHECK: } else {
// CHECK-NEXT: wg.release %[[QC]]
// CHECK-NEXT: scf.yield
// CHECK-NEXT: }
// CHECK-NOT: wg.release %[[QC]]
// CHECK: return
func.func @release(%kc: !wg.channel<2, 64x64xbf16>, %vc: !wg.channel<2, 64x64xbf16>, %o: memref<64x64xf32>,
    %zero: !wg.tile<64x64xf32>, %n: index, %qc: !wg.channel<1, 64x64xbf16>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %first = arith.constant 0 : i32
  wg.roles producers 4 registers 40 {
    %p = arith.constant 0 : i32
  } consumers 4 registers 240 {
    %q = wg.receive %qc[%first] : <1, 64x64xbf16> -> <64x64xbf16>
    %r:3 = scf.for %i = %c0 to %n step %c1 iter_args(%acc = %zero, %ki = %first, %vi = %first) -> (!wg.tile<64x64xf32>, i32, i32) {
      %k = wg.receive %kc[%ki] : <2, 64x64xbf16> -> <64x64xbf16>
      %s = wg.mma %q, %k transposed, %zero : !wg.shared<64x64xbf16>, !wg.shared<64x64xbf16>, !wg.tile<64x64xf32>
      wg.release %kc[%ki] : <2, 64x64xbf16>
      %kn = wg.advance %ki in %kc : <2, 64x64xbf16>
      %p = wg.map ins(%s : !wg.tile<64x64xf32>) -> !wg.tile<64x64xbf16> {
      ^bb0(%row: index, %col: index, %x: f32):
        %y = arith.truncf %x : f32 to bf16
        wg.yield %y : bf16
      }
      %v = wg.receive %vc[%vi] : <2, 64x64xbf16> -> <64x64xbf16>
      %a = wg.mma %p, %v, %acc : !wg.tile<64x64xbf16>, !wg.shared<64x64xbf16>, !wg.tile<64x64xf32>
      wg.release %vc[%vi] : <2, 64x64xbf16>
      %vn = wg.advance %vi in %vc : <2, 64x64xbf16>
      scf.yield %a, %kn, %vn : !wg.tile<64x64xf32>, i32, i32
    }
    wg.release %qc[%first] : <1, 64x64xbf16>
    wg.store %r#0 into %o[] from %c0 : !wg.tile<64x64xf32> into memref<64x64xf32>
  }
  return
}

// -----

// They are not if something behind the loop reads them.
// CHECK-LABEL: func @read_later
// CHECK-SAME: %[[QC:[a-z0-9]+]]: !wg.channel<1, 64x64xbf16>)
// CHECK: wg.start_mma
// CHECK-NOT: wg.release %[[QC]]
// CHECK: wg.from_shared
// CHECK-NEXT: wg.release %[[QC]]
func.func @read_later(%kc: !wg.channel<2, 64x64xbf16>, %vc: !wg.channel<2, 64x64xbf16>, %o: memref<64x64xf32>,
    %zero: !wg.tile<64x64xf32>, %n: index, %qc: !wg.channel<1, 64x64xbf16>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %first = arith.constant 0 : i32
  wg.roles producers 4 registers 40 {
    %p = arith.constant 0 : i32
  } consumers 4 registers 240 {
    %q = wg.receive %qc[%first] : <1, 64x64xbf16> -> <64x64xbf16>
    %r:3 = scf.for %i = %c0 to %n step %c1 iter_args(%acc = %zero, %ki = %first, %vi = %first) -> (!wg.tile<64x64xf32>, i32, i32) {
      %k = wg.receive %kc[%ki] : <2, 64x64xbf16> -> <64x64xbf16>
      %s = wg.mma %q, %k transposed, %zero : !wg.shared<64x64xbf16>, !wg.shared<64x64xbf16>, !wg.tile<64x64xf32>
      wg.release %kc[%ki] : <2, 64x64xbf16>
      %kn = wg.advance %ki in %kc : <2, 64x64xbf16>
      %p = wg.map ins(%s : !wg.tile<64x64xf32>) -> !wg.tile<64x64xbf16> {
      ^bb0(%row: index, %col: index, %x: f32):
        %y = arith.truncf %x : f32 to bf16
        wg.yield %y : bf16
      }
      %v = wg.receive %vc[%vi] : <2, 64x64xbf16> -> <64x64xbf16>
      %a = wg.mma %p, %v, %acc : !wg.tile<64x64xbf16>, !wg.shared<64x64xbf16>, !wg.tile<64x64xf32>
      wg.release %vc[%vi] : <2, 64x64xbf16>
      %vn = wg.advance %vi in %vc : <2, 64x64xbf16>
      scf.yield %a, %kn, %vn : !wg.tile<64x64xf32>, i32, i32
    }
    %x = wg.from_shared %q : !wg.shared<64x64xbf16> -> !wg.tile<64x64xbf16>
    wg.release %qc[%first] : <1, 64x64xbf16>
    wg.store %r#0 into %o[] from %c0 : !wg.tile<64x64xf32> into memref<64x64xf32>
  }
  return
}
