//===- WidenLoops.cpp - Several neighbours for each thread ----------------===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What is done element by element costs as many instructions for finding the
// element (divisions, and numbers of rows that are read from memory) as for
// moving it. Where elements lie side by side a thread does several: what they
// have in common is done once, and memory is accessed by vectors.
//
//===----------------------------------------------------------------------===//

#include "attn/Conversion/Passes.h"
#include "attn/Dialect/WG/IR/WG.h"
#include "attn/Target/GPUTarget.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"
#include "mlir/IR/IRMapping.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"
#include "mlir/IR/Remarks.h"

namespace attn {
#define GEN_PASS_DEF_WIDENLOOPS
#include "attn/Conversion/Passes.h.inc"
} // namespace attn

using namespace mlir;
using namespace attn;

static bool isAccess(Operation *op) {
  return isa<memref::LoadOp, memref::StoreOp>(op);
}
static Value getMemory(Operation *access) {
  if (auto load = dyn_cast<memref::LoadOp>(access))
    return load.getMemRef();
  return cast<memref::StoreOp>(access).getMemRef();
}
static OperandRange getIndices(Operation *access) {
  if (auto load = dyn_cast<memref::LoadOp>(access))
    return load.getIndices();
  return cast<memref::StoreOp>(access).getIndices();
}

namespace {
class LoopWidener {
public:
  explicit LoopWidener(scf::ParallelOp loop)
      : b(loop.getLoc(), loop), loop(loop),
        last(loop.getInductionVars().back()) {}

  /// How many neighbours a thread may do; why none otherwise.
  FailureOr<int64_t> match(std::string &reason);
  scf::ParallelOp build(int64_t count);

private:
  /// What has a value for each neighbour.
  struct Lanes {
    Value vector;
    SmallVector<Value> elements;
  };

  bool isVaried(Value value) const { return varied.contains(value); }
  bool isVaried(Operation *op) const {
    return llvm::any_of(op->getOperands(),
                        [&](Value operand) { return isVaried(operand); });
  }
  LogicalResult matchBlock(Block &block, std::string &reason);
  LogicalResult matchAccess(Operation *access, std::string &reason);
  LogicalResult matchBranch(scf::IfOp branch, std::string &reason);
  LogicalResult matchSerial(scf::ForOp serial, std::string &reason);

  SmallVector<Value> getElements(Value value);
  Value getVector(Value value);
  SmallVector<Value> getFirstIndices(Operation *access);
  void emit(Operation *op);
  void emitLoad(memref::LoadOp load);
  void emitStore(memref::StoreOp store);
  void emitBranch(scf::IfOp branch);
  void emitSerial(scf::ForOp serial);
  void emitBlock(Block &block) {
    for (Operation &op : block.without_terminator())
      emit(&op);
  }

  ImplicitLocOpBuilder b;
  scf::ParallelOp loop;
  Value last;
  int64_t count = 0, widest = 0;
  /// What differs between neighbours.
  DenseSet<Value> varied;
  IRMapping common;
  DenseMap<Value, Lanes> lanes;
};
} // namespace

//===----------------------------------------------------------------------===//
// Match
//===----------------------------------------------------------------------===//

/// Neighbours access the same, or neighbours.
LogicalResult LoopWidener::matchAccess(Operation *access, std::string &reason) {
  bool isStore = isa<memref::StoreOp>(access);
  auto type = cast<MemRefType>(getMemory(access).getType());
  auto indices = getIndices(access);
  if (!llvm::any_of(indices, [&](Value index) { return isVaried(index); })) {
    reason = "neighbours write one place";
    return success(!isStore);
  }
  reason = "neighbours are not accessed side by side";
  SmallVector<int64_t> strides;
  int64_t offset;
  if (indices.back() != last ||
      llvm::any_of(indices.drop_back(),
                   [&](Value index) { return isVaried(index); }) ||
      failed(type.getStridesAndOffset(strides, offset)) || strides.back() != 1)
    return failure();
  Type element = type.getElementType();
  if (!element.isIntOrFloat() || element.getIntOrFloatBitWidth() < 8)
    return failure();
  widest = std::max<int64_t>(widest, element.getIntOrFloatBitWidth() / 8);
  return success();
}

