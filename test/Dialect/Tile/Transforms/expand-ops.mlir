// RUN: attn-opt %s --tile-expand-ops --canonicalize --cse --split-input-file --verify-diagnostics | FileCheck %s

// A tile past the end reads as zero.

// CHECK-LABEL: func @rows
// CHECK: %[[COUNT:.*]] = affine.max
// CHECK: %[[SLICE:.*]] = tensor.extract_slice %{{.*}}[%{{.*}}, %{{.*}}, 0] [1, %[[COUNT]], 8] [1, 1, 1] : tensor<2x?x8xf32> to tensor<?x8xf32>
// CHECK: %[[ZEROS:.*]] = linalg.fill
// CHECK: tensor.insert_slice %[[SLICE]] into %[[ZEROS]][0, 0] [%[[COUNT]], 8] [1, 1]
func.func @rows(%x: tensor<2x?x8xf32>, %b: index, %i: index, %n: index) -> tensor<16x8xf32> {
  %I = tile.coords %i limit(%n) : !tile.coords<16>
  %t = tile.rows %x[%b] at %I : tensor<2x?x8xf32>, !tile.coords<16> -> tensor<16x8xf32>
  return %t : tensor<16x8xf32>
}

// -----

// A complete tile is a slice.

// CHECK-LABEL: func @complete
// CHECK-NOT: linalg.fill
// CHECK: tensor.extract_slice %{{.*}}[%{{.*}}, %{{.*}}, 0] [1, 16, 8] [1, 1, 1]
func.func @complete(%x: tensor<2x?x8xf32>, %b: index, %i: index, %n: index) -> tensor<16x8xf32> {
  %I = tile.coords %i limit(%n) complete : !tile.coords<16>
  %t = tile.rows %x[%b] at %I : tensor<2x?x8xf32>, !tile.coords<16> -> tensor<16x8xf32>
  return %t : tensor<16x8xf32>
}

// -----

// Existing rows are written, the others dropped.

// CHECK-LABEL: func @insert
// CHECK: %[[SLICE:.*]] = tensor.extract_slice %{{.*}}[0, 0] [%[[COUNT:.*]], 6] [1, 1] : tensor<16x8xf32>
// CHECK: tensor.insert_slice %[[SLICE]] into %{{.*}}[%{{.*}}, %{{.*}}, 0] [1, %[[COUNT]], 6]
func.func @insert(%t: tensor<16x8xf32>, %x: tensor<2x?x6xf32>, %b: index, %i: index, %n: index) -> tensor<2x?x6xf32> {
  %I = tile.coords %i limit(%n) : !tile.coords<16>
  %y = tile.insert %t into %x[%b] at %I : tensor<16x8xf32> into tensor<2x?x6xf32>, !tile.coords<16>
  return %y : tensor<2x?x6xf32>
}

// -----

// i >= j at logical positions, and the column exists: min(i, last) >= j. One side is
// of the row, the other of the column: neither is computed for each pair.

// CHECK-LABEL: func @predicate
// CHECK-SAME: (%[[I:[a-z0-9]+]]: index, %[[J:[a-z0-9]+]]: index, %{{[a-z0-9]+}}: index, %[[S:[a-z0-9]+]]: index
// CHECK: %[[ONE:.*]] = arith.constant 1 : i32
// CHECK: %[[SHIFTED:.*]] = arith.addi %[[I]], %[[S]]
// CHECK: %[[FIRST_ROW:.*]] = arith.index_cast %[[SHIFTED]] : index to i32
// CHECK: %[[FIRST_COL:.*]] = arith.index_cast %[[J]] : index to i32
// CHECK: %[[EXISTING:.*]] = affine.max
// CHECK: %[[COUNT:.*]] = arith.index_cast %[[EXISTING]] : index to i32
// CHECK: %[[LESS:.*]] = arith.subi %[[COUNT]], %[[ONE]] : i32
// CHECK: %[[LAST:.*]] = arith.addi %[[LESS]], %[[FIRST_COL]] overflow<nsw> : i32
// CHECK: linalg.generic
// CHECK: %[[R:.*]] = linalg.index 0
// CHECK-NEXT: %[[R32:.*]] = arith.index_cast %[[R]] : index to i32
// CHECK-NEXT: %[[C:.*]] = linalg.index 1
// CHECK-NEXT: %[[C32:.*]] = arith.index_cast %[[C]] : index to i32
// CHECK-NEXT: %[[ROW:.*]] = arith.addi %[[R32]], %[[FIRST_ROW]] overflow<nsw> : i32
// CHECK-NEXT: %[[COL:.*]] = arith.addi %[[C32]], %[[FIRST_COL]] overflow<nsw> : i32
// CHECK-NEXT: %[[BOUND:.*]] = arith.minsi %[[ROW]], %[[LAST]] : i32
// CHECK-NEXT: %[[SEES:.*]] = arith.cmpi sge, %[[BOUND]], %[[COL]] : i32
// CHECK-NEXT: linalg.yield %[[SEES]]
func.func @predicate(%i: index, %j: index, %n: index, %s: index, %b: index, %h: index) -> tensor<4x8xi1> {
  %I = tile.coords %i limit(%n) shift(%s) : !tile.coords<4>
  %J = tile.coords %j limit(%n) : !tile.coords<8>
  %p = tile.predicate #attn.causal rows(%I) cols(%J) at(%b, %h) : !tile.coords<4>, !tile.coords<8> -> tensor<4x8xi1>
  return %p : tensor<4x8xi1>
}

