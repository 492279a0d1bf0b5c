//===- Options.cpp - The command line of attn-run -------------------------===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Options.h"

#include "attn/Execution/ToolOptions.h"

#include "mlir/IR/MLIRContext.h"
#include "mlir/Pass/PassManager.h"

#include "llvm/Support/CommandLine.h"
#include "llvm/Support/FormatVariadic.h"

using namespace llvm;

namespace attn::run {
namespace {

constexpr char overview[] =
    R"(attn-run: compiles a function of an MLIR file and runs it on NumPy arrays

  attn-run FILE.mlir --entry=f --input=q.npy --input=k.npy --output=o.npy

Each --input is the next argument of the function, each --output the next
result. An input is a .npy file or made up on the spot:
  @random[:LO:HI]  uniform; floats in [-1, 1), integers in [0, 8) by default
  @const:V         V everywhere
  @iota            0, 1, 2, ...
Elements must have exactly the type of the function's argument; bf16 travels as
the uint16 of its bits, a scalar as an array of rank 0.
)";

/// The options, which exist while the command line is parsed.
struct Parser {
  cl::OptionCategory category{"attn-run options"};

  cl::opt<std::string> file{cl::Positional, cl::desc("FILE.mlir"), cl::Required,
                            cl::cat(category)};
  cl::opt<std::string> entry{
      "entry", cl::value_desc("NAME"), cl::Required, cl::cat(category),
      cl::desc("the function to run; public, of tensors and scalars")};
  cl::list<std::string> inputs{"input", cl::value_desc("SPEC"),
                               cl::cat(category),
                               cl::desc("the next argument: a .npy file, "
                                        "@random, @const or @iota")};
  cl::list<std::string> outputs{
      "output", cl::value_desc("FILE.npy"), cl::cat(category),
      cl::desc("where the next result goes; give none or one per result, "
               "empty to drop it")};
  cl::opt<std::string> target{
      "target", cl::value_desc("cpu|cuda|oracle"), cl::init("cpu"),
      cl::cat(category),
      cl::desc("cpu: the compiler (default); cuda: the compiler, on the "
               "current GPU; oracle: the plain loops that define every "
               "operation")};
  cl::opt<std::string> chip{
      "chip", cl::value_desc("NAME"), cl::init("sm_90a"), cl::cat(category),
      cl::desc("the GPU to make code for (default sm_90a)")};
  cl::opt<std::string> cpu{
      "cpu", cl::value_desc("NAME"), cl::init("host"), cl::cat(category),
      cl::desc("the CPU to make code for, by LLVM's name or 'host' (default)")};
  cl::opt<unsigned> optLevel{"opt-level", cl::value_desc("0..3"), cl::init(3),
                             cl::cat(category),
                             cl::desc("LLVM's optimisation level (default 3)")};
  cl::opt<int> threads{
      "threads", cl::value_desc("N"), cl::init(0), cl::cat(category),
      cl::desc("threads to run with (default: $ATTN_NUM_THREADS, else one "
               "per available processor)")};
  cl::opt<bool> check{
      "check", cl::cat(category),
      cl::desc("run the oracle too and fail unless the results agree")};
  cl::opt<double> tolerance{
      "check-tolerance", cl::value_desc("T"), cl::cat(category),
      cl::desc("let results differ by T + T * |expected| (default: by the "
               "result's type)")};
  cl::opt<std::string> time{
      "time", cl::value_desc("N"), cl::ValueOptional, cl::cat(category),
      cl::desc("time N calls (default 10) after a first one")};
  cl::opt<std::string> json{
      "json", cl::value_desc("FILE|-"), cl::cat(category),
      cl::desc("write the figures as JSON; with '-' they are all there is on "
               "the standard output")};
  cl::opt<std::string> stopAfter{
      "stop-after", cl::value_desc("STAGE"), cl::cat(category),
      cl::desc("print the IR after this stage of the pipeline and do not run")};
  cl::opt<bool> print{"print", cl::cat(category),
                      cl::desc("print the results as text")};
  cl::opt<int64_t> padding{
      "padding", cl::value_desc("N"), cl::init(0), cl::cat(category),
      cl::desc("lay tensors out with N elements between rows and before the "
               "first, to test that strides and offsets are honoured")};
  cl::opt<uint64_t> seed{
      "random-inputs", cl::value_desc("SEED"), cl::cat(category),
      cl::desc("arguments without an --input are @random; SEED also seeds the "
               "explicit ones")};
  cl::list<int64_t> dims{
      "dims", cl::value_desc("N,..."), cl::CommaSeparated, cl::cat(category),
      cl::desc("the dynamic sizes of made-up inputs, in the order of the "
               "arguments; one number serves all")};
};

} // namespace

