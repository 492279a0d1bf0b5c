//===- RecurrenceChunk.cpp - A recurrence, a chunk at a time --------------===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// With the sums of gates c_i up to token i of the chunk, d_ij between two
// tokens (j < l <= i), and the state S before the chunk,
//
//   X = V                                                       (additive)
//   X = (I + [beta_i (k_i . k_j) exp(d_ij)]_{j < i})^-1
//           [beta_i (v_i - exp(c_i) S^T k_i)]                   (delta)
//   o_i = scale (exp(c_i) S^T q_i + sum_{j <= i} (q_i . k_j) exp(d_ij) X_j)
//   S' = exp(c_last) S + sum_j exp(d_last,j) k_j X_j^T
//
// where tokens beyond the end read as zero, with a gate of zero, and change
// nothing. This is the UT (WY) form of the delta rule: Yang et al. 2024.
//
// With a gate for each key, exponentials are factors of what is multiplied, not
// of products: RecurrenceKeyDecay.cpp.
//
// Where the tensor cores hold the state, all matrices with columns of the state
// are transposed (tile.transposed): S^T is a sum in registers for the whole
// sequence, and, rounded, the left operand of what reads it. Queries, keys and
// the weights of a chunk are right operands, as they lie in memory.
//
//===----------------------------------------------------------------------===//

#include "ChunkBuilder.h"
#include "LinalgTiles.h"
#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;
using namespace attn;

/// 2^-64: what is left of a one, of which less is taken for zero.
static constexpr double kLeastTransfer = 0x1p-64;

/// Dimensions of a product's operands, of (m, n, k).
static constexpr unsigned kRowsBySum[] = {0, 2}, kSumByRows[] = {2, 0},
                          kColsBySum[] = {1, 2}, kSumByCols[] = {2, 1};

ChunkBuilder::ChunkBuilder(OpBuilder &builder, Location loc,
                           const RecurrenceTile &tile)
    : b(builder), loc(loc), tile(tile), op(tile.op), type(op.getComputeType()),
      position(builder.getIndexType()) {
  MLIRContext *context = b.getContext();
  auto map = [&](ArrayRef<unsigned> dims) {
    return AffineMap::getMultiDimMapWithTargets(2, dims, context);
  };
  ij = map({0, 1}), ji = map({1, 0}), i = map({0}), j = map({1});
  token = tile.transposed ? j : i;
}

Value ChunkBuilder::read(Value tensor, int64_t width, int64_t head) {
  Value index = arith::ConstantIndexOp::create(b, loc, head);
  return round(readMatrix(b, loc, tensor, index, tile.coords, width));
}

Value ChunkBuilder::getEmpty(ArrayRef<int64_t> shape, Type element) {
  return tensor::EmptyOp::create(b, loc, shape, element);
}

Value ChunkBuilder::getZeros(int64_t rows, int64_t cols) {
  return buildFilled(b, loc, {b.getIndexAttr(rows), b.getIndexAttr(cols)}, type,
                     APFloat::getZero(type.getFloatSemantics()));
}

Value ChunkBuilder::round(Value matrix) {
  return convertTile(b, loc, matrix, tile.operandType);
}

Value ChunkBuilder::contract(Value lhs, ArrayRef<unsigned> lhsDims, Value rhs,
                             ArrayRef<unsigned> rhsDims, Value out) {
  return buildContract(b, loc, lhs, lhsDims, rhs, rhsDims, out);
}

Value ChunkBuilder::number(OpBuilder &n, Location l, double value) {
  return arith::ConstantOp::create(n, l, n.getFloatAttr(type, value));
}

Value ChunkBuilder::isBefore(OpBuilder &n, Location l,
                             arith::CmpIPredicate predicate) {
  return arith::CmpIOp::create(n, l, predicate,
                               linalg::IndexOp::create(n, l, 1),
                               linalg::IndexOp::create(n, l, 0));
}

SmallVector<int64_t> ChunkBuilder::getValueShape() {
  return tile.transposed ? SmallVector<int64_t>{tile.valueWidth, tile.tokens}
                         : SmallVector<int64_t>{tile.tokens, tile.valueWidth};
}

Value ChunkBuilder::getValueZeros() {
  SmallVector<int64_t> shape = getValueShape();
  return getZeros(shape[0], shape[1]);
}

Value ChunkBuilder::map(ValueRange inputs, ArrayRef<AffineMap> maps, Value out,
                        Body body) {
  return buildGeneric(b, loc, inputs, maps, out, ij, 2,
                      [&](OpBuilder &n, Location l, ValueRange arguments) {
                        return SmallVector<Value>{body(n, l, arguments)};
                      })
      .front();
}

