// RUN: attn-opt %s --attn-select-gpu-schedule --split-input-file --verify-diagnostics | FileCheck %s

// Two groups of 64 rows, beside one that copies, keep a wide state.
// CHECK-LABEL: func @d128
// CHECK: schedule(<rows = 128, cols = 128, hoist_pack = false, longest_first = true, partial_first = true, held = true>)
func.func @d128(%q: tensor<1x16x?x128xbf16>, %o: tensor<1x16x?x128xbf16>) -> tensor<1x16x?x128xbf16> {
  %r = attn.attention %q, %q, %q outs(%o) scale(0.125) mask(causal)
    : tensor<1x16x?x128xbf16>, tensor<1x16x?x128xbf16>, tensor<1x16x?x128xbf16> -> tensor<1x16x?x128xbf16>
  return %r : tensor<1x16x?x128xbf16>
}

// -----

// Three keep a narrow one, and take fewer columns where the maximum is held.
// CHECK-LABEL: func @d64
// CHECK: schedule(<rows = 192, cols = 96, hoist_pack = false, partial_first = true, held = true>)
func.func @d64(%q: tensor<1x16x?x64xbf16>, %o: tensor<1x16x?x64xbf16>) -> tensor<1x16x?x64xbf16> {
  %r = attn.attention %q, %q, %q outs(%o) scale(0.125)
    : tensor<1x16x?x64xbf16>, tensor<1x16x?x64xbf16>, tensor<1x16x?x64xbf16> -> tensor<1x16x?x64xbf16>
  return %r : tensor<1x16x?x64xbf16>
}

// -----

// A mask cuts much of few columns: then one group is better than three, in three
// blocks on a multiprocessor.
// CHECK-LABEL: func @causal_1024
// CHECK: schedule(<rows = 64, cols = 64, hoist_pack = false, longest_first = true, partial_first = true, held = true, blocks = 3>)
func.func @causal_1024(%q: tensor<1x16x1024x64xbf16>, %o: tensor<1x16x1024x64xbf16>) -> tensor<1x16x1024x64xbf16> {
  %r = attn.attention %q, %q, %q outs(%o) scale(0.125) mask(causal)
    : tensor<1x16x1024x64xbf16>, tensor<1x16x1024x64xbf16>, tensor<1x16x1024x64xbf16> -> tensor<1x16x1024x64xbf16>
  return %r : tensor<1x16x1024x64xbf16>
}

// -----

// Wider rows would be read too often, and two groups are better.
// CHECK-LABEL: func @wide_causal_1024
// CHECK: schedule(<rows = 128, cols = 128, hoist_pack = false, longest_first = true, partial_first = true, held = true>)
func.func @wide_causal_1024(%q: tensor<1x16x1024x96xbf16>, %o: tensor<1x16x1024x96xbf16>) -> tensor<1x16x1024x96xbf16> {
  %r = attn.attention %q, %q, %q outs(%o) scale(0.125) mask(causal)
    : tensor<1x16x1024x96xbf16>, tensor<1x16x1024x96xbf16>, tensor<1x16x1024x96xbf16> -> tensor<1x16x1024x96xbf16>
  return %r : tensor<1x16x1024x96xbf16>
}

// -----

// Of many columns it cuts little.
// CHECK-LABEL: func @causal_16384
// CHECK: schedule(<rows = 192, cols = 128, hoist_pack = false, longest_first = true, partial_first = true, held = true>)
func.func @causal_16384(%q: tensor<1x16x16384x64xbf16>, %o: tensor<1x16x16384x64xbf16>) -> tensor<1x16x16384x64xbf16> {
  %r = attn.attention %q, %q, %q outs(%o) scale(0.125) mask(causal)
    : tensor<1x16x16384x64xbf16>, tensor<1x16x16384x64xbf16>, tensor<1x16x16384x64xbf16> -> tensor<1x16x16384x64xbf16>
  return %r : tensor<1x16x16384x64xbf16>
}

// -----

// An unknown number of columns is taken for many; without a mask it does not matter.
// CHECK-LABEL: func @causal_dynamic
// CHECK: schedule(<rows = 192, cols = 128, hoist_pack = false, longest_first = true, partial_first = true, held = true>)
// CHECK-LABEL: func @full_1024
// CHECK: schedule(<rows = 192, cols = 96, hoist_pack = false, partial_first = true, held = true>)
func.func @causal_dynamic(%q: tensor<1x16x?x64xbf16>, %o: tensor<1x16x?x64xbf16>) -> tensor<1x16x?x64xbf16> {
  %r = attn.attention %q, %q, %q outs(%o) scale(0.125) mask(causal)
    : tensor<1x16x?x64xbf16>, tensor<1x16x?x64xbf16>, tensor<1x16x?x64xbf16> -> tensor<1x16x?x64xbf16>
  return %r : tensor<1x16x?x64xbf16>
}

