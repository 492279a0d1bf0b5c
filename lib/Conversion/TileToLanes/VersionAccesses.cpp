//===- VersionAccesses.cpp - Vectors of memory by one instruction ---------===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "attn/Conversion/Passes.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"
#include "mlir/Interfaces/ViewLikeInterface.h"

namespace attn {
#define GEN_PASS_DEF_VERSIONACCESSES
#include "attn/Conversion/Passes.h.inc"
} // namespace attn

using namespace mlir;
using namespace attn;

//===----------------------------------------------------------------------===//
// Which transfers may be aligned
//===----------------------------------------------------------------------===//

/// Whether a number is known to be a multiple of `factor`.
static bool isMultiple(OpFoldResult number, int64_t factor) {
  if (std::optional<int64_t> constant = getConstantIntValue(number))
    return *constant % factor == 0;
  Operation *op = cast<Value>(number).getDefiningOp();
  if (auto apply = dyn_cast_or_null<affine::AffineApplyOp>(op))
    return apply.getAffineMap().getResult(0).isMultipleOf(factor);
  if (isa_and_present<arith::MulIOp>(op))
    return isMultiple(op->getOperand(0), factor) ||
           isMultiple(op->getOperand(1), factor);
  if (isa_and_present<arith::AddIOp>(op))
    return isMultiple(op->getOperand(0), factor) &&
           isMultiple(op->getOperand(1), factor);
  return isa_and_present<arith::IndexCastOp>(op) &&
         isMultiple(op->getOperand(0), factor);
}

static bool isInnermostDense(MemRefType type) {
  SmallVector<int64_t> strides;
  int64_t offset;
  return type.getRank() > 0 &&
         succeeded(type.getStridesAndOffset(strides, offset)) &&
         strides.back() == 1;
}

namespace {
/// A vector that is read from, or written to, neighbours in memory.
struct Transfer {
  VectorTransferOpInterface op;
  /// What it is a part of, from outside of the launch, if it begins at a
  /// multiple of its length there.
  TypedValue<MemRefType> memory;

  int64_t getLength() { return op.getVectorType().getDimSize(0); }
  int64_t getBytes() {
    return getLength() * op.getVectorType().getElementTypeBitWidth() / 8;
  }
};
} // namespace

/// What `op` is part of, null if that is not known.
static TypedValue<MemRefType> findMemory(VectorTransferOpInterface op,
                                         gpu::LaunchOp launch) {
  int64_t length = op.getVectorType().getDimSize(0);
  if (!isMultiple(op.getIndices().back(), length))
    return {};
  auto memory = dyn_cast<TypedValue<MemRefType>>(op.getBase());
  while (memory && isInnermostDense(memory.getType())) {
    if (!launch->isAncestor(memory.getParentRegion()->getParentOp()))
      return memory;
    auto view = memory.getDefiningOp<memref::SubViewOp>();
    // All but the last dimension are strides, which are asked for.
    if (!view || !isMultiple(view.getMixedOffsets().back(), length))
      return {};
    memory = cast<TypedValue<MemRefType>>(view.getSource());
  }
  return {};
}

//===----------------------------------------------------------------------===//
// Versions
//===----------------------------------------------------------------------===//

/// Whether all memory of `transfers` is at multiples of what they move.
static Value isAligned(OpBuilder &b, Location loc,
                       ArrayRef<Transfer> transfers) {
  llvm::MapVector<Value, int64_t> needed;
  for (Transfer transfer : transfers)
    if (transfer.memory)
      needed[transfer.memory] =
          std::max(needed[transfer.memory], transfer.getBytes());
  Value all;
  Value zero = arith::ConstantIndexOp::create(b, loc, 0);
  for (auto [memory, bytes] : needed) {
    auto type = cast<MemRefType>(memory.getType());
    Value size = arith::ConstantIndexOp::create(
        b, loc, type.getElementTypeBitWidth() / 8);
    auto metadata = memref::ExtractStridedMetadataOp::create(b, loc, memory);
    Value bits = memref::ExtractAlignedPointerAsIndexOp::create(b, loc, memory);
    SmallVector<Value> numbers{metadata.getOffset()};
    llvm::append_range(numbers, metadata.getStrides().drop_back());
    for (Value number : numbers) {
      Value distance = b.createOrFold<arith::MulIOp>(loc, number, size);
      bits = b.createOrFold<arith::OrIOp>(loc, bits, distance);
    }
    Value mask = arith::ConstantIndexOp::create(b, loc, bytes - 1);
    Value rest = b.createOrFold<arith::AndIOp>(loc, bits, mask);
    Value holds = b.createOrFold<arith::CmpIOp>(loc, arith::CmpIPredicate::eq,
                                                rest, zero);
    all = all ? b.createOrFold<arith::AndIOp>(loc, all, holds) : holds;
  }
  return all;
}

