//===- TranslateGeneric.cpp - Element-wise work and reductions ------------===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A `linalg.generic` on a tile is one `wg.map`, followed by a `wg.reduce` for
// each result that has no element for every column.
//
//===----------------------------------------------------------------------===//

#include "Translator.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/IR/IRMapping.h"
#include "mlir/IR/Matchers.h"

using namespace mlir;
using namespace attn;

namespace {

/// What is combined into an output, and how.
struct Reduction {
  vector::CombiningKind kind;
  Value addend;
};

/// How a tensor is indexed by the positions of a map to matrices or vectors.
std::optional<Place> getPlace(AffineMap map, Place target) {
  if (map.isIdentity())
    return target;
  if (map.isPermutation())
    return Place::Transposed;
  if (map.getNumDims() != 2 || map.getNumResults() != 1)
    return std::nullopt;
  if (map.getResult(0) == getAffineDimExpr(0, map.getContext()))
    return Place::Rows;
  if (map.getResult(0) == getAffineDimExpr(1, map.getContext()))
    return Place::Cols;
  return std::nullopt;
}

std::optional<vector::CombiningKind> getKind(Operation *op) {
  if (isa<arith::AddFOp, arith::AddIOp>(op))
    return vector::CombiningKind::ADD;
  if (isa<arith::MulFOp, arith::MulIOp>(op))
    return vector::CombiningKind::MUL;
  if (isa<arith::MaxNumFOp>(op))
    return vector::CombiningKind::MAXNUMF;
  if (isa<arith::MaximumFOp>(op))
    return vector::CombiningKind::MAXIMUMF;
  if (isa<arith::MinNumFOp>(op))
    return vector::CombiningKind::MINNUMF;
  if (isa<arith::MinimumFOp>(op))
    return vector::CombiningKind::MINIMUMF;
  if (isa<arith::MinSIOp>(op))
    return vector::CombiningKind::MINSI;
  return std::nullopt;
}

/// `out` combined with something that does not depend on it.
std::optional<Reduction> matchReduction(Value yielded, BlockArgument out) {
  Operation *op = yielded.getDefiningOp();
  if (!op || op->getNumOperands() != 2 || !out.hasOneUse())
    return std::nullopt;
  std::optional<vector::CombiningKind> kind = getKind(op);
  if (!kind)
    return std::nullopt;
  if (op->getOperand(0) == out)
    return Reduction{*kind, op->getOperand(1)};
  if (op->getOperand(1) == out)
    return Reduction{*kind, op->getOperand(0)};
  return std::nullopt;
}

/// The map that computes `yielded`, values of the body of `op`.
wg::MapOp buildMap(OpBuilder &b, linalg::GenericOp op, TypeRange types,
                   ValueRange inputs, ArrayRef<Type> elements,
                   ArrayRef<BlockArgument> arguments, ValueRange yielded) {
  Location loc = op.getLoc();
  Block *body = op.getBody();
  auto map = wg::MapOp::create(b, loc, types, inputs);
  Block *block = b.createBlock(&map.getBody(), {}, elements,
                               SmallVector<Location>(elements.size(), loc));
  IRMapping mapping;
  for (auto [argument, element] :
       llvm::zip_equal(arguments, block->getArguments().drop_front(2)))
    mapping.map(argument, element);
  for (Operation &inner : body->without_terminator()) {
    if (auto index = dyn_cast<linalg::IndexOp>(inner)) {
      mapping.map(index.getResult(), block->getArgument(index.getDim()));
      continue;
    }
    // The step of a reduction happens outside.
    if (llvm::any_of(inner.getOperands(), [&](Value value) {
          auto argument = dyn_cast<BlockArgument>(value);
          return argument && argument.getOwner() == body &&
                 !mapping.contains(argument);
        }))
      continue;
    b.clone(inner, mapping);
  }
  SmallVector<Value> values;
  for (Value value : yielded)
    values.push_back(mapping.lookupOrDefault(value));
  wg::YieldOp::create(b, loc, values);
  return map;
}

} // namespace

/// The matrix of which a vector is the sum of all rows: over the second
/// dimension, which is that of the rows.
static Value matchSumOfRows(linalg::GenericOp op) {
  if (op.getNumLoops() != 2 || op.getNumDpsInputs() != 1 ||
      op.getNumResults() != 1 ||
      op.getIteratorTypesArray()[1] != utils::IteratorType::reduction)
    return {};
  Block *body = op.getBody();
  AffineMap from = op.getMatchingIndexingMap(op.getDpsInputOperand(0));
  std::optional<Reduction> reduction = matchReduction(
      body->getTerminator()->getOperand(0), body->getArgument(1));
  bool isSum = reduction && reduction->kind == vector::CombiningKind::ADD &&
               reduction->addend == body->getArgument(0);
  return isSum && from.isPermutation() && !from.isIdentity() ? op.getInputs()[0]
                                                             : Value();
}

