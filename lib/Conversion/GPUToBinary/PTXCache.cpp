//===- PTXCache.cpp - PTX that was made before ----------------------------===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "PTXCache.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Config/llvm-config.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/SHA256.h"
#include "llvm/Support/raw_ostream.h"

using namespace mlir;

namespace {
/// What is written to it is hashed.
class HashStream : public llvm::raw_ostream {
public:
  ~HashStream() override { flush(); }

  std::string getHash() {
    flush();
    // 128 bits do for names.
    return llvm::toHex(llvm::ArrayRef(hasher.final()).take_front(16),
                       /*LowerCase=*/true);
  }

private:
  void write_impl(const char *text, size_t size) override {
    hasher.update(StringRef(text, size));
    position += size;
  }
  uint64_t current_pos() const override { return position; }

  llvm::SHA256 hasher;
  uint64_t position = 0;
};
} // namespace

attn::KeptPTX::KeptPTX(StringRef folder, gpu::GPUModuleOp module,
                       NVVM::NVVMTargetAttr target) {
  if (folder.empty())
    return;
  HashStream os;
  os << "LLVM " << LLVM_VERSION_STRING << '\n' << target << '\n';
  module->print(os, OpPrintingFlags().useLocalScope());
  SmallString<128> file(folder);
  llvm::sys::path::append(file, os.getHash() + ".ptx");
  path = file.str();
}

std::optional<std::string> attn::KeptPTX::find() const {
  if (path.empty())
    return std::nullopt;
  auto file = llvm::MemoryBuffer::getFile(path);
  if (!file)
    return std::nullopt;
  return (*file)->getBuffer().str();
}

void attn::KeptPTX::keep(StringRef ptx) const {
  if (path.empty())
    return;
  llvm::sys::fs::create_directories(llvm::sys::path::parent_path(path));
  // Whoever reads at the same time sees all of it or nothing.
  llvm::consumeError(llvm::writeToOutput(path, [&](llvm::raw_ostream &os) {
    os << ptx;
    return llvm::Error::success();
  }));
}
