// RUN: attn-opt %s | attn-opt | FileCheck %s
// RUN: attn-opt %s --mlir-print-op-generic | attn-opt | FileCheck %s

// Every clause, printed and parsed again.

// CHECK-LABEL: func @bare
// CHECK: attn.scan %{{.*}} outs(%{{.*}}) : tensor<2x4x?x16xf32> -> tensor<2x4x?x16xf32>
func.func @bare(%v: tensor<2x4x?x16xf32>) -> tensor<2x4x?x16xf32> {
  %r = attn.scan %v outs(%v) : tensor<2x4x?x16xf32> -> tensor<2x4x?x16xf32>
  return %r : tensor<2x4x?x16xf32>
}

// CHECK-LABEL: func @selective
// CHECK: attn.scan %{{.*}} outs(%{{.*}}, %{{.*}}) key(%{{.*}} : tensor<2x2x8x3xbf16>) query(%{{.*}} : tensor<2x2x8x3xbf16>) decay(%{{.*}} : tensor<2x4x8x16xf32>) rate(%{{.*}} : tensor<4x3x16xf32>) init(%{{.*}} : tensor<2x4x3x16xf32>) segments(%{{.*}} : tensor<2x8xi32>) schedule(<tokens = 1, columns = 16>) : tensor<2x4x8x16xbf16> -> tensor<2x4x8x16xbf16>, tensor<2x4x3x16xf32>
func.func @selective(%v: tensor<2x4x8x16xbf16>, %k: tensor<2x2x8x3xbf16>, %g: tensor<2x4x8x16xf32>, %a: tensor<4x3x16xf32>,
    %s: tensor<2x4x3x16xf32>, %ids: tensor<2x8xi32>) {
  %r:2 = attn.scan %v outs(%v, %s) key(%k : tensor<2x2x8x3xbf16>) query(%k : tensor<2x2x8x3xbf16>)
      decay(%g : tensor<2x4x8x16xf32>) rate(%a : tensor<4x3x16xf32>) init(%s : tensor<2x4x3x16xf32>)
      segments(%ids : tensor<2x8xi32>) schedule(<tokens = 1, columns = 16>)
    : tensor<2x4x8x16xbf16> -> tensor<2x4x8x16xbf16>, tensor<2x4x3x16xf32>
  return
}

// CHECK-LABEL: func @average
// CHECK: attn.scan %{{.*}} outs(%{{.*}}, %{{.*}}, %{{.*}}, %{{.*}}) weights(%{{.*}} : tensor<2x4x8x16xf32>) bonus(%{{.*}} : tensor<4x16xf32>) init(%{{.*}}, %{{.*}}, %{{.*}} : tensor<2x4x1x16xf32>, tensor<2x4x1x16xf32>, tensor<2x4x1x16xf32>)
func.func @average(%v: tensor<2x4x8x16xf32>, %u: tensor<4x16xf32>, %s: tensor<2x4x1x16xf32>) {
  %r:4 = attn.scan %v outs(%v, %s, %s, %s) weights(%v : tensor<2x4x8x16xf32>) bonus(%u : tensor<4x16xf32>)
      init(%s, %s, %s : tensor<2x4x1x16xf32>, tensor<2x4x1x16xf32>, tensor<2x4x1x16xf32>)
    : tensor<2x4x8x16xf32> -> tensor<2x4x8x16xf32>, tensor<2x4x1x16xf32>, tensor<2x4x1x16xf32>, tensor<2x4x1x16xf32>
  return
}

// On buffers there are no results.
// CHECK-LABEL: func @buffers
// CHECK: attn.scan %{{.*}} outs(%{{.*}}) delta(%{{.*}} : memref<2x4x8x16xf16>) : memref<2x4x8x16xf16> -> memref<2x4x8x16xf16>
func.func @buffers(%v: memref<2x4x8x16xf16>, %o: memref<2x4x8x16xf16>) {
  attn.scan %v outs(%o) delta(%v : memref<2x4x8x16xf16>) : memref<2x4x8x16xf16> -> memref<2x4x8x16xf16>
  return
}
