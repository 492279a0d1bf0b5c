# ClusterFormer, token by token.
#
# Licensed under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""ClusterFormer: tokens near the same centroid attend to each other, in blocks.

With features x of the tokens of each head, and learned centroids mu that look at them,

    m(c) = sum over i of softmax over i of (mu(c) . x[i] / sqrt(D)) x[i]
    cluster(i) = argmax over c of x[i] . m(c)
    tokens are ordered by (cluster, i) and cut into chunks of `chunk`
    i sees the tokens of its chunk, of the one before it and of the one behind it

Source: Wang et al. 2022, from its description: centroids that are computed anew in each
layer, hard clusters, attention of sorted blocks with neighbours.

    q, k, v, x ``[B, H, S, D]``, mu ``[B, H, C, D]``        out ``[B, H, S, D]``
"""

import numpy as np

from ._routing import probabilities
from ._tokens import for_each_row, make_qkv, softmax, widen

FAMILY = "routed"
TEST = dict(chunk=16)
PAPER = dict(chunk=64)
SIZES = dict(batch=2, heads=2, kv_heads=2, length=203, depth=32, clusters=9)
PAPER_SIZES = dict(batch=1, heads=8, kv_heads=8, length=1100, depth=64, clusters=32)


def inputs(rng, sizes, parameters):
    B, H, D = sizes["batch"], sizes["heads"], sizes["depth"]
    return make_qkv(rng, sizes) | {
        "x": rng.standard_normal((B, H, sizes["length"], D)),
        # Larger ones tell more tokens apart.
        "mu": 3 * rng.standard_normal((B, H, sizes["clusters"], D)),
    }


def neighbours(x, mu, chunk):
    """Of each token, the tokens of its chunk and of those beside it."""
    means = [probabilities(x @ centroid / np.sqrt(x.shape[1])) @ x for centroid in mu]
    of = [int(np.argmax([token @ m for m in means])) for token in x]
    order = sorted(range(len(x)), key=lambda i: (of[i], i))
    seen = {}
    for place, i in enumerate(order):
        first = (place // chunk - 1) * chunk
        seen[i] = sorted(order[max(first, 0) : first + 3 * chunk])
    return seen


def evaluate(q, k, v, x, mu, *, chunk, scale=None, rows=None):
    scale = q.shape[3] ** -0.5 if scale is None else scale
    known = {}

    def row(b, h, i, query, keys, values):
        if (b, h) not in known:
            known[b, h] = neighbours(widen(x)[b, h], widen(mu)[b, h], chunk)
        return softmax(query, keys, values, known[b, h][i], scale=scale)[0]

    return for_each_row(row, q, k, v, rows)
