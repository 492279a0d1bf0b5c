//===- MathToPolynomial.cpp - Elementary functions by polynomials ---------===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// 2^x = 2^n * 2^r with n = round(x) and |r| <= 1/2. Adding 1.5 * 2^23 to x
// leaves n, in two's complement, in the low bits of the sum; a constant added
// to the same sum makes these bits the exponent field of a power of two. So
// the scale costs one shift, and because the result is a product, NaN stays
// NaN whatever its bits are.
//
// The scale is 2^(n - 1) and the polynomial is doubled, so that 2^128 - 1 ulp
// is still a product of two finite numbers and 2^128 is not. The exponent field
// of n = -126 is zero: results below 2^-125.5 are zero. A clamp from below
// takes all smaller arguments there, -inf too; a clamp from above, left out
// under `ninf`, all larger ones to infinity.
//
// exp goes the same way with r = x - n * ln 2 in two steps.
//
//===----------------------------------------------------------------------===//

#include "attn/Conversion/Passes.h"
#include "mlir/Dialect/Math/Transforms/Passes.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"
#include "mlir/IR/PatternMatch.h"
#include "mlir/IR/TypeUtilities.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"

using namespace mlir;

namespace attn {
#define GEN_PASS_DEF_EXPANDMATHTOPOLYNOMIALS
#include "attn/Conversion/Passes.h.inc"

namespace {

/// Minimax for the relative error of 2^r on [-1/2, 1/2] under the condition
/// p(0) = 1, so powers of two are exact; 9.2e-8 before rounding.
constexpr double kExp2Coefficients[] = {
    1.0, 0.693146978, 0.240222421, 0.0555073374, 0.00967151265, 0.00132647276};

constexpr double kLn2 = 0.69314718055994530942;
/// ln 2 in two parts; the first has 16 bits, so its product with an exponent
/// is exact.
constexpr double kLn2High = 0.693145751953125;
constexpr double kLn2Low = kLn2 - kLn2High;
/// 1.5 * 2^23: sums with it are rounded to an integer.
constexpr double kMagic = 12582912.0;
constexpr int64_t kMantissaBits = 23, kExponentBias = 127;

/// Writes f32 arithmetic on scalars or vectors of one shape.
class Writer : public ImplicitLocOpBuilder {
public:
  Writer(Location loc, OpBuilder &builder, Type shape)
      : ImplicitLocOpBuilder(loc, builder), type(shape) {}

  Value number(double value) {
    FloatAttr attr = getF32FloatAttr(static_cast<float>(value));
    return constant(type, attr);
  }
  Value integer(int64_t value) {
    return constant(getIntegerType(), getI32IntegerAttr(value));
  }
  Type getIntegerType() {
    if (auto vector = dyn_cast<VectorType>(type))
      return vector.clone(getI32Type());
    return getI32Type();
  }
  Value add(Value x, Value y) { return arith::AddFOp::create(*this, x, y); }
  Value sub(Value x, Value y) { return arith::SubFOp::create(*this, x, y); }
  Value mul(Value x, Value y) { return arith::MulFOp::create(*this, x, y); }
  Value fma(Value x, Value y, Value z) {
    return math::FmaOp::create(*this, x, y, z);
  }
  /// The larger of both, `x` if it is NaN: one maxps.
  Value atLeast(Value x, double bound) {
    return pick(arith::CmpFPredicate::OGT, number(bound), x);
  }
  /// The smaller of both, `x` if it is NaN.
  Value atMost(Value x, double bound) {
    return pick(arith::CmpFPredicate::OLT, number(bound), x);
  }
  Value toBits(Value x) {
    return arith::BitcastOp::create(*this, getIntegerType(), x);
  }
  Value fromBits(Value x) { return arith::BitcastOp::create(*this, type, x); }
  /// The float whose exponent field is the low bits of `field`.
  Value powerFromField(Value field) {
    return fromBits(
        arith::ShLIOp::create(*this, field, integer(kMantissaBits)));
  }
  Value horner(ArrayRef<double> coefficients, Value x) {
    Value result = number(coefficients.back());
    for (double c : llvm::reverse(coefficients.drop_back()))
      result = fma(result, x, number(c));
    return result;
  }

private:
  Value constant(Type type, TypedAttr attr) {
    if (auto vector = dyn_cast<VectorType>(type))
      attr = DenseElementsAttr::get(vector, Attribute(attr));
    return arith::ConstantOp::create(*this, attr);
  }
  Value pick(arith::CmpFPredicate predicate, Value x, Value y) {
    Value wins = arith::CmpFOp::create(*this, predicate, x, y);
    return arith::SelectOp::create(*this, wins, x, y);
  }
  Type type;
};

/// An argument in pieces: 2^n * f(r).
struct Reduced {
  /// The sum whose low bits are n + bias.
  Value sum;
  /// The polynomial's argument.
  Value rest;
};

} // namespace

static Reduced reduceExp2(Writer &w, Value x, double bias) {
  Value magic = w.number(kMagic + bias);
  Value sum = w.add(x, magic);
  return {sum, w.sub(x, w.sub(sum, magic))};
}

static Reduced reduceExp(Writer &w, Value x, double bias) {
  Value magic = w.number(kMagic + bias);
  Value sum = w.fma(x, w.number(1.0 / kLn2), magic);
  Value n = w.sub(sum, magic);
  Value rest = w.fma(n, w.number(-kLn2High), x);
  return {sum, w.fma(n, w.number(-kLn2Low), rest)};
}

/// `scale` times the polynomial of 2^r, or of e^r.
static SmallVector<double> getCoefficients(bool isExp, double scale) {
  SmallVector<double> result;
  double factor = scale;
  for (double c : kExp2Coefficients) {
    result.push_back(c * factor);
    if (isExp)
      factor /= kLn2;
  }
  return result;
}

static Value expandExp(Writer &w, Value x, bool isExp, bool noInfinity) {
  auto reduce = isExp ? reduceExp : reduceExp2;
  double unit = isExp ? kLn2 : 1.0;
  // n + 126 is the exponent field of 2^(n - 1): zero for n = -126, infinite for
  // n = 129.
  x = w.atLeast(x, -126.0 * unit);
  if (!noInfinity)
    x = w.atMost(x, 129.0 * unit);
  Reduced reduced = reduce(w, x, kExponentBias - 1);
  Value p = w.horner(getCoefficients(isExp, 2.0), reduced.rest);
  return w.mul(p, w.powerFromField(w.toBits(reduced.sum)));
}

/// AVX-512 has both steps as instructions, right for every argument.
static Value expandExp2Avx512(Writer &w, Value x) {
  auto type = cast<VectorType>(x.getType());
  Value zero = w.number(0.0);
  Value all = arith::ConstantOp::create(w, w.getI16IntegerAttr(-1));
  auto i32 = [&](int32_t value) -> Value {
    return arith::ConstantOp::create(w, w.getI32IntegerAttr(value));
  };
  // imm 0: the rest after rounding to the nearest integer. 4: current rounding.
  Value rest =
      LLVM::CallIntrinsicOp::create(
          w, type, w.getStringAttr("llvm.x86.avx512.mask.reduce.ps.512"),
          ValueRange{x, i32(0), zero, all, i32(4)})
          .getResults();
  Value n = w.sub(x, rest);
  Value p = w.horner(getCoefficients(/*isExp=*/false, 1.0), rest);
  return LLVM::CallIntrinsicOp::create(
             w, type, w.getStringAttr("llvm.x86.avx512.mask.scalef.ps.512"),
             ValueRange{p, n, zero, all, i32(4)})
      .getResults();
}

namespace {

template <typename OpTy>
struct ExpandExp : OpRewritePattern<OpTy> {
  ExpandExp(MLIRContext *context, bool avx512)
      : OpRewritePattern<OpTy>(context, /*benefit=*/2), avx512(avx512) {}

