//===- ListTiles.cpp - The tiles that a selection visits ------------------===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Where a tile lies in one block of rows and one of keys, lists are sorted
// first, by taking the smallest number that is larger than the one before: so
// none is taken twice. What the mask shows of the tiles of a list is then known
// as it is for all tiles: by bounds of the visited and the full columns.
//
//===----------------------------------------------------------------------===//

#include "ListTiles.h"
#include "attn/Dialect/Attn/Transforms/Passes.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"
#include "mlir/IR/Remarks.h"
#include "llvm/ADT/TypeSwitch.h"

namespace attn {
#define GEN_PASS_DEF_LISTTILES
#include "attn/Dialect/Attn/Transforms/Passes.h.inc"
} // namespace attn

using namespace mlir;
using namespace attn;
using Predicate = arith::CmpIPredicate;

/// A tensor whose last dimension is written row by row, in parallel.
Value ListBuilder::buildRows(ArrayRef<OpFoldResult> extents,
                             OpFoldResult length, Type element,
                             function_ref<Value(ValueRange, Value)> body) {
  SmallVector<OpFoldResult> shape(extents);
  shape.push_back(length);
  Value init = tensor::EmptyOp::create(b, shape, element);
  auto forall =
      scf::ForallOp::create(b, extents, ValueRange(init), std::nullopt);
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(forall.getBody());
  Value out = forall.getRegionIterArgs().front();
  OpFoldResult one = b.getIndexAttr(1);
  SmallVector<OpFoldResult> offsets(
      getAsOpFoldResult(forall.getInductionVars())),
      sizes(extents.size(), one), strides(shape.size(), one);
  offsets.push_back(b.getIndexAttr(0));
  sizes.push_back(length);
  auto rowType = RankedTensorType::get(
      getConstantIntValue(length).value_or(ShapedType::kDynamic), element);
  Value row =
      tensor::ExtractSliceOp::create(b, rowType, out, offsets, sizes, strides);
  row = body(forall.getInductionVars(), row);
  b.setInsertionPointToStart(forall.getTerminator().getBody());
  tensor::ParallelInsertSliceOp::create(b, row, out, offsets, sizes, strides);
  return forall.getResult(0);
}

/// Batch entries, heads and tiles of rows.
SmallVector<OpFoldResult> ListBuilder::getListShape() {
  return {getSize(op.getQuery(), 0), getSize(op.getQuery(), 1),
          ceilDiv(getSize(op.getQuery(), 2), rows)};
}

/// The head of the selection that a query head reads.
Value ListBuilder::getListHead(Value head) {
  OpFoldResult numHeads = getSize(op.getQuery(), 1),
               numLists = getSize(op.getSelection(), 1);
  if (isEqualConstantIntOrValue(numHeads, numLists))
    return head;
  Value group = arith::DivUIOp::create(b, toValue(numHeads), toValue(numLists));
  return arith::DivUIOp::create(b, head, group);
}

/// Logical minus physical position of a row.
OpFoldResult ListBuilder::getRowShift(Value batch) {
  if (Value offset = op.getOffset())
    return getAsOpFoldResult(
        offset.getType().isIndex() ? offset : toIndex(extract(offset, batch)));
  AffineExpr x, y;
  bindDims(b.getContext(), x, y);
  if (op.getAlign() == Alignment::BottomRight)
    return apply(x - y, {getSize(op.getKey(), 2), getSize(op.getQuery(), 2)});
  return b.getIndexAttr(0);
}

/// The rows of a tile, if their logical positions are consecutive.
std::optional<tile::RowBlock> ListBuilder::getRowBlock(ValueRange at) {
  if (op.getQueryPositions())
    return std::nullopt;
  AffineExpr x, y;
  bindDims(b.getContext(), x, y);
  OpFoldResult shift = getRowShift(at[0]), number = getAsOpFoldResult(at[2]);
  OpFoldResult end =
      smaller(apply(x * rows + rows, {number}), getSize(op.getQuery(), 2));
  tile::RowBlock block{getAsOpFoldResult(at[0]), getAsOpFoldResult(at[1]),
                       apply(x * rows + y, {number, shift}),
                       apply(x + y - 1, {end, shift})};
  if (Value parameters = op.getParameters()) {
    // What is 1 is for all.
    auto type = cast<ShapedType>(parameters.getType());
    Value entry = type.getDimSize(0) == 1 ? index(0) : at[0],
          head = type.getDimSize(1) == 1 ? index(0) : at[1];
    for (int64_t i = 0, e = op.getMask()->getFormula().getNumParameters();
         i < e; ++i)
      block.parameters.push_back(
          toIndex(extract(parameters, {entry, head, index(i)})));
  }
  if (Value bounds = op.getSegmentBounds()) {
    auto get = [&](int64_t number) -> std::optional<OpFoldResult> {
      return getAsOpFoldResult(
          toIndex(extract(bounds, {at[0], at[2], index(number)})));
    };
    block.someId = tile::ColumnInterval{get(0), get(1)};
    block.everyId = tile::ColumnInterval{get(2), get(3)};
  }
  return block;
}

