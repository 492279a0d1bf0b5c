// RUN: attn-opt %s | attn-opt | FileCheck %s
// RUN: attn-opt %s --mlir-print-op-generic | attn-opt | FileCheck %s

// CHECK-LABEL: func @attention_step
func.func @attention_step(%k: memref<8x?x128xbf16>, %o: memref<8x?x128xbf16>, %q: !wg.shared<64x128xbf16>,
    %v: !wg.shared<64x128xbf16>, %acc: !wg.tile<64x128xf32>, %top: !wg.tile<64xf32, rows>, %h: index, %j: index, %n: index) {
  // CHECK: wg.copy %{{.*}}[%{{.*}}] from %{{.*}} limit %{{.*}} : memref<8x?x128xbf16> -> <64x128xbf16>
  %ks = wg.copy %k[%h] from %j limit %n : memref<8x?x128xbf16> -> !wg.shared<64x128xbf16>
  %zero = arith.constant 0.0 : f32
  // CHECK: wg.splat %{{.*}} : f32 -> <64x64xf32>
  %z = wg.splat %zero : f32 -> !wg.tile<64x64xf32>
  // CHECK: wg.mma %{{.*}}, %{{.*}} transposed, %{{.*}} : !wg.shared<64x128xbf16>, <64x128xbf16>, <64x64xf32>
  %s = wg.mma %q, %ks transposed, %z : !wg.shared<64x128xbf16>, !wg.shared<64x128xbf16>, !wg.tile<64x64xf32>
  // CHECK: wg.reduce <maxnumf> %{{.*}}, %{{.*}} : <64x64xf32>, <64xf32, rows>
  %m = wg.reduce <maxnumf> %s, %top : !wg.tile<64x64xf32>, !wg.tile<64xf32, rows>
  // CHECK: wg.map ins(%{{.*}}, %{{.*}} : !wg.tile<64x64xf32>, !wg.tile<64xf32, rows>) -> !wg.tile<64x64xbf16>
  %p = wg.map ins(%s, %m : !wg.tile<64x64xf32>, !wg.tile<64xf32, rows>) -> !wg.tile<64x64xbf16> {
  ^bb0(%r: index, %c: index, %x: f32, %y: f32):
    %d = arith.subf %x, %y : f32
    %e = math.exp2 %d : f32
    %t = arith.truncf %e : f32 to bf16
    wg.yield %t : bf16
  }
  // CHECK: wg.mma %{{.*}}, %{{.*}}, %{{.*}} : !wg.tile<64x64xbf16>, <64x128xbf16>, <64x128xf32>
  %a = wg.mma %p, %v, %acc : !wg.tile<64x64xbf16>, !wg.shared<64x128xbf16>, !wg.tile<64x128xf32>
  // CHECK: wg.map ins(%{{.*}}) -> !wg.tile<64x128xbf16>
  %b = wg.map ins(%a : !wg.tile<64x128xf32>) -> !wg.tile<64x128xbf16> {
  ^bb0(%r: index, %c: index, %x: f32):
    %t = arith.truncf %x : f32 to bf16
    wg.yield %t : bf16
  }
  // CHECK: wg.store %{{.*}} into %{{.*}}[%{{.*}}] from %{{.*}} limit %{{.*}} : <64x128xbf16> into memref<8x?x128xbf16>
  wg.store %b into %o[%h] from %j limit %n : !wg.tile<64x128xbf16> into memref<8x?x128xbf16>
  return
}

