// RUN: attn-opt %s --attn-lower-to-loops | FileCheck %s

// Calls go, then the whole function is scalar loops on buffers, and temporaries
// are freed.
// CHECK-LABEL: func @f
// CHECK-SAME: memref<1x1x?x4xf32, strided<[?, ?, ?, 1], offset: ?>>
// CHECK-NOT: tensor<
// CHECK-NOT: {{call|attn\.|linalg\.|scf\.forall|memref\.copy}}
// CHECK: memref.alloc(
// CHECK: scf.for
// CHECK: math.exp
// CHECK: memref.dealloc
// CHECK-NOT: {{call|attn\.|linalg\.|scf\.forall|memref\.copy}}
// CHECK: return
// CHECK-NOT: func

func.func @f(%q: tensor<1x1x?x4xf32>) -> tensor<1x1x?x4xf32> {
  %a = call @attend(%q) : (tensor<1x1x?x4xf32>) -> tensor<1x1x?x4xf32>
  %r = arith.addf %a, %q : tensor<1x1x?x4xf32>
  return %r : tensor<1x1x?x4xf32>
}

func.func private @attend(%q: tensor<1x1x?x4xf32>) -> tensor<1x1x?x4xf32> {
  %c2 = arith.constant 2 : index
  %n = tensor.dim %q, %c2 : tensor<1x1x?x4xf32>
  %e = tensor.empty(%n) : tensor<1x1x?x4xf32>
  %r = attn.attention %q, %q, %q outs(%e) scale(0.5) mask(#attn.causal)
    : tensor<1x1x?x4xf32>, tensor<1x1x?x4xf32>, tensor<1x1x?x4xf32> -> tensor<1x1x?x4xf32>
  return %r : tensor<1x1x?x4xf32>
}
