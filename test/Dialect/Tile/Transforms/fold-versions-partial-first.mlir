// RUN: attn-opt %s --tile-fold-versions --canonicalize --cse --allow-unregistered-dialect | FileCheck %s

// The tail before the whole tiles.
// CHECK-LABEL: func @free
// CHECK: scf.for
// CHECK:   "test.step"(%{{.*}}, %true
// CHECK: scf.for
// CHECK:   "test.step"(%{{.*}}, %false
// CHECK-NOT: scf.for
func.func @free(%n: index, %s: tensor<32x256xf32>) -> tensor<32x256xf32> {
  %d = tile.domain %n : !tile.domain<64>
  %r = tile.fold free (%J, partial = %p) in %d iter(%a = %s) partial_first : !tile.domain<64>, tensor<32x256xf32> {
    %b = "test.step"(%J, %p, %a) : (!tile.coords<64>, i1, tensor<32x256xf32>) -> tensor<32x256xf32>
    tile.yield %b : tensor<32x256xf32>
  }
  return %r : tensor<32x256xf32>
}

// A window is cut on both sides: one loop of partial tiles, then the full ones
// between them.
// CHECK-LABEL: func @window
// CHECK: %[[A:.*]] = scf.for {{.*}} iter_args(%{{.*}} = %{{.*}})
// CHECK:   "test.step"(%{{.*}}, %true
// CHECK: scf.for {{.*}} iter_args(%{{.*}} = %[[A]])
// CHECK:   "test.step"(%{{.*}}, %false
// CHECK-NOT: scf.for
func.func @window(%i: index, %m: index, %n: index, %b: index, %h: index, %s: tensor<32x128xf32>) -> tensor<32x128xf32> {
  %I = tile.coords %i limit(%m) : !tile.coords<32>
  %d = tile.domain %n mask(#attn.window<256> rows %I : !tile.coords<32> at %b, %h) : !tile.domain<64>
  %r = tile.fold free (%J, partial = %p) in %d iter(%a = %s) partial_first : !tile.domain<64>, tensor<32x128xf32> {
    %t = "test.step"(%J, %p, %a) : (!tile.coords<64>, i1, tensor<32x128xf32>) -> tensor<32x128xf32>
    tile.yield %t : tensor<32x128xf32>
  }
  return %r : tensor<32x128xf32>
}
