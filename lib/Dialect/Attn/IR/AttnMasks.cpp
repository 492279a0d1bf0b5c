//===- AttnMasks.cpp - Formulas and simplification of masks ---------------===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "attn/Dialect/Attn/IR/Attn.h"
#include "attn/Dialect/Attn/IR/Masks.h"
#include "llvm/ADT/MapVector.h"
#include "llvm/ADT/SetVector.h"
#include <numeric>

using namespace mlir;
using namespace attn;
using attn::tile::Formula;
using attn::tile::VisitAttrInterface;

//===----------------------------------------------------------------------===//
// Formulas
//===----------------------------------------------------------------------===//

static AffineExpr getDim(MLIRContext *context, tile::PositionDim dim) {
  return getAffineDimExpr(static_cast<unsigned>(dim), context);
}

/// i - j.
static AffineExpr getDistance(MLIRContext *context) {
  return getDim(context, tile::PositionDim::Row) -
         getDim(context, tile::PositionDim::Column);
}

static SmallVector<Formula> getFormulas(ArrayRef<Attribute> masks) {
  return llvm::map_to_vector(masks, [](Attribute mask) {
    return cast<VisitAttrInterface>(mask).getFormula();
  });
}

Formula CausalMaskAttr::getFormula() const {
  return Formula::getConstraint(getDistance(getContext()));
}

Formula WindowMaskAttr::getFormula() const {
  AffineExpr distance = getDistance(getContext());
  return Formula::getAnd({Formula::getConstraint(-distance + (getLeft() - 1)),
                          Formula::getConstraint(distance + getRight())});
}

Formula PrefixMaskAttr::getFormula() const {
  AffineExpr column = getDim(getContext(), tile::PositionDim::Column);
  return Formula::getConstraint(-column + (getLength() - 1));
}

Formula SinkMaskAttr::getFormula() const {
  return PrefixMaskAttr::get(getContext(), getCount()).getFormula();
}

Formula GlobalMaskAttr::getFormula() const {
  AffineExpr row = getDim(getContext(), tile::PositionDim::Row),
             column = getDim(getContext(), tile::PositionDim::Column);
  return Formula::getOr({Formula::getConstraint(-row + (getCount() - 1)),
                         Formula::getConstraint(-column + (getCount() - 1))});
}

/// expr == 0.
static Formula getEquality(AffineExpr expr) {
  return Formula::getAnd(
      {Formula::getConstraint(expr), Formula::getConstraint(-expr)});
}

Formula DilatedMaskAttr::getFormula() const {
  AffineExpr distance = getDistance(getContext());
  // A remainder is never negative.
  return Formula::getAnd(
      {WindowMaskAttr::get(getContext(), getCount() * getStep(), 0)
           .getFormula(),
       Formula::getConstraint(-(distance % getStep()))});
}

Formula StridedMaskAttr::getFormula() const {
  return Formula::getConstraint(-(getDistance(getContext()) % getStride()));
}

Formula ChunkMaskAttr::getFormula() const {
  AffineExpr row = getDim(getContext(), tile::PositionDim::Row),
             column = getDim(getContext(), tile::PositionDim::Column);
  return getEquality(row.floorDiv(getSize()) - column.floorDiv(getSize()));
}

Formula NeighborhoodMaskAttr::getFormula() const {
  AffineExpr row = getDim(getContext(), tile::PositionDim::Row),
             column = getDim(getContext(), tile::PositionDim::Column);
  SmallVector<Formula> terms;
  int64_t cells = 1;
  for (size_t d = getGrid().size(); d-- > 0;) {
    int64_t size = getGrid()[d], width = getKernel()[d];
    auto getCell = [&](AffineExpr position) {
      AffineExpr cell = position.floorDiv(cells);
      return d == 0 ? cell : cell % size;
    };
    AffineExpr i = getCell(row), j = getCell(column);
    int64_t reach = width / 2;
    // j >= min(max(i - reach, 0), size - width), and before it plus the width.
    terms.push_back(
        Formula::getOr({Formula::getConstraint(j - i + reach),
                        Formula::getConstraint(j - (size - width))}));
    terms.push_back(Formula::getOr({Formula::getConstraint(i - j + reach),
                                    Formula::getConstraint(-j + (width - 1))}));
    cells *= size;
  }
  for (AffineExpr position : {row, column}) {
    terms.push_back(Formula::getConstraint(position));
    terms.push_back(Formula::getConstraint(-position + (cells - 1)));
  }
  return Formula::getAnd(terms);
}

