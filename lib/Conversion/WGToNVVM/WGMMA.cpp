//===- WGMMA.cpp - Instructions of the tensor cores -----------------------===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The operation of the nvvm dialect reads the left operand from shared memory
// only, and its wait carries no values, so that nothing would keep arithmetic
// on the results behind it. What it lacks is inline PTX.
//
//===----------------------------------------------------------------------===//

#include "WGMMA.h"
#include "InlinePTX.h"
#include "Shared.h"
#include "mlir/Dialect/LLVMIR/NVVMDialect.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FormatVariadic.h"

using namespace mlir;
using namespace attn::wg;

//===----------------------------------------------------------------------===//
// Operands in shared memory
//===----------------------------------------------------------------------===//

WgmmaOperand::WgmmaOperand(ThreadBuilder &builder, SharedType type,
                           Value address, bool isOuterMajor)
    : builder(builder), type(type), outerMajor(isOuterMajor) {
  base = LLVM::PtrToIntOp::create(builder, builder.getI32Type(), address);
}

/// Where the elements begin without the swizzle, which the tensor core applies
/// to the bits of the address.
int64_t WgmmaOperand::getBytes(int64_t outer, int64_t inner) const {
  int64_t swizzle = type.getSwizzle();
  int64_t row = outerMajor ? inner : outer;
  int64_t colBytes = (outerMajor ? outer : inner) * type.getElementBytes();
  return colBytes / swizzle * (type.getNumRows() * swizzle) + row * swizzle +
         colBytes % swizzle;
}

void WgmmaOperand::renew() { base = hideValue(builder, base); }

void WgmmaOperand::selectBlock(Value outerBlock) {
  base = builder.add(base, builder.mul(outerBlock, getBytes(kWgmmaRows, 0)));
}

/// Bits 0-13: the address, 16-29: the distance of column blocks (which only
/// operands with the outer extent contiguous have several of in one
/// instruction), 32-45: that of groups of eight rows, all in units of 16 bytes;
/// 62-63: the swizzle.
Value WgmmaOperand::getDescriptor(int64_t outer, int64_t inner) const {
  int64_t swizzle = type.getSwizzle();
  int64_t blockBytes = outerMajor ? type.getNumRows() * swizzle : kChunkBytes;
  int64_t groupBytes = 8 * swizzle;
  int64_t mode = swizzle == 128 ? 1 : swizzle == 64 ? 2 : 3;
  uint64_t fixed = static_cast<uint64_t>(blockBytes / kChunkBytes) << 16 |
                   static_cast<uint64_t>(groupBytes / kChunkBytes) << 32 |
                   static_cast<uint64_t>(mode) << 62;

  // In a cluster the upper bits of the address hold the rank of the block.
  constexpr int64_t kAddressMask = 0x3fff;
  Type i32 = builder.getI32Type(), i64 = builder.getI64Type();
  Value address =
      arith::ShRUIOp::create(builder, base, builder.constant(i32, 4));
  address = arith::AndIOp::create(builder, address,
                                  builder.constant(i32, kAddressMask));
  Value descriptor = arith::OrIOp::create(
      builder, arith::ExtUIOp::create(builder, i64, address),
      builder.constant(i64, static_cast<int64_t>(fixed)));
  return builder.add(descriptor, getBytes(outer, inner) / kChunkBytes);
}

//===----------------------------------------------------------------------===//
// Instructions
//===----------------------------------------------------------------------===//

static NVVM::WGMMATypes getWgmmaType(Type type) {
  return type.isBF16() ? NVVM::WGMMATypes::bf16 : NVVM::WGMMATypes::f16;
}

