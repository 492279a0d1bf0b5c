//===- AttnMasks.cpp - Formulas and simplification of masks ---------------===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "attn/Dialect/Attn/IR/Attn.h"
#include "attn/Dialect/Attn/IR/Masks.h"
#include "llvm/ADT/SetVector.h"

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

Formula SegmentMaskAttr::getFormula() const {
  return Formula::getSameId(getContext());
}

Formula AffineMaskAttr::getFormula() const {
  IntegerSet set = getSet().getValue();
  SmallVector<Formula> terms;
  for (auto [constraint, isEquality] :
       llvm::zip(set.getConstraints(), set.getEqFlags())) {
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

VisitAttrInterface attn::simplifyMask(VisitAttrInterface mask) {
  Attribute result = mask;
  if (auto list = dyn_cast<AndMaskAttr>(result))
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
