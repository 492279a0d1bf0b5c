//===- SplitHelpers.cpp - Warps that work ahead ---------------------------===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Helpers go through the same loops as consumers, with what makes the tiles
// that are handed over in shared memory. What comes over by channels is
// replaced among the consumers; what they then no longer use is dead there.
//
//===----------------------------------------------------------------------===//

#include "BulkCopy.h"
#include "Chains.h"
#include "ContinueLoops.h"
#include "attn/Dialect/WG/Transforms/Passes.h"
#include "attn/Target/GPUTarget.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/IR/IRMapping.h"
#include "mlir/IR/PatternMatch.h"
#include "mlir/IR/Remarks.h"
#include "llvm/ADT/SetVector.h"

namespace attn::wg {
#define GEN_PASS_DEF_WGSPLITHELPERS
#include "attn/Dialect/WG/Transforms/Passes.h.inc"
} // namespace attn::wg

using namespace mlir;
using namespace attn;
using namespace attn::wg;

namespace {

/// Warps that help.
constexpr int32_t kHelpers = 4;

/// What goes from helpers to consumers.
struct Handover {
  Operation *op;
  Value channel;
  /// Which of the cursors of the loop is that of the consumers, of the helpers.
  Value cursor, sendCursor;
};

class Splitter {
public:
  Splitter(RolesOp roles, int64_t limit)
      : roles(roles), limit(limit), rewriter(roles.getContext()),
        loc(roles.getLoc()) {}

  /// Nothing if it can be done, else what stands against it.
  std::optional<std::string> analyze();
  void run(gpu::LaunchOp launch);

private:
  void addWork(Operation *op);
  std::optional<std::string> checkWork(Operation *op);
  int64_t choosePlaces(gpu::LaunchOp launch);
  void makeChannels(int64_t places);
  void help(Block &block, IRMapping &mapping);
  scf::ForOp helpLoop(scf::ForOp other, IRMapping &mapping);
  void helpWith(Operation &op, IRMapping &mapping);
  void consume();
  void releaseEarly(Block &block);
  void countReleases();
  void giveRegisters(gpu::LaunchOp launch, bool worksForItself);

  RolesOp roles;
  /// Bytes of shared memory.
  int64_t limit;
  IRRewriter rewriter;
  Location loc;
  scf::ForOp loop;
  /// What helpers do, in the loop.
  llvm::SetVector<Operation *> work;
  /// Channels that they receive from.
  llvm::SetVector<Value> received;
  SmallVector<Handover> handovers;
};

} // namespace

//===----------------------------------------------------------------------===//
// Who does what
//===----------------------------------------------------------------------===//

/// What is made in registers without a look at the rest of the block.
static bool isTileWork(Operation *op) {
  return isa<ExtractOp, FromSharedOp, MapOp, MmaOp, ReduceOp, RelayoutOp,
             ScanOp, SplatOp, SumRowsOp, ToSharedOp, TriInverseOp>(op);
}

void Splitter::addWork(Operation *op) {
  if (!op || op->getBlock() != loop.getBody() || work.contains(op))
    return;
  if (auto receive = dyn_cast<ReceiveOp>(op)) {
    received.insert(receive.getChannel());
    return;
  }
  if (!isTileWork(op))
    return;
  op->walk([&](Operation *inner) {
    for (Value operand : inner->getOperands())
      addWork(operand.getDefiningOp());
  });
  work.insert(op);
}

/// Whether helpers have what a piece of work needs.
std::optional<std::string> Splitter::checkWork(Operation *op) {
  std::optional<std::string> reason;
  op->walk([&](Operation *inner) {
    for (Value operand : inner->getOperands()) {
      Operation *from = operand.getDefiningOp();
      if (!from && isa<TileType>(operand.getType()) &&
          operand.getParentBlock() != loop.getBody())
        reason = "a tile from outside of the loop is needed";
      if (!from || op->isAncestor(from) ||
          !roles.getConsume().isAncestor(from->getParentRegion()))
        continue;
      bool isInLoop = from->getBlock() == loop.getBody();
      auto shared = dyn_cast<ToSharedOp>(from);
      if (shared && !isMadeAhead(shared))
        reason = "what is handed over is used ahead, too";
      else if (isInLoop && !work.contains(from) && !isScalarCode(from) &&
               !isa<ReceiveOp>(from))
        reason = ("work ahead needs " + from->getName().getStringRef()).str();
      else if (!isInLoop && !isa<SplatOp>(from) && !isScalarCode(from))
        reason = "a tile from outside of the loop is needed";
    }
  });
  return reason;
}

