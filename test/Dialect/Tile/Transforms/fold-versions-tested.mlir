// RUN: attn-opt %s --tile-fold-versions --allow-unregistered-dialect --remarks-filter=tile-fold-versions -o /dev/null 2>&1 | FileCheck %s --implicit-check-not=remark
// RUN: attn-opt %s --tile-fold-versions --canonicalize --cse --allow-unregistered-dialect | FileCheck %s --check-prefix=IR

// Where tiles are visited only to be tested, a remark says why, and at which fold.

// CHECK: fold-versions-tested.mlir:[[# @LINE + 3]]:8: remark: [Missed] tested-tiles | Category:tile-fold-versions | Reason="a region decides, which says nothing about tiles: all that the mask leaves are visited, and each position is tested"
func.func @region(%i: index, %n: index, %b: index, %h: index, %s: tensor<4xf32>) -> tensor<4xf32> {
  %d = tile.domain %n irregular : !tile.domain<16>
  %r = tile.fold free (%J, partial = %p) in %d iter(%a = %s) : !tile.domain<16>, tensor<4xf32> {
    %t = "test.step"(%J, %p, %a) : (!tile.coords<16>, i1, tensor<4xf32>) -> tensor<4xf32>
    tile.yield %t : tensor<4xf32>
  }
  return %r : tensor<4xf32>
}

