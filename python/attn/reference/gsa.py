# Gated slot attention (GSA), token by token.
#
# Licensed under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Gated slot attention: softmax attention over a fixed number of slots, which tokens
are written to and forgotten from; s_t = 1 - exp(g_t) is what a token is written with.

    K_t = K_{t-1} diag(exp(g_t)) + k_t s_t^T        D x M
    p_t = softmax(D^-0.5 K_t^T q_t)
    V_t = diag(exp(g_t)) V_{t-1} + s_t v_t^T        M x Dv
    o_t = V_t^T p_t

Source: Zhang et al. 2024 (GSA).

    q, k, v ``[B, H, S, D]``, g ``[B, H, S, M]``, not above 0
    out ``[B, H, S, D]``
"""

import numpy as np

from ._states import make_qkv
from ._tokens import narrow, widen

FAMILY = "linear"
TEST = dict()
PAPER = dict()
SIZES = dict(batch=2, heads=4, key_heads=4, value_heads=4, length=203, depth=32, slots=16)
PAPER_SIZES = dict(batch=1, heads=4, key_heads=4, value_heads=4, length=1003, depth=64, slots=64)


def inputs(rng, sizes, parameters):
    operands = make_qkv(rng, sizes)
    shape = (*operands["v"].shape[:3], sizes["slots"])
    operands["k"] *= sizes["depth"] ** 0.5
    return operands | {"g": -rng.exponential(0.1, shape)}


def evaluate(q, k, v, g, *, rows=None):
    (B, H, S, D), M = q.shape, g.shape[3]
    rows = list(range(S)) if rows is None else list(rows)
    q, k, v, factors = narrow(q), narrow(k), narrow(v), np.exp(widen(g))
    written = narrow(1 - factors)
    out = widen(np.zeros((B, H, len(rows), v.shape[3])))
    for b in range(B):
        for h in range(H):
            keys, values = widen(np.zeros((D, M))), widen(np.zeros((M, v.shape[3])))
            for t in range(max(rows, default=-1) + 1):
                f, s = factors[b, h, t], written[b, h, t]
                keys = keys * f + np.outer(k[b, h, t], s)
                values = f[:, None] * values + np.outer(s, v[b, h, t])
                if t in rows:
                    logits = narrow(widen(D**-0.5) * (q[b, h, t] @ keys))
                    weights = np.exp(logits - logits.max())
                    out[b, h, rows.index(t)] = narrow(narrow(weights / weights.sum()) @ values)
    return out
