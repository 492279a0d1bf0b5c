//===- AttnTiling.cpp - Cutting attention along its dimensions ------------===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Attention is cut along batch, heads and queries; its partial form along keys
// as well, as a reduction. A tile is the same operation on slices; `origin`
// carries where it sits, so that masks and regions see global positions.
//
//===----------------------------------------------------------------------===//

#include "Slices.h"
#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Arith/Utils/Utils.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"

using namespace mlir;
using namespace attn;

static SmallVector<Range> getDomain(OpBuilder &builder, LogitsOpInterface op,
                                    bool withKeys) {
  Location loc = op.getLoc();
  OpFoldResult zero = builder.getIndexAttr(0), one = builder.getIndexAttr(1);
  SmallVector<Range> domain;
  for (int64_t dim = 0; dim < 3; ++dim)
    domain.push_back({zero, getDim(builder, loc, op.getQuery(), dim), one});
  if (withKeys)
    domain.push_back({zero, getDim(builder, loc, op.getKey(), 2), one});
  return domain;
}

/// The heads of `source` that a span of query heads reads. Fails if the span
/// would take part of a group and part of another.
static FailureOr<Span> getSourceHeads(OpBuilder &builder, LogitsOpInterface op,
                                      Span heads, Value source) {
  Location loc = op.getLoc();
  OpFoldResult numHeads = getDim(builder, loc, op.getQuery(), 1);
  OpFoldResult numKvHeads = getDim(builder, loc, source, 1);
  if (isEqualConstantIntOrValue(numHeads, numKvHeads))
    return heads;
  OpFoldResult group = divide(builder, loc, numHeads, numKvHeads);
  std::optional<int64_t> size = getConstantIntValue(heads.size);
  std::optional<int64_t> staticGroup = getConstantIntValue(group);
  OpFoldResult offset = divide(builder, loc, heads.offset, group);
  if (size == 1 || (size && staticGroup && *staticGroup % *size == 0))
    return Span{offset, builder.getIndexAttr(1)};
  if (size && staticGroup && *size % *staticGroup == 0)
    return Span{offset, builder.getIndexAttr(*size / *staticGroup)};
  if (isEqualConstantIntOrValue(heads.size, numHeads))
    return Span{offset, numKvHeads};
  return op->emitError("a tile of heads must be 1, divide the group size or be "
                       "a multiple of it");
}

/// The tiles of the schedule's rows that a span of rows has.
static Span getRowTiles(OpBuilder &builder, LogitsOpInterface op, Span rows) {
  int64_t size = op.getSchedule()->getRows();
  AffineExpr x = builder.getAffineDimExpr(0);
  auto apply = [&](AffineExpr expr, OpFoldResult value) {
    return affine::makeComposedFoldedAffineApply(builder, op.getLoc(), expr,
                                                 {value});
  };
  // One tile, usually; its last rows may not exist.
  std::optional<int64_t> most = getConstantIntValue(rows.size);
  if (!most || *most > size)
    return {apply(x.floorDiv(size), rows.offset),
            apply(x.ceilDiv(size), rows.size)};
  return {apply(x.floorDiv(size), rows.offset), builder.getIndexAttr(1)};
}

/// The blocks of `size` rows that a span of rows has a part of.
static Span getRowBlocks(OpBuilder &builder, LogitsOpInterface op, Span rows,
                         int64_t size) {
  Location loc = op.getLoc();
  AffineExpr x, y;
  bindDims(builder.getContext(), x, y);
  // Blocks are of the whole; the selection of a tile begins with its first one.
  OpFoldResult origin = builder.getIndexAttr(0);
  if (!op.getOrigin().empty())
    origin = getAsOpFoldResult(op.getOrigin()[2]);
  auto apply = [&](AffineExpr expr, ArrayRef<OpFoldResult> values) {
    return affine::makeComposedFoldedAffineApply(builder, loc, expr, values);
  };
  OpFoldResult own = apply(x.floorDiv(size), {origin});
  OpFoldResult begin = apply(x + y, {origin, rows.offset});
  OpFoldResult end = apply(x + y, {begin, rows.size});
  OpFoldResult first = apply(x.floorDiv(size) - y, {begin, own});
  return {first, apply(x.ceilDiv(size) - y, {end, apply(x + y, {first, own})})};
}

