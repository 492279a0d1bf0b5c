// Blocks that stay do every piece of work once, whatever the numbers of both.

// What wg-specialize-warps makes of the launches below runs here: a launch becomes
// a loop over its blocks, roles a branch, a copy and a call of the consumers a
// visit to the piece it is for; channels are left out.

// RUN: attn-opt %s --wg-specialize-warps | FileCheck %s
// CHECK-COUNT-2: wg.roles
// Two that share a multiprocessor share its registers, too.
// CHECK-LABEL: func.func @shared
// CHECK: %[[N:.*]] = wg.multiprocessors
// CHECK: %[[MOST:.*]] = arith.muli %[[N]], %c2
// CHECK: arith.minsi %{{.*}}, %[[MOST]]
// CHECK: wg.roles producers 4 registers 32 {
// CHECK: consumers 4 registers 224 {

// RUN: attn-opt %s --wg-specialize-warps | sed \
// RUN:   -e 's/wg\.multiprocessors/func.call @most() : () -> index/' \
// RUN:   -e 's/gpu\.launch blocks(\(%%[a-z0-9]*\), [^)]*) in (\(%%[a-z0-9]*\) = \(%%[a-z0-9]*\), .*/\2 = arith.addi \3, %%c0 : index\n scf.for \1 = %%c0 to \3 step %%c1 {/' \
// RUN:   -e '/gpu\.terminator/d' -e 's/} {tile.task_order.*/}/' \
// RUN:   -e 's/wg\.roles .*/%%role = func.call @produces() : () -> i1\n scf.if %%role {/' -e 's/} consumers .*/} else {/' \
// RUN:   -e 's/wg\.copy_bulk %%[^[]*\[\([^,]*\),.*/func.call @visit(\1) : (index) -> ()/' \
// RUN:   -e 's/wg\.advance \(%%[^ ]*\) .*/arith.addi \1, \1 : i32/' -e '/wg\./d' > %t.mlir
// RUN: attn-opt %t.mlir %oracle | %run

// Its twin, without the first block, must fail.
// RUN: sed 's/= %%c0 to/= %%c1 to/' %t.mlir | attn-opt %oracle | not %run | FileCheck %s --check-prefix=SHORT
// SHORT: element 0: got {{[1-9][0-9]+}}, expected 0

func.func @even(%m: memref<?x64xbf16>, %count: index) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c256 = arith.constant 256 : index
  gpu.launch blocks(%b, %by, %bz) in (%gx = %count, %gy = %c1, %gz = %c1) threads(%tx, %ty, %tz) in (%nx = %c256, %ny = %c1, %nz = %c1) {
    %s = wg.copy %m[] from %b : memref<?x64xbf16> -> !wg.shared<64x64xbf16>
    func.call @visit(%b) : (index) -> ()
    gpu.terminator
  }
  return
}

func.func @uneven(%m: memref<?x64xbf16>, %count: index) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c256 = arith.constant 256 : index
  gpu.launch blocks(%b, %by, %bz) in (%gx = %count, %gy = %c1, %gz = %c1) threads(%tx, %ty, %tz) in (%nx = %c256, %ny = %c1, %nz = %c1) {
    %s = wg.copy %m[] from %b : memref<?x64xbf16> -> !wg.shared<64x64xbf16>
    func.call @visit(%b) : (index) -> ()
    gpu.terminator
  } {tile.task_order = #tile.task_order<reversed>}
  return
}

func.func @shared(%m: memref<?x64xbf16>, %count: index) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c4 = arith.constant 4 : index
  %c128 = arith.constant 128 : index
  gpu.launch blocks(%b, %by, %bz) in (%gx = %count, %gy = %c1, %gz = %c1) threads(%tx, %ty, %tz) in (%nx = %c128, %ny = %c1, %nz = %c1) {
    scf.for %i = %c0 to %c1 step %c1 {
      %s = wg.copy %m[] from %b : memref<?x64xbf16> -> !wg.shared<64x64xbf16>
      func.call @visit(%b) : (index) -> ()
    }
    gpu.terminator
  } {tile.task_order = #tile.task_order<reversed>, tile.blocks = 2 : i64}
  return
}

