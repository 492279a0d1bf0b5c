//===- Translator.cpp - Static tiles to distributed tiles -----------------===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "Translator.h"
#include "attn/Dialect/Tile/IR/Tile.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;
using namespace attn;

wg::TileType attn::getTileType(Value value, Place place) {
  auto type = cast<RankedTensorType>(value.getType());
  wg::Layout layout = place == Place::Rows   ? wg::Layout::Rows
                      : place == Place::Cols ? wg::Layout::Cols
                                             : wg::Layout::Matrix;
  SmallVector<int64_t> shape(type.getShape());
  if (place == Place::Transposed)
    std::swap(shape[0], shape[1]);
  return wg::TileType::getChecked(
      [&] { return emitError(value.getLoc(), "cannot be in registers: "); },
      value.getContext(), ArrayRef<int64_t>(shape), type.getElementType(),
      layout);
}

/// The same in shared memory.
static wg::SharedType getSharedType(Value value) {
  auto type = cast<RankedTensorType>(value.getType());
  return wg::SharedType::getChecked(
      [&] { return emitError(value.getLoc(), "cannot be in shared memory: "); },
      value.getContext(), type.getShape(), type.getElementType());
}

Place Translator::getNaturalPlace(Value value) {
  auto type = cast<RankedTensorType>(value.getType());
  if (value.getDefiningOp<tile::ScanOp>() || isSumOfRows(value))
    return Place::Cols;
  return type.getRank() == 2 ? Place::Matrix : Place::Rows;
}

/// Whether some operation reads or writes parts of this tensor, by address.
static bool isAddressed(Value value) {
  return llvm::any_of(value.getUses(), [](OpOperand &use) {
    Operation *user = use.getOwner();
    if (auto rows = dyn_cast<tile::RowsOp>(user))
      return rows.getSource() == use.get();
    if (auto insert = dyn_cast<tile::InsertOp>(user))
      return insert.getDest() == use.get();
    return isa<tensor::ExtractSliceOp, tensor::ParallelInsertSliceOp>(user);
  });
}

bool Translator::isTile(Value value) const {
  auto type = dyn_cast<RankedTensorType>(value.getType());
  return type && type.hasStaticShape() && type.getRank() >= 1 &&
         type.getRank() <= 2 && !isAddressed(value) &&
         !value.getDefiningOp<tile::InsertOp>();
}

void Translator::setInsertionPointAfter(Value value) {
  if (auto argument = dyn_cast<BlockArgument>(value))
    b.setInsertionPointToStart(argument.getOwner());
  else
    b.setInsertionPointAfterValue(value);
}

//===----------------------------------------------------------------------===//
// Tiles on demand
//===----------------------------------------------------------------------===//

FailureOr<Value> Translator::get(Value value, Place place) {
  if (Value tile = made.lookup({value, static_cast<int>(place)}))
    return tile;
  if (place != Place::Shared && !getTileType(value, place))
    return failure();
  OpBuilder::InsertionGuard guard(b);
  FailureOr<Value> tile = make(value, place);
  if (succeeded(tile))
    set(value, place, *tile);
  return tile;
}

/// Whether a tile that is read is an operand of a product: then it is in shared
/// memory.
static bool isMultiplied(Value value) {
  return llvm::any_of(value.getUses(), [](OpOperand &use) {
    auto contract = dyn_cast<linalg::ContractOp>(use.getOwner());
    return contract && contract.isDpsInput(&use);
  });
}

