// RUN: attn-opt %s --split-input-file --verify-diagnostics

//===----------------------------------------------------------------------===//
// Selections of attention
//===----------------------------------------------------------------------===//

// C26: a selection comes with blocks.
func.func @c26_blocks(%q: tensor<2x4x8x16xf32>, %s: tensor<2x2x2x3xi32>) -> tensor<2x4x8x16xf32> {
  // expected-error@below {{C26: a selection comes with blocks}}
  %r = "attn.attention"(%q, %q, %q, %q, %s) <{operandSegmentSizes = array<i32: 1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0>, scale = 0.25 : f64}> ({}, {})
    : (tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>, tensor<2x2x2x3xi32>) -> tensor<2x4x8x16xf32>
  return %r : tensor<2x4x8x16xf32>
}

// -----

// C26: ... and blocks with a selection.
func.func @c26_selection(%q: tensor<2x4x8x16xf32>) -> tensor<2x4x8x16xf32> {
  // expected-error@below {{C26: blocks come with a selection}}
  %r = "attn.attention"(%q, %q, %q, %q) <{operandSegmentSizes = array<i32: 1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0>, scale = 0.25 : f64, selectedRows = 4 : i64}> ({}, {})
    : (tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>) -> tensor<2x4x8x16xf32>
  return %r : tensor<2x4x8x16xf32>
}

// -----

// C26: blocks have positive sizes.
func.func @c26_sizes(%q: tensor<2x4x8x16xf32>, %s: tensor<2x2x2x3xi32>) -> tensor<2x4x8x16xf32> {
  // expected-error@below {{C26: expected blocks of positive sizes, got 4 and 0}}
  %r = attn.attention %q, %q, %q outs(%q) scale(0.25) select(%s : tensor<2x2x2x3xi32>) blocks(4, 0)
    : tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32> -> tensor<2x4x8x16xf32>
  return %r : tensor<2x4x8x16xf32>
}

// -----

// C26: a list for each block of rows.
func.func @c26_rows(%q: tensor<2x4x8x16xf32>, %s: tensor<2x2x3x3xi32>) -> tensor<2x4x8x16xf32> {
  // expected-error@below {{C26: expected a selection of shape 2 x ? x 2 x ? and type 'i32', got 'tensor<2x2x3x3xi32>'}}
  %r = attn.attention %q, %q, %q outs(%q) scale(0.25) select(%s : tensor<2x2x3x3xi32>) blocks(4, 4)
    : tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32> -> tensor<2x4x8x16xf32>
  return %r : tensor<2x4x8x16xf32>
}

// -----

// C26: numbers are i32.
func.func @c26_type(%q: tensor<2x4x8x16xf32>, %s: tensor<2x2x2x3xi64>) -> tensor<2x4x8x16xf32> {
  // expected-error@below {{C26: expected a selection of shape 2 x ? x 2 x ? and type 'i32', got 'tensor<2x2x2x3xi64>'}}
  %r = attn.attention %q, %q, %q outs(%q) scale(0.25) select(%s : tensor<2x2x2x3xi64>) blocks(4, 4)
    : tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32> -> tensor<2x4x8x16xf32>
  return %r : tensor<2x4x8x16xf32>
}

// -----

// C26: groups of heads.
func.func @c26_heads(%q: tensor<2x4x8x16xf32>, %s: tensor<2x3x2x3xi32>) -> tensor<2x4x8x16xf32> {
  // expected-error@below {{C26: query heads are a multiple of the heads of a selection, got 4 and 3}}
  %r = attn.attention %q, %q, %q outs(%q) scale(0.25) select(%s : tensor<2x3x2x3xi32>) blocks(4, 4)
    : tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32> -> tensor<2x4x8x16xf32>
  return %r : tensor<2x4x8x16xf32>
}

// -----

