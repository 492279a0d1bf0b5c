//===- MaskTest.cpp - Masks by their definitions --------------------------===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The compiler derives all it does with a mask from the mask's formula. The
// masks of this dialect are written out here a second time, from their
// definitions, so that a wrong formula shows as a difference.
//
//===----------------------------------------------------------------------===//

#include "MaskTest.h"
#include "attn/Dialect/Attn/IR/Attn.h"
#include "mlir/Dialect/Affine/Utils.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace attn;
using attn::tile::Formula;
using Predicate = arith::CmpIPredicate;

namespace {

class MaskEmitter {
public:
  MaskEmitter(ImplicitLocOpBuilder &b, const MaskPoint &point)
      : b(b), point(point) {}

  Value emit(Attribute mask);

private:
  Value index(int64_t value) {
    return arith::ConstantIndexOp::create(b, value);
  }
  Value compare(Predicate predicate, Value x, Value y) {
    return arith::CmpIOp::create(b, predicate, x, y);
  }
  Value both(Value x, Value y) { return arith::AndIOp::create(b, x, y); }
  Value either(Value x, Value y) { return arith::OrIOp::create(b, x, y); }
  Value isTrue() { return arith::ConstantIntOp::create(b, 1, 1); }
  Value negate(Value x) { return arith::XOrIOp::create(b, x, isTrue()); }

  /// expr == 0 or expr >= 0, expr over (b, h, i, j) and the parameters, which
  /// are symbols of sets, and dimensions of formulas.
  Value constrain(AffineExpr expr, bool isEquality) {
    SmallVector<Value> dims = {point.b, point.h, point.i, point.j};
    llvm::append_range(dims, point.parameters);
    Value value =
        affine::expandAffineExpr(b, b.getLoc(), expr, dims, point.parameters);
    return compare(isEquality ? Predicate::eq : Predicate::sge, value,
                   index(0));
  }
  Value emitWindow(WindowMaskAttr window);
  Value emitAffine(IntegerSet set);
  Value emitDilated(DilatedMaskAttr dilated);
  Value emitNeighborhood(NeighborhoodMaskAttr neighborhood);
  Value emitRandomBlock(RandomBlockMaskAttr blocks);
  Value emitTree(TreeMaskAttr tree);
  Value emitPerHead(PerHeadMaskAttr list);
  Value divide(Value x, int64_t y) {
    return arith::FloorDivSIOp::create(b, x, index(y));
  }
  Value subtract(Value x, Value y) { return arith::SubIOp::create(b, x, y); }
  /// Whether `divisor` divides x.
  Value isMultiple(Value x, int64_t divisor) {
    return compare(Predicate::eq, arith::RemSIOp::create(b, x, index(divisor)),
                   index(0));
  }
  Value emitFormula(const Formula &formula);

  ImplicitLocOpBuilder &b;
  const MaskPoint &point;
};

} // namespace

/// -right <= i - j < left.
Value MaskEmitter::emitWindow(WindowMaskAttr window) {
  Value distance = arith::SubIOp::create(b, point.i, point.j);
  return both(compare(Predicate::sle, index(-window.getRight()), distance),
              compare(Predicate::slt, distance, index(window.getLeft())));
}

/// 0 <= i - j < count * step, and step divides i - j.
Value MaskEmitter::emitDilated(DilatedMaskAttr dilated) {
  int64_t step = dilated.getStep();
  Value distance = subtract(point.i, point.j);
  return both(isMultiple(distance, step),
              both(compare(Predicate::sge, distance, index(0)),
                   compare(Predicate::slt, distance,
                           index(dilated.getCount() * step))));
}

/// start_d <= j_d < start_d + kernel_d along each dimension.
Value MaskEmitter::emitNeighborhood(NeighborhoodMaskAttr neighborhood) {
  int64_t cells = 1;
  for (int64_t size : neighborhood.getGrid())
    cells *= size;
  auto isOnGrid = [&](Value position) {
    return both(compare(Predicate::sge, position, index(0)),
                compare(Predicate::slt, position, index(cells)));
  };
  Value holds = both(isOnGrid(point.i), isOnGrid(point.j));
  Value i = point.i, j = point.j;
  for (auto [size, width] : llvm::reverse(
           llvm::zip_equal(neighborhood.getGrid(), neighborhood.getKernel()))) {
    auto takeCell = [&, size = size](Value &position) {
      Value rest = divide(position, size);
      Value cell =
          subtract(position, arith::MulIOp::create(b, rest, index(size)));
      position = rest;
      return cell;
    };
    Value row = takeCell(i), column = takeCell(j);
    Value start =
        arith::MaxSIOp::create(b, subtract(row, index(width / 2)), index(0));
    start = arith::MinSIOp::create(b, start, index(size - width));
    Value place = subtract(column, start);
    holds = both(holds, both(compare(Predicate::sge, place, index(0)),
                             compare(Predicate::slt, place, index(width))));
  }
  return holds;
}

