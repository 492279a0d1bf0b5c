//===- AssembleGPUModules.cpp - gpu.module to gpu.binary ------------------===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "PTXCache.h"
#include "attn/Conversion/Passes.h"
#include "attn/Target/PTXAS.h"
#include "mlir/Dialect/LLVMIR/NVVMDialect.h"
#include "mlir/Target/LLVM/NVVM/Target.h"
#include "mlir/Target/LLVMIR/Dialect/Builtin/BuiltinToLLVMIRTranslation.h"
#include "mlir/Target/LLVMIR/Dialect/GPU/GPUToLLVMIRTranslation.h"
#include "mlir/Target/LLVMIR/Dialect/LLVMIR/LLVMToLLVMIRTranslation.h"
#include "mlir/Target/LLVMIR/Dialect/NVVM/NVVMToLLVMIRTranslation.h"
#include "llvm/Support/Regex.h"

namespace attn {
#define GEN_PASS_DEF_ASSEMBLEGPUMODULES
#include "attn/Conversion/Passes.h.inc"
} // namespace attn

using namespace mlir;
using namespace attn;

/// The bytes of spills that a kernel may have; see the pass's description.
static constexpr StringLiteral kSpillAllowance = "attn.spill_allowance";
static constexpr int64_t kLargestAllowance = 160;

namespace {
struct AssembleGPUModules
    : attn::impl::AssembleGPUModulesBase<AssembleGPUModules> {
  using Base::Base;

  void getDependentDialects(DialectRegistry &registry) const override {
    registry.insert<gpu::GPUDialect, LLVM::LLVMDialect, NVVM::NVVMDialect>();
    registerBuiltinDialectTranslation(registry);
    registerGPUDialectTranslation(registry);
    registerLLVMDialectTranslation(registry);
    registerNVVMDialectTranslation(registry);
    NVVM::registerNVVMTargetInterfaceExternalModels(registry);
  }

  void runOnOperation() override;

private:
  LogicalResult replace(gpu::GPUModuleOp module);
  FailureOr<std::string> translate(gpu::GPUModuleOp module,
                                   NVVM::NVVMTargetAttr target);
  FailureOr<gpu::ObjectAttr> makeObject(gpu::GPUModuleOp module,
                                        Attribute target);
  void retrySpilling(gpu::GPUModuleOp module, NVVM::NVVMTargetAttr target,
                     StringRef ptx, Cubin &cubin);

  std::string assembler;
};
} // namespace

static SmallVector<LLVM::LLVMFuncOp> getKernels(gpu::GPUModuleOp module) {
  SmallVector<LLVM::LLVMFuncOp> kernels;
  for (auto function : module.getOps<LLVM::LLVMFuncOp>())
    if (function->hasAttr(gpu::GPUDialect::getKernelFuncAttrName()) ||
        function->hasAttr(NVVM::NVVMDialect::getKernelFuncAttrName()))
      kernels.push_back(function);
  return kernels;
}

/// Functions that every program has, from the driver.
static bool isSystemFunction(StringRef name) {
  return name == "vprintf" || name == "malloc" || name == "free" ||
         name == "__assertfail";
}

/// PTX with calls of undefined functions is accepted until someone loads it.
static LogicalResult checkCalls(gpu::GPUModuleOp module, StringRef ptx) {
  llvm::Regex declaration(
      "\\.extern "
      "\\.func[[:space:]]+(\\([^)]*\\)[[:space:]]*)?([A-Za-z0-9_$]+)");
  SmallVector<StringRef> match;
  while (declaration.match(ptx, &match)) {
    if (!isSystemFunction(match[2]))
      return module.emitError()
             << "the kernels of '" << module.getName() << "' call '" << match[2]
             << "', which no library here defines";
    ptx = ptx.drop_front(match[0].end() - ptx.begin());
  }
  return success();
}

static int64_t getSpillAllowance(LLVM::LLVMFuncOp kernel) {
  auto allowance = kernel->getAttrOfType<IntegerAttr>(kSpillAllowance);
  return allowance ? allowance.getInt() : 0;
}

static int64_t getSpillBytes(const PTXKernel &assembled) {
  return std::max(assembled.spillStoreBytes, assembled.spillLoadBytes);
}

