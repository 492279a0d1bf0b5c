//===- Attn.cpp - The C interface of attn ---------------------------------===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "attn-c/Attn.h"
#include "attn/Execution/CodeGen.h"
#include "attn/InitAll.h"
#include "attn/Version.h"
#include "mlir/CAPI/IR.h"
#include "mlir/CAPI/Support.h"
#include "mlir/IR/Diagnostics.h"
#include "mlir/InitAllDialects.h"
#include "mlir/InitAllExtensions.h"
#include "mlir/InitAllPasses.h"
#include "mlir/Parser/Parser.h"
#include "mlir/Pass/PassManager.h"
#include "mlir/Pass/PassRegistry.h"
#include "llvm/IR/LLVMContext.h"
#include "llvm/IR/Module.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/SourceMgr.h"
#include "llvm/Target/TargetMachine.h"
#include <cstdlib>
#include <cstring>

using namespace mlir;

static AttnBuffer copy(StringRef bytes) {
  AttnBuffer result{static_cast<char *>(std::malloc(bytes.size() + 1)),
                    bytes.size()};
  if (!result.data)
    llvm::report_bad_alloc_error("out of memory in attn's C interface");
  std::memcpy(result.data, bytes.data(), bytes.size());
  result.data[bytes.size()] = 0;
  return result;
}

namespace {
/// Collects the diagnostics of a context while it lives and hands them over at
/// the end.
class Collector {
public:
  Collector(MLIRContext *context, AttnBuffer *out) : stream(text), out(out) {
    if (out)
      handler.emplace(context, [this](Diagnostic &diagnostic) {
        print(diagnostic);
        for (Diagnostic &note : diagnostic.getNotes())
          print(note);
      });
  }
  ~Collector() {
    if (out)
      *out = copy(text);
  }

  void report(llvm::Error error) {
    if (out)
      stream << "error: " << llvm::toString(std::move(error)) << '\n';
    else
      llvm::consumeError(std::move(error));
  }
  raw_ostream &getStream() { return stream; }

private:
  void print(Diagnostic &diagnostic) {
    static constexpr const char *severities[] = {"note", "warning", "error",
                                                 "remark"};
    if (!isa<UnknownLoc>(diagnostic.getLocation())) {
      diagnostic.getLocation()->print(stream);
      stream << ": ";
    }
    stream << severities[static_cast<int>(diagnostic.getSeverity())] << ": "
           << diagnostic << '\n';
  }

  std::string text;
  llvm::raw_string_ostream stream;
  AttnBuffer *out;
  std::optional<ScopedDiagnosticHandler> handler;
};
} // namespace

void attnBufferDestroy(AttnBuffer buffer) { std::free(buffer.data); }

const char *attnGetVersion(void) { return ATTN_VERSION_STRING; }

void attnRegisterAllDialects(MlirDialectRegistry registry) {
  DialectRegistry &all = *unwrap(registry);
  mlir::registerAllDialects(all);
  mlir::registerAllExtensions(all);
  attn::registerAllDialects(all);
  attn::exec::registerLLVMTranslations(all);
}

void attnRegisterAllPasses(void) {
  // A pass may be registered twice, a pipeline may not.
  static const bool once = [] {
    mlir::registerAllPasses();
    attn::registerAllPasses();
    return true;
  }();
  (void)once;
}

MlirContext attnContextCreate(void) {
  attnRegisterAllPasses();
  DialectRegistry registry;
  attnRegisterAllDialects(wrap(&registry));
  return wrap(new MLIRContext(registry));
}

MlirModule attnModuleParse(MlirContext context, MlirStringRef source,
                           AttnBuffer *diagnostics) {
  Collector collector(unwrap(context), diagnostics);
  // The parser wants a zero behind the text: the buffer is a copy that has one.
  llvm::SourceMgr sources;
  sources.AddNewSourceBuffer(
      llvm::MemoryBuffer::getMemBufferCopy(unwrap(source), "source"), {});
  OwningOpRef<ModuleOp> module =
      parseSourceFile<ModuleOp>(sources, unwrap(context));
  return wrap(module.release());
}

MlirLogicalResult attnModuleRunPipeline(MlirModule module,
                                        MlirStringRef pipeline,
                                        AttnBuffer *diagnostics) {
  ModuleOp op = unwrap(module);
  Collector collector(op.getContext(), diagnostics);
  PassManager pm(op.getContext(), ModuleOp::getOperationName());
  // Accept "builtin.module(...)" as well as what is inside of it.
  StringRef text = unwrap(pipeline).trim();
  if (text.consume_front("builtin.module(") && !text.consume_back(")")) {
    collector.getStream() << "error: expected ')' at the end of the pipeline\n";
    return mlirLogicalResultFailure();
  }
  return wrap(
      success(succeeded(parsePassPipeline(text, pm, collector.getStream())) &&
              succeeded(pm.run(op))));
}

MlirLogicalResult attnModuleEmitObject(MlirModule module, MlirStringRef cpu,
                                       unsigned optLevel, AttnBuffer *object,
                                       AttnBuffer *diagnostics) {
  ModuleOp op = unwrap(module);
  Collector collector(op.getContext(), diagnostics);
  *object = {nullptr, 0};

  auto emit = [&]() -> llvm::Error {
    attn::exec::CodeGenOptions options;
    options.cpu = unwrap(cpu).str();
    options.optLevel = optLevel;
    auto machine = attn::exec::createTargetMachine(options);
    if (!machine)
      return machine.takeError();
    llvm::LLVMContext llvmContext;
    auto llvmModule = attn::exec::translateToLLVM(op, llvmContext, **machine);
    if (!llvmModule)
      return llvmModule.takeError();
    if (llvm::Error error =
            attn::exec::optimize(**llvmModule, **machine, optLevel))
      return error;
    auto code = attn::exec::emitCode(**llvmModule, **machine,
                                     attn::exec::FileKind::Object);
    if (!code)
      return code.takeError();
    *object = copy(StringRef(code->data(), code->size()));
    return llvm::Error::success();
  };
  if (llvm::Error error = emit()) {
    collector.report(std::move(error));
    return mlirLogicalResultFailure();
  }
  return mlirLogicalResultSuccess();
}
