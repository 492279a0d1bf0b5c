// RUN: attn-opt %s --split-input-file --verify-diagnostics

// The constraints of folds that hold their state and of who asks about it.

// fold, C5: a held fold has its partial tiles first ...
func.func @fold_c5_order(%d: !tile.domain<16>) {
  // expected-error@below {{C5: a held fold has its partial tiles first and the flag 'update'}}
  tile.fold free (%J, partial = %p, update = %u) in %d held : !tile.domain<16> {
    tile.yield
  }
  return
}

// -----

// fold, C5: ... and the flag.
func.func @fold_c5_flag(%d: !tile.domain<16>) {
  // expected-error@below {{C5: a held fold has its partial tiles first and the flag 'update'}}
  tile.fold free (%J, partial = %p) in %d partial_first held : !tile.domain<16> {
    tile.yield
  }
  return
}

// -----

// any, C1: a vector ...
func.func @any_c1_rank(%a: tensor<8x8xf32>) {
  // expected-error@below {{operand #0 must be 1D tensor of 32-bit float or 64-bit float values}}
  %0 = tile.any %a : tensor<8x8xf32>
  return
}

// -----

// any, C1: ... of f32 or f64 ...
func.func @any_c1_type(%a: tensor<8xi32>) {
  // expected-error@below {{operand #0 must be 1D tensor of 32-bit float or 64-bit float values}}
  %0 = tile.any %a : tensor<8xi32>
  return
}

// -----

// any, C1: ... and static.
func.func @any_c1_static(%a: tensor<?xf32>) {
  // expected-error@below {{C1: expected a static vector, got 'tensor<?xf32>'}}
  %0 = tile.any %a : tensor<?xf32>
  return
}

// -----

// held, C1: a fold held its state, nothing else does.
func.func @held_c1(%s: tensor<8xf32>) {
  // expected-error@below {{C1: expected a result of a tile.fold}}
  %0 = tile.held %s : tensor<8xf32>
  return
}
