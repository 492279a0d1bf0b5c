# MoBA, token by token.
#
# Licensed under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""MoBA: each query sees the blocks of keys whose means it agrees with most.

With blocks of `block` keys and query i of head h,

    g(c) = q[i] . mean of k in block c        of the blocks up to the own one
    see the own block and the best of the others, `topk` in all, up to i

Source: Lu et al. 2025 (blocks of 512, the best 3 of them).

    q ``[B, Hq, S, D]``, k, v ``[B, Hkv, S, D]``        out ``[B, Hq, S, D]``
"""

from ._routing import best, block, tokens
from ._tokens import for_each_row, make_qkv, softmax

FAMILY = "routed"
TEST = dict(size=32, topk=3)
PAPER = dict(size=512, topk=3)
SIZES = dict(batch=2, heads=4, kv_heads=2, length=203, depth=32)
PAPER_SIZES = dict(batch=1, heads=32, kv_heads=8, length=4011, depth=128)


def inputs(rng, sizes, parameters):
    return make_qkv(rng, sizes)


def evaluate(q, k, v, *, size, topk, scale=None, rows=None):
    scale = q.shape[3] ** -0.5 if scale is None else scale

    def row(b, h, i, q, k, v):
        own = i // size
        scores = {c: block(k, c, size).mean(axis=0) @ q for c in range(own + 1)}
        seen = tokens(best(scores, topk, forced=[own]), size, i + 1)
        return softmax(q, k, v, seen, scale=scale)[0]

    return for_each_row(row, q, k, v, rows)