TileBounds ListBuilder::getBounds(ValueRange at) {
  OpFoldResult zero = b.getIndexAttr(0), limit = getSize(op.getKey(), 2);
  if (op.getKvLengths()) {
    OpFoldResult length =
        getAsOpFoldResult(toIndex(extract(op.getKvLengths(), at[0])));
    limit = smaller(larger(length, zero), limit);
  }
  OpFoldResult begin = zero, end = limit, fullBegin = zero, fullEnd = limit;
  bool hasFull = op.getWhere().empty();
  TileBounds bounds;
  if (op.getMask()) {
    tile::Formula formula = op.getMask()->getFormula();
    bounds.rows = getRowBlock(at);
    std::optional<tile::ColumnInterval> full;
    if (bounds.rows) {
      tile::ColumnInterval visited =
          tile::getVisitedColumns(b, b.getLoc(), formula, *bounds.rows);
      begin = visited.lower.value_or(zero);
      if (visited.upper)
        end = smaller(*visited.upper, limit);
      full = tile::getFullColumns(b, b.getLoc(), formula, *bounds.rows);
    }
    hasFull &= full.has_value();
    if (hasFull) {
      fullBegin = full->lower.value_or(zero);
      if (full->upper)
        fullEnd = smaller(*full->upper, limit);
    }
  }
  bounds.visitBegin = toValue(floorDiv(larger(begin, zero), cols));
  bounds.visitEnd = toValue(ceilDiv(larger(end, zero), cols));
  if (!hasFull)
    return bounds;
  bounds.fullBegin = toValue(ceilDiv(larger(fullBegin, zero), cols));
  bounds.fullEnd = toValue(floorDiv(larger(fullEnd, zero), cols));
  return bounds;
}

/// Whether a tile that exists has something that the mask may show.
Value ListBuilder::isVisited(const TileBounds &bounds, Value tile) {
  Value visits = both(compare(Predicate::sge, tile, bounds.visitBegin),
                      compare(Predicate::slt, tile, bounds.visitEnd));
  if (!bounds.rows || op.getMask()->getFormula().isConvex())
    return visits;
  Value begin = arith::MulIOp::create(b, tile, index(cols)),
        end = arith::AddIOp::create(b, begin, index(cols));
  return both(visits,
              tile::emitMayVisit(b, b.getLoc(), op.getMask()->getFormula(),
                                 *bounds.rows, begin, end));
}

/// Writes a number behind the others, if it is taken.
Value ListBuilder::append(Value row, Value &count, Value taken, Value tile) {
  auto choice = scf::IfOp::create(b, TypeRange(row.getType()), taken, true);
  {
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPointToStart(choice.thenBlock());
    Value at = arith::AddIOp::create(b, count, index(2));
    Value longer = tensor::InsertOp::create(b, toI32(tile), row, at);
    scf::YieldOp::create(b, longer);
    b.setInsertionPointToStart(choice.elseBlock());
    scf::YieldOp::create(b, row);
  }
  Value next = arith::AddIOp::create(b, count, index(1));
  count = choose(taken, next, count);
  return choice.getResult(0);
}

Value ListBuilder::finish(Value row, Value partial, Value count) {
  row = tensor::InsertOp::create(b, toI32(partial), row, index(0));
  return tensor::InsertOp::create(b, toI32(count), row, index(1));
}

//===----------------------------------------------------------------------===//
// Tiles of one block
//===----------------------------------------------------------------------===//

/// The lists in increasing order, each number once, and -1 behind them.
Value ListBuilder::sortLists() {
  Value ids = op.getSelection();
  Value length = toValue(getSize(ids, 3));
  Value numBlocks = toI32(toValue(ceilDiv(getSize(op.getKey(), 2), blockCols)));
  SmallVector<OpFoldResult> extents{getSize(ids, 0), getSize(ids, 1),
                                    getSize(ids, 2)};
  return buildRows(
      extents, getSize(ids, 3), b.getI32Type(), [&](ValueRange at, Value row) {
        return loop(
            length, {row, i32(-1)}, [&](Value place, ValueRange carried) {
              Value last = carried[1];
              // Behind the largest there is nothing to look for.
              Value hasMore = compare(Predicate::slt, last, numBlocks);
              Value next =
                  loop(choose(hasMore, length, index(0)),
                       {i32(std::numeric_limits<int32_t>::max())},
                       [&](Value other, ValueRange best) {
                         Value id = extract(ids, {at[0], at[1], at[2], other});
                         Value isNext =
                             both(compare(Predicate::sgt, id, last),
                                  compare(Predicate::slt, id, best[0]));
                         return SmallVector<Value>{choose(isNext, id, best[0])};
                       })[0];
              Value exists = compare(Predicate::slt, next, numBlocks);
              Value number = choose(exists, next, i32(-1));
              return SmallVector<Value>{
                  tensor::InsertOp::create(b, number, carried[0], place), next};
            })[0];
      });
}

