//===- Compare.cpp - Compares results with their reference ----------------===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "attn/Execution/Compare.h"

#include "mlir/IR/BuiltinTypes.h"

#include "llvm/ADT/APFloat.h"
#include "llvm/Support/ErrorHandling.h"

#include <cmath>
#include <cstring>

using namespace llvm;

namespace attn::exec {

static double widen(uint16_t bits, const fltSemantics &semantics) {
  return APFloat(semantics, APInt(16, bits)).convertToDouble();
}

double getElement(const Array &array, int64_t index, mlir::Type elementType) {
  switch (array.dtype) {
  case DType::F16:
    return widen(array.as<uint16_t>()[index], APFloat::IEEEhalf());
  case DType::F32:
    return array.as<float>()[index];
  case DType::F64:
    return array.as<double>()[index];
  case DType::U16:
    if (elementType.isBF16())
      return widen(array.as<uint16_t>()[index], APFloat::BFloat());
    [[fallthrough]];
  default:
    return static_cast<double>(getInteger(array, index));
  }
}

Tolerance getDefaultTolerance(mlir::Type elementType) {
  if (elementType.isF64())
    return {1e-12, 1e-10};
  if (elementType.isF32())
    return {2e-5, 1e-4};
  if (elementType.isF16())
    return {2e-3, 2e-3};
  if (elementType.isBF16())
    return {1.6e-2, 1.6e-2};
  return {0, 0};
}

Comparison compare(const Array &actual, const Array &expected,
                   mlir::Type elementType, Tolerance tolerance) {
  Comparison result;
  result.elements = actual.getNumElements();
  bool integers = !isa<mlir::FloatType>(elementType);
  int64_t size = getSize(actual.dtype);
  double worstExcess = 0;
  for (int64_t i = 0; i < result.elements; ++i) {
    double a = getElement(actual, i, elementType);
    double e = getElement(expected, i, elementType);
    bool finite = std::isfinite(a) && std::isfinite(e);
    result.nonFiniteActual += !std::isfinite(a);
    result.nonFiniteExpected += !std::isfinite(e);
    double excess = 0;
    if (finite) {
      double error = std::abs(a - e);
      result.maxAbsoluteError = std::max(result.maxAbsoluteError, error);
      if (e != 0)
        result.maxRelativeError =
            std::max(result.maxRelativeError, error / std::abs(e));
      excess = error - (tolerance.absolute + tolerance.relative * std::abs(e));
      if (integers)
        excess = std::memcmp(actual.data.data() + i * size,
                             expected.data.data() + i * size, size) != 0
                     ? std::max(error, 1.0)
                     : 0;
    } else if (a != e && !(std::isnan(a) && std::isnan(e))) {
      excess = HUGE_VAL;
    }
    if (!(excess > 0))
      continue;
    ++result.mismatches;
    if (excess > worstExcess) {
      worstExcess = excess;
      result.worst = i;
      result.worstActual = a;
      result.worstExpected = e;
    }
  }
  return result;
}

int64_t countNonFinite(const Array &array, mlir::Type elementType) {
  if (!isa<mlir::FloatType>(elementType))
    return 0;
  int64_t count = 0;
  for (int64_t i = 0, e = array.getNumElements(); i < e; ++i)
    count += !std::isfinite(getElement(array, i, elementType));
  return count;
}

} // namespace attn::exec
