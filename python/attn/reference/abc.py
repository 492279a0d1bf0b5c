# Attention with bounded-memory control (ABC), token by token.
#
# Licensed under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Attention with bounded-memory control: softmax attention over a fixed number of slots,
each an average of the tokens, by weights that the tokens say.

    w_t = exp(clamp(s_t, -32, 32)),  z_t = z_{t-1} + w_t              M
    K_t = K_{t-1} + k_t w_t^T,  V_t = V_{t-1} + w_t v_t^T
    p_t = softmax(D^-0.5 (K_t^T q_t) / z_t)
    o_t = V_t^T (p_t / z_t)

Source: Peng et al. 2022 (ABC); the clamp is that of programs for it.

    q, k, v ``[B, H, S, D]``, s ``[B, H, S, M]``
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
    operands["k"] *= sizes["depth"] ** 0.5
    return operands | {"s": rng.standard_normal((*operands["v"].shape[:3], sizes["slots"]))}


def evaluate(q, k, v, s, *, rows=None):
    (B, H, S, D), M = q.shape, s.shape[3]
    rows = list(range(S)) if rows is None else list(rows)
    q, k, v = narrow(q), narrow(k), narrow(v)
    w = narrow(np.exp(np.clip(narrow(s), -32, 32)))
    out = widen(np.zeros((B, H, len(rows), v.shape[3])))
    for b in range(B):
        for h in range(H):
            total, keys, values = (widen(np.zeros(shape)) for shape in (M, (D, M), (M, v.shape[3])))
            for t in range(max(rows, default=-1) + 1):
                total = total + w[b, h, t]
                keys = keys + np.outer(k[b, h, t], w[b, h, t])
                values = values + np.outer(w[b, h, t], v[b, h, t])
                if t in rows:
                    by = narrow(total)
                    logits = narrow(widen(D**-0.5) * (q[b, h, t] @ keys)) / by
                    weights = np.exp(logits - logits.max())
                    out[b, h, rows.index(t)] = narrow(narrow(weights / weights.sum() / by) @ values)
    return out
