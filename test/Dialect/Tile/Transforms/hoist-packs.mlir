// RUN: attn-opt %s --tile-parallel --canonicalize --cse --tile-form-folds --canonicalize --cse \
// RUN:   --tile-pack-contractions --tile-hoist-packs --canonicalize --cse --split-input-file | FileCheck %s

#schedule = #attn.schedule<rows = 12, cols = 32, micro = #tile.micro_tile<rows = 6, cols = 16, lanes = 8>>

// Keys and values are packed once per kv head, in f32, and read back as panels.
// Columns beyond the run-time length of the batch entry are zero.

// CHECK-LABEL: func @lengths
// CHECK: scf.forall (%[[B:.*]], %[[G:.*]], %[[T:.*]]) in (2, 2, 3)
// CHECK:   tensor.extract_slice %{{.*}}[%[[B]]] [1] [1] : tensor<2xi32>
// CHECK:   tile.coords %{{.*}} limit(%{{.*}}) : <32>
// CHECK:   tensor.extract_slice %{{.*}}[%[[B]], %[[G]], 0, 0] [1, 1, 80, 16]
// CHECK:   tile.rows
// CHECK:   arith.extf
// CHECK:   linalg.transpose {{.*}} permutation = [0, 2, 1]
// CHECK:   tensor.parallel_insert_slice
// CHECK: scf.forall
// CHECK:   linalg.transpose {{.*}} permutation = [1, 0, 2]
// CHECK: scf.forall
// CHECK: tile.fold
// CHECK-NOT: linalg.transpose
// CHECK:   tensor.extract_slice {{.*}} : tensor<2x2x3x2x16x16xf32> to tensor<2x16x16xf32>
// CHECK:   tile.yield
func.func @lengths(%q: tensor<2x4x64x16xbf16>, %k: tensor<2x2x80x16xbf16>, %n: tensor<2xi32>) -> tensor<2x4x64x16xbf16> {
  %r = attn.attention %q, %k, %k outs(%q) scale(0.25) kv_lengths(%n : tensor<2xi32>) schedule(#schedule)
    : tensor<2x4x64x16xbf16>, tensor<2x2x80x16xbf16>, tensor<2x2x80x16xbf16> -> tensor<2x4x64x16xbf16>
  return %r : tensor<2x4x64x16xbf16>
}

// -----

#schedule = #attn.schedule<rows = 12, cols = 32, micro = #tile.micro_tile<rows = 6, cols = 16, lanes = 8>, hoist_pack = false>

// The schedule decides.

// CHECK-LABEL: func @not_asked
// CHECK: tile.fold
// CHECK: linalg.transpose
func.func @not_asked(%q: tensor<2x4x64x16xf32>, %k: tensor<2x2x80x16xf32>) -> tensor<2x4x64x16xf32> {
  %r = attn.attention %q, %k, %k outs(%q) scale(0.25) schedule(#schedule)
    : tensor<2x4x64x16xf32>, tensor<2x2x80x16xf32>, tensor<2x2x80x16xf32> -> tensor<2x4x64x16xf32>
  return %r : tensor<2x4x64x16xf32>
}

// -----

#schedule = #attn.schedule<rows = 12, cols = 32, micro = #tile.micro_tile<rows = 6, cols = 16, lanes = 8>>

// One head of one batch entry: there is no slice to take.

// CHECK-LABEL: func @one_head
// CHECK: scf.forall (%{{.*}}) in (3)
// CHECK:   linalg.transpose {{.*}} permutation = [0, 2, 1]
// CHECK: tile.fold
// CHECK-NOT: linalg.transpose
// CHECK:   tile.yield
func.func @one_head(%q: tensor<1x1x64x16xf32>, %k: tensor<1x1x80x16xf32>) -> tensor<1x1x64x16xf32> {
  %r = attn.attention %q, %k, %k outs(%q) scale(0.25) schedule(#schedule)
    : tensor<1x1x64x16xf32>, tensor<1x1x80x16xf32>, tensor<1x1x80x16xf32> -> tensor<1x1x64x16xf32>
  return %r : tensor<1x1x64x16xf32>
}
