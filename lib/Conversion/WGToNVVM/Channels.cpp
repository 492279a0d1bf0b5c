//===- Channels.cpp - Roles of warps and what is between them -------------===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Of place i of a channel, the tile is at i * bytes of a tile, the barrier of
// its users behind all tiles, that of who fills it behind all of these. A
// barrier changes its phase when a tile is there (the copy engine counts bytes)
// or when each of the warps that use it has arrived. A wait names the phase
// that has to be over; of a new barrier, the phase before is.
//
//===----------------------------------------------------------------------===//

#include "InlinePTX.h"
#include "Patterns.h"
#include "Shared.h"
#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/Dialect/LLVMIR/NVVMDialect.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

using namespace mlir;
using namespace attn::wg;

namespace {

/// The place of a channel that a cursor is at.
class Place {
public:
  Place(ThreadBuilder &builder, ChannelType type, Value channel, Value cursor)
      : b(builder), type(type), channel(channel), cursor(cursor) {
    if (type.getSlots() > 1)
      number = arith::ShRUIOp::create(b, cursor, b.constant(b.getI32Type(), 1));
  }

  Value getTile(int64_t bytes = 0) {
    return getAddress(type.getTile().getBytes(), bytes);
  }
  Value getUsersBarrier() {
    return getAddress(ChannelType::kBarrierBytes, type.getTileBytes());
  }
  Value getFillersBarrier() {
    return getAddress(ChannelType::kBarrierBytes,
                      type.getTileBytes() +
                          type.getSlots() * ChannelType::kBarrierBytes);
  }
  /// Waits until it may be filled.
  void waitUntilFree() {
    waitForPhase(b, getFillersBarrier(),
                 b.exclusiveOr(getPhase(), b.constant(b.getI32Type(), 1)));
  }
  /// How often the places were gone through, modulo 2.
  Value getPhase() {
    return arith::AndIOp::create(b, cursor, b.constant(b.getI32Type(), 1));
  }

private:
  Value getAddress(int64_t stride, int64_t bytes) {
    Value offset =
        number ? b.mul(number, stride) : b.constant(b.getI32Type(), 0);
    return getSharedPointer(b, channel, offset, bytes);
  }

  ThreadBuilder &b;
  ChannelType type;
  Value channel, cursor, number;
};

/// One thread speaks for its warp, when all of them are here.
void arriveForWarp(ThreadBuilder &b, function_ref<Value()> getBarrier) {
  Type i32 = b.getI32Type();
  NVVM::SyncWarpOp::create(b, b.constant(i32, -1));
  Value isFirst = b.createOrFold<arith::CmpIOp>(arith::CmpIPredicate::eq,
                                                b.rem(b.getThread(i32), 32),
                                                b.constant(i32, 0));
  arriveIf(b, isFirst, getBarrier());
}

class MakeChannelPattern : public WGPattern<MakeChannelOp> {
public:
  using WGPattern::WGPattern;

