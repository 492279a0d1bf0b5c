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

// C21: bounds of segments come with a schedule, whose tiles they are of.
func.func @bounds_without_schedule(%q: tensor<2x4x8x32xf32>, %s: tensor<2x8xi32>, %b: tensor<2x1x4xi32>) -> tensor<2x4x8x32xf32> {
  // expected-error @below {{C21: segment_bounds come with segments and a schedule}}
  %r = attn.attention %q, %q, %q outs(%q) scale(1.0) mask(segment)
    segments(%s, %s : tensor<2x8xi32>, tensor<2x8xi32>) segment_bounds(%b : tensor<2x1x4xi32>)
    : tensor<2x4x8x32xf32>, tensor<2x4x8x32xf32>, tensor<2x4x8x32xf32> -> tensor<2x4x8x32xf32>
  return %r : tensor<2x4x8x32xf32>
}

// -----

// C21: ... and are four numbers for each tile of rows.
func.func @bounds_of_three(%q: tensor<2x4x8x32xf32>, %s: tensor<2x8xi32>, %b: tensor<2x1x3xi32>) -> tensor<2x4x8x32xf32> {
  // expected-error @below {{C21: expected segment_bounds}}
  %r = attn.attention %q, %q, %q outs(%q) scale(1.0) mask(segment)
    segments(%s, %s : tensor<2x8xi32>, tensor<2x8xi32>) segment_bounds(%b : tensor<2x1x3xi32>)
    schedule(<rows = 8, cols = 8>)
    : tensor<2x4x8x32xf32>, tensor<2x4x8x32xf32>, tensor<2x4x8x32xf32> -> tensor<2x4x8x32xf32>
  return %r : tensor<2x4x8x32xf32>
}

// -----

// C22: constants of the mask are 32 bits wide when they are compared.
func.func @large_window(%q: tensor<2x4x8x32xf32>) -> tensor<2x4x8x32xf32> {
  // expected-error @below {{C22: expected constants of the mask from -2^30 to 2^30, got 4294967295}}
  %r = attn.attention %q, %q, %q outs(%q) scale(1.0) mask(window<4294967296>)
    : tensor<2x4x8x32xf32>, tensor<2x4x8x32xf32>, tensor<2x4x8x32xf32> -> tensor<2x4x8x32xf32>
  return %r : tensor<2x4x8x32xf32>
}

// -----

// C23: parameters are given when the mask reads them ...
func.func @no_parameters(%q: tensor<2x4x8x32xf32>) -> tensor<2x4x8x32xf32> {
  // expected-error @below {{C23: the mask reads 2 parameters, but none are given}}
  %r = attn.attention %q, %q, %q outs(%q) scale(1.0) mask(and<causal, affine<"(b, h, i, j)[n, w] : (w - j >= 0)">>)
    : tensor<2x4x8x32xf32>, tensor<2x4x8x32xf32>, tensor<2x4x8x32xf32> -> tensor<2x4x8x32xf32>
  return %r : tensor<2x4x8x32xf32>
}

// -----

// C23: ... only then ...
func.func @needless_parameters(%q: tensor<2x4x8x32xf32>, %p: tensor<1x1x1xi32>) -> tensor<2x4x8x32xf32> {
  // expected-error @below {{C23: parameters are given, but the mask does not read any}}
  %r = attn.attention %q, %q, %q outs(%q) scale(1.0) mask(causal) parameters(%p : tensor<1x1x1xi32>)
    : tensor<2x4x8x32xf32>, tensor<2x4x8x32xf32>, tensor<2x4x8x32xf32> -> tensor<2x4x8x32xf32>
  return %r : tensor<2x4x8x32xf32>
}

// -----

// C23: ... for all batch entries and heads ...
func.func @parameters_of_too_few_heads(%q: tensor<2x4x8x32xf32>, %p: tensor<2x3x1xi32>) -> tensor<2x4x8x32xf32> {
  // expected-error @below {{C23: expected parameters of shape 1 or 2 x 1 or 4 x 1 or more and type i32, got 'tensor<2x3x1xi32>'}}
  %r = attn.attention %q, %q, %q outs(%q) scale(1.0) mask(affine<"(b, h, i, j)[n] : (n - j >= 0)">) parameters(%p : tensor<2x3x1xi32>)
    : tensor<2x4x8x32xf32>, tensor<2x4x8x32xf32>, tensor<2x4x8x32xf32> -> tensor<2x4x8x32xf32>
  return %r : tensor<2x4x8x32xf32>
}

// -----

// C23: ... as i32.
func.func @wide_parameters(%q: tensor<2x4x8x32xf32>, %p: tensor<2x1x1xi64>) -> tensor<2x4x8x32xf32> {
  // expected-error @below {{C23: expected parameters of shape 1 or 2 x 1 or 4 x 1 or more and type i32, got 'tensor<2x1x1xi64>'}}
  %r = attn.attention %q, %q, %q outs(%q) scale(1.0) mask(affine<"(b, h, i, j)[n] : (n - j >= 0)">) parameters(%p : tensor<2x1x1xi64>)
    : tensor<2x4x8x32xf32>, tensor<2x4x8x32xf32>, tensor<2x4x8x32xf32> -> tensor<2x4x8x32xf32>
  return %r : tensor<2x4x8x32xf32>
}
