//===- SplitFolds.cpp - Pieces of ordered folds ---------------------------===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Columns are in tiles of C; a piece has L of these, the last one fewer. With
// `tasks` that fill the machine and T states,
//
//     most = min(tasks / T, tiles / fewestTiles)
//     L = ceil(tiles / max(most, 1)),   N = ceil(tiles / L)
//
// and states of pieces, and transfers, are numbered state * N + piece. What the
// last piece makes of a state is asked for only where the operation has more
// results than an output.
//
//===----------------------------------------------------------------------===//

#include "FoldBuilder.h"
#include "PieceTiles.h"
#include "attn/Dialect/Tile/Transforms/Passes.h"
#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Arith/Utils/Utils.h"
#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/IRMapping.h"
#include "mlir/IR/Matchers.h"
#include "mlir/IR/Remarks.h"

namespace attn::tile {
#define GEN_PASS_DEF_TILESPLITFOLDS
#include "attn/Dialect/Tile/Transforms/Passes.h.inc"
} // namespace attn::tile

using namespace mlir;
using namespace attn::tile;

/// Of a state, what a task composes: rows that a group of warps multiplies, and
/// columns of which each thread has some, where nothing is multiplied.
static constexpr int64_t kRowsOfStates = 64, kColsOfStates = 32;

/// Pieces that pay for doing the steps `passes` times.
static int64_t getFewestPieces(int64_t passes) { return passes + 1; }

namespace {

class Splitter : PieceTiles {
public:
  Splitter(RewriterBase &rewriter, FoldOpInterface op, const FoldTiling &tiling)
      : PieceTiles(rewriter, op.getLoc()), op(op), tiling(tiling) {}

  /// Fails if nothing was done, which `reason` then tells.
  LogicalResult split(std::string &reason);
  /// What memory is taken for each tile of columns of a state.
  int64_t getKeptBytes() const;

private:
  LogicalResult match(std::string &reason);
  void countPieces();
  bool hasMatrix() const {
    return pieces.transfer && pieces.transfer.getRank() == 2 &&
           !pieces.scalesElements;
  }
  bool hasVector() const {
    return pieces.transfer && pieces.transfer.getRank() == 1;
  }
  /// Transfers that are made along with the states.
  bool hasFactors() const { return pieces.transfer && !hasMatrix(); }

  /// What a loop over states, and maybe pieces, has in its body.
  struct Body {
    FoldOpInterface op;
    IRMapping mapping;
    Value state, part;
    Block::BlockArgListType outputs;
  };
  using Emit = function_ref<void(Body &body)>;
  scf::ForallOp createLoop(ArrayRef<OpFoldResult> bounds, ValueRange outputs);
  scf::ForallOp buildLoop(ValueRange outputs, Value parts, Emit emit);
  /// The number of a piece of a state among those of all states.
  Value getNumber(const Body &body);
  SmallVector<Value> foldPiece(Body &body, PieceGoal goal, Value state,
                               Value output);
  void setInsertionPointToInserts(Body &body) {
    auto end = cast<scf::InParallelOp>(body.op->getBlock()->getTerminator());
    b.setInsertionPointToEnd(&end.getRegion().front());
  }
  void putTiles(Body &body, ValueRange tiles, Value number,
                ArrayRef<RankedTensorType> types);
  void buildKept();
  /// Whether states behind all pieces are asked for.
  bool hasLast() const { return inserts.size() > 1; }
  ValueRange buildTiles(PieceGoal goal, ArrayRef<RankedTensorType> types);
  void buildStates();
  Value buildFirst();
  void composeStates();
  SmallVector<Value> buildLast();
  Value buildOutputs();
  SmallVector<Value> buildPieces();

  FoldOpInterface op;
  FoldTiling tiling;
  scf::ForallOp forall;
  FoldPieces pieces;
  SmallVector<tensor::ParallelInsertSliceOp> inserts;
  SmallVector<Value> extents;
  Value columns, numTiles, numStates, numPieces, pieceTiles, pieceColumns;
  /// Pieces of which it is asked what they make of a state.
  Value numSteps;
  /// What is kept of tiles.
  SmallVector<Value> kept;
  /// C and R, the state in front of each piece, and behind all.
  Value added, transfers, statesBefore, statesBehind;
};

} // namespace

