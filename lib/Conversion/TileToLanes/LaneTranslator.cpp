//===- LaneTranslator.cpp - Static tiles to registers of lanes ------------===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "LaneTranslator.h"
#include "attn/Target/GPUTarget.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;
using namespace attn;

//===----------------------------------------------------------------------===//
// Places
//===----------------------------------------------------------------------===//

/// The number of the lane, and its first element on each axis.
void LaneTranslator::makePositions() {
  Location loc = loop.getLoc();
  b.setInsertionPointToStart(loop.getBody());
  lane = gpu::ThreadIdOp::create(b, loc, gpu::Dimension::x);
  unsigned count = axes.getExtents().size();
  SmallVector<unsigned> order{static_cast<unsigned>(lanes.getInner())};
  for (unsigned axis = 0; axis < count; ++axis)
    if (axis != order.front())
      order.push_back(axis);
  firsts.resize(count);
  distances.resize(count);
  auto index = [&](int64_t value) {
    return arith::ConstantIndexOp::create(b, loc, value).getResult();
  };
  int64_t distance = 1;
  for (unsigned axis : order) {
    int64_t shared = lanes.getLanes()[axis];
    Value number = b.createOrFold<arith::DivUIOp>(loc, lane, index(distance));
    number = b.createOrFold<arith::RemUIOp>(loc, number, index(shared));
    firsts[axis] = b.createOrFold<arith::MulIOp>(
        loc, number, index(lanes.getConsecutive()[axis]));
    distances[axis] = distance;
    distance *= shared;
  }
  // Places that all of the loop has.
  for (unsigned axis = 0; axis < count; ++axis) {
    int64_t run = lanes.getConsecutive()[axis],
            stride = run * lanes.getLanes()[axis];
    for (int64_t number = 0, e = getCount(axis); number < e; ++number)
      positions[{axis, number}] = b.createOrFold<arith::AddIOp>(
          loc, firsts[axis], index(number / run * stride + number % run));
  }
}

int64_t LaneTranslator::getCount(std::optional<unsigned> axis) const {
  return axis ? axes.getExtents()[*axis] / lanes.getLanes()[*axis] : 1;
}

LaneTranslator::Counts
LaneTranslator::getCounts(ArrayRef<std::optional<unsigned>> some) const {
  return llvm::map_to_vector(
      some, [&](std::optional<unsigned> axis) { return getCount(axis); });
}

Value LaneTranslator::getPosition(Location loc, std::optional<unsigned> axis,
                                  int64_t number) {
  if (!axis)
    return arith::ConstantIndexOp::create(b, loc, 0);
  return positions.lookup({*axis, number});
}

/// Counts up like an odometer, the last digit fastest; false at the end.
static bool advance(MutableArrayRef<int64_t> numbers,
                    ArrayRef<int64_t> counts) {
  for (size_t i = numbers.size(); i-- > 0;) {
    if (++numbers[i] < counts[i])
      return true;
    numbers[i] = 0;
  }
  return false;
}

static int64_t multiply(ArrayRef<int64_t> counts) {
  int64_t product = 1;
  for (int64_t count : counts)
    product *= count;
  return product;
}

//===----------------------------------------------------------------------===//
// Memory
//===----------------------------------------------------------------------===//

int64_t LaneTranslator::getRun(Type element,
                               ArrayRef<std::optional<unsigned>> some) const {
  if (some.empty() || !some.back() || !element.isIntOrFloat() ||
      element.getIntOrFloatBitWidth() < 8)
    return 1;
  int64_t most = 8 * kVectorBytes / element.getIntOrFloatBitWidth(),
          run = lanes.getConsecutive()[*some.back()];
  return std::gcd(most, run);
}

SmallVector<Value> LaneTranslator::getIndices(Location loc, ValueRange offsets,
                                              const Axes &some,
                                              ArrayRef<int64_t> numbers) {
  SmallVector<Value> indices(offsets);
  size_t outer = offsets.size() - some.size();
  for (auto [dim, axis] : llvm::enumerate(some))
    if (axis)
      indices[outer + dim] = b.createOrFold<arith::AddIOp>(
          loc, offsets[outer + dim], getPosition(loc, axis, numbers[dim]));
  return indices;
}

void LaneTranslator::forEachRun(Location loc, ValueRange offsets,
                                const Axes &some, int64_t run,
                                function_ref<void(ValueRange)> move) {
  Counts counts = getCounts(some), numbers(counts.size(), 0);
  if (run > 1)
    counts.back() /= run;
  do {
    Counts first = numbers;
    if (run > 1)
      first.back() *= run;
    move(getIndices(loc, offsets, some, first));
  } while (advance(numbers, counts));
}

