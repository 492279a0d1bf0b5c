//===- WGToNVVM.cpp - Tiles to the code of a thread -----------------------===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "Patterns.h"
#include "Shared.h"
#include "attn/Conversion/Passes.h"
#include "attn/Target/GPUTarget.h"
#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/Dialect/LLVMIR/NVVMDialect.h"
#include "mlir/Dialect/SCF/Transforms/Patterns.h"
#include "mlir/IR/Remarks.h"

using namespace mlir;
using namespace attn::wg;

namespace attn {
#define GEN_PASS_DEF_CONVERTWGTONVVM
#include "attn/Conversion/Passes.h.inc"

namespace {

/// A tile in registers is a vector of the elements of a thread, one in shared
/// memory its address.
class WGTypeConverter : public TypeConverter {
public:
  explicit WGTypeConverter(int64_t warps) {
    addConversion([](Type type) { return type; });
    addConversion([warps](TileType type) {
      return VectorType::get(type.getElementsPerThread(warps),
                             type.getElementType());
    });
    addConversion([](SharedType type) {
      return getSharedPointerType(type.getContext());
    });
    addConversion(
        [](RingType type) { return getSharedPointerType(type.getContext()); });
    addConversion([](ChannelType type) {
      return getSharedPointerType(type.getContext());
    });
    addConversion(
        [](DrawsType type) { return getSharedPointerType(type.getContext()); });
    addConversion(
        [](NotesType type) { return getSharedPointerType(type.getContext()); });
    // Of channels, which other roles use, too.
    auto cast = [](OpBuilder &builder, Type type, ValueRange inputs,
                   Location loc) -> Value {
      return UnrealizedConversionCastOp::create(builder, loc, type, inputs)
          .getResult(0);
    };
    addTargetMaterialization(cast);
    addSourceMaterialization(cast);
  }
};

/// Operations that only hand tiles on.
class SelectPattern : public OpConversionPattern<arith::SelectOp> {
public:
  using OpConversionPattern::OpConversionPattern;

