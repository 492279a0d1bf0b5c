//===- WGOps.cpp - Operations of groups of warps --------------------------===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "attn/Dialect/WG/IR/WG.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/OpImplementation.h"

using namespace mlir;
using namespace attn::wg;

#include "attn/Dialect/WG/IR/ScratchInterface.cpp.inc"
#define GET_OP_CLASSES
#include "attn/Dialect/WG/IR/WGOps.cpp.inc"

static ArrayRef<int64_t> getTileShape(Type type) {
  if (auto tile = dyn_cast<TileType>(type))
    return tile.getShape();
  return cast<SharedType>(type).getShape();
}

static Type getTileElement(Type type) {
  if (auto tile = dyn_cast<TileType>(type))
    return tile.getElementType();
  return cast<SharedType>(type).getElementType();
}

/// Shapes and element types of a tile that changes its place.
static LogicalResult verifySame(Operation *op, Type from, Type to) {
  if (getTileShape(from) != getTileShape(to) ||
      getTileElement(from) != getTileElement(to))
    return op->emitOpError("C1: expected one shape and element type, got ")
           << from << " and " << to;
  return success();
}

//===----------------------------------------------------------------------===//
// Between memory and tiles
//===----------------------------------------------------------------------===//

/// C1 and C2 of a tile at `indices` of `memory`.
static LogicalResult verifyMemory(Operation *op, Type memory, size_t numIndices,
                                  Type tile) {
  auto shaped = cast<ShapedType>(memory);
  size_t rank = getTileShape(tile).size();
  if (!shaped.hasRank() ||
      static_cast<size_t>(shaped.getRank()) != numIndices + rank)
    return op->emitOpError("C1: expected memory of rank ")
           << numIndices + rank << " (" << numIndices
           << " indices, a tile of rank " << rank << "), got " << memory;
  if (shaped.getElementType() != getTileElement(tile))
    return op->emitOpError("C2: element types differ: ")
           << shaped.getElementType() << " and " << getTileElement(tile);
  return success();
}

template <typename ReadOp>
static LogicalResult verifyRead(ReadOp op, Type type) {
  if (failed(verifyMemory(op, op.getSource().getType(), op.getIndices().size(),
                          type)))
    return failure();
  if ((op.getColumnOrigin() || op.getColumnLimit()) &&
      getTileShape(type).size() != 2)
    return op.emitOpError("C3: a vector has no columns, got ") << type;
  return success();
}

/// C4 of what is between memory and registers.
static LogicalResult verifyTransposed(Operation *op, bool transposed,
                                      TileType tile) {
  if (transposed && !tile.isMatrix())
    return op->emitOpError("C4: only a matrix is transposed, got ") << tile;
  return success();
}

LogicalResult LoadOp::verify() {
  if (failed(verifyRead(*this, getResult().getType())))
    return failure();
  return verifyTransposed(*this, getTransposed(), getResult().getType());
}
LogicalResult CopyOp::verify() {
  return verifyRead(*this, getResult().getType());
}
LogicalResult CopyAsyncOp::verify() {
  return verifyRead(*this, getTile().getType());
}

LogicalResult SlotOp::verify() {
  if (getRing().getType().getTile() != getResult().getType())
    return emitOpError("C1: expected a tile of the ring, got ")
           << getRing().getType() << " and " << getResult().getType();
  return success();
}

using Effects = SmallVectorImpl<MemoryEffects::EffectInstance>;

/// Tensors are values; only memory is read and written.
static void addEffect(Effects &effects, OpOperand &operand,
                      MemoryEffects::Effect *effect) {
  if (isa<MemRefType>(operand.get().getType()))
    effects.emplace_back(effect, &operand);
}

void LoadOp::getEffects(Effects &effects) {
  addEffect(effects, getSourceMutable(), MemoryEffects::Read::get());
}
void CopyOp::getEffects(Effects &effects) {
  addEffect(effects, getSourceMutable(), MemoryEffects::Read::get());
}
void CopyAsyncOp::getEffects(Effects &effects) {
  addEffect(effects, getSourceMutable(), MemoryEffects::Read::get());
  effects.emplace_back(MemoryEffects::Write::get(), &getTileMutable());
}
void StoreOp::getEffects(Effects &effects) {
  addEffect(effects, getDestMutable(), MemoryEffects::Write::get());
}

LogicalResult StoreOp::verify() {
  if (failed(verifyMemory(*this, getDest().getType(), getIndices().size(),
                          getTile().getType())))
    return failure();
  bool isTensor = isa<RankedTensorType>(getDest().getType());
  if (getNumResults() != (isTensor ? 1 : 0) ||
      (isTensor && getResult(0).getType() != getDest().getType()))
    return emitOpError("C3: a tensor is a result too, memory is not; got ")
           << getDest().getType() << " and " << getNumResults() << " results";
  return verifyTransposed(*this, getTransposed(), getTile().getType());
}