// C27: lists of tiles come with a selection.
func.func @c27_selection(%q: tensor<2x4x8x16xf32>, %s: tensor<2x4x2x3xi32>) -> tensor<2x4x8x16xf32> {
  // expected-error@below {{C27: tile_lists come with a selection and a schedule}}
  %r = attn.attention %q, %q, %q outs(%q) scale(0.25) tile_lists(%s : tensor<2x4x2x3xi32>) schedule(<rows = 4, cols = 4>)
    : tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32> -> tensor<2x4x8x16xf32>
  return %r : tensor<2x4x8x16xf32>
}

// -----

// C27: ... and a schedule.
func.func @c27_schedule(%q: tensor<2x4x8x16xf32>, %s: tensor<2x2x2x3xi32>, %l: tensor<2x4x2x3xi32>) -> tensor<2x4x8x16xf32> {
  // expected-error@below {{C27: tile_lists come with a selection and a schedule}}
  %r = attn.attention %q, %q, %q outs(%q) scale(0.25) select(%s : tensor<2x2x2x3xi32>) blocks(4, 4) tile_lists(%l : tensor<2x4x2x3xi32>)
    : tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32> -> tensor<2x4x8x16xf32>
  return %r : tensor<2x4x8x16xf32>
}

// -----

// C27: a list for each tile of rows.
func.func @c27_rows(%q: tensor<2x4x8x16xf32>, %s: tensor<2x2x2x3xi32>, %l: tensor<2x4x2x3xi32>) -> tensor<2x4x8x16xf32> {
  // expected-error@below {{C27: expected tile_lists of shape 2 x 4 x 4 x ? and type 'i32', got 'tensor<2x4x2x3xi32>'}}
  %r = attn.attention %q, %q, %q outs(%q) scale(0.25) select(%s : tensor<2x2x2x3xi32>) blocks(4, 4) tile_lists(%l : tensor<2x4x2x3xi32>) schedule(<rows = 2, cols = 4>)
    : tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32> -> tensor<2x4x8x16xf32>
  return %r : tensor<2x4x8x16xf32>
}

//===----------------------------------------------------------------------===//
// Pools
//===----------------------------------------------------------------------===//

// -----

// pool, C1: rank 4.
func.func @pool_c1(%x: tensor<2x8x16xf32>, %e: tensor<2x4x16xf32>) {
  // expected-error@below {{C1: expected an input of rank 4 of f16, bf16, f32 or f64, got 'tensor<2x8x16xf32>'}}
  %r = attn.pool mean %x outs(%e) window(2) stride(2) : tensor<2x8x16xf32> -> tensor<2x4x16xf32>
  return
}

// -----

// pool, C1: floats.
func.func @pool_c1_type(%x: tensor<1x2x8x16xi32>, %e: tensor<1x2x4x16xf32>) {
  // expected-error@below {{C1: expected an input of rank 4 of f16, bf16, f32 or f64, got 'tensor<1x2x8x16xi32>'}}
  %r = attn.pool mean %x outs(%e) window(2) stride(2) : tensor<1x2x8x16xi32> -> tensor<1x2x4x16xf32>
  return
}

// -----

// pool, C2: positive sizes.
func.func @pool_c2(%x: tensor<1x2x8x16xf32>, %e: tensor<1x2x4x16xf32>) {
  // expected-error@below {{C2: expected a positive window and stride, got 0 and 2}}
  %r = attn.pool mean %x outs(%e) window(0) stride(2) : tensor<1x2x8x16xf32> -> tensor<1x2x4x16xf32>
  return
}

// -----

// pool, C3: no window begins behind the last row.
func.func @pool_c3(%x: tensor<1x2x8x16xf32>, %e: tensor<1x2x5x16xf32>) {
  // expected-error@below {{C3: expected at most 4 windows that begin in 8 rows, got 5}}
  %r = attn.pool mean %x outs(%e) window(2) stride(2) : tensor<1x2x8x16xf32> -> tensor<1x2x5x16xf32>
  return
}

// -----

