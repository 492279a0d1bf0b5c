// RUN: attn-opt %s --attn-select-schedule="cpu=znver3 threads=2" --remarks-filter=attn-select-schedule -o /dev/null 2>&1 | FileCheck %s
// RUN: attn-opt %s --attn-select-schedule="cpu=znver3 threads=2" --remarks-filter-missed=attn-select-schedule -o /dev/null 2>&1 | FileCheck %s --check-prefix=MISSED
// RUN: attn-opt %s --attn-select-schedule="cpu=znver3 threads=2" -o /dev/null 2>&1 | FileCheck %s --check-prefix=QUIET --allow-empty

// QUIET-NOT: remark
// MISSED-NOT: [Passed]
// MISSED: [Missed] runner-up
// MISSED-NOT: [Analysis]

// CHECK: [Passed] schedule | Category:attn-select-schedule | Function=chosen
// CHECK-SAME: Bound=fma
// CHECK-SAME: CompulsoryBytes=33554432
// CHECK-SAME: EmptyTiles=0
// CHECK-SAME: Flops=34359738368
// CHECK-SAME: MemoryBytes=33554432
// CHECK-SAME: register tiles of 6 x 16, packed once: bound by fma
// CHECK-SAME: moves 32768 KiB of memory, 1.00 of the compulsory 32768 KiB
// CHECK: [Missed] runner-up | {{.*}} | Function=chosen | Reason="{{[0-9]+}} x {{[0-9]+}} in register tiles of 6 x 16, packed once: {{[0-9.]+}} % slower, most of it
// CHECK: [Analysis] rejected | {{.*}} | Reason="{{[0-9]+}} of {{[0-9]+}} cuts; the first, {{[0-9]+}} x {{[0-9]+}}: block, rows and state take {{[0-9]+}} KiB of the 256 KiB of L2 they may have"
func.func @chosen(%q: tensor<1x8x4096x64xf32>, %o: tensor<1x8x4096x64xf32>) -> tensor<1x8x4096x64xf32> {
  %r = attn.attention %q, %q, %q outs(%o) scale(0.125)
    : tensor<1x8x4096x64xf32>, tensor<1x8x4096x64xf32>, tensor<1x8x4096x64xf32> -> tensor<1x8x4096x64xf32>
  return %r : tensor<1x8x4096x64xf32>
}

// CHECK: [Passed] given-schedule | {{.*}} | Function=given
// CHECK-SAME: 12 x 32 in register tiles of 6 x 16
// CHECK: [Missed] better-schedule | {{.*}} | Function=given
// CHECK-SAME: would be chosen; the given schedule is {{[0-9.]+}} % slower, most of it
func.func @given(%q: tensor<1x8x4096x64xf32>, %o: tensor<1x8x4096x64xf32>) -> tensor<1x8x4096x64xf32> {
  %r = attn.attention %q, %q, %q outs(%o) scale(0.125)
    schedule(<rows = 12, cols = 32, micro = <rows = 6, cols = 16, lanes = 8>>)
    : tensor<1x8x4096x64xf32>, tensor<1x8x4096x64xf32>, tensor<1x8x4096x64xf32> -> tensor<1x8x4096x64xf32>
  return %r : tensor<1x8x4096x64xf32>
}

// CHECK: [Passed] schedule | {{.*}} | Function=dynamic
// CHECK: [Missed] few-tasks | {{.*}} | Function=dynamic | Reason="1 tasks for 2 threads
// CHECK: [Analysis] assumed | {{.*}} | Function=dynamic | Reason="columns = 2048"
func.func @dynamic(%q: tensor<1x1x1x64xf32>, %k: tensor<1x1x?x64xf32>, %o: tensor<1x1x1x64xf32>) -> tensor<1x1x1x64xf32> {
  %r = attn.attention %q, %k, %k outs(%o) scale(0.125)
    : tensor<1x1x1x64xf32>, tensor<1x1x?x64xf32>, tensor<1x1x?x64xf32> -> tensor<1x1x1x64xf32>
  return %r : tensor<1x1x1x64xf32>
}

// Nothing of this width fits half of L2, so the smallest cut is used.
// CHECK: [Failure] no-fit | {{.*}} | Function=wide | Reason="none of {{[0-9]+}} cuts fits znver3; the smallest is used, whose block, rows and state take
func.func @wide(%q: tensor<1x1x96x4096xf32>, %o: tensor<1x1x96x4096xf32>) -> tensor<1x1x96x4096xf32> {
  %r = attn.attention %q, %q, %q outs(%o) scale(0.125)
    : tensor<1x1x96x4096xf32>, tensor<1x1x96x4096xf32>, tensor<1x1x96x4096xf32> -> tensor<1x1x96x4096xf32>
  return %r : tensor<1x1x96x4096xf32>
}
