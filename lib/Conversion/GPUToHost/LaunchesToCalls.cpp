//===- LaunchesToCalls.cpp - Launches to calls of the runtime -------------===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "RuntimeCalls.h"
#include "attn/Conversion/Passes.h"
#include "mlir/IR/SymbolTable.h"

namespace attn {
#define GEN_PASS_DEF_CONVERTGPULAUNCHESTOCALLS
#include "attn/Conversion/Passes.h.inc"
} // namespace attn

using namespace mlir;

namespace {

/// What a binary became.
struct Embedded {
  gpu::KernelTableAttr kernels;
  LLVM::GlobalOp image;
  LLVM::GlobalOp slot;
  uint64_t bytes;
};

class Lowering {
public:
  explicit Lowering(ModuleOp module)
      : module(module), symbols(module), builder(module.getContext()),
        pointer(LLVM::LLVMPointerType::get(module.getContext())),
        i32(builder.getI32Type()), i64(builder.getI64Type()) {}

  LogicalResult embed(gpu::BinaryOp binary);
  LogicalResult lower(gpu::LaunchFuncOp launch);

private:
  LLVM::GlobalOp makeBytes(Location loc, StringRef name, StringRef bytes);
  Value getAddress(Location loc, LLVM::GlobalOp global) {
    return LLVM::AddressOfOp::create(builder, loc, global);
  }
  Value makeConstant(Location loc, Type type, int64_t value) {
    return LLVM::ConstantOp::create(builder, loc, type,
                                    builder.getIntegerAttr(type, value));
  }
  FailureOr<LLVM::CallOp> call(Operation *op, StringRef name, Type result,
                               ValueRange arguments) {
    builder.setInsertionPoint(op);
    return attn::callRuntime(builder, module, op, name, result, arguments);
  }
  /// The array of addresses of the values of the kernel's parameters.
  Value makeParameters(gpu::LaunchFuncOp launch,
                       gpu::KernelMetadataAttr kernel);

  ModuleOp module;
  SymbolTable symbols;
  OpBuilder builder;
  Type pointer, i32, i64;
  llvm::StringMap<Embedded> binaries;
  /// The names of kernels, as data.
  llvm::StringMap<LLVM::GlobalOp> names;
};

} // namespace

LLVM::GlobalOp Lowering::makeBytes(Location loc, StringRef name,
                                   StringRef bytes) {
  OpBuilder::InsertionGuard guard(builder);
  builder.setInsertionPointToStart(module.getBody());
  auto type = LLVM::LLVMArrayType::get(builder.getI8Type(), bytes.size());
  // An image is read in words of 16 bytes.
  auto global = LLVM::GlobalOp::create(
      builder, loc, type, /*isConstant=*/true, LLVM::Linkage::Internal, name,
      builder.getStringAttr(bytes), /*alignment=*/16);
  symbols.insert(global);
  return global;
}

LogicalResult Lowering::embed(gpu::BinaryOp binary) {
  auto object = cast<gpu::ObjectAttr>(binary.getObjects()[0]);
  if (binary.getObjects().size() != 1 || !object.getKernels())
    return binary.emitOpError() << "has to have one object with its kernels";
  std::string bytes = object.getObject().getValue().str();
  if (object.getFormat() == gpu::CompilationTarget::Assembly)
    bytes.push_back('\0'); // The driver takes PTX as a string of C.
  Embedded &embedded = binaries[binary.getName()];
  embedded.kernels = object.getKernels();
  embedded.bytes = bytes.size();
  std::string name = binary.getName().str();
  embedded.image = makeBytes(binary.getLoc(), name + "_image", bytes);
  OpBuilder::InsertionGuard guard(builder);
  builder.setInsertionPointToStart(module.getBody());
  embedded.slot = LLVM::GlobalOp::create(
      builder, binary.getLoc(), pointer, /*isConstant=*/false,
      LLVM::Linkage::Internal, name + "_module", /*value=*/Attribute(),
      /*alignment=*/8);
  Block *block = builder.createBlock(&embedded.slot.getInitializerRegion());
  builder.setInsertionPointToStart(block);
  Value null = LLVM::ZeroOp::create(builder, binary.getLoc(), pointer);
  LLVM::ReturnOp::create(builder, binary.getLoc(), null);
  symbols.insert(embedded.slot);
  return success();
}

