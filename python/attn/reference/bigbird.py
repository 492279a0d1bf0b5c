# BigBird attention, token by token.
#
# Licensed under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""BigBird: blocks of a window, global blocks and random blocks.

Positions are cut into blocks of `block`, n = `blocks` in all, the last of which
may be short. A query in block x sees the keys in the blocks

    {0, n - 1, x - 1, x, x + 1} + drawn(h, x)       0 < x < n - 1
    all of them                                     x = 0 or x = n - 1

Not causal. In the paper the random blocks are drawn at random, once for all.
Here they follow from a seed: of blocks cut into `random` stripes, as equal as
can be, each query sees one block of each,

    first_r + (a_r x + b_r h + c_r) mod m_r

of the stripe that begins at block first_r and has m_r blocks. The numbers are
successive values of s <- 48271 s mod (2^31 - 1) (Park and Miller 1988), modulo
m_r; a_r is raised until it has no divisor in common with m_r. A block counts
once however often it is named.

Source: Zaheer et al. 2020 (blocks of 64, 3 random blocks; 12 heads of 64).

    q, k, v, out ``[B, H, S, D]``
"""

import numpy as np

from ._tokens import attend, make_qkv

TEST = dict(block=16, blocks=13, random=2, seed=7)
PAPER = dict(block=64, blocks=32, random=3, seed=7)
SIZES = dict(batch=2, heads=4, kv_heads=4, length=203, depth=32)
PAPER_SIZES = dict(batch=1, heads=12, kv_heads=12, length=2011, depth=64)


def drawn_blocks(h, x, blocks, random, seed):
    drawn = []
    for r in range(random):
        first, end = r * blocks // random, (r + 1) * blocks // random
        numbers = []
        for _ in range(3):
            seed = seed * 48271 % (2**31 - 1)
            numbers.append(seed % (end - first))
        a, b, c = numbers
        while np.gcd(a, end - first) > 1:
            a += 1
        drawn.append(first + (a * x + b * h + c) % (end - first))
    return drawn


def visible_keys(h, i, length, block, blocks, random, seed):
    x, last = i // block, blocks - 1
    if x in (0, last):
        return list(range(length))
    seen = {0, last, x - 1, x, x + 1, *drawn_blocks(h, x, blocks, random, seed)}
    return [j for j in range(length) if j // block in seen]


def inputs(rng, sizes, parameters):
    return make_qkv(rng, sizes)


def evaluate(q, k, v, *, block, blocks, random, seed, scale=None, rows=None):
    def keys(b, h, i):
        return visible_keys(h, i, q.shape[2], block, blocks, random, seed)

    return attend(q, k, v, keys, scale=scale, rows=rows)
