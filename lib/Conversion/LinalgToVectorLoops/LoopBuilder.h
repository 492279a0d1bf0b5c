//===- LoopBuilder.h - Small helpers to write loops -------------*- C++ -*-===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Index arithmetic that folds as it is built, and `scf.for` that disappears
// when its trip count is known to be zero or one.
//
//===----------------------------------------------------------------------===//

#ifndef ATTN_LIB_CONVERSION_LINALGTOVECTORLOOPS_LOOPBUILDER_H
#define ATTN_LIB_CONVERSION_LINALGTOVECTORLOOPS_LOOPBUILDER_H

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"
#include "llvm/ADT/STLFunctionalExtras.h"

namespace attn {

/// A builder at one location with folding index arithmetic.
class LoopBuilder : public mlir::ImplicitLocOpBuilder {
public:
  using mlir::ImplicitLocOpBuilder::ImplicitLocOpBuilder;

  mlir::Value index(int64_t value) {
    return mlir::arith::ConstantIndexOp::create(*this, value);
  }
  mlir::Value index(mlir::OpFoldResult value);
  mlir::Value add(mlir::Value a, mlir::Value b);
  mlir::Value add(mlir::Value a, int64_t b) { return add(a, index(b)); }
  mlir::Value sub(mlir::Value a, mlir::Value b);
  mlir::Value mul(mlir::Value a, mlir::Value b);
  mlir::Value mul(mlir::Value a, int64_t b) { return mul(a, index(b)); }
  mlir::Value min(mlir::Value a, mlir::Value b);
  mlir::Value max(mlir::Value a, mlir::Value b);
  /// Of non-negative values.
  mlir::Value floorDiv(mlir::Value a, int64_t b);
  /// The largest multiple of `b` that is at most `a`, a non-negative value.
  mlir::Value roundDown(mlir::Value a, int64_t b);

  mlir::Value splat(mlir::Value scalar, int64_t lanes);
  mlir::Value constantSplat(mlir::Type element, int64_t lanes,
                            mlir::TypedAttr value);
  mlir::Value zeros(mlir::Type element, int64_t lanes);
  /// The lanes below `count` (which may be anything) out of `lanes`.
  mlir::Value mask(mlir::Value count, int64_t lanes);

  using Body = llvm::function_ref<void(mlir::Value)>;
  using CarriedBody = llvm::function_ref<llvm::SmallVector<mlir::Value>(
      mlir::Value, mlir::ValueRange)>;

  /// for (iv = lower; iv < lower + count; iv += step) body(iv). The loop is
  /// marked as written out: LLVM must not unroll it again.
  void loop(mlir::Value lower, mlir::Value count, int64_t step, Body body);
  /// The same with values carried from one trip to the next.
  llvm::SmallVector<mlir::Value> loop(mlir::Value lower, mlir::Value count,
                                      int64_t step, mlir::ValueRange inits,
                                      CarriedBody body);
};

/// The constant that `value` is, if it is one.
inline std::optional<int64_t> getConstant(mlir::Value value) {
  return mlir::getConstantIntValue(mlir::OpFoldResult(value));
}

} // namespace attn

#endif // ATTN_LIB_CONVERSION_LINALGTOVECTORLOOPS_LOOPBUILDER_H
