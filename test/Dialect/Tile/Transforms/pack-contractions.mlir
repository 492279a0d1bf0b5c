// RUN: attn-opt %s --tile-pack-contractions --split-input-file | FileCheck %s

#mk = affine_map<(m, n, k) -> (m, k)>
#nk = affine_map<(m, n, k) -> (n, k)>
#kn = affine_map<(m, n, k) -> (k, n)>
#mn = affine_map<(m, n, k) -> (m, n)>
#micro = #tile.micro_tile<rows = 6, cols = 16, lanes = 8>

// Rows of B are the columns of the result: panels of 16, depth-major. A sum
// from zero overwrites.

// CHECK-DAG: #[[$A:.*]] = affine_map<(d0, d1, d2, d3) -> (d0, d3)>
// CHECK-DAG: #[[$B:.*]] = affine_map<(d0, d1, d2, d3) -> (d1, d3, d2)>
// CHECK-DAG: #[[$C:.*]] = affine_map<(d0, d1, d2, d3) -> (d0, d1, d2)>
// CHECK-LABEL: func @transposed
// CHECK: %[[SPLIT:.*]] = tensor.expand_shape %{{.*}} {{\[}}[0, 1], [2]] output_shape [2, 16, 8]
// CHECK: %[[PANELS:.*]] = linalg.transpose ins(%[[SPLIT]] : tensor<2x16x8xf32>) outs(%{{.*}} : tensor<2x8x16xf32>) permutation = [0, 2, 1]
// CHECK: %[[R:.*]] = tile.contract [#[[$A]], #[[$B]], #[[$C]]] %{{.*}}, %[[PANELS]] outs(%{{.*}}) overwrite micro(<rows = 6, cols = 16, lanes = 8>) : tensor<12x8xf32>, tensor<2x8x16xf32> -> tensor<12x2x16xf32>
// CHECK: tensor.collapse_shape %[[R]] {{\[}}[0], [1, 2]]
func.func @transposed(%n: index, %a: tensor<12x8xf32>, %b: tensor<32x8xf32>, %c: tensor<12x32xf32>) -> tensor<12x32xf32> {
  %zero = arith.constant 0.0 : f32
  %d = tile.domain %n : !tile.domain<32>
  %r = tile.fold free (%J, partial = %p) in %d iter(%s = %c) micro(#micro) : !tile.domain<32>, tensor<12x32xf32> {
    %e = linalg.fill ins(%zero : f32) outs(%s : tensor<12x32xf32>) -> tensor<12x32xf32>
    %x = linalg.contract indexing_maps = [#mk, #nk, #mn] ins(%a, %b : tensor<12x8xf32>, tensor<32x8xf32>)
      outs(%e : tensor<12x32xf32>) -> tensor<12x32xf32>
    tile.yield %x : tensor<12x32xf32>
  }
  return %r : tensor<12x32xf32>
}

// -----

#mk = affine_map<(m, n, k) -> (m, k)>
#kn = affine_map<(m, n, k) -> (k, n)>
#mn = affine_map<(m, n, k) -> (m, n)>
#micro = #tile.micro_tile<rows = 6, cols = 16, lanes = 8>

// A value that is not read from memory and already has its columns contiguous
// is used as it is.

// CHECK-LABEL: func @in_place
// CHECK-NOT: linalg.transpose
// CHECK: tile.contract {{.*}} outs(%{{.*}}) micro(<rows = 6, cols = 16, lanes = 8>) : tensor<12x8xf32>, tensor<8x40xf32> -> tensor<12x40xf32>
func.func @in_place(%n: index, %a: tensor<12x8xf32>, %b: tensor<8x40xf32>, %c: tensor<12x40xf32>) -> tensor<12x40xf32> {
  %d = tile.domain %n : !tile.domain<32>
  %r = tile.fold free (%J, partial = %p) in %d iter(%s = %c) micro(#micro) : !tile.domain<32>, tensor<12x40xf32> {
    %x = linalg.contract indexing_maps = [#mk, #kn, #mn] ins(%a, %b : tensor<12x8xf32>, tensor<8x40xf32>)
      outs(%s : tensor<12x40xf32>) -> tensor<12x40xf32>
    tile.yield %x : tensor<12x40xf32>
  }
  return %r : tensor<12x40xf32>
}

// -----

#mk = affine_map<(m, n, k) -> (m, k)>
#nk = affine_map<(m, n, k) -> (n, k)>
#mn = affine_map<(m, n, k) -> (m, n)>
#micro = #tile.micro_tile<rows = 6, cols = 16, lanes = 8>

// 40 columns are no whole number of panels.

// CHECK-LABEL: func @odd_width
// CHECK: linalg.contract
// CHECK-LABEL: func @no_fold
// CHECK: linalg.contract
func.func @odd_width(%n: index, %a: tensor<12x8xf32>, %b: tensor<40x8xf32>, %c: tensor<12x40xf32>) -> tensor<12x40xf32> {
  %d = tile.domain %n : !tile.domain<32>
  %r = tile.fold free (%J, partial = %p) in %d iter(%s = %c) micro(#micro) : !tile.domain<32>, tensor<12x40xf32> {
    %x = linalg.contract indexing_maps = [#mk, #nk, #mn] ins(%a, %b : tensor<12x8xf32>, tensor<40x8xf32>)
      outs(%s : tensor<12x40xf32>) -> tensor<12x40xf32>
    tile.yield %x : tensor<12x40xf32>
  }
  return %r : tensor<12x40xf32>
}
func.func @no_fold(%a: tensor<12x8xf32>, %b: tensor<32x8xf32>, %c: tensor<12x32xf32>) -> tensor<12x32xf32> {
  %x = linalg.contract indexing_maps = [#mk, #nk, #mn] ins(%a, %b : tensor<12x8xf32>, tensor<32x8xf32>)
    outs(%c : tensor<12x32xf32>) -> tensor<12x32xf32>
  return %x : tensor<12x32xf32>
}
