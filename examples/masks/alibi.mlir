// ALiBi: causal attention whose logits fall with the distance, per head.
//
//   t(i, j) = scale * q_i . k_j + slopes[h] * (j - i),    j <= i
//
// Press et al. 2022.
//
// The slopes are an operand: 2 ** (-8 (h + 1) / H) in the paper. @alibi_paper has
// the 16 heads of 128 of its model of 1.3 billion parameters.

!qkv = tensor<?x4x?x32xf32>

func.func @alibi(%q: !qkv, %k: !qkv, %v: !qkv, %slopes: tensor<4xf32>) -> !qkv {
  %c0 = arith.constant 0 : index
  %c2 = arith.constant 2 : index
  %batch = tensor.dim %q, %c0 : !qkv
  %length = tensor.dim %q, %c2 : !qkv
  %init = tensor.empty(%batch, %length) : !qkv
  %out = attn.attention %q, %k, %v outs(%init) scale(0.1767766952966369) mask(causal) score {
  ^bb0(%s: f32, %b: index, %h: index, %i: index, %j: index):
    %slope = tensor.extract %slopes[%h] : tensor<4xf32>
    %d = arith.subi %j, %i : index
    %d32 = arith.index_cast %d : index to i32
    %distance = arith.sitofp %d32 : i32 to f32
    %penalty = arith.mulf %slope, %distance : f32
    %t = arith.addf %s, %penalty : f32
    attn.yield %t : f32
  }
      : !qkv, !qkv, !qkv -> !qkv
  return %out : !qkv
}

!paper_qkv = tensor<?x16x?x128xbf16>

func.func @alibi_paper(%q: !paper_qkv, %k: !paper_qkv, %v: !paper_qkv, %slopes: tensor<16xf32>) -> !paper_qkv {
  %c0 = arith.constant 0 : index
  %c2 = arith.constant 2 : index
  %batch = tensor.dim %q, %c0 : !paper_qkv
  %length = tensor.dim %q, %c2 : !paper_qkv
  %init = tensor.empty(%batch, %length) : !paper_qkv
  %out = attn.attention %q, %k, %v outs(%init) scale(0.08838834764831845) mask(causal) score {
  ^bb0(%s: f32, %b: index, %h: index, %i: index, %j: index):
    %slope = tensor.extract %slopes[%h] : tensor<16xf32>
    %d = arith.subi %j, %i : index
    %d32 = arith.index_cast %d : index to i32
    %distance = arith.sitofp %d32 : i32 to f32
    %penalty = arith.mulf %slope, %distance : f32
    %t = arith.addf %s, %penalty : f32
    attn.yield %t : f32
  }
      : !paper_qkv, !paper_qkv, !paper_qkv -> !paper_qkv
  return %out : !paper_qkv
}