std::optional<std::string> Splitter::analyze() {
  SmallVector<scf::ForOp> loops;
  roles.getConsume().walk([&](scf::ForOp op) {
    if (!op.getBody()->getOps<ReceiveOp>().empty())
      loops.push_back(op);
  });
  if (loops.size() != 1)
    return (Twine(loops.size()) + " loops receive tiles").str();
  loop = loops.front();
  if (!hasWorkAhead(loop))
    return "no product waits for the iteration before";
  llvm::DenseSet<Operation *> carried = getCarriedWork(loop);
  // Sums of rows are of whole matrices, for which consumers have no registers.
  for (Operation &op : *loop.getBody())
    if (isa<SumRowsOp, ToSharedOp>(op) && !carried.contains(&op))
      addWork(&op);
  if (llvm::none_of(work, [](Operation *op) { return isa<MmaOp>(op); }))
    return "all products depend on the iteration before";
  for (Operation *op : work)
    if (auto reason = checkWork(op))
      return reason;
  for (Operation *outer = loop; outer != roles; outer = outer->getParentOp())
    if (auto around = dyn_cast<scf::ForOp>(outer))
      for (Type type : around.getResultTypes())
        if (!isa<TileType>(type) && !type.isInteger(32))
          return "a loop carries what is no tile and no cursor";
  // In the order of the block, which is that of the channels.
  SmallVector<Operation *> sorted(work.begin(), work.end());
  llvm::sort(sorted,
             [](Operation *a, Operation *b) { return a->isBeforeInBlock(b); });
  work.clear();
  work.insert(sorted.begin(), sorted.end());
  for (Operation *op : work) {
    bool isUsed = llvm::any_of(op->getUsers(), [&](Operation *user) {
      return !work.contains(loop.getBody()->findAncestorOpInBlock(*user));
    });
    if (!isUsed)
      continue;
    if (isa<ToSharedOp, ScanOp, SumRowsOp>(op))
      handovers.push_back({op, {}, {}, {}});
    else if (isa<ReduceOp>(op))
      return "the sums of rows are used by both";
    else if (auto tile = dyn_cast<TileType>(op->getResult(0).getType());
             tile && tile.isMatrix() && !isa<SplatOp>(op))
      return "a matrix in registers is used by both";
  }
  return std::nullopt;
}

//===----------------------------------------------------------------------===//
// Helpers
//===----------------------------------------------------------------------===//

/// What fits, of places of what is handed over.
int64_t Splitter::choosePlaces(gpu::LaunchOp launch) {
  int64_t bytes = 0;
  launch.walk([&](MakeChannelOp channel) {
    constexpr int64_t kAlignment = 1024;
    bytes = llvm::alignTo(bytes, kAlignment) + channel.getType().getBytes();
  });
  return bytes + getWorkBytes(launch, kHandedPlaces) <= limit ? kHandedPlaces
                                                              : 1;
}

void Splitter::makeChannels(int64_t places) {
  for (Handover &handover : handovers) {
    Type type = handover.op->getResult(0).getType();
    auto tile = dyn_cast<SharedType>(type);
    if (!tile)
      tile = SharedType::get(cast<TileType>(type).getShape(),
                             cast<TileType>(type).getElementType());
    handover.channel = MakeChannelOp::create(
        rewriter, loc, ChannelType::get(rewriter.getContext(), places, tile),
        rewriter.getI32IntegerAttr(kHelpers), IntegerAttr());
  }
}

/// A loop with the cursors that it has, those of what helpers send, and no
/// tiles.
scf::ForOp Splitter::helpLoop(scf::ForOp other, IRMapping &mapping) {
  SmallVector<Value> inits, from;
  SmallVector<unsigned> numbers;
  for (auto [i, argument] : llvm::enumerate(other.getRegionIterArgs()))
    if (argument.getType().isInteger(32)) {
      inits.push_back(mapping.lookupOrDefault(other.getInitArgs()[i]));
      numbers.push_back(i);
    }
  for (Handover &handover : handovers)
    inits.push_back(handover.sendCursor);
  auto copy = scf::ForOp::create(
      rewriter, other.getLoc(), mapping.lookupOrDefault(other.getLowerBound()),
      mapping.lookupOrDefault(other.getUpperBound()),
      mapping.lookupOrDefault(other.getStep()), inits);
  mapping.map(other.getInductionVar(), copy.getInductionVar());
  for (auto [i, number] : llvm::enumerate(numbers))
    mapping.map(other.getRegionIterArg(number), copy.getRegionIterArg(i));
  for (auto [i, handover] : llvm::enumerate(handovers))
    handover.sendCursor = copy.getRegionIterArg(numbers.size() + i);
  OpBuilder::InsertionGuard guard(rewriter);
  rewriter.setInsertionPointToStart(copy.getBody());
  help(*other.getBody(), mapping);
  SmallVector<Value> yielded;
  for (unsigned number : numbers)
    yielded.push_back(
        mapping.lookupOrDefault(other.getYieldedValues()[number]));
  for (auto [i, handover] : llvm::enumerate(handovers)) {
    yielded.push_back(handover.sendCursor);
    handover.sendCursor = copy.getResult(numbers.size() + i);
  }
  scf::YieldOp::create(rewriter, other.getLoc(), yielded);
  for (auto [i, number] : llvm::enumerate(numbers))
    mapping.map(other.getResult(number), copy.getResult(i));
  return copy;
}

