//===- Verify.h - What verifiers share --------------------------*- C++ -*-===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef LIB_DIALECT_ATTN_IR_VERIFY_H
#define LIB_DIALECT_ATTN_IR_VERIFY_H

#include "attn/Dialect/Attn/IR/Attn.h"

namespace attn {

inline mlir::ShapedType getShaped(mlir::Value value) {
  return mlir::cast<mlir::ShapedType>(value.getType());
}

/// Extents agree unless both are known and differ.
bool mayBeEqual(int64_t a, int64_t b);

/// `a` is a multiple of `b`, 0 of 0 only, unless one is not known.
bool mayBeMultiple(int64_t a, int64_t b);

/// f16, bf16, f32 or f64.
bool isOperandType(mlir::Type type);

bool mayHaveShape(mlir::ShapedType type, llvm::ArrayRef<int64_t> shape);

/// "2 x ? x 64", for messages.
std::string formatShape(llvm::ArrayRef<int64_t> shape);

/// `value` has the given shape and element type. Labels are those of the
/// constraints in the documentation of an operation.
mlir::LogicalResult verifyType(mlir::Operation *op, llvm::StringRef label,
                               llvm::StringRef name, mlir::Value value,
                               llvm::ArrayRef<int64_t> shape,
                               mlir::Type element);

/// `value` has the given shape and is of floats.
mlir::LogicalResult verifyFloats(mlir::Operation *op, llvm::StringRef label,
                                 llvm::StringRef name, mlir::Value value,
                                 llvm::ArrayRef<int64_t> shape);

/// Everything is a tensor, or everything is a memref, of a rank.
mlir::LogicalResult verifySameKind(mlir::Operation *op, llvm::StringRef label);

/// C22: constants of a mask, and what it computes of positions, fit 32 bits.
mlir::LogicalResult verifyMaskValues(mlir::Operation *op,
                                     const tile::Formula &formula);

/// A mask, if any, needs nothing but positions.
mlir::LogicalResult
verifyPlainMask(mlir::Operation *op, llvm::StringRef label,
                std::optional<tile::VisitAttrInterface> mask);

/// C25: a region, whose last arguments are b, h, i and j, reads captured
/// tensors inside of their extents, as far as that is known.
mlir::LogicalResult verifyReads(LogitsOpInterface op, mlir::Region &region);

/// C1: query, key and value have rank 4. C2: they have one element type.
mlir::LogicalResult verifyOperandTypes(mlir::Operation *op,
                                       mlir::ShapedType query,
                                       mlir::ShapedType key,
                                       mlir::ShapedType value);

/// Decomposition is defined on tensors.
mlir::LogicalResult requireTensors(mlir::Operation *op);

} // namespace attn

#endif // LIB_DIALECT_ATTN_IR_VERIFY_H
