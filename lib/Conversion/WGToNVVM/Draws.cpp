//===- Draws.cpp - Pieces of work that blocks draw ------------------------===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A counter is two words in device memory: how many numbers were drawn, and how
// many blocks draw no more. In shared memory a place has one more than the
// number that was drawn for it, so that 0 is none.
//
//===----------------------------------------------------------------------===//

#include "Patterns.h"
#include "Shared.h"
#include "mlir/Dialect/LLVMIR/NVVMDialect.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

using namespace mlir;
using namespace attn::wg;

namespace {

/// What is in shared memory of some draws.
class Places {
public:
  Places(ThreadBuilder &builder, DrawsType type, Value draws)
      : b(builder), type(type), draws(draws) {}

  Value getBarrier(Value slot) {
    return getSharedPointer(b, draws, b.mul(slot, 8));
  }
  /// The number of the place that is `before` places before.
  Value getNumber(Value slot, int64_t before = 0) {
    return getSharedPointer(b, draws, b.mul(slot, 4),
                            type.getBarrierBytes() - 4 * before);
  }

private:
  ThreadBuilder &b;
  DrawsType type;
  Value draws;
};

Value load(ThreadBuilder &b, Value pointer) {
  return LLVM::LoadOp::create(b, b.getI32Type(), pointer, /*alignment=*/4,
                              /*isVolatile=*/true);
}

class MakeDrawsPattern : public WGPattern<MakeDrawsOp> {
public:
  using WGPattern::WGPattern;

  LogicalResult
  matchAndRewrite(MakeDrawsOp op, OpAdaptor,
                  ConversionPatternRewriter &rewriter) const override {
    ThreadBuilder b(op.getLoc(), rewriter, block);
    Type i32 = b.getI32Type();
    Value base = getSharedAddress(b, op);
    b.writeIf(b.isFirstThread(), [&] {
      Places places(b, op.getType(), base);
      for (int64_t slot = 0; slot < op.getType().getSlots(); ++slot)
        NVVM::MBarrierInitOp::create(b,
                                     places.getBarrier(b.constant(i32, slot)),
                                     b.constant(i32, 1), Value());
    });
    rewriter.replaceOp(op, base);
    return success();
  }
};

class DrawPattern : public WGPattern<DrawOp> {
public:
  using WGPattern::WGPattern;

  LogicalResult
  matchAndRewrite(DrawOp op, OpAdaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    ThreadBuilder b(op.getLoc(), rewriter, block);
    Type i32 = b.getI32Type();
    Value slot = adaptor.getSlot(), zero = b.constant(i32, 0);
    Places places(b, op.getDraws().getType(), adaptor.getDraws());
    auto isPositive = [&](Value value) { return b.less(zero, value); };
    b.writeIf(b.less(b.constant(i32, -1), slot), [&] {
      // After one that is not there, none is.
      Value before = b.readIf(isPositive(slot), i32, [&] {
        return SmallVector<Value>{load(b, places.getNumber(slot, 1))};
      })[0];
      Value mayBe = b.createOrFold<arith::OrIOp>(
          isPositive(before),
          b.createOrFold<arith::CmpIOp>(arith::CmpIPredicate::eq, slot, zero));
      Value number = b.readIf(mayBe, i32, [&] {
        Value drawn = LLVM::AtomicRMWOp::create(
            b, LLVM::AtomicBinOp::add, adaptor.getCounter(), b.constant(i32, 1),
            LLVM::AtomicOrdering::monotonic);
        return SmallVector<Value>{arith::SelectOp::create(
            b, b.less(drawn, adaptor.getCount()), b.add(drawn, 1), zero)};
      })[0];
      LLVM::StoreOp::create(b, number, places.getNumber(slot), 4);
      NVVM::MBarrierArriveOp::create(b, b.getI64Type(),
                                     places.getBarrier(slot));
    });
    rewriter.eraseOp(op);
    return success();
  }
};

class DrawnPattern : public WGPattern<DrawnOp> {
public:
  using WGPattern::WGPattern;

  LogicalResult
  matchAndRewrite(DrawnOp op, OpAdaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    ThreadBuilder b(op.getLoc(), rewriter, block);
    Type i32 = b.getI32Type();
    Value slot = adaptor.getSlot();
    Places places(b, op.getDraws().getType(), adaptor.getDraws());
    Value number = b.readIf(b.less(b.constant(i32, -1), slot), i32, [&] {
      // A barrier is used once, so that it is its first phase.
      waitForPhase(b, places.getBarrier(slot), b.constant(i32, 0));
      return SmallVector<Value>{load(b, places.getNumber(slot))};
    })[0];
    rewriter.replaceOp(op, b.add(number, -1));
    return success();
  }
};

class EndDrawsPattern : public WGPattern<EndDrawsOp> {
public:
  using WGPattern::WGPattern;

  LogicalResult
  matchAndRewrite(EndDrawsOp op, OpAdaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    ThreadBuilder b(op.getLoc(), rewriter, block);
    Type i32 = b.getI32Type();
    Value counter = adaptor.getCounter();
    Value ended = LLVM::GEPOp::create(b, counter.getType(), i32, counter,
                                      ArrayRef<LLVM::GEPArg>{1});
    Value last = b.add(adaptor.getBlocks(), -1);
    // It becomes 0 again behind the last one.
    Value before =
        LLVM::AtomicRMWOp::create(b, LLVM::AtomicBinOp::uinc_wrap, ended, last,
                                  LLVM::AtomicOrdering::acq_rel);
    b.writeIf(
        b.createOrFold<arith::CmpIOp>(arith::CmpIPredicate::eq, before, last),
        [&] { LLVM::StoreOp::create(b, b.constant(i32, 0), counter, 4); });
    rewriter.eraseOp(op);
    return success();
  }
};

} // namespace

void attn::wg::populateDrawPatterns(const TypeConverter &converter,
                                    RewritePatternSet &patterns,
                                    const BlockShape &block) {
  patterns.add<DrawnPattern, DrawPattern, EndDrawsPattern, MakeDrawsPattern>(
      converter, patterns.getContext(), block);
}