/// A tile of memory, read to where it is wanted.
FailureOr<Value> Translator::read(Value value, Place place) {
  auto rows = value.getDefiningOp<tile::RowsOp>();
  Location loc = rows.getLoc();
  auto coords = rows.getCoords().getDefiningOp<tile::CoordsOp>();
  tile::CoordsOp columns;
  if (rows.getColumns())
    columns = rows.getColumns().getDefiningOp<tile::CoordsOp>();
  if (!coords || (rows.getColumns() && !columns))
    return rows.emitError("expected coordinates given by tile.coords");
  Value limit = coords.getComplete() ? Value() : coords.getLimit();
  Value columnOrigin = columns ? columns.getOrigin() : Value();
  Value columnLimit =
      columns && !columns.getComplete() ? columns.getLimit() : Value();
  b.setInsertionPoint(rows);
  if (place == Place::Shared) {
    wg::SharedType shared = getSharedType(value);
    if (!shared)
      return failure();
    return Value(wg::CopyOp::create(b, loc, shared, rows.getSource(),
                                    rows.getIndices(), coords.getOrigin(),
                                    limit, columnOrigin, columnLimit));
  }
  bool isTransposed = place == Place::Transposed;
  // What is turned comes in whole rows first, if instructions can turn it.
  bool isTurned =
      isTransposed &&
      getElementTypeOrSelf(value.getType()).getIntOrFloatBitWidth() == 16;
  if (isTurned || (place == Place::Matrix && isMultiplied(value))) {
    FailureOr<Value> shared = get(value, Place::Shared);
    if (failed(shared))
      return failure();
    b.setInsertionPointAfterValue(*shared);
    return Value(wg::FromSharedOp::create(b, loc, getTileType(value, place),
                                          *shared, isTransposed));
  }
  return Value(wg::LoadOp::create(
      b, loc, getTileType(value, place), rows.getSource(), rows.getIndices(),
      coords.getOrigin(), limit, columnOrigin, columnLimit, isTransposed));
}

/// A tile that is somewhere else already.
FailureOr<Value> Translator::move(Value value, Place place) {
  if (place == Place::Transposed)
    return emitError(
        value.getLoc(),
        "is computed, and has no counterpart with rows as columns");
  FailureOr<Value> tile = getNatural(value);
  if (failed(tile))
    return failure();
  setInsertionPointAfter(*tile);
  Location loc = value.getLoc();
  if (place == Place::Shared) {
    wg::SharedType shared = getSharedType(value);
    if (!shared)
      return failure();
    return Value(wg::ToSharedOp::create(b, loc, shared, *tile));
  }
  return Value(
      wg::RelayoutOp::create(b, loc, getTileType(value, place), *tile));
}

/// Whether a transposition of a matrix is one.
static bool isTurned(linalg::TransposeOp op) {
  return op.getPermutation() == ArrayRef<int64_t>{1, 0};
}

FailureOr<Value> Translator::make(Value value, Place place) {
  Operation *op = value.getDefiningOp();
  bool isConstant = isa_and_present<tensor::EmptyOp, linalg::FillOp>(op);
  if (!isInside(value) && !isConstant)
    return emitError(value.getLoc(),
                     "a tile that enters from outside the loop over tiles");
  if (op && isa<tile::RowsOp>(op))
    return read(value, place);
  if (isConstant && place != Place::Shared) {
    if (isInside(value))
      b.setInsertionPoint(op);
    else
      b.setInsertionPointToStart(loop.getBody());
    Type element = cast<RankedTensorType>(value.getType()).getElementType();
    Value scalar;
    if (auto fill = dyn_cast<linalg::FillOp>(op))
      scalar = fill.getDpsInputs()[0];
    else // What is not written yet is anything.
      scalar =
          arith::ConstantOp::create(b, op->getLoc(), b.getZeroAttr(element));
    return Value(wg::SplatOp::create(b, op->getLoc(), getTileType(value, place),
                                     scalar));
  }
  auto lookUp = [&] { return made.lookup({value, static_cast<int>(place)}); };
  if (isSumOfRows(value) && place == Place::Cols) {
    if (failed(translateSumOfRows(cast<linalg::GenericOp>(op))))
      return failure();
    return lookUp();
  }
  if (auto generic = dyn_cast_or_null<linalg::GenericOp>(op);
      generic && !isSumOfRows(value)) {
    // Vectors are computed again for each layout: that is cheaper than moving
    // them, unless they are reduced, which leaves one value for each row.
    // Matrices are computed in registers.
    bool isComputed = generic.getNumReductionLoops() == 0
                          ? place != Place::Shared && place != Place::Transposed
                          : place == Place::Rows || place == Place::Matrix;
    if (isComputed) {
      if (failed(translateGeneric(generic, place)))
        return failure();
      return lookUp();
    }
  }
  if (auto contract = dyn_cast_or_null<linalg::ContractOp>(op);
      contract && place == Place::Matrix) {
    if (failed(translateContract(contract)))
      return failure();
    return lookUp();
  }
  if (auto transpose = dyn_cast_or_null<linalg::TransposeOp>(op);
      transpose && place == Place::Matrix)
    return get(transpose.getInput(),
               isTurned(transpose) ? Place::Transposed : Place::Matrix);
  if (isa_and_present<tile::ScanOp>(op) && place == Place::Cols) {
    if (failed(translateScan(op)))
      return failure();
    return lookUp();
  }
  if (isa_and_present<tile::TriInverseOp>(op) && place == Place::Matrix) {
    if (failed(translateTriInverse(op)))
      return failure();
    return lookUp();
  }
  if (place != getNaturalPlace(value))
    return move(value, place);
  return emitError(value.getLoc(),
                   "has no counterpart among distributed tiles");
}

