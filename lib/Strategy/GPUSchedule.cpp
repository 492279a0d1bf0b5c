//===- GPUSchedule.cpp - Chooses the tiles of folds on a GPU --------------===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A multiprocessor multiplies 64 rows at a time, by a group of four warps that
// keeps the rows' state and their part of a tile of values in registers. What
// fits is counted here.
//
// Where another group can do the copies (`wg-specialize-warps`), three groups
// share a tile of columns if their registers suffice for a wide one, else two
// do; a group that blocks of a selection leave alone shares the multiprocessor
// with another block. Where all warps copy, the addresses take registers. If
// the state is so narrow that four groups fit, they are blocks of their own:
// while one waits the others work. Otherwise two groups share a tile of
// columns, as many columns as fit, since both cut the bytes moved for each
// product.
//
//===----------------------------------------------------------------------===//

#include "attn/Strategy/GPUSchedule.h"
#include "attn/Strategy/OrderedFold.h"
#include "attn/Strategy/Passes.h"
#include "attn/Target/GPUTarget.h"
#include "mlir/IR/Remarks.h"
#include <numeric>

namespace attn::strategy {
#define GEN_PASS_DEF_SELECTGPUSCHEDULE
#include "attn/Strategy/Passes.h.inc"
} // namespace attn::strategy

using namespace mlir;
using namespace attn;
using namespace attn::strategy;

/// Tiles of columns, and rows, can be copied by the copy engine if they end
/// where memory ends, and are made of words of 16 bytes. What is not multiplied
/// by four warps needs the registers for itself.
bool attn::strategy::hasGPUProducers(const tile::FoldShape &shape,
                                     const GPULimits &limits) {
  return limits.hasProducers && shape.operandBytes == 2 && !shape.endsEarly &&
         shape.depth % 8 == 0 && shape.width % 8 == 0;
}

