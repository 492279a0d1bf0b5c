//===- CPUPipeline.cpp - attn to vectorised, multi-threaded code ----------===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "Steps.h"
#include "attn/Conversion/Passes.h"
#include "attn/Dialect/Attn/Transforms/Passes.h"
#include "attn/Dialect/Tile/Transforms/Passes.h"
#include "attn/Pipelines/Passes.h"
#include "attn/Pipelines/Pipelines.h"
#include "attn/Strategy/Passes.h"
#include "attn/Target/Target.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Linalg/Passes.h"
#include "mlir/Pass/PassManager.h"
#include "mlir/Transforms/Passes.h"
#include "llvm/ADT/StringExtras.h"

using namespace mlir;
using namespace attn;

/// attn --> attn with a schedule
static void addSchedule(OpPassManager &pm, const CPUPipelineOptions &options) {
  strategy::SelectScheduleOptions select;
  select.cpu = options.cpu;
  pm.addPass(strategy::createSelectSchedule(select));
  pm.addNestedPass<func::FuncOp>(createBoundSegments());
  pm.addNestedPass<func::FuncOp>(createListTiles());
}

/// scheduled attn --> scf.forall over tiles of rows, neighbours fused
static void addTiling(OpPassManager &pm) {
  pm.addNestedPass<func::FuncOp>(tile::createTileParallel());
  pm.addNestedPass<func::FuncOp>(tile::createTileSplitFolds());
  addCleanup(pm);
  pm.addNestedPass<func::FuncOp>(tile::createTileFuse());
  addCleanup(pm);
}

/// attn on tiles --> tile.fold with linalg bodies
static void addFolds(OpPassManager &pm) {
  pm.addNestedPass<func::FuncOp>(tile::createTileFormFolds());
  pm.addNestedPass<func::FuncOp>(tile::createTileDecompose());
  addCleanup(pm);
}

/// tile.fold --> scf.for over segments, on packed panels; linalg on tensors
static void addVersions(OpPassManager &pm) {
  pm.addNestedPass<func::FuncOp>(tile::createTilePackContractions());
  addCleanup(pm);
  pm.addNestedPass<func::FuncOp>(tile::createTileHoistPacks());
  addCleanup(pm);
  pm.addNestedPass<func::FuncOp>(tile::createTileFoldVersions());
  addCleanup(pm);
  pm.addNestedPass<func::FuncOp>(tile::createTileExpandOps());
  addCleanup(pm);
  pm.addPass(createLinalgElementwiseOpFusionPass());
  addCleanup(pm);
}

/// tensors --> buffers
static void addBuffers(OpPassManager &pm) {
  addBufferization(pm);
  addBufferDeallocation(pm);
  addCleanup(pm);
}

/// linalg on buffers, scf.forall --> vector loops in tasks
static void addMicroKernels(OpPassManager &pm, const CPUTarget &target) {
  ConvertLinalgToVectorLoopsOptions vectors;
  vectors.lanesBits = target.vectorBits;
  vectors.registers = target.vectorRegisters;
  pm.addNestedPass<func::FuncOp>(createConvertLinalgToVectorLoops(vectors));
  addCleanup(pm);
  pm.addPass(createConvertForallToParallelCalls());
  pm.addNestedPass<func::FuncOp>(createPlaceStaticBuffers());
  addCleanup(pm);
  ExpandMathToPolynomialsOptions math;
  math.avx512 = target.vectorBits == 512;
  pm.addNestedPass<func::FuncOp>(createExpandMathToPolynomials(math));
}

ArrayRef<StringRef> attn::getCPUStages() {
  static const StringRef stages[] = {"attn",   "scheduled", "tiled", "folds",
                                     "packed", "buffers",   "micro", "llvm"};
  return stages;
}

LogicalResult
attn::buildLowerToCPUPipeline(OpPassManager &pm,
                              const CPUPipelineOptions &options,
                              function_ref<LogicalResult(const Twine &)> fail) {
  llvm::Expected<CPUTarget> target = getCPUTarget(options.cpu);
  if (!target)
    return fail(llvm::toString(target.takeError()));
  ArrayRef<StringRef> stages = getCPUStages();
  size_t last = llvm::find(stages, options.stopAfter) - stages.begin();
  if (last == stages.size())
    return fail("unknown stage '" + Twine(options.stopAfter) +
                "', expected one of " + llvm::join(stages, ", "));
  std::function<void()> steps[] = {
      [&] { addInput(pm); },
      [&] { addSchedule(pm, options); },
      [&] { addTiling(pm); },
      [&] { addFolds(pm); },
      [&] { addVersions(pm); },
      [&] { addBuffers(pm); },
      [&] { addMicroKernels(pm, *target); },
      [&] { buildLoopsToLLVMPipeline(pm, /*useRuntimeMemory=*/true); }};
  for (size_t stage = 0; stage <= last; ++stage)
    steps[stage]();
  return success();
}
