// RUN: attn-opt %s --pass-pipeline='builtin.module(gpu.module(convert-wg-to-nvvm{chip=sm_80}))' --split-input-file --verify-diagnostics
// RUN: not attn-opt %s --pass-pipeline='builtin.module(gpu.module(convert-wg-to-nvvm{chip=sm_75}))' --split-input-file 2>&1 | FileCheck %s --check-prefix=OLD
// RUN: not attn-opt %s --pass-pipeline='builtin.module(gpu.module(convert-wg-to-nvvm{chip=sm_91}))' --split-input-file 2>&1 | FileCheck %s --check-prefix=UNKNOWN

// OLD: mma-sync-invalid.mlir:{{[0-9]+}}:{{[0-9]+}}: error: GPU 'sm_75' is too old, expected sm_80 or later
// UNKNOWN: mma-sync-invalid.mlir:{{[0-9]+}}:{{[0-9]+}}: error: unknown GPU 'sm_91', expected one of {{.*}}sm_80

gpu.module @m {
  gpu.func @roles() kernel attributes {known_block_size = array<i32: 256, 1, 1>} {
    // expected-error@+1 {{needs sm_90a, where warps hand over registers and have a copy engine, got sm_80}}
    wg.roles producers 4 registers 24 {
      %x = arith.constant 0 : index
    } consumers 4 registers 240 {
      wg.barrier
    }
    gpu.return
  }
}

// -----

// The same limits as for wgmma, less those of warpgroups.
gpu.module @m {
  gpu.func @mma(%c: !wg.tile<16x64xf32>, %d: !wg.shared<64x64xf16>, %e: !wg.tile<16x64xf16>, %i: !wg.tile<16x24xf16>, %j: !wg.shared<24x64xf16>,
      %f: !wg.shared<64x64xf64>, %g: !wg.tile<16x64xf64>)
      kernel attributes {known_block_size = array<i32: 32, 1, 1>} {
    // expected-error@+1 {{expected an accumulator of f32, got '!wg.tile<16x64xf16>'}}
    %0 = wg.mma %e, %d, %e : !wg.tile<16x64xf16>, !wg.shared<64x64xf16>, !wg.tile<16x64xf16>
    // expected-error@+1 {{expected k to be a multiple of 16, got 24 of '!wg.shared<24x64xf16>'}}
    %1 = wg.mma %i, %j, %c : !wg.tile<16x24xf16>, !wg.shared<24x64xf16>, !wg.tile<16x64xf32>
    // expected-error@+1 {{expected operands of bf16, f16 or f32, got '!wg.shared<64x64xf64>'}}
    %2 = wg.mma %g, %f, %g : !wg.tile<16x64xf64>, !wg.shared<64x64xf64>, !wg.tile<16x64xf64>
    gpu.return
  }
}
