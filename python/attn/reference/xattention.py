# XAttention, token by token.
#
# Licensed under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""XAttention: antidiagonals of tiles of logits say which blocks matter.

With groups of `stride` tokens, missing ones zero,

    s(a, c) = sum_n q[a stride + stride - 1 - n] . k[c stride + n] / (stride sqrt(D))
    p(a, .) = softmax over c <= a of s(a, c)
    m(n, b) = sum of p(a, c) over the groups a of query block n and c of key block b

A block of `size` queries sees the first block, the own one and, while what it has is
less than `mass` of all of m(n, .), the next best; in them the keys up to its own.

Source: Xu et al. 2025 (strides of 8 or 16, blocks of 128, a mass of 0.9).

    q ``[B, Hq, S, D]``, k, v ``[B, Hkv, S, D]``        out ``[B, Hq, S, D]``
"""

import numpy as np

from ._routing import probabilities, tokens
from ._tokens import for_each_row, make_qkv, softmax, widen

FAMILY = "routed"
TEST = dict(stride=4, size=32, mass=0.6)
PAPER = dict(stride=16, size=128, mass=0.9)
SIZES = dict(batch=1, heads=4, kv_heads=2, length=203, depth=32)
PAPER_SIZES = dict(batch=1, heads=32, kv_heads=8, length=4011, depth=128)


def inputs(rng, sizes, parameters):
    arrays = make_qkv(rng, sizes)
    # Logits that differ from block to block, as those of text do.
    return arrays | {"q": 3 * arrays["q"]}


def masses(q, k, stride, size):
    """m ``[N, N]`` of one head."""
    S, D = q.shape
    groups = -(-S // stride)
    rows = np.zeros((2, groups * stride, D), q.dtype)
    rows[0, :S], rows[1, :S] = q, k
    m = np.zeros((-(-S // size),) * 2)
    for a in range(groups):
        s = [sum(rows[0, a * stride + stride - 1 - n] @ rows[1, c * stride + n] for n in range(stride))
             for c in range(a + 1)]
        p = probabilities(np.array(s) / (stride * np.sqrt(D)))
        for c in range(a + 1):
            m[a * stride // size, c * stride // size] += p[c]
    return m


def choose(m, own, mass):
    """The blocks that query block `own` sees, of its row of m."""
    candidates = list(range(own + 1))
    order = sorted(candidates, key=lambda c: (c not in (0, own), -m[c], c))
    chosen, taken = [], 0.0
    for c in order:
        if c not in (0, own) and not taken < mass * sum(m[candidates]):
            break
        chosen.append(c)
        taken += m[c]
    return chosen


def evaluate(q, k, v, *, stride, size, mass, scale=None, rows=None):
    scale = q.shape[3] ** -0.5 if scale is None else scale
    known = {}

    def row(b, h, i, query, keys, values):
        if (b, h) not in known:
            known[b, h] = masses(widen(q[b, h]), keys, stride, size)
        chosen = choose(known[b, h][i // size], i // size, mass)
        return softmax(query, keys, values, tokens(chosen, size, i + 1), scale=scale)[0]

    return for_each_row(row, q, k, v, rows)
