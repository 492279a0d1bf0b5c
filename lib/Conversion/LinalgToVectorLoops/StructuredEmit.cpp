//===- StructuredEmit.cpp - Loops of a structured operation ---------------===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Three shapes. The vectorised dimension is
//
//   parallel:  loops over the parallel dimensions, the vectorised one
//              innermost; inside, loops over the sums that carry one vector
//              for each output and vector;
//   summed:    loops over the parallel dimensions; inside, loops over the sums,
//              the vectorised one innermost, that carry vector accumulators;
//              one horizontal reduction after them;
//   absent:    the first shape with scalars.
//
//===----------------------------------------------------------------------===//

#include "LaneBody.h"
#include "StructuredPlan.h"
#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Linalg/Transforms/Transforms.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;

namespace attn {

/// What is transposed for `arg`: the widened value if the body uses nothing
/// else, as shuffles of 32-bit elements are cheaper than those of 16-bit ones.
static Value getWidened(BlockArgument arg) {
  if (arg.hasOneUse())
    if (auto ext = dyn_cast<arith::ExtFOp>(*arg.user_begin()))
      return ext.getResult();
  return arg;
}

namespace {

/// One instance of the body: the values of the dimension that is written out,
/// and which lanes exist.
struct Point {
  Value at;
  /// The number of lanes that exist and their mask; null if all do.
  Value count = Value(), mask = Value();
};

class StructuredEmitter {
public:
  StructuredEmitter(LoopBuilder &b, const StructuredPlan &plan,
                    ArrayRef<DimRange> ranges)
      : b(b), plan(plan), op(plan.op), ranges(ranges),
        values(ranges.size(), Value()), lanes(plan.lanes) {}
  void emit();

private:
  SmallVector<unsigned> getDims(utils::IteratorType kind,
                                ArrayRef<unsigned> without);
  SmallVector<Value> nest(ArrayRef<unsigned> dims, ValueRange inits,
                          function_ref<SmallVector<Value>(ValueRange)> body);
  void nest(ArrayRef<unsigned> dims, function_ref<void()> body);

  void emitScalar(ArrayRef<DimRange> scalarRanges);
  void emitParallel();
  void emitTransposed();
  void emitTransposedBlock();
  void emitSummed();
  SmallVector<Value> emitSummedRun(ValueRange acc);
  SmallVector<Value> emitSummedPoints(ValueRange acc, ArrayRef<Point> points);
  void emitPoints(unsigned dim, ArrayRef<Point> points,
                  ArrayRef<SmallVector<Lanes>> loaded = {});

  SmallVector<Point> getPoints(Value at, int64_t count, int64_t step);
  SmallVector<Value> getIndices(OpOperand &operand);
  Lanes load(OpOperand &operand, const Point &point);
  void store(OpOperand &operand, Value value, const Point &point);
  SmallVector<Value> evaluate(const Point &point, ArrayRef<Value> acc,
                              ArrayRef<Lanes> loaded);
  bool isUsed(OpOperand &operand) {
    return !op.getMatchingBlockArgument(&operand).use_empty();
  }
  /// The output depends on no sum: it is carried through them.
  bool isCarried(OpOperand &output);

