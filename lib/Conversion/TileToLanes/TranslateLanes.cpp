//===- TranslateLanes.cpp - Loop nests, element by element ----------------===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "../LoopsToLaunch/LaneBuilder.h"
#include "LaneTranslator.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/IR/Matchers.h"

using namespace mlir;
using namespace attn;

/// The operation that combines a sum with what an iteration adds, if that is
/// all that a body does with it.
static Operation *getCombiner(linalg::GenericOp op, unsigned output) {
  Value sum = op.getRegionOutputArgs()[output];
  Operation *combiner =
      op.getBody()->getTerminator()->getOperand(output).getDefiningOp();
  if (!combiner || !sum.hasOneUse() || *sum.user_begin() != combiner ||
      combiner->getNumOperands() != 2 || !combiner->getResult(0).hasOneUse() ||
      !arith::getNeutralElement(combiner))
    return nullptr;
  return combiner;
}

/// Lets a product and a sum be one instruction, rounded once.
static void allowContraction(Operation *op) {
  if (!isa<arith::AddFOp, arith::SubFOp, arith::MulFOp>(op))
    return;
  auto arithmetic = cast<arith::ArithFastMathInterface>(op);
  arith::FastMathFlags flags = arithmetic.getFastMathFlagsAttr().getValue() |
                               arith::FastMathFlags::contract;
  op->setAttr(arithmetic.getFastMathAttrName(),
              arith::FastMathFlagsAttr::get(op->getContext(), flags));
}

namespace {
/// Loops over the elements that a lane has of the dimensions of a nest.
class LaneNest {
public:
  LaneNest(ArrayRef<int64_t> counts, ArrayRef<unsigned> dims)
      : counts(counts), dims(dims) {}

  void run(SmallVector<int64_t> &numbers, function_ref<void()> body,
           size_t depth = 0) const {
    if (depth == dims.size())
      return body();
    int64_t &number = numbers[dims[depth]];
    for (number = 0; number < counts[dims[depth]]; ++number)
      run(numbers, body, depth + 1);
    number = 0;
  }

private:
  ArrayRef<int64_t> counts;
  ArrayRef<unsigned> dims;
};
} // namespace

/// Which register of an operand an iteration reads.
static int64_t getRegister(AffineMap map, ArrayRef<int64_t> counts,
                           ArrayRef<int64_t> numbers) {
  int64_t place = 0;
  for (AffineExpr expr : map.getResults())
    if (auto dim = dyn_cast<AffineDimExpr>(expr))
      place = place * counts[dim.getPosition()] + numbers[dim.getPosition()];
  return place;
}

LogicalResult LaneTranslator::translateGeneric(linalg::GenericOp op) {
  Location loc = op.getLoc();
  Axes nestAxes = axes.getAxes(op);
  Counts counts = getCounts(nestAxes);
  SmallVector<unsigned> parallel, reduced;
  op.getParallelDims(parallel);
  op.getReductionDims(reduced);
  SmallVector<AffineMap> maps = op.getIndexingMapsArray();

  // What is in memory is read as a tile first.
  SmallVector<Registers> operands;
  for (auto [operand, map] : llvm::zip_equal(op->getOperands(), maps)) {
    if (!isa<RankedTensorType>(operand.getType())) {
      operands.push_back({operand});
      continue;
    }
    int64_t count = 1;
    for (AffineExpr expr : map.getResults())
      if (auto dim = dyn_cast<AffineDimExpr>(expr))
        count *= counts[dim.getPosition()];
    if (axes.isTile(operand)) {
      operands.push_back(get(operand, count));
      continue;
    }
    Value zero = arith::ConstantIndexOp::create(b, loc, 0);
    SmallVector<Value> zeros(map.getNumResults(), zero);
    operands.push_back(read(loc, operand, zeros, axes.getAxes(operand)));
  }

  // Sums of several lanes begin with nothing in each.
  unsigned numInputs = op.getNumDpsInputs(), numOutputs = op.getNumDpsInits();
  SmallVector<unsigned> shared;
  for (unsigned dim : reduced)
    if (nestAxes[dim] && lanes.getLanes()[*nestAxes[dim]] > 1)
      shared.push_back(*nestAxes[dim]);
  SmallVector<Operation *> combiners(numOutputs);
  if (!shared.empty())
    for (unsigned i = 0; i < numOutputs; ++i) {
      combiners[i] = getCombiner(op, i);
      if (!combiners[i])
        return op.emitError("expected a sum over an axis that lanes share, or "
                            "something else in any order");
    }

  SmallVector<Registers> results(numOutputs);
  for (unsigned i = 0; i < numOutputs; ++i)
    results[i] = operands[numInputs + i];
  SmallVector<int64_t> numbers(counts.size(), 0);
  Block *body = op.getBody();
  LaneNest(counts, parallel).run(numbers, [&] {
    SmallVector<Value> sums;
    SmallVector<int64_t> places;
    for (unsigned i = 0; i < numOutputs; ++i) {
      places.push_back(getRegister(maps[numInputs + i], counts, numbers));
      sums.push_back(results[i][places[i]]);
      if (combiners[i])
        sums[i] = arith::ConstantOp::create(
            b, loc, *arith::getNeutralElement(combiners[i]));
    }
    LaneNest(counts, reduced).run(numbers, [&] {
      IRMapping mapping;
      for (unsigned i = 0; i < numInputs; ++i)
        mapping.map(body->getArgument(i),
                    operands[i][getRegister(maps[i], counts, numbers)]);
      for (unsigned i = 0; i < numOutputs; ++i)
        mapping.map(body->getArgument(numInputs + i), sums[i]);
      for (Operation &inner : body->without_terminator()) {
        if (auto index = dyn_cast<linalg::IndexOp>(inner))
          mapping.map(index.getResult(),
                      getPosition(loc, nestAxes[index.getDim()],
                                  numbers[index.getDim()]));
        else
          allowContraction(b.clone(inner, mapping));
      }
      for (auto [sum, next] :
           llvm::zip_equal(sums, body->getTerminator()->getOperands()))
        sum = mapping.lookupOrDefault(next);
    });
    Team warp;
    warp.member = lane;
    LaneBuilder together(loc, op, warp);
    for (unsigned i = 0; i < numOutputs; ++i) {
      if (Operation *combiner = combiners[i]) {
        for (unsigned axis : shared)
          sums[i] = together.reduce(combiner, sums[i], distances[axis],
                                    distances[axis] * lanes.getLanes()[axis]);
        Value first = results[i][places[i]];
        if (!isa<arith::AddFOp>(combiner) ||
            !matchPattern(first, m_AnyZeroFloat()))
          sums[i] = together.combine(combiner, first, sums[i]);
      }
      results[i][places[i]] = sums[i];
    }
  });
  for (unsigned i = 0; i < numOutputs; ++i)
    registers[op.getResult(i)] = results[i];
  dead.push_back(op);
  return success();
}
