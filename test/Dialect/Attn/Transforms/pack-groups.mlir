// RUN: attn-opt %s --attn-pack-groups --split-input-file | FileCheck %s
// RUN: attn-opt %s --attn-pack-groups --split-input-file --remarks-filter=attn-pack-groups -o /dev/null 2>&1 | FileCheck %s --check-prefix=REMARK --implicit-check-not=remark

!q = tensor<1x8x?x32xbf16>
!kv = tensor<1x2x?x32xbf16>
!lists = tensor<1x2x?x5xi32>

// Heads of keys are entries of the batch, tokens are heads, heads of queries rows. What
// the mask says of a row it says of a head.
// CHECK-LABEL: func @packed
// CHECK-SAME: %[[Q:[^:]*]]: tensor<1x8x?x32xbf16>, %[[K:[^:]*]]: tensor<1x2x?x32xbf16>
// CHECK: %[[SPLIT:.*]] = tensor.expand_shape %[[Q]] {{\[\[}}0], [1, 2], [3], [4]] {{.*}} into tensor<1x2x4x?x32xbf16>
// CHECK: %[[JOINED:.*]] = tensor.collapse_shape %[[SPLIT]] {{\[\[}}0, 1], [2], [3], [4]] : {{.*}} into tensor<2x4x?x32xbf16>
// CHECK: %[[ROWS:.*]] = tile.transpose %[[JOINED]] [0, 2, 1, 3] : tensor<2x4x?x32xbf16> -> tensor<2x?x4x32xbf16>
// CHECK: %[[KEYS:.*]] = tensor.expand_shape %{{.*}} into tensor<2x1x?x32xbf16>
// CHECK: %[[IDS:.*]] = tensor.expand_shape %{{.*}} into tensor<2x?x1x5xi32>
// CHECK: %[[A:.*]]:2 = attn.attention %[[ROWS]], %[[KEYS]], %{{.*}} outs(%{{.*}}, %{{.*}}) scale(1.700000e-01) mask(#attn.affine<"(d0, d1, d2, d3) : (d1 - d3 >= 0)">)
// CHECK-SAME: select(%[[IDS]] : tensor<2x?x1x5xi32>) blocks(64, 16)
// CHECK-SAME: -> tensor<2x?x4x32xbf16>, tensor<2x?x4xf32>
// CHECK: %[[O:.*]] = tile.transpose %[[A]]#0 [0, 2, 1, 3]
// CHECK: tensor.collapse_shape %{{.*}} {{\[\[}}0], [1, 2], [3], [4]] : tensor<1x2x4x?x32xbf16> into tensor<1x8x?x32xbf16>
// CHECK: %[[L:.*]] = tile.transpose %[[A]]#1 [0, 2, 1]
// CHECK: tensor.collapse_shape %{{.*}} {{\[\[}}0], [1, 2], [3]] : tensor<1x2x4x?xf32> into tensor<1x8x?xf32>
func.func @packed(%q: !q, %k: !kv, %ids: !lists, %e: !q, %l: tensor<1x8x?xf32>) -> (!q, tensor<1x8x?xf32>) {
  %o:2 = attn.attention %q, %k, %k outs(%e, %l) scale(0.17) mask(causal) select(%ids : !lists) blocks(1, 16)
    : !q, !kv, !kv -> !q, tensor<1x8x?xf32>
  return %o#0, %o#1 : !q, tensor<1x8x?xf32>
}

// -----

!q = tensor<?x8x100x32xf32>
!kv = tensor<?x2x300x32xf32>
!lists = tensor<?x2x100x5xi32>

// Entries and heads of a mask, and rows that are aligned with the last key.
// CHECK-LABEL: func @mask
// CHECK: attn.attention {{.*}} mask(#attn.or<affine<"(d0, d1, d2, d3) : (d1 - d3 + 200 >= 0)">, affine<"(d0, d1, d2, d3) : (d0 floordiv 2 + (d0 mod 2) * 4 + d2 - d3 >= 0)">>)
// CHECK-SAME: tensor<?x100x4x32xf32>
// CHECK-NOT: align
func.func @mask(%q: !q, %k: !kv, %ids: !lists, %e: !q) -> !q {
  %o = attn.attention %q, %k, %k outs(%e) scale(0.17)
    mask(or<causal, affine<"(b, h, i, j) : (b + h - j >= 0)">>) align(bottom_right)
    select(%ids : !lists) blocks(1, 16) : !q, !kv, !kv -> !q
  return %o : !q
}

