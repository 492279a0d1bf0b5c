// RUN: attn-opt %s --split-input-file --verify-diagnostics

// random_block, C1: block >= 1.
// expected-error@below {{C1: expected blocks of a size >= 1, got 0}}
#a = #attn.random_block<block = 0, blocks = 8, count = 1, seed = 7>

// -----

// random_block, C2: 1 <= count ...
// expected-error@below {{C2: expected 1 <= count <= blocks <= 16384, got count = 0, blocks = 8}}
#a = #attn.random_block<block = 16, blocks = 8, count = 0, seed = 7>

// -----

// random_block, C2: ... <= blocks ...
// expected-error@below {{C2: expected 1 <= count <= blocks <= 16384, got count = 9, blocks = 8}}
#a = #attn.random_block<block = 16, blocks = 8, count = 9, seed = 7>

// -----

// random_block, C2: ... <= 2^14.
// expected-error@below {{C2: expected 1 <= count <= blocks <= 16384, got count = 3, blocks = 16385}}
#a = #attn.random_block<block = 16, blocks = 16385, count = 3, seed = 7>

// -----

// random_block, C3: 1 <= seed ...
// expected-error@below {{C3: expected a seed from 1 to 2147483646, got 0}}
#a = #attn.random_block<block = 16, blocks = 8, count = 3, seed = 0>

// -----

// random_block, C3: ... <= 2^31 - 2.
// expected-error@below {{C3: expected a seed from 1 to 2147483646, got 2147483647}}
#a = #attn.random_block<block = 16, blocks = 8, count = 3, seed = 2147483647>

// -----

// tree, C1: 0 <= start ...
// expected-error@below {{C1: expected the number of a parameter from 0 to 15, got -1}}
#a = #attn.tree<-1>

// -----

// tree, C1: ... <= 15.
// expected-error@below {{C1: expected the number of a parameter from 0 to 15, got 16}}
#a = #attn.tree<16>

// -----

// C24: ancestors are given when the mask reads them ...
func.func @no_ancestors(%q: tensor<2x4x40x32xf32>, %n: tensor<1x1x1xi32>) -> tensor<2x4x40x32xf32> {
  // expected-error @below {{C24: the mask reads ancestors, but none are given}}
  %r = attn.attention %q, %q, %q outs(%q) scale(1.0) mask(and<causal, not<tree>>) parameters(%n : tensor<1x1x1xi32>)
    : tensor<2x4x40x32xf32>, tensor<2x4x40x32xf32>, tensor<2x4x40x32xf32> -> tensor<2x4x40x32xf32>
  return %r : tensor<2x4x40x32xf32>
}

// -----

// C24: ... only then ...
func.func @needless_ancestors(%q: tensor<2x4x40x32xf32>, %a: tensor<2x40x2xi32>) -> tensor<2x4x40x32xf32> {
  // expected-error @below {{C24: ancestors are given, but the mask does not read them}}
  %r = attn.attention %q, %q, %q outs(%q) scale(1.0) mask(causal) ancestors(%a : tensor<2x40x2xi32>)
    : tensor<2x4x40x32xf32>, tensor<2x4x40x32xf32>, tensor<2x4x40x32xf32> -> tensor<2x4x40x32xf32>
  return %r : tensor<2x4x40x32xf32>
}

// -----

// C23: ... with the parameter that says where the tree begins.
func.func @no_start(%q: tensor<2x4x40x32xf32>, %a: tensor<2x40x2xi32>) -> tensor<2x4x40x32xf32> {
  // expected-error @below {{C23: the mask reads 3 parameters, but none are given}}
  %r = attn.attention %q, %q, %q outs(%q) scale(1.0) mask(tree<2>) ancestors(%a : tensor<2x40x2xi32>)
    : tensor<2x4x40x32xf32>, tensor<2x4x40x32xf32>, tensor<2x4x40x32xf32> -> tensor<2x4x40x32xf32>
  return %r : tensor<2x4x40x32xf32>
}

// -----

// C24: ... for all queries ...
func.func @of_few_queries(%q: tensor<2x4x40x32xf32>, %n: tensor<1x1x1xi32>, %a: tensor<2x39x2xi32>) -> tensor<2x4x40x32xf32> {
  // expected-error @below {{C24: expected ancestors of shape 2 x 40 x ? and type 'i32', got 'tensor<2x39x2xi32>'}}
  %r = attn.attention %q, %q, %q outs(%q) scale(1.0) mask(tree) parameters(%n : tensor<1x1x1xi32>) ancestors(%a : tensor<2x39x2xi32>)
    : tensor<2x4x40x32xf32>, tensor<2x4x40x32xf32>, tensor<2x4x40x32xf32> -> tensor<2x4x40x32xf32>
  return %r : tensor<2x4x40x32xf32>
}