// pool, C3: the same heads.
func.func @pool_c3_shape(%x: tensor<1x2x8x16xf32>, %e: tensor<1x3x4x16xf32>) {
  // expected-error@below {{C3: expected float output of shape 1 x 2 x ? x 16, got 'tensor<1x3x4x16xf32>'}}
  %r = attn.pool mean %x outs(%e) window(2) stride(2) : tensor<1x2x8x16xf32> -> tensor<1x3x4x16xf32>
  return
}

// -----

// pool, C4: tensors or memrefs.
func.func @pool_c4(%x: tensor<1x2x8x16xf32>, %e: memref<1x2x4x16xf32>) {
  // expected-error@below {{C4: operands mix tensors and memrefs}}
  attn.pool mean %x outs(%e) window(2) stride(2) : tensor<1x2x8x16xf32> -> memref<1x2x4x16xf32>
  return
}

//===----------------------------------------------------------------------===//
// Scores
//===----------------------------------------------------------------------===//

// -----

// route_score, C1: rank 4.
func.func @score_c1(%q: tensor<4x8x16xf32>, %k: tensor<1x2x6x16xf32>, %e: tensor<1x4x8x6xf32>) {
  // expected-error@below {{C1: query and key have rank 4 and elements of f16, bf16 or f32, or both of f64, got query 'tensor<4x8x16xf32>' and key 'tensor<1x2x6x16xf32>'}}
  %r = attn.route_score sum %q, %k outs(%e) scale(1.0) : tensor<4x8x16xf32>, tensor<1x2x6x16xf32> -> tensor<1x4x8x6xf32>
  return
}

// -----

// route_score, C1: both of f64 or none.
func.func @score_c1_type(%q: tensor<1x4x8x16xf32>, %k: tensor<1x2x6x16xf64>, %e: tensor<1x4x8x6xf32>) {
  // expected-error@below {{C1: query and key have rank 4 and elements of f16, bf16 or f32, or both of f64, got query 'tensor<1x4x8x16xf32>' and key 'tensor<1x2x6x16xf64>'}}
  %r = attn.route_score sum %q, %k outs(%e) scale(1.0) : tensor<1x4x8x16xf32>, tensor<1x2x6x16xf64> -> tensor<1x4x8x6xf32>
  return
}

// -----

// route_score, C2: batch.
func.func @score_c2(%q: tensor<1x4x8x16xf32>, %k: tensor<2x2x6x16xf32>, %e: tensor<1x4x8x6xf32>) {
  // expected-error@below {{C2: batch sizes agree, got query 'tensor<1x4x8x16xf32>' and key 'tensor<2x2x6x16xf32>'}}
  %r = attn.route_score sum %q, %k outs(%e) scale(1.0) : tensor<1x4x8x16xf32>, tensor<2x2x6x16xf32> -> tensor<1x4x8x6xf32>
  return
}

// -----

// route_score, C3: width.
func.func @score_c3(%q: tensor<1x4x8x16xf32>, %k: tensor<1x2x6x8xf32>, %e: tensor<1x4x8x6xf32>) {
  // expected-error@below {{C3: query and key agree in width, got query 'tensor<1x4x8x16xf32>' and key 'tensor<1x2x6x8xf32>'}}
  %r = attn.route_score sum %q, %k outs(%e) scale(1.0) : tensor<1x4x8x16xf32>, tensor<1x2x6x8xf32> -> tensor<1x4x8x6xf32>
  return
}

// -----

// route_score, C4: groups of heads.
func.func @score_c4(%q: tensor<1x4x8x16xf32>, %k: tensor<1x3x6x16xf32>, %e: tensor<1x4x8x6xf32>) {
  // expected-error@below {{C4: query heads are a multiple of kv heads, got query 'tensor<1x4x8x16xf32>' and key 'tensor<1x3x6x16xf32>'}}
  %r = attn.route_score sum %q, %k outs(%e) scale(1.0) : tensor<1x4x8x16xf32>, tensor<1x3x6x16xf32> -> tensor<1x4x8x6xf32>
  return
}

// -----

