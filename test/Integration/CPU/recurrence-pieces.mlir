// Recurrences of few states in pieces that run at the same time, against the oracle,
// which goes token by token. A tail; fewer tokens than are cut; one state alone; as
// many threads as pieces; states in and out; decays down to e^-20 in a token.

// RUN: attn-run %s --entry=retention --input=@random --input=@random:-0.3:0.3 --input=@random --input=@random:-0.1:0 --input=@random --dims=1003 --threads=3 --check | FileCheck %s --check-prefixes=OUT,STATE
// RUN: attn-run %s --entry=retention --input=@random --input=@random:-0.3:0.3 --input=@random --input=@random:-20:0 --input=@random --dims=768 --check | FileCheck %s --check-prefixes=OUT,STATE
// RUN: attn-run %s --entry=retention --input=@random --input=@random:-0.3:0.3 --input=@random --input=@random:-0.1:0 --input=@random --dims=203 --check | FileCheck %s --check-prefixes=OUT,STATE
// RUN: attn-run %s --entry=retention --input=@random --input=@random:-0.3:0.3 --input=@random --input=@random:-0.1:0 --input=@random --dims=0 --check | FileCheck %s --check-prefixes=OUT,STATE
// RUN: attn-run %s --entry=linear --input=@random --input=@random:-0.3:0.3 --input=@random --dims=1003 --check | FileCheck %s --check-prefixes=OUT
// RUN: attn-run %s --entry=delta --input=@random --input=@random:-0.3:0.3 --input=@random --input=@random:-0.1:0 --input=@random:0:1 --input=@random --dims=1100 --threads=2 --check | FileCheck %s --check-prefixes=OUT,STATE
// RUN: attn-run %s --entry=delta --input=@random --input=@random:-0.3:0.3 --input=@random --input=@random:-20:0 --input=@random:0:2 --input=@random --dims=1024 --check | FileCheck %s --check-prefixes=OUT,STATE
// RUN: attn-run %s --entry=delta --input=@random --input=@random:-0.3:0.3 --input=@random --input=@random:-0.1:0 --input=@random:0:1 --input=@random --dims=900 --padding=5 --check | FileCheck %s --check-prefixes=OUT,STATE
// RUN: attn-run %s --entry=keys --input=@random --input=@random:-0.3:0.3 --input=@random --input=@random:-0.1:0 --input=@random --dims=1003 --threads=3 --check | FileCheck %s --check-prefixes=OUT,STATE
// RUN: attn-run %s --entry=keys --input=@random --input=@random:-0.3:0.3 --input=@random --input=@random:-20:0 --input=@random --dims=769 --check | FileCheck %s --check-prefixes=OUT,STATE
// RUN: attn-run %s --entry=keys --input=@random --input=@random:-0.3:0.3 --input=@random --input=@random:-0.1:0 --input=@random --dims=0 --check | FileCheck %s --check-prefixes=OUT,STATE
// RUN: attn-run %s --entry=delta_keys --input=@random --input=@random:-0.3:0.3 --input=@random --input=@random:-0.1:0 --input=@random:0:1 --input=@random --dims=1003 --threads=2 --check | FileCheck %s --check-prefixes=OUT,STATE
// RUN: attn-run %s --entry=delta_keys --input=@random --input=@random:-0.3:0.3 --input=@random --input=@random:-20:0 --input=@random:0:2 --input=@random --dims=515 --check | FileCheck %s --check-prefixes=OUT,STATE
// RUN: attn-run %s --entry=delta_groups --input=@random --input=@random:-0.3:0.3 --input=@random --input=@random:-20:0 --input=@random:0:2 --dims=1003 --threads=2 --check | FileCheck %s --check-prefixes=OUT
// RUN: attn-run %s --entry=delta_groups --input=@random --input=@random:-0.3:0.3 --input=@random --input=@random:-0.1:0 --input=@random:0:1 --dims=0 --check | FileCheck %s --check-prefixes=OUT
// OUT: check: result 0 {{.*}}: ok, {{.*}}, non-finite 0 (expected 0)
// STATE: check: result 1 {{.*}}: ok, {{.*}}, non-finite 0 (expected 0)

// They are cut, and the choice is made when the length is known.
// RUN: attn-run %s --entry=delta --stop-after=tiled | FileCheck %s --check-prefix=CUT
// CUT: scf.if
// CUT-COUNT-3: tile.fold ordered
// CUT: } else {
// CUT: attn.recurrence

// With a gate for each key a piece ends with their sums, a vector.
// RUN: attn-run %s --entry=keys --stop-after=tiled | FileCheck %s --check-prefix=KEYS
// KEYS: scf.if
// KEYS: tile.fold ordered {{.*}} tensor<32x48xf32>, tensor<32xf32>
// KEYS: tile.fold ordered
// KEYS: } else {
// KEYS: attn.recurrence

!keys = tensor<1x2x?x32xf32>
!values = tensor<1x2x?x48xf32>
!gates = tensor<1x2x?xf32>
!states = tensor<1x2x32x48xf32>

