//===- Workload.h - A fold as work --------------------------------*- C++
//-*-===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// How much a fold does under a given cut. Which method the fold belongs to is
// not known here: all questions go to FoldOpInterface.
//
//===----------------------------------------------------------------------===//

#ifndef ATTN_STRATEGY_WORKLOAD_H
#define ATTN_STRATEGY_WORKLOAD_H

#include "attn/Dialect/Tile/IR/FoldInterface.h"
#include <map>

namespace attn::strategy {

/// Extents that stand in for those known only at run time.
inline constexpr int64_t kNominalBatch = 1;
inline constexpr int64_t kNominalHeads = 8;
inline constexpr int64_t kNominalRows = 2048;
inline constexpr int64_t kNominalColumns = 2048;

/// A fold whose extents are all known or assumed.
struct Workload {
  tile::FoldShape shape;
  /// What was assumed, in words: `rows = 2048`.
  llvm::SmallVector<std::string> assumptions;
  /// Which of the two were assumed: no cut can count on dividing them.
  bool assumesRows = false, assumesColumns = false;

  /// Replaces what is dynamic by its nominal value, and what is empty by 1.
  /// Fails, with the reason, if an extent is dynamic that has to be static.
  static mlir::FailureOr<Workload>
  get(tile::FoldShape shape,
      llvm::function_ref<void(const llvm::Twine &)> emitError);

  int64_t getHeadsPerSource() const {
    return std::max<int64_t>(1, shape.heads / shape.sourceHeads);
  }
  int64_t getSlices() const { return shape.batch * shape.heads; }
  int64_t getSources() const { return shape.batch * shape.sourceHeads; }
  unsigned getComputeBits() const {
    return shape.compute.getIntOrFloatBitWidth();
  }
  int64_t getComputeBytes() const { return getComputeBits() / 8; }
};

/// A cut of a fold into tiles.
struct Cut {
  int64_t rows, cols;
  int64_t microRows, microCols;

  bool operator<(const Cut &other) const {
    return std::tie(rows, cols, microRows, microCols) <
           std::tie(other.rows, other.cols, other.microRows, other.microCols);
  }
};

/// Tiles of a cut, over all slices.
struct TileCounts {
  double empty = 0, full = 0, partial = 0;
  double getVisited() const { return full + partial; }
  double getTotal() const { return empty + full + partial; }
};

/// Of how many tiles of rows, groups of rows and single rows one was looked at,
/// which stands for the others. 1: all were, and counts are exact.
struct Sampling {
  int64_t tiles = 1, groups = 1, rows = 1;
};

/// What a cut does, over all slices.
struct CutWork {
  TileCounts tiles;
  /// Pairs whose contractions are computed: whole register tiles, trimmed to
  /// what each group of rows visits. Of very many groups, or very many holes,
  /// some groups stand for those around them.
  double pairs = 0;
  /// Tiles of rows, and the pairs of the heaviest and the lightest one.
  double tasks = 0;
  double maxTaskPairs = 0, minTaskPairs = 0;
  /// Columns of visited tiles, summed over the tiles of rows.
  double visitedColumns = 0;
  /// Later tiles of rows have more to do.
  bool growsWithRows = false;
};

/// Answers what a cut does. The time is proportional to the number of tiles of
/// rows and of the holes that repeat in them, never to the number of tiles. Of
/// more than some million of these, some tiles of rows stand for those beside
/// them, so counts are no longer exact.
class WorkCounter {
public:
  explicit WorkCounter(const Workload &workload);

  const CutWork &get(const Cut &cut);
  /// The columns that rows `tile * rows` and so on of a slice visit: disjoint
  /// ranges in increasing order.
  llvm::ArrayRef<tile::ColumnRange> getVisited(int64_t batch, int64_t head,
                                               int64_t rows, int64_t tile);
  /// Pairs that the predicate lets through. Above 16384 rows, or fewer if these
  /// have very many holes, the sum over evenly spaced rows, scaled.
  double getUsefulPairs();
  /// How exact the numbers of a cut and of useful pairs are.
  Sampling getSampling(const Cut &cut);

private:
  /// What the rows of one tile see, in columns.
  struct RowBlock {
    llvm::SmallVector<tile::ColumnRange> visited, full;
  };
  /// Of every `step` tiles of rows the first, which stands for all of them.
  struct RowBlocks {
    int64_t step = 1;
    std::vector<RowBlock> list;
    const RowBlock &get(int64_t tile) const { return list[tile / step]; }
  };
  /// What a tile of rows sees in whole tiles of columns.
  struct RowTiles {
    int64_t visited, full;
  };
  /// A slice with a mask of its own, and how many slices are like it.
  struct Slice {
    int64_t batch, head;
    double count;
  };
  /// Columns of register tiles, summed over the groups of rows before a row.
  using Prefix = std::vector<double>;

  llvm::SmallVector<tile::ColumnRange>
  getVisited(const Slice &slice, int64_t firstRow, int64_t numRows);
  RowBlock getBlock(const Slice &slice, int64_t firstRow, int64_t numRows);
  const RowBlocks &getBlocks(size_t slice, int64_t rows);
  const std::vector<RowTiles> &getTiles(size_t slice, int64_t rows,
                                        int64_t cols);
  int64_t getStep(const Slice &slice, int64_t groups, int64_t groupRows,
                  int64_t mostWork);
  int64_t getTileStep(const Slice &slice, int64_t rows);
  int64_t getGroupStep(const Slice &slice, int64_t microRows);
  int64_t getRowStep(const Slice &slice);
  const Prefix &getPrefix(size_t slice, int64_t microRows, int64_t microCols);

  const Workload &workload;
  std::optional<tile::ColumnRanges> ranges;
  llvm::SmallVector<Slice> slices;
  std::map<std::pair<size_t, int64_t>, RowBlocks> blocks;
  std::map<std::tuple<size_t, int64_t, int64_t>, std::vector<RowTiles>> tiles;
  std::map<std::tuple<size_t, int64_t, int64_t>, Prefix> prefixes;
  std::map<Cut, CutWork> works;
  std::optional<double> usefulPairs;
};

} // namespace attn::strategy

#endif // ATTN_STRATEGY_WORKLOAD_H
