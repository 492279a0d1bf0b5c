//===- attn-run.cpp - Compiles and runs a function ------------------------===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Inputs.h"
#include "Options.h"
#include "Report.h"

#include "attn/Execution/Call.h"
#include "attn/Execution/JIT.h"
#include "attn/Execution/LogDecays.h"
#include "attn/Execution/Lower.h"
#include "attn/Execution/Npy.h"
#include "attn/Execution/Signature.h"
#include "attn/Execution/SizeCheck.h"
#include "attn/Execution/SourceFile.h"
#include "attn/Execution/ToolOptions.h"
#include "attn/Runtime/CUDA.h"

#include "mlir/IR/BuiltinOps.h"

#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/InitLLVM.h"

#include <chrono>

using namespace llvm;

namespace attn::run {
namespace {

using exec::Array;
using exec::Call;
using exec::CompiledFunction;
using Target = Options::Target;

class Stopwatch {
public:
  double getMs() const {
    return std::chrono::duration<double, std::milli>(
               std::chrono::steady_clock::now() - start)
        .count();
  }

private:
  std::chrono::steady_clock::time_point start =
      std::chrono::steady_clock::now();
};

Expected<double> time(Call &call, const CompiledFunction &function) {
  Stopwatch stopwatch;
  if (Error error = call.run(function))
    return error;
  return stopwatch.getMs();
}

/// What the GPU needs, between two events around the launches.
Expected<double> timeOnGPU(Call &call, const CompiledFunction &function) {
  void *timer = attn_cuda_timer_start();
  Error error = call.run(function);
  double ms = attn_cuda_timer_stop(timer);
  if (error)
    return error;
  if (Error late = exec::takeGPUError())
    return late;
  return ms;
}

StringRef getName(Options::Target target) {
  switch (target) {
  case Options::Target::CPU:
    return "cpu";
  case Options::Target::Oracle:
    return "oracle";
  case Options::Target::CUDA:
    return "cuda";
  }
  llvm_unreachable("unknown target");
}

/// MLIR has printed what is wrong; this says what could not be done.
Error makeError(const Twine &message) { return createStringError(message); }

mlir::LogicalResult lowerFor(Target target, mlir::ModuleOp module,
                             const Options &options, StringRef stopAfter) {
  switch (target) {
  case Target::CPU:
    return exec::lowerWithCompiler(module, options.entry, options.cpu,
                                   stopAfter);
  case Target::Oracle:
    return exec::lowerWithOracle(module, options.entry, stopAfter);
  case Target::CUDA: {
    exec::GPUOptions gpu;
    gpu.chip = options.chip;
    gpu.optLevel = options.optLevel;
    return exec::lowerForGPU(module, options.entry, gpu, stopAfter);
  }
  }
  llvm_unreachable("unknown target");
}

Error lower(mlir::ModuleOp module, Target target, const Options &options,
            StringRef stopAfter = "") {
  if (succeeded(lowerFor(target, module, options, stopAfter)))
    return Error::success();
  return makeError(
      Twine(target == Target::Oracle ? "the oracle" : "the compiler") +
      " cannot lower '" + options.file + "'");
}

Expected<std::unique_ptr<CompiledFunction>>
compile(mlir::ModuleOp module, const exec::Signature &signature, Target target,
        const Options &options, Report &report) {
  Stopwatch lowering;
  if (Error error = lower(module, target, options))
    return error;
  report.lowerMs = lowering.getMs();
  Stopwatch codegen;
  exec::CodeGenOptions codegenOptions;
  codegenOptions.cpu = options.cpu;
  codegenOptions.optLevel = options.optLevel;
  auto function = CompiledFunction::compile(
      module, signature.getSymbol(),
      signature.arguments.size() + signature.results.size(), codegenOptions);
  report.codegenMs = codegen.getMs();
  return function;
}

Error writeOutputs(ArrayRef<Array> results, const Options &options) {
  for (auto [path, result] : zip(options.outputs, results))
    if (!path.empty())
      if (Error error = exec::writeNpy(path, result))
        return error;
  return Error::success();
}

/// FILE:LINE:COLUMN, as in diagnostics.
std::string formatLocation(mlir::Location loc) {
  if (auto file = dyn_cast<mlir::FileLineColLoc>(loc))
    return formatv("{0}:{1}:{2}", file.getFilename().str(), file.getLine(),
                   file.getColumn());
  std::string text;
  raw_string_ostream(text) << loc;
  return text;
}

/// What there is to say of log decays, which are at most 0 as a rule.
void describeDecays(const Array &decays, mlir::Type type, mlir::Location loc,
                    Report &report) {
  Report::PositiveDecays positive;
  positive.location = formatLocation(loc);
  positive.elements = decays.getNumElements();
  for (int64_t i = 0; i < positive.elements; ++i) {
    double decay = exec::getElement(decays, i, type);
    positive.count += decay > 0;
    positive.largest = std::max(positive.largest, decay);
  }
  if (positive.count)
    report.positiveDecays.push_back(positive);
}

/// Runs the oracle on the same inputs and fills in the comparisons.
Error check(mlir::ModuleOp module, ArrayRef<Array> inputs,
            ArrayRef<Array> results, const Options &options, Report &report) {
  Report oracleReport;
  SmallVector<mlir::Location> locations;
  mlir::OwningOpRef<mlir::ModuleOp> withDecays =
      exec::returnLogDecays(module, options.entry, locations);
  if (withDecays)
    module = *withDecays;
  auto signature = exec::getSignature(module, options.entry);
  auto oracle =
      compile(module, *signature, Target::Oracle, options, oracleReport);
  if (!oracle)
    return oracle.takeError();
  auto call = Call::create(*signature, inputs);
  if (!call)
    return call.takeError();
  if (Error error = call->runChecked(**oracle))
    return makeError("in the oracle: " + toString(std::move(error)));
  SmallVector<Array> expectations = call->getResults();
  if (withDecays)
    for (auto [index, loc] : enumerate(locations))
      describeDecays(expectations[results.size() + index],
                     signature->results[results.size() + index].elementType,
                     loc, report);
  for (auto [index, expected] :
       enumerate(ArrayRef(expectations).take_front(results.size()))) {
    mlir::Type type = signature->results[index].elementType;
    Report::Result &result = report.results[index];
    result.tolerance = options.tolerance ? exec::Tolerance{*options.tolerance,
                                                           *options.tolerance}
                                         : exec::getDefaultTolerance(type);
    result.comparison =
        exec::compare(results[index], expected, type, result.tolerance);
  }
  return Error::success();
}

void describeResults(const exec::Signature &signature, ArrayRef<Array> results,
                     Report &report) {
  for (auto [result, array] : zip_equal(signature.results, results)) {
    Report::Result &described = report.results.emplace_back();
    raw_string_ostream os(described.element);
    result.elementType.print(os);
    described.shape = array.shape;
    described.nonFinite = exec::countNonFinite(array, result.elementType);
  }
}

/// Writes what was asked for; with --json=-, text goes to the error stream.
Error printReport(const exec::Signature &signature, ArrayRef<Array> results,
                  const Options &options, const Report &report) {
  raw_ostream &text = options.json == "-" ? errs() : outs();
  if (options.print)
    for (auto [index, array] : enumerate(results)) {
      text << formatv(
          "result {0}: {1} = ", index,
          exec::formatShape(report.results[index].element, array.shape));
      printArray(text, array, signature.results[index].elementType);
      text << '\n';
    }
  report.print(text);
  if (options.json.empty())
    return Error::success();
  std::error_code code;
  raw_fd_ostream os(options.json, code);
  if (code)
    return makeError(options.json + ": cannot be written: " + code.message());
  report.printJSON(os);
  return Error::success();
}

Error run(mlir::ModuleOp module, const Options &options) {
  auto signature = exec::getSignature(module, options.entry);
  if (failed(signature))
    return makeError("'" + options.entry + "' cannot be run");
  size_t numResults = signature->results.size();
  if (!options.outputs.empty() && options.outputs.size() != numResults)
    return makeError(formatv("'{0}' returns {1} results, got {2} outputs",
                             options.entry, numResults,
                             options.outputs.size()));
  auto inputs = makeInputs(*signature, options);
  if (!inputs)
    return inputs.takeError();
  bool onGPU = options.target == Target::CUDA;
  auto call = Call::create(*signature, *inputs, options.padding,
                           onGPU ? exec::Memory::GPU : exec::Memory::Host);
  if (!call)
    return call.takeError();
  if (failed(exec::verifyAtSizes(module, options.entry, *inputs)))
    return makeError("the sizes of the inputs do not fit together");

  Report report;
  report.entry = options.entry;
  report.target = getName(options.target).str();
  report.cpu = options.cpu;
  if (onGPU)
    report.chip = options.chip;
  if (options.threads)
    attn_set_num_threads(options.threads);
  report.threads = attn_get_num_threads();

  // Lowering changes the module; the oracle needs its own.
  mlir::OwningOpRef<mlir::ModuleOp> oracleModule;
  if (options.check)
    oracleModule = module.clone();
  auto function = compile(module, *signature, options.target, options, report);
  if (!function)
    return function.takeError();
  uint64_t callsBefore = attn_runtime_calls();
  if (Error error = call->runChecked(**function))
    return error;
  SmallVector<Array> results = call->getResults();
  for (unsigned round = 0; round < options.rounds; ++round) {
    auto ms = onGPU ? timeOnGPU(*call, **function) : time(*call, **function);
    if (!ms)
      return ms.takeError();
    report.roundMs.push_back(*ms);
  }
  report.runtimeCalls = attn_runtime_calls() - callsBefore;

  describeResults(*signature, results, report);
  if (options.check)
    if (Error error = check(*oracleModule, *inputs, results, options, report))
      return error;
  if (Error error = printReport(*signature, results, options, report))
    return error;
  if (Error error = writeOutputs(results, options))
    return error;
  if (!report.isCheckPassed())
    return makeError("the results of '" + options.entry +
                     "' differ from the oracle's");
  return Error::success();
}

Error main(int argc, char **argv) {
  mlir::DialectRegistry registry;
  exec::registerEverything(registry);
  Expected<Options> options = parseOptions(argc, argv);
  if (!options)
    return options.takeError();

  mlir::MLIRContext context(registry);
  exec::SourceFile source(context);
  if (Error error = source.parse(options->file))
    return error;
  mlir::ModuleOp module = source.getModule();
  if (options->stopAfter.empty())
    return run(module, *options);
  if (failed(exec::getSignature(module, options->entry)))
    return makeError("'" + options->entry + "' cannot be run");
  if (Error error =
          lower(module, options->target, *options, options->stopAfter))
    return error;
  outs() << module << '\n';
  return Error::success();
}

} // namespace
} // namespace attn::run

int main(int argc, char **argv) {
  InitLLVM initialise(argc, argv);
  if (Error error = attn::run::main(argc, argv))
    return attn::exec::reportError(toString(std::move(error)));
  return 0;
}
