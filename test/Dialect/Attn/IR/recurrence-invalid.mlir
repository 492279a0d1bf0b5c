// RUN: attn-opt %s --split-input-file --verify-diagnostics

// Every numbered constraint of attn.recurrence, with what is said when it is
// broken.

// C1: query, key and value have rank 4.
func.func @c1(%q: tensor<4x8x16xf32>, %k: tensor<2x2x8x16xf32>, %v: tensor<2x4x8x12xf32>, %o: tensor<2x4x8x12xf32>) {
  // expected-error@below {{C1: query, key and value have rank 4}}
  %r = attn.recurrence %q, %k, %v outs(%o) scale(0.25)
    : tensor<4x8x16xf32>, tensor<2x2x8x16xf32>, tensor<2x4x8x12xf32> -> tensor<2x4x8x12xf32>
  return
}

// -----

// C2: one element type ...
func.func @c2_mixed(%q: tensor<2x4x8x16xf32>, %k: tensor<2x2x8x16xf16>, %v: tensor<2x4x8x12xf32>, %o: tensor<2x4x8x12xf32>) {
  // expected-error@below {{C2: query, key and value have one element type}}
  %r = attn.recurrence %q, %k, %v outs(%o) scale(0.25)
    : tensor<2x4x8x16xf32>, tensor<2x2x8x16xf16>, tensor<2x4x8x12xf32> -> tensor<2x4x8x12xf32>
  return
}

// -----

// C2: ... out of four.
func.func @c2_type(%q: tensor<2x4x8x16xf128>, %k: tensor<2x2x8x16xf128>, %v: tensor<2x4x8x12xf128>, %o: tensor<2x4x8x12xf128>) {
  // expected-error@below {{C2: query, key and value have one element type}}
  %r = attn.recurrence %q, %k, %v outs(%o) scale(0.25)
    : tensor<2x4x8x16xf128>, tensor<2x2x8x16xf128>, tensor<2x4x8x12xf128> -> tensor<2x4x8x12xf128>
  return
}

// -----

// C3: batch sizes agree.
func.func @c3(%q: tensor<2x4x8x16xf32>, %k: tensor<3x2x8x16xf32>, %v: tensor<2x4x8x12xf32>, %o: tensor<2x4x8x12xf32>) {
  // expected-error@below {{C3: batch sizes agree}}
  %r = attn.recurrence %q, %k, %v outs(%o) scale(0.25)
    : tensor<2x4x8x16xf32>, tensor<3x2x8x16xf32>, tensor<2x4x8x12xf32> -> tensor<2x4x8x12xf32>
  return
}

// -----

// C3: of keys and values, where that of the queries is unknown.
func.func @c3_key_value(%q: tensor<?x4x8x16xf32>, %k: tensor<3x2x8x16xf32>, %v: tensor<2x4x8x12xf32>, %o: tensor<2x4x8x12xf32>) {
  // expected-error@below {{C3: batch sizes agree}}
  %r = attn.recurrence %q, %k, %v outs(%o) scale(0.25)
    : tensor<?x4x8x16xf32>, tensor<3x2x8x16xf32>, tensor<2x4x8x12xf32> -> tensor<2x4x8x12xf32>
  return
}

// -----

// C4: lengths agree.
func.func @c4(%q: tensor<2x4x8x16xf32>, %k: tensor<2x2x8x16xf32>, %v: tensor<2x4x9x12xf32>, %o: tensor<2x4x8x12xf32>) {
  // expected-error@below {{C4: lengths agree}}
  %r = attn.recurrence %q, %k, %v outs(%o) scale(0.25)
    : tensor<2x4x8x16xf32>, tensor<2x2x8x16xf32>, tensor<2x4x9x12xf32> -> tensor<2x4x8x12xf32>
  return
}

// -----

// C5: query and key agree in width.
func.func @c5(%q: tensor<2x4x8x16xf32>, %k: tensor<2x2x8x15xf32>, %v: tensor<2x4x8x12xf32>, %o: tensor<2x4x8x12xf32>) {
  // expected-error@below {{C5: query and key agree in width}}
  %r = attn.recurrence %q, %k, %v outs(%o) scale(0.25)
    : tensor<2x4x8x16xf32>, tensor<2x2x8x15xf32>, tensor<2x4x8x12xf32> -> tensor<2x4x8x12xf32>
  return
}

// -----

// C6: value heads are a multiple of key heads ...
func.func @c6_keys(%q: tensor<2x4x8x16xf32>, %k: tensor<2x3x8x16xf32>, %v: tensor<2x4x8x12xf32>, %o: tensor<2x4x8x12xf32>) {
  // expected-error@below {{C6: value heads are a multiple of key heads, got 4 and 3}}
  %r = attn.recurrence %q, %k, %v outs(%o) scale(0.25)
    : tensor<2x4x8x16xf32>, tensor<2x3x8x16xf32>, tensor<2x4x8x12xf32> -> tensor<2x4x8x12xf32>
  return
}

