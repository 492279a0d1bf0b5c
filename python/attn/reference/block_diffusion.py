# Training attention of block diffusion, token by token.
#
# Licensed under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Block diffusion: a noisy and a clean copy of a sequence, one behind the other.

Positions 0 .. n - 1 are the noisy copy, n .. 2n - 1 the clean one, S = 2n. With
the block x = floor((i mod n) / block) of the query and y, alike, of the key:

    noisy i sees noisy j  iff  y = x        noisy i sees clean j  iff  y < x
    clean i sees clean j  iff  y <= x       clean i sees no noisy j

Source: Arriola et al. 2025.

    q ``[B, Hq, 2n, D]``, k, v ``[B, Hkv, 2n, D]``        out ``[B, Hq, 2n, D]``
"""

from ._tokens import attend, make_qkv

TEST = dict(block=16)
PAPER = dict(block=32)
SIZES = dict(batch=2, heads=4, kv_heads=4, length=2 * 104, depth=32)
PAPER_SIZES = dict(batch=1, heads=16, kv_heads=16, length=2 * 1003, depth=64)


def visible_keys(i, n, block):
    noisy, clean = range(n), range(n, 2 * n)
    if i < n:
        x = i // block
        own = [j for j in noisy if j // block == x]
        return own + [j for j in clean if (j - n) // block < x]
    x = (i - n) // block
    return [j for j in clean if (j - n) // block <= x]


def inputs(rng, sizes, parameters):
    return make_qkv(rng, sizes)


def evaluate(q, k, v, *, block, scale=None, rows=None):
    n, odd = divmod(q.shape[2], 2)
    if odd:
        raise ValueError(f"the two copies have one length, got {q.shape[2]} positions")
    return attend(q, k, v, lambda b, h, i: visible_keys(i, n, block), scale=scale, rows=rows)
