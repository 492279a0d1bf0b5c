// RUN: attn-opt %s --wg-schedule-products | FileCheck %s

// Both products of the state are started together, and read when both are
// complete: they have its rounded copy in registers. So what is written to those of
// the state comes behind them. Tiles are received, and read, next to their uses,
// which is behind the wait for most; their places are free behind these. What is
// stored comes last, behind the product of the next state.
// CHECK-LABEL: func @chain
// CHECK-SAME: %[[KC:[^:]*]]: !wg.channel<2, 64x64xbf16>, %[[VC:[^:]*]]: !wg.channel<2, 64x64xbf16>, %[[GC:[^:]*]]: !wg.channel<2, 64xf32>, %[[ZERO:[^:]*]]: !wg.tile<64x64xf32>
// CHECK: consumers
// CHECK-NEXT: %[[R:.*]]:4 = scf.for %[[I:[a-z0-9]+]] = {{.*}} iter_args(%[[STATE:.*]] = %[[ZERO]], %[[KI:.*]] = %c0_i32, %[[VI:.*]] = %c0_i32, %[[GI:.*]] = %c0_i32)
// CHECK-NEXT: %[[ROUNDED:.*]] = wg.map ins(%[[STATE]] :
// CHECK: %[[K:.*]] = wg.receive %[[KC]][%[[KI]]]
// CHECK-NEXT: %[[AS:.*]] = wg.start_mma %[[ROUNDED]], %[[K]], %[[ZERO]] :
// CHECK-NEXT: %[[BS:.*]] = wg.start_mma %[[ROUNDED]], %[[K]] transposed, %[[ZERO]] :
// CHECK-NEXT: %[[KN:.*]] = wg.advance %[[KI]] in %[[KC]]
// CHECK-NEXT: %[[VN:.*]] = wg.advance %[[VI]] in %[[VC]]
// CHECK-NEXT: %[[GN:.*]] = wg.advance %[[GI]] in %[[GC]]
// CHECK-NEXT: %[[A:.*]] = wg.await_mma %[[AS]] pending 1
// CHECK-NEXT: %[[B:.*]] = wg.await_mma %[[BS]] pending 0
// CHECK-NEXT: %[[V:.*]] = wg.receive %[[VC]][%[[VI]]]
// CHECK-NEXT: %[[VR:.*]] = wg.from_shared %[[V]]
// CHECK-NEXT: %[[U:.*]] = wg.map ins(%[[A]], %[[VR]] :
// CHECK: %[[G:.*]] = wg.receive %[[GC]][%[[GI]]]
// CHECK-NEXT: %[[DECAY:.*]] = wg.from_shared %[[G]]
// CHECK-NEXT: %[[SCALED:.*]] = wg.map ins(%[[STATE]], %[[DECAY]] :
// CHECK: %[[SUMS:.*]] = wg.start_mma %[[U]], %[[K]], %[[SCALED]] :
// CHECK-NEXT: wg.release %[[VC]][%[[VI]]]
// CHECK-NEXT: wg.release %[[GC]][%[[GI]]]
// CHECK-NEXT: %[[SUM:.*]] = wg.await_mma %[[SUMS]] pending 0
// CHECK-NEXT: wg.release %[[KC]][%[[KI]]]
// CHECK-NEXT: wg.store %[[B]] into %{{.*}}[] from %[[I]]
// CHECK-NEXT: scf.yield %[[SUM]], %[[KN]], %[[VN]], %[[GN]] :
// CHECK-NEXT: }
// CHECK-NEXT: wg.store %[[R]]#0
func.func @chain(%kc: !wg.channel<2, 64x64xbf16>, %vc: !wg.channel<2, 64x64xbf16>, %gc: !wg.channel<2, 64xf32>, %zero: !wg.tile<64x64xf32>, %o: memref<?x64xf32>, %n: index) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %first = arith.constant 0 : i32
  wg.roles producers 4 registers 40 {
    %p = arith.constant 0 : i32
  } consumers 4 registers 240 {
    %r:4 = scf.for %i = %c0 to %n step %c1 iter_args(%state = %zero, %ki = %first, %vi = %first, %gi = %first)
        -> (!wg.tile<64x64xf32>, i32, i32, i32) {
      %g = wg.receive %gc[%gi] : <2, 64xf32> -> <64xf32>
      %decay = wg.from_shared %g : !wg.shared<64xf32> -> !wg.tile<64xf32, cols>
      %v = wg.receive %vc[%vi] : <2, 64x64xbf16> -> <64x64xbf16>
      %vr = wg.from_shared %v : !wg.shared<64x64xbf16> -> !wg.tile<64x64xbf16>
      %rounded = wg.map ins(%state : !wg.tile<64x64xf32>) -> !wg.tile<64x64xbf16> {
      ^bb0(%row: index, %col: index, %x: f32):
        %t = arith.truncf %x : f32 to bf16
        wg.yield %t : bf16
      }
      %scaled = wg.map ins(%state, %decay : !wg.tile<64x64xf32>, !wg.tile<64xf32, cols>) -> !wg.tile<64x64xf32> {
      ^bb0(%row: index, %col: index, %x: f32, %y: f32):
        %z = arith.mulf %x, %y : f32
        wg.yield %z : f32
      }
      %k = wg.receive %kc[%ki] : <2, 64x64xbf16> -> <64x64xbf16>
      %a = wg.mma %rounded, %k, %zero : !wg.tile<64x64xbf16>, !wg.shared<64x64xbf16>, !wg.tile<64x64xf32>
      %b = wg.mma %rounded, %k transposed, %zero : !wg.tile<64x64xbf16>, !wg.shared<64x64xbf16>, !wg.tile<64x64xf32>
      wg.store %b into %o[] from %i : !wg.tile<64x64xf32> into memref<?x64xf32>
      %u = wg.map ins(%a, %vr : !wg.tile<64x64xf32>, !wg.tile<64x64xbf16>) -> !wg.tile<64x64xbf16> {
      ^bb0(%row: index, %col: index, %x: f32, %y: bf16):
        %t = arith.truncf %x : f32 to bf16
        %z = arith.subf %y, %t : bf16
        wg.yield %z : bf16
      }
      %next = wg.mma %u, %k, %scaled : !wg.tile<64x64xbf16>, !wg.shared<64x64xbf16>, !wg.tile<64x64xf32>
      wg.release %kc[%ki] : <2, 64x64xbf16>
      wg.release %vc[%vi] : <2, 64x64xbf16>
      wg.release %gc[%gi] : <2, 64xf32>
      %kn = wg.advance %ki in %kc : <2, 64x64xbf16>
      %vn = wg.advance %vi in %vc : <2, 64x64xbf16>
      %gn = wg.advance %gi in %gc : <2, 64xf32>
      scf.yield %next, %kn, %vn, %gn : !wg.tile<64x64xf32>, i32, i32, i32
    }
    wg.store %r#0 into %o[] from %c0 : !wg.tile<64x64xf32> into memref<?x64xf32>
  }
  return
}

