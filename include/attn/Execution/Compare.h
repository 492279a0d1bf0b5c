//===- Compare.h - Compares results with their reference --------*- C++ -*-===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ATTN_EXECUTION_COMPARE_H
#define ATTN_EXECUTION_COMPARE_H

#include "attn/Execution/Array.h"

#include "mlir/IR/Types.h"

namespace attn::exec {

/// |actual - expected| <= absolute + relative * |expected|
struct Tolerance {
  double absolute;
  double relative;
};

/// What rounding alone may do to results of this type that were accumulated in
/// f32 (f64 for f64) in two different orders. Integers have to be equal.
Tolerance getDefaultTolerance(mlir::Type elementType);

struct Comparison {
  int64_t elements = 0;
  /// Out of tolerance, a NaN on one side only, or infinities that differ.
  int64_t mismatches = 0;
  /// Of the worst mismatch, a non-finite one first; -1 without any.
  int64_t worst = -1;
  double worstActual = 0;
  double worstExpected = 0;
  /// Over elements finite on both sides; relative to |expected| where that is
  /// not 0.
  double maxAbsoluteError = 0;
  double maxRelativeError = 0;
  /// NaN and infinity.
  int64_t nonFiniteActual = 0;
  int64_t nonFiniteExpected = 0;
};

/// Compares arrays of equal dtype and shape, whose elements are `elementType`.
Comparison compare(const Array &actual, const Array &expected,
                   mlir::Type elementType, Tolerance tolerance);

/// Element `index` of an array of `elementType`; a large integer is rounded.
double getElement(const Array &array, int64_t index, mlir::Type elementType);

/// Counts NaN and infinity.
int64_t countNonFinite(const Array &array, mlir::Type elementType);

} // namespace attn::exec

#endif // ATTN_EXECUTION_COMPARE_H
