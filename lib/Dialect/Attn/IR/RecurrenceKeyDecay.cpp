//===- RecurrenceKeyDecay.cpp - Gates of each key in a chunk --------------===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Of two tokens j < i there is one level l at which they are in the two halves
// of one block of 2^(l+1) tokens. With the last token m of the first half,
//
//   exp(sum of g_u, j < u <= i)
//     = exp(sum of g_u, m < u <= i) exp(sum of g_u, j < u <= m),
//
// a factor of row i and one of row j, whose exponents are sums of gates: none
// is a difference, and of gates <= 0 none is above 0. So there is a product of
// scaled rows for each level, of which the pairs of this level are taken, and
// for j = i the product of rows as they are.
//
// Sums over some of the tokens are products of a matrix of ones and zeros with
// the gates. Where products are of 16-bit operands, a gate is the sum of two
// numbers of bf16, which have 16 bits of it.
//
//===----------------------------------------------------------------------===//

#include "RecurrenceKeyDecay.h"
#include "LinalgTiles.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace attn;

/// Dimensions of a product's operands, of (m, n, k).
static constexpr unsigned kRowsBySum[] = {0, 2}, kSumByCols[] = {2, 1},
                          kColsBySum[] = {1, 2};

/// Levels of which the factors of rows keep what they are rounded by. The first
/// tokens of a sequence are few terms that may cancel, and then are another
/// sum.
static constexpr int64_t kExactLevels = 2;

/// What a matrix of `shape` has at each position.
static Value fill(OpBuilder &b, Location loc, ArrayRef<int64_t> shape,
                  Type element, ValueRange inputs,
                  function_ref<Value(OpBuilder &, Location, ValueRange)> body) {
  AffineMap all = b.getMultiDimIdentityMap(2);
  Value empty = tensor::EmptyOp::create(b, loc, shape, element);
  SmallVector<AffineMap> maps(inputs.size(), all);
  return buildGeneric(b, loc, inputs, maps, empty, all, 2,
                      [&](OpBuilder &n, Location l, ValueRange arguments) {
                        return SmallVector<Value>{body(n, l, arguments)};
                      })
      .front();
}

/// A position in a chunk, as a number of `type`. What is done with one of 64
/// bits, as an index is, takes twice the instructions.
static Value getPosition(OpBuilder &b, Location loc, int64_t dim, Type type) {
  Value index = linalg::IndexOp::create(b, loc, dim);
  if (type.isIndex())
    return index;
  return arith::IndexCastOp::create(b, loc, type, index);
}

static Value getRow(OpBuilder &b, Location loc, Type type) {
  return getPosition(b, loc, 0, type);
}

static Value getColumn(OpBuilder &b, Location loc, Type type) {
  return getPosition(b, loc, 1, type);
}

static Value getOne(OpBuilder &b, Location loc, Type type) {
  return arith::ConstantOp::create(b, loc, b.getIntegerAttr(type, 1));
}

/// The number of the block of 2^level tokens.
static Value getBlock(OpBuilder &b, Location loc, Value token, Value level) {
  return arith::ShRUIOp::create(b, loc, token, level);
}

static Value isUpTo(OpBuilder &b, Location loc, Value token, Value last) {
  return arith::CmpIOp::create(b, loc, arith::CmpIPredicate::ule, token, last);
}

static Value isOdd(OpBuilder &b, Location loc, Value number) {
  Value one = getOne(b, loc, number.getType());
  Value bit = arith::AndIOp::create(b, loc, number, one);
  return arith::CmpIOp::create(b, loc, arith::CmpIPredicate::eq, bit, one);
}

