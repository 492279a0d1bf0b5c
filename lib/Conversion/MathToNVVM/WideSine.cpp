//===- WideSine.cpp - Sines and cosines of f64 ----------------------------===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Sums of phases are f64 because they are large: they need a sine of f64, of
// which a GPU has no instruction. An angle is x = n pi/2 + r, |r| <= pi/4, and
// its sine that of r or its cosine, with a sign, by n modulo 4. Products of n
// with the first two parts of pi/2, of 33 bits each, are exact for |n| < 2^20;
// for larger angles the error grows with n, by 2^-86 for each.
//
//===----------------------------------------------------------------------===//

#include "WideSine.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"

using namespace mlir;

/// pi/2 in parts.
static constexpr double kParts[] = {0x1.921fb544p+0, 0x1.0b4611a6p-34,
                                    0x1.3198a2e037073p-69};
static constexpr double kTwoOverPi = 0.63661977236758134308;

namespace {

template <typename OpTy>
class WideSinePattern : public OpRewritePattern<OpTy> {
public:
  /// A cosine is the sine a quarter further on.
  WideSinePattern(MLIRContext *context, int64_t quarters)
      : OpRewritePattern<OpTy>(context, /*benefit=*/2), quarters(quarters) {}

  LogicalResult matchAndRewrite(OpTy op,
                                PatternRewriter &rewriter) const override {
    if (!op.getType().isF64())
      return rewriter.notifyMatchFailure(op, "not a scalar of f64");
    ImplicitLocOpBuilder b(op.getLoc(), rewriter);
    auto number = [&](double value) -> Value {
      return arith::ConstantOp::create(b, b.getF64FloatAttr(value));
    };
    auto integer = [&](int64_t value) -> Value {
      return arith::ConstantIntOp::create(b, b.getI64Type(), value);
    };
    Value x = op.getOperand();
    Value turns = math::RoundEvenOp::create(
        b, arith::MulFOp::create(b, x, number(kTwoOverPi)));
    Value minus = arith::NegFOp::create(b, turns), r = x;
    for (double part : kParts)
      r = math::FmaOp::create(b, minus, number(part), r);
    Value square = arith::MulFOp::create(b, r, r);
    // 1 - s/2! + s^2/4! - ..., of every second factorial from `first` on.
    auto getSeries = [&](int64_t first) {
      constexpr int64_t kTerms = 9;
      SmallVector<double> factors{1.0};
      for (int64_t term = 1; term < kTerms; ++term) {
        double next = static_cast<double>(2 * term + first);
        factors.push_back(-factors.back() / (next * (next - 1)));
      }
      Value series = number(factors.back());
      for (double factor : llvm::drop_begin(llvm::reverse(factors)))
        series = math::FmaOp::create(b, series, square, number(factor));
      return series;
    };
    Value cosine = getSeries(0);
    Value sine = arith::MulFOp::create(b, getSeries(1), r);
    Value quarter = arith::AddIOp::create(
        b, arith::FPToSIOp::create(b, b.getI64Type(), turns),
        integer(quarters));
    auto hasBit = [&](int64_t bit) -> Value {
      return arith::CmpIOp::create(
          b, arith::CmpIPredicate::ne,
          arith::AndIOp::create(b, quarter, integer(bit)), integer(0));
    };
    Value value = arith::SelectOp::create(b, hasBit(1), cosine, sine);
    rewriter.replaceOpWithNewOp<arith::SelectOp>(
        op, hasBit(2), arith::NegFOp::create(b, value), value);
    return success();
  }

private:
  int64_t quarters;
};

} // namespace

void attn::populateWideSinePatterns(RewritePatternSet &patterns) {
  patterns.add<WideSinePattern<math::SinOp>>(patterns.getContext(), 0);
  patterns.add<WideSinePattern<math::CosOp>>(patterns.getContext(), 1);
}
