//===- BulkCopy.cpp - Copies that the copy engine can do ------------------===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "BulkCopy.h"
#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Arith/Utils/Utils.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"
#include "llvm/Support/FormatVariadic.h"

using namespace mlir;
using namespace attn::wg;

bool attn::wg::isScalarCode(Operation *op) {
  if (isa<AgainOp, DrawnOp, NotedOp>(op))
    return true;
  auto isTile = [](Type type) { return isa<WGDialect>(type.getDialect()); };
  return op->getNumRegions() == 0 && !isa<WGDialect>(op->getDialect()) &&
         llvm::none_of(op->getOperandTypes(), isTile) &&
         llvm::none_of(op->getResultTypes(), isTile) &&
         (isMemoryEffectFree(op) ||
          isa<memref::LoadOp, memref::SubViewOp>(op)) &&
         !op->hasTrait<OpTrait::IsTerminator>();
}

Value attn::wg::getBuffer(Value memory) {
  while (auto view = memory.getDefiningOp<memref::SubViewOp>())
    memory = view.getSource();
  return memory;
}

bool attn::wg::writes(Operation *kernel, function_ref<bool(Value)> isAsked) {
  return kernel
      ->walk([&](MemoryEffectOpInterface op) {
        SmallVector<MemoryEffects::EffectInstance> effects;
        op.getEffects(effects);
        for (const MemoryEffects::EffectInstance &effect : effects)
          if (isa<MemoryEffects::Write>(effect.getEffect()) &&
              effect.getValue() && isAsked(getBuffer(effect.getValue())))
            return WalkResult::interrupt();
        return WalkResult::advance();
      })
      .wasInterrupted();
}

//===----------------------------------------------------------------------===//
// Ends of rows
//===----------------------------------------------------------------------===//

namespace {

/// Linear expressions of indices, in which the extents of one buffer are known
/// by name.
class Linear {
public:
  Linear(Value memory, MLIRContext *context)
      : memory(memory), context(context) {}

  AffineExpr get(OpFoldResult value) {
    if (auto attribute = dyn_cast<Attribute>(value))
      return getAffineConstantExpr(cast<IntegerAttr>(attribute).getInt(),
                                   context);
    Value operand = cast<Value>(value);
    if (std::optional<int64_t> constant = getConstantIntValue(operand))
      return getAffineConstantExpr(*constant, context);
    if (auto apply = operand.getDefiningOp<affine::AffineApplyOp>())
      return get(apply.getAffineMap(), 0, apply.getMapOperands());
    if (auto cast = operand.getDefiningOp<arith::IndexCastOp>())
      return get(cast.getIn());
    if (auto dim = operand.getDefiningOp<memref::DimOp>())
      if (dim.getSource() == memory)
        if (std::optional<int64_t> number = dim.getConstantIndex())
          return getExtent(*number);
    size_t number = llvm::find(values, operand) - values.begin();
    if (number == values.size())
      values.push_back(operand);
    return getAffineSymbolExpr(kMaxRank + number, context);
  }

  /// Result `i` of a map of values.
  AffineExpr get(AffineMap map, unsigned i, ValueRange operands) {
    SmallVector<AffineExpr> dims, symbols;
    for (auto [j, operand] : llvm::enumerate(operands))
      (j < map.getNumDims() ? dims : symbols).push_back(get(operand));
    return simplifyAffineExpr(
        map.getResult(i).replaceDimsAndSymbols(dims, symbols), 0,
        kMaxRank + values.size());
  }

  AffineExpr getExtent(int64_t dim) {
    auto type = cast<MemRefType>(memory.getType());
    return type.isDynamicDim(dim)
               ? getAffineSymbolExpr(dim, context)
               : getAffineConstantExpr(type.getDimSize(dim), context);
  }

  /// Whether an expression is surely not negative.
  bool isNotNegative(AffineExpr expr) {
    auto constant = dyn_cast<AffineConstantExpr>(
        simplifyAffineExpr(expr, 0, kMaxRank + values.size()));
    return constant && constant.getValue() >= 0;
  }

private:
  static constexpr int64_t kMaxRank = 8;
  Value memory;
  MLIRContext *context;
  SmallVector<Value> values;
};

} // namespace

