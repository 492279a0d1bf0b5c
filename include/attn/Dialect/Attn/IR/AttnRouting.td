//===- AttnRouting.td - What chooses blocks of keys ---------*- tablegen -*-===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Which keys a query sees may depend on the data: keys are pooled to summaries
// of blocks, queries are scored against them, and the blocks with the best
// scores are what `attn.attention` takes as its selection.
//
//===----------------------------------------------------------------------===//

#ifndef ATTN_DIALECT_ATTN_IR_ATTNROUTING
#define ATTN_DIALECT_ATTN_IR_ATTNROUTING

include "attn/Dialect/Attn/IR/AttnOpBase.td"

def Attn_PoolOp : Attn_Op<"pool", [AggregatedOpInterface]> {
  let summary = "windows of rows, each pooled to one row";
  let description = [{
        out[b, h, c] = mean, max, min or sum over the rows
                       c * stride <= s < min(c * stride + window, S)
                       of input[b, h, s]

    number by number. The mean of a window that the end cuts is that of the rows
    there are. Sums are f32, or f64 for f64 inputs; a NaN stays one.

    | operand | shape | type |
    |---|---|---|
    | input | `B x H x S x D` | f16, bf16, f32, f64 |
    | outs | `B x H x N x D`, N <= ceil(S / stride) | any float |

    C1: input has rank 4, and elements of f16, bf16, f32 or f64.
    C2: window and stride are positive.
    C3: outs is B x H x N x D of any float, and no window begins behind the last
        row: (N - 1) * stride < S.
    C4: operands are all tensors or all memrefs.

    ```mlir
    %kb = attn.pool mean %k outs(%e) window(512) stride(512)
       : tensor<1x8x?x128xbf16> -> tensor<1x8x?x128xf32>
    ```
  }];
  let arguments = (ins Attn_PoolKind:$kind, AnyShaped:$input, AnyShaped:$outs,
                       I64Attr:$window, I64Attr:$stride);
  let results = (outs Variadic<AnyRankedTensor>:$results);
  let assemblyFormat = [{
    $kind $input `outs` `(` $outs `)` `window` `(` $window `)`
    `stride` `(` $stride `)` attr-dict
    `:` type($input) `->` custom<DpsTypes>(type($outs), type($results))
  }];
  let extraClassDeclaration = dpsInits # decomposes;
}

def Attn_RouteScoreOp : Attn_Op<"route_score", [
    SingleBlock, AggregatedOpInterface]> {
  let summary = "blocks of logits, each reduced to one score";
  let description = [{
    With the kv head g = h / (Hq / Hkv) of query head h,

        s(b, h, i, j) = scale * sum_d query[b, h, i, d] * key[b, g, j, d]
        t(b, h, i, j) = score(s(b, h, i, j), b, h, i', j)
        out[b, r, n, c] = the sum, or the largest, of t(b, h, i, j) where
                          h / (Hq / Hs) = r, i / R = n, j / C = c
                          and mask(b, h, i', j)

    where i' = i + offset, which the region is given, too, for `blocks(R, C)`, which is (1, 1) if not given. So out has a score for each
    of Hs groups of heads, block of R queries and block of C keys, without the
    logits ever being written. Keys may be summaries of blocks themselves. The
    region may read captured tensors (a weight of each head, the lse of a
    softmax, to which exp(s - lse) is normalised); it is not evaluated for its
    effects where the mask is false. A sum of nothing is 0, the largest of
    nothing -inf; a NaN is larger than anything. Sums are f32, f64 for f64.

    | operand | shape | type |
    |---|---|---|
    | query | `B x Hq x Sq x D` | T in f16, bf16, f32, f64 |
    | key | `B x Hkv x Skv x D` | T' in f16, bf16, f32, f64 |
    | outs | `B x Hs x ceil(Sq / R) x ceil(Skv / C)` | f32, f64 if T is |

    C1: query and key have rank 4, and elements of f16, bf16, f32 or f64; both
        of f64 or none.
    C2: batch sizes agree.
    C3: query and key agree in width.
    C4: Hq is a multiple of Hkv.
    C5: blocks have positive sizes.
    C6: outs is B x Hs x ceil(Sq / R) x ceil(Skv / C) of f32 (f64), and Hq is a
        multiple of Hs.
    C7: the region takes (f32 or f64, index, index, index, index) and yields its
        first argument's type.
    C8: scale is finite.
    C9: the mask reads positions only: no segments, parameters or ancestors.
    C10: operands are all tensors or all memrefs.

    ```mlir
    %r = attn.route_score sum %q, %kb outs(%e) scale(1.0) mask(causal)
       : tensor<1x8x?x128xbf16>, tensor<1x8x?x128xf32> -> tensor<1x8x?x?xf32>
    ```
  }];
  let arguments = (ins Attn_ScoreKind:$kind, AnyShaped:$query, AnyShaped:$key,
                       AnyShaped:$outs, F64Attr:$scale,
                       DefaultValuedAttr<I64Attr, "1">:$rows,
                       DefaultValuedAttr<I64Attr, "1">:$cols,
                       OptionalAttr<Tile_VisitAttrInterface>:$mask,
                       Optional<Index>:$offset);
  let regions = (region MaxSizedRegion<1>:$score);
  let results = (outs Variadic<AnyRankedTensor>:$results);
  let assemblyFormat = [{
    $kind $query `,` $key `outs` `(` $outs `)` `scale` `(` $scale `)`
    oilist(
        `blocks` `(` $rows `,` $cols `)`
      | `mask` `(` custom<Mask>($mask) `)`
      | `offset` `(` $offset `)`
    ) (`score` $score^)? attr-dict
    `:` type($query) `,` type($key)
    `->` custom<DpsTypes>(type($outs), type($results))
  }];
  let extraClassDeclaration = dpsInits # decomposes # [{
    /// The type that scores are computed in.
    ::mlir::FloatType getComputeType();
  }];
}

