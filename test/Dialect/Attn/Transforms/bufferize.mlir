// RUN: attn-opt %s --one-shot-bufferize="bufferize-function-boundaries function-boundary-type-conversion=identity-layout-map" --split-input-file | FileCheck %s

// A destination that is used again is not overwritten; since attention does not
// read it, nothing is copied.
// CHECK-LABEL: func @fresh_destination
// CHECK-SAME: (%[[Q:.*]]: memref<2x4x8x16xf32>)
// CHECK: %[[A:.*]] = memref.alloc()
// CHECK-NOT: memref.copy
// CHECK: attn.attention %[[Q]], %[[Q]], %[[Q]] outs(%[[A]])
// CHECK: return %[[A]], %[[Q]]
func.func @fresh_destination(%q: tensor<2x4x8x16xf32>) -> (tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>) {
  %r = attn.attention %q, %q, %q outs(%q) scale(1.0)
    : tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32> -> tensor<2x4x8x16xf32>
  return %r, %q : tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>
}

// -----

// The partial form continues from its destinations: a copy holds what they held.
// CHECK-LABEL: func @partial
// CHECK-SAME: (%[[Q:.*]]: memref<2x4x8x16xf32>, %[[A:.*]]: memref<2x4x8x16xf32>, %[[R:.*]]: memref<2x4x8xf32>, %[[S:.*]]: memref<2x4x8xf32>)
// CHECK: %[[C:.*]] = memref.alloc()
// CHECK: memref.copy %[[A]], %[[C]]
// CHECK: attn.partial %[[Q]], %[[Q]], %[[Q]] outs(%[[C]], %[[R]], %[[S]])
// CHECK: return %[[C]], %[[A]]
func.func @partial(%q: tensor<2x4x8x16xf32>, %a: tensor<2x4x8x16xf32>, %r: tensor<2x4x8xf32>, %s: tensor<2x4x8xf32>)
    -> (tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>) {
  %p:3 = attn.partial %q, %q, %q outs(%a, %r, %s) scale(1.0)
    : tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32> -> tensor<2x4x8x16xf32>, tensor<2x4x8xf32>, tensor<2x4x8xf32>
  return %p#0, %a : tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>
}

// -----

// A region that reads the destination sees its old value, so the result goes
// elsewhere.
// CHECK-LABEL: func @captured_destination
// CHECK-SAME: (%[[Q:.*]]: memref<1x1x8x16xf32>, %[[O:.*]]: memref<1x1x8x16xf32>)
// CHECK: %[[A:.*]] = memref.alloc()
// CHECK: attn.attention %{{.*}} outs(%[[A]])
// CHECK: memref.load %[[O]]
// CHECK: return %[[A]]
func.func @captured_destination(%q: tensor<1x1x8x16xf32>, %o: tensor<1x1x8x16xf32>) -> tensor<1x1x8x16xf32> {
  %c0 = arith.constant 0 : index
  %r = attn.attention %q, %q, %q outs(%o) scale(1.0) score {
  ^bb0(%s: f32, %b: index, %h: index, %i: index, %j: index):
    %x = tensor.extract %o[%c0, %c0, %i, %j] : tensor<1x1x8x16xf32>
    %y = arith.addf %s, %x : f32
    attn.yield %y : f32
  } : tensor<1x1x8x16xf32>, tensor<1x1x8x16xf32>, tensor<1x1x8x16xf32> -> tensor<1x1x8x16xf32>
  return %r : tensor<1x1x8x16xf32>
}

// -----

// A region runs many times: what it writes into a captured tensor is undone each
// time, though nobody else reads it.
// CHECK-LABEL: func @written_in_region
// CHECK-SAME: (%[[Q:.*]]: memref<1x1x8x16xf32>, %[[T:.*]]: memref<8xf32>)
// CHECK: attn.attention
// CHECK: ^bb0
// CHECK: %[[A:.*]] = memref.alloc()
// CHECK: memref.copy %[[T]], %[[A]]
// CHECK: memref.store %{{.*}}, %[[A]]
// CHECK: memref.load %[[A]]
func.func @written_in_region(%q: tensor<1x1x8x16xf32>, %t: tensor<8xf32>) -> tensor<1x1x8x16xf32> {
  %e = tensor.empty() : tensor<1x1x8x16xf32>
  %r = attn.attention %q, %q, %q outs(%e) scale(1.0) score {
  ^bb0(%s: f32, %b: index, %h: index, %i: index, %j: index):
    %t2 = tensor.insert %s into %t[%i] : tensor<8xf32>
    %x = tensor.extract %t2[%j] : tensor<8xf32>
    attn.yield %x : f32
  } : tensor<1x1x8x16xf32>, tensor<1x1x8x16xf32>, tensor<1x1x8x16xf32> -> tensor<1x1x8x16xf32>
  return %r : tensor<1x1x8x16xf32>
}

// -----

