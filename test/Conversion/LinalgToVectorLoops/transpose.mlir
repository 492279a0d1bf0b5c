// RUN: attn-opt %s --split-input-file --convert-linalg-to-vector-loops --canonicalize --cse | FileCheck %s

// Rows of eight are read, transposed by shuffles and stored as columns.

#in = affine_map<(p, d, r) -> (p, r, d)>
#out = affine_map<(p, d, r) -> (p, d, r)>
// CHECK-LABEL: func @pack
// CHECK:         scf.for
// CHECK-COUNT-8:   vector.load %arg0
// CHECK-COUNT-24:  vector.shuffle
// CHECK-NOT:       vector.shuffle
// CHECK-COUNT-8:   vector.store {{.*}} %arg1
func.func @pack(%x: memref<4x16x64xf32>, %y: memref<4x64x16xf32>) {
  linalg.generic {indexing_maps = [#in, #out], iterator_types = ["parallel", "parallel", "parallel"]}
      ins(%x : memref<4x16x64xf32>) outs(%y : memref<4x64x16xf32>) {
  ^bb0(%a: f32, %b: f32):
    linalg.yield %a : f32
  }
  return
}

// -----

// Elements are widened before they are transposed.

// CHECK-LABEL: func @widening
// CHECK:         vector.load %arg0{{.*}} vector<8xbf16>
// CHECK-NEXT:    arith.extf {{.*}} : vector<8xbf16> to vector<8xf32>
// CHECK-NOT:     vector.shuffle {{.*}}bf16
// CHECK:         vector.shuffle {{.*}} vector<8xf32>
#in = affine_map<(d, r) -> (r, d)>
#out = affine_map<(d, r) -> (d, r)>
func.func @widening(%x: memref<16x64xbf16>, %y: memref<64x16xf32>) {
  linalg.generic {indexing_maps = [#in, #out], iterator_types = ["parallel", "parallel"]}
      ins(%x : memref<16x64xbf16>) outs(%y : memref<64x16xf32>) {
  ^bb0(%a: bf16, %b: f32):
    %c = arith.extf %a : bf16 to f32
    linalg.yield %c : f32
  }
  return
}

// -----

// What no block covers is scalar: three columns of all rows, one row of the
// others.

// CHECK-LABEL: func @rests
// CHECK:         vector.shuffle
// CHECK:         memref.load %arg0
// CHECK:         memref.store
// CHECK:         memref.load %arg0
// CHECK:         memref.store
func.func @rests(%x: memref<11x17xf32>, %y: memref<17x11xf32>) {
  linalg.transpose ins(%x : memref<11x17xf32>) outs(%y : memref<17x11xf32>) permutation = [1, 0]
  return
}

// -----

// A narrow result takes narrower blocks, a very narrow one none.

// CHECK-LABEL: func @narrow
// CHECK-COUNT-4: vector.load {{.*}} vector<4xf32>
// CHECK-COUNT-8: vector.shuffle
// CHECK-COUNT-4: vector.store
// CHECK-LABEL: func @very_narrow
// CHECK-NOT:     vector.shuffle
func.func @narrow(%x: memref<4x64xf32>, %y: memref<64x4xf32>) {
  linalg.transpose ins(%x : memref<4x64xf32>) outs(%y : memref<64x4xf32>) permutation = [1, 0]
  return
}
func.func @very_narrow(%x: memref<2x64xf32>, %y: memref<64x2xf32>) {
  linalg.transpose ins(%x : memref<2x64xf32>) outs(%y : memref<64x2xf32>) permutation = [1, 0]
  return
}