/// j floordiv block = y_r for some stripe r.
Value MaskEmitter::emitRandomBlock(RandomBlockMaskAttr blocks) {
  // s_1, s_2, ...
  SmallVector<uint64_t> draws{static_cast<uint64_t>(blocks.getSeed())};
  for (int64_t k = 0; k < 3 * blocks.getCount(); ++k)
    draws.push_back(draws.back() * 48271 % 0x7fffffff);
  Value x = divide(point.i, blocks.getBlock()),
        y = divide(point.j, blocks.getBlock());
  auto times = [&](Value value, uint64_t factor) -> Value {
    return arith::MulIOp::create(b, value, index(factor));
  };
  Value holds = negate(isTrue());
  for (int64_t r = 0; r < blocks.getCount(); ++r) {
    uint64_t first = r * blocks.getBlocks() / blocks.getCount(),
             m = (r + 1) * blocks.getBlocks() / blocks.getCount() - first;
    uint64_t factor = draws[3 * r + 1] % m;
    auto isCoprime = [&](uint64_t number) {
      for (uint64_t divisor = 2; divisor <= m; ++divisor)
        if (m % divisor == 0 && number % divisor == 0)
          return false;
      return true;
    };
    while (!isCoprime(factor))
      ++factor;
    Value sum = arith::AddIOp::create(b, times(x, factor),
                                      times(point.h, draws[3 * r + 2] % m));
    sum = arith::AddIOp::create(b, sum, index(draws[3 * r + 3] % m));
    Value drawn = subtract(sum, times(divide(sum, m), m));
    holds =
        either(holds, compare(Predicate::eq, subtract(y, index(first)), drawn));
  }
  return holds;
}

/// j < start or node j - start is an ancestor.
Value MaskEmitter::emitTree(TreeMaskAttr tree) {
  Value start = point.parameters[tree.getStart()];
  return either(compare(Predicate::slt, point.j, start),
                point.isAncestor(subtract(point.j, start)));
}

/// Mask h mod n.
Value MaskEmitter::emitPerHead(PerHeadMaskAttr list) {
  int64_t count = list.getMasks().size();
  Value head = arith::RemSIOp::create(b, point.h, index(count));
  Value result = emit(list.getMasks().front());
  for (int64_t number = 1; number < count; ++number)
    result =
        arith::SelectOp::create(b, compare(Predicate::eq, head, index(number)),
                                emit(list.getMasks()[number]), result);
  return result;
}

/// Every constraint of the set holds.
Value MaskEmitter::emitAffine(IntegerSet set) {
  Value holds = isTrue();
  for (auto [expr, isEquality] :
       llvm::zip(set.getConstraints(), set.getEqFlags()))
    holds = both(holds, constrain(expr, isEquality));
  return holds;
}

/// A mask of another dialect is defined by its formula.
Value MaskEmitter::emitFormula(const Formula &formula) {
  switch (formula.getKind()) {
  case Formula::Kind::True:
    return isTrue();
  case Formula::Kind::Constraint:
    return constrain(formula.getExpr(), /*isEquality=*/false);
  case Formula::Kind::SameId:
    return point.sameSegment;
  case Formula::Kind::Bit: {
    SmallVector<Value> dims = {point.b, point.h, point.i, point.j};
    llvm::append_range(dims, point.parameters);
    return point.isAncestor(affine::expandAffineExpr(
        b, b.getLoc(), formula.getExpr(), dims, ValueRange()));
  }
  case Formula::Kind::Not:
    return negate(emitFormula(formula.getTerms().front()));
  case Formula::Kind::And:
  case Formula::Kind::Or: {
    Value result = emitFormula(formula.getTerms().front());
    for (const Formula &term : formula.getTerms().drop_front()) {
      Value next = emitFormula(term);
      result = formula.getKind() == Formula::Kind::And ? both(result, next)
                                                       : either(result, next);
    }
    return result;
  }
  }
  llvm_unreachable("every kind is handled");
}

Value MaskEmitter::emit(Attribute mask) {
  return llvm::TypeSwitch<Attribute, Value>(mask)
      .Case([&](CausalMaskAttr) {
        return compare(Predicate::sle, point.j, point.i);
      })
      .Case([&](WindowMaskAttr window) { return emitWindow(window); })
      .Case([&](PrefixMaskAttr prefix) {
        return compare(Predicate::slt, point.j, index(prefix.getLength()));
      })
      .Case([&](SinkMaskAttr sink) {
        return compare(Predicate::slt, point.j, index(sink.getCount()));
      })
      .Case([&](GlobalMaskAttr tokens) {
        Value count = index(tokens.getCount());
        return either(compare(Predicate::slt, point.i, count),
                      compare(Predicate::slt, point.j, count));
      })
      .Case([&](DilatedMaskAttr dilated) { return emitDilated(dilated); })
      .Case([&](StridedMaskAttr strided) {
        return isMultiple(subtract(point.i, point.j), strided.getStride());
      })
      .Case([&](ChunkMaskAttr chunk) {
        return compare(Predicate::eq, divide(point.i, chunk.getSize()),
                       divide(point.j, chunk.getSize()));
      })
      .Case([&](NeighborhoodMaskAttr neighborhood) {
        return emitNeighborhood(neighborhood);
      })
      .Case([&](RandomBlockMaskAttr blocks) { return emitRandomBlock(blocks); })
      .Case([&](TreeMaskAttr tree) { return emitTree(tree); })
      .Case([&](PerHeadMaskAttr list) { return emitPerHead(list); })
      .Case([&](SegmentMaskAttr) { return point.sameSegment; })
      .Case([&](AffineMaskAttr set) {
        return emitAffine(set.getSet().getValue());
      })
      .Case([&](AndMaskAttr list) {
        Value holds = isTrue();
        for (Attribute term : list.getMasks())
          holds = both(holds, emit(term));
        return holds;
      })
      .Case([&](OrMaskAttr list) {
        Value holds = negate(isTrue());
        for (Attribute term : list.getMasks())
          holds = either(holds, emit(term));
        return holds;
      })
      .Case([&](NotMaskAttr negation) {
        return negate(emit(negation.getMask()));
      })
      .Default([&](Attribute foreign) {
        return emitFormula(
            cast<tile::VisitAttrInterface>(foreign).getFormula());
      });
}

Value attn::emitMaskTest(ImplicitLocOpBuilder &b, Attribute mask,
                         const MaskPoint &point) {
  return MaskEmitter(b, point).emit(mask);
}
