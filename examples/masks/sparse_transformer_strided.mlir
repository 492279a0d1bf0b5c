// Strided attention of the Sparse Transformer: the last `stride` keys, and every
// `stride`-th before them; one softmax over both.
//
//   j visible to i  iff  j <= i  and
//                        (i - j < stride  or  (i - j) mod stride = 0)
//
// Child et al. 2019.
//
// @sparse_transformer_strided has stride = 16, @sparse_transformer_strided_paper
// that of the paper, 128.

!qkv = tensor<?x4x?x32xf32>

func.func @sparse_transformer_strided(%q: !qkv, %k: !qkv, %v: !qkv) -> !qkv {
  %c0 = arith.constant 0 : index
  %c2 = arith.constant 2 : index
  %batch = tensor.dim %q, %c0 : !qkv
  %length = tensor.dim %q, %c2 : !qkv
  %init = tensor.empty(%batch, %length) : !qkv
  %out = attn.attention %q, %k, %v outs(%init) scale(0.1767766952966369)
      mask(and<causal, or<window<16>, strided<16>>>)
      : !qkv, !qkv, !qkv -> !qkv
  return %out : !qkv
}

!paper_qkv = tensor<?x8x?x64xbf16>

func.func @sparse_transformer_strided_paper(%q: !paper_qkv, %k: !paper_qkv, %v: !paper_qkv) -> !paper_qkv {
  %c0 = arith.constant 0 : index
  %c2 = arith.constant 2 : index
  %batch = tensor.dim %q, %c0 : !paper_qkv
  %length = tensor.dim %q, %c2 : !paper_qkv
  %init = tensor.empty(%batch, %length) : !paper_qkv
  %out = attn.attention %q, %k, %v outs(%init) scale(0.125)
      mask(and<causal, or<window<128>, strided<128>>>)
      : !paper_qkv, !paper_qkv, !paper_qkv -> !paper_qkv
  return %out : !paper_qkv
}
