//===- TileAxes.h - Dimensions that are the same for all tiles --*- C++ -*-===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef LIB_CONVERSION_TILETOLANES_TILEAXES_H
#define LIB_CONVERSION_TILETOLANES_TILEAXES_H

#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

namespace attn {

/// The axes of the tiles of a loop: dimensions of tiles and of operations on
/// them that count the same elements, since an operation has them as one of its
/// dimensions, or a loop carries them. A dimension of one element has no axis.
class TileAxes {
public:
  /// Of what is in `loop`; on failure there is an operation that has no axes,
  /// and a reason.
  static mlir::FailureOr<TileAxes> find(mlir::scf::ForallOp loop,
                                        mlir::Operation *&culprit,
                                        std::string &reason);

  /// Whether a tensor is held by lanes, not memory.
  bool isTile(mlir::Value tensor) const {
    return tiles.contains(tensor) || getConstant(tensor);
  }
  /// What makes a tile all of whose elements are the same (`linalg.fill`), or
  /// anything (`tensor.empty`), whatever the shape: it has no axes of its own.
  static mlir::Operation *getConstant(mlir::Value tensor);
  llvm::ArrayRef<int64_t> getExtents() const { return extents; }
  /// The tiles of the loop, in order.
  llvm::ArrayRef<mlir::Value> getTiles() const { return tiles.getArrayRef(); }
  /// The axis of each dimension of a tile, or of what an operation reads as
  /// one; none where there is one element.
  using Axes = llvm::SmallVector<std::optional<unsigned>>;
  Axes getAxes(mlir::Value tensor) const;
  /// The same for the dimensions of a loop nest.
  Axes getAxes(mlir::linalg::LinalgOp op) const;

private:
  using Place = std::pair<void *, unsigned>;

  mlir::LogicalResult fail(mlir::Operation *op, const llvm::Twine &why);
  unsigned getNode(void *owner, unsigned dim);
  unsigned getRoot(unsigned node) const;
  void join(Place x, Place y);
  void joinAll(mlir::Value x, mlir::Value y);
  void addTile(mlir::Value value) { tiles.insert(value); }
  void joinMap(mlir::Value tensor, mlir::AffineMap map, mlir::Operation *op);

  mlir::LogicalResult visit(mlir::Block &block);
  mlir::LogicalResult visit(mlir::Operation *op);
  mlir::LogicalResult visitLinalg(mlir::linalg::LinalgOp op);
  mlir::LogicalResult
  visitReshape(mlir::Operation *op, mlir::Value collapsed, mlir::Value expanded,
               llvm::ArrayRef<mlir::ReassociationIndices> groups);
  mlir::LogicalResult visitLoop(mlir::scf::ForOp loop);
  mlir::LogicalResult visitBranch(mlir::scf::IfOp branch);
  mlir::LogicalResult number();
  mlir::LogicalResult number(mlir::Value tensor);
  Axes lookUp(void *owner, mlir::ArrayRef<int64_t> shape) const;

  llvm::SetVector<mlir::Value> tiles, sources;
  llvm::DenseMap<Place, unsigned> nodes;
  llvm::SmallVector<unsigned> parents;
  llvm::DenseMap<unsigned, unsigned> axisOfRoot;
  llvm::SmallVector<int64_t> extents;
  mlir::Operation *culprit = nullptr;
  std::string reason;
};

} // namespace attn

#endif // LIB_CONVERSION_TILETOLANES_TILEAXES_H
