// RUN: attn-opt %s --split-input-file --verify-diagnostics

// expected-error @below {{a tile of layout rows has 1 positive extents, got [64, 8]}}
func.func private @c1() -> !wg.tile<64x8xf32, rows>

// -----

// expected-error @below {{a tile has a multiple of 16 rows, got 24}}
func.func private @c2() -> !wg.tile<24x8xf32>

// -----

// expected-error @below {{a tile has a multiple of 8 columns, got 12}}
func.func private @c2() -> !wg.tile<12xf32, cols>

// -----

// expected-error @below {{a tile holds integers, indices or floats, got 'vector<4xf32>'}}
func.func private @c3() -> !wg.tile<16x8xvector<4xf32>>

// -----

// expected-error @below {{expected matrix, rows or cols, got 'diagonal'}}
func.func private @layout() -> !wg.tile<16xf32, diagonal>

// -----

// expected-error @below {{a shared tile has one positive extent, or two, the first a multiple of 8, got [12, 64]}}
func.func private @c1() -> !wg.shared<12x64xbf16>

// -----

// expected-error @below {{a shared tile has one positive extent, or two, the first a multiple of 8, got [8, 8, 64]}}
func.func private @c1() -> !wg.shared<8x8x64xbf16>

// -----

// expected-error @below {{a shared tile has one positive extent, or two, the first a multiple of 8, got [0]}}
func.func private @c1() -> !wg.shared<0xf32>

// -----

// expected-error @below {{a row of a shared tile has a multiple of 32 bytes, got 24 elements of 'bf16'}}
func.func private @c2() -> !wg.shared<16x24xbf16>

// -----

// expected-error @below {{a row of a shared tile has a multiple of 32 bytes, got 12 elements of 'f32'}}
func.func private @c2() -> !wg.shared<12xf32>

// -----

func.func @rank(%m: memref<4x8x64xf32>, %i: index) {
  // expected-error @below {{C1: expected memory of rank 4 (2 indices, a tile of rank 2), got 'memref<4x8x64xf32>'}}
  %t = wg.load %m[%i, %i] from %i : memref<4x8x64xf32> -> !wg.tile<16x64xf32>
  return
}

// -----

func.func @element(%m: memref<8x64xf32>, %i: index) {
  // expected-error @below {{C2: element types differ: 'f32' and 'bf16'}}
  %t = wg.copy %m[] from %i : memref<8x64xf32> -> !wg.shared<16x64xbf16>
  return
}

// -----

func.func @columns(%m: memref<64xf32>, %i: index) {
  // expected-error @below {{C3: a vector has no columns, got '!wg.tile<16xf32, rows>'}}
  %t = wg.load %m[] from %i columns_from %i : memref<64xf32> -> !wg.tile<16xf32, rows>
  return
}

// -----

func.func @load_transposed(%m: memref<64xf32>, %i: index) {
  // expected-error @below {{C4: only a matrix is transposed, got '!wg.tile<16xf32, rows>'}}
  %t = wg.load transposed %m[] from %i : memref<64xf32> -> !wg.tile<16xf32, rows>
  return
}

// -----

func.func @store(%m: memref<16x64xf32>, %t: !wg.tile<16x64xf32>, %i: index) {
  // expected-error @below {{C3: a tensor is a result too, memory is not; got 'memref<16x64xf32>' and 1 results}}
  %r = wg.store %t into %m[] from %i : !wg.tile<16x64xf32> into memref<16x64xf32> -> tensor<16x64xf32>
  return
}

// -----

func.func @store_transposed(%m: memref<64xf32>, %t: !wg.tile<16xf32, cols>, %i: index) {
  // expected-error @below {{C4: only a matrix is transposed, got '!wg.tile<16xf32, cols>'}}
  wg.store %t transposed into %m[] from %i : !wg.tile<16xf32, cols> into memref<64xf32>
  return
}

// -----

