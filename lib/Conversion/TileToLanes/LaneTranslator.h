//===- LaneTranslator.h - Static tiles to registers of lanes ----*- C++ -*-===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef LIB_CONVERSION_TILETOLANES_LANETRANSLATOR_H
#define LIB_CONVERSION_TILETOLANES_LANETRANSLATOR_H

#include "TileAxes.h"
#include "attn/Dialect/Tile/IR/Tile.h"
#include "attn/Dialect/WG/IR/WG.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

namespace attn {

/// Writes the body of a loop over tiles as what a lane does. A tile is a list
/// of scalars: those of its elements that a lane holds, the last dimension
/// fastest.
class LaneTranslator {
public:
  LaneTranslator(mlir::scf::ForallOp loop, const TileAxes &axes,
                 wg::LanesAttr lanes)
      : loop(loop), axes(axes), lanes(lanes), b(loop) {}

  mlir::LogicalResult translate();

private:
  using Registers = llvm::SmallVector<mlir::Value>;
  using Axes = TileAxes::Axes;
  /// Numbers of elements that a lane holds, one for each dimension.
  using Counts = llvm::SmallVector<int64_t>;

  void makePositions();
  int64_t getCount(std::optional<unsigned> axis) const;
  Counts getCounts(llvm::ArrayRef<std::optional<unsigned>> axes) const;
  /// The place on an axis of the number-th element of a lane.
  mlir::Value getPosition(mlir::Location loc, std::optional<unsigned> axis,
                          int64_t number);

  /// The registers of a tile; those of a constant, as many as `count`.
  Registers get(mlir::Value tile, int64_t count);
  /// A tensor in memory, or a part of it, by the axes of its dimensions.
  Registers read(mlir::Location loc, mlir::Value source,
                 mlir::ValueRange offsets, const Axes &sourceAxes);
  mlir::Value write(mlir::Location loc, mlir::Value dest,
                    mlir::ValueRange offsets, const Axes &destAxes,
                    llvm::ArrayRef<mlir::Value> registers);
  /// Calls `move` with the place of each `run` neighbours of a lane, in order.
  void forEachRun(mlir::Location loc, mlir::ValueRange offsets,
                  const Axes &axes, int64_t run,
                  llvm::function_ref<void(mlir::ValueRange)> move);
  /// How many neighbours of a lane one instruction moves.
  int64_t getRun(mlir::Type element,
                 llvm::ArrayRef<std::optional<unsigned>> axes) const;
  llvm::SmallVector<mlir::Value> getIndices(mlir::Location loc,
                                            mlir::ValueRange offsets,
                                            const Axes &axes,
                                            llvm::ArrayRef<int64_t> numbers);

  mlir::LogicalResult translate(mlir::Block &block);
  mlir::LogicalResult translate(mlir::Operation *op);
  mlir::LogicalResult translateRows(tile::RowsOp op);
  mlir::LogicalResult translateInsert(tile::InsertOp op);
  mlir::LogicalResult translateGeneric(mlir::linalg::GenericOp op);
  mlir::LogicalResult translateFor(mlir::scf::ForOp op);
  mlir::LogicalResult translateIf(mlir::scf::IfOp op);
  void translateReshape(mlir::Operation *op);
  /// Operands of a terminator, tiles as registers.
  void expandOperands(mlir::Operation *terminator, mlir::ValueRange like);
  void setRegisters(mlir::ValueRange tiles, mlir::ValueRange values);
  llvm::SmallVector<mlir::Value> flatten(mlir::ValueRange values,
                                         mlir::ValueRange like);

  mlir::scf::ForallOp loop;
  const TileAxes &axes;
  wg::LanesAttr lanes;
  mlir::OpBuilder b;
  mlir::Value lane;
  /// The first element of a lane on each axis, and the distance of its bits in
  /// the number of the lane.
  llvm::SmallVector<mlir::Value> firsts;
  llvm::SmallVector<int64_t> distances;
  llvm::DenseMap<std::pair<unsigned, int64_t>, mlir::Value> positions;
  llvm::DenseMap<mlir::Value, Registers> registers;
  llvm::SmallVector<mlir::Operation *> dead;
};

} // namespace attn

#endif // LIB_CONVERSION_TILETOLANES_LANETRANSLATOR_H
