//===- ExpandWork.cpp - Scans, inverses and tests to linalg ---------------===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "ExpandWork.h"
#include "attn/Dialect/Tile/IR/Tile.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;
using namespace attn::tile;

Value attn::tile::toI32(OpBuilder &builder, Location loc, Value index) {
  return arith::IndexCastOp::create(builder, loc, builder.getI32Type(), index);
}

namespace {

/// Of a vector a product with the lower triangle of ones (tiles are small); of
/// a matrix a row at a time.
struct ExpandScan : OpRewritePattern<ScanOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(ScanOp op,
                                PatternRewriter &rewriter) const override {
    auto type = cast<RankedTensorType>(op.getType());
    rewriter.replaceOp(op, type.getRank() == 1 ? expandVector(op, rewriter)
                                               : expandMatrix(op, rewriter));
    return success();
  }

private:
  static Value getZeros(PatternRewriter &rewriter, Location loc,
                        RankedTensorType type) {
    Value zero = arith::ConstantOp::create(
        rewriter, loc, rewriter.getZeroAttr(type.getElementType()));
    Value empty = tensor::EmptyOp::create(rewriter, loc, type.getShape(),
                                          type.getElementType());
    return linalg::FillOp::create(rewriter, loc, zero, empty).getResult(0);
  }

  static Value expandVector(ScanOp op, PatternRewriter &rewriter) {
    Location loc = op.getLoc();
    auto type = cast<RankedTensorType>(op.getType());
    Value zero = arith::ConstantOp::create(
        rewriter, loc, rewriter.getZeroAttr(type.getElementType()));
    // Dimensions: (row, earlier row).
    MLIRContext *context = rewriter.getContext();
    SmallVector<AffineMap> maps{
        AffineMap::getMultiDimMapWithTargets(2, {1}, context),
        AffineMap::getMultiDimMapWithTargets(2, {0}, context)};
    return linalg::GenericOp::create(
               rewriter, loc, TypeRange(type), op.getInput(),
               getZeros(rewriter, loc, type), maps,
               ArrayRef<utils::IteratorType>{utils::IteratorType::parallel,
                                             utils::IteratorType::reduction},
               [&](OpBuilder &n, Location l, ValueRange arguments) {
                 Value row = toI32(n, l, linalg::IndexOp::create(n, l, 0));
                 Value earlier = toI32(n, l, linalg::IndexOp::create(n, l, 1));
                 Value counts = arith::CmpIOp::create(
                     n, l, arith::CmpIPredicate::sle, earlier, row);
                 Value addend =
                     arith::SelectOp::create(n, l, counts, arguments[0], zero);
                 Value sum = arith::AddFOp::create(n, l, arguments[1], addend);
                 linalg::YieldOp::create(n, l, sum);
               })
        .getResult(0);
  }

  static Value expandMatrix(ScanOp op, PatternRewriter &rewriter) {
    Location loc = op.getLoc();
    auto type = cast<RankedTensorType>(op.getType());
    int64_t width = type.getDimSize(1);
    auto lineType = RankedTensorType::get(width, type.getElementType());
    Value first = arith::ConstantIndexOp::create(rewriter, loc, 0);
    Value step = arith::ConstantIndexOp::create(rewriter, loc, 1);
    Value end =
        arith::ConstantIndexOp::create(rewriter, loc, type.getDimSize(0));
    Value empty = tensor::EmptyOp::create(rewriter, loc, type.getShape(),
                                          type.getElementType());
    auto loop = scf::ForOp::create(
        rewriter, loc, first, end, step,
        ValueRange{empty, getZeros(rewriter, loc, lineType)},
        [&](OpBuilder &n, Location l, Value row, ValueRange carried) {
          OpFoldResult one = n.getIndexAttr(1);
          SmallVector<OpFoldResult> offsets{row, n.getIndexAttr(0)},
              sizes{one, n.getIndexAttr(width)}, strides{one, one};
          Value line = tensor::ExtractSliceOp::create(
              n, l, lineType, op.getInput(), offsets, sizes, strides);
          AffineMap map = n.getMultiDimIdentityMap(1);
          Value sum =
              linalg::GenericOp::create(
                  n, l, TypeRange(lineType), line, carried[1],
                  ArrayRef<AffineMap>{map, map},
                  ArrayRef<utils::IteratorType>{utils::IteratorType::parallel},
                  [](OpBuilder &body, Location at, ValueRange arguments) {
                    Value next = arith::AddFOp::create(body, at, arguments[1],
                                                       arguments[0]);
                    linalg::YieldOp::create(body, at, next);
                  })
                  .getResult(0);
          Value result = tensor::InsertSliceOp::create(n, l, sum, carried[0],
                                                       offsets, sizes, strides);
          scf::YieldOp::create(n, l, ValueRange{result, sum});
        });
    return loop.getResult(0);
  }
};

