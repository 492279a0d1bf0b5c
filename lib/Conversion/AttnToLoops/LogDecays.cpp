//===- LogDecays.cpp - Operands that are at most 0 as a rule --------------===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "attn/Conversion/AttnToLoops/AttnToLoops.h"
#include "attn/Dialect/Attn/IR/Attn.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"

using namespace mlir;

SmallVector<std::pair<Value, Operation *>>
attn::findLogDecays(func::FuncOp function) {
  SmallVector<std::pair<Value, Operation *>> found;
  for (auto op : function.getOps<RecurrenceOp>())
    if (op.getGate())
      found.push_back({op.getGate(), op});
  // Of a scan with both factors neither is a logarithm: only their product is,
  // which exists for one token at a time.
  for (auto op : function.getOps<ScanOp>())
    if (!op.getGate() != !op.getRate())
      found.push_back({op.getGate() ? op.getGate() : op.getRate(), op});
  return found;
}