/// The sum of some values.
static AffineExpr getSum(Linear &linear, ArrayRef<OpFoldResult> values) {
  AffineExpr sum = linear.get(values.front());
  for (OpFoldResult value : values.drop_front())
    sum = sum + linear.get(value);
  return sum;
}

/// Whether all elements from `limit` on, as far as a tile of `extent` from
/// `origin` on has them, are outside of the buffer. `offset` is where index 0
/// of both is in the buffer.
static bool endsWithMemory(Linear &linear, int64_t dim, Value limit,
                           OpFoldResult origin, int64_t extent,
                           ArrayRef<OpFoldResult> offset) {
  auto ends = [&](AffineExpr end) {
    return linear.isNotNegative(getSum(linear, offset) + end -
                                linear.getExtent(dim)) ||
           linear.isNotNegative(end - linear.get(origin) - extent);
  };
  // A minimum ends where any of its operands does.
  if (auto min = limit.getDefiningOp<affine::AffineMinOp>()) {
    AffineMap map = min.getAffineMap();
    return llvm::all_of(llvm::seq<unsigned>(0, map.getNumResults()),
                        [&](unsigned i) {
                          return ends(linear.get(map, i, min.getOperands()));
                        });
  }
  if (auto min = limit.getDefiningOp<arith::MinSIOp>())
    return ends(linear.get(min.getLhs())) && ends(linear.get(min.getRhs()));
  return ends(linear.get(limit));
}

/// Whether a value is the same for the whole kernel.
static bool isSameInKernel(Value value, Operation *kernel) {
  if (!kernel->isAncestor(value.getParentBlock()->getParentOp()))
    return true;
  Operation *op = value.getDefiningOp();
  return op && isScalarCode(op) && isMemoryEffectFree(op) &&
         llvm::all_of(op->getOperands(), [&](Value operand) {
           return isSameInKernel(operand, kernel);
         });
}

/// A value that is the same for the whole kernel, computed before it.
static Value computeBefore(OpBuilder &builder, Value value, Operation *kernel) {
  if (!kernel->isAncestor(value.getParentBlock()->getParentOp()))
    return value;
  IRMapping mapping;
  for (Value operand : value.getDefiningOp()->getOperands())
    mapping.map(operand, computeBefore(builder, operand, kernel));
  Operation *clone = builder.clone(*value.getDefiningOp(), mapping);
  return clone->getResult(cast<OpResult>(value).getResultNumber());
}

//===----------------------------------------------------------------------===//
// BulkCopy
//===----------------------------------------------------------------------===//

