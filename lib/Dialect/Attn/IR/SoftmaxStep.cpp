//===- SoftmaxStep.cpp - One step of softmax attention --------------------===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
//   S   = Q K^T                               contraction
//   U   = bias + score(scale S), masked       only where the op has them
//   ref'  = max(ref, rowmax U)                per row
//   P   = 2^(c U - ref' log2(e))              c folds the scale if it may
//   sum'  = alpha sum + rowsum P,  alpha = 2^(ref log2(e) - ref' log2(e))
//   acc'  = alpha acc + P V                   contraction
//
// The offset of the exponent is rounded once per row and alpha is the
// difference of two such rounded offsets, so that weights of different tiles
// stay consistent when logits are large.
//
// A step that may not update the reference keeps ref, sum and acc as they are:
// alpha is 1. It needs no row maximum, and weights may be larger than 1.
//
//===----------------------------------------------------------------------===//

#include "SoftmaxStep.h"
#include "Regions.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include <cmath>

using namespace mlir;

namespace attn {

namespace {

/// The inputs of an operation on every position of the tile. The scores come
/// first; the others are where their numbers say, if at all.
struct PositionInputs {
  SmallVector<Value> values;
  SmallVector<AffineMap> maps;
  /// Logical positions of the row and the column (i32).
  std::optional<unsigned> row, column;
  /// The bias; a bias that is one number is a value instead.
  std::optional<unsigned> bias;
  Value scalarBias;

  unsigned add(Value value, AffineMap map) {
    values.push_back(value);
    maps.push_back(map);
    return values.size() - 1;
  }
};

/// What a step needs by row: the new reference, the rescaled sum, the factor of
/// the old state and the offset of the exponent.
struct RowFactors {
  Value ref, sum, alpha, offset;
};

class StepBuilder {
public:
  StepBuilder(OpBuilder &builder, Location loc, const SoftmaxTile &tile)
      : b(builder), loc(loc), tile(tile), op(tile.op),
        type(op.getComputeType()) {
    numRows = cast<tile::CoordsType>(tile.rows.getType()).getRows();
    numCols = cast<tile::CoordsType>(tile.cols.getType()).getRows();
    AffineExpr i, j;
    bindDims(b.getContext(), i, j);
    whole = AffineMap::get(2, 0, {i, j}, b.getContext());
    byRow = AffineMap::get(2, 0, {i}, b.getContext());
    byCol = AffineMap::get(2, 0, {j}, b.getContext());
    rowOnly = b.getMultiDimIdentityMap(1);
  }

  SoftmaxState build(Value key, Value value, const SoftmaxState &state);

private:
  Value constant(double value) {
    return arith::ConstantOp::create(b, loc, b.getFloatAttr(type, value));
  }
  Value empty(ArrayRef<int64_t> shape) {
    return tensor::EmptyOp::create(b, loc, shape, type);
  }
  /// Rounds the scale once, to the compute type.
  double getScale() { return op.getScale().convertToDouble(); }

  /// Of what the offset of an exponent is in: log2(e) of a natural unit. On a
  /// GPU f32 stays in natural units, so that the largest weight of a row is
  /// exactly 1; beside its products an operation more costs nothing.
  double getOffsetScale() {
    bool isWide = op.getValue().getType().getElementType().isF32();
    return isWide && tile.group == 0 ? 1.0 : M_LOG2E;
  }
  /// 2^(offset units), the offset being relative to `getOffsetScale()`.
  Value exponentiate(OpBuilder &n, Location l, Value exponent,
                     arith::FastMathFlags flags = arith::FastMathFlags::none) {
    if (getOffsetScale() == 1.0)
      exponent = arith::MulFOp::create(n, l, exponent, constant(M_LOG2E));
    return math::Exp2Op::create(n, l, exponent, flags);
  }

  /// Scale may be folded past the row maximum: it preserves the order, and
  /// nothing stands between it and the exponential. But in natural units the
  /// maximum is a rounded product, and no fused one is equal to it.
  bool canFoldScale() {
    return getOffsetScale() != 1.0 && getScale() > 0 && op.getScore().empty() &&
           !op.getBias();
  }

