# MiniMax-M3, token by token.
#
# Licensed under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""MiniMax-M3: an index of few heads finds blocks of keys, by their best token.

With an index head for each kv head g, one index key for a token, and blocks of
`size` tokens,

    g(c) = max of qi[g, i] . ki[j]  over the tokens j <= i of block c
    see the own block and the best of the others, `topk` in all, up to i

Source: MiniMax 2026 (4 index heads of 128, blocks of 128, 16 of them).

    q ``[B, Hq, S, D]``, k, v ``[B, Hkv, S, D]``, qi ``[B, Hkv, S, I]``,
    ki ``[B, 1, S, I]``                              out ``[B, Hq, S, D]``
"""

from ._routing import best, block, tokens
from ._tokens import for_each_row, make_qkv, softmax, widen

FAMILY = "routed"
TEST = dict(size=16, topk=4)
PAPER = dict(size=128, topk=16)
SIZES = dict(batch=1, heads=4, kv_heads=2, length=203, depth=32, index=16)
PAPER_SIZES = dict(batch=1, heads=64, kv_heads=4, length=4011, depth=128, index=128)


def inputs(rng, sizes, parameters):
    B, S, I = sizes["batch"], sizes["length"], sizes["index"]
    return make_qkv(rng, sizes) | {
        "qi": rng.standard_normal((B, sizes["kv_heads"], S, I)),
        "ki": rng.standard_normal((B, 1, S, I)),
    }


def evaluate(q, k, v, qi, ki, *, size, topk, scale=None, rows=None):
    scale = q.shape[3] ** -0.5 if scale is None else scale
    group = q.shape[1] // k.shape[1]
    qi, ki = widen(qi), widen(ki)

    def row(b, h, i, q, k, v):
        own = i // size
        index = ki[b, 0, : i + 1] @ qi[b, h // group, i]
        scores = {c: block(index, c, size).max() for c in range(own + 1)}
        seen = tokens(best(scores, topk, forced=[own]), size, i + 1)
        return softmax(q, k, v, seen, scale=scale)[0]

    return for_each_row(row, q, k, v, rows)
