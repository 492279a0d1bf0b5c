//===- Workload.cpp - A fold as work --------------------------------------===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "attn/Strategy/Workload.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace attn::strategy;
using attn::tile::ColumnRange;
using attn::tile::FoldShape;
using attn::tile::PositionDim;

FailureOr<Workload>
Workload::get(FoldShape shape,
              llvm::function_ref<void(const Twine &)> emitError) {
  if (ShapedType::isDynamic(shape.depth) ||
      ShapedType::isDynamic(shape.width)) {
    emitError("the widths of rows and columns must be static to choose tiles");
    return failure();
  }
  Workload result;
  result.assumesRows = ShapedType::isDynamic(shape.rows);
  result.assumesColumns = ShapedType::isDynamic(shape.columns);
  auto assume = [&](int64_t &extent, int64_t nominal, StringRef name) {
    if (!ShapedType::isDynamic(extent))
      return;
    extent = nominal;
    result.assumptions.push_back((name + " = " + Twine(nominal)).str());
  };
  assume(shape.batch, kNominalBatch, "batch");
  // Heads in groups stay in groups.
  int64_t heads = ShapedType::isDynamic(shape.sourceHeads)
                      ? kNominalHeads
                      : std::max(kNominalHeads, shape.sourceHeads);
  assume(shape.heads, heads, "heads");
  assume(shape.sourceHeads, shape.heads, "source heads");
  assume(shape.rows, kNominalRows, "rows");
  assume(shape.columns, std::max(kNominalColumns, shape.rows), "columns");
  if (shape.isEndAligned) {
    shape.shift = shape.columns - shape.rows;
    shape.isEndAligned = false;
  }
  // A mask moves with the rows; without one their positions do not matter.
  if (shape.mask)
    assume(shape.shift, 0, "shift of the rows");
  // Nothing to do is a result too, and its loops need tiles as others do: any
  // will be right, and none is faster.
  for (int64_t *extent : {&shape.batch, &shape.heads, &shape.sourceHeads,
                          &shape.rows, &shape.columns})
    *extent = std::max<int64_t>(1, *extent);
  result.shape = std::move(shape);
  return result;
}

WorkCounter::WorkCounter(const Workload &workload) : workload(workload) {
  const FoldShape &shape = workload.shape;
  if (shape.mask)
    ranges.emplace(*shape.mask);
  bool readsBatch = shape.mask && shape.mask->readsDim(PositionDim::Batch);
  bool readsHead = shape.mask && shape.mask->readsDim(PositionDim::Head);
  double count =
      (readsBatch ? 1.0 : shape.batch) * (readsHead ? 1.0 : shape.heads);
  for (int64_t b = 0, numB = readsBatch ? shape.batch : 1; b < numB; ++b)
    for (int64_t h = 0, numH = readsHead ? shape.heads : 1; h < numH; ++h)
      slices.push_back({b, h, count});
}

SmallVector<ColumnRange>
WorkCounter::getVisited(const Slice &slice, int64_t firstRow, int64_t numRows) {
  ColumnRange all{0, workload.shape.columns};
  if (!ranges)
    return {all};
  int64_t first = firstRow + workload.shape.shift;
  return ranges->getVisited(slice.batch, slice.head, first, first + numRows - 1,
                            all);
}

WorkCounter::RowBlock WorkCounter::getBlock(const Slice &slice,
                                            int64_t firstRow, int64_t numRows) {
  ColumnRange all{0, workload.shape.columns};
  RowBlock block;
  if (!ranges) {
    block.visited.push_back(all);
    if (!workload.shape.isIrregular)
      block.full.push_back(all);
    return block;
  }
  block.visited = getVisited(slice, firstRow, numRows);
  int64_t first = firstRow + workload.shape.shift;
  int64_t last = first + numRows - 1;
  if (!workload.shape.isIrregular)
    block.full =
        ranges->getFull(slice.batch, slice.head, first, last, block.visited);
  return block;
}

/// Ranges, and about an eighth of a constraint each, that are listed for all
/// tiles of rows of one size, and for groups of rows. It takes some hundred
/// milliseconds.
static constexpr int64_t kMostTileWork = 1 << 23, kMostGroupWork = 1 << 21;

