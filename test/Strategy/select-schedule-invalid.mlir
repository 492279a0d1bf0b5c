// RUN: not attn-opt %s --attn-select-schedule="cpu=x86-64-v5" 2>&1 | FileCheck %s --check-prefix=CPU
// RUN: not attn-opt %s --attn-io-report="cpu=znver33" 2>&1 | FileCheck %s --check-prefix=REPORT
// RUN: not attn-opt %s --attn-io-report="cpu=x86-64-v3 format=xml" 2>&1 | FileCheck %s --check-prefix=FORMAT
// RUN: echo "module {}" | not attn-opt --attn-io-report="cpu=x86-64-v3 file=%t.d/none/report" 2>&1 | FileCheck %s --check-prefix=FILE
// RUN: not attn-opt %s --attn-select-schedule="cpu=x86-64-v3" 2>&1 | FileCheck %s --check-prefix=WIDTH
// RUN: not attn-opt %s --attn-io-report="cpu=x86-64-v3" -o /dev/null 2>&1 | FileCheck %s --check-prefix=WIDTH

// CPU: error: unknown CPU 'x86-64-v5'; did you mean x86-64
// REPORT: error: unknown CPU 'znver33'; did you mean znver3
// FORMAT: error: expected the format table or json, got 'xml'
// FILE: error: {{.*}}none/report

// WIDTH: error: 'attn.attention' op the widths of rows and columns must be static to choose tiles
func.func @width(%q: tensor<1x8x256x?xf32>, %o: tensor<1x8x256x?xf32>) -> tensor<1x8x256x?xf32> {
  %r = attn.attention %q, %q, %q outs(%o) scale(0.125)
    : tensor<1x8x256x?xf32>, tensor<1x8x256x?xf32>, tensor<1x8x256x?xf32> -> tensor<1x8x256x?xf32>
  return %r : tensor<1x8x256x?xf32>
}
