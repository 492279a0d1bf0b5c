//===- Mma.cpp - Products of tiles ----------------------------------------===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What four warps can multiply together, they do (wgmma); every other product
// is one of single warps, MmaSync.cpp.
//
// Four warps are a warpgroup, and a band of each of them together 64 rows: the
// rows of an instruction. So block i of 64 rows of warpgroup g is block
// g + i G of the tile, for G warpgroups, and begins at register 64 n i / 128 of
// the accumulator.
//
//===----------------------------------------------------------------------===//

#include "InlinePTX.h"
#include "KnownRegisters.h"
#include "MmaSync.h"
#include "Patterns.h"
#include "WGMMA.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/LLVMIR/NVVMDialect.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/IR/Matchers.h"
#include "llvm/Support/FormatVariadic.h"

using namespace mlir;
using namespace attn::wg;

static bool isZeroSplat(Value tile) {
  auto splat = tile.getDefiningOp<SplatOp>();
  return splat && matchPattern(splat.getValue(), m_AnyZeroFloat());
}

template <typename Op>
static std::optional<std::string> getObjection(Op op, const BlockShape &block) {
  if (!block.hasWarpgroups)
    return "the chip has no wgmma";
  if (block.getThreads() % 128 != 0)
    return llvm::formatv("{0} threads are not groups of four warps",
                         block.getThreads());
  return getWarpgroupObjection(op.getAcc().getType(), op.getRhs().getType());
}

std::optional<std::string>
attn::wg::getWgmmaObjection(Operation *op, const BlockShape &block) {
  if (auto start = dyn_cast<StartMmaOp>(op))
    return getObjection(start, block);
  return getObjection(cast<MmaOp>(op), block);
}

/// Sums of a thread that, with only two steps' products kept for each, would
/// take all registers.
static constexpr size_t kMostLateSums = 128;

/// Whether elements of a tile are used in branches: of the store of a tail, or
/// of a map that reads memory where a mask holds.
static bool isUsedInBranches(Value tile) {
  return llvm::any_of(tile.getUsers(), [](Operation *user) {
    if (isa<StoreOp>(user))
      return true;
    auto map = dyn_cast<MapOp>(user);
    return map && (!map.getBody().getOps<scf::IfOp>().empty() ||
                   llvm::any_of(map->getResults(), isUsedInBranches));
  });
}

void attn::wg::completeWarpProducts(Operation *kernel,
                                    const BlockShape &block) {
  SmallVector<StartMmaOp> started;
  kernel->walk([&](StartMmaOp op) {
    if (getWgmmaObjection(op, block))
      started.push_back(op);
  });
  IRRewriter rewriter(kernel->getContext());
  for (StartMmaOp op : started) {
    for (Operation *user : llvm::make_early_inc_range(op->getUsers()))
      if (auto await = dyn_cast<AwaitMmaOp>(user))
        rewriter.replaceOp(await, op.getResult());
    rewriter.setInsertionPoint(op);
    rewriter.replaceOpWithNewOp<MmaOp>(
        op, op.getAcc().getType(), op.getLhs(), op.getRhs(), op.getAcc(),
        op.getLhsTransposed(), op.getRhsTransposed());
  }
}

namespace {

/// The instructions of a product, in flight.
template <typename Op>
class ProductPattern : public WGPattern<Op> {
public:
  using WGPattern<Op>::WGPattern;

protected:
  SmallVector<Value> emit(ThreadBuilder &b, Op op,
                          typename Op::Adaptor adaptor) const {
    const BlockShape &block = b.getBlock();
    SharedType rhsType = op.getRhs().getType();
    TileType accType = op.getAcc().getType();
    int64_t cols = accType.getNumCols();
    int64_t depth = rhsType.getShape()[op.getRhsTransposed() ? 1 : 0];
    int64_t groups = block.getWarps() / 4;
    int64_t blocks = accType.getNumRows() / kWgmmaRows;
    int64_t perGroup = llvm::divideCeil(blocks, groups);

    // What is added to nothing need not be there.
    bool isZero = isZeroSplat(op.getAcc());
    SmallVector<Value> acc;
    if (!isZero)
      acc = b.unpack(adaptor.getAcc());
    bool inRegisters = isa<TileType>(op.getLhs().getType());
    SmallVector<Value> lhs;
    if (inRegisters)
      lhs = packPairs(b, adaptor.getLhs());
    if (inRegisters && mayBeKnown(op.getLhs()))
      hideFromPtxas(b, lhs);

    SmallVector<Value> fenced(acc);
    llvm::append_range(fenced, lhs);
    fenceWgmma(b, fenced);
    acc.assign(fenced.begin(), fenced.begin() + acc.size());
    lhs.assign(fenced.begin() + acc.size(), fenced.end());

    WgmmaOperand rhs(b, rhsType, adaptor.getRhs(),
                     /*isOuterMajor=*/!op.getRhsTransposed());
    bool isStreamed = op->hasAttr(kStreamed);
    if (isStreamed)
      rhs.renew();
    SmallVector<Value> results;
    for (int64_t i = 0; i < perGroup; ++i) {
      std::optional<WgmmaOperand> shared;
      if (!inRegisters) {
        shared.emplace(b, cast<SharedType>(op.getLhs().getType()),
                       adaptor.getLhs(), op.getLhsTransposed());
        if (isStreamed)
          shared->renew();
        if (Value first = getRowBlock(b, i, groups, blocks))
          shared->selectBlock(first);
      }
      for (int64_t col = 0; col < cols; col += kWgmmaMaxCols) {
        WgmmaInstruction instruction;
        instruction.cols = std::min(kWgmmaMaxCols, cols - col);
        instruction.elementType = rhsType.getElementType();
        instruction.lhsTransposed = op.getLhsTransposed();
        instruction.rhsTransposed = !op.getRhsTransposed();
        SmallVector<Value> sum;
        if (!isZero)
          sum.assign(acc.begin() + (i * cols + col) / 2,
                     acc.begin() + (i * cols + col + instruction.cols) / 2);
        for (int64_t k = 0; k < depth; k += kWgmmaDepth) {
          // Four registers of two elements for 16 of k.
          if (inRegisters)
            instruction.lhsRegisters =
                llvm::to_vector(ArrayRef(lhs).slice((i * depth + k) / 4, 4));
          else
            instruction.lhsDescriptor = shared->getDescriptor(0, k);
          instruction.rhsDescriptor = rhs.getDescriptor(col, k);
          sum = emitWgmma(b, instruction, sum);
          if (inRegisters && block.hasFewRegisters &&
              k + kWgmmaDepth == depth / 2)
            finishHalf(b, sum, lhs);
        }
        llvm::append_range(results, sum);
      }
    }
    NVVM::WgmmaGroupSyncAlignedOp::create(b);
    return results;
  }

private:
  /// Waits for half of a product, so that the registers of the left operand can
  /// be those of the other half, too.
  static void finishHalf(ThreadBuilder &b, SmallVectorImpl<Value> &sum,
                         SmallVectorImpl<Value> &lhs) {
    NVVM::WgmmaGroupSyncAlignedOp::create(b);
    waitForWgmma(b, /*pending=*/0, sum);
    SmallVector<Value> fenced = llvm::to_vector(sum);
    llvm::append_range(fenced, lhs);
    fenceWgmma(b, fenced);
    sum.assign(fenced.begin(), fenced.begin() + sum.size());
    lhs.assign(fenced.begin() + sum.size(), fenced.end());
  }

