//===- HoistPacks.cpp - Packs once what many tiles of rows read -----------===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// In the fold, a panel is a function of the folded tile's coordinates and of
// the slice it reads:
//
//     slice  = extract_slice K[b, g, 0, 0][1, 1, S, D]     (b, g: from the
//     loop) panel  = transpose(convert(tile.rows slice[0, 0] at J))
//
// In front of the loop, the same function of (b, g, tile) fills one tensor
// P[B, G, tiles, panel...], in parallel; the fold reads P[b, g, J / N, ...].
//
//===----------------------------------------------------------------------===//

#include "attn/Dialect/Tile/IR/Tile.h"
#include "attn/Dialect/Tile/Transforms/Passes.h"
#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Arith/Utils/Utils.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Linalg/Utils/Utils.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/IRMapping.h"

namespace attn::tile {
#define GEN_PASS_DEF_TILEHOISTPACKS
#include "attn/Dialect/Tile/Transforms/Passes.h.inc"
} // namespace attn::tile

using namespace mlir;
using namespace attn::tile;

namespace {

/// A panel in a fold and where its data comes from.
struct Panel {
  linalg::TransposeOp transpose;
  RowsOp rows;
  /// What the rows are read from, and the entry of each of its leading
  /// dimensions.
  Value source;
  SmallVector<OpFoldResult> entry;
};

class Hoister {
public:
  Hoister(RewriterBase &rewriter, FoldOp fold, scf::ForallOp forall)
      : rewriter(rewriter), fold(fold), forall(forall) {}

  /// Hoists the panel made by `transpose`, or says why it cannot.
  FailureOr<bool> hoist(linalg::TransposeOp transpose);

private:
  std::optional<Panel> match(linalg::TransposeOp transpose);
  FailureOr<Value> cloneOutside(Value value, IRMapping &mapping);
  bool isInsideForall(Value value) {
    return forall->isAncestor(value.getParentBlock()->getParentOp());
  }

  RewriterBase &rewriter;
  FoldOp fold;
  scf::ForallOp forall;
};

} // namespace

/// The rows at the bottom of a chain of elementwise conversions and reshapes.
static RowsOp findRows(Value value) {
  Operation *op = value.getDefiningOp();
  if (auto rows = dyn_cast_or_null<RowsOp>(op))
    return rows;
  if (auto generic = dyn_cast_or_null<linalg::GenericOp>(op))
    if (generic.getNumDpsInputs() == 1 && linalg::isElementwise(generic))
      return findRows(generic.getDpsInputs()[0]);
  if (auto expand = dyn_cast_or_null<tensor::ExpandShapeOp>(op))
    return findRows(expand.getSrc());
  return {};
}

std::optional<Panel> Hoister::match(linalg::TransposeOp transpose) {
  Panel panel{transpose, findRows(transpose.getInput()), {}, {}};
  if (!panel.rows || panel.rows.getCoords() != fold.getCoords() ||
      panel.rows.getColumns())
    return std::nullopt;
  panel.source = panel.rows.getSource();
  auto type = cast<RankedTensorType>(panel.source.getType());
  size_t numOuter = type.getRank() - 2;
  auto slice = panel.source.getDefiningOp<tensor::ExtractSliceOp>();
  if (slice && isInsideForall(panel.source)) {
    // One entry of each leading dimension, all of the last two.
    panel.source = slice.getSource();
    if (!slice.hasUnitStride() ||
        slice.getSourceType().getRank() != type.getRank())
      return std::nullopt;
    for (auto [dim, offset] : llvm::enumerate(slice.getMixedOffsets())) {
      if (dim < numOuter ? !isConstantIntValue(slice.getMixedSizes()[dim], 1)
                         : !isConstantIntValue(offset, 0))
        return std::nullopt;
      if (dim < numOuter)
        panel.entry.push_back(offset);
    }
  } else if (llvm::all_of(type.getShape().take_front(numOuter),
                          [](int64_t extent) { return extent == 1; })) {
    // There is only one entry, so the slice of it folded away.
    panel.entry.assign(numOuter, rewriter.getIndexAttr(0));
  } else {
    return std::nullopt;
  }
  if (isInsideForall(panel.source))
    return std::nullopt;
  for (Value index : panel.rows.getIndices())
    if (!isConstantIntValue(getAsOpFoldResult(index), 0))
      return std::nullopt;
  return panel;
}

/// `value`, computed in front of the loop: what `mapping` does not give is
/// cloned, and must come from outside in the end.
FailureOr<Value> Hoister::cloneOutside(Value value, IRMapping &mapping) {
  if (Value mapped = mapping.lookupOrNull(value))
    return mapped;
  if (!isInsideForall(value))
    return value;
  Operation *op = value.getDefiningOp();
  if (!op || !isMemoryEffectFree(op))
    return failure();
  if (isa<FoldOp>(op))
    return failure();
  WalkResult walk = op->walk([&](Operation *inner) {
    for (Value operand : inner->getOperands())
      if (!op->isAncestor(operand.getParentBlock()->getParentOp()) &&
          failed(cloneOutside(operand, mapping)))
        return WalkResult::interrupt();
    return WalkResult::advance();
  });
  if (walk.wasInterrupted())
    return failure();
  Operation *clone = rewriter.clone(*op, mapping);
  mapping.map(op->getResults(), clone->getResults());
  return mapping.lookup(value);
}