// A sum that only the next iteration reads is in flight while the rest begins, and
// complete when a product that was started later is.
// CHECK-LABEL: func @states
// CHECK-SAME: %[[KC:[^:]*]]: !wg.channel<2, 64x64xbf16>, %[[ZERO:[^:]*]]: !wg.tile<64x64xf32>, %[[Q:[^:]*]]: !wg.shared<64x64xbf16>
// CHECK: scf.for {{.*}} iter_args(%[[STATE:.*]] = %[[ZERO]], %[[OTHER:.*]] = %[[ZERO]], %[[KI:.*]] = %c0_i32)
// CHECK-NEXT: %[[K:.*]] = wg.receive %[[KC]][%[[KI]]]
// CHECK-NEXT: %[[SUMS:.*]] = wg.start_mma %[[Q]], %[[K]], %[[OTHER]] :
// CHECK-NEXT: %[[ROUNDED:.*]] = wg.map ins(%[[STATE]] :
// CHECK: %[[AS:.*]] = wg.start_mma %[[ROUNDED]], %[[K]], %[[ZERO]] :
// CHECK-NEXT: %[[KN:.*]] = wg.advance
// CHECK-NEXT: %[[SUM:.*]] = wg.await_mma %[[SUMS]] pending 1
// CHECK-NEXT: %[[A:.*]] = wg.await_mma %[[AS]] pending 0
// CHECK-NEXT: %[[NEXT:.*]] = wg.map ins(%[[A]], %[[STATE]] :
// CHECK: wg.release %[[KC]][%[[KI]]]
// CHECK-NEXT: scf.yield %[[NEXT]], %[[SUM]], %[[KN]] :
func.func @states(%kc: !wg.channel<2, 64x64xbf16>, %zero: !wg.tile<64x64xf32>, %q: !wg.shared<64x64xbf16>, %o: memref<?x64xf32>, %n: index) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %first = arith.constant 0 : i32
  wg.roles producers 4 registers 40 {
    %p = arith.constant 0 : i32
  } consumers 4 registers 240 {
    %r:3 = scf.for %i = %c0 to %n step %c1 iter_args(%state = %zero, %other = %zero, %ki = %first)
        -> (!wg.tile<64x64xf32>, !wg.tile<64x64xf32>, i32) {
      %k = wg.receive %kc[%ki] : <2, 64x64xbf16> -> <64x64xbf16>
      %rounded = wg.map ins(%state : !wg.tile<64x64xf32>) -> !wg.tile<64x64xbf16> {
      ^bb0(%row: index, %col: index, %x: f32):
        %t = arith.truncf %x : f32 to bf16
        wg.yield %t : bf16
      }
      %a = wg.mma %rounded, %k, %zero : !wg.tile<64x64xbf16>, !wg.shared<64x64xbf16>, !wg.tile<64x64xf32>
      %next = wg.map ins(%a, %state : !wg.tile<64x64xf32>, !wg.tile<64x64xf32>) -> !wg.tile<64x64xf32> {
      ^bb0(%row: index, %col: index, %x: f32, %y: f32):
        %z = arith.mulf %x, %y : f32
        wg.yield %z : f32
      }
      %sum = wg.mma %q, %k, %other : !wg.shared<64x64xbf16>, !wg.shared<64x64xbf16>, !wg.tile<64x64xf32>
      wg.release %kc[%ki] : <2, 64x64xbf16>
      %kn = wg.advance %ki in %kc : <2, 64x64xbf16>
      scf.yield %next, %sum, %kn : !wg.tile<64x64xf32>, !wg.tile<64x64xf32>, i32
    }
    wg.store %r#0 into %o[] from %c0 : !wg.tile<64x64xf32> into memref<?x64xf32>
    wg.store %r#1 into %o[] from %c1 : !wg.tile<64x64xf32> into memref<?x64xf32>
  }
  return
}

