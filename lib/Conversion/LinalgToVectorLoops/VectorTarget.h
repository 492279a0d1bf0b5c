//===- VectorTarget.h - The vector unit that code is written for *- C++ -*-===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef ATTN_LIB_CONVERSION_LINALGTOVECTORLOOPS_VECTORTARGET_H
#define ATTN_LIB_CONVERSION_LINALGTOVECTORLOOPS_VECTORTARGET_H

#include "mlir/IR/BuiltinTypes.h"

namespace attn {

/// What the loops are written for.
struct VectorTarget {
  /// Width of a vector register.
  int64_t bits = 256;
  /// Number of vector registers.
  int64_t registers = 16;

  /// Elements of `type` in a register.
  int64_t getLanes(mlir::Type type) const {
    return bits / type.getIntOrFloatBitWidth();
  }
};

/// True if the last dimension of `type` has stride 1.
bool isLastDimContiguous(mlir::MemRefType type);

} // namespace attn

#endif // ATTN_LIB_CONVERSION_LINALGTOVECTORLOOPS_VECTORTARGET_H