/// All neighbours take the same branch.
LogicalResult LoopWidener::matchBranch(scf::IfOp branch, std::string &reason) {
  if (isVaried(branch.getCondition())) {
    reason = "neighbours take different branches";
    return failure();
  }
  for (Region *region : {&branch.getThenRegion(), &branch.getElseRegion()})
    if (!region->empty() && failed(matchBlock(region->front(), reason)))
      return failure();
  for (auto [number, result] : llvm::enumerate(branch.getResults())) {
    if (!isVaried(branch.thenYield().getOperand(number)) &&
        !isVaried(branch.elseYield().getOperand(number)))
      continue;
    if (!result.getType().isIntOrFloat()) {
      reason = "a branch makes what no vector holds";
      return failure();
    }
    varied.insert(result);
  }
  return success();
}

/// All neighbours do the same iterations. What they carry differs if something
/// that does comes to it, in whatever iteration.
LogicalResult LoopWidener::matchSerial(scf::ForOp serial, std::string &reason) {
  if (isVaried(serial.getLowerBound()) || isVaried(serial.getUpperBound()) ||
      isVaried(serial.getStep())) {
    reason = "neighbours do different iterations";
    return failure();
  }
  for (bool hasChanged = true; hasChanged;) {
    hasChanged = false;
    for (auto [init, carried] :
         llvm::zip(serial.getInitArgs(), serial.getRegionIterArgs()))
      if (isVaried(init))
        varied.insert(carried);
    if (failed(matchBlock(*serial.getBody(), reason)))
      return failure();
    for (auto [next, carried, result] :
         llvm::zip(serial.getYieldedValues(), serial.getRegionIterArgs(),
                   serial.getResults())) {
      if (isVaried(next))
        hasChanged |= varied.insert(carried).second;
      if (isVaried(carried))
        varied.insert(result);
    }
  }
  return success();
}

LogicalResult LoopWidener::matchBlock(Block &block, std::string &reason) {
  for (Operation &op : block.without_terminator()) {
    if (auto branch = dyn_cast<scf::IfOp>(op)) {
      if (failed(matchBranch(branch, reason)))
        return failure();
      continue;
    }
    if (auto serial = dyn_cast<scf::ForOp>(op)) {
      if (failed(matchSerial(serial, reason)))
        return failure();
      continue;
    }
    if (isAccess(&op)) {
      if (failed(matchAccess(&op, reason)))
        return failure();
    } else if (op.getNumRegions() != 0 || !isPure(&op)) {
      reason = "it has a '" + op.getName().getStringRef().str() + "'";
      return failure();
    }
    if (isVaried(&op))
      varied.insert_range(op.getResults());
  }
  return success();
}

FailureOr<int64_t> LoopWidener::match(std::string &reason) {
  std::optional<int64_t> extent =
      getConstantIntValue(loop.getUpperBound().back());
  reason = "its last extent is not known";
  if (loop.getNumReductions() != 0 || !extent ||
      !isZeroInteger(loop.getLowerBound().back()) ||
      !isOneInteger(loop.getStep().back()))
    return failure();
  varied.insert(last);
  if (failed(matchBlock(*loop.getBody(), reason)))
    return failure();
  reason = "nothing is accessed side by side";
  if (widest == 0)
    return failure();
  int64_t neighbours = kVectorBytes / widest;
  reason = "its last extent is no multiple of a vector's";
  if (neighbours < 2 || *extent % neighbours != 0)
    return failure();
  return neighbours;
}

//===----------------------------------------------------------------------===//
// Build
//===----------------------------------------------------------------------===//

SmallVector<Value> LoopWidener::getElements(Value value) {
  auto found = lanes.find(value);
  if (found == lanes.end())
    return SmallVector<Value>(count, common.lookupOrDefault(value));
  if (!found->second.elements.empty())
    return found->second.elements;
  SmallVector<Value> elements;
  for (int64_t i = 0; i < count; ++i)
    elements.push_back(vector::ExtractOp::create(b, found->second.vector, i));
  return elements;
}

Value LoopWidener::getVector(Value value) {
  auto found = lanes.find(value);
  if (found != lanes.end() && found->second.vector)
    return found->second.vector;
  auto type = VectorType::get(count, value.getType());
  if (found == lanes.end())
    return vector::BroadcastOp::create(b, type, common.lookupOrDefault(value));
  return vector::FromElementsOp::create(b, type, found->second.elements);
}

