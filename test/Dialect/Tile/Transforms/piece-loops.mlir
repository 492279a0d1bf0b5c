// RUN: attn-opt %s --tile-parallel --tile-split-folds --canonicalize --cse --split-input-file --mlir-print-local-scope | FileCheck %s
// RUN: attn-opt %s --tile-parallel --tile-split-folds --split-input-file --remarks-filter=tile-split-folds -o /dev/null 2>&1 | FileCheck %s --check-prefix=REMARK

// The delta rule with a gate for each key keeps all that gates are factors of, each
// as soon as it is there: sums of gates, keys and queries times what is left since
// the first token, keys times what is left till the last, and of the pairs of tokens,
// a level at a time in a loop, weights and inverses times beta. One piece is enough;
// its steps read neither keys, queries nor gates.

// REMARK: remark: [Passed] pieces | {{.*}}41216 bytes kept of each 64 columns
// CHECK-LABEL: func @keys_delta
// CHECK: %[[KEPT:.*]]:6 = scf.forall ({{.*}}) in (2, 2) {{.*}} -> (tensor<4x64x64xbf16>, tensor<4x64x64xbf16>, tensor<4x64x64xbf16>, tensor<4x64xf32>, tensor<4x64x64xbf16>, tensor<4x64x64xbf16>)
// CHECK: linalg.generic {{.*}} iterator_types = ["parallel", "reduction"]
// CHECK: tile.insert {{.*}} : tensor<64xf32>
// CHECK: %[[DECAYED:.*]]:2 = linalg.generic
// CHECK-COUNT-1: math.exp
// CHECK-DAG: tile.insert %[[DECAYED]]#0
// CHECK-DAG: tile.insert %[[DECAYED]]#1
// CHECK: math.exp
// CHECK: tile.insert
// Of the first levels, what rows are rounded by is multiplied, too.
// CHECK: %[[FIRST:.*]]:2 = scf.for %[[I:.*]] = %c0 to %c2 step %c1
// CHECK: %[[LEVEL:.*]] = arith.index_cast %[[I]] : index to i32
// CHECK: arith.shrui %{{.*}}, %[[LEVEL]] : i32
// CHECK-COUNT-4: linalg.contract {{.*}} outs(%{{.*}} : tensor<64x64xf32>)
// CHECK: scf.yield
// CHECK: %[[PAIRS:.*]]:2 = scf.for {{.*}} = %c2 to %c6 step %c1 iter_args(%{{.*}} = %[[FIRST]]#0, %{{.*}} = %[[FIRST]]#1)
// CHECK-COUNT-1: math.exp
// CHECK-COUNT-2: linalg.contract {{.*}} outs(%{{.*}} : tensor<64x64xf32>)
// CHECK: scf.yield
// CHECK: %[[WEIGHTS:.*]] = linalg.generic {{.*}} ins(%[[PAIRS]]#1 :
// CHECK: tile.insert %[[WEIGHTS]]
// CHECK: %[[INVERSE:.*]] = tile.tri_inverse
// CHECK: %[[SCALED:.*]] = linalg.generic {{.*}} ins(%[[INVERSE]], %{{.*}} : tensor<64x64xf32>, tensor<64xbf16>)
// CHECK: tile.insert %[[SCALED]]
// CHECK: scf.forall {{.*}} in (2{{[,)]}}
// CHECK: tile.fold ordered
// CHECK-NOT: tile.rows %extracted{{.*}}xf32
// CHECK: tile.rows %[[KEPT]]#4
// CHECK: return
func.func @keys_delta(%q: tensor<1x2x100x64xbf16>, %k: tensor<1x2x100x64xbf16>, %v: tensor<1x2x100x64xbf16>,
    %e: tensor<1x2x100x64xbf16>, %g: tensor<1x2x100x64xf32>, %beta: tensor<1x2x100xbf16>) -> tensor<1x2x100x64xbf16> {
  %o = attn.recurrence %q, %k, %v outs(%e) scale(0.125) decay(key %g : tensor<1x2x100x64xf32>)
      update(delta %beta : tensor<1x2x100xbf16>) schedule(<tokens = 64, columns = 64, tasks = 1>)
    : tensor<1x2x100x64xbf16>, tensor<1x2x100x64xbf16>, tensor<1x2x100x64xbf16> -> tensor<1x2x100x64xbf16>
  return %o : tensor<1x2x100x64xbf16>
}

// -----

// Of one state the number of a tile is that of its part, an argument of the loop,
// and all is written as early.

// CHECK-LABEL: func @one_state
// CHECK: scf.forall (%[[CHUNK:.*]]) in (2)
// CHECK: iterator_types = ["parallel", "reduction"]
// CHECK: tensor.extract_slice %{{.*}}[%[[CHUNK]], 0] [1, 64]
// CHECK: tile.insert {{.*}} : tensor<64xf32>
// CHECK: math.exp
// CHECK-COUNT-2: tile.insert {{.*}} : tensor<64x64xbf16>
// CHECK: math.exp
// CHECK: tile.insert {{.*}} : tensor<64x64xbf16>
// CHECK: scf.for
// CHECK: scf.for
// CHECK: tile.insert
// CHECK: tile.tri_inverse
// CHECK: return
func.func @one_state(%q: tensor<1x1x100x64xbf16>, %k: tensor<1x1x100x64xbf16>, %v: tensor<1x1x100x64xbf16>,
    %e: tensor<1x1x100x64xbf16>, %g: tensor<1x1x100x64xf32>, %beta: tensor<1x1x100xbf16>) -> tensor<1x1x100x64xbf16> {
  %o = attn.recurrence %q, %k, %v outs(%e) scale(0.125) decay(key %g : tensor<1x1x100x64xf32>)
      update(delta %beta : tensor<1x1x100xbf16>) schedule(<tokens = 64, columns = 64, tasks = 1>)
    : tensor<1x1x100x64xbf16>, tensor<1x1x100x64xbf16>, tensor<1x1x100x64xbf16> -> tensor<1x1x100x64xbf16>
  return %o : tensor<1x1x100x64xbf16>
}
