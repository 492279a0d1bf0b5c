//===- RoutingBuilder.h - What decompositions of routing share --*- C++ -*-===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef LIB_DIALECT_ATTN_IR_ROUTINGBUILDER_H
#define LIB_DIALECT_ATTN_IR_ROUTINGBUILDER_H

#include "attn/Dialect/Attn/IR/Attn.h"
#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Arith/Utils/Utils.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"

namespace attn {

/// Builds an operation of routing as parallel loops over what is independent: a
/// window, a tile of scores, a list.
class RoutingBuilder {
public:
  RoutingBuilder(mlir::OpBuilder &builder, mlir::Operation *op)
      : b(op->getLoc(), builder), op(op) {}

protected:
  mlir::Value index(int64_t value) {
    return mlir::arith::ConstantIndexOp::create(b, value);
  }
  mlir::Value i32(int64_t value) {
    return mlir::arith::ConstantIntOp::create(b, value, 32);
  }
  mlir::Value boolean(bool value) {
    return mlir::arith::ConstantIntOp::create(b, value, 1);
  }
  mlir::Value toValue(mlir::OpFoldResult x) {
    return mlir::getValueOrCreateConstantIndexOp(b, b.getLoc(), x);
  }
  mlir::OpFoldResult getSize(mlir::Value tensor, int64_t dim) {
    return mlir::tensor::getMixedSize(b, b.getLoc(), tensor, dim);
  }
  mlir::OpFoldResult apply(mlir::AffineExpr expr,
                           llvm::ArrayRef<mlir::OpFoldResult> operands) {
    return mlir::affine::makeComposedFoldedAffineApply(b, b.getLoc(), expr,
                                                       operands);
  }
  mlir::OpFoldResult smaller(mlir::OpFoldResult x, mlir::OpFoldResult y) {
    return mlir::affine::makeComposedFoldedAffineMin(
        b, b.getLoc(), b.getMultiDimIdentityMap(2), {x, y});
  }
  mlir::OpFoldResult ceilDiv(mlir::OpFoldResult x, int64_t size) {
    return apply(b.getAffineDimExpr(0).ceilDiv(size), {x});
  }
  mlir::Value constant(mlir::FloatType type, double value) {
    return mlir::arith::ConstantOp::create(b, b.getFloatAttr(type, value));
  }

  /// A parallel loop that writes the part of `out` at `getOffsets(ivs)`, of
  /// which `sizes` come from `getSizes(ivs)`: `body` gets and returns it.
  struct Part {
    llvm::SmallVector<mlir::OpFoldResult> offsets, sizes;
    /// Without the dimensions of extent 1 in front.
    mlir::RankedTensorType type;
  };
  mlir::Value forEachPart(
      llvm::ArrayRef<mlir::OpFoldResult> extents, mlir::Value out,
      llvm::function_ref<Part(mlir::ValueRange at)> getPart,
      llvm::function_ref<mlir::Value(mlir::ValueRange at, mlir::Value part)>
          body);
  /// The same for each row of `out`, of rank 4: `body` gets its first three
  /// indices.
  mlir::Value forEachRow(
      mlir::Value out,
      llvm::function_ref<mlir::Value(mlir::ValueRange at, mlir::Value row)>
          body);

  mlir::ImplicitLocOpBuilder b;
  mlir::Operation *op;
};

} // namespace attn

#endif // LIB_DIALECT_ATTN_IR_ROUTINGBUILDER_H
