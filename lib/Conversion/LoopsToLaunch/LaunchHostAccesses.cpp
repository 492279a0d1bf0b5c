//===- LaunchHostAccesses.cpp - Single elements, as kernels ---------------===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "attn/Conversion/Passes.h"

namespace attn {
#define GEN_PASS_DEF_LAUNCHHOSTACCESSES
#include "attn/Conversion/Passes.h.inc"
} // namespace attn

using namespace mlir;

namespace {
struct LaunchHostAccesses
    : attn::impl::LaunchHostAccessesBase<LaunchHostAccesses> {
  void runOnOperation() override {}
};
} // namespace
