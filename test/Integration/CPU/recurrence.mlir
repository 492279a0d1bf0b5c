// Recurrences through the CPU pipeline against the oracle, which goes token by
// token: in chunks of 64 where the operation has a chunk form, a token at a time
// else. Lengths: a tail, less than a chunk, one token, whole chunks. States in
// and out; decays down to e^-20 in a token; heads in groups.

// RUN: attn-run %s --entry=retention --input=@random --input=@random:-0.3:0.3 --input=@random --input=@random:-20:0 --dims=203 --check | FileCheck %s --check-prefixes=OUT,STATE
// RUN: attn-run %s --entry=retention --input=@random --input=@random:-0.3:0.3 --input=@random --input=@random:-0.1:0 --dims=1 --check | FileCheck %s --check-prefixes=OUT,STATE
// RUN: attn-run %s --entry=linear --input=@random --input=@random:-0.3:0.3 --input=@random --dims=203 --check | FileCheck %s --check-prefixes=OUT
// RUN: attn-run %s --entry=delta --input=@random --input=@random:-0.3:0.3 --input=@random --input=@random:0:2 --input=@random --dims=203 --check | FileCheck %s --check-prefixes=OUT,STATE
// RUN: attn-run %s --entry=gated_delta --input=@random --input=@random:-0.3:0.3 --input=@random --input=@random:-20:0 --input=@random:0:2 --input=@random --dims=203 --check | FileCheck %s --check-prefixes=OUT,STATE
// RUN: attn-run %s --entry=gated_delta --input=@random --input=@random:-0.3:0.3 --input=@random --input=@random:-0.1:0 --input=@random:0:2 --input=@random --dims=64 --check | FileCheck %s --check-prefixes=OUT,STATE
// RUN: attn-run %s --entry=gated_delta --input=@random --input=@random:-0.3:0.3 --input=@random --input=@random:-0.1:0 --input=@random:0:2 --input=@random --dims=3 --check | FileCheck %s --check-prefixes=OUT,STATE
// RUN: attn-run %s --entry=gated_delta --input=@random --input=@random:-0.3:0.3 --input=@random --input=@random:-0.1:0 --input=@random:0:2 --input=@random --dims=0 --check | FileCheck %s --check-prefixes=OUT,STATE
// RUN: attn-run %s --entry=gated_delta --input=@random --input=@random:-0.3:0.3 --input=@random --input=@random:-1:0 --input=@random:0:2 --input=@random --dims=203 --padding=5 --threads=3 --check | FileCheck %s --check-prefixes=OUT,STATE
// RUN: attn-run %s --entry=key_decay --input=@random --input=@random:-0.3:0.3 --input=@random --input=@random:-20:0 --input=@random:0:2 --input=@random --dims=203 --check | FileCheck %s --check-prefixes=OUT,STATE
// RUN: attn-run %s --entry=bonus --input=@random --input=@random:-0.3:0.3 --input=@random --input=@random:-2:0 --input=@random --dims=203 --check | FileCheck %s --check-prefixes=OUT
// RUN: attn-run %s --entry=dplr --input=@random --input=@random:-0.3:0.3 --input=@random --input=@random:-2:0 --input=@random:-0.1:0.1 --input=@random --dims=203 --check | FileCheck %s --check-prefixes=OUT,STATE
// RUN: attn-run %s --entry=documents --input=@random --input=@random:-0.3:0.3 --input=@random --input=@random:0:3 --dims=203 --check | FileCheck %s --check-prefixes=OUT
// RUN: attn-run %s --entry=step --input=@random --input=@random:-0.3:0.3 --input=@random --input=@random:-1:0 --input=@random:0:2 --input=@random --check | FileCheck %s --check-prefixes=OUT,STATE
// OUT: check: result 0 {{.*}}: ok, {{.*}}, non-finite 0 (expected 0)
// STATE: check: result 1 {{.*}}: ok, {{.*}}, non-finite 0 (expected 0)

// Sizes that do not fit are refused by the operation's own constraint.
// RUN: not attn-run %s --entry=linear --random-inputs=1 --dims=5,5,6 2>&1 | FileCheck %s --check-prefix=SIZES
// SIZES: error: 'attn.recurrence' op C4: lengths agree, got query 'tensor<2x4x5x32xf32>', key 'tensor<2x4x5x32xf32>' and value 'tensor<2x4x6x48xf32>'

// Which form is taken: products of several tokens, or the recurrence.
// RUN: attn-run %s --entry=gated_delta --stop-after=scheduled | FileCheck %s --check-prefix=CHUNK
// RUN: attn-run %s --entry=key_decay --stop-after=scheduled | FileCheck %s --check-prefix=TOKEN
// RUN: attn-run %s --entry=step --stop-after=scheduled | FileCheck %s --check-prefix=TOKEN
// CHUNK: attn.recurrence {{.*}} schedule(<tokens = {{16|32}}, columns = 48, micro =
// TOKEN: attn.recurrence {{.*}} schedule(<tokens = 1, columns = 48>)

!keys = tensor<2x4x?x32xf32>
!values = tensor<2x4x?x48xf32>
!gates = tensor<2x4x?xf32>
!states = tensor<2x4x32x48xf32>

func.func @linear(%q: !keys, %k: !keys, %v: !values) -> !values {
  %c2 = arith.constant 2 : index
  %n = tensor.dim %q, %c2 : !keys
  %o = tensor.empty(%n) : !values
  %r = attn.recurrence %q, %k, %v outs(%o) scale(0.17677669) : !keys, !keys, !values -> !values
  return %r : !values
}

