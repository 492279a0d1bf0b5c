//===- TileContractions.cpp - Products as folds over tiles ----------------===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "FoldBuilder.h"
#include "attn/Dialect/Tile/Transforms/Passes.h"
#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Arith/Utils/Utils.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"
#include "mlir/IR/Matchers.h"
#include "mlir/IR/Remarks.h"

namespace attn::tile {
#define GEN_PASS_DEF_TILECONTRACTIONS
#include "attn/Dialect/Tile/Transforms/Passes.h.inc"
} // namespace attn::tile

using namespace mlir;
using namespace attn::tile;

namespace {
/// A product of matrices, for each number of the outer dimensions.
struct Product {
  /// Dimensions of the operation; the result ends with `row` and `col`.
  unsigned row, col, depth;
  /// Numbers of the operands.
  unsigned left, right;
  int64_t rows, cols, depths;
};
} // namespace

/// Whether a tensor is all zeros when a product begins.
static bool isZero(Value tensor) {
  if (auto fill = tensor.getDefiningOp<linalg::FillOp>())
    return matchPattern(fill.getInputs()[0], m_AnyZeroFloat());
  DenseElementsAttr constant;
  return matchPattern(tensor, m_Constant(&constant)) && constant.isSplat() &&
         isa<FloatType>(constant.getElementType()) &&
         constant.getSplatValue<APFloat>().isZero();
}

/// The last two dimensions of an operand, whatever their order.
static bool endsWith(AffineMap map, unsigned x, unsigned y) {
  if (map.getNumResults() < 2)
    return false;
  unsigned last = map.getDimPosition(map.getNumResults() - 1),
           other = map.getDimPosition(map.getNumResults() - 2);
  return (last == x && other == y) || (last == y && other == x);
}

static FailureOr<Product> matchProduct(linalg::LinalgOp op,
                                       std::string &reason) {
  auto fail = [&](const Twine &why) {
    reason = why.str();
    return failure();
  };
  SmallVector<AffineMap> maps = op.getIndexingMapsArray();
  if (!llvm::all_of(maps,
                    [](AffineMap map) { return map.isProjectedPermutation(); }))
    return fail("operands are not indexed by dimensions");
  AffineMap out = maps.back();
  SmallVector<unsigned> depths;
  op.getReductionDims(depths);
  if (depths.size() != 1 || out.getNumResults() < 2)
    return fail("it is no product of matrices: " + Twine(depths.size()) +
                " dimensions are summed, " + Twine(out.getNumResults()) +
                " are left");
  Product product;
  product.depth = depths.front();
  product.row = out.getDimPosition(out.getNumResults() - 2);
  product.col = out.getDimPosition(out.getNumResults() - 1);
  product.left = maps[0].isFunctionOfDim(product.row) ? 0 : 1;
  product.right = 1 - product.left;
  if (!endsWith(maps[product.left], product.row, product.depth) ||
      !endsWith(maps[product.right], product.col, product.depth) ||
      maps[product.left].isFunctionOfDim(product.col) ||
      maps[product.right].isFunctionOfDim(product.row))
    return fail("operands do not end with what the product is of");
  Type left = getElementTypeOrSelf(op->getOperand(product.left)),
       right = getElementTypeOrSelf(op->getOperand(product.right)),
       result = getElementTypeOrSelf(op->getResult(0));
  bool isShort = left.isBF16() || left.isF16();
  if (left != right || !(isShort || left.isF32()) || !result.isF32()) {
    llvm::raw_string_ostream(reason) << "tensor cores do not multiply " << left
                                     << " and " << right << " to " << result;
    return failure();
  }
  SmallVector<int64_t> extents = op.getStaticLoopRanges();
  for (unsigned dim : {product.row, product.col, product.depth})
    if (!ShapedType::isDynamic(extents[dim]) && extents[dim] < 16)
      return fail("an extent is " + Twine(extents[dim]) + ", less than 16");
  if (!isZero(op.getDpsInits()[0]))
    return fail("it adds to something");
  // What registers and shared memory hold of any type and chip.
  int64_t most = isShort ? 128 : 64;
  auto getSize = [&](int64_t extent) {
    for (int64_t size : {32, 64})
      if (!ShapedType::isDynamic(extent) && extent <= size)
        return size;
    return most;
  };
  product.rows = 64;
  product.cols = getSize(extents[product.col]);
  product.depths = isShort ? 64 : 32;
  return product;
}

namespace {
class ProductBuilder {
public:
  ProductBuilder(RewriterBase &rewriter, linalg::LinalgOp op,
                 const Product &product)
      : rewriter(rewriter), b(op.getLoc(), rewriter), op(op), product(product),
        maps(op.getIndexingMapsArray()) {
    b.setInsertionPoint(op);
  }

