// Attention over listed blocks of keys; artefacts.sh makes others of it, with smaller
// blocks and a mask.

!queries = tensor<?x4x?x64xbf16> // batch, heads, tokens, depth
!keys = tensor<?x2x?x64xbf16>
!lists = tensor<?x2x?x9xi32> // batch, heads of keys, blocks of queries, chosen blocks

func.func @selection(%q: !queries, %k: !keys, %v: !keys, %lists: !lists) -> !queries {
  %c0 = arith.constant 0 : index
  %c2 = arith.constant 2 : index
  %batch = tensor.dim %q, %c0 : !queries
  %length = tensor.dim %q, %c2 : !queries
  %init = tensor.empty(%batch, %length) : !queries
  %out = attn.attention %q, %k, %v outs(%init) scale(0.125) select(%lists : !lists) blocks(128, 128) : !queries, !keys, !keys -> !queries
  return %out : !queries
}
