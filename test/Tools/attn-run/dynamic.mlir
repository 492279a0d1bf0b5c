// The caller allocates the results, so their sizes are found from the IR.

// Through a reshaping, calls and arithmetic.
// RUN: attn-run %s --entry=blocks --input=@iota --dims=10 --print | FileCheck %s --check-prefix=BLOCKS
// BLOCKS: result 0: f32[3, 4] = {{\[}}[1, 1, 1, 1], [1, 1, 1, 1], [1, 1, 1, 1]]
func.func private @ones(%n: index) -> tensor<?x4xf32> {
  %one = arith.constant 1.0 : f32
  %e = tensor.empty(%n) : tensor<?x4xf32>
  %r = linalg.fill ins(%one : f32) outs(%e : tensor<?x4xf32>) -> tensor<?x4xf32>
  return %r : tensor<?x4xf32>
}
func.func @blocks(%x: tensor<?xf32>) -> tensor<?x4xf32> {
  %c0 = arith.constant 0 : index
  %c4 = arith.constant 4 : index
  %n = tensor.dim %x, %c0 : tensor<?xf32>
  %m = arith.ceildivsi %n, %c4 : index
  %r = func.call @ones(%m) : (index) -> tensor<?x4xf32>
  return %r : tensor<?x4xf32>
}

// Through an elementwise operation, which only has traits that say so.
// RUN: attn-run %s --entry=sum --input=@iota --dims=3 --print | FileCheck %s --check-prefix=SUM
// SUM: result 0: f32[3] = [1, 1, 1]
func.func @sum(%x: tensor<?xf32>) -> tensor<?xf32> {
  %c0 = arith.constant 0 : index
  %one = arith.constant 1.0 : f32
  %y = arith.addf %x, %x : tensor<?xf32>
  %n = tensor.dim %y, %c0 : tensor<?xf32>
  %e = tensor.empty(%n) : tensor<?xf32>
  %r = linalg.fill ins(%one : f32) outs(%e : tensor<?xf32>) -> tensor<?xf32>
  return %r : tensor<?xf32>
}

// A product of two sizes, which is not affine.
// RUN: attn-run %s --entry=flatten --input=@iota --dims=2,3 --print | FileCheck %s --check-prefix=FLATTEN
// FLATTEN: result 0: f32[6] = [0, 1, 2, 3, 4, 5]
func.func @flatten(%x: tensor<?x?xf32>) -> tensor<?xf32> {
  %r = tensor.collapse_shape %x [[0, 1]] : tensor<?x?xf32> into tensor<?xf32>
  return %r : tensor<?xf32>
}

// RUN: attn-run %s --entry=bounded --input=@iota --dims=5 --print | FileCheck %s --check-prefix=BOUNDED5
// RUN: attn-run %s --entry=bounded --input=@iota --dims=50 --print | FileCheck %s --check-prefix=BOUNDED50
// BOUNDED5: result 0: i32[5]
// BOUNDED50: result 0: i32[8]
func.func @bounded(%x: tensor<?xi32>) -> tensor<?xi32> {
  %c0 = arith.constant 0 : index
  %n = tensor.dim %x, %c0 : tensor<?xi32>
  %m = affine.min affine_map<(d0) -> (d0, 8)>(%n)
  %r = tensor.extract_slice %x[0] [%m] [1] : tensor<?xi32> to tensor<?xi32>
  return %r : tensor<?xi32>
}

// Nothing at all is a size too.
// RUN: attn-run %s --entry=bounded --input=@iota --dims=0 --print | FileCheck %s --check-prefix=BOUNDED0
// BOUNDED0: result 0: i32[0] = []

// A size that depends on data cannot be known before the call.
// RUN: not attn-run %s --entry=data --input=@const:3 2>&1 | FileCheck %s --check-prefix=DATA
// DATA: [[@LINE+3]]:8: error: size 0 of result 0 of 'data' depends on this and not only on the sizes and integer values of the arguments: the caller could not allocate it
// DATA: error: 'data' cannot be run
func.func @data(%x: tensor<i32>) -> tensor<?xf32> {
  %n = tensor.extract %x[] : tensor<i32>
  %m = arith.index_cast %n : i32 to index
  %one = arith.constant 1.0 : f32
  %e = tensor.empty(%m) : tensor<?xf32>
  %r = linalg.fill ins(%one : f32) outs(%e : tensor<?xf32>) -> tensor<?xf32>
  return %r : tensor<?xf32>
}

// RUN: not attn-run %s --entry=negative --input=%t.n.npy 2>&1 | FileCheck %s --check-prefix=NOFILE
// NOFILE: error: {{.*}}.n.npy: cannot be read: No such file or directory
// RUN: %npy make %t.n2.npy i8 '()' -2
// RUN: not attn-run %s --entry=negative --input=%t.n2.npy 2>&1 | FileCheck %s --check-prefix=NEGATIVE
// NEGATIVE: error: dimension 0 of result 0 of 'negative' is -2 for these inputs
func.func @negative(%n: index) -> tensor<?xf32> {
  %one = arith.constant 1.0 : f32
  %e = tensor.empty(%n) : tensor<?xf32>
  %r = linalg.fill ins(%one : f32) outs(%e : tensor<?xf32>) -> tensor<?xf32>
  return %r : tensor<?xf32>
}

