//===- BufferizableOpInterfaceImpl.cpp - Buffers of tile ops --------------===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "attn/Dialect/Tile/Transforms/BufferizableOpInterfaceImpl.h"
#include "attn/Dialect/Tile/IR/Tile.h"
#include "mlir/Dialect/Bufferization/IR/BufferizableOpInterface.h"
#include "mlir/Dialect/Bufferization/IR/DstBufferizableOpInterfaceImpl.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Utils/IndexingUtils.h"
#include "mlir/Dialect/Utils/StructuredOpsUtils.h"

using namespace mlir;
using namespace mlir::bufferization;

namespace attn::tile {
namespace {

/// `tile.contract` on buffers is the same operation without results.
struct ContractOpInterface
    : DstBufferizableOpInterfaceExternalModel<ContractOpInterface, ContractOp> {
  /// A destination that is overwritten is not read.
  bool bufferizesToMemoryRead(Operation *op, OpOperand &operand,
                              const AnalysisState &) const {
    auto contract = cast<ContractOp>(op);
    return !contract.isDpsInit(&operand) || !contract.getOverwrite();
  }

  LogicalResult bufferize(Operation *op, RewriterBase &rewriter,
                          const BufferizationOptions &options,
                          BufferizationState &state) const {
    auto contract = cast<ContractOp>(op);
    if (contract.hasPureBufferSemantics())
      return success();
    SmallVector<Value> buffers;
    for (OpOperand &operand : op->getOpOperands()) {
      if (!isa<TensorType>(operand.get().getType())) {
        buffers.push_back(operand.get());
        continue;
      }
      FailureOr<Value> buffer =
          getBuffer(rewriter, operand.get(), options, state);
      if (failed(buffer))
        return failure();
      buffers.push_back(*buffer);
    }
    rewriter.setInsertionPoint(op);
    mlir::clone(rewriter, op, /*newResultTypes=*/TypeRange(), buffers);
    unsigned out = contract.getOutMutable().getOperandNumber();
    replaceOpWithBufferizedValues(rewriter, op, buffers[out]);
    return success();
  }
};

/// `tile.transpose` is the same memory with other strides.
struct TransposeOpInterface
    : BufferizableOpInterface::ExternalModel<TransposeOpInterface,
                                             TransposeOp> {
  bool bufferizesToMemoryRead(Operation *, OpOperand &,
                              const AnalysisState &) const {
    return false;
  }
  bool bufferizesToMemoryWrite(Operation *, OpOperand &,
                               const AnalysisState &) const {
    return false;
  }
  AliasingValueList getAliasingValues(Operation *op, OpOperand &,
                                      const AnalysisState &) const {
    return {{op->getResult(0), BufferRelation::Equivalent}};
  }
  FailureOr<BufferLikeType>
  getBufferType(Operation *op, Value, const BufferizationOptions &options,
                const BufferizationState &state,
                SmallVector<Value> &invocationStack) const {
    auto transpose = cast<TransposeOp>(op);
    FailureOr<BufferLikeType> source = bufferization::getBufferType(
        transpose.getSource(), options, state, invocationStack);
    if (failed(source))
      return failure();
    auto buffer = cast<MemRefType>(*source);
    SmallVector<int64_t> strides;
    int64_t offset;
    if (failed(buffer.getStridesAndOffset(strides, offset)))
      return op->emitError("expected a strided buffer, got ") << buffer;
    ArrayRef<int64_t> order = transpose.getPermutation();
    auto layout = StridedLayoutAttr::get(op->getContext(), offset,
                                         applyPermutation(strides, order));
    return cast<BufferLikeType>(MemRefType::get(
        applyPermutation(buffer.getShape(), order), buffer.getElementType(),
        layout, buffer.getMemorySpace()));
  }
  LogicalResult bufferize(Operation *op, RewriterBase &rewriter,
                          const BufferizationOptions &options,
                          BufferizationState &state) const {
    auto transpose = cast<TransposeOp>(op);
    FailureOr<Value> buffer =
        getBuffer(rewriter, transpose.getSource(), options, state);
    if (failed(buffer))
      return failure();
    replaceOpWithNewBufferizedOp<memref::TransposeOp>(
        rewriter, op, *buffer,
        AffineMapAttr::get(AffineMap::getPermutationMap(
            transpose.getPermutation(), op->getContext())));
    return success();
  }
};

} // namespace

void registerBufferizableOpInterfaceExternalModels(DialectRegistry &registry) {
  registry.addExtension(+[](MLIRContext *context, TileDialect *) {
    ContractOp::attachInterface<ContractOpInterface>(*context);
    TransposeOp::attachInterface<TransposeOpInterface>(*context);
  });
}

} // namespace attn::tile
