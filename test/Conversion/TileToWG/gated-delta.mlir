// A gated delta rule goes through the same passes as a softmax. The state is
// carried in registers and stored to shared memory as an operand; running sums
// are had by column, moved to rows and read by all threads.

// RUN: attn-opt %S/../../Integration/GPU/Inputs/gated-delta.mlir --attn-lower-to-nvvm=stop-after=wg | FileCheck %s

// CHECK-LABEL: func @gated_delta
// CHECK:       scf.forall (%[[H:.*]]) in
// A tile of zeros that was made in front of the loop is made in it.
// CHECK:         %[[ZERO:.*]] = wg.splat %{{.*}} : f32 -> <64x64xf32>
// CHECK:         %[[S0:.*]] = wg.load %{{.*}}[%[[H]]] from %{{.*}} : tensor<?x64x64xf32> -> <64x64xf32>
// CHECK:         %[[LOOP:.*]]:2 = scf.for {{.*}} iter_args(%{{.*}} = %{{.*}}, %[[S:.*]] = %[[S0]]) -> (tensor<?x64xbf16>, !wg.tile<64x64xf32>)
// CHECK-DAG:       %[[Q:.*]] = wg.copy %arg0[%[[H]]]
// CHECK-DAG:       %[[K:.*]] = wg.copy %arg1[%[[H]]]
// CHECK-DAG:       %[[G:.*]] = wg.load %arg3[%[[H]]] {{.*}} -> <64xf32, cols>
// CHECK-DAG:       %[[BETA:.*]] = wg.load %arg4[%[[H]]] {{.*}} -> <64xf32, rows>
// The scan, by column; rows and the last sum come from there.
// CHECK:           %[[COLS:.*]] = wg.scan %[[G]] : <64xf32, cols>
// CHECK:           %[[C:.*]] = wg.relayout %[[COLS]] : <64xf32, cols> -> <64xf32, rows>
// CHECK:           %[[LAST:.*]] = wg.extract %[[COLS]][%c63] : <64xf32, cols> -> f32
// The state as an operand.
// CHECK:           %[[S16:.*]] = wg.map ins(%[[S]] : !wg.tile<64x64xf32>) -> !wg.tile<64x64xbf16>
// CHECK:           %[[SS:.*]] = wg.to_shared %[[S16]]
// CHECK:           %[[KK:.*]] = wg.mma %[[K]], %[[K]] transposed, %[[ZERO]]
// CHECK:           %[[A:.*]] = wg.map ins(%[[KK]], %[[BETA]], %[[C]], %[[COLS]] :
// CHECK:           %[[T:.*]] = wg.tri_inverse %[[A]] : <64x64xf32>
// CHECK:           %[[T16:.*]] = wg.map ins(%[[T]] :
// CHECK:           %[[KS:.*]] = wg.mma %[[K]], %[[SS]], %[[ZERO]]
// Values are no operand of a product: read to registers, where they are needed.
// CHECK:           %[[V:.*]] = wg.load %arg2[%[[H]]] {{.*}} -> <64x64xbf16>
// CHECK:           %[[RHS:.*]] = wg.map ins(%[[V]], %[[KS]], %[[C]], %[[BETA]] :
// CHECK:           %[[RHSS:.*]] = wg.to_shared %[[RHS]]
// CHECK:           %[[X:.*]] = wg.mma %[[T16]], %[[RHSS]], %[[ZERO]] : !wg.tile<64x64xbf16>, <64x64xbf16>, <64x64xf32>
// CHECK:           %[[X16:.*]] = wg.map ins(%[[X]] :
// CHECK:           %[[XS:.*]] = wg.to_shared %[[X16]]
// CHECK:           %[[QK:.*]] = wg.mma %[[Q]], %[[K]] transposed, %[[ZERO]]
// CHECK:           %[[P:.*]] = wg.map ins(%[[QK]], %[[C]], %[[COLS]] :
// CHECK:           %[[QS:.*]] = wg.mma %[[Q]], %[[SS]], %[[ZERO]]
// CHECK:           %[[DECAYED:.*]] = wg.map ins(%[[QS]], %[[C]] :
// CHECK:           wg.mma %[[P]], %[[XS]], %[[DECAYED]]
// CHECK:           wg.store
// Keys are in shared memory already: read from there, where they are needed.
// CHECK:           %[[KR:.*]] = wg.from_shared %[[K]]
// CHECK-NEXT:      %[[KD:.*]] = wg.map ins(%[[KR]], %[[C]] :
// CHECK:             arith.subf %[[LAST]]
// CHECK:           %[[KDS:.*]] = wg.to_shared %[[KD]]
// CHECK:           %[[CARRIED:.*]] = wg.map ins(%[[S]] :
// CHECK:           %[[NEXT:.*]] = wg.mma %[[KDS]] transposed, %[[XS]], %[[CARRIED]]
// CHECK:           scf.yield %{{.*}}, %[[NEXT]]
// The last chunk may have less than 64 tokens.
// CHECK:         %[[TAIL:.*]]:2 = scf.for {{.*}} = %[[LOOP]]#0, %{{.*}} = %[[LOOP]]#1)
// CHECK:           wg.copy {{.*}} limit
// CHECK:         wg.store %[[TAIL]]#1
// CHECK:       {mapping = [#gpu.block<linear_dim_0>], wg.warps = 4 : i32}
