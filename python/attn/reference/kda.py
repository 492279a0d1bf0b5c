# Kimi delta attention (KDA), token by token.
#
# Licensed under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Kimi delta attention: the delta rule with a gate for each dimension of the keys.

    D_t = diag(exp(g_t)) S_{t-1}
    S_t = D_t + beta_t k_t (v_t - D_t^T k_t)^T
    o_t = D^-0.5 S_t^T q_t

Source: Kimi Team 2025 (Kimi Linear).

    q, k, v ``[B, H, S, D]``, keys of length 1, g ``[B, H, S, D]`` not above 0,
    beta ``[B, H, S]`` from 0 to 1
    out ``[B, H, S, D]``
"""

import numpy as np

from ._states import make_betas, make_key_gates, make_qkv, read_states
from ._tokens import widen

FAMILY = "linear"
TEST = dict()
PAPER = dict()
SIZES = dict(batch=2, heads=4, key_heads=4, value_heads=4, length=203, depth=32)
PAPER_SIZES = dict(batch=1, heads=32, key_heads=32, value_heads=32, length=1003, depth=128)


def inputs(rng, sizes, parameters):
    return make_qkv(rng, sizes) | {"g": make_key_gates(rng, sizes), "beta": make_betas(rng, sizes)}


def evaluate(q, k, v, g, beta, *, rows=None):
    g, beta = widen(g), widen(beta)

    def step(state, b, h, t, key, value):
        decayed = np.exp(g[b, h, t])[:, None] * state
        return decayed + beta[b, h, t] * np.outer(key, value - key @ decayed)

    return read_states(q, k, v, step, scale=q.shape[3] ** -0.5, rows=rows)