/// Those of the first neighbour.
SmallVector<Value> LoopWidener::getFirstIndices(Operation *access) {
  SmallVector<Value> indices;
  for (Value index : getIndices(access))
    indices.push_back(isVaried(index) ? lanes.lookup(index).elements.front()
                                      : common.lookupOrDefault(index));
  return indices;
}

void LoopWidener::emitLoad(memref::LoadOp load) {
  Value memory = common.lookupOrDefault(load.getMemRef());
  auto type = VectorType::get(count, load.getType());
  AffineMap map = AffineMap::getMinorIdentityMap(load.getMemRefType().getRank(),
                                                 1, b.getContext());
  Value padding = arith::ConstantOp::create(b, b.getZeroAttr(load.getType()));
  lanes[load.getResult()].vector =
      vector::TransferReadOp::create(b, type, memory, getFirstIndices(load),
                                     padding, map, ArrayRef<bool>{true});
}

void LoopWidener::emitStore(memref::StoreOp store) {
  Value memory = common.lookupOrDefault(store.getMemRef());
  AffineMap map = AffineMap::getMinorIdentityMap(
      store.getMemRefType().getRank(), 1, b.getContext());
  vector::TransferWriteOp::create(b, getVector(store.getValueToStore()), memory,
                                  getFirstIndices(store), map,
                                  ArrayRef<bool>{true});
}

void LoopWidener::emitBranch(scf::IfOp branch) {
  SmallVector<Type> types;
  for (Value result : branch.getResults())
    types.push_back(isVaried(result)
                        ? Type(VectorType::get(count, result.getType()))
                        : result.getType());
  bool hasElse = !branch.getElseRegion().empty();
  auto wide =
      scf::IfOp::create(b, types, common.lookupOrDefault(branch.getCondition()),
                        /*addThenBlock=*/true, hasElse);
  auto fill = [&](Block *from, Block *to, scf::YieldOp yield) {
    OpBuilder::InsertionGuard guard(b);
    // A branch without results ends by itself.
    if (to->empty())
      b.setInsertionPointToEnd(to);
    else
      b.setInsertionPoint(to->getTerminator());
    emitBlock(*from);
    SmallVector<Value> values;
    for (auto [result, value] :
         llvm::zip(branch.getResults(), yield.getOperands()))
      values.push_back(isVaried(result) ? getVector(value)
                                        : common.lookupOrDefault(value));
    if (!values.empty())
      scf::YieldOp::create(b, values);
  };
  fill(branch.thenBlock(), wide.thenBlock(), branch.thenYield());
  if (hasElse)
    fill(branch.elseBlock(), wide.elseBlock(), branch.elseYield());
  for (auto [result, made] : llvm::zip(branch.getResults(), wide.getResults()))
    if (isVaried(result))
      lanes[result].vector = made;
    else
      common.map(result, made);
}

void LoopWidener::emitSerial(scf::ForOp serial) {
  SmallVector<Value> inits;
  for (auto [init, carried] :
       llvm::zip(serial.getInitArgs(), serial.getRegionIterArgs()))
    if (isVaried(carried))
      llvm::append_range(inits, getElements(init));
    else
      inits.push_back(common.lookupOrDefault(init));
  auto wide =
      scf::ForOp::create(b, common.lookupOrDefault(serial.getLowerBound()),
                         common.lookupOrDefault(serial.getUpperBound()),
                         common.lookupOrDefault(serial.getStep()), inits);
  // Those of one value, or of all neighbours.
  auto take = [&](Value value, bool isWide, ValueRange &from) {
    if (isWide)
      lanes[value].elements = llvm::to_vector(from.take_front(count));
    else
      common.map(value, from.front());
    from = from.drop_front(isWide ? count : 1);
  };
  {
    OpBuilder::InsertionGuard guard(b);
    Block *body = wide.getBody();
    b.setInsertionPointToStart(body);
    common.map(serial.getInductionVar(), wide.getInductionVar());
    ValueRange from(wide.getRegionIterArgs());
    for (Value carried : serial.getRegionIterArgs())
      take(carried, isVaried(carried), from);
    emitBlock(*serial.getBody());
    SmallVector<Value> values;
    for (auto [next, carried] :
         llvm::zip(serial.getYieldedValues(), serial.getRegionIterArgs()))
      if (isVaried(carried))
        llvm::append_range(values, getElements(next));
      else
        values.push_back(common.lookupOrDefault(next));
    // A loop that carries nothing ends by itself.
    if (!values.empty())
      scf::YieldOp::create(b, values);
  }
  ValueRange from(wide.getResults());
  for (auto [result, carried] :
       llvm::zip(serial.getResults(), serial.getRegionIterArgs()))
    take(result, isVaried(carried), from);
}

