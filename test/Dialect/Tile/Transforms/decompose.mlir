// RUN: attn-opt %s --tile-decompose | FileCheck %s

// CHECK-LABEL: func @merge
// CHECK: linalg.generic
// CHECK: arith.maximumf
// CHECK-COUNT-2: math.exp2
// CHECK: linalg.generic
// CHECK-NOT: attn.merge
func.func @merge(%a: tensor<1x2x3x4xf32>, %r: tensor<1x2x3xf32>) -> tensor<1x2x3x4xf32> {
  %m:3 = attn.merge %a, %r, %r, %a, %r, %r outs(%a, %r, %r)
    : tensor<1x2x3x4xf32>, tensor<1x2x3xf32>, tensor<1x2x3xf32>, tensor<1x2x3x4xf32>, tensor<1x2x3xf32>, tensor<1x2x3xf32>
    -> tensor<1x2x3x4xf32>, tensor<1x2x3xf32>, tensor<1x2x3xf32>
  return %m#0 : tensor<1x2x3x4xf32>
}

// CHECK-LABEL: func @finalize
// CHECK-NOT: attn.finalize
// CHECK: arith.divf
// CHECK: arith.truncf
func.func @finalize(%a: tensor<1x2x3x4xf32>, %r: tensor<1x2x3xf32>, %o: tensor<1x2x3x4xbf16>, %s: tensor<2xf32>) -> tensor<1x2x3x4xbf16> {
  %f = attn.finalize %a, %r, %r outs(%o) sink(%s : tensor<2xf32>)
    : tensor<1x2x3x4xf32>, tensor<1x2x3xf32>, tensor<1x2x3xf32> -> tensor<1x2x3x4xbf16>
  return %f : tensor<1x2x3x4xbf16>
}

// A fold keeps its own road, and so does what upstream decomposes.
// CHECK-LABEL: func @others
// CHECK: attn.attention
// CHECK: linalg.softmax
func.func @others(%q: tensor<1x2x3x4xf32>) -> tensor<1x2x3x4xf32> {
  %r = attn.attention %q, %q, %q outs(%q) scale(0.5)
    : tensor<1x2x3x4xf32>, tensor<1x2x3x4xf32>, tensor<1x2x3x4xf32> -> tensor<1x2x3x4xf32>
  %s = linalg.softmax dimension(3) ins(%r : tensor<1x2x3x4xf32>) outs(%q : tensor<1x2x3x4xf32>) -> tensor<1x2x3x4xf32>
  return %s : tensor<1x2x3x4xf32>
}
