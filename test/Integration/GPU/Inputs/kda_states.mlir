// The delta rule with a gate for each of 128 keys, in pieces, the state handed over.

!rows = tensor<2x3x1003x128xbf16>
!gates = tensor<2x3x1003x128xf32>
!betas = tensor<2x3x1003xbf16>
!states = tensor<2x3x128x128xf32>

func.func @kda_states(%q: !rows, %k: !rows, %v: !rows, %g: !gates, %beta: !betas, %s: !states) -> (!rows, !states) {
  %out = tensor.empty() : !rows
  %next = tensor.empty() : !states
  %r:2 = attn.recurrence %q, %k, %v outs(%out, %next) scale(0.125) decay(key %g : !gates)
      update(delta %beta : !betas) init(%s : !states)
    : !rows, !rows, !rows -> !rows, !states
  return %r#0, %r#1 : !rows, !states
}
