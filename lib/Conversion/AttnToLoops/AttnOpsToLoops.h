//===- AttnOpsToLoops.h - Loops of each operation ---------------*- C++ -*-===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef LIB_CONVERSION_ATTNTOLOOPS_ATTNOPSTOLOOPS_H
#define LIB_CONVERSION_ATTNTOLOOPS_ATTNOPSTOLOOPS_H

#include "LoopEmitter.h"

namespace attn {

// Each emits the loops of an operation on memrefs, in front of it.
void emitLoops(LoopEmitter &e, AttentionOp op);
void emitLoops(LoopEmitter &e, PartialOp op);
void emitLoops(LoopEmitter &e, MergeOp op);
void emitLoops(LoopEmitter &e, FinalizeOp op);
void emitLoops(LoopEmitter &e, RecurrenceOp op);
void emitLoops(LoopEmitter &e, ScanOp op);
void emitLoops(LoopEmitter &e, PoolOp op);
void emitLoops(LoopEmitter &e, RouteScoreOp op);
void emitLoops(LoopEmitter &e, SelectOp op);
void emitLoops(LoopEmitter &e, SortOp op);
void emitLoops(LoopEmitter &e, ClusterOp op);
void emitLoops(LoopEmitter &e, PermuteOp op);

} // namespace attn

#endif // LIB_CONVERSION_ATTNTOLOOPS_ATTNOPSTOLOOPS_H
