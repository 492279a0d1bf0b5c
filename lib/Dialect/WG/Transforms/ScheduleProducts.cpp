//===- ScheduleProducts.cpp - An order for what waits for products --------===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A list scheduler for one group of warps, which issues in order. A product is
// two steps, its start and the wait for it; the wait may begin when what needs
// the product is all that is left. Of the steps whose operands are there
// soonest the one with the longest way to the end comes next. Times are in
// clocks of a multiprocessor of sm_90 with two groups that multiply; they need
// only be right beside each other.
//
// Helpers that multiply what they have computed have no registers for products
// in flight: they stay in their order, and read what they scale where they do.
//
//===----------------------------------------------------------------------===//

#include "Chains.h"
#include "StreamTiles.h"
#include "attn/Dialect/WG/Transforms/Passes.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/IR/IRMapping.h"
#include "mlir/IR/PatternMatch.h"

namespace attn::wg {
#define GEN_PASS_DEF_WGSCHEDULEPRODUCTS
#include "attn/Dialect/WG/Transforms/Passes.h.inc"
} // namespace attn::wg

using namespace mlir;
using namespace attn::wg;

namespace {

/// An operation, or the wait for a product.
struct Step {
  Operation *op;
  bool isWait = false;
  /// How long it takes to issue, and from then till its results are there.
  int64_t issue = 0, latency = 0;
  SmallVector<size_t> before = {}, after = {};
  /// The longest way from its beginning to the end.
  int64_t height = 0;
  /// When all that comes before it is done.
  int64_t ready = 0;
  size_t missing = 0;
};

class Scheduler {
public:
  Scheduler(IRRewriter &rewriter, scf::ForOp loop, int64_t warps)
      : rewriter(rewriter), block(*loop.getBody()), warps(warps) {}
  void run();

private:
  void addSteps();
  void addOrder();
  void require(size_t first, size_t second);
  /// What an operation uses, and what is late among that uses, and so on.
  void forEachNeeded(Operation *op, function_ref<void(Operation *)> visit);
  /// The steps that use a result of `op`, directly or by what is late.
  void forEachReader(Operation *op, function_ref<void(Operation *)> visit);
  /// The steps that come behind a step, as far as is known.
  llvm::DenseSet<size_t> getLater(size_t step);
  /// What does not need `op` comes before it.
  void finishBefore(Operation *op);
  /// A place is free when all that read its tile is done.
  void requireReaders(ReleaseOp release);
  /// What is added to keeps its registers while those products are in flight
  /// that read a rounded copy of it.
  void keepSums();
  /// A left operand in registers is there until all its products are done.
  void awaitTogether();
  void readVectorsAgain();
  void readUnrounded();
  bool beginsNextIteration(MmaOp mma);
  /// Whether a step of `op` comes behind one of `on`, as far as is known.
  bool depends(Operation *op, Operation *on);
  /// The step behind which the results of an operation are there.
  std::optional<size_t> getEnd(Operation *op);
  SmallVector<size_t> order();
  void emit(ArrayRef<size_t> order);

  IRRewriter &rewriter;
  Block &block;
  int64_t warps;
  SmallVector<Step> steps;
  DenseMap<Operation *, std::pair<size_t, size_t>> numbers;
};

} // namespace

//===----------------------------------------------------------------------===//
// Times
//===----------------------------------------------------------------------===//

/// An operation on each element of a thread is issued by one of four
/// schedulers, which has a warp of each group.
static int64_t getMapTime(MapOp map, int64_t warps) {
  int64_t ops = 0;
  for (Operation &op : map.getBody().front().without_terminator())
    // Special functions come at a quarter of the rate.
    ops += op.getName().getStringRef().starts_with("math.") ? 6 : 1;
  return map.getTileType().getElementsPerThread(warps) * (ops + 1) * 3 / 2;
}

/// What is done where it is first needed.
static bool isLate(Operation *op) {
  // What the next iteration gets is done before places are released.
  if (op->use_empty() || llvm::any_of(op->getUsers(), [](Operation *user) {
        return user->hasTrait<OpTrait::IsTerminator>();
      }))
    return false;
  if (isa<ReceiveOp, FromSharedOp, SplatOp>(op))
    return true;
  auto map = dyn_cast<MapOp>(op);
  return map && !map.getTileType().isMatrix();
}

