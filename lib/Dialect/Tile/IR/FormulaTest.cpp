//===- FormulaTest.cpp - Emits the scalar test of a predicate -------------===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "attn/Dialect/Tile/IR/Formula.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/IR/AffineExprVisitor.h"

using namespace mlir;

namespace attn::tile {

namespace {

/// Expands an affine expression to arithmetic in the integer type of the
/// positions (`affine.apply` would force `index`, twice as wide as needed in
/// vector code). It does not overflow: tiles are classified by the formula's
/// value as a number.
class ExprEmitter : public AffineExprVisitor<ExprEmitter, Value> {
public:
  ExprEmitter(OpBuilder &builder, Location loc, ArrayRef<Value> dims)
      : builder(builder), loc(loc), dims(dims) {}

  Value visitDimExpr(AffineDimExpr expr) { return dims[expr.getPosition()]; }
  Value visitSymbolExpr(AffineSymbolExpr) {
    llvm_unreachable("formulas have no symbols");
  }
  Value visitConstantExpr(AffineConstantExpr expr) {
    return constant(expr.getValue());
  }
  Value visitAddExpr(AffineBinaryOpExpr expr) {
    AffineExpr lhs = expr.getLHS(), rhs = expr.getRHS();
    if (AffineExpr term = getNegated(rhs))
      return builder.createOrFold<arith::SubIOp>(loc, visit(lhs), visit(term),
                                                 kExact);
    if (AffineExpr term = getNegated(lhs))
      return builder.createOrFold<arith::SubIOp>(loc, visit(rhs), visit(term),
                                                 kExact);
    return builder.createOrFold<arith::AddIOp>(loc, visit(lhs), visit(rhs),
                                               kExact);
  }
  Value visitMulExpr(AffineBinaryOpExpr expr) {
    return builder.createOrFold<arith::MulIOp>(loc, visit(expr.getLHS()),
                                               visit(expr.getRHS()), kExact);
  }
  /// By a power of two what a shift leaves, of negative numbers, too.
  Value visitFloorDivExpr(AffineBinaryOpExpr expr) {
    Value x = visit(expr.getLHS());
    if (std::optional<int64_t> exponent = getExponent(expr.getRHS()))
      return builder.createOrFold<arith::ShRSIOp>(loc, x, constant(*exponent));
    return builder.createOrFold<arith::FloorDivSIOp>(loc, x,
                                                     visit(expr.getRHS()));
  }
  Value visitCeilDivExpr(AffineBinaryOpExpr expr) {
    return builder.createOrFold<arith::CeilDivSIOp>(loc, visit(expr.getLHS()),
                                                    visit(expr.getRHS()));
  }
  /// `x mod n` is never negative: x - n * floor(x / n), the last bits of x if n
  /// is a power of two.
  Value visitModExpr(AffineBinaryOpExpr expr) {
    Value x = visit(expr.getLHS()), n = visit(expr.getRHS());
    if (std::optional<int64_t> exponent = getExponent(expr.getRHS()))
      return builder.createOrFold<arith::AndIOp>(
          loc, x, constant((int64_t(1) << *exponent) - 1));
    Value quotient = builder.createOrFold<arith::FloorDivSIOp>(loc, x, n);
    Value product = builder.createOrFold<arith::MulIOp>(loc, quotient, n);
    return builder.createOrFold<arith::SubIOp>(loc, x, product);
  }

  Value constant(int64_t value) {
    Type type = dims.front().getType();
    return arith::ConstantOp::create(builder, loc,
                                     builder.getIntegerAttr(type, value));
  }

private:
  static constexpr auto kExact = arith::IntegerOverflowFlags::nsw;

  /// Of a power of two that an i32 has.
  static std::optional<int64_t> getExponent(AffineExpr expr) {
    auto divisor = dyn_cast<AffineConstantExpr>(expr);
    if (!divisor || divisor.getValue() <= 0 ||
        !llvm::isUInt<31>(divisor.getValue()) ||
        !llvm::isPowerOf2_64(divisor.getValue()))
      return std::nullopt;
    return llvm::Log2_64(divisor.getValue());
  }

  /// x of `x * -1`, else nothing.
  static AffineExpr getNegated(AffineExpr expr) {
    auto product = dyn_cast<AffineBinaryOpExpr>(expr);
    if (!product || product.getKind() != AffineExprKind::Mul)
      return {};
    auto factor = dyn_cast<AffineConstantExpr>(product.getRHS());
    return factor && factor.getValue() == -1 ? product.getLHS() : AffineExpr();
  }

