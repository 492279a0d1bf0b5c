//===- SelectRanks.h - Where a score ranks in its row -----------*- C++ -*-===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef LIB_DIALECT_ATTN_IR_SELECTRANKS_H
#define LIB_DIALECT_ATTN_IR_SELECTRANKS_H

#include "attn/Dialect/Attn/IR/RoutingBuilder.h"

namespace attn {

/// What all ways to make a list know of scores.
class SelectRanks : public RoutingBuilder {
public:
  SelectRanks(mlir::OpBuilder &builder, SelectOp select);

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

  // The rank of a score of f32 is one number, its key: tier, value and number,
  // each in bits that order as they do. No two keys of a row are equal; 0 is
  // the key of what is in no list.
  mlir::Value i64(uint64_t value);
  mlir::Value toI64(mlir::Value x);
  mlir::Value shift(mlir::Value x, int64_t bits);
  /// The key of score `number` (index) of row `at`.
  mlir::Value getKey(mlir::ValueRange at, mlir::Value number);
  /// What a key is made of: the number (i32); the value; whether it is forced.
  mlir::Value getKeyNumber(mlir::Value key);
  mlir::Value getKeyValue(mlir::Value key);
  mlir::Value isForcedKey(mlir::Value key);

  SelectOp select;
  mlir::FloatType type;
  /// Bits of a tier, and of a value. What is left of 64 are those of a number:
  /// a row has at most 2^29 scores.
  static constexpr int64_t kTierBits = 3, kValueBits = 32, kMostNumberBits = 29;
  /// As many as the largest number has.
  int64_t numberBits = kMostNumberBits;

private:
  mlir::Value holds(std::optional<tile::VisitAttrInterface> mask,
                    mlir::ValueRange at, mlir::Value number);
};

/// Whether scores have keys.
bool hasKeys(SelectOp select);
/// The lists by a scan of the keys for each place.
mlir::Value buildListsByKeys(mlir::OpBuilder &builder, SelectOp select);
/// Whether a list has so many places that one scan for each takes longer than
/// to find a bound first.
bool isLongList(SelectOp select);
/// The lists by a bound of what is in them.
mlir::Value buildLongLists(mlir::OpBuilder &builder, SelectOp select);

} // namespace attn

#endif // LIB_DIALECT_ATTN_IR_SELECTRANKS_H
