//===- PackContractions.cpp - Register tiles and packed panels ------------===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "attn/Dialect/Tile/IR/Tile.h"
#include "attn/Dialect/Tile/Transforms/Passes.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Linalg/Utils/Utils.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/Matchers.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"

namespace attn::tile {
#define GEN_PASS_DEF_TILEPACKCONTRACTIONS
#include "attn/Dialect/Tile/Transforms/Passes.h.inc"
} // namespace attn::tile

using namespace mlir;
using namespace attn::tile;

namespace {

/// The dimensions of a product of matrices in its iteration space, and where
/// they sit in the right-hand side.
struct MatrixProduct {
  unsigned m, n, k;
  bool rhsIsTransposed; // indexed by (n, k) instead of (k, n)
  AffineMap lhsMap;
};

/// Reads `out[m, n] += lhs[..] * rhs[..]` off the maps of a contraction.
FailureOr<MatrixProduct> matchProduct(Operation *op, ArrayRef<AffineMap> maps,
                                      PatternRewriter &rewriter) {
  if (maps[0].getNumDims() != 3 || maps[0].getNumResults() != 2 ||
      maps[1].getNumResults() != 2 || maps[2].getNumResults() != 2)
    return rewriter.notifyMatchFailure(op, "is not a product of two matrices");
  MatrixProduct product;
  product.m = maps[2].getDimPosition(0);
  product.n = maps[2].getDimPosition(1);
  product.k = 3 - product.m - product.n;
  if (maps[0].isFunctionOfDim(product.n) || maps[1].isFunctionOfDim(product.m))
    return rewriter.notifyMatchFailure(
        op, "its left-hand side holds the columns of the result");
  product.rhsIsTransposed = maps[1].getDimPosition(0) == product.n;
  product.lhsMap = maps[0];
  return product;
}

/// The ranges that a contraction is trimmed to, if any.
struct Bounds {
  Value lower, upper;
  /// The bounded dimension of the original iteration space.
  std::optional<unsigned> dim;
  IntegerAttr group;
};

/// Whether a value starts a sum: a tensor of zeros.
bool isZero(Value value) {
  auto fill = value.getDefiningOp<linalg::FillOp>();
  return fill && matchPattern(fill.getInputs()[0], m_AnyZeroFloat());
}

/// Whether a tile is (a conversion of) rows read from memory.
bool isReadFromMemory(Value value) {
  if (auto generic = value.getDefiningOp<linalg::GenericOp>())
    return linalg::isElementwise(generic) && generic.getNumDpsInputs() == 1 &&
           isReadFromMemory(generic.getDpsInputs()[0]);
  return isa_and_nonnull<RowsOp>(value.getDefiningOp());
}

/// [cols x depth] or [depth x cols] -> [cols / width][depth][width].
Value buildPanels(PatternRewriter &rewriter, Location loc, Value matrix,
                  bool isTransposed, int64_t width) {
  auto type = cast<RankedTensorType>(matrix.getType());
  unsigned colDim = isTransposed ? 0 : 1;
  int64_t cols = type.getDimSize(colDim), depth = type.getDimSize(1 - colDim);
  int64_t panels = cols / width;
  SmallVector<int64_t> split = isTransposed
                                   ? SmallVector<int64_t>{panels, width, depth}
                                   : SmallVector<int64_t>{depth, panels, width};
  SmallVector<ReassociationIndices> groups =
      isTransposed ? SmallVector<ReassociationIndices>{{0, 1}, {2}}
                   : SmallVector<ReassociationIndices>{{0}, {1, 2}};
  Value expanded = tensor::ExpandShapeOp::create(
      rewriter, loc, RankedTensorType::get(split, type.getElementType()),
      matrix, groups);
  Value empty = tensor::EmptyOp::create(rewriter, loc,
                                        ArrayRef<int64_t>{panels, depth, width},
                                        type.getElementType());
  SmallVector<int64_t> permutation = isTransposed
                                         ? SmallVector<int64_t>{0, 2, 1}
                                         : SmallVector<int64_t>{1, 0, 2};
  return linalg::TransposeOp::create(rewriter, loc, expanded, empty,
                                     permutation)
      .getResult()[0];
}

/// Replaces a contraction by one with a register tile, on panels if needed.
LogicalResult pack(PatternRewriter &rewriter, Operation *op,
                   ArrayRef<AffineMap> indexingMaps, Value lhs, Value rhs,
                   Value out, bool overwrite, const Bounds &bounds,
                   Pass::Statistic &numPacked) {
  auto fold = op->getParentOfType<FoldOp>();
  if (!fold || !fold.getMicro())
    return rewriter.notifyMatchFailure(op, "no fold gives a register tile");
  FailureOr<MatrixProduct> product = matchProduct(op, indexingMaps, rewriter);
  if (failed(product))
    return failure();
  auto outType = dyn_cast<RankedTensorType>(out.getType());
  auto rhsType = dyn_cast<RankedTensorType>(rhs.getType());
  if (!outType || !rhsType || !outType.hasStaticShape() ||
      !rhsType.hasStaticShape())
    return rewriter.notifyMatchFailure(op, "shapes are not static tensors");
  if (outType.getElementType() != rhsType.getElementType())
    return rewriter.notifyMatchFailure(op, "element types differ");
  int64_t width = fold.getMicro()->getCols();
  int64_t rows = outType.getDimSize(0), cols = outType.getDimSize(1);
  bool needsPanels = product->rhsIsTransposed || isReadFromMemory(rhs);
  if (needsPanels && cols % width != 0)
    return rewriter.notifyMatchFailure(
        op, "columns are not a multiple of the panel width");

  Location loc = op->getLoc();
  MLIRContext *context = rewriter.getContext();
  auto map = [&](unsigned dims, ArrayRef<unsigned> targets) -> Attribute {
    return AffineMapAttr::get(
        AffineMap::getMultiDimMapWithTargets(dims, targets, context));
  };
  // The new iteration space is (m, n, k), or (m, panel, column in panel, k).
  unsigned k = needsPanels ? 3 : 2;
  auto create = [&](ArrayAttr maps, Value newRhs, Value newOut) {
    IntegerAttr boundDim;
    if (bounds.dim)
      boundDim =
          rewriter.getI64IntegerAttr(*bounds.dim == product->k ? k : k - 1);
    return ContractOp::create(rewriter, loc, TypeRange(newOut.getType()), maps,
                              lhs, newRhs, newOut, overwrite, *fold.getMicro(),
                              bounds.lower, bounds.upper, boundDim,
                              bounds.group)
        .getResult(0);
  };
  if (overwrite)
    out = tensor::EmptyOp::create(rewriter, loc, outType.getShape(),
                                  outType.getElementType());
  SmallVector<unsigned> lhsDims{0, k};
  if (product->lhsMap.getDimPosition(0) == product->k)
    std::swap(lhsDims[0], lhsDims[1]);
  if (!needsPanels) {
    ArrayAttr maps = rewriter.getArrayAttr(
        {map(3, lhsDims), map(3, {2, 1}), map(3, {0, 1})});
    rewriter.replaceOp(op, create(maps, rhs, out));
    return success();
  }
  Value panels =
      buildPanels(rewriter, loc, rhs, product->rhsIsTransposed, width);
  ArrayAttr maps = rewriter.getArrayAttr(
      {map(4, lhsDims), map(4, {1, 3, 2}), map(4, {0, 1, 2})});
  SmallVector<ReassociationIndices> groups{{0}, {1, 2}};
  auto splitType = RankedTensorType::get({rows, cols / width, width},
                                         outType.getElementType());
  Value split =
      tensor::ExpandShapeOp::create(rewriter, loc, splitType, out, groups);
  rewriter.replaceOpWithNewOp<tensor::CollapseShapeOp>(
      op, outType, create(maps, panels, split), groups);
  ++numPacked;
  return success();
}

struct PackLinalgContract : OpRewritePattern<linalg::ContractOp> {
  PackLinalgContract(MLIRContext *context, Pass::Statistic &numPacked)
      : OpRewritePattern(context), numPacked(numPacked) {}

