//===- GPUChip.cpp - The names of GPUs ------------------------------------===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "attn/Target/PTXAS.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/MC/MCSubtargetInfo.h"
#include "llvm/MC/TargetRegistry.h"
#include "llvm/TargetParser/Triple.h"

// Of LLVM's code generator for NVIDIA GPUs; its headers are not installed.
extern "C" void LLVMInitializeNVPTXTargetInfo();
extern "C" void LLVMInitializeNVPTXTargetMC();

using namespace llvm;

Error attn::checkGPUChip(StringRef chip) {
  static bool once = [] {
    LLVMInitializeNVPTXTargetInfo();
    LLVMInitializeNVPTXTargetMC();
    return true;
  }();
  (void)once;
  Triple triple("nvptx64-nvidia-cuda");
  std::string message;
  const llvm::Target *target = TargetRegistry::lookupTarget(triple, message);
  if (!target)
    return createStringError(message);
  std::unique_ptr<MCSubtargetInfo> info(
      target->createMCSubtargetInfo(triple, "", ""));
  if (info->isCPUStringValid(chip))
    return Error::success();
  SmallVector<StringRef> names;
  for (const SubtargetSubTypeKV &known : info->getAllProcessorDescriptions())
    names.push_back(known.Key);
  return createStringError("unknown GPU '" + chip + "', expected one of " +
                           join(names, ", "));
}