  LogicalResult
  matchAndRewrite(MakeChannelOp op, OpAdaptor,
                  ConversionPatternRewriter &rewriter) const override {
    ThreadBuilder b(op.getLoc(), rewriter, block);
    ChannelType type = op.getType();
    Value base = getSharedAddress(b, op);
    Type i32 = b.getI32Type();
    b.writeIf(b.isFirstThread(), [&] {
      for (int64_t slot = 0; slot < type.getSlots(); ++slot) {
        Place place(b, type, base, b.constant(i32, 2 * slot));
        NVVM::MBarrierInitOp::create(b, place.getUsersBarrier(),
                                     b.constant(i32, op.getFills()), Value());
        NVVM::MBarrierInitOp::create(
            b, place.getFillersBarrier(),
            b.constant(i32, op.getReleases().value_or(
                                static_cast<uint32_t>(block.getWarps()))),
            Value());
      }
    });
    rewriter.replaceOp(op, base);
    return success();
  }
};

/// The named barrier on which a group waits for its turn: of its own threads
/// and those of the group before it.
Value getTurnBarrier(ThreadBuilder &b, bool isNext) {
  // 0 is that of all threads, 1 that of the consumers.
  constexpr int64_t kFirst = 2;
  Value group = b.getWarpgroup();
  if (isNext) {
    Type i32 = b.getI32Type();
    Value next = b.add(group, 1);
    Value isLast = b.createOrFold<arith::CmpIOp>(
        arith::CmpIPredicate::eq, next,
        b.constant(i32, b.getBlock().getWarps() / 4));
    group = arith::SelectOp::create(b, isLast, b.constant(i32, 0), next);
  }
  return b.add(group, kFirst);
}

/// Threads of two groups.
constexpr int64_t kTurnThreads = 256;

void passTurn(ThreadBuilder &b, Value barrier) {
  NVVM::BarrierArriveOp::create(b, barrier,
                                b.constant(b.getI32Type(), kTurnThreads));
}

/// Gives up or takes registers, unless threads have what they can have.
void setRegisters(ThreadBuilder &b, int64_t count,
                  NVVM::SetMaxRegisterAction action) {
  constexpr int64_t kMost = 256;
  if (count < kMost)
    NVVM::SetMaxRegisterOp::create(b, count, action);
}

/// Registers of a thread that a kernel begins with, if a block has all of a
/// multiprocessor.
int64_t getFirstRegisters(RolesOp op) {
  constexpr int64_t kRegisters = 65536, kPortion = 8;
  int64_t threads =
      32 * (op.getProducers() + op.getHelpers() + op.getConsumers());
  return kRegisters / threads / kPortion * kPortion;
}

/// The number of a producer warp, behind those of the consumers.
Value getCopier(ThreadBuilder &b, const BlockShape &block) {
  Value thread = b.getThread(b.getI32Type());
  return b.div(b.add(thread, -block.getThreads()), 32);
}

/// Whether this one of the producers copies: the first of each of some warps.
Value isCopier(ThreadBuilder &b, const BlockShape &block, int64_t copiers) {
  Type i32 = b.getI32Type();
  Value thread = b.getThread(i32);
  auto equals = [&](Value x, int64_t y) -> Value {
    return b.createOrFold<arith::CmpIOp>(arith::CmpIPredicate::eq, x,
                                         b.constant(i32, y));
  };
  if (copiers == 1)
    return equals(thread, block.getThreads());
  return b.both(equals(b.rem(thread, 32), 0),
                b.less(getCopier(b, block), b.constant(i32, copiers)));
}

class RolesPattern : public WGPattern<RolesOp> {
public:
  using WGPattern::WGPattern;

  LogicalResult
  matchAndRewrite(RolesOp op, OpAdaptor,
                  ConversionPatternRewriter &rewriter) const override {
    ThreadBuilder b(op.getLoc(), rewriter, block);
    Type i32 = b.getI32Type();
    // Everybody sees the barriers.
    NVVM::FenceMbarrierInitOp::create(b);
    gpu::BarrierOp::create(b);
    Value isConsumer =
        b.less(b.getWarpgroup(), b.constant(i32, op.getConsumers() / 4));
    auto branch = scf::IfOp::create(b, isConsumer, /*withElseRegion=*/true);

    b.setInsertionPointToStart(branch.thenBlock());
    setRegisters(b, op.getConsumerRegisters(),
                 NVVM::SetMaxRegisterAction::increase);
    bool takesTurns =
        op.getConsume()
            .walk([](TakeTurnOp) { return WalkResult::interrupt(); })
            .wasInterrupted();
    if (takesTurns && block.getWarps() > 4) {
      // The first group has the first turn.
      Value isFirst = b.less(b.getWarpgroup(), b.constant(i32, 1));
      b.writeIf(isFirst,
                [&] { passTurn(b, getTurnBarrier(b, /*isNext=*/false)); });
    }
    rewriter.inlineBlockBefore(&op.getConsume().front(),
                               branch.thenBlock()->getTerminator());

    b.setInsertionPointToStart(branch.elseBlock());
    if (!op.getHelp().empty()) {
      Value isHelper = b.less(
          b.constant(i32, (op.getConsumers() + op.getProducers()) / 4 - 1),
          b.getWarpgroup());
      auto others = scf::IfOp::create(b, isHelper, /*withElseRegion=*/true);
      b.setInsertionPointToStart(others.thenBlock());
      bool takes = op.getHelperRegisters() > getFirstRegisters(op);
      setRegisters(b, op.getHelperRegisters(),
                   takes ? NVVM::SetMaxRegisterAction::increase
                         : NVVM::SetMaxRegisterAction::decrease);
      rewriter.inlineBlockBefore(&op.getHelp().front(),
                                 others.thenBlock()->getTerminator());
      b.setInsertionPointToStart(others.elseBlock());
    }
    setRegisters(b, op.getProducerRegisters(),
                 NVVM::SetMaxRegisterAction::decrease);
    Value isProducer = isCopier(b, block, op.getCopiers());
    auto producer = scf::IfOp::create(b, isProducer, /*withElseRegion=*/false);
    rewriter.inlineBlockBefore(&op.getProduce().front(),
                               producer.thenBlock()->getTerminator());
    rewriter.eraseOp(op);
    return success();
  }
};

class CopierPattern : public WGPattern<CopierOp> {
public:
  using WGPattern::WGPattern;

