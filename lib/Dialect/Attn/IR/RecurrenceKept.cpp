//===- RecurrenceKept.cpp - What chunks know without a state --------------===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Where a sequence is worked on in pieces, its chunks are looked at several
// times, and what takes longest of the delta rule, the inverse, depends on no
// state: it is computed once, of all chunks at the same time, and kept. With a
// gate for each key, so is all that gates are factors of; then steps multiply
// what they read, and have no other work.
//
//===----------------------------------------------------------------------===//

#include "ChunkBuilder.h"
#include "LinalgTiles.h"
#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;
using namespace attn;

Value ChunkBuilder::readKept(unsigned index) {
  RankedTensorType type = getKeptTypes(tile)[index];
  Value origin = tile::OriginOp::create(b, loc, tile.coords);
  AffineExpr token = b.getAffineDimExpr(0);
  Value number = affine::makeComposedAffineApply(
      b, loc, token.floorDiv(tile.tokens), {origin});
  number = arith::AddIOp::create(b, loc, tile.firstKept, number);
  // All of its rows.
  int64_t extent = type.getDimSize(0);
  Value zero = arith::ConstantIndexOp::create(b, loc, 0);
  Value limit = arith::ConstantIndexOp::create(b, loc, extent);
  Value rows = tile::CoordsOp::create(
      b, loc, tile::CoordsType::get(b.getContext(), extent), zero, limit,
      Value(), Value(), /*complete=*/true);
  return tile::RowsOp::create(b, loc, type, tile.kept[index], number, rows,
                              Value());
}

/// Columns of an inverse times the beta of what they are multiplied with, so
/// that steps do without it.
Value ChunkBuilder::foldBeta(Value inverse, Value beta) {
  return map({inverse, beta}, {ij, j},
             getEmpty({tile.tokens, tile.tokens}, tile.operandType),
             [&](OpBuilder &n, Location l, ValueRange a) {
               Value x = convertFloat(n, l, a[0], type);
               Value factor = convertFloat(n, l, a[1], type);
               x = arith::MulFOp::create(n, l, x, factor);
               return convertFloat(n, l, x, tile.operandType);
             });
}

SmallVector<Value> ChunkBuilder::buildKept() {
  key = read(op.getKey(), tile.keyWidth);
  // As indices, of 64 bits, positions would take registers that are not there.
  position = b.getI32Type();
  readGates();
  if (!keyDecay)
    return {getInverse(readBeta())};
  SmallVector<Value> queries, all{key};
  for (int64_t head = 0, group = op.getQuery().getType().getDimSize(1);
       head < group; ++head)
    queries.push_back(read(op.getQuery(), tile.keyWidth, head));
  llvm::append_range(all, queries);
  // What is there is written at once: products take most registers, and then an
  // inverse does.
  Value total = keyDecay->getTotal();
  SmallVector<Value> decayed = keyDecay->decayFromStart(all);
  Value toEnd = keyDecay->decayToEnd(key);
  SmallVector<Value> products = keyDecay->getProductsWithKeys(key, queries);
  for (Value &weights : MutableArrayRef(products).drop_front())
    weights = weigh(weights);
  Value beta = readBeta();
  Value inverse = foldBeta(invert(products[0], beta), beta);
  SmallVector<Value> kept{inverse, decayed[0], toEnd, total};
  for (size_t i = 1; i < products.size(); ++i)
    kept.append({products[i], decayed[i]});
  return kept;
}

SmallVector<Value> attn::buildChunkKept(OpBuilder &builder, Location loc,
                                        const RecurrenceTile &tile) {
  return ChunkBuilder(builder, loc, tile).buildKept();
}

SmallVector<RankedTensorType> attn::getKeptTypes(const RecurrenceTile &tile) {
  RecurrenceOp op = tile.op;
  auto square =
      RankedTensorType::get({tile.tokens, tile.tokens}, tile.operandType);
  SmallVector<RankedTensorType> types{square};
  if (op.getDecay() != Decay::Key)
    return types;
  RankedTensorType rows = square.clone({tile.tokens, tile.keyWidth});
  types.append({rows, rows,
                RankedTensorType::get({tile.keyWidth}, op.getComputeType())});
  for (int64_t head = 0, group = op.getQuery().getType().getDimSize(1);
       head < group; ++head)
    types.append({square, rows});
  return types;
}