  LogicalResult matchAndRewrite(OpTy op,
                                PatternRewriter &rewriter) const override {
    Type type = op.getType();
    if (!getElementTypeOrSelf(type).isF32())
      return rewriter.notifyMatchFailure(op, "element type is not f32");
    if (!type.isF32() && !isa<VectorType>(type))
      return rewriter.notifyMatchFailure(op, "neither a scalar nor a vector");
    Writer w(op.getLoc(), rewriter, type);
    constexpr bool isExp = std::is_same_v<OpTy, math::ExpOp>;
    auto vector = dyn_cast<VectorType>(type);
    if (!isExp && avx512 && vector && vector.getRank() == 1 &&
        vector.getNumElements() == 16) {
      rewriter.replaceOp(op, expandExp2Avx512(w, op.getOperand()));
      return success();
    }
    bool noInfinity =
        arith::bitEnumContainsAll(op.getFastmath(), arith::FastMathFlags::ninf);
    rewriter.replaceOp(op, expandExp(w, op.getOperand(), isExp, noInfinity));
    return success();
  }

  bool avx512;
};

struct ExpandMathToPolynomials
    : impl::ExpandMathToPolynomialsBase<ExpandMathToPolynomials> {
  using Base::Base;

  void runOnOperation() override {
    RewritePatternSet patterns(&getContext());
    patterns.add<ExpandExp<math::Exp2Op>, ExpandExp<math::ExpOp>>(&getContext(),
                                                                  avx512);
    // Functions that a lane would otherwise call for. Narrow floats go through
    // f32; f64 is left to the C library.
    auto isKnown = [](StringRef name) {
      return llvm::is_contained(
          {math::TanhOp::getOperationName(), math::LogOp::getOperationName(),
           math::Log2Op::getOperationName(), math::Log1pOp::getOperationName(),
           math::ExpM1Op::getOperationName(), math::ErfOp::getOperationName(),
           math::SinOp::getOperationName(), math::CosOp::getOperationName(),
           math::AtanOp::getOperationName()},
          name);
    };
    auto isNarrow = [&](StringRef name) {
      return isKnown(name) || name == math::Exp2Op::getOperationName() ||
             name == math::ExpOp::getOperationName();
    };
    populateMathF32ExpansionPatterns(patterns, isNarrow);
    populateMathPolynomialApproximationPatterns(patterns, isKnown);
    if (failed(applyPatternsGreedily(getOperation(), std::move(patterns))))
      signalPassFailure();
  }
};

} // namespace
} // namespace attn
