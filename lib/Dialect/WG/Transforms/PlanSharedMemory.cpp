//===- PlanSharedMemory.cpp - Places of tiles in shared memory ------------===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "attn/Dialect/WG/IR/WG.h"
#include "attn/Dialect/WG/Transforms/Passes.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "llvm/ADT/SetVector.h"

namespace attn::wg {
#define GEN_PASS_DEF_WGPLANSHAREDMEMORY
#include "attn/Dialect/WG/Transforms/Passes.h.inc"
} // namespace attn::wg

using namespace mlir;
using namespace attn::wg;

namespace {

/// A tile begins where the swizzle pattern does.
constexpr int64_t kAlignment = 1024;
constexpr int64_t kSmallAlignment = 16;

/// A tile and when it is needed: from the operation that makes it to the last
/// one that reads it, in the order of a walk.
struct Buffer {
  Operation *op;
  int64_t bytes, first, last, offset = 0;
  /// The region of a `wg.roles` that it is in, null if in none.
  Region *role = nullptr;

  /// What has no tiles fits into what alignment leaves between them.
  int64_t getAlignment() const {
    return isa<MakeDrawsOp, MakeNotesOp>(op) ? kSmallAlignment : kAlignment;
  }
  bool overlaps(const Buffer &other) const {
    // Roles work at the same time.
    if (role && other.role && role != other.role)
      return true;
    return first <= other.last && other.first <= last;
  }
};

class Planner {
public:
  explicit Planner(gpu::LaunchOp launch) : launch(launch) {}
  /// Gives every buffer its offset and returns the bytes of all.
  int64_t plan();
  ArrayRef<Buffer> getBuffers() const { return buffers; }

private:
  void number(Operation *op);
  void addBuffer(Operation *op);
  int64_t place(const Buffer &buffer);

  gpu::LaunchOp launch;
  SmallVector<Buffer> buffers;
  /// An operation's number, and that of the last operation inside of it.
  DenseMap<Operation *, std::pair<int64_t, int64_t>> numbers;
  int64_t next = 0;
};

} // namespace

void Planner::number(Operation *op) {
  int64_t first = next++;
  for (Region &region : op->getRegions())
    for (Block &block : region)
      for (Operation &inner : block)
        number(&inner);
  numbers[op] = {first, next - 1};
}

/// Bytes of shared memory that an operation makes or works in.
static int64_t getBytes(Operation *op) {
  if (auto scratch = dyn_cast<ScratchOpInterface>(op))
    return scratch.getScratchBytes();
  if (auto ring = dyn_cast<MakeRingOp>(op))
    return ring.getType().getSlots() * ring.getType().getTile().getBytes();
  if (auto channel = dyn_cast<MakeChannelOp>(op))
    return channel.getType().getBytes();
  if (auto draws = dyn_cast<MakeDrawsOp>(op))
    return draws.getType().getBytes();
  if (auto notes = dyn_cast<MakeNotesOp>(op))
    return notes.getType().getBytes();
  if (isa<CopyOp, ToSharedOp>(op))
    return cast<SharedType>(op->getResult(0).getType()).getBytes();
  return 0;
}

