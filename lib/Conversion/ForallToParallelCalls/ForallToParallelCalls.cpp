//===- ForallToParallelCalls.cpp - scf.forall to calls of a thread pool ---===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The body of a parallel loop becomes a function of its own,
//
//   func.func private @task(%context: !llvm.ptr, %index: i64, %worker: i64)
//
// and the loop a call of
//
//   attn_parallel_for(int64_t n, void (*task)(void *, int64_t, int64_t),
//                     void *context)
//
// What the body uses of its surroundings travels in a struct on the caller's
// stack; constants are written again in the task.
//
//===----------------------------------------------------------------------===//

#include "attn/Conversion/Passes.h"
#include "attn/Dialect/Tile/IR/Tile.h"
#include "mlir/Conversion/LLVMCommon/TypeConverter.h"
#include "mlir/Dialect/Arith/Utils/Utils.h"
#include "mlir/Dialect/SCF/Transforms/Transforms.h"
#include "mlir/IR/IRMapping.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"
#include "mlir/IR/Matchers.h"
#include "mlir/IR/PatternMatch.h"
#include "mlir/IR/SymbolTable.h"
#include "mlir/Transforms/RegionUtils.h"

using namespace mlir;

namespace attn {
#define GEN_PASS_DEF_CONVERTFORALLTOPARALLELCALLS
#include "attn/Conversion/Passes.h.inc"

namespace {

constexpr StringLiteral kRuntimeFunction = "attn_parallel_for";

struct ConvertForallToParallelCalls
    : impl::ConvertForallToParallelCallsBase<ConvertForallToParallelCalls> {
  using Base::Base;
  void runOnOperation() override;
};

/// Outlines one loop.
class Outliner {
public:
  Outliner(scf::ForallOp forall, SymbolTable &symbols,
           const LLVMTypeConverter &types)
      : forall(forall), symbols(symbols), types(types),
        b(forall.getLoc(), forall) {}
  LogicalResult run();

private:
  void collectCaptures();
  Value makeContext();
  func::FuncOp makeTask();
  func::FuncOp getRuntimeFunction();
  bool isReversed();

