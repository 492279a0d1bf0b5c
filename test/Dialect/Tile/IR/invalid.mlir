// RUN: attn-opt %s --split-input-file --verify-diagnostics

// Every numbered constraint of the tiled level.

// coords, C1: shift and positions are exclusive.
func.func @coords_c1(%i: index, %p: tensor<?xi32>) {
  // expected-error@below {{takes a shift or positions, not both}}
  %0 = tile.coords %i limit(%i) shift(%i) positions(%p : tensor<?xi32>) : !tile.coords<8>
  return
}

// -----

// A tile has rows.
// expected-error@below {{a tile has at least one row, got 0}}
func.func private @coords_type(!tile.coords<0>)

// -----

// expected-error@below {{a tile has at least one row, got -4}}
func.func private @domain_type(!tile.domain<-4>)

// -----

func.func @positions(%I: !tile.coords<8>) {
  // expected-error@below {{expected one position for each of the 8 rows, got 'tensor<16xi32>'}}
  %0 = tile.positions %I : !tile.coords<8> -> tensor<16xi32>
  return
}

// -----

// rows, C1: rank(source) = indices + rank(result) ...
func.func @rows_c1(%m: tensor<2x?x64xf32>, %I: !tile.coords<8>) {
  // expected-error@below {{expected rank(tensor) = indices + rank(tile), got 'tensor<2x?x64xf32>', 0 indices and 'tensor<8x64xf32>'}}
  %0 = tile.rows %m[] at %I : tensor<2x?x64xf32>, !tile.coords<8> -> tensor<8x64xf32>
  return
}

// -----

// rows, C1: ... and rank(result) in {1, 2}.
func.func @rows_c1_rank(%m: tensor<2x?x64xf32>, %I: !tile.coords<8>) {
  // expected-error@below {{expected a tile of rank 1 or 2, got 'tensor<8x2x64xf32>'}}
  %0 = tile.rows %m[] at %I : tensor<2x?x64xf32>, !tile.coords<8> -> tensor<8x2x64xf32>
  return
}

// -----

// rows, C2: dim(result, 0) = N ...
func.func @rows_c2(%m: tensor<?x64xf32>, %I: !tile.coords<8>) {
  // expected-error@below {{expected a static tile of 8 rows, got 'tensor<4x64xf32>'}}
  %0 = tile.rows %m[] at %I : tensor<?x64xf32>, !tile.coords<8> -> tensor<4x64xf32>
  return
}

// -----

// rows, C2: ... the result is static ...
func.func @rows_c2_static(%m: tensor<?x64xf32>, %I: !tile.coords<8>) {
  // expected-error@below {{result #0 must be statically shaped tensor}}
  %0 = tile.rows %m[] at %I : tensor<?x64xf32>, !tile.coords<8> -> tensor<8x?xf32>
  return
}

// -----

// rows, C2: ... and with columns, dim(result, 1) = N(columns).
func.func @rows_c2_columns(%m: tensor<?x?xf32>, %I: !tile.coords<8>, %J: !tile.coords<16>) {
  // expected-error@below {{expected a tile of 16 columns, got 'tensor<8x8xf32>'}}
  %0 = tile.rows %m[] at %I columns %J : !tile.coords<16> : tensor<?x?xf32>, !tile.coords<8> -> tensor<8x8xf32>
  return
}

// -----

// rows, C2: with columns the rank is 2.
func.func @rows_c2_columns_rank(%m: tensor<?xf32>, %I: !tile.coords<8>, %J: !tile.coords<16>) {
  // expected-error@below {{expected a tile of 16 columns, got 'tensor<8xf32>'}}
  %0 = tile.rows %m[] at %I columns %J : !tile.coords<16> : tensor<?xf32>, !tile.coords<8> -> tensor<8xf32>
  return
}

// -----

// rows, C3: element types agree.
func.func @rows_c3(%m: tensor<?x64xbf16>, %I: !tile.coords<8>) {
  // expected-error@below {{element types differ: 'bf16' and 'f32'}}
  %0 = tile.rows %m[] at %I : tensor<?x64xbf16>, !tile.coords<8> -> tensor<8x64xf32>
  return
}

