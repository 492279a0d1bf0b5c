// RUN: attn-opt %s --wg-specialize-warps=persistent=false --canonicalize --cse --remarks-filter-missed=wg-specialize-warps --split-input-file --verify-diagnostics | FileCheck %s

// A vector that is loaded in a loop whose iterations wait for each other is copied,
// as the matrices are. One by row and one by column of the same elements come
// together, others by channels of their own; all are free behind their last reads.
// CHECK-LABEL: func @chained
// CHECK-SAME: (%[[M:[^:]*]]: memref<?x64xbf16>, %[[G:[^:]*]]: memref<4x?xf32>, %[[BETA:[^:]*]]: memref<4x?xf32>
// CHECK-DAG: %[[DK:.*]] = wg.describe %[[M]] as !wg.shared<64x64xbf16>
// CHECK-DAG: %[[DG:.*]] = wg.describe %[[G]] as !wg.shared<64xf32>
// CHECK-DAG: %[[DB:.*]] = wg.describe %[[BETA]] as !wg.shared<64xf32>
// CHECK-NOT: wg.describe
// CHECK: gpu.launch blocks(%[[B:[^,]*]],
// CHECK-NEXT: %[[K:.*]] = wg.make_channel : <2, 64x64xbf16>
// CHECK-NEXT: %[[GC:.*]] = wg.make_channel : <2, 64xf32>
// CHECK-NEXT: %[[BC:.*]] = wg.make_channel : <2, 64xf32>
// CHECK-NOT: wg.make_channel
// CHECK: producers
// CHECK-NEXT: scf.for %[[I:[a-z0-9]+]] = {{.*}} iter_args(%[[KI:.*]] = %c0_i32, %[[GI:.*]] = %c0_i32, %[[BI:.*]] = %c0_i32)
// CHECK-NEXT: %[[AT:.*]] = arith.muli %[[I]], %c64
// CHECK-NEXT: wg.acquire %[[K]][%[[KI]]]
// CHECK-NEXT: wg.copy_bulk %[[DK]][%[[AT]], %c0] into %[[K]][%[[KI]]]
// CHECK-NEXT: wg.advance
// CHECK-NEXT: wg.acquire %[[GC]][%[[GI]]]
// CHECK-NEXT: wg.copy_bulk %[[DG]][%[[B]], %[[AT]]] into %[[GC]][%[[GI]]] : !llvm.ptr, <2, 64xf32>
// CHECK-NEXT: wg.advance
// CHECK-NEXT: wg.acquire %[[BC]][%[[BI]]]
// CHECK-NEXT: wg.copy_bulk %[[DB]][%[[B]], %[[AT]]] into %[[BC]][%[[BI]]] : !llvm.ptr, <2, 64xf32>
// CHECK-NEXT: wg.advance
// CHECK-NEXT: scf.yield
// CHECK: consumers
// CHECK-NEXT: scf.for {{.*}} iter_args(%[[STATE:.*]] = %{{.*}}, %[[KI:.*]] = %c0_i32, %[[GI:.*]] = %c0_i32, %[[BI:.*]] = %c0_i32)
// CHECK-NEXT: %[[GS:.*]] = wg.receive %[[GC]][%[[GI]]] : <2, 64xf32> -> <64xf32>
// CHECK-NEXT: %[[COLS:.*]] = wg.from_shared %[[GS]] : <64xf32> -> <64xf32, cols>
// CHECK-NEXT: %[[ROWS:.*]] = wg.from_shared %[[GS]] : <64xf32> -> <64xf32, rows>
// CHECK-NEXT: wg.release %[[GC]][%[[GI]]]
// CHECK-NEXT: wg.advance %[[GI]] in %[[GC]]
// CHECK-NEXT: %[[BS:.*]] = wg.receive %[[BC]][%[[BI]]] : <2, 64xf32> -> <64xf32>
// CHECK-NEXT: %[[RATE:.*]] = wg.from_shared %[[BS]] : <64xf32> -> <64xf32, cols>
// CHECK-NEXT: wg.release %[[BC]][%[[BI]]]
// CHECK-NEXT: wg.advance %[[BI]] in %[[BC]]
// CHECK-NEXT: wg.map ins(%[[STATE]], %[[COLS]], %[[ROWS]], %[[RATE]] :
// CHECK-NOT: wg.load
// CHECK: return
func.func @chained(%m: memref<?x64xbf16>, %g: memref<4x?xf32>, %beta: memref<4x?xf32>, %zero: !wg.tile<64x64xf32>, %o: memref<?x64xf32>, %n: index) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c64 = arith.constant 64 : index
  %c128 = arith.constant 128 : index
  gpu.launch blocks(%b, %by, %bz) in (%gx = %n, %gy = %c1, %gz = %c1) threads(%tx, %ty, %tz) in (%nx = %c128, %ny = %c1, %nz = %c1) {
    %r = scf.for %i = %c0 to %n step %c1 iter_args(%state = %zero) -> (!wg.tile<64x64xf32>) {
      %at = arith.muli %i, %c64 : index
      %k = wg.copy %m[] from %at : memref<?x64xbf16> -> !wg.shared<64x64xbf16>
      %cols = wg.load %g[%b] from %at : memref<4x?xf32> -> !wg.tile<64xf32, cols>
      %rows = wg.load %g[%b] from %at : memref<4x?xf32> -> !wg.tile<64xf32, rows>
      %rate = wg.load %beta[%b] from %at : memref<4x?xf32> -> !wg.tile<64xf32, cols>
      %rounded = wg.map ins(%state, %cols, %rows, %rate : !wg.tile<64x64xf32>, !wg.tile<64xf32, cols>, !wg.tile<64xf32, rows>, !wg.tile<64xf32, cols>) -> !wg.tile<64x64xbf16> {
      ^bb0(%row: index, %col: index, %x: f32, %y: f32, %z: f32, %w: f32):
        %d = arith.subf %z, %y : f32
        %e = arith.mulf %d, %w : f32
        %f = arith.mulf %x, %e : f32
        %t = arith.truncf %f : f32 to bf16
        wg.yield %t : bf16
      }
      %next = wg.mma %rounded, %k, %state : !wg.tile<64x64xbf16>, !wg.shared<64x64xbf16>, !wg.tile<64x64xf32>
      scf.yield %next : !wg.tile<64x64xf32>
    }
    wg.store %r into %o[] from %b : !wg.tile<64x64xf32> into memref<?x64xf32>
    gpu.terminator
  }
  return
}

