// Neighbourhood attention on a grid of Y x X positions, row by row. In each
// dimension a query sees `kernel` coordinates around its own, moved inwards at the
// borders:
//
//   first = min(max(c - floor(kernel / 2), 0), n - kernel)
//   (y', x') visible to (y, x)  iff  first(y) <= y' < first(y) + kernel_y  and
//                                    first(x) <= x' < first(x) + kernel_x
//
// Hassani et al. 2023 (NAT).
//
// @natten_2d has a grid of 13 x 16 and kernel = 5 x 5, @natten_2d_paper those of
// the first level of NAT, 56 x 56 and 7 x 7.

!qkv = tensor<?x4x208x32xf32>

func.func @natten_2d(%q: !qkv, %k: !qkv, %v: !qkv) -> !qkv {
  %c0 = arith.constant 0 : index
  %batch = tensor.dim %q, %c0 : !qkv
  %init = tensor.empty(%batch) : !qkv
  %out = attn.attention %q, %k, %v outs(%init) scale(0.1767766952966369)
      mask(neighborhood<[13, 16], [5, 5]>)
      : !qkv, !qkv, !qkv -> !qkv
  return %out : !qkv
}

!paper_qkv = tensor<?x8x3136x32xbf16>

func.func @natten_2d_paper(%q: !paper_qkv, %k: !paper_qkv, %v: !paper_qkv) -> !paper_qkv {
  %c0 = arith.constant 0 : index
  %batch = tensor.dim %q, %c0 : !paper_qkv
  %init = tensor.empty(%batch) : !paper_qkv
  %out = attn.attention %q, %k, %v outs(%init) scale(0.1767766952966369)
      mask(neighborhood<[56, 56], [7, 7]>)
      : !paper_qkv, !paper_qkv, !paper_qkv -> !paper_qkv
  return %out : !paper_qkv
}