void ChunkBuilder::readGates() {
  if (op.getDecay() == Decay::None)
    return;
  if (op.getDecay() == Decay::Key) {
    if (!keepsFactors())
      keyDecay.emplace(b, loc, tile, position);
    return;
  }
  Value gates = readVector(b, loc, op.getGate(), tile.coords);
  sums = tile::ScanOp::create(b, loc, gates.getType(), gates);
  Value end = arith::ConstantIndexOp::create(b, loc, tile.tokens - 1);
  total = tensor::ExtractOp::create(b, loc, sums, end);
  if (!tile.sumsPairs)
    return;
  // Gate l counts for the pairs with an earlier token j; their sums down to
  // row i are d_ij.
  Value single =
      map(gates, i, getEmpty({tile.tokens, tile.tokens}, type),
          [&](OpBuilder &n, Location l, ValueRange a) -> Value {
            Value counts = isBefore(n, l, arith::CmpIPredicate::slt);
            return arith::SelectOp::create(n, l, counts, a[0], number(n, l, 0));
          });
  pairs = tile::ScanOp::create(b, loc, single.getType(), single);
  OpFoldResult zero = b.getIndexAttr(0), one = b.getIndexAttr(1);
  rest = tensor::ExtractSliceOp::create(
      b, loc, RankedTensorType::get(tile.tokens, type), pairs,
      ArrayRef<OpFoldResult>{b.getIndexAttr(tile.tokens - 1), zero},
      ArrayRef<OpFoldResult>{one, b.getIndexAttr(tile.tokens)},
      ArrayRef<OpFoldResult>{one, one});
}

ChunkBuilder::PairGates ChunkBuilder::getPairGates() {
  if (!sums)
    return {};
  if (pairs)
    return {{pairs}, {ij}};
  return {{sums, sums}, {i, j}};
}

Value ChunkBuilder::decayPair(OpBuilder &n, Location l, Value value,
                              ValueRange gates) {
  if (!sums)
    return value;
  if (pairs)
    return decay(n, l, value, gates[0]);
  // Of a later token the difference may be large, and is not asked for.
  Value difference = arith::SubFOp::create(n, l, gates[0], gates[1]);
  Value exponent =
      arith::SelectOp::create(n, l, isBefore(n, l, arith::CmpIPredicate::sle),
                              difference, number(n, l, 0));
  return decay(n, l, value, exponent);
}

Value ChunkBuilder::decay(OpBuilder &n, Location l, Value value, Value gate) {
  return arith::MulFOp::create(n, l, value, buildFastExp(n, l, gate));
}

/// (I + [beta_i (k_i . k_j) exp(d_ij)]_{j < i})^-1, as an operand.
Value ChunkBuilder::getInverse(Value beta) {
  if (!tile.kept.empty())
    return readKept(kInverse);
  return round(invert(getProducts(key, /*hasDiagonal=*/false), beta));
}

Value ChunkBuilder::invert(Value products, Value beta) {
  PairGates gates = getPairGates();
  SmallVector<Value> inputs{products, beta};
  SmallVector<AffineMap> maps{ij, i};
  llvm::append_range(inputs, gates.inputs);
  llvm::append_range(maps, gates.maps);
  // The inverse reads j < i only.
  Value system = map(inputs, maps, getEmpty({tile.tokens, tile.tokens}, type),
                     [&](OpBuilder &n, Location l, ValueRange a) {
                       Value factor = convertFloat(n, l, a[1], type);
                       Value x = arith::MulFOp::create(n, l, factor, a[0]);
                       return decayPair(n, l, x, a.drop_front(2));
                     });
  return tile::TriInverseOp::create(b, loc, system.getType(), system);
}

Value ChunkBuilder::readBeta() {
  Value beta = readVector(b, loc, op.getCoefficients()[0], tile.coords);
  // In registers it takes less space as it is.
  return tile.transposed ? beta : convertTile(b, loc, beta, type);
}

