// RUN: attn-opt %s --pass-pipeline='builtin.module(gpu.module(convert-wg-to-nvvm))' --split-input-file --verify-diagnostics

gpu.module @m {
  // expected-error@+1 {{expected 'known_block_size': the layout of tiles depends on the number of threads}}
  gpu.func @threads(%v: f32) kernel {
    %t = wg.splat %v : f32 -> !wg.tile<64x8xf32>
    gpu.return
  }
}

// -----

gpu.module @m {
  // expected-error@+1 {{expected a block of whole warps, got 48 threads}}
  gpu.func @warps(%v: f32) kernel attributes {known_block_size = array<i32: 48, 1, 1>} {
    %t = wg.splat %v : f32 -> !wg.tile<64x8xf32>
    gpu.return
  }
}

// -----

gpu.module @m {
  gpu.func @tensor(%a: tensor<64x8xf32>, %i: index) kernel attributes {known_block_size = array<i32: 128, 1, 1>} {
    // expected-error@+1 {{expected memory, got a value: 'tensor<64x8xf32>'}}
    %t = wg.load %a[] from %i : tensor<64x8xf32> -> !wg.tile<64x8xf32>
    gpu.return
  }
}

// -----

gpu.module @m {
  gpu.func @offset(%a: memref<64x16xf32>, %i: index, %r: memref<64xf32>) kernel attributes {known_block_size = array<i32: 128, 1, 1>} {
    // expected-error@+1 {{expected 'wg.offset', the place of its tile in shared memory}}
    %s = wg.copy %a[] from %i : memref<64x16xf32> -> !wg.shared<64x16xf32>
    // expected-error@+1 {{expected 'wg.offset' to be a multiple of 1024, got 512}}
    %t = wg.copy %a[] from %i {wg.offset = 512 : i64} : memref<64x16xf32> -> !wg.shared<64x16xf32>
    %x = wg.load %a[] from %i : memref<64x16xf32> -> !wg.tile<64x16xf32>
    // expected-error@+1 {{expected 'wg.offset'}}
    %u = wg.to_shared %x : !wg.tile<64x16xf32> -> !wg.shared<64x16xf32>
    %y = wg.load %r[] from %i : memref<64xf32> -> !wg.tile<64xf32, rows>
    // expected-error@+1 {{expected 'wg.offset'}}
    %v = wg.relayout %y : !wg.tile<64xf32, rows> -> !wg.tile<64xf32, cols>
    gpu.return
  }
}

// -----

gpu.module @m {
  gpu.func @mma(%a: !wg.shared<64x64xf64>, %b: !wg.tile<64x64xf64>, %c: !wg.tile<64x64xf32>, %d: !wg.shared<64x64xf16>, %e: !wg.tile<64x64xf16>,
      %i: !wg.tile<64x24xf16>, %j: !wg.shared<24x64xf16>)
      kernel attributes {known_block_size = array<i32: 128, 1, 1>} {
    // expected-error@+1 {{expected operands of bf16, f16 or f32, got '!wg.shared<64x64xf64>'}}
    %0 = wg.mma %a, %a, %b : !wg.shared<64x64xf64>, !wg.shared<64x64xf64>, !wg.tile<64x64xf64>
    // expected-error@+1 {{expected an accumulator of f32, got '!wg.tile<64x64xf16>'}}
    %1 = wg.mma %d, %d, %e : !wg.shared<64x64xf16>, !wg.shared<64x64xf16>, !wg.tile<64x64xf16>
    // expected-error@+1 {{expected k to be a multiple of 16, got 24 of '!wg.shared<24x64xf16>'}}
    %3 = wg.mma %i, %j, %c : !wg.tile<64x24xf16>, !wg.shared<24x64xf16>, !wg.tile<64x64xf32>
    gpu.return
  }
}

// -----

