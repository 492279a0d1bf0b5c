# BigBird attention, token by token.
#
# Licensed under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""BigBird: blocks of a window, global blocks and random blocks.

Positions are cut into blocks of `block`, the last of which may be short. With
n blocks, a query in block x sees the keys in the blocks

    {0, n - 1, x - 1, x, x + 1} + random_blocks[h, x]       0 < x < n - 1
    all of them                                             x = 0 or x = n - 1

Not causal. The random blocks are an operand; `inputs` draws them, per head,
from the blocks that are not visible anyway. Where fewer than `random` are left,
block 0 stands for the others; a block counts once however often it is named.

Source: Zaheer et al. 2020 (blocks of 64, 3 random blocks; 12 heads of 64).

    q, k, v ``[B, H, S, D]``, random_blocks int32 ``[H, n, random]``     out ``[B, H, S, D]``
"""

import numpy as np

from ._tokens import attend, make_qkv

TEST = dict(block=16, random=2)
PAPER = dict(block=64, random=3)
SIZES = dict(batch=2, heads=4, kv_heads=4, length=203, depth=32)
PAPER_SIZES = dict(batch=1, heads=12, kv_heads=12, length=2011, depth=64)


def count_blocks(length, block):
    return (length + block - 1) // block


def visible_keys(i, length, block, random_blocks):
    """`random_blocks`: those of the head and of the block of the query."""
    n, x = count_blocks(length, block), i // block
    if x in (0, n - 1):
        return list(range(length))
    blocks = {0, n - 1, x - 1, x, x + 1} | {int(y) for y in random_blocks}
    return [j for j in range(length) if j // block in blocks]


def inputs(rng, sizes, parameters):
    n, random = count_blocks(sizes["length"], parameters["block"]), parameters["random"]
    table = np.zeros((sizes["heads"], n, random), np.int32)
    for h in range(sizes["heads"]):
        for x in range(n):
            free = [y for y in range(n) if y not in (0, n - 1, x - 1, x, x + 1)]
            drawn = rng.permutation(free)[:random]
            table[h, x, : len(drawn)] = drawn
    return make_qkv(rng, sizes) | {"random_blocks": table}


def evaluate(q, k, v, random_blocks, *, block, random, scale=None, rows=None):
    length = q.shape[2]
    expected = (q.shape[1], count_blocks(length, block), random)
    if random_blocks.shape != expected:
        raise ValueError(f"random_blocks has shape {expected}, got {random_blocks.shape}")

    def keys(b, h, i):
        return visible_keys(i, length, block, random_blocks[h, i // block])

    return attend(q, k, v, keys, scale=scale, rows=rows)