/// The slice of a bias; dimensions of extent 1 are broadcast and stay whole.
static Value getBiasSlice(OpBuilder &builder, LogitsOpInterface op,
                          ArrayRef<Span> spans) {
  Value bias = op.getBias();
  ShapedType type = op.getBias().getType();
  SmallVector<OpFoldResult> offsets, sizes;
  for (int64_t dim = 0; dim < type.getRank(); ++dim) {
    const Span &span = spans[4 - type.getRank() + dim];
    bool isBroadcast = type.getDimSize(dim) == 1;
    offsets.push_back(isBroadcast ? builder.getIndexAttr(0) : span.offset);
    sizes.push_back(isBroadcast ? builder.getIndexAttr(1) : span.size);
  }
  return getSlice(builder, op.getLoc(), bias, offsets, sizes);
}

/// The index offset that makes `align` explicit: Skv - Sq of the whole.
static Value getAlignOffset(OpBuilder &builder, LogitsOpInterface op) {
  Location loc = op.getLoc();
  AffineExpr k, q;
  bindDims(builder.getContext(), k, q);
  OpFoldResult offset = affine::makeComposedFoldedAffineApply(
      builder, loc, k - q,
      {getDim(builder, loc, op.getKey(), 2),
       getDim(builder, loc, op.getQuery(), 2)});
  return getValueOrCreateConstantIndexOp(builder, loc, offset);
}

/// Upstream refuses a slice at offset 0 of an extent of 0, and does not say of
/// what. Canonicalisation takes care of operations without keys.
static LogicalResult requireWidths(LogitsOpInterface op) {
  ShapedType q = op.getQuery().getType(), v = op.getValue().getType();
  if (q.getDimSize(3) != 0 && v.getDimSize(3) != 0)
    return success();
  return op->emitError("expected positive widths, got query ")
         << q << " and value " << v;
}