/// Issue and latency.
static std::pair<int64_t, int64_t> getTimes(Operation *op, int64_t warps) {
  if (auto map = dyn_cast<MapOp>(op))
    return {getMapTime(map, warps), 10};
  if (auto mma = dyn_cast<MmaOp>(op)) {
    // 64 x 8 x 16 in 4 clocks, shared by two groups.
    SharedType rhs = mma.getRhs().getType();
    int64_t n = mma.getAcc().getType().getNumCols();
    int64_t k = rhs.getShape()[mma.getRhsTransposed() ? 1 : 0];
    return {40, n / 8 * (k / 16) * 8 + 60};
  }
  if (isa<TriInverseOp>(op))
    return {2000, 0};
  if (isa<ScanOp>(op))
    return {250, 30};
  if (auto send = dyn_cast<SendOp>(op))
    return {4 * send.getTile().getType().getElementsPerThread(warps), 30};
  if (auto store = dyn_cast<StoreOp>(op))
    return {8 * store.getTile().getType().getElementsPerThread(warps), 0};
  if (isa<RelayoutOp, ExtractOp>(op))
    return {40, 30};
  return {2, 4};
}

//===----------------------------------------------------------------------===//
// What comes before what
//===----------------------------------------------------------------------===//

void Scheduler::addSteps() {
  for (Operation &op : block.without_terminator()) {
    if (isLate(&op))
      continue;
    Step step{&op};
    std::tie(step.issue, step.latency) = getTimes(&op, warps);
    size_t first = steps.size();
    if (!isa<MmaOp>(op)) {
      steps.push_back(step);
    } else {
      Step wait{&op, /*isWait=*/true, 10, 10};
      steps.push_back(step);
      steps.push_back(wait);
      require(first, first + 1);
    }
    numbers[&op] = {first, steps.size() - 1};
  }
}

void Scheduler::require(size_t first, size_t second) {
  if (llvm::is_contained(steps[first].after, second))
    return;
  steps[first].after.push_back(second);
  steps[second].before.push_back(first);
}

std::optional<size_t> Scheduler::getEnd(Operation *op) {
  auto found = numbers.find(op ? block.findAncestorOpInBlock(*op) : nullptr);
  if (found == numbers.end())
    return std::nullopt;
  return found->second.second;
}

/// When a tile of a channel is there, if later than what the copy engine
/// brings: helpers are ahead by less.
static int64_t getArrival(Operation *op) {
  constexpr int64_t kHelped = 400;
  for (Value operand : op->getOperands())
    if (auto receive = operand.getDefiningOp<ReceiveOp>())
      if (auto channel = receive.getChannel().getDefiningOp<MakeChannelOp>();
          channel && channel.getFills() > 1 &&
          !receive.getResult().getType().isVector())
        return kHelped;
  return 0;
}

/// Operations on shared memory that all warps do together, in one order.
static bool isOrdered(Operation *op) {
  if (isa<StoreOp, LoadOp, BarrierOp, ToSharedOp>(op))
    return true;
  auto scratch = dyn_cast<ScratchOpInterface>(op);
  return scratch && scratch.getScratchBytes() != 0;
}

void Scheduler::forEachNeeded(Operation *op,
                              function_ref<void(Operation *)> visit) {
  op->walk([&](Operation *inner) {
    for (Value operand : inner->getOperands()) {
      Operation *needed = operand.getDefiningOp();
      needed = needed ? block.findAncestorOpInBlock(*needed) : nullptr;
      if (!needed || needed == op)
        continue;
      if (isLate(needed))
        forEachNeeded(needed, visit);
      visit(needed);
    }
  });
}

void Scheduler::forEachReader(Operation *op,
                              function_ref<void(Operation *)> visit) {
  for (Operation *user : op->getUsers()) {
    Operation *reader = block.findAncestorOpInBlock(*user);
    if (!reader)
      continue;
    if (isLate(reader))
      forEachReader(reader, visit);
    else
      visit(reader);
  }
}

llvm::DenseSet<size_t> Scheduler::getLater(size_t step) {
  llvm::DenseSet<size_t> later;
  SmallVector<size_t> work{step};
  while (!work.empty())
    for (size_t next : steps[work.pop_back_val()].after)
      if (later.insert(next).second)
        work.push_back(next);
  return later;
}

