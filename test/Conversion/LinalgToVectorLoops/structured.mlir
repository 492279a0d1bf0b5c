// RUN: attn-opt %s --split-input-file --convert-linalg-to-vector-loops --canonicalize --cse | FileCheck %s
// RUN: attn-opt %s --split-input-file --convert-linalg-to-vector-loops="lanes-bits=512 registers=32" --canonicalize --cse | FileCheck %s --check-prefix=WIDE

// Four vectors in a trip, then one, then a mask.

#id = affine_map<(i, j) -> (i, j)>
#row = affine_map<(i, j) -> (i)>
// CHECK-LABEL: func @elementwise
// CHECK-DAG:     %[[MASK:.*]] = arith.constant dense<[true, true, true, true, true, false, false, false]>
// CHECK:         scf.for %[[I:.*]] = %c0 to %c10 step %c1
func.func @elementwise(%s: memref<10xf32>, %x: memref<10x77xf32>, %y: memref<10x77xf32>) {
  // CHECK:           scf.for %[[J:.*]] = %c0 to %c64 step %c32
  // CHECK:             %[[S:.*]] = memref.load %arg0[%[[I]]]
  // CHECK:             vector.broadcast %[[S]] : f32 to vector<8xf32>
  // CHECK-COUNT-4:     arith.mulf {{.*}} : vector<8xf32>
  // CHECK-COUNT-4:     vector.store
  // CHECK:           }
  // CHECK:           vector.load %arg1[%[[I]], %c64]
  // CHECK:           vector.store
  // CHECK:           vector.maskedload %arg1[%[[I]], %c72], %[[MASK]]
  // CHECK:           vector.maskedstore %arg2[%[[I]], %c72], %[[MASK]]
  linalg.generic {indexing_maps = [#row, #id, #id], iterator_types = ["parallel", "parallel"]}
      ins(%s, %x : memref<10xf32>, memref<10x77xf32>) outs(%y : memref<10x77xf32>) {
  ^bb0(%a: f32, %b: f32, %c: f32):
    %d = arith.mulf %a, %b : f32
    linalg.yield %d : f32
  }
  return
}

// -----

// A maximum: one accumulator for each vector of a trip, started from -inf; a
// comparison and a select, exact because no accumulator is ever NaN; one
// horizontal reduction for a row.

#id = affine_map<(i, j) -> (i, j)>
#row = affine_map<(i, j) -> (i)>
// CHECK-LABEL: func @maximum
// CHECK-DAG:     %[[LOW:.*]] = arith.constant dense<0xFF800000> : vector<8xf32>
// CHECK:         scf.for %[[I:.*]] = %c0 to %c10
// CHECK:           %[[ACC:.*]]:4 = scf.for {{.*}} iter_args(%[[A:.*]] = %[[LOW]], %{{.*}} = %[[LOW]], %{{.*}} = %[[LOW]], %{{.*}} = %[[LOW]])
// CHECK:             %[[X:.*]] = vector.load
// CHECK:             %[[WINS:.*]] = arith.cmpf ogt, %[[X]], %[[A]]
// CHECK:             arith.select %[[WINS]], %[[X]], %[[A]]
// CHECK:           memref.load %arg1[%[[I]]]
// CHECK:           vector.reduction <maxnumf>, %{{.*}} fastmath<nnan> : vector<8xf32> into f32
// CHECK:           memref.store {{.*}}, %arg1[%[[I]]]
func.func @maximum(%x: memref<10x256xf32>, %m: memref<10xf32>) {
  linalg.generic {indexing_maps = [#id, #row], iterator_types = ["parallel", "reduction"]}
      ins(%x : memref<10x256xf32>) outs(%m : memref<10xf32>) {
  ^bb0(%a: f32, %b: f32):
    %c = arith.maxnumf %a, %b : f32
    linalg.yield %c : f32
  }
  return
}

// -----

// A maximum that NaN wins keeps its operation.

#id = affine_map<(i, j) -> (i, j)>
#row = affine_map<(i, j) -> (i)>
// CHECK-LABEL: func @maximum_with_nan
// CHECK-NOT:     arith.cmpf
// CHECK:         arith.maximumf {{.*}} : vector<8xf32>
// CHECK:         vector.reduction <maximumf>, %{{[^ ]*}} fastmath<reassoc> : vector<8xf32>
func.func @maximum_with_nan(%x: memref<10x256xf32>, %m: memref<10xf32>) {
  linalg.generic {indexing_maps = [#id, #row], iterator_types = ["parallel", "reduction"]}
      ins(%x : memref<10x256xf32>) outs(%m : memref<10xf32>) {
  ^bb0(%a: f32, %b: f32):
    %c = arith.maximumf %a, %b : f32
    linalg.yield %c : f32
  }
  return
}

// -----

// An elementwise result and a sum from one pass; lanes that do not exist do
// not reach the sum.

#id = affine_map<(i, j) -> (i, j)>
#row = affine_map<(i, j) -> (i)>
// CHECK-LABEL: func @both
// CHECK-DAG:     %[[MASK:.*]] = arith.constant dense<[true, true, true, false, false, false, false, false]>
// CHECK:         %[[ACC:.*]]:4 = scf.for
// CHECK:           vector.store
// CHECK:         vector.maskedload
// CHECK:         %[[SUM:.*]] = arith.addf
// CHECK:         arith.select %[[MASK]], %[[SUM]], %[[ACC]]#0
// CHECK:         vector.maskedstore
// CHECK:         vector.reduction <add>, {{.*}} fastmath<reassoc>
func.func @both(%x: memref<10x67xf32>, %s: memref<10xf32>) {
  linalg.generic {indexing_maps = [#id, #row], iterator_types = ["parallel", "reduction"]}
      outs(%x, %s : memref<10x67xf32>, memref<10xf32>) {
  ^bb0(%a: f32, %b: f32):
    %c = arith.mulf %a, %a : f32
    %d = arith.addf %b, %c : f32
    linalg.yield %c, %d : f32, f32
  }
  return
}

// -----

// A sum over rows: the columns are the lanes, the rows a loop.

#id = affine_map<(i, j) -> (i, j)>
#col = affine_map<(i, j) -> (j)>
// CHECK-LABEL: func @column_sums
// CHECK:         scf.for %[[J:.*]] = %c0 to %c64 step %c32
// CHECK:           vector.load %arg1[%[[J]]]
// CHECK:           scf.for %[[I:.*]] = %c0 to %c10 {{.*}} -> (vector<8xf32>, vector<8xf32>, vector<8xf32>, vector<8xf32>)
// CHECK:             vector.load %arg0[%[[I]], %[[J]]]
// CHECK:           vector.store {{.*}} %arg1[%[[J]]]
func.func @column_sums(%x: memref<10x64xf32>, %s: memref<64xf32>) {
  linalg.generic {indexing_maps = [#id, #col], iterator_types = ["reduction", "parallel"]}
      ins(%x : memref<10x64xf32>) outs(%s : memref<64xf32>) {
  ^bb0(%a: f32, %b: f32):
    %c = arith.addf %a, %b : f32
    linalg.yield %c : f32
  }
  return
}

// -----

// Positions stay scalar: one comparison of small integers for a vector.

#id = affine_map<(i, j) -> (i, j)>
// CHECK-LABEL: func @positions
// CHECK-DAG:     %[[IOTA:.*]] = arith.constant dense<[0, 1, 2, 3, 4, 5, 6, 7]> : vector<8xi32>
// CHECK:         %[[LIMIT:.*]] = arith.index_cast %{{.*}} : index to i32
// CHECK-NEXT:    %[[LIMITS:.*]] = vector.broadcast %[[LIMIT]]
// CHECK-NEXT:    arith.cmpi sge, %[[LIMITS]], %[[IOTA]] : vector<8xi32>
// CHECK-NOT:     vector<8xindex>
func.func @positions(%x: memref<16x64xf32>, %offset: index) {
  %low = arith.constant 0xFF800000 : f32
  linalg.generic {indexing_maps = [#id], iterator_types = ["parallel", "parallel"]}
      outs(%x : memref<16x64xf32>) {
  ^bb0(%a: f32):
    %i = linalg.index 0 : index
    %j = linalg.index 1 : index
    %row = arith.addi %i, %offset : index
    %seen = arith.cmpi sle, %j, %row : index
    %y = arith.select %seen, %a, %low : f32
    linalg.yield %y : f32
  }
  return
}

// -----

// A load of the body at consecutive positions is a vector load, one at a
// position that no lane changes is a scalar load, any other goes lane by lane.

#id = affine_map<(i, j) -> (i, j)>
// CHECK-LABEL: func @loads
// CHECK:         vector.load %arg1
// CHECK:         %[[ONE:.*]] = memref.load %arg2
// CHECK-COUNT-8: memref.load %arg3
// CHECK:         vector.from_elements
// CHECK:         vector.broadcast %[[ONE]]
func.func @loads(%x: memref<16x8xf32>, %bias: memref<?x?xf32>, %slope: memref<?xf32>, %table: memref<?xf32>) {
  linalg.generic {indexing_maps = [#id], iterator_types = ["parallel", "parallel"]}
      outs(%x : memref<16x8xf32>) {
  ^bb0(%a: f32):
    %i = linalg.index 0 : index
    %j = linalg.index 1 : index
    %c2 = arith.constant 2 : index
    %k = arith.muli %j, %c2 : index
    %b = memref.load %bias[%i, %j] : memref<?x?xf32>
    %s = memref.load %slope[%i] : memref<?xf32>
    %t = memref.load %table[%k] : memref<?xf32>
    %0 = arith.addf %a, %b : f32
    %1 = arith.mulf %0, %s : f32
    %2 = arith.addf %1, %t : f32
    linalg.yield %2 : f32
  }
  return
}

// -----

// Narrow elements: the widest type of the body has as many lanes as fit.

#id = affine_map<(i) -> (i)>
// CHECK-LABEL: func @narrow
// CHECK:         vector.load {{.*}} vector<8xbf16>
// CHECK:         arith.extf {{.*}} : vector<8xbf16> to vector<8xf32>
// CHECK-LABEL: func @narrow_copy
// CHECK:         vector.load {{.*}} vector<16xbf16>
// There are no masked stores of narrow elements.
// CHECK-LABEL: func @narrow_rest
// CHECK:         vector.store
// CHECK-NOT:     vector.maskedstore
// CHECK:         scf.for
// CHECK:           memref.load
// CHECK:           memref.store
func.func @narrow(%x: memref<64xbf16>, %y: memref<64xf32>) {
  linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel"]}
      ins(%x : memref<64xbf16>) outs(%y : memref<64xf32>) {
  ^bb0(%a: bf16, %b: f32):
    %c = arith.extf %a : bf16 to f32
    linalg.yield %c : f32
  }
  return
}
func.func @narrow_copy(%x: memref<64xbf16>, %y: memref<64xbf16>) {
  memref.copy %x, %y : memref<64xbf16> to memref<64xbf16>
  return
}
func.func @narrow_rest(%x: memref<67xf32>, %y: memref<67xbf16>) {
  linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel"]}
      ins(%x : memref<67xf32>) outs(%y : memref<67xbf16>) {
  ^bb0(%a: f32, %b: bf16):
    %c = arith.truncf %a : f32 to bf16
    linalg.yield %c : bf16
  }
  return
}

// -----

// Bodies that cannot run on vectors, results that are not contiguous and
// buffers of i1, which have a byte for an element, go to scalar loops.

#id = affine_map<(i) -> (i)>
// CHECK-LABEL: func @region_in_body
// CHECK-NOT:     vector
// CHECK:         scf.if
// CHECK-LABEL: func @strided_result
// CHECK-NOT:     vector
// CHECK-LABEL: func @bits
// CHECK-NOT:     vector
// CHECK-LABEL: func @rank_zero
// CHECK-NOT:     vector
// CHECK:         memref.store
// CHECK-LABEL: func @end
func.func @region_in_body(%x: memref<64xf32>, %c: i1) {
  linalg.generic {indexing_maps = [#id], iterator_types = ["parallel"]} outs(%x : memref<64xf32>) {
  ^bb0(%a: f32):
    %i = linalg.index 0 : index
    %r = scf.if %c -> (f32) {
      %j = arith.index_cast %i : index to i32
      %f = arith.sitofp %j : i32 to f32
      scf.yield %f : f32
    } else {
      scf.yield %a : f32
    }
    linalg.yield %r : f32
  }
  return
}
func.func @strided_result(%x: memref<64xf32, strided<[2]>>, %zero: f32) {
  linalg.fill ins(%zero : f32) outs(%x : memref<64xf32, strided<[2]>>)
  return
}
func.func @bits(%x: memref<64xi1>, %true: i1) {
  linalg.fill ins(%true : i1) outs(%x : memref<64xi1>)
  return
}
func.func @rank_zero(%x: memref<f32>, %zero: f32) {
  linalg.fill ins(%zero : f32) outs(%x : memref<f32>)
  return
}
func.func @end() { return }

// -----

// Affine operations of a body are arithmetic on positions like any other;
// results that are positions themselves have 64 bits.

#id2 = affine_map<(i, p, r) -> (i, p, r)>
#id = affine_map<(i) -> (i)>
// CHECK-LABEL: func @affine_in_body
// CHECK-NOT:     affine.apply
// CHECK:         arith.select {{.*}} : vector<8xi1>, vector<8xf32>
// CHECK-LABEL: func @index_results
// CHECK-NOT:     affine.min
// CHECK:         vector.store {{.*}} vector<4xindex>
func.func @affine_in_body(%x: memref<16x4x16xf32>, %limit: i32) {
  %low = arith.constant 0xFF800000 : f32
  linalg.generic {indexing_maps = [#id2], iterator_types = ["parallel", "parallel", "parallel"]}
      outs(%x : memref<16x4x16xf32>) {
  ^bb0(%a: f32):
    %p = linalg.index 1 : index
    %r = linalg.index 2 : index
    %j = affine.apply affine_map<(p, r) -> (p * 16 + r)>(%p, %r)
    %j32 = arith.index_cast %j : index to i32
    %seen = arith.cmpi slt, %j32, %limit : i32
    %y = arith.select %seen, %a, %low : f32
    linalg.yield %y : f32
  }
  return
}
func.func @index_results(%x: memref<16xindex>, %n: index) {
  linalg.generic {indexing_maps = [#id], iterator_types = ["parallel"]} outs(%x : memref<16xindex>) {
  ^bb0(%a: index):
    %g = linalg.index 0 : index
    %b = affine.min affine_map<(g)[n] -> (g * 6, n)>(%g)[%n]
    linalg.yield %b : index
  }
  return
}

// -----

// The constants of a function fill 16 registers, so one vector at a time; a
// short body takes four.

#id = affine_map<(i) -> (i)>
// CHECK-LABEL: func @long
// CHECK:         %[[STEP:.*]] = arith.constant 8 : index
// CHECK:         scf.for {{.*}} step %[[STEP]]
// CHECK-COUNT-1: math.exp2
// CHECK-NOT:     math.exp2
// CHECK-LABEL: func @short
// CHECK-COUNT-4: arith.negf
// CHECK-NOT:     arith.negf
// WIDE-LABEL:  func @long
// WIDE-COUNT-2:  math.exp2
// WIDE-NOT:      math.exp2
// WIDE-LABEL:  func @short
// WIDE-COUNT-4:  arith.negf
// WIDE-NOT:      arith.negf
func.func @long(%x: memref<256xf32>) {
  linalg.generic {indexing_maps = [#id], iterator_types = ["parallel"]} outs(%x : memref<256xf32>) {
  ^bb0(%a: f32):
    %y = math.exp2 %a : f32
    linalg.yield %y : f32
  }
  return
}
func.func @short(%x: memref<256xf32>) {
  linalg.generic {indexing_maps = [#id], iterator_types = ["parallel"]} outs(%x : memref<256xf32>) {
  ^bb0(%a: f32):
    %y = arith.negf %a : f32
    linalg.yield %y : f32
  }
  return
}
