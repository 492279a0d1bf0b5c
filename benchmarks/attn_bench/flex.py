# FlexAttention of PyTorch, as a contestant of CPU and GPU.
#
# Licensed under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Whatever is compiled is compiled whole: where that fails, or has been done too often
for PyTorch, it is an error instead of the unfused evaluation that it falls back to."""

import torch
from torch.nn.attention.flex_attention import create_block_mask, flex_attention

VARIANTS = 1000


def forget():
    """Lets a process compile for any number of cells."""
    torch._dynamo.reset()
    config = torch._dynamo.config
    # Its name in older versions is the second one.
    name = "recompile_limit" if hasattr(config, "recompile_limit") else "cache_size_limit"
    setattr(config, name, VARIANTS)


def compiled(function=flex_attention):
    """For the sizes that it is called with."""
    return torch.compile(function, dynamic=False, fullgraph=True)


def mask_function(pattern):
    sees = pattern.sees
    return lambda b, h, i, j: sees(i, j)


def score_function(softcap, alibi_heads, device):
    """Nothing where logits are left as they are."""
    if softcap:
        return lambda s, b, h, i, j: softcap * torch.tanh(s / softcap)
    if alibi_heads:
        heads = torch.arange(alibi_heads, device=device, dtype=torch.float32)
        slopes = torch.exp2(-8 / alibi_heads * (heads + 1))
        return lambda s, b, h, i, j: s + slopes[h] * (j - i)
    return None


def block_mask(pattern, length, device, create=create_block_mask):
    """One for all batch entries and heads."""
    return create(mask_function(pattern), None, None, length, length, device=device)
