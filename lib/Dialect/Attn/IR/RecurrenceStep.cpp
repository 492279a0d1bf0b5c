//===- RecurrenceStep.cpp - A recurrence, a token at a time ---------------===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "RecurrenceStep.h"
#include "LinalgTiles.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;

namespace attn {

static int64_t getNumCoords(Value coords) {
  return cast<tile::CoordsType>(coords.getType()).getRows();
}

Value readMatrix(OpBuilder &builder, Location loc, Value tensor, Value head,
                 Value coords, int64_t width) {
  Type element = cast<RankedTensorType>(tensor.getType()).getElementType();
  Value zero = arith::ConstantIndexOp::create(builder, loc, 0);
  return tile::RowsOp::create(
      builder, loc,
      RankedTensorType::get({getNumCoords(coords), width}, element), tensor,
      ValueRange{zero, head}, coords, Value());
}

Value readVector(OpBuilder &builder, Location loc, Value tensor, Value coords) {
  Type element = cast<RankedTensorType>(tensor.getType()).getElementType();
  Value zero = arith::ConstantIndexOp::create(builder, loc, 0);
  return tile::RowsOp::create(
      builder, loc, RankedTensorType::get(getNumCoords(coords), element),
      tensor, ValueRange{zero, zero}, coords, Value());
}

namespace {

/// Emits the step of one token.
class TokenBuilder {
public:
  TokenBuilder(OpBuilder &builder, Location loc, const RecurrenceTile &tile)
      : b(builder), loc(loc), tile(tile), op(tile.op),
        type(op.getComputeType()) {
    MLIRContext *context = b.getContext();
    auto map = [&](ArrayRef<unsigned> dims) {
      return AffineMap::getMultiDimMapWithTargets(2, dims, context);
    };
    de = map({0, 1}), d = map({0}), e = map({1});
    zero = arith::ConstantIndexOp::create(b, loc, 0);
  }

  RecurrenceState build(const RecurrenceState &state);

private:
  /// The row of a token, of a tensor of rank 4.
  Value readRow(Value tensor, int64_t width, Value head = Value());
  /// The number of a token, of a tensor of rank 3.
  Value readNumber(Value tensor);
  Value getEmpty(int64_t extent) {
    return tensor::EmptyOp::create(b, loc, ArrayRef<int64_t>{extent}, type);
  }
  /// sum_d x[d] * matrix[d, e].
  Value multiply(Value x, Value matrix);
  /// matrix[d, e] = body(matrix[d, e], inputs...).
  Value update(Value matrix, ValueRange inputs, ArrayRef<AffineMap> maps,
               function_ref<Value(OpBuilder &, Location, ValueRange)> body);
  Value reset(Value state);
  Value decay(Value state);
  Value write(Value state);
  Value getBonusWeight(Value query);
  Value read(Value query, Value before, Value after);

