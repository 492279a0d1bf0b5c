//===- InitAll.cpp - Registers all of attn --------------------------------===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "attn/InitAll.h"
#include "attn/Conversion/AttnToLoops/AttnToLoops.h"
#include "attn/Conversion/Passes.h"
#include "attn/Dialect/Attn/IR/Attn.h"
#include "attn/Dialect/Attn/Transforms/BufferizableOpInterfaceImpl.h"
#include "attn/Dialect/Attn/Transforms/Passes.h"
#include "attn/Dialect/Tile/IR/Tile.h"
#include "attn/Dialect/Tile/Transforms/BufferizableOpInterfaceImpl.h"
#include "attn/Dialect/Tile/Transforms/Passes.h"
#include "attn/Dialect/WG/IR/WG.h"
#include "attn/Dialect/WG/Transforms/BufferizableOpInterfaceImpl.h"
#include "attn/Dialect/WG/Transforms/Passes.h"
#include "attn/Pipelines/Pipelines.h"
#include "attn/Strategy/Passes.h"

void attn::registerAllDialects(mlir::DialectRegistry &registry) {
  registry.insert<AttnDialect, tile::TileDialect, wg::WGDialect>();
  registerBufferizableOpInterfaceExternalModels(registry);
  tile::registerBufferizableOpInterfaceExternalModels(registry);
  wg::registerBufferizableOpInterfaceExternalModels(registry);
}

void attn::registerAllPasses() {
  registerAttnPasses();
  registerAttnToLoopsPasses();
  registerPipelines();
  registerAttnConversionPasses();
  strategy::registerStrategyPasses();
  tile::registerTilePasses();
  wg::registerWGPasses();
}
