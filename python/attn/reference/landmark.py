# Landmark attention, token by token.
#
# Licensed under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Landmark attention: the last token of a block stands for it in a softmax of its own.

With blocks of `size` tokens, of which the last one is the landmark, and query i of
block n,

    one softmax over the tokens j <= i of block n, and the landmarks of `topk` blocks
    before it, those with the largest logits
    what the landmark of block c gets is shared out among the other tokens of c, by a
    softmax over them

Landmarks have no values of their own.

Source: Mohtashami and Jaggi 2023 (blocks of 50 tokens and a landmark, the best 2 to 5).

    q ``[B, Hq, S, D]``, k, v ``[B, Hkv, S, D]``        out ``[B, Hq, S, D]``
"""

import numpy as np

from ._routing import best, probabilities
from ._tokens import for_each_row, make_qkv, narrow, widen

FAMILY = "routed"
TEST = dict(size=16, topk=3)
SIZES = dict(batch=1, heads=4, kv_heads=2, length=203, depth=32)


def inputs(rng, sizes, parameters):
    return make_qkv(rng, sizes)


def evaluate(q, k, v, *, size, topk, scale=None, rows=None):
    scale = q.shape[3] ** -0.5 if scale is None else scale

    def row(b, h, i, q, k, v):
        s = narrow(widen(scale) * (k[: i + 1] @ q))
        n = i // size
        own = [j for j in range(n * size, i + 1) if j % size != size - 1]
        chosen = sorted(best({c: s[c * size + size - 1] for c in range(n)}, topk))
        groups = probabilities(np.array([s[j] for j in own] + [s[c * size + size - 1] for c in chosen]))
        out = widen(np.zeros(v.shape[1]))
        for weight, j in zip(groups, own):
            out = out + weight * v[j]
        for weight, c in zip(groups[len(own) :], chosen):
            inside = list(range(c * size, c * size + size - 1))
            out = out + weight * (probabilities(s[inside]) @ v[inside])
        return narrow(out)

    return for_each_row(row, q, k, v, rows)