// -----

// Of a conjunction one term tests it, the first that bounds the column from above.

// CHECK-LABEL: func @conjunction
// CHECK-SAME: (%[[I:[a-z0-9]+]]: index, %[[J:[a-z0-9]+]]: index
// CHECK: %[[FIRST_COL:.*]] = arith.index_cast %[[J]] : index to i32
// CHECK: %[[EXISTING:.*]] = affine.max
// CHECK: %[[COUNT:.*]] = arith.index_cast %[[EXISTING]] : index to i32
// CHECK: %[[LESS:.*]] = arith.subi %[[COUNT]], %{{.*}} : i32
// CHECK: %[[LAST:.*]] = arith.addi %[[LESS]], %[[FIRST_COL]] overflow<nsw> : i32
// CHECK: linalg.generic
// CHECK: linalg.index 1
// CHECK: %[[ROW:.*]] = arith.addi
// CHECK-NEXT: %[[COL:.*]] = arith.addi
// CHECK-NEXT: %[[FIRST:.*]] = arith.addi %[[ROW]], %c-2_i32 overflow<nsw> : i32
// CHECK-NEXT: %[[NEAR:.*]] = arith.cmpi sle, %[[FIRST]], %[[COL]] : i32
// CHECK-NEXT: %[[BOUND:.*]] = arith.minsi %[[ROW]], %[[LAST]] : i32
// CHECK-NEXT: %[[BEFORE:.*]] = arith.cmpi sge, %[[BOUND]], %[[COL]] : i32
// CHECK-NEXT: %[[SEES:.*]] = arith.andi %[[NEAR]], %[[BEFORE]] : i1
// CHECK-NEXT: linalg.yield %[[SEES]]
func.func @conjunction(%i: index, %j: index, %n: index, %b: index, %h: index) -> tensor<4x8xi1> {
  %I = tile.coords %i limit(%n) : !tile.coords<4>
  %J = tile.coords %j limit(%n) : !tile.coords<8>
  %p = tile.predicate #attn.window<3, 0> rows(%I) cols(%J) at(%b, %h) : !tile.coords<4>, !tile.coords<8> -> tensor<4x8xi1>
  return %p : tensor<4x8xi1>
}

// -----

// No term of a disjunction may test it: the other would still say yes.

// CHECK-LABEL: func @disjunction
// CHECK-SAME: (%[[I:[a-z0-9]+]]: index, %[[J:[a-z0-9]+]]: index
// CHECK: %[[FIRST_COL:.*]] = arith.index_cast %[[J]] : index to i32
// CHECK: %[[EXISTING:.*]] = affine.max
// CHECK: %[[COUNT:.*]] = arith.index_cast %[[EXISTING]] : index to i32
// CHECK: %[[LESS:.*]] = arith.subi %[[COUNT]], %{{.*}} : i32
// CHECK: %[[LAST:.*]] = arith.addi %[[LESS]], %[[FIRST_COL]] overflow<nsw> : i32
// CHECK: linalg.generic
// CHECK: linalg.index 1
// CHECK: %[[ROW:.*]] = arith.addi
// CHECK-NEXT: %[[COL:.*]] = arith.addi
// CHECK-NEXT: %[[BEFORE:.*]] = arith.cmpi sge, %[[ROW]], %[[COL]] : i32
// CHECK-NEXT: %[[PREFIX:.*]] = arith.cmpi sle, %[[COL]], %c3_i32 : i32
// CHECK-NEXT: %[[SEES:.*]] = arith.ori %[[BEFORE]], %[[PREFIX]] : i1
// CHECK-NEXT: %[[EXISTS:.*]] = arith.cmpi sle, %[[COL]], %[[LAST]] : i32
// CHECK-NEXT: %[[BOTH:.*]] = arith.andi %[[EXISTS]], %[[SEES]] : i1
// CHECK-NEXT: linalg.yield %[[BOTH]]
func.func @disjunction(%i: index, %j: index, %n: index, %b: index, %h: index) -> tensor<4x8xi1> {
  %I = tile.coords %i limit(%n) : !tile.coords<4>
  %J = tile.coords %j limit(%n) : !tile.coords<8>
  %p = tile.predicate #attn.or<causal, prefix<4>> rows(%I) cols(%J) at(%b, %h) : !tile.coords<4>, !tile.coords<8> -> tensor<4x8xi1>
  return %p : tensor<4x8xi1>
}