//===----------------------------------------------------------------------===//
// Contractions
//===----------------------------------------------------------------------===//

LogicalResult Translator::translateContract(linalg::ContractOp op) {
  SmallVector<AffineMap> maps = op.getIndexingMapsArray();
  Value lhs = op.getDpsInputs()[0], rhs = op.getDpsInputs()[1],
        out = op.getDpsInits()[0];
  auto fail = [&]() -> LogicalResult {
    return op.emitError("expected a product of two matrices, got ")
           << lhs.getType() << ", " << rhs.getType() << " and "
           << out.getType();
  };
  for (AffineMap map : maps)
    if (map.getNumDims() != 3 || map.getNumResults() != 2 ||
        !map.isProjectedPermutation())
      return fail();
  unsigned m = maps[2].getDimPosition(0), n = maps[2].getDimPosition(1);
  auto has = [](AffineMap map, unsigned dim) {
    return map.isFunctionOfDim(dim);
  };
  if (!has(maps[0], m)) {
    std::swap(maps[0], maps[1]);
    std::swap(lhs, rhs);
  }
  if (!has(maps[0], m) || has(maps[0], n) || !has(maps[1], n) ||
      has(maps[1], m))
    return fail();
  bool lhsTransposed = maps[0].getDimPosition(1) == m;
  bool rhsTransposed = maps[1].getDimPosition(0) == n;

  // What has been computed is multiplied from registers, if it can be.
  bool isRead = lhs.getDefiningOp<tile::RowsOp>() != nullptr;
  FailureOr<Value> left =
      get(lhs, isRead || lhsTransposed ? Place::Shared : Place::Matrix);
  FailureOr<Value> right = get(rhs, Place::Shared);
  FailureOr<Value> acc = get(out, Place::Matrix);
  if (failed(left) || failed(right) || failed(acc))
    return failure();
  b.setInsertionPoint(op);
  auto product = wg::MmaOp::create(b, op.getLoc(), acc->getType(), *left,
                                   *right, *acc, lhsTransposed, rhsTransposed);
  maxRows =
      std::max(maxRows, cast<RankedTensorType>(out.getType()).getDimSize(0));
  set(op->getResult(0), Place::Matrix, product);
  return success();
}

LogicalResult Translator::translateTriInverse(Operation *op) {
  auto inverse = cast<tile::TriInverseOp>(op);
  if (!getElementTypeOrSelf(inverse.getType()).isF32())
    return inverse.emitError("expected a tile of f32, got ")
           << inverse.getType();
  FailureOr<Value> tile = get(inverse.getInput(), Place::Matrix);
  if (failed(tile))
    return failure();
  b.setInsertionPoint(op);
  set(inverse.getResult(), Place::Matrix,
      wg::TriInverseOp::create(b, op->getLoc(), *tile));
  return success();
}

