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

#include "attn/Dialect/Attn/IR/Attn.h"
#include "attn/Dialect/Attn/Transforms/Passes.h"
#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Arith/Utils/Utils.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"
#include "mlir/IR/Remarks.h"
#include "llvm/ADT/TypeSwitch.h"

namespace attn {
#define GEN_PASS_DEF_LISTTILES
#include "attn/Dialect/Attn/Transforms/Passes.h.inc"
} // namespace attn

using namespace mlir;
using namespace attn;
using Predicate = arith::CmpIPredicate;

namespace {

/// What is known of the tiles of a tile of rows, in numbers of tiles (index):
/// those that are visited, and those that need no test.
struct TileBounds {
  std::optional<tile::RowBlock> rows;
  Value visitBegin, visitEnd, fullBegin, fullEnd;
};

/// What a tile has of what is selected and visible.
constexpr int64_t kNothing = 0, kPart = 1, kFull = 2;

class ListBuilder {
public:
  explicit ListBuilder(LogitsOpInterface op)
      : b(op.getLoc(), op), op(op), rows(op.getSchedule()->getRows()),
        cols(op.getSchedule()->getCols()), blockRows(*op.getSelectedRows()),
        blockCols(*op.getSelectedCols()) {}

  /// Whether no tile has parts of several blocks.
  bool isExact() const {
    return blockRows % rows == 0 && blockCols % cols == 0;
  }
  Value build();
  Value buildTested();

private:
  Value index(int64_t value) {
    return arith::ConstantIndexOp::create(b, value);
  }
  Value i32(int64_t value) {
    return arith::ConstantIntOp::create(b, value, 32);
  }
  Value boolean(bool value) {
    return arith::ConstantIntOp::create(b, value, 1);
  }
  Value compare(Predicate predicate, Value x, Value y) {
    return arith::CmpIOp::create(b, predicate, x, y);
  }
  Value both(Value x, Value y) { return arith::AndIOp::create(b, x, y); }
  Value select(Value condition, Value x, Value y) {
    return arith::SelectOp::create(b, condition, x, y);
  }
  Value toI32(Value x) {
    return arith::IndexCastOp::create(b, b.getI32Type(), x);
  }
  Value toIndex(Value x) {
    return arith::IndexCastOp::create(b, b.getIndexType(), x);
  }
  Value toValue(OpFoldResult x) {
    return getValueOrCreateConstantIndexOp(b, b.getLoc(), x);
  }
  Value extract(Value tensor, ValueRange at) {
    return tensor::ExtractOp::create(b, tensor, at);
  }
  OpFoldResult getSize(Value tensor, int64_t dim) {
    return tensor::getMixedSize(b, b.getLoc(), tensor, dim);
  }
  OpFoldResult apply(AffineExpr expr, ArrayRef<OpFoldResult> operands) {
    return affine::makeComposedFoldedAffineApply(b, b.getLoc(), expr, operands);
  }
  OpFoldResult smaller(OpFoldResult x, OpFoldResult y) {
    return affine::makeComposedFoldedAffineMin(
        b, b.getLoc(), b.getMultiDimIdentityMap(2), {x, y});
  }
  OpFoldResult larger(OpFoldResult x, OpFoldResult y) {
    return affine::makeComposedFoldedAffineMax(
        b, b.getLoc(), b.getMultiDimIdentityMap(2), {x, y});
  }
  OpFoldResult floorDiv(OpFoldResult x, int64_t size) {
    return apply(b.getAffineDimExpr(0).floorDiv(size), {x});
  }
  OpFoldResult ceilDiv(OpFoldResult x, int64_t size) {
    return apply(b.getAffineDimExpr(0).ceilDiv(size), {x});
  }

  using Loop = function_ref<SmallVector<Value>(Value at, ValueRange carried)>;
  SmallVector<Value> loop(Value end, ArrayRef<Value> inits, Loop body);
  Value buildRows(ArrayRef<OpFoldResult> extents, OpFoldResult length,
                  Type element,
                  function_ref<Value(ValueRange at, Value row)> body);
  SmallVector<OpFoldResult> getListShape();
  Value getListHead(Value head);
  OpFoldResult getRowShift(Value batch);
  std::optional<tile::RowBlock> getRowBlock(ValueRange at);
  TileBounds getBounds(ValueRange at);
  Value isVisited(const TileBounds &bounds, Value tile);
  Value append(Value row, Value &count, Value taken, Value tile);
  Value finish(Value row, Value partial, Value count);

