//===- AttnOps.td - Operations of the attn dialect ----------*- tablegen -*-===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef ATTN_DIALECT_ATTN_IR_ATTNOPS
#define ATTN_DIALECT_ATTN_IR_ATTNOPS

include "attn/Dialect/Attn/IR/AttnOpBase.td"
include "attn/Dialect/Attn/IR/AttnRecurrence.td"
include "attn/Dialect/Attn/IR/AttnClusters.td"
include "attn/Dialect/Attn/IR/AttnRouting.td"
include "attn/Dialect/Attn/IR/AttnScan.td"

//===----------------------------------------------------------------------===//
// Softmax attention
//===----------------------------------------------------------------------===//

/// What attention and its partial form share: how a logit is made.
class Attn_LogitsOp<string mnemonic, list<Trait> traits = []>
    : Attn_Op<mnemonic, traits # [
        AttrSizedOperandSegments, SingleBlock,
        DeclareOpInterfaceMethods<TilingInterface,
          ["getIterationDomain", "getLoopIteratorTypes",
           "getTiledImplementation", "getResultTilePosition",
           "generateResultTileValue"]>,
        Attn_LogitsOpInterface]> {
  let regions = (region MaxSizedRegion<1>:$score, MaxSizedRegion<1>:$where);
  let results = (outs Variadic<AnyRankedTensor>:$results);
  dag commonArguments = (ins
    AnyShaped:$query, AnyShaped:$key, AnyShaped:$value,
    Variadic<AnyShaped>:$outs, F64Attr:$scale,
    OptionalAttr<Tile_VisitAttrInterface>:$mask,
    DefaultValuedAttr<Attn_Alignment, "::attn::Alignment::TopLeft">:$align,
    Optional<AnyType>:$offset, Optional<AnyShaped>:$bias,
    Optional<AnyShaped>:$querySegments, Optional<AnyShaped>:$keySegments,
    Optional<AnyShaped>:$segmentBounds, Optional<AnyShaped>:$parameters,
    Optional<AnyShaped>:$kvLengths,
    Optional<AnyShaped>:$queryPositions, Optional<AnyShaped>:$keyPositions,
    Optional<AnyShaped>:$ancestors,
    Optional<AnyShaped>:$selection, OptionalAttr<I64Attr>:$selectedRows,
    OptionalAttr<I64Attr>:$selectedCols, Optional<AnyShaped>:$tileLists,
    UnitAttr:$strict_values);
  string commonFormat = [{
    $query `,` $key `,` $value `outs` `(` $outs `)` `scale` `(` $scale `)`
    oilist(
        `mask` `(` custom<Mask>($mask) `)`
      | `align` `(` $align `)`
      | `offset` `(` $offset `:` type($offset) `)`
      | `bias` `(` $bias `:` type($bias) `)`
      | `segments` `(` $querySegments `,` $keySegments
          `:` type($querySegments) `,` type($keySegments) `)`
      | `segment_bounds` `(` $segmentBounds `:` type($segmentBounds) `)`
      | `parameters` `(` $parameters `:` type($parameters) `)`
      | `kv_lengths` `(` $kvLengths `:` type($kvLengths) `)`
      | `positions` `(` $queryPositions `,` $keyPositions
          `:` type($queryPositions) `,` type($keyPositions) `)`
      | `ancestors` `(` $ancestors `:` type($ancestors) `)`
      | `select` `(` $selection `:` type($selection) `)`
        `blocks` `(` $selectedRows `,` $selectedCols `)`
      | `tile_lists` `(` $tileLists `:` type($tileLists) `)`
      | `strict_values` $strict_values
  }];
  string regionFormat = [{
    ) (`score` $score^)? (`where` $where^)?
    attr-dict `:` type($query) `,` type($key) `,` type($value)
      `->` custom<DpsTypes>(type($outs), type($results))
  }];
}

