//===- attn-compile.cpp - Ahead-of-time compilation -----------------------===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Header.h"
#include "Link.h"
#include "Metadata.h"

#include "attn/Execution/CodeGen.h"
#include "attn/Execution/Kernels.h"
#include "attn/Execution/Lower.h"
#include "attn/Execution/SourceFile.h"
#include "attn/Execution/ToolOptions.h"

#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/MLIRContext.h"
#include "mlir/Pass/PassManager.h"

#include "llvm/IR/Module.h"
#include "llvm/MC/MCSubtargetInfo.h"
#include "llvm/Object/ObjectFile.h"
#include "llvm/Support/CommandLine.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/InitLLVM.h"
#include "llvm/Support/ToolOutputFile.h"
#include "llvm/Target/TargetMachine.h"
#include "llvm/TargetParser/Host.h"
#include "llvm/TargetParser/Triple.h"

using namespace llvm;

namespace attn::compile {
namespace {

constexpr char overview[] =
    R"(attn-compile: compiles a function of an MLIR file ahead of time

  attn-compile FILE.mlir --entry=f --target=x86-64-v3 --emit=obj -o OUT
  attn-compile FILE.mlir --entry=f --target=cuda --chip=sm_90a --emit=so -o OUT

Beside OUT it writes OUT.h, a C header with the kernel's prototype and a
launcher, and OUT.json, which describes the arguments, the results and the
target. An object needs libattn_runtime and libm to link; a shared library has
the runtime inside, unless told otherwise. For a GPU, neither this program nor
what it writes needs one to be there, nor the CUDA toolkit but for ptxas.
)";

enum class Emit { Assembly, Object, SharedLibrary, LLVMIR, MLIR, PTX, Cubin };
enum class Runtime { Static, Shared };

struct Options {
  cl::OptionCategory category{"attn-compile options"};