namespace {

/// Rows that four warps multiply at a time.
constexpr int64_t kRowsPerGroup = 64;
/// Rows that a warp multiplies at a time, and columns that it sums over.
constexpr int64_t kWarpTile = 16;
/// Addresses, bounds, vectors of the rows and what the compiler needs.
constexpr int64_t kOtherRegisters = 56;

/// For the value of a pair that comes from memory.
constexpr int64_t kPairOperandRegisters = 8;

/// Addresses of what a thread copies of a tile of columns, in chunks of 16
/// bytes. Those of one thread lie below each other, and share most of their
/// addresses, only if the threads fill whole rows.
int64_t getCopyRegisters(int64_t cols, int64_t rowBytes, int64_t threads) {
  int64_t chunksPerRow = rowBytes / 16;
  int64_t chunks = llvm::divideCeil(cols * chunksPerRow, threads);
  if (threads % chunksPerRow != 0)
    return 6 * chunks;
  return (threads > kThreadsPerGroup ? 2 : 3) * chunks;
}

/// Scalars of a thread that does not copy.
constexpr int64_t kConsumerRegisters = 30;
/// Of those that a thread can have, what is counted on.
constexpr int64_t kMostRegisters = 240;
/// Barriers and what is lost where tiles are aligned.
constexpr int64_t kChannelBytes = 3 * 1024;

/// Of a warp that multiplies f32: the parts of what an instruction reads.
constexpr int64_t kSplitRegisters = 40;

/// Groups of four warps that a tile of rows has; fewer than 64 rows leave warps
/// without any of their own.
int64_t getGroups(int64_t rows) {
  return std::max<int64_t>(1, rows / kRowsPerGroup);
}

int64_t getTileBytes(const tile::FoldShape &shape, int64_t cols, int64_t rows,
                     int64_t stages) {
  int64_t depth = llvm::alignTo(shape.depth, 16),
          width = llvm::alignTo(shape.width, 16);
  return shape.operandBytes * (rows * depth + stages * cols * (depth + width));
}

/// What a consumer and a block need beside a group that copies.
GPUResources getConsumerResources(const tile::FoldShape &shape, int64_t cols,
                                  int64_t rows, int64_t stages) {
  int64_t width = llvm::alignTo(shape.width, 16);
  int64_t registers = width / 2 + cols / 2 + cols / 4 + kConsumerRegisters;
  if (!shape.pairOperands.empty())
    registers += kPairOperandRegisters;
  return {registers, getTileBytes(shape, cols, rows, stages) + kChannelBytes};
}

/// What a thread and a block need for tiles of rows x cols if all copy. Values
/// of a tile live as f32 and, once they are a narrow operand, as 16 bits;
/// `stages` tiles of columns are in shared memory at a time.
GPUResources getResources(const tile::FoldShape &shape, int64_t cols,
                          int64_t rows, int64_t stages) {
  int64_t depth = llvm::alignTo(shape.depth, 16),
          width = llvm::alignTo(shape.width, 16);
  int64_t threads = getGroups(rows) * kThreadsPerGroup;
  bool isWide = shape.operandBytes > 2;
  int64_t registers =
      width / 2 + cols / 2 + (isWide ? kSplitRegisters : cols / 4) +
      kOtherRegisters +
      getCopyRegisters(cols, shape.operandBytes * depth, threads) +
      getCopyRegisters(cols, shape.operandBytes * width, threads);
  if (!shape.pairOperands.empty())
    registers += kPairOperandRegisters;
  return {registers, getTileBytes(shape, cols, rows, stages)};
}

/// What a thread of `groups` groups can have.
int64_t getAvailableRegisters(const tile::FoldShape &shape,
                              const GPULimits &limits, int64_t groups) {
  if (hasGPUProducers(shape, limits))
    return std::min(getRoleRegisters(groups, limits.registers).consumer,
                    kMostRegisters);
  return std::min<int64_t>(255, limits.registers / (kThreadsPerGroup * groups));
}

/// Four groups of 64 rows fit the registers of a multiprocessor.
bool fitFour(const tile::FoldShape &shape, int64_t cols,
             const GPULimits &limits) {
  return static_cast<int64_t>(llvm::alignTo(shape.width, 16)) / 2 +
             3 * cols / 4 <=
         limits.registers / (4 * kThreadsPerGroup);
}

} // namespace

GPUResources attn::strategy::getGPUResources(const tile::FoldShape &shape,
                                             const GPULimits &limits,
                                             int64_t rows, int64_t cols) {
  return hasGPUProducers(shape, limits)
             ? getConsumerResources(shape, cols, rows, limits.stages)
             : getResources(shape, cols, rows, limits.stages);
}

namespace {

/// Whether folds are held if they fit.
bool isHeld(const tile::FoldShape &shape, const GPULimits &limits) {
  if (!hasGPUProducers(shape, limits))
    return false;
  switch (limits.maximum) {
  case MaximumMode::Auto:
    return !shape.holdingFails;
  case MaximumMode::Online:
    return false;
  case MaximumMode::Held:
    return true;
  }
  llvm_unreachable("unknown mode");
}

/// The number of columns after which a part of the mask repeats; nothing if no
/// part does, or one that no usual tile divides.
std::optional<int64_t> getRepeatedColumns(const tile::FoldShape &shape) {
  std::optional<int64_t> period;
  std::function<void(const tile::Formula &)> add =
      [&](const tile::Formula &formula) {
        if (formula.getKind() != tile::Formula::Kind::Constraint) {
          llvm::for_each(formula.getTerms(), add);
        } else if (formula.repeatsAlongColumns()) {
          std::optional<int64_t> next = tile::getPeriod(formula);
          period = std::gcd(period.value_or(0), next.value_or(1));
        }
      };
  if (shape.mask)
    add(*shape.mask);
  constexpr int64_t kLeast = 32;
  return period && *period % kLeast == 0 ? period : std::nullopt;
}

/// Blocks of one group on a multiprocessor: on one H100 three are 1.06 times as
/// fast as two in Reformer's tiles of 64 x 64, whose rows are 64 wide. Of rows
/// of 128 only two fit.
constexpr int64_t kMostBlocks = 3;

class CandidateList {
public:
  CandidateList(const tile::FoldShape &shape, const GPULimits &limits,
                SmallVectorImpl<GPURejection> *rejected)
      : limits(limits),
        hasBlocks(shape.rowBlock > 0 && shape.columnBlock % kWarpTile == 0 &&
                  shape.rowBlock %
                          (shape.needsBlocks ? kWarpTile : kRowsPerGroup) ==
                      0),
        shape(shape), rejected(rejected) {}