gpu.module @m {
  gpu.func @scratch(%t: !wg.tile<64x64xf32>, %u: !wg.tile<48x48xf32>, %v: !wg.tile<64xf32, rows>, %i: index) kernel attributes {known_block_size = array<i32: 32, 1, 1>} {
    // expected-error@+1 {{expected 'wg.offset'}}
    %0 = wg.extract %v[%i] : !wg.tile<64xf32, rows> -> f32
    // expected-error@+1 {{expected 'wg.offset'}}
    %1 = wg.tri_inverse %t : !wg.tile<64x64xf32>
    // expected-error@+1 {{expected a thread for each column, got 32 threads for '!wg.tile<64x64xf32>'}}
    %2 = wg.tri_inverse %t {wg.offset = 0 : i64} : !wg.tile<64x64xf32>
    // expected-error@+1 {{expected 16 rows times a power of two, got '!wg.tile<48x48xf32>'}}
    %3 = wg.tri_inverse %u {wg.offset = 0 : i64} : !wg.tile<48x48xf32>
    gpu.return
  }
}

// -----

gpu.module @m {
  gpu.func @roles(%d: !llvm.ptr) kernel attributes {known_block_size = array<i32: 256, 1, 1>} {
    // expected-error@+1 {{expected a block of 384 x 1 x 1 threads, got 256 x 1 x 1}}
    wg.roles producers 4 registers 40 {
      %p = arith.constant 0 : i32
    } consumers 8 registers 232 {
      wg.barrier
    }
    gpu.return
  }
}

// -----

// Roles are of warps that follow each other in the first dimension.
gpu.module @m {
  gpu.func @dimensions(%d: !llvm.ptr) kernel attributes {known_block_size = array<i32: 128, 3, 1>} {
    // expected-error@+1 {{expected a block of 384 x 1 x 1 threads, got 128 x 3 x 1}}
    wg.roles producers 4 registers 40 {
      %p = arith.constant 0 : i32
    } consumers 8 registers 232 {
      wg.barrier
    }
    gpu.return
  }
}

// -----

gpu.module @m {
  gpu.func @channel(%i: i32) kernel attributes {known_block_size = array<i32: 256, 1, 1>} {
    // expected-error@+1 {{expected 'wg.offset'}}
    %c = wg.make_channel : <2, 64x64xbf16>
    // expected-error@+1 {{expected 'wg.offset' to be a multiple of 1024, got 512}}
    %d = wg.make_channel {wg.offset = 512 : i64} : <2, 64x64xbf16>
    wg.roles producers 4 registers 40 {
      %p = arith.constant 0 : i32
    } consumers 4 registers 232 {
      wg.release %c[%i] : <2, 64x64xbf16>
      wg.release %d[%i] : <2, 64x64xbf16>
    }
    gpu.return
  }
}

// -----

gpu.module @m {
  gpu.func @start_mma(%a: !wg.shared<64x64xi16>, %c: !wg.tile<64x64xf32>) kernel attributes {known_block_size = array<i32: 128, 1, 1>} {
    // expected-error@+1 {{expected operands of bf16, f16 or f32, got '!wg.shared<64x64xi16>'}}
    %0 = wg.start_mma %a, %a, %c : !wg.shared<64x64xi16>, !wg.shared<64x64xi16>, !wg.tile<64x64xf32>
    %1 = wg.await_mma %0 pending 0 : <64x64xf32>
    gpu.return
  }
}

// -----

gpu.module @m {
  gpu.func @notes(%i: i32) kernel attributes {known_block_size = array<i32: 256, 1, 1>} {
    // expected-error@+1 {{expected 'wg.offset', the place of its tile in shared memory}}
    %c = wg.make_notes : <64>
    // expected-error@+1 {{expected 'wg.offset' to be a multiple of 8, got 1028}}
    %d = wg.make_notes {wg.offset = 1028 : i64} : <64>
    wg.roles producers 4 registers 40 {
      %p = arith.constant 0 : i32
    } consumers 4 registers 232 {
      wg.share_notes %c : <64>
      wg.share_notes %d : <64>
    }
    gpu.return
  }
}

// -----

// Warps that only copy would wait for a barrier that others do not reach.
gpu.module @m {
  gpu.func @any(%v: !wg.tile<64xf32, rows>) kernel attributes {known_block_size = array<i32: 256, 1, 1>} {
    wg.roles producers 4 registers 40 {
      %p = arith.constant 0 : i32
    } consumers 4 registers 232 {
      // expected-error@+1 {{is for all threads of a block, not for a role}}
      %a = wg.any %v : !wg.tile<64xf32, rows>
    }
    gpu.return
  }
}
