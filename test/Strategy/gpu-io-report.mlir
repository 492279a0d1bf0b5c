// RUN: attn-opt %s --attn-io-report="chip=sm_90a" -o %t.mlir | FileCheck %s --check-prefix=TABLE
// RUN: attn-opt %s -o %t.plain.mlir && diff %t.plain.mlir %t.mlir
// RUN: attn-opt %s --attn-io-report="chip=sm_90a format=json" -o /dev/null | FileCheck %s --check-prefix=JSON
// RUN: attn-opt %s --attn-io-report="chip=sm_90a format=json file=%t.json" -o /dev/null
// RUN: %python -c "import json; r = json.load(open('%t.json')); print([f['function'] for f in r['folds']], r['target']['unknown'])" | FileCheck %s --check-prefix=PYTHON
// RUN: attn-opt %s --attn-io-report="chip=sm_86" -o /dev/null | FileCheck %s --check-prefix=UNKNOWN
// RUN: attn-opt %s --attn-io-report="chip=sm_86 format=json" -o /dev/null | FileCheck %s --check-prefix=NULL
// RUN: attn-opt %s --attn-io-report="chip=sm_100a" -o /dev/null | FileCheck %s --check-prefix=PARTLY

// PYTHON: ['causal', 'given', 'wide'] []

// By hand: 8 slices of 4 x 4 tiles of 128 x 128, of which a causal mask leaves
// 6 full and 4 partial. 8 * 512 * 513 / 2 pairs, of 2 * (128 + 128) operations.
// Rows in and out are 8 * 512 of 512 bytes, columns 4 * 512 of 512 bytes: 2 and
// 1 MiB. From L2 come, for each slice, 128 + 256 + 384 + 512 columns: 5 MiB.
// A tile reads its 128 rows, its columns for each of two groups, and they are
// written before: 2 * (128 * 128 + 3 * 128 * 256) bytes, 80 times.
// The longest pieces have 4 tiles, each of 2 * 128 * 128 * 256 operations: 4 *
// 2048 clocks. Exponentials take 4 * 1024 clocks, f32 takes 4 * 384, shared
// memory 4 * 1792. Of 132 * 4 tiles 80 are done.

// TABLE: sm_90a: H200 SXM, 132 multiprocessors at 1.755 GHz, 948.9 TFLOP/s, L2 60.0 MiB, HBM 4.80 TB/s
// TABLE-EMPTY:
// TABLE-NEXT: @causal: attn.attention at loc
// TABLE-NEXT: extents     batch 2, heads 4 over 2, rows 512, columns 512, depth 128, width 128
// TABLE-NEXT: work        0.538 GFLOP, 1.051 M exponentials
// TABLE-NEXT: schedule    selected: 128 x 128, 190 of 232 registers of a thread, 166912 of 232448 bytes of shared memory
// TABLE-NEXT: tiles       48 full, 32 partial, 48 empty
// TABLE-NEXT: rounds      32 pieces in 1 rounds of 32 blocks, longest first; 84.8 % idle
// TABLE-NEXT: in L2       rounds need up to 4096.0 KiB of 60.0 MiB, 0 of 1 more than there is; room for 14848 columns of each of 4 heads
// TABLE-NEXT: time        4.7 us, bound by tensor cores, 12.1 % of peak
// TABLE-NEXT: 4.7 us    tensor cores
// TABLE-NEXT: 2.3 us    exponentials
// TABLE-NEXT: 0.9 us    other arithmetic
// TABLE-NEXT: 4.1 us    shared memory
// TABLE-NEXT: 0.7 us    L2
// TABLE-NEXT: 0.7 us    HBM
// TABLE-NEXT: compulsory   3072.0 KiB       1.00 x compulsory
// TABLE-NEXT: HBM          3072.0 KiB       1.00 x compulsory
// TABLE-NEXT: read         2048.0 KiB       0.67 x compulsory
// TABLE-NEXT: written      1024.0 KiB       0.33 x compulsory
// TABLE-NEXT: L2           7168.0 KiB       2.33 x compulsory
// TABLE-NEXT: shared         17.5 MiB       5.83 x compulsory
// TABLE-NEXT: rejected    0 of 16 tiles