// -----

// insert, C1: rank(dest) = indices + rank(tile) ...
func.func @insert_c1(%t: tensor<8x64xf32>, %m: tensor<2x?x64xf32>, %I: !tile.coords<8>) {
  // expected-error@below {{expected rank(tensor) = indices + rank(tile), got 'tensor<2x?x64xf32>', 0 indices and 'tensor<8x64xf32>'}}
  %0 = tile.insert %t into %m[] at %I : tensor<8x64xf32> into tensor<2x?x64xf32>, !tile.coords<8>
  return
}

// -----

// insert, C1: ... and rank(tile) in {1, 2}.
func.func @insert_c1_rank(%t: tensor<f32>, %m: tensor<?xf32>, %i: index, %I: !tile.coords<8>) {
  // expected-error@below {{expected a tile of rank 1 or 2, got 'tensor<f32>'}}
  %0 = tile.insert %t into %m[%i] at %I : tensor<f32> into tensor<?xf32>, !tile.coords<8>
  return
}

// -----

// insert, C2: dim(tile, 0) = N ...
func.func @insert_c2(%t: tensor<4x64xf32>, %m: tensor<?x64xf32>, %I: !tile.coords<8>) {
  // expected-error@below {{expected a static tile of 8 rows, got 'tensor<4x64xf32>'}}
  %0 = tile.insert %t into %m[] at %I : tensor<4x64xf32> into tensor<?x64xf32>, !tile.coords<8>
  return
}

// -----

// insert, C2: ... and the tile is static.
func.func @insert_c2_static(%t: tensor<8x?xf32>, %m: tensor<?x64xf32>, %I: !tile.coords<8>) {
  // expected-error@below {{operand #0 must be statically shaped tensor}}
  %0 = tile.insert %t into %m[] at %I : tensor<8x?xf32> into tensor<?x64xf32>, !tile.coords<8>
  return
}

// -----

// insert, C3: element types agree.
func.func @insert_c3(%t: tensor<8x64xf32>, %m: tensor<?x64xf64>, %I: !tile.coords<8>) {
  // expected-error@below {{element types differ: 'f64' and 'f32'}}
  %0 = tile.insert %t into %m[] at %I : tensor<8x64xf32> into tensor<?x64xf64>, !tile.coords<8>
  return
}

// -----

// predicate, C1: the result is N(rows) x N(cols) ...
func.func @predicate_c1(%I: !tile.coords<8>, %J: !tile.coords<16>, %b: index) {
  // expected-error@below {{expected a result of 8 x 16, got 'tensor<16x8xi1>'}}
  %0 = tile.predicate rows(%I) cols(%J) at(%b, %b) : !tile.coords<8>, !tile.coords<16> -> tensor<16x8xi1>
  return
}

// -----

// predicate, C1: ... of i1.
func.func @predicate_c1_type(%I: !tile.coords<8>, %J: !tile.coords<16>, %b: index) {
  // expected-error@below {{result #0 must be 2D tensor of 1-bit signless integer values}}
  %0 = tile.predicate rows(%I) cols(%J) at(%b, %b) : !tile.coords<8>, !tile.coords<16> -> tensor<8x16xi8>
  return
}

// -----

// predicate, C2: ids are given when the mask reads them ...
func.func @predicate_c2_missing(%I: !tile.coords<8>, %J: !tile.coords<16>, %b: index) {
  // expected-error@below {{needs ids: its mask compares them}}
  %0 = tile.predicate #attn.segment rows(%I) cols(%J) at(%b, %b) : !tile.coords<8>, !tile.coords<16> -> tensor<8x16xi1>
  return
}

// -----