// CHECK-LABEL: func @places
func.func @places(%t: !wg.tile<64x128xbf16>, %r: !wg.tile<64xf32, rows>, %src: tensor<?x?xf32>, %dst: tensor<?x128xbf16>,
    %i: index) -> (tensor<?x128xbf16>, !wg.tile<64xf32, cols>) {
  // CHECK: wg.to_shared %{{.*}} : <64x128xbf16> -> <64x128xbf16>
  %s = wg.to_shared %t : !wg.tile<64x128xbf16> -> !wg.shared<64x128xbf16>
  // CHECK: wg.from_shared %{{.*}} : <64x128xbf16> -> <64x128xbf16>
  %u = wg.from_shared %s : !wg.shared<64x128xbf16> -> !wg.tile<64x128xbf16>
  // CHECK: wg.relayout %{{.*}} : <64xf32, rows> -> <64xf32, cols>
  %c = wg.relayout %r : !wg.tile<64xf32, rows> -> !wg.tile<64xf32, cols>
  // CHECK: wg.load %{{.*}}[] from %{{.*}} limit %{{.*}} columns_from %{{.*}} columns_limit %{{.*}} : tensor<?x?xf32> -> <64x64xf32>
  %bias = wg.load %src[] from %i limit %i columns_from %i columns_limit %i : tensor<?x?xf32> -> !wg.tile<64x64xf32>
  // CHECK: wg.store %{{.*}} into %{{.*}}[] from %{{.*}} : <64x128xbf16> into tensor<?x128xbf16> -> tensor<?x128xbf16>
  %w = wg.store %u into %dst[] from %i : !wg.tile<64x128xbf16> into tensor<?x128xbf16> -> tensor<?x128xbf16>
  return %w, %c : tensor<?x128xbf16>, !wg.tile<64xf32, cols>
}

// CHECK-LABEL: func @ring
func.func @ring(%m: memref<?x64xbf16>, %i: index) -> !wg.shared<64x64xbf16> {
  // CHECK: %[[R:.*]] = wg.make_ring : <2, 64x64xbf16>
  %r = wg.make_ring : <2, 64x64xbf16>
  // CHECK: %[[T:.*]] = wg.slot %[[R]][%{{.*}}] : <2, 64x64xbf16> -> <64x64xbf16>
  %t = wg.slot %r[%i] : <2, 64x64xbf16> -> <64x64xbf16>
  // CHECK: wg.copy_async %{{.*}}[] from %{{.*}} limit %{{.*}} columns_limit %{{.*}} into %[[T]] : memref<?x64xbf16> -> <64x64xbf16>
  wg.copy_async %m[] from %i limit %i columns_limit %i into %t : memref<?x64xbf16> -> <64x64xbf16>
  // CHECK: wg.commit_copies
  wg.commit_copies
  // CHECK: wg.wait_copies 1
  wg.wait_copies 1
  return %t : !wg.shared<64x64xbf16>
}

// CHECK-LABEL: func @scratch
func.func @scratch(%t: !wg.tile<64x64xf32>, %r: !wg.tile<64xf32, rows>, %i: index) -> (!wg.tile<64x64xf32>, f32) {
  // CHECK: wg.tri_inverse %{{.*}} : <64x64xf32>
  %x = wg.tri_inverse %t : !wg.tile<64x64xf32>
  // CHECK: wg.extract %{{.*}}[%{{.*}}] : <64xf32, rows> -> f32
  %y = wg.extract %r[%i] : !wg.tile<64xf32, rows> -> f32
  return %x, %y : !wg.tile<64x64xf32>, f32
}

// CHECK-LABEL: func @products
func.func @products(%q: !wg.shared<64x128xbf16>, %k: !wg.shared<64x128xbf16>, %p: !wg.tile<64x64xbf16>, %s: !wg.tile<64x64xf32>,
    %acc: !wg.tile<64x128xf32>) -> (!wg.tile<64x64xf32>, !wg.tile<64x128xf32>) {
  // CHECK: %[[S:.*]] = wg.start_mma %{{.*}}, %{{.*}} transposed, %{{.*}} : !wg.shared<64x128xbf16>, <64x128xbf16>, <64x64xf32>
  %0 = wg.start_mma %q, %k transposed, %s : !wg.shared<64x128xbf16>, !wg.shared<64x128xbf16>, !wg.tile<64x64xf32>
  // CHECK: %[[O:.*]] = wg.start_mma %{{.*}}, %{{.*}}, %{{.*}} : !wg.tile<64x64xbf16>, <64x128xbf16>, <64x128xf32>
  %1 = wg.start_mma %p, %k, %acc : !wg.tile<64x64xbf16>, !wg.shared<64x128xbf16>, !wg.tile<64x128xf32>
  // CHECK: wg.await_mma %[[S]] pending 1 : <64x64xf32>
  %2 = wg.await_mma %0 pending 1 : !wg.tile<64x64xf32>
  // CHECK: wg.await_mma %[[O]] pending 0 : <64x128xf32>
  %3 = wg.await_mma %1 pending 0 : !wg.tile<64x128xf32>
  return %2, %3 : !wg.tile<64x64xf32>, !wg.tile<64x128xf32>
}

