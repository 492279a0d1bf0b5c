// Every attn operation that is made of smaller ones becomes these.
module attributes {transform.with_named_sequence} {
  transform.named_sequence @__transform_main(%root: !transform.any_op {transform.readonly}) {
    %attention = transform.structured.match ops{["attn.attention"]} in %root : (!transform.any_op) -> !transform.any_op
    %0 = transform.structured.decompose_interface %attention : (!transform.any_op) -> !transform.any_op
    %merge = transform.structured.match ops{["attn.merge"]} in %root : (!transform.any_op) -> !transform.any_op
    %1 = transform.structured.decompose_interface %merge : (!transform.any_op) -> !transform.any_op
    %finalize = transform.structured.match ops{["attn.finalize"]} in %root : (!transform.any_op) -> !transform.any_op
    %2 = transform.structured.decompose_interface %finalize : (!transform.any_op) -> !transform.any_op
    transform.yield
  }
}