// predicate, C2: ... only then ...
func.func @predicate_c2_unread(%I: !tile.coords<8>, %J: !tile.coords<16>, %b: index, %r: tensor<8xi32>, %c: tensor<16xi32>) {
  // expected-error@below {{takes no ids: its mask reads none}}
  %0 = tile.predicate #attn.causal rows(%I) cols(%J) at(%b, %b) ids(%r, %c : tensor<8xi32>, tensor<16xi32>)
    : !tile.coords<8>, !tile.coords<16> -> tensor<8x16xi1>
  return
}

// -----

// predicate, C2: ... and one per row and column.
func.func @predicate_c2_count(%I: !tile.coords<8>, %J: !tile.coords<16>, %b: index, %r: tensor<8xi32>) {
  // expected-error@below {{expected 8 row ids and 16 column ids, got 'tensor<8xi32>' and 'tensor<8xi32>'}}
  %0 = tile.predicate #attn.segment rows(%I) cols(%J) at(%b, %b) ids(%r, %r : tensor<8xi32>, tensor<8xi32>)
    : !tile.coords<8>, !tile.coords<16> -> tensor<8x16xi1>
  return
}

// -----

// visited, C1: both results have ceil(N(rows) / group) entries ...
func.func @visited_c1(%I: !tile.coords<8>, %J: !tile.coords<16>, %b: index) {
  // expected-error@below {{expected 2 groups, got 'tensor<1xindex>'}}
  %0:2 = tile.visited rows(%I) cols(%J) at(%b, %b) every 6 : !tile.coords<8>, !tile.coords<16> -> tensor<2xindex>, tensor<1xindex>
  return
}

// -----

// visited, C1: ... and group is positive.
func.func @visited_c1_group(%I: !tile.coords<8>, %J: !tile.coords<16>, %b: index) {
  // expected-error@below {{expected a positive group, got 0}}
  %0:2 = tile.visited rows(%I) cols(%J) at(%b, %b) every 0 : !tile.coords<8>, !tile.coords<16> -> tensor<2xindex>, tensor<2xindex>
  return
}

// -----

// domain, C1: a mask comes with rows, and rows only with a mask.
func.func @domain_c1(%n: index, %I: !tile.coords<8>) {
  // expected-error@below {{expected a mask, rows, batch and head together}}
  %0 = "tile.domain"(%n, %I, %n, %n) <{operandSegmentSizes = array<i32: 1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0>}>
    : (index, !tile.coords<8>, index, index) -> !tile.domain<16>
  return
}

// -----

// domain, C1: they come with a batch entry and a head ...
func.func @domain_c1_batch(%n: index, %I: !tile.coords<8>) {
  // expected-error@below {{expected a mask, rows, batch and head together}}
  %0 = "tile.domain"(%n, %I) <{mask = #attn.causal, operandSegmentSizes = array<i32: 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0>}>
    : (index, !tile.coords<8>) -> !tile.domain<16>
  return
}

// -----

// ... both of them.
func.func @domain_c1_head(%n: index, %I: !tile.coords<8>) {
  // expected-error@below {{expected a mask, rows, batch and head together}}
  %0 = "tile.domain"(%n, %I, %n) <{mask = #attn.causal, operandSegmentSizes = array<i32: 1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0>}>
    : (index, !tile.coords<8>, index) -> !tile.domain<16>
  return
}

// -----

func.func @domain_positions(%n: index, %p: tensor<?xi32>) {
  // expected-error@below {{takes a shift or positions, not both}}
  %0 = tile.domain %n shift(%n) positions(%p : tensor<?xi32>) : !tile.domain<16>
  return
}

// -----

// fold, C1: there are coordinates, flags and state ...
func.func @fold_c1(%d: !tile.domain<16>) {
  // expected-error@below {{expected 2 block arguments (coordinates, flags, state), got 1}}
  "tile.fold"(%d) <{flags = ["partial"], order = #tile<fold_order free>}> ({
  ^bb0(%J: !tile.coords<16>):
    tile.yield
  }) : (!tile.domain<16>) -> ()
  return
}

// -----

func.func @fold_c1_count(%d: !tile.domain<16>, %z: tensor<8xf32>) {
  // expected-error@below {{different number of inits and region iter_args: 1 != 0}}
  %0 = "tile.fold"(%d, %z) <{flags = ["partial"], order = #tile<fold_order free>}> ({
  ^bb0(%J: !tile.coords<16>, %a: tensor<8xf32>):
    tile.yield %a : tensor<8xf32>
  }) : (!tile.domain<16>, tensor<8xf32>) -> tensor<8xf32>
  return
}

