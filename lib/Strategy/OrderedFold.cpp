//===- OrderedFold.cpp - Choosing the steps of a recurrence ---------------===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A chunk of C tokens costs about 2 C (C + Dk) Dv operations in products of
// matrices, where its tokens one by one cost 4 Dk Dv each, in vectors that wait
// for memory: the state is read and written for each. So chunks are as short as
// the units that multiply allow, and not taken for a few tokens, most of which
// would not exist.
//
// On a GPU tensor cores multiply chunks of 64 tokens, and few tokens are taken
// one by one, by lanes that hold a state.
//
// A gate for each row of the state makes that 2 C (2 log2(C) (C + Dk) + Dv) Dv
// (`chunkNeedsTensorCores`).
//
//===----------------------------------------------------------------------===//

#include "attn/Strategy/OrderedFold.h"
#include "llvm/Support/FormatVariadic.h"

using namespace mlir;
using namespace attn;

/// The fewest tokens that are worth a chunk.
static constexpr int64_t kFewestTokens = 16;

/// With fewer sums than this, multiply-adds wait for each other: two are begun
/// at a time, and take four cycles.
static constexpr int64_t kSumsInFlight = 8;

/// Threads for each state from which on its sequence is cut, though all of its
/// tokens are then looked at twice.
static constexpr int64_t kThreadsOfPieces = 3;

/// Columns of a state that is worked on a token at a time share little: what is
/// wider than this is cut, so that there are tasks and the state stays close.
static constexpr int64_t kMostColumns = 256, kWholeVectors = 16;

/// Equal parts of `width` columns.
static int64_t getColumnsOfToken(int64_t width) {
  if (width <= kMostColumns)
    return width;
  for (int64_t columns = kMostColumns; columns > 0; columns -= kWholeVectors)
    if (width % columns == 0)
      return columns;
  return width;
}

/// Rows for a register tile that leave none over of a chunk, whose sums would
/// be few; those of `micro` if that takes tiles with few sums.
static int64_t getRowsOfChunk(tile::MicroTileAttr micro, int64_t tokens) {
  for (int64_t rows = micro.getRows();
       rows * micro.getCols() > kSumsInFlight * micro.getLanes(); --rows)
    if (tokens % rows == 0)
      return rows;
  return micro.getRows();
}

FailureOr<tile::FoldTiling>
strategy::getOrderedTiling(tile::FoldOpInterface op, tile::MicroTileAttr micro,
                           int64_t threads) {
  tile::FoldShape shape = op.getFoldShape();
  if (ShapedType::isDynamic(shape.depth) || ShapedType::isDynamic(shape.width))
    return op->emitOpError("the widths of rows and columns must be static to "
                           "choose tiles");
  bool isShort =
      !ShapedType::isDynamic(shape.columns) && shape.columns < kFewestTokens;
  tile::FoldTiling tiling;
  tiling.rows = shape.width;
  tiling.cols = 1;
  tiling.hoistPack = false;
  bool takesChunks = shape.takesChunks && !shape.chunkNeedsTensorCores;
  if (!takesChunks)
    tiling.rows = getColumnsOfToken(shape.width);
  if (!takesChunks || isShort)
    return tiling;
  tiling.cols = std::max(kFewestTokens, micro.getCols());
  tiling.micro = tile::MicroTileAttr::get(op->getContext(),
                                          getRowsOfChunk(micro, tiling.cols),
                                          micro.getCols(), micro.getLanes());
  // Of entries that are not counted there may be one.
  auto count = [](int64_t extent) {
    return ShapedType::isDynamic(extent) ? 1 : extent;
  };
  if (threads >= kThreadsOfPieces * count(shape.batch) * count(shape.heads))
    tiling.tasks = threads;
  return tiling;
}

/// Tokens of a chunk on a GPU: four warps multiply 64 rows of them at a time.
static constexpr int64_t kChunk = 64;

/// Four warps multiply 64 rows at a time: of tokens, and of a state. A state
/// with more elements than this leaves no registers for a chunk. Columns that
/// are cut make tasks of their own, which all do what a chunk's tokens need.
static constexpr int64_t kMostElements = 128 * 128, kFewestColumns = 16;

/// Elements of a state that a warp holds: what has few tokens has many, so that
/// memory is read in long runs; of many tokens the sums take longest, which
/// more warps share. No lane has registers for more than the last number.
static constexpr int64_t kElementsOfFew = 32 * 64, kElementsOfMany = 32 * 32,
                         kMostElementsOfWarp = 32 * 128;

