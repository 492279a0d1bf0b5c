// A prefix language model: all see the prefix, whose length each batch entry has
// its own.
//
//   j visible to i  iff  j <= i  or  j < prefix_lengths[b]
//
// Dong et al. 2019 (UniLM); Raffel et al. 2020 (T5).
//
// The lengths are parameters of the mask, so what no row of a tile sees is not
// visited. With one length for all, known beforehand, this is
// mask(or<causal, prefix<n>>).

!qkv = tensor<?x4x?x32xf32>

func.func @prefix_lm(%q: !qkv, %k: !qkv, %v: !qkv,
    %prefix_lengths: tensor<?xi32>) -> !qkv {
  %c0 = arith.constant 0 : index
  %c2 = arith.constant 2 : index
  %batch = tensor.dim %q, %c0 : !qkv
  %length = tensor.dim %q, %c2 : !qkv
  %init = tensor.empty(%batch, %length) : !qkv
  %lengths = tensor.expand_shape %prefix_lengths [[0, 1, 2]] output_shape [%batch, 1, 1]
      : tensor<?xi32> into tensor<?x1x1xi32>
  %out = attn.attention %q, %k, %v outs(%init) scale(0.1767766952966369)
      mask(or<causal, affine<"(b, h, i, j)[n] : (n - 1 - j >= 0)">>)
      parameters(%lengths : tensor<?x1x1xi32>)
      : !qkv, !qkv, !qkv -> !qkv
  return %out : !qkv
}

!paper_qkv = tensor<?x16x?x64xbf16>

func.func @prefix_lm_paper(%q: !paper_qkv, %k: !paper_qkv, %v: !paper_qkv,
    %prefix_lengths: tensor<?xi32>) -> !paper_qkv {
  %c0 = arith.constant 0 : index
  %c2 = arith.constant 2 : index
  %batch = tensor.dim %q, %c0 : !paper_qkv
  %length = tensor.dim %q, %c2 : !paper_qkv
  %init = tensor.empty(%batch, %length) : !paper_qkv
  %lengths = tensor.expand_shape %prefix_lengths [[0, 1, 2]] output_shape [%batch, 1, 1]
      : tensor<?xi32> into tensor<?x1x1xi32>
  %out = attn.attention %q, %k, %v outs(%init) scale(0.125)
      mask(or<causal, affine<"(b, h, i, j)[n] : (n - 1 - j >= 0)">>)
      parameters(%lengths : tensor<?x1x1xi32>)
      : !paper_qkv, !paper_qkv, !paper_qkv -> !paper_qkv
  return %out : !paper_qkv
}