/// In each stripe the block that is drawn. Rows and heads are reduced first, so
/// that products stay small.
Formula RandomBlockMaskAttr::getFormula() const {
  AffineExpr row = getDim(getContext(), tile::PositionDim::Row),
             column = getDim(getContext(), tile::PositionDim::Column),
             head = getDim(getContext(), tile::PositionDim::Head);
  int64_t state = getSeed();
  auto draw = [&](int64_t below) {
    state = 48271 * state % ((int64_t(1) << 31) - 1);
    return state % below;
  };
  SmallVector<Formula> terms;
  for (int64_t stripe = 0; stripe < getCount(); ++stripe) {
    int64_t first = stripe * getBlocks() / getCount();
    int64_t size = (stripe + 1) * getBlocks() / getCount() - first;
    int64_t byRow = draw(size), byHead = draw(size), constant = draw(size);
    while (std::gcd(byRow, size) != 1)
      ++byRow;
    AffineExpr drawn = (row.floorDiv(getBlock()) % size) * byRow +
                       (head % size) * byHead + constant;
    terms.push_back(
        getEquality(column.floorDiv(getBlock()) - drawn % size - first));
  }
  return Formula::getOr(terms);
}

Formula TreeMaskAttr::getFormula() const {
  AffineExpr column = getDim(getContext(), tile::PositionDim::Column);
  AffineExpr start = getAffineDimExpr(
      static_cast<unsigned>(tile::PositionDim::Parameter) + getStart(),
      getContext());
  return Formula::getOr({Formula::getConstraint(start - 1 - column),
                         Formula::getBit(column - start)});
}

/// Runs of heads with the same mask, each with the constraints that tell them
/// from others.
Formula PerHeadMaskAttr::getFormula() const {
  ArrayRef<Attribute> masks = getMasks();
  int64_t count = masks.size(), period = 1;
  auto repeats = [&] {
    for (int64_t head = period; head < count; ++head)
      if (masks[head] != masks[head - period])
        return false;
    return count % period == 0;
  };
  while (!repeats())
    ++period;
  AffineExpr head = getDim(getContext(), tile::PositionDim::Head) % period;
  llvm::MapVector<Attribute, SmallVector<Formula>> runs;
  for (int64_t begin = 0, end; begin < period; begin = end) {
    end = begin + 1;
    while (end < period && masks[end] == masks[begin])
      ++end;
    SmallVector<Formula> bounds;
    if (begin > 0)
      bounds.push_back(Formula::getConstraint(head - begin));
    if (end < period)
      bounds.push_back(Formula::getConstraint(-head + (end - 1)));
    runs[masks[begin]].push_back(bounds.empty() ? Formula::getTrue(getContext())
                                                : Formula::getAnd(bounds));
  }
  SmallVector<Formula> terms;
  for (auto &[mask, heads] : runs)
    terms.push_back(Formula::getAnd(
        {Formula::getOr(heads), cast<VisitAttrInterface>(mask).getFormula()}));
  return Formula::getOr(terms);
}

Formula SegmentMaskAttr::getFormula() const {
  return Formula::getSameId(getContext());
}

Formula AffineMaskAttr::getFormula() const {
  IntegerSet set = getSet().getValue();
  constexpr auto kFirst = static_cast<unsigned>(tile::PositionDim::Parameter);
  SmallVector<AffineExpr> parameters;
  for (unsigned i = 0; i < set.getNumSymbols(); ++i)
    parameters.push_back(getAffineDimExpr(kFirst + i, getContext()));
  SmallVector<Formula> terms;
  for (auto [expr, isEquality] :
       llvm::zip(set.getConstraints(), set.getEqFlags())) {
    AffineExpr constraint = expr.replaceSymbols(parameters);
    terms.push_back(Formula::getConstraint(constraint));
    if (isEquality)
      terms.push_back(Formula::getConstraint(-constraint));
  }
  return terms.empty() ? Formula::getTrue(getContext())
                       : Formula::getAnd(terms);
}

Formula AndMaskAttr::getFormula() const {
  return Formula::getAnd(getFormulas(getMasks()));
}

Formula OrMaskAttr::getFormula() const {
  return Formula::getOr(getFormulas(getMasks()));
}

Formula NotMaskAttr::getFormula() const {
  return !cast<VisitAttrInterface>(getMask()).getFormula();
}

