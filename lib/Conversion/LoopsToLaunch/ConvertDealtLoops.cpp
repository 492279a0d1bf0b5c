//===- ConvertDealtLoops.cpp - Loops as threads, warps and lanes ----------===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A warp does what is between the loops of its lanes as one: every lane has
// all values, and one of them writes. So instructions of the whole warp stand
// where all lanes come, and not in what a lane does alone. The threads of a
// block do the same.
//
//===----------------------------------------------------------------------===//

#include "KeepReads.h"
#include "LaneBuilder.h"
#include "Memories.h"
#include "attn/Conversion/Passes.h"
#include "mlir/Dialect/SCF/Transforms/Transforms.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"
#include "llvm/ADT/SetVector.h"

namespace attn {
#define GEN_PASS_DEF_CONVERTDEALTLOOPSTOLAUNCH
#include "attn/Conversion/Passes.h.inc"
} // namespace attn

using namespace mlir;
using namespace attn;

static std::optional<wg::Deal> getDeal(Operation *op) {
  if (auto deal = op->getAttrOfType<wg::DealAttr>(wg::kDeal))
    return deal.getValue();
  return std::nullopt;
}

//===----------------------------------------------------------------------===//
// What a warp does
//===----------------------------------------------------------------------===//

namespace {
class WarpBody {
public:
  WarpBody(IRRewriter &rewriter, const Team &team, Region &body)
      : rewriter(rewriter), team(team) {
    body.walk([&](memref::LoadOp load) { reads.insert(load.getMemRef()); });
  }

  LogicalResult convert(Region &region);

private:
  LogicalResult share(scf::ForOp loop);
  LogicalResult share(scf::ParallelOp loop);
  scf::ForOp shareOrdered(LaneBuilder &b, scf::ForOp loop,
                          ArrayRef<Value> inits);
  void shareCounted(LaneBuilder &b, scf::ForOp loop, const LaneLoop &carried);
  void writeByOne(memref::StoreOp store);

  /// Iterations of a thread between two meetings of a block that counts.
  static constexpr int64_t kTurns = 8;

  IRRewriter &rewriter;
  Team team;
  /// The memory that some member reads.
  SetVector<Value> reads;
};
} // namespace

/// The same loop, of every 32nd iteration (of a warp). One that comes out even
/// has as many for each lane, so that their number is a constant.
scf::ForOp WarpBody::shareOrdered(LaneBuilder &b, scf::ForOp loop,
                                  ArrayRef<Value> inits) {
  Value offset = b.createOrFold<arith::MulIOp>(team.member, loop.getStep());
  Value step =
      b.createOrFold<arith::MulIOp>(loop.getStep(), b.index(team.size));
  std::optional<APInt> count = loop.getStaticTripCount();
  bool isEven = count && count->urem(team.size) == 0;
  Value begin = loop.getLowerBound();
  if (!isEven)
    begin = b.createOrFold<arith::AddIOp>(begin, offset);
  auto shared = scf::ForOp::create(b, begin, loop.getUpperBound(), step, inits);
  Block *body = shared.getBody();
  if (!body->empty())
    rewriter.eraseOp(body->getTerminator());
  rewriter.setInsertionPointToEnd(body);
  Value number = shared.getInductionVar();
  if (isEven)
    number = arith::AddIOp::create(rewriter, loop.getLoc(), number, offset);
  SmallVector<Value> arguments{number};
  llvm::append_range(arguments, shared.getRegionIterArgs());
  rewriter.mergeBlocks(loop.getBody(), body, arguments);
  return shared;
}

