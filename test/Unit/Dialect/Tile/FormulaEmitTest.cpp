//===- FormulaEmitTest.cpp - Emitted bounds and tests of predicates -------===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What a formula emits for run-time rows is executed, by folding one operation
// after the other, and compared with the formula evaluated at each position.
//
//===----------------------------------------------------------------------===//

#include "attn/Dialect/Tile/IR/Formula.h"
#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "gtest/gtest.h"
#include <random>

using namespace mlir;
using namespace attn::tile;

namespace {

class FormulaEmitTest : public ::testing::Test {
protected:
  FormulaEmitTest() : builder(&context), loc(builder.getUnknownLoc()) {
    context.loadDialect<affine::AffineDialect, arith::ArithDialect>();
  }

  AffineExpr dim(PositionDim d) {
    return getAffineDimExpr(static_cast<unsigned>(d), &context);
  }

  /// A random formula; windows and their unions are likely.
  Formula random(std::mt19937 &seed, int depth) {
    auto draw = [&](int64_t low, int64_t high) {
      return low + static_cast<int64_t>(seed() % (high - low + 1));
    };
    AffineExpr row = dim(PositionDim::Row), col = dim(PositionDim::Column);
    if (depth == 0) {
      switch (draw(0, 4)) {
      case 0:
        return Formula::getConstraint(row - col + draw(-6, 6));
      case 1:
        return Formula::getConstraint(col - row + draw(-6, 6));
      case 2:
        return Formula::getConstraint(draw(-2, 14) - col);
      case 3:
        return Formula::getConstraint(col.floorDiv(4) - row.floorDiv(4) +
                                      dim(PositionDim::Batch) - draw(0, 1));
      default: {
        // One draw a statement: the order of operands is the compiler's choice.
        int64_t perRow = draw(-2, 2);
        int64_t perCol = draw(-2, 2);
        return Formula::getConstraint(row * perRow + col * perCol +
                                      dim(PositionDim::Head) + draw(-9, 9));
      }
      }
    }
    Formula a = random(seed, depth - 1);
    Formula b = random(seed, depth - 1);
    switch (draw(0, 4)) {
    case 0:
    case 1:
      return Formula::getAnd({a, b});
    case 2:
    case 3:
      return Formula::getOr({a, b});
    default:
      return !a;
    }
  }

  /// A block with `count` index arguments to emit into.
  Block &startBlock(unsigned count) {
    block = std::make_unique<Block>();
    for (unsigned i = 0; i < count; ++i)
      block->addArgument(builder.getIndexType(), loc);
    builder.setInsertionPointToStart(block.get());
    return *block;
  }

  /// Executes the block for the values of its arguments.
  void execute(ArrayRef<int64_t> arguments) {
    values.clear();
    for (auto [argument, value] :
         llvm::zip_equal(block->getArguments(), arguments))
      values[argument] = builder.getIndexAttr(value);
    for (Operation &op : *block) {
      SmallVector<Attribute> operands;
      for (Value operand : op.getOperands())
        operands.push_back(values.at(operand));
      SmallVector<OpFoldResult> results;
      ASSERT_TRUE(succeeded(op.fold(operands, results)));
      for (auto [result, folded] : llvm::zip_equal(op.getResults(), results)) {
        // A copy: inserting the result may move the entry that it comes from.
        Attribute attribute = isa<Value>(folded)
                                  ? values.at(cast<Value>(folded))
                                  : cast<Attribute>(folded);
        values[result] = attribute;
      }
    }
  }

  int64_t get(OpFoldResult value) {
    Attribute attribute = isa<Value>(value) ? values.at(cast<Value>(value))
                                            : cast<Attribute>(value);
    auto integer = cast<IntegerAttr>(attribute);
    return integer.getType().isInteger(1) ? integer.getValue().getZExtValue()
                                          : integer.getInt();
  }
  bool contains(const ColumnInterval &interval, int64_t col) {
    return (!interval.lower || col >= get(*interval.lower)) &&
           (!interval.upper || col < get(*interval.upper));
  }

