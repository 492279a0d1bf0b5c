// RUN: attn-opt %s --tile-narrow-operands --canonicalize | FileCheck %s
// RUN: attn-opt %s --tile-narrow-operands --remarks-filter=tile-narrow-operands 2>&1 | FileCheck %s --check-prefix=REMARK

#mk = affine_map<(m, n, k) -> (m, k)>
#nk = affine_map<(m, n, k) -> (n, k)>
#kn = affine_map<(m, n, k) -> (k, n)>
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

// Weights are computed by the tile, whatever of.
// CHECK-LABEL: func @computed
// CHECK-SAME: (%[[S:.*]]: tensor<16x32xf32>, %[[B:.*]]: tensor<8x32xf16>
func.func @computed(%s: tensor<16x32xf32>, %b: tensor<8x32xf16>, %c: tensor<16x8xf32>) -> tensor<16x8xf32> {
  // CHECK: %[[P:.*]] = linalg.generic {{.*}} ins(%[[S]] : tensor<16x32xf32>)
  // CHECK: %[[R:.*]] = linalg.generic {{.*}} ins(%[[P]] : tensor<16x32xf32>)
  // CHECK: arith.truncf %{{.*}} : f32 to f16
  // CHECK: linalg.contract {{.*}} ins(%[[R]], %[[B]] : tensor<16x32xf16>, tensor<8x32xf16>) outs(%{{.*}} : tensor<16x8xf32>)
  // CHECK-NOT: linalg.contract
  %ep = tensor.empty() : tensor<16x32xf32>
  %p = linalg.generic {indexing_maps = [#ij, #ij], iterator_types = ["parallel", "parallel"]}
      ins(%s : tensor<16x32xf32>) outs(%ep : tensor<16x32xf32>) {
  ^bb0(%x: f32, %y: f32):
    %z = math.exp2 %x : f32
    linalg.yield %z : f32
  } -> tensor<16x32xf32>
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

// What a loop carries is computed, also where it begins with what is read.
// CHECK-LABEL: func @carried
// CHECK-SAME: %[[B:[a-z0-9]+]]: tensor<8x32xbf16>
// CHECK: scf.for {{.*}} iter_args(%[[S:[a-z0-9]+]] = %{{.*}})
// CHECK: %[[R:.*]] = linalg.generic {{.*}} ins(%[[S]] : tensor<16x32xf32>)
// CHECK: linalg.contract {{.*}} ins(%[[R]], %[[B]] : tensor<16x32xbf16>, tensor<8x32xbf16>)
func.func @carried(%s: tensor<16x32xf32>, %b: tensor<8x32xbf16>, %c: tensor<16x8xf32>, %n: index) -> tensor<16x8xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %eb = tensor.empty() : tensor<8x32xf32>
  %wb = linalg.generic {indexing_maps = [#ij, #ij], iterator_types = ["parallel", "parallel"]}
      ins(%b : tensor<8x32xbf16>) outs(%eb : tensor<8x32xf32>) {
  ^bb0(%x: bf16, %y: f32):
    %z = arith.extf %x : bf16 to f32
    linalg.yield %z : f32
  } -> tensor<8x32xf32>
  %l:2 = scf.for %i = %c0 to %n step %c1 iter_args(%state = %s, %acc = %c) -> (tensor<16x32xf32>, tensor<16x8xf32>) {
    %r = linalg.contract indexing_maps = [#mk, #nk, #mn] ins(%state, %wb : tensor<16x32xf32>, tensor<8x32xf32>) outs(%acc : tensor<16x8xf32>) -> tensor<16x8xf32>
    %next = linalg.generic {indexing_maps = [#ij, #ij], iterator_types = ["parallel", "parallel"]}
        ins(%state : tensor<16x32xf32>) outs(%s : tensor<16x32xf32>) {
    ^bb0(%x: f32, %y: f32):
      %z = arith.addf %x, %x : f32
      linalg.yield %z : f32
    } -> tensor<16x32xf32>
    scf.yield %next, %r : tensor<16x32xf32>, tensor<16x8xf32>
  }
  return %l#1 : tensor<16x8xf32>
}

// What is read keeps its 24 bits: three products with bf16, added from zero on.
// CHECK-LABEL: func @given
// CHECK-SAME: (%[[P:.*]]: tensor<16x32xf32>, %[[B:.*]]: tensor<8x32xbf16>, %[[C:.*]]: tensor<16x8xf32>
// CHECK: %[[PARTS:.*]]:3 = linalg.generic {{.*}} ins(%[[P]] : tensor<16x32xf32>)
// CHECK: %[[HIGH:.*]] = arith.truncf %[[X:.*]] : f32 to bf16
// CHECK: %[[WIDE:.*]] = arith.extf %[[HIGH]]
// CHECK: %[[REST:.*]] = arith.subf %[[X]], %[[WIDE]]
// CHECK: %[[MIDDLE:.*]] = arith.truncf %[[REST]] : f32 to bf16
// CHECK: %[[WIDE2:.*]] = arith.extf %[[MIDDLE]]
// CHECK: %[[REST2:.*]] = arith.subf %[[REST]], %[[WIDE2]]
// CHECK: %[[LOW:.*]] = arith.truncf %[[REST2]] : f32 to bf16
// CHECK: linalg.yield %[[HIGH]], %[[MIDDLE]], %[[LOW]]
// CHECK: %[[R0:.*]] = linalg.contract {{.*}} ins(%[[PARTS]]#2, %[[B]] : tensor<16x32xbf16>, tensor<8x32xbf16>) outs(%{{.*}} : tensor<16x8xf32>)
// CHECK: %[[R1:.*]] = linalg.contract {{.*}} ins(%[[PARTS]]#1, %[[B]] : tensor<16x32xbf16>, tensor<8x32xbf16>) outs(%[[R0]] : tensor<16x8xf32>)
// CHECK: %[[R2:.*]] = linalg.contract {{.*}} ins(%[[PARTS]]#0, %[[B]] : tensor<16x32xbf16>, tensor<8x32xbf16>) outs(%[[R1]] : tensor<16x8xf32>)
// CHECK: linalg.generic {{.*}} ins(%[[C]], %[[R2]] : tensor<16x8xf32>, tensor<16x8xf32>)
// CHECK: arith.addf
// REMARK: remark: {{.*}}split-operand{{.*}}operand 0 is f32 that is read from memory: its 3 parts of bf16
func.func @given(%p: tensor<16x32xf32>, %b: tensor<8x32xbf16>, %c: tensor<16x8xf32>) -> tensor<16x8xf32> {
  %eb = tensor.empty() : tensor<8x32xf32>
  %wb = linalg.generic {indexing_maps = [#ij, #ij], iterator_types = ["parallel", "parallel"]}
      ins(%b : tensor<8x32xbf16>) outs(%eb : tensor<8x32xf32>) {
  ^bb0(%x: bf16, %y: f32):
    %z = arith.extf %x : bf16 to f32
    linalg.yield %z : f32
  } -> tensor<8x32xf32>
  %r = linalg.contract indexing_maps = [#mk, #nk, #mn] ins(%p, %wb : tensor<16x32xf32>, tensor<8x32xf32>) outs(%c : tensor<16x8xf32>) -> tensor<16x8xf32>
  return %r : tensor<16x8xf32>
}

// Rows of memory, turned and masked; nothing is added where the sum begins.
// CHECK-LABEL: func @rows
// CHECK: %[[K:.*]] = tile.rows
// CHECK: %[[T:.*]] = linalg.transpose ins(%[[K]] : tensor<8x32xf32>)
// CHECK: %[[M:.*]] = linalg.generic {{.*}} ins(%[[T]] : tensor<32x8xf32>)
// CHECK: %[[PARTS:.*]]:3 = linalg.generic {{.*}} ins(%[[M]] : tensor<32x8xf32>)
// CHECK: linalg.contract {{.*}} ins(%{{.*}}, %[[PARTS]]#2 :
// CHECK: linalg.contract {{.*}} ins(%{{.*}}, %[[PARTS]]#1 :
// CHECK: %[[R:.*]] = linalg.contract {{.*}} ins(%{{.*}}, %[[PARTS]]#0 :
// CHECK: return %[[R]]
// REMARK: remark: {{.*}}split-operand{{.*}}operand 1 is f32
func.func @rows(%a: tensor<16x32xbf16>, %k: tensor<1x?x32xf32>, %j: !tile.coords<8>, %last: index) -> tensor<16x8xf32> {
  %c0 = arith.constant 0 : index
  %zero = arith.constant 0.0 : f32
  %ea = tensor.empty() : tensor<16x32xf32>
  %wa = linalg.generic {indexing_maps = [#ij, #ij], iterator_types = ["parallel", "parallel"]}
      ins(%a : tensor<16x32xbf16>) outs(%ea : tensor<16x32xf32>) {
  ^bb0(%x: bf16, %y: f32):
    %z = arith.extf %x : bf16 to f32
    linalg.yield %z : f32
  } -> tensor<16x32xf32>
  %rows = tile.rows %k[%c0] at %j : tensor<1x?x32xf32>, !tile.coords<8> -> tensor<8x32xf32>
  %et = tensor.empty() : tensor<32x8xf32>
  %turned = linalg.transpose ins(%rows : tensor<8x32xf32>) outs(%et : tensor<32x8xf32>) permutation = [1, 0]
  %masked = linalg.generic {indexing_maps = [#ij, #ij], iterator_types = ["parallel", "parallel"]}
      ins(%turned : tensor<32x8xf32>) outs(%et : tensor<32x8xf32>) {
  ^bb0(%x: f32, %y: f32):
    %column = linalg.index 1 : index
    %is = arith.cmpi ult, %column, %last : index
    %z = arith.select %is, %x, %zero : f32
    linalg.yield %z : f32
  } -> tensor<32x8xf32>
  %c = tensor.empty() : tensor<16x8xf32>
  %zeros = linalg.fill ins(%zero : f32) outs(%c : tensor<16x8xf32>) -> tensor<16x8xf32>
  %r = linalg.contract indexing_maps = [#mk, #kn, #mn] ins(%wa, %masked : tensor<16x32xf32>, tensor<32x8xf32>) outs(%zeros : tensor<16x8xf32>) -> tensor<16x8xf32>
  return %r : tensor<16x8xf32>
}

// f16 has bits for parts of f32, but not its range.
// CHECK-LABEL: func @range
// CHECK: linalg.contract {{.*}} tensor<16x32xf32>, tensor<8x32xf32>
// CHECK-NOT: linalg.contract
// REMARK: remark: {{.*}}mixed-operands{{.*}}operand 0 is f32 that is read from memory, which is not rounded
func.func @range(%p: tensor<16x32xf32>, %b: tensor<8x32xf16>, %c: tensor<16x8xf32>) -> tensor<16x8xf32> {
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

// Of two unlike ones, f16 is one that is read.
// CHECK-LABEL: func @unlike
// CHECK: linalg.generic {{.*}} outs(%{{.*}}, %{{.*}}, %{{.*}} : tensor<16x32xbf16>, tensor<16x32xbf16>, tensor<16x32xbf16>)
// CHECK-COUNT-3: linalg.contract {{.*}} tensor<16x32xbf16>, tensor<8x32xbf16>
func.func @unlike(%a: tensor<16x32xf16>, %b: tensor<8x32xbf16>, %c: tensor<16x8xf32>) -> tensor<16x8xf32> {
  %ea = tensor.empty() : tensor<16x32xf32>
  %wa = linalg.generic {indexing_maps = [#ij, #ij], iterator_types = ["parallel", "parallel"]}
      ins(%a : tensor<16x32xf16>) outs(%ea : tensor<16x32xf32>) {
  ^bb0(%x: f16, %y: f32):
    %z = arith.extf %x : f16 to f32
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

// CHECK-LABEL: func @none
func.func @none(%p: tensor<16x32xf32>, %b: tensor<8x32xf32>, %c: tensor<16x8xf32>) -> tensor<16x8xf32> {
  // CHECK-NEXT: linalg.contract {{.*}} tensor<16x32xf32>, tensor<8x32xf32>
  // REMARK: remark: {{.*}}wide-operands{{.*}}no operand is the extension of a 16-bit float
  %r = linalg.contract indexing_maps = [#mk, #nk, #mn] ins(%p, %b : tensor<16x32xf32>, tensor<8x32xf32>) outs(%c : tensor<16x8xf32>) -> tensor<16x8xf32>
  return %r : tensor<16x8xf32>
}