  void add(int64_t groups, ArrayRef<int64_t> widths) {
    for (int64_t cols : widths)
      if (!period || *period % cols == 0)
        add(groups, cols);
  }
  void add(int64_t groups, int64_t cols) {
    addTile(kRowsPerGroup * groups, cols);
  }
  void addTile(int64_t rows, int64_t cols);
  /// Tiles of one group of rows, if as many blocks as help share a
  /// multiprocessor.
  void addShared(int64_t cols);
  int64_t countBlocks(const GPUResources &needed) const;
  int64_t getBlocks(int64_t rows, const GPUResources &needed) const;
  SmallVector<GPUCandidate> list;
  /// Those of the candidates that are added next.
  GPULimits limits;
  /// Whether tiles lie in one of the blocks of rows, and of columns, each.
  bool hasBlocks;

private:
  const tile::FoldShape &shape;
  SmallVectorImpl<GPURejection> *rejected;
  /// Of what repeats along the columns: tiles that do not divide it each see
  /// something else of it, so none could be left out.
  std::optional<int64_t> period = getRepeatedColumns(shape);
};

} // namespace

void CandidateList::addTile(int64_t rows, int64_t cols) {
  // Tiles that lie in one block each visit what is chosen only.
  if (hasBlocks &&
      (shape.rowBlock % rows != 0 || shape.columnBlock % cols != 0))
    return;
  GPUResources needed = getGPUResources(shape, limits, rows, cols);
  int64_t available = getAvailableRegisters(shape, limits, getGroups(rows));
  if (needed.registers > available || needed.sharedBytes > limits.sharedBytes) {
    auto isSame = [&](const GPURejection &other) {
      return other.rows == rows && other.cols == cols &&
             other.stages == limits.stages;
    };
    if (rejected && llvm::none_of(*rejected, isSame))
      rejected->push_back(
          {rows, cols, limits.stages, needed, {available, limits.sharedBytes}});
    return;
  }
  GPUCandidate candidate{{rows, cols, tile::MicroTileAttr()}, needed};
  candidate.tiling.hoistPack = false;
  candidate.tiling.longestFirst = shape.mask.has_value();
  // What a mask cuts then goes over into the loop of the full tiles. But with a
  // wide state it matters more that this begins with the identity: on one H100
  // rows of 256 are 4 to 8 % faster at 4k and 1k keys with full tiles first.
  // A fold is held from its partial tiles on, where producers leave registers
  // for the second version that it has for when that goes wrong. Over few
  // columns a wide state gains less by that: on one H100, 8 % slower at 1024.
  constexpr int64_t kWide = 128;
  bool isWide = shape.mask && shape.width > kWide;
  candidate.tiling.held =
      isHeld(shape, limits) && !(limits.maximum == MaximumMode::Auto &&
                                 isWide && hasFewGPUColumns(shape));
  candidate.tiling.partialFirst = candidate.tiling.held || !isWide;
  candidate.tiling.blocks = getBlocks(rows, needed);
  list.push_back(candidate);
}

