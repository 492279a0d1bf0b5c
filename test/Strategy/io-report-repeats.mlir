// RUN: attn-opt %s --attn-io-report="cpu=x86-64-v3 threads=2 format=json file=%t" -o /dev/null
// RUN: FileCheck %s < %t

// Tiles between what repeats are empty, tiles within it are full.

#s = #attn.schedule<rows = 96, cols = 256, micro = #tile.micro_tile<rows = 6, cols = 16, lanes = 8>>

// CHECK: "tiles": {
// CHECK-NEXT: "empty": 25,
// CHECK-NEXT: "full": 0,
// CHECK-NEXT: "partial": 19
func.func @dilated(%x: tensor<1x1x1000x16xf32>) -> tensor<1x1x1000x16xf32> {
  %r = attn.attention %x, %x, %x outs(%x) scale(1.0) mask(dilated<64, 512>) schedule(#s)
    : tensor<1x1x1000x16xf32>, tensor<1x1x1000x16xf32>, tensor<1x1x1000x16xf32> -> tensor<1x1x1000x16xf32>
  return %r : tensor<1x1x1000x16xf32>
}

// Half of all keys, in blocks of two tiles.
// CHECK: "tiles": {
// CHECK-NEXT: "empty": 22,
// CHECK-NEXT: "full": 22,
// CHECK-NEXT: "partial": 0
func.func @blocks(%q: tensor<1x1x1000x16xf32>, %k: tensor<1x1x1024x16xf32>) -> tensor<1x1x1000x16xf32> {
  %r = attn.attention %q, %k, %k outs(%q) scale(1.0) mask(affine<"(b, h, i, j) : (j mod 1024 - 512 >= 0)">) schedule(#s)
    : tensor<1x1x1000x16xf32>, tensor<1x1x1024x16xf32>, tensor<1x1x1024x16xf32> -> tensor<1x1x1000x16xf32>
  return %r : tensor<1x1x1000x16xf32>
}
