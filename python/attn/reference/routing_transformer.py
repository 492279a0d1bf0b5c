# Routing Transformer, token by token.
#
# Licensed under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Routing Transformer: each cluster takes the tokens nearest to its mean, which attend to each other.

With q^ and k^ the queries and keys divided by their lengths, and a mean mu for each
cluster of a head,

    Q(c) = the `window` tokens with the largest q^ . mu(c),  K(c) those with the largest k^ . mu(c)
    a token i of Q(c) sees the tokens j <= i of K(c)
    out[i] = the mean of that over the clusters c with i in Q(c); 0 if there is none

Source: Roy et al. 2021 (sqrt(S) clusters, a window of S / clusters).

    q, k, v ``[B, H, S, D]``, means ``[H, C, D]``        out ``[B, H, S, D]``
"""

import numpy as np

from ._routing import best
from ._tokens import for_each_row, make_qkv, narrow, softmax, widen

FAMILY = "routed"
TEST = dict(window=24)
PAPER = dict(window=33)
SIZES = dict(batch=2, heads=2, kv_heads=2, length=203, depth=32, clusters=9)
PAPER_SIZES = dict(batch=1, heads=8, kv_heads=8, length=1100, depth=64, clusters=33)


def inputs(rng, sizes, parameters):
    means = rng.standard_normal((sizes["heads"], sizes["clusters"], sizes["depth"]))
    return make_qkv(rng, sizes) | {"means": means / np.linalg.norm(means, axis=2, keepdims=True)}


def evaluate(q, k, v, means, *, window, scale=None, rows=None):
    scale = q.shape[3] ** -0.5 if scale is None else scale
    known = {}

    def nearest(x, mean):
        x = widen(narrow(x))
        return best(dict(enumerate(x @ mean / np.sqrt((x**2).sum(axis=1)))), window)

    def row(b, h, i, query, keys, values):
        if (b, h) not in known:
            known[b, h] = [(nearest(q[b, h], mean), nearest(k[b, h], mean)) for mean in widen(means)[h]]
        outs = [softmax(query, keys, values, sorted(j for j in found if j <= i), scale=scale)[0]
                for members, found in known[b, h] if i in members]
        return sum(outs) / len(outs) if outs else 0 * query

    return for_each_row(row, q, k, v, rows)
