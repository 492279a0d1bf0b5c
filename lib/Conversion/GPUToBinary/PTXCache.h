//===- PTXCache.h - PTX that was made before --------------------*- C++ -*-===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef ATTN_LIB_CONVERSION_GPUTOBINARY_PTXCACHE_H
#define ATTN_LIB_CONVERSION_GPUTOBINARY_PTXCACHE_H

#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/Dialect/LLVMIR/NVVMDialect.h"

namespace attn {

/// What a folder keeps for a module and one of its targets: PTX, in a file
/// named after what it is made of, which is the text that LLVM is given, the
/// target and the version of LLVM.
class KeptPTX {
public:
  /// No folder keeps nothing.
  KeptPTX(llvm::StringRef folder, mlir::gpu::GPUModuleOp module,
          mlir::NVVM::NVVMTargetAttr target);

  /// What has been kept, or nothing.
  std::optional<std::string> find() const;

  /// Keeps it. A folder that cannot be written to is no reason to fail.
  void keep(llvm::StringRef ptx) const;

private:
  std::string path;
};

} // namespace attn

#endif // ATTN_LIB_CONVERSION_GPUTOBINARY_PTXCACHE_H
