//===- PersistentBlocks.cpp - Blocks that stay ----------------------------===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "PersistentBlocks.h"
#include "DeferBranches.h"
#include "attn/Dialect/WG/IR/WG.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

using namespace mlir;
using namespace attn::wg;

namespace {

/// Arithmetic in i32, which the numbers of blocks are.
class NumberBuilder {
public:
  NumberBuilder(OpBuilder &builder, Location loc) : b(builder), loc(loc) {}

  Value constant(int64_t value) {
    return arith::ConstantIntOp::create(b, loc, b.getI32Type(), value);
  }
  Value narrow(Value index) {
    return arith::IndexCastOp::create(b, loc, b.getI32Type(), index);
  }
  template <typename Op>
  Value emit(Value x, Value y) {
    return Op::create(b, loc, x, y);
  }
  Value compare(arith::CmpIPredicate predicate, Value x, Value y) {
    return arith::CmpIOp::create(b, loc, predicate, x, y);
  }
  Value select(Value condition, Value x, Value y) {
    return arith::SelectOp::create(b, loc, condition, x, y);
  }
  Value extend(Value bit) {
    return arith::ExtUIOp::create(b, loc, b.getI32Type(), bit);
  }

private:
  OpBuilder &b;
  Location loc;
};

/// How blocks share pieces of work. What is the same for all blocks the host
/// computes.
class Shares {
public:
  virtual ~Shares() = default;
  /// How many block `me` gets.
  virtual Value getNumber(NumberBuilder &b, Value me) const = 0;
  virtual Value getPiece(NumberBuilder &b, Value me, Value round) const = 0;
};

/// Block i gets i, i + n, i + 2 n and so on.
class PlainShares : public Shares {
public:
  PlainShares(NumberBuilder &host, Value blocks, Value pieces)
      : blocks(blocks), full(host.emit<arith::DivUIOp>(pieces, blocks)),
        rest(host.emit<arith::RemUIOp>(pieces, blocks)) {}

  Value getNumber(NumberBuilder &b, Value me) const override {
    Value isMore = b.compare(arith::CmpIPredicate::ult, me, rest);
    return b.emit<arith::AddIOp>(full, b.extend(isMore));
  }
  Value getPiece(NumberBuilder &b, Value me, Value round) const override {
    return b.emit<arith::AddIOp>(b.emit<arith::MulIOp>(round, blocks), me);
  }

private:
  Value blocks, full, rest;
};

/// The same for pairs of a piece and the one as far from the end, whose times
/// add up to the same if they grow or fall steadily. If there is no more than
/// one piece for a block, pairs would leave blocks without any.
class PairedShares : public Shares {
public:
  PairedShares(NumberBuilder &host, Value blocks, Value pieces)
      : blocks(blocks) {
    Value one = host.constant(1), two = host.constant(2);
    Value half = host.emit<arith::DivUIOp>(pieces, two);
    Value next = host.emit<arith::RemUIOp>(half, blocks);
    isPaired = host.compare(arith::CmpIPredicate::ugt, pieces, blocks);
    least = host.select(
        isPaired,
        host.emit<arith::MulIOp>(host.emit<arith::DivUIOp>(half, blocks), two),
        one);
    withMore = host.select(isPaired, next, host.constant(0));
    // The one in the middle has no other; its turn comes after all pairs.
    Value hasMiddle = host.emit<arith::AndIOp>(
        isPaired,
        host.compare(arith::CmpIPredicate::ne,
                     host.emit<arith::AndIOp>(pieces, one), host.constant(0)));
    withMiddle = host.select(hasMiddle, next, blocks);
    last = host.emit<arith::SubIOp>(pieces, one);
  }
  Value getNumber(NumberBuilder &b, Value me) const override {
    Value isMore = b.compare(arith::CmpIPredicate::ult, me, withMore);
    Value isMiddle = b.compare(arith::CmpIPredicate::eq, me, withMiddle);
    Value more = b.select(isMore, b.constant(2), b.extend(isMiddle));
    return b.emit<arith::AddIOp>(least, more);
  }
  Value getPiece(NumberBuilder &b, Value me, Value round) const override {
    Value one = b.constant(1);
    Value pair = b.emit<arith::AddIOp>(
        b.emit<arith::MulIOp>(b.emit<arith::ShRUIOp>(round, one), blocks), me);
    Value other = b.emit<arith::SubIOp>(last, pair);
    Value isOther = b.compare(arith::CmpIPredicate::ne,
                              b.emit<arith::AndIOp>(round, one), b.constant(0));
    return b.select(isOther, other, pair);
  }

private:
  Value blocks, isPaired, least, withMore, withMiddle, last;
};

} // namespace

void attn::wg::makeBlocksPersistent(RewriterBase &rewriter,
                                    gpu::LaunchOp launch, int64_t resident,
                                    bool inPairs) {
  Location loc = launch.getLoc();
  Value count = launch.getGridSizeX();
  rewriter.setInsertionPoint(launch);
  Value most = MultiprocessorsOp::create(rewriter, loc);
  most = rewriter.createOrFold<arith::MulIOp>(
      loc, most, arith::ConstantIndexOp::create(rewriter, loc, resident));
  Value grid = arith::MinSIOp::create(rewriter, loc, count, most);
  launch.getGridSizeXMutable().assign(grid);
  // Arguments of a kernel need no registers. Without work there are no blocks.
  NumberBuilder b(rewriter, loc);
  Value pieces = b.narrow(count);
  Value blocks = b.emit<arith::MaxUIOp>(b.narrow(grid), b.constant(1));
  std::unique_ptr<Shares> shares;
  if (inPairs)
    shares = std::make_unique<PairedShares>(b, blocks, pieces);
  else
    shares = std::make_unique<PlainShares>(b, blocks, pieces);

  Block &body = launch.getBody().front();
  Value block = launch.getBlockIds().x;
  launch.getGridSize().x.replaceAllUsesWith(count);
  rewriter.setInsertionPointToStart(&body);
  Value me = b.narrow(block);
  Value number = shares->getNumber(b, me);
  auto loop =
      scf::ForOp::create(rewriter, loc, b.constant(0), number, b.constant(1));
  rewriter.setInsertionPointToStart(loop.getBody());
  Value piece = shares->getPiece(b, me, loop.getInductionVar());
  piece =
      arith::IndexCastOp::create(rewriter, loc, rewriter.getIndexType(), piece);
  block.replaceUsesWithIf(piece, [&](OpOperand &use) {
    return use.getOwner()->getBlock() != &body ||
           loop->isBeforeInBlock(use.getOwner());
  });
  loop.getBody()->getOperations().splice(
      std::next(piece.getDefiningOp()->getIterator()), body.getOperations(),
      std::next(loop->getIterator()), std::prev(body.end()));
  deferBranches(rewriter, loop);
}
