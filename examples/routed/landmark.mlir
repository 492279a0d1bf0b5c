// Landmark attention: the last token of a block stands for it in a softmax of its own.
// With blocks of `size` tokens, of which the last one is the landmark, and query i of
// block n:
//
//   one softmax over the tokens j <= i of block n, and the landmarks of `topk` blocks
//   before it, those with the largest logits
//   what the landmark of block c gets is shared out among the other tokens of c, by a
//   softmax over them
//
// Mohtashami and Jaggi 2023.
//
// exp(l) exp(s) / sum exp(s) is exp(s + l - ln sum exp(s)): the second softmax is a term
// of the first one's logits. Its sums are scores of blocks, relative to their largest.
// @landmark has blocks of 16 and topk = 3, of 4 with the own one.

!q = tensor<?x4x?x32xf32>
!kv = tensor<?x2x?x32xf32>
!scores = tensor<?x4x?x?xf32>
!lists = tensor<?x4x?x4xi32>
#tokens = #attn.not<affine<"(b, h, i, j) : (j mod 16 - 15 == 0)">>
#ended = #attn.affine<"(b, h, i, c) : (i floordiv 16 - c - 1 >= 0)">
#own = #attn.affine<"(b, h, i, c) : (i floordiv 16 - c == 0)">
#all = affine_map<(b, h, i, j) -> (b, h, i, j)>

func.func @landmark(%q: !q, %k: !kv, %v: !kv) -> !q {
  %c0 = arith.constant 0 : index
  %c2 = arith.constant 2 : index
  %c16 = arith.constant 16 : index
  %batch = tensor.dim %q, %c0 : !q
  %length = tensor.dim %q, %c2 : !q
  %blocks = affine.apply affine_map<(s) -> (s ceildiv 16)>(%length)

  // The keys of landmarks; the last block may have none, which nobody sees.
  %0 = tensor.empty(%batch, %blocks) : !kv
  %marks = linalg.generic {indexing_maps = [#all], iterator_types = ["parallel", "parallel", "parallel", "parallel"]}
      outs(%0 : !kv) {
  ^bb0(%init: f32):
    %b = linalg.index 0 : index
    %h = linalg.index 1 : index
    %c = linalg.index 2 : index
    %d = linalg.index 3 : index
    %j = affine.min affine_map<(c)[s] -> (c * 16 + 15, s - 1)>(%c)[%length]
    %x = tensor.extract %k[%b, %h, %j, %d] : !kv
    linalg.yield %x : f32
  } -> !kv
  %1 = tensor.empty(%batch, %length, %blocks) : !scores
  %logits = attn.route_score sum %q, %marks outs(%1) scale(0.1767766952966369) : !q, !kv -> !scores
  %largest = attn.route_score max %q, %k outs(%1) scale(0.1767766952966369) blocks(1, 16) mask(#tokens) : !q, !kv -> !scores
  %sums = attn.route_score sum %q, %k outs(%1) scale(0.1767766952966369) blocks(1, 16) mask(#tokens) score {
  ^bb0(%s: f32, %b: index, %h: index, %i: index, %j: index):
    %c = arith.divui %j, %c16 : index
    %most = tensor.extract %largest[%b, %h, %i, %c] : !scores
    %x = arith.subf %s, %most : f32
    %p = math.exp %x : f32
    attn.yield %p : f32
  } : !q, !kv -> !scores
  %2 = tensor.empty(%batch, %length) : !lists
  %lists = attn.select %logits outs(%2) mask(or<#ended, #own>) force(#own) : !scores -> !lists

  %3 = tensor.empty(%batch, %length) : !q
  %out = attn.attention %q, %k, %v outs(%3) scale(0.1767766952966369) mask(and<causal, #tokens>)
      select(%lists : !lists) blocks(1, 16) score {
  ^bb0(%s: f32, %b: index, %h: index, %i: index, %j: index):
    %n = arith.divui %i, %c16 : index
    %c = arith.divui %j, %c16 : index
    %isOwn = arith.cmpi eq, %n, %c : index
    %t = scf.if %isOwn -> f32 {
      scf.yield %s : f32
    } else {
      %mark = tensor.extract %logits[%b, %h, %i, %c] : !scores
      %most = tensor.extract %largest[%b, %h, %i, %c] : !scores
      %sum = tensor.extract %sums[%b, %h, %i, %c] : !scores
      %ln = math.log %sum : f32
      %all = arith.addf %most, %ln : f32
      %x = arith.subf %s, %all : f32
      %y = arith.addf %x, %mark : f32
      scf.yield %y : f32
    }
    attn.yield %t : f32
  } : !q, !kv, !kv -> !q
  return %out : !q
}
