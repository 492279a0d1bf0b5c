// RUN: attn-opt %s --split-input-file --convert-linalg-to-vector-loops --canonicalize --cse | FileCheck %s
// RUN: attn-opt %s --split-input-file --convert-linalg-to-vector-loops="fuse-rows=false" --canonicalize --cse | FileCheck %s --check-prefix=APART

// A maximum of rows, an operation on one element for each row and one on whole
// rows share a loop over blocks of eight rows; the second is one vector.

#id = affine_map<(i, j) -> (i, j)>
#row = affine_map<(i, j) -> (i)>
#one = affine_map<(i) -> (i)>
// CHECK-LABEL: func @softmax
// CHECK:         scf.for %[[B:.*]] = %c0 to %c96 step %c8
// CHECK:           vector.store {{.*}}[%[[B]]]
// CHECK:           scf.for %{{.*}} = %[[B]] to
// CHECK:             scf.for
// CHECK:               arith.cmpf ogt
// CHECK:           vector.load {{.*}}[%[[B]]]
// CHECK:           arith.mulf {{.*}} : vector<8xf32>
// CHECK:           vector.store {{.*}}[%[[B]]]
// CHECK:           scf.for %{{.*}} = %[[B]] to
// CHECK:             scf.for
// CHECK:               arith.subf
// CHECK:         }
// CHECK-NOT:     scf.for
// CHECK:         return
// APART-LABEL: func @softmax
// APART:         scf.for {{.*}} step %c32
// APART:         scf.for {{.*}} to %c96 step %c1
// APART:         scf.for {{.*}} step %c32
// APART:         scf.for {{.*}} to %c96 step %c1
func.func @softmax(%x: memref<96x256xf32>, %scale: f32) {
  %low = arith.constant 0xFF800000 : f32
  %m = memref.alloc() : memref<96xf32>
  linalg.fill ins(%low : f32) outs(%m : memref<96xf32>)
  linalg.generic {indexing_maps = [#id, #row], iterator_types = ["parallel", "reduction"]}
      ins(%x : memref<96x256xf32>) outs(%m : memref<96xf32>) {
  ^bb0(%a: f32, %b: f32):
    %c = arith.maxnumf %a, %b : f32
    linalg.yield %c : f32
  }
  // An allocation and a constant between them do not keep them apart.
  %t = memref.alloc() : memref<96xf32>
  linalg.generic {indexing_maps = [#one, #one], iterator_types = ["parallel"]}
      ins(%m : memref<96xf32>) outs(%t : memref<96xf32>) {
  ^bb0(%a: f32, %b: f32):
    %c = arith.mulf %a, %scale : f32
    linalg.yield %c : f32
  }
  linalg.generic {indexing_maps = [#row, #id], iterator_types = ["parallel", "parallel"]}
      ins(%t : memref<96xf32>) outs(%x : memref<96x256xf32>) {
  ^bb0(%a: f32, %b: f32):
    %c = arith.subf %b, %a : f32
    linalg.yield %c : f32
  }
  return
}

// -----

// A number of rows that eight does not divide leaves a shorter block.

#id = affine_map<(i, j) -> (i, j)>
// CHECK-LABEL: func @rest
// CHECK:         scf.for {{.*}} = %c0 to %c16 step %c8
// CHECK:         scf.for {{.*}} = %c16 to %c20 step %c1
// CHECK:         scf.for {{.*}} = %c16 to %c20 step %c1
func.func @rest(%x: memref<20x64xf32>, %zero: f32) {
  %y = memref.alloc() : memref<20x64xf32>
  linalg.fill ins(%zero : f32) outs(%x : memref<20x64xf32>)
  linalg.fill ins(%zero : f32) outs(%y : memref<20x64xf32>)
  return
}

// -----

// Each of these pairs must stay apart: the second operation reads another row
// than the first one writes; a load in a body reads what it likes; two
// arguments may be the same memory, and the rows of one are the columns of the
// other.

#id = affine_map<(i, j) -> (i, j)>
#tr = affine_map<(i, j) -> (j, i)>
#row = affine_map<(i, j) -> (i)>
#col = affine_map<(i, j) -> (j)>
// CHECK-LABEL: func @other_row
// CHECK:         scf.for {{.*}} to %c16 step %c1
// CHECK:         scf.for {{.*}} to %c16 step %c1
// CHECK-LABEL: func @load_in_body
// CHECK:         scf.for {{.*}} to %c16 step %c1
// CHECK:         scf.for {{.*}} to %c16 step %c1
// CHECK-LABEL: func @may_alias
// CHECK:         scf.for {{.*}} to %c16 step %c1
// CHECK:         scf.for {{.*}} to %c16 step %c1
// CHECK-LABEL: func @effect_between
// CHECK:         scf.for {{.*}} to %c16 step %c1
// CHECK:         memref.load
// CHECK:         scf.for {{.*}} to %c16 step %c1
func.func @other_row(%x: memref<16xf32>, %y: memref<16x16xf32>) {
  %cst = arith.constant 1.0 : f32
  linalg.generic {indexing_maps = [#id, #row], iterator_types = ["parallel", "reduction"]}
      ins(%y : memref<16x16xf32>) outs(%x : memref<16xf32>) {
  ^bb0(%a: f32, %b: f32):
    %c = arith.addf %a, %b : f32
    linalg.yield %c : f32
  }
  linalg.generic {indexing_maps = [#col, #id], iterator_types = ["parallel", "parallel"]}
      ins(%x : memref<16xf32>) outs(%y : memref<16x16xf32>) {
  ^bb0(%a: f32, %b: f32):
    linalg.yield %a : f32
  }
  return
}
func.func @load_in_body(%x: memref<16x16xf32>, %y: memref<16x16xf32>, %zero: f32) {
  linalg.fill ins(%zero : f32) outs(%x : memref<16x16xf32>)
  linalg.generic {indexing_maps = [#id], iterator_types = ["parallel", "parallel"]}
      outs(%y : memref<16x16xf32>) {
  ^bb0(%a: f32):
    %i = linalg.index 0 : index
    %j = linalg.index 1 : index
    %b = memref.load %x[%j, %i] : memref<16x16xf32>
    linalg.yield %b : f32
  }
  return
}
func.func @may_alias(%x: memref<16x16xf32>, %y: memref<16x16xf32>, %zero: f32) {
  linalg.fill ins(%zero : f32) outs(%x : memref<16x16xf32>)
  linalg.copy ins(%y : memref<16x16xf32>) outs(%x : memref<16x16xf32>)
  return
}
func.func @effect_between(%x: memref<16x16xf32>, %zero: f32) -> f32 {
  %c0 = arith.constant 0 : index
  %y = memref.alloc() : memref<16x16xf32>
  linalg.fill ins(%zero : f32) outs(%x : memref<16x16xf32>)
  %s = memref.load %x[%c0, %c0] : memref<16x16xf32>
  linalg.fill ins(%s : f32) outs(%y : memref<16x16xf32>)
  return %s : f32
}
