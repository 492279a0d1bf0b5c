//===- AttnSchedule.cpp - Attention as work to be scheduled ---------------===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "RecurrenceStep.h"
#include "attn/Dialect/Attn/IR/Attn.h"
#include "mlir/Dialect/Arith/Utils/Utils.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;
using namespace attn;
using tile::FoldShape;
using tile::FoldTiling;

static std::optional<FoldTiling>
getTiling(std::optional<ScheduleAttr> schedule) {
  if (!schedule)
    return std::nullopt;
  return FoldTiling{schedule->getRows(),         schedule->getCols(),
                    schedule->getMicro(),        schedule->getHoistPack(),
                    schedule->getLongestFirst(), schedule->getPartialFirst(),
                    schedule->getHeld(),         /*tasks=*/0,
                    schedule->getBlocks()};
}

static ScheduleAttr getSchedule(MLIRContext *context,
                                const FoldTiling &tiling) {
  return ScheduleAttr::get(context, tiling.rows, tiling.cols, tiling.micro,
                           tiling.hoistPack, tiling.longestFirst,
                           tiling.partialFirst, tiling.held, tiling.blocks);
}

std::optional<FoldTiling>
attn::getChunkTiling(std::optional<ChunkScheduleAttr> schedule) {
  if (!schedule)
    return std::nullopt;
  FoldTiling tiling;
  tiling.rows = schedule->getColumns();
  tiling.cols = schedule->getTokens();
  tiling.micro = schedule->getMicro();
  tiling.hoistPack = false;
  tiling.tasks = schedule->getTasks();
  return tiling;
}

ChunkScheduleAttr attn::getChunkSchedule(MLIRContext *context,
                                         const FoldTiling &tiling) {
  return ChunkScheduleAttr::get(context, tiling.cols, tiling.rows, tiling.micro,
                                tiling.tasks);
}

/// Adds what a region does for each pair. Transcendental functions cost about
/// as much as an exponential.
static void addRegion(FoldShape &shape, Region &region) {
  region.walk([&](Operation *op) {
    if (isa<math::AbsFOp, math::CopySignOp, math::FmaOp, math::FloorOp,
            math::CeilOp, math::RoundEvenOp, math::SqrtOp>(op))
      shape.opsPerPair += 1;
    else if (isa<math::MathDialect>(op->getDialect()))
      shape.expsPerPair += 1;
    else if (!op->hasTrait<OpTrait::IsTerminator>() &&
             !op->hasTrait<OpTrait::ConstantLike>())
      shape.opsPerPair += 1;
  });
}

static int64_t getBytes(Value value) {
  auto type = cast<ShapedType>(value.getType());
  return llvm::divideCeil(type.getElementTypeBitWidth(), 8);
}

/// Bytes of an operand or result for one row of one head: those of its width.
static int64_t getRowBytes(Value value) {
  auto type = cast<ShapedType>(value.getType());
  int64_t width = type.getRank() == 4 ? type.getDimSize(3) : 1;
  return ShapedType::isDynamic(width) ? 0 : width * getBytes(value);
}

static FoldShape getShape(LogitsOpInterface op) {
  ShapedType query = op.getQuery().getType(), key = op.getKey().getType();
  FoldShape shape;
  shape.batch = query.getDimSize(0);
  shape.heads = query.getDimSize(1);
  shape.rows = query.getDimSize(2);
  shape.sourceHeads = key.getDimSize(1);
  shape.columns = key.getDimSize(2);
  if (auto most = op->getAttrOfType<IntegerAttr>(tile::kMostColumnsAttr))
    shape.mostColumns = most.getInt();
  shape.depth = query.getDimSize(3);
  shape.width = op.getValue().getType().getDimSize(3);
  shape.compute = op.getComputeType();
  shape.operandBytes = std::max(getBytes(op.getKey()), getBytes(op.getValue()));
  shape.rowReadBytes = getRowBytes(op.getQuery());
  shape.columnReadBytes = getRowBytes(op.getKey()) + getRowBytes(op.getValue());
  for (Value out : op.getOuts())
    shape.rowWriteBytes += getRowBytes(out);

  // The exponential, and: scale and subtract the reference, maximum, sum.
  shape.expsPerPair = 1;
  shape.opsPerPair = 3;
  addRegion(shape, op.getScore());
  addRegion(shape, op.getWhere());
  if (op.getBias()) {
    ShapedType bias = op.getBias().getType();
    auto has = [&](int64_t dim) {
      int64_t at = bias.getRank() - 4 + dim;
      return at >= 0 && bias.getDimSize(at) != 1;
    };
    shape.pairOperands.push_back(
        {getBytes(op.getBias()), has(0), has(1), has(2), has(3)});
    shape.opsPerPair += 1;
  }

  if (std::optional<tile::VisitAttrInterface> mask = op.getMask())
    shape.mask = mask->getFormula();
  shape.isEndAligned = op.getAlign() == Alignment::BottomRight;
  if (op.getOffset() || op.getQueryPositions() || !op.getOrigin().empty())
    shape.shift = ShapedType::kDynamic;
  shape.isIrregular = !op.getWhere().empty() || op.getQueryPositions() ||
                      (shape.mask && shape.mask->readsIds());
  shape.endsEarly = static_cast<bool>(op.getKvLengths());
  shape.rowBlock = op.getSelectedRows().value_or(0);
  shape.columnBlock = op.getSelectedCols().value_or(0);
  shape.needsBlocks =
      op.getSelectedRows().has_value() && op.getQueryPositions() != nullptr;
  return shape;
}

