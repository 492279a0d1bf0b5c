/*===- Attn.h - The C interface of attn ---------------------------*- C -*-===*\
|*                                                                            *|
|* Licensed under the Apache License v2.0 with LLVM Exceptions.               *|
|* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception                    *|
|*                                                                            *|
|*===----------------------------------------------------------------------===*|
|*                                                                            *|
|* Used together with mlir-c: contexts, modules and strings are MLIR's.       *|
|* Nothing here prints or exits: what a user should be told comes back as     *|
|* text, one diagnostic a line, as "error: ..." after its location.           *|
|*                                                                            *|
\*===----------------------------------------------------------------------===*/

#ifndef ATTN_C_ATTN_H
#define ATTN_C_ATTN_H

#include "mlir-c/IR.h"
#include "mlir-c/Support.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Bytes that belong to the caller, who frees them with attnBufferDestroy. They
 * are followed by a zero that is not counted. */
typedef struct AttnBuffer {
  char *data;
  size_t length;
} AttnBuffer;

MLIR_CAPI_EXPORTED void attnBufferDestroy(AttnBuffer buffer);

/* "0.1.0" */
MLIR_CAPI_EXPORTED const char *attnGetVersion(void);

/* Adds the dialects of attn, all dialects of MLIR and what is needed to
 * translate them to LLVM IR. */
MLIR_CAPI_EXPORTED void attnRegisterAllDialects(MlirDialectRegistry registry);

/* Makes the passes and pipelines of attn and MLIR known by name. May be called
 * any number of times. */
MLIR_CAPI_EXPORTED void attnRegisterAllPasses(void);

/* A new context with all of the above. The caller destroys it with
 * mlirContextDestroy. */
MLIR_CAPI_EXPORTED MlirContext attnContextCreate(void);

/* In the three functions below `diagnostics` may be null; otherwise it receives
 * what was reported, which may be empty, also on success. */

/* Parses and verifies a module; a null module if that fails. */
MLIR_CAPI_EXPORTED MlirModule attnModuleParse(MlirContext context,
                                              MlirStringRef source,
                                              AttnBuffer *diagnostics);

/* Runs a pipeline, given as on the command line, on a module:
 * "attn-lower-to-loops", "canonicalize,cse" or "builtin.module(...)". After a
 * failure the module is in between and good for printing only. */
MLIR_CAPI_EXPORTED MlirLogicalResult attnModuleRunPipeline(
    MlirModule module, MlirStringRef pipeline, AttnBuffer *diagnostics);

/* Makes a relocatable object of a module in the llvm dialect. `cpu` is "host"
 * or a CPU by LLVM's name, `optLevel` 0 to 3. */
MLIR_CAPI_EXPORTED MlirLogicalResult
attnModuleEmitObject(MlirModule module, MlirStringRef cpu, unsigned optLevel,
                     AttnBuffer *object, AttnBuffer *diagnostics);

#ifdef __cplusplus
}
#endif

#endif /* ATTN_C_ATTN_H */
