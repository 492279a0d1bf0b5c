//===- Inputs.h - Arguments from files or made up ---------------*- C++ -*-===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ATTN_TOOLS_ATTN_RUN_INPUTS_H
#define ATTN_TOOLS_ATTN_RUN_INPUTS_H

#include "attn/Execution/Signature.h"

#include "llvm/Support/Error.h"

namespace attn::run {

struct Options;

/// One array per argument of the function, from --input, --random-inputs and
/// --dims. That they fit the function is not checked here.
llvm::Expected<std::vector<exec::Array>>
makeInputs(const exec::Signature &signature, const Options &options);

} // namespace attn::run

#endif // ATTN_TOOLS_ATTN_RUN_INPUTS_H
