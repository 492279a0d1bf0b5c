// RUN: attn-opt %s --split-input-file --verify-diagnostics --convert-forall-to-parallel-calls | FileCheck %s

// CHECK:       func.func private @attn_parallel_for(i64, !llvm.ptr, !llvm.ptr)
// CHECK-LABEL: func.func @captures(
// CHECK-SAME:      %[[M:.*]]: memref<?x8xf32>, %[[X:.*]]: f32, %[[H:.*]]: index, %[[N:.*]]: index
// CHECK:         %[[CONTEXT:.*]] = llvm.alloca %{{.*}} x !llvm.struct<(
// CHECK:         %[[TOTAL:.*]] = arith.muli %[[H]], %[[N]]
// CHECK-DAG:     %[[CAST:.*]] = builtin.unrealized_conversion_cast %[[M]] : memref<?x8xf32> to !llvm.struct<(ptr, ptr, i64, array<2 x i64>, array<2 x i64>)>
// CHECK-DAG:     llvm.store %[[CAST]],
// CHECK-DAG:     llvm.store %[[X]],
// CHECK:         %[[F:.*]] = constant @captures_task : (!llvm.ptr, i64, i64) -> ()
// CHECK:         %[[TASK:.*]] = builtin.unrealized_conversion_cast %[[F]] : (!llvm.ptr, i64, i64) -> () to !llvm.ptr
// CHECK:         %[[COUNT:.*]] = arith.index_cast %[[TOTAL]] : index to i64
// CHECK:         call @attn_parallel_for(%[[COUNT]], %[[TASK]], %[[CONTEXT]])
// CHECK-NOT:     scf.forall
// The last dimension is the fastest; its size travels too. Constants do not.
// CHECK-LABEL: func.func private @captures_task(
// CHECK-SAME:      %[[C:.*]]: !llvm.ptr, %[[I:.*]]: i64, %{{.*}}: i64)
// CHECK:         llvm.getelementptr %[[C]][0, 0]
// CHECK:         llvm.load
// CHECK:         %[[ID:.*]] = arith.index_cast %[[I]] : i64 to index
// CHECK:         %[[COL:.*]] = arith.remui %[[ID]], %[[SIZE:.*]] : index
// CHECK:         %[[ROW:.*]] = arith.divui %[[ID]], %[[SIZE]] : index
// CHECK:         memref.store %{{.*}}, %{{.*}}[%[[ROW]], %[[COL]]]
// CHECK:         return
func.func @captures(%m: memref<?x8xf32>, %x: f32, %h: index, %n: index) {
  %c2 = arith.constant 2.0 : f32
  scf.forall (%i, %j) in (%h, %n) {
    %y = arith.mulf %x, %c2 : f32
    memref.store %y, %m[%i, %j] : memref<?x8xf32>
  }
  return
}

// -----

// Reversed, with bounds and steps.

// CHECK-LABEL: func.func @reversed
// CHECK:         arith.subi
// CHECK:         arith.ceildivsi
// CHECK-LABEL: func.func private @reversed_task
// CHECK:         %[[ID:.*]] = arith.index_cast
// CHECK:         %[[LAST:.*]] = arith.subi %{{.*}}, %c1
// CHECK:         %[[REVERSED:.*]] = arith.subi %[[LAST]], %[[ID]]
// CHECK:         %[[SCALED:.*]] = arith.muli %[[REVERSED]], %c4
// CHECK:         arith.addi %[[SCALED]],
func.func @reversed(%m: memref<?xf32>, %x: f32, %a: index, %n: index) {
  scf.forall (%i) = (%a) to (%n) step (4) {
    memref.store %x, %m[%i] : memref<?xf32>
  } {tile.task_order = #tile.task_order<reversed>}
  return
}

// -----

// A parallel loop inside of a task runs in the task.

// CHECK-LABEL: func.func @nested
// CHECK-LABEL: func.func private @nested_task
// CHECK:         scf.for
// CHECK-NOT:     call
func.func @nested(%m: memref<?x?xf32>, %x: f32, %n: index) {
  scf.forall (%i) in (%n) {
    scf.forall (%j) in (%n) {
      memref.store %x, %m[%i, %j] : memref<?x?xf32>
    }
  }
  return
}

// -----

func.func @tensors(%t: tensor<8xf32>, %x: tensor<1xf32>) -> tensor<8xf32> {
  // expected-error @below {{returns tensors: bufferise it first}}
  %r = scf.forall (%i) in (8) shared_outs(%o = %t) -> (tensor<8xf32>) {
    scf.forall.in_parallel {
      tensor.parallel_insert_slice %x into %o[%i] [1] [1] : tensor<1xf32> into tensor<8xf32>
    }
  }
  return %r : tensor<8xf32>
}