//===----------------------------------------------------------------------===//
// Whether, and how many
//===----------------------------------------------------------------------===//

/// A value that is there before the loop.
static Value getBefore(OpBuilder &b, Location loc, Value value,
                       scf::ForallOp loop) {
  if (!loop->isAncestor(value.getParentRegion()->getParentOp()))
    return value;
  if (std::optional<int64_t> constant = getConstantIntValue(value))
    return arith::ConstantIndexOp::create(b, loc, *constant);
  auto dim = value.getDefiningOp<tensor::DimOp>();
  std::optional<int64_t> number = dim ? dim.getConstantIndex() : std::nullopt;
  if (!number)
    return Value();
  auto slice = dim.getSource().getDefiningOp<tensor::ExtractSliceOp>();
  if (!slice || !loop->isAncestor(slice)) {
    Value source = getBefore(b, loc, dim.getSource(), loop);
    return source ? b.createOrFold<tensor::DimOp>(loc, source, *number)
                  : Value();
  }
  OpFoldResult size = slice.getMixedSizes()[*number];
  if (auto attribute = dyn_cast<Attribute>(size))
    return arith::ConstantIndexOp::create(
        b, loc, cast<IntegerAttr>(attribute).getInt());
  return getBefore(b, loc, cast<Value>(size), loop);
}

LogicalResult Splitter::match(std::string &reason) {
  auto fail = [&](const Twine &text) {
    reason = text.str();
    return failure();
  };
  std::optional<FoldPieces> found = op.getFoldPieces(tiling);
  if (!found)
    return fail("its steps cannot be done in pieces");
  pieces = *found;
  forall = op->getParentOfType<scf::ForallOp>();
  if (!forall || op->getBlock() != forall.getBody())
    return fail("it is not in a parallel loop over states");
  for (Operation &other : forall.getBody()->without_terminator())
    if (&other != op && (isa<FoldOpInterface>(other) || !isPure(&other)))
      return fail("something else was fused with it: " +
                  other.getName().getStringRef());
  for (OpResult result : op->getResults()) {
    auto insert =
        result.hasOneUse()
            ? dyn_cast<tensor::ParallelInsertSliceOp>(*result.user_begin())
            : nullptr;
    if (!insert)
      return fail("a result is used by something that was fused with it");
    inserts.push_back(insert);
  }
  b.setInsertionPoint(op);
  Value inside = op.getColumnCount(b);
  b.setInsertionPoint(forall);
  columns = getBefore(b, loc, inside, forall);
  if (!columns)
    return fail("the number of its columns is not known before the loop");
  return success();
}

void Splitter::countPieces() {
  extents.clear();
  numStates = index(1);
  for (OpFoldResult extent : forall.getMixedUpperBound()) {
    extents.push_back(getValueOrCreateConstantIndexOp(b, loc, extent));
    numStates = fold<arith::MulIOp>(numStates, extents.back());
  }
  Value one = index(1);
  numTiles = fold<arith::CeilDivUIOp>(columns, index(tiling.cols));
  // Without states there is no task, and nothing to divide by.
  Value most = fold<arith::DivUIOp>(index(tiling.tasks),
                                    fold<arith::MaxUIOp>(numStates, one));
  Value worth = fold<arith::DivUIOp>(numTiles, index(pieces.fewestTiles));
  most = fold<arith::MaxUIOp>(fold<arith::MinUIOp>(most, worth), one);
  pieceTiles = fold<arith::CeilDivUIOp>(numTiles, most);
  // Without columns there is a piece, too: of none.
  numPieces =
      fold<arith::CeilDivUIOp>(numTiles, fold<arith::MaxUIOp>(pieceTiles, one));
  numPieces = fold<arith::MaxUIOp>(numPieces, one);
  numSteps = hasLast() ? numPieces : fold<arith::SubIOp>(numPieces, one);
  pieceColumns = fold<arith::MulIOp>(pieceTiles, index(tiling.cols));
}

//===----------------------------------------------------------------------===//
// Loops
//===----------------------------------------------------------------------===//

/// A parallel loop that is mapped as the old one is.
scf::ForallOp Splitter::createLoop(ArrayRef<OpFoldResult> bounds,
                                   ValueRange outputs) {
  std::optional<ArrayAttr> mapping;
  if (forall.getMapping())
    mapping = getBlockMapping(b.getContext(), bounds.size());
  return scf::ForallOp::create(b, loc, bounds, outputs, mapping);
}

