//===- StructuredPlan.h - How a structured operation is vectorised -*- C++ -*-//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef ATTN_LIB_CONVERSION_LINALGTOVECTORLOOPS_STRUCTUREDPLAN_H
#define ATTN_LIB_CONVERSION_LINALGTOVECTORLOOPS_STRUCTUREDPLAN_H

#include "LoopBuilder.h"
#include "VectorTarget.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"

namespace attn {

/// How an operand is met along the vectorised dimension.
enum class LaneAccess {
  /// Not a buffer, or the same element in all lanes.
  Uniform,
  /// Neighbouring lanes are neighbouring elements.
  Contiguous,
  /// Anything else: lane by lane, or as rows that are transposed.
  Strided
};

/// A decision how the loops of one operation are written.
struct StructuredPlan {
  mlir::linalg::LinalgOp op;
  /// The dimension whose consecutive values are the lanes; scalar loops if
  /// there is none.
  std::optional<unsigned> vectorDim;
  bool isVectorDimSummed = false;
  /// If set, the strided inputs are contiguous along this dimension: blocks of
  /// lanes x lanes are read and transposed in registers.
  std::optional<unsigned> transposedDim;
  int64_t lanes = 1;
  /// What is left over of a parallel vectorised dimension is scalar: there are
  /// no masked stores of narrow elements, and LLVM takes those of bf16 through
  /// calls.
  bool hasScalarTail = false;
  /// Vectors written out in one trip of the innermost loop.
  int64_t unroll = 1;
  /// One for each operand.
  llvm::SmallVector<LaneAccess> access;
  /// For each output: the operation that combines it along a vectorised sum,
  /// null if the output has an element for each lane.
  llvm::SmallVector<mlir::Operation *> combiners;
  /// Why there is no vectorised dimension.
  const char *obstacle = nullptr;

  LaneAccess getAccess(mlir::OpOperand &operand) const {
    return access[operand.getOperandNumber()];
  }
};

/// Decides how `op`, on buffers, is written.
StructuredPlan planStructured(mlir::linalg::LinalgOp op,
                              const VectorTarget &target);

/// The values of one dimension that are visited.
struct DimRange {
  mlir::Value lower, count;
};

/// The ranges of all dimensions of `op`.
llvm::SmallVector<DimRange> getRanges(LoopBuilder &b,
                                      mlir::linalg::LinalgOp op);

/// Writes the loops of a plan over `ranges`. The operation stays.
void emitStructured(LoopBuilder &b, const StructuredPlan &plan,
                    llvm::ArrayRef<DimRange> ranges);

/// Transposes `rows`, as many vectors as they have lanes, by shuffles.
llvm::SmallVector<mlir::Value>
transposeInRegisters(LoopBuilder &b, llvm::ArrayRef<mlir::Value> rows);

} // namespace attn

#endif // ATTN_LIB_CONVERSION_LINALGTOVECTORLOOPS_STRUCTUREDPLAN_H