/// Element by element.
static void scalarize(IRRewriter &rewriter, VectorTransferOpInterface op) {
  Location loc = op.getLoc();
  rewriter.setInsertionPoint(op);
  int64_t length = op.getVectorType().getDimSize(0);
  auto getIndices = [&](int64_t number) {
    SmallVector<Value> indices(op.getIndices());
    Value offset = arith::ConstantIndexOp::create(rewriter, loc, number);
    indices.back() =
        rewriter.createOrFold<arith::AddIOp>(loc, indices.back(), offset);
    return indices;
  };
  if (auto write = dyn_cast<vector::TransferWriteOp>(op.getOperation())) {
    for (int64_t i = 0; i < length; ++i) {
      Value element =
          vector::ExtractOp::create(rewriter, loc, write.getVector(), i);
      memref::StoreOp::create(rewriter, loc, element, op.getBase(),
                              getIndices(i));
    }
    return rewriter.eraseOp(op);
  }
  SmallVector<Value> elements;
  for (int64_t i = 0; i < length; ++i)
    elements.push_back(
        memref::LoadOp::create(rewriter, loc, op.getBase(), getIndices(i)));
  rewriter.replaceOpWithNewOp<vector::FromElementsOp>(op, op.getVectorType(),
                                                      elements);
}

/// By one instruction.
static void vectorize(IRRewriter &rewriter, Transfer transfer) {
  VectorTransferOpInterface op = transfer.op;
  rewriter.setInsertionPoint(op);
  llvm::MaybeAlign alignment(transfer.getBytes());
  if (auto write = dyn_cast<vector::TransferWriteOp>(op.getOperation()))
    rewriter.replaceOpWithNewOp<vector::StoreOp>(
        op, write.getVector(), op.getBase(), op.getIndices(),
        /*nontemporal=*/false, alignment);
  else
    rewriter.replaceOpWithNewOp<vector::LoadOp>(
        op, op.getVectorType(), op.getBase(), op.getIndices(),
        /*nontemporal=*/false, alignment);
}

/// Transfers of several neighbours.
static SmallVector<Transfer> collect(gpu::LaunchOp launch) {
  SmallVector<Transfer> transfers;
  launch->walk([&](VectorTransferOpInterface op) {
    if (op.getVectorType().getRank() == 1 && !op.getMask() &&
        !op.hasOutOfBoundsDim() && isa<MemRefType>(op.getShapedType()) &&
        op.getPermutationMap().isMinorIdentity())
      transfers.push_back({op, findMemory(op, launch)});
  });
  return transfers;
}

namespace {
struct VersionAccesses : attn::impl::VersionAccessesBase<VersionAccesses> {
  using VersionAccessesBase::VersionAccessesBase;

  void convert(IRRewriter &rewriter, gpu::LaunchOp launch) {
    SmallVector<Transfer> transfers = collect(launch);
    rewriter.setInsertionPoint(launch);
    Location loc = launch.getLoc();
    if (Value aligned = isAligned(rewriter, loc, transfers)) {
      auto choice =
          scf::IfOp::create(rewriter, loc, aligned, /*withElseRegion=*/true);
      rewriter.setInsertionPointToStart(choice.thenBlock());
      auto fast = cast<gpu::LaunchOp>(rewriter.clone(*launch));
      rewriter.moveOpBefore(launch, choice.elseBlock()->getTerminator());
      for (Transfer transfer : collect(fast))
        if (transfer.memory)
          vectorize(rewriter, transfer);
        else
          scalarize(rewriter, transfer.op);
      ++numVersions;
    }
    for (Transfer transfer : transfers)
      scalarize(rewriter, transfer.op);
  }

  void runOnOperation() override {
    SmallVector<gpu::LaunchOp> launches;
    getOperation()->walk(
        [&](gpu::LaunchOp launch) { launches.push_back(launch); });
    IRRewriter rewriter(&getContext());
    for (gpu::LaunchOp launch : launches)
      convert(rewriter, launch);
  }
};
} // namespace
