//===- OtherFoldTest.cpp - Schedules for a fold that is not attention -----===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The decisions must come from the interface alone: an operation that was made
// up here, a sum of radial functions of the distance between points,
//
//     out[i] = sum_j w[j] * exp(-|x[i] - y[j]|^2),    j < 3 * i + 100,
//
// gets a schedule like any other.
//
//===----------------------------------------------------------------------===//

#include "Shapes.h"
#include "attn/Strategy/Passes.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/Dialect.h"
#include "mlir/Pass/PassManager.h"

using namespace mlir;
using namespace attn;
using namespace attn::strategy;

namespace {

class RadialSumOp
    : public Op<RadialSumOp, OpTrait::ZeroOperands, OpTrait::ZeroResults,
                OpTrait::ZeroRegions, OpTrait::ZeroSuccessors,
                tile::FoldOpInterface::Trait> {
public:
  using Op::Op;
  static StringRef getOperationName() { return "fold_test.radial_sum"; }
  static ArrayRef<StringRef> getAttributeNames() { return {}; }
  static RadialSumOp create(OpBuilder &builder, int64_t points,
                            int64_t dimensions) {
    OperationState state(builder.getUnknownLoc(), getOperationName());
    state.addAttribute("points", builder.getI64IntegerAttr(points));
    state.addAttribute("dimensions", builder.getI64IntegerAttr(dimensions));
    return cast<RadialSumOp>(builder.create(state));
  }

  std::optional<tile::FoldTiling> getFoldTiling() {
    auto tiles = (*this)->getAttrOfType<DenseI64ArrayAttr>("tiles");
    if (!tiles)
      return std::nullopt;
    tile::FoldTiling tiling;
    tiling.rows = tiles[0];
    tiling.cols = tiles[1];
    tiling.micro = (*this)->getAttrOfType<tile::MicroTileAttr>("micro");
    return tiling;
  }
  void setFoldTiling(const tile::FoldTiling &tiling) {
    Builder builder(getContext());
    (*this)->setAttr("tiles",
                     builder.getDenseI64ArrayAttr({tiling.rows, tiling.cols}));
    (*this)->setAttr("micro", tiling.micro);
    if (tiling.longestFirst)
      (*this)->setAttr("longest_first", builder.getUnitAttr());
  }
  Value getColumnCount(OpBuilder &b) {
    return arith::ConstantIndexOp::create(b, getLoc(), getFoldShape().columns);
  }
  tile::FoldShape getFoldShape() {
    auto get = [&](StringRef name) {
      return (*this)->getAttrOfType<IntegerAttr>(name).getInt();
    };
    tile::FoldShape shape;
    shape.rows = shape.columns = get("points");
    shape.depth = get("dimensions");
    // The weighted sum is no contraction with a matrix.
    shape.width = 0;
    shape.compute = Float64Type::get(getContext());
    int64_t depth = ShapedType::isDynamic(shape.depth) ? 0 : shape.depth;
    shape.rowReadBytes = 8 * depth;
    shape.columnReadBytes = 8 * (depth + 1);
    shape.rowWriteBytes = 8;
    shape.expsPerPair = 1;
    shape.opsPerPair = 2;
    AffineExpr i = getAffineDimExpr(2, getContext());
    AffineExpr j = getAffineDimExpr(3, getContext());
    shape.mask = tile::Formula::getConstraint(i * 3 - j + 99);
    return shape;
  }
  FailureOr<tile::FoldRecipe> getFoldRecipe(OpBuilder &,
                                            const tile::FoldTiling &) {
    return emitError("is not built here");
  }
};

class FoldTestDialect : public Dialect {
public:
  explicit FoldTestDialect(MLIRContext *context)
      : Dialect(getDialectNamespace(), context,
                TypeID::get<FoldTestDialect>()) {
    addOperations<RadialSumOp>();
  }
  static StringRef getDialectNamespace() { return "fold_test"; }
};

class OtherFoldTest : public StrategyTest {
protected:
  OtherFoldTest() : builder(&context) {
    context
        .loadDialect<FoldTestDialect, func::FuncDialect, tile::TileDialect>();
    module = ModuleOp::create(builder.getUnknownLoc());
    builder.setInsertionPointToStart(module->getBody());
  }
  RadialSumOp add(int64_t points, int64_t dimensions) {
    return RadialSumOp::create(builder, points, dimensions);
  }
  LogicalResult run() {
    PassManager manager(&context);
    SelectScheduleOptions options;
    options.cpu = "x86-64-v3";
    options.threads = 2;
    manager.addPass(createSelectSchedule(options));
    return manager.run(*module);
  }

  OpBuilder builder;
  OwningOpRef<ModuleOp> module;
};

TEST_F(OtherFoldTest, getsASchedule) {
  RadialSumOp op = add(5000, 24);
  ASSERT_TRUE(succeeded(run()));
  std::optional<tile::FoldTiling> tiling = op.getFoldTiling();
  ASSERT_TRUE(tiling);
  EXPECT_EQ(tiling->micro.getRows(), 6);
  EXPECT_EQ(tiling->micro.getCols(), 8);
  EXPECT_EQ(tiling->micro.getLanes(), 4);
  EXPECT_EQ(tiling->rows % 6, 0);
  EXPECT_EQ(tiling->cols % 8, 0);
  EXPECT_TRUE(op->hasAttr("longest_first"));
}

TEST_F(OtherFoldTest, keepsAGivenSchedule) {
  RadialSumOp op = add(5000, 24);
  tile::FoldTiling given;
  given.rows = 24;
  given.cols = 16;
  given.micro = tile::MicroTileAttr::get(&context, 6, 8, 4);
  op.setFoldTiling(given);
  ASSERT_TRUE(succeeded(run()));
  EXPECT_EQ(op.getFoldTiling()->rows, 24);
  EXPECT_EQ(op.getFoldTiling()->cols, 16);
}

TEST_F(OtherFoldTest, isPredictedFromItsShape) {
  CPUTarget target = getTarget("x86-64-v3");
  Workload workload = getWorkload(add(5000, 5).getFoldShape());
  WorkCounter counter(workload);
  Prediction p =
      IOModel(target, 1).predict(workload, counter, {{48, 128, 6, 8}, true});
  double pairs = 0;
  for (int64_t i = 0; i < 5000; ++i)
    pairs += std::min<int64_t>(5000, 3 * i + 100);
  EXPECT_EQ(p.exponentials, pairs);
  EXPECT_EQ(p.usefulFlops, 2 * 5 * pairs);
  // Few dimensions: exponentials are most of the work.
  EXPECT_EQ(p.bound, Bound::Exponential);
  EXPECT_EQ(p.traffic.compulsory, 5000.0 * (8 * 5 + 8 * 6 + 8));
}

TEST_F(OtherFoldTest, failsWithADiagnostic) {
  add(5000, ShapedType::kDynamic);
  std::string text;
  ScopedDiagnosticHandler handler(&context, [&](Diagnostic &diagnostic) {
    text = diagnostic.str();
    return success();
  });
  EXPECT_TRUE(failed(run()));
  EXPECT_EQ(text, "'fold_test.radial_sum' op the widths of rows and columns "
                  "must be static to choose tiles");
}

} // namespace
