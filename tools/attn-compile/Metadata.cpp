//===- Metadata.cpp - The JSON description of a kernel --------------------===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Metadata.h"

#include "Header.h"

#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/JSON.h"

using namespace llvm;

namespace attn::compile {

static std::string printType(mlir::Type type) {
  std::string text;
  raw_string_ostream os(text);
  type.print(os);
  return text;
}

/// A fixed size is a number, any size null, a computed one an expression.
static json::Value describeDim(const exec::DimExpr &expr) {
  if (std::optional<int64_t> value = expr.getConstantValue())
    return *value;
  std::string text;
  raw_string_ostream os(text);
  expr.print(os, "", [](raw_ostream &leaf, exec::DimExpr::Leaf which) {
    leaf << "arg" << which.argument;
    if (which.dim)
      leaf << '[' << *which.dim << ']';
  });
  return text;
}

/// null where it is not known before the launch.
static json::Value describe(const std::optional<int64_t> &value) {
  return value ? json::Value(*value) : json::Value(nullptr);
}

static json::Value describe(const exec::KernelInfo::Size &size) {
  return json::Array{describe(size[0]), describe(size[1]), describe(size[2])};
}

static json::Object describe(const exec::KernelInfo &kernel) {
  json::Object object{
      {"name", kernel.name},
      {"grid", describe(kernel.grid)},
      {"block", describe(kernel.block)},
      {"dynamic_shared_bytes", describe(kernel.dynamicSharedBytes)},
      {"shared_bytes", describe(kernel.sharedBytes)},
      {"registers", describe(kernel.registers)},
      {"spill_bytes", describe(kernel.spillBytes)},
      {"parameters", json::Array(kernel.parameters)}};
  if (kernel.cluster)
    object["cluster"] = describe(*kernel.cluster);
  return object;
}

static json::Object describe(mlir::Type elementType) {
  return json::Object{
      {"type", printType(elementType)},
      // Of the arrays that hold it: bf16 travels as u16.
      {"dtype", exec::getName(exec::getDTypes(elementType).front())}};
}

void writeMetadata(raw_ostream &os, const exec::Signature &signature,
                   const Metadata &metadata) {
  json::Array arguments, results;
  for (const exec::Argument &argument : signature.arguments) {
    json::Object object = describe(argument.elementType);
    object["kind"] = argument.isTensor ? "tensor" : "scalar";
    if (argument.isTensor) {
      json::Array shape;
      for (int64_t size : argument.shape)
        shape.push_back(mlir::ShapedType::isDynamic(size) ? json::Value(nullptr)
                                                          : json::Value(size));
      object["shape"] = std::move(shape);
      object["strides"] = "any, the last is 1";
      object["may_be_written"] = argument.isWritable;
    }
    arguments.push_back(std::move(object));
  }
  for (const exec::Result &result : signature.results) {
    json::Object object = describe(result.elementType);
    json::Array shape;
    for (const exec::DimExpr &dim : result.dims)
      shape.push_back(describeDim(dim));
    object["kind"] = "tensor";
    object["shape"] = std::move(shape);
    object["strides"] = "any, the last is 1";
    results.push_back(std::move(object));
  }
  json::Array schedules;
  for (const Metadata::Schedule &schedule : metadata.schedules)
    schedules.push_back(json::Object{{"operation", schedule.operation},
                                     {"schedule", schedule.schedule}});
  json::Object target{{"cpu", metadata.cpu},
                      {"features", json::Array(metadata.features)},
                      {"triple", metadata.triple}};
  if (!metadata.chip.empty())
    target["chip"] = metadata.chip;
  json::Object object{{"entry", signature.name},
                      {"symbol", signature.getSymbol()},
                      {"launcher", getCName(signature) + "_launch"},
                      {"emit", metadata.emit},
                      {"target", std::move(target)},
                      {"arguments", std::move(arguments)},
                      {"results", std::move(results)},
                      {"calling_convention",
                       "pointers to memref descriptors, scalars by "
                       "value, results last"},
                      {"needs_symbols", json::Array(metadata.symbols)},
                      {"schedules", std::move(schedules)}};
  if (!metadata.chip.empty()) {
    json::Array kernels;
    for (const exec::KernelInfo &kernel : metadata.kernels)
      kernels.push_back(describe(kernel));
    object["kernels"] = std::move(kernels);
  }
  os << formatv("{0:2}\n", json::Value(std::move(object)));
}

} // namespace attn::compile