void Splitter::helpWith(Operation &op, IRMapping &mapping) {
  auto handover = llvm::find_if(
      handovers, [&](const Handover &other) { return other.op == &op; });
  if (handover == handovers.end()) {
    rewriter.clone(op, mapping);
    return;
  }
  Value tile;
  if (auto shared = dyn_cast<ToSharedOp>(op))
    tile = mapping.lookup(shared.getTile());
  else
    tile = rewriter.clone(op, mapping)->getResult(0);
  SendOp::create(rewriter, op.getLoc(), tile, handover->channel,
                 handover->sendCursor);
  handover->sendCursor = AdvanceOp::create(
      rewriter, op.getLoc(), handover->sendCursor, handover->channel);
}

/// What helpers do of `block`: scalars, the loop and what is around it.
void Splitter::help(Block &block, IRMapping &mapping) {
  for (Operation &op : block.without_terminator()) {
    if (auto other = dyn_cast<scf::ForOp>(op)) {
      if (other->isAncestor(loop))
        helpLoop(other, mapping);
      continue;
    }
    if (work.contains(&op)) {
      helpWith(op, mapping);
      continue;
    }
    bool isOurs = false;
    if (auto receive = dyn_cast<ReceiveOp>(op))
      isOurs = received.contains(receive.getChannel());
    if (auto release = dyn_cast<ReleaseOp>(op))
      isOurs = received.contains(release.getChannel());
    // A splat in front of the loop may be a start for both.
    bool isStart = isa<SplatOp>(op) && &block != loop.getBody();
    if (isOurs || isStart || isa<AdvanceOp>(op) || isScalarCode(&op))
      rewriter.clone(op, mapping);
  }
}

//===----------------------------------------------------------------------===//
// Consumers
//===----------------------------------------------------------------------===//

void Splitter::consume() {
  // From the outermost loop inwards.
  SmallVector<scf::ForOp> around{loop};
  while (auto outer = dyn_cast<scf::ForOp>(around.back()->getParentOp()))
    around.push_back(outer);
  rewriter.setInsertionPoint(roles);
  Value start = arith::ConstantIntOp::create(rewriter, loc, 0, 32);
  SmallVector<Value> cursors(handovers.size(), start);
  SmallVector<scf::ForOp> loops;
  for (scf::ForOp other : llvm::reverse(around)) {
    scf::ForOp replaced = carryMore(rewriter, other, cursors);
    auto last = replaced.getRegionIterArgs().take_back(handovers.size());
    cursors.assign(last.begin(), last.end());
    loops.push_back(replaced);
  }
  loop = loops.back();
  for (auto [i, handover] : llvm::enumerate(handovers)) {
    Operation *op = handover.op;
    rewriter.setInsertionPoint(op);
    auto tile = cast<ChannelType>(handover.channel.getType()).getTile();
    Value value = ReceiveOp::create(rewriter, op->getLoc(), tile,
                                    handover.channel, cursors[i]);
    if (auto type = dyn_cast<TileType>(op->getResult(0).getType()))
      value = FromSharedOp::create(rewriter, op->getLoc(), type, value);
    ReleaseOp::create(rewriter, op->getLoc(), handover.channel, cursors[i]);
    Value next =
        AdvanceOp::create(rewriter, op->getLoc(), cursors[i], handover.channel);
    rewriter.replaceAllUsesWith(op->getResult(0), value);
    Operation *yield = loop.getBody()->getTerminator();
    yield->setOperand(yield->getNumOperands() - handovers.size() + i, next);
  }
  for (size_t i = 0; i + 1 < loops.size(); ++i) {
    Operation *yield = loops[i].getBody()->getTerminator();
    auto results = loops[i + 1].getResults().take_back(handovers.size());
    for (auto [j, result] : llvm::enumerate(results))
      yield->setOperand(yield->getNumOperands() - handovers.size() + j, result);
  }
  for (Operation *op : llvm::reverse(work.getArrayRef()))
    if (isOpTriviallyDead(op))
      rewriter.eraseOp(op);
}

