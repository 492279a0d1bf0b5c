//===- RecurrenceTiling.cpp - Cutting recurrences into states -------------===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A recurrence is cut along batch, state heads and columns of the state (which
// are those of the values): no column of a state depends on another one. Tokens
// depend on each other; they are what is folded.
//
//===----------------------------------------------------------------------===//

#include "Slices.h"
#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"

using namespace mlir;
using namespace attn;

/// Of `count` heads, which belong to a span of the state heads: several for
/// each of these, or one for several.
static FailureOr<Span> getHeads(OpBuilder &builder, RecurrenceOp op, Span heads,
                                OpFoldResult count) {
  Location loc = op.getLoc();
  OpFoldResult numStates = getDim(builder, loc, op.getValue(), 1);
  if (isEqualConstantIntOrValue(count, numStates))
    return heads;
  if (isEqualConstantIntOrValue(heads.size, numStates))
    return Span{builder.getIndexAttr(0), count};
  std::optional<int64_t> many = getConstantIntValue(count),
                         states = getConstantIntValue(numStates);
  if (!many || !states)
    return op->emitError("is cut along heads, whose numbers must be static or "
                         "the same value");
  if (!isConstantIntValue(heads.size, 1))
    return op->emitError("a tile has one state head or all of them");
  AffineExpr head = builder.getAffineDimExpr(0);
  auto apply = [&](AffineExpr expr) {
    return affine::makeComposedFoldedAffineApply(builder, loc, expr,
                                                 {heads.offset});
  };
  if (*many > *states) {
    int64_t group = *many / *states;
    return Span{apply(head * group), builder.getIndexAttr(group)};
  }
  return Span{apply(head.floorDiv(*states / *many)), builder.getIndexAttr(1)};
}

SmallVector<Range> RecurrenceOp::getIterationDomain(OpBuilder &builder) {
  OpFoldResult zero = builder.getIndexAttr(0), one = builder.getIndexAttr(1);
  SmallVector<Range> domain;
  for (int64_t dim : {0, 1, 3})
    domain.push_back({zero, getDim(builder, getLoc(), getValue(), dim), one});
  return domain;
}

SmallVector<utils::IteratorType> RecurrenceOp::getLoopIteratorTypes() {
  return SmallVector<utils::IteratorType>(3, utils::IteratorType::parallel);
}

FailureOr<TilingResult>
RecurrenceOp::getTiledImplementation(OpBuilder &builder,
                                     ArrayRef<OpFoldResult> offsets,
                                     ArrayRef<OpFoldResult> sizes) {
  if (isNormalized())
    return emitError("has a norm, which attn-expand-norms makes a recurrence "
                     "of its own, before it is cut");
  Location loc = getLoc();
  Span b{offsets[0], sizes[0]}, h{offsets[1], sizes[1]},
      e{offsets[2], sizes[2]};
  Value q = getQuery(), k = getKey(), v = getValue();
  FailureOr<Span> queryHeads =
      getHeads(builder, *this, h, getDim(builder, loc, q, 1));
  FailureOr<Span> keyHeads =
      getHeads(builder, *this, h, getDim(builder, loc, k, 1));
  FailureOr<Span> outHeads =
      getHeads(builder, *this, h, getDim(builder, loc, getOutput(), 1));
  if (failed(queryHeads) || failed(keyHeads) || failed(outHeads))
    return failure();

  SmallVector<Operation *> slices;
  auto slice = [&](Value value, ArrayRef<Span> parts) -> Value {
    Value result = getSlice(builder, loc, value, parts);
    slices.push_back(result.getDefiningOp());
    return result;
  };
  // Of all operands as of the queries: what a tile reads and where it is
  // written to then have the same size, whatever is known of that.
  Span tokens = getWhole(builder, loc, q, 2),
       depth = getWhole(builder, loc, q, 3);
  auto sliceKeys = [&](Value value) {
    return slice(value, {b, h, tokens, depth});
  };
  auto sliceState = [&](Value state) { return slice(state, {b, h, depth, e}); };

  // The clone has all of the old operands; each is replaced by its tile.
  auto tile = cast<RecurrenceOp>(builder.clone(*getOperation()));
  builder.setInsertionPoint(tile);
  tile.getQueryMutable().assign(slice(q, {b, *queryHeads, tokens, depth}));
  tile.getKeyMutable().assign(slice(k, {b, *keyHeads, tokens, depth}));
  tile.getValueMutable().assign(slice(v, {b, h, tokens, e}));
  SmallVector<Value> outs{slice(getOutput(), {b, *outHeads, tokens, e})};
  if (getFinalState())
    outs.push_back(sliceState(getFinalState()));
  tile.getOutsMutable().assign(outs);
  if (Value gate = getGate()) {
    SmallVector<Span> parts{b, h, tokens};
    if (getDecay() != Decay::Scalar)
      parts.push_back(getDecay() == Decay::Key ? depth : e);
    tile.getGateMutable().assign(slice(gate, parts));
  }
  if (getUpdate() == Update::Delta)
    tile.getCoefficientsMutable().assign(
        slice(getCoefficients()[0], {b, h, tokens}));
  else
    tile.getCoefficientsMutable().assign(
        llvm::map_to_vector(getCoefficients(), sliceKeys));
  if (getBonus())
    tile.getBonusMutable().assign(slice(getBonus(), {h, depth}));
  if (getInit())
    tile.getInitMutable().assign(sliceState(getInit()));
  if (getSegments())
    tile.getSegmentsMutable().assign(slice(getSegments(), {b, tokens}));
  for (auto [result, out] : llvm::zip(tile.getResults(), outs))
    result.setType(out.getType());
  builder.setInsertionPointAfter(tile);
  return TilingResult{
      {tile}, llvm::to_vector_of<Value>(tile.getResults()), slices};
}

LogicalResult RecurrenceOp::getResultTilePosition(
    OpBuilder &builder, unsigned number, ArrayRef<OpFoldResult> offsets,
    ArrayRef<OpFoldResult> sizes, SmallVector<OpFoldResult> &resultOffsets,
    SmallVector<OpFoldResult> &resultSizes) {
  Location loc = getLoc();
  Span heads{offsets[1], sizes[1]};
  Value out = getOuts()[number];
  // Output heads may be more than states; a final state is one of these.
  FailureOr<Span> span = number == 0 ? getHeads(builder, *this, heads,
                                                getDim(builder, loc, out, 1))
                                     : FailureOr<Span>(heads);
  if (failed(span))
    return failure();
  resultOffsets = {offsets[0], span->offset, builder.getIndexAttr(0),
                   offsets[2]};
  resultSizes = {sizes[0], span->size,
                 getDim(builder, loc, getQuery(), number == 0 ? 2 : 3),
                 sizes[2]};
  return success();
}
