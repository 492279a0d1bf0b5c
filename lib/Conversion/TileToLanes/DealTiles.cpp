//===- DealTiles.cpp - Which tiles lanes hold, and how --------------------===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "TileAxes.h"
#include "attn/Conversion/Passes.h"
#include "attn/Dialect/Tile/IR/Tile.h"
#include "attn/Target/GPUTarget.h"
#include "mlir/IR/Remarks.h"
#include "llvm/Support/FormatVariadic.h"

namespace attn {
#define GEN_PASS_DEF_DEALTILES
#include "attn/Conversion/Passes.h.inc"
} // namespace attn

using namespace mlir;
using namespace attn;

/// Warps multiply tiles of whole such parts.
static constexpr int64_t kTileRows = 16, kTileColumns = 8;

/// Lanes of a warp.
static constexpr int64_t kWarpLanes = 32;

/// The largest power of two that divides `extent`.
static int64_t getEvenPart(int64_t extent) { return extent & -extent; }

namespace {
struct DealTiles : attn::impl::DealTilesBase<DealTiles> {
  using DealTilesBase::DealTilesBase;

  bool hasShortTile(scf::ForallOp loop);
  wg::LanesAttr choose(const TileAxes &axes);

  void runOnOperation() override {
    getOperation()->walk<WalkOrder::PreOrder>([&](scf::ForallOp loop) {
      if (hasShortTile(loop)) {
        Operation *culprit = nullptr;
        std::string reason;
        FailureOr<TileAxes> axes = TileAxes::find(loop, culprit, reason);
        if (succeeded(axes) && !axes->getExtents().empty()) {
          loop->setAttr(wg::kLanes, choose(*axes));
          ++numLoops;
        } else if (failed(axes)) {
          remark::missed(
              culprit->getLoc(),
              remark::RemarkOpts::name("no-lanes").category("deal-tiles"))
              << remark::reason("lanes do not share its tiles: {0}", reason);
        }
      }
      return WalkResult::skip();
    });
  }
};
} // namespace

/// Whether memory is read or written by tiles that warps do not multiply.
bool DealTiles::hasShortTile(scf::ForallOp loop) {
  auto isShort = [&](Value tile) {
    auto type = cast<RankedTensorType>(tile.getType());
    return type.getRank() == 2 && (type.getDimSize(0) % kTileRows != 0 ||
                                   type.getDimSize(1) % kTileColumns != 0);
  };
  return loop
      .walk([&](Operation *op) {
        bool found = false;
        if (auto rows = dyn_cast<tile::RowsOp>(op))
          found = isShort(rows.getResult());
        else if (auto insert = dyn_cast<tile::InsertOp>(op))
          found = isShort(insert.getTile());
        return found ? WalkResult::interrupt() : WalkResult::advance();
      })
      .wasInterrupted();
}

wg::LanesAttr DealTiles::choose(const TileAxes &axes) {
  ArrayRef<int64_t> extents = axes.getExtents();
  SmallVector<int64_t> lanes(extents.size(), 1), consecutive(extents);
  // The innermost dimension of the largest tile.
  Value largest;
  int64_t most = 0;
  for (Value tile : axes.getTiles()) {
    auto type = cast<RankedTensorType>(tile.getType());
    if (type.getNumElements() > most && axes.getAxes(tile).back()) {
      largest = tile;
      most = type.getNumElements();
    }
  }
  int64_t left = kWarpLanes, inner = 0;
  SmallVector<unsigned> others =
      llvm::to_vector(llvm::seq<unsigned>(0, extents.size()));
  if (largest) {
    inner = *axes.getAxes(largest).back();
    Type element = cast<RankedTensorType>(largest.getType()).getElementType();
    int64_t width = std::max<int64_t>(1, 8 * kVectorBytes /
                                             element.getIntOrFloatBitWidth());
    consecutive[inner] = std::min(getEvenPart(extents[inner]), width);
    lanes[inner] =
        std::min(left, getEvenPart(extents[inner] / consecutive[inner]));
    left /= lanes[inner];
    llvm::erase(others, static_cast<unsigned>(inner));
  }
  llvm::sort(others, [&](unsigned x, unsigned y) {
    return extents[x] != extents[y] ? extents[x] > extents[y] : x < y;
  });
  for (unsigned axis : others) {
    lanes[axis] = std::min(left, getEvenPart(extents[axis]));
    left /= lanes[axis];
    consecutive[axis] = extents[axis] / lanes[axis];
  }
  return wg::LanesAttr::get(&getContext(), lanes, consecutive, inner);
}
