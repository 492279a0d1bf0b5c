// RUN: split-file %s %t
// RUN: attn-opt %t/whole.mlir %oracle | %run
// RUN: attn-opt %t/whole.mlir %compiler | %run
// RUN: attn-opt %t/whole.mlir --transform-preload-library=transform-library-paths=%t/tile.mlir --transform-interpreter --canonicalize -o %t/tiled.mlir
// RUN: FileCheck %t/whole.mlir --input-file=%t/tiled.mlir
// RUN: attn-opt %t/tiled.mlir %oracle | %run
// RUN: attn-opt %t/tiled.mlir %compiler | %run

// Regions get the positions in the whole, whatever the tiling. The last runs
// cut the operation, and what they cut along batch, heads and queries once more,
// so that origins add up.

//--- whole.mlir
// CHECK: scf.forall
// CHECK: scf.for
// CHECK: attn.attention {{.*}} origin(
func.func @main() {
  %q = arith.constant dense<[[[[0.0, 1.25, 1.25, -0.5], [-0.25, -0.5, 0.5, -0.0], [0.75, -1.75, 1.5, -0.0], [0.75, -0.25, -0.5, 0.5], [0.75, -0.25, -0.25, 0.75], [-0.75, -1.5, 0.5, -0.75]], [[-2.0, -0.75, -0.5, -1.25], [-1.5, 0.0, 1.0, -0.25], [-0.75, 0.5, 0.75, -0.25], [0.5, 1.0, -0.25, -0.75], [0.25, 0.25, 1.0, -1.25], [-0.75, -0.75, -1.75, 0.25]], [[0.5, -0.75, 1.5, 0.75], [0.75, 0.5, 1.0, -1.25], [0.5, 0.5, -1.75, 0.25], [-0.25, 0.75, -0.5, -0.0], [0.25, -1.0, 0.5, -0.0], [0.5, -0.5, 1.0, 0.5]], [[-0.25, 0.75, 1.25, 1.75], [-1.5, 1.0, 0.5, -0.0], [-1.0, 1.25, -1.25, 0.5], [1.25, -1.5, -0.25, -1.25], [0.25, 1.5, 2.0, -1.75], [-0.5, 0.75, 1.5, 0.5]]], [[[-0.75, 0.25, -0.0, -0.25], [-0.75, 0.5, 0.25, -0.0], [-0.25, -1.25, -0.5, 1.25], [-0.25, -1.5, 1.25, 0.5], [2.0, 0.0, -0.5, -1.5], [1.25, 2.5, -0.75, -0.75]], [[0.5, -0.75, -0.25, -0.25], [0.25, 1.0, 0.0, 1.0], [-0.5, 0.25, -2.25, -1.5], [0.75, -0.5, 0.5, 0.5], [1.25, 0.75, 1.0, -0.0], [-0.75, -0.75, -0.5, -1.25]], [[-0.5, -0.0, 0.25, -0.25], [-2.0, -0.0, 0.25, 1.0], [0.5, -0.75, -0.75, 2.0], [0.75, 1.75, 2.25, -0.75], [0.5, 0.5, 0.5, 0.5], [0.25, 0.25, -1.5, -0.25]], [[-0.75, 0.25, -0.5, 0.5], [0.75, 0.25, 0.25, 0.0], [-0.5, -0.25, -0.5, 0.5], [0.0, 0.5, -1.25, 1.0], [-0.75, -0.75, -0.25, -0.5], [0.25, -0.5, -1.0, -0.75]]]]> : tensor<2x4x6x4xf32>
  %k = arith.constant dense<[[[[-0.0, 1.0, 0.75, 0.75], [1.5, -1.25, -0.75, -1.25], [-0.0, 1.0, -0.0, 0.5], [-2.0, 0.25, -1.0, 1.75], [1.0, 1.0, -0.0, 0.5]], [[0.75, -0.25, -0.5, -0.0], [-0.5, -0.5, -0.25, -0.75], [0.75, -1.5, 0.75, -0.75], [-0.5, -1.25, -0.25, -0.25], [0.25, -0.5, 0.0, 1.75]]], [[[0.5, -0.5, 1.0, -0.25], [0.5, 0.5, -0.5, -2.0], [-0.25, 0.5, -0.5, 0.5], [1.0, -0.5, 1.25, 1.5], [1.0, 1.25, 1.0, 2.25]], [[0.25, 0.0, 0.5, -1.0], [-1.5, -1.0, 0.25, 0.5], [-1.5, -2.0, -0.25, -0.25], [-0.0, 0.75, 1.25, 0.25], [0.5, -1.0, -1.25, 0.25]]]]> : tensor<2x2x5x4xf32>
  %v = arith.constant dense<[[[[1.75, -3.0, 1.0], [0.0, 1.25, 0.5], [1.75, 0.0, -0.5], [0.5, 0.5, -0.25], [-0.25, 0.75, 0.75]], [[-0.5, -0.25, -1.75], [1.75, -0.25, 1.25], [0.5, 2.0, 1.5], [0.25, 1.5, -1.0], [1.25, -1.5, 0.25]]], [[[1.0, 0.25, -0.25], [-0.75, -0.25, 1.0], [1.0, -0.25, -1.25], [0.75, -1.5, -0.5], [-0.75, 0.75, 0.25]], [[0.5, 0.25, -0.75], [0.5, 1.5, -0.0], [0.75, -0.25, 1.0], [0.75, 1.0, 0.25], [1.75, -0.25, -0.25]]]]> : tensor<2x2x5x3xf32>
  %e = tensor.empty() : tensor<2x4x6x3xf32>
  %l = tensor.empty() : tensor<2x4x6xf32>
  %r:2 = attn.attention %q, %k, %v outs(%e, %l) scale(0.5)
    mask(#attn.causal) align(bottom_right) score {
  ^bb0(%s: f32, %b: index, %h: index, %i: index, %j: index):
    // 0.25 i (s + b + 0.5 h) - 0.125 j: any of them local, and it shows.
    %bi = arith.index_cast %b : index to i32
    %hi = arith.index_cast %h : index to i32
    %ii = arith.index_cast %i : index to i32
    %ji = arith.index_cast %j : index to i32
    %bf = arith.sitofp %bi : i32 to f32
    %hf = arith.sitofp %hi : i32 to f32
    %if = arith.sitofp %ii : i32 to f32
    %jf = arith.sitofp %ji : i32 to f32
    %half = arith.constant 0.5 : f32
    %quarter = arith.constant 0.25 : f32
    %eighth = arith.constant -0.125 : f32
    %0 = arith.addf %s, %bf : f32
    %1 = arith.mulf %hf, %half : f32
    %2 = arith.mulf %if, %quarter : f32
    %3 = arith.mulf %jf, %eighth : f32
    %4 = arith.addf %0, %1 : f32
    %5 = arith.mulf %2, %4 : f32
    %6 = arith.addf %5, %3 : f32
    attn.yield %6 : f32
  } where {
  ^bb0(%b: index, %h: index, %i: index, %j: index):
    // (b + 2 h + 3 i + j) mod 3 != 1
    %c1 = arith.constant 1 : index
    %c2 = arith.constant 2 : index
    %c3 = arith.constant 3 : index
    %x = arith.muli %h, %c2 : index
    %y = arith.muli %i, %c3 : index
    %z = arith.addi %b, %x : index
    %u = arith.addi %y, %j : index
    %vv = arith.addi %z, %u : index
    %w = arith.remui %vv, %c3 : index
    %p = arith.cmpi ne, %w, %c1 : index
    attn.yield %p : i1
  }
    : tensor<2x4x6x4xf32>, tensor<2x2x5x4xf32>, tensor<2x2x5x3xf32> -> tensor<2x4x6x3xf32>, tensor<2x4x6xf32>
  check.expect_close_const %r#0, dense<[[[[0.0, 0.0, 0.0], [1.75, -3.0, 1.0], [1.75, -3.0, 1.0], [1.75, -1.640214, 0.3201072], [1.413286, -1.097541, 0.1834562], [1.251651, -0.8561604, 0.1274199]], [[0.0, 0.0, 0.0], [1.75, -3.0, 1.0], [1.082866, -1.379817, 0.8093902], [0.8886708, -0.9082004, 0.7539059], [0.7750129, -0.5983861, 0.6564552], [0.4327992, 0.4496716, 0.04918738]], [[0.0, 0.0, 0.0], [0.0, 0.0, 0.0], [1.75, -0.25, 1.25], [1.282655, 0.5912206, 1.343469], [0.9559719, 1.17925, 1.408806], [0.9834174, 0.4190518, 1.039653]], [[0.0, 0.0, 0.0], [-0.5, -0.25, -1.75], [-0.5, -0.25, -1.75], [0.0926666, 1.0835, 0.1761664], [0.1381466, 1.195793, 0.05498425], [0.0719326, 1.053396, -0.3379946]]], [[[0.0, 0.0, 0.0], [0.0, 0.0, 0.0], [-0.75, -0.25, 1.0], [0.2270722, -0.25, -0.2562357], [-0.5580149, -0.25, 0.753162], [-0.4966697, -0.06412429, 0.5348829]], [[0.0, 0.0, 0.0], [1.0, 0.25, -0.25], [1.0, 0.25, -0.25], [1.0, 0.07389911, -0.6022018], [0.8992528, -0.5425716, -0.5254299], [0.9754389, -0.09882377, -0.628353]], [[0.0, 0.0, 0.0], [0.5, 0.25, -0.75], [0.5, 0.9551231, -0.3269261], [0.5, 0.515086, -0.5909484], [0.599323, 0.8491811, -0.1719808], [1.110841, 0.2960543, -0.2942215]], [[0.0, 0.0, 0.0], [0.0, 0.0, 0.0], [0.5, 1.5, 0.0], [0.6075368, 0.7472421, 0.4301473], [0.6462753, 0.476073, 0.5851012], [1.111863, 0.1014467, 0.2840862]]]]> : tensor<2x4x6x3xf32> tolerance(1.0e-05) : tensor<2x4x6x3xf32>
  check.expect_close_const %r#1, dense<[[[0xFF800000, 0.0, -0.078125, 0.5412853, 0.9366644, 0.2008476], [0xFF800000, 0.0, 0.7143798, 0.9901442, 1.261017, 2.287827], [0xFF800000, 0xFF800000, 0.09375, 0.8119566, 1.727218, 2.231836], [0xFF800000, 0.0, 0.3203125, 2.007498, 1.812883, 1.860197]], [[0xFF800000, 0xFF800000, -0.25, 0.5671855, 2.334953, 3.151427], [0xFF800000, 0.0, 0.09375, 1.434176, 2.455722, 2.007796], [0xFF800000, 0.0, 1.049089, 1.75397, 2.469959, 3.09964], [0xFF800000, 0xFF800000, 0.640625, 1.609252, 3.215658, 3.730313]]]> : tensor<2x4x6xf32> tolerance(1.0e-05) : tensor<2x4x6xf32>
  return
}

//--- tile.mlir
module attributes {transform.with_named_sequence} {
  transform.named_sequence @__transform_main(%root: !transform.any_op {transform.readonly}) {
    %whole = transform.structured.match ops{["attn.attention"]} in %root : (!transform.any_op) -> !transform.any_op
    %tile, %outer = transform.structured.tile_using_forall %whole tile_sizes [1, 2, 4] : (!transform.any_op) -> (!transform.any_op, !transform.any_op)
    %small, %loops:3 = transform.structured.tile_using_for %tile tile_sizes [1, 1, 3] : (!transform.any_op) -> (!transform.any_op, !transform.any_op, !transform.any_op, !transform.any_op)
    transform.yield
  }
}
