//===- WGMMA.h - Instructions of the tensor cores ---------------*- C++ -*-===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef ATTN_CONVERSION_WGTONVVM_WGMMA_H
#define ATTN_CONVERSION_WGTONVVM_WGMMA_H

#include "ThreadBuilder.h"

namespace attn::wg {

/// The extents of an instruction of a warpgroup: kRows x n x kDepth.
inline constexpr int64_t kWgmmaRows = 64, kWgmmaDepth = 16, kWgmmaMaxCols = 256;

/// An operand in shared memory: which parts of a tile the instructions of a
/// product read. The *outer* extent is that of the result (m or n), the inner
/// one that of the sum (k).
class WgmmaOperand {
public:
  /// The tile at `address`, given as (k, outer) if `isOuterMajor`, else as
  /// (outer, k).
  WgmmaOperand(ThreadBuilder &builder, SharedType type, mlir::Value address,
               bool isOuterMajor);
  /// What is computed of the address is not kept from somewhere before.
  void renew();

  /// Begins at the outer index `outerBlock` * 64.
  void selectBlock(mlir::Value outerBlock);
  /// The descriptor (i64) for the instruction at outer index `outer`, a
  /// multiple of the elements of the swizzle, and inner index `inner`, a
  /// multiple of 16.
  mlir::Value getDescriptor(int64_t outer, int64_t inner) const;
  bool isOuterMajor() const { return outerMajor; }

private:
  int64_t getBytes(int64_t outer, int64_t inner) const;

  ThreadBuilder &builder;
  SharedType type;
  mlir::Value base;
  bool outerMajor;
};

/// acc + a b for 64 x n elements, in flight until `waitForWgmma`. Without `acc`
/// the sum begins at 0. The left operand is a descriptor or the four registers
/// of each thread.
struct WgmmaInstruction {
  int64_t cols;
  mlir::Type elementType;
  mlir::Value lhsDescriptor;
  llvm::SmallVector<mlir::Value> lhsRegisters;
  mlir::Value rhsDescriptor;
  bool lhsTransposed, rhsTransposed;
};
llvm::SmallVector<mlir::Value> emitWgmma(ThreadBuilder &builder,
                                         const WgmmaInstruction &instruction,
                                         mlir::ValueRange acc);

/// Orders registers that were written before instructions that read them. The
/// values pass through the fence, so that nothing moves across it.
void fenceWgmma(ThreadBuilder &builder,
                llvm::SmallVectorImpl<mlir::Value> &registers);
/// Waits until all but the last `pending` groups of instructions are complete,
/// among them the one that writes `registers`.
void waitForWgmma(ThreadBuilder &builder, int64_t pending,
                  llvm::SmallVectorImpl<mlir::Value> &registers);

} // namespace attn::wg

#endif // ATTN_CONVERSION_WGTONVVM_WGMMA_H