  Value sortLists();
  Value appendTiles(const TileBounds &bounds, Value sorted, ValueRange at,
                    bool isFull, Value row, Value &count);
  Value writeOut();
  Value classify(Value selected, OpFoldResult numTiles);
  void addTest(Value selected);

  ImplicitLocOpBuilder b;
  LogitsOpInterface op;
  int64_t rows, cols, blockRows, blockCols;
};

} // namespace

SmallVector<Value> ListBuilder::loop(Value end, ArrayRef<Value> inits,
                                     Loop body) {
  auto forOp = scf::ForOp::create(
      b, index(0), end, index(1), inits,
      [&](OpBuilder &, Location, Value at, ValueRange carried) {
        scf::YieldOp::create(b, body(at, carried));
      });
  return llvm::to_vector_of<Value>(forOp.getResults());
}

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
  count = select(taken, next, count);
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
                  loop(select(hasMore, length, index(0)),
                       {i32(std::numeric_limits<int32_t>::max())},
                       [&](Value other, ValueRange best) {
                         Value id = extract(ids, {at[0], at[1], at[2], other});
                         Value isNext =
                             both(compare(Predicate::sgt, id, last),
                                  compare(Predicate::slt, id, best[0]));
                         return SmallVector<Value>{select(isNext, id, best[0])};
                       })[0];
              Value exists = compare(Predicate::slt, next, numBlocks);
              Value number = select(exists, next, i32(-1));
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
// Tiles of several blocks
//===----------------------------------------------------------------------===//

/// What is selected, for each pair of blocks.
Value ListBuilder::writeOut() {
  Value ids = op.getSelection();
  OpFoldResult numBlocks = ceilDiv(getSize(op.getKey(), 2), blockCols);
  Value length = toValue(getSize(ids, 3));
  SmallVector<OpFoldResult> extents{getSize(ids, 0), getSize(ids, 1),
                                    getSize(ids, 2)};
  return buildRows(
      extents, numBlocks, b.getI1Type(), [&](ValueRange at, Value row) {
        Value end = toValue(numBlocks), none = boolean(false);
        row = linalg::FillOp::create(b, none, row).getResult(0);
        return loop(length, {row}, [&](Value place, ValueRange carried) {
          Value id = toIndex(extract(ids, {at[0], at[1], at[2], place}));
          Value exists = both(compare(Predicate::sge, id, index(0)),
                              compare(Predicate::slt, id, end));
          auto choice =
              scf::IfOp::create(b, TypeRange(row.getType()), exists, true);
          OpBuilder::InsertionGuard guard(b);
          b.setInsertionPointToStart(choice.thenBlock());
          Value marked =
              tensor::InsertOp::create(b, boolean(true), carried[0], id);
          scf::YieldOp::create(b, marked);
          b.setInsertionPointToStart(choice.elseBlock());
          scf::YieldOp::create(b, carried[0]);
          return SmallVector<Value>{choice.getResult(0)};
        })[0];
      });
}

/// Lets `where` ask for the selection, too. It is given logical positions.
void ListBuilder::addTest(Value selected) {
  OpBuilder::InsertionGuard guard(b);
  Region &where = op.getWhere();
  Value other;
  if (where.empty()) {
    SmallVector<Location> locs(4, b.getLoc());
    b.createBlock(&where, where.end(), SmallVector<Type>(4, b.getIndexType()),
                  locs);
  } else {
    auto yield = cast<attn::YieldOp>(where.front().getTerminator());
    other = yield.getValue();
    yield.erase();
    b.setInsertionPointToEnd(&where.front());
  }
  Block &body = where.front();
  Value batch = body.getArgument(0);
  AffineExpr x, y;
  bindDims(b.getContext(), x, y);
  Value row = toValue(apply((x - y).floorDiv(blockRows),
                            {body.getArgument(2), getRowShift(batch)}));
  Value column = toValue(floorDiv(body.getArgument(3), blockCols));
  Value test =
      extract(selected, {batch, getListHead(body.getArgument(1)), row, column});
  attn::YieldOp::create(b, other ? both(test, other) : test);
}

