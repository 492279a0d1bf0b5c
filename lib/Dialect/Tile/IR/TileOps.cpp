//===- TileOps.cpp - Operations of the tiled level ------------------------===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "attn/Dialect/Tile/IR/DpsTypes.h"
#include "attn/Dialect/Tile/IR/FoldInterface.h"
#include "attn/Dialect/Tile/IR/Tile.h"
#include "mlir/Dialect/Utils/IndexingUtils.h"
#include "mlir/IR/OpImplementation.h"

using namespace mlir;
using namespace attn::tile;

#include "attn/Dialect/Tile/IR/FoldInterface.cpp.inc"
#define GET_OP_CLASSES
#include "attn/Dialect/Tile/IR/TileOps.cpp.inc"

//===----------------------------------------------------------------------===//
// Coordinates
//===----------------------------------------------------------------------===//

LogicalResult CoordsOp::verify() {
  // C1: shift and positions are exclusive.
  if (getShift() && getPositions())
    return emitOpError("takes a shift or positions, not both");
  return success();
}

OpFoldResult OriginOp::fold(FoldAdaptor) {
  if (auto coords = getCoords().getDefiningOp<CoordsOp>())
    return coords.getOrigin();
  return {};
}

LogicalResult PositionsOp::verify() {
  int64_t rows = getCoords().getType().getRows();
  auto type = cast<RankedTensorType>(getType());
  if (type.getDimSize(0) != rows)
    return emitOpError("expected one position for each of the ")
           << rows << " rows, got " << type;
  return success();
}

/// C1-C3 of `tile.rows` and `tile.insert`.
static LogicalResult verifyTileAccess(Operation *op, RankedTensorType tensor,
                                      size_t numIndices, CoordsType coords,
                                      RankedTensorType tile) {
  // C1: ranks.
  if (tile.getRank() < 1 || tile.getRank() > 2)
    return op->emitOpError("expected a tile of rank 1 or 2, got ") << tile;
  if (tensor.getRank() != static_cast<int64_t>(numIndices) + tile.getRank())
    return op->emitOpError("expected rank(tensor) = indices + rank(tile), got ")
           << tensor << ", " << numIndices << " indices and " << tile;
  // C2: the rows of the tile.
  if (!tile.hasStaticShape() || tile.getDimSize(0) != coords.getRows())
    return op->emitOpError("expected a static tile of ")
           << coords.getRows() << " rows, got " << tile;
  // C3: element types.
  if (tensor.getElementType() != tile.getElementType())
    return op->emitOpError("element types differ: ")
           << tensor.getElementType() << " and " << tile.getElementType();
  return success();
}

LogicalResult RowsOp::verify() {
  // C2: columns.
  auto type = cast<RankedTensorType>(getType());
  if (getColumns() && (type.getRank() != 2 ||
                       type.getDimSize(1) != getColumns().getType().getRows()))
    return emitOpError("expected a tile of ")
           << getColumns().getType().getRows() << " columns, got " << type;
  return verifyTileAccess(*this, cast<RankedTensorType>(getSource().getType()),
                          getIndices().size(), getCoords().getType(),
                          cast<RankedTensorType>(getType()));
}

LogicalResult InsertOp::verify() {
  return verifyTileAccess(*this, cast<RankedTensorType>(getDest().getType()),
                          getIndices().size(), getCoords().getType(),
                          cast<RankedTensorType>(getTile().getType()));
}

static LogicalResult verifyParameters(Operation *op, StringRef rule,
                                      std::optional<VisitAttrInterface> mask,
                                      ValueRange parameters) {
  size_t expected = mask ? mask->getFormula().getNumParameters() : 0;
  if (parameters.size() == expected)
    return success();
  return op->emitOpError(rule)
         << ": expected " << expected << " parameters of the mask, got "
         << parameters.size();
}

