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
             "::attn::strategy::getMaximumModes()">;

def RegistersOption
    : Option<"registers", "registers", "int64_t",
             /*default=*/"::attn::GPUTarget().registers",
             "Registers of a multiprocessor">;
def SharedBytesOption
    : Option<"sharedBytes", "shared-bytes", "int64_t",
             /*default=*/"::attn::GPUTarget().sharedBytes",
             "Bytes of shared memory of a block">;
def ProducersOption
    : Option<"producers", "producers", "bool", /*default=*/"true",
             "Whether warps that only copy give registers to the others">;

#endif // ATTN_STRATEGY_PASSOPTIONS