  LogicalResult
  matchAndRewrite(CopierOp op, OpAdaptor,
                  ConversionPatternRewriter &rewriter) const override {
    ThreadBuilder b(op.getLoc(), rewriter, block);
    rewriter.replaceOp(op, getCopier(b, block));
    return success();
  }
};

class BarrierPattern : public WGPattern<BarrierOp> {
public:
  using WGPattern::WGPattern;

  LogicalResult
  matchAndRewrite(BarrierOp op, OpAdaptor,
                  ConversionPatternRewriter &rewriter) const override {
    ThreadBuilder b(op.getLoc(), rewriter, block);
    b.barrier();
    rewriter.eraseOp(op);
    return success();
  }
};

class TakeTurnPattern : public WGPattern<TakeTurnOp> {
public:
  using WGPattern::WGPattern;

  LogicalResult
  matchAndRewrite(TakeTurnOp op, OpAdaptor,
                  ConversionPatternRewriter &rewriter) const override {
    ThreadBuilder b(op.getLoc(), rewriter, block);
    if (block.getWarps() > 4)
      NVVM::BarrierOp::create(b, Type(), getTurnBarrier(b, /*isNext=*/false),
                              b.constant(b.getI32Type(), kTurnThreads),
                              NVVM::BarrierReductionAttr(), Value());
    rewriter.eraseOp(op);
    return success();
  }
};

class PassTurnPattern : public WGPattern<PassTurnOp> {
public:
  using WGPattern::WGPattern;

  LogicalResult
  matchAndRewrite(PassTurnOp op, OpAdaptor,
                  ConversionPatternRewriter &rewriter) const override {
    ThreadBuilder b(op.getLoc(), rewriter, block);
    if (block.getWarps() > 4)
      passTurn(b, getTurnBarrier(b, /*isNext=*/true));
    rewriter.eraseOp(op);
    return success();
  }
};

class AgainPattern : public WGPattern<AgainOp> {
public:
  using WGPattern::WGPattern;

  LogicalResult
  matchAndRewrite(AgainOp op, OpAdaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    ThreadBuilder b(op.getLoc(), rewriter, block);
    Type type = op.getResult().getType();
    Type hidden = type.isIndex() ? b.getI64Type() : type;
    Value value = hideValue(b, b.castIndex(hidden, adaptor.getValue()));
    rewriter.replaceOp(op, b.castIndex(type, value));
    return success();
  }
};

class AdvancePattern : public WGPattern<AdvanceOp> {
public:
  using WGPattern::WGPattern;

  LogicalResult
  matchAndRewrite(AdvanceOp op, OpAdaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    ThreadBuilder b(op.getLoc(), rewriter, block);
    Type i32 = b.getI32Type();
    int64_t slots = op.getChannel().getType().getSlots();
    Value cursor = adaptor.getCursor();
    // Past the last place, the first one with the other phase.
    Value next = b.add(cursor, 2);
    Value first =
        b.exclusiveOr(arith::AndIOp::create(b, cursor, b.constant(i32, 1)),
                      b.constant(i32, 1));
    rewriter.replaceOpWithNewOp<arith::SelectOp>(
        op, b.less(next, b.constant(i32, 2 * slots)), next, first);
    return success();
  }
};

class AcquirePattern : public WGPattern<AcquireOp> {
public:
  using WGPattern::WGPattern;

  LogicalResult
  matchAndRewrite(AcquireOp op, OpAdaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    ThreadBuilder b(op.getLoc(), rewriter, block);
    Place place(b, op.getChannel().getType(), adaptor.getChannel(),
                adaptor.getCursor());
    place.waitUntilFree();
    rewriter.eraseOp(op);
    return success();
  }
};

class CopyBulkPattern : public WGPattern<CopyBulkOp> {
public:
  using WGPattern::WGPattern;

