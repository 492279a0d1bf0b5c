// RUN: attn-opt %s --pass-pipeline='builtin.module(gpu.module(convert-wg-to-nvvm),canonicalize,cse)' | FileCheck %s

// Two bands of each of two warps: rows 16 w + t / 4, 8 below, and 32 further.
// Rows of a map to rows are both of its indices. A store computes rows again, from
// a number of the thread that nothing is known about.

gpu.module @kernels {
  // CHECK-LABEL: gpu.func @positions
  // CHECK:         %[[T:.*]] = gpu.thread_id x
  // CHECK:         %[[W:.*]] = arith.divui %[[T]], %c32
  // CHECK:         %[[W16:.*]] = arith.muli %[[W]], %c16
  // CHECK:         %[[LANE:.*]] = arith.remui %[[T]], %c32
  // CHECK:         %[[R:.*]] = arith.divui %[[LANE]], %c4
  // CHECK:         %[[ROW:.*]] = arith.addi %[[W16]], %[[R]]
  // CHECK:         %[[ROW8:.*]] = arith.addi %[[ROW]], %c8
  // CHECK:         %[[ROW32:.*]] = arith.addi %[[ROW]], %c32
  // CHECK:         %[[ROW40:.*]] = arith.addi %[[ROW]], %c40
  // CHECK:         %[[V:.*]] = arith.muli %[[ROW]], %[[ROW]]
  // CHECK:         %[[V8:.*]] = arith.muli %[[ROW8]], %[[ROW8]]
  // CHECK:         %[[V32:.*]] = arith.muli %[[ROW32]], %[[ROW32]]
  // CHECK:         %[[V40:.*]] = arith.muli %[[ROW40]], %[[ROW40]]
  // CHECK:         %[[T32:.*]] = arith.index_cast %[[T]] : index to i32
  // CHECK:         %[[HIDDEN:.*]] = llvm.inline_asm has_side_effects {{.*}} "", "=r,0,~{memory}" %[[T32]]
  // CHECK:         %[[S:.*]] = arith.index_cast %[[HIDDEN]] : i32 to index
  // CHECK:         arith.divui %[[S]], %c32
  // CHECK:         %[[AT:.*]] = arith.addi
  // CHECK:         scf.if
  // CHECK:           memref.store %[[V]], %{{.*}}[%[[AT]]]
  // CHECK:         %[[AT8:.*]] = arith.addi %[[AT]], %c8
  // CHECK:         scf.if
  // CHECK:           memref.store %[[V8]], %{{.*}}[%[[AT8]]]
  // CHECK:         %[[AT32:.*]] = arith.addi %[[AT]], %c32
  // CHECK:         scf.if
  // CHECK:           memref.store %[[V32]], %{{.*}}[%[[AT32]]]
  // CHECK:         %[[AT40:.*]] = arith.addi %[[AT]], %c40
  // CHECK:         scf.if
  // CHECK:           memref.store %[[V40]], %{{.*}}[%[[AT40]]]
  gpu.func @positions(%o: memref<64xindex>) kernel attributes {known_block_size = array<i32: 64, 1, 1>} {
    %c0 = arith.constant 0 : index
    %m = wg.map -> !wg.tile<64xindex, rows> {
    ^bb0(%i: index, %j: index):
      %x = arith.muli %i, %j : index
      wg.yield %x : index
    }
    wg.store %m into %o[] from %c0 : !wg.tile<64xindex, rows> into memref<64xindex>
    gpu.return
  }

  // Bands repeat where there are more warps than bands, or not a multiple.
  // CHECK-LABEL: gpu.func @repeated
  // CHECK:         %[[T:.*]] = gpu.thread_id x
  // CHECK:         %[[W:.*]] = arith.divui %[[T]], %c32
  // CHECK:         %[[B0:.*]] = arith.remui %[[W]], %c3
  // CHECK:         arith.muli %[[B0]], %c16
  // CHECK:         %[[W2:.*]] = arith.addi %[[W]], %c2
  // CHECK:         %[[B1:.*]] = arith.remui %[[W2]], %c3
  // CHECK:         arith.muli %[[B1]], %c16
  gpu.func @repeated(%o: memref<48xindex>) kernel attributes {known_block_size = array<i32: 64, 1, 1>} {
    %c0 = arith.constant 0 : index
    %m = wg.map -> !wg.tile<48xindex, rows> {
    ^bb0(%i: index, %j: index):
      wg.yield %i : index
    }
    wg.store %m into %o[] from %c0 : !wg.tile<48xindex, rows> into memref<48xindex>
    gpu.return
  }

  // A matrix from a matrix, rows and columns; bodies may have regions. The
  // elements are (r, c), (r, c + 1), (r + 8, c), (r + 8, c + 1).
  // CHECK-LABEL: gpu.func @broadcast
  // CHECK-DAG:     %[[A:.*]]:2 = vector.to_elements %{{.*}} : vector<2xf32>
  // CHECK:         scf.if %{{.*}} -> (f32)
  // CHECK:         scf.if %{{.*}} -> (f32)
  // CHECK:         scf.if %{{.*}} -> (f32)
  // CHECK:         scf.if %{{.*}} -> (f32)
  // CHECK-NOT:     wg.
  // CHECK-NOT:     unrealized_conversion_cast
  gpu.func @broadcast(%a: memref<64x8xf32>, %r: memref<64xf32>, %c: memref<8xf32>, %n: index)
      kernel attributes {known_block_size = array<i32: 128, 1, 1>} {
    %c0 = arith.constant 0 : index
    %zero = arith.constant 0.0 : f32
    %x = wg.load %a[] from %c0 : memref<64x8xf32> -> !wg.tile<64x8xf32>
    %y = wg.load %r[] from %c0 : memref<64xf32> -> !wg.tile<64xf32, rows>
    %z = wg.load %c[] from %c0 : memref<8xf32> -> !wg.tile<8xf32, cols>
    %m = wg.map ins(%x, %y, %z : !wg.tile<64x8xf32>, !wg.tile<64xf32, rows>, !wg.tile<8xf32, cols>) -> !wg.tile<64x8xf32> {
    ^bb0(%i: index, %j: index, %p: f32, %q: f32, %s: f32):
      %in = arith.cmpi slt, %i, %j : index
      %v = scf.if %in -> f32 {
        %u = arith.mulf %p, %q : f32
        scf.yield %u : f32
      } else {
        %u = memref.load %c[%j] : memref<8xf32>
        %w = arith.addf %u, %s : f32
        scf.yield %w : f32
      }
      wg.yield %v : f32
    }
    wg.store %m into %a[] from %c0 : !wg.tile<64x8xf32> into memref<64x8xf32>
    gpu.return
  }

  // Loops and conditions carry the vectors.
  // CHECK-LABEL: gpu.func @carried
  // CHECK:         scf.for {{.*}} -> (vector<4xf32>)
  // CHECK:           scf.if %{{.*}} -> (vector<4xf32>)
  // CHECK:         arith.select %{{.*}}, %{{.*}}, %{{.*}} : vector<4xf32>
  gpu.func @carried(%a: memref<64x8xf32>, %n: index, %p: i1) kernel attributes {known_block_size = array<i32: 128, 1, 1>} {
    %c0 = arith.constant 0 : index
    %c1 = arith.constant 1 : index
    %x = wg.load %a[] from %c0 : memref<64x8xf32> -> !wg.tile<64x8xf32>
    %y = scf.for %i = %c0 to %n step %c1 iter_args(%s = %x) -> (!wg.tile<64x8xf32>) {
      %t = scf.if %p -> !wg.tile<64x8xf32> {
        %m = wg.map ins(%s : !wg.tile<64x8xf32>) -> !wg.tile<64x8xf32> {
        ^bb0(%r: index, %c: index, %e: f32):
          %f = arith.mulf %e, %e : f32
          wg.yield %f : f32
        }
        scf.yield %m : !wg.tile<64x8xf32>
      } else {
        scf.yield %s : !wg.tile<64x8xf32>
      }
      scf.yield %t : !wg.tile<64x8xf32>
    }
    %z = arith.select %p, %x, %y : !wg.tile<64x8xf32>
    wg.store %z into %a[] from %c0 : !wg.tile<64x8xf32> into memref<64x8xf32>
    gpu.return
  }

  // The elements of the thread, the quad, the initial value.
  // CHECK-LABEL: gpu.func @reduce
  // CHECK-SAME:    %[[I:[^:]*]]: f32
  // CHECK:         %[[M:.*]] = arith.maxnumf
  // CHECK:         %[[S1:.*]], %{{.*}} = gpu.shuffle xor %[[M]], %c1
  // CHECK:         %[[M1:.*]] = arith.maxnumf %[[M]], %[[S1]]
  // CHECK:         %[[S2:.*]], %{{.*}} = gpu.shuffle xor %[[M1]], %c2
  // CHECK:         %[[M2:.*]] = arith.maxnumf %[[M1]], %[[S2]]
  // CHECK:         %[[R:.*]] = arith.maxnumf %[[I]], %[[M2]]
  gpu.func @reduce(%v: f32, %a: memref<64x8xf32>, %o: memref<64xf32>) kernel attributes {known_block_size = array<i32: 128, 1, 1>} {
    %c0 = arith.constant 0 : index
    %x = wg.load %a[] from %c0 : memref<64x8xf32> -> !wg.tile<64x8xf32>
    %i = wg.splat %v : f32 -> !wg.tile<64xf32, rows>
    %r = wg.reduce <maxnumf> %x, %i : !wg.tile<64x8xf32>, !wg.tile<64xf32, rows>
    wg.store %r into %o[] from %c0 : !wg.tile<64xf32, rows> into memref<64xf32>
    gpu.return
  }

  // Columns c, c + 8, ... of the thread's alone, beginning with the initial value.
  // CHECK-LABEL: gpu.func @reduce_blocks
  // CHECK:         vector.load %{{.*}}[%[[R:.*]], %[[C:.*]]] {{.*}} : memref<64x24xf32>
  // CHECK-NEXT:    %[[A:.*]]:2 = vector.to_elements
  // CHECK-NEXT:    %[[C8:.*]] = arith.addi %[[C]], %c8
  // CHECK-NEXT:    vector.load %{{.*}}[%[[R]], %[[C8]]]
  // CHECK-NEXT:    %[[B:.*]]:2 = vector.to_elements
  // CHECK-NEXT:    %[[C16:.*]] = arith.addi %[[C]], %c16
  // CHECK-NEXT:    vector.load %{{.*}}[%[[R]], %[[C16]]]
  // CHECK-NEXT:    %[[D:.*]]:2 = vector.to_elements
  // CHECK:         vector.load %{{.*}}[%[[R]], %[[C]]] {{.*}} : memref<64x8xf32>
  // CHECK-NEXT:    %[[I:.*]]:2 = vector.to_elements
  // CHECK:         %[[X:.*]] = arith.addf %[[A]]#0, %[[D]]#0
  // CHECK-NEXT:    %[[Y:.*]] = arith.addf %[[B]]#0, %[[I]]#0
  // CHECK-NEXT:    %[[S0:.*]] = arith.addf %[[X]], %[[Y]]
  // CHECK-NEXT:    %[[X:.*]] = arith.addf %[[A]]#1, %[[D]]#1
  // CHECK-NEXT:    %[[Y:.*]] = arith.addf %[[B]]#1, %[[I]]#1
  // CHECK-NEXT:    %[[S1:.*]] = arith.addf %[[X]], %[[Y]]
  // CHECK-NOT:     gpu.shuffle
  // CHECK:         vector.from_elements %[[S0]], %[[S1]]
  gpu.func @reduce_blocks(%a: memref<64x24xf32>, %o: memref<64x8xf32>) kernel attributes {known_block_size = array<i32: 128, 1, 1>} {
    %c0 = arith.constant 0 : index
    %x = wg.load %a[] from %c0 : memref<64x24xf32> -> !wg.tile<64x24xf32>
    %i = wg.load %o[] from %c0 : memref<64x8xf32> -> !wg.tile<64x8xf32>
    %r = wg.reduce_blocks <add> %x, %i : !wg.tile<64x24xf32>, !wg.tile<64x8xf32>
    wg.store %r into %o[] from %c0 : !wg.tile<64x8xf32> into memref<64x8xf32>
    gpu.return
  }

  // Among consumers, positions in a matrix are computed where they are used, from a
  // number of the thread that nothing is known about; for all warps they are not.
  // CHECK-LABEL: gpu.func @positions_of_consumers
  // CHECK:         nvvm.setmaxregister increase
  // CHECK:         scf.for
  // CHECK:           %[[HIDDEN:.*]] = llvm.inline_asm has_side_effects {{.*}} "", "=r,0,~{memory}"
  // CHECK:           %[[T:.*]] = arith.index_cast %[[HIDDEN]] : i32 to index
  // CHECK:           arith.remui %[[T]], %c4
  // CHECK:           arith.cmpi slt, %{{.*}}, %{{.*}} : index
  // CHECK-LABEL: gpu.func @positions_of_all
  // CHECK:         scf.for
  // CHECK-NOT:     llvm.inline_asm
  // CHECK:         scf.yield
  gpu.func @positions_of_consumers(%a: memref<64x8xf32>, %n: index) kernel attributes {known_block_size = array<i32: 256, 1, 1>} {
    %c0 = arith.constant 0 : index
    %c1 = arith.constant 1 : index
    wg.roles producers 4 registers 24 {
      %p = arith.constant 0 : i32
    } consumers 4 registers 240 {
      %x = wg.load %a[] from %c0 : memref<64x8xf32> -> !wg.tile<64x8xf32>
      %y = scf.for %i = %c0 to %n step %c1 iter_args(%s = %x) -> (!wg.tile<64x8xf32>) {
        %m = wg.map ins(%s : !wg.tile<64x8xf32>) -> !wg.tile<64x8xf32> {
        ^bb0(%r: index, %c: index, %e: f32):
          %in = arith.cmpi slt, %c, %i : index
          %f = arith.addf %e, %e : f32
          %g = arith.select %in, %e, %f : f32
          wg.yield %g : f32
        }
        scf.yield %m : !wg.tile<64x8xf32>
      }
      wg.store %y into %a[] from %c0 : !wg.tile<64x8xf32> into memref<64x8xf32>
    }
    gpu.return
  }

  gpu.func @positions_of_all(%a: memref<64x8xf32>, %n: index) kernel attributes {known_block_size = array<i32: 128, 1, 1>} {
    %c0 = arith.constant 0 : index
    %c1 = arith.constant 1 : index
    %x = wg.load %a[] from %c0 : memref<64x8xf32> -> !wg.tile<64x8xf32>
    %y = scf.for %i = %c0 to %n step %c1 iter_args(%s = %x) -> (!wg.tile<64x8xf32>) {
      %m = wg.map ins(%s : !wg.tile<64x8xf32>) -> !wg.tile<64x8xf32> {
      ^bb0(%r: index, %c: index, %e: f32):
        %in = arith.cmpi slt, %c, %i : index
        %f = arith.addf %e, %e : f32
        %g = arith.select %in, %e, %f : f32
        wg.yield %g : f32
      }
      scf.yield %m : !wg.tile<64x8xf32>
    }
    wg.store %y into %a[] from %c0 : !wg.tile<64x8xf32> into memref<64x8xf32>
    gpu.return
  }

  // What is rounded to bf16 and widened again is rounded as the upper one of a pair,
  // whose lower one is zero: both together are the number. An f16 is no half of an f32.
  // CHECK-LABEL: gpu.func @rounded_in_place
  // CHECK:         %[[XS:.*]]:2 = vector.to_elements
  // CHECK:         %[[PAIR:.*]] = nvvm.convert.f32x2.to.bf16x2 %[[XS]]#0, %cst {rnd = #nvvm.fp_rnd_mode<rn>} : vector<2xbf16>
  // CHECK-NEXT:    %[[ROUNDED:.*]] = llvm.bitcast %[[PAIR]] : vector<2xbf16> to f32
  // CHECK-NEXT:    arith.subf %[[XS]]#0, %[[ROUNDED]] : f32
  // CHECK-COUNT-3: nvvm.convert.f32x2.to.bf16x2
  // CHECK-NOT:     arith.extf
  // CHECK:         gpu.return
  // CHECK-LABEL: gpu.func @rounded_to_half
  // CHECK-NOT:     nvvm.convert
  // CHECK:         arith.extf %{{.*}} : f16 to f32
  // CHECK:         gpu.return
  gpu.func @rounded_in_place(%a: memref<64x8xf32>) kernel attributes {known_block_size = array<i32: 128, 1, 1>} {
    %c0 = arith.constant 0 : index
    %x = wg.load %a[] from %c0 : memref<64x8xf32> -> !wg.tile<64x8xf32>
    %y = wg.map ins(%x : !wg.tile<64x8xf32>) -> !wg.tile<64x8xf32> {
    ^bb0(%r: index, %c: index, %e: f32):
      %h = arith.truncf %e : f32 to bf16
      %w = arith.extf %h : bf16 to f32
      %d = arith.subf %e, %w : f32
      wg.yield %d : f32
    }
    wg.store %y into %a[] from %c0 : !wg.tile<64x8xf32> into memref<64x8xf32>
    gpu.return
  }
  gpu.func @rounded_to_half(%a: memref<64x8xf32>) kernel attributes {known_block_size = array<i32: 128, 1, 1>} {
    %c0 = arith.constant 0 : index
    %x = wg.load %a[] from %c0 : memref<64x8xf32> -> !wg.tile<64x8xf32>
    %y = wg.map ins(%x : !wg.tile<64x8xf32>) -> !wg.tile<64x8xf32> {
    ^bb0(%r: index, %c: index, %e: f32):
      %h = arith.truncf %e : f32 to f16
      %w = arith.extf %h : f16 to f32
      %d = arith.subf %e, %w : f32
      wg.yield %d : f32
    }
    wg.store %y into %a[] from %c0 : !wg.tile<64x8xf32> into memref<64x8xf32>
    gpu.return
  }
}
