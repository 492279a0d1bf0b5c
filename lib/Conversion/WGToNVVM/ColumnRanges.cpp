//===- ColumnRanges.cpp - Conditions that hold for ranges of columns ------===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "ColumnRanges.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"
#include "mlir/IR/IRMapping.h"
#include "mlir/IR/Matchers.h"

using namespace mlir;
using namespace attn::wg;

/// Of fewer columns of a row in a thread, words cost what they save, and keep
/// registers: of 16 the chunks of recurrences have, which have none to spare.
static constexpr int64_t kMinHalfCols = 20;

//===----------------------------------------------------------------------===//
// What is a range
//===----------------------------------------------------------------------===//

ColumnRanges::ColumnRanges(MapOp op, bool isWanted)
    : numCols(op.getTileType().getNumCols()), body(&op.getBody().front()) {
  TileType type = op.getTileType();
  bool isWide = isWanted && type.isMatrix() && numCols / 4 >= kMinHalfCols;
  for (Operation &inner : body->without_terminator())
    isWide &= isPure(&inner) && inner.getNumRegions() == 0;
  if (!isWide) {
    for (Operation &inner : body->without_terminator())
      needed.insert(&inner);
    return;
  }
  for (BlockArgument argument : body->getArguments().drop_front()) {
    unsigned number = argument.getArgNumber();
    auto input = number < 2
                     ? TileType()
                     : cast<TileType>(op.getInputs()[number - 2].getType());
    if (!input || input.getLayout() != Layout::Rows)
      differing.insert(argument);
  }
  columns[body->getArgument(1)] = 1;
  for (Operation &inner : body->without_terminator())
    classify(inner);
  for (Value value : body->getTerminator()->getOperands())
    collect(value);
}

bool ColumnRanges::isSameAlongRow(Value value) const {
  return !differing.contains(value);
}

std::optional<int64_t> ColumnRanges::getColumns(Value value) const {
  if (isSameAlongRow(value))
    return 0;
  auto found = columns.find(value);
  return found == columns.end() ? std::nullopt : std::optional(found->second);
}

void ColumnRanges::classify(Operation &inner) {
  if (llvm::none_of(inner.getOperands(),
                    [&](Value operand) { return differing.contains(operand); }))
    return;
  differing.insert_range(inner.getResults());
  if (inner.getNumResults() != 1)
    return;
  Value result = inner.getResult(0);
  if (std::optional<int64_t> sum = sumColumns(inner))
    columns[result] = *sum;
  bool isJoined = isa<arith::AndIOp, arith::OrIOp, arith::XOrIOp>(inner) &&
                  result.getType().isInteger(1) &&
                  llvm::all_of(inner.getOperands(), [&](Value operand) {
                    return isSameAlongRow(operand) || ranges.contains(operand);
                  });
  if (isJoined || isRangeComparison(result))
    ranges.insert(result);
}

std::optional<int64_t> ColumnRanges::sumColumns(Operation &inner) const {
  // A column is a small number.
  if (auto cast = dyn_cast<arith::IndexCastOp>(inner))
    return cast.getIn() == body->getArgument(1) ? std::optional<int64_t>(1)
                                                : std::nullopt;
  auto flags = dyn_cast<arith::ArithIntegerOverflowFlagsInterface>(inner);
  if (!flags || !flags.hasNoSignedWrap() || inner.getNumOperands() != 2)
    return std::nullopt;
  std::optional<int64_t> lhs = getColumns(inner.getOperand(0)),
                         rhs = getColumns(inner.getOperand(1));
  if (!lhs || !rhs)
    return std::nullopt;
  if (isa<arith::AddIOp>(inner))
    return *lhs + *rhs;
  if (isa<arith::SubIOp>(inner))
    return *lhs - *rhs;
  APInt factor;
  if (isa<arith::MulIOp>(inner) &&
      matchPattern(inner.getOperand(1), m_ConstantInt(&factor)) &&
      factor.isAllOnes())
    return -*lhs;
  return std::nullopt;
}