/// Rounds of an iteration for each lane, or of some for each thread of a block,
/// which then meet once for all of these; numbered by votes. What is voted on
/// is computed for an iteration that exists, whatever the lane.
void WarpBody::shareCounted(LaneBuilder &b, scf::ForOp loop,
                            const LaneLoop &carried) {
  int64_t numTurns = team.size == LaneBuilder::kLanes ? 1 : kTurns;
  Value end = loop.getUpperBound();
  auto rounds =
      scf::ForOp::create(b, loop.getLowerBound(), end,
                         b.index(numTurns * team.size), loop.getInitArgs());
  LaneBuilder in(loop.getLoc(), loop, team);
  in.setInsertionPointToStart(rounds.getBody());
  Value last = arith::SubIOp::create(in, end, in.index(1));
  SmallVector<Value> exist;
  SmallVector<IRMapping> mappings(numTurns);
  for (auto [turn, mapping] : llvm::enumerate(mappings)) {
    Value first = in.createOrFold<arith::AddIOp>(rounds.getInductionVar(),
                                                 in.index(turn * team.size));
    Value mine = arith::AddIOp::create(in, first, team.member);
    exist.push_back(
        arith::CmpIOp::create(in, arith::CmpIPredicate::slt, mine, end));
    mapping.map(loop.getInductionVar(),
                arith::MinSIOp::create(in, mine, last).getResult());
    for (Operation *op : carried.before)
      in.clone(*op, mapping);
  }
  SmallVector<Value> nexts(rounds.getRegionIterArgs());
  for (const LaneCount &count : carried.counts) {
    Value &next = nexts[count.number];
    SmallVector<Value> taken;
    for (auto [exists, mapping] : llvm::zip_equal(exist, mappings))
      taken.push_back(arith::AndIOp::create(
          in, exists, mapping.lookupOrDefault(count.condition)));
    for (auto [mapping, counted] :
         llvm::zip_equal(mappings, in.count(taken, next.getType()))) {
      mapping.map(loop.getRegionIterArg(count.number),
                  arith::AddIOp::create(in, next, counted.first).getResult());
      next = arith::AddIOp::create(in, next, counted.second);
    }
  }
  for (auto [exists, mapping] : llvm::zip_equal(exist, mappings)) {
    auto guard = scf::IfOp::create(in, exists, /*withElseRegion=*/false);
    in.setInsertionPointToStart(guard.thenBlock());
    for (Operation *op : carried.behind)
      in.clone(*op, mapping);
    in.setInsertionPointAfter(guard);
  }
  scf::YieldOp::create(in, nexts);
  rewriter.replaceOp(loop, rounds.getResults());
}

LogicalResult WarpBody::share(scf::ForOp loop) {
  std::string reason;
  FailureOr<LaneLoop> carried = matchLaneLoop(loop, reason);
  if (failed(carried))
    return loop.emitError("cannot be dealt to lanes: ") << reason;
  if (loop.getInductionVar().getType() != rewriter.getIndexType())
    return loop.emitError("cannot be dealt to lanes: its number is no index, "
                          "but ")
           << loop.getInductionVar().getType();
  LaneBuilder b(loop.getLoc(), loop, team);
  Operation *other = nullptr;
  bool writes = !collectAccesses(loop, other)->stores.empty();
  if (writes) {
    b.barrier();
    b.setInsertionPointAfter(loop);
    b.barrier();
    b.setInsertionPoint(loop);
  }
  if (!carried->counts.empty()) {
    shareCounted(b, loop, *carried);
    return success();
  }
  SmallVector<Value> inits(loop.getInitArgs());
  for (const LaneReduction &reduction : carried->reductions)
    inits[reduction.number] = arith::ConstantOp::create(
        b, *arith::getNeutralElement(reduction.combiner));
  scf::ForOp shared = shareOrdered(b, loop, inits);
  b.setInsertionPointAfter(shared);
  SmallVector<Value> results(shared.getResults());
  SmallVector<Operation *> combiners;
  SmallVector<Value> parts;
  for (const LaneReduction &reduction : carried->reductions) {
    combiners.push_back(reduction.combiner);
    parts.push_back(results[reduction.number]);
  }
  for (auto [reduction, part] :
       llvm::zip_equal(carried->reductions, b.reduce(combiners, parts)))
    results[reduction.number] = b.combine(
        reduction.combiner, loop.getInitArgs()[reduction.number], part);
  for (const LaneBest &best : carried->bests) {
    SmallVector<Value> values;
    for (const LaneBest::Key &key : best.keys)
      values.push_back(results[key.number]);
    for (auto [key, value] :
         llvm::zip_equal(best.keys, b.findBest(best.keys, values)))
      results[key.number] = value;
  }
  rewriter.replaceOp(loop, results);
  return success();
}

/// Lanes share the last dimension; the others are loops that all of them do.
LogicalResult WarpBody::share(scf::ParallelOp loop) {
  if (loop.getNumResults() != 0)
    return loop.emitError("cannot be dealt to lanes: it has results of ")
           << loop.getResultTypes();
  LaneBuilder b(loop.getLoc(), loop, team);
  b.barrier();
  size_t rank = loop.getNumLoops();
  SmallVector<Value> numbers;
  for (size_t i = 0; i < rank; ++i) {
    Value begin = loop.getLowerBound()[i], step = loop.getStep()[i];
    if (i + 1 == rank) {
      begin = b.createOrFold<arith::AddIOp>(
          begin, b.createOrFold<arith::MulIOp>(team.member, step));
      step = b.createOrFold<arith::MulIOp>(step, b.index(team.size));
    }
    auto inner = scf::ForOp::create(b, begin, loop.getUpperBound()[i], step);
    numbers.push_back(inner.getInductionVar());
    b.setInsertionPointToStart(inner.getBody());
  }
  rewriter.eraseOp(loop.getBody()->getTerminator());
  rewriter.inlineBlockBefore(loop.getBody(), &*b.getInsertionPoint(), numbers);
  b.setInsertionPoint(loop);
  b.barrier();
  rewriter.eraseOp(loop);
  return success();
}