/// As many blocks of one group as can share a multiprocessor and help.
int64_t CandidateList::countBlocks(const GPUResources &needed) const {
  for (int64_t blocks = kMostBlocks; blocks > 1; --blocks) {
    int64_t registers = std::min(
        getRoleRegisters(/*groups=*/1, limits.registers / blocks).consumer,
        kMostRegisters);
    if (needed.registers <= registers &&
        needed.sharedBytes <= getBlockSharedBytes(blocks, limits.sharedBytes))
      return blocks;
  }
  return 1;
}

/// Blocks that share a multiprocessor. One group of rows, which blocks of a
/// selection may leave no choice but, waits for its products, its exponentials
/// and its products again: other blocks work meanwhile, if they fit.
int64_t CandidateList::getBlocks(int64_t rows,
                                 const GPUResources &needed) const {
  bool isAlone = hasBlocks && getGroups(rows) == 1;
  return isAlone && hasGPUProducers(shape, limits) ? countBlocks(needed) : 1;
}

void CandidateList::addShared(int64_t cols) {
  // Each block reads all columns for its 64 rows: more than numbers of that
  // width L2 does not bring in time.
  constexpr int64_t kNarrow = 64;
  GPUResources needed = getGPUResources(shape, limits, kRowsPerGroup, cols);
  if (hasBlocks || (period && *period % cols != 0) ||
      std::max(shape.depth, shape.width) > kNarrow ||
      countBlocks(needed) < kMostBlocks)
    return;
  addTile(kRowsPerGroup, cols);
  list.back().tiling.blocks = kMostBlocks;
}

bool attn::strategy::hasFewGPUColumns(const tile::FoldShape &shape) {
  int64_t most =
      ShapedType::isDynamic(shape.columns) ? shape.mostColumns : shape.columns;
  return !ShapedType::isDynamic(most) && most <= kFewGPUColumns;
}

SmallVector<GPUCandidate>
attn::strategy::getGPUCandidates(const tile::FoldShape &shape,
                                 const GPULimits &limits,
                                 SmallVectorImpl<GPURejection> *rejected) {
  CandidateList candidates(shape, limits, rejected);
  // A mask makes tiles that are partly wasted; narrower ones waste less.
  // A mask over few columns makes many first and last tiles, which three groups
  // do at the same time; on one H100 two are 1.17 times as fast at 1024, and
  // three blocks of one group another 1.05 times. At 1536 three groups are
  // best.
  bool isFew = shape.mask && hasFewGPUColumns(shape);
  if (hasGPUProducers(shape, limits) && isFew)
    candidates.addShared(/*cols=*/64);
  if (hasGPUProducers(shape, limits) && !isFew)
    candidates.add(3, isHeld(shape, limits) && !shape.mask
                          ? ArrayRef<int64_t>{96}
                          : ArrayRef<int64_t>{128, 112, 96});
  else if (!hasGPUProducers(shape, limits) && fitFour(shape, 128, limits))
    candidates.add(1, shape.mask ? 96 : 128);
  // Few rows do not fill more than one group.
  bool isShort =
      !ShapedType::isDynamic(shape.rows) && shape.rows <= kRowsPerGroup;
  if (isShort)
    candidates.list.clear();
  // Without room for several stages the copies are waited for.
  for (; candidates.limits.stages > 0; --candidates.limits.stages) {
    for (int64_t groups = isShort ? 1 : 2; groups > 0; --groups)
      candidates.add(groups, {128, 112, 96, 80, 64, 48, 32, 16});
    // Smaller blocks leave warps without rows, but visit what is chosen.
    if (shape.needsBlocks && candidates.hasBlocks)
      for (int64_t rows : {48, 32, 16})
        for (int64_t cols : {128, 112, 96, 80, 64, 48, 32, 16})
          candidates.addTile(rows, cols);
    if (!candidates.list.empty())
      break;
  }
  // What takes too many registers with two versions may not with one.
  SmallVector<GPUCandidate> list = candidates.list;
  for (GPUCandidate candidate : candidates.list) {
    if (!candidate.tiling.held)
      continue;
    candidate.tiling.held = false;
    list.push_back(candidate);
  }
  return list;
}

