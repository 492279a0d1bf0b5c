//===- CodeGen.cpp - From the llvm dialect to machine code ----------------===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "attn/Execution/CodeGen.h"

#include "mlir/IR/BuiltinOps.h"
#include "mlir/Target/LLVMIR/Dialect/Builtin/BuiltinToLLVMIRTranslation.h"
#include "mlir/Target/LLVMIR/Dialect/LLVMIR/LLVMToLLVMIRTranslation.h"
#include "mlir/Target/LLVMIR/Export.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/ADT/StringSet.h"
#include "llvm/IR/LegacyPassManager.h"
#include "llvm/IR/Module.h"
#include "llvm/MC/MCSubtargetInfo.h"
#include "llvm/MC/TargetRegistry.h"
#include "llvm/Passes/PassBuilder.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/TargetSelect.h"
#include "llvm/Support/raw_ostream.h"
#include "llvm/Target/TargetMachine.h"
#include "llvm/Target/TargetOptions.h"
#include "llvm/TargetParser/Host.h"
#include "llvm/TargetParser/SubtargetFeature.h"
#include "llvm/TargetParser/Triple.h"

using namespace llvm;

namespace attn::exec {

void registerLLVMTranslations(mlir::DialectRegistry &registry) {
  mlir::registerBuiltinDialectTranslation(registry);
  mlir::registerLLVMDialectTranslation(registry);
}

static void initializeTargets() {
  static bool once = [] {
    InitializeNativeTarget();
    InitializeNativeTargetAsmPrinter();
    InitializeNativeTargetAsmParser(); // For inline assembly.
    return true;
  }();
  (void)once;
}

static CodeGenOptLevel getCodeGenLevel(unsigned optLevel) {
  switch (optLevel) {
  case 0:
    return CodeGenOptLevel::None;
  case 1:
    return CodeGenOptLevel::Less;
  case 2:
    return CodeGenOptLevel::Default;
  default:
    return CodeGenOptLevel::Aggressive;
  }
}

/// The CPU's name that LLVM knows which is closest to a wrong one.
static StringRef findSimilarCPU(const MCSubtargetInfo &info, StringRef cpu) {
  StringRef best;
  unsigned bestDistance = cpu.size() / 2 + 1;
  for (const SubtargetSubTypeKV &known : info.getAllProcessorDescriptions()) {
    unsigned distance = cpu.edit_distance(known.Key, true, bestDistance);
    if (distance < bestDistance) {
      bestDistance = distance;
      best = known.Key;
    }
  }
  return best;
}

Expected<std::unique_ptr<TargetMachine>>
createTargetMachine(const CodeGenOptions &options) {
  initializeTargets();
  Triple triple(sys::getProcessTriple());
  std::string message;
  const Target *target = TargetRegistry::lookupTarget(triple, message);
  if (!target)
    return createStringError(message);

  std::string cpu = options.cpu, features;
  if (cpu == "host") {
    cpu = sys::getHostCPUName().str();
    // A virtual machine may lack features that its CPU's name promises.
    SubtargetFeatures list;
    for (const auto &feature : sys::getHostCPUFeatures())
      list.AddFeature(feature.first(), feature.second);
    features = list.getString();
  }
  std::unique_ptr<MCSubtargetInfo> info(
      target->createMCSubtargetInfo(triple, "", ""));
  if (!info->isCPUStringValid(cpu)) {
    StringRef similar = findSimilarCPU(*info, cpu);
    return createStringError(
        formatv("unknown CPU '{0}' for {1}{2}", cpu, triple.getArchName(),
                similar.empty() ? "" : "; did you mean '" + similar + "'?")
            .str());
  }
  std::unique_ptr<TargetMachine> machine(target->createTargetMachine(
      triple, cpu, features, TargetOptions(), Reloc::PIC_, std::nullopt,
      getCodeGenLevel(options.optLevel)));
  if (!machine)
    return createStringError("no code generator for " + triple.str());
  return machine;
}

/// Features that a virtual machine often hides and that no compiled kernel
/// uses: instructions for operating systems, caches and special programs.
static bool isUsedByKernels(StringRef feature) {
  static const StringSet<> unused = {
      "cldemote",  "clflushopt", "clwb",    "clzero",    "enqcmd",
      "fsgsbase",  "hreset",     "invpcid", "kl",        "lwp",
      "mwaitx",    "movdir64b",  "movdiri", "pconfig",   "pku",
      "prefetchi", "prfchw",     "ptwrite", "rdpid",     "rdpru",
      "rdrnd",     "rdseed",     "rtm",     "serialize", "sgx",
      "shstk",     "tsxldtrk",   "uintr",   "usermsr",   "waitpkg",
      "wbnoinvd",  "widekl",     "xsave",   "xsavec",    "xsaveopt",
      "xsaves"};
  return !unused.contains(feature);
}

Error checkHostSupports(const TargetMachine &targetMachine) {
  StringMap<bool> host = sys::getHostCPUFeatures();
  SmallVector<StringRef> missing;
  for (const SubtargetFeatureKV &feature :
       targetMachine.getMCSubtargetInfo()->getEnabledProcessorFeatures()) {
    // Tuning flags are no instructions: the host does not list them.
    auto it = host.find(feature.Key);
    if (it != host.end() && !it->second && isUsedByKernels(feature.Key))
      missing.push_back(feature.Key);
  }
  if (missing.empty())
    return Error::success();
  return createStringError(
      formatv("this machine ({0}) cannot run code for '{1}': it lacks {2}",
              sys::getHostCPUName(), targetMachine.getTargetCPU(),
              join(missing, ", "))
          .str());
}

Expected<std::unique_ptr<Module>>
translateToLLVM(mlir::ModuleOp module, LLVMContext &context,
                const TargetMachine &targetMachine) {
  std::unique_ptr<Module> result = mlir::translateModuleToLLVMIR(
      module, context, module.getName().value_or("attn"));
  if (!result)
    return createStringError("the module does not translate to LLVM IR");
  result->setTargetTriple(targetMachine.getTargetTriple());
  result->setDataLayout(targetMachine.createDataLayout());
  return result;
}

Error optimize(Module &module, TargetMachine &targetMachine,
               unsigned optLevel) {
  OptimizationLevel level;
  switch (optLevel) {
  case 0:
    level = OptimizationLevel::O0;
    break;
  case 1:
    level = OptimizationLevel::O1;
    break;
  case 2:
    level = OptimizationLevel::O2;
    break;
  case 3:
    level = OptimizationLevel::O3;
    break;
  default:
    return createStringError(
        formatv("optimisation level {0} is not one of 0 to 3", optLevel).str());
  }
  LoopAnalysisManager loops;
  FunctionAnalysisManager functions;
  CGSCCAnalysisManager components;
  ModuleAnalysisManager modules;
  PassBuilder builder(&targetMachine);
  builder.registerModuleAnalyses(modules);
  builder.registerCGSCCAnalyses(components);
  builder.registerFunctionAnalyses(functions);
  builder.registerLoopAnalyses(loops);
  builder.crossRegisterProxies(loops, functions, components, modules);
  ModulePassManager passes = builder.buildPerModuleDefaultPipeline(level);
  passes.run(module, modules);
  return Error::success();
}

Expected<SmallVector<char, 0>>
emitCode(Module &module, TargetMachine &targetMachine, FileKind kind) {
  SmallVector<char, 0> bytes;
  raw_svector_ostream os(bytes);
  legacy::PassManager passes;
  if (targetMachine.addPassesToEmitFile(passes, os, /*DwoOut=*/nullptr,
                                        kind == FileKind::Object
                                            ? CodeGenFileType::ObjectFile
                                            : CodeGenFileType::AssemblyFile))
    return createStringError("the target cannot emit this kind of file");
  passes.run(module);
  return bytes;
}

} // namespace attn::exec