/// Barriers keep what is read before from what is read behind, if anything is.
void WarpBody::writeByOne(memref::StoreOp store) {
  LaneBuilder b(store.getLoc(), store, team);
  bool isRead = llvm::any_of(reads, [&](Value memref) {
    return !areApart(store.getMemRef(), memref);
  });
  if (isRead)
    b.barrier();
  Value isFirst = arith::CmpIOp::create(b, arith::CmpIPredicate::eq,
                                        team.member, b.index(0));
  auto guard = scf::IfOp::create(b, isFirst, /*withElseRegion=*/false);
  if (isRead)
    b.barrier();
  rewriter.moveOpBefore(store, guard.thenBlock()->getTerminator());
}

LogicalResult WarpBody::convert(Region &region) {
  for (Block &block : region)
    for (Operation &op : llvm::make_early_inc_range(block)) {
      if (getDeal(&op) == wg::Deal::Lanes) {
        LogicalResult result = success();
        if (auto loop = dyn_cast<scf::ForOp>(op))
          result = share(loop);
        else if (auto loop = dyn_cast<scf::ParallelOp>(op))
          result = share(loop);
        else
          result = op.emitError("cannot be dealt to lanes: it is no loop");
        if (failed(result))
          return failure();
        continue;
      }
      if (auto store = dyn_cast<memref::StoreOp>(op)) {
        writeByOne(store);
        continue;
      }
      for (Region &inner : op.getRegions())
        if (failed(convert(inner)))
          return failure();
    }
  return success();
}

//===----------------------------------------------------------------------===//
// Launches
//===----------------------------------------------------------------------===//

namespace {
class DealtLaunch {
public:
  DealtLaunch(IRRewriter &rewriter, scf::ParallelOp loop, wg::Deal deal)
      : rewriter(rewriter), loop(loop), b(loop.getLoc(), rewriter), deal(deal) {
  }
  LogicalResult convert();

private:
  /// Few iterations are spread over multiprocessors; to begin blocks for very
  /// many warps takes longer than what these do.
  static constexpr int64_t kThreads = 128, kFew = 512, kMany = 1 << 15;
  /// Of a block that does one iteration, or of very many: four share a
  /// multiprocessor.
  static constexpr int64_t kTeam = 512;

  Value index(int64_t value) {
    return arith::ConstantIndexOp::create(b, value);
  }
  int64_t getBlockSize(Value total);
  SmallVector<Value> getIteration(Value number, Value total);

  IRRewriter &rewriter;
  scf::ParallelOp loop;
  ImplicitLocOpBuilder b;
  wg::Deal deal;
  SmallVector<Value> extents;
};
} // namespace

int64_t DealtLaunch::getBlockSize(Value total) {
  if (deal == wg::Deal::Blocks)
    return kTeam;
  bool isWarps = deal == wg::Deal::Warps;
  std::optional<int64_t> count = getConstantIntValue(total);
  if (isWarps && count && *count >= kMany)
    return kTeam;
  if (!count || *count > kFew * (isWarps ? 1 : LaneBuilder::kLanes))
    return kThreads;
  return isWarps || *count > kFew ? LaneBuilder::kLanes : 1;
}

/// The induction variables of iteration `number`: the last one varies fastest.
/// A division of 64 bits takes long, and LLVM looks whether one is needed.
SmallVector<Value> DealtLaunch::getIteration(Value number, Value total) {
  std::optional<int64_t> count = getConstantIntValue(total);
  bool isShort = count && *count <= std::numeric_limits<int32_t>::max();
  Type type = isShort ? b.getI32Type() : b.getI64Type();
  auto convertTo = [&](Type other, Value value) {
    return b.createOrFold<arith::IndexCastOp>(other, value);
  };
  Value rest = convertTo(type, number);
  SmallVector<Value> iteration(extents.size());
  for (size_t i = extents.size(); i-- > 0;) {
    Value at = rest;
    if (i > 0) {
      Value extent = convertTo(type, extents[i]);
      at = b.createOrFold<arith::RemUIOp>(rest, extent);
      rest = b.createOrFold<arith::DivUIOp>(rest, extent);
    }
    at = convertTo(b.getIndexType(), at);
    iteration[i] = b.createOrFold<arith::AddIOp>(
        loop.getLowerBound()[i],
        b.createOrFold<arith::MulIOp>(at, loop.getStep()[i]));
  }
  return iteration;
}

