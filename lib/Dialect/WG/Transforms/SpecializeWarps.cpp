//===- SpecializeWarps.cpp - Warps that copy for the others ---------------===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Both roles go through the loops of the kernel: the producers through what is
// left of them when only copies are of interest, the consumers through all but
// the copies. So both see the tiles of a channel in the same order, and each
// keeps its own cursor.
//
//===----------------------------------------------------------------------===//

#include "BulkCopy.h"
#include "Chains.h"
#include "ChannelPlaces.h"
#include "ContinueLoops.h"
#include "DeferBranches.h"
#include "PersistentBlocks.h"
#include "attn/Dialect/Tile/IR/Tile.h"
#include "attn/Dialect/WG/Transforms/Passes.h"
#include "attn/Target/GPUTarget.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/IR/IRMapping.h"
#include "mlir/IR/PatternMatch.h"
#include "mlir/IR/Remarks.h"
#include "llvm/ADT/MapVector.h"

namespace attn::wg {
#define GEN_PASS_DEF_WGSPECIALIZEWARPS
#include "attn/Dialect/WG/Transforms/Passes.h.inc"
} // namespace attn::wg

using namespace mlir;
using namespace attn;
using namespace attn::wg;

namespace {

/// What tells which channel a copy uses: the loops around it, its tile and how
/// many such copies come before it in its block.
using ChannelKey = std::tuple<int64_t, Type, int64_t>;

/// Blocks that a multiprocessor has at a time.
int64_t getResidentBlocks(gpu::LaunchOp launch) {
  auto blocks = launch->getAttrOfType<IntegerAttr>(tile::kBlocks);
  return blocks ? blocks.getInt() : 1;
}

class Specializer {
public:
  /// With `persistent`, the launch is to be made so before `run`.
  Specializer(gpu::LaunchOp launch, int64_t stages, int64_t limit,
              bool persistent)
      : launch(launch), stages(stages), resident(getResidentBlocks(launch)),
        limit(getBlockSharedBytes(resident, limit)), persistent(persistent),
        rewriter(launch.getContext()) {}

  /// Nothing if it can be done, else what stands against it.
  std::optional<std::string> analyze();
  void run();
  int64_t getNumCopies() const { return copies.size(); }

private:
  /// A copy: its channel, and how the copy engine is told.
  struct Copy {
    size_t channel;
    BulkCopy bulk;
    bool isInLoop;
  };
  using Cursors = SmallVector<Value>;

  std::optional<std::string> addCopy(CopyOp op);
  std::optional<std::string> checkScalar(Value value);
  std::optional<std::string> checkParent(Operation *parent);
  bool writesCopied();
  bool isOverwritten(CopyOp op, const Copy &copy);
  SmallVector<size_t> getChannelsIn(Operation *op);
  Value getDescriptor(const BulkCopy &copy, SharedType tile);
  void makeChannels();
  void produce(Block &block, IRMapping &mapping, Cursors &cursors);
  void produceBranch(scf::IfOp branch, IRMapping &mapping, Cursors &cursors);
  void consume(Block &block, Cursors &cursors);
  void consumeBranch(scf::IfOp branch, Cursors &cursors);
  void send(CopyOp op, const Copy &copy, const IRMapping &mapping,
            Cursors &cursors);
  void receive(CopyOp op, const Copy &copy, Cursors &cursors);

  gpu::LaunchOp launch;
  int64_t stages, resident, limit;
  bool persistent;
  IRRewriter rewriter;
  llvm::MapVector<Operation *, Copy> copies;
  llvm::DenseSet<Operation *> scalars;
  SmallVector<Channel> channels;
  DenseMap<ChannelKey, size_t> numbers;
  llvm::MapVector<std::tuple<Value, Value, Type>, Value> descriptors;
};

} // namespace

//===----------------------------------------------------------------------===//
// Whether it can be done
//===----------------------------------------------------------------------===//

/// Whether the producers can compute a value: it comes from scalars and numbers
/// of iterations.
std::optional<std::string> Specializer::checkScalar(Value value) {
  if (auto argument = dyn_cast<BlockArgument>(value)) {
    Operation *parent = argument.getOwner()->getParentOp();
    if (parent == launch || !launch->isProperAncestor(parent))
      return std::nullopt;
    auto loop = dyn_cast<scf::ForOp>(parent);
    if (!loop || argument != loop.getInductionVar())
      return "a copy depends on what a loop computes";
    return std::nullopt;
  }
  Operation *op = value.getDefiningOp();
  // Those that were checked and stood against nothing are not checked again.
  if (!launch->isProperAncestor(op) || scalars.contains(op))
    return std::nullopt;
  if (!isScalarCode(op))
    return ("a copy depends on " + op->getName().getStringRef()).str();
  for (Value operand : op->getOperands())
    if (!isa<DrawsType, NotesType>(operand.getType()))
      if (auto reason = checkScalar(operand))
        return reason;
  scalars.insert(op);
  return std::nullopt;
}

