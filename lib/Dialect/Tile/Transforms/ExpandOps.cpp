//===- ExpandOps.cpp - Coordinates, rows and predicates to linalg ---------===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "ExpandWork.h"
#include "attn/Dialect/Tile/IR/Tile.h"
#include "attn/Dialect/Tile/Transforms/Passes.h"
#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Arith/Utils/Utils.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"

namespace attn::tile {
#define GEN_PASS_DEF_TILEEXPANDOPS
#include "attn/Dialect/Tile/Transforms/Passes.h.inc"
} // namespace attn::tile

using namespace mlir;
using namespace attn::tile;

namespace {

/// Coordinates whose rows are known: made by `tile.coords`.
FailureOr<CoordsOp> getRows(PatternRewriter &rewriter, Operation *op,
                            Value coords) {
  if (auto made = coords.getDefiningOp<CoordsOp>())
    return made;
  return rewriter.notifyMatchFailure(
      op, "its coordinates are a block argument: expand the fold first");
}

OpFoldResult minOf(OpBuilder &builder, Location loc, OpFoldResult a,
                   OpFoldResult b) {
  return affine::makeComposedFoldedAffineMin(
      builder, loc, builder.getMultiDimIdentityMap(2), {a, b});
}

/// How many rows of a tile exist: limit - origin, between 0 and N.
OpFoldResult getCount(OpBuilder &builder, CoordsOp coords) {
  Location loc = coords.getLoc();
  int64_t rows = coords.getType().getRows();
  if (coords.getComplete())
    return builder.getIndexAttr(rows);
  AffineExpr l, o;
  bindDims(builder.getContext(), l, o);
  OpFoldResult rest = affine::makeComposedFoldedAffineApply(
      builder, loc, l - o,
      {getAsOpFoldResult(coords.getLimit()),
       getAsOpFoldResult(coords.getOrigin())});
  OpFoldResult count = minOf(builder, loc, rest, builder.getIndexAttr(rows));
  if (getConstantIntValue(count))
    return builder.getIndexAttr(
        std::max<int64_t>(*getConstantIntValue(count), 0));
  return affine::makeComposedFoldedAffineMax(builder, loc,
                                             builder.getMultiDimIdentityMap(2),
                                             {count, builder.getIndexAttr(0)});
}

/// The part of `tensor` that a tile covers: the indices, then the rows, then
/// (for a matrix) the columns.
struct Region {
  SmallVector<OpFoldResult> offsets, sizes, strides;
  /// The part of the tile that exists.
  SmallVector<OpFoldResult> tileSizes;
};

Region getRegion(OpBuilder &builder, Location loc, Value tensor,
                 ValueRange indices, CoordsOp coords, CoordsOp columns,
                 RankedTensorType tile) {
  Region region;
  for (Value index : indices) {
    region.offsets.push_back(getAsOpFoldResult(index));
    region.sizes.push_back(builder.getIndexAttr(1));
  }
  region.offsets.push_back(getAsOpFoldResult(coords.getOrigin()));
  region.tileSizes.push_back(getCount(builder, coords));
  if (tile.getRank() == 2) {
    if (columns) {
      region.offsets.push_back(getAsOpFoldResult(columns.getOrigin()));
      region.tileSizes.push_back(getCount(builder, columns));
    } else {
      region.offsets.push_back(builder.getIndexAttr(0));
      int64_t rank = cast<RankedTensorType>(tensor.getType()).getRank();
      region.tileSizes.push_back(minOf(
          builder, loc, tensor::getMixedSize(builder, loc, tensor, rank - 1),
          builder.getIndexAttr(tile.getDimSize(1))));
    }
  }
  llvm::append_range(region.sizes, region.tileSizes);
  region.strides.assign(region.offsets.size(), builder.getIndexAttr(1));
  return region;
}

RankedTensorType getTypeOf(ArrayRef<OpFoldResult> sizes, Type element) {
  return RankedTensorType::get(decomposeMixedValues(sizes).first, element);
}

struct ExpandRows : OpRewritePattern<RowsOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(RowsOp op,
                                PatternRewriter &rewriter) const override {
    FailureOr<CoordsOp> coords = getRows(rewriter, op, op.getCoords());
    if (failed(coords))
      return failure();
    CoordsOp columns;
    if (op.getColumns()) {
      FailureOr<CoordsOp> found = getRows(rewriter, op, op.getColumns());
      if (failed(found))
        return failure();
      columns = *found;
    }
    Location loc = op.getLoc();
    auto type = cast<RankedTensorType>(op.getType());
    Type element = type.getElementType();
    Region region = getRegion(rewriter, loc, op.getSource(), op.getIndices(),
                              *coords, columns, type);
    RankedTensorType sliceType = getTypeOf(region.tileSizes, element);
    Value slice = tensor::ExtractSliceOp::create(rewriter, loc, sliceType,
                                                 op.getSource(), region.offsets,
                                                 region.sizes, region.strides);
    if (sliceType == type) {
      rewriter.replaceOp(op, slice);
      return success();
    }
    // Zeros, and over them what exists.
    Value zero =
        arith::ConstantOp::create(rewriter, loc, rewriter.getZeroAttr(element));
    Value empty =
        tensor::EmptyOp::create(rewriter, loc, type.getShape(), element);
    Value zeros =
        linalg::FillOp::create(rewriter, loc, zero, empty).getResult(0);
    SmallVector<OpFoldResult> origin(type.getRank(), rewriter.getIndexAttr(0));
    SmallVector<OpFoldResult> strides(type.getRank(), rewriter.getIndexAttr(1));
    rewriter.replaceOpWithNewOp<tensor::InsertSliceOp>(
        op, slice, zeros, origin, region.tileSizes, strides);
    return success();
  }
};

