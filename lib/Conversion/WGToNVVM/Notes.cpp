//===- Notes.cpp - What is wrong with a vector, said to others ------------===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "Patterns.h"
#include "Shared.h"
#include "mlir/Dialect/LLVMIR/NVVMDialect.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

using namespace mlir;
using namespace attn::wg;

/// Whether any element of the thread's is not zero.
static Value emitAny(ThreadBuilder &b, Value tile) {
  Value result;
  for (Value element : b.unpack(tile)) {
    Value isSome = b.createOrFold<arith::CmpFOp>(
        arith::CmpFPredicate::UNE, element, b.zero(element.getType()));
    result = result ? b.createOrFold<arith::OrIOp>(result, isSome) : isSome;
  }
  return result;
}

namespace {

class AnyPattern : public WGPattern<AnyOp> {
public:
  using WGPattern::WGPattern;

  LogicalResult
  matchAndRewrite(AnyOp op, OpAdaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    ThreadBuilder b(op.getLoc(), rewriter, block);
    Type i32 = b.getI32Type();
    Value mine = arith::ExtUIOp::create(b, i32, emitAny(b, adaptor.getTile()));
    // Only the barrier of all threads reduces (see checkSupported).
    Value all =
        NVVM::BarrierOp::create(b, i32, Value(), Value(),
                                NVVM::BarrierReductionAttr::get(
                                    b.getContext(), NVVM::BarrierReduction::OR),
                                mine)
            .getRes();
    rewriter.replaceOpWithNewOp<arith::CmpIOp>(op, arith::CmpIPredicate::ne,
                                               all, b.constant(i32, 0));
    return success();
  }
};

Value getNotesBarrier(ThreadBuilder &b, Value notes, NotesType type) {
  return getSharedPointer(b, notes, b.constant(b.getI32Type(), 0),
                          type.getBitBytes());
}

class MakeNotesPattern : public WGPattern<MakeNotesOp> {
public:
  using WGPattern::WGPattern;

  LogicalResult
  matchAndRewrite(MakeNotesOp op, OpAdaptor,
                  ConversionPatternRewriter &rewriter) const override {
    ThreadBuilder b(op.getLoc(), rewriter, block);
    Type i32 = b.getI32Type();
    Value base = getSharedAddress(b, op), zero = b.constant(i32, 0);
    b.writeIf(b.isFirstThread(), [&] {
      for (int64_t at = 0; at < op.getType().getBitBytes(); at += 4)
        LLVM::StoreOp::create(b, zero, getSharedPointer(b, base, zero, at), 4);
      NVVM::MBarrierInitOp::create(b, getNotesBarrier(b, base, op.getType()),
                                   b.constant(i32, block.getThreads()),
                                   Value());
    });
    rewriter.replaceOp(op, base);
    return success();
  }
};

/// The word that has a number's bit, and that bit.
std::pair<Value, Value> getBit(ThreadBuilder &b, Value notes, NotesType type,
                               Value number) {
  Type i32 = b.getI32Type();
  Value word = b.div(b.rem(number, type.getBits()), 32);
  Value bit = arith::ShLIOp::create(b, b.constant(i32, 1), b.rem(number, 32));
  return {getSharedPointer(b, notes, b.mul(word, 4)), bit};
}

class NotePattern : public WGPattern<NoteOp> {
public:
  using WGPattern::WGPattern;

  LogicalResult
  matchAndRewrite(NoteOp op, OpAdaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    ThreadBuilder b(op.getLoc(), rewriter, block);
    b.writeIf(emitAny(b, adaptor.getTile()), [&] {
      auto [word, bit] = getBit(b, adaptor.getNotes(), op.getNotes().getType(),
                                adaptor.getNumber());
      LLVM::AtomicRMWOp::create(b, LLVM::AtomicBinOp::_or, word, bit,
                                LLVM::AtomicOrdering::monotonic);
    });
    rewriter.eraseOp(op);
    return success();
  }
};

/// A barrier of notes is used once, so that it is its first phase.
void awaitNotes(ThreadBuilder &b, Value barrier) {
  waitForPhase(b, barrier, b.constant(b.getI32Type(), 0));
}

class ShareNotesPattern : public WGPattern<ShareNotesOp> {
public:
  using WGPattern::WGPattern;

  LogicalResult
  matchAndRewrite(ShareNotesOp op, OpAdaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    ThreadBuilder b(op.getLoc(), rewriter, block);
    Value barrier =
        getNotesBarrier(b, adaptor.getNotes(), op.getNotes().getType());
    NVVM::MBarrierArriveOp::create(b, b.getI64Type(), barrier);
    awaitNotes(b, barrier);
    rewriter.eraseOp(op);
    return success();
  }
};

class AwaitNotesPattern : public WGPattern<AwaitNotesOp> {
public:
  using WGPattern::WGPattern;

  LogicalResult
  matchAndRewrite(AwaitNotesOp op, OpAdaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    ThreadBuilder b(op.getLoc(), rewriter, block);
    awaitNotes(b,
               getNotesBarrier(b, adaptor.getNotes(), op.getNotes().getType()));
    rewriter.eraseOp(op);
    return success();
  }
};

class NotedPattern : public WGPattern<NotedOp> {
public:
  using WGPattern::WGPattern;

  LogicalResult
  matchAndRewrite(NotedOp op, OpAdaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    ThreadBuilder b(op.getLoc(), rewriter, block);
    Type i32 = b.getI32Type();
    auto [word, bit] = getBit(b, adaptor.getNotes(), op.getNotes().getType(),
                              adaptor.getNumber());
    // Others have written it.
    Value bits = LLVM::LoadOp::create(b, i32, word, /*alignment=*/4,
                                      /*isVolatile=*/true);
    Value found = arith::AndIOp::create(b, bits, bit);
    rewriter.replaceOpWithNewOp<arith::CmpIOp>(op, arith::CmpIPredicate::ne,
                                               found, b.constant(i32, 0));
    return success();
  }
};

} // namespace

void attn::wg::populateNotePatterns(const TypeConverter &converter,
                                    RewritePatternSet &patterns,
                                    const BlockShape &block) {
  patterns.add<AnyPattern, AwaitNotesPattern, MakeNotesPattern, NotedPattern,
               NotePattern, ShareNotesPattern>(converter, patterns.getContext(),
                                               block);
}