// -----

// The end of memory is one that the copy engine knows; another one of the whole
// kernel is what it is told instead.
// CHECK-LABEL: func @limits
// CHECK-SAME: (%[[M:[^:]*]]: memref<?x64xbf16>, %[[G:[^:]*]]: memref<4x?xf32>, {{.*}}, %[[LIMIT:[^:]*]]: index, %{{[^:]*}}: index)
// CHECK-DAG: %[[SOME:.*]] = arith.maxsi %[[LIMIT]], %c0
// CHECK-DAG: %[[ELEMENTS:.*]] = arith.minsi %[[SOME]],
// CHECK-DAG: %[[PART:.*]] = memref.subview %[[G]][0, 0] [4, %[[ELEMENTS]]] [1, 1]
// CHECK-DAG: wg.describe %[[G]] as !wg.shared<64xf32>
// CHECK-DAG: wg.describe %[[PART]] as !wg.shared<64xf32>
// CHECK: wg.make_channel : <2, 64xf32>
// CHECK-NEXT: wg.make_channel : <2, 64xf32>
// CHECK-NOT: wg.load
// CHECK: return
func.func @limits(%m: memref<?x64xbf16>, %g: memref<4x?xf32>, %zero: !wg.tile<64x64xf32>, %o: memref<?x64xf32>, %limit: index, %n: index) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c64 = arith.constant 64 : index
  %c128 = arith.constant 128 : index
  %end = memref.dim %g, %c1 : memref<4x?xf32>
  gpu.launch blocks(%b, %by, %bz) in (%gx = %n, %gy = %c1, %gz = %c1) threads(%tx, %ty, %tz) in (%nx = %c128, %ny = %c1, %nz = %c1) {
    %r = scf.for %i = %c0 to %n step %c1 iter_args(%state = %zero) -> (!wg.tile<64x64xf32>) {
      %at = arith.muli %i, %c64 : index
      %k = wg.copy %m[] from %at : memref<?x64xbf16> -> !wg.shared<64x64xbf16>
      %cols = wg.load %g[%b] from %at limit %end : memref<4x?xf32> -> !wg.tile<64xf32, cols>
      %rows = wg.load %g[%b] from %at limit %limit : memref<4x?xf32> -> !wg.tile<64xf32, rows>
      %rounded = wg.map ins(%state, %cols, %rows : !wg.tile<64x64xf32>, !wg.tile<64xf32, cols>, !wg.tile<64xf32, rows>) -> !wg.tile<64x64xbf16> {
      ^bb0(%row: index, %col: index, %x: f32, %y: f32, %z: f32):
        %d = arith.subf %z, %y : f32
        %f = arith.mulf %x, %d : f32
        %t = arith.truncf %f : f32 to bf16
        wg.yield %t : bf16
      }
      %next = wg.mma %rounded, %k, %state : !wg.tile<64x64xbf16>, !wg.shared<64x64xbf16>, !wg.tile<64x64xf32>
      scf.yield %next : !wg.tile<64x64xf32>
    }
    wg.store %r into %o[] from %b : !wg.tile<64x64xf32> into memref<?x64xf32>
    gpu.terminator
  }
  return
}

