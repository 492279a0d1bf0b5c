// RUN: attn-opt %s --convert-tile-to-wg --split-input-file --verify-diagnostics

func.func @columns(%a: tensor<64x64xf32>, %out: tensor<64xf32>) -> tensor<64xf32> {
  %c0 = arith.constant 0 : index
  %c64 = arith.constant 64 : index
  %r = scf.forall (%n) in (2) shared_outs(%o = %out) -> (tensor<64xf32>) {
    %I = tile.coords %c0 limit(%c64) : <64>
    %at = tile.rows %a[] at %I : tensor<64x64xf32>, !tile.coords<64> -> tensor<64x64xf32>
    %e = tensor.empty() : tensor<64xf32>
    // expected-error @below {{has no counterpart among distributed tiles: only the last dimension can be reduced}}
    %s = linalg.generic {indexing_maps = [affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (j)>], iterator_types = ["reduction", "parallel"]}
        ins(%at : tensor<64x64xf32>) outs(%e : tensor<64xf32>) {
    ^bb0(%x: f32, %y: f32):
      %z = arith.addf %x, %y : f32
      linalg.yield %z : f32
    } -> tensor<64xf32>
    %o1 = tile.insert %s into %o[] at %I : tensor<64xf32> into tensor<64xf32>, <64>
    scf.forall.in_parallel {
      tensor.parallel_insert_slice %o1 into %o[0] [64] [1] : tensor<64xf32> into tensor<64xf32>
    }
  }
  return %r : tensor<64xf32>
}

// -----

func.func @combiner(%a: tensor<64x64xf32>, %out: tensor<64xf32>) -> tensor<64xf32> {
  %c0 = arith.constant 0 : index
  %c64 = arith.constant 64 : index
  %r = scf.forall (%n) in (2) shared_outs(%o = %out) -> (tensor<64xf32>) {
    %I = tile.coords %c0 limit(%c64) : <64>
    %at = tile.rows %a[] at %I : tensor<64x64xf32>, !tile.coords<64> -> tensor<64x64xf32>
    %e = tensor.empty() : tensor<64xf32>
    // expected-error @below {{has no counterpart among distributed tiles: output 0 is not a reduction of the columns}}
    %s = linalg.generic {indexing_maps = [affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (i)>], iterator_types = ["parallel", "reduction"]}
        ins(%at : tensor<64x64xf32>) outs(%e : tensor<64xf32>) {
    ^bb0(%x: f32, %y: f32):
      %z = arith.subf %y, %x : f32
      linalg.yield %z : f32
    } -> tensor<64xf32>
    %o1 = tile.insert %s into %o[] at %I : tensor<64xf32> into tensor<64xf32>, <64>
    scf.forall.in_parallel {
      tensor.parallel_insert_slice %o1 into %o[0] [64] [1] : tensor<64xf32> into tensor<64xf32>
    }
  }
  return %r : tensor<64xf32>
}

// -----

func.func @narrow(%a: tensor<64x8xbf16>, %out: tensor<64x64xf32>) -> tensor<64x64xf32> {
  %c0 = arith.constant 0 : index
  %c64 = arith.constant 64 : index
  %zero = arith.constant 0.0 : f32
  %r = scf.forall (%n) in (2) shared_outs(%o = %out) -> (tensor<64x64xf32>) {
    %I = tile.coords %c0 limit(%c64) : <64>
    // expected-error @below {{cannot be in shared memory: a row of a shared tile has a multiple of 32 bytes, got 8 elements of 'bf16'}}
    %at = tile.rows %a[] at %I : tensor<64x8xbf16>, !tile.coords<64> -> tensor<64x8xbf16>
    %e = tensor.empty() : tensor<64x64xf32>
    %z = linalg.fill ins(%zero : f32) outs(%e : tensor<64x64xf32>) -> tensor<64x64xf32>
    %s = linalg.contract indexing_maps = [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (n, k)>, affine_map<(m, n, k) -> (m, n)>]
        ins(%at, %at : tensor<64x8xbf16>, tensor<64x8xbf16>) outs(%z : tensor<64x64xf32>) -> tensor<64x64xf32>
    %o1 = tile.insert %s into %o[] at %I : tensor<64x64xf32> into tensor<64x64xf32>, <64>
    scf.forall.in_parallel {
      tensor.parallel_insert_slice %o1 into %o[0, 0] [64, 64] [1, 1] : tensor<64x64xf32> into tensor<64x64xf32>
    }
  }
  return %r : tensor<64x64xf32>
}