// CHECK: fold-versions-tested.mlir:[[# @LINE + 4]]:8: remark: [Missed] tested-tiles | Category:tile-fold-versions | Reason="positions are known at run time only: all tiles are visited, and each position is tested"
func.func @positions(%i: index, %n: index, %b: index, %h: index, %x: tensor<?xi32>, %s: tensor<4xf32>) -> tensor<4xf32> {
  %I = tile.coords %i limit(%n) positions(%x : tensor<?xi32>) : !tile.coords<32>
  %d = tile.domain %n mask(#attn.causal rows %I : !tile.coords<32> at %b, %h) positions(%x : tensor<?xi32>) : !tile.domain<16>
  %r = tile.fold free (%J, partial = %p) in %d iter(%a = %s) : !tile.domain<16>, tensor<4xf32> {
    %t = "test.step"(%J, %p, %a) : (!tile.coords<16>, i1, tensor<4xf32>) -> tensor<4xf32>
    tile.yield %t : tensor<4xf32>
  }
  return %r : tensor<4xf32>
}

// What is before a tree is full, up to its first node; it is one loop, and the
// tree another.
// CHECK: fold-versions-tested.mlir:[[# @LINE + 14]]:8: remark: [Missed] tested-tiles | Category:tile-fold-versions | Reason="bits of the rows decide, which say nothing about tiles: all tiles that may read one are visited, and each position is tested"
// IR-LABEL: func @tree
// IR-SAME: %[[N:[^:]*]]: index, %[[START:[^:]*]]: index
// IR: %[[BEFORE:.*]] = affine.min #{{.*}}()[%[[START]], %[[N]]]
// IR: affine.max #{{.*}}()[%[[BEFORE]]]
// IR: scf.for
// IR:   "test.step"(%{{.*}}, %false
// IR: scf.for
// IR:   "test.step"(%{{.*}}, %true
// IR-NOT: scf.for
// IR: return
func.func @tree(%n: index, %start: index, %i: index, %b: index, %h: index, %s: tensor<4xf32>) -> tensor<4xf32> {
  %I = tile.coords %i limit(%n) : !tile.coords<32>
  %d = tile.domain %n mask(#attn.tree rows %I : !tile.coords<32> at %b, %h) parameters(%start) : !tile.domain<16>
  %r = tile.fold free (%J, partial = %p) in %d iter(%a = %s) : !tile.domain<16>, tensor<4xf32> {
    %t = "test.step"(%J, %p, %a) : (!tile.coords<16>, i1, tensor<4xf32>) -> tensor<4xf32>
    tile.yield %t : tensor<4xf32>
  }
  return %r : tensor<4xf32>
}

// CHECK: fold-versions-tested.mlir:[[# @LINE + 4]]:8: remark: [Missed] tested-tiles | Category:tile-fold-versions | Reason="ids decide, and there are no bounds of them: all tiles are visited, and each position is tested"
func.func @ids(%i: index, %n: index, %b: index, %h: index, %s: tensor<4xf32>) -> tensor<4xf32> {
  %I = tile.coords %i limit(%n) : !tile.coords<32>
  %d = tile.domain %n mask(#attn.segment rows %I : !tile.coords<32> at %b, %h) : !tile.domain<16>
  %r = tile.fold free (%J, partial = %p) in %d iter(%a = %s) : !tile.domain<16>, tensor<4xf32> {
    %t = "test.step"(%J, %p, %a) : (!tile.coords<16>, i1, tensor<4xf32>) -> tensor<4xf32>
    tile.yield %t : tensor<4xf32>
  }
  return %r : tensor<4xf32>
}

// CHECK: fold-versions-tested.mlir:[[# @LINE + 7]]:8: remark: [Missed] tested-tiles | Category:tile-fold-versions | Reason="the mask has more holes than are stepped over: each tile from the first to the last is asked whether it lies in one"
func.func @holes(%i: index, %n: index, %b: index, %h: index, %s: tensor<4xf32>) -> tensor<4xf32> {
  %I = tile.coords %i limit(%n) : !tile.coords<32>
  %d = tile.domain %n mask(#attn.or<window<100>, affine<"(b, h, i, j) : (i - j - 512 == 0)">,
      affine<"(b, h, i, j) : (i - j - 1024 == 0)">, affine<"(b, h, i, j) : (i - j - 2048 == 0)">,
      affine<"(b, h, i, j) : (i - j - 4096 == 0)">, affine<"(b, h, i, j) : (i - j - 8192 == 0)">,
      affine<"(b, h, i, j) : (i - j - 16384 == 0)">> rows %I : !tile.coords<32> at %b, %h) : !tile.domain<16>
  %r = tile.fold free (%J, partial = %p) in %d iter(%a = %s) : !tile.domain<16>, tensor<4xf32> {
    %t = "test.step"(%J, %p, %a) : (!tile.coords<16>, i1, tensor<4xf32>) -> tensor<4xf32>
    tile.yield %t : tensor<4xf32>
  }
  return %r : tensor<4xf32>
}

// Blocks that are drawn are intervals of tiles: nothing is tested for holes. With
// no mask, or one that bounds tiles, there is nothing to say either.
// IR-LABEL: func @drawn
// IR-NOT: scf.if
// IR: return
func.func @drawn(%i: index, %n: index, %b: index, %h: index, %s: tensor<4xf32>) -> tensor<4xf32> {
  %I = tile.coords %i limit(%n) : !tile.coords<32>
  %d = tile.domain %n mask(#attn.or<global<32>, window<32, 32>, random_block<block = 32, blocks = 100, count = 3, seed = 7>>
      rows %I : !tile.coords<32> at %b, %h) : !tile.domain<16>
  %r = tile.fold free (%J, partial = %p) in %d iter(%a = %s) : !tile.domain<16>, tensor<4xf32> {
    %t = "test.step"(%J, %p, %a) : (!tile.coords<16>, i1, tensor<4xf32>) -> tensor<4xf32>
    tile.yield %t : tensor<4xf32>
  }
  return %r : tensor<4xf32>
}

func.func @all(%n: index, %s: tensor<4xf32>) -> tensor<4xf32> {
  %d = tile.domain %n : !tile.domain<16>
  %r = tile.fold free (%J, partial = %p) in %d iter(%a = %s) : !tile.domain<16>, tensor<4xf32> {
    %t = "test.step"(%J, %p, %a) : (!tile.coords<16>, i1, tensor<4xf32>) -> tensor<4xf32>
    tile.yield %t : tensor<4xf32>
  }
  return %r : tensor<4xf32>
}
