//===- ScanVerify.cpp - The numbered constraints of scans -----------------===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "Verify.h"

using namespace mlir;
using namespace attn;

/// C3.
static LogicalResult verifyGroups(ScanOp op, int64_t width) {
  ShapedType v = getShaped(op.getValue());
  int64_t groups = ShapedType::kDynamic;
  for (auto [name, operand] : {std::pair<StringRef, Value>{"key", op.getKey()},
                               {"query", op.getQuery()}}) {
    if (!operand)
      continue;
    if (ShapedType::isDynamic(groups) && getShaped(operand).getRank() == 4)
      groups = getShaped(operand).getDimSize(1);
    if (failed(verifyType(op, "C3", name, operand,
                          {v.getDimSize(0), groups, v.getDimSize(2), width},
                          v.getElementType())))
      return failure();
  }
  int64_t heads = v.getDimSize(1);
  if (ShapedType::isDynamic(groups) || ShapedType::isDynamic(heads))
    return success();
  if (groups == 0 ? heads != 0 : heads % groups != 0)
    return op->emitOpError("C3: heads are a multiple of those of key and "
                           "query, got ")
           << heads << " and " << groups;
  return success();
}

LogicalResult ScanOp::verify() {
  // C12: tensors or memrefs.
  if (failed(verifySameKind(*this, "C12")))
    return failure();
  ShapedType v = getShaped(getValue());
  Type element = v.getElementType();
  // C1: value.
  if (v.getRank() != 4 || !(element.isF16() || element.isBF16() ||
                            element.isF32() || element.isF64()))
    return emitOpError("C1: expected a value of rank 4 and f16, bf16, f32 or "
                       "f64, got ")
           << v;
  int64_t B = v.getDimSize(0), H = v.getDimSize(1), S = v.getDimSize(2),
          D = v.getDimSize(3);
  int64_t tokens[] = {B, H, S, D};
  Type compute = getComputeType();
  // C2: output.
  if (getOuts().empty())
    return emitOpError("C2: expected destinations (output and final states), "
                       "got none");
  if (failed(verifyType(*this, "C2", "output", getOutput(), tokens, element)))
    return failure();
  // Ranks first, then there are extents to compare.
  for (Value operand : {getKey(), getQuery()})
    if (operand && getShaped(operand).getRank() != 4)
      return emitOpError("C3: key and query have rank 4, got ")
             << operand.getType();
  if (getRate() && getShaped(getRate()).getRank() != 3)
    return emitOpError("C5: a rate has rank 3, got ") << getRate().getType();
  int64_t N = getStaticStateWidth();
  // C3: key and query.
  if (failed(verifyGroups(*this, N)))
    return failure();
  // C4: gate.
  if (getGate() &&
      failed(verifyType(*this, "C4", "gate", getGate(), tokens, compute)))
    return failure();
  // C5: rate.
  if (getRate() &&
      failed(verifyType(*this, "C5", "rate", getRate(), {H, N, D}, compute)))
    return failure();
  // C6: beta.
  if (getBeta() && failed(verifyFloats(*this, "C6", "beta", getBeta(), tokens)))
    return failure();
  // C7: weights.
  if (getWeights()) {
    if (getKey() || getQuery() || getBeta() || !mayBeEqual(N, 1))
      return emitOpError(
                 "C7: weights come without key, query and beta and with "
                 "one number for a channel, got a state of ")
             << N;
    if (failed(verifyFloats(*this, "C7", "weights", getWeights(), tokens)))
      return failure();
  }
  // C8: bonus.
  if (getBonus()) {
    if (getBeta())
      return emitOpError("C8: a bonus comes without beta");
    if (failed(verifyFloats(*this, "C8", "bonus", getBonus(), {H, D})))
      return failure();
  }
  // C9 and C10: states.
  auto verifyStates = [&](StringRef label, StringRef name,
                          OperandRange states) -> LogicalResult {
    if (states.empty())
      return success();
    if (states.size() != getNumStates())
      return emitOpError(label)
             << ": expected " << getNumStates() << " tensors of " << name
             << ", got " << states.size();
    for (Value state : states)
      if (failed(verifyType(*this, label, name, state, {B, H, N, D}, compute)))
        return failure();
    return success();
  };
  if (failed(verifyStates("C9", "final state", getFinalStates())) ||
      failed(verifyStates("C10", "init", getInit())))
    return failure();
  // C11: segments.
  if (getSegments() &&
      failed(verifyType(*this, "C11", "segments", getSegments(), {B, S},
                        IntegerType::get(getContext(), 32))))
    return failure();
  // C13: one token at a time.
  if (getSchedule() && getSchedule()->getTokens() != 1)
    return emitOpError("C13: takes one token at a time, its schedule has ")
           << getSchedule()->getTokens();
  return success();
}
