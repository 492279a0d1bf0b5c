//===- NarrowOperands.cpp - Contractions of 16-bit operands ---------------===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "attn/Dialect/Tile/IR/Tile.h"
#include "attn/Dialect/Tile/Transforms/Passes.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/Matchers.h"
#include "mlir/IR/Remarks.h"
#include "llvm/ADT/TypeSwitch.h"

namespace attn::tile {
#define GEN_PASS_DEF_TILENARROWOPERANDS
#include "attn/Dialect/Tile/Transforms/Passes.h.inc"
} // namespace attn::tile

using namespace mlir;
using namespace attn;

/// bf16 has 8 bits of the 24 of f32.
static constexpr unsigned kParts = 3;

static Type getElement(Value tensor) {
  return cast<RankedTensorType>(tensor.getType()).getElementType();
}

/// The tensor of 16-bit floats that `value` is the extension of, or null.
static Value getExtended(Value value) {
  auto generic = value.getDefiningOp<linalg::GenericOp>();
  if (!generic || generic.getNumDpsInputs() != 1 ||
      generic.getNumDpsInits() != 1 ||
      generic.getNumParallelLoops() != generic.getNumLoops() ||
      !llvm::all_of(generic.getIndexingMapsArray(),
                    [](AffineMap map) { return map.isIdentity(); }))
    return {};
  Value yielded = generic.getBody()->getTerminator()->getOperand(0);
  auto extension = yielded.getDefiningOp<arith::ExtFOp>();
  if (!extension || extension.getIn() != generic.getBody()->getArgument(0))
    return {};
  Value source = generic.getDpsInputs()[0];
  return getElement(source).getIntOrFloatBitWidth() == 16 ? source : Value();
}

static bool isRead(Value value);

/// Whether an element of a body is one that is read.
static bool isElementRead(linalg::GenericOp generic, Value element) {
  if (auto argument = dyn_cast<BlockArgument>(element))
    return argument.getOwner() == generic.getBody() &&
           isRead(generic.getMatchingOpOperand(argument)->get());
  if (auto extension = element.getDefiningOp<arith::ExtFOp>())
    return isElementRead(generic, extension.getIn());
  if (auto select = element.getDefiningOp<arith::SelectOp>())
    return isElementRead(generic, select.getTrueValue()) ||
           isElementRead(generic, select.getFalseValue());
  return false;
}

/// Whether the elements of a tile are numbers from memory, moved, widened or
/// masked at most. Everything else is computed by the tile.
static bool isRead(Value value) {
  if (auto argument = dyn_cast<BlockArgument>(value))
    return isa<FunctionOpInterface>(argument.getOwner()->getParentOp());
  auto result = cast<OpResult>(value);
  return TypeSwitch<Operation *, bool>(result.getOwner())
      .Case<tile::RowsOp, arith::ConstantOp>([](auto) { return true; })
      .Case<tensor::ExtractSliceOp, tensor::CastOp>(
          [](auto op) { return isRead(op.getSource()); })
      .Case<tensor::ExpandShapeOp, tensor::CollapseShapeOp>(
          [](auto op) { return isRead(op.getSrc()); })
      .Case<linalg::TransposeOp, linalg::BroadcastOp>(
          [](auto op) { return isRead(op.getInput()); })
      .Case([](arith::SelectOp op) {
        return isRead(op.getTrueValue()) || isRead(op.getFalseValue());
      })
      .Case([&](scf::IfOp op) {
        unsigned number = result.getResultNumber();
        return isRead(op.thenYield().getOperand(number)) ||
               isRead(op.elseYield().getOperand(number));
      })
      .Case([&](linalg::GenericOp op) {
        return isElementRead(op, op.getBody()->getTerminator()->getOperand(
                                     result.getResultNumber()));
      })
      .Default(false);
}

using ElementBuilder =
    function_ref<void(OpBuilder &, Location, Value, SmallVectorImpl<Value> &)>;

/// `count` tensors of `element` that are computed from the elements of `value`.
static SmallVector<Value> map(OpBuilder &builder, Location loc, Value value,
                              unsigned count, Type element,
                              ElementBuilder build) {
  auto type = cast<RankedTensorType>(value.getType());
  Value empty = tensor::EmptyOp::create(builder, loc, type.getShape(), element);
  SmallVector<Value> outs(count, empty);
  SmallVector<AffineMap> maps(1 + count,
                              builder.getMultiDimIdentityMap(type.getRank()));
  SmallVector<utils::IteratorType> iterators(type.getRank(),
                                             utils::IteratorType::parallel);
  auto generic = linalg::GenericOp::create(
      builder, loc, TypeRange(ValueRange(outs)), value, outs, maps, iterators,
      [&](OpBuilder &n, Location l, ValueRange arguments) {
        SmallVector<Value> results;
        build(n, l, arguments[0], results);
        linalg::YieldOp::create(n, l, results);
      });
  return llvm::to_vector_of<Value>(generic.getResults());
}

/// `value` rounded to `element`.
static Value round(OpBuilder &builder, Location loc, Value value,
                   Type element) {
  return map(builder, loc, value, 1, element,
             [&](OpBuilder &n, Location l, Value x,
                 SmallVectorImpl<Value> &results) {
               results.push_back(arith::TruncFOp::create(n, l, element, x));
             })
      .front();
}

