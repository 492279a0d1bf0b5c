# mLSTM, token by token.
#
# Licensed under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""mLSTM: the matrix memory of xLSTM, with exponential input gates.

    C_t = sigmoid(f_t) C_{t-1} + exp(i_t) k_t v_t^T
    n_t = sigmoid(f_t) n_{t-1} + exp(i_t) k_t
    h_t = C_t^T q_t / max(|n_t^T q_t|, 1),  q scaled by D^-0.5

computed, because exp(i) has no bound, with C and n multiplied by exp(-m_t) and 1
by the same,

    m_t = max(log sigmoid(f_t) + m_{t-1}, i_t)

Source: Beck et al. 2024 (xLSTM).

    q, k, v ``[B, H, S, D]``, i, f ``[B, H, S]``
    out ``[B, H, S, D]``
"""

import numpy as np

from ._states import make_qkv
from ._tokens import narrow, widen

FAMILY = "linear"
TEST = dict()
PAPER = dict()
SIZES = dict(batch=2, heads=4, key_heads=4, value_heads=4, length=203, depth=32)
PAPER_SIZES = dict(batch=1, heads=4, key_heads=4, value_heads=4, length=1003, depth=64)


def inputs(rng, sizes, parameters):
    operands = make_qkv(rng, sizes)
    shape = operands["v"].shape[:3]
    # What is divided by is a sum that does not cancel.
    operands["q"], operands["k"] = np.abs(operands["q"]), np.abs(operands["k"]) * sizes["depth"] ** 0.5
    # Some inputs beyond what a float holds the exponential of.
    i = 3 * rng.standard_normal(shape)
    i[1::2, :, shape[2] // 3 :] += 120
    i[:, 1::2, shape[2] // 2 :] -= 120
    return operands | {"i": i, "f": 3 + 2 * rng.standard_normal(shape)}


def evaluate(q, k, v, i, f, *, rows=None):
    (B, H, S, D) = q.shape
    rows = list(range(S)) if rows is None else list(rows)
    q, k, v, i = narrow(q), narrow(k), narrow(v), widen(i)
    logs = -np.logaddexp(widen(0), -widen(f))
    out = widen(np.zeros((B, H, len(rows), v.shape[3])))
    for b in range(B):
        for h in range(H):
            state, keys, m = widen(np.zeros((D, v.shape[3]))), widen(np.zeros(D)), -np.inf
            for t in range(max(rows, default=-1) + 1):
                top = np.maximum(logs[b, h, t] + m, i[b, h, t])
                forget, key = np.exp(logs[b, h, t] + m - top), narrow(np.exp(i[b, h, t] - top) * k[b, h, t])
                state, keys, m = forget * state + np.outer(key, v[b, h, t]), forget * keys + key, top
                if t in rows:
                    by = np.maximum(np.abs(narrow(widen(D**-0.5) * (q[b, h, t] @ keys))), np.exp(-m))
                    out[b, h, rows.index(t)] = narrow(narrow(widen(D**-0.5) * (q[b, h, t] @ state)) / by)
    return out
