// RUN: attn-opt %s --tile-parallel --tile-split-folds --canonicalize --cse --split-input-file --mlir-print-local-scope | FileCheck %s

// The states between pieces, one after the other, with what a piece does to one.

// Without gates a piece only adds to a state.

// CHECK-LABEL: func @linear
// CHECK: scf.forall {{.*}} in (2, 2) shared_outs({{.*}}) -> (tensor<6x64x64xf32>)
// CHECK: scf.for %{{.*}} = %c0 to %c2 step %c1
// CHECK: linalg.generic
// CHECK-NOT: math.exp
// CHECK: return
func.func @linear(%q: tensor<1x2x800x64xf32>, %e: tensor<1x2x800x64xf32>) -> tensor<1x2x800x64xf32> {
  %o = attn.recurrence %q, %q, %q outs(%e) scale(0.125)
      schedule(<tokens = 64, columns = 64, micro = <rows = 4, cols = 16, lanes = 16>, tasks = 8>)
    : tensor<1x2x800x64xf32>, tensor<1x2x800x64xf32>, tensor<1x2x800x64xf32> -> tensor<1x2x800x64xf32>
  return %o : tensor<1x2x800x64xf32>
}

// -----

// With a gate for each key a piece ends with the sum of each. Of a transposed state
// keys are the columns: a part of 32 takes as many sums.

// CHECK-LABEL: func @keys
// CHECK: scf.forall {{.*}} in (2, 2) shared_outs({{.*}}) -> (tensor<6x128x64xf32>, tensor<6x64xf32>)
// CHECK: %[[ZERO:.*]] = linalg.fill ins(%cst{{.*}}) outs({{.*}} : tensor<64xf32>)
// CHECK: tile.fold ordered ({{.*}}) in {{.*}} iter({{.*}}, %[[SUMS:.*]] = %[[ZERO]])
// CHECK-NOT: tile.insert
// CHECK: %[[TOTAL:.*]] = linalg.generic {{.*}} iterator_types = ["parallel", "reduction"]} ins(%{{.*}} : tensor<64x64xf32>)
// CHECK: linalg.generic {{.*}} ins(%[[TOTAL]] : tensor<64xf32>) outs(%{{.*}} : tensor<128x64xf32>)
// CHECK: math.exp
// CHECK: %[[NEXT:.*]] = linalg.generic {{.*}} ins(%[[TOTAL]] : tensor<64xf32>) outs(%[[SUMS]] :
// CHECK: arith.addf
// CHECK: tile.yield %{{.*}}, %[[NEXT]]
// CHECK: scf.forall (%[[H:.*]], %[[I:.*]], %[[J:.*]]) in (2, 2, 2) shared_outs
// CHECK: %[[COL:.*]] = arith.muli %[[J]], %c32
// CHECK: scf.for
// CHECK: %[[SLICE:.*]] = tensor.extract_slice %{{.*}}[%{{.*}}, %[[COL]]] [1, 32] [1, 1] : tensor<6x64xf32>
// CHECK: %[[SUMS:.*]] = tile.rows %[[SLICE]]{{.*}} -> tensor<32xf32>
// CHECK: linalg.generic {indexing_maps = [affine_map<(d0, d1) -> (d0, d1)>, affine_map<(d0, d1) -> (d1)>, {{.*}} ins(%{{.*}}, %[[SUMS]] : tensor<64x32xf32>, tensor<32xf32>)
// CHECK: math.exp
func.func @keys(%q: tensor<1x2x800x64xbf16>, %v: tensor<1x2x800x128xbf16>, %e: tensor<1x2x800x128xbf16>,
    %g: tensor<1x2x800x64xf32>) -> tensor<1x2x800x128xbf16> {
  %o = attn.recurrence %q, %q, %v outs(%e) scale(0.125) decay(key %g : tensor<1x2x800x64xf32>)
      schedule(<tokens = 64, columns = 128, tasks = 8>)
    : tensor<1x2x800x64xbf16>, tensor<1x2x800x64xbf16>, tensor<1x2x800x128xbf16> -> tensor<1x2x800x128xbf16>
  return %o : tensor<1x2x800x128xbf16>
}
