// RUN: attn-opt %s --attn-lower-to-cpu="cpu=x86-64-v3" --split-input-file --verify-diagnostics=only-expected

// Widths are what register tiles are cut by: known only at run time, they are an
// error at the operation.
func.func @depth(%q: tensor<1x8x256x?xf32>, %v: tensor<1x8x256x64xf32>) -> tensor<1x8x256x64xf32> {
  %e = tensor.empty() : tensor<1x8x256x64xf32>
  // expected-error @below {{the widths of rows and columns must be static to choose tiles}}
  %r = attn.attention %q, %q, %v outs(%e) scale(0.125)
    : tensor<1x8x256x?xf32>, tensor<1x8x256x?xf32>, tensor<1x8x256x64xf32> -> tensor<1x8x256x64xf32>
  return %r : tensor<1x8x256x64xf32>
}

// -----

func.func @width(%q: tensor<1x8x256x64xf32>, %v: tensor<1x8x256x?xf32>) -> tensor<1x8x256x?xf32> {
  %c3 = arith.constant 3 : index
  %n = tensor.dim %v, %c3 : tensor<1x8x256x?xf32>
  %e = tensor.empty(%n) : tensor<1x8x256x?xf32>
  // expected-error @below {{the widths of rows and columns must be static to choose tiles}}
  %r = attn.attention %q, %q, %v outs(%e) scale(0.125)
    : tensor<1x8x256x64xf32>, tensor<1x8x256x64xf32>, tensor<1x8x256x?xf32> -> tensor<1x8x256x?xf32>
  return %r : tensor<1x8x256x?xf32>
}

// -----

// There are no register tiles of nothing either. (Behind it upstream says once
// more that the operation could not be tiled.)
func.func @empty_depth(%q: tensor<1x8x256x0xf32>, %v: tensor<1x8x256x64xf32>) -> tensor<1x8x256x64xf32> {
  %e = tensor.empty() : tensor<1x8x256x64xf32>
  // expected-error @below {{expected positive widths, got query 'tensor<1x8x256x0xf32>' and value 'tensor<1x8x256x64xf32>'}}
  %r = attn.attention %q, %q, %v outs(%e) scale(0.125)
    : tensor<1x8x256x0xf32>, tensor<1x8x256x0xf32>, tensor<1x8x256x64xf32> -> tensor<1x8x256x64xf32>
  return %r : tensor<1x8x256x64xf32>
}

// -----

func.func @empty_width(%q: tensor<1x8x256x64xf32>, %v: tensor<1x8x256x0xf32>) -> (tensor<1x8x256x0xf32>, tensor<1x8x256xf32>) {
  %e = tensor.empty() : tensor<1x8x256x0xf32>
  %l = tensor.empty() : tensor<1x8x256xf32>
  // expected-error @below {{expected positive widths, got query 'tensor<1x8x256x64xf32>' and value 'tensor<1x8x256x0xf32>'}}
  %r:2 = attn.attention %q, %q, %v outs(%e, %l) scale(0.125)
    : tensor<1x8x256x64xf32>, tensor<1x8x256x64xf32>, tensor<1x8x256x0xf32> -> tensor<1x8x256x0xf32>, tensor<1x8x256xf32>
  return %r#0, %r#1 : tensor<1x8x256x0xf32>, tensor<1x8x256xf32>
}