// -----

// Where no iteration waits for the one before, a load waits beside other work. One
// outside of the chained loop is waited for once. Neither is copied.
// CHECK-LABEL: func @not_chained
// CHECK: wg.make_channel
// CHECK-NOT: wg.make_channel
// CHECK: consumers
// CHECK: wg.load {{.*}} -> <64xf32, cols>
// CHECK: scf.for
// CHECK: wg.load {{.*}} -> <64xf32, rows>
func.func @not_chained(%m: memref<?x64xbf16>, %g: memref<4x?xf32>, %q: !wg.tile<64x64xbf16>, %zero: !wg.tile<64x64xf32>, %o: memref<?x64xf32>, %n: index) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c64 = arith.constant 64 : index
  %c128 = arith.constant 128 : index
  gpu.launch blocks(%b, %by, %bz) in (%gx = %n, %gy = %c1, %gz = %c1) threads(%tx, %ty, %tz) in (%nx = %c128, %ny = %c1, %nz = %c1) {
    %cols = wg.load %g[%b] from %c0 : memref<4x?xf32> -> !wg.tile<64xf32, cols>
    %r = scf.for %i = %c0 to %n step %c1 iter_args(%sum = %zero) -> (!wg.tile<64x64xf32>) {
      %at = arith.muli %i, %c64 : index
      %k = wg.copy %m[] from %at : memref<?x64xbf16> -> !wg.shared<64x64xbf16>
      %rows = wg.load %g[%b] from %at : memref<4x?xf32> -> !wg.tile<64xf32, rows>
      %scaled = wg.map ins(%q, %cols, %rows : !wg.tile<64x64xbf16>, !wg.tile<64xf32, cols>, !wg.tile<64xf32, rows>) -> !wg.tile<64x64xbf16> {
      ^bb0(%row: index, %col: index, %x: bf16, %y: f32, %z: f32):
        %d = arith.subf %z, %y : f32
        %t = arith.truncf %d : f32 to bf16
        %f = arith.mulf %x, %t : bf16
        wg.yield %f : bf16
      }
      %next = wg.mma %scaled, %k, %sum : !wg.tile<64x64xbf16>, !wg.shared<64x64xbf16>, !wg.tile<64x64xf32>
      scf.yield %next : !wg.tile<64x64xf32>
    }
    wg.store %r into %o[] from %b : !wg.tile<64x64xf32> into memref<?x64xf32>
    gpu.terminator
  }
  return
}

// -----

// Vectors of other numbers of bytes than 128 or a multiple, in memory without rows,
// or that end somewhere else in each block stay loads, and the others are copied.
// CHECK-LABEL: func @some
// CHECK-COUNT-2: wg.make_channel
// CHECK-NOT: wg.make_channel
// CHECK: consumers
// CHECK: wg.load {{.*}} : memref<4x?xbf16> -> <32xbf16, cols>
// CHECK: wg.load {{.*}} : memref<?xf32> -> <64xf32, rows>
// CHECK: wg.load {{.*}} limit {{.*}} : memref<4x?xf32> -> <64xf32, rows>
// CHECK: wg.receive {{.*}} : <2, 64xf32> -> <64xf32>
// CHECK-NEXT: wg.from_shared {{.*}} : <64xf32> -> <64xf32, rows>
func.func @some(%m: memref<?x32xbf16>, %h: memref<4x?xbf16>, %v: memref<?xf32>, %g: memref<4x?xf32>, %zero: !wg.tile<64x32xf32>, %o: memref<?x32xf32>, %n: index) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c64 = arith.constant 64 : index
  %c128 = arith.constant 128 : index
  gpu.launch blocks(%b, %by, %bz) in (%gx = %n, %gy = %c1, %gz = %c1) threads(%tx, %ty, %tz) in (%nx = %c128, %ny = %c1, %nz = %c1) {
    %r = scf.for %i = %c0 to %n step %c1 iter_args(%state = %zero) -> (!wg.tile<64x32xf32>) {
      %at = arith.muli %i, %c64 : index
      %k = wg.copy %m[] from %at : memref<?x32xbf16> -> !wg.shared<32x32xbf16>
      %narrow = wg.load %h[%b] from %at : memref<4x?xbf16> -> !wg.tile<32xbf16, cols>
      %flat = wg.load %v[] from %at : memref<?xf32> -> !wg.tile<64xf32, rows>
      %cut = wg.load %g[%b] from %at limit %b : memref<4x?xf32> -> !wg.tile<64xf32, rows>
      %rows = wg.load %g[%b] from %at : memref<4x?xf32> -> !wg.tile<64xf32, rows>
      %rounded = wg.map ins(%state, %narrow, %flat, %cut, %rows : !wg.tile<64x32xf32>, !wg.tile<32xbf16, cols>, !wg.tile<64xf32, rows>, !wg.tile<64xf32, rows>, !wg.tile<64xf32, rows>) -> !wg.tile<64x32xbf16> {
      ^bb0(%row: index, %col: index, %x: f32, %y: bf16, %z: f32, %w: f32, %u: f32):
        %d = arith.subf %z, %w : f32
        %e = arith.subf %d, %u : f32
        %f = arith.mulf %x, %e : f32
        %t = arith.truncf %f : f32 to bf16
        %s = arith.mulf %t, %y : bf16
        wg.yield %s : bf16
      }
      %next = wg.mma %rounded, %k, %state : !wg.tile<64x32xbf16>, !wg.shared<32x32xbf16>, !wg.tile<64x32xf32>
      scf.yield %next : !wg.tile<64x32xf32>
    }
    wg.store %r into %o[] from %b : !wg.tile<64x32xf32> into memref<?x32xf32>
    gpu.terminator
  }
  return
}

