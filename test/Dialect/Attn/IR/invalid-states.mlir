// RUN: attn-opt %s --split-input-file --verify-diagnostics
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

// affine, C2: divisors are positive.
// expected-error@below {{expected division by a number >= 1, got -4}}
#a = #attn.affine<"(b, h, i, j) : (j mod -4 == 0)">

// -----

// expected-error@below {{expected division by a number >= 1, got 0}}
#a = #attn.affine<"(b, h, i, j) : (j floordiv 0 == 0)">

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

// sink, C1: count >= 0.
// expected-error@below {{expected a count >= 0 of sinks, got -1}}
#a = #attn.sink<-1>

// -----

// global, C1: count >= 0.
// expected-error@below {{expected a count >= 0 of global tokens, got -2}}
#a = #attn.global<-2>

// -----

// dilated, C1: count >= 1 ...
// expected-error@below {{a dilated window needs count >= 1 and step >= 1, and a product that can be represented, got count = 0, step = 3}}
#a = #attn.dilated<0, 3>

// -----

// dilated, C1: ... and step >= 1 ...
// expected-error@below {{got count = 7, step = 0}}
#a = #attn.dilated<7, 0>

// -----

// dilated, C1: ... and their product is representable.
// expected-error@below {{got count = 4611686018427387904, step = 2}}
#a = #attn.dilated<4611686018427387904, 2>

// -----

// strided, C1: stride >= 1.
// expected-error@below {{expected a stride >= 1, got 0}}
#a = #attn.strided<0>

// -----

// chunk, C1: size >= 1.
// expected-error@below {{expected chunks of a size >= 1, got 0}}
#a = #attn.chunk<0>

// -----

// neighborhood, C1: as many kernel sizes as grid sizes ...
// expected-error@below {{expected a kernel size for each size of the grid, got 1 for 2}}
#a = #attn.neighborhood<[13, 16], [5]>

// -----

// neighborhood, C1: ... and no more ...
// expected-error@below {{expected a kernel size for each size of the grid, got 2 for 1}}
#a = #attn.neighborhood<[13], [5, 5]>

// -----

// neighborhood, C1: ... at least one, or it does not parse.
// expected-error@below {{expected integer value}}
// expected-error@below {{parameter 'grid'}}
#a = #attn.neighborhood<[], []>

// -----

// neighborhood, C2: 1 <= kernel_d ...
// expected-error@below {{expected an odd kernel size from 1 to 13, got -1}}
#a = #attn.neighborhood<[13, 16], [-1, 5]>

// -----

// neighborhood, C2: ... <= grid_d ...
// expected-error@below {{expected an odd kernel size from 1 to 4, got 5}}
#a = #attn.neighborhood<[13, 4], [5, 5]>

// -----

// neighborhood, C2: ... kernel_d odd ...
// expected-error@below {{expected an odd kernel size from 1 to 16, got 4}}
#a = #attn.neighborhood<[13, 16], [5, 4]>

// -----

// neighborhood, C2: ... of a grid with cells ...
// expected-error@below {{expected an odd kernel size from 1 to 0, got 1}}
#a = #attn.neighborhood<[0], [1]>

// -----

// neighborhood, C2: ... that can be counted.
// expected-error@below {{the grid has too many cells to be counted}}
#a = #attn.neighborhood<[4611686018427387904, 2], [1, 1]>

// -----

// affine, C1: four dimensions ...
#flat = affine_set<(i, j) : (i - j >= 0)>
// expected-error@below {{expected a set over (b, h, i, j) and up to 16 parameters, got 2 dimensions and 0 symbols}}
#a = #attn.affine<#flat>

// -----

// affine, C1: ... and at most 16 symbols.
#symbolic = affine_set<(b, h, i, j)[a, c, d, e, f, g, k, l, m, n, o, p, q, r, s, t, u] : (i - j - u >= 0)>
// expected-error@below {{expected a set over (b, h, i, j) and up to 16 parameters, got 4 dimensions and 17 symbols}}
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

// per_head, C1: every operand is a mask.
// expected-error@below {{expected a mask, got "causal"}}
#a = #attn.per_head<causal, "causal">

// -----

// per_head, C1: every operand is a mask.
// expected-error@below {{expected a mask, got unit}}
#a = #attn.per_head<unit>

// -----

// per_head, C1: at least one operand.
// expected-error@below {{expected}}
#a = #attn.per_head<>

// -----

// schedule, C1: rows is positive ...
// expected-error@below {{expected positive tiles, got rows = 0, cols = 64}}
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

// schedule, C2: a maximum is held from the partial tiles on.
// expected-error @below {{C2: expected partial_first = true with held = true}}
#a = #attn.schedule<rows = 64, cols = 64, held = true>

// -----

// schedule, C3: what shares a multiprocessor.
// expected-error @below {{C3: expected blocks > 0, got blocks = 0}}
#a = #attn.schedule<rows = 64, cols = 64, blocks = 0>

// -----

// expected-error @below {{C3: expected blocks = 1 with a register tile, got blocks = 2}}
#a = #attn.schedule<rows = 64, cols = 64, micro = <rows = 4, cols = 16, lanes = 8>, blocks = 2>

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
  // expected-error@below {{expects parent op to be one of 'attn.attention, attn.partial, attn.route_score'}}
  attn.yield %x : f32
}
