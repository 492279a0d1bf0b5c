//===- BufferizableOpInterfaceImpl.cpp - Buffers of wg ops ----------------===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "attn/Dialect/WG/Transforms/BufferizableOpInterfaceImpl.h"
#include "attn/Dialect/WG/IR/WG.h"
#include "mlir/Dialect/Bufferization/IR/BufferizableOpInterface.h"
#include "mlir/Dialect/Bufferization/IR/DstBufferizableOpInterfaceImpl.h"

using namespace mlir;
using namespace mlir::bufferization;

namespace attn::wg {
namespace {

/// `wg.load` and `wg.copy` read their source.
template <typename OpTy>
struct ReadOpInterface
    : BufferizableOpInterface::ExternalModel<ReadOpInterface<OpTy>, OpTy> {
  bool bufferizesToMemoryRead(Operation *, OpOperand &,
                              const AnalysisState &) const {
    return true;
  }
  bool bufferizesToMemoryWrite(Operation *, OpOperand &,
                               const AnalysisState &) const {
    return false;
  }
  AliasingValueList getAliasingValues(Operation *, OpOperand &,
                                      const AnalysisState &) const {
    return {};
  }
  LogicalResult bufferize(Operation *op, RewriterBase &rewriter,
                          const BufferizationOptions &options,
                          BufferizationState &state) const {
    auto read = cast<OpTy>(op);
    if (!isa<TensorType>(read.getSource().getType()))
      return success();
    FailureOr<Value> buffer =
        getBuffer(rewriter, read.getSource(), options, state);
    if (failed(buffer))
      return failure();
    rewriter.modifyOpInPlace(op,
                             [&] { read.getSourceMutable().assign(*buffer); });
    return success();
  }
};

/// `wg.store` writes part of its destination; the rest stays.
struct StoreOpInterface
    : DstBufferizableOpInterfaceExternalModel<StoreOpInterface, StoreOp> {
  LogicalResult bufferize(Operation *op, RewriterBase &rewriter,
                          const BufferizationOptions &options,
                          BufferizationState &state) const {
    auto store = cast<StoreOp>(op);
    if (!isa<TensorType>(store.getDest().getType()))
      return success();
    FailureOr<Value> buffer =
        getBuffer(rewriter, store.getDest(), options, state);
    if (failed(buffer))
      return failure();
    rewriter.setInsertionPoint(op);
    StoreOp::create(rewriter, op->getLoc(), TypeRange(), store.getTile(),
                    *buffer, store.getIndices(), store.getOrigin(),
                    store.getLimit(), store.getTransposed());
    replaceOpWithBufferizedValues(rewriter, op, *buffer);
    return success();
  }
};

} // namespace

void registerBufferizableOpInterfaceExternalModels(DialectRegistry &registry) {
  registry.addExtension(+[](MLIRContext *context, WGDialect *) {
    LoadOp::attachInterface<ReadOpInterface<LoadOp>>(*context);
    CopyOp::attachInterface<ReadOpInterface<CopyOp>>(*context);
    StoreOp::attachInterface<StoreOpInterface>(*context);
  });
}

} // namespace attn::wg
