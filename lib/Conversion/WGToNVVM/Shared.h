//===- Shared.h - Addresses in shared memory --------------------*- C++ -*-===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef ATTN_CONVERSION_WGTONVVM_SHARED_H
#define ATTN_CONVERSION_WGTONVVM_SHARED_H

#include "ThreadBuilder.h"

namespace attn::wg {

/// The symbol of the shared memory that a launch provides.
inline constexpr llvm::StringLiteral kSharedMemory = "wg_shared_memory";
/// The alignment of that memory and of each tile in it: what a swizzle of 128
/// bytes repeats after.
inline constexpr int64_t kSharedAlignment = 1024;
/// The bytes that are stored and swizzled together.
inline constexpr int64_t kChunkBytes = 16;

/// A pointer to shared memory, the type of a shared tile.
mlir::Type getSharedPointerType(mlir::MLIRContext *context);

/// The address that `wg.offset` of an operation says.
mlir::Value getSharedAddress(ThreadBuilder &builder, mlir::Operation *op);

/// `base` plus some bytes.
mlir::Value getSharedPointer(ThreadBuilder &builder, mlir::Value base,
                             mlir::Value bytes, int64_t constantBytes = 0);

/// Whether this thread stores what it holds of a vector: the first of a quad
/// for rows (of several warps all store the same), the first quad for columns.
mlir::Value isVectorWriter(ThreadBuilder &builder, TileType tile);

/// Stores the elements of this thread of a tile.
void storeTile(ThreadBuilder &builder, SharedType shared, TileType tile,
               mlir::Value base, llvm::ArrayRef<mlir::Value> elements);

/// Waits until a phase of a barrier in shared memory is over.
void waitForPhase(ThreadBuilder &builder, mlir::Value barrier,
                  mlir::Value phase);

/// Orders stores of this thread before what wgmma reads after the next barrier,
/// on a chip that has it.
void fenceForTensorCores(ThreadBuilder &builder);

/// Where a shared tile has its chunks, see the description of the type.
class SharedLayout {
public:
  explicit SharedLayout(SharedType type) : type(type) {}

  int64_t getChunksPerRow() const { return type.getRowBytes() / kChunkBytes; }
  /// The byte of a chunk whose place depends on the thread, all i32.
  mlir::Value getChunk(ThreadBuilder &builder, mlir::Value row,
                       mlir::Value chunk) const;
  /// The same in two parts for a chunk that all threads agree about: bytes that
  /// depend on the thread, which holds row `row` + 8 i, and constant ones for a
  /// row that is `constantRows`, a multiple of 8, below.
  std::pair<mlir::Value, int64_t> getChunk(ThreadBuilder &builder,
                                           mlir::Value row,
                                           int64_t constantRows,
                                           int64_t chunk) const;
  /// The same for chunk `half`, 0 or 1, of the two that begin at an even one.
  std::pair<mlir::Value, int64_t>
  getChunkOfPair(ThreadBuilder &builder, mlir::Value row, int64_t constantRows,
                 mlir::Value half, int64_t chunk) const;

private:
  int64_t getChunksPerBlock() const { return type.getSwizzle() / kChunkBytes; }
  /// What the places of the chunks of a row are exclusive-ored with.
  mlir::Value getMask(ThreadBuilder &builder, mlir::Value row) const;
  SharedType type;
};

/// Where a thread's pairs of columns of a matrix in shared memory are.
class PairAddresses {
public:
  PairAddresses(ThreadBuilder &builder, SharedType shared, TileType tile,
                mlir::Value base);
  /// The pair that begins at a half block of columns, an even one.
  mlir::Value get(int64_t halfRow, int64_t halfCol);
  mlir::SmallVector<mlir::Value> load(int64_t halfRow, int64_t halfCol);

private:
  ThreadBuilder &b;
  SharedType shared;
  Fragment fragment;
  mlir::Value base, pairBytes;
};

} // namespace attn::wg

#endif // ATTN_CONVERSION_WGTONVVM_SHARED_H
