//===- Check.h - Expectations of tests --------------------------*- C++ -*-===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef ATTN_TEST_DIALECT_CHECK_CHECK_H
#define ATTN_TEST_DIALECT_CHECK_CHECK_H

#include "attn/Dialect/Tile/IR/Tile.h"
#include "mlir/Bytecode/BytecodeOpInterface.h"
#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/Dialect.h"
#include "mlir/IR/OpDefinition.h"
#include "mlir/IR/OpImplementation.h"
#include "mlir/Pass/Pass.h"

#include "CheckDialect.h.inc"
#define GET_ATTRDEF_CLASSES
#include "CheckAttributes.h.inc"
#define GET_OP_CLASSES
#include "CheckOps.h.inc"

namespace attn::check {
#define GEN_PASS_DECL
#define GEN_PASS_REGISTRATION
#include "CheckPasses.h.inc"
} // namespace attn::check

#endif // ATTN_TEST_DIALECT_CHECK_CHECK_H
