//===- AttnVerify.cpp - The numbered constraints of the attn ops ----------===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "Verify.h"

using namespace mlir;
using namespace attn;

namespace {
/// The extents of an operation that makes logits, by letter. Valid once C1 and
/// C3-C6 hold.
struct Extents {
  int64_t B, Hq, Hkv, Sq, Skv, Dk, Dv;
};
} // namespace

/// C1-C6.
static FailureOr<Extents> verifyQueryKeyValue(LogitsOpInterface op) {
  ShapedType q = op.getQuery().getType(), k = op.getKey().getType(),
             v = op.getValue().getType();
  auto error = [&](StringRef rule) {
    return op->emitOpError(rule)
           << ", got query " << q << ", key " << k << " and value " << v;
  };
  // C1: rank 4. C2: one element type.
  if (failed(verifyOperandTypes(op, q, k, v)))
    return failure();
  // C3: batch.
  if (!mayBeEqual(q.getDimSize(0), k.getDimSize(0)) ||
      !mayBeEqual(q.getDimSize(0), v.getDimSize(0)) ||
      !mayBeEqual(k.getDimSize(0), v.getDimSize(0)))
    return error("C3: batch sizes agree");
  // C4: heads and length of keys and values.
  if (!mayBeEqual(k.getDimSize(1), v.getDimSize(1)) ||
      !mayBeEqual(k.getDimSize(2), v.getDimSize(2)))
    return error("C4: key and value agree in heads and length");
  // C5: width of queries and keys.
  if (!mayBeEqual(q.getDimSize(3), k.getDimSize(3)))
    return error("C5: query and key agree in width");
  // C6: groups of heads.
  int64_t Hq = q.getDimSize(1), Hkv = k.getDimSize(1);
  if (!ShapedType::isDynamic(Hq) && !ShapedType::isDynamic(Hkv) &&
      (Hkv == 0 ? Hq != 0 : Hq % Hkv != 0))
    return op->emitOpError("C6: query heads are a multiple of kv heads, got ")
           << Hq << " and " << Hkv;
  return Extents{q.getDimSize(0),
                 Hq,
                 Hkv,
                 q.getDimSize(2),
                 k.getDimSize(2),
                 q.getDimSize(3),
                 v.getDimSize(3)};
}

/// C8: aligned at the right, each dimension is 1 or what it broadcasts to.
static LogicalResult verifyBias(LogitsOpInterface op, const Extents &e) {
  if (!op.getBias())
    return success();
  ShapedType bias = op.getBias().getType();
  int64_t target[] = {e.B, e.Hq, e.Sq, e.Skv};
  int64_t rank = bias.getRank();
  bool fits = rank >= 1 && rank <= 4 && isa<FloatType>(bias.getElementType());
  for (int64_t i = 0; fits && i < rank; ++i) {
    int64_t extent = bias.getDimSize(rank - 1 - i);
    fits = extent == 1 || mayBeEqual(extent, target[3 - i]);
  }
  if (fits)
    return success();
  return op->emitOpError("C8: expected a float bias that broadcasts to ")
         << formatShape(target) << ", got " << bias;
}

/// C23: the numbers that the mask reads, for each batch entry and head or for
/// all.
static LogicalResult verifyParameters(LogitsOpInterface op, const Extents &e) {
  unsigned count =
      op.getMask() ? op.getMask()->getFormula().getNumParameters() : 0;
  if (!op.getParameters()) {
    if (count == 0)
      return success();
    return op->emitOpError("C23: the mask reads ")
           << count << " parameters, but none are given";
  }
  if (count == 0)
    return op->emitOpError("C23: parameters are given, but the mask does not "
                           "read any");
  ShapedType type = op.getParameters().getType();
  auto isFor = [&](int64_t dim, int64_t extent) {
    return type.getDimSize(dim) == 1 ||
           mayBeEqual(type.getDimSize(dim), extent);
  };
  if (type.getRank() == 3 && type.getElementType().isInteger(32) &&
      (type.isDynamicDim(2) || type.getDimSize(2) >= count) && isFor(0, e.B) &&
      isFor(1, e.Hq))
    return success();
  return op->emitOpError("C23: expected parameters of shape 1 or ")
         << formatShape({e.B}) << " x 1 or " << formatShape({e.Hq}) << " x "
         << count << " or more and type i32, got " << type;
}

