//===- Decompose.cpp - Aggregated operations into linalg ------------------===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "attn/Dialect/Tile/IR/FoldInterface.h"
#include "attn/Dialect/Tile/Transforms/Passes.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

namespace attn::tile {
#define GEN_PASS_DEF_TILEDECOMPOSE
#include "attn/Dialect/Tile/Transforms/Passes.h.inc"
} // namespace attn::tile

using namespace mlir;

namespace {
struct TileDecompose : attn::tile::impl::TileDecomposeBase<TileDecompose> {
  void runOnOperation() override {
    // What is a fold keeps its own road; upstream operations keep upstream's.
    SmallVector<linalg::AggregatedOpInterface> worklist;
    getOperation()->walk([&](linalg::AggregatedOpInterface op) {
      if (!isa<attn::tile::FoldOpInterface>(op.getOperation()) &&
          !isa<linalg::LinalgDialect>(op->getDialect()))
        worklist.push_back(op);
    });
    IRRewriter rewriter(&getContext());
    for (linalg::AggregatedOpInterface op : worklist) {
      rewriter.setInsertionPoint(op);
      FailureOr<SmallVector<Value>> results = op.decomposeOperation(rewriter);
      if (failed(results))
        return signalPassFailure();
      rewriter.replaceOp(op, *results);
    }
  }
};
} // namespace
