//===- DeferBranches.h - Work that is rarely needed, later ------*- C++ -*-===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef ATTN_LIB_DIALECT_WG_TRANSFORMS_DEFERBRANCHES_H
#define ATTN_LIB_DIALECT_WG_TRANSFORMS_DEFERBRANCHES_H

#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/IR/PatternMatch.h"

namespace attn::wg {

/// Whether a branch that depends on elements of a tile (`wg.any`) can be taken
/// after later iterations of a loop around, which are independent: it is the
/// last in its block to touch memory, has no results, and what it needs can be
/// computed or copied again.
bool isDeferrable(mlir::scf::IfOp branch);

/// Bytes of shared memory that taking one of them later needs, at most.
inline constexpr int64_t kDeferredBytes = 256;

/// Takes such branches of `work`, a block in the body of `loop`, in a second
/// loop behind it: the first notes its number where a branch is to be taken. So
/// producers, who do not know, need not wait for each verdict.
void deferBranches(mlir::RewriterBase &rewriter, mlir::scf::ForOp loop,
                   mlir::Block &work);

} // namespace attn::wg

#endif // ATTN_LIB_DIALECT_WG_TRANSFORMS_DEFERBRANCHES_H
