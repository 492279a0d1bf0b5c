// RUN: attn-opt %s --attn-select-schedule=cpu=x86-64-v4 | FileCheck %s --check-prefix=CPU
// RUN: attn-opt %s --attn-select-gpu-schedule | FileCheck %s --check-prefix=GPU
// RUN: attn-opt %s --attn-select-gpu-schedule=shared-bytes=160000 | FileCheck %s --check-prefix=SMALL

// Tiles that lie in one block of rows and one of columns visit what is selected only.
// Three blocks share a multiprocessor of a GPU.

// CPU-LABEL: func @blocks
// CPU: schedule(<rows = {{8|16|32|64}}, cols = {{32|64}}, micro = <rows = 8, cols = 32, lanes = 16>
// GPU-LABEL: func @blocks
// GPU: schedule(<rows = 64, cols = 64, {{.*}}held = true, blocks = 3>)
func.func @blocks(%q: tensor<1x8x?x64xbf16>, %ids: tensor<1x8x?x16xi32>) -> tensor<1x8x?x64xbf16> {
  %r = attn.attention %q, %q, %q outs(%q) scale(0.125) mask(causal) select(%ids : tensor<1x8x?x16xi32>) blocks(64, 64)
    : tensor<1x8x?x64xbf16>, tensor<1x8x?x64xbf16>, tensor<1x8x?x64xbf16> -> tensor<1x8x?x64xbf16>
  return %r : tensor<1x8x?x64xbf16>
}

// Three groups of warps for blocks of 192 rows; blocks of 128 columns.
// CPU-LABEL: func @large
// CPU: schedule(<rows = {{12|24|48|96|192}}, cols = {{32|64|128}}, micro = <rows = 12, cols = 32, lanes = 16>
// GPU-LABEL: func @large
// GPU: schedule(<rows = 192, cols = 128, {{.*}}held = true>)
func.func @large(%q: tensor<1x8x?x64xbf16>, %ids: tensor<1x8x?x16xi32>) -> tensor<1x8x?x64xbf16> {
  %r = attn.attention %q, %q, %q outs(%q) scale(0.125) mask(causal) select(%ids : tensor<1x8x?x16xi32>) blocks(192, 128)
    : tensor<1x8x?x64xbf16>, tensor<1x8x?x64xbf16>, tensor<1x8x?x64xbf16> -> tensor<1x8x?x64xbf16>
  return %r : tensor<1x8x?x64xbf16>
}

// Two blocks of 64 rows share a multiprocessor where its shared memory has room for both.
// GPU-LABEL: func @wide
// GPU: schedule(<rows = 64, cols = 64, {{.*}}, blocks = 2>)
// SMALL-LABEL: func @wide
// SMALL: schedule(<rows = 64, cols = 64, {{.*}}held = true>)
func.func @wide(%q: tensor<1x8x?x128xbf16>, %ids: tensor<1x8x?x16xi32>) -> tensor<1x8x?x128xbf16> {
  %r = attn.attention %q, %q, %q outs(%q) scale(0.125) select(%ids : tensor<1x8x?x16xi32>) blocks(64, 64)
    : tensor<1x8x?x128xbf16>, tensor<1x8x?x128xbf16>, tensor<1x8x?x128xbf16> -> tensor<1x8x?x128xbf16>
  return %r : tensor<1x8x?x128xbf16>
}

// A query that chooses alone is a tile of its own on a CPU. On a GPU it shares one, and
// what it sees is tested.
// CPU-LABEL: func @rows
// CPU: schedule(<rows = 1, cols = {{32|64}}, micro = <rows = 1, cols = 32, lanes = 16>
// GPU-LABEL: func @rows
// GPU: schedule(<rows = {{64|128|192}},
func.func @rows(%q: tensor<1x8x?x64xbf16>, %ids: tensor<1x8x?x16xi32>) -> tensor<1x8x?x64xbf16> {
  %r = attn.attention %q, %q, %q outs(%q) scale(0.125) mask(causal) select(%ids : tensor<1x8x?x16xi32>) blocks(1, 64)
    : tensor<1x8x?x64xbf16>, tensor<1x8x?x64xbf16>, tensor<1x8x?x64xbf16> -> tensor<1x8x?x64xbf16>
  return %r : tensor<1x8x?x64xbf16>
}

// Of rows with positions known at run time nothing can be tested: tiles are as small as
// blocks.
// GPU-LABEL: func @small
// GPU: schedule(<rows = 16, cols = 32
// GPU-LABEL: func @odd
// GPU: schedule(<rows = 48, cols = 48
func.func @small(%q: tensor<1x8x?x64xf32>, %ids: tensor<1x8x?x16xi32>, %at: tensor<1x?xi32>) -> tensor<1x8x?x64xf32> {
  %r = attn.attention %q, %q, %q outs(%q) scale(0.125) positions(%at, %at : tensor<1x?xi32>, tensor<1x?xi32>)
      select(%ids : tensor<1x8x?x16xi32>) blocks(16, 32)
    : tensor<1x8x?x64xf32>, tensor<1x8x?x64xf32>, tensor<1x8x?x64xf32> -> tensor<1x8x?x64xf32>
  return %r : tensor<1x8x?x64xf32>
}
func.func @odd(%q: tensor<1x8x?x64xbf16>, %ids: tensor<1x8x?x16xi32>, %at: tensor<1x?xi32>) -> tensor<1x8x?x64xbf16> {
  %r = attn.attention %q, %q, %q outs(%q) scale(0.125) positions(%at, %at : tensor<1x?xi32>, tensor<1x?xi32>)
      select(%ids : tensor<1x8x?x16xi32>) blocks(48, 48)
    : tensor<1x8x?x64xbf16>, tensor<1x8x?x64xbf16>, tensor<1x8x?x64xbf16> -> tensor<1x8x?x64xbf16>
  return %r : tensor<1x8x?x64xbf16>
}

// Nothing fits blocks of one key.
// CPU-LABEL: func @tokens
// CPU: schedule(<rows = {{[0-9]+}}, cols = {{64|128|256|512}},
func.func @tokens(%q: tensor<1x8x?x64xbf16>, %ids: tensor<1x8x?x16xi32>) -> tensor<1x8x?x64xbf16> {
  %r = attn.attention %q, %q, %q outs(%q) scale(0.125) mask(causal) select(%ids : tensor<1x8x?x16xi32>) blocks(1, 1)
    : tensor<1x8x?x64xbf16>, tensor<1x8x?x64xbf16>, tensor<1x8x?x64xbf16> -> tensor<1x8x?x64xbf16>
  return %r : tensor<1x8x?x64xbf16>
}
