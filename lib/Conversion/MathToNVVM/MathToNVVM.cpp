//===- MathToNVVM.cpp - Elementary functions in one instruction -----------===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A GPU has approximations of some functions of f32; the others come from these
// or from the upstream polynomials. The library of CUDA (libdevice) is not
// needed.
//
//===----------------------------------------------------------------------===//

#include "WideSine.h"
#include "attn/Conversion/Passes.h"
#include "mlir/Dialect/Math/Transforms/Passes.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"
#include "mlir/IR/Matchers.h"
#include "mlir/IR/PatternMatch.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"

#include <cmath>
#include <limits>

using namespace mlir;

namespace attn {
#define GEN_PASS_DEF_CONVERTMATHTONVVMAPPROX
#include "attn/Conversion/Passes.h.inc"

namespace {

/// f(x) = intrinsic(before * x)
struct Approximation {
  StringRef intrinsic;
  double before = 1.0;
};

constexpr double kLn2 = 0.69314718055994530942;

/// x / c = x (1 / c): a division is a dozen instructions.
class DivideByConstantPattern : public OpRewritePattern<arith::DivFOp> {
public:
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(arith::DivFOp op,
                                PatternRewriter &rewriter) const override {
    APFloat divisor(0.0f);
    if (!op.getType().isF32() ||
        !matchPattern(op.getRhs(), m_ConstantFloat(&divisor)))
      return rewriter.notifyMatchFailure(op,
                                         "not a scalar of f32 by a constant");
    float inverse = 1.0f / divisor.convertToFloat();
    if (!std::isnormal(inverse) || !divisor.isNormal())
      return rewriter.notifyMatchFailure(op,
                                         "the reciprocal is no normal number");
    auto factor = arith::ConstantOp::create(rewriter, op.getLoc(),
                                            rewriter.getF32FloatAttr(inverse));
    rewriter.replaceOpWithNewOp<arith::MulFOp>(op, op.getLhs(), factor,
                                               op.getFastmath());
    return success();
  }
};

/// 0 / y, exactly, without what a division does for numbers at the ends of the
/// range: zeros are no rare numerators (what a tile has beyond its limit is
/// zero), and a hundred instructions for each lane hold up all of a warp.
/// Another numerator c takes its place, and the quotient, which then is finite
/// unless y is 0 or no number, is multiplied with the zero.
class DivideZeroPattern : public OpRewritePattern<arith::DivFOp> {
public:
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(arith::DivFOp op,
                                PatternRewriter &rewriter) const override {
    // The least float that is no zero has c / y = 2^126.
    constexpr float kInstead = 0x1p-23f;
    auto isInstead = [](Value value) {
      APFloat constant(0.0f);
      return matchPattern(value, m_ConstantFloat(&constant)) &&
             constant.isExactlyValue(kInstead);
    };
    auto choice = op.getLhs().getDefiningOp<arith::SelectOp>();
    if (!op.getType().isF32() || matchPattern(op.getLhs(), m_Constant()) ||
        (choice && isInstead(choice.getTrueValue())))
      return rewriter.notifyMatchFailure(op,
                                         "not a scalar of f32 that may be 0");
    ImplicitLocOpBuilder b(op.getLoc(), rewriter);
    auto number = [&](float value) -> Value {
      return arith::ConstantOp::create(b, b.getF32FloatAttr(value));
    };
    Value x = op.getLhs();
    Value isZero =
        arith::CmpFOp::create(b, arith::CmpFPredicate::OEQ, x, number(0.0f));
    Value quotient = arith::DivFOp::create(
        b, arith::SelectOp::create(b, isZero, number(kInstead), x), op.getRhs(),
        op.getFastmath());
    rewriter.replaceOpWithNewOp<arith::SelectOp>(
        op, isZero, arith::MulFOp::create(b, x, quotient), quotient);
    return success();
  }
};

template <typename OpTy>
class ApproximationPattern : public OpRewritePattern<OpTy> {
public:
  ApproximationPattern(MLIRContext *context, const Approximation &approximation)
      : OpRewritePattern<OpTy>(context, /*benefit=*/2),
        approximation(approximation) {}

