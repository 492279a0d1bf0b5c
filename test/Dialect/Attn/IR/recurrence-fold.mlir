// RUN: attn-opt %s --tile-form-folds --canonicalize --cse --mlir-print-local-scope | FileCheck %s

// A recurrence is an ordered fold over tokens with two carried tensors: what is
// written of the output, and the state.

// A chunk: sums of gates for each pair of tokens, the inverse of the delta rule,
// and products of matrices. On a CPU the values are as wide as register tiles.
// CHECK-LABEL: func @chunk
// CHECK-SAME: %[[Q:[a-z0-9]*]]: tensor<1x1x?x32xf32>, %[[V:[a-z0-9]*]]: tensor<1x1x?x40xf32>, %[[O:[a-z0-9]*]]: tensor<1x1x?x40xf32>, %[[G:[a-z0-9]*]]: tensor<1x1x?xf32>, %[[B:[a-z0-9]*]]: tensor<1x1x?xf32>, %[[S:[a-z0-9]*]]: tensor<1x1x32x40xf32>
// CHECK: %[[N:.*]] = tensor.dim %[[Q]], %c2
// CHECK: %[[DOMAIN:.*]] = tile.domain %[[N]] : <64>
// CHECK: %[[KEYS:.*]] = tile.coords %c0 limit(%c32) complete : <32>
// CHECK: %[[S0:.*]] = tile.rows %[[S]][%c0, %c0] at %[[KEYS]] : tensor<1x1x32x40xf32>, <32> -> tensor<32x48xf32>
// CHECK: %[[R:.*]]:2 = tile.fold ordered (%[[J:.*]], partial = %{{.*}}) in %[[DOMAIN]] iter(%[[OUT:.*]] = %[[O]], %[[STATE:.*]] = %[[S0]]) micro(#tile.micro_tile<rows = 6, cols = 16, lanes = 8>)
// CHECK: %[[K:.*]] = tile.rows %[[Q]][%c0, %c0] at %[[J]] : {{.*}} -> tensor<64x32xf32>
// CHECK: %[[GATES:.*]] = tile.rows %[[G]][%c0, %c0] at %[[J]] : {{.*}} -> tensor<64xf32>
// CHECK: %[[SUMS:.*]] = tile.scan %[[GATES]] : tensor<64xf32>
// CHECK: %[[TOTAL:.*]] = tensor.extract %[[SUMS]][%c63]
// CHECK: arith.cmpi slt
// CHECK: %[[PAIRS:.*]] = tile.scan %{{.*}} : tensor<64x64xf32>
// CHECK: %[[REST:.*]] = tensor.extract_slice %[[PAIRS]][63, 0] [1, 64] [1, 1]
// CHECK: %[[BETA:.*]] = tile.rows %[[B]][%c0, %c0] at %[[J]]
// CHECK: %[[KK:.*]] = linalg.contract {{.*}} ins(%[[K]], %[[K]] : tensor<64x32xf32>, tensor<64x32xf32>)
// CHECK: %[[A:.*]] = linalg.generic {{.*}} ins(%[[KK]], %[[BETA]], %[[PAIRS]] :
// CHECK: %[[T:.*]] = tile.tri_inverse %[[A]] : tensor<64x64xf32>
// CHECK: %[[KS:.*]] = linalg.contract {{.*}} ins(%[[K]], %[[STATE]] : tensor<64x32xf32>, tensor<32x48xf32>)
// CHECK: %[[ERRORS:.*]] = linalg.generic {{.*}} ins(%{{.*}}, %[[KS]], %[[BETA]], %[[SUMS]] :
// CHECK: %[[X:.*]] = linalg.contract {{.*}} ins(%[[T]], %[[ERRORS]] : tensor<64x64xf32>, tensor<64x48xf32>)
// CHECK: %[[P:.*]] = linalg.generic {{.*}} ins(%{{.*}}, %[[PAIRS]] :
// CHECK: arith.cmpi sle
// CHECK: %[[ROWS:.*]] = linalg.contract {{.*}} ins(%[[P]], %[[X]] : tensor<64x64xf32>, tensor<64x48xf32>)
// CHECK: %[[WRITTEN:.*]] = tile.insert %[[ROWS]] into %[[OUT]][%c0, %c0] at %[[J]]
// CHECK: %[[KD:.*]] = linalg.generic {{.*}} ins(%[[K]], %[[REST]] :
// CHECK: %[[CARRIED:.*]] = linalg.generic {{.*}} outs(%[[STATE]] :
// CHECK: math.exp %[[TOTAL]]
// CHECK: %[[NEXT:.*]] = linalg.contract {{.*}} ins(%[[KD]], %[[X]] : tensor<64x32xf32>, tensor<64x48xf32>) outs(%[[CARRIED]] :
// CHECK: tile.yield %[[WRITTEN]], %[[NEXT]]
// CHECK: %[[LAST:.*]] = tile.insert %[[R]]#1 into %[[S]][%c0, %c0] at %[[KEYS]]
// CHECK: return %[[R]]#0, %[[LAST]]
func.func @chunk(%q: tensor<1x1x?x32xf32>, %v: tensor<1x1x?x40xf32>, %o: tensor<1x1x?x40xf32>, %g: tensor<1x1x?xf32>,
    %b: tensor<1x1x?xf32>, %s: tensor<1x1x32x40xf32>) -> (tensor<1x1x?x40xf32>, tensor<1x1x32x40xf32>) {
  %r:2 = attn.recurrence %q, %q, %v outs(%o, %s) scale(0.25) decay(scalar %g : tensor<1x1x?xf32>)
      update(delta %b : tensor<1x1x?xf32>) init(%s : tensor<1x1x32x40xf32>)
      schedule(<tokens = 64, columns = 40, micro = <rows = 6, cols = 16, lanes = 8>>)
    : tensor<1x1x?x32xf32>, tensor<1x1x?x32xf32>, tensor<1x1x?x40xf32> -> tensor<1x1x?x40xf32>, tensor<1x1x32x40xf32>
  return %r#0, %r#1 : tensor<1x1x?x40xf32>, tensor<1x1x32x40xf32>
}