LogicalResult Translator::translateScan(Operation *op) {
  auto scan = cast<tile::ScanOp>(op);
  if (scan.getType().getRank() != 1)
    return scan.emitError("expected a vector, got ") << scan.getType();
  FailureOr<Value> tile = get(scan.getInput(), Place::Cols);
  if (failed(tile))
    return failure();
  b.setInsertionPoint(op);
  set(scan.getResult(), Place::Cols,
      wg::ScanOp::create(b, op->getLoc(), tile->getType(), *tile));
  return success();
}

//===----------------------------------------------------------------------===//
// Roots: control flow and writes
//===----------------------------------------------------------------------===//

/// Translates the operands of a terminator that are tiles.
LogicalResult Translator::yield(Block &block,
                                function_ref<bool(unsigned)> isTile) {
  Operation *terminator = block.getTerminator();
  SmallVector<Value> values;
  for (OpOperand &operand : terminator->getOpOperands()) {
    if (!isTile(operand.getOperandNumber())) {
      values.push_back(operand.get());
      continue;
    }
    FailureOr<Value> tile = getNatural(operand.get());
    if (failed(tile))
      return failure();
    values.push_back(*tile);
  }
  terminator->setOperands(values);
  return success();
}

LogicalResult Translator::translateFor(scf::ForOp loop) {
  SmallVector<bool> tiles;
  SmallVector<Value> inits;
  for (auto [init, argument] :
       llvm::zip_equal(loop.getInitArgs(), loop.getRegionIterArgs())) {
    tiles.push_back(isTile(argument));
    if (!tiles.back()) {
      inits.push_back(init);
      continue;
    }
    FailureOr<Value> tile = getNatural(init);
    if (failed(tile))
      return failure();
    inits.push_back(*tile);
  }
  b.setInsertionPoint(loop);
  auto created =
      scf::ForOp::create(b, loop.getLoc(), loop.getLowerBound(),
                         loop.getUpperBound(), loop.getStep(), inits);
  created->setDiscardableAttrs(loop->getDiscardableAttrDictionary());
  Block *from = loop.getBody(), *to = created.getBody();
  to->getOperations().splice(to->end(), from->getOperations());
  loop.getInductionVar().replaceAllUsesWith(created.getInductionVar());
  for (auto [i, isTile] : llvm::enumerate(tiles)) {
    BlockArgument before = loop.getRegionIterArg(i),
                  after = created.getRegionIterArg(i);
    if (isTile)
      set(before, getNaturalPlace(before), after);
    else
      before.replaceAllUsesWith(after);
  }
  dead.push_back(loop);
  if (failed(translate(*to)) ||
      failed(yield(*to, [&](unsigned i) { return tiles[i]; })))
    return failure();
  for (auto [isTile, before, after] :
       llvm::zip_equal(tiles, loop.getResults(), created.getResults())) {
    if (isTile)
      set(before, getNaturalPlace(before), after);
    else
      before.replaceAllUsesWith(after);
  }
  return success();
}

LogicalResult Translator::translateIf(scf::IfOp branch) {
  SmallVector<bool> tiles;
  SmallVector<Type> types;
  for (Value result : branch.getResults()) {
    tiles.push_back(isTile(result));
    types.push_back(tiles.back() ? getTileType(result, getNaturalPlace(result))
                                 : result.getType());
    if (!types.back())
      return failure();
  }
  b.setInsertionPoint(branch);
  auto created = scf::IfOp::create(b, branch.getLoc(), types,
                                   branch.getCondition(), /*withElse=*/true);
  dead.push_back(branch);
  for (auto [from, to] :
       llvm::zip_equal(branch->getRegions(), created->getRegions())) {
    if (from.empty())
      continue;
    to.takeBody(from);
    if (failed(translate(to.front())) ||
        failed(yield(to.front(), [&](unsigned i) { return tiles[i]; })))
      return failure();
  }
  for (auto [isTile, before, after] :
       llvm::zip_equal(tiles, branch.getResults(), created.getResults())) {
    if (isTile)
      set(before, getNaturalPlace(before), after);
    else
      before.replaceAllUsesWith(after);
  }
  return success();
}