// JSON: "folds": [
// JSON: "assumed": []
// JSON-NEXT: "bytes": {
// JSON-NEXT: "compulsory": 3145728,
// JSON-NEXT: "hbm": 3145728,
// JSON-NEXT: "hbm_read": 2097152,
// JSON-NEXT: "hbm_written": 1048576,
// JSON-NEXT: "l2": 7340032,
// JSON-NEXT: "shared": 18350080
// JSON: "candidates": 16
// JSON-NEXT: "estimated": [],
// JSON-NEXT: "exponentials": 1050624
// JSON: "flops": 537919488
// JSON-NEXT: "function": "causal"
// JSON: "rejected": [],
// JSON: "rounds": {
// JSON-NEXT: "blocks": 32,
// JSON-NEXT: "blocks_per_multiprocessor": 1,
// JSON-NEXT: "columns_per_source": 14848,
// JSON-NEXT: "lost_rounds": 0,
// JSON-NEXT: "percent_idle": 84.8{{[0-9]*}},
// JSON-NEXT: "pieces": 32,
// JSON-NEXT: "round_bytes": 4194304,
// JSON-NEXT: "rounds": 1,
// JSON-NEXT: "sources": 4
// JSON: "schedule": {
// JSON-NEXT: "blocks": 1,
// JSON-NEXT: "cols": 128,
// JSON-NEXT: "longest_first": true,
// JSON-NEXT: "origin": "selected",
// JSON-NEXT: "registers": 190,
// JSON-NEXT: "registers_available": 232,
// JSON-NEXT: "rows": 128,
// JSON-NEXT: "shared_bytes": 166912,
// JSON-NEXT: "shared_bytes_available": 232448
// JSON: "time": {
// JSON-NEXT: "bound": "tensor",
// JSON-NEXT: "microseconds": 4.667{{[0-9]+}},
// JSON: "percent_of_peak": 12.1{{[0-9]+}}
// JSON: "function": "wide"
// JSON: "rejected": [
// JSON: "cols": 128,
// JSON-NEXT: "reason": "needs 288 of 255 registers of a thread, 33 too many",
// JSON-NEXT: "rows": 64,
// JSON-NEXT: "stages": 2
// JSON: "target": {
// JSON-NEXT: "chip": "sm_90a",
// JSON: "machine": "H200 SXM"

// UNKNOWN: sm_86: no machine
// UNKNOWN-NEXT: unknown: multiprocessors, clock, {{.*}}bandwidth of HBM
// UNKNOWN: @causal
// UNKNOWN-NOT: rounds
// UNKNOWN: time        unknown
// UNKNOWN-NEXT: compulsory   3072.0 KiB
// UNKNOWN-NEXT: HBM              unknown
// UNKNOWN: bytes of shared memory, {{[0-9]+}} too many

// NULL: "hbm": null
// NULL: "rounds": null
// NULL: "time": {
// NULL-NEXT: "microseconds_by_bound": {
// NULL-NEXT: "arithmetic": null,
// NULL: "multiprocessors": null

// PARTLY: sm_100a: B200, 148 multiprocessors, L2 126.0 MiB, HBM 8.00 TB/s
// PARTLY-NEXT: unknown: clock, rate of tensor cores, bandwidth of L2
// PARTLY: time        at least 0.4 us, bound by what is known
// PARTLY-NEXT: unknown    tensor cores
func.func @causal(%q: tensor<2x4x512x128xbf16>, %k: tensor<2x2x512x128xbf16>, %o: tensor<2x4x512x128xbf16>) -> tensor<2x4x512x128xbf16> {
  %r = attn.attention %q, %k, %k outs(%o) scale(0.125) mask(causal)
    : tensor<2x4x512x128xbf16>, tensor<2x2x512x128xbf16>, tensor<2x2x512x128xbf16> -> tensor<2x4x512x128xbf16>
  return %r : tensor<2x4x512x128xbf16>
}

// Extents known at run time only are assumed: 8 heads of 32 tiles of 64 rows.
// TABLE: @given: attn.attention at loc
// TABLE-NEXT: extents     batch 1, heads 8 over 8, rows 2048, columns 2048, depth 64, width 64
// TABLE-NEXT: assumed     batch = 1, rows = 2048, columns = 2048
// TABLE: schedule    given: 64 x 64,
// TABLE-NEXT: tiles       8192 full, 0 partial, 0 empty
// TABLE-NEXT: rounds      256 pieces in 2 rounds of 132 blocks; 3.0 % idle
// TABLE: rejected    0 of
func.func @given(%q: tensor<?x8x?x64xbf16>, %o: tensor<?x8x?x64xbf16>) -> tensor<?x8x?x64xbf16> {
  %r = attn.attention %q, %q, %q outs(%o) scale(0.125) schedule(<rows = 64, cols = 64>)
    : tensor<?x8x?x64xbf16>, tensor<?x8x?x64xbf16>, tensor<?x8x?x64xbf16> -> tensor<?x8x?x64xbf16>
  return %r : tensor<?x8x?x64xbf16>
}

// f32: nobody copies for the others, and a product is some of TF32.
// TABLE: @wide: attn.attention at loc
// TABLE: schedule    selected: 128 x 128, {{[0-9]+}} of 255 registers of a thread
// TABLE: rejected    2 of 16 tiles
// TABLE-NEXT: 64 x 128: needs 288 of 255 registers of a thread, 33 too many
// TABLE-NEXT: 64 x 112: needs 268 of 255 registers of a thread, 13 too many
func.func @wide(%q: tensor<1x8x1024x64xf32>, %o: tensor<1x8x1024x64xf32>) -> tensor<1x8x1024x64xf32> {
  %r = attn.attention %q, %q, %q outs(%o) scale(0.125)
    : tensor<1x8x1024x64xf32>, tensor<1x8x1024x64xf32>, tensor<1x8x1024x64xf32> -> tensor<1x8x1024x64xf32>
  return %r : tensor<1x8x1024x64xf32>
}
