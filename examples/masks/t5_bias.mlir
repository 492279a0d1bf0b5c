// T5's relative bias: a learned number per head and bucket of distances.
//
//   t(i, j) = q_i . k_j + table[h, bucket(j - i)],    all j
//
// Of 32 buckets the upper 16 are for keys after the query. Of the 16 of a side,
// distances below 8 have one each; from there on buckets widen geometrically up to
// `max_distance`, and the last one has all that is farther:
//
//   d <  8:  d
//   d >= 8:  min(15, 8 + floor(8 ln(d / 8) / ln(max_distance / 8)))
//
// Raffel et al. 2020.
//
// @t5_bias has max_distance = 64, @t5_bias_paper that of T5, 128, with its 12 heads
// of 64.

!qkv = tensor<?x4x?x32xf32>

func.func @t5_bias(%q: !qkv, %k: !qkv, %v: !qkv, %table: tensor<4x32xf32>) -> !qkv {
  %c0 = arith.constant 0 : index
  %c2 = arith.constant 2 : index
  %batch = tensor.dim %q, %c0 : !qkv
  %length = tensor.dim %q, %c2 : !qkv
  %init = tensor.empty(%batch, %length) : !qkv
  %c64 = arith.constant 64 : index
  %c3 = arith.constant 3 : i32
  %c8 = arith.constant 8 : i32
  %c15 = arith.constant 15 : i32
  %c16 = arith.constant 16 : i32
  %c23 = arith.constant 23 : i32
  %c151 = arith.constant 151 : i32
  %out = attn.attention %q, %k, %v outs(%init) scale(1.0) score {
  ^bb0(%s: f32, %b: index, %h: index, %i: index, %j: index):
    %before = arith.subi %i, %j : index
    %after = arith.subi %j, %i : index
    %distance = arith.maxsi %before, %after : index
    %near = arith.minsi %distance, %c64 : index
    %d = arith.index_cast %near : index to i32
    // 8 ln(d / 8) / ln(64 / 8) = (log2(d^8) - 24) / 3, and the whole part of
    // log2(d^8) is the exponent of d^8, which is kept with 127 added.
    %d1 = arith.sitofp %d : i32 to f32
    %d2 = arith.mulf %d1, %d1 : f32
    %d4 = arith.mulf %d2, %d2 : f32
    %d8 = arith.mulf %d4, %d4 : f32
    %bits = arith.bitcast %d8 : f32 to i32
    %exponent = arith.shrui %bits, %c23 : i32
    %log = arith.subi %exponent, %c151 : i32
    %steps = arith.divsi %log, %c3 : i32
    %wide = arith.addi %steps, %c8 : i32
    %wide_or_last = arith.minsi %wide, %c15 : i32
    %is_exact = arith.cmpi slt, %d, %c8 : i32
    %side = arith.select %is_exact, %d, %wide_or_last : i32
    %upper = arith.addi %side, %c16 : i32
    %is_after = arith.cmpi sgt, %j, %i : index
    %bucket = arith.select %is_after, %upper, %side : i32
    %at = arith.index_cast %bucket : i32 to index
    %bias = tensor.extract %table[%h, %at] : tensor<4x32xf32>
    %t = arith.addf %s, %bias : f32
    attn.yield %t : f32
  }
      : !qkv, !qkv, !qkv -> !qkv
  return %out : !qkv
}

!paper_qkv = tensor<?x12x?x64xbf16>

func.func @t5_bias_paper(%q: !paper_qkv, %k: !paper_qkv, %v: !paper_qkv, %table: tensor<12x32xf32>) -> !paper_qkv {
  %c0 = arith.constant 0 : index
  %c2 = arith.constant 2 : index
  %batch = tensor.dim %q, %c0 : !paper_qkv
  %length = tensor.dim %q, %c2 : !paper_qkv
  %init = tensor.empty(%batch, %length) : !paper_qkv
  %c128 = arith.constant 128 : index
  %c4 = arith.constant 4 : i32
  %c8 = arith.constant 8 : i32
  %c15 = arith.constant 15 : i32
  %c16 = arith.constant 16 : i32
  %c23 = arith.constant 23 : i32
  %c151 = arith.constant 151 : i32
  %out = attn.attention %q, %k, %v outs(%init) scale(1.0) score {
  ^bb0(%s: f32, %b: index, %h: index, %i: index, %j: index):
    %before = arith.subi %i, %j : index
    %after = arith.subi %j, %i : index
    %distance = arith.maxsi %before, %after : index
    %near = arith.minsi %distance, %c128 : index
    %d = arith.index_cast %near : index to i32
    // 8 ln(d / 8) / ln(128 / 8) = (log2(d^8) - 24) / 4, and the whole part of
    // log2(d^8) is the exponent of d^8, which is kept with 127 added.
    %d1 = arith.sitofp %d : i32 to f32
    %d2 = arith.mulf %d1, %d1 : f32
    %d4 = arith.mulf %d2, %d2 : f32
    %d8 = arith.mulf %d4, %d4 : f32
    %bits = arith.bitcast %d8 : f32 to i32
    %exponent = arith.shrui %bits, %c23 : i32
    %log = arith.subi %exponent, %c151 : i32
    %steps = arith.divsi %log, %c4 : i32
    %wide = arith.addi %steps, %c8 : i32
    %wide_or_last = arith.minsi %wide, %c15 : i32
    %is_exact = arith.cmpi slt, %d, %c8 : i32
    %side = arith.select %is_exact, %d, %wide_or_last : i32
    %upper = arith.addi %side, %c16 : i32
    %is_after = arith.cmpi sgt, %j, %i : index
    %bucket = arith.select %is_after, %upper, %side : i32
    %at = arith.index_cast %bucket : i32 to index
    %bias = tensor.extract %table[%h, %at] : tensor<12x32xf32>
    %t = arith.addf %s, %bias : f32
    attn.yield %t : f32
  }
      : !paper_qkv, !paper_qkv, !paper_qkv -> !paper_qkv
  return %out : !paper_qkv
}
