// RUN: attn-opt %s --wg-overlap-products --remarks-filter-missed=wg-overlap-products --split-input-file --verify-diagnostics | FileCheck %s --implicit-check-not=wg.start_mma

// Loops of another form stay as they are, with the reason.

// CHECK-LABEL: func @one
// CHECK: wg.mma
func.func @one(%kc: !wg.channel<2, 64x64xbf16>, %vc: !wg.channel<2, 64x64xbf16>, %q: !wg.shared<64x64xbf16>, %o: memref<64x64xf32>, %zero: !wg.tile<64x64xf32>, %n: index) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %first = arith.constant 0 : i32
  wg.roles producers 4 registers 40 {
    %p = arith.constant 0 : i32
  } consumers 4 registers 240 {
    // expected-remark @below {{nothing is computed beside the loop's last product: it has other than two products}}
    %r:3 = scf.for %i = %c0 to %n step %c1 iter_args(%acc = %zero, %ki = %first, %vi = %first) -> (!wg.tile<64x64xf32>, i32, i32) {
      %k = wg.receive %kc[%ki] : <2, 64x64xbf16> -> <64x64xbf16>
      wg.release %kc[%ki] : <2, 64x64xbf16>
      %kn = wg.advance %ki in %kc : <2, 64x64xbf16>
      %scaled = wg.map ins(%acc : !wg.tile<64x64xf32>) -> !wg.tile<64x64xf32> {
      ^bb0(%row: index, %col: index, %x: f32):
        %y = arith.addf %x, %x : f32
        wg.yield %y : f32
      }
      %v = wg.receive %vc[%vi] : <2, 64x64xbf16> -> <64x64xbf16>
      %a = wg.mma %q, %v, %scaled : !wg.shared<64x64xbf16>, !wg.shared<64x64xbf16>, !wg.tile<64x64xf32>
      wg.release %vc[%vi] : <2, 64x64xbf16>
      %vn = wg.advance %vi in %vc : <2, 64x64xbf16>
      scf.yield %a, %kn, %vn : !wg.tile<64x64xf32>, i32, i32
    }
    wg.store %r#0 into %o[] from %c0 : !wg.tile<64x64xf32> into memref<64x64xf32>
  }
  return
}

// -----

// CHECK-LABEL: func @three
// CHECK: wg.mma
func.func @three(%kc: !wg.channel<2, 64x64xbf16>, %vc: !wg.channel<2, 64x64xbf16>, %q: !wg.shared<64x64xbf16>, %o: memref<64x64xf32>, %zero: !wg.tile<64x64xf32>, %n: index) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %first = arith.constant 0 : i32
  wg.roles producers 4 registers 40 {
    %p = arith.constant 0 : i32
  } consumers 4 registers 240 {
    // expected-remark @below {{nothing is computed beside the loop's last product: it has other than two products}}
    %r:3 = scf.for %i = %c0 to %n step %c1 iter_args(%acc = %zero, %ki = %first, %vi = %first) -> (!wg.tile<64x64xf32>, i32, i32) {
      %k = wg.receive %kc[%ki] : <2, 64x64xbf16> -> <64x64xbf16>
      %s0 = wg.mma %q, %k transposed, %zero : !wg.shared<64x64xbf16>, !wg.shared<64x64xbf16>, !wg.tile<64x64xf32>
      %s = wg.mma %q, %k transposed, %s0 : !wg.shared<64x64xbf16>, !wg.shared<64x64xbf16>, !wg.tile<64x64xf32>
      wg.release %kc[%ki] : <2, 64x64xbf16>
      %kn = wg.advance %ki in %kc : <2, 64x64xbf16>
      %p = wg.map ins(%s : !wg.tile<64x64xf32>) -> !wg.tile<64x64xbf16> {
      ^bb0(%row: index, %col: index, %x: f32):
        %y = arith.truncf %x : f32 to bf16
        wg.yield %y : bf16
      }
      %scaled = wg.map ins(%acc : !wg.tile<64x64xf32>) -> !wg.tile<64x64xf32> {
      ^bb0(%row: index, %col: index, %x: f32):
        %y = arith.addf %x, %x : f32
        wg.yield %y : f32
      }
      %v = wg.receive %vc[%vi] : <2, 64x64xbf16> -> <64x64xbf16>
      %a = wg.mma %p, %v, %scaled : !wg.tile<64x64xbf16>, !wg.shared<64x64xbf16>, !wg.tile<64x64xf32>
      wg.release %vc[%vi] : <2, 64x64xbf16>
      %vn = wg.advance %vi in %vc : <2, 64x64xbf16>
      scf.yield %a, %kn, %vn : !wg.tile<64x64xf32>, i32, i32
    }
    wg.store %r#0 into %o[] from %c0 : !wg.tile<64x64xf32> into memref<64x64xf32>
  }
  return
}

