//===- Memories.h - Which accesses may meet ---------------------*- C++ -*-===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef LIB_CONVERSION_LOOPSTOLAUNCH_MEMORIES_H
#define LIB_CONVERSION_LOOPSTOLAUNCH_MEMORIES_H

#include "mlir/Dialect/MemRef/IR/MemRef.h"

namespace attn {

/// The loads and stores inside of an operation, which has no other effects.
struct Accesses {
  llvm::SmallVector<mlir::memref::LoadOp> loads;
  llvm::SmallVector<mlir::memref::StoreOp> stores;
};

/// Otherwise `other` is an operation with other effects.
mlir::FailureOr<Accesses> collectAccesses(mlir::Operation *op,
                                          mlir::Operation *&other);

/// Whether two memrefs are parts of different allocations or arguments.
bool areApart(mlir::Value memref, mlir::Value other);

} // namespace attn

#endif // LIB_CONVERSION_LOOPSTOLAUNCH_MEMORIES_H
