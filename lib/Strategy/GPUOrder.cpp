//===- GPUOrder.cpp - What a GPU works on at the same time ----------------===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The rounds are gone through one by one; a kernel has some thousand pieces.
// Within a round a source's columns come from memory once, since the blocks
// that read them do so at about the same time. From one round to the next they
// stay if all that a round reads and writes fits L2.
//
//===----------------------------------------------------------------------===//

#include "attn/Strategy/GPUOrder.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/MathExtras.h"
#include <queue>

using namespace mlir;
using namespace attn;
using namespace attn::strategy;
using attn::tile::ColumnRange;

int64_t PieceOrder::getNumRounds() const {
  return llvm::divideCeil(isPaired ? llvm::divideCeil(pieces, 2) : pieces,
                          blocks);
}

void PieceOrder::forEach(
    int64_t round,
    llvm::function_ref<void(int64_t block, int64_t piece)> visit) const {
  int64_t numbers = isPaired ? llvm::divideCeil(pieces, 2) : pieces;
  for (int64_t block = 0; block < blocks; ++block) {
    int64_t number = round * blocks + block;
    if (number >= numbers)
      return;
    int64_t other = pieces - 1 - number;
    visit(block, isReversed ? other : number);
    if (isPaired && other != number)
      visit(block, isReversed ? number : other);
  }
}

namespace {

using Ranges = SmallVector<ColumnRange, 2>;

/// Of one tile of rows, in whole tiles of columns.
struct Piece {
  int64_t source = 0;
  int64_t rows = 0, tiles = 0, columns = 0;
  Ranges ranges;
  ArrayRef<ColumnRange> seen;
};

class RoundWalk {
public:
  RoundWalk(const Workload &workload, WorkCounter &counter, const GPUPlan &plan,
            const GPUCache &cache)
      : workload(workload), shape(workload.shape), counter(counter), plan(plan),
        cache(cache), tilesPerSlice(llvm::divideCeil(shape.rows, plan.rows)) {}

  GPURounds walk();

private:
  using Sources = std::map<int64_t, Ranges>;

  Piece getPiece(int64_t number) const;
  void addRound(const PieceOrder &order, int64_t round);
  void endRound(Sources &sources, double otherBytes);

  const Workload &workload;
  const tile::FoldShape &shape;
  WorkCounter &counter;
  const GPUPlan &plan;
  const GPUCache &cache;
  int64_t tilesPerSlice;
  GPURounds result;
  /// What each block of a fixed order does.
  std::vector<double> blockTiles;
  /// Columns that the round before has left in L2, and all seen so far.
  Sources kept, seen;
  /// When each block of a free order ends.
  std::priority_queue<double, std::vector<double>, std::greater<>> ends;
};

} // namespace

/// Sorted, and disjoint.
static Ranges unite(Ranges ranges) {
  llvm::sort(ranges, [](const ColumnRange &a, const ColumnRange &b) {
    return a.begin < b.begin;
  });
  Ranges result;
  for (const ColumnRange &range : ranges) {
    if (range.begin >= range.end)
      continue;
    if (result.empty() || range.begin > result.back().end)
      result.push_back(range);
    else
      result.back().end = std::max(result.back().end, range.end);
  }
  return result;
}

static Ranges unite(Ranges ranges, ArrayRef<ColumnRange> others) {
  ranges.append(others.begin(), others.end());
  return unite(std::move(ranges));
}

static int64_t count(ArrayRef<ColumnRange> ranges) {
  int64_t sum = 0;
  for (const ColumnRange &range : ranges)
    sum += range.end - range.begin;
  return sum;
}