// -----

// CHECK-LABEL: func @branch
// CHECK: wg.mma
func.func @branch(%kc: !wg.channel<2, 64x64xbf16>, %vc: !wg.channel<2, 64x64xbf16>, %q: !wg.shared<64x64xbf16>, %o: memref<64x64xf32>, %zero: !wg.tile<64x64xf32>, %n: index, %c: i1) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %first = arith.constant 0 : i32
  wg.roles producers 4 registers 40 {
    %p = arith.constant 0 : i32
  } consumers 4 registers 240 {
    // expected-remark @below {{nothing is computed beside the loop's last product: it has loops or branches inside}}
    %r:3 = scf.for %i = %c0 to %n step %c1 iter_args(%acc = %zero, %ki = %first, %vi = %first) -> (!wg.tile<64x64xf32>, i32, i32) {
      %k = wg.receive %kc[%ki] : <2, 64x64xbf16> -> <64x64xbf16>
      %s = wg.mma %q, %k transposed, %zero : !wg.shared<64x64xbf16>, !wg.shared<64x64xbf16>, !wg.tile<64x64xf32>
      wg.release %kc[%ki] : <2, 64x64xbf16>
      %kn = wg.advance %ki in %kc : <2, 64x64xbf16>
      scf.if %c {
        wg.barrier
      }
      %p = wg.map ins(%s : !wg.tile<64x64xf32>) -> !wg.tile<64x64xbf16> {
      ^bb0(%row: index, %col: index, %x: f32):
        %y = arith.truncf %x : f32 to bf16
        wg.yield %y : bf16
      }
      %scaled = wg.map ins(%acc : !wg.tile<64x64xf32>) -> !wg.tile<64x64xf32> {
      ^bb0(%row: index, %col: index, %x: f32):
        %y = arith.addf %x, %x : f32
        wg.yield %y : f32
      }
      %v = wg.receive %vc[%vi] : <2, 64x64xbf16> -> <64x64xbf16>
      %a = wg.mma %p, %v, %scaled : !wg.tile<64x64xbf16>, !wg.shared<64x64xbf16>, !wg.tile<64x64xf32>
      wg.release %vc[%vi] : <2, 64x64xbf16>
      %vn = wg.advance %vi in %vc : <2, 64x64xbf16>
      scf.yield %a, %kn, %vn : !wg.tile<64x64xf32>, i32, i32
    }
    wg.store %r#0 into %o[] from %c0 : !wg.tile<64x64xf32> into memref<64x64xf32>
  }
  return
}

// -----

