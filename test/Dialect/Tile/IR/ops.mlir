// RUN: attn-opt %s | attn-opt | FileCheck %s
// RUN: attn-opt %s --mlir-print-op-generic | attn-opt | FileCheck %s
// RUN: attn-opt %s --emit-bytecode | attn-opt | FileCheck %s

// Every operation of the tiled level, with every clause, as it is printed.

// CHECK-LABEL: func @coordinates
func.func @coordinates(%i: index, %n: index, %s: index, %p: tensor<?xi32>) {
  // CHECK: %[[A:.*]] = tile.coords %{{.*}} limit(%{{.*}}) : {{(!tile.coords)?}}<96>
  %a = tile.coords %i limit(%n) : !tile.coords<96>
  // CHECK: tile.coords %{{.*}} limit(%{{.*}}) shift(%{{.*}}) complete : {{(!tile.coords)?}}<96>
  %b = tile.coords %i limit(%n) shift(%s) complete : !tile.coords<96>
  // CHECK: tile.coords %{{.*}} limit(%{{.*}}) positions(%{{.*}} : tensor<?xi32>) : {{(!tile.coords)?}}<1>
  %c = tile.coords %i limit(%n) positions(%p : tensor<?xi32>) : !tile.coords<1>
  // CHECK: tile.origin %[[A]] : {{(!tile.coords)?}}<96>
  %o = tile.origin %a : !tile.coords<96>
  // CHECK: tile.positions %[[A]] : {{(!tile.coords)?}}<96> -> tensor<96xi32>
  %q = tile.positions %a : !tile.coords<96> -> tensor<96xi32>
  return
}

// CHECK-LABEL: func @rows
func.func @rows(%m: tensor<2x8x?x64xf32>, %v: tensor<?xf16>, %w: tensor<?x?xf32>, %b: index,
    %I: !tile.coords<96>, %J: !tile.coords<256>) {
  // CHECK: tile.rows %{{.*}}[%{{.*}}, %{{.*}}] at %{{.*}} : tensor<2x8x?x64xf32>, {{(!tile.coords)?}}<256> -> tensor<256x64xf32>
  %0 = tile.rows %m[%b, %b] at %J : tensor<2x8x?x64xf32>, !tile.coords<256> -> tensor<256x64xf32>
  // Columns may be more than the tensor has.
  // CHECK: tile.rows %{{.*}} -> tensor<256x80xf32>
  %1 = tile.rows %m[%b, %b] at %J : tensor<2x8x?x64xf32>, !tile.coords<256> -> tensor<256x80xf32>
  // CHECK: tile.rows %{{.*}}[] at %{{.*}} : tensor<?xf16>, {{(!tile.coords)?}}<96> -> tensor<96xf16>
  %2 = tile.rows %v[] at %I : tensor<?xf16>, !tile.coords<96> -> tensor<96xf16>
  // CHECK: tile.rows %{{.*}}[] at %{{.*}} columns %{{.*}} : {{(!tile.coords)?}}<256> : tensor<?x?xf32>, {{(!tile.coords)?}}<96> -> tensor<96x256xf32>
  %3 = tile.rows %w[] at %I columns %J : !tile.coords<256> : tensor<?x?xf32>, !tile.coords<96> -> tensor<96x256xf32>
  // CHECK: tile.insert %{{.*}} into %{{.*}}[%{{.*}}, %{{.*}}] at %{{.*}} : tensor<256x64xf32> into tensor<2x8x?x64xf32>, {{(!tile.coords)?}}<256>
  %4 = tile.insert %0 into %m[%b, %b] at %J : tensor<256x64xf32> into tensor<2x8x?x64xf32>, !tile.coords<256>
  // CHECK: tile.insert %{{.*}} into %{{.*}}[] at %{{.*}} : tensor<96xf16> into tensor<?xf16>, {{(!tile.coords)?}}<96>
  %5 = tile.insert %2 into %v[] at %I : tensor<96xf16> into tensor<?xf16>, !tile.coords<96>
  return
}