/// C24: what a tree's nodes see of each other.
static LogicalResult verifyAncestors(LogitsOpInterface op, const Extents &e) {
  bool readsBits = op.getMask() && op.getMask()->getFormula().readsBits();
  if (readsBits != static_cast<bool>(op.getAncestors()))
    return op->emitOpError(
        readsBits
            ? "C24: the mask reads ancestors, but none are given"
            : "C24: ancestors are given, but the mask does not read them");
  if (!readsBits)
    return success();
  if (op.getQueryPositions())
    return op->emitOpError("C24: ancestors exclude positions, which do not "
                           "number the nodes of a tree");
  if (failed(verifyType(op, "C24", "ancestors", op.getAncestors(),
                        {e.B, e.Sq, ShapedType::kDynamic},
                        IntegerType::get(op->getContext(), 32))))
    return failure();
  int64_t words = op.getAncestors().getType().getDimSize(2);
  if (ShapedType::isDynamic(words) || ShapedType::isDynamic(e.Sq) ||
      e.Sq <= 32 * words)
    return success();
  return op->emitOpError("C24: expected ancestors with a bit for each of ")
         << e.Sq << " queries, got " << words << " words of 32";
}

/// C26, C27: what is selected, by blocks, and the tiles that have it.
static LogicalResult verifySelection(LogitsOpInterface op, const Extents &e) {
  if (!op.getSelection()) {
    if (op.getTileLists())
      return op->emitOpError("C27: tile_lists come with a selection and a "
                             "schedule");
    if (op.getSelectedRows() || op.getSelectedCols())
      return op->emitOpError("C26: blocks come with a selection");
    return success();
  }
  if (!op.getSelectedRows() || !op.getSelectedCols())
    return op->emitOpError("C26: a selection comes with blocks");
  int64_t rows = *op.getSelectedRows(), cols = *op.getSelectedCols();
  if (rows <= 0 || cols <= 0)
    return op->emitOpError("C26: expected blocks of positive sizes, got ")
           << rows << " and " << cols;
  // A tile may begin anywhere in a block.
  int64_t numBlocks = ShapedType::isDynamic(e.Sq) || !op.getOrigin().empty()
                          ? ShapedType::kDynamic
                          : static_cast<int64_t>(llvm::divideCeil(e.Sq, rows));
  Type i32 = IntegerType::get(op->getContext(), 32);
  if (failed(verifyType(
          op, "C26", "a selection", op.getSelection(),
          {e.B, ShapedType::kDynamic, numBlocks, ShapedType::kDynamic}, i32)))
    return failure();
  int64_t heads = op.getSelection().getType().getDimSize(1);
  if (!ShapedType::isDynamic(e.Hq) && !ShapedType::isDynamic(heads) &&
      (heads == 0 ? e.Hq != 0 : e.Hq % heads != 0))
    return op->emitOpError("C26: query heads are a multiple of the heads of a "
                           "selection, got ")
           << e.Hq << " and " << heads;
  // C27: the tiles.
  if (!op.getTileLists())
    return success();
  if (!op.getSchedule())
    return op->emitOpError("C27: tile_lists come with a selection and a "
                           "schedule");
  int64_t numTiles = ShapedType::isDynamic(e.Sq)
                         ? ShapedType::kDynamic
                         : static_cast<int64_t>(llvm::divideCeil(
                               e.Sq, op.getSchedule()->getRows()));
  return verifyType(op, "C27", "tile_lists", op.getTileLists(),
                    {e.B, e.Hq, numTiles, ShapedType::kDynamic}, i32);
}

