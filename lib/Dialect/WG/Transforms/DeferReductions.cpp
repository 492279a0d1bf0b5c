//===- DeferReductions.cpp - Rows are summed up behind a loop -------------===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//   for (s) { yield reduce(tile, s) }
//
// becomes, with n = 0 (or whatever changes nothing),
//
//   for (c = n) { yield reduce_blocks(tile, c) }; reduce(c, s)
//
//===----------------------------------------------------------------------===//

#include "attn/Dialect/WG/IR/WG.h"
#include "attn/Dialect/WG/Transforms/Passes.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/IR/PatternMatch.h"

namespace attn::wg {
#define GEN_PASS_DEF_WGDEFERREDUCTIONS
#include "attn/Dialect/WG/Transforms/Passes.h.inc"
} // namespace attn::wg

using namespace mlir;
using namespace attn::wg;

/// What changes nothing when it is combined with a float.
static std::optional<APFloat> getNeutral(vector::CombiningKind kind,
                                         FloatType type) {
  const llvm::fltSemantics &semantics = type.getFloatSemantics();
  switch (kind) {
  case vector::CombiningKind::ADD:
    // Of all x, x + -0 is x.
    return APFloat::getZero(semantics, /*Negative=*/true);
  case vector::CombiningKind::MAXNUMF:
  case vector::CombiningKind::MAXIMUMF:
    return APFloat::getInf(semantics, /*Negative=*/true);
  case vector::CombiningKind::MINNUMF:
  case vector::CombiningKind::MINIMUMF:
    return APFloat::getInf(semantics);
  default:
    return std::nullopt;
  }
}

/// The reduction that value `i` of a loop goes through and nothing else.
static ReduceOp getOnlyReduction(scf::ForOp loop, unsigned i) {
  BlockArgument argument = loop.getRegionIterArg(i);
  auto reduce = loop.getYieldedValues()[i].getDefiningOp<ReduceOp>();
  bool isOnly = reduce && reduce->getBlock() == loop.getBody() &&
                reduce.getInit() == argument && argument.hasOneUse() &&
                reduce.getResult().hasOneUse();
  return isOnly ? reduce : ReduceOp();
}

static bool deferReduction(RewriterBase &rewriter, scf::ForOp loop,
                           unsigned i) {
  ReduceOp reduce = getOnlyReduction(loop, i);
  if (!reduce)
    return false;
  TileType tile = reduce.getTile().getType();
  auto element = dyn_cast<FloatType>(tile.getElementType());
  // One block is what is left to reduce.
  if (!element || tile.getNumCols() <= 8)
    return false;
  std::optional<APFloat> neutral = getNeutral(reduce.getKind(), element);
  if (!neutral)
    return false;

  Location loc = reduce.getLoc();
  auto type = TileType::get({tile.getNumRows(), 8}, element, Layout::Matrix);
  Value init = loop.getInitArgs()[i];
  rewriter.setInsertionPoint(loop);
  Value scalar = arith::ConstantOp::create(
      rewriter, loc, rewriter.getFloatAttr(element, *neutral));
  Value none = SplatOp::create(rewriter, loc, type, scalar);
  loop.getInitArgsMutable()[i].assign(none);
  loop.getRegionIterArg(i).setType(type);
  loop.getResult(i).setType(type);
  rewriter.setInsertionPoint(reduce);
  vector::CombiningKind kind = reduce.getKind();
  Value blocks = ReduceBlocksOp::create(rewriter, loc, kind, reduce.getTile(),
                                        loop.getRegionIterArg(i));
  rewriter.replaceOp(reduce, blocks);
  rewriter.setInsertionPointAfter(loop);
  auto total = ReduceOp::create(rewriter, loc, kind, loop.getResult(i), init);
  rewriter.replaceAllUsesExcept(loop.getResult(i), total, total);
  return true;
}

namespace {
struct WGDeferReductions
    : attn::wg::impl::WGDeferReductionsBase<WGDeferReductions> {
  void runOnOperation() override {
    IRRewriter rewriter(&getContext());
    getOperation()->walk([&](scf::ForOp loop) {
      for (unsigned i = 0; i < loop.getNumResults(); ++i)
        numDeferred += deferReduction(rewriter, loop, i);
    });
  }
};
} // namespace
