// RUN: attn-opt %s --attn-select-gpu-schedule --split-input-file | FileCheck %s --check-prefixes=CHECK,AUTO
// RUN: attn-opt %s --attn-select-gpu-schedule=maximum=online --split-input-file | FileCheck %s --check-prefixes=CHECK,ONLINE
// RUN: attn-opt %s --attn-select-gpu-schedule=maximum=held --split-input-file | FileCheck %s --check-prefixes=CHECK,HELD
// RUN: attn-opt %s --attn-select-gpu-schedule="maximum=held producers=false" --split-input-file | FileCheck %s --check-prefixes=CHECK,PORTABLE
// RUN: attn-opt %s --attn-select-gpu-schedule --split-input-file --remarks-filter=attn-select-gpu-schedule 2>&1 >/dev/null | FileCheck %s --check-prefix=REMARK
// RUN: not attn-opt %s --attn-select-gpu-schedule=maximum=first 2>&1 | FileCheck %s --check-prefix=ERR

// Which folds are held is a choice; the result is the same with either.
// ERR: Cannot find option named 'first'

// REMARK-NOT: not held
// CHECK-LABEL: func @plain
// AUTO: partial_first = true, held = true>
// ONLINE: partial_first = true>
// HELD: partial_first = true, held = true>
// Warps that all copy have no registers for a second version.
// PORTABLE-NOT: held
func.func @plain(%q: tensor<1x16x?x128xbf16>, %o: tensor<1x16x?x128xbf16>) -> tensor<1x16x?x128xbf16> {
  %r = attn.attention %q, %q, %q outs(%o) scale(0.125) mask(causal)
    : tensor<1x16x?x128xbf16>, tensor<1x16x?x128xbf16>, tensor<1x16x?x128xbf16> -> tensor<1x16x?x128xbf16>
  return %r : tensor<1x16x?x128xbf16>
}

// -----

// Where rows would often have to be done again, they are held only if asked for.
// REMARK: [Missed] online{{.*}}the maximum is not held: weights of f16 overflow at 2^16
// CHECK-LABEL: func @f16
// AUTO: partial_first = true>
// ONLINE: partial_first = true>
// HELD: partial_first = true, held = true>
// PORTABLE-NOT: held
func.func @f16(%q: tensor<1x16x?x128xf16>, %o: tensor<1x16x?x128xf16>) -> tensor<1x16x?x128xf16> {
  %r = attn.attention %q, %q, %q outs(%o) scale(0.125)
    : tensor<1x16x?x128xf16>, tensor<1x16x?x128xf16>, tensor<1x16x?x128xf16> -> tensor<1x16x?x128xf16>
  return %r : tensor<1x16x?x128xf16>
}

// -----

// REMARK: the maximum is not held: its bias may grow with the position
// CHECK-LABEL: func @bias
func.func @bias(%q: tensor<1x16x?x128xbf16>, %m: tensor<?x?xf32>, %o: tensor<1x16x?x128xbf16>) -> tensor<1x16x?x128xbf16> {
  %r = attn.attention %q, %q, %q outs(%o) scale(0.125) bias(%m : tensor<?x?xf32>)
    : tensor<1x16x?x128xbf16>, tensor<1x16x?x128xbf16>, tensor<1x16x?x128xbf16> -> tensor<1x16x?x128xbf16>
  return %r : tensor<1x16x?x128xbf16>
}

// -----

// REMARK: the maximum is not held: its score function reads positions
// CHECK-LABEL: func @positions
func.func @positions(%q: tensor<1x16x?x128xbf16>, %o: tensor<1x16x?x128xbf16>) -> tensor<1x16x?x128xbf16> {
  %r = attn.attention %q, %q, %q outs(%o) scale(0.125) score {
    ^bb0(%s: f32, %b: index, %h: index, %i: index, %j: index):
      %c = arith.index_cast %j : index to i32
      %f = arith.sitofp %c : i32 to f32
      %t = arith.addf %s, %f : f32
      attn.yield %t : f32
  } : tensor<1x16x?x128xbf16>, tensor<1x16x?x128xbf16>, tensor<1x16x?x128xbf16> -> tensor<1x16x?x128xbf16>
  return %r : tensor<1x16x?x128xbf16>
}

// -----

// REMARK: the maximum is not held: rows may see no key of the first tiles
// CHECK-LABEL: func @unbounded
func.func @unbounded(%q: tensor<1x16x?x128xbf16>, %o: tensor<1x16x?x128xbf16>) -> tensor<1x16x?x128xbf16> {
  %r = attn.attention %q, %q, %q outs(%o) scale(0.125) mask(not<causal>)
    : tensor<1x16x?x128xbf16>, tensor<1x16x?x128xbf16>, tensor<1x16x?x128xbf16> -> tensor<1x16x?x128xbf16>
  return %r : tensor<1x16x?x128xbf16>
}

// -----

// A row that sees nothing of the tiles that are tested sees all of a full one, which is
// among the first of a list.
// REMARK-NOT: not held
// CHECK-LABEL: func @selected
// AUTO: partial_first = true, held = true>
// ONLINE: partial_first = true>
// HELD: partial_first = true, held = true>
// PORTABLE-NOT: held
func.func @selected(%q: tensor<1x16x?x128xbf16>, %ids: tensor<1x16x?x8xi32>, %o: tensor<1x16x?x128xbf16>) -> tensor<1x16x?x128xbf16> {
  %r = attn.attention %q, %q, %q outs(%o) scale(0.125) mask(not<causal>) select(%ids : tensor<1x16x?x8xi32>) blocks(1, 512)
    : tensor<1x16x?x128xbf16>, tensor<1x16x?x128xbf16>, tensor<1x16x?x128xbf16> -> tensor<1x16x?x128xbf16>
  return %r : tensor<1x16x?x128xbf16>
}
