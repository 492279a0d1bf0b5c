//===- DimExpr.cpp - Sizes in terms of a function's arguments -------------===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "attn/Execution/DimExpr.h"

#include "llvm/Support/ErrorHandling.h"
#include "llvm/Support/MathExtras.h"
#include "llvm/Support/raw_ostream.h"

#include <algorithm>

using namespace llvm;

namespace attn::exec {

struct DimExpr::Node {
  Kind kind;
  int64_t value = 0; // Of a constant.
  Leaf leaf = {0, std::nullopt};
  std::shared_ptr<const Node> lhs, rhs;
};

static bool isBinary(DimExpr::Kind kind) { return kind >= DimExpr::Kind::Add; }

static std::optional<int64_t> apply(DimExpr::Kind kind, int64_t lhs,
                                    int64_t rhs) {
  using Kind = DimExpr::Kind;
  int64_t result;
  switch (kind) {
  case Kind::Add:
    if (AddOverflow(lhs, rhs, result))
      return std::nullopt;
    return result;
  case Kind::Sub:
    if (SubOverflow(lhs, rhs, result))
      return std::nullopt;
    return result;
  case Kind::Mul:
    if (MulOverflow(lhs, rhs, result))
      return std::nullopt;
    return result;
  case Kind::FloorDiv:
  case Kind::CeilDiv:
  case Kind::Mod:
    if (rhs <= 0)
      return std::nullopt;
    if (kind == Kind::FloorDiv)
      return divideFloorSigned(lhs, rhs);
    if (kind == Kind::CeilDiv)
      return divideCeilSigned(lhs, rhs);
    return mod(lhs, rhs);
  case Kind::Min:
    return std::min(lhs, rhs);
  case Kind::Max:
    return std::max(lhs, rhs);
  case Kind::Constant:
  case Kind::ArgumentDim:
  case Kind::ArgumentValue:
    break;
  }
  llvm_unreachable("not a binary operation");
}

DimExpr DimExpr::getConstant(int64_t value) {
  Node node;
  node.kind = Kind::Constant;
  node.value = value;
  return DimExpr(std::make_shared<const Node>(std::move(node)));
}

DimExpr DimExpr::getArgumentDim(unsigned argument, unsigned dim) {
  Node node;
  node.kind = Kind::ArgumentDim;
  node.leaf = {argument, dim};
  return DimExpr(std::make_shared<const Node>(std::move(node)));
}

DimExpr DimExpr::getArgumentValue(unsigned argument) {
  Node node;
  node.kind = Kind::ArgumentValue;
  node.leaf = {argument, std::nullopt};
  return DimExpr(std::make_shared<const Node>(std::move(node)));
}

DimExpr DimExpr::getBinary(Kind kind, DimExpr lhs, DimExpr rhs) {
  std::optional<int64_t> left = lhs.getConstantValue();
  std::optional<int64_t> right = rhs.getConstantValue();
  if (left && right)
    if (std::optional<int64_t> value = apply(kind, *left, *right))
      return getConstant(*value);
  Node node;
  node.kind = kind;
  node.lhs = std::move(lhs.node);
  node.rhs = std::move(rhs.node);
  return DimExpr(std::make_shared<const Node>(std::move(node)));
}

DimExpr::Kind DimExpr::getKind() const { return node->kind; }

std::optional<int64_t> DimExpr::getConstantValue() const {
  if (node->kind != Kind::Constant)
    return std::nullopt;
  return node->value;
}

std::optional<int64_t>
DimExpr::evaluate(function_ref<int64_t(Leaf)> leafValue) const {
  if (node->kind == Kind::Constant)
    return node->value;
  if (!isBinary(node->kind))
    return leafValue(node->leaf);
  std::optional<int64_t> lhs = DimExpr(node->lhs).evaluate(leafValue);
  std::optional<int64_t> rhs = DimExpr(node->rhs).evaluate(leafValue);
  if (!lhs || !rhs)
    return std::nullopt;
  return apply(node->kind, *lhs, *rhs);
}

/// An infix operator, or the name of a helper function.
static StringRef getSpelling(DimExpr::Kind kind) {
  using Kind = DimExpr::Kind;
  switch (kind) {
  case Kind::Add:
    return " + ";
  case Kind::Sub:
    return " - ";
  case Kind::Mul:
    return " * ";
  case Kind::FloorDiv:
    return "floordiv";
  case Kind::CeilDiv:
    return "ceildiv";
  case Kind::Mod:
    return "mod";
  case Kind::Min:
    return "min";
  case Kind::Max:
    return "max";
  case Kind::Constant:
  case Kind::ArgumentDim:
  case Kind::ArgumentValue:
    break;
  }
  llvm_unreachable("not a binary operation");
}

void DimExpr::print(raw_ostream &os, StringRef prefix,
                    function_ref<void(raw_ostream &, Leaf)> printLeaf) const {
  if (node->kind == Kind::Constant) {
    os << node->value;
    return;
  }
  if (!isBinary(node->kind)) {
    printLeaf(os, node->leaf);
    return;
  }
  StringRef spelling = getSpelling(node->kind);
  bool infix = spelling.starts_with(" ");
  os << (infix ? "" : prefix) << (infix ? "" : spelling) << '(';
  DimExpr(node->lhs).print(os, prefix, printLeaf);
  os << (infix ? spelling : ", ");
  DimExpr(node->rhs).print(os, prefix, printLeaf);
  os << ')';
}

} // namespace attn::exec