// CHECK-LABEL: func @roles
func.func @roles(%m: memref<4x?x64xbf16>, %o: memref<?x64xbf16>, %i: index) {
  %c0 = arith.constant 0 : index
  %cursor = arith.constant 0 : i32
  // CHECK: wg.multiprocessors
  %n = wg.multiprocessors
  // CHECK: %[[D:.*]] = wg.describe %{{.*}} as !wg.shared<64x64xbf16> : memref<4x?x64xbf16> -> !llvm.ptr
  %d = wg.describe %m as !wg.shared<64x64xbf16> : memref<4x?x64xbf16> -> !llvm.ptr
  // CHECK: %[[C:.*]] = wg.make_channel : <2, 64x64xbf16>
  %c = wg.make_channel : !wg.channel<2, 64x64xbf16>
  // CHECK: wg.roles producers 4 registers 24 {
  wg.roles producers 4 registers 24 {
    // CHECK: wg.acquire %[[C]][%[[P:.*]]] : <2, 64x64xbf16>
    wg.acquire %c[%cursor] : <2, 64x64xbf16>
    // CHECK: wg.copy_bulk %[[D]][%{{.*}}, %{{.*}}, %{{.*}}] into %[[C]][%[[P]]] : !llvm.ptr, <2, 64x64xbf16>
    wg.copy_bulk %d[%i, %n, %c0] into %c[%cursor] : !llvm.ptr, <2, 64x64xbf16>
    // CHECK: wg.advance %[[P]] in %[[C]] : <2, 64x64xbf16>
    %next = wg.advance %cursor in %c : <2, 64x64xbf16>
  // CHECK: } consumers 8 registers 240 {
  } consumers 8 registers 240 {
    // CHECK: wg.receive %[[C]][%[[U:.*]]] : <2, 64x64xbf16> -> <64x64xbf16>
    %t = wg.receive %c[%cursor] : <2, 64x64xbf16> -> !wg.shared<64x64xbf16>
    %r = wg.from_shared %t : !wg.shared<64x64xbf16> -> !wg.tile<64x64xbf16>
    // CHECK: wg.barrier
    wg.barrier
    // CHECK-NEXT: wg.take_turn
    wg.take_turn
    // CHECK-NEXT: wg.pass_turn
    wg.pass_turn
    // CHECK: wg.release %[[C]][%[[U]]] : <2, 64x64xbf16>
    wg.release %c[%cursor] : <2, 64x64xbf16>
    // CHECK: wg.again %{{.*}} : i32
    %j = wg.again %cursor : i32
    %row = arith.index_cast %j : i32 to index
    wg.store %r into %o[] from %row : !wg.tile<64x64xbf16> into memref<?x64xbf16>
  }
  // CHECK: wg.forget %[[D]] : !llvm.ptr
  wg.forget %d : !llvm.ptr
  return
}