LaneTranslator::Registers LaneTranslator::read(Location loc, Value source,
                                               ValueRange offsets,
                                               const Axes &sourceAxes) {
  Type element = cast<RankedTensorType>(source.getType()).getElementType();
  int64_t run = getRun(element, sourceAxes);
  Registers result;
  auto type = VectorType::get({run}, element);
  forEachRun(loc, offsets, sourceAxes, run, [&](ValueRange indices) {
    if (run == 1) {
      result.push_back(tensor::ExtractOp::create(b, loc, source, indices));
      return;
    }
    Value none = arith::ConstantOp::create(b, loc, b.getZeroAttr(element));
    Value vector = vector::TransferReadOp::create(b, loc, type, source, indices,
                                                  none, ArrayRef<bool>{true});
    for (int64_t i = 0; i < run; ++i)
      result.push_back(vector::ExtractOp::create(b, loc, vector, i));
  });
  return result;
}

Value LaneTranslator::write(Location loc, Value dest, ValueRange offsets,
                            const Axes &destAxes, ArrayRef<Value> values) {
  Type element = cast<RankedTensorType>(dest.getType()).getElementType();
  int64_t run = getRun(element, destAxes);
  auto type = VectorType::get({run}, element);
  forEachRun(loc, offsets, destAxes, run, [&](ValueRange indices) {
    if (run == 1) {
      dest = tensor::InsertOp::create(b, loc, values.front(), dest, indices);
    } else {
      Value vector =
          vector::FromElementsOp::create(b, loc, type, values.take_front(run));
      dest = vector::TransferWriteOp::create(b, loc, vector, dest, indices,
                                             ArrayRef<bool>{true})
                 .getResult();
    }
    values = values.drop_front(run);
  });
  return dest;
}

/// Where a tile begins in memory: indices, the row, the column.
static FailureOr<SmallVector<Value>> getOffsets(OpBuilder &b, Operation *op,
                                                ValueRange indices,
                                                Value coords, Value columns,
                                                int64_t rank) {
  auto rows = coords.getDefiningOp<tile::CoordsOp>();
  tile::CoordsOp cols;
  if (columns)
    cols = columns.getDefiningOp<tile::CoordsOp>();
  if (!rows || (columns && !cols))
    return op->emitError("expected coordinates given by tile.coords");
  if (!rows.getComplete() || (cols && !cols.getComplete()))
    return op->emitError("expected a tile whose rows and columns exist");
  SmallVector<Value> offsets(indices);
  offsets.push_back(rows.getOrigin());
  if (rank == 2)
    offsets.push_back(
        cols ? cols.getOrigin()
             : arith::ConstantIndexOp::create(b, op->getLoc(), 0).getResult());
  return offsets;
}

LogicalResult LaneTranslator::translateRows(tile::RowsOp op) {
  auto type = cast<RankedTensorType>(op.getType());
  FailureOr<SmallVector<Value>> offsets = getOffsets(
      b, op, op.getIndices(), op.getCoords(), op.getColumns(), type.getRank());
  if (failed(offsets))
    return failure();
  registers[op] =
      read(op.getLoc(), op.getSource(), *offsets, axes.getAxes(op.getResult()));
  dead.push_back(op);
  return success();
}

LogicalResult LaneTranslator::translateInsert(tile::InsertOp op) {
  auto type = cast<RankedTensorType>(op.getTile().getType());
  FailureOr<SmallVector<Value>> offsets = getOffsets(
      b, op, op.getIndices(), op.getCoords(), Value(), type.getRank());
  if (failed(offsets))
    return failure();
  Axes tileAxes = axes.getAxes(op.getTile());
  Registers values = get(op.getTile(), multiply(getCounts(tileAxes)));
  Value written = write(op.getLoc(), op.getDest(), *offsets, tileAxes, values);
  op.getResult().replaceAllUsesWith(written);
  dead.push_back(op);
  return success();
}

//===----------------------------------------------------------------------===//
// Tiles
//===----------------------------------------------------------------------===//

LaneTranslator::Registers LaneTranslator::get(Value tile, int64_t count) {
  Operation *constant = TileAxes::getConstant(tile);
  if (!constant)
    return registers.lookup(tile);
  if (auto fill = dyn_cast<linalg::FillOp>(constant))
    return Registers(count, fill.getDpsInputs()[0]);
  // What is not written yet is anything.
  Type element = cast<RankedTensorType>(tile.getType()).getElementType();
  Value zero =
      arith::ConstantOp::create(b, tile.getLoc(), b.getZeroAttr(element));
  return Registers(count, zero);
}

void LaneTranslator::translateReshape(Operation *op) {
  if (!axes.isTile(op->getResult(0)))
    return;
  dead.push_back(op);
  if (!TileAxes::getConstant(op->getResult(0)))
    registers[op->getResult(0)] = registers.lookup(op->getOperand(0));
}

