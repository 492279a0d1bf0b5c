# Native sparse attention, token by token.
#
# Licensed under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""NSA: three branches of attention, each with a gate.

With blocks of `size` tokens, and kc(c), vc(c) the means of k and v in block c,

    o_c   attention over the kc(c), vc(c) of blocks c that end at i or before
    p(c)  the weight of block c in that, summed over the query heads of a kv head
    o_s   attention over tokens up to i in `topk` blocks: the first, the own one and the
          one before it, then those with the largest p
    o_w   attention over the last `window` tokens
    out = sigmoid(gc) o_c + sigmoid(gs) o_s + sigmoid(gw) o_w

Source: Yuan et al. 2025 (blocks of 64, 16 of them, a window of 512), with means for
the learned map of a block and one size of blocks.

    q ``[B, Hq, S, D]``, k, v ``[B, Hkv, S, D]``, gc, gs, gw ``[B, Hq, S]``
    out ``[B, Hq, S, D]``
"""

import numpy as np

from ._routing import best, block, probabilities, tokens
from ._tokens import for_each_row, make_qkv, narrow, softmax, widen

FAMILY = "routed"
TEST = dict(size=16, topk=5, window=24)
PAPER = dict(size=64, topk=16, window=512)
SIZES = dict(batch=1, heads=4, kv_heads=2, length=203, depth=32)
PAPER_SIZES = dict(batch=1, heads=64, kv_heads=4, length=4011, depth=128)


def inputs(rng, sizes, parameters):
    gates = {name: rng.standard_normal((sizes["batch"], sizes["heads"], sizes["length"])) for name in ("gc", "gs", "gw")}
    return make_qkv(rng, sizes) | gates


def evaluate(q, k, v, gc, gs, gw, *, size, topk, window, scale=None, rows=None):
    scale = q.shape[3] ** -0.5 if scale is None else scale
    group = q.shape[1] // k.shape[1]
    gates = [1 / (1 + np.exp(-narrow(g))) for g in (gc, gs, gw)]
    queries = narrow(q)

    def row(b, h, i, q, k, v):
        own, ended = i // size, (i + 1) // size
        kc = narrow(np.array([block(k, c, size).mean(axis=0) for c in range(ended)]).reshape(ended, q.size))
        vc = narrow(np.array([block(v, c, size).mean(axis=0) for c in range(ended)]).reshape(ended, q.size))
        first = h // group * group
        p = sum(probabilities(widen(scale) * (kc @ queries[b, n, i])) for n in range(first, first + group))
        scores = {c: p[c] if c < ended else 0.0 for c in range(own + 1)}
        chosen = best(scores, topk, forced={0, own, own - 1})
        branches = (
            softmax(q, kc, vc, list(range(ended)), scale=scale)[0],
            softmax(q, k, v, tokens(chosen, size, i + 1), scale=scale)[0],
            softmax(q, k, v, list(range(max(0, i + 1 - window), i + 1)), scale=scale)[0],
        )
        return sum(gate[b, h, i] * o for gate, o in zip(gates, branches))

    return for_each_row(row, q, k, v, rows)
