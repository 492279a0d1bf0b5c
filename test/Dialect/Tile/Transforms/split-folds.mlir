// RUN: attn-opt %s --tile-parallel --tile-split-folds --canonicalize --cse --split-input-file --mlir-print-local-scope | FileCheck %s
// RUN: attn-opt %s --tile-parallel --tile-split-folds --split-input-file --remarks-filter=tile-split-folds -o /dev/null 2>&1 | FileCheck %s --check-prefix=REMARK

// Three pieces of five chunks each for two states and eight tasks. What each piece
// makes of a state of zero, and the sum of its gates ...

// REMARK: remark: [Passed] pieces | {{.*}}in pieces where there are fewer than 8 tasks, 0 bytes kept of each 64 columns of a state
// CHECK-LABEL: func @scalar
// CHECK: %[[TILES:.*]] = tensor.empty() : tensor<6x64x64xf32>
// CHECK: %[[PARTS:.*]]:2 = scf.forall (%[[H:.*]], %[[P:.*]]) in (2, 3) shared_outs({{.*}}) -> (tensor<6x64x64xf32>, tensor<6x64xf32>)
// CHECK: %[[FIRST:.*]] = arith.muli %[[P]], %c320
// CHECK: %[[END:.*]] = arith.addi %[[FIRST]], %c320
// CHECK: tile.domain %c800 span(%[[FIRST]], %[[END]]) : <64>
// CHECK: %[[ZERO:.*]] = linalg.fill ins(%cst{{.*}}) outs({{.*}} : tensor<64x64xf32>)
// CHECK: %[[C:.*]]:2 = tile.fold ordered ({{.*}}) in {{.*}} iter(%{{.*}} = %[[ZERO]], %[[SUM:.*]] = %cst{{.*}})
// CHECK-NOT: tile.insert
// CHECK: %[[TOTAL:.*]] = arith.addf %[[SUM]], %
// CHECK: tile.yield %{{.*}}, %[[TOTAL]]
// CHECK: %[[BY:.*]] = arith.muli %[[H]], %c3
// CHECK: %[[AT:.*]] = arith.addi %[[BY]], %[[P]]
// CHECK: tensor.parallel_insert_slice {{.*}} into {{.*}}[%[[AT]], 0, 0] [1, 64, 64]
// CHECK: tensor.parallel_insert_slice {{.*}} into {{.*}}[%[[AT]], 0] [1, 64]

// ... the state in front of all of them, by 32 columns, as each depends on itself
// only ...
// CHECK: scf.forall (%{{.*}}) in (2) shared_outs({{.*}}) -> (tensor<2x64x64xf32>)
// CHECK: tensor.extract_slice %arg4
// CHECK: tile.rows
// CHECK: %[[STATES:.*]]:2 = scf.forall (%[[H:.*]], %[[BLOCK:.*]]) in (2, 2) shared_outs({{.*}}) -> (tensor<6x64x64xf32>, tensor<2x64x64xf32>)
// CHECK: %[[COL:.*]] = arith.muli %[[BLOCK]], %c32
// CHECK: scf.for %[[P:.*]] = %c0 to %c3 step %c1 iter_args(%[[OUT:.*]] = %{{.*}}, %[[S:.*]] = %{{.*}})
// CHECK: tile.insert %[[S]] into %[[OUT]][%[[P]]]
// CHECK: %[[SLICE:.*]] = tensor.extract_slice %[[PARTS]]#0[%{{.*}}, 0, %[[COL]]] [1, 64, 32]
// CHECK: %[[ADDED:.*]] = tile.rows %[[SLICE]]
// CHECK: %[[SLICE:.*]] = tensor.extract_slice %[[PARTS]]#1[%{{.*}}, 0] [1, 64]
// CHECK: %[[GATES:.*]] = tile.rows %[[SLICE]]
// CHECK: linalg.generic {{.*}} ins(%[[S]], %[[GATES]] :{{.*}} outs(%[[ADDED]] :
// CHECK: math.exp

