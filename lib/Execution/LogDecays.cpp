//===- LogDecays.cpp - Log decays as further results ----------------------===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "attn/Execution/LogDecays.h"

#include "attn/Conversion/AttnToLoops/AttnToLoops.h"
#include "attn/Execution/Signature.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"

using namespace mlir;

namespace attn::exec {

OwningOpRef<ModuleOp> returnLogDecays(ModuleOp module, StringRef entry,
                                      SmallVectorImpl<Location> &locations) {
  OwningOpRef<ModuleOp> copy = module.clone();
  auto func = copy->lookupSymbol<func::FuncOp>(entry);
  if (!func.getBody().hasOneBlock())
    return nullptr;
  SetVector<Value> gates;
  for (auto [gate, op] : findLogDecays(func))
    if (gates.insert(gate))
      locations.push_back(op->getLoc());
  if (gates.empty())
    return nullptr;

  Operation *end = func.getBody().front().getTerminator();
  SmallVector<Value> results(end->getOperands());
  results.append(gates.begin(), gates.end());
  end->setOperands(results);
  SmallVector<Type> types(TypeRange{ValueRange(results)});
  func.setFunctionType(FunctionType::get(
      func.getContext(), func.getFunctionType().getInputs(), types));
  if (ArrayAttr attrs = func.getResAttrsAttr()) {
    SmallVector<Attribute> all(attrs.begin(), attrs.end());
    all.resize(types.size(), DictionaryAttr::get(func.getContext()));
    func.setResAttrsAttr(ArrayAttr::get(func.getContext(), all));
  }
  // The decays are told of where they can be, so a failure is none.
  ScopedDiagnosticHandler silence(func.getContext(),
                                  [](Diagnostic &) { return success(); });
  if (failed(getSignature(*copy, entry)))
    return nullptr;
  return copy;
}

} // namespace attn::exec