// -----

!q = tensor<2x8x?x32xf32>
!kv = tensor<2x1x?x32xf32>
!lists = tensor<2x1x?x5xi32>

// Of one head of keys nothing is joined, so it may end anywhere.
// CHECK-LABEL: func @one_head
// CHECK-SAME: %[[K:[a-z0-9]*]]: tensor<2x1x?x32xf32>
// CHECK: attn.attention %{{.*}}, %[[K]], %[[K]] {{.*}} kv_lengths(%{{.*}} : tensor<2xi32>)
// CHECK-SAME: tensor<2x?x8x32xf32>
func.func @one_head(%q: !q, %k: !kv, %ids: !lists, %n: tensor<2xi32>, %e: !q) -> !q {
  %o = attn.attention %q, %k, %k outs(%e) scale(0.17) kv_lengths(%n : tensor<2xi32>)
    select(%ids : !lists) blocks(1, 16) : !q, !kv, !kv -> !q
  return %o : !q
}

// -----

!q = tensor<2x8x?x32xf32>
!kv = tensor<2x2x?x32xf32>
!lists = tensor<2x2x?x5xi32>
!q1 = tensor<2x8x1x32xf32>
!lists1 = tensor<2x2x1x5xi32>

// CHECK-LABEL: func @left
// CHECK-NOT: tile.transpose
func.func @left(%q: !q, %k: !kv, %ids: !lists, %lists8: tensor<2x8x?x5xi32>, %n: tensor<2xi32>, %e: !q,
                %sink: tensor<8xf32>, %i: index, %q1: !q1, %ids1: !lists1) -> (!q, !q1) {
  // REMARK: remark: [Missed] apart{{.*}}Reason="query heads that share a list stay apart: there is not one list for each head of keys"
  %0 = attn.attention %q, %k, %k outs(%e) scale(0.17) select(%lists8 : tensor<2x8x?x5xi32>) blocks(1, 16)
    : !q, !kv, !kv -> !q
  // REMARK: remark: [Missed] apart{{.*}}an operand has values for each head or token"
  %1 = attn.attention %q, %k, %k outs(%0) scale(0.17) select(%ids : !lists) blocks(1, 16) sink(%sink : tensor<8xf32>)
    : !q, !kv, !kv -> !q
  // REMARK: remark: [Missed] apart{{.*}}the mask depends on numbers that are known at run time only"
  %2 = attn.attention %q, %k, %k outs(%1) scale(0.17) mask(causal) offset(%i : index) select(%ids : !lists) blocks(1, 16)
    : !q, !kv, !kv -> !q
  // REMARK: remark: [Missed] apart{{.*}}keys end at lengths that heads of one entry share"
  %3 = attn.attention %q, %k, %k outs(%2) scale(0.17) kv_lengths(%n : tensor<2xi32>) select(%ids : !lists) blocks(1, 16)
    : !q, !kv, !kv -> !q
  // REMARK: remark: [Missed] apart{{.*}}a region computes with positions"
  %4 = attn.attention %q, %k, %k outs(%3) scale(0.17) select(%ids : !lists) blocks(1, 16) score {
  ^bb0(%s: f32, %b: index, %h: index, %r: index, %c: index):
    attn.yield %s : f32
  } : !q, !kv, !kv -> !q
  // REMARK: remark: [Missed] apart{{.*}}the mask is aligned at lengths that are not known"
  %5 = attn.attention %q, %k, %k outs(%4) scale(0.17) mask(causal) align(bottom_right) select(%ids : !lists) blocks(1, 16)
    : !q, !kv, !kv -> !q
  // REMARK: remark: [Missed] apart{{.*}}heads of several entries of a batch would be copied, for few tokens"
  %e1 = tensor.empty() : !q1
  %6 = attn.attention %q1, %k, %k outs(%e1) scale(0.17) select(%ids1 : !lists1) blocks(1, 16) : !q1, !kv, !kv -> !q1
  // Several tokens share a list, or a hand has written how tiles are cut.
  %7 = attn.attention %q, %k, %k outs(%5) scale(0.17) select(%ids : !lists) blocks(4, 16) : !q, !kv, !kv -> !q
  %8 = attn.attention %q, %k, %k outs(%7) scale(0.17) select(%ids : !lists) blocks(1, 16)
    schedule(<rows = 64, cols = 16>) : !q, !kv, !kv -> !q
  return %8, %6 : !q, !q1
}