// -----

// fold, C1: ... coordinates of the domain's tile size ...
func.func @fold_c1_coords(%d: !tile.domain<16>, %z: tensor<8xf32>) {
  // expected-error@below {{expected coordinates of 16 rows, got '!tile.coords<8>'}}
  %0 = "tile.fold"(%d, %z) <{flags = [], order = #tile<fold_order free>}> ({
  ^bb0(%J: !tile.coords<8>, %a: tensor<8xf32>):
    tile.yield %a : tensor<8xf32>
  }) : (!tile.domain<16>, tensor<8xf32>) -> tensor<8xf32>
  return
}

// -----

// fold, C1: ... one i1 per flag ...
func.func @fold_c1_flag(%d: !tile.domain<16>, %z: tensor<8xf32>) {
  // expected-error@below {{expected an i1 flag, got 'index'}}
  %0 = "tile.fold"(%d, %z) <{flags = ["partial"], order = #tile<fold_order free>}> ({
  ^bb0(%J: !tile.coords<16>, %p: index, %a: tensor<8xf32>):
    tile.yield %a : tensor<8xf32>
  }) : (!tile.domain<16>, tensor<8xf32>) -> tensor<8xf32>
  return
}

// -----

// fold, C1: ... and one value per init of the init's type.
func.func @fold_c1_state(%d: !tile.domain<16>, %z: tensor<8xf32>) {
  // expected-error@below {{0-th init and 0-th region iter_arg have different type: 'tensor<8xf32>' != 'tensor<4xf32>'}}
  %0 = "tile.fold"(%d, %z) <{flags = [], order = #tile<fold_order free>}> ({
  ^bb0(%J: !tile.coords<16>, %a: tensor<4xf32>):
    tile.yield %z : tensor<8xf32>
  }) : (!tile.domain<16>, tensor<8xf32>) -> tensor<8xf32>
  return
}

// -----

// fold, C2: one operand of tile.yield per init ...
func.func @fold_c2_count(%d: !tile.domain<16>, %z: tensor<8xf32>) {
  // expected-error@below {{expected tile.yield of one value per carried value, of its type}}
  %0 = tile.fold free (%J) in %d iter(%a = %z) : !tile.domain<16>, tensor<8xf32> {
    tile.yield
  }
  return
}

// -----

// fold, C2: ... of the init's type.
func.func @fold_c2_type(%d: !tile.domain<16>, %z: tensor<8xf32>, %y: tensor<4xf32>) {
  // expected-error@below {{0-th region iter_arg and 0-th yielded value have different type: 'tensor<8xf32>' != 'tensor<4xf32>'}}
  %0 = tile.fold free (%J) in %d iter(%a = %z) : !tile.domain<16>, tensor<8xf32> {
    tile.yield %y : tensor<4xf32>
  }
  return
}

// -----

// fold, C3: flag names are distinct.
func.func @fold_c3(%d: !tile.domain<16>) {
  // expected-error@below {{flag "partial" is given twice}}
  tile.fold free (%J, partial = %p, partial = %q) in %d : !tile.domain<16> {
    tile.yield
  }
  return
}

// -----

// fold, C4: only a free fold may be reordered.
func.func @fold_c4(%d: !tile.domain<16>) {
  // expected-error@below {{C4: an ordered fold cannot have its partial tiles first}}
  tile.fold ordered (%J, partial = %p) in %d partial_first : !tile.domain<16> {
    tile.yield
  }
  return
}

// -----