func.func @shared(%t: !wg.tile<16x64xf32>) {
  // expected-error @below {{C1: expected one shape and element type, got '!wg.tile<16x64xf32>' and '!wg.shared<16x32xf32>'}}
  %r = wg.to_shared %t : !wg.tile<16x64xf32> -> !wg.shared<16x32xf32>
  return
}

// -----

func.func @shared_vector(%s: !wg.shared<64xf32>) {
  // expected-error @below {{C1: expected one shape and element type, got '!wg.shared<64xf32>' and '!wg.tile<32xf32, rows>'}}
  %r = wg.from_shared %s : !wg.shared<64xf32> -> !wg.tile<32xf32, rows>
  return
}

// -----

// Without `transposed`, rows stay rows.
func.func @not_transposed(%s: !wg.shared<64x32xbf16>) {
  // expected-error @below {{C1: expected one shape and element type, got '!wg.shared<64x32xbf16>' and '!wg.tile<32x64xbf16>'}}
  %r = wg.from_shared %s : !wg.shared<64x32xbf16> -> !wg.tile<32x64xbf16>
  return
}

// -----

func.func @transposed_shape(%s: !wg.shared<64x32xbf16>) {
  // expected-error @below {{C1: expected the transposed shape and one element type, got '!wg.shared<64x32xbf16>' and '!wg.tile<64x32xbf16>'}}
  %r = wg.from_shared %s transposed : !wg.shared<64x32xbf16> -> !wg.tile<64x32xbf16>
  return
}

// -----

func.func @transposed_elements(%s: !wg.shared<64x32xbf16>) {
  // expected-error @below {{C1: expected the transposed shape and one element type, got '!wg.shared<64x32xbf16>' and '!wg.tile<32x64xf16>'}}
  %r = wg.from_shared %s transposed : !wg.shared<64x32xbf16> -> !wg.tile<32x64xf16>
  return
}

// -----

func.func @transposed_vector(%s: !wg.shared<64xf32>) {
  // expected-error @below {{C2: only a matrix is transposed, got '!wg.shared<64xf32>' and '!wg.tile<64xf32, cols>'}}
  %r = wg.from_shared %s transposed : !wg.shared<64xf32> -> !wg.tile<64xf32, cols>
  return
}

// -----

func.func @relayout(%t: !wg.tile<16x64xf32>) {
  // expected-error @below {{C1: expected vectors}}
  %r = wg.relayout %t : !wg.tile<16x64xf32> -> !wg.tile<16x64xf32>
  return
}

// -----

func.func @extract(%t: !wg.tile<16x64xf32>, %i: index) {
  // expected-error @below {{C1: expected a vector, got '!wg.tile<16x64xf32>'}}
  %r = wg.extract %t[%i] : !wg.tile<16x64xf32> -> f32
  return
}

// -----

func.func @extract_type(%t: !wg.tile<16xf32, rows>, %i: index) {
  // expected-error @below {{C2: expected a result of the tile's element type, got '!wg.tile<16xf32, rows>' and 'f16'}}
  %r = wg.extract %t[%i] : !wg.tile<16xf32, rows> -> f16
  return
}

// -----

func.func @tri_inverse(%t: !wg.tile<16x64xf32>) {
  // expected-error @below {{C1: expected a square tile, got '!wg.tile<16x64xf32>'}}
  %r = wg.tri_inverse %t : !wg.tile<16x64xf32>
  return
}

// -----

func.func @tri_inverse_type(%t: !wg.tile<64x64xbf16>) {
  // expected-error @below {{C2: expected a tile of f32, got '!wg.tile<64x64xbf16>'}}
  %r = wg.tri_inverse %t : !wg.tile<64x64xbf16>
  return
}

// -----

func.func @splat(%x: f32) {
  // expected-error @below {{C1: expected a value of the tile's element type, got 'f32' and '!wg.tile<16x64xbf16>'}}
  %r = wg.splat %x : f32 -> !wg.tile<16x64xbf16>
  return
}

// -----

