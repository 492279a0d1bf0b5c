// RUN: attn-opt %s | attn-opt | FileCheck %s
// RUN: attn-opt %s --mlir-print-op-generic | attn-opt | FileCheck %s

// CHECK-LABEL: func @grouped
// CHECK: attn.attention %{{.*}}, %{{.*}}, %{{.*}} outs(%{{.*}}) scale(8.838830e-02) mask(#attn.causal) : tensor<1x32x?x128xbf16>, tensor<1x8x?x128xbf16>, tensor<1x8x?x128xbf16> -> tensor<1x32x?x128xbf16>
func.func @grouped(%q: tensor<1x32x?x128xbf16>, %k: tensor<1x8x?x128xbf16>,
    %v: tensor<1x8x?x128xbf16>, %o: tensor<1x32x?x128xbf16>) -> tensor<1x32x?x128xbf16> {
  %r = attn.attention %q, %k, %v outs(%o) scale(0.0883883) mask(#attn.causal)
    : tensor<1x32x?x128xbf16>, tensor<1x8x?x128xbf16>, tensor<1x8x?x128xbf16> -> tensor<1x32x?x128xbf16>
  return %r : tensor<1x32x?x128xbf16>
}

// CHECK-LABEL: func @bare_mask
// CHECK: mask(#attn.and<causal, or<window<1024>, prefix<4>>>)
func.func @bare_mask(%q: tensor<1x4x8x16xf32>, %o: tensor<1x4x8x16xf32>) -> tensor<1x4x8x16xf32> {
  %r = attn.attention %q, %q, %q outs(%o) scale(0.25)
    mask(and<causal, or<window<1024>, prefix<4>>>)
    : tensor<1x4x8x16xf32>, tensor<1x4x8x16xf32>, tensor<1x4x8x16xf32> -> tensor<1x4x8x16xf32>
  return %r : tensor<1x4x8x16xf32>
}
