# Attention over listed blocks of keys: the program, its operands and what is expected.
#
# Licensed under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Lists are drawn for each head and block of queries, without repetition, in any order."""

KIND = "blocks"


def source(cell):
    length, size = cell["S"], cell["size"]
    heads = f"tensor<?x{cell['H']}x{length}x{cell['D']}xbf16>"
    lists = f"tensor<?x{cell['H']}x{length // size}x{cell['chosen']}xi32>"
    return f"""func.func @{cell["program"]}(%q: {heads}, %k: {heads}, %v: {heads}, %lists: {lists}) -> {heads} {{
  %c0 = arith.constant 0 : index
  %batch = tensor.dim %q, %c0 : {heads}
  %init = tensor.empty(%batch) : {heads}
  %out = attn.attention %q, %k, %v outs(%init) scale({cell["D"] ** -0.5!r})
      select(%lists : {lists}) blocks({size}, {size}) : {heads}, {heads}, {heads} -> {heads}
  return %out : {heads}
}}
"""


def make_lists(cell):
    import torch

    count = cell["S"] // cell["size"]
    noise = torch.rand(cell["B"], cell["H"], count, count, device="cuda")
    return noise.argsort(-1)[..., : cell["chosen"]].int().contiguous()


def chosen_pairs(cell, lists, rows):
    """Whether rows see keys: by head, row and key."""
    import torch

    count, size = cell["S"] // cell["size"], cell["size"]
    blocks = torch.tensor(list(rows), device="cuda") // size
    seen = torch.zeros(cell["H"], len(blocks), count, dtype=torch.bool, device="cuda")
    seen.scatter_(2, lists[:, blocks].long(), True)
    return seen.repeat_interleave(size, 2)


def block_mask(cell, lists):
    """The lists as FlexAttention takes them: whole blocks, of which none is tested."""
    import torch
    from torch.nn.attention.flex_attention import BlockMask

    count = cell["S"] // cell["size"]
    padded = torch.zeros(*lists.shape[:3], count, dtype=torch.int32, device="cuda")
    padded[..., : cell["chosen"]] = lists.sort(-1).values
    full = torch.full(lists.shape[:3], cell["chosen"], dtype=torch.int32, device="cuda")
    none = torch.zeros_like(full)
    return BlockMask.from_kv_blocks(
        none, torch.zeros_like(padded), full, padded, BLOCK_SIZE=cell["size"]
    )
