// RUN: attn-opt %s --deal-tiles --remarks-filter=deal-tiles 2>&1 | FileCheck %s

// CHECK: lanes do not share its tiles: has no counterpart in lanes: 'linalg.contract'
// CHECK: lanes do not share its tiles: has two dimensions of one axis

#row = affine_map<(d, e) -> (d)>
#col = affine_map<(d, e) -> (e)>
#all = affine_map<(d, e) -> (d, e)>
#de = affine_map<(e, d) -> (d, e)>
#d = affine_map<(e, d) -> (d)>
#e = affine_map<(e, d) -> (e)>
#m = affine_map<(m, n, k) -> (m, k)>
#n = affine_map<(m, n, k) -> (k, n)>
#o = affine_map<(m, n, k) -> (m, n)>

// What is read by a row: four lanes have 16 bytes of it each, eight the keys.
// CHECK-LABEL: func @step
// CHECK: wg.lanes = #wg.lanes<[8, 4], consecutive = [16, 4], inner = 1>
func.func @step(%s: tensor<4x128x16xf32>, %k: tensor<4x1x128xf32>, %out: tensor<4x1x16xf32>) -> tensor<4x1x16xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c128 = arith.constant 128 : index
  %zero = arith.constant 0.0 : f32
  %r = scf.forall (%i) in (4) shared_outs(%o = %out) -> tensor<4x1x16xf32> {
    %part = tensor.extract_slice %o[%i, 0, 0] [1, 1, 16] [1, 1, 1] : tensor<4x1x16xf32> to tensor<1x1x16xf32>
    %keys = tile.coords %c0 limit(%c128) complete : <128>
    %token = tile.coords %c0 limit(%c1) complete : <1>
    %state = tile.rows %s[%i] at %keys : tensor<4x128x16xf32>, <128> -> tensor<128x16xf32>
    %key = tile.rows %k[%i] at %token : tensor<4x1x128xf32>, <1> -> tensor<1x128xf32>
    %vector = tensor.collapse_shape %key [[0, 1]] : tensor<1x128xf32> into tensor<128xf32>
    %e = tensor.empty() : tensor<16xf32>
    %f = linalg.fill ins(%zero : f32) outs(%e : tensor<16xf32>) -> tensor<16xf32>
    %sum = linalg.generic {indexing_maps = [#d, #de, #e], iterator_types = ["parallel", "reduction"]}
        ins(%vector, %state : tensor<128xf32>, tensor<128x16xf32>) outs(%f : tensor<16xf32>) {
    ^bb0(%a: f32, %b: f32, %c: f32):
      %x = arith.mulf %a, %b : f32
      %y = arith.addf %c, %x : f32
      linalg.yield %y : f32
    } -> tensor<16xf32>
    %row = tensor.expand_shape %sum [[0, 1]] output_shape [1, 16] : tensor<16xf32> into tensor<1x16xf32>
    %w = tile.insert %row into %part[%c0] at %token : tensor<1x16xf32> into tensor<1x1x16xf32>, <1>
    scf.forall.in_parallel {
      tensor.parallel_insert_slice %w into %o[%i, 0, 0] [1, 1, 16] [1, 1, 1] : tensor<1x1x16xf32> into tensor<4x1x16xf32>
    }
  }
  return %r : tensor<4x1x16xf32>
}

// Halves of a warp do the same where there is not enough for all lanes.
// CHECK-LABEL: func @narrow
// CHECK: wg.lanes = #wg.lanes<[4], consecutive = [4], inner = 0>
func.func @narrow(%x: tensor<4x1x16xf32>, %out: tensor<4x1x16xf32>) -> tensor<4x1x16xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %r = scf.forall (%i) in (4) shared_outs(%o = %out) -> tensor<4x1x16xf32> {
    %part = tensor.extract_slice %o[%i, 0, 0] [1, 1, 16] [1, 1, 1] : tensor<4x1x16xf32> to tensor<1x1x16xf32>
    %token = tile.coords %c0 limit(%c1) complete : <1>
    %row = tile.rows %x[%i] at %token : tensor<4x1x16xf32>, <1> -> tensor<1x16xf32>
    %w = tile.insert %row into %part[%c0] at %token : tensor<1x16xf32> into tensor<1x1x16xf32>, <1>
    scf.forall.in_parallel {
      tensor.parallel_insert_slice %w into %o[%i, 0, 0] [1, 1, 16] [1, 1, 1] : tensor<1x1x16xf32> into tensor<4x1x16xf32>
    }
  }
  return %r : tensor<4x1x16xf32>
}

