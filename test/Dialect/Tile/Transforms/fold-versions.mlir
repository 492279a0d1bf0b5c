// RUN: attn-opt %s --tile-fold-versions --canonicalize --cse --split-input-file --verify-diagnostics --allow-unregistered-dialect | FileCheck %s

// Without a mask: whole tiles, then the tail.

// CHECK-DAG: #[[$FULL:.*]] = affine_map<()[s0] -> (s0 floordiv 64)>
// CHECK-DAG: #[[$ALL:.*]] = affine_map<()[s0] -> (s0 ceildiv 64)>
// CHECK-LABEL: func @range
// CHECK-SAME: (%[[N:.*]]: index,
// CHECK-DAG: %[[FULL:.*]] = affine.apply #[[$FULL]]()[%[[N]]]
// CHECK-DAG: %[[ALL:.*]] = affine.apply #[[$ALL]]()[%[[N]]]
// CHECK: scf.for %{{.*}} = %c0 to %[[FULL]]
// CHECK:   tile.coords {{.*}} complete
// CHECK:   "test.step"(%{{.*}}, %false
// CHECK: scf.for %{{.*}} = %[[FULL]] to %[[ALL]]
// CHECK-NOT: complete
// CHECK:   "test.step"(%{{.*}}, %true
func.func @range(%n: index, %s: tensor<4xf32>) -> tensor<4xf32> {
  %d = tile.domain %n : !tile.domain<64>
  %r = tile.fold free (%J, partial = %p) in %d iter(%a = %s) : !tile.domain<64>, tensor<4xf32> {
    %b = "test.step"(%J, %p, %a) : (!tile.coords<64>, i1, tensor<4xf32>) -> tensor<4xf32>
    tile.yield %b : tensor<4xf32>
  }
  return %r : tensor<4xf32>
}

// -----

// A span begins with its first column and ends with its last one, or with the last
// of all.

// CHECK-LABEL: func @span
// CHECK-SAME: (%[[N:.*]]: index, %[[A:.*]]: index, %[[B:.*]]: index,
// CHECK-DAG: %[[FIRST:.*]] = affine.apply #{{.*}}()[%[[A]]]
// CHECK-DAG: %[[LAST:.*]] = affine.min #{{.*}}()[%[[B]], %[[N]]]
// CHECK-DAG: %[[END:.*]] = affine.apply #{{.*}}()[%[[LAST]]]
// CHECK: scf.for %{{.*}} = %[[FIRST]] to %[[FULL:.*]] step %c1
// CHECK:   "test.step"(%{{.*}}, %false
// CHECK: scf.for %{{.*}} = %[[FULL]] to %[[END]] step %c1
// CHECK:   "test.step"(%{{.*}}, %true
func.func @span(%n: index, %a: index, %b: index, %s: tensor<4xf32>) -> tensor<4xf32> {
  %d = tile.domain %n span(%a, %b) : !tile.domain<64>
  %r = tile.fold ordered (%J, partial = %p) in %d iter(%x = %s) : !tile.domain<64>, tensor<4xf32> {
    %y = "test.step"(%J, %p, %x) : (!tile.coords<64>, i1, tensor<4xf32>) -> tensor<4xf32>
    tile.yield %y : tensor<4xf32>
  }
  return %r : tensor<4xf32>
}

// -----

// A static whole number of tiles has no tail.

// CHECK-LABEL: func @static
// CHECK: scf.for %{{.*}} = %c0 to %c4
// CHECK-NOT: scf.for
func.func @static(%s: tensor<4xf32>) -> tensor<4xf32> {
  %n = arith.constant 256 : index
  %d = tile.domain %n : !tile.domain<64>
  %r = tile.fold ordered (%J, partial = %p) in %d iter(%a = %s) : !tile.domain<64>, tensor<4xf32> {
    %b = "test.step"(%J, %p, %a) : (!tile.coords<64>, i1, tensor<4xf32>) -> tensor<4xf32>
    tile.yield %b : tensor<4xf32>
  }
  return %r : tensor<4xf32>
}

// -----

// Causal: full up to the diagonal of the first row, then partial up to that of
// the last; nothing before, nothing behind.

