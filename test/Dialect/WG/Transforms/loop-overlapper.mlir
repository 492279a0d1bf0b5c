// RUN: attn-opt %s --wg-overlap-products | FileCheck %s

// While the weights of one tile are multiplied with its values, the scores of the
// next are computed; what needs the sum, and what is written to the registers that
// the product reads, comes behind it. Groups of warps take turns in starting both.
// CHECK-LABEL: func @attention
// CHECK-SAME: %[[KC:[^:]*]]: !wg.channel<2, 64x64xbf16>, %[[VC:[^:]*]]: !wg.channel<2, 64x64xbf16>
func.func @attention(%kc: !wg.channel<2, 64x64xbf16>, %vc: !wg.channel<2, 64x64xbf16>, %q: !wg.shared<64x64xbf16>, %o: memref<64x64xf32>, %l: memref<64xf32>,
    %zero: !wg.tile<64x64xf32>, %none: !wg.tile<64xf32, rows>, %lb: index, %ub: index, %step: index) {
  %c0 = arith.constant 0 : index
  %first = arith.constant 0 : i32
  wg.roles producers 4 registers 40 {
    %p = arith.constant 0 : i32
  } consumers 4 registers 240 {
    // CHECK: consumers
    // CHECK: %[[SOME:.*]] = arith.cmpi slt, %[[LB:.*]], %[[UB:.*]] : index
    // CHECK: %[[R:.*]]:4 = scf.if %[[SOME]] -> (!wg.tile<64x64xf32>, !wg.tile<64xf32, rows>, i32, i32) {

    // The first iteration without its last product.
    // CHECK-NEXT: %[[SECOND:.*]] = arith.addi %[[LB]], %[[STEP:.*]] : index
    // CHECK-NEXT: %[[K0:.*]] = wg.receive %[[KC]][%c0_i32]
    // CHECK-NEXT: %[[S0:.*]] = wg.mma %[[Q:.*]], %[[K0]] transposed, %[[ZERO:.*]] :
    // CHECK-NEXT: wg.release %[[KC]][%c0_i32]
    // CHECK-NEXT: %[[KNEXT:.*]] = wg.advance %c0_i32 in %[[KC]]
    // CHECK-NEXT: %[[L0:.*]] = wg.reduce <add> %[[S0]], %[[NONE:.*]] :
    // CHECK-NEXT: %[[P0:.*]] = wg.map ins(%[[S0]]
    // CHECK: %[[A0:.*]] = wg.map ins(%[[ZERO]], %[[L0]]
    // CHECK-NOT: wg.mma
    // CHECK-NOT: wg.receive

    // The weights are carried, and the rescaled sum in the place of the sum.
    // CHECK: %[[E:.*]]:5 = scf.for %{{.*}} = %[[SECOND]] to %[[UB]] step %[[STEP]]
    // CHECK-SAME: iter_args(%[[L:.*]] = %[[L0]], %[[KI:.*]] = %[[KNEXT]], %[[VI:.*]] = %c0_i32, %[[P:.*]] = %[[P0]], %[[A:[a-z0-9]+]] = %[[A0]])
    // CHECK: %[[K:.*]] = wg.receive %[[KC]][%[[KI]]]
    // CHECK-NEXT: wg.take_turn
    // CHECK-NEXT: %[[SS:.*]] = wg.start_mma %[[Q]], %[[K]] transposed, %[[ZERO]] :
    // CHECK-NEXT: %[[V:.*]] = wg.receive %[[VC]][%[[VI]]]
    // CHECK-NEXT: %[[OS:.*]] = wg.start_mma %[[P]], %[[V]], %[[A]] :
    // CHECK-NEXT: wg.pass_turn
    // CHECK-NEXT: %[[S:.*]] = wg.await_mma %[[SS]] pending 1
    // CHECK-NEXT: wg.release %[[KC]][%[[KI]]]
    // CHECK-NEXT: %[[KNEXT:.*]] = wg.advance %[[KI]] in %[[KC]]
    // CHECK-NEXT: %[[LNEXT:.*]] = wg.reduce <add> %[[S]], %[[L]] :
    // CHECK-NEXT: %[[SUM:.*]] = wg.await_mma %[[OS]] pending 0
    // CHECK-NEXT: wg.release %[[VC]][%[[VI]]]
    // CHECK-NEXT: %[[VNEXT:.*]] = wg.advance %[[VI]] in %[[VC]]
    // CHECK-NEXT: %[[PNEXT:.*]] = wg.map ins(%[[S]] :
    // CHECK: %[[ANEXT:.*]] = wg.map ins(%[[SUM]], %[[LNEXT]] :
    // CHECK: scf.yield %[[LNEXT]], %[[KNEXT]], %[[VNEXT]], %[[PNEXT]], %[[ANEXT]]
    // CHECK-NEXT: }

    // The last product of the last iteration.
    // CHECK-NEXT: %[[V:.*]] = wg.receive %[[VC]][%[[E]]#2]
    // CHECK-NEXT: %[[SUM:.*]] = wg.mma %[[E]]#3, %[[V]], %[[E]]#4 :
    // CHECK-NEXT: wg.release %[[VC]][%[[E]]#2]
    // CHECK-NEXT: %[[VEND:.*]] = wg.advance %[[E]]#2 in %[[VC]]
    // CHECK-NEXT: scf.yield %[[SUM]], %[[E]]#0, %[[E]]#1, %[[VEND]]
    // CHECK-NEXT: } else {
    // CHECK-NEXT: scf.yield %[[ZERO]], %[[NONE]], %c0_i32, %c0_i32
    // CHECK-NEXT: }
    // CHECK-NEXT: wg.store %[[R]]#0
    // CHECK-NEXT: wg.store %[[R]]#1
    %r:4 = scf.for %i = %lb to %ub step %step iter_args(%acc = %zero, %sum = %none, %ki = %first, %vi = %first)
        -> (!wg.tile<64x64xf32>, !wg.tile<64xf32, rows>, i32, i32) {
      %k = wg.receive %kc[%ki] : <2, 64x64xbf16> -> <64x64xbf16>
      %s = wg.mma %q, %k transposed, %zero : !wg.shared<64x64xbf16>, !wg.shared<64x64xbf16>, !wg.tile<64x64xf32>
      wg.release %kc[%ki] : <2, 64x64xbf16>
      %kn = wg.advance %ki in %kc : <2, 64x64xbf16>
      %total = wg.reduce <add> %s, %sum : !wg.tile<64x64xf32>, !wg.tile<64xf32, rows>
      %p = wg.map ins(%s : !wg.tile<64x64xf32>) -> !wg.tile<64x64xbf16> {
      ^bb0(%row: index, %col: index, %x: f32):
        %y = arith.truncf %x : f32 to bf16
        wg.yield %y : bf16
      }
      %scaled = wg.map ins(%acc, %total : !wg.tile<64x64xf32>, !wg.tile<64xf32, rows>) -> !wg.tile<64x64xf32> {
      ^bb0(%row: index, %col: index, %x: f32, %y: f32):
        %z = arith.mulf %x, %y : f32
        wg.yield %z : f32
      }
      %v = wg.receive %vc[%vi] : <2, 64x64xbf16> -> <64x64xbf16>
      %a = wg.mma %p, %v, %scaled : !wg.tile<64x64xbf16>, !wg.shared<64x64xbf16>, !wg.tile<64x64xf32>
      wg.release %vc[%vi] : <2, 64x64xbf16>
      %vn = wg.advance %vi in %vc : <2, 64x64xbf16>
      scf.yield %a, %total, %kn, %vn : !wg.tile<64x64xf32>, !wg.tile<64xf32, rows>, i32, i32
    }
    wg.store %r#0 into %o[] from %c0 : !wg.tile<64x64xf32> into memref<64x64xf32>
    wg.store %r#1 into %l[] from %c0 : !wg.tile<64xf32, rows> into memref<64xf32>
  }
  return
}

