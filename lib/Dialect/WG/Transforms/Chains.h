//===- Chains.h - Loops whose iterations wait for each other ----*- C++ -*-===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef ATTN_LIB_DIALECT_WG_TRANSFORMS_CHAINS_H
#define ATTN_LIB_DIALECT_WG_TRANSFORMS_CHAINS_H

#include "attn/Dialect/WG/IR/WG.h"
#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

namespace attn::wg {

/// The operations of a loop's body that depend on a tile that it carries, or on
/// a matrix that it carries.
llvm::DenseSet<mlir::Operation *> getCarriedWork(mlir::scf::ForOp loop,
                                                 bool ofMatrices = false);

/// Whether a product of a loop multiplies what depends on a matrix that the
/// loop carries: a sum of products. Then these wait for those of the iteration
/// before, and whatever is done before and between them costs time.
bool isChained(mlir::scf::ForOp loop);

/// Lets vectors that a chained loop loads come by `wg.copy`, as the matrices
/// do: a load would be waited for. Returns what has been made.
llvm::SmallVector<FromSharedOp> stageVectors(mlir::gpu::LaunchOp launch);
/// Loads them again.
void loadVectors(llvm::ArrayRef<FromSharedOp> staged);

} // namespace attn::wg

#endif // ATTN_LIB_DIALECT_WG_TRANSFORMS_CHAINS_H
