//===- ContractionLoops.h - What all forms of a contraction share -*- C++ -*-=//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef ATTN_LIB_CONVERSION_LINALGTOVECTORLOOPS_CONTRACTIONLOOPS_H
#define ATTN_LIB_CONVERSION_LINALGTOVECTORLOOPS_CONTRACTIONLOOPS_H

#include "Contraction.h"
#include "LoopBuilder.h"

namespace attn {

/// What a dimension indexes: all three operands, lhs and out, rhs and out, or
/// lhs and rhs.
enum class DimRole { Batch, Row, Col, Sum };

/// The dimensions of a contraction and the loops around its innermost form.
class ContractionLoops {
public:
  ContractionLoops(mlir::RewriterBase &rewriter, mlir::Operation *op,
                   const Contraction &contraction);

  /// Merges neighbouring dimensions of one role that are contiguous in every
  /// operand, by collapsing the operands.
  static Contraction collapse(mlir::RewriterBase &rewriter, mlir::Operation *op,
                              Contraction contraction);

  /// True if every dimension indexes two operands at least, so its role says
  /// which.
  bool isRegular() const;

  /// The dimensions of a role, in the order of `out` (sums: of `rhs`).
  llvm::ArrayRef<unsigned> getDims(DimRole role) const {
    return dims[static_cast<unsigned>(role)];
  }
  DimRole getRole(unsigned dim) const { return roles[dim]; }
  mlir::Value getSize(unsigned dim) const { return sizes[dim]; }
  std::optional<int64_t> getStaticSize(unsigned dim) const {
    return getConstant(sizes[dim]);
  }

  /// Loops over all of `dims`, outermost first, setting their values.
  void forEach(llvm::ArrayRef<unsigned> dims, llvm::function_ref<void()> body);
  /// The same with carried values.
  llvm::SmallVector<mlir::Value>
  forEach(llvm::ArrayRef<unsigned> dims, mlir::ValueRange inits,
          llvm::function_ref<llvm::SmallVector<mlir::Value>(mlir::ValueRange)>
              body);

  /// The indices of an operand at the current values.
  llvm::SmallVector<mlir::Value> getIndices(mlir::AffineMap map) const;

  /// The bounds of the rows [first, first + span) of the outermost dimension
  /// of `out`; `first` is a multiple of `step`.
  std::pair<mlir::Value, mlir::Value> getBounds(mlir::Value first, int64_t span,
                                                int64_t step);
  /// The position in the bounded run of the current values.
  mlir::Value getBoundedPosition();
  /// The outermost dimension of `out`, which selects the row group.
  unsigned getGroupDim() const { return contraction.outMap.getDimPosition(0); }
  bool hasBoundsOn(DimRole role) const {
    return contraction.lower && roles[contraction.boundDim] == role;
  }

  LoopBuilder b;
  Contraction contraction;
  /// The current value of every dimension.
  llvm::SmallVector<mlir::Value> values;

private:
  llvm::SmallVector<DimRole> roles;
  llvm::SmallVector<mlir::Value> sizes;
  llvm::SmallVector<unsigned> dims[4];
};

/// Writes register-tiled loops whose vectors run along the last dimension of
/// `out` and `rhs`. The conditions are checked by `canTile`.
bool canTile(const ContractionLoops &loops);
void emitTiled(ContractionLoops &loops, const VectorTarget &target);

/// Writes loops whose vectors run along the summed dimension that is last in
/// `lhs` and `rhs`.
bool canDot(const ContractionLoops &loops);
void emitDot(ContractionLoops &loops, const VectorTarget &target);

/// `value`, a scalar or vector, in the floating-point type `element`.
mlir::Value extendTo(LoopBuilder &b, mlir::Type element, mlir::Value value);

} // namespace attn

#endif // ATTN_LIB_CONVERSION_LINALGTOVECTORLOOPS_CONTRACTIONLOOPS_H
