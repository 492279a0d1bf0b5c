//===- DimExprTest.cpp - Tests of sizes as expressions --------------------===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "attn/Execution/DimExpr.h"

#include "llvm/Support/raw_ostream.h"

#include "gtest/gtest.h"

using namespace attn::exec;
using Kind = DimExpr::Kind;

namespace {

std::optional<int64_t> apply(Kind kind, int64_t lhs, int64_t rhs) {
  // Leaves rather than constants, so that nothing is folded.
  DimExpr expr = DimExpr::getBinary(kind, DimExpr::getArgumentValue(0),
                                    DimExpr::getArgumentDim(1, 2));
  return expr.evaluate([&](DimExpr::Leaf leaf) {
    EXPECT_EQ(leaf.dim, leaf.argument == 1 ? std::optional(2u) : std::nullopt);
    return leaf.argument == 0 ? lhs : rhs;
  });
}

TEST(DimExprTest, Evaluates) {
  EXPECT_EQ(apply(Kind::Add, 3, 4), 7);
  EXPECT_EQ(apply(Kind::Sub, 3, 4), -1);
  EXPECT_EQ(apply(Kind::Mul, 3, 4), 12);
  EXPECT_EQ(apply(Kind::FloorDiv, 7, 2), 3);
  EXPECT_EQ(apply(Kind::FloorDiv, -7, 2), -4);
  EXPECT_EQ(apply(Kind::CeilDiv, 7, 2), 4);
  EXPECT_EQ(apply(Kind::CeilDiv, -7, 2), -3);
  EXPECT_EQ(apply(Kind::Mod, 7, 3), 1);
  EXPECT_EQ(apply(Kind::Mod, -7, 3), 2);
  EXPECT_EQ(apply(Kind::Min, 7, 3), 3);
  EXPECT_EQ(apply(Kind::Max, 7, 3), 7);
}

TEST(DimExprTest, HasNoValueWhereThereIsNone) {
  EXPECT_EQ(apply(Kind::FloorDiv, 7, 0), std::nullopt);
  EXPECT_EQ(apply(Kind::CeilDiv, 7, -1), std::nullopt);
  EXPECT_EQ(apply(Kind::Mod, 7, 0), std::nullopt);
  EXPECT_EQ(apply(Kind::Mul, INT64_MAX, 2), std::nullopt);
  EXPECT_EQ(apply(Kind::Add, INT64_MAX, 1), std::nullopt);
  EXPECT_EQ(apply(Kind::Sub, INT64_MIN, 1), std::nullopt);
}

TEST(DimExprTest, FoldsConstants) {
  DimExpr sum = DimExpr::getBinary(Kind::Add, DimExpr::getConstant(2),
                                   DimExpr::getConstant(3));
  EXPECT_EQ(sum.getConstantValue(), 5);
  DimExpr bad = DimExpr::getBinary(Kind::Mod, DimExpr::getConstant(2),
                                   DimExpr::getConstant(0));
  EXPECT_EQ(bad.getConstantValue(), std::nullopt);
}

TEST(DimExprTest, Prints) {
  DimExpr expr = DimExpr::getBinary(
      Kind::Mul,
      DimExpr::getBinary(Kind::CeilDiv, DimExpr::getArgumentDim(0, 1),
                         DimExpr::getConstant(64)),
      DimExpr::getBinary(Kind::Sub, DimExpr::getArgumentValue(3),
                         DimExpr::getConstant(1)));
  std::string text;
  llvm::raw_string_ostream os(text);
  expr.print(os, "my_", [](llvm::raw_ostream &leaf, DimExpr::Leaf which) {
    leaf << 'a' << which.argument;
    if (which.dim)
      leaf << '.' << *which.dim;
  });
  EXPECT_EQ(text, "(my_ceildiv(a0.1, 64) * (a3 - 1))");
}

} // namespace
