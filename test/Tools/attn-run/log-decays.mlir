// --check says where log decays are above 0: it is allowed, and seldom meant.

// RUN: attn-run %s --entry=given --input=@random --input=@const:0.25 --dims=9 --check | FileCheck %s --check-prefix=GIVEN
// GIVEN: check: result 0 f32[1, 2, 9, 16]: ok
// GIVEN-NEXT: check: {{.*}}log-decays.mlir:[[# @LINE + 35]]:8: 18 of 18 log decays are above 0, up to 2.50e-01

// Some of them; also those that the function computes itself.
// RUN: attn-run %s --entry=computed --input=@random --input=@random:-1:1 --dims=9 --check --json=%t.json | FileCheck %s --check-prefix=COMPUTED
// RUN: FileCheck %s --check-prefix=JSON < %t.json
// COMPUTED: check: result 0 f32[1, 2, 9, 16]: ok
// COMPUTED-NEXT: check: {{.*}}log-decays.mlir:{{[0-9]+}}:8: {{[1-9][0-9]*}} of 288 log decays are above 0, up to 1.{{[0-9]+}}e+00
// JSON: "positive_log_decays": [
// JSON: "count": {{[1-9]}}

// Nothing is said of others, or without --check.
// RUN: attn-run %s --entry=given --input=@random --input=@const:-0.25 --dims=9 --check | FileCheck %s --check-prefix=NONE --implicit-check-not=decays
// RUN: attn-run %s --entry=given --input=@random --input=@const:0 --dims=9 --check | FileCheck %s --check-prefix=NONE --implicit-check-not=decays
// RUN: attn-run %s --entry=given --input=@random --input=@const:0.25 --dims=9 --json=%t.json
// RUN: not grep decays %t.json
// NONE: check: result 0 f32[1, 2, 9, 16]: ok

// A scan says so of the factor of its decays that it has. Of two, neither is a
// logarithm.
// RUN: attn-run %s --entry=gate --input=@random --input=@const:0.25 --dims=9 --check | FileCheck %s --check-prefix=GATE
// RUN: attn-run %s --entry=rate --input=@random --input=@const:0.25 --dims=9 --check | FileCheck %s --check-prefix=RATE
// RUN: attn-run %s --entry=both --input=@random --input=@const:0.25 --input=@const:-0.25 --dims=9 --check | FileCheck %s --check-prefix=NONE --implicit-check-not=decays
// GATE: check: {{.*}}: 288 of 288 log decays are above 0, up to 2.50e-01
// RATE: check: {{.*}}: 32 of 32 log decays are above 0, up to 2.50e-01

#map = affine_map<(b, h, t, d) -> (b, h, t, d)>

!keys = tensor<1x2x?x16xf32>
!gates = tensor<1x2x?xf32>
!rates = tensor<2x1x16xf32>

func.func @given(%q: !keys, %g: !gates) -> !keys {
  %c2 = arith.constant 2 : index
  %n = tensor.dim %q, %c2 : !keys
  %o = tensor.empty(%n) : !keys
  %r = attn.recurrence %q, %q, %q outs(%o) scale(1.0) decay(scalar %g : !gates) : !keys, !keys, !keys -> !keys
  return %r : !keys
}

func.func @computed(%q: !keys, %x: !keys) -> !keys {
  %c2 = arith.constant 2 : index
  %n = tensor.dim %q, %c2 : !keys
  %o = tensor.empty(%n) : !keys
  %g = linalg.generic {indexing_maps = [#map, #map], iterator_types = ["parallel", "parallel", "parallel", "parallel"]}
      ins(%x : !keys) outs(%o : !keys) {
  ^bb0(%a: f32, %unused: f32):
    %y = arith.addf %a, %a : f32
    linalg.yield %y : f32
  } -> !keys
  %r = attn.recurrence %q, %q, %q outs(%o) scale(1.0) decay(key %g : !keys) : !keys, !keys, !keys -> !keys
  return %r : !keys
}

func.func @gate(%v: !keys, %g: !keys) -> !keys {
  %c2 = arith.constant 2 : index
  %n = tensor.dim %v, %c2 : !keys
  %o = tensor.empty(%n) : !keys
  %r = attn.scan %v outs(%o) decay(%g : !keys) : !keys -> !keys
  return %r : !keys
}

func.func @rate(%v: !keys, %a: !rates) -> !keys {
  %c2 = arith.constant 2 : index
  %n = tensor.dim %v, %c2 : !keys
  %o = tensor.empty(%n) : !keys
  %r = attn.scan %v outs(%o) rate(%a : !rates) : !keys -> !keys
  return %r : !keys
}

func.func @both(%v: !keys, %g: !keys, %a: !rates) -> !keys {
  %c2 = arith.constant 2 : index
  %n = tensor.dim %v, %c2 : !keys
  %o = tensor.empty(%n) : !keys
  %r = attn.scan %v outs(%o) decay(%g : !keys) rate(%a : !rates) : !keys -> !keys
  return %r : !keys
}
