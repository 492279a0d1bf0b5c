// RUN: attn-opt %s --convert-tile-to-lanes --canonicalize --cse | FileCheck %s

#de = affine_map<(e, d) -> (d, e)>
#d = affine_map<(e, d) -> (d)>
#e = affine_map<(e, d) -> (e)>

// A sum over the keys: two of a lane's own, then those of eight lanes.
// CHECK-LABEL: func @step
// CHECK:       scf.forall (%[[I:.*]]) in (4)
// CHECK:         %[[LANE:.*]] = gpu.thread_id x
// CHECK:         %[[COLUMN:.*]] = arith.remui %[[LANE]], %c4
// CHECK:         %[[E:.*]] = arith.muli %[[COLUMN]], %c2
// CHECK:         %[[GROUP:.*]] = arith.divui %[[LANE]], %c4
// CHECK:         %[[KEY:.*]] = arith.remui %[[GROUP]], %c8
// CHECK:         %[[D0:.*]] = arith.muli %[[KEY]], %c2
// CHECK:         %[[D1:.*]] = arith.addi %[[D0]], %c1
// CHECK:         %[[S0:.*]] = vector.transfer_read %arg0[%[[I]], %[[D0]], %[[E]]], %{{.*}} {in_bounds = [true]} : tensor<4x16x8xf32>, vector<2xf32>
// CHECK:         %[[S00:.*]] = vector.extract %[[S0]][0]
// CHECK:         %[[S01:.*]] = vector.extract %[[S0]][1]
// CHECK:         %[[S1:.*]] = vector.transfer_read %arg0[%[[I]], %[[D1]], %[[E]]]
// CHECK:         %[[S10:.*]] = vector.extract %[[S1]][0]
// CHECK:         %[[S11:.*]] = vector.extract %[[S1]][1]
// CHECK:         scf.for %[[T:.*]] = %c0 to %c3 step %c1 iter_args(%[[O:.*]] = %{{.*}}, %[[A00:.*]] = %[[S00]], %[[A01:.*]] = %[[S01]], %[[A10:.*]] = %[[S10]], %[[A11:.*]] = %[[S11]])
// CHECK:           %[[K:.*]] = vector.transfer_read %arg1[%[[I]], %[[T]], %[[D0]]]
// CHECK:           %[[K0:.*]] = vector.extract %[[K]][0]
// CHECK:           %[[K1:.*]] = vector.extract %[[K]][1]
// CHECK:           %[[P0:.*]] = arith.mulf %[[K0]], %[[A00]]
// CHECK:           %[[Q0:.*]] = arith.addf %[[P0]], %cst
// CHECK:           %[[P1:.*]] = arith.mulf %[[K1]], %[[A10]]
// CHECK:           %[[Q1:.*]] = arith.addf %[[Q0]], %[[P1]]
// CHECK:           nvvm.shfl.sync bfly %{{.*}}, %{{.*}}, %c16_i32
// CHECK:           nvvm.shfl.sync bfly %{{.*}}, %{{.*}}, %c8_i32
// CHECK:           nvvm.shfl.sync bfly %{{.*}}, %{{.*}}, %c4_i32
// CHECK:           arith.mulf %[[K0]], %[[A01]]
// CHECK:           %[[ROW:.*]] = vector.from_elements
// CHECK:           %[[W:.*]] = vector.transfer_write %[[ROW]], %[[O]][%c0, %[[T]], %[[E]]]
// What is carried is scaled by the sum of its column.
// CHECK:           scf.yield %[[W]], %{{.*}}, %{{.*}}, %{{.*}}, %{{.*}} : tensor<1x3x8xf32>, f32, f32, f32, f32
// CHECK:       } {wg.warps = 1 : i32}
func.func @step(%s: tensor<4x16x8xf32>, %k: tensor<4x3x16xf32>, %out: tensor<4x3x8xf32>) -> tensor<4x3x8xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c3 = arith.constant 3 : index
  %c16 = arith.constant 16 : index
  %zero = arith.constant 0.0 : f32
  %r = scf.forall (%i) in (4) shared_outs(%o = %out) -> tensor<4x3x8xf32> {
    %part = tensor.extract_slice %o[%i, 0, 0] [1, 3, 8] [1, 1, 1] : tensor<4x3x8xf32> to tensor<1x3x8xf32>
    %keys = tile.coords %c0 limit(%c16) complete : <16>
    %state = tile.rows %s[%i] at %keys : tensor<4x16x8xf32>, <16> -> tensor<16x8xf32>
    %e = tensor.empty() : tensor<8xf32>
    %f = linalg.fill ins(%zero : f32) outs(%e : tensor<8xf32>) -> tensor<8xf32>
    %w:2 = scf.for %t = %c0 to %c3 step %c1 iter_args(%p = %part, %before = %state) -> (tensor<1x3x8xf32>, tensor<16x8xf32>) {
      %token = tile.coords %t limit(%c3) complete : <1>
      %key = tile.rows %k[%i] at %token : tensor<4x3x16xf32>, <1> -> tensor<1x16xf32>
      %vector = tensor.collapse_shape %key [[0, 1]] : tensor<1x16xf32> into tensor<16xf32>
      %sum = linalg.generic {indexing_maps = [#d, #de, #e], iterator_types = ["parallel", "reduction"]}
          ins(%vector, %before : tensor<16xf32>, tensor<16x8xf32>) outs(%f : tensor<8xf32>) {
      ^bb0(%a: f32, %b: f32, %c: f32):
        %x = arith.mulf %a, %b : f32
        %y = arith.addf %c, %x : f32
        linalg.yield %y : f32
      } -> tensor<8xf32>
      %after = linalg.generic {indexing_maps = [#e, #de], iterator_types = ["parallel", "parallel"]}
          ins(%sum : tensor<8xf32>) outs(%before : tensor<16x8xf32>) {
      ^bb0(%a: f32, %b: f32):
        %x = arith.mulf %a, %b : f32
        linalg.yield %x : f32
      } -> tensor<16x8xf32>
      %row = tensor.expand_shape %sum [[0, 1]] output_shape [1, 8] : tensor<8xf32> into tensor<1x8xf32>
      %next = tile.insert %row into %p[%c0] at %token : tensor<1x8xf32> into tensor<1x3x8xf32>, <1>
      scf.yield %next, %after : tensor<1x3x8xf32>, tensor<16x8xf32>
    }
    scf.forall.in_parallel {
      tensor.parallel_insert_slice %w#0 into %o[%i, 0, 0] [1, 3, 8] [1, 1, 1] : tensor<1x3x8xf32> into tensor<4x3x8xf32>
    }
  } {wg.lanes = #wg.lanes<[8, 4], consecutive = [2, 2], inner = 1>}
  return %r : tensor<4x3x8xf32>
}
