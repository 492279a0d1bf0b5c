//===- AttnInterfaces.td - Interfaces of the attn dialect ---*- tablegen -*-===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef ATTN_DIALECT_ATTN_IR_ATTNINTERFACES
#define ATTN_DIALECT_ATTN_IR_ATTNINTERFACES

include "mlir/IR/OpBase.td"

class Attn_Getter<string type, string name>
    : InterfaceMethod<"", type, name>;

def Attn_LogitsOpInterface : OpInterface<"LogitsOpInterface"> {
  let cppNamespace = "::attn";
  let description = [{
    Operations that make logits of queries and keys. Optional operands that are
    absent are null.
  }];
  let methods = [
    Attn_Getter<"::mlir::TypedValue<::mlir::ShapedType>", "getQuery">,
    Attn_Getter<"::mlir::TypedValue<::mlir::ShapedType>", "getKey">,
    Attn_Getter<"::mlir::TypedValue<::mlir::ShapedType>", "getValue">,
    Attn_Getter<"::mlir::OperandRange", "getOuts">,
    Attn_Getter<"::llvm::APFloat", "getScale">,
    Attn_Getter<"std::optional<::attn::tile::VisitAttrInterface>", "getMask">,
    Attn_Getter<"::attn::Alignment", "getAlign">,
    Attn_Getter<"::mlir::Value", "getOffset">,
    Attn_Getter<"::mlir::TypedValue<::mlir::ShapedType>", "getBias">,
    Attn_Getter<"::mlir::TypedValue<::mlir::ShapedType>", "getQuerySegments">,
    Attn_Getter<"::mlir::TypedValue<::mlir::ShapedType>", "getKeySegments">,
    Attn_Getter<"::mlir::TypedValue<::mlir::ShapedType>", "getSegmentBounds">,
    Attn_Getter<"::mlir::TypedValue<::mlir::ShapedType>", "getParameters">,
    Attn_Getter<"::mlir::TypedValue<::mlir::ShapedType>", "getKvLengths">,
    Attn_Getter<"::mlir::TypedValue<::mlir::ShapedType>", "getQueryPositions">,
    Attn_Getter<"::mlir::TypedValue<::mlir::ShapedType>", "getKeyPositions">,
    Attn_Getter<"::mlir::TypedValue<::mlir::ShapedType>", "getAncestors">,
    Attn_Getter<"::mlir::TypedValue<::mlir::ShapedType>", "getSelection">,
    Attn_Getter<"std::optional<uint64_t>", "getSelectedRows">,
    Attn_Getter<"std::optional<uint64_t>", "getSelectedCols">,
    Attn_Getter<"::mlir::TypedValue<::mlir::ShapedType>", "getTileLists">,
    Attn_Getter<"bool", "getStrictValues">,
    Attn_Getter<"::mlir::OperandRange", "getOrigin">,
    Attn_Getter<"std::optional<::attn::ScheduleAttr>", "getSchedule">,
    Attn_Getter<"::mlir::Region &", "getScore">,
    Attn_Getter<"::mlir::Region &", "getWhere">
  ];
  let extraSharedClassDeclaration = [{
    /// The type that logits, sums and states are computed in: f64 for f64
    /// operands, else f32.
    ::mlir::FloatType getComputeType() {
      ::mlir::Type type = $_op.getQuery().getType().getElementType();
      if (type.isF64())
        return ::mlir::cast<::mlir::FloatType>(type);
      return ::mlir::Float32Type::get(type.getContext());
    }
  }];
}

#endif // ATTN_DIALECT_ATTN_IR_ATTNINTERFACES