// CHECK-LABEL: func @predicates
func.func @predicates(%I: !tile.coords<96>, %J: !tile.coords<256>, %b: index, %ri: tensor<96xi32>, %ci: tensor<256xi32>) {
  // CHECK: tile.predicate rows(%{{.*}}) cols(%{{.*}}) at(%{{.*}}, %{{.*}}) : {{(!tile.coords)?}}<96>, {{(!tile.coords)?}}<256> -> tensor<96x256xi1>
  %0 = tile.predicate rows(%I) cols(%J) at(%b, %b) : !tile.coords<96>, !tile.coords<256> -> tensor<96x256xi1>
  // CHECK: tile.predicate #attn.causal rows(
  %1 = tile.predicate #attn.causal rows(%I) cols(%J) at(%b, %b) : !tile.coords<96>, !tile.coords<256> -> tensor<96x256xi1>
  // CHECK: tile.predicate #attn.and<causal, segment> rows(%{{.*}}) cols(%{{.*}}) at(%{{.*}}, %{{.*}}) ids(%{{.*}}, %{{.*}} : tensor<96xi32>, tensor<256xi32>) :
  %2 = tile.predicate #attn.and<causal, segment> rows(%I) cols(%J) at(%b, %b) ids(%ri, %ci : tensor<96xi32>, tensor<256xi32>)
    : !tile.coords<96>, !tile.coords<256> -> tensor<96x256xi1>
  // CHECK: tile.visited rows(%{{.*}}) cols(%{{.*}}) at(%{{.*}}, %{{.*}}) every 6 : {{(!tile.coords)?}}<96>, {{(!tile.coords)?}}<256> -> tensor<16xindex>, tensor<16xindex>
  %l, %u = tile.visited rows(%I) cols(%J) at(%b, %b) every 6 : !tile.coords<96>, !tile.coords<256> -> tensor<16xindex>, tensor<16xindex>
  // CHECK: tile.visited #attn.causal rows(%{{.*}}) cols(%{{.*}}) at(%{{.*}}, %{{.*}}) every 64 : {{(!tile.coords)?}}<96>, {{(!tile.coords)?}}<256> -> tensor<2xindex>, tensor<2xindex>
  %l2, %u2 = tile.visited #attn.causal rows(%I) cols(%J) at(%b, %b) every 64 : !tile.coords<96>, !tile.coords<256> -> tensor<2xindex>, tensor<2xindex>
  return
}

