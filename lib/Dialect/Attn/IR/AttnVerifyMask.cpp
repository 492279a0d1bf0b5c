//===- AttnVerifyMask.cpp - What masks and regions may compute ------------===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "Verify.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace attn;
using tile::ColumnRange;
using tile::Formula;

//===----------------------------------------------------------------------===//
// C22: values of the mask are 32 bits wide
//===----------------------------------------------------------------------===//

/// Of positions and parameters, for which values of a mask have to fit.
static constexpr int64_t kMostPosition = int64_t(1) << 20;

/// Saturates far above anything that fits.
static constexpr int64_t kTooLarge = int64_t(1) << 60;

/// At least the magnitude of every sum of terms of an expression.
static int64_t getMagnitude(AffineExpr expr) {
  if (auto constant = dyn_cast<AffineConstantExpr>(expr))
    return std::abs(constant.getValue());
  auto binary = dyn_cast<AffineBinaryOpExpr>(expr);
  if (!binary)
    return kMostPosition;
  int64_t lhs = getMagnitude(binary.getLHS()),
          rhs = getMagnitude(binary.getRHS()), product;
  switch (expr.getKind()) {
  case AffineExprKind::Add:
    return std::min(lhs + rhs, kTooLarge);
  case AffineExprKind::Mul:
    return llvm::MulOverflow(lhs, rhs, product) ? kTooLarge
                                                : std::min(product, kTooLarge);
  case AffineExprKind::Mod:
    return rhs - 1;
  default:
    return lhs / rhs + 1;
  }
}

LogicalResult attn::verifyMaskValues(Operation *op, const Formula &formula) {
  constexpr int64_t kMost = int64_t(1) << 30,
                    kMostValue = std::numeric_limits<int32_t>::max();
  std::optional<int64_t> constant, value;
  AffineExpr where;
  if (formula.getExpr())
    formula.getExpr().walk([&](AffineExpr expr) {
      if (auto number = dyn_cast<AffineConstantExpr>(expr)) {
        if (number.getValue() > kMost || number.getValue() < -kMost)
          constant = number.getValue();
      } else if (int64_t magnitude = getMagnitude(expr);
                 !value && magnitude > kMostValue) {
        value = magnitude;
        where = expr;
      }
    });
  if (constant)
    return op->emitOpError("C22: expected constants of the mask from -2^30 to "
                           "2^30, got ")
           << *constant;
  if (value) {
    std::string text;
    llvm::raw_string_ostream(text) << where;
    return op->emitOpError("C22: expected values of the mask that fit 32 bits "
                           "for positions up to 2^20, got up to ")
           << *value << " for " << text;
  }
  for (const Formula &term : formula.getTerms())
    if (failed(verifyMaskValues(op, term)))
      return failure();
  return success();
}

//===----------------------------------------------------------------------===//
// C25: regions read inside of what they capture
//===----------------------------------------------------------------------===//

namespace {
/// What is known of the positions that a region sees.
class Positions {
public:
  explicit Positions(LogitsOpInterface op) : op(op) {
    ShapedType q = op.getQuery().getType(), k = op.getKey().getType();
    extents = {q.getDimSize(0), q.getDimSize(1), q.getDimSize(2),
               k.getDimSize(2)};
    // Anything else moves positions, or hides some.
    isKnown = llvm::none_of(extents, ShapedType::isDynamic) &&
              !llvm::is_contained(extents, 0) && !op.getOffset() &&
              !op.getQueryPositions() && op.getOrigin().empty() &&
              !op.getKvLengths();
    if (op.getAlign() == Alignment::BottomRight)
      shift = extents[3] - extents[2];
  }

  /// A position at which the region surely runs and its argument `number` has a
  /// value of at least `extent`: that value.
  std::optional<int64_t> findBeyond(unsigned number, int64_t extent) {
    if (!isKnown)
      return std::nullopt;
    // The last rows see most; where they see nothing, nothing is said.
    int64_t batch = extents[0] - 1, head = extents[1] - 1,
            row = extents[2] - 1 + shift;
    ColumnRange columns{number == 3 ? extent : 0, extents[3]};
    if (columns.begin >= columns.end)
      return std::nullopt;
    int64_t column = columns.begin;
    if (op.getMask()) {
      SmallVector<ColumnRange> seen =
          tile::ColumnRanges(op.getMask()->getFormula())
              .getFull(batch, head, row, row, columns);
      if (seen.empty())
        return std::nullopt;
      column = seen.front().begin;
    }
    int64_t value = std::array{batch, head, row, column}[number];
    return value >= extent ? std::optional(value) : std::nullopt;
  }

private:
  LogitsOpInterface op;
  /// Of b, h, i and j.
  std::array<int64_t, 4> extents;
  int64_t shift = 0;
  bool isKnown;
};
} // namespace

LogicalResult attn::verifyReads(LogitsOpInterface op, Region &region) {
  if (region.empty())
    return success();
  Block &block = region.front();
  unsigned first = block.getNumArguments() - 4;
  // What is nested may run under a condition.
  for (auto read : block.getOps<tensor::ExtractOp>()) {
    auto type = cast<RankedTensorType>(read.getTensor().getType());
    // The read itself is verified later than what is around it.
    bool isWhole =
        static_cast<int64_t>(read.getIndices().size()) == type.getRank();
    if (read.getTensor().getParentRegion() == &region || !isWhole)
      continue;
    for (auto [dim, index] : llvm::enumerate(read.getIndices())) {
      auto argument = dyn_cast<BlockArgument>(index);
      if (!argument || argument.getOwner() != &block ||
          argument.getArgNumber() < first || type.isDynamicDim(dim))
        continue;
      unsigned number = argument.getArgNumber() - first;
      std::optional<int64_t> beyond =
          Positions(op).findBeyond(number, type.getDimSize(dim));
      if (beyond)
        return read.emitError("C25: reads dimension ")
               << dim << " of " << type << " at " << StringRef("bhij")[number]
               << " = " << *beyond;
    }
  }
  return success();
}
