//===- PTXAS.cpp - The assembler of PTX -----------------------------------===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "attn/Target/PTXAS.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/FileUtilities.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/Process.h"
#include "llvm/Support/Program.h"
#include "llvm/Support/raw_ostream.h"

using namespace llvm;

namespace attn {

/// The number in front of `unit` in "..., 24 bytes spill stores, ...", else 0.
static int64_t getNumberBefore(StringRef line, StringRef unit) {
  size_t at = line.find(unit);
  if (at == StringRef::npos)
    return 0;
  StringRef before = line.take_front(at).rtrim();
  StringRef digits =
      before.take_back(before.size() - (before.find_last_not_of("0123456789") +
                                        1)); // npos + 1 is 0.
  int64_t number = 0;
  return digits.getAsInteger(10, number) ? 0 : number;
}

/// The name in the first pair of quotes behind `key`, else nothing.
static StringRef getQuotedAfter(StringRef line, StringRef key) {
  auto [before, after] = line.split(key);
  return after.split('\'').second.split('\'').first;
}

static bool isComplaint(StringRef line) {
  return any_of(ArrayRef<StringRef>{"(C7508)", "(C7510)", "(C7511)", "(C7512)",
                                    "(C7513)", "(C7514)"},
                [&](StringRef code) { return line.contains(code); });
}

SmallVector<PTXKernel> parsePTXASOutput(StringRef output) {
  SmallVector<PTXKernel> kernels;
  // Messages about a function may come before the lines with its figures.
  auto get = [&](StringRef name) -> PTXKernel & {
    auto *found = find_if(
        kernels, [&](const PTXKernel &kernel) { return kernel.name == name; });
    if (found != kernels.end())
      return *found;
    PTXKernel &kernel = kernels.emplace_back();
    kernel.name = name.str();
    return kernel;
  };
  std::string current;
  for (StringRef line : split(output, '\n')) {
    StringRef entry = getQuotedAfter(line, "Compiling entry function ");
    if (!entry.empty()) {
      current = entry.str();
      get(current);
    } else if (isComplaint(line)) {
      StringRef name = getQuotedAfter(line, "in the function ");
      if (name.empty())
        name = getQuotedAfter(line, "in function ");
      get(name.empty() ? StringRef(current) : name)
          .complaints.push_back(line.trim().str());
    } else if (line.contains("bytes stack frame")) {
      PTXKernel &kernel = get(current);
      // A function that the kernel calls has lines of its own.
      kernel.stackBytes += getNumberBefore(line, "bytes stack frame");
      kernel.spillStoreBytes += getNumberBefore(line, "bytes spill stores");
      kernel.spillLoadBytes += getNumberBefore(line, "bytes spill loads");
    } else if (line.contains(" registers")) {
      PTXKernel &kernel = get(current);
      kernel.registers = getNumberBefore(line, "registers");
      kernel.sharedBytes = getNumberBefore(line, "bytes smem");
    }
  }
  return kernels;
}

Expected<std::string> findPTXAS(StringRef program) {
  std::string wanted = program.str();
  if (wanted.empty())
    wanted = sys::Process::GetEnv("PTXAS").value_or("");
  if (!wanted.empty()) {
    // A name with a slash comes back as it is.
    if (ErrorOr<std::string> path = sys::findProgramByName(wanted))
      if (sys::fs::can_execute(*path))
        return *path;
    return createStringError("no ptxas: '" + wanted +
                             "' is no program that can be run");
  }
  SmallVector<std::string> toolkits;
  for (const char *variable : {"CUDA_HOME", "CUDA_PATH"})
    if (auto toolkit = sys::Process::GetEnv(variable))
      toolkits.push_back(*toolkit);
  toolkits.push_back("/usr/local/cuda");
  for (const std::string &toolkit : toolkits) {
    SmallString<128> path(toolkit);
    sys::path::append(path, "bin", "ptxas");
    if (sys::fs::can_execute(path))
      return path.str().str();
  }
  if (ErrorOr<std::string> path = sys::findProgramByName("ptxas"))
    return *path;
  return createStringError(
      "no ptxas to assemble PTX with: install the CUDA toolkit, or name it by "
      "$PTXAS (looked in " +
      join(toolkits, ", ") + " and $PATH)");
}

namespace {
/// A file that goes when this does.
class TemporaryFile {
public:
  TemporaryFile() : remover("") {}
  Error create(StringRef suffix) {
    if (std::error_code code =
            sys::fs::createTemporaryFile("attn", suffix, path))
      return createStringError("no temporary file: " + code.message());
    remover.setFile(path);
    return Error::success();
  }
  StringRef getPath() const { return path; }
  Expected<std::unique_ptr<MemoryBuffer>> read() const {
    auto buffer = MemoryBuffer::getFile(path);
    if (!buffer)
      return createStringError(path + ": " + buffer.getError().message());
    return std::move(*buffer);
  }

private:
  SmallString<128> path;
  FileRemover remover;
};
} // namespace

Expected<Cubin> assemblePTX(StringRef ptx, StringRef chip, StringRef ptxas,
                            StringRef level) {
  TemporaryFile input, output, log;
  if (Error error =
          joinErrors(joinErrors(input.create("ptx"), output.create("cubin")),
                     log.create("log")))
    return error;
  {
    std::error_code code;
    raw_fd_ostream os(input.getPath(), code);
    if (!code) {
      os << ptx;
      os.close();
      code = os.error();
      os.clear_error();
    }
    if (code)
      return createStringError(input.getPath() +
                               ": cannot be written: " + code.message());
  }
  std::string arch = "-arch=" + chip.str();
  StringRef command[] = {
      ptxas, arch, "-v", level, input.getPath(), "-o", output.getPath()};
  std::optional<StringRef> redirects[] = {StringRef(""), log.getPath(),
                                          log.getPath()};
  std::string message;
  int status = sys::ExecuteAndWait(ptxas, command, /*Env=*/std::nullopt,
                                   redirects, /*SecondsToWait=*/0,
                                   /*MemoryLimit=*/0, &message);
  auto text = log.read();
  if (!text)
    return text.takeError();
  if (status != 0)
    return createStringError(join(ArrayRef<StringRef>(command), " ") +
                             " failed: " + message +
                             (*text)->getBuffer().rtrim());
  auto bytes = output.read();
  if (!bytes)
    return bytes.takeError();
  Cubin cubin;
  cubin.bytes.append((*bytes)->getBuffer().begin(),
                     (*bytes)->getBuffer().end());
  cubin.kernels = parsePTXASOutput((*text)->getBuffer());
  return cubin;
}

} // namespace attn