LogicalResult Translator::translateInsert(Operation *op) {
  auto insert = cast<tile::InsertOp>(op);
  auto coords = insert.getCoords().getDefiningOp<tile::CoordsOp>();
  if (!coords)
    return insert.emitError("expected coordinates given by tile.coords");
  auto transpose = insert.getTile().getDefiningOp<linalg::TransposeOp>();
  if (transpose && !isTurned(transpose))
    transpose = {};
  FailureOr<Value> tile =
      getNatural(transpose ? transpose.getInput() : insert.getTile());
  if (failed(tile))
    return failure();
  b.setInsertionPoint(insert);
  auto store = wg::StoreOp::create(
      b, op->getLoc(), TypeRange(insert.getDest().getType()), *tile,
      insert.getDest(), insert.getIndices(), coords.getOrigin(),
      coords.getComplete() ? Value() : coords.getLimit(), transpose != nullptr);
  insert.getResult().replaceAllUsesWith(store.getResult(0));
  dead.push_back(insert);
  return success();
}

bool Translator::isMade(Value tensor) {
  if (!isInside(tensor))
    return false;
  if (Operation *op = tensor.getDefiningOp())
    return isa<tile::TileDialect, linalg::LinalgDialect, scf::SCFDialect>(
        op->getDialect());
  return isa<scf::ForOp>(tensor.getParentBlock()->getParentOp());
}

/// A scalar of a vector. A scalar of memory stays as it is.
LogicalResult Translator::translateExtract(Operation *op) {
  auto extract = cast<tensor::ExtractOp>(op);
  Value tensor = extract.getTensor();
  if (!isTile(tensor) || !isMade(tensor))
    return success();
  if (extract.getIndices().size() != 1)
    return extract.emitError("expected an element of a vector, got one of ")
           << tensor.getType();
  FailureOr<Value> tile = getNatural(tensor);
  if (failed(tile))
    return failure();
  b.setInsertionPoint(op);
  Value element = wg::ExtractOp::create(b, op->getLoc(), extract.getType(),
                                        *tile, extract.getIndices()[0]);
  extract.getResult().replaceAllUsesWith(element);
  dead.push_back(op);
  return success();
}

LogicalResult Translator::translateAny(Operation *op) {
  auto any = cast<tile::AnyOp>(op);
  FailureOr<Value> tile = get(any.getInput(), Place::Rows);
  if (failed(tile))
    return failure();
  b.setInsertionPoint(op);
  Value result = wg::AnyOp::create(b, op->getLoc(), *tile);
  any.getResult().replaceAllUsesWith(result);
  dead.push_back(op);
  return success();
}

void Translator::translateOpaque(Operation *op) {
  auto opaque = cast<tile::OpaqueOp>(op);
  b.setInsertionPoint(op);
  Value result = wg::AgainOp::create(b, op->getLoc(), opaque.getValue());
  opaque.getResult().replaceAllUsesWith(result);
  dead.push_back(op);
}

LogicalResult Translator::translateRoot(Operation *op) {
  if (auto loop = dyn_cast<scf::ForOp>(op))
    return translateFor(loop);
  if (auto branch = dyn_cast<scf::IfOp>(op))
    return translateIf(branch);
  if (isa<tile::InsertOp>(op))
    return translateInsert(op);
  if (isa<tensor::ExtractOp>(op))
    return translateExtract(op);
  if (isa<tile::AnyOp>(op))
    return translateAny(op);
  if (isa<tile::OpaqueOp>(op)) {
    translateOpaque(op);
    return success();
  }
  if (isa<tile::TileDialect, linalg::LinalgDialect>(op->getDialect()) ||
      isa<tensor::EmptyOp>(op)) {
    dead.push_back(op);
    return success();
  }
  // Scalars and slices of memory stay as they are.
  if (op->getNumRegions() != 0 && !isa<scf::InParallelOp>(op))
    return op->emitError("has no counterpart among distributed tiles");
  return success();
}

LogicalResult Translator::translate(Block &block) {
  for (Operation &op : llvm::make_early_inc_range(block))
    if (failed(translateRoot(&op)))
      return failure();
  return success();
}

void Translator::finish() {
  for (Operation *op : llvm::reverse(dead)) {
    op->dropAllUses();
    op->erase();
  }
}