// -----

// C6: ... and no fraction of them.
func.func @c6_more_keys(%q: tensor<2x4x8x16xf32>, %k: tensor<2x8x8x16xf32>, %v: tensor<2x4x8x12xf32>, %o: tensor<2x4x8x12xf32>) {
  // expected-error@below {{C6: value heads are a multiple of key heads, got 4 and 8}}
  %r = attn.recurrence %q, %k, %v outs(%o) scale(0.25)
    : tensor<2x4x8x16xf32>, tensor<2x8x8x16xf32>, tensor<2x4x8x12xf32> -> tensor<2x4x8x12xf32>
  return
}

// -----

// C6: of query and value heads one is a multiple of the other.
func.func @c6_queries(%q: tensor<2x6x8x16xf32>, %k: tensor<2x2x8x16xf32>, %v: tensor<2x4x8x12xf32>, %o: tensor<2x4x8x12xf32>) {
  // expected-error@below {{C6: of query and value heads one is a multiple of the other, got 6 and 4}}
  %r = attn.recurrence %q, %k, %v outs(%o) scale(0.25)
    : tensor<2x6x8x16xf32>, tensor<2x2x8x16xf32>, tensor<2x4x8x12xf32> -> tensor<2x4x8x12xf32>
  return
}

// -----

// C6: heads of values without one of queries ...
func.func @c6_no_queries(%q: tensor<2x0x8x16xf32>, %k: tensor<2x2x8x16xf32>, %v: tensor<2x4x8x12xf32>, %o: tensor<2x4x8x12xf32>) {
  // expected-error@below {{C6: of query and value heads one is a multiple of the other, got 0 and 4}}
  %r = attn.recurrence %q, %k, %v outs(%o) scale(0.25)
    : tensor<2x0x8x16xf32>, tensor<2x2x8x16xf32>, tensor<2x4x8x12xf32> -> tensor<2x4x8x12xf32>
  return
}

// -----

// C6: ... and the other way round.
func.func @c6_no_values(%q: tensor<2x4x8x16xf32>, %k: tensor<2x0x8x16xf32>, %v: tensor<2x0x8x12xf32>, %o: tensor<2x4x8x12xf32>) {
  // expected-error@below {{C6: of query and value heads one is a multiple of the other, got 4 and 0}}
  %r = attn.recurrence %q, %k, %v outs(%o) scale(0.25)
    : tensor<2x4x8x16xf32>, tensor<2x0x8x16xf32>, tensor<2x0x8x12xf32> -> tensor<2x4x8x12xf32>
  return
}

// -----

// C7: the output has the heads that are more.
func.func @c7_output(%q: tensor<2x8x8x16xf32>, %k: tensor<2x2x8x16xf32>, %v: tensor<2x4x8x12xf32>, %o: tensor<2x4x8x12xf32>) {
  // expected-error@below {{C7: expected output of shape 2 x 8 x 8 x 12 and type 'f32'}}
  %r = attn.recurrence %q, %k, %v outs(%o) scale(0.25)
    : tensor<2x8x8x16xf32>, tensor<2x2x8x16xf32>, tensor<2x4x8x12xf32> -> tensor<2x4x8x12xf32>
  return
}

// -----

// C7: the output has the type of the operands.
func.func @c7_type(%q: tensor<2x4x8x16xf32>, %k: tensor<2x2x8x16xf32>, %v: tensor<2x4x8x12xf32>, %o: tensor<2x4x8x12xbf16>) {
  // expected-error@below {{C7: expected output of shape 2 x 4 x 8 x 12 and type 'f32'}}
  %r = attn.recurrence %q, %k, %v outs(%o) scale(0.25)
    : tensor<2x4x8x16xf32>, tensor<2x2x8x16xf32>, tensor<2x4x8x12xf32> -> tensor<2x4x8x12xbf16>
  return
}

// -----

// C7: the final state has the heads of the values.
func.func @c7_state(%q: tensor<2x4x8x16xf32>, %k: tensor<2x2x8x16xf32>, %v: tensor<2x4x8x12xf32>, %o: tensor<2x4x8x12xf32>, %s: tensor<2x2x16x12xf32>) {
  // expected-error@below {{C7: expected final state of shape 2 x 4 x 16 x 12 and type 'f32'}}
  %r:2 = attn.recurrence %q, %k, %v outs(%o, %s) scale(0.25)
    : tensor<2x4x8x16xf32>, tensor<2x2x8x16xf32>, tensor<2x4x8x12xf32> -> tensor<2x4x8x12xf32>, tensor<2x2x16x12xf32>
  return
}

// -----

