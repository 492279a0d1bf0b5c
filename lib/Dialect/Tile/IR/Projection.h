//===- Projection.h - The columns that some row sees ------------*- C++ -*-===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef ATTN_LIB_DIALECT_TILE_IR_PROJECTION_H
#define ATTN_LIB_DIALECT_TILE_IR_PROJECTION_H

#include "ColumnSet.h"
#include "RowBound.h"
#include "llvm/ADT/DenseMap.h"

namespace attn::tile {

/// A formula that is asked for many blocks of rows. Not for several threads at
/// the same time.
class Projection {
public:
  /// What a block may be split into; of more pieces some are not told apart.
  static constexpr int64_t kMostPieces = 64;
  /// Conjunctions that one may have to be looked at as, where it contains
  /// disjunctions.
  static constexpr int64_t kMostCases = 256;

  explicit Projection(const Formula &formula);

  /// The columns `within` that some row sees. Sound: never too few.
  Ranges get(int64_t batch, int64_t head, int64_t firstRow, int64_t lastRow,
             llvm::ArrayRef<ColumnRange> within) const;

private:
  /// A part of the formula, in negation normal form.
  struct Node {
    Formula::Kind kind = Formula::Kind::True;
    /// Of a constraint.
    unsigned number = 0;
    std::vector<Node> terms;
    /// Conjunctions that this is a disjunction of.
    int64_t cases = 1;
    bool readsRow = false;
    /// Those with the largest come first, which leave fewer columns for what
    /// repeats more often.
    int64_t period = 0;
  };
  /// Of the constraints that hold for the same row.
  struct Conjunction {
    llvm::SmallVector<unsigned, 4> lower, upper, periodic;
  };
  /// All parts, for blocks that are split, or for those that are not.
  struct Variant {
    Node root;
    llvm::SmallVector<RowBound> bounds;
    /// What is left of up to three bounds without the row.
    mutable llvm::DenseMap<std::tuple<unsigned, unsigned, unsigned>,
                           std::unique_ptr<ColumnConstraint>>
        constraints;

    Node build(const Formula &formula, const RowSplits &splits);
    void joinPeriodic(llvm::MutableArrayRef<Node> terms);
    const ColumnConstraint &getConstraint(unsigned lower, unsigned upper,
                                          unsigned periodic) const;
    Ranges add(Conjunction &conjunction, unsigned number,
               llvm::ArrayRef<int64_t> dims, Ranges within) const;
    Ranges get(llvm::SmallVector<const Node *> pending, Conjunction conjunction,
               llvm::ArrayRef<int64_t> dims, Ranges within) const;
  };

  static Variant getVariant(const Formula &formula, const RowSplits &splits);

  RowSplits splits;
  Variant split, whole;
};

} // namespace attn::tile

#endif // ATTN_LIB_DIALECT_TILE_IR_PROJECTION_H
