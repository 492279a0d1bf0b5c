//===- Passes.td - Passes of the attn dialect ---------------*- tablegen -*-===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef ATTN_DIALECT_ATTN_TRANSFORMS_PASSES
#define ATTN_DIALECT_ATTN_TRANSFORMS_PASSES

include "mlir/Pass/PassBase.td"

def BoundSegments : Pass<"attn-bound-segments", "::mlir::func::FuncOp"> {
  let summary = "find out at run time which tiles have segments in common";
  let description = [{
    For attention whose mask compares segments, and that has a schedule, adds
    operations that compute, for each tile of rows, between which columns there
    are keys of the segments of its rows, and between which all keys are of the
    one segment that all of its rows have (`segment_bounds`). Tiles outside are
    not visited, tiles inside need no mask.

    The smallest and the largest id of each tile of keys are computed first, so
    the cost is that of reading the ids, and one comparison for each pair of
    tiles. Bounds are right for ids in any order, and tight where they ascend,
    as those of packed documents do.

    Left alone: operations with run-time positions, whose tiles mean nothing,
    the partial form, which is cut along the keys as well, and memrefs.
  }];
  let statistics = [
    Statistic<"numBounded", "num-bounded", "Operations with bounds">];
  let dependentDialects = [
    "::mlir::affine::AffineDialect", "::mlir::arith::ArithDialect",
    "::mlir::linalg::LinalgDialect", "::mlir::scf::SCFDialect",
    "::mlir::tensor::TensorDialect"];
}

#endif // ATTN_DIALECT_ATTN_TRANSFORMS_PASSES
