// RUN: attn-opt %s --attn-select-schedule="cpu=x86-64-v4 threads=16" | FileCheck %s --check-prefixes=CHECK,MANY
// RUN: attn-opt %s --attn-select-schedule="cpu=x86-64-v4 threads=4" | FileCheck %s --check-prefixes=CHECK,SOME
// RUN: attn-opt %s --attn-select-schedule="cpu=x86-64-v4 threads=2" | FileCheck %s --check-prefixes=CHECK,FEW

// Where there are many threads for a state, a sequence is worked on in pieces at
// the same time. Rows of a register tile divide a chunk.

// CHECK-LABEL: func @one_head
// MANY: schedule(<tokens = 32, columns = 64, micro = <rows = 8, cols = 32, lanes = 16>, tasks = 16>)
// SOME: schedule(<tokens = 32, columns = 64, micro = <rows = 8, cols = 32, lanes = 16>, tasks = 4>)
// FEW: schedule(<tokens = 32, columns = 64, micro = <rows = 8, cols = 32, lanes = 16>>)
func.func @one_head(%q: tensor<?x1x?x64xf32>) -> tensor<?x1x?x64xf32> {
  %r = attn.recurrence %q, %q, %q outs(%q) scale(1.0)
    : tensor<?x1x?x64xf32>, tensor<?x1x?x64xf32>, tensor<?x1x?x64xf32> -> tensor<?x1x?x64xf32>
  return %r : tensor<?x1x?x64xf32>
}

// CHECK-LABEL: func @five_states
// MANY: lanes = 16>, tasks = 16>)
// SOME: lanes = 16>>)
// FEW: lanes = 16>>)
func.func @five_states(%q: tensor<5x1x?x64xf32>) -> tensor<5x1x?x64xf32> {
  %r = attn.recurrence %q, %q, %q outs(%q) scale(1.0)
    : tensor<5x1x?x64xf32>, tensor<5x1x?x64xf32>, tensor<5x1x?x64xf32> -> tensor<5x1x?x64xf32>
  return %r : tensor<5x1x?x64xf32>
}

// CHECK-LABEL: func @six_states
// CHECK: lanes = 16>>)
func.func @six_states(%q: tensor<3x2x?x64xf32>) -> tensor<3x2x?x64xf32> {
  %r = attn.recurrence %q, %q, %q outs(%q) scale(1.0)
    : tensor<3x2x?x64xf32>, tensor<3x2x?x64xf32>, tensor<3x2x?x64xf32> -> tensor<3x2x?x64xf32>
  return %r : tensor<3x2x?x64xf32>
}
