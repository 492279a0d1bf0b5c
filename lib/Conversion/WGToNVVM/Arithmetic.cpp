//===- Arithmetic.cpp - Elementwise code and row reductions ---------------===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "ColumnRanges.h"
#include "Patterns.h"
#include "Shared.h"
#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/Dialect/LLVMIR/NVVMDialect.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;
using namespace attn::wg;

/// The f32 that `op` widens again after it was rounded to bf16, or null.
static Value getRoundedSource(Operation &op) {
  auto extension = dyn_cast<arith::ExtFOp>(op);
  if (!extension || !extension.getType().isF32() ||
      !extension.getIn().getType().isBF16())
    return {};
  auto round = extension.getIn().getDefiningOp<arith::TruncFOp>();
  return round && round.getIn().getType().isF32() ? round.getIn() : Value();
}

/// What a number is rounded to, as an f32, of which a bf16 is the upper half:
/// as one of a pair, the other one zero. Rounding one alone is an instruction
/// at an eighth of the rate, which is what becomes of pairs, too, where one of
/// them is used alone.
static Value roundInPlace(ThreadBuilder &b, Value number) {
  auto pair = VectorType::get(2, b.getBF16Type());
  Value rounded = NVVM::ConvertF32x2ToBF16x2Op::create(
      b, pair, number, b.zero(b.getF32Type()), Value(),
      NVVM::FPRoundingMode::RN);
  return LLVM::BitcastOp::create(b, b.getF32Type(), rounded);
}

namespace {

class SplatPattern : public WGPattern<SplatOp> {
public:
  using WGPattern::WGPattern;

  LogicalResult
  matchAndRewrite(SplatOp op, OpAdaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    rewriter.replaceOpWithNewOp<vector::BroadcastOp>(
        op, getTypeConverter()->convertType(op.getType()), adaptor.getValue());
    return success();
  }
};

/// The body once for each element of the thread.
class MapPattern : public WGPattern<MapOp> {
public:
  using WGPattern::WGPattern;

  LogicalResult
  matchAndRewrite(MapOp op, OpAdaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    ThreadBuilder b(op.getLoc(), rewriter, block);
    TileType type = op.getTileType();
    Fragment fragment(b, type);
    SmallVector<SmallVector<Value>> inputs;
    SmallVector<std::optional<PairAddresses>> streamed(op.getInputs().size());
    for (Value input : adaptor.getInputs())
      inputs.push_back(b.unpack(input));
    int64_t rows = fragment.getNumHalfRows(), cols = fragment.getNumHalfCols();
    SmallVector<SmallVector<Value>> results(op.getNumResults(),
                                            SmallVector<Value>(rows * cols));
    // Warps that multiply on their own have operands in registers, too: a
    // causal mask in words takes 1.09 of the time then.
    ColumnRanges ranges(op, block.hasWarpgroups);
    auto [usesRow, usesCol] = getUsedPositions(op, ranges);
    // Positions are computed where they are used: kept in front of the loops
    // around they would take a register for each column.
    bool isRenewed = (block.isPart || op->hasAttr(kStreamed)) &&
                     type.isMatrix() && (usesRow || usesCol);
    if (isRenewed)
      b.renewThread();
    // What is read here needs no registers before.
    for (auto [i, input] : llvm::enumerate(op.getInputs())) {
      auto read = input.getDefiningOp<FromSharedOp>();
      if (!read || !read->hasAttr(kStreamed) || read.getTransposed() ||
          !read.getResult().getType().isMatrix())
        continue;
      // Tiles that lie in the same way share what is computed of addresses.
      if (!isRenewed)
        b.renewThread();
      isRenewed = true;
      streamed[i].emplace(b, read.getShared().getType(), type,
                          rewriter.getRemappedValue(read.getShared()));
    }
    SmallVector<Value> rowIndices(rows), colIndices(cols);
    for (int64_t row = 0; usesRow && row < rows; ++row)
      rowIndices[row] = fragment.getRow(row, b.getIndexType());
    for (int64_t col = 0; usesCol && col < cols; ++col)
      colIndices[col] = fragment.getCol(col, b.getIndexType());

    Block &body = op.getBody().front();
    // In the order of the vector, in which pairs of columns are neighbours.
    for (int64_t row = 0; row < rows; ++row) {
      if (!ranges.empty())
        ranges.startRow(b, getValuesOfRow(op, rowIndices[row], row, inputs));
      for (int64_t col = 0; col < cols; ++col) {
        for (auto [i, addresses] : llvm::enumerate(streamed))
          if (addresses && col % 2 == 0)
            llvm::copy(addresses->load(row, col),
                       inputs[i].begin() + fragment.at(row, col));
        IRMapping mapping;
        Value atRow = rowIndices[row], atCol = colIndices[col];
        mapping.map(body.getArgument(0),
                    type.getLayout() == Layout::Cols ? atCol : atRow);
        mapping.map(body.getArgument(1),
                    type.getLayout() == Layout::Rows ? atRow : atCol);
        for (auto [i, input] : llvm::enumerate(op.getInputs()))
          mapping.map(body.getArgument(2 + i),
                      inputs[i][getPlace(cast<TileType>(input.getType()), type,
                                         fragment, row, col)]);
        ranges.mapConditions(b, col, mapping);
        for (Operation &inner : body.without_terminator()) {
          if (!ranges.needs(&inner))
            continue;
          if (Value source = getRoundedSource(inner))
            mapping.map(inner.getResult(0),
                        roundInPlace(b, mapping.lookupOrDefault(source)));
          else
            b.clone(inner, mapping);
        }
        for (auto [i, value] :
             llvm::enumerate(body.getTerminator()->getOperands()))
          results[i][fragment.at(row, col)] = mapping.lookupOrDefault(value);
      }
    }
    SmallVector<Value> vectors;
    for (ArrayRef<Value> elements : results)
      vectors.push_back(b.pack(elements));
    rewriter.replaceOp(op, vectors);
    return success();
  }

private:
  /// Whether the body asks for the row and the column; where both are the same
  /// number, both or neither.
  static std::pair<bool, bool> getUsedPositions(MapOp op,
                                                const ColumnRanges &ranges) {
    // Ranges begin with the row.
    bool first = ranges.usesPosition(0) ||
                 (!ranges.empty() && !op.getBody().getArgument(0).use_empty());
    bool second = ranges.usesPosition(1);
    switch (op.getTileType().getLayout()) {
    case Layout::Matrix:
      return {first, second};
    case Layout::Rows:
      return {first || second, false};
    case Layout::Cols:
      return {false, first || second};
    }
    llvm_unreachable("unknown layout");
  }