// -----

// At run-time positions the last column is not at the last position: columns are
// counted.

// CHECK-LABEL: func @positions
// CHECK: %[[EXISTING:.*]] = affine.max
// CHECK: %[[COUNT:.*]] = arith.index_cast %[[EXISTING]] : index to i32
// CHECK: linalg.generic
// CHECK-NEXT: ^bb0(%[[COL:.*]]: i32, %{{.*}}: i1):
// CHECK-NEXT: linalg.index 0
// CHECK-NEXT: arith.index_cast
// CHECK-NEXT: %[[C:.*]] = linalg.index 1
// CHECK-NEXT: %[[C32:.*]] = arith.index_cast %[[C]] : index to i32
// CHECK-NEXT: %[[EXISTS:.*]] = arith.cmpi slt, %[[C32]], %[[COUNT]] : i32
// CHECK-NEXT: %[[ROW:.*]] = arith.addi
// CHECK-NEXT: %[[SEES:.*]] = arith.cmpi sge, %[[ROW]], %[[COL]] : i32
// CHECK-NEXT: %[[BOTH:.*]] = arith.andi %[[EXISTS]], %[[SEES]] : i1
// CHECK-NEXT: linalg.yield %[[BOTH]]
func.func @positions(%i: index, %j: index, %n: index, %b: index, %h: index, %x: tensor<?xi32>) -> tensor<4x8xi1> {
  %I = tile.coords %i limit(%n) : !tile.coords<4>
  %J = tile.coords %j limit(%n) positions(%x : tensor<?xi32>) : !tile.coords<8>
  %p = tile.predicate #attn.causal rows(%I) cols(%J) at(%b, %h) : !tile.coords<4>, !tile.coords<8> -> tensor<4x8xi1>
  return %p : tensor<4x8xi1>
}

// -----

// Only what depends on the column is on its side, whatever the order of the terms:
// i + h - 3 >= j floordiv 4. What a power of two divides is shifted.

// CHECK-LABEL: func @sides
// CHECK-DAG: %[[H:.*]] = arith.index_cast %arg4 : index to i32
// CHECK-DAG: %[[C2:.*]] = arith.constant 2 : i32
// CHECK-DAG: %[[C3:.*]] = arith.constant -3 : i32
// CHECK: linalg.index 0
// CHECK: linalg.index 1
// CHECK: %[[ROW:.*]] = arith.addi
// CHECK-NEXT: %[[COL:.*]] = arith.addi
// CHECK-NEXT: %[[SUM:.*]] = arith.addi %[[H]], %[[ROW]] overflow<nsw> : i32
// CHECK-NEXT: %[[LEFT:.*]] = arith.addi %[[SUM]], %[[C3]] overflow<nsw> : i32
// CHECK-NEXT: %[[RIGHT:.*]] = arith.shrsi %[[COL]], %[[C2]] : i32
// CHECK-NEXT: arith.cmpi sge, %[[LEFT]], %[[RIGHT]] : i32
func.func @sides(%i: index, %j: index, %n: index, %b: index, %h: index) -> tensor<4x8xi1> {
  %I = tile.coords %i limit(%n) complete : !tile.coords<4>
  %J = tile.coords %j limit(%n) complete : !tile.coords<8>
  %p = tile.predicate #attn.affine<"(b, h, i, j) : (i - j floordiv 4 + h - 3 >= 0)"> rows(%I) cols(%J) at(%b, %h) : !tile.coords<4>, !tile.coords<8> -> tensor<4x8xi1>
  return %p : tensor<4x8xi1>
}

// -----

// A parameter of a mask is a number like that of the head.

#prefix = #attn.affine<"(b, h, i, j)[n] : (n - 1 - j >= 0)">

