//===- PermuteDecompose.cpp - Rows by their numbers, as reads -------------===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Both ways read rows at numbers, which is fused with what else is done with
// each element. The way back writes numbers only: which row comes to a place.
//
//===----------------------------------------------------------------------===//

#include "LinalgTiles.h"
#include "Regions.h"
#include "Verify.h"
#include "attn/Dialect/Attn/IR/RoutingBuilder.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"

using namespace mlir;
using namespace attn;

namespace {
class PermuteBuilder : public RoutingBuilder {
public:
  PermuteBuilder(OpBuilder &builder, PermuteOp op)
      : RoutingBuilder(builder, op), op(op) {}

  Value gather(Value numbers);
  Value invert();

private:
  /// The head of `tensor` that head `h` of the result reads.
  Value getGroup(OpBuilder &n, Location l, Value h, Value numHeads,
                 Value mine) {
    if (numHeads == mine)
      return h;
    return arith::DivUIOp::create(n, l, h,
                                  arith::DivUIOp::create(n, l, numHeads, mine));
  }

  PermuteOp op;
};
} // namespace

/// Row `numbers` of x, or 0.
Value PermuteBuilder::gather(Value numbers) {
  Value x = op.getInput(), out = op.getOuts();
  auto type = cast<RankedTensorType>(out.getType());
  int64_t rank = type.getRank();
  Value numHeads = toValue(getSize(out, 1)), numRows = toValue(getSize(x, 2));
  Value sourceHeads = toValue(getSize(x, 1)),
        orderHeads = toValue(getSize(numbers, 1));
  auto isKnown = [&](Value tensor) {
    return isEqualConstantIntOrValue(getSize(tensor, 1), getSize(out, 1));
  };
  if (isKnown(x))
    sourceHeads = numHeads;
  SmallVector<Value> inputs;
  SmallVector<AffineMap> maps;
  bool isRead = numbers == op.getOrder() && isKnown(numbers);
  if (isRead) {
    inputs.push_back(numbers);
    maps.push_back(
        AffineMap::getMultiDimMapWithTargets(rank, {0, 1, 2}, b.getContext()));
  }
  return buildGeneric(b, b.getLoc(), inputs, maps, out,
                      b.getMultiDimIdentityMap(rank), rank,
                      [&](OpBuilder &n, Location l, ValueRange v) {
                        SmallVector<Value> at;
                        for (int64_t dim = 0; dim < rank; ++dim)
                          at.push_back(linalg::IndexOp::create(n, l, dim));
                        Value number = v[0];
                        if (!isRead) {
                          Value head =
                              getGroup(n, l, at[1], numHeads, orderHeads);
                          number = tensor::ExtractOp::create(
                              n, l, numbers, ValueRange{at[0], head, at[2]});
                        }
                        Value row = arith::IndexCastOp::create(
                            n, l, n.getIndexType(), number);
                        // A negative number is larger than any, unsigned.
                        Value exists = arith::CmpIOp::create(
                            n, l, arith::CmpIPredicate::ult, row, numRows);
                        Value nothing = arith::ConstantOp::create(
                            n, l, n.getZeroAttr(type.getElementType()));
                        at[1] = getGroup(n, l, at[1], numHeads, sourceHeads);
                        at[2] = row;
                        return SmallVector<Value>{
                            guard(n, l, exists, nothing, [&]() -> Value {
                              return tensor::ExtractOp::create(n, l, x, at);
                            })};
                      })
      .front();
}

/// For each row of the result the number of the row that goes there, or -1, and
/// one more.
Value PermuteBuilder::invert() {
  Value order = op.getOrder(), out = op.getOuts();
  OpFoldResult batch = getSize(order, 0), heads = getSize(order, 1),
               count = getSize(order, 2), rows = getSize(out, 2);
  OpFoldResult one = b.getIndexAttr(1);
  // What goes nowhere goes behind the last row.
  OpFoldResult extent = apply(b.getAffineDimExpr(0) + 1, {rows});
  Value empty = tensor::EmptyOp::create(
      b, SmallVector<OpFoldResult>{batch, heads, extent}, b.getI32Type());
  Value nowhere = linalg::FillOp::create(b, i32(-1), empty).getResult(0);
  Value end = toValue(rows);
  SmallVector<OpFoldResult> extents{batch, heads, count}, ones(3, one);
  auto forall =
      scf::ForallOp::create(b, extents, ValueRange(nowhere), std::nullopt);
  {
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPointToStart(forall.getBody());
    SmallVector<Value> at = forall.getInductionVars();
    Value row = toIndex(tensor::ExtractOp::create(b, order, at));
    Value place =
        choose(compare(arith::CmpIPredicate::ult, row, end), row, end);
    SmallVector<OpFoldResult> offsets{at[0], at[1], place};
    Value whole = forall.getRegionIterArgs().front();
    Value part = tensor::ExtractSliceOp::create(
        b, RankedTensorType::get({1}, b.getI32Type()), whole, offsets, ones,
        ones);
    Value written = tensor::InsertOp::create(b, toI32(at[2]), part, index(0));
    b.setInsertionPointToStart(forall.getTerminator().getBody());
    tensor::ParallelInsertSliceOp::create(b, written, whole, offsets, ones,
                                          ones);
  }
  return forall.getResult(0);
}

FailureOr<SmallVector<Value>>
PermuteOp::decomposeOperation(OpBuilder &builder) {
  if (failed(requireTensors(*this)))
    return failure();
  PermuteBuilder permute(builder, *this);
  switch (getKind()) {
  case PermuteKind::Gather:
    return SmallVector<Value>{permute.gather(getOrder())};
  case PermuteKind::Inverse:
    return SmallVector<Value>{permute.gather(permute.invert())};
  case PermuteKind::Mean:
    return emitError("means are summed in order; run attn-sort-means first");
  }
  llvm_unreachable("unknown kind");
}