struct ExpandInsert : OpRewritePattern<InsertOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(InsertOp op,
                                PatternRewriter &rewriter) const override {
    FailureOr<CoordsOp> coords = getRows(rewriter, op, op.getCoords());
    if (failed(coords))
      return failure();
    Location loc = op.getLoc();
    auto type = cast<RankedTensorType>(op.getTile().getType());
    Region region = getRegion(rewriter, loc, op.getDest(), op.getIndices(),
                              *coords, CoordsOp(), type);
    SmallVector<OpFoldResult> origin(type.getRank(), rewriter.getIndexAttr(0));
    SmallVector<OpFoldResult> strides(type.getRank(), rewriter.getIndexAttr(1));
    Value slice = tensor::ExtractSliceOp::create(
        rewriter, loc, op.getTile(), origin, region.tileSizes, strides);
    rewriter.replaceOpWithNewOp<tensor::InsertSliceOp>(
        op, slice, op.getDest(), region.offsets, region.sizes, region.strides);
    return success();
  }
};

/// Positions of consecutive rows: base + linalg.index(dim), with base hoisted.
/// An i32 has any position.
class LinearPositions {
public:
  LinearPositions(OpBuilder &builder, CoordsOp coords) {
    Location loc = coords.getLoc();
    Value base = coords.getOrigin();
    if (coords.getShift())
      base = builder.createOrFold<arith::AddIOp>(loc, base, coords.getShift());
    this->base = toI32(builder, loc, base);
  }
  Value get(OpBuilder &builder, Location loc, Value row) const {
    return arith::AddIOp::create(builder, loc, row, base,
                                 arith::IntegerOverflowFlags::nsw);
  }

private:
  Value base;
};

linalg::GenericOp
buildGeneric(OpBuilder &builder, Location loc, RankedTensorType type,
             ValueRange ins, ArrayRef<AffineMap> maps,
             function_ref<Value(OpBuilder &, Location, ValueRange)> body) {
  Value empty = tensor::EmptyOp::create(builder, loc, type.getShape(),
                                        type.getElementType());
  SmallVector<AffineMap> all(maps);
  all.push_back(builder.getMultiDimIdentityMap(type.getRank()));
  SmallVector<utils::IteratorType> iterators(type.getRank(),
                                             utils::IteratorType::parallel);
  return linalg::GenericOp::create(
      builder, loc, TypeRange(type), ins, empty, all, iterators,
      [&](OpBuilder &nested, Location nestedLoc, ValueRange arguments) {
        Value result = body(nested, nestedLoc, arguments);
        linalg::YieldOp::create(nested, nestedLoc, result);
      });
}