func.func @full_1024(%q: tensor<1x16x1024x64xbf16>, %o: tensor<1x16x1024x64xbf16>) -> tensor<1x16x1024x64xbf16> {
  %r = attn.attention %q, %q, %q outs(%o) scale(0.125)
    : tensor<1x16x1024x64xbf16>, tensor<1x16x1024x64xbf16>, tensor<1x16x1024x64xbf16> -> tensor<1x16x1024x64xbf16>
  return %r : tensor<1x16x1024x64xbf16>
}

// -----

// Three with fewer columns are better than two.
// CHECK-LABEL: func @d96
// CHECK: schedule(<rows = 192, cols = 96, hoist_pack = false, partial_first = true, held = true>)
func.func @d96(%q: tensor<1x16x?x96xbf16>, %o: tensor<1x16x?x96xbf16>) -> tensor<1x16x?x96xbf16> {
  %r = attn.attention %q, %q, %q outs(%o) scale(0.125)
    : tensor<1x16x?x96xbf16>, tensor<1x16x?x96xbf16>, tensor<1x16x?x96xbf16> -> tensor<1x16x?x96xbf16>
  return %r : tensor<1x16x?x96xbf16>
}

// -----

// Here shared memory is full to the last byte.
// CHECK-LABEL: func @d256
// CHECK: schedule(<rows = 128, cols = 80, hoist_pack = false, partial_first = true, held = true>)
func.func @d256(%q: tensor<1x8x?x256xbf16>, %o: tensor<1x8x?x256xbf16>) -> tensor<1x8x?x256xbf16> {
  %r = attn.attention %q, %q, %q outs(%o) scale(0.125)
    : tensor<1x8x?x256xbf16>, tensor<1x8x?x256xbf16>, tensor<1x8x?x256xbf16> -> tensor<1x8x?x256xbf16>
  return %r : tensor<1x8x?x256xbf16>
}

// -----

// Few rows are one group.
// CHECK-LABEL: func @short
// CHECK: schedule(<rows = 64, cols = 96, hoist_pack = false, partial_first = true, held = true>)
func.func @short(%q: tensor<1x8x64x256xbf16>, %o: tensor<1x8x64x256xbf16>) -> tensor<1x8x64x256xbf16> {
  %r = attn.attention %q, %q, %q outs(%o) scale(0.125)
    : tensor<1x8x64x256xbf16>, tensor<1x8x64x256xbf16>, tensor<1x8x64x256xbf16> -> tensor<1x8x64x256xbf16>
  return %r : tensor<1x8x64x256xbf16>
}

// -----

// The value of a pair needs registers too. With a bias the maximum is not held: the
// logits may depend on where a key is.
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

// The maximum of the first tiles is held if nothing says that later logits are
// larger, as a soft cap does not.
// CHECK-LABEL: func @soft_cap
// CHECK: schedule(<{{.*}}, partial_first = true, held = true>)
func.func @soft_cap(%q: tensor<1x16x?x64xbf16>, %o: tensor<1x16x?x64xbf16>) -> tensor<1x16x?x64xbf16> {
  %r = attn.attention %q, %q, %q outs(%o) scale(0.125) score {
    ^bb0(%x: f32, %b: index, %h: index, %i: index, %j: index):
      %cap = arith.constant 30.0 : f32
      %s = arith.divf %x, %cap : f32
      %t = math.tanh %s : f32
      %y = arith.mulf %t, %cap : f32
      attn.yield %y : f32
  } : tensor<1x16x?x64xbf16>, tensor<1x16x?x64xbf16>, tensor<1x16x?x64xbf16> -> tensor<1x16x?x64xbf16>
  return %r : tensor<1x16x?x64xbf16>
}

// -----

