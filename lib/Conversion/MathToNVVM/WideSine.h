//===- WideSine.h - Sines and cosines of f64 --------------------*- C++ -*-===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef LIB_CONVERSION_MATHTONVVM_WIDESINE_H
#define LIB_CONVERSION_MATHTONVVM_WIDESINE_H

#include "mlir/IR/PatternMatch.h"

namespace attn {

/// `math.sin` and `math.cos` of f64 as arithmetic.
void populateWideSinePatterns(mlir::RewritePatternSet &patterns);

} // namespace attn

#endif // LIB_CONVERSION_MATHTONVVM_WIDESINE_H
