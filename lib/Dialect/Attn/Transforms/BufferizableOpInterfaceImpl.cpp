//===- BufferizableOpInterfaceImpl.cpp - Buffers of attn ops --------------===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// An operation on tensors becomes the same operation on memrefs, computed in
// the buffers of its destinations.
//
//===----------------------------------------------------------------------===//

#include "attn/Dialect/Attn/Transforms/BufferizableOpInterfaceImpl.h"
#include "attn/Dialect/Attn/IR/Attn.h"
#include "mlir/Dialect/Bufferization/IR/BufferizableOpInterface.h"
#include "mlir/Dialect/Bufferization/IR/DstBufferizableOpInterfaceImpl.h"
#include "mlir/Dialect/Utils/StructuredOpsUtils.h"

using namespace mlir;
using namespace mlir::bufferization;

namespace attn {
namespace {

template <typename OpTy>
struct AttnOpInterface
    : DstBufferizableOpInterfaceExternalModel<AttnOpInterface<OpTy>, OpTy> {
  /// Only the partial form continues from what its destinations hold; the
  /// others overwrite them.
  bool bufferizesToMemoryRead(Operation *op, OpOperand &operand,
                              const AnalysisState &) const {
    return std::is_same_v<OpTy, PartialOp> ||
           !cast<OpTy>(op).isDpsInit(&operand);
  }

  /// The score and where regions run once for each position, so a tensor that
  /// they capture must hold the same data every time.
  bool isRepetitiveRegion(Operation *, unsigned) const { return true; }

  LogicalResult bufferize(Operation *op, RewriterBase &rewriter,
                          const BufferizationOptions &options,
                          BufferizationState &state) const {
    auto dpsOp = cast<OpTy>(op);
    if (dpsOp.hasPureBufferSemantics())
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
    Operation *buffered = cloneWithoutRegions(
        rewriter, op, /*newResultTypes=*/TypeRange(), buffers);
    // What the regions hold has been bufferised already: keep it.
    for (auto [from, to] : llvm::zip(op->getRegions(), buffered->getRegions()))
      rewriter.inlineRegionBefore(from, to, to.end());
    SmallVector<Value> results;
    for (OpOperand &out : dpsOp.getDpsInitsMutable())
      results.push_back(buffers[out.getOperandNumber()]);
    replaceOpWithBufferizedValues(rewriter, op, results);
    return success();
  }
};

} // namespace

void registerBufferizableOpInterfaceExternalModels(DialectRegistry &registry) {
  registry.addExtension(+[](MLIRContext *context, AttnDialect *) {
    AttentionOp::attachInterface<AttnOpInterface<AttentionOp>>(*context);
    PartialOp::attachInterface<AttnOpInterface<PartialOp>>(*context);
    MergeOp::attachInterface<AttnOpInterface<MergeOp>>(*context);
    FinalizeOp::attachInterface<AttnOpInterface<FinalizeOp>>(*context);
    RecurrenceOp::attachInterface<AttnOpInterface<RecurrenceOp>>(*context);
    ScanOp::attachInterface<AttnOpInterface<ScanOp>>(*context);
    PoolOp::attachInterface<AttnOpInterface<PoolOp>>(*context);
    RouteScoreOp::attachInterface<AttnOpInterface<RouteScoreOp>>(*context);
    SelectOp::attachInterface<AttnOpInterface<SelectOp>>(*context);
    SortOp::attachInterface<AttnOpInterface<SortOp>>(*context);
    ClusterOp::attachInterface<AttnOpInterface<ClusterOp>>(*context);
    PermuteOp::attachInterface<AttnOpInterface<PermuteOp>>(*context);
  });
}

} // namespace attn
