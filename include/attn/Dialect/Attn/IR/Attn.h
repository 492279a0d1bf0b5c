//===- Attn.h - Attention on tensors ----------------------------*- C++ -*-===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef ATTN_DIALECT_ATTN_IR_ATTN_H
#define ATTN_DIALECT_ATTN_IR_ATTN_H

#include "attn/Dialect/Tile/IR/FoldInterface.h"
#include "attn/Dialect/Tile/IR/Tile.h"
#include "mlir/Dialect/Linalg/IR/LinalgInterfaces.h"
#include "mlir/IR/IntegerSet.h"
#include "mlir/Interfaces/TilingInterface.h"

#include "attn/Dialect/Attn/IR/AttnDialect.h.inc"
#include "attn/Dialect/Attn/IR/AttnEnums.h.inc"
#define GET_ATTRDEF_CLASSES
#include "attn/Dialect/Attn/IR/AttnAttributes.h.inc"

#include "attn/Dialect/Attn/IR/AttnInterfaces.h.inc"
#define GET_OP_CLASSES
#include "attn/Dialect/Attn/IR/AttnOps.h.inc"

namespace attn {
/// The rows and columns of a tile of logits that `attn.route_score` or
/// `attn.cluster` is computed by, if that was decided: an array of two numbers.
inline constexpr llvm::StringLiteral kScoreTile = "attn.score_tile";
} // namespace attn

#endif // ATTN_DIALECT_ATTN_IR_ATTN_H