  scf::ForallOp forall;
  SymbolTable &symbols;
  const LLVMTypeConverter &types;
  ImplicitLocOpBuilder b;
  /// Number of iterations of each dimension, and of all.
  SmallVector<Value> counts;
  Value total;
  llvm::SetVector<Value> captures;
  LLVM::LLVMStructType contextType;
};

} // namespace

bool Outliner::isReversed() {
  auto order = forall->getAttrOfType<tile::TaskOrderAttr>(tile::kTaskOrder);
  return order && order.getValue() == tile::TaskOrder::Reversed;
}

/// An operation that a task repeats rather than gets the result of.
static bool isCheap(Operation *op) {
  return op && (op->hasTrait<OpTrait::ConstantLike>() ||
                isa<memref::GetGlobalOp>(op));
}

void Outliner::collectCaptures() {
  getUsedValuesDefinedAbove(forall.getRegion(), captures);
  captures.remove_if([](Value v) { return isCheap(v.getDefiningOp()); });
  // The first dimension is what is left after the others are divided out.
  for (Value value :
       llvm::concat<Value>(llvm::to_vector(llvm::drop_begin(counts)),
                           forall.getLowerBound(b), forall.getStep(b)))
    if (!matchPattern(value, m_Constant()))
      captures.insert(value);
  // Reversal counts down from the end.
  if (isReversed() && !matchPattern(total, m_Constant()))
    captures.insert(total);
}

/// Stores the captured values in a struct on the stack of the function.
Value Outliner::makeContext() {
  SmallVector<Type> fields;
  for (Value value : captures)
    fields.push_back(types.convertType(value.getType()));
  contextType = LLVM::LLVMStructType::getLiteral(b.getContext(), fields);
  auto pointer = LLVM::LLVMPointerType::get(b.getContext());
  Value context;
  {
    // At the entry: a loop around must not let the stack grow.
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPointToStart(
        &forall->getParentOfType<func::FuncOp>().getBody().front());
    Value one = LLVM::ConstantOp::create(b, b.getI64Type(), 1);
    context = LLVM::AllocaOp::create(b, pointer, contextType, one);
  }
  for (auto [i, value] : llvm::enumerate(captures)) {
    Value converted = value;
    if (fields[i] != value.getType())
      converted =
          UnrealizedConversionCastOp::create(b, fields[i], value).getResult(0);
    Value field =
        LLVM::GEPOp::create(b, pointer, contextType, context,
                            ArrayRef<LLVM::GEPArg>{0, static_cast<int32_t>(i)});
    LLVM::StoreOp::create(b, converted, field);
  }
  return context;
}

func::FuncOp Outliner::makeTask() {
  auto pointer = LLVM::LLVMPointerType::get(b.getContext());
  Type i64 = b.getI64Type();
  auto parent = forall->getParentOfType<func::FuncOp>();
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointAfter(parent);
  auto task =
      func::FuncOp::create(b, (parent.getName() + "_task").str(),
                           b.getFunctionType({pointer, i64, i64}, TypeRange()));
  task.setPrivate();
  symbols.insert(task);

  Block *entry = task.addEntryBlock();
  b.setInsertionPointToStart(entry);
  IRMapping mapping;
  auto getMapped = [&](Value value) -> Value {
    if (mapping.contains(value))
      return mapping.lookup(value);
    // A constant.
    Operation *copy = b.clone(*value.getDefiningOp());
    mapping.map(value, copy->getResult(0));
    return copy->getResult(0);
  };
  for (auto [i, value] : llvm::enumerate(captures)) {
    Type type = contextType.getBody()[i];
    Value field =
        LLVM::GEPOp::create(b, pointer, contextType, entry->getArgument(0),
                            ArrayRef<LLVM::GEPArg>{0, static_cast<int32_t>(i)});
    Value loaded = LLVM::LoadOp::create(b, type, field);
    if (type != value.getType())
      loaded = UnrealizedConversionCastOp::create(b, value.getType(), loaded)
                   .getResult(0);
    mapping.map(value, loaded);
  }
  llvm::SetVector<Value> all;
  getUsedValuesDefinedAbove(forall.getRegion(), all);
  for (Value value : all)
    getMapped(value);

  Value id =
      arith::IndexCastOp::create(b, b.getIndexType(), entry->getArgument(1));
  if (isReversed()) {
    Value one = arith::ConstantIndexOp::create(b, 1);
    Value last = arith::SubIOp::create(b, getMapped(total), one);
    id = arith::SubIOp::create(b, last, id);
  }
  SmallVector<Value> lower = forall.getLowerBound(b), step = forall.getStep(b);
  // The last dimension is the fastest.
  SmallVector<Value> ivs(counts.size());
  for (unsigned dim = counts.size(); dim-- > 0;) {
    Value iv = id;
    if (dim > 0) {
      Value count = getMapped(counts[dim]);
      iv = arith::RemUIOp::create(b, id, count);
      id = arith::DivUIOp::create(b, id, count);
    }
    if (!isConstantIntValue(step[dim], 1))
      iv = arith::MulIOp::create(b, iv, getMapped(step[dim]));
    if (!isConstantIntValue(lower[dim], 0))
      iv = arith::AddIOp::create(b, iv, getMapped(lower[dim]));
    ivs[dim] = iv;
  }
  mapping.map(forall.getInductionVars(), ivs);
  for (Operation &op : forall.getBody()->without_terminator())
    b.clone(op, mapping);
  func::ReturnOp::create(b);
  return task;
}

func::FuncOp Outliner::getRuntimeFunction() {
  if (auto known = symbols.lookup<func::FuncOp>(kRuntimeFunction))
    return known;
  auto pointer = LLVM::LLVMPointerType::get(b.getContext());
  OpBuilder::InsertionGuard guard(b);
  auto module = cast<ModuleOp>(symbols.getOp());
  b.setInsertionPointToStart(module.getBody());
  auto function = func::FuncOp::create(
      b, kRuntimeFunction,
      b.getFunctionType({b.getI64Type(), pointer, pointer}, TypeRange()));
  function.setPrivate();
  symbols.insert(function);
  return function;
}

LogicalResult Outliner::run() {
  if (forall.getNumResults() != 0)
    return forall.emitOpError("returns tensors: bufferise it first");
  // ceil((upper - lower) / step), which folds for the usual 0 and 1.
  total = arith::ConstantIndexOp::create(b, 1);
  for (auto [lower, upper, step] :
       llvm::zip_equal(forall.getMixedLowerBound(), forall.getMixedUpperBound(),
                       forall.getMixedStep())) {
    auto value = [&](OpFoldResult x) {
      return getValueOrCreateConstantIndexOp(b, b.getLoc(), x);
    };
    Value count = value(upper);
    if (!isZeroInteger(lower))
      count = b.createOrFold<arith::SubIOp>(count, value(lower));
    if (!isOneInteger(step))
      count = b.createOrFold<arith::CeilDivSIOp>(count, value(step));
    counts.push_back(count);
    total = b.createOrFold<arith::MulIOp>(total, count);
  }
  collectCaptures();
  Value context = makeContext();
  func::FuncOp task = makeTask();
  auto pointer = LLVM::LLVMPointerType::get(b.getContext());
  Value function = func::ConstantOp::create(
      b, task.getFunctionType(), FlatSymbolRefAttr::get(task.getSymNameAttr()));
  Value address =
      UnrealizedConversionCastOp::create(b, pointer, function).getResult(0);
  Value n = arith::IndexCastOp::create(b, b.getI64Type(), total);
  func::CallOp::create(b, getRuntimeFunction(),
                       ValueRange{n, address, context});
  forall.erase();
  return success();
}

void ConvertForallToParallelCalls::runOnOperation() {
  ModuleOp module = getOperation();
  // A loop inside of a task runs in the task.
  SmallVector<scf::ForallOp> outer, inner;
  module.walk([&](scf::ForallOp forall) {
    (forall->getParentOfType<scf::ForallOp>() ? inner : outer)
        .push_back(forall);
  });
  IRRewriter rewriter(&getContext());
  for (scf::ForallOp forall : inner) {
    rewriter.setInsertionPoint(forall);
    if (failed(scf::forallToForLoop(rewriter, forall)))
      return signalPassFailure();
  }
  SymbolTable symbols(module);
  LLVMTypeConverter types(&getContext());
  for (scf::ForallOp forall : outer)
    if (failed(Outliner(forall, symbols, types).run()))
      return signalPassFailure();
}

} // namespace attn