// -----

// C24: ... of all batch entries ...
func.func @of_one_batch_entry(%q: tensor<2x4x40x32xf32>, %n: tensor<1x1x1xi32>, %a: tensor<1x40x2xi32>) -> tensor<2x4x40x32xf32> {
  // expected-error @below {{C24: expected ancestors of shape 2 x 40 x ? and type 'i32', got 'tensor<1x40x2xi32>'}}
  %r = attn.attention %q, %q, %q outs(%q) scale(1.0) mask(tree) parameters(%n : tensor<1x1x1xi32>) ancestors(%a : tensor<1x40x2xi32>)
    : tensor<2x4x40x32xf32>, tensor<2x4x40x32xf32>, tensor<2x4x40x32xf32> -> tensor<2x4x40x32xf32>
  return %r : tensor<2x4x40x32xf32>
}

// -----

// C24: ... as i32 ...
func.func @wide(%q: tensor<2x4x40x32xf32>, %n: tensor<1x1x1xi32>, %a: tensor<2x40x2xi64>) -> tensor<2x4x40x32xf32> {
  // expected-error @below {{C24: expected ancestors of shape 2 x 40 x ? and type 'i32', got 'tensor<2x40x2xi64>'}}
  %r = attn.attention %q, %q, %q outs(%q) scale(1.0) mask(tree) parameters(%n : tensor<1x1x1xi32>) ancestors(%a : tensor<2x40x2xi64>)
    : tensor<2x4x40x32xf32>, tensor<2x4x40x32xf32>, tensor<2x4x40x32xf32> -> tensor<2x4x40x32xf32>
  return %r : tensor<2x4x40x32xf32>
}

// -----

// C24: ... by words ...
func.func @without_words(%q: tensor<2x4x40x32xf32>, %n: tensor<1x1x1xi32>, %a: tensor<2x40xi32>) -> tensor<2x4x40x32xf32> {
  // expected-error @below {{C24: expected ancestors of shape 2 x 40 x ? and type 'i32', got 'tensor<2x40xi32>'}}
  %r = attn.attention %q, %q, %q outs(%q) scale(1.0) mask(tree) parameters(%n : tensor<1x1x1xi32>) ancestors(%a : tensor<2x40xi32>)
    : tensor<2x4x40x32xf32>, tensor<2x4x40x32xf32>, tensor<2x4x40x32xf32> -> tensor<2x4x40x32xf32>
  return %r : tensor<2x4x40x32xf32>
}

// -----

// C24: ... with a bit for each ...
func.func @of_few_words(%q: tensor<2x4x40x32xf32>, %n: tensor<1x1x1xi32>, %a: tensor<2x40x1xi32>) -> tensor<2x4x40x32xf32> {
  // expected-error @below {{C24: expected ancestors with a bit for each of 40 queries, got 1 words of 32}}
  %r = attn.attention %q, %q, %q outs(%q) scale(1.0) mask(tree) parameters(%n : tensor<1x1x1xi32>) ancestors(%a : tensor<2x40x1xi32>)
    : tensor<2x4x40x32xf32>, tensor<2x4x40x32xf32>, tensor<2x4x40x32xf32> -> tensor<2x4x40x32xf32>
  return %r : tensor<2x4x40x32xf32>
}

// -----

// C24: ... and exclude positions.
func.func @with_positions(%q: tensor<2x4x40x32xf32>, %n: tensor<1x1x1xi32>, %a: tensor<2x40x2xi32>, %p: tensor<2x40xi32>) -> tensor<2x4x40x32xf32> {
  // expected-error @below {{C24: ancestors exclude positions, which do not number the nodes of a tree}}
  %r = attn.attention %q, %q, %q outs(%q) scale(1.0) mask(tree) parameters(%n : tensor<1x1x1xi32>) ancestors(%a : tensor<2x40x2xi32>)
    positions(%p, %p : tensor<2x40xi32>, tensor<2x40xi32>)
    : tensor<2x4x40x32xf32>, tensor<2x4x40x32xf32>, tensor<2x4x40x32xf32> -> tensor<2x4x40x32xf32>
  return %r : tensor<2x4x40x32xf32>
}
