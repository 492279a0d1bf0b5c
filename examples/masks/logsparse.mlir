// LogSparse: the query itself and the keys at distances that are powers of two.
//
//   j visible to i  iff  i - j is 0, 1, 2, 4, 8, ...
//
// Li et al. 2019 (without local attention and restarts).
//
// In @logsparse 0, 1 and 2 are a window of 3, and the distances end at 1024: it is
// for lengths up to 2048. @logsparse_paper, for any length, tests the distance
// instead: d is 0 or a power of two where d and d - 1 have no bit in common.

!qkv = tensor<?x4x?x32xf32>

func.func @logsparse(%q: !qkv, %k: !qkv, %v: !qkv) -> !qkv {
  %c0 = arith.constant 0 : index
  %c2 = arith.constant 2 : index
  %batch = tensor.dim %q, %c0 : !qkv
  %length = tensor.dim %q, %c2 : !qkv
  %init = tensor.empty(%batch, %length) : !qkv
  %out = attn.attention %q, %k, %v outs(%init) scale(0.1767766952966369)
      mask(or<window<3>,
              affine<"(b, h, i, j) : (i - j - 4 == 0)">,
              affine<"(b, h, i, j) : (i - j - 8 == 0)">,
              affine<"(b, h, i, j) : (i - j - 16 == 0)">,
              affine<"(b, h, i, j) : (i - j - 32 == 0)">,
              affine<"(b, h, i, j) : (i - j - 64 == 0)">,
              affine<"(b, h, i, j) : (i - j - 128 == 0)">,
              affine<"(b, h, i, j) : (i - j - 256 == 0)">,
              affine<"(b, h, i, j) : (i - j - 512 == 0)">,
              affine<"(b, h, i, j) : (i - j - 1024 == 0)">>)
      : !qkv, !qkv, !qkv -> !qkv
  return %out : !qkv
}

!paper_qkv = tensor<?x16x?x64xbf16>

func.func @logsparse_paper(%q: !paper_qkv, %k: !paper_qkv, %v: !paper_qkv) -> !paper_qkv {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : index
  %batch = tensor.dim %q, %c0 : !paper_qkv
  %length = tensor.dim %q, %c2 : !paper_qkv
  %init = tensor.empty(%batch, %length) : !paper_qkv
  %out = attn.attention %q, %k, %v outs(%init) scale(0.125) mask(causal) where {
  ^bb0(%b: index, %h: index, %i: index, %j: index):
    %d = arith.subi %i, %j : index
    %below = arith.subi %d, %c1 : index
    %common = arith.andi %d, %below : index
    %visible = arith.cmpi eq, %common, %c0 : index
    attn.yield %visible : i1
  }
      : !paper_qkv, !paper_qkv, !paper_qkv -> !paper_qkv
  return %out : !paper_qkv
}
