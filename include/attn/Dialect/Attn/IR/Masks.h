//===- Masks.h - The algebra of masks ---------------------------*- C++ -*-===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef ATTN_DIALECT_ATTN_IR_MASKS_H
#define ATTN_DIALECT_ATTN_IR_MASKS_H

#include "attn/Dialect/Tile/IR/Tile.h"

namespace attn {

/// An equal mask that is shorter: nested lists are flattened, duplicates and
/// implied terms dropped, windows and prefixes joined, double negation removed.
tile::VisitAttrInterface simplifyMask(tile::VisitAttrInterface mask);

} // namespace attn

#endif // ATTN_DIALECT_ATTN_IR_MASKS_H