  LogicalResult matchAndRewrite(OpTy op,
                                PatternRewriter &rewriter) const override {
    if (!op.getType().isF32())
      return rewriter.notifyMatchFailure(op, "not a scalar of f32");
    Value x = op.getOperand();
    if (approximation.before != 1.0) {
      auto factor = arith::ConstantOp::create(
          rewriter, op.getLoc(),
          rewriter.getF32FloatAttr(static_cast<float>(approximation.before)));
      x = arith::MulFOp::create(rewriter, op.getLoc(), x, factor);
    }
    rewriter.replaceOpWithNewOp<LLVM::CallIntrinsicOp>(
        op, op.getType(), rewriter.getStringAttr(approximation.intrinsic),
        ValueRange(x));
    return success();
  }

private:
  Approximation approximation;
};

/// e^x, where no approximation is allowed. The instruction is for 2^y, and of
/// y = x log2(e), rounded, what is missing is a factor near 1:
///
///   e^x = 2^y + 2^y (x log2(e) - y) ln(2)
///
/// Next to the largest and smallest floats, and where x is none, 2^y is right.
class ExpPattern : public OpRewritePattern<math::ExpOp> {
public:
  ExpPattern(MLIRContext *context) : OpRewritePattern(context, /*benefit=*/3) {}

  LogicalResult matchAndRewrite(math::ExpOp op,
                                PatternRewriter &rewriter) const override {
    if (!op.getType().isF32() ||
        bitEnumContainsAll(op.getFastmath(), arith::FastMathFlags::afn))
      return rewriter.notifyMatchFailure(op, "may be approximated");
    ImplicitLocOpBuilder b(op.getLoc(), rewriter);
    auto number = [&](double value) -> Value {
      return arith::ConstantOp::create(
          b, b.getF32FloatAttr(static_cast<float>(value)));
    };
    constexpr double kLog2E = 1.0 / kLn2, kBound = 87.0;
    constexpr auto kHigh = static_cast<float>(kLog2E);
    Value x = op.getOperand();
    Value y = arith::MulFOp::create(b, x, number(kHigh));
    Value power = math::Exp2Op::create(b, y);
    Value rest =
        math::FmaOp::create(b, x, number(kHigh), arith::NegFOp::create(b, y));
    rest = math::FmaOp::create(b, x, number(kLog2E - kHigh), rest);
    rest = arith::MulFOp::create(b, rest, number(kLn2));
    Value near = math::FmaOp::create(b, power, rest, power);
    Value isNear =
        arith::CmpFOp::create(b, arith::CmpFPredicate::OLT,
                              math::AbsFOp::create(b, x), number(kBound));
    rewriter.replaceOpWithNewOp<arith::SelectOp>(op, isNear, near, power);
    return success();
  }
};

/// Logarithms. The instruction is exact to 2^-22 of its result, which for a
/// large one is much; so the exponent is taken apart:
///
///   log_b(m 2^e) = e log_b(2) + ln(m) / ln(b),  0.75 <= m < 1.5
template <typename OpTy>
class LogPattern : public OpRewritePattern<OpTy> {
public:
  LogPattern(MLIRContext *context, double factor)
      : OpRewritePattern<OpTy>(context, /*benefit=*/2), factor(factor) {}

