// RUN: attn-opt %s --tile-form-folds --canonicalize --cse --split-input-file --verify-diagnostics | FileCheck %s

#schedule = #attn.schedule<rows = 12, cols = 32, micro = #tile.micro_tile<rows = 6, cols = 16, lanes = 8>>

// CHECK-LABEL: func @attention
// CHECK: %[[I:.*]] = tile.coords %c0 limit(%{{.*}}) shift(%{{.*}}) : <12>
// CHECK: %[[Q:.*]] = tile.rows %{{.*}}[%c0, %c0] at %[[I]] : tensor<1x1x?x64xf32>, <12> -> tensor<12x64xf32>
// CHECK: %[[D:.*]] = tile.domain %{{.*}} mask(#attn.causal rows %[[I]]
// CHECK: %[[R:.*]]:3 = tile.fold free (%[[J:.*]], partial = %[[P:.*]]) in %[[D]]
// CHECK-SAME: : !tile.domain<32>, tensor<12x64xf32>, tensor<12xf32>, tensor<12xf32>
// CHECK:   %[[K:.*]] = tile.rows %{{.*}} at %[[J]] : {{.*}} -> tensor<32x64xf32>
// The masked version is trimmed and selects, the other is a plain product.
// CHECK:   scf.if %[[P]]
// CHECK:     %[[LO:.*]], %[[HI:.*]] = tile.visited #attn.causal rows(%[[I]]) cols(%[[J]]) at(%{{.*}}, %{{.*}}) every 6
// CHECK:     tile.contract {{.*}} %[[Q]], %[[K]] outs(%{{.*}}) overwrite bounds(%[[LO]], %[[HI]]
// CHECK:     tile.predicate #attn.causal
// CHECK:     arith.select
// CHECK:   } else {
// CHECK:     linalg.contract
// CHECK:     scf.yield
// CHECK:   }
// CHECK:   arith.maxnumf
// CHECK:   math.exp2
// CHECK:   tile.yield
// CHECK: %[[OUT:.*]] = tile.insert %{{.*}} into %{{.*}}[%c0, %c0] at %[[I]]
// CHECK: return %[[OUT]]
func.func @attention(%q: tensor<1x1x?x64xf32>, %k: tensor<1x1x?x64xf32>, %o: tensor<1x1x?x64xf32>,
    %b: index, %h: index, %i: index) -> tensor<1x1x?x64xf32> {
  %r = attn.attention %q, %k, %k outs(%o) scale(0.125) mask(causal) origin(%b, %h, %i) schedule(#schedule)
    : tensor<1x1x?x64xf32>, tensor<1x1x?x64xf32>, tensor<1x1x?x64xf32> -> tensor<1x1x?x64xf32>
  return %r : tensor<1x1x?x64xf32>
}

// -----

#schedule = #attn.schedule<rows = 12, cols = 32, micro = #tile.micro_tile<rows = 6, cols = 16, lanes = 8>>

// A state continues; half precision is computed in f32.

// CHECK-LABEL: func @partial
// CHECK-SAME: %[[ACC:[a-z0-9]*]]: tensor<1x1x?x64xf32>, %[[REF:[a-z0-9]*]]: tensor<1x1x?xf32>
// CHECK-DAG: tile.rows %[[ACC]]
// CHECK-DAG: tile.rows %[[REF]]
// CHECK: tile.fold free
// CHECK: arith.extf %{{.*}} : bf16 to f32
// CHECK-COUNT-3: tile.insert
func.func @partial(%q: tensor<1x1x?x64xbf16>, %acc: tensor<1x1x?x64xf32>, %ref: tensor<1x1x?xf32>, %sum: tensor<1x1x?xf32>)
    -> (tensor<1x1x?x64xf32>, tensor<1x1x?xf32>, tensor<1x1x?xf32>) {
  %r:3 = attn.partial %q, %q, %q outs(%acc, %ref, %sum) scale(0.125) schedule(#schedule)
    : tensor<1x1x?x64xbf16>, tensor<1x1x?x64xbf16>, tensor<1x1x?x64xbf16> -> tensor<1x1x?x64xf32>, tensor<1x1x?xf32>, tensor<1x1x?xf32>
  return %r#0, %r#1, %r#2 : tensor<1x1x?x64xf32>, tensor<1x1x?xf32>, tensor<1x1x?xf32>
}

// -----

func.func @no_schedule(%q: tensor<1x1x?x64xf32>) -> tensor<1x1x?x64xf32> {
  // expected-error @below {{has no schedule; run attn-select-schedule first}}
  %r = attn.attention %q, %q, %q outs(%q) scale(0.125)
    : tensor<1x1x?x64xf32>, tensor<1x1x?x64xf32>, tensor<1x1x?x64xf32> -> tensor<1x1x?x64xf32>
  return %r : tensor<1x1x?x64xf32>
}

// -----

#schedule = #attn.schedule<rows = 12, cols = 32, micro = #tile.micro_tile<rows = 6, cols = 16, lanes = 8>>

func.func @not_cut(%q: tensor<1x2x?x64xf32>) -> tensor<1x2x?x64xf32> {
  // expected-error @below {{expected a tile of one batch entry and one head}}
  %r = attn.attention %q, %q, %q outs(%q) scale(0.125) schedule(#schedule)
    : tensor<1x2x?x64xf32>, tensor<1x2x?x64xf32>, tensor<1x2x?x64xf32> -> tensor<1x2x?x64xf32>
  return %r : tensor<1x2x?x64xf32>
}

// -----

#schedule = #attn.schedule<rows = 12, cols = 32, micro = #tile.micro_tile<rows = 6, cols = 16, lanes = 8>>

func.func @dynamic_width(%q: tensor<1x1x?x?xf32>) -> tensor<1x1x?x?xf32> {
  // expected-error @below {{expected static, positive widths}}
  %r = attn.attention %q, %q, %q outs(%q) scale(0.125) schedule(#schedule)
    : tensor<1x1x?x?xf32>, tensor<1x1x?x?xf32>, tensor<1x1x?x?xf32> -> tensor<1x1x?x?xf32>
  return %r : tensor<1x1x?x?xf32>
}
