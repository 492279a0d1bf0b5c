// RUN: attn-opt %s --wg-split-helpers --remarks-filter-missed=wg-split-helpers --split-input-file --verify-diagnostics | FileCheck %s --implicit-check-not=helpers --implicit-check-not=wg.send

// What helpers cannot do, or need not, consumers go on to do, with the reason.

// Each iteration adds to the sum, but multiplies with nothing of the one before: so
// the copies are all that it waits for.
// CHECK-LABEL: func @no_chain
// CHECK: in (%{{.*}} = %c256,
// CHECK: wg.roles producers 4 registers 40
// CHECK: consumers 4 registers 232
// CHECK: wg.to_shared
func.func @no_chain(%n: index, %zero: !wg.tile<64x64xf32>, %o: memref<?x64xf32>) {
  %c1 = arith.constant 1 : index
  %c256 = arith.constant 256 : index
  gpu.launch blocks(%b, %by, %bz) in (%gx = %n, %gy = %c1, %gz = %c1) threads(%tx, %ty, %tz) in (%nx = %c256, %ny = %c1, %nz = %c1) {
    %c0 = arith.constant 0 : index
    %first = arith.constant 0 : i32
    %kc = wg.make_channel : <2, 64x64xbf16>
    // expected-remark @below {{no warps work ahead: no product waits for the iteration before}}
    wg.roles producers 4 registers 40 {
      %p = arith.constant 0 : i32
    } consumers 4 registers 232 {
      %r:2 = scf.for %i = %c0 to %n step %c1 iter_args(%state = %zero, %ki = %first) -> (!wg.tile<64x64xf32>, i32) {
        %k = wg.receive %kc[%ki] : <2, 64x64xbf16> -> <64x64xbf16>
        %s = wg.mma %k, %k transposed, %zero : !wg.shared<64x64xbf16>, !wg.shared<64x64xbf16>, !wg.tile<64x64xf32>
        %w = wg.map ins(%s : !wg.tile<64x64xf32>) -> !wg.tile<64x64xbf16> {
        ^bb0(%row: index, %col: index, %x: f32):
          %t = arith.truncf %x : f32 to bf16
          wg.yield %t : bf16
        }
        %ws = wg.to_shared %w : !wg.tile<64x64xbf16> -> !wg.shared<64x64xbf16>
        %next = wg.mma %ws, %k, %state : !wg.shared<64x64xbf16>, !wg.shared<64x64xbf16>, !wg.tile<64x64xf32>
        wg.release %kc[%ki] : <2, 64x64xbf16>
        %kn = wg.advance %ki in %kc : <2, 64x64xbf16>
        scf.yield %next, %kn : !wg.tile<64x64xf32>, i32
      }
      wg.store %r#0 into %o[] from %b : !wg.tile<64x64xf32> into memref<?x64xf32>
    }
    gpu.terminator
  }
  return
}

// -----

// What is handed over in shared memory is made of the state.
// CHECK-LABEL: func @all_carried
// CHECK: consumers 4 registers 232
// CHECK: wg.to_shared
func.func @all_carried(%n: index, %zero: !wg.tile<64x64xf32>, %o: memref<?x64xf32>) {
  %c1 = arith.constant 1 : index
  %c256 = arith.constant 256 : index
  gpu.launch blocks(%b, %by, %bz) in (%gx = %n, %gy = %c1, %gz = %c1) threads(%tx, %ty, %tz) in (%nx = %c256, %ny = %c1, %nz = %c1) {
    %c0 = arith.constant 0 : index
    %first = arith.constant 0 : i32
    %kc = wg.make_channel : <2, 64x64xbf16>
    // expected-remark @below {{no warps work ahead: all products depend on the iteration before}}
    wg.roles producers 4 registers 40 {
      %p = arith.constant 0 : i32
    } consumers 4 registers 232 {
      %r:2 = scf.for %i = %c0 to %n step %c1 iter_args(%state = %zero, %ki = %first) -> (!wg.tile<64x64xf32>, i32) {
        %k = wg.receive %kc[%ki] : <2, 64x64xbf16> -> <64x64xbf16>
        %w = wg.map ins(%state : !wg.tile<64x64xf32>) -> !wg.tile<64x64xbf16> {
        ^bb0(%row: index, %col: index, %x: f32):
          %t = arith.truncf %x : f32 to bf16
          wg.yield %t : bf16
        }
        %ws = wg.to_shared %w : !wg.tile<64x64xbf16> -> !wg.shared<64x64xbf16>
        %next = wg.mma %k, %ws, %state : !wg.shared<64x64xbf16>, !wg.shared<64x64xbf16>, !wg.tile<64x64xf32>
        wg.release %kc[%ki] : <2, 64x64xbf16>
        %kn = wg.advance %ki in %kc : <2, 64x64xbf16>
        scf.yield %next, %kn : !wg.tile<64x64xf32>, i32
      }
      wg.store %r#0 into %o[] from %b : !wg.tile<64x64xf32> into memref<?x64xf32>
    }
    gpu.terminator
  }
  return
}

