//===- WGDialect.cpp - Distributed and shared tiles -----------------------===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "attn/Dialect/WG/IR/WG.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/DialectImplementation.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace attn::wg;

#include "attn/Dialect/WG/IR/WGDialect.cpp.inc"
#include "attn/Dialect/WG/IR/WGEnums.cpp.inc"
#define GET_ATTRDEF_CLASSES
#include "attn/Dialect/WG/IR/WGAttributes.cpp.inc"
#define GET_TYPEDEF_CLASSES
#include "attn/Dialect/WG/IR/WGTypes.cpp.inc"

void WGDialect::initialize() {
  addAttributes<
#define GET_ATTRDEF_LIST
#include "attn/Dialect/WG/IR/WGAttributes.cpp.inc"
      >();
  addTypes<
#define GET_TYPEDEF_LIST
#include "attn/Dialect/WG/IR/WGTypes.cpp.inc"
      >();
  addOperations<
#define GET_OP_LIST
#include "attn/Dialect/WG/IR/WGOps.cpp.inc"
      >();
}

/// Lanes of a warp.
static constexpr int64_t kWarpLanes = 32;

LogicalResult LanesAttr::verify(function_ref<InFlightDiagnostic()> emitError,
                                ArrayRef<int64_t> lanes,
                                ArrayRef<int64_t> consecutive, int64_t inner) {
  if (lanes.size() != consecutive.size())
    return emitError() << "C1: expected as many numbers of elements as of "
                          "lanes, got "
                       << consecutive.size() << " and " << lanes.size();
  for (int64_t count : consecutive)
    if (count < 1)
      return emitError() << "C1: expected at least 1 element in a row, got "
                         << count;
  int64_t total = 1;
  for (int64_t count : lanes) {
    if (count < 1 || !llvm::isPowerOf2_64(count))
      return emitError() << "C2: expected a power of two of lanes, got "
                         << count;
    total *= std::min<int64_t>(count, kWarpLanes + 1);
    if (total > kWarpLanes)
      return emitError() << "C2: expected " << kWarpLanes
                         << " lanes at most, got " << total;
  }
  if (inner < 0 || inner >= static_cast<int64_t>(lanes.size()))
    return emitError() << "C3: expected one of " << lanes.size()
                       << " axes, got " << inner;
  return success();
}

//===----------------------------------------------------------------------===//
// Syntax
//===----------------------------------------------------------------------===//

/// `64x128xf32`
static ParseResult parseShaped(AsmParser &parser, SmallVector<int64_t> &shape,
                               Type &elementType) {
  return failure(parser.parseDimensionList(shape, /*allowDynamic=*/false) ||
                 parser.parseType(elementType));
}

static void printShaped(AsmPrinter &printer, ArrayRef<int64_t> shape,
                        Type elementType) {
  for (int64_t extent : shape)
    printer << extent << 'x';
  printer << elementType;
}

Type TileType::parse(AsmParser &parser) {
  SmallVector<int64_t> shape;
  Type elementType;
  Layout layout = Layout::Matrix;
  if (parser.parseLess() || parseShaped(parser, shape, elementType))
    return {};
  if (succeeded(parser.parseOptionalComma())) {
    StringRef keyword;
    SMLoc loc = parser.getCurrentLocation();
    if (parser.parseKeyword(&keyword))
      return {};
    std::optional<Layout> parsed = symbolizeLayout(keyword);
    if (!parsed) {
      parser.emitError(loc)
          << "expected matrix, rows or cols, got '" << keyword << "'";
      return {};
    }
    layout = *parsed;
  }
  if (parser.parseGreater())
    return {};
  return parser.getChecked<TileType>(parser.getContext(), shape, elementType,
                                     layout);
}

void TileType::print(AsmPrinter &printer) const {
  printer << '<';
  printShaped(printer, getShape(), getElementType());
  if (!isMatrix())
    printer << ", " << stringifyLayout(getLayout());
  printer << '>';
}

Type SharedType::parse(AsmParser &parser) {
  SmallVector<int64_t> shape;
  Type elementType;
  if (parser.parseLess() || parseShaped(parser, shape, elementType) ||
      parser.parseGreater())
    return {};
  return parser.getChecked<SharedType>(parser.getContext(), shape, elementType);
}

void SharedType::print(AsmPrinter &printer) const {
  printer << '<';
  printShaped(printer, getShape(), getElementType());
  printer << '>';
}

/// `<2, 64x128xbf16>`: places for tiles.
template <typename PlacesType>
static Type parsePlaces(AsmParser &parser) {
  int64_t slots;
  SmallVector<int64_t> shape;
  Type elementType;
  if (parser.parseLess() || parser.parseInteger(slots) || parser.parseComma() ||
      parseShaped(parser, shape, elementType) || parser.parseGreater())
    return {};
  auto tile =
      parser.getChecked<SharedType>(parser.getContext(), shape, elementType);
  if (!tile)
    return {};
  return parser.getChecked<PlacesType>(parser.getContext(), slots, tile);
}

