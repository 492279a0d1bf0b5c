//===- Call.h - Calls a compiled kernel on host arrays ----------*- C++ -*-===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ATTN_EXECUTION_CALL_H
#define ATTN_EXECUTION_CALL_H

#include "attn/Execution/GPUMemory.h"
#include "attn/Execution/Signature.h"
#include "attn/Execution/StridedBuffer.h"

#include "llvm/Support/Error.h"

#include <vector>

namespace attn::exec {

class CompiledFunction;

/// An error unless `inputs` are what the signature asks for: their number, and
/// the dtype, rank and static sizes of each.
llvm::Error checkInputs(const Signature &signature,
                        llvm::ArrayRef<Array> inputs);

/// The shape of each result for these inputs, which were checked.
llvm::Expected<llvm::SmallVector<llvm::SmallVector<int64_t, 4>>>
getResultShapes(const Signature &signature, llvm::ArrayRef<Array> inputs);

/// Where the tensors of a call are.
enum class Memory { Host, GPU };

/// The memory and the argument list of calls on the same inputs.
class Call {
public:
  /// Lays out inputs and results with `padding` (see StridedBuffer).
  static llvm::Expected<Call> create(const Signature &signature,
                                     llvm::ArrayRef<Array> inputs,
                                     int64_t padding = 0,
                                     Memory memory = Memory::Host);

  /// Calls the function once and finds out what it did to memory. An error if
  /// it left an element of a result unwritten, wrote outside the results, or
  /// wrote to an input that is read-only.
  llvm::Error runChecked(const CompiledFunction &function);
  /// Just calls it; on a GPU without waiting for it.
  llvm::Error run(const CompiledFunction &function);

  /// The results of the last call.
  llvm::SmallVector<Array> getResults() const;

private:
  Call() = default;
  /// Calls the function and waits for its results.
  llvm::Error runToEnd(const CompiledFunction &function);
  llvm::MutableArrayRef<StridedBuffer> getResultBuffers();
  /// Sets every byte of every result, and the inputs to what they were.
  void prepare(uint8_t byte);

  llvm::ArrayRef<Array> inputs;
  /// Of tensors, in order: the inputs', then the results'.
  std::vector<StridedBuffer> buffers;
  /// Their copies on the GPU; none for a call on the host.
  std::vector<GPUMemory> copies;
  /// The input that each of the first buffers holds.
  llvm::SmallVector<unsigned> tensorInputs;
  /// Whether the kernel may write to it.
  llvm::SmallVector<bool> isWritable;
  /// What each argument of the function is: a pointer or a scalar's bytes.
  std::vector<uint64_t> values;
  llvm::SmallVector<void *> arguments;
};

} // namespace attn::exec

#endif // ATTN_EXECUTION_CALL_H