/// C10-C13, C21-C24, C26, C27.
static LogicalResult verifyRunTimeOperands(LogitsOpInterface op,
                                           const Extents &e) {
  Type i32 = IntegerType::get(op->getContext(), 32);
  if (op.getMask() && failed(verifyMaskValues(op, op.getMask()->getFormula())))
    return failure();
  if (failed(verifyParameters(op, e)) || failed(verifyAncestors(op, e)) ||
      failed(verifySelection(op, e)))
    return failure();
  // C10: segments exactly when the mask reads them.
  bool readsIds = op.getMask() && op.getMask()->getFormula().readsIds();
  if (readsIds != static_cast<bool>(op.getQuerySegments()))
    return op->emitOpError(readsIds
                               ? "C10: the mask compares segments, but none "
                                 "are given"
                               : "C10: segments are given, but the mask does "
                                 "not read them");
  if (readsIds &&
      (failed(verifyType(op, "C10", "query segments", op.getQuerySegments(),
                         {e.B, e.Sq}, i32)) ||
       failed(verifyType(op, "C10", "key segments", op.getKeySegments(),
                         {e.B, e.Skv}, i32))))
    return failure();
  // C21: bounds of segments, by tile of rows.
  if (op.getSegmentBounds()) {
    if (!readsIds || !op.getSchedule())
      return op->emitOpError("C21: segment_bounds come with segments and a "
                             "schedule");
    if (failed(verifyType(op, "C21", "segment_bounds", op.getSegmentBounds(),
                          {e.B, ShapedType::kDynamic, 4}, i32)))
      return failure();
  }
  // C11: lengths.
  if (op.getKvLengths() && failed(verifyType(op, "C11", "kv_lengths",
                                             op.getKvLengths(), {e.B}, i32)))
    return failure();
  // C12: positions.
  bool isAligned = op.getAlign() != Alignment::TopLeft;
  if (op.getQueryPositions()) {
    if (failed(verifyType(op, "C12", "query positions", op.getQueryPositions(),
                          {e.B, e.Sq}, i32)) ||
        failed(verifyType(op, "C12", "key positions", op.getKeyPositions(),
                          {e.B, e.Skv}, i32)))
      return failure();
    if (op.getOffset() || isAligned)
      return op->emitOpError("C12: positions exclude offset and align");
  }
  // C13: offset.
  if (Value offset = op.getOffset()) {
    if (isAligned)
      return op->emitOpError("C13: offset excludes align");
    if (!offset.getType().isIndex() &&
        (!isa<ShapedType>(offset.getType()) ||
         failed(verifyType(op, "C13", "offset", offset, {e.B}, i32))))
      return isa<ShapedType>(offset.getType())
                 ? failure()
                 : op->emitOpError("C13: expected offset of type index or a "
                                   "shape of B x i32, got ")
                       << offset.getType();
  }
  return success();
}

/// C14, C15: arguments and yielded value of a region.
static LogicalResult verifyRegion(LogitsOpInterface op, Region &region,
                                  StringRef label, StringRef name,
                                  ArrayRef<Type> arguments, Type yielded) {
  if (region.empty())
    return success();
  Block &block = region.front();
  if (TypeRange(block.getArgumentTypes()) != TypeRange(arguments))
    return op->emitOpError(label)
           << ": expected the " << name << " region to take (" << arguments
           << "), got (" << block.getArgumentTypes() << ")";
  auto yield = block.empty() ? YieldOp() : dyn_cast<YieldOp>(block.back());
  if (!yield || yield.getValue().getType() != yielded) {
    InFlightDiagnostic diagnostic = op->emitOpError(label)
                                    << ": expected the " << name
                                    << " region to yield " << yielded;
    if (yield)
      diagnostic << ", got " << yield.getValue().getType();
    return diagnostic;
  }
  return success();
}

/// Everything that attention and its partial form share.
static FailureOr<Extents> verifyLogitsOp(LogitsOpInterface op) {
  if (failed(verifySameKind(op, "C18")))
    return failure();
  FailureOr<Extents> extents = verifyQueryKeyValue(op);
  if (failed(extents) || failed(verifyBias(op, *extents)) ||
      failed(verifyRunTimeOperands(op, *extents)))
    return failure();
  MLIRContext *context = op->getContext();
  Type index = IndexType::get(context);
  Type compute = op.getComputeType();
  if (failed(verifyRegion(op, op.getScore(), "C14", "score",
                          {compute, index, index, index, index}, compute)) ||
      failed(verifyRegion(op, op.getWhere(), "C15", "where",
                          {index, index, index, index},
                          IntegerType::get(context, 1))))
    return failure();
  // C25: reads. What `where` hides is not known here.
  if (failed(verifyReads(op, op.getWhere())) ||
      (op.getWhere().empty() && failed(verifyReads(op, op.getScore()))))
    return failure();
  // C16: a finite scale.
  if (!op.getScale().isFinite())
    return op->emitOpError("C16: expected a finite scale, got ")
           << op.getScale().convertToDouble();
  return extents;
}

LogicalResult AttentionOp::verify() {
  FailureOr<Extents> e = verifyLogitsOp(*this);
  if (failed(e))
    return failure();
  // C7: destinations.
  if (getOuts().empty() || getOuts().size() > 2)
    return emitOpError("C7: expected one or two destinations (output, lse), "
                       "got ")
           << getOuts().size();
  if (failed(verifyType(*this, "C7", "output", getOutput(),
                        {e->B, e->Hq, e->Sq, e->Dv},
                        getQuery().getType().getElementType())) ||
      (getLse() && failed(verifyType(*this, "C7", "lse", getLse(),
                                     {e->B, e->Hq, e->Sq}, getComputeType()))))
    return failure();
  // C9: sinks.
  if (getSink()) {
    ShapedType sink = getShaped(getSink());
    if (!mayHaveShape(sink, {e->Hq}) || !isa<FloatType>(sink.getElementType()))
      return emitOpError("C9: expected float sinks of shape ")
             << formatShape(e->Hq) << ", got " << sink;
  }
  // C17: the origin of a tile.
  if (!getOrigin().empty() && getOrigin().size() != 3)
    return emitOpError("C17: expected an origin (b, h, i), got ")
           << getOrigin().size() << " values";
  return success();
}