// -----

// A product that does not need the state, but is not handed over in shared memory,
// is none that helpers could bring; what they could bring takes no product.
// CHECK-LABEL: func @in_registers
// CHECK: consumers 4 registers 232
// CHECK: wg.to_shared
func.func @in_registers(%n: index, %zero: !wg.tile<64x64xf32>, %o: memref<?x64xf32>) {
  %c1 = arith.constant 1 : index
  %c256 = arith.constant 256 : index
  gpu.launch blocks(%b, %by, %bz) in (%gx = %n, %gy = %c1, %gz = %c1) threads(%tx, %ty, %tz) in (%nx = %c256, %ny = %c1, %nz = %c1) {
    %c0 = arith.constant 0 : index
    %first = arith.constant 0 : i32
    %kc = wg.make_channel : <2, 64x64xbf16>
    // expected-remark @below {{no warps work ahead: all products depend on the iteration before}}
    wg.roles producers 4 registers 40 {
      %p = arith.constant 0 : i32
    } consumers 4 registers 232 {
      %r:2 = scf.for %i = %c0 to %n step %c1 iter_args(%state = %zero, %ki = %first) -> (!wg.tile<64x64xf32>, i32) {
        %k = wg.receive %kc[%ki] : <2, 64x64xbf16> -> <64x64xbf16>
        %s = wg.mma %k, %k transposed, %zero : !wg.shared<64x64xbf16>, !wg.shared<64x64xbf16>, !wg.tile<64x64xf32>
        %w = wg.map ins(%s, %state : !wg.tile<64x64xf32>, !wg.tile<64x64xf32>) -> !wg.tile<64x64xbf16> {
        ^bb0(%row: index, %col: index, %x: f32, %y: f32):
          %z = arith.mulf %x, %y : f32
          %t = arith.truncf %z : f32 to bf16
          wg.yield %t : bf16
        }
        %h = wg.from_shared %k : !wg.shared<64x64xbf16> -> !wg.tile<64x64xbf16>
        %hs = wg.to_shared %h : !wg.tile<64x64xbf16> -> !wg.shared<64x64xbf16>
        %next = wg.mma %w, %hs, %state : !wg.tile<64x64xbf16>, !wg.shared<64x64xbf16>, !wg.tile<64x64xf32>
        wg.release %kc[%ki] : <2, 64x64xbf16>
        %kn = wg.advance %ki in %kc : <2, 64x64xbf16>
        scf.yield %next, %kn : !wg.tile<64x64xf32>, i32
      }
      wg.store %r#0 into %o[] from %b : !wg.tile<64x64xf32> into memref<?x64xf32>
    }
    gpu.terminator
  }
  return
}

// -----