def Attn_SelectOp : Attn_Op<"select", [AggregatedOpInterface]> {
  let summary = "the numbers of the best scores of each row";
  let description = [{
    The candidates of row (b, h, n) are the c with mask(b, h, n', c), where n' is
    n + offset; with `force`, those with force(b, h, n', c) rank before all
    others. Within both,
    larger scores rank before smaller ones, NaN behind -inf, and of equal scores
    (or two NaN) the smaller number before the larger one. The list takes
    candidates in this order,

        K of them, the extent of the list, or all if there are fewer;
        threshold(t)  of those that are not forced, only ones whose score is at
                      least t
        mass(p)       of those that are not forced, only while the scores taken
                      before sum up to less than p times that of all candidates;
                      a NaN counts as 0

    and is filled up with -1. `mask` and `force` see numbers of rows and scores:
    where a row is a block of queries and a score one of keys, both of one size,
    `causal` leaves the blocks up to the own one, `force(window<1>)` forces that,
    `force(sink<1>)` the first.

    | operand | shape | type |
    |---|---|---|
    | scores | `B x H x N x M` | f32 or f64 |
    | outs | `B x H x N x K` | i32 |

    C1: scores have rank 4 and elements of f32 or f64.
    C2: outs is B x H x N x K of i32.
    C3: mask and force read positions only: no segments, parameters or ancestors.
    C4: threshold is not NaN, mass is at least 0.
    C5: operands are all tensors or all memrefs.

    Sources: Lu et al. 2025 (MoBA), Yuan et al. 2025 (NSA: top-k with forced
    blocks); Lai et al. 2025 (FlexPrefill), Xu et al. 2025 (XAttention: mass).

    ```mlir
    %ids = attn.select %r outs(%e) mask(causal) force(window<1>)
       : tensor<1x8x64x64xf32> -> tensor<1x8x64x8xi32>
    ```
  }];
  let arguments = (ins AnyShaped:$scores, AnyShaped:$outs,
                       OptionalAttr<Tile_VisitAttrInterface>:$mask,
                       OptionalAttr<Tile_VisitAttrInterface>:$force,
                       OptionalAttr<F64Attr>:$threshold,
                       OptionalAttr<F64Attr>:$mass, Optional<Index>:$offset);
  let results = (outs Variadic<AnyRankedTensor>:$results);
  let assemblyFormat = [{
    $scores `outs` `(` $outs `)`
    oilist(
        `mask` `(` custom<Mask>($mask) `)`
      | `force` `(` custom<Mask>($force) `)`
      | `threshold` `(` $threshold `)`
      | `mass` `(` $mass `)`
      | `offset` `(` $offset `)`
    ) attr-dict
    `:` type($scores) `->` custom<DpsTypes>(type($outs), type($results))
  }];
  let extraClassDeclaration = dpsInits # decomposes;
}

def Attn_SortOp : Attn_Op<"sort", [AggregatedOpInterface]> {
  let summary = "the order of the keys of each row";
  let description = [{
    outs[b, h, r] is the number of the key with r keys before it: smaller ones,
    and equal ones with a smaller number (the order is stable). Rows of a tensor
    that are read at these numbers are grouped by key; the order of the order
    itself leads back.

    | operand | shape | type |
    |---|---|---|
    | keys | `B x H x S` | i32 |
    | outs | `B x H x S` | i32 |

    C1: keys have rank 3 and are i32.
    C2: outs have the shape and type of keys.
    C3: operands are all tensors or all memrefs.

    ```mlir
    %order = attn.sort %buckets outs(%e) : tensor<1x8x?xi32> -> tensor<1x8x?xi32>
    ```
  }];
  let arguments = (ins AnyShaped:$keys, AnyShaped:$outs);
  let results = (outs Variadic<AnyRankedTensor>:$results);
  let assemblyFormat = [{
    $keys `outs` `(` $outs `)` attr-dict
    `:` type($keys) `->` custom<DpsTypes>(type($outs), type($results))
  }];
  let extraClassDeclaration = dpsInits # decomposes;
}

#endif // ATTN_DIALECT_ATTN_IR_ATTNROUTING
