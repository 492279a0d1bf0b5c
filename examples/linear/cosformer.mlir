// cosFormer: rectified queries and keys, weighted by the cosine of their distance.
//
//   phi_t(x) = [relu(x) sin(pi t / 2 M), relu(x) cos(pi t / 2 M)]
//   S_t = S_{t-1} + phi_t(k_t) v_t^T,    z_t = z_{t-1} + phi_t(k_t)
//   o_t = S_t^T phi_t(q_t) / z_t^T phi_t(q_t), 0 where that divides by 0
//
// M is the length of the sequence, which has to be known in front.
//
// Qin et al. 2022 (cosFormer).
//
// @cosformer_paper has 8 heads of 64.

#bhtd = affine_map<(b, h, t, s, d) -> (b, h, t, d)>
#bhtsd = affine_map<(b, h, t, s, d) -> (b, h, t, s, d)>

!keys = tensor<?x4x?x32xf32>
!pairs = tensor<?x4x?x2x32xf32>
!features = tensor<?x4x?x64xf32>

func.func private @features(%x: !keys) -> !features {
  %c0 = arith.constant 0 : index
  %c2 = arith.constant 2 : index
  %batch = tensor.dim %x, %c0 : !keys
  %length = tensor.dim %x, %c2 : !keys
  %zero = arith.constant 0.0 : f32
  %quarter = arith.constant 1.57079637 : f32
  %last = arith.index_cast %length : index to i32
  %whole = arith.sitofp %last : i32 to f32
  %angle = arith.divf %quarter, %whole : f32
  // A cosine is a sine a quarter of a turn further.
  %init = tensor.empty(%batch, %length) : !pairs
  %pairs = linalg.generic {indexing_maps = [#bhtd, #bhtsd], iterator_types = ["parallel", "parallel", "parallel", "parallel", "parallel"]}
      ins(%x : !keys) outs(%init : !pairs) {
  ^bb0(%a: f32, %unused: f32):
    %r = arith.maximumf %a, %zero : f32
    %t = linalg.index 2 : index
    %t32 = arith.index_cast %t : index to i32
    %position = arith.sitofp %t32 : i32 to f32
    %s = linalg.index 3 : index
    %s32 = arith.index_cast %s : index to i32
    %turns = arith.sitofp %s32 : i32 to f32
    %shift = arith.mulf %turns, %quarter : f32
    %own = arith.mulf %position, %angle : f32
    %shifted = arith.addf %own, %shift : f32
    %weight = math.sin %shifted : f32
    %y = arith.mulf %r, %weight : f32
    linalg.yield %y : f32
  } -> !pairs
  %phi = tensor.collapse_shape %pairs [[0], [1], [2], [3, 4]] : !pairs into !features
  return %phi : !features
}

func.func @cosformer(%q: !keys, %k: !keys, %v: !keys) -> !keys {
  %c0 = arith.constant 0 : index
  %c2 = arith.constant 2 : index
  %batch = tensor.dim %q, %c0 : !keys
  %length = tensor.dim %q, %c2 : !keys
  %fq = call @features(%q) : (!keys) -> !features
  %fk = call @features(%k) : (!keys) -> !features
  %init = tensor.empty(%batch, %length) : !keys
  %out = attn.recurrence %fq, %fk, %v outs(%init) scale(1.0) norm(sum)
    : !features, !features, !keys -> !keys
  return %out : !keys
}

!paper_keys = tensor<?x8x?x64xbf16>
!paper_pairs = tensor<?x8x?x2x64xbf16>
!paper_features = tensor<?x8x?x128xbf16>

func.func private @paper_features(%x: !paper_keys) -> !paper_features {
  %c0 = arith.constant 0 : index
  %c2 = arith.constant 2 : index
  %batch = tensor.dim %x, %c0 : !paper_keys
  %length = tensor.dim %x, %c2 : !paper_keys
  %zero = arith.constant 0.0 : f32
  %quarter = arith.constant 1.57079637 : f32
  %last = arith.index_cast %length : index to i32
  %whole = arith.sitofp %last : i32 to f32
  %angle = arith.divf %quarter, %whole : f32
  // A cosine is a sine a quarter of a turn further.
  %init = tensor.empty(%batch, %length) : !paper_pairs
  %pairs = linalg.generic {indexing_maps = [#bhtd, #bhtsd], iterator_types = ["parallel", "parallel", "parallel", "parallel", "parallel"]}
      ins(%x : !paper_keys) outs(%init : !paper_pairs) {
  ^bb0(%a: bf16, %unused: bf16):
    %af = arith.extf %a : bf16 to f32
    %r = arith.maximumf %af, %zero : f32
    %t = linalg.index 2 : index
    %t32 = arith.index_cast %t : index to i32
    %position = arith.sitofp %t32 : i32 to f32
    %s = linalg.index 3 : index
    %s32 = arith.index_cast %s : index to i32
    %turns = arith.sitofp %s32 : i32 to f32
    %shift = arith.mulf %turns, %quarter : f32
    %own = arith.mulf %position, %angle : f32
    %shifted = arith.addf %own, %shift : f32
    %weight = math.sin %shifted : f32
    %y = arith.mulf %r, %weight : f32
    %yn = arith.truncf %y : f32 to bf16
    linalg.yield %yn : bf16
  } -> !paper_pairs
  %phi = tensor.collapse_shape %pairs [[0], [1], [2], [3, 4]] : !paper_pairs into !paper_features
  return %phi : !paper_features
}

func.func @cosformer_paper(%q: !paper_keys, %k: !paper_keys, %v: !paper_keys) -> !paper_keys {
  %c0 = arith.constant 0 : index
  %c2 = arith.constant 2 : index
  %batch = tensor.dim %q, %c0 : !paper_keys
  %length = tensor.dim %q, %c2 : !paper_keys
  %fq = call @paper_features(%q) : (!paper_keys) -> !paper_features
  %fk = call @paper_features(%k) : (!paper_keys) -> !paper_features
  %init = tensor.empty(%batch, %length) : !paper_keys
  %out = attn.recurrence %fq, %fk, %v outs(%init) scale(1.0) norm(sum)
    : !paper_features, !paper_features, !paper_keys -> !paper_keys
  return %out : !paper_keys
}
