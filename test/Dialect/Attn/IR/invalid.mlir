// RUN: attn-opt %s --split-input-file --verify-diagnostics

// Every numbered constraint of the attn dialect, with what is said when it is broken.

//===----------------------------------------------------------------------===//
// attn.attention, and what attn.partial shares with it
//===----------------------------------------------------------------------===//

// C1: query, key and value have rank 4.
func.func @c1(%q: tensor<4x8x16xf32>, %k: tensor<2x2x6x16xf32>, %v: tensor<2x2x6x12xf32>, %o0: tensor<2x4x8x12xf32>) {
  // expected-error@below {{C1: query, key and value have rank 4}}
  %r = attn.attention %q, %k, %v outs(%o0) scale(0.25)
    : tensor<4x8x16xf32>, tensor<2x2x6x16xf32>, tensor<2x2x6x12xf32> -> tensor<2x4x8x12xf32>
  return
}

// -----

// C2: one element type ...
func.func @c2_mixed(%q: tensor<2x4x8x16xf32>, %k: tensor<2x2x6x16xf16>, %v: tensor<2x2x6x12xf32>, %o0: tensor<2x4x8x12xf32>) {
  // expected-error@below {{C2: query, key and value have one element type}}
  %r = attn.attention %q, %k, %v outs(%o0) scale(0.25)
    : tensor<2x4x8x16xf32>, tensor<2x2x6x16xf16>, tensor<2x2x6x12xf32> -> tensor<2x4x8x12xf32>
  return
}

// -----

// C2: ... out of four.
func.func @c2_type(%q: tensor<2x4x8x16xf128>, %k: tensor<2x2x6x16xf128>, %v: tensor<2x2x6x12xf128>, %o0: tensor<2x4x8x12xf128>) {
  // expected-error@below {{C2: query, key and value have one element type}}
  %r = attn.attention %q, %k, %v outs(%o0) scale(0.25)
    : tensor<2x4x8x16xf128>, tensor<2x2x6x16xf128>, tensor<2x2x6x12xf128> -> tensor<2x4x8x12xf128>
  return
}

// -----

// C2, C7: the output has this type too.
func.func @c2_output(%q: tensor<2x4x8x16xf32>, %k: tensor<2x2x6x16xf32>, %v: tensor<2x2x6x12xf32>, %o0: tensor<2x4x8x12xbf16>) {
  // expected-error@below {{C7: expected output of shape 2 x 4 x 8 x 12 and type 'f32'}}
  %r = attn.attention %q, %k, %v outs(%o0) scale(0.25)
    : tensor<2x4x8x16xf32>, tensor<2x2x6x16xf32>, tensor<2x2x6x12xf32> -> tensor<2x4x8x12xbf16>
  return
}

// -----

// C3: batch sizes agree.
func.func @c3(%q: tensor<2x4x8x16xf32>, %k: tensor<3x2x6x16xf32>, %v: tensor<3x2x6x12xf32>, %o0: tensor<2x4x8x12xf32>) {
  // expected-error@below {{C3: batch sizes agree}}
  %r = attn.attention %q, %k, %v outs(%o0) scale(0.25)
    : tensor<2x4x8x16xf32>, tensor<3x2x6x16xf32>, tensor<3x2x6x12xf32> -> tensor<2x4x8x12xf32>
  return
}

// -----

// C3: of keys and values, where that of the queries is unknown.
func.func @c3_key_value(%q: tensor<?x4x8x16xf32>, %k: tensor<3x2x6x16xf32>, %v: tensor<2x2x6x12xf32>, %o0: tensor<?x4x8x12xf32>) {
  // expected-error@below {{C3: batch sizes agree}}
  %r = attn.attention %q, %k, %v outs(%o0) scale(0.25)
    : tensor<?x4x8x16xf32>, tensor<3x2x6x16xf32>, tensor<2x2x6x12xf32> -> tensor<?x4x8x12xf32>
  return
}

// -----

// C4: key and value agree in heads ...
func.func @c4_heads(%q: tensor<2x4x8x16xf32>, %k: tensor<2x2x6x16xf32>, %v: tensor<2x4x6x12xf32>, %o0: tensor<2x4x8x12xf32>) {
  // expected-error@below {{C4: key and value agree in heads and length}}
  %r = attn.attention %q, %k, %v outs(%o0) scale(0.25)
    : tensor<2x4x8x16xf32>, tensor<2x2x6x16xf32>, tensor<2x4x6x12xf32> -> tensor<2x4x8x12xf32>
  return
}

// -----

// C4: ... and in length.
func.func @c4_length(%q: tensor<2x4x8x16xf32>, %k: tensor<2x2x6x16xf32>, %v: tensor<2x2x7x12xf32>, %o0: tensor<2x4x8x12xf32>) {
  // expected-error@below {{C4: key and value agree in heads and length}}
  %r = attn.attention %q, %k, %v outs(%o0) scale(0.25)
    : tensor<2x4x8x16xf32>, tensor<2x2x6x16xf32>, tensor<2x2x7x12xf32> -> tensor<2x4x8x12xf32>
  return
}

// -----

// C5: query and key agree in width.
func.func @c5(%q: tensor<2x4x8x8xf32>, %k: tensor<2x2x6x16xf32>, %v: tensor<2x2x6x12xf32>, %o0: tensor<2x4x8x12xf32>) {
  // expected-error@below {{C5: query and key agree in width}}
  %r = attn.attention %q, %k, %v outs(%o0) scale(0.25)
    : tensor<2x4x8x8xf32>, tensor<2x2x6x16xf32>, tensor<2x2x6x12xf32> -> tensor<2x4x8x12xf32>
  return
}

// -----

// C6: Hq is a multiple of Hkv.
func.func @c6(%q: tensor<2x4x8x16xf32>, %k: tensor<2x3x6x16xf32>, %v: tensor<2x3x6x12xf32>, %o0: tensor<2x4x8x12xf32>) {
  // expected-error@below {{C6: query heads are a multiple of kv heads, got 4 and 3}}
  %r = attn.attention %q, %k, %v outs(%o0) scale(0.25)
    : tensor<2x4x8x16xf32>, tensor<2x3x6x16xf32>, tensor<2x3x6x12xf32> -> tensor<2x4x8x12xf32>
  return
}

// -----

// C6: nothing is a multiple of no heads.
func.func @c6_zero(%q: tensor<2x4x8x16xf32>, %k: tensor<2x0x6x16xf32>, %v: tensor<2x0x6x12xf32>, %o0: tensor<2x4x8x12xf32>) {
  // expected-error@below {{C6: query heads are a multiple of kv heads, got 4 and 0}}
  %r = attn.attention %q, %k, %v outs(%o0) scale(0.25)
    : tensor<2x4x8x16xf32>, tensor<2x0x6x16xf32>, tensor<2x0x6x12xf32> -> tensor<2x4x8x12xf32>
  return
}

// -----

// C7: outs[0] is B x Hq x Sq x Dv.
func.func @c7_output(%q: tensor<2x4x8x16xf32>, %k: tensor<2x2x6x16xf32>, %v: tensor<2x2x6x12xf32>, %o0: tensor<2x4x8x16xf32>) {
  // expected-error@below {{C7: expected output of shape 2 x 4 x 8 x 12}}
  %r = attn.attention %q, %k, %v outs(%o0) scale(0.25)
    : tensor<2x4x8x16xf32>, tensor<2x2x6x16xf32>, tensor<2x2x6x12xf32> -> tensor<2x4x8x16xf32>
  return
}

