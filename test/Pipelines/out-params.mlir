// RUN: attn-opt %s --attn-results-to-out-params --split-input-file | FileCheck %s
// RUN: attn-opt %s --attn-lower-to-loops --split-input-file | FileCheck %s --check-prefix=LOOPS

// A tensor result becomes a memref argument of any strides but the innermost;
// other results stay. The computation then goes into this memref.
// CHECK-LABEL: func @attention
// CHECK-SAME: (%[[Q:.*]]: tensor<2x4x?x16xf32>, %[[O:.*]]: memref<2x4x?x16xf32, strided<[?, ?, ?, 1], offset: ?>>) -> index
// CHECK: %[[R:.*]] = attn.attention
// CHECK: bufferization.materialize_in_destination %[[R]] in restrict writable %[[O]]
// CHECK: return %{{.*}} : index

// LOOPS-LABEL: func @attention
// LOOPS-SAME: (%[[Q:.*]]: memref<2x4x?x16xf32, strided<[?, ?, ?, 1], offset: ?>>, %[[O:.*]]: memref<2x4x?x16xf32, strided<[?, ?, ?, 1], offset: ?>>) -> index
// LOOPS-NOT: memref.alloc{{.*}}x16x
// LOOPS: memref.store %{{.*}}, %[[O]]
// LOOPS-NOT: memref.store %{{.*}}, %[[O]]
// LOOPS: return
func.func @attention(%q: tensor<2x4x?x16xf32>) -> (tensor<2x4x?x16xf32>, index) {
  %c2 = arith.constant 2 : index
  %n = tensor.dim %q, %c2 : tensor<2x4x?x16xf32>
  %e = tensor.empty(%n) : tensor<2x4x?x16xf32>
  %r = attn.attention %q, %q, %q outs(%e) scale(1.0)
    : tensor<2x4x?x16xf32>, tensor<2x4x?x16xf32>, tensor<2x4x?x16xf32> -> tensor<2x4x?x16xf32>
  return %r, %n : tensor<2x4x?x16xf32>, index
}

// -----

// A public function that is also called keeps its body for these calls in a
// private copy.
// CHECK-LABEL: func @called
// CHECK-SAME: (%{{.*}}: tensor<4xf32>, %{{.*}}: memref<4xf32, strided<[1], offset: ?>>) {
func.func @called(%a: tensor<4xf32>) -> tensor<4xf32> {
  return %a : tensor<4xf32>
}

// CHECK-LABEL: func @caller
// CHECK: call @[[COPY:called_[0-9]+]](%{{.*}}) : (tensor<4xf32>) -> tensor<4xf32>
func.func @caller(%a: tensor<4xf32>) -> tensor<4xf32> {
  %0 = call @called(%a) : (tensor<4xf32>) -> tensor<4xf32>
  return %0 : tensor<4xf32>
}

// CHECK: func private @[[COPY]](%{{.*}}: tensor<4xf32>) -> tensor<4xf32>

// -----

// Nothing to move: no tensor among the results, no caller outside, no body.
// CHECK-LABEL: func @scalar(%{{.*}}: tensor<4xf32>) -> index
func.func @scalar(%a: tensor<4xf32>) -> index {
  %c0 = arith.constant 0 : index
  return %c0 : index
}

// CHECK: func private @internal(%{{.*}}: tensor<4xf32>) -> tensor<4xf32>
func.func private @internal(%a: tensor<4xf32>) -> tensor<4xf32> {
  return %a : tensor<4xf32>
}

// CHECK: func private @external(tensor<4xf32>) -> tensor<4xf32>
func.func private @external(tensor<4xf32>) -> tensor<4xf32>

// -----

// An argument that the result would be computed in stays what it was: the
// operation writes elsewhere, over a copy if it reads its destination.
// CHECK-LABEL: func @in_argument
// CHECK-SAME: (%[[A:[a-z0-9]+]]: tensor<4xf32>,
// CHECK: %[[E:.*]] = tensor.empty() : tensor<4xf32>
// CHECK: linalg.exp ins(%[[A]] : tensor<4xf32>) outs(%[[E]] :
func.func @in_argument(%a: tensor<4xf32>) -> tensor<4xf32> {
  %r = linalg.exp ins(%a : tensor<4xf32>) outs(%a : tensor<4xf32>) -> tensor<4xf32>
  return %r : tensor<4xf32>
}

// CHECK-LABEL: func @onto_argument
// CHECK-SAME: (%{{.*}}: tensor<4x4xf32>, %[[C:[a-z0-9]+]]: tensor<4x4xf32>,
// CHECK: %[[COPY:.*]] = linalg.copy ins(%[[C]]
// CHECK: linalg.matmul {{.*}} outs(%[[COPY]] :
func.func @onto_argument(%a: tensor<4x4xf32>, %c: tensor<4x4xf32>) -> tensor<4x4xf32> {
  %r = linalg.matmul ins(%a, %a : tensor<4x4xf32>, tensor<4x4xf32>) outs(%c : tensor<4x4xf32>) -> tensor<4x4xf32>
  return %r : tensor<4x4xf32>
}

// -----

// What branches make goes to the out-parameter in them, so that it is made there.
// CHECK-LABEL: func @branches
// CHECK-SAME: %[[O:[a-z0-9]+]]: memref<2x4x?x16xf32, strided<[?, ?, ?, 1], offset: ?>>)
// CHECK: scf.if
// CHECK: %[[A:.*]] = attn.attention
// CHECK: bufferization.materialize_in_destination %[[A]] in restrict writable %[[O]]
// CHECK: else
// CHECK: %[[B:.*]] = attn.attention
// CHECK: bufferization.materialize_in_destination %[[B]] in restrict writable %[[O]]
// CHECK: return

