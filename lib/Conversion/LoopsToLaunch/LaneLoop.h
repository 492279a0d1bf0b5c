//===- LaneLoop.h - Loops whose iterations lanes can share ------*- C++ -*-===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef LIB_CONVERSION_LOOPSTOLAUNCH_LANELOOP_H
#define LIB_CONVERSION_LOOPSTOLAUNCH_LANELOOP_H

#include "mlir/Dialect/SCF/IR/SCF.h"

namespace attn {

/// Carried value `number` is combined with one of each iteration.
struct LaneReduction {
  unsigned number;
  mlir::Operation *combiner;
};

/// Carried values are replaced, all together, by those of an iteration that
/// come before them in the order of the first, then of the second, and so on.
struct LaneBest {
  struct Key {
    unsigned number;
    bool isLargest, isUnsigned;
  };
  llvm::SmallVector<Key> keys;
};

/// Carried value `number` counts the iterations in which `condition` holds, and
/// says where they write.
struct LaneCount {
  unsigned number;
  mlir::Value condition;
};

/// A loop whose iterations may be done in any order, and what it carries.
struct LaneLoop {
  llvm::SmallVector<LaneReduction> reductions;
  llvm::SmallVector<LaneBest> bests;
  llvm::SmallVector<LaneCount> counts;
  /// With counts: what is needed of an iteration to know whether it counts,
  /// and what needs the count, in order.
  llvm::SmallVector<mlir::Operation *> before, behind;
};

/// Otherwise `reason` says what is in the way.
mlir::FailureOr<LaneLoop> matchLaneLoop(mlir::scf::ForOp loop,
                                        std::string &reason);

} // namespace attn

#endif // LIB_CONVERSION_LOOPSTOLAUNCH_LANELOOP_H