  LogicalResult
  matchAndRewrite(arith::SelectOp op, OpAdaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    rewriter.replaceOpWithNewOp<arith::SelectOp>(op, adaptor.getCondition(),
                                                 adaptor.getTrueValue(),
                                                 adaptor.getFalseValue());
    return success();
  }
};

class ConvertWGToNVVMPass
    : public impl::ConvertWGToNVVMBase<ConvertWGToNVVMPass> {
public:
  using ConvertWGToNVVMBase::ConvertWGToNVVMBase;

  void runOnOperation() override {
    gpu::GPUModuleOp module = getOperation();
    llvm::Expected<GPUTarget> facts = getGPUTarget(chip);
    if (!facts) {
      module.emitError() << llvm::toString(facts.takeError());
      return signalPassFailure();
    }
    target = *facts;
    for (auto kernel : module.getOps<gpu::GPUFuncOp>())
      if (failed(convertKernel(kernel)))
        return signalPassFailure();
  }

private:
  /// Says of each product that four warps do not compute together why not.
  void explainProducts(gpu::GPUFuncOp kernel, const BlockShape &block) {
    kernel.walk([&](MmaOp op) {
      if (std::optional<std::string> reason = getWgmmaObjection(op, block))
        remark::missed(op.getLoc(), remark::RemarkOpts::name("warp-product")
                                        .category("convert-wg-to-nvvm")
                                        .function(kernel.getName()))
            << remark::reason("mma.sync instead of wgmma on {0}: {1}",
                              target.chip, *reason);
    });
  }

  LogicalResult convertKernel(gpu::GPUFuncOp kernel) {
    SmallVector<Operation *> ops;
    bool needsMemory = false;
    RolesOp roles;
    kernel.walk([&](Operation *op) {
      if (!isa_and_present<WGDialect>(op->getDialect()))
        return;
      ops.push_back(op);
      needsMemory |= isa<CopyOp, MakeChannelOp, MakeDrawsOp, MakeNotesOp,
                         MakeRingOp, ToSharedOp, ScratchOpInterface>(op);
      if (auto found = dyn_cast<RolesOp>(op))
        roles = found;
    });
    if (ops.empty())
      return success();
    std::optional<ArrayRef<int32_t>> extents = kernel.getKnownBlockSize();
    if (!extents)
      return kernel.emitOpError("expected 'known_block_size': the layout of "
                                "tiles depends on the number of threads");
    BlockShape block{llvm::to_vector(*extents)};
    if (block.getThreads() % 32 != 0)
      return kernel.emitOpError("expected a block of whole warps, got ")
             << block.getThreads() << " threads";
    if (roles) {
      int64_t threads = 32 * (roles.getProducers() + roles.getConsumers() +
                              roles.getHelpers());
      if (block.extents[0] != threads || block.getThreads() != threads)
        return roles.emitOpError("expected a block of ")
               << threads << " x 1 x 1 threads, got " << block.extents[0]
               << " x " << block.extents[1] << " x " << block.extents[2];
      if (!target.hasWarpgroups)
        return roles.emitOpError("needs sm_90a, where warps hand over "
                                 "registers and have a copy engine, got ")
               << target.chip;
      block.extents[0] = static_cast<int32_t>(32 * roles.getConsumers());
      block.isPart = true;
      shareMultiprocessor(kernel, roles);
    }
    block.hasWarpgroups = target.hasWarpgroups;
    BlockShape helpers = block;
    if (roles && roles.getHelpers() != 0) {
      constexpr int32_t kHelpersBarrier = 8;
      helpers.extents[0] = static_cast<int32_t>(32 * roles.getHelpers());
      helpers.firstThread = static_cast<int32_t>(
          32 * (roles.getConsumers() + roles.getProducers()));
      helpers.barrier = kHelpersBarrier;
      block.hasFewRegisters =
          roles.getHelperRegisters() > roles.getConsumerRegisters();
    }
    auto isHelp = [&](Operation *op) {
      return roles && roles.getHelp().isAncestor(op->getParentRegion());
    };
    bool isSupported = true;
    for (Operation *op : ops)
      isSupported &=
          succeeded(checkSupported(op, isHelp(op) ? helpers : block));
    if (!isSupported)
      return failure();
    completeWarpProducts(kernel, block);
    if (countRepeats)
      wg::countRepeats(kernel, block);
    explainProducts(kernel, block);
    if (needsMemory)
      declareSharedMemory();

    // Tiles of helpers are distributed among other warps.
    if (roles && !roles.getHelp().empty()) {
      SmallVector<Operation *> help;
      for (Operation &op : roles.getHelp().front())
        help.push_back(&op);
      if (failed(convertOps(help, helpers)))
        return failure();
    }
    return convertOps(kernel.getOperation(), block);
  }

  LogicalResult convertOps(ArrayRef<Operation *> ops, const BlockShape &block) {
    WGTypeConverter converter(block.getWarps());
    RewritePatternSet patterns(&getContext());
    ConversionTarget legality(getContext());
    legality.addIllegalDialect<WGDialect>();
    legality.addLegalOp<UnrealizedConversionCastOp>();
    legality.markUnknownOpDynamicallyLegal(
        [&](Operation *op) { return converter.isLegal(op); });
    scf::populateSCFStructuralTypeConversionsAndLegality(converter, patterns,
                                                         legality);
    patterns.add<SelectPattern>(converter, &getContext());
    populateArithmeticPatterns(converter, patterns, block);
    populateChannelPatterns(converter, patterns, block);
    populateColumnPatterns(converter, patterns, block);
    populateCopyPatterns(converter, patterns, block);
    populateMemoryPatterns(converter, patterns, block);
    populateMmaPatterns(converter, patterns, block);
    populateDrawPatterns(converter, patterns, block);
    populateNotePatterns(converter, patterns, block);
    populateScratchPatterns(converter, patterns, block);
    populateSharedPatterns(converter, patterns, block);
    populateTriInversePatterns(converter, patterns, block);
    return applyPartialConversion(ops, legality, std::move(patterns));
  }

  /// Lets threads begin with so few registers that as many blocks as have room
  /// for what the roles take share a multiprocessor. If registers are not
  /// divided by the threads, ptxas has to be told that it is one: beside
  /// helpers it does not find out what threads begin with, and then ignores all
  /// roles.
  static void shareMultiprocessor(gpu::GPUFuncOp kernel, RolesOp roles) {
    int64_t needed =
        32 * (int64_t(roles.getProducers()) * roles.getProducerRegisters() +
              int64_t(roles.getConsumers()) * roles.getConsumerRegisters() +
              int64_t(roles.getHelpers()) * roles.getHelperRegisters());
    int64_t all = GPUTarget().registers, blocks = all / needed;
    int64_t threads = 32 * (int64_t(roles.getProducers()) +
                            roles.getConsumers() + roles.getHelpers());
    if (blocks > 1 || (roles.getHelpers() != 0 && all % threads != 0))
      kernel->setAttr(NVVM::NVVMDialect::getMinctasmAttrName(),
                      Builder(kernel).getI32IntegerAttr(blocks));
  }

  /// What a launch provides; its size is not known here.
  void declareSharedMemory() {
    if (getOperation().lookupSymbol(kSharedMemory))
      return;
    OpBuilder b = OpBuilder::atBlockBegin(getOperation().getBody());
    LLVM::GlobalOp::create(
        b, getOperation().getLoc(), LLVM::LLVMArrayType::get(b.getI8Type(), 0),
        /*isConstant=*/false, LLVM::Linkage::External, kSharedMemory,
        Attribute(), kSharedAlignment,
        static_cast<unsigned>(NVVM::NVVMMemorySpace::Shared));
  }

  GPUTarget target;
};

} // namespace
} // namespace attn