func.func @fold_results(%d: !tile.domain<16>, %z: tensor<8xf32>) {
  // expected-error@below {{expected one result per carried value, of its type}}
  "tile.fold"(%d, %z) <{flags = [], order = #tile<fold_order free>}> ({
  ^bb0(%J: !tile.coords<16>, %a: tensor<8xf32>):
    tile.yield %a : tensor<8xf32>
  }) : (!tile.domain<16>, tensor<8xf32>) -> ()
  return
}

// -----

func.func @fold_order(%d: !tile.domain<16>) {
  // expected-error@below {{expected 'free' or 'ordered', got 'sorted'}}
  tile.fold sorted (%J) in %d : !tile.domain<16> {
    tile.yield
  }
  return
}

// -----

func.func @fold_types(%d: !tile.domain<16>, %z: tensor<8xf32>) {
  // expected-error@below {{expected a type for each of the 1 carried values, got 0}}
  %0 = tile.fold free (%J) in %d iter(%a = %z) : !tile.domain<16> {
    tile.yield %a : tensor<8xf32>
  }
  return
}

// -----

// expected-error@below {{expects parent op 'tile.fold'}}
tile.yield

// -----

// contract, C1: three maps ...
#a = affine_map<(m, n, k) -> (m, k)>
#b = affine_map<(m, n, k) -> (n, k)>
func.func @contract_c1_count(%q: tensor<8x4xf32>, %k: tensor<16x4xf32>, %o: tensor<8x16xf32>) {
  // expected-error@below {{expected three maps (lhs, rhs, out), got 2}}
  %0 = tile.contract [#a, #b] %q, %k outs(%o) : tensor<8x4xf32>, tensor<16x4xf32> -> tensor<8x16xf32>
  return
}

// -----

// contract, C1: ... with the same dimensions ...
#a = affine_map<(m, n, k) -> (m, k)>
#b = affine_map<(m, n, k, l) -> (n, k)>
#c = affine_map<(m, n, k) -> (m, n)>
func.func @contract_c1_dims(%q: tensor<8x4xf32>, %k: tensor<16x4xf32>, %o: tensor<8x16xf32>) {
  // expected-error@below {{expected projected permutations of one space}}
  %0 = tile.contract [#a, #b, #c] %q, %k outs(%o) : tensor<8x4xf32>, tensor<16x4xf32> -> tensor<8x16xf32>
  return
}

// -----

// contract, C1: ... each a projected permutation ...
#a = affine_map<(m, n, k) -> (m + n, k)>
#b = affine_map<(m, n, k) -> (n, k)>
#c = affine_map<(m, n, k) -> (m, n)>
func.func @contract_c1_permutation(%q: tensor<8x4xf32>, %k: tensor<16x4xf32>, %o: tensor<8x16xf32>) {
  // expected-error@below {{expected projected permutations of one space}}
  %0 = tile.contract [#a, #b, #c] %q, %k outs(%o) : tensor<8x4xf32>, tensor<16x4xf32> -> tensor<8x16xf32>
  return
}

// -----

// contract, C1: ... that fits the rank of its operand.
#a = affine_map<(m, n, k) -> (m, k)>
#b = affine_map<(m, n, k) -> (n, k)>
#c = affine_map<(m, n, k) -> (m, n)>
func.func @contract_c1_rank(%q: tensor<8x4x1xf32>, %k: tensor<16x4xf32>, %o: tensor<8x16xf32>) {
  // expected-error@below {{does not fit the rank of 'tensor<8x4x1xf32>'}}
  %0 = tile.contract [#a, #b, #c] %q, %k outs(%o) : tensor<8x4x1xf32>, tensor<16x4xf32> -> tensor<8x16xf32>
  return
}

// -----

// contract, C2: extents match ...
#a = affine_map<(m, n, k) -> (m, k)>
#b = affine_map<(m, n, k) -> (n, k)>
#c = affine_map<(m, n, k) -> (m, n)>
func.func @contract_c2_extent(%q: tensor<8x4xf32>, %k: tensor<16x5xf32>, %o: tensor<8x16xf32>) {
  // expected-error@below {{dimension d2 is 4 and 5}}
  %0 = tile.contract [#a, #b, #c] %q, %k outs(%o) : tensor<8x4xf32>, tensor<16x5xf32> -> tensor<8x16xf32>
  return
}

// -----

// contract, C2: ... and every dimension indexes an operand.
#a = affine_map<(m, n, k, l) -> (m, k)>
#b = affine_map<(m, n, k, l) -> (n, k)>
#c = affine_map<(m, n, k, l) -> (m, n)>
func.func @contract_c2_used(%q: tensor<8x4xf32>, %k: tensor<16x4xf32>, %o: tensor<8x16xf32>) {
  // expected-error@below {{dimension d3 indexes no operand}}
  %0 = tile.contract [#a, #b, #c] %q, %k outs(%o) : tensor<8x4xf32>, tensor<16x4xf32> -> tensor<8x16xf32>
  return
}

// -----

// contract, C3: element types agree.
#a = affine_map<(m, n, k) -> (m, k)>
#b = affine_map<(m, n, k) -> (n, k)>
#c = affine_map<(m, n, k) -> (m, n)>
func.func @contract_c3(%q: tensor<8x4xbf16>, %k: tensor<16x4xf32>, %o: tensor<8x16xf32>) {
  // expected-error@below {{element types differ: 'tensor<8x4xbf16>' and 'tensor<8x16xf32>'}}
  %0 = tile.contract [#a, #b, #c] %q, %k outs(%o) : tensor<8x4xbf16>, tensor<16x4xf32> -> tensor<8x16xf32>
  return
}

// -----

// contract, C4: bounds name a dimension of the iteration space ...
#a = affine_map<(m, n, k) -> (m, k)>
#b = affine_map<(m, n, k) -> (n, k)>
#c = affine_map<(m, n, k) -> (m, n)>
func.func @contract_c4_dim(%q: tensor<8x4xf32>, %k: tensor<16x4xf32>, %o: tensor<8x16xf32>, %l: tensor<2xindex>) {
  // expected-error@below {{expected a bound dimension below 3 and a positive group, got 3 and 4}}
  %0 = tile.contract [#a, #b, #c] %q, %k outs(%o) bounds(%l, %l : tensor<2xindex>, tensor<2xindex>) of 3 every 4
    : tensor<8x4xf32>, tensor<16x4xf32> -> tensor<8x16xf32>
  return
}

// -----

// contract, C4: ... of groups ...
#a = affine_map<(m, n, k) -> (m, k)>
#b = affine_map<(m, n, k) -> (n, k)>
#c = affine_map<(m, n, k) -> (m, n)>
func.func @contract_c4_group(%q: tensor<8x4xf32>, %k: tensor<16x4xf32>, %o: tensor<8x16xf32>, %l: tensor<2xindex>) {
  // expected-error@below {{expected a bound dimension below 3 and a positive group, got 1 and 0}}
  %0 = tile.contract [#a, #b, #c] %q, %k outs(%o) bounds(%l, %l : tensor<2xindex>, tensor<2xindex>) of 1 every 0
    : tensor<8x4xf32>, tensor<16x4xf32> -> tensor<8x16xf32>
  return
}

// -----

// contract, C4: ... and have rank 1 ...
#a = affine_map<(m, n, k) -> (m, k)>
#b = affine_map<(m, n, k) -> (n, k)>
#c = affine_map<(m, n, k) -> (m, n)>
func.func @contract_c4_rank(%q: tensor<8x4xf32>, %k: tensor<16x4xf32>, %o: tensor<8x16xf32>, %l: tensor<2x1xindex>) {
  // expected-error@below {{expected bounds of rank 1, index and one length, got 'tensor<2x1xindex>' and 'tensor<2x1xindex>'}}
  %0 = tile.contract [#a, #b, #c] %q, %k outs(%o) bounds(%l, %l : tensor<2x1xindex>, tensor<2x1xindex>) of 1 every 4
    : tensor<8x4xf32>, tensor<16x4xf32> -> tensor<8x16xf32>
  return
}

// -----

// contract, C4: ... of index ...
#a = affine_map<(m, n, k) -> (m, k)>
#b = affine_map<(m, n, k) -> (n, k)>
#c = affine_map<(m, n, k) -> (m, n)>
func.func @contract_c4_type(%q: tensor<8x4xf32>, %k: tensor<16x4xf32>, %o: tensor<8x16xf32>, %l: tensor<2xi32>) {
  // expected-error@below {{expected bounds of rank 1, index and one length, got 'tensor<2xi32>' and 'tensor<2xi32>'}}
  %0 = tile.contract [#a, #b, #c] %q, %k outs(%o) bounds(%l, %l : tensor<2xi32>, tensor<2xi32>) of 1 every 4
    : tensor<8x4xf32>, tensor<16x4xf32> -> tensor<8x16xf32>
  return
}

// -----

// contract, C4: ... and the same length.
#a = affine_map<(m, n, k) -> (m, k)>
#b = affine_map<(m, n, k) -> (n, k)>
#c = affine_map<(m, n, k) -> (m, n)>
func.func @contract_c4_length(%q: tensor<8x4xf32>, %k: tensor<16x4xf32>, %o: tensor<8x16xf32>, %l: tensor<2xindex>, %u: tensor<3xindex>) {
  // expected-error@below {{expected bounds of rank 1, index and one length, got 'tensor<2xindex>' and 'tensor<3xindex>'}}
  %0 = tile.contract [#a, #b, #c] %q, %k outs(%o) bounds(%l, %u : tensor<2xindex>, tensor<3xindex>) of 1 every 4
    : tensor<8x4xf32>, tensor<16x4xf32> -> tensor<8x16xf32>
  return
}

// -----

// tri_inverse, C1: A is square ...
func.func @tri_inverse_c1(%a: tensor<8x16xf32>) {
  // expected-error@below {{expected a static square matrix, got 'tensor<8x16xf32>'}}
  %0 = tile.tri_inverse %a : tensor<8x16xf32>
  return
}

// -----

// tri_inverse, C1: ... static ...
func.func @tri_inverse_c1_static(%a: tensor<?x?xf32>) {
  // expected-error@below {{expected a static square matrix, got 'tensor<?x?xf32>'}}
  %0 = tile.tri_inverse %a : tensor<?x?xf32>
  return
}

// -----

// tri_inverse, C1: ... of f32 or f64.
func.func @tri_inverse_c1_type(%a: tensor<8x8xf16>) {
  // expected-error@below {{must be 2D tensor of 32-bit float or 64-bit float values}}
  %0 = tile.tri_inverse %a : tensor<8x8xf16>
  return
}

// -----

// scan, C1: rank 1 or 2 ...
func.func @scan_c1_rank(%a: tensor<8x8x8xf32>) {
  // expected-error@below {{expected rank 1 or 2 of f32 or f64, got 'tensor<8x8x8xf32>'}}
  %0 = tile.scan %a : tensor<8x8x8xf32>
  return
}

// -----

// scan, C1: ... f32 or f64 ...
func.func @scan_c1_type(%a: tensor<8xbf16>) {
  // expected-error@below {{expected rank 1 or 2 of f32 or f64, got 'tensor<8xbf16>'}}
  %0 = tile.scan %a : tensor<8xbf16>
  return
}

// -----

// scan, C1: ... and static.
func.func @scan_c1_static(%a: tensor<?xf32>) {
  // expected-error@below {{must be statically shaped tensor}}
  %0 = tile.scan %a : tensor<?xf32>
  return
}

// -----

// micro_tile, C1: lanes divides cols ...
// expected-error@below {{expected positive sizes with cols a multiple of lanes, got rows = 6, cols = 12, lanes = 8}}
#m = #tile.micro_tile<rows = 6, cols = 12, lanes = 8>

// -----

// micro_tile, C1: ... and all are positive.
// expected-error@below {{expected positive sizes with cols a multiple of lanes, got rows = 0, cols = 16, lanes = 8}}
#m = #tile.micro_tile<rows = 0, cols = 16, lanes = 8>