// CHECK-LABEL: func @draws
func.func @draws(%i: i32, %n: i32) {
  // CHECK: %[[C:.*]] = wg.counter : !llvm.ptr
  %c = wg.counter : !llvm.ptr
  // CHECK: %[[D:.*]] = wg.make_draws : <8>
  %d = wg.make_draws : !wg.draws<8>
  wg.roles producers 4 registers 40 {
    // CHECK: wg.draw %[[D]][%{{.*}}] below %{{.*}} from %[[C]] : <8>, !llvm.ptr
    wg.draw %d[%i] below %n from %c : !wg.draws<8>, !llvm.ptr
    // CHECK: wg.drawn %[[D]][%{{.*}}] : <8>
    %0 = wg.drawn %d[%i] : !wg.draws<8>
    // CHECK: wg.end_draws %[[C]] of %{{.*}} : !llvm.ptr
    wg.end_draws %c of %n : !llvm.ptr
  } consumers 8 registers 232 {
    %0 = wg.drawn %d[%i] : !wg.draws<8>
  }
  return
}

// CHECK-LABEL: func @notes
func.func @notes(%v: !wg.tile<64xf32, rows>, %s: !wg.tile<64x64xf32>, %c: !wg.tile<64x8xf32>, %i: i32) {
  // CHECK: wg.any %{{.*}} : <64xf32, rows>
  %any = wg.any %v : !wg.tile<64xf32, rows>
  // CHECK: wg.reduce_blocks <add> %{{.*}}, %{{.*}} : <64x64xf32>, <64x8xf32>
  %sums = wg.reduce_blocks <add> %s, %c : !wg.tile<64x64xf32>, !wg.tile<64x8xf32>
  // CHECK: %[[N:.*]] = wg.make_notes : <64>
  %n = wg.make_notes : !wg.notes<64>
  wg.roles producers 4 registers 24 {
    // CHECK: wg.await_notes %[[N]] : <64>
    wg.await_notes %n : !wg.notes<64>
    // CHECK: wg.noted %[[N]][%[[I:.*]]] : <64>
    %0 = wg.noted %n[%i] : !wg.notes<64>
  // CHECK: consumers
  } consumers 4 registers 240 {
    // CHECK: wg.note %{{.*}} in %[[N]][%[[I]]] : <64xf32, rows>, <64>
    wg.note %v in %n[%i] : !wg.tile<64xf32, rows>, !wg.notes<64>
    // CHECK: wg.share_notes %[[N]] : <64>
    wg.share_notes %n : !wg.notes<64>
    // CHECK: wg.noted %[[N]][%[[I]]] : <64>
    %0 = wg.noted %n[%i] : !wg.notes<64>
  }
  return
}

// CHECK-LABEL: func @transposed
func.func @transposed(%m: memref<4x?x?xbf16>, %v: memref<64x32xbf16>, %o: tensor<?x64xbf16>, %i: index, %n: index)
    -> (tensor<?x64xbf16>, !wg.tile<32x64xbf16>) {
  // CHECK: %[[T:.*]] = wg.load transposed %{{.*}}[%{{.*}}] from %{{.*}} limit %{{.*}} columns_from %{{.*}} columns_limit %{{.*}} : memref<4x?x?xbf16> -> <64x32xbf16>
  %t = wg.load transposed %m[%i] from %i limit %n columns_from %i columns_limit %n : memref<4x?x?xbf16> -> !wg.tile<64x32xbf16>
  // CHECK: wg.store %[[T]] transposed into %{{.*}}[] from %{{.*}} limit %{{.*}} : <64x32xbf16> into tensor<?x64xbf16> -> tensor<?x64xbf16>
  %r = wg.store %t transposed into %o[] from %i limit %n : !wg.tile<64x32xbf16> into tensor<?x64xbf16> -> tensor<?x64xbf16>
  // CHECK: %[[S:.*]] = wg.copy
  %s = wg.copy %v[] from %i : memref<64x32xbf16> -> !wg.shared<64x32xbf16>
  // CHECK: wg.from_shared %[[S]] transposed : <64x32xbf16> -> <32x64xbf16>
  %u = wg.from_shared %s transposed : !wg.shared<64x32xbf16> -> !wg.tile<32x64xbf16>
  return %r, %u : tensor<?x64xbf16>, !wg.tile<32x64xbf16>
}

