// Keys that the delta rule multiplies with each other over and over have to be of unit
// length. If not, a state grows by |k|^2 for each token until it is not finite, which
// the comparison says; and what is finite and small enough still is what it has to be.

// RUN: attn-run %s --entry=delta --input=@random --input=@const:0.25 --input=@random --input=@const:1 --dims=150 --check | FileCheck %s --check-prefix=UNIT
// RUN: attn-run %s --entry=delta --input=@random --input=@const:0.35 --input=@random --input=@const:2 --dims=9 --check | FileCheck %s --check-prefix=UNIT
// RUN: not attn-run %s --entry=delta --input=@random --input=@const:1000 --input=@random --input=@const:1 --dims=150 --check 2>&1 | FileCheck %s --check-prefix=LONG
// UNIT: check: result 0 f32[1, 2, {{[0-9]+}}, 16]: ok, {{.*}} non-finite 0 (expected 0)
// LONG: error: the results of 'delta' differ from the oracle's
// LONG: check: result 0 f32[1, 2, 150, 16]: MISMATCH, {{.*}} non-finite {{[0-9]+}} (expected {{[1-9][0-9]*}})

!keys = tensor<1x2x?x16xf32>
!betas = tensor<1x2x?xf32>

func.func @delta(%q: !keys, %k: !keys, %v: !keys, %beta: !betas) -> !keys {
  %c2 = arith.constant 2 : index
  %n = tensor.dim %q, %c2 : !keys
  %o = tensor.empty(%n) : !keys
  %r = attn.recurrence %q, %k, %v outs(%o) scale(1.0) update(delta %beta : !betas) : !keys, !keys, !keys -> !keys
  return %r : !keys
}
