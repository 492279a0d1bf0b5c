// Longformer: a two-sided window, and g global tokens in front with projections of
// their own.
//
//   i <  g:  out = softmax(scale * qg kg^T over all keys) vg
//   i >= g:  out = softmax(scale * q k^T over the visible keys) v,
//                  j visible  iff  |i - j| <= window / 2  or  j < g
//
// Beltagy et al. 2020.
//
// The rows of the global tokens take the place of the first local ones.
// @longformer has window = 32 and g = 3, @longformer_paper window = 512 and g = 16.

!qkv = tensor<2x4x?x32xf32>
!global = tensor<2x4x3x32xf32>

func.func @longformer(%q: !qkv, %k: !qkv, %v: !qkv,
    %qg: !global, %kg: !qkv, %vg: !qkv) -> !qkv {
  %c2 = arith.constant 2 : index
  %length = tensor.dim %q, %c2 : !qkv
  %init = tensor.empty(%length) : !qkv
  %local = attn.attention %q, %k, %v outs(%init) scale(0.1767766952966369)
      mask(or<window<17, 16>, prefix<3>>)
      : !qkv, !qkv, !qkv -> !qkv
  %global_init = tensor.empty() : !global
  %global = attn.attention %qg, %kg, %vg outs(%global_init) scale(0.1767766952966369)
      : !global, !qkv, !qkv -> !global
  %out = tensor.insert_slice %global into %local[0, 0, 0, 0] [2, 4, 3, 32] [1, 1, 1, 1]
      : !global into !qkv
  return %out : !qkv
}

!paper_qkv = tensor<1x12x?x64xbf16>
!paper_global = tensor<1x12x16x64xbf16>

func.func @longformer_paper(%q: !paper_qkv, %k: !paper_qkv, %v: !paper_qkv,
    %qg: !paper_global, %kg: !paper_qkv, %vg: !paper_qkv) -> !paper_qkv {
  %c2 = arith.constant 2 : index
  %length = tensor.dim %q, %c2 : !paper_qkv
  %init = tensor.empty(%length) : !paper_qkv
  %local = attn.attention %q, %k, %v outs(%init) scale(0.125)
      mask(or<window<257, 256>, prefix<16>>)
      : !paper_qkv, !paper_qkv, !paper_qkv -> !paper_qkv
  %global_init = tensor.empty() : !paper_global
  %global = attn.attention %qg, %kg, %vg outs(%global_init) scale(0.125)
      : !paper_global, !paper_qkv, !paper_qkv -> !paper_global
  %out = tensor.insert_slice %global into %local[0, 0, 0, 0] [1, 12, 16, 64] [1, 1, 1, 1]
      : !paper_global into !paper_qkv
  return %out : !paper_qkv
}
