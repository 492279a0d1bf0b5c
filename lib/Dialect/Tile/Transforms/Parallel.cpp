//===- Parallel.cpp - Cuts folds along their parallel dimensions ----------===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "FoldBuilder.h"
#include "attn/Dialect/Tile/Transforms/Passes.h"
#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/Dialect/SCF/Transforms/TileUsingInterface.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Interfaces/TilingInterface.h"

namespace attn::tile {
#define GEN_PASS_DEF_TILEPARALLEL
#include "attn/Dialect/Tile/Transforms/Passes.h.inc"
} // namespace attn::tile

using namespace mlir;
using namespace attn::tile;

/// One entry of every outer parallel dimension, `rows` of the innermost one,
/// and all of what is folded (0: not cut).
static SmallVector<OpFoldResult>
getTileSizes(OpBuilder &builder, TilingInterface op, int64_t rows) {
  SmallVector<utils::IteratorType> iterators = op.getLoopIteratorTypes();
  SmallVector<OpFoldResult> sizes(iterators.size(), builder.getIndexAttr(0));
  std::optional<size_t> innermost;
  for (auto [dim, iterator] : llvm::enumerate(iterators)) {
    if (iterator != utils::IteratorType::parallel)
      continue;
    sizes[dim] = builder.getIndexAttr(1);
    innermost = dim;
  }
  if (innermost)
    sizes[*innermost] = builder.getIndexAttr(rows);
  return sizes;
}

ArrayAttr attn::tile::getBlockMapping(MLIRContext *context, size_t count) {
  SmallVector<Attribute> mapping;
  for (size_t dim = 0; dim < count; ++dim)
    mapping.push_back(gpu::GPUBlockMappingAttr::get(
        context, static_cast<gpu::MappingId>(
                     static_cast<size_t>(gpu::MappingId::LinearDim0) + dim)));
  return ArrayAttr::get(context, mapping);
}

/// The same loop from 0 with step 1, so that iterations can be numbered. (The
/// upstream utility mixes types where a bound is dynamic.)
static scf::ForallOp normalize(RewriterBase &rewriter, scf::ForallOp forall,
                               bool toBlocks) {
  Location loc = forall.getLoc();
  rewriter.setInsertionPoint(forall);
  AffineExpr x = rewriter.getAffineDimExpr(0);
  SmallVector<OpFoldResult> extents;
  for (auto [upper, step] :
       llvm::zip(forall.getMixedUpperBound(), forall.getStaticStep()))
    extents.push_back(affine::makeComposedFoldedAffineApply(
        rewriter, loc, x.ceilDiv(step), {upper}));
  std::optional<ArrayAttr> mapping = forall.getMapping();
  if (toBlocks)
    mapping = getBlockMapping(rewriter.getContext(), extents.size());
  auto normal = scf::ForallOp::create(rewriter, loc, extents,
                                      forall.getOutputs(), mapping);
  rewriter.eraseOp(normal.getTerminator());
  rewriter.setInsertionPointToStart(normal.getBody());
  SmallVector<Value> arguments;
  for (auto [induction, step] :
       llvm::zip(normal.getInductionVars(), forall.getStaticStep()))
    arguments.push_back(
        affine::AffineApplyOp::create(rewriter, loc, x * step, induction));
  llvm::append_range(arguments, normal.getRegionIterArgs());
  rewriter.mergeBlocks(forall.getBody(), normal.getBody(), arguments);
  rewriter.replaceOp(forall, normal.getResults());
  return normal;
}

static LogicalResult cut(RewriterBase &rewriter, FoldOpInterface fold,
                         const FoldTiling &tiling, bool toBlocks) {
  auto op = dyn_cast<TilingInterface>(fold.getOperation());
  if (!op)
    return fold->emitError("cannot be tiled");
  rewriter.setInsertionPoint(op);
  scf::SCFTilingOptions options;
  options.setTileSizes(getTileSizes(rewriter, op, tiling.rows));
  options.setLoopType(scf::SCFTilingOptions::LoopType::ForallOp);
  FailureOr<scf::SCFTilingResult> result =
      scf::tileUsingSCF(rewriter, op, options);
  if (failed(result))
    return fold->emitError("could not be tiled");
  rewriter.replaceOp(op, result->replacements);
  for (LoopLikeOpInterface loop : result->loops) {
    auto forall = cast<scf::ForallOp>(loop.getOperation());
    scf::ForallOp normal = normalize(rewriter, forall, toBlocks);
    if (tiling.longestFirst)
      normal->setAttr(kTaskOrder, TaskOrderAttr::get(rewriter.getContext(),
                                                     TaskOrder::Reversed));
    if (tiling.blocks > 1)
      normal->setAttr(kBlocks, rewriter.getI64IntegerAttr(tiling.blocks));
  }
  return success();
}

namespace {
struct TileParallel : attn::tile::impl::TileParallelBase<TileParallel> {
  using TileParallelBase::TileParallelBase;

  void runOnOperation() override {
    SmallVector<FoldOpInterface> folds;
    getOperation()->walk([&](FoldOpInterface op) { folds.push_back(op); });
    IRRewriter rewriter(&getContext());
    for (FoldOpInterface op : folds) {
      std::optional<FoldTiling> tiling = op.getFoldTiling();
      if (!tiling) {
        op->emitRemark("has no schedule and is left alone");
        continue;
      }
      if (failed(cut(rewriter, op, *tiling, toBlocks)))
        return signalPassFailure();
      ++numCut;
    }
  }
};
} // namespace