// Consumers add the product that helpers hand over a copy of to the state, so they
// would make it, too.
// CHECK-LABEL: func @used_by_both
// CHECK: consumers 4 registers 232
// CHECK: wg.to_shared
func.func @used_by_both(%n: index, %zero: !wg.tile<64x64xf32>, %o: memref<?x64xf32>) {
  %c1 = arith.constant 1 : index
  %c256 = arith.constant 256 : index
  gpu.launch blocks(%b, %by, %bz) in (%gx = %n, %gy = %c1, %gz = %c1) threads(%tx, %ty, %tz) in (%nx = %c256, %ny = %c1, %nz = %c1) {
    %c0 = arith.constant 0 : index
    %first = arith.constant 0 : i32
    %kc = wg.make_channel : <2, 64x64xbf16>
    // expected-remark @below {{no warps work ahead: a matrix in registers is used by both}}
    wg.roles producers 4 registers 40 {
      %p = arith.constant 0 : i32
    } consumers 4 registers 232 {
      %f0 = arith.constant 0.0 : f32
      %none = wg.splat %f0 : f32 -> !wg.tile<64x64xf32>
      %r:2 = scf.for %i = %c0 to %n step %c1 iter_args(%state = %zero, %ki = %first) -> (!wg.tile<64x64xf32>, i32) {
        %k = wg.receive %kc[%ki] : <2, 64x64xbf16> -> <64x64xbf16>
        %s = wg.mma %k, %k transposed, %none : !wg.shared<64x64xbf16>, !wg.shared<64x64xbf16>, !wg.tile<64x64xf32>
        %w = wg.map ins(%s : !wg.tile<64x64xf32>) -> !wg.tile<64x64xbf16> {
        ^bb0(%row: index, %col: index, %x: f32):
          %t = arith.truncf %x : f32 to bf16
          wg.yield %t : bf16
        }
        %ws = wg.to_shared %w : !wg.tile<64x64xbf16> -> !wg.shared<64x64xbf16>
        %rounded = wg.map ins(%state : !wg.tile<64x64xf32>) -> !wg.tile<64x64xbf16> {
        ^bb0(%row: index, %col: index, %x: f32):
          %t = arith.truncf %x : f32 to bf16
          wg.yield %t : bf16
        }
        %next = wg.mma %rounded, %ws, %s : !wg.tile<64x64xbf16>, !wg.shared<64x64xbf16>, !wg.tile<64x64xf32>
        wg.release %kc[%ki] : <2, 64x64xbf16>
        %kn = wg.advance %ki in %kc : <2, 64x64xbf16>
        scf.yield %next, %kn : !wg.tile<64x64xf32>, i32
      }
      wg.store %r#0 into %o[] from %b : !wg.tile<64x64xf32> into memref<?x64xf32>
    }
    gpu.terminator
  }
  return
}

// -----

// A tile of other elements than one value that is in registers in front of the
// loop is in those of the consumers.
// CHECK-LABEL: func @outside
// CHECK: consumers 4 registers 232
// CHECK: wg.to_shared
func.func @outside(%n: index, %zero: !wg.tile<64x64xf32>, %o: memref<?x64xf32>) {
  %c1 = arith.constant 1 : index
  %c256 = arith.constant 256 : index
  gpu.launch blocks(%b, %by, %bz) in (%gx = %n, %gy = %c1, %gz = %c1) threads(%tx, %ty, %tz) in (%nx = %c256, %ny = %c1, %nz = %c1) {
    %c0 = arith.constant 0 : index
    %first = arith.constant 0 : i32
    %kc = wg.make_channel : <2, 64x64xbf16>
    // expected-remark @below {{no warps work ahead: a tile from outside of the loop is needed}}
    wg.roles producers 4 registers 40 {
      %p = arith.constant 0 : i32
    } consumers 4 registers 232 {
      %r:2 = scf.for %i = %c0 to %n step %c1 iter_args(%state = %zero, %ki = %first) -> (!wg.tile<64x64xf32>, i32) {
        %k = wg.receive %kc[%ki] : <2, 64x64xbf16> -> <64x64xbf16>
        %s = wg.mma %k, %k transposed, %zero : !wg.shared<64x64xbf16>, !wg.shared<64x64xbf16>, !wg.tile<64x64xf32>
        %w = wg.map ins(%s : !wg.tile<64x64xf32>) -> !wg.tile<64x64xbf16> {
        ^bb0(%row: index, %col: index, %x: f32):
          %t = arith.truncf %x : f32 to bf16
          wg.yield %t : bf16
        }
        %ws = wg.to_shared %w : !wg.tile<64x64xbf16> -> !wg.shared<64x64xbf16>
        %rounded = wg.map ins(%state : !wg.tile<64x64xf32>) -> !wg.tile<64x64xbf16> {
        ^bb0(%row: index, %col: index, %x: f32):
          %t = arith.truncf %x : f32 to bf16
          wg.yield %t : bf16
        }
        %next = wg.mma %rounded, %ws, %state : !wg.tile<64x64xbf16>, !wg.shared<64x64xbf16>, !wg.tile<64x64xf32>
        wg.release %kc[%ki] : <2, 64x64xbf16>
        %kn = wg.advance %ki in %kc : <2, 64x64xbf16>
        scf.yield %next, %kn : !wg.tile<64x64xf32>, i32
      }
      wg.store %r#0 into %o[] from %b : !wg.tile<64x64xf32> into memref<?x64xf32>
    }
    gpu.terminator
  }
  return
}