/// Whether the producers can go through what is around a copy.
std::optional<std::string> Specializer::checkParent(Operation *parent) {
  if (auto branch = dyn_cast<scf::IfOp>(parent)) {
    if (persistent && branch->getParentOp() == launch && isDeferrable(branch))
      return std::nullopt;
    return checkScalar(branch.getCondition());
  }
  auto loop = dyn_cast<scf::ForOp>(parent);
  if (!loop)
    return ("a copy is inside of " + parent->getName().getStringRef()).str();
  for (Value bound :
       {loop.getLowerBound(), loop.getUpperBound(), loop.getStep()})
    if (auto reason = checkScalar(bound))
      return reason;
  return std::nullopt;
}

std::optional<std::string> Specializer::addCopy(CopyOp op) {
  int64_t depth = 0;
  bool isConditional = false;
  for (Operation *parent = op->getParentOp(); parent != launch;
       parent = parent->getParentOp()) {
    if (auto reason = checkParent(parent))
      return reason;
    depth += isa<scf::ForOp>(parent);
    isConditional |= isa<scf::IfOp>(parent);
  }
  // What is not in a loop is copied once, into a place of its own.
  if (depth == 0 && isConditional && !persistent)
    return "a copy in a branch is not in a loop";
  for (Value operand : op->getOperands())
    if (auto reason = checkScalar(operand))
      return reason;
  if (llvm::any_of(op->getUsers(),
                   [](Operation *user) { return isa<scf::YieldOp>(user); }))
    return "a tile is handed to the next iteration";
  std::string reason;
  FailureOr<BulkCopy> bulk = BulkCopy::get(op, launch, reason);
  if (failed(bulk))
    return reason;

  SharedType tile = op.getResult().getType();
  int64_t before =
      llvm::count_if(op->getBlock()->getOps<CopyOp>(), [&](CopyOp other) {
        return other.getResult().getType() == tile &&
               other->isBeforeInBlock(op);
      });
  auto [entry, isNew] =
      numbers.try_emplace(ChannelKey{depth, tile, before}, channels.size());
  bool isKept = depth > 0 && !op->getBlock()->getOps<scf::ForOp>().empty();
  if (isNew)
    channels.push_back({tile, depth > 0 && !isKept ? stages : 1, isKept, {}});
  copies.insert({op.getOperation(), Copy{entry->second, *bulk, depth > 0}});
  return std::nullopt;
}

/// Whether a branch copies into the place of a tile that is used in it or
/// behind it.
bool Specializer::isOverwritten(CopyOp op, const Copy &copy) {
  Block *block = op->getBlock();
  for (auto branch : block->getOps<scf::IfOp>()) {
    bool isUsedBehind = llvm::any_of(op->getUsers(), [&](Operation *user) {
      Operation *ancestor = block->findAncestorOpInBlock(*user);
      return branch == ancestor || branch->isBeforeInBlock(ancestor);
    });
    if ((isUsedBehind || !copy.isInLoop) && op->isBeforeInBlock(branch) &&
        llvm::is_contained(getChannelsIn(branch), copy.channel) &&
        !(persistent && isDeferrable(branch)))
      return true;
  }
  return false;
}

/// Whether producers, who do not wait for stores, could read what was stored.
bool Specializer::writesCopied() {
  return writes(launch, [&](Value buffer) {
    return llvm::any_of(copies, [&](const auto &entry) {
      return entry.second.bulk.memory == buffer;
    });
  });
}

