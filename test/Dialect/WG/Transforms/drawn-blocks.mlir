// Blocks whose pieces repeat with a period share most of them and draw the others:
// each piece is done once, whatever the numbers of pieces, blocks and the period.

// What wg-specialize-warps makes of the launch below runs here, as in
// persistent-blocks.mlir: a draw is a call, which counts and keeps the number for
// the block, of which the consumers ask.

// RUN: attn-opt %s --wg-specialize-warps | FileCheck %s
// CHECK-LABEL: func.func @pieces
// CHECK:       %[[COUNTER:.*]] = wg.counter
// CHECK:       %[[DRAWS:.*]] = wg.make_draws : <8>
// CHECK:       wg.roles producers
// CHECK:       scf.for
// CHECK:       wg.draw %[[DRAWS]][%[[SLOT:.*]]] below %{{.*}} from %[[COUNTER]]
// CHECK:       wg.drawn %[[DRAWS]][%[[SLOT]]]
// CHECK:       scf.if
// CHECK:       wg.end_draws %[[COUNTER]] of %{{.*}}
// CHECK:       } consumers
// CHECK-NOT:   wg.draw{{ }}
// CHECK:       wg.drawn %[[DRAWS]]
// CHECK-NOT:   wg.end_draws

// RUN: attn-opt %s --wg-specialize-warps | sed \
// RUN:   -e 's/wg\.multiprocessors/func.call @most() : () -> index/' \
// RUN:   -e 's/gpu\.launch blocks(\(%%[a-z0-9]*\), [^)]*) in (\(%%[a-z0-9]*\) = \(%%[a-z0-9]*\), .*/\2 = arith.addi \3, %%c0 : index\n scf.for \1 = %%c0 to \3 step %%c1 {/' \
// RUN:   -e '/gpu\.terminator/d' -e 's/} {tile.task_order.*/}/' \
// RUN:   -e 's/%%.* = wg\.counter .*/func.call @launch() : () -> ()/' -e 's/%%.* = wg\.make_draws .*/func.call @begin() : () -> ()/' \
// RUN:   -e 's/wg\.draw %%[^[]*\[\(%%[^]]*\)\] below \(%%[^ ]*\) .*/func.call @draw(\1, \2) : (i32, i32) -> ()/' \
// RUN:   -e 's/wg\.drawn %%[^[]*\[\(%%[^]]*\)\].*/func.call @drawn(\1) : (i32) -> i32/' \
// RUN:   -e 's/wg\.roles .*/%%role = func.call @produces() : () -> i1\n scf.if %%role {/' -e 's/} consumers .*/} else {/' \
// RUN:   -e 's/wg\.copy_bulk %%[^[]*\[\([^,]*\),.*/func.call @visit(\1) : (index) -> ()/' \
// RUN:   -e 's/wg\.advance \(%%[^ ]*\) .*/arith.addi \1, \1 : i32/' -e '/wg\./d' > %t.mlir
// RUN: attn-opt %t.mlir %oracle | %run

// Its twin, without the first block, must fail.
// RUN: sed 's/= %%c0 to/= %%c1 to/' %t.mlir | attn-opt %oracle | not %run | FileCheck %s --check-prefix=SHORT
// SHORT: element 0: got {{[1-9][0-9]+}}, expected 0

func.func @pieces(%m: memref<?x64xbf16>, %count: index, %period: index) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c256 = arith.constant 256 : index
  gpu.launch blocks(%b, %by, %bz) in (%gx = %count, %gy = %c1, %gz = %c1) threads(%tx, %ty, %tz) in (%nx = %c256, %ny = %c1, %nz = %c1) {
    %last = arith.subi %gx, %c1 : index
    %reversed = arith.subi %last, %b : index
    %number = arith.index_cast %reversed : index to i32
    %extent = arith.index_cast %period : index to i32
    %row = arith.remui %number, %extent : i32
    %s = wg.copy %m[] from %b : memref<?x64xbf16> -> !wg.shared<64x64xbf16>
    func.call @visit(%b) : (index) -> ()
    func.call @use(%row) : (i32) -> ()
    gpu.terminator
  } {tile.task_order = #tile.task_order<reversed>}
  return
}

// The number of multiprocessors, whether this is a producer, how many numbers were
// drawn and which block this is; what blocks have drawn; how often each piece has
// been visited.
memref.global "private" @state : memref<4xindex> = uninitialized
memref.global "private" @numbers : memref<8x8xi32> = uninitialized
memref.global "private" @visits : memref<96xindex> = uninitialized

func.func @use(%row: i32) {
  return
}

func.func @most() -> index {
  %0 = arith.constant 0 : index
  %state = memref.get_global @state : memref<4xindex>
  %most = memref.load %state[%0] : memref<4xindex>
  return %most : index
}

func.func @produces() -> i1 {
  %0 = arith.constant 0 : index
  %1 = arith.constant 1 : index
  %state = memref.get_global @state : memref<4xindex>
  %role = memref.load %state[%1] : memref<4xindex>
  %is = arith.cmpi ne, %role, %0 : index
  return %is : i1
}

func.func @launch() {
  %0 = arith.constant 0 : index
  %2 = arith.constant 2 : index
  %3 = arith.constant 3 : index
  %before = arith.constant -1 : index
  %state = memref.get_global @state : memref<4xindex>
  memref.store %0, %state[%2] : memref<4xindex>
  memref.store %before, %state[%3] : memref<4xindex>
  return
}