// A merge overwrites, so only what is used again needs another buffer, and no
// copy; the states it reads are left as they were.
// CHECK-LABEL: func @merge
// CHECK-SAME: (%[[A:.*]]: memref<1x2x3xf32>, %[[R:.*]]: memref<1x2xf32>)
// CHECK-NOT: memref.copy
// CHECK: attn.merge %[[A]], %[[R]], %[[R]], %[[A]], %[[R]], %[[R]] outs(%[[O:.*]], %{{.*}}, %{{.*}})
// CHECK-NOT: memref.copy
// CHECK: return %[[O]], %[[A]]
func.func @merge(%a: tensor<1x2x3xf32>, %r: tensor<1x2xf32>) -> (tensor<1x2x3xf32>, tensor<1x2x3xf32>) {
  %m:3 = attn.merge %a, %r, %r, %a, %r, %r outs(%a, %r, %r)
    : tensor<1x2x3xf32>, tensor<1x2xf32>, tensor<1x2xf32>, tensor<1x2x3xf32>, tensor<1x2xf32>, tensor<1x2xf32>
    -> tensor<1x2x3xf32>, tensor<1x2xf32>, tensor<1x2xf32>
  return %m#0, %a : tensor<1x2x3xf32>, tensor<1x2x3xf32>
}

// -----

// CHECK-LABEL: func @finalize
// CHECK-SAME: %[[O:[a-z0-9]+]]: memref<1x2x3x4xbf16>)
// CHECK-NOT: memref.{{alloc|copy}}
// CHECK: attn.finalize %{{.*}} outs(%[[O]]) sink(%{{.*}} : memref<2xf32>)
// CHECK: return %[[O]]
func.func @finalize(%a: tensor<1x2x3x4xf32>, %r: tensor<1x2x3xf32>, %s: tensor<2xf32>, %o: tensor<1x2x3x4xbf16>) -> tensor<1x2x3x4xbf16> {
  %f = attn.finalize %a, %r, %r outs(%o) sink(%s : tensor<2xf32>)
    : tensor<1x2x3x4xf32>, tensor<1x2x3xf32>, tensor<1x2x3xf32> -> tensor<1x2x3x4xbf16>
  return %f : tensor<1x2x3x4xbf16>
}

// -----

// The state before is read while the final state is written: where they are one
// tensor, the state before is kept.
// CHECK-LABEL: func @recurrence
// CHECK-SAME: (%[[Q:.*]]: memref<1x2x8x4xf32>, %[[S:.*]]: memref<1x2x4x4xf32>)
// CHECK-DAG: %[[O:.*]] = memref.alloc() {{.*}} : memref<1x2x8x4xf32>
// CHECK-DAG: %[[F:.*]] = memref.alloc() {{.*}} : memref<1x2x4x4xf32>
// CHECK: attn.recurrence %[[Q]], %[[Q]], %[[Q]] outs(%[[O]], %[[F]]) scale(1.000000e+00) init(%[[S]] : memref<1x2x4x4xf32>)
// CHECK: return %[[O]], %[[F]]
func.func @recurrence(%q: tensor<1x2x8x4xf32>, %s: tensor<1x2x4x4xf32>) -> (tensor<1x2x8x4xf32>, tensor<1x2x4x4xf32>) {
  %o = tensor.empty() : tensor<1x2x8x4xf32>
  %r:2 = attn.recurrence %q, %q, %q outs(%o, %s) scale(1.0) init(%s : tensor<1x2x4x4xf32>)
    : tensor<1x2x8x4xf32>, tensor<1x2x8x4xf32>, tensor<1x2x8x4xf32> -> tensor<1x2x8x4xf32>, tensor<1x2x4x4xf32>
  return %r#0, %r#1 : tensor<1x2x8x4xf32>, tensor<1x2x4x4xf32>
}

// CHECK-LABEL: func @scan
// CHECK-SAME: (%[[V:.*]]: memref<1x2x8x4xf32>, %[[S:.*]]: memref<1x2x1x4xf32>)
// CHECK-DAG: %[[O:.*]] = memref.alloc() {{.*}} : memref<1x2x8x4xf32>
// CHECK-DAG: %[[F:.*]] = memref.alloc() {{.*}} : memref<1x2x1x4xf32>
// CHECK: attn.scan %[[V]] outs(%[[O]], %[[F]]) init(%[[S]] : memref<1x2x1x4xf32>)
// CHECK: return %[[O]], %[[F]]
func.func @scan(%v: tensor<1x2x8x4xf32>, %s: tensor<1x2x1x4xf32>) -> (tensor<1x2x8x4xf32>, tensor<1x2x1x4xf32>) {
  %o = tensor.empty() : tensor<1x2x8x4xf32>
  %r:2 = attn.scan %v outs(%o, %s) init(%s : tensor<1x2x1x4xf32>) : tensor<1x2x8x4xf32> -> tensor<1x2x8x4xf32>, tensor<1x2x1x4xf32>
  return %r#0, %r#1 : tensor<1x2x8x4xf32>, tensor<1x2x1x4xf32>
}
