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

// -----

// affine, C3: divisors are numbers ...
// expected-error@below {{C3: expected factors and divisors that are numbers, got d2 mod s0}}
#a = #attn.affine<"(b, h, i, j)[n] : (i mod n == 0)">

// -----

// affine, C3: ... and so are factors.
// expected-error@below {{C3: expected factors and divisors that are numbers, got d3 * s0}}
#a = #attn.affine<"(b, h, i, j)[n] : (i - j * n >= 0)">

// -----

// C22: values that masks compute are 32 bits wide ...
func.func @large_factor(%q: tensor<2x4x40x32xf32>) -> tensor<2x4x40x32xf32> {
  // expected-error @below {{C22: expected values of the mask that fit 32 bits for positions up to 2^20, got up to 1048579145728 for d2 * 1000003}}
  %r = attn.attention %q, %q, %q outs(%q) scale(1.0) mask(affine<"(b, h, i, j) : ((i * 1000003 + j) floordiv 1000 - 5 >= 0)">)
    : tensor<2x4x40x32xf32>, tensor<2x4x40x32xf32>, tensor<2x4x40x32xf32> -> tensor<2x4x40x32xf32>
  return %r : tensor<2x4x40x32xf32>
}

// -----

// C22: ... for all terms.
func.func @large_terms(%q: tensor<2x4x40x32xf32>) -> tensor<2x4x40x32xf32> {
  // expected-error @below {{C22: expected values of the mask that fit 32 bits for positions up to 2^20, got up to}}
  %r = attn.attention %q, %q, %q outs(%q) scale(1.0) mask(and<causal, not<affine<"(b, h, i, j) : (i * 1024 - j * 1024 >= 0)">>>)
    : tensor<2x4x40x32xf32>, tensor<2x4x40x32xf32>, tensor<2x4x40x32xf32> -> tensor<2x4x40x32xf32>
  return %r : tensor<2x4x40x32xf32>
}

// -----

// C25: a region reads a captured tensor where it has entries ...
func.func @short_table(%q: tensor<2x4x40x32xf32>, %t: tensor<7xi1>) -> tensor<2x4x40x32xf32> {
  %r = attn.attention %q, %q, %q outs(%q) scale(1.0) where {
  ^bb0(%b: index, %h: index, %i: index, %j: index):
    // expected-error @below {{C25: reads dimension 0 of 'tensor<7xi1>' at j = 7}}
    %y = tensor.extract %t[%j] : tensor<7xi1>
    attn.yield %y : i1
  }
    : tensor<2x4x40x32xf32>, tensor<2x4x40x32xf32>, tensor<2x4x40x32xf32> -> tensor<2x4x40x32xf32>
  return %r : tensor<2x4x40x32xf32>
}

// -----

// C25: ... also below a mask that lets it ...
func.func @short_table_of_causal(%q: tensor<2x4x40x32xf32>, %t: tensor<40x30xi1>) -> tensor<2x4x40x32xf32> {
  %r = attn.attention %q, %q, %q outs(%q) scale(1.0) mask(causal) where {
  ^bb0(%b: index, %h: index, %i: index, %j: index):
    // expected-error @below {{C25: reads dimension 1 of 'tensor<40x30xi1>' at j = 30}}
    %y = tensor.extract %t[%i, %j] : tensor<40x30xi1>
    attn.yield %y : i1
  }
    : tensor<2x4x40x32xf32>, tensor<2x4x40x32xf32>, tensor<2x4x40x32xf32> -> tensor<2x4x40x32xf32>
  return %r : tensor<2x4x40x32xf32>
}

// -----