  LoopBuilder &b;
  const StructuredPlan &plan;
  linalg::LinalgOp op;
  SmallVector<DimRange> ranges;
  SmallVector<Value> values;
  int64_t lanes;
};

} // namespace

SmallVector<unsigned> StructuredEmitter::getDims(utils::IteratorType kind,
                                                 ArrayRef<unsigned> without) {
  SmallVector<unsigned> dims;
  for (auto [dim, type] : llvm::enumerate(op.getIteratorTypesArray()))
    if (type == kind && !llvm::is_contained(without, dim))
      dims.push_back(dim);
  return dims;
}

SmallVector<Value>
StructuredEmitter::nest(ArrayRef<unsigned> dims, ValueRange inits,
                        function_ref<SmallVector<Value>(ValueRange)> body) {
  if (dims.empty())
    return body(inits);
  unsigned dim = dims.front();
  return b.loop(ranges[dim].lower, ranges[dim].count, 1, inits,
                [&](Value iv, ValueRange carried) {
                  values[dim] = iv;
                  return nest(dims.drop_front(), carried, body);
                });
}

void StructuredEmitter::nest(ArrayRef<unsigned> dims,
                             function_ref<void()> body) {
  nest(dims, ValueRange(), [&](ValueRange) -> SmallVector<Value> {
    body();
    return {};
  });
}

void StructuredEmitter::emit() {
  if (!plan.vectorDim)
    return emitScalar(ranges);
  if (plan.transposedDim)
    return emitTransposed();
  nest(getDims(utils::IteratorType::parallel, {*plan.vectorDim}), [&] {
    if (plan.isVectorDimSummed)
      emitSummed();
    else
      emitParallel();
  });
}

//===----------------------------------------------------------------------===//
// One instance of the body
//===----------------------------------------------------------------------===//

SmallVector<Value> StructuredEmitter::getIndices(OpOperand &operand) {
  SmallVector<Value> indices;
  AffineMap map = op.getMatchingIndexingMap(&operand);
  for (AffineExpr expr : map.getResults()) {
    if (auto dim = dyn_cast<AffineDimExpr>(expr)) {
      indices.push_back(values[dim.getPosition()]);
      continue;
    }
    SmallVector<OpFoldResult> dims;
    for (Value value : values)
      dims.push_back(value ? getAsOpFoldResult(value)
                           : OpFoldResult(b.getIndexAttr(0)));
    indices.push_back(b.index(affine::makeComposedFoldedAffineApply(
        b, b.getLoc(), AffineMap::get(map.getNumDims(), 0, expr), dims)));
  }
  return indices;
}

Lanes StructuredEmitter::load(OpOperand &operand, const Point &point) {
  auto memref = dyn_cast<MemRefType>(operand.get().getType());
  if (!memref)
    return Lanes::uniform(operand.get());
  LaneAccess access = plan.getAccess(operand);
  if (lanes == 1 || access == LaneAccess::Uniform)
    return Lanes::uniform(
        memref::LoadOp::create(b, operand.get(), getIndices(operand)));
  Type element = memref.getElementType();
  auto type = VectorType::get({lanes}, element);
  if (access == LaneAccess::Contiguous) {
    SmallVector<Value> at = getIndices(operand);
    if (!point.mask)
      return Lanes::vector(vector::LoadOp::create(b, type, operand.get(), at));
    return Lanes::vector(vector::MaskedLoadOp::create(
        b, type, operand.get(), at, point.mask, b.zeros(element, lanes)));
  }
  SmallVector<Value> elements;
  Value first = values[*plan.vectorDim];
  for (int64_t lane = 0; lane < lanes; ++lane) {
    // A lane that does not exist reads the last one that does.
    Value offset = b.index(lane);
    if (point.count)
      offset = b.min(offset, b.sub(point.count, b.index(1)));
    values[*plan.vectorDim] = b.add(first, offset);
    elements.push_back(
        memref::LoadOp::create(b, operand.get(), getIndices(operand)));
  }
  values[*plan.vectorDim] = first;
  return Lanes::vector(vector::FromElementsOp::create(b, type, elements));
}

void StructuredEmitter::store(OpOperand &operand, Value value,
                              const Point &point) {
  SmallVector<Value> at = getIndices(operand);
  if (lanes == 1)
    memref::StoreOp::create(b, value, operand.get(), at);
  else if (point.mask)
    vector::MaskedStoreOp::create(b, operand.get(), at, point.mask, value);
  else
    vector::StoreOp::create(b, value, operand.get(), at);
}

/// The body at the current values. `acc` has a value or null for each output,
/// `loaded` is empty or has what to use for each input (a null value: load it).
SmallVector<Value> StructuredEmitter::evaluate(const Point &point,
                                               ArrayRef<Value> acc,
                                               ArrayRef<Lanes> loaded) {
  LaneBody body(b, lanes, point.mask);
  for (OpOperand &operand : op->getOpOperands()) {
    if (!isUsed(operand))
      continue;
    BlockArgument arg = op.getMatchingBlockArgument(&operand);
    Value carried;
    if (op.isDpsInit(&operand))
      carried = acc[operand.getOperandNumber() - op.getNumDpsInputs()];
    if (carried)
      body.map(arg,
               lanes == 1 ? Lanes::uniform(carried) : Lanes::vector(carried));
    else if (op.isDpsInput(&operand) && !loaded.empty() &&
             loaded[operand.getOperandNumber()].value)
      body.map(getWidened(arg), loaded[operand.getOperandNumber()]);
    else
      body.map(arg, load(operand, point));
  }
  for (auto [arg, combiner] :
       llvm::zip_equal(op.getRegionOutputArgs(), plan.combiners))
    if (combiner)
      body.setCombiner(combiner, arg);
  SmallVector<Lanes> indices;
  for (auto [dim, value] : llvm::enumerate(values))
    indices.push_back(Lanes::progression(
        value, lanes > 1 && plan.vectorDim == unsigned(dim) ? 1 : 0));
  SmallVector<Value> results;
  for (Lanes value : body.clone(*op.getBlock(), indices))
    results.push_back(lanes == 1 ? value.value : body.materialise(value));
  return results;
}

//===----------------------------------------------------------------------===//
// Parallel
//===----------------------------------------------------------------------===//

bool StructuredEmitter::isCarried(OpOperand &output) {
  AffineMap map = op.getMatchingIndexingMap(&output);
  return llvm::none_of(getDims(utils::IteratorType::reduction, {}),
                       [&](unsigned dim) { return map.isFunctionOfDim(dim); });
}

/// Instances of the body at `points` of `dim`, through all sums.
void StructuredEmitter::emitPoints(unsigned dim, ArrayRef<Point> points,
                                   ArrayRef<SmallVector<Lanes>> loaded) {
  SmallVector<unsigned> sums = getDims(utils::IteratorType::reduction, {});
  MutableArrayRef<OpOperand> outs = op.getDpsInitsMutable();
  auto set = [&](const Point &point) {
    if (point.at)
      values[dim] = point.at;
  };
  // Carried values: outputs of the first point, of the second, and so on.
  SmallVector<Value> inits;
  for (const Point &point : points) {
    set(point);
    for (OpOperand &out : outs)
      if (!sums.empty() && isCarried(out)) {
        Lanes value = load(out, point);
        LaneBody body(b, lanes, point.mask);
        inits.push_back(lanes == 1 ? value.value : body.materialise(value));
      }
  }
  SmallVector<Value> results;
  SmallVector<Value> carried = nest(sums, inits, [&](ValueRange current) {
    SmallVector<Value> next;
    results.clear();
    for (auto [number, point] : llvm::enumerate(points)) {
      set(point);
      SmallVector<Value> acc;
      for (OpOperand &out : outs) {
        bool isIn = !sums.empty() && isCarried(out);
        acc.push_back(isIn ? current.front() : Value());
        current = current.drop_front(isIn);
      }
      SmallVector<Value> yields = evaluate(
          point, acc,
          loaded.empty() ? ArrayRef<Lanes>() : ArrayRef(loaded[number]));
      for (auto [out, value] : llvm::zip_equal(outs, yields)) {
        if (sums.empty())
          results.push_back(value);
        else if (isCarried(out))
          next.push_back(value);
        else
          store(out, value, point);
      }
    }
    return next;
  });
  // All points are read before one is written, so their loads are not ordered
  // behind stores.
  ArrayRef<Value> final = sums.empty() ? results : carried;
  for (const Point &point : points) {
    set(point);
    for (OpOperand &out : outs) {
      if (!sums.empty() && !isCarried(out))
        continue;
      store(out, final.front(), point);
      final = final.drop_front();
    }
  }
}

void StructuredEmitter::emitScalar(ArrayRef<DimRange> scalarRanges) {
  SmallVector<DimRange> saved =
      std::exchange(ranges, llvm::to_vector(scalarRanges));
  int64_t savedLanes = std::exchange(lanes, 1);
  nest(getDims(utils::IteratorType::parallel, {}),
       [&] { emitPoints(0, Point{Value()}); });
  ranges = saved;
  lanes = savedLanes;
}

SmallVector<Point> StructuredEmitter::getPoints(Value at, int64_t count,
                                                int64_t step) {
  SmallVector<Point> points;
  for (int64_t i = 0; i < count; ++i)
    points.push_back({b.add(at, i * step)});
  return points;
}

void StructuredEmitter::emitParallel() {
  unsigned dim = *plan.vectorDim;
  auto [lower, size] = ranges[dim];
  int64_t block = lanes * plan.unroll;
  Value whole = b.roundDown(size, block), full = b.add(lower, whole);
  b.loop(lower, whole, block,
         [&](Value at) { emitPoints(dim, getPoints(at, plan.unroll, lanes)); });
  if (plan.hasScalarTail) {
    int64_t saved = std::exchange(lanes, 1);
    b.loop(full, b.sub(size, whole), 1,
           [&](Value at) { emitPoints(dim, Point{at}); });
    lanes = saved;
    return;
  }
  auto rest = [&](Value at, Value count) {
    emitPoints(dim, Point{at, count, b.mask(count, lanes)});
  };
  if (std::optional<int64_t> fixed = getConstant(size)) {
    int64_t left = *fixed % block;
    if (left / lanes > 0)
      emitPoints(dim, getPoints(full, left / lanes, lanes));
    if (left % lanes > 0)
      rest(b.add(full, left / lanes * lanes), b.index(left % lanes));
    return;
  }
  Value upper = b.add(lower, size);
  b.loop(full, b.sub(size, whole), lanes,
         [&](Value at) { rest(at, b.min(b.sub(upper, at), b.index(lanes))); });
}

//===----------------------------------------------------------------------===//
// Transposed
//===----------------------------------------------------------------------===//

void StructuredEmitter::emitTransposed() {
  unsigned dim = *plan.vectorDim, other = *plan.transposedDim;
  DimRange range = ranges[dim], otherRange = ranges[other];
  Value whole = b.roundDown(range.count, lanes);
  Value otherWhole = b.roundDown(otherRange.count, lanes);
  nest(getDims(utils::IteratorType::parallel, {dim, other}), [&] {
    b.loop(range.lower, whole, lanes, [&](Value at) {
      b.loop(otherRange.lower, otherWhole, lanes, [&](Value otherAt) {
        values[dim] = at;
        values[other] = otherAt;
        emitTransposedBlock();
      });
    });
  });
  // What no block covers: the last lanes, then the last rows of the others.
  auto rest = [&](unsigned which, Value done) {
    Value left = b.sub(ranges[which].count, done);
    if (getConstant(left) == 0)
      return;
    SmallVector<DimRange> part(ranges);
    part[which] = {b.add(ranges[which].lower, done), left};
    if (which == other)
      part[dim].count = whole;
    emitScalar(part);
  };
  rest(dim, whole);
  rest(other, otherWhole);
}

void StructuredEmitter::emitTransposedBlock() {
  unsigned dim = *plan.vectorDim, other = *plan.transposedDim;
  Value at = values[dim], otherAt = values[other];
  // For each of the `lanes` values of the other dimension, the inputs.
  SmallVector<SmallVector<Lanes>> loaded(
      lanes, SmallVector<Lanes>(op.getNumDpsInputs()));
  for (OpOperand *operand : op.getDpsInputOperands()) {
    if (plan.getAccess(*operand) != LaneAccess::Strided || !isUsed(*operand))
      continue;
    auto type = VectorType::get(
        {lanes}, cast<MemRefType>(operand->get().getType()).getElementType());
    Type wide = getWidened(op.getMatchingBlockArgument(operand)).getType();
    SmallVector<Value> rows;
    for (int64_t row = 0; row < lanes; ++row) {
      values[dim] = b.add(at, row);
      Value x =
          vector::LoadOp::create(b, type, operand->get(), getIndices(*operand));
      if (wide != type.getElementType())
        x = arith::ExtFOp::create(b, type.clone(wide), x);
      rows.push_back(x);
    }
    SmallVector<Value> columns = transposeInRegisters(b, rows);
    for (int64_t i = 0; i < lanes; ++i)
      loaded[i][operand->getOperandNumber()] = Lanes::vector(columns[i]);
  }
  values[dim] = at;
  emitPoints(other, getPoints(otherAt, lanes, 1), loaded);
}

//===----------------------------------------------------------------------===//
// Summed
//===----------------------------------------------------------------------===//

static arith::AtomicRMWKind getIdentityKind(vector::CombiningKind kind) {
  switch (kind) {
  case vector::CombiningKind::ADD:
    return arith::AtomicRMWKind::addf;
  case vector::CombiningKind::MUL:
    return arith::AtomicRMWKind::mulf;
  case vector::CombiningKind::MAXNUMF:
  case vector::CombiningKind::MAXIMUMF:
    return arith::AtomicRMWKind::maximumf;
  case vector::CombiningKind::MINNUMF:
  case vector::CombiningKind::MINIMUMF:
    return arith::AtomicRMWKind::minimumf;
  case vector::CombiningKind::MAXSI:
    return arith::AtomicRMWKind::maxs;
  case vector::CombiningKind::MAXUI:
    return arith::AtomicRMWKind::maxu;
  case vector::CombiningKind::MINSI:
    return arith::AtomicRMWKind::mins;
  case vector::CombiningKind::MINUI:
    return arith::AtomicRMWKind::minu;
  case vector::CombiningKind::AND:
    return arith::AtomicRMWKind::andi;
  case vector::CombiningKind::OR:
    return arith::AtomicRMWKind::ori;
  case vector::CombiningKind::XOR:
    return arith::AtomicRMWKind::xori;
  }
  llvm_unreachable("unknown combining kind");
}

static Value createIdentity(LoopBuilder &b, Operation *combiner,
                            int64_t lanes) {
  Type type = combiner->getResult(0).getType();
  vector::CombiningKind kind = *linalg::getCombinerOpKind(combiner);
  arith::AtomicRMWKind atomic = getIdentityKind(kind);
  if (!isa<FloatType>(type) && kind == vector::CombiningKind::ADD)
    atomic = arith::AtomicRMWKind::addi;
  if (!isa<FloatType>(type) && kind == vector::CombiningKind::MUL)
    atomic = arith::AtomicRMWKind::muli;
  return b.constantSplat(
      type, lanes, arith::getIdentityValueAttr(atomic, type, b, b.getLoc()));
}

/// All lanes of `vector` combined.
static Value reduceLanes(LoopBuilder &b, Operation *combiner, Value vector) {
  vector::CombiningKind kind = *linalg::getCombinerOpKind(combiner);
  // Without `reassoc` a sum is a chain in lane order.
  auto flags = isa<FloatType>(combiner->getResult(0).getType())
                   ? arith::FastMathFlags::reassoc
                   : arith::FastMathFlags::none;
  if (isReductionNeverNaN(combiner)) {
    kind = kind == vector::CombiningKind::MAXIMUMF ||
                   kind == vector::CombiningKind::MAXNUMF
               ? vector::CombiningKind::MAXNUMF
               : vector::CombiningKind::MINNUMF;
    flags = arith::FastMathFlags::nnan;
  }
  return vector::ReductionOp::create(b, kind, vector, flags);
}

void StructuredEmitter::emitSummed() {
  unsigned dim = *plan.vectorDim;
  MutableArrayRef<OpOperand> outs = op.getDpsInitsMutable();
  // Accumulators: all vectors of the first reduced output, of the second, ...
  SmallVector<Value> inits;
  for (Operation *combiner : plan.combiners)
    if (combiner)
      inits.append(plan.unroll, createIdentity(b, combiner, lanes));
  SmallVector<Value> acc =
      nest(getDims(utils::IteratorType::reduction, {dim}), inits,
           [&](ValueRange carried) { return emitSummedRun(carried); });
  ArrayRef<Value> left = acc;
  for (auto [out, combiner] : llvm::zip_equal(outs, plan.combiners)) {
    if (!combiner)
      continue;
    SmallVector<Value> parts(left.take_front(plan.unroll));
    left = left.drop_front(plan.unroll);
    while (parts.size() > 1) {
      SmallVector<Value> halves;
      for (size_t i = 0; i + 1 < parts.size(); i += 2)
        halves.push_back(combine(b, combiner, parts[i], parts[i + 1]));
      if (parts.size() % 2)
        halves.push_back(parts.back());
      parts = halves;
    }
    SmallVector<Value> at = getIndices(out);
    Value init = memref::LoadOp::create(b, out.get(), at);
    Value sum = reduceLanes(b, combiner, parts.front());
    memref::StoreOp::create(b, combine(b, combiner, init, sum), out.get(), at);
  }
}

SmallVector<Value> StructuredEmitter::emitSummedRun(ValueRange carried) {
  auto [lower, size] = ranges[*plan.vectorDim];
  int64_t block = lanes * plan.unroll;
  Value whole = b.roundDown(size, block), full = b.add(lower, whole);
  SmallVector<Value> acc =
      b.loop(lower, whole, block, carried, [&](Value at, ValueRange current) {
        return emitSummedPoints(current, getPoints(at, plan.unroll, lanes));
      });
  auto rest = [&](Value at, Value count, ValueRange current) {
    return emitSummedPoints(current, Point{at, count, b.mask(count, lanes)});
  };
  if (std::optional<int64_t> fixed = getConstant(size)) {
    int64_t left = *fixed % block;
    if (left / lanes > 0)
      acc = emitSummedPoints(acc, getPoints(full, left / lanes, lanes));
    if (left % lanes > 0)
      acc = rest(b.add(full, left / lanes * lanes), b.index(left % lanes), acc);
    return acc;
  }
  Value upper = b.add(lower, size);
  return b.loop(
      full, b.sub(size, whole), lanes, acc, [&](Value at, ValueRange current) {
        return rest(at, b.min(b.sub(upper, at), b.index(lanes)), current);
      });
}

SmallVector<Value> StructuredEmitter::emitSummedPoints(ValueRange carried,
                                                       ArrayRef<Point> points) {
  MutableArrayRef<OpOperand> outs = op.getDpsInitsMutable();
  SmallVector<Value> next(carried);
  SmallVector<SmallVector<Value>> results;
  for (auto [number, point] : llvm::enumerate(points)) {
    values[*plan.vectorDim] = point.at;
    SmallVector<Value> acc;
    size_t slot = number;
    for (Operation *combiner : plan.combiners) {
      acc.push_back(combiner ? next[slot] : Value());
      slot += combiner ? plan.unroll : 0;
    }
    results.push_back(evaluate(point, acc, {}));
    slot = number;
    for (auto [i, combiner] : llvm::enumerate(plan.combiners)) {
      if (!combiner)
        continue;
      Value value = results.back()[i];
      if (point.mask)
        value = arith::SelectOp::create(b, point.mask, value, next[slot]);
      next[slot] = value;
      slot += plan.unroll;
    }
  }
  for (auto [point, values] : llvm::zip_equal(points, results)) {
    this->values[*plan.vectorDim] = point.at;
    for (auto [out, combiner, value] :
         llvm::zip_equal(outs, plan.combiners, values))
      if (!combiner)
        store(out, value, point);
  }
  return next;
}

void emitStructured(LoopBuilder &b, const StructuredPlan &plan,
                    ArrayRef<DimRange> ranges) {
  StructuredEmitter(b, plan, ranges).emit();
}

} // namespace attn