// C7: the final state is not narrow.
func.func @c7_state_type(%q: tensor<2x4x8x16xf16>, %k: tensor<2x2x8x16xf16>, %v: tensor<2x4x8x12xf16>, %o: tensor<2x4x8x12xf16>, %s: tensor<2x4x16x12xf16>) {
  // expected-error@below {{C7: expected final state of shape 2 x 4 x 16 x 12 and type 'f32'}}
  %r:2 = attn.recurrence %q, %k, %v outs(%o, %s) scale(0.25)
    : tensor<2x4x8x16xf16>, tensor<2x2x8x16xf16>, tensor<2x4x8x12xf16> -> tensor<2x4x8x12xf16>, tensor<2x4x16x12xf16>
  return
}

// -----

// C8: a scalar gate is one number for each token and state.
func.func @c8_scalar(%q: tensor<2x4x8x16xf32>, %k: tensor<2x2x8x16xf32>, %v: tensor<2x4x8x12xf32>, %o: tensor<2x4x8x12xf32>, %g: tensor<2x2x8xf32>) {
  // expected-error@below {{C8: expected gate of shape 2 x 4 x 8 and type 'f32'}}
  %r = attn.recurrence %q, %k, %v outs(%o) scale(0.25) decay(scalar %g : tensor<2x2x8xf32>)
    : tensor<2x4x8x16xf32>, tensor<2x2x8x16xf32>, tensor<2x4x8x12xf32> -> tensor<2x4x8x12xf32>
  return
}

// -----

// C8: a key gate has the width of the keys.
func.func @c8_key(%q: tensor<2x4x8x16xf32>, %k: tensor<2x2x8x16xf32>, %v: tensor<2x4x8x12xf32>, %o: tensor<2x4x8x12xf32>, %g: tensor<2x4x8x12xf32>) {
  // expected-error@below {{C8: expected gate of shape 2 x 4 x 8 x 16 and type 'f32'}}
  %r = attn.recurrence %q, %k, %v outs(%o) scale(0.25) decay(key %g : tensor<2x4x8x12xf32>)
    : tensor<2x4x8x16xf32>, tensor<2x2x8x16xf32>, tensor<2x4x8x12xf32> -> tensor<2x4x8x12xf32>
  return
}

// -----

// C8: a value gate has the width of the values.
func.func @c8_value(%q: tensor<2x4x8x16xf32>, %k: tensor<2x2x8x16xf32>, %v: tensor<2x4x8x12xf32>, %o: tensor<2x4x8x12xf32>, %g: tensor<2x4x8x16xf32>) {
  // expected-error@below {{C8: expected gate of shape 2 x 4 x 8 x 12 and type 'f32'}}
  %r = attn.recurrence %q, %k, %v outs(%o) scale(0.25) decay(value %g : tensor<2x4x8x16xf32>)
    : tensor<2x4x8x16xf32>, tensor<2x2x8x16xf32>, tensor<2x4x8x12xf32> -> tensor<2x4x8x12xf32>
  return
}

// -----

// C8: gates are not narrow.
func.func @c8_type(%q: tensor<2x4x8x16xf32>, %k: tensor<2x2x8x16xf32>, %v: tensor<2x4x8x12xf32>, %o: tensor<2x4x8x12xf32>, %g: tensor<2x4x8xbf16>) {
  // expected-error@below {{C8: expected gate of shape 2 x 4 x 8 and type 'f32'}}
  %r = attn.recurrence %q, %k, %v outs(%o) scale(0.25) decay(scalar %g : tensor<2x4x8xbf16>)
    : tensor<2x4x8x16xf32>, tensor<2x2x8x16xf32>, tensor<2x4x8x12xf32> -> tensor<2x4x8x12xf32>
  return
}

// -----

// C8: without a decay there is no gate.
func.func @c8_none(%q: tensor<2x4x8x16xf32>, %k: tensor<2x2x8x16xf32>, %v: tensor<2x4x8x12xf32>, %o: tensor<2x4x8x12xf32>, %g: tensor<2x4x8xf32>) {
  // expected-error@below {{C8: a gate is given exactly if there is a decay, got decay none with a gate}}
  %r = attn.recurrence %q, %k, %v outs(%o) scale(0.25) decay(none %g : tensor<2x4x8xf32>)
    : tensor<2x4x8x16xf32>, tensor<2x2x8x16xf32>, tensor<2x4x8x12xf32> -> tensor<2x4x8x12xf32>
  return
}

// -----

// C8: with a decay there is one.
func.func @c8_missing(%q: tensor<2x4x8x16xf32>) {
  // expected-error@below {{C8: a gate is given exactly if there is a decay, got decay key without a gate}}
  %r = "attn.recurrence"(%q, %q, %q, %q) <{operandSegmentSizes = array<i32: 1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0>, scale = 1.0 : f64, decay = 2 : i32}>
    : (tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>) -> tensor<2x4x8x16xf32>
  return
}

// -----

