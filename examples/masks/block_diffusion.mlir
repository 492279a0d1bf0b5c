// Block diffusion: a noisy copy of a sequence, positions 0 .. n - 1, and a clean
// one behind it, n .. 2n - 1. With the block x = floor((i mod n) / block) of the
// query, and y that of the key:
//
//   noisy i sees noisy j  iff  y = x
//   noisy i sees clean j  iff  y < x
//   clean i sees clean j  iff  y <= x        clean i sees no noisy j
//
// Arriola et al. 2025.
//
// Where the clean copy begins is part of the mask, so the length is part of the
// types. @block_diffusion has block = 16 and n = 104, @block_diffusion_paper
// block = 32 and n = 1024.

!qkv = tensor<?x4x208x32xf32>
#noisy_to_noisy = affine_set<(b, h, i, j) :
    (103 - i >= 0, 103 - j >= 0, i floordiv 16 - j floordiv 16 == 0)>
#noisy_to_clean = affine_set<(b, h, i, j) :
    (103 - i >= 0, j - 104 >= 0, i floordiv 16 - (j - 104) floordiv 16 - 1 >= 0)>
#clean_to_clean = affine_set<(b, h, i, j) :
    (i - 104 >= 0, j - 104 >= 0, (i - 104) floordiv 16 - (j - 104) floordiv 16 >= 0)>

func.func @block_diffusion(%q: !qkv, %k: !qkv, %v: !qkv) -> !qkv {
  %c0 = arith.constant 0 : index
  %batch = tensor.dim %q, %c0 : !qkv
  %init = tensor.empty(%batch) : !qkv
  %out = attn.attention %q, %k, %v outs(%init) scale(0.1767766952966369)
      mask(or<affine<#noisy_to_noisy>, affine<#noisy_to_clean>, affine<#clean_to_clean>>)
      : !qkv, !qkv, !qkv -> !qkv
  return %out : !qkv
}

!paper_qkv = tensor<?x16x2048x64xbf16>
#paper_noisy_to_noisy = affine_set<(b, h, i, j) :
    (1023 - i >= 0, 1023 - j >= 0, i floordiv 32 - j floordiv 32 == 0)>
#paper_noisy_to_clean = affine_set<(b, h, i, j) :
    (1023 - i >= 0, j - 1024 >= 0, i floordiv 32 - (j - 1024) floordiv 32 - 1 >= 0)>
#paper_clean_to_clean = affine_set<(b, h, i, j) :
    (i - 1024 >= 0, j - 1024 >= 0, (i - 1024) floordiv 32 - (j - 1024) floordiv 32 >= 0)>

func.func @block_diffusion_paper(%q: !paper_qkv, %k: !paper_qkv, %v: !paper_qkv) -> !paper_qkv {
  %c0 = arith.constant 0 : index
  %batch = tensor.dim %q, %c0 : !paper_qkv
  %init = tensor.empty(%batch) : !paper_qkv
  %out = attn.attention %q, %k, %v outs(%init) scale(0.125)
      mask(or<affine<#paper_noisy_to_noisy>, affine<#paper_noisy_to_clean>, affine<#paper_clean_to_clean>>)
      : !paper_qkv, !paper_qkv, !paper_qkv -> !paper_qkv
  return %out : !paper_qkv
}