  MLIRContext context;
  OpBuilder builder;
  Location loc;
  std::unique_ptr<Block> block;
  llvm::DenseMap<Value, Attribute> values;
};

TEST_F(FormulaEmitTest, boundsAreSoundAtRunTime) {
  std::mt19937 seed(5);
  int64_t excluded = 0, full = 0, skipped = 0;
  for (int trial = 0; trial < 150; ++trial) {
    Formula formula = random(seed, trial % 4);
    Block &body = startBlock(6);
    RowBlock rows{body.getArgument(0), body.getArgument(1), body.getArgument(2),
                  body.getArgument(3)};
    ColumnInterval visited = getVisitedColumns(builder, loc, formula, rows);
    std::optional<ColumnInterval> seenByAll =
        getFullColumns(builder, loc, formula, rows);
    Value mayVisit = emitMayVisit(builder, loc, formula, rows,
                                  body.getArgument(4), body.getArgument(5));
    for (int64_t first : {-5, 0, 3, 8, 21}) {
      int64_t last = first + 4, batch = trial % 2, head = trial % 3;
      for (int64_t begin = -4; begin < 20; begin += 4) {
        execute({batch, head, first, last, begin, begin + 4});
        if (HasFatalFailure())
          return;
        bool someInTile = false;
        for (int64_t col = begin; col < begin + 4; ++col) {
          bool some = false, every = true;
          for (int64_t row = first; row <= last; ++row) {
            bool sees = evaluate(formula, batch, head, row, col);
            some |= sees;
            every &= sees;
          }
          someInTile |= some;
          if (some)
            ASSERT_TRUE(contains(visited, col)) << "trial " << trial;
          excluded += !contains(visited, col);
          if (seenByAll && contains(*seenByAll, col)) {
            ASSERT_TRUE(every) << "trial " << trial;
            ++full;
          }
        }
        if (someInTile)
          ASSERT_EQ(get(mayVisit), 1) << "trial " << trial;
        skipped += get(mayVisit) == 0;
      }
    }
  }
  // The bounds exclude and guarantee a good part of the 18000 columns.
  EXPECT_GT(excluded, 4000);
  EXPECT_GT(full, 2000);
  EXPECT_GT(skipped, 1000);
}

TEST_F(FormulaEmitTest, parametersAreNumbersAtRunTime) {
  AffineExpr row = getAffineDimExpr(2, &context),
             col = getAffineDimExpr(3, &context),
             first = getAffineDimExpr(4, &context),
             second = getAffineDimExpr(5, &context);
  // Before a prefix, or in a window whose width is half of a number.
  Formula formula = Formula::getOr(
      {Formula::getConstraint(first - 1 - col),
       Formula::getAnd(
           {Formula::getConstraint(row - col),
            Formula::getConstraint(second.floorDiv(2) - row + col)})});
  EXPECT_EQ(formula.getNumParameters(), 2u);
  EXPECT_EQ(formula.bindParameters({3, 4}).getNumParameters(), 0u);
  EXPECT_FALSE(Formula::getConstraint(first - col % 4).repeatsAlongColumns());
  int64_t excluded = 0, full = 0;
  for (int64_t length = -1; length < 9; length += 2)
    for (int64_t width = 0; width < 12; width += 3)
      for (int64_t begin = 0; begin < 8; begin += 2) {
        Block &body = startBlock(6);
        Value b = body.getArgument(0), h = body.getArgument(1);
        RowBlock rows{b, h, body.getArgument(2), body.getArgument(3)};
        rows.parameters = {body.getArgument(4), body.getArgument(5)};
        ColumnInterval visited = getVisitedColumns(builder, loc, formula, rows);
        std::optional<ColumnInterval> seenByAll =
            getFullColumns(builder, loc, formula, rows);
        execute({0, 0, begin, begin + 3, length, width});
        if (HasFatalFailure())
          return;
        Formula bound = formula.bindParameters({length, width});
        for (int64_t j = 0; j < 16; ++j) {
          int64_t count = 0;
          for (int64_t i = begin; i <= begin + 3; ++i)
            count += evaluate(bound, 0, 0, i, j);
          EXPECT_TRUE(contains(visited, j) || count == 0);
          EXPECT_TRUE(!seenByAll || !contains(*seenByAll, j) || count == 4);
          excluded += !contains(visited, j);
          full += seenByAll && contains(*seenByAll, j);
        }
      }
  EXPECT_GT(excluded, 100);
  EXPECT_GT(full, 100);
}

TEST_F(FormulaEmitTest, theTestIsThePredicate) {
  std::mt19937 seed(6);
  for (int trial = 0; trial < 100; ++trial) {
    Formula formula = random(seed, 3);
    if (trial % 2)
      formula = Formula::getOr(
          {Formula::getAnd({formula, Formula::getSameId(&context)}),
           !random(seed, 2)});
    // The bits of even numbers are set.
    if (trial % 3 == 0)
      formula = Formula::getAnd(
          {Formula::getOr(
               {formula, Formula::getBit(getAffineDimExpr(2, &context) * 3 -
                                         getAffineDimExpr(3, &context))}),
           !random(seed, 2)});
    auto testBit = [&](Value number) -> Value {
      auto constant = [&](int64_t value) {
        return arith::ConstantIndexOp::create(builder, loc, value);
      };
      Value rest = arith::AndIOp::create(builder, loc, number, constant(1));
      return arith::CmpIOp::create(builder, loc, arith::CmpIPredicate::eq, rest,
                                   constant(0));
    };
    Block &body = startBlock(5);
    Value id = arith::CmpIOp::create(
        builder, loc, arith::CmpIPredicate::ne, body.getArgument(4),
        arith::ConstantIndexOp::create(builder, loc, 0));
    Value test = emitTest(builder, loc, formula, body.getArgument(0),
                          body.getArgument(1), body.getArgument(2),
                          body.getArgument(3), id, /*parameters=*/{}, testBit);
    for (int64_t row = -3; row < 9; row += 2)
      for (int64_t col = -3; col < 9; ++col) {
        bool sameId = (row + col) % 2;
        execute({1, 2, row, col, sameId});
        if (HasFatalFailure())
          return;
        bool hasBit = (3 * row - col) % 2 == 0;
        ASSERT_EQ(get(test), evaluate(formula, 1, 2, row, col, sameId, hasBit))
            << "trial " << trial;
      }
  }
}

} // namespace
