//===- Passes.h - Passes that decide ----------------------------*- C++ -*-===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef ATTN_STRATEGY_PASSES_H
#define ATTN_STRATEGY_PASSES_H

#include "attn/Strategy/GPUSchedule.h"
#include "attn/Target/GPUTarget.h"
#include "mlir/Pass/Pass.h"

namespace attn::strategy {

#define GEN_PASS_DECL
#include "attn/Strategy/Passes.h.inc"
#define GEN_PASS_REGISTRATION
#include "attn/Strategy/Passes.h.inc"

} // namespace attn::strategy

#endif // ATTN_STRATEGY_PASSES_H