/// X: the values, or what the delta rule writes instead of them.
Value ChunkBuilder::getNews() {
  Value value;
  if (!tile.hasNoValues)
    value = read(op.getValue(), tile.valueWidth);
  if (op.getUpdate() == Update::Additive)
    return value;
  // That is in what is kept of factors.
  bool hasBeta = !keepsFactors();
  Value beta = hasBeta ? readBeta() : Value();
  Value inverse = getInverse(beta);
  SmallVector<Value> inputs;
  SmallVector<AffineMap> maps;
  if (value) {
    inputs.push_back(value);
    maps.push_back(tile.transposed ? ji : ij);
  }
  inputs.push_back(getSeen(getDecayed(key, kKeys)));
  maps.push_back(ij);
  for (Value vector : {beta, sums})
    if (vector) {
      inputs.push_back(vector);
      maps.push_back(token);
    }
  Value errors =
      map(inputs, maps, getEmpty(getValueShape(), tile.operandType),
          [&](OpBuilder &n, Location l, ValueRange a) {
            ValueRange b = a.drop_front(value ? 1 : 0);
            Value s = sums ? decay(n, l, b[0], b[hasBeta ? 2 : 1]) : b[0];
            Value v = value ? convertFloat(n, l, a[0], type) : number(n, l, 0);
            Value error = arith::SubFOp::create(n, l, v, s);
            if (hasBeta) {
              Value factor = convertFloat(n, l, b[1], type);
              error = arith::MulFOp::create(n, l, factor, error);
            }
            return convertFloat(n, l, error, tile.operandType);
          });
  if (tile.transposed)
    return round(
        contract(errors, kRowsBySum, inverse, kColsBySum, getValueZeros()));
  return round(
      contract(inverse, kRowsBySum, errors, kSumByCols, getValueZeros()));
}

Value ChunkBuilder::getProducts(Value rows, bool hasDiagonal) {
  if (keyDecay)
    return keyDecay->getProducts(rows, key, hasDiagonal);
  return contract(rows, kRowsBySum, key, kColsBySum,
                  getZeros(tile.tokens, tile.tokens));
}

Value ChunkBuilder::getDecayed(Value rows, unsigned kept) {
  if (keepsFactors())
    return readKept(kept);
  return keyDecay ? keyDecay->decayFromStart(rows).front() : rows;
}

Value ChunkBuilder::getSeen(Value tokens) {
  if (tile.transposed)
    return contract(before, kRowsBySum, tokens, kColsBySum, getValueZeros());
  return contract(tokens, kRowsBySum, before, kSumByCols, getValueZeros());
}

Value ChunkBuilder::getWeights(int64_t head, Value query) {
  if (keepsFactors())
    return readKept(kWeights + kKeptOfHead * head);
  return weigh(getProducts(query, /*hasDiagonal=*/true));
}

Value ChunkBuilder::weigh(Value products) {
  double scale = op.getScale().convertToDouble();
  PairGates gates = getPairGates();
  SmallVector<Value> inputs{products};
  SmallVector<AffineMap> maps{ij};
  llvm::append_range(inputs, gates.inputs);
  llvm::append_range(maps, gates.maps);
  return map(inputs, maps,
             getEmpty({tile.tokens, tile.tokens}, tile.operandType),
             [&](OpBuilder &n, Location l, ValueRange a) {
               Value x = arith::MulFOp::create(n, l, number(n, l, scale), a[0]);
               x = decayPair(n, l, x, a.drop_front(1));
               x = arith::SelectOp::create(
                   n, l, isBefore(n, l, arith::CmpIPredicate::sle), x,
                   number(n, l, 0));
               return convertFloat(n, l, x, tile.operandType);
             });
}

/// The rows of one query head.
Value ChunkBuilder::getOutput(int64_t head, Value news) {
  Value query = read(op.getQuery(), tile.keyWidth, head);
  double scale = op.getScale().convertToDouble();
  Value weights = getWeights(head, query);
  SmallVector<Value> inputs{
      getSeen(getDecayed(query, kQueries + kKeptOfHead * head))};
  SmallVector<AffineMap> maps{ij};
  if (sums) {
    inputs.push_back(sums);
    maps.push_back(token);
  }
  Value decayed = map(inputs, maps, getEmpty(getValueShape(), type),
                      [&](OpBuilder &n, Location l, ValueRange a) -> Value {
                        Value factor = number(n, l, scale);
                        if (sums)
                          factor = decay(n, l, factor, a[1]);
                        return arith::MulFOp::create(n, l, factor, a[0]);
                      });
  Type element = op.getQuery().getType().getElementType();
  if (!tile.transposed) {
    Value rows = contract(weights, kRowsBySum, news, kSumByCols, decayed);
    return convertTile(b, loc, rows, element);
  }
  bool isRead = op.getUpdate() == Update::Additive;
  Value columns = contract(news, isRead ? kSumByRows : kRowsBySum, weights,
                           kColsBySum, decayed);
  columns = convertTile(b, loc, columns, element);
  return transposeTile(b, loc, columns);
}

