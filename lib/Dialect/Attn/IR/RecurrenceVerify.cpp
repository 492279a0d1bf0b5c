//===- RecurrenceVerify.cpp - The numbered constraints of recurrences -----===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "Verify.h"

using namespace mlir;
using namespace attn;

namespace {
/// The extents of a recurrence, by letter. Valid once C1 and C3-C6 hold.
struct Extents {
  int64_t B, Hq, Hk, Hv, S, Dk, Dv;

  /// Output heads; unknown if that is not known of either count.
  int64_t getHeads() const {
    if (ShapedType::isDynamic(Hq) || ShapedType::isDynamic(Hv))
      return ShapedType::kDynamic;
    return std::max(Hq, Hv);
  }
};
} // namespace

/// Whether `many` heads may come in equal groups of `few`.
static bool mayBeGroups(int64_t many, int64_t few) {
  if (ShapedType::isDynamic(many) || ShapedType::isDynamic(few))
    return true;
  return few == 0 ? many == 0 : many % few == 0;
}

/// Whether one of the two may be a multiple of the other. Without queries there
/// is nothing that reads, without states nothing to read.
static bool mayBeGroupsOfEither(int64_t a, int64_t b) {
  if (ShapedType::isDynamic(a) || ShapedType::isDynamic(b))
    return true;
  if (a == 0 || b == 0)
    return a == b;
  return a % b == 0 || b % a == 0;
}

/// C1-C6.
static FailureOr<Extents> verifyQueryKeyValue(RecurrenceOp op) {
  ShapedType q = getShaped(op.getQuery()), k = getShaped(op.getKey()),
             v = getShaped(op.getValue());
  auto error = [&](StringRef rule) {
    return op->emitOpError(rule)
           << ", got query " << q << ", key " << k << " and value " << v;
  };
  // C1: rank 4. C2: one element type.
  if (failed(verifyOperandTypes(op, q, k, v)))
    return failure();
  auto agree = [&](int64_t dim) {
    return mayBeEqual(q.getDimSize(dim), k.getDimSize(dim)) &&
           mayBeEqual(q.getDimSize(dim), v.getDimSize(dim)) &&
           mayBeEqual(k.getDimSize(dim), v.getDimSize(dim));
  };
  // C3: batch.
  if (!agree(0))
    return error("C3: batch sizes agree");
  // C4: tokens.
  if (!agree(2))
    return error("C4: lengths agree");
  // C5: width of queries and keys.
  if (!mayBeEqual(q.getDimSize(3), k.getDimSize(3)))
    return error("C5: query and key agree in width");
  // C6: groups of heads.
  Extents e{q.getDimSize(0), q.getDimSize(1), k.getDimSize(1), v.getDimSize(1),
            q.getDimSize(2), q.getDimSize(3), v.getDimSize(3)};
  if (!mayBeGroups(e.Hv, e.Hk))
    return op->emitOpError("C6: value heads are a multiple of key heads, got ")
           << e.Hv << " and " << e.Hk;
  if (!mayBeGroupsOfEither(e.Hq, e.Hv))
    return op->emitOpError("C6: of query and value heads one is a multiple of "
                           "the other, got ")
           << e.Hq << " and " << e.Hv;
  return e;
}

/// C8.
static LogicalResult verifyDecay(RecurrenceOp op, const Extents &e) {
  Decay decay = op.getDecay();
  if ((decay != Decay::None) != static_cast<bool>(op.getGate()))
    return op->emitOpError("C8: a gate is given exactly if there is a decay, "
                           "got decay ")
           << stringifyDecay(decay) << (op.getGate() ? " with" : " without")
           << " a gate";
  SmallVector<int64_t> shape{e.B, e.Hv, e.S};
  switch (decay) {
  case Decay::None:
    return success();
  case Decay::Scalar:
    break;
  case Decay::Key:
    shape.push_back(e.Dk);
    break;
  case Decay::Value:
    shape.push_back(e.Dv);
    break;
  }
  return verifyType(op, "C8", "gate", op.getGate(), shape, op.getComputeType());
}

/// C9.
static LogicalResult verifyUpdate(RecurrenceOp op, const Extents &e) {
  size_t expected = 0;
  SmallVector<int64_t> shape{e.B, e.Hv, e.S};
  switch (op.getUpdate()) {
  case Update::Additive:
    break;
  case Update::Delta:
    expected = 1;
    break;
  case Update::DPLR:
    expected = 2;
    shape.push_back(e.Dk);
    break;
  }
  if (op.getCoefficients().size() != expected)
    return op->emitOpError("C9: expected ")
           << expected << " coefficients of an update by "
           << stringifyUpdate(op.getUpdate()) << ", got "
           << op.getCoefficients().size();
  for (Value coefficient : op.getCoefficients())
    if (failed(verifyFloats(op, "C9", "coefficients", coefficient, shape)))
      return failure();
  return success();
}

