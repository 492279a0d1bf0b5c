//===- Inputs.cpp - Arguments from files or made up -----------------------===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Inputs.h"
#include "Options.h"

#include "attn/Execution/Npy.h"

#include "llvm/ADT/APFloat.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/FormatVariadic.h"

#include <cmath>
#include <random>

using namespace llvm;

namespace attn::run {
namespace {

using exec::Array;
using exec::DType;

/// A made-up input: "@random", "@random:LO:HI", "@const:V", "@iota".
struct Generator {
  enum Kind { Random, Constant, Iota } kind = Random;
  double low = -1, high = 1; // Of Random.
  bool hasRange = false;
  double value = 0; // Of Constant.
};

template <typename... Args>
Error makeError(const char *format, Args &&...args) {
  return createStringError(formatv(format, std::forward<Args>(args)...).str());
}

Expected<Generator> parseGenerator(StringRef spec) {
  Generator generator;
  SmallVector<StringRef> parts;
  spec.drop_front().split(parts, ':');
  if (parts[0] == "random" && parts.size() == 1)
    return generator;
  if (parts[0] == "random" && parts.size() == 3) {
    generator.hasRange = true;
    if (!parts[1].getAsDouble(generator.low) &&
        !parts[2].getAsDouble(generator.high) && generator.low < generator.high)
      return generator;
  }
  if (parts[0] == "iota" && parts.size() == 1) {
    generator.kind = Generator::Iota;
    return generator;
  }
  if (parts[0] == "const" && parts.size() == 2) {
    generator.kind = Generator::Constant;
    if (!parts[1].getAsDouble(generator.value))
      return generator;
  }
  return makeError("--input={0}: expected @random, @random:LO:HI with LO < HI, "
                   "@const:V or @iota",
                   spec);
}

/// The bits of `value` in a 16-bit float format.
uint16_t roundTo(double value, const fltSemantics &semantics) {
  APFloat number(value);
  bool losesInfo;
  number.convert(semantics, APFloat::rmNearestTiesToEven, &losesInfo);
  return static_cast<uint16_t>(number.bitcastToAPInt().getZExtValue());
}

template <typename T>
void fill(Array &array, function_ref<double()> next) {
  for (T &element : array.as<T>())
    element = static_cast<T>(next());
}

/// Fills `array`, whose elements are of `type`, from a sequence of numbers.
void fill(Array &array, mlir::Type type, function_ref<double()> next) {
  switch (array.dtype) {
  case DType::Bool:
    for (uint8_t &element : array.as<uint8_t>())
      element = next() != 0;
    return;
  case DType::U16: // bf16
    for (uint16_t &element : array.as<uint16_t>())
      element = roundTo(next(), APFloat::BFloat());
    return;
  case DType::F16:
    for (uint16_t &element : array.as<uint16_t>())
      element = roundTo(next(), APFloat::IEEEhalf());
    return;
  case DType::I8:
    return fill<int8_t>(array, next);
  case DType::I16:
    return fill<int16_t>(array, next);
  case DType::I32:
    return fill<int32_t>(array, next);
  case DType::I64:
    return fill<int64_t>(array, next);
  case DType::F32:
    return fill<float>(array, next);
  case DType::F64:
    return fill<double>(array, next);
  case DType::U8:
  case DType::U32:
  case DType::U64:
    break; // Never the first of `getDTypes`.
  }
  llvm_unreachable("not a type of a made-up input");
}

/// Whether a finite value fits into elements of `type`; conversion of one that
/// does not is undefined.
bool fits(double value, mlir::Type type) {
  if (isa<mlir::FloatType>(type))
    return true;
  unsigned width = type.isIndex() ? 64 : type.getIntOrFloatBitWidth();
  if (width == 1)
    return value == 0 || value == 1;
  double limit = std::ldexp(1.0, width - 1);
  return std::trunc(value) == value && value >= -limit && value < limit;
}

Expected<Array> generate(const Generator &generator,
                         const exec::Argument &argument,
                         ArrayRef<int64_t> shape, std::mt19937_64 &random) {
  mlir::Type type = argument.elementType;
  DType dtype = exec::getDTypes(type).front();
  if (!exec::fitsInMemory(dtype, shape))
    return makeError("{0} does not fit in memory",
                     exec::formatShape(exec::getName(dtype), shape));
  Array array(dtype, shape);
  int64_t count = array.getNumElements();
  switch (generator.kind) {
  case Generator::Constant:
    if (!fits(generator.value, type))
      return makeError("{0} is no {1}", generator.value, exec::getName(dtype));
    fill(array, type, [&] { return generator.value; });
    return array;
  case Generator::Iota: {
    if (count > 0 && !fits(static_cast<double>(count - 1), type))
      return makeError("@iota: {0} is no {1}", count - 1, exec::getName(dtype));
    double next = 0;
    fill(array, type, [&] { return next++; });
    return array;
  }
  case Generator::Random:
    break;
  }
  if (isa<mlir::FloatType>(type)) {
    double low = generator.low, span = generator.high - generator.low;
    // 53 bits of the generator, which is the same on every platform, unlike
    // the standard library's distributions.
    fill(array, type,
         [&] { return low + span * std::ldexp(double(random() >> 11), -53); });
    return array;
  }
  double low = generator.hasRange ? generator.low : 0;
  double high = generator.hasRange ? generator.high : type.isInteger(1) ? 2 : 8;
  if (!fits(low, type) || !fits(high - 1, type) || high - low > 0x1p53)
    return makeError("@random:{0}:{1} is not a range of {2}", low, high,
                     exec::getName(dtype));
  auto span = static_cast<uint64_t>(high - low);
  fill(array, type, [&] { return low + static_cast<double>(random() % span); });
  return array;
}

/// Hands out --dims.
class DynamicSizes {
public:
  explicit DynamicSizes(ArrayRef<int64_t> sizes) : sizes(sizes) {}

