//===- ContinueLoops.h - Loops that go on where others end ------*- C++ -*-===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef ATTN_LIB_DIALECT_WG_TRANSFORMS_CONTINUELOOPS_H
#define ATTN_LIB_DIALECT_WG_TRANSFORMS_CONTINUELOOPS_H

#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/IR/PatternMatch.h"

namespace attn::wg {

/// If all initial values of `loop` are results of `previous`, lets it carry all
/// of these, in their order: what it does not change, too. Returns the loop,
/// which may be a new one.
mlir::scf::ForOp carryResults(mlir::RewriterBase &rewriter,
                              mlir::scf::ForOp loop, mlir::scf::ForOp previous);

/// Lets `loop` carry `inits`, too, behind what it carries, and yield them as
/// they are until that is changed. Returns the loop, a new one.
mlir::scf::ForOp carryMore(mlir::RewriterBase &rewriter, mlir::scf::ForOp loop,
                           mlir::ValueRange inits);

/// Whether a loop is known to have one iteration, also if that is kept from
/// other passes (`wg.again`).
bool hasOneIteration(mlir::scf::ForOp loop);

} // namespace attn::wg

#endif // ATTN_LIB_DIALECT_WG_TRANSFORMS_CONTINUELOOPS_H