LogicalResult PredicateOp::verify() {
  int64_t rows = getRows().getType().getRows();
  int64_t cols = getCols().getType().getRows();
  auto type = cast<RankedTensorType>(getType());
  // C1: the shape of the result.
  if (type.getShape() != ArrayRef<int64_t>{rows, cols})
    return emitOpError("expected a result of ")
           << rows << " x " << cols << ", got " << type;
  // C2: ids exactly when the mask reads them.
  bool needsIds = getMask() && getMask()->getFormula().readsIds();
  if (needsIds != static_cast<bool>(getRowIds()))
    return emitOpError(needsIds ? "needs ids: its mask compares them"
                                : "takes no ids: its mask reads none");
  if (failed(verifyParameters(*this, "C3", getMask(), getParameters())))
    return failure();
  // C4: bits exactly when the mask reads them.
  bool needsBits = getMask() && getMask()->getFormula().readsBits();
  if (needsBits != static_cast<bool>(getBits()))
    return emitOpError(needsBits ? "C4: needs bits: its mask reads them"
                                 : "C4: takes no bits: its mask reads none");
  if (!needsIds)
    return success();
  auto rowIds = cast<RankedTensorType>(getRowIds().getType());
  auto colIds = cast<RankedTensorType>(getColIds().getType());
  if (rowIds.getDimSize(0) != rows || colIds.getDimSize(0) != cols)
    return emitOpError("expected ")
           << rows << " row ids and " << cols << " column ids, got " << rowIds
           << " and " << colIds;
  return success();
}

LogicalResult VisitedOp::verify() {
  // C1: one entry per group.
  int64_t group = getGroup();
  if (group <= 0)
    return emitOpError("expected a positive group, got ") << group;
  int64_t count = llvm::divideCeil(getRows().getType().getRows(), group);
  for (Type type : getResultTypes())
    if (cast<RankedTensorType>(type).getDimSize(0) != count)
      return emitOpError("expected ") << count << " groups, got " << type;
  return verifyParameters(*this, "C2", getMask(), getParameters());
}

LogicalResult DomainOp::verify() {
  // C1: a mask comes with the rows that look through it, and where they are.
  bool hasMask = static_cast<bool>(getMask());
  if (hasMask != static_cast<bool>(getRows()) ||
      hasMask != static_cast<bool>(getBatch()) ||
      hasMask != static_cast<bool>(getHead()))
    return emitOpError("expected a mask, rows, batch and head together");
  if (getShift() && getPositions())
    return emitOpError("takes a shift or positions, not both");
  // C2: bounds by run-time data.
  if (!getSameId().empty() && getSameId().size() != 4)
    return emitOpError("expected four bounds of same_id, got ")
           << getSameId().size();
  // C4: a part of all tiles.
  if (!getSpan().empty() && getSpan().size() != 2)
    return emitOpError("C4: expected two bounds of a span, got ")
           << getSpan().size();
  if (!getSpan().empty() && hasMask)
    return emitOpError(
        "C4: a mask decides which tiles are visited, so there is "
        "no span of them");
  // C5: what is listed.
  if (getCounts().size() != (getList() ? 2 : 0))
    return emitOpError("C5: expected two counts with a list and none without, "
                       "got ")
           << getCounts().size();
  if (getList() && (getMask() || !getSameId().empty() || !getSpan().empty() ||
                    getIrregular()))
    return emitOpError("C5: a list has been chosen already: it comes without a "
                       "mask, same_id, span and irregular");
  return verifyParameters(*this, "C3", getMask(), getParameters());
}

//===----------------------------------------------------------------------===//
// Folds
//===----------------------------------------------------------------------===//

void FoldOp::build(OpBuilder &builder, OperationState &state, FoldOrder order,
                   Value domain, ValueRange inits, ArrayRef<StringRef> flags) {
  state.addOperands(domain);
  state.addOperands(inits);
  state.addTypes(inits.getTypes());
  auto &properties = state.getOrAddProperties<Properties>();
  properties.order = FoldOrderAttr::get(builder.getContext(), order);
  properties.flags = builder.getStrArrayAttr(flags);
  OpBuilder::InsertionGuard guard(builder);
  Block *body = builder.createBlock(state.addRegion());
  int64_t rows = cast<DomainType>(domain.getType()).getRows();
  body->addArgument(CoordsType::get(builder.getContext(), rows),
                    state.location);
  for (size_t i = 0; i < flags.size(); ++i)
    body->addArgument(builder.getI1Type(), state.location);
  for (Value init : inits)
    body->addArgument(init.getType(), state.location);
}

