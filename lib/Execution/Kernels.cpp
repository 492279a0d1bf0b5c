//===- Kernels.cpp - The kernels of an assembled program ------------------===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "attn/Execution/Kernels.h"

#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/Matchers.h"

using namespace mlir;

namespace attn::exec {

static std::optional<int64_t> getConstant(Value value) {
  APInt constant;
  if (!matchPattern(value, m_ConstantInt(&constant)))
    return std::nullopt;
  return constant.getSExtValue();
}

static KernelInfo::Size getSize(const gpu::KernelDim3 &size) {
  return {getConstant(size.x), getConstant(size.y), getConstant(size.z)};
}

static void describeLaunch(gpu::LaunchFuncOp launch, KernelInfo &info) {
  info.grid = getSize(launch.getGridSizeOperandValues());
  info.block = getSize(launch.getBlockSizeOperandValues());
  if (launch.hasClusterSize())
    info.cluster = getSize(launch.getClusterSizeOperandValues());
  Value shared = launch.getDynamicSharedMemorySize();
  info.dynamicSharedBytes = shared ? getConstant(shared) : 0;
}

static KernelInfo describe(gpu::KernelMetadataAttr kernel) {
  KernelInfo info;
  info.name = kernel.getName().str();
  auto figure = [&](StringRef name) -> std::optional<int64_t> {
    if (auto value = kernel.getAttr<IntegerAttr>(name))
      return value.getInt();
    return std::nullopt;
  };
  info.registers = figure("registers");
  info.spillBytes = figure("spill_bytes");
  info.sharedBytes = figure("shared_bytes");
  if (auto type = dyn_cast<LLVM::LLVMFunctionType>(kernel.getFunctionType()))
    for (Type parameter : type.getParams())
      llvm::raw_string_ostream(info.parameters.emplace_back()) << parameter;
  return info;
}

std::vector<KernelInfo> getKernels(ModuleOp module) {
  std::vector<KernelInfo> kernels;
  for (auto binary : module.getOps<gpu::BinaryOp>()) {
    auto object = cast<gpu::ObjectAttr>(binary.getObjects()[0]);
    if (!object.getKernels())
      continue;
    for (gpu::KernelMetadataAttr kernel : object.getKernels()) {
      kernels.push_back(describe(kernel));
      module.walk([&](gpu::LaunchFuncOp launch) {
        if (launch.getKernelModuleName() != binary.getName() ||
            launch.getKernelName() != kernel.getName())
          return WalkResult::advance();
        describeLaunch(launch, kernels.back());
        return WalkResult::interrupt();
      });
    }
  }
  return kernels;
}

llvm::Expected<std::string> getDeviceCode(ModuleOp module) {
  auto binaries = llvm::to_vector(module.getOps<gpu::BinaryOp>());
  if (binaries.size() != 1 || binaries[0].getObjects().size() != 1)
    return llvm::createStringError(
        binaries.empty() ? "the program has no kernel"
                         : "the program has more than one GPU binary");
  auto object = cast<gpu::ObjectAttr>(binaries[0].getObjects()[0]);
  return object.getObject().getValue().str();
}

} // namespace attn::exec
