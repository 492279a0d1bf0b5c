// RUN: attn-opt %s | attn-opt | FileCheck %s
// RUN: attn-opt %s --mlir-print-op-generic | attn-opt | FileCheck %s

// CHECK-LABEL: func @selections
// CHECK: attn.attention {{.*}} mask(#attn.causal) select(%{{.*}} : tensor<2x2x2x3xi32>) blocks(4, 8) : {{.*}} -> tensor<2x4x8x16xf32>
// CHECK: attn.attention {{.*}} select(%{{.*}} : tensor<2x2x2x3xi32>) blocks(4, 8) tile_lists(%{{.*}} : tensor<2x4x2x?xi32>) schedule(<rows = 4, cols = 8>) : {{.*}} -> tensor<2x4x8x16xf32>
// CHECK: attn.partial {{.*}} select(%{{.*}} : tensor<2x2x2x3xi32>) blocks(4, 8) : {{.*}} -> tensor<2x4x8x16xf32>, tensor<2x4x8xf32>, tensor<2x4x8xf32>
func.func @selections(%q: tensor<2x4x8x16xf32>, %s: tensor<2x2x2x3xi32>, %l: tensor<2x4x2x?xi32>, %row: tensor<2x4x8xf32>) {
  %a = attn.attention %q, %q, %q outs(%q) scale(1.0) mask(causal) select(%s : tensor<2x2x2x3xi32>) blocks(4, 8)
    : tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32> -> tensor<2x4x8x16xf32>
  %b = attn.attention %q, %q, %q outs(%q) scale(1.0) select(%s : tensor<2x2x2x3xi32>) blocks(4, 8)
    tile_lists(%l : tensor<2x4x2x?xi32>) schedule(<rows = 4, cols = 8>)
    : tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32> -> tensor<2x4x8x16xf32>
  %c:3 = attn.partial %q, %q, %q outs(%q, %row, %row) scale(1.0) select(%s : tensor<2x2x2x3xi32>) blocks(4, 8)
    : tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32> -> tensor<2x4x8x16xf32>, tensor<2x4x8xf32>, tensor<2x4x8xf32>
  return
}

// CHECK-LABEL: func @pools
// CHECK: attn.pool mean %{{.*}} outs(%{{.*}}) window(4) stride(2) : tensor<1x2x?x16xbf16> -> tensor<1x2x?x16xf32>
// CHECK: attn.pool max
// CHECK: attn.pool min
// CHECK: attn.pool sum %{{.*}} outs(%{{.*}}) window(4) stride(4) : memref<1x2x8x16xf64> -> memref<1x2x2x16xf32>
func.func @pools(%x: tensor<1x2x?x16xbf16>, %e: tensor<1x2x?x16xf32>, %m: memref<1x2x8x16xf64>, %o: memref<1x2x2x16xf32>) {
  %a = attn.pool mean %x outs(%e) window(4) stride(2) : tensor<1x2x?x16xbf16> -> tensor<1x2x?x16xf32>
  %b = attn.pool max %x outs(%e) window(4) stride(2) : tensor<1x2x?x16xbf16> -> tensor<1x2x?x16xf32>
  %c = attn.pool min %x outs(%e) window(4) stride(2) : tensor<1x2x?x16xbf16> -> tensor<1x2x?x16xf32>
  attn.pool sum %m outs(%o) window(4) stride(4) : memref<1x2x8x16xf64> -> memref<1x2x2x16xf32>
  return
}

// CHECK-LABEL: func @scores
// CHECK: attn.route_score sum %{{.*}}, %{{.*}} outs(%{{.*}}) scale(1.000000e+00) : tensor<1x4x?x16xbf16>, tensor<1x2x?x16xf32> -> tensor<1x2x?x?xf32>
// CHECK: attn.route_score max %{{.*}}, %{{.*}} outs(%{{.*}}) scale(5.000000e-01) blocks(4, 8) mask(#attn.causal) score {
// CHECK: ^bb0(%[[S:.*]]: f32, %{{.*}}: index, %{{.*}}: index, %{{.*}}: index, %{{.*}}: index):
// CHECK:   attn.yield %[[S]] : f32
// CHECK: } : tensor<1x4x?x16xbf16>, tensor<1x2x?x16xf32> -> tensor<1x2x?x?xf32>
func.func @scores(%q: tensor<1x4x?x16xbf16>, %k: tensor<1x2x?x16xf32>, %e: tensor<1x2x?x?xf32>) {
  %a = attn.route_score sum %q, %k outs(%e) scale(1.0) : tensor<1x4x?x16xbf16>, tensor<1x2x?x16xf32> -> tensor<1x2x?x?xf32>
  %b = attn.route_score max %q, %k outs(%e) scale(0.5) mask(causal) blocks(4, 8) score {
  ^bb0(%s: f32, %b: index, %h: index, %i: index, %j: index):
    attn.yield %s : f32
  } : tensor<1x4x?x16xbf16>, tensor<1x2x?x16xf32> -> tensor<1x2x?x?xf32>
  return
}

