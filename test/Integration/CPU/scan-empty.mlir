// Extents of 0: heads, numbers of a state, channels, tokens, a batch.

// RUN: attn-run %s --entry=heads --random-inputs=1 --dims=5 --check | FileCheck %s --check-prefix=HEADS
// RUN: attn-run %s --entry=numbers --random-inputs=1 --dims=5 --check --print | FileCheck %s --check-prefix=NUMBERS
// RUN: attn-run %s --entry=channels --random-inputs=1 --dims=5 --check | FileCheck %s --check-prefix=CHANNELS
// RUN: attn-run %s --entry=tokens --input=@random --input=@const:3 --check --print | FileCheck %s --check-prefix=TOKENS
// RUN: attn-run %s --entry=running --input=@random --input=@const:3 --dims=0 --check --print | FileCheck %s --check-prefix=RUNNING
// RUN: attn-run %s --entry=average --random-inputs=1 --dims=0 --check --print | FileCheck %s --check-prefix=AVERAGE
// RUN: attn-run %s --entry=batch --random-inputs=1 --dims=0,5 --check | FileCheck %s --check-prefix=BATCH
// HEADS: check: result 0 f32[1, 0, 5, 8]: ok
// NUMBERS: result 0: f32[1, 2, 5, 2] = {{\[\[\[\[}}0, 0]
// NUMBERS: check: result 0 f32[1, 2, 5, 2]: ok
// CHANNELS: check: result 0 f32[1, 2, 5, 0]: ok
// Without tokens the state stays, whether that is known or not.
// TOKENS: result 1: f32[1, 2, 1, 2] = {{\[\[\[\[}}3, 3]
// TOKENS: check: result 1 f32[1, 2, 1, 2]: ok
// RUNNING: result 1: f32[1, 2, 1, 2] = {{\[\[\[\[}}3, 3]
// RUNNING: check: result 1 f32[1, 2, 1, 2]: ok
// AVERAGE: check: result 1 f32[1, 2, 1, 2]: ok
// AVERAGE: check: result 2 f32[1, 2, 1, 2]: ok
// AVERAGE: check: result 3 f32[1, 2, 1, 2]: ok
// BATCH: check: result 0 f32[0, 2, 5, 8]: ok

func.func @heads(%v: tensor<1x0x?x8xf32>) -> tensor<1x0x?x8xf32> {
  %c2 = arith.constant 2 : index
  %n = tensor.dim %v, %c2 : tensor<1x0x?x8xf32>
  %o = tensor.empty(%n) : tensor<1x0x?x8xf32>
  %r = attn.scan %v outs(%o) : tensor<1x0x?x8xf32> -> tensor<1x0x?x8xf32>
  return %r : tensor<1x0x?x8xf32>
}
func.func @numbers(%v: tensor<1x2x?x2xf32>, %k: tensor<1x1x?x0xf32>) -> tensor<1x2x?x2xf32> {
  %c2 = arith.constant 2 : index
  %n = tensor.dim %v, %c2 : tensor<1x2x?x2xf32>
  %o = tensor.empty(%n) : tensor<1x2x?x2xf32>
  %r = attn.scan %v outs(%o) key(%k : tensor<1x1x?x0xf32>) : tensor<1x2x?x2xf32> -> tensor<1x2x?x2xf32>
  return %r : tensor<1x2x?x2xf32>
}
func.func @channels(%v: tensor<1x2x?x0xf32>) -> tensor<1x2x?x0xf32> {
  %c2 = arith.constant 2 : index
  %n = tensor.dim %v, %c2 : tensor<1x2x?x0xf32>
  %o = tensor.empty(%n) : tensor<1x2x?x0xf32>
  %r = attn.scan %v outs(%o) : tensor<1x2x?x0xf32> -> tensor<1x2x?x0xf32>
  return %r : tensor<1x2x?x0xf32>
}
func.func @tokens(%v: tensor<1x2x0x2xf32>, %i: tensor<1x2x1x2xf32>) -> (tensor<1x2x0x2xf32>, tensor<1x2x1x2xf32>) {
  %o = tensor.empty() : tensor<1x2x0x2xf32>
  %s = tensor.empty() : tensor<1x2x1x2xf32>
  %r:2 = attn.scan %v outs(%o, %s) init(%i : tensor<1x2x1x2xf32>) : tensor<1x2x0x2xf32> -> tensor<1x2x0x2xf32>, tensor<1x2x1x2xf32>
  return %r#0, %r#1 : tensor<1x2x0x2xf32>, tensor<1x2x1x2xf32>
}
func.func @running(%v: tensor<1x2x?x2xf32>, %i: tensor<1x2x1x2xf32>) -> (tensor<1x2x?x2xf32>, tensor<1x2x1x2xf32>) {
  %c2 = arith.constant 2 : index
  %n = tensor.dim %v, %c2 : tensor<1x2x?x2xf32>
  %o = tensor.empty(%n) : tensor<1x2x?x2xf32>
  %s = tensor.empty() : tensor<1x2x1x2xf32>
  %r:2 = attn.scan %v outs(%o, %s) init(%i : tensor<1x2x1x2xf32>) : tensor<1x2x?x2xf32> -> tensor<1x2x?x2xf32>, tensor<1x2x1x2xf32>
  return %r#0, %r#1 : tensor<1x2x?x2xf32>, tensor<1x2x1x2xf32>
}
func.func @average(%v: tensor<1x2x?x2xf32>) -> (tensor<1x2x?x2xf32>, tensor<1x2x1x2xf32>, tensor<1x2x1x2xf32>, tensor<1x2x1x2xf32>) {
  %c2 = arith.constant 2 : index
  %n = tensor.dim %v, %c2 : tensor<1x2x?x2xf32>
  %o = tensor.empty(%n) : tensor<1x2x?x2xf32>
  %s = tensor.empty() : tensor<1x2x1x2xf32>
  %r:4 = attn.scan %v outs(%o, %s, %s, %s) weights(%v : tensor<1x2x?x2xf32>)
    : tensor<1x2x?x2xf32> -> tensor<1x2x?x2xf32>, tensor<1x2x1x2xf32>, tensor<1x2x1x2xf32>, tensor<1x2x1x2xf32>
  return %r#0, %r#1, %r#2, %r#3 : tensor<1x2x?x2xf32>, tensor<1x2x1x2xf32>, tensor<1x2x1x2xf32>, tensor<1x2x1x2xf32>
}
func.func @batch(%v: tensor<?x2x?x8xf32>) -> tensor<?x2x?x8xf32> {
  %c0 = arith.constant 0 : index
  %c2 = arith.constant 2 : index
  %b = tensor.dim %v, %c0 : tensor<?x2x?x8xf32>
  %n = tensor.dim %v, %c2 : tensor<?x2x?x8xf32>
  %o = tensor.empty(%b, %n) : tensor<?x2x?x8xf32>
  %r = attn.scan %v outs(%o) : tensor<?x2x?x8xf32> -> tensor<?x2x?x8xf32>
  return %r : tensor<?x2x?x8xf32>
}
