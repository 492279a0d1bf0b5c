// RUN: attn-opt %s --canonicalize --split-input-file | FileCheck %s

//===----------------------------------------------------------------------===//
// Masks
//===----------------------------------------------------------------------===//

// CHECK-LABEL: func @simplified
// CHECK: mask(#attn.and<causal, prefix<2>, segment>)
func.func @simplified(%q: tensor<2x4x8x16xf32>, %s: tensor<2x8xi32>) -> tensor<2x4x8x16xf32> {
  // A nested list of the same kind is flattened, and a term twice is a term.
  %r = attn.attention %q, %q, %q outs(%q) scale(1.0)
    mask(#attn.and<causal, and<prefix<2>, and<causal, segment>>>)
    segments(%s, %s : tensor<2x8xi32>, tensor<2x8xi32>)
    : tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32> -> tensor<2x4x8x16xf32>
  return %r : tensor<2x4x8x16xf32>
}

// The partial form is no different.
// CHECK-LABEL: func @partial
// CHECK: attn.partial {{.*}} mask(#attn.window<4>)
func.func @partial(%q: tensor<2x4x8x16xf32>, %row: tensor<2x4x8xf32>)
    -> (tensor<2x4x8x16xf32>, tensor<2x4x8xf32>, tensor<2x4x8xf32>) {
  %r:3 = attn.partial %q, %q, %q outs(%q, %row, %row) scale(1.0) mask(#attn.and<causal, window<4, 2>>)
    : tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>
      -> tensor<2x4x8x16xf32>, tensor<2x4x8xf32>, tensor<2x4x8xf32>
  return %r#0, %r#1, %r#2 : tensor<2x4x8x16xf32>, tensor<2x4x8xf32>, tensor<2x4x8xf32>
}

// -----

// Each mask and its canonical form, in order. Windows hold i = j and prefixes
// start at 0, so those of one list join.
// CHECK-LABEL: func @joins
func.func @joins(%q: tensor<2x4x8x16xf32>) {
  // and of windows: the smaller, on each side
  // CHECK: mask(#attn.window<4>)
  %0 = attn.attention %q, %q, %q outs(%q) scale(1.0) mask(and<window<4>, window<8>>)
    : tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32> -> tensor<2x4x8x16xf32>
  // CHECK: mask(#attn.window<4, 1>)
  %1 = attn.attention %q, %q, %q outs(%q) scale(1.0) mask(and<window<4, 3>, window<8, 1>>)
    : tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32> -> tensor<2x4x8x16xf32>
  // or of windows: the larger, on each side
  // CHECK: mask(#attn.window<8>)
  %2 = attn.attention %q, %q, %q outs(%q) scale(1.0) mask(or<window<4>, window<8>>)
    : tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32> -> tensor<2x4x8x16xf32>
  // CHECK: mask(#attn.window<8, 3>)
  %3 = attn.attention %q, %q, %q outs(%q) scale(1.0) mask(or<window<4, 3>, window<8, 1>>)
    : tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32> -> tensor<2x4x8x16xf32>
  // a causal mask is a window without an end
  // CHECK: mask(#attn.window<4>)
  %4 = attn.attention %q, %q, %q outs(%q) scale(1.0) mask(and<causal, window<4>>)
    : tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32> -> tensor<2x4x8x16xf32>
  // CHECK: mask(#attn.window<4>)
  %5 = attn.attention %q, %q, %q outs(%q) scale(1.0) mask(and<window<4, 2>, causal>)
    : tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32> -> tensor<2x4x8x16xf32>
  // CHECK: mask(#attn.causal)
  %6 = attn.attention %q, %q, %q outs(%q) scale(1.0) mask(or<causal, window<4>>)
    : tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32> -> tensor<2x4x8x16xf32>
  // ... which no attribute has on one side only
  // CHECK: mask(#attn.or<causal, window<4, 2>>)
  %7 = attn.attention %q, %q, %q outs(%q) scale(1.0) mask(or<causal, window<4, 2>>)
    : tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32> -> tensor<2x4x8x16xf32>
  // prefixes
  // CHECK: mask(#attn.prefix<3>)
  %8 = attn.attention %q, %q, %q outs(%q) scale(1.0) mask(and<prefix<3>, prefix<5>>)
    : tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32> -> tensor<2x4x8x16xf32>
  // CHECK: mask(#attn.prefix<5>)
  %9 = attn.attention %q, %q, %q outs(%q) scale(1.0) mask(or<prefix<3>, prefix<5>>)
    : tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32> -> tensor<2x4x8x16xf32>
  // no join across the two
  // CHECK: mask(#attn.and<prefix<3>, window<5>>)
  %10 = attn.attention %q, %q, %q outs(%q) scale(1.0) mask(and<prefix<3>, window<5>>)
    : tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32> -> tensor<2x4x8x16xf32>
  // CHECK: mask(#attn.or<causal, prefix<5>>)
  %11 = attn.attention %q, %q, %q outs(%q) scale(1.0) mask(or<causal, prefix<5>>)
    : tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32> -> tensor<2x4x8x16xf32>
  // three terms, of which two join
  // CHECK: mask(#attn.and<window<9>, prefix<3>>)
  %12 = attn.attention %q, %q, %q outs(%q) scale(1.0) mask(and<causal, prefix<3>, window<9>>)
    : tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32> -> tensor<2x4x8x16xf32>
  // joins of what an inner list became
  // CHECK: mask(#attn.window<3>)
  %13 = attn.attention %q, %q, %q outs(%q) scale(1.0) mask(and<causal, or<window<2>, window<3>>>)
    : tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32> -> tensor<2x4x8x16xf32>
  // another kind of list stays
  // CHECK: mask(#attn.and<causal, or<window<2>, prefix<3>>>)
  %14 = attn.attention %q, %q, %q outs(%q) scale(1.0) mask(and<causal, or<window<2>, prefix<3>>>)
    : tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32> -> tensor<2x4x8x16xf32>
  // a list of one
  // CHECK: mask(#attn.prefix<3>)
  %15 = attn.attention %q, %q, %q outs(%q) scale(1.0) mask(and<or<and<prefix<3>>>>)
    : tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32> -> tensor<2x4x8x16xf32>
  // twice
  // CHECK: mask(#attn.prefix<3>)
  %16 = attn.attention %q, %q, %q outs(%q) scale(1.0) mask(or<prefix<3>, prefix<3>>)
    : tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32> -> tensor<2x4x8x16xf32>
  // double negation
  // CHECK: mask(#attn.causal)
  %17 = attn.attention %q, %q, %q outs(%q) scale(1.0) mask(not<not<causal>>)
    : tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32> -> tensor<2x4x8x16xf32>
  // CHECK: mask(#attn.not<causal>)
  %18 = attn.attention %q, %q, %q outs(%q) scale(1.0) mask(not<and<not<not<causal>>>>)
    : tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32> -> tensor<2x4x8x16xf32>
  // CHECK: mask(#attn.window<4>)
  %19 = attn.attention %q, %q, %q outs(%q) scale(1.0) mask(and<not<not<causal>>, window<4>>)
    : tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32> -> tensor<2x4x8x16xf32>
  // one negation stays
  // CHECK: mask(#attn.not<causal>)
  %20 = attn.attention %q, %q, %q outs(%q) scale(1.0) mask(not<causal>)
    : tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32> -> tensor<2x4x8x16xf32>
  // CHECK: mask(#attn.not<and<causal, prefix<2>>>)
  %21 = attn.attention %q, %q, %q outs(%q) scale(1.0) mask(not<and<causal, prefix<2>>>)
    : tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32> -> tensor<2x4x8x16xf32>
  // the inner list of a negation is simplified
  // CHECK: mask(#attn.not<window<4>>)
  %22 = attn.attention %q, %q, %q outs(%q) scale(1.0) mask(not<and<causal, window<4>>>)
    : tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32> -> tensor<2x4x8x16xf32>
  // what is simple stays
  // CHECK: mask(#attn.window<4, 2>)
  %23 = attn.attention %q, %q, %q outs(%q) scale(1.0) mask(window<4, 2>)
    : tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32> -> tensor<2x4x8x16xf32>
  call @use(%0, %1, %2, %3, %4, %5, %6, %7, %8, %9, %10, %11, %12, %13, %14, %15, %16, %17, %18, %19, %20, %21, %22, %23) : (tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>) -> ()
  return
}
func.func private @use(tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>)

// -----

// CHECK-LABEL: func @patterns
func.func @patterns(%q: tensor<2x4x8x16xf32>) {
  // a sink is a prefix, and joins with others
  // CHECK: mask(#attn.prefix<4>)
  %0 = attn.attention %q, %q, %q outs(%q) scale(1.0) mask(sink<4>)
    : tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32> -> tensor<2x4x8x16xf32>
  // CHECK: mask(#attn.prefix<5>)
  %1 = attn.attention %q, %q, %q outs(%q) scale(1.0) mask(or<sink<2>, prefix<5>>)
    : tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32> -> tensor<2x4x8x16xf32>
  // CHECK: mask(#attn.prefix<2>)
  %2 = attn.attention %q, %q, %q outs(%q) scale(1.0) mask(and<prefix<5>, sink<2>, sink<3>>)
    : tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32> -> tensor<2x4x8x16xf32>
  // CHECK: mask(#attn.and<causal, or<window<4>, prefix<2>>>)
  %3 = attn.attention %q, %q, %q outs(%q) scale(1.0) mask(and<causal, or<window<4>, sink<1>, prefix<2>>>)
    : tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32> -> tensor<2x4x8x16xf32>
  // CHECK: mask(#attn.not<prefix<4>>)
  %4 = attn.attention %q, %q, %q outs(%q) scale(1.0) mask(not<sink<4>>)
    : tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32> -> tensor<2x4x8x16xf32>
  // heads with one mask have it
  // CHECK: mask(#attn.causal)
  %5 = attn.attention %q, %q, %q outs(%q) scale(1.0) mask(per_head<causal, causal>)
    : tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32> -> tensor<2x4x8x16xf32>
  // CHECK: mask(#attn.window<3>)
  %6 = attn.attention %q, %q, %q outs(%q) scale(1.0) mask(per_head<window<3>>)
    : tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32> -> tensor<2x4x8x16xf32>
  // ... once they are simplified
  // CHECK: mask(#attn.prefix<3>)
  %7 = attn.attention %q, %q, %q outs(%q) scale(1.0) mask(per_head<sink<3>, prefix<3>, and<prefix<3>, prefix<4>>>)
    : tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32> -> tensor<2x4x8x16xf32>
  // ... and it joins with others
  // CHECK: mask(#attn.window<5>)
  %8 = attn.attention %q, %q, %q outs(%q) scale(1.0) mask(and<causal, per_head<window<5>, not<not<window<5>>>>>)
    : tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32> -> tensor<2x4x8x16xf32>
  // terms are simplified
  // CHECK: mask(#attn.per_head<window<4>, prefix<2>>)
  %9 = attn.attention %q, %q, %q outs(%q) scale(1.0) mask(per_head<and<causal, window<4>>, sink<2>>)
    : tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32> -> tensor<2x4x8x16xf32>
  // ... and so are lists in a list
  // CHECK: mask(#attn.per_head<causal, window<2>>)
  %10 = attn.attention %q, %q, %q outs(%q) scale(1.0) mask(per_head<per_head<causal, causal>, not<not<window<2>>>>)
    : tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32> -> tensor<2x4x8x16xf32>
  // unlike masks stay, in their order
  // CHECK: mask(#attn.per_head<causal, window<9>>)
  %11 = attn.attention %q, %q, %q outs(%q) scale(1.0) mask(per_head<causal, window<9>>)
    : tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32> -> tensor<2x4x8x16xf32>
  // CHECK: mask(#attn.per_head<causal, causal, window<9>>)
  %12 = attn.attention %q, %q, %q outs(%q) scale(1.0) mask(per_head<causal, causal, window<9>>)
    : tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32> -> tensor<2x4x8x16xf32>
  // ... in a list too
  // CHECK: mask(#attn.and<causal, per_head<causal, window<9>>>)
  %13 = attn.attention %q, %q, %q outs(%q) scale(1.0) mask(and<causal, per_head<causal, window<9>>>)
    : tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32> -> tensor<2x4x8x16xf32>
  // what is simple stays
  // CHECK: mask(#attn.global<5>)
  %14 = attn.attention %q, %q, %q outs(%q) scale(1.0) mask(global<5>)
    : tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32> -> tensor<2x4x8x16xf32>
  // CHECK: mask(#attn.dilated<7, 3>)
  %15 = attn.attention %q, %q, %q outs(%q) scale(1.0) mask(dilated<7, 3>)
    : tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32> -> tensor<2x4x8x16xf32>
  // CHECK: mask(#attn.strided<5>)
  %16 = attn.attention %q, %q, %q outs(%q) scale(1.0) mask(strided<5>)
    : tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32> -> tensor<2x4x8x16xf32>
  // CHECK: mask(#attn.chunk<48>)
  %17 = attn.attention %q, %q, %q outs(%q) scale(1.0) mask(chunk<48>)
    : tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32> -> tensor<2x4x8x16xf32>
  // CHECK: mask(#attn.neighborhood<[2, 4], [1, 3]>)
  %18 = attn.attention %q, %q, %q outs(%q) scale(1.0) mask(neighborhood<[2, 4], [1, 3]>)
    : tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32> -> tensor<2x4x8x16xf32>
  call @use(%0, %1, %2, %3, %4, %5, %6, %7, %8, %9, %10, %11, %12, %13, %14, %15, %16, %17, %18) : (tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>) -> ()
  return
}
func.func private @use(tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>)

// -----

//===----------------------------------------------------------------------===//
// Scale
//===----------------------------------------------------------------------===//

// CHECK-LABEL: func @scaled_query
// CHECK-SAME: (%[[Q:.*]]: tensor<2x4x8x16xf32>)
// CHECK-NOT: arith.mulf
// CHECK: attn.attention %[[Q]], %[[Q]], %[[Q]] outs(%[[Q]]) scale(1.500000e+00)
func.func @scaled_query(%q: tensor<2x4x8x16xf32>) -> tensor<2x4x8x16xf32> {
  %three = arith.constant dense<3.0> : tensor<2x4x8x16xf32>
  %s = arith.mulf %q, %three : tensor<2x4x8x16xf32>
  %r = attn.attention %s, %q, %q outs(%q) scale(0.5)
    : tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32> -> tensor<2x4x8x16xf32>
  return %r : tensor<2x4x8x16xf32>
}

// Twice, from either side, a negative factor.
// CHECK-LABEL: func @scaled_twice
// CHECK-SAME: (%[[Q:.*]]: tensor<2x4x8x16xf64>
// CHECK-NOT: arith.mulf
// CHECK: attn.partial %[[Q]], %[[Q]], %[[Q]] {{.*}} scale(-3.000000e+00)
func.func @scaled_twice(%q: tensor<2x4x8x16xf64>, %row: tensor<2x4x8xf64>)
    -> (tensor<2x4x8x16xf64>, tensor<2x4x8xf64>, tensor<2x4x8xf64>) {
  %three = arith.constant dense<3.0> : tensor<2x4x8x16xf64>
  %minus = arith.constant dense<-2.0> : tensor<2x4x8x16xf64>
  %s = arith.mulf %q, %three : tensor<2x4x8x16xf64>
  %t = arith.mulf %minus, %s : tensor<2x4x8x16xf64>
  %r:3 = attn.partial %t, %q, %q outs(%q, %row, %row) scale(0.5)
    : tensor<2x4x8x16xf64>, tensor<2x4x8x16xf64>, tensor<2x4x8x16xf64>
      -> tensor<2x4x8x16xf64>, tensor<2x4x8xf64>, tensor<2x4x8xf64>
  return %r#0, %r#1, %r#2 : tensor<2x4x8x16xf64>, tensor<2x4x8xf64>, tensor<2x4x8xf64>
}

// A product of half precision is rounded, which a scale would not be.
// CHECK-LABEL: func @rounded_query
// CHECK: arith.mulf
// CHECK: scale(5.000000e-01)
func.func @rounded_query(%q: tensor<2x4x8x16xbf16>) -> tensor<2x4x8x16xbf16> {
  %three = arith.constant dense<3.0> : tensor<2x4x8x16xbf16>
  %s = arith.mulf %q, %three : tensor<2x4x8x16xbf16>
  %r = attn.attention %s, %q, %q outs(%q) scale(0.5)
    : tensor<2x4x8x16xbf16>, tensor<2x4x8x16xbf16>, tensor<2x4x8x16xbf16> -> tensor<2x4x8x16xbf16>
  return %r : tensor<2x4x8x16xbf16>
}

// Not one number.
// CHECK-LABEL: func @weighted_query
// CHECK: arith.mulf
func.func @weighted_query(%q: tensor<1x1x1x2xf32>) -> tensor<1x1x1x2xf32> {
  %w = arith.constant dense<[[[[3.0, 4.0]]]]> : tensor<1x1x1x2xf32>
  %s = arith.mulf %q, %w : tensor<1x1x1x2xf32>
  %r = attn.attention %s, %q, %q outs(%q) scale(0.5)
    : tensor<1x1x1x2xf32>, tensor<1x1x1x2xf32>, tensor<1x1x1x2xf32> -> tensor<1x1x1x2xf32>
  return %r : tensor<1x1x1x2xf32>
}

// The scale would not be finite.
// CHECK-LABEL: func @infinite_scale
// CHECK: arith.mulf
func.func @infinite_scale(%q: tensor<2x4x8x16xf32>) -> tensor<2x4x8x16xf32> {
  %inf = arith.constant dense<0x7F800000> : tensor<2x4x8x16xf32>
  %s = arith.mulf %q, %inf : tensor<2x4x8x16xf32>
  %r = attn.attention %s, %q, %q outs(%q) scale(0.5)
    : tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32> -> tensor<2x4x8x16xf32>
  return %r : tensor<2x4x8x16xf32>
}

// -----

//===----------------------------------------------------------------------===//
// Log-sum-exp
//===----------------------------------------------------------------------===//

// CHECK-LABEL: func @dead_lse
// CHECK-SAME: %[[O:[a-z0-9]+]]: tensor<2x4x8x16xf32>, %{{[a-z0-9]+}}: tensor<2x4x8xf32>, %[[S:[a-z0-9]+]]: tensor<4xf32>
// CHECK: %[[R:.*]] = attn.attention %{{.*}}, %{{.*}}, %{{.*}} outs(%[[O]]) scale(5.000000e-01) mask(#attn.causal) sink(%[[S]] : tensor<4xf32>) score {
// CHECK: attn.yield
// CHECK: } {tag = "kept"} : tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32> -> tensor<2x4x8x16xf32>
// CHECK: return %[[R]]
func.func @dead_lse(%q: tensor<2x4x8x16xf32>, %o: tensor<2x4x8x16xf32>, %l: tensor<2x4x8xf32>, %s: tensor<4xf32>)
    -> tensor<2x4x8x16xf32> {
  %r:2 = attn.attention %q, %q, %q outs(%o, %l) scale(0.5) mask(#attn.causal) sink(%s : tensor<4xf32>) score {
  ^bb0(%t: f32, %b: index, %h: index, %i: index, %j: index):
    %u = math.tanh %t : f32
    attn.yield %u : f32
  } {tag = "kept"} : tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32> -> tensor<2x4x8x16xf32>, tensor<2x4x8xf32>
  return %r#0 : tensor<2x4x8x16xf32>
}

// CHECK-LABEL: func @live_lse
// CHECK: %[[R:.*]]:2 = attn.attention
// CHECK: return %[[R]]#1
func.func @live_lse(%q: tensor<2x4x8x16xf32>, %l: tensor<2x4x8xf32>) -> tensor<2x4x8xf32> {
  %r:2 = attn.attention %q, %q, %q outs(%q, %l) scale(0.5)
    : tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32> -> tensor<2x4x8x16xf32>, tensor<2x4x8xf32>
  return %r#1 : tensor<2x4x8xf32>
}

// On memrefs the lse is a write, read or not.
// CHECK-LABEL: func @buffer_lse
// CHECK: attn.attention %{{.*}} outs(%{{.*}}, %{{.*}})
func.func @buffer_lse(%q: memref<2x4x8x16xf32>, %l: memref<2x4x8xf32>) {
  attn.attention %q, %q, %q outs(%q, %l) scale(0.5)
    : memref<2x4x8x16xf32>, memref<2x4x8x16xf32>, memref<2x4x8x16xf32> -> memref<2x4x8x16xf32>, memref<2x4x8xf32>
  return
}

// -----

//===----------------------------------------------------------------------===//
// Casts
//===----------------------------------------------------------------------===//

// An operand known better than the operation says; regions or not.
// CHECK-LABEL: func @casts
// CHECK-NOT: tensor.cast %arg
// CHECK: %[[R:.*]] = attn.attention {{.*}} : tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32> -> tensor<2x4x8x16xf32>
// CHECK: %[[C:.*]] = tensor.cast %[[R]] : tensor<2x4x8x16xf32> to tensor<2x4x?x16xf32>
// CHECK: %[[W:.*]] = attn.attention {{.*}} where {
// CHECK: attn.yield
// CHECK: } : tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32> -> tensor<2x4x8x16xf32>
// CHECK: %[[D:.*]] = tensor.cast %[[W]]
// CHECK: return %[[C]], %[[D]]
func.func @casts(%q: tensor<2x4x8x16xf32>) -> (tensor<2x4x?x16xf32>, tensor<2x4x?x16xf32>) {
  %c = tensor.cast %q : tensor<2x4x8x16xf32> to tensor<2x4x?x16xf32>
  %r = attn.attention %c, %c, %c outs(%c) scale(0.5)
    : tensor<2x4x?x16xf32>, tensor<2x4x?x16xf32>, tensor<2x4x?x16xf32> -> tensor<2x4x?x16xf32>
  %w = attn.attention %c, %q, %q outs(%c) scale(0.5) where {
  ^bb0(%b: index, %h: index, %i: index, %j: index):
    %p = arith.cmpi ne, %i, %j : index
    attn.yield %p : i1
  } : tensor<2x4x?x16xf32>, tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32> -> tensor<2x4x?x16xf32>
  return %r, %w : tensor<2x4x?x16xf32>, tensor<2x4x?x16xf32>
}

// What is known less stays.
// CHECK-LABEL: func @unknown_cast
// CHECK: tensor.cast %{{.*}} : tensor<2x4x?x16xf32> to tensor<2x4x8x16xf32>
func.func @unknown_cast(%q: tensor<2x4x?x16xf32>) -> tensor<2x4x8x16xf32> {
  %c = tensor.cast %q : tensor<2x4x?x16xf32> to tensor<2x4x8x16xf32>
  %r = attn.attention %c, %c, %c outs(%c) scale(0.5)
    : tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32> -> tensor<2x4x8x16xf32>
  return %r : tensor<2x4x8x16xf32>
}

// -----

//===----------------------------------------------------------------------===//
// Nothing to do
//===----------------------------------------------------------------------===//

// Without keys: the identity, finalised with the sinks; in place if it is a
// state.
// CHECK-LABEL: func @no_keys
// CHECK-SAME: %[[S:[a-z0-9]+]]: tensor<4xf32>
// CHECK: linalg.fill
// CHECK: %[[R:.*]]:2 = attn.finalize {{.*}} sink(%[[S]] : tensor<4xf32>)
// CHECK: return %[[R]]#0, %[[R]]#1
func.func @no_keys(%q: tensor<2x4x?x16xf16>, %k: tensor<2x2x0x16xf16>, %s: tensor<4xf32>, %l: tensor<2x4x?xf32>) -> (tensor<2x4x?x16xf16>, tensor<2x4x?xf32>) {
  %r:2 = attn.attention %q, %k, %k outs(%q, %l) scale(0.5) sink(%s : tensor<4xf32>)
    : tensor<2x4x?x16xf16>, tensor<2x2x0x16xf16>, tensor<2x2x0x16xf16> -> tensor<2x4x?x16xf16>, tensor<2x4x?xf32>
  return %r#0, %r#1 : tensor<2x4x?x16xf16>, tensor<2x4x?xf32>
}

// CHECK-LABEL: func @no_keys_partial
// CHECK-SAME: %[[A:[a-z0-9]+]]: tensor<2x4x8x16xf32>, %[[L:[a-z0-9]+]]: tensor<2x4x8xf32>)
// CHECK-NEXT: return %[[A]], %[[L]]
func.func @no_keys_partial(%k: tensor<2x2x0x16xf32>, %a: tensor<2x4x8x16xf32>, %l: tensor<2x4x8xf32>) -> (tensor<2x4x8x16xf32>, tensor<2x4x8xf32>) {
  %r:3 = attn.partial %a, %k, %k outs(%a, %l, %l) scale(0.5)
    : tensor<2x4x8x16xf32>, tensor<2x2x0x16xf32>, tensor<2x2x0x16xf32> -> tensor<2x4x8x16xf32>, tensor<2x4x8xf32>, tensor<2x4x8xf32>
  return %r#0, %r#2 : tensor<2x4x8x16xf32>, tensor<2x4x8xf32>
}

// Without an element in any result: the destinations.
// CHECK-LABEL: func @no_rows
// CHECK-SAME: %[[Q:[a-z0-9]+]]: tensor<2x4x0x16xf32>
// CHECK-NEXT: return %[[Q]]
func.func @no_rows(%q: tensor<2x4x0x16xf32>, %k: tensor<2x4x8x16xf32>) -> tensor<2x4x0x16xf32> {
  %r = attn.attention %q, %k, %k outs(%q) scale(0.5)
    : tensor<2x4x0x16xf32>, tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32> -> tensor<2x4x0x16xf32>
  return %r : tensor<2x4x0x16xf32>
}

// An lse has elements where values have no width.
// CHECK-LABEL: func @no_width
// CHECK: attn.attention
func.func @no_width(%q: tensor<2x4x8x16xf32>, %v: tensor<2x4x8x0xf32>, %l: tensor<2x4x8xf32>) -> (tensor<2x4x8x0xf32>, tensor<2x4x8xf32>) {
  %r:2 = attn.attention %q, %q, %v outs(%v, %l) scale(0.5)
    : tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>, tensor<2x4x8x0xf32> -> tensor<2x4x8x0xf32>, tensor<2x4x8xf32>
  return %r#0, %r#1 : tensor<2x4x8x0xf32>, tensor<2x4x8xf32>
}

// On memrefs rows are written, keys or not.
// CHECK-LABEL: func @buffer_no_keys
// CHECK: attn.attention
func.func @buffer_no_keys(%q: memref<2x4x8x16xf32>, %k: memref<2x4x0x16xf32>) {
  attn.attention %q, %k, %k outs(%q) scale(0.5)
    : memref<2x4x8x16xf32>, memref<2x4x0x16xf32>, memref<2x4x0x16xf32> -> memref<2x4x8x16xf32>
  return
}

// -----

// What selects from lists of no length selects nothing.
// CHECK-LABEL: func @nothing_selected
// CHECK-NOT: attn.attention
// CHECK: attn.finalize
func.func @nothing_selected(%q: tensor<2x4x8x16xf32>, %ids: tensor<2x4x2x0xi32>) -> tensor<2x4x8x16xf32> {
  %r = attn.attention %q, %q, %q outs(%q) scale(1.0) select(%ids : tensor<2x4x2x0xi32>) blocks(4, 4)
    : tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32> -> tensor<2x4x8x16xf32>
  return %r : tensor<2x4x8x16xf32>
}
