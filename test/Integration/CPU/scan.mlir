// Scans through the CPU pipeline against the oracle: every form, lengths, padded
// rows and threads; test/python/test_scan_op.py has their numbers.

// RUN: attn-run %s --entry=selective --input=@random --input=@random --input=@random --input=@random:0:1 --input=@random:-16:0 --input=@random --dims=203 --padding=5 --threads=3 --check | FileCheck %s --check-prefixes=OUT,STATE
// RUN: attn-run %s --entry=selective --input=@random --input=@random --input=@random --input=@random:0:1 --input=@random:-16:0 --input=@random --dims=1 --check | FileCheck %s --check-prefixes=OUT,STATE
// RUN: attn-run %s --entry=average --input=@random --input=@random:-50:50 --input=@random:-5:0 --input=@random --dims=203 --check | FileCheck %s --check-prefixes=OUT
// RUN: attn-run %s --entry=documents --input=@random --input=@random:0:1 --input=@random:0:3 --dims=203 --check | FileCheck %s --check-prefixes=OUT
// OUT: check: result 0 {{.*}}: ok, {{.*}}, non-finite 0 (expected 0)
// STATE: check: result 1 {{.*}}: ok, {{.*}}, non-finite 0 (expected 0)

// Sizes that do not fit are refused by the operation's own constraint.
// RUN: not attn-run %s --entry=documents --random-inputs=1 --dims=5,6,5 2>&1 | FileCheck %s --check-prefix=SIZES
// SIZES: error: 'attn.scan' op C6: expected float beta of shape 2 x 2 x 5 x 48, got 'tensor<2x2x6x48xf32>'

// All numbers of a channel's state are in vectors of channels: one exponential for
// each, and no scalar one.
// RUN: attn-run %s --entry=selective --stop-after=micro | FileCheck %s --check-prefix=MICRO
// MICRO-LABEL: @selective_task
// MICRO-NOT: math.exp %{{.*}} : f32
// MICRO: arith.mulf {{.*}} : vector<{{[0-9]+}}xf32>

!tokens = tensor<2x2x?x48xf32>
!keys = tensor<2x1x?x16xf32>
!states = tensor<2x2x16x48xf32>

func.func @selective(%v: !tokens, %k: !keys, %q: !keys, %dt: !tokens, %a: tensor<2x16x48xf32>, %init: !states) -> (!tokens, !states) {
  %c2 = arith.constant 2 : index
  %n = tensor.dim %v, %c2 : !tokens
  %o = tensor.empty(%n) : !tokens
  %s = tensor.empty() : !states
  %r:2 = attn.scan %v outs(%o, %s) key(%k : !keys) query(%q : !keys) decay(%dt : !tokens) rate(%a : tensor<2x16x48xf32>)
      init(%init : !states) : !tokens -> !tokens, !states
  return %r#0, %r#1 : !tokens, !states
}

func.func @average(%v: !tokens, %w: !tokens, %g: !tokens, %u: tensor<2x48xf32>) -> !tokens {
  %c2 = arith.constant 2 : index
  %n = tensor.dim %v, %c2 : !tokens
  %o = tensor.empty(%n) : !tokens
  %r = attn.scan %v outs(%o) weights(%w : !tokens) decay(%g : !tokens) bonus(%u : tensor<2x48xf32>) : !tokens -> !tokens
  return %r : !tokens
}

func.func @documents(%v: !tokens, %beta: !tokens, %ids: tensor<2x?xi32>) -> !tokens {
  %c2 = arith.constant 2 : index
  %n = tensor.dim %v, %c2 : !tokens
  %o = tensor.empty(%n) : !tokens
  %r = attn.scan %v outs(%o) delta(%beta : !tokens) segments(%ids : tensor<2x?xi32>) : !tokens -> !tokens
  return %r : !tokens
}