// Tiles that a mask cuts.
// CHECK-LABEL: func @positions
// CHECK: wg.mma
func.func @positions(%kc: !wg.channel<2, 64x64xbf16>, %vc: !wg.channel<2, 64x64xbf16>, %q: !wg.shared<64x64xbf16>, %o: memref<64x64xf32>, %zero: !wg.tile<64x64xf32>, %n: index) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %first = arith.constant 0 : i32
  wg.roles producers 4 registers 40 {
    %p = arith.constant 0 : i32
  } consumers 4 registers 240 {
    // expected-remark @below {{nothing is computed beside the loop's last product: it computes with positions}}
    %r:3 = scf.for %i = %c0 to %n step %c1 iter_args(%acc = %zero, %ki = %first, %vi = %first) -> (!wg.tile<64x64xf32>, i32, i32) {
      %k = wg.receive %kc[%ki] : <2, 64x64xbf16> -> <64x64xbf16>
      %s = wg.mma %q, %k transposed, %zero : !wg.shared<64x64xbf16>, !wg.shared<64x64xbf16>, !wg.tile<64x64xf32>
      wg.release %kc[%ki] : <2, 64x64xbf16>
      %kn = wg.advance %ki in %kc : <2, 64x64xbf16>
      %p = wg.map ins(%s : !wg.tile<64x64xf32>) -> !wg.tile<64x64xbf16> {
      ^bb0(%row: index, %col: index, %x: f32):
        %in = arith.cmpi slt, %col, %n : index
        %low = arith.constant 0xFF800000 : f32
        %z = arith.select %in, %x, %low : f32
        %y = arith.truncf %z : f32 to bf16
        wg.yield %y : bf16
      }
      %scaled = wg.map ins(%acc : !wg.tile<64x64xf32>) -> !wg.tile<64x64xf32> {
      ^bb0(%row: index, %col: index, %x: f32):
        %y = arith.addf %x, %x : f32
        wg.yield %y : f32
      }
      %v = wg.receive %vc[%vi] : <2, 64x64xbf16> -> <64x64xbf16>
      %a = wg.mma %p, %v, %scaled : !wg.tile<64x64xbf16>, !wg.shared<64x64xbf16>, !wg.tile<64x64xf32>
      wg.release %vc[%vi] : <2, 64x64xbf16>
      %vn = wg.advance %vi in %vc : <2, 64x64xbf16>
      scf.yield %a, %kn, %vn : !wg.tile<64x64xf32>, i32, i32
    }
    wg.store %r#0 into %o[] from %c0 : !wg.tile<64x64xf32> into memref<64x64xf32>
  }
  return
}

// -----

// The sum so far is needed in each iteration.
// CHECK-LABEL: func @read
// CHECK: wg.mma
func.func @read(%kc: !wg.channel<2, 64x64xbf16>, %vc: !wg.channel<2, 64x64xbf16>, %q: !wg.shared<64x64xbf16>, %o: memref<64x64xf32>, %zero: !wg.tile<64x64xf32>, %n: index) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %first = arith.constant 0 : i32
  wg.roles producers 4 registers 40 {
    %p = arith.constant 0 : i32
  } consumers 4 registers 240 {
    // expected-remark @below {{nothing is computed beside the loop's last product: its last product is not only carried}}
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
      %scaled = wg.map ins(%acc : !wg.tile<64x64xf32>) -> !wg.tile<64x64xf32> {
      ^bb0(%row: index, %col: index, %x: f32):
        %y = arith.addf %x, %x : f32
        wg.yield %y : f32
      }
      %v = wg.receive %vc[%vi] : <2, 64x64xbf16> -> <64x64xbf16>
      %a = wg.mma %p, %v, %scaled : !wg.tile<64x64xbf16>, !wg.shared<64x64xbf16>, !wg.tile<64x64xf32>
      wg.store %a into %o[] from %i : !wg.tile<64x64xf32> into memref<64x64xf32>
      wg.release %vc[%vi] : <2, 64x64xbf16>
      %vn = wg.advance %vi in %vc : <2, 64x64xbf16>
      scf.yield %a, %kn, %vn : !wg.tile<64x64xf32>, i32, i32
    }
    wg.store %r#0 into %o[] from %c0 : !wg.tile<64x64xf32> into memref<64x64xf32>
  }
  return
}

// -----

