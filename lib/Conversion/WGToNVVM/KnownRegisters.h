//===- KnownRegisters.h - Left operands that ptxas would know ---*- C++ -*-===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef ATTN_CONVERSION_WGTONVVM_KNOWNREGISTERS_H
#define ATTN_CONVERSION_WGTONVVM_KNOWNREGISTERS_H

#include "ThreadBuilder.h"
#include "llvm/ADT/SmallVector.h"

namespace attn::wg {

/// Whether some of a tile's elements may be known, and not zero, before the
/// kernel runs: what is computed of positions and constants alone.
bool mayBeKnown(mlir::Value tile);

/// Registers of 32 bits with the same values, which nothing knows before the
/// kernel runs, ptxas included.
void hideFromPtxas(ThreadBuilder &builder,
                   llvm::SmallVectorImpl<mlir::Value> &registers);

} // namespace attn::wg

#endif // ATTN_CONVERSION_WGTONVVM_KNOWNREGISTERS_H