/// Releases a place behind the last use of its tile; one that is not used is
/// not received.
void Splitter::releaseEarly(Block &block) {
  for (auto release : llvm::make_early_inc_range(block.getOps<ReleaseOp>())) {
    ReceiveOp receive;
    for (Operation *user : release.getChannel().getUsers())
      if (auto other = dyn_cast<ReceiveOp>(user);
          other && other->getBlock() == &block &&
          other.getCursor() == release.getCursor())
        receive = other;
    if (!receive)
      continue;
    if (receive->use_empty()) {
      rewriter.eraseOp(release);
      rewriter.eraseOp(receive);
      continue;
    }
    Operation *last = receive;
    for (Operation *user : receive->getUsers())
      if (Operation *other = block.findAncestorOpInBlock(*user);
          last->isBeforeInBlock(other))
        last = other;
    rewriter.moveOpAfter(release, last);
  }
}

void Splitter::countReleases() {
  for (Operation &op : *roles->getBlock()) {
    auto channel = dyn_cast<MakeChannelOp>(op);
    if (!channel)
      continue;
    int32_t warps = 0;
    auto isReleasedIn = [&](Region &region) {
      return llvm::any_of(channel->getUsers(), [&](Operation *user) {
        return isa<ReleaseOp>(user) &&
               region.isAncestor(user->getParentRegion());
      });
    };
    if (isReleasedIn(roles.getConsume()))
      warps += roles.getConsumers();
    if (isReleasedIn(roles.getHelp()))
      warps += kHelpers;
    if (warps != 0)
      channel.setReleases(warps);
  }
}

void Splitter::giveRegisters(gpu::LaunchOp launch, bool worksForItself) {
  HelpedRegisters registers =
      getHelpedRegisters(roles.getConsumers() / 4, worksForItself);
  roles.setProducerRegisters(registers.producer);
  roles.setHelpers(kHelpers);
  roles.setHelperRegisters(registers.helper);
  roles.setConsumerRegisters(registers.consumer);
  rewriter.setInsertionPoint(launch);
  int64_t threads = *getConstantIntValue(launch.getBlockSizeX());
  launch.getBlockSizeXMutable().assign(
      arith::ConstantIndexOp::create(rewriter, loc, threads + 32 * kHelpers));
}

void Splitter::run(gpu::LaunchOp launch) {
  int64_t places = choosePlaces(launch);
  bool worksForItself = llvm::any_of(work, [](Operation *op) {
    auto shared = dyn_cast<ToSharedOp>(op);
    return shared && isMadeAhead(shared);
  });
  rewriter.setInsertionPoint(roles);
  makeChannels(places);
  Value start = arith::ConstantIntOp::create(rewriter, loc, 0, 32);
  for (Handover &handover : handovers)
    handover.sendCursor = start;
  Block *helping = rewriter.createBlock(&roles.getHelp());
  IRMapping mapping;
  rewriter.setInsertionPointToStart(helping);
  help(roles.getConsume().front(), mapping);
  consume();
  releaseEarly(*loop.getBody());
  roles.getHelp().walk(
      [&](scf::ForOp other) { releaseEarly(*other.getBody()); });
  giveRegisters(launch, worksForItself);
  countReleases();
}

namespace {
struct WGSplitHelpers : attn::wg::impl::WGSplitHelpersBase<WGSplitHelpers> {
  using WGSplitHelpersBase::WGSplitHelpersBase;

  void runOnOperation() override {
    getOperation()->walk([&](RolesOp roles) {
      auto launch = roles->getParentOfType<gpu::LaunchOp>();
      if (!launch || !roles.getHelp().empty())
        return;
      Splitter splitter(roles, limit);
      if (std::optional<std::string> reason = splitter.analyze()) {
        remark::missed(
            roles.getLoc(),
            remark::RemarkOpts::name("no-helpers").category("wg-split-helpers"))
            << remark::reason("no warps work ahead: {0}", *reason);
        return;
      }
      splitter.run(launch);
      ++numSplit;
    });
  }
};
} // namespace
