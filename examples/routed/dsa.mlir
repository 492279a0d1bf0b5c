// DeepSeek sparse attention: the lightning indexer scores every token, and all heads
// see the best of them:
//
//   I(i, j) = sum_n w[n, i] max(0, qi[n, i] . ki[j])        of the tokens j <= i
//   see the `topk` tokens with the largest I(i, j)
//
// DeepSeek-AI 2025.
//
// The scores of all heads are one number; a list is of tokens, blocks of one key.
// @dsa has topk = 40.

!q = tensor<?x4x?x32xf32>
!kv = tensor<?x1x?x32xf32>
!qi = tensor<?x3x?x16xf32>
!ki = tensor<?x1x?x16xf32>
!w = tensor<?x3x?xf32>
!scores = tensor<?x1x?x?xf32>
!lists = tensor<?x1x?x40xi32>

func.func @dsa(%q: !q, %k: !kv, %v: !kv, %qi: !qi, %ki: !ki, %w: !w) -> !q {
  %c0 = arith.constant 0 : index
  %c2 = arith.constant 2 : index
  %zero = arith.constant 0.0 : f32
  %batch = tensor.dim %q, %c0 : !q
  %length = tensor.dim %q, %c2 : !q
  %0 = tensor.empty(%batch, %length, %length) : !scores
  %scores = attn.route_score sum %qi, %ki outs(%0) scale(1.0) mask(causal) score {
  ^bb0(%s: f32, %b: index, %n: index, %i: index, %j: index):
    %positive = arith.maximumf %s, %zero : f32
    %weight = tensor.extract %w[%b, %n, %i] : !w
    %t = arith.mulf %weight, %positive : f32
    attn.yield %t : f32
  } : !qi, !ki -> !scores
  %1 = tensor.empty(%batch, %length) : !lists
  %lists = attn.select %scores outs(%1) mask(causal) : !scores -> !lists
  %2 = tensor.empty(%batch, %length) : !q
  %out = attn.attention %q, %k, %v outs(%2) scale(0.1767766952966369) mask(causal)
      select(%lists : !lists) blocks(1, 1) : !q, !kv, !kv -> !q
  return %out : !q
}
