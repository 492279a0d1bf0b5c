// A batch of one, whose length is known at run time: which of its extents of 1 a buffer
// has lost is not left to be guessed.

// RUN: attn-run %s --entry=order --input=@random --dims=70 --check 2>&1 | FileCheck %s
// CHECK: check: result 0 i32[1, 3, 70]: ok
func.func @order(%x: tensor<1x3x?xi32>) -> tensor<1x3x?xi32> {
  %c2 = arith.constant 2 : index
  %n = tensor.dim %x, %c2 : tensor<1x3x?xi32>
  %e = tensor.empty(%n) : tensor<1x3x?xi32>
  %o = attn.sort %x outs(%e) : tensor<1x3x?xi32> -> tensor<1x3x?xi32>
  return %o : tensor<1x3x?xi32>
}
