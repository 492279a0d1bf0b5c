# SeerAttention, token by token.
#
# Licensed under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""SeerAttention: a learned gate scores pairs of blocks.

With blocks of `size` tokens, c their numbers, and a rotary position R(c),

    gq(n) = R(n) (mean of q in block n) wq
    gk(c) = R(c) (max of k in block c, min, mean) wk
    a block of queries sees the `topk` blocks c <= n with the largest gq(n) . gk(c);
    in them each query sees the keys up to its own

Source: Gao et al. 2024 (blocks of 64, gates of 128 channels).

    q ``[B, Hq, S, D]``, k, v ``[B, Hkv, S, D]``, wq ``[Hq, D, G]``,
    wk ``[3, Hkv, D, G]``, cos, sin ``[ceil(S / size), G / 2]``   out ``[B, Hq, S, D]``
"""

import numpy as np

from ._routing import best, block, tokens
from ._tokens import for_each_row, make_qkv, softmax, widen

FAMILY = "routed"
TEST = dict(size=32, topk=3)
PAPER = dict(size=64, topk=16)
SIZES = dict(batch=1, heads=4, kv_heads=2, length=203, depth=32, gate=16, size=32)
PAPER_SIZES = dict(batch=1, heads=32, kv_heads=8, length=4011, depth=128, gate=128, size=64)


def inputs(rng, sizes, parameters):
    D, G, Hkv = sizes["depth"], sizes["gate"], sizes["kv_heads"]
    starts = sizes["size"] * np.arange(-(-sizes["length"] // sizes["size"]))
    angles = starts[:, None] * 1e4 ** (-np.arange(G // 2) / (G // 2))
    return make_qkv(rng, sizes) | {
        "wq": rng.standard_normal((sizes["heads"], D, G)) / D**0.5,
        "wk": rng.standard_normal((3, Hkv, D, G)) / D**0.5,
        "cos": np.cos(angles),
        "sin": np.sin(angles),
    }


def evaluate(q, k, v, wq, wk, cos, sin, *, size, topk, scale=None, rows=None):
    scale = q.shape[3] ** -0.5 if scale is None else scale
    group = q.shape[1] // k.shape[1]
    wq, wk, cos, sin = widen(wq), widen(wk), widen(cos), widen(sin)

    def rotate(x, n):
        a, b = np.split(x, 2)
        return np.concatenate([a * cos[n] - b * sin[n], b * cos[n] + a * sin[n]])

    def row(b, h, i, query, keys, values):
        n = i // size
        gate = rotate(block(q[b, h], n, size).mean(axis=0) @ wq[h], n)
        scores = {}
        for c in range(n + 1):
            rows = block(keys, c, size)
            parts = rows.max(axis=0), rows.min(axis=0), rows.mean(axis=0)
            scores[c] = gate @ rotate(sum(x @ w[h // group] for x, w in zip(parts, wk)), c)
        seen = tokens(best(scores, topk), size, i + 1)
        return softmax(query, keys, values, seen, scale=scale)[0]

    return for_each_row(row, q, k, v, rows)