// route_score, C5: blocks.
func.func @score_c5(%q: tensor<1x4x8x16xf32>, %k: tensor<1x2x6x16xf32>, %e: tensor<1x4x8x6xf32>) {
  // expected-error@below {{C5: expected blocks of positive sizes, got 0 and 4}}
  %r = attn.route_score sum %q, %k outs(%e) scale(1.0) blocks(0, 4) : tensor<1x4x8x16xf32>, tensor<1x2x6x16xf32> -> tensor<1x4x8x6xf32>
  return
}

// -----

// route_score, C6: a score for each pair of blocks.
func.func @score_c6(%q: tensor<1x4x8x16xf32>, %k: tensor<1x2x6x16xf32>, %e: tensor<1x4x8x6xf32>) {
  // expected-error@below {{C6: expected output of shape 1 x ? x 2 x 2 and type 'f32', got 'tensor<1x4x8x6xf32>'}}
  %r = attn.route_score sum %q, %k outs(%e) scale(1.0) blocks(4, 4) : tensor<1x4x8x16xf32>, tensor<1x2x6x16xf32> -> tensor<1x4x8x6xf32>
  return
}

// -----

// route_score, C6: of f32.
func.func @score_c6_type(%q: tensor<1x4x8x16xf32>, %k: tensor<1x2x6x16xf32>, %e: tensor<1x4x8x6xf16>) {
  // expected-error@below {{C6: expected output of shape 1 x ? x 8 x 6 and type 'f32', got 'tensor<1x4x8x6xf16>'}}
  %r = attn.route_score sum %q, %k outs(%e) scale(1.0) : tensor<1x4x8x16xf32>, tensor<1x2x6x16xf32> -> tensor<1x4x8x6xf16>
  return
}

// -----

// route_score, C6: groups of heads.
func.func @score_c6_heads(%q: tensor<1x4x8x16xf32>, %k: tensor<1x2x6x16xf32>, %e: tensor<1x3x8x6xf32>) {
  // expected-error@below {{C6: query heads are a multiple of the heads of scores, got 4 and 3}}
  %r = attn.route_score sum %q, %k outs(%e) scale(1.0) : tensor<1x4x8x16xf32>, tensor<1x2x6x16xf32> -> tensor<1x3x8x6xf32>
  return
}

// -----

// route_score, C7: arguments.
func.func @score_c7(%q: tensor<1x4x8x16xf32>, %k: tensor<1x2x6x16xf32>, %e: tensor<1x4x8x6xf32>) {
  // expected-error@below {{C7: expected the score region to take ('f32', 'index', 'index', 'index', 'index'), got ('f32', 'index', 'index')}}
  %r = attn.route_score sum %q, %k outs(%e) scale(1.0) score {
  ^bb0(%s: f32, %b: index, %h: index):
    attn.yield %s : f32
  } : tensor<1x4x8x16xf32>, tensor<1x2x6x16xf32> -> tensor<1x4x8x6xf32>
  return
}

// -----

// route_score, C7: what it yields.
func.func @score_c7_yield(%q: tensor<1x4x8x16xf32>, %k: tensor<1x2x6x16xf32>, %e: tensor<1x4x8x6xf32>) {
  // expected-error@below {{C7: expected the score region to yield 'f32', got 'index'}}
  %r = attn.route_score sum %q, %k outs(%e) scale(1.0) score {
  ^bb0(%s: f32, %b: index, %h: index, %i: index, %j: index):
    attn.yield %i : index
  } : tensor<1x4x8x16xf32>, tensor<1x2x6x16xf32> -> tensor<1x4x8x6xf32>
  return
}

// -----

// route_score, C8: scale.
func.func @score_c8(%q: tensor<1x4x8x16xf32>, %k: tensor<1x2x6x16xf32>, %e: tensor<1x4x8x6xf32>) {
  // expected-error@below {{C8: expected a finite scale}}
  %r = attn.route_score sum %q, %k outs(%e) scale(0x7FF0000000000000) : tensor<1x4x8x16xf32>, tensor<1x2x6x16xf32> -> tensor<1x4x8x6xf32>
  return
}

