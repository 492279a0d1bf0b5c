//===- KeepReads.h - What lanes read again and again ------------*- C++ -*-===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef LIB_CONVERSION_LOOPSTOLAUNCH_KEEPREADS_H
#define LIB_CONVERSION_LOOPSTOLAUNCH_KEEPREADS_H

#include "mlir/IR/Region.h"

namespace attn {

/// Lets a lane keep in registers what it reads, and computes of it, in each
/// iteration of a loop around: where its share of the inner loop is few
/// iterations, these are written out, and what is the same for all iterations
/// of the outer loop moves in front of it.
void keepReads(mlir::Region &region);

} // namespace attn

#endif // LIB_CONVERSION_LOOPSTOLAUNCH_KEEPREADS_H
