//===- Passes.h - Passes of the level of warps ------------------*- C++ -*-===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef ATTN_DIALECT_WG_TRANSFORMS_PASSES_H
#define ATTN_DIALECT_WG_TRANSFORMS_PASSES_H

#include "attn/Target/GPUTarget.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/Pass/Pass.h"

namespace attn::wg {
#define GEN_PASS_DECL
#define GEN_PASS_REGISTRATION
#include "attn/Dialect/WG/Transforms/Passes.h.inc"
} // namespace attn::wg

#endif // ATTN_DIALECT_WG_TRANSFORMS_PASSES_H
