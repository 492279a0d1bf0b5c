//===- Regions.h - Regions of operations, evaluated at a position -*- C++ -*-=//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef LIB_DIALECT_ATTN_IR_REGIONS_H
#define LIB_DIALECT_ATTN_IR_REGIONS_H

#include "mlir/IR/Builders.h"

namespace attn {

/// Whether a region reads memory: its reads must not happen where the mask is
/// false, since their indices may lie outside.
bool readsTensors(mlir::Region &region);

/// A copy of what the region does; the value that it yields.
mlir::Value evaluateRegion(mlir::OpBuilder &builder, mlir::Region &region,
                           mlir::ValueRange arguments);

/// What `body` makes, which only runs where `condition` holds; elsewhere
/// `otherwise`.
mlir::Value guard(mlir::OpBuilder &builder, mlir::Location loc,
                  mlir::Value condition, mlir::Value otherwise,
                  llvm::function_ref<mlir::Value()> body);

} // namespace attn

#endif // LIB_DIALECT_ATTN_IR_REGIONS_H
