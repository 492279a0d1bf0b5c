//===- CallTest.cpp - Calls of kernels that do wrong ----------------------===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The kernels are written in the llvm dialect, where every mistake can be made.
//
//===----------------------------------------------------------------------===//

#include "attn/Execution/Call.h"

#include "attn/Execution/JIT.h"
#include "attn/Execution/Lower.h"

#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/Diagnostics.h"
#include "mlir/Parser/Parser.h"

#include "llvm/Target/TargetMachine.h"

#include "gtest/gtest.h"

using namespace attn::exec;

namespace {

/// Kernel of one tensor<4xT> argument and one such result. `BODY` sees their
/// first elements as %in and %out, the size as %n, and T's zero as %zero.
constexpr char kernel[] = R"(
llvm.func @attn_parallel_for(i64, !llvm.ptr, !llvm.ptr)
llvm.func @task(%ctx: !llvm.ptr, %i: i64, %worker: i64) {
  %p = llvm.getelementptr %ctx[%i] : (!llvm.ptr, i64) -> !llvm.ptr, i32
  %v = llvm.trunc %i : i64 to i32
  llvm.store %v, %p : i32, !llvm.ptr
  llvm.return
}
llvm.func @_mlir_ciface_f(%arg: !llvm.ptr, %res: !llvm.ptr) {
  %0 = llvm.getelementptr %arg[1] : (!llvm.ptr) -> !llvm.ptr, !llvm.ptr
  %base_in = llvm.load %0 : !llvm.ptr -> !llvm.ptr
  %1 = llvm.getelementptr %arg[2] : (!llvm.ptr) -> !llvm.ptr, i64
  %offset_in = llvm.load %1 : !llvm.ptr -> i64
  %in = llvm.getelementptr %base_in[%offset_in] : (!llvm.ptr, i64) -> !llvm.ptr, i32
  %2 = llvm.getelementptr %res[1] : (!llvm.ptr) -> !llvm.ptr, !llvm.ptr
  %base_out = llvm.load %2 : !llvm.ptr -> !llvm.ptr
  %3 = llvm.getelementptr %res[2] : (!llvm.ptr) -> !llvm.ptr, i64
  %offset_out = llvm.load %3 : !llvm.ptr -> i64
  %out = llvm.getelementptr %base_out[%offset_out] : (!llvm.ptr, i64) -> !llvm.ptr, i32
  %one = llvm.mlir.constant(1 : i32) : i32
  %ones = llvm.mlir.constant(-1 : i32) : i32
  %poison = llvm.mlir.constant(0x5a5a5a5a : i32) : i32
  BODY
  llvm.return
}
)";

class CallTest : public ::testing::Test {
protected:
  CallTest() {
    mlir::DialectRegistry registry;
    registerEverything(registry);
    context.appendDialectRegistry(registry);
    mlir::Type type = mlir::IntegerType::get(&context, 32);
    Argument argument;
    argument.elementType = type;
    argument.isTensor = true;
    argument.shape = {4};
    Result result;
    result.elementType = type;
    result.dims = {DimExpr::getArgumentDim(0, 0)};
    signature.name = "f";
    signature.arguments.push_back(argument);
    signature.results.push_back(result);
    inputs.emplace_back(DType::I32, llvm::ArrayRef<int64_t>{4});
    for (int32_t i = 0; i < 4; ++i)
      inputs[0].as<int32_t>()[i] = i;
  }

  /// Writes `value` to the given element of %in or %out.
  static std::string store(llvm::StringRef base, int index,
                           llvm::StringRef value = "%one") {
    std::string name = "%" + std::string(1, base[1]) + "_" +
                       (index < 0 ? "m" : "") + std::to_string(std::abs(index));
    return (name + " = llvm.getelementptr " + base + "[" +
            std::to_string(index) + "] : (!llvm.ptr) -> !llvm.ptr, i32\n" +
            "llvm.store " + value + ", " + name + " : i32, !llvm.ptr\n")
        .str();
  }
  static std::string storeAll(llvm::StringRef value = "%one") {
    std::string text;
    for (int i = 0; i < 4; ++i)
      text += store("%out", i, value);
    return text;
  }