int64_t StoreOp::getScratchBytes() {
  TileType tile = getTile().getType();
  Type element = tile.getElementType();
  if (!getTransposed() || !element.isIntOrFloat() ||
      element.getIntOrFloatBitWidth() != 16 || tile.getNumCols() % 16 != 0)
    return 0;
  return tile.getNumRows() * tile.getNumCols() * 2;
}
bool StoreOp::isPrivate() { return true; }

//===----------------------------------------------------------------------===//
// Between registers and shared memory
//===----------------------------------------------------------------------===//

LogicalResult ToSharedOp::verify() {
  return verifySame(*this, getTile().getType(), getResult().getType());
}

LogicalResult FromSharedOp::verify() {
  SharedType from = getShared().getType();
  if (!getTransposed())
    return verifySame(*this, from, getResult().getType());
  TileType to = getResult().getType();
  if (from.isVector() || !to.isMatrix())
    return emitOpError("C2: only a matrix is transposed, got ")
           << from << " and " << to;
  if (to.getNumRows() != from.getNumCols() ||
      to.getNumCols() != from.getNumRows() ||
      to.getElementType() != from.getElementType())
    return emitOpError("C1: expected the transposed shape and one element "
                       "type, got ")
           << from << " and " << to;
  return success();
}

LogicalResult RelayoutOp::verify() {
  TileType from = getTile().getType(), to = getResult().getType();
  if (from.isMatrix() || to.isMatrix())
    return emitOpError("C1: expected vectors, got ") << from << " and " << to;
  return verifySame(*this, from, to);
}

LogicalResult ExtractOp::verify() {
  TileType tile = getTile().getType();
  if (tile.isMatrix())
    return emitOpError("C1: expected a vector, got ") << tile;
  if (getResult().getType() != tile.getElementType())
    return emitOpError("C2: expected a result of the tile's element type, got ")
           << tile << " and " << getResult().getType();
  return success();
}

/// Bytes of a vector in memory, which has no bits and no indices.
static int64_t getVectorBytes(TileType type) {
  Type element = type.getElementType();
  return type.getShape()[0] *
         (element.isIndex()
              ? 8
              : llvm::divideCeil(element.getIntOrFloatBitWidth(), 8));
}

/// Whether the threads of each warp have all elements, in registers that they
/// can read of each other.
static bool isInEveryWarp(TileType type) {
  return type.getLayout() == Layout::Cols &&
         isa<FloatType>(type.getElementType()) &&
         type.getElementType().getIntOrFloatBitWidth() <= 32;
}

int64_t RelayoutOp::getScratchBytes() {
  TileType type = getTile().getType();
  return type == getResult().getType() || isInEveryWarp(type)
             ? 0
             : getVectorBytes(type);
}

int64_t ExtractOp::getScratchBytes() {
  TileType type = getTile().getType();
  bool isNear = isInEveryWarp(type) && getConstantIntValue(getIndex());
  return isNear ? 0 : getVectorBytes(type);
}

LogicalResult SumRowsOp::verify() {
  TileType from = getTile().getType(), to = getResult().getType();
  if (to.getLayout() != Layout::Cols || to.getShape()[0] != from.getNumCols() ||
      to.getElementType() != from.getElementType())
    return emitOpError("C1: expected a result with an element for each column "
                       "of the tile, got ")
           << from << " and " << to;
  if (!isa<FloatType>(from.getElementType()))
    return emitOpError("C2: expected floats, got ") << from;
  return success();
}

/// What each 16 rows sum to.
int64_t SumRowsOp::getScratchBytes() {
  return getTile().getType().getNumRows() / 16 *
         getVectorBytes(getResult().getType());
}

//===----------------------------------------------------------------------===//
// Arithmetic
//===----------------------------------------------------------------------===//

LogicalResult SplatOp::verify() {
  if (getValue().getType() != getResult().getType().getElementType())
    return emitOpError("C1: expected a value of the tile's element type, got ")
           << getValue().getType() << " and " << getResult().getType();
  return success();
}

/// Whether an operand has an element for every position of a map to `result`.
static bool isReadableAt(TileType operand, TileType result) {
  if (operand.getLayout() == result.getLayout())
    return operand.getShape() == result.getShape();
  if (!result.isMatrix())
    return false;
  return operand.getLayout() == Layout::Rows
             ? operand.getShape()[0] == result.getShape()[0]
             : operand.getLayout() == Layout::Cols &&
                   operand.getShape()[0] == result.getShape()[1];
}

LogicalResult MapOp::verify() {
  if (getNumResults() == 0)
    return emitOpError("C1: expected a result");
  TileType type = getTileType();
  for (Type result : getResultTypes())
    if (cast<TileType>(result).getShape() != type.getShape() ||
        cast<TileType>(result).getLayout() != type.getLayout())
      return emitOpError("C1: results differ in shape or layout: ")
             << type << " and " << result;
  for (Value input : getInputs())
    if (!isReadableAt(cast<TileType>(input.getType()), type))
      return emitOpError("C2: an operand ")
             << input.getType() << " cannot be read at the positions of "
             << type;
  return success();
}

