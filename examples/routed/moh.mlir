// Mixture of heads: a router weighs the heads of each token; some are always on, of the
// others the best. With logits rs of the shared heads, rr of the others, rh of the two
// kinds:
//
//   a = 2 softmax(rh),  g[h] = a[0] softmax(rs)[h]            of a shared head
//                       g[h] = a[1] softmax(rr)[h] or 0       of the `topk` best others
//   out[h] = g[h] (causal softmax attention of head h)
//
// Jin et al. 2024.
//
// @moh has two shared heads, four others and topk = 2.

!q = tensor<?x6x?x32xf32>
!shared = tensor<?x?x2xf32>
!others = tensor<?x?x4xf32>
!scores = tensor<?x1x?x4xf32>
!lists = tensor<?x1x?x2xi32>
!gates = tensor<?x6x?xf32>
#all = affine_map<(b, h, i, d) -> (b, h, i, d)>
#row = affine_map<(b, h, i, d) -> (b, h, i)>

func.func @moh(%q: !q, %k: !q, %v: !q, %rs: !shared, %rr: !others, %rh: !shared) -> !q {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : index
  %c4 = arith.constant 4 : index
  %zero = arith.constant 0.0 : f32
  %two = arith.constant 2.0 : f32
  %no = arith.constant false
  %batch = tensor.dim %q, %c0 : !q
  %length = tensor.dim %q, %c2 : !q

  %scores = tensor.expand_shape %rr [[0, 1], [2], [3]] output_shape [%batch, 1, %length, 4] : !others into !scores
  %0 = tensor.empty(%batch, %length) : !lists
  %lists = attn.select %scores outs(%0) : !scores -> !lists
  %1 = tensor.empty(%batch, %length) : !gates
  %gates = linalg.generic {
      indexing_maps = [affine_map<(b, h, i) -> (b, h, i)>], iterator_types = ["parallel", "parallel", "parallel"]}
      outs(%1 : !gates) {
  ^bb0(%init: f32):
    %b = linalg.index 0 : index
    %h = linalg.index 1 : index
    %i = linalg.index 2 : index
    %isShared = arith.cmpi ult, %h, %c2 : index
    %kind = arith.select %isShared, %c0, %c1 : index
    %of = tensor.extract %rh[%b, %i, %kind] : !shared
    %weight = math.exp %of : f32
    %both = scf.for %n = %c0 to %c2 step %c1 iter_args(%sum = %zero) -> f32 {
      %x = tensor.extract %rh[%b, %i, %n] : !shared
      %p = math.exp %x : f32
      %s = arith.addf %sum, %p : f32
      scf.yield %s : f32
    }
    %share = arith.divf %weight, %both : f32
    %a = arith.mulf %two, %share : f32
    %g = scf.if %isShared -> f32 {
      %own = tensor.extract %rs[%b, %i, %h] : !shared
      %p = math.exp %own : f32
      %sum = scf.for %n = %c0 to %c2 step %c1 iter_args(%sum = %zero) -> f32 {
        %x = tensor.extract %rs[%b, %i, %n] : !shared
        %y = math.exp %x : f32
        %s = arith.addf %sum, %y : f32
        scf.yield %s : f32
      }
      %r = arith.divf %p, %sum : f32
      scf.yield %r : f32
    } else {
      %n = arith.subi %h, %c2 : index
      %number = arith.index_cast %n : index to i32
      %isListed = scf.for %m = %c0 to %c2 step %c1 iter_args(%found = %no) -> i1 {
        %id = tensor.extract %lists[%b, %c0, %i, %m] : !lists
        %same = arith.cmpi eq, %id, %number : i32
        %either = arith.ori %found, %same : i1
        scf.yield %either : i1
      }
      %own = tensor.extract %rr[%b, %i, %n] : !others
      %p = math.exp %own : f32
      %sum = scf.for %m = %c0 to %c4 step %c1 iter_args(%sum = %zero) -> f32 {
        %x = tensor.extract %rr[%b, %i, %m] : !others
        %y = math.exp %x : f32
        %s = arith.addf %sum, %y : f32
        scf.yield %s : f32
      }
      %r = arith.divf %p, %sum : f32
      %gate = arith.select %isListed, %r, %zero : f32
      scf.yield %gate : f32
    }
    %gate = arith.mulf %a, %g : f32
    linalg.yield %gate : f32
  } -> !gates

  %2 = tensor.empty(%batch, %length) : !q
  %heads = attn.attention %q, %k, %v outs(%2) scale(0.1767766952966369) mask(causal) : !q, !q, !q -> !q
  %out = linalg.generic {indexing_maps = [#all, #row, #all], iterator_types = ["parallel", "parallel", "parallel", "parallel"]}
      ins(%heads, %gates : !q, !gates) outs(%2 : !q) {
  ^bb0(%o: f32, %g: f32, %init: f32):
    %y = arith.mulf %o, %g : f32
    linalg.yield %y : f32
  } -> !q
  return %out : !q
}
