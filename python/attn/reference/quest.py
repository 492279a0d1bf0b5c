# Quest, token by token.
#
# Licensed under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Quest: a query sees the pages of keys that bound its logits least.

The query decodes: it has all keys. With pages of `size` keys, and by channel the
smallest m and the largest M of a page's keys,

    g(c) = sum_n max(q_n m_n, q_n M_n) >= q . k
    see the last page and the best of the others, `topk` in all

Source: Tang et al. 2024 (pages of 16, a budget of 2048 tokens).

    q ``[B, Hq, 1, D]``, k, v ``[B, Hkv, S, D]``        out ``[B, Hq, 1, D]``
"""

import numpy as np

from ._routing import best, block, tokens
from ._tokens import make_last, narrow, softmax, widen

FAMILY = "routed"
TEST = dict(size=16, topk=5)
PAPER = dict(size=16, topk=128)
SIZES = dict(batch=2, heads=4, kv_heads=2, length=203, depth=32)
PAPER_SIZES = dict(batch=1, heads=32, kv_heads=8, length=4011, depth=128)


def inputs(rng, sizes, parameters):
    return make_last(rng, sizes)


def shape(operands):
    return operands["q"].shape


def evaluate(q, k, v, *, size, topk, scale=None, rows=None):
    scale = q.shape[3] ** -0.5 if scale is None else scale
    q, k, v = narrow(q), narrow(k), narrow(v)
    S, group = k.shape[2], q.shape[1] // k.shape[1]
    out = widen(np.zeros(q.shape))
    for b in range(q.shape[0]):
        for h in range(q.shape[1]):
            query, keys = q[b, h, 0], k[b, h // group]
            scores = {}
            for c in range(-(-S // size)):
                page = block(keys, c, size)
                scores[c] = np.maximum(query * page.min(axis=0), query * page.max(axis=0)).sum()
            seen = tokens(best(scores, topk, forced=[(S - 1) // size]), size, S)
            out[b, h, 0] = softmax(query, keys, v[b, h // group], seen, scale=scale)[0]
    return out
