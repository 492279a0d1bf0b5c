//===- Header.h - The C header of a compiled kernel -------------*- C++ -*-===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ATTN_TOOLS_ATTN_COMPILE_HEADER_H
#define ATTN_TOOLS_ATTN_COMPILE_HEADER_H

#include "attn/Execution/Signature.h"

#include "llvm/Support/Error.h"

namespace attn::compile {

struct Metadata;

/// An error if the kernel cannot be called from C.
llvm::Error checkCallableFromC(const exec::Signature &signature);

/// The name by which C code knows the kernel.
std::string getCName(const exec::Signature &signature);

/// Writes a header for C99 and C++ with the kernel's prototype and a launcher
/// that builds its descriptors.
void writeHeader(llvm::raw_ostream &os, const exec::Signature &signature,
                 const Metadata &metadata);

} // namespace attn::compile

#endif // ATTN_TOOLS_ATTN_COMPILE_HEADER_H
