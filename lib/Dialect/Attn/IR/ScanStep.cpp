//===- ScanStep.cpp - A scan, a token at a time ---------------------------===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "ScanStep.h"
#include "LinalgTiles.h"
#include "RecurrenceStep.h"
#include "SoftmaxStep.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;

namespace attn {

APFloat getScanIdentity(FloatType type, unsigned number) {
  return number == 1 ? getLowestReference(type)
                     : APFloat::getZero(type.getFloatSemantics());
}

namespace {

/// Sums relative to a reference are kept between exp(-20) and exp(20).
constexpr int kScanReach = 20;

/// Inputs of a loop nest, of which some may not be there.
struct Inputs {
  SmallVector<Value> values;
  SmallVector<AffineMap> maps;

  /// The number of the body's argument, -1 if there is no such input.
  int add(Value value, AffineMap map) {
    if (!value)
      return -1;
    values.push_back(value);
    maps.push_back(map);
    return static_cast<int>(values.size()) - 1;
  }
};

/// Scalars of the body of a loop nest.
struct Scalars {
  OpBuilder &b;
  Location loc;
  FloatType type;

  Value add(Value x, Value y) { return arith::AddFOp::create(b, loc, x, y); }
  Value sub(Value x, Value y) { return arith::SubFOp::create(b, loc, x, y); }
  Value mul(Value x, Value y) { return arith::MulFOp::create(b, loc, x, y); }
  Value exp(Value x) { return buildFastExp(b, loc, x); }
  Value number(const APFloat &value) {
    return arith::ConstantOp::create(b, loc, b.getFloatAttr(type, value));
  }
  Value isEqual(Value x, const APFloat &y) {
    return arith::CmpFOp::create(b, loc, arith::CmpFPredicate::OEQ, x,
                                 number(y));
  }
  /// What weights are taken relative to: the larger of two logarithms, and a
  /// number if both weights are 0.
  Value getReference(Value x, Value y) {
    Value larger = arith::MaximumFOp::create(b, loc, x, y);
    return arith::MaximumFOp::create(b, loc, larger,
                                     number(getScanIdentity(type, 1)));
  }
};

/// The logarithm of a decay, of two arguments of a body of which either may be
/// missing (-1); null without both.
Value getExponent(Scalars &f, ValueRange arguments, int gate, int rate) {
  if (gate < 0 || rate < 0)
    return gate >= 0 ? arguments[gate] : rate >= 0 ? arguments[rate] : Value();
  return f.mul(arguments[gate], arguments[rate]);
}

/// The reference of a state with the logarithm of whose sum it has little to do
/// any more is the one that has; else it stays, so that it is not rounded for
/// each token. `old` is that of the last token, decayed.
Value getNearReference(Scalars &f, Value ref, Value old, Value sum) {
  Value log = f.add(old, math::LogOp::create(f.b, f.loc, sum));
  Value distance = math::AbsFOp::create(f.b, f.loc, f.sub(log, ref));
  Value most = f.number(APFloat(f.type.getFloatSemantics(), kScanReach));
  Value isFar = arith::CmpFOp::create(f.b, f.loc, arith::CmpFPredicate::OGT,
                                      distance, most);
  return arith::SelectOp::create(f.b, f.loc, isFar, log, ref);
}

/// Emits the step of one token.
class ScanTokenBuilder {
public:
  ScanTokenBuilder(OpBuilder &builder, Location loc, const ScanTile &tile)
      : b(builder), loc(loc), tile(tile), op(tile.op),
        type(op.getComputeType()) {
    zero = arith::ConstantIndexOp::create(b, loc, 0);
    line = b.getMultiDimIdentityMap(1);
  }

  ScanState build(const ScanState &state);
  std::pair<Value, Value> buildTransfer(Value state, Value factors);

private:
  AffineMap map(ArrayRef<unsigned> dims) {
    return AffineMap::getMultiDimMapWithTargets(2, dims, b.getContext());
  }
  /// The row of the token, null if there is no such operand.
  Value readRow(Value tensor, int64_t width);
  Value getEmpty() {
    return tensor::EmptyOp::create(b, loc, ArrayRef<int64_t>{tile.channels},
                                   type);
  }
  SmallVector<Value> reset(ArrayRef<Value> tensors);
  void readOperands();
  /// The state after this token, of the one before it, without what the token
  /// adds if `adds` is false.
  Value write(Value state, bool adds = true);
  Value read(Value state);
  SmallVector<Value> writeWeighted(ArrayRef<Value> tensors);
  Value readWeighted(ArrayRef<Value> tensors);

