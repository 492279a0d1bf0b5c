//===- Columns.h - Vectors that every warp has ------------------*- C++ -*-===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef ATTN_CONVERSION_WGTONVVM_COLUMNS_H
#define ATTN_CONVERSION_WGTONVVM_COLUMNS_H

#include "ThreadBuilder.h"

namespace attn::wg {

/// The elements of this thread of a vector by row, from those of the same
/// vector by column: the threads of a quad have all of them.
llvm::SmallVector<mlir::Value> getRowsOfCols(ThreadBuilder &builder,
                                             TileType rows,
                                             llvm::ArrayRef<mlir::Value> cols);

/// Element `index` of a vector by column, for all threads.
mlir::Value getElementOfCols(ThreadBuilder &builder, int64_t index,
                             llvm::ArrayRef<mlir::Value> cols);

} // namespace attn::wg

#endif // ATTN_CONVERSION_WGTONVVM_COLUMNS_H
