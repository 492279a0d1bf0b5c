# SwitchHead, token by token.
#
# Licensed under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""SwitchHead: few heads, whose projections of values and outputs are mixtures of experts.

With x the input, and for each head h and expert e the projections wv, wo and the routers
rv, ro, for token i

    a(i, h, e) = sigmoid(x[i] . rv[h, e]) of the `topk` experts with the largest x[i] . rv[h, e]
    v[h, i] = sum over these e of a(i, h, e) x[i] wv[h, e]
    y[h, i] = causal softmax attention of q[h], k[h], v[h]
    b(i, h, e) = the same with ro
    out[i] = sum over h and these e of b(i, h, e) y[h, i] wo[h, e]

Source: Csordas et al. 2024 (2 or 3 of 4 or 5 experts). q and k are projected outside.

    q, k ``[B, H, S, D]``, x ``[B, 1, S, M]``, wv ``[H, E, M, D]``, wo ``[H, E, D, M]``,
    rv, ro ``[H, E, M]``                             out ``[B, 1, S, M]``
"""

import numpy as np

from ._routing import best
from ._tokens import narrow, softmax, widen

FAMILY = "routed"
TEST = dict(topk=2)
PAPER = dict(topk=2)
SIZES = dict(batch=1, heads=2, length=203, depth=32, width=48, experts=4)
PAPER_SIZES = dict(batch=1, heads=4, length=259, depth=128, width=1024, experts=4)


def inputs(rng, sizes, parameters):
    B, H, S, D, M, E = (sizes[n] for n in ("batch", "heads", "length", "depth", "width", "experts"))
    return {
        "q": rng.standard_normal((B, H, S, D)),
        "k": rng.standard_normal((B, H, S, D)),
        "x": rng.standard_normal((B, 1, S, M)),
        "wv": rng.standard_normal((H, E, M, D)) * M**-0.5,
        "wo": rng.standard_normal((H, E, D, M)) * D**-0.5,
        "rv": rng.standard_normal((H, E, M)) * M**-0.5,
        "ro": rng.standard_normal((H, E, M)) * M**-0.5,
    }


def shape(operands):
    return operands["x"].shape


def gates(x, router, topk):
    """The weights of the chosen experts of one token and head."""
    logits = router @ x
    return {e: 1 / (1 + np.exp(-logits[e])) for e in best(dict(enumerate(logits)), topk)}


def evaluate(q, k, x, wv, wo, rv, ro, *, topk, scale=None, rows=None):
    scale = q.shape[3] ** -0.5 if scale is None else scale
    q, k, x, wv, wo, rv, ro = (narrow(n) for n in (q, k, x, wv, wo, rv, ro))
    (B, H, S, D), M = q.shape, x.shape[3]
    rows = range(S) if rows is None else rows
    out = widen(np.zeros((B, 1, len(rows), M)))
    for b in range(B):
        for h in range(H):
            v = widen(np.zeros((S, D)))
            for i in range(S):
                for e, weight in gates(x[b, 0, i], rv[h], topk).items():
                    v[i] += weight * (x[b, 0, i] @ wv[h, e])
            v = narrow(v)
            for n, i in enumerate(rows):
                y = softmax(q[b, h, i], k[b, h], v, list(range(i + 1)), scale=scale)[0]
                for e, weight in gates(x[b, 0, i], ro[h], topk).items():
                    out[b, 0, n] += weight * (y @ wo[h, e])
    return narrow(out)