// Whole tiles are for warps.
// CHECK-LABEL: func @whole
// CHECK-NOT: wg.lanes
func.func @whole(%x: tensor<4x32x16xf32>, %out: tensor<4x32x16xf32>) -> tensor<4x32x16xf32> {
  %c0 = arith.constant 0 : index
  %c32 = arith.constant 32 : index
  %r = scf.forall (%i) in (4) shared_outs(%o = %out) -> tensor<4x32x16xf32> {
    %part = tensor.extract_slice %o[%i, 0, 0] [1, 32, 16] [1, 1, 1] : tensor<4x32x16xf32> to tensor<1x32x16xf32>
    %rows = tile.coords %c0 limit(%c32) complete : <32>
    %tile = tile.rows %x[%i] at %rows : tensor<4x32x16xf32>, <32> -> tensor<32x16xf32>
    %w = tile.insert %tile into %part[%c0] at %rows : tensor<32x16xf32> into tensor<1x32x16xf32>, <32>
    scf.forall.in_parallel {
      tensor.parallel_insert_slice %w into %o[%i, 0, 0] [1, 32, 16] [1, 1, 1] : tensor<1x32x16xf32> into tensor<4x32x16xf32>
    }
  }
  return %r : tensor<4x32x16xf32>
}

// Products of matrices are not for lanes, whatever the rows.
// CHECK-LABEL: func @product
// CHECK-NOT: wg.lanes
func.func @product(%x: tensor<4x24x32xf32>, %out: tensor<4x24x24xf32>) -> tensor<4x24x24xf32> {
  %c0 = arith.constant 0 : index
  %c24 = arith.constant 24 : index
  %zero = arith.constant 0.0 : f32
  %r = scf.forall (%i) in (4) shared_outs(%o = %out) -> tensor<4x24x24xf32> {
    %part = tensor.extract_slice %o[%i, 0, 0] [1, 24, 24] [1, 1, 1] : tensor<4x24x24xf32> to tensor<1x24x24xf32>
    %rows = tile.coords %c0 limit(%c24) complete : <24>
    %a = tile.rows %x[%i] at %rows : tensor<4x24x32xf32>, <24> -> tensor<24x32xf32>
    %e = tensor.empty() : tensor<24x24xf32>
    %f = linalg.fill ins(%zero : f32) outs(%e : tensor<24x24xf32>) -> tensor<24x24xf32>
    %p = linalg.contract indexing_maps = [#m, affine_map<(m, n, k) -> (n, k)>, #o]
        ins(%a, %a : tensor<24x32xf32>, tensor<24x32xf32>) outs(%f : tensor<24x24xf32>) -> tensor<24x24xf32>
    %w = tile.insert %p into %part[%c0] at %rows : tensor<24x24xf32> into tensor<1x24x24xf32>, <24>
    scf.forall.in_parallel {
      tensor.parallel_insert_slice %w into %o[%i, 0, 0] [1, 24, 24] [1, 1, 1] : tensor<1x24x24xf32> into tensor<4x24x24xf32>
    }
  }
  return %r : tensor<4x24x24xf32>
}

// A number is both the row and the column of a tile: its rows would be had twice.
// CHECK-LABEL: func @square
// CHECK-NOT: wg.lanes
func.func @square(%x: tensor<4x1x24xf32>, %out: tensor<4x24x24xf32>) -> tensor<4x24x24xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c24 = arith.constant 24 : index
  %r = scf.forall (%i) in (4) shared_outs(%o = %out) -> tensor<4x24x24xf32> {
    %part = tensor.extract_slice %o[%i, 0, 0] [1, 24, 24] [1, 1, 1] : tensor<4x24x24xf32> to tensor<1x24x24xf32>
    %rows = tile.coords %c0 limit(%c24) complete : <24>
    %token = tile.coords %c0 limit(%c1) complete : <1>
    %a = tile.rows %x[%i] at %token : tensor<4x1x24xf32>, <1> -> tensor<1x24xf32>
    %v = tensor.collapse_shape %a [[0, 1]] : tensor<1x24xf32> into tensor<24xf32>
    %e = tensor.empty() : tensor<24x24xf32>
    %p = linalg.generic {indexing_maps = [#row, #col, #all], iterator_types = ["parallel", "parallel"]}
        ins(%v, %v : tensor<24xf32>, tensor<24xf32>) outs(%e : tensor<24x24xf32>) {
    ^bb0(%b: f32, %c: f32, %unused: f32):
      %y = arith.mulf %b, %c : f32
      linalg.yield %y : f32
    } -> tensor<24x24xf32>
    %w = tile.insert %p into %part[%c0] at %rows : tensor<24x24xf32> into tensor<1x24x24xf32>, <24>
    scf.forall.in_parallel {
      tensor.parallel_insert_slice %w into %o[%i, 0, 0] [1, 24, 24] [1, 1, 1] : tensor<1x24x24xf32> into tensor<4x24x24xf32>
    }
  }
  return %r : tensor<4x24x24xf32>
}