GPUResources attn::strategy::getAvailableGPUResources(
    const tile::FoldShape &shape, const GPULimits &limits, int64_t rows) {
  return {getAvailableRegisters(shape, limits, getGroups(rows)),
          limits.sharedBytes};
}

LogicalResult attn::strategy::emitFitsNoGPUSchedule(
    Operation *op, const tile::FoldShape &shape, const GPULimits &limits) {
  // The smallest tiles.
  GPULimits one = limits;
  one.stages = 1;
  GPUResources least = getGPUResources(shape, one, kRowsPerGroup, /*cols=*/16),
               available =
                   getAvailableGPUResources(shape, limits, kRowsPerGroup);
  return op->emitOpError("fits no schedule: 64 rows of depth ")
         << shape.depth << " and width " << shape.width << " need "
         << least.registers << " of " << available.registers
         << " registers of a thread and " << least.sharedBytes << " of "
         << available.sharedBytes << " bytes of shared memory";
}

namespace {
struct SelectGPUSchedule
    : strategy::impl::SelectGPUScheduleBase<SelectGPUSchedule> {
  using SelectGPUScheduleBase::SelectGPUScheduleBase;

  LogicalResult select(tile::FoldOpInterface op) {
    auto options = [](StringRef name) {
      return remark::RemarkOpts::name(name).category(
          "attn-select-gpu-schedule");
    };
    if (std::optional<tile::FoldTiling> given = op.getFoldTiling()) {
      if (given->micro)
        return op->emitOpError("has a schedule with a register tile (micro), "
                               "which is one for a CPU");
      ++numGiven;
      return success();
    }
    tile::FoldShape shape = op.getFoldShape();
    if (ShapedType::isDynamic(shape.depth) ||
        ShapedType::isDynamic(shape.width))
      return op->emitOpError("expected static widths, to keep rows in "
                             "registers");
    if (shape.order == tile::FoldOrder::Ordered) {
      SmallVector<tile::FoldTiling> tilings =
          getOrderedGPUTilings(shape, tasks);
      if (tilings.empty())
        return op->emitOpError("fits no schedule: a warp does not hold a "
                               "column of its state, of ")
               << shape.depth << " numbers";
      op.setFoldTiling(tilings.front());
      ++numChosen;
      remark::passed(op.getLoc(), options("schedule"))
          << remark::add("{0}", describeOrdered(tilings.front()));
      if (tilings.front().cols == 1)
        remark::analysis(op.getLoc(), options("token"))
            << remark::reason("{0}", explainToken(shape));
      return success();
    }
    GPULimits limits{registers, sharedBytes, stages, producers, maximum};
    SmallVector<GPUCandidate> candidates = getGPUCandidates(shape, limits);
    if (candidates.empty())
      return emitFitsNoGPUSchedule(op, shape, limits);
    const GPUCandidate &best = candidates.front();
    op.setFoldTiling(best.tiling);
    ++numChosen;
    remark::passed(op.getLoc(), options("schedule"))
        << remark::add("{0} x {1}: {2} registers of a thread, {3} bytes of "
                       "shared memory",
                       best.tiling.rows, best.tiling.cols,
                       best.resources.registers, best.resources.sharedBytes);
    if (maximum == MaximumMode::Auto && shape.holdingFails &&
        hasGPUProducers(shape, limits))
      remark::missed(op.getLoc(), options("online"))
          << remark::add("the maximum is not held: {0}", *shape.holdingFails);
    return success();
  }

  void runOnOperation() override {
    WalkResult result = getOperation()->walk(
        [&](tile::FoldOpInterface op) { return WalkResult(select(op)); });
    if (result.wasInterrupted())
      signalPassFailure();
  }
};
} // namespace