// -----

// C7: outs[1] is B x Hq x Sq ...
func.func @c7_lse_shape(%q: tensor<2x4x8x16xf32>, %k: tensor<2x2x6x16xf32>, %v: tensor<2x2x6x12xf32>, %o0: tensor<2x4x8x12xf32>, %o1: tensor<2x4x6xf32>) {
  // expected-error@below {{C7: expected lse of shape 2 x 4 x 8}}
  %r:2 = attn.attention %q, %k, %v outs(%o0, %o1) scale(0.25)
    : tensor<2x4x8x16xf32>, tensor<2x2x6x16xf32>, tensor<2x2x6x12xf32> -> tensor<2x4x8x12xf32>, tensor<2x4x6xf32>
  return
}

// -----

// C7: ... of f32 (for f16) ...
func.func @c7_lse_half(%q: tensor<2x4x8x16xf16>, %k: tensor<2x2x6x16xf16>, %v: tensor<2x2x6x12xf16>, %o0: tensor<2x4x8x12xf16>, %o1: tensor<2x4x8xf16>) {
  // expected-error@below {{C7: expected lse of shape 2 x 4 x 8 and type 'f32'}}
  %r:2 = attn.attention %q, %k, %v outs(%o0, %o1) scale(0.25)
    : tensor<2x4x8x16xf16>, tensor<2x2x6x16xf16>, tensor<2x2x6x12xf16> -> tensor<2x4x8x12xf16>, tensor<2x4x8xf16>
  return
}

// -----

// C7: ... or f64.
func.func @c7_lse_double(%q: tensor<2x4x8x16xf64>, %k: tensor<2x2x6x16xf64>, %v: tensor<2x2x6x12xf64>, %o0: tensor<2x4x8x12xf64>, %o1: tensor<2x4x8xf32>) {
  // expected-error@below {{C7: expected lse of shape 2 x 4 x 8 and type 'f64'}}
  %r:2 = attn.attention %q, %k, %v outs(%o0, %o1) scale(0.25)
    : tensor<2x4x8x16xf64>, tensor<2x2x6x16xf64>, tensor<2x2x6x12xf64> -> tensor<2x4x8x12xf64>, tensor<2x4x8xf32>
  return
}

// -----

// C7: there are one or two destinations.
func.func @c7_count(%q: tensor<2x4x8x16xf32>, %k: tensor<2x2x6x16xf32>, %v: tensor<2x2x6x12xf32>, %o0: tensor<2x4x8x12xf32>, %o1: tensor<2x4x8xf32>, %o2: tensor<2x4x8xf32>) {
  // expected-error@below {{C7: expected one or two destinations}}
  %r:3 = attn.attention %q, %k, %v outs(%o0, %o1, %o2) scale(0.25)
    : tensor<2x4x8x16xf32>, tensor<2x2x6x16xf32>, tensor<2x2x6x12xf32> -> tensor<2x4x8x12xf32>, tensor<2x4x8xf32>, tensor<2x4x8xf32>
  return
}

// -----

// C8: bias has rank 1 to 4 ...
func.func @c8_rank(%q: tensor<2x4x8x16xf32>, %k: tensor<2x2x6x16xf32>, %v: tensor<2x2x6x12xf32>, %o0: tensor<2x4x8x12xf32>, %b: tensor<1x2x4x8x6xf32>) {
  // expected-error@below {{C8: expected a float bias that broadcasts to 2 x 4 x 8 x 6}}
  %r = attn.attention %q, %k, %v outs(%o0) scale(0.25) bias(%b : tensor<1x2x4x8x6xf32>)
    : tensor<2x4x8x16xf32>, tensor<2x2x6x16xf32>, tensor<2x2x6x12xf32> -> tensor<2x4x8x12xf32>
  return
}

// -----

// C8: ... at least 1 ...
func.func @c8_scalar(%q: tensor<2x4x8x16xf32>, %k: tensor<2x2x6x16xf32>, %v: tensor<2x2x6x12xf32>, %o0: tensor<2x4x8x12xf32>, %b: tensor<f32>) {
  // expected-error@below {{C8: expected a float bias that broadcasts to 2 x 4 x 8 x 6}}
  %r = attn.attention %q, %k, %v outs(%o0) scale(0.25) bias(%b : tensor<f32>)
    : tensor<2x4x8x16xf32>, tensor<2x2x6x16xf32>, tensor<2x2x6x12xf32> -> tensor<2x4x8x12xf32>
  return
}

// -----

// C8: ... and extents that are 1 or what they broadcast to.
func.func @c8_extent(%q: tensor<2x4x8x16xf32>, %k: tensor<2x2x6x16xf32>, %v: tensor<2x2x6x12xf32>, %o0: tensor<2x4x8x12xf32>, %b: tensor<4x8x7xf32>) {
  // expected-error@below {{C8: expected a float bias that broadcasts to 2 x 4 x 8 x 6}}
  %r = attn.attention %q, %k, %v outs(%o0) scale(0.25) bias(%b : tensor<4x8x7xf32>)
    : tensor<2x4x8x16xf32>, tensor<2x2x6x16xf32>, tensor<2x2x6x12xf32> -> tensor<2x4x8x12xf32>
  return
}

// -----

// C8: it is aligned at the right.
func.func @c8_alignment(%q: tensor<2x4x8x16xf32>, %k: tensor<2x2x6x16xf32>, %v: tensor<2x2x6x12xf32>, %o0: tensor<2x4x8x12xf32>, %b: tensor<2x4xf32>) {
  // expected-error@below {{C8: expected a float bias that broadcasts to 2 x 4 x 8 x 6}}
  %r = attn.attention %q, %k, %v outs(%o0) scale(0.25) bias(%b : tensor<2x4xf32>)
    : tensor<2x4x8x16xf32>, tensor<2x2x6x16xf32>, tensor<2x2x6x12xf32> -> tensor<2x4x8x12xf32>
  return
}

// -----

// C8: it is a float.
func.func @c8_type(%q: tensor<2x4x8x16xf32>, %k: tensor<2x2x6x16xf32>, %v: tensor<2x2x6x12xf32>, %o0: tensor<2x4x8x12xf32>, %b: tensor<6xi32>) {
  // expected-error@below {{C8: expected a float bias}}
  %r = attn.attention %q, %k, %v outs(%o0) scale(0.25) bias(%b : tensor<6xi32>)
    : tensor<2x4x8x16xf32>, tensor<2x2x6x16xf32>, tensor<2x2x6x12xf32> -> tensor<2x4x8x12xf32>
  return
}

// -----

// C9: sink has shape Hq.
func.func @c9_shape(%q: tensor<2x4x8x16xf32>, %k: tensor<2x2x6x16xf32>, %v: tensor<2x2x6x12xf32>, %o0: tensor<2x4x8x12xf32>, %s: tensor<2xf32>) {
  // expected-error@below {{C9: expected float sinks of shape 4}}
  %r = attn.attention %q, %k, %v outs(%o0) scale(0.25) sink(%s : tensor<2xf32>)
    : tensor<2x4x8x16xf32>, tensor<2x2x6x16xf32>, tensor<2x2x6x12xf32> -> tensor<2x4x8x12xf32>
  return
}

