//===- PersistentBlocks.cpp - Blocks that stay ----------------------------===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "PersistentBlocks.h"
#include "DeferBranches.h"
#include "attn/Dialect/WG/IR/WG.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
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

/// Pieces whose times repeat with a period, within which they fall: those of
/// the first periods are shared as pairs, those of the last ones drawn, the
/// longest first. So blocks that are faster than others, or had a pair less, do
/// more of the last ones.
class DrawnShares {
public:
  /// Numbers that a block draws, at most: twice as many as it draws if all draw
  /// equally many.
  static constexpr int64_t kPlaces = 8;

  DrawnShares(NumberBuilder &host, Value blocks, Value pieces, Value period)
      : period(period) {
    Value zero = host.constant(0), one = host.constant(1);
    Value some = host.emit<arith::MulIOp>(blocks, host.constant(2));
    periods = host.emit<arith::AddIOp>(
        host.emit<arith::DivUIOp>(host.emit<arith::SubIOp>(some, one), period),
        one);
    // Where little else is there, all are drawn; where a period is that long,
    // none: its pieces are so many that they take the same time together.
    Value last = host.emit<arith::MulIOp>(periods, period);
    Value isAll = host.compare(arith::CmpIPredicate::ult, pieces,
                               host.emit<arith::AddIOp>(last, some));
    drawn = host.select(isAll, pieces, last);
    periods =
        host.select(isAll, host.emit<arith::DivUIOp>(pieces, period), periods);
    Value isMany = host.compare(
        arith::CmpIPredicate::ugt, drawn,
        host.emit<arith::MulIOp>(blocks, host.constant(kPlaces / 2)));
    drawn = host.select(isMany, zero, drawn);
    places = host.select(isMany, zero, host.constant(kPlaces));
    shared = host.emit<arith::SubIOp>(pieces, drawn);
    hasShared = host.compare(arith::CmpIPredicate::ne, shared, zero);
    pairs = std::make_unique<PairedShares>(host, blocks, shared);
  }

  /// Of the rounds of block `me`, those in which it does not draw.
  Value getNumber(NumberBuilder &b, Value me) const {
    return b.select(hasShared, pairs->getNumber(b, me), b.constant(0));
  }
  Value getPlaces() const { return places; }
  Value getDrawn() const { return drawn; }
  Value getPiece(NumberBuilder &b, Value me, Value round) const {
    return pairs->getPiece(b, me, round);
  }
  /// The piece of a number that was drawn.
  Value getPiece(NumberBuilder &b, Value number) const {
    Value first = b.emit<arith::AddIOp>(
        shared,
        b.emit<arith::MulIOp>(b.emit<arith::RemUIOp>(number, periods), period));
    return b.emit<arith::AddIOp>(first,
                                 b.emit<arith::DivUIOp>(number, periods));
  }

private:
  Value period, periods, drawn, places, shared, hasShared;
  std::unique_ptr<PairedShares> pairs;
};

/// The pieces after which their times repeat, where they have several
/// dimensions: the extent of the last one. Computed in front of the launch.
Value getPeriod(RewriterBase &rewriter, gpu::LaunchOp launch) {
  SmallVector<Value> numbers = {launch.getBlockIds().x};
  for (size_t i = 0; i < numbers.size(); ++i)
    for (Operation *user : numbers[i].getUsers()) {
      if (isa<arith::IndexCastOp, arith::SubIOp>(user))
        numbers.push_back(user->getResult(0));
      auto rest = dyn_cast<arith::RemUIOp>(user);
      if (!rest || rest.getLhs() != numbers[i])
        continue;
      auto cast = rest.getRhs().getDefiningOp<arith::IndexCastOp>();
      Value extent = cast ? cast.getIn() : rest.getRhs();
      if (launch->isAncestor(extent.getParentRegion()->getParentOp()))
        return {};
      return extent.getType().isIndex()
                 ? arith::IndexCastOp::create(rewriter, launch.getLoc(),
                                              rewriter.getI32Type(), extent)
                       .getResult()
                 : extent;
    }
  return {};
}

/// The loop over the pieces of a block, which its body is moved to.
class WorkLoop {
public:
  WorkLoop(RewriterBase &rewriter, gpu::LaunchOp launch)
      : rewriter(rewriter), launch(launch), loc(launch.getLoc()),
        b(rewriter, loc), block(launch.getBlockIds().x) {}

