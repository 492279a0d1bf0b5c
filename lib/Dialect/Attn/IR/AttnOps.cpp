//===- AttnOps.cpp - Effects, shapes and canonical forms ------------------===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "attn/Dialect/Attn/IR/Attn.h"
#include "attn/Dialect/Tile/IR/DpsTypes.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;
using namespace attn;
using attn::tile::parseDpsTypes;
using attn::tile::printDpsTypes;

#include "attn/Dialect/Attn/IR/AttnInterfaces.cpp.inc"

/// A mask as an operand of an operation keeps its `#attn.`, so that it reads
/// the same as anywhere else; without it, it is understood too.
static ParseResult parseMask(OpAsmParser &parser,
                             tile::VisitAttrInterface &mask) {
  SMLoc loc = parser.getCurrentLocation();
  Attribute attribute;
  OptionalParseResult full = parser.parseOptionalAttribute(attribute, Type());
  if (full.has_value()) {
    if (failed(*full))
      return failure();
  } else {
    auto *dialect = parser.getContext()->getLoadedDialect<AttnDialect>();
    attribute = dialect->parseBareMask(parser);
    if (!attribute)
      return failure();
  }
  mask = dyn_cast<tile::VisitAttrInterface>(attribute);
  if (!mask)
    return parser.emitError(loc, "expected a mask, got ") << attribute;
  return success();
}

static void printMask(OpAsmPrinter &printer, Operation *,
                      tile::VisitAttrInterface mask) {
  printer << mask;
}

/// An optional attribute would be printed without its name and then not be
/// parsed without it.
static ParseResult parseSchedule(OpAsmParser &parser, ScheduleAttr &schedule) {
  return parser.parseCustomAttributeWithFallback(schedule);
}

static void printSchedule(OpAsmPrinter &printer, Operation *,
                          ScheduleAttr schedule) {
  printer.printStrippedAttrOrType(schedule);
}

static ParseResult parseChunkSchedule(OpAsmParser &parser,
                                      ChunkScheduleAttr &schedule) {
  return parser.parseCustomAttributeWithFallback(schedule);
}

static void printChunkSchedule(OpAsmPrinter &printer, Operation *,
                               ChunkScheduleAttr schedule) {
  printer.printStrippedAttrOrType(schedule);
}

#define GET_OP_CLASSES
#include "attn/Dialect/Attn/IR/AttnOps.cpp.inc"

//===----------------------------------------------------------------------===//
// Memory effects
//===----------------------------------------------------------------------===//

using Effects = SmallVectorImpl<MemoryEffects::EffectInstance>;

/// On memrefs: reads every operand, writes the destinations. On tensors: none.
static void getDpsEffects(DestinationStyleOpInterface op, Effects &effects) {
  for (OpOperand &operand : op->getOpOperands()) {
    if (!isa<MemRefType>(operand.get().getType()))
      continue;
    effects.emplace_back(MemoryEffects::Read::get(), &operand);
    if (op.isDpsInit(&operand))
      effects.emplace_back(MemoryEffects::Write::get(), &operand);
  }
}

void AttentionOp::getEffects(Effects &effects) {
  getDpsEffects(*this, effects);
}
void PartialOp::getEffects(Effects &effects) { getDpsEffects(*this, effects); }
void MergeOp::getEffects(Effects &effects) { getDpsEffects(*this, effects); }
void FinalizeOp::getEffects(Effects &effects) { getDpsEffects(*this, effects); }
void RecurrenceOp::getEffects(Effects &effects) {
  getDpsEffects(*this, effects);
}
void ScanOp::getEffects(Effects &effects) { getDpsEffects(*this, effects); }
void PoolOp::getEffects(Effects &effects) { getDpsEffects(*this, effects); }
void RouteScoreOp::getEffects(Effects &effects) {
  getDpsEffects(*this, effects);
}
void SelectOp::getEffects(Effects &effects) { getDpsEffects(*this, effects); }
void SortOp::getEffects(Effects &effects) { getDpsEffects(*this, effects); }
void ClusterOp::getEffects(Effects &effects) { getDpsEffects(*this, effects); }
void PermuteOp::getEffects(Effects &effects) { getDpsEffects(*this, effects); }

//===----------------------------------------------------------------------===//
// Result shapes
//===----------------------------------------------------------------------===//

/// A result has the shape of its destination.
static LogicalResult reifyFromOuts(OpBuilder &builder, Operation *op,
                                   ValueRange outs,
                                   ReifiedRankedShapedTypeDims &shapes) {
  if (op->getNumResults() == 0)
    return failure();
  for (Value out : outs)
    shapes.push_back(tensor::getMixedSizes(builder, op->getLoc(), out));
  return success();
}

/// [B, Hq, Sq] and, for the output, Dv: of the operands, so that a caller can
/// relate the result to what it passes in.
static LogicalResult reifyFromOperands(OpBuilder &builder, LogitsOpInterface op,
                                       ReifiedRankedShapedTypeDims &shapes) {
  if (op->getNumResults() == 0)
    return failure();
  Location loc = op.getLoc();
  SmallVector<OpFoldResult> rows =
      tensor::getMixedSizes(builder, loc, op.getQuery());
  rows.pop_back();
  OpFoldResult width = tensor::getMixedSize(builder, loc, op.getValue(), 3);
  for (Value out : op.getOuts()) {
    shapes.push_back(rows);
    if (cast<ShapedType>(out.getType()).getRank() == 4)
      shapes.back().push_back(width);
  }
  return success();
}

LogicalResult
AttentionOp::reifyResultShapes(OpBuilder &builder,
                               ReifiedRankedShapedTypeDims &shapes) {
  return reifyFromOperands(builder, *this, shapes);
}
LogicalResult
PartialOp::reifyResultShapes(OpBuilder &builder,
                             ReifiedRankedShapedTypeDims &shapes) {
  return reifyFromOperands(builder, *this, shapes);
}
LogicalResult MergeOp::reifyResultShapes(OpBuilder &builder,
                                         ReifiedRankedShapedTypeDims &shapes) {
  return reifyFromOuts(builder, *this, getOuts(), shapes);
}
LogicalResult
FinalizeOp::reifyResultShapes(OpBuilder &builder,
                              ReifiedRankedShapedTypeDims &shapes) {
  return reifyFromOuts(builder, *this, getOuts(), shapes);
}
LogicalResult PoolOp::reifyResultShapes(OpBuilder &builder,
                                        ReifiedRankedShapedTypeDims &shapes) {
  return reifyFromOuts(builder, *this, getOuts(), shapes);
}
LogicalResult
RouteScoreOp::reifyResultShapes(OpBuilder &builder,
                                ReifiedRankedShapedTypeDims &shapes) {
  return reifyFromOuts(builder, *this, getOuts(), shapes);
}
LogicalResult SelectOp::reifyResultShapes(OpBuilder &builder,
                                          ReifiedRankedShapedTypeDims &shapes) {
  return reifyFromOuts(builder, *this, getOuts(), shapes);
}
LogicalResult SortOp::reifyResultShapes(OpBuilder &builder,
                                        ReifiedRankedShapedTypeDims &shapes) {
  return reifyFromOuts(builder, *this, getOuts(), shapes);
}
LogicalResult
ClusterOp::reifyResultShapes(OpBuilder &builder,
                             ReifiedRankedShapedTypeDims &shapes) {
  return reifyFromOuts(builder, *this, getOuts(), shapes);
}
LogicalResult
PermuteOp::reifyResultShapes(OpBuilder &builder,
                             ReifiedRankedShapedTypeDims &shapes) {
  return reifyFromOuts(builder, *this, getOuts(), shapes);
}
