//===- NVVMPipeline.h - What one fold becomes -------------------*- C++ -*-===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef ATTN_LIB_PIPELINES_NVVMPIPELINE_H
#define ATTN_LIB_PIPELINES_NVVMPIPELINE_H

#include "attn/Pipelines/Pipelines.h"
#include "mlir/Pass/PassManager.h"

namespace attn {

/// The passes that take a module with a fold to kernels in LLVM, and those that
/// assemble them.
void addFoldToAssemblyPasses(mlir::OpPassManager &compile,
                             mlir::OpPassManager &assemble,
                             const NVVMPipelineOptions &options);

} // namespace attn

#endif // ATTN_LIB_PIPELINES_NVVMPIPELINE_H
