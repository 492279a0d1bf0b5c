// RUN: attn-opt %s --tile-fold-versions --canonicalize --cse --split-input-file --verify-diagnostics --allow-unregistered-dialect | FileCheck %s

// Entries of the list, in place of tiles: partial ones first.

// CHECK: #[[$ORIGIN:.*]] = affine_map<(d0) -> (d0 * 64)>
// CHECK-LABEL: func @list
// CHECK-SAME: (%[[N:.*]]: index, %[[L:.*]]: tensor<?xi32>, %[[P:.*]]: index, %[[C:.*]]: index
// CHECK: scf.for %[[E:.*]] = %c0 to %[[P]]
// CHECK:   %[[X:.*]] = tensor.extract %[[L]][%[[E]]]
// CHECK:   %[[T:.*]] = arith.index_cast %[[X]]
// CHECK:   %[[O:.*]] = affine.apply #[[$ORIGIN]](%[[T]])
// CHECK:   tile.coords %[[O]] limit(%[[N]]) : <64>
// CHECK:   "test.step"(%{{.*}}, %true
// CHECK: scf.for %[[E:.*]] = %[[P]] to %[[C]]
// CHECK:   tensor.extract %[[L]][%[[E]]]
// CHECK:   tile.coords %{{.*}} complete
// CHECK:   "test.step"(%{{.*}}, %false
// CHECK-NOT: scf.for
func.func @list(%n: index, %l: tensor<?xi32>, %p: index, %c: index, %s: tensor<4xf32>) -> tensor<4xf32> {
  %d = tile.domain %n list(%l, %p, %c : tensor<?xi32>) : !tile.domain<64>
  %r = tile.fold free (%J, partial = %f) in %d iter(%a = %s) : !tile.domain<64>, tensor<4xf32> {
    %b = "test.step"(%J, %f, %a) : (!tile.coords<64>, i1, tensor<4xf32>) -> tensor<4xf32>
    tile.yield %b : tensor<4xf32>
  }
  return %r : tensor<4xf32>
}

// -----

// A body that does not ask is one loop.

// CHECK-LABEL: func @same
// CHECK: scf.for %{{.*}} = %c0 to %{{.*}} step
// CHECK-NOT: scf.for
func.func @same(%n: index, %l: tensor<8xi32>, %p: index, %c: index, %s: tensor<4xf32>) -> tensor<4xf32> {
  %d = tile.domain %n list(%l, %p, %c : tensor<8xi32>) : !tile.domain<64>
  %r = tile.fold free (%J) in %d iter(%a = %s) : !tile.domain<64>, tensor<4xf32> {
    %b = "test.other"(%J, %a) : (!tile.coords<64>, tensor<4xf32>) -> tensor<4xf32>
    tile.yield %b : tensor<4xf32>
  }
  return %r : tensor<4xf32>
}

// -----

// The first full tile is one of those that update: others may show a row nothing.

// CHECK: #[[$TAKEN:.*]] = affine_map<()[s0, s1] -> (-s0 + s1, 1)>
// CHECK: #[[$END:.*]] = affine_map<()[s0, s1] -> (s0 + s1)>
// CHECK-LABEL: func @held
// CHECK-SAME: %[[P:[a-z0-9]*]]: index, %[[C:[a-z0-9]*]]: index
// CHECK: %[[ONE:.*]] = affine.min #[[$TAKEN]]()[%[[P]], %[[C]]]
// CHECK: %[[END:.*]] = affine.apply #[[$END]]()[%[[P]], %[[ONE]]]
// CHECK: scf.for %{{.*}} = %c0 to %[[END]] step
// CHECK:   "test.held"(%{{.*}}, %true, %true
// CHECK: scf.for %{{.*}} = %[[END]] to %[[C]] step
// CHECK:   "test.held"(%{{.*}}, %false, %false
// CHECK-NOT: scf.for
func.func @held(%n: index, %l: tensor<?xi32>, %p: index, %c: index, %s: tensor<4xf32>) -> tensor<4xf32> {
  %d = tile.domain %n list(%l, %p, %c : tensor<?xi32>) : !tile.domain<64>
  %r = tile.fold free (%J, partial = %f, update = %u) in %d iter(%a = %s) partial_first held : !tile.domain<64>, tensor<4xf32> {
    %b = "test.held"(%J, %f, %u, %a) : (!tile.coords<64>, i1, i1, tensor<4xf32>) -> tensor<4xf32>
    tile.yield %b : tensor<4xf32>
  }
  return %r : tensor<4xf32>
}

// -----

func.func @ordered(%n: index, %l: tensor<?xi32>, %p: index, %c: index, %s: tensor<4xf32>) -> tensor<4xf32> {
  %d = tile.domain %n list(%l, %p, %c : tensor<?xi32>) : !tile.domain<64>
  // expected-error@below {{is ordered, but the tiles of a list come in any order}}
  %r = tile.fold ordered (%J) in %d iter(%a = %s) : !tile.domain<64>, tensor<4xf32> {
    %b = "test.other"(%J, %a) : (!tile.coords<64>, tensor<4xf32>) -> tensor<4xf32>
    tile.yield %b : tensor<4xf32>
  }
  return %r : tensor<4xf32>
}