bool ColumnRanges::isRangeComparison(Value condition) const {
  auto compare = condition.getDefiningOp<arith::CmpIOp>();
  if (!compare)
    return false;
  switch (compare.getPredicate()) {
  case arith::CmpIPredicate::slt:
  case arith::CmpIPredicate::sle:
  case arith::CmpIPredicate::sgt:
  case arith::CmpIPredicate::sge:
    break;
  default:
    return false;
  }
  std::optional<int64_t> lhs = getColumns(compare.getLhs()),
                         rhs = getColumns(compare.getRhs());
  return lhs && rhs && std::abs(*lhs - *rhs) == 1;
}

/// Walks from a value to what it is computed from, till conditions.
void ColumnRanges::collect(Value value) {
  Operation *def = value.getDefiningOp();
  if (!def || def->getBlock() != body || needed.contains(def))
    return;
  if (ranges.contains(value)) {
    words[value];
    return;
  }
  needed.insert(def);
  for (Value operand : def->getOperands())
    collect(operand);
}

bool ColumnRanges::usesPosition(unsigned argument) const {
  return llvm::any_of(
      body->getArgument(argument).getUsers(), [&](Operation *user) {
        return needed.contains(user) || user == body->getTerminator();
      });
}

//===----------------------------------------------------------------------===//
// Words
//===----------------------------------------------------------------------===//

/// What a value of the body is, from what `mapping` has.
static Value evaluate(ThreadBuilder &b, Value value, IRMapping &mapping,
                      Block *body) {
  if (Value known = mapping.lookupOrNull(value))
    return known;
  Operation *def = value.getDefiningOp();
  if (!def || def->getBlock() != body)
    return value;
  for (Value operand : def->getOperands())
    mapping.map(operand, evaluate(b, operand, mapping, body));
  b.clone(*def, mapping);
  return mapping.lookup(value);
}

/// A word with the first `count` bits, of 0 to 32.
static Value getFirstBits(ThreadBuilder &b, Value count) {
  Type i32 = b.getI32Type();
  Value ones = b.constant(i32, -1);
  // A shift by 32 is not defined.
  Value isNone = arith::CmpIOp::create(b, arith::CmpIPredicate::eq, count,
                                       b.constant(i32, 0));
  Value others = arith::SubIOp::create(b, b.constant(i32, 32), count);
  Value safe = arith::AndIOp::create(b, others, b.constant(i32, 31));
  Value bits = arith::ShRUIOp::create(b, ones, safe);
  return arith::SelectOp::create(b, isNone, b.constant(i32, 0), bits);
}

