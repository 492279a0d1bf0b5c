// The distribution's own mlir-opt learns the dialects and pipelines of attn.
//
// REQUIRES: plugin
//
// RUN: %mlir_opt %s --load-dialect-plugin=%plugin | FileCheck %s --check-prefix=PARSE
// RUN: %mlir_opt %s --load-dialect-plugin=%plugin --load-pass-plugin=%plugin \
// RUN:   --pass-pipeline="builtin.module(attn-lower-to-loops)" | FileCheck %s --check-prefix=LOOPS
// RUN: %mlir_opt %s --load-dialect-plugin=%plugin --load-pass-plugin=%plugin \
// RUN:   --pass-pipeline="builtin.module(attn-lower-to-loops,attn-loops-to-llvm)" | FileCheck %s --check-prefix=LLVM
//
// Without the plugin it does not know them:
// RUN: not %mlir_opt %s 2>&1 | FileCheck %s --check-prefix=WITHOUT

// PARSE:   attn.attention {{.*}} mask(#attn.causal)
// LOOPS-LABEL: func.func @attend
// LOOPS:       scf.for
// LOOPS-NOT:   attn.
// LLVM:    llvm.func @_mlir_ciface_attend
// WITHOUT: Dialect `attn' not found
func.func @attend(%q: tensor<1x2x?x8xf32>, %k: tensor<1x1x?x8xf32>,
                  %o: tensor<1x2x?x8xf32>) -> tensor<1x2x?x8xf32> {
  %r = attn.attention %q, %k, %k outs(%o) scale(0.25) mask(causal)
    : tensor<1x2x?x8xf32>, tensor<1x1x?x8xf32>, tensor<1x1x?x8xf32>
      -> tensor<1x2x?x8xf32>
  return %r : tensor<1x2x?x8xf32>
}
