// RUN: attn-opt %s --tile-form-folds --canonicalize --cse | FileCheck %s

// A scan as a fold over tokens. Decays and what is written are made where they are
// used, for the numbers of one token: nothing has tokens, numbers and channels.
// CHECK-LABEL: func @selective
// CHECK-SAME: (%[[V:.*]]: tensor<1x1x?x48xbf16>, %[[K:.*]]: tensor<1x1x?x3xbf16>, %[[G:.*]]: tensor<1x1x?x48xf32>, %[[A:.*]]: tensor<1x3x48xf32>, %[[S:.*]]: tensor<1x1x3x48xf32>)
// CHECK: %[[N:.*]] = tile.coords %c0 limit(%c3) complete : <3>
// CHECK: %[[RATE:.*]] = tile.rows %[[A]][%c0] at %[[N]] : tensor<1x3x48xf32>, <3> -> tensor<3x48xf32>
// CHECK: %[[S0:.*]] = tile.rows %[[S]][%c0, %c0] at %[[N]] : tensor<1x1x3x48xf32>, <3> -> tensor<3x48xf32>
// CHECK: %[[R:.*]]:2 = tile.fold ordered (%[[J:.*]], partial = %{{.*}}) in %{{.*}} iter(%[[OUT:.*]] = %[[V]], %[[X:.*]] = %[[S0]]) : !tile.domain<1>
// CHECK: %[[DT:.*]] = tile.rows %[[G]][%c0, %c0] at %[[J]] : {{.*}} -> tensor<1x48xf32>
// CHECK: %[[NEXT:.*]] = linalg.generic {{.*}} iterator_types = ["parallel", "parallel"]} ins(%{{.*}}, %{{.*}}, %{{.*}}, %[[RATE]] : tensor<48xf32>, tensor<3xf32>, tensor<48xf32>, tensor<3x48xf32>) outs(%[[X]] :
// CHECK: arith.mulf
// CHECK: math.exp
// CHECK: arith.mulf
// CHECK: arith.mulf
// CHECK: arith.addf
// CHECK: linalg.generic {{.*}} iterator_types = ["parallel", "reduction"]} ins(%[[NEXT]], %{{.*}} : tensor<3x48xf32>, tensor<3xf32>)
// CHECK: arith.truncf
// CHECK: %[[WRITTEN:.*]] = tile.insert %{{.*}} into %[[OUT]][%c0, %c0] at %[[J]]
// CHECK: tile.yield %[[WRITTEN]], %[[NEXT]]
// CHECK: %[[LAST:.*]] = tile.insert %[[R]]#1 into %[[S]][%c0, %c0] at %[[N]]
// CHECK: return %[[R]]#0, %[[LAST]]
func.func @selective(%v: tensor<1x1x?x48xbf16>, %k: tensor<1x1x?x3xbf16>, %g: tensor<1x1x?x48xf32>, %a: tensor<1x3x48xf32>,
    %s: tensor<1x1x3x48xf32>) -> (tensor<1x1x?x48xbf16>, tensor<1x1x3x48xf32>) {
  %r:2 = attn.scan %v outs(%v, %s) key(%k : tensor<1x1x?x3xbf16>) query(%k : tensor<1x1x?x3xbf16>)
      decay(%g : tensor<1x1x?x48xf32>) rate(%a : tensor<1x3x48xf32>) init(%s : tensor<1x1x3x48xf32>)
      schedule(<tokens = 1, columns = 48>)
    : tensor<1x1x?x48xbf16> -> tensor<1x1x?x48xbf16>, tensor<1x1x3x48xf32>
  return %r#0, %r#1 : tensor<1x1x?x48xbf16>, tensor<1x1x3x48xf32>
}

// A delta rule of each number: two products with the key, none with a decay.
// CHECK-LABEL: func @delta
// CHECK-NOT: math.exp
// CHECK: tile.fold ordered
// CHECK: linalg.generic {{.*}} iterator_types = ["parallel", "parallel"]}
// CHECK: %[[SEEN:.*]] = arith.mulf
// CHECK: %[[ERROR:.*]] = arith.subf %{{.*}}, %[[SEEN]]
// CHECK: %[[STEP:.*]] = arith.mulf %{{.*}}, %[[ERROR]]
// CHECK: arith.mulf %{{.*}}, %[[STEP]]
// CHECK-NOT: math.exp
// CHECK: return
func.func @delta(%v: tensor<1x1x?x48xf32>, %k: tensor<1x1x?x3xf32>) -> tensor<1x1x?x48xf32> {
  %r = attn.scan %v outs(%v) key(%k : tensor<1x1x?x3xf32>) delta(%v : tensor<1x1x?x48xf32>) schedule(<tokens = 1, columns = 48>)
    : tensor<1x1x?x48xf32> -> tensor<1x1x?x48xf32>
  return %r : tensor<1x1x?x48xf32>
}

// An average is carried as three vectors; with a bonus it is read in front of the
// write.
// CHECK-LABEL: func @average
// CHECK: tile.fold ordered (%{{.*}}, partial = %{{.*}}) in %{{.*}} iter(%{{.*}} = %{{.*}}, %[[ACC:.*]] = %{{.*}}, %[[REF:.*]] = %{{.*}}, %[[SUM:.*]] = %{{.*}}) : !tile.domain<1>
// CHECK: linalg.generic {{.*}} ins(%[[ACC]], %[[SUM]], %{{.*}}, %[[REF]],
// CHECK: arith.divf
// CHECK: %[[NEXT:.*]]:3 = linalg.generic {{.*}} outs(%[[ACC]], %[[REF]], %[[SUM]] :
// CHECK: math.log
// CHECK: tile.yield %{{.*}}, %[[NEXT]]#0, %[[NEXT]]#1, %[[NEXT]]#2
func.func @average(%v: tensor<1x1x?x48xf32>, %u: tensor<1x48xf32>) -> tensor<1x1x?x48xf32> {
  %r = attn.scan %v outs(%v) weights(%v : tensor<1x1x?x48xf32>) bonus(%u : tensor<1x48xf32>) schedule(<tokens = 1, columns = 48>)
    : tensor<1x1x?x48xf32> -> tensor<1x1x?x48xf32>
  return %r : tensor<1x1x?x48xf32>
}