//===----------------------------------------------------------------------===//
// Control flow
//===----------------------------------------------------------------------===//

/// Values with the registers of those that are tiles, as many as those of
/// `like` have.
SmallVector<Value> LaneTranslator::flatten(ValueRange values, ValueRange like) {
  SmallVector<Value> flat;
  for (auto [value, other] : llvm::zip_equal(values, like)) {
    if (axes.isTile(other))
      llvm::append_range(flat,
                         get(value, multiply(getCounts(axes.getAxes(other)))));
    else
      flat.push_back(value);
  }
  return flat;
}

/// Gives `before`, of which tiles have registers now, its new values.
void LaneTranslator::setRegisters(ValueRange before, ValueRange values) {
  for (Value old : before) {
    size_t count = 1;
    if (axes.isTile(old)) {
      count = multiply(getCounts(axes.getAxes(old)));
      registers[old] = Registers(values.take_front(count));
    } else {
      old.replaceAllUsesWith(values.front());
    }
    values = values.drop_front(count);
  }
}

void LaneTranslator::expandOperands(Operation *terminator, ValueRange like) {
  b.setInsertionPoint(terminator);
  terminator->setOperands(flatten(terminator->getOperands(), like));
}

LogicalResult LaneTranslator::translateFor(scf::ForOp op) {
  auto created = scf::ForOp::create(
      b, op.getLoc(), op.getLowerBound(), op.getUpperBound(), op.getStep(),
      flatten(op.getInitArgs(), op.getRegionIterArgs()));
  created->setDiscardableAttrs(op->getDiscardableAttrDictionary());
  Block *from = op.getBody(), *to = created.getBody();
  if (!to->empty())
    to->getTerminator()->erase();
  to->getOperations().splice(to->end(), from->getOperations());
  op.getInductionVar().replaceAllUsesWith(created.getInductionVar());
  setRegisters(op.getRegionIterArgs(), created.getRegionIterArgs());
  dead.push_back(op);
  if (failed(translate(*to)))
    return failure();
  expandOperands(to->getTerminator(), op.getRegionIterArgs());
  setRegisters(op.getResults(), created.getResults());
  return success();
}

LogicalResult LaneTranslator::translateIf(scf::IfOp op) {
  SmallVector<Type> types;
  for (Value result : op.getResults()) {
    if (axes.isTile(result))
      types.append(multiply(getCounts(axes.getAxes(result))),
                   cast<RankedTensorType>(result.getType()).getElementType());
    else
      types.push_back(result.getType());
  }
  bool hasElse = !op.getElseRegion().empty();
  auto created =
      scf::IfOp::create(b, op.getLoc(), types, op.getCondition(), hasElse);
  for (auto [from, to] :
       llvm::zip_equal(op->getRegions(), created->getRegions())) {
    if (from.empty())
      continue;
    to.takeBody(from);
    if (failed(translate(to.front())))
      return failure();
    expandOperands(to.front().getTerminator(), op.getResults());
  }
  dead.push_back(op);
  setRegisters(op.getResults(), created.getResults());
  return success();
}

LogicalResult LaneTranslator::translate(Operation *op) {
  b.setInsertionPoint(op);
  if (auto rows = dyn_cast<tile::RowsOp>(op))
    return translateRows(rows);
  if (auto insert = dyn_cast<tile::InsertOp>(op))
    return translateInsert(insert);
  if (auto generic = dyn_cast<linalg::GenericOp>(op))
    return translateGeneric(generic);
  if (auto branch = dyn_cast<scf::IfOp>(op))
    return translateIf(branch);
  if (auto inner = dyn_cast<scf::ForOp>(op))
    return translateFor(inner);
  if (isa<tensor::CollapseShapeOp, tensor::ExpandShapeOp>(op)) {
    translateReshape(op);
    return success();
  }
  if (auto extract = dyn_cast<tensor::ExtractOp>(op)) {
    if (!axes.isTile(extract.getTensor()))
      return success();
    extract.getResult().replaceAllUsesWith(get(extract.getTensor(), 1).front());
    dead.push_back(op);
    return success();
  }
  if (isa<tile::TileDialect>(op->getDialect()) ||
      (op->getNumResults() == 1 && TileAxes::getConstant(op->getResult(0))))
    dead.push_back(op);
  return success();
}

LogicalResult LaneTranslator::translate(Block &block) {
  for (Operation &op : llvm::make_early_inc_range(block.without_terminator()))
    if (failed(translate(&op)))
      return failure();
  return success();
}

LogicalResult LaneTranslator::translate() {
  makePositions();
  if (failed(translate(*loop.getBody())))
    return failure();
  for (Operation *op : llvm::reverse(dead)) {
    op->dropAllUses();
    op->erase();
  }
  return success();
}
