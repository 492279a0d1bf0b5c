//===- CallingConvention.h - Types at function boundaries -------*- C++ -*-===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef LIB_PIPELINES_CALLINGCONVENTION_H
#define LIB_PIPELINES_CALLINGCONVENTION_H

#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/IR/BuiltinTypes.h"

namespace attn {

/// What a tensor is passed as: a memref whose innermost dimension is
/// contiguous, with any other strides and any offset.
inline mlir::MemRefType getBoundaryType(mlir::RankedTensorType type,
                                        mlir::Attribute memorySpace = {}) {
  llvm::SmallVector<int64_t> strides(type.getRank(),
                                     mlir::ShapedType::kDynamic);
  if (!strides.empty())
    strides.back() = 1;
  auto layout = mlir::StridedLayoutAttr::get(
      type.getContext(), mlir::ShapedType::kDynamic, strides);
  return mlir::MemRefType::get(type.getShape(), type.getElementType(), layout,
                               memorySpace);
}

} // namespace attn

#endif // LIB_PIPELINES_CALLINGCONVENTION_H
