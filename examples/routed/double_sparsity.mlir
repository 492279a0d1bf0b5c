// Double sparsity: few channels of a key find the tokens that a query sees. It decodes:
// it has all keys. With the label channels c[h, .] of a head, found before:
//
//   g(j) = sum_n q[c[h, n]] k[j, c[h, n]]
//   see the last token and the best of the others, `topk` in all
//
// Yang et al. 2024.
//
// @double_sparsity has 4 of 32 channels and topk = 24.

!q = tensor<2x4x1x32xf32>
!kv = tensor<2x4x?x32xf32>
!labels = tensor<4x4xi32>
!ql = tensor<2x4x1x4xf32>
!kl = tensor<2x4x?x4xf32>
!scores = tensor<2x4x1x?xf32>
!lists = tensor<2x4x1x24xi32>
#all = affine_map<(b, h, j, n) -> (b, h, j, n)>
#label = affine_map<(b, h, j, n) -> (h, n)>

func.func @double_sparsity(%q: !q, %k: !kv, %v: !kv, %channels: !labels) -> !q {
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : index
  %length = tensor.dim %k, %c2 : !kv
  %last = arith.subi %length, %c1 : index
  %0 = tensor.empty() : !ql
  %ql = linalg.generic {indexing_maps = [#label, #all], iterator_types = ["parallel", "parallel", "parallel", "parallel"]}
      ins(%channels : !labels) outs(%0 : !ql) {
  ^bb0(%channel: i32, %init: f32):
    %b = linalg.index 0 : index
    %h = linalg.index 1 : index
    %j = linalg.index 2 : index
    %d = arith.index_cast %channel : i32 to index
    %x = tensor.extract %q[%b, %h, %j, %d] : !q
    linalg.yield %x : f32
  } -> !ql
  // The label cache.
  %1 = tensor.empty(%length) : !kl
  %kl = linalg.generic {indexing_maps = [#label, #all], iterator_types = ["parallel", "parallel", "parallel", "parallel"]}
      ins(%channels : !labels) outs(%1 : !kl) {
  ^bb0(%channel: i32, %init: f32):
    %b = linalg.index 0 : index
    %h = linalg.index 1 : index
    %j = linalg.index 2 : index
    %d = arith.index_cast %channel : i32 to index
    %x = tensor.extract %k[%b, %h, %j, %d] : !kv
    linalg.yield %x : f32
  } -> !kl
  %2 = tensor.empty(%length) : !scores
  %scores = attn.route_score sum %ql, %kl outs(%2) scale(1.0) : !ql, !kl -> !scores
  %3 = tensor.empty() : !lists
  %lists = attn.select %scores outs(%3) force(window<1>) offset(%last) : !scores -> !lists
  %4 = tensor.empty() : !q
  %out = attn.attention %q, %k, %v outs(%4) scale(0.1767766952966369)
      select(%lists : !lists) blocks(1, 1) : !q, !kv, !kv -> !q
  return %out : !q
}