// -----

func.func @inverse(%a: tensor<64x64xf64>, %out: tensor<64x64xf64>) -> tensor<64x64xf64> {
  %c0 = arith.constant 0 : index
  %c64 = arith.constant 64 : index
  %r = scf.forall (%n) in (2) shared_outs(%o = %out) -> (tensor<64x64xf64>) {
    %I = tile.coords %c0 limit(%c64) : <64>
    %at = tile.rows %a[] at %I : tensor<64x64xf64>, !tile.coords<64> -> tensor<64x64xf64>
    // expected-error @below {{expected a tile of f32, got 'tensor<64x64xf64>'}}
    %s = tile.tri_inverse %at : tensor<64x64xf64>
    %o1 = tile.insert %s into %o[] at %I : tensor<64x64xf64> into tensor<64x64xf64>, <64>
    scf.forall.in_parallel {
      tensor.parallel_insert_slice %o1 into %o[0, 0] [64, 64] [1, 1] : tensor<64x64xf64> into tensor<64x64xf64>
    }
  }
  return %r : tensor<64x64xf64>
}

// -----

func.func @extract(%a: tensor<64x64xf32>, %out: tensor<64xf32>) -> tensor<64xf32> {
  %c0 = arith.constant 0 : index
  %c64 = arith.constant 64 : index
  %r = scf.forall (%n) in (2) shared_outs(%o = %out) -> (tensor<64xf32>) {
    %I = tile.coords %c0 limit(%c64) : <64>
    %at = tile.rows %a[] at %I : tensor<64x64xf32>, !tile.coords<64> -> tensor<64x64xf32>
    // expected-error @below {{expected an element of a vector, got one of 'tensor<64x64xf32>'}}
    %x = tensor.extract %at[%c0, %c0] : tensor<64x64xf32>
    %e = tensor.empty() : tensor<64xf32>
    %s = linalg.fill ins(%x : f32) outs(%e : tensor<64xf32>) -> tensor<64xf32>
    %o1 = tile.insert %s into %o[] at %I : tensor<64xf32> into tensor<64xf32>, <64>
    scf.forall.in_parallel {
      tensor.parallel_insert_slice %o1 into %o[0] [64] [1] : tensor<64xf32> into tensor<64xf32>
    }
  }
  return %r : tensor<64xf32>
}

// -----

// expected-error @below {{a tile that enters from outside the loop over tiles}}
func.func @outside(%a: tensor<64x64xf32>, %out: tensor<64x64xf32>) -> tensor<64x64xf32> {
  %c0 = arith.constant 0 : index
  %c64 = arith.constant 64 : index
  %r = scf.forall (%n) in (2) shared_outs(%o = %out) -> (tensor<64x64xf32>) {
    %I = tile.coords %c0 limit(%c64) : <64>
    %o1 = tile.insert %a into %o[] at %I : tensor<64x64xf32> into tensor<64x64xf32>, <64>
    scf.forall.in_parallel {
      tensor.parallel_insert_slice %o1 into %o[0, 0] [64, 64] [1, 1] : tensor<64x64xf32> into tensor<64x64xf32>
    }
  }
  return %r : tensor<64x64xf32>
}

// -----

func.func @rows(%a: tensor<48x64xf32>, %out: tensor<48x64xf32>) -> tensor<48x64xf32> {
  %c0 = arith.constant 0 : index
  %c48 = arith.constant 48 : index
  %r = scf.forall (%n) in (2) shared_outs(%o = %out) -> (tensor<48x64xf32>) {
    %I = tile.coords %c0 limit(%c48) : <24>
    // expected-error @below {{cannot be in registers: a tile has a multiple of 16 rows, got 24}}
    %at = tile.rows %a[] at %I : tensor<48x64xf32>, !tile.coords<24> -> tensor<24x64xf32>
    %o1 = tile.insert %at into %o[] at %I : tensor<24x64xf32> into tensor<48x64xf32>, <24>
    scf.forall.in_parallel {
      tensor.parallel_insert_slice %o1 into %o[0, 0] [48, 64] [1, 1] : tensor<48x64xf32> into tensor<48x64xf32>
    }
  }
  return %r : tensor<48x64xf32>
}
