// RUN: attn-opt %s --attn-io-report="cpu=x86-64-v3 threads=2 format=json" -o /dev/null | FileCheck %s --check-prefix=JSON
// RUN: attn-opt %s --attn-io-report="cpu=x86-64-v3 threads=2 format=json file=%t.json" -o %t.mlir
// RUN: %python -c "import json; r = json.load(open('%t.json')); print([f['function'] for f in r['folds']], r['folds'][0]['flops'])" | FileCheck %s --check-prefix=PYTHON
// RUN: attn-opt %s --attn-io-report="cpu=x86-64-v3 threads=2" -o /dev/null | FileCheck %s --check-prefix=TABLE
// RUN: attn-opt %s -o %t.plain.mlir && diff %t.plain.mlir %t.mlir

// 1000 rows of causal attention over 1000 columns, in tiles of 96 x 256: row
// tile t sees columns below 96 t + 96 (1000 for the last); the tiles of columns
// below 96 t + 1 are full.
// TABLE: x86-64-v3, 2 threads at 3.2 GHz: 16 registers of 256 bits, L1 32.0 KiB, L2 512.0 KiB, L3
// TABLE: @causal: attn.attention at loc
// TABLE-NEXT: extents     batch 2, heads 4 over 2, rows 1000, columns 1000, depth 64, width 32
// TABLE-NEXT: work        0.769 GFLOP, 4.004 M exponentials
// TABLE-NEXT: schedule    given: 96 x 256, register tile 6 x 16, packed once, longest first
// TABLE-NEXT: tiles       128 full, 104 partial, 120 empty; 88 tasks
// TABLE-NEXT: time        {{[0-9.]+}} us, bound by fma, {{[0-9.]+}} % of peak
// TABLE-NEXT: compulsory   {{.*}} 1.00 x compulsory
// TABLE-NEXT: memory
// TABLE-NEXT: L3
// TABLE-NEXT: L2
// TABLE-NEXT: L1
// TABLE: %    multiply-adds
// TABLE: runner-up
// TABLE: rejected    {{[1-9][0-9]*}} of {{[0-9]+}} cuts
// TABLE-NEXT: {{[0-9]+}} x {{[0-9]+}} and wider: block, rows and state take {{[0-9]+}} KiB of the 256 KiB of L2 they may have
// TABLE: @bias: attn.attention at loc
// TABLE: assumed     batch = 1

// PYTHON: ['causal', 'bias'] 768768000

// Bytes: rows of 64 in and 32 out for 2 x 4 x 1000, columns of 96 for 2 x 2 x
// 1000, in f32.
// JSON: "folds": [
// JSON: "assumed": []
// JSON: "bytes": {
// JSON-NEXT: "compulsory": 4608000,
// JSON-NEXT: "l1": {{[0-9]+}},
// JSON-NEXT: "l2": {{[0-9]+}},
// JSON-NEXT: "l3": {{[0-9]+}},
// JSON-NEXT: "memory": {{[0-9]+}}
// JSON: "exponentials": 4004000
// JSON: "flops": 768768000
// JSON: "function": "causal"
// JSON: "operation": "attn.attention"
// JSON: "rejected": [
// JSON: "reason": "block, rows and state take
// JSON: "runner_up": {
// JSON: "reason":
// JSON: "schedule": {
// JSON-NEXT: "cols": 256,
// JSON-NEXT: "hoist_pack": true,
// JSON-NEXT: "longest_first": true,
// JSON-NEXT: "micro_cols": 16,
// JSON-NEXT: "micro_rows": 6,
// JSON-NEXT: "origin": "given",
// JSON-NEXT: "rows": 96
// JSON: "tasks": 88
// JSON: "tiles": {
// JSON-NEXT: "empty": 120,
// JSON-NEXT: "full": 128,
// JSON-NEXT: "partial": 104
// JSON: "time": {
// JSON-NEXT: "bound": "fma"
// JSON: "origin": "selected"
// JSON: "target": {
// JSON-NEXT: "cpu": "x86-64-v3"
func.func @causal(%q: tensor<2x4x1000x64xf32>, %k: tensor<2x2x1000x64xf32>, %v: tensor<2x2x1000x32xf32>,
    %o: tensor<2x4x1000x32xf32>) -> tensor<2x4x1000x32xf32> {
  %r = attn.attention %q, %k, %v outs(%o) scale(0.125) mask(causal)
    schedule(<rows = 96, cols = 256, micro = <rows = 6, cols = 16, lanes = 8>, longest_first = true>)
    : tensor<2x4x1000x64xf32>, tensor<2x2x1000x64xf32>, tensor<2x2x1000x32xf32> -> tensor<2x4x1000x32xf32>
  return %r : tensor<2x4x1000x32xf32>
}

func.func @bias(%q: tensor<?x4x100x64xf32>, %b: tensor<100x100xf32>, %o: tensor<?x4x100x64xf32>) -> tensor<?x4x100x64xf32> {
  %r = attn.attention %q, %q, %q outs(%o) scale(0.125) bias(%b : tensor<100x100xf32>)
    : tensor<?x4x100x64xf32>, tensor<?x4x100x64xf32>, tensor<?x4x100x64xf32> -> tensor<?x4x100x64xf32>
  return %r : tensor<?x4x100x64xf32>
}
