//===- AttnDialect.cpp - The attn dialect and its attributes --------------===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "attn/Dialect/Attn/IR/Attn.h"
#include "mlir/AsmParser/AsmParser.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/IR/DialectImplementation.h"
#include "mlir/Transforms/InliningUtils.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace attn;
using attn::tile::VisitAttrInterface;

//===----------------------------------------------------------------------===//
// Masks inside masks are written without their `#attn.`
//===----------------------------------------------------------------------===//

static ParseResult parseMask(AsmParser &parser, Attribute &mask);
static void printMask(AsmPrinter &printer, Attribute mask);
static ParseResult parseMasks(AsmParser &parser, SmallVector<Attribute> &masks);
static void printMasks(AsmPrinter &printer, ArrayRef<Attribute> masks);
static ParseResult parsePositionSet(AsmParser &parser, IntegerSetAttr &set);
static void printPositionSet(AsmPrinter &printer, IntegerSetAttr set);

#include "attn/Dialect/Attn/IR/AttnDialect.cpp.inc"
#include "attn/Dialect/Attn/IR/AttnEnums.cpp.inc"
#define GET_ATTRDEF_CLASSES
#include "attn/Dialect/Attn/IR/AttnAttributes.cpp.inc"

static ParseResult parseMask(AsmParser &parser, Attribute &mask) {
  SMLoc loc = parser.getCurrentLocation();
  OptionalParseResult full = parser.parseOptionalAttribute(mask, Type());
  if (full.has_value()) {
    if (failed(*full))
      return failure();
  } else {
    StringRef mnemonic;
    OptionalParseResult bare =
        generatedAttributeParser(parser, &mnemonic, Type(), mask);
    if (!bare.has_value())
      return parser.emitError(loc, "expected a mask, got '") << mnemonic << "'";
    if (failed(*bare))
      return failure();
  }
  if (!isa_and_nonnull<VisitAttrInterface>(mask))
    return parser.emitError(loc, "expected a mask, got ") << mask;
  return success();
}

static void printMask(AsmPrinter &printer, Attribute mask) {
  if (failed(generatedAttributePrinter(mask, printer)))
    printer << mask;
}

static ParseResult parseMasks(AsmParser &parser,
                              SmallVector<Attribute> &masks) {
  return parser.parseCommaSeparatedList(
      [&] { return parseMask(parser, masks.emplace_back()); });
}

static void printMasks(AsmPrinter &printer, ArrayRef<Attribute> masks) {
  llvm::interleaveComma(masks, printer,
                        [&](Attribute mask) { printMask(printer, mask); });
}

/// A set in quotes, or an attribute.
static ParseResult parsePositionSet(AsmParser &parser, IntegerSetAttr &set) {
  SMLoc loc = parser.getCurrentLocation();
  std::string text;
  if (failed(parser.parseOptionalString(&text)))
    return parser.parseAttribute(set);
  IntegerSet parsed = parseIntegerSet(text, parser.getContext());
  if (!parsed)
    return parser.emitError(loc, "expected \"(b, h, i, j) : (constraints)\"");
  set = IntegerSetAttr::get(parsed);
  return success();
}

static void printPositionSet(AsmPrinter &printer, IntegerSetAttr set) {
  std::string text;
  llvm::raw_string_ostream stream(text);
  set.getValue().print(stream);
  printer.printString(text);
}

Attribute AttnDialect::parseBareMask(AsmParser &parser) const {
  Attribute mask;
  return succeeded(parseMask(parser, mask)) ? mask : Attribute();
}

void AttnDialect::registerAttributes() {
  addAttributes<
#define GET_ATTRDEF_LIST
#include "attn/Dialect/Attn/IR/AttnAttributes.cpp.inc"
      >();
}

namespace {
/// Operations may move between functions: they refer to nothing around them.
struct AttnInlinerInterface : DialectInlinerInterface {
  using DialectInlinerInterface::DialectInlinerInterface;
  bool isLegalToInline(Operation *, Region *, bool, IRMapping &) const final {
    return true;
  }
  bool isLegalToInline(Region *, Region *, bool, IRMapping &) const final {
    return true;
  }
};
} // namespace

