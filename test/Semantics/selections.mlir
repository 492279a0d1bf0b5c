// RUN: attn-opt %s %oracle | %run
// RUN: attn-opt %s %compiler | %run

// Five rows in blocks of two, seven keys in blocks of three: the last ones are short.
// A list is a set of blocks.

// For each head, lists of one or two blocks.
func.func private @blocks() {
  %ids = arith.constant dense<[[[[0, 2], [1, -1], [2, -1]], [[1, -1], [0, 1], [0, 2]]]]> : tensor<1x2x3x2xi32>
  %q = arith.constant dense<[[[[-0.75, -1.25], [-0.25, 0.5], [1.25, 0.0], [-0.5, -0.75], [0.75, 1.75]], [[0.25, -1.25], [-1.0, 1.5], [0.25, -1.75], [-0.0, -1.25], [-0.75, -0.5]]]]> : tensor<1x2x5x2xf32>
  %k = arith.constant dense<[[[[-0.75, 0.5], [-0.0, -0.5], [0.5, 0.75], [-1.75, -0.25], [-1.0, -0.25], [-1.25, 0.0], [-0.0, -0.25]]]]> : tensor<1x1x7x2xf32>
  %v = arith.constant dense<[[[[-1.0, -0.5], [-1.0, -1.25], [0.25, -1.0], [1.25, 0.75], [-2.0, 0.25], [-1.0, 0.0], [0.0, -2.0]]]]> : tensor<1x1x7x2xf32>
  %e = tensor.empty() : tensor<1x2x5x2xf32>
  %l = tensor.empty() : tensor<1x2x5xf32>
  %r:2 = attn.attention %q, %k, %v outs(%e, %l) scale(0.5) select(%ids : tensor<1x2x3x2xi32>) blocks(2, 3)
    : tensor<1x2x5x2xf32>, tensor<1x1x7x2xf32>, tensor<1x1x7x2xf32> -> tensor<1x2x5x2xf32>, tensor<1x2x5xf32>
  check.expect_close_const %r#0, dense<[[[[-0.5483057, -1.255024], [-0.4390274, -1.128055], [-0.8355531, 0.2899236], [-0.4602306, 0.3636234], [0.0, -2.0]], [[-0.6172173, 0.3405254], [-0.4050675, 0.3509428], [-0.6735484, -0.3114981], [-0.6299155, -0.2525406], [-0.5255101, -1.188262]]]]> : tensor<1x2x5x2xf32> tolerance(1.0e-05) : tensor<1x2x5x2xf32>
  check.expect_close_const %r#1, dense<[[[1.392272, 1.434984, 0.2837138, 1.499204, -0.21875], [1.03904, 1.653229, 1.730342, 1.802118, 1.399717]]]> : tensor<1x2x5xf32> tolerance(1.0e-05) : tensor<1x2x5xf32>
  return
}

// The same sets: order and repetition mean nothing.
func.func private @order_and_repetition() {
  %ids = arith.constant dense<[[[[2, 0, 2], [1, 1, 1], [2, 2, -1]], [[-1, 1, 1], [1, 0, 1], [0, 2, 0]]]]> : tensor<1x2x3x3xi32>
  %q = arith.constant dense<[[[[-0.75, -1.25], [-0.25, 0.5], [1.25, 0.0], [-0.5, -0.75], [0.75, 1.75]], [[0.25, -1.25], [-1.0, 1.5], [0.25, -1.75], [-0.0, -1.25], [-0.75, -0.5]]]]> : tensor<1x2x5x2xf32>
  %k = arith.constant dense<[[[[-0.75, 0.5], [-0.0, -0.5], [0.5, 0.75], [-1.75, -0.25], [-1.0, -0.25], [-1.25, 0.0], [-0.0, -0.25]]]]> : tensor<1x1x7x2xf32>
  %v = arith.constant dense<[[[[-1.0, -0.5], [-1.0, -1.25], [0.25, -1.0], [1.25, 0.75], [-2.0, 0.25], [-1.0, 0.0], [0.0, -2.0]]]]> : tensor<1x1x7x2xf32>
  %e = tensor.empty() : tensor<1x2x5x2xf32>
  %l = tensor.empty() : tensor<1x2x5xf32>
  %r:2 = attn.attention %q, %k, %v outs(%e, %l) scale(0.5) select(%ids : tensor<1x2x3x3xi32>) blocks(2, 3)
    : tensor<1x2x5x2xf32>, tensor<1x1x7x2xf32>, tensor<1x1x7x2xf32> -> tensor<1x2x5x2xf32>, tensor<1x2x5xf32>
  check.expect_close_const %r#0, dense<[[[[-0.5483057, -1.255024], [-0.4390274, -1.128055], [-0.8355531, 0.2899236], [-0.4602306, 0.3636234], [0.0, -2.0]], [[-0.6172173, 0.3405254], [-0.4050675, 0.3509428], [-0.6735484, -0.3114981], [-0.6299155, -0.2525406], [-0.5255101, -1.188262]]]]> : tensor<1x2x5x2xf32> tolerance(1.0e-05) : tensor<1x2x5x2xf32>
  check.expect_close_const %r#1, dense<[[[1.392272, 1.434984, 0.2837138, 1.499204, -0.21875], [1.03904, 1.653229, 1.730342, 1.802118, 1.399717]]]> : tensor<1x2x5xf32> tolerance(1.0e-05) : tensor<1x2x5xf32>
  return
}

