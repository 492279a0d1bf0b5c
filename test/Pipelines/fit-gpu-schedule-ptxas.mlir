// REQUIRES: ptxas
// RUN: attn-opt %s --attn-fit-gpu-schedule --remarks-filter=attn-fit-gpu-schedule 2>&1 | FileCheck %s

// What a score function takes of registers is not counted. It spills with a tile
// that fits by count, and does not with a smaller one.
// CHECK: remark: {{.*}} Remark="[[ROWS:[0-9]+]] x [[COLS:[0-9]+]], after {{[1-9][0-9]*}} that do not assemble well
// CHECK: schedule(<rows = [[ROWS]], cols = [[COLS]], hoist_pack = false, partial_first = true>)
func.func @tables(%q: tensor<1x8x?x64xbf16>, %o: tensor<1x8x?x64xbf16>, %t: tensor<?x?xf32>, %u: tensor<?x?xf32>) -> tensor<1x8x?x64xbf16> {
  %r = attn.attention %q, %q, %q outs(%o) scale(0.125) score {
    ^bb0(%x: f32, %b: index, %h: index, %i: index, %j: index):
      %v = tensor.extract %t[%i, %j] : tensor<?x?xf32>
      %w = tensor.extract %u[%j, %i] : tensor<?x?xf32>
      %y = arith.mulf %x, %v : f32
      %z = arith.addf %y, %w : f32
      attn.yield %z : f32
  } : tensor<1x8x?x64xbf16>, tensor<1x8x?x64xbf16>, tensor<1x8x?x64xbf16> -> tensor<1x8x?x64xbf16>
  return %r : tensor<1x8x?x64xbf16>
}