// CHECK-LABEL: func @not_carried
// CHECK: wg.mma
func.func @not_carried(%kc: !wg.channel<2, 64x64xbf16>, %vc: !wg.channel<2, 64x64xbf16>, %q: !wg.shared<64x64xbf16>, %o: memref<64x64xf32>, %zero: !wg.tile<64x64xf32>, %n: index) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %first = arith.constant 0 : i32
  wg.roles producers 4 registers 40 {
    %p = arith.constant 0 : i32
  } consumers 4 registers 240 {
    // expected-remark @below {{nothing is computed beside the loop's last product: its last product is not only carried}}
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
      %scaled = wg.map ins(%acc : !wg.tile<64x64xf32>) -> !wg.tile<64x64xf32> {
      ^bb0(%row: index, %col: index, %x: f32):
        %y = arith.addf %x, %x : f32
        wg.yield %y : f32
      }
      %v = wg.receive %vc[%vi] : <2, 64x64xbf16> -> <64x64xbf16>
      %a = wg.mma %p, %v, %scaled : !wg.tile<64x64xbf16>, !wg.shared<64x64xbf16>, !wg.tile<64x64xf32>
      wg.store %a into %o[] from %i : !wg.tile<64x64xf32> into memref<64x64xf32>
      wg.release %vc[%vi] : <2, 64x64xbf16>
      %vn = wg.advance %vi in %vc : <2, 64x64xbf16>
      scf.yield %scaled, %kn, %vn : !wg.tile<64x64xf32>, i32, i32
    }
    wg.store %r#0 into %o[] from %c0 : !wg.tile<64x64xf32> into memref<64x64xf32>
  }
  return
}

// -----

// The left operand of the product in flight would be in memory that is written.
// CHECK-LABEL: func @shared_weights
// CHECK: wg.mma
func.func @shared_weights(%kc: !wg.channel<2, 64x64xbf16>, %vc: !wg.channel<2, 64x64xbf16>, %q: !wg.shared<64x64xbf16>, %o: memref<64x64xf32>, %zero: !wg.tile<64x64xf32>, %n: index) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %first = arith.constant 0 : i32
  wg.roles producers 4 registers 40 {
    %p = arith.constant 0 : i32
  } consumers 4 registers 240 {
    // expected-remark @below {{nothing is computed beside the loop's last product: its products do not read tiles of channels}}
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
      %w = wg.to_shared %p : !wg.tile<64x64xbf16> -> !wg.shared<64x64xbf16>
      %scaled = wg.map ins(%acc : !wg.tile<64x64xf32>) -> !wg.tile<64x64xf32> {
      ^bb0(%row: index, %col: index, %x: f32):
        %y = arith.addf %x, %x : f32
        wg.yield %y : f32
      }
      %v = wg.receive %vc[%vi] : <2, 64x64xbf16> -> <64x64xbf16>
      %a = wg.mma %w, %v, %scaled : !wg.shared<64x64xbf16>, !wg.shared<64x64xbf16>, !wg.tile<64x64xf32>
      wg.release %vc[%vi] : <2, 64x64xbf16>
      %vn = wg.advance %vi in %vc : <2, 64x64xbf16>
      scf.yield %a, %kn, %vn : !wg.tile<64x64xf32>, i32, i32
    }
    wg.store %r#0 into %o[] from %c0 : !wg.tile<64x64xf32> into memref<64x64xf32>
  }
  return
}

// -----

// CHECK-LABEL: func @fixed_values
// CHECK: wg.mma
func.func @fixed_values(%kc: !wg.channel<2, 64x64xbf16>, %vc: !wg.channel<2, 64x64xbf16>, %q: !wg.shared<64x64xbf16>, %o: memref<64x64xf32>, %zero: !wg.tile<64x64xf32>, %n: index) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %first = arith.constant 0 : i32
  wg.roles producers 4 registers 40 {
    %p = arith.constant 0 : i32
  } consumers 4 registers 240 {
    // expected-remark @below {{nothing is computed beside the loop's last product: its products do not read tiles of channels}}
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
      %scaled = wg.map ins(%acc : !wg.tile<64x64xf32>) -> !wg.tile<64x64xf32> {
      ^bb0(%row: index, %col: index, %x: f32):
        %y = arith.addf %x, %x : f32
        wg.yield %y : f32
      }
      %a = wg.mma %p, %q, %scaled : !wg.tile<64x64xbf16>, !wg.shared<64x64xbf16>, !wg.tile<64x64xf32>
      wg.release %vc[%vi] : <2, 64x64xbf16>
      %vn = wg.advance %vi in %vc : <2, 64x64xbf16>
      scf.yield %a, %kn, %vn : !wg.tile<64x64xf32>, i32, i32
    }
    wg.store %r#0 into %o[] from %c0 : !wg.tile<64x64xf32> into memref<64x64xf32>
  }
  return
}

// -----

