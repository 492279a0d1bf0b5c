//===- PassOptions.td - Options that passes share -----------*- tablegen -*-===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef ATTN_STRATEGY_PASSOPTIONS
#define ATTN_STRATEGY_PASSOPTIONS

include "mlir/Pass/PassBase.td"

def MaximumOption
    : Option<"maximum", "maximum", "::attn::strategy::MaximumMode",
             /*default=*/"::attn::strategy::MaximumMode::Auto",
             "How often the state's reference (the row maximum) is updated",
             [{::llvm::cl::values(
               clEnumValN(::attn::strategy::MaximumMode::Auto, "auto",
                          "held where folds rarely have to be done again"),
               clEnumValN(::attn::strategy::MaximumMode::Online, "online",
                          "by every tile"),
               clEnumValN(::attn::strategy::MaximumMode::Held, "held",
                          "by the first tiles, wherever there are "
                          "producers"))}]>;

#endif // ATTN_STRATEGY_PASSOPTIONS
