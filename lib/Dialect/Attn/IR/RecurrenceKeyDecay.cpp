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

static Value getRow(OpBuilder &b, Location loc) {
  return linalg::IndexOp::create(b, loc, 0);
}

static Value getColumn(OpBuilder &b, Location loc) {
  return linalg::IndexOp::create(b, loc, 1);
}

/// The number of the block of 2^level tokens.
static Value getBlock(OpBuilder &b, Location loc, Value token, int64_t level) {
  Value bits = arith::ConstantIndexOp::create(b, loc, level);
  return arith::ShRUIOp::create(b, loc, token, bits);
}

static Value isUpTo(OpBuilder &b, Location loc, Value token, Value last) {
  return arith::CmpIOp::create(b, loc, arith::CmpIPredicate::ule, token, last);
}

static Value isOdd(OpBuilder &b, Location loc, Value number) {
  Value one = arith::ConstantIndexOp::create(b, loc, 1);
  Value bit = arith::AndIOp::create(b, loc, number, one);
  return arith::CmpIOp::create(b, loc, arith::CmpIPredicate::eq, bit, one);
}

KeyDecay::KeyDecay(OpBuilder &builder, Location loc, const RecurrenceTile &tile)
    : b(builder), loc(loc), tile(tile) {
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
  Value ones =
      fill(b, loc, {tile.tokens, tile.tokens}, element, {},
           [&](OpBuilder &n, Location l, ValueRange) -> Value {
             Value one =
                 arith::ConstantOp::create(n, l, n.getFloatAttr(element, 1));
             Value zero =
                 arith::ConstantOp::create(n, l, n.getFloatAttr(element, 0));
             Value is = counts(n, l, getRow(n, l), getColumn(n, l));
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
Value KeyDecay::sumInHalves(int64_t level) {
  return sumWhere([&](OpBuilder &n, Location l, Value i, Value u) -> Value {
    Value half = getBlock(n, l, i, level);
    Value isSame = arith::CmpIOp::create(n, l, arith::CmpIPredicate::eq, half,
                                         getBlock(n, l, u, level));
    Value counts = arith::CmpIOp::create(n, l, arith::CmpIPredicate::eq,
                                         isOdd(n, l, half), isUpTo(n, l, u, i));
    return arith::AndIOp::create(n, l, isSame, counts);
  });
}

Value KeyDecay::scale(Value rows, Value exponents) {
  return fill(b, loc, {tile.tokens, tile.keyWidth}, tile.operandType,
              {rows, exponents}, [&](OpBuilder &n, Location l, ValueRange a) {
                Value x = convertFloat(n, l, a[0], type);
                Value factor = buildFastExp(n, l, a[1]);
                Value scaled = arith::MulFOp::create(n, l, x, factor);
                return convertFloat(n, l, scaled, tile.operandType);
              });
}

/// In blocks of two halves of 2^level tokens: of the second one `rows`, of the
/// first one `keys`, with their factors, and maybe what they are rounded by.
SmallVector<Value> KeyDecay::scaleInHalves(Value rows, Value keys,
                                           int64_t level) {
  SmallVector<Value> inputs{keys, sumInHalves(level)};
  if (rows != keys)
    inputs.push_back(rows);
  AffineMap all = b.getMultiDimIdentityMap(2);
  SmallVector<AffineMap> maps(inputs.size(), all);
  unsigned count = tile.operandType == type || level >= kExactLevels ? 1 : 2;
  SmallVector<Value> outs(
      count, tensor::EmptyOp::create(
                 b, loc, ArrayRef<int64_t>{tile.tokens, tile.keyWidth},
                 tile.operandType));
  return buildGeneric(
      b, loc, inputs, maps, outs, SmallVector<AffineMap>(count, all), 2,
      [&](OpBuilder &n, Location l, ValueRange a) {
        Value x = a[0];
        if (rows != keys) {
          Value half = getBlock(n, l, getRow(n, l), level);
          x = arith::SelectOp::create(n, l, isOdd(n, l, half), a[2], x);
        }
        Value factor = buildFastExp(n, l, a[1]);
        x = arith::MulFOp::create(n, l, convertFloat(n, l, x, type), factor);
        SmallVector<Value> parts{convertFloat(n, l, x, tile.operandType)};
        if (count > 1) {
          Value rounded = convertFloat(n, l, parts[0], type);
          Value rest = arith::SubFOp::create(n, l, x, rounded);
          parts.push_back(convertFloat(n, l, rest, tile.operandType));
        }
        return parts;
      });
}

/// `products`, but of the pairs of a level those of `own`. They are written
/// over the others, so that these need not be there till the last level is.
Value KeyDecay::takePairs(Value own, Value products, int64_t level) {
  AffineMap all = b.getMultiDimIdentityMap(2);
  return buildGeneric(b, loc, own, all, products, all, 2,
                      [&](OpBuilder &n, Location l, ValueRange a) {
                        // Halves of one block differ in their lowest bit.
                        Value differ = arith::XOrIOp::create(
                            n, l, getBlock(n, l, getRow(n, l), level),
                            getBlock(n, l, getColumn(n, l), level));
                        Value one = arith::ConstantIndexOp::create(n, l, 1);
                        Value isOwn = arith::CmpIOp::create(
                            n, l, arith::CmpIPredicate::eq, differ, one);
                        return SmallVector<Value>{
                            arith::SelectOp::create(n, l, isOwn, a[0], a[1])};
                      })
      .front();
}

Value KeyDecay::multiply(Value rows, Value keys) {
  Value zeros = buildFilled(
      b, loc, {b.getIndexAttr(tile.tokens), b.getIndexAttr(tile.tokens)}, type,
      APFloat::getZero(type.getFloatSemantics()));
  return buildContract(b, loc, rows, kRowsBySum, keys, kColsBySum, zeros);
}

Value KeyDecay::getProducts(Value rows, Value keys, bool hasDiagonal) {
  Value products;
  if (hasDiagonal)
    products = multiply(rows, keys);
  for (int64_t level = 0, end = llvm::Log2_64_Ceil(tile.tokens); level < end;
       ++level) {
    SmallVector<Value> scaled = scaleInHalves(rows, keys, level);
    Value own = multiply(scaled[0], scaled[0]);
    if (scaled.size() > 1)
      own = buildContract(b, loc, scaled[1], kRowsBySum, scaled[0], kColsBySum,
                          own);
    products = products ? takePairs(own, products, level) : own;
  }
  return products;
}

Value KeyDecay::decayFromStart(Value rows) {
  return scale(rows, sumWhere([](OpBuilder &n, Location l, Value i, Value u) {
                 return isUpTo(n, l, u, i);
               }));
}

Value KeyDecay::decayToEnd(Value rows) {
  return scale(
      rows, sumWhere([](OpBuilder &n, Location l, Value i, Value u) -> Value {
        return arith::CmpIOp::create(n, l, arith::CmpIPredicate::ugt, u, i);
      }));
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

Value KeyDecay::decayState(Value state) {
  unsigned key = tile.transposed ? 1 : 0;
  AffineMap all = b.getMultiDimIdentityMap(2),
            byKey =
                AffineMap::getMultiDimMapWithTargets(2, {key}, b.getContext());
  return buildGeneric(b, loc, getTotal(), byKey, state, all, 2,
                      [](OpBuilder &n, Location l, ValueRange a) {
                        Value factor = buildFastExp(n, l, a[0]);
                        return SmallVector<Value>{
                            arith::MulFOp::create(n, l, a[1], factor)};
                      })
      .front();
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