ParseResult FoldOp::parse(OpAsmParser &parser, OperationState &result) {
  Builder &builder = parser.getBuilder();
  // Order.
  StringRef keyword;
  SMLoc loc = parser.getCurrentLocation();
  if (parser.parseKeyword(&keyword))
    return failure();
  std::optional<FoldOrder> order = symbolizeFoldOrder(keyword);
  if (!order)
    return parser.emitError(loc, "expected 'free' or 'ordered', got '")
           << keyword << "'";
  auto &properties = result.getOrAddProperties<Properties>();
  properties.order = FoldOrderAttr::get(builder.getContext(), *order);
  // (%J, name = %flag, ...)
  SmallVector<OpAsmParser::Argument> arguments(1);
  SmallVector<Attribute> flags;
  if (parser.parseLParen() || parser.parseArgument(arguments[0]))
    return failure();
  while (succeeded(parser.parseOptionalComma())) {
    if (parser.parseKeyword(&keyword) || parser.parseEqual() ||
        parser.parseArgument(arguments.emplace_back()))
      return failure();
    flags.push_back(builder.getStringAttr(keyword));
    arguments.back().type = builder.getI1Type();
  }
  properties.flags = builder.getArrayAttr(flags);
  // in %domain [iter(%a = %init, ...)] : !tile.domain<N>[, types]
  OpAsmParser::UnresolvedOperand domain;
  SmallVector<OpAsmParser::UnresolvedOperand> inits;
  if (parser.parseRParen() || parser.parseKeyword("in") ||
      parser.parseOperand(domain))
    return failure();
  size_t firstState = arguments.size();
  if (succeeded(parser.parseOptionalKeyword("iter"))) {
    auto parseOne = [&]() -> ParseResult {
      return failure(parser.parseArgument(arguments.emplace_back()) ||
                     parser.parseEqual() ||
                     parser.parseOperand(inits.emplace_back()));
    };
    if (parser.parseCommaSeparatedList(AsmParser::Delimiter::Paren, parseOne))
      return failure();
  }
  if (succeeded(parser.parseOptionalKeyword("micro"))) {
    MicroTileAttr micro;
    if (parser.parseLParen() || parser.parseAttribute(micro) ||
        parser.parseRParen())
      return failure();
    properties.micro = micro;
  }
  if (succeeded(parser.parseOptionalKeyword("hoist_pack")))
    properties.hoist_pack = builder.getUnitAttr();
  if (succeeded(parser.parseOptionalKeyword("partial_first")))
    properties.partial_first = builder.getUnitAttr();
  if (succeeded(parser.parseOptionalKeyword("held")))
    properties.held = builder.getUnitAttr();
  DomainType domainType;
  SmallVector<Type> types;
  loc = parser.getCurrentLocation();
  if (parser.parseOptionalAttrDictWithKeyword(result.attributes) ||
      parser.parseColonType(domainType))
    return failure();
  while (succeeded(parser.parseOptionalComma()))
    if (parser.parseType(types.emplace_back()))
      return failure();
  if (types.size() != inits.size())
    return parser.emitError(loc, "expected a type for each of the ")
           << inits.size() << " carried values, got " << types.size();
  arguments[0].type =
      CoordsType::get(builder.getContext(), domainType.getRows());
  for (auto [argument, type] :
       llvm::zip(MutableArrayRef(arguments).drop_front(firstState), types))
    argument.type = type;
  if (parser.resolveOperand(domain, domainType, result.operands) ||
      parser.resolveOperands(inits, types, loc, result.operands))
    return failure();
  result.addTypes(types);
  return parser.parseRegion(*result.addRegion(), arguments);
}

void FoldOp::print(OpAsmPrinter &printer) {
  printer << ' ' << stringifyFoldOrder(getOrder()) << " (";
  printer << getCoords();
  for (auto [name, argument] : llvm::zip(getFlags(), getFlagArguments()))
    printer << ", " << cast<StringAttr>(name).getValue() << " = " << argument;
  printer << ") in " << getDomain();
  if (!getInits().empty()) {
    printer << " iter(";
    llvm::interleaveComma(
        llvm::zip(getStateArguments(), getInits()), printer, [&](auto pair) {
          printer << std::get<0>(pair) << " = " << std::get<1>(pair);
        });
    printer << ")";
  }
  if (getMicroAttr())
    printer << " micro(" << getMicroAttr() << ")";
  if (getHoistPack())
    printer << " hoist_pack";
  if (getPartialFirst())
    printer << " partial_first";
  if (getHeld())
    printer << " held";
  printer.printOptionalAttrDictWithKeyword(
      (*this)->getDiscardableAttrs().empty()
          ? ArrayRef<NamedAttribute>()
          : to_vector((*this)->getDiscardableAttrs()));
  printer << " : " << getDomain().getType();
  for (Type type : getInits().getTypes())
    printer << ", " << type;
  printer << ' ';
  printer.printRegion(getRegion(), /*printEntryBlockArgs=*/false);
}

