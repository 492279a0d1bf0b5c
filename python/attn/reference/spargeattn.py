# SpargeAttn's selection, token by token.
#
# Licensed under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""SpargeAttn: means of blocks choose where blocks are alike; others are kept whole.

With blocks of `rows` queries and `cols` keys, qm(n) and km(c) their means, and alike(.)
the mean cosine of all pairs of tokens of a block,

    p(n, .) = softmax of qm(n) . km(c) / sqrt(D) over the key blocks c that begin before
              query block n ends and are alike: alike(c) > `threshold`
    a block of queries sees the key blocks that it shares a token with, the others with the
    largest p while what it has is less than `mass`, and all that are not alike;
    a block of queries that is not alike sees all; each query the keys up to its own

Source: Zhang et al. 2025 (blocks of 128 x 64, a threshold of 0.6, a mass of 0.98);
without the quantisation, and without leaving out tiles by their maxima.

    q ``[B, Hq, S, D]``, k, v ``[B, Hkv, S, D]``        out ``[B, Hq, S, D]``
"""

import numpy as np

from ._routing import block, probabilities, tokens
from ._tokens import for_each_row, make_qkv, narrow, softmax, widen

FAMILY = "routed"
TEST = dict(row_size=64, col_size=32, threshold=0.5, mass=0.7)
SIZES = dict(batch=1, heads=4, kv_heads=2, length=203, depth=32)


def inputs(rng, sizes, parameters):
    arrays = make_qkv(rng, sizes)
    # Blocks of 32 tokens, alike or not by turns of three.
    centre = rng.standard_normal((-(-sizes["length"] // 32), sizes["depth"]))
    drift = np.repeat(centre * (np.arange(len(centre)) % 3 > 0)[:, None], 32, axis=0)[: sizes["length"]]
    return {"q": 0.3 * arrays["q"] + 0.5 * drift[(np.arange(len(drift)) // 64 * 64 + 32) % len(drift)],
            "k": 0.3 * arrays["k"] + 0.5 * drift, "v": arrays["v"]}


def alike(rows):
    units = rows / np.sqrt((rows**2).sum(axis=1, keepdims=True))
    return (units @ units.T).mean()


def evaluate(q, k, v, *, row_size, col_size, threshold, mass, scale=None, rows=None):
    scale = q.shape[3] ** -0.5 if scale is None else scale
    queries = widen(narrow(q))

    def row(b, h, i, query, keys, values):
        n = i // row_size
        own = block(queries[b, h], n, row_size)
        begun = [c for c in range(-(-len(keys) // col_size)) if c * col_size < (n + 1) * row_size]
        if alike(own) <= threshold:
            return softmax(query, keys, values, list(range(i + 1)), scale=scale)[0]
        same = [c for c in begun if alike(block(keys, c, col_size)) > threshold]
        s = [scale * (own.mean(axis=0) @ block(keys, c, col_size).mean(axis=0)) for c in same]
        p = dict(zip(same, probabilities(np.array(s))))
        forced = [c for c in begun if (c + 1) * col_size > n * row_size]
        chosen, taken = set(begun) - set(same), 0.0
        for c in sorted(begun, key=lambda c: (c not in forced, -p.get(c, 0.0), c)):
            if c not in forced and not taken < mass * sum(p.values()):
                break
            chosen.add(c)
            taken += p.get(c, 0.0)
        return softmax(query, keys, values, tokens(chosen, col_size, i + 1), scale=scale)[0]

    return for_each_row(row, q, k, v, rows)
