//===- DescriptorsToCalls.cpp - Descriptors of memory to calls ------------===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "RuntimeCalls.h"
#include "attn/Conversion/Passes.h"
#include "attn/Dialect/WG/IR/WG.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"
#include "llvm/ADT/TypeSwitch.h"

namespace attn {
#define GEN_PASS_DEF_CONVERTDESCRIPTORSTOCALLS
#include "attn/Conversion/Passes.h.inc"
} // namespace attn

using namespace mlir;
using namespace attn;

namespace {

/// Bytes of a descriptor and of what the runtime keeps behind it.
constexpr int64_t kDescriptorBytes = 192;
constexpr int64_t kDescriptorAlignment = 64;

class DescriptorLowering {
public:
  explicit DescriptorLowering(ModuleOp module)
      : module(module), b(module.getLoc(), module.getContext()),
        pointer(LLVM::LLVMPointerType::get(module.getContext())) {}

  LogicalResult lower(wg::DescribeOp op);
  LogicalResult lower(wg::ForgetOp op);
  LogicalResult lower(wg::CounterOp op);
  LogicalResult lower(wg::MultiprocessorsOp op);

private:
  Value constant(Type type, int64_t value) {
    return LLVM::ConstantOp::create(b, type, b.getIntegerAttr(type, value));
  }
  /// Memory on the stack, once, however often `op` is reached.
  Value reserve(Operation *op, Type type, int64_t count, int64_t alignment);
  Value makeArray(Operation *op, ValueRange indices);
  FailureOr<LLVM::CallOp> call(Operation *op, StringRef name, Type result,
                               ValueRange arguments) {
    return callRuntime(b, module, op, name, result, arguments);
  }

  ModuleOp module;
  ImplicitLocOpBuilder b;
  Type pointer;
};

} // namespace

/// The driver's number of an element type that the copy engine takes.
static int64_t getTypeNumber(Type type) {
  if (type.isInteger(8))
    return 0;
  if (type.isInteger(16))
    return 1;
  if (type.isInteger(32))
    return 2;
  if (type.isF16())
    return 6;
  if (type.isF32())
    return 7;
  assert(type.isBF16() && "wg.describe takes no such element");
  return 9;
}

Value DescriptorLowering::reserve(Operation *op, Type type, int64_t count,
                                  int64_t alignment) {
  OpBuilder::InsertionGuard guard(b);
  auto function = op->getParentOfType<FunctionOpInterface>();
  b.setInsertionPointToStart(&function.getFunctionBody().front());
  return LLVM::AllocaOp::create(b, pointer, type,
                                constant(b.getI64Type(), count),
                                static_cast<unsigned>(alignment));
}

Value DescriptorLowering::makeArray(Operation *op, ValueRange indices) {
  Type i64 = b.getI64Type();
  Value array = reserve(op, i64, static_cast<int64_t>(indices.size()), 8);
  for (auto [i, index] : llvm::enumerate(indices)) {
    Value element =
        LLVM::GEPOp::create(b, pointer, i64, array,
                            ArrayRef<LLVM::GEPArg>{static_cast<int32_t>(i)});
    LLVM::StoreOp::create(b, arith::IndexCastOp::create(b, i64, index),
                          element);
  }
  return array;
}

LogicalResult DescriptorLowering::lower(wg::DescribeOp op) {
  auto type = cast<MemRefType>(op.getMemory().getType());
  wg::SharedType tile = op.getTileType();
  int64_t number = getTypeNumber(type.getElementType());
  b.setLoc(op.getLoc());
  b.setInsertionPoint(op);
  Type i32 = b.getI32Type(), i64 = b.getI64Type();
  auto metadata = memref::ExtractStridedMetadataOp::create(b, op.getMemory());
  Value base = arith::IndexCastOp::create(
      b, i64,
      memref::ExtractAlignedPointerAsIndexOp::create(b, op.getMemory()));
  Value offset = arith::IndexCastOp::create(b, i64, metadata.getOffset());
  Value bytes = constant(i64, tile.getElementBytes());
  base =
      arith::AddIOp::create(b, base, arith::MulIOp::create(b, offset, bytes));
  Value map =
      reserve(op, b.getI8Type(), kDescriptorBytes, kDescriptorAlignment);
  SmallVector<Value> arguments = {
      map,
      constant(i32, number),
      constant(i32, tile.getElementBytes()),
      constant(i32, type.getRank()),
      LLVM::IntToPtrOp::create(b, pointer, base),
      makeArray(op, metadata.getSizes()),
      makeArray(op, metadata.getStrides()),
      constant(i32, tile.getShape().front()),
      constant(i32, tile.isVector() ? 0 : tile.getSwizzle())};
  if (failed(call(op, "attn_cuda_describe", i32, arguments)))
    return failure();
  op.getResult().replaceAllUsesWith(map);
  op.erase();
  return success();
}

LogicalResult DescriptorLowering::lower(wg::ForgetOp op) {
  b.setLoc(op.getLoc());
  b.setInsertionPoint(op);
  if (failed(call(op, "attn_cuda_forget",
                  LLVM::LLVMVoidType::get(op.getContext()),
                  op.getDescriptor())))
    return failure();
  op.erase();
  return success();
}

LogicalResult DescriptorLowering::lower(wg::CounterOp op) {
  b.setLoc(op.getLoc());
  b.setInsertionPoint(op);
  FailureOr<LLVM::CallOp> counter = call(op, "attn_cuda_counter", pointer, {});
  if (failed(counter))
    return failure();
  op.getResult().replaceAllUsesWith(counter->getResult());
  op.erase();
  return success();
}

LogicalResult DescriptorLowering::lower(wg::MultiprocessorsOp op) {
  b.setLoc(op.getLoc());
  b.setInsertionPoint(op);
  FailureOr<LLVM::CallOp> count =
      call(op, "attn_cuda_multiprocessors", b.getI64Type(), {});
  if (failed(count))
    return failure();
  op.getResult().replaceAllUsesWith(
      arith::IndexCastOp::create(b, b.getIndexType(), count->getResult()));
  op.erase();
  return success();
}

namespace {
struct ConvertDescriptorsToCalls
    : attn::impl::ConvertDescriptorsToCallsBase<ConvertDescriptorsToCalls> {
  void runOnOperation() override {
    DescriptorLowering lowering(getOperation());
    SmallVector<Operation *> ops;
    getOperation().walk([&](Operation *op) {
      if (isa<wg::CounterOp, wg::DescribeOp, wg::ForgetOp,
              wg::MultiprocessorsOp>(op))
        ops.push_back(op);
    });
    for (Operation *op : ops) {
      LogicalResult result =
          llvm::TypeSwitch<Operation *, LogicalResult>(op)
              .Case<wg::CounterOp, wg::DescribeOp, wg::ForgetOp,
                    wg::MultiprocessorsOp>(
                  [&](auto typed) { return lowering.lower(typed); });
      if (failed(result))
        return signalPassFailure();
    }
  }
};
} // namespace
