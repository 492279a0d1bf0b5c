// The attention layer of all-MiniLM-L6-v2: 12 heads of 32, every query sees
// every key of its own sentence. Batch and length are known at run time only;
// a batch is padded to its longest sentence, and keys at or past
// lengths[b] are padding that is never read as values.
//
//   attn-compile attention.mlir --entry=attention --target=host --emit=so -o attention.so

func.func @attention(%q: tensor<?x12x?x32xf32>, %k: tensor<?x12x?x32xf32>,
                     %v: tensor<?x12x?x32xf32>, %lengths: tensor<?xi32>)
    -> tensor<?x12x?x32xf32> {
  %c0 = arith.constant 0 : index
  %c2 = arith.constant 2 : index
  %batch = tensor.dim %q, %c0 : tensor<?x12x?x32xf32>
  %rows = tensor.dim %q, %c2 : tensor<?x12x?x32xf32>
  %init = tensor.empty(%batch, %rows) : tensor<?x12x?x32xf32>
  // 1 / sqrt(32)
  %o = attn.attention %q, %k, %v outs(%init) scale(0.17677669529663688)
         kv_lengths(%lengths : tensor<?xi32>)
     : tensor<?x12x?x32xf32>, tensor<?x12x?x32xf32>, tensor<?x12x?x32xf32>
       -> tensor<?x12x?x32xf32>
  return %o : tensor<?x12x?x32xf32>
}