// The same sets: numbers of no block are ignored, whatever they are.
func.func private @no_block() {
  %ids = arith.constant dense<[[[[3, 0, 2, -7], [-2147483648, 1, 2147483647, 100], [2, 3, 4, 5]], [[1, -1, -2, -3], [0, 1, 1000000, -1], [0, 2, 2, 7]]]]> : tensor<1x2x3x4xi32>
  %q = arith.constant dense<[[[[-0.75, -1.25], [-0.25, 0.5], [1.25, 0.0], [-0.5, -0.75], [0.75, 1.75]], [[0.25, -1.25], [-1.0, 1.5], [0.25, -1.75], [-0.0, -1.25], [-0.75, -0.5]]]]> : tensor<1x2x5x2xf32>
  %k = arith.constant dense<[[[[-0.75, 0.5], [-0.0, -0.5], [0.5, 0.75], [-1.75, -0.25], [-1.0, -0.25], [-1.25, 0.0], [-0.0, -0.25]]]]> : tensor<1x1x7x2xf32>
  %v = arith.constant dense<[[[[-1.0, -0.5], [-1.0, -1.25], [0.25, -1.0], [1.25, 0.75], [-2.0, 0.25], [-1.0, 0.0], [0.0, -2.0]]]]> : tensor<1x1x7x2xf32>
  %e = tensor.empty() : tensor<1x2x5x2xf32>
  %l = tensor.empty() : tensor<1x2x5xf32>
  %r:2 = attn.attention %q, %k, %v outs(%e, %l) scale(0.5) select(%ids : tensor<1x2x3x4xi32>) blocks(2, 3)
    : tensor<1x2x5x2xf32>, tensor<1x1x7x2xf32>, tensor<1x1x7x2xf32> -> tensor<1x2x5x2xf32>, tensor<1x2x5xf32>
  check.expect_close_const %r#0, dense<[[[[-0.5483057, -1.255024], [-0.4390274, -1.128055], [-0.8355531, 0.2899236], [-0.4602306, 0.3636234], [0.0, -2.0]], [[-0.6172173, 0.3405254], [-0.4050675, 0.3509428], [-0.6735484, -0.3114981], [-0.6299155, -0.2525406], [-0.5255101, -1.188262]]]]> : tensor<1x2x5x2xf32> tolerance(1.0e-05) : tensor<1x2x5x2xf32>
  check.expect_close_const %r#1, dense<[[[1.392272, 1.434984, 0.2837138, 1.499204, -0.21875], [1.03904, 1.653229, 1.730342, 1.802118, 1.399717]]]> : tensor<1x2x5xf32> tolerance(1.0e-05) : tensor<1x2x5xf32>
  return
}

// A row whose list has no block sees no key: 0 and -inf.
func.func private @nothing() {
  %ids = arith.constant dense<[[[[-1, -1], [9, -1], [0, 1]]]]> : tensor<1x1x3x2xi32>
  %q = arith.constant dense<[[[[-0.75, -1.25], [-0.25, 0.5], [1.25, 0.0], [-0.5, -0.75], [0.75, 1.75]], [[0.25, -1.25], [-1.0, 1.5], [0.25, -1.75], [-0.0, -1.25], [-0.75, -0.5]]]]> : tensor<1x2x5x2xf32>
  %k = arith.constant dense<[[[[-0.75, 0.5], [-0.0, -0.5], [0.5, 0.75], [-1.75, -0.25], [-1.0, -0.25], [-1.25, 0.0], [-0.0, -0.25]]]]> : tensor<1x1x7x2xf32>
  %v = arith.constant dense<[[[[-1.0, -0.5], [-1.0, -1.25], [0.25, -1.0], [1.25, 0.75], [-2.0, 0.25], [-1.0, 0.0], [0.0, -2.0]]]]> : tensor<1x1x7x2xf32>
  %e = tensor.empty() : tensor<1x2x5x2xf32>
  %l = tensor.empty() : tensor<1x2x5xf32>
  %r:2 = attn.attention %q, %k, %v outs(%e, %l) scale(0.5) select(%ids : tensor<1x1x3x2xi32>) blocks(2, 3)
    : tensor<1x2x5x2xf32>, tensor<1x1x7x2xf32>, tensor<1x1x7x2xf32> -> tensor<1x2x5x2xf32>, tensor<1x2x5xf32>
  check.expect_close_const %r#0, dense<[[[[0.0, 0.0], [0.0, 0.0], [0.0, 0.0], [0.0, 0.0], [-0.4259501, -0.5695084]], [[0.0, 0.0], [0.0, 0.0], [0.0, 0.0], [0.0, 0.0], [-0.5204125, -0.0930817]]]]> : tensor<1x2x5x2xf32> tolerance(1.0e-05) : tensor<1x2x5x2xf32>
  check.expect_close_const %r#1, dense<[[[0xFF800000, 0xFF800000, 0xFF800000, 0xFF800000, 1.746542], [0xFF800000, 0xFF800000, 0xFF800000, 0xFF800000, 2.1027]]]> : tensor<1x2x5xf32> tolerance(1.0e-05) : tensor<1x2x5xf32>
  return
}

