// Luna: a few queries of their own attend to the tokens; tokens attend to what these
// have found.
//
//   y = softmax attention of p over k, v;    out = softmax attention of q over y, y
//
// Ma et al. 2021.
//
// @luna has 24 such queries, @luna_paper 64.

!q = tensor<?x2x?x32xf32>
!p = tensor<?x2x24x32xf32>

func.func @luna(%q: !q, %k: !q, %v: !q, %p: !p) -> !q {
  %c0 = arith.constant 0 : index
  %c2 = arith.constant 2 : index
  %batch = tensor.dim %q, %c0 : !q
  %length = tensor.dim %q, %c2 : !q
  %0 = tensor.empty(%batch) : !p
  %found = attn.attention %p, %k, %v outs(%0) scale(0.1767766952966369) : !p, !q, !q -> !p
  %1 = tensor.empty(%batch, %length) : !q
  %out = attn.attention %q, %found, %found outs(%1) scale(0.1767766952966369) : !q, !p, !p -> !q
  return %out : !q
}

!paper_q = tensor<?x8x?x64xbf16>
!paper_p = tensor<?x8x64x64xbf16>

func.func @luna_paper(%q: !paper_q, %k: !paper_q, %v: !paper_q, %p: !paper_p) -> !paper_q {
  %c0 = arith.constant 0 : index
  %c2 = arith.constant 2 : index
  %batch = tensor.dim %q, %c0 : !paper_q
  %length = tensor.dim %q, %c2 : !paper_q
  %0 = tensor.empty(%batch) : !paper_p
  %found = attn.attention %p, %k, %v outs(%0) scale(0.125) : !paper_p, !paper_q, !paper_q -> !paper_p
  %1 = tensor.empty(%batch, %length) : !paper_q
  %out = attn.attention %q, %found, %found outs(%1) scale(0.125) : !paper_q, !paper_p, !paper_p -> !paper_q
  return %out : !paper_q
}