KeyDecay::KeyDecay(OpBuilder &builder, Location loc, const RecurrenceTile &tile,
                   Type position)
    : b(builder), loc(loc), tile(tile), position(position) {
  RecurrenceOp op = tile.op;
  type = op.getComputeType();
  Value zero = arith::ConstantIndexOp::create(b, loc, 0);
  gates = readMatrix(b, loc, op.getGate(), zero, tile.coords, tile.keyWidth);
  if (tile.operandType == type) {
    parts = {gates};
    return;
  }
  Type half = b.getBF16Type();
  Value high = convertTile(b, loc, gates, half);
  // Of the gates alone, so that `high` need not be kept.
  Value low = fill(b, loc, {tile.tokens, tile.keyWidth}, half, gates,
                   [&](OpBuilder &n, Location l, ValueRange a) {
                     Value rounded = convertFloat(n, l, a[0], half);
                     rounded = convertFloat(n, l, rounded, type);
                     Value rest = arith::SubFOp::create(n, l, a[0], rounded);
                     return convertFloat(n, l, rest, half);
                   });
  parts = {high, low};
}

/// Row i: the sum of the gates of tokens u that count for it.
Value KeyDecay::sumWhere(Predicate counts) {
  Type element =
      cast<RankedTensorType>(parts.front().getType()).getElementType();
  Value ones = fill(
      b, loc, {tile.tokens, tile.tokens}, element, {},
      [&](OpBuilder &n, Location l, ValueRange) -> Value {
        Value one = arith::ConstantOp::create(n, l, n.getFloatAttr(element, 1));
        Value zero =
            arith::ConstantOp::create(n, l, n.getFloatAttr(element, 0));
        Value is =
            counts(n, l, getRow(n, l, position), getColumn(n, l, position));
        return arith::SelectOp::create(n, l, is, one, zero);
      });
  Value sums = buildFilled(
      b, loc, {b.getIndexAttr(tile.tokens), b.getIndexAttr(tile.keyWidth)},
      type, APFloat::getZero(type.getFloatSemantics()));
  for (Value part : parts)
    sums = buildContract(b, loc, ones, kRowsBySum, part, kSumByCols, sums);
  return sums;
}

/// In blocks of two halves of 2^level tokens, from the last token of the first
/// half: of the second half up to row i, of the first half what is behind it.
Value KeyDecay::sumInHalves(Value level) {
  return sumWhere([&](OpBuilder &n, Location l, Value i, Value u) -> Value {
    Value half = getBlock(n, l, i, level);
    Value isSame = arith::CmpIOp::create(n, l, arith::CmpIPredicate::eq, half,
                                         getBlock(n, l, u, level));
    Value counts = arith::CmpIOp::create(n, l, arith::CmpIPredicate::eq,
                                         isOdd(n, l, half), isUpTo(n, l, u, i));
    return arith::AndIOp::create(n, l, isSame, counts);
  });
}

/// Of what rows of a level are the sum.
int64_t KeyDecay::getNumParts(int64_t level) {
  return tile.operandType == type || level >= kExactLevels ? 1 : 2;
}

/// `number` as an operand, and what that was rounded by if there are two parts.
SmallVector<Value> KeyDecay::split(OpBuilder &n, Location l, Value number,
                                   int64_t numParts) {
  SmallVector<Value> parts{convertFloat(n, l, number, tile.operandType)};
  if (numParts > 1) {
    Value rounded = convertFloat(n, l, parts[0], type);
    Value rest = arith::SubFOp::create(n, l, number, rounded);
    parts.push_back(convertFloat(n, l, rest, tile.operandType));
  }
  return parts;
}

/// In blocks of two halves of 2^level tokens: of the second one `rows`, of the
/// first one `keys`, with their factors, and maybe what they are rounded by.
SmallVector<Value> KeyDecay::scaleInHalves(Value rows, Value keys,
                                           int64_t number) {
  Value level = getLevel(number);
  SmallVector<Value> inputs{keys, sumInHalves(level)};
  if (rows != keys)
    inputs.push_back(rows);
  AffineMap all = b.getMultiDimIdentityMap(2);
  SmallVector<AffineMap> maps(inputs.size(), all);
  unsigned count = getNumParts(number);
  SmallVector<Value> outs(
      count, tensor::EmptyOp::create(
                 b, loc, ArrayRef<int64_t>{tile.tokens, tile.keyWidth},
                 tile.operandType));
  return buildGeneric(
      b, loc, inputs, maps, outs, SmallVector<AffineMap>(count, all), 2,
      [&](OpBuilder &n, Location l, ValueRange a) {
        Value x = a[0];
        if (rows != keys) {
          Value half = getBlock(n, l, getRow(n, l, position), level);
          x = arith::SelectOp::create(n, l, isOdd(n, l, half), a[2], x);
        }
        Value factor = buildFastExp(n, l, a[1]);
        x = arith::MulFOp::create(n, l, convertFloat(n, l, x, type), factor);
        return split(n, l, x, count);
      });
}

