// RUN: attn-opt %s --split-input-file --verify-diagnostics

// Every numbered constraint of attn.scan, with what is said when it is broken.

// C1: a value of rank 4 ...
func.func @c1(%v: tensor<4x8x16xf32>) {
  // expected-error@below {{C1: expected a value of rank 4 and f16, bf16, f32 or f64, got 'tensor<4x8x16xf32>'}}
  %r = attn.scan %v outs(%v) : tensor<4x8x16xf32> -> tensor<4x8x16xf32>
  return
}

// -----

// C1: ... out of four types.
func.func @c1_type(%v: tensor<2x4x8x16xf128>) {
  // expected-error@below {{C1: expected a value of rank 4 and f16, bf16, f32 or f64, got 'tensor<2x4x8x16xf128>'}}
  %r = attn.scan %v outs(%v) : tensor<2x4x8x16xf128> -> tensor<2x4x8x16xf128>
  return
}

// -----

// C2: the output has the type of the value.
func.func @c2(%v: tensor<2x4x8x16xf32>, %o: tensor<2x4x8x12xf32>) {
  // expected-error@below {{C2: expected output of shape 2 x 4 x 8 x 16 and type 'f32', got 'tensor<2x4x8x12xf32>'}}
  %r = attn.scan %v outs(%o) : tensor<2x4x8x16xf32> -> tensor<2x4x8x12xf32>
  return
}

// -----

// C2: there is one.
func.func @c2_none(%v: tensor<2x4x8x16xf32>) {
  // expected-error@below {{C2: expected destinations (output and final states), got none}}
  "attn.scan"(%v) <{operandSegmentSizes = array<i32: 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0>}> : (tensor<2x4x8x16xf32>) -> ()
  return
}

// -----

// C3: a key for each token.
func.func @c3(%v: tensor<2x4x8x16xf32>, %k: tensor<2x2x9x3xf32>) {
  // expected-error@below {{C3: expected key of shape 2 x 2 x 8 x 3 and type 'f32', got 'tensor<2x2x9x3xf32>'}}
  %r = attn.scan %v outs(%v) key(%k : tensor<2x2x9x3xf32>) : tensor<2x4x8x16xf32> -> tensor<2x4x8x16xf32>
  return
}

// -----

// C3: key and query agree.
func.func @c3_query(%v: tensor<2x4x8x16xf32>, %k: tensor<2x2x8x3xf32>, %q: tensor<2x2x8x4xf32>) {
  // expected-error@below {{C3: expected query of shape 2 x 2 x 8 x 3 and type 'f32', got 'tensor<2x2x8x4xf32>'}}
  %r = attn.scan %v outs(%v) key(%k : tensor<2x2x8x3xf32>) query(%q : tensor<2x2x8x4xf32>)
    : tensor<2x4x8x16xf32> -> tensor<2x4x8x16xf32>
  return
}

// -----

// C3: they have dimensions to agree in.
func.func @c3_rank(%v: tensor<2x4x8x16xf32>, %k: tensor<2x8x3xf32>) {
  // expected-error@below {{C3: key and query have rank 4, got 'tensor<2x8x3xf32>'}}
  %r = attn.scan %v outs(%v) key(%k : tensor<2x8x3xf32>) : tensor<2x4x8x16xf32> -> tensor<2x4x8x16xf32>
  return
}

// -----

// C3: groups of heads.
func.func @c3_groups(%v: tensor<2x4x8x16xf32>, %k: tensor<2x3x8x3xf32>) {
  // expected-error@below {{C3: heads are a multiple of those of key and query, got 4 and 3}}
  %r = attn.scan %v outs(%v) key(%k : tensor<2x3x8x3xf32>) : tensor<2x4x8x16xf32> -> tensor<2x4x8x16xf32>
  return
}

// -----

// C4: a gate for each channel of each token, in f32.
func.func @c4(%v: tensor<2x4x8x16xbf16>, %g: tensor<2x4x8x16xbf16>) {
  // expected-error@below {{C4: expected gate of shape 2 x 4 x 8 x 16 and type 'f32', got 'tensor<2x4x8x16xbf16>'}}
  %r = attn.scan %v outs(%v) decay(%g : tensor<2x4x8x16xbf16>) : tensor<2x4x8x16xbf16> -> tensor<2x4x8x16xbf16>
  return
}

// -----

// C5: a rate for each number of the state.
func.func @c5(%v: tensor<2x4x8x16xf32>, %k: tensor<2x2x8x3xf32>, %a: tensor<4x16x3xf32>) {
  // expected-error@below {{C5: expected rate of shape 4 x 3 x 16 and type 'f32', got 'tensor<4x16x3xf32>'}}
  %r = attn.scan %v outs(%v) key(%k : tensor<2x2x8x3xf32>) rate(%a : tensor<4x16x3xf32>)
    : tensor<2x4x8x16xf32> -> tensor<2x4x8x16xf32>
  return
}

// -----

// C5: it has dimensions.
func.func @c5_rank(%v: tensor<2x4x8x16xf32>, %a: tensor<4xf32>) {
  // expected-error@below {{C5: a rate has rank 3, got 'tensor<4xf32>'}}
  %r = attn.scan %v outs(%v) rate(%a : tensor<4xf32>) : tensor<2x4x8x16xf32> -> tensor<2x4x8x16xf32>
  return
}

// -----