Piece RoundWalk::getPiece(int64_t number) const {
  int64_t slice = number / tilesPerSlice, tile = number % tilesPerSlice;
  int64_t batch = slice / shape.heads, head = slice % shape.heads;
  Piece piece;
  piece.source =
      batch * shape.sourceHeads + head / workload.getHeadsPerSource();
  piece.rows = std::min(plan.rows, shape.rows - tile * plan.rows);
  piece.seen = counter.getVisited(batch, head, plan.rows, tile);
  for (const ColumnRange &range : piece.seen)
    piece.ranges.push_back(
        {int64_t(llvm::alignDown(range.begin, plan.cols)),
         std::min<int64_t>(llvm::alignTo(range.end, plan.cols),
                           shape.columns)});
  piece.ranges = unite(std::move(piece.ranges));
  piece.columns = count(piece.ranges);
  for (const ColumnRange &range : piece.ranges)
    piece.tiles += llvm::divideCeil(range.end - range.begin, plan.cols);
  return piece;
}

void RoundWalk::addRound(const PieceOrder &order, int64_t round) {
  Sources sources;
  double otherBytes = 0;
  order.forEach(round, [&](int64_t block, int64_t number) {
    Piece piece = getPiece(number);
    result.tiles += piece.tiles;
    double pairs = double(piece.rows) * piece.columns;
    result.pairs += pairs;
    result.columnsFromL2 += piece.columns;
    if (plan.isPersistent) {
      blockTiles[block] += piece.tiles;
    } else {
      double start = 0;
      if (int64_t(ends.size()) == plan.blocks) {
        start = ends.top();
        ends.pop();
      }
      ends.push(start + piece.tiles);
      result.mostTiles = std::max(result.mostTiles, start + piece.tiles);
    }
    otherBytes +=
        double(piece.rows) * (shape.rowReadBytes + shape.rowWriteBytes);
    for (const tile::PairOperand &operand : shape.pairOperands)
      if (operand.hasRow && operand.hasColumn)
        otherBytes += operand.bytes * pairs;
    sources[piece.source].append(piece.ranges.begin(), piece.ranges.end());
    Ranges &all = seen[piece.source];
    all = unite(std::move(all), piece.seen);
  });
  endRound(sources, otherBytes);
}

void RoundWalk::endRound(Sources &sources, double otherBytes) {
  double columns = 0;
  for (auto &[source, ranges] : sources) {
    ranges = unite(std::move(ranges));
    int64_t needed = count(ranges);
    columns += needed;
    auto before = kept.find(source);
    if (before != kept.end())
      needed = count(unite(before->second, ranges)) - count(before->second);
    result.columnsFromMemory += needed;
  }
  double copies = double(cache.copies) * shape.columnReadBytes;
  double bytes = columns * copies + otherBytes;
  result.roundBytes = std::max(result.roundBytes, bytes);
  if (int64_t(sources.size()) > result.sources) {
    result.sources = sources.size();
    result.columnsPerSource = std::max(0.0, cache.bytes - otherBytes) /
                              (copies * double(sources.size()));
  }
  bool fits = bytes <= cache.bytes;
  result.lostRounds += !fits;
  kept = fits ? std::move(sources) : Sources();
}

GPURounds RoundWalk::walk() {
  PieceOrder order;
  order.pieces = workload.getSlices() * tilesPerSlice;
  order.blocks = std::min(plan.blocks, order.pieces);
  order.isReversed = plan.longestFirst;
  // `wg-specialize-warps` pairs only what takes more than a round.
  order.isPaired =
      plan.longestFirst && plan.isPersistent && order.pieces > order.blocks;
  result.pieces = order.pieces;
  result.blocks = order.blocks;
  result.rounds = order.getNumRounds();
  blockTiles.resize(order.blocks);
  for (int64_t round = 0; round < result.rounds; ++round)
    addRound(order, round);
  for (double tiles : blockTiles)
    result.mostTiles = std::max(result.mostTiles, tiles);
  for (const auto &[source, ranges] : seen)
    result.columnsSeen += count(ranges);
  return result;
}

GPURounds strategy::getGPURounds(const Workload &workload, WorkCounter &counter,
                                 const GPUPlan &plan, const GPUCache &cache) {
  return RoundWalk(workload, counter, plan, cache).walk();
}
