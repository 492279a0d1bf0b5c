// RUN: attn-opt %s --wg-specialize-warps="stages=4" | FileCheck %s --check-prefix=ROOM
// RUN: attn-opt %s --wg-specialize-warps="stages=4 limit=70000" | FileCheck %s --check-prefix=TIGHT
// RUN: attn-opt %s --wg-specialize-warps="stages=1" | FileCheck %s --check-prefix=SINGLE
// RUN: attn-opt %s --wg-specialize-warps="stages=4 limit=20000" --remarks-filter-missed=wg-specialize-warps 2>&1 | FileCheck %s --check-prefix=NONE

// Tiles of a loop have as many places as are asked for, and one that is kept while
// the loop goes on a second one behind these, for the next piece of work.
// ROOM-LABEL: func @loop
// ROOM: wg.make_channel : <2, 128x64xbf16>
// ROOM: wg.make_channel : <4, 64x64xbf16>
// ROOM: wg.make_channel : <4, 64x64xbf16>

// Tiles of loops come first where memory is short: of four places three fit.
// TIGHT-LABEL: func @loop
// TIGHT: wg.make_channel : <1, 128x64xbf16>
// TIGHT: wg.make_channel : <3, 64x64xbf16>
// TIGHT: wg.make_channel : <3, 64x64xbf16>

// There are no second places if nobody shall have two.
// SINGLE-LABEL: func @loop
// SINGLE: wg.make_channel : <1, 128x64xbf16>
// SINGLE: wg.make_channel : <1, 64x64xbf16>
// SINGLE: wg.make_channel : <1, 64x64xbf16>

// NONE: all warps copy: {{[0-9]+}} bytes of shared memory are needed, 20000 are there
// NONE-NOT: wg.make_channel
func.func @loop(%m: memref<4x?x64xbf16>, %v: memref<?x64xbf16>, %o: memref<?x64xf32>, %n: index, %acc: !wg.tile<128x64xf32>) {
  %c1 = arith.constant 1 : index
  %c0 = arith.constant 0 : index
  %c64 = arith.constant 64 : index
  %c128 = arith.constant 128 : index
  %c256 = arith.constant 256 : index
  gpu.launch blocks(%b, %by, %bz) in (%gx = %n, %gy = %c1, %gz = %c1) threads(%tx, %ty, %tz) in (%nx = %c256, %ny = %c1, %nz = %c1) {
    %row = arith.muli %b, %c128 : index
    %q = wg.copy %m[%c1] from %row : memref<4x?x64xbf16> -> !wg.shared<128x64xbf16>
    %s = scf.for %i = %c0 to %b step %c1 iter_args(%a = %acc) -> (!wg.tile<128x64xf32>) {
      %at = arith.muli %i, %c64 : index
      %k = wg.copy %m[%c1] from %at : memref<4x?x64xbf16> -> !wg.shared<64x64xbf16>
      %w = wg.copy %v[] from %at : memref<?x64xbf16> -> !wg.shared<64x64xbf16>
      %x = wg.mma %q, %k, %a : !wg.shared<128x64xbf16>, !wg.shared<64x64xbf16>, !wg.tile<128x64xf32>
      %y = wg.mma %q, %w, %x : !wg.shared<128x64xbf16>, !wg.shared<64x64xbf16>, !wg.tile<128x64xf32>
      scf.yield %y : !wg.tile<128x64xf32>
    }
    wg.store %s into %o[] from %row : !wg.tile<128x64xf32> into memref<?x64xf32>
    gpu.terminator
  }
  return
}
