// Linformer: keys and values are projected along the sequence to a few.
//
//   k'[n] = sum_s E[n, s] k[s],  v'[n] = sum_s F[n, s] v[s]
//   out = softmax attention over k', v'
//
// Wang et al. 2020.
//
// The projections are of one length. @linformer has 48 keys for 203, @linformer_paper
// 256 for 4096.

!q = tensor<2x2x203x32xf32>
!map = tensor<48x203xf32>
!small = tensor<2x2x48x32xf32>
#matrix = affine_map<(b, h, n, d, s) -> (n, s)>
#rows = affine_map<(b, h, n, d, s) -> (b, h, s, d)>
#few = affine_map<(b, h, n, d, s) -> (b, h, n, d)>

func.func @linformer(%q: !q, %k: !q, %v: !q, %e: !map, %f: !map) -> !q {
  %zeros = arith.constant dense<0.0> : !small
  %kn = linalg.contract indexing_maps = [#matrix, #rows, #few]
      ins(%e, %k : !map, !q) outs(%zeros : !small) -> !small
  %vn = linalg.contract indexing_maps = [#matrix, #rows, #few]
      ins(%f, %v : !map, !q) outs(%zeros : !small) -> !small
  %0 = tensor.empty() : !q
  %out = attn.attention %q, %kn, %vn outs(%0) scale(0.1767766952966369) : !q, !small, !small -> !q
  return %out : !q
}

!paper_q = tensor<1x16x4096x64xbf16>
!paper_map = tensor<256x4096xbf16>
!paper_small = tensor<1x16x256x64xbf16>
!paper_wide = tensor<1x16x256x64xf32>
#paper_matrix = affine_map<(b, h, n, d, s) -> (n, s)>
#paper_rows = affine_map<(b, h, n, d, s) -> (b, h, s, d)>
#paper_few = affine_map<(b, h, n, d, s) -> (b, h, n, d)>

func.func @linformer_paper(%q: !paper_q, %k: !paper_q, %v: !paper_q, %e: !paper_map, %f: !paper_map) -> !paper_q {
  %zeros = arith.constant dense<0.0> : !paper_wide
  %kn = linalg.contract indexing_maps = [#paper_matrix, #paper_rows, #paper_few]
      ins(%e, %k : !paper_map, !paper_q) outs(%zeros : !paper_wide) -> !paper_wide
  %vn = linalg.contract indexing_maps = [#paper_matrix, #paper_rows, #paper_few]
      ins(%f, %v : !paper_map, !paper_q) outs(%zeros : !paper_wide) -> !paper_wide
  %kb = arith.truncf %kn : !paper_wide to !paper_small
  %vb = arith.truncf %vn : !paper_wide to !paper_small
  %0 = tensor.empty() : !paper_q
  %out = attn.attention %q, %kb, %vb outs(%0) scale(0.125) : !paper_q, !paper_small, !paper_small -> !paper_q
  return %out : !paper_q
}
