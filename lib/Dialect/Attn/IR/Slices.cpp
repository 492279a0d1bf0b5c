//===- Slices.cpp - Parts of tensors and memrefs --------------------------===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "Slices.h"
#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Arith/Utils/Utils.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"

using namespace mlir;

namespace attn {

OpFoldResult getDim(OpBuilder &builder, Location loc, Value value,
                    int64_t dim) {
  if (isa<MemRefType>(value.getType()))
    return memref::getMixedSize(builder, loc, value, dim);
  return tensor::getMixedSize(builder, loc, value, dim);
}

Span getWhole(OpBuilder &builder, Location loc, Value value, int64_t dim) {
  return {builder.getIndexAttr(0), getDim(builder, loc, value, dim)};
}

Value getSlice(OpBuilder &builder, Location loc, Value value,
               ArrayRef<OpFoldResult> offsets, ArrayRef<OpFoldResult> sizes) {
  SmallVector<OpFoldResult> strides(offsets.size(), builder.getIndexAttr(1));
  if (isa<MemRefType>(value.getType()))
    return memref::SubViewOp::create(builder, loc, value, offsets, sizes,
                                     strides);
  return tensor::ExtractSliceOp::create(builder, loc, value, offsets, sizes,
                                        strides);
}

Value getSlice(OpBuilder &builder, Location loc, Value value,
               ArrayRef<Span> spans) {
  SmallVector<OpFoldResult> offsets, sizes;
  for (const Span &span : spans) {
    offsets.push_back(span.offset);
    sizes.push_back(span.size);
  }
  return getSlice(builder, loc, value, offsets, sizes);
}

OpFoldResult divide(OpBuilder &builder, Location loc, OpFoldResult x,
                    OpFoldResult y) {
  if (std::optional<int64_t> divisor = getConstantIntValue(y))
    return affine::makeComposedFoldedAffineApply(
        builder, loc, builder.getAffineDimExpr(0).floorDiv(*divisor), {x});
  return builder.createOrFold<arith::DivUIOp>(
      loc, getValueOrCreateConstantIndexOp(builder, loc, x),
      getValueOrCreateConstantIndexOp(builder, loc, y));
}

} // namespace attn