std::optional<FoldTiling> AttentionOp::getFoldTiling() {
  return getTiling(getSchedule());
}
void AttentionOp::setFoldTiling(const FoldTiling &tiling) {
  setScheduleAttr(::getSchedule(getContext(), tiling));
}

/// Whether every row sees a key in the first tiles: not where a row's keys
/// begin with the row and end with all of them.
static bool seesFirstTiles(AttentionOp op) {
  std::optional<tile::VisitAttrInterface> mask = op.getMask();
  if (!mask)
    return true;
  // Some rows far from both ends.
  OpBuilder b(op);
  constexpr int64_t kRow = 1 << 20, kRows = 64;
  tile::RowBlock rows{b.getIndexAttr(0), b.getIndexAttr(0),
                      b.getIndexAttr(kRow), b.getIndexAttr(kRow + kRows - 1)};
  // Which side has a bound does not depend on their values.
  rows.parameters.assign(mask->getFormula().getNumParameters(),
                         b.getIndexAttr(kRow));
  return tile::getVisitedColumns(b, op.getLoc(), mask->getFormula(), rows)
      .upper.has_value();
}

/// The first tiles say little of the largest logit if logits depend on where a
/// key is, other than by the mask. Weights of f16 overflow at 2^16.
static std::optional<StringRef> getHoldingFailure(AttentionOp op) {
  bool usesPositions = !op.getScore().empty() &&
                       llvm::any_of(op.getScore().getArguments().drop_front(3),
                                    [](BlockArgument position) {
                                      return !position.use_empty();
                                    });
  if (usesPositions)
    return "its score function reads positions, logits may grow with them";
  if (op.getBias())
    return "its bias may grow with the position";
  // Of a selection a full tile is among the first ones.
  if (!op.getSelection() && !seesFirstTiles(op))
    return "rows may see no key of the first tiles";
  if (op.getValue().getType().getElementType().isF16())
    return "weights of f16 overflow at 2^16";
  return std::nullopt;
}

FoldShape AttentionOp::getFoldShape() {
  FoldShape shape = getShape(*this);
  shape.holdingFails = getHoldingFailure(*this);
  return shape;
}

static Value getKeyCount(OpBuilder &b, LogitsOpInterface op) {
  Location loc = op.getLoc();
  return getValueOrCreateConstantIndexOp(
      b, loc, tensor::getMixedSize(b, loc, op.getKey(), 2));
}
Value AttentionOp::getColumnCount(OpBuilder &b) {
  return getKeyCount(b, *this);
}
Value PartialOp::getColumnCount(OpBuilder &b) { return getKeyCount(b, *this); }

std::optional<FoldTiling> PartialOp::getFoldTiling() {
  return getTiling(getSchedule());
}
void PartialOp::setFoldTiling(const FoldTiling &tiling) {
  setScheduleAttr(::getSchedule(getContext(), tiling));
}
FoldShape PartialOp::getFoldShape() {
  FoldShape shape = getShape(*this);
  // The state is read before it is written.
  for (Value out : getOuts())
    shape.rowReadBytes += getRowBytes(out);
  return shape;
}
