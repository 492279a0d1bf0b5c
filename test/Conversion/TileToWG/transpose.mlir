// Rows as columns: what is read is turned on its way to registers, what is written
// on its way to memory, and nothing is turned in between. A running sum of a vector
// is had by column.

// RUN: attn-opt %s --convert-tile-to-wg --canonicalize --cse --split-input-file --verify-diagnostics | FileCheck %s

#ij = affine_map<(i, j) -> (i, j)>
#ji = affine_map<(i, j) -> (j, i)>

// Elements of 16 bits go through shared memory, others are read one by one.
// CHECK-LABEL: func @operand
// CHECK-SAME:    %[[A:[^:]*]]: tensor<?x64xbf16>, %[[G:[^:]*]]: tensor<?x64xf32>, %{{.*}}, %[[ROWS:[^:]*]]: index)
func.func @operand(%a: tensor<?x64xbf16>, %g: tensor<?x64xf32>, %out: tensor<64x32xf32>, %rows: index) -> tensor<64x32xf32> {
  %c0 = arith.constant 0 : index
  %c64 = arith.constant 64 : index
  %r = scf.forall (%n) in (2) shared_outs(%o = %out) -> (tensor<64x32xf32>) {
    %I = tile.coords %c0 limit(%rows) : <32>
    %J = tile.coords %c0 limit(%c64) complete : <64>
    // CHECK-DAG: %[[S:.*]] = wg.copy %[[A]][] from %{{.*}} limit %[[ROWS]] : tensor<?x64xbf16> -> <32x64xbf16>
    // CHECK-DAG: %[[GT:.*]] = wg.load transposed %[[G]][] from %{{.*}} limit %[[ROWS]] : tensor<?x64xf32> -> <64x32xf32>
    // CHECK:     %[[AT:.*]] = wg.from_shared %[[S]] transposed : <32x64xbf16> -> <64x32xbf16>
    %at = tile.rows %a[] at %I : tensor<?x64xbf16>, !tile.coords<32> -> tensor<32x64xbf16>
    %gt = tile.rows %g[] at %I : tensor<?x64xf32>, !tile.coords<32> -> tensor<32x64xf32>
    %e = tensor.empty() : tensor<64x32xf32>
    // CHECK:     %[[SUM:.*]] = wg.map ins(%[[AT]], %[[GT]] : !wg.tile<64x32xbf16>, !wg.tile<64x32xf32>) -> !wg.tile<64x32xf32>
    %s = linalg.generic {indexing_maps = [#ji, #ji, #ij], iterator_types = ["parallel", "parallel"]}
        ins(%at, %gt : tensor<32x64xbf16>, tensor<32x64xf32>) outs(%e : tensor<64x32xf32>) {
    ^bb0(%x: bf16, %y: f32, %unused: f32):
      %xf = arith.extf %x : bf16 to f32
      %z = arith.addf %xf, %y : f32
      linalg.yield %z : f32
    } -> tensor<64x32xf32>
    // CHECK:     wg.store %[[SUM]] into
    %o1 = tile.insert %s into %o[] at %J : tensor<64x32xf32> into tensor<64x32xf32>, <64>
    scf.forall.in_parallel {
      tensor.parallel_insert_slice %o1 into %o[0, 0] [64, 32] [1, 1] : tensor<64x32xf32> into tensor<64x32xf32>
    }
  }
  return %r : tensor<64x32xf32>
}

// A tile that is used both ways is copied once.
// CHECK-LABEL: func @both_ways
// CHECK:         %[[S:.*]] = wg.copy
// CHECK-NOT:     wg.copy
// CHECK:         %[[P:.*]] = wg.mma %[[S]], %[[S]] transposed,
// CHECK-NOT:     wg.copy
// CHECK:         %[[T:.*]] = wg.from_shared %[[S]] transposed : <64x64xbf16> -> <64x64xbf16>
// CHECK-NEXT:    wg.map ins(%[[P]], %[[T]] :
func.func @both_ways(%a: tensor<64x64xbf16>, %out: tensor<64x64xf32>) -> tensor<64x64xf32> {
  %c0 = arith.constant 0 : index
  %c64 = arith.constant 64 : index
  %zero = arith.constant 0.0 : f32
  %r = scf.forall (%n) in (2) shared_outs(%o = %out) -> (tensor<64x64xf32>) {
    %I = tile.coords %c0 limit(%c64) complete : <64>
    %at = tile.rows %a[] at %I : tensor<64x64xbf16>, !tile.coords<64> -> tensor<64x64xbf16>
    %e = tensor.empty() : tensor<64x64xf32>
    %z = linalg.fill ins(%zero : f32) outs(%e : tensor<64x64xf32>) -> tensor<64x64xf32>
    %p = linalg.contract indexing_maps = [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (n, k)>, affine_map<(m, n, k) -> (m, n)>]
        ins(%at, %at : tensor<64x64xbf16>, tensor<64x64xbf16>) outs(%z : tensor<64x64xf32>) -> tensor<64x64xf32>
    %s = linalg.generic {indexing_maps = [#ij, #ji, #ij], iterator_types = ["parallel", "parallel"]}
        ins(%p, %at : tensor<64x64xf32>, tensor<64x64xbf16>) outs(%e : tensor<64x64xf32>) {
    ^bb0(%x: f32, %y: bf16, %unused: f32):
      %yf = arith.extf %y : bf16 to f32
      %w = arith.addf %x, %yf : f32
      linalg.yield %w : f32
    } -> tensor<64x64xf32>
    %o1 = tile.insert %s into %o[] at %I : tensor<64x64xf32> into tensor<64x64xf32>, <64>
    scf.forall.in_parallel {
      tensor.parallel_insert_slice %o1 into %o[0, 0] [64, 64] [1, 1] : tensor<64x64xf32> into tensor<64x64xf32>
    }
  }
  return %r : tensor<64x64xf32>
}

// CHECK-LABEL: func @insert
// CHECK-SAME:    %{{.*}}, %[[ROWS:[^:]*]]: index)
// CHECK:         %[[A:.*]] = wg.load %{{.*}} : tensor<64x32xf32> -> <64x32xf32>
// CHECK-NEXT:    %[[X:.*]] = wg.map ins(%[[A]]
// CHECK:         wg.store %[[X]] transposed into %{{.*}}[] from %{{.*}} limit %[[ROWS]] : <64x32xf32> into tensor<?x64xf32> -> tensor<?x64xf32>
func.func @insert(%a: tensor<64x32xf32>, %out: tensor<?x64xf32>, %rows: index) -> tensor<?x64xf32> {
  %c0 = arith.constant 0 : index
  %c64 = arith.constant 64 : index
  %r = scf.forall (%n) in (2) shared_outs(%o = %out) -> (tensor<?x64xf32>) {
    %I = tile.coords %c0 limit(%c64) complete : <64>
    %J = tile.coords %c0 limit(%rows) : <32>
    %at = tile.rows %a[] at %I : tensor<64x32xf32>, !tile.coords<64> -> tensor<64x32xf32>
    %e = tensor.empty() : tensor<64x32xf32>
    %s = linalg.generic {indexing_maps = [#ij, #ij], iterator_types = ["parallel", "parallel"]}
        ins(%at : tensor<64x32xf32>) outs(%e : tensor<64x32xf32>) {
    ^bb0(%x: f32, %unused: f32):
      %z = arith.addf %x, %x : f32
      linalg.yield %z : f32
    } -> tensor<64x32xf32>
    %te = tensor.empty() : tensor<32x64xf32>
    %t = linalg.transpose ins(%s : tensor<64x32xf32>) outs(%te : tensor<32x64xf32>) permutation = [1, 0]
    %o1 = tile.insert %t into %o[] at %J : tensor<32x64xf32> into tensor<?x64xf32>, <32>
    scf.forall.in_parallel {
      tensor.parallel_insert_slice %o1 into %o[0, 0] [%rows, 64] [1, 1] : tensor<?x64xf32> into tensor<?x64xf32>
    }
  }
  return %r : tensor<?x64xf32>
}

// Each row needs the sum of the rows before it: moved from columns.
// CHECK-LABEL: func @scan
// CHECK:         %[[G:.*]] = wg.load %{{.*}} : tensor<?xf32> -> <64xf32, cols>
// CHECK-NEXT:    %[[SUMS:.*]] = wg.scan %[[G]] : <64xf32, cols>
// CHECK-NEXT:    %[[ROWS:.*]] = wg.relayout %[[SUMS]] : <64xf32, cols> -> <64xf32, rows>
// CHECK:         wg.map ins(%[[ROWS]], %[[SUMS]] : !wg.tile<64xf32, rows>, !wg.tile<64xf32, cols>) -> !wg.tile<64x64xf32>
// CHECK:         wg.store %[[SUMS]] into %{{.*}} : <64xf32, cols> into tensor<?xf32>
func.func @scan(%g: tensor<?xf32>, %out: tensor<?x64xf32>, %sums: tensor<?xf32>, %n: index) -> (tensor<?x64xf32>, tensor<?xf32>) {
  %c0 = arith.constant 0 : index
  %r:2 = scf.forall (%h) in (2) shared_outs(%o = %out, %p = %sums) -> (tensor<?x64xf32>, tensor<?xf32>) {
    %I = tile.coords %c0 limit(%n) : <64>
    %gt = tile.rows %g[] at %I : tensor<?xf32>, !tile.coords<64> -> tensor<64xf32>
    %c = tile.scan %gt : tensor<64xf32>
    %e = tensor.empty() : tensor<64x64xf32>
    %d = linalg.generic {indexing_maps = [affine_map<(i, j) -> (i)>, affine_map<(i, j) -> (j)>, #ij], iterator_types = ["parallel", "parallel"]}
        ins(%c, %c : tensor<64xf32>, tensor<64xf32>) outs(%e : tensor<64x64xf32>) {
    ^bb0(%x: f32, %y: f32, %unused: f32):
      %z = arith.subf %x, %y : f32
      linalg.yield %z : f32
    } -> tensor<64x64xf32>
    %o1 = tile.insert %d into %o[] at %I : tensor<64x64xf32> into tensor<?x64xf32>, <64>
    %p1 = tile.insert %c into %p[] at %I : tensor<64xf32> into tensor<?xf32>, <64>
    scf.forall.in_parallel {
      tensor.parallel_insert_slice %o1 into %o[0, 0] [%n, 64] [1, 1] : tensor<?x64xf32> into tensor<?x64xf32>
      tensor.parallel_insert_slice %p1 into %p[0] [%n] [1] : tensor<?xf32> into tensor<?xf32>
    }
  }
  return %r#0, %r#1 : tensor<?x64xf32>, tensor<?xf32>
}

// -----

// A product is in registers, by rows.
func.func @computed(%a: tensor<64x64xbf16>, %out: tensor<64x64xf32>) -> tensor<64x64xf32> {
  %c0 = arith.constant 0 : index
  %c64 = arith.constant 64 : index
  %zero = arith.constant 0.0 : f32
  %r = scf.forall (%n) in (2) shared_outs(%o = %out) -> (tensor<64x64xf32>) {
    %I = tile.coords %c0 limit(%c64) complete : <64>
    %at = tile.rows %a[] at %I : tensor<64x64xbf16>, !tile.coords<64> -> tensor<64x64xbf16>
    %e = tensor.empty() : tensor<64x64xf32>
    %z = linalg.fill ins(%zero : f32) outs(%e : tensor<64x64xf32>) -> tensor<64x64xf32>
    // expected-error @below {{is computed, and has no counterpart with rows as columns}}
    %p = linalg.contract indexing_maps = [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (n, k)>, affine_map<(m, n, k) -> (m, n)>]
        ins(%at, %at : tensor<64x64xbf16>, tensor<64x64xbf16>) outs(%z : tensor<64x64xf32>) -> tensor<64x64xf32>
    %s = linalg.generic {indexing_maps = [affine_map<(i, j) -> (j, i)>, affine_map<(i, j) -> (i, j)>], iterator_types = ["parallel", "parallel"]}
        ins(%p : tensor<64x64xf32>) outs(%e : tensor<64x64xf32>) {
    ^bb0(%x: f32, %unused: f32):
      %w = arith.addf %x, %x : f32
      linalg.yield %w : f32
    } -> tensor<64x64xf32>
    %o1 = tile.insert %s into %o[] at %I : tensor<64x64xf32> into tensor<64x64xf32>, <64>
    scf.forall.in_parallel {
      tensor.parallel_insert_slice %o1 into %o[0, 0] [64, 64] [1, 1] : tensor<64x64xf32> into tensor<64x64xf32>
    }
  }
  return %r : tensor<64x64xf32>
}
