//===- WGRoleOps.cpp - Warps with different work --------------------------===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "attn/Dialect/WG/IR/WG.h"
#include "mlir/IR/Builders.h"

using namespace mlir;
using namespace attn::wg;

/// `helpers` 4 `registers` 104 { ... }, if there are any.
ParseResult attn::wg::parseHelpers(OpAsmParser &parser, IntegerAttr &helpers,
                                   IntegerAttr &registers, Region &region) {
  Builder &b = parser.getBuilder();
  int32_t count = 0, perThread = 0;
  if (succeeded(parser.parseOptionalKeyword("helpers")) &&
      (parser.parseInteger(count) || parser.parseKeyword("registers") ||
       parser.parseInteger(perThread) || parser.parseRegion(region)))
    return failure();
  helpers = b.getI32IntegerAttr(count);
  registers = b.getI32IntegerAttr(perThread);
  return success();
}

void attn::wg::printHelpers(OpAsmPrinter &printer, Operation *,
                            IntegerAttr helpers, IntegerAttr registers,
                            Region &region) {
  if (region.empty())
    return;
  printer << " helpers " << helpers.getInt() << " registers "
          << registers.getInt() << ' ';
  printer.printRegion(region);
}

LogicalResult RolesOp::verify() {
  bool hasHelpers = !getHelp().empty();
  // C1: whole groups of four warps.
  for (auto [name, warps] :
       {std::pair("producers", getProducers()),
        std::pair("consumers", getConsumers()),
        std::pair("helpers",
                  hasHelpers || getHelpers() != 0 ? getHelpers() : 4)})
    if (int32_t count = warps; count <= 0 || count % 4 != 0)
      return emitOpError("C1: expected a positive multiple of 4 ")
             << name << ", got " << count;
  if (!hasHelpers && getHelpers() != 0)
    return emitOpError("C1: expected a region for ")
           << getHelpers() << " helpers";
  // C2: what can be asked for.
  for (auto [name, registers] :
       {std::pair("producers", getProducerRegisters()),
        std::pair("consumers", getConsumerRegisters()),
        std::pair("helpers", hasHelpers ? getHelperRegisters() : 24)})
    if (registers < 24 || registers > 256 || registers % 8 != 0)
      return emitOpError(
                 "C2: expected a multiple of 8 from 24 to 256 registers "
                 "of ")
             << name << ", got " << registers;
  // C4: those who copy are producers.
  if (int32_t copiers = getCopiers();
      copiers < 1 || copiers > static_cast<int32_t>(getProducers()))
    return emitOpError("C4: expected from 1 to ")
           << getProducers() << " copiers, as there are producers, got "
           << copiers;
  return success();
}

LogicalResult RolesOp::verifyRegions() {
  // C3: the warps among which tiles are distributed are the others.
  WalkResult result = getProduce().walk([&](Operation *op) {
    auto isTile = [](Type type) { return isa<TileType>(type); };
    return llvm::any_of(op->getOperandTypes(), isTile) ||
                   llvm::any_of(op->getResultTypes(), isTile)
               ? WalkResult(op->emitOpError(
                     "C3: a tile in registers is used by the producers"))
               : WalkResult::advance();
  });
  return failure(result.wasInterrupted());
}

static LogicalResult verifyConsumer(Operation *op) {
  auto roles = op->getParentOfType<RolesOp>();
  if (!roles || !roles.getConsume().isAncestor(op->getParentRegion()))
    return op->emitOpError("C1: expected a place among consumers");
  return success();
}

LogicalResult TakeTurnOp::verify() { return verifyConsumer(*this); }

LogicalResult PassTurnOp::verify() { return verifyConsumer(*this); }

static LogicalResult verifyUsedByRoles(Operation *op) {
  for (Operation *user : op->getUsers()) {
    auto roles = user->getParentOfType<RolesOp>();
    if (!roles || roles->getBlock() != op->getBlock())
      return op->emitOpError(
                 "C1: used outside of a wg.roles of the same block: ")
             << user->getName();
  }
  return success();
}

