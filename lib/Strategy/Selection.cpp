//===- Selection.cpp - Choosing a cut -------------------------------------===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "attn/Strategy/Selection.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace attn;
using namespace attn::strategy;

/// Vectors in a row of the register tile: with one, every multiply-add would
/// need a broadcast of its own.
static constexpr int64_t kMicroVectors = 2;
/// Rows come in multiples of this, so that tiles of 48, 96, 192, ... rows are
/// whole on every machine.
static constexpr int64_t kMicroRowStep = 6;
static constexpr int64_t kMaxRows = 384, kMaxCols = 512;

SmallVector<std::pair<int64_t, int64_t>>
strategy::getRegisterTiles(const CPUTarget &target, unsigned bits,
                           int64_t rows) {
  int64_t lanes = target.getLanes(bits);
  auto getMaxRows = [&](int64_t vectors) {
    return (target.vectorRegisters - vectors - 1) / vectors;
  };
  int64_t full = std::max<int64_t>(
      1, llvm::alignDown(getMaxRows(kMicroVectors), kMicroRowStep));
  SmallVector<std::pair<int64_t, int64_t>> tiles;
  tiles.push_back({full, kMicroVectors * lanes});
  if (rows < full)
    // Fewer rows need more vectors to keep the units busy.
    for (int64_t vectors = kMicroVectors; rows <= getMaxRows(vectors);
         vectors *= 2)
      tiles.push_back({rows, vectors * lanes});
  return tiles;
}

/// Sizes up to `limit`, in multiples of `step`: the usual ones, and, if the
/// extent is known, those that cut it evenly.
static SmallVector<int64_t> getSizes(ArrayRef<int64_t> usual, int64_t extent,
                                     bool isKnown, int64_t step,
                                     int64_t limit) {
  SmallVector<int64_t> sizes;
  int64_t whole = llvm::alignTo(extent, step);
  auto add = [&](int64_t size) {
    size = std::min<int64_t>(llvm::alignTo(size, step), whole);
    if (size <= std::max(limit, step))
      sizes.push_back(size);
  };
  for (int64_t size : usual)
    add(size);
  int64_t fewest = llvm::divideCeil(extent, limit);
  for (int64_t parts = fewest; isKnown && parts < fewest + 4; ++parts)
    add(llvm::divideCeil(extent, parts));
  llvm::sort(sizes);
  sizes.erase(llvm::unique(sizes), sizes.end());
  return sizes;
}

/// Cuts whose tiles lie in one block of rows and one of columns each: as many
/// rows of a register tile as divide the block, and as many vectors.
static std::vector<Cut> getBlockCuts(const CPUTarget &target,
                                     const Workload &workload) {
  std::vector<Cut> cuts;
  const tile::FoldShape &shape = workload.shape;
  int64_t lanes = target.getLanes(workload.getComputeBits());
  int64_t microCols = kMicroVectors * lanes;
  if (shape.columnBlock % microCols != 0)
    microCols = lanes;
  if (shape.columnBlock % microCols != 0)
    return cuts;
  int64_t mostRows =
      (target.vectorRegisters - kMicroVectors - 1) / kMicroVectors;
  int64_t microRows = 1;
  for (int64_t rows = 2; rows <= mostRows; ++rows)
    if (shape.rowBlock % rows == 0)
      microRows = rows;
  int64_t mostTileRows = std::min(
      kMaxRows, static_cast<int64_t>(llvm::alignTo(shape.rows, microRows)));
  for (int64_t rows = microRows; rows <= mostTileRows; rows += microRows)
    for (int64_t cols = microCols; cols <= kMaxCols; cols += microCols)
      if (shape.rowBlock % rows == 0 && shape.columnBlock % cols == 0)
        cuts.push_back({rows, cols, microRows, microCols});
  return cuts;
}

std::vector<Cut> strategy::getCuts(const CPUTarget &target,
                                   const Workload &workload) {
  std::vector<Cut> cuts;
  const tile::FoldShape &shape = workload.shape;
  if (shape.rowBlock > 0)
    cuts = getBlockCuts(target, workload);
  // Blocks that no tile fits in are tested.
  if (!cuts.empty())
    return cuts;
  for (auto [microRows, microCols] :
       getRegisterTiles(target, workload.getComputeBits(), shape.rows))
    for (int64_t rows :
         getSizes({12, 24, 48, 96, 144, 192, 288, 384}, shape.rows,
                  !workload.assumesRows, microRows, kMaxRows))
      // Lengths that are not known are most often multiples of a power of two.
      for (int64_t cols :
           workload.assumesColumns
               ? getSizes({64, 128, 256, 512}, shape.columns, false, microCols,
                          kMaxCols)
               : getSizes({64, 128, 192, 256, 384, 512}, shape.columns, true,
                          microCols, kMaxCols))
        cuts.push_back({rows, cols, microRows, microCols});
  return cuts;
}