/// One of how many groups of rows is looked at, so that it is at most so much
/// work.
int64_t WorkCounter::getStep(const Slice &slice, int64_t groups,
                             int64_t groupRows, int64_t mostWork) {
  int64_t leaves = ranges ? workload.shape.mask->getNumLeaves() : 0;
  // Often the last rows have the most columns before them.
  int64_t row = std::min((groups - 1) * groupRows, workload.shape.rows - 1);
  int64_t work = groups * (8 * leaves + getVisited(slice, row, 1).size());
  return std::max<int64_t>(1, llvm::divideCeil(work, mostWork));
}

int64_t WorkCounter::getTileStep(const Slice &slice, int64_t rows) {
  return getStep(slice, llvm::divideCeil(workload.shape.rows, rows), rows,
                 kMostTileWork);
}

int64_t WorkCounter::getGroupStep(const Slice &slice, int64_t microRows) {
  return getStep(slice, llvm::divideCeil(workload.shape.rows, microRows),
                 microRows, kMostGroupWork);
}

int64_t WorkCounter::getRowStep(const Slice &slice) {
  constexpr int64_t kMaxSamples = 16384;
  int64_t step = llvm::divideCeil(workload.shape.rows, kMaxSamples);
  return step * getStep(slice, llvm::divideCeil(workload.shape.rows, step),
                        step, kMostGroupWork);
}

Sampling WorkCounter::getSampling(const Cut &cut) {
  Sampling sampling;
  // Without a mask all rows are alike.
  if (!ranges)
    return sampling;
  for (const Slice &slice : slices) {
    sampling.tiles = std::max(sampling.tiles, getTileStep(slice, cut.rows));
    sampling.groups =
        std::max(sampling.groups, getGroupStep(slice, cut.microRows));
    sampling.rows = std::max(sampling.rows, getRowStep(slice));
  }
  return sampling;
}

const WorkCounter::RowBlocks &WorkCounter::getBlocks(size_t slice,
                                                     int64_t rows) {
  RowBlocks &result = blocks[{slice, rows}];
  if (!result.list.empty())
    return result;
  int64_t count = llvm::divideCeil(workload.shape.rows, rows);
  result.step = getTileStep(slices[slice], rows);
  for (int64_t tile = 0; tile < count; tile += result.step) {
    int64_t row = tile * rows;
    result.list.push_back(getBlock(slices[slice], row,
                                   std::min(rows, workload.shape.rows - row)));
  }
  return result;
}

ArrayRef<ColumnRange> WorkCounter::getVisited(int64_t batch, int64_t head,
                                              int64_t rows, int64_t tile) {
  // Slices that the mask does not tell apart are one.
  const std::optional<attn::tile::Formula> &mask = workload.shape.mask;
  bool readsBatch = mask && mask->readsDim(PositionDim::Batch);
  bool readsHead = mask && mask->readsDim(PositionDim::Head);
  size_t slice = readsBatch ? batch : 0;
  if (readsHead)
    slice = slice * workload.shape.heads + head;
  return getBlocks(slice, rows).get(tile).visited;
}

/// Columns in whole panels of `size`; ranges that share a panel count it once.
static int64_t countPanels(ArrayRef<ColumnRange> ranges, int64_t size) {
  int64_t count = 0, done = 0;
  for (const ColumnRange &range : ranges) {
    int64_t begin = std::max(done, range.begin / size);
    done = llvm::divideCeil(range.end, size);
    count += std::max<int64_t>(0, done - begin);
  }
  return count;
}

const WorkCounter::Prefix &
WorkCounter::getPrefix(size_t slice, int64_t microRows, int64_t microCols) {
  Prefix &prefix = prefixes[{slice, microRows, microCols}];
  if (!prefix.empty())
    return prefix;
  prefix.push_back(0);
  int64_t rows = workload.shape.rows;
  int64_t groups = llvm::divideCeil(rows, microRows);
  int64_t step = getGroupStep(slices[slice], microRows);
  double columns = 0;
  for (int64_t group = 0; group < groups; ++group) {
    if (group % step == 0) {
      int64_t row = std::min(group + step / 2, groups - 1) * microRows;
      columns = double(countPanels(getVisited(slices[slice], row,
                                              std::min(microRows, rows - row)),
                                   microCols)) *
                microCols;
    }
    prefix.push_back(prefix.back() + columns);
  }
  return prefix;
}

