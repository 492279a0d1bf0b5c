// RUN: attn-opt %s --attn-select-gpu-schedule --split-input-file --verify-diagnostics | FileCheck %s

// Two groups of 64 rows, beside one that copies, keep a wide state.
// CHECK-LABEL: func @d128
// CHECK: schedule(<rows = 128, cols = 128, hoist_pack = false, longest_first = true, partial_first = true>)
func.func @d128(%q: tensor<1x16x?x128xbf16>, %o: tensor<1x16x?x128xbf16>) -> tensor<1x16x?x128xbf16> {
  %r = attn.attention %q, %q, %q outs(%o) scale(0.125) mask(causal)
    : tensor<1x16x?x128xbf16>, tensor<1x16x?x128xbf16>, tensor<1x16x?x128xbf16> -> tensor<1x16x?x128xbf16>
  return %r : tensor<1x16x?x128xbf16>
}

// -----

// Three keep a narrow one.
// CHECK-LABEL: func @d64
// CHECK: schedule(<rows = 192, cols = 128, hoist_pack = false, partial_first = true>)
func.func @d64(%q: tensor<1x16x?x64xbf16>, %o: tensor<1x16x?x64xbf16>) -> tensor<1x16x?x64xbf16> {
  %r = attn.attention %q, %q, %q outs(%o) scale(0.125)
    : tensor<1x16x?x64xbf16>, tensor<1x16x?x64xbf16>, tensor<1x16x?x64xbf16> -> tensor<1x16x?x64xbf16>
  return %r : tensor<1x16x?x64xbf16>
}

// -----

// Three with fewer columns are better than two.
// CHECK-LABEL: func @d96
// CHECK: schedule(<rows = 192, cols = 96, hoist_pack = false, partial_first = true>)
func.func @d96(%q: tensor<1x16x?x96xbf16>, %o: tensor<1x16x?x96xbf16>) -> tensor<1x16x?x96xbf16> {
  %r = attn.attention %q, %q, %q outs(%o) scale(0.125)
    : tensor<1x16x?x96xbf16>, tensor<1x16x?x96xbf16>, tensor<1x16x?x96xbf16> -> tensor<1x16x?x96xbf16>
  return %r : tensor<1x16x?x96xbf16>
}

// -----

// Here shared memory is full to the last byte.
// CHECK-LABEL: func @d256
// CHECK: schedule(<rows = 128, cols = 80, hoist_pack = false, partial_first = true>)
func.func @d256(%q: tensor<1x8x?x256xbf16>, %o: tensor<1x8x?x256xbf16>) -> tensor<1x8x?x256xbf16> {
  %r = attn.attention %q, %q, %q outs(%o) scale(0.125)
    : tensor<1x8x?x256xbf16>, tensor<1x8x?x256xbf16>, tensor<1x8x?x256xbf16> -> tensor<1x8x?x256xbf16>
  return %r : tensor<1x8x?x256xbf16>
}

// -----

// Few rows are one group.
// CHECK-LABEL: func @short
// CHECK: schedule(<rows = 64, cols = 96, hoist_pack = false, partial_first = true>)
func.func @short(%q: tensor<1x8x64x256xbf16>, %o: tensor<1x8x64x256xbf16>) -> tensor<1x8x64x256xbf16> {
  %r = attn.attention %q, %q, %q outs(%o) scale(0.125)
    : tensor<1x8x64x256xbf16>, tensor<1x8x64x256xbf16>, tensor<1x8x64x256xbf16> -> tensor<1x8x64x256xbf16>
  return %r : tensor<1x8x64x256xbf16>
}

// -----

// The value of a pair needs registers too.
// CHECK-LABEL: func @bias
// CHECK: schedule(<rows = 192, cols = 112, hoist_pack = false, partial_first = true>)
func.func @bias(%q: tensor<1x8x?x64xbf16>, %b: tensor<?x?xf32>, %o: tensor<1x8x?x64xbf16>) -> tensor<1x8x?x64xbf16> {
  %r = attn.attention %q, %q, %q outs(%o) scale(0.125) bias(%b : tensor<?x?xf32>)
    : tensor<1x8x?x64xbf16>, tensor<1x8x?x64xbf16>, tensor<1x8x?x64xbf16> -> tensor<1x8x?x64xbf16>
  return %r : tensor<1x8x?x64xbf16>
}

// -----

// Rows that end before their memory are copied by all warps: four blocks of one
// group each fit a multiprocessor.
// CHECK-LABEL: func @lengths
// CHECK: schedule(<rows = 64, cols = 128, hoist_pack = false, partial_first = true>)
func.func @lengths(%q: tensor<1x16x?x64xbf16>, %n: tensor<1xi32>, %o: tensor<1x16x?x64xbf16>) -> tensor<1x16x?x64xbf16> {
  %r = attn.attention %q, %q, %q outs(%o) scale(0.125) kv_lengths(%n : tensor<1xi32>)
    : tensor<1x16x?x64xbf16>, tensor<1x16x?x64xbf16>, tensor<1x16x?x64xbf16> -> tensor<1x16x?x64xbf16>
  return %r : tensor<1x16x?x64xbf16>
}

// -----

