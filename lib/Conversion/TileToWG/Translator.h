//===- Translator.h - Static tiles to distributed tiles ---------*- C++ -*-===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef ATTN_LIB_CONVERSION_TILETOWG_TRANSLATOR_H
#define ATTN_LIB_CONVERSION_TILETOWG_TRANSLATOR_H

#include "attn/Dialect/WG/IR/WG.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/IR/PatternMatch.h"

namespace attn {

/// Where the elements of a tile are: with the threads, in one of three ways, or
/// in shared memory. `Transposed` is a matrix with rows as columns.
enum class Place { Matrix, Transposed, Rows, Cols, Shared };

/// Rewrites the body of a loop over tiles. What is computed and where follows
/// from what asks for it: a tile is made in each place that some use needs,
/// once, where it is defined. So roots are translated in order (writes to
/// memory, loops, branches) and the rest on demand.
class Translator {
public:
  Translator(mlir::OpBuilder &builder, mlir::scf::ForallOp loop)
      : b(builder), loop(loop) {}

  /// Translates the body of the loop. Diagnoses what it cannot.
  mlir::LogicalResult translate() { return translate(*loop.getBody()); }
  /// Erases what has been replaced. Only after success.
  void finish();
  /// The most rows that a product has.
  int64_t getMaxRows() const { return maxRows; }

private:
  /// `value`, a static tile, at a place.
  mlir::FailureOr<mlir::Value> get(mlir::Value value, Place place);
  mlir::FailureOr<mlir::Value> getNatural(mlir::Value value) {
    return get(value, getNaturalPlace(value));
  }
  static Place getNaturalPlace(mlir::Value value);
  mlir::FailureOr<mlir::Value> make(mlir::Value value, Place place);
  mlir::FailureOr<mlir::Value> read(mlir::Value value, Place place);
  mlir::FailureOr<mlir::Value> move(mlir::Value value, Place place);

  mlir::LogicalResult translate(mlir::Block &block);
  mlir::LogicalResult translateRoot(mlir::Operation *op);
  mlir::LogicalResult translateFor(mlir::scf::ForOp loop);
  mlir::LogicalResult translateIf(mlir::scf::IfOp branch);
  mlir::LogicalResult translateInsert(mlir::Operation *op);
  mlir::LogicalResult translateGeneric(mlir::linalg::GenericOp op, Place place);
  /// Whether a vector has a sum over all rows of a matrix for each column.
  static bool isSumOfRows(mlir::Value value);
  mlir::LogicalResult translateSumOfRows(mlir::linalg::GenericOp op);
  mlir::LogicalResult translateContract(mlir::linalg::ContractOp op);
  mlir::LogicalResult translateTriInverse(mlir::Operation *op);
  mlir::LogicalResult translateScan(mlir::Operation *op);
  mlir::LogicalResult translateExtract(mlir::Operation *op);
  mlir::LogicalResult translateAny(mlir::Operation *op);
  void translateOpaque(mlir::Operation *op);
  mlir::LogicalResult yield(mlir::Block &block,
                            llvm::function_ref<bool(unsigned)> isTile);

  /// Whether a value is defined in the loop over tiles.
  bool isInside(mlir::Value value) {
    return loop.getRegion().isAncestor(value.getParentRegion());
  }
  /// Whether a tensor is computed or read in the loop; others are memory.
  bool isMade(mlir::Value tensor);
  /// Whether a tensor is a tile; others stand for memory.
  bool isTile(mlir::Value value) const;
  void set(mlir::Value value, Place place, mlir::Value tile) {
    made[{value, static_cast<int>(place)}] = tile;
  }
  /// Just behind the definition of a value.
  void setInsertionPointAfter(mlir::Value value);

  mlir::OpBuilder &b;
  mlir::scf::ForallOp loop;
  llvm::DenseMap<std::pair<mlir::Value, int>, mlir::Value> made;
  /// What has been replaced, in order.
  llvm::SmallVector<mlir::Operation *> dead;
  int64_t maxRows = 0;
};

/// The type of a tile at a place in registers; null, with a diagnostic, if
/// there is none.
wg::TileType getTileType(mlir::Value value, Place place);

} // namespace attn

#endif // ATTN_LIB_CONVERSION_TILETOWG_TRANSLATOR_H
