// The gated delta rule in the tiled level, through the same passes as softmax,
// against the recurrence token by token. Heads run side by side. Lengths: less
// than a chunk, whole chunks, a tail, nothing.

// RUN: cat %s %S/Inputs/gated-delta.mlir > %t.mlir
// RUN: %python %S/Inputs/gated_delta.py attn-run %t.mlir 0 1 63 64 65 777 | FileCheck %s
// CHECK: 6 lengths agree

// What compares them notices another sign of a decay, in front of a chunk and
// within one, and another scale.
// RUN: sed 's/arith.subf %last, %ci/arith.subf %ci, %last/' %t.mlir > %t.state.mlir
// RUN: not %python %S/Inputs/gated_delta.py attn-run %t.state.mlir 777 | FileCheck %s --check-prefix=WRONG
// RUN: sed 's/arith.subf %ci, %cj/arith.subf %cj, %ci/' %t.mlir > %t.chunk.mlir
// RUN: not %python %S/Inputs/gated_delta.py attn-run %t.chunk.mlir 64 | FileCheck %s --check-prefix=WRONG
// RUN: sed 's/0.17677669/0.17677/' %t.mlir > %t.scale.mlir
// RUN: not %python %S/Inputs/gated_delta.py attn-run %t.scale.mlir 1 | FileCheck %s --check-prefix=WRONG
// WRONG: {{output|state}} at {{.*}} exceeds

func.func @heads(%q: tensor<2x?x32xf32>, %k: tensor<2x?x32xf32>,
    %v: tensor<2x?x48xf32>, %g: tensor<2x?xf32>, %beta: tensor<2x?xf32>,
    %state: tensor<2x32x48xf32>)
    -> (tensor<2x?x48xf32>, tensor<2x32x48xf32>) {
  %c1 = arith.constant 1 : index
  %n = tensor.dim %q, %c1 : tensor<2x?x32xf32>
  %out0 = tensor.empty(%n) : tensor<2x?x48xf32>
  %last0 = tensor.empty() : tensor<2x32x48xf32>
  %r:2 = scf.forall (%h) in (2) shared_outs(%out = %out0, %last = %last0)
      -> (tensor<2x?x48xf32>, tensor<2x32x48xf32>) {
    %qh = tensor.extract_slice %q[%h, 0, 0] [1, %n, 32] [1, 1, 1] : tensor<2x?x32xf32> to tensor<?x32xf32>
    %kh = tensor.extract_slice %k[%h, 0, 0] [1, %n, 32] [1, 1, 1] : tensor<2x?x32xf32> to tensor<?x32xf32>
    %vh = tensor.extract_slice %v[%h, 0, 0] [1, %n, 48] [1, 1, 1] : tensor<2x?x48xf32> to tensor<?x48xf32>
    %gh = tensor.extract_slice %g[%h, 0] [1, %n] [1, 1] : tensor<2x?xf32> to tensor<?xf32>
    %bh = tensor.extract_slice %beta[%h, 0] [1, %n] [1, 1] : tensor<2x?xf32> to tensor<?xf32>
    %sh = tensor.extract_slice %state[%h, 0, 0] [1, 32, 48] [1, 1, 1] : tensor<2x32x48xf32> to tensor<32x48xf32>
    %oh = tensor.extract_slice %out[%h, 0, 0] [1, %n, 48] [1, 1, 1] : tensor<2x?x48xf32> to tensor<?x48xf32>
    %rh:2 = func.call @gated_delta(%qh, %kh, %vh, %gh, %bh, %sh, %oh)
      : (tensor<?x32xf32>, tensor<?x32xf32>, tensor<?x48xf32>, tensor<?xf32>, tensor<?xf32>, tensor<32x48xf32>, tensor<?x48xf32>)
      -> (tensor<?x48xf32>, tensor<32x48xf32>)
    scf.forall.in_parallel {
      tensor.parallel_insert_slice %rh#0 into %out[%h, 0, 0] [1, %n, 48] [1, 1, 1] : tensor<?x48xf32> into tensor<2x?x48xf32>
      tensor.parallel_insert_slice %rh#1 into %last[%h, 0, 0] [1, 32, 48] [1, 1, 1] : tensor<32x48xf32> into tensor<2x32x48xf32>
    }
  }
  return %r#0, %r#1 : tensor<2x?x48xf32>, tensor<2x32x48xf32>
}
