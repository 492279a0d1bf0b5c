// RUN: attn-opt %s --wg-overlap-products | FileCheck %s

// Tiles that a mask cuts come before the full ones. The last of them, if there is
// one, becomes the first of the loop of these; else that begins with its own.
// CHECK-LABEL: func @goes_over
// CHECK-SAME: %[[N:[^:]*]]: index, %[[E:[^:]*]]: index)
// CHECK: %[[LAST:.*]] = arith.subi %[[N]], %c1
// CHECK-NEXT: %[[CUT:.*]]:4 = scf.for %{{.*}} = %c0 to %[[LAST]] step %c1
// CHECK-NOT: wg.start_mma
// CHECK: scf.yield
// CHECK: %[[HASFULL:.*]] = arith.cmpi slt, %[[N]], %[[E]]
// CHECK-NEXT: %[[HAS:.*]] = arith.cmpi slt, %c0, %[[N]]
// CHECK-NEXT: %[[ANY:.*]] = arith.ori %[[HAS]], %[[HASFULL]]
// CHECK-NEXT: scf.if %[[ANY]]
// CHECK-NEXT: %[[NEXT:.*]] = arith.addi %[[N]], %c1
// CHECK-NEXT: %[[BEGIN:.*]] = arith.select %[[HAS]], %[[N]], %[[NEXT]]
// CHECK-NEXT: %[[STATE:.*]]:5 = scf.if %[[HAS]]
// CHECK: wg.mma
// CHECK: arith.select
// CHECK: scf.yield
// CHECK: } else {
// CHECK: wg.mma
// CHECK-NOT: arith.select
// CHECK: scf.yield
// CHECK: scf.for %{{.*}} = %[[BEGIN]] to %[[E]] step %c1 iter_args(%{{.*}} = %[[STATE]]#0, %{{.*}} = %[[STATE]]#1, %{{.*}} = %[[STATE]]#2, %{{.*}} = %[[STATE]]#3, %{{.*}} = %[[STATE]]#4)
// CHECK: wg.start_mma
// CHECK-NOT: arith.select
// CHECK: scf.yield
// CHECK: wg.mma
// CHECK: } else {
// CHECK-NEXT: scf.yield %[[CUT]]#0, %[[CUT]]#1, %[[CUT]]#2, %[[CUT]]#3
func.func @goes_over(%kc: !wg.channel<2, 64x64xbf16>, %vc: !wg.channel<2, 64x64xbf16>, %q: !wg.shared<64x64xbf16>, %o: memref<64x64xf32>, %l: memref<64xf32>,
    %zero: !wg.tile<64x64xf32>, %none: !wg.tile<64xf32, rows>, %n: index, %e: index) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %first = arith.constant 0 : i32
  wg.roles producers 4 registers 40 {
    %p = arith.constant 0 : i32
  } consumers 4 registers 240 {
    %c:4 = scf.for %i = %c0 to %n step %c1 iter_args(%acc = %zero, %sum = %none, %ki = %first, %vi = %first)
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
      %total = wg.reduce <add> %m, %sum : !wg.tile<64x64xf32>, !wg.tile<64xf32, rows>
      %p = wg.map ins(%m : !wg.tile<64x64xf32>) -> !wg.tile<64x64xbf16> {
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
    %r:4 = scf.for %i = %n to %e step %c1 iter_args(%acc = %c#0, %sum = %c#1, %ki = %c#2, %vi = %c#3)
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

// It does not if the last products are others: of another channel here.
// CHECK-LABEL: func @other_channel
// CHECK: scf.for %{{.*}} = %c0 to %[[N:[^ ]*]] step
// CHECK-NOT: arith.ori
// CHECK: scf.if
// CHECK: scf.for
// CHECK: wg.start_mma
func.func @other_channel(%kc: !wg.channel<2, 64x64xbf16>, %vc: !wg.channel<2, 64x64xbf16>, %q: !wg.shared<64x64xbf16>, %o: memref<64x64xf32>, %l: memref<64xf32>,
    %zero: !wg.tile<64x64xf32>, %none: !wg.tile<64xf32, rows>, %n: index, %e: index, %wc: !wg.channel<2, 64x64xbf16>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %first = arith.constant 0 : i32
  wg.roles producers 4 registers 40 {
    %p = arith.constant 0 : i32
  } consumers 4 registers 240 {
    %c:4 = scf.for %i = %c0 to %n step %c1 iter_args(%acc = %zero, %sum = %none, %ki = %first, %vi = %first)
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
      %total = wg.reduce <add> %m, %sum : !wg.tile<64x64xf32>, !wg.tile<64xf32, rows>
      %p = wg.map ins(%m : !wg.tile<64x64xf32>) -> !wg.tile<64x64xbf16> {
      ^bb0(%row: index, %col: index, %x: f32):
        %y = arith.truncf %x : f32 to bf16
        wg.yield %y : bf16
      }
      %scaled = wg.map ins(%acc, %total : !wg.tile<64x64xf32>, !wg.tile<64xf32, rows>) -> !wg.tile<64x64xf32> {
      ^bb0(%row: index, %col: index, %x: f32, %y: f32):
        %z = arith.mulf %x, %y : f32
        wg.yield %z : f32
      }
      %v = wg.receive %wc[%vi] : <2, 64x64xbf16> -> <64x64xbf16>
      %a = wg.mma %p, %v, %scaled : !wg.tile<64x64xbf16>, !wg.shared<64x64xbf16>, !wg.tile<64x64xf32>
      wg.release %wc[%vi] : <2, 64x64xbf16>
      %vn = wg.advance %vi in %wc : <2, 64x64xbf16>
      scf.yield %a, %total, %kn, %vn : !wg.tile<64x64xf32>, !wg.tile<64xf32, rows>, i32, i32
    }
    %r:4 = scf.for %i = %n to %e step %c1 iter_args(%acc = %c#0, %sum = %c#1, %ki = %c#2, %vi = %first)
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

// The last iteration of a loop whose step does not divide its extent is not the
// one before its end: no going over.
// CHECK-LABEL: func @step
// CHECK: scf.for {{.*}} = %c0 to %{{.*}} step %c2
// CHECK-NOT: scf.if {{.*}} -> (!wg.tile<64xf32, rows>
// CHECK: wg.mma
// CHECK: scf.if
// CHECK: wg.start_mma
func.func @step(%kc: !wg.channel<2, 64x64xbf16>, %vc: !wg.channel<2, 64x64xbf16>, %q: !wg.shared<64x64xbf16>, %o: memref<64x64xf32>, %l: memref<64xf32>,
    %zero: !wg.tile<64x64xf32>, %none: !wg.tile<64xf32, rows>, %n: index, %e: index) {
  %c0 = arith.constant 0 : index
  %c2 = arith.constant 2 : index
  %first = arith.constant 0 : i32
  wg.roles producers 4 registers 40 {
    %p = arith.constant 0 : i32
  } consumers 4 registers 240 {
    %c:4 = scf.for %i = %c0 to %n step %c2 iter_args(%acc = %zero, %sum = %none, %ki = %first, %vi = %first)
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
      %total = wg.reduce <add> %m, %sum : !wg.tile<64x64xf32>, !wg.tile<64xf32, rows>
      %p = wg.map ins(%m : !wg.tile<64x64xf32>) -> !wg.tile<64x64xbf16> {
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
    %r:4 = scf.for %i = %n to %e step %c2 iter_args(%acc = %c#0, %sum = %c#1, %ki = %c#2, %vi = %c#3)
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

// Nor if a place is released between the loops, which the last iteration of the
// first may still read.
// CHECK-LABEL: func @between
// CHECK: scf.for {{.*}} = %c0 to
// CHECK: wg.release
// CHECK: scf.if
// CHECK: wg.start_mma
func.func @between(%kc: !wg.channel<2, 64x64xbf16>, %vc: !wg.channel<2, 64x64xbf16>, %q: !wg.shared<64x64xbf16>, %o: memref<64x64xf32>, %l: memref<64xf32>,
    %zero: !wg.tile<64x64xf32>, %none: !wg.tile<64xf32, rows>, %n: index, %e: index, %xc: !wg.channel<1, 64x64xf32>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %first = arith.constant 0 : i32
  wg.roles producers 4 registers 40 {
    %p = arith.constant 0 : i32
  } consumers 4 registers 240 {
    %xt = wg.receive %xc[%first] : <1, 64x64xf32> -> <64x64xf32>
    %c:4 = scf.for %i = %c0 to %n step %c1 iter_args(%acc = %zero, %sum = %none, %ki = %first, %vi = %first)
        -> (!wg.tile<64x64xf32>, !wg.tile<64xf32, rows>, i32, i32) {
      %k = wg.receive %kc[%ki] : <2, 64x64xbf16> -> <64x64xbf16>
      %s = wg.mma %q, %k transposed, %zero : !wg.shared<64x64xbf16>, !wg.shared<64x64xbf16>, !wg.tile<64x64xf32>
      wg.release %kc[%ki] : <2, 64x64xbf16>
      %kn = wg.advance %ki in %kc : <2, 64x64xbf16>
      %xr = wg.from_shared %xt : <64x64xf32> -> <64x64xf32>
      %m = wg.map ins(%s, %xr : !wg.tile<64x64xf32>, !wg.tile<64x64xf32>) -> !wg.tile<64x64xf32> {
      ^bb0(%row: index, %col: index, %x: f32, %b: f32):
        %in = arith.cmpi slt, %col, %n : index
        %low = arith.constant 0xFF800000 : f32
        %y = arith.select %in, %b, %low : f32
        wg.yield %y : f32
      }
      %total = wg.reduce <add> %m, %sum : !wg.tile<64x64xf32>, !wg.tile<64xf32, rows>
      %p = wg.map ins(%m : !wg.tile<64x64xf32>) -> !wg.tile<64x64xbf16> {
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
    wg.release %xc[%first] : <1, 64x64xf32>
    %r:4 = scf.for %i = %n to %e step %c1 iter_args(%acc = %c#0, %sum = %c#1, %ki = %c#2, %vi = %c#3)
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
