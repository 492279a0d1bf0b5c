//===- InlinePTX.cpp - Instructions that no operation has -----------------===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The only inline PTX of the project.
//
//===----------------------------------------------------------------------===//

#include "InlinePTX.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FormatVariadic.h"

using namespace mlir;
using namespace attn::wg;

/// The letter of the registers that hold a type.
static StringRef getConstraint(Type type) {
  if (type.isF32())
    return "f";
  return type.isInteger(64) ? "l" : type.isInteger(1) ? "b" : "r";
}

void InlinePTX::addResult(Type type) {
  results.push_back(type);
  constraints.push_back(("=" + getConstraint(type)).str());
}

void InlinePTX::addTied(Value value, int64_t result) {
  operands.push_back(value);
  constraints.push_back(std::to_string(result));
}

std::string InlinePTX::addOperand(Value value) {
  operands.push_back(value);
  constraints.push_back(getConstraint(value.getType()).str());
  return llvm::formatv("${0}", constraints.size() - 1);
}

SmallVector<Value> InlinePTX::emit(StringRef text) {
  std::string all = llvm::join(constraints, ",") + ",~{memory}";
  Type type = LLVM::LLVMVoidType::get(builder.getContext());
  if (results.size() == 1)
    type = results.front();
  else if (!results.empty())
    type = LLVM::LLVMStructType::getLiteral(builder.getContext(), results);
  auto call = LLVM::InlineAsmOp::create(
      builder, builder.getLoc(), type, operands, text, all,
      /*has_side_effects=*/true, /*is_align_stack=*/false,
      LLVM::tailcallkind::TailCallKind::None,
      LLVM::AsmDialectAttr::get(builder.getContext(), LLVM::AsmDialect::AD_ATT),
      ArrayAttr());
  if (results.size() == 1)
    return {call.getRes()};
  SmallVector<Value> values;
  for (size_t i = 0; i < results.size(); ++i)
    values.push_back(LLVM::ExtractValueOp::create(builder, call.getRes(), i));
  return values;
}

/// The registers that one piece takes.
static constexpr size_t kMaxTied = 128;

void attn::wg::tieRegisters(ThreadBuilder &builder, StringRef text,
                            bool isFirst, SmallVectorImpl<Value> &registers) {
  size_t pieces =
      std::max<size_t>(1, llvm::divideCeil(registers.size(), kMaxTied));
  for (size_t piece = 0; piece < pieces; ++piece) {
    InlinePTX assembly(builder);
    MutableArrayRef<Value> part = MutableArrayRef(registers).slice(
        piece * kMaxTied,
        std::min(kMaxTied, registers.size() - piece * kMaxTied));
    for (Value value : part)
      assembly.addResult(value.getType());
    for (auto [i, value] : llvm::enumerate(part))
      assembly.addTied(value, i);
    bool hasText = piece == (isFirst ? 0 : pieces - 1);
    llvm::copy(assembly.emit(hasText ? text : ""), part.begin());
  }
}

Value attn::wg::hideValue(ThreadBuilder &builder, Value value) {
  SmallVector<Value> registers = {value};
  tieRegisters(builder, "", /*isFirst=*/true, registers);
  return registers.front();
}

void attn::wg::arriveIf(ThreadBuilder &builder, Value condition,
                        Value barrier) {
  InlinePTX assembly(builder);
  std::string predicate = assembly.addOperand(condition);
  std::string address = assembly.addOperand(
      LLVM::PtrToIntOp::create(builder, builder.getI32Type(), barrier));
  assembly.emit(llvm::formatv("@{0} mbarrier.arrive.shared::cta.b64 _, [{1}];",
                              predicate, address)
                    .str());
}
