//===- LoopOverlapper.cpp - A loop whose products overlap -----------------===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "LoopOverlapper.h"
#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;
using namespace attn::wg;

/// Clones operations of the body, in order.
void LoopOverlapper::clone(function_ref<bool(Operation *)> isWanted,
                           IRMapping &mapping) {
  for (Operation &op : getBody().without_terminator())
    if (isWanted(&op))
      rewriter.clone(op, mapping);
}

StartMmaOp LoopOverlapper::start(MmaOp op, IRMapping &mapping) {
  return StartMmaOp::create(rewriter, op.getLoc(),
                            mapping.lookupOrDefault(op.getLhs()),
                            mapping.lookupOrDefault(op.getRhs()),
                            mapping.lookupOrDefault(op.getAcc()),
                            op.getLhsTransposed(), op.getRhsTransposed());
}

AwaitMmaOp LoopOverlapper::await(StartMmaOp started, MmaOp op, int64_t pending,
                                 IRMapping &mapping) {
  auto awaited = AwaitMmaOp::create(rewriter, op.getLoc(), started, pending);
  mapping.map(op.getResult(), awaited.getResult());
  return awaited;
}

/// What the loop carries: the values of the old one but the sum, those of late
/// operations before these, then what these need.
SmallVector<Value> LoopOverlapper::getState(const IRMapping &early,
                                            const IRMapping &late) {
  SmallVector<Value> state;
  for (unsigned i = 0; i < loop.getNumResults(); ++i)
    if (i != sum)
      state.push_back(isLateArgument(i) ? late.lookupOrDefault(yielded(i))
                                        : early.lookupOrDefault(yielded(i)));
  for (Value value : carried)
    state.push_back(early.lookupOrDefault(value));
  return state;
}

void LoopOverlapper::mapState(ValueRange state, IRMapping &early,
                              IRMapping &late) {
  for (unsigned i = 0; i < loop.getNumResults(); ++i) {
    if (i == sum)
      continue;
    (isLateArgument(i) ? late : early)
        .map(loop.getRegionIterArg(i), state.front());
    state = state.drop_front();
  }
  for (auto [value, now] : llvm::zip_equal(carried, state))
    late.map(value, now);
}

SmallVector<Value> LoopOverlapper::emitIteration(Value number,
                                                 ValueRange state) {
  IRMapping early, late;
  early.map(loop.getInductionVar(), number);
  mapState(state, early, late);
  OpSet needed = getSources(first), before = getSources(last);

  clone([&](Operation *op) { return needed.contains(op); }, early);
  TakeTurnOp::create(rewriter, first.getLoc());
  StartMmaOp startedFirst = start(first, early);
  clone(
      [&](Operation *op) {
        return getPart(op) == Part::Late && before.contains(op);
      },
      late);
  StartMmaOp startedLast = start(last, late);
  PassTurnOp::create(rewriter, last.getLoc());
  await(startedFirst, first, 1, early);
  clone(
      [&](Operation *op) {
        return getPart(op) == Part::Early && op != first &&
               !needed.contains(op);
      },
      early);
  Value total = await(startedLast, last, 0, late);
  clone(
      [&](Operation *op) {
        return getPart(op) == Part::Late && op != last && !before.contains(op);
      },
      late);
  early.map(loop.getRegionIterArg(sum), total);
  clone(
      [&](Operation *op) {
        return getPart(op) == Part::Rescale || getPart(op) == Part::Operand;
      },
      early);
  return getState(early, late);
}

/// All of an iteration but what is late, at the end of a block.
SmallVector<Value> LoopOverlapper::emitFirst(Block *block, Value number,
                                             ValueRange inits) {
  rewriter.setInsertionPointToEnd(block);
  IRMapping begin, before;
  begin.map(loop.getInductionVar(), number);
  for (auto [i, init] : llvm::enumerate(inits)) {
    begin.map(loop.getRegionIterArg(i), init);
    if (isLateArgument(i))
      before.map(yielded(i), init);
  }
  clone([&](Operation *op) { return getPart(op) != Part::Late; }, begin);
  return getState(begin, before);
}

/// The release, behind the loop, of a tile that only the first product reads:
/// it need not wait for the last one.
ReleaseOp LoopOverlapper::findOuterRelease() {
  auto received = first.getLhs().getDefiningOp<ReceiveOp>();
  if (!received || received->getBlock() != loop->getBlock() ||
      received.getChannel() ==
          last.getRhs().getDefiningOp<ReceiveOp>().getChannel())
    return {};
  for (Operation *user : received.getChannel().getUsers()) {
    auto release = dyn_cast<ReleaseOp>(user);
    if (!release || release->getBlock() != loop->getBlock() ||
        release.getCursor() != received.getCursor() ||
        !loop->isBeforeInBlock(release))
      continue;
    // Nothing between reads the tile.
    bool isLast =
        llvm::all_of(received.getResult().getUsers(), [&](Operation *op) {
          Operation *ancestor = loop->getBlock()->findAncestorOpInBlock(*op);
          return ancestor && !loop->isBeforeInBlock(ancestor);
        });
    return isLast ? release : ReleaseOp();
  }
  return {};
}

