//===- Options.h - The command line of attn-run -----------------*- C++ -*-===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ATTN_TOOLS_ATTN_RUN_OPTIONS_H
#define ATTN_TOOLS_ATTN_RUN_OPTIONS_H

#include "llvm/Support/Error.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace attn::run {

struct Options {
  std::string file;
  std::string entry;
  std::vector<std::string> inputs;
  std::vector<std::string> outputs;
  /// What the function runs on: the oracle's pipeline makes code for the CPU as
  /// well, but shares nothing with the compiler's.
  enum class Target { CPU, Oracle, CUDA } target = Target::CPU;
  std::string chip;
  std::string cpu;
  unsigned optLevel = 3;
  int threads = 0; // 0: the runtime's default.
  bool check = false;
  std::optional<double> tolerance;
  /// Timed rounds; 0 without --time.
  unsigned rounds = 0;
  std::string json;
  std::string stopAfter;
  bool print = false;
  int64_t padding = 0;
  /// Set when every argument without an --input is to be random.
  std::optional<uint64_t> seed;
  std::vector<int64_t> dims;
};

/// Parses the command line; exits on --help and on an unknown option. An error
/// when options do not fit together.
llvm::Expected<Options> parseOptions(int argc, char **argv);

} // namespace attn::run

#endif // ATTN_TOOLS_ATTN_RUN_OPTIONS_H