void Scheduler::finishBefore(Operation *op) {
  size_t self = numbers[op].first;
  llvm::DenseSet<size_t> later = getLater(self);
  for (size_t i = 0; i < steps.size(); ++i)
    if (i != self && !later.contains(i))
      require(i, self);
}

bool Scheduler::depends(Operation *op, Operation *on) {
  return getLater(numbers[on].first).contains(numbers[op].first);
}

void Scheduler::requireReaders(ReleaseOp release) {
  size_t self = numbers[release].first;
  for (Operation *user : release.getChannel().getUsers()) {
    auto receive = dyn_cast<ReceiveOp>(user);
    if (!receive || receive->getBlock() != &block ||
        receive.getCursor() != release.getCursor())
      continue;
    if (std::optional<size_t> end = getEnd(receive))
      require(*end, self);
    forEachReader(receive, [&](Operation *reader) {
      if (std::optional<size_t> end = getEnd(reader))
        require(*end, self);
    });
  }
}

void Scheduler::keepSums() {
  auto isCarried = [&](Value input) {
    return isa<BlockArgument>(input) && input.getParentBlock() == &block;
  };
  for (auto map : block.getOps<MapOp>())
    for (auto mma : block.getOps<MmaOp>()) {
      auto rounded = mma.getLhs().getDefiningOp<MapOp>();
      if (rounded && rounded != map &&
          llvm::any_of(map.getInputs(), isCarried) &&
          llvm::any_of(rounded.getInputs(), isCarried) && !depends(mma, map))
        require(numbers[mma].first, numbers[map].first);
    }
}

/// Whether a product is for the next iteration alone.
static bool isOnlyCarried(MmaOp mma) {
  return llvm::all_of(mma->getUsers(), [](Operation *user) {
    return user->hasTrait<OpTrait::IsTerminator>();
  });
}

void Scheduler::awaitTogether() {
  for (auto mma : block.getOps<MmaOp>())
    for (auto other : block.getOps<MmaOp>())
      if (mma != other && mma.getLhs() == other.getLhs() &&
          isa<TileType>(mma.getLhs().getType()) && !depends(other, mma) &&
          !depends(mma, other)) {
        for (size_t reader : steps[numbers[mma].second].after)
          require(numbers[other].second, reader);
        // What the next iteration gets is begun first: nothing here reads it
        // while the other one is in flight.
        if (mma.getAcc().getDefiningOp<MapOp>() && isOnlyCarried(mma) &&
            !isOnlyCarried(other))
          require(numbers[mma].first, numbers[other].first);
      }
}

void Scheduler::addOrder() {
  std::optional<size_t> ordered, unknown;
  for (Operation &op : block.without_terminator()) {
    if (isLate(&op))
      continue;
    size_t first = numbers[&op].first, last = numbers[&op].second;
    forEachNeeded(&op, [&](Operation *needed) {
      if (std::optional<size_t> end = getEnd(needed);
          end && *end != last && *end != first)
        require(*end, first);
    });
    if (auto release = dyn_cast<ReleaseOp>(op))
      requireReaders(release);
    // What is not known keeps its place.
    bool isKnown = isMemoryEffectFree(&op) || isOrdered(&op) ||
                   isa<ReceiveOp, ReleaseOp, AdvanceOp, SendOp>(op);
    if (!isKnown) {
      for (size_t i = 0; i < first; ++i)
        require(i, first);
      unknown = last;
      continue;
    }
    if (unknown)
      require(*unknown, first);
    if (isOrdered(&op)) {
      if (ordered)
        require(*ordered, first);
      ordered = last;
    }
  }
  for (Operation &op : block.without_terminator())
    if (isa<StoreOp, TriInverseOp>(op))
      finishBefore(&op);
  keepSums();
  awaitTogether();
}

//===----------------------------------------------------------------------===//
// The order
//===----------------------------------------------------------------------===//

/// Whether a product is carried, and needs no other one: then it can be early,
/// and the next iteration begins with it.
bool Scheduler::beginsNextIteration(MmaOp mma) {
  llvm::SmallSetVector<Operation *, 16> needed;
  needed.insert(mma);
  for (size_t i = 0; i < needed.size(); ++i)
    forEachNeeded(needed[i], [&](Operation *op) { needed.insert(op); });
  return llvm::is_contained(mma->getUsers(), block.getTerminator()) &&
         llvm::count_if(needed, [](Operation *op) { return isa<MmaOp>(op); }) ==
             1;
}

