// A few tokens with a gate for each key, and the state handed over.

func.func @step(%q: tensor<5x3x4x128xbf16>, %k: tensor<5x3x4x128xbf16>, %v: tensor<5x3x4x64xbf16>,
    %g: tensor<5x3x4x128xf32>, %s: tensor<5x3x128x64xf32>) -> (tensor<5x3x4x64xbf16>, tensor<5x3x128x64xf32>) {
  %out = tensor.empty() : tensor<5x3x4x64xbf16>
  %next = tensor.empty() : tensor<5x3x128x64xf32>
  %r:2 = attn.recurrence %q, %k, %v outs(%out, %next) scale(0.25) decay(key %g : tensor<5x3x4x128xf32>)
      init(%s : tensor<5x3x128x64xf32>)
    : tensor<5x3x4x128xbf16>, tensor<5x3x4x128xbf16>, tensor<5x3x4x64xbf16> -> tensor<5x3x4x64xbf16>, tensor<5x3x128x64xf32>
  return %r#0, %r#1 : tensor<5x3x4x64xbf16>, tensor<5x3x128x64xf32>
}