// C6: beta for each channel of each token.
func.func @c6(%v: tensor<2x4x8x16xf32>, %b: tensor<2x4x8xf32>) {
  // expected-error@below {{C6: expected float beta of shape 2 x 4 x 8 x 16, got 'tensor<2x4x8xf32>'}}
  %r = attn.scan %v outs(%v) delta(%b : tensor<2x4x8xf32>) : tensor<2x4x8x16xf32> -> tensor<2x4x8x16xf32>
  return
}

// -----

// C7: weights of floats ...
func.func @c7(%v: tensor<2x4x8x16xf32>, %w: tensor<2x4x8x16xi32>) {
  // expected-error@below {{C7: expected float weights of shape 2 x 4 x 8 x 16, got 'tensor<2x4x8x16xi32>'}}
  %r = attn.scan %v outs(%v) weights(%w : tensor<2x4x8x16xi32>) : tensor<2x4x8x16xf32> -> tensor<2x4x8x16xf32>
  return
}

// -----

// C7: ... and nothing that has several numbers for a channel.
func.func @c7_key(%v: tensor<2x4x8x16xf32>, %k: tensor<2x2x8x3xf32>) {
  // expected-error@below {{C7: weights come without key, query and beta and with one number for a channel, got a state of 3}}
  %r = attn.scan %v outs(%v) key(%k : tensor<2x2x8x3xf32>) weights(%v : tensor<2x4x8x16xf32>)
    : tensor<2x4x8x16xf32> -> tensor<2x4x8x16xf32>
  return
}

// -----

// C7: ... among them a rate.
func.func @c7_rate(%v: tensor<2x4x8x16xf32>, %a: tensor<4x2x16xf32>) {
  // expected-error@below {{C7: weights come without key, query and beta and with one number for a channel, got a state of 2}}
  %r = attn.scan %v outs(%v) rate(%a : tensor<4x2x16xf32>) weights(%v : tensor<2x4x8x16xf32>)
    : tensor<2x4x8x16xf32> -> tensor<2x4x8x16xf32>
  return
}

// -----

// C8: a bonus for each channel ...
func.func @c8(%v: tensor<2x4x8x16xf32>, %u: tensor<16xf32>) {
  // expected-error@below {{C8: expected float bonus of shape 4 x 16, got 'tensor<16xf32>'}}
  %r = attn.scan %v outs(%v) bonus(%u : tensor<16xf32>) : tensor<2x4x8x16xf32> -> tensor<2x4x8x16xf32>
  return
}

// -----

// C8: ... of what is added.
func.func @c8_delta(%v: tensor<2x4x8x16xf32>, %u: tensor<4x16xf32>) {
  // expected-error@below {{C8: a bonus comes without beta}}
  %r = attn.scan %v outs(%v) delta(%v : tensor<2x4x8x16xf32>) bonus(%u : tensor<4x16xf32>)
    : tensor<2x4x8x16xf32> -> tensor<2x4x8x16xf32>
  return
}

// -----

// C9: one state ...
func.func @c9(%v: tensor<2x4x8x16xf32>, %s: tensor<2x4x3x16xf32>) {
  // expected-error@below {{C9: expected final state of shape 2 x 4 x 1 x 16 and type 'f32', got 'tensor<2x4x3x16xf32>'}}
  %r:2 = attn.scan %v outs(%v, %s) : tensor<2x4x8x16xf32> -> tensor<2x4x8x16xf32>, tensor<2x4x3x16xf32>
  return
}

// -----

// C9: ... or the three of an average.
func.func @c9_weights(%v: tensor<2x4x8x16xf32>, %s: tensor<2x4x1x16xf32>) {
  // expected-error@below {{C9: expected 3 tensors of final state, got 1}}
  %r:2 = attn.scan %v outs(%v, %s) weights(%v : tensor<2x4x8x16xf32>)
    : tensor<2x4x8x16xf32> -> tensor<2x4x8x16xf32>, tensor<2x4x1x16xf32>
  return
}

// -----

// C10: init is what a final state is.
func.func @c10(%v: tensor<2x4x8x16xf32>, %s: tensor<2x4x1x16xf32>) {
  // expected-error@below {{C10: expected 1 tensors of init, got 2}}
  %r = attn.scan %v outs(%v) init(%s, %s : tensor<2x4x1x16xf32>, tensor<2x4x1x16xf32>)
    : tensor<2x4x8x16xf32> -> tensor<2x4x8x16xf32>
  return
}

// -----

// C11: segments by batch entry and token.
func.func @c11(%v: tensor<2x4x8x16xf32>, %ids: tensor<2x8xi64>) {
  // expected-error@below {{C11: expected segments of shape 2 x 8 and type 'i32', got 'tensor<2x8xi64>'}}
  %r = attn.scan %v outs(%v) segments(%ids : tensor<2x8xi64>) : tensor<2x4x8x16xf32> -> tensor<2x4x8x16xf32>
  return
}

// -----

// C12: tensors or memrefs.
func.func @c12(%v: tensor<2x4x8x16xf32>, %g: memref<2x4x8x16xf32>) {
  // expected-error@below {{C12: operands mix tensors and memrefs}}
  %r = attn.scan %v outs(%v) decay(%g : memref<2x4x8x16xf32>) : tensor<2x4x8x16xf32> -> tensor<2x4x8x16xf32>
  return
}

// -----

// C13: no chunks.
func.func @c13(%v: tensor<2x4x8x16xf32>) {
  // expected-error@below {{C13: takes one token at a time, its schedule has 64}}
  %r = attn.scan %v outs(%v) schedule(<tokens = 64, columns = 16>) : tensor<2x4x8x16xf32> -> tensor<2x4x8x16xf32>
  return
}