  LogicalResult matchAndRewrite(linalg::ContractOp op,
                                PatternRewriter &rewriter) const override {
    Value out = op.getOutputs()[0];
    return pack(rewriter, op, op.getIndexingMapsArray(), op.getInputs()[0],
                op.getInputs()[1], out, /*overwrite=*/isZero(out), Bounds(),
                numPacked);
  }

private:
  Pass::Statistic &numPacked;
};

/// A trimmed contraction that has no register tile yet.
struct PackTileContract : OpRewritePattern<ContractOp> {
  PackTileContract(MLIRContext *context, Pass::Statistic &numPacked)
      : OpRewritePattern(context), numPacked(numPacked) {}

  LogicalResult matchAndRewrite(ContractOp op,
                                PatternRewriter &rewriter) const override {
    if (op.getMicro())
      return rewriter.notifyMatchFailure(op, "has a register tile");
    Bounds bounds;
    if (op.getLower())
      bounds = {op.getLower(), op.getUpper(),
                static_cast<unsigned>(*op.getBoundDim()), op.getGroupAttr()};
    return pack(rewriter, op,
                llvm::to_vector(op.getMaps().getAsValueRange<AffineMapAttr>()),
                op.getLhs(), op.getRhs(), op.getOut(), op.getOverwrite(),
                bounds, numPacked);
  }

private:
  Pass::Statistic &numPacked;
};

struct TilePackContractions
    : attn::tile::impl::TilePackContractionsBase<TilePackContractions> {
  void runOnOperation() override {
    RewritePatternSet patterns(&getContext());
    patterns.add<PackLinalgContract, PackTileContract>(&getContext(),
                                                       numPacked);
    if (failed(applyPatternsGreedily(getOperation(), std::move(patterns))))
      signalPassFailure();
  }
};

} // namespace