// A tile that the first part reads twice is released behind both. What is made of
// the scores and the weights alike comes behind the sum with the weights.
// CHECK-LABEL: func @twice
// CHECK: wg.start_mma %{{.*}}, %[[K:.*]] transposed
// CHECK: wg.start_mma
// CHECK: %[[S:.*]] = wg.await_mma %{{.*}} pending 1
// CHECK-NEXT: %[[X:.*]] = wg.from_shared %[[K]]
// CHECK-NEXT: wg.release
// CHECK-NEXT: wg.advance
// CHECK-NEXT: %[[SUM:.*]] = wg.await_mma %{{.*}} pending 0
// CHECK-NEXT: wg.release
// CHECK-NEXT: wg.advance
// CHECK-NEXT: %[[P:.*]] = wg.map ins(%[[S]], %[[X]] :
// CHECK: %[[T:.*]] = wg.reduce <add> %[[P]]
// CHECK-NEXT: %[[A:.*]] = wg.map ins(%[[SUM]] :
// CHECK: scf.yield %[[T]], %{{.*}}, %{{.*}}, %[[P]], %[[A]] :
func.func @twice(%kc: !wg.channel<2, 64x64xbf16>, %vc: !wg.channel<2, 64x64xbf16>, %q: !wg.shared<64x64xbf16>, %o: memref<64x64xf32>, %l: memref<64xbf16>,
    %zero: !wg.tile<64x64xf32>, %none: !wg.tile<64xbf16, rows>, %n: index) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %first = arith.constant 0 : i32
  wg.roles producers 4 registers 40 {
    %p = arith.constant 0 : i32
  } consumers 4 registers 240 {
    %r:4 = scf.for %i = %c0 to %n step %c1 iter_args(%acc = %zero, %sum = %none, %ki = %first, %vi = %first)
        -> (!wg.tile<64x64xf32>, !wg.tile<64xbf16, rows>, i32, i32) {
      %k = wg.receive %kc[%ki] : <2, 64x64xbf16> -> <64x64xbf16>
      %s = wg.mma %q, %k transposed, %zero : !wg.shared<64x64xbf16>, !wg.shared<64x64xbf16>, !wg.tile<64x64xf32>
      %x = wg.from_shared %k : !wg.shared<64x64xbf16> -> !wg.tile<64x64xbf16>
      wg.release %kc[%ki] : <2, 64x64xbf16>
      %kn = wg.advance %ki in %kc : <2, 64x64xbf16>
      %p = wg.map ins(%s, %x : !wg.tile<64x64xf32>, !wg.tile<64x64xbf16>) -> !wg.tile<64x64xbf16> {
      ^bb0(%row: index, %col: index, %y: f32, %z: bf16):
        %w = arith.truncf %y : f32 to bf16
        %u = arith.addf %w, %z : bf16
        wg.yield %u : bf16
      }
      %total = wg.reduce <add> %p, %sum : !wg.tile<64x64xbf16>, !wg.tile<64xbf16, rows>
      %scaled = wg.map ins(%acc : !wg.tile<64x64xf32>) -> !wg.tile<64x64xf32> {
      ^bb0(%row: index, %col: index, %y: f32):
        %z = arith.addf %y, %y : f32
        wg.yield %z : f32
      }
      %v = wg.receive %vc[%vi] : <2, 64x64xbf16> -> <64x64xbf16>
      %a = wg.mma %p, %v, %scaled : !wg.tile<64x64xbf16>, !wg.shared<64x64xbf16>, !wg.tile<64x64xf32>
      wg.release %vc[%vi] : <2, 64x64xbf16>
      %vn = wg.advance %vi in %vc : <2, 64x64xbf16>
      scf.yield %a, %total, %kn, %vn : !wg.tile<64x64xf32>, !wg.tile<64xbf16, rows>, i32, i32
    }
    wg.store %r#0 into %o[] from %c0 : !wg.tile<64x64xf32> into memref<64x64xf32>
    wg.store %r#1 into %l[] from %c0 : !wg.tile<64xbf16, rows> into memref<64xbf16>
  }
  return
}
