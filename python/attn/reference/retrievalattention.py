# RetrievalAttention, token by token.
#
# Licensed under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""RetrievalAttention: a query sees the keys that a search in an index finds for it.

The query decodes: it has all keys. The first `sinks` and the last `local` keys are seen by
all queries. The index has the others in lists, each key in that of the centroid with the
largest k[j] . centroid[c]. A query searches the `probes` lists with the largest
q . centroid[c], and sees the `topk` keys in them with the largest q . k[j].

Source: Liu et al. 2024 (640 keys that are always seen, the best 100 of the others). Their
index is a graph, searched by the CPU; here it is lists of centroids, which are operands and
may be made of queries, as theirs is: queries are distributed otherwise than keys.

    q ``[B, Hq, 1, D]``, k, v ``[B, Hkv, S, D]``, centroids ``[B, Hkv, C, D]``
    out ``[B, Hq, 1, D]``
"""

import numpy as np

from ._routing import best
from ._tokens import make_qkv, narrow, softmax, widen

FAMILY = "routed"
TEST = dict(sinks=4, local=16, probes=3, topk=20)
PAPER = dict(sinks=128, local=512, probes=16, topk=100)
SIZES = dict(batch=2, heads=4, kv_heads=2, length=203, depth=32, centroids=12)
PAPER_SIZES = dict(batch=1, heads=32, kv_heads=8, length=4011, depth=128, centroids=64)


def inputs(rng, sizes, parameters):
    arrays = make_qkv(rng, sizes)
    shape = tuple(sizes[name] for name in ("batch", "kv_heads", "centroids", "depth"))
    return arrays | {"q": arrays["q"][:, :, -1:], "centroids": rng.standard_normal(shape)}


def shape(operands):
    return operands["q"].shape


def evaluate(q, k, v, centroids, *, sinks, local, probes, topk, scale=None, rows=None):
    scale = q.shape[3] ** -0.5 if scale is None else scale
    q, k, v, centroids = narrow(q), narrow(k), narrow(v), widen(centroids)
    S, group = k.shape[2], q.shape[1] // k.shape[1]
    out = widen(np.zeros(q.shape))
    for b in range(q.shape[0]):
        for h in range(q.shape[1]):
            query, keys, index = q[b, h, 0], k[b, h // group], centroids[b, h // group]
            probed = best(dict(enumerate(index @ query)), probes)
            scores = {}
            for j in range(sinks, S - local):
                if int(np.argmax(index @ keys[j])) in probed:
                    scores[j] = keys[j] @ query
            seen = sorted([*range(sinks), *best(scores, topk), *range(S - local, S)])
            out[b, h, 0] = softmax(query, keys, v[b, h // group], seen, scale=scale)[0]
    return out
