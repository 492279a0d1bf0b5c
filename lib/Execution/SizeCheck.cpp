//===- SizeCheck.cpp - Do the inputs' sizes fit together? -----------------===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "attn/Execution/SizeCheck.h"

#include "DimAnalysis.h"

#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/Verifier.h"
#include "mlir/Interfaces/DestinationStyleOpInterface.h"
#include "mlir/Interfaces/ViewLikeInterface.h"

using namespace mlir;

namespace attn::exec {
namespace {

/// The tensors of dynamic size among the operands of `op`, and among what its
/// regions read elements of.
SmallVector<Value> getDynamicTensors(Operation *op) {
  llvm::SetVector<Value> tensors(op->operand_begin(), op->operand_end());
  op->walk([&](tensor::ExtractOp read) {
    Value tensor = read.getTensor();
    bool isCaptured = !op->isAncestor(tensor.getParentBlock()->getParentOp());
    // Other users may have types that follow from this one.
    auto isRead = [&](Operation *user) {
      return !op->isAncestor(user) || isa<tensor::ExtractOp>(user);
    };
    if (isCaptured && llvm::all_of(tensor.getUsers(), isRead))
      tensors.insert(tensor);
  });
  return llvm::filter_to_vector(tensors, [](Value value) {
    auto type = dyn_cast<RankedTensorType>(value.getType());
    return type && !type.hasStaticShape();
  });
}

/// The sizes of an insertion are operands, which its types have to repeat, and
/// which do not become static with it.
bool isInsertion(Operation *op) {
  return isa<OffsetSizeAndStrideOpInterface>(op);
}

/// A loop whose body has tensors as arguments cannot change the types of its
/// operands alone.
bool carriesTensors(Operation *op) {
  return llvm::any_of(op->getRegions(), [](Region &region) {
    return llvm::any_of(region.getArgumentTypes(), llvm::IsaPred<TensorType>);
  });
}

/// Verifies a copy of `op` at the given types of its operands.
LogicalResult verifyAtTypes(DestinationStyleOpInterface op,
                            const DenseMap<Value, RankedTensorType> &types) {
  OpBuilder builder(op);
  IRMapping mapping;
  SmallVector<Operation *> casts;
  for (Value operand : getDynamicTensors(op)) {
    auto cast = UnrealizedConversionCastOp::create(
        builder, op.getLoc(), types.lookup(operand), operand);
    casts.push_back(cast);
    mapping.map(operand, cast.getResult(0));
  }
  auto copy = cast<DestinationStyleOpInterface>(builder.clone(*op, mapping));
  for (OpResult result : copy->getResults())
    if (isa<RankedTensorType>(result.getType()))
      result.setType(copy.getTiedOpOperand(result)->get().getType());
  LogicalResult verified = mlir::verify(copy);
  copy->erase();
  for (Operation *cast : casts)
    cast->erase();
  return verified;
}

} // namespace

LogicalResult verifyAtSizes(ModuleOp module, StringRef entry,
                            ArrayRef<Array> inputs) {
  OwningOpRef<ModuleOp> copy = module.clone();
  auto func = copy->lookupSymbol<func::FuncOp>(entry);
  if (!func.getBody().hasOneBlock())
    return success(); // Sizes cannot be followed.

  SmallVector<DestinationStyleOpInterface> ops;
  SmallVector<tensor::CastOp> casts;
  SmallVector<TensorDim> dims;
  DenseMap<Value, RankedTensorType> types;
  auto addTensor = [&](Value tensor) {
    auto type = cast<RankedTensorType>(tensor.getType());
    if (!types.try_emplace(tensor, type).second)
      return;
    for (int64_t dim = 0; dim < type.getRank(); ++dim)
      if (type.isDynamicDim(dim))
        dims.push_back({tensor, dim});
  };
  for (auto op : func.getOps<DestinationStyleOpInterface>()) {
    SmallVector<Value> tensors = getDynamicTensors(op);
    if (tensors.empty() || carriesTensors(op) || isInsertion(op))
      continue;
    ops.push_back(op);
    llvm::for_each(tensors, addTensor);
  }
  for (auto op : func.getOps<tensor::CastOp>()) {
    if (getDynamicTensors(op).empty())
      continue;
    casts.push_back(op);
    addTensor(op.getSource());
  }
  if (ops.empty() && casts.empty())
    return success();

  auto exprs = findTensorDims(func, dims);
  if (failed(exprs))
    return failure();
  for (auto [dim, found] : llvm::zip_equal(dims, *exprs)) {
    std::optional<int64_t> size;
    if (found.expr)
      size = found.expr->evaluate([&](DimExpr::Leaf leaf) {
        const Array &input = inputs[leaf.argument];
        return leaf.dim ? input.shape[*leaf.dim] : getInteger(input, 0);
      });
    if (!size || *size < 0)
      continue; // This one stays dynamic.
    RankedTensorType &type = types[dim.tensor];
    SmallVector<int64_t> shape(type.getShape());
    shape[dim.dim] = *size;
    type =
        RankedTensorType::get(shape, type.getElementType(), type.getEncoding());
  }
  for (DestinationStyleOpInterface op : ops)
    if (failed(verifyAtTypes(op, types)))
      return failure();
  // Nothing tests a cast when it runs.
  for (tensor::CastOp op : casts) {
    RankedTensorType type = types.lookup(op.getSource());
    if (!tensor::CastOp::areCastCompatible(type, op.getType()))
      return op.emitOpError("of what is ")
             << type << " here to " << op.getType();
  }
  return success();
}

} // namespace attn::exec
