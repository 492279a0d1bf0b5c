// RUN: attn-opt %s --wg-defer-reductions | FileCheck %s

// A row vector into which a loop only adds tiles becomes 8 columns, which begin with
// what changes nothing; they are summed up once, with the initial value.
// CHECK-LABEL: func @sum
// CHECK-SAME: %[[T:[a-z0-9]+]]: !wg.tile<64x64xf32>, %[[V:[a-z0-9]+]]: !wg.tile<64xf32, rows>
// CHECK: %[[NONE:.*]] = arith.constant -0.000000e+00 : f32
// CHECK-NEXT: %[[C:.*]] = wg.splat %[[NONE]] : f32 -> <64x8xf32>
// CHECK-NEXT: %[[R:.*]]:2 = scf.for {{.*}} iter_args(%[[N:.*]] = %{{.*}}, %[[A:.*]] = %[[C]]) -> (index, !wg.tile<64x8xf32>)
// CHECK-NOT: wg.reduce <
// CHECK: %[[B:.*]] = wg.reduce_blocks <add> %[[T]], %[[A]]
// CHECK: scf.yield %{{.*}}, %[[B]] : index, !wg.tile<64x8xf32>
// CHECK-NEXT: }
// CHECK-NEXT: %[[SUM:.*]] = wg.reduce <add> %[[R]]#1, %[[V]] : <64x8xf32>, <64xf32, rows>
// CHECK-NEXT: return %[[SUM]], %[[R]]#0
func.func @sum(%t: !wg.tile<64x64xf32>, %v: !wg.tile<64xf32, rows>, %n: index) -> (!wg.tile<64xf32, rows>, index) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %r:2 = scf.for %i = %c0 to %n step %c1 iter_args(%m = %c0, %a = %v) -> (index, !wg.tile<64xf32, rows>) {
    %b = wg.reduce <add> %t, %a : !wg.tile<64x64xf32>, !wg.tile<64xf32, rows>
    %k = arith.addi %m, %i : index
    scf.yield %k, %b : index, !wg.tile<64xf32, rows>
  }
  return %r#1, %r#0 : !wg.tile<64xf32, rows>, index
}

// Each kind has a value that changes nothing.
// CHECK-LABEL: func @kinds
// CHECK-DAG: arith.constant 0xFF80 : bf16
// CHECK-DAG: arith.constant 0x7F80 : bf16
// CHECK: scf.for
// CHECK: wg.reduce_blocks <maxnumf>
// CHECK: wg.reduce_blocks <minimumf>
// CHECK: }
// CHECK-DAG: wg.reduce <maxnumf>
// CHECK-DAG: wg.reduce <minimumf>
// CHECK: return
func.func @kinds(%t: !wg.tile<64x64xbf16>, %v: !wg.tile<64xbf16, rows>, %n: index) -> (!wg.tile<64xbf16, rows>, !wg.tile<64xbf16, rows>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %r:2 = scf.for %i = %c0 to %n step %c1 iter_args(%a = %v, %b = %v) -> (!wg.tile<64xbf16, rows>, !wg.tile<64xbf16, rows>) {
    %c = wg.reduce <maxnumf> %t, %a : !wg.tile<64x64xbf16>, !wg.tile<64xbf16, rows>
    %d = wg.reduce <minimumf> %t, %b : !wg.tile<64x64xbf16>, !wg.tile<64xbf16, rows>
    scf.yield %c, %d : !wg.tile<64xbf16, rows>, !wg.tile<64xbf16, rows>
  }
  return %r#0, %r#1 : !wg.tile<64xbf16, rows>, !wg.tile<64xbf16, rows>
}

