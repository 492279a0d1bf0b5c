//===- ThreadBuilder.h - What one thread does -------------------*- C++ -*-===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef ATTN_CONVERSION_WGTONVVM_THREADBUILDER_H
#define ATTN_CONVERSION_WGTONVVM_THREADBUILDER_H

#include "attn/Dialect/WG/IR/WG.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"

namespace attn::wg {

/// The threads that tiles are distributed among: those of a block, or, if some
/// of these only copy, the others.
struct BlockShape {
  mlir::SmallVector<int32_t> extents;
  bool isPart = false;
  /// The first of them, and the number of the barrier that is theirs.
  int32_t firstThread = 0, barrier = 1;
  /// Whether the chip lets four warps multiply together.
  bool hasWarpgroups = true;
  /// Whether threads have given registers to others that need more.
  bool hasFewRegisters = false;
  int64_t getThreads() const { return llvm::product_of(extents); }
  int64_t getWarps() const { return getThreads() / 32; }
};

/// Writes the instructions of one thread of a block. Indices address memory,
/// i32 shared memory; `add` and its like take either.
class ThreadBuilder : public mlir::ImplicitLocOpBuilder {
public:
  ThreadBuilder(mlir::Location loc, mlir::OpBuilder &builder,
                const BlockShape &block)
      : ImplicitLocOpBuilder(loc, builder), block(block) {}

  const BlockShape &getBlock() const { return block; }

  /// The number of the thread in the block.
  mlir::Value getThread(mlir::Type type);
  mlir::Value getWarp(mlir::Type type) { return div(getThread(type), 32); }
  /// Whether this is the thread that does for all what is done once.
  mlir::Value isFirstThread();
  /// The number of the warpgroup, a value that ptxas knows to be uniform.
  mlir::Value getWarpgroup();
  /// Where the thread is in a fragment of 8 x 8: row (lane / 4) and the first
  /// of its two columns.
  mlir::Value getFragmentRow(mlir::Type type);
  mlir::Value getFragmentCol(mlir::Type type);

  mlir::Value constant(mlir::Type type, int64_t value);
  mlir::Value zero(mlir::Type type);
  mlir::Value add(mlir::Value x, mlir::Value y);
  mlir::Value add(mlir::Value x, int64_t y);
  mlir::Value mul(mlir::Value x, int64_t y);
  mlir::Value div(mlir::Value x, int64_t y);
  mlir::Value rem(mlir::Value x, int64_t y);
  mlir::Value exclusiveOr(mlir::Value x, mlir::Value y);
  /// x < y, signed.
  mlir::Value less(mlir::Value x, mlir::Value y);
  /// x and y; an absent operand is true.
  mlir::Value both(mlir::Value x, mlir::Value y);
  mlir::Value castIndex(mlir::Type type, mlir::Value x);

  /// Reads the number of the thread again: what was computed from it before,
  /// perhaps outside of loops, need not be kept till here.
  void renewThread();
  /// Makes the threads wait for each other.
  void barrier();

  /// What `read` returns where `condition` holds (if there is one), else zeros;
  /// nothing is read there.
  mlir::SmallVector<mlir::Value>
  readIf(mlir::Value condition, mlir::TypeRange types,
         llvm::function_ref<mlir::SmallVector<mlir::Value>()> read);
  /// Does `write` where `condition` holds, if there is one.
  void writeIf(mlir::Value condition, llvm::function_ref<void()> write);

  /// The elements of a vector, and a vector of elements.
  mlir::SmallVector<mlir::Value> unpack(mlir::Value vector);
  mlir::Value pack(mlir::ValueRange elements);

private:
  const BlockShape &block;
  mlir::Value thread;
};

/// Which elements of a tile a thread holds. A tile is a grid of half rows (a
/// row of a band or the one 8 below) and half blocks of columns (of a block of
/// 8, a column or the one right of it); vectors have one of either.
class Fragment {
public:
  Fragment(ThreadBuilder &builder, TileType type)
      : builder(builder), type(type) {}

  int64_t getNumBands() const;
  /// Which band of the tile is a band of the warp.
  mlir::Value getBand(int64_t band, mlir::Type index) const;
  int64_t getNumHalfRows() const;
  int64_t getNumHalfCols() const;
  /// The place of an element in the thread's vector.
  int64_t at(int64_t halfRow, int64_t halfCol) const;
  /// Where it is in the tile.
  mlir::Value getRow(int64_t halfRow, mlir::Type index) const;
  mlir::Value getCol(int64_t halfCol, mlir::Type index) const;
  /// The row as what depends on the thread and a constant, a multiple of 8.
  std::pair<mlir::Value, int64_t> splitRow(int64_t halfRow,
                                           mlir::Type index) const;

private:
  ThreadBuilder &builder;
  TileType type;
};

} // namespace attn::wg

#endif // ATTN_CONVERSION_WGTONVVM_THREADBUILDER_H