// -----

// C9: it is f32 or of the type of the query.
func.func @c9_type(%q: tensor<2x4x8x16xf32>, %k: tensor<2x2x6x16xf32>, %v: tensor<2x2x6x12xf32>, %o0: tensor<2x4x8x12xf32>, %s: tensor<4xi32>) {
  // expected-error@below {{C9: expected float sinks of shape 4}}
  %r = attn.attention %q, %k, %v outs(%o0) scale(0.25) sink(%s : tensor<4xi32>)
    : tensor<2x4x8x16xf32>, tensor<2x2x6x16xf32>, tensor<2x2x6x12xf32> -> tensor<2x4x8x12xf32>
  return
}

// -----

// C10: segments are given if the mask reads them ...
func.func @c10_missing(%q: tensor<2x4x8x16xf32>, %k: tensor<2x2x6x16xf32>, %v: tensor<2x2x6x12xf32>, %o0: tensor<2x4x8x12xf32>) {
  // expected-error@below {{C10: the mask compares segments, but none are given}}
  %r = attn.attention %q, %k, %v outs(%o0) scale(0.25) mask(#attn.or<not<segment>, causal>)
    : tensor<2x4x8x16xf32>, tensor<2x2x6x16xf32>, tensor<2x2x6x12xf32> -> tensor<2x4x8x12xf32>
  return
}

// -----

// C10: ... and only then.
func.func @c10_unread(%q: tensor<2x4x8x16xf32>, %k: tensor<2x2x6x16xf32>, %v: tensor<2x2x6x12xf32>, %o0: tensor<2x4x8x12xf32>, %a: tensor<2x8xi32>, %c: tensor<2x6xi32>) {
  // expected-error@below {{C10: segments are given, but the mask does not read them}}
  %r = attn.attention %q, %k, %v outs(%o0) scale(0.25) mask(#attn.causal) segments(%a, %c : tensor<2x8xi32>, tensor<2x6xi32>)
    : tensor<2x4x8x16xf32>, tensor<2x2x6x16xf32>, tensor<2x2x6x12xf32> -> tensor<2x4x8x12xf32>
  return
}

// -----

// C10: they are B x Sq ...
func.func @c10_query(%q: tensor<2x4x8x16xf32>, %k: tensor<2x2x6x16xf32>, %v: tensor<2x2x6x12xf32>, %o0: tensor<2x4x8x12xf32>, %a: tensor<2x6xi32>, %c: tensor<2x6xi32>) {
  // expected-error@below {{C10: expected query segments of shape 2 x 8}}
  %r = attn.attention %q, %k, %v outs(%o0) scale(0.25) mask(#attn.segment) segments(%a, %c : tensor<2x6xi32>, tensor<2x6xi32>)
    : tensor<2x4x8x16xf32>, tensor<2x2x6x16xf32>, tensor<2x2x6x12xf32> -> tensor<2x4x8x12xf32>
  return
}

// -----

// C10: ... and B x Skv ...
func.func @c10_key(%q: tensor<2x4x8x16xf32>, %k: tensor<2x2x6x16xf32>, %v: tensor<2x2x6x12xf32>, %o0: tensor<2x4x8x12xf32>, %a: tensor<2x8xi32>, %c: tensor<2x8xi32>) {
  // expected-error@below {{C10: expected key segments of shape 2 x 6}}
  %r = attn.attention %q, %k, %v outs(%o0) scale(0.25) mask(#attn.segment) segments(%a, %c : tensor<2x8xi32>, tensor<2x8xi32>)
    : tensor<2x4x8x16xf32>, tensor<2x2x6x16xf32>, tensor<2x2x6x12xf32> -> tensor<2x4x8x12xf32>
  return
}

// -----

// C10: ... of i32.
func.func @c10_type(%q: tensor<2x4x8x16xf32>, %k: tensor<2x2x6x16xf32>, %v: tensor<2x2x6x12xf32>, %o0: tensor<2x4x8x12xf32>, %a: tensor<2x8xi64>, %c: tensor<2x6xi32>) {
  // expected-error@below {{C10: expected query segments of shape 2 x 8 and type 'i32'}}
  %r = attn.attention %q, %k, %v outs(%o0) scale(0.25) mask(#attn.segment) segments(%a, %c : tensor<2x8xi64>, tensor<2x6xi32>)
    : tensor<2x4x8x16xf32>, tensor<2x2x6x16xf32>, tensor<2x2x6x12xf32> -> tensor<2x4x8x12xf32>
  return
}

// -----

// C11: kv_lengths has shape B ...
func.func @c11_shape(%q: tensor<2x4x8x16xf32>, %k: tensor<2x2x6x16xf32>, %v: tensor<2x2x6x12xf32>, %o0: tensor<2x4x8x12xf32>, %n: tensor<4xi32>) {
  // expected-error@below {{C11: expected kv_lengths of shape 2}}
  %r = attn.attention %q, %k, %v outs(%o0) scale(0.25) kv_lengths(%n : tensor<4xi32>)
    : tensor<2x4x8x16xf32>, tensor<2x2x6x16xf32>, tensor<2x2x6x12xf32> -> tensor<2x4x8x12xf32>
  return
}

// -----

// C11: ... of i32.
func.func @c11_type(%q: tensor<2x4x8x16xf32>, %k: tensor<2x2x6x16xf32>, %v: tensor<2x2x6x12xf32>, %o0: tensor<2x4x8x12xf32>, %n: tensor<2xi64>) {
  // expected-error@below {{C11: expected kv_lengths of shape 2 and type 'i32'}}
  %r = attn.attention %q, %k, %v outs(%o0) scale(0.25) kv_lengths(%n : tensor<2xi64>)
    : tensor<2x4x8x16xf32>, tensor<2x2x6x16xf32>, tensor<2x2x6x12xf32> -> tensor<2x4x8x12xf32>
  return
}

// -----

// C12: positions are B x Sq ...
func.func @c12_query(%q: tensor<2x4x8x16xf32>, %k: tensor<2x2x6x16xf32>, %v: tensor<2x2x6x12xf32>, %o0: tensor<2x4x8x12xf32>, %a: tensor<8xi32>, %c: tensor<2x6xi32>) {
  // expected-error@below {{C12: expected query positions of shape 2 x 8}}
  %r = attn.attention %q, %k, %v outs(%o0) scale(0.25) positions(%a, %c : tensor<8xi32>, tensor<2x6xi32>)
    : tensor<2x4x8x16xf32>, tensor<2x2x6x16xf32>, tensor<2x2x6x12xf32> -> tensor<2x4x8x12xf32>
  return
}

// -----

// C12: ... and B x Skv of i32.
func.func @c12_key(%q: tensor<2x4x8x16xf32>, %k: tensor<2x2x6x16xf32>, %v: tensor<2x2x6x12xf32>, %o0: tensor<2x4x8x12xf32>, %a: tensor<2x8xi32>, %c: tensor<2x6xf32>) {
  // expected-error@below {{C12: expected key positions of shape 2 x 6 and type 'i32'}}
  %r = attn.attention %q, %k, %v outs(%o0) scale(0.25) positions(%a, %c : tensor<2x8xi32>, tensor<2x6xf32>)
    : tensor<2x4x8x16xf32>, tensor<2x2x6x16xf32>, tensor<2x2x6x12xf32> -> tensor<2x4x8x12xf32>
  return
}

// -----

// C12: they exclude offset ...
func.func @c12_offset(%q: tensor<2x4x8x16xf32>, %k: tensor<2x2x6x16xf32>, %v: tensor<2x2x6x12xf32>, %o0: tensor<2x4x8x12xf32>, %a: tensor<2x8xi32>, %c: tensor<2x6xi32>, %x: index) {
  // expected-error@below {{C12: positions exclude offset and align}}
  %r = attn.attention %q, %k, %v outs(%o0) scale(0.25) positions(%a, %c : tensor<2x8xi32>, tensor<2x6xi32>) offset(%x : index)
    : tensor<2x4x8x16xf32>, tensor<2x2x6x16xf32>, tensor<2x2x6x12xf32> -> tensor<2x4x8x12xf32>
  return
}

// -----

// C12: ... and align.
func.func @c12_align(%q: tensor<2x4x8x16xf32>, %k: tensor<2x2x6x16xf32>, %v: tensor<2x2x6x12xf32>, %o0: tensor<2x4x8x12xf32>, %a: tensor<2x8xi32>, %c: tensor<2x6xi32>) {
  // expected-error@below {{C12: positions exclude offset and align}}
  %r = attn.attention %q, %k, %v outs(%o0) scale(0.25) positions(%a, %c : tensor<2x8xi32>, tensor<2x6xi32>) align(bottom_right)
    : tensor<2x4x8x16xf32>, tensor<2x2x6x16xf32>, tensor<2x2x6x12xf32> -> tensor<2x4x8x12xf32>
  return
}

// -----

// C13: offset is an index or B of i32 ...
func.func @c13_scalar(%q: tensor<2x4x8x16xf32>, %k: tensor<2x2x6x16xf32>, %v: tensor<2x2x6x12xf32>, %o0: tensor<2x4x8x12xf32>, %x: i32) {
  // expected-error@below {{C13: expected offset of type index or a shape of B x i32, got 'i32'}}
  %r = attn.attention %q, %k, %v outs(%o0) scale(0.25) offset(%x : i32)
    : tensor<2x4x8x16xf32>, tensor<2x2x6x16xf32>, tensor<2x2x6x12xf32> -> tensor<2x4x8x12xf32>
  return
}

// -----

// C13: offset is an index or B of i32 ...
func.func @c13_shape(%q: tensor<2x4x8x16xf32>, %k: tensor<2x2x6x16xf32>, %v: tensor<2x2x6x12xf32>, %o0: tensor<2x4x8x12xf32>, %x: tensor<1xi32>) {
  // expected-error@below {{C13: expected offset of shape 2}}
  %r = attn.attention %q, %k, %v outs(%o0) scale(0.25) offset(%x : tensor<1xi32>)
    : tensor<2x4x8x16xf32>, tensor<2x2x6x16xf32>, tensor<2x2x6x12xf32> -> tensor<2x4x8x12xf32>
  return
}

// -----

// C13: ... and excludes align.
func.func @c13_align(%q: tensor<2x4x8x16xf32>, %k: tensor<2x2x6x16xf32>, %v: tensor<2x2x6x12xf32>, %o0: tensor<2x4x8x12xf32>, %x: index) {
  // expected-error@below {{C13: offset excludes align}}
  %r = attn.attention %q, %k, %v outs(%o0) scale(0.25) offset(%x : index) align(bottom_right)
    : tensor<2x4x8x16xf32>, tensor<2x2x6x16xf32>, tensor<2x2x6x12xf32> -> tensor<2x4x8x12xf32>
  return
}

// -----

// C14: the score region takes (f32, index, index, index, index) ...
func.func @c14_arguments(%q: tensor<2x4x8x16xf32>, %k: tensor<2x2x6x16xf32>, %v: tensor<2x2x6x12xf32>, %o0: tensor<2x4x8x12xf32>) {
  // expected-error@below {{C14: expected the score region to take}}
  %r = attn.attention %q, %k, %v outs(%o0) scale(0.25) score {
  ^bb0(%s: f32, %b: index, %h: index, %i: index):
    attn.yield %s : f32
  }
    : tensor<2x4x8x16xf32>, tensor<2x2x6x16xf32>, tensor<2x2x6x12xf32> -> tensor<2x4x8x12xf32>
  return
}

// -----

// C14: ... f64 for f64 operands ...
func.func @c14_double(%q: tensor<2x4x8x16xf64>, %k: tensor<2x2x6x16xf64>, %v: tensor<2x2x6x12xf64>, %o0: tensor<2x4x8x12xf64>) {
  // expected-error@below {{C14: expected the score region to take}}
  %r = attn.attention %q, %k, %v outs(%o0) scale(0.25) score {
  ^bb0(%s: f32, %b: index, %h: index, %i: index, %j: index):
    attn.yield %s : f32
  }
    : tensor<2x4x8x16xf64>, tensor<2x2x6x16xf64>, tensor<2x2x6x12xf64> -> tensor<2x4x8x12xf64>
  return
}

// -----

// C14: ... not f16 for f16 operands ...
func.func @c14_half(%q: tensor<2x4x8x16xf16>, %k: tensor<2x2x6x16xf16>, %v: tensor<2x2x6x12xf16>, %o0: tensor<2x4x8x12xf16>) {
  // expected-error@below {{C14: expected the score region to take}}
  %r = attn.attention %q, %k, %v outs(%o0) scale(0.25) score {
  ^bb0(%s: f16, %b: index, %h: index, %i: index, %j: index):
    attn.yield %s : f16
  }
    : tensor<2x4x8x16xf16>, tensor<2x2x6x16xf16>, tensor<2x2x6x12xf16> -> tensor<2x4x8x12xf16>
  return
}

// -----

// C14: ... and yields its first argument's type.
func.func @c14_yield(%q: tensor<2x4x8x16xf32>, %k: tensor<2x2x6x16xf32>, %v: tensor<2x2x6x12xf32>, %o0: tensor<2x4x8x12xf32>) {
  // expected-error@below {{C14: expected the score region to yield 'f32', got 'f64'}}
  %r = attn.attention %q, %k, %v outs(%o0) scale(0.25) score {
  ^bb0(%s: f32, %b: index, %h: index, %i: index, %j: index):
    %t = arith.extf %s : f32 to f64
    attn.yield %t : f64
  }
    : tensor<2x4x8x16xf32>, tensor<2x2x6x16xf32>, tensor<2x2x6x12xf32> -> tensor<2x4x8x12xf32>
  return
}

// -----

// C15: the where region takes four index ...
func.func @c15_arguments(%q: tensor<2x4x8x16xf32>, %k: tensor<2x2x6x16xf32>, %v: tensor<2x2x6x12xf32>, %o0: tensor<2x4x8x12xf32>) {
  // expected-error@below {{C15: expected the where region to take}}
  %r = attn.attention %q, %k, %v outs(%o0) scale(0.25) where {
  ^bb0(%s: f32, %b: index, %h: index, %i: index, %j: index):
    %t = arith.cmpi sle, %j, %i : index
    attn.yield %t : i1
  }
    : tensor<2x4x8x16xf32>, tensor<2x2x6x16xf32>, tensor<2x2x6x12xf32> -> tensor<2x4x8x12xf32>
  return
}

// -----

// C15: ... and yields i1.
func.func @c15_yield(%q: tensor<2x4x8x16xf32>, %k: tensor<2x2x6x16xf32>, %v: tensor<2x2x6x12xf32>, %o0: tensor<2x4x8x12xf32>) {
  // expected-error@below {{C15: expected the where region to yield 'i1', got 'index'}}
  %r = attn.attention %q, %k, %v outs(%o0) scale(0.25) where {
  ^bb0(%b: index, %h: index, %i: index, %j: index):
    attn.yield %j : index
  }
    : tensor<2x4x8x16xf32>, tensor<2x2x6x16xf32>, tensor<2x2x6x12xf32> -> tensor<2x4x8x12xf32>
  return
}

// -----

// C16: scale is finite.
func.func @c16_infinite(%q: tensor<2x4x8x16xf32>, %k: tensor<2x2x6x16xf32>, %v: tensor<2x2x6x12xf32>, %o0: tensor<2x4x8x12xf32>) {
  // expected-error@below {{C16: expected a finite scale}}
  %r = attn.attention %q, %k, %v outs(%o0) scale(0x7FF0000000000000)
    : tensor<2x4x8x16xf32>, tensor<2x2x6x16xf32>, tensor<2x2x6x12xf32> -> tensor<2x4x8x12xf32>
  return
}

// -----

// C16: scale is a number.
func.func @c16_nan(%q: tensor<2x4x8x16xf32>, %k: tensor<2x2x6x16xf32>, %v: tensor<2x2x6x12xf32>, %o0: tensor<2x4x8x12xf32>) {
  // expected-error@below {{C16: expected a finite scale}}
  %r = attn.attention %q, %k, %v outs(%o0) scale(0x7FF8000000000000)
    : tensor<2x4x8x16xf32>, tensor<2x2x6x16xf32>, tensor<2x2x6x12xf32> -> tensor<2x4x8x12xf32>
  return
}

// -----

// C17: origin has no or three operands.
func.func @c17(%q: tensor<2x4x8x16xf32>, %k: tensor<2x2x6x16xf32>, %v: tensor<2x2x6x12xf32>, %o0: tensor<2x4x8x12xf32>, %x: index) {
  // expected-error@below {{C17: expected an origin (b, h, i), got 4 values}}
  %r = attn.attention %q, %k, %v outs(%o0) scale(0.25) origin(%x, %x, %x, %x)
    : tensor<2x4x8x16xf32>, tensor<2x2x6x16xf32>, tensor<2x2x6x12xf32> -> tensor<2x4x8x12xf32>
  return
}

// -----

// C18: operands are all tensors or all memrefs.
func.func @c18_mixed(%q: tensor<2x4x8x16xf32>, %k: memref<2x2x6x16xf32>, %v: tensor<2x2x6x12xf32>, %o0: tensor<2x4x8x12xf32>) {
  // expected-error@below {{C18: operands mix tensors and memrefs}}
  %r = attn.attention %q, %k, %v outs(%o0) scale(0.25)
    : tensor<2x4x8x16xf32>, memref<2x2x6x16xf32>, tensor<2x2x6x12xf32> -> tensor<2x4x8x12xf32>
  return
}

// -----

// C18: optional ones too.
func.func @c18_optional(%q: tensor<2x4x8x16xf32>, %k: tensor<2x2x6x16xf32>, %v: tensor<2x2x6x12xf32>, %o0: tensor<2x4x8x12xf32>, %s: memref<4xf32>) {
  // expected-error@below {{C18: operands mix tensors and memrefs}}
  %r = attn.attention %q, %k, %v outs(%o0) scale(0.25) sink(%s : memref<4xf32>)
    : tensor<2x4x8x16xf32>, tensor<2x2x6x16xf32>, tensor<2x2x6x12xf32> -> tensor<2x4x8x12xf32>
  return
}

// -----

// C18: operands are ranked.
func.func @c18_unranked(%q: tensor<*xf32>, %k: tensor<2x2x6x16xf32>, %v: tensor<2x2x6x12xf32>, %o0: tensor<2x4x8x12xf32>) {
  // expected-error@below {{C18: operands are ranked}}
  %r = attn.attention %q, %k, %v outs(%o0) scale(0.25)
    : tensor<*xf32>, tensor<2x2x6x16xf32>, tensor<2x2x6x12xf32> -> tensor<2x4x8x12xf32>
  return
}

//===----------------------------------------------------------------------===//
// attn.partial
//===----------------------------------------------------------------------===//

// -----

// C3: as for attention.
func.func @partial_c3(%q: tensor<2x4x8x16xf32>, %k: tensor<3x2x6x16xf32>, %v: tensor<3x2x6x12xf32>, %o0: tensor<2x4x8x12xf32>, %o1: tensor<2x4x8xf32>, %o2: tensor<2x4x8xf32>) {
  // expected-error@below {{C3: batch sizes agree}}
  %r:3 = attn.partial %q, %k, %v outs(%o0, %o1, %o2) scale(0.25)
    : tensor<2x4x8x16xf32>, tensor<3x2x6x16xf32>, tensor<3x2x6x12xf32> -> tensor<2x4x8x12xf32>, tensor<2x4x8xf32>, tensor<2x4x8xf32>
  return
}

// -----

// C16: as for attention.
func.func @partial_c16(%q: tensor<2x4x8x16xf32>, %k: tensor<2x2x6x16xf32>, %v: tensor<2x2x6x12xf32>, %o0: tensor<2x4x8x12xf32>, %o1: tensor<2x4x8xf32>, %o2: tensor<2x4x8xf32>) {
  // expected-error@below {{C16: expected a finite scale}}
  %r:3 = attn.partial %q, %k, %v outs(%o0, %o1, %o2) scale(0x7FF8000000000000)
    : tensor<2x4x8x16xf32>, tensor<2x2x6x16xf32>, tensor<2x2x6x12xf32> -> tensor<2x4x8x12xf32>, tensor<2x4x8xf32>, tensor<2x4x8xf32>
  return
}

// -----

// C19: outs are three.
func.func @c19_count(%q: tensor<2x4x8x16xf32>, %k: tensor<2x2x6x16xf32>, %v: tensor<2x2x6x12xf32>, %o0: tensor<2x4x8x12xf32>, %o1: tensor<2x4x8xf32>) {
  // expected-error@below {{C19: expected a state of three destinations (acc, ref, sum), got 2}}
  %r:2 = attn.partial %q, %k, %v outs(%o0, %o1) scale(0.25)
    : tensor<2x4x8x16xf32>, tensor<2x2x6x16xf32>, tensor<2x2x6x12xf32> -> tensor<2x4x8x12xf32>, tensor<2x4x8xf32>
  return
}

// -----

// C19: acc is B x Hq x Sq x Dv ...
func.func @c19_acc(%q: tensor<2x4x8x16xf32>, %k: tensor<2x2x6x16xf32>, %v: tensor<2x2x6x12xf32>, %o0: tensor<2x4x8x16xf32>, %o1: tensor<2x4x8xf32>, %o2: tensor<2x4x8xf32>) {
  // expected-error@below {{C19: expected acc of shape 2 x 4 x 8 x 12}}
  %r:3 = attn.partial %q, %k, %v outs(%o0, %o1, %o2) scale(0.25)
    : tensor<2x4x8x16xf32>, tensor<2x2x6x16xf32>, tensor<2x2x6x12xf32> -> tensor<2x4x8x16xf32>, tensor<2x4x8xf32>, tensor<2x4x8xf32>
  return
}

// -----

// C19: ... ref is B x Hq x Sq ...
func.func @c19_ref(%q: tensor<2x4x8x16xf32>, %k: tensor<2x2x6x16xf32>, %v: tensor<2x2x6x12xf32>, %o0: tensor<2x4x8x12xf32>, %o1: tensor<2x4x8x12xf32>, %o2: tensor<2x4x8xf32>) {
  // expected-error@below {{C19: expected ref of shape 2 x 4 x 8}}
  %r:3 = attn.partial %q, %k, %v outs(%o0, %o1, %o2) scale(0.25)
    : tensor<2x4x8x16xf32>, tensor<2x2x6x16xf32>, tensor<2x2x6x12xf32> -> tensor<2x4x8x12xf32>, tensor<2x4x8x12xf32>, tensor<2x4x8xf32>
  return
}

// -----

// C19: ... and so is sum ...
func.func @c19_sum(%q: tensor<2x4x8x16xf32>, %k: tensor<2x2x6x16xf32>, %v: tensor<2x2x6x12xf32>, %o0: tensor<2x4x8x12xf32>, %o1: tensor<2x4x8xf32>, %o2: tensor<2x4x9xf32>) {
  // expected-error@below {{C19: expected sum of shape 2 x 4 x 8}}
  %r:3 = attn.partial %q, %k, %v outs(%o0, %o1, %o2) scale(0.25)
    : tensor<2x4x8x16xf32>, tensor<2x2x6x16xf32>, tensor<2x2x6x12xf32> -> tensor<2x4x8x12xf32>, tensor<2x4x8xf32>, tensor<2x4x9xf32>
  return
}

// -----

// C19: ... of f32, whatever the operands.
func.func @c19_type(%q: tensor<2x4x8x16xf16>, %k: tensor<2x2x6x16xf16>, %v: tensor<2x2x6x12xf16>, %o0: tensor<2x4x8x12xf16>, %o1: tensor<2x4x8xf32>, %o2: tensor<2x4x8xf32>) {
  // expected-error@below {{C19: expected acc of shape 2 x 4 x 8 x 12 and type 'f32'}}
  %r:3 = attn.partial %q, %k, %v outs(%o0, %o1, %o2) scale(0.25)
    : tensor<2x4x8x16xf16>, tensor<2x2x6x16xf16>, tensor<2x2x6x12xf16> -> tensor<2x4x8x12xf16>, tensor<2x4x8xf32>, tensor<2x4x8xf32>
  return
}

// -----

// C20: origin has no or four operands.
func.func @c20(%q: tensor<2x4x8x16xf32>, %k: tensor<2x2x6x16xf32>, %v: tensor<2x2x6x12xf32>, %o0: tensor<2x4x8x12xf32>, %o1: tensor<2x4x8xf32>, %o2: tensor<2x4x8xf32>, %x: index) {
  // expected-error@below {{C20: expected an origin (b, h, i, j), got 3 values}}
  %r:3 = attn.partial %q, %k, %v outs(%o0, %o1, %o2) scale(0.25) origin(%x, %x, %x)
    : tensor<2x4x8x16xf32>, tensor<2x2x6x16xf32>, tensor<2x2x6x12xf32> -> tensor<2x4x8x12xf32>, tensor<2x4x8xf32>, tensor<2x4x8xf32>
  return
}

//===----------------------------------------------------------------------===//
// attn.merge
//===----------------------------------------------------------------------===//

// -----

// C1: ref has the shape of acc without its last dimension.
func.func @merge_c1_ref(%a0: tensor<2x3x4xf32>, %a1: tensor<2x3x4xf32>, %a2: tensor<2x3xf32>, %a3: tensor<2x3x4xf32>, %a4: tensor<2x3xf32>, %a5: tensor<2x3xf32>, %o0: tensor<2x3x4xf32>, %o1: tensor<2x3xf32>, %o2: tensor<2x3xf32>) {
  // expected-error@below {{C1: expected ref of shape 2 x 3}}
  %r:3 = attn.merge %a0, %a1, %a2, %a3, %a4, %a5 outs(%o0, %o1, %o2)
    : tensor<2x3x4xf32>, tensor<2x3x4xf32>, tensor<2x3xf32>, tensor<2x3x4xf32>, tensor<2x3xf32>, tensor<2x3xf32> -> tensor<2x3x4xf32>, tensor<2x3xf32>, tensor<2x3xf32>
  return
}

// -----

// C1: and so does sum.
func.func @merge_c1_sum(%a0: tensor<2x3x4xf32>, %a1: tensor<2x3xf32>, %a2: tensor<2x3xf32>, %a3: tensor<2x3x4xf32>, %a4: tensor<2x3xf32>, %a5: tensor<2x4xf32>, %o0: tensor<2x3x4xf32>, %o1: tensor<2x3xf32>, %o2: tensor<2x3xf32>) {
  // expected-error@below {{C1: expected sum of shape 2 x 3}}
  %r:3 = attn.merge %a0, %a1, %a2, %a3, %a4, %a5 outs(%o0, %o1, %o2)
    : tensor<2x3x4xf32>, tensor<2x3xf32>, tensor<2x3xf32>, tensor<2x3x4xf32>, tensor<2x3xf32>, tensor<2x4xf32> -> tensor<2x3x4xf32>, tensor<2x3xf32>, tensor<2x3xf32>
  return
}

// -----

// C1: both states have the same shapes.
func.func @merge_c1_states(%a0: tensor<2x3x4xf32>, %a1: tensor<2x3xf32>, %a2: tensor<2x3xf32>, %a3: tensor<2x3x5xf32>, %a4: tensor<2x3xf32>, %a5: tensor<2x3xf32>, %o0: tensor<2x3x4xf32>, %o1: tensor<2x3xf32>, %o2: tensor<2x3xf32>) {
  // expected-error@below {{expected acc of shape 2 x 3 x 4}}
  %r:3 = attn.merge %a0, %a1, %a2, %a3, %a4, %a5 outs(%o0, %o1, %o2)
    : tensor<2x3x4xf32>, tensor<2x3xf32>, tensor<2x3xf32>, tensor<2x3x5xf32>, tensor<2x3xf32>, tensor<2x3xf32> -> tensor<2x3x4xf32>, tensor<2x3xf32>, tensor<2x3xf32>
  return
}

// -----

// C1: outs too.
func.func @merge_c1_outs(%a0: tensor<2x3x4xf32>, %a1: tensor<2x3xf32>, %a2: tensor<2x3xf32>, %a3: tensor<2x3x4xf32>, %a4: tensor<2x3xf32>, %a5: tensor<2x3xf32>, %o0: tensor<2x3x5xf32>, %o1: tensor<2x3xf32>, %o2: tensor<2x3xf32>) {
  // expected-error@below {{expected acc of shape 2 x 3 x 4}}
  %r:3 = attn.merge %a0, %a1, %a2, %a3, %a4, %a5 outs(%o0, %o1, %o2)
    : tensor<2x3x4xf32>, tensor<2x3xf32>, tensor<2x3xf32>, tensor<2x3x4xf32>, tensor<2x3xf32>, tensor<2x3xf32> -> tensor<2x3x5xf32>, tensor<2x3xf32>, tensor<2x3xf32>
  return
}

// -----

// C1: acc has a dimension to take away.
func.func @merge_c1_rank(%a0: tensor<f32>, %a1: tensor<2x3xf32>, %a2: tensor<2x3xf32>, %a3: tensor<2x3x4xf32>, %a4: tensor<2x3xf32>, %a5: tensor<2x3xf32>, %o0: tensor<2x3x4xf32>, %o1: tensor<2x3xf32>, %o2: tensor<2x3xf32>) {
  // expected-error@below {{C1: expected acc of f32 or f64 with a rank of at least 1}}
  %r:3 = attn.merge %a0, %a1, %a2, %a3, %a4, %a5 outs(%o0, %o1, %o2)
    : tensor<f32>, tensor<2x3xf32>, tensor<2x3xf32>, tensor<2x3x4xf32>, tensor<2x3xf32>, tensor<2x3xf32> -> tensor<2x3x4xf32>, tensor<2x3xf32>, tensor<2x3xf32>
  return
}

// -----

// C1: outs are a state.
func.func @merge_c1_count(%a0: tensor<2x3x4xf32>, %a1: tensor<2x3xf32>, %a2: tensor<2x3xf32>, %a3: tensor<2x3x4xf32>, %a4: tensor<2x3xf32>, %a5: tensor<2x3xf32>, %o0: tensor<2x3x4xf32>, %o1: tensor<2x3xf32>) {
  // expected-error@below {{C1: expected a state of three destinations (acc, ref, sum), got 2}}
  %r:2 = attn.merge %a0, %a1, %a2, %a3, %a4, %a5 outs(%o0, %o1)
    : tensor<2x3x4xf32>, tensor<2x3xf32>, tensor<2x3xf32>, tensor<2x3x4xf32>, tensor<2x3xf32>, tensor<2x3xf32> -> tensor<2x3x4xf32>, tensor<2x3xf32>
  return
}

// -----

// C2: all element types are the same.
func.func @merge_c2_mixed(%a0: tensor<2x3x4xf32>, %a1: tensor<2x3xf32>, %a2: tensor<2x3xf32>, %a3: tensor<2x3x4xf64>, %a4: tensor<2x3xf64>, %a5: tensor<2x3xf64>, %o0: tensor<2x3x4xf32>, %o1: tensor<2x3xf32>, %o2: tensor<2x3xf32>) {
  // expected-error@below {{C2: expected acc of shape 2 x 3 x 4 and type 'f32'}}
  %r:3 = attn.merge %a0, %a1, %a2, %a3, %a4, %a5 outs(%o0, %o1, %o2)
    : tensor<2x3x4xf32>, tensor<2x3xf32>, tensor<2x3xf32>, tensor<2x3x4xf64>, tensor<2x3xf64>, tensor<2x3xf64> -> tensor<2x3x4xf32>, tensor<2x3xf32>, tensor<2x3xf32>
  return
}

// -----

// C2: they are f32 or f64.
func.func @merge_c2_type(%a0: tensor<2x3x4xf16>, %a1: tensor<2x3xf16>, %a2: tensor<2x3xf16>, %a3: tensor<2x3x4xf16>, %a4: tensor<2x3xf16>, %a5: tensor<2x3xf16>, %o0: tensor<2x3x4xf16>, %o1: tensor<2x3xf16>, %o2: tensor<2x3xf16>) {
  // expected-error@below {{expected acc of f32 or f64}}
  %r:3 = attn.merge %a0, %a1, %a2, %a3, %a4, %a5 outs(%o0, %o1, %o2)
    : tensor<2x3x4xf16>, tensor<2x3xf16>, tensor<2x3xf16>, tensor<2x3x4xf16>, tensor<2x3xf16>, tensor<2x3xf16> -> tensor<2x3x4xf16>, tensor<2x3xf16>, tensor<2x3xf16>
  return
}

//===----------------------------------------------------------------------===//
// attn.finalize
//===----------------------------------------------------------------------===//

// -----

// C1: acc has rank 4.
func.func @finalize_c1_rank(%a0: tensor<2x3x4xf32>, %a1: tensor<2x3xf32>, %a2: tensor<2x3xf32>, %o0: tensor<2x3x4xf32>) {
  // expected-error@below {{C1: expected acc of rank 4}}
  %r = attn.finalize %a0, %a1, %a2 outs(%o0)
    : tensor<2x3x4xf32>, tensor<2x3xf32>, tensor<2x3xf32> -> tensor<2x3x4xf32>
  return
}

// -----

// C1: ref and sum have the shape of its rows.
func.func @finalize_c1_ref(%a0: tensor<2x4x8x12xf32>, %a1: tensor<2x4x8x12xf32>, %a2: tensor<2x4x8xf32>, %o0: tensor<2x4x8x12xf32>) {
  // expected-error@below {{C1: expected ref of shape 2 x 4 x 8}}
  %r = attn.finalize %a0, %a1, %a2 outs(%o0)
    : tensor<2x4x8x12xf32>, tensor<2x4x8x12xf32>, tensor<2x4x8xf32> -> tensor<2x4x8x12xf32>
  return
}

// -----

// C1: ref and sum have the shape of its rows.
func.func @finalize_c1_sum(%a0: tensor<2x4x8x12xf32>, %a1: tensor<2x4x8xf32>, %a2: tensor<2x4x12xf32>, %o0: tensor<2x4x8x12xf32>) {
  // expected-error@below {{C1: expected sum of shape 2 x 4 x 8}}
  %r = attn.finalize %a0, %a1, %a2 outs(%o0)
    : tensor<2x4x8x12xf32>, tensor<2x4x8xf32>, tensor<2x4x12xf32> -> tensor<2x4x8x12xf32>
  return
}

// -----

// C1: the type is f32 or f64.
func.func @finalize_c1_type(%a0: tensor<2x4x8x12xf16>, %a1: tensor<2x4x8xf16>, %a2: tensor<2x4x8xf16>, %o0: tensor<2x4x8x12xf32>) {
  // expected-error@below {{C1: expected acc of f32 or f64}}
  %r = attn.finalize %a0, %a1, %a2 outs(%o0)
    : tensor<2x4x8x12xf16>, tensor<2x4x8xf16>, tensor<2x4x8xf16> -> tensor<2x4x8x12xf32>
  return
}

// -----

// C2: outs[0] has the shape of acc ...
func.func @finalize_c2_shape(%a0: tensor<2x4x8x12xf32>, %a1: tensor<2x4x8xf32>, %a2: tensor<2x4x8xf32>, %o0: tensor<2x4x8x16xf32>) {
  // expected-error@below {{C2: expected a float output of shape 2 x 4 x 8 x 12}}
  %r = attn.finalize %a0, %a1, %a2 outs(%o0)
    : tensor<2x4x8x12xf32>, tensor<2x4x8xf32>, tensor<2x4x8xf32> -> tensor<2x4x8x16xf32>
  return
}

// -----

// C2: ... of any float.
func.func @finalize_c2_type(%a0: tensor<2x4x8x12xf32>, %a1: tensor<2x4x8xf32>, %a2: tensor<2x4x8xf32>, %o0: tensor<2x4x8x12xi32>) {
  // expected-error@below {{C2: expected a float output}}
  %r = attn.finalize %a0, %a1, %a2 outs(%o0)
    : tensor<2x4x8x12xf32>, tensor<2x4x8xf32>, tensor<2x4x8xf32> -> tensor<2x4x8x12xi32>
  return
}

// -----

// C2: outs[1] has the shape of ref ...
func.func @finalize_c2_lse(%a0: tensor<2x4x8x12xf32>, %a1: tensor<2x4x8xf32>, %a2: tensor<2x4x8xf32>, %o0: tensor<2x4x8x12xf32>, %o1: tensor<2x4x8x12xf32>) {
  // expected-error@below {{C2: expected lse of shape 2 x 4 x 8}}
  %r:2 = attn.finalize %a0, %a1, %a2 outs(%o0, %o1)
    : tensor<2x4x8x12xf32>, tensor<2x4x8xf32>, tensor<2x4x8xf32> -> tensor<2x4x8x12xf32>, tensor<2x4x8x12xf32>
  return
}

// -----

// C2: ... and its type.
func.func @finalize_c2_lse_type(%a0: tensor<2x4x8x12xf32>, %a1: tensor<2x4x8xf32>, %a2: tensor<2x4x8xf32>, %o0: tensor<2x4x8x12xf32>, %o1: tensor<2x4x8xf64>) {
  // expected-error@below {{C2: expected lse of shape 2 x 4 x 8 and type 'f32'}}
  %r:2 = attn.finalize %a0, %a1, %a2 outs(%o0, %o1)
    : tensor<2x4x8x12xf32>, tensor<2x4x8xf32>, tensor<2x4x8xf32> -> tensor<2x4x8x12xf32>, tensor<2x4x8xf64>
  return
}

// -----

// C2: there are one or two destinations.
func.func @finalize_c2_count(%a0: tensor<2x4x8x12xf32>, %a1: tensor<2x4x8xf32>, %a2: tensor<2x4x8xf32>, %o0: tensor<2x4x8x12xf32>, %o1: tensor<2x4x8xf32>, %o2: tensor<2x4x8xf32>) {
  // expected-error@below {{C2: expected one or two destinations (output, lse), got 3}}
  %r:3 = attn.finalize %a0, %a1, %a2 outs(%o0, %o1, %o2)
    : tensor<2x4x8x12xf32>, tensor<2x4x8xf32>, tensor<2x4x8xf32> -> tensor<2x4x8x12xf32>, tensor<2x4x8xf32>, tensor<2x4x8xf32>
  return
}

// -----

// C3: sink has shape Hq.
func.func @finalize_c3(%a0: tensor<2x4x8x12xf32>, %a1: tensor<2x4x8xf32>, %a2: tensor<2x4x8xf32>, %o0: tensor<2x4x8x12xf32>, %s: tensor<2xf32>) {
  // expected-error@below {{C3: expected float sinks of shape 4}}
  %r = attn.finalize %a0, %a1, %a2 outs(%o0) sink(%s : tensor<2xf32>)
    : tensor<2x4x8x12xf32>, tensor<2x4x8xf32>, tensor<2x4x8xf32> -> tensor<2x4x8x12xf32>
  return
}

// -----

// C3: sink is a float.
func.func @finalize_c3_type(%a0: tensor<2x4x8x12xf32>, %a1: tensor<2x4x8xf32>, %a2: tensor<2x4x8xf32>, %o0: tensor<2x4x8x12xf32>, %s: tensor<4xi32>) {
  // expected-error@below {{C3: expected float sinks of shape 4}}
  %r = attn.finalize %a0, %a1, %a2 outs(%o0) sink(%s : tensor<4xi32>)
    : tensor<2x4x8x12xf32>, tensor<2x4x8xf32>, tensor<2x4x8xf32> -> tensor<2x4x8x12xf32>
  return
}

//===----------------------------------------------------------------------===//
// Attributes
//===----------------------------------------------------------------------===//

// -----

// window, C1: left >= 1 ...
// expected-error@below {{a window needs left >= 1 and right >= 0, got left = 0, right = 0}}
#a = #attn.window<0>

// -----

// window, C1: ... and right >= 0.
// expected-error@below {{a window needs left >= 1 and right >= 0, got left = 4, right = -1}}
#a = #attn.window<4, -1>

// -----

// prefix, C1: length >= 0.
// expected-error@below {{a prefix has a length >= 0, got -1}}
#a = #attn.prefix<-1>

// -----

// affine, C1: four dimensions ...
#flat = affine_set<(i, j) : (i - j >= 0)>
// expected-error@below {{expected a set over (b, h, i, j) without symbols, got 2 dimensions and 0 symbols}}
#a = #attn.affine<#flat>

// -----

// affine, C1: ... and no symbols.
#symbolic = affine_set<(b, h, i, j)[s] : (i - j - s >= 0)>
// expected-error@below {{expected a set over (b, h, i, j) without symbols, got 4 dimensions and 1 symbols}}
#a = #attn.affine<#symbolic>

// -----

// and, C1: every operand is a mask.
// expected-error@below {{expected a mask, got 4 : i32}}
#a = #attn.and<causal, 4 : i32>

// -----

// and, C1: every operand is a mask.
// expected-error@below {{casual}}
#a = #attn.and<causal, casual>

// -----

// and, C1: at least one operand.
// expected-error@below {{expected}}
#a = #attn.and<>

// -----

// or, C1: every operand is a mask.
// expected-error@below {{expected a mask, got "causal"}}
#a = #attn.or<"causal">

// -----

// or, C1: at least one operand.
// expected-error@below {{expected}}
#a = #attn.or<>

// -----

// not, C1: the operand is a mask.
// expected-error@below {{expected a mask, got unit}}
#a = #attn.not<unit>

// -----

// schedule, C1: rows is positive ...
// expected-error@below {{expected tiles in whole register tiles of 6 x 16, got rows = 0, cols = 64}}
#a = #attn.schedule<rows = 0, cols = 64, micro = #tile.micro_tile<rows = 6, cols = 16, lanes = 8>>

// -----

// schedule, C1: ... and so is cols ...
// expected-error@below {{got rows = 96, cols = -16}}
#a = #attn.schedule<rows = 96, cols = -16, micro = #tile.micro_tile<rows = 6, cols = 16, lanes = 8>>

// -----

// schedule, C1: ... rows is a multiple of micro.rows ...
// expected-error@below {{got rows = 64, cols = 64}}
#a = #attn.schedule<rows = 64, cols = 64, micro = #tile.micro_tile<rows = 6, cols = 16, lanes = 8>>

// -----

// schedule, C1: ... and cols of micro.cols.
// expected-error@below {{got rows = 96, cols = 72}}
#a = #attn.schedule<rows = 96, cols = 72, micro = #tile.micro_tile<rows = 6, cols = 16, lanes = 8>>

// -----

// A mask operand is a mask.
func.func @mask_operand(%q: tensor<2x4x8x16xf32>) {
  // expected-error@below {{expected a mask, got 7 : i64}}
  %r = attn.attention %q, %q, %q outs(%q) scale(0.25) mask(7)
    : tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32> -> tensor<2x4x8x16xf32>
  return
}

// -----

// A yield belongs to attention or its partial form.
func.func @stray_yield(%x: f32) {
  // expected-error@below {{expects parent op to be one of 'attn.attention, attn.partial'}}
  attn.yield %x : f32
}
