//===- NVVMPipeline.cpp - attn to kernels and their host code -------------===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "NVVMPipeline.h"
#include "LoopsPipeline.h"
#include "Steps.h"
#include "attn/Conversion/Passes.h"
#include "attn/Dialect/Attn/Transforms/Passes.h"
#include "attn/Dialect/Tile/Transforms/Passes.h"
#include "attn/Dialect/WG/Transforms/Passes.h"
#include "attn/Pipelines/Passes.h"
#include "attn/Pipelines/Pipelines.h"
#include "attn/Strategy/GPUSchedule.h"
#include "attn/Strategy/Passes.h"
#include "attn/Target/GPUTarget.h"
#include "mlir/Conversion/AffineToStandard/AffineToStandard.h"
#include "mlir/Conversion/GPUCommon/GPUCommonPass.h"
#include "mlir/Conversion/GPUToNVVM/GPUToNVVMPass.h"
#include "mlir/Conversion/NVVMToLLVM/NVVMToLLVM.h"
#include "mlir/Conversion/ReconcileUnrealizedCasts/ReconcileUnrealizedCasts.h"
#include "mlir/Conversion/SCFToControlFlow/SCFToControlFlow.h"
#include "mlir/Conversion/VectorToSCF/VectorToSCF.h"
#include "mlir/Dialect/GPU/Transforms/Passes.h"
#include "mlir/Dialect/Linalg/Passes.h"
#include "mlir/Dialect/MemRef/Transforms/Passes.h"
#include "mlir/Dialect/SCF/Transforms/Passes.h"
#include "mlir/Pass/PassManager.h"
#include "mlir/Transforms/Passes.h"
#include "llvm/ADT/StringExtras.h"

namespace attn {
#define GEN_PASS_DEF_FREEBUFFERSPASS
#include "attn/Pipelines/Passes.h.inc"
} // namespace attn

using namespace mlir;
using namespace attn;

namespace {
struct FreeBuffers : attn::impl::FreeBuffersPassBase<FreeBuffers> {
  void getDependentDialects(DialectRegistry &registry) const override {
    makePipeline().getDependentDialects(registry);
  }

  void runOnOperation() override {
    for (auto function : getOperation().getOps<func::FuncOp>()) {
      WalkResult result = function.walk([](Operation *op) {
        return isa<gpu::GPUDialect>(op->getDialect()) ? WalkResult::interrupt()
                                                      : WalkResult::advance();
      });
      if (result.wasInterrupted())
        return;
    }
    OpPassManager pipeline = makePipeline();
    if (failed(runPipeline(pipeline, getOperation())))
      signalPassFailure();
  }

private:
  static OpPassManager makePipeline() {
    OpPassManager pipeline(ModuleOp::getOperationName());
    addBufferDeallocation(pipeline);
    return pipeline;
  }
};
} // namespace

/// Stages of channels, where shared memory has room for more: what bridges the
/// latency of memory if a tile is computed with quickly.
static constexpr int64_t kMostStages = 4;

/// The facts of a chip that was found to have some.
static GPUTarget getFacts(const NVVMPipelineOptions &options) {
  llvm::Expected<GPUTarget> target = getGPUTarget(options.chip);
  if (target)
    return *target;
  llvm::consumeError(target.takeError());
  return GPUTarget();
}

/// attn with a schedule --> scf.forall over blocks
static void addTiling(OpPassManager &pm, const GPUTarget &target,
                      const NVVMPipelineOptions &options) {
  strategy::SelectGPUScheduleOptions select;
  select.maximum = options.maximum;
  select.stages = strategy::kGPUStages;
  select.registers = target.registers;
  select.sharedBytes = target.sharedBytes;
  select.producers = target.hasWarpgroups;
  select.tasks = target.machine.multiprocessors;
  pm.addPass(strategy::createSelectGPUSchedule(select));
  pm.addNestedPass<func::FuncOp>(createBoundSegments());
  pm.addNestedPass<func::FuncOp>(createListTiles());
  pm.addNestedPass<func::FuncOp>(createRankSorts());
  pm.addNestedPass<func::FuncOp>(createSplitScoreBlocks());
  pm.addNestedPass<func::FuncOp>(createSizeScores());
  tile::TileParallelOptions parallel;
  parallel.toBlocks = true;
  pm.addNestedPass<func::FuncOp>(tile::createTileParallel(parallel));
  pm.addNestedPass<func::FuncOp>(tile::createTileSplitFolds());
  pm.addNestedPass<func::FuncOp>(tile::createTileContractions());
  addCleanup(pm);
}

