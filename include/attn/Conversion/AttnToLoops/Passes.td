//===- Passes.td - attn operations to naive loops -----------*- tablegen -*-===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef ATTN_CONVERSION_ATTNTOLOOPS_PASSES
#define ATTN_CONVERSION_ATTNTOLOOPS_PASSES

include "mlir/Pass/PassBase.td"

def ConvertAttnToLoopsPass : Pass<"attn-convert-to-loops"> {
  let summary = "attn operations on memrefs to naive scalar loops";
  let description = [{
    The executable meaning of every operation of the attn dialect: one loop per
    dimension, one position at a time, straight from the equations. The softmax
    takes the maximum of a row first and its exponentials second. Optimised
    code is checked against this, so it shares nothing with it: masks are
    tested by the definition of each attribute, there are no tiles, no online
    updates and no fast-math flags.

    `precision` is what logits, exponentials and sums are computed in (f64
    operands never in less than f64). A score region takes and yields the
    compute type of its operation all the same.

    A key at or beyond `kv_lengths` and a value that the mask hides are never
    read; score regions run only where the mask holds, where regions only where
    the mask attribute holds and the key exists.

    Temporary rows are allocated in front of the loops. As other buffers, they
    are freed by the deallocation of buffers, which has to come after.
  }];
  let options = [
    Option<"precision", "precision", "::attn::LoopPrecision",
           "::attn::LoopPrecision::F64",
           "What logits and sums are computed in",
           [{::llvm::cl::values(
             clEnumValN(::attn::LoopPrecision::F32, "f32", "32-bit floats"),
             clEnumValN(::attn::LoopPrecision::F64, "f64", "64-bit floats"))}]>
  ];
  let dependentDialects = [
    "::mlir::arith::ArithDialect", "::mlir::math::MathDialect",
    "::mlir::memref::MemRefDialect", "::mlir::scf::SCFDialect"
  ];
}

#endif // ATTN_CONVERSION_ATTNTOLOOPS_PASSES