/// Warps that a multiprocessor needs to have something to do while others wait
/// for memory; the tasks that fill a machine are as many as it has of these.
static constexpr int64_t kWarpsOfTask = 16;

/// Columns beyond which a warp has no longer runs of memory, only more of them.
static constexpr int64_t kColumnsOfWarp = 32;

/// As many tokens as there can be, if that is known.
static int64_t getMostTokens(const tile::FoldShape &shape) {
  return ShapedType::isDynamic(shape.columns) ? shape.mostColumns
                                              : shape.columns;
}

static bool hasFewTokens(const tile::FoldShape &shape) {
  int64_t most = getMostTokens(shape);
  return !ShapedType::isDynamic(most) && most <= strategy::kFewGPUTokens;
}

/// One token at a time, the state in the registers of a warp's lanes.
static std::optional<tile::FoldTiling>
getTokenTiling(const tile::FoldShape &shape, int64_t tasks) {
  int64_t words =
      llvm::divideCeil(shape.compute.getIntOrFloatBitWidth(), 32) * shape.depth;
  if (words == 0 || words > kMostElementsOfWarp || shape.width == 0)
    return std::nullopt;
  int64_t most = hasFewTokens(shape) ? kElementsOfFew : kElementsOfMany;
  tile::FoldTiling tiling;
  tiling.cols = 1;
  tiling.hoistPack = false;
  tiling.rows = std::clamp<int64_t>(most / words, 1, kColumnsOfWarp);
  while (shape.width % tiling.rows != 0)
    --tiling.rows;
  if (!hasFewTokens(shape))
    tiling.tasks = kWarpsOfTask * tasks;
  return tiling;
}

/// Chunks of tokens, which tensor cores multiply.
static SmallVector<tile::FoldTiling>
getChunkTilings(const tile::FoldShape &shape, int64_t tasks) {
  SmallVector<tile::FoldTiling> tilings;
  if (!shape.takesChunks || !shape.compute.isF32())
    return tilings;
  // Three products for one of f32, and registers for the parts of operands,
  // leave none for the levels of pairs: nothing fits, and ptxas takes minutes.
  constexpr int64_t kNarrow = 2;
  if (shape.chunkNeedsTensorCores && shape.operandBytes != kNarrow)
    return tilings;
  // Columns that are cut would leave the copies to all warps, which have no
  // registers for what a gate for each key takes.
  if (shape.chunkNeedsTensorCores) {
    tile::FoldTiling tiling;
    tiling.rows = shape.width;
    tiling.cols = kChunk;
    tiling.hoistPack = false;
    // What ends with a piece's state carries sums of gates, too, and may want
    // registers where the rest does not.
    for (int64_t pieces : {tasks, int64_t(0)}) {
      tiling.tasks = pieces;
      if (tiling.rows * shape.depth <= kMostElements)
        tilings.push_back(tiling);
    }
    return tilings;
  }
  for (int64_t tokens : {kChunk, kChunk / 2}) {
    tile::FoldTiling tiling;
    tiling.cols = tokens;
    tiling.hoistPack = false;
    tiling.tasks = tasks;
    for (tiling.rows = shape.width;; tiling.rows /= 2) {
      if (tiling.rows * shape.depth <= kMostElements)
        tilings.push_back(tiling);
      if (tiling.rows % 2 != 0 || tiling.rows / 2 < kFewestColumns)
        break;
    }
  }
  return tilings;
}

SmallVector<tile::FoldTiling>
strategy::getOrderedGPUTilings(const tile::FoldShape &shape, int64_t tasks) {
  if (ShapedType::isDynamic(shape.depth) || ShapedType::isDynamic(shape.width))
    return {};
  SmallVector<tile::FoldTiling> tilings = getChunkTilings(shape, tasks);
  if (std::optional<tile::FoldTiling> token = getTokenTiling(shape, tasks)) {
    tilings.insert(hasFewTokens(shape) ? tilings.begin() : tilings.end(),
                   *token);
  }
  return tilings;
}

std::string strategy::explainToken(const tile::FoldShape &shape) {
  if (hasFewTokens(shape))
    return llvm::formatv("a chunk of {0} tokens has {1} at most", kChunk,
                         getMostTokens(shape));
  if (getChunkTilings(shape, /*tasks=*/0).empty())
    return "its steps have no products for tensor cores";
  return "no chunk fits registers";
}

std::string strategy::describeOrdered(const tile::FoldTiling &tiling) {
  if (tiling.cols == 1)
    return llvm::formatv("one token at a time, {0} columns of a state",
                         tiling.rows);
  return llvm::formatv("{0} tokens at a time, {1} columns of a state",
                       tiling.cols, tiling.rows);
}