/// A loop over states, and parts of each if they have some, in which what leads
/// to the operation is there again.
scf::ForallOp Splitter::buildLoop(ValueRange outputs, Value parts, Emit emit) {
  SmallVector<OpFoldResult> bounds = getAsOpFoldResult(extents);
  if (parts)
    bounds.push_back(getAsOpFoldResult(parts));
  scf::ForallOp loop = createLoop(bounds, outputs);
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(loop.getBody());
  Body body;
  SmallVector<Value> at(loop.getInductionVars());
  if (parts)
    body.part = at.pop_back_val();
  body.mapping.map(forall.getInductionVars(), at);
  // Outputs that are not written here are not looked at.
  for (auto [argument, output] :
       llvm::zip(forall.getRegionIterArgs(), forall.getOutputs()))
    body.mapping.map(argument, output);
  for (Operation &other : forall.getBody()->without_terminator()) {
    Operation *clone = b.clone(other, body.mapping);
    if (&other == op)
      body.op = cast<FoldOpInterface>(clone);
  }
  body.state = index(0);
  for (auto [extent, i] : llvm::zip(extents, at))
    body.state =
        fold<arith::AddIOp>(fold<arith::MulIOp>(body.state, extent), i);
  body.outputs = loop.getRegionIterArgs();
  emit(body);
  b.eraseOp(body.op);
  return loop;
}

/// The tiles that a fold over one piece ends with.
SmallVector<Value> Splitter::foldPiece(Body &body, PieceGoal goal, Value state,
                                       Value output) {
  FoldPiece piece;
  piece.goal = goal;
  piece.first = fold<arith::MulIOp>(body.part, pieceColumns);
  piece.end = fold<arith::AddIOp>(piece.first, pieceColumns);
  piece.state = state;
  piece.output = output;
  piece.kept = kept;
  if (!kept.empty())
    piece.firstKept = fold<arith::MulIOp>(body.state, numTiles);
  FoldRecipe recipe = body.op.getFoldPieces(tiling)->getRecipe(b, loc, piece);
  FoldOp made = buildFold(b, loc, recipe, tiling, /*held=*/false);
  return recipe.finish(b, loc, made.getResults(), ValueRange());
}

Value Splitter::getNumber(const Body &body) {
  return fold<arith::AddIOp>(fold<arith::MulIOp>(body.state, numPieces),
                             body.part);
}

/// What is kept, all tiles of all states at a time.
void Splitter::buildKept() {
  if (pieces.kept.empty())
    return;
  Value count = fold<arith::MulIOp>(numStates, numTiles);
  SmallVector<Value> outputs;
  for (RankedTensorType type : pieces.kept)
    outputs.push_back(makeTiles(count, type));
  auto loop = buildLoop(outputs, numTiles, [&](Body &body) {
    Value origin = fold<arith::MulIOp>(body.part, index(tiling.cols));
    Value coords =
        CoordsOp::create(b, loc, CoordsType::get(b.getContext(), tiling.cols),
                         origin, columns, Value(), Value(), /*complete=*/false);
    Value number = fold<arith::AddIOp>(
        fold<arith::MulIOp>(body.state, numTiles), body.part);
    SmallVector<Value> tiles =
        body.op.getFoldPieces(tiling)->getKept(b, loc, coords);
    putTiles(body, tiles, number, pieces.kept);
  });
  kept = llvm::to_vector_of<Value>(loop.getResults());
}

/// Writes tiles of `types` as those with a number, each to an output of the
/// loop, and where the number is there before as soon as the tile is.
void Splitter::putTiles(Body &body, ValueRange tiles, Value number,
                        ArrayRef<RankedTensorType> types) {
  SmallVector<Value> parts;
  for (auto [tile, output, type] : llvm::zip(tiles, body.outputs, types)) {
    Operation *by = tile.getDefiningOp(), *from = number.getDefiningOp();
    if (by && from && by->getBlock() == from->getBlock() &&
        from->isBeforeInBlock(by))
      b.setInsertionPointAfter(by);
    parts.push_back(writeTile(tile, getPart(output, getPlace(number, type)),
                              index(0), getRows(type)));
  }
  setInsertionPointToInserts(body);
  for (auto [part, output, type] : llvm::zip(parts, body.outputs, types))
    putPart(part, output, getPlace(number, type));
}

