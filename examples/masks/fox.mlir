// Forgetting attention: causal; a logit loses what the gates between key and query
// forget.
//
//   t(i, j) = scale * q_i . k_j + sum_{l = j+1 .. i} log_f[b, h, l],    j <= i
//
// Lin et al. 2025 (Forgetting Transformer).
//
// The sum between two tokens is the difference of two sums from the beginning,
// which an ordinary operation takes before.
// @fox_paper has 16 heads of 64.

!qkv = tensor<?x4x?x32xf32>

func.func @fox(%q: !qkv, %k: !qkv, %v: !qkv, %log_f: tensor<?x4x?xf32>) -> !qkv {
  %c0 = arith.constant 0 : index
  %c2 = arith.constant 2 : index
  %batch = tensor.dim %q, %c0 : !qkv
  %length = tensor.dim %q, %c2 : !qkv
  %init = tensor.empty(%batch, %length) : !qkv
  // forgotten[b, h, i] = sum_{l <= i} log_f[b, h, l]
  %zero = arith.constant 0.0 : f32
  %sums_init = tensor.empty(%batch, %length) : tensor<?x4x?xf32>
  %sums = linalg.fill ins(%zero : f32) outs(%sums_init : tensor<?x4x?xf32>) -> tensor<?x4x?xf32>
  %forgotten = linalg.generic {
      indexing_maps = [affine_map<(b, h, i, l) -> (b, h, l)>, affine_map<(b, h, i, l) -> (b, h, i)>],
      iterator_types = ["parallel", "parallel", "parallel", "reduction"]}
      ins(%log_f : tensor<?x4x?xf32>) outs(%sums : tensor<?x4x?xf32>) {
  ^bb0(%gate: f32, %sum: f32):
    %i = linalg.index 2 : index
    %l = linalg.index 3 : index
    %inside = arith.cmpi sle, %l, %i : index
    %term = arith.select %inside, %gate, %zero : f32
    %next = arith.addf %sum, %term : f32
    linalg.yield %next : f32
  } -> tensor<?x4x?xf32>
  %out = attn.attention %q, %k, %v outs(%init) scale(0.1767766952966369) mask(causal) score {
  ^bb0(%s: f32, %b: index, %h: index, %i: index, %j: index):
    %to_i = tensor.extract %forgotten[%b, %h, %i] : tensor<?x4x?xf32>
    %to_j = tensor.extract %forgotten[%b, %h, %j] : tensor<?x4x?xf32>
    %between = arith.subf %to_i, %to_j : f32
    %t = arith.addf %s, %between : f32
    attn.yield %t : f32
  }
      : !qkv, !qkv, !qkv -> !qkv
  return %out : !qkv
}

!paper_qkv = tensor<?x16x?x64xbf16>

func.func @fox_paper(%q: !paper_qkv, %k: !paper_qkv, %v: !paper_qkv, %log_f: tensor<?x16x?xf32>) -> !paper_qkv {
  %c0 = arith.constant 0 : index
  %c2 = arith.constant 2 : index
  %batch = tensor.dim %q, %c0 : !paper_qkv
  %length = tensor.dim %q, %c2 : !paper_qkv
  %init = tensor.empty(%batch, %length) : !paper_qkv
  // forgotten[b, h, i] = sum_{l <= i} log_f[b, h, l]
  %zero = arith.constant 0.0 : f32
  %sums_init = tensor.empty(%batch, %length) : tensor<?x16x?xf32>
  %sums = linalg.fill ins(%zero : f32) outs(%sums_init : tensor<?x16x?xf32>) -> tensor<?x16x?xf32>
  %forgotten = linalg.generic {
      indexing_maps = [affine_map<(b, h, i, l) -> (b, h, l)>, affine_map<(b, h, i, l) -> (b, h, i)>],
      iterator_types = ["parallel", "parallel", "parallel", "reduction"]}
      ins(%log_f : tensor<?x16x?xf32>) outs(%sums : tensor<?x16x?xf32>) {
  ^bb0(%gate: f32, %sum: f32):
    %i = linalg.index 2 : index
    %l = linalg.index 3 : index
    %inside = arith.cmpi sle, %l, %i : index
    %term = arith.select %inside, %gate, %zero : f32
    %next = arith.addf %sum, %term : f32
    linalg.yield %next : f32
  } -> tensor<?x16x?xf32>
  %out = attn.attention %q, %k, %v outs(%init) scale(0.125) mask(causal) score {
  ^bb0(%s: f32, %b: index, %h: index, %i: index, %j: index):
    %to_i = tensor.extract %forgotten[%b, %h, %i] : tensor<?x16x?xf32>
    %to_j = tensor.extract %forgotten[%b, %h, %j] : tensor<?x16x?xf32>
    %between = arith.subf %to_i, %to_j : f32
    %t = arith.addf %s, %between : f32
    attn.yield %t : f32
  }
      : !paper_qkv, !paper_qkv, !paper_qkv -> !paper_qkv
  return %out : !paper_qkv
}