/// The iterations from `begin`, each with what is late in the one before, at
/// the end of a block.
scf::ForOp LoopOverlapper::emitLoop(Block *block, Value begin, Value end,
                                    ValueRange state) {
  Location loc = loop.getLoc();
  rewriter.setInsertionPointToEnd(block);
  return scf::ForOp::create(
      rewriter, loc, begin, end, loop.getStep(), state,
      [&](OpBuilder &, Location, Value number, ValueRange values) {
        OpBuilder::InsertionGuard guard(rewriter);
        rewriter.setInsertionPointToEnd(number.getParentBlock());
        scf::YieldOp::create(rewriter, loc, emitIteration(number, values));
      });
}

/// Leaves the last iteration to who asks for its number.
Value LoopOverlapper::cutLast() {
  rewriter.setInsertionPoint(loop);
  Value last = hasOneIteration(loop)
                   ? loop.getLowerBound()
                   : arith::SubIOp::create(rewriter, loop.getLoc(),
                                           loop.getUpperBound(), loop.getStep())
                         .getResult();
  loop.setUpperBound(last);
  return last;
}

void LoopOverlapper::run(LoopOverlapper *previous) {
  Location loc = loop.getLoc();
  ReleaseOp outer = findOuterRelease();
  rewriter.setInsertionPoint(loop);
  auto isSome = [&](scf::ForOp of) -> Value {
    if (hasOneIteration(of))
      return arith::ConstantIntOp::create(rewriter, loc, 1, 1);
    return arith::CmpIOp::create(rewriter, loc, arith::CmpIPredicate::slt,
                                 of.getLowerBound(), of.getUpperBound());
  };
  auto getSecond = [&](scf::ForOp of) -> Value {
    return arith::AddIOp::create(rewriter, loc, of.getLowerBound(),
                                 of.getStep());
  };
  ValueRange inits = loop.getInitArgs();
  Value hasAny = isSome(loop), hasPrevious, firstOfPrevious;
  bool goesOn = previous && previous->mayGoOn();
  if (previous) {
    hasPrevious = isSome(previous->loop);
    hasAny = arith::OrIOp::create(rewriter, loc, hasPrevious, hasAny);
    firstOfPrevious =
        goesOn ? previous->loop.getLowerBound() : previous->cutLast();
    if (goesOn)
      inits = previous->loop.getInitArgs();
  }
  auto branch = scf::IfOp::create(rewriter, loc, loop.getResultTypes(), hasAny,
                                  /*addThenBlock=*/true,
                                  /*addElseBlock=*/true);
  rewriter.setInsertionPointToStart(branch.elseBlock());
  if (outer)
    rewriter.clone(*outer);
  scf::YieldOp::create(rewriter, loc, inits);

  SmallVector<Value> state;
  rewriter.setInsertionPointToStart(branch.thenBlock());
  Value second = getSecond(loop);
  if (previous) {
    second = arith::SelectOp::create(rewriter, loc, hasPrevious,
                                     loop.getLowerBound(), second);
    SmallVector<Type> types;
    for (unsigned i = 0; i < loop.getNumResults(); ++i)
      if (i != sum)
        types.push_back(loop.getResult(i).getType());
    for (Value value : carried)
      types.push_back(value.getType());
    auto first = scf::IfOp::create(rewriter, loc, types, hasPrevious,
                                   /*addThenBlock=*/true,
                                   /*addElseBlock=*/true);
    auto emit = [&](LoopOverlapper &of, Block *block, Value number) {
      SmallVector<Value> values = of.emitFirst(block, number, inits);
      rewriter.setInsertionPointToEnd(block);
      scf::YieldOp::create(rewriter, loc, values);
    };
    emit(*previous, first.thenBlock(), firstOfPrevious);
    emit(*this, first.elseBlock(), loop.getLowerBound());
    state.assign(first.result_begin(), first.result_end());
    if (goesOn) {
      rewriter.setInsertionPointToEnd(branch.thenBlock());
      scf::ForOp rest =
          previous->emitLoop(branch.thenBlock(), getSecond(previous->loop),
                             previous->loop.getUpperBound(), state);
      state.assign(rest.result_begin(), rest.result_end());
    }
  } else {
    state = emitFirst(branch.thenBlock(), loop.getLowerBound(), inits);
  }

  scf::ForOp rotated =
      emitLoop(branch.thenBlock(), second, loop.getUpperBound(), state);

  // What is late in the last iteration.
  rewriter.setInsertionPointToEnd(branch.thenBlock());
  if (outer) {
    rewriter.clone(*outer);
    rewriter.eraseOp(outer);
  }
  IRMapping rest, end;
  mapState(rotated.getResults(), rest, end);
  clone([&](Operation *op) { return getPart(op) == Part::Late; }, end);
  SmallVector<Value> results;
  for (unsigned i = 0; i < loop.getNumResults(); ++i) {
    bool isLate = i == sum || isLateArgument(i);
    results.push_back(isLate ? end.lookup(yielded(i))
                             : rest.lookup(loop.getRegionIterArg(i)));
  }
  scf::YieldOp::create(rewriter, loc, results);
  rewriter.replaceOp(loop, branch.getResults());
  if (goesOn)
    rewriter.eraseOp(previous->loop);
}
