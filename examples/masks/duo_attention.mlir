// DuoAttention: some kv heads see everything, the others sinks and recent keys.
// With the kv head g = floor(h / (Hq / Hkv)) of query head h:
//
//   j visible to i  iff  j <= i  and
//                        (not streaming[g]  or  j < sinks  or  i - j < recent)
//
// Xiao et al. 2024.
//
// The mask is per query head: those of one kv head follow each other.
// @duo_attention has streaming = (no, yes), sinks = 4 and recent = 32,
// @duo_attention_paper half of the 8 kv heads of Llama 3 streaming, 64 and 256.

!q = tensor<?x4x?x32xf32>
!kv = tensor<?x2x?x32xf32>
#streaming = #attn.and<causal, or<sink<4>, window<32>>>

func.func @duo_attention(%q: !q, %k: !kv, %v: !kv) -> !q {
  %c0 = arith.constant 0 : index
  %c2 = arith.constant 2 : index
  %batch = tensor.dim %q, %c0 : !q
  %length = tensor.dim %q, %c2 : !q
  %init = tensor.empty(%batch, %length) : !q
  %out = attn.attention %q, %k, %v outs(%init) scale(0.1767766952966369)
      mask(per_head<causal, causal, #streaming, #streaming>)
      : !q, !kv, !kv -> !q
  return %out : !q
}

!paper_q = tensor<?x32x?x128xbf16>
!paper_kv = tensor<?x8x?x128xbf16>
#paper_streaming = #attn.and<causal, or<sink<64>, window<256>>>

func.func @duo_attention_paper(%q: !paper_q, %k: !paper_kv, %v: !paper_kv) -> !paper_q {
  %c0 = arith.constant 0 : index
  %c2 = arith.constant 2 : index
  %batch = tensor.dim %q, %c0 : !paper_q
  %length = tensor.dim %q, %c2 : !paper_q
  %init = tensor.empty(%batch, %length) : !paper_q
  %out = attn.attention %q, %k, %v outs(%init) scale(0.08838834764831845)
      mask(per_head<causal, causal, causal, causal,
                    #paper_streaming, #paper_streaming, #paper_streaming, #paper_streaming>)
      : !paper_q, !paper_kv, !paper_kv -> !paper_q
  return %out : !paper_q
}