/// Tiles that a fold over each of these pieces of each state ends with.
ValueRange Splitter::buildTiles(PieceGoal goal,
                                ArrayRef<RankedTensorType> types) {
  Value count = fold<arith::MulIOp>(numStates, numPieces);
  SmallVector<Value> outputs;
  for (RankedTensorType type : types)
    outputs.push_back(makeTiles(count, type));
  auto loop = buildLoop(outputs, numSteps, [&](Body &body) {
    SmallVector<Value> tiles = foldPiece(body, goal, Value(), Value());
    putTiles(body, tiles, getNumber(body), types);
  });
  return loop.getResults();
}

/// C and R.
void Splitter::buildStates() {
  SmallVector<RankedTensorType> types{pieces.state};
  if (hasFactors())
    types.push_back(pieces.transfer);
  ValueRange made = buildTiles(PieceGoal::State, types);
  added = made[0];
  if (hasFactors())
    transfers = made[1];
  if (hasMatrix())
    transfers = buildTiles(PieceGoal::Transfer, pieces.transfer)[0];
}

/// The state in front of the first piece of each state; null if it is zero.
Value Splitter::buildFirst() {
  if (!pieces.getFirst)
    return Value();
  auto loop = buildLoop(
      makeTiles(numStates, pieces.state), /*parts=*/Value(), [&](Body &body) {
        Value tile = body.op.getFoldPieces(tiling)->getFirst(b, loc);
        Place place = getPlace(body.state, pieces.state);
        Value part = writeTile(tile, getPart(body.outputs[0], place), index(0),
                               getRows(pieces.state));
        setInsertionPointToInserts(body);
        putPart(part, body.outputs[0], place);
      });
  return loop.getResult(0);
}

/// The states in front of all pieces, and, if it is asked for, the last one of
/// each state. There are few states: parts of them that need no others are
/// tasks.
void Splitter::composeStates() {
  Value first = buildFirst();
  SmallVector<int64_t> all(pieces.state.getShape()), shape(all);
  if (pieces.hasOwnRows && all[0] % kRowsOfStates == 0)
    shape[0] = kRowsOfStates;
  if (!hasMatrix() && all[1] % kColsOfStates == 0)
    shape[1] = kColsOfStates;
  RankedTensorType part = pieces.state.clone(shape);
  Value count = fold<arith::MulIOp>(numStates, numPieces);
  SmallVector<Value> outputs{makeTiles(count, pieces.state)};
  if (hasLast())
    outputs.push_back(makeTiles(numStates, pieces.state));
  SmallVector<OpFoldResult> bounds{getAsOpFoldResult(numStates),
                                   b.getIndexAttr(all[0] / shape[0]),
                                   b.getIndexAttr(all[1] / shape[1])};
  scf::ForallOp loop = createLoop(bounds, outputs);
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(loop.getBody());
  Value state = loop.getInductionVar(0);
  Value begin = fold<arith::MulIOp>(state, numPieces);
  SmallVector<Value> origin;
  for (auto [i, extent] : llvm::enumerate(shape))
    origin.push_back(
        fold<arith::MulIOp>(loop.getInductionVar(1 + i), index(extent)));
  auto getPlaces = [&](Value number, OpFoldResult count) {
    return getPlace(number, count, part, origin);
  };
  OpFoldResult one = b.getIndexAttr(1);
  auto read = [&](Value tensor, Value number) {
    return readTile(getPart(tensor, getPlaces(number, one)), index(0), part);
  };
  Value from;
  if (first) {
    from = read(first, state);
  } else {
    Value empty = tensor::EmptyOp::create(b, loc, shape, part.getElementType());
    Value zero =
        arith::ConstantOp::create(b, loc, b.getZeroAttr(part.getElementType()));
    from = linalg::FillOp::create(b, loc, zero, empty).getResult(0);
  }
  Value before = loop.getRegionIterArgs()[0];
  Place inFront = getPlaces(begin, getAsOpFoldResult(numPieces));
  Value rows = getRows(part);
  auto sequence = scf::ForOp::create(
      b, loc, index(0), numSteps, index(1),
      ValueRange{getPart(before, inFront), from},
      [&](OpBuilder &, Location, Value piece, ValueRange carried) {
        OpBuilder::InsertionGuard guard(b);
        b.setInsertionPointToEnd(piece.getParentBlock());
        Value to = writeTile(carried[1], carried[0], piece, rows);
        Value number = fold<arith::AddIOp>(begin, piece);
        Value C = read(added, number), R;
        if (hasMatrix()) {
          R = readTile(transfers, number, pieces.transfer);
        } else if (hasVector()) {
          int64_t dim = pieces.transferDim;
          RankedTensorType vector = pieces.transfer.clone({shape[dim]});
          Value slice =
              getPart(transfers, getPlace(number, one, vector, {origin[dim]}));
          R = readTile(slice, index(0), vector);
        } else if (pieces.transfer) {
          R = read(transfers, number);
        }
        Value next = pieces.compose(b, loc, R, carried[1], C);
        scf::YieldOp::create(b, loc, ValueRange{to, next});
      });
  b.setInsertionPointAfter(sequence);
  Value written = sequence.getResult(0), next = sequence.getResult(1);
  if (!hasLast()) {
    written = writeTile(next, written, numSteps, rows);
    b.setInsertionPointToEnd(loop.getTerminator().getBody());
    putPart(written, before, inFront);
    statesBefore = loop.getResult(0);
    return;
  }
  Value behind = loop.getRegionIterArgs()[1];
  Place last = getPlaces(state, one);
  next = writeTile(next, getPart(behind, last), index(0), rows);
  b.setInsertionPointToEnd(loop.getTerminator().getBody());
  putPart(written, before, inFront);
  putPart(next, behind, last);
  statesBefore = loop.getResult(0);
  statesBehind = loop.getResult(1);
}