/// Parts of each matrix, its rows times exp(exponents), which is computed once.
SmallVector<Value> KeyDecay::scaleAll(ValueRange matrices, Value exponents,
                                      int64_t numParts) {
  SmallVector<Value> inputs(matrices);
  inputs.push_back(exponents);
  AffineMap all = b.getMultiDimIdentityMap(2);
  int64_t count = matrices.size() * numParts;
  SmallVector<Value> outs(
      count, tensor::EmptyOp::create(
                 b, loc, ArrayRef<int64_t>{tile.tokens, tile.keyWidth},
                 tile.operandType));
  return buildGeneric(b, loc, inputs,
                      SmallVector<AffineMap>(inputs.size(), all), outs,
                      SmallVector<AffineMap>(count, all), 2,
                      [&](OpBuilder &n, Location l, ValueRange a) {
                        Value factor;
                        SmallVector<Value> parts;
                        for (Value x : a.take_front(matrices.size())) {
                          x = convertFloat(n, l, x, type);
                          if (!factor)
                            factor = buildFastExp(n, l, a[matrices.size()]);
                          x = arith::MulFOp::create(n, l, x, factor);
                          llvm::append_range(parts, split(n, l, x, numParts));
                        }
                        return parts;
                      });
}

/// `products`, but of the pairs of a level those of `own`. They are written
/// over the others, so that these need not be there till the last level is.
SmallVector<Value> KeyDecay::takePairs(ValueRange own, ValueRange products,
                                       Value level) {
  AffineMap all = b.getMultiDimIdentityMap(2);
  SmallVector<AffineMap> maps(own.size(), all);
  return buildGeneric(
      b, loc, own, maps, products, maps, 2,
      [&](OpBuilder &n, Location l, ValueRange a) {
        // Halves of one block differ in their lowest bit.
        Value differ = arith::XOrIOp::create(
            n, l, getBlock(n, l, getRow(n, l, position), level),
            getBlock(n, l, getColumn(n, l, position), level));
        Value one = getOne(n, l, position);
        Value isOwn =
            arith::CmpIOp::create(n, l, arith::CmpIPredicate::eq, differ, one);
        SmallVector<Value> taken;
        for (auto [mine, other] :
             llvm::zip(a.take_front(own.size()), a.drop_front(own.size())))
          taken.push_back(arith::SelectOp::create(n, l, isOwn, mine, other));
        return taken;
      });
}

Value KeyDecay::getLevel(int64_t number) {
  return arith::ConstantOp::create(b, loc, b.getIntegerAttr(position, number));
}

Value KeyDecay::getZeros() {
  return buildFilled(b, loc,
                     {b.getIndexAttr(tile.tokens), b.getIndexAttr(tile.tokens)},
                     type, APFloat::getZero(type.getFloatSemantics()));
}

Value KeyDecay::multiply(Value rows, Value keys) {
  return buildContract(b, loc, rows, kRowsBySum, keys, kColsBySum, getZeros());
}

/// Rows, as the sum of their parts, by those of keys.
Value KeyDecay::multiplyParts(ArrayRef<Value> rows, Value keys) {
  Value products = multiply(rows[0], keys);
  if (rows.size() > 1)
    products =
        buildContract(b, loc, rows[1], kRowsBySum, keys, kColsBySum, products);
  return products;
}

Value KeyDecay::getProducts(Value rows, Value keys, bool hasDiagonal) {
  Value products;
  if (hasDiagonal)
    products = multiply(rows, keys);
  for (int64_t level = 0, end = llvm::Log2_64_Ceil(tile.tokens); level < end;
       ++level) {
    SmallVector<Value> scaled = scaleInHalves(rows, keys, level);
    Value own = multiplyParts(scaled, scaled[0]);
    products =
        products ? takePairs(own, products, getLevel(level)).front() : own;
  }
  return products;
}

