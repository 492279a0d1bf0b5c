// The gated delta rule as an operation, with the interface of the one that is
// written in the tiled level.

!keys = tensor<2x?x64xbf16> // heads, tokens, Dk
!values = tensor<2x?x64xbf16> // heads, tokens, Dv
!states = tensor<2x64x64xf32> // heads, Dk, Dv
!gates = tensor<2x?xf32> // heads, tokens
!keys4 = tensor<1x2x?x64xbf16> // batch, heads, tokens, Dk
!values4 = tensor<1x2x?x64xbf16> // batch, heads, tokens, Dv
!states4 = tensor<1x2x64x64xf32> // batch, heads, Dk, Dv
!gates3 = tensor<1x2x?xf32> // batch, heads, tokens

func.func @gated_delta(%q: !keys, %k: !keys, %v: !values, %g: !gates, %beta: !gates, %state: !states,
    %unused: f32) -> (!values, !states) {
  %c1 = arith.constant 1 : index
  %n = tensor.dim %q, %c1 : !keys
  %q4 = tensor.expand_shape %q [[0, 1], [2], [3]] output_shape [1, 2, %n, 64] : !keys into !keys4
  %k4 = tensor.expand_shape %k [[0, 1], [2], [3]] output_shape [1, 2, %n, 64] : !keys into !keys4
  %v4 = tensor.expand_shape %v [[0, 1], [2], [3]] output_shape [1, 2, %n, 64] : !values into !values4
  %g3 = tensor.expand_shape %g [[0, 1], [2]] output_shape [1, 2, %n] : !gates into !gates3
  %beta3 = tensor.expand_shape %beta [[0, 1], [2]] output_shape [1, 2, %n] : !gates into !gates3
  %state4 = tensor.expand_shape %state [[0, 1], [2], [3]] output_shape [1, 2, 64, 64] : !states into !states4
  %o = tensor.empty(%n) : !values4
  %s = tensor.empty() : !states4
  %r:2 = attn.recurrence %q4, %k4, %v4 outs(%o, %s) scale(0.125)
      decay(scalar %g3 : !gates3) update(delta %beta3 : !gates3) init(%state4 : !states4)
    : !keys4, !keys4, !values4 -> !values4, !states4
  %out = tensor.collapse_shape %r#0 [[0, 1], [2], [3]] : !values4 into !values
  %last = tensor.collapse_shape %r#1 [[0, 1], [2], [3]] : !states4 into !states
  return %out, %last : !values, !states
}
