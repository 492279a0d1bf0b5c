//===- Formula.h - Predicates over positions --------------------*- C++ -*-===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A mask is a formula: linear constraints over (b, h, i, j) and tests of
// run-time data, joined by `and`, `or` and `not`. Everything a compiler wants
// to know about a mask is derived from the formula, here, once: which columns
// a tile of rows may see (too large is sound), which columns all of its rows
// see (too small is sound), and the scalar test itself. All of it works on
// `OpFoldResult`, so the same code answers at compile time when the bounds are
// constants and emits `affine`/`arith` operations when they are not.
//
//===----------------------------------------------------------------------===//

#ifndef ATTN_DIALECT_TILE_IR_FORMULA_H
#define ATTN_DIALECT_TILE_IR_FORMULA_H

#include "mlir/IR/AffineExpr.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/OpDefinition.h"
#include <memory>

namespace attn::tile {

/// The dimensions of the constraints of a formula. Those from `Parameter` on
/// are parameters: numbers known at run time, the same for all positions of a
/// head.
enum class PositionDim : unsigned {
  Batch = 0,
  Head = 1,
  Row = 2,
  Column = 3,
  Parameter = 4
};

/// Parameters of a formula, at most.
inline constexpr unsigned kMostParameters = 16;

/// An immutable predicate over positions; copies share structure.
class Formula {
public:
  enum class Kind {
    /// Always true.
    True,
    /// `constraint >= 0`, linear or quasi-linear in (d0, d1, d2, d3) and
    /// parameters (d4, ...).
    Constraint,
    /// The row's and the column's run-time ids (segments) are equal.
    SameId,
    /// Of the row's run-time bits the one with a number, linear or quasi-linear
    /// as in a constraint, is set. There are none below 0 or behind the last.
    Bit,
    And,
    Or,
    Not
  };

  static Formula getTrue(mlir::MLIRContext *context);
  /// `expr >= 0`.
  static Formula getConstraint(mlir::AffineExpr expr);
  static Formula getSameId(mlir::MLIRContext *context);
  /// Bit `number` of the row.
  static Formula getBit(mlir::AffineExpr number);
  static Formula getAnd(llvm::ArrayRef<Formula> terms);
  static Formula getOr(llvm::ArrayRef<Formula> terms);
  Formula operator!() const;

  Kind getKind() const;
  /// The expression of a constraint, or the number of a bit.
  mlir::AffineExpr getExpr() const;
  llvm::ArrayRef<Formula> getTerms() const;
  mlir::MLIRContext *getContext() const;

  /// The same predicate with `not` pushed into the constraints
  /// (`!(e >= 0)` is `-e - 1 >= 0` over the integers). Only run-time tests
  /// keep a `not` in front of them.
  Formula getNegationNormalForm() const;

  /// True if some part of the predicate reads run-time ids.
  bool readsIds() const;

  /// True if some part of the predicate reads the row's run-time bits.
  bool readsBits() const;

  /// True if some constraint, or number of a bit, reads the dimension.
  bool readsDim(PositionDim dim) const;

  /// How many parameters there are, by the last one that is read.
  unsigned getNumParameters() const;

  /// The predicate for known parameters.
  Formula bindParameters(llvm::ArrayRef<int64_t> values) const;

  /// The number of constraints and tests, which evaluation costs.
  int64_t getNumLeaves() const;

  /// True of a constraint on the column alone that has a `mod`.
  bool repeatsAlongColumns() const;

