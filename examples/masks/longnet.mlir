// LongNet: segments of several sizes, thinned out the more the larger they are.
// For each pair (w, r), head h takes the positions p with p mod r = h mod r:
//
//   j visible to i  iff  j <= i,  floor(j / w) = floor(i / w)  and
//                        j mod r = i mod r = h mod r
//
//   out = sum_n weight_n out_n,    weight = softmax over the pairs n of lse_n
//
// Ding et al. 2023.
//
// These weights are those of a softmax over all the keys of all pairs: each pair
// continues the state of the one before. r divides w, so that p mod r is that of
// the position inside its segment. @longnet has (32, 1), (64, 2) and (128, 4),
// @longnet_paper (2048, 1), (4096, 2) and (8192, 4).

!qkv = tensor<?x4x?x32xf32>
!sums = tensor<?x4x?x32xf32>
!rows = tensor<?x4x?xf32>

func.func @longnet(%q: !qkv, %k: !qkv, %v: !qkv) -> !qkv {
  %c0 = arith.constant 0 : index
  %c2 = arith.constant 2 : index
  %batch = tensor.dim %q, %c0 : !qkv
  %length = tensor.dim %q, %c2 : !qkv
  // The state over no keys.
  %zero = arith.constant 0.0 : f32
  %lowest = arith.constant -1.70141173E+38 : f32
  %acc_init = tensor.empty(%batch, %length) : !sums
  %row_init = tensor.empty(%batch, %length) : !rows
  %acc = linalg.fill ins(%zero : f32) outs(%acc_init : !sums) -> !sums
  %ref = linalg.fill ins(%lowest : f32) outs(%row_init : !rows) -> !rows
  %sum = linalg.fill ins(%zero : f32) outs(%row_init : !rows) -> !rows
  %a:3 = attn.partial %q, %k, %v outs(%acc, %ref, %sum) scale(0.1767766952966369)
      mask(and<causal, chunk<32>>)
      : !qkv, !qkv, !qkv -> !sums, !rows, !rows
  %b:3 = attn.partial %q, %k, %v outs(%a#0, %a#1, %a#2) scale(0.1767766952966369)
      mask(and<causal, chunk<64>, affine<"(b, h, i, j) : ((i - h) mod 2 == 0, (j - h) mod 2 == 0)">>)
      : !qkv, !qkv, !qkv -> !sums, !rows, !rows
  %c:3 = attn.partial %q, %k, %v outs(%b#0, %b#1, %b#2) scale(0.1767766952966369)
      mask(and<causal, chunk<128>, affine<"(b, h, i, j) : ((i - h) mod 4 == 0, (j - h) mod 4 == 0)">>)
      : !qkv, !qkv, !qkv -> !sums, !rows, !rows
  %init = tensor.empty(%batch, %length) : !qkv
  %out = attn.finalize %c#0, %c#1, %c#2 outs(%init)
      : !sums, !rows, !rows -> !qkv
  return %out : !qkv
}

!paper_qkv = tensor<?x12x?x64xbf16>
!paper_sums = tensor<?x12x?x64xf32>
!paper_rows = tensor<?x12x?xf32>

func.func @longnet_paper(%q: !paper_qkv, %k: !paper_qkv, %v: !paper_qkv) -> !paper_qkv {
  %c0 = arith.constant 0 : index
  %c2 = arith.constant 2 : index
  %batch = tensor.dim %q, %c0 : !paper_qkv
  %length = tensor.dim %q, %c2 : !paper_qkv
  // The state over no keys.
  %zero = arith.constant 0.0 : f32
  %lowest = arith.constant -1.70141173E+38 : f32
  %acc_init = tensor.empty(%batch, %length) : !paper_sums
  %row_init = tensor.empty(%batch, %length) : !paper_rows
  %acc = linalg.fill ins(%zero : f32) outs(%acc_init : !paper_sums) -> !paper_sums
  %ref = linalg.fill ins(%lowest : f32) outs(%row_init : !paper_rows) -> !paper_rows
  %sum = linalg.fill ins(%zero : f32) outs(%row_init : !paper_rows) -> !paper_rows
  %a:3 = attn.partial %q, %k, %v outs(%acc, %ref, %sum) scale(0.125)
      mask(and<causal, chunk<2048>>)
      : !paper_qkv, !paper_qkv, !paper_qkv -> !paper_sums, !paper_rows, !paper_rows
  %b:3 = attn.partial %q, %k, %v outs(%a#0, %a#1, %a#2) scale(0.125)
      mask(and<causal, chunk<4096>, affine<"(b, h, i, j) : ((i - h) mod 2 == 0, (j - h) mod 2 == 0)">>)
      : !paper_qkv, !paper_qkv, !paper_qkv -> !paper_sums, !paper_rows, !paper_rows
  %c:3 = attn.partial %q, %k, %v outs(%b#0, %b#1, %b#2) scale(0.125)
      mask(and<causal, chunk<8192>, affine<"(b, h, i, j) : ((i - h) mod 4 == 0, (j - h) mod 4 == 0)">>)
      : !paper_qkv, !paper_qkv, !paper_qkv -> !paper_sums, !paper_rows, !paper_rows
  %init = tensor.empty(%batch, %length) : !paper_qkv
  %out = attn.finalize %c#0, %c#1, %c#2 outs(%init)
      : !paper_sums, !paper_rows, !paper_rows -> !paper_qkv
  return %out : !paper_qkv
}
