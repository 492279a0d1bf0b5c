//===- SelectRanks.h - Where a score ranks in its row -----------*- C++ -*-===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef LIB_DIALECT_ATTN_IR_SELECTRANKS_H
#define LIB_DIALECT_ATTN_IR_SELECTRANKS_H

#include "attn/Dialect/Attn/IR/RoutingBuilder.h"

namespace attn {

/// What both ways to make a list know of scores.
class SelectRanks : public RoutingBuilder {
public:
  SelectRanks(mlir::OpBuilder &builder, SelectOp select)
      : RoutingBuilder(builder, select), select(select),
        type(mlir::cast<mlir::FloatType>(
            select.getScores().getType().getElementType())) {}

protected:
  using Predicate = mlir::arith::CmpIPredicate;
  /// Where a score ranks: by tier (i32), the larger the better; then by its
  /// value, then by its number (i32), the smaller the better.
  struct Rank {
    mlir::Value tier, value, number;
  };
  /// Not a candidate; a NaN; a number. Those that are forced are above both.
  static constexpr int64_t kNone = -1, kNaN = 0, kNumber = 1, kForced = 2;

  mlir::Value isForced(const Rank &rank) {
    return compare(Predicate::sge, rank.tier, i32(kForced));
  }
  /// The rank of score `number` (index) of row `at`.
  Rank getRank(mlir::ValueRange at, mlir::Value number);
  /// Whether a candidate is forced, or its score at least the threshold.
  mlir::Value isEnough(const Rank &rank);

  SelectOp select;
  mlir::FloatType type;

private:
  mlir::Value holds(std::optional<tile::VisitAttrInterface> mask,
                    mlir::ValueRange at, mlir::Value number);
};

/// Whether a list has so many places that one scan for each takes longer than
/// to find a bound first.
bool isLongList(SelectOp select);
/// The lists by a bound of what is in them.
mlir::Value buildLongLists(mlir::OpBuilder &builder, SelectOp select);

} // namespace attn

#endif // LIB_DIALECT_ATTN_IR_SELECTRANKS_H