/// attn on tiles --> scf.for over segments, linalg on static tiles of 16-bit
/// operands
static void addFolds(OpPassManager &pm) {
  pm.addNestedPass<func::FuncOp>(tile::createTileFormFolds());
  pm.addNestedPass<func::FuncOp>(tile::createTileDecompose());
  addCleanup(pm);
  pm.addNestedPass<func::FuncOp>(tile::createTileNarrowOperands());
  addCleanup(pm);
  pm.addNestedPass<func::FuncOp>(tile::createTileFoldVersions());
  addCleanup(pm);
  tile::TileExpandOpsOptions expand;
  expand.keepMemory = true;
  expand.keepWork = true;
  pm.addNestedPass<func::FuncOp>(tile::createTileExpandOps(expand));
  addCleanup(pm);
  pm.addPass(createLinalgElementwiseOpFusionPass());
  addCleanup(pm);
}

/// static tiles --> tiles of warps, and registers of lanes
static void addWarps(OpPassManager &pm) {
  pm.addNestedPass<func::FuncOp>(createDealTiles());
  pm.addNestedPass<func::FuncOp>(createConvertTileToLanes());
  pm.addNestedPass<func::FuncOp>(createConvertTileToWG());
  addCleanup(pm);
}

/// tensors --> buffers
static void addBuffers(OpPassManager &pm) {
  addBufferization(pm);
  pm.addPass(createFreeBuffersPass());
  addCleanup(pm);
}

/// Loops over tiles --> gpu.launch. What else works on buffers becomes kernels
/// in which threads, or warps, do an iteration each.
static void addKernels(OpPassManager &pm, const GPUTarget &target) {
  pm.addNestedPass<func::FuncOp>(createConvertForallToLaunch());
  // Roles, and products in flight, are of groups of four warps.
  if (target.hasWarpgroups) {
    pm.addNestedPass<func::FuncOp>(createHoistLaunchScalars());
    wg::WGSpecializeWarpsOptions roles;
    roles.stages = kMostStages;
    roles.limit = target.sharedBytes;
    pm.addNestedPass<func::FuncOp>(wg::createWGSpecializeWarps(roles));
    addCleanup(pm);
    wg::WGSplitHelpersOptions helpers;
    helpers.limit = target.sharedBytes;
    pm.addNestedPass<func::FuncOp>(wg::createWGSplitHelpers(helpers));
    pm.addNestedPass<func::FuncOp>(wg::createWGMergeCursors());
    pm.addNestedPass<func::FuncOp>(wg::createWGSplitProducers());
    addCleanup(pm);
    pm.addNestedPass<func::FuncOp>(wg::createWGRecomputeScalars());
    pm.addNestedPass<func::FuncOp>(wg::createWGOverlapProducts());
    pm.addNestedPass<func::FuncOp>(wg::createWGScheduleProducts());
    addCleanup(pm);
    pm.addNestedPass<func::FuncOp>(wg::createWGHoistLoads());
    pm.addNestedPass<func::FuncOp>(wg::createWGDeferReductions());
    pm.addNestedPass<func::FuncOp>(wg::createWGNarrowLoops());
  }
  addCleanup(pm);
  wg::WGPipelineCopiesOptions copies;
  copies.stages = strategy::kGPUStages;
  copies.limit = target.sharedBytes;
  pm.addNestedPass<func::FuncOp>(wg::createWGPipelineCopies(copies));
  addCleanup(pm);
  pm.addNestedPass<func::FuncOp>(wg::createWGInsertBarriers());
  wg::WGPlanSharedMemoryOptions plan;
  plan.limit = target.sharedBytes;
  pm.addNestedPass<func::FuncOp>(wg::createWGPlanSharedMemory(plan));
  pm.addNestedPass<func::FuncOp>(createVersionAccesses());
  pm.addNestedPass<func::FuncOp>(createPrefetchLoads());
  pm.addNestedPass<func::FuncOp>(createForallToParallelLoopPass());
  pm.addNestedPass<func::FuncOp>(createConvertLinalgToParallelLoopsPass());
  addCleanup(pm);
  pm.addNestedPass<func::FuncOp>(createMergeParallelLoops());
  pm.addNestedPass<func::FuncOp>(createPromoteAccumulators());
  pm.addNestedPass<func::FuncOp>(createDealLoops());
  pm.addNestedPass<func::FuncOp>(createWidenLoops());
  pm.addNestedPass<func::FuncOp>(createConvertDealtLoopsToLaunch());
  pm.addNestedPass<func::FuncOp>(createVersionAccesses());
  addCleanup(pm);
}

