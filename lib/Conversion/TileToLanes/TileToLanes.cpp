//===- TileToLanes.cpp - Loops over tiles become work of lanes ------------===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "LaneTranslator.h"
#include "attn/Conversion/Passes.h"

namespace attn {
#define GEN_PASS_DEF_CONVERTTILETOLANES
#include "attn/Conversion/Passes.h.inc"
} // namespace attn

using namespace mlir;
using namespace attn;

namespace {
struct ConvertTileToLanes
    : attn::impl::ConvertTileToLanesBase<ConvertTileToLanes> {
  using ConvertTileToLanesBase::ConvertTileToLanesBase;

  LogicalResult convert(scf::ForallOp loop, wg::LanesAttr lanes) {
    Operation *culprit = nullptr;
    std::string reason;
    FailureOr<TileAxes> axes = TileAxes::find(loop, culprit, reason);
    if (failed(axes))
      return culprit->emitError("cannot be dealt to lanes: ") << reason;
    ArrayRef<int64_t> extents = axes->getExtents();
    if (lanes.getLanes().size() != extents.size())
      return loop.emitError("cannot be dealt to lanes: its tiles have ")
             << extents.size() << " axes, " << lanes << " has "
             << lanes.getLanes().size();
    for (auto [extent, count, run] :
         llvm::zip_equal(extents, lanes.getLanes(), lanes.getConsecutive()))
      if (extent % (count * run) != 0)
        return loop.emitError("cannot be dealt to lanes: an axis has ")
               << extent << " elements, which " << count
               << " lanes do not hold in runs of " << run;
    loop->removeAttr(wg::kLanes);
    loop->setAttr(wg::kWarps, OpBuilder(loop).getI32IntegerAttr(1));
    ++numLoops;
    return LaneTranslator(loop, *axes, lanes).translate();
  }

  void runOnOperation() override {
    SmallVector<std::pair<scf::ForallOp, wg::LanesAttr>> loops;
    getOperation()->walk([&](scf::ForallOp loop) {
      if (auto lanes = loop->getAttrOfType<wg::LanesAttr>(wg::kLanes))
        loops.push_back({loop, lanes});
    });
    for (auto [loop, lanes] : loops)
      if (failed(convert(loop, lanes)))
        return signalPassFailure();
  }
};
} // namespace