void AttnDialect::initialize() {
  addInterfaces<AttnInlinerInterface>();
  registerAttributes();
  addOperations<
#define GET_OP_LIST
#include "attn/Dialect/Attn/IR/AttnOps.cpp.inc"
      >();
}

//===----------------------------------------------------------------------===//
// Verification of attributes
//===----------------------------------------------------------------------===//

using EmitError = llvm::function_ref<InFlightDiagnostic()>;

LogicalResult WindowMaskAttr::verify(EmitError emitError, int64_t left,
                                     int64_t right) {
  // C1: the window holds the query itself.
  if (left < 1 || right < 0)
    return emitError() << "a window needs left >= 1 and right >= 0, got left = "
                       << left << ", right = " << right;
  return success();
}

LogicalResult PrefixMaskAttr::verify(EmitError emitError, int64_t length) {
  // C1: length >= 0.
  if (length < 0)
    return emitError() << "a prefix has a length >= 0, got " << length;
  return success();
}

LogicalResult SinkMaskAttr::verify(EmitError emitError, int64_t count) {
  // C1: count >= 0.
  if (count < 0)
    return emitError() << "expected a count >= 0 of sinks, got " << count;
  return success();
}

LogicalResult GlobalMaskAttr::verify(EmitError emitError, int64_t count) {
  // C1: count >= 0.
  if (count < 0)
    return emitError() << "expected a count >= 0 of global tokens, got "
                       << count;
  return success();
}

LogicalResult DilatedMaskAttr::verify(EmitError emitError, int64_t count,
                                      int64_t step) {
  // C1: count >= 1 and step >= 1, and their product is representable.
  int64_t reach;
  if (count < 1 || step < 1 || llvm::MulOverflow(count, step, reach))
    return emitError() << "a dilated window needs count >= 1 and step >= 1, "
                          "and a product that can be represented, got count = "
                       << count << ", step = " << step;
  return success();
}

LogicalResult StridedMaskAttr::verify(EmitError emitError, int64_t stride) {
  // C1: stride >= 1.
  if (stride < 1)
    return emitError() << "expected a stride >= 1, got " << stride;
  return success();
}

LogicalResult ChunkMaskAttr::verify(EmitError emitError, int64_t size) {
  // C1: size >= 1.
  if (size < 1)
    return emitError() << "expected chunks of a size >= 1, got " << size;
  return success();
}

LogicalResult NeighborhoodMaskAttr::verify(EmitError emitError,
                                           ArrayRef<int64_t> grid,
                                           ArrayRef<int64_t> kernel) {
  // C1: as many kernel sizes as grid sizes, at least one.
  if (grid.empty() || grid.size() != kernel.size())
    return emitError() << "expected a kernel size for each size of the grid, "
                          "got "
                       << kernel.size() << " for " << grid.size();
  // C2: 1 <= kernel_d <= grid_d, kernel_d odd, and the cells can be counted.
  int64_t cells = 1;
  for (auto [size, width] : llvm::zip(grid, kernel)) {
    if (width < 1 || width > size || width % 2 == 0)
      return emitError() << "expected an odd kernel size from 1 to " << size
                         << ", got " << width;
    if (llvm::MulOverflow(cells, size, cells))
      return emitError() << "the grid has too many cells to be counted";
  }
  return success();
}

LogicalResult RandomBlockMaskAttr::verify(EmitError emitError, int64_t block,
                                          int64_t blocks, int64_t count,
                                          int64_t seed) {
  constexpr int64_t kMostBlocks = 1 << 14, kModulus = (int64_t(1) << 31) - 1;
  // C1: block >= 1.
  if (block < 1)
    return emitError() << "C1: expected blocks of a size >= 1, got " << block;
  // C2: products of two numbers of blocks stay small.
  if (count < 1 || count > blocks || blocks > kMostBlocks)
    return emitError() << "C2: expected 1 <= count <= blocks <= " << kMostBlocks
                       << ", got count = " << count << ", blocks = " << blocks;
  // C3: the generator stays at 0.
  if (seed < 1 || seed >= kModulus)
    return emitError() << "C3: expected a seed from 1 to " << kModulus - 1
                       << ", got " << seed;
  return success();
}

