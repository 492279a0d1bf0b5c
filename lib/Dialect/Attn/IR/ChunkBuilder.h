//===- ChunkBuilder.h - Chunks of a recurrence ------------------*- C++ -*-===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Private to RecurrenceChunk.cpp, which does a chunk's step, and
// RecurrenceKept.cpp, which does what needs no state before all steps.
//
//===----------------------------------------------------------------------===//

#ifndef LIB_DIALECT_ATTN_IR_CHUNKBUILDER_H
#define LIB_DIALECT_ATTN_IR_CHUNKBUILDER_H

#include "RecurrenceKeyDecay.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include <optional>

namespace attn {

/// What is kept of a chunk: the inverse, and with a gate for each key the
/// inverse times beta, keys times exp(c_i) and times exp(c_last - c_j), c_last,
/// and of each query head the weights, and the queries times exp(c_i).
enum Kept { kInverse, kKeys, kKeysToEnd, kTotal, kWeights, kQueries };
constexpr unsigned kKeptOfHead = 2;

/// Emits the step of one chunk.
class ChunkBuilder {
public:
  ChunkBuilder(mlir::OpBuilder &builder, mlir::Location loc,
               const RecurrenceTile &tile);

  RecurrenceState build(const RecurrenceState &state);
  llvm::SmallVector<mlir::Value> buildKept();

private:
  using Body = llvm::function_ref<mlir::Value(mlir::OpBuilder &, mlir::Location,
                                              mlir::ValueRange)>;
  /// What a pair of tokens has: its gates as operands of a body, and what they
  /// say there.
  struct PairGates {
    llvm::SmallVector<mlir::Value> inputs;
    llvm::SmallVector<mlir::AffineMap> maps;
  };

  mlir::Value read(mlir::Value tensor, int64_t width, int64_t head = 0);
  mlir::Value getEmpty(llvm::ArrayRef<int64_t> shape, mlir::Type element);
  mlir::Value getZeros(int64_t rows, int64_t cols);
  /// As an operand of a product.
  mlir::Value round(mlir::Value matrix);
  mlir::Value contract(mlir::Value lhs, llvm::ArrayRef<unsigned> lhsDims,
                       mlir::Value rhs, llvm::ArrayRef<unsigned> rhsDims,
                       mlir::Value out);
  /// A matrix of `inputs`; the body gets their elements, then that of `out`.
  mlir::Value map(mlir::ValueRange inputs, llvm::ArrayRef<mlir::AffineMap> maps,
                  mlir::Value out, Body body);
  mlir::Value number(mlir::OpBuilder &n, mlir::Location l, double value);
  /// Compares the column with the row.
  mlir::Value isBefore(mlir::OpBuilder &n, mlir::Location l,
                       mlir::arith::CmpIPredicate predicate);
  bool keepsFactors() const { return tile.kept.size() > 1; }
  void readGates();
  PairGates getPairGates();
  /// value * exp(d_ij), of the elements of `getPairGates`, j <= i.
  mlir::Value decayPair(mlir::OpBuilder &n, mlir::Location l, mlir::Value value,
                        mlir::ValueRange gates);
  /// value * exp(gate), or value if there are no gates.
  mlir::Value decay(mlir::OpBuilder &n, mlir::Location l, mlir::Value value,
                    mlir::Value gate);
  /// What the state in front of the chunk is multiplied with: rows, with a gate
  /// for each key times exp(c_i), which may be kept.
  mlir::Value getDecayed(mlir::Value rows, unsigned kept);
  /// S^T x of the rows x of `tokens`, tokens x Dv or transposed.
  mlir::Value getSeen(mlir::Value tokens);
  /// rows_i . k_j of tokens j <= i, or j < i; with a gate for each key,
  /// decayed.
  mlir::Value getProducts(mlir::Value rows, bool hasDiagonal);
  /// X, what is written: tokens x Dv or, of the delta rule, transposed if all
  /// is.
  mlir::Value getNews();
  mlir::Value readBeta();
  mlir::Value getInverse(mlir::Value beta);
  mlir::Value invert(mlir::Value products, mlir::Value beta);
  mlir::Value foldBeta(mlir::Value inverse, mlir::Value beta);
  /// Number `index` of what is kept of this chunk.
  mlir::Value readKept(unsigned index);
  /// The coefficients of X in the output of a query head.
  mlir::Value getWeights(int64_t head, mlir::Value query);
  mlir::Value weigh(mlir::Value products);
  mlir::Value getOutput(int64_t head, mlir::Value news);
  mlir::Value getState(mlir::Value state, mlir::Value news);
  /// Writes the rows of one query head.
  mlir::Value insert(mlir::Value rows, mlir::Value output, int64_t head);
  mlir::Value flush(mlir::Value transfer);
  mlir::Value getDecayedState(mlir::Value state);
  /// exp(d_last,j) times row j of `matrix`, or column j if `isTransposed`.
  mlir::Value decayTokens(mlir::Value matrix, mlir::AffineMap map,
                          bool isTransposed);
  /// A tensor, or zeros, with one column of the state per row or column.
  llvm::SmallVector<int64_t> getValueShape();
  mlir::Value getValueZeros();

  mlir::OpBuilder &b;
  mlir::Location loc;
  const RecurrenceTile &tile;
  RecurrenceOp op;
  mlir::FloatType type;
  /// What tokens are numbered by.
  mlir::Type position;
  /// Of positions of a matrix: the position, that of the transposed one, the
  /// row, the column, and which of the two the token is where the other is a
  /// column of the state.
  mlir::AffineMap ij, ji, i, j, token;
  /// Operands of products: the keys, the state before.
  mlir::Value key, before;
  /// c_i, c_last and, one by one, d_ij and d_last,j; null without a decay of
  /// all keys.
  mlir::Value sums, total, pairs, rest;
  /// There if there is a gate for each key.
  std::optional<KeyDecay> keyDecay;
};

} // namespace attn

#endif // LIB_DIALECT_ATTN_IR_CHUNKBUILDER_H
