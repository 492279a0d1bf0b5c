// BigBird: blocks of a window, global blocks and random blocks. With n blocks, a
// query in block x sees the keys in the blocks
//
//   0, n - 1, x - 1, x, x + 1 and a few that are drawn    0 < x < n - 1
//   all of them                                           x = 0 or x = n - 1
//
// Zaheer et al. 2020.
//
// What is random follows from a seed, so that it is known which tiles are visited.
// A table of blocks that were drawn elsewhere would be an operand that a `where`
// region reads, and every tile be tested.
//
// @bigbird has 13 blocks of 16 and 2 random ones, @bigbird_paper 32 of the paper's,
// 64 and 3.

!qkv = tensor<?x4x?x32xf32>

func.func @bigbird(%q: !qkv, %k: !qkv, %v: !qkv) -> !qkv {
  %c0 = arith.constant 0 : index
  %c2 = arith.constant 2 : index
  %batch = tensor.dim %q, %c0 : !qkv
  %length = tensor.dim %q, %c2 : !qkv
  %init = tensor.empty(%batch, %length) : !qkv
  %out = attn.attention %q, %k, %v outs(%init) scale(0.1767766952966369)
      mask(or<global<16>,
              affine<"(b, h, i, j) : (i - 192 >= 0)">,
              affine<"(b, h, i, j) : (j - 192 >= 0)">,
              affine<"(b, h, i, j) : (i floordiv 16 - j floordiv 16 + 1 >= 0, j floordiv 16 - i floordiv 16 + 1 >= 0)">,
              random_block<block = 16, blocks = 13, count = 2, seed = 7>>)
      : !qkv, !qkv, !qkv -> !qkv
  return %out : !qkv
}

!paper_qkv = tensor<?x12x?x64xbf16>

func.func @bigbird_paper(%q: !paper_qkv, %k: !paper_qkv, %v: !paper_qkv) -> !paper_qkv {
  %c0 = arith.constant 0 : index
  %c2 = arith.constant 2 : index
  %batch = tensor.dim %q, %c0 : !paper_qkv
  %length = tensor.dim %q, %c2 : !paper_qkv
  %init = tensor.empty(%batch, %length) : !paper_qkv
  %out = attn.attention %q, %k, %v outs(%init) scale(0.125)
      mask(or<global<64>,
              affine<"(b, h, i, j) : (i - 1984 >= 0)">,
              affine<"(b, h, i, j) : (j - 1984 >= 0)">,
              affine<"(b, h, i, j) : (i floordiv 64 - j floordiv 64 + 1 >= 0, j floordiv 64 - i floordiv 64 + 1 >= 0)">,
              random_block<block = 64, blocks = 32, count = 3, seed = 7>>)
      : !paper_qkv, !paper_qkv, !paper_qkv -> !paper_qkv
  return %out : !paper_qkv
}
