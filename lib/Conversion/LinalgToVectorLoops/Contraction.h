//===- Contraction.h - Register-tiled contractions --------------*- C++ -*-===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef ATTN_LIB_CONVERSION_LINALGTOVECTORLOOPS_CONTRACTION_H
#define ATTN_LIB_CONVERSION_LINALGTOVECTORLOOPS_CONTRACTION_H

#include "VectorTarget.h"
#include "mlir/IR/AffineMap.h"
#include "mlir/IR/PatternMatch.h"

namespace attn {

/// out[outMap(x)] (+)= sum of lhs[lhsMap(x)] * rhs[rhsMap(x)] on buffers.
struct Contraction {
  mlir::Value lhs, rhs, out;
  /// Projected permutations of the same dimensions.
  mlir::AffineMap lhsMap, rhsMap, outMap;
  /// The previous value of `out` is not read.
  bool overwrite = false;
  /// Asked for by the operation; 0 means not asked for.
  int64_t microRows = 0, microCols = 0, microLanes = 0;
  /// Row group g (`group` values of the outermost dimension of `out`) visits
  /// positions [lower[g], upper[g]) of the run of dimensions that ends in
  /// `boundDim`. Null if there are no bounds.
  mlir::Value lower, upper;
  unsigned boundDim = 0;
  int64_t group = 1;
};

/// Sees `op` as a contraction on buffers; failure is silent for operations of
/// another kind and comes with a match-failure reason otherwise.
mlir::FailureOr<Contraction> matchContraction(mlir::RewriterBase &rewriter,
                                              mlir::Operation *op);

/// Replaces `op` by register-tiled loops. Fails, changing nothing, if no
/// operand order lets the result and one operand be read as vectors.
mlir::LogicalResult lowerContraction(mlir::RewriterBase &rewriter,
                                     mlir::Operation *op,
                                     Contraction contraction,
                                     const VectorTarget &target);

/// Writes scalar loops for a contraction of any form.
void lowerContractionToScalarLoops(mlir::RewriterBase &rewriter,
                                   mlir::Operation *op,
                                   const Contraction &contraction);

} // namespace attn

#endif // ATTN_LIB_CONVERSION_LINALGTOVECTORLOOPS_CONTRACTION_H
