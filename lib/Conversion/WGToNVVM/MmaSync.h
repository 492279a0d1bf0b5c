//===- MmaSync.h - Products by single warps ---------------------*- C++ -*-===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef ATTN_CONVERSION_WGTONVVM_MMASYNC_H
#define ATTN_CONVERSION_WGTONVVM_MMASYNC_H

#include "ThreadBuilder.h"

namespace attn::wg {

/// The result of an instruction of a warp; its depth is 32 bytes of an operand.
inline constexpr int64_t kMmaRows = 16, kMmaCols = 8, kMmaDepthBytes = 32;

/// A product of which every warp computes the bands that it holds. The left
/// operand is a vector of what the thread holds or an address.
struct WarpProduct {
  mlir::Type lhsType;
  mlir::Value lhs;
  bool lhsTransposed;
  SharedType rhsType;
  mlir::Value rhs;
  bool rhsTransposed;
  TileType accType;
};

/// `acc` + a b for 16 x 8 elements of an instruction.
llvm::SmallVector<mlir::Value> emitMma(ThreadBuilder &builder,
                                       mlir::Type element,
                                       llvm::ArrayRef<mlir::Value> lhs,
                                       llvm::ArrayRef<mlir::Value> rhs,
                                       llvm::ArrayRef<mlir::Value> acc);

/// acc + lhs rhs, complete. `acc` is what the thread holds.
llvm::SmallVector<mlir::Value>
emitWarpProduct(ThreadBuilder &builder, const WarpProduct &product,
                llvm::SmallVector<mlir::Value> acc);

} // namespace attn::wg

#endif // ATTN_CONVERSION_WGTONVVM_MMASYNC_H
