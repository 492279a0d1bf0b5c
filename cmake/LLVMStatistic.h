//===- LLVMStatistic.h - Statistics as LLVM was built with them -*- C++ -*-===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Whether a statistic has fields depends on NDEBUG. Passes with asserts would
// count in fields that MLIR without asserts neither makes nor initialises. This
// comes before every other header of code that is linked with such an MLIR.
//
//===----------------------------------------------------------------------===//

#ifndef ATTN_CMAKE_LLVMSTATISTIC_H
#define ATTN_CMAKE_LLVMSTATISTIC_H

#ifndef NDEBUG
#include "llvm/Config/llvm-config.h"
#include "llvm/Support/Compiler.h"
#define NDEBUG
#include "llvm/ADT/Statistic.h"
#undef NDEBUG
// `assert` is as NDEBUG was when this was last included.
#include <cassert>
#endif

#endif // ATTN_CMAKE_LLVMSTATISTIC_H
