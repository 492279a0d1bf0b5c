# ReSA's selection, token by token.
#
# Licensed under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""ReSA: the query heads of a kv head share the pages that their mean bounds best.

The query decodes: it has all keys. With pages of `size` keys, by channel the smallest m
and the largest M of a page's keys, and qm the mean query of a kv head's query heads,

    g(c) = sum_n max(qm_n m_n, qm_n M_n)
    see the last `local` pages and the best of the others: in all ceil(pages / ratio), but
    no fewer than `least` if there are so many

Source: Sun et al. 2025 (pages of 16, a tenth of them); the rectification, which computes
caches again, is about more than one step.

    q ``[B, Hq, 1, D]``, k, v ``[B, Hkv, S, D]``        out ``[B, Hq, 1, D]``
"""

import numpy as np

from ._routing import best, block, tokens
from ._tokens import make_last, narrow, softmax, widen

FAMILY = "routed"
TEST = dict(size=8, ratio=4, least=5, local=2)
SIZES = dict(batch=2, heads=4, kv_heads=2, length=203, depth=32)


def inputs(rng, sizes, parameters):
    return make_last(rng, sizes)


def shape(operands):
    return operands["q"].shape


def evaluate(q, k, v, *, size, ratio, least, local, scale=None, rows=None):
    scale = q.shape[3] ** -0.5 if scale is None else scale
    q, k, v = narrow(q), narrow(k), narrow(v)
    S, group = k.shape[2], q.shape[1] // k.shape[1]
    pages = -(-S // size)
    count = max(-(-pages // ratio), min(pages, least))
    out = widen(np.zeros(q.shape))
    for b in range(q.shape[0]):
        for h in range(q.shape[1]):
            g = h // group
            mean = widen(q[b, g * group : (g + 1) * group, 0]).mean(axis=0)
            scores = {}
            for c in range(pages):
                page = block(k[b, g], c, size)
                scores[c] = np.maximum(mean * page.min(axis=0), mean * page.max(axis=0)).sum()
            seen = tokens(best(scores, count, forced=range(pages - local, pages)), size, S)
            out[b, h, 0] = softmax(q[b, h, 0], k[b, g], v[b, g], seen, scale=scale)[0]
    return out
