//===- FoldVersions.cpp - Expands domains into segments -------------------===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// With L columns in tiles of N, visited columns [v0, v1) and full columns
// [f0, f1), both from the predicate's projection, the tiles are
//
//     [v0 / N, ceil(f0 / N))            partial
//     [ceil(f0 / N), f1 / N)            full
//     [f1 / N, ceil(v1 / N))            partial
//
// clamped to what exists. Everything is a closed form in the position of the
// rows, so the cost does not depend on the number of columns.
//
//===----------------------------------------------------------------------===//

#include "attn/Dialect/Tile/IR/Tile.h"
#include "attn/Dialect/Tile/Transforms/Passes.h"
#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Arith/Utils/Utils.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/IR/IRMapping.h"

namespace attn::tile {
#define GEN_PASS_DEF_TILEFOLDVERSIONS
#include "attn/Dialect/Tile/Transforms/Passes.h.inc"
} // namespace attn::tile

using namespace mlir;
using namespace attn::tile;

namespace {

/// Tiles [begin, end) with the flag `partial` constant.
struct Segment {
  OpFoldResult begin, end;
  bool partial;
};

class Expander {
public:
  Expander(RewriterBase &rewriter, FoldOp fold, DomainOp domain)
      : rewriter(rewriter), loc(fold.getLoc()), fold(fold), domain(domain),
        tileSize(fold.getDomain().getType().getRows()),
        limit(getAsOpFoldResult(domain.getLimit())) {
    if (domain.getShift())
      shift = getAsOpFoldResult(domain.getShift());
    else
      shift = rewriter.getIndexAttr(0);
  }

  LogicalResult expand(Pass::Statistic &numLoops);

private:
  using Exprs = ArrayRef<AffineExpr>;
  OpFoldResult apply(AffineExpr expr, ArrayRef<OpFoldResult> operands) {
    return affine::makeComposedFoldedAffineApply(rewriter, loc, expr, operands);
  }
  OpFoldResult smaller(OpFoldResult a, OpFoldResult b) {
    return affine::makeComposedFoldedAffineMin(
        rewriter, loc, rewriter.getMultiDimIdentityMap(2), {a, b});
  }
  OpFoldResult larger(OpFoldResult a, OpFoldResult b) {
    return affine::makeComposedFoldedAffineMax(
        rewriter, loc, rewriter.getMultiDimIdentityMap(2), {a, b});
  }
  OpFoldResult floorTile(OpFoldResult column) {
    return apply(rewriter.getAffineDimExpr(0).floorDiv(tileSize), {column});
  }
  OpFoldResult ceilTile(OpFoldResult column) {
    return apply(rewriter.getAffineDimExpr(0).ceilDiv(tileSize), {column});
  }
  /// A logical column as a physical one.
  OpFoldResult toPhysical(OpFoldResult column) {
    AffineExpr c, s;
    bindDims(rewriter.getContext(), c, s);
    return apply(c - s, {column, shift});
  }

  std::optional<RowBlock> getRowBlock();
  SmallVector<Segment> getSegments();
  SmallVector<Value> buildLoop(const Segment &segment, ValueRange state);

  RewriterBase &rewriter;
  Location loc;
  FoldOp fold;
  DomainOp domain;
  int64_t tileSize;
  OpFoldResult limit, shift;
};

} // namespace

/// The existing rows that look through the mask, if their positions are
/// consecutive.
std::optional<RowBlock> Expander::getRowBlock() {
  if (!domain.getMask() || domain.getPositions())
    return std::nullopt;
  auto rows = domain.getRows().getDefiningOp<CoordsOp>();
  if (!rows || rows.getPositions())
    return std::nullopt;
  OpFoldResult origin = getAsOpFoldResult(rows.getOrigin());
  OpFoldResult rowShift = rows.getShift()
                              ? getAsOpFoldResult(rows.getShift())
                              : OpFoldResult(rewriter.getIndexAttr(0));
  AffineExpr x, y;
  bindDims(rewriter.getContext(), x, y);
  OpFoldResult end = smaller(apply(x + rows.getType().getRows(), {origin}),
                             getAsOpFoldResult(rows.getLimit()));
  return RowBlock{
      getAsOpFoldResult(domain.getBatch()), getAsOpFoldResult(domain.getHead()),
      apply(x + y, {origin, rowShift}), apply(x + y - 1, {end, rowShift})};
}

SmallVector<Segment> Expander::getSegments() {
  OpFoldResult zero = rewriter.getIndexAttr(0);
  OpFoldResult begin = zero, end = ceilTile(limit);
  // Without a mask every existing column is full; with one that bounds nothing
  // none is.
  OpFoldResult fullBegin = zero, fullEnd = floorTile(limit);
  bool hasFull = !domain.getIrregular();
  if (domain.getMask()) {
    std::optional<RowBlock> rows = getRowBlock();
    std::optional<ColumnInterval> full;
    if (rows) {
      Formula formula = domain.getMask()->getFormula();
      ColumnInterval visited = getVisitedColumns(rewriter, loc, formula, *rows);
      if (visited.lower)
        begin = floorTile(larger(toPhysical(*visited.lower), zero));
      if (visited.upper)
        end =
            ceilTile(larger(smaller(toPhysical(*visited.upper), limit), zero));
      full = getFullColumns(rewriter, loc, formula, *rows);
    }
    hasFull &= full.has_value();
    if (hasFull && full->lower)
      fullBegin = ceilTile(larger(toPhysical(*full->lower), zero));
    if (hasFull && full->upper)
      fullEnd =
          floorTile(larger(smaller(toPhysical(*full->upper), limit), zero));
  }
  if (!hasFull)
    return {{begin, end, /*partial=*/true}};
  OpFoldResult first = begin, second = fullEnd;
  if (!isEqualConstantIntOrValue(fullBegin, begin))
    first = smaller(larger(fullBegin, begin), end);
  // Without a mask, 0 <= L / N <= ceil(L / N) needs no clamping.
  if (domain.getMask())
    second = smaller(larger(fullEnd, first), end);
  SmallVector<Segment> segments{
      {begin, first, true}, {first, second, false}, {second, end, true}};
  llvm::erase_if(segments, [](const Segment &segment) {
    return isEqualConstantIntOrValue(segment.begin, segment.end);
  });
  return segments;
}

