// RUN: attn-opt %s --tile-fold-versions --canonicalize --cse --split-input-file --allow-unregistered-dialect | FileCheck %s

// The flag `update`, behind `partial` here: in a held fold it is true for partial
// tiles, for one full tile if there is none of these, and false for the others.

// Without a mask and a tail: the first tile in a loop whose end nothing is known
// about, so that it stays one, then the others.
// CHECK-LABEL: func @whole
// CHECK: %[[END:.*]] = tile.opaque %c1
// CHECK: %[[A:.*]] = scf.for %{{.*}} = %c0 to %[[END]] step %c1
// CHECK:   tile.coords {{.*}} complete
// CHECK:   "test.step"(%{{.*}}, %false, %true,
// CHECK: scf.for %{{.*}} = %c1 to %c4 step %c1 iter_args(%{{.*}} = %[[A]])
// CHECK:   tile.coords {{.*}} complete
// CHECK:   "test.step"(%{{.*}}, %false, %false,
// CHECK-NOT: scf.for
// CHECK: return
func.func @whole(%s: f32) -> f32 {
  %n = arith.constant 256 : index
  %d = tile.domain %n : !tile.domain<64>
  %r = tile.fold free (%J, partial = %p, update = %u) in %d iter(%a = %s) partial_first held : !tile.domain<64>, f32 {
    %b = "test.step"(%J, %p, %u, %a) : (!tile.coords<64>, i1, i1, f32) -> f32
    tile.yield %b : f32
  }
  return %r : f32
}

// -----

// One tile is the first one and all.
// CHECK-LABEL: func @one
// CHECK: "test.step"(%{{.*}}, %false, %true,
// CHECK-NOT: "test.step"
// CHECK: return
func.func @one(%s: f32) -> f32 {
  %n = arith.constant 64 : index
  %d = tile.domain %n : !tile.domain<64>
  %r = tile.fold free (%J, partial = %p, update = %u) in %d iter(%a = %s) partial_first held : !tile.domain<64>, f32 {
    %b = "test.step"(%J, %p, %u, %a) : (!tile.coords<64>, i1, i1, f32) -> f32
    tile.yield %b : f32
  }
  return %r : f32
}

// -----

// A tail is the first tile: no full one is needed in its place.
// CHECK-LABEL: func @tail
// CHECK: %[[END:.*]] = tile.opaque %c4
// CHECK: scf.for %{{.*}} = %c3 to %[[END]] step %c1
// CHECK-NOT: complete
// CHECK:   "test.step"(%{{.*}}, %true, %true,
// CHECK: scf.for %{{.*}} = %c0 to %c3 step %c1
// CHECK:   tile.coords {{.*}} complete
// CHECK:   "test.step"(%{{.*}}, %false, %false,
// CHECK-NOT: scf.for
// CHECK: return
func.func @tail(%s: f32) -> f32 {
  %n = arith.constant 250 : index
  %d = tile.domain %n : !tile.domain<64>
  %r = tile.fold free (%J, partial = %p, update = %u) in %d iter(%a = %s) partial_first held : !tile.domain<64>, f32 {
    %b = "test.step"(%J, %p, %u, %a) : (!tile.coords<64>, i1, i1, f32) -> f32
    tile.yield %b : f32
  }
  return %r : f32
}

// -----

// Nothing but a tail.
// CHECK-LABEL: func @only_tail
// CHECK: "test.step"(%{{.*}}, %true, %true,
// CHECK-NOT: "test.step"
// CHECK: return
func.func @only_tail(%s: f32) -> f32 {
  %n = arith.constant 50 : index
  %d = tile.domain %n : !tile.domain<64>
  %r = tile.fold free (%J, partial = %p, update = %u) in %d iter(%a = %s) partial_first held : !tile.domain<64>, f32 {
    %b = "test.step"(%J, %p, %u, %a) : (!tile.coords<64>, i1, i1, f32) -> f32
    tile.yield %b : f32
  }
  return %r : f32
}

// -----

