//===- TileDialect.cpp - Types and attributes of the tiled level ----------===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "attn/Dialect/Tile/IR/Tile.h"
#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/DialectImplementation.h"
#include "mlir/Transforms/InliningUtils.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace attn::tile;

#include "attn/Dialect/Tile/IR/TileAttrInterfaces.cpp.inc"
#include "attn/Dialect/Tile/IR/TileDialect.cpp.inc"
#include "attn/Dialect/Tile/IR/TileEnums.cpp.inc"
#define GET_ATTRDEF_CLASSES
#include "attn/Dialect/Tile/IR/TileAttributes.cpp.inc"
#define GET_TYPEDEF_CLASSES
#include "attn/Dialect/Tile/IR/TileTypes.cpp.inc"

namespace {
/// Operations may move between functions: they refer to nothing around them.
struct TileInlinerInterface : DialectInlinerInterface {
  using DialectInlinerInterface::DialectInlinerInterface;
  bool isLegalToInline(Operation *, Region *, bool, IRMapping &) const final {
    return true;
  }
  bool isLegalToInline(Region *, Region *, bool, IRMapping &) const final {
    return true;
  }
};
} // namespace

void TileDialect::initialize() {
  addInterfaces<TileInlinerInterface>();
  addAttributes<
#define GET_ATTRDEF_LIST
#include "attn/Dialect/Tile/IR/TileAttributes.cpp.inc"
      >();
  addTypes<
#define GET_TYPEDEF_LIST
#include "attn/Dialect/Tile/IR/TileTypes.cpp.inc"
      >();
  addOperations<
#define GET_OP_LIST
#include "attn/Dialect/Tile/IR/TileOps.cpp.inc"
      >();
}

static LogicalResult verifyRows(function_ref<InFlightDiagnostic()> emitError,
                                int64_t rows) {
  if (rows <= 0)
    return emitError() << "a tile has at least one row, got " << rows;
  return success();
}

LogicalResult CoordsType::verify(function_ref<InFlightDiagnostic()> emitError,
                                 int64_t rows) {
  return verifyRows(emitError, rows);
}

LogicalResult DomainType::verify(function_ref<InFlightDiagnostic()> emitError,
                                 int64_t rows) {
  return verifyRows(emitError, rows);
}

LogicalResult
MicroTileAttr::verify(function_ref<InFlightDiagnostic()> emitError,
                      int64_t rows, int64_t cols, int64_t lanes) {
  // C1: lanes divides cols.
  if (rows <= 0 || cols <= 0 || lanes <= 0 || cols % lanes != 0)
    return emitError() << "expected positive sizes with cols a multiple of "
                          "lanes, got rows = "
                       << rows << ", cols = " << cols << ", lanes = " << lanes;
  return success();
}
