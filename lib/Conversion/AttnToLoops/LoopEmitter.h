//===- LoopEmitter.h - Scalar loops over memrefs ----------------*- C++ -*-===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef LIB_CONVERSION_ATTNTOLOOPS_LOOPEMITTER_H
#define LIB_CONVERSION_ATTNTOLOOPS_LOOPEMITTER_H

#include "attn/Dialect/Attn/IR/Attn.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"

namespace attn {

/// Emits scalar code that computes with floats of one type, `wide`.
class LoopEmitter : public mlir::ImplicitLocOpBuilder {
public:
  using Value = mlir::Value;

  LoopEmitter(mlir::Operation *op, mlir::FloatType wide)
      : ImplicitLocOpBuilder(op->getLoc(), op), wide(wide) {}

  mlir::FloatType getWideType() { return wide; }

  //===--- Constants and arithmetic ---------------------------------------===//

  Value index(int64_t value) {
    return mlir::arith::ConstantIndexOp::create(*this, value);
  }
  Value real(double value) { return real(value, wide); }
  Value real(double value, mlir::Type type) {
    return mlir::arith::ConstantOp::create(*this, getFloatAttr(type, value));
  }
  Value boolean(bool value) {
    return mlir::arith::ConstantIntOp::create(*this, value, 1);
  }
  template <typename OpTy>
  Value binary(Value a, Value b) {
    return OpTy::create(*this, a, b);
  }
  Value addIndex(Value a, Value b) { return binary<mlir::arith::AddIOp>(a, b); }
  Value subIndex(Value a, Value b) { return binary<mlir::arith::SubIOp>(a, b); }
  Value add(Value a, Value b) { return binary<mlir::arith::AddFOp>(a, b); }
  Value sub(Value a, Value b) { return binary<mlir::arith::SubFOp>(a, b); }
  Value mul(Value a, Value b) { return binary<mlir::arith::MulFOp>(a, b); }
  Value div(Value a, Value b) { return binary<mlir::arith::DivFOp>(a, b); }
  Value max(Value a, Value b) { return binary<mlir::arith::MaximumFOp>(a, b); }
  Value exp(Value x) { return mlir::math::ExpOp::create(*this, x); }
  Value log(Value x) { return mlir::math::LogOp::create(*this, x); }
  Value isEqual(Value a, Value b) {
    return mlir::arith::CmpFOp::create(*this, mlir::arith::CmpFPredicate::OEQ,
                                       a, b);
  }
  Value isLess(Value a, Value b) {
    return mlir::arith::CmpIOp::create(*this, mlir::arith::CmpIPredicate::slt,
                                       a, b);
  }
  Value select(Value condition, Value a, Value b) {
    return mlir::arith::SelectOp::create(*this, condition, a, b);
  }
  Value toIndex(Value integer) {
    return mlir::arith::IndexCastOp::create(*this, getIndexType(), integer);
  }
  /// `x` rounded or extended to a float type.
  Value convert(Value x, mlir::Type type);
  Value widen(Value x) { return convert(x, wide); }

  //===--- Memory
  //----------------------------------------------------------===//

  Value dim(Value memref, int64_t position) {
    return createOrFold<mlir::memref::DimOp>(memref, position);
  }
  Value load(Value memref, mlir::ValueRange indices) {
    return mlir::memref::LoadOp::create(*this, memref, indices);
  }
  Value loadWide(Value memref, mlir::ValueRange indices) {
    return widen(load(memref, indices));
  }
  /// Stores a float in the element type of the memref.
  void store(Value value, Value memref, mlir::ValueRange indices);
  /// Temporaries, which buffer deallocation frees.
  Value alloc(mlir::ValueRange extents, mlir::Type element);
  /// A row of them.
  Value allocRow(Value extent, mlir::Type element) {
    return alloc(extent, element);
  }

  //===--- Control flow
  //----------------------------------------------------===//

  using LoopBody = llvm::function_ref<void(Value)>;
  using ReductionBody = llvm::function_ref<Value(Value, Value)>;
  using Thunk = llvm::function_ref<Value()>;

  /// for (iv = 0; iv < extent; ++iv)
  void forEach(Value extent, LoopBody body);
  /// One loop for each extent, the last one innermost.
  void forEach(mlir::ValueRange extents,
               llvm::function_ref<void(mlir::ValueRange)> body);
  /// The last of `state = body(iv, state)` over [0, extent).
  Value reduce(Value extent, Value init, ReductionBody body);
  /// condition ? then() : otherwise(), of which only one runs.
  Value choose(Value condition, Thunk then, Thunk otherwise);

private:
  mlir::FloatType wide;
};

} // namespace attn

#endif // LIB_CONVERSION_ATTNTOLOOPS_LOOPEMITTER_H
