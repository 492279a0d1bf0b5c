// RUN: attn-opt %s %oracle | %run
// RUN: attn-opt %s %compiler | %run

// Every mask, seen: logits are equal and values are unit vectors, so the output is
// the mask with each row divided by its count.

// j <= i
func.func private @causal() {
  %q = arith.constant dense<[[[[0.0], [0.0], [0.0], [0.0]]]]> : tensor<1x1x4x1xf32>
  %k = arith.constant dense<[[[[0.0], [0.0], [0.0], [0.0]]]]> : tensor<1x1x4x1xf32>
  %v = arith.constant dense<[[[[1.0, 0.0, 0.0, 0.0], [0.0, 1.0, 0.0, 0.0], [0.0, 0.0, 1.0, 0.0], [0.0, 0.0, 0.0, 1.0]]]]> : tensor<1x1x4x4xf32>
  %e = tensor.empty() : tensor<1x1x4x4xf32>
  %l = tensor.empty() : tensor<1x1x4xf32>
  %r:2 = attn.attention %q, %k, %v outs(%e, %l) scale(1.0)
    mask(#attn.causal)
    : tensor<1x1x4x1xf32>, tensor<1x1x4x1xf32>, tensor<1x1x4x4xf32> -> tensor<1x1x4x4xf32>, tensor<1x1x4xf32>
  check.expect_close_const %r#0, dense<[[[[1.0, 0.0, 0.0, 0.0], [0.5, 0.5, 0.0, 0.0], [0.3333333, 0.3333333, 0.3333333, 0.0], [0.25, 0.25, 0.25, 0.25]]]]> : tensor<1x1x4x4xf32> tolerance(1.0e-05) : tensor<1x1x4x4xf32>
  check.expect_close_const %r#1, dense<[[[0.0, 0.6931472, 1.098612, 1.386294]]]> : tensor<1x1x4xf32> tolerance(1.0e-05) : tensor<1x1x4xf32>
  return
}

// 0 <= i - j < 2
func.func private @window() {
  %q = arith.constant dense<[[[[0.0], [0.0], [0.0], [0.0]]]]> : tensor<1x1x4x1xf32>
  %k = arith.constant dense<[[[[0.0], [0.0], [0.0], [0.0]]]]> : tensor<1x1x4x1xf32>
  %v = arith.constant dense<[[[[1.0, 0.0, 0.0, 0.0], [0.0, 1.0, 0.0, 0.0], [0.0, 0.0, 1.0, 0.0], [0.0, 0.0, 0.0, 1.0]]]]> : tensor<1x1x4x4xf32>
  %e = tensor.empty() : tensor<1x1x4x4xf32>
  %l = tensor.empty() : tensor<1x1x4xf32>
  %r:2 = attn.attention %q, %k, %v outs(%e, %l) scale(1.0)
    mask(#attn.window<2>)
    : tensor<1x1x4x1xf32>, tensor<1x1x4x1xf32>, tensor<1x1x4x4xf32> -> tensor<1x1x4x4xf32>, tensor<1x1x4xf32>
  check.expect_close_const %r#0, dense<[[[[1.0, 0.0, 0.0, 0.0], [0.5, 0.5, 0.0, 0.0], [0.0, 0.5, 0.5, 0.0], [0.0, 0.0, 0.5, 0.5]]]]> : tensor<1x1x4x4xf32> tolerance(1.0e-05) : tensor<1x1x4x4xf32>
  check.expect_close_const %r#1, dense<[[[0.0, 0.6931472, 0.6931472, 0.6931472]]]> : tensor<1x1x4xf32> tolerance(1.0e-05) : tensor<1x1x4xf32>
  return
}

// -1 <= i - j < 3
func.func private @two_sided_window() {
  %q = arith.constant dense<[[[[0.0], [0.0], [0.0], [0.0]]]]> : tensor<1x1x4x1xf32>
  %k = arith.constant dense<[[[[0.0], [0.0], [0.0], [0.0]]]]> : tensor<1x1x4x1xf32>
  %v = arith.constant dense<[[[[1.0, 0.0, 0.0, 0.0], [0.0, 1.0, 0.0, 0.0], [0.0, 0.0, 1.0, 0.0], [0.0, 0.0, 0.0, 1.0]]]]> : tensor<1x1x4x4xf32>
  %e = tensor.empty() : tensor<1x1x4x4xf32>
  %l = tensor.empty() : tensor<1x1x4xf32>
  %r:2 = attn.attention %q, %k, %v outs(%e, %l) scale(1.0)
    mask(#attn.window<3, 1>)
    : tensor<1x1x4x1xf32>, tensor<1x1x4x1xf32>, tensor<1x1x4x4xf32> -> tensor<1x1x4x4xf32>, tensor<1x1x4xf32>
  check.expect_close_const %r#0, dense<[[[[0.5, 0.5, 0.0, 0.0], [0.3333333, 0.3333333, 0.3333333, 0.0], [0.25, 0.25, 0.25, 0.25], [0.0, 0.3333333, 0.3333333, 0.3333333]]]]> : tensor<1x1x4x4xf32> tolerance(1.0e-05) : tensor<1x1x4x4xf32>
  check.expect_close_const %r#1, dense<[[[0.6931472, 1.098612, 1.386294, 1.098612]]]> : tensor<1x1x4xf32> tolerance(1.0e-05) : tensor<1x1x4xf32>
  return
}

// j < 3
func.func private @prefix() {
  %q = arith.constant dense<[[[[0.0], [0.0], [0.0], [0.0]]]]> : tensor<1x1x4x1xf32>
  %k = arith.constant dense<[[[[0.0], [0.0], [0.0], [0.0]]]]> : tensor<1x1x4x1xf32>
  %v = arith.constant dense<[[[[1.0, 0.0, 0.0, 0.0], [0.0, 1.0, 0.0, 0.0], [0.0, 0.0, 1.0, 0.0], [0.0, 0.0, 0.0, 1.0]]]]> : tensor<1x1x4x4xf32>
  %e = tensor.empty() : tensor<1x1x4x4xf32>
  %l = tensor.empty() : tensor<1x1x4xf32>
  %r:2 = attn.attention %q, %k, %v outs(%e, %l) scale(1.0)
    mask(#attn.prefix<3>)
    : tensor<1x1x4x1xf32>, tensor<1x1x4x1xf32>, tensor<1x1x4x4xf32> -> tensor<1x1x4x4xf32>, tensor<1x1x4xf32>
  check.expect_close_const %r#0, dense<[[[[0.3333333, 0.3333333, 0.3333333, 0.0], [0.3333333, 0.3333333, 0.3333333, 0.0], [0.3333333, 0.3333333, 0.3333333, 0.0], [0.3333333, 0.3333333, 0.3333333, 0.0]]]]> : tensor<1x1x4x4xf32> tolerance(1.0e-05) : tensor<1x1x4x4xf32>
  check.expect_close_const %r#1, dense<[[[1.098612, 1.098612, 1.098612, 1.098612]]]> : tensor<1x1x4xf32> tolerance(1.0e-05) : tensor<1x1x4xf32>
  return
}

func.func private @segment() {
  %qs = arith.constant dense<[[0, 0, 1, -1]]> : tensor<1x4xi32>
  %ks = arith.constant dense<[[0, 1, 0, -1]]> : tensor<1x4xi32>
  %q = arith.constant dense<[[[[0.0], [0.0], [0.0], [0.0]]]]> : tensor<1x1x4x1xf32>
  %k = arith.constant dense<[[[[0.0], [0.0], [0.0], [0.0]]]]> : tensor<1x1x4x1xf32>
  %v = arith.constant dense<[[[[1.0, 0.0, 0.0, 0.0], [0.0, 1.0, 0.0, 0.0], [0.0, 0.0, 1.0, 0.0], [0.0, 0.0, 0.0, 1.0]]]]> : tensor<1x1x4x4xf32>
  %e = tensor.empty() : tensor<1x1x4x4xf32>
  %l = tensor.empty() : tensor<1x1x4xf32>
  %r:2 = attn.attention %q, %k, %v outs(%e, %l) scale(1.0)
    mask(#attn.segment) segments(%qs, %ks : tensor<1x4xi32>, tensor<1x4xi32>)
    : tensor<1x1x4x1xf32>, tensor<1x1x4x1xf32>, tensor<1x1x4x4xf32> -> tensor<1x1x4x4xf32>, tensor<1x1x4xf32>
  check.expect_close_const %r#0, dense<[[[[0.5, 0.0, 0.5, 0.0], [0.5, 0.0, 0.5, 0.0], [0.0, 1.0, 0.0, 0.0], [0.0, 0.0, 0.0, 1.0]]]]> : tensor<1x1x4x4xf32> tolerance(1.0e-05) : tensor<1x1x4x4xf32>
  check.expect_close_const %r#1, dense<[[[0.6931472, 0.6931472, 0.0, 0.0]]]> : tensor<1x1x4xf32> tolerance(1.0e-05) : tensor<1x1x4xf32>
  return
}

func.func private @not_segment() {
  %qs = arith.constant dense<[[0, 0, 1, -1]]> : tensor<1x4xi32>
  %ks = arith.constant dense<[[0, 1, 0, -1]]> : tensor<1x4xi32>
  %q = arith.constant dense<[[[[0.0], [0.0], [0.0], [0.0]]]]> : tensor<1x1x4x1xf32>
  %k = arith.constant dense<[[[[0.0], [0.0], [0.0], [0.0]]]]> : tensor<1x1x4x1xf32>
  %v = arith.constant dense<[[[[1.0, 0.0, 0.0, 0.0], [0.0, 1.0, 0.0, 0.0], [0.0, 0.0, 1.0, 0.0], [0.0, 0.0, 0.0, 1.0]]]]> : tensor<1x1x4x4xf32>
  %e = tensor.empty() : tensor<1x1x4x4xf32>
  %l = tensor.empty() : tensor<1x1x4xf32>
  %r:2 = attn.attention %q, %k, %v outs(%e, %l) scale(1.0)
    mask(#attn.and<causal, not<segment>>) segments(%qs, %ks : tensor<1x4xi32>, tensor<1x4xi32>)
    : tensor<1x1x4x1xf32>, tensor<1x1x4x1xf32>, tensor<1x1x4x4xf32> -> tensor<1x1x4x4xf32>, tensor<1x1x4xf32>
  check.expect_close_const %r#0, dense<[[[[0.0, 0.0, 0.0, 0.0], [0.0, 1.0, 0.0, 0.0], [0.5, 0.0, 0.5, 0.0], [0.3333333, 0.3333333, 0.3333333, 0.0]]]]> : tensor<1x1x4x4xf32> tolerance(1.0e-05) : tensor<1x1x4x4xf32>
  check.expect_close_const %r#1, dense<[[[0xFF800000, 0.0, 0.6931472, 1.098612]]]> : tensor<1x1x4xf32> tolerance(1.0e-05) : tensor<1x1x4xf32>
  return
}

// A congruence, an equality between dimensions, both signs of the operand of mod.
func.func private @affine() {
  %q = arith.constant dense<[[[[0.0], [0.0], [0.0], [0.0]]]]> : tensor<1x1x4x1xf32>
  %k = arith.constant dense<[[[[0.0], [0.0], [0.0], [0.0]]]]> : tensor<1x1x4x1xf32>
  %v = arith.constant dense<[[[[1.0, 0.0, 0.0, 0.0], [0.0, 1.0, 0.0, 0.0], [0.0, 0.0, 1.0, 0.0], [0.0, 0.0, 0.0, 1.0]]]]> : tensor<1x1x4x4xf32>
  %e = tensor.empty() : tensor<1x1x4x4xf32>
  %l = tensor.empty() : tensor<1x1x4xf32>
  %r:2 = attn.attention %q, %k, %v outs(%e, %l) scale(1.0)
    mask(#attn.affine<"(b, h, i, j) : ((i - j) mod 3 == 0, i + j - 1 >= 0)">)
    : tensor<1x1x4x1xf32>, tensor<1x1x4x1xf32>, tensor<1x1x4x4xf32> -> tensor<1x1x4x4xf32>, tensor<1x1x4xf32>
  check.expect_close_const %r#0, dense<[[[[0.0, 0.0, 0.0, 1.0], [0.0, 1.0, 0.0, 0.0], [0.0, 0.0, 1.0, 0.0], [0.5, 0.0, 0.0, 0.5]]]]> : tensor<1x1x4x4xf32> tolerance(1.0e-05) : tensor<1x1x4x4xf32>
  check.expect_close_const %r#1, dense<[[[0.0, 0.0, 0.0, 0.6931472]]]> : tensor<1x1x4xf32> tolerance(1.0e-05) : tensor<1x1x4xf32>
  return
}

// Every head of every batch entry has its own distance.
func.func private @affine_batch_and_head() {
  %q = arith.constant dense<[[[[0.0], [0.0], [0.0], [0.0]], [[0.0], [0.0], [0.0], [0.0]]], [[[0.0], [0.0], [0.0], [0.0]], [[0.0], [0.0], [0.0], [0.0]]]]> : tensor<2x2x4x1xf32>
  %k = arith.constant dense<[[[[0.0], [0.0], [0.0], [0.0]]], [[[0.0], [0.0], [0.0], [0.0]]]]> : tensor<2x1x4x1xf32>
  %v = arith.constant dense<[[[[1.0, 0.0, 0.0, 0.0], [0.0, 1.0, 0.0, 0.0], [0.0, 0.0, 1.0, 0.0], [0.0, 0.0, 0.0, 1.0]]], [[[1.0, 0.0, 0.0, 0.0], [0.0, 1.0, 0.0, 0.0], [0.0, 0.0, 1.0, 0.0], [0.0, 0.0, 0.0, 1.0]]]]> : tensor<2x1x4x4xf32>
  %e = tensor.empty() : tensor<2x2x4x4xf32>
  %l = tensor.empty() : tensor<2x2x4xf32>
  %r:2 = attn.attention %q, %k, %v outs(%e, %l) scale(1.0)
    mask(#attn.affine<"(b, h, i, j) : (i - j - b * 2 - h == 0)">)
    : tensor<2x2x4x1xf32>, tensor<2x1x4x1xf32>, tensor<2x1x4x4xf32> -> tensor<2x2x4x4xf32>, tensor<2x2x4xf32>
  check.expect_close_const %r#0, dense<[[[[1.0, 0.0, 0.0, 0.0], [0.0, 1.0, 0.0, 0.0], [0.0, 0.0, 1.0, 0.0], [0.0, 0.0, 0.0, 1.0]], [[0.0, 0.0, 0.0, 0.0], [1.0, 0.0, 0.0, 0.0], [0.0, 1.0, 0.0, 0.0], [0.0, 0.0, 1.0, 0.0]]], [[[0.0, 0.0, 0.0, 0.0], [0.0, 0.0, 0.0, 0.0], [1.0, 0.0, 0.0, 0.0], [0.0, 1.0, 0.0, 0.0]], [[0.0, 0.0, 0.0, 0.0], [0.0, 0.0, 0.0, 0.0], [0.0, 0.0, 0.0, 0.0], [1.0, 0.0, 0.0, 0.0]]]]> : tensor<2x2x4x4xf32> tolerance(1.0e-05) : tensor<2x2x4x4xf32>
  check.expect_close_const %r#1, dense<[[[0.0, 0.0, 0.0, 0.0], [0xFF800000, 0.0, 0.0, 0.0]], [[0xFF800000, 0xFF800000, 0.0, 0.0], [0xFF800000, 0xFF800000, 0xFF800000, 0.0]]]> : tensor<2x2x4xf32> tolerance(1.0e-05) : tensor<2x2x4xf32>
  return
}

// Blocks of two.
func.func private @affine_floordiv() {
  %q = arith.constant dense<[[[[0.0], [0.0], [0.0], [0.0]]]]> : tensor<1x1x4x1xf32>
  %k = arith.constant dense<[[[[0.0], [0.0], [0.0], [0.0]]]]> : tensor<1x1x4x1xf32>
  %v = arith.constant dense<[[[[1.0, 0.0, 0.0, 0.0], [0.0, 1.0, 0.0, 0.0], [0.0, 0.0, 1.0, 0.0], [0.0, 0.0, 0.0, 1.0]]]]> : tensor<1x1x4x4xf32>
  %e = tensor.empty() : tensor<1x1x4x4xf32>
  %l = tensor.empty() : tensor<1x1x4xf32>
  %r:2 = attn.attention %q, %k, %v outs(%e, %l) scale(1.0)
    mask(#attn.affine<"(b, h, i, j) : (i floordiv 2 - j floordiv 2 == 0)">)
    : tensor<1x1x4x1xf32>, tensor<1x1x4x1xf32>, tensor<1x1x4x4xf32> -> tensor<1x1x4x4xf32>, tensor<1x1x4xf32>
  check.expect_close_const %r#0, dense<[[[[0.5, 0.5, 0.0, 0.0], [0.5, 0.5, 0.0, 0.0], [0.0, 0.0, 0.5, 0.5], [0.0, 0.0, 0.5, 0.5]]]]> : tensor<1x1x4x4xf32> tolerance(1.0e-05) : tensor<1x1x4x4xf32>
  check.expect_close_const %r#1, dense<[[[0.6931472, 0.6931472, 0.6931472, 0.6931472]]]> : tensor<1x1x4xf32> tolerance(1.0e-05) : tensor<1x1x4xf32>
  return
}

// A window with its first key kept.
func.func private @and_or() {
  %q = arith.constant dense<[[[[0.0], [0.0], [0.0], [0.0]]]]> : tensor<1x1x4x1xf32>
  %k = arith.constant dense<[[[[0.0], [0.0], [0.0], [0.0]]]]> : tensor<1x1x4x1xf32>
  %v = arith.constant dense<[[[[1.0, 0.0, 0.0, 0.0], [0.0, 1.0, 0.0, 0.0], [0.0, 0.0, 1.0, 0.0], [0.0, 0.0, 0.0, 1.0]]]]> : tensor<1x1x4x4xf32>
  %e = tensor.empty() : tensor<1x1x4x4xf32>
  %l = tensor.empty() : tensor<1x1x4xf32>
  %r:2 = attn.attention %q, %k, %v outs(%e, %l) scale(1.0)
    mask(#attn.and<causal, or<window<2>, prefix<1>>>)
    : tensor<1x1x4x1xf32>, tensor<1x1x4x1xf32>, tensor<1x1x4x4xf32> -> tensor<1x1x4x4xf32>, tensor<1x1x4xf32>
  check.expect_close_const %r#0, dense<[[[[1.0, 0.0, 0.0, 0.0], [0.5, 0.5, 0.0, 0.0], [0.3333333, 0.3333333, 0.3333333, 0.0], [0.3333333, 0.0, 0.3333333, 0.3333333]]]]> : tensor<1x1x4x4xf32> tolerance(1.0e-05) : tensor<1x1x4x4xf32>
  check.expect_close_const %r#1, dense<[[[0.0, 0.6931472, 1.098612, 1.098612]]]> : tensor<1x1x4xf32> tolerance(1.0e-05) : tensor<1x1x4xf32>
  return
}

// not (a and b) = not a or not b
func.func private @negation() {
  %q = arith.constant dense<[[[[0.0], [0.0], [0.0], [0.0]]]]> : tensor<1x1x4x1xf32>
  %k = arith.constant dense<[[[[0.0], [0.0], [0.0], [0.0]]]]> : tensor<1x1x4x1xf32>
  %v = arith.constant dense<[[[[1.0, 0.0, 0.0, 0.0], [0.0, 1.0, 0.0, 0.0], [0.0, 0.0, 1.0, 0.0], [0.0, 0.0, 0.0, 1.0]]]]> : tensor<1x1x4x4xf32>
  %e = tensor.empty() : tensor<1x1x4x4xf32>
  %l = tensor.empty() : tensor<1x1x4xf32>
  %r:2 = attn.attention %q, %k, %v outs(%e, %l) scale(1.0)
    mask(#attn.not<and<causal, not<window<2, 1>>>>)
    : tensor<1x1x4x1xf32>, tensor<1x1x4x1xf32>, tensor<1x1x4x4xf32> -> tensor<1x1x4x4xf32>, tensor<1x1x4xf32>
  check.expect_close_const %r#0, dense<[[[[0.25, 0.25, 0.25, 0.25], [0.25, 0.25, 0.25, 0.25], [0.0, 0.3333333, 0.3333333, 0.3333333], [0.0, 0.0, 0.5, 0.5]]]]> : tensor<1x1x4x4xf32> tolerance(1.0e-05) : tensor<1x1x4x4xf32>
  check.expect_close_const %r#1, dense<[[[1.386294, 1.386294, 1.098612, 0.6931472]]]> : tensor<1x1x4xf32> tolerance(1.0e-05) : tensor<1x1x4xf32>
  return
}

func.func private @not_causal() {
  %q = arith.constant dense<[[[[0.0], [0.0], [0.0], [0.0]]]]> : tensor<1x1x4x1xf32>
  %k = arith.constant dense<[[[[0.0], [0.0], [0.0], [0.0]]]]> : tensor<1x1x4x1xf32>
  %v = arith.constant dense<[[[[1.0, 0.0, 0.0, 0.0], [0.0, 1.0, 0.0, 0.0], [0.0, 0.0, 1.0, 0.0], [0.0, 0.0, 0.0, 1.0]]]]> : tensor<1x1x4x4xf32>
  %e = tensor.empty() : tensor<1x1x4x4xf32>
  %l = tensor.empty() : tensor<1x1x4xf32>
  %r:2 = attn.attention %q, %k, %v outs(%e, %l) scale(1.0)
    mask(#attn.not<causal>)
    : tensor<1x1x4x1xf32>, tensor<1x1x4x1xf32>, tensor<1x1x4x4xf32> -> tensor<1x1x4x4xf32>, tensor<1x1x4xf32>
  check.expect_close_const %r#0, dense<[[[[0.0, 0.3333333, 0.3333333, 0.3333333], [0.0, 0.0, 0.5, 0.5], [0.0, 0.0, 0.0, 1.0], [0.0, 0.0, 0.0, 0.0]]]]> : tensor<1x1x4x4xf32> tolerance(1.0e-05) : tensor<1x1x4x4xf32>
  check.expect_close_const %r#1, dense<[[[1.098612, 0.6931472, 0.0, 0xFF800000]]]> : tensor<1x1x4xf32> tolerance(1.0e-05) : tensor<1x1x4xf32>
  return
}

// An equality has two sides to miss.
func.func private @not_affine() {
  %q = arith.constant dense<[[[[0.0], [0.0], [0.0], [0.0]]]]> : tensor<1x1x4x1xf32>
  %k = arith.constant dense<[[[[0.0], [0.0], [0.0], [0.0]]]]> : tensor<1x1x4x1xf32>
  %v = arith.constant dense<[[[[1.0, 0.0, 0.0, 0.0], [0.0, 1.0, 0.0, 0.0], [0.0, 0.0, 1.0, 0.0], [0.0, 0.0, 0.0, 1.0]]]]> : tensor<1x1x4x4xf32>
  %e = tensor.empty() : tensor<1x1x4x4xf32>
  %l = tensor.empty() : tensor<1x1x4xf32>
  %r:2 = attn.attention %q, %k, %v outs(%e, %l) scale(1.0)
    mask(#attn.not<affine<"(b, h, i, j) : (i - j - 1 == 0)">>)
    : tensor<1x1x4x1xf32>, tensor<1x1x4x1xf32>, tensor<1x1x4x4xf32> -> tensor<1x1x4x4xf32>, tensor<1x1x4xf32>
  check.expect_close_const %r#0, dense<[[[[0.25, 0.25, 0.25, 0.25], [0.0, 0.3333333, 0.3333333, 0.3333333], [0.3333333, 0.0, 0.3333333, 0.3333333], [0.3333333, 0.3333333, 0.0, 0.3333333]]]]> : tensor<1x1x4x4xf32> tolerance(1.0e-05) : tensor<1x1x4x4xf32>
  check.expect_close_const %r#1, dense<[[[1.386294, 1.098612, 1.098612, 1.098612]]]> : tensor<1x1x4xf32> tolerance(1.0e-05) : tensor<1x1x4xf32>
  return
}

// Lists of one.
func.func private @singletons() {
  %q = arith.constant dense<[[[[0.0], [0.0], [0.0], [0.0]]]]> : tensor<1x1x4x1xf32>
  %k = arith.constant dense<[[[[0.0], [0.0], [0.0], [0.0]]]]> : tensor<1x1x4x1xf32>
  %v = arith.constant dense<[[[[1.0, 0.0, 0.0, 0.0], [0.0, 1.0, 0.0, 0.0], [0.0, 0.0, 1.0, 0.0], [0.0, 0.0, 0.0, 1.0]]]]> : tensor<1x1x4x4xf32>
  %e = tensor.empty() : tensor<1x1x4x4xf32>
  %l = tensor.empty() : tensor<1x1x4xf32>
  %r:2 = attn.attention %q, %k, %v outs(%e, %l) scale(1.0)
    mask(#attn.or<and<prefix<2>>>)
    : tensor<1x1x4x1xf32>, tensor<1x1x4x1xf32>, tensor<1x1x4x4xf32> -> tensor<1x1x4x4xf32>, tensor<1x1x4xf32>
  check.expect_close_const %r#0, dense<[[[[0.5, 0.5, 0.0, 0.0], [0.5, 0.5, 0.0, 0.0], [0.5, 0.5, 0.0, 0.0], [0.5, 0.5, 0.0, 0.0]]]]> : tensor<1x1x4x4xf32> tolerance(1.0e-05) : tensor<1x1x4x4xf32>
  check.expect_close_const %r#1, dense<[[[0.6931472, 0.6931472, 0.6931472, 0.6931472]]]> : tensor<1x1x4xf32> tolerance(1.0e-05) : tensor<1x1x4xf32>
  return
}

// Dense in two directions: 2 queries, 6 keys.
func.func private @more_keys() {
  %q = arith.constant dense<[[[[0.0], [0.0]]]]> : tensor<1x1x2x1xf32>
  %k = arith.constant dense<[[[[0.0], [0.0], [0.0], [0.0], [0.0], [0.0]]]]> : tensor<1x1x6x1xf32>
  %v = arith.constant dense<[[[[1.0, 0.0, 0.0, 0.0, 0.0, 0.0], [0.0, 1.0, 0.0, 0.0, 0.0, 0.0], [0.0, 0.0, 1.0, 0.0, 0.0, 0.0], [0.0, 0.0, 0.0, 1.0, 0.0, 0.0], [0.0, 0.0, 0.0, 0.0, 1.0, 0.0], [0.0, 0.0, 0.0, 0.0, 0.0, 1.0]]]]> : tensor<1x1x6x6xf32>
  %e = tensor.empty() : tensor<1x1x2x6xf32>
  %l = tensor.empty() : tensor<1x1x2xf32>
  %r:2 = attn.attention %q, %k, %v outs(%e, %l) scale(1.0)
    mask(#attn.or<not<prefix<5>>, window<2>>) align(bottom_right)
    : tensor<1x1x2x1xf32>, tensor<1x1x6x1xf32>, tensor<1x1x6x6xf32> -> tensor<1x1x2x6xf32>, tensor<1x1x2xf32>
  check.expect_close_const %r#0, dense<[[[[0.0, 0.0, 0.0, 0.3333333, 0.3333333, 0.3333333], [0.0, 0.0, 0.0, 0.0, 0.5, 0.5]]]]> : tensor<1x1x2x6xf32> tolerance(1.0e-05) : tensor<1x1x2x6xf32>
  check.expect_close_const %r#1, dense<[[[1.098612, 0.6931472]]]> : tensor<1x1x2xf32> tolerance(1.0e-05) : tensor<1x1x2xf32>
  return
}

// j < 2
func.func private @sink() {
  %q = arith.constant dense<[[[[0.0], [0.0], [0.0], [0.0]]]]> : tensor<1x1x4x1xf32>
  %k = arith.constant dense<[[[[0.0], [0.0], [0.0], [0.0]]]]> : tensor<1x1x4x1xf32>
  %v = arith.constant dense<[[[[1.0, 0.0, 0.0, 0.0], [0.0, 1.0, 0.0, 0.0], [0.0, 0.0, 1.0, 0.0], [0.0, 0.0, 0.0, 1.0]]]]> : tensor<1x1x4x4xf32>
  %e = tensor.empty() : tensor<1x1x4x4xf32>
  %l = tensor.empty() : tensor<1x1x4xf32>
  %r:2 = attn.attention %q, %k, %v outs(%e, %l) scale(1.0)
    mask(#attn.sink<2>)
    : tensor<1x1x4x1xf32>, tensor<1x1x4x1xf32>, tensor<1x1x4x4xf32> -> tensor<1x1x4x4xf32>, tensor<1x1x4xf32>
  check.expect_close_const %r#0, dense<[[[[0.5, 0.5, 0.0, 0.0], [0.5, 0.5, 0.0, 0.0], [0.5, 0.5, 0.0, 0.0], [0.5, 0.5, 0.0, 0.0]]]]> : tensor<1x1x4x4xf32> tolerance(1.0e-05) : tensor<1x1x4x4xf32>
  check.expect_close_const %r#1, dense<[[[0.6931472, 0.6931472, 0.6931472, 0.6931472]]]> : tensor<1x1x4xf32> tolerance(1.0e-05) : tensor<1x1x4xf32>
  return
}

// A window with its first key kept.
func.func private @sink_and_window() {
  %q = arith.constant dense<[[[[0.0], [0.0], [0.0], [0.0]]]]> : tensor<1x1x4x1xf32>
  %k = arith.constant dense<[[[[0.0], [0.0], [0.0], [0.0]]]]> : tensor<1x1x4x1xf32>
  %v = arith.constant dense<[[[[1.0, 0.0, 0.0, 0.0], [0.0, 1.0, 0.0, 0.0], [0.0, 0.0, 1.0, 0.0], [0.0, 0.0, 0.0, 1.0]]]]> : tensor<1x1x4x4xf32>
  %e = tensor.empty() : tensor<1x1x4x4xf32>
  %l = tensor.empty() : tensor<1x1x4xf32>
  %r:2 = attn.attention %q, %k, %v outs(%e, %l) scale(1.0)
    mask(#attn.and<causal, or<window<2>, sink<1>>>)
    : tensor<1x1x4x1xf32>, tensor<1x1x4x1xf32>, tensor<1x1x4x4xf32> -> tensor<1x1x4x4xf32>, tensor<1x1x4xf32>
  check.expect_close_const %r#0, dense<[[[[1.0, 0.0, 0.0, 0.0], [0.5, 0.5, 0.0, 0.0], [0.3333333, 0.3333333, 0.3333333, 0.0], [0.3333333, 0.0, 0.3333333, 0.3333333]]]]> : tensor<1x1x4x4xf32> tolerance(1.0e-05) : tensor<1x1x4x4xf32>
  check.expect_close_const %r#1, dense<[[[0.0, 0.6931472, 1.098612, 1.098612]]]> : tensor<1x1x4xf32> tolerance(1.0e-05) : tensor<1x1x4xf32>
  return
}

// i < 1 or j < 1
func.func private @global() {
  %q = arith.constant dense<[[[[0.0], [0.0], [0.0], [0.0]]]]> : tensor<1x1x4x1xf32>
  %k = arith.constant dense<[[[[0.0], [0.0], [0.0], [0.0]]]]> : tensor<1x1x4x1xf32>
  %v = arith.constant dense<[[[[1.0, 0.0, 0.0, 0.0], [0.0, 1.0, 0.0, 0.0], [0.0, 0.0, 1.0, 0.0], [0.0, 0.0, 0.0, 1.0]]]]> : tensor<1x1x4x4xf32>
  %e = tensor.empty() : tensor<1x1x4x4xf32>
  %l = tensor.empty() : tensor<1x1x4xf32>
  %r:2 = attn.attention %q, %k, %v outs(%e, %l) scale(1.0)
    mask(#attn.global<1>)
    : tensor<1x1x4x1xf32>, tensor<1x1x4x1xf32>, tensor<1x1x4x4xf32> -> tensor<1x1x4x4xf32>, tensor<1x1x4xf32>
  check.expect_close_const %r#0, dense<[[[[0.25, 0.25, 0.25, 0.25], [1.0, 0.0, 0.0, 0.0], [1.0, 0.0, 0.0, 0.0], [1.0, 0.0, 0.0, 0.0]]]]> : tensor<1x1x4x4xf32> tolerance(1.0e-05) : tensor<1x1x4x4xf32>
  check.expect_close_const %r#1, dense<[[[1.386294, 0.0, 0.0, 0.0]]]> : tensor<1x1x4xf32> tolerance(1.0e-05) : tensor<1x1x4xf32>
  return
}

// ... and the query itself.
func.func private @global_and_window() {
  %q = arith.constant dense<[[[[0.0], [0.0], [0.0], [0.0]]]]> : tensor<1x1x4x1xf32>
  %k = arith.constant dense<[[[[0.0], [0.0], [0.0], [0.0]]]]> : tensor<1x1x4x1xf32>
  %v = arith.constant dense<[[[[1.0, 0.0, 0.0, 0.0], [0.0, 1.0, 0.0, 0.0], [0.0, 0.0, 1.0, 0.0], [0.0, 0.0, 0.0, 1.0]]]]> : tensor<1x1x4x4xf32>
  %e = tensor.empty() : tensor<1x1x4x4xf32>
  %l = tensor.empty() : tensor<1x1x4xf32>
  %r:2 = attn.attention %q, %k, %v outs(%e, %l) scale(1.0)
    mask(#attn.or<window<1>, global<1>>)
    : tensor<1x1x4x1xf32>, tensor<1x1x4x1xf32>, tensor<1x1x4x4xf32> -> tensor<1x1x4x4xf32>, tensor<1x1x4xf32>
  check.expect_close_const %r#0, dense<[[[[0.25, 0.25, 0.25, 0.25], [0.5, 0.5, 0.0, 0.0], [0.5, 0.0, 0.5, 0.0], [0.5, 0.0, 0.0, 0.5]]]]> : tensor<1x1x4x4xf32> tolerance(1.0e-05) : tensor<1x1x4x4xf32>
  check.expect_close_const %r#1, dense<[[[1.386294, 0.6931472, 0.6931472, 0.6931472]]]> : tensor<1x1x4xf32> tolerance(1.0e-05) : tensor<1x1x4xf32>
  return
}

// i - j is 0 or 2.
func.func private @dilated() {
  %q = arith.constant dense<[[[[0.0], [0.0], [0.0], [0.0], [0.0], [0.0]]]]> : tensor<1x1x6x1xf32>
  %k = arith.constant dense<[[[[0.0], [0.0], [0.0], [0.0], [0.0], [0.0]]]]> : tensor<1x1x6x1xf32>
  %v = arith.constant dense<[[[[1.0, 0.0, 0.0, 0.0, 0.0, 0.0], [0.0, 1.0, 0.0, 0.0, 0.0, 0.0], [0.0, 0.0, 1.0, 0.0, 0.0, 0.0], [0.0, 0.0, 0.0, 1.0, 0.0, 0.0], [0.0, 0.0, 0.0, 0.0, 1.0, 0.0], [0.0, 0.0, 0.0, 0.0, 0.0, 1.0]]]]> : tensor<1x1x6x6xf32>
  %e = tensor.empty() : tensor<1x1x6x6xf32>
  %l = tensor.empty() : tensor<1x1x6xf32>
  %r:2 = attn.attention %q, %k, %v outs(%e, %l) scale(1.0)
    mask(#attn.dilated<2, 2>)
    : tensor<1x1x6x1xf32>, tensor<1x1x6x1xf32>, tensor<1x1x6x6xf32> -> tensor<1x1x6x6xf32>, tensor<1x1x6xf32>
  check.expect_close_const %r#0, dense<[[[[1.0, 0.0, 0.0, 0.0, 0.0, 0.0], [0.0, 1.0, 0.0, 0.0, 0.0, 0.0], [0.5, 0.0, 0.5, 0.0, 0.0, 0.0], [0.0, 0.5, 0.0, 0.5, 0.0, 0.0], [0.0, 0.0, 0.5, 0.0, 0.5, 0.0], [0.0, 0.0, 0.0, 0.5, 0.0, 0.5]]]]> : tensor<1x1x6x6xf32> tolerance(1.0e-05) : tensor<1x1x6x6xf32>
  check.expect_close_const %r#1, dense<[[[0.0, 0.0, 0.6931472, 0.6931472, 0.6931472, 0.6931472]]]> : tensor<1x1x6xf32> tolerance(1.0e-05) : tensor<1x1x6xf32>
  return
}

func.func private @not_dilated() {
  %q = arith.constant dense<[[[[0.0], [0.0], [0.0], [0.0]]]]> : tensor<1x1x4x1xf32>
  %k = arith.constant dense<[[[[0.0], [0.0], [0.0], [0.0]]]]> : tensor<1x1x4x1xf32>
  %v = arith.constant dense<[[[[1.0, 0.0, 0.0, 0.0], [0.0, 1.0, 0.0, 0.0], [0.0, 0.0, 1.0, 0.0], [0.0, 0.0, 0.0, 1.0]]]]> : tensor<1x1x4x4xf32>
  %e = tensor.empty() : tensor<1x1x4x4xf32>
  %l = tensor.empty() : tensor<1x1x4xf32>
  %r:2 = attn.attention %q, %k, %v outs(%e, %l) scale(1.0)
    mask(#attn.not<dilated<2, 2>>)
    : tensor<1x1x4x1xf32>, tensor<1x1x4x1xf32>, tensor<1x1x4x4xf32> -> tensor<1x1x4x4xf32>, tensor<1x1x4xf32>
  check.expect_close_const %r#0, dense<[[[[0.0, 0.3333333, 0.3333333, 0.3333333], [0.3333333, 0.0, 0.3333333, 0.3333333], [0.0, 0.5, 0.0, 0.5], [0.5, 0.0, 0.5, 0.0]]]]> : tensor<1x1x4x4xf32> tolerance(1.0e-05) : tensor<1x1x4x4xf32>
  check.expect_close_const %r#1, dense<[[[1.098612, 1.098612, 0.6931472, 0.6931472]]]> : tensor<1x1x4xf32> tolerance(1.0e-05) : tensor<1x1x4xf32>
  return
}

// Every third key, in both directions.
func.func private @strided() {
  %q = arith.constant dense<[[[[0.0], [0.0], [0.0], [0.0]]]]> : tensor<1x1x4x1xf32>
  %k = arith.constant dense<[[[[0.0], [0.0], [0.0], [0.0]]]]> : tensor<1x1x4x1xf32>
  %v = arith.constant dense<[[[[1.0, 0.0, 0.0, 0.0], [0.0, 1.0, 0.0, 0.0], [0.0, 0.0, 1.0, 0.0], [0.0, 0.0, 0.0, 1.0]]]]> : tensor<1x1x4x4xf32>
  %e = tensor.empty() : tensor<1x1x4x4xf32>
  %l = tensor.empty() : tensor<1x1x4xf32>
  %r:2 = attn.attention %q, %k, %v outs(%e, %l) scale(1.0)
    mask(#attn.strided<3>)
    : tensor<1x1x4x1xf32>, tensor<1x1x4x1xf32>, tensor<1x1x4x4xf32> -> tensor<1x1x4x4xf32>, tensor<1x1x4xf32>
  check.expect_close_const %r#0, dense<[[[[0.5, 0.0, 0.0, 0.5], [0.0, 1.0, 0.0, 0.0], [0.0, 0.0, 1.0, 0.0], [0.5, 0.0, 0.0, 0.5]]]]> : tensor<1x1x4x4xf32> tolerance(1.0e-05) : tensor<1x1x4x4xf32>
  check.expect_close_const %r#1, dense<[[[0.6931472, 0.0, 0.0, 0.6931472]]]> : tensor<1x1x4xf32> tolerance(1.0e-05) : tensor<1x1x4xf32>
  return
}

// ... and from queries in front of the first key.
func.func private @strided_behind() {
  %off = arith.constant -2 : index
  %q = arith.constant dense<[[[[0.0], [0.0], [0.0], [0.0]]]]> : tensor<1x1x4x1xf32>
  %k = arith.constant dense<[[[[0.0], [0.0], [0.0], [0.0]]]]> : tensor<1x1x4x1xf32>
  %v = arith.constant dense<[[[[1.0, 0.0, 0.0, 0.0], [0.0, 1.0, 0.0, 0.0], [0.0, 0.0, 1.0, 0.0], [0.0, 0.0, 0.0, 1.0]]]]> : tensor<1x1x4x4xf32>
  %e = tensor.empty() : tensor<1x1x4x4xf32>
  %l = tensor.empty() : tensor<1x1x4xf32>
  %r:2 = attn.attention %q, %k, %v outs(%e, %l) scale(1.0)
    mask(#attn.strided<3>) offset(%off : index)
    : tensor<1x1x4x1xf32>, tensor<1x1x4x1xf32>, tensor<1x1x4x4xf32> -> tensor<1x1x4x4xf32>, tensor<1x1x4xf32>
  check.expect_close_const %r#0, dense<[[[[0.0, 1.0, 0.0, 0.0], [0.0, 0.0, 1.0, 0.0], [0.5, 0.0, 0.0, 0.5], [0.0, 1.0, 0.0, 0.0]]]]> : tensor<1x1x4x4xf32> tolerance(1.0e-05) : tensor<1x1x4x4xf32>
  check.expect_close_const %r#1, dense<[[[0.0, 0.0, 0.6931472, 0.0]]]> : tensor<1x1x4xf32> tolerance(1.0e-05) : tensor<1x1x4xf32>
  return
}

// Chunks of three.
func.func private @chunk() {
  %q = arith.constant dense<[[[[0.0], [0.0], [0.0], [0.0]]]]> : tensor<1x1x4x1xf32>
  %k = arith.constant dense<[[[[0.0], [0.0], [0.0], [0.0]]]]> : tensor<1x1x4x1xf32>
  %v = arith.constant dense<[[[[1.0, 0.0, 0.0, 0.0], [0.0, 1.0, 0.0, 0.0], [0.0, 0.0, 1.0, 0.0], [0.0, 0.0, 0.0, 1.0]]]]> : tensor<1x1x4x4xf32>
  %e = tensor.empty() : tensor<1x1x4x4xf32>
  %l = tensor.empty() : tensor<1x1x4xf32>
  %r:2 = attn.attention %q, %k, %v outs(%e, %l) scale(1.0)
    mask(#attn.chunk<3>)
    : tensor<1x1x4x1xf32>, tensor<1x1x4x1xf32>, tensor<1x1x4x4xf32> -> tensor<1x1x4x4xf32>, tensor<1x1x4xf32>
  check.expect_close_const %r#0, dense<[[[[0.3333333, 0.3333333, 0.3333333, 0.0], [0.3333333, 0.3333333, 0.3333333, 0.0], [0.3333333, 0.3333333, 0.3333333, 0.0], [0.0, 0.0, 0.0, 1.0]]]]> : tensor<1x1x4x4xf32> tolerance(1.0e-05) : tensor<1x1x4x4xf32>
  check.expect_close_const %r#1, dense<[[[1.098612, 1.098612, 1.098612, 0.0]]]> : tensor<1x1x4xf32> tolerance(1.0e-05) : tensor<1x1x4xf32>
  return
}

// Query -1 is in the chunk in front of the first.
func.func private @chunk_behind() {
  %off = arith.constant -1 : index
  %q = arith.constant dense<[[[[0.0], [0.0], [0.0], [0.0]]]]> : tensor<1x1x4x1xf32>
  %k = arith.constant dense<[[[[0.0], [0.0], [0.0], [0.0]]]]> : tensor<1x1x4x1xf32>
  %v = arith.constant dense<[[[[1.0, 0.0, 0.0, 0.0], [0.0, 1.0, 0.0, 0.0], [0.0, 0.0, 1.0, 0.0], [0.0, 0.0, 0.0, 1.0]]]]> : tensor<1x1x4x4xf32>
  %e = tensor.empty() : tensor<1x1x4x4xf32>
  %l = tensor.empty() : tensor<1x1x4xf32>
  %r:2 = attn.attention %q, %k, %v outs(%e, %l) scale(1.0)
    mask(#attn.or<chunk<2>, prefix<1>>) offset(%off : index)
    : tensor<1x1x4x1xf32>, tensor<1x1x4x1xf32>, tensor<1x1x4x4xf32> -> tensor<1x1x4x4xf32>, tensor<1x1x4xf32>
  check.expect_close_const %r#0, dense<[[[[1.0, 0.0, 0.0, 0.0], [0.5, 0.5, 0.0, 0.0], [0.5, 0.5, 0.0, 0.0], [0.3333333, 0.0, 0.3333333, 0.3333333]]]]> : tensor<1x1x4x4xf32> tolerance(1.0e-05) : tensor<1x1x4x4xf32>
  check.expect_close_const %r#1, dense<[[[0.0, 0.6931472, 0.6931472, 1.098612]]]> : tensor<1x1x4xf32> tolerance(1.0e-05) : tensor<1x1x4xf32>
  return
}

// Two lines of four cells; the window stays inside its line.
func.func private @neighborhood() {
  %q = arith.constant dense<[[[[0.0], [0.0], [0.0], [0.0], [0.0], [0.0], [0.0], [0.0]]]]> : tensor<1x1x8x1xf32>
  %k = arith.constant dense<[[[[0.0], [0.0], [0.0], [0.0], [0.0], [0.0], [0.0], [0.0]]]]> : tensor<1x1x8x1xf32>
  %v = arith.constant dense<[[[[1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0], [0.0, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0], [0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0], [0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0], [0.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0], [0.0, 0.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0], [0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0, 0.0], [0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0]]]]> : tensor<1x1x8x8xf32>
  %e = tensor.empty() : tensor<1x1x8x8xf32>
  %l = tensor.empty() : tensor<1x1x8xf32>
  %r:2 = attn.attention %q, %k, %v outs(%e, %l) scale(1.0)
    mask(#attn.neighborhood<[2, 4], [1, 3]>)
    : tensor<1x1x8x1xf32>, tensor<1x1x8x1xf32>, tensor<1x1x8x8xf32> -> tensor<1x1x8x8xf32>, tensor<1x1x8xf32>
  check.expect_close_const %r#0, dense<[[[[0.3333333, 0.3333333, 0.3333333, 0.0, 0.0, 0.0, 0.0, 0.0], [0.3333333, 0.3333333, 0.3333333, 0.0, 0.0, 0.0, 0.0, 0.0], [0.0, 0.3333333, 0.3333333, 0.3333333, 0.0, 0.0, 0.0, 0.0], [0.0, 0.3333333, 0.3333333, 0.3333333, 0.0, 0.0, 0.0, 0.0], [0.0, 0.0, 0.0, 0.0, 0.3333333, 0.3333333, 0.3333333, 0.0], [0.0, 0.0, 0.0, 0.0, 0.3333333, 0.3333333, 0.3333333, 0.0], [0.0, 0.0, 0.0, 0.0, 0.0, 0.3333333, 0.3333333, 0.3333333], [0.0, 0.0, 0.0, 0.0, 0.0, 0.3333333, 0.3333333, 0.3333333]]]]> : tensor<1x1x8x8xf32> tolerance(1.0e-05) : tensor<1x1x8x8xf32>
  check.expect_close_const %r#1, dense<[[[1.098612, 1.098612, 1.098612, 1.098612, 1.098612, 1.098612, 1.098612, 1.098612]]]> : tensor<1x1x8xf32> tolerance(1.0e-05) : tensor<1x1x8xf32>
  return
}

// Four lines of two cells; the window goes across the lines.
func.func private @neighborhood_across() {
  %q = arith.constant dense<[[[[0.0], [0.0], [0.0], [0.0], [0.0], [0.0], [0.0], [0.0]]]]> : tensor<1x1x8x1xf32>
  %k = arith.constant dense<[[[[0.0], [0.0], [0.0], [0.0], [0.0], [0.0], [0.0], [0.0]]]]> : tensor<1x1x8x1xf32>
  %v = arith.constant dense<[[[[1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0], [0.0, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0], [0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0], [0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0], [0.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0], [0.0, 0.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0], [0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0, 0.0], [0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0]]]]> : tensor<1x1x8x8xf32>
  %e = tensor.empty() : tensor<1x1x8x8xf32>
  %l = tensor.empty() : tensor<1x1x8xf32>
  %r:2 = attn.attention %q, %k, %v outs(%e, %l) scale(1.0)
    mask(#attn.neighborhood<[4, 2], [3, 1]>)
    : tensor<1x1x8x1xf32>, tensor<1x1x8x1xf32>, tensor<1x1x8x8xf32> -> tensor<1x1x8x8xf32>, tensor<1x1x8xf32>
  check.expect_close_const %r#0, dense<[[[[0.3333333, 0.0, 0.3333333, 0.0, 0.3333333, 0.0, 0.0, 0.0], [0.0, 0.3333333, 0.0, 0.3333333, 0.0, 0.3333333, 0.0, 0.0], [0.3333333, 0.0, 0.3333333, 0.0, 0.3333333, 0.0, 0.0, 0.0], [0.0, 0.3333333, 0.0, 0.3333333, 0.0, 0.3333333, 0.0, 0.0], [0.0, 0.0, 0.3333333, 0.0, 0.3333333, 0.0, 0.3333333, 0.0], [0.0, 0.0, 0.0, 0.3333333, 0.0, 0.3333333, 0.0, 0.3333333], [0.0, 0.0, 0.3333333, 0.0, 0.3333333, 0.0, 0.3333333, 0.0], [0.0, 0.0, 0.0, 0.3333333, 0.0, 0.3333333, 0.0, 0.3333333]]]]> : tensor<1x1x8x8xf32> tolerance(1.0e-05) : tensor<1x1x8x8xf32>
  check.expect_close_const %r#1, dense<[[[1.098612, 1.098612, 1.098612, 1.098612, 1.098612, 1.098612, 1.098612, 1.098612]]]> : tensor<1x1x8xf32> tolerance(1.0e-05) : tensor<1x1x8xf32>
  return
}

// One dimension, whose last two cells are not there.
func.func private @neighborhood_line() {
  %q = arith.constant dense<[[[[0.0], [0.0], [0.0], [0.0], [0.0]]]]> : tensor<1x1x5x1xf32>
  %k = arith.constant dense<[[[[0.0], [0.0], [0.0], [0.0], [0.0]]]]> : tensor<1x1x5x1xf32>
  %v = arith.constant dense<[[[[1.0, 0.0, 0.0, 0.0, 0.0], [0.0, 1.0, 0.0, 0.0, 0.0], [0.0, 0.0, 1.0, 0.0, 0.0], [0.0, 0.0, 0.0, 1.0, 0.0], [0.0, 0.0, 0.0, 0.0, 1.0]]]]> : tensor<1x1x5x5xf32>
  %e = tensor.empty() : tensor<1x1x5x5xf32>
  %l = tensor.empty() : tensor<1x1x5xf32>
  %r:2 = attn.attention %q, %k, %v outs(%e, %l) scale(1.0)
    mask(#attn.neighborhood<[7], [5]>)
    : tensor<1x1x5x1xf32>, tensor<1x1x5x1xf32>, tensor<1x1x5x5xf32> -> tensor<1x1x5x5xf32>, tensor<1x1x5xf32>
  check.expect_close_const %r#0, dense<[[[[0.2, 0.2, 0.2, 0.2, 0.2], [0.2, 0.2, 0.2, 0.2, 0.2], [0.2, 0.2, 0.2, 0.2, 0.2], [0.0, 0.25, 0.25, 0.25, 0.25], [0.0, 0.0, 0.3333333, 0.3333333, 0.3333333]]]]> : tensor<1x1x5x5xf32> tolerance(1.0e-05) : tensor<1x1x5x5xf32>
  check.expect_close_const %r#1, dense<[[[1.609438, 1.609438, 1.609438, 1.386294, 1.098612]]]> : tensor<1x1x5xf32> tolerance(1.0e-05) : tensor<1x1x5xf32>
  return
}

// Head 2 has the mask of head 0.
func.func private @per_head() {
  %q = arith.constant dense<[[[[0.0], [0.0], [0.0], [0.0]], [[0.0], [0.0], [0.0], [0.0]], [[0.0], [0.0], [0.0], [0.0]]]]> : tensor<1x3x4x1xf32>
  %k = arith.constant dense<[[[[0.0], [0.0], [0.0], [0.0]]]]> : tensor<1x1x4x1xf32>
  %v = arith.constant dense<[[[[1.0, 0.0, 0.0, 0.0], [0.0, 1.0, 0.0, 0.0], [0.0, 0.0, 1.0, 0.0], [0.0, 0.0, 0.0, 1.0]]]]> : tensor<1x1x4x4xf32>
  %e = tensor.empty() : tensor<1x3x4x4xf32>
  %l = tensor.empty() : tensor<1x3x4xf32>
  %r:2 = attn.attention %q, %k, %v outs(%e, %l) scale(1.0)
    mask(#attn.per_head<causal, prefix<1>>)
    : tensor<1x3x4x1xf32>, tensor<1x1x4x1xf32>, tensor<1x1x4x4xf32> -> tensor<1x3x4x4xf32>, tensor<1x3x4xf32>
  check.expect_close_const %r#0, dense<[[[[1.0, 0.0, 0.0, 0.0], [0.5, 0.5, 0.0, 0.0], [0.3333333, 0.3333333, 0.3333333, 0.0], [0.25, 0.25, 0.25, 0.25]], [[1.0, 0.0, 0.0, 0.0], [1.0, 0.0, 0.0, 0.0], [1.0, 0.0, 0.0, 0.0], [1.0, 0.0, 0.0, 0.0]], [[1.0, 0.0, 0.0, 0.0], [0.5, 0.5, 0.0, 0.0], [0.3333333, 0.3333333, 0.3333333, 0.0], [0.25, 0.25, 0.25, 0.25]]]]> : tensor<1x3x4x4xf32> tolerance(1.0e-05) : tensor<1x3x4x4xf32>
  check.expect_close_const %r#1, dense<[[[0.0, 0.6931472, 1.098612, 1.386294], [0.0, 0.0, 0.0, 0.0], [0.0, 0.6931472, 1.098612, 1.386294]]]> : tensor<1x3x4xf32> tolerance(1.0e-05) : tensor<1x3x4xf32>
  return
}

// Masks 1 and 2 are equal.
func.func private @not_per_head() {
  %q = arith.constant dense<[[[[0.0], [0.0], [0.0], [0.0]], [[0.0], [0.0], [0.0], [0.0]], [[0.0], [0.0], [0.0], [0.0]]]]> : tensor<1x3x4x1xf32>
  %k = arith.constant dense<[[[[0.0], [0.0], [0.0], [0.0]]]]> : tensor<1x1x4x1xf32>
  %v = arith.constant dense<[[[[1.0, 0.0, 0.0, 0.0], [0.0, 1.0, 0.0, 0.0], [0.0, 0.0, 1.0, 0.0], [0.0, 0.0, 0.0, 1.0]]]]> : tensor<1x1x4x4xf32>
  %e = tensor.empty() : tensor<1x3x4x4xf32>
  %l = tensor.empty() : tensor<1x3x4xf32>
  %r:2 = attn.attention %q, %k, %v outs(%e, %l) scale(1.0)
    mask(#attn.not<per_head<causal, prefix<1>, sink<1>>>)
    : tensor<1x3x4x1xf32>, tensor<1x1x4x1xf32>, tensor<1x1x4x4xf32> -> tensor<1x3x4x4xf32>, tensor<1x3x4xf32>
  check.expect_close_const %r#0, dense<[[[[0.0, 0.3333333, 0.3333333, 0.3333333], [0.0, 0.0, 0.5, 0.5], [0.0, 0.0, 0.0, 1.0], [0.0, 0.0, 0.0, 0.0]], [[0.0, 0.3333333, 0.3333333, 0.3333333], [0.0, 0.3333333, 0.3333333, 0.3333333], [0.0, 0.3333333, 0.3333333, 0.3333333], [0.0, 0.3333333, 0.3333333, 0.3333333]], [[0.0, 0.3333333, 0.3333333, 0.3333333], [0.0, 0.3333333, 0.3333333, 0.3333333], [0.0, 0.3333333, 0.3333333, 0.3333333], [0.0, 0.3333333, 0.3333333, 0.3333333]]]]> : tensor<1x3x4x4xf32> tolerance(1.0e-05) : tensor<1x3x4x4xf32>
  check.expect_close_const %r#1, dense<[[[1.098612, 0.6931472, 0.0, 0xFF800000], [1.098612, 1.098612, 1.098612, 1.098612], [1.098612, 1.098612, 1.098612, 1.098612]]]> : tensor<1x3x4xf32> tolerance(1.0e-05) : tensor<1x3x4xf32>
  return
}

// One of blocks 0 and 1, (1 x + 0 h + 0) mod 2, and one of 2 and 3, 2 + (1 x + 1 h + 0) mod 2.
func.func private @random_block() {
  %q = arith.constant dense<[[[[0.0], [0.0], [0.0], [0.0]], [[0.0], [0.0], [0.0], [0.0]]]]> : tensor<1x2x4x1xf32>
  %k = arith.constant dense<[[[[0.0], [0.0], [0.0], [0.0]]]]> : tensor<1x1x4x1xf32>
  %v = arith.constant dense<[[[[1.0, 0.0, 0.0, 0.0], [0.0, 1.0, 0.0, 0.0], [0.0, 0.0, 1.0, 0.0], [0.0, 0.0, 0.0, 1.0]]]]> : tensor<1x1x4x4xf32>
  %e = tensor.empty() : tensor<1x2x4x4xf32>
  %l = tensor.empty() : tensor<1x2x4xf32>
  %r:2 = attn.attention %q, %k, %v outs(%e, %l) scale(1.0)
    mask(#attn.random_block<block = 1, blocks = 4, count = 2, seed = 7>)
    : tensor<1x2x4x1xf32>, tensor<1x1x4x1xf32>, tensor<1x1x4x4xf32> -> tensor<1x2x4x4xf32>, tensor<1x2x4xf32>
  check.expect_close_const %r#0, dense<[[[[0.5, 0.0, 0.5, 0.0], [0.0, 0.5, 0.0, 0.5], [0.5, 0.0, 0.5, 0.0], [0.0, 0.5, 0.0, 0.5]], [[0.5, 0.0, 0.0, 0.5], [0.0, 0.5, 0.5, 0.0], [0.5, 0.0, 0.0, 0.5], [0.0, 0.5, 0.5, 0.0]]]]> : tensor<1x2x4x4xf32> tolerance(1.0e-05) : tensor<1x2x4x4xf32>
  check.expect_close_const %r#1, dense<[[[0.6931472, 0.6931472, 0.6931472, 0.6931472], [0.6931472, 0.6931472, 0.6931472, 0.6931472]]]> : tensor<1x2x4xf32> tolerance(1.0e-05) : tensor<1x2x4xf32>
  return
}

// Queries from -2 on are in blocks -1, -1, 0, 0.
func.func private @random_block_behind() {
  %q = arith.constant dense<[[[[0.0], [0.0], [0.0], [0.0]]]]> : tensor<1x1x4x1xf32>
  %k = arith.constant dense<[[[[0.0], [0.0], [0.0], [0.0]]]]> : tensor<1x1x4x1xf32>
  %v = arith.constant dense<[[[[1.0, 0.0, 0.0, 0.0], [0.0, 1.0, 0.0, 0.0], [0.0, 0.0, 1.0, 0.0], [0.0, 0.0, 0.0, 1.0]]]]> : tensor<1x1x4x4xf32>
  %o = arith.constant -2 : index
  %e = tensor.empty() : tensor<1x1x4x4xf32>
  %l = tensor.empty() : tensor<1x1x4xf32>
  %r:2 = attn.attention %q, %k, %v outs(%e, %l) scale(1.0)
    mask(#attn.random_block<block = 2, blocks = 2, count = 1, seed = 7>) offset(%o : index)
    : tensor<1x1x4x1xf32>, tensor<1x1x4x1xf32>, tensor<1x1x4x4xf32> -> tensor<1x1x4x4xf32>, tensor<1x1x4xf32>
  check.expect_close_const %r#0, dense<[[[[0.0, 0.0, 0.5, 0.5], [0.0, 0.0, 0.5, 0.5], [0.5, 0.5, 0.0, 0.0], [0.5, 0.5, 0.0, 0.0]]]]> : tensor<1x1x4x4xf32> tolerance(1.0e-05) : tensor<1x1x4x4xf32>
  check.expect_close_const %r#1, dense<[[[0.6931472, 0.6931472, 0.6931472, 0.6931472]]]> : tensor<1x1x4xf32> tolerance(1.0e-05) : tensor<1x1x4xf32>
  return
}

// j < 1 or an ancestor of the query
func.func private @tree() {
  %q = arith.constant dense<[[[[0.0], [0.0], [0.0], [0.0]]]]> : tensor<1x1x4x1xf32>
  %k = arith.constant dense<[[[[0.0], [0.0], [0.0], [0.0]]]]> : tensor<1x1x4x1xf32>
  %v = arith.constant dense<[[[[1.0, 0.0, 0.0, 0.0], [0.0, 1.0, 0.0, 0.0], [0.0, 0.0, 1.0, 0.0], [0.0, 0.0, 0.0, 1.0]]]]> : tensor<1x1x4x4xf32>
  %start = arith.constant dense<1> : tensor<1x1x1xi32>
  // Node 0 is the root, 1 and 2 follow it; node 3 has no key.
  %words = arith.constant dense<[[[1], [3], [5], [8]]]> : tensor<1x4x1xi32>
  %e = tensor.empty() : tensor<1x1x4x4xf32>
  %l = tensor.empty() : tensor<1x1x4xf32>
  %r:2 = attn.attention %q, %k, %v outs(%e, %l) scale(1.0)
    mask(#attn.tree) parameters(%start : tensor<1x1x1xi32>) ancestors(%words : tensor<1x4x1xi32>)
    : tensor<1x1x4x1xf32>, tensor<1x1x4x1xf32>, tensor<1x1x4x4xf32> -> tensor<1x1x4x4xf32>, tensor<1x1x4xf32>
  check.expect_close_const %r#0, dense<[[[[0.5, 0.5, 0.0, 0.0], [0.3333333, 0.3333333, 0.3333333, 0.0], [0.3333333, 0.3333333, 0.0, 0.3333333], [1.0, 0.0, 0.0, 0.0]]]]> : tensor<1x1x4x4xf32> tolerance(1.0e-05) : tensor<1x1x4x4xf32>
  check.expect_close_const %r#1, dense<[[[0.6931472, 1.0986123, 1.0986123, 0.0]]]> : tensor<1x1x4xf32> tolerance(1.0e-05) : tensor<1x1x4xf32>
  return
}

// neither
func.func private @not_tree() {
  %q = arith.constant dense<[[[[0.0], [0.0], [0.0], [0.0]]]]> : tensor<1x1x4x1xf32>
  %k = arith.constant dense<[[[[0.0], [0.0], [0.0], [0.0]]]]> : tensor<1x1x4x1xf32>
  %v = arith.constant dense<[[[[1.0, 0.0, 0.0, 0.0], [0.0, 1.0, 0.0, 0.0], [0.0, 0.0, 1.0, 0.0], [0.0, 0.0, 0.0, 1.0]]]]> : tensor<1x1x4x4xf32>
  %start = arith.constant dense<1> : tensor<1x1x1xi32>
  // Node 0 is the root, 1 and 2 follow it; node 3 has no key.
  %words = arith.constant dense<[[[1], [3], [5], [8]]]> : tensor<1x4x1xi32>
  %e = tensor.empty() : tensor<1x1x4x4xf32>
  %l = tensor.empty() : tensor<1x1x4xf32>
  %r:2 = attn.attention %q, %k, %v outs(%e, %l) scale(1.0)
    mask(#attn.not<tree>) parameters(%start : tensor<1x1x1xi32>) ancestors(%words : tensor<1x4x1xi32>)
    : tensor<1x1x4x1xf32>, tensor<1x1x4x1xf32>, tensor<1x1x4x4xf32> -> tensor<1x1x4x4xf32>, tensor<1x1x4xf32>
  check.expect_close_const %r#0, dense<[[[[0.0, 0.0, 0.5, 0.5], [0.0, 0.0, 0.0, 1.0], [0.0, 0.0, 1.0, 0.0], [0.0, 0.3333333, 0.3333333, 0.3333333]]]]> : tensor<1x1x4x4xf32> tolerance(1.0e-05) : tensor<1x1x4x4xf32>
  check.expect_close_const %r#1, dense<[[[0.6931472, 0.0, 0.0, 1.0986123]]]> : tensor<1x1x4xf32> tolerance(1.0e-05) : tensor<1x1x4xf32>
  return
}

func.func @main() {
  call @causal() : () -> ()
  call @window() : () -> ()
  call @two_sided_window() : () -> ()
  call @prefix() : () -> ()
  call @segment() : () -> ()
  call @not_segment() : () -> ()
  call @affine() : () -> ()
  call @affine_batch_and_head() : () -> ()
  call @affine_floordiv() : () -> ()
  call @and_or() : () -> ()
  call @negation() : () -> ()
  call @not_causal() : () -> ()
  call @not_affine() : () -> ()
  call @singletons() : () -> ()
  call @more_keys() : () -> ()
  call @sink() : () -> ()
  call @sink_and_window() : () -> ()
  call @global() : () -> ()
  call @global_and_window() : () -> ()
  call @dilated() : () -> ()
  call @not_dilated() : () -> ()
  call @strided() : () -> ()
  call @strided_behind() : () -> ()
  call @chunk() : () -> ()
  call @chunk_behind() : () -> ()
  call @neighborhood() : () -> ()
  call @neighborhood_across() : () -> ()
  call @neighborhood_line() : () -> ()
  call @per_head() : () -> ()
  call @not_per_head() : () -> ()
  call @random_block() : () -> ()
  call @random_block_behind() : () -> ()
  call @tree() : () -> ()
  call @not_tree() : () -> ()
  return
}
