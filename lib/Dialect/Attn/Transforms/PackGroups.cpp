//===- PackGroups.cpp - Query heads of a group as rows --------------------===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// With Hkv heads of keys, G = Hq / Hkv and tokens that choose alone:
//
//     query    [b, g G + r, t, :]  becomes  [b Hkv + g, t, r, :]   (a view)
//     key      [b, g, j, :]        becomes  [b Hkv + g, 0, j, :]
//     lists    [b, g, t, :]        becomes  [b Hkv + g, t, 0, :]
//
// So heads of keys are entries of the batch, tokens are heads, and the rows of
// a head are what reads one list.
//
//===----------------------------------------------------------------------===//

#include "attn/Dialect/Attn/IR/Attn.h"
#include "attn/Dialect/Attn/Transforms/Passes.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"
#include "mlir/IR/Remarks.h"

namespace attn {
#define GEN_PASS_DEF_PACKGROUPS
#include "attn/Dialect/Attn/Transforms/Passes.h.inc"
} // namespace attn

using namespace mlir;
using namespace attn;
using tile::Formula;

/// Rows of a block of the packed operation, all of which read its only list:
/// what tiles of rows are made of on any target.
static constexpr int64_t kBlockRows = 64;
/// Below so many tokens a copy of keys would count, which entries of a batch
/// that do not lie side by side need.
static constexpr int64_t kFewTokens = 64;

namespace {
class GroupPacker {
public:
  explicit GroupPacker(AttentionOp op) : b(op.getLoc(), op), op(op) {
    ArrayRef<int64_t> q = op.getQuery().getType().getShape(),
                      k = op.getKey().getType().getShape();
    batch = q[0];
    tokens = q[2];
    heads = k[1];
    group = heads > 0 && q[1] > 0 ? q[1] / heads : 0;
  }

  /// Whether tokens choose alone, for several heads at a time.
  bool choosesByToken() {
    return op.getSelection() && op.getSelectedRows() == 1 &&
           !op.getSchedule() && op.getNumResults() > 0 && group != 1;
  }
  /// Nothing if the operation can be packed, else why not.
  std::optional<StringRef> getObjection();
  void pack();

private:
  Value reshape(Value value, ArrayRef<int64_t> shape,
                ArrayRef<ReassociationIndices> groups);
  Value joinBatch(Value value);
  Value splitBatch(Value value);
  Value packQuery(Value query);
  Value packKeys(Value keys);
  Value unpack(Value result);
  AffineExpr packExpr(AffineExpr expr);
  Attribute packMask(const Formula &formula);
  int64_t getEntries() const {
    return ShapedType::isDynamic(batch) ? batch : batch * heads;
  }

  ImplicitLocOpBuilder b;
  AttentionOp op;
  int64_t batch, tokens, heads, group;
};
} // namespace

std::optional<StringRef> GroupPacker::getObjection() {
  if (group <= 0)
    return "the numbers of heads are not known";
  if (op.getSelection().getType().getDimSize(1) != heads)
    return "there is not one list for each head of keys";
  if (batch != 1 && tokens >= 0 && tokens < kFewTokens && heads > 1)
    return "heads of several entries of a batch would be copied, for few "
           "tokens";
  if (op.getBias() || op.getSink() || op.getQuerySegments() ||
      op.getQueryPositions() || op.getAncestors())
    return "an operand has values for each head or token";
  if (op.getParameters() || op.getOffset())
    return "the mask depends on numbers that are known at run time only";
  if (op.getKvLengths() && heads > 1)
    return "keys end at lengths that heads of one entry share";
  if (!op.getScore().empty() || !op.getWhere().empty())
    return "a region computes with positions";
  if (op.getAlign() == Alignment::BottomRight &&
      (ShapedType::isDynamic(tokens) || op.getKey().getType().isDynamicDim(2)))
    return "the mask is aligned at lengths that are not known";
  return std::nullopt;
}

Value GroupPacker::reshape(Value value, ArrayRef<int64_t> shape,
                           ArrayRef<ReassociationIndices> groups) {
  auto type = cast<RankedTensorType>(value.getType());
  auto result = type.clone(shape);
  if (result.getRank() < type.getRank())
    return tensor::CollapseShapeOp::create(b, result, value, groups);
  return tensor::ExpandShapeOp::create(b, result, value, groups);
}

/// Entries of the batch and heads, the first two dimensions, as one.
Value GroupPacker::joinBatch(Value value) {
  auto shape = llvm::to_vector(
      cast<RankedTensorType>(value.getType()).getShape().drop_front());
  shape[0] = getEntries();
  SmallVector<ReassociationIndices> groups{{0, 1}};
  for (int64_t i = 2, e = shape.size(); i <= e; ++i)
    groups.push_back({i});
  return reshape(value, shape, groups);
}

/// The first dimension as entries of the batch and heads of keys.
Value GroupPacker::splitBatch(Value value) {
  auto shape =
      llvm::to_vector(cast<RankedTensorType>(value.getType()).getShape());
  SmallVector<ReassociationIndices> groups{{0, 1}};
  for (int64_t i = 1, e = shape.size(); i < e; ++i)
    groups.push_back({i + 1});
  shape[0] = heads;
  shape.insert(shape.begin(), batch);
  return reshape(value, shape, groups);
}

Value GroupPacker::packQuery(Value query) {
  ArrayRef<int64_t> q = cast<RankedTensorType>(query.getType()).getShape();
  Value split = reshape(query, {batch, heads, group, tokens, q[3]},
                        {{0}, {1, 2}, {3}, {4}});
  return tile::TransposeOp::create(b, joinBatch(split),
                                   ArrayRef<int64_t>{0, 2, 1, 3});
}