LogicalResult Translator::translateSumOfRows(linalg::GenericOp op) {
  auto fill = op.getDpsInits()[0].getDefiningOp<linalg::FillOp>();
  if (!fill || !matchPattern(fill.getInputs()[0], m_AnyZeroFloat()))
    return op.emitError("has no counterpart among distributed tiles: rows are "
                        "summed from zero only");
  FailureOr<Value> tile = get(matchSumOfRows(op), Place::Matrix);
  if (failed(tile))
    return failure();
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPoint(op);
  Value result = op.getResult(0);
  set(result, Place::Cols,
      wg::SumRowsOp::create(b, op.getLoc(), getTileType(result, Place::Cols),
                            *tile));
  return success();
}

bool Translator::isSumOfRows(Value value) {
  auto generic = value.getDefiningOp<linalg::GenericOp>();
  return generic && matchSumOfRows(generic);
}

LogicalResult Translator::translateGeneric(linalg::GenericOp op, Place place) {
  auto fail = [&](const Twine &why) {
    return op.emitError("has no counterpart among distributed tiles: ") << why;
  };
  bool isMatrix = op.getNumLoops() == 2;
  if (op.getNumLoops() > 2)
    return fail("expected one or two loops, got " + Twine(op.getNumLoops()));
  SmallVector<utils::IteratorType> iterators = op.getIteratorTypesArray();
  if (iterators[0] != utils::IteratorType::parallel)
    return fail("only the last dimension can be reduced");
  // Positions are those of a matrix if there are two loops, also if all results
  // are vectors.
  Place target = isMatrix ? Place::Matrix : place;

  // What the body reads: inputs, and outputs if it does.
  Block *body = op.getBody();
  SmallVector<Value> inputs;
  SmallVector<BlockArgument> arguments;
  SmallVector<Type> elements(2, b.getIndexType());
  auto terminator = cast<linalg::YieldOp>(body->getTerminator());
  DenseMap<unsigned, Reduction> reductions;
  for (OpOperand &operand : op->getOpOperands()) {
    BlockArgument argument = op.getMatchingBlockArgument(&operand);
    if (argument.use_empty())
      continue;
    AffineMap map = op.getMatchingIndexingMap(&operand);
    if (op.isDpsInit(&operand) && map.getNumResults() < op.getNumLoops()) {
      unsigned i = operand.getOperandNumber() - op.getNumDpsInputs();
      std::optional<Reduction> reduction =
          matchReduction(terminator.getOperand(i), argument);
      if (!reduction || iterators[1] != utils::IteratorType::reduction)
        return fail("output " + Twine(i) +
                    " is not a reduction of the columns");
      reductions.try_emplace(i, *reduction);
      continue;
    }
    std::optional<Place> at = getPlace(map, target);
    if (!at)
      return fail("an operand is not indexed by the row, the column or both");
    FailureOr<Value> tile = get(operand.get(), *at);
    if (failed(tile))
      return failure();
    inputs.push_back(*tile);
    arguments.push_back(argument);
    elements.push_back(getElementTypeOrSelf(argument.getType()));
  }

  // One result for each element that is computed, to be kept or combined. An
  // element that is only read is its operand.
  SmallVector<Value> yielded, tiles(op.getNumResults());
  SmallVector<unsigned> resultOf(op.getNumResults());
  SmallVector<Type> types;
  SmallVector<int64_t> shape = op.getStaticLoopRanges();
  wg::Layout layout = target == Place::Matrix ? wg::Layout::Matrix
                      : target == Place::Rows ? wg::Layout::Rows
                                              : wg::Layout::Cols;
  for (unsigned i = 0; i < op.getNumResults(); ++i) {
    auto reduction = reductions.find(i);
    Value element = reduction == reductions.end() ? terminator.getOperand(i)
                                                  : reduction->second.addend;
    if (auto read = llvm::find(arguments, element); read != arguments.end()) {
      Value input = inputs[read - arguments.begin()];
      if (cast<wg::TileType>(input.getType()).getLayout() == layout) {
        tiles[i] = input;
        continue;
      }
    }
    auto known = llvm::find(yielded, element);
    resultOf[i] = known - yielded.begin();
    if (known != yielded.end())
      continue;
    yielded.push_back(element);
    types.push_back(wg::TileType::get(shape, element.getType(), layout));
  }

  OpBuilder::InsertionGuard guard(b);
  Location loc = op.getLoc();
  if (!types.empty()) {
    b.setInsertionPoint(op);
    wg::MapOp map =
        buildMap(b, op, types, inputs, elements, arguments, yielded);
    for (unsigned i = 0; i < op.getNumResults(); ++i)
      if (!tiles[i])
        tiles[i] = map.getResult(resultOf[i]);
  }

  b.setInsertionPoint(op);
  for (unsigned i = 0; i < op.getNumResults(); ++i) {
    Value result = tiles[i];
    auto reduction = reductions.find(i);
    if (reduction == reductions.end()) {
      set(op.getResult(i), target, result);
      continue;
    }
    FailureOr<Value> init = get(op.getDpsInits()[i], Place::Rows);
    if (failed(init))
      return failure();
    set(op.getResult(i), Place::Rows,
        wg::ReduceOp::create(b, loc, reduction->second.kind, result, *init));
  }
  return success();
}