/// A tile of run-time positions.
Value readPositions(OpBuilder &builder, Location loc, CoordsOp coords) {
  auto type =
      RankedTensorType::get(coords.getType().getRows(), builder.getI32Type());
  return RowsOp::create(builder, loc, type, coords.getPositions(), ValueRange(),
                        coords, Value());
}

struct ExpandPositions : OpRewritePattern<PositionsOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(PositionsOp op,
                                PatternRewriter &rewriter) const override {
    FailureOr<CoordsOp> coords = getRows(rewriter, op, op.getCoords());
    if (failed(coords))
      return failure();
    Location loc = op.getLoc();
    if (coords->getPositions()) {
      rewriter.replaceOp(op, readPositions(rewriter, loc, *coords));
      return success();
    }
    LinearPositions positions(rewriter, *coords);
    // Rows that do not exist repeat the last one, so that whatever is read at
    // their positions exists.
    AffineExpr l, o;
    bindDims(rewriter.getContext(), l, o);
    Value last = getValueOrCreateConstantIndexOp(
        rewriter, loc,
        affine::makeComposedFoldedAffineApply(
            rewriter, loc, l - o - 1,
            {getAsOpFoldResult(coords->getLimit()),
             getAsOpFoldResult(coords->getOrigin())}));
    Value lastRow = toI32(rewriter, loc, last);
    auto generic =
        buildGeneric(rewriter, loc, cast<RankedTensorType>(op.getType()), {},
                     {}, [&](OpBuilder &n, Location l, ValueRange) {
                       Value row =
                           toI32(n, l, linalg::IndexOp::create(n, l, 0));
                       if (!coords->getComplete())
                         row = arith::MinSIOp::create(n, l, row, lastRow);
                       return positions.get(n, l, row);
                     });
    rewriter.replaceOp(op, generic);
    return success();
  }
};

/// Whether row `row` of a tile has the bit `number` (both i32). A row or a word
/// that does not exist is not read: another one is.
Value emitTestBit(OpBuilder &b, Location loc, Value bits, CoordsOp rows,
                  Value row, Value number) {
  auto constant = [&](int64_t value) -> Value {
    return arith::ConstantIntOp::create(b, loc, value, 32);
  };
  auto clamp = [&](Value index, Value count) -> Value {
    Value last = arith::SubIOp::create(b, loc, count, constant(1));
    index = arith::MinSIOp::create(b, loc, index, last);
    index = arith::MaxSIOp::create(b, loc, index, constant(0));
    return arith::IndexCastOp::create(b, loc, b.getIndexType(), index);
  };
  Value numWords = toI32(b, loc,
                         getValueOrCreateConstantIndexOp(
                             b, loc, tensor::getMixedSize(b, loc, bits, 1)));
  Value at =
      arith::AddIOp::create(b, loc, row, toI32(b, loc, rows.getOrigin()));
  Value word = arith::ShRSIOp::create(b, loc, number, constant(5));
  Value read = tensor::ExtractOp::create(
      b, loc, bits,
      ValueRange{clamp(at, toI32(b, loc, rows.getLimit())),
                 clamp(word, numWords)});
  Value shift = arith::AndIOp::create(b, loc, number, constant(31));
  Value bit = arith::TruncIOp::create(
      b, loc, b.getI1Type(), arith::ShRUIOp::create(b, loc, read, shift));
  // Unsigned: a number below 0 is no number of a word either.
  Value exists =
      arith::CmpIOp::create(b, loc, arith::CmpIPredicate::ult, word, numWords);
  return arith::AndIOp::create(b, loc, exists, bit);
}

