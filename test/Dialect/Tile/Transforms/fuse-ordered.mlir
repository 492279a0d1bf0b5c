// RUN: attn-opt %s --tile-parallel --canonicalize --cse --tile-fuse --canonicalize --cse | FileCheck %s

// What a recurrence reads and writes is whole sequences: they move into its loop.

#id = affine_map<(b, h, t, e) -> (b, h, t, e)>

// CHECK-LABEL: func @neighbours
// CHECK: scf.forall
// CHECK: math.sin
// CHECK: attn.recurrence
// CHECK: math.cos
// CHECK: scf.forall.in_parallel
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
