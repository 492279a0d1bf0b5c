// REQUIRES: numpy

// Folds that hold the row maximum of their first tiles, against the oracle: where
// later logits are in range of it, and where all has to be done again.

// RUN: %numpy_python %S/Inputs/held.py check attn-run %s none causal window prefix later | FileCheck %s
// CHECK: all agree

// Its twin, which does nothing again, is wrong where sums leave the range, or the
// products of weights and values do.
// RUN: attn-opt %s --attn-lower-to-cpu=stop-after=folds | sed 's/tile\.any .*/arith.constant false/' > %t.mlir
// RUN: not %numpy_python %S/Inputs/held.py compare attn-run %t.mlir %s none | FileCheck %s --check-prefix=TWIN
// TWIN: none, usual (130, 300): result 0 differs
// TWIN: none, jump (130, 300): result 0 differs
// TWIN: none, slope (130, 300): result 0 differs

#held = #attn.schedule<rows = 32, cols = 32, micro = <rows = 4, cols = 16, lanes = 8>, partial_first = true, held = true>
!t = tensor<?x1x?x16xf32>
!l = tensor<?x1x?xf32>

func.func @none(%q: !t, %k: !t, %v: !t) -> (!t, !l) {
  %c0 = arith.constant 0 : index
  %c2 = arith.constant 2 : index
  %b = tensor.dim %q, %c0 : !t
  %n = tensor.dim %q, %c2 : !t
  %o = tensor.empty(%b, %n) : !t
  %l = tensor.empty(%b, %n) : !l
  %r:2 = attn.attention %q, %k, %v outs(%o, %l) scale(1.0) schedule(#held) : !t, !t, !t -> !t, !l
  return %r#0, %r#1 : !t, !l
}

func.func @causal(%q: !t, %k: !t, %v: !t) -> (!t, !l) {
  %c0 = arith.constant 0 : index
  %c2 = arith.constant 2 : index
  %b = tensor.dim %q, %c0 : !t
  %n = tensor.dim %q, %c2 : !t
  %o = tensor.empty(%b, %n) : !t
  %l = tensor.empty(%b, %n) : !l
  %r:2 = attn.attention %q, %k, %v outs(%o, %l) scale(1.0) mask(causal) schedule(#held) : !t, !t, !t -> !t, !l
  return %r#0, %r#1 : !t, !l
}

func.func @window(%q: !t, %k: !t, %v: !t) -> (!t, !l) {
  %c0 = arith.constant 0 : index
  %c2 = arith.constant 2 : index
  %b = tensor.dim %q, %c0 : !t
  %n = tensor.dim %q, %c2 : !t
  %o = tensor.empty(%b, %n) : !t
  %l = tensor.empty(%b, %n) : !l
  %r:2 = attn.attention %q, %k, %v outs(%o, %l) scale(1.0) mask(#attn.window<70>) schedule(#held) : !t, !t, !t -> !t, !l
  return %r#0, %r#1 : !t, !l
}

func.func @prefix(%q: !t, %k: !t, %v: !t) -> (!t, !l) {
  %c0 = arith.constant 0 : index
  %c2 = arith.constant 2 : index
  %b = tensor.dim %q, %c0 : !t
  %n = tensor.dim %q, %c2 : !t
  %o = tensor.empty(%b, %n) : !t
  %l = tensor.empty(%b, %n) : !l
  %r:2 = attn.attention %q, %k, %v outs(%o, %l) scale(1.0) mask(#attn.prefix<100>) schedule(#held) : !t, !t, !t -> !t, !l
  return %r#0, %r#1 : !t, !l
}

// Of the rows of a block the last sees no key in the tile at the diagonal, which is
// the first.
func.func @later(%q: !t, %k: !t, %v: !t) -> (!t, !l) {
  %c0 = arith.constant 0 : index
  %c2 = arith.constant 2 : index
  %b = tensor.dim %q, %c0 : !t
  %n = tensor.dim %q, %c2 : !t
  %o = tensor.empty(%b, %n) : !t
  %l = tensor.empty(%b, %n) : !l
  %r:2 = attn.attention %q, %k, %v outs(%o, %l) scale(1.0) mask(#attn.not<causal>) schedule(#held) : !t, !t, !t -> !t, !l
  return %r#0, %r#1 : !t, !l
}
