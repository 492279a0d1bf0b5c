//===- ColumnRanges.h - Conditions that hold for ranges of columns *- C++ -*-=//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef ATTN_CONVERSION_WGTONVVM_COLUMNRANGES_H
#define ATTN_CONVERSION_WGTONVVM_COLUMNRANGES_H

#include "ThreadBuilder.h"
#include "llvm/ADT/MapVector.h"
#include "llvm/ADT/SetVector.h"

namespace attn::wg {

/// The conditions in the body of a map that say of a row which columns are in
/// a range, or in several: comparisons of the column, plus or minus what is the
/// same along the row, with what is the same along the row; and, or, not of
/// such. A mask by positions is one.
///
/// Computed once for each row as a word with a bit for each of the thread's
/// columns, such a condition costs an element nothing but the use of a
/// predicate: the machine sets seven predicates from bits at a time (R2P). A
/// comparison for each element costs up to four instructions for each bound.
class ColumnRanges {
public:
  /// None if not `isWanted`.
  ColumnRanges(MapOp op, bool isWanted);

  /// What of the body elements need beside the conditions, in its order.
  bool needs(mlir::Operation *inner) const { return needed.contains(inner); }
  /// Whether something of it (other than the conditions) has the argument.
  bool usesPosition(unsigned argument) const;

  /// Computes the words of a row. `mapping` has what the row has.
  void startRow(ThreadBuilder &builder, const mlir::IRMapping &mapping);
  /// Maps each condition to its value in a column of the thread.
  void mapConditions(ThreadBuilder &builder, int64_t halfCol,
                     mlir::IRMapping &mapping) const;
  bool empty() const { return words.empty(); }

private:
  using Words = mlir::SmallVector<mlir::Value>;

  void classify(mlir::Operation &inner);
  std::optional<int64_t> sumColumns(mlir::Operation &inner) const;
  bool isRangeComparison(mlir::Value condition) const;
  void collect(mlir::Value value);
  std::optional<int64_t> getColumns(mlir::Value value) const;
  bool isSameAlongRow(mlir::Value value) const;

  Words getWords(ThreadBuilder &builder, mlir::Value condition,
                 mlir::IRMapping &mapping) const;
  Words compare(ThreadBuilder &builder, mlir::arith::CmpIOp op,
                mlir::IRMapping &mapping) const;

  int64_t numCols;
  mlir::Block *body;
  /// Of the values of the body those that differ in a row.
  llvm::DenseSet<mlir::Value> differing;
  /// Integers that are value(0) + n * column, without overflow, and n.
  llvm::DenseMap<mlir::Value, int64_t> columns;
  llvm::DenseSet<mlir::Value> ranges;
  mlir::SetVector<mlir::Operation *> needed;
  llvm::MapVector<mlir::Value, Words> words;
};

} // namespace attn::wg

#endif // ATTN_CONVERSION_WGTONVVM_COLUMNRANGES_H
