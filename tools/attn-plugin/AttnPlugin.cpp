//===- AttnPlugin.cpp - The dialects and passes for a stock mlir-opt ------===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// mlir-opt FILE.mlir --load-dialect-plugin=AttnPlugin.so
//   --load-pass-plugin=AttnPlugin.so
//   --pass-pipeline="builtin.module(attn-lower-to-loops)"
//
//===----------------------------------------------------------------------===//

#include "attn/InitAll.h"
#include "attn/Version.h"
#include "mlir/Tools/Plugins/DialectPlugin.h"
#include "mlir/Tools/Plugins/PassPlugin.h"

extern "C" LLVM_ATTRIBUTE_WEAK mlir::DialectPluginLibraryInfo
mlirGetDialectPluginInfo() {
  return {MLIR_PLUGIN_API_VERSION, "Attn", ATTN_VERSION_STRING,
          [](mlir::DialectRegistry *registry) {
            attn::registerAllDialects(*registry);
          }};
}

extern "C" LLVM_ATTRIBUTE_WEAK mlir::PassPluginLibraryInfo
mlirGetPassPluginInfo() {
  return {MLIR_PLUGIN_API_VERSION, "Attn", ATTN_VERSION_STRING,
          [] { attn::registerAllPasses(); }};
}
