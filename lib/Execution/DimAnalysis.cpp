//===- DimAnalysis.cpp - Sizes of values in terms of arguments ------------===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// On a copy, the function is made to return the wanted sizes instead of its
// results; upstream's patterns then move `tensor.dim` towards the arguments and
// all else is dead. What remains has to be arithmetic on arguments.
//
//===----------------------------------------------------------------------===//

#include "DimAnalysis.h"

#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/Transforms/Transforms.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/Matchers.h"
#include "mlir/IR/OpDefinition.h"
#include "mlir/Interfaces/DestinationStyleOpInterface.h"
#include "mlir/Pass/PassManager.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"
#include "mlir/Transforms/Passes.h"

#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;

namespace attn::exec {
namespace {

using Kind = DimExpr::Kind;

/// Turns values into expressions; `culprit` is set to the operation that cannot
/// be one.
class DimExprBuilder {
public:
  explicit DimExprBuilder(Block &entryBlock) : entryBlock(entryBlock) {}

  FailureOr<DimExpr> build(Value value) {
    if (auto argument = dyn_cast<BlockArgument>(value)) {
      if (argument.getOwner() == &entryBlock)
        return DimExpr::getArgumentValue(argument.getArgNumber());
      return fail(argument.getOwner()->getParentOp());
    }
    APInt constant;
    if (matchPattern(value, m_ConstantInt(&constant)))
      return DimExpr::getConstant(constant.getSExtValue());

    Operation *op = value.getDefiningOp();
    return TypeSwitch<Operation *, FailureOr<DimExpr>>(op)
        .Case([&](tensor::DimOp dim) { return buildDim(dim); })
        .Case([&](arith::AddIOp) { return buildBinary(Kind::Add, op); })
        .Case([&](arith::SubIOp) { return buildBinary(Kind::Sub, op); })
        .Case([&](arith::MulIOp) { return buildBinary(Kind::Mul, op); })
        .Case([&](arith::FloorDivSIOp) {
          return buildBinary(Kind::FloorDiv, op);
        })
        .Case(
            [&](arith::CeilDivSIOp) { return buildBinary(Kind::CeilDiv, op); })
        .Case([&](arith::MinSIOp) { return buildBinary(Kind::Min, op); })
        .Case([&](arith::MaxSIOp) { return buildBinary(Kind::Max, op); })
        .Case([&](arith::IndexCastOp cast) { return build(cast.getIn()); })
        .Case([&](affine::AffineApplyOp apply) {
          return buildMap(apply.getAffineMap(), op, Kind::Min);
        })
        .Case([&](affine::AffineMinOp min) {
          return buildMap(min.getAffineMap(), op, Kind::Min);
        })
        .Case([&](affine::AffineMaxOp max) {
          return buildMap(max.getAffineMap(), op, Kind::Max);
        })
        .Default([&](Operation *) { return fail(op); });
  }

  Operation *culprit = nullptr;

private:
  FailureOr<DimExpr> fail(Operation *op) {
    culprit = op;
    return failure();
  }

  FailureOr<DimExpr> buildDim(tensor::DimOp dim) {
    auto argument = dyn_cast<BlockArgument>(dim.getSource());
    std::optional<int64_t> index = dim.getConstantIndex();
    if (argument && argument.getOwner() == &entryBlock && index)
      return DimExpr::getArgumentDim(argument.getArgNumber(), *index);
    Operation *producer = dim.getSource().getDefiningOp();
    return fail(producer ? producer : dim);
  }

  FailureOr<DimExpr> buildBinary(Kind kind, Operation *op) {
    FailureOr<DimExpr> lhs = build(op->getOperand(0));
    if (failed(lhs))
      return failure();
    FailureOr<DimExpr> rhs = build(op->getOperand(1));
    if (failed(rhs))
      return failure();
    return DimExpr::getBinary(kind, *lhs, *rhs);
  }

  /// The results of `map` joined by `join`.
  FailureOr<DimExpr> buildMap(AffineMap map, Operation *op, Kind join) {
    SmallVector<DimExpr> operands;
    for (Value operand : op->getOperands()) {
      FailureOr<DimExpr> expr = build(operand);
      if (failed(expr))
        return failure();
      operands.push_back(*expr);
    }
    std::optional<DimExpr> joined;
    for (AffineExpr result : map.getResults()) {
      DimExpr expr = buildAffine(result, operands, map.getNumDims());
      joined = joined ? DimExpr::getBinary(join, *joined, expr) : expr;
    }
    return *joined;
  }

  DimExpr buildAffine(AffineExpr expr, ArrayRef<DimExpr> operands,
                      unsigned numDims) {
    auto binary = [&](Kind kind) {
      auto op = cast<AffineBinaryOpExpr>(expr);
      return DimExpr::getBinary(kind,
                                buildAffine(op.getLHS(), operands, numDims),
                                buildAffine(op.getRHS(), operands, numDims));
    };
    switch (expr.getKind()) {
    case AffineExprKind::Constant:
      return DimExpr::getConstant(cast<AffineConstantExpr>(expr).getValue());
    case AffineExprKind::DimId:
      return operands[cast<AffineDimExpr>(expr).getPosition()];
    case AffineExprKind::SymbolId:
      return operands[numDims + cast<AffineSymbolExpr>(expr).getPosition()];
    case AffineExprKind::Add:
      return binary(Kind::Add);
    case AffineExprKind::Mul:
      return binary(Kind::Mul);
    case AffineExprKind::Mod:
      return binary(Kind::Mod);
    case AffineExprKind::FloorDiv:
      return binary(Kind::FloorDiv);
    case AffineExprKind::CeilDiv:
      return binary(Kind::CeilDiv);
    }
    llvm_unreachable("unknown affine expression");
  }

