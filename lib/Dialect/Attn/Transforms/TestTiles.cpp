//===- TestTiles.cpp - Tiles with parts of several blocks -----------------===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What is selected is written out, and a tile is visited if any of its pairs
// is; those of which all are, and visible, need no test.
//
//===----------------------------------------------------------------------===//

#include "ListTiles.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

using namespace mlir;
using namespace attn;
using Predicate = arith::CmpIPredicate;

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

/// What is selected of each block of columns, or of each tile if tiles have
/// parts of several, for each head of the selection and tile of rows: nothing,
/// some pairs or all.
Value ListBuilder::classify(Value selected, int64_t span) {
  AffineExpr x = b.getAffineDimExpr(0);
  auto getBlocks = [&](Value number, int64_t size, int64_t block,
                       OpFoldResult all) {
    OpFoldResult n = getAsOpFoldResult(number);
    Value first = toValue(apply((x * size).floorDiv(block), {n})),
          end = toValue(
              smaller(apply((x * size + size).ceilDiv(block), {n}), all));
    return std::pair(first, end);
  };
  SmallVector<OpFoldResult> extents = getListShape();
  extents[1] = getSize(selected, 1);
  extents.push_back(ceilDiv(getSize(op.getKey(), 2), span));
  return buildRows(
      extents, b.getIndexAttr(1), b.getI8Type(), [&](ValueRange at, Value row) {
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
            getBlocks(at[2], rows, blockRows, getSize(selected, 2)),
            {boolean(false), boolean(true)}, [&](Value i, ValueRange outer) {
              return loopOver(
                  getBlocks(at[3], span, blockCols, getSize(selected, 3)),
                  outer, [&](Value j, ValueRange carried) {
                    Value has = extract(selected, {at[0], at[1], i, j});
                    return SmallVector<Value>{
                        arith::OrIOp::create(b, carried[0], has),
                        arith::AndIOp::create(b, carried[1], has)};
                  });
            });
        Value what = choose(some[0], choose(some[1], i8(kFull), i8(kPart)),
                            i8(kNothing));
        return tensor::InsertOp::create(b, what, row, index(0));
      });
}

/// What is selected of a tile, as far as the mask shows it.
Value ListBuilder::getVisibleState(const TileBounds &bounds, Value state,
                                   Value tile) {
  if (!bounds.fullBegin)
    state = arith::MinUIOp::create(b, state, i8(kPart));
  else
    state = choose(both(compare(Predicate::sge, tile, bounds.fullBegin),
                        compare(Predicate::slt, tile, bounds.fullEnd)),
                   state, arith::MinUIOp::create(b, state, i8(kPart)));
  return choose(isVisited(bounds, tile), state, i8(kNothing));
}

Value ListBuilder::buildTested() {
  OpFoldResult numTiles = ceilDiv(getSize(op.getKey(), 2), cols);
  Value selected = writeOut();
  // All tiles of a block have what it has.
  int64_t span = blockCols % cols == 0 ? blockCols : cols;
  Value states = classify(selected, span);
  Value lists = buildRows(
      getListShape(), apply(b.getAffineDimExpr(0) + 2, {numTiles}),
      b.getI32Type(), [&](ValueRange at, Value row) {
        Value count = index(0), partial;
        TileBounds bounds = getBounds(at);
        Value head = getListHead(at[1]);
        for (int64_t wanted : {kPart, kFull}) {
          SmallVector<Value> results = loop(
              toValue(numTiles), {row, count},
              [&](Value tile, ValueRange carried) {
                Value part =
                    toValue(apply((b.getAffineDimExpr(0) * cols).floorDiv(span),
                                  {getAsOpFoldResult(tile)}));
                Value state =
                    extract(states, {at[0], head, at[2], part, index(0)});
                Value taken =
                    compare(Predicate::eq, getVisibleState(bounds, state, tile),
                            i8(wanted));
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