  void build(const Shares &shares);
  void build(const DrawnShares &shares, Value blocks);

private:
  scf::ForOp start(Value number) {
    auto loop =
        scf::ForOp::create(rewriter, loc, b.constant(0), number, b.constant(1));
    rewriter.setInsertionPointToStart(loop.getBody());
    return loop;
  }
  void fill(scf::ForOp loop, Block *work, Value piece);

  RewriterBase &rewriter;
  gpu::LaunchOp launch;
  Location loc;
  NumberBuilder b;
  Value block;
};

} // namespace

/// Moves what the kernel does with its number to `work`, behind `piece`, which
/// takes the place of that number.
void WorkLoop::fill(scf::ForOp loop, Block *work, Value piece) {
  Block &body = launch.getBody().front();
  piece =
      arith::IndexCastOp::create(rewriter, loc, rewriter.getIndexType(), piece);
  block.replaceUsesWithIf(piece, [&](OpOperand &use) {
    return use.getOwner()->getBlock() != &body ||
           loop->isBeforeInBlock(use.getOwner());
  });
  work->getOperations().splice(
      std::next(piece.getDefiningOp()->getIterator()), body.getOperations(),
      std::next(loop->getIterator()), std::prev(body.end()));
  deferBranches(rewriter, loop, *work);
}

void WorkLoop::build(const Shares &shares) {
  Value me = b.narrow(block);
  scf::ForOp loop = start(shares.getNumber(b, me));
  fill(loop, loop.getBody(), shares.getPiece(b, me, loop.getInductionVar()));
}

void WorkLoop::build(const DrawnShares &shares, Value blocks) {
  rewriter.setInsertionPoint(launch);
  auto pointer = LLVM::LLVMPointerType::get(rewriter.getContext());
  Value counter = CounterOp::create(rewriter, loc, pointer);
  Block &body = launch.getBody().front();
  rewriter.setInsertionPointToStart(&body);
  auto type = DrawsType::get(rewriter.getContext(), DrawnShares::kPlaces);
  Value draws = MakeDrawsOp::create(rewriter, loc, type);
  Value me = b.narrow(block);
  Value number = shares.getNumber(b, me);
  scf::ForOp loop = start(b.emit<arith::AddIOp>(number, shares.getPlaces()));
  Value round = loop.getInductionVar(), none = b.constant(-1);
  Value slot = b.emit<arith::SubIOp>(round, number);
  DrawOp::create(rewriter, loc, draws, slot, shares.getDrawn(), counter);
  Value drawn = DrawnOp::create(rewriter, loc, draws, slot);
  auto isNegative = [&](Value value) {
    return b.compare(arith::CmpIPredicate::slt, value, b.constant(0));
  };
  Value found = b.select(isNegative(drawn), none, shares.getPiece(b, drawn));
  Value hasPiece = b.emit<arith::OrIOp>(
      isNegative(slot),
      b.compare(arith::CmpIPredicate::sge, found, b.constant(0)));
  auto work =
      scf::IfOp::create(rewriter, loc, hasPiece, /*withElseRegion=*/false);
  rewriter.setInsertionPointAfter(loop);
  rewriter.setInsertionPointToStart(work.thenBlock());
  Value piece =
      b.select(isNegative(found), shares.getPiece(b, me, round), found);
  fill(loop, work.thenBlock(), piece);
  rewriter.setInsertionPointAfter(loop);
  EndDrawsOp::create(rewriter, loc, counter, blocks);
}

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
  launch.getGridSize().x.replaceAllUsesWith(count);
  // Arguments of a kernel need no registers. Without work there are no blocks.
  NumberBuilder b(rewriter, loc);
  Value pieces = b.narrow(count);
  Value blocks = b.emit<arith::MaxUIOp>(b.narrow(grid), b.constant(1));
  WorkLoop loop(rewriter, launch);
  Value period = inPairs ? getPeriod(rewriter, launch) : Value();
  if (period) {
    DrawnShares shares(b, blocks, pieces, period);
    loop.build(shares, blocks);
    return;
  }
  std::unique_ptr<Shares> shares;
  if (inPairs)
    shares = std::make_unique<PairedShares>(b, blocks, pieces);
  else
    shares = std::make_unique<PlainShares>(b, blocks, pieces);
  rewriter.setInsertionPointToStart(&launch.getBody().front());
  loop.build(*shares);
}