func.func @retention(%q: tensor<1x4x?x32xf32>, %k: tensor<1x1x?x32xf32>, %v: !values, %g: !gates, %s0: !states)
    -> (tensor<1x4x?x48xf32>, !states) {
  %c2 = arith.constant 2 : index
  %n = tensor.dim %q, %c2 : tensor<1x4x?x32xf32>
  %o = tensor.empty(%n) : tensor<1x4x?x48xf32>
  %s = tensor.empty() : !states
  %r:2 = attn.recurrence %q, %k, %v outs(%o, %s) scale(0.17677669) decay(scalar %g : !gates) init(%s0 : !states)
      schedule(<tokens = 64, columns = 48, micro = <rows = 4, cols = 8, lanes = 8>, tasks = 8>)
    : tensor<1x4x?x32xf32>, tensor<1x1x?x32xf32>, !values -> tensor<1x4x?x48xf32>, !states
  return %r#0, %r#1 : tensor<1x4x?x48xf32>, !states
}

// One state.
func.func @linear(%q: tensor<1x1x?x32xf32>, %k: tensor<1x1x?x32xf32>, %v: tensor<1x1x?x48xf32>) -> tensor<1x1x?x48xf32> {
  %c2 = arith.constant 2 : index
  %n = tensor.dim %q, %c2 : tensor<1x1x?x32xf32>
  %o = tensor.empty(%n) : tensor<1x1x?x48xf32>
  %r = attn.recurrence %q, %k, %v outs(%o) scale(0.17677669)
      schedule(<tokens = 64, columns = 48, micro = <rows = 4, cols = 8, lanes = 8>, tasks = 8>)
    : tensor<1x1x?x32xf32>, tensor<1x1x?x32xf32>, tensor<1x1x?x48xf32> -> tensor<1x1x?x48xf32>
  return %r : tensor<1x1x?x48xf32>
}

func.func @delta(%q: !keys, %k: !keys, %v: !values, %g: !gates, %beta: !gates, %s0: !states) -> (!values, !states) {
  %c2 = arith.constant 2 : index
  %n = tensor.dim %q, %c2 : !keys
  %o = tensor.empty(%n) : !values
  %s = tensor.empty() : !states
  %r:2 = attn.recurrence %q, %k, %v outs(%o, %s) scale(0.17677669) decay(scalar %g : !gates)
      update(delta %beta : !gates) init(%s0 : !states)
      schedule(<tokens = 64, columns = 48, micro = <rows = 4, cols = 8, lanes = 8>, tasks = 8>)
    : !keys, !keys, !values -> !values, !states
  return %r#0, %r#1 : !values, !states
}

func.func @keys(%q: tensor<1x4x?x32xf32>, %k: tensor<1x1x?x32xf32>, %v: !values, %g: !keys, %s0: !states)
    -> (tensor<1x4x?x48xf32>, !states) {
  %c2 = arith.constant 2 : index
  %n = tensor.dim %q, %c2 : tensor<1x4x?x32xf32>
  %o = tensor.empty(%n) : tensor<1x4x?x48xf32>
  %s = tensor.empty() : !states
  %r:2 = attn.recurrence %q, %k, %v outs(%o, %s) scale(0.17677669) decay(key %g : !keys) init(%s0 : !states)
      schedule(<tokens = 16, columns = 48, micro = <rows = 4, cols = 8, lanes = 8>, tasks = 8>)
    : tensor<1x4x?x32xf32>, tensor<1x1x?x32xf32>, !values -> tensor<1x4x?x48xf32>, !states
  return %r#0, %r#1 : tensor<1x4x?x48xf32>, !states
}

func.func @delta_keys(%q: !keys, %k: !keys, %v: !values, %g: !keys, %beta: !gates, %s0: !states) -> (!values, !states) {
  %c2 = arith.constant 2 : index
  %n = tensor.dim %q, %c2 : !keys
  %o = tensor.empty(%n) : !values
  %s = tensor.empty() : !states
  %r:2 = attn.recurrence %q, %k, %v outs(%o, %s) scale(0.17677669) decay(key %g : !keys)
      update(delta %beta : !gates) init(%s0 : !states)
      schedule(<tokens = 16, columns = 48, micro = <rows = 4, cols = 8, lanes = 8>, tasks = 8>)
    : !keys, !keys, !values -> !values, !states
  return %r#0, %r#1 : !values, !states
}

// Without a final state the last piece makes none; two query heads share a state.
func.func @delta_groups(%q: tensor<1x4x?x32xf32>, %k: !keys, %v: !values, %g: !keys, %beta: !gates) -> tensor<1x4x?x48xf32> {
  %c2 = arith.constant 2 : index
  %n = tensor.dim %q, %c2 : tensor<1x4x?x32xf32>
  %o = tensor.empty(%n) : tensor<1x4x?x48xf32>
  %r = attn.recurrence %q, %k, %v outs(%o) scale(0.17677669) decay(key %g : !keys) update(delta %beta : !gates)
      schedule(<tokens = 16, columns = 48, micro = <rows = 4, cols = 8, lanes = 8>, tasks = 8>)
    : tensor<1x4x?x32xf32>, !keys, !values -> tensor<1x4x?x48xf32>
  return %r : tensor<1x4x?x48xf32>
}