// -----

// A kernel that cannot have roles loads its vectors as before, with the limits that
// it had.
// CHECK-LABEL: func @no_roles
// CHECK-NOT: wg.roles
// CHECK: gpu.launch blocks(%[[B:[^,]*]],
// CHECK: wg.copy
// CHECK-NOT: wg.copy
// CHECK: %[[COLS:.*]] = wg.load %{{.*}}[%[[B]]] from %[[AT:[^ ]*]] limit %[[END:[^ ]*]] : memref<4x?xf32> -> <64xf32, cols>
// CHECK-NEXT: %[[ROWS:.*]] = wg.load %{{.*}}[%[[B]]] from %[[AT]] limit %[[END]] : memref<4x?xf32> -> <64xf32, rows>
// CHECK-NEXT: %[[RATE:.*]] = wg.load %{{.*}}[%[[B]]] from %[[AT]] : memref<4x?xf32> -> <64xf32, cols>
// CHECK-NEXT: wg.map ins(%{{.*}}, %[[COLS]], %[[ROWS]], %[[RATE]] :
// CHECK-NOT: wg.copy
// CHECK: return
func.func @no_roles(%m: memref<?x64xbf16>, %g: memref<4x?xf32>, %beta: memref<4x?xf32>, %zero: !wg.tile<64x64xf32>, %n: index) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c64 = arith.constant 64 : index
  %c128 = arith.constant 128 : index
  %end = memref.dim %g, %c1 : memref<4x?xf32>
  // expected-remark @below {{all warps copy: the kernel writes memory that it copies from}}
  gpu.launch blocks(%b, %by, %bz) in (%gx = %n, %gy = %c1, %gz = %c1) threads(%tx, %ty, %tz) in (%nx = %c128, %ny = %c1, %nz = %c1) {
    %r = scf.for %i = %c0 to %n step %c1 iter_args(%state = %zero) -> (!wg.tile<64x64xf32>) {
      %at = arith.muli %i, %c64 : index
      %k = wg.copy %m[] from %at : memref<?x64xbf16> -> !wg.shared<64x64xbf16>
      %cols = wg.load %g[%b] from %at limit %end : memref<4x?xf32> -> !wg.tile<64xf32, cols>
      %rows = wg.load %g[%b] from %at limit %end : memref<4x?xf32> -> !wg.tile<64xf32, rows>
      %rate = wg.load %beta[%b] from %at : memref<4x?xf32> -> !wg.tile<64xf32, cols>
      %rounded = wg.map ins(%state, %cols, %rows, %rate : !wg.tile<64x64xf32>, !wg.tile<64xf32, cols>, !wg.tile<64xf32, rows>, !wg.tile<64xf32, cols>) -> !wg.tile<64x64xbf16> {
      ^bb0(%row: index, %col: index, %x: f32, %y: f32, %z: f32, %w: f32):
        %d = arith.subf %z, %y : f32
        %e = arith.mulf %d, %w : f32
        %f = arith.mulf %x, %e : f32
        %t = arith.truncf %f : f32 to bf16
        wg.yield %t : bf16
      }
      %next = wg.mma %rounded, %k, %state : !wg.tile<64x64xbf16>, !wg.shared<64x64xbf16>, !wg.tile<64x64xf32>
      scf.yield %next : !wg.tile<64x64xf32>
    }
    %rounded = wg.map ins(%r : !wg.tile<64x64xf32>) -> !wg.tile<64x64xbf16> {
    ^bb0(%row: index, %col: index, %x: f32):
      %t = arith.truncf %x : f32 to bf16
      wg.yield %t : bf16
    }
    wg.store %rounded into %m[] from %b : !wg.tile<64x64xbf16> into memref<?x64xbf16>
    gpu.terminator
  }
  return
}
