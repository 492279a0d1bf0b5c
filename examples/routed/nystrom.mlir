// Nystromformer: softmax attention through a few landmarks. With ql(n), kl(n) the means
// of q and k over `segment` tokens:
//
//   F = softmax(q kl^T / sqrt(D)),  A = softmax(ql kl^T / sqrt(D)),  B = softmax(ql k^T / sqrt(D))
//   Z_0 = A^T / (|A|_1 |A|_inf),  Z <- Z (13 I - A Z (15 I - A Z (7 I - A Z))) / 4
//   out = F (Z (B v))
//
// where six such steps make Z the inverse of A; |A|_1 is the largest sum of a column,
// |A|_inf that of a row, which is 1.
//
// Xiong et al. 2021, without the convolution of values.
//
// A is attention over values that are the unit vectors. @nystrom has segments of 29: 7
// landmarks for 203 tokens.

!q = tensor<?x2x?x32xf32>
!few = tensor<?x2x7x32xf32>
!square = tensor<?x2x7x7xf32>
!row = tensor<?x2x7xf32>
!one = tensor<?x2xf32>
#lhs = affine_map<(b, h, i, j, n) -> (b, h, i, n)>
#rhs = affine_map<(b, h, i, j, n) -> (b, h, n, j)>
#out = affine_map<(b, h, i, j, n) -> (b, h, i, j)>
#all = affine_map<(b, h, i, j) -> (b, h, i, j)>
#turned = affine_map<(b, h, i, j) -> (b, h, j, i)>
#columns = affine_map<(b, h, j, i) -> (b, h, j)>
#entry = affine_map<(b, h, i, j) -> (b, h)>

func.func @nystrom(%q: !q, %k: !q, %v: !q) -> !q {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : index
  %steps = arith.constant 6 : index
  %zero = arith.constant 0.0 : f32
  %one = arith.constant 1.0 : f32
  %quarter = arith.constant 0.25 : f32
  %7 = arith.constant 7.0 : f32
  %13 = arith.constant 13.0 : f32
  %15 = arith.constant 15.0 : f32
  %batch = tensor.dim %q, %c0 : !q
  %length = tensor.dim %q, %c2 : !q

  %e = tensor.empty(%batch) : !few
  %ql = attn.pool mean %q outs(%e) window(29) stride(29) : !q -> !few
  %kl = attn.pool mean %k outs(%e) window(29) stride(29) : !q -> !few
  %s = tensor.empty(%batch) : !square
  %unit = linalg.generic {indexing_maps = [#all], iterator_types = ["parallel", "parallel", "parallel", "parallel"]}
      outs(%s : !square) {
  ^bb0(%init: f32):
    %i = linalg.index 2 : index
    %j = linalg.index 3 : index
    %same = arith.cmpi eq, %i, %j : index
    %x = arith.select %same, %one, %zero : f32
    linalg.yield %x : f32
  } -> !square
  %a = attn.attention %ql, %kl, %unit outs(%s) scale(0.1767766952966369) : !few, !few, !square -> !square
  %bv = attn.attention %ql, %k, %v outs(%e) scale(0.1767766952966369) : !few, !q, !q -> !few

  // The largest sum of a column of A; those of rows are 1.
  %r = tensor.empty(%batch) : !row
  %r0 = linalg.fill ins(%zero : f32) outs(%r : !row) -> !row
  %sums = linalg.generic {indexing_maps = [#turned, #columns], iterator_types = ["parallel", "parallel", "parallel", "reduction"]}
      ins(%a : !square) outs(%r0 : !row) {
  ^bb0(%x: f32, %sum: f32):
    %y = arith.addf %sum, %x : f32
    linalg.yield %y : f32
  } -> !row
  %o = tensor.empty(%batch) : !one
  %o0 = linalg.fill ins(%zero : f32) outs(%o : !one) -> !one
  %norm = linalg.generic {
      indexing_maps = [affine_map<(b, h, j) -> (b, h, j)>, affine_map<(b, h, j) -> (b, h)>],
      iterator_types = ["parallel", "parallel", "reduction"]} ins(%sums : !row) outs(%o0 : !one) {
  ^bb0(%x: f32, %most: f32):
    %y = arith.maximumf %most, %x : f32
    linalg.yield %y : f32
  } -> !one
  %z0 = linalg.generic {indexing_maps = [#turned, #entry, #all], iterator_types = ["parallel", "parallel", "parallel", "parallel"]}
      ins(%a, %norm : !square, !one) outs(%s : !square) {
  ^bb0(%x: f32, %n: f32, %init: f32):
    %y = arith.divf %x, %n : f32
    linalg.yield %y : f32
  } -> !square

  %z = scf.for %step = %c0 to %steps step %c1 iter_args(%z = %z0) -> !square {
    %s0 = linalg.fill ins(%zero : f32) outs(%s : !square) -> !square
    %az = linalg.contract indexing_maps = [#lhs, #rhs, #out] ins(%a, %z : !square, !square) outs(%s0 : !square) -> !square
    %t0 = linalg.generic {indexing_maps = [#all, #all, #all], iterator_types = ["parallel", "parallel", "parallel", "parallel"]}
        ins(%unit, %az : !square, !square) outs(%s : !square) {
    ^bb0(%u: f32, %x: f32, %init: f32):
      %y = arith.mulf %u, %7 : f32
      %d = arith.subf %y, %x : f32
      linalg.yield %d : f32
    } -> !square
    %p0 = linalg.contract indexing_maps = [#lhs, #rhs, #out] ins(%az, %t0 : !square, !square) outs(%s0 : !square) -> !square
    %t1 = linalg.generic {indexing_maps = [#all, #all, #all], iterator_types = ["parallel", "parallel", "parallel", "parallel"]}
        ins(%unit, %p0 : !square, !square) outs(%s : !square) {
    ^bb0(%u: f32, %x: f32, %init: f32):
      %y = arith.mulf %u, %15 : f32
      %d = arith.subf %y, %x : f32
      linalg.yield %d : f32
    } -> !square
    %p1 = linalg.contract indexing_maps = [#lhs, #rhs, #out] ins(%az, %t1 : !square, !square) outs(%s0 : !square) -> !square
    %t2 = linalg.generic {indexing_maps = [#all, #all, #all], iterator_types = ["parallel", "parallel", "parallel", "parallel"]}
        ins(%unit, %p1 : !square, !square) outs(%s : !square) {
    ^bb0(%u: f32, %x: f32, %init: f32):
      %y = arith.mulf %u, %13 : f32
      %d = arith.subf %y, %x : f32
      %m = arith.mulf %d, %quarter : f32
      linalg.yield %m : f32
    } -> !square
    %next = linalg.contract indexing_maps = [#lhs, #rhs, #out] ins(%z, %t2 : !square, !square) outs(%s0 : !square) -> !square
    scf.yield %next : !square
  }
  %e0 = linalg.fill ins(%zero : f32) outs(%e : !few) -> !few
  %w = linalg.contract indexing_maps = [#lhs, #rhs, #out] ins(%z, %bv : !square, !few) outs(%e0 : !few) -> !few
  %x = tensor.empty(%batch, %length) : !q
  %y = attn.attention %q, %kl, %w outs(%x) scale(0.1767766952966369) : !q, !few, !few -> !q
  return %y : !q
}
