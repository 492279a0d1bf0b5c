//===- JIT.cpp - Loads compiled code into this process --------------------===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The same object code that `emitCode` makes ahead of time is linked in memory,
// so what is tested here is what is shipped.
//
//===----------------------------------------------------------------------===//

#include "attn/Execution/JIT.h"
#include "attn/Runtime/CUDA.h"

#include "mlir/IR/BuiltinOps.h"

#include "llvm/ExecutionEngine/Orc/ExecutionUtils.h"
#include "llvm/ExecutionEngine/Orc/LLJIT.h"
#include "llvm/IR/IRBuilder.h"
#include "llvm/IR/Module.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Target/TargetMachine.h"

using namespace llvm;

// The runtime's helper symbols; only their addresses are used here.
extern "C" {
void memrefCopy();
void _mlir_memref_to_llvm_alloc();
void _mlir_memref_to_llvm_aligned_alloc();
void _mlir_memref_to_llvm_free();
void __truncsfbf2();
void __truncdfbf2();
void __truncsfhf2();
void __truncdfhf2();
void __extendhfsf2();
void mgpuLaunchClusterKernel();
void mgpuLaunchKernel();
void mgpuMemAlloc();
void mgpuMemFree();
void mgpuMemcpy();
void mgpuMemset16();
void mgpuMemset32();
void mgpuStreamCreate();
void mgpuStreamDestroy();
void mgpuStreamSynchronize();
}

