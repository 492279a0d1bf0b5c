//===- Signature.cpp - What a kernel takes and gives ----------------------===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "attn/Execution/Signature.h"

#include "DimAnalysis.h"

#include "mlir/Dialect/Bufferization/IR/Bufferization.h"
#include "mlir/Dialect/Func/Extensions/InlinerExtension.h"
#include "mlir/Dialect/Tensor/IR/TensorInferTypeOpInterfaceImpl.h"

#include "llvm/ADT/StringExtras.h"

using namespace mlir;

namespace attn::exec {

void registerShapeInterfaces(DialectRegistry &registry) {
  func::registerInlinerExtension(registry);
  tensor::registerInferTypeOpInterfaceExternalModels(registry);
}

ArrayRef<DType> getDTypes(Type type) {
  // Signless integers take both signs; a result is given as signed.
  static const DType boolean[] = {DType::Bool};
  static const DType i8[] = {DType::I8, DType::U8};
  static const DType i16[] = {DType::I16, DType::U16};
  static const DType i32[] = {DType::I32, DType::U32};
  static const DType i64[] = {DType::I64, DType::U64};
  static const DType u16[] = {DType::U16};
  static const DType f16[] = {DType::F16};
  static const DType f32[] = {DType::F32};
  static const DType f64[] = {DType::F64};
  if (type.isIndex() || type.isSignlessInteger(64))
    return i64;
  if (type.isSignlessInteger(1))
    return boolean;
  if (type.isSignlessInteger(8))
    return i8;
  if (type.isSignlessInteger(16))
    return i16;
  if (type.isSignlessInteger(32))
    return i32;
  if (type.isBF16())
    return u16;
  if (type.isF16())
    return f16;
  if (type.isF32())
    return f32;
  if (type.isF64())
    return f64;
  return {};
}

/// The names of the functions with a body, for the message about a wrong one.
static std::string listFunctions(ModuleOp module) {
  SmallVector<StringRef> names;
  for (auto func : module.getOps<func::FuncOp>())
    if (!func.isExternal())
      names.push_back(func.getName());
  return names.empty() ? "no function with a body" : llvm::join(names, ", ");
}

/// Whether a memref is what tensors are passed as.
static bool isBoundaryType(MemRefType type) {
  auto layout = dyn_cast<StridedLayoutAttr>(type.getLayout());
  if (!layout || !ShapedType::isDynamic(layout.getOffset()))
    return false;
  ArrayRef<int64_t> strides = layout.getStrides();
  return type.getMemorySpaceAsInt() == 0 &&
         (strides.empty() ||
          (strides.back() == 1 &&
           llvm::all_of(strides.drop_back(), ShapedType::isDynamic)));
}

static LogicalResult getArgument(func::FuncOp func, unsigned index,
                                 Argument &argument) {
  BlockArgument value = func.getArgument(index);
  Type type = value.getType();
  auto emitError = [&]() {
    return mlir::emitError(value.getLoc())
           << "argument " << index << " of '" << func.getName() << "': ";
  };
  argument.elementType = type;
  if (auto tensor = dyn_cast<RankedTensorType>(type)) {
    if (tensor.getEncoding())
      return emitError() << "a tensor with an encoding, " << type
                         << ", cannot be passed";
    argument.isTensor = true;
    argument.elementType = tensor.getElementType();
    argument.shape.assign(tensor.getShape().begin(), tensor.getShape().end());
    auto writable = func.getArgAttrOfType<BoolAttr>(
        index, bufferization::BufferizationDialect::kWritableAttrName);
    argument.isWritable = writable && writable.getValue();
  } else if (auto memref = dyn_cast<MemRefType>(type)) {
    if (!isBoundaryType(memref))
      return emitError() << "a memref needs a layout with any offset and any "
                            "strides but the last, which is 1, not "
                         << type;
    argument.isTensor = argument.isWritable = true;
    argument.elementType = memref.getElementType();
    argument.shape.assign(memref.getShape().begin(), memref.getShape().end());
  } else if (isa<ShapedType>(type)) {
    return emitError() << "only ranked tensors and scalars can be passed, not "
                       << type;
  }
  if (getDTypes(argument.elementType).empty())
    return emitError() << "elements of type " << argument.elementType
                       << " cannot be passed";
  return success();
}

/// Fills in the sizes of the results, whose types were checked.
static LogicalResult getResultDims(func::FuncOp func,
                                   MutableArrayRef<Result> results) {
  // The analysis works on one block; fixed sizes need none.
  SmallVector<TensorDim> dynamicDims;
  Operation *terminator = func.getBody().front().getTerminator();
  for (auto [index, type] : llvm::enumerate(func.getResultTypes())) {
    auto tensor = cast<RankedTensorType>(type);
    for (int64_t dim = 0; dim < tensor.getRank(); ++dim)
      if (tensor.isDynamicDim(dim) && func.getBody().hasOneBlock())
        dynamicDims.push_back({terminator->getOperand(index), dim});
      else if (tensor.isDynamicDim(dim))
        return func.emitError()
               << "result " << index << " of '" << func.getName()
               << "' has a dynamic size and the function has control flow "
                  "between blocks: the caller could not allocate the result";
  }
  SmallVector<TensorDimExpr> exprs;
  if (!dynamicDims.empty()) {
    auto found = findTensorDims(func, dynamicDims);
    if (failed(found))
      return failure();
    exprs = std::move(*found);
  }
  auto *next = exprs.begin();
  for (auto [index, result] : llvm::enumerate(results)) {
    auto tensor = cast<RankedTensorType>(func.getResultTypes()[index]);
    for (auto [dim, size] : llvm::enumerate(tensor.getShape())) {
      if (!ShapedType::isDynamic(size)) {
        result.dims.push_back(DimExpr::getConstant(size));
        continue;
      }
      if (!next->expr)
        return mlir::emitError(next->culprit)
               << "size " << dim << " of result " << index << " of '"
               << func.getName()
               << "' depends on this and not only on the sizes and integer "
                  "values of the arguments: the caller could not allocate it";
      result.dims.push_back(*next++->expr);
    }
  }
  return success();
}

FailureOr<Signature> getSignature(ModuleOp module, StringRef entry) {
  auto func = module.lookupSymbol<func::FuncOp>(entry);
  if (!func)
    return module.emitError() << "no function '" << entry
                              << "'; there is: " << listFunctions(module);
  if (func.isExternal())
    return func.emitError() << "'" << entry << "' has no body to compile";
  if (func.isPrivate())
    return func.emitError()
           << "'" << entry << "' is private; an entry has to be public";

  Signature signature;
  signature.name = entry.str();
  for (unsigned index = 0; index < func.getNumArguments(); ++index)
    if (failed(getArgument(func, index, signature.arguments.emplace_back())))
      return failure();
  for (auto [index, type] : llvm::enumerate(func.getResultTypes())) {
    auto tensor = dyn_cast<RankedTensorType>(type);
    if (!tensor || tensor.getEncoding() ||
        getDTypes(tensor.getElementType()).empty())
      return func.emitError() << "result " << index << " of '" << entry
                              << "': only ranked tensors of numbers can be "
                                 "returned, not "
                              << type;
    signature.results.emplace_back().elementType = tensor.getElementType();
  }
  if (failed(getResultDims(func, signature.results)))
    return failure();
  return signature;
}

} // namespace attn::exec
