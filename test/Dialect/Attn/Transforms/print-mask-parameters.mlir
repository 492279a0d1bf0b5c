// RUN: attn-opt %s --attn-print-mask="rows=3 cols=6 parameters=4,2" -o /dev/null | FileCheck %s
// RUN: attn-opt %s --attn-print-mask="rows=128 cols=384 tile-rows=64 tile-cols=64 parameters=192,192" -o /dev/null | FileCheck %s --check-prefix=TILES
// RUN: not attn-opt %s --attn-print-mask="rows=3 cols=6 parameters=4" -o /dev/null 2>&1 | FileCheck %s --check-prefix=FEW

// CHECK: #attn.or<
// CHECK-NEXT:{{^}}####..
// CHECK-NEXT:{{^}}####..
// CHECK-NEXT:{{^}}#####.

// TILES: #attn.or<
// TILES-NEXT:{{^}}###+..
// TILES-NEXT:{{^}}###.+.

// FEW: error: expected 2 parameters of its mask, got 1
func.func @prefix(%q: tensor<1x1x8x4xf32>, %p: tensor<1x1x2xi32>) -> tensor<1x1x8x4xf32> {
  %r = attn.attention %q, %q, %q outs(%q) scale(1.0)
    mask(or<affine<"(b, h, i, j)[n, skip] : (n - 1 - j >= 0)">, affine<"(b, h, i, j)[n, skip] : (j - i - skip == 0)">>)
    parameters(%p : tensor<1x1x2xi32>)
    : tensor<1x1x8x4xf32>, tensor<1x1x8x4xf32>, tensor<1x1x8x4xf32> -> tensor<1x1x8x4xf32>
  return %r : tensor<1x1x8x4xf32>
}