// CHECK-LABEL: func @parameter
// CHECK-SAME: %[[N:[^:]*]]: index)
// CHECK: %[[N32:.*]] = arith.index_cast %[[N]] : index to i32
// CHECK: linalg.generic
// CHECK: arith.addi %[[N32]], %c-1_i32
// CHECK: arith.cmpi sge
func.func @parameter(%i: index, %j: index, %b: index, %n: index) -> tensor<4x8xi1> {
  %I = tile.coords %i limit(%n) : !tile.coords<4>
  %J = tile.coords %j limit(%n) shift(%b) complete : !tile.coords<8>
  %m = tile.predicate #prefix rows(%I) cols(%J) at(%b, %b) parameters(%n) : !tile.coords<4>, !tile.coords<8> -> tensor<4x8xi1>
  return %m : tensor<4x8xi1>
}

// -----

// A bit is read from the word of the row, of rows and words that exist; behind the
// last word none is set. Not all rows of a tile exist.

// CHECK-LABEL: func @bits
// CHECK-SAME: (%[[I:.*]]: index, %{{.*}}: index, %{{.*}}: index, %[[N:.*]]: index, %[[START:.*]]: index, %[[W:.*]]: tensor<?x2xi32>)
// CHECK: %[[START32:.*]] = arith.index_cast %[[START]] : index to i32
// CHECK: linalg.generic
// CHECK: %[[BEFORE:.*]] = arith.cmpi sge
// CHECK: %[[NODE:.*]] = arith.subi %{{.*}}, %[[START32]]
// CHECK: %[[WORD:.*]] = arith.shrsi %[[NODE]], %c5_i32
// CHECK: %[[READ:.*]] = tensor.extract %[[W]][%{{.*}}, %{{.*}}]
// CHECK: %[[PLACE:.*]] = arith.andi %[[NODE]], %c31_i32
// CHECK: %[[BIT:.*]] = arith.shrui %[[READ]], %[[PLACE]]
// CHECK: %[[SET:.*]] = arith.trunci %[[BIT]] : i32 to i1
// CHECK: %[[EXISTS:.*]] = arith.cmpi ult, %[[WORD]], %c2_i32
// CHECK: %[[HAS:.*]] = arith.andi %[[EXISTS]], %[[SET]]
// CHECK: arith.ori %[[BEFORE]], %[[HAS]]
func.func @bits(%i: index, %j: index, %b: index, %n: index, %start: index, %w: tensor<?x2xi32>) -> tensor<4x8xi1> {
  %I = tile.coords %i limit(%n) : !tile.coords<4>
  %J = tile.coords %j limit(%n) complete : !tile.coords<8>
  %m = tile.predicate #attn.tree rows(%I) cols(%J) at(%b, %b) parameters(%start) bits(%w : tensor<?x2xi32>) : !tile.coords<4>, !tile.coords<8> -> tensor<4x8xi1>
  return %m : tensor<4x8xi1>
}

// -----

func.func @inside_a_fold(%n: index, %x: tensor<?x8xf32>, %s: tensor<16x8xf32>) -> tensor<16x8xf32> {
  // expected-error @below {{was not expanded}}
  %d = tile.domain %n : !tile.domain<16>
  %r = tile.fold free (%J, partial = %p) in %d iter(%a = %s) : !tile.domain<16>, tensor<16x8xf32> {
    %t = tile.rows %x[] at %J : tensor<?x8xf32>, !tile.coords<16> -> tensor<16x8xf32>
    tile.yield %t : tensor<16x8xf32>
  }
  return %r : tensor<16x8xf32>
}

// -----

// A remainder by a power of two are bits; by another number, what the quotient
// leaves.

// CHECK-LABEL: func @remainders
// CHECK-DAG: %[[C7:.*]] = arith.constant 7 : i32
// CHECK-DAG: %[[C6:.*]] = arith.constant 6 : i32
// CHECK: linalg.generic
// CHECK: arith.andi %[[COL:.*]], %[[C7]] : i32
// CHECK: %[[QUOTIENT:.*]] = arith.floordivsi %[[COL]], %[[C6]] : i32
// CHECK: %[[WHOLE:.*]] = arith.muli %[[QUOTIENT]], %[[C6]] : i32
// CHECK: arith.subi %[[COL]], %[[WHOLE]] : i32
func.func @remainders(%i: index, %j: index, %n: index, %b: index, %h: index) -> tensor<4x8xi1> {
  %I = tile.coords %i limit(%n) complete : !tile.coords<4>
  %J = tile.coords %j limit(%n) complete : !tile.coords<8>
  %p = tile.predicate #attn.affine<"(b, h, i, j) : (i - j mod 8 >= 0, i - j mod 6 >= 0)"> rows(%I) cols(%J) at(%b, %h) : !tile.coords<4>, !tile.coords<8> -> tensor<4x8xi1>
  return %p : tensor<4x8xi1>
}
