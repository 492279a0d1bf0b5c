// RUN: attn-opt %s --attn-io-report="cpu=x86-64-v3 threads=2" -o /dev/null | FileCheck %s
// RUN: attn-opt %s --attn-io-report="cpu=x86-64-v3 threads=2 format=json" -o /dev/null | FileCheck %s --check-prefix=JSON

// What is not counted is said to be estimated. Up to 16384 rows all is counted.

#s = #attn.schedule<rows = 12, cols = 256, micro = #tile.micro_tile<rows = 6, cols = 16, lanes = 8>>

// CHECK: @counted
// CHECK-NEXT: extents
// CHECK-NEXT: work
// CHECK-NEXT: schedule
// JSON: "estimated": [],
func.func @counted(%x: tensor<1x1x16384x16xf32>) -> tensor<1x1x16384x16xf32> {
  %r = attn.attention %x, %x, %x outs(%x) scale(1.0) mask(causal) schedule(#s)
    : tensor<1x1x16384x16xf32>, tensor<1x1x16384x16xf32>, tensor<1x1x16384x16xf32> -> tensor<1x1x16384x16xf32>
  return %r : tensor<1x1x16384x16xf32>
}

// CHECK: @rows
// CHECK: {{^}}  estimated   operations and exponentials by 1 of 2 rows{{$}}
// JSON: "estimated": [
// JSON-NEXT: "operations and exponentials by 1 of 2 rows"
// JSON-NEXT: ],
func.func @rows(%x: tensor<1x1x16385x16xf32>) -> tensor<1x1x16385x16xf32> {
  %r = attn.attention %x, %x, %x outs(%x) scale(1.0) mask(causal) schedule(#s)
    : tensor<1x1x16385x16xf32>, tensor<1x1x16385x16xf32>, tensor<1x1x16385x16xf32> -> tensor<1x1x16385x16xf32>
  return %r : tensor<1x1x16385x16xf32>
}

// A thousand holes in each of 8334 tiles of rows are more than 8 million.
// CHECK: @tiles
// CHECK: {{^}}  estimated   operations and exponentials by 1 of 56 rows, tiles and bytes by 1 of 2 tiles of rows, time by 1 of 9 groups of rows{{$}}
// JSON: "estimated": [
// JSON: "tiles and bytes by 1 of 2 tiles of rows"
func.func @tiles(%q: tensor<1x1x100000x16xf32>, %k: tensor<1x1x1048576x16xf32>) -> tensor<1x1x100000x16xf32> {
  %r = attn.attention %q, %k, %k outs(%q) scale(1.0) mask(strided<1024>) schedule(#s)
    : tensor<1x1x100000x16xf32>, tensor<1x1x1048576x16xf32>, tensor<1x1x1048576x16xf32> -> tensor<1x1x100000x16xf32>
  return %r : tensor<1x1x100000x16xf32>
}

// Without a mask all rows are alike, and one is enough.
// CHECK: @alike
// CHECK-NOT: {{^}}  estimated
// JSON: "estimated": [],
func.func @alike(%x: tensor<1x1x1048576x16xf32>) -> tensor<1x1x1048576x16xf32> {
  %r = attn.attention %x, %x, %x outs(%x) scale(1.0) schedule(#s)
    : tensor<1x1x1048576x16xf32>, tensor<1x1x1048576x16xf32>, tensor<1x1x1048576x16xf32> -> tensor<1x1x1048576x16xf32>
  return %r : tensor<1x1x1048576x16xf32>
}