// -----

// route_score, C9: the mask.
func.func @score_c9(%q: tensor<1x4x8x16xf32>, %k: tensor<1x2x6x16xf32>, %e: tensor<1x4x8x6xf32>) {
  // expected-error@below {{C9: expected masks that read positions only, got #attn.segment}}
  %r = attn.route_score sum %q, %k outs(%e) scale(1.0) mask(segment) : tensor<1x4x8x16xf32>, tensor<1x2x6x16xf32> -> tensor<1x4x8x6xf32>
  return
}

// -----

// route_score, C10: tensors or memrefs.
func.func @score_c10(%q: tensor<1x4x8x16xf32>, %k: tensor<1x2x6x16xf32>, %e: memref<1x4x8x6xf32>) {
  // expected-error@below {{C10: operands mix tensors and memrefs}}
  attn.route_score sum %q, %k outs(%e) scale(1.0) : tensor<1x4x8x16xf32>, tensor<1x2x6x16xf32> -> memref<1x4x8x6xf32>
  return
}

//===----------------------------------------------------------------------===//
// Lists
//===----------------------------------------------------------------------===//

// -----

// select, C1: scores.
func.func @select_c1(%x: tensor<1x4x8x6xbf16>, %e: tensor<1x4x8x3xi32>) {
  // expected-error@below {{C1: expected scores of rank 4 of f32 or f64, got 'tensor<1x4x8x6xbf16>'}}
  %r = attn.select %x outs(%e) : tensor<1x4x8x6xbf16> -> tensor<1x4x8x3xi32>
  return
}

// -----

// select, C2: lists.
func.func @select_c2(%x: tensor<1x4x8x6xf32>, %e: tensor<1x4x7x3xi32>) {
  // expected-error@below {{C2: expected output of shape 1 x 4 x 8 x ? and type 'i32', got 'tensor<1x4x7x3xi32>'}}
  %r = attn.select %x outs(%e) : tensor<1x4x8x6xf32> -> tensor<1x4x7x3xi32>
  return
}

// -----

// select, C3: the mask.
func.func @select_c3(%x: tensor<1x4x8x6xf32>, %e: tensor<1x4x8x3xi32>) {
  // expected-error@below {{C3: expected masks that read positions only, got #attn.tree}}
  %r = attn.select %x outs(%e) mask(tree) : tensor<1x4x8x6xf32> -> tensor<1x4x8x3xi32>
  return
}

// -----

// select, C3: what is forced.
func.func @select_c3_force(%x: tensor<1x4x8x6xf32>, %e: tensor<1x4x8x3xi32>) {
  // expected-error@below {{C3: expected masks that read positions only, got #attn.segment}}
  %r = attn.select %x outs(%e) force(segment) : tensor<1x4x8x6xf32> -> tensor<1x4x8x3xi32>
  return
}

// -----

// select, C4: a threshold.
func.func @select_c4(%x: tensor<1x4x8x6xf32>, %e: tensor<1x4x8x3xi32>) {
  // expected-error@below {{C4: expected a threshold that is a number, got NaN}}
  %r = attn.select %x outs(%e) threshold(0x7FF8000000000000) : tensor<1x4x8x6xf32> -> tensor<1x4x8x3xi32>
  return
}

// -----

// select, C4: a mass.
func.func @select_c4_mass(%x: tensor<1x4x8x6xf32>, %e: tensor<1x4x8x3xi32>) {
  // expected-error@below {{C4: expected a mass of at least 0, got -5.000000e-01}}
  %r = attn.select %x outs(%e) mass(-0.5) : tensor<1x4x8x6xf32> -> tensor<1x4x8x3xi32>
  return
}

// -----

// select, C5: tensors or memrefs.
func.func @select_c5(%x: tensor<1x4x8x6xf32>, %e: memref<1x4x8x3xi32>) {
  // expected-error@below {{C5: operands mix tensors and memrefs}}
  attn.select %x outs(%e) : tensor<1x4x8x6xf32> -> memref<1x4x8x3xi32>
  return
}