// Less of a narrower tile is wasted on what a mask hides.
// CHECK-LABEL: func @masked_lengths
// CHECK: schedule(<rows = 64, cols = 96, hoist_pack = false, longest_first = true, partial_first = true>)
func.func @masked_lengths(%q: tensor<1x16x?x64xbf16>, %n: tensor<1xi32>, %o: tensor<1x16x?x64xbf16>) -> tensor<1x16x?x64xbf16> {
  %r = attn.attention %q, %q, %q outs(%o) scale(0.125) mask(causal) kv_lengths(%n : tensor<1xi32>)
    : tensor<1x16x?x64xbf16>, tensor<1x16x?x64xbf16>, tensor<1x16x?x64xbf16> -> tensor<1x16x?x64xbf16>
  return %r : tensor<1x16x?x64xbf16>
}

// -----

// A thread copies chunks here and there if its rows are not filled by threads.
// CHECK-LABEL: func @dk192_lengths
// CHECK: schedule(<rows = 128, cols = 80, hoist_pack = false, partial_first = true>)
func.func @dk192_lengths(%q: tensor<1x8x?x192xbf16>, %v: tensor<1x8x?x128xbf16>, %n: tensor<1xi32>, %o: tensor<1x8x?x128xbf16>) -> tensor<1x8x?x128xbf16> {
  %r = attn.attention %q, %q, %v outs(%o) scale(0.125) kv_lengths(%n : tensor<1xi32>)
    : tensor<1x8x?x192xbf16>, tensor<1x8x?x192xbf16>, tensor<1x8x?x128xbf16> -> tensor<1x8x?x128xbf16>
  return %r : tensor<1x8x?x128xbf16>
}

// -----

// CHECK-LABEL: func @bias_lengths
// CHECK: schedule(<rows = 128, cols = 112, hoist_pack = false, partial_first = true>)
func.func @bias_lengths(%q: tensor<1x8x?x128xbf16>, %b: tensor<?x?xf32>, %n: tensor<1xi32>, %o: tensor<1x8x?x128xbf16>) -> tensor<1x8x?x128xbf16> {
  %r = attn.attention %q, %q, %q outs(%o) scale(0.125) kv_lengths(%n : tensor<1xi32>) bias(%b : tensor<?x?xf32>)
    : tensor<1x8x?x128xbf16>, tensor<1x8x?x128xbf16>, tensor<1x8x?x128xbf16> -> tensor<1x8x?x128xbf16>
  return %r : tensor<1x8x?x128xbf16>
}

// -----

// Nor does the copy engine take rows that are no multiple of 16 bytes.
// CHECK-LABEL: func @d60
// CHECK: schedule(<rows = 64, cols = 128, hoist_pack = false, partial_first = true>)
func.func @d60(%q: tensor<1x16x?x60xbf16>, %o: tensor<1x16x?x60xbf16>) -> tensor<1x16x?x60xbf16> {
  %r = attn.attention %q, %q, %q outs(%o) scale(0.125)
    : tensor<1x16x?x60xbf16>, tensor<1x16x?x60xbf16>, tensor<1x16x?x60xbf16> -> tensor<1x16x?x60xbf16>
  return %r : tensor<1x16x?x60xbf16>
}

// -----

func.func @too_wide(%q: tensor<1x8x64x576xbf16>, %v: tensor<1x8x64x512xbf16>, %o: tensor<1x8x64x512xbf16>) -> tensor<1x8x64x512xbf16> {
  // expected-error @below {{fits no schedule: 64 rows of depth 576 and width 512 need 298 of 240 registers of a thread and 111616 of 232448 bytes of shared memory}}
  %r = attn.attention %q, %q, %v outs(%o) scale(0.125)
    : tensor<1x8x64x576xbf16>, tensor<1x8x64x576xbf16>, tensor<1x8x64x512xbf16> -> tensor<1x8x64x512xbf16>
  return %r : tensor<1x8x64x512xbf16>
}

// -----

func.func @dynamic(%q: tensor<1x8x64x?xbf16>, %o: tensor<1x8x64x?xbf16>) -> tensor<1x8x64x?xbf16> {
  // expected-error @below {{expected static widths, to keep rows in registers}}
  %r = attn.attention %q, %q, %q outs(%o) scale(0.125)
    : tensor<1x8x64x?xbf16>, tensor<1x8x64x?xbf16>, tensor<1x8x64x?xbf16> -> tensor<1x8x64x?xbf16>
  return %r : tensor<1x8x64x?xbf16>
}

// -----

#cpu = #attn.schedule<rows = 96, cols = 64, micro = #tile.micro_tile<rows = 6, cols = 16, lanes = 8>>
func.func @cpu(%q: tensor<1x8x64x64xbf16>, %o: tensor<1x8x64x64xbf16>) -> tensor<1x8x64x64xbf16> {
  // expected-error @below {{has a schedule with a register tile (micro), which is one for a CPU}}
  %r = attn.attention %q, %q, %q outs(%o) scale(0.125) schedule(#cpu)
    : tensor<1x8x64x64xbf16>, tensor<1x8x64x64xbf16>, tensor<1x8x64x64xbf16> -> tensor<1x8x64x64xbf16>
  return %r : tensor<1x8x64x64xbf16>
}
