# RetroInfer, token by token.
#
# Licensed under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""RetroInfer: tokens of the best clusters of keys, and means in place of those of the next.

The query decodes: it has all keys. The first `sinks` and the last `local` keys are in no
cluster. The others are in those of their segment of `segment` keys, which has a cluster for
each `stride` keys: the means m(c) begin as the keys c `stride`; then, `rounds` times,

    cluster(j) = argmax over the c of the segment of j of k[j] . m(c) / |m(c)|
    m(c) = the mean of the keys of cluster c, or as it was if it has none

With vm(c) the mean of the values of cluster c and n(c) how many there are, and the clusters
that have some in the order of q . m(c), the largest first, one softmax over

    steady     the keys in no cluster
    retrieved  the keys of the first `retrieved` clusters
    estimated  the next `estimated` clusters: logit scale q . m(c) + ln n(c), value vm(c)

Source: Chen et al. 2025 (segments of 8192 keys, clusters of 16; of them 1.8 % retrieved and
23.2 % estimated; 4 sinks, 64 local keys), without its cache of blocks.

    q ``[B, Hq, 1, D]``, k, v ``[B, Hkv, S, D]``        out ``[B, Hq, 1, D]``
"""

import numpy as np

from ._routing import best
from ._tokens import make_last, narrow, softmax, widen

FAMILY = "routed"
TEST = dict(sinks=4, local=16, segment=64, stride=16, rounds=2, retrieved=3, estimated=5)
PAPER = dict(sinks=4, local=64, segment=8192, stride=16, rounds=4, retrieved=5, estimated=58)
SIZES = dict(batch=2, heads=4, kv_heads=2, length=203, depth=32)
PAPER_SIZES = dict(batch=1, heads=32, kv_heads=8, length=4011, depth=128)


def inputs(rng, sizes, parameters):
    return make_last(rng, sizes)


def shape(operands):
    return operands["q"].shape


def cluster(keys, sinks, local, segment, stride, rounds):
    """The members of each cluster, and the means of their keys."""
    S = len(keys)
    means = keys[::stride].copy()
    for _ in range(rounds):
        lengths = np.sqrt((means**2).sum(axis=1))
        members = [[] for _ in means]
        for j in range(sinks, S - local):
            first = j // segment * segment // stride
            last = min(len(means), first + segment // stride)
            nearest = np.argmax(means[first:last] @ keys[j] / lengths[first:last])
            members[first + int(nearest)].append(j)
        for c, some in enumerate(members):
            if some:
                means[c] = keys[some].mean(axis=0)
    return members, means


def evaluate(q, k, v, *, sinks, local, segment, stride, rounds, retrieved, estimated, scale=None,
             rows=None):
    scale = q.shape[3] ** -0.5 if scale is None else scale
    q, k, v = narrow(q), narrow(k), narrow(v)
    S, group = k.shape[2], q.shape[1] // k.shape[1]
    out = widen(np.zeros(q.shape))
    for b in range(q.shape[0]):
        for h in range(q.shape[1]):
            query, keys, values = q[b, h, 0], k[b, h // group], v[b, h // group]
            members, means = cluster(keys, sinks, local, segment, stride, rounds)
            scores = means @ query
            order = best({c: scores[c] for c, some in enumerate(members) if some}, retrieved + estimated)
            exact = [*range(sinks), *range(S - local, S)]
            for c in order[:retrieved]:
                exact += members[c]
            rest = order[retrieved:]
            seen = np.concatenate([keys[exact], narrow(means[rest])])
            known = np.concatenate([values[exact]] + [narrow(values[members[c]].mean(axis=0))[None] for c in rest])
            terms = [0.0] * len(exact) + [np.log(len(members[c])) for c in rest]
            out[b, h, 0] = softmax(query, seen, known, list(range(len(seen))), scale=scale,
                                   logit=lambda s, n: s + terms[n])[0]
    return out
