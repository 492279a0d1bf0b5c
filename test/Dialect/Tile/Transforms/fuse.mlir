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

// A projection that adds up all heads stays behind the loop over heads, whose
// tiles would write the same rows at the same time; one within a head moves in.

// CHECK-LABEL: func @sum_of_heads
// CHECK: scf.forall
// CHECK: attn.attention
// CHECK-NEXT: scf.forall.in_parallel
// CHECK: linalg.contract
// CHECK: return
#bhid = affine_map<(b, i, m, h, d) -> (b, h, i, d)>
#hdm = affine_map<(b, i, m, h, d) -> (h, d, m)>
#bim = affine_map<(b, i, m, h, d) -> (b, i, m)>
func.func @sum_of_heads(%q: tensor<2x4x64x16xf32>, %w: tensor<4x16x8xf32>,
    %o: tensor<2x64x8xf32>) -> tensor<2x64x8xf32> {
  %e = tensor.empty() : tensor<2x4x64x16xf32>
  %r = attn.attention %q, %q, %q outs(%e) scale(0.25) schedule(#schedule)
    : tensor<2x4x64x16xf32>, tensor<2x4x64x16xf32>, tensor<2x4x64x16xf32> -> tensor<2x4x64x16xf32>
  %p = linalg.contract indexing_maps = [#bhid, #hdm, #bim]
    ins(%r, %w : tensor<2x4x64x16xf32>, tensor<4x16x8xf32>) outs(%o : tensor<2x64x8xf32>) -> tensor<2x64x8xf32>
  return %p : tensor<2x64x8xf32>
}

// CHECK-LABEL: func @within_heads
// CHECK: scf.forall
// CHECK: attn.attention
// CHECK: linalg.contract
// CHECK: scf.forall.in_parallel
// CHECK-NOT: linalg.contract
// CHECK: return
#bhid2 = affine_map<(b, h, i, m, d) -> (b, h, i, d)>
#hdm2 = affine_map<(b, h, i, m, d) -> (h, d, m)>
#bhim2 = affine_map<(b, h, i, m, d) -> (b, h, i, m)>
func.func @within_heads(%q: tensor<2x4x64x16xf32>, %w: tensor<4x16x8xf32>,
    %o: tensor<2x4x64x8xf32>) -> tensor<2x4x64x8xf32> {
  %e = tensor.empty() : tensor<2x4x64x16xf32>
  %r = attn.attention %q, %q, %q outs(%e) scale(0.25) schedule(#schedule)
    : tensor<2x4x64x16xf32>, tensor<2x4x64x16xf32>, tensor<2x4x64x16xf32> -> tensor<2x4x64x16xf32>
  %p = linalg.contract indexing_maps = [#bhid2, #hdm2, #bhim2]
    ins(%r, %w : tensor<2x4x64x16xf32>, tensor<4x16x8xf32>) outs(%o : tensor<2x4x64x8xf32>) -> tensor<2x4x64x8xf32>
  return %p : tensor<2x4x64x8xf32>
}
