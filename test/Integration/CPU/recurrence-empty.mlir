// Extents of 0: a batch, heads, tokens, widths of keys or of values.

// RUN: attn-run %s --entry=heads --random-inputs=1 --dims=5 --check | FileCheck %s --check-prefix=HEADS
// RUN: attn-run %s --entry=keys --random-inputs=1 --dims=5 --check --print | FileCheck %s --check-prefix=KEYS
// RUN: attn-run %s --entry=values --random-inputs=1 --dims=5 --check | FileCheck %s --check-prefix=VALUES
// RUN: attn-run %s --entry=tokens --input=@random --input=@const:3 --check --print | FileCheck %s --check-prefix=TOKENS
// RUN: attn-run %s --entry=batch --random-inputs=1 --dims=0,5 --check | FileCheck %s --check-prefix=BATCH
// RUN: attn-run %s --entry=norm_keys --random-inputs=1 --dims=5 --check --print | FileCheck %s --check-prefix=KEYS
// RUN: attn-run %s --entry=norm_tokens --input=@random --input=@const:3 --input=@const:2 --check --print | FileCheck %s --check-prefix=SUMS
// RUN: attn-run %s --entry=norm_batch --random-inputs=1 --dims=0,5 --check | FileCheck %s --check-prefix=BATCH
// HEADS: check: result 0 f32[1, 0, 5, 8]: ok
// HEADS: check: result 1 f32[1, 0, 8, 8]: ok
// Keys of no width leave nothing to read.
// KEYS: result 0: f32[1, 2, 5, 2] = {{\[\[\[\[}}0, 0]
// KEYS: check: result 0 f32[1, 2, 5, 2]: ok
// VALUES: check: result 0 f32[1, 2, 5, 0]: ok
// Without tokens the state stays.
// TOKENS: result 1: f32[1, 2, 2, 2] = {{\[\[\[\[}}3, 3]
// TOKENS: check: result 1 f32[1, 2, 2, 2]: ok
// SUMS: result 1: f32[1, 2, 2, 2] = {{\[\[\[\[}}3, 3]
// SUMS: result 2: f32[1, 2, 2] = {{\[\[\[}}2, 2]
// SUMS: check: result 2 f32[1, 2, 2]: ok
// BATCH: check: result 0 f32[0, 2, 5, 8]: ok

