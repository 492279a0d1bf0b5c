// RUN: attn-opt %s --wg-pipeline-copies --canonicalize --cse | FileCheck %s
// RUN: attn-opt %s --wg-pipeline-copies=limit=20000 --remarks-filter-missed=wg-pipeline-copies 2>&1 | FileCheck %s --check-prefix=LIMIT
// RUN: attn-opt %s --wg-pipeline-copies=stages=1 | FileCheck %s --check-prefix=ONE

// The copy of the first iteration starts in front of the loop, that of the next
// one in each iteration, if there is a next one.
// CHECK-LABEL: func @loop
// CHECK-SAME: (%[[M:[^:]*]]: memref<?x64xbf16>, %{{.*}}: !wg.shared<64x64xbf16>, %{{.*}}: !wg.tile<64x64xf32>, %[[N:.*]]: index)
// LIMIT: remark: {{.*}}no-room{{.*}}24576 bytes of shared memory and 8192 more for 2 stages exceed 20000
// LIMIT-LABEL: func @loop
// LIMIT-NOT: wg.copy_async
// ONE-LABEL: func @loop
// ONE-NOT: wg.copy_async
func.func @loop(%m: memref<?x64xbf16>, %q: !wg.shared<64x64xbf16>, %acc: !wg.tile<64x64xf32>, %n: index) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c64 = arith.constant 64 : index
  gpu.launch blocks(%bx, %by, %bz) in (%gx = %c1, %gy = %c1, %gz = %c1) threads(%tx, %ty, %tz) in (%nx = %c1, %ny = %c1, %nz = %c1) {
    // CHECK: gpu.launch
    %p = wg.copy %m[] from %c0 : memref<?x64xbf16> -> !wg.shared<64x64xbf16>
    // CHECK: %[[RING:.*]] = wg.make_ring : <2, 64x64xbf16>
    // CHECK: %[[ANY:.*]] = arith.cmpi sgt, %[[N]], %c0
    // CHECK: %[[FIRST:.*]] = wg.slot %[[RING]][%{{.*}}]
    // CHECK: scf.if %[[ANY]] {
    // CHECK-NEXT: wg.copy_async %[[M]][] from %{{.*}} into %[[FIRST]]
    // CHECK: }
    // CHECK: wg.commit_copies
    // CHECK: scf.for %[[I:.*]] = %c0 to %[[N]] step %c1 iter_args(%[[ACC:.*]] = %{{.*}}, %[[TILE:.*]] = %[[FIRST]])
    %r = scf.for %i = %c0 to %n step %c1 iter_args(%a = %acc) -> (!wg.tile<64x64xf32>) {
      // CHECK: %[[NEXT:.*]] = arith.addi %[[I]], %c1
      // CHECK: %[[ROW:.*]] = arith.muli %[[NEXT]], %c64
      // CHECK: %[[SLOT:.*]] = wg.slot %[[RING]]
      // CHECK: scf.if %{{.*}} {
      // CHECK-NEXT: wg.copy_async %[[M]][] from %[[ROW]] into %[[SLOT]]
      // CHECK: }
      // CHECK: wg.commit_copies
      // CHECK-NEXT: wg.wait_copies 1
      // CHECK-NEXT: %[[D:.*]] = wg.mma %{{.*}}, %[[TILE]], %[[ACC]]
      // A copy that depends on what is computed stays.
      // CHECK: wg.copy %[[M]]
      // CHECK: scf.yield %{{.*}}, %[[SLOT]]
      %row = arith.muli %i, %c64 : index
      %k = wg.copy %m[] from %row : memref<?x64xbf16> -> !wg.shared<64x64xbf16>
      %s = wg.mma %q, %k, %a : !wg.shared<64x64xbf16>, !wg.shared<64x64xbf16>, !wg.tile<64x64xf32>
      %at = memref.dim %m, %c0 : memref<?x64xbf16>
      %found = func.call @find(%s) : (!wg.tile<64x64xf32>) -> index
      %v = wg.copy %m[] from %found : memref<?x64xbf16> -> !wg.shared<64x64xbf16>
      %t = wg.mma %p, %v, %s : !wg.shared<64x64xbf16>, !wg.shared<64x64xbf16>, !wg.tile<64x64xf32>
      scf.yield %t : !wg.tile<64x64xf32>
    }
    gpu.terminator
  }
  return
}
func.func private @find(!wg.tile<64x64xf32>) -> index