// What a mask hides stays hidden.
func.func private @with_a_mask() {
  %ids = arith.constant dense<[[[[0, 2], [1, -1], [2, -1]], [[1, -1], [0, 1], [0, 2]]]]> : tensor<1x2x3x2xi32>
  %q = arith.constant dense<[[[[-0.75, -1.25], [-0.25, 0.5], [1.25, 0.0], [-0.5, -0.75], [0.75, 1.75]], [[0.25, -1.25], [-1.0, 1.5], [0.25, -1.75], [-0.0, -1.25], [-0.75, -0.5]]]]> : tensor<1x2x5x2xf32>
  %k = arith.constant dense<[[[[-0.75, 0.5], [-0.0, -0.5], [0.5, 0.75], [-1.75, -0.25], [-1.0, -0.25], [-1.25, 0.0], [-0.0, -0.25]]]]> : tensor<1x1x7x2xf32>
  %v = arith.constant dense<[[[[-1.0, -0.5], [-1.0, -1.25], [0.25, -1.0], [1.25, 0.75], [-2.0, 0.25], [-1.0, 0.0], [0.0, -2.0]]]]> : tensor<1x1x7x2xf32>
  %e = tensor.empty() : tensor<1x2x5x2xf32>
  %l = tensor.empty() : tensor<1x2x5xf32>
  %r:2 = attn.attention %q, %k, %v outs(%e, %l) scale(0.5) mask(#attn.causal) select(%ids : tensor<1x2x3x2xi32>) blocks(2, 3)
    : tensor<1x2x5x2xf32>, tensor<1x1x7x2xf32>, tensor<1x1x7x2xf32> -> tensor<1x2x5x2xf32>, tensor<1x2x5xf32>
  check.expect_close_const %r#0, dense<[[[[-1.0, -0.5], [-1.0, -0.8111741], [0.0, 0.0], [1.25, 0.75], [0.0, 0.0]], [[0.0, 0.0], [0.0, 0.0], [-0.7432771, -1.034687], [-0.1234435, -0.4683107], [-0.7126291, -0.8992251]]]]> : tensor<1x2x5x2xf32> tolerance(1.0e-05) : tensor<1x2x5x2xf32>
  check.expect_close_const %r#1, dense<[[[-0.03125, 0.7547205, 0xFF800000, 0.53125, 0xFF800000], [0xFF800000, 0xFF800000, 0.9891517, 1.359271, 1.095125]]]> : tensor<1x2x5xf32> tolerance(1.0e-05) : tensor<1x2x5xf32>
  return
}

// One list for both heads.
func.func private @shared() {
  %ids = arith.constant dense<[[[[0, 2], [1, -1], [2, 0]]]]> : tensor<1x1x3x2xi32>
  %q = arith.constant dense<[[[[-0.75, -1.25], [-0.25, 0.5], [1.25, 0.0], [-0.5, -0.75], [0.75, 1.75]], [[0.25, -1.25], [-1.0, 1.5], [0.25, -1.75], [-0.0, -1.25], [-0.75, -0.5]]]]> : tensor<1x2x5x2xf32>
  %k = arith.constant dense<[[[[-0.75, 0.5], [-0.0, -0.5], [0.5, 0.75], [-1.75, -0.25], [-1.0, -0.25], [-1.25, 0.0], [-0.0, -0.25]]]]> : tensor<1x1x7x2xf32>
  %v = arith.constant dense<[[[[-1.0, -0.5], [-1.0, -1.25], [0.25, -1.0], [1.25, 0.75], [-2.0, 0.25], [-1.0, 0.0], [0.0, -2.0]]]]> : tensor<1x1x7x2xf32>
  %e = tensor.empty() : tensor<1x2x5x2xf32>
  %l = tensor.empty() : tensor<1x2x5xf32>
  %r:2 = attn.attention %q, %k, %v outs(%e, %l) scale(0.5) select(%ids : tensor<1x1x3x2xi32>) blocks(2, 3)
    : tensor<1x2x5x2xf32>, tensor<1x1x7x2xf32>, tensor<1x1x7x2xf32> -> tensor<1x2x5x2xf32>, tensor<1x2x5xf32>
  check.expect_close_const %r#0, dense<[[[[-0.5483057, -1.255024], [-0.4390274, -1.128055], [-0.8355531, 0.2899236], [-0.4602306, 0.3636234], [-0.2495266, -1.076947]], [[-0.4825047, -1.304468], [-0.4925006, -0.9884706], [-0.6100681, 0.3468854], [-0.5622246, 0.3502203], [-0.5255101, -1.188262]]]]> : tensor<1x2x5x2xf32> tolerance(1.0e-05) : tensor<1x2x5x2xf32>
  check.expect_close_const %r#1, dense<[[[1.392272, 1.434984, 0.2837138, 1.499204, 1.598045], [1.352801, 1.609469, 1.083035, 1.205443, 1.399717]]]> : tensor<1x2x5xf32> tolerance(1.0e-05) : tensor<1x2x5xf32>
  return
}

// The partial form is no different.
func.func private @partial() {
  %ids = arith.constant dense<[[[[0, 2], [1, -1], [2, -1]], [[1, -1], [0, 1], [0, 2]]]]> : tensor<1x2x3x2xi32>
  %q = arith.constant dense<[[[[-0.75, -1.25], [-0.25, 0.5], [1.25, 0.0], [-0.5, -0.75], [0.75, 1.75]], [[0.25, -1.25], [-1.0, 1.5], [0.25, -1.75], [-0.0, -1.25], [-0.75, -0.5]]]]> : tensor<1x2x5x2xf32>
  %k = arith.constant dense<[[[[-0.75, 0.5], [-0.0, -0.5], [0.5, 0.75], [-1.75, -0.25], [-1.0, -0.25], [-1.25, 0.0], [-0.0, -0.25]]]]> : tensor<1x1x7x2xf32>
  %v = arith.constant dense<[[[[-1.0, -0.5], [-1.0, -1.25], [0.25, -1.0], [1.25, 0.75], [-2.0, 0.25], [-1.0, 0.0], [0.0, -2.0]]]]> : tensor<1x1x7x2xf32>
  %e = tensor.empty() : tensor<1x2x5x2xf32>
  %l = tensor.empty() : tensor<1x2x5xf32>
  %zero = arith.constant dense<0.0> : tensor<1x2x5x2xf32>
  %none = arith.constant dense<0.0> : tensor<1x2x5xf32>
  %low = arith.constant dense<-1.70141173E+38> : tensor<1x2x5xf32>
  %s:3 = attn.partial %q, %k, %v outs(%zero, %low, %none) scale(0.5) mask(#attn.causal) select(%ids : tensor<1x2x3x2xi32>) blocks(2, 3)
    : tensor<1x2x5x2xf32>, tensor<1x1x7x2xf32>, tensor<1x1x7x2xf32> -> tensor<1x2x5x2xf32>, tensor<1x2x5xf32>, tensor<1x2x5xf32>
  %r:2 = attn.finalize %s#0, %s#1, %s#2 outs(%e, %l)
    : tensor<1x2x5x2xf32>, tensor<1x2x5xf32>, tensor<1x2x5xf32> -> tensor<1x2x5x2xf32>, tensor<1x2x5xf32>
  check.expect_close_const %r#0, dense<[[[[-1.0, -0.5], [-1.0, -0.8111741], [0.0, 0.0], [1.25, 0.75], [0.0, 0.0]], [[0.0, 0.0], [0.0, 0.0], [-0.7432771, -1.034687], [-0.1234435, -0.4683107], [-0.7126291, -0.8992251]]]]> : tensor<1x2x5x2xf32> tolerance(1.0e-05) : tensor<1x2x5x2xf32>
  check.expect_close_const %r#1, dense<[[[-0.03125, 0.7547205, 0xFF800000, 0.53125, 0xFF800000], [0xFF800000, 0xFF800000, 0.9891517, 1.359271, 1.095125]]]> : tensor<1x2x5xf32> tolerance(1.0e-05) : tensor<1x2x5xf32>
  return
}

func.func @main() {
  call @blocks() : () -> ()
  call @order_and_repetition() : () -> ()
  call @no_block() : () -> ()
  call @nothing() : () -> ()
  call @with_a_mask() : () -> ()
  call @shared() : () -> ()
  call @partial() : () -> ()
  return
}