def Attn_AttentionOp : Attn_LogitsOp<"attention", [
    AggregatedOpInterface,
    DeclareOpInterfaceMethods<Tile_FoldOpInterface>]> {
  let summary = "softmax attention";
  let description = [{
    For batch entry b, query head h, query row i and key row j, with kv head
    g = h / (Hq / Hkv):

        s(i, j)   = scale * sum_d query[b, h, i, d] * key[b, g, j, d]
        t(i, j)   = score(s, b, h, i', j') + bias[b, h, i, j]
        allowed   = mask(b, h, i', j') and where(b, h, i', j')
                    and j < kv_lengths[b] and selected(b, h, i, j)
        den(i)    = sum_allowed exp(t(i, j)) + exp(sink[h])
        out(i, e) = sum_allowed exp(t(i, j)) / den(i) * value[b, g, j, e]
        lse(i)    = ln(den(i))

    in exactly this order. i' and j' are logical positions: i' = i + offset and
    j' = j (`align(bottom_right)` sets the offset to Skv - Sq; `offset` gives it
    at run time, one for all or one per batch entry), or the `positions`
    operands. `score` sees natural units and is not evaluated for its effects
    where the mask is false.

    With `select(ids) blocks(R, C)`, blocks of R rows see blocks of C keys by
    lists. Head h has list h / (Hq / Hs) of Hs, and

        selected(b, h, i, j)  some ids[b, h / (Hq / Hs), i / R, n] is j / C

    so a list is a set: its order and repeated numbers mean nothing, and numbers
    of no block (-1, which fills up a list, others below 0, those behind the last
    block) are ignored. The last block has the keys that there are. i and j are
    the row and the column here, not the logical positions.

    A row that sees no key has out = 0 and lse = -inf (lse = sink[h] with
    sinks). Sums are f32, or f64 for f64 operands; the weights may be rounded to
    the value type. A key row at or beyond `kv_lengths[b]` is never read as a
    value. A non-finite key that the mask hides cannot leak; a non-finite value
    it hides can, unless `strict_values`.

    | operand | shape | type |
    |---|---|---|
    | query | `B x Hq x Sq x Dk` | T in f16, bf16, f32, f64 |
    | key | `B x Hkv x Skv x Dk` | T |
    | value | `B x Hkv x Skv x Dv` | T |
    | outs[0] | `B x Hq x Sq x Dv` | T |
    | outs[1] (lse) | `B x Hq x Sq` | f32 (f64 if T is f64) |
    | bias | broadcasts to `B x Hq x Sq x Skv` | any float |
    | sink | `Hq` | any float |
    | segments | `B x Sq`, `B x Skv` | i32 |
    | segment_bounds | `B x tiles of rows x 4` | i32 |
    | parameters | `B x Hq x N`, the first two may be 1 for all | i32 |
    | kv_lengths | `B` | i32 |
    | positions | `B x Sq`, `B x Skv` | i32 |
    | offset | index, or `B` of i32 | |
    | ancestors | `B x Sq x W`, 32 W nodes | i32 |
    | selection | `B x Hs x ceil(Sq / R) x K`, Hs divides Hq | i32 |
    | tile_lists | `B x Hq x tiles of rows x 2 + L` | i32 |

    `origin(b, h, i)` is set by tiling: the position of this tile in the whole.
    Its first block of selected rows is the one that row `origin` is in.

    C1: query, key and value have rank 4.
    C2: query, key, value and outs[0] have one element type: f16, bf16, f32, f64.
    C3: batch sizes agree.
    C4: key and value agree in heads and in length.
    C5: query and key agree in width.
    C6: Hq is a multiple of Hkv.
    C7: outs[0] is B x Hq x Sq x Dv; outs[1] is B x Hq x Sq of f32 (f64).
    C8: bias has rank 1 to 4, and each of its dimensions, aligned at the right,
        is 1 or the extent it broadcasts to. Only what is 1 in the type
        broadcasts: an extent that is not known does not.
    C9: sink has shape Hq and any float type.
    C10: segments are B x Sq and B x Skv of i32, and are given exactly when the
         mask reads them.
    C11: kv_lengths has shape B of i32.
    C12: positions are B x Sq and B x Skv of i32 and exclude offset and align.
    C13: offset is an index or B of i32, and excludes align.
    C14: the score region takes (f32 or f64, index, index, index, index) and
         yields its first argument's type.
    C15: the where region takes four index and yields i1.
    C16: scale is finite.
    C17: origin has no or three operands.
    C18: operands are all tensors or all memrefs.
    C21: segment_bounds have rank 3, with 4 numbers for each tile of the
         schedule's rows, and come with segments and a schedule. They are made
         by `attn-bound-segments`: the first two are columns between which all
         keys lie whose segment is that of some row, the others ones between
         which all keys have the segment of every row.
    C22: constants of the mask lie between -2^30 and 2^30, and what it computes
         of positions and parameters up to 2^20 fits 32 bits.
    C23: parameters are 1 or B x 1 or Hq x N of i32, with N at least the number
         that the mask reads, and absent if it reads none. Values lie between
         -2^30 and 2^30.
    C24: ancestors are B x Sq x W of i32 with 32 W >= Sq, are given exactly when
         the mask reads them, and exclude positions.
    C25: a region reads a captured tensor at b, h, i or j only where it has an
         entry, as far as extents are known and the mask is.
    C26: a selection is B x Hs x ceil(Sq / R) x K of i32 with Hs dividing Hq,
         and comes with blocks of positive sizes.
    C27: tile_lists are B x Hq x T x L of i32, and come with a selection and a
         schedule, of whose T tiles of rows they are. They are made by
         `attn-list-tiles`: how many tiles of columns need a test of each
         position, how many are visited, and their numbers.

    Sources: Vaswani et al. 2017; Dao et al. 2022 (FlashAttention); Ainslie et
    al. 2023 (grouped queries); Xiao et al. 2023 (sinks).

    ```mlir
    %o = attn.attention %q, %k, %v outs(%e) scale(0.0883883) mask(causal)
       : tensor<1x32x?x128xbf16>, tensor<1x8x?x128xbf16>, tensor<1x8x?x128xbf16>
         -> tensor<1x32x?x128xbf16>
    ```
  }];
  let arguments = !con(commonArguments, (ins
    Optional<AnyShaped>:$sink, Variadic<Index>:$origin,
    OptionalAttr<Attn_ScheduleAttr>:$schedule));
  let assemblyFormat = !strconcat(commonFormat, [{
      | `sink` `(` $sink `:` type($sink) `)`
      | `origin` `(` $origin `)`
      | `schedule` `(` custom<Schedule>($schedule) `)`
  }], regionFormat);
  let hasCanonicalizer = 1;
  let extraClassDeclaration = dpsInits # decomposes # [{
    ::mlir::Value getOutput() { return getOuts()[0]; }
    /// The destination of the log-sum-exp, null if it is not asked for.
    ::mlir::Value getLse() { return getOuts().size() > 1 ? getOuts()[1] : nullptr; }
  }];
}

