// RUN: attn-opt %s --tile-decompose --canonicalize --cse --split-input-file | FileCheck %s

// What the region reads of its own row is read once for the columns of a tile, and
// outside of what the mask shows. Of a tile that it hides no head adds anything. Keys are
// multiplied as they lie.

// CHECK: #[[LAST:.*]] = affine_map<(d0) -> (256, d0 * 64 + 64)>
// CHECK: #[[BLOCKS:.*]] = affine_map<(d0) -> (d0 floordiv 8)>
// CHECK: #[[KEYS:.*]] = affine_map<(d0, d1, d2) -> (d1, d2)>
// CHECK-LABEL: func @rows
// CHECK-SAME: %[[Q:[a-z0-9]*]]: {{.*}}, %[[K:[a-z0-9]*]]: {{.*}}, %[[LSE:[a-z0-9]*]]: tensor<1x4x256xf32>
// CHECK: scf.forall (%{{.*}}, %[[TILE:.*]]) in (2, 4)
// CHECK: %[[END:.*]] = affine.min #[[LAST]](%[[TILE]])
// CHECK: %[[UPPER:.*]] = affine.apply #[[BLOCKS]](%[[END]])
// CHECK: %[[SEES:.*]] = arith.cmpi sgt, %[[UPPER]], %c0
// CHECK: %[[HEADS:.*]] = arith.select %[[SEES]], %c2, %c0
// CHECK: scf.for %{{.*}} = %c0 to %[[HEADS]] step
// CHECK-NOT: linalg.transpose
// CHECK: linalg.contract indexing_maps = [#{{.*}}, #[[KEYS]], #{{.*}}]
// CHECK: tile.rows %[[LSE]][%c0, %{{.*}}] at %{{.*}} -> tensor<64xf32>
// CHECK: linalg.generic
// CHECK-NOT: scf.if
// CHECK-NOT: tensor.extract %
// CHECK: arith.select
// CHECK: return
func.func @rows(%q: tensor<1x4x256x64xbf16>, %k: tensor<1x2x32x64xbf16>, %lse: tensor<1x4x256xf32>, %o: tensor<1x2x256x32xf32>) -> tensor<1x2x256x32xf32> {
  %r = attn.route_score sum %q, %k outs(%o) scale(0.125) mask(#attn.affine<"(b, h, i, c) : (i - 8 * c - 7 >= 0)">) score {
  ^bb0(%s: f32, %b: index, %h: index, %i: index, %c: index):
    %sum = tensor.extract %lse[%b, %h, %i] : tensor<1x4x256xf32>
    %x = arith.subf %s, %sum : f32
    attn.yield %x : f32
  } : tensor<1x4x256x64xbf16>, tensor<1x2x32x64xbf16> -> tensor<1x2x256x32xf32>
  return %r : tensor<1x2x256x32xf32>
}

// -----

// What may lie outside of memory is read where the mask shows a pair only: of another row,
// of more rows than there may be, or of one at an offset. A mask that reads the head says
// nothing of all of them.

// CHECK-LABEL: func @other
// CHECK: scf.for %{{.*}} = %c0 to %c2 step
// CHECK: linalg.generic
// CHECK: scf.if
// CHECK: tensor.extract
func.func @other(%q: tensor<1x4x256x64xbf16>, %k: tensor<1x2x32x64xbf16>, %t: tensor<1x4x256xf32>, %o: tensor<1x2x256x32xf32>) -> tensor<1x2x256x32xf32> {
  %one = arith.constant 1 : index
  %r = attn.route_score sum %q, %k outs(%o) scale(0.125) mask(#attn.affine<"(b, h, i, c) : (i - 8 * c - h >= 0)">) score {
  ^bb0(%s: f32, %b: index, %h: index, %i: index, %c: index):
    %before = arith.subi %i, %one : index
    %y = tensor.extract %t[%b, %h, %before] : tensor<1x4x256xf32>
    attn.yield %y : f32
  } : tensor<1x4x256x64xbf16>, tensor<1x2x32x64xbf16> -> tensor<1x2x256x32xf32>
  return %r : tensor<1x2x256x32xf32>
}

// -----

// CHECK-LABEL: func @unknown
// CHECK: scf.if
// CHECK: tensor.extract
func.func @unknown(%q: tensor<1x4x?x64xbf16>, %k: tensor<1x2x32x64xbf16>, %t: tensor<1x4x?xf32>, %o: tensor<1x2x?x32xf32>) -> tensor<1x2x?x32xf32> {
  %r = attn.route_score sum %q, %k outs(%o) scale(0.125) mask(causal) score {
  ^bb0(%s: f32, %b: index, %h: index, %i: index, %c: index):
    %y = tensor.extract %t[%b, %h, %i] : tensor<1x4x?xf32>
    attn.yield %y : f32
  } : tensor<1x4x?x64xbf16>, tensor<1x2x32x64xbf16> -> tensor<1x2x?x32xf32>
  return %r : tensor<1x2x?x32xf32>
}

// -----

// CHECK-LABEL: func @offset
// CHECK: scf.if
// CHECK: tensor.extract
func.func @offset(%q: tensor<1x4x256x64xbf16>, %k: tensor<1x2x32x64xbf16>, %t: tensor<1x4x256xf32>, %n: index, %o: tensor<1x2x256x32xf32>) -> tensor<1x2x256x32xf32> {
  %r = attn.route_score sum %q, %k outs(%o) scale(0.125) mask(causal) offset(%n) score {
  ^bb0(%s: f32, %b: index, %h: index, %i: index, %c: index):
    %y = tensor.extract %t[%b, %h, %i] : tensor<1x4x256xf32>
    attn.yield %y : f32
  } : tensor<1x4x256x64xbf16>, tensor<1x2x32x64xbf16> -> tensor<1x2x256x32xf32>
  return %r : tensor<1x2x256x32xf32>
}