LogicalResult FoldOp::verify() {
  // C3: flag names are distinct.
  llvm::SmallDenseSet<Attribute> names;
  for (Attribute name : getFlags())
    if (!names.insert(name).second)
      return emitOpError("flag ") << name << " is given twice";
  // C4: only a free fold may be reordered.
  if (getPartialFirst() && getOrder() != FoldOrder::Free)
    return emitOpError("C4: an ordered fold cannot have its partial tiles "
                       "first");
  // C5: the partial tiles and the first one make the state what it is held at.
  if (getHeld() &&
      (!getPartialFirst() ||
       !llvm::is_contained(getFlags().getAsValueRange<StringAttr>(), "update")))
    return emitOpError("C5: a held fold has its partial tiles first and the "
                       "flag 'update'");
  if (getResultTypes() != getInits().getTypes())
    return emitOpError("expected one result per carried value, of its type");
  return success();
}

LogicalResult FoldOp::verifyRegions() {
  // C1: the body's arguments.
  Block &body = getRegion().front();
  size_t numFlags = getFlags().size();
  if (body.getNumArguments() != 1 + numFlags + getInits().size())
    return emitOpError("expected ")
           << 1 + numFlags + getInits().size()
           << " block arguments (coordinates, flags, state), got "
           << body.getNumArguments();
  auto coords = dyn_cast<CoordsType>(body.getArgument(0).getType());
  if (!coords || coords.getRows() != getDomain().getType().getRows())
    return emitOpError("expected coordinates of ")
           << getDomain().getType().getRows() << " rows, got "
           << body.getArgument(0).getType();
  for (BlockArgument flag : getFlagArguments())
    if (!flag.getType().isInteger(1))
      return emitOpError("expected an i1 flag, got ") << flag.getType();
  for (auto [argument, init] : llvm::zip(getStateArguments(), getInits()))
    if (argument.getType() != init.getType())
      return emitOpError("expected a state argument of type ")
             << init.getType() << ", got " << argument.getType();
  // C2: what is yielded.
  auto yield = dyn_cast<YieldOp>(body.getTerminator());
  if (!yield || yield.getValues().getTypes() != getInits().getTypes())
    return emitOpError(
        "expected tile.yield of one value per carried value, of its type");
  return success();
}

SmallVector<Region *> FoldOp::getLoopRegions() { return {&getRegion()}; }

Block::BlockArgListType FoldOp::getRegionIterArgs() {
  return getStateArguments();
}

std::optional<MutableArrayRef<OpOperand>> FoldOp::getYieldedValuesMutable() {
  return getBody()->getTerminator()->getOpOperands();
}

std::optional<ResultRange> FoldOp::getLoopResults() { return getResults(); }

//===----------------------------------------------------------------------===//
// In-tile work
//===----------------------------------------------------------------------===//

/// Reads every memref operand, writes the destinations.
static void
getDpsEffects(DestinationStyleOpInterface op,
              SmallVectorImpl<MemoryEffects::EffectInstance> &effects) {
  for (OpOperand &operand : op->getOpOperands()) {
    if (!isa<MemRefType>(operand.get().getType()))
      continue;
    effects.emplace_back(MemoryEffects::Read::get(), &operand);
    if (op.isDpsInit(&operand))
      effects.emplace_back(MemoryEffects::Write::get(), &operand);
  }
}

void ContractOp::getEffects(
    SmallVectorImpl<MemoryEffects::EffectInstance> &effects) {
  getDpsEffects(*this, effects);
}