LogicalResult MapOp::verifyRegions() {
  Block &block = getBody().front();
  SmallVector<Type> expected(2, IndexType::get(getContext()));
  for (Value input : getInputs())
    expected.push_back(cast<TileType>(input.getType()).getElementType());
  if (!llvm::equal(block.getArgumentTypes(), expected))
    return emitOpError("C3: expected a body that takes ")
           << TypeRange(expected) << ", got " << block.getArgumentTypes();
  auto yield = cast<YieldOp>(block.getTerminator());
  SmallVector<Type> elements;
  for (Type result : getResultTypes())
    elements.push_back(cast<TileType>(result).getElementType());
  if (!llvm::equal(yield.getOperandTypes(), elements))
    return emitOpError("C3: expected a body that yields ")
           << TypeRange(elements) << ", got " << yield.getOperandTypes();
  return success();
}

LogicalResult AnyOp::verify() {
  if (!isa<FloatType>(getTile().getType().getElementType()))
    return emitOpError("C1: expected a vector of floats, got ")
           << getTile().getType();
  return success();
}

LogicalResult ScanOp::verify() {
  TileType tile = getTile().getType();
  if (tile.getLayout() != Layout::Cols ||
      !isa<FloatType>(tile.getElementType()))
    return emitOpError("C1: expected a vector of floats, by column, got ")
           << tile;
  return success();
}

LogicalResult ReduceOp::verify() {
  TileType tile = getTile().getType(), init = getInit().getType();
  if (tile.getShape()[0] != init.getShape()[0] ||
      tile.getElementType() != init.getElementType())
    return emitOpError("C1: expected an initial value for each row, got ")
           << tile << " and " << init;
  return success();
}

LogicalResult ReduceBlocksOp::verify() {
  TileType tile = getTile().getType(), init = getInit().getType();
  if (init.getNumCols() != 8 || tile.getNumRows() != init.getNumRows() ||
      tile.getElementType() != init.getElementType())
    return emitOpError("C1: expected 8 initial values for each row, got ")
           << tile << " and " << init;
  return success();
}

std::optional<std::string> attn::wg::getWarpgroupObjection(TileType acc,
                                                           SharedType rhs) {
  constexpr int64_t kRows = 64;
  Type element = rhs.getElementType();
  std::string text;
  llvm::raw_string_ostream stream(text);
  if (!element.isBF16() && !element.isF16())
    stream << "operands of " << element << " are neither bf16 nor f16";
  else if (acc.getNumRows() % kRows != 0)
    stream << acc.getNumRows() << " rows are not a multiple of " << kRows;
  else
    return std::nullopt;
  return text;
}

/// C1, C2 and C3 of a product.
template <typename Op>
static LogicalResult verifyMma(Op op) {
  Type lhs = op.getLhs().getType(), rhs = op.getRhs().getType();
  auto extent = [](Type type, bool first) {
    return getTileShape(type)[first ? 0 : 1];
  };
  // C1: extents of m, n and k.
  if (getTileShape(lhs).size() != 2 || getTileShape(rhs).size() != 2)
    return op.emitOpError("C1: expected matrices, got ")
           << lhs << " and " << rhs;
  TileType acc = op.getAcc().getType();
  if (extent(lhs, !op.getLhsTransposed()) != acc.getShape()[0] ||
      extent(rhs, op.getRhsTransposed()) != acc.getShape()[1] ||
      extent(lhs, op.getLhsTransposed()) != extent(rhs, !op.getRhsTransposed()))
    return op.emitOpError("C1: extents of m, n and k differ: ")
           << lhs << (op.getLhsTransposed() ? " transposed" : "") << ", " << rhs
           << (op.getRhsTransposed() ? " transposed" : "") << ", " << acc;
  if (getTileElement(lhs) != getTileElement(rhs))
    return op.emitOpError("C2: element types of the operands differ: ")
           << lhs << " and " << rhs;
  if (isa<TileType>(lhs) && op.getLhsTransposed())
    return op.emitOpError("C3: an operand in registers is not transposed: ")
           << lhs;
  return success();
}

LogicalResult MmaOp::verify() { return verifyMma(*this); }

LogicalResult StartMmaOp::verify() {
  if (failed(verifyMma(*this)))
    return failure();
  if (!getResult().hasOneUse() || !isa<AwaitMmaOp>(*getResult().user_begin()) ||
      (*getResult().user_begin())->getBlock() != (*this)->getBlock())
    return emitOpError("C4: expected one use of the result, a wg.await_mma in "
                       "the same block");
  return success();
}

LogicalResult AwaitMmaOp::verify() {
  if (!getStarted().getDefiningOp<StartMmaOp>())
    return emitOpError("C1: expected the result of a wg.start_mma");
  return success();
}

LogicalResult TriInverseOp::verify() {
  TileType type = getTile().getType();
  if (type.getNumRows() != type.getNumCols())
    return emitOpError("C1: expected a square tile, got ") << type;
  if (!type.getElementType().isF32())
    return emitOpError("C2: expected a tile of f32, got ") << type;
  return success();
}

int64_t TriInverseOp::getScratchBytes() {
  return getTile().getType().getNumRows() * getScratchStride() *
         static_cast<int64_t>(sizeof(float));
}