// A product that is read is awaited before one with another left operand is
// started, though nothing else waits for it.
// CHECK-LABEL: func @read
// CHECK: %[[AS:.*]] = wg.start_mma
// CHECK-NOT: wg.start_mma
// CHECK: wg.await_mma %[[AS]] pending 0
// CHECK: %[[BS:.*]] = wg.start_mma
// CHECK-NOT: wg.start_mma
// CHECK: wg.await_mma %[[BS]] pending 0
// CHECK: wg.reduce
// CHECK: scf.yield
func.func @read(%k: !wg.shared<64x64xbf16>, %q: !wg.shared<64x64xbf16>, %zero: !wg.tile<64x64xf32>, %none: !wg.tile<64xf32, rows>, %o: memref<?xf32>, %n: index) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  wg.roles producers 4 registers 40 {
    %p = arith.constant 0 : i32
  } consumers 4 registers 240 {
    %r:2 = scf.for %i = %c0 to %n step %c1 iter_args(%state = %zero, %total = %none) -> (!wg.tile<64x64xf32>, !wg.tile<64xf32, rows>) {
      %rounded = wg.map ins(%state : !wg.tile<64x64xf32>) -> !wg.tile<64x64xbf16> {
      ^bb0(%row: index, %col: index, %x: f32):
        %t = arith.truncf %x : f32 to bf16
        wg.yield %t : bf16
      }
      %a = wg.mma %rounded, %k, %zero : !wg.tile<64x64xbf16>, !wg.shared<64x64xbf16>, !wg.tile<64x64xf32>
      %b = wg.mma %q, %k, %zero : !wg.shared<64x64xbf16>, !wg.shared<64x64xbf16>, !wg.tile<64x64xf32>
      %s = wg.reduce <add> %a, %total : !wg.tile<64x64xf32>, !wg.tile<64xf32, rows>
      %t = wg.reduce <add> %b, %s : !wg.tile<64x64xf32>, !wg.tile<64xf32, rows>
      %next = wg.map ins(%a, %b : !wg.tile<64x64xf32>, !wg.tile<64x64xf32>) -> !wg.tile<64x64xf32> {
      ^bb0(%row: index, %col: index, %x: f32, %y: f32):
        %z = arith.mulf %x, %y : f32
        wg.yield %z : f32
      }
      scf.yield %next, %t : !wg.tile<64x64xf32>, !wg.tile<64xf32, rows>
    }
    wg.store %r#1 into %o[] from %c0 : !wg.tile<64xf32, rows> into memref<?xf32>
  }
  return
}