// C9: delta has one coefficient ...
func.func @c9_delta(%q: tensor<2x4x8x16xf32>, %k: tensor<2x2x8x16xf32>, %v: tensor<2x4x8x12xf32>, %o: tensor<2x4x8x12xf32>, %b: tensor<2x4x8xf32>) {
  // expected-error@below {{C9: expected 1 coefficients of an update by delta, got 2}}
  %r = attn.recurrence %q, %k, %v outs(%o) scale(0.25) update(delta %b, %b : tensor<2x4x8xf32>, tensor<2x4x8xf32>)
    : tensor<2x4x8x16xf32>, tensor<2x2x8x16xf32>, tensor<2x4x8x12xf32> -> tensor<2x4x8x12xf32>
  return
}

// -----

// C9: ... for each token and state.
func.func @c9_delta_shape(%q: tensor<2x4x8x16xf32>, %k: tensor<2x2x8x16xf32>, %v: tensor<2x4x8x12xf32>, %o: tensor<2x4x8x12xf32>, %b: tensor<2x2x8xf32>) {
  // expected-error@below {{C9: expected float coefficients of shape 2 x 4 x 8, got}}
  %r = attn.recurrence %q, %k, %v outs(%o) scale(0.25) update(delta %b : tensor<2x2x8xf32>)
    : tensor<2x4x8x16xf32>, tensor<2x2x8x16xf32>, tensor<2x4x8x12xf32> -> tensor<2x4x8x12xf32>
  return
}

// -----

// C9: coefficients are floats.
func.func @c9_delta_type(%q: tensor<2x4x8x16xf32>, %k: tensor<2x2x8x16xf32>, %v: tensor<2x4x8x12xf32>, %o: tensor<2x4x8x12xf32>, %b: tensor<2x4x8xi32>) {
  // expected-error@below {{C9: expected float coefficients of shape 2 x 4 x 8, got}}
  %r = attn.recurrence %q, %k, %v outs(%o) scale(0.25) update(delta %b : tensor<2x4x8xi32>)
    : tensor<2x4x8x16xf32>, tensor<2x2x8x16xf32>, tensor<2x4x8x12xf32> -> tensor<2x4x8x12xf32>
  return
}

// -----

// C9: dplr has two coefficients ...
func.func @c9_dplr(%q: tensor<2x4x8x16xf32>, %k: tensor<2x2x8x16xf32>, %v: tensor<2x4x8x12xf32>, %o: tensor<2x4x8x12xf32>, %b: tensor<2x4x8x16xf32>) {
  // expected-error@below {{C9: expected 2 coefficients of an update by dplr, got 1}}
  %r = attn.recurrence %q, %k, %v outs(%o) scale(0.25) update(dplr %b : tensor<2x4x8x16xf32>)
    : tensor<2x4x8x16xf32>, tensor<2x2x8x16xf32>, tensor<2x4x8x12xf32> -> tensor<2x4x8x12xf32>
  return
}

// -----

// C9: ... of the width of the keys.
func.func @c9_dplr_shape(%q: tensor<2x4x8x16xf32>, %k: tensor<2x2x8x16xf32>, %v: tensor<2x4x8x12xf32>, %o: tensor<2x4x8x12xf32>, %a: tensor<2x4x8x16xf32>, %b: tensor<2x4x8x12xf32>) {
  // expected-error@below {{C9: expected float coefficients of shape 2 x 4 x 8 x 16, got}}
  %r = attn.recurrence %q, %k, %v outs(%o) scale(0.25) update(dplr %a, %b : tensor<2x4x8x16xf32>, tensor<2x4x8x12xf32>)
    : tensor<2x4x8x16xf32>, tensor<2x2x8x16xf32>, tensor<2x4x8x12xf32> -> tensor<2x4x8x12xf32>
  return
}

// -----

// C9: additive has none.
func.func @c9_additive(%q: tensor<2x4x8x16xf32>, %k: tensor<2x2x8x16xf32>, %v: tensor<2x4x8x12xf32>, %o: tensor<2x4x8x12xf32>, %b: tensor<2x4x8xf32>) {
  // expected-error@below {{C9: expected 0 coefficients of an update by additive, got 1}}
  %r = attn.recurrence %q, %k, %v outs(%o) scale(0.25) update(additive %b : tensor<2x4x8xf32>)
    : tensor<2x4x8x16xf32>, tensor<2x2x8x16xf32>, tensor<2x4x8x12xf32> -> tensor<2x4x8x12xf32>
  return
}

// -----

// C10: the bonus is by state head and key.
func.func @c10_shape(%q: tensor<2x4x8x16xf32>, %k: tensor<2x2x8x16xf32>, %v: tensor<2x4x8x12xf32>, %o: tensor<2x4x8x12xf32>, %u: tensor<2x16xf32>) {
  // expected-error@below {{C10: expected float bonus of shape 4 x 16, got}}
  %r = attn.recurrence %q, %k, %v outs(%o) scale(0.25) bonus(%u : tensor<2x16xf32>)
    : tensor<2x4x8x16xf32>, tensor<2x2x8x16xf32>, tensor<2x4x8x12xf32> -> tensor<2x4x8x12xf32>
  return
}