//===----------------------------------------------------------------------===//
// Simplification
//===----------------------------------------------------------------------===//

/// The window that a causal or window mask is; a causal mask's reaches back for
/// ever.
struct Window {
  static constexpr int64_t kUnlimited = std::numeric_limits<int64_t>::max();
  int64_t left;
  int64_t right;
};

static std::optional<Window> getWindow(Attribute mask) {
  if (isa<CausalMaskAttr>(mask))
    return Window{Window::kUnlimited, 0};
  if (auto window = dyn_cast<WindowMaskAttr>(mask))
    return Window{window.getLeft(), window.getRight()};
  return std::nullopt;
}

/// The attribute for a window, null if there is none.
static Attribute getWindowMask(MLIRContext *context, Window window) {
  if (window.left == Window::kUnlimited)
    return window.right == 0 ? CausalMaskAttr::get(context) : Attribute();
  return WindowMaskAttr::get(context, window.left, window.right);
}

/// Joins the windows and the prefixes of a list: all windows contain i = j and
/// all prefixes start at 0, so intersections and unions are again such masks.
static SmallVector<Attribute> joinTerms(ArrayRef<Attribute> terms, bool isAnd) {
  auto join = [&](int64_t a, int64_t b) {
    return isAnd ? std::min(a, b) : std::max(a, b);
  };
  SmallVector<Attribute> result;
  std::optional<size_t> windowAt, prefixAt;
  for (Attribute term : terms) {
    if (std::optional<Window> window = getWindow(term)) {
      if (windowAt) {
        Window before = *getWindow(result[*windowAt]);
        Attribute joined = getWindowMask(term.getContext(),
                                         {join(before.left, window->left),
                                          join(before.right, window->right)});
        if (joined) {
          result[*windowAt] = joined;
          continue;
        }
      } else {
        windowAt = result.size();
      }
    } else if (auto prefix = dyn_cast<PrefixMaskAttr>(term)) {
      if (prefixAt) {
        auto before = cast<PrefixMaskAttr>(result[*prefixAt]);
        result[*prefixAt] = PrefixMaskAttr::get(
            term.getContext(), join(before.getLength(), prefix.getLength()));
        continue;
      }
      prefixAt = result.size();
    }
    result.push_back(term);
  }
  return result;
}

template <typename ListAttr>
static Attribute simplifyList(ListAttr mask) {
  constexpr bool isAnd = std::is_same_v<ListAttr, AndMaskAttr>;
  llvm::SmallSetVector<Attribute, 4> terms;
  for (Attribute term : mask.getMasks()) {
    Attribute simple = simplifyMask(cast<VisitAttrInterface>(term));
    if (auto nested = dyn_cast<ListAttr>(simple))
      terms.insert(nested.getMasks().begin(), nested.getMasks().end());
    else
      terms.insert(simple);
  }
  SmallVector<Attribute> joined = joinTerms(terms.getArrayRef(), isAnd);
  if (joined.size() == 1)
    return joined.front();
  return ListAttr::get(mask.getContext(), joined);
}

/// What all heads have in common is a mask of its own.
static Attribute simplifyHeads(PerHeadMaskAttr mask) {
  SmallVector<Attribute> masks =
      llvm::map_to_vector(mask.getMasks(), [](Attribute term) -> Attribute {
        return simplifyMask(cast<VisitAttrInterface>(term));
      });
  return llvm::all_equal(masks)
             ? masks.front()
             : PerHeadMaskAttr::get(mask.getContext(), masks);
}

VisitAttrInterface attn::simplifyMask(VisitAttrInterface mask) {
  Attribute result = mask;
  if (auto sink = dyn_cast<SinkMaskAttr>(result))
    result = PrefixMaskAttr::get(mask.getContext(), sink.getCount());
  else if (auto heads = dyn_cast<PerHeadMaskAttr>(result))
    result = simplifyHeads(heads);
  else if (auto list = dyn_cast<AndMaskAttr>(result))
    result = simplifyList(list);
  else if (auto list = dyn_cast<OrMaskAttr>(result))
    result = simplifyList(list);
  else if (auto negation = dyn_cast<NotMaskAttr>(result)) {
    auto inner = simplifyMask(cast<VisitAttrInterface>(negation.getMask()));
    if (auto twice = dyn_cast<NotMaskAttr>(inner))
      result = twice.getMask();
    else
      result = NotMaskAttr::get(mask.getContext(), inner);
  }
  return cast<VisitAttrInterface>(result);
}