Value GroupPacker::packKeys(Value keys) {
  // Of one head they are as they should be.
  if (heads == 1)
    return keys;
  Value joined = joinBatch(keys);
  ArrayRef<int64_t> k = cast<RankedTensorType>(joined.getType()).getShape();
  return reshape(joined, {k[0], 1, k[1], k[2]}, {{0, 1}, {2}, {3}});
}

/// The result, or the log-sum-exp, as it was asked for.
Value GroupPacker::unpack(Value result) {
  auto type = cast<RankedTensorType>(result.getType());
  SmallVector<int64_t> order{0, 2, 1};
  if (type.getRank() == 4)
    order.push_back(3);
  Value split = splitBatch(tile::TransposeOp::create(b, result, order));
  SmallVector<int64_t> shape{batch, heads * group, tokens};
  SmallVector<ReassociationIndices> groups{{0}, {1, 2}, {3}};
  if (type.getRank() == 4) {
    shape.push_back(type.getDimSize(3));
    groups.push_back({4});
  }
  return reshape(split, shape, groups);
}

/// An expression of (b, h, i, j) in those of the packed operation.
AffineExpr GroupPacker::packExpr(AffineExpr expr) {
  MLIRContext *context = expr.getContext();
  AffineExpr entry, token, row, column;
  bindDims(context, entry, token, row, column);
  int64_t offset = 0;
  if (op.getAlign() == Alignment::BottomRight)
    offset = op.getKey().getType().getDimSize(2) - tokens;
  return expr.replaceDims({entry.floorDiv(heads), (entry % heads) * group + row,
                           token + offset, column});
}

Attribute GroupPacker::packMask(const Formula &formula) {
  MLIRContext *context = op.getContext();
  auto packTerms = [&] {
    return llvm::map_to_vector(formula.getTerms(), [&](const Formula &term) {
      return packMask(term);
    });
  };
  switch (formula.getKind()) {
  case Formula::Kind::Constraint:
    return AffineMaskAttr::get(
        context, IntegerSetAttr::get(IntegerSet::get(
                     4, 0, {packExpr(formula.getExpr())}, {false})));
  case Formula::Kind::And:
    if (formula.getTerms().size() == 1)
      return packMask(formula.getTerms().front());
    return AndMaskAttr::get(context, packTerms());
  case Formula::Kind::Or:
    return OrMaskAttr::get(context, packTerms());
  case Formula::Kind::True: {
    AffineExpr zero = getAffineConstantExpr(0, context);
    return AffineMaskAttr::get(
        context, IntegerSetAttr::get(IntegerSet::get(4, 0, {zero}, {false})));
  }
  case Formula::Kind::Not:
  case Formula::Kind::SameId:
  case Formula::Kind::Bit:
    break;
  }
  llvm_unreachable("operands that are refused are read by no mask");
}

void GroupPacker::pack() {
  Value query = packQuery(op.getQuery()), key = packKeys(op.getKey()),
        value = packKeys(op.getValue());
  Value lists = op.getSelection();
  int64_t places = op.getSelection().getType().getDimSize(3);
  lists = reshape(joinBatch(lists), {getEntries(), tokens, 1, places},
                  {{0}, {1, 2}, {3}});
  SmallVector<Value> outs;
  SmallVector<OpFoldResult> sizes = tensor::getMixedSizes(b, b.getLoc(), query);
  for (Value out : op.getOuts()) {
    auto type = cast<RankedTensorType>(out.getType());
    sizes.truncate(3);
    if (type.getRank() == 4)
      sizes.push_back(tensor::getMixedSize(b, b.getLoc(), out, 3));
    outs.push_back(tensor::EmptyOp::create(b, sizes, type.getElementType()));
  }
  IRMapping mapping;
  auto packed = cast<AttentionOp>(b.clone(*op, mapping));
  packed.getQueryMutable().assign(query);
  packed.getKeyMutable().assign(key);
  packed.getValueMutable().assign(value);
  packed.getSelectionMutable().assign(lists);
  packed.setSelectedRows(kBlockRows);
  packed.getOutsMutable().assign(outs);
  for (auto [result, out] : llvm::zip(packed->getResults(), outs))
    result.setType(out.getType());
  if (tile::VisitAttrInterface mask = op.getMaskAttr())
    packed.setMaskAttr(cast<tile::VisitAttrInterface>(
        packMask(mask.getFormula().getNegationNormalForm())));
  packed.setAlign(Alignment::TopLeft);
  for (auto [old, result] : llvm::zip(op->getResults(), packed->getResults()))
    old.replaceAllUsesWith(unpack(result));
  op.erase();
}

namespace {
struct PackGroups : attn::impl::PackGroupsBase<PackGroups> {
  void runOnOperation() override {
    SmallVector<AttentionOp> ops;
    getOperation().walk([&](AttentionOp op) { ops.push_back(op); });
    for (AttentionOp op : ops) {
      GroupPacker packer(op);
      if (!packer.choosesByToken())
        continue;
      if (std::optional<StringRef> objection = packer.getObjection()) {
        remark::missed(op.getLoc(), remark::RemarkOpts::name("apart").category(
                                        "attn-pack-groups"))
            << remark::reason("query heads that share a list stay apart: {0}",
                              *objection);
        continue;
      }
      packer.pack();
      ++numPacked;
    }
  }
};
} // namespace
