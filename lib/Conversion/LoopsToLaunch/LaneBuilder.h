//===- LaneBuilder.h - What the lanes of a warp do together -----*- C++ -*-===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef LIB_CONVERSION_LOOPSTOLAUNCH_LANEBUILDER_H
#define LIB_CONVERSION_LOOPSTOLAUNCH_LANEBUILDER_H

#include "LaneLoop.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"

namespace attn {

/// Who shares the iterations of a loop: the lanes of a warp, or the threads of
/// a block.
struct Team {
  static constexpr int64_t kLanes = 32;
  /// Values that warps hand over at a time.
  static constexpr int64_t kWords = 8;

  /// The number of the lane or thread, an index.
  mlir::Value member;
  int64_t size = kLanes;
  /// Of a block, memory with `kWords` of 64 bits for each warp.
  mlir::Value words;

  int64_t getWarps() const { return size / kLanes; }
};

/// Builds instructions that all members of a team come to.
class LaneBuilder : public mlir::ImplicitLocOpBuilder {
public:
  static constexpr int64_t kLanes = Team::kLanes;

  LaneBuilder(mlir::Location loc, mlir::Operation *before, const Team &team)
      : ImplicitLocOpBuilder(loc, before), team(team) {}

  mlir::Value index(int64_t value);
  mlir::Value i32(int64_t value);

  /// Waits until all members are here, and see what the others wrote.
  void barrier();
  /// The values of all members, each combined by clones of its `combiner`.
  llvm::SmallVector<mlir::Value>
  reduce(llvm::ArrayRef<mlir::Operation *> combiners, mlir::ValueRange values);
  /// A value of those lanes of the warp whose numbers differ in bits of `first`
  /// to less than `end`, powers of two.
  mlir::Value reduce(mlir::Operation *combiner, mlir::Value value,
                     int64_t first, int64_t end);
  /// `combiner`, of other operands.
  mlir::Value combine(mlir::Operation *combiner, mlir::Value x, mlir::Value y);
  /// The values, one for each key, of the member that comes first.
  llvm::SmallVector<mlir::Value> findBest(llvm::ArrayRef<LaneBest::Key> keys,
                                          mlir::ValueRange values);
  /// For each condition, the numbers of members in front, and of all, in which
  /// it holds.
  llvm::SmallVector<std::pair<mlir::Value, mlir::Value>>
  count(mlir::ValueRange conditions, mlir::Type type);

private:
  mlir::Value getLane();
  llvm::SmallVector<mlir::Value> gatherWarps(mlir::ValueRange values);
  mlir::Value reduceWarp(mlir::Operation *combiner, mlir::Value value);
  llvm::SmallVector<mlir::Value>
  findBestOfWarp(llvm::ArrayRef<LaneBest::Key> keys, mlir::ValueRange values);
  mlir::Value exchange(mlir::Value value, int64_t distance);
  mlir::Value exchangeWord(mlir::Value value, int64_t distance);
  llvm::SmallVector<mlir::Value> findByWords(llvm::ArrayRef<LaneBest::Key> keys,
                                             mlir::ValueRange values);
  mlir::Value comesBefore(llvm::ArrayRef<LaneBest::Key> keys,
                          mlir::ValueRange x, mlir::ValueRange y);

  Team team;
};

} // namespace attn

#endif // LIB_CONVERSION_LOOPSTOLAUNCH_LANEBUILDER_H
