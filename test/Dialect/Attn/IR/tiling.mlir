// RUN: attn-opt %s --transform-interpreter --canonicalize --cse --split-input-file --verify-diagnostics --mlir-print-local-scope | FileCheck %s

// A tile is the operation on slices; `origin` says where it sits.

// Batch, heads and queries to a forall. A head reads its group's keys; widths
// and keys stay whole.
// CHECK-LABEL: func @attention
// CHECK-SAME: (%[[Q:.*]]: tensor<2x8x64x16xf32>, %[[K:.*]]: tensor<2x2x48x16xf32>, %[[V:.*]]: tensor<2x2x48x12xf32>, %[[O:.*]]: tensor<2x8x64x12xf32>, %[[L:.*]]: tensor<2x8x64xf32>)
// CHECK: scf.forall (%[[B:.*]], %[[H:.*]], %[[N:.*]]) in (2, 8, 4) shared_outs(%[[OO:.*]] = %[[O]], %[[LL:.*]] = %[[L]])
// CHECK-DAG: %[[I:.*]] = affine.apply affine_map<(d0) -> (d0 * 16)>(%[[N]])
// CHECK-DAG: %[[G:.*]] = affine.apply affine_map<(d0) -> (d0 floordiv 4)>(%[[H]])
// CHECK-DAG: %[[QS:.*]] = tensor.extract_slice %[[Q]][%[[B]], %[[H]], %[[I]], 0] [1, 1, 16, 16] [1, 1, 1, 1]
// CHECK-DAG: %[[KS:.*]] = tensor.extract_slice %[[K]][%[[B]], %[[G]], 0, 0] [1, 1, 48, 16] [1, 1, 1, 1]
// CHECK-DAG: %[[VS:.*]] = tensor.extract_slice %[[V]][%[[B]], %[[G]], 0, 0] [1, 1, 48, 12] [1, 1, 1, 1]
// CHECK-DAG: %[[OS:.*]] = tensor.extract_slice %[[OO]][%[[B]], %[[H]], %[[I]], 0] [1, 1, 16, 12] [1, 1, 1, 1]
// CHECK-DAG: %[[LS:.*]] = tensor.extract_slice %[[LL]][%[[B]], %[[H]], %[[I]]] [1, 1, 16] [1, 1, 1]
// CHECK: %[[R:.*]]:2 = attn.attention %[[QS]], %[[KS]], %[[VS]] outs(%[[OS]], %[[LS]]) scale(2.500000e-01) mask(#attn.causal) origin(%[[B]], %[[H]], %[[I]]) : tensor<1x1x16x16xf32>, tensor<1x1x48x16xf32>, tensor<1x1x48x12xf32> -> tensor<1x1x16x12xf32>, tensor<1x1x16xf32>
// CHECK: tensor.parallel_insert_slice %[[R]]#0 into %[[OO]][%[[B]], %[[H]], %[[I]], 0] [1, 1, 16, 12] [1, 1, 1, 1]
// CHECK: tensor.parallel_insert_slice %[[R]]#1 into %[[LL]][%[[B]], %[[H]], %[[I]]] [1, 1, 16] [1, 1, 1]
func.func @attention(%q: tensor<2x8x64x16xf32>, %k: tensor<2x2x48x16xf32>, %v: tensor<2x2x48x12xf32>,
    %o: tensor<2x8x64x12xf32>, %l: tensor<2x8x64xf32>) -> (tensor<2x8x64x12xf32>, tensor<2x8x64xf32>) {
  %r:2 = attn.attention %q, %k, %v outs(%o, %l) scale(0.25) mask(#attn.causal)
    : tensor<2x8x64x16xf32>, tensor<2x2x48x16xf32>, tensor<2x2x48x12xf32> -> tensor<2x8x64x12xf32>, tensor<2x8x64xf32>
  return %r#0, %r#1 : tensor<2x8x64x12xf32>, tensor<2x8x64xf32>
}

module attributes {transform.with_named_sequence} {
  transform.named_sequence @__transform_main(%root: !transform.any_op {transform.readonly}) {
    %0 = transform.structured.match ops{["attn.attention"]} in %root : (!transform.any_op) -> !transform.any_op
    %t, %f = transform.structured.tile_using_forall %0 tile_sizes [1, 1, 16] : (!transform.any_op) -> (!transform.any_op, !transform.any_op)
    transform.yield
  }
}

// -----

// A selection has a list for each block of 32 rows, which a tile of 16 is in, and for
// each group of four heads. It begins with the block of the tile's first row.
// CHECK-LABEL: func @selection
// CHECK-SAME: %[[IDS:[a-z0-9]*]]: tensor<2x2x2x3xi32>
// CHECK: scf.forall (%[[B:.*]], %[[H:.*]], %[[N:.*]]) in (2, 8, 4)
// CHECK-DAG: %[[G:.*]] = affine.apply affine_map<(d0) -> (d0 floordiv 4)>(%[[H]])
// CHECK-DAG: %[[BLOCK:.*]] = affine.apply affine_map<(d0) -> (d0 floordiv 2)>(%[[N]])
// CHECK: %[[S:.*]] = tensor.extract_slice %[[IDS]][%[[B]], %[[G]], %[[BLOCK]], 0] [1, 1, %{{.*}}, 3] [1, 1, 1, 1]
// CHECK: attn.attention {{.*}} select(%[[S]] : tensor<1x1x?x3xi32>) blocks(32, 8) origin
func.func @selection(%q: tensor<2x8x64x16xf32>, %ids: tensor<2x2x2x3xi32>) -> tensor<2x8x64x16xf32> {
  %r = attn.attention %q, %q, %q outs(%q) scale(0.25) select(%ids : tensor<2x2x2x3xi32>) blocks(32, 8)
    : tensor<2x8x64x16xf32>, tensor<2x8x64x16xf32>, tensor<2x8x64x16xf32> -> tensor<2x8x64x16xf32>
  return %r : tensor<2x8x64x16xf32>
}

module attributes {transform.with_named_sequence} {
  transform.named_sequence @__transform_main(%root: !transform.any_op {transform.readonly}) {
    %0 = transform.structured.match ops{["attn.attention"]} in %root : (!transform.any_op) -> !transform.any_op
    %t, %f = transform.structured.tile_using_forall %0 tile_sizes [1, 1, 16] : (!transform.any_op) -> (!transform.any_op, !transform.any_op)
    transform.yield
  }
}

// -----

// Words of ancestors are those of the rows of a tile; the number of the first node
// is for all heads.
// CHECK-LABEL: func @tree
// CHECK-SAME: %[[P:[a-z0-9]*]]: tensor<2x1x1xi32>, %[[A:[a-z0-9]*]]: tensor<2x64x2xi32>
// CHECK: scf.forall (%[[B:.*]], %[[H:.*]], %[[N:.*]]) in (2, 8, 4)
// CHECK-DAG: %[[I:.*]] = affine.apply affine_map<(d0) -> (d0 * 16)>(%[[N]])
// CHECK-DAG: %[[PS:.*]] = tensor.extract_slice %[[P]][%[[B]], 0, 0] [1, 1, 1] [1, 1, 1]
// CHECK-DAG: %[[AS:.*]] = tensor.extract_slice %[[A]][%[[B]], %[[I]], 0] [1, 16, 2] [1, 1, 1]
// CHECK: attn.attention {{.*}} parameters(%[[PS]] : tensor<1x1x1xi32>) ancestors(%[[AS]] : tensor<1x16x2xi32>)
func.func @tree(%q: tensor<2x8x64x16xf32>, %p: tensor<2x1x1xi32>, %a: tensor<2x64x2xi32>) -> tensor<2x8x64x16xf32> {
  %r = attn.attention %q, %q, %q outs(%q) scale(0.25) mask(tree) parameters(%p : tensor<2x1x1xi32>) ancestors(%a : tensor<2x64x2xi32>)
    : tensor<2x8x64x16xf32>, tensor<2x8x64x16xf32>, tensor<2x8x64x16xf32> -> tensor<2x8x64x16xf32>
  return %r : tensor<2x8x64x16xf32>
}

module attributes {transform.with_named_sequence} {
  transform.named_sequence @__transform_main(%root: !transform.any_op {transform.readonly}) {
    %0 = transform.structured.match ops{["attn.attention"]} in %root : (!transform.any_op) -> !transform.any_op
    %t, %f = transform.structured.tile_using_forall %0 tile_sizes [1, 1, 16] : (!transform.any_op) -> (!transform.any_op, !transform.any_op)
    transform.yield
  }
}

// -----

// Every operand is cut along the dimensions it has.
// CHECK-LABEL: func @operands
// CHECK-SAME: %[[QI:[a-z0-9]*]]: tensor<4x64xi32>, %[[KI:[a-z0-9]*]]: tensor<4x48xi32>, %[[N:[a-z0-9]*]]: tensor<4xi32>, %[[S:[a-z0-9]*]]: tensor<8xf32>, %[[X:[a-z0-9]*]]: tensor<4xi32>
// CHECK: scf.forall (%[[BN:.*]], %[[HN:.*]], %[[IN:.*]]) in (2, 2, 4)
// CHECK-DAG: %[[B:.*]] = affine.apply affine_map<(d0) -> (d0 * 2)>(%[[BN]])
// CHECK-DAG: %[[H:.*]] = affine.apply affine_map<(d0) -> (d0 * 4)>(%[[HN]])
// CHECK-DAG: %[[I:.*]] = affine.apply affine_map<(d0) -> (d0 * 16)>(%[[IN]])
// CHECK-DAG: %[[QIS:.*]] = tensor.extract_slice %[[QI]][%[[B]], %[[I]]] [2, 16] [1, 1]
// CHECK-DAG: %[[KIS:.*]] = tensor.extract_slice %[[KI]][%[[B]], 0] [2, 48] [1, 1]
// CHECK-DAG: %[[NS:.*]] = tensor.extract_slice %[[N]][%[[B]]] [2] [1]
// CHECK-DAG: %[[SS:.*]] = tensor.extract_slice %[[S]][%[[H]]] [4] [1]
// CHECK-DAG: %[[XS:.*]] = tensor.extract_slice %[[X]][%[[B]]] [2] [1]
// CHECK: attn.attention {{.*}} offset(%[[XS]] : tensor<2xi32>)
// CHECK-SAME: segments(%[[QIS]], %[[KIS]] : tensor<2x16xi32>, tensor<2x48xi32>)
// CHECK-SAME: kv_lengths(%[[NS]] : tensor<2xi32>)
// CHECK-SAME: strict_values sink(%[[SS]] : tensor<4xf32>) origin(%[[B]], %[[H]], %[[I]])
// CHECK-SAME: {tag} : tensor<2x4x16x16xf32>, tensor<2x1x48x16xf32>, tensor<2x1x48x16xf32> -> tensor<2x4x16x16xf32>
func.func @operands(%q: tensor<4x8x64x16xf32>, %k: tensor<4x2x48x16xf32>, %qi: tensor<4x64xi32>,
    %ki: tensor<4x48xi32>, %n: tensor<4xi32>, %s: tensor<8xf32>, %x: tensor<4xi32>) -> tensor<4x8x64x16xf32> {
  %r = attn.attention %q, %k, %k outs(%q) scale(0.25) mask(#attn.segment)
    segments(%qi, %ki : tensor<4x64xi32>, tensor<4x48xi32>) kv_lengths(%n : tensor<4xi32>)
    sink(%s : tensor<8xf32>) offset(%x : tensor<4xi32>) strict_values {tag}
    : tensor<4x8x64x16xf32>, tensor<4x2x48x16xf32>, tensor<4x2x48x16xf32> -> tensor<4x8x64x16xf32>
  return %r : tensor<4x8x64x16xf32>
}

// CHECK-LABEL: func @positions
// CHECK-SAME: %[[QP:[a-z0-9]*]]: tensor<4x64xi32>, %[[KP:[a-z0-9]*]]: tensor<4x48xi32>
// CHECK-DAG: %[[QPS:.*]] = tensor.extract_slice %[[QP]][%[[B:.*]], %[[I:.*]]] [2, 16] [1, 1]
// CHECK-DAG: %[[KPS:.*]] = tensor.extract_slice %[[KP]][%[[B]], 0] [2, 48] [1, 1]
// CHECK: attn.attention {{.*}} positions(%[[QPS]], %[[KPS]] : tensor<2x16xi32>, tensor<2x48xi32>) origin(
func.func @positions(%q: tensor<4x8x64x16xf32>, %k: tensor<4x8x48x16xf32>, %qp: tensor<4x64xi32>,
    %kp: tensor<4x48xi32>) -> tensor<4x8x64x16xf32> {
  %r = attn.attention %q, %k, %k outs(%q) scale(0.25) positions(%qp, %kp : tensor<4x64xi32>, tensor<4x48xi32>)
    : tensor<4x8x64x16xf32>, tensor<4x8x48x16xf32>, tensor<4x8x48x16xf32> -> tensor<4x8x64x16xf32>
  return %r : tensor<4x8x64x16xf32>
}

module attributes {transform.with_named_sequence} {
  transform.named_sequence @__transform_main(%root: !transform.any_op {transform.readonly}) {
    %0 = transform.structured.match ops{["attn.attention"]} in %root : (!transform.any_op) -> !transform.any_op
    %t, %f = transform.structured.tile_using_forall %0 tile_sizes [2, 4, 16] : (!transform.any_op) -> (!transform.any_op, !transform.any_op)
    transform.yield
  }
}

// -----

// A tile does not know where the whole ends, so an alignment becomes an offset.
// CHECK-LABEL: func @static_align
// CHECK: %[[C:.*]] = arith.constant -16 : index
// CHECK: attn.attention {{.*}} scale(2.500000e-01) mask(#attn.causal) offset(%[[C]] : index) origin(
func.func @static_align(%q: tensor<1x2x64x16xf32>, %k: tensor<1x2x48x16xf32>) -> tensor<1x2x64x16xf32> {
  %r = attn.attention %q, %k, %k outs(%q) scale(0.25) mask(#attn.causal) align(bottom_right)
    : tensor<1x2x64x16xf32>, tensor<1x2x48x16xf32>, tensor<1x2x48x16xf32> -> tensor<1x2x64x16xf32>
  return %r : tensor<1x2x64x16xf32>
}

// CHECK-LABEL: func @dynamic_align
// CHECK-SAME: (%[[Q:.*]]: tensor<1x2x?x16xf32>, %[[K:.*]]: tensor<1x2x?x16xf32>)
// CHECK-DAG: %[[SQ:.*]] = tensor.dim %[[Q]], %c2
// CHECK-DAG: %[[SK:.*]] = tensor.dim %[[K]], %c2
// CHECK: %[[X:.*]] = affine.apply affine_map<{{.*}}>()[%{{.*}}, %{{.*}}]
// CHECK: attn.attention {{.*}} offset(%[[X]] : index) origin(
func.func @dynamic_align(%q: tensor<1x2x?x16xf32>, %k: tensor<1x2x?x16xf32>) -> tensor<1x2x?x16xf32> {
  %r = attn.attention %q, %k, %k outs(%q) scale(0.25) mask(#attn.causal) align(bottom_right)
    : tensor<1x2x?x16xf32>, tensor<1x2x?x16xf32>, tensor<1x2x?x16xf32> -> tensor<1x2x?x16xf32>
  return %r : tensor<1x2x?x16xf32>
}

module attributes {transform.with_named_sequence} {
  transform.named_sequence @__transform_main(%root: !transform.any_op {transform.readonly}) {
    %0 = transform.structured.match ops{["attn.attention"]} in %root : (!transform.any_op) -> !transform.any_op
    %t, %f = transform.structured.tile_using_forall %0 tile_sizes [1, 1, 16] : (!transform.any_op) -> (!transform.any_op, !transform.any_op)
    transform.yield
  }
}

// -----

// Dimensions of extent 1 of a bias broadcast, so they are not cut; neither are
// ones it does not have.
// CHECK-LABEL: func @bias
// CHECK-SAME: %[[FULL:[a-z0-9]*]]: tensor<4x8x64x48xf32>, %[[SOME:[a-z0-9]*]]: tensor<4x1x64x1xf32>, %[[COLUMN:[a-z0-9]*]]: tensor<64x1xf32>, %[[ROW:[a-z0-9]*]]: tensor<48xf32>
// CHECK: scf.forall
// CHECK-DAG: %[[B:.*]] = affine.apply affine_map<(d0) -> (d0 * 2)>
// CHECK-DAG: %[[H:.*]] = affine.apply affine_map<(d0) -> (d0 * 4)>
// CHECK-DAG: %[[I:.*]] = affine.apply affine_map<(d0) -> (d0 * 16)>
// CHECK: %[[S:.*]] = tensor.extract_slice %[[FULL]][%[[B]], %[[H]], %[[I]], 0] [2, 4, 16, 48]
// CHECK: attn.attention {{.*}} bias(%[[S]] : tensor<2x4x16x48xf32>)
// CHECK: scf.forall
// CHECK-DAG: %[[B:.*]] = affine.apply affine_map<(d0) -> (d0 * 2)>
// CHECK-DAG: %[[H:.*]] = affine.apply affine_map<(d0) -> (d0 * 4)>
// CHECK-DAG: %[[I:.*]] = affine.apply affine_map<(d0) -> (d0 * 16)>
// CHECK: %[[S:.*]] = tensor.extract_slice %[[SOME]][%[[B]], 0, %[[I]], 0] [2, 1, 16, 1]
// CHECK: attn.attention {{.*}} bias(%[[S]] : tensor<2x1x16x1xf32>)
// CHECK: scf.forall
// CHECK-DAG: %[[B:.*]] = affine.apply affine_map<(d0) -> (d0 * 2)>
// CHECK-DAG: %[[H:.*]] = affine.apply affine_map<(d0) -> (d0 * 4)>
// CHECK-DAG: %[[I:.*]] = affine.apply affine_map<(d0) -> (d0 * 16)>
// CHECK: %[[S:.*]] = tensor.extract_slice %[[COLUMN]][%[[I]], 0] [16, 1]
// CHECK: attn.attention {{.*}} bias(%[[S]] : tensor<16x1xf32>)
// CHECK: scf.forall
// CHECK-DAG: %[[B:.*]] = affine.apply affine_map<(d0) -> (d0 * 2)>
// CHECK-DAG: %[[H:.*]] = affine.apply affine_map<(d0) -> (d0 * 4)>
// CHECK-DAG: %[[I:.*]] = affine.apply affine_map<(d0) -> (d0 * 16)>
// CHECK: attn.attention {{.*}} bias(%[[ROW]] : tensor<48xf32>)
func.func @bias(%q: tensor<4x8x64x16xf32>, %k: tensor<4x8x48x16xf32>, %full: tensor<4x8x64x48xf32>,
    %some: tensor<4x1x64x1xf32>, %column: tensor<64x1xf32>, %row: tensor<48xf32>)
    -> (tensor<4x8x64x16xf32>, tensor<4x8x64x16xf32>, tensor<4x8x64x16xf32>, tensor<4x8x64x16xf32>) {
  %0 = attn.attention %q, %k, %k outs(%q) scale(0.25) bias(%full : tensor<4x8x64x48xf32>)
    : tensor<4x8x64x16xf32>, tensor<4x8x48x16xf32>, tensor<4x8x48x16xf32> -> tensor<4x8x64x16xf32>
  %1 = attn.attention %q, %k, %k outs(%q) scale(0.25) bias(%some : tensor<4x1x64x1xf32>)
    : tensor<4x8x64x16xf32>, tensor<4x8x48x16xf32>, tensor<4x8x48x16xf32> -> tensor<4x8x64x16xf32>
  %2 = attn.attention %q, %k, %k outs(%q) scale(0.25) bias(%column : tensor<64x1xf32>)
    : tensor<4x8x64x16xf32>, tensor<4x8x48x16xf32>, tensor<4x8x48x16xf32> -> tensor<4x8x64x16xf32>
  %3 = attn.attention %q, %k, %k outs(%q) scale(0.25) bias(%row : tensor<48xf32>)
    : tensor<4x8x64x16xf32>, tensor<4x8x48x16xf32>, tensor<4x8x48x16xf32> -> tensor<4x8x64x16xf32>
  return %0, %1, %2, %3 : tensor<4x8x64x16xf32>, tensor<4x8x64x16xf32>, tensor<4x8x64x16xf32>, tensor<4x8x64x16xf32>
}

module attributes {transform.with_named_sequence} {
  transform.named_sequence @__transform_main(%root: !transform.any_op {transform.readonly}) {
    %0 = transform.structured.match ops{["attn.attention"]} in %root : (!transform.any_op) -> !transform.any_op
    %t, %f = transform.structured.tile_using_forall %0 tile_sizes [2, 4, 16] : (!transform.any_op) -> (!transform.any_op, !transform.any_op)
    transform.yield
  }
}

// -----

// Keys are cut too, in the partial form: a reduction over states. Its regions
// come along.
// CHECK-LABEL: func @partial
// CHECK-SAME: (%[[Q:.*]]: tensor<2x8x64x16xbf16>, %[[K:.*]]: tensor<2x2x48x16xbf16>, %[[A:.*]]: tensor<2x8x64x16xf32>, %[[R:.*]]: tensor<2x8x64xf32>, %[[S:.*]]: tensor<2x8x64xf32>, %[[BIAS:.*]]: tensor<64x48xf32>)
// CHECK: scf.for %[[H:.*]] = %{{.*}} to %c8 step %c2 iter_args(%[[A1:.*]] = %[[A]], %[[R1:.*]] = %[[R]], %[[S1:.*]] = %[[S]])
// CHECK: scf.for %[[I:.*]] = %{{.*}} to %c64 step %c16 iter_args(%[[A2:.*]] = %[[A1]], %[[R2:.*]] = %[[R1]], %[[S2:.*]] = %[[S1]])
// CHECK: scf.for %[[J:.*]] = %{{.*}} to %c48 step %c12 iter_args(%[[A3:.*]] = %[[A2]], %[[R3:.*]] = %[[R2]], %[[S3:.*]] = %[[S2]])
// CHECK-DAG: %[[G:.*]] = affine.apply affine_map<(d0) -> (d0 floordiv 4)>(%[[H]])
// CHECK-DAG: %[[KS:.*]] = tensor.extract_slice %[[K]][0, %[[G]], %[[J]], 0] [2, 1, 12, 16]
// CHECK-DAG: %[[AS:.*]] = tensor.extract_slice %[[A3]][0, %[[H]], %[[I]], 0] [2, 2, 16, 16]
// CHECK-DAG: %[[RS:.*]] = tensor.extract_slice %[[R3]][0, %[[H]], %[[I]]] [2, 2, 16]
// CHECK-DAG: %[[SS:.*]] = tensor.extract_slice %[[S3]][0, %[[H]], %[[I]]] [2, 2, 16]
// CHECK-DAG: %[[BS:.*]] = tensor.extract_slice %[[BIAS]][%[[I]], %[[J]]] [16, 12]
// CHECK: %[[T:.*]]:3 = attn.partial %{{.*}}, %[[KS]], %[[KS]] outs(%[[AS]], %[[RS]], %[[SS]]) scale(2.500000e-01) bias(%[[BS]] : tensor<16x12xf32>) origin(%c0, %[[H]], %[[I]], %[[J]]) where {
// CHECK: attn.yield
// CHECK: tensor.insert_slice %[[T]]#0 into %[[A3]]
// CHECK: tensor.insert_slice %[[T]]#1 into %[[R3]]
// CHECK: tensor.insert_slice %[[T]]#2 into %[[S3]]
func.func @partial(%q: tensor<2x8x64x16xbf16>, %k: tensor<2x2x48x16xbf16>, %acc: tensor<2x8x64x16xf32>,
    %ref: tensor<2x8x64xf32>, %sum: tensor<2x8x64xf32>, %bias: tensor<64x48xf32>)
    -> (tensor<2x8x64x16xf32>, tensor<2x8x64xf32>, tensor<2x8x64xf32>) {
  %r:3 = attn.partial %q, %k, %k outs(%acc, %ref, %sum) scale(0.25) bias(%bias : tensor<64x48xf32>) where {
  ^bb0(%b: index, %h: index, %i: index, %j: index):
    %p = arith.cmpi ne, %i, %j : index
    attn.yield %p : i1
  } : tensor<2x8x64x16xbf16>, tensor<2x2x48x16xbf16>, tensor<2x2x48x16xbf16>
      -> tensor<2x8x64x16xf32>, tensor<2x8x64xf32>, tensor<2x8x64xf32>
  return %r#0, %r#1, %r#2 : tensor<2x8x64x16xf32>, tensor<2x8x64xf32>, tensor<2x8x64xf32>
}

module attributes {transform.with_named_sequence} {
  transform.named_sequence @__transform_main(%root: !transform.any_op {transform.readonly}) {
    %0 = transform.structured.match ops{["attn.partial"]} in %root : (!transform.any_op) -> !transform.any_op
    %t, %f:3 = transform.structured.tile_using_for %0 tile_sizes [0, 2, 16, 12] : (!transform.any_op) -> (!transform.any_op, !transform.any_op, !transform.any_op, !transform.any_op)
    transform.yield
  }
}

// -----

// A tile of a tile adds to the origin it has; whole groups keep several kv heads.
// CHECK-LABEL: func @twice
// CHECK: scf.for %[[H:.*]] = %{{.*}} to %c8 step %c4
// CHECK: tensor.extract_slice %{{.*}}[0, %[[G:.*]], 0, 0] [1, 2, 48, 16]
// CHECK: scf.for %[[H2:.*]] = %{{.*}} to %c4 step %c2
// CHECK: scf.for %[[I2:.*]] = %{{.*}} to %c64 step %c32
// CHECK-DAG: %[[X:.*]] = affine.apply affine_map<(d0, d1) -> (d0 + d1)>(%[[H]], %[[H2]])
// CHECK-DAG: tensor.extract_slice %{{.*}}[0, %{{.*}}, 0, 0] [1, 1, 48, 16]
// CHECK: attn.attention {{.*}} origin(%c0, %[[X]], %[[I2]]) : tensor<1x2x32x16xf32>, tensor<1x1x48x16xf32>, tensor<1x1x48x16xf32>
func.func @twice(%q: tensor<1x8x64x16xf32>, %k: tensor<1x4x48x16xf32>) -> tensor<1x8x64x16xf32> {
  %r = attn.attention %q, %k, %k outs(%q) scale(0.25)
    : tensor<1x8x64x16xf32>, tensor<1x4x48x16xf32>, tensor<1x4x48x16xf32> -> tensor<1x8x64x16xf32>
  return %r : tensor<1x8x64x16xf32>
}

module attributes {transform.with_named_sequence} {
  transform.named_sequence @__transform_main(%root: !transform.any_op {transform.readonly}) {
    %0 = transform.structured.match ops{["attn.attention"]} in %root : (!transform.any_op) -> !transform.any_op
    %1, %l = transform.structured.tile_using_for %0 tile_sizes [0, 4, 0] : (!transform.any_op) -> (!transform.any_op, !transform.any_op)
    %2, %l1:2 = transform.structured.tile_using_for %1 tile_sizes [0, 2, 32] : (!transform.any_op) -> (!transform.any_op, !transform.any_op, !transform.any_op)
    transform.yield
  }
}

// -----

// Tiles that do not divide an extent have an end of their own.
// CHECK-LABEL: func @tail
// CHECK: scf.for %[[I:.*]] = %{{.*}} to %c50 step %c16
// CHECK: %[[N:.*]] = affine.min affine_map<(d0) -> (-d0 + 50, 16)>(%[[I]])
// CHECK: tensor.extract_slice %{{.*}}[0, 0, %[[I]], 0] [1, 2, %[[N]], 16]
// CHECK: attn.attention {{.*}} : tensor<1x2x?x16xf32>, tensor<1x2x48x16xf32>, tensor<1x2x48x16xf32> -> tensor<1x2x?x16xf32>
func.func @tail(%q: tensor<1x2x50x16xf32>, %k: tensor<1x2x48x16xf32>) -> tensor<1x2x50x16xf32> {
  %r = attn.attention %q, %k, %k outs(%q) scale(0.25)
    : tensor<1x2x50x16xf32>, tensor<1x2x48x16xf32>, tensor<1x2x48x16xf32> -> tensor<1x2x50x16xf32>
  return %r : tensor<1x2x50x16xf32>
}

module attributes {transform.with_named_sequence} {
  transform.named_sequence @__transform_main(%root: !transform.any_op {transform.readonly}) {
    %0 = transform.structured.match ops{["attn.attention"]} in %root : (!transform.any_op) -> !transform.any_op
    %1, %l = transform.structured.tile_using_for %0 tile_sizes [0, 0, 16] : (!transform.any_op) -> (!transform.any_op, !transform.any_op)
    transform.yield
  }
}

// -----

// A consumer's loop takes the attention in.
// CHECK-LABEL: func @fused
// CHECK: scf.forall (%[[N:.*]]) in (4)
// CHECK: %[[I:.*]] = affine.apply affine_map<(d0) -> (d0 * 16)>(%[[N]])
// CHECK: %[[R:.*]] = attn.attention {{.*}} origin(%c0, %c0, %[[I]]) : tensor<1x2x16x16xf32>
// CHECK: linalg.exp ins(%[[R]] : tensor<1x2x16x16xf32>)
func.func @fused(%q: tensor<1x2x64x16xf32>, %k: tensor<1x2x48x16xf32>, %e: tensor<1x2x64x16xf32>) -> tensor<1x2x64x16xf32> {
  %r = attn.attention %q, %k, %k outs(%e) scale(0.25)
    : tensor<1x2x64x16xf32>, tensor<1x2x48x16xf32>, tensor<1x2x48x16xf32> -> tensor<1x2x64x16xf32>
  %x = linalg.exp ins(%r : tensor<1x2x64x16xf32>) outs(%q : tensor<1x2x64x16xf32>) -> tensor<1x2x64x16xf32>
  return %x : tensor<1x2x64x16xf32>
}

module attributes {transform.with_named_sequence} {
  transform.named_sequence @__transform_main(%root: !transform.any_op {transform.readonly}) {
    %0 = transform.structured.match ops{["attn.attention"]} in %root : (!transform.any_op) -> !transform.any_op
    %1 = transform.structured.match ops{["linalg.exp"]} in %root : (!transform.any_op) -> !transform.any_op
    %t, %f = transform.structured.tile_using_forall %1 tile_sizes [0, 0, 16] : (!transform.any_op) -> (!transform.any_op, !transform.any_op)
    %2, %3 = transform.structured.fuse_into_containing_op %0 into %f : (!transform.any_op, !transform.any_op) -> (!transform.any_op, !transform.any_op)
    transform.yield
  }
}

// -----

// Three heads of groups of two would be one and a half kv heads.
func.func @split_group(%q: tensor<1x6x64x16xf32>, %k: tensor<1x3x48x16xf32>) -> tensor<1x6x64x16xf32> {
  // expected-error@below {{a tile of heads must be 1, divide the group size or be a multiple of it}}
  // expected-error@below {{to tile operation}}
  // expected-error@below {{failed to generate tiling loops}}
  %r = attn.attention %q, %k, %k outs(%q) scale(0.25)
    : tensor<1x6x64x16xf32>, tensor<1x3x48x16xf32>, tensor<1x3x48x16xf32> -> tensor<1x6x64x16xf32>
  return %r : tensor<1x6x64x16xf32>
}

module attributes {transform.with_named_sequence} {
  transform.named_sequence @__transform_main(%root: !transform.any_op {transform.readonly}) {
    %0 = transform.structured.match ops{["attn.attention"]} in %root : (!transform.any_op) -> !transform.any_op
    %1, %l = transform.structured.tile_using_for %0 tile_sizes [0, 3, 0] : (!transform.any_op) -> (!transform.any_op, !transform.any_op)
    transform.yield
  }
}
