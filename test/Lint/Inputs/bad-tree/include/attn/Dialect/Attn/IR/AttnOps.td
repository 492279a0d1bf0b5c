def Attn_AttentionOp : Attn_LogitsOp<"attention", []> {}
def Attn_YieldOp : Op<"yield", []> {}