struct ExpandPredicate : OpRewritePattern<PredicateOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(PredicateOp op,
                                PatternRewriter &rewriter) const override {
    FailureOr<CoordsOp> rows = getRows(rewriter, op, op.getRows());
    FailureOr<CoordsOp> cols = getRows(rewriter, op, op.getCols());
    if (failed(rows) || failed(cols))
      return failure();
    Location loc = op.getLoc();
    AffineExpr i, j;
    bindDims(rewriter.getContext(), i, j);
    auto map = [&](AffineExpr expr) {
      return AffineMap::get(2, 0, expr, rewriter.getContext());
    };
    SmallVector<Value> ins;
    SmallVector<AffineMap> maps;
    // Run-time positions are an input; consecutive ones are computed in place.
    auto addPositions = [&](CoordsOp coords, AffineExpr dim) -> int {
      if (!coords.getPositions())
        return -1;
      ins.push_back(readPositions(rewriter, loc, coords));
      maps.push_back(map(dim));
      return ins.size() - 1;
    };
    int rowInput = addPositions(*rows, i), colInput = addPositions(*cols, j);
    int idInput = ins.size();
    if (op.getRowIds()) {
      ins.append({op.getRowIds(), op.getColIds()});
      maps.append({map(i), map(j)});
    }
    std::optional<LinearPositions> rowPositions, colPositions;
    if (rowInput < 0)
      rowPositions.emplace(rewriter, *rows);
    if (colInput < 0)
      colPositions.emplace(rewriter, *cols);
    Value batch = toI32(rewriter, loc, op.getBatch());
    Value head = toI32(rewriter, loc, op.getHead());
    Value count = toI32(rewriter, loc,
                        getValueOrCreateConstantIndexOp(
                            rewriter, loc, getCount(rewriter, *cols)));
    SmallVector<Value> parameters;
    for (Value parameter : op.getParameters())
      parameters.push_back(toI32(rewriter, loc, parameter));
    // Where positions are consecutive, columns end at a position.
    Value last;
    if (op.getMask() && colPositions && !cols->getComplete()) {
      Value one = arith::ConstantIntOp::create(rewriter, loc, 1, 32);
      last = colPositions->get(
          rewriter, loc, rewriter.createOrFold<arith::SubIOp>(loc, count, one));
    }
    auto generic = buildGeneric(
        rewriter, loc, cast<RankedTensorType>(op.getType()), ins, maps,
        [&](OpBuilder &n, Location l, ValueRange arguments) {
          Value row = toI32(n, l, linalg::IndexOp::create(n, l, 0));
          Value col = toI32(n, l, linalg::IndexOp::create(n, l, 1));
          Value exists;
          if (!cols->getComplete() && !last)
            exists = arith::CmpIOp::create(n, l, arith::CmpIPredicate::slt, col,
                                           count);
          if (!op.getMask())
            return exists
                       ? exists
                       : arith::ConstantIntOp::create(n, l, 1, 1).getResult();
          Value sameId;
          if (op.getRowIds())
            sameId = arith::CmpIOp::create(n, l, arith::CmpIPredicate::eq,
                                           arguments[idInput],
                                           arguments[idInput + 1]);
          Value rowAt =
              rowInput < 0 ? rowPositions->get(n, l, row) : arguments[rowInput];
          Value colAt =
              colInput < 0 ? colPositions->get(n, l, col) : arguments[colInput];
          auto testBit = [&](Value number) {
            return emitTestBit(n, l, op.getBits(), *rows, row, number);
          };
          Value test =
              emitTest(n, l, op.getMask()->getFormula(), batch, head, rowAt,
                       colAt, sameId, parameters, testBit, last);
          return exists ? arith::AndIOp::create(n, l, exists, test).getResult()
                        : test;
        });
    rewriter.replaceOp(op, generic);
    return success();
  }
};

/// One closed form per group of rows, from the projection of the predicate.
struct ExpandVisited : OpRewritePattern<VisitedOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(VisitedOp op,
                                PatternRewriter &rewriter) const override {
    FailureOr<CoordsOp> rows = getRows(rewriter, op, op.getRows());
    FailureOr<CoordsOp> cols = getRows(rewriter, op, op.getCols());
    if (failed(rows) || failed(cols))
      return failure();
    Location loc = op.getLoc();
    Value rowCount = getValueOrCreateConstantIndexOp(rewriter, loc,
                                                     getCount(rewriter, *rows));
    Value colCount = getValueOrCreateConstantIndexOp(rewriter, loc,
                                                     getCount(rewriter, *cols));
    auto type = cast<RankedTensorType>(op.getLower().getType());
    Value empty = tensor::EmptyOp::create(rewriter, loc, type.getShape(),
                                          type.getElementType());
    AffineMap map = rewriter.getMultiDimIdentityMap(1);
    rewriter.replaceOpWithNewOp<linalg::GenericOp>(
        op, TypeRange{type, type}, ValueRange(), ValueRange{empty, empty},
        ArrayRef<AffineMap>{map, map},
        ArrayRef<utils::IteratorType>{utils::IteratorType::parallel},
        [&](OpBuilder &n, Location l, ValueRange) {
          auto [lower, upper] =
              getRange(n, l, op, *rows, *cols, rowCount, colCount);
          linalg::YieldOp::create(n, l, ValueRange{lower, upper});
        });
    return success();
  }

