/*===- capi-test.c - Uses attn from C -----------------------------*- C -*-===*\
|*                                                                            *|
|* Licensed under the Apache License v2.0 with LLVM Exceptions.               *|
|* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception                    *|
|*                                                                            *|
|*===----------------------------------------------------------------------===*|
|*                                                                            *|
|* attn-capi-test OBJECT: prints what the interface answers, and writes the   *|
|* object of a function `mean` to OBJECT.                                     *|
|*                                                                            *|
\*===----------------------------------------------------------------------===*/

#include "attn-c/Attn.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* One query, two keys with equal logits: the mean of two rows of v. */
static const char *const source =
    "func.func @mean(%q: tensor<1x1x1x4xf32>, %k: tensor<1x1x2x4xf32>,\n"
    "    %v: tensor<1x1x2x2xf32>) -> tensor<1x1x1x2xf32> {\n"
    "  %e = tensor.empty() : tensor<1x1x1x2xf32>\n"
    "  %o = attn.attention %q, %k, %v outs(%e) scale(0.5)\n"
    "    : tensor<1x1x1x4xf32>, tensor<1x1x2x4xf32>, tensor<1x1x2x2xf32>\n"
    "      -> tensor<1x1x1x2xf32>\n"
    "  return %o : tensor<1x1x1x2xf32>\n"
    "}\n";

static MlirStringRef ref(const char *text) {
  return mlirStringRefCreateFromCString(text);
}

static void printString(MlirStringRef text, void *unused) {
  (void)unused;
  fwrite(text.data, 1, text.length, stdout);
}

static void report(const char *what, AttnBuffer diagnostics) {
  printf("%s: [%s]\n", what, diagnostics.data);
  attnBufferDestroy(diagnostics);
}

int main(int argc, char **argv) {
  MlirContext context = attnContextCreate();
  AttnBuffer diagnostics, object;
  MlirModule module, broken;
  MlirLogicalResult result;
  FILE *file;

  if (argc != 2)
    return 2;
  printf("version %s\n", attnGetVersion());
  attnRegisterAllPasses(); /* A second time: nothing happens. */

  /* Diagnostics are text, and nothing is printed by itself. */
  broken = attnModuleParse(context, ref("func.func @f( {"), &diagnostics);
  printf("syntax: null %d\n", mlirModuleIsNull(broken));
  report("syntax", diagnostics);
  broken = attnModuleParse(
      context,
      ref("func.func @f(%q: tensor<1x3x4x8xf32>, %k: tensor<1x2x4x8xf32>) {\n"
          "  %r = attn.attention %q, %k, %k outs(%q) scale(1.0)\n"
          "    : tensor<1x3x4x8xf32>, tensor<1x2x4x8xf32>,\n"
          "      tensor<1x2x4x8xf32> -> tensor<1x3x4x8xf32>\n"
          "  return\n"
          "}\n"),
      &diagnostics);
  printf("verifier: null %d\n", mlirModuleIsNull(broken));
  report("verifier", diagnostics);

  module = attnModuleParse(context, ref(source), &diagnostics);
  report("parsed", diagnostics);
  if (mlirModuleIsNull(module))
    return 1;

  /* A name that does not exist, a form that is not closed. */
  result = attnModuleRunPipeline(module, ref("attn-to-gold"), &diagnostics);
  printf("unknown: %d\n", mlirLogicalResultIsFailure(result));
  report("unknown", diagnostics);
  result = attnModuleRunPipeline(module, ref("builtin.module(cse"), NULL);
  printf("not closed: %d\n", mlirLogicalResultIsFailure(result));

  /* An object needs the llvm dialect. */
  result =
      attnModuleEmitObject(module, ref("x86-64-v3"), 2, &object, &diagnostics);
  printf("too early: %d %d\n", mlirLogicalResultIsFailure(result),
         object.data == NULL);
  attnBufferDestroy(diagnostics);

  result = attnModuleRunPipeline(
      module, ref("builtin.module(attn-lower-to-loops)"), &diagnostics);
  printf("lowered: %d\n", mlirLogicalResultIsSuccess(result));
  report("lowered", diagnostics);
  mlirOperationPrint(mlirModuleGetOperation(module), printString, NULL);

  result = attnModuleRunPipeline(module, ref("attn-loops-to-llvm"), NULL);
  printf("to llvm: %d\n", mlirLogicalResultIsSuccess(result));
  result = attnModuleEmitObject(module, ref("no-such-cpu"), 2, &object,
                                &diagnostics);
  printf("cpu: %d\n", mlirLogicalResultIsFailure(result));
  report("cpu", diagnostics);
  result =
      attnModuleEmitObject(module, ref("x86-64"), 2, &object, &diagnostics);
  report("object", diagnostics);
  if (mlirLogicalResultIsFailure(result))
    return 1;
  printf("elf: %d\n", memcmp(object.data, "\177ELF", 4) == 0);
  file = fopen(argv[1], "wb");
  if (!file || fwrite(object.data, 1, object.length, file) != object.length)
    return 1;
  fclose(file);
  attnBufferDestroy(object);

  mlirModuleDestroy(module);
  mlirContextDestroy(context);
  return 0;
}
