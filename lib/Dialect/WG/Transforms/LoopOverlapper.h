//===- LoopOverlapper.h - A loop whose products overlap ---------*- C++ -*-===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Private to OverlapProducts.cpp, which says of what form a loop is, and
// LoopOverlapper.cpp, which builds the new one.
//
//===----------------------------------------------------------------------===//

#ifndef ATTN_LIB_DIALECT_WG_TRANSFORMS_LOOPOVERLAPPER_H
#define ATTN_LIB_DIALECT_WG_TRANSFORMS_LOOPOVERLAPPER_H

#include "ContinueLoops.h"
#include "attn/Dialect/WG/IR/WG.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/IR/IRMapping.h"
#include "mlir/IR/PatternMatch.h"
#include "llvm/ADT/SetVector.h"
#include "llvm/ADT/SmallPtrSet.h"
#include <optional>

namespace attn::wg {

/// Puts products of a loop beside other work of it, where it has the form.
class LoopOverlapper {
public:
  explicit LoopOverlapper(mlir::scf::ForOp loop)
      : loop(loop), rewriter(loop.getContext()) {}

  /// Nothing if the loop has the form, else what is different.
  std::optional<llvm::StringRef> analyze();
  /// Whether it computes with positions of elements: such loops are those of
  /// the tiles that a mask cuts, which are few, and what the mask needs takes
  /// registers.
  bool usesPositions() { return usesPositions(2); }
  /// Whether it may have more than one iteration. A mask that tells columns
  /// apart, but not rows, cuts one tile.
  bool mayGoOn() { return !hasOneIteration(loop) && usesPositions(1); }
  bool continues(LoopOverlapper &previous);
  /// Rewrites the loop, and `previous` if there is one: what is late in its
  /// last iteration is late in the first of this loop.
  void run(LoopOverlapper *previous);

private:
  bool usesPositions(unsigned count);
  mlir::Value cutLast();
  ReleaseOp findOuterRelease();
  enum class Part { Early, Rescale, Operand, Late };
  using OpSet = llvm::SmallPtrSet<mlir::Operation *, 16>;

  mlir::Block &getBody() { return *loop.getBody(); }
  std::optional<llvm::StringRef> findProducts();
  std::optional<llvm::StringRef> splitBody();
  std::optional<llvm::StringRef> checkLate();
  OpSet getDependents(mlir::Value source);
  OpSet getSources(mlir::Operation *op);
  Part getPart(mlir::Operation *op) const {
    return op ? parts.lookup(op) : Part::Early;
  }
  bool isLateArgument(unsigned i) {
    return i != sum && getPart(yielded(i).getDefiningOp()) == Part::Late;
  }
  mlir::Value yielded(unsigned i) { return loop.getYieldedValues()[i]; }

  void clone(llvm::function_ref<bool(mlir::Operation *)> isWanted,
             mlir::IRMapping &mapping);
  AwaitMmaOp await(StartMmaOp started, MmaOp op, int64_t pending,
                   mlir::IRMapping &mapping);
  StartMmaOp start(MmaOp op, mlir::IRMapping &mapping);
  llvm::SmallVector<mlir::Value> getState(const mlir::IRMapping &early,
                                          const mlir::IRMapping &late);
  void mapState(mlir::ValueRange state, mlir::IRMapping &early,
                mlir::IRMapping &late);
  llvm::SmallVector<mlir::Value> emitIteration(mlir::Value number,
                                               mlir::ValueRange state);
  llvm::SmallVector<mlir::Value>
  emitFirst(mlir::Block *block, mlir::Value number, mlir::ValueRange inits);
  mlir::scf::ForOp emitLoop(mlir::Block *block, mlir::Value begin,
                            mlir::Value end, mlir::ValueRange state);

  mlir::scf::ForOp loop;
  mlir::IRRewriter rewriter;
  /// The product that begins an iteration, and the one that ends it.
  MmaOp first, last;
  /// The number of the carried sum.
  unsigned sum = 0;
  llvm::DenseMap<mlir::Operation *, Part> parts;
  /// What the late operations take from the others.
  llvm::SmallSetVector<mlir::Value, 4> carried;
};

} // namespace attn::wg

#endif // ATTN_LIB_DIALECT_WG_TRANSFORMS_LOOPOVERLAPPER_H