  /// out[m, n] += sum_k lhs[m, k] * rhs[...], rhs indexed by (n, k) or (k, n).
  Value contract(Value lhs, Value rhs, Value out, ArrayRef<unsigned> rhsDims) {
    return buildContract(b, loc, lhs, {0, 2}, rhs, rhsDims, out);
  }
  Value contractVisited(Value lhs, Value rhs, Value out,
                        ArrayRef<unsigned> rhsDims, unsigned boundDim);
  Value getBiasTile(AffineMap &map);
  Value evaluateLogit(OpBuilder &n, Location l, Value score,
                      const PositionInputs &inputs, ValueRange arguments);
  PositionInputs getInputs(Value scores, bool withPositions, bool withBias);
  Value addPlain(Value scores);
  bool isWhereByRow();
  Value testRows();
  Value addMasked(Value scores);
  Value choose(Value flag, Type resultType, function_ref<Value()> ifTrue,
               function_ref<Value()> ifFalse);
  RowFactors updateRows(Value logits, double logitScale,
                        const SoftmaxState &state);
  Value getOffset(Value ref);
  Value clampReference(OpBuilder &n, Location l, Value ref);

  OpBuilder &b;
  Location loc;
  const SoftmaxTile &tile;
  LogitsOpInterface op;
  FloatType type;
  int64_t numRows, numCols;
  AffineMap whole, byRow, byCol, rowOnly;
};

} // namespace

/// As `contract`, but only over the columns that each group of rows visits:
/// `boundDim` is the dimension (n or k) that runs over the columns of the tile.
/// With n bounded, the rest of the result is not written and has no meaning.
Value StepBuilder::contractVisited(Value lhs, Value rhs, Value out,
                                   ArrayRef<unsigned> rhsDims,
                                   unsigned boundDim) {
  MLIRContext *context = b.getContext();
  auto map = [&](ArrayRef<unsigned> dims) -> Attribute {
    return AffineMapAttr::get(
        AffineMap::getMultiDimMapWithTargets(3, dims, context));
  };
  auto rangeType = RankedTensorType::get(
      static_cast<int64_t>(llvm::divideCeil(numRows, tile.group)),
      b.getIndexType());
  auto visited = tile::VisitedOp::create(
      b, loc, rangeType, rangeType,
      op.getMask().value_or(tile::VisitAttrInterface()), tile.rows, tile.cols,
      tile.batch, tile.head, tile.parameters, tile.group);
  bool overwrite = boundDim == 1;
  return tile::ContractOp::create(
             b, loc, TypeRange(out.getType()),
             b.getArrayAttr({map({0, 2}), map(rhsDims), map({0, 1})}), lhs, rhs,
             out, overwrite, tile::MicroTileAttr(), visited.getLower(),
             visited.getUpper(), b.getI64IntegerAttr(boundDim),
             b.getI64IntegerAttr(tile.group))
      .getResult(0);
}

/// The part of the bias that this tile adds, and how (i, j) index it.
/// Dimensions of extent 1 broadcast.
Value StepBuilder::getBiasTile(AffineMap &map) {
  Value bias = op.getBias();
  auto biasType = cast<RankedTensorType>(bias.getType());
  int64_t rank = biasType.getRank();
  auto isWhole = [&](int64_t fromRight) {
    return fromRight < rank && biasType.getDimSize(rank - 1 - fromRight) != 1;
  };
  // The op is one head of one batch entry, so leading dimensions have extent 1.
  Value zero = arith::ConstantIndexOp::create(b, loc, 0);
  Type element = biasType.getElementType();
  Value result;
  if (isWhole(0) && isWhole(1)) {
    SmallVector<Value> indices(rank - 2, zero);
    result = tile::RowsOp::create(
        b, loc, RankedTensorType::get({numRows, numCols}, element), bias,
        indices, tile.rows, tile.cols);
    map = whole;
  } else if (isWhole(0) || isWhole(1)) {
    bool isColumn = isWhole(0);
    // Drop the broadcast dimension, so that what is left is one-dimensional.
    int64_t kept = isColumn ? rank - 1 : rank - 2;
    SmallVector<OpFoldResult> offsets(rank, b.getIndexAttr(0)),
        strides(rank, b.getIndexAttr(1)), sizes(rank, b.getIndexAttr(1));
    sizes[kept] = tensor::getMixedSize(b, loc, bias, kept);
    auto lineType = RankedTensorType::get(biasType.getDimSize(kept), element);
    Value line = tensor::ExtractSliceOp::create(b, loc, lineType, bias, offsets,
                                                sizes, strides);
    result = tile::RowsOp::create(
        b, loc, RankedTensorType::get(isColumn ? numCols : numRows, element),
        line, ValueRange(), isColumn ? tile.cols : tile.rows, Value());
    map = isColumn ? byCol : byRow;
  } else {
    result =
        tensor::ExtractOp::create(b, loc, bias, SmallVector<Value>(rank, zero));
    map = AffineMap();
  }
  return result;
}

PositionInputs StepBuilder::getInputs(Value scores, bool withPositions,
                                      bool withBias) {
  PositionInputs inputs;
  inputs.add(scores, whole);
  auto positions = [&](Value coords, int64_t count) -> Value {
    return tile::PositionsOp::create(
        b, loc, RankedTensorType::get(count, b.getI32Type()), coords);
  };
  if (withPositions) {
    inputs.row = inputs.add(positions(tile.rows, numRows), byRow);
    inputs.column = inputs.add(positions(tile.cols, numCols), byCol);
  }
  if (withBias) {
    AffineMap map;
    Value bias = getBiasTile(map);
    if (map)
      inputs.bias = inputs.add(bias, map);
    else
      inputs.scalarBias = bias;
  }
  return inputs;
}

/// bias + score(scale * s) of one position, in natural units.
Value StepBuilder::evaluateLogit(OpBuilder &n, Location l, Value score,
                                 const PositionInputs &inputs,
                                 ValueRange arguments) {
  Value logit = arith::MulFOp::create(n, l, score, constant(getScale()));
  if (!op.getScore().empty()) {
    auto toIndex = [&](unsigned input) -> Value {
      return arith::IndexCastOp::create(n, l, n.getIndexType(),
                                        arguments[input]);
    };
    logit = evaluateRegion(n, op.getScore(),
                           {logit, tile.batch, tile.head, toIndex(*inputs.row),
                            toIndex(*inputs.column)});
  }
  if (!op.getBias())
    return logit;
  Value bias = inputs.bias ? arguments[*inputs.bias] : inputs.scalarBias;
  return arith::AddFOp::create(n, l, logit, convertFloat(n, l, bias, type));
}

/// Scale, score region and bias on every position. The scores are input and
/// destination, so that they are replaced in place; the body reads the input
/// (fusion does not look at destinations).
Value StepBuilder::addPlain(Value scores) {
  if (canFoldScale())
    return scores;
  PositionInputs inputs = getInputs(scores, !op.getScore().empty(),
                                    static_cast<bool>(op.getBias()));
  return buildGeneric(b, loc, inputs.values, inputs.maps, scores, whole, 2,
                      [&](OpBuilder &n, Location l, ValueRange x) {
                        return SmallVector<Value>{
                            evaluateLogit(n, l, x[0], inputs, x)};
                      })
      .front();
}

/// Whether all columns of the tile give `where` the same value: it reads the
/// column by the block that the tile lies in.
bool StepBuilder::isWhereByRow() {
  auto cols = tile.cols.getDefiningOp<tile::CoordsOp>();
  bool isPhysical =
      cols ? !cols.getShift() && !cols.getPositions() : !op.getKeyPositions();
  return isPhysical && readsColumnsByBlocks(op.getWhere(), numCols);
}

/// 1 for rows that pass `where` in the tile's block of columns, else 0.
Value StepBuilder::testRows() {
  Value positions = tile::PositionsOp::create(
      b, loc, RankedTensorType::get(numRows, b.getI32Type()), tile.rows);
  Value column = tile::OriginOp::create(b, loc, tile.cols);
  Value empty =
      tensor::EmptyOp::create(b, loc, {numRows}, Type(b.getI32Type()));
  return buildGeneric(
             b, loc, {positions}, {rowOnly}, empty, rowOnly, 1,
             [&](OpBuilder &n, Location l, ValueRange x) {
               Value row =
                   arith::IndexCastOp::create(n, l, n.getIndexType(), x[0]);
               Value passes = evaluateRegion(
                   n, op.getWhere(), {tile.batch, tile.head, row, column});
               return SmallVector<Value>{
                   arith::ExtUIOp::create(n, l, n.getI32Type(), passes)};
             })
      .front();
}

/// As `addPlain`, with -inf where the mask is false.
Value StepBuilder::addMasked(Value scores) {
  auto ids = [&](Value segments, Value coords, int64_t count) -> Value {
    if (!segments)
      return {};
    Value zero = arith::ConstantIndexOp::create(b, loc, 0);
    return tile::RowsOp::create(b, loc,
                                RankedTensorType::get(count, b.getI32Type()),
                                segments, zero, coords, Value());
  };
  Value predicate = tile::PredicateOp::create(
      b, loc, RankedTensorType::get({numRows, numCols}, b.getI1Type()),
      op.getMask().value_or(tile::VisitAttrInterface()), tile.rows, tile.cols,
      tile.batch, tile.head, ids(op.getQuerySegments(), tile.rows, numRows),
      ids(op.getKeySegments(), tile.cols, numCols), tile.parameters,
      tile.ancestors);
  // What reads no memory may run everywhere, before the mask.
  bool scoreReads = !op.getScore().empty() && readsTensors(op.getScore());
  bool hasWhere = !op.getWhere().empty();
  Value logits = scoreReads ? scores : addPlain(scores);
  PositionInputs inputs =
      getInputs(logits, scoreReads || hasWhere,
                scoreReads && static_cast<bool>(op.getBias()));
  unsigned mask = inputs.add(predicate, whole);
  std::optional<unsigned> rowTest;
  if (hasWhere && isWhereByRow())
    rowTest = inputs.add(testRows(), byRow);
  return buildGeneric(
             b, loc, inputs.values, inputs.maps, logits, whole, 2,
             [&](OpBuilder &n, Location l, ValueRange x) {
               Value allowed = x[mask];
               if (rowTest) {
                 Value zero = arith::ConstantIntOp::create(n, l, 0, 32);
                 Value passes = arith::CmpIOp::create(
                     n, l, arith::CmpIPredicate::ne, x[*rowTest], zero);
                 allowed = arith::AndIOp::create(n, l, allowed, passes);
               } else if (hasWhere) {
                 auto evaluate = [&] {
                   auto toIndex = [&](unsigned input) -> Value {
                     return arith::IndexCastOp::create(n, l, n.getIndexType(),
                                                       x[input]);
                   };
                   return evaluateRegion(n, op.getWhere(),
                                         {tile.batch, tile.head,
                                          toIndex(*inputs.row),
                                          toIndex(*inputs.column)});
                 };
                 allowed =
                     readsTensors(op.getWhere())
                         ? guard(n, l, allowed, allowed, evaluate)
                         : arith::AndIOp::create(n, l, allowed, evaluate())
                               .getResult();
               }
               Value lowest = constant(-INFINITY);
               if (scoreReads)
                 return SmallVector<Value>{guard(n, l, allowed, lowest, [&] {
                   return evaluateLogit(n, l, x[0], inputs, x);
                 })};
               return SmallVector<Value>{
                   arith::SelectOp::create(n, l, allowed, x[0], lowest)};
             })
      .front();
}

/// One of two values, by a flag.
Value StepBuilder::choose(Value flag, Type resultType,
                          function_ref<Value()> ifTrue,
                          function_ref<Value()> ifFalse) {
  auto choice = scf::IfOp::create(b, loc, TypeRange(resultType), flag, true);
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(choice.thenBlock());
  scf::YieldOp::create(b, loc, ifTrue());
  b.setInsertionPointToStart(choice.elseBlock());
  scf::YieldOp::create(b, loc, ifFalse());
  return choice.getResult(0);
}

/// The row maximum with that of a tile, and what it changes.
RowFactors StepBuilder::updateRows(Value logits, double logitScale,
                                   const SoftmaxState &state) {
  // A NaN does not enter the maximum, but makes its weight and so the row's sum
  // NaN.
  const llvm::fltSemantics &semantics = type.getFloatSemantics();
  OpFoldResult shape[] = {b.getIndexAttr(numRows)};
  Value lowest = buildFilled(b, loc, shape, type,
                             APFloat::getInf(semantics, /*Negative=*/true));
  Value top = buildGeneric(b, loc, logits, whole, lowest, byRow, 1,
                           [&](OpBuilder &n, Location l, ValueRange x) {
                             return SmallVector<Value>{
                                 arith::MaxNumFOp::create(n, l, x[1], x[0])};
                           })
                  .front();
  SmallVector<Value> perRow = buildGeneric(
      b, loc, top, rowOnly,
      {state.ref, state.sum, empty(numRows), empty(numRows)},
      {rowOnly, rowOnly, rowOnly, rowOnly}, 1,
      [&](OpBuilder &n, Location l, ValueRange x) {
        Value scaled = x[0];
        if (logitScale != 1.0)
          scaled = arith::MulFOp::create(n, l, scaled, constant(logitScale));
        Value old = clampReference(n, l, x[1]);
        Value ref = arith::MaxNumFOp::create(n, l, old, scaled);
        Value units = constant(-getOffsetScale());
        Value before = arith::MulFOp::create(n, l, old, units);
        Value offset = arith::MulFOp::create(n, l, ref, units);
        Value difference = arith::SubFOp::create(n, l, offset, before);
        Value alpha = exponentiate(n, l, difference);
        Value sum = arith::MulFOp::create(n, l, x[2], alpha);
        return SmallVector<Value>{ref, sum, alpha, offset};
      });
  return {perRow[0], perRow[1], perRow[2], perRow[3]};
}

/// The offset of the exponent for a reference that stays.
Value StepBuilder::getOffset(Value ref) {
  return buildGeneric(b, loc, ref, rowOnly, empty(numRows), rowOnly, 1,
                      [&](OpBuilder &n, Location l, ValueRange x) {
                        Value old = clampReference(n, l, x[0]);
                        return SmallVector<Value>{arith::MulFOp::create(
                            n, l, old, constant(-getOffsetScale()))};
                      })
      .front();
}

/// No reference is so low that its product with log2(e) overflows.
Value StepBuilder::clampReference(OpBuilder &n, Location l, Value ref) {
  return arith::MaxNumFOp::create(
      n, l, ref,
      arith::ConstantOp::create(
          n, l, n.getFloatAttr(type, getLowestReference(type))));
}

SoftmaxState StepBuilder::build(Value key, Value value,
                                const SoftmaxState &state) {
  const llvm::fltSemantics &semantics = type.getFloatSemantics();
  SmallVector<OpFoldResult> shape{b.getIndexAttr(numRows),
                                  b.getIndexAttr(numCols)};
  auto either = [&](Type resultType, function_ref<Value()> ifPartial,
                    function_ref<Value()> ifFull) {
    return choose(tile.partial, resultType, ifPartial, ifFull);
  };
  auto zeros = [&] {
    return buildFilled(b, loc, shape, type, APFloat::getZero(semantics));
  };
  Type tileType = RankedTensorType::get({numRows, numCols}, type);
  Value logits = either(
      tileType,
      [&] {
        if (tile.group == 0)
          return addMasked(contract(tile.query, key, zeros(), {1, 2}));
        return addMasked(contractVisited(tile.query, key,
                                         empty({numRows, numCols}), {1, 2}, 1));
      },
      [&] { return addPlain(contract(tile.query, key, zeros(), {1, 2})); });

  double logitScale = canFoldScale() ? getScale() : 1.0;
  RowFactors factors;
  if (!tile.update) {
    factors = updateRows(logits, logitScale, state);
  } else {
    Type rowType = state.ref.getType();
    auto choice = scf::IfOp::create(b, loc, SmallVector<Type>(4, rowType),
                                    tile.update, true);
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPointToStart(choice.thenBlock());
    RowFactors updated = updateRows(logits, logitScale, state);
    scf::YieldOp::create(
        b, loc,
        ValueRange{updated.ref, updated.sum, updated.alpha, updated.offset});
    b.setInsertionPointToStart(choice.elseBlock());
    scf::YieldOp::create(
        b, loc,
        ValueRange{state.ref, state.sum, empty(numRows), getOffset(state.ref)});
    factors = {choice.getResult(0), choice.getResult(1), choice.getResult(2),
               choice.getResult(3)};
  }

  // Weights and their sums. Only masked logits or a bias can be -inf, and only
  // then must the exponential be exactly zero.
  Value exponentScale = constant(logitScale * getOffsetScale());
  auto getWeights = [&](bool mayBeInfinite) {
    // A held reference may be so far below that weights overflow.
    auto flags = mayBeInfinite || tile.update ? arith::FastMathFlags::none
                                              : arith::FastMathFlags::ninf;
    return buildGeneric(
        b, loc, factors.offset, byRow, {logits, factors.sum}, {whole, byRow}, 1,
        [&](OpBuilder &n, Location l, ValueRange x) {
          Value exponent = math::FmaOp::create(n, l, x[1], exponentScale, x[0]);
          Value weight = exponentiate(n, l, exponent, flags);
          Value sum = arith::AddFOp::create(n, l, x[2], weight);
          return SmallVector<Value>{weight, sum};
        });
  };
  SmallVector<Value> weights;
  if (op.getBias() || !op.getScore().empty()) {
    weights = getWeights(true);
  } else {
    auto choice = scf::IfOp::create(
        b, loc, TypeRange{tileType, state.sum.getType()}, tile.partial, true);
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPointToStart(choice.thenBlock());
    scf::YieldOp::create(b, loc, getWeights(true));
    b.setInsertionPointToStart(choice.elseBlock());
    scf::YieldOp::create(b, loc, getWeights(false));
    weights = llvm::to_vector_of<Value>(choice.getResults());
  }

  Value acc = state.acc;
  auto rescale = [&] {
    return buildGeneric(b, loc, factors.alpha, byRow, state.acc, whole, 2,
                        [&](OpBuilder &n, Location l, ValueRange x) {
                          return SmallVector<Value>{
                              arith::MulFOp::create(n, l, x[1], x[0])};
                        })
        .front();
  };
  acc = tile.update
            ? choose(tile.update, acc.getType(), rescale, [&] { return acc; })
            : rescale();
  acc = either(
      acc.getType(),
      [&] {
        if (op.getStrictValues())
          return accumulateStrictly(b, loc, weights[0], value,
                                    op.getValue().getType().getElementType(),
                                    acc);
        return tile.group == 0
                   ? contract(weights[0], value, acc, {2, 1})
                   : contractVisited(weights[0], value, acc, {2, 1}, 2);
      },
      [&] { return contract(weights[0], value, acc, {2, 1}); });
  return {acc, factors.ref, weights[1]};
}

SoftmaxState buildStep(OpBuilder &builder, Location loc,
                       const SoftmaxTile &tile, Value key, Value value,
                       const SoftmaxState &state) {
  return StepBuilder(builder, loc, tile).build(key, value, state);
}

} // namespace attn