// CHECK-LABEL: func @domains
func.func @domains(%n: index, %I: !tile.coords<96>, %b: index, %p: tensor<?xi32>) {
  // CHECK: tile.domain %{{.*}} : {{(!tile.domain)?}}<64>
  %0 = tile.domain %n : !tile.domain<64>
  // CHECK: tile.domain %{{.*}} mask(#attn.causal rows %{{.*}} : {{(!tile.coords)?}}<96> at %{{.*}}, %{{.*}}) shift(%{{.*}}) irregular : {{(!tile.domain)?}}<64>
  %1 = tile.domain %n mask(#attn.causal rows %I : !tile.coords<96> at %b, %b) shift(%b) irregular : !tile.domain<64>
  // CHECK: tile.domain %{{.*}} span(%{{.*}}, %{{.*}}) : {{(!tile.domain)?}}<64>
  %span = tile.domain %n span(%b, %n) : !tile.domain<64>
  // CHECK: tile.domain %{{.*}} positions(%{{.*}} : tensor<?xi32>) : {{(!tile.domain)?}}<64>
  %2 = tile.domain %n positions(%p : tensor<?xi32>) : !tile.domain<64>
  return
}

// CHECK-LABEL: func @folds
func.func @folds(%d: !tile.domain<64>, %z0: tensor<96x64xf32>, %z1: tensor<96xf32>) {
  // CHECK: %{{.*}}:2 = tile.fold free (%[[J:.*]], partial = %[[P:.*]]) in %{{.*}} iter(%[[A:.*]] = %{{.*}}, %[[S:.*]] = %{{.*}}) : {{(!tile.domain)?}}<64>, tensor<96x64xf32>, tensor<96xf32> {
  // CHECK-NEXT: %[[T:.*]] = arith.select %[[P]], %[[A]], %[[A]] : tensor<96x64xf32>
  // CHECK-NEXT: tile.yield %[[T]], %[[S]] : tensor<96x64xf32>, tensor<96xf32>
  %0:2 = tile.fold free (%J, partial = %p) in %d iter(%a = %z0, %s = %z1) : !tile.domain<64>, tensor<96x64xf32>, tensor<96xf32> {
    %t = arith.select %p, %a, %a : tensor<96x64xf32>
    tile.yield %t, %s : tensor<96x64xf32>, tensor<96xf32>
  }
  // CHECK: tile.fold ordered (%{{.*}}, partial = %{{.*}}, update = %{{.*}}) in %{{.*}} iter(%{{.*}} = %{{.*}}) micro(#tile.micro_tile<rows = 6, cols = 16, lanes = 8>) hoist_pack attributes {tag} : {{(!tile.domain)?}}<64>, tensor<96xf32> {
  %1 = tile.fold ordered (%J, partial = %p, update = %u) in %d iter(%s = %z1)
      micro(#tile.micro_tile<rows = 6, cols = 16, lanes = 8>) hoist_pack attributes {tag} : !tile.domain<64>, tensor<96xf32> {
    tile.yield %s : tensor<96xf32>
  }
  // CHECK: tile.fold free (%{{.*}}, partial = %{{.*}}, update = %{{.*}}) in %{{.*}} iter(%{{.*}} = %{{.*}}) partial_first held : {{(!tile.domain)?}}<64>, tensor<96xf32> {
  %2 = tile.fold free (%J, partial = %p, update = %u) in %d iter(%s = %z1) partial_first held : !tile.domain<64>, tensor<96xf32> {
    tile.yield %s : tensor<96xf32>
  }
  // CHECK: tile.held %{{.*}} : tensor<96xf32>
  %3 = tile.held %2 : tensor<96xf32>
  // Nothing carried: a fold for its effects.
  // CHECK: tile.fold free (%{{.*}}) in %{{.*}} : {{(!tile.domain)?}}<64> {
  tile.fold free (%J) in %d : !tile.domain<64> {
    // CHECK-NEXT: tile.yield{{$}}
    tile.yield
  }
  return
}

#a = affine_map<(m, n, k) -> (m, k)>
#b = affine_map<(m, n, k) -> (n, k)>
#c = affine_map<(m, n, k) -> (m, n)>

// CHECK-LABEL: func @in_tile
func.func @in_tile(%q: tensor<96x64xf32>, %k: tensor<256x64xf32>, %o: tensor<96x256xf32>, %l: tensor<16xindex>,
    %mq: memref<96x64xf32>, %mk: memref<256x64xf32>, %mo: memref<96x256xf32>, %t: tensor<64x64xf64>, %g: tensor<64xf32>, %i: index) {
  // CHECK: %{{.*}} = tile.contract [#{{.*}}, #{{.*}}, #{{.*}}] %{{.*}}, %{{.*}} outs(%{{.*}}) : tensor<96x64xf32>, tensor<256x64xf32> -> tensor<96x256xf32>
  %0 = tile.contract [#a, #b, #c] %q, %k outs(%o) : tensor<96x64xf32>, tensor<256x64xf32> -> tensor<96x256xf32>
  // CHECK: tile.contract {{.*}} outs(%{{.*}}) overwrite micro(<rows = 6, cols = 16, lanes = 8>) bounds(%{{.*}}, %{{.*}} : tensor<16xindex>, tensor<16xindex>) of 1 every 6 :
  %1 = tile.contract [#a, #b, #c] %q, %k outs(%o) overwrite micro(<rows = 6, cols = 16, lanes = 8>)
    bounds(%l, %l : tensor<16xindex>, tensor<16xindex>) of 1 every 6
    : tensor<96x64xf32>, tensor<256x64xf32> -> tensor<96x256xf32>
  // CHECK: {{^}}  tile.contract {{.*}} : memref<96x64xf32>, memref<256x64xf32> -> memref<96x256xf32>
  tile.contract [#a, #b, #c] %mq, %mk outs(%mo) : memref<96x64xf32>, memref<256x64xf32> -> memref<96x256xf32>
  // CHECK: tile.tri_inverse %{{.*}} : tensor<64x64xf64>
  %2 = tile.tri_inverse %t : tensor<64x64xf64>
  // CHECK: tile.scan %{{.*}} : tensor<64xf32>
  %3 = tile.scan %g : tensor<64xf32>
  // CHECK: tile.scan %{{.*}} : tensor<64x64xf64>
  %4 = tile.scan %t : tensor<64x64xf64>
  // CHECK: tile.any %{{.*}} : tensor<64xf32>
  %5 = tile.any %g : tensor<64xf32>
  // CHECK: tile.opaque %{{[^ ]*$}}
  %6 = tile.opaque %i
  return
}

// CHECK-LABEL: func private @attributes
// CHECK-DAG: m = #tile.micro_tile<rows = 6, cols = 16, lanes = 8>
// CHECK-DAG: o = #tile<fold_order ordered>
// CHECK-DAG: t = #tile.task_order<reversed>
func.func private @attributes() attributes {
  m = #tile.micro_tile<rows = 6, cols = 16, lanes = 8>, o = #tile<fold_order ordered>, t = #tile.task_order<reversed>
}

#prefix = #attn.affine<"(b, h, i, j)[n] : (n - 1 - j >= 0)">

// CHECK-LABEL: func @parameters
// CHECK-SAME: %[[N:[^:]*]]: index)
func.func @parameters(%w: tensor<?x2xi32>, %I: !tile.coords<8>, %J: !tile.coords<16>, %b: index, %n: index) {
  // CHECK: tile.predicate #{{.*}} rows(%{{.*}}) cols(%{{.*}}) at(%{{.*}}, %{{.*}}) parameters(%[[N]])
  %0 = tile.predicate #prefix rows(%I) cols(%J) at(%b, %b) parameters(%n) : !tile.coords<8>, !tile.coords<16> -> tensor<8x16xi1>
  // CHECK: tile.predicate #{{.*}} rows(%{{.*}}) cols(%{{.*}}) at(%{{.*}}, %{{.*}}) parameters(%[[N]]) bits(%{{.*}} : tensor<?x2xi32>)
  %3 = tile.predicate #attn.tree rows(%I) cols(%J) at(%b, %b) parameters(%n) bits(%w : tensor<?x2xi32>) : !tile.coords<8>, !tile.coords<16> -> tensor<8x16xi1>
  // CHECK: tile.visited #{{.*}} rows(%{{.*}}) cols(%{{.*}}) at(%{{.*}}, %{{.*}}) parameters(%[[N]]) every 4
  %1:2 = tile.visited #prefix rows(%I) cols(%J) at(%b, %b) parameters(%n) every 4 : !tile.coords<8>, !tile.coords<16> -> tensor<2xindex>, tensor<2xindex>
  // CHECK: tile.domain %[[N]] mask(#{{.*}} rows %{{.*}} at %{{.*}}, %{{.*}}) parameters(%[[N]])
  %2 = tile.domain %n mask(#prefix rows %I : !tile.coords<8> at %b, %b) parameters(%n) : !tile.domain<16>
  return
}

// CHECK-LABEL: func @transpose
func.func @transpose(%x: tensor<2x?x4xf32>) -> tensor<4x2x?xf32> {
  // CHECK: tile.transpose %{{.*}} [2, 0, 1] : tensor<2x?x4xf32> -> tensor<4x2x?xf32>
  %t = tile.transpose %x [2, 0, 1] : tensor<2x?x4xf32> -> tensor<4x2x?xf32>
  return %t : tensor<4x2x?xf32>
}