Selection strategy::select(const IOModel &model, const Workload &workload,
                           WorkCounter &counter) {
  Selection selection;
  std::vector<Scored> scored;
  auto score = [&](const Cut &cut) {
    for (bool hoistPack : {true, false}) {
      Candidate candidate{cut, hoistPack};
      scored.push_back(
          {candidate, model.predict(workload, counter, candidate)});
    }
  };
  std::vector<Cut> cuts = getCuts(model.getTarget(), workload);
  selection.numCandidates = cuts.size();
  for (const Cut &cut : cuts) {
    std::string reason = model.getObjection(workload, cut);
    if (reason.empty())
      score(cut);
    else
      selection.rejected.push_back({cut, reason});
  }
  if (scored.empty()) {
    selection.fits = false;
    score(*llvm::min_element(cuts, [&](const Cut &a, const Cut &b) {
      return model.getResidentBytes(workload, a) <
             model.getResidentBytes(workload, b);
    }));
  }
  // Equal times: the smaller cut, then the simpler packing.
  llvm::sort(scored, [](const Scored &a, const Scored &b) {
    return std::tie(a.prediction.seconds, a.candidate.cut,
                    b.candidate.hoistPack) < std::tie(b.prediction.seconds,
                                                      b.candidate.cut,
                                                      a.candidate.hoistPack);
  });
  selection.chosen = scored.front();
  for (const Scored &other : ArrayRef(scored).drop_front()) {
    const Cut &cut = other.candidate.cut, &best = scored.front().candidate.cut;
    if (!(cut < best) && !(best < cut))
      continue;
    selection.runnerUp = other;
    break;
  }
  return selection;
}

Candidate strategy::getCandidate(const tile::FoldTiling &tiling) {
  return {{tiling.rows, tiling.cols, tiling.micro.getRows(),
           tiling.micro.getCols()},
          tiling.hoistPack};
}

tile::FoldTiling strategy::getTiling(MLIRContext *context, const IOModel &model,
                                     const Workload &workload,
                                     const Scored &scored) {
  const Cut &cut = scored.candidate.cut;
  int64_t lanes = model.getTarget().getLanes(workload.getComputeBits());
  tile::FoldTiling tiling;
  tiling.rows = cut.rows;
  tiling.cols = cut.cols;
  tiling.micro =
      tile::MicroTileAttr::get(context, cut.microRows, cut.microCols, lanes);
  tiling.hoistPack = scored.candidate.hoistPack;
  tiling.longestFirst = scored.prediction.growsWithRows;
  return tiling;
}

FailureOr<std::unique_ptr<Decision>>
strategy::decide(const IOModel &model, tile::FoldOpInterface op) {
  auto decision = std::make_unique<Decision>();
  FailureOr<Workload> workload =
      Workload::get(op.getFoldShape(), [&](const Twine &message) {
        op->emitOpError() << message;
      });
  if (failed(workload))
    return failure();
  decision->workload = std::move(*workload);
  decision->counter = std::make_unique<WorkCounter>(decision->workload);
  decision->selection = select(model, decision->workload, *decision->counter);
  if (std::optional<tile::FoldTiling> tiling = op.getFoldTiling()) {
    if (!tiling->micro)
      return op->emitOpError("has a schedule without a register tile (micro), "
                             "which ")
             << model.getTarget().cpu << " needs";
    Candidate candidate = getCandidate(*tiling);
    decision->given =
        Scored{candidate, model.predict(decision->workload, *decision->counter,
                                        candidate)};
  }
  return decision;
}

std::string strategy::explain(const Prediction &chosen,
                              const Prediction &other) {
  double slower = other.seconds / chosen.seconds - 1;
  const auto &before = chosen.contributions, &after = other.contributions;
  Cause worst = Cause::Multiply;
  double most = -std::numeric_limits<double>::infinity();
  for (size_t i = 0; i < kNumCauses; ++i) {
    double loss = after[i] - before[i];
    if (loss <= most)
      continue;
    most = loss;
    worst = static_cast<Cause>(i);
  }
  if (slower < 0.0005)
    return "as fast";
  return llvm::formatv("{0:F1} % slower, most of it {1}", 100 * slower,
                       stringify(worst));
}
