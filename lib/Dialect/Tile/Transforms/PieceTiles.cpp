//===- PieceTiles.cpp - Tiles that loops hand to each other ---------------===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "PieceTiles.h"
#include "attn/Dialect/Tile/IR/Tile.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;
using namespace attn::tile;

PieceTiles::Place PieceTiles::getPlace(OpFoldResult number, OpFoldResult count,
                                       RankedTensorType tile,
                                       ArrayRef<Value> origin) {
  Place place;
  size_t rank = 1 + tile.getRank();
  place.offsets.assign(rank, b.getIndexAttr(0));
  place.offsets[0] = number;
  for (auto [offset, first] :
       llvm::zip(MutableArrayRef(place.offsets).drop_front(), origin))
    offset = getAsOpFoldResult(first);
  place.sizes.push_back(count);
  for (int64_t extent : tile.getShape())
    place.sizes.push_back(b.getIndexAttr(extent));
  place.steps.assign(rank, b.getIndexAttr(1));
  return place;
}

Value PieceTiles::makeTiles(Value count, RankedTensorType tile) {
  return tensor::EmptyOp::create(
      b, loc, getPlace(b.getIndexAttr(0), getAsOpFoldResult(count), tile).sizes,
      tile.getElementType());
}

Value PieceTiles::getPart(Value tensor, const Place &place) {
  return tensor::ExtractSliceOp::create(b, loc, tensor, place.offsets,
                                        place.sizes, place.steps);
}

void PieceTiles::putPart(Value part, Value tensor, const Place &place) {
  tensor::ParallelInsertSliceOp::create(b, loc, part, tensor, place.offsets,
                                        place.sizes, place.steps);
}

Value PieceTiles::getRows(RankedTensorType tile) {
  int64_t rows = tile.getDimSize(0);
  return CoordsOp::create(b, loc, CoordsType::get(b.getContext(), rows),
                          index(0), index(rows), Value(), Value(),
                          /*complete=*/true);
}

Value PieceTiles::readTile(Value tensor, Value number, RankedTensorType tile) {
  return RowsOp::create(b, loc, tile, tensor, number, getRows(tile), Value());
}

Value PieceTiles::writeTile(Value value, Value tensor, Value number,
                            Value rows) {
  return InsertOp::create(b, loc, tensor.getType(), value, tensor, number,
                          rows);
}
