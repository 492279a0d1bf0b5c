// RUN: attn-opt %s --attn-io-report="cpu=x86-64-v3 threads=2" -o /dev/null | FileCheck %s
// RUN: attn-opt %s --attn-select-schedule="cpu=x86-64-v3" | FileCheck %s --check-prefix=SCHEDULE

// What the operations say about themselves, through the interface.

// A tanh costs as much as an exponential: twice 2 x 64 x 64.
// CHECK-LABEL: @score:
// CHECK: work        0.002 GFLOP, 0.016 M exponentials
// SCHEDULE-LABEL: func @score
// SCHEDULE: schedule(
func.func @score(%q: tensor<1x2x64x64xf32>, %o: tensor<1x2x64x64xf32>) -> tensor<1x2x64x64xf32> {
  %c = arith.constant 50.0 : f32
  %r = attn.attention %q, %q, %q outs(%o) scale(0.125) score {
  ^bb0(%s: f32, %b: index, %h: index, %i: index, %j: index):
    %x = arith.divf %s, %c : f32
    %t = math.tanh %x : f32
    %y = arith.mulf %t, %c : f32
    attn.yield %y : f32
  } : tensor<1x2x64x64xf32>, tensor<1x2x64x64xf32>, tensor<1x2x64x64xf32> -> tensor<1x2x64x64xf32>
  return %r : tensor<1x2x64x64xf32>
}

// A run-time predicate: no tile is known to be full.
// CHECK-LABEL: @where:
// CHECK: tiles       0 full, {{[1-9][0-9]*}} partial, 0 empty
func.func @where(%q: tensor<1x2x64x64xf32>, %f: tensor<64xi1>, %o: tensor<1x2x64x64xf32>) -> tensor<1x2x64x64xf32> {
  %r = attn.attention %q, %q, %q outs(%o) scale(0.125) where {
  ^bb0(%b: index, %h: index, %i: index, %j: index):
    %p = tensor.extract %f[%j] : tensor<64xi1>
    attn.yield %p : i1
  } : tensor<1x2x64x64xf32>, tensor<1x2x64x64xf32>, tensor<1x2x64x64xf32> -> tensor<1x2x64x64xf32>
  return %r : tensor<1x2x64x64xf32>
}

// Segments hide what only the data tells; the causal part is known.
// CHECK-LABEL: @segments:
// CHECK: tiles       0 full, {{[1-9][0-9]*}} partial, {{[1-9][0-9]*}} empty
func.func @segments(%q: tensor<1x2x512x64xf32>, %s: tensor<1x512xi32>, %o: tensor<1x2x512x64xf32>) -> tensor<1x2x512x64xf32> {
  %r = attn.attention %q, %q, %q outs(%o) scale(0.125) mask(and<causal, segment>)
    segments(%s, %s : tensor<1x512xi32>, tensor<1x512xi32>)
    schedule(<rows = 48, cols = 64, micro = <rows = 6, cols = 16, lanes = 8>>)
    : tensor<1x2x512x64xf32>, tensor<1x2x512x64xf32>, tensor<1x2x512x64xf32> -> tensor<1x2x512x64xf32>
  return %r : tensor<1x2x512x64xf32>
}

// The last row sits at the last column: row 0 sees 513 of 576 columns.
// CHECK-LABEL: @aligned:
// CHECK: tiles       16 full, 2 partial, 0 empty
func.func @aligned(%q: tensor<1x2x64x64xf32>, %k: tensor<1x2x576x64xf32>, %o: tensor<1x2x64x64xf32>) -> tensor<1x2x64x64xf32> {
  %r = attn.attention %q, %k, %k outs(%o) scale(0.125) mask(causal) align(bottom_right)
    schedule(<rows = 66, cols = 64, micro = <rows = 6, cols = 16, lanes = 8>>)
    : tensor<1x2x64x64xf32>, tensor<1x2x576x64xf32>, tensor<1x2x576x64xf32> -> tensor<1x2x64x64xf32>
  return %r : tensor<1x2x64x64xf32>
}

// CHECK-LABEL: @offset:
// CHECK: assumed     shift of the rows = 0
func.func @offset(%q: tensor<1x2x64x64xf32>, %x: index, %o: tensor<1x2x64x64xf32>) -> tensor<1x2x64x64xf32> {
  %r = attn.attention %q, %q, %q outs(%o) scale(0.125) mask(causal) offset(%x : index)
    : tensor<1x2x64x64xf32>, tensor<1x2x64x64xf32>, tensor<1x2x64x64xf32> -> tensor<1x2x64x64xf32>
  return %r : tensor<1x2x64x64xf32>
}

// Block-diagonal: 4 of 16 tiles, all full.
// CHECK-LABEL: @chunked:
// CHECK: tiles       8 full, 0 partial, 24 empty
func.func @chunked(%q: tensor<1x2x192x64xf32>, %o: tensor<1x2x192x64xf32>) -> tensor<1x2x192x64xf32> {
  %r = attn.attention %q, %q, %q outs(%o) scale(0.125)
    mask(affine<affine_set<(b, h, i, j) : (i floordiv 48 - j floordiv 48 == 0)>>)
    schedule(<rows = 48, cols = 48, micro = <rows = 6, cols = 16, lanes = 8>>)
    : tensor<1x2x192x64xf32>, tensor<1x2x192x64xf32>, tensor<1x2x192x64xf32> -> tensor<1x2x192x64xf32>
  return %r : tensor<1x2x192x64xf32>
}

// Memory: query, key and value in 2 bytes, state in 4 bytes, read and written.
// 2 * (64 * 64 * 2 + 2 * 128 * 64 * 2 + 2 * 64 * 66 * 4) bytes = 146 KiB.
// CHECK-LABEL: @partial:
// CHECK: compulsory 146.0 KiB 1.00 x compulsory
// SCHEDULE-LABEL: func @partial
// SCHEDULE: schedule(
func.func @partial(%q: tensor<1x2x64x64xbf16>, %k: tensor<1x2x128x64xbf16>, %a: memref<1x2x64x64xf32>,
    %m: memref<1x2x64xf32>, %s: memref<1x2x64xf32>, %qm: memref<1x2x64x64xbf16>, %km: memref<1x2x128x64xbf16>) {
  attn.partial %qm, %km, %km outs(%a, %m, %s) scale(0.125)
    : memref<1x2x64x64xbf16>, memref<1x2x128x64xbf16>, memref<1x2x128x64xbf16> -> memref<1x2x64x64xf32>, memref<1x2x64xf32>, memref<1x2x64xf32>
  return
}

// A bias that is the same for all heads is read from memory once:
// 3 * 2 * 64 * 64 * 4 + 2 * 64 * 64 * 4 bytes of operands and 64 * 64 * 4 of it.
// CHECK-LABEL: @bias:
// CHECK: compulsory 144.0 KiB 1.00 x compulsory
func.func @bias(%q: tensor<1x2x64x64xf32>, %b: tensor<1x64x64xf32>, %o: tensor<1x2x64x64xf32>) -> tensor<1x2x64x64xf32> {
  %r = attn.attention %q, %q, %q outs(%o) scale(0.125) bias(%b : tensor<1x64x64xf32>)
    : tensor<1x2x64x64xf32>, tensor<1x2x64x64xf32>, tensor<1x2x64x64xf32> -> tensor<1x2x64x64xf32>
  return %r : tensor<1x2x64x64xf32>
}