// Logits that fall with the distance are largest at the end.
// CHECK-LABEL: func @score_of_positions
// CHECK: schedule(<{{.*}}, partial_first = true>)
func.func @score_of_positions(%q: tensor<1x16x?x64xbf16>, %o: tensor<1x16x?x64xbf16>) -> tensor<1x16x?x64xbf16> {
  %r = attn.attention %q, %q, %q outs(%o) scale(0.125) score {
    ^bb0(%x: f32, %b: index, %h: index, %i: index, %j: index):
      %d = arith.subi %i, %j : index
      %d32 = arith.index_cast %d : index to i32
      %f = arith.sitofp %d32 : i32 to f32
      %y = arith.subf %x, %f : f32
      attn.yield %y : f32
  } : tensor<1x16x?x64xbf16>, tensor<1x16x?x64xbf16>, tensor<1x16x?x64xbf16> -> tensor<1x16x?x64xbf16>
  return %r : tensor<1x16x?x64xbf16>
}

// -----

// Where keys begin with the row and go on to the last, a row may not see the first
// tiles.
// CHECK-LABEL: func @not_causal
// CHECK: schedule(<{{.*}}, longest_first = true, partial_first = true>)
func.func @not_causal(%q: tensor<1x16x?x64xbf16>, %o: tensor<1x16x?x64xbf16>) -> tensor<1x16x?x64xbf16> {
  %r = attn.attention %q, %q, %q outs(%o) scale(0.125) mask(#attn.not<causal>)
    : tensor<1x16x?x64xbf16>, tensor<1x16x?x64xbf16>, tensor<1x16x?x64xbf16> -> tensor<1x16x?x64xbf16>
  return %r : tensor<1x16x?x64xbf16>
}

// -----

// A window ends with the row.
// CHECK-LABEL: func @window
// CHECK: schedule(<{{.*}}, longest_first = true, partial_first = true, held = true>)
func.func @window(%q: tensor<1x16x?x64xbf16>, %o: tensor<1x16x?x64xbf16>) -> tensor<1x16x?x64xbf16> {
  %r = attn.attention %q, %q, %q outs(%o) scale(0.125) mask(#attn.window<128, 0>)
    : tensor<1x16x?x64xbf16>, tensor<1x16x?x64xbf16>, tensor<1x16x?x64xbf16> -> tensor<1x16x?x64xbf16>
  return %r : tensor<1x16x?x64xbf16>
}

// -----

// What differs by head alone does not change along a row.
// CHECK-LABEL: func @score_of_heads
// CHECK: schedule(<{{.*}}, partial_first = true, held = true>)
func.func @score_of_heads(%q: tensor<1x16x?x64xbf16>, %o: tensor<1x16x?x64xbf16>) -> tensor<1x16x?x64xbf16> {
  %r = attn.attention %q, %q, %q outs(%o) scale(0.125) score {
    ^bb0(%x: f32, %b: index, %h: index, %i: index, %j: index):
      %h32 = arith.index_cast %h : index to i32
      %f = arith.sitofp %h32 : i32 to f32
      %y = arith.mulf %x, %f : f32
      attn.yield %y : f32
  } : tensor<1x16x?x64xbf16>, tensor<1x16x?x64xbf16>, tensor<1x16x?x64xbf16> -> tensor<1x16x?x64xbf16>
  return %r : tensor<1x16x?x64xbf16>
}

// -----

// Weights of f16 end at 2^16.
// CHECK-LABEL: func @f16
// CHECK: schedule(<{{.*}}, partial_first = true>)
func.func @f16(%q: tensor<1x16x?x64xf16>, %o: tensor<1x16x?x64xf16>) -> tensor<1x16x?x64xf16> {
  %r = attn.attention %q, %q, %q outs(%o) scale(0.125)
    : tensor<1x16x?x64xf16>, tensor<1x16x?x64xf16>, tensor<1x16x?x64xf16> -> tensor<1x16x?x64xf16>
  return %r : tensor<1x16x?x64xf16>
}

// -----

// A state cannot be held: it is continued, and nobody looks at it.
// CHECK-LABEL: func @state
// CHECK: schedule(<{{.*}}, partial_first = true>)
func.func @state(%q: tensor<1x8x?x64xbf16>, %acc: tensor<1x8x?x64xf32>, %row: tensor<1x8x?xf32>)
    -> (tensor<1x8x?x64xf32>, tensor<1x8x?xf32>, tensor<1x8x?xf32>) {
  %r:3 = attn.partial %q, %q, %q outs(%acc, %row, %row) scale(0.125)
    : tensor<1x8x?x64xbf16>, tensor<1x8x?x64xbf16>, tensor<1x8x?x64xbf16> -> tensor<1x8x?x64xf32>, tensor<1x8x?xf32>, tensor<1x8x?xf32>
  return %r#0, %r#1, %r#2 : tensor<1x8x?x64xf32>, tensor<1x8x?xf32>, tensor<1x8x?xf32>
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