// Whether there is a tail is known when it runs. If there is none, and some full
// tile, the last of these is treated as one.
// CHECK-DAG: #[[$ALL:.*]] = affine_map<()[s0] -> (s0 ceildiv 64)>
// CHECK-DAG: #[[$SOMEFULL:.*]] = affine_map<()[s0] -> (s0 floordiv 64, 1)>
// CHECK-DAG: #[[$SOMETAIL:.*]] = affine_map<()[s0] -> (s0 ceildiv 64 - s0 floordiv 64, 1)>
// CHECK-DAG: #[[$TAKEN:.*]] = affine_map<()[s0, s1] -> (0, s0 - s1)>
// CHECK-DAG: #[[$REST:.*]] = affine_map<()[s0, s1] -> (-s1 + s0 floordiv 64)>
// CHECK-LABEL: func @dynamic
// CHECK-SAME: (%[[N:.*]]: index,
// CHECK-DAG: %[[ALL:.*]] = affine.apply #[[$ALL]]()[%[[N]]]
// CHECK-DAG: %[[FULL:.*]] = affine.min #[[$SOMEFULL]]()[%[[N]]]
// CHECK-DAG: %[[TAIL:.*]] = affine.min #[[$SOMETAIL]]()[%[[N]]]
// CHECK: %[[TAKEN:.*]] = affine.max #[[$TAKEN]]()[%[[FULL]], %[[TAIL]]]
// CHECK: %[[REST:.*]] = affine.apply #[[$REST]]()[%[[N]], %[[TAKEN]]]
// CHECK: scf.for %{{.*}} = %[[REST]] to %[[ALL]] step %c1
// CHECK-NOT: complete
// CHECK:   "test.step"(%{{.*}}, %true, %true,
// CHECK: scf.for %{{.*}} = %c0 to %[[REST]] step %c1
// CHECK:   "test.step"(%{{.*}}, %false, %false,
// CHECK-NOT: scf.for
// CHECK: return
func.func @dynamic(%n: index, %s: f32) -> f32 {
  %d = tile.domain %n : !tile.domain<64>
  %r = tile.fold free (%J, partial = %p, update = %u) in %d iter(%a = %s) partial_first held : !tile.domain<64>, f32 {
    %b = "test.step"(%J, %p, %u, %a) : (!tile.coords<64>, i1, i1, f32) -> f32
    tile.yield %b : f32
  }
  return %r : f32
}

// -----

