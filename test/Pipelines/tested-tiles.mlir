// RUN: attn-opt %s --attn-lower-to-cpu=cpu=x86-64-v3 --remarks-filter=tile-fold-versions -o /dev/null 2>&1 | FileCheck %s --implicit-check-not=remark
// RUN: attn-opt %s --attn-lower-to-nvvm=stop-after=buffers --remarks-filter=tile-fold-versions -o /dev/null 2>&1 | FileCheck %s --implicit-check-not=remark

// At the operation, once, whether or not a row maximum is held.

// CHECK: tested-tiles.mlir:[[# @LINE + 2]]:8: remark: [Missed] tested-tiles | Category:tile-fold-versions | Reason="a region decides,
func.func @where(%q: tensor<1x2x512x64xbf16>, %seen: tensor<512xi1>) -> tensor<1x2x512x64xbf16> {
  %r = attn.attention %q, %q, %q outs(%q) scale(0.125) mask(window<100>) where {
  ^bb0(%b: index, %h: index, %i: index, %j: index):
    %y = tensor.extract %seen[%j] : tensor<512xi1>
    attn.yield %y : i1
  }
    : tensor<1x2x512x64xbf16>, tensor<1x2x512x64xbf16>, tensor<1x2x512x64xbf16> -> tensor<1x2x512x64xbf16>
  return %r : tensor<1x2x512x64xbf16>
}

// CHECK: tested-tiles.mlir:[[# @LINE + 3]]:8: remark: [Missed] tested-tiles | Category:tile-fold-versions | Reason="bits of the rows decide,
func.func @tree(%q: tensor<1x2x64x64xbf16>, %k: tensor<1x2x?x64xbf16>, %start: tensor<1x1x1xi32>,
    %ancestors: tensor<1x64x2xi32>) -> tensor<1x2x64x64xbf16> {
  %r = attn.attention %q, %k, %k outs(%q) scale(0.125) mask(tree) parameters(%start : tensor<1x1x1xi32>)
    ancestors(%ancestors : tensor<1x64x2xi32>)
    : tensor<1x2x64x64xbf16>, tensor<1x2x?x64xbf16>, tensor<1x2x?x64xbf16> -> tensor<1x2x64x64xbf16>
  return %r : tensor<1x2x64x64xbf16>
}

// Segments are bounded at run time.
func.func @documents(%q: tensor<1x2x512x64xbf16>, %ids: tensor<1x512xi32>) -> tensor<1x2x512x64xbf16> {
  %r = attn.attention %q, %q, %q outs(%q) scale(0.125) mask(and<causal, segment>) segments(%ids, %ids : tensor<1x512xi32>, tensor<1x512xi32>)
    : tensor<1x2x512x64xbf16>, tensor<1x2x512x64xbf16>, tensor<1x2x512x64xbf16> -> tensor<1x2x512x64xbf16>
  return %r : tensor<1x2x512x64xbf16>
}

// All chunks of a recurrence are visited, for all of them count.
func.func @recurrence(%q: tensor<1x2x512x64xbf16>) -> tensor<1x2x512x64xbf16> {
  %r = attn.recurrence %q, %q, %q outs(%q) scale(0.125)
    : tensor<1x2x512x64xbf16>, tensor<1x2x512x64xbf16>, tensor<1x2x512x64xbf16> -> tensor<1x2x512x64xbf16>
  return %r : tensor<1x2x512x64xbf16>
}
