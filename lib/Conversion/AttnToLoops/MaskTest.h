//===- MaskTest.h - Masks by their definitions ------------------*- C++ -*-===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef LIB_CONVERSION_ATTNTOLOOPS_MASKTEST_H
#define LIB_CONVERSION_ATTNTOLOOPS_MASKTEST_H

#include "mlir/IR/ImplicitLocOpBuilder.h"
#include <functional>

namespace attn {

/// Where a mask is tested: global batch entry and head, logical positions.
struct MaskPoint {
  mlir::Value b, h, i, j;
  /// Query and key are of one segment (i1); null if no segments are given.
  mlir::Value sameSegment;
  /// The mask's parameters.
  llvm::SmallVector<mlir::Value> parameters;
  /// Emits whether a number is that of an ancestor of the query (i1).
  std::function<mlir::Value(mlir::Value)> isAncestor;
};

/// Emits whether the mask holds at a point: i1.
mlir::Value emitMaskTest(mlir::ImplicitLocOpBuilder &b, mlir::Attribute mask,
                         const MaskPoint &point);

} // namespace attn

#endif // LIB_CONVERSION_ATTNTOLOOPS_MASKTEST_H