// A vector that several read is received again by each, and released behind all.
// CHECK-LABEL: func @vector
// CHECK-SAME: %[[GC:[^:]*]]: !wg.channel<2, 64xf32>
// CHECK: scf.for {{.*}} iter_args(%[[STATE:.*]] = %{{.*}}, %[[GI:.*]] = %c0_i32)
// CHECK: %[[G:.*]] = wg.receive %[[GC]][%[[GI]]]
// CHECK-NEXT: %[[DECAY:.*]] = wg.from_shared %[[G]]
// CHECK-NEXT: wg.map ins(%[[STATE]], %[[DECAY]] :
// CHECK-NOT: wg.release
// CHECK: wg.start_mma
// CHECK: %[[A:.*]] = wg.await_mma
// CHECK: %[[G:.*]] = wg.receive %[[GC]][%[[GI]]]
// CHECK-NEXT: %[[DECAY:.*]] = wg.from_shared %[[G]]
// CHECK-NEXT: wg.map ins(%[[A]], %[[DECAY]] :
// CHECK: wg.release %[[GC]][%[[GI]]]
// CHECK-NOT: wg.release
// CHECK: scf.yield
func.func @vector(%gc: !wg.channel<2, 64xf32>, %k: !wg.shared<64x64xbf16>, %zero: !wg.tile<64x64xf32>, %o: memref<?x64xf32>, %n: index) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %first = arith.constant 0 : i32
  wg.roles producers 4 registers 40 {
    %p = arith.constant 0 : i32
  } consumers 4 registers 240 {
    %r:2 = scf.for %i = %c0 to %n step %c1 iter_args(%state = %zero, %gi = %first) -> (!wg.tile<64x64xf32>, i32) {
      %g = wg.receive %gc[%gi] : <2, 64xf32> -> <64xf32>
      %decay = wg.from_shared %g : !wg.shared<64xf32> -> !wg.tile<64xf32, cols>
      %rounded = wg.map ins(%state, %decay : !wg.tile<64x64xf32>, !wg.tile<64xf32, cols>) -> !wg.tile<64x64xbf16> {
      ^bb0(%row: index, %col: index, %x: f32, %y: f32):
        %z = arith.mulf %x, %y : f32
        %t = arith.truncf %z : f32 to bf16
        wg.yield %t : bf16
      }
      %a = wg.mma %rounded, %k, %zero : !wg.tile<64x64xbf16>, !wg.shared<64x64xbf16>, !wg.tile<64x64xf32>
      %next = wg.map ins(%a, %decay : !wg.tile<64x64xf32>, !wg.tile<64xf32, cols>) -> !wg.tile<64x64xf32> {
      ^bb0(%row: index, %col: index, %x: f32, %y: f32):
        %z = arith.mulf %x, %y : f32
        wg.yield %z : f32
      }
      wg.release %gc[%gi] : <2, 64xf32>
      %gn = wg.advance %gi in %gc : <2, 64xf32>
      scf.yield %next, %gn : !wg.tile<64x64xf32>, i32
    }
    wg.store %r#0 into %o[] from %c0 : !wg.tile<64x64xf32> into memref<?x64xf32>
  }
  return
}

