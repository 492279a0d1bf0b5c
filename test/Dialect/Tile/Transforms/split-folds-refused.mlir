// RUN: attn-opt %s --tile-parallel --tile-split-folds --canonicalize --remarks-filter=tile-split-folds 2>&1 | FileCheck %s --implicit-check-not='remark: [Passed]'

// What is not cut, and why.

// CHECK: split-folds-refused.mlir:[[@LINE+10]]:8: remark: [Missed] no-pieces | {{.*}}its states alone fill the machine, or it is short
// CHECK: split-folds-refused.mlir:[[@LINE+16]]:8: remark: [Missed] no-pieces | {{.*}}its states alone fill the machine, or it is short
// CHECK: split-folds-refused.mlir:[[@LINE+22]]:8: remark: [Missed] no-pieces | {{.*}}its steps cannot be done in pieces
// CHECK-NOT: remark
// CHECK-LABEL: func @many
// CHECK-COUNT-4: attn.recurrence
// CHECK-NOT: tile.fold

// Eight states are enough for eight tasks.
func.func @many(%q: tensor<2x4x800x64xf32>, %e: tensor<2x4x800x64xf32>) -> tensor<2x4x800x64xf32> {
  %o = attn.recurrence %q, %q, %q outs(%e) scale(0.125) schedule(<tokens = 64, columns = 64, tasks = 8>)
    : tensor<2x4x800x64xf32>, tensor<2x4x800x64xf32>, tensor<2x4x800x64xf32> -> tensor<2x4x800x64xf32>
  return %o : tensor<2x4x800x64xf32>
}

// Eight chunks are two pieces.
func.func @short(%q: tensor<1x1x512x64xf32>, %e: tensor<1x1x512x64xf32>) -> tensor<1x1x512x64xf32> {
  %o = attn.recurrence %q, %q, %q outs(%e) scale(0.125) schedule(<tokens = 64, columns = 64, tasks = 8>)
    : tensor<1x1x512x64xf32>, tensor<1x1x512x64xf32>, tensor<1x1x512x64xf32> -> tensor<1x1x512x64xf32>
  return %o : tensor<1x1x512x64xf32>
}

// Tokens one by one.
func.func @tokens(%q: tensor<1x1x800x64xf32>, %e: tensor<1x1x800x64xf32>) -> tensor<1x1x800x64xf32> {
  %o = attn.recurrence %q, %q, %q outs(%e) scale(0.125) schedule(<tokens = 1, columns = 64, tasks = 8>)
    : tensor<1x1x800x64xf32>, tensor<1x1x800x64xf32>, tensor<1x1x800x64xf32> -> tensor<1x1x800x64xf32>
  return %o : tensor<1x1x800x64xf32>
}

// Nobody asked.
func.func @unasked(%q: tensor<1x1x800x64xf32>, %e: tensor<1x1x800x64xf32>) -> tensor<1x1x800x64xf32> {
  %o = attn.recurrence %q, %q, %q outs(%e) scale(0.125) schedule(<tokens = 64, columns = 64>)
    : tensor<1x1x800x64xf32>, tensor<1x1x800x64xf32>, tensor<1x1x800x64xf32> -> tensor<1x1x800x64xf32>
  return %o : tensor<1x1x800x64xf32>
}
