// RUN: attn-opt %s --tile-expand-ops --canonicalize --cse --split-input-file --verify-diagnostics | FileCheck %s
// RUN: attn-opt %s --pass-pipeline='builtin.module(func.func(tile-expand-ops{keep-inverses}))' --split-input-file --verify-diagnostics | FileCheck %s --check-prefix=KEEP

// A tile past the end reads as zero.

// CHECK-LABEL: func @rows
// CHECK: %[[COUNT:.*]] = affine.max
// CHECK: %[[SLICE:.*]] = tensor.extract_slice %{{.*}}[%{{.*}}, %{{.*}}, 0] [1, %[[COUNT]], 8] [1, 1, 1] : tensor<2x?x8xf32> to tensor<?x8xf32>
// CHECK: %[[ZEROS:.*]] = linalg.fill
// CHECK: tensor.insert_slice %[[SLICE]] into %[[ZEROS]][0, 0] [%[[COUNT]], 8] [1, 1]
func.func @rows(%x: tensor<2x?x8xf32>, %b: index, %i: index, %n: index) -> tensor<16x8xf32> {
  %I = tile.coords %i limit(%n) : !tile.coords<16>
  %t = tile.rows %x[%b] at %I : tensor<2x?x8xf32>, !tile.coords<16> -> tensor<16x8xf32>
  return %t : tensor<16x8xf32>
}

// -----

// A complete tile is a slice.

// CHECK-LABEL: func @complete
// CHECK-NOT: linalg.fill
// CHECK: tensor.extract_slice %{{.*}}[%{{.*}}, %{{.*}}, 0] [1, 16, 8] [1, 1, 1]
func.func @complete(%x: tensor<2x?x8xf32>, %b: index, %i: index, %n: index) -> tensor<16x8xf32> {
  %I = tile.coords %i limit(%n) complete : !tile.coords<16>
  %t = tile.rows %x[%b] at %I : tensor<2x?x8xf32>, !tile.coords<16> -> tensor<16x8xf32>
  return %t : tensor<16x8xf32>
}

// -----

// Existing rows are written, the others dropped.

// CHECK-LABEL: func @insert
// CHECK: %[[SLICE:.*]] = tensor.extract_slice %{{.*}}[0, 0] [%[[COUNT:.*]], 6] [1, 1] : tensor<16x8xf32>
// CHECK: tensor.insert_slice %[[SLICE]] into %{{.*}}[%{{.*}}, %{{.*}}, 0] [1, %[[COUNT]], 6]
func.func @insert(%t: tensor<16x8xf32>, %x: tensor<2x?x6xf32>, %b: index, %i: index, %n: index) -> tensor<2x?x6xf32> {
  %I = tile.coords %i limit(%n) : !tile.coords<16>
  %y = tile.insert %t into %x[%b] at %I : tensor<16x8xf32> into tensor<2x?x6xf32>, !tile.coords<16>
  return %y : tensor<2x?x6xf32>
}

// -----

// i - j >= 0 at logical positions, and the column exists.

// CHECK-LABEL: func @predicate
// CHECK: linalg.generic
// CHECK: %[[EXISTS:.*]] = arith.cmpi slt
// CHECK: arith.cmpi sge
// CHECK: arith.andi %[[EXISTS]]
func.func @predicate(%i: index, %j: index, %n: index, %s: index, %b: index, %h: index) -> tensor<4x8xi1> {
  %I = tile.coords %i limit(%n) shift(%s) : !tile.coords<4>
  %J = tile.coords %j limit(%n) : !tile.coords<8>
  %p = tile.predicate #attn.causal rows(%I) cols(%J) at(%b, %h) : !tile.coords<4>, !tile.coords<8> -> tensor<4x8xi1>
  return %p : tensor<4x8xi1>
}

// -----

// Forward substitution in a loop over the rows, or left to a lower level.

// CHECK-LABEL: func @inverse
// CHECK: scf.for
// CHECK: linalg.generic
// CHECK-NOT: tile.tri_inverse
// KEEP-LABEL: func @inverse
// KEEP-NOT: scf.for
// KEEP: tile.tri_inverse
func.func @inverse(%a: tensor<16x16xf32>) -> tensor<16x16xf32> {
  %t = tile.tri_inverse %a : tensor<16x16xf32>
  return %t : tensor<16x16xf32>
}

// -----

func.func @inside_a_fold(%n: index, %x: tensor<?x8xf32>, %s: tensor<16x8xf32>) -> tensor<16x8xf32> {
  // expected-error @below {{was not expanded}}
  %d = tile.domain %n : !tile.domain<16>
  %r = tile.fold free (%J, partial = %p) in %d iter(%a = %s) : !tile.domain<16>, tensor<16x8xf32> {
    %t = tile.rows %x[] at %J : tensor<?x8xf32>, !tile.coords<16> -> tensor<16x8xf32>
    tile.yield %t : tensor<16x8xf32>
  }
  return %r : tensor<16x8xf32>
}