// As in a delta rule: the next product needs the last one.
// CHECK-LABEL: func @recurrence
// CHECK: wg.mma
func.func @recurrence(%kc: !wg.channel<2, 64x64xbf16>, %vc: !wg.channel<2, 64x64xbf16>, %q: !wg.shared<64x64xbf16>, %o: memref<64x64xf32>, %zero: !wg.tile<64x64xf32>, %n: index) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %first = arith.constant 0 : i32
  wg.roles producers 4 registers 40 {
    %p = arith.constant 0 : i32
  } consumers 4 registers 240 {
    // expected-remark @below {{nothing is computed beside the loop's last product: its first product depends on the carried sum}}
    %r:3 = scf.for %i = %c0 to %n step %c1 iter_args(%acc = %zero, %ki = %first, %vi = %first) -> (!wg.tile<64x64xf32>, i32, i32) {
      %k = wg.receive %kc[%ki] : <2, 64x64xbf16> -> <64x64xbf16>
      %s = wg.mma %q, %k transposed, %acc : !wg.shared<64x64xbf16>, !wg.shared<64x64xbf16>, !wg.tile<64x64xf32>
      wg.release %kc[%ki] : <2, 64x64xbf16>
      %kn = wg.advance %ki in %kc : <2, 64x64xbf16>
      %p = wg.map ins(%s : !wg.tile<64x64xf32>) -> !wg.tile<64x64xbf16> {
      ^bb0(%row: index, %col: index, %x: f32):
        %y = arith.truncf %x : f32 to bf16
        wg.yield %y : bf16
      }
      %scaled = wg.map ins(%acc : !wg.tile<64x64xf32>) -> !wg.tile<64x64xf32> {
      ^bb0(%row: index, %col: index, %x: f32):
        %y = arith.addf %x, %x : f32
        wg.yield %y : f32
      }
      %v = wg.receive %vc[%vi] : <2, 64x64xbf16> -> <64x64xbf16>
      %a = wg.mma %p, %v, %scaled : !wg.tile<64x64xbf16>, !wg.shared<64x64xbf16>, !wg.tile<64x64xf32>
      wg.release %vc[%vi] : <2, 64x64xbf16>
      %vn = wg.advance %vi in %vc : <2, 64x64xbf16>
      scf.yield %a, %kn, %vn : !wg.tile<64x64xf32>, i32, i32
    }
    wg.store %r#0 into %o[] from %c0 : !wg.tile<64x64xf32> into memref<64x64xf32>
  }
  return
}

// -----

// CHECK-LABEL: func @values_twice
// CHECK: wg.mma
func.func @values_twice(%kc: !wg.channel<2, 64x64xbf16>, %vc: !wg.channel<2, 64x64xbf16>, %q: !wg.shared<64x64xbf16>, %o: memref<64x64xf32>, %zero: !wg.tile<64x64xf32>, %n: index, %m: memref<64x64xbf16>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %first = arith.constant 0 : i32
  wg.roles producers 4 registers 40 {
    %p = arith.constant 0 : i32
  } consumers 4 registers 240 {
    // expected-remark @below {{nothing is computed beside the loop's last product: what its last product needs is needed elsewhere}}
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
      %scaled = wg.map ins(%acc : !wg.tile<64x64xf32>) -> !wg.tile<64x64xf32> {
      ^bb0(%row: index, %col: index, %x: f32):
        %y = arith.addf %x, %x : f32
        wg.yield %y : f32
      }
      %v = wg.receive %vc[%vi] : <2, 64x64xbf16> -> <64x64xbf16>
      %w = wg.from_shared %v : !wg.shared<64x64xbf16> -> !wg.tile<64x64xbf16>
      wg.store %w into %m[] from %i : !wg.tile<64x64xbf16> into memref<64x64xbf16>
      %a = wg.mma %p, %v, %scaled : !wg.tile<64x64xbf16>, !wg.shared<64x64xbf16>, !wg.tile<64x64xf32>
      wg.release %vc[%vi] : <2, 64x64xbf16>
      %vn = wg.advance %vi in %vc : <2, 64x64xbf16>
      scf.yield %a, %kn, %vn : !wg.tile<64x64xf32>, i32, i32
    }
    wg.store %r#0 into %o[] from %c0 : !wg.tile<64x64xf32> into memref<64x64xf32>
  }
  return
}