FailureOr<BulkCopy> BulkCopy::get(CopyOp op, Operation *kernel,
                                  std::string &reason) {
  Builder builder(op.getContext());
  SharedType tile = op.getResult().getType();
  BulkCopy copy;
  copy.memory = op.getSource();
  // Where index 0 of the source is, and the tile's origin in the source.
  SmallVector<SmallVector<OpFoldResult>> offsets(
      op.getIndices().size() + tile.getShape().size(),
      SmallVector<OpFoldResult>{builder.getIndexAttr(0)});
  auto isInKernel = [&](Value value) {
    return kernel->isAncestor(value.getParentBlock()->getParentOp());
  };
  while (isInKernel(copy.memory)) {
    auto view = copy.memory.getDefiningOp<memref::SubViewOp>();
    if (!view || view.getSourceType().getRank() != view.getType().getRank() ||
        llvm::any_of(view.getMixedStrides(), [](OpFoldResult stride) {
          return getConstantIntValue(stride) != 1;
        })) {
      reason = "a copy reads memory that is made in the kernel";
      return failure();
    }
    // What the view does not have, the memory behind it may.
    int64_t cols = view.getType().getShape().back();
    if (!tile.isVector() && (ShapedType::isDynamic(cols) ||
                             cols != view.getSourceType().getShape().back())) {
      reason = "a copy reads some columns of memory";
      return failure();
    }
    for (auto [sum, offset] : llvm::zip_equal(offsets, view.getMixedOffsets()))
      sum.push_back(offset);
    copy.memory = view.getSource();
  }
  auto type = dyn_cast<MemRefType>(copy.memory.getType());
  SmallVector<int64_t> strides;
  int64_t offset;
  if (!type || failed(type.getStridesAndOffset(strides, offset)) ||
      strides.back() != 1) {
    reason = "rows of memory are not contiguous";
    return failure();
  }
  if (!DescribeOp::takesElement(type.getElementType())) {
    llvm::raw_string_ostream(reason)
        << "the copy engine has no elements of " << type.getElementType();
    return failure();
  }
  constexpr int64_t kMost = 256;
  if (type.getRank() < 2 || type.getRank() > 5 || tile.getNumRows() > kMost ||
      (tile.isVector() && tile.getNumCols() > kMost)) {
    reason = llvm::formatv("the copy engine takes tensors of 2 to 5 "
                           "dimensions and tiles of up to 256 rows, not {0} "
                           "and {1}",
                           type.getRank(), tile.getShape().front());
    return failure();
  }
  // Rows that begin at multiples of 16 bytes, as far as types say.
  int64_t bits = type.getElementTypeBitWidth();
  for (int64_t stride : ArrayRef(strides).drop_back())
    if (!ShapedType::isDynamic(stride) && stride * bits % 128 != 0) {
      reason = "rows of memory do not begin at multiples of 16 bytes";
      return failure();
    }

  int64_t rank = type.getRank();
  copy.rowDim = tile.isVector() ? rank - 1 : rank - 2;
  Linear linear(copy.memory, op.getContext());
  OpFoldResult zero = builder.getIndexAttr(0);
  OpFoldResult columnOrigin =
      op.getColumnOrigin() ? OpFoldResult(op.getColumnOrigin()) : zero;
  if (op.getLimit() &&
      !endsWithMemory(linear, copy.rowDim, op.getLimit(), op.getOrigin(),
                      tile.getShape().front(), offsets[copy.rowDim])) {
    // What is behind a limit of the whole kernel need not be described.
    if (!isSameInKernel(op.getLimit(), kernel) ||
        getSum(linear, offsets[copy.rowDim]) != 0) {
      reason = "rows end at a limit that changes in the kernel";
      return failure();
    }
    copy.limit = op.getLimit();
  }
  if (op.getColumnLimit() &&
      !endsWithMemory(linear, rank - 1, op.getColumnLimit(), columnOrigin,
                      tile.getNumCols(), offsets[rank - 1])) {
    reason = "columns end at a limit that is not the end of memory";
    return failure();
  }
  copy.coordinates = std::move(offsets);
  for (auto [sum, index] :
       llvm::zip(MutableArrayRef(copy.coordinates), op.getIndices()))
    sum.push_back(index);
  copy.coordinates[copy.rowDim].push_back(op.getOrigin());
  if (!tile.isVector())
    copy.coordinates[rank - 1].push_back(columnOrigin);
  return copy;
}

Value BulkCopy::getDescribed(OpBuilder &builder, Location loc,
                             Operation *kernel) const {
  if (!limit)
    return memory;
  Value rows = computeBefore(builder, limit, kernel);
  auto type = cast<MemRefType>(memory.getType());
  SmallVector<OpFoldResult> offsets(type.getRank(), builder.getIndexAttr(0)),
      strides(type.getRank(), builder.getIndexAttr(1)),
      sizes = memref::getMixedSizes(builder, loc, memory);
  // Rows that are there, whatever the limit says.
  OpFoldResult &size = sizes[rowDim];
  Value zero = arith::ConstantIndexOp::create(builder, loc, 0);
  rows = builder.createOrFold<arith::MaxSIOp>(loc, rows, zero);
  size = builder.createOrFold<arith::MinSIOp>(
      loc, rows, getValueOrCreateConstantIndexOp(builder, loc, size));
  return memref::SubViewOp::create(builder, loc, memory, offsets, sizes,
                                   strides);
}

SmallVector<Value> BulkCopy::getCoordinates(OpBuilder &builder, Location loc,
                                            const IRMapping &mapping) const {
  SmallVector<Value> values;
  for (ArrayRef<OpFoldResult> sum : coordinates) {
    Value total;
    for (OpFoldResult part : sum) {
      if (getConstantIntValue(part) == 0)
        continue;
      Value value = getValueOrCreateConstantIndexOp(builder, loc, part);
      value = mapping.lookupOrDefault(value);
      total = total ? builder.createOrFold<arith::AddIOp>(loc, total, value)
                    : value;
    }
    values.push_back(total ? total
                           : arith::ConstantIndexOp::create(builder, loc, 0));
  }
  return values;
}