/// One loop over the tiles of a segment: the body with its flags constant.
SmallVector<Value> Expander::buildLoop(const Segment &segment,
                                       ValueRange state) {
  Value begin = getValueOrCreateConstantIndexOp(rewriter, loc, segment.begin);
  Value end = getValueOrCreateConstantIndexOp(rewriter, loc, segment.end);
  Value one = arith::ConstantIndexOp::create(rewriter, loc, 1);
  bool hasHoles = segment.partial && domain.getMask() &&
                  !domain.getMask()->getFormula().isConvex();
  std::optional<RowBlock> rows;
  if (hasHoles)
    rows = getRowBlock();
  auto loop = scf::ForOp::create(rewriter, loc, begin, end, one, state);
  OpBuilder::InsertionGuard guard(rewriter);
  rewriter.setInsertionPointToStart(loop.getBody());

  OpFoldResult origin =
      apply(rewriter.getAffineDimExpr(0) * tileSize, {loop.getInductionVar()});
  Value originValue = getValueOrCreateConstantIndexOp(rewriter, loc, origin);
  bool hasShift = domain.getShift() && !isConstantIntValue(shift, 0);
  Value coords = CoordsOp::create(
      rewriter, loc, fold.getCoords().getType(), originValue, domain.getLimit(),
      hasShift ? domain.getShift() : Value(), domain.getPositions(),
      /*complete=*/!segment.partial);
  Value flag = arith::ConstantIntOp::create(rewriter, loc, segment.partial, 1);
  auto cloneBody = [&](OpBuilder &builder) {
    IRMapping mapping;
    mapping.map(fold.getCoords(), coords);
    for (Value argument : fold.getFlagArguments())
      mapping.map(argument, flag);
    for (auto [argument, value] :
         llvm::zip(fold.getStateArguments(), loop.getRegionIterArgs()))
      mapping.map(argument, value);
    for (Operation &op : fold.getBody()->without_terminator())
      builder.clone(op, mapping);
    auto yield = cast<YieldOp>(fold.getBody()->getTerminator());
    return llvm::map_to_vector(yield.getValues(), [&](Value value) {
      return mapping.lookupOrDefault(value);
    });
  };
  if (!rows) {
    SmallVector<Value> next = cloneBody(rewriter);
    scf::YieldOp::create(rewriter, loc, next);
    return llvm::to_vector_of<Value>(loop.getResults());
  }
  // A tile in a hole of the predicate changes nothing.
  AffineExpr x, y;
  bindDims(rewriter.getContext(), x, y);
  Value colBegin = getValueOrCreateConstantIndexOp(
      rewriter, loc, apply(x + y, {origin, shift}));
  Value colEnd = getValueOrCreateConstantIndexOp(
      rewriter, loc, apply(x + y + tileSize, {origin, shift}));
  Value visits = emitMayVisit(rewriter, loc, domain.getMask()->getFormula(),
                              *rows, colBegin, colEnd);
  auto choice =
      scf::IfOp::create(rewriter, loc, state.getTypes(), visits, true);
  rewriter.setInsertionPointToStart(choice.thenBlock());
  SmallVector<Value> next = cloneBody(rewriter);
  scf::YieldOp::create(rewriter, loc, next);
  rewriter.setInsertionPointToStart(choice.elseBlock());
  scf::YieldOp::create(rewriter, loc, loop.getRegionIterArgs());
  rewriter.setInsertionPointAfter(choice);
  scf::YieldOp::create(rewriter, loc, choice.getResults());
  return llvm::to_vector_of<Value>(loop.getResults());
}

LogicalResult Expander::expand(Pass::Statistic &numLoops) {
  for (Attribute name : fold.getFlags())
    if (cast<StringAttr>(name).getValue() != "partial")
      return fold.emitError("flag ")
             << name << " is not one that a domain gives";
  SmallVector<Value> state(fold.getInits());
  SmallVector<Segment> segments = getSegments();
  if (fold.getPartialFirst()) {
    SmallVector<Segment> full;
    llvm::copy_if(segments, std::back_inserter(full),
                  [](const Segment &segment) { return !segment.partial; });
    llvm::erase_if(segments,
                   [](const Segment &segment) { return !segment.partial; });
    llvm::append_range(segments, full);
  }
  for (const Segment &segment : segments) {
    state = buildLoop(segment, state);
    ++numLoops;
  }
  rewriter.replaceOp(fold, state);
  return success();
}

namespace {
struct TileFoldVersions
    : attn::tile::impl::TileFoldVersionsBase<TileFoldVersions> {
  void runOnOperation() override {
    SmallVector<FoldOp> folds;
    getOperation()->walk([&](FoldOp fold) { folds.push_back(fold); });
    IRRewriter rewriter(&getContext());
    for (FoldOp fold : folds) {
      auto domain = fold.getDomain().getDefiningOp<DomainOp>();
      if (!domain) {
        fold.emitError("expected a domain made by tile.domain");
        return signalPassFailure();
      }
      rewriter.setInsertionPoint(fold);
      if (failed(Expander(rewriter, fold, domain).expand(numLoops)))
        return signalPassFailure();
      if (domain->use_empty())
        rewriter.eraseOp(domain);
    }
  }
};
} // namespace
