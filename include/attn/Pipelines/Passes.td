//===- Passes.td - Steps that pipelines share ---------------*- tablegen -*-===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef ATTN_PIPELINES_PASSES
#define ATTN_PIPELINES_PASSES

include "attn/Strategy/PassOptions.td"

def ResultsToOutParamsPass
    : Pass<"attn-results-to-out-params", "::mlir::ModuleOp"> {
  let summary = "tensor results of public functions become out-parameters";
  let description = [{
    Each ranked tensor result of a public function becomes a trailing memref
    argument, with a contiguous innermost dimension and any strides, into which
    the result is materialised. Done on tensors, so that the elimination of
    empty tensors can let the computation write the caller's buffer directly.

    Out-parameters must not overlap each other or any argument.

    A function that is also called inside the module keeps its body, for these
    calls, in a private copy.
  }];
  let dependentDialects = [
    "::mlir::bufferization::BufferizationDialect", "::mlir::func::FuncDialect",
    "::mlir::linalg::LinalgDialect", "::mlir::memref::MemRefDialect",
    "::mlir::tensor::TensorDialect"
  ];
}

def BufferizePass : Pass<"attn-bufferize", "::mlir::ModuleOp"> {
  let summary = "one-shot bufferisation with the calling convention of attn";
  let description = [{
    Bufferises across function boundaries. A tensor argument becomes a memref
    whose innermost dimension is contiguous and whose other strides are free:
    `memref<..., strided<[?, ..., 1], offset: ?>>`. Arguments of public
    functions are read-only unless marked `bufferization.writable = true`.
  }];
  let dependentDialects = [
    "::mlir::bufferization::BufferizationDialect",
    "::mlir::memref::MemRefDialect"
  ];
}

def ExpandCopiesPass : Pass<"attn-expand-copies"> {
  let summary = "memref.copy to linalg.generic";
  let description = [{
    The LLVM lowering of a strided `memref.copy` calls a runtime library, which
    generated code must not need.
  }];
  let dependentDialects = ["::mlir::linalg::LinalgDialect"];
}

def FitGPUSchedulePass : Pass<"attn-fit-gpu-schedule", "::mlir::ModuleOp"> {
  let summary = "choose the best tiles that assemble without a spill";
  let description = [{
    For each operation that implements FoldOpInterface and has no schedule: of
    the candidates that `attn-select-gpu-schedule` counts as fitting, the best
    first, the first whose kernel ptxas assembles without spilling registers and
    without serialising its products. Each is compiled on its own, to find out.
    What fails for another reason than what ptxas says, and what no candidate
    fits, keeps no schedule.

    Without ptxas, and where the best candidate is the only one, it does nothing.
  }];
  let options = [
    Option<"chip", "chip", "std::string", /*default=*/"\"sm_90a\"",
           "An NVIDIA GPU">,
    Option<"features", "features", "std::string", /*default=*/"\"\"",
           "Features for LLVM: the version of PTX; empty for what the chip "
           "needs">,
    Option<"optLevel", "opt-level", "int", /*default=*/"3",
           "LLVM's optimisation level of kernels">,
    Option<"ptxas", "ptxas", "std::string", /*default=*/"\"\"",
           "The assembler; empty for $PTXAS, the CUDA toolkit's or that in "
           "$PATH">,
    Option<"cache", "cache", "std::string", /*default=*/"\"\"",
           "A folder that keeps PTX from run to run; empty for none">,
    MaximumOption
  ];
  let statistics = [
    Statistic<"numTried", "num-tried", "Kernels compiled to find out">];
}

def FreeBuffersPass : Pass<"attn-free-buffers", "::mlir::ModuleOp"> {
  let summary = "buffers are freed, unless functions launch kernels already";
  let description = [{
    Runs the pipeline of buffer deallocation, which refuses operations of `gpu`.
    A module whose functions have some is left alone: it frees what it
    allocates.
  }];
}

def RequestCWrappersPass
    : Pass<"attn-request-c-wrappers", "::mlir::ModuleOp"> {
  let summary = "public functions get a C entry";
  let description = [{
    Sets `llvm.emit_c_interface` on public functions with a body. (The upstream
    pass of this purpose also sets it on declarations, so that calls of external
    functions change their names.)
  }];
}

#endif // ATTN_PIPELINES_PASSES