func.func @heads(%q: tensor<1x0x?x8xf32>) -> (tensor<1x0x?x8xf32>, tensor<1x0x8x8xf32>) {
  %c2 = arith.constant 2 : index
  %n = tensor.dim %q, %c2 : tensor<1x0x?x8xf32>
  %o = tensor.empty(%n) : tensor<1x0x?x8xf32>
  %s = tensor.empty() : tensor<1x0x8x8xf32>
  %r:2 = attn.recurrence %q, %q, %q outs(%o, %s) scale(1.0) : tensor<1x0x?x8xf32>, tensor<1x0x?x8xf32>, tensor<1x0x?x8xf32> -> tensor<1x0x?x8xf32>, tensor<1x0x8x8xf32>
  return %r#0, %r#1 : tensor<1x0x?x8xf32>, tensor<1x0x8x8xf32>
}
func.func @keys(%q: tensor<1x2x?x0xf32>, %v: tensor<1x2x?x2xf32>) -> tensor<1x2x?x2xf32> {
  %c2 = arith.constant 2 : index
  %n = tensor.dim %q, %c2 : tensor<1x2x?x0xf32>
  %o = tensor.empty(%n) : tensor<1x2x?x2xf32>
  %r = attn.recurrence %q, %q, %v outs(%o) scale(1.0) : tensor<1x2x?x0xf32>, tensor<1x2x?x0xf32>, tensor<1x2x?x2xf32> -> tensor<1x2x?x2xf32>
  return %r : tensor<1x2x?x2xf32>
}
func.func @values(%q: tensor<1x2x?x8xf32>, %v: tensor<1x2x?x0xf32>) -> tensor<1x2x?x0xf32> {
  %c2 = arith.constant 2 : index
  %n = tensor.dim %q, %c2 : tensor<1x2x?x8xf32>
  %o = tensor.empty(%n) : tensor<1x2x?x0xf32>
  %r = attn.recurrence %q, %q, %v outs(%o) scale(1.0) : tensor<1x2x?x8xf32>, tensor<1x2x?x8xf32>, tensor<1x2x?x0xf32> -> tensor<1x2x?x0xf32>
  return %r : tensor<1x2x?x0xf32>
}
func.func @tokens(%q: tensor<1x2x0x2xf32>, %i: tensor<1x2x2x2xf32>) -> (tensor<1x2x0x2xf32>, tensor<1x2x2x2xf32>) {
  %o = tensor.empty() : tensor<1x2x0x2xf32>
  %s = tensor.empty() : tensor<1x2x2x2xf32>
  %r:2 = attn.recurrence %q, %q, %q outs(%o, %s) scale(1.0) init(%i : tensor<1x2x2x2xf32>) : tensor<1x2x0x2xf32>, tensor<1x2x0x2xf32>, tensor<1x2x0x2xf32> -> tensor<1x2x0x2xf32>, tensor<1x2x2x2xf32>
  return %r#0, %r#1 : tensor<1x2x0x2xf32>, tensor<1x2x2x2xf32>
}
func.func @batch(%q: tensor<?x2x?x8xf32>) -> tensor<?x2x?x8xf32> {
  %c0 = arith.constant 0 : index
  %c2 = arith.constant 2 : index
  %b = tensor.dim %q, %c0 : tensor<?x2x?x8xf32>
  %n = tensor.dim %q, %c2 : tensor<?x2x?x8xf32>
  %o = tensor.empty(%b, %n) : tensor<?x2x?x8xf32>
  %r = attn.recurrence %q, %q, %q outs(%o) scale(1.0) : tensor<?x2x?x8xf32>, tensor<?x2x?x8xf32>, tensor<?x2x?x8xf32> -> tensor<?x2x?x8xf32>
  return %r : tensor<?x2x?x8xf32>
}
func.func @norm_keys(%q: tensor<1x2x?x0xf32>, %v: tensor<1x2x?x2xf32>) -> tensor<1x2x?x2xf32> {
  %c2 = arith.constant 2 : index
  %n = tensor.dim %q, %c2 : tensor<1x2x?x0xf32>
  %o = tensor.empty(%n) : tensor<1x2x?x2xf32>
  %r = attn.recurrence %q, %q, %v outs(%o) scale(1.0) norm(sum) : tensor<1x2x?x0xf32>, tensor<1x2x?x0xf32>, tensor<1x2x?x2xf32> -> tensor<1x2x?x2xf32>
  return %r : tensor<1x2x?x2xf32>
}
func.func @norm_tokens(%q: tensor<1x2x0x2xf32>, %i: tensor<1x2x2x2xf32>, %j: tensor<1x2x2xf32>) -> (tensor<1x2x0x2xf32>, tensor<1x2x2x2xf32>, tensor<1x2x2xf32>) {
  %o = tensor.empty() : tensor<1x2x0x2xf32>
  %s = tensor.empty() : tensor<1x2x2x2xf32>
  %z = tensor.empty() : tensor<1x2x2xf32>
  %r:3 = attn.recurrence %q, %q, %q outs(%o, %s, %z) scale(1.0) init(%i : tensor<1x2x2x2xf32>) norm(sum) init_sum(%j : tensor<1x2x2xf32>)
    : tensor<1x2x0x2xf32>, tensor<1x2x0x2xf32>, tensor<1x2x0x2xf32> -> tensor<1x2x0x2xf32>, tensor<1x2x2x2xf32>, tensor<1x2x2xf32>
  return %r#0, %r#1, %r#2 : tensor<1x2x0x2xf32>, tensor<1x2x2x2xf32>, tensor<1x2x2xf32>
}
func.func @norm_batch(%q: tensor<?x2x?x8xf32>) -> tensor<?x2x?x8xf32> {
  %c0 = arith.constant 0 : index
  %c2 = arith.constant 2 : index
  %b = tensor.dim %q, %c0 : tensor<?x2x?x8xf32>
  %n = tensor.dim %q, %c2 : tensor<?x2x?x8xf32>
  %o = tensor.empty(%b, %n) : tensor<?x2x?x8xf32>
  %r = attn.recurrence %q, %q, %q outs(%o) scale(1.0) norm(sum) : tensor<?x2x?x8xf32>, tensor<?x2x?x8xf32>, tensor<?x2x?x8xf32> -> tensor<?x2x?x8xf32>
  return %r : tensor<?x2x?x8xf32>
}