// Two query heads for each state.
func.func @retention(%q: tensor<2x8x?x32xf32>, %k: tensor<2x2x?x32xf32>, %v: !values, %g: !gates)
    -> (tensor<2x8x?x48xf32>, !states) {
  %c2 = arith.constant 2 : index
  %n = tensor.dim %q, %c2 : tensor<2x8x?x32xf32>
  %o = tensor.empty(%n) : tensor<2x8x?x48xf32>
  %s = tensor.empty() : !states
  %r:2 = attn.recurrence %q, %k, %v outs(%o, %s) scale(0.17677669) decay(scalar %g : !gates)
    : tensor<2x8x?x32xf32>, tensor<2x2x?x32xf32>, !values -> tensor<2x8x?x48xf32>, !states
  return %r#0, %r#1 : tensor<2x8x?x48xf32>, !states
}

func.func @delta(%q: !keys, %k: !keys, %v: !values, %beta: !gates, %init: !states) -> (!values, !states) {
  %c2 = arith.constant 2 : index
  %n = tensor.dim %q, %c2 : !keys
  %o = tensor.empty(%n) : !values
  %s = tensor.empty() : !states
  %r:2 = attn.recurrence %q, %k, %v outs(%o, %s) scale(0.17677669) update(delta %beta : !gates) init(%init : !states)
    : !keys, !keys, !values -> !values, !states
  return %r#0, %r#1 : !values, !states
}

// Two states for each key head, as in Gated DeltaNet.
func.func @gated_delta(%q: tensor<2x2x?x32xf32>, %k: tensor<2x2x?x32xf32>, %v: !values, %g: !gates, %beta: !gates,
    %init: !states) -> (!values, !states) {
  %c2 = arith.constant 2 : index
  %n = tensor.dim %q, %c2 : tensor<2x2x?x32xf32>
  %o = tensor.empty(%n) : !values
  %s = tensor.empty() : !states
  %r:2 = attn.recurrence %q, %k, %v outs(%o, %s) scale(0.17677669) decay(scalar %g : !gates) update(delta %beta : !gates)
      init(%init : !states)
    : tensor<2x2x?x32xf32>, tensor<2x2x?x32xf32>, !values -> !values, !states
  return %r#0, %r#1 : !values, !states
}

func.func @key_decay(%q: !keys, %k: !keys, %v: !values, %g: !keys, %beta: !gates, %init: !states) -> (!values, !states) {
  %c2 = arith.constant 2 : index
  %n = tensor.dim %q, %c2 : !keys
  %o = tensor.empty(%n) : !values
  %s = tensor.empty() : !states
  %r:2 = attn.recurrence %q, %k, %v outs(%o, %s) scale(0.17677669) decay(key %g : !keys) update(delta %beta : !gates)
      init(%init : !states)
    : !keys, !keys, !values -> !values, !states
  return %r#0, %r#1 : !values, !states
}

func.func @bonus(%q: !keys, %k: !keys, %v: !values, %g: !keys, %u: tensor<4x32xf32>) -> !values {
  %c2 = arith.constant 2 : index
  %n = tensor.dim %q, %c2 : !keys
  %o = tensor.empty(%n) : !values
  %r = attn.recurrence %q, %k, %v outs(%o) scale(1.0) decay(key %g : !keys) bonus(%u : tensor<4x32xf32>)
    : !keys, !keys, !values -> !values
  return %r : !values
}

func.func @dplr(%q: !keys, %k: !keys, %v: !values, %g: !keys, %a: !keys, %init: !states) -> (!values, !states) {
  %c2 = arith.constant 2 : index
  %n = tensor.dim %q, %c2 : !keys
  %o = tensor.empty(%n) : !values
  %s = tensor.empty() : !states
  %r:2 = attn.recurrence %q, %k, %v outs(%o, %s) scale(1.0) decay(key %g : !keys) update(dplr %a, %k : !keys, !keys)
      init(%init : !states)
    : !keys, !keys, !values -> !values, !states
  return %r#0, %r#1 : !values, !states
}

func.func @documents(%q: !keys, %k: !keys, %v: !values, %ids: tensor<2x?xi32>) -> !values {
  %c2 = arith.constant 2 : index
  %n = tensor.dim %q, %c2 : !keys
  %o = tensor.empty(%n) : !values
  %r = attn.recurrence %q, %k, %v outs(%o) scale(0.17677669) segments(%ids : tensor<2x?xi32>) : !keys, !keys, !values -> !values
  return %r : !values
}

// Four tokens of a decoder: not worth a chunk.
func.func @step(%q: tensor<2x4x4x32xf32>, %k: tensor<2x4x4x32xf32>, %v: tensor<2x4x4x48xf32>, %g: tensor<2x4x4xf32>,
    %beta: tensor<2x4x4xf32>, %init: !states) -> (tensor<2x4x4x48xf32>, !states) {
  %o = tensor.empty() : tensor<2x4x4x48xf32>
  %s = tensor.empty() : !states
  %r:2 = attn.recurrence %q, %k, %v outs(%o, %s) scale(0.17677669) decay(scalar %g : tensor<2x4x4xf32>)
      update(delta %beta : tensor<2x4x4xf32>) init(%init : !states)
    : tensor<2x4x4x32xf32>, tensor<2x4x4x32xf32>, tensor<2x4x4x48xf32> -> tensor<2x4x4x48xf32>, !states
  return %r#0, %r#1 : tensor<2x4x4x48xf32>, !states
}