// -----

// CHECK-LABEL: func @exchanged
// CHECK: wg.mma
func.func @exchanged(%kc: !wg.channel<2, 64x64xbf16>, %vc: !wg.channel<2, 64x64xbf16>, %q: !wg.shared<64x64xbf16>, %o: memref<64x64xf32>, %zero: !wg.tile<64x64xf32>, %n: index, %f: f32, %g: f32) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %first = arith.constant 0 : i32
  wg.roles producers 4 registers 40 {
    %p = arith.constant 0 : i32
  } consumers 4 registers 240 {
    // expected-remark @below {{nothing is computed beside the loop's last product: it carries a value on as another one}}
    %r:5 = scf.for %i = %c0 to %n step %c1 iter_args(%acc = %zero, %ki = %first, %vi = %first, %f2 = %f, %g2 = %g) -> (!wg.tile<64x64xf32>, i32, i32, f32, f32) {
      %k = wg.receive %kc[%ki] : <2, 64x64xbf16> -> <64x64xbf16>
      %s = wg.mma %q, %k transposed, %zero : !wg.shared<64x64xbf16>, !wg.shared<64x64xbf16>, !wg.tile<64x64xf32>
      wg.release %kc[%ki] : <2, 64x64xbf16>
      %kn = wg.advance %ki in %kc : <2, 64x64xbf16>
      %p = wg.map ins(%s : !wg.tile<64x64xf32>) -> !wg.tile<64x64xbf16> {
      ^bb0(%row: index, %col: index, %x: f32):
        %y = arith.truncf %x : f32 to bf16
        wg.yield %y : bf16
      }
      %scaled = wg.map ins(%acc : !wg.tile<64x64xf32>) -> !wg.tile<64x64xf32> {
      ^bb0(%row: index, %col: index, %x: f32):
        %y = arith.addf %x, %x : f32
        wg.yield %y : f32
      }
      %v = wg.receive %vc[%vi] : <2, 64x64xbf16> -> <64x64xbf16>
      %a = wg.mma %p, %v, %scaled : !wg.tile<64x64xbf16>, !wg.shared<64x64xbf16>, !wg.tile<64x64xf32>
      wg.release %vc[%vi] : <2, 64x64xbf16>
      %vn = wg.advance %vi in %vc : <2, 64x64xbf16>
      scf.yield %a, %kn, %vn, %g2, %f2 : !wg.tile<64x64xf32>, i32, i32, f32, f32
    }
    wg.store %r#0 into %o[] from %c0 : !wg.tile<64x64xf32> into memref<64x64xf32>
  }
  return
}

// -----

// Without roles all warps copy and wait anyway: that is no loop of this pass.
// CHECK-LABEL: func @outside
// CHECK: wg.mma
func.func @outside(%kc: !wg.channel<2, 64x64xbf16>, %vc: !wg.channel<2, 64x64xbf16>, %q: !wg.shared<64x64xbf16>, %o: memref<64x64xf32>, %zero: !wg.tile<64x64xf32>, %n: index) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %first = arith.constant 0 : i32
  scf.execute_region {
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
      %scaled = wg.map ins(%acc : !wg.tile<64x64xf32>) -> !wg.tile<64x64xf32> {
      ^bb0(%row: index, %col: index, %x: f32):
        %y = arith.addf %x, %x : f32
        wg.yield %y : f32
      }
      %v = wg.receive %vc[%vi] : <2, 64x64xbf16> -> <64x64xbf16>
      %a = wg.mma %p, %v, %scaled : !wg.tile<64x64xbf16>, !wg.shared<64x64xbf16>, !wg.tile<64x64xf32>
      wg.release %vc[%vi] : <2, 64x64xbf16>
      %vn = wg.advance %vi in %vc : <2, 64x64xbf16>
      scf.yield %a, %kn, %vn : !wg.tile<64x64xf32>, i32, i32
    }
    wg.store %r#0 into %o[] from %c0 : !wg.tile<64x64xf32> into memref<64x64xf32>
    scf.yield
  }
  return
}
