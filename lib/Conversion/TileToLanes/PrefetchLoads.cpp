//===- PrefetchLoads.cpp - Memory is read before it is needed -------------===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A lane that goes through many steps waits for memory in each of them, some
// hundred cycles. So what steps read is read a group of steps ahead, and
// carried by the loop: as many steps as registers are spent on.
//
//===----------------------------------------------------------------------===//

#include "../LoopsToLaunch/Memories.h"
#include "attn/Conversion/Passes.h"
#include "mlir/Analysis/SliceAnalysis.h"

namespace attn {
#define GEN_PASS_DEF_PREFETCHLOADS
#include "attn/Conversion/Passes.h.inc"
} // namespace attn

using namespace mlir;
using namespace attn;

/// Steps that are read together, at most.
static constexpr int64_t kMostSteps = 16;

/// What a read gives, in registers of 32 bits.
static int64_t getRegisters(Operation *load) {
  Type type = load->getResult(0).getType();
  int64_t count = 1;
  if (auto vector = dyn_cast<VectorType>(type)) {
    count = vector.getNumElements();
    type = vector.getElementType();
  }
  int64_t bits = type.isIndex() ? 64 : type.getIntOrFloatBitWidth();
  return llvm::divideCeil(count * bits, 32);
}

static Value getMemory(Operation *op) {
  if (auto load = dyn_cast<memref::LoadOp>(op))
    return load.getMemRef();
  if (auto load = dyn_cast<vector::LoadOp>(op))
    return load.getBase();
  if (auto store = dyn_cast<memref::StoreOp>(op))
    return store.getMemRef();
  if (auto store = dyn_cast<vector::StoreOp>(op))
    return store.getBase();
  return {};
}

namespace {
/// A loop, and what its steps read at places that only their number says.
class PrefetchedLoop {
public:
  explicit PrefetchedLoop(scf::ForOp loop) : loop(loop) {}

  bool match();
  void rewrite(IRRewriter &rewriter, int64_t steps);
  int64_t registers = 0;

private:
  bool findPlace(Operation *load);
  SmallVector<Value> cloneLoads(OpBuilder &b, Value number);

  scf::ForOp loop;
  SmallVector<Operation *> loads;
  /// What computes their places, and they, in order.
  SetVector<Operation *> slice;
};
} // namespace

/// Whether the place of a read depends on the number of the step alone.
bool PrefetchedLoop::findPlace(Operation *load) {
  SetVector<Operation *> needed;
  BackwardSliceOptions options;
  options.inclusive = true;
  options.omitBlockArguments = true;
  options.filter = [&](Operation *op) { return loop->isProperAncestor(op); };
  if (failed(getBackwardSlice(load, &needed, options)))
    return false;
  for (Operation *op : needed) {
    if (op->getBlock() != loop.getBody() || op->getNumRegions() != 0 ||
        (op != load && !isPure(op)))
      return false;
    for (Value operand : op->getOperands())
      if (llvm::is_contained(loop.getRegionIterArgs(), operand))
        return false;
  }
  slice.insert_range(needed);
  return true;
}

bool PrefetchedLoop::match() {
  SmallVector<Value> written;
  SmallVector<Operation *> found;
  WalkResult result = loop.getBody()->walk([&](Operation *op) {
    bool isLoad = isa<memref::LoadOp, vector::LoadOp>(op);
    if (isa<memref::StoreOp, vector::StoreOp>(op))
      written.push_back(getMemory(op));
    else if (isLoad && op->getBlock() == loop.getBody())
      found.push_back(op);
    else if (!isLoad && !op->hasTrait<OpTrait::HasRecursiveMemoryEffects>() &&
             !isMemoryEffectFree(op) && !isa<NVVM::ShflOp>(op))
      return WalkResult::interrupt();
    return WalkResult::advance();
  });
  if (result.wasInterrupted())
    return false;
  for (Operation *load : found) {
    auto mayMeet = [&](Value memory) {
      return !areApart(memory, getMemory(load));
    };
    if (llvm::any_of(written, mayMeet) || !findPlace(load))
      continue;
    loads.push_back(load);
    registers += getRegisters(load);
  }
  return !loads.empty();
}

/// The reads of step `number`.
SmallVector<Value> PrefetchedLoop::cloneLoads(OpBuilder &b, Value number) {
  IRMapping mapping;
  mapping.map(loop.getInductionVar(), number);
  for (Operation &op : loop.getBody()->without_terminator())
    if (slice.contains(&op))
      b.clone(op, mapping);
  return llvm::map_to_vector(loads, [&](Operation *load) {
    return mapping.lookup(load->getResult(0));
  });
}

