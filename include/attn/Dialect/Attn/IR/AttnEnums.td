//===- AttnEnums.td - Enumerations of the attn dialect ------*- tablegen -*-===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef ATTN_DIALECT_ATTN_IR_ATTNENUMS
#define ATTN_DIALECT_ATTN_IR_ATTNENUMS

include "mlir/IR/EnumAttr.td"

def Attn_Alignment : I32EnumAttr<"Alignment", "where query 0 sits among the keys", [
  I32EnumAttrCase<"TopLeft", 0, "top_left">,
  I32EnumAttrCase<"BottomRight", 1, "bottom_right">
]> {
  let cppNamespace = "::attn";
}

#endif // ATTN_DIALECT_ATTN_IR_ATTNENUMS