/// What of each tile is selected, for each head and tile of rows: nothing that
/// the mask shows, a part of it, or all.
Value ListBuilder::classify(Value selected, OpFoldResult numTiles) {
  AffineExpr x = b.getAffineDimExpr(0);
  auto getBlocks = [&](Value tile, int64_t size, int64_t block,
                       OpFoldResult all) {
    OpFoldResult number = getAsOpFoldResult(tile);
    Value first = toValue(apply((x * size).floorDiv(block), {number})),
          end = toValue(
              smaller(apply((x * size + size).ceilDiv(block), {number}), all));
    return std::pair(first, end);
  };
  SmallVector<OpFoldResult> extents = getListShape();
  extents.push_back(numTiles);
  return buildRows(
      extents, b.getIndexAttr(1), b.getI8Type(), [&](ValueRange at, Value row) {
        Value head = getListHead(at[1]);
        std::pair<Value, Value> blocksOfRows =
            getBlocks(at[2], rows, blockRows, getSize(selected, 2));
        std::pair<Value, Value> blocks =
            getBlocks(at[3], cols, blockCols, getSize(selected, 3));
        auto loopOver = [&](std::pair<Value, Value> range, ValueRange inits,
                            Loop body) {
          Value count = arith::SubIOp::create(b, range.second, range.first);
          return loop(count, llvm::to_vector(inits),
                      [&](Value n, ValueRange carried) {
                        Value at = arith::AddIOp::create(b, range.first, n);
                        return body(at, carried);
                      });
        };
        SmallVector<Value> some = loopOver(
            blocksOfRows, {boolean(false), boolean(true)},
            [&](Value i, ValueRange outer) {
              return loopOver(blocks, outer, [&](Value j, ValueRange carried) {
                Value has = extract(selected, {at[0], head, i, j});
                return SmallVector<Value>{
                    arith::OrIOp::create(b, carried[0], has),
                    arith::AndIOp::create(b, carried[1], has)};
              });
            });
        TileBounds bounds = getBounds(at);
        Value visited = both(some[0], isVisited(bounds, at[3]));
        Value full = boolean(false);
        if (bounds.fullBegin)
          full = both(some[1],
                      both(compare(Predicate::sge, at[3], bounds.fullBegin),
                           compare(Predicate::slt, at[3], bounds.fullEnd)));
        auto state = [&](int64_t value) -> Value {
          return arith::ConstantIntOp::create(b, value, 8);
        };
        Value what = select(visited, select(full, state(kFull), state(kPart)),
                            state(kNothing));
        return tensor::InsertOp::create(b, what, row, index(0));
      });
}

Value ListBuilder::buildTested() {
  OpFoldResult numTiles = ceilDiv(getSize(op.getKey(), 2), cols);
  Value selected = writeOut();
  Value states = classify(selected, numTiles);
  Value lists = buildRows(
      getListShape(), apply(b.getAffineDimExpr(0) + 2, {numTiles}),
      b.getI32Type(), [&](ValueRange at, Value row) {
        Value count = index(0), partial;
        for (int64_t wanted : {kPart, kFull}) {
          SmallVector<Value> results =
              loop(toValue(numTiles), {row, count},
                   [&](Value tile, ValueRange carried) {
                     Value state =
                         extract(states, {at[0], at[1], at[2], tile, index(0)});
                     Value taken =
                         compare(Predicate::eq, state,
                                 arith::ConstantIntOp::create(b, wanted, 8));
                     Value next = carried[1];
                     Value longer = append(carried[0], next, taken, tile);
                     return SmallVector<Value>{longer, next};
                   });
          row = results[0];
          count = results[1];
          if (wanted == kPart)
            partial = count;
        }
        return finish(row, partial, count);
      });
  addTest(selected);
  return lists;
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
