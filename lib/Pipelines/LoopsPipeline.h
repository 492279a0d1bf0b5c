//===- LoopsPipeline.h - Parts of the road to the LLVM dialect --*- C++ -*-===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef LIB_PIPELINES_LOOPSPIPELINE_H
#define LIB_PIPELINES_LOOPSPIPELINE_H

namespace mlir {
class OpPassManager;
} // namespace mlir

namespace attn {

/// The two halves of `buildLoopsToLLVMPipeline`: structured control flow and
/// views to blocks and arithmetic, then each dialect to llvm.
void addFlatLoops(mlir::OpPassManager &pm);
void addScalarsToLLVM(mlir::OpPassManager &pm, bool useRuntimeMemory);

} // namespace attn

#endif // LIB_PIPELINES_LOOPSPIPELINE_H
