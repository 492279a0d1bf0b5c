//===- HoistLoads.cpp - Vectors read while a product is computed ----------===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "attn/Dialect/WG/IR/WG.h"
#include "attn/Dialect/WG/Transforms/Passes.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

namespace attn::wg {
#define GEN_PASS_DEF_WGHOISTLOADS
#include "attn/Dialect/WG/Transforms/Passes.h.inc"
} // namespace attn::wg

using namespace mlir;
using namespace attn::wg;

/// Registers of a thread for what is read early: a product leaves some where
/// its result is not carried.
static constexpr int64_t kMostColumns = 64;

static bool isSmall(LoadOp load) {
  TileType type = load.getResult().getType();
  return !type.isMatrix() && (type.getLayout() == Layout::Rows ||
                              type.getNumCols() <= kMostColumns);
}

/// Whether memory that a load reads is the same behind an operation.
static bool leavesMemory(Operation &op) {
  return isMemoryEffectFree(&op) ||
         isa<AcquireOp, LoadOp, ReceiveOp, ReleaseOp>(op);
}

/// The place from which on `load` can be done, up to `first`; nothing in
/// between writes memory.
static Operation *findPlace(LoadOp load, Operation *first) {
  Operation *place = load;
  for (Operation *op = load->getPrevNode(); op; op = op->getPrevNode()) {
    if (!leavesMemory(*op) || llvm::is_contained(op->getUsers(), load))
      return place;
    place = op;
    if (op == first)
      return place;
  }
  return place;
}

namespace {
struct WGHoistLoads : attn::wg::impl::WGHoistLoadsBase<WGHoistLoads> {
  void runOnOperation() override {
    getOperation()->walk([&](Block *block) {
      auto products = block->getOps<MmaOp>();
      if (!llvm::hasSingleElement(products))
        return;
      MmaOp product = *products.begin();
      // To wait for tiles takes time, too.
      Operation *first = product;
      for (auto receive : block->getOps<ReceiveOp>())
        if (receive->isBeforeInBlock(first))
          first = receive;
      for (LoadOp load : llvm::make_early_inc_range(block->getOps<LoadOp>())) {
        if (!isSmall(load) || load->isBeforeInBlock(product))
          continue;
        Operation *place = findPlace(load, first);
        if (!place->isBeforeInBlock(product) && place != product)
          continue;
        load->moveBefore(place);
        ++numLoads;
      }
    });
  }
};
} // namespace