// The number of multiprocessors, whether this is a producer, and how often each
// piece has been visited.
memref.global "private" @state : memref<2xindex> = uninitialized
memref.global "private" @visits : memref<64xindex> = uninitialized

func.func @most() -> index {
  %0 = arith.constant 0 : index
  %state = memref.get_global @state : memref<2xindex>
  %most = memref.load %state[%0] : memref<2xindex>
  return %most : index
}

func.func @produces() -> i1 {
  %0 = arith.constant 0 : index
  %1 = arith.constant 1 : index
  %state = memref.get_global @state : memref<2xindex>
  %role = memref.load %state[%1] : memref<2xindex>
  %is = arith.cmpi ne, %role, %0 : index
  return %is : i1
}

func.func @visit(%piece: index) {
  %1 = arith.constant 1 : index
  %visits = memref.get_global @visits : memref<64xindex>
  %before = memref.load %visits[%piece] : memref<64xindex>
  %after = arith.addi %before, %1 : index
  memref.store %after, %visits[%piece] : memref<64xindex>
  return
}

// How many pieces were not done once; forgets all visits.
func.func @mistakes(%count: index) -> i32 {
  %no = arith.constant 0 : i32
  %0 = arith.constant 0 : index
  %1 = arith.constant 1 : index
  %64 = arith.constant 64 : index
  %visits = memref.get_global @visits : memref<64xindex>
  %sum = scf.for %i = %0 to %64 step %1 iter_args(%before = %no) -> (i32) {
    %times = memref.load %visits[%i] : memref<64xindex>
    %exists = arith.cmpi slt, %i, %count : index
    %wanted = arith.index_castui %exists : i1 to index
    %wrong = arith.cmpi ne, %times, %wanted : index
    %one = arith.extui %wrong : i1 to i32
    memref.store %0, %visits[%i] : memref<64xindex>
    %after = arith.addi %before, %one : i32
    scf.yield %after : i32
  }
  return %sum : i32
}

func.func @main() {
  %no = arith.constant 0 : i32
  %0 = arith.constant 0 : index
  %1 = arith.constant 1 : index
  %2 = arith.constant 2 : index
  %12 = arith.constant 12 : index
  %50 = arith.constant 50 : index
  %64 = arith.constant 64 : index
  %state = memref.get_global @state : memref<2xindex>
  %visits = memref.get_global @visits : memref<64xindex>
  %m = memref.alloc(%64) : memref<?x64xbf16>
  scf.for %i = %0 to %64 step %1 {
    memref.store %0, %visits[%i] : memref<64xindex>
  }
  %sum = scf.for %role = %0 to %2 step %1 iter_args(%r = %no) -> (i32) {
    memref.store %role, %state[%1] : memref<2xindex>
    %all = scf.for %most = %1 to %12 step %1 iter_args(%a = %r) -> (i32) {
      memref.store %most, %state[%0] : memref<2xindex>
      %some = scf.for %count = %0 to %50 step %1 iter_args(%before = %a) -> (i32) {
        func.call @even(%m, %count) : (memref<?x64xbf16>, index) -> ()
        %even = func.call @mistakes(%count) : (index) -> i32
        func.call @uneven(%m, %count) : (memref<?x64xbf16>, index) -> ()
        %uneven = func.call @mistakes(%count) : (index) -> i32
        func.call @shared(%m, %count) : (memref<?x64xbf16>, index) -> ()
        %shared = func.call @mistakes(%count) : (index) -> i32
        %two = arith.addi %even, %uneven : i32
        %three = arith.addi %two, %shared : i32
        %after = arith.addi %before, %three : i32
        scf.yield %after : i32
      }
      scf.yield %some : i32
    }
    scf.yield %all : i32
  }
  %result = tensor.from_elements %sum : tensor<1xi32>
  check.expect_eq_const %result, dense<0> : tensor<1xi32> : tensor<1xi32>
  memref.dealloc %m : memref<?x64xbf16>
  return
}
