//===- WG.h - Tiles held by groups of warps ---------------------*- C++ -*-===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef ATTN_DIALECT_WG_IR_WG_H
#define ATTN_DIALECT_WG_IR_WG_H

#include "mlir/Bytecode/BytecodeOpInterface.h"
#include "mlir/Dialect/LLVMIR/LLVMTypes.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/Dialect.h"
#include "mlir/IR/OpDefinition.h"
#include "mlir/IR/OpImplementation.h"
#include "mlir/Interfaces/ControlFlowInterfaces.h"
#include "mlir/Interfaces/DestinationStyleOpInterface.h"
#include "mlir/Interfaces/InferTypeOpInterface.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

#include "attn/Dialect/WG/IR/ScratchInterface.h.inc"
#include "attn/Dialect/WG/IR/WGDialect.h.inc"
#include "attn/Dialect/WG/IR/WGEnums.h.inc"
#define GET_ATTRDEF_CLASSES
#include "attn/Dialect/WG/IR/WGAttributes.h.inc"
#define GET_TYPEDEF_CLASSES
#include "attn/Dialect/WG/IR/WGTypes.h.inc"

namespace attn::wg {
// What the generated parser and printer of `wg.roles` call.
mlir::ParseResult parseHelpers(mlir::OpAsmParser &parser,
                               mlir::IntegerAttr &helpers,
                               mlir::IntegerAttr &registers,
                               mlir::Region &region);
void printHelpers(mlir::OpAsmPrinter &printer, mlir::Operation *op,
                  mlir::IntegerAttr helpers, mlir::IntegerAttr registers,
                  mlir::Region &region);
} // namespace attn::wg

#define GET_OP_CLASSES
#include "attn/Dialect/WG/IR/WGOps.h.inc"

namespace attn::wg {
/// Warps that work on a tile together: an integer attribute of the loop over
/// tiles, and then of the kernel.
inline constexpr llvm::StringLiteral kWarps = "wg.warps";
/// Where a tile in shared memory begins, in bytes: an integer attribute of the
/// operation that makes it.
inline constexpr llvm::StringLiteral kOffset = "wg.offset";
/// Who does the iterations of a loop: a `#wg.deal`.
inline constexpr llvm::StringLiteral kDeal = "wg.deal";
/// How lanes hold the tiles of a loop that has no products of matrices: a
/// `#wg.lanes`.
inline constexpr llvm::StringLiteral kLanes = "wg.lanes";

/// Of a `wg.from_shared` or `wg.to_shared` where registers are short: addresses
/// are computed where they are used, and what a map reads is read element by
/// element, where the map computes with it.
inline constexpr llvm::StringLiteral kStreamed = "wg.streamed";

/// Why four warps cannot compute a product together, as sm_90a does (wgmma);
/// nothing if they can.
std::optional<std::string> getWarpgroupObjection(TileType acc, SharedType rhs);
} // namespace attn::wg

#endif // ATTN_DIALECT_WG_IR_WG_H