private:
  static std::pair<Value, Value> getRange(OpBuilder &n, Location l,
                                          VisitedOp op, CoordsOp rows,
                                          CoordsOp cols, Value rowCount,
                                          Value colCount) {
    auto apply = [&](AffineExpr expr, ArrayRef<OpFoldResult> operands) {
      return affine::makeComposedFoldedAffineApply(n, l, expr, operands);
    };
    auto value = [&](OpFoldResult result) {
      return getValueOrCreateConstantIndexOp(n, l, result);
    };
    AffineExpr x, y, z;
    bindDims(n.getContext(), x, y, z);
    OpFoldResult zero = n.getIndexAttr(0);
    auto shiftOf = [&](CoordsOp coords) {
      return coords.getShift() ? getAsOpFoldResult(coords.getShift()) : zero;
    };
    Value group = linalg::IndexOp::create(n, l, 0);
    int64_t size = op.getGroup();
    OpFoldResult first = apply(x * size, {group});
    OpFoldResult end = minOf(n, l, apply(x * size + size, {group}), rowCount);
    Value lower = value(zero), upper = colCount;
    if (op.getMask() && !rows.getPositions() && !cols.getPositions()) {
      OpFoldResult origin = getAsOpFoldResult(rows.getOrigin());
      RowBlock block{getAsOpFoldResult(op.getBatch()),
                     getAsOpFoldResult(op.getHead()),
                     apply(x + y + z, {first, origin, shiftOf(rows)}),
                     apply(x + y + z - 1, {end, origin, shiftOf(rows)})};
      block.parameters = getAsOpFoldResult(op.getParameters());
      ColumnInterval visited =
          getVisitedColumns(n, l, op.getMask()->getFormula(), block);
      // From logical positions to columns of the tile.
      auto toTile = [&](OpFoldResult column) {
        return value(
            apply(x - y - z, {column, getAsOpFoldResult(cols.getOrigin()),
                              shiftOf(cols)}));
      };
      if (visited.lower)
        lower = arith::MaxSIOp::create(n, l, lower, toTile(*visited.lower));
      if (visited.upper)
        upper = arith::MinSIOp::create(n, l, upper, toTile(*visited.upper));
    }
    Value exists = arith::CmpIOp::create(n, l, arith::CmpIPredicate::slt,
                                         value(first), rowCount);
    upper = arith::SelectOp::create(n, l, exists, upper, value(zero));
    lower = arith::MinSIOp::create(n, l, lower, upper);
    lower = arith::MaxSIOp::create(n, l, lower, value(zero));
    upper = arith::MaxSIOp::create(n, l, upper, lower);
    return {lower, upper};
  }
};

struct TileExpandOps : attn::tile::impl::TileExpandOpsBase<TileExpandOps> {
  using TileExpandOpsBase::TileExpandOpsBase;

  void runOnOperation() override {
    RewritePatternSet patterns(&getContext());
    patterns.add<ExpandPositions, ExpandPredicate, ExpandVisited>(
        &getContext());
    if (!keepWork)
      populateExpandWork(patterns);
    if (!keepMemory)
      patterns.add<ExpandRows, ExpandInsert>(&getContext());
    if (failed(applyPatternsGreedily(getOperation(), std::move(patterns))))
      return signalPassFailure();
    WalkResult left = getOperation()->walk([this](Operation *op) {
      if (!isa<TileDialect>(op->getDialect()) || isa<ContractOp>(op) ||
          isa<CoordsOp, OriginOp, TransposeOp>(op) ||
          (keepMemory && isa<RowsOp, InsertOp>(op)) ||
          (keepWork && isa<AnyOp, OpaqueOp, ScanOp, TriInverseOp>(op)))
        return WalkResult::advance();
      op->emitError("was not expanded");
      return WalkResult::interrupt();
    });
    if (left.wasInterrupted())
      return signalPassFailure();
  }
};

} // namespace
