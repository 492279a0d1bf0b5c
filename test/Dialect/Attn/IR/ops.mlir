// RUN: attn-opt %s | attn-opt | FileCheck %s
// RUN: attn-opt %s --mlir-print-op-generic | attn-opt | FileCheck %s
// RUN: attn-opt %s --mlir-print-local-scope | attn-opt | FileCheck %s
// RUN: attn-opt %s --emit-bytecode | attn-opt | FileCheck %s

// Every clause of every operation, as it is printed.

// CHECK-LABEL: func @grouped
// CHECK: attn.attention %{{.*}}, %{{.*}}, %{{.*}} outs(%{{.*}}) scale(8.838830e-02) mask(#attn.causal) : tensor<1x32x?x128xbf16>, tensor<1x8x?x128xbf16>, tensor<1x8x?x128xbf16> -> tensor<1x32x?x128xbf16>
func.func @grouped(%q: tensor<1x32x?x128xbf16>, %k: tensor<1x8x?x128xbf16>,
    %v: tensor<1x8x?x128xbf16>, %o: tensor<1x32x?x128xbf16>) -> tensor<1x32x?x128xbf16> {
  %r = attn.attention %q, %k, %v outs(%o) scale(0.0883883) mask(#attn.causal)
    : tensor<1x32x?x128xbf16>, tensor<1x8x?x128xbf16>, tensor<1x8x?x128xbf16> -> tensor<1x32x?x128xbf16>
  return %r : tensor<1x32x?x128xbf16>
}

// Without any clause, with the log-sum-exp.
// CHECK-LABEL: func @plain
// CHECK: %{{.*}}:2 = attn.attention %{{.*}}, %{{.*}}, %{{.*}} outs(%{{.*}}, %{{.*}}) scale(-2.000000e+00) : tensor<2x4x8x16xf16>, tensor<2x2x?x16xf16>, tensor<2x2x?x12xf16> -> tensor<2x4x8x12xf16>, tensor<2x4x8xf32>
func.func @plain(%q: tensor<2x4x8x16xf16>, %k: tensor<2x2x?x16xf16>, %v: tensor<2x2x?x12xf16>,
    %o: tensor<2x4x8x12xf16>, %l: tensor<2x4x8xf32>) {
  %r:2 = attn.attention %q, %k, %v outs(%o, %l) scale(-2.0)
    : tensor<2x4x8x16xf16>, tensor<2x2x?x16xf16>, tensor<2x2x?x12xf16> -> tensor<2x4x8x12xf16>, tensor<2x4x8xf32>
  return
}

// CHECK-LABEL: func @double
// CHECK: attn.attention {{.*}} -> tensor<2x4x8x12xf64>, tensor<2x4x8xf64>
func.func @double(%q: tensor<2x4x8x16xf64>, %k: tensor<2x2x6x16xf64>, %v: tensor<2x2x6x12xf64>,
    %o: tensor<2x4x8x12xf64>, %l: tensor<2x4x8xf64>) {
  %r:2 = attn.attention %q, %k, %v outs(%o, %l) scale(1.0)
    : tensor<2x4x8x16xf64>, tensor<2x2x6x16xf64>, tensor<2x2x6x12xf64> -> tensor<2x4x8x12xf64>, tensor<2x4x8xf64>
  return
}

// An operation on memrefs has no results, whatever their layout.
// CHECK-LABEL: func @buffers
// CHECK: {{^}}  attn.attention %{{.*}}, %{{.*}}, %{{.*}} outs(%{{.*}}) scale(1.000000e+00) kv_lengths(%{{.*}} : memref<2xi32>) : memref<2x4x8x16xf32, strided<[?, ?, ?, 1], offset: ?>>,
// CHECK: {{^}}  attn.partial
func.func @buffers(%q: memref<2x4x8x16xf32, strided<[?, ?, ?, 1], offset: ?>>, %k: memref<2x2x6x16xf32>,
    %o: memref<2x4x8x16xf32>, %s: memref<2x4x8xf32>, %n: memref<2xi32>) {
  attn.attention %q, %k, %k outs(%o) scale(1.0) kv_lengths(%n : memref<2xi32>)
    : memref<2x4x8x16xf32, strided<[?, ?, ?, 1], offset: ?>>, memref<2x2x6x16xf32>, memref<2x2x6x16xf32> -> memref<2x4x8x16xf32>
  attn.partial %q, %k, %k outs(%o, %s, %s) scale(1.0)
    : memref<2x4x8x16xf32, strided<[?, ?, ?, 1], offset: ?>>, memref<2x2x6x16xf32>, memref<2x2x6x16xf32>
      -> memref<2x4x8x16xf32>, memref<2x4x8xf32>, memref<2x4x8xf32>
  return
}

//===----------------------------------------------------------------------===//
// Masks
//===----------------------------------------------------------------------===//

// As an operand of an operation a mask may be written with or without its name.
// CHECK-LABEL: func @bare_mask
// CHECK: mask(#attn.and<causal, or<window<1024>, prefix<4>>>)
// CHECK: mask(#attn.window<8>)
func.func @bare_mask(%q: tensor<1x4x8x16xf32>, %o: tensor<1x4x8x16xf32>) {
  %a = attn.attention %q, %q, %q outs(%o) scale(0.25)
    mask(and<causal, or<window<1024>, prefix<4>>>)
    : tensor<1x4x8x16xf32>, tensor<1x4x8x16xf32>, tensor<1x4x8x16xf32> -> tensor<1x4x8x16xf32>
  %b = attn.attention %q, %q, %q outs(%o) scale(0.25) mask(window<8>)
    : tensor<1x4x8x16xf32>, tensor<1x4x8x16xf32>, tensor<1x4x8x16xf32> -> tensor<1x4x8x16xf32>
  return
}

#even = affine_set<(b, h, i, j) : ((i - j) mod 2 == 0)>

// CHECK-LABEL: func private @masks
func.func private @masks() attributes {
  // CHECK-DAG: m0 = #attn.causal
  m0 = #attn.causal,
  // CHECK-DAG: m1 = #attn.window<4>
  m1 = #attn.window<4>,
  // CHECK-DAG: m2 = #attn.window<4, 2>
  m2 = #attn.window<4, 2>,
  // A window that reaches 0 to the right is the other form.
  // CHECK-DAG: m3 = #attn.window<4>
  m3 = #attn.window<4, 0>,
  // CHECK-DAG: m4 = #attn.prefix<0>
  m4 = #attn.prefix<0>,
  // CHECK-DAG: m5 = #attn.segment
  m5 = #attn.segment,
  // CHECK-DAG: m6 = #attn.not<or<causal, not<segment>>>
  m6 = #attn.not<or<causal, not<segment>>>,
  // Names inside are understood too.
  // CHECK-DAG: m7 = #attn.and<causal, prefix<2>>
  m7 = #attn.and<#attn.causal, #attn.prefix<2>>,
  // CHECK-DAG: m8 = #attn.affine<"(d0, d1, d2, d3) : (d2 - d3 >= 0, d0 + d1 * 2 == 0)">
  m8 = #attn.affine<"(b, h, i, j) : (i - j >= 0, b + h * 2 == 0)">,
  // CHECK-DAG: m9 = #attn.or<causal, affine<"(d0, d1, d2, d3) : ((d2 - d3) mod 2 == 0)">>
  m9 = #attn.or<causal, affine<#even>>
}

// CHECK-LABEL: func private @patterns
func.func private @patterns() attributes {
  // CHECK-DAG: p0 = #attn.sink<4>
  p0 = #attn.sink<4>,
  // CHECK-DAG: p1 = #attn.sink<0>
  p1 = #attn.sink<0>,
  // CHECK-DAG: p2 = #attn.global<5>
  p2 = #attn.global<5>,
  // CHECK-DAG: p3 = #attn.dilated<7, 3>
  p3 = #attn.dilated<7, 3>,
  // CHECK-DAG: p4 = #attn.strided<5>
  p4 = #attn.strided<5>,
  // CHECK-DAG: p5 = #attn.chunk<48>
  p5 = #attn.chunk<48>,
  // CHECK-DAG: p6 = #attn.neighborhood<[13, 16], [5, 5]>
  p6 = #attn.neighborhood<[13, 16], [5, 5]>,
  // Any number of dimensions.
  // CHECK-DAG: p7 = #attn.neighborhood<[9], [9]>
  p7 = #attn.neighborhood<[9], [9]>,
  // CHECK-DAG: p8 = #attn.neighborhood<[2, 3, 4, 5], [1, 3, 3, 5]>
  p8 = #attn.neighborhood<[2, 3, 4, 5], [1, 3, 3, 5]>,
  // CHECK-DAG: p9 = #attn.per_head<causal, window<9>>
  p9 = #attn.per_head<causal, window<9>>,
  // A list of one, a term twice, a list in a list.
  // CHECK-DAG: p10 = #attn.per_head<sink<2>>
  p10 = #attn.per_head<#attn.sink<2>>,
  // CHECK-DAG: p11 = #attn.per_head<causal, causal, per_head<segment, chunk<8>>>
  p11 = #attn.per_head<causal, causal, per_head<segment, chunk<8>>>,
  // CHECK-DAG: p12 = #attn.and<causal, or<sink<4>, not<strided<3>>>, chunk<16>>
  p12 = #attn.and<causal, or<sink<4>, not<strided<3>>>, #attn.chunk<16>>,
  // Names in any order.
  // CHECK-DAG: p13 = #attn.random_block<block = 64, blocks = 100, count = 3, seed = 7>
  p13 = #attn.random_block<seed = 7, block = 64, count = 3, blocks = 100>,
  // CHECK-DAG: p14 = #attn.or<global<64>, random_block<block = 1, blocks = 16384, count = 16384, seed = 2147483646>>
  p14 = #attn.or<global<64>, random_block<block = 1, blocks = 16384, count = 16384, seed = 2147483646>>,
  // The first parameter needs no number.
  // CHECK-DAG: p15 = #attn.and<tree, not<tree<15>>>
  p15 = #attn.and<tree<0>, not<tree<15>>>
}

// CHECK-LABEL: func @bare_patterns
// CHECK: mask(#attn.neighborhood<[2, 4], [1, 3]>)
// CHECK: mask(#attn.per_head<causal, and<window<9>, dilated<2, 4>>>)
func.func @bare_patterns(%q: tensor<1x4x8x16xf32>, %o: tensor<1x4x8x16xf32>) {
  %a = attn.attention %q, %q, %q outs(%o) scale(0.25) mask(neighborhood<[2, 4], [1, 3]>)
    : tensor<1x4x8x16xf32>, tensor<1x4x8x16xf32>, tensor<1x4x8x16xf32> -> tensor<1x4x8x16xf32>
  %b = attn.attention %q, %q, %q outs(%o) scale(0.25)
    mask(per_head<causal, and<window<9>, dilated<2, 4>>>)
    : tensor<1x4x8x16xf32>, tensor<1x4x8x16xf32>, tensor<1x4x8x16xf32> -> tensor<1x4x8x16xf32>
  return
}

// CHECK-LABEL: func @tree
// CHECK: mask(#attn.tree) align(bottom_right) parameters(%{{.*}} : tensor<1x1x1xi32>) ancestors(%{{.*}} : tensor<1x8x1xi32>)
// CHECK: attn.partial {{.*}} mask(#attn.tree<1>) parameters(%{{.*}} : tensor<1x1x?xi32>) ancestors(%{{.*}} : tensor<?x?x?xi32>)
func.func @tree(%q: tensor<1x4x8x16xf32>, %k: tensor<1x4x40x16xf32>, %start: tensor<1x1x1xi32>, %ancestors: tensor<1x8x1xi32>,
    %s: tensor<1x4x8xf32>, %starts: tensor<1x1x?xi32>, %words: tensor<?x?x?xi32>) {
  %a = attn.attention %q, %k, %k outs(%q) scale(0.25) mask(tree) align(bottom_right)
    ancestors(%ancestors : tensor<1x8x1xi32>) parameters(%start : tensor<1x1x1xi32>)
    : tensor<1x4x8x16xf32>, tensor<1x4x40x16xf32>, tensor<1x4x40x16xf32> -> tensor<1x4x8x16xf32>
  %b:3 = attn.partial %q, %k, %k outs(%q, %s, %s) scale(0.25) mask(tree<1>)
    parameters(%starts : tensor<1x1x?xi32>) ancestors(%words : tensor<?x?x?xi32>)
    : tensor<1x4x8x16xf32>, tensor<1x4x40x16xf32>, tensor<1x4x40x16xf32> -> tensor<1x4x8x16xf32>, tensor<1x4x8xf32>, tensor<1x4x8xf32>
  return
}

// A set needs no quotes where `>` closes nothing.
// CHECK-LABEL: func @affine_mask
// CHECK: mask(#attn.and<causal, affine<"(d0, d1, d2, d3) : (d2 - d3 - 4 >= 0)">>)
// CHECK: mask(#attn.affine<"(d0, d1, d2, d3) : ((d2 - d3) mod 2 == 0)">)
func.func @affine_mask(%q: tensor<1x4x8x16xf32>, %o: tensor<1x4x8x16xf32>) {
  %a = attn.attention %q, %q, %q outs(%o) scale(0.25)
    mask(and<causal, affine<affine_set<(b, h, i, j) : (i - j >= 4)>>>)
    : tensor<1x4x8x16xf32>, tensor<1x4x8x16xf32>, tensor<1x4x8x16xf32> -> tensor<1x4x8x16xf32>
  %b = attn.attention %q, %q, %q outs(%o) scale(0.25) mask(affine<#even>)
    : tensor<1x4x8x16xf32>, tensor<1x4x8x16xf32>, tensor<1x4x8x16xf32> -> tensor<1x4x8x16xf32>
  return
}

//===----------------------------------------------------------------------===//
// Clauses
//===----------------------------------------------------------------------===//

// CHECK-LABEL: func @positions_and_offsets
// CHECK: scale(1.000000e+00) align(bottom_right) :
// CHECK: scale(1.000000e+00) :
// CHECK: scale(1.000000e+00) offset(%{{.*}} : index) :
// CHECK: scale(1.000000e+00) offset(%{{.*}} : tensor<2xi32>) :
// CHECK: scale(1.000000e+00) positions(%{{.*}}, %{{.*}} : tensor<2x8xi32>, tensor<2x6xi32>) :
func.func @positions_and_offsets(%q: tensor<2x4x8x16xf32>, %k: tensor<2x4x6x16xf32>, %x: index,
    %xs: tensor<2xi32>, %qp: tensor<2x8xi32>, %kp: tensor<2x6xi32>) {
  %a = attn.attention %q, %k, %k outs(%q) scale(1.0) align(bottom_right)
    : tensor<2x4x8x16xf32>, tensor<2x4x6x16xf32>, tensor<2x4x6x16xf32> -> tensor<2x4x8x16xf32>
  // The default is not printed.
  %b = attn.attention %q, %k, %k outs(%q) scale(1.0) align(top_left)
    : tensor<2x4x8x16xf32>, tensor<2x4x6x16xf32>, tensor<2x4x6x16xf32> -> tensor<2x4x8x16xf32>
  %c = attn.attention %q, %k, %k outs(%q) scale(1.0) offset(%x : index)
    : tensor<2x4x8x16xf32>, tensor<2x4x6x16xf32>, tensor<2x4x6x16xf32> -> tensor<2x4x8x16xf32>
  %d = attn.attention %q, %k, %k outs(%q) scale(1.0) offset(%xs : tensor<2xi32>)
    : tensor<2x4x8x16xf32>, tensor<2x4x6x16xf32>, tensor<2x4x6x16xf32> -> tensor<2x4x8x16xf32>
  %e = attn.attention %q, %k, %k outs(%q) scale(1.0) positions(%qp, %kp : tensor<2x8xi32>, tensor<2x6xi32>)
    : tensor<2x4x8x16xf32>, tensor<2x4x6x16xf32>, tensor<2x4x6x16xf32> -> tensor<2x4x8x16xf32>
  return
}

// Clauses come in any order and are printed in one.
// CHECK-LABEL: func @everything
// CHECK: %{{.*}}:2 = attn.attention %{{.*}}, %{{.*}}, %{{.*}} outs(%{{.*}}, %{{.*}}) scale(1.250000e-01)
// CHECK-SAME: mask(#attn.and<segment, causal>)
// CHECK-SAME: bias(%{{[a-z0-9_]+}} : tensor<4x1x6xf16>)
// CHECK-SAME: segments(%{{[a-z0-9_]+}}, %{{[a-z0-9_]+}} : tensor<2x8xi32>, tensor<2x6xi32>)
// CHECK-SAME: kv_lengths(%{{[a-z0-9_]+}} : tensor<2xi32>)
// CHECK-SAME: positions(%{{[a-z0-9_]+}}, %{{[a-z0-9_]+}} : tensor<2x8xi32>, tensor<2x6xi32>)
// CHECK-SAME: strict_values
// CHECK-SAME: sink(%{{[a-z0-9_]+}} : tensor<4xf32>)
// CHECK-SAME: origin(%{{[a-z0-9_]+}}, %{{[a-z0-9_]+}}, %{{[a-z0-9_]+}})
// CHECK-SAME: schedule(<rows = 96, cols = 256, micro = <rows = 6, cols = 16, lanes = 8>, longest_first = true>)
// CHECK-SAME: score {
// CHECK-NEXT: ^bb0(%[[S:.*]]: f32, %{{.*}}: index, %{{.*}}: index, %{{.*}}: index, %{{.*}}: index):
// CHECK-NEXT:   %[[T:.*]] = math.tanh %[[S]] : f32
// CHECK-NEXT:   attn.yield %[[T]] : f32
// CHECK-NEXT: } where {
// CHECK-NEXT: ^bb0(%{{.*}}: index, %{{.*}}: index, %[[I:.*]]: index, %[[J:.*]]: index):
// CHECK-NEXT:   %[[P:.*]] = arith.cmpi ne, %[[I]], %[[J]] : index
// CHECK-NEXT:   attn.yield %[[P]] : i1
// CHECK-NEXT: } {tag = 1 : i64} : tensor<2x4x8x16xf32>, tensor<2x4x6x16xf32>, tensor<2x4x6x16xf32> -> tensor<2x4x8x16xf32>, tensor<2x4x8xf32>
func.func @everything(%q: tensor<2x4x8x16xf32>, %k: tensor<2x4x6x16xf32>, %o: tensor<2x4x8x16xf32>,
    %l: tensor<2x4x8xf32>, %b: tensor<4x1x6xf16>, %qi: tensor<2x8xi32>, %ki: tensor<2x6xi32>,
    %n: tensor<2xi32>, %s: tensor<4xf32>, %x: index) {
  %r:2 = attn.attention %q, %k, %k outs(%o, %l) scale(0.125)
    schedule(#attn.schedule<rows = 96, cols = 256, micro = <rows = 6, cols = 16, lanes = 8>, longest_first = true>)
    origin(%x, %x, %x) strict_values sink(%s : tensor<4xf32>)
    positions(%qi, %ki : tensor<2x8xi32>, tensor<2x6xi32>) kv_lengths(%n : tensor<2xi32>)
    segments(%qi, %ki : tensor<2x8xi32>, tensor<2x6xi32>) bias(%b : tensor<4x1x6xf16>)
    mask(#attn.and<segment, causal>) score {
  ^bb0(%t: f32, %b_: index, %h: index, %i: index, %j: index):
    %u = math.tanh %t : f32
    attn.yield %u : f32
  } where {
  ^bb0(%b_: index, %h: index, %i: index, %j: index):
    %p = arith.cmpi ne, %i, %j : index
    attn.yield %p : i1
  } {tag = 1} : tensor<2x4x8x16xf32>, tensor<2x4x6x16xf32>, tensor<2x4x6x16xf32> -> tensor<2x4x8x16xf32>, tensor<2x4x8xf32>
  return
}

// A where region needs no score region in front of it.
// CHECK-LABEL: func @where_alone
// CHECK: scale(1.000000e+00) where {
func.func @where_alone(%q: tensor<2x4x8x16xf32>) {
  %r = attn.attention %q, %q, %q outs(%q) scale(1.0) where {
  ^bb0(%b: index, %h: index, %i: index, %j: index):
    %p = arith.cmpi ne, %i, %j : index
    attn.yield %p : i1
  } : tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32> -> tensor<2x4x8x16xf32>
  return
}

// The score region of f64 operands takes f64.
// CHECK-LABEL: func @double_score
// CHECK: score {
// CHECK-NEXT: ^bb0(%{{.*}}: f64,
func.func @double_score(%q: tensor<2x4x8x16xf64>) {
  %r = attn.attention %q, %q, %q outs(%q) scale(1.0) score {
  ^bb0(%s: f64, %b: index, %h: index, %i: index, %j: index):
    attn.yield %s : f64
  } : tensor<2x4x8x16xf64>, tensor<2x4x8x16xf64>, tensor<2x4x8x16xf64> -> tensor<2x4x8x16xf64>
  return
}

//===----------------------------------------------------------------------===//
// States
//===----------------------------------------------------------------------===//

// CHECK-LABEL: func @states
// CHECK: %[[A:.*]]:3 = attn.partial %{{.*}}, %{{.*}}, %{{.*}} outs(%{{.*}}, %{{.*}}, %{{.*}}) scale(1.000000e+00) mask(#attn.causal) origin(%{{.*}}, %{{.*}}, %{{.*}}, %{{.*}}) schedule(<rows = 6, cols = 16, micro = <rows = 6, cols = 16, lanes = 8>, hoist_pack = false>) : tensor<2x4x8x16xbf16>, tensor<2x2x6x16xbf16>, tensor<2x2x6x12xbf16> -> tensor<2x4x8x12xf32>, tensor<2x4x8xf32>, tensor<2x4x8xf32>
// CHECK: %[[M:.*]]:3 = attn.merge %[[A]]#0, %[[A]]#1, %[[A]]#2, %{{.*}}, %{{.*}}, %{{.*}} outs(%{{.*}}, %{{.*}}, %{{.*}}) : tensor<2x4x8x12xf32>, tensor<2x4x8xf32>, tensor<2x4x8xf32>, tensor<2x4x8x12xf32>, tensor<2x4x8xf32>, tensor<2x4x8xf32> -> tensor<2x4x8x12xf32>, tensor<2x4x8xf32>, tensor<2x4x8xf32>
// CHECK: %{{.*}} = attn.finalize %[[M]]#0, %[[M]]#1, %[[M]]#2 outs(%{{.*}}) : tensor<2x4x8x12xf32>, tensor<2x4x8xf32>, tensor<2x4x8xf32> -> tensor<2x4x8x12xbf16>
// CHECK: %{{.*}}:2 = attn.finalize %[[M]]#0, %[[M]]#1, %[[M]]#2 outs(%{{.*}}, %{{.*}}) sink(%{{.*}} : tensor<4xf32>) : tensor<2x4x8x12xf32>, tensor<2x4x8xf32>, tensor<2x4x8xf32> -> tensor<2x4x8x12xbf16>, tensor<2x4x8xf32>
func.func @states(%q: tensor<2x4x8x16xbf16>, %k: tensor<2x2x6x16xbf16>, %v: tensor<2x2x6x12xbf16>,
    %acc: tensor<2x4x8x12xf32>, %row: tensor<2x4x8xf32>, %o: tensor<2x4x8x12xbf16>,
    %s: tensor<4xf32>, %x: index) {
  %a:3 = attn.partial %q, %k, %v outs(%acc, %row, %row) scale(1.0) mask(#attn.causal) origin(%x, %x, %x, %x)
    schedule(#attn.schedule<rows = 6, cols = 16, micro = <rows = 6, cols = 16, lanes = 8>, hoist_pack = false>)
    : tensor<2x4x8x16xbf16>, tensor<2x2x6x16xbf16>, tensor<2x2x6x12xbf16>
      -> tensor<2x4x8x12xf32>, tensor<2x4x8xf32>, tensor<2x4x8xf32>
  %m:3 = attn.merge %a#0, %a#1, %a#2, %acc, %row, %row outs(%acc, %row, %row)
    : tensor<2x4x8x12xf32>, tensor<2x4x8xf32>, tensor<2x4x8xf32>, tensor<2x4x8x12xf32>, tensor<2x4x8xf32>, tensor<2x4x8xf32>
      -> tensor<2x4x8x12xf32>, tensor<2x4x8xf32>, tensor<2x4x8xf32>
  %f = attn.finalize %m#0, %m#1, %m#2 outs(%o)
    : tensor<2x4x8x12xf32>, tensor<2x4x8xf32>, tensor<2x4x8xf32> -> tensor<2x4x8x12xbf16>
  %g:2 = attn.finalize %m#0, %m#1, %m#2 outs(%o, %row) sink(%s : tensor<4xf32>)
    : tensor<2x4x8x12xf32>, tensor<2x4x8xf32>, tensor<2x4x8xf32> -> tensor<2x4x8x12xbf16>, tensor<2x4x8xf32>
  return
}

// States of any rank merge.
// CHECK-LABEL: func @row_states
// CHECK: attn.merge {{.*}} -> tensor<?xf64>, tensor<f64>, tensor<f64>
func.func @row_states(%acc: tensor<?xf64>, %row: tensor<f64>) {
  %m:3 = attn.merge %acc, %row, %row, %acc, %row, %row outs(%acc, %row, %row)
    : tensor<?xf64>, tensor<f64>, tensor<f64>, tensor<?xf64>, tensor<f64>, tensor<f64> -> tensor<?xf64>, tensor<f64>, tensor<f64>
  return
}
