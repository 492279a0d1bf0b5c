//===- LinalgToVectorLoops.cpp - linalg on buffers to vector loops --------===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "Contraction.h"
#include "RowFusion.h"
#include "StructuredPlan.h"
#include "attn/Conversion/Passes.h"
#include "mlir/Dialect/Affine/Utils.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/IR/Remarks.h"

using namespace mlir;

namespace attn {
#define GEN_PASS_DEF_CONVERTLINALGTOVECTORLOOPS
#include "attn/Conversion/Passes.h.inc"

namespace {

struct ConvertLinalgToVectorLoops
    : impl::ConvertLinalgToVectorLoopsBase<ConvertLinalgToVectorLoops> {
  using Base::Base;

  void runOnOperation() override;

private:
  bool isContraction(RewriterBase &rewriter, Operation *op);
  void lowerGroup(RewriterBase &rewriter, RowGroup &group);
  void lowerOne(RewriterBase &rewriter, Operation *op);
  void remark(Operation *op, StringRef name, StringRef reason);

  VectorTarget target;
};

} // namespace

/// A copy of buffers is an elementwise operation like any other.
static void generaliseCopies(RewriterBase &rewriter, Operation *root) {
  root->walk([&](memref::CopyOp copy) {
    if (!isa<MemRefType>(copy.getSource().getType()) ||
        !isa<MemRefType>(copy.getTarget().getType()))
      return;
    rewriter.setInsertionPoint(copy);
    rewriter.replaceOpWithNewOp<linalg::CopyOp>(copy, copy.getSource(),
                                                copy.getTarget());
  });
}

/// Writes the affine operations of bodies as arithmetic, which can run on
/// lanes.
static void expandAffineInBodies(RewriterBase &rewriter, Operation *root) {
  root->walk([&](Operation *op) {
    if (!isa<affine::AffineApplyOp, affine::AffineMinOp, affine::AffineMaxOp>(
            op) ||
        !isa<linalg::LinalgOp>(op->getParentOp()))
      return;
    rewriter.setInsertionPoint(op);
    AffineMap map;
    if (auto apply = dyn_cast<affine::AffineApplyOp>(op))
      map = apply.getAffineMap();
    else if (auto min = dyn_cast<affine::AffineMinOp>(op))
      map = min.getMap();
    else
      map = cast<affine::AffineMaxOp>(op).getMap();
    std::optional<SmallVector<Value, 8>> values =
        affine::expandAffineMap(rewriter, op->getLoc(), map, op->getOperands());
    assert(values && "an affine expression has a form in arithmetic");
    Value result = values->front();
    for (Value value : llvm::drop_begin(*values))
      result =
          isa<affine::AffineMinOp>(op)
              ? arith::MinSIOp::create(rewriter, op->getLoc(), result, value)
                    .getResult()
              : arith::MaxSIOp::create(rewriter, op->getLoc(), result, value)
                    .getResult();
    rewriter.replaceOp(op, result);
  });
}

bool ConvertLinalgToVectorLoops::isContraction(RewriterBase &rewriter,
                                               Operation *op) {
  return succeeded(matchContraction(rewriter, op));
}

void ConvertLinalgToVectorLoops::remark(Operation *op, StringRef name,
                                        StringRef reason) {
  remark::missed(op->getLoc(),
                 remark::RemarkOpts::name(name).category("vector-loops"))
      << reason;
}

void ConvertLinalgToVectorLoops::lowerGroup(RewriterBase &rewriter,
                                            RowGroup &group) {
  SmallVector<StructuredPlan> plans;
  int64_t rows = group.front().getStaticLoopRanges().front();
  // Blocks of as many rows as a vector has lanes: then operations on one
  // element for each row are vectors too.
  int64_t block = 1;
  for (linalg::LinalgOp op : group) {
    plans.push_back(planStructured(op, target));
    block = std::max(block, plans.back().lanes);
  }
  rewriter.setInsertionPoint(group.back());
  LoopBuilder b(group.front().getLoc(), rewriter);
  auto emit = [&](Value first, int64_t count) {
    for (const StructuredPlan &plan : plans) {
      b.setLoc(linalg::LinalgOp(plan.op).getLoc());
      SmallVector<DimRange> ranges = getRanges(b, plan.op);
      ranges.front() = {first, b.index(count)};
      emitStructured(b, plan, ranges);
    }
  };
  int64_t full = rows / block * block;
  b.loop(b.index(0), b.index(full), block,
         [&](Value first) { emit(first, block); });
  if (full != rows)
    emit(b.index(full), rows - full);
  for (linalg::LinalgOp op : group) {
    ++numVectorised;
    rewriter.eraseOp(op);
  }
}

void ConvertLinalgToVectorLoops::lowerOne(RewriterBase &rewriter,
                                          Operation *op) {
  rewriter.setInsertionPoint(op);
  FailureOr<Contraction> contraction = matchContraction(rewriter, op);
  if (succeeded(contraction)) {
    if (succeeded(lowerContraction(rewriter, op, *contraction, target))) {
      ++numContractions;
      return;
    }
    remark(op, "ContractionNotTiled",
           "no operand order lets the contraction be read as vectors");
  }
  auto linalgOp = dyn_cast<linalg::LinalgOp>(op);
  if (!linalgOp) {
    ++numScalar;
    return lowerContractionToScalarLoops(rewriter, op, *contraction);
  }
  StructuredPlan plan = planStructured(linalgOp, target);
  if (plan.vectorDim) {
    ++numVectorised;
  } else {
    ++numScalar;
    remark(op, "NotVectorised", plan.obstacle);
  }
  LoopBuilder b(op->getLoc(), rewriter);
  emitStructured(b, plan, getRanges(b, linalgOp));
  rewriter.eraseOp(op);
}

void ConvertLinalgToVectorLoops::runOnOperation() {
  target = {lanesBits, registers};
  if (lanesBits < 64 || !llvm::isPowerOf2_64(lanesBits) || registers < 4) {
    getOperation().emitError("lanes-bits must be a power of two of at least "
                             "64, registers at least 4");
    return signalPassFailure();
  }
  IRRewriter rewriter(&getContext());
  generaliseCopies(rewriter, getOperation());
  expandAffineInBodies(rewriter, getOperation());
  if (fuseRows) {
    SmallVector<RowGroup> groups;
    getOperation().walk([&](Block *block) {
      llvm::append_range(groups,
                         findRowGroups(*block, [&](linalg::LinalgOp op) {
                           return !isContraction(rewriter, op);
                         }));
    });
    for (RowGroup &group : groups)
      lowerGroup(rewriter, group);
  }
  SmallVector<Operation *> rest;
  getOperation().walk([&](Operation *op) {
    auto linalgOp = dyn_cast<linalg::LinalgOp>(op);
    if ((linalgOp && linalgOp.hasPureBufferSemantics()) ||
        isContraction(rewriter, op))
      rest.push_back(op);
  });
  for (Operation *op : rest)
    lowerOne(rewriter, op);
}

} // namespace attn
