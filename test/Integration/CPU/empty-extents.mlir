// An operation without batch entries, heads, rows or width has an empty result; the
// kernel of one without keys still writes the rows it has.

// RUN: attn-run %s --entry=no_batch --input=@iota --input=@iota --check --print | FileCheck %s --check-prefix=BATCH
// BATCH: result 0: f32[0, 2, 3, 4] = []
func.func @no_batch(%q: tensor<0x2x3x4xf32>, %k: tensor<0x2x5x4xf32>) -> tensor<0x2x3x4xf32> {
  %e = tensor.empty() : tensor<0x2x3x4xf32>
  %r = attn.attention %q, %k, %k outs(%e) scale(0.5) mask(#attn.causal)
    : tensor<0x2x3x4xf32>, tensor<0x2x5x4xf32>, tensor<0x2x5x4xf32> -> tensor<0x2x3x4xf32>
  return %r : tensor<0x2x3x4xf32>
}

// RUN: attn-run %s --entry=no_heads --input=@iota --input=@iota --check --print | FileCheck %s --check-prefix=HEADS
// HEADS: result 0: f32[2, 0, 3, 4] = {{\[}}[], []]
func.func @no_heads(%q: tensor<2x0x3x4xf32>, %k: tensor<2x0x5x4xf32>) -> tensor<2x0x3x4xf32> {
  %e = tensor.empty() : tensor<2x0x3x4xf32>
  %r = attn.attention %q, %k, %k outs(%e) scale(0.5) mask(#attn.causal)
    : tensor<2x0x3x4xf32>, tensor<2x0x5x4xf32>, tensor<2x0x5x4xf32> -> tensor<2x0x3x4xf32>
  return %r : tensor<2x0x3x4xf32>
}

// RUN: attn-run %s --entry=no_query_heads --input=@iota --input=@iota --check --print | FileCheck %s --check-prefix=HEADS
func.func @no_query_heads(%q: tensor<2x0x3x4xf32>, %k: tensor<2x1x5x4xf32>) -> tensor<2x0x3x4xf32> {
  %e = tensor.empty() : tensor<2x0x3x4xf32>
  %r = attn.attention %q, %k, %k outs(%e) scale(0.5)
    : tensor<2x0x3x4xf32>, tensor<2x1x5x4xf32>, tensor<2x1x5x4xf32> -> tensor<2x0x3x4xf32>
  return %r : tensor<2x0x3x4xf32>
}

// RUN: attn-run %s --entry=no_rows --input=@iota --input=@iota --check --print | FileCheck %s --check-prefix=ROWS
// ROWS: result 0: f32[2, 2, 0, 4] = {{\[+}}], []], {{\[+}}], []]]
// ROWS: result 1: f32[2, 2, 0] = {{\[+}}], []], {{\[+}}], []]]
func.func @no_rows(%q: tensor<2x2x0x4xf32>, %k: tensor<2x2x5x4xf32>) -> (tensor<2x2x0x4xf32>, tensor<2x2x0xf32>) {
  %e = tensor.empty() : tensor<2x2x0x4xf32>
  %l = tensor.empty() : tensor<2x2x0xf32>
  %r:2 = attn.attention %q, %k, %k outs(%e, %l) scale(0.5) mask(#attn.causal) align(bottom_right)
    : tensor<2x2x0x4xf32>, tensor<2x2x5x4xf32>, tensor<2x2x5x4xf32> -> tensor<2x2x0x4xf32>, tensor<2x2x0xf32>
  return %r#0, %r#1 : tensor<2x2x0x4xf32>, tensor<2x2x0xf32>
}

// RUN: attn-run %s --entry=no_keys --input=@iota --input=@iota --check --print | FileCheck %s --check-prefix=KEYS
// KEYS: result 0: f32[1, 1, 2, 2] = {{\[+}}0, 0], [0, 0]]]]
func.func @no_keys(%q: tensor<1x1x2x4xf32>, %k: tensor<1x1x0x4xf32>) -> tensor<1x1x2x2xf32> {
  %v = tensor.empty() : tensor<1x1x0x2xf32>
  %e = tensor.empty() : tensor<1x1x2x2xf32>
  %r = attn.attention %q, %k, %v outs(%e) scale(0.5) mask(#attn.causal)
    : tensor<1x1x2x4xf32>, tensor<1x1x0x4xf32>, tensor<1x1x0x2xf32> -> tensor<1x1x2x2xf32>
  return %r : tensor<1x1x2x2xf32>
}

// RUN: attn-run %s --entry=no_width --input=@iota --input=@iota --check --print | FileCheck %s --check-prefix=WIDTH
// WIDTH: result 0: f32[1, 1, 2, 0] = {{\[+}}], []]]]
func.func @no_width(%q: tensor<1x1x2x4xf32>, %v: tensor<1x1x2x0xf32>) -> tensor<1x1x2x0xf32> {
  %e = tensor.empty() : tensor<1x1x2x0xf32>
  %r = attn.attention %q, %q, %v outs(%e) scale(0.5)
    : tensor<1x1x2x4xf32>, tensor<1x1x2x4xf32>, tensor<1x1x2x0xf32> -> tensor<1x1x2x0xf32>
  return %r : tensor<1x1x2x0xf32>
}
