//===- Memory.h - Tiles of memory -------------------------------*- C++ -*-===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef ATTN_CONVERSION_WGTONVVM_MEMORY_H
#define ATTN_CONVERSION_WGTONVVM_MEMORY_H

#include "ThreadBuilder.h"

namespace attn::wg {

/// Whether all accesses of `count` elements from a multiple of `count` columns
/// on are contiguous, aligned to their size and inside of a row or outside:
/// what types say, for memory that begins at a multiple of 16 bytes.
bool isAlignedMemory(mlir::MemRefType type, int64_t count);

/// Whether an index is a multiple of `factor`, as far as constants, sums,
/// products and loops tell. An absent index is 0.
bool isMultiple(mlir::Value index, int64_t factor);

/// The part of a buffer that a tile is read from or written to.
class MemoryTile {
public:
  MemoryTile(ThreadBuilder &builder, mlir::Value memory,
             mlir::ValueRange indices, mlir::Value origin,
             mlir::Value columnOrigin)
      : builder(builder), memory(memory), indices(indices), origin(origin),
        columnOrigin(columnOrigin) {}

  mlir::MemRefType getType() const {
    return llvm::cast<mlir::MemRefType>(memory.getType());
  }
  /// Where a row and a column of the tile are in the buffer.
  mlir::Value getRow(mlir::Value row) const { return builder.add(origin, row); }
  mlir::Value getCol(mlir::Value col) const {
    return columnOrigin ? builder.add(columnOrigin, col) : col;
  }
  /// The number of rows or columns that there are, an index.
  mlir::Value getExtent(int64_t dim) const;
  /// The bound that columns must be checked against for a tile of `cols`
  /// columns, or null if all of them exist.
  mlir::Value getColumnBound(int64_t cols, mlir::Value limit) const;

  /// Reads or writes at positions of the buffer, `at` without the leading
  /// indices; several elements at a time where that is aligned.
  mlir::Value read(mlir::ValueRange at) const;
  mlir::SmallVector<mlir::Value> read(mlir::ValueRange at, int64_t count) const;
  /// Whether every row begins at a multiple of `bytes`, found when the kernel
  /// runs.
  mlir::Value isAligned(int64_t bytes) const;
  /// A pointer to a row and a column in global memory.
  mlir::Value getPointer(mlir::ValueRange at) const;
  void write(mlir::Value element, mlir::ValueRange at) const;
  void write(mlir::ValueRange elements, mlir::ValueRange at) const;

private:
  mlir::SmallVector<mlir::Value> getIndices(mlir::ValueRange at) const;
  llvm::Align getAlignment(int64_t count) const;

  ThreadBuilder &builder;
  mlir::Value memory;
  mlir::ValueRange indices;
  mlir::Value origin, columnOrigin;
};

} // namespace attn::wg

#endif // ATTN_CONVERSION_WGTONVVM_MEMORY_H