/// Tiles of `size` columns that lie wholly in a range. The last tile may reach
/// beyond the columns that exist, and is partial then.
static int64_t countFull(ArrayRef<ColumnRange> ranges, int64_t size) {
  int64_t count = 0;
  for (const ColumnRange &range : ranges)
    count += std::max<int64_t>(
        0, range.end / size - int64_t(llvm::divideCeil(range.begin, size)));
  return count;
}

const std::vector<WorkCounter::RowTiles> &
WorkCounter::getTiles(size_t slice, int64_t rows, int64_t cols) {
  std::vector<RowTiles> &result = tiles[{slice, rows, cols}];
  if (!result.empty())
    return result;
  const RowBlocks &blocks = getBlocks(slice, rows);
  std::vector<RowTiles> counts;
  for (const RowBlock &block : blocks.list)
    counts.push_back(
        {countPanels(block.visited, cols), countFull(block.full, cols)});
  int64_t count = llvm::divideCeil(workload.shape.rows, rows);
  for (int64_t tile = 0; tile < count; ++tile)
    result.push_back(counts[tile / blocks.step]);
  return result;
}

const CutWork &WorkCounter::get(const Cut &cut) {
  auto [entry, isNew] = works.try_emplace(cut);
  CutWork &work = entry->second;
  if (!isNew)
    return work;
  double columnTiles = llvm::divideCeil(workload.shape.columns, cut.cols);
  double firstHalf = 0, secondHalf = 0;
  work.minTaskPairs = std::numeric_limits<double>::infinity();
  for (size_t slice = 0; slice < slices.size(); ++slice) {
    double count = slices[slice].count;
    const std::vector<RowTiles> &rowTiles = getTiles(slice, cut.rows, cut.cols);
    const Prefix &prefix = getPrefix(slice, cut.microRows, cut.microCols);
    int64_t groups = prefix.size() - 1;
    int64_t groupsPerTile = cut.rows / cut.microRows;
    for (auto [index, counts] : llvm::enumerate(rowTiles)) {
      double visited = counts.visited, full = counts.full;
      work.tiles.full += count * full;
      work.tiles.partial += count * (visited - full);
      work.tiles.empty += count * (columnTiles - visited);
      work.visitedColumns += count * visited * cut.cols;
      int64_t begin = index * groupsPerTile, end = begin + groupsPerTile;
      double columns = prefix[std::min(end, groups)] - prefix[begin];
      // Groups beyond the last row are trimmed away in partial tiles only.
      if (end > groups)
        columns += (end - groups) * full * cut.cols;
      double pairs = columns * cut.microRows;
      work.pairs += count * pairs;
      work.tasks += count;
      work.maxTaskPairs = std::max(work.maxTaskPairs, pairs);
      work.minTaskPairs = std::min(work.minTaskPairs, pairs);
      size_t half = rowTiles.size() / 2;
      if (index < half)
        firstHalf += count * pairs;
      else if (index >= rowTiles.size() - half)
        secondHalf += count * pairs;
    }
  }
  work.growsWithRows = secondHalf > 1.05 * firstHalf;
  return work;
}

double WorkCounter::getUsefulPairs() {
  if (usefulPairs)
    return *usefulPairs;
  int64_t rows = workload.shape.rows;
  double sum = 0;
  for (const Slice &slice : slices) {
    int64_t step = getRowStep(slice);
    double seen = 0;
    for (int64_t row = step / 2; row < rows; row += step)
      for (const ColumnRange &range : getVisited(slice, row, 1))
        seen += range.end - range.begin;
    int64_t samples = llvm::divideCeil(rows - step / 2, step);
    sum += slice.count * seen * rows / samples;
  }
  usefulPairs = sum;
  return *usefulPairs;
}
