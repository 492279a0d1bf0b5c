//===- Signature.h - What a kernel takes and gives --------------*- C++ -*-===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The calling convention of a compiled kernel, read off the function *before*
// it is lowered, when its types still are tensors:
//
// - its C entry is `_mlir_ciface_NAME`;
// - a tensor argument is a pointer to a memref descriptor, whose innermost
//   stride is 1 and whose other strides are free. It is read only, unless the
//   function marks the argument `bufferization.writable = true`;
// - a memref argument, of the type that tensors get, is one that the kernel
//   may read and write;
// - a scalar argument is passed by value;
// - each result, a tensor, is a pointer to a memref descriptor after the
//   arguments. The caller allocates it, so the signature knows its sizes in
//   terms of the arguments.
//
//===----------------------------------------------------------------------===//

#ifndef ATTN_EXECUTION_SIGNATURE_H
#define ATTN_EXECUTION_SIGNATURE_H

#include "attn/Execution/Array.h"
#include "attn/Execution/DimExpr.h"

#include "mlir/IR/BuiltinTypes.h"
#include "mlir/Support/LLVM.h"

namespace mlir {
class ModuleOp;
class DialectRegistry;
} // namespace mlir

namespace attn::exec {

struct Argument {
  /// The element type of a tensor, or the type of a scalar.
  mlir::Type elementType;
  bool isTensor = false;
  /// Of a tensor; `ShapedType::kDynamic` where any size will do.
  llvm::SmallVector<int64_t, 4> shape;
  /// Whether the kernel may overwrite it.
  bool isWritable = false;
};

struct Result {
  mlir::Type elementType;
  llvm::SmallVector<DimExpr, 4> dims;
};

struct Signature {
  std::string name;
  llvm::SmallVector<Argument> arguments;
  llvm::SmallVector<Result> results;

  /// The symbol of the C entry.
  std::string getSymbol() const { return "_mlir_ciface_" + name; }
};

/// The types arrays of which can be passed for elements of `type`: the first is
/// what results are given as. Empty if the type cannot be passed at all.
llvm::ArrayRef<DType> getDTypes(mlir::Type type);

/// The signature of function `entry`; emits an error at the place that is at
/// fault when there is no such function or it cannot be called from outside.
mlir::FailureOr<Signature> getSignature(mlir::ModuleOp module,
                                        llvm::StringRef entry);

/// Registers the interfaces by which sizes of results are found.
void registerShapeInterfaces(mlir::DialectRegistry &registry);

} // namespace attn::exec

#endif // ATTN_EXECUTION_SIGNATURE_H
