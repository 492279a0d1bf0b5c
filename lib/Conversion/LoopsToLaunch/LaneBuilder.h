//===- LaneBuilder.h - What the lanes of a warp do together -----*- C++ -*-===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef LIB_CONVERSION_LOOPSTOLAUNCH_LANEBUILDER_H
#define LIB_CONVERSION_LOOPSTOLAUNCH_LANEBUILDER_H

#include "LaneLoop.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"

namespace attn {

/// Builds instructions that all lanes of a warp come to.
class LaneBuilder : public mlir::ImplicitLocOpBuilder {
public:
  static constexpr int64_t kLanes = 32;

  /// `lane` is the number of the lane, an index.
  LaneBuilder(mlir::Location loc, mlir::Operation *before, mlir::Value lane)
      : ImplicitLocOpBuilder(loc, before), lane(lane) {}

  mlir::Value index(int64_t value);
  mlir::Value i32(int64_t value);

  /// Waits until all lanes are here, and see what the others wrote.
  void barrier();
  /// The values of all lanes, combined by clones of `combiner`.
  mlir::Value reduce(mlir::Operation *combiner, mlir::Value value);
  /// The same of those lanes whose numbers differ in bits of `first` to less
  /// than `end`, powers of two.
  mlir::Value reduce(mlir::Operation *combiner, mlir::Value value,
                     int64_t first, int64_t end);
  /// `combiner`, of other operands.
  mlir::Value combine(mlir::Operation *combiner, mlir::Value x, mlir::Value y);
  /// The values, one for each key, of the lane that comes first.
  llvm::SmallVector<mlir::Value> findBest(llvm::ArrayRef<LaneBest::Key> keys,
                                          mlir::ValueRange values);
  /// The numbers of lanes in front, and of all, in which `condition` holds.
  std::pair<mlir::Value, mlir::Value> count(mlir::Value condition,
                                            mlir::Type type);

private:
  mlir::Value exchange(mlir::Value value, int64_t distance);
  mlir::Value exchangeWord(mlir::Value value, int64_t distance);
  llvm::SmallVector<mlir::Value> findByWords(llvm::ArrayRef<LaneBest::Key> keys,
                                             mlir::ValueRange values);
  mlir::Value comesBefore(llvm::ArrayRef<LaneBest::Key> keys,
                          mlir::ValueRange x, mlir::ValueRange y);

  mlir::Value lane;
};

} // namespace attn

#endif // LIB_CONVERSION_LOOPSTOLAUNCH_LANEBUILDER_H