SmallVector<size_t> Scheduler::order() {
  constexpr int64_t kNextIteration = 1000;
  for (Step &step : llvm::reverse(steps)) {
    for (size_t next : step.after)
      step.height = std::max(step.height, steps[next].height);
    step.height += step.issue + step.latency;
    if (step.isWait && beginsNextIteration(cast<MmaOp>(step.op)))
      step.height += kNextIteration;
    step.missing = step.before.size();
    step.ready = step.isWait ? 0 : getArrival(step.op);
  }
  SmallVector<size_t> result;
  int64_t now = 0;
  llvm::SmallSetVector<size_t, 16> open;
  for (size_t i = 0; i < steps.size(); ++i)
    if (steps[i].missing == 0)
      open.insert(i);
  while (!open.empty()) {
    size_t best = *llvm::min_element(open, [&](size_t a, size_t b) {
      // Some clocks make no difference.
      constexpr int64_t kSlack = 20;
      auto key = [&](size_t i) {
        return std::tuple(std::max(now + kSlack, steps[i].ready),
                          -steps[i].height, i);
      };
      return key(a) < key(b);
    });
    open.remove(best);
    Step &step = steps[best];
    now = std::max(now, step.ready) + step.issue;
    for (size_t next : step.after) {
      steps[next].ready = std::max(steps[next].ready, now + step.latency);
      if (--steps[next].missing == 0)
        open.insert(next);
    }
    result.push_back(best);
  }
  return result;
}

void Scheduler::emit(ArrayRef<size_t> order) {
  Operation *end = block.getTerminator();
  /// Products in flight, and what is to be replaced when they are complete.
  SmallVector<std::pair<StartMmaOp, MmaOp>> started;
  llvm::DenseSet<Operation *> awaited;
  llvm::DenseSet<Operation *> done;
  auto prepare = [&](Operation *op) {
    forEachNeeded(op, [&](Operation *needed) {
      if (isLate(needed) && done.insert(needed).second)
        rewriter.moveOpBefore(needed, end);
    });
  };
  // Those that were started before `last` are complete then, too.
  auto await = [&](MmaOp last) {
    for (auto [i, product] : llvm::enumerate(started)) {
      MmaOp mma = product.second;
      if (mma) {
        awaited.insert(mma);
        Value sum = AwaitMmaOp::create(
            rewriter, mma.getLoc(), mma.getType(), product.first.getResult(),
            static_cast<int64_t>(started.size() - i - 1));
        rewriter.replaceOp(mma, sum);
        product.second = {};
      }
      if (mma == last)
        break;
    }
  };
  // ptxas does not let a result be read while products that were started later
  // are in flight, unless these have been started with it.
  auto awaitWhatIsRead = [&](MmaOp next) {
    MmaOp last;
    for (auto &[start, mma] : started)
      if (mma && mma.getLhs() != next.getLhs() &&
          !llvm::all_of(mma->getUsers(),
                        [&](Operation *user) { return user == end; }))
        last = mma;
    if (last)
      await(last);
  };
  for (size_t number : order) {
    const Step &step = steps[number];
    if (awaited.contains(step.op))
      continue;
    prepare(step.op);
    auto mma = dyn_cast<MmaOp>(step.op);
    if (!mma) {
      rewriter.moveOpBefore(step.op, end);
      continue;
    }
    rewriter.setInsertionPoint(end);
    if (!step.isWait) {
      awaitWhatIsRead(mma);
      auto start =
          StartMmaOp::create(rewriter, mma.getLoc(), mma.getAcc().getType(),
                             mma.getLhs(), mma.getRhs(), mma.getAcc(),
                             mma.getLhsTransposed(), mma.getRhsTransposed());
      started.push_back({start, mma});
      rewriter.moveOpBefore(mma, end);
      continue;
    }
    await(mma);
  }
}