namespace attn::exec {

struct CompiledFunction::Engine {
  std::unique_ptr<orc::LLJIT> jit;
};

CompiledFunction::CompiledFunction() : engine(std::make_unique<Engine>()) {}
CompiledFunction::~CompiledFunction() = default;

static constexpr StringLiteral packedName("attn_packed_entry");

/// Adds `void attn_packed_entry(void **)`, which loads each argument from where
/// the array points and calls `symbol`: one C++ type serves every signature.
static Error addPackedEntry(Module &module, StringRef symbol,
                            unsigned numArguments) {
  Function *callee = module.getFunction(symbol);
  if (!callee || callee->isDeclaration())
    return createStringError(
        formatv("the compiled module does not define '{0}'", symbol).str());
  if (callee->arg_size() != numArguments)
    return createStringError(
        formatv("'{0}' takes {1} arguments after lowering, expected {2}",
                symbol, callee->arg_size(), numArguments)
            .str());
  if (!callee->getReturnType()->isVoidTy())
    return createStringError(
        formatv("'{0}' returns a value after lowering", symbol).str());

  LLVMContext &context = module.getContext();
  IRBuilder<> builder(context);
  auto *type = FunctionType::get(builder.getVoidTy(), {builder.getPtrTy()},
                                 /*isVarArg=*/false);
  auto *packed =
      Function::Create(type, GlobalValue::ExternalLinkage, packedName, module);
  builder.SetInsertPoint(BasicBlock::Create(context, "", packed));
  SmallVector<Value *> values;
  for (Argument &argument : callee->args()) {
    Value *slot = builder.CreateConstGEP1_64(
        builder.getPtrTy(), packed->getArg(0), argument.getArgNo());
    Value *storage = builder.CreateLoad(builder.getPtrTy(), slot);
    values.push_back(builder.CreateLoad(argument.getType(), storage));
  }
  builder.CreateCall(callee, values);
  builder.CreateRetVoid();
  return Error::success();
}

/// What compiled code may call, from the runtime linked into this program.
static orc::SymbolMap getRuntimeSymbols(orc::LLJIT &jit) {
  orc::SymbolMap symbols;
  auto add = [&](StringRef name, auto *function) {
    symbols[jit.mangleAndIntern(name)] = {orc::ExecutorAddr::fromPtr(function),
                                          JITSymbolFlags::Exported |
                                              JITSymbolFlags::Callable};
  };
  add("attn_parallel_for", attn_parallel_for);
  add("attn_get_num_threads", attn_get_num_threads);
  add("attn_set_num_threads", attn_set_num_threads);
  add("attn_runtime_calls", attn_runtime_calls);
  add("memrefCopy", memrefCopy);
  add("_mlir_memref_to_llvm_alloc", _mlir_memref_to_llvm_alloc);
  add("_mlir_memref_to_llvm_aligned_alloc", _mlir_memref_to_llvm_aligned_alloc);
  add("_mlir_memref_to_llvm_free", _mlir_memref_to_llvm_free);
  add("__truncsfbf2", __truncsfbf2);
  add("__truncdfbf2", __truncdfbf2);
  add("__truncsfhf2", __truncsfhf2);
  add("__truncdfhf2", __truncdfhf2);
  add("__extendhfsf2", __extendhfsf2);
  add("attn_cuda_describe", attn_cuda_describe);
  add("attn_cuda_encode_tiled", attn_cuda_encode_tiled);
  add("attn_cuda_forget", attn_cuda_forget);
  add("attn_cuda_get_stream", attn_cuda_get_stream);
  add("attn_cuda_kernel", attn_cuda_kernel);
  add("attn_cuda_counter", attn_cuda_counter);
  add("attn_cuda_multiprocessors", attn_cuda_multiprocessors);
  add("mgpuLaunchClusterKernel", mgpuLaunchClusterKernel);
  add("mgpuLaunchKernel", mgpuLaunchKernel);
  add("mgpuMemAlloc", mgpuMemAlloc);
  add("mgpuMemFree", mgpuMemFree);
  add("mgpuMemcpy", mgpuMemcpy);
  add("mgpuMemset16", mgpuMemset16);
  add("mgpuMemset32", mgpuMemset32);
  add("mgpuStreamCreate", mgpuStreamCreate);
  add("mgpuStreamDestroy", mgpuStreamDestroy);
  add("mgpuStreamSynchronize", mgpuStreamSynchronize);
  return symbols;
}

Expected<std::unique_ptr<CompiledFunction>>
CompiledFunction::compile(mlir::ModuleOp module, StringRef symbol,
                          unsigned numArguments,
                          const CodeGenOptions &options) {
  auto machine = createTargetMachine(options);
  if (!machine)
    return machine.takeError();
  if (Error error = checkHostSupports(**machine))
    return error;

  LLVMContext context;
  auto llvmModule = translateToLLVM(module, context, **machine);
  if (!llvmModule)
    return llvmModule.takeError();
  if (Error error = addPackedEntry(**llvmModule, symbol, numArguments))
    return error;
  if (Error error = optimize(**llvmModule, **machine, options.optLevel))
    return error;
  auto object = emitCode(**llvmModule, **machine, FileKind::Object);
  if (!object)
    return object.takeError();

  auto jit = orc::LLJITBuilder().create();
  if (!jit)
    return jit.takeError();
  orc::JITDylib &dylib = (*jit)->getMainJITDylib();
  if (Error error =
          dylib.define(orc::absoluteSymbols(getRuntimeSymbols(**jit))))
    return error;
  auto process = orc::DynamicLibrarySearchGenerator::GetForCurrentProcess(
      (*jit)->getDataLayout().getGlobalPrefix());
  if (!process)
    return process.takeError();
  dylib.addGenerator(std::move(*process));
  if (Error error = (*jit)->addObjectFile(MemoryBuffer::getMemBufferCopy(
          StringRef(object->data(), object->size()), "attn")))
    return error;
  // The session reports what is wrong, the lookup merely that it failed.
  std::string problem;
  (*jit)->getExecutionSession().setErrorReporter(
      [&](Error error) { problem += toString(std::move(error)); });
  auto address = (*jit)->lookup(packedName);
  (*jit)->getExecutionSession().setErrorReporter(consumeError);
  if (!address) {
    std::string failure = toString(address.takeError());
    return createStringError("the code does not link: " +
                             (problem.empty() ? failure : problem));
  }

  std::unique_ptr<CompiledFunction> function(new CompiledFunction());
  function->engine->jit = std::move(*jit);
  function->entry = address->toPtr<void (*)(void *const *)>();
  return function;
}

} // namespace attn::exec