/// The results that are made from the last states.
SmallVector<Value> Splitter::buildLast() {
  if (!hasLast())
    return {};
  auto others = MutableArrayRef(inserts).drop_front();
  SmallVector<Value> outputs;
  for (tensor::ParallelInsertSliceOp insert : others)
    outputs.push_back(
        forall.getTiedOpOperand(cast<BlockArgument>(insert.getDest()))->get());
  auto loop = buildLoop(outputs, /*parts=*/Value(), [&](Body &body) {
    for (auto [insert, argument] : llvm::zip(others, body.outputs))
      body.mapping.map(insert.getDest(), argument);
    // Slices of the outputs of this loop, as of those of the old one.
    SmallVector<Value> dests;
    for (OpOperand &operand : llvm::drop_begin(
             cast<DestinationStyleOpInterface>(*op).getDpsInitsMutable())) {
      auto old = operand.get().getDefiningOp<tensor::ExtractSliceOp>();
      dests.push_back(old ? b.clone(*old, body.mapping)->getResult(0)
                          : body.mapping.lookupOrDefault(operand.get()));
    }
    Value state = readTile(statesBehind, body.state, pieces.state);
    SmallVector<Value> results =
        body.op.getFoldPieces(tiling)->finish(b, loc, state, dests);
    setInsertionPointToInserts(body);
    for (auto [insert, result] : llvm::zip(others, results)) {
      body.mapping.map(insert.getSource(), result);
      b.clone(*insert, body.mapping);
    }
  });
  return llvm::to_vector_of<Value>(loop.getResults());
}

Value Splitter::buildOutputs() {
  tensor::ParallelInsertSliceOp insert = inserts.front();
  auto argument = cast<BlockArgument>(insert.getDest());
  Value output = forall.getTiedOpOperand(argument)->get();
  auto loop = buildLoop(output, numPieces, [&](Body &body) {
    Value number = getNumber(body);
    Value state = readTile(statesBefore, number, pieces.state);
    // Of what the operation writes, the columns of this piece.
    SmallVector<OpFoldResult> offsets, sizes, steps = insert.getMixedStrides();
    auto map = [&](OpFoldResult part) -> OpFoldResult {
      if (auto value = dyn_cast<Value>(part))
        return body.mapping.lookupOrDefault(value);
      return part;
    };
    llvm::append_range(offsets, llvm::map_range(insert.getMixedOffsets(), map));
    llvm::append_range(sizes, llvm::map_range(insert.getMixedSizes(), map));
    Value first = fold<arith::MulIOp>(body.part, pieceColumns);
    Value rest = fold<arith::SubIOp>(columns, first);
    offsets[pieces.outputDim] = getAsOpFoldResult(first);
    sizes[pieces.outputDim] =
        getAsOpFoldResult(fold<arith::MinUIOp>(rest, pieceColumns));
    Value part = tensor::ExtractSliceOp::create(b, loc, body.outputs[0],
                                                offsets, sizes, steps);
    part = foldPiece(body, PieceGoal::Outputs, state, part).front();
    setInsertionPointToInserts(body);
    tensor::ParallelInsertSliceOp::create(b, loc, part, body.outputs[0],
                                          offsets, sizes, steps);
  });
  return loop.getResult(0);
}

