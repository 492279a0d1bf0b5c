//===- OutParams.cpp - Tensor results become out-parameters ---------------===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "CallingConvention.h"
#include "attn/Dialect/Tile/IR/Tile.h"
#include "attn/Pipelines/Passes.h"
#include "mlir/Dialect/Bufferization/IR/BufferizableOpInterface.h"
#include "mlir/Dialect/Bufferization/IR/Bufferization.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Dialect/Utils/IndexingUtils.h"
#include "mlir/IR/SymbolTable.h"
#include "mlir/Interfaces/DestinationStyleOpInterface.h"

namespace attn {
#define GEN_PASS_DEF_RESULTSTOOUTPARAMSPASS
#include "attn/Pipelines/Passes.h.inc"
} // namespace attn

using namespace mlir;
using namespace attn;

static bool hasTensorResult(func::FuncOp function) {
  return llvm::any_of(function.getResultTypes(),
                      llvm::IsaPred<RankedTensorType>);
}

/// The argument of a function that a value was computed "in": the destination
/// of its operation, or of the operation that made this destination, and so on.
static OpOperand *getArgumentDestination(Value value) {
  OpOperand *destination = nullptr;
  while (auto result = dyn_cast<OpResult>(value)) {
    auto dpsOp = dyn_cast<DestinationStyleOpInterface>(result.getOwner());
    if (!dpsOp)
      return nullptr;
    destination = dpsOp.getTiedOpOperand(result);
    value = destination->get();
  }
  bool isOfFunction =
      isa<func::FuncOp>(cast<BlockArgument>(value).getOwner()->getParentOp());
  return isOfFunction ? destination : nullptr;
}

/// Arguments are read-only, so a result that is computed in one would be
/// computed in a copy of it. Makes this copy, or, if the old value is not read,
/// the empty destination, visible: then it can be the out-parameter.
static void detachFromArgument(Value result) {
  OpOperand *destination = getArgumentDestination(result);
  if (!destination)
    return;
  Operation *owner = destination->getOwner();
  OpBuilder builder(owner);
  Location loc = owner->getLoc();
  Value argument = destination->get();
  Value fresh = tensor::EmptyOp::create(
      builder, loc, tensor::getMixedSizes(builder, loc, argument),
      cast<RankedTensorType>(argument.getType()).getElementType());
  bufferization::BufferizationOptions options;
  bufferization::AnalysisState state(options);
  if (state.bufferizesToMemoryRead(*destination))
    fresh = linalg::CopyOp::create(builder, loc, argument, fresh).getResult(0);
  destination->set(fresh);
}

/// The same memory as `out` in the form in which `value`, a view with the form
/// of `out`, has its source; null if there is none without a copy, or `value`
/// is no view.
static Value getSourceView(Value value, Value out) {
  Location loc = value.getLoc();
  // In front of whatever is made in it.
  OpBuilder builder(value.getContext());
  builder.setInsertionPointAfterValue(out);
  Operation *view = value.getDefiningOp();
  if (auto transpose = dyn_cast_if_present<tile::TransposeOp>(view)) {
    AffineMap back = AffineMap::getPermutationMap(
        invertPermutationVector(transpose.getPermutation()),
        builder.getContext());
    return memref::TransposeOp::create(builder, loc, out,
                                       AffineMapAttr::get(back));
  }
  if (auto collapse = dyn_cast_if_present<tensor::CollapseShapeOp>(view)) {
    ArrayRef<int64_t> shape = collapse.getSrcType().getShape();
    // One extent that is not known follows from the others of its group.
    bool isInferred =
        llvm::all_of(collapse.getReassociationIndices(),
                     [&](const ReassociationIndices &group) {
                       return llvm::count_if(group, [&](int64_t dim) {
                                return ShapedType::isDynamic(shape[dim]);
                              }) <= 1;
                     });
    if (!isInferred)
      return {};
    return memref::ExpandShapeOp::create(builder, loc, shape, out,
                                         collapse.getReassociationIndices());
  }
  auto expand = dyn_cast_if_present<tensor::ExpandShapeOp>(view);
  auto type = cast<MemRefType>(out.getType());
  if (!expand || !memref::CollapseShapeOp::isGuaranteedCollapsible(
                     type, expand.getReassociationIndices()))
    return {};
  return memref::CollapseShapeOp::create(builder, loc, out,
                                         expand.getReassociationIndices());
}

/// Writes a result to its out-parameter: what a branch made, in the branch, so
/// that it can be made there; what is seen through a view, in its own form.
static void moveResult(OpBuilder &builder, Value value, Value out,
                       SmallVectorImpl<Operation *> &views) {
  if (auto branches = value.getDefiningOp<scf::IfOp>();
      branches && value.hasOneUse()) {
    unsigned number = cast<OpResult>(value).getResultNumber();
    for (Region *region : branches.getRegions()) {
      Operation *yield = region->front().getTerminator();
      OpBuilder inside(yield);
      moveResult(inside, yield->getOperand(number), out, views);
    }
    return;
  }
  if (value.hasOneUse())
    if (Value form = getSourceView(value, out)) {
      views.push_back(value.getDefiningOp());
      return moveResult(builder, views.back()->getOperand(0), form, views);
    }
  detachFromArgument(value);
  auto materialize = bufferization::MaterializeInDestinationOp::create(
      builder, value.getLoc(), /*result=*/Type(), value, out);
  materialize.setRestrict(true);
  materialize.setWritable(true);
}

static void moveResults(func::FuncOp function) {
  unsigned numArguments = function.getNumArguments();
  BitVector moved(function.getNumResults());
  for (auto [number, type] : llvm::enumerate(function.getResultTypes())) {
    auto tensorType = dyn_cast<RankedTensorType>(type);
    if (!tensorType)
      continue;
    moved.set(number);
    DictionaryAttr attributes = function.getResultAttrDict(number);
    if (failed(function.insertArgument(function.getNumArguments(),
                                       getBoundaryType(tensorType), attributes,
                                       function.getLoc())))
      llvm_unreachable("a function takes any number of arguments");
  }
  function.walk([&](func::ReturnOp op) {
    OpBuilder builder(op);
    unsigned out = numArguments;
    SmallVector<Value> kept;
    SmallVector<Operation *> views;
    for (auto [number, value] : llvm::enumerate(op.getOperands())) {
      if (!moved.test(number)) {
        kept.push_back(value);
        continue;
      }
      moveResult(builder, value, function.getArgument(out++), views);
    }
    op.getOperandsMutable().assign(kept);
    // What was returned through them is not, any more.
    for (Operation *view : views)
      if (view->use_empty())
        view->erase();
  });
  if (failed(function.eraseResults(moved)))
    llvm_unreachable("results of a function can be erased");
}

namespace {
struct ResultsToOutParams
    : attn::impl::ResultsToOutParamsPassBase<ResultsToOutParams> {
  void runOnOperation() override {
    ModuleOp module = getOperation();
    SymbolTable symbols(module);
    for (auto function : llvm::to_vector(module.getOps<func::FuncOp>())) {
      if (!function.isPublic() || function.isDeclaration() ||
          !hasTensorResult(function))
        continue;
      if (!SymbolTable::symbolKnownUseEmpty(function, module)) {
        auto called = cast<func::FuncOp>(function->clone());
        called.setPrivate();
        StringAttr name = symbols.insert(called);
        if (failed(SymbolTable::replaceAllSymbolUses(function, name, module)))
          return signalPassFailure();
      }
      moveResults(function);
    }
  }
};
} // namespace
