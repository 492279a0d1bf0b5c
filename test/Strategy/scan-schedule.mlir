// RUN: attn-opt %s --attn-select-schedule=cpu=x86-64-v3 --remarks-filter=attn-select-schedule 2>%t.err | FileCheck %s
// RUN: FileCheck %s --check-prefix=REMARK < %t.err

// The schedule of a scan: one token at a time. Many channels are cut.

// CHECK-LABEL: func @narrow
// CHECK: schedule(<tokens = 1, columns = 250>)
// REMARK: one token at a time, 250 columns of a state
func.func @narrow(%v: tensor<1x4x?x250xf32>) -> tensor<1x4x?x250xf32> {
  %r = attn.scan %v outs(%v) : tensor<1x4x?x250xf32> -> tensor<1x4x?x250xf32>
  return %r : tensor<1x4x?x250xf32>
}

// CHECK-LABEL: func @wide
// CHECK: schedule(<tokens = 1, columns = 256>)
func.func @wide(%v: tensor<1x1x?x8192xf32>) -> tensor<1x1x?x8192xf32> {
  %r = attn.scan %v outs(%v) : tensor<1x1x?x8192xf32> -> tensor<1x1x?x8192xf32>
  return %r : tensor<1x1x?x8192xf32>
}

// Into equal parts of whole vectors: the most that there are.
// CHECK-LABEL: func @equal
// CHECK: schedule(<tokens = 1, columns = 192>)
func.func @equal(%v: tensor<1x1x?x576xf32>) -> tensor<1x1x?x576xf32> {
  %r = attn.scan %v outs(%v) : tensor<1x1x?x576xf32> -> tensor<1x1x?x576xf32>
  return %r : tensor<1x1x?x576xf32>
}

// Or not, where there are none.
// CHECK-LABEL: func @prime
// CHECK: schedule(<tokens = 1, columns = 257>)
func.func @prime(%v: tensor<1x1x?x257xf32>) -> tensor<1x1x?x257xf32> {
  %r = attn.scan %v outs(%v) : tensor<1x1x?x257xf32> -> tensor<1x1x?x257xf32>
  return %r : tensor<1x1x?x257xf32>
}
