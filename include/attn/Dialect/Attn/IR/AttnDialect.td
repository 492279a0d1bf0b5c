//===- AttnDialect.td - Attention on tensors ----------------*- tablegen -*-===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef ATTN_DIALECT_ATTN_IR_ATTNDIALECT
#define ATTN_DIALECT_ATTN_IR_ATTNDIALECT

include "mlir/IR/OpBase.td"

def Attn_Dialect : Dialect {
  let name = "attn";
  let cppNamespace = "::attn";
  let summary = "attention as operations on tensors";
  let description = [{
    The smallest set of orthogonal operations that every family of attention is
    made of. Semantics are target-free; a schedule is an optional attribute that
    `attn-select-schedule` writes and later passes obey.

    Letters used throughout: B batch, Hq query heads, Hkv key/value heads,
    Sq queries, Skv keys, Dk width of a query and a key, Dv width of a value.
  }];
  let useDefaultAttributePrinterParser = 1;
  let dependentDialects = ["::attn::tile::TileDialect",
                           "::mlir::arith::ArithDialect"];
  let extraClassDeclaration = [{
    void registerAttributes();
    /// Parses a mask without the `#attn.` in front; null after an error.
    ::mlir::Attribute parseBareMask(::mlir::AsmParser &parser) const;
  }];
}

#endif // ATTN_DIALECT_ATTN_IR_ATTNDIALECT