// -----

// Maxima and sums of rows that the next iteration needs are no chain of products.
// CHECK-LABEL: func @vector_carried
// CHECK: consumers 4 registers 232
// CHECK: wg.to_shared
func.func @vector_carried(%n: index, %zero: !wg.tile<64x64xf32>, %none: !wg.tile<64xf32, rows>, %o: memref<?x64xf32>) {
  %c1 = arith.constant 1 : index
  %c256 = arith.constant 256 : index
  gpu.launch blocks(%b, %by, %bz) in (%gx = %n, %gy = %c1, %gz = %c1) threads(%tx, %ty, %tz) in (%nx = %c256, %ny = %c1, %nz = %c1) {
    %c0 = arith.constant 0 : index
    %first = arith.constant 0 : i32
    %kc = wg.make_channel : <2, 64x64xbf16>
    // expected-remark @below {{no warps work ahead: no product waits for the iteration before}}
    wg.roles producers 4 registers 40 {
      %p = arith.constant 0 : i32
    } consumers 4 registers 232 {
      %r:3 = scf.for %i = %c0 to %n step %c1 iter_args(%sum = %zero, %most = %none, %ki = %first) -> (!wg.tile<64x64xf32>, !wg.tile<64xf32, rows>, i32) {
        %k = wg.receive %kc[%ki] : <2, 64x64xbf16> -> <64x64xbf16>
        %s = wg.mma %k, %k transposed, %zero : !wg.shared<64x64xbf16>, !wg.shared<64x64xbf16>, !wg.tile<64x64xf32>
        %m = wg.reduce <maximumf> %s, %most : !wg.tile<64x64xf32>, !wg.tile<64xf32, rows>
        %w = wg.map ins(%s, %m : !wg.tile<64x64xf32>, !wg.tile<64xf32, rows>) -> !wg.tile<64x64xbf16> {
        ^bb0(%row: index, %col: index, %x: f32, %y: f32):
          %z = arith.subf %x, %y : f32
          %t = arith.truncf %z : f32 to bf16
          wg.yield %t : bf16
        }
        %ws = wg.to_shared %w : !wg.tile<64x64xbf16> -> !wg.shared<64x64xbf16>
        %next = wg.mma %ws, %k, %sum : !wg.shared<64x64xbf16>, !wg.shared<64x64xbf16>, !wg.tile<64x64xf32>
        wg.release %kc[%ki] : <2, 64x64xbf16>
        %kn = wg.advance %ki in %kc : <2, 64x64xbf16>
        scf.yield %next, %m, %kn : !wg.tile<64x64xf32>, !wg.tile<64xf32, rows>, i32
      }
      wg.store %r#0 into %o[] from %b : !wg.tile<64x64xf32> into memref<?x64xf32>
    }
    gpu.terminator
  }
  return
}

// -----

