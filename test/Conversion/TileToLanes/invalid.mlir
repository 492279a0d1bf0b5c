// RUN: attn-opt %s --convert-tile-to-lanes --split-input-file --verify-diagnostics

func.func @axes(%x: tensor<4x1x16xf32>, %out: tensor<4x1x16xf32>) -> tensor<4x1x16xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  // expected-error @below {{cannot be dealt to lanes: its tiles have 1 axes, #wg.lanes<[4, 4], consecutive = [4, 4], inner = 1> has 2}}
  %r = scf.forall (%i) in (4) shared_outs(%o = %out) -> tensor<4x1x16xf32> {
    %part = tensor.extract_slice %o[%i, 0, 0] [1, 1, 16] [1, 1, 1] : tensor<4x1x16xf32> to tensor<1x1x16xf32>
    %token = tile.coords %c0 limit(%c1) complete : <1>
    %row = tile.rows %x[%i] at %token : tensor<4x1x16xf32>, <1> -> tensor<1x16xf32>
    %w = tile.insert %row into %part[%c0] at %token : tensor<1x16xf32> into tensor<1x1x16xf32>, <1>
    scf.forall.in_parallel {
      tensor.parallel_insert_slice %w into %o[%i, 0, 0] [1, 1, 16] [1, 1, 1] : tensor<1x1x16xf32> into tensor<4x1x16xf32>
    }
  } {wg.lanes = #wg.lanes<[4, 4], consecutive = [4, 4], inner = 1>}
  return %r : tensor<4x1x16xf32>
}

// -----

func.func @extent(%x: tensor<4x1x20xf32>, %out: tensor<4x1x20xf32>) -> tensor<4x1x20xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  // expected-error @below {{cannot be dealt to lanes: an axis has 20 elements, which 8 lanes do not hold in runs of 4}}
  %r = scf.forall (%i) in (4) shared_outs(%o = %out) -> tensor<4x1x20xf32> {
    %part = tensor.extract_slice %o[%i, 0, 0] [1, 1, 20] [1, 1, 1] : tensor<4x1x20xf32> to tensor<1x1x20xf32>
    %token = tile.coords %c0 limit(%c1) complete : <1>
    %row = tile.rows %x[%i] at %token : tensor<4x1x20xf32>, <1> -> tensor<1x20xf32>
    %w = tile.insert %row into %part[%c0] at %token : tensor<1x20xf32> into tensor<1x1x20xf32>, <1>
    scf.forall.in_parallel {
      tensor.parallel_insert_slice %w into %o[%i, 0, 0] [1, 1, 20] [1, 1, 1] : tensor<1x1x20xf32> into tensor<4x1x20xf32>
    }
  } {wg.lanes = #wg.lanes<[8], consecutive = [4], inner = 0>}
  return %r : tensor<4x1x20xf32>
}

// -----

func.func @tail(%x: tensor<4x1x16xf32>, %n: index, %out: tensor<4x1x16xf32>) -> tensor<4x1x16xf32> {
  %c0 = arith.constant 0 : index
  %r = scf.forall (%i) in (4) shared_outs(%o = %out) -> tensor<4x1x16xf32> {
    %part = tensor.extract_slice %o[%i, 0, 0] [1, 1, 16] [1, 1, 1] : tensor<4x1x16xf32> to tensor<1x1x16xf32>
    %token = tile.coords %c0 limit(%n) : <1>
    // expected-error @below {{expected a tile whose rows and columns exist}}
    %row = tile.rows %x[%i] at %token : tensor<4x1x16xf32>, <1> -> tensor<1x16xf32>
    %w = tile.insert %row into %part[%c0] at %token : tensor<1x16xf32> into tensor<1x1x16xf32>, <1>
    scf.forall.in_parallel {
      tensor.parallel_insert_slice %w into %o[%i, 0, 0] [1, 1, 16] [1, 1, 1] : tensor<1x1x16xf32> into tensor<4x1x16xf32>
    }
  } {wg.lanes = #wg.lanes<[4], consecutive = [4], inner = 0>}
  return %r : tensor<4x1x16xf32>
}

// -----

#in = affine_map<(i) -> (i)>
#out = affine_map<(i) -> ()>

// What is not combined by an operation with a neutral element needs the order of
// its elements, which lanes do not keep.
func.func @order(%x: tensor<4x1x16xf32>, %out: tensor<4x1x1xf32>) -> tensor<4x1x1xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %half = arith.constant 0.5 : f32
  %r = scf.forall (%i) in (4) shared_outs(%o = %out) -> tensor<4x1x1xf32> {
    %part = tensor.extract_slice %o[%i, 0, 0] [1, 1, 1] [1, 1, 1] : tensor<4x1x1xf32> to tensor<1x1x1xf32>
    %token = tile.coords %c0 limit(%c1) complete : <1>
    %row = tile.rows %x[%i] at %token : tensor<4x1x16xf32>, <1> -> tensor<1x16xf32>
    %v = tensor.collapse_shape %row [[0, 1]] : tensor<1x16xf32> into tensor<16xf32>
    %e = tensor.empty() : tensor<f32>
    %f = linalg.fill ins(%half : f32) outs(%e : tensor<f32>) -> tensor<f32>
    // expected-error @below {{expected a sum over an axis that lanes share, or something else in any order}}
    %sum = linalg.generic {indexing_maps = [#in, #out], iterator_types = ["reduction"]}
        ins(%v : tensor<16xf32>) outs(%f : tensor<f32>) {
    ^bb0(%a: f32, %b: f32):
      %h = arith.mulf %b, %half : f32
      %y = arith.addf %h, %a : f32
      linalg.yield %y : f32
    } -> tensor<f32>
    %one = tensor.expand_shape %sum [] output_shape [1, 1] : tensor<f32> into tensor<1x1xf32>
    %w = tile.insert %one into %part[%c0] at %token : tensor<1x1xf32> into tensor<1x1x1xf32>, <1>
    scf.forall.in_parallel {
      tensor.parallel_insert_slice %w into %o[%i, 0, 0] [1, 1, 1] [1, 1, 1] : tensor<1x1x1xf32> into tensor<4x1x1xf32>
    }
  } {wg.lanes = #wg.lanes<[4], consecutive = [4], inner = 0>}
  return %r : tensor<4x1x1xf32>
}
