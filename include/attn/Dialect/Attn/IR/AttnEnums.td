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

def Attn_Decay : I32EnumAttr<"Decay", "what one gate of a recurrence decays", [
  I32EnumAttrCase<"None", 0, "none">,
  I32EnumAttrCase<"Scalar", 1, "scalar">,
  I32EnumAttrCase<"Key", 2, "key">,
  I32EnumAttrCase<"Value", 3, "value">
]> {
  let cppNamespace = "::attn";
}

def Attn_Update : I32EnumAttr<"Update", "how a recurrence writes a token", [
  I32EnumAttrCase<"Additive", 0, "additive">,
  I32EnumAttrCase<"Delta", 1, "delta">,
  I32EnumAttrCase<"DPLR", 2, "dplr">
]> {
  let cppNamespace = "::attn";
}

def Attn_Norm : I32EnumAttr<"Norm", "what a recurrence divides by", [
  I32EnumAttrCase<"None", 0, "none">,
  I32EnumAttrCase<"Sum", 1, "sum">
]> {
  let cppNamespace = "::attn";
}

def Attn_PoolKind : I32EnumAttr<"PoolKind", "what rows are pooled to", [
  I32EnumAttrCase<"Mean", 0, "mean">,
  I32EnumAttrCase<"Max", 1, "max">,
  I32EnumAttrCase<"Min", 2, "min">,
  I32EnumAttrCase<"Sum", 3, "sum">
]> {
  let cppNamespace = "::attn";
}

def Attn_ScoreKind : I32EnumAttr<"ScoreKind", "what scores are reduced to", [
  I32EnumAttrCase<"Sum", 0, "sum">,
  I32EnumAttrCase<"Max", 1, "max">
]> {
  let cppNamespace = "::attn";
}

def Attn_ClusterKind : I32EnumAttr<"ClusterKind", "which centroid a row belongs to", [
  I32EnumAttrCase<"Nearest", 0, "nearest">,
  I32EnumAttrCase<"Rotated", 1, "rotated">
]> {
  let cppNamespace = "::attn";
}

def Attn_PermuteKind : I32EnumAttr<"PermuteKind", "which way rows are moved", [
  I32EnumAttrCase<"Gather", 0, "gather">,
  I32EnumAttrCase<"Inverse", 1, "inverse">,
  I32EnumAttrCase<"Mean", 2, "mean">
]> {
  let cppNamespace = "::attn";
}

#endif // ATTN_DIALECT_ATTN_IR_ATTNENUMS
