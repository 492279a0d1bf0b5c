# Gated DeltaNet, token by token.
#
# Licensed under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Gated DeltaNet: the delta rule on a state that decays. Two value heads share a key
head and a query head.

    D_t = exp(g_t) S_{t-1}
    S_t = D_t + beta_t k_t (v_t - D_t^T k_t)^T
    o_t = D^-0.5 S_t^T q_t

Source: Yang et al. 2025 (Gated DeltaNet); the heads are those of Qwen3-Next.

    q, k ``[B, Hk, S, D]``, keys of length 1, v ``[B, Hv, S, D]``,
    g ``[B, Hv, S]`` not above 0, beta ``[B, Hv, S]`` from 0 to 1
    out ``[B, Hv, S, D]``
"""

import numpy as np

from ._states import make_betas, make_gates, make_qkv, read_states
from ._tokens import widen

FAMILY = "linear"
TEST = dict()
PAPER = dict()
SIZES = dict(batch=2, heads=2, key_heads=2, value_heads=4, length=203, depth=32)
PAPER_SIZES = dict(batch=1, heads=16, key_heads=16, value_heads=32, length=2011, depth=64)


def inputs(rng, sizes, parameters):
    return make_qkv(rng, sizes) | {"g": make_gates(rng, sizes), "beta": make_betas(rng, sizes)}


def evaluate(q, k, v, g, beta, *, rows=None):
    g, beta = widen(g), widen(beta)

    def step(state, b, h, t, key, value):
        decayed = np.exp(g[b, h, t]) * state
        return decayed + beta[b, h, t] * np.outer(key, value - key @ decayed)

    return read_states(q, k, v, step, scale=q.shape[3] ** -0.5, rows=rows)
