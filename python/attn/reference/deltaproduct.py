# Gated DeltaProduct, token by token.
#
# Licensed under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Gated DeltaProduct: several steps of the delta rule for each token, in a state that
decays in front of the first and is read behind the last.

    S = exp(g_t) S_{t-1}
    S = S + beta_{t,i} k_{t,i} (v_{t,i} - S^T k_{t,i})^T    for i = 0 ... n - 1
    S_t = S,  o_t = D^-0.5 S_t^T q_t

Source: Siems et al. 2025 (DeltaProduct).

    q ``[B, H, S, D]``, k, v ``[B, H, n S, D]``, g ``[B, H, S]`` not above 0,
    beta ``[B, H, n S]``; k, v and beta of step i of token t are at n t + i
    out ``[B, H, S, D]``
"""

import numpy as np

from ._states import make_betas, make_gates, make_qkv
from ._tokens import narrow, widen

FAMILY = "linear"
TEST = dict(steps=2)
PAPER = dict(steps=2)
SIZES = dict(batch=2, heads=4, key_heads=4, value_heads=4, length=203, depth=32)
PAPER_SIZES = dict(batch=1, heads=16, key_heads=16, value_heads=16, length=1003, depth=64)


def inputs(rng, sizes, parameters):
    steps = sizes | {"length": parameters["steps"] * sizes["length"]}
    operands = make_qkv(rng, steps)
    q = rng.standard_normal((sizes["batch"], sizes["heads"], sizes["length"], sizes["depth"]))
    return operands | {"q": q, "g": make_gates(rng, sizes), "beta": make_betas(rng, steps)}


def evaluate(q, k, v, g, beta, *, steps, rows=None):
    B, H, S, D = q.shape
    rows = list(range(S)) if rows is None else list(rows)
    q, k, v, g, beta = narrow(q), narrow(k), narrow(v), widen(g), widen(beta)
    out = widen(np.zeros((B, H, len(rows), v.shape[3])))
    for b in range(B):
        for h in range(H):
            state = widen(np.zeros((D, v.shape[3])))
            for t in range(max(rows, default=-1) + 1):
                state = np.exp(g[b, h, t]) * state
                for at in range(steps * t, steps * (t + 1)):
                    error = v[b, h, at] - k[b, h, at] @ state
                    state = state + np.outer(k[b, h, at], beta[b, h, at] * error)
                if t in rows:
                    out[b, h, rows.index(t)] = narrow(widen(D**-0.5) * (q[b, h, t] @ state))
    return out