def Attn_PartialOp : Attn_LogitsOp<"partial", [
    DeclareOpInterfaceMethods<Tile_FoldOpInterface>]> {
  let summary = "attention over a range of keys, as a state";
  let description = [{
    Continues the state in `outs` over the given keys. A state is three tensors,
    f32 (f64 for f64 operands):

        acc[b, h, i, e]  sum exp(t(i, j) - ref(i)) * value[b, g, j, e]
        sum[b, h, i]     sum exp(t(i, j) - ref(i))
        ref[b, h, i]     any finite reference point, in natural units

    so the value is acc / sum and the lse is ref + ln(sum). The identity has
    acc = 0, sum = 0 and half the lowest finite number as its ref: below every
    logit, and finite in units of log2 too.

    Tiling sets `origin(b, h, i, j)`, the position of a tile in the whole.

    C1-C6, C8, C10-C16, C18, C22-C27 as for `attn.attention`.
    C19: outs are acc B x Hq x Sq x Dv, ref B x Hq x Sq and sum B x Hq x Sq of
         f32 (f64 for f64 operands).
    C20: origin has no or four operands.
  }];
  let arguments = !con(commonArguments, (ins
    Variadic<Index>:$origin, OptionalAttr<Attn_ScheduleAttr>:$schedule));
  let assemblyFormat = !strconcat(commonFormat, [{
      | `origin` `(` $origin `)`
      | `schedule` `(` custom<Schedule>($schedule) `)`
  }], regionFormat);
  let hasCanonicalizer = 1;
  let extraClassDeclaration = dpsInits # [{
    ::mlir::Value getSink() { return nullptr; }
    ::mlir::Value getAcc() { return getOuts()[0]; }
    ::mlir::Value getRef() { return getOuts()[1]; }
    ::mlir::Value getSum() { return getOuts()[2]; }
  }];
}

