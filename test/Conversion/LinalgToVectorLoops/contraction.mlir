// RUN: attn-opt %s --split-input-file --convert-linalg-to-vector-loops --canonicalize --cse | FileCheck %s
// RUN: attn-opt %s --split-input-file --convert-linalg-to-vector-loops="lanes-bits=512 registers=32" --canonicalize --cse | FileCheck %s --check-prefix=WIDE

// A packed right-hand side: panels outside, groups of rows inside, twelve
// accumulators that the k-loop carries, nothing stored in it.

#a = affine_map<(i, p, r, k) -> (i, k)>
#b = affine_map<(i, p, r, k) -> (p, k, r)>
#c = affine_map<(i, p, r, k) -> (i, p, r)>
// CHECK-LABEL: func @packed
// CHECK:         scf.for %[[P:.*]] = %c0 to %c4
// CHECK:           scf.for %[[I:.*]] = %c0 to %c24 step %c6
// CHECK-NOT:         vector.load
// CHECK:             scf.for %[[K:.*]] = %c0 to %c64 step %c4
// CHECK-SAME:            -> (vector<8xf32>, vector<8xf32>, vector<8xf32>, vector<8xf32>, vector<8xf32>, vector<8xf32>, vector<8xf32>, vector<8xf32>, vector<8xf32>, vector<8xf32>, vector<8xf32>, vector<8xf32>)
// CHECK-COUNT-2:       vector.load %arg1[%[[P]], %[[K]]
// CHECK:               memref.load %arg0[%[[I]], %[[K]]]
// CHECK-NEXT:          vector.broadcast
// CHECK-COUNT-48:      math.fma
// CHECK-NOT:           store
// CHECK:               scf.yield
// CHECK-NEXT:        } {loop_annotation = #[[ANNOTATION:.*]]}
// CHECK-COUNT-12:    vector.store
func.func @packed(%a: memref<24x64xf32>, %b: memref<4x64x16xf32>, %c: memref<24x4x16xf32>) {
  tile.contract [#a, #b, #c] %a, %b outs(%c) overwrite
      : memref<24x64xf32>, memref<4x64x16xf32> -> memref<24x4x16xf32>
  return
}

// -----

// 32 registers: groups of 14 rows would leave a rest of 24, groups of 12 do
// not.

#a = affine_map<(i, p, r, k) -> (i, k)>
#b = affine_map<(i, p, r, k) -> (p, k, r)>
#c = affine_map<(i, p, r, k) -> (i, p, r)>
// WIDE-LABEL: func @packed_wide
// WIDE:         scf.for
// WIDE:           scf.for {{.*}} to %c24 step %c12
// WIDE:             scf.for {{.*}} step %c4
// WIDE-COUNT-2:       vector.load {{.*}} vector<16xf32>
// WIDE-COUNT-96:      math.fma
// WIDE:             }
// WIDE-COUNT-24:    vector.store
// WIDE-NEXT:        }
func.func @packed_wide(%a: memref<24x64xf32>, %b: memref<4x64x32xf32>, %c: memref<24x4x32xf32>) {
  tile.contract [#a, #b, #c] %a, %b outs(%c) overwrite
      : memref<24x64xf32>, memref<4x64x32xf32> -> memref<24x4x32xf32>
  return
}

// -----

// The register tile of the operation goes first. Four accumulators would wait
// for each other, so odd and even steps have their own.

#a = affine_map<(i, j, k) -> (i, k)>
#b = affine_map<(i, j, k) -> (k, j)>
#c = affine_map<(i, j, k) -> (i, j)>
// CHECK-LABEL: func @micro_tile
// CHECK:         scf.for {{.*}} = %c0 to %c24 step %c8
// CHECK:           scf.for {{.*}} = %c0 to %c24 step %c4
// CHECK:             %[[SUMS:.*]]:8 = scf.for
// CHECK:             arith.addf %[[SUMS]]#0, %[[SUMS]]#4
// CHECK-COUNT-4:     vector.store
func.func @micro_tile(%a: memref<24x64xf32>, %b: memref<64x24xf32>, %c: memref<24x24xf32>) {
  tile.contract [#a, #b, #c] %a, %b outs(%c) overwrite micro(#tile.micro_tile<rows = 4, cols = 8, lanes = 8>)
      : memref<24x64xf32>, memref<64x24xf32> -> memref<24x24xf32>
  return
}

// -----

// Rests: two rows, five columns (a masked vector) and one step of k.

// CHECK-LABEL: func @rests
// CHECK-DAG:     %[[MASK:.*]] = arith.constant dense<[true, true, true, true, true, false, false, false]>
// The full tiles read the result.
// CHECK:         vector.load %arg2
// CHECK:         scf.for {{.*}} step %c4
// CHECK:           math.fma
// CHECK:         vector.maskedload %arg1{{.*}}, %[[MASK]]
// CHECK:         vector.maskedstore %arg2{{.*}}, %[[MASK]]
func.func @rests(%a: memref<8x13xf32>, %b: memref<13x21xf32>, %c: memref<8x21xf32>) {
  linalg.matmul ins(%a, %b : memref<8x13xf32>, memref<13x21xf32>) outs(%c : memref<8x21xf32>)
  return
}

// -----

// Sizes that are known at run time only.

// CHECK-LABEL: func @dynamic
// CHECK:         memref.dim
// CHECK:         vector.create_mask
func.func @dynamic(%a: memref<?x?xf32>, %b: memref<?x?xf32>, %c: memref<?x?xf32>) {
  linalg.matmul ins(%a, %b : memref<?x?xf32>, memref<?x?xf32>) outs(%c : memref<?x?xf32>)
  return
}

// -----

// Two summed dimensions that are contiguous in both operands are one loop.

#a = affine_map<(i, r, p, k) -> (i, p, k)>
#b = affine_map<(i, r, p, k) -> (p, k, r)>
#c = affine_map<(i, r, p, k) -> (i, r)>
// CHECK-LABEL: func @collapsed
// CHECK:         %[[A:.*]] = memref.collapse_shape %arg0 {{\[}}[0], [1, 2]] : memref<6x4x16xf32> into memref<6x64xf32>
// CHECK:         %[[B:.*]] = memref.collapse_shape %arg1 {{\[}}[0, 1], [2]] : memref<4x16x16xf32> into memref<64x16xf32>
// CHECK:         scf.for {{.*}} = %c0 to %c64 step %c4
// CHECK-NOT:     scf.for
func.func @collapsed(%a: memref<6x4x16xf32>, %b: memref<4x16x16xf32>, %c: memref<6x16xf32>) {
  tile.contract [#a, #b, #c] %a, %b outs(%c)
      : memref<6x4x16xf32>, memref<4x16x16xf32> -> memref<6x16xf32>
  return
}

// -----

// Groups of rows visit their own part of the columns.

#a = affine_map<(i, p, r, k) -> (i, k)>
#b = affine_map<(i, p, r, k) -> (p, k, r)>
#c = affine_map<(i, p, r, k) -> (i, p, r)>
// CHECK-LABEL: func @bounded_columns
// CHECK:         scf.for %[[P:.*]] =
// CHECK:           scf.for %[[I:.*]] =
// CHECK:             %[[G:.*]] = arith.divui %[[I]], %c6
// CHECK:             %[[LO:.*]] = memref.load %arg3[%[[G]]]
// CHECK:             %[[HI:.*]] = memref.load %arg4[%[[G]]]
// CHECK:             %[[COL:.*]] = arith.muli %[[P]], %c16
// CHECK:             %[[BEGINS:.*]] = arith.cmpi slt, %[[COL]], %[[HI]]
// CHECK:             %[[END:.*]] = arith.addi %[[COL]], %c16
// CHECK:             %[[ENDS:.*]] = arith.cmpi sgt, %[[END]], %[[LO]]
// CHECK:             %[[IN:.*]] = arith.andi %[[BEGINS]], %[[ENDS]]
// CHECK:             scf.if %[[IN]]
func.func @bounded_columns(%a: memref<24x64xf32>, %b: memref<4x64x16xf32>, %c: memref<24x4x16xf32>,
                           %lo: memref<4xindex>, %hi: memref<4xindex>) {
  tile.contract [#a, #b, #c] %a, %b outs(%c) overwrite
      bounds(%lo, %hi : memref<4xindex>, memref<4xindex>) of 2 every 6
      : memref<24x64xf32>, memref<4x64x16xf32> -> memref<24x4x16xf32>
  return
}

// -----

// Groups of rows sum over their own part of k.

#a = affine_map<(i, j, k) -> (i, k)>
#b = affine_map<(i, j, k) -> (k, j)>
#c = affine_map<(i, j, k) -> (i, j)>
// CHECK-LABEL: func @bounded_sum
// CHECK:         %[[LO:.*]] = memref.load %arg3
// CHECK:         %[[HI:.*]] = memref.load %arg4
// CHECK:         arith.maxsi %[[LO]], %c0
// CHECK:         arith.minsi %[[HI]], %c64
// CHECK:         scf.for {{.*}} step %c4
// CHECK:         scf.for {{.*}} step %c1
func.func @bounded_sum(%a: memref<24x64xf32>, %b: memref<64x16xf32>, %c: memref<24x16xf32>,
                       %lo: memref<4xindex>, %hi: memref<4xindex>) {
  tile.contract [#a, #b, #c] %a, %b outs(%c)
      bounds(%lo, %hi : memref<4xindex>, memref<4xindex>) of 2 every 6
      : memref<24x64xf32>, memref<64x16xf32> -> memref<24x16xf32>
  return
}

// -----

// The result is contiguous along the rows: the operands change places.

#a = affine_map<(i, j, k) -> (k, i)>
#b = affine_map<(i, j, k) -> (k, j)>
#c = affine_map<(i, j, k) -> (j, i)>
// CHECK-LABEL: func @swapped
// CHECK:         vector.load %arg0
// CHECK:         memref.load %arg1
func.func @swapped(%a: memref<64x16xf32>, %b: memref<64x6xf32>, %c: memref<6x16xf32>) {
  tile.contract [#a, #b, #c] %a, %b outs(%c) overwrite
      : memref<64x16xf32>, memref<64x6xf32> -> memref<6x16xf32>
  return
}

// -----

// Both operands are contiguous along the sum: dot products.

#a = affine_map<(i, j, k) -> (i, k)>
#b = affine_map<(i, j, k) -> (j, k)>
#c = affine_map<(i, j, k) -> (i, j)>
// CHECK-LABEL: func @dot
// CHECK:         scf.for {{.*}} step %c8
// CHECK-COUNT-8:   math.fma
// CHECK-COUNT-8: vector.reduction <add>, %{{.*}} fastmath<reassoc> : vector<8xf32> into f32
func.func @dot(%a: memref<1x64xf32>, %b: memref<256x64xf32>, %c: memref<1x256xf32>) {
  linalg.contract indexing_maps = [#a, #b, #c] ins(%a, %b : memref<1x64xf32>, memref<256x64xf32>) outs(%c : memref<1x256xf32>)
  return
}

// -----

// Narrow operands are widened as they are read.

// CHECK-LABEL: func @widened
// CHECK:         vector.load %arg1{{.*}} : memref<64x16xbf16>, vector<8xbf16>
// CHECK-NEXT:    arith.extf {{.*}} : vector<8xbf16> to vector<8xf32>
// CHECK:         memref.load %arg0{{.*}} : memref<6x64xbf16>
// CHECK-NEXT:    arith.extf {{.*}} : bf16 to f32
func.func @widened(%a: memref<6x64xbf16>, %b: memref<64x16xbf16>, %c: memref<6x16xf32>) {
  linalg.matmul ins(%a, %b : memref<6x64xbf16>, memref<64x16xbf16>) outs(%c : memref<6x16xf32>)
  return
}

// -----

// No operand can be read as vectors: scalar loops.

#a = affine_map<(i, j, k) -> (i, k)>
#b = affine_map<(i, j, k) -> (j, k)>
#c = affine_map<(i, j, k) -> (i, j)>
// CHECK-LABEL: func @scalar
// CHECK-NOT:     vector
// CHECK:         memref.load
// CHECK:         arith.mulf
// CHECK:         arith.addf
// CHECK-NOT:     vector
func.func @scalar(%a: memref<6x64xf32, strided<[128, 2]>>, %b: memref<16x64xf32, strided<[128, 2]>>, %c: memref<6x16xf32>) {
  tile.contract [#a, #b, #c] %a, %b outs(%c)
      : memref<6x64xf32, strided<[128, 2]>>, memref<16x64xf32, strided<[128, 2]>> -> memref<6x16xf32>
  return
}

// -----

// On tensors there is nothing to do.

// CHECK-LABEL: func @tensors
// CHECK:         linalg.matmul
func.func @tensors(%a: tensor<6x64xf32>, %b: tensor<64x16xf32>, %c: tensor<6x16xf32>) -> tensor<6x16xf32> {
  %r = linalg.matmul ins(%a, %b : tensor<6x64xf32>, tensor<64x16xf32>) outs(%c : tensor<6x16xf32>) -> tensor<6x16xf32>
  return %r : tensor<6x16xf32>
}