  void build();

private:
  Value toValue(OpFoldResult x) {
    return getValueOrCreateConstantIndexOp(b, b.getLoc(), x);
  }
  Value index(int64_t value) {
    return arith::ConstantIndexOp::create(b, value);
  }
  OpFoldResult apply(AffineExpr expr, ArrayRef<OpFoldResult> operands) {
    return affine::makeComposedFoldedAffineApply(b, b.getLoc(), expr, operands);
  }
  /// The part of `size` that a tile from `first` has.
  OpFoldResult getRest(int64_t size, OpFoldResult extent, OpFoldResult first) {
    if (std::optional<int64_t> known = getConstantIntValue(extent))
      if (*known % size == 0)
        return b.getIndexAttr(size);
    AffineExpr x, y;
    bindDims(b.getContext(), x, y);
    return affine::makeComposedFoldedAffineMin(
        b, b.getLoc(), b.getMultiDimIdentityMap(2),
        {b.getIndexAttr(size), apply(x - y, {extent, first})});
  }
  Value getCoords(int64_t size, OpFoldResult first, OpFoldResult extent) {
    return CoordsOp::create(b, CoordsType::get(b.getContext(), size),
                            toValue(first), toValue(extent), Value(), Value(),
                            /*complete=*/false);
  }
  Value readTile(unsigned number, unsigned first, Value firstCoords,
                 int64_t firstSize, unsigned second, Value secondCoords,
                 int64_t secondSize);
  Value multiply(Value rowCoords, Value colCoords);

  RewriterBase &rewriter;
  ImplicitLocOpBuilder b;
  linalg::LinalgOp op;
  const Product &product;
  SmallVector<AffineMap> maps;
  /// What the outer dimensions are in an iteration.
  DenseMap<unsigned, Value> outer;
  SmallVector<OpFoldResult> extents;
};
} // namespace

/// Operand `number` as a tile of `first` by `second`, turned if need be.
Value ProductBuilder::readTile(unsigned number, unsigned first,
                               Value firstCoords, int64_t firstSize,
                               unsigned second, Value secondCoords,
                               int64_t secondSize) {
  AffineMap map = maps[number];
  SmallVector<Value> indices;
  for (unsigned i = 0; i + 2 < map.getNumResults(); ++i)
    indices.push_back(outer.lookup(map.getDimPosition(i)));
  bool isTurned = map.getDimPosition(map.getNumResults() - 1) == first;
  if (isTurned) {
    std::swap(firstCoords, secondCoords);
    std::swap(firstSize, secondSize);
  }
  Value source = op->getOperand(number);
  Type element = getElementTypeOrSelf(source);
  Value tile =
      RowsOp::create(b, RankedTensorType::get({firstSize, secondSize}, element),
                     source, indices, firstCoords, secondCoords);
  if (!isTurned)
    return tile;
  Value empty = tensor::EmptyOp::create(
      b, ArrayRef<int64_t>{secondSize, firstSize}, element);
  return linalg::TransposeOp::create(b, tile, empty, ArrayRef<int64_t>{1, 0})
      ->getResult(0);
}

/// A tile of the result: a sum over tiles of the depth.
Value ProductBuilder::multiply(Value rowCoords, Value colCoords) {
  Type type = b.getF32Type();
  Value zero = arith::ConstantOp::create(b, b.getF32FloatAttr(0));
  Value empty = tensor::EmptyOp::create(
      b, ArrayRef<int64_t>{product.rows, product.cols}, type);
  Value zeros = linalg::FillOp::create(b, zero, empty).getResult(0);
  auto domain = DomainOp::create(
      b, DomainType::get(b.getContext(), product.depths),
      toValue(extents[product.depth]), VisitAttrInterface(), Value(), Value(),
      Value(), Value(), Value(), ValueRange(), ValueRange(), ValueRange(),
      /*list=*/Value(), ValueRange(), /*irregular=*/false);
  OpBuilder::InsertionGuard guard(b);
  auto fold = FoldOp::create(b, FoldOrder::Free, domain, ValueRange(zeros),
                             ArrayRef<StringRef>());
  b.setInsertionPointToStart(fold.getBody());
  Value coords = fold.getCoords(), sum = fold.getStateArguments().front();
  Value left = readTile(product.left, product.row, rowCoords, product.rows,
                        product.depth, coords, product.depths);
  Value right = readTile(product.right, product.depth, coords, product.depths,
                         product.col, colCoords, product.cols);
  auto map = [&](unsigned x, unsigned y) {
    return AffineMap::getMultiDimMapWithTargets(3, {x, y}, b.getContext());
  };
  auto contract = linalg::ContractOp::create(
      b, TypeRange(sum.getType()), ValueRange{left, right}, ValueRange(sum),
      b.getAffineMapArrayAttr({map(0, 2), map(2, 1), map(0, 1)}));
  YieldOp::create(b, contract->getResults());
  return fold.getResult(0);
}