/// Tensors of bf16 whose sum is `value`, the largest first: each is what the
/// ones before it leave, rounded, so nothing is left.
static SmallVector<Value> split(OpBuilder &builder, Location loc, Value value) {
  Type element = builder.getBF16Type();
  return map(
      builder, loc, value, kParts, element,
      [&](OpBuilder &n, Location l, Value x, SmallVectorImpl<Value> &results) {
        for (unsigned i = 0; i < kParts; ++i) {
          if (i > 0) {
            Value taken =
                arith::ExtFOp::create(n, l, x.getType(), results.back());
            x = arith::SubFOp::create(n, l, x, taken);
          }
          results.push_back(arith::TruncFOp::create(n, l, element, x));
        }
      });
}

static bool isZero(Value tensor) {
  auto fill = tensor.getDefiningOp<linalg::FillOp>();
  return fill && matchPattern(fill.getInputs()[0], m_AnyZeroFloat());
}

/// The sum of two tensors.
static Value add(OpBuilder &builder, Location loc, Value x, Value y) {
  auto type = cast<RankedTensorType>(x.getType());
  SmallVector<AffineMap> maps(3,
                              builder.getMultiDimIdentityMap(type.getRank()));
  SmallVector<utils::IteratorType> iterators(type.getRank(),
                                             utils::IteratorType::parallel);
  Value empty = tensor::EmptyOp::create(builder, loc, type.getShape(),
                                        type.getElementType());
  return linalg::GenericOp::create(
             builder, loc, TypeRange(type), ValueRange{x, y}, empty, maps,
             iterators,
             [](OpBuilder &n, Location l, ValueRange arguments) {
               Value sum =
                   arith::AddFOp::create(n, l, arguments[0], arguments[1]);
               linalg::YieldOp::create(n, l, sum);
             })
      .getResult(0);
}

/// A tensor of zeros like `value`.
static Value getZeros(OpBuilder &builder, Location loc, Value value) {
  auto type = cast<RankedTensorType>(value.getType());
  Value zero = arith::ConstantOp::create(
      builder, loc, builder.getZeroAttr(type.getElementType()));
  Value empty = tensor::EmptyOp::create(builder, loc, type.getShape(),
                                        type.getElementType());
  return linalg::FillOp::create(builder, loc, zero, empty).getResult(0);
}

namespace {
struct TileNarrowOperands
    : attn::tile::impl::TileNarrowOperandsBase<TileNarrowOperands> {
  static auto getOptions(StringRef name) {
    return remark::RemarkOpts::name(name).category("tile-narrow-operands");
  }

  /// The product, with `values` for its operands, added to `acc`.
  static Value multiply(OpBuilder &builder, linalg::ContractOp op,
                        ValueRange values, Value acc) {
    return linalg::ContractOp::create(builder, op.getLoc(), acc.getType(),
                                      values, acc, op.getIndexingMapsAttr())
        .getResult(0);
  }

  /// The same with operand `number` in parts. The smallest are added first, and
  /// all of them from zero on: a tensor core cuts off what a large sum has no
  /// bits for.
  Value multiplyParts(OpBuilder &builder, linalg::ContractOp op,
                      SmallVector<Value> values, unsigned number) {
    Location loc = op.getLoc();
    Value out = op.getDpsInits()[0];
    bool addsToNothing = isZero(out);
    Value sum = addsToNothing ? out : getZeros(builder, loc, out);
    for (Value part : llvm::reverse(split(builder, loc, values[number]))) {
      values[number] = part;
      sum = multiply(builder, op, values, sum);
    }
    ++numSplit;
    return addsToNothing ? sum : add(builder, loc, out, sum);
  }

  void narrow(linalg::ContractOp op) {
    SmallVector<Value> values = op.getDpsInputs();
    if (!llvm::all_of(op->getOperands(),
                      [](Value x) { return getElement(x).isF32(); }))
      return;
    SmallVector<Value> extended = llvm::map_to_vector(values, getExtended);
    Type element;
    for (Value source : extended)
      // Of two unlike ones that of bf16, which has the range of f32.
      if (source && !(element && element.isBF16()))
        element = getElement(source);
    if (!element) {
      remark::missed(op.getLoc(), getOptions("wide-operands"))
          << remark::reason("no operand is the extension of a 16-bit float; "
                            "nothing says how they may be rounded");
      return;
    }

    std::optional<unsigned> read;
    for (auto [i, value] : llvm::enumerate(values)) {
      if (extended[i] && getElement(extended[i]) == element)
        value = extended[i];
      else if (isRead(value))
        read = i;
    }
    if (read && !element.isBF16()) {
      remark::missed(op.getLoc(), getOptions("mixed-operands"))
          << remark::reason(
                 "operand {0} is f32 that is read from memory, which "
                 "is not rounded, and f16 has not its range",
                 *read);
      return;
    }

    OpBuilder builder(op);
    for (auto [i, value] : llvm::enumerate(values))
      if (getElement(value) != element && read != i) {
        value = round(builder, op.getLoc(), value, element);
        ++numRounded;
      }
    if (read)
      remark::passed(op.getLoc(), getOptions("split-operand"))
          << remark::reason("operand {0} is f32 that is read from memory: its "
                            "{1} parts of bf16 are multiplied one by one",
                            *read, kParts);
    Value result = read ? multiplyParts(builder, op, values, *read)
                        : multiply(builder, op, values, op.getDpsInits()[0]);
    op->replaceAllUsesWith(ValueRange(result));
    op.erase();
    ++numNarrowed;
  }

  void runOnOperation() override {
    getOperation()->walk([&](linalg::ContractOp op) { narrow(op); });
  }
};
} // namespace
