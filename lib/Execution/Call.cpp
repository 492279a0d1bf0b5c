//===- Call.cpp - Calls a compiled kernel on host arrays ------------------===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "attn/Execution/Call.h"

#include "attn/Execution/JIT.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FormatVariadic.h"

#include <cstring>

using namespace llvm;

namespace attn::exec {

/// Outside an input: all ones is a NaN of every float type, so that what is
/// read there is seen in the results.
static constexpr uint8_t inputPattern = 0xff;
/// Outside a result: no float arithmetic gives these bits.
static constexpr uint8_t resultPattern = 0xa5;
/// Inside a result, before a call. An element that holds the first after one
/// call and the second after another was never written, whatever its type.
static constexpr uint8_t poisons[2] = {0xff, 0x5a};

static std::string printType(mlir::Type type) {
  std::string text;
  raw_string_ostream os(text);
  type.print(os);
  return text;
}

static std::string formatArgument(const Argument &argument) {
  std::string element = printType(argument.elementType);
  return argument.isTensor ? formatShape(element, argument.shape) : element;
}

static std::string formatDTypes(mlir::Type type) {
  std::string text;
  raw_string_ostream os(text);
  interleave(
      getDTypes(type), os, [&](DType dtype) { os << getName(dtype); }, " or ");
  if (type.isBF16())
    os << " (bit patterns)";
  return text;
}

Error checkInputs(const Signature &signature, ArrayRef<Array> inputs) {
  auto makeError = [&](const auto &text) {
    return createStringError(text.str());
  };
  if (inputs.size() != signature.arguments.size())
    return makeError(formatv("'{0}' takes {1} arguments, got {2} inputs",
                             signature.name, signature.arguments.size(),
                             inputs.size()));
  for (auto [index, argument] : enumerate(signature.arguments)) {
    const Array &input = inputs[index];
    std::string prefix = formatv("argument {0} of '{1}' is {2}: ", index,
                                 signature.name, formatArgument(argument));
    if (!is_contained(getDTypes(argument.elementType), input.dtype))
      return makeError(formatv("{0}elements must be {1}, got {2}", prefix,
                               formatDTypes(argument.elementType),
                               input.format()));
    if (!argument.isTensor) {
      if (!input.shape.empty())
        return makeError(formatv("{0}a scalar needs rank 0, got {1}", prefix,
                                 input.format()));
      continue;
    }
    if (input.shape.size() != argument.shape.size())
      return makeError(formatv("{0}the rank must be {1}, got {2} with rank {3}",
                               prefix, argument.shape.size(), input.format(),
                               input.shape.size()));
    for (auto [dim, size] : enumerate(argument.shape))
      if (!mlir::ShapedType::isDynamic(size) && input.shape[dim] != size)
        return makeError(formatv("{0}dimension {1} must be {2}, got {3}",
                                 prefix, dim, size, input.format()));
  }
  return Error::success();
}

Expected<SmallVector<SmallVector<int64_t, 4>>>
getResultShapes(const Signature &signature, ArrayRef<Array> inputs) {
  SmallVector<SmallVector<int64_t, 4>> shapes;
  for (auto [index, result] : enumerate(signature.results)) {
    SmallVector<int64_t, 4> &shape = shapes.emplace_back();
    for (auto [dim, expr] : enumerate(result.dims)) {
      std::optional<int64_t> size = expr.evaluate([&](DimExpr::Leaf leaf) {
        const Array &input = inputs[leaf.argument];
        return leaf.dim ? input.shape[*leaf.dim] : getInteger(input, 0);
      });
      if (!size || *size < 0)
        return createStringError(
            formatv("dimension {0} of result {1} of '{2}' is {3} for these "
                    "inputs",
                    dim, index, signature.name,
                    size ? std::to_string(*size) : "not representable")
                .str());
      shape.push_back(*size);
    }
    if (!fitsInMemory(getDTypes(result.elementType).front(), shape))
      return createStringError(
          formatv("result {0} of '{1}', {2}, does not fit in memory", index,
                  signature.name,
                  formatShape(printType(result.elementType), shape))
              .str());
  }
  return shapes;
}

Expected<Call> Call::create(const Signature &signature, ArrayRef<Array> inputs,
                            int64_t padding, Memory memory) {
  if (Error error = checkInputs(signature, inputs))
    return error;
  auto shapes = getResultShapes(signature, inputs);
  if (!shapes)
    return shapes.takeError();

  Call call;
  call.inputs = inputs;
  for (auto [index, input] : enumerate(inputs)) {
    if (!signature.arguments[index].isTensor)
      continue;
    call.tensorInputs.push_back(index);
    call.isWritable.push_back(signature.arguments[index].isWritable);
    call.buffers.emplace_back(input.dtype, input.shape, padding, inputPattern)
        .store(input);
  }
  for (auto [result, shape] : zip_equal(signature.results, *shapes))
    call.buffers.emplace_back(getDTypes(result.elementType).front(), shape,
                              padding, resultPattern);

  // The buffers stay where they are from here on.
  if (memory == Memory::GPU)
    for (StridedBuffer &buffer : call.buffers) {
      auto copy = GPUMemory::allocate(buffer.getMemory().size());
      if (!copy)
        return copy.takeError();
      buffer.setAddress(copy->get());
      call.copies.push_back(std::move(*copy));
    }
  auto buffer = call.buffers.begin();
  for (auto [argument, input] : zip_equal(signature.arguments, inputs)) {
    uint64_t &value = call.values.emplace_back(0);
    if (argument.isTensor)
      value = reinterpret_cast<uint64_t>((buffer++)->getDescriptor());
    else
      std::memcpy(&value, input.data.data(), input.data.size());
  }
  for (; buffer != call.buffers.end(); ++buffer)
    call.values.push_back(reinterpret_cast<uint64_t>(buffer->getDescriptor()));
  for (uint64_t &value : call.values)
    call.arguments.push_back(&value);
  return call;
}

Error Call::run(const CompiledFunction &function) {
  function(arguments);
  return copies.empty() ? Error::success() : takeGPUError();
}

Error Call::runToEnd(const CompiledFunction &function) {
  for (auto [copy, buffer] : zip(copies, buffers))
    if (Error error = copy.store(buffer.getMemory()))
      return error;
  if (Error error = run(function))
    return error;
  for (auto [copy, buffer] : zip(copies, buffers))
    if (Error error = copy.load(buffer.getMemory()))
      return error;
  return Error::success();
}

MutableArrayRef<StridedBuffer> Call::getResultBuffers() {
  return MutableArrayRef(buffers).drop_front(tensorInputs.size());
}

void Call::prepare(uint8_t byte) {
  for (auto [buffer, index, writable] : zip(buffers, tensorInputs, isWritable))
    if (writable)
      buffer.store(inputs[index]);
  for (StridedBuffer &buffer : getResultBuffers())
    buffer.fill(byte);
}

SmallVector<Array> Call::getResults() const {
  SmallVector<Array> results;
  for (const StridedBuffer &buffer :
       ArrayRef(buffers).drop_front(tensorInputs.size()))
    results.push_back(buffer.load());
  return results;
}

/// Whether every byte of element `index` is `byte`.
static bool isFilled(const Array &array, int64_t index, uint8_t byte) {
  int64_t size = getSize(array.dtype);
  StringRef element(array.data.data() + index * size, size);
  return all_of(element,
                [&](char c) { return static_cast<uint8_t>(c) == byte; });
}

static bool hasFilled(const Array &array, uint8_t byte) {
  for (int64_t i = 0, e = array.getNumElements(); i < e; ++i)
    if (isFilled(array, i, byte))
      return true;
  return false;
}

Error Call::runChecked(const CompiledFunction &function) {
  prepare(poisons[0]);
  if (Error error = runToEnd(function))
    return error;
  for (auto [index, buffer] : enumerate(getResultBuffers()))
    if (!buffer.isOutsideIntact())
      return createStringError(
          formatv("the kernel wrote outside result {0}", index).str());
  for (auto [buffer, index, writable] : zip(buffers, tensorInputs, isWritable))
    if (!buffer.isOutsideIntact() ||
        (!writable && !buffer.equals(inputs[index])))
      return createStringError(
          formatv("the kernel wrote to argument {0}", index).str());

  SmallVector<Array> first = getResults();
  if (none_of(first,
              [](const Array &array) { return hasFilled(array, poisons[0]); }))
    return Error::success();
  // An integer or a NaN may well have the bits of the first poison: an element
  // is unwritten only if it follows the poison.
  prepare(poisons[1]);
  if (Error error = runToEnd(function))
    return error;
  for (auto [index, second] : enumerate(getResults())) {
    int64_t unwritten = 0, at = -1;
    for (int64_t i = 0, e = second.getNumElements(); i < e; ++i)
      if (isFilled(first[index], i, poisons[0]) &&
          isFilled(second, i, poisons[1])) {
        ++unwritten;
        at = at < 0 ? i : at;
      }
    if (unwritten)
      return createStringError(
          formatv("the kernel left {0} of {1} elements of result {2} "
                  "unwritten, the first at position {3}",
                  unwritten, second.getNumElements(), index, at)
              .str());
  }
  return Error::success();
}

} // namespace attn::exec
