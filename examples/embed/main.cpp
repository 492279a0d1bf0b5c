//===- main.cpp - A compiler that uses attn -------------------------------===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//   embed --print PIPELINE   prints what the pipeline makes of the function
//   embed --run PIPELINE     compiles it to machine code and calls it
//
// PIPELINE is anything `attn-opt` would take, for example attn-lower-to-loops.
//
//===----------------------------------------------------------------------===//

#include "attn/Execution/Call.h"
#include "attn/Execution/CodeGen.h"
#include "attn/Execution/JIT.h"
#include "attn/InitAll.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/InitAllDialects.h"
#include "mlir/InitAllExtensions.h"
#include "mlir/Parser/Parser.h"
#include "mlir/Pass/PassManager.h"
#include "mlir/Pass/PassRegistry.h"

using namespace mlir;

/// Two queries see three keys: the first query sees key 0 only, the second one
/// keys 0 and 1. All logits are equal, so a row is the mean of what it sees.
static const char *const source = R"mlir(
func.func @attend(%q: tensor<1x1x2x4xf32>, %k: tensor<1x1x3x4xf32>,
                  %v: tensor<1x1x3x2xf32>) -> tensor<1x1x2x2xf32> {
  %init = tensor.empty() : tensor<1x1x2x2xf32>
  %o = attn.attention %q, %k, %v outs(%init) scale(0.5) mask(causal)
    : tensor<1x1x2x4xf32>, tensor<1x1x3x4xf32>, tensor<1x1x3x2xf32>
      -> tensor<1x1x2x2xf32>
  return %o : tensor<1x1x2x2xf32>
}
)mlir";

static int fail(llvm::Error error) {
  llvm::errs() << "error: " << llvm::toString(std::move(error)) << '\n';
  return 1;
}

static LogicalResult lower(ModuleOp module, StringRef pipeline) {
  PassManager pm(module.getContext(), ModuleOp::getOperationName());
  return success(succeeded(parsePassPipeline(pipeline, pm)) &&
                 succeeded(pm.run(module)));
}

static attn::exec::Array makeArray(ArrayRef<int64_t> shape,
                                   function_ref<float(int64_t)> value) {
  attn::exec::Array array(attn::exec::DType::F32, shape);
  for (auto [index, element] : llvm::enumerate(array.as<float>()))
    element = value(index);
  return array;
}

int main(int argc, char **argv) {
  StringRef mode = argc == 3 ? argv[1] : "";
  if (mode != "--print" && mode != "--run") {
    llvm::errs() << "usage: embed --print|--run PIPELINE\n";
    return 2;
  }

  DialectRegistry registry;
  mlir::registerAllDialects(registry);
  mlir::registerAllExtensions(registry);
  attn::registerAllDialects(registry);
  attn::exec::registerLLVMTranslations(registry);
  attn::exec::registerShapeInterfaces(registry);
  attn::registerAllPasses();
  MLIRContext context(registry);

  OwningOpRef<ModuleOp> module = parseSourceString<ModuleOp>(source, &context);
  if (!module)
    return 1;
  // The signature is that of the function before it is lowered.
  FailureOr<attn::exec::Signature> signature =
      attn::exec::getSignature(*module, "attend");
  if (failed(signature) || failed(lower(*module, argv[2])))
    return 1;
  if (mode == "--print") {
    module->print(llvm::outs());
    return 0;
  }

  if (failed(lower(*module, "attn-loops-to-llvm")))
    return 1;
  auto function = attn::exec::CompiledFunction::compile(
      *module, signature->getSymbol(),
      signature->arguments.size() + signature->results.size(), {});
  if (!function)
    return fail(function.takeError());

  attn::exec::Array inputs[] = {
      makeArray({1, 1, 2, 4}, [](int64_t) { return 1; }),
      makeArray({1, 1, 3, 4}, [](int64_t) { return 1; }),
      makeArray({1, 1, 3, 2}, [](int64_t i) { return i; })};
  auto call = attn::exec::Call::create(*signature, inputs);
  if (!call)
    return fail(call.takeError());
  if (llvm::Error error = call->runChecked(**function))
    return fail(std::move(error));
  for (const attn::exec::Array &result : call->getResults()) {
    llvm::outs() << result.format() << ':';
    for (float element : result.as<float>())
      llvm::outs() << ' ' << element;
    llvm::outs() << '\n';
  }
  return 0;
}