/// Builds the operation on the tile `spans` = (b, h, i, j).
template <typename OpTy>
static FailureOr<TilingResult> getTile(OpBuilder &builder, OpTy op,
                                       ArrayRef<Span> spans, bool tilesKeys) {
  Location loc = op.getLoc();
  auto logits = cast<LogitsOpInterface>(op.getOperation());
  FailureOr<Span> kvHeads =
      getSourceHeads(builder, logits, spans[1], op.getKey());
  if (failed(requireWidths(logits)) || failed(kvHeads))
    return failure();
  const Span &b = spans[0], &h = spans[1], &i = spans[2], &j = spans[3];
  auto whole = [&](Value value, int64_t dim) {
    return getWhole(builder, loc, value, dim);
  };
  SmallVector<Operation *> slices;
  auto slice = [&](Value value, ArrayRef<Span> parts) -> Value {
    Value result = getSlice(builder, loc, value, parts);
    slices.push_back(result.getDefiningOp());
    return result;
  };

  // The clone has all of the old operands; each is replaced by its tile.
  auto tile = cast<OpTy>(builder.clone(*op.getOperation()));
  builder.setInsertionPoint(tile);
  Value q = op.getQuery(), k = op.getKey(), v = op.getValue();
  tile.getQueryMutable().assign(slice(q, {b, h, i, whole(q, 3)}));
  tile.getKeyMutable().assign(slice(k, {b, *kvHeads, j, whole(k, 3)}));
  tile.getValueMutable().assign(slice(v, {b, *kvHeads, j, whole(v, 3)}));
  SmallVector<Value> outs;
  for (Value out : op.getOuts()) {
    SmallVector<Span> parts{b, h, i};
    if (cast<ShapedType>(out.getType()).getRank() == 4)
      parts.push_back(whole(out, 3));
    outs.push_back(slice(out, parts));
  }
  tile.getOutsMutable().assign(outs);
  if (op.getBias())
    tile.getBiasMutable().assign(getBiasSlice(builder, logits, spans));
  if (op.getQuerySegments()) {
    tile.getQuerySegmentsMutable().assign(slice(op.getQuerySegments(), {b, i}));
    tile.getKeySegmentsMutable().assign(slice(op.getKeySegments(), {b, j}));
  }
  if (op.getSegmentBounds())
    tile.getSegmentBoundsMutable().assign(
        slice(op.getSegmentBounds(), {b, getRowTiles(builder, logits, i),
                                      whole(op.getSegmentBounds(), 2)}));
  if (Value parameters = op.getParameters()) {
    // What is 1 is for all.
    auto part = [&](int64_t dim, const Span &span) {
      bool isForAll =
          cast<ShapedType>(parameters.getType()).getDimSize(dim) == 1;
      return isForAll ? whole(parameters, dim) : span;
    };
    tile.getParametersMutable().assign(
        slice(parameters, {part(0, b), part(1, h), whole(parameters, 2)}));
  }
  if (op.getKvLengths())
    tile.getKvLengthsMutable().assign(slice(op.getKvLengths(), {b}));
  if (op.getQueryPositions()) {
    tile.getQueryPositionsMutable().assign(
        slice(op.getQueryPositions(), {b, i}));
    tile.getKeyPositionsMutable().assign(slice(op.getKeyPositions(), {b, j}));
  }
  if (op.getAncestors())
    tile.getAncestorsMutable().assign(
        slice(op.getAncestors(), {b, i, whole(op.getAncestors(), 2)}));
  if (op.getSelection()) {
    FailureOr<Span> heads =
        getSourceHeads(builder, logits, h, op.getSelection());
    if (failed(heads))
      return failure();
    tile.getSelectionMutable().assign(slice(
        op.getSelection(),
        {b, *heads, getRowBlocks(builder, logits, i, *op.getSelectedRows()),
         whole(op.getSelection(), 3)}));
  }
  if (op.getTileLists())
    tile.getTileListsMutable().assign(
        slice(op.getTileLists(), {b, h, getRowTiles(builder, logits, i),
                                  whole(op.getTileLists(), 3)}));
  if (op.getOffset() && isa<ShapedType>(op.getOffset().getType()))
    tile.getOffsetMutable().assign(slice(op.getOffset(), {b}));
  if (op.getAlign() == Alignment::BottomRight) {
    tile.getOffsetMutable().assign(getAlignOffset(builder, logits));
    tile.setAlign(Alignment::TopLeft);
  }
  if constexpr (std::is_same_v<OpTy, AttentionOp>)
    if (op.getSink())
      tile.getSinkMutable().assign(slice(op.getSink(), {h}));

  SmallVector<Value> origin;
  AffineExpr x, y;
  bindDims(builder.getContext(), x, y);
  for (unsigned dim = 0, e = tilesKeys ? 4 : 3; dim < e; ++dim) {
    OpFoldResult position = spans[dim].offset;
    if (!op.getOrigin().empty())
      position = affine::makeComposedFoldedAffineApply(
          builder, loc, x + y, {op.getOrigin()[dim], position});
    origin.push_back(getValueOrCreateConstantIndexOp(builder, loc, position));
  }
  tile.getOriginMutable().assign(origin);
  for (auto [result, out] : llvm::zip(tile.getResults(), outs))
    result.setType(out.getType());
  builder.setInsertionPointAfter(tile);
  return TilingResult{
      {tile}, llvm::to_vector_of<Value>(tile.getResults()), slices};
}

static SmallVector<Span> getSpans(OpBuilder &builder, LogitsOpInterface op,
                                  ArrayRef<OpFoldResult> offsets,
                                  ArrayRef<OpFoldResult> sizes) {
  SmallVector<Span> spans;
  for (auto [offset, size] : llvm::zip(offsets, sizes))
    spans.push_back({offset, size});
  if (spans.size() == 3)
    spans.push_back({builder.getIndexAttr(0),
                     getDim(builder, op.getLoc(), op.getKey(), 2)});
  return spans;
}

/// A tile of (b, h, i, ...) of the domain writes [b, h, i] of every result and
/// all of its width.
static void getResultTile(OpBuilder &builder, LogitsOpInterface op,
                          unsigned number, ArrayRef<OpFoldResult> offsets,
                          ArrayRef<OpFoldResult> sizes,
                          SmallVector<OpFoldResult> &resultOffsets,
                          SmallVector<OpFoldResult> &resultSizes) {
  resultOffsets.assign(offsets.begin(), offsets.begin() + 3);
  resultSizes.assign(sizes.begin(), sizes.begin() + 3);
  Value out = op.getOuts()[number];
  if (cast<ShapedType>(out.getType()).getRank() == 4) {
    resultOffsets.push_back(builder.getIndexAttr(0));
    resultSizes.push_back(getDim(builder, op.getLoc(), out, 3));
  }
}

