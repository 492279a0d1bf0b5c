// RUN: attn-opt %s --attn-split-score-blocks | FileCheck %s
// RUN: attn-opt %s --attn-split-score-blocks --remarks-filter=attn-split-score-blocks -o /dev/null 2>&1 | FileCheck %s --check-prefix=REMARK

!q = tensor<1x4x100x64xf32>
!k = tensor<1x2x?x64xf32>
!h = tensor<1x4x100x64xbf16>

// Rows of a block are added up behind the logits; there are 7 in the last one.
// CHECK-LABEL: func @rows
// CHECK-SAME: (%[[Q:.*]]: tensor<1x4x100x64xf32>, %[[K:.*]]: tensor<1x2x?x64xf32>, %[[O:.*]]: tensor<1x2x9x?xf32>, %[[SHIFT:.*]]: index)
// CHECK: %[[LENGTH:.*]] = tensor.dim %[[K]], %c2
// CHECK: %[[COUNT:.*]] = affine.apply #{{.*}}()[%[[LENGTH]]]
// CHECK: %[[E:.*]] = tensor.empty(%[[COUNT]]) : tensor<1x2x100x?xf32>
// CHECK: %[[PARTS:.*]] = attn.route_score sum %[[Q]], %[[K]] outs(%[[E]]) scale(5.000000e-01) blocks(1, 24) mask(#attn.causal) offset(%[[SHIFT]])
// CHECK: linalg.generic {{.*}} outs(%[[O]] : tensor<1x2x9x?xf32>)
// CHECK: %[[B:.*]] = linalg.index 0
// CHECK: %[[H:.*]] = linalg.index 1
// CHECK: %[[N:.*]] = linalg.index 2
// CHECK: %[[C:.*]] = linalg.index 3
// CHECK: %[[FIRST:.*]] = arith.muli %[[N]], %c12{{.*}}
// CHECK: %[[NEXT:.*]] = arith.addi %[[FIRST]], %c12{{.*}}
// CHECK: %[[END:.*]] = arith.minsi %[[NEXT]], %c100{{.*}}
// CHECK: scf.for %[[I:.*]] = %[[FIRST]] to %[[END]] {{.*}} iter_args(%[[SUM:.*]] = %cst)
// CHECK: %[[X:.*]] = tensor.extract %[[PARTS]][%[[B]], %[[H]], %[[I]], %[[C]]]
// CHECK: arith.addf %[[SUM]], %[[X]]
// REMARK: split-blocks{{.*}}blocks of 12 x 24 are no tiles of logits: a score is written for each of 1 x 24
func.func @rows(%q: !q, %k: !k, %o: tensor<1x2x9x?xf32>, %shift: index) -> tensor<1x2x9x?xf32> {
  %r = attn.route_score sum %q, %k outs(%o) scale(0.5) blocks(12, 24) mask(causal) offset(%shift) : !q, !k -> tensor<1x2x9x?xf32>
  return %r : tensor<1x2x9x?xf32>
}

// No tile has ten columns, or eight of 16 bits.
// CHECK-LABEL: func @columns
// CHECK: attn.route_score max {{.*}} -> tensor<1x4x100x50xf32>
// CHECK: scf.for
// CHECK: scf.for
// CHECK: arith.maximumf
// CHECK-LABEL: func @short
// CHECK: attn.route_score max {{.*}} -> tensor<1x4x100x100xf32>
// CHECK: scf.for
// CHECK: scf.for
// REMARK: blocks of 1 x 10 are no tiles of logits: a score is written for each of 1 x 1
// REMARK: blocks of 1 x 8 are no tiles of logits: a score is written for each of 1 x 1
func.func @columns(%q: !q, %k: tensor<1x2x50x64xf32>, %o: tensor<1x4x100x5xf32>) -> tensor<1x4x100x5xf32> {
  %r = attn.route_score max %q, %k outs(%o) scale(0.5) blocks(1, 10) : !q, tensor<1x2x50x64xf32> -> tensor<1x4x100x5xf32>
  return %r : tensor<1x4x100x5xf32>
}
func.func @short(%q: !h, %o: tensor<1x4x100x13xf32>) -> tensor<1x4x100x13xf32> {
  %r = attn.route_score max %q, %q outs(%o) scale(0.5) blocks(1, 8) : !h, !h -> tensor<1x4x100x13xf32>
  return %r : tensor<1x4x100x13xf32>
}

// Those that registers reduce stay.
// CHECK-LABEL: func @tiles
// CHECK-COUNT-3: attn.route_score
// CHECK-NOT: linalg.generic
// REMARK-NOT: split-blocks
func.func @tiles(%q: !q, %h: !h, %o: tensor<1x4x100x100xf32>, %p: tensor<1x4x100x13xf32>, %r: tensor<1x4x100x7xf32>)
    -> (tensor<1x4x100x100xf32>, tensor<1x4x100x13xf32>, tensor<1x4x100x7xf32>) {
  %0 = attn.route_score sum %q, %q outs(%o) scale(0.5) : !q, !q -> tensor<1x4x100x100xf32>
  %1 = attn.route_score sum %q, %q outs(%p) scale(0.5) blocks(1, 8) : !q, !q -> tensor<1x4x100x13xf32>
  %2 = attn.route_score sum %h, %h outs(%r) scale(0.5) blocks(1, 16) : !h, !h -> tensor<1x4x100x7xf32>
  return %0, %1, %2 : tensor<1x4x100x100xf32>, tensor<1x4x100x13xf32>, tensor<1x4x100x7xf32>
}
