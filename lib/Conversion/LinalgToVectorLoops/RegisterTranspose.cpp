//===- RegisterTranspose.cpp - Transposes by shuffles ---------------------===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// An n x n transpose in log2(n) rounds of two-input shuffles. The order of the
// rounds matters on x86: the first two stay inside 128-bit lanes and are one
// unpack instruction each, only the later ones cross lanes.
//
//===----------------------------------------------------------------------===//

#include "StructuredPlan.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;

namespace attn {

static Value shuffle(LoopBuilder &b, Value x, Value y, ArrayRef<int64_t> mask) {
  return vector::ShuffleOp::create(b, x, y, mask);
}

/// `pattern` picks out of the first 4 elements of x (0-3) and y (4-7); the mask
/// does so in every block of 4 of a vector of `width`.
static SmallVector<int64_t> inBlocksOf4(ArrayRef<int64_t> pattern,
                                        int64_t width) {
  SmallVector<int64_t> mask;
  for (int64_t block = 0; block < width; block += 4)
    for (int64_t i : pattern)
      mask.push_back(i < 4 ? block + i : width + block + i - 4);
  return mask;
}

/// Picks whole blocks of 4 elements: x has the first width/4, y the others.
static SmallVector<int64_t> blocksOf4(ArrayRef<int64_t> blocks) {
  SmallVector<int64_t> mask;
  for (int64_t block : blocks)
    for (int64_t i = 0; i < 4; ++i)
      mask.push_back(block * 4 + i);
  return mask;
}

/// 4 x 4 transposes of 32-bit elements within the 128-bit lanes: lane l of
/// result 4 * q + c is column 4 * l + c of rows 4 * q ... 4 * q + 3.
static SmallVector<Value> transposeBlocks(LoopBuilder &b,
                                          ArrayRef<Value> rows) {
  int64_t width = rows.size();
  auto low = inBlocksOf4({0, 4, 1, 5}, width);
  auto high = inBlocksOf4({2, 6, 3, 7}, width);
  SmallVector<Value> result;
  for (int64_t q = 0; q < width; q += 4) {
    Value low02 = shuffle(b, rows[q], rows[q + 2], low);
    Value high02 = shuffle(b, rows[q], rows[q + 2], high);
    Value low13 = shuffle(b, rows[q + 1], rows[q + 3], low);
    Value high13 = shuffle(b, rows[q + 1], rows[q + 3], high);
    result.push_back(shuffle(b, low02, low13, low));
    result.push_back(shuffle(b, low02, low13, high));
    result.push_back(shuffle(b, high02, high13, low));
    result.push_back(shuffle(b, high02, high13, high));
  }
  return result;
}

static SmallVector<Value> transpose32(LoopBuilder &b, ArrayRef<Value> rows) {
  SmallVector<Value> q = transposeBlocks(b, rows);
  if (rows.size() == 4)
    return q;
  SmallVector<Value> result(rows.size());
  if (rows.size() == 8) {
    for (int64_t c = 0; c < 4; ++c) {
      result[c] = shuffle(b, q[c], q[4 + c], blocksOf4({0, 2}));
      result[4 + c] = shuffle(b, q[c], q[4 + c], blocksOf4({1, 3}));
    }
    return result;
  }
  for (int64_t c = 0; c < 4; ++c) {
    // Four registers of four blocks each: block l of register r goes to block
    // r of result 4 * l + c.
    Value low01 = shuffle(b, q[c], q[4 + c], blocksOf4({0, 1, 4, 5}));
    Value high01 = shuffle(b, q[c], q[4 + c], blocksOf4({2, 3, 6, 7}));
    Value low23 = shuffle(b, q[8 + c], q[12 + c], blocksOf4({0, 1, 4, 5}));
    Value high23 = shuffle(b, q[8 + c], q[12 + c], blocksOf4({2, 3, 6, 7}));
    result[c] = shuffle(b, low01, low23, blocksOf4({0, 2, 4, 6}));
    result[4 + c] = shuffle(b, low01, low23, blocksOf4({1, 3, 5, 7}));
    result[8 + c] = shuffle(b, high01, high23, blocksOf4({0, 2, 4, 6}));
    result[12 + c] = shuffle(b, high01, high23, blocksOf4({1, 3, 5, 7}));
  }
  return result;
}

SmallVector<Value> transposeInRegisters(LoopBuilder &b, ArrayRef<Value> rows) {
  int64_t width = rows.size();
  auto type = cast<VectorType>(rows.front().getType());
  assert(type.getNumElements() == width && llvm::isPowerOf2_64(width));
  if (type.getElementTypeBitWidth() == 32 && width >= 4 && width <= 16)
    return transpose32(b, rows);
  // Round s exchanges, in rows i and i + s, the elements whose numbers differ
  // in the bit s.
  SmallVector<Value> result(rows);
  for (int64_t s = 1; s < width; s *= 2) {
    SmallVector<int64_t> low, high;
    for (int64_t lane = 0; lane < width; ++lane) {
      bool second = lane & s;
      low.push_back(second ? width + lane - s : lane);
      high.push_back(second ? width + lane : lane + s);
    }
    for (int64_t i = 0; i < width; ++i) {
      if (i & s)
        continue;
      Value x = result[i], y = result[i + s];
      result[i] = shuffle(b, x, y, low);
      result[i + s] = shuffle(b, x, y, high);
    }
  }
  return result;
}

} // namespace attn
