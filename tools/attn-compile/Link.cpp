//===- Link.cpp - Makes a shared library of an object ---------------------===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Link.h"

#include "llvm/ADT/SmallVector.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/FileUtilities.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/Program.h"

using namespace llvm;

namespace attn::compile {

std::string getDefaultRuntimeDir(const char *argv0) {
  // The address of any function of the main program will do.
  std::string program = sys::fs::getMainExecutable(
      argv0, reinterpret_cast<void *>(&getDefaultRuntimeDir));
  SmallString<128> path(sys::path::parent_path(program));
  sys::path::append(path, "..", "lib");
  sys::path::remove_dots(path, /*remove_dot_dot=*/true);
  return path.str().str();
}

static Expected<std::string> findDriver(StringRef name) {
  if (!name.empty()) {
    if (ErrorOr<std::string> path = sys::findProgramByName(name))
      return *path;
    return createStringError("no program '" + name + "' to link with");
  }
  for (StringRef candidate : {"cc", "clang", "clang-22", "gcc"})
    if (ErrorOr<std::string> path = sys::findProgramByName(candidate))
      return *path;
  return createStringError("no C compiler to link with (looked for cc, clang, "
                           "clang-22 and gcc); name one by --linker");
}

Error linkSharedLibrary(ArrayRef<char> object, StringRef output,
                        const LinkOptions &options) {
  Expected<std::string> driver = findDriver(options.driver);
  if (!driver)
    return driver.takeError();
  SmallVector<SmallString<128>> runtimes;
  for (StringRef name : {"libattn_runtime", "libattn_cuda_runtime"}) {
    if (!options.cuda && name != "libattn_runtime")
      continue;
    SmallString<128> &runtime = runtimes.emplace_back(options.runtimeDir);
    sys::path::append(runtime, name + (options.sharedRuntime ? ".so" : ".a"));
    if (!sys::fs::exists(runtime))
      return createStringError(formatv("{0}: no such file; say by "
                                       "--runtime-dir where the runtime is",
                                       runtime)
                                   .str());
  }

  SmallString<128> objectPath, logPath;
  if (std::error_code code =
          sys::fs::createTemporaryFile("attn", "o", objectPath))
    return createStringError("no temporary file: " + code.message());
  FileRemover objectRemover(objectPath);
  if (std::error_code code =
          sys::fs::createTemporaryFile("attn", "log", logPath))
    return createStringError("no temporary file: " + code.message());
  FileRemover logRemover(logPath);
  {
    std::error_code code;
    raw_fd_ostream os(objectPath, code);
    if (!code) {
      os.write(object.data(), object.size());
      os.close();
      code = os.error();
      os.clear_error();
    }
    if (code)
      return createStringError(objectPath +
                               ": cannot be written: " + code.message());
  }

  std::string rpath = "-Wl,-rpath," + options.runtimeDir;
  SmallVector<StringRef> command = {*driver, "-shared", "-o", output,
                                    objectPath};
  // All of the runtime, used or not: programs set the threads through the
  // library.
  command.push_back(options.sharedRuntime ? "-Wl,--no-as-needed"
                                          : "-Wl,--whole-archive");
  command.append(runtimes.begin(), runtimes.end());
  command.push_back(options.sharedRuntime ? StringRef(rpath)
                                          : "-Wl,--no-whole-archive");
  // Undefined symbols are found now and not by who loads the library. The
  // runtime's threads sleep in its code, so that may not be unloaded.
  // What the library calls of its own is its own, whatever else has the name:
  // libc has a function `step`.
  command.append({"-Wl,--no-undefined", "-Wl,-z,nodelete",
                  "-Wl,-Bsymbolic-functions", "-lm", "-pthread"});
  if (options.cuda)
    command.push_back("-ldl"); // By which the driver is found.
  std::string message;
  std::optional<StringRef> redirects[] = {StringRef(""), StringRef(logPath),
                                          StringRef(logPath)};
  int status = sys::ExecuteAndWait(*driver, command, /*Env=*/std::nullopt,
                                   redirects, /*SecondsToWait=*/0,
                                   /*MemoryLimit=*/0, &message);
  if (status == 0)
    return Error::success();
  if (ErrorOr<std::unique_ptr<MemoryBuffer>> log =
          MemoryBuffer::getFile(logPath))
    message += (*log)->getBuffer();
  return createStringError(formatv("linking failed: {0}\n{1}",
                                   join(command, " "),
                                   StringRef(message).rtrim())
                               .str());
}

} // namespace attn::compile
