//===- CheckOps.td - Expectations of tests ------------------*- tablegen -*-===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef ATTN_TEST_DIALECT_CHECK_CHECKOPS
#define ATTN_TEST_DIALECT_CHECK_CHECKOPS

include "attn/Dialect/Tile/IR/TileTypes.td"
include "mlir/IR/AttrTypeBase.td"
include "mlir/IR/OpBase.td"
include "mlir/Pass/PassBase.td"

def Check_Dialect : Dialect {
  let name = "check";
  let cppNamespace = "::attn::check";
  let summary = "expectations of executed tests";
  let description = [{
    Compares tensors at run time, their shapes included. A failed expectation prints what differs, with
    the line of the test, and ends the program with exit code 1, and so does one that compared nothing.
  }];
  let dependentDialects = ["::mlir::arith::ArithDialect"];
  let useDefaultAttributePrinterParser = 1;
}

def Check_BandMaskAttr : AttrDef<Check_Dialect, "BandMask", [
    DeclareAttrInterfaceMethods<Tile_VisitAttrInterface>]> {
  let mnemonic = "band";
  let summary = "a mask of a dialect that attn does not know";
  let description = [{
    (0 <= i - j < width) or the segments are the same: `or<window<width>,
    segment>`, written with every kind of formula there is.
  }];
  let parameters = (ins "int64_t":$width);
  let assemblyFormat = "`<` $width `>`";
}

class Check_Op<string mnemonic> : Op<Check_Dialect, mnemonic>;

def Check_ExpectEqOp : Check_Op<"expect_eq"> {
  let summary = "all elements are equal; a NaN equals a NaN";
  let arguments = (ins AnyRankedTensor:$actual, AnyRankedTensor:$expected);
  let assemblyFormat = [{
    $actual `,` $expected attr-dict `:` type($actual) `,` type($expected)
  }];
}

def Check_ExpectEqConstOp : Check_Op<"expect_eq_const"> {
  let summary = "all elements are equal to a literal; a NaN equals a NaN";
  let arguments = (ins AnyRankedTensor:$actual, ElementsAttr:$expected);
  let assemblyFormat = "$actual `,` $expected attr-dict `:` type($actual)";
}

def Check_ExpectCloseOp : Check_Op<"expect_close"> {
  let summary = "all elements are close";
  let description = [{
    |actual - expected| <= tolerance * max(1, |expected|); infinities of one
    sign are close, and so are NaNs.
  }];
  let arguments = (ins RankedTensorOf<[AnyFloat]>:$actual,
                       RankedTensorOf<[AnyFloat]>:$expected, F64Attr:$tolerance);
  let assemblyFormat = [{
    $actual `,` $expected `tolerance` `(` $tolerance `)` attr-dict
    `:` type($actual) `,` type($expected)
  }];
}

def Check_ExpectCloseConstOp : Check_Op<"expect_close_const"> {
  let summary = "all elements are close to a literal; see expect_close";
  let arguments = (ins RankedTensorOf<[AnyFloat]>:$actual, ElementsAttr:$expected,
                       F64Attr:$tolerance);
  let assemblyFormat = [{
    $actual `,` $expected `tolerance` `(` $tolerance `)` attr-dict
    `:` type($actual)
  }];
}

def ConvertCheckToCallsPass
    : Pass<"convert-check-to-calls", "::mlir::ModuleOp"> {
  let summary = "check operations to calls of the check runtime";
  let description = [{
    Runs first, on tensors, so that the pipeline under test sees nothing but
    loops that read its results.
  }];
  let dependentDialects = [
    "::mlir::arith::ArithDialect", "::mlir::func::FuncDialect",
    "::mlir::scf::SCFDialect", "::mlir::tensor::TensorDialect"
  ];
}

#endif // ATTN_TEST_DIALECT_CHECK_CHECKOPS
