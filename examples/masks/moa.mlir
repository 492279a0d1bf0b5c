// Mixture of attention: every head has a span of its own.
//
//   j visible to i  iff  j <= i  and  (j < sinks  or  i - j < spans[h])
//
// Fu et al. 2024 (MoA).
//
// @moa has sinks = 4 and spans of 16, 32, 64 and 128, @moa_paper the 64 sinks of
// the paper and spans of 128, 256, 512 and 1024, eight times, in 32 heads of 128.

!qkv = tensor<?x4x?x32xf32>

func.func @moa(%q: !qkv, %k: !qkv, %v: !qkv) -> !qkv {
  %c0 = arith.constant 0 : index
  %c2 = arith.constant 2 : index
  %batch = tensor.dim %q, %c0 : !qkv
  %length = tensor.dim %q, %c2 : !qkv
  %init = tensor.empty(%batch, %length) : !qkv
  %out = attn.attention %q, %k, %v outs(%init) scale(0.1767766952966369)
      mask(and<causal, or<sink<4>, per_head<window<16>, window<32>, window<64>, window<128>>>>)
      : !qkv, !qkv, !qkv -> !qkv
  return %out : !qkv
}

!paper_qkv = tensor<?x32x?x128xbf16>

func.func @moa_paper(%q: !paper_qkv, %k: !paper_qkv, %v: !paper_qkv) -> !paper_qkv {
  %c0 = arith.constant 0 : index
  %c2 = arith.constant 2 : index
  %batch = tensor.dim %q, %c0 : !paper_qkv
  %length = tensor.dim %q, %c2 : !paper_qkv
  %init = tensor.empty(%batch, %length) : !paper_qkv
  %out = attn.attention %q, %k, %v outs(%init) scale(0.08838834764831845)
      mask(and<causal, or<sink<64>, per_head<window<128>, window<256>, window<512>, window<1024>>>>)
      : !paper_qkv, !paper_qkv, !paper_qkv -> !paper_qkv
  return %out : !paper_qkv
}