void ProductBuilder::build() {
  // The extent of each dimension, from an operand that has it.
  extents.resize(op.getNumLoops());
  for (auto [number, map] : llvm::enumerate(maps))
    for (unsigned i = 0; i < map.getNumResults(); ++i)
      extents[map.getDimPosition(i)] =
          tensor::getMixedSize(b, b.getLoc(), op->getOperand(number), i);
  AffineMap out = maps.back();
  AffineExpr x = b.getAffineDimExpr(0);
  SmallVector<OpFoldResult> shape, counts;
  for (unsigned i = 0; i < out.getNumResults(); ++i) {
    unsigned dim = out.getDimPosition(i);
    shape.push_back(extents[dim]);
    int64_t size = dim == product.row   ? product.rows
                   : dim == product.col ? product.cols
                                        : 1;
    counts.push_back(apply(x.ceilDiv(size), {extents[dim]}));
  }
  auto type = cast<RankedTensorType>(op->getResult(0).getType());
  Value init = tensor::EmptyOp::create(b, shape, type.getElementType());
  if (init.getType() != type)
    init = tensor::CastOp::create(b, type, init);
  auto forall =
      scf::ForallOp::create(b, counts, ValueRange(init),
                            getBlockMapping(b.getContext(), counts.size()));
  b.setInsertionPointToStart(forall.getBody());
  SmallVector<Value> at = forall.getInductionVars();
  size_t rank = at.size();
  OpFoldResult one = b.getIndexAttr(1);
  SmallVector<OpFoldResult> offsets, sizes, strides(rank, one);
  for (size_t i = 0; i + 2 < rank; ++i) {
    outer[out.getDimPosition(i)] = at[i];
    offsets.push_back(at[i]);
    sizes.push_back(one);
  }
  OpFoldResult row = apply(x * product.rows, {at[rank - 2]}),
               col = apply(x * product.cols, {at[rank - 1]});
  OpFoldResult numRows = getRest(product.rows, extents[product.row], row),
               numCols = getRest(product.cols, extents[product.col], col);
  llvm::append_values(offsets, row, col);
  llvm::append_values(sizes, numRows, numCols);
  Value result = multiply(getCoords(product.rows, row, extents[product.row]),
                          getCoords(product.cols, col, extents[product.col]));
  auto getStatic = [](OpFoldResult size) {
    return getConstantIntValue(size).value_or(ShapedType::kDynamic);
  };
  Value part = tensor::ExtractSliceOp::create(
      b,
      RankedTensorType::get({getStatic(numRows), getStatic(numCols)},
                            type.getElementType()),
      forall.getRegionIterArgs().front(), offsets, sizes, strides);
  Value written =
      InsertOp::create(b, part.getType(), result, part, ValueRange(),
                       getCoords(product.rows, b.getIndexAttr(0), numRows));
  b.setInsertionPointToStart(forall.getTerminator().getBody());
  tensor::ParallelInsertSliceOp::create(
      b, written, forall.getRegionIterArgs().front(), offsets, sizes, strides);
  rewriter.replaceOp(op, forall.getResults());
}

namespace {
struct TileContractions
    : attn::tile::impl::TileContractionsBase<TileContractions> {
  void runOnOperation() override {
    SmallVector<linalg::LinalgOp> products;
    getOperation()->walk([&](linalg::LinalgOp op) {
      // What is in a loop over tiles is one.
      if (op.hasPureTensorSemantics() &&
          linalg::isaContractionOpInterface(op) &&
          !op->getParentOfType<scf::ForallOp>() &&
          !op->getParentOfType<FoldOp>())
        products.push_back(op);
    });
    IRRewriter rewriter(&getContext());
    for (linalg::LinalgOp op : products) {
      std::string reason;
      FailureOr<Product> product = matchProduct(op, reason);
      if (failed(product)) {
        remark::missed(op.getLoc(), remark::RemarkOpts::name("scalar-product")
                                        .category("tile-contractions"))
            << remark::reason("is multiplied by single threads: {0}", reason);
        continue;
      }
      ProductBuilder(rewriter, op, *product).build();
      ++numProducts;
    }
  }
};
} // namespace