// Helpers go through one loop. That what is around it receives tiles, too, makes it
// another one.
// CHECK-LABEL: func @two_loops
// CHECK: consumers 4 registers 232
// CHECK: wg.to_shared
func.func @two_loops(%n: index, %zero: !wg.tile<64x64xf32>, %o: memref<?x64xf32>) {
  %c1 = arith.constant 1 : index
  %c256 = arith.constant 256 : index
  gpu.launch blocks(%b, %by, %bz) in (%gx = %n, %gy = %c1, %gz = %c1) threads(%tx, %ty, %tz) in (%nx = %c256, %ny = %c1, %nz = %c1) {
    %c0 = arith.constant 0 : index
    %first = arith.constant 0 : i32
    %qc = wg.make_channel : <1, 64x64xbf16>
    %kc = wg.make_channel : <2, 64x64xbf16>
    // expected-remark @below {{no warps work ahead: 2 loops receive tiles}}
    wg.roles producers 4 registers 40 {
      %p = arith.constant 0 : i32
    } consumers 4 registers 232 {
      %ends:2 = scf.for %j = %c0 to %n step %c1 iter_args(%qi = %first, %ko = %first) -> (i32, i32) {
        %q = wg.receive %qc[%qi] : <1, 64x64xbf16> -> <64x64xbf16>
        %r:2 = scf.for %i = %c0 to %n step %c1 iter_args(%state = %zero, %ki = %ko) -> (!wg.tile<64x64xf32>, i32) {
          %k = wg.receive %kc[%ki] : <2, 64x64xbf16> -> <64x64xbf16>
          %s = wg.mma %k, %q transposed, %zero : !wg.shared<64x64xbf16>, !wg.shared<64x64xbf16>, !wg.tile<64x64xf32>
          %w = wg.map ins(%s : !wg.tile<64x64xf32>) -> !wg.tile<64x64xbf16> {
          ^bb0(%row: index, %col: index, %x: f32):
            %t = arith.truncf %x : f32 to bf16
            wg.yield %t : bf16
          }
          %ws = wg.to_shared %w : !wg.tile<64x64xbf16> -> !wg.shared<64x64xbf16>
          %rounded = wg.map ins(%state : !wg.tile<64x64xf32>) -> !wg.tile<64x64xbf16> {
          ^bb0(%row: index, %col: index, %x: f32):
            %t = arith.truncf %x : f32 to bf16
            wg.yield %t : bf16
          }
          %next = wg.mma %rounded, %ws, %state : !wg.tile<64x64xbf16>, !wg.shared<64x64xbf16>, !wg.tile<64x64xf32>
          wg.release %kc[%ki] : <2, 64x64xbf16>
          %kn = wg.advance %ki in %kc : <2, 64x64xbf16>
          scf.yield %next, %kn : !wg.tile<64x64xf32>, i32
        }
        wg.release %qc[%qi] : <1, 64x64xbf16>
        %qn = wg.advance %qi in %qc : <1, 64x64xbf16>
        wg.store %r#0 into %o[] from %b : !wg.tile<64x64xf32> into memref<?x64xf32>
        scf.yield %qn, %r#1 : i32, i32
      }
    }
    gpu.terminator
  }
  return
}

// -----

// CHECK-LABEL: func @no_loops
// CHECK: consumers 4 registers 232
func.func @no_loops(%n: index, %zero: !wg.tile<64x64xf32>, %o: memref<?x64xf32>) {
  %c1 = arith.constant 1 : index
  %c256 = arith.constant 256 : index
  gpu.launch blocks(%b, %by, %bz) in (%gx = %n, %gy = %c1, %gz = %c1) threads(%tx, %ty, %tz) in (%nx = %c256, %ny = %c1, %nz = %c1) {
    %first = arith.constant 0 : i32
    %kc = wg.make_channel : <1, 64x64xbf16>
    // expected-remark @below {{no warps work ahead: 0 loops receive tiles}}
    wg.roles producers 4 registers 40 {
      %p = arith.constant 0 : i32
    } consumers 4 registers 232 {
      %k = wg.receive %kc[%first] : <1, 64x64xbf16> -> <64x64xbf16>
      %s = wg.mma %k, %k transposed, %zero : !wg.shared<64x64xbf16>, !wg.shared<64x64xbf16>, !wg.tile<64x64xf32>
      wg.store %s into %o[] from %b : !wg.tile<64x64xf32> into memref<?x64xf32>
    }
    gpu.terminator
  }
  return
}