/// Lets each user of a vector in shared memory read it again: registers are
/// shorter than that takes.
void Scheduler::readVectorsAgain() {
  for (auto read : llvm::make_early_inc_range(block.getOps<FromSharedOp>())) {
    if (read.getResult().getType().isMatrix())
      continue;
    SmallVector<OpOperand *> uses;
    for (OpOperand &use : read->getUses())
      uses.push_back(&use);
    // A tile that is received again is there.
    auto receive = read.getShared().getDefiningOp<ReceiveOp>();
    for (OpOperand *use :
         ArrayRef(uses).drop_front(receive ? 1 : uses.size())) {
      rewriter.setInsertionPointAfter(read);
      IRMapping mapping;
      rewriter.clone(*receive, mapping);
      use->set(rewriter.clone(*read, mapping)->getResult(0));
    }
  }
}

/// The tile that `rounded` is a rounded copy of, null if it is none.
static Value getUnrounded(Value rounded) {
  auto map = rounded.getDefiningOp<MapOp>();
  if (!map || map.getInputs().size() != 1 || map.getNumResults() != 1)
    return {};
  Block &body = map.getBody().front();
  auto round =
      body.getTerminator()->getOperand(0).getDefiningOp<arith::TruncFOp>();
  Value source = map.getInputs()[0];
  bool isCopy = round && round.getIn() == body.getArguments().back() &&
                cast<TileType>(source.getType()).getLayout() ==
                    map.getTileType().getLayout();
  return isCopy ? source : Value();
}

/// What is widened again is taken as it was before it was rounded: a number
/// that is rounded alone, not as one of a pair for a product, takes an
/// instruction at an eighth of the rate. Not of what is carried: its registers
/// are added to while rounded copies are in use.
void Scheduler::readUnrounded() {
  for (auto map : block.getOps<MapOp>())
    for (OpOperand &input : map->getOpOperands()) {
      Value source = getUnrounded(input.get());
      if (!source || isa<BlockArgument>(source))
        continue;
      BlockArgument element =
          map.getBody().getArgument(2 + input.getOperandNumber());
      Type type = cast<TileType>(source.getType()).getElementType();
      bool isWidened = llvm::all_of(element.getUsers(), [&](Operation *user) {
        return isa<arith::ExtFOp>(user) && user->getResult(0).getType() == type;
      });
      if (!isWidened)
        continue;
      for (Operation *user : llvm::make_early_inc_range(element.getUsers()))
        rewriter.replaceOp(user, element);
      element.setType(type);
      input.set(source);
    }
}

void Scheduler::run() {
  readVectorsAgain();
  readUnrounded();
  addSteps();
  addOrder();
  emit(order());
}

namespace {
struct WGScheduleProducts
    : attn::wg::impl::WGScheduleProductsBase<WGScheduleProducts> {
  void runOnOperation() override {
    IRRewriter rewriter(&getContext());
    getOperation()->walk([&](gpu::LaunchOp launch) {
      Block &body = launch.getBody().front();
      if (!body.getOps<RolesOp>().empty())
        return;
      SmallVector<Block *> blocks{&body};
      for (auto loop : body.getOps<scf::ForOp>())
        blocks.push_back(loop.getBody());
      if (llvm::any_of(blocks, [](Block *block) {
            return multipliesItsOwn(*block, {});
          }))
        for (Block *block : blocks)
          streamTiles(rewriter, *block, /*storesLeft=*/true);
    });
    getOperation()->walk([&](RolesOp roles) {
      // Helpers wait for nobody, so their loops carry no tiles.
      SmallVector<std::pair<scf::ForOp, int64_t>> loops;
      roles.getHelp().walk([&](scf::ForOp loop) {
        if (!loop.getBody()->getOps<ToSharedOp>().empty())
          streamTiles(rewriter, *loop.getBody());
        else if (!loop.getBody()->getOps<MmaOp>().empty())
          loops.push_back({loop, roles.getHelpers()});
      });
      // Beside a state an inverse leaves no registers for products in flight.
      roles.getConsume().walk([&](scf::ForOp loop) {
        if (hasWorkAhead(loop) &&
            loop.getBody()->getOps<TriInverseOp>().empty())
          loops.push_back({loop, roles.getConsumers()});
      });
      for (auto [loop, warps] : loops) {
        Scheduler(rewriter, loop, warps).run();
        ++numLoops;
      }
    });
  }
};
} // namespace
