// RUN: attn-opt %s --pass-pipeline='builtin.module(gpu.module(convert-wg-to-nvvm),canonicalize,cse)' | FileCheck %s

gpu.module @kernels {
  // CHECK: llvm.mlir.global external @wg_shared_memory() {addr_space = 3 : i32, alignment = 1024 : i64} : !llvm.array<0 x i8>

  // Rows that begin at multiples of 16 bytes are copied asynchronously, 16 bytes
  // at a time; whether they do is found by the kernel. Eight chunks of a row; the
  // second chunk of a thread is 16 rows below, where the swizzle is the same.
  // CHECK-LABEL: gpu.func @wide
  // CHECK-DAG:     %[[BASE:.*]] = llvm.getelementptr %{{.*}}[1024]
  // CHECK:         %[[T:.*]] = arith.index_cast %thread_id_x : index to i32
  // CHECK:         %[[ROW:.*]] = arith.divui %[[T]], %c8_i32
  // CHECK:         %[[CHUNK:.*]] = arith.remui %[[T]], %c8_i32
  // CHECK:         memref.extract_aligned_pointer_as_index
  // CHECK:         %[[REST:.*]] = arith.andi %{{.*}}, %c15
  // CHECK:         %[[ALIGNED:.*]] = arith.cmpi eq, %[[REST]], %c0
  // CHECK:         scf.if %[[ALIGNED]] {
  // Rows that do not exist read nothing and become zero.
  // CHECK:           %[[EXISTS:.*]] = arith.cmpi slt, %[[AT:.*]], %{{.*}} : index
  // CHECK:           %[[SIZE:.*]] = arith.select %[[EXISTS]], %c16_i32, %c0_i32
  // CHECK:           arith.select %[[EXISTS]], %[[AT]], %c0
  // CHECK:           %[[XOR:.*]] = arith.xori %{{.*}}, %{{.*}}
  // CHECK:           %[[P:.*]] = llvm.getelementptr %[[BASE]]
  // CHECK:           nvvm.cp.async.shared.global %[[P]], %{{.*}}, 16, cache = cg, %[[SIZE]]
  // CHECK:           %[[P1:.*]] = llvm.getelementptr %[[P]][2048]
  // CHECK:           nvvm.cp.async.shared.global %[[P1]]
  // CHECK-NOT:       nvvm.cp.async.shared.global
  // CHECK:         } else {
  // CHECK-COUNT-16:  memref.load
  // CHECK-NOT:       memref.load
  // CHECK:         }
  // CHECK:         nvvm.cp.async.commit.group
  // CHECK:         nvvm.cp.async.wait.group 0
  // CHECK:         nvvm.fence.proxy {kind = #nvvm.proxy_kind<async.shared>, space = #nvvm.shared_space<cta>}
  gpu.func @wide(%a: memref<4x?x64xbf16>, %h: index, %i: index, %n: index)
      kernel attributes {known_block_size = array<i32: 128, 1, 1>} {
    %s = wg.copy %a[%h] from %i limit %n {wg.offset = 1024 : i64} : memref<4x?x64xbf16> -> !wg.shared<32x64xbf16>
    gpu.return
  }

  // A row of 96 bytes is three blocks of 32, of 32 rows each; six chunks do not
  // divide the threads, and the last chunks do not fill them.
  // CHECK-LABEL: gpu.func @narrow
  // CHECK:         %[[NUMBER:.*]] = arith.addi %{{.*}}, %c128_i32
  // CHECK:         arith.divui %[[NUMBER]], %c6_i32
  // CHECK:         %[[EXISTS:.*]] = arith.cmpi slt, %[[NUMBER]], %c192_i32
  // CHECK:         scf.if
  // CHECK:           scf.if %[[EXISTS]] {
  // CHECK:             nvvm.cp.async.shared.global
  // CHECK:         } else {
  gpu.func @narrow(%a: memref<32x48xf16>) kernel attributes {known_block_size = array<i32: 128, 1, 1>} {
    %c0 = arith.constant 0 : index
    %s = wg.copy %a[] from %c0 {wg.offset = 0 : i64} : memref<32x48xf16> -> !wg.shared<32x48xf16>
    gpu.return
  }

  // A limit inside of a chunk: only the bytes in front of it are read.
  // CHECK-LABEL: gpu.func @masked
  // CHECK:         %[[LEFT:.*]] = arith.subi %arg1, %[[COL:.*]] : index
  // CHECK:         %[[SOME:.*]] = arith.maxsi %[[LEFT]], %c0
  // CHECK:         %[[COUNT:.*]] = arith.minsi %[[SOME]], %c4
  // CHECK:         %[[BYTES:.*]] = arith.muli %[[COUNT]], %c4
  // CHECK:         %[[SIZE:.*]] = arith.index_cast %[[BYTES]]
  // CHECK:         nvvm.cp.async.shared.global
  gpu.func @masked(%a: memref<32x64xf32>, %n: index) kernel attributes {known_block_size = array<i32: 512, 1, 1>} {
    %c0 = arith.constant 0 : index
    %s = wg.copy %a[] from %c0 columns_from %c0 columns_limit %n {wg.offset = 0 : i64} : memref<32x64xf32> -> !wg.shared<32x64xf32>
    gpu.return
  }

  // Columns that are not contiguous are gathered.
  // CHECK-LABEL: gpu.func @gathered
  // CHECK-COUNT-8: memref.load
  // CHECK-NOT:     memref.load
  gpu.func @gathered(%a: memref<16x16xbf16, strided<[1, 16]>>) kernel attributes {known_block_size = array<i32: 32, 1, 1>} {
    %c0 = arith.constant 0 : index
    %s = wg.copy %a[] from %c0 {wg.offset = 0 : i64} : memref<16x16xbf16, strided<[1, 16]>> -> !wg.shared<16x16xbf16>
    gpu.return
  }

  // Tiles in a ring: a place is bytes behind the ring's first, copies are not
  // waited for until a wait says so, which orders them before the tensor cores.
  // CHECK-LABEL: gpu.func @ring
  // CHECK:         %[[BYTES:.*]] = arith.muli %{{.*}}, %c4096_i32
  // CHECK:         %[[SLOT:.*]] = llvm.getelementptr %{{.*}}[%[[BYTES]]]
  // CHECK:         nvvm.cp.async.shared.global
  // CHECK-NOT:     nvvm.cp.async.wait.group
  // CHECK:         nvvm.cp.async.commit.group
  // CHECK-NEXT:    nvvm.cp.async.wait.group 1
  // CHECK-NEXT:    nvvm.fence.proxy
  gpu.func @ring(%a: memref<32x64xbf16>, %i: index) kernel attributes {known_block_size = array<i32: 128, 1, 1>} {
    %c0 = arith.constant 0 : index
    %r = wg.make_ring {wg.offset = 0 : i64} : <2, 32x64xbf16>
    %t = wg.slot %r[%i] : <2, 32x64xbf16> -> <32x64xbf16>
    wg.copy_async %a[] from %c0 into %t : memref<32x64xbf16> -> <32x64xbf16>
    wg.commit_copies
    wg.wait_copies 1
    gpu.return
  }
}
