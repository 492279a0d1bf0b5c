// RUN: attn-opt %s --attn-select-schedule="cpu=x86-64-v3 threads=2" | FileCheck %s --check-prefixes=CHECK,AVX2
// RUN: attn-opt %s --attn-select-schedule="cpu=x86-64-v4 threads=2" | FileCheck %s --check-prefixes=CHECK,AVX512
// RUN: attn-opt %s --attn-select-schedule="cpu=x86-64-v3 threads=2" --attn-select-schedule="cpu=x86-64-v4 threads=2" | FileCheck %s --check-prefix=AVX2
// RUN: attn-opt %s --attn-select-schedule -o /dev/null
// RUN: attn-opt %s --attn-select-schedule="cpu=x86-64-v3 threads=2" | attn-opt | FileCheck %s --check-prefixes=CHECK,AVX2

// CHECK-LABEL: func @prefill
// AVX2: schedule(<rows = {{[0-9]+}}, cols = {{[0-9]+}}, micro = <rows = 6, cols = 16, lanes = 8>>)
// AVX512: schedule(<rows = {{[0-9]+}}, cols = {{[0-9]+}}, micro = <rows = 12, cols = 32, lanes = 16>>)
func.func @prefill(%q: tensor<1x8x4096x64xf32>, %o: tensor<1x8x4096x64xf32>) -> tensor<1x8x4096x64xf32> {
  %r = attn.attention %q, %q, %q outs(%o) scale(0.125)
    : tensor<1x8x4096x64xf32>, tensor<1x8x4096x64xf32>, tensor<1x8x4096x64xf32> -> tensor<1x8x4096x64xf32>
  return %r : tensor<1x8x4096x64xf32>
}

// Later rows see more: they start first.
// CHECK-LABEL: func @causal
// CHECK: longest_first = true>)
func.func @causal(%q: tensor<2x8x?x64xbf16>, %k: tensor<2x2x?x64xbf16>, %o: tensor<2x8x?x64xbf16>) -> tensor<2x8x?x64xbf16> {
  %r = attn.attention %q, %k, %k outs(%o) scale(0.125) mask(causal)
    : tensor<2x8x?x64xbf16>, tensor<2x2x?x64xbf16>, tensor<2x2x?x64xbf16> -> tensor<2x8x?x64xbf16>
  return %r : tensor<2x8x?x64xbf16>
}

// Half as many lanes.
// CHECK-LABEL: func @double
// AVX2: micro = <rows = 6, cols = 8, lanes = 4>
// AVX512: micro = <rows = 12, cols = 16, lanes = 8>
func.func @double(%q: tensor<1x8x256x64xf64>, %o: tensor<1x8x256x64xf64>) -> tensor<1x8x256x64xf64> {
  %r = attn.attention %q, %q, %q outs(%o) scale(0.125)
    : tensor<1x8x256x64xf64>, tensor<1x8x256x64xf64>, tensor<1x8x256x64xf64> -> tensor<1x8x256x64xf64>
  return %r : tensor<1x8x256x64xf64>
}

// One query: a tile of one row, and panels that nobody else would read.
// CHECK-LABEL: func @decode
// CHECK: schedule(<rows = 1, cols = {{[0-9]+}}, micro = <rows = 1, {{.*}}>, hoist_pack = false>)
func.func @decode(%q: tensor<1x8x1x64xf32>, %k: tensor<1x8x4096x64xf32>, %o: tensor<1x8x1x64xf32>) -> tensor<1x8x1x64xf32> {
  %r = attn.attention %q, %k, %k outs(%o) scale(0.125)
    : tensor<1x8x1x64xf32>, tensor<1x8x4096x64xf32>, tensor<1x8x4096x64xf32> -> tensor<1x8x1x64xf32>
  return %r : tensor<1x8x1x64xf32>
}

// A schedule that is there stands.
// CHECK-LABEL: func @given
// CHECK: schedule(<rows = 12, cols = 32, micro = <rows = 6, cols = 16, lanes = 8>>)
func.func @given(%q: tensor<1x8x256x64xf32>, %o: tensor<1x8x256x64xf32>) -> tensor<1x8x256x64xf32> {
  %r = attn.attention %q, %q, %q outs(%o) scale(0.125)
    schedule(<rows = 12, cols = 32, micro = <rows = 6, cols = 16, lanes = 8>>)
    : tensor<1x8x256x64xf32>, tensor<1x8x256x64xf32>, tensor<1x8x256x64xf32> -> tensor<1x8x256x64xf32>
  return %r : tensor<1x8x256x64xf32>
}

// CHECK-LABEL: func @partial
// CHECK: attn.partial
// CHECK-SAME: schedule(<rows
func.func @partial(%q: tensor<1x4x128x32xf32>, %k: tensor<1x4x64x32xf32>, %a: tensor<1x4x128x32xf32>,
    %m: tensor<1x4x128xf32>, %s: tensor<1x4x128xf32>) -> (tensor<1x4x128x32xf32>, tensor<1x4x128xf32>, tensor<1x4x128xf32>) {
  %r:3 = attn.partial %q, %k, %k outs(%a, %m, %s) scale(0.125)
    : tensor<1x4x128x32xf32>, tensor<1x4x64x32xf32>, tensor<1x4x64x32xf32> -> tensor<1x4x128x32xf32>, tensor<1x4x128xf32>, tensor<1x4x128xf32>
  return %r#0, %r#1, %r#2 : tensor<1x4x128x32xf32>, tensor<1x4x128xf32>, tensor<1x4x128xf32>
}
