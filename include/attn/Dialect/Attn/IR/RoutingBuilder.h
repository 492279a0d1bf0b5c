//===- RoutingBuilder.h - What loops over lists are built with --*- C++ -*-===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef ATTN_DIALECT_ATTN_IR_ROUTINGBUILDER_H
#define ATTN_DIALECT_ATTN_IR_ROUTINGBUILDER_H

#include "attn/Dialect/Attn/IR/Attn.h"
#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Arith/Utils/Utils.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"

namespace attn {

/// Numbers and loops of what chooses keys: of operations of routing, as
/// parallel loops over what is independent (a window, a tile of scores, a
/// list), and of the lists of tiles that attention is given.
class RoutingBuilder {
public:
  RoutingBuilder(mlir::OpBuilder &builder, mlir::Operation *op)
      : b(op->getLoc(), builder) {}
  /// Builds in front of the operation.
  explicit RoutingBuilder(mlir::Operation *op) : b(op->getLoc(), op) {}

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
  mlir::Value compare(mlir::arith::CmpIPredicate predicate, mlir::Value x,
                      mlir::Value y) {
    return mlir::arith::CmpIOp::create(b, predicate, x, y);
  }
  mlir::Value both(mlir::Value x, mlir::Value y) {
    return mlir::arith::AndIOp::create(b, x, y);
  }
  mlir::Value either(mlir::Value x, mlir::Value y) {
    return mlir::arith::OrIOp::create(b, x, y);
  }
  mlir::Value choose(mlir::Value condition, mlir::Value x, mlir::Value y) {
    return mlir::arith::SelectOp::create(b, condition, x, y);
  }
  mlir::Value toI32(mlir::Value x) {
    return mlir::arith::IndexCastOp::create(b, b.getI32Type(), x);
  }
  mlir::Value toIndex(mlir::Value x) {
    return mlir::arith::IndexCastOp::create(b, b.getIndexType(), x);
  }
  mlir::Value toValue(mlir::OpFoldResult x) {
    return mlir::getValueOrCreateConstantIndexOp(b, b.getLoc(), x);
  }
  mlir::OpFoldResult getSize(mlir::Value tensor, int64_t dim) {
    return mlir::tensor::getMixedSize(b, b.getLoc(), tensor, dim);
  }
  /// The head of `tensor` that head `h` of as many as `outs` has reads.
  mlir::Value getGroup(mlir::Value h, mlir::Value tensor, mlir::Value outs);
  mlir::OpFoldResult apply(mlir::AffineExpr expr,
                           llvm::ArrayRef<mlir::OpFoldResult> operands) {
    return mlir::affine::makeComposedFoldedAffineApply(b, b.getLoc(), expr,
                                                       operands);
  }
  mlir::OpFoldResult smaller(mlir::OpFoldResult x, mlir::OpFoldResult y) {
    return mlir::affine::makeComposedFoldedAffineMin(
        b, b.getLoc(), b.getMultiDimIdentityMap(2), {x, y});
  }
  mlir::OpFoldResult larger(mlir::OpFoldResult x, mlir::OpFoldResult y) {
    return mlir::affine::makeComposedFoldedAffineMax(
        b, b.getLoc(), b.getMultiDimIdentityMap(2), {x, y});
  }
  mlir::OpFoldResult floorDiv(mlir::OpFoldResult x, int64_t size) {
    return apply(b.getAffineDimExpr(0).floorDiv(size), {x});
  }
  mlir::OpFoldResult ceilDiv(mlir::OpFoldResult x, int64_t size) {
    return apply(b.getAffineDimExpr(0).ceilDiv(size), {x});
  }
  mlir::Value constant(mlir::FloatType type, double value) {
    return mlir::arith::ConstantOp::create(b, b.getFloatAttr(type, value));
  }

  /// A loop over numbers below `end`; `body` gets the number and what is
  /// carried, and returns what is carried on.
  using Loop = llvm::function_ref<llvm::SmallVector<mlir::Value>(
      mlir::Value at, mlir::ValueRange carried)>;
  llvm::SmallVector<mlir::Value>
  loop(mlir::Value end, llvm::ArrayRef<mlir::Value> inits, Loop body);
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
};

} // namespace attn

#endif // ATTN_DIALECT_ATTN_IR_ROUTINGBUILDER_H
