# InfLLM-v2, token by token.
#
# Licensed under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""InfLLM-v2: windows of keys score the blocks that they overlap.

With k1(w) the mean of k over the `kernel` tokens from w stride on,

    p(h, .) = softmax over the windows w that end at i or before of q[h, i] . k1(w)
    g(w) = sum of p(h, w) over the query heads h of a kv head
    m(c) = the largest g(w) of the windows that overlap block c of `size` tokens
    see the first `init` blocks, the own one and the local - 1 before it, and those with
    the largest m, `topk` in all, up to i

Source: MiniCPM team 2025 (windows of 32 by 16, blocks of 64, 64 of them, the first one
and 32 local ones).

    q ``[B, Hq, S, D]``, k, v ``[B, Hkv, S, D]``        out ``[B, Hq, S, D]``
"""

from ._routing import best, probabilities, tokens
from ._tokens import for_each_row, make_qkv, narrow, softmax, widen

FAMILY = "routed"
TEST = dict(kernel=8, stride=4, size=16, init=1, local=2, topk=5)
PAPER = dict(kernel=32, stride=16, size=64, init=1, local=32, topk=64)
SIZES = dict(batch=1, heads=4, kv_heads=2, length=203, depth=32)
PAPER_SIZES = dict(batch=1, heads=32, kv_heads=2, length=4011, depth=128)


def inputs(rng, sizes, parameters):
    return make_qkv(rng, sizes)


def evaluate(q, k, v, *, kernel, stride, size, init, local, topk, scale=None, rows=None):
    scale = q.shape[3] ** -0.5 if scale is None else scale
    group = q.shape[1] // k.shape[1]
    queries = narrow(q)

    def row(b, h, i, q, k, v):
        own = i // size
        windows = [w for w in range(-(-k.shape[0] // stride)) if w * stride + kernel - 1 <= i]
        means = {w: widen(k)[w * stride : w * stride + kernel].mean(axis=0) for w in windows}
        g = {w: 0.0 for w in windows}
        for n in range(h // group * group, h // group * group + group):
            p = probabilities([widen(scale) * (means[w] @ queries[b, n, i]) for w in windows])
            for w, weight in zip(windows, p):
                g[w] += weight
        scores = {}
        for c in range(own + 1):
            over = [g[w] for w in windows if w * stride < (c + 1) * size and w * stride + kernel > c * size]
            scores[c] = max(over, default=0.0)
        forced = set(range(init)) | set(range(own - local + 1, own + 1))
        seen = tokens(best(scores, topk, forced=forced), size, i + 1)
        return softmax(q, k, v, seen, scale=scale)[0]

    return for_each_row(row, q, k, v, rows)