/// Both operands in shared memory.
static SmallVector<Value> emitSharedWgmma(ThreadBuilder &b,
                                          const WgmmaInstruction &instruction,
                                          ValueRange acc) {
  MLIRContext *context = b.getContext();
  size_t count = instruction.cols / 2;
  Type structType = LLVM::LLVMStructType::getLiteral(
      context, SmallVector<Type>(count, b.getF32Type()));
  Value registers = LLVM::UndefOp::create(b, structType);
  for (auto [i, value] : llvm::enumerate(acc))
    registers = LLVM::InsertValueOp::create(b, registers, value, i);
  NVVM::WGMMATypes type = getWgmmaType(instruction.elementType);
  // The column-major right operand is the one with contiguous k.
  registers = NVVM::WgmmaMmaAsyncOp::create(
      b, b.getLoc(), structType, registers, instruction.lhsDescriptor,
      instruction.rhsDescriptor,
      NVVM::MMAShapeAttr::get(context, kWgmmaRows, instruction.cols,
                              kWgmmaDepth),
      type, type, NVVM::WGMMATypes::f32,
      acc.empty() ? NVVM::WGMMAScaleOut::zero : NVVM::WGMMAScaleOut::one,
      NVVM::WGMMAScaleIn::one, NVVM::WGMMAScaleIn::one,
      instruction.lhsTransposed ? NVVM::MMALayout::col : NVVM::MMALayout::row,
      instruction.rhsTransposed ? NVVM::MMALayout::row : NVVM::MMALayout::col,
      NVVM::MMAIntOverflowAttr());
  SmallVector<Value> results;
  for (size_t i = 0; i < count; ++i)
    results.push_back(LLVM::ExtractValueOp::create(b, registers, i));
  return results;
}

/// The left operand in registers.
static SmallVector<Value> emitRegisterWgmma(ThreadBuilder &b,
                                            const WgmmaInstruction &instruction,
                                            ValueRange acc) {
  InlinePTX assembly(b);
  int64_t count = instruction.cols / 2;
  SmallVector<std::string> names;
  for (int64_t i = 0; i < count; ++i) {
    assembly.addResult(b.getF32Type());
    names.push_back(llvm::formatv("${0}", i));
  }
  for (auto [i, value] : llvm::enumerate(acc))
    assembly.addTied(value, i);
  SmallVector<std::string> lhs;
  for (Value value : instruction.lhsRegisters)
    lhs.push_back(assembly.addOperand(value));
  std::string rhs = assembly.addOperand(instruction.rhsDescriptor);
  StringRef type = instruction.elementType.isBF16() ? "bf16" : "f16";
  std::string call = llvm::formatv(
      "wgmma.mma_async.sync.aligned.m64n{0}k16.f32.{1}.{1} {{{2}}, {{{3}}, "
      "{4}, {5}, 1, 1, {6};",
      instruction.cols, type, llvm::join(names, ", "), llvm::join(lhs, ", "),
      rhs, acc.empty() ? "p" : "1", instruction.rhsTransposed ? 1 : 0);
  // The scale of an accumulator that is not read is a predicate.
  if (acc.empty())
    call = "{ .reg .pred p; setp.ne.b32 p, 0, 0; " + call + " }";
  return assembly.emit(call);
}

SmallVector<Value> attn::wg::emitWgmma(ThreadBuilder &builder,
                                       const WgmmaInstruction &instruction,
                                       ValueRange acc) {
  return instruction.lhsDescriptor
             ? emitSharedWgmma(builder, instruction, acc)
             : emitRegisterWgmma(builder, instruction, acc);
}

//===----------------------------------------------------------------------===//
// Order
//===----------------------------------------------------------------------===//

void attn::wg::fenceWgmma(ThreadBuilder &builder,
                          SmallVectorImpl<Value> &registers) {
  if (registers.empty())
    NVVM::WgmmaFenceAlignedOp::create(builder);
  else
    tieRegisters(builder, "wgmma.fence.sync.aligned;", /*isFirst=*/false,
                 registers);
}

void attn::wg::waitForWgmma(ThreadBuilder &builder, int64_t pending,
                            SmallVectorImpl<Value> &registers) {
  std::string text =
      llvm::formatv("wgmma.wait_group.sync.aligned {0};", pending);
  tieRegisters(builder, text, /*isFirst=*/true, registers);
}
