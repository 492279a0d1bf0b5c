//===- FoldInterface.h - Operations that are folds --------------*- C++ -*-===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef ATTN_DIALECT_TILE_IR_FOLDINTERFACE_H
#define ATTN_DIALECT_TILE_IR_FOLDINTERFACE_H

#include "attn/Dialect/Tile/IR/Tile.h"

namespace attn::tile {

/// How an operation is cut into tiles.
struct FoldTiling {
  /// Rows of the tile that stays (queries).
  int64_t rows;
  /// Rows of a tile of the folded dimension (keys).
  int64_t cols;
  /// The register tile of contractions, if the target has one.
  MicroTileAttr micro;
  /// Lay out what several tiles of rows read once, for all of them.
  bool hoistPack = true;
  /// Start with the last tiles of rows.
  bool longestFirst = false;
  /// Visit the tiles that a mask or the end cuts before the others.
  bool partialFirst = false;
  /// Keep what the state is relative to after the first tiles, and repeat the
  /// fold if that went wrong (only with `partialFirst`).
  bool held = false;
  /// Of an ordered fold: the tasks that fill the machine. Where there are fewer
  /// states than that, columns are cut into pieces that run at the same time
  /// (`tile-split-folds`). 0: they are not.
  int64_t tasks = 0;
  /// Blocks of threads that share a multiprocessor of a GPU, where some of
  /// their warps copy for the others.
  int64_t blocks = 1;

  bool operator==(const FoldTiling &other) const {
    auto fields = [](const FoldTiling &tiling) {
      return std::tie(tiling.rows, tiling.cols, tiling.micro, tiling.hoistPack,
                      tiling.longestFirst, tiling.partialFirst, tiling.held,
                      tiling.tasks, tiling.blocks);
    };
    return fields(*this) == fields(other);
  }
};

/// An operand with a value for every pair of a row and a column. It is
/// broadcast along the dimensions that it does not have.
struct PairOperand {
  int64_t bytes;
  bool hasBatch, hasHead, hasRow, hasColumn;
};

/// Of a fold in a branch that runs for no more columns than these: an integer.
inline constexpr llvm::StringLiteral kMostColumnsAttr = "tile.most_columns";

/// What a fold costs and what it shares: all that the choice of its tiles
/// depends on. For each row of `batch x heads` slices, it visits columns; a
/// visited pair of a row and a column makes a value by a sum over `depth`
/// terms, and adds to `width` elements of the row's state. Extents may be
/// `ShapedType::kDynamic`.
struct FoldShape {
  /// Ordered folds have other costs: rows are the columns of a state, which are
  /// cut only to make tasks, and columns are steps. Of these several are taken
  /// at a time (`takesChunks`), or not. Several may cost so many more products
  /// that only tensor cores are faster with them.
  FoldOrder order = FoldOrder::Free;
  bool takesChunks = false;
  bool chunkNeedsTensorCores = false;
  /// There is a state in front of the first column, so that a call may be one
  /// of many that take few columns each.
  bool continues = false;
  int64_t batch = 1;
  int64_t heads = 1;
  int64_t rows = 1;
  int64_t columns = 1;
  /// Where `columns` is not known: no more than these, `kDynamic` if any number
  /// (`kMostColumnsAttr`).
  int64_t mostColumns = mlir::ShapedType::kDynamic;
  /// Heads of what is folded; consecutive heads share one.
  int64_t sourceHeads = 1;
  /// The two contractions; 0 if there is none.
  int64_t depth = 0;
  int64_t width = 0;
  /// What values are computed in.
  mlir::FloatType compute;
  /// Of an element of what the contractions multiply, as memory has it.
  int64_t operandBytes = 2;
  /// Memory that must be moved: per row, and per column of a source head.
  int64_t rowReadBytes = 0;
  int64_t rowWriteBytes = 0;
  int64_t columnReadBytes = 0;
  llvm::SmallVector<PairOperand> pairOperands;
  /// Exponentials and other operations for a visited pair, besides the
  /// contractions.
  double expsPerPair = 0;
  double opsPerPair = 0;