  Expected<SmallVector<int64_t, 4>> getShape(const exec::Argument &argument,
                                             unsigned index) {
    SmallVector<int64_t, 4> shape;
    for (int64_t size : argument.shape) {
      if (mlir::ShapedType::isDynamic(size)) {
        if (sizes.size() != 1 && used >= sizes.size())
          return makeError("argument {0} is made up and has dynamic sizes, but "
                           "--dims has only {1} numbers",
                           index, sizes.size());
        size = sizes.size() == 1 ? sizes[0] : sizes[used];
        ++used;
      }
      shape.push_back(size);
    }
    return shape;
  }

  /// An error if some are left.
  Error finish() const {
    if (sizes.empty() || used == sizes.size() || (sizes.size() == 1 && used))
      return Error::success();
    return makeError("--dims has {0} numbers, the made-up arguments have {1} "
                     "dynamic sizes",
                     sizes.size(), used);
  }

private:
  ArrayRef<int64_t> sizes;
  size_t used = 0;
};

} // namespace

Expected<std::vector<Array>> makeInputs(const exec::Signature &signature,
                                        const Options &options) {
  std::vector<std::string> specs = options.inputs;
  size_t wanted = signature.arguments.size();
  if (options.seed)
    specs.resize(std::max(specs.size(), wanted), "@random");
  if (specs.size() != wanted)
    return makeError("'{0}' takes {1} arguments, got {2} inputs",
                     signature.name, wanted, specs.size());

  std::mt19937_64 random(options.seed.value_or(0));
  DynamicSizes sizes(options.dims);
  std::vector<Array> inputs;
  for (auto [index, argument] : enumerate(signature.arguments)) {
    StringRef spec = specs[index];
    if (!spec.starts_with("@")) {
      Expected<Array> array = exec::readNpy(spec);
      if (!array)
        return array.takeError();
      inputs.push_back(std::move(*array));
      continue;
    }
    Expected<Generator> generator = parseGenerator(spec);
    if (!generator)
      return generator.takeError();
    auto shape = sizes.getShape(argument, index);
    if (!shape)
      return shape.takeError();
    Expected<Array> array = generate(*generator, argument, *shape, random);
    if (!array)
      return makeError("argument {0}: {1}", index, toString(array.takeError()));
    inputs.push_back(std::move(*array));
  }
  if (Error error = sizes.finish())
    return error;
  return inputs;
}

} // namespace attn::run