// Without gates there are no exponentials; values are what is written.
// CHECK-LABEL: func @linear
// CHECK-NOT: math.exp
// CHECK-NOT: tile.tri_inverse
// CHECK: return
func.func @linear(%q: tensor<1x1x?x32xf32>) -> tensor<1x1x?x32xf32> {
  %r = attn.recurrence %q, %q, %q outs(%q) scale(0.25)
      schedule(<tokens = 64, columns = 32, micro = <rows = 6, cols = 16, lanes = 8>>)
    : tensor<1x1x?x32xf32>, tensor<1x1x?x32xf32>, tensor<1x1x?x32xf32> -> tensor<1x1x?x32xf32>
  return %r : tensor<1x1x?x32xf32>
}

// Where instructions multiply tiles of 16-bit numbers: widths in units of 16, the
// state and the weights rounded to what is multiplied, exponents as differences
// that are at most zero where they are asked for.
// CHECK-LABEL: func @narrow
// CHECK: tile.coords %c0 limit(%c60) : <64>
// CHECK: tile.fold ordered
// CHECK: tile.rows {{.*}} : tensor<1x1x?x60xbf16>, <64> -> tensor<64x64xbf16>
// CHECK: arith.truncf %{{.*}} : f32 to bf16
// CHECK: linalg.contract {{.*}} ins(%{{.*}}, %{{.*}} : tensor<64x64xbf16>, tensor<64x64xbf16>) outs(%{{.*}} : tensor<64x64xf32>)
// CHECK: %[[D:.*]] = arith.subf
// CHECK: %[[LOWER:.*]] = arith.cmpi sle
// CHECK: %[[E:.*]] = arith.select %[[LOWER]], %[[D]]
// CHECK: math.exp %[[E]]
// CHECK: arith.truncf %{{.*}} : f32 to bf16
// CHECK: linalg.contract {{.*}} : tensor<64x64xbf16>, tensor<64x48xbf16>) outs(%{{.*}} : tensor<64x48xf32>)
// CHECK: tile.insert %{{.*}} into %{{.*}} : tensor<64x48xf32> into tensor<1x1x60x40xf32>, <64>
func.func @narrow(%q: tensor<1x1x?x60xbf16>, %v: tensor<1x1x?x40xbf16>, %o: tensor<1x1x?x40xbf16>, %g: tensor<1x1x?xf32>,
    %s: tensor<1x1x60x40xf32>) -> (tensor<1x1x?x40xbf16>, tensor<1x1x60x40xf32>) {
  %r:2 = attn.recurrence %q, %q, %v outs(%o, %s) scale(0.25) decay(scalar %g : tensor<1x1x?xf32>)
      schedule(<tokens = 64, columns = 40>)
    : tensor<1x1x?x60xbf16>, tensor<1x1x?x60xbf16>, tensor<1x1x?x40xbf16> -> tensor<1x1x?x40xbf16>, tensor<1x1x60x40xf32>
  return %r#0, %r#1 : tensor<1x1x?x40xbf16>, tensor<1x1x60x40xf32>
}

