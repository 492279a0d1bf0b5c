//===- DimExpr.h - Sizes in terms of a function's arguments -----*- C++ -*-===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ATTN_EXECUTION_DIMEXPR_H
#define ATTN_EXECUTION_DIMEXPR_H

#include "llvm/ADT/STLFunctionalExtras.h"
#include "llvm/ADT/StringRef.h"

#include <cstdint>
#include <memory>
#include <optional>

namespace llvm {
class raw_ostream;
} // namespace llvm

namespace attn::exec {

/// An integer expression over the sizes of tensor arguments and the values of
/// integer arguments. The caller of a kernel allocates its results, so every
/// size of a result has to be one of these. Immutable; copies share nodes.
class DimExpr {
public:
  enum class Kind {
    Constant,
    /// Size `dim` of tensor argument `argument`.
    ArgumentDim,
    /// The value of integer argument `argument`.
    ArgumentValue,
    Add,
    Sub,
    Mul,
    FloorDiv,
    CeilDiv,
    /// The remainder of FloorDiv.
    Mod,
    Min,
    Max
  };
  /// What a leaf stands for; `dim` is set for the size of a tensor only.
  struct Leaf {
    unsigned argument;
    std::optional<unsigned> dim;
  };

  static DimExpr getConstant(int64_t value);
  static DimExpr getArgumentDim(unsigned argument, unsigned dim);
  static DimExpr getArgumentValue(unsigned argument);
  /// A binary operation, folded when both sides are constants.
  static DimExpr getBinary(Kind kind, DimExpr lhs, DimExpr rhs);

  Kind getKind() const;
  std::optional<int64_t> getConstantValue() const;

  /// The value, given that of every leaf; nothing on overflow or a division by
  /// a number that is not positive.
  std::optional<int64_t>
  evaluate(llvm::function_ref<int64_t(Leaf)> leafValue) const;

  /// Prints a C expression of type int64_t, parenthesised where needed. The
  /// operators without a C spelling become calls of `prefix` followed by
  /// floordiv, ceildiv, mod, min or max.
  void
  print(llvm::raw_ostream &os, llvm::StringRef prefix,
        llvm::function_ref<void(llvm::raw_ostream &, Leaf)> printLeaf) const;

private:
  struct Node;
  explicit DimExpr(std::shared_ptr<const Node> node) : node(std::move(node)) {}
  std::shared_ptr<const Node> node;
};

} // namespace attn::exec

#endif // ATTN_EXECUTION_DIMEXPR_H
