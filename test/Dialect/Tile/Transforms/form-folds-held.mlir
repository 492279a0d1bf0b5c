// RUN: attn-opt %s --tile-form-folds --canonicalize --cse --split-input-file --verify-diagnostics | FileCheck %s

// With `held`, a step may keep the row maximum: it has a version that reduces no
// row and rescales neither the sums nor the accumulator.

// CHECK-LABEL: func @step
// CHECK-SAME: (%[[Q:[a-z0-9]+]]:
// CHECK-DAG: %[[ONE:.*]] = arith.constant 1.000000e+00 : f32
// CHECK-DAG: %[[ZERO:.*]] = arith.constant 0.000000e+00 : f32
// CHECK-DAG: %[[INF:.*]] = arith.constant 0x7F800000 : f32
// CHECK-DAG: %[[LIMIT:.*]] = arith.constant 1.84467441E+19 : f32
// CHECK: %[[NUM_ROWS:.*]] = tensor.dim %[[Q]], %c2
// CHECK-NEXT: tile.coords %c0 limit(%[[NUM_ROWS]])
// CHECK: tile.fold free (%{{.*}}, partial = %{{.*}}, update = %[[U:.*]]) in %{{.*}} iter(%[[ACC:.*]] = %{{.*}}, %[[REF:.*]] = %{{.*}}, %[[SUM:[a-z0-9]+]] = %{{.*}}) {{.*}} partial_first held :
// CHECK: %[[ROWS:.*]]:4 = scf.if %[[U]]
// CHECK:   arith.maxnumf
// CHECK:   math.exp2
// CHECK: } else {
// CHECK-NOT: "reduction"
// CHECK-NOT: math.exp2
// CHECK:   scf.yield %[[REF]], %[[SUM]], %{{.*}}, %{{.*}} :
// A held maximum may be so far below that weights are infinite.
// CHECK: math.exp2 %{{[a-z0-9_]+}} : f32
// CHECK: } else {
// CHECK: math.exp2 %{{[a-z0-9_]+}} : f32
// CHECK: %[[SCALED:.*]] = scf.if %[[U]]
// CHECK:   linalg.generic {{.*}} ins(%[[ROWS]]#2 : {{.*}}) outs(%[[ACC]] :
// CHECK:   arith.mulf
// CHECK: } else {
// CHECK-NEXT: scf.yield %[[ACC]]
// CHECK: tile.contract {{.*}} outs(%[[SCALED]])
// CHECK: tile.yield %{{.*}}, %[[ROWS]]#0,

// The state is right where the sum is less than 2^64 and all of the accumulator is
// finite, or where the row does not exist. A NaN is kept by the maximum, and less than
// nothing.
// CHECK: %[[LARGEST:.*]] = linalg.generic {{.*}} "reduction"]} ins(%[[R:.*]]#0 : tensor<12x64xf32>) outs(%{{.*}} : tensor<12xf32>)
// CHECK: ^bb0(%[[X:.*]]: f32, %[[M:.*]]: f32):
// CHECK-NEXT: %[[ABS:.*]] = math.absf %[[X]]
// CHECK-NEXT: arith.maximumf %[[M]], %[[ABS]]
// CHECK: %[[VERDICT:.*]] = linalg.generic {{.*}} ins(%[[R]]#2, %[[LARGEST]] :
// CHECK: ^bb0(%[[SUM:.*]]: f32, %[[L:.*]]: f32, %{{.*}}: f32):
// CHECK-NEXT: %[[A:.*]] = arith.cmpf olt, %[[SUM]], %[[LIMIT]] : f32
// CHECK-NEXT: %[[B:.*]] = arith.cmpf olt, %[[L]], %[[INF]] : f32
// CHECK-NEXT: %[[RIGHT:.*]] = arith.andi %[[A]], %[[B]]
// CHECK-NEXT: %[[ROW:.*]] = linalg.index 0
// CHECK-NEXT: %[[NONE:.*]] = arith.cmpi sge, %[[ROW]], %[[NUM_ROWS]] : index
// CHECK-NEXT: %[[GOOD:.*]] = arith.ori %[[RIGHT]], %[[NONE]]
// CHECK-NEXT: arith.select %[[GOOD]], %[[ZERO]], %[[ONE]] : f32

