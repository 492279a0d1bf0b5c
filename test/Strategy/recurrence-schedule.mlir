// RUN: attn-opt %s --attn-select-schedule=cpu=x86-64-v3 --remarks-filter=attn-select-schedule 2>%t.err | FileCheck %s
// RUN: FileCheck %s --check-prefix=REMARK < %t.err
// RUN: attn-opt %s --attn-io-report=cpu=x86-64-v3 -o /dev/null 2>&1 | FileCheck %s --check-prefix=REPORT

// The schedule of a recurrence: chunks as short as a register tile is wide, all
// columns of a state.

// CHECK-LABEL: func @long
// CHECK: schedule(<tokens = 16, columns = 128, micro = <rows = 6, cols = 16, lanes = 8>>)
// REMARK: recurrence-schedule.mlir:[[#@LINE+3]]:8: {{.*}}16 tokens at a time, 128 columns of a state
// REPORT: recurrence-schedule.mlir:[[#@LINE+2]]:8: remark: is an ordered fold, whose costs are not modelled yet
func.func @long(%q: tensor<1x4x?x128xbf16>, %g: tensor<1x4x?xf32>) -> tensor<1x4x?x128xbf16> {
  %r = attn.recurrence %q, %q, %q outs(%q) scale(1.0) decay(scalar %g : tensor<1x4x?xf32>)
    : tensor<1x4x?x128xbf16>, tensor<1x4x?x128xbf16>, tensor<1x4x?x128xbf16> -> tensor<1x4x?x128xbf16>
  return %r : tensor<1x4x?x128xbf16>
}

// A register tile of f64 has half the columns.
// CHECK-LABEL: func @double
// CHECK: schedule(<tokens = 16, columns = 32, micro = <rows = 6, cols = 8, lanes = 4>>)
func.func @double(%q: tensor<1x4x?x32xf64>) -> tensor<1x4x?x32xf64> {
  %r = attn.recurrence %q, %q, %q outs(%q) scale(1.0)
    : tensor<1x4x?x32xf64>, tensor<1x4x?x32xf64>, tensor<1x4x?x32xf64> -> tensor<1x4x?x32xf64>
  return %r : tensor<1x4x?x32xf64>
}

// Few tokens are taken one by one on a CPU.
// CHECK-LABEL: func @short
// CHECK: schedule(<tokens = 1, columns = 32>)
// REMARK: one token at a time, 32 columns of a state
func.func @short(%q: tensor<1x4x8x32xf32>) -> tensor<1x4x8x32xf32> {
  %r = attn.recurrence %q, %q, %q outs(%q) scale(1.0)
    : tensor<1x4x8x32xf32>, tensor<1x4x8x32xf32>, tensor<1x4x8x32xf32> -> tensor<1x4x8x32xf32>
  return %r : tensor<1x4x8x32xf32>
}

// A schedule that is there stands.
// CHECK-LABEL: func @given
// CHECK: schedule(<tokens = 32, columns = 16, micro = <rows = 4, cols = 16, lanes = 8>>)
func.func @given(%q: tensor<1x4x?x32xf32>) -> tensor<1x4x?x32xf32> {
  %r = attn.recurrence %q, %q, %q outs(%q) scale(1.0)
      schedule(<tokens = 32, columns = 16, micro = <rows = 4, cols = 16, lanes = 8>>)
    : tensor<1x4x?x32xf32>, tensor<1x4x?x32xf32>, tensor<1x4x?x32xf32> -> tensor<1x4x?x32xf32>
  return %r : tensor<1x4x?x32xf32>
}
