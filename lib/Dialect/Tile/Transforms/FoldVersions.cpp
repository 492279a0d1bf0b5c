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
// rows, so the cost does not depend on the number of columns. Where the visited
// columns are several intervals (a disjunction), or repeat, a loop counts the
// partial tiles that are visited, and their numbers are computed
// (TilePieces.cpp). Of a list the loops count entries, which hold the numbers.
//
// Of a held fold the partial tiles come first, with the flag `update`. If there
// are none the first full tile is treated as one of them: where partial tiles
// may exist, as a partial tile. Of a list it is in any case: the tiles of a
// list may show nothing to a row, but a full one shows it everything.
//
//===----------------------------------------------------------------------===//

#include "TilePieces.h"
#include "attn/Dialect/Tile/IR/Tile.h"
#include "attn/Dialect/Tile/Transforms/Passes.h"
#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Arith/Utils/Utils.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/IRMapping.h"
#include "mlir/IR/Matchers.h"
#include "mlir/IR/Remarks.h"

namespace attn::tile {
#define GEN_PASS_DEF_TILEFOLDVERSIONS
#include "attn/Dialect/Tile/Transforms/Passes.h.inc"
} // namespace attn::tile

using namespace mlir;
using namespace attn::tile;

namespace {

/// Tiles [begin, end) with constant flags.
struct Segment {
  OpFoldResult begin, end;
  bool partial;
  bool update = true;
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
  void explain();
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

  /// Also of a fold that repeats what was held.
  bool mayHold() { return hasFlag("update"); }
  bool hasFlag(StringRef name) {
    return llvm::is_contained(fold.getFlags().getAsValueRange<StringAttr>(),
                              name);
  }
  std::optional<RowBlock> getRowBlock();
  std::optional<TilePieces> getVisited();
  SmallVector<TilePieces> getPieces(ArrayRef<Segment> segments);
  SmallVector<Segment> getListed();
  SmallVector<Segment> getSegments();
  void hold(SmallVectorImpl<Segment> &segments);
  void resolveHeld(ArrayRef<Segment> segments);
  SmallVector<Value> buildLoop(const Segment &segment, TilePieces pieces,
                               ValueRange state);

