//===- VersionByColumns.cpp - Two schedules and a condition ---------------===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "attn/Strategy/GPUSchedule.h"
#include "attn/Strategy/OrderedFold.h"
#include "attn/Strategy/Passes.h"
#include "attn/Target/GPUTarget.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/IR/Remarks.h"

namespace attn::strategy {
#define GEN_PASS_DEF_VERSIONBYCOLUMNS
#include "attn/Strategy/Passes.h.inc"
} // namespace attn::strategy

using namespace mlir;
using namespace attn;
using namespace attn::strategy;

/// What the count prefers for a fold.
static std::optional<tile::FoldTiling> getFirst(const tile::FoldShape &shape,
                                                const GPULimits &limits) {
  if (shape.order == tile::FoldOrder::Ordered) {
    SmallVector<tile::FoldTiling> tilings =
        getOrderedGPUTilings(shape, /*tasks=*/0);
    return tilings.empty() ? std::optional<tile::FoldTiling>()
                           : tilings.front();
  }
  SmallVector<GPUCandidate> candidates = getGPUCandidates(shape, limits);
  if (candidates.empty())
    return std::nullopt;
  return candidates.front().tiling;
}

/// The number of columns up to which they would be cut in another way than any
/// number of them, if there is one.
static std::optional<int64_t> getBound(tile::FoldOpInterface fold,
                                       const GPULimits &limits) {
  tile::FoldShape shape = fold.getFoldShape();
  bool isOrdered = shape.order == tile::FoldOrder::Ordered;
  if ((isOrdered && !shape.continues) || fold.getFoldTiling() ||
      !ShapedType::isDynamic(shape.columns) ||
      !ShapedType::isDynamic(shape.mostColumns) ||
      ShapedType::isDynamic(shape.depth) || ShapedType::isDynamic(shape.width))
    return std::nullopt;
  std::optional<tile::FoldTiling> any = getFirst(shape, limits);
  shape.mostColumns = isOrdered ? kFewGPUTokens : kFewGPUColumns;
  std::optional<tile::FoldTiling> few = getFirst(shape, limits);
  if (!any || !few || *any == *few)
    return std::nullopt;
  return shape.mostColumns;
}

static Operation *getOtherUser(Operation *op) {
  for (Operation *user : op->getUsers())
    if (!isa<func::ReturnOp>(user))
      return user;
  return nullptr;
}

static void makeVersions(tile::FoldOpInterface fold, int64_t bound) {
  OpBuilder b(fold);
  Location loc = fold.getLoc();
  Value most = arith::ConstantIndexOp::create(b, loc, bound);
  Value isFew = arith::CmpIOp::create(b, loc, arith::CmpIPredicate::ule,
                                      fold.getColumnCount(b), most);
  auto addVersion = [&](OpBuilder &branch, Location loc, bool few) {
    Operation *version = branch.clone(*fold);
    if (few)
      version->setAttr(tile::kMostColumnsAttr, branch.getI64IntegerAttr(bound));
    scf::YieldOp::create(branch, loc, version->getResults());
  };
  auto versions = scf::IfOp::create(
      b, loc, isFew,
      [&](OpBuilder &branch, Location loc) { addVersion(branch, loc, true); },
      [&](OpBuilder &branch, Location loc) { addVersion(branch, loc, false); });
  fold->replaceAllUsesWith(versions.getResults());
  fold->erase();
}

namespace {
struct VersionByColumns
    : strategy::impl::VersionByColumnsBase<VersionByColumns> {
  using VersionByColumnsBase::VersionByColumnsBase;

  void runOnOperation() override {
    GPULimits limits;
    limits.registers = registers;
    limits.sharedBytes = sharedBytes;
    limits.hasProducers = producers;
    limits.maximum = maximum;
    // Only those of the function's own block are returned.
    for (auto fold : llvm::make_early_inc_range(
             getOperation().getOps<tile::FoldOpInterface>())) {
      std::optional<int64_t> bound = getBound(fold, limits);
      if (!bound)
        continue;
      auto options = [](StringRef name) {
        return remark::RemarkOpts::name(name).category(
            "attn-version-by-columns");
      };
      if (Operation *user = getOtherUser(fold)) {
        remark::missed(fold.getLoc(), options("one-version"))
            << remark::add("up to {0} columns would have other tiles, but "
                           "'{1}' uses a result and may be fused",
                           *bound, user->getName().getStringRef());
        continue;
      }
      remark::passed(fold.getLoc(), options("two-versions"))
          << remark::add("one for up to {0} columns", *bound);
      ++numVersioned;
      makeVersions(fold, *bound);
    }
  }
};
} // namespace
