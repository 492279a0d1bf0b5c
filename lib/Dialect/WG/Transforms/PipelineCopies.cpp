//===- PipelineCopies.cpp - Copies ahead of their use ---------------------===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "attn/Dialect/WG/IR/WG.h"
#include "attn/Dialect/WG/Transforms/Passes.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/SCF/Transforms/Transforms.h"
#include "mlir/IR/PatternMatch.h"
#include "mlir/IR/Remarks.h"
#include "llvm/ADT/SetVector.h"

namespace attn::wg {
#define GEN_PASS_DEF_WGPIPELINECOPIES
#include "attn/Dialect/WG/Transforms/Passes.h.inc"
} // namespace attn::wg

using namespace mlir;
using namespace attn::wg;

namespace {

class LoopPipeliner {
public:
  LoopPipeliner(scf::ForOp loop, int64_t stages)
      : loop(loop), stages(stages), rewriter(loop.getContext()) {}

  /// Finds the copies that can be made early; false if there are none.
  bool analyze();
  /// Bytes of the rings beyond those of the copies.
  int64_t getAddedBytes() const;
  LogicalResult pipeline();
  int64_t getNumCopies() const { return copies.size(); }

private:
  bool addEarly(Value value);
  Value getIteration();
  void useRings();

  scf::ForOp loop;
  int64_t stages;
  IRRewriter rewriter;
  SmallVector<CopyOp> copies;
  /// What the copies need of the body, in any order.
  llvm::SetVector<Operation *> early;
};

} // namespace

/// Whether a value is known before an iteration computes anything but scalars
/// of its number; notes these.
bool LoopPipeliner::addEarly(Value value) {
  if (value == loop.getInductionVar())
    return true;
  if (auto argument = dyn_cast<BlockArgument>(value);
      argument && argument.getOwner() == loop.getBody())
    return false;
  Operation *op = value.getDefiningOp();
  if (!op || !loop->isProperAncestor(op))
    return true;
  if (op->getBlock() != loop.getBody() || op->getNumRegions() != 0 ||
      !isMemoryEffectFree(op) || isa<WGDialect>(op->getDialect()))
    return false;
  if (!llvm::all_of(op->getOperands(),
                    [&](Value operand) { return addEarly(operand); }))
    return false;
  early.insert(op);
  return true;
}

bool LoopPipeliner::analyze() {
  for (CopyOp copy : loop.getBody()->getOps<CopyOp>())
    if (isa<MemRefType>(copy.getSource().getType()) &&
        llvm::all_of(copy->getOperands(),
                     [&](Value operand) { return addEarly(operand); }))
      copies.push_back(copy);
  return !copies.empty();
}

int64_t LoopPipeliner::getAddedBytes() const {
  int64_t bytes = 0;
  for (CopyOp copy : copies)
    bytes += (stages - 1) * copy.getResult().getType().getBytes();
  return bytes;
}

/// The number of the iteration, from 0 if the loop does not step by 1.
Value LoopPipeliner::getIteration() {
  Location loc = loop.getLoc();
  Value iv = loop.getInductionVar();
  if (getConstantIntValue(loop.getStep()) == 1)
    return iv;
  Value done = arith::SubIOp::create(rewriter, loc, iv, loop.getLowerBound());
  Value number = arith::DivUIOp::create(rewriter, loc, done, loop.getStep());
  early.insert(done.getDefiningOp());
  early.insert(number.getDefiningOp());
  return number;
}

/// Each copy goes to its place of a ring, one group for each iteration.
void LoopPipeliner::useRings() {
  rewriter.setInsertionPointToStart(loop.getBody());
  Location loc = loop.getLoc();
  Value count = arith::ConstantIndexOp::create(rewriter, loc, stages);
  early.insert(count.getDefiningOp());
  Value number = arith::RemUIOp::create(rewriter, loc, getIteration(), count);
  early.insert(number.getDefiningOp());
  for (CopyOp copy : copies) {
    SharedType tile = copy.getResult().getType();
    rewriter.setInsertionPoint(loop);
    Value ring =
        MakeRingOp::create(rewriter, copy.getLoc(),
                           RingType::get(rewriter.getContext(), stages, tile));
    rewriter.setInsertionPoint(copy);
    Value slot = SlotOp::create(rewriter, copy.getLoc(), tile, ring, number);
    auto started = CopyAsyncOp::create(
        rewriter, copy.getLoc(), copy.getSource(), copy.getIndices(),
        copy.getOrigin(), copy.getLimit(), copy.getColumnOrigin(),
        copy.getColumnLimit(), slot);
    early.insert(slot.getDefiningOp());
    early.insert(started);
    rewriter.replaceOp(copy, slot);
  }
  rewriter.setInsertionPoint(loop.getBody()->getTerminator());
  early.insert(CommitCopiesOp::create(rewriter, loc));
}

