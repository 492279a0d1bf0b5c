// RUN: attn-opt %s --tile-decompose --split-input-file --verify-diagnostics

func.func @merge_on_buffers(%a: memref<1x2x3x4xf32>, %r: memref<1x2x3xf32>) {
  // expected-error @below {{decomposes on tensors only}}
  attn.merge %a, %r, %r, %a, %r, %r outs(%a, %r, %r)
    : memref<1x2x3x4xf32>, memref<1x2x3xf32>, memref<1x2x3xf32>, memref<1x2x3x4xf32>, memref<1x2x3xf32>, memref<1x2x3xf32>
    -> memref<1x2x3x4xf32>, memref<1x2x3xf32>, memref<1x2x3xf32>
  return
}

// -----

func.func @finalize_on_buffers(%a: memref<1x2x3x4xf32>, %r: memref<1x2x3xf32>) {
  // expected-error @below {{decomposes on tensors only}}
  attn.finalize %a, %r, %r outs(%a) : memref<1x2x3x4xf32>, memref<1x2x3xf32>, memref<1x2x3xf32> -> memref<1x2x3x4xf32>
  return
}
