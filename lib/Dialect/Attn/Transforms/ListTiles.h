//===- ListTiles.h - The tiles that a selection visits ----------*- C++ -*-===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef LIB_DIALECT_ATTN_TRANSFORMS_LISTTILES_H
#define LIB_DIALECT_ATTN_TRANSFORMS_LISTTILES_H

#include "attn/Dialect/Attn/IR/Attn.h"
#include "attn/Dialect/Attn/IR/RoutingBuilder.h"

namespace attn {

/// What is known of the tiles of a tile of rows, in numbers of tiles (index):
/// those that are visited, and those that need no test.
struct TileBounds {
  std::optional<tile::RowBlock> rows;
  mlir::Value visitBegin, visitEnd, fullBegin, fullEnd;
};

/// What a tile has of what is selected and visible.
constexpr int64_t kNothing = 0, kPart = 1, kFull = 2;

/// Builds the lists of an operation: where tiles lie in one block each
/// (`build`), and where they have parts of several (`buildTested`).
class ListBuilder : public RoutingBuilder {
public:
  explicit ListBuilder(LogitsOpInterface op)
      : RoutingBuilder(op.getOperation()), op(op),
        rows(op.getSchedule()->getRows()), cols(op.getSchedule()->getCols()),
        blockRows(*op.getSelectedRows()), blockCols(*op.getSelectedCols()) {}

  /// Whether no tile has parts of several blocks.
  bool isExact() const {
    return blockRows % rows == 0 && blockCols % cols == 0;
  }
  mlir::Value build();
  mlir::Value buildTested();

private:
  mlir::Value i8(int64_t value) {
    return mlir::arith::ConstantIntOp::create(b, value, 8);
  }
  mlir::Value extract(mlir::Value tensor, mlir::ValueRange at) {
    return mlir::tensor::ExtractOp::create(b, tensor, at);
  }
  mlir::Value buildRows(
      llvm::ArrayRef<mlir::OpFoldResult> extents, mlir::OpFoldResult length,
      mlir::Type element,
      llvm::function_ref<mlir::Value(mlir::ValueRange at, mlir::Value row)>
          body);
  llvm::SmallVector<mlir::OpFoldResult> getListShape();
  mlir::Value getListHead(mlir::Value head);
  mlir::OpFoldResult getRowShift(mlir::Value batch);
  std::optional<tile::RowBlock> getRowBlock(mlir::ValueRange at);
  TileBounds getBounds(mlir::ValueRange at);
  mlir::Value isVisited(const TileBounds &bounds, mlir::Value tile);
  mlir::Value append(mlir::Value row, mlir::Value &count, mlir::Value taken,
                     mlir::Value tile);
  mlir::Value finish(mlir::Value row, mlir::Value partial, mlir::Value count);

  mlir::Value sortLists();
  mlir::Value appendTiles(const TileBounds &bounds, mlir::Value sorted,
                          mlir::ValueRange at, bool isFull, mlir::Value row,
                          mlir::Value &count);
  mlir::Value writeOut();
  mlir::Value classify(mlir::Value selected, int64_t span);
  mlir::Value getVisibleState(const TileBounds &bounds, mlir::Value state,
                              mlir::Value tile);
  void addTest(mlir::Value selected);

  LogitsOpInterface op;
  int64_t rows, cols, blockRows, blockCols;
};

} // namespace attn

#endif // LIB_DIALECT_ATTN_TRANSFORMS_LISTTILES_H