Value Lowering::makeParameters(gpu::LaunchFuncOp launch,
                               gpu::KernelMetadataAttr kernel) {
  Location loc = launch.getLoc();
  // On the stack, once, however often the launch is reached.
  OpBuilder entry = OpBuilder::atBlockBegin(
      &launch->getParentOfType<LLVM::LLVMFuncOp>().getBody().front());
  Value one =
      LLVM::ConstantOp::create(entry, loc, i64, entry.getIntegerAttr(i64, 1));
  auto reserve = [&](Type type) -> Value {
    return LLVM::AllocaOp::create(entry, loc, pointer, type, one);
  };
  size_t count = launch.getKernelOperands().size();
  auto arrayType = LLVM::LLVMArrayType::get(pointer, count);
  Value array = reserve(arrayType);
  StringAttr byval =
      builder.getStringAttr(LLVM::LLVMDialect::getByValAttrName());
  for (auto [index, operand] : llvm::enumerate(launch.getKernelOperands())) {
    Value address = operand;
    if (!kernel.getArgAttr(index, byval)) {
      address = reserve(operand.getType());
      LLVM::StoreOp::create(builder, loc, operand, address);
    }
    Value element = LLVM::GEPOp::create(
        builder, loc, pointer, arrayType, array,
        ArrayRef<LLVM::GEPArg>{0, static_cast<int32_t>(index)});
    LLVM::StoreOp::create(builder, loc, address, element);
  }
  return array;
}

LogicalResult Lowering::lower(gpu::LaunchFuncOp launch) {
  auto found = binaries.find(launch.getKernelModuleName());
  if (found == binaries.end())
    return launch.emitOpError() << "launches a kernel of no binary";
  const Embedded &binary = found->second;
  gpu::KernelMetadataAttr kernel =
      binary.kernels.lookup(launch.getKernelName());
  if (!kernel)
    return launch.emitOpError() << "launches '" << launch.getKernelName()
                                << "', which its binary does not have";
  if (launch.getAsyncToken() || !launch->getParentOfType<LLVM::LLVMFuncOp>() ||
      llvm::any_of(launch.getKernelOperands(), [](Value operand) {
        return !LLVM::isCompatibleType(operand.getType());
      }))
    return launch.emitOpError() << "is not lowered by gpu-to-llvm yet";
  auto function = dyn_cast<LLVM::LLVMFunctionType>(kernel.getFunctionType());
  if (function && function.getNumParams() != launch.getNumKernelOperands())
    return launch.emitOpError()
           << "passes " << launch.getNumKernelOperands() << " values to '"
           << launch.getKernelName().getValue() << "', which takes "
           << function.getNumParams();

  builder.setInsertionPoint(launch);
  Location loc = launch.getLoc();
  StringRef kernelName = launch.getKernelName().getValue();
  LLVM::GlobalOp &name = names[kernelName];
  if (!name)
    name = makeBytes(loc, (kernelName + "_name").str(),
                     StringRef((kernelName + Twine('\0')).str()));
  auto handle =
      call(launch, "attn_cuda_kernel", pointer,
           {getAddress(loc, binary.slot), getAddress(loc, binary.image),
            makeConstant(loc, i64, binary.bytes), getAddress(loc, name)});
  if (failed(handle))
    return failure();
  Value stream = launch.getAsyncObject();
  if (!stream) {
    auto current = call(launch, "attn_cuda_get_stream", pointer, {});
    if (failed(current))
      return failure();
    stream = current->getResult();
  }

  SmallVector<Value> arguments = {handle->getResult()};
  auto addSize = [&](Value size) {
    if (size.getType() != i64)
      size = LLVM::SExtOp::create(builder, loc, i64, size);
    arguments.push_back(size);
  };
  if (launch.hasClusterSize())
    for (Value size : {launch.getClusterSizeX(), launch.getClusterSizeY(),
                       launch.getClusterSizeZ()})
      addSize(size);
  for (Value size :
       {launch.getGridSizeX(), launch.getGridSizeY(), launch.getGridSizeZ(),
        launch.getBlockSizeX(), launch.getBlockSizeY(), launch.getBlockSizeZ()})
    addSize(size);
  Value shared = launch.getDynamicSharedMemorySize();
  arguments.push_back(shared ? shared : makeConstant(loc, i32, 0));
  arguments.push_back(stream);
  arguments.push_back(makeParameters(launch, kernel));
  arguments.push_back(LLVM::ZeroOp::create(builder, loc, pointer));
  arguments.push_back(makeConstant(loc, i64, launch.getNumKernelOperands()));
  if (failed(call(launch,
                  launch.hasClusterSize() ? "mgpuLaunchClusterKernel"
                                          : "mgpuLaunchKernel",
                  LLVM::LLVMVoidType::get(module.getContext()), arguments)))
    return failure();
  launch.erase();
  return success();
}

namespace {
struct LaunchesToCalls
    : attn::impl::ConvertGPULaunchesToCallsBase<LaunchesToCalls> {
  void runOnOperation() override {
    Lowering lowering(getOperation());
    auto binaries = llvm::to_vector(getOperation().getOps<gpu::BinaryOp>());
    for (gpu::BinaryOp binary : binaries)
      if (failed(lowering.embed(binary)))
        return signalPassFailure();
    WalkResult result = getOperation().walk([&](gpu::LaunchFuncOp launch) {
      return WalkResult(lowering.lower(launch));
    });
    if (result.wasInterrupted())
      return signalPassFailure();
    for (gpu::BinaryOp binary : binaries)
      binary.erase();
    getOperation()->removeAttr(gpu::GPUDialect::getContainerModuleAttrName());
  }
};
} // namespace