// CHECK-LABEL: func @vectors
func.func @vectors(%m: memref<4x?xf32>, %h: index, %i: index) -> (!wg.tile<64xf32, cols>, !wg.tile<64xf32, rows>) {
  // CHECK: %[[S:.*]] = wg.copy %{{.*}}[%{{.*}}] from %{{.*}} : memref<4x?xf32> -> <64xf32>
  %s = wg.copy %m[%h] from %i : memref<4x?xf32> -> !wg.shared<64xf32>
  // CHECK: %[[C:.*]] = wg.from_shared %[[S]] : <64xf32> -> <64xf32, cols>
  %c = wg.from_shared %s : !wg.shared<64xf32> -> !wg.tile<64xf32, cols>
  // CHECK: wg.from_shared %[[S]] : <64xf32> -> <64xf32, rows>
  %r = wg.from_shared %s : !wg.shared<64xf32> -> !wg.tile<64xf32, rows>
  // CHECK: wg.scan %[[C]] : <64xf32, cols>
  %x = wg.scan %c : !wg.tile<64xf32, cols>
  return %x, %r : !wg.tile<64xf32, cols>, !wg.tile<64xf32, rows>
}

// The most elements of a vector that the engine copies at a time.
// CHECK-LABEL: func @helpers
func.func @helpers(%m: memref<4x?xf32>, %v: memref<64xf32>, %i: index) {
  %cursor = arith.constant 0 : i32
  // CHECK: %[[D:.*]] = wg.describe %{{.*}} as !wg.shared<256xf32> : memref<4x?xf32> -> !llvm.ptr
  %d = wg.describe %m as !wg.shared<256xf32> : memref<4x?xf32> -> !llvm.ptr
  // CHECK: %[[IN:.*]] = wg.make_channel releases 4 : <2, 256xf32>
  %in = wg.make_channel releases 4 : !wg.channel<2, 256xf32>
  // CHECK: %[[OUT:.*]] = wg.make_channel fills 4 : <1, 256xf32>
  %out = wg.make_channel fills 4 : !wg.channel<1, 256xf32>
  // CHECK: wg.make_channel fills 4 releases 12 : <1, 64x64xbf16>
  %all = wg.make_channel fills 4 releases 12 : !wg.channel<1, 64x64xbf16>
  // CHECK: wg.roles producers 4 registers 24 {
  wg.roles producers 4 registers 24 {
    wg.copy_bulk %d[%i, %i] into %in[%cursor] : !llvm.ptr, <2, 256xf32>
  // CHECK: } helpers 4 registers 104 {
  } helpers 4 registers 104 {
    // CHECK: wg.receive %[[IN]]
    %s = wg.receive %in[%cursor] : <2, 256xf32> -> !wg.shared<256xf32>
    %r = wg.from_shared %s : !wg.shared<256xf32> -> !wg.tile<256xf32, cols>
    wg.release %in[%cursor] : <2, 256xf32>
    // CHECK: wg.send %{{.*}} into %[[OUT]][%{{.*}}] : <256xf32, cols>, <1, 256xf32>
    wg.send %r into %out[%cursor] : !wg.tile<256xf32, cols>, <1, 256xf32>
  // CHECK: } consumers 8 registers 240 {
  } consumers 8 registers 240 {
    // CHECK: wg.receive %[[OUT]]
    %s = wg.receive %out[%cursor] : <1, 256xf32> -> !wg.shared<256xf32>
    wg.release %out[%cursor] : <1, 256xf32>
  }
  return
}

// CHECK-LABEL: func.func @sum_rows
// CHECK: wg.sum_rows %{{.*}} : <64x128xf32> -> <128xf32, cols>
func.func @sum_rows(%t: !wg.tile<64x128xf32>) -> !wg.tile<128xf32, cols> {
  %s = wg.sum_rows %t : <64x128xf32> -> <128xf32, cols>
  return %s : !wg.tile<128xf32, cols>
}
