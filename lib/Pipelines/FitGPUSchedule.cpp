//===- FitGPUSchedule.cpp - Tiles that are known to fit -------------------===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "NVVMPipeline.h"
#include "attn/Pipelines/Passes.h"
#include "attn/Strategy/GPUSchedule.h"
#include "attn/Strategy/OrderedFold.h"
#include "attn/Target/GPUTarget.h"
#include "attn/Target/PTXAS.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/Matchers.h"
#include "mlir/IR/Remarks.h"
#include "mlir/Transforms/RegionUtils.h"

namespace attn {
#define GEN_PASS_DEF_FITGPUSCHEDULEPASS
#include "attn/Pipelines/Passes.h.inc"
} // namespace attn

using namespace mlir;
using namespace attn;

namespace {
struct FitGPUSchedule : attn::impl::FitGPUSchedulePassBase<FitGPUSchedule> {
  using FitGPUSchedulePassBase::FitGPUSchedulePassBase;

  void getDependentDialects(DialectRegistry &registry) const override {
    auto [compile, assemble] = makePipelines();
    compile.getDependentDialects(registry);
    assemble.getDependentDialects(registry);
  }

  void runOnOperation() override {
    llvm::Expected<GPUTarget> facts = getGPUTarget(chip);
    if (!facts) {
      getOperation().emitError() << llvm::toString(facts.takeError());
      return signalPassFailure();
    }
    target = *facts;
    llvm::Expected<std::string> program = findPTXAS(ptxas);
    if (!program)
      return llvm::consumeError(program.takeError());
    SmallVector<tile::FoldOpInterface> folds;
    getOperation().walk([&](tile::FoldOpInterface fold) {
      if (!fold.getFoldTiling())
        folds.push_back(fold);
    });
    // Layers of a model are often the same.
    while (!folds.empty()) {
      SmallVector<tile::FoldOpInterface> same, others;
      for (tile::FoldOpInterface fold : folds)
        (isSame(folds.front(), fold) ? same : others).push_back(fold);
      if (std::optional<tile::FoldTiling> tiling = find(folds.front()))
        for (tile::FoldOpInterface fold : same)
          fold.setFoldTiling(*tiling);
      folds = std::move(others);
    }
  }

private:
  enum class Outcome { Fits, DoesNotFit, Fails };

  GPUTarget target;

  std::pair<OpPassManager, OpPassManager> makePipelines() const {
    NVVMPipelineOptions options;
    options.chip = chip;
    options.features = features;
    options.optLevel = optLevel;
    options.ptxas = ptxas;
    options.cache = cache;
    OpPassManager compile(ModuleOp::getOperationName()),
        assemble(ModuleOp::getOperationName());
    addFoldToAssemblyPasses(compile, assemble, options);
    return {std::move(compile), std::move(assemble)};
  }

  /// Whether two operations differ in their operands' values at most.
  static bool isSame(Operation *a, Operation *b) {
    return llvm::equal(a->getOperandTypes(), b->getOperandTypes()) &&
           OperationEquivalence::isEquivalentTo(
               a, b, OperationEquivalence::ignoreValueEquivalence,
               /*markEquivalent=*/nullptr,
               OperationEquivalence::IgnoreLocations);
  }

  /// What may be chosen, the best first.
  SmallVector<tile::FoldTiling> getCandidates(const tile::FoldShape &shape) {
    if (shape.order == tile::FoldOrder::Ordered)
      return strategy::getOrderedGPUTilings(shape,
                                            target.machine.multiprocessors);
    strategy::GPULimits limits;
    limits.registers = target.registers;
    limits.sharedBytes = target.sharedBytes;
    limits.hasProducers = target.hasWarpgroups;
    limits.maximum = maximum;
    return llvm::map_to_vector(strategy::getGPUCandidates(shape, limits),
                               [](const strategy::GPUCandidate &candidate) {
                                 return candidate.tiling;
                               });
  }

  std::optional<tile::FoldTiling> find(tile::FoldOpInterface fold) {
    tile::FoldShape shape = fold.getFoldShape();
    if (ShapedType::isDynamic(shape.depth) ||
        ShapedType::isDynamic(shape.width))
      return std::nullopt;
    SmallVector<tile::FoldTiling> candidates = getCandidates(shape);
    int64_t number = 0;
    for (const tile::FoldTiling &candidate : candidates) {
      if (candidates.size() == 1)
        break;
      switch (compile(fold, candidate)) {
      case Outcome::Fits:
        remark::passed(fold.getLoc(), remark::RemarkOpts::name("fits").category(
                                          "attn-fit-gpu-schedule"))
            << remark::add("{0} x {1}, after {2} that do not assemble well",
                           candidate.rows, candidate.cols, number);
        if (shape.order == tile::FoldOrder::Ordered && candidate.cols == 1)
          remark::analysis(fold.getLoc(),
                           remark::RemarkOpts::name("token").category(
                               "attn-fit-gpu-schedule"))
              << remark::reason("{0}", strategy::explainToken(shape));
        return candidate;
      case Outcome::DoesNotFit:
        ++number;
        break;
      case Outcome::Fails:
        return std::nullopt;
      }
    }
    return std::nullopt;
  }

  /// Compiles a fold alone, with arguments for its operands.
  Outcome compile(tile::FoldOpInterface fold, const tile::FoldTiling &tiling) {
    ++numTried;
    OpBuilder b(&getContext());
    Location loc = fold.getLoc();
    b.setInsertionPointToEnd(getOperation().getBody());
    auto module = ModuleOp::create(b, loc, "attn_fitting");
    b.setInsertionPointToEnd(module.getBody());
    // Its regions may read more than its operands; constants stay constants.
    SetVector<Value> values(fold->operand_begin(), fold->operand_end());
    getUsedValuesDefinedAbove(fold->getRegions(), values);
    values.remove_if(
        [](Value value) { return matchPattern(value, m_Constant()); });
    auto type =
        b.getFunctionType(llvm::to_vector(TypeRange(values.getArrayRef())),
                          fold->getResultTypes());
    auto function = func::FuncOp::create(b, loc, "fitting", type);
    Block *body = function.addEntryBlock();
    b.setInsertionPointToEnd(body);
    IRMapping mapping;
    mapping.map(values.getArrayRef(), body->getArguments());
    fold->walk([&](Operation *op) {
      for (Value operand : op->getOperands())
        if (!mapping.contains(operand) && matchPattern(operand, m_Constant()) &&
            !fold->isAncestor(operand.getDefiningOp()))
          b.clone(*operand.getDefiningOp(), mapping);
    });
    Operation *copy = b.clone(*fold, mapping);
    cast<tile::FoldOpInterface>(copy).setFoldTiling(tiling);
    func::ReturnOp::create(b, loc, copy->getResults());

    auto [compile, assemble] = makePipelines();
    // What is wrong is said when the operation itself is compiled.
    ScopedDiagnosticHandler silence(&getContext(),
                                    [](Diagnostic &) { return success(); });
    Outcome outcome = Outcome::Fits;
    if (failed(runPipeline(compile, module)))
      outcome = Outcome::Fails;
    else if (failed(runPipeline(assemble, module)))
      outcome = Outcome::DoesNotFit;
    module.erase();
    return outcome;
  }
};
} // namespace