  Block &entryBlock;
};

/// The size of an elementwise result is that of an operand; upstream says so of
/// no operation that merely has the traits, such as `arith.addf`.
struct DimOfElementwise : OpRewritePattern<tensor::DimOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(tensor::DimOp dim,
                                PatternRewriter &rewriter) const override {
    Operation *producer = dim.getSource().getDefiningOp();
    if (!producer || !OpTrait::hasElementwiseMappableTraits(producer))
      return rewriter.notifyMatchFailure(dim, "not of an elementwise result");
    for (Value operand : producer->getOperands())
      if (isa<RankedTensorType>(operand.getType())) {
        rewriter.modifyOpInPlace(
            dim, [&] { dim.getSourceMutable().assign(operand); });
        return success();
      }
    return rewriter.notifyMatchFailure(dim, "no operand is a ranked tensor");
  }
};

/// The tensor that a value has the shape of, made outside of `op`: itself, or
/// what it was computed in.
Value findShapeOutside(Operation *op, Value value) {
  while (value && op->isAncestor(value.getParentRegion()->getParentOp())) {
    auto dpsOp = value.getDefiningOp<DestinationStyleOpInterface>();
    value =
        dpsOp ? dpsOp.getTiedOpOperand(cast<OpResult>(value))->get() : Value();
  }
  return value;
}

/// Of what both branches compute in the same destination.
struct DimOfBranches : OpRewritePattern<tensor::DimOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(tensor::DimOp dim,
                                PatternRewriter &rewriter) const override {
    auto branches = dim.getSource().getDefiningOp<scf::IfOp>();
    if (!branches)
      return rewriter.notifyMatchFailure(dim, "not of a result of a branch");
    unsigned number = cast<OpResult>(dim.getSource()).getResultNumber();
    Value one = findShapeOutside(branches,
                                 branches.thenYield()->getOperand(number)),
          other = findShapeOutside(branches,
                                   branches.elseYield()->getOperand(number));
    if (!one || one != other)
      return rewriter.notifyMatchFailure(dim, "branches have no common shape");
    rewriter.modifyOpInPlace(dim, [&] { dim.getSourceMutable().assign(one); });
    return success();
  }
};

/// Moves `tensor.dim` towards the arguments, through calls too.
LogicalResult resolveDims(ModuleOp module) {
  MLIRContext *context = module.getContext();
  PassManager inliner(context, ModuleOp::getOperationName());
  inliner.addPass(createInlinerPass());
  if (failed(inliner.run(module)))
    return failure();
  RewritePatternSet patterns(context);
  memref::populateResolveShapedTypeResultDimsPatterns(patterns);
  memref::populateResolveRankedShapedTypeResultDimsPatterns(patterns);
  patterns.add<DimOfElementwise, DimOfBranches>(context);
  if (failed(applyPatternsGreedily(module, std::move(patterns))))
    return failure();
  PassManager cleanup(context, ModuleOp::getOperationName());
  cleanup.addPass(createCanonicalizerPass());
  return cleanup.run(module);
}

/// Makes the function return sizes.
void returnDims(func::FuncOp func, ArrayRef<TensorDim> dims) {
  Operation *terminator = func.getBody().front().getTerminator();
  OpBuilder builder(terminator);
  SmallVector<Value> sizes;
  for (auto [tensor, dim] : dims)
    sizes.push_back(
        tensor::DimOp::create(builder, tensor.getLoc(), tensor, dim));
  terminator->setOperands(sizes);
  SmallVector<Type> types(sizes.size(), builder.getIndexType());
  func.setType(builder.getFunctionType(func.getArgumentTypes(), types));
  // Attributes of the old results do not fit the new ones.
  func.removeResAttrsAttr();
}

} // namespace

FailureOr<SmallVector<TensorDimExpr>> findTensorDims(func::FuncOp func,
                                                     ArrayRef<TensorDim> dims) {
  if (!func.getBody().hasOneBlock())
    return func.emitError() << "'" << func.getName() << "' has control flow "
                            << "between blocks, so that sizes of its values "
                               "cannot be followed";

  // A module that only passes tensors on has none of these.
  func.getContext()
      ->loadDialect<affine::AffineDialect, arith::ArithDialect,
                    tensor::TensorDialect>();
  // Work on a copy of the module: calls may be inlined there.
  IRMapping mapping;
  OwningOpRef<ModuleOp> module =
      cast<ModuleOp>(func->getParentOfType<ModuleOp>()->clone(mapping));
  auto copy = module->lookupSymbol<func::FuncOp>(func.getName());
  returnDims(copy, llvm::map_to_vector(dims, [&](TensorDim dim) {
               return TensorDim{mapping.lookup(dim.tensor), dim.dim};
             }));
  if (failed(resolveDims(*module)))
    return func.emitError()
           << "sizes in '" << func.getName() << "' cannot be followed";

  copy = module->lookupSymbol<func::FuncOp>(func.getName());
  Block &body = copy.getBody().front();
  SmallVector<TensorDimExpr> result;
  for (Value size : body.getTerminator()->getOperands()) {
    DimExprBuilder builder(body);
    FailureOr<DimExpr> expr = builder.build(size);
    if (succeeded(expr))
      result.push_back({*expr, size.getLoc()});
    else
      result.push_back({std::nullopt, builder.culprit->getLoc()});
  }
  return result;
}

} // namespace attn::exec