// Loops of helpers carry no tiles. An inverse, in which nothing is in flight, comes
// behind all that does not need it.
// CHECK-LABEL: func @helpers
// CHECK-SAME: %[[TC:[^:]*]]: !wg.channel<2, 64x64xbf16>, %[[SC:[^:]*]]: !wg.channel<2, 64x64xbf16>
// CHECK: helpers
// CHECK-NEXT: scf.for
// CHECK-NEXT: %[[AS:.*]] = wg.start_mma %[[K:.*]], %[[K]] transposed,
// CHECK-NEXT: %[[SS:.*]] = wg.start_mma %[[K]], %[[K]],
// CHECK: %[[A:.*]] = wg.await_mma %[[AS]] pending 1
// CHECK: %[[S:.*]] = wg.await_mma %[[SS]] pending 0
// CHECK: %[[SR:.*]] = wg.map ins(%[[S]] :
// CHECK: wg.send %[[SR]] into %[[SC]]
// CHECK: %[[T:.*]] = wg.tri_inverse %[[A]]
// CHECK-NEXT: %[[TR:.*]] = wg.map ins(%[[T]] :
// CHECK: wg.send %[[TR]] into %[[TC]]
// CHECK-NOT: wg.send
// CHECK: consumers
func.func @helpers(%tc: !wg.channel<2, 64x64xbf16>, %sc: !wg.channel<2, 64x64xbf16>, %k: !wg.shared<64x64xbf16>, %zero: !wg.tile<64x64xf32>, %n: index) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %first = arith.constant 0 : i32
  wg.roles producers 4 registers 24 {
    %p = arith.constant 0 : i32
  } helpers 4 registers 104 {
    scf.for %i = %c0 to %n step %c1 iter_args(%ti = %first, %si = %first) -> (i32, i32) {
      %a = wg.mma %k, %k transposed, %zero : !wg.shared<64x64xbf16>, !wg.shared<64x64xbf16>, !wg.tile<64x64xf32>
      %t = wg.tri_inverse %a : !wg.tile<64x64xf32>
      %tr = wg.map ins(%t : !wg.tile<64x64xf32>) -> !wg.tile<64x64xbf16> {
      ^bb0(%row: index, %col: index, %x: f32):
        %y = arith.truncf %x : f32 to bf16
        wg.yield %y : bf16
      }
      wg.send %tr into %tc[%ti] : !wg.tile<64x64xbf16>, <2, 64x64xbf16>
      %tn = wg.advance %ti in %tc : <2, 64x64xbf16>
      %s = wg.mma %k, %k, %zero : !wg.shared<64x64xbf16>, !wg.shared<64x64xbf16>, !wg.tile<64x64xf32>
      %sr = wg.map ins(%s : !wg.tile<64x64xf32>) -> !wg.tile<64x64xbf16> {
      ^bb0(%row: index, %col: index, %x: f32):
        %y = arith.truncf %x : f32 to bf16
        wg.yield %y : bf16
      }
      wg.send %sr into %sc[%si] : !wg.tile<64x64xbf16>, <2, 64x64xbf16>
      %sn = wg.advance %si in %sc : <2, 64x64xbf16>
      scf.yield %tn, %sn : i32, i32
    }
  } consumers 4 registers 240 {
    %p = arith.constant 0 : i32
  }
  return
}

// What has effects that are not known keeps its place: nothing goes across it.
// CHECK-LABEL: func @effects
// CHECK: scf.for
// CHECK: %[[A:.*]] = wg.await_mma %{{.*}} pending 0
// CHECK: wg.take_turn
// CHECK: wg.pass_turn
// CHECK-NEXT: %[[AGAIN:.*]] = wg.again
// CHECK-NEXT: %[[BS:.*]] = wg.start_mma
// CHECK: wg.await_mma %[[BS]] pending 0
func.func @effects(%k: !wg.shared<64x64xbf16>, %zero: !wg.tile<64x64xf32>, %o: memref<?x64xf32>, %n: index) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  wg.roles producers 4 registers 40 {
    %p = arith.constant 0 : i32
  } consumers 4 registers 240 {
    %r = scf.for %i = %c0 to %n step %c1 iter_args(%state = %zero) -> (!wg.tile<64x64xf32>) {
      %rounded = wg.map ins(%state : !wg.tile<64x64xf32>) -> !wg.tile<64x64xbf16> {
      ^bb0(%row: index, %col: index, %x: f32):
        %t = arith.truncf %x : f32 to bf16
        wg.yield %t : bf16
      }
      %a = wg.mma %rounded, %k, %zero : !wg.tile<64x64xbf16>, !wg.shared<64x64xbf16>, !wg.tile<64x64xf32>
      wg.take_turn
      wg.pass_turn
      %j = wg.again %i : index
      %b = wg.mma %rounded, %k, %a : !wg.tile<64x64xbf16>, !wg.shared<64x64xbf16>, !wg.tile<64x64xf32>
      scf.yield %b : !wg.tile<64x64xf32>
    }
    wg.store %r into %o[] from %c0 : !wg.tile<64x64xf32> into memref<?x64xf32>
  }
  return
}

