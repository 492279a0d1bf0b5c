// Timing, JSON, threads and stages.

// RUN: attn-run %s --entry=f --input=@iota --time=3 | FileCheck %s --check-prefix=TIME
// TIME: time: median {{[0-9.]+}} ms, min {{[0-9.]+}} ms of 3 calls on {{[0-9]+}} threads (compiled in {{[0-9.]+}} ms)
// RUN: attn-run %s --entry=f --input=@iota --time | FileCheck %s --check-prefix=TIME10
// TIME10: of 10 calls

// With --json=- the standard output is JSON and nothing else.
// RUN: attn-run %s --entry=f --input=@const:inf --time=3 --print --check --threads=3 --json=- > %t.json 2> %t.err
// RUN: %python -m json.tool %t.json | FileCheck %s --check-prefix=JSON
// RUN: FileCheck %s --check-prefix=TEXT < %t.err
// TEXT: result 0: f32[4] = [inf, inf, inf, inf]
// TEXT: check: result 0 f32[4]: ok
// JSON-DAG: "check_passed": true
// JSON-DAG: "compile_ms":
// JSON-DAG: "cpu": "host"
// JSON-DAG: "entry": "f"
// JSON-DAG: "non_finite": 4
// JSON-DAG: "non_finite_expected": 4
// JSON-DAG: "median":
// JSON-DAG: "min":
// JSON-DAG: "target": "cpu"
// JSON-DAG: "threads": 3

// The number of threads: the option, else the environment, else the machine.
// RUN: env ATTN_NUM_THREADS=5 attn-run %s --entry=f --input=@iota --json=- | FileCheck %s --check-prefix=ENV
// ENV: "threads": 5
// RUN: env ATTN_NUM_THREADS=5 attn-run %s --entry=f --input=@iota --json=- --threads=2 | FileCheck %s --check-prefix=OPTION
// OPTION: "threads": 2
// RUN: env ATTN_NUM_THREADS=many attn-run %s --entry=f --input=@iota 2>&1 | FileCheck %s --check-prefix=BADENV
// BADENV: attn: ATTN_NUM_THREADS='many' is not a positive number and is ignored

// RUN: attn-run %s --entry=f --stop-after=loops --target=oracle | FileCheck %s --check-prefix=LOOPS
// LOOPS: func.func @f(%{{.*}}: memref<4xf32, strided<[1], offset: ?>>, %{{.*}}: memref<4xf32, strided<[1], offset: ?>>)
// LOOPS: scf.for
// RUN: attn-run %s --entry=f --stop-after=llvm | FileCheck %s --check-prefix=LLVM
// LLVM: llvm.func @_mlir_ciface_f
// RUN: not attn-run %s --entry=f --stop-after=tiled --target=oracle 2>&1 | FileCheck %s --check-prefix=STAGE
// STAGE: error: the oracle has no stage 'tiled'; there are loops and llvm
// RUN: not attn-run %s --entry=f --stop-after=cooked 2>&1 | FileCheck %s --check-prefix=NOSTAGE
// NOSTAGE: error: {{.*}}'cooked'

// The pass manager's options are MLIR's.
// RUN: attn-run %s --entry=f --input=@iota --mlir-print-ir-after=attn-bufferize 2>&1 | FileCheck %s --check-prefix=DUMP
// DUMP: IR Dump After {{.*}}attn-bufferize

// RUN: attn-run --help | FileCheck %s --check-prefix=HELP --implicit-check-not=aarch64 --implicit-check-not=x86-
// HELP: OVERVIEW: attn-run
// HELP: --check {{.*}}oracle
// HELP: --entry=<NAME>

func.func @f(%x: tensor<4xf32>) -> tensor<4xf32> {
  %e = tensor.empty() : tensor<4xf32>
  %r = linalg.add ins(%x, %x : tensor<4xf32>, tensor<4xf32>) outs(%e : tensor<4xf32>) -> tensor<4xf32>
  return %r : tensor<4xf32>
}
