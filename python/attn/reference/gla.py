# Gated linear attention (GLA), token by token.
#
# Licensed under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Gated linear attention: a gate for each token and dimension of the keys.

    S_t = diag(exp(g_t)) S_{t-1} + k_t v_t^T
    o_t = D^-0.5 S_t^T q_t

Source: Yang et al. 2024 (GLA).

    q, k, v ``[B, H, S, D]``, g ``[B, H, S, D]``, not above 0
    out ``[B, H, S, D]``
"""

import numpy as np

from ._states import make_key_gates, make_qkv, read_states
from ._tokens import widen

FAMILY = "linear"
TEST = dict()
PAPER = dict()
SIZES = dict(batch=2, heads=4, key_heads=4, value_heads=4, length=203, depth=32)
PAPER_SIZES = dict(batch=1, heads=16, key_heads=16, value_heads=16, length=2011, depth=64)


def inputs(rng, sizes, parameters):
    return make_qkv(rng, sizes) | {"g": make_key_gates(rng, sizes)}


def evaluate(q, k, v, g, *, rows=None):
    g = widen(g)

    def step(state, b, h, t, key, value):
        return np.exp(g[b, h, t])[:, None] * state + np.outer(key, value)

    return read_states(q, k, v, step, scale=q.shape[3] ** -0.5, rows=rows)
