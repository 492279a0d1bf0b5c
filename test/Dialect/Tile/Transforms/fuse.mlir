// RUN: attn-opt %s --tile-parallel --canonicalize --cse --tile-fuse --canonicalize --cse | FileCheck %s

#schedule = #attn.schedule<rows = 12, cols = 32, micro = #tile.micro_tile<rows = 6, cols = 16, lanes = 8>>
#id = affine_map<(b, h, i, d) -> (b, h, i, d)>

// What makes the queries and what gates the output move into the loop; what
// makes the keys, which every tile of rows reads, does not.

// CHECK-LABEL: func @neighbours
// CHECK: linalg.generic
// CHECK-NEXT: ^bb0
// CHECK: math.tanh
// CHECK: scf.forall
// CHECK: linalg.generic
// CHECK: math.sin
// CHECK: attn.attention
// CHECK: linalg.generic
// CHECK: math.cos
// CHECK: scf.forall.in_parallel
// CHECK-NOT: linalg.generic
// CHECK: return
func.func @neighbours(%q: tensor<2x4x64x16xf32>, %k: tensor<2x2x64x16xf32>,
    %v: tensor<2x2x64x16xf32>, %o: tensor<2x4x64x16xf32>) -> tensor<2x4x64x16xf32> {
  %e = tensor.empty() : tensor<2x4x64x16xf32>
  %f = tensor.empty() : tensor<2x2x64x16xf32>
  %k1 = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel", "parallel", "parallel"]}
      ins(%k : tensor<2x2x64x16xf32>) outs(%f : tensor<2x2x64x16xf32>) {
  ^bb0(%x: f32, %y: f32):
    %z = math.tanh %x : f32
    linalg.yield %z : f32
  } -> tensor<2x2x64x16xf32>
  %q1 = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel", "parallel", "parallel"]}
      ins(%q : tensor<2x4x64x16xf32>) outs(%e : tensor<2x4x64x16xf32>) {
  ^bb0(%x: f32, %y: f32):
    %z = math.sin %x : f32
    linalg.yield %z : f32
  } -> tensor<2x4x64x16xf32>
  %r = attn.attention %q1, %k1, %v outs(%e) scale(0.25) schedule(#schedule)
    : tensor<2x4x64x16xf32>, tensor<2x2x64x16xf32>, tensor<2x2x64x16xf32> -> tensor<2x4x64x16xf32>
  %g = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel", "parallel", "parallel"]}
      ins(%r : tensor<2x4x64x16xf32>) outs(%o : tensor<2x4x64x16xf32>) {
  ^bb0(%x: f32, %y: f32):
    %z = math.cos %x : f32
    linalg.yield %z : f32
  } -> tensor<2x4x64x16xf32>
  return %g : tensor<2x4x64x16xf32>
}