/// As many places as fit, of those that were asked for.
std::optional<std::string> Specializer::analyze() {
  auto threads = getConstantIntValue(launch.getBlockSizeX());
  if (!threads || *threads % kThreadsPerGroup != 0 ||
      getConstantIntValue(launch.getBlockSizeY()) != 1 ||
      getConstantIntValue(launch.getBlockSizeZ()) != 1)
    return "the block does not consist of groups of four warps";
  std::optional<std::string> reason;
  // Warps that multiply on their own need the registers that producers get.
  launch.walk([&](MmaOp op) {
    reason =
        getWarpgroupObjection(op.getAcc().getType(), op.getRhs().getType());
    return reason ? WalkResult::interrupt() : WalkResult::advance();
  });
  if (reason)
    return reason;
  launch.walk([&](CopyOp op) {
    reason = addCopy(op);
    return reason ? WalkResult::interrupt() : WalkResult::advance();
  });
  if (reason)
    return reason;
  for (auto &[op, copy] : copies)
    if (isOverwritten(cast<CopyOp>(op), copy))
      return "a branch copies into the place of a tile that is in use";
  if (writesCopied())
    return "the kernel writes memory that it copies from";
  if ((reason = choosePlaces(launch, channels, stages, limit)))
    return reason;
  // Small blocks without loops are better many than persistent.
  if (persistent && *threads == kThreadsPerGroup &&
      llvm::none_of(copies,
                    [](const auto &entry) { return entry.second.isInLoop; }))
    return "four warps copy each tile once, while blocks beside them compute";
  return std::nullopt;
}

//===----------------------------------------------------------------------===//
// The rewrite
//===----------------------------------------------------------------------===//

SmallVector<size_t> Specializer::getChannelsIn(Operation *op) {
  llvm::SmallSetVector<size_t, 4> used;
  op->walk([&](CopyOp copy) { used.insert(copies[copy].channel); });
  return used.takeVector();
}

Value Specializer::getDescriptor(const BulkCopy &copy, SharedType tile) {
  Value &descriptor = descriptors[{copy.memory, copy.limit, tile}];
  if (!descriptor) {
    OpBuilder::InsertionGuard guard(rewriter);
    rewriter.setInsertionPoint(launch);
    auto pointer = LLVM::LLVMPointerType::get(rewriter.getContext());
    Location loc = launch.getLoc();
    descriptor = DescribeOp::create(
        rewriter, loc, pointer, copy.getDescribed(rewriter, loc, launch), tile);
  }
  return descriptor;
}

void Specializer::makeChannels() {
  for (Channel &channel : channels)
    channel.value = MakeChannelOp::create(
        rewriter, launch.getLoc(),
        ChannelType::get(rewriter.getContext(), channel.slots, channel.tile));
}

void Specializer::send(CopyOp op, const Copy &copy, const IRMapping &mapping,
                       Cursors &cursors) {
  Location loc = op.getLoc();
  Value channel = channels[copy.channel].value;
  Value &cursor = cursors[copy.channel];
  if (copy.isInLoop)
    AcquireOp::create(rewriter, loc, channel, cursor);
  CopyBulkOp::create(
      rewriter, loc, getDescriptor(copy.bulk, op.getResult().getType()),
      copy.bulk.getCoordinates(rewriter, loc, mapping), channel, cursor);
  if (copy.isInLoop)
    cursor = AdvanceOp::create(rewriter, loc, cursor, channel);
}

/// A branch that both roles take, or both do not.
void Specializer::produceBranch(scf::IfOp branch, IRMapping &mapping,
                                Cursors &cursors) {
  SmallVector<size_t> used = getChannelsIn(branch);
  if (used.empty())
    return;
  Location loc = branch.getLoc();
  auto copy = scf::IfOp::create(
      rewriter, loc, SmallVector<Type>(used.size(), rewriter.getI32Type()),
      mapping.lookupOrDefault(branch.getCondition()), /*withElseRegion=*/true);
  OpBuilder::InsertionGuard guard(rewriter);
  for (auto [from, to] :
       llvm::zip_equal(branch->getRegions(), copy->getRegions())) {
    rewriter.setInsertionPointToStart(&to.front());
    Cursors inner(cursors);
    if (!from.empty())
      produce(from.front(), mapping, inner);
    scf::YieldOp::create(
        rewriter, loc,
        llvm::map_to_vector(used, [&](size_t i) { return inner[i]; }));
  }
  for (auto [i, result] : llvm::zip_equal(used, copy.getResults()))
    cursors[i] = result;
}

/// Whether the producers have what a scalar is made of: not if consumers carry
/// it through a loop.
static bool isProduced(Operation &op, const IRMapping &mapping) {
  Region &consumers = op.getParentOfType<RolesOp>().getConsume();
  return llvm::all_of(op.getOperands(), [&](Value operand) {
    return mapping.contains(operand) ||
           !consumers.isAncestor(operand.getParentRegion());
  });
}

