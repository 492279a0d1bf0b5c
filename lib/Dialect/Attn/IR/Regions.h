//===- Regions.h - Regions of operations, evaluated at a position -*- C++ -*-=//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef LIB_DIALECT_ATTN_IR_REGIONS_H
#define LIB_DIALECT_ATTN_IR_REGIONS_H

#include "mlir/IR/Builders.h"

namespace attn {

/// Whether a region reads memory, by others than `except`: its reads must not
/// happen where the mask is false, since their indices may lie outside.
bool readsTensors(mlir::Region &region,
                  llvm::ArrayRef<mlir::Operation *> except = {});

/// Whether a region reads tensors at entries each of whose indices depends on
/// one position, of the column on which of the blocks it lies in that tiles of
/// `cols` columns divide. Then all columns of a tile give it the same value,
/// and, as every row and every visited tile has positions that the mask shows,
/// it may be read where the mask is false.
bool readsColumnsByBlocks(mlir::Region &region, int64_t cols);

/// A copy of what the region does, but for the operations `known`, which have
/// the results `values`; the value that it yields.
mlir::Value evaluateRegion(mlir::OpBuilder &builder, mlir::Region &region,
                           mlir::ValueRange arguments,
                           llvm::ArrayRef<mlir::Operation *> known = {},
                           mlir::ValueRange values = {});

/// What `body` makes, which only runs where `condition` holds; elsewhere
/// `otherwise`.
mlir::Value guard(mlir::OpBuilder &builder, mlir::Location loc,
                  mlir::Value condition, mlir::Value otherwise,
                  llvm::function_ref<mlir::Value()> body);

} // namespace attn

#endif // LIB_DIALECT_ATTN_IR_REGIONS_H