// ... the state behind them ...
// CHECK: scf.forall (%{{.*}}) in (2) shared_outs({{.*}}) -> (tensor<1x2x64x64xf32>)
// CHECK: tile.rows %[[STATES]]#1

// ... and the outputs of each, which write no more than their own tokens.
// CHECK: scf.forall (%[[H:.*]], %[[P:.*]]) in (2, 3) shared_outs(%[[ALL:.*]] = %{{.*}}) -> (tensor<1x2x800x64xf32>)
// CHECK: tile.rows %[[STATES]]#0
// CHECK: %[[FIRST:.*]] = arith.muli %[[P]], %c320
// CHECK: %[[REST:.*]] = arith.subi %c800, %[[FIRST]]
// CHECK: %[[COUNT:.*]] = arith.minui %[[REST]], %c320
// CHECK: tensor.extract_slice %[[ALL]][0, %[[H]], %[[FIRST]], 0] [1, 1, %[[COUNT]], 64]
// CHECK: tile.domain %c800 span(%[[FIRST]], %{{.*}})
// CHECK: tile.fold ordered
// CHECK: %[[ORIGIN:.*]] = tile.origin
// CHECK: %[[OWN:.*]] = arith.subi %[[ORIGIN]], %[[FIRST]]
// CHECK: %[[ROWS:.*]] = tile.coords %[[OWN]] limit(%{{.*}}) : <64>
// CHECK: tile.insert {{.*}} at %[[ROWS]]
// CHECK: tensor.parallel_insert_slice {{.*}} into %[[ALL]][0, %[[H]], %[[FIRST]], 0] [1, 1, %[[COUNT]], 64]
func.func @scalar(%q: tensor<1x2x800x64xf32>, %k: tensor<1x2x800x64xf32>, %v: tensor<1x2x800x64xf32>,
    %g: tensor<1x2x800xf32>, %s: tensor<1x2x64x64xf32>) -> (tensor<1x2x800x64xf32>, tensor<1x2x64x64xf32>) {
  %e = tensor.empty() : tensor<1x2x800x64xf32>
  %t = tensor.empty() : tensor<1x2x64x64xf32>
  %o:2 = attn.recurrence %q, %k, %v outs(%e, %t) scale(0.125) decay(scalar %g : tensor<1x2x800xf32>)
      init(%s : tensor<1x2x64x64xf32>)
      schedule(<tokens = 64, columns = 64, micro = <rows = 4, cols = 16, lanes = 16>, tasks = 8>)
    : tensor<1x2x800x64xf32>, tensor<1x2x800x64xf32>, tensor<1x2x800x64xf32>
      -> tensor<1x2x800x64xf32>, tensor<1x2x64x64xf32>
  return %o#0, %o#1 : tensor<1x2x800x64xf32>, tensor<1x2x64x64xf32>
}

// -----

// The delta rule turns states by a matrix: what a piece without values makes of the
// identity. How many pieces there are is computed where the length is not known,
// and fewer than four are not worth it. Inverses of all chunks come first, and are
// read by all others. What the last piece makes of a state is not asked for: it is
// composed of one less, and the state in front of the last is written behind that.
// Transposed states are composed by 64 rows.

