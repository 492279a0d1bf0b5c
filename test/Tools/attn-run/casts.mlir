// A cast to a static size says what the inputs have to be, and nothing tests it when
// it runs. A slice whose sizes are operands is no such claim.

// RUN: attn-run %s --entry=state --random-inputs=1 --dims=8,16,16 --check | FileCheck %s
// RUN: not attn-run %s --entry=state --random-inputs=1 --dims=8,16,15 2>&1 | FileCheck %s --check-prefix=SIZE
// RUN: attn-run %s --entry=slice --random-inputs=1 --dims=8 --check | FileCheck %s
// CHECK: ok
// SIZE: casts.mlir:[[# @LINE + 7]]:8: error: 'tensor.cast' op of what is 'tensor<1x2x16x15xf32>' here to 'tensor<1x2x16x16xf32>'
// SIZE: error: the sizes of the inputs do not fit together

!keys = tensor<1x2x?x16xf32>
!state = tensor<1x2x16x16xf32>

func.func @state(%q: !keys, %s: tensor<1x2x?x?xf32>) -> !keys {
  %t = tensor.cast %s : tensor<1x2x?x?xf32> to !state
  %c2 = arith.constant 2 : index
  %n = tensor.dim %q, %c2 : !keys
  %o = tensor.empty(%n) : !keys
  %r = attn.recurrence %q, %q, %q outs(%o) scale(1.0) init(%t : !state) : !keys, !keys, !keys -> !keys
  return %r : !keys
}

func.func @slice(%q: !keys) -> tensor<1x2x?x32xf32> {
  %c2 = arith.constant 2 : index
  %zero = arith.constant 0.0 : f32
  %n = tensor.dim %q, %c2 : !keys
  %e = tensor.empty(%n) : tensor<1x2x?x32xf32>
  %f = linalg.fill ins(%zero : f32) outs(%e : tensor<1x2x?x32xf32>) -> tensor<1x2x?x32xf32>
  %r = tensor.insert_slice %q into %f[0, 0, 0, 16] [1, 2, %n, 16] [1, 1, 1, 1] : !keys into tensor<1x2x?x32xf32>
  return %r : tensor<1x2x?x32xf32>
}