// -----

// C10: a bonus comes with the additive update.
func.func @c10_update(%q: tensor<2x4x8x16xf32>, %k: tensor<2x2x8x16xf32>, %v: tensor<2x4x8x12xf32>, %o: tensor<2x4x8x12xf32>, %u: tensor<4x16xf32>, %b: tensor<2x4x8xf32>) {
  // expected-error@below {{C10: a bonus comes with the additive update, got delta}}
  %r = attn.recurrence %q, %k, %v outs(%o) scale(0.25) bonus(%u : tensor<4x16xf32>) update(delta %b : tensor<2x4x8xf32>)
    : tensor<2x4x8x16xf32>, tensor<2x2x8x16xf32>, tensor<2x4x8x12xf32> -> tensor<2x4x8x12xf32>
  return
}

// -----

// C11: the state before.
func.func @c11(%q: tensor<2x4x8x16xf32>, %k: tensor<2x2x8x16xf32>, %v: tensor<2x4x8x12xf32>, %o: tensor<2x4x8x12xf32>, %i: tensor<2x4x12x16xf32>) {
  // expected-error@below {{C11: expected init of shape 2 x 4 x 16 x 12 and type 'f32'}}
  %r = attn.recurrence %q, %k, %v outs(%o) scale(0.25) init(%i : tensor<2x4x12x16xf32>)
    : tensor<2x4x8x16xf32>, tensor<2x2x8x16xf32>, tensor<2x4x8x12xf32> -> tensor<2x4x8x12xf32>
  return
}

// -----

// C11: it is not narrow.
func.func @c11_type(%q: tensor<2x4x8x16xf32>, %k: tensor<2x2x8x16xf32>, %v: tensor<2x4x8x12xf32>, %o: tensor<2x4x8x12xf32>, %i: tensor<2x4x16x12xf16>) {
  // expected-error@below {{C11: expected init of shape 2 x 4 x 16 x 12 and type 'f32'}}
  %r = attn.recurrence %q, %k, %v outs(%o) scale(0.25) init(%i : tensor<2x4x16x12xf16>)
    : tensor<2x4x8x16xf32>, tensor<2x2x8x16xf32>, tensor<2x4x8x12xf32> -> tensor<2x4x8x12xf32>
  return
}

// -----

// C12: segments are of i32 ...
func.func @c12(%q: tensor<2x4x8x16xf32>, %k: tensor<2x2x8x16xf32>, %v: tensor<2x4x8x12xf32>, %o: tensor<2x4x8x12xf32>, %i: tensor<2x8xi64>) {
  // expected-error@below {{C12: expected segments of shape 2 x 8 and type 'i32'}}
  %r = attn.recurrence %q, %k, %v outs(%o) scale(0.25) segments(%i : tensor<2x8xi64>)
    : tensor<2x4x8x16xf32>, tensor<2x2x8x16xf32>, tensor<2x4x8x12xf32> -> tensor<2x4x8x12xf32>
  return
}

// -----

// C12: ... for each token.
func.func @c12_shape(%q: tensor<2x4x8x16xf32>, %k: tensor<2x2x8x16xf32>, %v: tensor<2x4x8x12xf32>, %o: tensor<2x4x8x12xf32>, %i: tensor<2x4x8xi32>) {
  // expected-error@below {{C12: expected segments of shape 2 x 8 and type 'i32'}}
  %r = attn.recurrence %q, %k, %v outs(%o) scale(0.25) segments(%i : tensor<2x4x8xi32>)
    : tensor<2x4x8x16xf32>, tensor<2x2x8x16xf32>, tensor<2x4x8x12xf32> -> tensor<2x4x8x12xf32>
  return
}

// -----

// C13: scale is finite.
func.func @c13(%q: tensor<2x4x8x16xf32>, %k: tensor<2x2x8x16xf32>, %v: tensor<2x4x8x12xf32>, %o: tensor<2x4x8x12xf32>) {
  // expected-error@below {{C13: expected a finite scale}}
  %r = attn.recurrence %q, %k, %v outs(%o) scale(0x7FF0000000000000)
    : tensor<2x4x8x16xf32>, tensor<2x2x8x16xf32>, tensor<2x4x8x12xf32> -> tensor<2x4x8x12xf32>
  return
}

// -----

// C14: operands are all tensors or all memrefs.
func.func @c14(%q: tensor<2x4x8x16xf32>, %k: memref<2x2x8x16xf32>, %v: tensor<2x4x8x12xf32>, %o: tensor<2x4x8x12xf32>) {
  // expected-error@below {{C14: operands mix tensors and memrefs}}
  %r = attn.recurrence %q, %k, %v outs(%o) scale(0.25)
    : tensor<2x4x8x16xf32>, memref<2x2x8x16xf32>, tensor<2x4x8x12xf32> -> tensor<2x4x8x12xf32>
  return
}

