// RUN: attn-opt %s --attn-select-gpu-schedule | FileCheck %s
// RUN: attn-opt %s --attn-select-gpu-schedule=tasks=132 | FileCheck %s --check-prefix=TASKS
// RUN: attn-opt %s --attn-select-gpu-schedule --remarks-filter=attn-select-gpu-schedule -o /dev/null 2>&1 | FileCheck %s --check-prefix=WHY
// RUN: attn-opt %s --attn-version-by-columns | FileCheck %s --check-prefix=ONE

// WHY: [Passed] schedule {{.*}}64 tokens at a time, 128 columns
// WHY: [Passed] schedule {{.*}}one token at a time, 32 columns
// WHY: [Analysis] token {{.*}}a chunk of 64 tokens has 8 at most
// WHY: [Passed] schedule {{.*}}one token at a time, 8 columns
// WHY: [Analysis] token {{.*}}its steps have no products for tensor cores

// The schedule of a recurrence on a GPU, where the largest is taken whose state
// is kept in registers. What is found by assembling: FitGPUSchedule.

// CHECK-LABEL: func @wide
// CHECK: schedule(<tokens = 64, columns = 128>)
// Tasks that fill the machine go along.
// TASKS-LABEL: func @wide
// TASKS: schedule(<tokens = 64, columns = 128, tasks = 132>)
// There is one version for any number of tokens, but of what goes on with a state.
// ONE-LABEL: func @wide
// ONE-NOT: scf.if
func.func @wide(%q: tensor<1x4x?x128xbf16>, %g: tensor<1x4x?xf32>) -> tensor<1x4x?x128xbf16> {
  %r = attn.recurrence %q, %q, %q outs(%q) scale(1.0) decay(scalar %g : tensor<1x4x?xf32>)
    : tensor<1x4x?x128xbf16>, tensor<1x4x?x128xbf16>, tensor<1x4x?x128xbf16> -> tensor<1x4x?x128xbf16>
  return %r : tensor<1x4x?x128xbf16>
}

// Few tokens are taken one by one: a chunk would have few that exist.
// CHECK-LABEL: func @short
// CHECK: schedule(<tokens = 1, columns = 32>)
func.func @short(%q: tensor<1x4x8x64xbf16>) -> tensor<1x4x8x64xbf16> {
  %r = attn.recurrence %q, %q, %q outs(%q) scale(1.0)
    : tensor<1x4x8x64xbf16>, tensor<1x4x8x64xbf16>, tensor<1x4x8x64xbf16> -> tensor<1x4x8x64xbf16>
  return %r : tensor<1x4x8x64xbf16>
}

// CHECK-LABEL: func @given
// CHECK: schedule(<tokens = 32, columns = 16>)
// TASKS-LABEL: func @given
// TASKS: schedule(<tokens = 32, columns = 16>)
func.func @given(%q: tensor<1x4x?x32xbf16>) -> tensor<1x4x?x32xbf16> {
  %r = attn.recurrence %q, %q, %q outs(%q) scale(1.0) schedule(<tokens = 32, columns = 16>)
    : tensor<1x4x?x32xbf16>, tensor<1x4x?x32xbf16>, tensor<1x4x?x32xbf16> -> tensor<1x4x?x32xbf16>
  return %r : tensor<1x4x?x32xbf16>
}

// With a gate for each key a sequence is cut in the same way.
// TASKS-LABEL: func @keys
// TASKS: schedule(<tokens = 64, columns = 64, tasks = 132>)
func.func @keys(%q: tensor<1x4x?x64xbf16>, %g: tensor<1x4x?x64xf32>) -> tensor<1x4x?x64xbf16> {
  %r = attn.recurrence %q, %q, %q outs(%q) scale(1.0) decay(key %g : tensor<1x4x?x64xf32>)
    : tensor<1x4x?x64xbf16>, tensor<1x4x?x64xbf16>, tensor<1x4x?x64xbf16> -> tensor<1x4x?x64xbf16>
  return %r : tensor<1x4x?x64xbf16>
}

// So are all, if a gate for each value leaves no products of matrices; fewer
// columns are then more warps.
// CHECK-LABEL: func @values
// CHECK: schedule(<tokens = 1, columns = 8>)
func.func @values(%q: tensor<1x4x?x128xbf16>, %g: tensor<1x4x?x128xf32>) -> tensor<1x4x?x128xbf16> {
  %r = attn.recurrence %q, %q, %q outs(%q) scale(1.0) decay(value %g : tensor<1x4x?x128xf32>)
    : tensor<1x4x?x128xbf16>, tensor<1x4x?x128xbf16>, tensor<1x4x?x128xbf16> -> tensor<1x4x?x128xbf16>
  return %r : tensor<1x4x?x128xbf16>
}

// Columns in equal parts, and no more than a warp has lanes.
// CHECK-LABEL: func @odd
// CHECK: schedule(<tokens = 1, columns = 30>)
func.func @odd(%v: tensor<1x4x?x60xbf16>) -> tensor<1x4x?x60xbf16> {
  %r = attn.scan %v outs(%v) : tensor<1x4x?x60xbf16> -> tensor<1x4x?x60xbf16>
  return %r : tensor<1x4x?x60xbf16>
}

// What goes on with a state may take few tokens at a time.
// ONE-LABEL: func @continued
// ONE:       %[[N:.*]] = tensor.dim %arg0, %c2
// ONE:       %[[FEW:.*]] = arith.cmpi ule, %[[N]], %c8
// ONE:       scf.if %[[FEW]]
// ONE:         attn.recurrence {{.*}} {tile.most_columns = 8 : i64}
// ONE:       else
// ONE:         attn.recurrence
// ONE-NOT:     tile.most_columns
func.func @continued(%q: tensor<1x4x?x64xbf16>, %s: tensor<1x4x64x64xf32>) -> (tensor<1x4x?x64xbf16>, tensor<1x4x64x64xf32>) {
  %r:2 = attn.recurrence %q, %q, %q outs(%q, %s) scale(1.0) init(%s : tensor<1x4x64x64xf32>)
    : tensor<1x4x?x64xbf16>, tensor<1x4x?x64xbf16>, tensor<1x4x?x64xbf16> -> tensor<1x4x?x64xbf16>, tensor<1x4x64x64xf32>
  return %r#0, %r#1 : tensor<1x4x?x64xbf16>, tensor<1x4x64x64xf32>
}
