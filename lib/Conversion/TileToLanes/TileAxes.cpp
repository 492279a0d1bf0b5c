//===- TileAxes.cpp - Dimensions that are the same for all tiles ----------===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "TileAxes.h"
#include "attn/Dialect/Tile/IR/Tile.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "llvm/Support/FormatVariadic.h"

using namespace mlir;
using namespace attn;

LogicalResult TileAxes::fail(Operation *op, const Twine &why) {
  culprit = op;
  reason = why.str();
  return failure();
}

//===----------------------------------------------------------------------===//
// Dimensions that are joined
//===----------------------------------------------------------------------===//

unsigned TileAxes::getNode(void *owner, unsigned dim) {
  auto [it, isNew] = nodes.try_emplace({owner, dim}, parents.size());
  if (isNew)
    parents.push_back(it->second);
  return it->second;
}

unsigned TileAxes::getRoot(unsigned node) const {
  while (parents[node] != node)
    node = parents[node];
  return node;
}

void TileAxes::join(Place x, Place y) {
  unsigned first = getRoot(getNode(x.first, x.second)),
           second = getRoot(getNode(y.first, y.second));
  parents[std::max(first, second)] = std::min(first, second);
}

void TileAxes::joinAll(Value x, Value y) {
  for (int64_t dim = 0, e = cast<RankedTensorType>(x.getType()).getRank();
       dim < e; ++dim)
    join({x.getAsOpaquePointer(), dim}, {y.getAsOpaquePointer(), dim});
}

/// Dimensions of `tensor` are dimensions of the loop nest `op`.
void TileAxes::joinMap(Value tensor, AffineMap map, Operation *op) {
  for (auto [dim, expr] : llvm::enumerate(map.getResults()))
    if (auto position = dyn_cast<AffineDimExpr>(expr))
      join({tensor.getAsOpaquePointer(), dim}, {op, position.getPosition()});
}

static bool isStaticTensor(Value value) {
  auto type = dyn_cast<RankedTensorType>(value.getType());
  return type && type.hasStaticShape();
}

Operation *TileAxes::getConstant(Value tensor) {
  while (Operation *op = tensor.getDefiningOp()) {
    if (isa<tensor::EmptyOp, linalg::FillOp>(op))
      return isStaticTensor(tensor) ? op : nullptr;
    if (!isa<tensor::CollapseShapeOp, tensor::ExpandShapeOp>(op))
      break;
    tensor = op->getOperand(0);
  }
  return nullptr;
}

//===----------------------------------------------------------------------===//
// Operations
//===----------------------------------------------------------------------===//

LogicalResult TileAxes::visitLinalg(linalg::LinalgOp op) {
  if (isa<linalg::FillOp>(op))
    return success();
  if (!isa<linalg::GenericOp>(op))
    return fail(
        op, llvm::formatv("has no counterpart in lanes: '{0}'", op->getName()));
  for (OpOperand &operand : op->getOpOperands()) {
    Value value = operand.get();
    auto type = dyn_cast<RankedTensorType>(value.getType());
    if (!type)
      continue;
    if (!type.hasStaticShape())
      return fail(op, "reads a tensor whose extents are not static");
    AffineMap map = op.getMatchingIndexingMap(&operand);
    for (auto [dim, expr] : llvm::enumerate(map.getResults()))
      if (!isa<AffineDimExpr>(expr) && type.getDimSize(dim) != 1)
        return fail(op, "reads elements at computed places");
    if (!getConstant(value)) {
      sources.insert(value);
      joinMap(value, map, op);
    }
    if (op.isDpsInit(&operand)) {
      OpResult result = op.getTiedOpResult(&operand);
      addTile(result);
      joinMap(result, map, op);
    }
  }
  return success();
}

/// Of the dimensions that are one on the other side, one may count elements.
LogicalResult TileAxes::visitReshape(Operation *op, Value collapsed,
                                     Value expanded,
                                     ArrayRef<ReassociationIndices> groups) {
  auto type = cast<RankedTensorType>(expanded.getType());
  for (auto [dim, group] : llvm::enumerate(groups)) {
    std::optional<int64_t> counted;
    for (int64_t part : group) {
      if (type.getDimSize(part) == 1)
        continue;
      if (counted)
        return fail(op, "changes the shape of more than dimensions of one "
                        "element");
      counted = part;
    }
    if (counted)
      join({collapsed.getAsOpaquePointer(), dim},
           {expanded.getAsOpaquePointer(), *counted});
  }
  return success();
}

LogicalResult TileAxes::visitLoop(scf::ForOp loop) {
  for (auto [init, argument, result] : llvm::zip_equal(
           loop.getInitArgs(), loop.getRegionIterArgs(), loop.getResults())) {
    if (!isTile(init))
      continue;
    addTile(argument);
    addTile(result);
    joinAll(argument, result);
    if (!getConstant(init))
      joinAll(init, argument);
  }
  if (failed(visit(*loop.getBody())))
    return failure();
  for (auto [argument, next] :
       llvm::zip_equal(loop.getRegionIterArgs(), loop.getYieldedValues())) {
    if (!isTile(argument))
      continue;
    if (!isTile(next))
      return fail(loop, "carries a tile that becomes memory");
    if (!getConstant(next))
      joinAll(argument, next);
  }
  return success();
}