  /// Which pairs count; all if there is no formula.
  std::optional<Formula> mask;
  /// The logical position of row 0 (column 0 is at 0), `kDynamic` if only known
  /// at run time; with `isEndAligned` the last row is at the last column.
  int64_t shift = 0;
  bool isEndAligned = false;
  /// Run-time data hides further pairs, so no tile is known to be full.
  bool isIrregular = false;
  /// Run-time data chooses blocks of so many columns for blocks of so many
  /// rows; 0 if it does not. Tiles that lie in one block visit what is chosen
  /// only.
  int64_t rowBlock = 0, columnBlock = 0;
  /// Tiles that do not are not possible: positions of rows say nothing of their
  /// block, so what is chosen cannot be tested.
  bool needsBlocks = false;
  /// Run-time data says for each batch entry where its columns end.
  bool endsEarly = false;
  /// Why a held fold (FoldTiling::held) would often have to be repeated, in
  /// words; nothing if that is rare: values do not grow with the position, and
  /// their range is wide.
  std::optional<llvm::StringRef> holdingFails =
      "nothing is known of its values";
};

/// A fold, described. See FoldOpInterface.
struct FoldRecipe {
  FoldOrder order = FoldOrder::Free;
  /// A `!tile.domain`.
  mlir::Value domain;
  /// The state before the first tile.
  llvm::SmallVector<mlir::Value> identity;
  /// Names of the flags that the step reads.
  llvm::SmallVector<llvm::StringRef> flags;
  /// Builds one step and returns the next state.
  std::function<llvm::SmallVector<mlir::Value>(
      mlir::OpBuilder &, mlir::Location, mlir::Value coords,
      mlir::ValueRange flags, mlir::ValueRange state)>
      step;
  /// What the results are written to.
  llvm::SmallVector<mlir::Value> dests;
  /// Builds the results of the operation from the final state.
  std::function<llvm::SmallVector<mlir::Value>(
      mlir::OpBuilder &, mlir::Location, mlir::ValueRange state,
      mlir::ValueRange dests)>
      finish;
  /// Builds a vector that is zero where the state of a held fold is right.
  /// Without it the fold cannot be held.
  std::function<mlir::Value(mlir::OpBuilder &, mlir::Location,
                            mlir::ValueRange state)>
      verdict;
};

/// What is wanted of a piece of an ordered fold.
enum class PieceGoal {
  /// What a state of zero becomes and, if it is a vector, the transfer.
  State,
  /// The transfer, if it is a matrix.
  Transfer,
  /// The outputs, from the state in front.
  Outputs
};

/// Consecutive columns of an ordered fold, in whole tiles.
struct FoldPiece {
  PieceGoal goal;
  mlir::Value first, end;
  /// For outputs: the state in front, and where the columns of the piece are
  /// written to.
  mlir::Value state, output;
  /// Where what is kept of the tiles of the state is (FoldPieces::kept), from a
  /// number on.
  llvm::SmallVector<mlir::Value> kept;
  mlir::Value firstKept;
};

/// How an ordered fold is put together from pieces. A step is affine in the
/// state, so a piece makes `R o S + C` of a state S in front of it: C is what
/// it makes of zero, R its transfer. The first result of the operation is the
/// output, the others are made from the last state.
struct FoldPieces {
  /// Tiles that hold a state and a transfer. A transfer is a vector if each row
  /// of the state is scaled, or each column, null if nothing is done to it,
  /// else a matrix.
  mlir::RankedTensorType state, transfer;
  /// The matrix has a factor for each element of the state.
  bool scalesElements = false;
  /// Fewer tiles of columns are not worth a piece: the launches, and what
  /// moving states takes.
  int64_t fewestTiles = 4;
  /// Steps that compute what could be kept have no registers for it: where a
  /// schedule asks for pieces there is one at least.
  bool isAlways = false;
  /// The dimension of the state that a transfer has, if it is a vector.
  int64_t transferDim = 0;
  /// What takes long to compute of a tile of columns, and needs no state: is
  /// computed before, all tiles at a time.
  llvm::SmallVector<mlir::RankedTensorType> kept;
  /// Some rows of a state behind a piece depend on the same of the state in
  /// front of it, and of the transfer, if that is a vector.
  bool hasOwnRows;
  /// The dimension of the output that columns are.
  int64_t outputDim;
  /// What is kept of the tile of columns at `coords`.
  std::function<llvm::SmallVector<mlir::Value>(
      mlir::OpBuilder &, mlir::Location, mlir::Value coords)>
      getKept;
  /// A fold of one piece. `finish` gives tiles: a state, and a transfer if it
  /// scales rows, columns or elements; a transfer that does not; or the output.
  std::function<FoldRecipe(mlir::OpBuilder &, mlir::Location,
                           const FoldPiece &)>
      getRecipe;
  /// The state in front of the first piece; null: it is zero.
  std::function<mlir::Value(mlir::OpBuilder &, mlir::Location)> getFirst;
  /// The state behind a piece, or rows of it.
  std::function<mlir::Value(mlir::OpBuilder &, mlir::Location,
                            mlir::Value transfer, mlir::Value state,
                            mlir::Value added)>
      compose;
  /// The results behind the output, from the last state.
  std::function<llvm::SmallVector<mlir::Value>(
      mlir::OpBuilder &, mlir::Location, mlir::Value state,
      mlir::ValueRange dests)>
      finish;
};

} // namespace attn::tile

#include "attn/Dialect/Tile/IR/FoldInterface.h.inc"

#endif // ATTN_DIALECT_TILE_IR_FOLDINTERFACE_H
