//===- LinalgTiles.h - What steps compute, as linalg on tiles ---*- C++ -*-===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef LIB_DIALECT_ATTN_IR_LINALGTILES_H
#define LIB_DIALECT_ATTN_IR_LINALGTILES_H

#include "mlir/IR/Builders.h"

namespace attn {

using BodyBuilder = llvm::function_ref<llvm::SmallVector<mlir::Value>(
    mlir::OpBuilder &, mlir::Location, mlir::ValueRange)>;

/// A `linalg.generic` whose first `numParallel` dimensions are parallel and the
/// others reductions. The body gets the inputs, then the outputs.
llvm::SmallVector<mlir::Value>
buildGeneric(mlir::OpBuilder &builder, mlir::Location loc, mlir::ValueRange ins,
             llvm::ArrayRef<mlir::AffineMap> inMaps, mlir::ValueRange outs,
             llvm::ArrayRef<mlir::AffineMap> outMaps, unsigned numParallel,
             BodyBuilder body);

/// A float in another float type.
mlir::Value convertFloat(mlir::OpBuilder &builder, mlir::Location loc,
                         mlir::Value value, mlir::Type type);

/// A copy of a tile in another float type.
mlir::Value convertTile(mlir::OpBuilder &builder, mlir::Location loc,
                        mlir::Value tile, mlir::Type element);

/// A matrix with rows as columns.
mlir::Value transposeTile(mlir::OpBuilder &builder, mlir::Location loc,
                          mlir::Value tile);

/// A tensor of the given shape filled with a float.
mlir::Value buildFilled(mlir::OpBuilder &builder, mlir::Location loc,
                        llvm::ArrayRef<mlir::OpFoldResult> shape,
                        mlir::FloatType type, llvm::APFloat value);

/// e^x, of which a target may take what it has for it: for what is rounded
/// anyway, or summed relative to larger numbers.
mlir::Value buildFastExp(mlir::OpBuilder &builder, mlir::Location loc,
                         mlir::Value x);

/// out[m, n] += sum_k lhs * rhs, operands indexed by dimensions of (m, n, k).
mlir::Value buildContract(mlir::OpBuilder &builder, mlir::Location loc,
                          mlir::Value lhs, llvm::ArrayRef<unsigned> lhsDims,
                          mlir::Value rhs, llvm::ArrayRef<unsigned> rhsDims,
                          mlir::Value out);

/// acc + weights * value, where a weight of zero contributes nothing, whatever
/// is in `value`, which is the extension of a tile of `element`.
mlir::Value accumulateStrictly(mlir::OpBuilder &builder, mlir::Location loc,
                               mlir::Value weights, mlir::Value value,
                               mlir::Type element, mlir::Value acc);

} // namespace attn

#endif // LIB_DIALECT_ATTN_IR_LINALGTILES_H