static void printPlaces(AsmPrinter &printer, int64_t slots, SharedType tile) {
  printer << '<' << slots << ", ";
  printShaped(printer, tile.getShape(), tile.getElementType());
  printer << '>';
}

Type RingType::parse(AsmParser &parser) {
  return parsePlaces<RingType>(parser);
}

void RingType::print(AsmPrinter &printer) const {
  printPlaces(printer, getSlots(), getTile());
}

Type ChannelType::parse(AsmParser &parser) {
  return parsePlaces<ChannelType>(parser);
}

void ChannelType::print(AsmPrinter &printer) const {
  printPlaces(printer, getSlots(), getTile());
}

//===----------------------------------------------------------------------===//
// Constraints and sizes
//===----------------------------------------------------------------------===//

LogicalResult TileType::verify(function_ref<InFlightDiagnostic()> emitError,
                               ArrayRef<int64_t> shape, Type elementType,
                               Layout layout) {
  // C1: the rank is that of the layout, extents are positive.
  size_t rank = layout == Layout::Matrix ? 2 : 1;
  if (shape.size() != rank ||
      llvm::any_of(shape, [](int64_t extent) { return extent <= 0; }))
    return emitError() << "a tile of layout " << stringifyLayout(layout)
                       << " has " << rank << " positive extents, got [" << shape
                       << "]";
  // C2: whole fragments.
  if (layout != Layout::Cols && shape.front() % 16 != 0)
    return emitError() << "a tile has a multiple of 16 rows, got "
                       << shape.front();
  if (layout != Layout::Rows && shape.back() % 8 != 0)
    return emitError() << "a tile has a multiple of 8 columns, got "
                       << shape.back();
  // C3: scalars.
  if (!elementType.isIntOrIndexOrFloat())
    return emitError() << "a tile holds integers, indices or floats, got "
                       << elementType;
  return success();
}

int64_t TileType::getElementsPerThread(int64_t warps) const {
  // Two rows of a band, two columns of a block.
  int64_t rows = 2 * llvm::divideCeil(getNumRows() / 16, warps);
  int64_t cols = getNumCols() / 4;
  switch (getLayout()) {
  case Layout::Matrix:
    return rows * cols;
  case Layout::Rows:
    return rows;
  case Layout::Cols:
    return cols;
  }
  llvm_unreachable("unknown layout");
}

LogicalResult SharedType::verify(function_ref<InFlightDiagnostic()> emitError,
                                 ArrayRef<int64_t> shape, Type elementType) {
  // C1: one or two positive extents, rows in groups of 8.
  if (shape.empty() || shape.size() > 2 ||
      llvm::any_of(shape, [](int64_t extent) { return extent <= 0; }) ||
      (shape.size() == 2 && shape[0] % 8 != 0))
    return emitError()
           << "a shared tile has one positive extent, or two, the first a "
              "multiple of 8, got ["
           << shape << "]";
  // C2: whole swizzle atoms.
  if (!elementType.isIntOrFloat() ||
      elementType.getIntOrFloatBitWidth() % 8 != 0 ||
      shape.back() * elementType.getIntOrFloatBitWidth() / 8 % 32 != 0)
    return emitError() << "a row of a shared tile has a multiple of 32 bytes, "
                          "got "
                       << shape.back() << " elements of " << elementType;
  return success();
}

int64_t SharedType::getSwizzle() const {
  int64_t bytes = getRowBytes();
  return bytes % 128 == 0 ? 128 : bytes % 64 == 0 ? 64 : 32;
}

LogicalResult RingType::verify(function_ref<InFlightDiagnostic()> emitError,
                               int64_t slots, SharedType) {
  // C1: a place.
  if (slots < 1)
    return emitError() << "a ring has at least one place, got " << slots;
  return success();
}

LogicalResult NotesType::verify(function_ref<InFlightDiagnostic()> emitError,
                                int64_t bits) {
  // C1: a barrier can be behind them, and a number modulo them is some of its
  // bits.
  if (bits < 64 || !llvm::isPowerOf2_64(bits))
    return emitError()
           << "C1: expected a power of two of at least 64 bits, got " << bits;
  return success();
}

LogicalResult DrawsType::verify(function_ref<InFlightDiagnostic()> emitError,
                                int64_t slots) {
  if (slots < 1)
    return emitError() << "C1: expected at least one place, got " << slots;
  return success();
}

LogicalResult ChannelType::verify(function_ref<InFlightDiagnostic()> emitError,
                                  int64_t slots, SharedType) {
  // C1: a place.
  if (slots < 1)
    return emitError() << "a channel has at least one place, got " << slots;
  return success();
}
