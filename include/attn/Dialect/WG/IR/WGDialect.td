//===- WGDialect.td - Tiles held by groups of warps ---------*- tablegen -*-===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef ATTN_DIALECT_WG_IR_WGDIALECT
#define ATTN_DIALECT_WG_IR_WGDIALECT

include "mlir/IR/OpBase.td"

def WG_Dialect : Dialect {
  let name = "wg";
  let cppNamespace = "::attn::wg";
  let summary = "tiles distributed over the warps of a block";
  let description = [{
    The level between static tiles of tensors and the instructions of a GPU. A
    block of W warps works on one tile of the parallel space. A value is a tile
    in the registers of these warps (`!wg.tile`) or in shared memory
    (`!wg.shared`), and both are values: operations return new ones. Which bytes
    of shared memory a tile takes, and where warps wait for each other, is
    decided by passes of this level.

    All threads of the block execute all operations, in the same order. Inside of
    a `wg.roles` each of its regions is executed by warps of its own: those of
    the second are then the W warps among which tiles are distributed.

    ### Where the elements of a tile are

    A *matrix* M x N is cut into bands of 16 rows; warp w holds bands w, w + W,
    w + 2W, ..., and of each band, thread t of the warp holds, for every block
    of 8 columns n, the elements

        (r, 8 n + c), (r, 8 n + c + 1), (r + 8, 8 n + c), (r + 8, 8 n + c + 1)

    with r = t / 4 and c = 2 (t mod 4): the accumulator of the tensor cores
    (`mma.m16n8`, `wgmma`), and, with 16-bit elements, their left operand. In
    registers the order is band, block of columns, then as above. *Rows* is one
    value for each row of a matrix, held by the four threads that hold the row;
    *cols* one for each column, held by all threads that hold part of it.

    If M is less than 16 W, warps hold the rows modulo M more than once.
  }];
  let useDefaultTypePrinterParser = 1;
  let useDefaultAttributePrinterParser = 1;
  let dependentDialects = ["::mlir::arith::ArithDialect",
                           "::mlir::vector::VectorDialect"];
}

#endif // ATTN_DIALECT_WG_IR_WGDIALECT
