# ClusterKV, token by token.
#
# Licensed under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""ClusterKV: a query sees the tokens of the clusters of keys that it scores best.

The query decodes: it has all keys. The first `sinks` and the last `local` keys are in no
cluster. The means m(c) of the others begin as the keys c `stride`; then, `rounds` times,

    cluster(j) = argmax over c of k[j] . m(c) / |m(c)|
    m(c) = the mean of the keys of cluster c, or as it was if it has none

The tokens are ordered by q . m(cluster), the largest first, in a cluster by position; q
sees the first `budget` of them, and those in no cluster.

Source: Liu et al. 2024 (cosines, 16 sinks, S / 80 clusters). Its clusters are made once for
many queries, and new keys get clusters of their own after some steps.

    q ``[B, Hq, 1, D]``, k, v ``[B, Hkv, S, D]``        out ``[B, Hq, 1, D]``
"""

import numpy as np

from ._routing import best
from ._tokens import make_last, narrow, softmax, widen

FAMILY = "routed"
TEST = dict(sinks=4, local=8, stride=16, rounds=2, budget=48)
PAPER = dict(sinks=16, local=64, stride=80, rounds=4, budget=1024)
SIZES = dict(batch=2, heads=4, kv_heads=2, length=203, depth=32)
PAPER_SIZES = dict(batch=1, heads=32, kv_heads=8, length=4011, depth=128)


def inputs(rng, sizes, parameters):
    return make_last(rng, sizes)


def shape(operands):
    return operands["q"].shape


def cluster(keys, sinks, local, stride, rounds):
    """The cluster of each token that has one, and the means."""
    S = len(keys)
    means = keys[::stride].copy()
    for _ in range(rounds):
        lengths = np.sqrt((means**2).sum(axis=1))
        of = {j: int(np.argmax(means @ keys[j] / lengths)) for j in range(sinks, S - local)}
        for c in range(len(means)):
            members = [j for j in of if of[j] == c]
            if members:
                means[c] = keys[members].mean(axis=0)
    return of, means


def evaluate(q, k, v, *, sinks, local, stride, rounds, budget, scale=None, rows=None):
    scale = q.shape[3] ** -0.5 if scale is None else scale
    q, k, v = narrow(q), narrow(k), narrow(v)
    S, group = k.shape[2], q.shape[1] // k.shape[1]
    out = widen(np.zeros(q.shape))
    for b in range(q.shape[0]):
        for h in range(q.shape[1]):
            query, keys = q[b, h, 0], k[b, h // group]
            of, means = cluster(keys, sinks, local, stride, rounds)
            scores = means @ query
            listed = best({j: scores[c] for j, c in of.items()}, budget)
            seen = sorted(set(listed) | set(range(sinks)) | set(range(S - local, S)))
            out[b, h, 0] = softmax(query, keys, v[b, h // group], seen, scale=scale)[0]
    return out