// C25: ... for all heads ...
func.func @few_slopes(%q: tensor<2x4x40x32xf32>, %t: tensor<3xf32>) -> tensor<2x4x40x32xf32> {
  %r = attn.attention %q, %q, %q outs(%q) scale(1.0) score {
  ^bb0(%s: f32, %b: index, %h: index, %i: index, %j: index):
    // expected-error @below {{C25: reads dimension 0 of 'tensor<3xf32>' at h = 3}}
    %y = tensor.extract %t[%h] : tensor<3xf32>
    attn.yield %y : f32
  }
    : tensor<2x4x40x32xf32>, tensor<2x4x40x32xf32>, tensor<2x4x40x32xf32> -> tensor<2x4x40x32xf32>
  return %r : tensor<2x4x40x32xf32>
}

// -----

// C25: ... and all rows, wherever they are.
func.func @few_rows(%q: tensor<2x4x40x32xf32>, %k: tensor<2x4x50x32xf32>, %t: tensor<49xf32>) -> tensor<2x4x40x32xf32> {
  %r = attn.attention %q, %k, %k outs(%q) scale(1.0) align(bottom_right) score {
  ^bb0(%s: f32, %b: index, %h: index, %i: index, %j: index):
    // expected-error @below {{C25: reads dimension 0 of 'tensor<49xf32>' at i = 49}}
    %y = tensor.extract %t[%i] : tensor<49xf32>
    attn.yield %y : f32
  }
    : tensor<2x4x40x32xf32>, tensor<2x4x50x32xf32>, tensor<2x4x50x32xf32> -> tensor<2x4x40x32xf32>
  return %r : tensor<2x4x40x32xf32>
}

// -----

// C25: a read that is none is said to be that.
func.func @indices(%q: tensor<2x4x40x32xf32>, %t: tensor<7xi1>) -> tensor<2x4x40x32xf32> {
  %r = attn.attention %q, %q, %q outs(%q) scale(1.0) where {
  ^bb0(%b: index, %h: index, %i: index, %j: index):
    // expected-error @below {{incorrect number of indices}}
    %y = tensor.extract %t[%i, %j] : tensor<7xi1>
    attn.yield %y : i1
  }
    : tensor<2x4x40x32xf32>, tensor<2x4x40x32xf32>, tensor<2x4x40x32xf32> -> tensor<2x4x40x32xf32>
  return %r : tensor<2x4x40x32xf32>
}

// -----

// C25: what a mask, another region or a length hides may be missing.
func.func @hidden(%q: tensor<2x4x40x32xf32>, %t: tensor<7xi1>, %u: tensor<7xf32>, %n: tensor<2xi32>) -> tensor<2x4x40x32xf32> {
  %0 = attn.attention %q, %q, %q outs(%q) scale(1.0) mask(prefix<7>) where {
  ^bb0(%b: index, %h: index, %i: index, %j: index):
    %y = tensor.extract %t[%j] : tensor<7xi1>
    attn.yield %y : i1
  }
    : tensor<2x4x40x32xf32>, tensor<2x4x40x32xf32>, tensor<2x4x40x32xf32> -> tensor<2x4x40x32xf32>
  %1 = attn.attention %0, %q, %q outs(%q) scale(1.0) kv_lengths(%n : tensor<2xi32>) where {
  ^bb0(%b: index, %h: index, %i: index, %j: index):
    %y = tensor.extract %t[%j] : tensor<7xi1>
    attn.yield %y : i1
  }
    : tensor<2x4x40x32xf32>, tensor<2x4x40x32xf32>, tensor<2x4x40x32xf32> -> tensor<2x4x40x32xf32>
  %2 = attn.attention %1, %q, %q outs(%q) scale(1.0) score {
  ^bb0(%s: f32, %b: index, %h: index, %i: index, %j: index):
    %y = tensor.extract %u[%j] : tensor<7xf32>
    attn.yield %y : f32
  } where {
  ^bb0(%b: index, %h: index, %i: index, %j: index):
    %c7 = arith.constant 7 : index
    %y = arith.cmpi ult, %j, %c7 : index
    attn.yield %y : i1
  }
    : tensor<2x4x40x32xf32>, tensor<2x4x40x32xf32>, tensor<2x4x40x32xf32> -> tensor<2x4x40x32xf32>
  return %2 : tensor<2x4x40x32xf32>
}