/// What the producers do of `block`: scalars, loops with copies, and copies.
void Specializer::produce(Block &block, IRMapping &mapping, Cursors &cursors) {
  for (Operation &op : block) {
    Location loc = op.getLoc();
    if (auto copy = dyn_cast<CopyOp>(op)) {
      send(copy, copies[copy], mapping, cursors);
      continue;
    }
    if (auto loop = dyn_cast<scf::ForOp>(op)) {
      SmallVector<size_t> used = getChannelsIn(loop);
      if (used.empty())
        continue;
      Cursors inits =
          llvm::map_to_vector(used, [&](size_t i) { return cursors[i]; });
      auto copy = scf::ForOp::create(
          rewriter, loc, mapping.lookupOrDefault(loop.getLowerBound()),
          mapping.lookupOrDefault(loop.getUpperBound()),
          mapping.lookupOrDefault(loop.getStep()), inits);
      mapping.map(loop.getInductionVar(), copy.getInductionVar());
      OpBuilder::InsertionGuard guard(rewriter);
      rewriter.setInsertionPointToStart(copy.getBody());
      Cursors inner(cursors);
      for (auto [i, argument] : llvm::zip_equal(used, copy.getRegionIterArgs()))
        inner[i] = argument;
      produce(*loop.getBody(), mapping, inner);
      scf::YieldOp::create(
          rewriter, loc,
          llvm::map_to_vector(used, [&](size_t i) { return inner[i]; }));
      for (auto [i, result] : llvm::zip_equal(used, copy.getResults()))
        cursors[i] = result;
      continue;
    }
    if (auto branch = dyn_cast<scf::IfOp>(op)) {
      produceBranch(branch, mapping, cursors);
      continue;
    }
    if (isa<DrawOp, EndDrawsOp>(op)) {
      rewriter.clone(op, mapping);
      continue;
    }
    if (auto share = dyn_cast<ShareNotesOp>(op)) {
      AwaitNotesOp::create(rewriter, loc, share.getNotes());
      continue;
    }
    // What no copy needs is dead then.
    if (isScalarCode(&op) && isProduced(op, mapping))
      rewriter.clone(op, mapping);
  }
}

/// The tile comes before its first use; its place is free after the last.
void Specializer::receive(CopyOp op, const Copy &copy, Cursors &cursors) {
  Operation *first = nullptr, *last = nullptr;
  for (Operation *user : op->getUsers()) {
    Operation *ancestor = op->getBlock()->findAncestorOpInBlock(*user);
    if (!first || ancestor->isBeforeInBlock(first))
      first = ancestor;
    if (!last || last->isBeforeInBlock(ancestor))
      last = ancestor;
  }
  Value channel = channels[copy.channel].value;
  Value &cursor = cursors[copy.channel];
  rewriter.setInsertionPoint(first ? first : op);
  auto received = ReceiveOp::create(rewriter, op.getLoc(),
                                    op.getResult().getType(), channel, cursor);
  if (copy.isInLoop) {
    rewriter.setInsertionPointAfter(last ? last : received);
    ReleaseOp::create(rewriter, op.getLoc(), channel, cursor);
    cursor = AdvanceOp::create(rewriter, op.getLoc(), cursor, channel);
  }
  rewriter.replaceOp(op, received);
}

void Specializer::consumeBranch(scf::IfOp branch, Cursors &cursors) {
  SmallVector<size_t> used = getChannelsIn(branch);
  if (used.empty())
    return;
  Location loc = branch.getLoc();
  SmallVector<Type> types(branch.getResultTypes());
  types.append(used.size(), rewriter.getI32Type());
  rewriter.setInsertionPoint(branch);
  auto replaced = scf::IfOp::create(rewriter, loc, types, branch.getCondition(),
                                    /*withElseRegion=*/true);
  for (auto [from, to] :
       llvm::zip_equal(branch->getRegions(), replaced->getRegions())) {
    if (!from.empty())
      to.takeBody(from);
    if (to.front().empty()) {
      rewriter.setInsertionPointToStart(&to.front());
      scf::YieldOp::create(rewriter, loc);
    }
    Cursors inner(cursors);
    consume(to.front(), inner);
    Operation *yield = to.front().getTerminator();
    yield->insertOperands(
        yield->getNumOperands(),
        llvm::map_to_vector(used, [&](size_t i) { return inner[i]; }));
  }
  size_t first = branch.getNumResults();
  for (auto [i, channel] : llvm::enumerate(used))
    cursors[channel] = replaced.getResult(first + i);
  rewriter.replaceOp(branch, replaced.getResults().take_front(first));
}

