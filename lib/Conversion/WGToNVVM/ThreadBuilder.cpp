//===- ThreadBuilder.cpp - What one thread does ---------------------------===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "ThreadBuilder.h"
#include "InlinePTX.h"
#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/Dialect/LLVMIR/NVVMDialect.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;
using namespace attn::wg;

//===----------------------------------------------------------------------===//
// Arithmetic
//===----------------------------------------------------------------------===//

Value ThreadBuilder::constant(Type type, int64_t value) {
  return arith::ConstantOp::create(*this, getIntegerAttr(type, value));
}

Value ThreadBuilder::zero(Type type) {
  return arith::ConstantOp::create(*this, getZeroAttr(type));
}

Value ThreadBuilder::add(Value x, Value y) {
  return createOrFold<arith::AddIOp>(x, y);
}

Value ThreadBuilder::add(Value x, int64_t y) {
  return y == 0 ? x : add(x, constant(x.getType(), y));
}

Value ThreadBuilder::mul(Value x, int64_t y) {
  return y == 1 ? x : createOrFold<arith::MulIOp>(x, constant(x.getType(), y));
}

Value ThreadBuilder::div(Value x, int64_t y) {
  return y == 1 ? x : createOrFold<arith::DivUIOp>(x, constant(x.getType(), y));
}

Value ThreadBuilder::rem(Value x, int64_t y) {
  return createOrFold<arith::RemUIOp>(x, constant(x.getType(), y));
}

Value ThreadBuilder::exclusiveOr(Value x, Value y) {
  return createOrFold<arith::XOrIOp>(x, y);
}

Value ThreadBuilder::less(Value x, Value y) {
  return createOrFold<arith::CmpIOp>(arith::CmpIPredicate::slt, x, y);
}

Value ThreadBuilder::both(Value x, Value y) {
  if (!x || !y)
    return x ? x : y;
  return createOrFold<arith::AndIOp>(x, y);
}

Value ThreadBuilder::castIndex(Type type, Value x) {
  if (x.getType() == type)
    return x;
  return createOrFold<arith::IndexCastOp>(type, x);
}

//===----------------------------------------------------------------------===//
// Threads
//===----------------------------------------------------------------------===//

Value ThreadBuilder::getThread(Type type) {
  if (thread)
    return castIndex(type, thread);
  constexpr gpu::Dimension dims[] = {gpu::Dimension::x, gpu::Dimension::y,
                                     gpu::Dimension::z};
  Value number;
  for (int64_t dim = 2; dim >= 0; --dim) {
    if (block.extents[dim] == 1 && (number || dim > 0))
      continue;
    Value id = gpu::ThreadIdOp::create(*this, dims[dim]);
    number = number ? add(mul(number, block.extents[dim]), id) : id;
  }
  number = castIndex(type, number);
  return block.firstThread == 0 ? number : add(number, -block.firstThread);
}

Value ThreadBuilder::isFirstThread() {
  Value number = getThread(getI32Type());
  return createOrFold<arith::CmpIOp>(arith::CmpIPredicate::eq, number,
                                     constant(getI32Type(), 0));
}

void ThreadBuilder::renewThread() {
  thread = hideValue(*this, getThread(getI32Type()));
}

Value ThreadBuilder::getWarpgroup() {
  Value number = div(getThread(getI32Type()), 128);
  return NVVM::ShflOp::create(*this, getI32Type(), constant(getI32Type(), -1),
                              number, constant(getI32Type(), 0),
                              constant(getI32Type(), 31), NVVM::ShflKind::idx,
                              UnitAttr());
}

void ThreadBuilder::barrier() {
  if (!block.isPart) {
    gpu::BarrierOp::create(*this);
    return;
  }
  // Barrier 0 is that of all threads.
  NVVM::BarrierOp::create(*this, Type(), constant(getI32Type(), block.barrier),
                          constant(getI32Type(), block.getThreads()),
                          NVVM::BarrierReductionAttr(), Value());
}