LogicalResult ContractOp::verify() {
  // C1: the maps.
  SmallVector<AffineMap> maps =
      llvm::to_vector(getMaps().getAsValueRange<AffineMapAttr>());
  if (maps.size() != 3)
    return emitOpError("expected three maps (lhs, rhs, out), got ")
           << maps.size();
  auto shaped = [](Value value) { return cast<ShapedType>(value.getType()); };
  ShapedType types[] = {shaped(getLhs()), shaped(getRhs()), shaped(getOut())};
  unsigned numDims = maps[0].getNumDims();
  SmallVector<int64_t> extents(numDims, -1);
  SmallVector<bool> isUsed(numDims, false);
  for (auto [map, type] : llvm::zip(maps, types)) {
    if (map.getNumDims() != numDims || !map.isProjectedPermutation())
      return emitOpError("expected projected permutations of one space, got ")
             << AffineMapAttr::get(map);
    if (map.getNumResults() != type.getRank())
      return emitOpError("map ")
             << AffineMapAttr::get(map) << " does not fit the rank of " << type;
    // C2: extents agree.
    for (auto [result, extent] : llvm::zip(map.getResults(), type.getShape())) {
      unsigned dim = cast<AffineDimExpr>(result).getPosition();
      isUsed[dim] = true;
      if (ShapedType::isDynamic(extent))
        continue;
      if (extents[dim] >= 0 && extents[dim] != extent)
        return emitOpError("dimension d")
               << dim << " is " << extents[dim] << " and " << extent;
      extents[dim] = extent;
    }
    // C3: element types agree.
    if (type.getElementType() != types[2].getElementType())
      return emitOpError("element types differ: ")
             << type << " and " << types[2];
  }
  for (auto [dim, used] : llvm::enumerate(isUsed))
    if (!used)
      return emitOpError("dimension d") << dim << " indexes no operand";
  // C4: bounds.
  if (!getLower())
    return success();
  if (!getUpper() || !getBoundDim() || !getGroup())
    return emitOpError("bounds come with a dimension and a group size");
  ShapedType lower = shaped(getLower()), upper = shaped(getUpper());
  if (lower.getRank() != 1 || !lower.getElementType().isIndex() ||
      lower.getShape() != upper.getShape() ||
      lower.getElementType() != upper.getElementType())
    return emitOpError("expected bounds of rank 1, index and one length, got ")
           << lower << " and " << upper;
  if (*getBoundDim() < 0 || *getBoundDim() >= numDims || *getGroup() <= 0)
    return emitOpError("expected a bound dimension below ")
           << numDims << " and a positive group, got " << *getBoundDim()
           << " and " << *getGroup();
  return success();
}

LogicalResult TriInverseOp::verify() {
  // C1: static and square.
  auto type = cast<RankedTensorType>(getType());
  if (!type.hasStaticShape() || type.getDimSize(0) != type.getDimSize(1))
    return emitOpError("expected a static square matrix, got ") << type;
  return success();
}

LogicalResult AnyOp::verify() {
  // C1: static.
  if (!getInput().getType().hasStaticShape())
    return emitOpError("C1: expected a static vector, got ")
           << getInput().getType();
  return success();
}

LogicalResult HeldOp::verify() {
  // C1: a fold's.
  if (!getState().getDefiningOp<FoldOp>())
    return emitOpError("C1: expected a result of a tile.fold");
  return success();
}

LogicalResult ScanOp::verify() {
  // C1: rank 1 or 2 of f32 or f64.
  auto type = cast<RankedTensorType>(getType());
  Type element = type.getElementType();
  if (type.getRank() < 1 || type.getRank() > 2 ||
      !(element.isF32() || element.isF64()))
    return emitOpError("expected rank 1 or 2 of f32 or f64, got ") << type;
  return success();
}

//===----------------------------------------------------------------------===//
// Views
//===----------------------------------------------------------------------===//

void TransposeOp::build(OpBuilder &builder, OperationState &state, Value source,
                        ArrayRef<int64_t> permutation) {
  auto type = cast<RankedTensorType>(source.getType());
  auto shape = applyPermutation(type.getShape(), permutation);
  build(builder, state, type.clone(shape), source,
        builder.getDenseI64ArrayAttr(permutation));
}

LogicalResult TransposeOp::verify() {
  auto source = cast<RankedTensorType>(getSource().getType()),
       result = cast<RankedTensorType>(getType());
  // C1: a permutation.
  ArrayRef<int64_t> order = getPermutation();
  if (static_cast<int64_t>(order.size()) != source.getRank() ||
      !isPermutationVector(order))
    return emitOpError("C1: expected a permutation of the ")
           << source.getRank() << " dimensions of the source, got ["
           << llvm::make_range(order.begin(), order.end()) << "]";
  // C2: the type that follows.
  auto expected = source.clone(applyPermutation(source.getShape(), order));
  if (result != expected)
    return emitOpError("C2: expected a result of type ")
           << expected << ", got " << result;
  return success();
}

OpFoldResult TransposeOp::fold(FoldAdaptor) {
  if (isIdentityPermutation(getPermutation()))
    return getSource();
  // There and back.
  auto inner = getSource().getDefiningOp<TransposeOp>();
  if (inner && isIdentityPermutation(
                   applyPermutation(inner.getPermutation(), getPermutation())))
    return inner.getSource();
  return {};
}