  LogicalResult matchAndRewrite(OpTy op,
                                PatternRewriter &rewriter) const override {
    if (!op.getType().isF32())
      return rewriter.notifyMatchFailure(op, "not a scalar of f32");
    ImplicitLocOpBuilder b(op.getLoc(), rewriter);
    Type f32 = b.getF32Type(), i32 = b.getI32Type();
    auto number = [&](double value) -> Value {
      return arith::ConstantOp::create(
          b, b.getF32FloatAttr(static_cast<float>(value)));
    };
    auto integer = [&](int64_t value) -> Value {
      return arith::ConstantIntOp::create(b, i32, value);
    };
    auto log2 = [&](Value x) -> Value {
      return LLVM::CallIntrinsicOp::create(
                 b, f32, b.getStringAttr("llvm.nvvm.lg2.approx.ftz.f"),
                 ValueRange(x))
          .getResult(0);
    };
    constexpr int64_t kMantissaBits = 23, kThreeQuarters = 0x3f400000;
    Value x = op.getOperand();
    // Neither 0 nor a number that counts as 0, neither infinite nor NaN.
    Value isNormal = arith::AndIOp::create(
        b,
        arith::CmpFOp::create(b, arith::CmpFPredicate::OGE, x,
                              number(std::numeric_limits<float>::min())),
        arith::CmpFOp::create(b, arith::CmpFPredicate::OLT, x,
                              number(INFINITY)));
    Value bits = arith::BitcastOp::create(b, i32, x);
    Value exponent = arith::ShRSIOp::create(
        b, arith::SubIOp::create(b, bits, integer(kThreeQuarters)),
        integer(kMantissaBits));
    Value mantissa = arith::SubIOp::create(
        b, bits, arith::ShLIOp::create(b, exponent, integer(kMantissaBits)));
    // ln(m) = 2 (f + f^3/3 + f^5/5 + ...), f = (m - 1) / (m + 1), |f| <= 1/5.
    constexpr int64_t kLast = 9;
    Value m = arith::BitcastOp::create(b, f32, mantissa);
    Value f = arith::DivFOp::create(b, arith::SubFOp::create(b, m, number(1.0)),
                                    arith::AddFOp::create(b, m, number(1.0)));
    Value square = arith::MulFOp::create(b, f, f);
    auto coefficient = [&](int64_t power) {
      return number(2.0 * factor / (kLn2 * static_cast<double>(power)));
    };
    Value series = coefficient(kLast);
    for (int64_t power = kLast - 2; power > 0; power -= 2)
      series = math::FmaOp::create(b, series, square, coefficient(power));
    Value normal = math::FmaOp::create(
        b, arith::SIToFPOp::create(b, f32, exponent), number(factor),
        arith::MulFOp::create(b, series, f));
    rewriter.replaceOpWithNewOp<arith::SelectOp>(op, isNormal, normal, log2(x));
    return success();
  }

private:
  double factor;
};

/// The instruction for tanh has no intrinsic of its own: it is what becomes of
/// the general one where approximations are allowed.
class TanhPattern : public OpRewritePattern<math::TanhOp> {
public:
  TanhPattern(MLIRContext *context)
      : OpRewritePattern(context, /*benefit=*/2) {}

  LogicalResult matchAndRewrite(math::TanhOp op,
                                PatternRewriter &rewriter) const override {
    if (!op.getType().isF32())
      return rewriter.notifyMatchFailure(op, "not a scalar of f32");
    rewriter.replaceOpWithNewOp<LLVM::TanhOp>(op, op.getType(), op.getOperand(),
                                              LLVM::FastmathFlags::afn);
    return success();
  }
};

/// e^x - 1, near 0 by its series. The upstream formula divides by the logarithm
/// of e^x, which the GPU may take for 0.
class ExpM1Pattern : public OpRewritePattern<math::ExpM1Op> {
public:
  ExpM1Pattern(MLIRContext *context)
      : OpRewritePattern(context, /*benefit=*/2) {}

  LogicalResult matchAndRewrite(math::ExpM1Op op,
                                PatternRewriter &rewriter) const override {
    if (!op.getType().isF32())
      return rewriter.notifyMatchFailure(op, "not a scalar of f32");
    Location loc = op.getLoc();
    auto number = [&](double value) -> Value {
      return arith::ConstantOp::create(
          rewriter, loc, rewriter.getF32FloatAttr(static_cast<float>(value)));
    };
    // x + x^2/2! + ... + x^7/7!, which is exact to 2^-24 below 0.35.
    constexpr double kBound = 0.35, kLastFactorial = 5040.0;
    constexpr int64_t kLast = 7;
    Value x = op.getOperand();
    double factorial = kLastFactorial;
    Value series = number(1.0 / factorial);
    for (int64_t power = kLast; power > 1; --power) {
      factorial /= static_cast<double>(power);
      series = math::FmaOp::create(rewriter, loc, series, x,
                                   number(1.0 / factorial));
    }
    series = arith::MulFOp::create(rewriter, loc, series, x);
    Value isNear = arith::CmpFOp::create(
        rewriter, loc, arith::CmpFPredicate::OLT,
        math::AbsFOp::create(rewriter, loc, x), number(kBound));
    Value far = arith::SubFOp::create(
        rewriter, loc, math::ExpOp::create(rewriter, loc, x), number(1.0));
    rewriter.replaceOpWithNewOp<arith::SelectOp>(op, isNear, series, far);
    return success();
  }
};

/// What is one exact instruction, though upstream would call the library, even
/// for the operations of the LLVM dialect; calls of intrinsics it leaves alone.
template <typename OpTy>
class IntrinsicPattern : public OpRewritePattern<OpTy> {
public:
  IntrinsicPattern(MLIRContext *context, StringRef intrinsic)
      : OpRewritePattern<OpTy>(context), intrinsic(intrinsic) {}