// CHECK-LABEL: func @causal
// CHECK-COUNT-2: scf.for
// CHECK-NOT: scf.for
func.func @causal(%i: index, %m: index, %n: index, %b: index, %h: index, %s: tensor<4xf32>) -> tensor<4xf32> {
  %I = tile.coords %i limit(%m) : !tile.coords<32>
  %d = tile.domain %n mask(#attn.causal rows %I : !tile.coords<32> at %b, %h) : !tile.domain<64>
  %r = tile.fold free (%J, partial = %p) in %d iter(%a = %s) : !tile.domain<64>, tensor<4xf32> {
    %t = "test.step"(%J, %p, %a) : (!tile.coords<64>, i1, tensor<4xf32>) -> tensor<4xf32>
    tile.yield %t : tensor<4xf32>
  }
  return %r : tensor<4xf32>
}

// -----

// Rows 64..95 of a window of 100 see columns -35..95; every one of them sees
// 0..64. With tiles of 16: no tile before, 0-3 full, 4-5 partial.

// CHECK-LABEL: func @window
// CHECK: scf.for %{{.*}} = %c0 to %c4
// CHECK: scf.for %{{.*}} = %c4 to %c6
// CHECK-NOT: scf.for
func.func @window(%b: index, %h: index, %s: tensor<4xf32>) -> tensor<4xf32> {
  %i = arith.constant 64 : index
  %n = arith.constant 1000 : index
  %I = tile.coords %i limit(%n) : !tile.coords<32>
  %d = tile.domain %n mask(#attn.window<100> rows %I : !tile.coords<32> at %b, %h) : !tile.domain<16>
  %r = tile.fold free (%J, partial = %p) in %d iter(%a = %s) : !tile.domain<16>, tensor<4xf32> {
    %t = "test.step"(%J, %p, %a) : (!tile.coords<16>, i1, tensor<4xf32>) -> tensor<4xf32>
    tile.yield %t : tensor<4xf32>
  }
  return %r : tensor<4xf32>
}

// -----

// The hole between a window and a prefix is not visited: the loop counts the
// tiles of both, from which their numbers follow.

// CHECK-LABEL: func @hole
// CHECK: %[[COUNT:.*]] = arith.addi
// CHECK: scf.for %[[C:.*]] = %c0 to %[[COUNT]]
// CHECK:   %[[N:.*]] = arith.index_cast %[[C]] : index to i32
// CHECK:   %[[FIRST:.*]] = arith.cmpi slt, %[[N]]
// CHECK:   %[[OFFSET:.*]] = arith.select %[[FIRST]]
// CHECK:   %[[TILE:.*]] = arith.addi %[[N]], %[[OFFSET]]
// CHECK-NOT: scf.if
// CHECK:   "test.step"
// CHECK-NOT: scf.for
func.func @hole(%i: index, %n: index, %b: index, %h: index, %s: tensor<4xf32>) -> tensor<4xf32> {
  %I = tile.coords %i limit(%n) : !tile.coords<32>
  %d = tile.domain %n mask(#attn.or<window<100>, prefix<4>> rows %I : !tile.coords<32> at %b, %h) irregular : !tile.domain<16>
  %r = tile.fold free (%J, partial = %p) in %d iter(%a = %s) : !tile.domain<16>, tensor<4xf32> {
    %t = "test.step"(%J, %p, %a) : (!tile.coords<16>, i1, tensor<4xf32>) -> tensor<4xf32>
    tile.yield %t : tensor<4xf32>
  }
  return %r : tensor<4xf32>
}

// -----

// Blocks 3, 7, 11, ... of 64 columns, four tiles each.

// CHECK-LABEL: func @repeated
// CHECK: scf.for %[[C:.*]] = %c0 to %{{.*}} step
// CHECK:   %[[N:.*]] = arith.index_cast %[[C]] : index to i32
// CHECK:   %[[BLOCK:.*]] = arith.divui %[[N]], %c4_i32
// CHECK:   %[[REST:.*]] = arith.remui %[[N]], %c4_i32
// CHECK:   %[[BEGIN:.*]] = arith.muli %[[BLOCK]], %c16_i32
// CHECK:   %[[PLACE:.*]] = arith.addi %[[REST]], %c12_i32
// CHECK:   arith.addi %[[BEGIN]], %[[PLACE]]
// CHECK-NOT: scf.if
// CHECK:   "test.step"
func.func @repeated(%i: index, %n: index, %b: index, %h: index, %s: tensor<4xf32>) -> tensor<4xf32> {
  %I = tile.coords %i limit(%n) : !tile.coords<32>
  %d = tile.domain %n mask(#attn.affine<"(b, h, i, j) : (i - j >= 0, (j floordiv 64) mod 4 - 3 == 0)"> rows %I : !tile.coords<32> at %b, %h) irregular : !tile.domain<16>
  %r = tile.fold free (%J, partial = %p) in %d iter(%a = %s) : !tile.domain<16>, tensor<4xf32> {
    %t = "test.step"(%J, %p, %a) : (!tile.coords<16>, i1, tensor<4xf32>) -> tensor<4xf32>
    tile.yield %t : tensor<4xf32>
  }
  return %r : tensor<4xf32>
}

// -----

// Bounds of run-time ids are an interval like any other: visited from %v0 to %v1,
// full from %f0 to %f1, beside what causality says.

// CHECK-LABEL: func @ids
// CHECK-SAME: %[[V0:[a-z0-9]+]]: index, %[[V1:[a-z0-9]+]]: index, %[[F0:[a-z0-9]+]]: index, %[[F1:[a-z0-9]+]]: index
// CHECK: affine.max #{{.*}}()[%[[V0]]]
// CHECK: affine.min #{{.*}}%[[V1]]
// CHECK: affine.max #{{.*}}()[%[[F0]]]
// CHECK: affine.min #{{.*}}%[[F1]]
// CHECK: scf.for
// CHECK:   "test.step"(%{{.*}}, %true
// CHECK: scf.for
// CHECK:   "test.step"(%{{.*}}, %false
// CHECK: scf.for
// CHECK:   "test.step"(%{{.*}}, %true
func.func @ids(%v0: index, %v1: index, %f0: index, %f1: index, %i: index, %n: index, %b: index, %h: index, %s: tensor<4xf32>) -> tensor<4xf32> {
  %I = tile.coords %i limit(%n) : !tile.coords<32>
  %d = tile.domain %n mask(#attn.and<causal, segment> rows %I : !tile.coords<32> at %b, %h) same_id(%v0, %v1, %f0, %f1) : !tile.domain<16>
  %r = tile.fold free (%J, partial = %p) in %d iter(%a = %s) : !tile.domain<16>, tensor<4xf32> {
    %t = "test.step"(%J, %p, %a) : (!tile.coords<16>, i1, tensor<4xf32>) -> tensor<4xf32>
    tile.yield %t : tensor<4xf32>
  }
  return %r : tensor<4xf32>
}

// -----

// More pieces than are told apart: the hull is visited, and each tile tested.

// CHECK-LABEL: func @many
// CHECK: scf.for
// CHECK:   arith.ori
// CHECK:   scf.if
// CHECK:     "test.step"
func.func @many(%i: index, %n: index, %b: index, %h: index, %s: tensor<4xf32>) -> tensor<4xf32> {
  %I = tile.coords %i limit(%n) : !tile.coords<32>
  %d = tile.domain %n mask(#attn.or<window<100>, prefix<4>,
      affine<"(b, h, i, j) : (i - j - 1024 == 0)">, affine<"(b, h, i, j) : (i - j - 2048 == 0)">,
      affine<"(b, h, i, j) : (i - j - 4096 == 0)">, affine<"(b, h, i, j) : (i - j - 8192 == 0)">,
      affine<"(b, h, i, j) : (i - j - 16384 == 0)">> rows %I : !tile.coords<32> at %b, %h) irregular : !tile.domain<16>
  %r = tile.fold free (%J, partial = %p) in %d iter(%a = %s) : !tile.domain<16>, tensor<4xf32> {
    %t = "test.step"(%J, %p, %a) : (!tile.coords<16>, i1, tensor<4xf32>) -> tensor<4xf32>
    tile.yield %t : tensor<4xf32>
  }
  return %r : tensor<4xf32>
}

// -----

func.func @unknown_domain(%d: !tile.domain<16>, %s: tensor<4xf32>) -> tensor<4xf32> {
  // expected-error @below {{expected a domain made by tile.domain}}
  %r = tile.fold free (%J, partial = %p) in %d iter(%a = %s) : !tile.domain<16>, tensor<4xf32> {
    tile.yield %a : tensor<4xf32>
  }
  return %r : tensor<4xf32>
}

// -----

func.func @unknown_flag(%n: index, %s: tensor<4xf32>) -> tensor<4xf32> {
  %d = tile.domain %n : !tile.domain<16>
  // expected-error @below {{flag "last" is not one that a domain gives}}
  %r = tile.fold free (%J, last = %p) in %d iter(%a = %s) : !tile.domain<16>, tensor<4xf32> {
    tile.yield %a : tensor<4xf32>
  }
  return %r : tensor<4xf32>
}