  OpBuilder &b;
  Location loc;
  const RecurrenceTile &tile;
  RecurrenceOp op;
  FloatType type;
  AffineMap de, d, e;
  Value zero, key, value;
};

} // namespace

/// A vector of a row: [1, n] as [n].
Value TokenBuilder::readRow(Value tensor, int64_t width, Value head) {
  Value row =
      readMatrix(b, loc, tensor, head ? head : zero, tile.coords, width);
  SmallVector<ReassociationIndices> groups{{0, 1}};
  Value vector = tensor::CollapseShapeOp::create(b, loc, row, groups);
  return convertTile(b, loc, vector, type);
}

Value TokenBuilder::readNumber(Value tensor) {
  Value number = tensor::ExtractOp::create(
      b, loc, readVector(b, loc, tensor, tile.coords), zero);
  return convertFloat(b, loc, number, type);
}

Value TokenBuilder::multiply(Value x, Value matrix) {
  APFloat none = APFloat::getZero(type.getFloatSemantics());
  Value zeros =
      buildFilled(b, loc, {b.getIndexAttr(tile.valueWidth)}, type, none);
  // Dimensions are (e, d), d summed.
  auto map = [&](ArrayRef<unsigned> dims) {
    return AffineMap::getMultiDimMapWithTargets(2, dims, b.getContext());
  };
  AffineMap byKey = map({1}), byBoth = map({1, 0}), byValue = map({0});
  return buildGeneric(b, loc, {x, matrix}, {byKey, byBoth}, zeros, byValue, 1,
                      [&](OpBuilder &n, Location l, ValueRange a) {
                        Value product = arith::MulFOp::create(n, l, a[0], a[1]);
                        return SmallVector<Value>{
                            arith::AddFOp::create(n, l, a[2], product)};
                      })
      .front();
}

Value TokenBuilder::update(
    Value matrix, ValueRange inputs, ArrayRef<AffineMap> maps,
    function_ref<Value(OpBuilder &, Location, ValueRange)> body) {
  return buildGeneric(b, loc, inputs, maps, matrix, de, 2,
                      [&](OpBuilder &n, Location l, ValueRange arguments) {
                        // The matrix first.
                        SmallVector<Value> ordered{arguments.back()};
                        llvm::append_range(ordered, arguments.drop_back());
                        return SmallVector<Value>{body(n, l, ordered)};
                      })
      .front();
}

/// Zero, where a segment begins with this token.
Value TokenBuilder::reset(Value state) {
  Value segments = op.getSegments();
  if (!segments)
    return state;
  Value origin = tile::OriginOp::create(b, loc, tile.coords);
  Value one = arith::ConstantIndexOp::create(b, loc, 1);
  Value before = arith::MaxSIOp::create(
      b, loc, arith::SubIOp::create(b, loc, origin, one), zero);
  auto id = [&](Value token) {
    return tensor::ExtractOp::create(b, loc, segments, ValueRange{zero, token});
  };
  Value begins = arith::CmpIOp::create(b, loc, arith::CmpIPredicate::ne,
                                       id(origin), id(before));
  Value none = arith::ConstantOp::create(b, loc, b.getZeroAttr(type));
  return update(state, {}, {}, [&](OpBuilder &n, Location l, ValueRange a) {
    return arith::SelectOp::create(n, l, begins, none, a[0]);
  });
}

Value TokenBuilder::decay(Value state) {
  auto scale = [&](OpBuilder &n, Location l, Value gate, Value element) {
    return arith::MulFOp::create(n, l, math::ExpOp::create(n, l, gate),
                                 element);
  };
  switch (op.getDecay()) {
  case Decay::None:
    return state;
  case Decay::Scalar: {
    Value factor = math::ExpOp::create(b, loc, readNumber(op.getGate()));
    return update(state, {}, {}, [&](OpBuilder &n, Location l, ValueRange a) {
      return arith::MulFOp::create(n, l, factor, a[0]);
    });
  }
  case Decay::Key: {
    Value gate = readRow(op.getGate(), tile.keyWidth);
    return update(state, gate, d, [&](OpBuilder &n, Location l, ValueRange a) {
      return scale(n, l, a[1], a[0]);
    });
  }
  case Decay::Value: {
    Value gate = readRow(op.getGate(), tile.valueWidth);
    return update(state, gate, e, [&](OpBuilder &n, Location l, ValueRange a) {
      return scale(n, l, a[1], a[0]);
    });
  }
  }
  llvm_unreachable("every decay is handled");
}

/// The state after this token, of the one before it.
Value TokenBuilder::write(Value state) {
  auto addProduct = [&](Value to, Value column, Value row) {
    return update(to, {column, row}, {d, e},
                  [&](OpBuilder &n, Location l, ValueRange a) -> Value {
                    Value product = arith::MulFOp::create(n, l, a[1], a[2]);
                    return arith::AddFOp::create(n, l, a[0], product);
                  });
  };
  switch (op.getUpdate()) {
  case Update::Additive:
    return addProduct(decay(state), key, value);
  case Update::Delta: {
    Value decayed = decay(state);
    Value beta = readNumber(op.getCoefficients()[0]);
    Value seen = multiply(key, decayed);
    AffineMap line = b.getMultiDimIdentityMap(1);
    Value news = buildGeneric(b, loc, {value, seen}, {line, line},
                              getEmpty(tile.valueWidth), line, 1,
                              [&](OpBuilder &n, Location l, ValueRange a) {
                                Value error =
                                    arith::SubFOp::create(n, l, a[0], a[1]);
                                return SmallVector<Value>{
                                    arith::MulFOp::create(n, l, beta, error)};
                              })
                     .front();
    return addProduct(decayed, key, news);
  }
  case Update::DPLR: {
    // Read before the decay overwrites it.
    Value seen =
        multiply(readRow(op.getCoefficients()[0], tile.keyWidth), state);
    Value back = readRow(op.getCoefficients()[1], tile.keyWidth);
    return addProduct(addProduct(decay(state), back, seen), key, value);
  }
  }
  llvm_unreachable("every update is handled");
}

/// q . (u o k), which is what a bonus weights the value by.
Value TokenBuilder::getBonusWeight(Value query) {
  SmallVector<ReassociationIndices> groups{{0, 1}};
  Value bonus = tensor::CollapseShapeOp::create(b, loc, op.getBonus(), groups);
  bonus = convertTile(b, loc, bonus, type);
  Value none =
      buildFilled(b, loc, {}, type, APFloat::getZero(type.getFloatSemantics()));
  AffineMap line = b.getMultiDimIdentityMap(1);
  AffineMap point = AffineMap::get(1, 0, b.getContext());
  Value weight =
      buildGeneric(
          b, loc, {query, bonus, key}, {line, line, line}, none, point, 0,
          [&](OpBuilder &n, Location l, ValueRange a) {
            Value weighted = arith::MulFOp::create(n, l, a[1], a[2]);
            Value product = arith::MulFOp::create(n, l, a[0], weighted);
            return SmallVector<Value>{
                arith::AddFOp::create(n, l, a[3], product)};
          })
          .front();
  return tensor::ExtractOp::create(b, loc, weight, ValueRange());
}

/// What a query reads of the state before and after this token.
Value TokenBuilder::read(Value query, Value before, Value after) {
  Value sums;
  if (!op.getBonus()) {
    sums = multiply(query, after);
  } else {
    Value weight = getBonusWeight(query);
    AffineMap line = b.getMultiDimIdentityMap(1);
    sums = buildGeneric(b, loc, value, line, multiply(query, before), line, 1,
                        [&](OpBuilder &n, Location l, ValueRange a) {
                          Value product =
                              arith::MulFOp::create(n, l, weight, a[0]);
                          return SmallVector<Value>{
                              arith::AddFOp::create(n, l, a[1], product)};
                        })
               .front();
  }
  Type element = op.getQuery().getType().getElementType();
  Value scale = arith::ConstantOp::create(
      b, loc, b.getFloatAttr(type, op.getScale().convertToDouble()));
  AffineMap line = b.getMultiDimIdentityMap(1);
  Value empty = tensor::EmptyOp::create(
      b, loc, ArrayRef<int64_t>{tile.valueWidth}, element);
  Value row = buildGeneric(b, loc, sums, line, empty, line, 1,
                           [&](OpBuilder &n, Location l, ValueRange a) {
                             Value scaled =
                                 arith::MulFOp::create(n, l, scale, a[0]);
                             return SmallVector<Value>{
                                 convertFloat(n, l, scaled, element)};
                           })
                  .front();
  SmallVector<ReassociationIndices> groups{{0, 1}};
  return tensor::ExpandShapeOp::create(
      b, loc, RankedTensorType::get({1, tile.valueWidth}, element), row,
      groups);
}

RecurrenceState TokenBuilder::build(const RecurrenceState &state) {
  key = readRow(op.getKey(), tile.keyWidth);
  value = readRow(op.getValue(), tile.valueWidth);
  Value before = reset(state.state);
  int64_t group = op.getQuery().getType().getDimSize(1);
  SmallVector<Value> rows(group);
  auto readAll = [&](Value after) {
    for (int64_t head = 0; head < group; ++head)
      rows[head] = read(readRow(op.getQuery(), tile.keyWidth,
                                arith::ConstantIndexOp::create(b, loc, head)),
                        before, after);
  };
  // Before the state is overwritten, if that is what is read.
  if (op.getBonus())
    readAll(Value());
  Value after = write(before);
  if (!op.getBonus())
    readAll(after);
  Value output = state.output;
  for (int64_t head = 0; head < group; ++head) {
    Value index = arith::ConstantIndexOp::create(b, loc, head);
    output =
        tile::InsertOp::create(b, loc, output.getType(), rows[head], output,
                               ValueRange{zero, index}, tile.coords);
  }
  return {output, after, Value()};
}

RecurrenceState buildTokenStep(OpBuilder &builder, Location loc,
                               const RecurrenceTile &tile,
                               const RecurrenceState &state) {
  return TokenBuilder(builder, loc, tile).build(state);
}

} // namespace attn