// -----

// C14: operands are ranked.
func.func @c14_unranked(%q: tensor<*xf32>, %k: tensor<2x2x8x16xf32>, %v: tensor<2x4x8x12xf32>, %o: tensor<2x4x8x12xf32>) {
  // expected-error@below {{C14: operands are ranked}}
  %r = attn.recurrence %q, %k, %v outs(%o) scale(0.25)
    : tensor<*xf32>, tensor<2x2x8x16xf32>, tensor<2x4x8x12xf32> -> tensor<2x4x8x12xf32>
  return
}

// -----

// C15: gates of values are taken one token at a time.
func.func @c15_value(%q: tensor<2x4x8x16xf32>, %k: tensor<2x2x8x16xf32>, %v: tensor<2x4x8x12xf32>, %o: tensor<2x4x8x12xf32>, %g: tensor<2x4x8x12xf32>) {
  // expected-error@below {{C15: takes one token at a time, its schedule has 64}}
  %r = attn.recurrence %q, %k, %v outs(%o) scale(0.25) decay(value %g : tensor<2x4x8x12xf32>) schedule(<tokens = 64, columns = 12, micro = <rows = 6, cols = 16, lanes = 8>>)
    : tensor<2x4x8x16xf32>, tensor<2x2x8x16xf32>, tensor<2x4x8x12xf32> -> tensor<2x4x8x12xf32>
  return
}

// -----

// C15: dplr is.
func.func @c15_dplr(%q: tensor<2x4x8x16xf32>, %k: tensor<2x2x8x16xf32>, %v: tensor<2x4x8x12xf32>, %o: tensor<2x4x8x12xf32>, %a: tensor<2x4x8x16xf32>) {
  // expected-error@below {{C15: takes one token at a time, its schedule has 64}}
  %r = attn.recurrence %q, %k, %v outs(%o) scale(0.25) update(dplr %a, %a : tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>) schedule(<tokens = 64, columns = 12, micro = <rows = 6, cols = 16, lanes = 8>>)
    : tensor<2x4x8x16xf32>, tensor<2x2x8x16xf32>, tensor<2x4x8x12xf32> -> tensor<2x4x8x12xf32>
  return
}

// -----

// C15: a bonus is.
func.func @c15_bonus(%q: tensor<2x4x8x16xf32>, %k: tensor<2x2x8x16xf32>, %v: tensor<2x4x8x12xf32>, %o: tensor<2x4x8x12xf32>, %u: tensor<4x16xf32>) {
  // expected-error@below {{C15: takes one token at a time, its schedule has 64}}
  %r = attn.recurrence %q, %k, %v outs(%o) scale(0.25) bonus(%u : tensor<4x16xf32>) schedule(<tokens = 64, columns = 12, micro = <rows = 6, cols = 16, lanes = 8>>)
    : tensor<2x4x8x16xf32>, tensor<2x2x8x16xf32>, tensor<2x4x8x12xf32> -> tensor<2x4x8x12xf32>
  return
}

// -----

// C15: segments are.
func.func @c15_segments(%q: tensor<2x4x8x16xf32>, %k: tensor<2x2x8x16xf32>, %v: tensor<2x4x8x12xf32>, %o: tensor<2x4x8x12xf32>, %i: tensor<2x8xi32>) {
  // expected-error@below {{C15: takes one token at a time, its schedule has 64}}
  %r = attn.recurrence %q, %k, %v outs(%o) scale(0.25) segments(%i : tensor<2x8xi32>) schedule(<tokens = 64, columns = 12, micro = <rows = 6, cols = 16, lanes = 8>>)
    : tensor<2x4x8x16xf32>, tensor<2x2x8x16xf32>, tensor<2x4x8x12xf32> -> tensor<2x4x8x12xf32>
  return
}

// -----

// C7: a final sum comes with a norm ...
func.func @c7_sum_alone(%q: tensor<2x4x8x16xf32>, %k: tensor<2x2x8x16xf32>, %v: tensor<2x4x8x12xf32>, %o: tensor<2x4x8x12xf32>, %s: tensor<2x4x16x12xf32>, %z: tensor<2x4x16xf32>) {
  // expected-error@below {{C7: expected one or two destinations (output, final state), got 3}}
  %r:3 = attn.recurrence %q, %k, %v outs(%o, %s, %z) scale(0.25)
    : tensor<2x4x8x16xf32>, tensor<2x2x8x16xf32>, tensor<2x4x8x12xf32> -> tensor<2x4x8x12xf32>, tensor<2x4x16x12xf32>, tensor<2x4x16xf32>
  return
}

// -----