/// An error about `kernel` if the assembler's result is one nobody wants.
static LogicalResult checkKernel(LLVM::LLVMFuncOp kernel,
                                 const PTXKernel &assembled) {
  if (!assembled.complaints.empty()) {
    InFlightDiagnostic error = kernel.emitError()
                               << "kernel '" << kernel.getName()
                               << "' would be slow, by what ptxas says";
    for (const std::string &complaint : assembled.complaints)
      error.attachNote() << complaint;
    return error;
  }
  int64_t allowed = getSpillAllowance(kernel);
  if (allowed < 0 || allowed > kLargestAllowance)
    return kernel.emitError()
           << "kernel '" << kernel.getName() << "' allows itself " << allowed
           << " bytes of spills; it may be 0 to " << kLargestAllowance;
  int64_t spilled = assembled.spillStoreBytes + assembled.spillLoadBytes;
  if (getSpillBytes(assembled) > allowed)
    return kernel.emitError()
           << "kernel '" << kernel.getName()
           << "' spills registers: " << assembled.spillStoreBytes
           << " bytes of stores and " << assembled.spillLoadBytes
           << " of loads, with " << assembled.registers
           << " registers, allowed are " << allowed;
  if (spilled)
    kernel.emitRemark() << "kernel '" << kernel.getName() << "' spills "
                        << assembled.spillStoreBytes << " bytes of stores and "
                        << assembled.spillLoadBytes << " of loads, allowed are "
                        << allowed;
  return success();
}

static DictionaryAttr describe(MLIRContext *context,
                               const PTXKernel &assembled) {
  Builder builder(context);
  auto entry = [&](StringRef name, int64_t value) {
    return builder.getNamedAttr(name, builder.getI64IntegerAttr(value));
  };
  return builder.getDictionaryAttr(
      {entry("registers", assembled.registers),
       entry("stack_bytes", assembled.stackBytes),
       entry("spill_bytes", getSpillBytes(assembled)),
       entry("shared_bytes", assembled.sharedBytes)});
}

/// The kernels of a module that spill more than they may.
static SmallVector<LLVM::LLVMFuncOp> getSpilling(gpu::GPUModuleOp module,
                                                 const Cubin &cubin) {
  SmallVector<LLVM::LLVMFuncOp> spilling;
  for (LLVM::LLVMFuncOp kernel : getKernels(module))
    for (const PTXKernel &assembled : cubin.kernels)
      if (assembled.name == kernel.getName() &&
          getSpillBytes(assembled) > getSpillAllowance(kernel))
        spilling.push_back(kernel);
  return spilling;
}

/// Whether `cubin` has nothing that is refused.
static bool isClean(gpu::GPUModuleOp module, const Cubin &cubin) {
  bool isSlow = llvm::any_of(cubin.kernels, [](const PTXKernel &kernel) {
    return !kernel.complaints.empty();
  });
  return !isSlow && getSpilling(module, cubin).empty();
}

/// Replaces `cubin`, of which kernels spill, by one of which none does, if
/// there is one. Of a kernel of which nothing else is said ptxas keeps the
/// registers few, for more blocks to share a multiprocessor: told that one will
/// do, it takes what it needs. Else less reordering may help: at -O3 it begins
/// loads early, and computes ahead of loops what the threads need in them.
void AssembleGPUModules::retrySpilling(gpu::GPUModuleOp module,
                                       NVVM::NVVMTargetAttr target,
                                       StringRef ptx, Cubin &cubin) {
  SmallVector<LLVM::LLVMFuncOp> spilling = getSpilling(module, cubin);
  if (spilling.empty())
    return;
  auto attempt = [&](StringRef text, StringRef level, StringRef remark) {
    llvm::Expected<Cubin> again =
        assemblePTX(text, target.getChip(), assembler, level);
    if (!again) {
      llvm::consumeError(again.takeError());
      return false;
    }
    if (!isClean(module, *again))
      return false;
    cubin = std::move(*again);
    for (LLVM::LLVMFuncOp kernel : spilling)
      kernel.emitRemark() << "kernel '" << kernel.getName() << "' " << remark;
    return true;
  };
  StringRef name = NVVM::NVVMDialect::getMinctasmAttrName();
  SmallVector<LLVM::LLVMFuncOp> untold;
  llvm::copy_if(
      spilling, std::back_inserter(untold),
      [&](LLVM::LLVMFuncOp kernel) { return !kernel->hasAttr(name); });
  if (untold.size() == spilling.size()) {
    for (LLVM::LLVMFuncOp kernel : untold)
      kernel->setAttr(name, Builder(&getContext()).getI32IntegerAttr(1));
    FailureOr<std::string> told = translate(module, target);
    if (succeeded(told) &&
        attempt(
            *told, "-O3",
            "spills where many of its blocks are to share a "
            "multiprocessor, and is assembled for one, which may be slower"))
      return;
    for (LLVM::LLVMFuncOp kernel : untold)
      kernel->removeAttr(name);
  }
  attempt(ptx, "-O1",
          "spills with -O3 of ptxas, and is assembled with -O1, which may be "
          "slower");
}

