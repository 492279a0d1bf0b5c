//===- FoldSplitter.h - Ordered folds in pieces -----------------*- C++ -*-===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Private to SplitFolds.cpp, which says whether, PieceLoops.cpp, which builds
// the loops over pieces, and ComposePieces.cpp, which builds what is in
// between.
//
//===----------------------------------------------------------------------===//

#ifndef LIB_DIALECT_TILE_TRANSFORMS_FOLDSPLITTER_H
#define LIB_DIALECT_TILE_TRANSFORMS_FOLDSPLITTER_H

#include "PieceTiles.h"
#include "attn/Dialect/Tile/IR/FoldInterface.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/IRMapping.h"

namespace attn::tile {

/// Makes a parallel loop over states, which has an ordered fold in it, loops
/// over pieces of these.
class FoldSplitter : PieceTiles {
public:
  FoldSplitter(mlir::RewriterBase &rewriter, FoldOpInterface op,
               const FoldTiling &tiling)
      : PieceTiles(rewriter, op.getLoc()), op(op), tiling(tiling) {}

  /// Fails if nothing was done, which `reason` then tells.
  mlir::LogicalResult split(std::string &reason);
  /// What memory is taken for each tile of columns of a state.
  int64_t getKeptBytes() const;

private:
  mlir::LogicalResult match(std::string &reason);
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
    mlir::IRMapping mapping;
    mlir::Value state, part;
    mlir::Block::BlockArgListType outputs;
  };
  using Emit = llvm::function_ref<void(Body &body)>;
  mlir::scf::ForallOp createLoop(llvm::ArrayRef<mlir::OpFoldResult> bounds,
                                 mlir::ValueRange outputs);
  mlir::scf::ForallOp buildLoop(mlir::ValueRange outputs, mlir::Value parts,
                                Emit emit);
  /// The number of a piece of a state among those of all states.
  mlir::Value getNumber(const Body &body);
  llvm::SmallVector<mlir::Value>
  foldPiece(Body &body, PieceGoal goal, mlir::Value state, mlir::Value output);
  /// Where a loop's body puts its results into outputs.
  void setInsertionPointToInserts(Body &body);
  void putTiles(Body &body, mlir::ValueRange tiles, mlir::Value number,
                llvm::ArrayRef<mlir::RankedTensorType> types);
  void buildKept();
  /// Whether states behind all pieces are asked for.
  bool hasLast() const { return inserts.size() > 1; }
  mlir::ValueRange buildTiles(PieceGoal goal,
                              llvm::ArrayRef<mlir::RankedTensorType> types);
  void buildStates();
  mlir::Value buildFirst();
  void composeStates();
  llvm::SmallVector<mlir::Value> buildLast();
  mlir::Value buildOutputs();
  llvm::SmallVector<mlir::Value> buildPieces();

  FoldOpInterface op;
  FoldTiling tiling;
  mlir::scf::ForallOp forall;
  FoldPieces pieces;
  llvm::SmallVector<mlir::tensor::ParallelInsertSliceOp> inserts;
  llvm::SmallVector<mlir::Value> extents;
  mlir::Value columns, numTiles, numStates, numPieces, pieceTiles, pieceColumns;
  /// Pieces of which it is asked what they make of a state.
  mlir::Value numSteps;
  /// What is kept of tiles.
  llvm::SmallVector<mlir::Value> kept;
  /// C and R, the state in front of each piece, and behind all.
  mlir::Value added, transfers, statesBefore, statesBehind;
};

} // namespace attn::tile

#endif // LIB_DIALECT_TILE_TRANSFORMS_FOLDSPLITTER_H