/// The domain tile that makes a tile of a result: its first three dimensions
/// and, for the partial form, all keys.
static SmallVector<Span> getSpansOfResult(OpBuilder &builder,
                                          LogitsOpInterface op,
                                          ArrayRef<OpFoldResult> offsets,
                                          ArrayRef<OpFoldResult> sizes) {
  return getSpans(builder, op, offsets.take_front(3), sizes.take_front(3));
}

//===----------------------------------------------------------------------===//
// AttentionOp
//===----------------------------------------------------------------------===//

SmallVector<Range> AttentionOp::getIterationDomain(OpBuilder &builder) {
  return getDomain(builder, *this, /*withKeys=*/false);
}

SmallVector<utils::IteratorType> AttentionOp::getLoopIteratorTypes() {
  return SmallVector<utils::IteratorType>(3, utils::IteratorType::parallel);
}

FailureOr<TilingResult>
AttentionOp::getTiledImplementation(OpBuilder &builder,
                                    ArrayRef<OpFoldResult> offsets,
                                    ArrayRef<OpFoldResult> sizes) {
  return getTile(builder, *this, getSpans(builder, *this, offsets, sizes),
                 /*tilesKeys=*/false);
}

LogicalResult AttentionOp::getResultTilePosition(
    OpBuilder &builder, unsigned number, ArrayRef<OpFoldResult> offsets,
    ArrayRef<OpFoldResult> sizes, SmallVector<OpFoldResult> &resultOffsets,
    SmallVector<OpFoldResult> &resultSizes) {
  getResultTile(builder, *this, number, offsets, sizes, resultOffsets,
                resultSizes);
  return success();
}

FailureOr<TilingResult>
AttentionOp::generateResultTileValue(OpBuilder &builder, unsigned number,
                                     ArrayRef<OpFoldResult> offsets,
                                     ArrayRef<OpFoldResult> sizes) {
  FailureOr<TilingResult> tile =
      getTile(builder, *this, getSpansOfResult(builder, *this, offsets, sizes),
              /*tilesKeys=*/false);
  if (succeeded(tile))
    tile->tiledValues = {tile->tiledValues[number]};
  return tile;
}

//===----------------------------------------------------------------------===//
// PartialOp
//===----------------------------------------------------------------------===//

SmallVector<Range> PartialOp::getIterationDomain(OpBuilder &builder) {
  return getDomain(builder, *this, /*withKeys=*/true);
}

SmallVector<utils::IteratorType> PartialOp::getLoopIteratorTypes() {
  SmallVector<utils::IteratorType> types(3, utils::IteratorType::parallel);
  types.push_back(utils::IteratorType::reduction);
  return types;
}

FailureOr<TilingResult>
PartialOp::getTiledImplementation(OpBuilder &builder,
                                  ArrayRef<OpFoldResult> offsets,
                                  ArrayRef<OpFoldResult> sizes) {
  return getTile(builder, *this, getSpans(builder, *this, offsets, sizes),
                 /*tilesKeys=*/true);
}

LogicalResult PartialOp::getResultTilePosition(
    OpBuilder &builder, unsigned number, ArrayRef<OpFoldResult> offsets,
    ArrayRef<OpFoldResult> sizes, SmallVector<OpFoldResult> &resultOffsets,
    SmallVector<OpFoldResult> &resultSizes) {
  getResultTile(builder, *this, number, offsets, sizes, resultOffsets,
                resultSizes);
  return success();
}

FailureOr<TilingResult>
PartialOp::generateResultTileValue(OpBuilder &builder, unsigned number,
                                   ArrayRef<OpFoldResult> offsets,
                                   ArrayRef<OpFoldResult> sizes) {
  FailureOr<TilingResult> tile =
      getTile(builder, *this, getSpansOfResult(builder, *this, offsets, sizes),
              /*tilesKeys=*/true);
  if (succeeded(tile))
    tile->tiledValues = {tile->tiledValues[number]};
  return tile;
}