FailureOr<bool> Hoister::hoist(linalg::TransposeOp transpose) {
  std::optional<Panel> panel = match(transpose);
  if (!panel)
    return false;
  auto domain = fold.getDomain().getDefiningOp<DomainOp>();
  if (!domain)
    return false;
  Location loc = transpose.getLoc();
  auto panelType = cast<RankedTensorType>(transpose->getResult(0).getType());
  int64_t tileRows = fold.getDomain().getType().getRows();
  int64_t numOuter = panel->entry.size();

  OpBuilder::InsertionGuard guard(rewriter);
  rewriter.setInsertionPoint(forall);
  // P[outer..., tiles, panel...]
  SmallVector<OpFoldResult> extents;
  for (int64_t dim = 0; dim < numOuter; ++dim)
    extents.push_back(tensor::getMixedSize(rewriter, loc, panel->source, dim));
  extents.push_back(affine::makeComposedFoldedAffineApply(
      rewriter, loc, rewriter.getAffineDimExpr(0).ceilDiv(tileRows),
      {tensor::getMixedSize(rewriter, loc, panel->source, numOuter)}));
  SmallVector<OpFoldResult> shape(extents);
  for (int64_t extent : panelType.getShape())
    shape.push_back(rewriter.getIndexAttr(extent));
  Value packed =
      tensor::EmptyOp::create(rewriter, loc, shape, panelType.getElementType());
  auto packing = scf::ForallOp::create(rewriter, loc, extents,
                                       ValueRange(packed), std::nullopt);
  rewriter.setInsertionPointToStart(packing.getBody());
  IRMapping mapping;
  for (int64_t dim = 0; dim < numOuter; ++dim) {
    if (auto value = dyn_cast<Value>(panel->entry[dim]))
      mapping.map(value, packing.getInductionVar(dim));
  }
  Value tile = packing.getInductionVar(numOuter);
  FailureOr<Value> limit = cloneOutside(domain.getLimit(), mapping);
  if (failed(limit)) {
    rewriter.eraseOp(packing);
    return false;
  }
  Value origin = getValueOrCreateConstantIndexOp(
      rewriter, loc,
      affine::makeComposedFoldedAffineApply(
          rewriter, loc, rewriter.getAffineDimExpr(0) * tileRows, {tile}));
  mapping.map(fold.getCoords(),
              CoordsOp::create(rewriter, loc, fold.getCoords().getType(),
                               origin, *limit, Value(), Value(),
                               /*complete=*/false)
                  .getResult());
  FailureOr<Value> outside = cloneOutside(transpose->getResult(0), mapping);
  if (failed(outside)) {
    rewriter.eraseOp(packing);
    return false;
  }
  SmallVector<OpFoldResult> offsets, sizes,
      strides(shape.size(), rewriter.getIndexAttr(1));
  for (Value index : packing.getInductionVars()) {
    offsets.push_back(index);
    sizes.push_back(rewriter.getIndexAttr(1));
  }
  for (int64_t extent : panelType.getShape()) {
    offsets.push_back(rewriter.getIndexAttr(0));
    sizes.push_back(rewriter.getIndexAttr(extent));
  }
  rewriter.setInsertionPointToStart(packing.getTerminator().getBody());
  tensor::ParallelInsertSliceOp::create(rewriter, loc, *outside,
                                        packing.getRegionIterArgs().front(),
                                        offsets, sizes, strides);

  // In the fold, read the panel back.
  rewriter.setInsertionPoint(transpose);
  Value foldOrigin = OriginOp::create(rewriter, loc, fold.getCoords());
  OpFoldResult foldTile = affine::makeComposedFoldedAffineApply(
      rewriter, loc, rewriter.getAffineDimExpr(0).floorDiv(tileRows),
      {foldOrigin});
  for (int64_t dim = 0; dim < numOuter; ++dim)
    offsets[dim] = panel->entry[dim];
  offsets[numOuter] = foldTile;
  rewriter.replaceOpWithNewOp<tensor::ExtractSliceOp>(
      transpose, panelType, packing.getResult(0), offsets, sizes, strides);
  return true;
}

namespace {
struct TileHoistPacks : attn::tile::impl::TileHoistPacksBase<TileHoistPacks> {
  void runOnOperation() override {
    IRRewriter rewriter(&getContext());
    SmallVector<FoldOp> folds;
    getOperation()->walk([&](FoldOp fold) {
      if (fold.getHoistPack())
        folds.push_back(fold);
    });
    for (FoldOp fold : folds) {
      // The outermost parallel loop: a panel hoisted out of it is shared by
      // all.
      auto forall = fold->getParentOfType<scf::ForallOp>();
      if (!forall)
        continue;
      SmallVector<linalg::TransposeOp> transposes;
      fold.walk([&](linalg::TransposeOp op) { transposes.push_back(op); });
      for (linalg::TransposeOp transpose : transposes) {
        FailureOr<bool> done = Hoister(rewriter, fold, forall).hoist(transpose);
        if (failed(done))
          return signalPassFailure();
        if (*done)
          ++numHoisted;
        else
          transpose.emitRemark(
              "a panel is packed in every tile: it does not depend on the "
              "folded tile and an outer slice alone");
      }
    }
  }
};
} // namespace