// LOOPS-LABEL: func @branches
// LOOPS-NOT: memref.alloc{{.*}}x16x
// LOOPS-NOT: memref.copy
func.func @branches(%c: i1, %q: tensor<2x4x?x16xf32>) -> tensor<2x4x?x16xf32> {
  %c2 = arith.constant 2 : index
  %n = tensor.dim %q, %c2 : tensor<2x4x?x16xf32>
  %e = tensor.empty(%n) : tensor<2x4x?x16xf32>
  %r = scf.if %c -> tensor<2x4x?x16xf32> {
    %a = attn.attention %q, %q, %q outs(%e) scale(1.0)
      : tensor<2x4x?x16xf32>, tensor<2x4x?x16xf32>, tensor<2x4x?x16xf32> -> tensor<2x4x?x16xf32>
    scf.yield %a : tensor<2x4x?x16xf32>
  } else {
    %b = attn.attention %q, %q, %q outs(%e) scale(2.0)
      : tensor<2x4x?x16xf32>, tensor<2x4x?x16xf32>, tensor<2x4x?x16xf32> -> tensor<2x4x?x16xf32>
    scf.yield %b : tensor<2x4x?x16xf32>
  }
  return %r : tensor<2x4x?x16xf32>
}

// -----

// What is returned through views is made in the out-parameter, seen the same way.
// CHECK-LABEL: func @views
// CHECK-SAME: %[[O:[a-z0-9]+]]: memref<1x4x?x16xf32, strided<[?, ?, ?, 1], offset: ?>>)
// CHECK: %[[E:.*]] = memref.expand_shape %[[O]] {{\[\[}}0], [1, 2], [3], [4]] {{.*}} into memref<1x2x2x?x16xf32
// CHECK: %[[C:.*]] = memref.collapse_shape %[[E]] {{\[\[}}0, 1], [2], [3], [4]] {{.*}} into memref<2x2x?x16xf32
// CHECK: %[[T:.*]] = memref.transpose %[[C]] (d0, d1, d2, d3) -> (d0, d2, d1, d3)
// CHECK: %[[A:.*]] = attn.attention
// CHECK-NOT: tile.transpose
// CHECK: bufferization.materialize_in_destination %[[A]] in restrict writable %[[T]] : (tensor<2x?x2x16xf32>
// CHECK-NEXT: return

// LOOPS-LABEL: func @views
// LOOPS-NOT: memref.alloc{{.*}}x16x
// LOOPS-NOT: memref.copy
func.func @views(%q: tensor<2x?x2x16xf32>, %k: tensor<2x1x8x16xf32>) -> tensor<1x4x?x16xf32> {
  %c1 = arith.constant 1 : index
  %n = tensor.dim %q, %c1 : tensor<2x?x2x16xf32>
  %e = tensor.empty(%n) : tensor<2x?x2x16xf32>
  %a = attn.attention %q, %k, %k outs(%e) scale(1.0)
    : tensor<2x?x2x16xf32>, tensor<2x1x8x16xf32>, tensor<2x1x8x16xf32> -> tensor<2x?x2x16xf32>
  %t = tile.transpose %a [0, 2, 1, 3] : tensor<2x?x2x16xf32> -> tensor<2x2x?x16xf32>
  %s = tensor.expand_shape %t [[0, 1], [2], [3], [4]] output_shape [1, 2, 2, %n, 16]
    : tensor<2x2x?x16xf32> into tensor<1x2x2x?x16xf32>
  %r = tensor.collapse_shape %s [[0], [1, 2], [3], [4]] : tensor<1x2x2x?x16xf32> into tensor<1x4x?x16xf32>
  return %r : tensor<1x4x?x16xf32>
}

// -----

// Views of an out-parameter come before the branches that results are made in.
// CHECK-LABEL: func @views_of_branches
// CHECK-SAME: %[[O:[a-z0-9]+]]: memref<4x?x16xf32, strided<[?, ?, 1], offset: ?>>)
// CHECK: %[[E:.*]] = memref.expand_shape %[[O]]
// CHECK: scf.if
// CHECK: bufferization.materialize_in_destination %{{.*}} in restrict writable %[[E]]
// CHECK: else
// CHECK: bufferization.materialize_in_destination %{{.*}} in restrict writable %[[E]]
// CHECK: return

// LOOPS-LABEL: func @views_of_branches
// LOOPS-NOT: memref.alloc{{.*}}x16x
// LOOPS-NOT: memref.copy
func.func @views_of_branches(%c: i1, %q: tensor<2x2x?x16xf32>) -> tensor<4x?x16xf32> {
  %c2 = arith.constant 2 : index
  %n = tensor.dim %q, %c2 : tensor<2x2x?x16xf32>
  %e = tensor.empty(%n) : tensor<2x2x?x16xf32>
  %r = scf.if %c -> tensor<2x2x?x16xf32> {
    %a = attn.attention %q, %q, %q outs(%e) scale(1.0)
      : tensor<2x2x?x16xf32>, tensor<2x2x?x16xf32>, tensor<2x2x?x16xf32> -> tensor<2x2x?x16xf32>
    scf.yield %a : tensor<2x2x?x16xf32>
  } else {
    %b = attn.attention %q, %q, %q outs(%e) scale(2.0)
      : tensor<2x2x?x16xf32>, tensor<2x2x?x16xf32>, tensor<2x2x?x16xf32> -> tensor<2x2x?x16xf32>
    scf.yield %b : tensor<2x2x?x16xf32>
  }
  %s = tensor.collapse_shape %r [[0, 1], [2], [3]] : tensor<2x2x?x16xf32> into tensor<4x?x16xf32>
  return %s : tensor<4x?x16xf32>
}
