// Every expectation of the check dialect can fail, and says where.

// RUN: split-file %s %t
// RUN: attn-opt %t/pass.mlir %oracle | %run | FileCheck %t/pass.mlir
// RUN: attn-opt %t/eq.mlir %oracle | not %run | FileCheck %t/eq.mlir
// RUN: attn-opt %t/eq-const.mlir %oracle | not %run | FileCheck %t/eq-const.mlir
// RUN: attn-opt %t/close.mlir %oracle | not %run | FileCheck %t/close.mlir
// RUN: attn-opt %t/close-const.mlir %oracle | not %run | FileCheck %t/close-const.mlir
// RUN: attn-opt %t/nan.mlir %oracle | not %run | FileCheck %t/nan.mlir
// RUN: attn-opt %t/extent.mlir %oracle | not %run | FileCheck %t/extent.mlir
// RUN: attn-opt %t/nothing.mlir %oracle | not %run | FileCheck %t/nothing.mlir
// RUN: attn-opt %t/attention.mlir %oracle | not %run | FileCheck %t/attention.mlir

//--- pass.mlir
// CHECK: line 7: 2 elements agree
// CHECK-NEXT: line 8: 2 elements agree
// CHECK-NEXT: line 11: 4 elements agree
// CHECK-NEXT: line 12: 1 elements agree
func.func @main() {
  %i = arith.constant dense<[1, 2]> : tensor<2xi32>
  check.expect_eq %i, %i : tensor<2xi32>, tensor<2xi32>
  check.expect_eq_const %i, dense<[1, 2]> : tensor<2xi32> : tensor<2xi32>
  %f = arith.constant dense<[[0xFF800000, 0x7FC00000], [1.0, 1000.0]]> : tensor<2x2xf32>
  %s = arith.constant dense<0.5> : tensor<f16>
  check.expect_close_const %f, dense<[[0xFF800000, 0x7FC00000], [1.01, 1009.0]]> : tensor<2x2xf32> tolerance(0.011) : tensor<2x2xf32>
  check.expect_close %s, %s tolerance(0.0) : tensor<f16>, tensor<f16>
  return
}

//--- eq.mlir
// CHECK: element 1: got 2, expected 3
// CHECK-NEXT: line 6: 1 of 2 elements differ
func.func @main() {
  %a = arith.constant dense<[1, 2]> : tensor<2xi64>
  %b = arith.constant dense<[1, 3]> : tensor<2xi64>
  check.expect_eq %a, %b : tensor<2xi64>, tensor<2xi64>
  return
}

//--- eq-const.mlir
// CHECK: element 2: got 1.5, expected 1.75
// CHECK-NEXT: line 5: 1 of 4 elements differ
func.func @main() {
  %a = arith.constant dense<[[1.0, 2.0], [1.5, 3.0]]> : tensor<2x2xbf16>
  check.expect_eq_const %a, dense<[[1.0, 2.0], [1.75, 3.0]]> : tensor<2x2xbf16> : tensor<2x2xbf16>
  return
}

//--- close.mlir
// CHECK: element 0: got 1, expected 1.25
// CHECK-NEXT: line 6: 1 of 1 elements differ
func.func @main() {
  %a = arith.constant dense<1.0> : tensor<1xf32>
  %b = arith.constant dense<1.25> : tensor<1xf32>
  check.expect_close %a, %b tolerance(0.1) : tensor<1xf32>, tensor<1xf32>
  return
}

//--- close-const.mlir
// CHECK: element 0: got inf, expected -inf
// CHECK-NEXT: element 1: got 1, expected inf
// CHECK-NEXT: line 6: 2 of 2 elements differ
func.func @main() {
  %a = arith.constant dense<[0x7FF0000000000000, 1.0]> : tensor<2xf64>
  check.expect_close_const %a, dense<[0xFFF0000000000000, 0x7FF0000000000000]> : tensor<2xf64> tolerance(1.0e+06) : tensor<2xf64>
  return
}

//--- nan.mlir
// CHECK: element 0: got {{-?}}nan, expected 0
// CHECK-NEXT: element 1: got 0, expected {{-?}}nan
func.func @main() {
  %a = arith.constant dense<[0x7FC00000, 0.0]> : tensor<2xf32>
  check.expect_close_const %a, dense<[0.0, 0x7FC00000]> : tensor<2xf32> tolerance(1.0) : tensor<2xf32>
  return
}

//--- extent.mlir
// CHECK: dimension 0: got 2, expected 3
func.func @main() {
  %c2 = arith.constant dense<2> : tensor<1xindex>
  %c0 = arith.constant 0 : index
  %n = tensor.extract %c2[%c0] : tensor<1xindex>
  %a = arith.constant dense<1.0> : tensor<3xf32>
  %s = tensor.extract_slice %a[0] [%n] [1] : tensor<3xf32> to tensor<?xf32>
  check.expect_eq %s, %a : tensor<?xf32>, tensor<3xf32>
  return
}

//--- nothing.mlir
// CHECK: there is nothing to compare
func.func @main() {
  %a = arith.constant dense<> : tensor<0xf32>
  check.expect_eq %a, %a : tensor<0xf32>, tensor<0xf32>
  return
}

// The whole road: a wrong expectation of an attention fails.
//--- attention.mlir
// CHECK: element 0: got 1.5, expected 1.6
func.func @main() {
  %q = arith.constant dense<0.0> : tensor<1x1x1x1xf32>
  %k = arith.constant dense<[[[[1.0], [2.0]]]]> : tensor<1x1x2x1xf32>
  %e = tensor.empty() : tensor<1x1x1x1xf32>
  %r = attn.attention %q, %k, %k outs(%e) scale(1.0)
    : tensor<1x1x1x1xf32>, tensor<1x1x2x1xf32>, tensor<1x1x2x1xf32> -> tensor<1x1x1x1xf32>
  check.expect_close_const %r, dense<1.6> : tensor<1x1x1x1xf32> tolerance(0.01) : tensor<1x1x1x1xf32>
  return
}