  /// What `runChecked` says of a kernel with this body.
  std::string run(llvm::StringRef body, int64_t padding = 0) {
    std::string text = kernel;
    size_t at = text.find("BODY");
    text.replace(at, 4, body.str());
    auto module = mlir::parseSourceString<mlir::ModuleOp>(text, &context);
    if (!module)
      return "does not parse";
    auto function = CompiledFunction::compile(
        *module, signature.getSymbol(), /*numArguments=*/2, CodeGenOptions());
    if (!function)
      return llvm::toString(function.takeError());
    auto call = Call::create(signature, inputs, padding);
    if (!call)
      return llvm::toString(call.takeError());
    if (llvm::Error error = call->runChecked(**function))
      return llvm::toString(std::move(error));
    results = call->getResults();
    return "";
  }

  mlir::MLIRContext context;
  Signature signature;
  std::vector<Array> inputs;
  llvm::SmallVector<Array> results;
};

TEST_F(CallTest, AWellBehavedKernel) {
  for (int64_t padding : {0, 3}) {
    EXPECT_EQ(run(storeAll(), padding), "");
    EXPECT_EQ(results[0].as<int32_t>(), (llvm::ArrayRef<int32_t>{1, 1, 1, 1}));
  }
}

TEST_F(CallTest, CallsTheRuntime) {
  EXPECT_EQ(run(R"(
    %n = llvm.mlir.constant(4 : i64) : i64
    %task = llvm.mlir.addressof @task : !llvm.ptr
    llvm.call @attn_parallel_for(%n, %task, %out) : (i64, !llvm.ptr, !llvm.ptr) -> ()
  )"),
            "");
  EXPECT_EQ(results[0].as<int32_t>(), (llvm::ArrayRef<int32_t>{0, 1, 2, 3}));
}

TEST_F(CallTest, UnwrittenElements) {
  EXPECT_EQ(run(store("%out", 0) + store("%out", 3)),
            "the kernel left 2 of 4 elements of result 0 unwritten, the first "
            "at position 1");
}

TEST_F(CallTest, ValuesThatLookLikePoisonAreNone) {
  EXPECT_EQ(run(storeAll("%ones")), "");
  EXPECT_EQ(results[0].as<int32_t>()[2], -1);
  EXPECT_EQ(run(storeAll("%poison")), "");
  EXPECT_EQ(results[0].as<int32_t>()[2], 0x5a5a5a5a);
}

TEST_F(CallTest, WritesOutside) {
  for (int at : {-1, 4, 5})
    EXPECT_EQ(run(storeAll() + store("%out", at)),
              "the kernel wrote outside result 0")
        << at;
}

TEST_F(CallTest, WritesToAnArgument) {
  EXPECT_EQ(run(storeAll() + store("%in", 2)),
            "the kernel wrote to argument 0");
  EXPECT_EQ(run(storeAll() + store("%in", 4)),
            "the kernel wrote to argument 0");
  signature.arguments[0].isWritable = true;
  EXPECT_EQ(run(storeAll() + store("%in", 2)), "");
  // Only its elements are.
  EXPECT_EQ(run(storeAll() + store("%in", 4)),
            "the kernel wrote to argument 0");
}

TEST_F(CallTest, CompiledCodeThatDoesNotFit) {
  signature.name = "g";
  EXPECT_EQ(run(storeAll()),
            "the compiled module does not define '_mlir_ciface_g'");
  signature.name = "f";
  auto module = mlir::parseSourceString<mlir::ModuleOp>(
      "llvm.func @_mlir_ciface_f(%a: !llvm.ptr) { llvm.return }", &context);
  auto function = CompiledFunction::compile(*module, "_mlir_ciface_f",
                                            /*numArguments=*/2, {});
  EXPECT_EQ(llvm::toString(function.takeError()),
            "'_mlir_ciface_f' takes 1 arguments after lowering, expected 2");
  module = mlir::parseSourceString<mlir::ModuleOp>(
      "llvm.func @missing()\n"
      "llvm.func @_mlir_ciface_f() { llvm.call @missing() : () -> () "
      "llvm.return }",
      &context);
  function = CompiledFunction::compile(*module, "_mlir_ciface_f",
                                       /*numArguments=*/0, {});
  EXPECT_EQ(llvm::toString(function.takeError()),
            "the code does not link: Symbols not found: [ missing ]");
}

TEST_F(CallTest, TargetMachines) {
  CodeGenOptions options;
  options.cpu = "x86-64-v33";
  EXPECT_NE(llvm::toString(createTargetMachine(options).takeError())
                .find("unknown CPU 'x86-64-v33'"),
            std::string::npos);
  options.cpu = "host";
  auto host = createTargetMachine(options);
  ASSERT_TRUE(static_cast<bool>(host));
  EXPECT_FALSE(llvm::errorToBool(checkHostSupports(**host)));
}

} // namespace
