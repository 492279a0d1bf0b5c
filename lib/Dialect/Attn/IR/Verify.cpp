//===- Verify.cpp - What verifiers share ----------------------------------===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "Verify.h"

using namespace mlir;

namespace attn {

bool mayBeEqual(int64_t a, int64_t b) {
  return ShapedType::isDynamic(a) || ShapedType::isDynamic(b) || a == b;
}

bool mayBeMultiple(int64_t a, int64_t b) {
  if (ShapedType::isDynamic(a) || ShapedType::isDynamic(b))
    return true;
  return b == 0 ? a == 0 : a % b == 0;
}

bool isOperandType(Type type) {
  return type.isF16() || type.isBF16() || type.isF32() || type.isF64();
}

bool mayHaveShape(ShapedType type, ArrayRef<int64_t> shape) {
  return type.hasRank() &&
         type.getRank() == static_cast<int64_t>(shape.size()) &&
         llvm::all_of(llvm::zip(type.getShape(), shape), [](auto pair) {
           return mayBeEqual(std::get<0>(pair), std::get<1>(pair));
         });
}

std::string formatShape(ArrayRef<int64_t> shape) {
  std::string text;
  llvm::raw_string_ostream stream(text);
  llvm::interleave(
      shape, stream,
      [&](int64_t extent) {
        if (ShapedType::isDynamic(extent))
          stream << "?";
        else
          stream << extent;
      },
      " x ");
  return text;
}

LogicalResult verifyType(Operation *op, StringRef label, StringRef name,
                         Value value, ArrayRef<int64_t> shape, Type element) {
  ShapedType type = getShaped(value);
  if (mayHaveShape(type, shape) && type.getElementType() == element)
    return success();
  return op->emitOpError(label)
         << ": expected " << name << " of shape " << formatShape(shape)
         << " and type " << element << ", got " << type;
}

LogicalResult verifyFloats(Operation *op, StringRef label, StringRef name,
                           Value value, ArrayRef<int64_t> shape) {
  ShapedType type = getShaped(value);
  if (mayHaveShape(type, shape) && isa<FloatType>(type.getElementType()))
    return success();
  return op->emitOpError(label) << ": expected float " << name << " of shape "
                                << formatShape(shape) << ", got " << type;
}

LogicalResult verifySameKind(Operation *op, StringRef label) {
  bool anyTensor = false, anyMemRef = false;
  for (Value operand : op->getOperands()) {
    anyTensor |= isa<TensorType>(operand.getType());
    anyMemRef |= isa<BaseMemRefType>(operand.getType());
    if (auto shaped = dyn_cast<ShapedType>(operand.getType()))
      if (!shaped.hasRank())
        return op->emitOpError(label)
               << ": operands are ranked, got " << shaped;
  }
  if (anyTensor && anyMemRef)
    return op->emitOpError(label) << ": operands mix tensors and memrefs";
  return success();
}

LogicalResult verifyPlainMask(Operation *op, StringRef label,
                              std::optional<tile::VisitAttrInterface> mask) {
  if (!mask)
    return success();
  tile::Formula formula = mask->getFormula();
  if (formula.readsIds() || formula.readsBits() ||
      formula.getNumParameters() > 0)
    return op->emitOpError(label)
           << ": expected masks that read positions only, got " << *mask;
  return verifyMaskValues(op, formula);
}

LogicalResult requireTensors(Operation *op) {
  if (op->getNumResults() != 0)
    return success();
  return op->emitError("decomposes on tensors only");
}

LogicalResult verifyOperandTypes(Operation *op, ShapedType query,
                                 ShapedType key, ShapedType value) {
  auto error = [&](StringRef rule) {
    return op->emitOpError(rule) << ", got query " << query << ", key " << key
                                 << " and value " << value;
  };
  // C1: rank 4.
  if (query.getRank() != 4 || key.getRank() != 4 || value.getRank() != 4)
    return error("C1: query, key and value have rank 4");
  // C2: one element type.
  Type element = query.getElementType();
  bool isKnown =
      element.isF16() || element.isBF16() || element.isF32() || element.isF64();
  if (key.getElementType() != element || value.getElementType() != element ||
      !isKnown)
    return error("C2: query, key and value have one element type out of f16, "
                 "bf16, f32, f64");
  return success();
}

} // namespace attn
