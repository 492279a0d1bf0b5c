//===- Link.h - Makes a shared library of an object -------------*- C++ -*-===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ATTN_TOOLS_ATTN_COMPILE_LINK_H
#define ATTN_TOOLS_ATTN_COMPILE_LINK_H

#include "llvm/Support/Error.h"

#include <string>

namespace attn::compile {

struct LinkOptions {
  /// The C compiler that drives the linker; searched for when empty.
  std::string driver;
  /// Where libattn_runtime and libattn_cuda_runtime are.
  std::string runtimeDir;
  /// Whether to refer to libattn_runtime.so rather than include the archive.
  bool sharedRuntime = false;
  /// Whether the object launches kernels, so needs their runtime too.
  bool cuda = false;
};

/// The directory of libattn_runtime beside this program: `../lib`.
std::string getDefaultRuntimeDir(const char *argv0);

/// Links `object` with the runtime into the shared library `output`.
llvm::Error linkSharedLibrary(llvm::ArrayRef<char> object,
                              llvm::StringRef output,
                              const LinkOptions &options);

} // namespace attn::compile

#endif // ATTN_TOOLS_ATTN_COMPILE_LINK_H