// REMARK: remark: [Passed] pieces | {{.*}}132 tasks, 8192 bytes kept of each 64 columns
// CHECK-LABEL: func @delta
// CHECK: %[[T:.*]] = tensor.dim %arg0, %c2
// CHECK: %[[CHUNKS:.*]] = arith.ceildivui %[[T]], %c64
// CHECK: %[[WORTH:.*]] = arith.divui %[[CHUNKS]], %c4
// CHECK: %[[MOST:.*]] = arith.minui %[[WORTH]], %c66
// CHECK: %[[ONE:.*]] = arith.maxui %[[MOST]], %c1
// CHECK: %[[LENGTH:.*]] = arith.ceildivui %[[CHUNKS]], %[[ONE]]
// CHECK: %[[LEAST:.*]] = arith.ceildivui %[[CHUNKS]], %
// CHECK: %[[N:.*]] = arith.maxui %[[LEAST]], %c1
// CHECK: %[[STEPS:.*]] = arith.subi %[[N]], %c1
// CHECK: %[[IF:.*]] = arith.cmpi uge, %[[N]], %c4
// CHECK: scf.if %[[IF]]
// CHECK: %[[KEPT:.*]] = scf.forall (%[[H:.*]], %[[CHUNK:.*]]) in (2, %[[CHUNKS]]) shared_outs({{.*}}) -> (tensor<?x64x64xbf16>)
// CHECK: %[[FIRST:.*]] = arith.muli %[[CHUNK]], %c64
// CHECK: tile.coords %[[FIRST]] limit(%[[T]]) : <64>
// CHECK: tile.tri_inverse
// CHECK-NOT: tile.tri_inverse
// CHECK: scf.forall (%[[H:.*]], %{{.*}}) in (2, %[[STEPS]]) shared_outs({{.*}}) -> (tensor<?x128x64xf32>)
// CHECK: %[[OWN:.*]] = arith.muli %[[H]], %[[CHUNKS]]
// CHECK: tile.rows {{.*}} -> tensor<64x128xbf16>
// CHECK: %[[ORIGIN:.*]] = tile.origin
// CHECK: %[[NUMBER:.*]] = affine.apply affine_map<(d0) -> (d0 floordiv 64)>(%[[ORIGIN]])
// CHECK: %[[AT:.*]] = arith.addi %[[OWN]], %[[NUMBER]]
// CHECK: tile.rows %[[KEPT]][%[[AT]]]
// CHECK: scf.forall (%{{.*}}, %{{.*}}) in (2, %[[STEPS]]) shared_outs({{.*}}) -> (tensor<?x64x64xbf16>)
// CHECK: %[[I:.*]] = linalg.generic
// CHECK: arith.cmpi eq
// CHECK: tile.fold ordered ({{.*}}) in {{.*}} iter(%{{.*}} = %[[I]])
// CHECK-NOT: tensor<64x128xbf16>
// CHECK: scf.forall (%{{.*}}, %[[BLOCK:.*]]) in (2, 2) shared_outs
// CHECK: %[[ROW:.*]] = arith.muli %[[BLOCK]], %c64
// CHECK: tensor.extract_slice {{.*}}[%{{.*}}, %[[ROW]], 0] [%[[N]], 64, 64]
// CHECK: %[[ALL:.*]]:2 = scf.for %{{.*}} = %c0 to %[[STEPS]] step %c1
// CHECK-COUNT-2: linalg.contract {{.*}} : tensor<64x64xbf16>, tensor<64x64xbf16>) outs(%{{.*}} : tensor<64x64xf32>)
// CHECK: tile.insert %[[ALL]]#1 into %[[ALL]]#0[%[[STEPS]]]
// CHECK: scf.forall (%{{.*}}, %{{.*}}) in (2, %[[N]])
// CHECK: tile.fold ordered
// CHECK: } else {
// CHECK: scf.forall (%{{.*}}) in (2)
// CHECK: attn.recurrence
func.func @delta(%q: tensor<1x2x?x64xbf16>, %k: tensor<1x2x?x64xbf16>, %v: tensor<1x2x?x128xbf16>, %e: tensor<1x2x?x128xbf16>,
    %beta: tensor<1x2x?xbf16>) -> tensor<1x2x?x128xbf16> {
  %o = attn.recurrence %q, %k, %v outs(%e) scale(0.125) update(delta %beta : tensor<1x2x?xbf16>)
      schedule(<tokens = 64, columns = 128, tasks = 132>)
    : tensor<1x2x?x64xbf16>, tensor<1x2x?x64xbf16>, tensor<1x2x?x128xbf16> -> tensor<1x2x?x128xbf16>
  return %o : tensor<1x2x?x128xbf16>
}
