func.func @f(%v: tensor<1x2x5x6xf32>, %k: tensor<1x1x5x3xf32>, %q: tensor<1x1x5x3xf32>, %u: tensor<2x6xf32>) -> tensor<1x2x5x6xf32> {
  %o = tensor.empty() : tensor<1x2x5x6xf32>
  %r = attn.scan %v outs(%o) key(%k : tensor<1x1x5x3xf32>) query(%q : tensor<1x1x5x3xf32>) bonus(%u : tensor<2x6xf32>) : tensor<1x2x5x6xf32> -> tensor<1x2x5x6xf32>
  return %r : tensor<1x2x5x6xf32>
}
