//===- RecurrenceKeyDecay.h - Gates of each key in a chunk ------*- C++ -*-===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// With a gate for each key the decay between two tokens is no factor of their
// product: it differs for each element of the sum. So queries and keys are
// scaled before they are multiplied, and what is multiplied says where from.
//
//===----------------------------------------------------------------------===//

#ifndef LIB_DIALECT_ATTN_IR_RECURRENCEKEYDECAY_H
#define LIB_DIALECT_ATTN_IR_RECURRENCEKEYDECAY_H

#include "RecurrenceStep.h"

namespace attn {

/// Writes what the gates g of a chunk of tokens do, rows of one gate for each
/// key.
class KeyDecay {
public:
  /// `position` is the type of the numbers of tokens, an index or an integer.
  KeyDecay(mlir::OpBuilder &builder, mlir::Location loc,
           const RecurrenceTile &tile, mlir::Type position);

  /// sum_d x_id k_jd exp(sum of g_ud, j < u <= i), of j <= i, or of j < i
  /// without the diagonal. The rest is anything.
  mlir::Value getProducts(mlir::Value rows, mlir::Value keys, bool hasDiagonal);
  /// The same of keys and themselves without the diagonal, then of queries and
  /// keys with it: each factor is computed once for all of these.
  llvm::SmallVector<mlir::Value>
  getProductsWithKeys(mlir::Value keys, llvm::ArrayRef<mlir::Value> queries);
  /// Row i of each matrix times exp(sum of g_u, u <= i).
  llvm::SmallVector<mlir::Value> decayFromStart(mlir::ValueRange matrices);
  /// Row i times exp(sum of g_u, i < u).
  mlir::Value decayToEnd(mlir::Value rows);
  /// The sum of all g_u.
  mlir::Value getTotal();
  /// Sums of gates in front of the chunk, one for each key, and those of it.
  mlir::Value addTotal(mlir::Value sums);

private:
  using Predicate = llvm::function_ref<mlir::Value(
      mlir::OpBuilder &, mlir::Location, mlir::Value, mlir::Value)>;
  mlir::Value sumWhere(Predicate counts);
  mlir::Value sumInHalves(mlir::Value level);
  int64_t getNumParts(int64_t level);
  llvm::SmallVector<mlir::Value> split(mlir::OpBuilder &n, mlir::Location l,
                                       mlir::Value number, int64_t numParts);
  llvm::SmallVector<mlir::Value>
  scaleInHalves(mlir::Value rows, mlir::Value keys, int64_t number);
  llvm::SmallVector<mlir::Value>
  scaleAll(mlir::ValueRange matrices, mlir::Value exponents, int64_t numParts);
  mlir::Value multiplyParts(llvm::ArrayRef<mlir::Value> rows, mlir::Value keys);
  llvm::SmallVector<mlir::Value>
  takePairs(mlir::ValueRange own, mlir::ValueRange products, mlir::Value level);
  mlir::Value getLevel(int64_t number);
  mlir::Value getZeros();
  mlir::Value multiply(mlir::Value rows, mlir::Value keys);

  mlir::OpBuilder &b;
  mlir::Location loc;
  const RecurrenceTile &tile;
  mlir::FloatType type;
  mlir::Type position;
  mlir::Value gates;
  /// What gates are the sum of, as operands of products.
  llvm::SmallVector<mlir::Value> parts;
  /// The sum of all g_u, if it was asked for.
  mlir::Value total;
};

} // namespace attn

#endif // LIB_DIALECT_ATTN_IR_RECURRENCEKEYDECAY_H