// Sizes that have to agree: the operation's own verifier says it.
// RUN: attn-run %s --entry=agree --input=@iota --input=@iota --dims=3,3 --print | FileCheck %s --check-prefix=AGREE
// AGREE: result 0: f32[3] = [0, 2, 4]
// RUN: not attn-run %s --entry=agree --input=@iota --input=@iota --dims=3,4 2>&1 | FileCheck %s --check-prefix=DISAGREE
// DISAGREE: [[@LINE+6]]:8: error: 'linalg.add' op inferred input/output operand #1 has shape's dimension #0 to be 3, but found 4
// DISAGREE: error: the sizes of the inputs do not fit together
func.func @agree(%x: tensor<?xf32>, %y: tensor<?xf32>) -> tensor<?xf32> {
  %c0 = arith.constant 0 : index
  %n = tensor.dim %x, %c0 : tensor<?xf32>
  %e = tensor.empty(%n) : tensor<?xf32>
  %r = linalg.add ins(%x, %y : tensor<?xf32>, tensor<?xf32>) outs(%e : tensor<?xf32>) -> tensor<?xf32>
  return %r : tensor<?xf32>
}

// A loop carries its tensors into a body that is written for any size.
// RUN: attn-run %s --entry=loop --input=@iota --dims=3 --print | FileCheck %s --check-prefix=LOOP
// LOOP: result 0: f32[3] = [0, 2, 4]
func.func @loop(%x: tensor<?xf32>) -> tensor<?xf32> {
  %c0 = arith.constant 0 : index
  %n = tensor.dim %x, %c0 : tensor<?xf32>
  %e = tensor.empty(%n) : tensor<?xf32>
  %r = scf.forall (%i) in (%n) shared_outs(%o = %e) -> (tensor<?xf32>) {
    %a = tensor.extract_slice %x[%i] [1] [1] : tensor<?xf32> to tensor<1xf32>
    %b = tensor.extract_slice %o[%i] [1] [1] : tensor<?xf32> to tensor<1xf32>
    %s = linalg.add ins(%a, %a : tensor<1xf32>, tensor<1xf32>) outs(%b : tensor<1xf32>) -> tensor<1xf32>
    scf.forall.in_parallel {
      tensor.parallel_insert_slice %s into %o[%i] [1] [1] : tensor<1xf32> into tensor<?xf32>
    }
  }
  return %r : tensor<?xf32>
}

// Of branches that compute in one destination.
// RUN: attn-run %s --entry=branches --random-inputs=1 --dims=33 --check | FileCheck %s --check-prefix=BRANCHES
// BRANCHES: result 0 f32[1, 2, 33, 16]: ok
func.func @branches(%c: i1, %q: tensor<1x2x?x16xf32>) -> tensor<1x2x?x16xf32> {
  %c2 = arith.constant 2 : index
  %n = tensor.dim %q, %c2 : tensor<1x2x?x16xf32>
  %e = tensor.empty(%n) : tensor<1x2x?x16xf32>
  %r = scf.if %c -> tensor<1x2x?x16xf32> {
    %a = attn.attention %q, %q, %q outs(%e) scale(1.0)
      : tensor<1x2x?x16xf32>, tensor<1x2x?x16xf32>, tensor<1x2x?x16xf32> -> tensor<1x2x?x16xf32>
    scf.yield %a : tensor<1x2x?x16xf32>
  } else {
    %b = attn.attention %q, %q, %q outs(%e) scale(2.0) mask(causal)
      : tensor<1x2x?x16xf32>, tensor<1x2x?x16xf32>, tensor<1x2x?x16xf32> -> tensor<1x2x?x16xf32>
    scf.yield %b : tensor<1x2x?x16xf32>
  }
  return %r : tensor<1x2x?x16xf32>
}

// Of an insertion, whose sizes are operands.
// RUN: attn-run %s --entry=shifted --random-inputs=1 --dims=33 --check | FileCheck %s --check-prefix=SHIFTED
// SHIFTED: result 0 f32[36]: ok
func.func @shifted(%x: tensor<?xf32>) -> tensor<?xf32> {
  %c0 = arith.constant 0 : index
  %c3 = arith.constant 3 : index
  %zero = arith.constant 0.0 : f32
  %n = tensor.dim %x, %c0 : tensor<?xf32>
  %m = arith.addi %n, %c3 : index
  %e = tensor.empty(%m) : tensor<?xf32>
  %f = linalg.fill ins(%zero : f32) outs(%e : tensor<?xf32>) -> tensor<?xf32>
  %r = tensor.insert_slice %x into %f[3] [%n] [1] : tensor<?xf32> into tensor<?xf32>
  return %r : tensor<?xf32>
}