LogicalResult DealtLaunch::convert() {
  if (loop.getNumResults() != 0)
    return loop.emitError("expected a loop without results, got ")
           << loop.getResultTypes();
  b.setInsertionPoint(loop);
  Value zero = index(0), one = index(1), total = one;
  for (auto [from, to, by] : llvm::zip_equal(
           loop.getLowerBound(), loop.getUpperBound(), loop.getStep())) {
    Value length = b.createOrFold<arith::SubIOp>(to, from);
    Value count = b.createOrFold<arith::CeilDivSIOp>(length, by);
    extents.push_back(b.createOrFold<arith::MaxSIOp>(count, zero));
    total = b.createOrFold<arith::MulIOp>(total, extents.back());
  }
  // A grid without blocks is an error of the driver.
  Value isSome =
      b.createOrFold<arith::CmpIOp>(arith::CmpIPredicate::ne, total, zero);
  auto some = scf::IfOp::create(b, isSome, /*withElseRegion=*/false);
  b.setInsertionPointToStart(some.thenBlock());
  int64_t size = getBlockSize(total);
  Team team;
  if (deal == wg::Deal::Blocks)
    team.size = size;
  bool isTeam = deal != wg::Deal::Threads;
  int64_t perBlock = isTeam ? size / team.size : size;
  Value blocks = b.createOrFold<arith::CeilDivUIOp>(total, index(perBlock));
  auto launch =
      gpu::LaunchOp::create(b, blocks, one, one, index(size), one, one);
  Block &body = launch.getBody().front();
  b.setInsertionPointToStart(&body);
  Value number = launch.getThreadIds().x;
  if (deal == wg::Deal::Warps) {
    Value lanes = index(LaneBuilder::kLanes);
    team.member = b.createOrFold<arith::RemUIOp>(number, lanes);
    number = b.createOrFold<arith::DivUIOp>(number, lanes);
  } else if (deal == wg::Deal::Blocks) {
    team.member = number;
    number = index(0);
    auto space = gpu::AddressSpaceAttr::get(
        b.getContext(), gpu::GPUDialect::getWorkgroupAddressSpace());
    team.words = launch.addWorkgroupAttribution(
        MemRefType::get({team.getWarps(), Team::kWords}, b.getI64Type(),
                        MemRefLayoutAttrInterface(), space),
        loop.getLoc());
  }
  Value first =
      b.createOrFold<arith::MulIOp>(launch.getBlockIds().x, index(perBlock));
  number = b.createOrFold<arith::AddIOp>(first, number);
  Value exists =
      arith::CmpIOp::create(b, arith::CmpIPredicate::ult, number, total);
  auto guard = scf::IfOp::create(b, exists, /*withElseRegion=*/false);
  gpu::TerminatorOp::create(b);
  b.setInsertionPointToStart(guard.thenBlock());
  SmallVector<Value> iteration = getIteration(number, total);
  Operation *end = guard.thenBlock()->getTerminator();
  rewriter.eraseOp(loop.getBody()->getTerminator());
  rewriter.inlineBlockBefore(loop.getBody(), end, iteration);
  rewriter.eraseOp(loop);
  if (isTeam) {
    Region &inside = guard.getThenRegion();
    if (failed(WarpBody(rewriter, team, inside).convert(inside)))
      return failure();
    keepReads(inside);
  }
  // What a lane does alone, and a thread.
  SmallVector<scf::ParallelOp> serial;
  guard->walk([&](scf::ParallelOp inner) { serial.push_back(inner); });
  for (scf::ParallelOp inner : serial)
    if (failed(scf::parallelForToNestedFors(rewriter, inner)))
      return inner.emitError("expected a loop without results, got ")
             << inner.getResultTypes();
  return success();
}

namespace {
struct ConvertDealtLoopsToLaunch
    : attn::impl::ConvertDealtLoopsToLaunchBase<ConvertDealtLoopsToLaunch> {
  void runOnOperation() override {
    SmallVector<std::pair<scf::ParallelOp, wg::Deal>> loops;
    getOperation().walk([&](scf::ParallelOp loop) {
      std::optional<wg::Deal> deal = getDeal(loop);
      if (deal && *deal != wg::Deal::Lanes)
        loops.push_back({loop, *deal});
    });
    IRRewriter rewriter(&getContext());
    for (auto [loop, deal] : loops) {
      if (failed(DealtLaunch(rewriter, loop, deal).convert()))
        return signalPassFailure();
      ++numLaunches;
    }
  }
};
} // namespace
