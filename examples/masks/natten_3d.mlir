// Neighbourhood attention on a grid of T x Y x X positions, the last dimension
// fastest. In each dimension a query sees `kernel` coordinates around its own,
// moved inwards at the borders:
//
//   first = min(max(c - floor(kernel / 2), 0), n - kernel)
//   c' visible to c  iff  first <= c' < first + kernel
//
// Hassani et al. 2023 (NAT) and 2024 (in three dimensions).
//
// @natten_3d has a grid of 4 x 6 x 9 and kernel = 3 x 3 x 5, @natten_3d_paper
// 8 x 14 x 14 and 3 x 5 x 5.

!qkv = tensor<?x4x216x32xf32>

func.func @natten_3d(%q: !qkv, %k: !qkv, %v: !qkv) -> !qkv {
  %c0 = arith.constant 0 : index
  %batch = tensor.dim %q, %c0 : !qkv
  %init = tensor.empty(%batch) : !qkv
  %out = attn.attention %q, %k, %v outs(%init) scale(0.1767766952966369)
      mask(neighborhood<[4, 6, 9], [3, 3, 5]>)
      : !qkv, !qkv, !qkv -> !qkv
  return %out : !qkv
}

!paper_qkv = tensor<?x8x1568x64xbf16>

func.func @natten_3d_paper(%q: !paper_qkv, %k: !paper_qkv, %v: !paper_qkv) -> !paper_qkv {
  %c0 = arith.constant 0 : index
  %batch = tensor.dim %q, %c0 : !paper_qkv
  %init = tensor.empty(%batch) : !paper_qkv
  %out = attn.attention %q, %k, %v outs(%init) scale(0.125)
      mask(neighborhood<[8, 14, 14], [3, 5, 5]>)
      : !paper_qkv, !paper_qkv, !paper_qkv -> !paper_qkv
  return %out : !paper_qkv
}