static Error makeError(const Twine &message) {
  return createStringError(message);
}

Expected<Options> parseOptions(int argc, char **argv) {
  exec::claimOptionNames({"entry", "input", "output", "target", "chip", "cpu",
                          "opt-level", "threads", "check", "check-tolerance",
                          "time", "json", "stop-after", "print", "padding",
                          "random-inputs", "dims"});
  mlir::registerPassManagerCLOptions();
  mlir::registerMLIRContextCLOptions();
  Parser parser;
  cl::HideUnrelatedOptions(parser.category);
  cl::ParseCommandLineOptions(argc, argv, overview);

  Options options;
  options.file = parser.file;
  options.entry = parser.entry;
  options.inputs.assign(parser.inputs.begin(), parser.inputs.end());
  options.outputs.assign(parser.outputs.begin(), parser.outputs.end());
  options.cpu = parser.cpu;
  options.optLevel = parser.optLevel;
  options.threads = parser.threads;
  options.check = parser.check;
  options.json = parser.json;
  options.stopAfter = parser.stopAfter;
  options.print = parser.print;
  options.padding = parser.padding;
  options.dims.assign(parser.dims.begin(), parser.dims.end());
  if (parser.seed.getNumOccurrences())
    options.seed = parser.seed;

  options.chip = parser.chip;
  if (parser.target == "oracle")
    options.target = Options::Target::Oracle;
  else if (parser.target == "cuda")
    options.target = Options::Target::CUDA;
  else if (parser.target != "cpu")
    return makeError("--target=" + parser.target +
                     " is unknown; there are cpu, cuda and oracle");
  if (parser.chip.getNumOccurrences() &&
      options.target != Options::Target::CUDA)
    return makeError("--chip has no meaning without --target=cuda");
  if (options.target == Options::Target::Oracle && options.check)
    return makeError("--check compares with the oracle, which --target=oracle "
                     "is: there is nothing to compare");
  if (parser.tolerance.getNumOccurrences()) {
    options.tolerance = parser.tolerance;
    if (!options.check)
      return makeError("--check-tolerance has no meaning without --check");
    if (!(*options.tolerance >= 0))
      return makeError("--check-tolerance must not be negative");
  }
  if (parser.time.getNumOccurrences()) {
    options.rounds = 10;
    StringRef text = parser.time;
    if (!text.empty() &&
        (text.getAsInteger(10, options.rounds) || options.rounds == 0))
      return makeError("--time=" + text + " is not a positive number");
  }
  if (parser.threads.getNumOccurrences() && options.threads < 1)
    return makeError(formatv("--threads={0} is not positive", options.threads));
  if (options.optLevel > 3)
    return makeError(
        formatv("--opt-level={0} is not one of 0 to 3", options.optLevel));
  if (options.padding < 0)
    return makeError(formatv("--padding={0} is negative", options.padding));
  for (int64_t dim : options.dims)
    if (dim < 0)
      return makeError(formatv("--dims: {0} is negative", dim));
  return options;
}

} // namespace attn::run