void LoopWidener::emit(Operation *op) {
  if (auto branch = dyn_cast<scf::IfOp>(op))
    return emitBranch(branch);
  if (auto serial = dyn_cast<scf::ForOp>(op))
    return emitSerial(serial);
  if (!isVaried(op)) {
    b.clone(*op, common);
    return;
  }
  if (auto load = dyn_cast<memref::LoadOp>(op))
    return emitLoad(load);
  if (auto store = dyn_cast<memref::StoreOp>(op)) {
    if (isVaried(store.getIndices().back()))
      return emitStore(store);
  }
  SmallVector<SmallVector<Value>> operands;
  for (Value operand : op->getOperands())
    operands.push_back(getElements(operand));
  SmallVector<SmallVector<Value>> results(op->getNumResults());
  for (int64_t i = 0; i < count; ++i) {
    IRMapping mapping;
    for (auto [operand, values] : llvm::zip(op->getOperands(), operands))
      mapping.map(operand, values[i]);
    Operation *copy = b.clone(*op, mapping);
    for (auto [all, result] : llvm::zip(results, copy->getResults()))
      all.push_back(result);
  }
  for (auto [result, all] : llvm::zip(op->getResults(), results))
    lanes[result].elements = all;
}

scf::ParallelOp LoopWidener::build(int64_t neighbours) {
  count = neighbours;
  SmallVector<Value> ends(loop.getUpperBound());
  int64_t extent = *getConstantIntValue(ends.back());
  ends.back() = arith::ConstantIndexOp::create(b, extent / count);
  auto wide =
      scf::ParallelOp::create(b, loop.getLowerBound(), ends, loop.getStep());
  wide->setAttr(wg::kDeal, loop->getAttr(wg::kDeal));
  b.setInsertionPointToStart(wide.getBody());
  for (auto [from, to] :
       llvm::zip(loop.getInductionVars(), wide.getInductionVars()))
    common.map(from, to);
  Value first = arith::MulIOp::create(b, wide.getInductionVars().back(),
                                      arith::ConstantIndexOp::create(b, count));
  Lanes &numbers = lanes[last];
  for (int64_t i = 0; i < count; ++i)
    numbers.elements.push_back(
        i == 0 ? first
               : arith::AddIOp::create(b, first,
                                       arith::ConstantIndexOp::create(b, i))
                     .getResult());
  emitBlock(*loop.getBody());
  return wide;
}

namespace {
struct WidenLoops : attn::impl::WidenLoopsBase<WidenLoops> {
  void runOnOperation() override {
    SmallVector<scf::ParallelOp> loops;
    getOperation().walk<WalkOrder::PreOrder>([&](Operation *op) {
      if (isa<gpu::LaunchOp>(op))
        return WalkResult::skip();
      auto loop = dyn_cast<scf::ParallelOp>(op);
      auto deal = op->getAttrOfType<wg::DealAttr>(wg::kDeal);
      if (loop && deal && deal.getValue() == wg::Deal::Threads)
        loops.push_back(loop);
      return loop ? WalkResult::skip() : WalkResult::advance();
    });
    for (scf::ParallelOp loop : loops) {
      LoopWidener widener(loop);
      std::string reason;
      FailureOr<int64_t> count = widener.match(reason);
      if (failed(count)) {
        remark::missed(
            loop.getLoc(),
            remark::RemarkOpts::name("single-elements").category("widen-loops"))
            << remark::reason("a thread does one element: {0}", reason);
        continue;
      }
      widener.build(*count);
      loop.erase();
      ++numWidened;
    }
  }
};
} // namespace