  /// True if, for every block of rows, the visited columns are one interval:
  /// no hole can hide a tile that no row sees. Conjunctions of constraints are
  /// convex, unless one repeats along the columns; disjunctions are not.
  bool isConvex() const;

private:
  struct Storage;
  explicit Formula(std::shared_ptr<const Storage> storage)
      : storage(std::move(storage)) {}
  std::shared_ptr<const Storage> storage;
};

/// A half-open interval of columns. A missing bound is infinite.
struct ColumnInterval {
  std::optional<mlir::OpFoldResult> lower;
  std::optional<mlir::OpFoldResult> upper;
};

/// A block of logical positions: rows [firstRow, lastRow] (inclusive) of one
/// batch entry and head.
struct RowBlock {
  mlir::OpFoldResult batch;
  mlir::OpFoldResult head;
  mlir::OpFoldResult firstRow;
  mlir::OpFoldResult lastRow;
  /// All columns that have the id of some row, and some that have the id of
  /// every row, if run-time data says so.
  std::optional<ColumnInterval> someId = std::nullopt, everyId = std::nullopt;
  llvm::SmallVector<mlir::OpFoldResult> parameters = {};
};

/// The columns that at least one row of `rows` may see. Sound: may be larger
/// than the truth, never smaller; the interval may be empty (upper <= lower).
ColumnInterval getVisitedColumns(mlir::OpBuilder &builder, mlir::Location loc,
                                 const Formula &formula, const RowBlock &rows);

/// Of the columns of an interval those where a predicate of the column alone
/// holds, which repeats; all of them if there is none.
struct ColumnPiece {
  ColumnInterval interval;
  std::optional<Formula> repeated;
  /// Of these columns, ones that every row sees; nothing if none is known.
  std::optional<ColumnInterval> full;
};

/// The visited columns as a union of pieces, which may overlap: the holes
/// between the terms of a disjunction stay. Sound as getVisitedColumns is;
/// `std::nullopt` if there would be more pieces than `most`.
std::optional<llvm::SmallVector<ColumnPiece>>
getVisitedPieces(mlir::OpBuilder &builder, mlir::Location loc,
                 const Formula &formula, const RowBlock &rows, unsigned most);

/// Columns after which what repeats has to repeat, to be made use of.
inline constexpr int64_t kMostPeriod = 1 << 14;

/// The number of columns after which a predicate of the column alone repeats;
/// `std::nullopt` if that is more than `most`.
std::optional<int64_t> getPeriod(const Formula &formula,
                                 int64_t most = kMostPeriod);

/// A set of columns that every row of `rows` sees. Sound: may be smaller than
/// the truth, never larger. `std::nullopt` means none is known.
std::optional<ColumnInterval> getFullColumns(mlir::OpBuilder &builder,
                                             mlir::Location loc,
                                             const Formula &formula,
                                             const RowBlock &rows);

/// A half-open range of columns, known at compile time.
struct ColumnRange {
  int64_t begin;
  int64_t end;
};

/// How a tile stands to a predicate.
enum class TileClass { Empty, Full, Partial };

class Projection;

/// Answers about many tiles of one formula at compile time. Finds holes, also
/// those that repeat, and creates no operations. A constraint that reads
/// parameters says nothing. Not for several threads at the same time.
///
/// Exact where all constraints that hold for the same row bound it, or at most
/// one of them does so by a remainder; where a query finds no more than 1024
/// ranges of what repeats, and rows have no more than 64 runs of equal
/// quotients. What is more than that says nothing.
class ColumnRanges {
public:
  explicit ColumnRanges(const Formula &formula);

  /// The columns in `within` that some row in [firstRow, lastRow] may see:
  /// disjoint ranges in increasing order. Sound: never too few.
  llvm::SmallVector<ColumnRange> getVisited(int64_t batch, int64_t head,
                                            int64_t firstRow, int64_t lastRow,
                                            ColumnRange within) const;
  /// The columns in `within`, such ranges, too, that every row sees. Sound:
  /// never too many.
  llvm::SmallVector<ColumnRange>
  getFull(int64_t batch, int64_t head, int64_t firstRow, int64_t lastRow,
          llvm::ArrayRef<ColumnRange> within) const;

  /// Classifies the tile rows [rowBegin, rowEnd) x columns [colBegin, colEnd).
  /// Sound in both directions: `Empty` and `Full` are never wrong.
  TileClass classify(int64_t batch, int64_t head, int64_t rowBegin,
                     int64_t rowEnd, int64_t colBegin, int64_t colEnd) const;

private:
  /// What rows may see of the formula, and of its complement.
  std::shared_ptr<const Projection> visited, hidden;
};

/// Classifies one tile.
TileClass classifyTile(const Formula &formula, int64_t batch, int64_t head,
                       int64_t rowBegin, int64_t rowEnd, int64_t colBegin,
                       int64_t colEnd);

/// Emits whether some row of `rows` may see a column in [colBegin, colEnd): i1.
/// Finds the holes that the interval of visited columns covers up.
mlir::Value emitMayVisit(mlir::OpBuilder &builder, mlir::Location loc,
                         const Formula &formula, const RowBlock &rows,
                         mlir::Value colBegin, mlir::Value colEnd);

/// Emits the test of one position: i1. All positions have one integer type,
/// `index` or signless. `sameId` is the value of the id test,
/// null if the formula has none; `parameters` are of the type of positions,
/// too. `testBit` emits whether the row has the bit of a number, of that type,
/// too. Columns behind `lastColumn`, if there is one, do not pass.
mlir::Value emitTest(mlir::OpBuilder &builder, mlir::Location loc,
                     const Formula &formula, mlir::Value batch,
                     mlir::Value head, mlir::Value row, mlir::Value column,
                     mlir::Value sameId, mlir::ValueRange parameters,
                     llvm::function_ref<mlir::Value(mlir::Value)> testBit = {},
                     mlir::Value lastColumn = {});

/// The value of a predicate without parameters at one position, for tests and
/// pictures. All bits that are read have one value.
bool evaluate(const Formula &formula, int64_t batch, int64_t head, int64_t row,
              int64_t column, bool sameId = false, bool hasBit = false);

} // namespace attn::tile

#endif // ATTN_DIALECT_TILE_IR_FORMULA_H
