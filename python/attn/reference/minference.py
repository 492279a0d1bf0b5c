# MInference, token by token.
#
# Licensed under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""MInference: each head has one of three patterns, by what was found for it beforehand.

Query i sees keys j <= i: in the first `a_shape` heads

    those with j < sinks or i - j < local

in the next `vertical_slash` heads, with p(r, .) = softmax of the logits of the `last`
queries r and the keys up to each,

    v(j) = sum_r p(r, j),  s(t) = sum_r p(r, r - t)
    those with j among the `columns` best v or i - j among the `lines` best s, where
    the first `first` columns and the first `near` lines rank before all others

and in the other heads, with qm(n) and km(c) the means of the blocks of `size` tokens,

    those in the `topk` blocks c <= n with the largest qm(n) . km(c), n the block of i

Source: Jiang et al. 2024 (last 64, 30 columns and 100 lines that are always seen, the
best 100 blocks of 64). Their kernel widens lines to blocks.

    q ``[B, Hq, S, D]``, k, v ``[B, Hkv, S, D]``, S >= last        out ``[B, Hq, S, D]``
"""

import numpy as np

from ._routing import best, block, probabilities, tokens
from ._tokens import for_each_row, make_qkv, softmax, widen

FAMILY = "routed"
TEST = dict(a_shape=2, vertical_slash=2, sinks=4, local=24, last=16, columns=12, lines=14,
            first=3, near=5, size=16, topk=4)
PAPER = dict(a_shape=8, vertical_slash=16, sinks=128, local=1024, last=64, columns=100, lines=800,
             first=30, near=100, size=64, topk=100)
SIZES = dict(batch=1, heads=6, kv_heads=3, length=203, depth=32)
PAPER_SIZES = dict(batch=1, heads=32, kv_heads=8, length=8003, depth=128)


def inputs(rng, sizes, parameters):
    return make_qkv(rng, sizes)


def choose_lines(q, k, last, columns, lines, first, near, scale):
    """The columns and the distances that a head sees."""
    S = len(k)
    v, s = np.zeros(S, q.dtype), np.zeros(S, q.dtype)
    for i in range(S - last, S):
        for j, p in enumerate(probabilities(scale * (k[: i + 1] @ q[i]))):
            v[j] += p
            s[i - j] += p
    return (set(best(dict(enumerate(v)), columns, forced=range(first))),
            set(best(dict(enumerate(s)), lines, forced=range(near))))


def evaluate(q, k, v, *, a_shape, vertical_slash, sinks, local, last, columns, lines, first, near,
             size, topk, scale=None, rows=None):
    scale = q.shape[3] ** -0.5 if scale is None else scale
    known = {}

    def row(b, h, i, query, keys, values):
        if h < a_shape:
            seen = [j for j in range(i + 1) if j < sinks or i - j < local]
        elif h < a_shape + vertical_slash:
            if (b, h) not in known:
                known[b, h] = choose_lines(widen(q[b, h]), keys, last, columns, lines, first, near,
                                           widen(scale))
            chosen, distances = known[b, h]
            seen = [j for j in range(i + 1) if j in chosen or i - j in distances]
        else:
            n = i // size
            if (b, h, n) not in known:
                mean = block(q[b, h], n, size).mean(axis=0)
                scores = {c: mean @ block(keys, c, size).mean(axis=0) for c in range(n + 1)}
                known[b, h, n] = best(scores, topk)
            seen = tokens(known[b, h, n], size, i + 1)
        return softmax(query, keys, values, seen, scale=scale)[0]

    return for_each_row(row, q, k, v, rows)
