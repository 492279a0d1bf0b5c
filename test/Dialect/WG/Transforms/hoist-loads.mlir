// RUN: attn-opt %s --wg-hoist-loads --split-input-file | FileCheck %s

// A vector that is read behind the only product is read in front of it, and of the
// tile that it waits for.
// CHECK-LABEL: func @hoisted
// CHECK: arith.muli
// CHECK-NEXT: wg.load
// CHECK-NEXT: wg.receive
// CHECK-NEXT: wg.mma
// CHECK-NEXT: wg.release
func.func @hoisted(%c: !wg.channel<2, 64x64xbf16>, %q: !wg.shared<64x64xbf16>, %m: memref<?xf32>, %n: index, %zero: !wg.tile<64x64xf32>)
    -> (!wg.tile<64x64xf32>, !wg.tile<64xf32, cols>) {
  %c64 = arith.constant 64 : index
  %first = arith.constant 0 : i32
  %at = arith.muli %n, %c64 : index
  %k = wg.receive %c[%first] : <2, 64x64xbf16> -> <64x64xbf16>
  %s = wg.mma %q, %k transposed, %zero : !wg.shared<64x64xbf16>, !wg.shared<64x64xbf16>, !wg.tile<64x64xf32>
  wg.release %c[%first] : <2, 64x64xbf16>
  %v = wg.load %m[] from %at : memref<?xf32> -> !wg.tile<64xf32, cols>
  return %s, %v : !wg.tile<64x64xf32>, !wg.tile<64xf32, cols>
}

// -----

// It is not, where the place to read is only known behind the product.
// CHECK-LABEL: func @place_behind
// CHECK: wg.mma
// CHECK-NEXT: memref.load
// CHECK-NEXT: wg.load
func.func @place_behind(%k: !wg.shared<64x64xbf16>, %q: !wg.shared<64x64xbf16>, %m: memref<?xf32>, %p: memref<index>, %zero: !wg.tile<64x64xf32>)
    -> (!wg.tile<64x64xf32>, !wg.tile<64xf32, cols>) {
  %s = wg.mma %q, %k transposed, %zero : !wg.shared<64x64xbf16>, !wg.shared<64x64xbf16>, !wg.tile<64x64xf32>
  %at = memref.load %p[] : memref<index>
  %v = wg.load %m[] from %at : memref<?xf32> -> !wg.tile<64xf32, cols>
  return %s, %v : !wg.tile<64x64xf32>, !wg.tile<64xf32, cols>
}

// -----

// Nor across what writes memory.
// CHECK-LABEL: func @written
// CHECK: wg.mma
// CHECK-NEXT: wg.store
// CHECK-NEXT: wg.load
func.func @written(%k: !wg.shared<64x64xbf16>, %q: !wg.shared<64x64xbf16>, %m: memref<?xf32>, %o: memref<64x64xf32>, %at: index, %zero: !wg.tile<64x64xf32>)
    -> !wg.tile<64xf32, cols> {
  %s = wg.mma %q, %k transposed, %zero : !wg.shared<64x64xbf16>, !wg.shared<64x64xbf16>, !wg.tile<64x64xf32>
  wg.store %s into %o[] from %at : !wg.tile<64x64xf32> into memref<64x64xf32>
  %v = wg.load %m[] from %at : memref<?xf32> -> !wg.tile<64xf32, cols>
  return %v : !wg.tile<64xf32, cols>
}

// -----

// Nor what takes more registers, or where there are two products.
// CHECK-LABEL: func @wide
// CHECK: wg.mma
// CHECK-NEXT: wg.load
// CHECK-LABEL: func @two
// CHECK: wg.mma
// CHECK-NEXT: wg.mma
// CHECK-NEXT: wg.load
func.func @wide(%k: !wg.shared<128x64xbf16>, %q: !wg.shared<64x64xbf16>, %m: memref<?xf32>, %at: index, %zero: !wg.tile<64x128xf32>)
    -> (!wg.tile<64x128xf32>, !wg.tile<128xf32, cols>) {
  %s = wg.mma %q, %k transposed, %zero : !wg.shared<64x64xbf16>, !wg.shared<128x64xbf16>, !wg.tile<64x128xf32>
  %v = wg.load %m[] from %at : memref<?xf32> -> !wg.tile<128xf32, cols>
  return %s, %v : !wg.tile<64x128xf32>, !wg.tile<128xf32, cols>
}
func.func @two(%k: !wg.shared<64x64xbf16>, %q: !wg.shared<64x64xbf16>, %m: memref<?xf32>, %at: index, %zero: !wg.tile<64x64xf32>)
    -> (!wg.tile<64x64xf32>, !wg.tile<64xf32, cols>) {
  %s = wg.mma %q, %k transposed, %zero : !wg.shared<64x64xbf16>, !wg.shared<64x64xbf16>, !wg.tile<64x64xf32>
  %t = wg.mma %q, %k transposed, %s : !wg.shared<64x64xbf16>, !wg.shared<64x64xbf16>, !wg.tile<64x64xf32>
  %v = wg.load %m[] from %at : memref<?xf32> -> !wg.tile<64xf32, cols>
  return %t, %v : !wg.tile<64x64xf32>, !wg.tile<64xf32, cols>
}