  RewriterBase &rewriter;
  Location loc;
  FoldOp fold;
  DomainOp domain;
  int64_t tileSize;
  OpFoldResult limit, shift;
  /// The tiles from the first that is visited to the last.
  OpFoldResult visitBegin, visitEnd;
  /// Whether partial tiles have to be tested.
  bool hasHoles = false;
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
  RowBlock block{
      getAsOpFoldResult(domain.getBatch()), getAsOpFoldResult(domain.getHead()),
      apply(x + y, {origin, rowShift}), apply(x + y - 1, {end, rowShift})};
  block.parameters = getAsOpFoldResult(domain.getParameters());
  if (domain.getSameId().empty())
    return block;
  // They are physical columns.
  auto bound = [&](unsigned number) -> std::optional<OpFoldResult> {
    return apply(x + y, {domain.getSameId()[number], shift});
  };
  block.someId = ColumnInterval{bound(0), bound(1)};
  block.everyId = ColumnInterval{bound(2), bound(3)};
  return block;
}

/// Of a list the segments are ranges of its entries.
SmallVector<Segment> Expander::getListed() {
  OpFoldResult zero = rewriter.getIndexAttr(0),
               partial = getAsOpFoldResult(domain.getCounts()[0]),
               count = getAsOpFoldResult(domain.getCounts()[1]);
  if (!hasFlag("partial"))
    return {{zero, count, /*partial=*/true}};
  return {{zero, partial, true}, {partial, count, false}};
}

SmallVector<Segment> Expander::getSegments() {
  OpFoldResult zero = rewriter.getIndexAttr(0);
  if (domain.getList())
    return getListed();
  OpFoldResult begin = zero, last = limit;
  if (!domain.getSpan().empty()) {
    begin = floorTile(getAsOpFoldResult(domain.getSpan()[0]));
    last = smaller(getAsOpFoldResult(domain.getSpan()[1]), limit);
  }
  OpFoldResult end = ceilTile(last);
  // Without a mask every existing column is full; with one that bounds nothing
  // none is.
  OpFoldResult fullBegin = begin, fullEnd = floorTile(last);
  // A body that does not ask is the same for all tiles.
  bool hasFull = !domain.getIrregular() && hasFlag("partial");
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
  visitBegin = begin;
  visitEnd = end;
  if (!hasFull)
    return {{begin, end, /*partial=*/true}};
  // A tile of one column that is visited exists.
  if (!domain.getMask() && domain.getType().getRows() == 1)
    return {{begin, end, /*partial=*/false}};
  OpFoldResult first = begin, second = fullEnd;
  if (!isEqualConstantIntOrValue(fullBegin, begin))
    first = smaller(larger(fullBegin, begin), end);
  // Without either, 0 <= L / N <= ceil(L / N) needs no clamping.
  if (domain.getMask() || !domain.getSpan().empty())
    second = smaller(larger(fullEnd, first), end);
  SmallVector<Segment> segments{
      {begin, first, true}, {first, second, false}, {second, end, true}};
  // The last one is also that of tiles outside of the other two.
  bool isConvex =
      !domain.getMask() || domain.getMask()->getFormula().isConvex();
  ArrayRef<Segment> kept = ArrayRef(segments).drop_back(isConvex ? 0 : 1);
  SmallVector<Segment> result;
  llvm::copy_if(kept, std::back_inserter(result), [](const Segment &segment) {
    return !isEqualConstantIntOrValue(segment.begin, segment.end);
  });
  if (!isConvex)
    result.push_back(segments.back());
  return result;
}

/// Lets all but the first tiles keep what the state is relative to. There is at
/// most one segment of full tiles, the last one.
void Expander::hold(SmallVectorImpl<Segment> &segments) {
  if (segments.empty() || segments.back().partial)
    return;
  Segment &full = segments.back();
  full.update = false;
  // Whether a full tile has to be one of the first: 1 or 0.
  AffineExpr x, y;
  bindDims(rewriter.getContext(), x, y);
  OpFoldResult one = rewriter.getIndexAttr(1);
  OpFoldResult taken = smaller(apply(y - x, {full.begin, full.end}), one);
  if (!domain.getList())
    for (const Segment &segment : MutableArrayRef(segments).drop_back()) {
      OpFoldResult some =
          smaller(apply(y - x, {segment.begin, segment.end}), one);
      taken = larger(apply(x - y, {taken, some}), rewriter.getIndexAttr(0));
    }
  if (isConstantIntValue(taken, 0))
    return;
  // Next to the partial tiles behind it or in front of it, or on its own.
  for (Segment &segment : MutableArrayRef(segments).drop_back()) {
    if (isEqualConstantIntOrValue(segment.begin, full.end)) {
      full.end = segment.begin = apply(x - y, {full.end, taken});
      return;
    }
    if (isEqualConstantIntOrValue(segment.end, full.begin)) {
      full.begin = segment.end = apply(x + y, {full.begin, taken});
      return;
    }
  }
  Segment first{full.begin, apply(x + y, {full.begin, taken}),
                /*partial=*/false};
  full.begin = first.end;
  segments.insert(std::prev(segments.end()), first);
}

/// Tells those who ask whether any tile does not update.
void Expander::resolveHeld(ArrayRef<Segment> segments) {
  bool isHeld = llvm::any_of(segments, [](const Segment &segment) {
    return !segment.update &&
           !isEqualConstantIntOrValue(segment.begin, segment.end);
  });
  for (Operation *user : llvm::make_early_inc_range(fold->getUsers())) {
    auto held = dyn_cast<HeldOp>(user);
    if (!held)
      continue;
    OpBuilder::InsertionGuard guard(rewriter);
    rewriter.setInsertionPoint(held);
    rewriter.replaceOpWithNewOp<arith::ConstantIntOp>(held, isHeld, 1);
  }
}

/// The visited tiles of a mask with holes. If there are too many holes to tell,
/// nothing is known but that there are some.
std::optional<TilePieces> Expander::getVisited() {
  if (!domain.getMask() || domain.getMask()->getFormula().isConvex())
    return std::nullopt;
  std::optional<RowBlock> rows = getRowBlock();
  if (!rows)
    return std::nullopt;
  std::optional<TilePieces> pieces = TilePieces::get(
      rewriter, loc, domain.getMask()->getFormula(), *rows, tileSize,
      getValueOrCreateConstantIndexOp(rewriter, loc, floorTile(limit)),
      !isConstantIntValue(shift, 0),
      [&](OpFoldResult column) { return toPhysical(column); });
  // What repeats is visited after the intervals around it.
  if (pieces && pieces->hasPatterns() && fold.getOrder() != FoldOrder::Free)
    pieces.reset();
  hasHoles = !pieces;
  return pieces;
}

/// The tiles of each segment.
SmallVector<TilePieces> Expander::getPieces(ArrayRef<Segment> segments) {
  auto value = [&](OpFoldResult result) {
    return getValueOrCreateConstantIndexOp(rewriter, loc, result);
  };
  SmallVector<TilePieces> list;
  for (const Segment &segment : segments)
    list.push_back(
        TilePieces::getRange(value(segment.begin), value(segment.end)));
  std::optional<TilePieces> visited = getVisited();
  if (!visited)
    return list;
  TilePieces repeated = visited->takePatterns();
  TilePieces *partial = nullptr, *full = nullptr;
  for (auto [segment, pieces] : llvm::zip(segments, list)) {
    (segment.partial ? partial : full) = &pieces;
    if (segment.partial)
      pieces = visited->clip(rewriter, loc, value(segment.begin),
                             value(segment.end));
  }
  if (repeated.isEmpty())
    return list;
  // It lies between the intervals, one of which has the full segment.
  repeated = repeated.clip(rewriter, loc, value(visitBegin), value(visitEnd));
  if (full)
    full->append(repeated.takeFull(rewriter, loc));
  partial->append(repeated);
  return list;
}

/// One loop over tiles: the body with its flags constant.
SmallVector<Value> Expander::buildLoop(const Segment &segment,
                                       TilePieces pieces, ValueRange state) {
  bool isRange = pieces.isRange();
  Value begin = isRange ? pieces.getFirst().begin
                        : arith::ConstantIndexOp::create(rewriter, loc, 0),
        end = isRange ? pieces.getFirst().end : pieces.getCount(rewriter, loc);
  // Of a fold that may be held, a few tiles stay a loop, too: what it shares
  // with the loop over the others is found by comparing the two. What is
  // repeated is not taken for what was held.
  if (mayHold() && segment.update && matchPattern(end, m_Constant()))
    end = OpaqueOp::create(rewriter, loc, end);
  if (mayHold() && !fold.getHeld())
    begin = OpaqueOp::create(rewriter, loc, begin);
  Value one = arith::ConstantIndexOp::create(rewriter, loc, 1);
  std::optional<RowBlock> rows;
  if (hasHoles && segment.partial)
    rows = getRowBlock();
  auto loop = scf::ForOp::create(rewriter, loc, begin, end, one, state);
  OpBuilder::InsertionGuard guard(rewriter);
  rewriter.setInsertionPointToStart(loop.getBody());

  Value number = loop.getInductionVar();
  if (!isRange)
    number = pieces.getTile(rewriter, loc, number);
  if (domain.getList()) {
    Value entry =
        tensor::ExtractOp::create(rewriter, loc, domain.getList(), number);
    number = arith::IndexCastOp::create(rewriter, loc, rewriter.getIndexType(),
                                        entry);
  }
  OpFoldResult origin =
      apply(rewriter.getAffineDimExpr(0) * tileSize, {number});
  Value originValue = getValueOrCreateConstantIndexOp(rewriter, loc, origin);
  bool hasShift = domain.getShift() && !isConstantIntValue(shift, 0);
  Value coords = CoordsOp::create(
      rewriter, loc, fold.getCoords().getType(), originValue, domain.getLimit(),
      hasShift ? domain.getShift() : Value(), domain.getPositions(),
      /*complete=*/!segment.partial);
  auto getFlag = [&](StringRef name) -> Value {
    bool value = name == "partial" ? segment.partial : segment.update;
    return arith::ConstantIntOp::create(rewriter, loc, value, 1);
  };
  auto cloneBody = [&](OpBuilder &builder) {
    IRMapping mapping;
    mapping.map(fold.getCoords(), coords);
    for (auto [name, argument] :
         llvm::zip(fold.getFlags().getAsValueRange<StringAttr>(),
                   fold.getFlagArguments()))
      mapping.map(argument, getFlag(name));
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

/// Why tiles are visited only to be tested, if they are.
static std::optional<StringRef> getTestedTiles(DomainOp domain, bool hasHoles) {
  if (domain.getIrregular())
    return "a region decides, which says nothing about tiles: all that the "
           "mask leaves are visited, and each position is tested";
  if (!domain.getMask())
    return std::nullopt;
  auto rows = domain.getRows().getDefiningOp<CoordsOp>();
  if (domain.getPositions() || (rows && rows.getPositions()))
    return "positions are known at run time only: all tiles are visited, and "
           "each position is tested";
  Formula formula = domain.getMask()->getFormula();
  if (formula.readsBits())
    return "bits of the rows decide, which say nothing about tiles: all tiles "
           "that may read one are visited, and each position is tested";
  if (formula.readsIds() && domain.getSameId().empty())
    return "ids decide, and there are no bounds of them: all tiles are "
           "visited, and each position is tested";
  if (hasHoles)
    return "the mask has more holes than are stepped over: each tile from the "
           "first to the last is asked whether it lies in one";
  return std::nullopt;
}

void Expander::explain() {
  // What is repeated without holding is the same fold.
  bool isRepeated = mayHold() && !fold.getHeld();
  std::optional<StringRef> reason = getTestedTiles(domain, hasHoles);
  if (reason && !isRepeated)
    remark::missed(
        fold.getLoc(),
        remark::RemarkOpts::name("tested-tiles").category("tile-fold-versions"))
        << remark::reason("{0}", *reason);
}

LogicalResult Expander::expand(Pass::Statistic &numLoops) {
  for (Attribute name : fold.getFlags())
    if (StringRef value = cast<StringAttr>(name).getValue();
        value != "partial" && value != "update")
      return fold.emitError("flag ")
             << name << " is not one that a domain gives";
  if (domain.getList() && fold.getOrder() != FoldOrder::Free)
    return fold.emitError("is ordered, but the tiles of a list come in any "
                          "order");
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
  if (fold.getHeld())
    hold(segments);
  resolveHeld(segments);
  SmallVector<TilePieces> pieces = getPieces(segments);
  explain();
  // Partial tiles that come first are visited by one loop.
  for (size_t i = 0, next; i < segments.size(); i = next, ++numLoops) {
    for (next = i + 1;
         next < segments.size() && segments[i].partial &&
         segments[next].partial && segments[i].update == segments[next].update;
         ++next)
      pieces[i].append(pieces[next]);
    state = buildLoop(segments[i], pieces[i], state);
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