void Planner::addBuffer(Operation *op) {
  int64_t bytes = getBytes(op);
  if (bytes == 0)
    return;
  Buffer buffer{op, bytes, numbers[op].first, numbers[op].second};
  if (auto roles = op->getParentOfType<RolesOp>())
    for (Region &region : roles->getRegions())
      if (region.isAncestor(op->getParentRegion()))
        buffer.role = &region;
  // Who works on its own in a place would not see others come and go.
  if (auto scratch = dyn_cast<ScratchOpInterface>(op);
      scratch && scratch.isPrivate())
    std::tie(buffer.first, buffer.last) = numbers[launch];
  // Follow the tile, and the places of a ring, to all that they are handed to.
  SetVector<Value> values;
  if (!isa<ScratchOpInterface>(op))
    values.insert(op->getResult(0));
  for (size_t i = 0; i < values.size(); ++i)
    for (OpOperand &use : values[i].getUses()) {
      Operation *user = use.getOwner();
      // A use in a loop may happen until the loop ends.
      Operation *ancestor = op->getBlock()->findAncestorOpInBlock(*user);
      if (ancestor)
        buffer.last = std::max(buffer.last, numbers[ancestor].second);
      // A product that was started reads until it is awaited.
      if (isa<StartMmaOp>(user))
        for (Operation *await : user->getUsers())
          if (Operation *end = op->getBlock()->findAncestorOpInBlock(*await))
            buffer.last = std::max(buffer.last, numbers[end].second);
      if (isa<SlotOp>(user))
        values.insert(user->getResult(0));
      if (auto loop = dyn_cast<scf::ForOp>(user)) {
        if (BlockArgument argument = loop.getTiedLoopRegionIterArg(&use))
          values.insert(argument);
        if (OpResult result = loop.getTiedLoopResult(&use))
          values.insert(result);
      }
      if (auto yield = dyn_cast<scf::YieldOp>(user))
        values.insert(yield->getParentOp()->getResult(use.getOperandNumber()));
    }
  buffers.push_back(buffer);
}

/// The first place that nothing needed at the same time takes.
int64_t Planner::place(const Buffer &buffer) {
  SmallVector<const Buffer *> taken;
  for (const Buffer &other : buffers)
    if (&other < &buffer && other.overlaps(buffer))
      taken.push_back(&other);
  llvm::sort(taken, [](const Buffer *a, const Buffer *b) {
    return a->offset < b->offset;
  });
  int64_t offset = 0;
  for (const Buffer *other : taken) {
    if (offset + buffer.bytes <= other->offset)
      break;
    offset =
        std::max<int64_t>(offset, llvm::alignTo(other->offset + other->bytes,
                                                buffer.getAlignment()));
  }
  return offset;
}

int64_t Planner::plan() {
  number(launch);
  launch.walk<WalkOrder::PreOrder>([&](Operation *op) { addBuffer(op); });
  llvm::sort(buffers, [](const Buffer &a, const Buffer &b) {
    return std::tuple(-a.getAlignment(), a.first) <
           std::tuple(-b.getAlignment(), b.first);
  });
  int64_t bytes = 0;
  for (Buffer &buffer : buffers) {
    buffer.offset = place(buffer);
    bytes = std::max(bytes, buffer.offset + buffer.bytes);
  }
  return bytes;
}

namespace {
struct WGPlanSharedMemory
    : attn::wg::impl::WGPlanSharedMemoryBase<WGPlanSharedMemory> {
  using WGPlanSharedMemoryBase::WGPlanSharedMemoryBase;

  LogicalResult plan(gpu::LaunchOp launch) {
    Planner planner(launch);
    int64_t bytes = planner.plan();
    if (planner.getBuffers().empty())
      return success();
    // C1: all of it fits.
    if (bytes > limit) {
      InFlightDiagnostic diagnostic = launch.emitError("C1: needs ")
                                      << bytes
                                      << " bytes of shared memory, a block has "
                                      << limit.getValue();
      for (const Buffer &buffer : planner.getBuffers())
        diagnostic.attachNote(buffer.op->getLoc())
            << buffer.bytes << " bytes here";
      return failure();
    }
    Builder attributes(&getContext());
    for (const Buffer &buffer : planner.getBuffers())
      buffer.op->setAttr(kOffset, attributes.getI64IntegerAttr(buffer.offset));
    OpBuilder builder(launch);
    launch.getDynamicSharedMemorySizeMutable().assign(
        arith::ConstantIntOp::create(builder, launch.getLoc(), bytes, 32));
    numBytes += bytes;
    return success();
  }

  void runOnOperation() override {
    WalkResult result = getOperation()->walk(
        [&](gpu::LaunchOp launch) { return WalkResult(plan(launch)); });
    if (result.wasInterrupted())
      signalPassFailure();
  }
};
} // namespace
