// XAttention: antidiagonals of tiles of logits say which blocks matter. With groups of
// `stride` tokens, missing ones zero:
//
//   s(a, c) = sum_n q[a stride + stride - 1 - n] . k[c stride + n] / (stride sqrt(D))
//   p(a, .) = softmax over c <= a of s(a, c)
//   m(n, b) = sum of p(a, c) over the groups a of query block n and c of key block b
//
// A block of `size` queries sees the first block, the own one and, while what it has is
// less than `mass` of all of m(n, .), the next best; in them the keys up to its own.
//
// Xu et al. 2025.
//
// s is a product of groups as long vectors, p is exp(s - lse). @xattention has a stride
// of 4, blocks of 32 and a mass of 0.6.

!q = tensor<?x4x?x32xf32>
!kv = tensor<?x2x?x32xf32>
!qg = tensor<?x4x?x128xf32>
!kg = tensor<?x2x?x128xf32>
!few = tensor<?x2x?x16xf32>
!o = tensor<?x4x?x16xf32>
!lse = tensor<?x4x?xf32>
!scores = tensor<?x4x?x?xf32>
!lists = tensor<?x4x?x?xi32>
#all = affine_map<(b, h, a, x) -> (b, h, a, x)>

func.func @xattention(%q: !q, %k: !kv, %v: !kv) -> !q {
  %c0 = arith.constant 0 : index
  %c2 = arith.constant 2 : index
  %stride = arith.constant 4 : index
  %size = arith.constant 32 : index
  %zero = arith.constant 0.0 : f32
  %batch = tensor.dim %q, %c0 : !q
  %length = tensor.dim %q, %c2 : !q
  %groups = arith.ceildivui %length, %stride : index
  %blocks = arith.ceildivui %length, %size : index

  // Groups of tokens side by side, those of queries turned round.
  %qge = tensor.empty(%batch, %groups) : !qg
  %qg = linalg.generic {indexing_maps = [#all], iterator_types = ["parallel", "parallel", "parallel", "parallel"]}
      outs(%qge : !qg) {
  ^bb0(%init: f32):
    %b = linalg.index 0 : index
    %h = linalg.index 1 : index
    %a = linalg.index 2 : index
    %x = linalg.index 3 : index
    %i = affine.apply affine_map<(a, x) -> (a * 4 + 3 - x floordiv 32)>(%a, %x)
    %d = affine.apply affine_map<(x) -> (x mod 32)>(%x)
    %exists = arith.cmpi ult, %i, %length : index
    %y = scf.if %exists -> f32 {
      %z = tensor.extract %q[%b, %h, %i, %d] : !q
      scf.yield %z : f32
    } else {
      scf.yield %zero : f32
    }
    linalg.yield %y : f32
  } -> !qg
  %kge = tensor.empty(%batch, %groups) : !kg
  %kg = linalg.generic {indexing_maps = [#all], iterator_types = ["parallel", "parallel", "parallel", "parallel"]}
      outs(%kge : !kg) {
  ^bb0(%init: f32):
    %b = linalg.index 0 : index
    %h = linalg.index 1 : index
    %a = linalg.index 2 : index
    %x = linalg.index 3 : index
    %i = affine.apply affine_map<(a, x) -> (a * 4 + x floordiv 32)>(%a, %x)
    %d = affine.apply affine_map<(x) -> (x mod 32)>(%x)
    %exists = arith.cmpi ult, %i, %length : index
    %y = scf.if %exists -> f32 {
      %z = tensor.extract %k[%b, %h, %i, %d] : !kv
      scf.yield %z : f32
    } else {
      scf.yield %zero : f32
    }
    linalg.yield %y : f32
  } -> !kg

  // Only the lse counts; a few columns of values are enough.
  %few = tensor.extract_slice %kg[0, 0, 0, 0] [%batch, 2, %groups, 16] [1, 1, 1, 1] : !kg to !few
  %0 = tensor.empty(%batch, %groups) : !o
  %1 = tensor.empty(%batch, %groups) : !lse
  %o, %lse = attn.attention %qg, %kg, %few outs(%0, %1) scale(0.04419417382415922) mask(causal) : !qg, !kg, !few -> !o, !lse
  %2 = tensor.empty(%batch, %blocks, %blocks) : !scores
  %masses = attn.route_score sum %qg, %kg outs(%2) scale(0.04419417382415922) blocks(8, 8) mask(causal) score {
  ^bb0(%s: f32, %b: index, %h: index, %a: index, %c: index):
    %sum = tensor.extract %lse[%b, %h, %a] : !lse
    %x = arith.subf %s, %sum : f32
    %p = math.exp %x : f32
    attn.yield %p : f32
  } : !qg, !kg -> !scores
  %3 = tensor.empty(%batch, %blocks, %blocks) : !lists
  %lists = attn.select %masses outs(%3) mask(causal) force(or<window<1>, sink<1>>) mass(0.6) : !scores -> !lists
  %4 = tensor.empty(%batch, %length) : !q
  %out = attn.attention %q, %k, %v outs(%4) scale(0.1767766952966369) mask(causal)
      select(%lists : !lists) blocks(32, 32) : !q, !kv, !kv -> !q
  return %out : !q
}