  cl::opt<std::string> file{cl::Positional, cl::desc("FILE.mlir"), cl::Required,
                            cl::cat(category)};
  cl::opt<std::string> entry{
      "entry", cl::value_desc("NAME"), cl::Required, cl::cat(category),
      cl::desc("the function to compile; public, of tensors and scalars")};
  cl::opt<std::string> target{
      "target", cl::value_desc("CPU"), cl::init("host"), cl::cat(category),
      cl::desc("x86-64-v3, x86-64-v4, another CPU that LLVM knows, 'host' "
               "(default), or 'cuda'")};
  cl::opt<std::string> chip{
      "chip", cl::value_desc("NAME"), cl::init("sm_90a"), cl::cat(category),
      cl::desc("for --target=cuda: the GPU (default sm_90a)")};
  cl::opt<Emit> emit{
      "emit", cl::cat(category), cl::init(Emit::Object),
      cl::desc("what to make (default obj):"),
      cl::values(clEnumValN(Emit::Assembly, "asm", "assembly text"),
                 clEnumValN(Emit::Object, "obj", "an object file"),
                 clEnumValN(Emit::SharedLibrary, "so", "a shared library"),
                 clEnumValN(Emit::LLVMIR, "llvm", "optimised LLVM IR"),
                 clEnumValN(Emit::MLIR, "mlir", "the llvm dialect"),
                 clEnumValN(Emit::PTX, "ptx", "PTX of the kernels"),
                 clEnumValN(Emit::Cubin, "cubin", "the kernels assembled"))};
  cl::opt<std::string> output{
      "o", cl::value_desc("OUT"), cl::Required, cl::cat(category),
      cl::desc("the output; '-' for text on the standard output alone")};
  cl::opt<std::string> header{"header", cl::value_desc("FILE"),
                              cl::cat(category),
                              cl::desc("the C header (default OUT.h)")};
  cl::opt<std::string> metadata{"metadata", cl::value_desc("FILE"),
                                cl::cat(category),
                                cl::desc("the description (default OUT.json)")};
  cl::opt<unsigned> optLevel{"opt-level", cl::value_desc("0..3"), cl::init(3),
                             cl::cat(category),
                             cl::desc("LLVM's optimisation level (default 3)")};
  cl::opt<std::string> ptxCache{
      "ptx-cache", cl::value_desc("DIR"), cl::cat(category),
      cl::desc("for --target=cuda: keeps the PTX that is made, so that it is "
               "not made again")};
  cl::opt<bool> countRepeats{
      "count-repeats", cl::cat(category),
      cl::desc("for --target=cuda: kernels count the blocks that they do "
               "again, in attn_repeats (see attn_cuda_read)")};
  cl::opt<std::string> linker{
      "linker", cl::value_desc("PROGRAM"), cl::cat(category),
      cl::desc("the C compiler that links a shared library (default: cc, "
               "clang, clang-22 or gcc)")};
  cl::opt<Runtime> runtime{
      "runtime", cl::init(Runtime::Static), cl::cat(category),
      cl::desc("how a shared library gets the runtime:"),
      cl::values(clEnumValN(Runtime::Static, "static", "inside (default)"),
                 clEnumValN(Runtime::Shared, "shared",
                            "from libattn_runtime.so: one pool of threads for "
                            "all kernels"))};
  cl::opt<std::string> runtimeDir{
      "runtime-dir", cl::value_desc("DIR"), cl::cat(category),
      cl::desc("where libattn_runtime is (default: ../lib of this program)")};
};

Error makeError(const Twine &message) { return createStringError(message); }

StringRef getName(Emit emit) {
  switch (emit) {
  case Emit::Assembly:
    return "asm";
  case Emit::Object:
    return "obj";
  case Emit::SharedLibrary:
    return "so";
  case Emit::LLVMIR:
    return "llvm";
  case Emit::MLIR:
    return "mlir";
  case Emit::PTX:
    return "ptx";
  case Emit::Cubin:
    return "cubin";
  }
  llvm_unreachable("unknown kind of output");
}

/// Writes a file, or nothing at all if `write` fails.
template <typename Fn>
Error writeFile(StringRef path, Fn write) {
  std::error_code code;
  ToolOutputFile file(path, code, sys::fs::OF_None);
  if (!code) {
    write(file.os());
    file.os().flush();
    code = file.os().error();
    file.os().clear_error();
  }
  if (code)
    return makeError(path + ": cannot be written: " + code.message());
  file.keep();
  return Error::success();
}

Error writeBytes(StringRef path, ArrayRef<char> bytes) {
  return writeFile(
      path, [&](raw_ostream &os) { os.write(bytes.data(), bytes.size()); });
}

/// The symbols an object needs from elsewhere.
Expected<std::vector<std::string>> getUndefinedSymbols(ArrayRef<char> object) {
  auto file = object::ObjectFile::createObjectFile(
      MemoryBufferRef(StringRef(object.data(), object.size()), "kernel"));
  if (!file)
    return file.takeError();
  std::vector<std::string> names;
  for (const object::SymbolRef &symbol : (*file)->symbols()) {
    Expected<uint32_t> flags = symbol.getFlags();
    if (!flags)
      return flags.takeError();
    if (!(*flags & object::SymbolRef::SF_Undefined))
      continue;
    Expected<StringRef> name = symbol.getName();
    if (!name)
      return name.takeError();
    // The first symbol of an ELF object has no name; the offset table is the
    // linker's.
    if (!name->empty() && *name != "_GLOBAL_OFFSET_TABLE_")
      names.push_back(name->str());
  }
  llvm::sort(names);
  return names;
}

/// The schedules that the compiler chooses, from a copy of the module that is
/// lowered no further.
Expected<std::vector<Metadata::Schedule>> getSchedules(mlir::ModuleOp module,
                                                       const Options &options) {
  mlir::OwningOpRef<mlir::ModuleOp> copy = module.clone();
  if (failed(exec::lowerWithCompiler(*copy, options.entry, options.target,
                                     /*stopAfter=*/"scheduled")))
    return makeError("the compiler cannot schedule '" + options.file + "'");
  std::vector<Metadata::Schedule> schedules;
  copy->walk([&](mlir::Operation *op) {
    std::optional<mlir::Attribute> attribute = op->getInherentAttr("schedule");
    if (!attribute || !*attribute)
      return;
    Metadata::Schedule &schedule = schedules.emplace_back();
    schedule.operation = op->getName().getStringRef().str();
    raw_string_ostream(schedule.schedule) << *attribute;
  });
  return schedules;
}

/// Writes the header and the description beside the output.
Error writeCompanions(const exec::Signature &signature, const Options &options,
                      Metadata &metadata) {
  std::string header = options.header, description = options.metadata;
  if (header.empty())
    header = options.output + ".h";
  if (description.empty())
    description = options.output + ".json";
  if (Error error = writeFile(header, [&](raw_ostream &os) {
        writeHeader(os, signature, metadata);
      }))
    return error;
  return writeFile(description, [&](raw_ostream &os) {
    writeMetadata(os, signature, metadata);
  });
}

Error lowerForCPU(mlir::ModuleOp module, const Options &options,
                  Metadata &metadata) {
  auto schedules = getSchedules(module, options);
  if (!schedules)
    return schedules.takeError();
  metadata.schedules = std::move(*schedules);
  if (failed(exec::lowerWithCompiler(module, options.entry, options.target)))
    return makeError("the compiler cannot lower '" + options.file + "'");
  return Error::success();
}

/// Lowers to the llvm dialect, with the kernels inside, or, if these are all
/// that is wanted, to `code`.
Error lowerForGPU(mlir::ModuleOp module, const Options &options,
                  Metadata &metadata, std::string &code) {
  exec::GPUOptions gpu;
  gpu.chip = options.chip;
  gpu.optLevel = options.optLevel;
  gpu.cache = options.ptxCache;
  gpu.countRepeats = options.countRepeats;
  gpu.assemble = options.emit != Emit::PTX;
  if (failed(exec::lowerForGPU(module, options.entry, gpu, "binary")))
    return makeError("the compiler cannot lower '" + options.file + "' for " +
                     options.chip);
  metadata.kernels = exec::getKernels(module);
  if (options.emit == Emit::PTX || options.emit == Emit::Cubin) {
    auto device = exec::getDeviceCode(module);
    if (!device)
      return device.takeError();
    code = std::move(*device);
    return Error::success();
  }
  if (failed(exec::lowerLaunches(module)))
    return makeError("the compiler cannot lower the host code of '" +
                     options.file + "'");
  return Error::success();
}

/// Makes machine code of the llvm dialect and writes it.
Error emitHostCode(mlir::ModuleOp module, TargetMachine &machine,
                   const Options &options, const char *argv0,
                   Metadata &metadata) {
  bool binary =
      options.emit == Emit::Object || options.emit == Emit::SharedLibrary;
  LLVMContext context;
  auto llvmModule = exec::translateToLLVM(module, context, machine);
  if (!llvmModule)
    return llvmModule.takeError();
  if (Error error = exec::optimize(**llvmModule, machine, options.optLevel))
    return error;
  for (const Function &function : **llvmModule)
    if (function.isDeclaration() && !function.isIntrinsic())
      metadata.symbols.push_back(function.getName().str());
  if (options.emit == Emit::LLVMIR)
    return writeFile(options.output, [&](raw_ostream &os) {
      (*llvmModule)->print(os, nullptr);
    });

  auto code = exec::emitCode(**llvmModule, machine,
                             binary ? exec::FileKind::Object
                                    : exec::FileKind::Assembly);
  if (!code)
    return code.takeError();
  if (binary) {
    auto symbols = getUndefinedSymbols(*code);
    if (!symbols)
      return symbols.takeError();
    metadata.symbols = std::move(*symbols);
  }
  LinkOptions link;
  link.driver = options.linker;
  link.runtimeDir = options.runtimeDir;
  if (link.runtimeDir.empty())
    link.runtimeDir = getDefaultRuntimeDir(argv0);
  link.sharedRuntime = options.runtime == Runtime::Shared;
  link.cuda = options.target == "cuda";
  return options.emit == Emit::SharedLibrary
             ? linkSharedLibrary(*code, options.output, link)
             : writeBytes(options.output, *code);
}

/// An error if the options do not fit each other.
Error checkOptions(const Options &options) {
  Emit emit = options.emit;
  bool isText = emit != Emit::Object && emit != Emit::SharedLibrary &&
                emit != Emit::Cubin;
  if (options.output == "-" && !isText)
    return makeError("--emit=" + getName(emit) +
                     " is not text; -o needs the name of a file");
  if (StringRef(options.target).starts_with("sm_"))
    return makeError(
        "--target=" + options.target +
        " is a GPU; name it by --target=cuda --chip=" + options.target);
  bool isGPU = options.target == "cuda";
  if (!isGPU && (emit == Emit::PTX || emit == Emit::Cubin))
    return makeError("--emit=" + getName(emit) + " needs --target=cuda");
  if (!isGPU && options.chip.getNumOccurrences())
    return makeError("--chip has no meaning without --target=cuda");
  if (!isGPU && options.ptxCache.getNumOccurrences())
    return makeError("--ptx-cache has no meaning without --target=cuda");
  if (!isGPU && options.countRepeats)
    return makeError("--count-repeats has no meaning without --target=cuda");
  return Error::success();
}

/// The CPU that code is made for: with a GPU, any one, as it does little.
std::string getCPU(const Options &options) {
  if (options.target != "cuda")
    return options.target;
  return Triple(sys::getProcessTriple()).isX86() ? "x86-64" : "generic";
}

Error compile(mlir::ModuleOp module, const Options &options,
              const char *argv0) {
  if (Error error = checkOptions(options))
    return error;
  exec::CodeGenOptions codegen;
  codegen.cpu = getCPU(options);
  codegen.optLevel = options.optLevel;
  auto machine = exec::createTargetMachine(codegen);
  if (!machine)
    return makeError("--target: " + toString(machine.takeError()));
  auto signature = exec::getSignature(module, options.entry);
  if (failed(signature))
    return makeError("'" + options.entry + "' cannot be compiled");
  if (Error error = checkCallableFromC(*signature))
    return error;

  Metadata metadata;
  metadata.emit = getName(options.emit).str();
  metadata.cpu = (*machine)->getTargetCPU().str();
  for (const SubtargetFeatureKV &feature :
       (*machine)->getMCSubtargetInfo()->getEnabledProcessorFeatures())
    metadata.features.push_back(feature.Key);
  metadata.triple = (*machine)->getTargetTriple().str();
  std::string deviceCode;
  if (options.target == "cuda")
    metadata.chip = options.chip;
  if (Error error = options.target == "cuda"
                        ? lowerForGPU(module, options, metadata, deviceCode)
                        : lowerForCPU(module, options, metadata))
    return error;

  if (options.emit == Emit::MLIR)
    return writeFile(options.output, [&](raw_ostream &os) { os << module; });
  if (options.emit == Emit::PTX || options.emit == Emit::Cubin) {
    if (Error error = writeBytes(options.output, deviceCode))
      return error;
    if (options.output == "-")
      return Error::success();
    // There is no host code, so no header for it.
    std::string description = options.metadata;
    if (description.empty())
      description = options.output + ".json";
    return writeFile(description, [&](raw_ostream &os) {
      writeMetadata(os, *signature, metadata);
    });
  }
  if (Error error = emitHostCode(module, **machine, options, argv0, metadata))
    return error;
  if (options.output == "-")
    return Error::success();
  return writeCompanions(*signature, options, metadata);
}

Error main(int argc, char **argv) {
  exec::claimOptionNames({"entry", "target", "chip", "emit", "o", "header",
                          "metadata", "opt-level", "ptx-cache", "linker",
                          "runtime", "runtime-dir"});
  mlir::DialectRegistry registry;
  exec::registerEverything(registry);
  mlir::registerPassManagerCLOptions();
  mlir::registerMLIRContextCLOptions();
  Options options;
  cl::HideUnrelatedOptions(options.category);
  cl::ParseCommandLineOptions(argc, argv, overview);

  mlir::MLIRContext context(registry);
  exec::SourceFile source(context);
  if (Error error = source.parse(options.file))
    return error;
  return compile(source.getModule(), options, argv[0]);
}

} // namespace
} // namespace attn::compile

int main(int argc, char **argv) {
  InitLLVM initialise(argc, argv);
  if (Error error = attn::compile::main(argc, argv))
    return attn::exec::reportError(toString(std::move(error)));
  return 0;
}
