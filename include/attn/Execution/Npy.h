//===- Npy.h - NumPy's array file format ------------------------*- C++ -*-===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ATTN_EXECUTION_NPY_H
#define ATTN_EXECUTION_NPY_H

#include "attn/Execution/Array.h"

#include "llvm/Support/Error.h"

namespace llvm {
class raw_ostream;
} // namespace llvm

namespace attn::exec {

/// Reads a `.npy` file of format 1, 2 or 3, row- or column-major,
/// little-endian; the array is row-major. Messages start with the file's name.
llvm::Expected<Array> readNpy(llvm::StringRef path);

/// The same from memory; `name` is for messages.
llvm::Expected<Array> parseNpy(llvm::StringRef bytes, llvm::StringRef name);

/// Writes format 1, or 2 where the header needs it.
llvm::Error writeNpy(llvm::StringRef path, const Array &array);
void writeNpy(llvm::raw_ostream &os, const Array &array);

} // namespace attn::exec

#endif // ATTN_EXECUTION_NPY_H