ColumnRanges::Words ColumnRanges::compare(ThreadBuilder &b, arith::CmpIOp op,
                                          IRMapping &mapping) const {
  using Predicate = arith::CmpIPredicate;
  Type i32 = b.getI32Type();
  // Both sides in the first column, which the tile has: nothing overflows.
  Value lhs = evaluate(b, op.getLhs(), mapping, body);
  Value rhs = evaluate(b, op.getRhs(), mapping, body);
  Predicate predicate = op.getPredicate();
  // lhs + column (< or <=, or not) rhs
  if (*getColumns(op.getLhs()) - *getColumns(op.getRhs()) < 0) {
    std::swap(lhs, rhs);
    switch (predicate) {
    case Predicate::slt:
      predicate = Predicate::sgt;
      break;
    case Predicate::sle:
      predicate = Predicate::sge;
      break;
    case Predicate::sgt:
      predicate = Predicate::slt;
      break;
    default:
      predicate = Predicate::sle;
    }
  }
  bool isNegated = predicate == Predicate::sgt || predicate == Predicate::sge;
  bool isStrict = predicate == Predicate::slt || predicate == Predicate::sge;
  // The first `end` columns, rhs - lhs or all of them. Never a maximum or
  // minimum of a difference: ptxas of CUDA 13.0 makes max(x - c, 0) of max(c -
  // x, 0).
  Value isSome = arith::CmpIOp::create(
      b, isStrict ? Predicate::slt : Predicate::sle, lhs, rhs);
  Value least = b.add(rhs, -numCols);
  Value end =
      arith::SubIOp::create(b, rhs, arith::MaxSIOp::create(b, lhs, least));
  if (end.getType().isIndex())
    end = arith::IndexCastOp::create(b, i32, end);
  else if (end.getType().getIntOrFloatBitWidth() > 32)
    end = arith::TruncIOp::create(b, i32, end);
  else if (end.getType().getIntOrFloatBitWidth() < 32)
    end = arith::ExtUIOp::create(b, i32, end);
  end = b.add(end, isStrict ? 0 : 1);
  end = arith::SelectOp::create(b, isSome, end, b.constant(i32, 0));
  // How many of them the thread has: two of 8, from its first one on.
  end = arith::SubIOp::create(
      b, end, arith::MinSIOp::create(b, end, b.getFragmentCol(i32)));
  Value inBlock = arith::MinUIOp::create(b, b.rem(end, 8), b.constant(i32, 2));
  Value count = b.add(b.mul(b.div(end, 8), 2), inBlock);
  Words result;
  for (int64_t first = 0; first < numCols / 4; first += 32) {
    Value here = count;
    if (first > 0)
      here =
          arith::MaxSIOp::create(b, b.add(count, -first), b.constant(i32, 0));
    here = arith::MinSIOp::create(b, here, b.constant(i32, 32));
    Value word = getFirstBits(b, here);
    result.push_back(isNegated ? b.exclusiveOr(word, b.constant(i32, -1))
                               : word);
  }
  return result;
}

ColumnRanges::Words ColumnRanges::getWords(ThreadBuilder &b, Value condition,
                                           IRMapping &mapping) const {
  Type i32 = b.getI32Type();
  int64_t numWords = llvm::divideCeil(numCols / 4, int64_t(32));
  if (isSameAlongRow(condition)) {
    Value bit = evaluate(b, condition, mapping, body);
    return Words(numWords, arith::ExtSIOp::create(b, i32, bit));
  }
  if (isRangeComparison(condition))
    return compare(b, condition.getDefiningOp<arith::CmpIOp>(), mapping);
  Operation *def = condition.getDefiningOp();
  Words lhs = getWords(b, def->getOperand(0), mapping);
  Words rhs = getWords(b, def->getOperand(1), mapping);
  for (auto [x, y] : llvm::zip_equal(lhs, rhs)) {
    if (isa<arith::AndIOp>(def))
      x = arith::AndIOp::create(b, x, y);
    else if (isa<arith::OrIOp>(def))
      x = arith::OrIOp::create(b, x, y);
    else
      x = arith::XOrIOp::create(b, x, y);
  }
  return lhs;
}

void ColumnRanges::startRow(ThreadBuilder &b, const IRMapping &mapping) {
  IRMapping first = mapping;
  Value col = body->getArgument(1);
  first.map(col, b.zero(col.getType()));
  for (auto &[condition, row] : words)
    row = getWords(b, condition, first);
}

void ColumnRanges::mapConditions(ThreadBuilder &b, int64_t halfCol,
                                 IRMapping &mapping) const {
  Type i32 = b.getI32Type();
  for (const auto &[condition, row] : words) {
    // Not shifted: bits that are tested in place become predicates together.
    auto bit = static_cast<int32_t>(1u << halfCol % 32);
    Value test =
        arith::AndIOp::create(b, row[halfCol / 32], b.constant(i32, bit));
    mapping.map(condition, arith::CmpIOp::create(b, arith::CmpIPredicate::ne,
                                                 test, b.constant(i32, 0)));
  }
}
