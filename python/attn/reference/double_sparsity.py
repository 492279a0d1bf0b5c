# Double sparsity, token by token.
#
# Licensed under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Double sparsity: few channels of a key find the tokens that a query sees.

The query decodes: it has all keys. With the label channels c[h, .] of a head, found
before,

    g(j) = sum_n q[c[h, n]] k[j, c[h, n]]
    see the last token and the best of the others, `topk` in all

Source: Yang et al. 2024 (1/16 of the channels, 1/16 of the tokens).

    q ``[B, Hq, 1, D]``, k, v ``[B, Hkv, S, D]``, channels ``[Hq, N]``   out ``[B, Hq, 1, D]``
"""

import numpy as np

from ._routing import best
from ._tokens import make_qkv, narrow, softmax, widen

FAMILY = "routed"
TEST = dict(topk=24)
SIZES = dict(batch=2, heads=4, kv_heads=4, length=203, depth=32, labels=4)


def inputs(rng, sizes, parameters):
    arrays = make_qkv(rng, sizes)
    channels = [rng.choice(sizes["depth"], sizes["labels"], replace=False) for _ in range(sizes["heads"])]
    return arrays | {"q": arrays["q"][:, :, -1:], "channels": np.array(channels, np.int32)}


def shape(operands):
    return operands["q"].shape


def evaluate(q, k, v, channels, *, topk, scale=None, rows=None):
    scale = q.shape[3] ** -0.5 if scale is None else scale
    q, k, v = narrow(q), narrow(k), narrow(v)
    group = q.shape[1] // k.shape[1]
    out = widen(np.zeros(q.shape))
    for b in range(q.shape[0]):
        for h in range(q.shape[1]):
            query, keys, labels = q[b, h, 0], k[b, h // group], channels[h]
            scores = dict(enumerate(keys[:, labels] @ query[labels]))
            seen = sorted(best(scores, topk, forced=[len(keys) - 1]))
            out[b, h, 0] = softmax(query, keys, v[b, h // group], seen, scale=scale)[0]
    return out
