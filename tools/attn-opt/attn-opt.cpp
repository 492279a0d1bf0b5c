//===- attn-opt.cpp - Runs passes on attn IR ------------------------------===//
//
// Licensed under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "attn/InitAll.h"
#include "attn/Version.h"
#include "mlir/IR/DialectRegistry.h"
#include "mlir/InitAllDialects.h"
#include "mlir/InitAllExtensions.h"
#include "mlir/InitAllPasses.h"
#include "mlir/Tools/mlir-opt/MlirOptMain.h"
#include "llvm/Support/CommandLine.h"
#include "llvm/Support/PrettyStackTrace.h"

static const char *const overview =
    R"(attn-opt: runs passes on MLIR with the attn and tile dialects

  attn-opt FILE.mlir                            parse, verify, print
  attn-opt FILE.mlir --attn-lower-to-loops      naive loops: what the IR means
  attn-opt FILE.mlir --attn-lower-to-cpu        vectorised code, llvm dialect
  attn-opt FILE.mlir --PASS --mlir-print-ir-after-all
  attn-opt FILE.mlir --PASS --remarks-filter=.* print what passes have to say
  attn-opt FILE.mlir --PASS --mlir-pass-pipeline-crash-reproducer=R.mlir
  attn-opt R.mlir --run-reproducer              do the same again

Passes and pipelines of this project begin with --attn- and --tile-. All passes
and options of mlir-opt are there, too.
)";

#ifdef ATTN_INCLUDE_TESTS
namespace attn::check {
void registerCheck(mlir::DialectRegistry &registry);
} // namespace attn::check
#endif

int main(int argc, char **argv) {
  llvm::setBugReportMsg(
      "attn-opt crashed, which is a bug in it. Please report the input, the "
      "command line and the trace below. --mlir-pass-pipeline-crash-reproducer="
      "FILE writes an input that has the passes in it.\n");
  llvm::cl::AddExtraVersionPrinter([](llvm::raw_ostream &os) {
    os << "attn version " ATTN_VERSION_STRING "\n";
  });

  mlir::DialectRegistry registry;
  mlir::registerAllDialects(registry);
  mlir::registerAllExtensions(registry);
  mlir::registerAllPasses();
  attn::registerAllDialects(registry);
  attn::registerAllPasses();
#ifdef ATTN_INCLUDE_TESTS
  attn::check::registerCheck(registry);
#endif
  return mlir::asMainReturnCode(
      mlir::MlirOptMain(argc, argv, overview, registry));
}
