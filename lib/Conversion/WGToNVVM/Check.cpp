//===- Check.cpp - What cannot be lowered ---------------------------------===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "MmaSync.h"
#include "Patterns.h"
#include "Shared.h"
#include "TriInverse.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace attn::wg;

static LogicalResult checkMemory(Operation *op, Type type) {
  if (isa<MemRefType>(type))
    return success();
  return op->emitOpError("expected memory, got a value: ") << type;
}

static LogicalResult checkOffset(Operation *op,
                                 int64_t alignment = kSharedAlignment) {
  auto offset = op->getAttrOfType<IntegerAttr>(kOffset);
  if (!offset)
    return op->emitOpError("expected '")
           << kOffset << "', the place of its tile in shared memory";
  if (offset.getInt() < 0 || offset.getInt() % alignment != 0)
    return op->emitOpError("expected '")
           << kOffset << "' to be a multiple of " << alignment << ", got "
           << offset.getInt();
  return success();
}

static LogicalResult checkShared(Operation *op, SharedType type) {
  int64_t bytes = type.getElementBytes();
  if (bytes == 1 || bytes == 2 || bytes == 4 || bytes == 8)
    return success();
  return op->emitOpError("expected elements of 1, 2, 4 or 8 bytes in shared "
                         "memory, got ")
         << type;
}

/// What neither way of multiplying takes: rows and columns are what types of
/// tiles allow.
template <typename Op>
static LogicalResult checkMma(Op op) {
  TileType acc = op.getAcc().getType();
  SharedType rhs = op.getRhs().getType();
  int64_t depth = rhs.getShape()[op.getRhsTransposed() ? 1 : 0];
  Type element = rhs.getElementType();
  if (!element.isBF16() && !element.isF16() && !element.isF32())
    return op.emitOpError("expected operands of bf16, f16 or f32, got ") << rhs;
  if (!acc.getElementType().isF32())
    return op.emitOpError("expected an accumulator of f32, got ") << acc;
  int64_t step = kMmaDepthBytes / rhs.getElementBytes();
  if (depth % step != 0)
    return op.emitOpError("expected k to be a multiple of ")
           << step << ", got " << depth << " of " << rhs;
  return success();
}

/// Threads copy whole rows of matrices.
static LogicalResult checkMatrix(Operation *op, SharedType type) {
  return type.isVector()
             ? op->emitOpError("expected a matrix: vectors are copied by the "
                               "copy engine only, got ")
                   << type
             : success();
}

static LogicalResult checkTriInverse(TriInverseOp op, const BlockShape &block) {
  TileType type = op.getTile().getType();
  int64_t rows = type.getNumRows();
  if (!llvm::isPowerOf2_64(rows) || rows < kTriInverseBlock)
    return op.emitOpError("expected ")
           << kTriInverseBlock << " rows times a power of two, got " << type;
  if (block.getThreads() < rows)
    return op.emitOpError("expected a thread for each column, got ")
           << block.getThreads() << " threads for " << type;
  return success();
}

LogicalResult attn::wg::checkSupported(Operation *op, const BlockShape &block) {
  return llvm::TypeSwitch<Operation *, LogicalResult>(op)
      .Case([](LoadOp load) {
        return checkMemory(load, load.getSource().getType());
      })
      .Case([](StoreOp store) {
        return success(
            succeeded(checkMemory(store, store.getDest().getType())) &&
            (store.getScratchBytes() == 0 || succeeded(checkOffset(store))));
      })
      .Case([](CopyOp copy) {
        return success(
            succeeded(checkMatrix(copy, copy.getResult().getType())) &&
            succeeded(checkMemory(copy, copy.getSource().getType())) &&
            succeeded(checkOffset(copy)) &&
            succeeded(checkShared(copy, copy.getResult().getType())));
      })
      .Case([](CopyAsyncOp copy) {
        return success(
            succeeded(checkMatrix(copy, copy.getTile().getType())) &&
            succeeded(checkMemory(copy, copy.getSource().getType())) &&
            succeeded(checkShared(copy, copy.getTile().getType())));
      })
      .Case([](MakeRingOp ring) { return checkOffset(ring); })
      .Case([](ToSharedOp op) {
        return success(succeeded(checkOffset(op)) &&
                       succeeded(checkShared(op, op.getResult().getType())));
      })
      .Case([&](TriInverseOp op) {
        return success(succeeded(checkOffset(op)) &&
                       succeeded(checkTriInverse(op, block)));
      })
      .Case([](ExtractOp extract) {
        int64_t extent = extract.getTile().getType().getShape()[0];
        std::optional<int64_t> index = getConstantIntValue(extract.getIndex());
        if (index && (*index < 0 || *index >= extent))
          return LogicalResult(extract.emitOpError("reads element ")
                               << *index << " of " << extent);
        return extract.getScratchBytes() == 0 ? success()
                                              : checkOffset(extract);
      })
      .Case([](ScratchOpInterface op) {
        return op.getScratchBytes() == 0 ? success() : checkOffset(op);
      })
      .Case([](MmaOp mma) { return checkMma(mma); })
      .Case([](StartMmaOp mma) { return checkMma(mma); })
      .Case([](MakeChannelOp channel) { return checkOffset(channel); })
      .Case(
          [](MakeDrawsOp draws) { return checkOffset(draws, /*alignment=*/8); })
      .Case(
          [](MakeNotesOp notes) { return checkOffset(notes, /*alignment=*/8); })
      .Case([&](AnyOp any) {
        return block.isPart ? any.emitOpError("is for all threads of a block, "
                                              "not for a role")
                            : success();
      })
      .Default(success());
}