func.func @operand(%t: !wg.tile<16x64xf32>, %m: !wg.tile<32xf32, rows>) {
  // expected-error @below {{C2: an operand '!wg.tile<32xf32, rows>' cannot be read at the positions of '!wg.tile<16x64xf32>'}}
  %r = wg.map ins(%t, %m : !wg.tile<16x64xf32>, !wg.tile<32xf32, rows>) -> !wg.tile<16x64xf32> {
  ^bb0(%i: index, %j: index, %x: f32, %y: f32):
    wg.yield %x : f32
  }
  return
}

// -----

func.func @body(%t: !wg.tile<16x64xf32>) {
  // expected-error @below {{C3: expected a body that yields 'bf16', got 'f32'}}
  %r = wg.map ins(%t : !wg.tile<16x64xf32>) -> !wg.tile<16x64xbf16> {
  ^bb0(%i: index, %j: index, %x: f32):
    wg.yield %x : f32
  }
  return
}

// -----

func.func @scan_of_rows(%t: !wg.tile<64xf32, rows>) {
  // expected-error @below {{C1: expected a vector of floats, by column, got '!wg.tile<64xf32, rows>'}}
  %r = wg.scan %t : !wg.tile<64xf32, rows>
  return
}

// -----

func.func @scan_of_matrix(%t: !wg.tile<64x64xf32>) {
  // expected-error @below {{C1: expected a vector of floats, by column, got '!wg.tile<64x64xf32>'}}
  %r = wg.scan %t : !wg.tile<64x64xf32>
  return
}

// -----

func.func @scan_of_integers(%t: !wg.tile<64xi32, cols>) {
  // expected-error @below {{C1: expected a vector of floats, by column, got '!wg.tile<64xi32, cols>'}}
  %r = wg.scan %t : !wg.tile<64xi32, cols>
  return
}

// -----

func.func @reduce(%t: !wg.tile<16x64xf32>, %m: !wg.tile<32xf32, rows>) {
  // expected-error @below {{C1: expected an initial value for each row}}
  %r = wg.reduce <add> %t, %m : !wg.tile<16x64xf32>, !wg.tile<32xf32, rows>
  return
}

// -----

func.func @extents(%a: !wg.shared<64x128xbf16>, %b: !wg.shared<128x64xbf16>, %c: !wg.tile<64x128xf32>) {
  // expected-error @below {{C1: extents of m, n and k differ}}
  %r = wg.mma %a, %b, %c : !wg.shared<64x128xbf16>, !wg.shared<128x64xbf16>, !wg.tile<64x128xf32>
  return
}

// -----

func.func @elements(%a: !wg.shared<64x128xf16>, %b: !wg.shared<128x64xbf16>, %c: !wg.tile<64x64xf32>) {
  // expected-error @below {{C2: element types of the operands differ}}
  %r = wg.mma %a, %b, %c : !wg.shared<64x128xf16>, !wg.shared<128x64xbf16>, !wg.tile<64x64xf32>
  return
}

// -----

func.func @transposed(%a: !wg.tile<128x64xbf16>, %b: !wg.shared<128x64xbf16>, %c: !wg.tile<64x64xf32>) {
  // expected-error @below {{C3: an operand in registers is not transposed}}
  %r = wg.mma %a transposed, %b, %c : !wg.tile<128x64xbf16>, !wg.shared<128x64xbf16>, !wg.tile<64x64xf32>
  return
}

// -----

// expected-error @below {{a ring has at least one place, got 0}}
func.func private @c1() -> !wg.ring<0, 64x64xbf16>

// -----

func.func @slot(%r: !wg.ring<2, 64x64xbf16>, %i: index) {
  // expected-error @below {{C1: expected a tile of the ring, got '!wg.ring<2, 64x64xbf16>' and '!wg.shared<64x32xbf16>'}}
  %t = wg.slot %r[%i] : <2, 64x64xbf16> -> <64x32xbf16>
  return
}

// -----