LogicalResult LoopPipeliner::pipeline() {
  useRings();
  // Behind all that is early in the order below, before all that is not.
  rewriter.setInsertionPointToStart(loop.getBody());
  auto wait = WaitCopiesOp::create(rewriter, loop.getLoc(), stages - 1);

  scf::PipeliningOption options;
  options.supportDynamicLoops = true;
  options.peelEpilogue = false;
  options.getScheduleFn = [&](scf::ForOp, auto &schedule) {
    // Scalars, then the copies, then the end of the group.
    for (bool isCopy : {false, true})
      for (Operation &op : loop.getBody()->without_terminator())
        if (early.contains(&op) && isCopy == !isMemoryEffectFree(&op))
          schedule.emplace_back(&op, 0);
    schedule.emplace_back(wait, stages - 1);
    for (Operation &op : loop.getBody()->without_terminator())
      if (!early.contains(&op) && &op != wait)
        schedule.emplace_back(&op, stages - 1);
  };
  // Scalars may be computed for iterations that do not exist, and groups may be
  // empty; what reads memory is left out.
  options.predicateFn = [](RewriterBase &rewriter, Operation *op,
                           Value exists) -> Operation * {
    auto copy = dyn_cast<CopyAsyncOp>(op);
    if (!copy)
      return op;
    rewriter.setInsertionPoint(copy);
    auto branch = scf::IfOp::create(rewriter, copy.getLoc(), exists,
                                    /*withElseRegion=*/false);
    rewriter.moveOpBefore(copy, branch.thenBlock()->getTerminator());
    return branch;
  };
  rewriter.setInsertionPoint(loop);
  return scf::pipelineForLoop(rewriter, loop, options);
}

namespace {
struct WGPipelineCopies
    : attn::wg::impl::WGPipelineCopiesBase<WGPipelineCopies> {
  using WGPipelineCopiesBase::WGPipelineCopiesBase;

  /// Bytes of the tiles that are shared while a loop runs: those of the loop
  /// and of what is around it, not of loops before or after.
  static int64_t getSharedBytes(gpu::LaunchOp launch, scf::ForOp loop) {
    int64_t bytes = 0;
    launch.walk([&](Operation *op) {
      auto around = op->getParentOfType<scf::ForOp>();
      if (isa<CopyOp, ToSharedOp>(op) && (!around || around->isAncestor(loop)))
        bytes += cast<SharedType>(op->getResult(0).getType()).getBytes();
    });
    return bytes;
  }

  LogicalResult run(gpu::LaunchOp launch) {
    SmallVector<scf::ForOp> loops;
    launch.walk([&](scf::ForOp loop) { loops.push_back(loop); });
    for (scf::ForOp loop : loops) {
      LoopPipeliner pipeliner(loop, stages);
      if (!pipeliner.analyze())
        continue;
      int64_t bytes = getSharedBytes(launch, loop),
              added = pipeliner.getAddedBytes();
      if (bytes + added > limit) {
        remark::missed(
            loop.getLoc(),
            remark::RemarkOpts::name("no-room").category("wg-pipeline-copies"))
            << remark::reason("{0} bytes of shared memory and {1} more for "
                              "{2} stages exceed {3}",
                              bytes, added, stages.getValue(),
                              limit.getValue());
        continue;
      }
      numCopies += pipeliner.getNumCopies();
      ++numLoops;
      if (failed(pipeliner.pipeline()))
        return loop.emitError("could not be pipelined");
    }
    return success();
  }

  void runOnOperation() override {
    if (stages < 2)
      return;
    WalkResult result = getOperation()->walk(
        [&](gpu::LaunchOp launch) { return WalkResult(run(launch)); });
    if (result.wasInterrupted())
      signalPassFailure();
  }
};
} // namespace
