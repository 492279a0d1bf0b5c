// Fixed attention of the Sparse Transformer: the block of the query, and the last
// `summary` keys of every block; one softmax over both.
//
//   j visible to i  iff  j <= i  and
//                        (floor(i / stride) = floor(j / stride)  or
//                         j mod stride >= stride - summary)
//
// Child et al. 2019.
//
// @sparse_transformer_fixed has stride = 16 and summary = 4,
// @sparse_transformer_fixed_paper those of the paper, 128 and 32.

!qkv = tensor<?x4x?x32xf32>

func.func @sparse_transformer_fixed(%q: !qkv, %k: !qkv, %v: !qkv) -> !qkv {
  %c0 = arith.constant 0 : index
  %c2 = arith.constant 2 : index
  %batch = tensor.dim %q, %c0 : !qkv
  %length = tensor.dim %q, %c2 : !qkv
  %init = tensor.empty(%batch, %length) : !qkv
  %out = attn.attention %q, %k, %v outs(%init) scale(0.1767766952966369)
      mask(and<causal, or<chunk<16>, affine<"(b, h, i, j) : (j mod 16 - 12 >= 0)">>>)
      : !qkv, !qkv, !qkv -> !qkv
  return %out : !qkv
}

!paper_qkv = tensor<?x8x?x64xbf16>

func.func @sparse_transformer_fixed_paper(%q: !paper_qkv, %k: !paper_qkv, %v: !paper_qkv) -> !paper_qkv {
  %c0 = arith.constant 0 : index
  %c2 = arith.constant 2 : index
  %batch = tensor.dim %q, %c0 : !paper_qkv
  %length = tensor.dim %q, %c2 : !paper_qkv
  %init = tensor.empty(%batch, %length) : !paper_qkv
  %out = attn.attention %q, %k, %v outs(%init) scale(0.125)
      mask(and<causal, or<chunk<128>, affine<"(b, h, i, j) : (j mod 128 - 96 >= 0)">>>)
      : !paper_qkv, !paper_qkv, !paper_qkv -> !paper_qkv
  return %out : !paper_qkv
}
