// The same with widths whose rows begin anywhere.

func.func @step_odd(%q: tensor<2x3x3x20xbf16>, %k: tensor<2x3x3x20xbf16>, %v: tensor<2x3x3x12xbf16>,
    %g: tensor<2x3x3x20xf32>, %s: tensor<2x3x20x12xf32>) -> (tensor<2x3x3x12xbf16>, tensor<2x3x20x12xf32>) {
  %out = tensor.empty() : tensor<2x3x3x12xbf16>
  %next = tensor.empty() : tensor<2x3x20x12xf32>
  %r:2 = attn.recurrence %q, %k, %v outs(%out, %next) scale(0.25) decay(key %g : tensor<2x3x3x20xf32>)
      init(%s : tensor<2x3x20x12xf32>)
    : tensor<2x3x3x20xbf16>, tensor<2x3x3x20xbf16>, tensor<2x3x3x12xbf16> -> tensor<2x3x3x12xbf16>, tensor<2x3x20x12xf32>
  return %r#0, %r#1 : tensor<2x3x3x12xbf16>, tensor<2x3x20x12xf32>
}
