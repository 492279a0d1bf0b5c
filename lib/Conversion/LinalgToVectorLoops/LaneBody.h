//===- LaneBody.h - A scalar region on the lanes of a vector ----*- C++ -*-===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Clones the body of a structured operation for consecutive values of one of
// its dimensions. A value of the body is then an arithmetic progression over
// the lanes (step 0: the same in all lanes), kept as a scalar as long as
// possible, or a vector. So positions stay scalar arithmetic, a load at
// consecutive indices becomes a vector load, and a comparison of two
// progressions becomes one comparison with a constant vector.
//
//===----------------------------------------------------------------------===//

#ifndef ATTN_LIB_CONVERSION_LINALGTOVECTORLOOPS_LANEBODY_H
#define ATTN_LIB_CONVERSION_LINALGTOVECTORLOOPS_LANEBODY_H

#include "LoopBuilder.h"
#include "mlir/IR/IRMapping.h"

namespace attn {

/// A value on all lanes.
struct Lanes {
  /// A vector, or the value in lane 0.
  mlir::Value value;
  /// The difference from lane to lane of a progression.
  int64_t step = 0;
  bool isVector = false;

  static Lanes uniform(mlir::Value value) { return {value, 0, false}; }
  static Lanes progression(mlir::Value first, int64_t step) {
    return {first, step, false};
  }
  static Lanes vector(mlir::Value value) { return {value, 0, true}; }
  bool isUniform() const { return !isVector && step == 0; }
};

class LaneBody {
public:
  /// `mask`, if given, says which lanes exist.
  LaneBody(LoopBuilder &b, int64_t lanes, mlir::Value mask)
      : b(b), lanes(lanes), mask(mask) {}

  /// The reason why `block` can only run lane by lane; null if there is none.
  static const char *getObstacle(mlir::Block &block);

  void map(mlir::Value scalar, Lanes value) { values[scalar] = value; }
  /// Says that `op` combines `acc`, a reduction in progress, with a new value.
  /// A reduction that NaN does not enter is never NaN.
  void setCombiner(mlir::Operation *op, mlir::Value acc) {
    combiners[op] = acc;
  }

  /// Clones the operations of `block`; `dims` are the values of the
  /// operation's dimensions.
  llvm::SmallVector<Lanes> clone(mlir::Block &block,
                                 llvm::ArrayRef<Lanes> dims);

  /// The vector of all lanes.
  mlir::Value materialise(Lanes value);

private:
  Lanes lookup(mlir::Value scalar);
  Lanes cloneOp(mlir::Operation &op);
  std::optional<Lanes> cloneIndexArithmetic(mlir::Operation &op);
  std::optional<Lanes> cloneComparison(mlir::Operation &op);
  std::optional<Lanes> cloneMaximum(mlir::Operation &op);
  Lanes cloneLoad(mlir::Operation &op);
  Lanes cloneElementwise(mlir::Operation &op);

  LoopBuilder &b;
  int64_t lanes;
  mlir::Value mask;
  llvm::DenseMap<mlir::Value, Lanes> values;
  llvm::SmallVector<Lanes> indices;
  llvm::SmallDenseMap<mlir::Operation *, mlir::Value, 2> combiners;
};

/// True if NaN never becomes the result of the reduction by `combiner`, started
/// from the identity: NaN loses or does not occur.
bool isReductionNeverNaN(mlir::Operation *combiner);

/// Combines two partial results of a reduction, scalars or vectors; `y` came
/// from the identity.
mlir::Value combine(LoopBuilder &b, mlir::Operation *combiner, mlir::Value x,
                    mlir::Value y);

} // namespace attn

#endif // ATTN_LIB_CONVERSION_LINALGTOVECTORLOOPS_LANEBODY_H