  OpBuilder &builder;
  Location loc;
  ArrayRef<Value> dims;
};

} // namespace

static constexpr unsigned kColumn = 3;

/// The terms of a sum that depend on the column, and the others.
static std::pair<AffineExpr, AffineExpr> splitByColumn(AffineExpr expr) {
  if (auto sum = dyn_cast<AffineBinaryOpExpr>(expr);
      sum && sum.getKind() == AffineExprKind::Add) {
    auto left = splitByColumn(sum.getLHS()),
         right = splitByColumn(sum.getRHS());
    return {left.first + right.first, left.second + right.second};
  }
  AffineExpr zero = getAffineConstantExpr(0, expr.getContext());
  return expr.isFunctionOfDim(kColumn) ? std::pair(expr, zero)
                                       : std::pair(zero, expr);
}

static bool hasRemainders(AffineExpr expr) {
  return expr
      .walk([](AffineExpr inner) {
        return inner.getKind() == AffineExprKind::Mod ? WalkResult::interrupt()
                                                      : WalkResult::advance();
      })
      .wasInterrupted();
}

namespace {
/// What a test is made of, besides the formula.
struct Operands {
  ArrayRef<Value> dims;
  Value sameId;
  function_ref<Value(Value)> testBit;
};
} // namespace

/// With `last`, the test says no behind that column, too. A test that compares
/// the column with something else takes it over, and it is null then.
static Value emit(OpBuilder &builder, Location loc, const Formula &formula,
                  const Operands &operands, Value *last = nullptr) {
  switch (formula.getKind()) {
  case Formula::Kind::True:
    return arith::ConstantIntOp::create(builder, loc, 1, 1);
  case Formula::Kind::Constraint: {
    ExprEmitter emitter(builder, loc, operands.dims);
    // What is the same for a row on one side, for a column on the other:
    // neither is computed for each pair.
    // Of remainders it would make quotients.
    auto simplify = [&](AffineExpr expr) {
      return hasRemainders(expr)
                 ? expr
                 : simplifyAffineExpr(expr, operands.dims.size(),
                                      /*numSymbols=*/0);
    };
    auto [column, others] = splitByColumn(simplify(formula.getExpr()));
    if (column == getAffineDimExpr(kColumn, column.getContext()))
      return builder.createOrFold<arith::CmpIOp>(
          loc, arith::CmpIPredicate::sle, emitter.visit(simplify(-others)),
          emitter.visit(column));
    Value bound = emitter.visit(others);
    if (last && *last &&
        -column == getAffineDimExpr(kColumn, column.getContext())) {
      bound = builder.createOrFold<arith::MinSIOp>(loc, bound, *last);
      *last = {};
    }
    return builder.createOrFold<arith::CmpIOp>(loc, arith::CmpIPredicate::sge,
                                               bound, emitter.visit(-column));
  }
  case Formula::Kind::SameId:
    assert(operands.sameId && "the formula reads ids");
    return operands.sameId;
  case Formula::Kind::Bit:
    assert(operands.testBit && "the formula reads bits");
    return operands.testBit(
        ExprEmitter(builder, loc, operands.dims).visit(formula.getExpr()));
  case Formula::Kind::Not: {
    Value value = emit(builder, loc, formula.getTerms().front(), operands);
    Value one = arith::ConstantIntOp::create(builder, loc, 1, 1);
    return builder.createOrFold<arith::XOrIOp>(loc, value, one);
  }
  case Formula::Kind::And:
  case Formula::Kind::Or: {
    Value result;
    for (const Formula &term : formula.getTerms()) {
      bool isAnd = formula.getKind() == Formula::Kind::And;
      Value next = emit(builder, loc, term, operands, isAnd ? last : nullptr);
      if (!result)
        result = next;
      else if (formula.getKind() == Formula::Kind::And)
        result = builder.createOrFold<arith::AndIOp>(loc, result, next);
      else
        result = builder.createOrFold<arith::OrIOp>(loc, result, next);
    }
    return result;
  }
  }
  llvm_unreachable("every kind is handled");
}

Value emitTest(OpBuilder &builder, Location loc, const Formula &formula,
               Value batch, Value head, Value row, Value column, Value sameId,
               ValueRange parameters, function_ref<Value(Value)> testBit,
               Value lastColumn) {
  SmallVector<Value> dims = {batch, head, row, column};
  llvm::append_range(dims, parameters);
  Value test = emit(builder, loc, formula.getNegationNormalForm(),
                    {dims, sameId, testBit}, &lastColumn);
  if (!lastColumn)
    return test;
  Value exists = arith::CmpIOp::create(builder, loc, arith::CmpIPredicate::sle,
                                       column, lastColumn);
  return builder.createOrFold<arith::AndIOp>(loc, exists, test);
}

} // namespace attn::tile
