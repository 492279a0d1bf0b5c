//===- DeferBranches.cpp - Work that is rarely needed, later --------------===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "DeferBranches.h"
#include "BulkCopy.h"
#include "attn/Dialect/WG/IR/WG.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/IR/IRMapping.h"

using namespace mlir;
using namespace attn::wg;

/// Bits of the notes. A block that does more pieces of work than that takes a
/// branch for some that do not need it, which changes nothing but time.
static constexpr int64_t kNotes = 1024;

/// Whether an operation only reads memory that its kernel does not write.
static bool readsConstants(Operation *op) {
  if (!isa<memref::LoadOp, LoadOp>(op))
    return false;
  Value buffer = getBuffer(op->getOperand(0));
  auto kernel = op->getParentOfType<gpu::LaunchOp>();
  return kernel &&
         !writes(kernel, [&](Value written) { return written == buffer; });
}

/// Whether a value is computed in the block of `branch`, or in that around it
/// if pieces of work are done under a condition.
static bool isOfPiece(Operation *source, scf::IfOp branch) {
  if (!source || source->getBlock() == branch->getBlock())
    return source;
  auto around = dyn_cast<scf::IfOp>(branch->getParentOp());
  return around && source->getBlock() == around->getBlock();
}

/// Adds what of its piece of work an operation in `branch` needs to be done
/// again, in order; false if something of it cannot be.
static bool addSources(Operation *op, scf::IfOp branch,
                       llvm::SetVector<Operation *> &sources) {
  return !op->walk([&](Operation *inner) {
              for (Value operand : inner->getOperands()) {
                Operation *source = operand.getDefiningOp();
                if (!isOfPiece(source, branch) || sources.contains(source))
                  continue;
                // A copy of memory that the kernel does not write brings the
                // same.
                bool isRepeatable = isa<AgainOp, CopyOp, DrawnOp>(source) ||
                                    isMemoryEffectFree(source) ||
                                    readsConstants(source);
                if (!isRepeatable || !addSources(source, branch, sources))
                  return WalkResult::interrupt();
                sources.insert(source);
              }
              return WalkResult::advance();
            }).wasInterrupted();
}

/// What `branch` needs of its piece of work; nothing if it cannot be had later.
static std::optional<llvm::SetVector<Operation *>>
getSources(scf::IfOp branch) {
  llvm::SetVector<Operation *> sources;
  for (Operation &op : *branch.thenBlock())
    if (!addSources(&op, branch, sources))
      return std::nullopt;
  return sources;
}

bool attn::wg::isDeferrable(scf::IfOp branch) {
  // What it writes stays behind what is written in front of it.
  for (Operation *op = branch->getNextNode(); op; op = op->getNextNode())
    if (!op->hasTrait<OpTrait::IsTerminator>() && !isMemoryEffectFree(op))
      return false;
  return branch.getCondition().getDefiningOp<AnyOp>() &&
         branch.getNumResults() == 0 &&
         (!branch.elseBlock() ||
          branch.elseBlock()->without_terminator().empty()) &&
         getSources(branch);
}

void attn::wg::deferBranches(RewriterBase &rewriter, scf::ForOp loop,
                             Block &work) {
  Location loc = loop.getLoc();
  SmallVector<scf::IfOp> branches;
  for (auto branch : work.getOps<scf::IfOp>())
    if (isDeferrable(branch))
      branches.push_back(branch);
  for (scf::IfOp branch : branches) {
    rewriter.setInsertionPoint(loop);
    auto type = NotesType::get(rewriter.getContext(), kNotes);
    assert(type.getBytes() <= kDeferredBytes);
    Value notes = MakeNotesOp::create(rewriter, loc, type);
    rewriter.setInsertionPointAfter(loop);
    ShareNotesOp::create(rewriter, loc, notes);
    auto second = scf::ForOp::create(rewriter, loc, loop.getLowerBound(),
                                     loop.getUpperBound(), loop.getStep());
    rewriter.setInsertionPointToStart(second.getBody());
    Value noted =
        NotedOp::create(rewriter, loc, notes, second.getInductionVar());
    auto again = scf::IfOp::create(rewriter, loc, noted,
                                   /*withElseRegion=*/false);
    rewriter.setInsertionPointToStart(again.thenBlock());
    IRMapping mapping;
    mapping.map(loop.getInductionVar(), second.getInductionVar());
    llvm::SetVector<Operation *> sources = *getSources(branch);
    for (Operation *op : sources)
      rewriter.clone(*op, mapping);
    for (Operation &op : branch.thenBlock()->without_terminator())
      rewriter.clone(op, mapping);

    auto any = branch.getCondition().getDefiningOp<AnyOp>();
    rewriter.setInsertionPoint(branch);
    NoteOp::create(rewriter, branch.getLoc(), any.getTile(), notes,
                   loop.getInductionVar());
    rewriter.eraseOp(branch);
    if (any->use_empty())
      rewriter.eraseOp(any);
  }
}