SmallVector<Value> KeyDecay::getProductsWithKeys(Value keys,
                                                 ArrayRef<Value> queries) {
  SmallVector<Value> matrices{keys}, products{getZeros()};
  llvm::append_range(matrices, queries);
  for (Value query : queries)
    products.push_back(multiply(query, keys));
  auto takeLevel = [&](Value level, ValueRange others, int64_t numParts) {
    // All parts of one matrix fit registers, those of several do not.
    SmallVector<Value> all, own;
    if (numParts == 1)
      all = scaleAll(matrices, sumInHalves(level), numParts);
    Value right;
    for (auto [i, matrix] : llvm::enumerate(matrices)) {
      SmallVector<Value> rows =
          all.empty() ? scaleAll(matrix, sumInHalves(level), numParts)
                      : SmallVector<Value>{all[i]};
      if (!right)
        right = rows[0];
      own.push_back(multiplyParts(rows, right));
    }
    return takePairs(own, others, level);
  };
  // Loops: one level after the other would be more instructions than a
  // multiprocessor keeps.
  int64_t last = llvm::Log2_64_Ceil(tile.tokens);
  int64_t ends[] = {0, std::min(kExactLevels, last), last};
  for (auto [begin, end] :
       llvm::zip(ArrayRef(ends).drop_back(), ArrayRef(ends).drop_front())) {
    if (begin == end)
      continue;
    auto index = [&](int64_t i) -> Value {
      return arith::ConstantIndexOp::create(b, loc, i);
    };
    int64_t numParts = getNumParts(begin);
    auto loop = scf::ForOp::create(
        b, loc, index(begin), index(end), index(1), products,
        [&](OpBuilder &, Location, Value i, ValueRange others) {
          OpBuilder::InsertionGuard guard(b);
          b.setInsertionPointToEnd(i.getParentBlock());
          Value level = arith::IndexCastOp::create(b, loc, position, i);
          scf::YieldOp::create(b, loc, takeLevel(level, others, numParts));
        });
    products = llvm::to_vector_of<Value>(loop.getResults());
  }
  return products;
}

SmallVector<Value> KeyDecay::decayFromStart(ValueRange matrices) {
  Value sums = sumWhere([](OpBuilder &n, Location l, Value i, Value u) {
    return isUpTo(n, l, u, i);
  });
  return scaleAll(matrices, sums, /*numParts=*/1);
}

Value KeyDecay::decayToEnd(Value rows) {
  Value sums =
      sumWhere([](OpBuilder &n, Location l, Value i, Value u) -> Value {
        return arith::CmpIOp::create(n, l, arith::CmpIPredicate::ugt, u, i);
      });
  return scaleAll(rows, sums, /*numParts=*/1).front();
}

Value KeyDecay::getTotal() {
  if (total)
    return total;
  Value zeros = buildFilled(b, loc, {b.getIndexAttr(tile.keyWidth)}, type,
                            APFloat::getZero(type.getFloatSemantics()));
  // Dimensions are (d, u), u summed.
  MLIRContext *context = b.getContext();
  AffineMap byToken = AffineMap::getMultiDimMapWithTargets(2, {1, 0}, context),
            byKey = AffineMap::getMultiDimMapWithTargets(2, {0}, context);
  total = buildGeneric(b, loc, gates, byToken, zeros, byKey, 1,
                       [](OpBuilder &n, Location l, ValueRange a) {
                         return SmallVector<Value>{
                             arith::AddFOp::create(n, l, a[1], a[0])};
                       })
              .front();
  return total;
}

Value KeyDecay::addTotal(Value sums) {
  AffineMap line = b.getMultiDimIdentityMap(1);
  return buildGeneric(b, loc, getTotal(), line, sums, line, 1,
                      [](OpBuilder &n, Location l, ValueRange a) {
                        return SmallVector<Value>{
                            arith::AddFOp::create(n, l, a[1], a[0])};
                      })
      .front();
}