func.func @async(%m: memref<2x64x64xbf16>, %t: !wg.shared<64x64xbf16>, %i: index) {
  // expected-error @below {{C1: expected memory of rank 2 (0 indices, a tile of rank 2), got 'memref<2x64x64xbf16>'}}
  wg.copy_async %m[] from %i into %t : memref<2x64x64xbf16> -> <64x64xbf16>
  return
}

// -----

func.func @start_extents(%a: !wg.shared<64x128xbf16>, %b: !wg.shared<128x64xbf16>, %c: !wg.tile<64x128xf32>) -> !wg.tile<64x128xf32> {
  // expected-error @below {{'wg.start_mma' op C1: extents of m, n and k differ}}
  %s = wg.start_mma %a, %b, %c : !wg.shared<64x128xbf16>, !wg.shared<128x64xbf16>, !wg.tile<64x128xf32>
  %r = wg.await_mma %s pending 0 : <64x128xf32>
  return %r : !wg.tile<64x128xf32>
}

// -----

func.func @start_elements(%a: !wg.shared<64x128xf16>, %b: !wg.shared<128x64xbf16>, %c: !wg.tile<64x64xf32>) -> !wg.tile<64x64xf32> {
  // expected-error @below {{'wg.start_mma' op C2: element types of the operands differ}}
  %s = wg.start_mma %a, %b, %c : !wg.shared<64x128xf16>, !wg.shared<128x64xbf16>, !wg.tile<64x64xf32>
  %r = wg.await_mma %s pending 0 : <64x64xf32>
  return %r : !wg.tile<64x64xf32>
}

// -----

func.func @start_transposed(%a: !wg.tile<128x64xbf16>, %b: !wg.shared<128x64xbf16>, %c: !wg.tile<64x64xf32>) -> !wg.tile<64x64xf32> {
  // expected-error @below {{'wg.start_mma' op C3: an operand in registers is not transposed}}
  %s = wg.start_mma %a transposed, %b, %c : !wg.tile<128x64xbf16>, !wg.shared<128x64xbf16>, !wg.tile<64x64xf32>
  %r = wg.await_mma %s pending 0 : <64x64xf32>
  return %r : !wg.tile<64x64xf32>
}

// -----

func.func @never_awaited(%a: !wg.shared<64x64xbf16>, %c: !wg.tile<64x64xf32>) {
  // expected-error @below {{C4: expected one use of the result, a wg.await_mma in the same block}}
  %s = wg.start_mma %a, %a, %c : !wg.shared<64x64xbf16>, !wg.shared<64x64xbf16>, !wg.tile<64x64xf32>
  return
}

// -----

func.func @read_early(%a: !wg.shared<64x64xbf16>, %c: !wg.tile<64x64xf32>, %o: memref<64x64xf32>, %i: index) {
  // expected-error @below {{C4: expected one use of the result, a wg.await_mma in the same block}}
  %s = wg.start_mma %a, %a, %c : !wg.shared<64x64xbf16>, !wg.shared<64x64xbf16>, !wg.tile<64x64xf32>
  wg.store %s into %o[] from %i : !wg.tile<64x64xf32> into memref<64x64xf32>
  return
}

// -----

func.func @awaited_elsewhere(%a: !wg.shared<64x64xbf16>, %c: !wg.tile<64x64xf32>, %p: i1) {
  // expected-error @below {{C4: expected one use of the result, a wg.await_mma in the same block}}
  %s = wg.start_mma %a, %a, %c : !wg.shared<64x64xbf16>, !wg.shared<64x64xbf16>, !wg.tile<64x64xf32>
  scf.if %p {
    %r = wg.await_mma %s pending 0 : <64x64xf32>
  }
  return
}

// -----

func.func @await_nothing(%c: !wg.tile<64x64xf32>) {
  // expected-error @below {{C1: expected the result of a wg.start_mma}}
  %r = wg.await_mma %c pending 0 : <64x64xf32>
  return
}

// -----