/// `block` with copies received, loops with their cursors.
void Specializer::consume(Block &block, Cursors &cursors) {
  for (Operation &op : llvm::make_early_inc_range(block)) {
    if (auto copy = dyn_cast<CopyOp>(op)) {
      receive(copy, copies[copy], cursors);
      continue;
    }
    // The producers have drawn it.
    if (isa<DrawOp, EndDrawsOp>(op)) {
      rewriter.eraseOp(&op);
      continue;
    }
    if (auto branch = dyn_cast<scf::IfOp>(op)) {
      consumeBranch(branch, cursors);
      continue;
    }
    auto loop = dyn_cast<scf::ForOp>(op);
    if (!loop)
      continue;
    SmallVector<size_t> used = getChannelsIn(loop);
    if (used.empty())
      continue;
    Cursors inits =
        llvm::map_to_vector(used, [&](size_t i) { return cursors[i]; });
    size_t first = loop.getNumResults();
    // The cursors behind the body are known when the body is done.
    scf::ForOp replaced = carryMore(rewriter, loop, inits);
    Cursors inner(cursors);
    for (auto [i, channel] : llvm::enumerate(used))
      inner[channel] = replaced.getRegionIterArg(first + i);
    consume(*replaced.getBody(), inner);
    for (auto [i, channel] : llvm::enumerate(used)) {
      replaced.getBody()->getTerminator()->setOperand(first + i,
                                                      inner[channel]);
      cursors[channel] = replaced.getResult(first + i);
    }
  }
}

void Specializer::run() {
  Location loc = launch.getLoc();
  Block &body = launch.getBody().front();
  int64_t threads = *getConstantIntValue(launch.getBlockSizeX());
  int64_t groups = threads / kThreadsPerGroup;
  RoleRegisters registers =
      getRoleRegisters(groups, GPUTarget().registers / resident);

  rewriter.setInsertionPoint(body.getTerminator());
  makeChannels();
  Value start = arith::ConstantIntOp::create(rewriter, loc, 0, 32);
  auto roles = RolesOp::create(rewriter, loc, 4, registers.producer, 4 * groups,
                               registers.consumer);
  Block *producing = rewriter.createBlock(&roles.getProduce());
  Block *consuming = rewriter.createBlock(&roles.getConsume());
  Operation *firstNew = channels.front().value.getDefiningOp();
  SmallVector<Operation *> shared;
  for (Operation &op : body)
    if (isa<MakeDrawsOp, MakeNotesOp>(op))
      shared.push_back(&op);
  for (Operation *op : shared)
    rewriter.moveOpBefore(op, roles);
  consuming->getOperations().splice(consuming->end(), body.getOperations(),
                                    body.begin(), firstNew->getIterator());

  IRMapping mapping;
  Cursors cursors(channels.size(), start);
  rewriter.setInsertionPointToStart(producing);
  produce(*consuming, mapping, cursors);
  cursors.assign(channels.size(), start);
  consume(*consuming, cursors);

  rewriter.setInsertionPoint(launch);
  launch.getBlockSizeXMutable().assign(arith::ConstantIndexOp::create(
      rewriter, loc, threads + kThreadsPerGroup));
  rewriter.setInsertionPointAfter(launch);
  for (auto &[key, descriptor] : descriptors)
    ForgetOp::create(rewriter, loc, descriptor);
}

namespace {
struct WGSpecializeWarps
    : attn::wg::impl::WGSpecializeWarpsBase<WGSpecializeWarps> {
  using WGSpecializeWarpsBase::WGSpecializeWarpsBase;

  void runOnOperation() override {
    getOperation()->walk([&](gpu::LaunchOp launch) {
      if (!launch->walk([](CopyOp) { return WalkResult::interrupt(); })
               .wasInterrupted())
        return;
      SmallVector<FromSharedOp> staged = stageLoads(launch);
      auto analyze = [&] {
        return Specializer(launch, stages, limit, persistent).analyze();
      };
      std::optional<std::string> reason = analyze();
      if (reason && !staged.empty()) {
        loadAgain(staged);
        reason = analyze();
      }
      if (reason) {
        remark::missed(launch.getLoc(), remark::RemarkOpts::name("no-roles")
                                            .category("wg-specialize-warps"))
            << remark::reason("all warps copy: {0}", *reason);
        return;
      }
      ++numLaunches;
      IRRewriter rewriter(&getContext());
      if (persistent)
        makeBlocksPersistent(rewriter, launch, getResidentBlocks(launch),
                             launch->hasAttr(tile::kTaskOrder));
      Specializer specializer(launch, stages, limit, /*persistent=*/false);
      reason = specializer.analyze();
      assert(!reason && "a loop around all makes a difference");
      numCopies += specializer.getNumCopies();
      specializer.run();
    });
  }
};
} // namespace