LogicalResult TreeMaskAttr::verify(EmitError emitError, int64_t start) {
  // C1: 0 <= start <= 15.
  if (start < 0 || start >= tile::kMostParameters)
    return emitError() << "C1: expected the number of a parameter from 0 to "
                       << tile::kMostParameters - 1 << ", got " << start;
  return success();
}

LogicalResult AffineMaskAttr::verify(EmitError emitError, IntegerSetAttr set) {
  // C1: four dimensions, and symbols for which there is room.
  if (set.getValue().getNumDims() != 4 ||
      set.getValue().getNumSymbols() > tile::kMostParameters)
    return emitError() << "expected a set over (b, h, i, j) and up to "
                       << tile::kMostParameters << " parameters, got "
                       << set.getValue().getNumDims() << " dimensions and "
                       << set.getValue().getNumSymbols() << " symbols";
  // C2: divisors are positive. C3: factors and divisors are numbers.
  std::optional<int64_t> wrong;
  AffineExpr unknown;
  set.getValue().walkExprs([&](AffineExpr expr) {
    auto binary = dyn_cast<AffineBinaryOpExpr>(expr);
    if (!binary || binary.getKind() == AffineExprKind::Add)
      return;
    auto number = dyn_cast<AffineConstantExpr>(binary.getRHS());
    if (!number)
      unknown = expr;
    else if (binary.getKind() != AffineExprKind::Mul && number.getValue() < 1)
      wrong = number.getValue();
  });
  if (unknown) {
    std::string text;
    llvm::raw_string_ostream(text) << unknown;
    return emitError() << "C3: expected factors and divisors that are numbers, "
                          "got "
                       << text;
  }
  if (wrong)
    return emitError() << "expected division by a number >= 1, got " << *wrong;
  return success();
}

static LogicalResult verifyMasks(EmitError emitError,
                                 ArrayRef<Attribute> masks) {
  // C1: operands are masks.
  if (masks.empty())
    return emitError() << "expected at least one mask";
  for (Attribute mask : masks)
    if (!isa_and_nonnull<VisitAttrInterface>(mask))
      return emitError() << "expected a mask, got " << mask;
  return success();
}

LogicalResult AndMaskAttr::verify(EmitError emitError,
                                  ArrayRef<Attribute> masks) {
  return verifyMasks(emitError, masks);
}

LogicalResult OrMaskAttr::verify(EmitError emitError,
                                 ArrayRef<Attribute> masks) {
  return verifyMasks(emitError, masks);
}

LogicalResult PerHeadMaskAttr::verify(EmitError emitError,
                                      ArrayRef<Attribute> masks) {
  return verifyMasks(emitError, masks);
}

LogicalResult NotMaskAttr::verify(EmitError emitError, Attribute mask) {
  return verifyMasks(emitError, mask);
}

LogicalResult ScheduleAttr::verify(EmitError emitError, int64_t rows,
                                   int64_t cols, tile::MicroTileAttr micro,
                                   bool, bool, bool partialFirst, bool held,
                                   int64_t blocks) {
  // C1: tiles are whole numbers of register tiles.
  if (rows <= 0 || cols <= 0)
    return emitError() << "expected positive tiles, got rows = " << rows
                       << ", cols = " << cols;
  if (micro && (rows % micro.getRows() != 0 || cols % micro.getCols() != 0))
    return emitError() << "expected tiles in whole register tiles of "
                       << micro.getRows() << " x " << micro.getCols()
                       << ", got rows = " << rows << ", cols = " << cols;
  // C2: partial tiles are among the first, which the maximum is held from.
  if (held && !partialFirst)
    return emitError() << "C2: expected partial_first = true with held = true";
  // C3: what shares a multiprocessor is on a GPU.
  if (blocks <= 0 || (micro && blocks != 1))
    return emitError() << "C3: expected blocks " << (micro ? "= 1" : "> 0")
                       << (micro ? " with a register tile" : "")
                       << ", got blocks = " << blocks;
  return success();
}