//===----------------------------------------------------------------------===//
// Orders
//===----------------------------------------------------------------------===//

// -----

// sort, C1: keys.
func.func @sort_c1(%x: tensor<1x4x8xf32>) {
  // expected-error@below {{C1: expected keys of rank 3 of i32, got 'tensor<1x4x8xf32>'}}
  %r = attn.sort %x outs(%x) : tensor<1x4x8xf32> -> tensor<1x4x8xf32>
  return
}

// -----

// sort, C2: an order of each row.
func.func @sort_c2(%x: tensor<1x4x8xi32>, %e: tensor<1x4x7xi32>) {
  // expected-error@below {{C2: expected output of shape 1 x 4 x 8 and type 'i32', got 'tensor<1x4x7xi32>'}}
  %r = attn.sort %x outs(%e) : tensor<1x4x8xi32> -> tensor<1x4x7xi32>
  return
}

// -----

// sort, C3: tensors or memrefs.
func.func @sort_c3(%x: tensor<1x4x8xi32>, %e: memref<1x4x8xi32>) {
  // expected-error@below {{C3: operands mix tensors and memrefs}}
  attn.sort %x outs(%e) : tensor<1x4x8xi32> -> memref<1x4x8xi32>
  return
}

//===----------------------------------------------------------------------===//
// Clusters
//===----------------------------------------------------------------------===//

// -----

// cluster, C1: ranks.
func.func @cluster_c1(%x: tensor<4x8x16xf32>, %c: tensor<2x4x6x16xf32>, %e: tensor<2x4x8xi32>) {
  // expected-error@below {{C1: x and centroids have rank 4 and elements of f16, bf16 or f32, or both of f64, got x 'tensor<4x8x16xf32>' and centroids 'tensor<2x4x6x16xf32>'}}
  %r = attn.cluster nearest %x, %c outs(%e) : tensor<4x8x16xf32>, tensor<2x4x6x16xf32> -> tensor<2x4x8xi32>
  return
}

// -----

// cluster, C1: types.
func.func @cluster_c1_type(%x: tensor<2x4x8x16xf64>, %c: tensor<2x4x6x16xf32>, %e: tensor<2x4x8xi32>) {
  // expected-error@below {{C1: x and centroids have rank 4 and elements of f16, bf16 or f32, or both of f64, got x 'tensor<2x4x8x16xf64>' and centroids 'tensor<2x4x6x16xf32>'}}
  %r = attn.cluster nearest %x, %c outs(%e) : tensor<2x4x8x16xf64>, tensor<2x4x6x16xf32> -> tensor<2x4x8xi32>
  return
}

// -----

// cluster, C2: width.
func.func @cluster_c2(%x: tensor<2x4x8x16xf32>, %c: tensor<2x4x6x32xf32>, %e: tensor<2x4x8xi32>) {
  // expected-error@below {{C2: x and centroids agree in width, got x 'tensor<2x4x8x16xf32>' and centroids 'tensor<2x4x6x32xf32>'}}
  %r = attn.cluster nearest %x, %c outs(%e) : tensor<2x4x8x16xf32>, tensor<2x4x6x32xf32> -> tensor<2x4x8xi32>
  return
}

// -----

// cluster, C3: batch.
func.func @cluster_c3(%x: tensor<2x4x8x16xf32>, %c: tensor<3x4x6x16xf32>, %e: tensor<2x4x8xi32>) {
  // expected-error@below {{C3: centroids have the batch entries of x, or one, got x 'tensor<2x4x8x16xf32>' and centroids 'tensor<3x4x6x16xf32>'}}
  %r = attn.cluster nearest %x, %c outs(%e) : tensor<2x4x8x16xf32>, tensor<3x4x6x16xf32> -> tensor<2x4x8xi32>
  return
}

// -----

