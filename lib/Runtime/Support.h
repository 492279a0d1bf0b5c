//===- Support.h - Linkage of the runtime's helper symbols ------*- C++ -*-===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ATTN_LIB_RUNTIME_SUPPORT_H
#define ATTN_LIB_RUNTIME_SUPPORT_H

#include "attn/Runtime/Runtime.h"

/// For symbols whose names belong to the compiler's run-time libraries: when
/// the program has its own definition, that one is taken.
#if defined(_WIN32)
#define ATTN_RUNTIME_WEAK
#else
#define ATTN_RUNTIME_WEAK __attribute__((weak, visibility("default")))
#endif

#endif // ATTN_LIB_RUNTIME_SUPPORT_H