/// Groups of `steps`, whose reads are carried, and then what is left.
void PrefetchedLoop::rewrite(IRRewriter &rewriter, int64_t steps) {
  Location loc = loop.getLoc();
  ImplicitLocOpBuilder b(loc, rewriter);
  b.setInsertionPoint(loop);
  Value begin = loop.getLowerBound(), end = loop.getUpperBound(),
        step = loop.getStep();
  Value group = arith::ConstantIndexOp::create(b, steps);
  Value stride = b.createOrFold<arith::MulIOp>(step, group);
  // Where the last whole group ends.
  Value length = b.createOrFold<arith::SubIOp>(end, begin);
  Value count = b.createOrFold<arith::CeilDivSIOp>(length, step);
  Value groups = b.createOrFold<arith::DivSIOp>(count, group);
  Value whole = b.createOrFold<arith::MulIOp>(groups, stride);
  Value middle = b.createOrFold<arith::AddIOp>(begin, whole);
  auto getNumber = [&](OpBuilder &builder, Value first,
                       int64_t place) -> Value {
    Value offset = arith::ConstantIndexOp::create(builder, loc, place);
    offset = builder.createOrFold<arith::MulIOp>(loc, offset, step);
    return builder.createOrFold<arith::AddIOp>(loc, first, offset);
  };
  auto readGroup = [&](OpBuilder &builder, Value first) {
    SmallVector<Value> values;
    for (int64_t place = 0; place < steps; ++place)
      llvm::append_range(values,
                         cloneLoads(builder, getNumber(builder, first, place)));
    return values;
  };
  Value hasGroup =
      b.createOrFold<arith::CmpIOp>(arith::CmpIPredicate::slt, begin, middle);
  size_t carried = loop.getNumRegionIterArgs();
  auto branch = scf::IfOp::create(
      b, hasGroup,
      [&](OpBuilder &then, Location) {
        SmallVector<Value> inits(loop.getInitArgs());
        llvm::append_range(inits, readGroup(then, begin));
        Value last = then.createOrFold<arith::SubIOp>(loc, middle, stride);
        auto main = scf::ForOp::create(
            then, loc, begin, middle, stride, inits,
            [&](OpBuilder &body, Location, Value first, ValueRange arguments) {
              // Behind the last group it is read once more.
              Value next = body.createOrFold<arith::AddIOp>(loc, first, stride);
              next = body.createOrFold<arith::MinSIOp>(loc, next, last);
              SmallVector<Value> ahead = readGroup(body, next);
              SmallVector<Value> state(arguments.take_front(carried));
              ValueRange values = arguments.drop_front(carried);
              for (int64_t place = 0; place < steps; ++place) {
                IRMapping mapping;
                mapping.map(loop.getInductionVar(),
                            getNumber(body, first, place));
                mapping.map(loop.getRegionIterArgs(), state);
                for (Operation *load : loads) {
                  mapping.map(load->getResult(0), values.front());
                  values = values.drop_front();
                }
                for (Operation &op : loop.getBody()->without_terminator())
                  if (!llvm::is_contained(loads, &op))
                    body.clone(op, mapping);
                for (auto [value, yielded] :
                     llvm::zip_equal(state, loop.getYieldedValues()))
                  value = mapping.lookupOrDefault(yielded);
              }
              llvm::append_range(state, ahead);
              scf::YieldOp::create(body, loc, state);
            });
        scf::YieldOp::create(then, loc, main.getResults().take_front(carried));
      },
      [&](OpBuilder &otherwise, Location) {
        scf::YieldOp::create(otherwise, loc, loop.getInitArgs());
      });
  rewriter.modifyOpInPlace(loop, [&] {
    loop.setLowerBound(middle);
    loop.getInitArgsMutable().assign(branch.getResults());
  });
}

namespace {
struct PrefetchLoads : attn::impl::PrefetchLoadsBase<PrefetchLoads> {
  using PrefetchLoadsBase::PrefetchLoadsBase;

  void runOnOperation() override {
    SmallVector<scf::ForOp> loops;
    getOperation()->walk([&](gpu::LaunchOp launch) {
      // Tiles of warps are copied ahead by passes of their own.
      bool hasTiles = launch
                          .walk([](Operation *op) {
                            return isa<wg::WGDialect>(op->getDialect())
                                       ? WalkResult::interrupt()
                                       : WalkResult::advance();
                          })
                          .wasInterrupted();
      if (!hasTiles)
        launch->walk([&](scf::ForOp loop) { loops.push_back(loop); });
    });
    IRRewriter rewriter(&getContext());
    for (scf::ForOp loop : loops) {
      PrefetchedLoop prefetched(loop);
      std::optional<APInt> count = loop.getStaticTripCount();
      if (!loop.getInductionVar().getType().isIndex() ||
          (count && count->sle(1)) || !prefetched.match())
        continue;
      int64_t steps = kMostSteps;
      while (steps > 1 && (steps * prefetched.registers > registers ||
                           (count && count->slt(2 * steps))))
        steps /= 2;
      prefetched.rewrite(rewriter, steps);
      ++numLoops;
    }
  }
};
} // namespace