LogicalResult PartialOp::verify() {
  FailureOr<Extents> e = verifyLogitsOp(*this);
  if (failed(e))
    return failure();
  // C19: the state.
  Type compute = getComputeType();
  if (getOuts().size() != 3)
    return emitOpError("C19: expected a state of three destinations (acc, ref, "
                       "sum), got ")
           << getOuts().size();
  if (failed(verifyType(*this, "C19", "acc", getAcc(),
                        {e->B, e->Hq, e->Sq, e->Dv}, compute)) ||
      failed(verifyType(*this, "C19", "ref", getRef(), {e->B, e->Hq, e->Sq},
                        compute)) ||
      failed(verifyType(*this, "C19", "sum", getSum(), {e->B, e->Hq, e->Sq},
                        compute)))
    return failure();
  // C20: the origin of a tile.
  if (!getOrigin().empty() && getOrigin().size() != 4)
    return emitOpError("C20: expected an origin (b, h, i, j), got ")
           << getOrigin().size() << " values";
  return success();
}

/// A state's acc has one dimension more than its ref and sum, and one type.
static LogicalResult verifyState(Operation *op, StringRef label, Value acc,
                                 Value ref, Value sum) {
  ShapedType type = getShaped(acc);
  Type element = type.getElementType();
  if (type.getRank() < 1 || !(element.isF32() || element.isF64()))
    return op->emitOpError(label)
           << ": expected acc of f32 or f64 with a rank of at least 1, got "
           << type;
  ArrayRef<int64_t> rows = type.getShape().drop_back();
  return success(succeeded(verifyType(op, label, "ref", ref, rows, element)) &&
                 succeeded(verifyType(op, label, "sum", sum, rows, element)));
}

LogicalResult MergeOp::verify() {
  if (failed(verifySameKind(*this, "C18")))
    return failure();
  if (getOuts().size() != 3)
    return emitOpError("C1: expected a state of three destinations (acc, ref, "
                       "sum), got ")
           << getOuts().size();
  // C1: one shape. C2: one type.
  ShapedType acc = getShaped(getAcc0());
  if (failed(verifyState(*this, "C1", getAcc0(), getRef0(), getSum0())) ||
      failed(verifyState(*this, "C1", getAcc1(), getRef1(), getSum1())) ||
      failed(
          verifyState(*this, "C1", getOuts()[0], getOuts()[1], getOuts()[2])))
    return failure();
  return success(succeeded(verifyType(*this, "C2", "acc", getAcc1(),
                                      acc.getShape(), acc.getElementType())) &&
                 succeeded(verifyType(*this, "C2", "acc", getOuts()[0],
                                      acc.getShape(), acc.getElementType())));
}

LogicalResult FinalizeOp::verify() {
  if (failed(verifySameKind(*this, "C18")))
    return failure();
  // C1: the state.
  ShapedType acc = getShaped(getAcc());
  if (acc.getRank() != 4)
    return emitOpError("C1: expected acc of rank 4, got ") << acc;
  if (failed(verifyState(*this, "C1", getAcc(), getRef(), getSum())))
    return failure();
  // C2: destinations.
  if (getOuts().empty() || getOuts().size() > 2)
    return emitOpError("C2: expected one or two destinations (output, lse), "
                       "got ")
           << getOuts().size();
  ShapedType out = getShaped(getOuts()[0]);
  if (!mayHaveShape(out, acc.getShape()) ||
      !isa<FloatType>(out.getElementType()))
    return emitOpError("C2: expected a float output of shape ")
           << formatShape(acc.getShape()) << ", got " << out;
  if (getOuts().size() > 1 &&
      failed(verifyType(*this, "C2", "lse", getOuts()[1],
                        acc.getShape().drop_back(), acc.getElementType())))
    return failure();
  // C3: sinks.
  if (!getSink())
    return success();
  ShapedType sink = getShaped(getSink());
  if (!mayHaveShape(sink, acc.getDimSize(1)) ||
      !isa<FloatType>(sink.getElementType()))
    return emitOpError("C3: expected float sinks of shape ")
           << formatShape(acc.getDimSize(1)) << ", got " << sink;
  return success();
}
