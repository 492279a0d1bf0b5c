//===- ExpandNorms.cpp - Norms of recurrences as recurrences --------------===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "attn/Dialect/Attn/IR/Attn.h"
#include "attn/Dialect/Attn/Transforms/Passes.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Transforms/WalkPatternRewriteDriver.h"

namespace attn {
#define GEN_PASS_DEF_EXPANDNORMS
#include "attn/Dialect/Attn/Transforms/Passes.h.inc"
} // namespace attn

using namespace mlir;
using namespace attn;

namespace {
struct ExpandNorm : OpRewritePattern<RecurrenceOp> {
  ExpandNorm(MLIRContext *context, Pass::Statistic &count)
      : OpRewritePattern(context), count(count) {}

  LogicalResult matchAndRewrite(RecurrenceOp op,
                                PatternRewriter &rewriter) const override {
    if (!op.isNormalized())
      return rewriter.notifyMatchFailure(op, "has no norm");
    if (op.getNumResults() == 0)
      return rewriter.notifyMatchFailure(op, "works on buffers");
    rewriter.replaceOp(op, op.expandNorm(rewriter));
    ++count;
    return success();
  }

  Pass::Statistic &count;
};

struct ExpandNorms : attn::impl::ExpandNormsBase<ExpandNorms> {
  void runOnOperation() override {
    RewritePatternSet patterns(&getContext());
    patterns.add<ExpandNorm>(&getContext(), numExpanded);
    walkAndApplyPatterns(getOperation(), std::move(patterns));
  }
};
} // namespace