/// What the loop has as results.
SmallVector<Value> Splitter::buildPieces() {
  buildKept();
  buildStates();
  composeStates();
  SmallVector<Value> made = buildLast();
  made.insert(made.begin(), buildOutputs());
  SmallVector<Value> results(forall.getNumResults());
  for (auto [insert, value] : llvm::zip(inserts, made)) {
    OpOperand *tied =
        forall.getTiedOpOperand(cast<BlockArgument>(insert.getDest()));
    results[forall.getTiedOpResult(tied).getResultNumber()] = value;
  }
  return results;
}

LogicalResult Splitter::split(std::string &reason) {
  if (failed(match(reason)))
    return failure();
  countPieces();
  if (pieces.isAlways) {
    b.replaceOp(forall, buildPieces());
    return success();
  }
  Value least = index(getFewestPieces(hasMatrix() ? 3 : 2));
  Value isWorth = b.createOrFold<arith::CmpIOp>(loc, arith::CmpIPredicate::uge,
                                                numPieces, least);
  if (matchPattern(isWorth, m_Zero())) {
    reason = "its states alone fill the machine, or it is short";
    return failure();
  }
  if (matchPattern(isWorth, m_One())) {
    b.replaceOp(forall, buildPieces());
    return success();
  }
  auto choice = scf::IfOp::create(b, loc, forall.getResultTypes(), isWorth,
                                  /*withElseRegion=*/true);
  b.setInsertionPointToStart(choice.thenBlock());
  SmallVector<Value> results = buildPieces();
  scf::YieldOp::create(b, loc, results);
  b.replaceAllUsesWith(forall.getResults(), choice.getResults());
  b.setInsertionPointToStart(choice.elseBlock());
  b.moveOpBefore(forall, choice.elseBlock(), choice.elseBlock()->end());
  b.setInsertionPointToEnd(choice.elseBlock());
  scf::YieldOp::create(b, loc, forall.getResults());
  return success();
}

int64_t Splitter::getKeptBytes() const {
  int64_t bytes = 0;
  for (RankedTensorType type : pieces.kept)
    bytes += llvm::divideCeil(
        type.getNumElements() * type.getElementTypeBitWidth(), 8);
  return bytes;
}

namespace {
struct TileSplitFolds : attn::tile::impl::TileSplitFoldsBase<TileSplitFolds> {
  void runOnOperation() override {
    SmallVector<FoldOpInterface> folds;
    getOperation()->walk([&](FoldOpInterface op) { folds.push_back(op); });
    IRRewriter rewriter(&getContext());
    auto options = [](StringRef name) {
      return remark::RemarkOpts::name(name).category("tile-split-folds");
    };
    for (FoldOpInterface op : folds) {
      std::optional<FoldTiling> tiling = op.getFoldTiling();
      if (!tiling || tiling->tasks == 0)
        continue;
      Location loc = op.getLoc();
      int64_t tasks = tiling->tasks;
      std::string reason;
      Splitter splitter(rewriter, op, *tiling);
      if (failed(splitter.split(reason))) {
        remark::missed(loc, options("no-pieces"))
            << remark::reason("{0}", reason);
        continue;
      }
      ++numSplit;
      remark::passed(loc, options("pieces"))
          << remark::add("in pieces where there are fewer than {0} tasks, {1} "
                         "bytes kept of each {2} columns of a state",
                         tasks, splitter.getKeptBytes(), tiling->cols);
    }
  }
};
} // namespace