/// Forward substitution, a row at a time: T[i] = e_i - sum_{j < i} A[i, j]
/// T[j].
struct ExpandTriInverse : OpRewritePattern<TriInverseOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(TriInverseOp op,
                                PatternRewriter &rewriter) const override {
    Location loc = op.getLoc();
    auto type = cast<RankedTensorType>(op.getType());
    int64_t size = type.getDimSize(0);
    Type element = type.getElementType();
    MLIRContext *context = rewriter.getContext();
    Value zero =
        arith::ConstantOp::create(rewriter, loc, rewriter.getZeroAttr(element));
    Value one = arith::ConstantOp::create(rewriter, loc,
                                          rewriter.getFloatAttr(element, 1));
    // The identity; row i is overwritten in step i.
    Value empty =
        tensor::EmptyOp::create(rewriter, loc, type.getShape(), element);
    auto identity = linalg::GenericOp::create(
        rewriter, loc, TypeRange(type), ValueRange(), empty,
        rewriter.getMultiDimIdentityMap(2),
        SmallVector<utils::IteratorType>(2, utils::IteratorType::parallel),
        [&](OpBuilder &n, Location l, ValueRange) {
          Value row = toI32(n, l, linalg::IndexOp::create(n, l, 0));
          Value col = toI32(n, l, linalg::IndexOp::create(n, l, 1));
          Value same =
              arith::CmpIOp::create(n, l, arith::CmpIPredicate::eq, row, col);
          Value entry = arith::SelectOp::create(n, l, same, one, zero);
          linalg::YieldOp::create(n, l, entry);
        });
    Value first = arith::ConstantIndexOp::create(rewriter, loc, 1);
    Value end = arith::ConstantIndexOp::create(rewriter, loc, size);
    auto loop = scf::ForOp::create(rewriter, loc, first, end, first,
                                   ValueRange(identity.getResult(0)));
    {
      OpBuilder::InsertionGuard guard(rewriter);
      rewriter.setInsertionPointToStart(loop.getBody());
      Value i = loop.getInductionVar(), inverse = loop.getRegionIterArg(0);
      OpFoldResult c0 = rewriter.getIndexAttr(0), c1 = rewriter.getIndexAttr(1),
                   width = rewriter.getIndexAttr(size);
      SmallVector<OpFoldResult> offsets{i, c0}, sizes{c1, width},
          strides{c1, c1};
      auto lineType = RankedTensorType::get(size, element);
      Value coefficients = tensor::ExtractSliceOp::create(
          rewriter, loc, lineType, op.getInput(), offsets, sizes, strides);
      Value row = tensor::ExtractSliceOp::create(
          rewriter, loc, lineType, inverse, offsets, sizes, strides);
      Value current = toI32(rewriter, loc, i);
      // Dimensions: (column, earlier row).
      SmallVector<AffineMap> maps{
          AffineMap::getMultiDimMapWithTargets(2, {1}, context),
          AffineMap::getMultiDimMapWithTargets(2, {1, 0}, context),
          AffineMap::getMultiDimMapWithTargets(2, {0}, context)};
      auto update = linalg::GenericOp::create(
          rewriter, loc, TypeRange(lineType), ValueRange{coefficients, inverse},
          row, maps,
          ArrayRef<utils::IteratorType>{utils::IteratorType::parallel,
                                        utils::IteratorType::reduction},
          [&](OpBuilder &n, Location l, ValueRange arguments) {
            Value earlier = toI32(n, l, linalg::IndexOp::create(n, l, 1));
            Value counts = arith::CmpIOp::create(
                n, l, arith::CmpIPredicate::slt, earlier, current);
            Value factor =
                arith::SelectOp::create(n, l, counts, arguments[0], zero);
            Value product = arith::MulFOp::create(n, l, factor, arguments[1]);
            Value next = arith::SubFOp::create(n, l, arguments[2], product);
            linalg::YieldOp::create(n, l, next);
          });
      Value next = tensor::InsertSliceOp::create(
          rewriter, loc, update.getResult(0), inverse, offsets, sizes, strides);
      scf::YieldOp::create(rewriter, loc, next);
    }
    rewriter.replaceOp(op, loop.getResult(0));
    return success();
  }
};

struct ExpandOpaque : OpRewritePattern<OpaqueOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(OpaqueOp op,
                                PatternRewriter &rewriter) const override {
    rewriter.replaceOp(op, op.getValue());
    return success();
  }
};

struct ExpandAny : OpRewritePattern<AnyOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(AnyOp op,
                                PatternRewriter &rewriter) const override {
    Location loc = op.getLoc();
    Value first = arith::ConstantIndexOp::create(rewriter, loc, 0);
    Value step = arith::ConstantIndexOp::create(rewriter, loc, 1);
    Value end = arith::ConstantIndexOp::create(
        rewriter, loc, op.getInput().getType().getDimSize(0));
    Value none = arith::ConstantIntOp::create(rewriter, loc, 0, 1);
    auto loop = scf::ForOp::create(
        rewriter, loc, first, end, step, none,
        [&](OpBuilder &n, Location l, Value i, ValueRange found) {
          Value element = tensor::ExtractOp::create(n, l, op.getInput(), i);
          Value zero =
              arith::ConstantOp::create(n, l, n.getZeroAttr(element.getType()));
          Value isSome = arith::CmpFOp::create(n, l, arith::CmpFPredicate::UNE,
                                               element, zero);
          Value next = arith::OrIOp::create(n, l, found[0], isSome);
          scf::YieldOp::create(n, l, next);
        });
    rewriter.replaceOp(op, loop.getResult(0));
    return success();
  }
};

} // namespace

void attn::tile::populateExpandWork(RewritePatternSet &patterns) {
  patterns.add<ExpandAny, ExpandOpaque, ExpandScan, ExpandTriInverse>(
      patterns.getContext());
}
