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

/// Places of what helpers hand over, where there is room: so much ahead they
/// are.
inline constexpr int64_t kHandedPlaces = 2;

/// The operations of a loop's body that depend on a tile that it carries, or on
/// a matrix that it carries.
llvm::DenseSet<mlir::Operation *> getCarriedWork(mlir::scf::ForOp loop,
                                                 bool ofMatrices = false);

/// Whether a product of a loop multiplies what depends on a matrix that the
/// loop carries: a sum of products. Then these wait for those of the iteration
/// before, and whatever is done before and between them costs time.
bool isChained(mlir::scf::ForOp loop);

/// Whether others should do what of a loop does not depend on what it carries:
/// it is chained, or that itself multiplies what it makes, and makes of the
/// product what is multiplied, for which there are no registers beside a state.
bool hasWorkAhead(mlir::scf::ForOp loop);

/// Whether a block, without what a loop carries, multiplies what it makes of
/// products of what it makes.
bool multipliesItsOwn(mlir::Block &block,
                      const llvm::DenseSet<mlir::Operation *> &carried);

/// Whether a tile of a loop with work ahead is made, in shared memory, for what
/// does not depend on a tile that the loop carries.
bool isMadeAhead(ToSharedOp op);

/// The bytes of shared memory for what work ahead uses itself, for what it
/// hands over, in `slots` places, and for operations that work there.
int64_t getWorkBytes(mlir::gpu::LaunchOp launch, int64_t slots);

/// Lets vectors that a loop with work ahead loads, and matrices that it does
/// not multiply and that this work needs, come by `wg.copy`, as the others do:
/// a load would be waited for.
/// Returns what has been made.
llvm::SmallVector<FromSharedOp> stageLoads(mlir::gpu::LaunchOp launch);
/// Loads them again.
void loadAgain(llvm::ArrayRef<FromSharedOp> staged);

} // namespace attn::wg

#endif // ATTN_LIB_DIALECT_WG_TRANSFORMS_CHAINS_H