// Nothing is deferred if the vector is needed in the loop, before or behind the
// reduction,
// CHECK-LABEL: func @needed
// CHECK-NOT: wg.reduce_blocks
// CHECK: return
func.func @needed(%t: !wg.tile<64x64xf32>, %v: !wg.tile<64xf32, rows>, %n: index, %o: memref<64xf32>) -> (!wg.tile<64xf32, rows>, !wg.tile<64xf32, rows>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %r:2 = scf.for %i = %c0 to %n step %c1 iter_args(%a = %v, %b = %v) -> (!wg.tile<64xf32, rows>, !wg.tile<64xf32, rows>) {
    wg.store %a into %o[] from %i : !wg.tile<64xf32, rows> into memref<64xf32>
    %c = wg.reduce <add> %t, %a : !wg.tile<64x64xf32>, !wg.tile<64xf32, rows>
    %d = wg.reduce <add> %t, %b : !wg.tile<64x64xf32>, !wg.tile<64xf32, rows>
    wg.store %d into %o[] from %i : !wg.tile<64xf32, rows> into memref<64xf32>
    scf.yield %c, %d : !wg.tile<64xf32, rows>, !wg.tile<64xf32, rows>
  }
  return %r#0, %r#1 : !wg.tile<64xf32, rows>, !wg.tile<64xf32, rows>
}

// if it is another one that is carried,
// CHECK-LABEL: func @exchanged
// CHECK-NOT: wg.reduce_blocks
// CHECK: return
func.func @exchanged(%t: !wg.tile<64x64xf32>, %v: !wg.tile<64xf32, rows>, %n: index) -> (!wg.tile<64xf32, rows>, !wg.tile<64xf32, rows>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %r:2 = scf.for %i = %c0 to %n step %c1 iter_args(%a = %v, %b = %v) -> (!wg.tile<64xf32, rows>, !wg.tile<64xf32, rows>) {
    %c = wg.reduce <add> %t, %a : !wg.tile<64x64xf32>, !wg.tile<64xf32, rows>
    %d = wg.reduce <add> %t, %b : !wg.tile<64x64xf32>, !wg.tile<64xf32, rows>
    scf.yield %d, %c : !wg.tile<64xf32, rows>, !wg.tile<64xf32, rows>
  }
  return %r#0, %r#1 : !wg.tile<64xf32, rows>, !wg.tile<64xf32, rows>
}

// if the reduction happens in some iterations,
// CHECK-LABEL: func @sometimes
// CHECK-NOT: wg.reduce_blocks
// CHECK: return
func.func @sometimes(%t: !wg.tile<64x64xf32>, %v: !wg.tile<64xf32, rows>, %n: index, %p: i1) -> !wg.tile<64xf32, rows> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %r = scf.for %i = %c0 to %n step %c1 iter_args(%a = %v) -> !wg.tile<64xf32, rows> {
    %b = scf.if %p -> !wg.tile<64xf32, rows> {
      %c = wg.reduce <add> %t, %a : !wg.tile<64x64xf32>, !wg.tile<64xf32, rows>
      scf.yield %c : !wg.tile<64xf32, rows>
    } else {
      scf.yield %v : !wg.tile<64xf32, rows>
    }
    scf.yield %b : !wg.tile<64xf32, rows>
  }
  return %r : !wg.tile<64xf32, rows>
}

// or if there would be no less to do: of 8 columns, of a product, whose neutral
// element is not known, and of integers.
// CHECK-LABEL: func @others
// CHECK-NOT: wg.reduce_blocks
// CHECK: return
func.func @others(%t: !wg.tile<64x8xf32>, %u: !wg.tile<64x64xf32>, %w: !wg.tile<64x64xi32>, %v: !wg.tile<64xf32, rows>, %x: !wg.tile<64xi32, rows>, %n: index)
    -> (!wg.tile<64xf32, rows>, !wg.tile<64xf32, rows>, !wg.tile<64xi32, rows>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %r:3 = scf.for %i = %c0 to %n step %c1 iter_args(%a = %v, %b = %v, %c = %x) -> (!wg.tile<64xf32, rows>, !wg.tile<64xf32, rows>, !wg.tile<64xi32, rows>) {
    %d = wg.reduce <add> %t, %a : !wg.tile<64x8xf32>, !wg.tile<64xf32, rows>
    %e = wg.reduce <mul> %u, %b : !wg.tile<64x64xf32>, !wg.tile<64xf32, rows>
    %f = wg.reduce <add> %w, %c : !wg.tile<64x64xi32>, !wg.tile<64xi32, rows>
    scf.yield %d, %e, %f : !wg.tile<64xf32, rows>, !wg.tile<64xf32, rows>, !wg.tile<64xi32, rows>
  }
  return %r#0, %r#1, %r#2 : !wg.tile<64xf32, rows>, !wg.tile<64xf32, rows>, !wg.tile<64xi32, rows>
}