  /// Block i of 64 rows of this warpgroup, null for the first of the tile.
  static Value getRowBlock(ThreadBuilder &b, int64_t i, int64_t groups,
                           int64_t blocks) {
    if (blocks == 1)
      return {};
    if (groups == 1)
      return i == 0 ? Value() : b.constant(b.getI32Type(), i);
    Value number = b.add(b.getWarpgroup(), i * groups);
    return blocks % groups == 0 ? number : b.rem(number, blocks);
  }

  /// Neighbouring elements of 16 bits in one register.
  static SmallVector<Value> packPairs(ThreadBuilder &b, Value vector) {
    SmallVector<Value> elements = b.unpack(vector), pairs;
    for (size_t i = 0; i < elements.size(); i += 2)
      pairs.push_back(LLVM::BitcastOp::create(
          b, b.getI32Type(), b.pack(ArrayRef(elements).slice(i, 2))));
    return pairs;
  }
};

class MmaPattern : public ProductPattern<MmaOp> {
public:
  using ProductPattern::ProductPattern;

  LogicalResult
  matchAndRewrite(MmaOp op, OpAdaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    ThreadBuilder b(op.getLoc(), rewriter, block);
    SmallVector<Value> results;
    if (getWgmmaObjection(op, block)) {
      results = emitWarpProduct(b,
                                {op.getLhs().getType(), adaptor.getLhs(),
                                 op.getLhsTransposed(), op.getRhs().getType(),
                                 adaptor.getRhs(), op.getRhsTransposed(),
                                 op.getAcc().getType()},
                                b.unpack(adaptor.getAcc()));
      // What only a branch, or a loop behind the first tile, uses LLVM adds up
      // there: until then the products of all steps are kept, several times as
      // many registers.
      if (op.getRhs().getType().getElementType().isF32() &&
          (isUsedInBranches(op.getResult()) || results.size() >= kMostLateSums))
        tieRegisters(b, "", /*isFirst=*/true, results);
    } else {
      results = emit(b, op, adaptor);
      waitForWgmma(b, /*pending=*/0, results);
    }
    rewriter.replaceOp(op, b.pack(results));
    return success();
  }
};

class StartMmaPattern : public ProductPattern<StartMmaOp> {
public:
  using ProductPattern::ProductPattern;

  LogicalResult
  matchAndRewrite(StartMmaOp op, OpAdaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    ThreadBuilder b(op.getLoc(), rewriter, block);
    rewriter.replaceOp(op, b.pack(emit(b, op, adaptor)));
    return success();
  }
};

class AwaitMmaPattern : public WGPattern<AwaitMmaOp> {
public:
  using WGPattern::WGPattern;

  LogicalResult
  matchAndRewrite(AwaitMmaOp op, OpAdaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    ThreadBuilder b(op.getLoc(), rewriter, block);
    SmallVector<Value> results = b.unpack(adaptor.getStarted());
    waitForWgmma(b, op.getPending(), results);
    rewriter.replaceOp(op, b.pack(results));
    return success();
  }
};

} // namespace

void attn::wg::populateMmaPatterns(const TypeConverter &converter,
                                   RewritePatternSet &patterns,
                                   const BlockShape &block) {
  patterns.add<AwaitMmaPattern, MmaPattern, StartMmaPattern>(
      converter, patterns.getContext(), block);
}