// Where each iteration multiplies with what was there before all, nothing waits for
// the one before, and groups take turns instead.
// CHECK-LABEL: func @unchained
// CHECK: scf.for
// CHECK-NEXT: wg.receive
// CHECK-NEXT: wg.mma
// CHECK-NEXT: wg.mma
// CHECK-NEXT: wg.release
// CHECK-NEXT: wg.advance
// CHECK-NEXT: scf.yield
func.func @unchained(%kc: !wg.channel<2, 64x64xbf16>, %q: !wg.shared<64x64xbf16>, %zero: !wg.tile<64x64xf32>, %o: memref<?x64xf32>, %n: index) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %first = arith.constant 0 : i32
  wg.roles producers 4 registers 40 {
    %p = arith.constant 0 : i32
  } consumers 4 registers 240 {
    %r:2 = scf.for %i = %c0 to %n step %c1 iter_args(%state = %zero, %ki = %first) -> (!wg.tile<64x64xf32>, i32) {
      %k = wg.receive %kc[%ki] : <2, 64x64xbf16> -> <64x64xbf16>
      %a = wg.mma %q, %k transposed, %state : !wg.shared<64x64xbf16>, !wg.shared<64x64xbf16>, !wg.tile<64x64xf32>
      %b = wg.mma %q, %k, %a : !wg.shared<64x64xbf16>, !wg.shared<64x64xbf16>, !wg.tile<64x64xf32>
      wg.release %kc[%ki] : <2, 64x64xbf16>
      %kn = wg.advance %ki in %kc : <2, 64x64xbf16>
      scf.yield %b, %kn : !wg.tile<64x64xf32>, i32
    }
    wg.store %r#0 into %o[] from %c0 : !wg.tile<64x64xf32> into memref<?x64xf32>
  }
  return
}

// Nor where only vectors are carried to what is multiplied: maxima of rows.
// CHECK-LABEL: func @vector_carried
// CHECK: scf.for
// CHECK-NEXT: wg.mma
// CHECK-NEXT: wg.reduce
// CHECK-NEXT: wg.map
// CHECK: wg.mma
// CHECK-NEXT: scf.yield
func.func @vector_carried(%k: !wg.shared<64x64xbf16>, %q: !wg.shared<64x64xbf16>, %zero: !wg.tile<64x64xf32>, %none: !wg.tile<64xf32, rows>, %o: memref<?x64xf32>, %n: index) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  wg.roles producers 4 registers 40 {
    %p = arith.constant 0 : i32
  } consumers 4 registers 240 {
    %r:2 = scf.for %i = %c0 to %n step %c1 iter_args(%sum = %zero, %most = %none) -> (!wg.tile<64x64xf32>, !wg.tile<64xf32, rows>) {
      %s = wg.mma %q, %k transposed, %zero : !wg.shared<64x64xbf16>, !wg.shared<64x64xbf16>, !wg.tile<64x64xf32>
      %m = wg.reduce <maximumf> %s, %most : !wg.tile<64x64xf32>, !wg.tile<64xf32, rows>
      %w = wg.map ins(%s, %m : !wg.tile<64x64xf32>, !wg.tile<64xf32, rows>) -> !wg.tile<64x64xbf16> {
      ^bb0(%row: index, %col: index, %x: f32, %y: f32):
        %z = arith.subf %x, %y : f32
        %t = arith.truncf %z : f32 to bf16
        wg.yield %t : bf16
      }
      %next = wg.mma %w, %k, %sum : !wg.tile<64x64xbf16>, !wg.shared<64x64xbf16>, !wg.tile<64x64xf32>
      scf.yield %next, %m : !wg.tile<64x64xf32>, !wg.tile<64xf32, rows>
    }
    wg.store %r#0 into %o[] from %c0 : !wg.tile<64x64xf32> into memref<?x64xf32>
  }
  return
}

// A chained loop outside of roles is none of the pass's business.
// CHECK-LABEL: func @no_roles
// CHECK: scf.for
// CHECK-NOT: wg.start_mma
// CHECK: wg.mma
// CHECK: scf.yield
func.func @no_roles(%k: !wg.shared<64x64xbf16>, %zero: !wg.tile<64x64xf32>, %o: memref<?x64xf32>, %n: index) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %r = scf.for %i = %c0 to %n step %c1 iter_args(%state = %zero) -> (!wg.tile<64x64xf32>) {
    %rounded = wg.map ins(%state : !wg.tile<64x64xf32>) -> !wg.tile<64x64xbf16> {
    ^bb0(%row: index, %col: index, %x: f32):
      %t = arith.truncf %x : f32 to bf16
      wg.yield %t : bf16
    }
    %a = wg.mma %rounded, %k, %zero : !wg.tile<64x64xbf16>, !wg.shared<64x64xbf16>, !wg.tile<64x64xf32>
    scf.yield %a : !wg.tile<64x64xf32>
  }
  wg.store %r into %o[] from %c0 : !wg.tile<64x64xf32> into memref<?x64xf32>
  return
}

