// A dilated sliding window: `window` keys, `dilation` apart, the last one at the
// query.
//
//   j visible to i  iff  0 <= i - j < window * dilation  and
//                        (i - j) mod dilation = 0
//
// Beltagy et al. 2020 (Longformer).
//
// @dilated has window = 16 and dilation = 3, @dilated_paper the largest of the
// paper, window = 512 and dilation = 3.

!qkv = tensor<?x4x?x32xf32>

func.func @dilated(%q: !qkv, %k: !qkv, %v: !qkv) -> !qkv {
  %c0 = arith.constant 0 : index
  %c2 = arith.constant 2 : index
  %batch = tensor.dim %q, %c0 : !qkv
  %length = tensor.dim %q, %c2 : !qkv
  %init = tensor.empty(%batch, %length) : !qkv
  %out = attn.attention %q, %k, %v outs(%init) scale(0.1767766952966369)
      mask(dilated<16, 3>)
      : !qkv, !qkv, !qkv -> !qkv
  return %out : !qkv
}

!paper_qkv = tensor<?x16x?x64xbf16>

func.func @dilated_paper(%q: !paper_qkv, %k: !paper_qkv, %v: !paper_qkv) -> !paper_qkv {
  %c0 = arith.constant 0 : index
  %c2 = arith.constant 2 : index
  %batch = tensor.dim %q, %c0 : !paper_qkv
  %length = tensor.dim %q, %c2 : !paper_qkv
  %init = tensor.empty(%batch, %length) : !paper_qkv
  %out = attn.attention %q, %k, %v outs(%init) scale(0.125)
      mask(dilated<512, 3>)
      : !paper_qkv, !paper_qkv, !paper_qkv -> !paper_qkv
  return %out : !paper_qkv
}
