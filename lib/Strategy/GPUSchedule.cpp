//===- GPUSchedule.cpp - Chooses the tiles of folds on a GPU --------------===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A multiprocessor multiplies 64 rows at a time, by four warps that keep the
// rows' state and their part of a tile of values in registers. What fits is
// counted here. Where the state is so narrow that four such groups fit, they
// are blocks of their own: while one waits the others work. Otherwise two
// groups share a tile of columns, as many columns as fit, since both cut the
// bytes moved for each product.
//
//===----------------------------------------------------------------------===//

#include "attn/Dialect/Tile/IR/FoldInterface.h"
#include "attn/Strategy/Passes.h"
#include "mlir/IR/Remarks.h"

namespace attn::strategy {
#define GEN_PASS_DEF_SELECTGPUSCHEDULE
#include "attn/Strategy/Passes.h.inc"
} // namespace attn::strategy

using namespace mlir;
using namespace attn;

namespace {

/// Rows that four warps multiply at a time.
constexpr int64_t kRowsPerGroup = 64;
constexpr int64_t kThreadsPerGroup = 128;
/// Addresses, bounds, vectors of the rows and what the compiler needs.
constexpr int64_t kOtherRegisters = 56;

struct Resources {
  int64_t registers, sharedBytes;
};

/// For the value of a pair that comes from memory.
constexpr int64_t kPairOperandRegisters = 8;

/// Addresses of what a thread copies of a tile of columns, in chunks of eight
/// elements. Those of one thread lie below each other, and share most of their
/// addresses, only if the threads fill whole rows.
int64_t getCopyRegisters(int64_t cols, int64_t extent, int64_t threads) {
  int64_t chunksPerRow = extent / 8;
  int64_t chunks = llvm::divideCeil(cols * chunksPerRow, threads);
  if (threads % chunksPerRow != 0)
    return 6 * chunks;
  return (threads > kThreadsPerGroup ? 2 : 3) * chunks;
}

/// What a thread and a block need for tiles of rows x cols. Values of a tile
/// live as f32 and, once they are an operand, as 16 bits; `stages` tiles of
/// columns are in shared memory at a time.
Resources getResources(const tile::FoldShape &shape, int64_t cols, int64_t rows,
                       int64_t stages) {
  int64_t depth = llvm::alignTo(shape.depth, 16),
          width = llvm::alignTo(shape.width, 16);
  int64_t threads = rows / kRowsPerGroup * kThreadsPerGroup;
  int64_t registers = width / 2 + cols / 2 + cols / 4 + kOtherRegisters +
                      getCopyRegisters(cols, depth, threads) +
                      getCopyRegisters(cols, width, threads);
  if (!shape.pairOperands.empty())
    registers += kPairOperandRegisters;
  return {registers, 2 * (rows * depth + stages * cols * (depth + width))};
}

struct Choice {
  tile::FoldTiling tiling;
  Resources resources;
};

} // namespace

namespace {
struct SelectGPUSchedule
    : strategy::impl::SelectGPUScheduleBase<SelectGPUSchedule> {
  using SelectGPUScheduleBase::SelectGPUScheduleBase;

  /// Whether four groups of 64 rows fit the registers of a multiprocessor.
  bool fitFour(const tile::FoldShape &shape, int64_t cols) {
    return static_cast<int64_t>(llvm::alignTo(shape.width, 16)) / 2 +
               3 * cols / 4 <=
           registers / (4 * kThreadsPerGroup);
  }

  std::optional<Choice> tryTiles(const tile::FoldShape &shape, int64_t groups,
                                 int64_t cols) {
    int64_t rows = kRowsPerGroup * groups;
    Resources needed = getResources(shape, cols, rows, stages);
    int64_t available =
        std::min<int64_t>(255, registers / (kThreadsPerGroup * groups));
    if (needed.registers > available || needed.sharedBytes > sharedBytes)
      return std::nullopt;
    Choice choice{{rows, cols, tile::MicroTileAttr()}, needed};
    choice.tiling.hoistPack = false;
    choice.tiling.longestFirst = shape.mask.has_value();
    return choice;
  }

  std::optional<Choice> choose(const tile::FoldShape &shape) {
    if (fitFour(shape, 128)) {
      // A mask makes tiles that are partly wasted; narrower ones waste less.
      if (auto choice = tryTiles(shape, 1, shape.mask ? 96 : 128))
        return choice;
    }
    // Few rows do not fill more than one group.
    bool isShort =
        !ShapedType::isDynamic(shape.rows) && shape.rows <= kRowsPerGroup;
    for (int64_t groups = isShort ? 1 : 2; groups > 0; --groups)
      for (int64_t cols = 128; cols >= 16; cols -= 16)
        if (auto choice = tryTiles(shape, groups, cols))
          return choice;
    return std::nullopt;
  }

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
    std::optional<Choice> choice = choose(shape);
    if (!choice) {
      Resources least = getResources(shape, 16, kRowsPerGroup, stages);
      return op->emitOpError("fits no schedule: 64 rows of depth ")
             << shape.depth << " and width " << shape.width << " need "
             << least.registers << " of 255 registers of a thread and "
             << least.sharedBytes << " of " << sharedBytes.getValue()
             << " bytes of shared memory";
    }
    op.setFoldTiling(choice->tiling);
    ++numChosen;
    remark::passed(op.getLoc(), options("schedule")) << remark::add(
        "{0} x {1}: {2} registers of a thread, {3} bytes of "
        "shared memory",
        choice->tiling.rows, choice->tiling.cols, choice->resources.registers,
        choice->resources.sharedBytes);
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
