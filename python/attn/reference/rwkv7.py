# RWKV-7 (Goose), token by token.
#
# Licensed under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""RWKV-7: a state that decays, of which a direction is exchanged for another one.

    S_t = diag(exp(g_t)) S_{t-1} + b_t (a_t^T S_{t-1}) + k_t v_t^T
    o_t = S_t^T q_t

`inputs` makes a = -c and b = c o e, for the removal key c of length 1 and a rate e
from 0 to 1 in each dimension.

Source: Peng et al. 2025 (RWKV-7).

    q, k, v ``[B, H, S, D]``, g ``[B, H, S, D]`` not above 0, a, b ``[B, H, S, D]``
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
    shape = (sizes["batch"], sizes["value_heads"], sizes["length"], sizes["depth"])
    c = rng.standard_normal(shape)
    c /= np.linalg.norm(c, axis=-1, keepdims=True)
    return make_qkv(rng, sizes) | {"g": make_key_gates(rng, sizes), "a": -c, "b": c * rng.random(shape)}


def evaluate(q, k, v, g, a, b, *, rows=None):
    g, a, b = widen(g), widen(a), widen(b)

    def step(state, n, h, t, key, value):
        decayed = np.exp(g[n, h, t])[:, None] * state
        return decayed + np.outer(b[n, h, t], a[n, h, t] @ state) + np.outer(key, value)

    return read_states(q, k, v, step, scale=1.0, rows=rows)
