//===- SelectSchedule.cpp - Chooses the tiles of folds --------------------===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "attn/Strategy/OrderedFold.h"
#include "attn/Strategy/Passes.h"
#include "attn/Strategy/Selection.h"
#include "mlir/IR/Remarks.h"
#include "mlir/Interfaces/FunctionInterfaces.h"

namespace attn::strategy {
#define GEN_PASS_DEF_SELECTSCHEDULE
#include "attn/Strategy/Passes.h.inc"
} // namespace attn::strategy

using namespace mlir;
using namespace attn;
using namespace attn::strategy;

/// As many rows as any register tile has.
static constexpr int64_t kMostMicroRows = 64;

namespace {

/// Remarks about one operation.
class Explainer {
public:
  Explainer(const IOModel &model, tile::FoldOpInterface op,
            const Decision &decision)
      : model(model), op(op), decision(decision) {
    if (auto function = op->getParentOfType<FunctionOpInterface>())
      functionName = function.getName();
  }
  void explain();

private:
  remark::RemarkOpts getOpts(StringRef name) {
    return remark::RemarkOpts::name(name)
        .category("attn-select-schedule")
        .function(functionName);
  }
  static std::string describe(const Candidate &candidate) {
    const Cut &cut = candidate.cut;
    return llvm::formatv("{0} x {1} in register tiles of {2} x {3}, packed {4}",
                         cut.rows, cut.cols, cut.microRows, cut.microCols,
                         candidate.hoistPack ? "once" : "tile by tile");
  }
  void explainStanding();
  void explainAlternatives();

  const IOModel &model;
  tile::FoldOpInterface op;
  const Decision &decision;
  StringRef functionName;
};

} // namespace

void Explainer::explainStanding() {
  const Scored &standing = decision.getStanding();
  const Prediction &p = standing.prediction;
  // The remark gathers its text only if somebody listens.
  remark::passed(op.getLoc(),
                 getOpts(decision.given ? "given-schedule" : "schedule"))
      << remark::add("{0}: bound by {1}, {2:F1} us, {3:F0} % of peak; moves "
                     "{4:F0} KiB of memory, {5:F2} of the compulsory {6:F0} "
                     "KiB",
                     describe(standing.candidate), stringify(p.bound).str(),
                     1e6 * p.seconds, 100 * p.peakFraction,
                     p.traffic.memory / 1024,
                     p.traffic.memory / p.traffic.compulsory,
                     p.traffic.compulsory / 1024)
      << remark::metric("Bound", stringify(p.bound).str())
      << remark::metric("Microseconds", 1e6 * p.seconds)
      << remark::metric("PercentOfPeak", 100 * p.peakFraction)
      << remark::metric("Flops", int64_t(p.usefulFlops))
      << remark::metric("MemoryBytes", int64_t(p.traffic.memory))
      << remark::metric("CompulsoryBytes", int64_t(p.traffic.compulsory))
      << remark::metric("FullTiles", int64_t(p.tiles.full))
      << remark::metric("PartialTiles", int64_t(p.tiles.partial))
      << remark::metric("EmptyTiles", int64_t(p.tiles.empty));
}

void Explainer::explainAlternatives() {
  const Selection &selection = decision.selection;
  const Prediction &standing = decision.getStanding().prediction;
  if (decision.given) {
    if (selection.fits &&
        standing.seconds > 1.005 * selection.chosen.prediction.seconds)
      remark::missed(op.getLoc(), getOpts("better-schedule")) << remark::reason(
          "{0} would be chosen; the given schedule is {1}",
          describe(selection.chosen.candidate),
          strategy::explain(selection.chosen.prediction, standing));
  } else if (selection.runnerUp) {
    remark::missed(op.getLoc(), getOpts("runner-up")) << remark::reason(
        "{0}: {1}", describe(selection.runnerUp->candidate),
        strategy::explain(standing, selection.runnerUp->prediction));
  }
  if (standing.tasks < model.getThreads())
    remark::missed(op.getLoc(), getOpts("few-tasks")) << remark::reason(
        "{0:F0} tasks for {1} threads; smaller tiles of rows do not pay, and "
        "columns are not split",
        standing.tasks, model.getThreads());
  if (!selection.fits && !decision.given)
    remark::failed(op.getLoc(), getOpts("no-fit")) << remark::reason(
        "none of {0} cuts fits {1}; the smallest is used, whose {2}",
        selection.numCandidates, model.getTarget().cpu,
        model.getObjection(decision.workload, selection.chosen.candidate.cut));
  if (!selection.rejected.empty()) {
    const Rejected &first = selection.rejected.front();
    remark::analysis(op.getLoc(), getOpts("rejected")) << remark::reason(
        "{0} of {1} cuts; the first, {2} x {3}: {4}", selection.rejected.size(),
        selection.numCandidates, first.cut.rows, first.cut.cols, first.reason);
  }
}

void Explainer::explain() {
  explainStanding();
  explainAlternatives();
  const SmallVector<std::string> &assumptions = decision.workload.assumptions;
  if (!assumptions.empty())
    remark::analysis(op.getLoc(), getOpts("assumed"))
        << remark::reason("{0}", llvm::join(assumptions, ", "));
}

namespace {
struct SelectSchedule : strategy::impl::SelectScheduleBase<SelectSchedule> {
  using SelectScheduleBase::SelectScheduleBase;

  /// A recurrence: its tiles follow from its widths.
  LogicalResult selectOrdered(const IOModel &model, tile::FoldOpInterface op) {
    std::optional<tile::FoldTiling> given = op.getFoldTiling();
    if (given && given->cols > 1 && !given->micro)
      return op->emitOpError("has a schedule without a register tile (micro), "
                             "which ")
             << model.getTarget().cpu << " needs";
    if (!given) {
      tile::FoldShape shape = op.getFoldShape();
      unsigned bits = shape.compute.getIntOrFloatBitWidth();
      auto [rows, cols] =
          getRegisterTiles(model.getTarget(), bits, kMostMicroRows).front();
      FailureOr<tile::FoldTiling> chosen = getOrderedTiling(
          op,
          tile::MicroTileAttr::get(&getContext(), rows, cols,
                                   model.getTarget().getLanes(bits)),
          model.getThreads());
      if (failed(chosen))
        return failure();
      op.setFoldTiling(*chosen);
    }
    ++(given ? numGiven : numChosen);
    remark::passed(op.getLoc(), remark::RemarkOpts::name(
                                    given ? "given-schedule" : "schedule")
                                    .category("attn-select-schedule"))
        << remark::add("{0}", describeOrdered(*op.getFoldTiling()));
    return success();
  }

  void runOnOperation() override {
    llvm::Expected<CPUTarget> target = getCPUTarget(cpu);
    if (!target) {
      getOperation()->emitError() << llvm::toString(target.takeError());
      return signalPassFailure();
    }
    IOModel model(*target, threads > 0 ? threads : target->cores);
    WalkResult result = getOperation()->walk([&](tile::FoldOpInterface op) {
      if (op.getFoldShape().order == tile::FoldOrder::Ordered)
        return WalkResult(selectOrdered(model, op));
      FailureOr<std::unique_ptr<Decision>> decision = decide(model, op);
      if (failed(decision))
        return WalkResult::interrupt();
      const Decision &made = **decision;
      if (made.given) {
        ++numGiven;
      } else {
        op.setFoldTiling(getTiling(&getContext(), model, made.workload,
                                   made.selection.chosen));
        ++numChosen;
      }
      Explainer(model, op, made).explain();
      return WalkResult::advance();
    });
    if (result.wasInterrupted())
      signalPassFailure();
  }
};
} // namespace
