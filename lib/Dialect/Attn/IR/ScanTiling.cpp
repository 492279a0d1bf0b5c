//===- ScanTiling.cpp - Cutting scans into channels -----------------------===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A scan is cut along batch, heads and channels, which know nothing of each
// other. Tokens depend on each other; they are what is folded.
//
//===----------------------------------------------------------------------===//

#include "Slices.h"
#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"

using namespace mlir;
using namespace attn;

/// The heads of keys or queries that a span of heads reads.
static FailureOr<Span> getGroups(OpBuilder &builder, ScanOp op, Span heads,
                                 Value operand) {
  Location loc = op.getLoc();
  OpFoldResult numHeads = getDim(builder, loc, op.getValue(), 1),
               numGroups = getDim(builder, loc, operand, 1);
  if (isEqualConstantIntOrValue(numGroups, numHeads))
    return heads;
  if (isEqualConstantIntOrValue(heads.size, numHeads) ||
      isConstantIntValue(numGroups, 1))
    return Span{builder.getIndexAttr(0), numGroups};
  std::optional<int64_t> groups = getConstantIntValue(numGroups),
                         all = getConstantIntValue(numHeads);
  if (!groups || !all)
    return op->emitError("is cut along heads, whose numbers must be static or "
                         "the same value");
  if (!isConstantIntValue(heads.size, 1))
    return op->emitError("a tile has one head or all of them");
  AffineExpr head = builder.getAffineDimExpr(0);
  return Span{affine::makeComposedFoldedAffineApply(
                  builder, loc, head.floorDiv(*all / *groups), {heads.offset}),
              builder.getIndexAttr(1)};
}

SmallVector<Range> ScanOp::getIterationDomain(OpBuilder &builder) {
  OpFoldResult zero = builder.getIndexAttr(0), one = builder.getIndexAttr(1);
  SmallVector<Range> domain;
  for (int64_t dim : {0, 1, 3})
    domain.push_back({zero, getDim(builder, getLoc(), getValue(), dim), one});
  return domain;
}

SmallVector<utils::IteratorType> ScanOp::getLoopIteratorTypes() {
  return SmallVector<utils::IteratorType>(3, utils::IteratorType::parallel);
}

FailureOr<TilingResult>
ScanOp::getTiledImplementation(OpBuilder &builder,
                               ArrayRef<OpFoldResult> offsets,
                               ArrayRef<OpFoldResult> sizes) {
  Location loc = getLoc();
  Span b{offsets[0], sizes[0]}, h{offsets[1], sizes[1]},
      c{offsets[2], sizes[2]};
  Span tokens = getWhole(builder, loc, getValue(), 2),
       width{builder.getIndexAttr(0), getStateWidth(builder)};
  SmallVector<Operation *> slices;
  auto slice = [&](Value value, ArrayRef<Span> parts) -> Value {
    Value result = getSlice(builder, loc, value, parts);
    slices.push_back(result.getDefiningOp());
    return result;
  };

  // The clone has all of the old operands; each is replaced by its tile.
  auto tile = cast<ScanOp>(builder.clone(*getOperation()));
  builder.setInsertionPoint(tile);
  for (auto [operand, mutableOperand] :
       {std::pair<Value, MutableOperandRange>{getKey(), tile.getKeyMutable()},
        {getQuery(), tile.getQueryMutable()}}) {
    if (!operand)
      continue;
    FailureOr<Span> groups = getGroups(builder, *this, h, operand);
    if (failed(groups)) {
      tile->erase();
      return failure();
    }
    mutableOperand.assign(slice(operand, {b, *groups, tokens, width}));
  }
  for (auto [operand, mutableOperand] :
       {std::pair<Value, MutableOperandRange>{getValue(),
                                              tile.getValueMutable()},
        {getGate(), tile.getGateMutable()},
        {getBeta(), tile.getBetaMutable()},
        {getWeights(), tile.getWeightsMutable()}})
    if (operand)
      mutableOperand.assign(slice(operand, {b, h, tokens, c}));
  if (getRate())
    tile.getRateMutable().assign(slice(getRate(), {h, width, c}));
  if (getBonus())
    tile.getBonusMutable().assign(slice(getBonus(), {h, c}));
  if (getSegments())
    tile.getSegmentsMutable().assign(slice(getSegments(), {b, tokens}));
  auto sliceStates = [&](ValueRange states) {
    return llvm::map_to_vector(
        states, [&](Value state) { return slice(state, {b, h, width, c}); });
  };
  tile.getInitMutable().assign(sliceStates(getInit()));
  SmallVector<Value> outs{slice(getOutput(), {b, h, tokens, c})};
  llvm::append_range(outs, sliceStates(getFinalStates()));
  tile.getOutsMutable().assign(outs);
  for (auto [result, out] : llvm::zip(tile.getResults(), outs))
    result.setType(out.getType());
  builder.setInsertionPointAfter(tile);
  return TilingResult{
      {tile}, llvm::to_vector_of<Value>(tile.getResults()), slices};
}

LogicalResult ScanOp::getResultTilePosition(
    OpBuilder &builder, unsigned number, ArrayRef<OpFoldResult> offsets,
    ArrayRef<OpFoldResult> sizes, SmallVector<OpFoldResult> &resultOffsets,
    SmallVector<OpFoldResult> &resultSizes) {
  resultOffsets = {offsets[0], offsets[1], builder.getIndexAttr(0), offsets[2]};
  resultSizes = {sizes[0], sizes[1],
                 number == 0 ? getDim(builder, getLoc(), getValue(), 2)
                             : getStateWidth(builder),
                 sizes[2]};
  return success();
}