// The results are written, and written again if one row of them is wrong, unless
// nothing was held.
// CHECK: %[[O:.*]] = tile.insert %{{.*}} into %{{.*}} : tensor<12x64xf32>
// CHECK: %[[L:.*]] = tile.insert %{{.*}} into %{{.*}} : tensor<12xf32>
// CHECK: %[[HELD:.*]] = tile.held %[[R]]#0
// CHECK: %[[ANY:.*]] = tile.any %[[VERDICT]] : tensor<12xf32>
// CHECK: %[[WRONG:.*]] = arith.andi %[[HELD]], %[[ANY]]
// CHECK: %[[E:.*]]:2 = scf.if %[[WRONG]]
// CHECK: tile.fold free (%{{.*}}, partial = %{{.*}}, update = %{{.*}}) in
// CHECK-NOT: held
// CHECK-SAME: {
// CHECK: %[[O2:.*]] = tile.insert %{{.*}} into %[[O]]
// CHECK: %[[L2:.*]] = tile.insert %{{.*}} into %[[L]]
// CHECK-NEXT: scf.yield %[[O2]], %[[L2]]
// CHECK-NEXT: } else {
// CHECK-NEXT: scf.yield %[[O]], %[[L]]
// CHECK: return %[[E]]#0, %[[E]]#1

#held = #attn.schedule<rows = 12, cols = 32, micro = #tile.micro_tile<rows = 6, cols = 16, lanes = 8>, partial_first = true, held = true>

func.func @step(%q: tensor<1x1x?x64xf32>, %k: tensor<1x1x?x64xf32>, %o: tensor<1x1x?x64xf32>, %l: tensor<1x1x?xf32>)
    -> (tensor<1x1x?x64xf32>, tensor<1x1x?xf32>) {
  %r:2 = attn.attention %q, %k, %k outs(%o, %l) scale(0.125) schedule(#held)
    : tensor<1x1x?x64xf32>, tensor<1x1x?x64xf32>, tensor<1x1x?x64xf32> -> tensor<1x1x?x64xf32>, tensor<1x1x?xf32>
  return %r#0, %r#1 : tensor<1x1x?x64xf32>, tensor<1x1x?xf32>
}

// -----

// Weights are multiplied in the type of the values, of which f16 ends at 2^16.
// CHECK-LABEL: func @limit_of_f16
// CHECK-DAG: arith.constant 3.276800e+04 : f32
// CHECK: tile.any
// CHECK-LABEL: func @limit_of_bf16
// CHECK-DAG: arith.constant 1.84467441E+19 : f32
// CHECK: tile.any

#held = #attn.schedule<rows = 64, cols = 32, partial_first = true, held = true>

func.func @limit_of_f16(%q: tensor<1x1x?x64xf16>) -> tensor<1x1x?x64xf16> {
  %r = attn.attention %q, %q, %q outs(%q) scale(0.125) schedule(#held)
    : tensor<1x1x?x64xf16>, tensor<1x1x?x64xf16>, tensor<1x1x?x64xf16> -> tensor<1x1x?x64xf16>
  return %r : tensor<1x1x?x64xf16>
}

func.func @limit_of_bf16(%q: tensor<1x1x?x64xbf16>) -> tensor<1x1x?x64xbf16> {
  %r = attn.attention %q, %q, %q outs(%q) scale(0.125) schedule(#held)
    : tensor<1x1x?x64xbf16>, tensor<1x1x?x64xbf16>, tensor<1x1x?x64xbf16> -> tensor<1x1x?x64xbf16>
  return %r : tensor<1x1x?x64xbf16>
}

// -----

// Without `held` there is no flag, no verdict and no branch, and weights are at most 1.
// CHECK-LABEL: func @not_held
// CHECK: tile.fold free (%{{[^,]*}}, partial = %{{[^,]*}}) in
// CHECK: math.exp2 {{.*}} fastmath<ninf>
// CHECK-NOT: tile.any
// CHECK: return

#running = #attn.schedule<rows = 64, cols = 32, partial_first = true>

func.func @not_held(%q: tensor<1x1x?x64xf32>) -> tensor<1x1x?x64xf32> {
  %r = attn.attention %q, %q, %q outs(%q) scale(0.125) schedule(#running)
    : tensor<1x1x?x64xf32>, tensor<1x1x?x64xf32>, tensor<1x1x?x64xf32> -> tensor<1x1x?x64xf32>
  return %r : tensor<1x1x?x64xf32>
}

// -----

// A state that others continue has no such check.

#held = #attn.schedule<rows = 12, cols = 32, partial_first = true, held = true>

func.func @state(%q: tensor<1x1x?x64xf32>, %acc: tensor<1x1x?x64xf32>, %ref: tensor<1x1x?xf32>, %sum: tensor<1x1x?xf32>)
    -> (tensor<1x1x?x64xf32>, tensor<1x1x?xf32>, tensor<1x1x?xf32>) {
  // expected-error @below {{cannot be held: nothing tells whether its state stayed in range}}
  %r:3 = attn.partial %q, %q, %q outs(%acc, %ref, %sum) scale(0.125) schedule(#held)
    : tensor<1x1x?x64xf32>, tensor<1x1x?x64xf32>, tensor<1x1x?x64xf32> -> tensor<1x1x?x64xf32>, tensor<1x1x?xf32>, tensor<1x1x?xf32>
  return %r#0, %r#1, %r#2 : tensor<1x1x?x64xf32>, tensor<1x1x?xf32>, tensor<1x1x?xf32>
}
