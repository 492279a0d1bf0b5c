// RUN: attn-opt %s --attn-size-scores | FileCheck %s

!q = tensor<1x2x?x64xf32>
!h = tensor<1x2x?x64xbf16>

// CHECK-LABEL: func @wide
// CHECK: attn.route_score sum {{.*}}attn.score_tile = array<i64: 64, 32>
func.func @wide(%q: !q, %k: !q, %o: tensor<1x2x?x?xf32>) -> tensor<1x2x?x?xf32> {
  %r = attn.route_score sum %q, %k outs(%o) scale(1.0) : !q, !q -> tensor<1x2x?x?xf32>
  return %r : tensor<1x2x?x?xf32>
}

// Tiles that registers hold are as they are, three of them on a multiprocessor.
// CHECK-LABEL: func @short
// CHECK-NOT: attn.score_tile
// CHECK: attn.route_score sum {{.*}}{tile.blocks = 3 : i64}
// CHECK-NOT: attn.score_tile
func.func @short(%q: !h, %k: !h, %o: tensor<1x2x?x?xf32>) -> tensor<1x2x?x?xf32> {
  %r = attn.route_score sum %q, %k outs(%o) scale(1.0) : !h, !h -> tensor<1x2x?x?xf32>
  return %r : tensor<1x2x?x?xf32>
}

// Of rows this long they do not fit so often.
// CHECK-LABEL: func @deep
// CHECK-NOT: tile.blocks
func.func @deep(%q: tensor<1x2x?x192xbf16>, %o: tensor<1x2x?x?xf32>) -> tensor<1x2x?x?xf32> {
  %r = attn.route_score sum %q, %q outs(%o) scale(1.0) : tensor<1x2x?x192xbf16>, tensor<1x2x?x192xbf16> -> tensor<1x2x?x?xf32>
  return %r : tensor<1x2x?x?xf32>
}

// CHECK-LABEL: func @mixed
// CHECK: attn.route_score sum {{.*}}attn.score_tile = array<i64: 64, 32>
func.func @mixed(%q: !h, %k: !q, %o: tensor<1x2x?x?xf32>) -> tensor<1x2x?x?xf32> {
  %r = attn.route_score sum %q, %k outs(%o) scale(1.0) : !h, !q -> tensor<1x2x?x?xf32>
  return %r : tensor<1x2x?x?xf32>
}

// Both operands have parts.
// CHECK-LABEL: func @long
// CHECK: attn.route_score sum {{.*}}attn.score_tile = array<i64: 64, 16>
// CHECK: attn.route_score sum {{.*}}attn.score_tile = array<i64: 64, 32>
func.func @long(%a: tensor<1x2x?x128xf32>, %b: tensor<1x2x?x128xf16>, %c: tensor<1x2x?x128xbf16>, %o: tensor<1x2x?x?xf32>) -> (tensor<1x2x?x?xf32>, tensor<1x2x?x?xf32>) {
  %r = attn.route_score sum %a, %b outs(%o) scale(1.0) : tensor<1x2x?x128xf32>, tensor<1x2x?x128xf16> -> tensor<1x2x?x?xf32>
  %s = attn.route_score sum %a, %c outs(%o) scale(1.0) : tensor<1x2x?x128xf32>, tensor<1x2x?x128xbf16> -> tensor<1x2x?x?xf32>
  return %r, %s : tensor<1x2x?x?xf32>, tensor<1x2x?x?xf32>
}

// Tiles are of whole blocks.
// CHECK-LABEL: func @blocks
// CHECK-NOT: attn.score_tile
// CHECK-NOT: tile.blocks
func.func @blocks(%q: !q, %k: !q, %o: tensor<1x2x?x?xf32>) -> tensor<1x2x?x?xf32> {
  %r = attn.route_score sum %q, %k outs(%o) scale(1.0) blocks(8, 8) : !q, !q -> tensor<1x2x?x?xf32>
  return %r : tensor<1x2x?x?xf32>
}

// Nothing is kept of the products of clusters.
// CHECK-LABEL: func @clusters
// CHECK: attn.cluster nearest {{.*}}attn.score_tile = array<i64: 128, 128>
// CHECK: attn.cluster nearest {{.*}}attn.score_tile = array<i64: 64, 32>
func.func @clusters(%a: tensor<1x2x?x128xbf16>, %b: tensor<1x2x?x128xf32>, %o: tensor<1x2x?xi32>) -> (tensor<1x2x?xi32>, tensor<1x2x?xi32>) {
  %r = attn.cluster nearest %a, %a outs(%o) : tensor<1x2x?x128xbf16>, tensor<1x2x?x128xbf16> -> tensor<1x2x?xi32>
  %s = attn.cluster nearest %a, %b outs(%o) : tensor<1x2x?x128xbf16>, tensor<1x2x?x128xf32> -> tensor<1x2x?xi32>
  return %r, %s : tensor<1x2x?xi32>, tensor<1x2x?xi32>
}