// A state with columns for a group of warps is transposed, and what is read of it,
// too; what is added to it is a product of columns of values and of keys. There is
// no version for the last chunk.
// CHECK-LABEL: func @turned
// CHECK: tile.domain %{{.*}} : <64>
// CHECK: tile.fold ordered (%{{[a-z0-9]*}}) in
// CHECK: linalg.contract {{.*}} : tensor<80x64xbf16>, tensor<64x64xbf16>) outs(%{{.*}} : tensor<80x64xf32>)
// CHECK: linalg.contract {{.*}} : tensor<64x80xbf16>, tensor<64x64xbf16>) outs(%{{.*}} : tensor<80x64xf32>)
// CHECK: %[[ROWS:.*]] = linalg.transpose ins(%{{.*}} : tensor<80x64xbf16>)
// CHECK: tile.insert %[[ROWS]] into %{{.*}} : tensor<64x80xbf16>
// CHECK: linalg.contract {{.*}} : tensor<80x64xbf16>, tensor<64x64xbf16>) outs(%{{.*}} : tensor<80x64xf32>)
// CHECK: %[[FINAL:.*]] = linalg.transpose ins(%{{.*}} : tensor<80x64xf32>)
// CHECK: tile.insert %[[FINAL]] into %{{.*}} : tensor<64x80xf32> into tensor<1x1x60x80xf32>, <64>
func.func @turned(%q: tensor<1x1x?x60xbf16>, %v: tensor<1x1x?x80xbf16>, %o: tensor<1x1x?x80xbf16>, %g: tensor<1x1x?xf32>,
    %s: tensor<1x1x60x80xf32>) -> (tensor<1x1x?x80xbf16>, tensor<1x1x60x80xf32>) {
  %r:2 = attn.recurrence %q, %q, %v outs(%o, %s) scale(0.25) decay(scalar %g : tensor<1x1x?xf32>)
      schedule(<tokens = 64, columns = 80>)
    : tensor<1x1x?x60xbf16>, tensor<1x1x?x60xbf16>, tensor<1x1x?x80xbf16> -> tensor<1x1x?x80xbf16>, tensor<1x1x60x80xf32>
  return %r#0, %r#1 : tensor<1x1x?x80xbf16>, tensor<1x1x60x80xf32>
}

// A token: the recurrence as it is written. No product of matrices.
// CHECK-LABEL: func @token
// CHECK-NOT: linalg.contract
// CHECK: tile.fold ordered (%[[J:.*]], partial = %{{.*}}) in %{{.*}} iter(%{{.*}}, %[[STATE:.*]] = %{{.*}}) : !tile.domain<1>
// CHECK: %[[K:.*]] = tensor.collapse_shape {{.*}} : tensor<1x32xf32> into tensor<32xf32>
// CHECK: %[[DECAYED:.*]] = linalg.generic {{.*}} outs(%[[STATE]] :
// CHECK: math.exp
// CHECK: %[[SEEN:.*]] = linalg.generic {{.*}} iterator_types = ["parallel", "reduction"]} ins(%[[K]], %[[DECAYED]] :
// CHECK: %[[NEWS:.*]] = linalg.generic {{.*}} ins(%{{.*}}, %[[SEEN]] :
// CHECK: %[[NEXT:.*]] = linalg.generic {{.*}} ins(%[[K]], %[[NEWS]] : tensor<32xf32>, tensor<48xf32>) outs(%[[DECAYED]] :
// CHECK: linalg.generic {{.*}} ins(%[[K]], %[[NEXT]] :
// CHECK: tile.yield %{{.*}}, %[[NEXT]]
// CHECK-NOT: linalg.contract
// CHECK: return
func.func @token(%q: tensor<1x1x?x32xf32>, %v: tensor<1x1x?x48xf32>, %o: tensor<1x1x?x48xf32>, %g: tensor<1x1x?x32xf32>,
    %b: tensor<1x1x?xf32>) -> tensor<1x1x?x48xf32> {
  %r = attn.recurrence %q, %q, %v outs(%o) scale(0.25) decay(key %g : tensor<1x1x?x32xf32>)
      update(delta %b : tensor<1x1x?xf32>) schedule(<tokens = 1, columns = 48>)
    : tensor<1x1x?x32xf32>, tensor<1x1x?x32xf32>, tensor<1x1x?x48xf32> -> tensor<1x1x?x48xf32>
  return %r : tensor<1x1x?x48xf32>
}
