//===- PersistentBlocks.cpp - Blocks that stay ----------------------------===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "PersistentBlocks.h"
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

/// How `blocks` blocks share `pieces` pieces of work.
struct Shares {
  NumberBuilder &b;
  Value me, blocks, pieces;

  /// Those of block i are i, i + n, i + 2 n, ... of the first `count`.
  Value getNumber(Value count) {
    // ceil((count - me) / n), where me < n.
    Value rest =
        b.emit<arith::SubIOp>(b.emit<arith::AddIOp>(count, blocks),
                              b.emit<arith::AddIOp>(me, b.constant(1)));
    return b.emit<arith::DivUIOp>(rest, blocks);
  }
  Value getPiece(Value round) {
    return b.emit<arith::AddIOp>(b.emit<arith::MulIOp>(round, blocks), me);
  }
};

/// The same for pairs of a piece and the one as far from the end, whose times
/// add up to the same if they grow or fall steadily. If there is no more than
/// one piece for a block, pairs would leave blocks without any.
struct PairedShares : Shares {
  Value half, isPaired;

  explicit PairedShares(const Shares &shares) : Shares(shares) {
    half = b.emit<arith::DivUIOp>(pieces, b.constant(2));
    isPaired = b.compare(arith::CmpIPredicate::ugt, pieces, blocks);
  }
  Value getNumber() {
    Value pairs = Shares::getNumber(half);
    // The one in the middle has no other.
    Value hasMiddle = b.emit<arith::AndIOp>(
        b.emit<arith::AndIOp>(pieces, b.constant(1)),
        b.extend(b.compare(arith::CmpIPredicate::eq, getPiece(pairs), half)));
    Value number = b.emit<arith::AddIOp>(
        b.emit<arith::MulIOp>(pairs, b.constant(2)), hasMiddle);
    return b.select(isPaired, number, Shares::getNumber(pieces));
  }
  Value getPieceOf(Value round) {
    Value piece = getPiece(b.emit<arith::DivUIOp>(round, b.constant(2)));
    Value last = b.emit<arith::SubIOp>(pieces, b.constant(1));
    Value other = b.emit<arith::SubIOp>(last, piece);
    Value isOther =
        b.compare(arith::CmpIPredicate::ne,
                  b.emit<arith::AndIOp>(round, b.constant(1)), b.constant(0));
    return b.select(isPaired, b.select(isOther, other, piece), getPiece(round));
  }
};

} // namespace

void attn::wg::makeBlocksPersistent(RewriterBase &rewriter,
                                    gpu::LaunchOp launch, bool inPairs) {
  Location loc = launch.getLoc();
  Value count = launch.getGridSizeX();
  rewriter.setInsertionPoint(launch);
  Value resident = MultiprocessorsOp::create(rewriter, loc);
  launch.getGridSizeXMutable().assign(
      arith::MinSIOp::create(rewriter, loc, count, resident));

  Block &body = launch.getBody().front();
  Value block = launch.getBlockIds().x, blocks = launch.getGridSize().x;
  blocks.replaceAllUsesWith(count);
  rewriter.setInsertionPointToStart(&body);
  NumberBuilder b(rewriter, loc);
  Shares shares{b, b.narrow(block), b.narrow(blocks), b.narrow(count)};
  std::optional<PairedShares> pairs;
  if (inPairs)
    pairs.emplace(shares);
  Value number = pairs ? pairs->getNumber() : shares.getNumber(shares.pieces);
  auto loop =
      scf::ForOp::create(rewriter, loc, b.constant(0), number, b.constant(1));
  rewriter.setInsertionPointToStart(loop.getBody());
  Value round = loop.getInductionVar();
  Value piece = pairs ? pairs->getPieceOf(round) : shares.getPiece(round);
  piece =
      arith::IndexCastOp::create(rewriter, loc, rewriter.getIndexType(), piece);
  block.replaceUsesWithIf(piece, [&](OpOperand &use) {
    return use.getOwner()->getBlock() != &body ||
           loop->isBeforeInBlock(use.getOwner());
  });
  loop.getBody()->getOperations().splice(
      std::next(piece.getDefiningOp()->getIterator()), body.getOperations(),
      std::next(loop->getIterator()), std::prev(body.end()));
}