func.func @begin() {
  %1 = arith.constant 1 : index
  %3 = arith.constant 3 : index
  %state = memref.get_global @state : memref<4xindex>
  %before = memref.load %state[%3] : memref<4xindex>
  %now = arith.addi %before, %1 : index
  memref.store %now, %state[%3] : memref<4xindex>
  return
}

func.func @draw(%slot: i32, %count: i32) {
  %no = arith.constant 0 : i32
  %none = arith.constant -1 : i32
  %1 = arith.constant 1 : index
  %2 = arith.constant 2 : index
  %3 = arith.constant 3 : index
  %state = memref.get_global @state : memref<4xindex>
  %numbers = memref.get_global @numbers : memref<8x8xi32>
  %isPlace = arith.cmpi sge, %slot, %no : i32
  scf.if %isPlace {
    %block = memref.load %state[%3] : memref<4xindex>
    %drawn = memref.load %state[%2] : memref<4xindex>
    %next = arith.addi %drawn, %1 : index
    memref.store %next, %state[%2] : memref<4xindex>
    %number = arith.index_cast %drawn : index to i32
    %isThere = arith.cmpi slt, %number, %count : i32
    %kept = arith.select %isThere, %number, %none : i32
    %place = arith.index_cast %slot : i32 to index
    memref.store %kept, %numbers[%block, %place] : memref<8x8xi32>
  }
  return
}

func.func @drawn(%slot: i32) -> i32 {
  %no = arith.constant 0 : i32
  %none = arith.constant -1 : i32
  %3 = arith.constant 3 : index
  %state = memref.get_global @state : memref<4xindex>
  %numbers = memref.get_global @numbers : memref<8x8xi32>
  %isPlace = arith.cmpi sge, %slot, %no : i32
  %result = scf.if %isPlace -> (i32) {
    %block = memref.load %state[%3] : memref<4xindex>
    %place = arith.index_cast %slot : i32 to index
    %number = memref.load %numbers[%block, %place] : memref<8x8xi32>
    scf.yield %number : i32
  } else {
    scf.yield %none : i32
  }
  return %result : i32
}

func.func @visit(%piece: index) {
  %1 = arith.constant 1 : index
  %visits = memref.get_global @visits : memref<96xindex>
  %before = memref.load %visits[%piece] : memref<96xindex>
  %after = arith.addi %before, %1 : index
  memref.store %after, %visits[%piece] : memref<96xindex>
  return
}

// How many pieces were not done once; forgets all visits.
func.func @mistakes(%count: index) -> i32 {
  %no = arith.constant 0 : i32
  %0 = arith.constant 0 : index
  %1 = arith.constant 1 : index
  %96 = arith.constant 96 : index
  %visits = memref.get_global @visits : memref<96xindex>
  %sum = scf.for %i = %0 to %96 step %1 iter_args(%before = %no) -> (i32) {
    %times = memref.load %visits[%i] : memref<96xindex>
    %exists = arith.cmpi slt, %i, %count : index
    %wanted = arith.index_castui %exists : i1 to index
    %wrong = arith.cmpi ne, %times, %wanted : index
    %one = arith.extui %wrong : i1 to i32
    memref.store %0, %visits[%i] : memref<96xindex>
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
  %6 = arith.constant 6 : index
  %9 = arith.constant 9 : index
  %96 = arith.constant 96 : index
  %state = memref.get_global @state : memref<4xindex>
  %visits = memref.get_global @visits : memref<96xindex>
  %m = memref.alloc(%96) : memref<?x64xbf16>
  scf.for %i = %0 to %96 step %1 {
    memref.store %0, %visits[%i] : memref<96xindex>
  }
  %sum = scf.for %most = %1 to %6 step %1 iter_args(%a = %no) -> (i32) {
    memref.store %most, %state[%0] : memref<4xindex>
    %ofBlocks = scf.for %period = %1 to %9 step %1 iter_args(%r = %a) -> (i32) {
      %periods = arith.divui %96, %period : index
      %ofPeriod = scf.for %heads = %1 to %periods step %1 iter_args(%before = %r) -> (i32) {
        %count = arith.muli %heads, %period : index
        // What producers have drawn consumers ask for.
        memref.store %1, %state[%1] : memref<4xindex>
        func.call @pieces(%m, %count, %period) : (memref<?x64xbf16>, index, index) -> ()
        %produced = func.call @mistakes(%count) : (index) -> i32
        memref.store %0, %state[%1] : memref<4xindex>
        func.call @pieces(%m, %count, %period) : (memref<?x64xbf16>, index, index) -> ()
        %consumed = func.call @mistakes(%count) : (index) -> i32
        %both = arith.addi %produced, %consumed : i32
        %after = arith.addi %before, %both : i32
        scf.yield %after : i32
      }
      scf.yield %ofPeriod : i32
    }
    scf.yield %ofBlocks : i32
  }
  %result = tensor.from_elements %sum : tensor<1xi32>
  check.expect_eq_const %result, dense<0> : tensor<1xi32> : tensor<1xi32>
  memref.dealloc %m : memref<?x64xbf16>
  return
}
