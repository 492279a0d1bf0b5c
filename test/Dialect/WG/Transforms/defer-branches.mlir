// RUN: attn-opt %s --wg-specialize-warps --canonicalize --cse | FileCheck %s

// Producers do not know what is in a tile. In blocks that stay, a branch that
// depends on it is taken behind all pieces of work, for those that were noted; what
// it needs of the piece is computed and copied again.
// CHECK-LABEL: func @again
// CHECK-SAME: (%{{[^:]*}}: memref<?x64xbf16>, %[[O:[^:]*]]: memref<?x64xbf16>
// CHECK: gpu.launch
// CHECK: %[[C:.*]] = wg.make_channel
// CHECK-NEXT: %[[D:.*]] = wg.make_channel
// CHECK-NEXT: %[[N:.*]] = wg.make_notes : <1024>
// CHECK-NEXT: wg.roles

// The copy in front of the branch, then, where it was noted, that and the one inside.
// CHECK: %[[END:.*]] = scf.for %{{.*}} = %c0_i32 to %[[MINE:[^ ]*]] step %c1_i32 iter_args(%[[P:.*]] = %c0_i32) -> (i32)
// CHECK-NOT: scf.if
// CHECK: wg.acquire %[[C]][%[[P]]]
// CHECK-NOT: wg.acquire %[[D]]
// CHECK: scf.yield
// CHECK-NEXT: }
// CHECK-NEXT: wg.await_notes %[[N]]
// CHECK-NEXT: scf.for %[[I:[a-z0-9]+]] = %c0_i32 to %[[MINE]] step %c1_i32 iter_args(%[[P:.*]] = %[[END]], %[[R:.*]] = %c0_i32) -> (i32, i32)
// CHECK-NEXT: %[[NOTED:.*]] = wg.noted %[[N]][%[[I]]]
// CHECK-NEXT: scf.if %[[NOTED]] -> (i32, i32) {
// CHECK: %[[ROW:.*]] = arith.muli %{{.*}}, %c64
// CHECK: wg.acquire %[[C]][%[[P]]]
// CHECK-NEXT: wg.copy_bulk %{{.*}}[%[[ROW]], %c0] into %[[C]][%[[P]]]
// CHECK: wg.acquire %[[D]][%[[R]]]
// CHECK-NEXT: wg.copy_bulk %{{.*}}[%[[ROW]], %c0] into %[[D]][%[[R]]]
// CHECK: } else {
// CHECK-NEXT: scf.yield %[[P]], %[[R]]

// CHECK: consumers
// CHECK: scf.for %[[I:[a-z0-9]+]] = %c0_i32 to %[[MINE:[^ ]*]] step
// CHECK-NOT: wg.any
// CHECK: %[[V:.*]] = wg.load
// CHECK-NEXT: wg.note %[[V]] in %[[N]][%[[I]]]
// CHECK-NEXT: scf.yield
// CHECK-NEXT: }
// CHECK-NEXT: wg.share_notes %[[N]]
// CHECK-NEXT: scf.for %[[I:[a-z0-9]+]] = %c0_i32 to %[[MINE]] step
// CHECK-NEXT: %[[NOTED:.*]] = wg.noted %[[N]][%[[I]]]
// CHECK-NEXT: scf.if %[[NOTED]]
// CHECK-NOT: wg.load
// CHECK: %[[S:.*]] = wg.receive %[[C]]
// CHECK: %[[X:.*]] = wg.from_shared %[[S]]
// CHECK: %[[T:.*]] = wg.receive %[[D]]
// CHECK: %[[Y:.*]] = wg.from_shared %[[T]]
// CHECK: wg.store %[[X]] into %[[O]]
// CHECK-NEXT: wg.store %[[Y]] into %[[O]]
func.func @again(%m: memref<?x64xbf16>, %o: memref<?x64xbf16>, %v: memref<?xf32>, %n: index) {
  %c1 = arith.constant 1 : index
  %c64 = arith.constant 64 : index
  %c256 = arith.constant 256 : index
  gpu.launch blocks(%b, %by, %bz) in (%gx = %n, %gy = %c1, %gz = %c1) threads(%tx, %ty, %tz) in (%nx = %c256, %ny = %c1, %nz = %c1) {
    %row = arith.muli %b, %c64 : index
    %s = wg.copy %m[] from %row : memref<?x64xbf16> -> !wg.shared<64x64xbf16>
    %x = wg.from_shared %s : !wg.shared<64x64xbf16> -> !wg.tile<64x64xbf16>
    wg.store %x into %o[] from %row : !wg.tile<64x64xbf16> into memref<?x64xbf16>
    %w = wg.load %v[] from %row : memref<?xf32> -> !wg.tile<64xf32, rows>
    %any = wg.any %w : !wg.tile<64xf32, rows>
    scf.if %any {
      %y = wg.from_shared %s : !wg.shared<64x64xbf16> -> !wg.tile<64x64xbf16>
      %t = wg.copy %m[] from %row : memref<?x64xbf16> -> !wg.shared<64x64xbf16>
      %z = wg.from_shared %t : !wg.shared<64x64xbf16> -> !wg.tile<64x64xbf16>
      wg.store %y into %o[] from %row : !wg.tile<64x64xbf16> into memref<?x64xbf16>
      wg.store %z into %o[] from %row : !wg.tile<64x64xbf16> into memref<?x64xbf16>
    }
    gpu.terminator
  }
  return
}