// CHECK-LABEL: func @lists
// CHECK: attn.select %{{.*}} outs(%{{.*}}) : tensor<1x4x?x?xf32> -> tensor<1x4x?x8xi32>
// CHECK: attn.select %{{.*}} outs(%{{.*}}) mask(#attn.causal) force(#attn.or<window<1>, sink<1>>) threshold(2.500000e-01) mass(9.000000e-01) : tensor<1x4x?x?xf32> -> tensor<1x4x?x8xi32>
func.func @lists(%x: tensor<1x4x?x?xf32>, %e: tensor<1x4x?x8xi32>) {
  %a = attn.select %x outs(%e) : tensor<1x4x?x?xf32> -> tensor<1x4x?x8xi32>
  %b = attn.select %x outs(%e) mask(causal) force(or<window<1>, sink<1>>) threshold(0.25) mass(0.9) : tensor<1x4x?x?xf32> -> tensor<1x4x?x8xi32>
  return
}

// CHECK-LABEL: func @offsets
// CHECK: attn.route_score {{.*}} scale(1.000000e+00) mask(#attn.causal) offset(%{{.*}}) :
// CHECK: attn.select {{.*}} force(#attn.window<1>) offset(%{{.*}}) :
func.func @offsets(%q: tensor<1x4x1x16xbf16>, %k: tensor<1x2x?x16xf32>, %e: tensor<1x2x1x?xf32>, %l: tensor<1x2x1x8xi32>, %n: index) {
  %a = attn.route_score sum %q, %k outs(%e) scale(1.0) mask(causal) offset(%n) : tensor<1x4x1x16xbf16>, tensor<1x2x?x16xf32> -> tensor<1x2x1x?xf32>
  %b = attn.select %a outs(%l) force(window<1>) offset(%n) : tensor<1x2x1x?xf32> -> tensor<1x2x1x8xi32>
  return
}

// CHECK-LABEL: func @orders
// CHECK: attn.sort %{{.*}} outs(%{{.*}}) : tensor<1x4x?xi32> -> tensor<1x4x?xi32>
func.func @orders(%x: tensor<1x4x?xi32>) {
  %a = attn.sort %x outs(%x) : tensor<1x4x?xi32> -> tensor<1x4x?xi32>
  return
}

// CHECK-LABEL: func @clusters
// CHECK: attn.cluster nearest %{{.*}}, %{{.*}} outs(%{{.*}}) mask(#attn.causal) : tensor<2x4x?x16xbf16>, tensor<2x4x8x16xf32> -> tensor<2x4x?xi32>
// CHECK: attn.cluster rotated %{{.*}}, %{{.*}} outs(%{{.*}}) : tensor<2x4x?x16xbf16>, tensor<1x12x8x16xbf16> -> tensor<2x12x?xi32>
func.func @clusters(%x: tensor<2x4x?x16xbf16>, %c: tensor<2x4x8x16xf32>, %r: tensor<1x12x8x16xbf16>, %e: tensor<2x4x?xi32>, %f: tensor<2x12x?xi32>) {
  %a = attn.cluster nearest %x, %c outs(%e) mask(causal) : tensor<2x4x?x16xbf16>, tensor<2x4x8x16xf32> -> tensor<2x4x?xi32>
  %b = attn.cluster rotated %x, %r outs(%f) : tensor<2x4x?x16xbf16>, tensor<1x12x8x16xbf16> -> tensor<2x12x?xi32>
  return
}

// CHECK-LABEL: func @permutations
// CHECK: attn.permute gather %{{.*}}, %{{.*}} outs(%{{.*}}) : tensor<2x4x?x16xbf16>, tensor<2x12x?xi32> -> tensor<2x12x?x16xbf16>
// CHECK: attn.permute inverse %{{.*}}, %{{.*}} outs(%{{.*}}) : tensor<2x12x?xi32>, tensor<2x12x?xi32> -> tensor<2x12x?xi32>
// CHECK: attn.permute mean %{{.*}}, %{{.*}} outs(%{{.*}}) : memref<2x4x8x16xf32>, memref<2x4x8xi32> -> memref<2x4x6x16xf32>
func.func @permutations(%x: tensor<2x4x?x16xbf16>, %n: tensor<2x12x?xi32>, %e: tensor<2x12x?x16xbf16>, %m: memref<2x4x8x16xf32>, %o: memref<2x4x8xi32>, %f: memref<2x4x6x16xf32>) {
  %a = attn.permute gather %x, %n outs(%e) : tensor<2x4x?x16xbf16>, tensor<2x12x?xi32> -> tensor<2x12x?x16xbf16>
  %b = attn.permute inverse %n, %n outs(%n) : tensor<2x12x?xi32>, tensor<2x12x?xi32> -> tensor<2x12x?xi32>
  attn.permute mean %m, %o outs(%f) : memref<2x4x8x16xf32>, memref<2x4x8xi32> -> memref<2x4x6x16xf32>
  return
}