// What is rounded for a product, and widened again for another one, is read as it was
// before. A number that is not widened, or one that is carried, is read as it is.
// CHECK-LABEL: func @widened
// CHECK: scf.for {{.*}} iter_args(%[[STATE:[a-z0-9]*]] =
// CHECK: %[[ROUNDED:.*]] = wg.map ins(%[[STATE]] :
// CHECK: %[[NEWS:.*]] = wg.await_mma
// CHECK: wg.map ins(%[[NEWS]], %[[ROUNDED]] : !wg.tile<64x64xf32>, !wg.tile<64x64xbf16>) -> !wg.tile<64x64xbf16> {
// CHECK-NEXT: ^bb0(%{{.*}}: index, %{{.*}}: index, %[[X:.*]]: f32, %[[Y:.*]]: bf16):
// CHECK-NEXT: %[[W:.*]] = arith.extf %[[Y]]
// CHECK-NEXT: %[[Z:.*]] = arith.mulf %[[X]], %[[W]]
// CHECK: %[[LEFT:.*]] = wg.map ins(%[[NEWS]] : !wg.tile<64x64xf32>) -> !wg.tile<64x64xbf16>
// CHECK: wg.map ins(%[[LEFT]], %[[LEFT]] :
// CHECK: scf.yield
func.func @widened(%k: !wg.shared<64x64xbf16>, %zero: !wg.tile<64x64xf32>, %o: memref<?x64xbf16>, %s: memref<?x64xf32>, %n: index) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  wg.roles producers 4 registers 40 {
    %p = arith.constant 0 : i32
  } consumers 4 registers 240 {
    %r = scf.for %i = %c0 to %n step %c1 iter_args(%state = %zero) -> (!wg.tile<64x64xf32>) {
      %rounded = wg.map ins(%state : !wg.tile<64x64xf32>) -> !wg.tile<64x64xbf16> {
      ^bb0(%row: index, %col: index, %x: f32):
        %t = arith.truncf %x : f32 to bf16
        wg.yield %t : bf16
      }
      %news = wg.mma %rounded, %k, %zero : !wg.tile<64x64xbf16>, !wg.shared<64x64xbf16>, !wg.tile<64x64xf32>
      %left = wg.map ins(%news : !wg.tile<64x64xf32>) -> !wg.tile<64x64xbf16> {
      ^bb0(%row: index, %col: index, %x: f32):
        %t = arith.truncf %x : f32 to bf16
        wg.yield %t : bf16
      }
      %scaled = wg.map ins(%left, %rounded : !wg.tile<64x64xbf16>, !wg.tile<64x64xbf16>) -> !wg.tile<64x64xbf16> {
      ^bb0(%row: index, %col: index, %x: bf16, %y: bf16):
        %v = arith.extf %x : bf16 to f32
        %w = arith.extf %y : bf16 to f32
        %z = arith.mulf %v, %w : f32
        %t = arith.truncf %z : f32 to bf16
        wg.yield %t : bf16
      }
      %both = wg.map ins(%left, %left : !wg.tile<64x64xbf16>, !wg.tile<64x64xbf16>) -> !wg.tile<64x64xbf16> {
      ^bb0(%row: index, %col: index, %x: bf16, %y: bf16):
        %t = arith.addf %x, %y : bf16
        wg.yield %t : bf16
      }
      wg.store %both into %o[] from %i : !wg.tile<64x64xbf16> into memref<?x64xbf16>
      %next = wg.mma %scaled, %k, %state : !wg.tile<64x64xbf16>, !wg.shared<64x64xbf16>, !wg.tile<64x64xf32>
      scf.yield %next : !wg.tile<64x64xf32>
    }
    wg.store %r into %s[] from %c0 : !wg.tile<64x64xf32> into memref<?x64xf32>
  }
  return
}
