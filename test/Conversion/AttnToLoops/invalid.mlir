// RUN: attn-opt %s --attn-convert-to-loops --split-input-file --verify-diagnostics

func.func @tensors(%q: tensor<1x1x4x2xf32>) -> tensor<1x1x4x2xf32> {
  // expected-error@below {{expected memrefs; bufferise first}}
  %r = attn.attention %q, %q, %q outs(%q) scale(0.25)
    : tensor<1x1x4x2xf32>, tensor<1x1x4x2xf32>, tensor<1x1x4x2xf32> -> tensor<1x1x4x2xf32>
  return %r : tensor<1x1x4x2xf32>
}

// -----

func.func @state(%a: tensor<1x1x4x2xf32>, %r: tensor<1x1x4xf32>) -> tensor<1x1x4x2xf32> {
  // expected-error@below {{expected memrefs; bufferise first}}
  %f = attn.finalize %a, %r, %r outs(%a) : tensor<1x1x4x2xf32>, tensor<1x1x4xf32>, tensor<1x1x4xf32> -> tensor<1x1x4x2xf32>
  return %f : tensor<1x1x4x2xf32>
}
