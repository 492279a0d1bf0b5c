//===- AttnToLoops.cpp - attn operations to naive loops -------------------===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "attn/Conversion/AttnToLoops/AttnToLoops.h"
#include "AttnOpsToLoops.h"
#include "llvm/ADT/TypeSwitch.h"

namespace attn {
#define GEN_PASS_DEF_CONVERTATTNTOLOOPSPASS
#include "attn/Conversion/AttnToLoops/Passes.h.inc"
} // namespace attn

using namespace mlir;
using namespace attn;

/// The type that an operation is computed in: at least that of its destination
/// states or logits.
static FloatType getWideType(Operation *op, LoopPrecision precision) {
  Type first = cast<ShapedType>(op->getOperand(0).getType()).getElementType();
  if (first.isF64() || precision == LoopPrecision::F64)
    return Float64Type::get(op->getContext());
  return Float32Type::get(op->getContext());
}

namespace {
struct ConvertAttnToLoops
    : attn::impl::ConvertAttnToLoopsPassBase<ConvertAttnToLoops> {
  using ConvertAttnToLoopsPassBase::ConvertAttnToLoopsPassBase;

  void runOnOperation() override {
    SmallVector<Operation *> worklist;
    getOperation()->walk([&](Operation *op) {
      if (isa<AttentionOp, PartialOp, MergeOp, FinalizeOp, RecurrenceOp, ScanOp,
              PoolOp, RouteScoreOp, SelectOp, SortOp, ClusterOp, PermuteOp>(op))
        worklist.push_back(op);
    });
    for (Operation *op : worklist) {
      auto dpsOp = cast<DestinationStyleOpInterface>(op);
      if (!dpsOp.hasPureBufferSemantics()) {
        op->emitError("expected memrefs; bufferise first");
        return signalPassFailure();
      }
      LoopEmitter e(op, getWideType(op, precision));
      llvm::TypeSwitch<Operation *>(op)
          .Case<AttentionOp, PartialOp, MergeOp, FinalizeOp, RecurrenceOp,
                ScanOp, PoolOp, RouteScoreOp, SelectOp, SortOp, ClusterOp,
                PermuteOp>([&](auto concrete) { emitLoops(e, concrete); });
      op->erase();
    }
  }
};
} // namespace