// C7: ... and a final state of a norm with a final sum.
func.func @c7_no_sum(%q: tensor<2x4x8x16xf32>, %k: tensor<2x2x8x16xf32>, %v: tensor<2x4x8x12xf32>, %o: tensor<2x4x8x12xf32>, %s: tensor<2x4x16x12xf32>) {
  // expected-error@below {{C7: expected one or three destinations (output, final state, final sum), got 2}}
  %r:2 = attn.recurrence %q, %k, %v outs(%o, %s) scale(0.25) norm(sum)
    : tensor<2x4x8x16xf32>, tensor<2x2x8x16xf32>, tensor<2x4x8x12xf32> -> tensor<2x4x8x12xf32>, tensor<2x4x16x12xf32>
  return
}

// -----

// C7: the final sum is as wide as a key.
func.func @c7_sum(%q: tensor<2x4x8x16xf32>, %k: tensor<2x2x8x16xf32>, %v: tensor<2x4x8x12xf32>, %o: tensor<2x4x8x12xf32>, %s: tensor<2x4x16x12xf32>, %z: tensor<2x4x12xf32>) {
  // expected-error@below {{C7: expected final sum of shape 2 x 4 x 16 and type 'f32', got 'tensor<2x4x12xf32>'}}
  %r:3 = attn.recurrence %q, %k, %v outs(%o, %s, %z) scale(0.25) norm(sum)
    : tensor<2x4x8x16xf32>, tensor<2x2x8x16xf32>, tensor<2x4x8x12xf32> -> tensor<2x4x8x12xf32>, tensor<2x4x16x12xf32>, tensor<2x4x12xf32>
  return
}

// -----

// C16: what the delta rule writes has no sum of keys.
func.func @c16_update(%q: tensor<2x4x8x16xf32>, %k: tensor<2x2x8x16xf32>, %v: tensor<2x4x8x12xf32>, %o: tensor<2x4x8x12xf32>, %b: tensor<2x4x8xf32>) {
  // expected-error@below {{C16: a norm comes with the additive update, got delta}}
  %r = attn.recurrence %q, %k, %v outs(%o) scale(0.25) norm(sum) update(delta %b : tensor<2x4x8xf32>)
    : tensor<2x4x8x16xf32>, tensor<2x2x8x16xf32>, tensor<2x4x8x12xf32> -> tensor<2x4x8x12xf32>
  return
}

// -----

// C16: nor do columns that decay each by itself.
func.func @c16_decay(%q: tensor<2x4x8x16xf32>, %k: tensor<2x2x8x16xf32>, %v: tensor<2x4x8x12xf32>, %o: tensor<2x4x8x12xf32>, %g: tensor<2x4x8x12xf32>) {
  // expected-error@below {{C16: a norm comes with a decay that all columns share, got value}}
  %r = attn.recurrence %q, %k, %v outs(%o) scale(0.25) norm(sum) decay(value %g : tensor<2x4x8x12xf32>)
    : tensor<2x4x8x16xf32>, tensor<2x2x8x16xf32>, tensor<2x4x8x12xf32> -> tensor<2x4x8x12xf32>
  return
}

// -----

// C17: a bound is one of a norm.
func.func @c17_norm(%q: tensor<2x4x8x16xf32>, %k: tensor<2x2x8x16xf32>, %v: tensor<2x4x8x12xf32>, %o: tensor<2x4x8x12xf32>, %m: tensor<2x4x8xf32>) {
  // expected-error@below {{C17: a bound comes with a norm, got none}}
  %r = attn.recurrence %q, %k, %v outs(%o) scale(0.25) bound(%m : tensor<2x4x8xf32>)
    : tensor<2x4x8x16xf32>, tensor<2x2x8x16xf32>, tensor<2x4x8x12xf32> -> tensor<2x4x8x12xf32>
  return
}

// -----

// C17: it is one number for each token and state.
func.func @c17_shape(%q: tensor<2x4x8x16xf32>, %k: tensor<2x2x8x16xf32>, %v: tensor<2x4x8x12xf32>, %o: tensor<2x4x8x12xf32>, %m: tensor<2x2x8xf32>) {
  // expected-error@below {{C17: expected bound of shape 2 x 4 x 8 and type 'f32', got 'tensor<2x2x8xf32>'}}
  %r = attn.recurrence %q, %k, %v outs(%o) scale(0.25) norm(sum) bound(%m : tensor<2x2x8xf32>)
    : tensor<2x4x8x16xf32>, tensor<2x2x8x16xf32>, tensor<2x4x8x12xf32> -> tensor<2x4x8x12xf32>
  return
}

// -----