/// gpu.launch --> gpu.module of LLVM
static void addKernelsToLLVM(OpPassManager &pm,
                             const NVVMPipelineOptions &options) {
  // What a kernel computes from constants need not be passed to it.
  pm.addPass(createGpuLaunchSinkIndexComputationsPass());
  pm.addPass(createGpuKernelOutliningPass());
  pm.addPass(createMergeGPUModules());
  pm.addNestedPass<func::FuncOp>(createConvertHostMemoryToGPU());

  GpuNVVMAttachTargetOptions target;
  target.chip = options.chip;
  target.features = options.features;
  if (options.features.empty())
    target.features = getFacts(options).features;
  target.optLevel = options.optLevel;
  pm.addPass(createGpuNVVMAttachTarget(target));
  auto &kernels = pm.nest<gpu::GPUModuleOp>();
  kernels.addPass(createLowerAffinePass());
  ConvertWGToNVVMOptions instructions;
  instructions.chip = options.chip;
  instructions.countRepeats = options.countRepeats;
  kernels.addPass(createConvertWGToNVVM(instructions));
  kernels.addPass(createConvertMathToNVVMApprox());
  addCleanup(kernels);
  kernels.addPass(createConvertVectorToSCFPass());
  kernels.addPass(createSCFToControlFlowPass());
  kernels.addPass(memref::createExpandStridedMetadataPass());
  kernels.addPass(createLowerAffinePass());
  kernels.addPass(createConvertGpuOpsToNVVMOps());
  kernels.addPass(createDescriptorsByValue());
  kernels.addPass(createConvertNVVMToLLVMPass());
  addCleanup(kernels);
  kernels.addPass(createReconcileUnrealizedCastsPass());
}

static void addAssembly(OpPassManager &pm, StringRef format, bool retry,
                        const NVVMPipelineOptions &options) {
  AssembleGPUModulesOptions assemble;
  assemble.retry = retry;
  assemble.format = format.str();
  assemble.ptxas = options.ptxas;
  assemble.cache = options.cache;
  pm.addPass(createAssembleGPUModules(assemble));
}

void attn::buildKernelsToBinaryPipeline(OpPassManager &pm,
                                        const NVVMPipelineOptions &options) {
  addKernelsToLLVM(pm, options);
  addAssembly(pm, options.format, /*retry=*/true, options);
}

void attn::addFoldToAssemblyPasses(OpPassManager &compile,
                                   OpPassManager &assemble,
                                   const NVVMPipelineOptions &options) {
  GPUTarget target = getFacts(options);
  addInput(compile);
  addTiling(compile, target, options);
  addFolds(compile);
  addWarps(compile);
  addBuffers(compile);
  addKernels(compile, target);
  addKernelsToLLVM(compile, options);
  // Narrower tiles are better than code in the order of the PTX.
  addAssembly(assemble, "bin", /*retry=*/false, options);
}

void attn::buildLaunchesToLLVMPipeline(OpPassManager &pm) {
  pm.addPass(createConvertDescriptorsToCalls());
  addFlatLoops(pm);
  pm.addPass(createGpuToLLVMConversionPass());
  pm.addPass(createConvertGPULaunchesToCalls());
  addScalarsToLLVM(pm, /*useRuntimeMemory=*/false);
}

/// attn --> two of it where the number of columns decides
static void addVersions(OpPassManager &pm, const GPUTarget &target,
                        const NVVMPipelineOptions &options) {
  strategy::VersionByColumnsOptions versions;
  versions.maximum = options.maximum;
  versions.registers = target.registers;
  versions.sharedBytes = target.sharedBytes;
  versions.producers = target.hasWarpgroups;
  pm.addNestedPass<func::FuncOp>(strategy::createVersionByColumns(versions));
}

/// attn --> attn with schedules that were found to fit
static void addFitting(OpPassManager &pm, const NVVMPipelineOptions &options) {
  FitGPUSchedulePassOptions fit;
  fit.chip = options.chip;
  fit.features = options.features;
  fit.optLevel = options.optLevel;
  fit.ptxas = options.ptxas;
  fit.cache = options.cache;
  fit.maximum = options.maximum;
  pm.addPass(createFitGPUSchedulePass(fit));
}

ArrayRef<StringRef> attn::getNVVMStages() {
  static const StringRef stages[] = {"attn",    "tiled",   "folds",  "wg",
                                     "buffers", "kernels", "binary", "llvm"};
  return stages;
}

LogicalResult attn::buildLowerToNVVMPipeline(
    OpPassManager &pm, const NVVMPipelineOptions &options,
    function_ref<LogicalResult(const Twine &)> fail) {
  llvm::Expected<GPUTarget> target = getGPUTarget(options.chip);
  if (!target)
    return fail(llvm::toString(target.takeError()));
  ArrayRef<StringRef> stages = getNVVMStages();
  size_t last = llvm::find(stages, options.stopAfter) - stages.begin();
  if (last == stages.size())
    return fail("unknown stage '" + Twine(options.stopAfter) +
                "', expected one of " + llvm::join(stages, ", "));
  std::function<void()> steps[] = {
      [&] { addInput(pm); },
      [&] {
        addVersions(pm, *target, options);
        addFitting(pm, options);
        addTiling(pm, *target, options);
      },
      [&] { addFolds(pm); },
      [&] { addWarps(pm); },
      [&] { addBuffers(pm); },
      [&] { addKernels(pm, *target); },
      [&] { buildKernelsToBinaryPipeline(pm, options); },
      [&] { buildLaunchesToLLVMPipeline(pm); }};
  for (size_t stage = 0; stage <= last; ++stage)
    steps[stage]();
  return success();
}