/// C16-C18.
static LogicalResult verifyNorm(RecurrenceOp op, const Extents &e) {
  // C16: what a sum of keys is defined for.
  if (op.isNormalized() && op.getUpdate() != Update::Additive)
    return op->emitOpError("C16: a norm comes with the additive update, got ")
           << stringifyUpdate(op.getUpdate());
  if (op.isNormalized() && op.getDecay() == Decay::Value)
    return op->emitOpError("C16: a norm comes with a decay that all columns "
                           "share, got ")
           << stringifyDecay(op.getDecay());
  // C17: the least that is divided by.
  if (op.getBound()) {
    if (!op.isNormalized())
      return op->emitOpError("C17: a bound comes with a norm, got none");
    if (failed(verifyType(op, "C17", "bound", op.getBound(), {e.B, e.Hv, e.S},
                          op.getComputeType())))
      return failure();
  }
  // C18: the sum before.
  if (op.getInitSum() && !op.isNormalized())
    return op->emitOpError("C18: init_sum comes with a norm, got none");
  if (op.isNormalized() &&
      static_cast<bool>(op.getInit()) != static_cast<bool>(op.getInitSum()))
    return op->emitOpError("C18: with a norm, init and init_sum come "
                           "together, got ")
           << (op.getInit() ? "init" : "init_sum") << " alone";
  if (op.getInitSum())
    return verifyType(op, "C18", "init_sum", op.getInitSum(), {e.B, e.Hv, e.Dk},
                      op.getComputeType());
  return success();
}

LogicalResult RecurrenceOp::verify() {
  // C14: tensors or memrefs.
  if (failed(verifySameKind(*this, "C14")))
    return failure();
  FailureOr<Extents> e = verifyQueryKeyValue(*this);
  if (failed(e))
    return failure();
  Type compute = getComputeType();
  int64_t state[] = {e->B, e->Hv, e->Dk, e->Dv};
  // C7: destinations.
  size_t most = isNormalized() ? 3 : 2;
  if (getOuts().size() != 1 && getOuts().size() != most)
    return emitOpError("C7: expected one or ")
           << (isNormalized() ? "three" : "two")
           << " destinations (output, final state"
           << (isNormalized() ? ", final sum" : "") << "), got "
           << getOuts().size();
  if (failed(verifyType(*this, "C7", "output", getOutput(),
                        {e->B, e->getHeads(), e->S, e->Dv},
                        getShaped(getQuery()).getElementType())) ||
      (getFinalState() &&
       failed(verifyType(*this, "C7", "final state", getFinalState(), state,
                         compute))) ||
      (getFinalSum() &&
       failed(verifyType(*this, "C7", "final sum", getFinalSum(),
                         {e->B, e->Hv, e->Dk}, compute))))
    return failure();
  if (failed(verifyDecay(*this, *e)) || failed(verifyUpdate(*this, *e)))
    return failure();
  // C10: bonus.
  if (getBonus()) {
    if (getUpdate() != Update::Additive)
      return emitOpError("C10: a bonus comes with the additive update, got ")
             << stringifyUpdate(getUpdate());
    if (failed(verifyFloats(*this, "C10", "bonus", getBonus(), {e->Hv, e->Dk})))
      return failure();
  }
  // C11: the state before.
  if (getInit() &&
      failed(verifyType(*this, "C11", "init", getInit(), state, compute)))
    return failure();
  // C12: segments.
  if (getSegments() &&
      failed(verifyType(*this, "C12", "segments", getSegments(), {e->B, e->S},
                        IntegerType::get(getContext(), 32))))
    return failure();
  // C13: a finite scale.
  if (!getScale().isFinite())
    return emitOpError("C13: expected a finite scale, got ")
           << getScale().convertToDouble();
  // C15: chunks.
  if (getSchedule() && getSchedule()->getTokens() != 1 && !hasChunkForm())
    return emitOpError("C15: takes one token at a time, its schedule has ")
           << getSchedule()->getTokens();
  return verifyNorm(*this, *e);
}

LogicalResult
ChunkScheduleAttr::verify(function_ref<InFlightDiagnostic()> emitError,
                          int64_t tokens, int64_t columns,
                          tile::MicroTileAttr micro, int64_t tasks) {
  // C1: positive, and whole register tiles.
  if (tokens <= 0 || columns <= 0)
    return emitError() << "C1: expected positive chunks, got tokens = "
                       << tokens << ", columns = " << columns;
  if (tasks < 0)
    return emitError() << "C1: expected tasks or none (0), got tasks = "
                       << tasks;
  if (micro && tokens % micro.getCols() != 0)
    return emitError() << "C1: expected tokens in whole register tiles of "
                       << micro.getRows() << " x " << micro.getCols()
                       << ", got tokens = " << tokens;
  return success();
}
