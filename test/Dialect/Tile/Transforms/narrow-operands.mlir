// RUN: attn-opt %s --tile-narrow-operands --canonicalize | FileCheck %s
// RUN: attn-opt %s --tile-narrow-operands --remarks-filter=tile-narrow-operands 2>&1 | FileCheck %s --check-prefix=REMARK

#mk = affine_map<(m, n, k) -> (m, k)>
#nk = affine_map<(m, n, k) -> (n, k)>
#mn = affine_map<(m, n, k) -> (m, n)>
#ij = affine_map<(i, j) -> (i, j)>

// CHECK-LABEL: func @both
// CHECK-SAME: (%[[A:.*]]: tensor<16x32xbf16>, %[[B:.*]]: tensor<8x32xbf16>, %[[C:.*]]: tensor<16x8xf32>)
func.func @both(%a: tensor<16x32xbf16>, %b: tensor<8x32xbf16>, %c: tensor<16x8xf32>) -> tensor<16x8xf32> {
  // CHECK-NOT: extf
  // CHECK: linalg.contract {{.*}} ins(%[[A]], %[[B]] : tensor<16x32xbf16>, tensor<8x32xbf16>) outs(%[[C]] : tensor<16x8xf32>)
  %ea = tensor.empty() : tensor<16x32xf32>
  %wa = linalg.generic {indexing_maps = [#ij, #ij], iterator_types = ["parallel", "parallel"]}
      ins(%a : tensor<16x32xbf16>) outs(%ea : tensor<16x32xf32>) {
  ^bb0(%x: bf16, %y: f32):
    %z = arith.extf %x : bf16 to f32
    linalg.yield %z : f32
  } -> tensor<16x32xf32>
  %eb = tensor.empty() : tensor<8x32xf32>
  %wb = linalg.generic {indexing_maps = [#ij, #ij], iterator_types = ["parallel", "parallel"]}
      ins(%b : tensor<8x32xbf16>) outs(%eb : tensor<8x32xf32>) {
  ^bb0(%x: bf16, %y: f32):
    %z = arith.extf %x : bf16 to f32
    linalg.yield %z : f32
  } -> tensor<8x32xf32>
  %r = linalg.contract indexing_maps = [#mk, #nk, #mn] ins(%wa, %wb : tensor<16x32xf32>, tensor<8x32xf32>) outs(%c : tensor<16x8xf32>) -> tensor<16x8xf32>
  return %r : tensor<16x8xf32>
}

// CHECK-LABEL: func @one
// CHECK-SAME: (%[[P:.*]]: tensor<16x32xf32>, %[[B:.*]]: tensor<8x32xf16>
func.func @one(%p: tensor<16x32xf32>, %b: tensor<8x32xf16>, %c: tensor<16x8xf32>) -> tensor<16x8xf32> {
  // CHECK: %[[R:.*]] = linalg.generic {{.*}} ins(%[[P]] : tensor<16x32xf32>)
  // CHECK: arith.truncf %{{.*}} : f32 to f16
  // CHECK: linalg.contract {{.*}} ins(%[[R]], %[[B]] : tensor<16x32xf16>, tensor<8x32xf16>)
  %eb = tensor.empty() : tensor<8x32xf32>
  %wb = linalg.generic {indexing_maps = [#ij, #ij], iterator_types = ["parallel", "parallel"]}
      ins(%b : tensor<8x32xf16>) outs(%eb : tensor<8x32xf32>) {
  ^bb0(%x: f16, %y: f32):
    %z = arith.extf %x : f16 to f32
    linalg.yield %z : f32
  } -> tensor<8x32xf32>
  %r = linalg.contract indexing_maps = [#mk, #nk, #mn] ins(%p, %wb : tensor<16x32xf32>, tensor<8x32xf32>) outs(%c : tensor<16x8xf32>) -> tensor<16x8xf32>
  return %r : tensor<16x8xf32>
}

// CHECK-LABEL: func @none
func.func @none(%p: tensor<16x32xf32>, %b: tensor<8x32xf32>, %c: tensor<16x8xf32>) -> tensor<16x8xf32> {
  // CHECK-NEXT: linalg.contract {{.*}} tensor<16x32xf32>, tensor<8x32xf32>
  // REMARK: remark: {{.*}}wide-operands{{.*}}both operands are computed in f32
  %r = linalg.contract indexing_maps = [#mk, #nk, #mn] ins(%p, %b : tensor<16x32xf32>, tensor<8x32xf32>) outs(%c : tensor<16x8xf32>) -> tensor<16x8xf32>
  return %r : tensor<16x8xf32>
}
