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
/// vector code).
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
    return builder.createOrFold<arith::AddIOp>(loc, visit(expr.getLHS()),
                                               visit(expr.getRHS()));
  }
  Value visitMulExpr(AffineBinaryOpExpr expr) {
    return builder.createOrFold<arith::MulIOp>(loc, visit(expr.getLHS()),
                                               visit(expr.getRHS()));
  }
  Value visitFloorDivExpr(AffineBinaryOpExpr expr) {
    return builder.createOrFold<arith::FloorDivSIOp>(loc, visit(expr.getLHS()),
                                                     visit(expr.getRHS()));
  }
  Value visitCeilDivExpr(AffineBinaryOpExpr expr) {
    return builder.createOrFold<arith::CeilDivSIOp>(loc, visit(expr.getLHS()),
                                                    visit(expr.getRHS()));
  }
  /// `x mod n` is never negative: x - n * floor(x / n).
  Value visitModExpr(AffineBinaryOpExpr expr) {
    Value x = visit(expr.getLHS()), n = visit(expr.getRHS());
    Value quotient = builder.createOrFold<arith::FloorDivSIOp>(loc, x, n);
    Value product = builder.createOrFold<arith::MulIOp>(loc, quotient, n);
    return builder.createOrFold<arith::SubIOp>(loc, x, product);
  }

  Value constant(int64_t value) {
    Type type = dims.back().getType();
    return arith::ConstantOp::create(builder, loc,
                                     builder.getIntegerAttr(type, value));
  }

private:
  OpBuilder &builder;
  Location loc;
  ArrayRef<Value> dims;
};

} // namespace

static Value emit(OpBuilder &builder, Location loc, const Formula &formula,
                  ArrayRef<Value> dims, Value sameId) {
  switch (formula.getKind()) {
  case Formula::Kind::True:
    return arith::ConstantIntOp::create(builder, loc, 1, 1);
  case Formula::Kind::Constraint: {
    ExprEmitter emitter(builder, loc, dims);
    Value value = emitter.visit(formula.getConstraint());
    return builder.createOrFold<arith::CmpIOp>(loc, arith::CmpIPredicate::sge,
                                               value, emitter.constant(0));
  }
  case Formula::Kind::SameId:
    assert(sameId && "the formula reads ids");
    return sameId;
  case Formula::Kind::Not: {
    Value value = emit(builder, loc, formula.getTerms().front(), dims, sameId);
    Value one = arith::ConstantIntOp::create(builder, loc, 1, 1);
    return builder.createOrFold<arith::XOrIOp>(loc, value, one);
  }
  case Formula::Kind::And:
  case Formula::Kind::Or: {
    Value result;
    for (const Formula &term : formula.getTerms()) {
      Value next = emit(builder, loc, term, dims, sameId);
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
               Value batch, Value head, Value row, Value column, Value sameId) {
  return emit(builder, loc, formula.getNegationNormalForm(),
              {batch, head, row, column}, sameId);
}

} // namespace attn::tile