  LogicalResult
  matchAndRewrite(CopyBulkOp op, OpAdaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    ThreadBuilder b(op.getLoc(), rewriter, block);
    ChannelType type = op.getChannel().getType();
    SharedType tile = type.getTile();
    Place place(b, type, adaptor.getChannel(), adaptor.getCursor());
    Value barrier = place.getUsersBarrier();
    NVVM::MBarrierArriveExpectTxOp::create(
        b, Type(), barrier, b.constant(b.getI32Type(), tile.getBytes()),
        NVVM::MemScopeKind::CTA, /*relaxed=*/false, Value());
    // The engine counts dimensions from the innermost, in i32, and swizzles
    // one column block at a time.
    SmallVector<Value> coordinates;
    for (Value coordinate : llvm::reverse(adaptor.getCoordinates()))
      coordinates.push_back(b.castIndex(b.getI32Type(), coordinate));
    Value firstCol = coordinates.front();
    int64_t swizzle = tile.isVector() ? tile.getRowBytes() : tile.getSwizzle();
    for (int64_t i = 0, e = tile.getRowBytes() / swizzle; i < e; ++i) {
      coordinates.front() =
          b.add(firstCol, i * swizzle / tile.getElementBytes());
      NVVM::CpAsyncBulkTensorGlobalToSharedClusterOp::create(
          b, place.getTile(i * swizzle * tile.getNumRows()),
          adaptor.getDescriptor(), coordinates, barrier,
          /*im2colOffsets=*/ValueRange(), /*multicastMask=*/Value(),
          /*l2CacheHint=*/Value(), NVVM::TMALoadMode::TILE,
          /*isCTAOnly=*/true, NVVM::CTAGroupKindAttr(), /*predicate=*/Value());
    }
    rewriter.eraseOp(op);
    return success();
  }
};

/// Each warp speaks for what it stored, when all of its threads have.
class SendPattern : public WGPattern<SendOp> {
public:
  using WGPattern::WGPattern;

  LogicalResult
  matchAndRewrite(SendOp op, OpAdaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    ThreadBuilder b(op.getLoc(), rewriter, block);
    b.renewThread();
    ChannelType type = op.getChannel().getType();
    Place place(b, type, adaptor.getChannel(), adaptor.getCursor());
    place.waitUntilFree();
    storeTile(b, type.getTile(), op.getTile().getType(), place.getTile(),
              b.unpack(adaptor.getTile()));
    // Vectors are read by threads alone.
    if (!type.getTile().isVector())
      fenceForTensorCores(b);
    arriveForWarp(b, [&] { return place.getUsersBarrier(); });
    rewriter.eraseOp(op);
    return success();
  }
};

class ReceivePattern : public WGPattern<ReceiveOp> {
public:
  using WGPattern::WGPattern;

  LogicalResult
  matchAndRewrite(ReceiveOp op, OpAdaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    ThreadBuilder b(op.getLoc(), rewriter, block);
    Place place(b, op.getChannel().getType(), adaptor.getChannel(),
                adaptor.getCursor());
    waitForPhase(b, place.getUsersBarrier(), place.getPhase());
    rewriter.replaceOp(op, place.getTile());
    return success();
  }
};

class ReleasePattern : public WGPattern<ReleaseOp> {
public:
  using WGPattern::WGPattern;

  LogicalResult
  matchAndRewrite(ReleaseOp op, OpAdaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    ThreadBuilder b(op.getLoc(), rewriter, block);
    Place place(b, op.getChannel().getType(), adaptor.getChannel(),
                adaptor.getCursor());
    arriveForWarp(b, [&] { return place.getFillersBarrier(); });
    rewriter.eraseOp(op);
    return success();
  }
};

} // namespace

void attn::wg::populateChannelPatterns(const TypeConverter &converter,
                                       RewritePatternSet &patterns,
                                       const BlockShape &block) {
  patterns.add<AcquirePattern, AdvancePattern, AgainPattern, BarrierPattern,
               CopierPattern, CopyBulkPattern, MakeChannelPattern,
               PassTurnPattern, ReceivePattern, ReleasePattern, RolesPattern,
               SendPattern, TakeTurnPattern>(converter, patterns.getContext(),
                                             block);
}