/// The PTX of a module, which is not made again if it is kept.
FailureOr<std::string>
AssembleGPUModules::translate(gpu::GPUModuleOp module,
                              NVVM::NVVMTargetAttr target) {
  // What LLVM does is noted on the module: this is of how it is now.
  KeptPTX kept(cache, module, target);
  if (std::optional<std::string> ptx = kept.find())
    return *ptx;
  gpu::TargetOptions options({}, {}, {}, {}, gpu::CompilationTarget::Assembly);
  std::optional<SmallVector<char, 0>> isa =
      cast<gpu::TargetAttrInterface>(Attribute(target))
          .serializeToObject(module, options);
  if (!isa)
    return module.emitError()
           << "'" << module.getName() << "' does not translate to PTX";
  StringRef ptx = StringRef(isa->data(), isa->size()).rtrim('\0');
  if (failed(checkCalls(module, ptx)))
    return failure();
  kept.keep(ptx);
  return ptx.str();
}

FailureOr<gpu::ObjectAttr>
AssembleGPUModules::makeObject(gpu::GPUModuleOp module, Attribute target) {
  auto nvvm = dyn_cast<NVVM::NVVMTargetAttr>(target);
  if (!nvvm)
    return module.emitError()
           << "only #nvvm.target can be assembled, not " << target;
  if (llvm::Error error = checkGPUChip(nvvm.getChip()))
    return module.emitError() << llvm::toString(std::move(error));
  FailureOr<std::string> translated = translate(module, nvvm);
  if (failed(translated))
    return failure();
  StringRef ptx = *translated;

  bool assemble = format == "bin";
  Cubin cubin;
  if (assemble) {
    llvm::Expected<Cubin> assembled =
        assemblePTX(ptx, nvvm.getChip(), assembler);
    if (!assembled)
      return module.emitError() << llvm::toString(assembled.takeError());
    cubin = std::move(*assembled);
    if (retry)
      retrySpilling(module, nvvm, ptx, cubin);
  }
  SmallVector<gpu::KernelMetadataAttr> table;
  bool failedKernel = false;
  for (LLVM::LLVMFuncOp kernel : getKernels(module)) {
    DictionaryAttr figures;
    auto *assembled = llvm::find_if(cubin.kernels, [&](const PTXKernel &other) {
      return other.name == kernel.getName();
    });
    if (assembled != cubin.kernels.end()) {
      failedKernel |= failed(checkKernel(kernel, *assembled));
      figures = describe(&getContext(), *assembled);
    } else if (assemble) {
      return kernel.emitError() << "kernel '" << kernel.getName()
                                << "' is not among what ptxas assembled";
    }
    table.push_back(gpu::KernelMetadataAttr::get(kernel, figures));
  }
  if (failedKernel)
    return failure();
  StringRef bytes =
      assemble ? StringRef(cubin.bytes.data(), cubin.bytes.size()) : ptx;
  return gpu::ObjectAttr::get(nvvm,
                              assemble ? gpu::CompilationTarget::Binary
                                       : gpu::CompilationTarget::Assembly,
                              StringAttr::get(&getContext(), bytes),
                              /*properties=*/nullptr,
                              gpu::KernelTableAttr::get(&getContext(), table));
}

LogicalResult AssembleGPUModules::replace(gpu::GPUModuleOp module) {
  ArrayAttr targets = module.getTargetsAttr();
  if (!targets || targets.empty())
    return module.emitError()
           << "'" << module.getName() << "' has no target to assemble it for";
  SmallVector<Attribute> objects;
  for (Attribute target : targets) {
    FailureOr<gpu::ObjectAttr> object = makeObject(module, target);
    if (failed(object))
      return failure();
    objects.push_back(*object);
  }
  OpBuilder builder(module);
  gpu::BinaryOp::create(builder, module.getLoc(), module.getName(),
                        module.getOffloadingHandlerAttr(), objects);
  module.erase();
  return success();
}

void AssembleGPUModules::runOnOperation() {
  if (format != "isa" && format != "bin") {
    getOperation().emitError()
        << "unknown format '" << format << "', expected one of isa, bin";
    return signalPassFailure();
  }
  auto modules = llvm::to_vector(getOperation().getOps<gpu::GPUModuleOp>());
  if (format == "bin" && !modules.empty()) {
    llvm::Expected<std::string> program = findPTXAS(ptxas);
    if (!program) {
      modules.front().emitError() << llvm::toString(program.takeError());
      return signalPassFailure();
    }
    assembler = *program;
  }
  for (gpu::GPUModuleOp module : modules)
    if (failed(replace(module)))
      signalPassFailure();
}
