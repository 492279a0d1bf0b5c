//===- ComposePieces.cpp - The states between pieces ----------------------===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// One after the other: the state in front of a piece is what the piece before
// makes of the state in front of that.
//
//===----------------------------------------------------------------------===//

#include "FoldSplitter.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Arith/Utils/Utils.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"

using namespace mlir;
using namespace attn::tile;

/// Of a state, what a task composes: rows that a group of warps multiplies, and
/// columns of which each thread has some, where nothing is multiplied.
static constexpr int64_t kRowsOfStates = 64, kColsOfStates = 32;

/// The state in front of the first piece of each state; null if it is zero.
Value FoldSplitter::buildFirst() {
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
void FoldSplitter::composeStates() {
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
SmallVector<Value> FoldSplitter::buildLast() {
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
