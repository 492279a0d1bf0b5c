//===- Shapes.h - Folds to test the model with ------------------*- C++ -*-===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef ATTN_TEST_UNIT_STRATEGY_SHAPES_H
#define ATTN_TEST_UNIT_STRATEGY_SHAPES_H

#include "attn/Strategy/Selection.h"
#include "mlir/IR/Builders.h"
#include "gtest/gtest.h"

namespace attn::strategy {

/// A context and the masks and shapes made in it.
class StrategyTest : public ::testing::Test {
protected:
  StrategyTest() { context.loadDialect<tile::TileDialect>(); }
  mlir::AffineExpr row() { return mlir::getAffineDimExpr(2, &context); }
  mlir::AffineExpr column() { return mlir::getAffineDimExpr(3, &context); }
  tile::Formula causal() {
    return tile::Formula::getConstraint(row() - column());
  }
  tile::Formula window(int64_t width) {
    return tile::Formula::getAnd(
        {causal(),
         tile::Formula::getConstraint(column() - row() + (width - 1))});
  }
  tile::Formula prefix(int64_t length) {
    return tile::Formula::getConstraint(length - 1 - column());
  }

  /// Softmax attention in f32 (or f64), keys as wide as values.
  tile::FoldShape attention(int64_t heads, int64_t rows, int64_t columns,
                            int64_t depth, bool isDouble = false) {
    tile::FoldShape shape;
    shape.heads = shape.sourceHeads = heads;
    shape.rows = rows;
    shape.columns = columns;
    shape.depth = shape.width = depth;
    mlir::Builder builder(&context);
    shape.compute = isDouble ? builder.getF64Type() : builder.getF32Type();
    int64_t bytes = isDouble ? 8 : 4;
    shape.rowReadBytes = shape.rowWriteBytes = depth * bytes;
    shape.columnReadBytes = 2 * depth * bytes;
    shape.expsPerPair = 1;
    shape.opsPerPair = 3;
    return shape;
  }
  tile::FoldShape causalAttention(int64_t heads, int64_t length,
                                  int64_t depth) {
    tile::FoldShape shape = attention(heads, length, length, depth);
    shape.mask = causal();
    return shape;
  }

  static Workload getWorkload(const tile::FoldShape &shape) {
    mlir::FailureOr<Workload> workload =
        Workload::get(shape, [](const llvm::Twine &message) {
          ADD_FAILURE() << message.str();
        });
    return mlir::succeeded(workload) ? *workload : Workload();
  }
  static CPUTarget getTarget(llvm::StringRef cpu) {
    llvm::Expected<CPUTarget> target = getCPUTarget(cpu);
    if (target)
      return *target;
    ADD_FAILURE() << llvm::toString(target.takeError());
    return {};
  }

  mlir::MLIRContext context;
};

} // namespace attn::strategy

#endif // ATTN_TEST_UNIT_STRATEGY_SHAPES_H
