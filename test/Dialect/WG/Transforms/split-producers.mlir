// RUN: attn-opt %s --wg-split-producers --canonicalize --split-input-file | FileCheck %s

// Queries of a piece have one place, which the last piece is not done with yet when
// its keys are: the next keys come from another warp. That one draws.
// CHECK-LABEL: func @pieces
// CHECK-SAME: %[[Q:[a-z0-9]+]]: !wg.channel<1, 64x64xbf16>, %[[K:[a-z0-9]+]]: !wg.channel<2, 64x64xbf16>, %[[D:[a-z0-9]+]]: !wg.draws<8>
// CHECK: wg.roles producers 4 copiers 2 registers 40 {
// CHECK-NEXT: %[[COPIER:.*]] = wg.copier
// CHECK-NEXT: %[[ISFIRST:.*]] = arith.cmpi eq, %[[COPIER]], %c0_i32
// CHECK-NEXT: scf.if %[[ISFIRST]] {
// CHECK-NEXT: scf.for %[[I:[a-z0-9]+]] = {{.*}} iter_args(%[[KI:.*]] = %c0_i32) -> (i32)
// CHECK-NEXT: wg.draw %[[D]][%[[I]]]
// CHECK-NEXT: %[[NEXT:.*]] = scf.for {{.*}} iter_args(%[[AT:.*]] = %[[KI]]) -> (i32)
// CHECK-NEXT: wg.acquire %[[K]][%[[AT]]]
// CHECK-NEXT: wg.copy_bulk {{.*}} into %[[K]][%[[AT]]]
// CHECK-NEXT: %[[ADVANCED:.*]] = wg.advance %[[AT]] in %[[K]]
// CHECK-NEXT: scf.yield %[[ADVANCED]]
// CHECK: scf.yield %[[NEXT]]
// CHECK-NEXT: }
// CHECK-NEXT: wg.end_draws
// CHECK-NEXT: } else {
// CHECK-NEXT: scf.for %[[I:[a-z0-9]+]] = {{.*}} iter_args(%[[QI:.*]] = %c0_i32) -> (i32)
// CHECK-NEXT: %[[PIECE:.*]] = wg.drawn %[[D]][%[[I]]]
// CHECK: wg.acquire %[[Q]][%[[QI]]]
// CHECK-NEXT: wg.copy_bulk {{.*}} into %[[Q]][%[[QI]]]
// CHECK-NEXT: %[[ADVANCED:.*]] = wg.advance %[[QI]] in %[[Q]]
// CHECK-NEXT: scf.yield %[[ADVANCED]]
// CHECK-NEXT: }
// CHECK-NEXT: }
// CHECK-NEXT: } consumers
func.func @pieces(%qc: !wg.channel<1, 64x64xbf16>, %kc: !wg.channel<2, 64x64xbf16>, %d: !wg.draws<8>, %m: !llvm.ptr, %counter: !llvm.ptr,
    %pieces: i32, %n: index) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %zero = arith.constant 0 : i32
  %one = arith.constant 1 : i32
  wg.roles producers 4 registers 40 {
    %r:2 = scf.for %i = %zero to %pieces step %one iter_args(%qi = %zero, %ki = %zero) -> (i32, i32) : i32 {
      wg.draw %d[%i] below %pieces from %counter : !wg.draws<8>, !llvm.ptr
      %piece = wg.drawn %d[%i] : !wg.draws<8>
      %row = arith.index_cast %piece : i32 to index
      wg.acquire %qc[%qi] : <1, 64x64xbf16>
      wg.copy_bulk %m[%row, %c0] into %qc[%qi] : !llvm.ptr, <1, 64x64xbf16>
      %qn = wg.advance %qi in %qc : <1, 64x64xbf16>
      %kl = scf.for %j = %c0 to %n step %c1 iter_args(%kj = %ki) -> (i32) {
        wg.acquire %kc[%kj] : <2, 64x64xbf16>
        wg.copy_bulk %m[%j, %c0] into %kc[%kj] : !llvm.ptr, <2, 64x64xbf16>
        %kn = wg.advance %kj in %kc : <2, 64x64xbf16>
        scf.yield %kn : i32
      }
      scf.yield %qn, %kl : i32, i32
    }
    wg.end_draws %counter of %pieces : !llvm.ptr
  } consumers 4 registers 240 {
    wg.barrier
  }
  return
}

// -----

// With a second place the next queries do not wait.
// CHECK-LABEL: func @two_places
// CHECK: wg.roles producers 4 registers 40 {
// CHECK-NOT: wg.copier
func.func @two_places(%qc: !wg.channel<2, 64x64xbf16>, %kc: !wg.channel<2, 64x64xbf16>, %m: !llvm.ptr, %n: index) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %zero = arith.constant 0 : i32
  wg.roles producers 4 registers 40 {
    %r:2 = scf.for %i = %c0 to %n step %c1 iter_args(%qi = %zero, %ki = %zero) -> (i32, i32) {
      wg.acquire %qc[%qi] : <2, 64x64xbf16>
      wg.copy_bulk %m[%i, %c0] into %qc[%qi] : !llvm.ptr, <2, 64x64xbf16>
      %qn = wg.advance %qi in %qc : <2, 64x64xbf16>
      %kl = scf.for %j = %c0 to %n step %c1 iter_args(%kj = %ki) -> (i32) {
        wg.acquire %kc[%kj] : <2, 64x64xbf16>
        wg.copy_bulk %m[%j, %c0] into %kc[%kj] : !llvm.ptr, <2, 64x64xbf16>
        %kn = wg.advance %kj in %kc : <2, 64x64xbf16>
        scf.yield %kn : i32
      }
      scf.yield %qn, %kl : i32, i32
    }
  } consumers 4 registers 240 {
    wg.barrier
  }
  return
}

// -----

// What is copied once waits for nothing, and a kernel with one loop has no pieces.
// CHECK-LABEL: func @one_piece
// CHECK: wg.roles producers 4 registers 40 {
// CHECK-NOT: wg.copier
func.func @one_piece(%qc: !wg.channel<1, 64x64xbf16>, %kc: !wg.channel<2, 64x64xbf16>, %m: !llvm.ptr, %n: index) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %zero = arith.constant 0 : i32
  wg.roles producers 4 registers 40 {
    wg.acquire %qc[%zero] : <1, 64x64xbf16>
    wg.copy_bulk %m[%c0, %c0] into %qc[%zero] : !llvm.ptr, <1, 64x64xbf16>
    %r = scf.for %j = %c0 to %n step %c1 iter_args(%kj = %zero) -> (i32) {
      wg.acquire %kc[%kj] : <2, 64x64xbf16>
      wg.copy_bulk %m[%j, %c0] into %kc[%kj] : !llvm.ptr, <2, 64x64xbf16>
      %kn = wg.advance %kj in %kc : <2, 64x64xbf16>
      scf.yield %kn : i32
    }
  } consumers 4 registers 240 {
    wg.barrier
  }
  return
}
