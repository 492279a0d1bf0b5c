//===- ToolOptions.h - Command lines of our tools ---------------*- C++ -*-===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ATTN_EXECUTION_TOOLOPTIONS_H
#define ATTN_EXECUTION_TOOLOPTIONS_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringRef.h"

namespace attn::exec {

/// Takes option names away from the libraries linked in: LLVM has, for one, a
/// global `--threads`, and a name may be registered once. To be called before
/// a tool creates its own options, which must not be globals for this reason.
void claimOptionNames(llvm::ArrayRef<llvm::StringRef> names);

/// Prints "error: " and the message to the error stream; returns the exit code
/// of a failure.
int reportError(const llvm::Twine &message);

} // namespace attn::exec

#endif // ATTN_EXECUTION_TOOLOPTIONS_H
