// RUN: sed s/DEPTH/64/g %s > %t.64.mlir
// RUN: sed s/DEPTH/128/g %s > %t.128.mlir
// RUN: attn-compile %t.64.mlir --entry=f --target=x86-64-v4 --emit=asm -o - \
// RUN:   | %python %S/Inputs/inner_loops.py extract 96 > %t.64.s
// RUN: attn-compile %t.128.mlir --entry=f --target=skylake-avx512 --emit=asm -o - \
// RUN:   | %python %S/Inputs/inner_loops.py extract 96 > %t.128.s
// RUN: FileCheck %s --implicit-check-not=rsp --implicit-check-not=ymm \
// RUN:   --implicit-check-not=xmm --implicit-check-not='{{vmov[a-z0-9]+[[:space:]]+%zmm}}' < %t.64.s
// RUN: FileCheck %s --implicit-check-not=rsp --implicit-check-not=ymm \
// RUN:   --implicit-check-not=xmm --implicit-check-not='{{vmov[a-z0-9]+[[:space:]]+%zmm}}' < %t.128.s
// RUN: llvm-mca -mcpu=skylake-avx512 -json %t.64.s \
// RUN:   | %python %S/Inputs/inner_loops.py rate 1.8 | FileCheck %s --check-prefix=RATE
// RUN: llvm-mca -mcpu=skylake-avx512 -json %t.128.s \
// RUN:   | %python %S/Inputs/inner_loops.py rate 1.8 | FileCheck %s --check-prefix=RATE

// The k-loops of both products, in blocks that the mask leaves whole and in
// those that it cuts: 12 x 32 results, four steps of k. Nothing is stored, no
// accumulator moves, and two units for multiply-adds are nearly full.

// CHECK-COUNT-4: LLVM-MCA-BEGIN
// CHECK-NOT: LLVM-MCA-BEGIN
// RATE-COUNT-4: multiply-adds per clock
func.func @f(%q: tensor<1x8x?xDEPTHxf32>, %k: tensor<1x8x?xDEPTHxf32>, %v: tensor<1x8x?xDEPTHxf32>) -> tensor<1x8x?xDEPTHxf32> {
  %c2 = arith.constant 2 : index
  %n = tensor.dim %q, %c2 : tensor<1x8x?xDEPTHxf32>
  %o = tensor.empty(%n) : tensor<1x8x?xDEPTHxf32>
  %r = attn.attention %q, %k, %v outs(%o) scale(0.125) mask(#attn.causal)
    : tensor<1x8x?xDEPTHxf32>, tensor<1x8x?xDEPTHxf32>, tensor<1x8x?xDEPTHxf32> -> tensor<1x8x?xDEPTHxf32>
  return %r : tensor<1x8x?xDEPTHxf32>
}