def Attn_MergeOp : Attn_Op<"merge", [
    AggregatedOpInterface]> {
  let summary = "combines two states over disjoint sets of keys";
  let description = [{
        ref = max(ref0, ref1)
        acc = exp(ref0 - ref) * acc0 + exp(ref1 - ref) * acc1
        sum = exp(ref0 - ref) * sum0 + exp(ref1 - ref) * sum1

    Associative and commutative up to rounding.

    C1: both states and outs have the same three shapes: acc of rank n,
        ref and sum of rank n - 1 without its last dimension.
    C2: all element types are the same, f32 or f64.
  }];
  let arguments = (ins AnyShaped:$acc0, AnyShaped:$ref0, AnyShaped:$sum0,
                       AnyShaped:$acc1, AnyShaped:$ref1, AnyShaped:$sum1,
                       Variadic<AnyShaped>:$outs);
  let extraClassDeclaration = dpsInits # decomposes;
  let results = (outs Variadic<AnyRankedTensor>:$results);
  let assemblyFormat = [{
    $acc0 `,` $ref0 `,` $sum0 `,` $acc1 `,` $ref1 `,` $sum1 `outs` `(` $outs `)`
    attr-dict `:` type($acc0) `,` type($ref0) `,` type($sum0)
    `,` type($acc1) `,` type($ref1) `,` type($sum1)
    `->` custom<DpsTypes>(type($outs), type($results))
  }];
}

def Attn_FinalizeOp : Attn_Op<"finalize", [
    AttrSizedOperandSegments,
    AggregatedOpInterface]> {
  let summary = "the value of a state";
  let description = [{
        out = acc / (sum + exp(sink - ref))      (0 where sum = 0)
        lse = ref + ln(sum + exp(sink - ref))    (-inf where nothing was summed)

    C1: acc is B x Hq x Sq x Dv, ref and sum are B x Hq x Sq, of f32 or f64.
    C2: outs[0] is B x Hq x Sq x Dv of any float; outs[1] is B x Hq x Sq of the
        type of acc.
    C3: sink has shape Hq and any float type.
  }];
  let arguments = (ins AnyShaped:$acc, AnyShaped:$ref, AnyShaped:$sum,
                       Variadic<AnyShaped>:$outs, Optional<AnyShaped>:$sink);
  let extraClassDeclaration = dpsInits # decomposes;
  let results = (outs Variadic<AnyRankedTensor>:$results);
  let assemblyFormat = [{
    $acc `,` $ref `,` $sum `outs` `(` $outs `)`
    (`sink` `(` $sink^ `:` type($sink) `)`)?
    attr-dict `:` type($acc) `,` type($ref) `,` type($sum)
    `->` custom<DpsTypes>(type($outs), type($results))
  }];
}

def Attn_YieldOp : Op<Attn_Dialect, "yield", [
    Pure, Terminator, ReturnLike,
    ParentOneOf<["AttentionOp", "PartialOp", "RouteScoreOp"]>]> {
  let summary = "the value of a score or where region";
  let arguments = (ins AnyType:$value);
  let assemblyFormat = "$value attr-dict `:` type($value)";
}

#endif // ATTN_DIALECT_ATTN_IR_ATTNOPS