Value ThreadBuilder::getFragmentRow(Type type) {
  return div(rem(getThread(type), 32), 4);
}

Value ThreadBuilder::getFragmentCol(Type type) {
  return mul(rem(getThread(type), 4), 2);
}

//===----------------------------------------------------------------------===//
// Conditions and vectors
//===----------------------------------------------------------------------===//

SmallVector<Value>
ThreadBuilder::readIf(Value condition, TypeRange types,
                      function_ref<SmallVector<Value>()> read) {
  if (!condition)
    return read();
  auto ifOp = scf::IfOp::create(*this, types, condition, /*addThenBlock=*/true,
                                /*addElseBlock=*/true);
  InsertionGuard guard(*this);
  setInsertionPointToStart(ifOp.thenBlock());
  scf::YieldOp::create(*this, read());
  setInsertionPointToStart(ifOp.elseBlock());
  SmallVector<Value> zeros;
  for (Type type : types)
    zeros.push_back(zero(type));
  scf::YieldOp::create(*this, zeros);
  return ifOp.getResults();
}

void ThreadBuilder::writeIf(Value condition, function_ref<void()> write) {
  if (!condition)
    return write();
  auto ifOp = scf::IfOp::create(*this, condition, /*withElseRegion=*/false);
  InsertionGuard guard(*this);
  setInsertionPointToStart(ifOp.thenBlock());
  write();
}

SmallVector<Value> ThreadBuilder::unpack(Value vector) {
  return llvm::to_vector_of<Value>(
      vector::ToElementsOp::create(*this, vector).getResults());
}

Value ThreadBuilder::pack(ValueRange elements) {
  auto type = VectorType::get(static_cast<int64_t>(elements.size()),
                              elements.front().getType());
  return vector::FromElementsOp::create(*this, type, elements);
}

//===----------------------------------------------------------------------===//
// Fragments
//===----------------------------------------------------------------------===//

int64_t Fragment::getNumBands() const {
  return llvm::divideCeil(type.getNumRows() / 16,
                          builder.getBlock().getWarps());
}

Value Fragment::getBand(int64_t band, Type index) const {
  int64_t warps = builder.getBlock().getWarps(), bands = type.getNumRows() / 16;
  Value number = builder.add(builder.getWarp(index), warps * band);
  return bands % warps == 0 ? number : builder.rem(number, bands);
}

int64_t Fragment::getNumHalfRows() const {
  return type.getLayout() == Layout::Cols ? 1 : 2 * getNumBands();
}

int64_t Fragment::getNumHalfCols() const {
  return type.getLayout() == Layout::Rows ? 1 : type.getNumCols() / 4;
}

int64_t Fragment::at(int64_t halfRow, int64_t halfCol) const {
  if (!type.isMatrix())
    return halfRow + halfCol;
  int64_t blocks = type.getNumCols() / 8;
  return 4 * (halfRow / 2 * blocks + halfCol / 2) + 2 * (halfRow % 2) +
         halfCol % 2;
}

std::pair<Value, int64_t> Fragment::splitRow(int64_t halfRow,
                                             Type index) const {
  int64_t warps = builder.getBlock().getWarps(), band = halfRow / 2;
  int64_t bands = type.getNumRows() / 16;
  Value warp = builder.getWarp(index);
  int64_t offset = 8 * (halfRow % 2);
  // Without a remainder the bands of a warp are a constant apart.
  if (bands % warps == 0)
    offset += 16 * warps * band;
  else
    warp = builder.rem(builder.add(warp, warps * band), bands);
  Value row = builder.add(builder.mul(warp, 16), builder.getFragmentRow(index));
  return {row, offset};
}

Value Fragment::getRow(int64_t halfRow, Type index) const {
  auto [row, offset] = splitRow(halfRow, index);
  return builder.add(row, offset);
}

Value Fragment::getCol(int64_t halfCol, Type index) const {
  return builder.add(builder.getFragmentCol(index),
                     8 * (halfCol / 2) + halfCol % 2);
}
