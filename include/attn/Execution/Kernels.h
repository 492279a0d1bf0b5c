//===- Kernels.h - The kernels of an assembled program ----------*- C++ -*-===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ATTN_EXECUTION_KERNELS_H
#define ATTN_EXECUTION_KERNELS_H

#include "llvm/Support/Error.h"

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace mlir {
class ModuleOp;
} // namespace mlir

namespace attn::exec {

/// How a kernel is launched and what it uses; nothing where that is computed at
/// run time, or not known before PTX is assembled.
struct KernelInfo {
  using Size = std::array<std::optional<int64_t>, 3>;

  std::string name;
  /// Of the first launch.
  Size grid, block;
  std::optional<Size> cluster;
  std::optional<int64_t> dynamicSharedBytes;
  /// How the parameters are passed, by their types in the llvm dialect.
  std::vector<std::string> parameters;
  std::optional<int64_t> registers, spillBytes, sharedBytes;
};

/// The kernels of a module with gpu.binary and gpu.launch_func.
std::vector<KernelInfo> getKernels(mlir::ModuleOp module);

/// The PTX or cubin of such a module; an error unless there is just one.
llvm::Expected<std::string> getDeviceCode(mlir::ModuleOp module);

} // namespace attn::exec

#endif // ATTN_EXECUTION_KERNELS_H
