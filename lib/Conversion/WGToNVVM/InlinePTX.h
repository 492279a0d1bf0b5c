//===- InlinePTX.h - Instructions that no operation has ---------*- C++ -*-===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef ATTN_CONVERSION_WGTONVVM_INLINEPTX_H
#define ATTN_CONVERSION_WGTONVVM_INLINEPTX_H

#include "ThreadBuilder.h"
#include "llvm/ADT/SmallVector.h"

namespace attn::wg {

/// A piece of inline PTX. Values are f32, or integers of 1, 32 or 64 bits.
class InlinePTX {
public:
  explicit InlinePTX(ThreadBuilder &builder) : builder(builder) {}

  /// Declares a result, and an operand that is in the result's register.
  void addResult(mlir::Type type);
  void addTied(mlir::Value value, int64_t result);
  /// Declares an operand and returns its name.
  std::string addOperand(mlir::Value value);
  /// Emits `text` and returns the results.
  llvm::SmallVector<mlir::Value> emit(llvm::StringRef text);

private:
  ThreadBuilder &builder;
  llvm::SmallVector<mlir::Type> results;
  llvm::SmallVector<mlir::Value> operands;
  llvm::SmallVector<std::string> constraints;
};

/// Lets registers pass through `text`, in several pieces if there are many; the
/// text is in the first or the last of them, the others are empty.
void tieRegisters(ThreadBuilder &builder, llvm::StringRef text, bool isFirst,
                  llvm::SmallVectorImpl<mlir::Value> &registers);

/// A value that LLVM knows nothing about.
mlir::Value hideValue(ThreadBuilder &builder, mlir::Value value);

/// Arrives at a barrier where `condition` holds. Not as a branch: behind a
/// branch of single threads ptxas no longer takes the loop around it for
/// uniform, and descriptors cost two instructions each.
void arriveIf(ThreadBuilder &builder, mlir::Value condition,
              mlir::Value barrier);

} // namespace attn::wg

#endif // ATTN_CONVERSION_WGTONVVM_INLINEPTX_H
