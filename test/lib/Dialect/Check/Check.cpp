//===- Check.cpp - Expectations of tests ----------------------------------===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "Check.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/SCF/Utils/Utils.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/DialectImplementation.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"
#include "llvm/ADT/TypeSwitch.h"

#include "CheckDialect.cpp.inc"
#define GET_ATTRDEF_CLASSES
#include "CheckAttributes.cpp.inc"
#define GET_OP_CLASSES
#include "CheckOps.cpp.inc"

using namespace mlir;
using namespace attn::check;

void CheckDialect::initialize() {
  addOperations<
#define GET_OP_LIST
#include "CheckOps.cpp.inc"
      >();
  addAttributes<
#define GET_ATTRDEF_LIST
#include "CheckAttributes.cpp.inc"
      >();
}

attn::tile::Formula BandMaskAttr::getFormula() const {
  using attn::tile::Formula;
  AffineExpr distance =
      getAffineDimExpr(2, getContext()) - getAffineDimExpr(3, getContext());
  Formula near = Formula::getAnd(
      {Formula::getTrue(getContext()), Formula::getConstraint(distance),
       !Formula::getConstraint(distance - getWidth())});
  return Formula::getOr({near, Formula::getSameId(getContext())});
}

namespace attn::check {
#define GEN_PASS_DEF_CONVERTCHECKTOCALLSPASS
#include "CheckPasses.h.inc"
} // namespace attn::check

namespace {

/// Builds the comparison of two tensors, element by element, in front of a
/// check operation.
class ComparisonBuilder {
public:
  ComparisonBuilder(Operation *op, ModuleOp module)
      : b(op->getLoc(), op), module(module) {
    if (auto loc = op->getLoc()->findInstanceOf<FileLineColLoc>())
      line = loc.getLine();
  }

  void compare(Value actual, Value expected, double tolerance);
  void compare(Value actual, ElementsAttr expected, double tolerance) {
    compare(actual,
            arith::ConstantOp::create(b, cast<TypedAttr>(expected)).getResult(),
            tolerance);
  }

private:
  /// A number as the runtime takes it: f64 or i64.
  Value widen(Value x) {
    Type type = x.getType();
    if (type.isF64() || type.isInteger(64))
      return x;
    if (isa<FloatType>(type))
      return arith::ExtFOp::create(b, b.getF64Type(), x);
    if (type.isIndex())
      return arith::IndexCastOp::create(b, b.getI64Type(), x);
    if (type.isInteger(1))
      return arith::ExtUIOp::create(b, b.getI64Type(), x);
    return arith::ExtSIOp::create(b, b.getI64Type(), x);
  }

  void call(StringRef name, ValueRange arguments) {
    if (!module.lookupSymbol(name)) {
      OpBuilder::InsertionGuard guard(b);
      b.setInsertionPointToStart(module.getBody());
      auto function = func::FuncOp::create(
          b, name, b.getFunctionType(TypeRange(arguments), {}));
      function.setPrivate();
    }
    func::CallOp::create(b, name, TypeRange(), arguments);
  }

  ImplicitLocOpBuilder b;
  ModuleOp module;
  int64_t line = 0;
};

} // namespace

void ComparisonBuilder::compare(Value actual, Value expected,
                                double tolerance) {
  auto type = cast<RankedTensorType>(actual.getType());
  SmallVector<Value> lower, upper, steps;
  auto index = [&](int64_t value) -> Value {
    return arith::ConstantIndexOp::create(b, value);
  };
  for (int64_t dim = 0; dim < type.getRank(); ++dim) {
    lower.push_back(index(0));
    upper.push_back(b.createOrFold<tensor::DimOp>(actual, dim));
    steps.push_back(index(1));
    // Else a result that came out too short would pass.
    Value wanted = b.createOrFold<tensor::DimOp>(expected, dim);
    call("attn_check_extent",
         {widen(upper.back()), widen(wanted), widen(index(dim))});
  }
  auto body = [&](OpBuilder &nested, Location, ValueRange ivs) {
    OpBuilder::InsertionGuard guard(b);
    b.restoreInsertionPoint(nested.saveInsertionPoint());
    Value position = index(0);
    for (auto [iv, extent] : llvm::zip(ivs, upper))
      position = arith::AddIOp::create(
          b, arith::MulIOp::create(b, position, extent), iv);
    position = arith::IndexCastOp::create(b, b.getI64Type(), position);
    Value a = widen(tensor::ExtractOp::create(b, actual, ivs));
    Value e = widen(tensor::ExtractOp::create(b, expected, ivs));
    if (a.getType().isF64())
      call("attn_check_float",
           {a, e, arith::ConstantOp::create(b, b.getF64FloatAttr(tolerance)),
            position});
    else
      call("attn_check_integer", {a, e, position});
  };
  if (type.getRank() == 0)
    body(b, b.getLoc(), {});
  else
    scf::buildLoopNest(b, b.getLoc(), lower, upper, steps, body);
  call("attn_check_end",
       {arith::ConstantOp::create(b, b.getI64IntegerAttr(line))});
}

namespace {
struct ConvertCheckToCalls
    : attn::check::impl::ConvertCheckToCallsPassBase<ConvertCheckToCalls> {
  void runOnOperation() override {
    SmallVector<Operation *> checks;
    getOperation()->walk([&](Operation *op) {
      if (isa<CheckDialect>(op->getDialect()))
        checks.push_back(op);
    });
    for (Operation *op : checks) {
      ComparisonBuilder builder(op, getOperation());
      llvm::TypeSwitch<Operation *>(op)
          .Case<ExpectEqOp, ExpectEqConstOp>([&](auto check) {
            builder.compare(check.getActual(), check.getExpected(), 0);
          })
          .Case<ExpectCloseOp, ExpectCloseConstOp>([&](auto check) {
            builder.compare(check.getActual(), check.getExpected(),
                            check.getTolerance().convertToDouble());
          });
      op->erase();
    }
  }
};
} // namespace

namespace attn::check {
void registerCheck(DialectRegistry &registry) {
  registry.insert<CheckDialect>();
  registerAttnCheckPasses();
}
} // namespace attn::check