LogicalResult MakeChannelOp::verify() {
  int64_t fills = static_cast<int32_t>(getFills());
  int64_t releases = static_cast<int32_t>(getReleases().value_or(1));
  if (fills < 1 || releases < 1)
    return emitOpError("C2: expected positive numbers of warps, got ")
           << fills << " and " << releases;
  return verifyUsedByRoles(*this);
}

LogicalResult SendOp::verify() {
  SharedType place = getChannel().getType().getTile();
  TileType tile = getTile().getType();
  if (place.getShape() != tile.getShape() ||
      place.getElementType() != tile.getElementType())
    return emitOpError("C1: expected one shape and element type, got ")
           << tile << " and " << getChannel().getType();
  auto roles = (*this)->getParentOfType<RolesOp>();
  if (!roles || !roles.getHelp().isAncestor((*this)->getParentRegion()))
    return emitOpError("C2: expected a place among helpers");
  return success();
}

LogicalResult MakeNotesOp::verify() { return verifyUsedByRoles(*this); }

LogicalResult NoteOp::verify() {
  if (failed(verifyConsumer(*this)))
    return failure();
  if (!isa<FloatType>(getTile().getType().getElementType()))
    return emitOpError("C2: expected a vector of floats, got ")
           << getTile().getType();
  return success();
}

LogicalResult ShareNotesOp::verify() { return verifyConsumer(*this); }

LogicalResult MakeDrawsOp::verify() { return verifyUsedByRoles(*this); }

static LogicalResult verifyProducer(Operation *op) {
  auto roles = op->getParentOfType<RolesOp>();
  if (!roles || !roles.getProduce().isAncestor(op->getParentRegion()))
    return op->emitOpError("C1: expected a place among producers");
  return success();
}

LogicalResult CopierOp::verify() { return verifyProducer(*this); }

LogicalResult DrawOp::verify() { return verifyProducer(*this); }

LogicalResult EndDrawsOp::verify() { return verifyProducer(*this); }

LogicalResult CopyBulkOp::verify() {
  if (getCoordinates().size() < 2)
    return emitOpError("C1: expected at least two coordinates, got ")
           << getCoordinates().size();
  return success();
}

LogicalResult ReceiveOp::verify() {
  if (getResult().getType() != getChannel().getType().getTile())
    return emitOpError("C1: expected a tile of the channel, ")
           << getChannel().getType() << ", got " << getResult().getType();
  // C2: whoever fills the place does not wait longer.
  Block *block = (*this)->getBlock();
  for (Operation *other : getChannel().getUsers()) {
    auto release = dyn_cast<ReleaseOp>(other);
    if (!release || release->getBlock() != block ||
        release.getCursor() != getCursor() || release->isBeforeInBlock(*this))
      continue;
    for (Operation *user : getResult().getUsers()) {
      Operation *ancestor = block->findAncestorOpInBlock(*user);
      if (!ancestor || !ancestor->isBeforeInBlock(release))
        return emitOpError("C2: a use of the tile follows its release: ")
               << user->getName();
    }
  }
  return success();
}

bool DescribeOp::takesElement(Type type) {
  return type.isInteger(8) || type.isInteger(16) || type.isInteger(32) ||
         type.isF16() || type.isBF16() || type.isF32();
}

LogicalResult DescribeOp::verify() {
  auto type = cast<MemRefType>(getMemory().getType());
  SmallVector<int64_t> strides;
  int64_t offset;
  if (type.getRank() < 2 || type.getRank() > 5 ||
      failed(type.getStridesAndOffset(strides, offset)) || strides.back() != 1)
    return emitOpError("C1: expected memory of rank 2 to 5 that is contiguous "
                       "in the last dimension, got ")
           << type;
  if (type.getElementType() != getTileType().getElementType())
    return emitOpError("C2: element types differ: ")
           << type.getElementType() << " and "
           << getTileType().getElementType();
  if (!takesElement(type.getElementType()))
    return emitOpError("C4: the copy engine has no elements of ")
           << type.getElementType();
  SharedType tile = getTileType();
  if ((tile.isVector() ? tile.getNumCols() : tile.getNumRows()) > 256)
    return emitOpError("C3: expected a tile of at most 256 rows, or elements "
                       "of a vector, got ")
           << tile;
  return success();
}