// cluster, C4: a number for each row.
func.func @cluster_c4(%x: tensor<2x4x8x16xf32>, %c: tensor<2x4x6x16xf32>, %e: tensor<2x4x7xi32>) {
  // expected-error@below {{C4: expected output of shape 2 x ? x 8 and type 'i32', got 'tensor<2x4x7xi32>'}}
  %r = attn.cluster nearest %x, %c outs(%e) : tensor<2x4x8x16xf32>, tensor<2x4x6x16xf32> -> tensor<2x4x7xi32>
  return
}

// -----

// cluster, C5: groups of heads of x.
func.func @cluster_c5(%x: tensor<2x4x8x16xf32>, %c: tensor<2x2x6x16xf32>, %e: tensor<2x6x8xi32>) {
  // expected-error@below {{C5: heads of the output are a multiple of those of x and of the centroids, got x 'tensor<2x4x8x16xf32>' and centroids 'tensor<2x2x6x16xf32>' for output 'tensor<2x6x8xi32>'}}
  %r = attn.cluster nearest %x, %c outs(%e) : tensor<2x4x8x16xf32>, tensor<2x2x6x16xf32> -> tensor<2x6x8xi32>
  return
}

// -----

// cluster, C5: groups of heads of the centroids.
func.func @cluster_c5_centroids(%x: tensor<2x4x8x16xf32>, %c: tensor<2x3x6x16xf32>, %e: tensor<2x4x8xi32>) {
  // expected-error@below {{C5: heads of the output are a multiple of those of x and of the centroids, got x 'tensor<2x4x8x16xf32>' and centroids 'tensor<2x3x6x16xf32>' for output 'tensor<2x4x8xi32>'}}
  %r = attn.cluster nearest %x, %c outs(%e) : tensor<2x4x8x16xf32>, tensor<2x3x6x16xf32> -> tensor<2x4x8xi32>
  return
}

// -----

// cluster, C6: a mask of positions.
func.func @cluster_c6(%x: tensor<2x4x8x16xf32>, %c: tensor<2x4x6x16xf32>, %e: tensor<2x4x8xi32>) {
  // expected-error@below {{C6: expected masks that read positions only, got #attn.segment}}
  %r = attn.cluster nearest %x, %c outs(%e) mask(segment) : tensor<2x4x8x16xf32>, tensor<2x4x6x16xf32> -> tensor<2x4x8xi32>
  return
}

// -----

// cluster, C7: tensors or memrefs.
func.func @cluster_c7(%x: tensor<2x4x8x16xf32>, %c: tensor<2x4x6x16xf32>, %e: memref<2x4x8xi32>) {
  // expected-error@below {{C7: operands mix tensors and memrefs}}
  attn.cluster nearest %x, %c outs(%e) : tensor<2x4x8x16xf32>, tensor<2x4x6x16xf32> -> memref<2x4x8xi32>
  return
}

//===----------------------------------------------------------------------===//
// Permutations
//===----------------------------------------------------------------------===//

// -----

// permute, C1: rank.
func.func @permute_c1(%x: tensor<2x4xf32>, %n: tensor<2x4x8xi32>, %e: tensor<2x4xf32>) {
  // expected-error@below {{C1: expected rows of rank 3 or 4 of f16, bf16, f32, f64 or, but for a mean, i32, got 'tensor<2x4xf32>'}}
  %r = attn.permute gather %x, %n outs(%e) : tensor<2x4xf32>, tensor<2x4x8xi32> -> tensor<2x4xf32>
  return
}

// -----

// permute, C1: a mean of integers.
func.func @permute_c1_mean(%x: tensor<2x4x8xi32>, %n: tensor<2x4x8xi32>, %e: tensor<2x4x8xi32>) {
  // expected-error@below {{C1: expected rows of rank 3 or 4 of f16, bf16, f32, f64 or, but for a mean, i32, got 'tensor<2x4x8xi32>'}}
  %r = attn.permute mean %x, %n outs(%e) : tensor<2x4x8xi32>, tensor<2x4x8xi32> -> tensor<2x4x8xi32>
  return
}