// Causal: the tiles at the diagonal, or the last full one before it.
// CHECK-LABEL: func @causal
// CHECK: %[[FULL:.*]] = affine.apply #{{.*}}()[%{{.*}}, %[[TAKEN:.*]]]
// CHECK: scf.for %{{.*}} = %[[FULL]] to %{{.*}} step %c1
// CHECK:   "test.step"(%{{.*}}, %true, %true,
// CHECK: scf.for %{{.*}} = %c0 to %[[FULL]] step %c1
// CHECK:   "test.step"(%{{.*}}, %false, %false,
// CHECK-NOT: scf.for
// CHECK: return
func.func @causal(%i: index, %m: index, %n: index, %b: index, %h: index, %s: f32) -> f32 {
  %I = tile.coords %i limit(%m) : !tile.coords<32>
  %d = tile.domain %n mask(#attn.causal rows %I : !tile.coords<32> at %b, %h) : !tile.domain<64>
  %r = tile.fold free (%J, partial = %p, update = %u) in %d iter(%a = %s) partial_first held : !tile.domain<64>, f32 {
    %t = "test.step"(%J, %p, %u, %a) : (!tile.coords<64>, i1, i1, f32) -> f32
    tile.yield %t : f32
  }
  return %r : f32
}

// -----

// Both edges of a window; a full tile in their place goes with the first one.
// CHECK-LABEL: func @window
// CHECK: scf.for %{{.*}} = %c0 to %{{.*}} step %c1
// CHECK:   "test.step"(%{{.*}}, %true, %true,
// CHECK: scf.for %{{.*}} = %{{.*}} to %{{.*}} step %c1
// CHECK:   "test.step"(%{{.*}}, %false, %false,
// CHECK-NOT: scf.for
// CHECK: return
func.func @window(%i: index, %m: index, %n: index, %b: index, %h: index, %s: f32) -> f32 {
  %I = tile.coords %i limit(%m) : !tile.coords<32>
  %d = tile.domain %n mask(#attn.window<256> rows %I : !tile.coords<32> at %b, %h) : !tile.domain<64>
  %r = tile.fold free (%J, partial = %p, update = %u) in %d iter(%a = %s) partial_first held : !tile.domain<64>, f32 {
    %t = "test.step"(%J, %p, %u, %a) : (!tile.coords<64>, i1, i1, f32) -> f32
    tile.yield %t : f32
  }
  return %r : f32
}

// -----

// Where nothing is known to be full, all tiles update.
// CHECK-LABEL: func @irregular
// CHECK: "test.step"(%{{.*}}, %true, %true,
// CHECK-NOT: "test.step"
// CHECK: return
func.func @irregular(%n: index, %s: f32) -> f32 {
  %d = tile.domain %n irregular : !tile.domain<64>
  %r = tile.fold free (%J, partial = %p, update = %u) in %d iter(%a = %s) partial_first held : !tile.domain<64>, f32 {
    %b = "test.step"(%J, %p, %u, %a) : (!tile.coords<64>, i1, i1, f32) -> f32
    tile.yield %b : f32
  }
  return %r : f32
}

// -----

// The order of flags is that of their names.
// CHECK-LABEL: func @other_order
// CHECK: "test.step"(%{{.*}}, %true, %false,
// CHECK: "test.step"(%{{.*}}, %false, %false,
func.func @other_order(%s: f32) -> f32 {
  %n = arith.constant 256 : index
  %d = tile.domain %n : !tile.domain<64>
  %r = tile.fold free (%J, update = %u, partial = %p) in %d iter(%a = %s) partial_first held : !tile.domain<64>, f32 {
    %b = "test.step"(%J, %u, %p, %a) : (!tile.coords<64>, i1, i1, f32) -> f32
    tile.yield %b : f32
  }
  return %r : f32
}

// -----

// A fold that repeats a held one updates with every tile, and no full one is cut
// off; where its loops begin is hidden, too, so that nothing is shared with those
// of what was held.
// CHECK-LABEL: func @not_held
// CHECK-DAG: %[[FOUR:.*]] = tile.opaque %c4
// CHECK-DAG: %[[THREE:.*]] = tile.opaque %c3
// CHECK: scf.for %{{.*}} = %[[THREE]] to %[[FOUR]] step %c1
// CHECK: "test.step"(%{{.*}}, %true, %true,
// CHECK: %[[ZERO:.*]] = tile.opaque %c0
// CHECK: scf.for %{{.*}} = %[[ZERO]] to %[[THREE]] step %c1
// CHECK: "test.step"(%{{.*}}, %false, %true,
// CHECK-NOT: "test.step"
// CHECK: return
func.func @not_held(%s: f32) -> f32 {
  %n = arith.constant 250 : index
  %d = tile.domain %n : !tile.domain<64>
  %r = tile.fold free (%J, partial = %p, update = %u) in %d iter(%a = %s) partial_first : !tile.domain<64>, f32 {
    %b = "test.step"(%J, %p, %u, %a) : (!tile.coords<64>, i1, i1, f32) -> f32
    tile.yield %b : f32
  }
  return %r : f32
}

// -----

// A fold without the flag needs none of this.
// CHECK-LABEL: func @no_flag
// CHECK-NOT: tile.opaque
// CHECK: return
func.func @no_flag(%s: f32) -> f32 {
  %n = arith.constant 250 : index
  %d = tile.domain %n : !tile.domain<64>
  %r = tile.fold free (%J, partial = %p) in %d iter(%a = %s) partial_first : !tile.domain<64>, f32 {
    %b = "test.step"(%J, %p, %a) : (!tile.coords<64>, i1, f32) -> f32
    tile.yield %b : f32
  }
  return %r : f32
}

// -----

// Whether a tile was held is known when there is a version that holds: not if one
// tile, or a tail, is all.
// CHECK-LABEL: func @asked
// CHECK-DAG: %[[YES:.*]] = arith.constant true
// CHECK-DAG: %[[NO:.*]] = arith.constant false
// CHECK: return %[[YES]], %[[NO]], %[[NO]], %[[NO]] : i1, i1, i1, i1
func.func @asked(%s: f32) -> (i1, i1, i1, i1) {
  %many = arith.constant 250 : index
  %n = arith.constant 64 : index
  %few = arith.constant 50 : index
  %d0 = tile.domain %many : !tile.domain<64>
  %r0 = tile.fold free (%J, partial = %p, update = %u) in %d0 iter(%a = %s) partial_first held : !tile.domain<64>, f32 {
    %b = "test.step"(%J, %p, %u, %a) : (!tile.coords<64>, i1, i1, f32) -> f32
    tile.yield %b : f32
  }
  %d1 = tile.domain %n : !tile.domain<64>
  %r1 = tile.fold free (%J, partial = %p, update = %u) in %d1 iter(%a = %s) partial_first held : !tile.domain<64>, f32 {
    %b = "test.step"(%J, %p, %u, %a) : (!tile.coords<64>, i1, i1, f32) -> f32
    tile.yield %b : f32
  }
  %d2 = tile.domain %few : !tile.domain<64>
  %r2 = tile.fold free (%J, partial = %p, update = %u) in %d2 iter(%a = %s) partial_first held : !tile.domain<64>, f32 {
    %b = "test.step"(%J, %p, %u, %a) : (!tile.coords<64>, i1, i1, f32) -> f32
    tile.yield %b : f32
  }
  %r3 = tile.fold free (%J, partial = %p, update = %u) in %d0 iter(%a = %s) partial_first : !tile.domain<64>, f32 {
    %b = "test.step"(%J, %p, %u, %a) : (!tile.coords<64>, i1, i1, f32) -> f32
    tile.yield %b : f32
  }
  %h0 = tile.held %r0 : f32
  %h1 = tile.held %r1 : f32
  %h2 = tile.held %r2 : f32
  %h3 = tile.held %r3 : f32
  return %h0, %h1, %h2, %h3 : i1, i1, i1, i1
}