// C17: of the type of sums.
func.func @c17_type(%q: tensor<2x4x8x16xf32>, %k: tensor<2x2x8x16xf32>, %v: tensor<2x4x8x12xf32>, %o: tensor<2x4x8x12xf32>, %m: tensor<2x4x8xf64>) {
  // expected-error@below {{C17: expected bound of shape 2 x 4 x 8 and type 'f32', got 'tensor<2x4x8xf64>'}}
  %r = attn.recurrence %q, %k, %v outs(%o) scale(0.25) norm(sum) bound(%m : tensor<2x4x8xf64>)
    : tensor<2x4x8x16xf32>, tensor<2x2x8x16xf32>, tensor<2x4x8x12xf32> -> tensor<2x4x8x12xf32>
  return
}

// -----

// C18: a sum before is one of a norm.
func.func @c18_norm(%q: tensor<2x4x8x16xf32>, %k: tensor<2x2x8x16xf32>, %v: tensor<2x4x8x12xf32>, %o: tensor<2x4x8x12xf32>, %z: tensor<2x4x16xf32>) {
  // expected-error@below {{C18: init_sum comes with a norm, got none}}
  %r = attn.recurrence %q, %k, %v outs(%o) scale(0.25) init_sum(%z : tensor<2x4x16xf32>)
    : tensor<2x4x8x16xf32>, tensor<2x2x8x16xf32>, tensor<2x4x8x12xf32> -> tensor<2x4x8x12xf32>
  return
}

// -----

// C18: a sum comes with its state ...
func.func @c18_sum_alone(%q: tensor<2x4x8x16xf32>, %k: tensor<2x2x8x16xf32>, %v: tensor<2x4x8x12xf32>, %o: tensor<2x4x8x12xf32>, %z: tensor<2x4x16xf32>) {
  // expected-error@below {{C18: with a norm, init and init_sum come together, got init_sum alone}}
  %r = attn.recurrence %q, %k, %v outs(%o) scale(0.25) norm(sum) init_sum(%z : tensor<2x4x16xf32>)
    : tensor<2x4x8x16xf32>, tensor<2x2x8x16xf32>, tensor<2x4x8x12xf32> -> tensor<2x4x8x12xf32>
  return
}

// -----

// C18: ... and a state with its sum.
func.func @c18_state_alone(%q: tensor<2x4x8x16xf32>, %k: tensor<2x2x8x16xf32>, %v: tensor<2x4x8x12xf32>, %o: tensor<2x4x8x12xf32>, %s: tensor<2x4x16x12xf32>) {
  // expected-error@below {{C18: with a norm, init and init_sum come together, got init alone}}
  %r = attn.recurrence %q, %k, %v outs(%o) scale(0.25) norm(sum) init(%s : tensor<2x4x16x12xf32>)
    : tensor<2x4x8x16xf32>, tensor<2x2x8x16xf32>, tensor<2x4x8x12xf32> -> tensor<2x4x8x12xf32>
  return
}

// -----

// C18: a sum is as wide as a key.
func.func @c18_shape(%q: tensor<2x4x8x16xf32>, %k: tensor<2x2x8x16xf32>, %v: tensor<2x4x8x12xf32>, %o: tensor<2x4x8x12xf32>, %s: tensor<2x4x16x12xf32>, %z: tensor<2x4x12xf32>) {
  // expected-error@below {{C18: expected init_sum of shape 2 x 4 x 16 and type 'f32', got 'tensor<2x4x12xf32>'}}
  %r = attn.recurrence %q, %k, %v outs(%o) scale(0.25) norm(sum) init(%s : tensor<2x4x16x12xf32>) init_sum(%z : tensor<2x4x12xf32>)
    : tensor<2x4x8x16xf32>, tensor<2x2x8x16xf32>, tensor<2x4x8x12xf32> -> tensor<2x4x8x12xf32>
  return
}

// -----

// The schedule: C1: whole register tiles.
func.func @schedule_micro(%q: tensor<2x4x8x16xf32>) {
  // expected-error@below {{C1: expected tokens in whole register tiles of 6 x 16, got tokens = 40}}
  %r = attn.recurrence %q, %q, %q outs(%q) scale(1.0) schedule(<tokens = 40, columns = 16, micro = <rows = 6, cols = 16, lanes = 8>>)
    : tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32> -> tensor<2x4x8x16xf32>
  return
}

// -----

// The schedule: C1: positive.
func.func @schedule_positive(%q: tensor<2x4x8x16xf32>) {
  // expected-error@below {{C1: expected positive chunks, got tokens = 0, columns = 16}}
  %r = attn.recurrence %q, %q, %q outs(%q) scale(1.0) schedule(<tokens = 0, columns = 16>)
    : tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32> -> tensor<2x4x8x16xf32>
  return
}

// -----

// The schedule: C1: tasks are none, or some.
func.func @schedule_tasks(%q: tensor<2x4x8x16xf32>) {
  // expected-error@below {{C1: expected tasks or none (0), got tasks = -1}}
  %r = attn.recurrence %q, %q, %q outs(%q) scale(1.0) schedule(<tokens = 64, columns = 16, tasks = -1>)
    : tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32> -> tensor<2x4x8x16xf32>
  return
}
