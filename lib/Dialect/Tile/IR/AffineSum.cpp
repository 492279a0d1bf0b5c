//===- AffineSum.cpp - An expression by how it reads a dimension ----------===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "AffineSum.h"
#include "attn/Dialect/Tile/IR/Formula.h"
#include "llvm/ADT/STLExtras.h"

using namespace mlir;

namespace attn::tile {

void AffineSum::add(AffineExpr expr, int64_t scale, unsigned dim) {
  if (!expr.isFunctionOfDim(dim)) {
    rest = rest + expr * scale;
    return;
  }
  if (auto binary = dyn_cast<AffineBinaryOpExpr>(expr)) {
    AffineExpr lhs = binary.getLHS(), rhs = binary.getRHS();
    if (expr.getKind() == AffineExprKind::Add) {
      add(lhs, scale, dim);
      add(rhs, scale, dim);
      return;
    }
    int64_t constant = cast<AffineConstantExpr>(rhs).getValue();
    if (expr.getKind() == AffineExprKind::Mul) {
      add(lhs, scale * constant, dim);
      return;
    }
    if (expr.getKind() == AffineExprKind::CeilDiv) {
      add((lhs + (constant - 1)).floorDiv(constant), scale, dim);
      return;
    }
  }
  auto known =
      llvm::find_if(atoms, [&](auto &atom) { return atom.first == expr; });
  if (known == atoms.end())
    atoms.push_back({expr, scale});
  else if ((known->second += scale) == 0)
    atoms.erase(known);
}

AffineSum AffineSum::get(AffineExpr expr, unsigned dim) {
  AffineSum sum;
  sum.rest = getAffineConstantExpr(0, expr.getContext());
  sum.add(expr, 1, dim);
  if (sum.atoms.size() != 2)
    return sum;
  for (size_t i : {0, 1}) {
    auto [atom, scale] = sum.atoms[i];
    auto binary = dyn_cast<AffineBinaryOpExpr>(atom);
    if (!binary)
      continue;
    AffineExpr lhs = binary.getLHS();
    int64_t size = cast<AffineConstantExpr>(binary.getRHS()).getValue();
    AffineSum other = sum;
    other.atoms.erase(other.atoms.begin() + i);
    if (atom.getKind() == AffineExprKind::Mod) {
      other.add(lhs, scale, dim);
      other.add(lhs.floorDiv(size), -scale * size, dim);
    } else if (scale % size == 0) {
      other.add(lhs, scale / size, dim);
      other.add(lhs % size, -scale / size, dim);
    } else {
      continue;
    }
    if (other.atoms.size() < 2)
      return other;
  }
  return sum;
}

AffineExpr AffineSum::getExpr() const {
  AffineExpr expr = rest;
  for (auto [atom, scale] : atoms)
    expr = expr + atom * scale;
  return expr;
}

int64_t AffineSum::getFactor(unsigned dim) const {
  return atoms.size() == 1 && isa<AffineDimExpr>(atoms[0].first)
             ? atoms[0].second
             : 0;
}

AffineExpr joinOccurrences(AffineExpr expr) {
  // A row of a constraint has two ends in a bound.
  constexpr unsigned kDims = std::max<unsigned>(
      kPiece + kMostPieceDims,
      static_cast<unsigned>(PositionDim::Parameter) + 1 + kMostParameters);
  bool hasMod = false;
  expr.walk([&](AffineExpr part) {
    hasMod |= part.getKind() == AffineExprKind::Mod;
  });
  return hasMod ? expr : simplifyAffineExpr(expr, kDims, /*numSymbols=*/0);
}

} // namespace attn::tile