/// Appends the tiles of the list that are full, or those that are not.
Value ListBuilder::appendTiles(const TileBounds &bounds, Value sorted,
                               ValueRange at, bool isFull, Value row,
                               Value &count) {
  int64_t parts = blockCols / cols;
  Value head = getListHead(at[1]);
  Value block = toValue(
      apply((b.getAffineDimExpr(0) * rows).floorDiv(blockRows), {at[2]}));
  SmallVector<Value> results =
      loop(toValue(getSize(sorted, 3)), {row, count},
           [&](Value place, ValueRange outer) {
             Value id = extract(sorted, {at[0], head, block, place});
             Value exists = compare(Predicate::sge, id, i32(0));
             Value first = arith::MulIOp::create(b, toIndex(id), index(parts));
             return loop(
                 index(parts), {outer[0], outer[1]},
                 [&](Value part, ValueRange carried) {
                   Value tile = arith::AddIOp::create(b, first, part);
                   Value taken = both(exists, isVisited(bounds, tile));
                   if (bounds.fullBegin) {
                     Value full =
                         both(compare(Predicate::sge, tile, bounds.fullBegin),
                              compare(Predicate::slt, tile, bounds.fullEnd));
                     taken = both(
                         taken, compare(Predicate::eq, full, boolean(isFull)));
                   }
                   Value next = carried[1];
                   Value longer = append(carried[0], next, taken, tile);
                   return SmallVector<Value>{longer, next};
                 });
           });
  count = results[1];
  return results[0];
}

Value ListBuilder::build() {
  Value sorted = sortLists();
  // No more tiles than the list has, nor than there are.
  AffineExpr x = b.getAffineDimExpr(0);
  OpFoldResult most = apply(x * (blockCols / cols), {getSize(sorted, 3)}),
               all = ceilDiv(getSize(op.getKey(), 2), cols);
  OpFoldResult length = apply(x + 2, {smaller(most, all)});
  return buildRows(
      getListShape(), length, b.getI32Type(), [&](ValueRange at, Value row) {
        TileBounds bounds = getBounds(at);
        Value count = index(0);
        row = appendTiles(bounds, sorted, at, /*isFull=*/false, row, count);
        Value partial = count;
        if (bounds.fullBegin)
          row = appendTiles(bounds, sorted, at, /*isFull=*/true, row, count);
        return finish(row, partial, count);
      });
}

//===----------------------------------------------------------------------===//
// The pass
//===----------------------------------------------------------------------===//

namespace {
struct ListTiles : attn::impl::ListTilesBase<ListTiles> {
  LogicalResult list(LogitsOpInterface op) {
    if (!op.getSelection() || op.getTileLists() || !op.getSchedule() ||
        !op.getOrigin().empty() ||
        !isa<RankedTensorType>(op.getQuery().getType()))
      return success();
    ListBuilder builder(op);
    bool isExact = builder.isExact();
    if (!isExact) {
      std::string sizes = llvm::formatv(
          "tiles of {0} x {1} have parts of several blocks of {2} x {3}",
          op.getSchedule()->getRows(), op.getSchedule()->getCols(),
          *op.getSelectedRows(), *op.getSelectedCols());
      if (op.getQueryPositions())
        return op->emitOpError()
               << sizes << ", which rows with run-time positions cannot test";
      remark::missed(
          op.getLoc(),
          remark::RemarkOpts::name("tested-tiles").category("attn-list-tiles"))
          << remark::reason("{0}: all that some row selects are visited, and "
                            "each position is tested",
                            sizes);
    }
    Value lists = isExact ? builder.build() : builder.buildTested();
    llvm::TypeSwitch<Operation *>(op).Case<AttentionOp, PartialOp>(
        [&](auto concrete) { concrete.getTileListsMutable().assign(lists); });
    ++numListed;
    return success();
  }

  void runOnOperation() override {
    WalkResult result = getOperation().walk(
        [&](LogitsOpInterface op) { return WalkResult(list(op)); });
    if (result.wasInterrupted())
      signalPassFailure();
  }
};
} // namespace
