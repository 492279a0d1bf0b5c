// RUN: not attn-opt %s --attn-io-report="cpu=x86-64-v3 chip=sm_90a" 2>&1 | FileCheck %s --check-prefix=BOTH
// RUN: not attn-opt %s --attn-io-report="threads=4 chip=sm_90a" 2>&1 | FileCheck %s --check-prefix=THREADS
// RUN: not attn-opt %s --attn-io-report="chip=sm_91" 2>&1 | FileCheck %s --check-prefix=CHIP
// RUN: not attn-opt %s --attn-io-report="chip=sm_75" 2>&1 | FileCheck %s --check-prefix=OLD
// RUN: not attn-opt %s --attn-io-report="chip=sm_90a format=xml" 2>&1 | FileCheck %s --check-prefix=FORMAT
// RUN: attn-opt %s --attn-io-report="chip=sm_90a" --split-input-file --verify-diagnostics -o /dev/null

// BOTH: gpu-io-report-invalid.mlir:{{.*}} error: expected a CPU or a GPU, got cpu 'x86-64-v3' and chip 'sm_90a'
// THREADS: gpu-io-report-invalid.mlir:{{.*}} error: expected threads for a CPU only, got 4 and chip 'sm_90a'
// CHIP: gpu-io-report-invalid.mlir:{{.*}} error: unknown GPU 'sm_91', expected one of
// OLD: gpu-io-report-invalid.mlir:{{.*}} error: GPU 'sm_75' is too old, expected sm_80 or later
// FORMAT: error: expected the format table or json, got 'xml'

func.func @too_wide(%q: tensor<1x8x64x576xbf16>, %v: tensor<1x8x64x512xbf16>, %o: tensor<1x8x64x512xbf16>) -> tensor<1x8x64x512xbf16> {
  // expected-error @below {{fits no schedule: 64 rows of depth 576 and width 512 need 298 of 240 registers of a thread and 111616 of 232448 bytes of shared memory}}
  %r = attn.attention %q, %q, %v outs(%o) scale(0.125)
    : tensor<1x8x64x576xbf16>, tensor<1x8x64x576xbf16>, tensor<1x8x64x512xbf16> -> tensor<1x8x64x512xbf16>
  return %r : tensor<1x8x64x512xbf16>
}

// -----

func.func @dynamic(%q: tensor<1x8x64x?xbf16>, %o: tensor<1x8x64x?xbf16>) -> tensor<1x8x64x?xbf16> {
  // expected-error @below {{the widths of rows and columns must be static to choose tiles}}
  %r = attn.attention %q, %q, %q outs(%o) scale(0.125)
    : tensor<1x8x64x?xbf16>, tensor<1x8x64x?xbf16>, tensor<1x8x64x?xbf16> -> tensor<1x8x64x?xbf16>
  return %r : tensor<1x8x64x?xbf16>
}

// -----

#cpu = #attn.schedule<rows = 96, cols = 64, micro = #tile.micro_tile<rows = 6, cols = 16, lanes = 8>>
func.func @cpu(%q: tensor<1x8x64x64xbf16>, %o: tensor<1x8x64x64xbf16>) -> tensor<1x8x64x64xbf16> {
  // expected-error @below {{has a schedule with a register tile (micro), which is one for a CPU, not for sm_90a}}
  %r = attn.attention %q, %q, %q outs(%o) scale(0.125) schedule(#cpu)
    : tensor<1x8x64x64xbf16>, tensor<1x8x64x64xbf16>, tensor<1x8x64x64xbf16> -> tensor<1x8x64x64xbf16>
  return %r : tensor<1x8x64x64xbf16>
}
