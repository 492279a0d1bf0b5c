// RUN: attn-opt %s --tile-parallel --canonicalize --cse --tile-fuse --canonicalize --cse | FileCheck %s --check-prefix=ALL
// RUN: attn-opt %s --tile-parallel --canonicalize --cse --tile-fuse=tiles-only --canonicalize --cse | FileCheck %s --check-prefix=TILES

// What a recurrence reads and writes is whole sequences: they move into its loop,
// unless only tiles may.

#id = affine_map<(b, h, t, e) -> (b, h, t, e)>

// ALL-LABEL: func @neighbours
// ALL: scf.forall
// ALL: math.sin
// ALL: attn.recurrence
// ALL: math.cos
// ALL: scf.forall.in_parallel
// TILES-LABEL: func @neighbours
// TILES: math.sin
// TILES: scf.forall
// TILES-NEXT: tensor.extract_slice
// TILES-NOT: linalg.generic
// TILES: scf.forall.in_parallel
// TILES: math.cos
func.func @neighbours(%q: tensor<2x4x64x16xf32>, %k: tensor<2x4x64x16xf32>, %o: tensor<2x4x64x16xf32>) -> tensor<2x4x64x16xf32> {
  %e = tensor.empty() : tensor<2x4x64x16xf32>
  %v = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel", "parallel", "parallel"]}
      ins(%k : tensor<2x4x64x16xf32>) outs(%e : tensor<2x4x64x16xf32>) {
  ^bb0(%x: f32, %y: f32):
    %z = math.sin %x : f32
    linalg.yield %z : f32
  } -> tensor<2x4x64x16xf32>
  %r = attn.recurrence %q, %k, %v outs(%o) scale(1.0) schedule(<tokens = 1, columns = 16>)
    : tensor<2x4x64x16xf32>, tensor<2x4x64x16xf32>, tensor<2x4x64x16xf32> -> tensor<2x4x64x16xf32>
  %w = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel", "parallel", "parallel"]}
      ins(%r : tensor<2x4x64x16xf32>) outs(%e : tensor<2x4x64x16xf32>) {
  ^bb0(%x: f32, %y: f32):
    %z = math.cos %x : f32
    linalg.yield %z : f32
  } -> tensor<2x4x64x16xf32>
  return %w : tensor<2x4x64x16xf32>
}