func.func @await_negative(%a: !wg.shared<64x64xbf16>, %c: !wg.tile<64x64xf32>) {
  %s = wg.start_mma %a, %a, %c : !wg.shared<64x64xbf16>, !wg.shared<64x64xbf16>, !wg.tile<64x64xf32>
  // C2
  // expected-error @below {{attribute 'pending' failed to satisfy constraint: 64-bit signless integer attribute whose value is non-negative}}
  %r = wg.await_mma %s pending -1 : <64x64xf32>
  return
}

// -----

func.func @any(%t: !wg.tile<64xindex, rows>) {
  // expected-error @below {{C1: expected a vector of floats, got '!wg.tile<64xindex, rows>'}}
  %0 = wg.any %t : !wg.tile<64xindex, rows>
  return
}

// -----

// C1: by row.
func.func @any_of_columns(%t: !wg.tile<64xf32, cols>) {
  // expected-error @below {{operand #0 must be tile with one value for each row, but got '!wg.tile<64xf32, cols>'}}
  %0 = wg.any %t : !wg.tile<64xf32, cols>
  return
}

// -----

func.func @blocks_of_columns(%t: !wg.tile<64x64xf32>, %i: !wg.tile<64x16xf32>) {
  // expected-error @below {{C1: expected 8 initial values for each row, got '!wg.tile<64x64xf32>' and '!wg.tile<64x16xf32>'}}
  %r = wg.reduce_blocks <add> %t, %i : !wg.tile<64x64xf32>, !wg.tile<64x16xf32>
  return
}

// -----

func.func @blocks_of_rows(%t: !wg.tile<64x64xf32>, %i: !wg.tile<32x8xf32>) {
  // expected-error @below {{C1: expected 8 initial values for each row, got '!wg.tile<64x64xf32>' and '!wg.tile<32x8xf32>'}}
  %r = wg.reduce_blocks <add> %t, %i : !wg.tile<64x64xf32>, !wg.tile<32x8xf32>
  return
}

// -----

func.func @blocks_of_elements(%t: !wg.tile<64x64xf32>, %i: !wg.tile<64x8xf16>) {
  // expected-error @below {{C1: expected 8 initial values for each row, got '!wg.tile<64x64xf32>' and '!wg.tile<64x8xf16>'}}
  %r = wg.reduce_blocks <add> %t, %i : !wg.tile<64x64xf32>, !wg.tile<64x8xf16>
  return
}

// -----

// C1: a sum of rows has an element for each column.
func.func @sum_rows_c1(%t: !wg.tile<64x128xf32>) {
  // expected-error@below {{C1: expected a result with an element for each column of the tile, got '!wg.tile<64x128xf32>' and '!wg.tile<64xf32, cols>'}}
  %s = wg.sum_rows %t : <64x128xf32> -> <64xf32, cols>
  return
}

// -----

// C2: of floats.
func.func @sum_rows_c2(%t: !wg.tile<64x128xi32>) {
  // expected-error@below {{C2: expected floats, got '!wg.tile<64x128xi32>'}}
  %s = wg.sum_rows %t : <64x128xi32> -> <128xi32, cols>
  return
}

// -----

// expected-error @below {{C1: expected as many numbers of elements as of lanes, got 1 and 2}}
func.func private @lanes() attributes {wg.lanes = #wg.lanes<[8, 4], consecutive = [4], inner = 0>}

// -----

// expected-error @below {{C1: expected at least 1 element in a row, got 0}}
func.func private @lanes() attributes {wg.lanes = #wg.lanes<[8], consecutive = [0], inner = 0>}

// -----

// expected-error @below {{C2: expected a power of two of lanes, got 6}}
func.func private @lanes() attributes {wg.lanes = #wg.lanes<[6], consecutive = [1], inner = 0>}

// -----

// expected-error @below {{C2: expected 32 lanes at most, got 64}}
func.func private @lanes() attributes {wg.lanes = #wg.lanes<[16, 4], consecutive = [1, 1], inner = 0>}

// -----

// expected-error @below {{C3: expected one of 2 axes, got 2}}
func.func private @lanes() attributes {wg.lanes = #wg.lanes<[8, 4], consecutive = [1, 1], inner = 2>}
