//===- LinalgTiles.cpp - What steps compute, as linalg on tiles -----------===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "LinalgTiles.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;

namespace attn {

SmallVector<Value> buildGeneric(OpBuilder &builder, Location loc,
                                ValueRange ins, ArrayRef<AffineMap> inMaps,
                                ValueRange outs, ArrayRef<AffineMap> outMaps,
                                unsigned numParallel, BodyBuilder body) {
  SmallVector<AffineMap> maps(inMaps);
  maps.append(outMaps.begin(), outMaps.end());
  SmallVector<utils::IteratorType> iterators(maps.back().getNumDims(),
                                             utils::IteratorType::reduction);
  std::fill_n(iterators.begin(), numParallel, utils::IteratorType::parallel);
  auto generic = linalg::GenericOp::create(
      builder, loc, TypeRange(outs), ins, outs, maps, iterators,
      [&](OpBuilder &nested, Location nestedLoc, ValueRange arguments) {
        linalg::YieldOp::create(nested, nestedLoc,
                                body(nested, nestedLoc, arguments));
      });
  return llvm::to_vector_of<Value>(generic.getResults());
}

Value convertFloat(OpBuilder &builder, Location loc, Value value, Type type) {
  unsigned from = value.getType().getIntOrFloatBitWidth();
  unsigned to = type.getIntOrFloatBitWidth();
  if (value.getType() == type)
    return value;
  if (from < to)
    return arith::ExtFOp::create(builder, loc, type, value);
  if (from > to)
    return arith::TruncFOp::create(builder, loc, type, value);
  // f16 <-> bf16: through f32.
  Value wide = arith::ExtFOp::create(builder, loc, builder.getF32Type(), value);
  return arith::TruncFOp::create(builder, loc, type, wide);
}

Value convertTile(OpBuilder &builder, Location loc, Value tile, Type element) {
  auto type = cast<RankedTensorType>(tile.getType());
  if (type.getElementType() == element)
    return tile;
  Value empty = tensor::EmptyOp::create(builder, loc, type.getShape(), element);
  AffineMap map =
      builder.getMultiDimIdentityMap(static_cast<unsigned>(type.getRank()));
  return buildGeneric(builder, loc, tile, map, empty, map, type.getRank(),
                      [&](OpBuilder &b, Location l, ValueRange arguments) {
                        return SmallVector<Value>{
                            convertFloat(b, l, arguments[0], element)};
                      })
      .front();
}

Value transposeTile(OpBuilder &builder, Location loc, Value tile) {
  auto type = cast<RankedTensorType>(tile.getType());
  Value empty = tensor::EmptyOp::create(
      builder, loc, {type.getDimSize(1), type.getDimSize(0)},
      type.getElementType());
  return linalg::TransposeOp::create(builder, loc, tile, empty,
                                     ArrayRef<int64_t>{1, 0})
      ->getResult(0);
}

Value buildFastExp(OpBuilder &builder, Location loc, Value x) {
  return math::ExpOp::create(builder, loc, x, arith::FastMathFlags::afn);
}

Value buildFilled(OpBuilder &builder, Location loc,
                  ArrayRef<OpFoldResult> shape, FloatType type, APFloat value) {
  Value constant = arith::ConstantOp::create(builder, loc,
                                             builder.getFloatAttr(type, value));
  Value empty = tensor::EmptyOp::create(builder, loc, shape, type);
  return linalg::FillOp::create(builder, loc, constant, empty).getResult(0);
}

Value buildContract(OpBuilder &builder, Location loc, Value lhs,
                    ArrayRef<unsigned> lhsDims, Value rhs,
                    ArrayRef<unsigned> rhsDims, Value out) {
  auto map = [&](ArrayRef<unsigned> dims) {
    return AffineMapAttr::get(
        AffineMap::getMultiDimMapWithTargets(3, dims, builder.getContext()));
  };
  ArrayAttr maps =
      builder.getArrayAttr({map(lhsDims), map(rhsDims), map({0, 1})});
  return linalg::ContractOp::create(builder, loc, out.getType(),
                                    ValueRange{lhs, rhs}, out, maps)
      .getResult(0);
}

} // namespace attn