  OpBuilder &b;
  Location loc;
  const ScanTile &tile;
  ScanOp op;
  FloatType type;
  AffineMap line;
  Value zero, value, key, query, gate, beta, weights;
};

} // namespace

Value ScanTokenBuilder::readRow(Value tensor, int64_t width) {
  if (!tensor)
    return Value();
  Value row = readMatrix(b, loc, tensor, zero, tile.coords, width);
  SmallVector<ReassociationIndices> groups{{0, 1}};
  Value vector = tensor::CollapseShapeOp::create(b, loc, row, groups);
  return convertTile(b, loc, vector, type);
}

/// The identity, where a segment begins with this token.
SmallVector<Value> ScanTokenBuilder::reset(ArrayRef<Value> tensors) {
  Value segments = op.getSegments();
  if (!segments)
    return SmallVector<Value>(tensors);
  Value origin = tile::OriginOp::create(b, loc, tile.coords);
  Value one = arith::ConstantIndexOp::create(b, loc, 1);
  Value before = arith::MaxSIOp::create(
      b, loc, arith::SubIOp::create(b, loc, origin, one), zero);
  auto id = [&](Value token) {
    return tensor::ExtractOp::create(b, loc, segments, ValueRange{zero, token});
  };
  Value begins = arith::CmpIOp::create(b, loc, arith::CmpIPredicate::ne,
                                       id(origin), id(before));
  SmallVector<Value> results;
  for (auto [number, tensor] : llvm::enumerate(tensors)) {
    unsigned rank = cast<RankedTensorType>(tensor.getType()).getRank();
    AffineMap all = b.getMultiDimIdentityMap(rank);
    results.push_back(
        buildGeneric(
            b, loc, {}, {}, tensor, all, rank,
            [&, number = number](OpBuilder &n, Location l, ValueRange a) {
              Scalars s{n, l, type};
              Value none = s.number(getScanIdentity(type, number));
              return SmallVector<Value>{
                  arith::SelectOp::create(n, l, begins, none, a[0])};
            })
            .front());
  }
  return results;
}

Value ScanTokenBuilder::write(Value state, bool adds) {
  // Dimensions are (n, c).
  AffineMap byNumber = map({0}), byChannel = map({1}), byBoth = map({0, 1});
  Inputs in;
  bool needsKey = adds || beta;
  int v = in.add(adds ? value : Value(), byChannel),
      k = in.add(needsKey ? key : Value(), byNumber),
      g = in.add(gate, byChannel), r = in.add(tile.rate, byBoth),
      s = in.add(beta, byChannel);
  auto body = [&](OpBuilder &n, Location l, ValueRange a) {
    Scalars f{n, l, type};
    Value x = a.back();
    if (Value exponent = getExponent(f, a, g, r))
      x = f.mul(f.exp(exponent), x);
    if (v < 0 && s < 0)
      return SmallVector<Value>{x};
    Value none = f.number(APFloat::getZero(type.getFloatSemantics()));
    Value news = v < 0 ? none : a[v];
    if (s >= 0)
      news = f.mul(a[s], f.sub(news, k < 0 ? x : f.mul(a[k], x)));
    if (k >= 0)
      news = f.mul(a[k], news);
    return SmallVector<Value>{f.add(x, news)};
  };
  return buildGeneric(b, loc, in.values, in.maps, state, byBoth, 2, body)
      .front();
}

/// What the query reads of a state; with a bonus, of the one before the token.
Value ScanTokenBuilder::read(Value state) {
  // Dimensions are (c, n), n summed.
  AffineMap byNumber = map({1}), byChannel = map({0}), byBoth = map({1, 0});
  Inputs in;
  int x = in.add(state, byBoth), q = in.add(query, byNumber), v = -1, k = -1,
      u = in.add(tile.bonus, byChannel);
  if (u >= 0) {
    v = in.add(value, byChannel);
    k = in.add(key, byNumber);
  }
  Value zeros = buildFilled(b, loc, {b.getIndexAttr(tile.channels)}, type,
                            APFloat::getZero(type.getFloatSemantics()));
  auto body = [&](OpBuilder &n, Location l, ValueRange a) {
    Scalars f{n, l, type};
    Value seen = a[x];
    if (u >= 0) {
      Value news = f.mul(a[u], a[v]);
      seen = f.add(seen, k < 0 ? news : f.mul(a[k], news));
    }
    if (q >= 0)
      seen = f.mul(a[q], seen);
    return SmallVector<Value>{f.add(a.back(), seen)};
  };
  return buildGeneric(b, loc, in.values, in.maps, zeros, byChannel, 1, body)
      .front();
}

/// acc, ref and sum after this token.
SmallVector<Value> ScanTokenBuilder::writeWeighted(ArrayRef<Value> tensors) {
  Inputs in;
  int v = in.add(value, line), w = in.add(weights, line),
      g = in.add(gate, line), r = in.add(tile.rate, line);
  auto body = [&](OpBuilder &n, Location l, ValueRange a) {
    Scalars f{n, l, type};
    ValueRange state = a.take_back(3);
    Value exponent = getExponent(f, a, g, r);
    auto decay = [&](Value x) { return exponent ? f.add(x, exponent) : x; };
    Value near = getNearReference(f, state[1], decay(state[1]), state[2]);
    Value ref = f.getReference(near, a[w]);
    // The difference first, which is 0 for most tokens.
    Value kept = f.exp(decay(f.sub(state[1], ref)));
    Value added = f.exp(f.sub(a[w], ref));
    Value acc = f.add(f.mul(kept, state[0]), f.mul(added, a[v]));
    Value sum = f.add(f.mul(kept, state[2]), added);
    return SmallVector<Value>{acc, ref, sum};
  };
  return buildGeneric(b, loc, in.values, in.maps, tensors, {line, line, line},
                      1, body);
}

/// The average; with a bonus, that of the state before and of this token.
Value ScanTokenBuilder::readWeighted(ArrayRef<Value> tensors) {
  Inputs in;
  int acc = in.add(tensors[0], line), sum = in.add(tensors[2], line),
      u = in.add(tile.bonus, line), ref = -1, v = -1, w = -1;
  if (u >= 0) {
    ref = in.add(tensors[1], line);
    v = in.add(value, line);
    w = in.add(weights, line);
  }
  auto body = [&](OpBuilder &n, Location l, ValueRange a) {
    Scalars f{n, l, type};
    Value above = a[acc], below = a[sum];
    if (u >= 0) {
      Value own = f.add(a[u], a[w]);
      Value base = f.getReference(a[ref], own);
      Value kept = f.exp(f.sub(a[ref], base)), added = f.exp(f.sub(own, base));
      above = f.add(f.mul(kept, above), f.mul(added, a[v]));
      below = f.add(f.mul(kept, below), added);
    }
    const llvm::fltSemantics &semantics = type.getFloatSemantics();
    Value one = f.number(APFloat(semantics, 1));
    Value none = f.isEqual(below, APFloat::getZero(semantics));
    below = arith::SelectOp::create(n, l, none, one, below);
    return SmallVector<Value>{arith::DivFOp::create(n, l, above, below)};
  };
  return buildGeneric(b, loc, in.values, in.maps, getEmpty(), line, 1, body)
      .front();
}

void ScanTokenBuilder::readOperands() {
  value = readRow(op.getValue(), tile.channels);
  gate = readRow(op.getGate(), tile.channels);
  beta = readRow(op.getBeta(), tile.channels);
  weights = readRow(op.getWeights(), tile.channels);
  key = readRow(op.getKey(), tile.width);
}

std::pair<Value, Value> ScanTokenBuilder::buildTransfer(Value state,
                                                        Value factors) {
  readOperands();
  // Behind a token that begins a segment nothing is left of a state.
  Value after = write(reset(state).front());
  if (factors)
    factors = write(reset(factors).front(), /*adds=*/false);
  return {after, factors};
}

ScanState ScanTokenBuilder::build(const ScanState &state) {
  readOperands();
  query = readRow(op.getQuery(), tile.width);
  SmallVector<Value> before = reset(state.tensors);
  auto readAll = [&](ArrayRef<Value> tensors) {
    return weights ? readWeighted(tensors) : read(tensors[0]);
  };
  // Before the state is overwritten, if that is what is read.
  Value row = tile.bonus ? readAll(before) : Value();
  SmallVector<Value> after =
      weights ? writeWeighted(before) : SmallVector<Value>{write(before[0])};
  if (!row)
    row = readAll(after);
  Type element = op.getValue().getType().getElementType();
  SmallVector<ReassociationIndices> groups{{0, 1}};
  Value tileRow = tensor::ExpandShapeOp::create(
      b, loc, RankedTensorType::get({1, tile.channels}, element),
      convertTile(b, loc, row, element), groups);
  Value coords = tile.coords;
  if (tile.firstOutput) {
    Value origin = arith::SubIOp::create(
        b, loc, tile::OriginOp::create(b, loc, coords), tile.firstOutput);
    Value limit = tensor::DimOp::create(b, loc, state.output, 2);
    coords = tile::CoordsOp::create(b, loc, coords.getType(), origin, limit,
                                    Value(), Value(), /*complete=*/true);
  }
  Value output =
      tile::InsertOp::create(b, loc, state.output.getType(), tileRow,
                             state.output, ValueRange{zero, zero}, coords);
  return {output, after};
}

ScanState buildScanStep(OpBuilder &builder, Location loc, const ScanTile &tile,
                        const ScanState &state) {
  return ScanTokenBuilder(builder, loc, tile).build(state);
}

std::pair<Value, Value> buildScanTransfer(OpBuilder &builder, Location loc,
                                          const ScanTile &tile, Value state,
                                          Value factors) {
  return ScanTokenBuilder(builder, loc, tile).buildTransfer(state, factors);
}

} // namespace attn
