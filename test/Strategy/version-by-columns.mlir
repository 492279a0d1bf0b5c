// RUN: attn-opt %s --attn-version-by-columns --split-input-file | FileCheck %s
// RUN: attn-opt %s --attn-version-by-columns --split-input-file --remarks-filter=attn-version-by-columns 2>&1 >/dev/null | FileCheck %s --check-prefix=REMARK
// RUN: attn-opt %s --attn-version-by-columns --attn-select-gpu-schedule --split-input-file | FileCheck %s --check-prefix=SCHEDULE
// RUN: attn-opt %s --attn-version-by-columns=producers=false --split-input-file | FileCheck %s --check-prefix=PORTABLE

// A causal mask cuts much of few columns: three blocks of one group of rows do
// better there than one of three.
// REMARK: remark: {{.*}}one for up to 1280 columns
// CHECK-LABEL: func @d64
// CHECK: %[[N:.*]] = tensor.dim %arg1, %{{.*}}
// CHECK: %[[FEW:.*]] = arith.cmpi ule, %[[N]], %c1280
// CHECK: %[[R:.*]] = scf.if %[[FEW]] -> (tensor<1x16x?x64xbf16>) {
// CHECK: attn.attention {{.*}} {tile.most_columns = 1280 : i64}
// CHECK: } else {
// CHECK-NOT: most_columns
// CHECK: return %[[R]]

// SCHEDULE-LABEL: func @d64
// SCHEDULE: schedule(<rows = 64, cols = 64, {{.*}}held = true, blocks = 3>)
// SCHEDULE: else
// SCHEDULE: schedule(<rows = 192, cols = 128, {{.*}}held = true>)

// Where all warps copy, the number of columns decides nothing.
// PORTABLE-NOT: scf.if
func.func @d64(%q: tensor<1x16x?x64xbf16>, %k: tensor<1x16x?x64xbf16>, %o: tensor<1x16x?x64xbf16>) -> tensor<1x16x?x64xbf16> {
  %r = attn.attention %q, %k, %k outs(%o) scale(0.125) mask(causal)
    : tensor<1x16x?x64xbf16>, tensor<1x16x?x64xbf16>, tensor<1x16x?x64xbf16> -> tensor<1x16x?x64xbf16>
  return %r : tensor<1x16x?x64xbf16>
}

// -----

// A wide state is better not held over few columns.
// SCHEDULE-LABEL: func @d256
// SCHEDULE: schedule(<rows = 128, cols = 80, hoist_pack = false, longest_first = true>)
// SCHEDULE: else
// SCHEDULE: schedule(<rows = 128, cols = 80, hoist_pack = false, longest_first = true, partial_first = true, held = true>)
func.func @d256(%q: tensor<1x16x?x256xbf16>, %o: tensor<1x16x?x256xbf16>) -> tensor<1x16x?x256xbf16> {
  %r = attn.attention %q, %q, %q outs(%o) scale(0.0625) mask(causal)
    : tensor<1x16x?x256xbf16>, tensor<1x16x?x256xbf16>, tensor<1x16x?x256xbf16> -> tensor<1x16x?x256xbf16>
  return %r : tensor<1x16x?x256xbf16>
}

// -----

// What follows may be fused with one operation, not with two.
// REMARK: remark: {{.*}}one for up to 1280
// REMARK: remark: {{.*}}up to 1280 columns would have other tiles, but 'arith.addf' uses a result and may be fused
// CHECK-LABEL: func @used
// CHECK-NOT: scf.if
func.func @used(%q: tensor<1x16x?x64xbf16>, %o: tensor<1x16x?x64xbf16>) -> tensor<1x16x?x64xbf16> {
  %r = attn.attention %q, %q, %q outs(%o) scale(0.125) mask(causal)
    : tensor<1x16x?x64xbf16>, tensor<1x16x?x64xbf16>, tensor<1x16x?x64xbf16> -> tensor<1x16x?x64xbf16>
  %s = arith.addf %r, %q : tensor<1x16x?x64xbf16>
  return %s : tensor<1x16x?x64xbf16>
}

// -----

// One schedule is enough without a mask, where the number is known, and where
// there is a schedule.
// REMARK-NOT: remark
// CHECK-LABEL: func @one
// CHECK-NOT: scf.if
// CHECK: return
func.func @one(%q: tensor<1x16x?x64xbf16>, %s: tensor<1x16x1024x64xbf16>)
    -> (tensor<1x16x?x64xbf16>, tensor<1x16x1024x64xbf16>, tensor<1x16x?x64xbf16>) {
  %full = attn.attention %q, %q, %q outs(%q) scale(0.125)
    : tensor<1x16x?x64xbf16>, tensor<1x16x?x64xbf16>, tensor<1x16x?x64xbf16> -> tensor<1x16x?x64xbf16>
  %static = attn.attention %s, %s, %s outs(%s) scale(0.125) mask(causal)
    : tensor<1x16x1024x64xbf16>, tensor<1x16x1024x64xbf16>, tensor<1x16x1024x64xbf16> -> tensor<1x16x1024x64xbf16>
  %given = attn.attention %q, %q, %q outs(%q) scale(0.125) mask(causal) schedule(<rows = 64, cols = 64, hoist_pack = false>)
    : tensor<1x16x?x64xbf16>, tensor<1x16x?x64xbf16>, tensor<1x16x?x64xbf16> -> tensor<1x16x?x64xbf16>
  return %full, %static, %given : tensor<1x16x?x64xbf16>, tensor<1x16x1024x64xbf16>, tensor<1x16x?x64xbf16>
}