  LogicalResult matchAndRewrite(OpTy op,
                                PatternRewriter &rewriter) const override {
    if (!LLVM::isCompatibleFloatingPointType(op.getType()))
      return rewriter.notifyMatchFailure(op, "not a scalar");
    rewriter.replaceOpWithNewOp<LLVM::CallIntrinsicOp>(
        op, op.getType(), rewriter.getStringAttr(intrinsic), op->getOperands());
    return success();
  }

private:
  StringRef intrinsic;
};

class ConvertMathToNVVMApproxPass
    : public impl::ConvertMathToNVVMApproxBase<ConvertMathToNVVMApproxPass> {
public:
  void runOnOperation() override {
    MLIRContext *context = &getContext();
    RewritePatternSet patterns(context);
    constexpr StringLiteral exp2 = "llvm.nvvm.ex2.approx.ftz.f32";
    patterns.add<ApproximationPattern<math::Exp2Op>>(context,
                                                     Approximation{exp2});
    patterns.add<ApproximationPattern<math::ExpOp>>(
        context, Approximation{exp2, 1.0 / kLn2});
    patterns.add<LogPattern<math::Log2Op>>(context, 1.0);
    patterns.add<LogPattern<math::LogOp>>(context, kLn2);
    patterns.add<ApproximationPattern<math::SqrtOp>>(
        context, Approximation{"llvm.nvvm.sqrt.approx.ftz.f"});
    patterns.add<ApproximationPattern<math::RsqrtOp>>(
        context, Approximation{"llvm.nvvm.rsqrt.approx.ftz.f"});
    patterns.add<ApproximationPattern<math::SinOp>>(
        context, Approximation{"llvm.nvvm.sin.approx.ftz.f"});
    patterns.add<ApproximationPattern<math::CosOp>>(
        context, Approximation{"llvm.nvvm.cos.approx.ftz.f"});
    populateWideSinePatterns(patterns);
    patterns.add<DivideByConstantPattern, DivideZeroPattern, ExpPattern,
                 ExpM1Pattern, TanhPattern>(context);
    patterns.add<IntrinsicPattern<arith::MaxNumFOp>>(context, "llvm.maxnum");
    patterns.add<IntrinsicPattern<arith::MinNumFOp>>(context, "llvm.minnum");
    patterns.add<IntrinsicPattern<math::FmaOp>>(context, "llvm.fma");
    patterns.add<IntrinsicPattern<math::AbsFOp>>(context, "llvm.fabs");
    patterns.add<IntrinsicPattern<math::FloorOp>>(context, "llvm.floor");
    patterns.add<IntrinsicPattern<math::CeilOp>>(context, "llvm.ceil");
    patterns.add<IntrinsicPattern<math::TruncOp>>(context, "llvm.trunc");
    patterns.add<IntrinsicPattern<math::RoundEvenOp>>(context,
                                                      "llvm.roundeven");
    patterns.add<IntrinsicPattern<math::CopySignOp>>(context, "llvm.copysign");

    auto isPolynomial = [](StringRef name) {
      return llvm::is_contained({math::Log1pOp::getOperationName(),
                                 math::ErfOp::getOperationName(),
                                 math::AtanOp::getOperationName()},
                                name);
    };
    auto isNarrow = [&](StringRef name) {
      return isPolynomial(name) ||
             llvm::is_contained({math::Exp2Op::getOperationName(),
                                 math::ExpOp::getOperationName(),
                                 math::Log2Op::getOperationName(),
                                 math::LogOp::getOperationName(),
                                 math::SqrtOp::getOperationName(),
                                 math::RsqrtOp::getOperationName(),
                                 math::SinOp::getOperationName(),
                                 math::CosOp::getOperationName(),
                                 math::ExpM1Op::getOperationName(),
                                 math::TanhOp::getOperationName()},
                                name);
    };
    populateMathF32ExpansionPatterns(patterns, isNarrow);
    populateMathPolynomialApproximationPatterns(patterns, isPolynomial);
    if (failed(applyPatternsGreedily(getOperation(), std::move(patterns))))
      signalPassFailure();
  }
};

} // namespace
} // namespace attn