  /// What the arguments of the body are, of those that a row has one of.
  static IRMapping getValuesOfRow(MapOp op, Value index, int64_t row,
                                  ArrayRef<SmallVector<Value>> inputs) {
    IRMapping mapping;
    if (index)
      mapping.map(op.getBody().getArgument(0), index);
    for (auto [i, input] : llvm::enumerate(op.getInputs()))
      if (cast<TileType>(input.getType()).getLayout() == Layout::Rows)
        mapping.map(op.getBody().getArgument(2 + i), inputs[i][row]);
    return mapping;
  }

  /// Where the thread holds the element of an operand for a position.
  static int64_t getPlace(TileType input, TileType result,
                          const Fragment &fragment, int64_t row, int64_t col) {
    if (input.getLayout() == result.getLayout())
      return fragment.at(row, col);
    return input.getLayout() == Layout::Rows ? row : col;
  }
};

/// Combines values in chains, several for the latency of an instruction.
Value combineAll(ThreadBuilder &b, vector::CombiningKind kind,
                 ArrayRef<Value> values, size_t numChains) {
  auto combine = [&](Value x, Value y) {
    return vector::makeArithReduction(b, b.getLoc(), kind, x, y);
  };
  SmallVector<Value> chains(values.take_front(numChains));
  for (size_t i = numChains; i < values.size(); ++i)
    chains[i % numChains] = combine(chains[i % numChains], values[i]);
  while (chains.size() > 1) {
    size_t half = llvm::divideCeil(chains.size(), 2);
    for (size_t i = half; i < chains.size(); ++i)
      chains[i - half] = combine(chains[i - half], chains[i]);
    chains.resize(half);
  }
  return chains.front();
}

/// First the elements of the thread, then those of the four threads that share
/// a row.
class ReducePattern : public WGPattern<ReduceOp> {
public:
  using WGPattern::WGPattern;

  LogicalResult
  matchAndRewrite(ReduceOp op, OpAdaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    ThreadBuilder b(op.getLoc(), rewriter, block);
    Fragment fragment(b, op.getTile().getType());
    SmallVector<Value> elements = b.unpack(adaptor.getTile());
    SmallVector<Value> results = b.unpack(adaptor.getInit());
    auto combine = [&](Value x, Value y) {
      return vector::makeArithReduction(b, b.getLoc(), op.getKind(), x, y);
    };
    for (int64_t row = 0; row < fragment.getNumHalfRows(); ++row) {
      SmallVector<Value> mine;
      for (int64_t col = 0; col < fragment.getNumHalfCols(); ++col)
        mine.push_back(elements[fragment.at(row, col)]);
      Value value =
          combineAll(b, op.getKind(), mine, std::min<size_t>(4, mine.size()));
      for (int32_t distance : {1, 2})
        value = combine(value, gpu::ShuffleOp::create(b, value, distance, 32,
                                                      gpu::ShuffleMode::XOR)
                                   .getShuffleResult());
      results[row] = combine(results[row], value);
    }
    rewriter.replaceOp(op, b.pack(results));
    return success();
  }
};

/// A thread has two of 8 columns.
class ReduceBlocksPattern : public WGPattern<ReduceBlocksOp> {
public:
  using WGPattern::WGPattern;

  LogicalResult
  matchAndRewrite(ReduceBlocksOp op, OpAdaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    ThreadBuilder b(op.getLoc(), rewriter, block);
    Fragment tile(b, op.getTile().getType()), init(b, op.getInit().getType());
    SmallVector<Value> elements = b.unpack(adaptor.getTile());
    SmallVector<Value> results = b.unpack(adaptor.getInit());
    for (int64_t row = 0; row < tile.getNumHalfRows(); ++row)
      for (int64_t i = 0; i < 2; ++i) {
        SmallVector<Value> mine;
        for (int64_t col = i; col < tile.getNumHalfCols(); col += 2)
          mine.push_back(elements[tile.at(row, col)]);
        mine.push_back(results[init.at(row, i)]);
        results[init.at(row, i)] = combineAll(b, op.getKind(), mine, 2);
      }
    rewriter.replaceOp(op, b.pack(results));
    return success();
  }
};

} // namespace

void attn::wg::populateArithmeticPatterns(const TypeConverter &converter,
                                          RewritePatternSet &patterns,
                                          const BlockShape &block) {
  patterns.add<SplatPattern, MapPattern, ReducePattern, ReduceBlocksPattern>(
      converter, patterns.getContext(), block);
}
