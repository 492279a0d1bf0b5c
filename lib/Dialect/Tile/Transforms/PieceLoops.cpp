//===- PieceLoops.cpp - Loops over pieces of a fold -----------------------===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Tiles that are kept, what pieces make of a state of zero and their transfers,
// and the outputs, each in a parallel loop over states and parts of them.
//
//===----------------------------------------------------------------------===//

#include "FoldBuilder.h"
#include "FoldSplitter.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Arith/Utils/Utils.h"

using namespace mlir;
using namespace attn::tile;

/// A parallel loop that is mapped as the old one is.
scf::ForallOp FoldSplitter::createLoop(ArrayRef<OpFoldResult> bounds,
                                       ValueRange outputs) {
  std::optional<ArrayAttr> mapping;
  if (forall.getMapping())
    mapping = getBlockMapping(b.getContext(), bounds.size());
  return scf::ForallOp::create(b, loc, bounds, outputs, mapping);
}

/// A loop over states, and parts of each if they have some, in which what leads
/// to the operation is there again.
scf::ForallOp FoldSplitter::buildLoop(ValueRange outputs, Value parts,
                                      Emit emit) {
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
SmallVector<Value> FoldSplitter::foldPiece(Body &body, PieceGoal goal,
                                           Value state, Value output) {
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

Value FoldSplitter::getNumber(const Body &body) {
  return fold<arith::AddIOp>(fold<arith::MulIOp>(body.state, numPieces),
                             body.part);
}

void FoldSplitter::setInsertionPointToInserts(Body &body) {
  auto end = cast<scf::InParallelOp>(body.op->getBlock()->getTerminator());
  b.setInsertionPointToEnd(&end.getRegion().front());
}

/// What is kept, all tiles of all states at a time.
void FoldSplitter::buildKept() {
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
void FoldSplitter::putTiles(Body &body, ValueRange tiles, Value number,
                            ArrayRef<RankedTensorType> types) {
  SmallVector<Value> parts;
  for (auto [tile, output, type] : llvm::zip(tiles, body.outputs, types)) {
    Operation *by = tile.getDefiningOp(), *from = number.getDefiningOp();
    bool isThere = !from || (by && from->getBlock() == by->getBlock() &&
                             from->isBeforeInBlock(by));
    if (by && isThere)
      b.setInsertionPointAfter(by);
    parts.push_back(writeTile(tile, getPart(output, getPlace(number, type)),
                              index(0), getRows(type)));
  }
  setInsertionPointToInserts(body);
  for (auto [part, output, type] : llvm::zip(parts, body.outputs, types))
    putPart(part, output, getPlace(number, type));
}

/// Tiles that a fold over each of these pieces of each state ends with.
ValueRange FoldSplitter::buildTiles(PieceGoal goal,
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
void FoldSplitter::buildStates() {
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

Value FoldSplitter::buildOutputs() {
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
