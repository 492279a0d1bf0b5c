//===- RowFusion.h - Operations that share a loop over rows -----*- C++ -*-===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef ATTN_LIB_CONVERSION_LINALGTOVECTORLOOPS_ROWFUSION_H
#define ATTN_LIB_CONVERSION_LINALGTOVECTORLOOPS_ROWFUSION_H

#include "mlir/Dialect/Linalg/IR/Linalg.h"

namespace attn {

/// Operations of one block, in order and neighbours, with the same static
/// number of rows (first dimension, parallel), that touch each other's buffers
/// at the same row only.
using RowGroup = llvm::SmallVector<mlir::linalg::LinalgOp>;

/// Finds the groups of two and more operations of `block` among those that
/// `isCandidate` accepts. Moves operations without effects that stand between
/// members of a group in front of it.
llvm::SmallVector<RowGroup>
findRowGroups(mlir::Block &block,
              llvm::function_ref<bool(mlir::linalg::LinalgOp)> isCandidate);

} // namespace attn

#endif // ATTN_LIB_CONVERSION_LINALGTOVECTORLOOPS_ROWFUSION_H