LogicalResult TileAxes::visitBranch(scf::IfOp branch) {
  for (Region &region : branch->getRegions())
    if (!region.empty() && failed(visit(region.front())))
      return failure();
  if (branch.getNumResults() == 0)
    return success();
  for (auto [result, then, other] :
       llvm::zip_equal(branch.getResults(), branch.thenYield().getOperands(),
                       branch.elseYield().getOperands())) {
    if (isTile(then) != isTile(other))
      return fail(branch, "is a tile or memory");
    if (!isTile(then))
      continue;
    addTile(result);
    for (Value value : {then, other})
      if (!getConstant(value))
        joinAll(result, value);
  }
  return success();
}

LogicalResult TileAxes::visit(Operation *op) {
  if (auto rows = dyn_cast<tile::RowsOp>(op)) {
    addTile(rows.getResult());
    return success();
  }
  if (auto insert = dyn_cast<tile::InsertOp>(op))
    return isTile(insert.getTile()) ? success()
                                    : fail(op, "writes memory that is no tile");
  if (auto linalgOp = dyn_cast<linalg::LinalgOp>(op))
    return visitLinalg(linalgOp);
  if (auto collapse = dyn_cast<tensor::CollapseShapeOp>(op)) {
    if (!tiles.contains(collapse.getSrc()))
      return success();
    addTile(collapse.getResult());
    return visitReshape(op, collapse.getResult(), collapse.getSrc(),
                        collapse.getReassociationIndices());
  }
  if (auto expand = dyn_cast<tensor::ExpandShapeOp>(op)) {
    if (!tiles.contains(expand.getSrc()))
      return success();
    addTile(expand.getResult());
    return visitReshape(op, expand.getSrc(), expand.getResult(),
                        expand.getReassociationIndices());
  }
  if (auto loop = dyn_cast<scf::ForOp>(op))
    return visitLoop(loop);
  if (auto branch = dyn_cast<scf::IfOp>(op))
    return visitBranch(branch);
  if (auto extract = dyn_cast<tensor::ExtractOp>(op)) {
    Value tensor = extract.getTensor();
    if (isTile(tensor) &&
        cast<RankedTensorType>(tensor.getType()).getNumElements() != 1)
      return fail(op, "reads one element of a tile");
    return success();
  }
  if (isa<tile::CoordsOp, tensor::EmptyOp, tensor::ExtractSliceOp,
          tensor::DimOp, scf::InParallelOp>(op))
    return success();
  if (isa<tile::TileDialect>(op->getDialect()) || op->getNumRegions() != 0 ||
      llvm::any_of(op->getOperands(), [&](Value v) { return isTile(v); }))
    return fail(
        op, llvm::formatv("has no counterpart in lanes: '{0}'", op->getName()));
  return success();
}

LogicalResult TileAxes::visit(Block &block) {
  for (Operation &op : block)
    if (!op.hasTrait<OpTrait::IsTerminator>() && failed(visit(&op)))
      return failure();
  return success();
}

//===----------------------------------------------------------------------===//
// Axes
//===----------------------------------------------------------------------===//

LogicalResult TileAxes::number(Value tensor) {
  auto type = cast<RankedTensorType>(tensor.getType());
  Operation *op = tensor.getDefiningOp();
  SmallVector<unsigned> seen;
  for (auto [dim, extent] : llvm::enumerate(type.getShape())) {
    if (extent == 1)
      continue;
    unsigned root = getRoot(getNode(tensor.getAsOpaquePointer(), dim));
    auto [it, isNew] = axisOfRoot.try_emplace(root, extents.size());
    if (isNew)
      extents.push_back(extent);
    if (extents[it->second] != extent)
      return fail(op, llvm::formatv("has {0} elements where others have {1}",
                                    extent, extents[it->second]));
    if (llvm::is_contained(seen, it->second))
      return fail(op, "has two dimensions of one axis");
    seen.push_back(it->second);
  }
  return success();
}

/// Numbers the axes in the order in which tiles, and what is read as one, have
/// them.
LogicalResult TileAxes::number() {
  for (const llvm::SetVector<Value> &tensors : {tiles, sources})
    for (Value tensor : tensors)
      if (failed(number(tensor)))
        return failure();
  return success();
}

TileAxes::Axes TileAxes::lookUp(void *owner, ArrayRef<int64_t> shape) const {
  Axes axes(shape.size());
  for (auto [dim, extent] : llvm::enumerate(shape)) {
    auto node = nodes.find({owner, dim});
    if (extent == 1 || node == nodes.end())
      continue;
    auto axis = axisOfRoot.find(getRoot(node->second));
    if (axis != axisOfRoot.end())
      axes[dim] = axis->second;
  }
  return axes;
}

TileAxes::Axes TileAxes::getAxes(Value tensor) const {
  return lookUp(tensor.getAsOpaquePointer(),
                cast<RankedTensorType>(tensor.getType()).getShape());
}

TileAxes::Axes TileAxes::getAxes(linalg::LinalgOp op) const {
  return lookUp(op.getOperation(), op.getStaticLoopRanges());
}

FailureOr<TileAxes> TileAxes::find(scf::ForallOp loop, Operation *&culprit,
                                   std::string &reason) {
  TileAxes axes;
  if (succeeded(axes.visit(*loop.getBody())) && succeeded(axes.number()))
    return axes;
  culprit = axes.culprit ? axes.culprit : loop.getOperation();
  reason = axes.reason;
  return failure();
}
