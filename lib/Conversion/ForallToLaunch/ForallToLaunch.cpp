//===- ForallToLaunch.cpp - Loops over tiles become kernel launches -------===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "attn/Conversion/Passes.h"
#include "attn/Dialect/Tile/IR/Tile.h"
#include "mlir/Dialect/Arith/Utils/Utils.h"
#include "mlir/Dialect/GPU/IR/GPUDialect.h"

namespace attn {
#define GEN_PASS_DEF_CONVERTFORALLTOLAUNCH
#include "attn/Conversion/Passes.h.inc"
} // namespace attn

using namespace mlir;
using namespace attn;

namespace {

class LaunchBuilder {
public:
  explicit LaunchBuilder(scf::ForallOp loop)
      : loop(loop), b(loop), loc(loop.getLoc()) {}
  LogicalResult build();

private:
  Value toValue(OpFoldResult value) {
    return getValueOrCreateConstantIndexOp(b, loc, value);
  }
  void getExtents();
  Value narrow(Value index) {
    return arith::IndexCastOp::create(b, loc, b.getI32Type(), index);
  }
  SmallVector<Value> getCoordinates(Value block, ArrayRef<Value> extents);
  SmallVector<Value> getIteration(Value block);

  scf::ForallOp loop;
  OpBuilder b;
  Location loc;
  SmallVector<Value> lower, step, extents;
};

} // namespace

/// The number of iterations in each dimension.
void LaunchBuilder::getExtents() {
  for (auto [from, to, by] :
       llvm::zip_equal(loop.getMixedLowerBound(), loop.getMixedUpperBound(),
                       loop.getMixedStep())) {
    lower.push_back(toValue(from));
    step.push_back(toValue(by));
    Value length =
        b.createOrFold<arith::SubIOp>(loc, toValue(to), lower.back());
    Value count = b.createOrFold<arith::CeilDivSIOp>(loc, length, step.back());
    Value zero = arith::ConstantIndexOp::create(b, loc, 0);
    extents.push_back(b.createOrFold<arith::MaxSIOp>(loc, count, zero));
  }
}

/// The coordinates of number `block` in the order of the loop, i32: a grid has
/// less than 2^31 blocks, and a division of 64 bits takes a GPU some hundred
/// instructions.
SmallVector<Value> LaunchBuilder::getCoordinates(Value block,
                                                 ArrayRef<Value> extents) {
  SmallVector<Value> coordinates(extents.size());
  for (size_t i = extents.size(); i-- > 0;) {
    coordinates[i] = block;
    if (i > 0) {
      Value extent = narrow(extents[i]);
      coordinates[i] = arith::RemUIOp::create(b, loc, block, extent);
      block = arith::DivUIOp::create(b, loc, block, extent);
    }
  }
  return coordinates;
}

/// The induction variables of the loop in a block.
SmallVector<Value> LaunchBuilder::getIteration(Value block) {
  SmallVector<Value> iteration = getCoordinates(narrow(block), extents);
  for (auto [value, from, by] : llvm::zip_equal(iteration, lower, step)) {
    value = arith::IndexCastOp::create(b, loc, b.getIndexType(), value);
    Value offset = b.createOrFold<arith::MulIOp>(loc, value, by);
    value = b.createOrFold<arith::AddIOp>(loc, from, offset);
  }
  return iteration;
}

LogicalResult LaunchBuilder::build() {
  auto warps = loop->getAttrOfType<IntegerAttr>(wg::kWarps);
  if (loop.getNumResults() != 0)
    return loop.emitError("expected a loop on buffers, got results of ")
           << loop.getResultTypes();
  getExtents();
  Value one = arith::ConstantIndexOp::create(b, loc, 1), count = one;
  for (Value extent : extents)
    count = b.createOrFold<arith::MulIOp>(loc, count, extent);
  Value threads = arith::ConstantIndexOp::create(b, loc, 32 * warps.getInt());

  // A grid without blocks is an error of the driver.
  Value zero = arith::ConstantIndexOp::create(b, loc, 0);
  Value some =
      arith::CmpIOp::create(b, loc, arith::CmpIPredicate::ne, count, zero);
  auto guard = scf::IfOp::create(b, loc, some, /*withElseRegion=*/false);
  b.setInsertionPointToStart(guard.thenBlock());
  auto launch =
      gpu::LaunchOp::create(b, loc, count, one, one, threads, one, one);
  b.setInsertionPointToStart(&launch.getBody().front());
  Value block = launch.getBlockIds().x;
  if (auto order = loop->getAttrOfType<tile::TaskOrderAttr>(tile::kTaskOrder);
      order && order.getValue() == tile::TaskOrder::Reversed) {
    launch->setAttr(tile::kTaskOrder, order);
    Value last = arith::SubIOp::create(b, loc, launch.getGridSize().x, one);
    block = arith::SubIOp::create(b, loc, last, block);
  }
  if (auto blocks = loop->getAttrOfType<IntegerAttr>(tile::kBlocks))
    launch->setAttr(tile::kBlocks, blocks);
  SmallVector<Value> iteration = getIteration(block);
  for (auto [before, after] :
       llvm::zip_equal(loop.getInductionVars(), iteration))
    before.replaceAllUsesWith(after);
  Block &body = launch.getBody().front();
  loop.getTerminator()->erase();
  body.getOperations().splice(body.end(), loop.getBody()->getOperations());
  b.setInsertionPointToEnd(&body);
  gpu::TerminatorOp::create(b, loc);
  loop.erase();
  return success();
}

namespace {
struct ConvertForallToLaunch
    : attn::impl::ConvertForallToLaunchBase<ConvertForallToLaunch> {
  void runOnOperation() override {
    SmallVector<scf::ForallOp> loops;
    getOperation()->walk([&](scf::ForallOp loop) {
      if (loop->hasAttrOfType<IntegerAttr>(wg::kWarps))
        loops.push_back(loop);
    });
    for (scf::ForallOp loop : loops) {
      if (failed(LaunchBuilder(loop).build()))
        return signalPassFailure();
      ++numLaunches;
    }
  }
};
} // namespace
