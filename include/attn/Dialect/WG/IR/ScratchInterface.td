//===- ScratchInterface.td - Work in shared memory ----------*- tablegen -*-===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef ATTN_DIALECT_WG_IR_SCRATCHINTERFACE
#define ATTN_DIALECT_WG_IR_SCRATCHINTERFACE

include "mlir/IR/OpBase.td"

def WG_ScratchOpInterface : OpInterface<"ScratchOpInterface"> {
  let cppNamespace = "::attn::wg";
  let description = [{
    An operation on tiles in registers that works in shared memory, at its
    `wg.offset`. Nobody else knows when it reads and writes there, so all warps
    wait for each other in it: before its first access and after its last; or it
    is private.
  }];
  let methods = [
    InterfaceMethod<"The bytes that it works in; none, and no place, if 0.",
      "int64_t", "getScratchBytes">,
    InterfaceMethod<"Whether each warp works in a part of its own: then nobody "
                    "waits, and the memory serves nothing else.",
      "bool", "isPrivate", (ins), /*methodBody=*/"",
      /*defaultImplementation=*/"return false;">
  ];
}

#endif // ATTN_DIALECT_WG_IR_SCRATCHINTERFACE