Value ChunkBuilder::decayTokens(Value matrix, AffineMap from,
                                bool isTransposed) {
  auto type = cast<RankedTensorType>(matrix.getType());
  SmallVector<int64_t> shape(type.getShape());
  if (from == ji)
    std::swap(shape[0], shape[1]);
  return map(
      {matrix, rest ? rest : sums}, {from, isTransposed ? j : i},
      getEmpty(shape, tile.operandType),
      [&](OpBuilder &n, Location l, ValueRange a) {
        Value exponent =
            rest ? a[1] : arith::SubFOp::create(n, l, total, a[1]).getResult();
        Value x = convertFloat(n, l, a[0], this->type);
        return convertFloat(n, l, decay(n, l, x, exponent), tile.operandType);
      });
}

/// What takes the state through tokens keeps shrinking, and has nothing added
/// to it; a CPU takes many cycles for numbers that are nearly too small for
/// their type. Next to one in the beginning, these are nothing.
Value ChunkBuilder::flush(Value transfer) {
  return map({}, {}, transfer, [&](OpBuilder &n, Location l, ValueRange a) {
    Value isSmall = arith::CmpFOp::create(n, l, arith::CmpFPredicate::OLT,
                                          math::AbsFOp::create(n, l, a[0]),
                                          number(n, l, kLeastTransfer));
    return arith::SelectOp::create(n, l, isSmall, number(n, l, 0), a[0])
        .getResult();
  });
}

Value ChunkBuilder::getDecayedState(Value state) {
  if (op.getDecay() == Decay::Key)
    return map(keepsFactors() ? readKept(kTotal) : keyDecay->getTotal(),
               tile.transposed ? j : i, state,
               [&](OpBuilder &n, Location l, ValueRange a) {
                 return decay(n, l, a[1], a[0]);
               });
  if (!sums)
    return state;
  return map({}, {}, state, [&](OpBuilder &n, Location l, ValueRange a) {
    return decay(n, l, a[0], total);
  });
}

/// The state after the chunk.
Value ChunkBuilder::getState(Value state, Value news) {
  Value keys = key;
  if (op.getDecay() == Decay::Key)
    keys = keepsFactors() ? readKept(kKeysToEnd) : keyDecay->decayToEnd(key);
  if (!tile.transposed) {
    if (sums)
      keys = decayTokens(key, ij, /*isTransposed=*/false);
    return contract(keys, kSumByRows, news, kSumByCols, getDecayedState(state));
  }
  bool isRead = op.getUpdate() == Update::Additive;
  if (sums) {
    news = decayTokens(news, isRead ? ji : ij, /*isTransposed=*/true);
    isRead = false;
  }
  return contract(news, isRead ? kSumByRows : kRowsBySum, keys, kSumByCols,
                  getDecayedState(state));
}

Value ChunkBuilder::insert(Value rows, Value output, int64_t head) {
  Value coords = tile.coords;
  if (tile.firstOutput) {
    Value origin = tile::OriginOp::create(b, loc, coords);
    origin = arith::SubIOp::create(b, loc, origin, tile.firstOutput);
    Value limit = tensor::DimOp::create(b, loc, output, 2);
    coords = tile::CoordsOp::create(b, loc, coords.getType(), origin, limit,
                                    Value(), Value(), /*complete=*/false);
  }
  Value zero = arith::ConstantIndexOp::create(b, loc, 0);
  Value index = arith::ConstantIndexOp::create(b, loc, head);
  return tile::InsertOp::create(b, loc, output.getType(), rows, output,
                                ValueRange{zero, index}, coords);
}

RecurrenceState ChunkBuilder::build(const RecurrenceState &state) {
  key = read(op.getKey(), tile.keyWidth);
  bool flushes = tile.hasNoValues && !tile.transposed;
  Value old = flushes ? flush(state.state) : state.state;
  before = round(old);
  readGates();
  Value news = getNews();
  RecurrenceState after;
  after.output = state.output;
  if (state.output)
    for (int64_t head = 0, group = op.getQuery().getType().getDimSize(1);
         head < group; ++head)
      after.output = insert(getOutput(head, news), after.output, head);
  after.state = getState(old, news);
  if (state.total && keyDecay)
    after.total = keyDecay->addTotal(state.total);
  else if (state.total)
    after.total = arith::AddFOp::create(b, loc, state.total, total);
  return after;
}

RecurrenceState attn::buildChunkStep(OpBuilder &builder, Location loc,
                                     const RecurrenceTile &tile,
                                     const RecurrenceState &state) {
  return ChunkBuilder(builder, loc, tile).build(state);
}
