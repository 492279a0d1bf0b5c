//===- DpsTypes.h - Types of destination-style operations -------*- C++ -*-===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Assembly of destination-style operations: the types of the destinations are
// written once, behind `->`; an operation has one result per tensor among them.
//
//===----------------------------------------------------------------------===//

#ifndef ATTN_DIALECT_TILE_IR_DPSTYPES_H
#define ATTN_DIALECT_TILE_IR_DPSTYPES_H

#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/OpImplementation.h"

namespace attn::tile {

inline void appendTensorTypes(mlir::TypeRange outs,
                              llvm::SmallVectorImpl<mlir::Type> &results) {
  for (mlir::Type type : outs)
    if (llvm::isa<mlir::RankedTensorType>(type))
      results.push_back(type);
}

inline mlir::ParseResult
parseDpsTypes(mlir::OpAsmParser &parser,
              llvm::SmallVectorImpl<mlir::Type> &outs,
              llvm::SmallVectorImpl<mlir::Type> &results) {
  if (parser.parseTypeList(outs))
    return mlir::failure();
  appendTensorTypes(outs, results);
  return mlir::success();
}

inline mlir::ParseResult
parseDpsTypes(mlir::OpAsmParser &parser, mlir::Type &out,
              llvm::SmallVectorImpl<mlir::Type> &results) {
  if (parser.parseType(out))
    return mlir::failure();
  appendTensorTypes(out, results);
  return mlir::success();
}

inline void printDpsTypes(mlir::OpAsmPrinter &printer, mlir::Operation *,
                          mlir::TypeRange outs, mlir::TypeRange) {
  llvm::interleaveComma(outs, printer);
}

inline void printDpsTypes(mlir::OpAsmPrinter &printer, mlir::Operation *,
                          mlir::Type out, mlir::TypeRange) {
  printer << out;
}

} // namespace attn::tile

#endif // ATTN_DIALECT_TILE_IR_DPSTYPES_H