// -----

// permute, C2: numbers.
func.func @permute_c2(%x: tensor<2x4x8x16xf32>, %n: tensor<2x4x8xi64>, %e: tensor<2x4x8x16xf32>) {
  // expected-error@below {{C2: expected an order of rank 3 of i32, got 'tensor<2x4x8xi64>'}}
  %r = attn.permute gather %x, %n outs(%e) : tensor<2x4x8x16xf32>, tensor<2x4x8xi64> -> tensor<2x4x8x16xf32>
  return
}

// -----

// permute, C3: width.
func.func @permute_c3(%x: tensor<2x4x8x16xf32>, %n: tensor<2x4x8xi32>, %e: tensor<2x4x8x32xf32>) {
  // expected-error@below {{C3: expected output of shape 2 x ? x ? x 16 and type 'f32', got 'tensor<2x4x8x32xf32>'}}
  %r = attn.permute gather %x, %n outs(%e) : tensor<2x4x8x16xf32>, tensor<2x4x8xi32> -> tensor<2x4x8x32xf32>
  return
}

// -----

// permute, C3: batch.
func.func @permute_c3_batch(%x: tensor<2x4x8x16xf32>, %n: tensor<1x4x8xi32>, %e: tensor<2x4x8x16xf32>) {
  // expected-error@below {{C3: x and order agree in batch, got 'tensor<2x4x8x16xf32>' and 'tensor<1x4x8xi32>'}}
  %r = attn.permute gather %x, %n outs(%e) : tensor<2x4x8x16xf32>, tensor<1x4x8xi32> -> tensor<2x4x8x16xf32>
  return
}

// -----

// permute, C4: groups of heads.
func.func @permute_c4(%x: tensor<2x4x8x16xf32>, %n: tensor<2x3x8xi32>, %e: tensor<2x4x8x16xf32>) {
  // expected-error@below {{C4: heads of the output are a multiple of those of x and of the order, got 'tensor<2x4x8x16xf32>' and 'tensor<2x3x8xi32>' for output 'tensor<2x4x8x16xf32>'}}
  %r = attn.permute gather %x, %n outs(%e) : tensor<2x4x8x16xf32>, tensor<2x3x8xi32> -> tensor<2x4x8x16xf32>
  return
}

// -----

// permute, C5: a number for each row that is read.
func.func @permute_c5(%x: tensor<2x4x8x16xf32>, %n: tensor<2x4x8xi32>, %e: tensor<2x4x7x16xf32>) {
  // expected-error@below {{C5: expected an order of as many numbers as the output has rows, got 'tensor<2x4x7x16xf32>' and 'tensor<2x4x8xi32>'}}
  %r = attn.permute gather %x, %n outs(%e) : tensor<2x4x8x16xf32>, tensor<2x4x8xi32> -> tensor<2x4x7x16xf32>
  return
}

// -----

// permute, C5: a number for each row that is written.
func.func @permute_c5_inverse(%x: tensor<2x4x8x16xf32>, %n: tensor<2x4x7xi32>, %e: tensor<2x4x8x16xf32>) {
  // expected-error@below {{C5: expected an order of as many numbers as x has rows, got 'tensor<2x4x8x16xf32>' and 'tensor<2x4x7xi32>'}}
  %r = attn.permute inverse %x, %n outs(%e) : tensor<2x4x8x16xf32>, tensor<2x4x7xi32> -> tensor<2x4x8x16xf32>
  return
}

// -----

// permute, C6: tensors or memrefs.
func.func @permute_c6(%x: tensor<2x4x8x16xf32>, %n: tensor<2x4x8xi32>, %e: memref<2x4x8x16xf32>) {
  // expected-error@below {{C6: operands mix tensors and memrefs}}
  attn.permute gather %x, %n outs(%e) : tensor<2x4x8x16xf32>, tensor<2x4x8xi32> -> memref<2x4x8x16xf32>
  return
}
